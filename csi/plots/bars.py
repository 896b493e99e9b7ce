"""Bars that begin at zero: the index, impacts, loadings, item weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from csi.display.numbers import Language, number
from csi.display.words import check_language, level_text, word
from csi.plots import rows, style
from csi.plots.inputs import column, has_interval, label_of, labels_of, model_of, table

Benchmark = float | Mapping[str, float] | pd.Series

_BAR: Any = {"height": 0.62, "edgecolor": style.DARK, "linewidth": 0.7}


def index(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    benchmark: Benchmark | None = None,
    constructs: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
) -> Axes:
    """Draw the 0-100 index of every construct as bars with intervals, against a benchmark.

    Parameters
    ----------
    source : fit or DataFrame
        A fit, or the table of `fit.index()`: rows construct, columns `estimate` and perhaps `conf_low, conf_high`.
        With groups (first row level) points in different shapes take the place of bars.
    ax : Axes, optional
        Where to draw.
    language : {"en", "zh"}
    benchmark : float, mapping or Series, optional
        One value for all, or one a construct.
    constructs : sequence of str, optional
        Which to draw, in this order.
    labels : mapping of str to str, optional
        Printed names, over those of the model.
    confidence_level : float
        Of the intervals; asked of the fit, and printed.
    font : see `csi.plots.style.families`

    Returns
    -------
    Axes

    Raises
    ------
    SettingsError
        For an unknown construct or language.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"estimate": [72.5, 75.0]}, index=["satisfaction", "quality"])
    >>> ax = index(table, Figure().add_subplot(), benchmark=70)
    >>> [float(bar.get_width()) for bar in ax.patches]
    [72.5, 75.0]
    """
    check_language(language)
    found = table(source, "index", confidence_level=confidence_level)
    names = labels_of(source, language, labels)
    if found.index.nlevels > 1:
        return _index_of_groups(found, ax, language, benchmark, constructs, names, confidence_level, font)
    shown, model = rows.choose(found, constructs), model_of(source)
    main = model.index if model else None
    place = rows.places([label_of(row, names) for row in shown.index])
    with style.canvas(ax, font, place.size) as canvas:
        fills = [style.MIDDLE if row == main else style.LIGHT for row in shown.index]
        canvas.barh(place.at, column(shown, "estimate"), color=fills, **_BAR)
        _finish(canvas, shown, place, 1)
        canvas.set_xlim(0, 100)
        _benchmark(canvas, rows.benchmark_of(benchmark, list(shown.index)), place.at, language)
        canvas.set_xlabel(word("score", language))
        _note_bars(canvas, shown, language, confidence_level)
    return canvas


def _index_of_groups(
    found: pd.DataFrame,
    ax: Axes | None,
    language: Language,
    benchmark: Benchmark | None,
    constructs: Sequence[str] | None,
    names: Mapping[str, str],
    confidence_level: float,
    font: style.Font | None,
) -> Axes:
    """Draw points with intervals, one shape a group."""
    groups = {label: rows.choose(part, constructs) for label, part in rows.split(found).items()}
    first = next(iter(groups.values()))
    place, step = rows.places([label_of(row, names) for row in first.index], 0.6 + 0.3 * len(groups)), 0.7 / len(groups)
    with style.canvas(ax, font, place.size) as canvas:
        for i, (label, part) in enumerate(groups.items()):
            colour, marker, _ = style.SERIES[i % len(style.SERIES)]
            own = place.at + (i - (len(groups) - 1) / 2) * step
            if has_interval(part):
                rows.whiskers(canvas, own, part, colour)
            values = column(part.reindex(first.index), "estimate")
            canvas.plot(values, own, ls="", marker=marker, color=colour, ms=5, label=label_of(label, names))
        rows.name_rows(canvas, place)
        rows.rule(canvas)
        style.scale(canvas.xaxis)
        canvas.set_xlabel(word("score", language))
        _benchmark(canvas, rows.benchmark_of(benchmark, list(first.index)), place.at, language, named=False)
        rows.legend(canvas)
        _note_bars(canvas, found, language, confidence_level)
    return canvas


def _benchmark(ax: Axes, values: np.ndarray, at: np.ndarray, language: Language, named: bool = True) -> None:
    """Mark a benchmark: a line for one value, a mark in each row for several."""
    known = values[~np.isnan(values)]
    if len(known) == len(values) and len(set(known)) == 1:
        text = f"{word('benchmark', language)} {number(float(known[0]), 1)}"
        ax.axvline(float(known[0]), color=style.WARM, lw=1.2, ls=(0, (5, 2)), zorder=4, label=text)
        if named:
            above: Any = {"va": "bottom", "ha": "center", "fontsize": style.SMALL, "color": style.WARM}
            ax.text(float(known[0]), 1.01, text, transform=ax.get_xaxis_transform(), **above)
    elif len(known):
        marks: Any = {"marker": "D", "ls": "", "mfc": "white", "mec": style.WARM, "mew": 1.3, "ms": 5, "zorder": 6}
        ax.plot(values, at, label=word("benchmark", language), **marks)
        if named:
            rows.legend(ax)


def impacts(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    points: float = 1,
    labels: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
) -> Axes:
    """Draw by how much the index rises when a driver rises: the direct part dark, the way through others light.

    Parameters
    ----------
    source : fit or DataFrame
        A fit; or `fit.impacts()` (rows construct, columns `direct, total`), or `fit.impacts(tidy=True)` (rows
        construct and measure), which has intervals.
    ax, language, labels, confidence_level, font : see `index`
    points : float
        By how much each driver rises; asked of a fit.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"direct": [0.1, 0.5], "total": [0.4, 0.6]}, index=["image", "quality"])
    >>> ax = impacts(table, Figure().add_subplot(), language="zh")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['quality', 'image']
    """
    check_language(language)
    found = table(source, "impacts", tidy=True, points=points, confidence_level=confidence_level)
    wide, ends = _wide(found)
    rows.one_group(wide, 1, "impacts")
    order = wide["total"].sort_values(ascending=False, kind="stable").index
    wide, names = wide.loc[order], labels_of(source, language, labels)
    place = rows.places([label_of(row, names) for row in order])
    with style.canvas(ax, font, place.size) as canvas:
        canvas.barh(place.at, wide["total"], color="white", hatch="////", **{**_BAR, "edgecolor": style.MIDDLE})
        canvas.barh(place.at, wide["direct"], color=style.MIDDLE, **_BAR)
        shown = wide.rename(columns={"total": "estimate"}) if ends is None else ends.loc[order]
        _finish(canvas, shown, place, 2)
        canvas.axvline(0, color=style.INK, lw=0.7)
        canvas.set_xlabel(_impact_axis(points, language))
        marks = [
            Patch(facecolor=style.MIDDLE, edgecolor=style.DARK, label=word("direct", language)),
            Patch(facecolor="white", edgecolor=style.MIDDLE, hatch="////", label=word("indirect", language)),
        ]
        rows.legend(canvas, handles=marks)
        _note_bars(canvas, shown, language, confidence_level)
    return canvas


def _impact_axis(points: float, language: Language) -> str:
    if points == 1:
        return word("impact_axis", language)
    told = {"en": f"Index points gained for {points:g} points", "zh": f"每提升 {points:g} 分带来的指数提升（分）"}
    return told[language]


def _wide(found: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return direct and total impacts side by side, and the totals with their intervals if known."""
    if "total" in found.columns:
        return found, None
    measure = found.index.get_level_values(-1)
    parts = {name: found[measure == name].droplevel(-1) for name in ("direct", "total")}
    return pd.DataFrame({name: part["estimate"] for name, part in parts.items()}), parts["total"]


