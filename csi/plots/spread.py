"""Distributions: the scores of respondents, and the draws of a bootstrap."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from csi.display.numbers import Language, interval, number
from csi.display.words import check_language, level_text, word
from csi.errors import SettingsError, suggest
from csi.plots import rows, style
from csi.plots.inputs import ask, label_of, labels_of, model_of, table
from csi.plots.texts import letters

_CURVE = 256


def scores(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    construct: str | None = None,
    every: bool = False,
    step: float = 10,
    labels: Mapping[str, str] | None = None,
    font: style.Font | None = None,
) -> Axes:
    """Draw how the 0-100 scores of the respondents are distributed.

    Parameters
    ----------
    source : fit or DataFrame
        A fit, or the table of `fit.scores()`: a row a respondent, a column a construct.
    ax, language, labels, font : see `csi.plots.index`
    construct : str, optional
        Whose scores; the model's index, or the first column, if left out.
    every : bool
        Boxes for all constructs instead of one histogram: quartiles, whiskers to the 5th and 95th percentile, a
        diamond at the mean.
    step : float
        Width of a bar of the histogram, in points.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"satisfaction": [55.0, 72.0, 78.0, 95.0]})
    >>> ax = scores(table, Figure().add_subplot(), step=50)
    >>> [float(bar.get_height()) for bar in ax.patches]
    [0.0, 100.0]
    """
    check_language(language)
    found, names = table(source, "scores"), labels_of(source, language, labels)
    if every:
        return _boxes(found, ax, language, names, font)
    model = model_of(source)
    chosen = construct or (model.index if model and model.index in found.columns else str(found.columns[0]))
    if chosen not in found.columns:
        raise SettingsError(f"{chosen!r} is not a column of the scores{suggest(str(chosen), map(str, found.columns))}")
    values = found[chosen].to_numpy(float)
    values = values[~np.isnan(values)]
    edges = np.arange(0, 100 + step, step)
    heights = 100 * np.histogram(values, edges)[0] / max(len(values), 1)
    with style.canvas(ax, font, (style.PAGE_WIDTH, 3.0)) as canvas:
        canvas.bar(edges[:-1], heights, step, align="edge", color=style.LIGHT, edgecolor=style.DARK, linewidth=0.7)
        mean, text = float(values.mean()), f"{word('mean', language)} {number(float(values.mean()), 1)}"
        canvas.axvline(mean, color=style.WARM, lw=1.3, ls=(0, (5, 2)))
        above: Any = {"ha": "center", "va": "bottom", "fontsize": style.SMALL, "color": style.WARM}
        canvas.text(mean, 1.01, text, transform=canvas.get_xaxis_transform(), **above)
        canvas.set_xlim(0, 100)
        style.scale(canvas.xaxis, 10)
        style.scale(canvas.yaxis)
        canvas.set_xlabel(f"{names.get(str(chosen), chosen)} (0–100), n = {len(values):,}")
        canvas.set_ylabel(word("respondents", language))
    return canvas


def _boxes(
    found: pd.DataFrame, ax: Axes | None, language: Language, names: Mapping[str, str], font: style.Font | None
) -> Axes:
    place = rows.places([names.get(str(name), str(name)) for name in found.columns], 1.15)
    with style.canvas(ax, font, place.size) as canvas:
        for y, name in zip(place.at, found.columns, strict=True):
            values = found[name].dropna().to_numpy(float)
            low, first, middle, third, high = np.percentile(values, [5, 25, 50, 75, 95])
            canvas.hlines(y, low, high, color=style.DARK, lw=0.9)
            canvas.barh(y, third - first, 0.5, first, color=style.LIGHT, edgecolor=style.DARK, linewidth=0.8)
            canvas.vlines(middle, y - 0.25, y + 0.25, color=style.DARK, lw=1.6)
            canvas.plot(values.mean(), y, "D", ms=4.5, mfc="white", mec=style.WARM, mew=1.3, zorder=5)
        rows.name_rows(canvas, place)
        rows.rule(canvas)
        rows.numbers_right(canvas, place.at, found.mean(), 1)
        canvas.set_xlim(0, 100)
        style.scale(canvas.xaxis)
        canvas.set_xlabel(word("score", language))
        rows.caption(canvas, word("boxes", language))
    return canvas


def replicates(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    noun: str = "paths",
    rows_of: Sequence[Hashable] | None = None,
    labels: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    decimals: int | None = None,
    font: style.Font | None = None,
) -> Axes:
    """Draw the distribution of the draws behind intervals: one curve a row of the noun.

    Parameters
    ----------
    source : fit or DataFrame
        A fit with replicates, or the table of `fit.replicates(noun)`: a row a replicate, a column a row of the noun.
    ax, language, labels, confidence_level, font : see `csi.plots.index`
    noun : str
        What the draws are of; asked of a fit.
    rows_of : sequence, optional
        Which columns to draw, in this order.
    decimals : int, optional
        Of the intervals printed at the right; one for scores and impacts, three otherwise.

    Returns
    -------
    Axes

    Notes
    -----
    Kernel density with Scott's bandwidth, each curve scaled to its own height. The dark part holds the central
    `confidence_level` of the draws (percentile interval, quantiles of type 7), printed at the right.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> draws = pd.DataFrame({("quality", "value"): [0.4, 0.5, 0.6]})
    >>> ax = replicates(draws, Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['[0.405, 0.595]']
    """
    check_language(language)
    found = ask(source, "replicates", source if isinstance(source, pd.DataFrame) else None, noun=noun)
    if found is None:
        raise SettingsError(f"this picture needs a fit with replicates or their table; not {type(source).__name__}")
    rows.one_group(found, 1, "replicates")
    columns = _chosen(found, rows_of)
    names = labels_of(source, language, labels)
    place = rows.places([_arrow(name, names) for name in columns], 1.35)
    digits = decimals if decimals is not None else 1 if noun in ("index", "impacts") else 3
    with style.canvas(ax, font, place.size) as canvas:
        for y, name in zip(place.at, columns, strict=True):
            draws = found[name].to_numpy(float)
            _curve(canvas, y, draws[np.isfinite(draws)], confidence_level, digits)
        rows.name_rows(canvas, place)
        rows.write_names(canvas, place.names, place.at - 0.3)
        canvas.set_ylim(place.at[-1] + 0.25, -0.95)
        rows.rule(canvas)
        if canvas.get_xlim()[0] < 0 < canvas.get_xlim()[1]:
            canvas.axvline(0, color=style.INK, lw=0.7, zorder=0)
        style.scale(canvas.xaxis)
        canvas.set_xlabel(word("estimate", language))
        rows.caption(canvas, word("dark", language, level=level_text(confidence_level), n=f"{len(found):,}"))
    return canvas


def _chosen(found: pd.DataFrame, wanted: Sequence[Hashable] | None) -> list[Hashable]:
    known: list[Hashable] = list(found.columns)
    for name in wanted or ():
        if name not in known:
            raise SettingsError(f"there are no draws of {name!r}{suggest(str(name), map(str, known))}")
    return list(wanted) if wanted is not None else known


def _arrow(name: Hashable, names: Mapping[str, str]) -> str:
    if isinstance(name, tuple) and len(name) == 2:
        whole = " → ".join(names.get(str(part), str(part)) for part in name)
        return whole if letters(whole) <= rows.LETTERS else whole.replace(" → ", " →\n")
    return label_of(name, names)


def _curve(ax: Axes, y: float, draws: np.ndarray, confidence_level: float, decimals: int) -> None:
    """Draw one density above its row, its central part dark."""
    if len(draws) < 2 or np.ptp(draws) == 0:
        ax.plot(draws[:1], [y] * len(draws[:1]), "o", ms=4, color=style.DARK)
        return
    tail = (1 - confidence_level) / 2
    low, middle, high = np.quantile(draws, [tail, 0.5, 1 - tail])
    x = np.linspace(draws.min(), draws.max(), _CURVE)
    height = _density(draws, x)
    ax.fill_between(x, y, y - 0.8 * height, color=style.PALE, ec=style.MIDDLE, lw=0.6, zorder=2)
    inside = np.linspace(low, high, _CURVE)
    ax.fill_between(inside, y, y - 0.8 * np.interp(inside, x, height), color=style.MIDDLE, lw=0, zorder=3)
    ax.vlines(middle, y - 0.8 * np.interp(middle, x, height), y, color="white", lw=1.2, zorder=4)
    beside: Any = {"va": "center", "ha": "left", "fontsize": style.SMALL}
    text = interval(float(low), float(high), decimals)
    ax.text(1.015, y - 0.3, text, transform=ax.get_yaxis_transform(), **beside)


def _density(draws: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Gaussian kernel density with Scott's bandwidth, on fine bins, scaled to a largest value of one."""
    counts, edges = np.histogram(draws, bins=_CURVE, range=(x[0], x[-1]))
    centres = (edges[:-1] + edges[1:]) / 2
    width = max(draws.std(ddof=1) * len(draws) ** -0.2, 1e-12)
    height = np.exp(-0.5 * ((x[:, None] - centres[None]) / width) ** 2) @ counts
    return height / height.max()
