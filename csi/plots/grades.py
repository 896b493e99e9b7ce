"""Answers by grade, item by item: stacked to a hundred per cent, or diverging from the middle grade."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb

from csi.display.numbers import Language, number
from csi.display.words import check_language, in_language, word
from csi.errors import DataError, SettingsError, check_choice
from csi.plots import rows, style
from csi.plots.inputs import label_of

Kind = Literal["stacked", "diverging"]


def answers(
    table: pd.DataFrame,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    kind: Kind = "stacked",
    grades: Mapping[Hashable, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    decimals: int = 0,
    sort: bool = False,
    font: style.Font | None = None,
) -> Axes:
    """Draw the share of every grade of answer, a bar an item.

    Parameters
    ----------
    table : DataFrame
        Counts or shares: a row an item, a column a grade, from the worst to the best. Or, with `grades`, raw answers:
        a row a respondent, a column an item.
    ax, language, labels, font : see `csi.plots.index`
    kind : {"stacked", "diverging"}
        `"diverging"` puts the middle of the scale at zero: worse grades to the left, better ones to the right, a
        middle grade half and half.
    grades : mapping of code to label, optional
        The codes of raw answers from the worst to the best, with their names (a text, or a text a language). Other
        codes count as no answer. For a table of shares: names of its columns.
    decimals : int
        Of the percentages in the bars; bars narrower than their number stay bare.
    sort : bool
        Whether the item with the best answers stands on top.

    Returns
    -------
    Axes

    Raises
    ------
    DataError
        For negative counts, or an item without answers.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> counts = pd.DataFrame({"poor": [10], "fair": [30], "good": [60]}, index=["service"])
    >>> ax = answers(counts, Figure().add_subplot(), kind="diverging")
    >>> [float(bar.get_x()) for bar in ax.patches]
    [-25.0, -15.0, 15.0]
    """
    check_language(language)
    check_choice(kind, "kind", ("stacked", "diverging"))
    shares = _shares(table, grades)
    if sort:
        shares = shares.loc[
            (shares * np.linspace(-1, 1, shares.shape[1])).sum(axis=1).sort_values(ascending=False).index
        ]
    called = [in_language((grades or {}).get(grade, str(grade)), language) for grade in shares.columns]
    start = -(shares.cumsum(axis=1).shift(1, axis=1, fill_value=0.0).iloc[:, _half(shares)[0]] + _middle(shares) / 2)
    left = start if kind == "diverging" else start * 0
    place = rows.places([label_of(row, labels or {}) for row in shares.index], 1.1)
    with style.canvas(ax, font, place.size) as canvas:
        _bars(canvas, shares, place.at, left.to_numpy(float), called, decimals)
        rows.name_rows(canvas, place)
        _scale(canvas, kind, shares, left)
        canvas.set_xlabel(word("share_of_answers", language))
        rows.legend(canvas, handlelength=1.2, columnspacing=1.2)
    return canvas


def _shares(table: pd.DataFrame, grades: Mapping[Hashable, Any] | None) -> pd.DataFrame:
    """Return per cent by item and grade."""
    counts = table
    if grades is not None and not set(table.columns) <= set(grades):
        counts = pd.DataFrame({grade: (table == grade).sum() for grade in grades})
    if counts.shape[1] < 2:
        raise SettingsError("a scale has at least two grades; give a column a grade, or raw answers with grades={...}")
    values = counts.astype(float)
    if (values.to_numpy() < 0).any():
        raise DataError("a count or share of answers is negative")
    total = values.sum(axis=1)
    empty = [str(row) for row in total.index[~(total > 0)]]
    if empty:
        raise DataError(f"no answers in {', '.join(map(repr, empty[:5]))}")
    return 100 * values.div(total, axis=0)


def _half(shares: pd.DataFrame) -> tuple[int, bool]:
    """Position of the first grade that is not worse than the middle, and whether it is the middle one."""
    n = shares.shape[1]
    return n // 2, n % 2 == 1


def _middle(shares: pd.DataFrame) -> pd.Series:
    """Share of the middle grade; zero where the number of grades is even."""
    at, odd = _half(shares)
    return shares.iloc[:, at] * float(odd)


def _colours(n: int) -> list[str]:
    scale = LinearSegmentedColormap.from_list("grades", style.GRADES)
    return [to_hex(scale(value)) for value in np.linspace(0, 1, n)]


def _bars(
    ax: Axes, shares: pd.DataFrame, at: np.ndarray, left: np.ndarray, called: Sequence[str], decimals: int
) -> None:
    for (_, column), colour, name in zip(shares.items(), _colours(shares.shape[1]), called, strict=True):
        wide = column.to_numpy(float)
        ax.barh(at, wide, 0.66, left, color=colour, edgecolor="white", linewidth=0.8, label=name)
        ink = "white" if np.dot(to_rgb(colour), (0.3, 0.59, 0.11)) < 0.55 else style.INK
        for y, share, begin in zip(at, wide, left, strict=True):
            if share >= 4 + 1.5 * decimals:
                inside: Any = {"ha": "center", "va": "center", "fontsize": style.SMALL - 0.5, "color": ink}
                ax.text(begin + share / 2, y, number(float(share), decimals), **inside)
        left = left + wide


def _scale(ax: Axes, kind: Kind, shares: pd.DataFrame, left: pd.Series) -> None:
    style.scale(ax.xaxis, 10, signed=False)
    if kind == "stacked":
        ax.set_xlim(0, 100)
        return
    ends = np.ceil(np.array([-left.min(), (left + shares.sum(axis=1)).max()]) / 10) * 10
    ax.set_xlim(-float(ends[0]), float(ends[1]))
    ax.axvline(0, color=style.INK, lw=0.8, zorder=0)