def loadings(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    limit: float | None = 0.708,
    labels: Mapping[str, str] | None = None,
    item_labels: bool = False,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
) -> Axes:
    """Draw the loading of every item with its interval, by construct.

    Parameters
    ----------
    source : fit or DataFrame
        A fit, or the table of `fit.loadings()`: rows `(construct, item)`.
    ax, language, labels, confidence_level, font : see `index`
    limit : float, optional
        A line for the usual least loading: 0.708, where half of an item's variance is the construct's.
    item_labels : bool
        Whether items are called by their labels instead of their column names.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = pd.MultiIndex.from_tuples([("image", "q1"), ("image", "q2")])
    >>> ax = loadings(pd.DataFrame({"estimate": [0.8, 0.7]}, index=rows), Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['q1', 'q2', 'image']
    """
    found = table(source, "loadings", confidence_level=confidence_level)
    return _items(found, source, ax, language, "loading", limit, labels, item_labels, confidence_level, font)


def weights(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    labels: Mapping[str, str] | None = None,
    item_labels: bool = False,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
) -> Axes:
    """Draw the weight of every item in its score with its interval, by construct.

    Parameters are those of `loadings`; the table is that of `fit.weights()`.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> rows = pd.MultiIndex.from_tuples([("image", "q1"), ("image", "q2")])
    >>> ax = weights(pd.DataFrame({"estimate": [0.6, 0.5]}, index=rows), Figure().add_subplot())
    >>> [float(bar.get_width()) for bar in ax.patches]
    [0.6, 0.5]
    """
    found = table(source, "weights", confidence_level=confidence_level)
    return _items(found, source, ax, language, "weight", None, labels, item_labels, confidence_level, font)


