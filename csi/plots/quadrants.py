"""The importance-performance map: what to improve first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from csi.display.numbers import Language
from csi.display.words import check_language, level_text, word
from csi.errors import SettingsError
from csi.plots import rows, style
from csi.plots.inputs import column, label_of, labels_of
from csi.plots.points import name_points
from csi.plots.shapes import Box

#: More points than this (a map of items) need a larger picture for their names.
MANY = 10
_ENDS = ("importance_low", "importance_high", "performance_low", "performance_high")


def priorities(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    on: str | None = None,
    cut: tuple[float, float] | None = None,
    labels: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
) -> Axes:
    """Draw importance against performance, with interval crosses and the four fields.

    Parameters
    ----------
    source : fit or DataFrame
        A fit: importance is the total impact of each driver, performance its 0-100 index. Or a table with a row a
        construct or an item and the columns `impact` or `importance`, and `score` or `performance`, such as
        `fit.priorities()` and `csi.measures.importance_performance(...)`; crosses are drawn where it has
        `importance_low, importance_high` (or `impact_low, impact_high`), and `performance_low, performance_high` (or
        `score_low, score_high`, or `conf_low, conf_high`). Items are called by their names: questions are too long.
    ax, language, labels, confidence_level, font : see `csi.plots.index`
    on : str, optional
        The construct that gains; asked of a fit.
    cut : (importance, performance), optional
        Where the two lines stand; the means of the points (or the table's own cuts) if left out.

    Returns
    -------
    Axes

    Notes
    -----
    Important and weak is what to improve first [Martilla & James 1977].

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"impact": [0.6, 0.1], "score": [61.0, 75.0]}, index=["quality", "value"])
    >>> ax = priorities(table, Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts][-2:]
    ['quality', 'value']
    """
    check_language(language)
    found = _points(source, on, confidence_level)
    names = labels_of(source, language, labels)
    called = [label_of(row if not isinstance(row, tuple) else row[-1], names) for row in found.index]
    lines = cut or _cuts(found)
    with style.canvas(ax, font, (5.4, 4.4) if len(found) <= MANY else (7.2, 6.6)) as canvas:
        _frame(canvas, found, lines)
        crosses = _crosses(canvas, found)
        canvas.plot(found["importance"], found["performance"], ls="", marker="o", ms=5.5, color=style.DARK, zorder=4)
        style.scale(canvas.xaxis)
        style.scale(canvas.yaxis)
        canvas.set_xlabel(word("importance", language))
        canvas.set_ylabel(word("performance", language))
        if len(crosses):
            rows.caption(canvas, word("crosses", language, level=level_text(confidence_level)))
        style.settle_labels(canvas, font)
        corners = _corners(canvas, language)
        every = np.concatenate([crosses, _through(canvas, lines)])
        name_points(canvas, found[["importance", "performance"]].to_numpy(float), called, every, corners)
    return canvas


def _points(source: Any, on: str | None, confidence_level: float) -> pd.DataFrame:
    """Bring every kind of source into the same columns."""
    if isinstance(source, pd.DataFrame):
        return _from_table(source)
    if not (callable(getattr(source, "impacts", None)) and callable(getattr(source, "index", None))):
        raise SettingsError(
            f"a priority map needs a fit or a table such as fit.priorities(); not {type(source).__name__}"
        )
    impact = source.impacts(on, tidy=True, confidence_level=confidence_level)
    total = rows.one_group(impact[impact.index.get_level_values(-1) == "total"].droplevel(-1), 1, "impacts")
    score = source.index(confidence_level=confidence_level).reindex(total.index)
    return pd.DataFrame(
        {
            "importance": total["estimate"],
            "performance": score["estimate"],
            **{f"importance_{end}": total.get(f"conf_{end}", np.nan) for end in ("low", "high")},
            **{f"performance_{end}": score.get(f"conf_{end}", np.nan) for end in ("low", "high")},
        }
    )


def _from_table(table: pd.DataFrame) -> pd.DataFrame:
    found = pd.DataFrame(
        {"importance": column(table, "importance", "impact"), "performance": column(table, "performance", "score")}
    )
    for end in ("low", "high"):
        found[f"importance_{end}"] = table.get(f"importance_{end}", table.get(f"impact_{end}", np.nan))
        scored = table.get(f"score_{end}", table.get(f"conf_{end}", np.nan))
        found[f"performance_{end}"] = table.get(f"performance_{end}", scored)
    for name in ("importance", "performance"):
        if f"{name}_cut" in table.columns:
            found[f"{name}_cut"] = table[f"{name}_cut"].astype(float)
    kept = found.dropna(subset=["importance", "performance"])
    if kept.empty:
        raise SettingsError("no row has both an importance and a performance")
    return kept


def _cuts(found: pd.DataFrame) -> tuple[float, float]:
    """The table's own lines, or the means of the points."""
    own = [found.get(f"{name}_cut", found[name]) for name in ("importance", "performance")]
    return float(own[0].mean()), float(own[1].mean())


