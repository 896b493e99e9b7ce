"""The index over time: one line a company or construct, with intervals, against a benchmark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from csi.display.numbers import Language, number
from csi.display.words import check_language, level_text, word
from csi.errors import SettingsError, suggest
from csi.plots import rows, style
from csi.plots.inputs import column, has_interval, label_of, labels_of, model_of, table


def track(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    construct: str | None = None,
    benchmark: float | None = None,
    labels: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
) -> Axes:
    """Draw the index wave by wave with its intervals.

    Parameters
    ----------
    source : fit or DataFrame
        A fit by waves, or a table with the common columns whose first row level is the wave; `fit.index()` has a row
        a (wave, construct). With one more level in front (such as the company) every company is a line.
    ax, language, labels, confidence_level, font : see `csi.plots.index`
    construct : str, optional
        Whose index; the model's index, or the first row, if left out.
    benchmark : float, optional
        A level to compare with.

    Returns
    -------
    Axes

    Raises
    ------
    SettingsError
        If there is only one wave, or the construct is unknown.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"estimate": [70.0, 71.5]}, index=pd.Index(["2025", "2026"], name="wave"))
    >>> ax = track(table, Figure().add_subplot(), benchmark=72)
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['2025', '2026']
    """
    check_language(language)
    found = table(source, "index", confidence_level=confidence_level)
    series, chosen = _series(found, construct, model_of(source))
    names = labels_of(source, language, labels)
    waves = list(dict.fromkeys(wave for part in series.values() for wave in part.index))
    if len(waves) < 2:
        raise SettingsError("a line over time needs at least two waves; fit the data with by=<the column of the wave>")
    with style.canvas(ax, font, (style.PAGE_WIDTH, 3.2)) as canvas:
        for i, (label, part) in enumerate(series.items()):
            _line(canvas, part.reindex(waves), i, len(series), label_of(label, names))
        canvas.set_xticks(np.arange(len(waves)), [str(wave) for wave in waves])
        canvas.set_xlim(-0.4, len(waves) - 0.6)
        canvas.grid(axis="y", color="#e4e4e4", lw=0.6)
        style.scale(canvas.yaxis)
        canvas.set_ylabel(f"{names.get(chosen, chosen)} (0–100)" if chosen else word("score", language))
        _level(canvas, benchmark, language)
        if len(series) > 1:
            rows.legend(canvas, handlelength=2.6)
        if has_interval(found):
            rows.caption(canvas, word("bars", language, level=level_text(confidence_level)))
    return canvas


def _series(found: pd.DataFrame, construct: str | None, model: Any) -> tuple[dict[Any, pd.DataFrame], str]:
    """Return a table of waves for every line, and the construct they are of (empty where rows name none)."""
    levels = [str(name) for name in found.index.names]
    chosen = ""
    if levels[-1] == "construct":
        known = list(dict.fromkeys(found.index.get_level_values(-1)))
        chosen = construct or (model.index if model and model.index in known else known[0])
        if chosen not in known:
            raise SettingsError(f"{chosen!r} is not a construct of this table{suggest(chosen, known)}")
        if found.index.nlevels == 1:
            raise SettingsError("a line over time needs waves; fit the data with by=<the column of the wave>")
        found = found[found.index.get_level_values(-1) == chosen].droplevel(-1)
    return ({"": found} if found.index.nlevels == 1 else rows.split(found)), chosen


def _line(ax: Axes, part: pd.DataFrame, i: int, n: int, label: str) -> None:
    colour, marker, dash = style.SERIES[i % len(style.SERIES)]
    at = np.arange(len(part)) + (i - (n - 1) / 2) * 0.07
    values = column(part, "estimate").to_numpy()
    ax.plot(at, values, color=colour, marker=marker, ls=dash, ms=5, lw=1.5, label=label, zorder=4)
    if has_interval(part):
        low, high = part["conf_low"].to_numpy(float), part["conf_high"].to_numpy(float)
        middle = (low + high) / 2
        ax.errorbar(
            at, middle, yerr=[middle - low, high - middle], fmt="none", ecolor=colour, elinewidth=0.9, capsize=3
        )
    if n == 1:
        top = part["conf_high"].to_numpy(float) if has_interval(part) else values
        for x, y, value in zip(at, np.where(np.isnan(top), values, top), values, strict=True):
            above: Any = {"textcoords": "offset points", "ha": "center", "va": "bottom", "fontsize": style.SMALL}
            ax.annotate(number(float(value), 1), (x, y), xytext=(0, 3), **above)


def _level(ax: Axes, benchmark: float | None, language: Language) -> None:
    if benchmark is None:
        return
    text = f"{word('benchmark', language)} {number(benchmark, 1)}"
    ax.axhline(benchmark, color=style.WARM, lw=1.2, ls=(0, (5, 2)), zorder=1)
    beside: Any = {"ha": "left", "va": "center", "fontsize": style.SMALL, "color": style.WARM}
    ax.text(1.01, benchmark, text, transform=ax.get_yaxis_transform(), **beside)