def _items(
    found: pd.DataFrame,
    source: Any,
    ax: Axes | None,
    language: Language,
    what: str,
    limit: float | None,
    labels: Mapping[str, str] | None,
    item_labels: bool,
    confidence_level: float,
    font: style.Font | None,
) -> Axes:
    check_language(language)
    rows.one_group(found, 2, f"{what}s")
    names = labels_of(source, language, labels)
    owners = [str(row[0]) for row in found.index]
    called = [_item_name(str(item), names, item_labels or item in (labels or {})) for _, item in found.index]
    # Each construct begins a row lower, under its name.
    begins = np.array([owner != before for owner, before in zip(owners, [None, *owners], strict=False)])
    place = rows.places(called, 0.62, before=begins * 1.0)
    with style.canvas(ax, font, place.size) as canvas:
        fills = [style.MIDDLE if one else style.LIGHT for one in np.cumsum(begins) % 2]
        canvas.barh(place.at, column(found, "estimate"), color=fills, **_BAR)
        _finish(canvas, found, place, 3)
        _head(canvas, place, begins, [names.get(owner, owner) for owner in owners])
        canvas.axvline(0, color=style.INK, lw=0.7)
        if limit is not None:
            canvas.axvline(limit, color=style.WARM, lw=1.0, ls=(0, (5, 2)), zorder=4)
        canvas.set_xlabel(word(what, language))
        told = f"{word('line', language)} {limit}" if limit is not None else ""
        rows.caption(canvas, *_told(found, language, confidence_level), told)
    return canvas


def _head(ax: Axes, place: rows.Places, begins: np.ndarray, owners: Sequence[str]) -> None:
    """Put the name of a construct above its items, in another ink."""
    # The free row of a construct ends where the room of its first item begins.
    lines = np.array([1 + name.count("\n") for name in place.names])
    heads = [
        (float(y) - 0.5 - 0.42 * n, owner)
        for y, n, owner, first in zip(place.at, lines, owners, begins, strict=True)
        if first
    ]
    rows.write_names(ax, [*place.names, *(owner for _, owner in heads)], [*place.at, *(y for y, _ in heads)])
    ax.set_ylim(place.limits[0], heads[0][0] - 0.6)
    for label in ax.get_yticklabels()[len(place.names) :]:
        label.set_color(style.MIDDLE)


def _item_name(item: str, names: Mapping[str, str], by_label: bool) -> str:
    return names.get(item, item) if by_label else item


def _finish(ax: Axes, shown: pd.DataFrame, place: rows.Places, decimals: int) -> None:
    """Name the rows, draw their intervals, and write the numbers at the right."""
    rows.name_rows(ax, place)
    rows.rule(ax)
    if has_interval(shown):
        rows.whiskers(ax, place.at, shown)
    rows.numbers_right(ax, place.at, column(shown, "estimate"), decimals)
    style.scale(ax.xaxis)


def _note_bars(ax: Axes, shown: pd.DataFrame, language: Language, confidence_level: float) -> None:
    rows.caption(ax, *_told(shown, language, confidence_level))


def _told(shown: pd.DataFrame, language: Language, confidence_level: float) -> list[str]:
    return [word("bars", language, level=level_text(confidence_level))] if has_interval(shown) else []
