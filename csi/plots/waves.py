"""The index over time: one line a company or construct, with intervals, against a benchmark."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from csi.display.numbers import Language, number
from csi.display.words import check_language, level_text, word
from csi.errors import SettingsError, suggest
from csi.plots import rows, style, texts
from csi.plots.inputs import column, has_interval, label_of, labels_of, model_of, table


def track(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    construct: str | None = None,
    benchmark: float | None = None,
    smooth: bool = False,
    labels: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
) -> Axes:
    """Draw the index wave by wave with its intervals, and what a `csi.track` knows beside: breaks, smoothed levels.

    Parameters
    ----------
    source : fit, Track or DataFrame
        A fit by waves, the result of `csi.track`, or a table with the common columns whose first row level is the
        wave; `fit.index()` has a row a (wave, construct). With one more level in front (such as the company) every
        company is a line.
    ax, language, labels, confidence_level, font : see `csi.plots.index`
    construct : str, optional
        Whose index; the model's index, or the first row, if left out.
    benchmark : float, optional
        A level to compare with.
    smooth : bool
        Whether the smoothed level of every line is drawn with its interval as a band, and the waves as points beside
        it; of a `Track`.

    Returns
    -------
    Axes

    Raises
    ------
    SettingsError
        If there is only one wave, or the construct is unknown; if smoothing is asked of a table.

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
    if smooth and not hasattr(source, "smooth"):
        raise SettingsError("smoothed levels are those of csi.track(fit); this is no Track")
    smoothed = rows.split_lines(source.smooth(confidence_level=confidence_level)) if smooth else {}
    breaks = list(getattr(source, "breaks", {}))
    series, chosen = _series(found, construct, model_of(getattr(source, "fit", source)))
    chosen = chosen or str(getattr(source, "construct", ""))
    names = labels_of(getattr(source, "fit", source), language, labels)
    waves = _in_order(source, series)
    if len(waves) < 2:
        raise SettingsError("a line over time needs at least two waves; fit the data with by=<the column of the wave>")
    with style.canvas(ax, font, (style.PAGE_WIDTH, 3.2)) as canvas:
        for i, (label, part) in enumerate(series.items()):
            _line(canvas, part.reindex(waves), i, len(series), label_of(label, names), label in smoothed)
            if label in smoothed:
                _band(canvas, smoothed[label].reindex(waves), i, [waves.index(wave) for wave in breaks])
        for wave in breaks:
            canvas.axvline(waves.index(wave) - 0.5, color=style.GREY, lw=1.0, ls=(0, (1, 2)), zorder=0)
        _name_waves(canvas, [str(wave) for wave in waves], font)
        canvas.set_xlim(-0.4, len(waves) - 0.6)
        canvas.grid(axis="y", color="#e4e4e4", lw=0.6)
        style.scale(canvas.yaxis)
        canvas.set_ylabel(f"{names.get(chosen, chosen)} (0–100)" if chosen else word("score", language))
        _level(canvas, benchmark, language)
        if len(series) > 1:
            rows.legend(canvas, handlelength=2.6)
        if has_interval(found):
            level = level_text(confidence_level)
            said = [word("bars", language, level=level), word("band", language, level=level) if smooth else ""]
            rows.caption(canvas, *said, word("breaks", language) if breaks else "")
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
    return rows.split_lines(found), chosen


def _in_order(source: Any, series: Mapping[Any, pd.DataFrame]) -> list[Any]:
    """Waves in the order of time where the source knows it, else as they come."""
    there = list(dict.fromkeys(wave for part in series.values() for wave in part.index))
    known = getattr(getattr(source, "waves", None), "labels", ())
    return [wave for wave in known if wave in there] if set(there) <= set(known) else there


def _name_waves(ax: Axes, names: list[str], font: style.Font | None) -> None:
    """Name the waves below the axis: all, or every second, third ... where the names would touch."""
    room = float(ax.get_window_extent().width) / style.root_figure(ax).dpi * 72 / max(len(names), 1)
    widest = max(texts.width(name, style.SMALL, style.families(font)) for name in names)
    step = max(1, math.ceil((widest + 4) / room))
    # Counted from the last wave, which is the one that is read.
    at = np.arange(len(names) - 1, -1, -step)[::-1]
    ax.set_xticks(at, [names[i] for i in at])
    ax.set_xticks(np.arange(len(names)), minor=True)


def _band(ax: Axes, part: pd.DataFrame, i: int, breaks: list[int]) -> None:
    """Draw a smoothed level with its interval, stretch by stretch."""
    colour, _, dash = style.SERIES[i % len(style.SERIES)]
    edges = [0, *sorted(breaks), len(part)]
    for begin, end in pairwise(edges):
        at, stretch = np.arange(begin, end), part.iloc[begin:end]
        known = stretch["estimate"].notna().to_numpy()
        at, stretch = at[known], stretch[known]
        ax.plot(at, stretch["estimate"], color=colour, ls=dash, lw=1.6, zorder=3)
        ax.fill_between(at, stretch["conf_low"], stretch["conf_high"], color=colour, alpha=0.15, lw=0, zorder=1)


def _line(ax: Axes, part: pd.DataFrame, i: int, n: int, label: str, beside: bool = False) -> None:
    """Draw the waves of one line; as points only, where its smoothed level is drawn beside them."""
    colour, marker, dash = style.SERIES[i % len(style.SERIES)]
    at = np.arange(len(part)) + (i - (n - 1) / 2) * min(0.07, 0.6 / n)
    values = column(part, "estimate").to_numpy()
    ax.plot(at, values, color=colour, marker=marker, ls="" if beside else dash, ms=5, lw=1.5, label=label, zorder=4)
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