def _frame(ax: Axes, found: pd.DataFrame, lines: tuple[float, float]) -> None:
    """Set limits around points and crosses, draw the two lines, and shade the field to improve first."""
    for set_limits, name, line in ((ax.set_xlim, "importance", lines[0]), (ax.set_ylim, "performance", lines[1])):
        values = np.append(found[[name, f"{name}_low", f"{name}_high"]].to_numpy(float).ravel(), line)
        low, high = np.nanmin(values), np.nanmax(values)
        room = 0.14 * max(high - low, 1e-9 + 0.1 * abs(high), 0.02)
        set_limits(low - room, high + room)
    right, bottom = ax.get_xlim()[1], ax.get_ylim()[0]
    ax.fill_between([lines[0], right], bottom, lines[1], color="#f6e3da", lw=0, zorder=0)
    for draw, line in ((ax.axvline, lines[0]), (ax.axhline, lines[1])):
        draw(line, color=style.GREY, lw=0.9, ls=(0, (4, 3)), zorder=1)
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)


def _through(ax: Axes, lines: tuple[float, float]) -> np.ndarray:
    """The two lines from edge to edge, shape (2, 2, 2)."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    return np.array([[(lines[0], bottom), (lines[0], top)], [(left, lines[1]), (right, lines[1])]])


def _crosses(ax: Axes, found: pd.DataFrame) -> np.ndarray:
    """Draw the intervals of both measures; return them as lines (k, 2, 2)."""
    lines = []
    for _, row in found.iterrows():
        x, y = row["importance"], row["performance"]
        lines.append([(row["importance_low"], y), (row["importance_high"], y)])
        lines.append([(x, row["performance_low"]), (x, row["performance_high"])])
    every = np.array(lines, dtype=float).reshape(-1, 2, 2)
    known = every[~np.isnan(every).any(axis=(1, 2))]
    for line in known:
        ax.plot(*line.T, color=style.MIDDLE, lw=1.1, zorder=3, solid_capstyle="butt")
    return known


def _corners(ax: Axes, language: Language) -> list[Box]:
    """Name the four fields in their corners; return the boxes of the names in pixels."""
    places = {"concentrate": (1, 0), "keep_up": (1, 1), "low_priority": (0, 0), "overkill": (0, 1)}
    texts = []
    for key, (x, y) in places.items():
        ink = style.WARM if key == "concentrate" else "#6f6f6f"
        at = (0.985 if x else 0.015, 0.98 if y else 0.02)
        sides: Any = {"ha": "right" if x else "left", "va": "top" if y else "bottom"}
        texts.append(
            ax.text(*at, word(key, language), transform=ax.transAxes, fontsize=style.SMALL, color=ink, **sides)
        )
    style.root_figure(ax).draw_without_rendering()
    boxes = [text.get_window_extent() for text in texts]
    return [Box((b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2, b.width, b.height) for b in boxes]
