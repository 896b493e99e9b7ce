"""Service performance as pictures: the control chart of an indicator, and the funnel of agents."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from csi.display.numbers import Language
from csi.display.words import check_language
from csi.errors import SettingsError
from csi.plots import rows, style

WORDS = {
    "centre": ("centre line", "中心线"),
    "limits": ("control limits", "控制界限"),
    "signal": ("signal", "异常点"),
    "n": ("Contacts", "联系数"),
    "95": ("95% of agents by chance", "随机波动的 95%"),
    "998": ("99.8% of agents by chance", "随机波动的 99.8%"),
    "overall": ("all agents", "全体"),
    "flagged": ("beyond chance, corrected for their number", "超出随机波动（已校正比较次数）"),
    "agent": ("agent", "客服人员"),
}
#: Letters that fit below the axis.
LETTERS = 90


def _word(key: str, language: Language) -> str:
    return WORDS[key][language == "zh"]


def control(
    source: pd.DataFrame,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    labels: Mapping[str, str] | None = None,
    font: style.Font | None = None,
) -> Axes:
    """Draw a control chart: points, centre line, limits; signals in the warm colour and another shape.

    Parameters
    ----------
    source : DataFrame
        Table of ``csi.service`` `Measured.chart`.
    ax, language, font : see `csi.plots.index`
    labels : mapping, optional
        Texts for periods.

    Returns
    -------
    Axes

    Raises
    ------
    SettingsError
        If the table is no chart.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"estimate": [0.8, 0.5], "centre": [0.8, 0.8], "low": [0.7, 0.7], "high": [0.9, 0.9],
    ...                       "signal": [False, True]}, index=["Q1", "Q2"])
    >>> ax = control(table, Figure().add_subplot())
    >>> [line.get_label() for line in ax.lines if not line.get_label().startswith("_")]
    ['centre line', 'control limits', 'signal']
    """
    check_language(language)
    _need(source, ("estimate", "centre", "low", "high", "signal"), "chart")
    at, signal = np.arange(len(source)), source["signal"].to_numpy(dtype=bool)
    names = [(labels or {}).get(str(label), str(label)) for label in source.index]
    with style.canvas(ax, font, (style.PAGE_WIDTH, 3.0)) as canvas:
        canvas.plot(at, source["centre"], color=style.GREY, lw=0.9, label=_word("centre", language))
        canvas.step(
            at, source["low"], where="mid", color=style.MIDDLE, lw=0.9, ls="--", label=_word("limits", language)
        )
        canvas.step(at, source["high"], where="mid", color=style.MIDDLE, lw=0.9, ls="--")
        canvas.plot(at, source["estimate"], color=style.DARK, lw=1.1, marker="o", ms=3)
        if signal.any():
            canvas.plot(at[signal], source["estimate"][signal], color=style.WARM, marker="D", ms=5.5, ls="none",
                        label=_word("signal", language))  # fmt: skip
        # As many labels as there is room for beside each other.
        step = -(-len(at) * (2 + max(map(len, names), default=1)) // LETTERS)
        canvas.set_xticks(at[::step], names[::step])
        canvas.grid(axis="y", color="#e4e4e4", lw=0.6)
        style.scale(canvas.yaxis)
        rows.legend(canvas)
    return canvas


def funnel(
    source: pd.DataFrame,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    labels: Mapping[str, str] | None = None,
    font: style.Font | None = None,
) -> Axes:
    """Draw agents by their number of contacts within the limits of chance; those beyond are named.

    Parameters
    ----------
    source : DataFrame
        Table of ``csi.service`` `Measured.agents`.
    ax, language, font : see `csi.plots.index`
    labels : mapping, optional
        Names of agents.

    Returns
    -------
    Axes

    Raises
    ------
    SettingsError
        If the table is no comparison of agents.

    Examples
    --------
    >>> import csi
    >>> from matplotlib.figure import Figure
    >>> import pandas as pd
    >>> from csi.service import Indicator, ServicePlan, Target
    >>> csat = Indicator(name="csat", kind="share", column="rating", at_least=4,
    ...                  direction="higher", targets=(Target(0.85),))
    >>> plan = ServicePlan("Calls", [csat])
    >>> days = pd.date_range("2025-01-01", periods=120).strftime("%Y-%m-%d")
    >>> ratings = [5, 4, 3, 5, 4, 2] * 10 + [5, 4, 5, 5, 4, 2] * 10
    >>> calls = pd.DataFrame({"opened": days, "agent": list("abc") * 40, "rating": ratings})
    >>> ax = csi.plots.funnel(plan.measure(calls).agents("csat"), Figure().add_subplot())
    >>> ax.get_xlabel()
    'Contacts'
    """
    check_language(language)
    _need(source, ("estimate", "n", "low_95", "high_95", "low_998", "high_998", "verdict"), "comparison of agents")
    found = source[source["estimate"].notna()].sort_values("n", kind="stable")
    beyond = found["verdict"].to_numpy() != ""
    n, estimate = found["n"].to_numpy(), found["estimate"].to_numpy()
    with style.canvas(ax, font, (style.PAGE_WIDTH, 3.6)) as canvas:
        for level, colour, dashes in (("95", style.MIDDLE, "--"), ("998", style.DARK, ":")):
            for i, end in enumerate(("low", "high")):
                said = _word(level, language) if i == 0 else None
                canvas.plot(n, found[f"{end}_{level}"], color=colour, lw=0.9, ls=dashes, label=said)
        if "overall" in source.attrs:
            canvas.axhline(source.attrs["overall"], color=style.GREY, lw=0.9, label=_word("overall", language))
        canvas.plot(n[~beyond], estimate[~beyond], color=style.DARK, marker="o", ms=2.6, ls="none",
                    label=_word("agent", language))  # fmt: skip
        if beyond.any():
            canvas.plot(n[beyond], estimate[beyond], color=style.WARM, marker="D", ms=5, ls="none",
                        label=_word("flagged", language))  # fmt: skip
        for label, row in found[beyond].iterrows():
            canvas.annotate((labels or {}).get(str(label), str(label)), (row["n"], row["estimate"]), xytext=(4, 3),
                            textcoords="offset points", fontsize=style.SMALL)  # fmt: skip
        canvas.set_xlabel(_word("n", language))
        style.scale(canvas.xaxis)
        style.scale(canvas.yaxis)
        rows.legend(canvas)
    return canvas


def _need(source: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    """Refuse a table without the columns of the picture."""
    missing = [name for name in columns if name not in source]
    if missing:
        raise SettingsError(f"this table is no {what}: it has no column {', '.join(missing)}")
