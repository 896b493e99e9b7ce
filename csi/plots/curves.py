"""Simple slopes: what one construct does where another one, or itself, is low, average and high."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from csi.display.numbers import Language
from csi.display.words import check_language, level_text, word
from csi.errors import SettingsError
from csi.plots import rows, style
from csi.plots.inputs import labels_of

#: Over how many standard deviations a line is drawn, and at how many places.
REACH, PLACES = 2.0, 41


def slopes(
    fit: Any,
    first: str,
    second: str,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    at: Sequence[float] = (-1, 0, 1),
    on: str | None = None,
    labels: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
) -> Axes:
    """Draw the effect of one construct where another one is low, average and high; of a square, its curve.

    Parameters
    ----------
    fit : Fit
        Of one group, its model with the interaction `first:second`.
    first, second : str
        The construct along the axis, and the one that moves its slope; one and the same for a square.
    at : sequence of float
        Where the second stands, in standard deviations from its mean.
    on : str, optional
        The effect, where the interaction moves several; the first of them if left out.
    ax, language, labels, confidence_level, font : see `csi.plots.index`

    Returns
    -------
    Axes
        Lines in standard deviations from the mean, every other construct at its mean, with their intervals.

    Raises
    ------
    NotAvailable
        If the model has no such interaction.

    Examples
    --------
    >>> import csi
    >>> from matplotlib.figure import Figure
    >>> ecsi = csi.models.ecsi()
    >>> model = ecsi.replace(paths=[*ecsi.paths, ("image:value", "satisfaction")])
    >>> fit = csi.Study(model).fit(csi.datasets.load("mobi"))
    >>> ax = slopes(fit, "value", "image", Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['Image −1 SD', 'Image at its mean', 'Image +1 SD']
    """
    check_language(language)
    if len(fit.core.labels) != 1:
        raise SettingsError("lines are drawn of one group; choose it: csi.plots.slopes(fit['2024'], ...)")
    names = labels_of(fit, language, labels)
    x = np.linspace(-REACH, REACH, PLACES)
    table, effect = fit._lines(first, second, x, at, on, confidence_level)
    square = first == second
    with style.canvas(ax, font, (0.75 * style.PAGE_WIDTH, 3.4)) as canvas:
        for i, (place, part) in enumerate(table.groupby(level="at", sort=False)):
            _line(canvas, x, part, i, "" if square else _at(names.get(second, second), float(place), language))
        canvas.axhline(0, color="#e4e4e4", lw=0.8, zorder=0)
        canvas.set_xlim(-REACH, REACH)
        style.scale(canvas.xaxis, 5)
        style.scale(canvas.yaxis, 5)
        canvas.set_xlabel(word("in_sd", language, name=names.get(first, first)))
        canvas.set_ylabel(word("in_sd", language, name=names.get(effect, effect)))
        if not square:
            rows.legend(canvas, handlelength=2.6)
        if table["conf_low"].notna().any():
            rows.caption(canvas, word("bands", language, level=level_text(confidence_level)))
    return canvas


def _line(ax: Axes, x: np.ndarray, part: pd.DataFrame, i: int, label: str) -> None:
    colour, _, dash = style.SERIES[i % len(style.SERIES)]
    ax.plot(x, part["estimate"].to_numpy(float), color=colour, ls=dash, lw=1.6, label=label or None, zorder=4)
    low, high = part["conf_low"].to_numpy(float), part["conf_high"].to_numpy(float)
    ax.fill_between(x, low, high, color=colour, alpha=0.12, lw=0, zorder=2)


def _at(name: str, place: float, language: Language) -> str:
    """Say where the moderator stands."""
    if place == 0:
        return word("at_mean", language, name=name)
    said = f"{abs(place):g}"
    return word("at_sd", language, name=name, sd=("+" if place > 0 else "−") + said)
