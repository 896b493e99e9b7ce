"""Text that can be measured before it is drawn, that grows with its drawing, and that can be found again by a test."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from csi.plots.shapes import oval_around
from csi.plots.style import root_figure

_FINE = 720


@functools.cache
def _renderer() -> RendererAgg:
    return RendererAgg(8, 8, _FINE)


def width(text: str, size: float, names: Sequence[str]) -> float:
    """Width in points of one line of text."""
    face = FontProperties(family=list(names), size=size)
    across, _, _ = _renderer().get_text_width_height_descent(text, face, False)
    return float(across) * 72 / _FINE


def wrap(label: str, limit: int) -> list[str]:
    """Break a label into lines of about equal length: at blanks, or between Chinese characters.

    Parameters
    ----------
    label : str
        What is printed.
    limit : int
        Letters that fit a line; a Chinese character counts as two. A longer word keeps its line.

    Examples
    --------
    >>> wrap("Perceived product quality", 15), wrap("Image", 15)
    (['Perceived', 'product quality'], ['Image'])
    >>> wrap("感知产品质量（硬件）", 12), wrap("顾客满意度指数", 10)
    (['感知产品质量', '（硬件）'], ['顾客满意', '度指数'])
    """
    head, bracket, rest = label.partition("（")
    if bracket and head and letters(label) > limit:
        return [*wrap(head, limit), *wrap(bracket + rest, limit)]
    pieces = _pieces(label)
    room = max(limit, max(letters(piece.strip()) for piece in pieces))
    fewest = len(_fill(pieces, room))
    tightest = next(n for n in range(1, room + 1) if len(_fill(pieces, n)) <= fewest and _widest(_fill(pieces, n)) <= n)
    return _fill(pieces, tightest)


def wrap_round(label: str, more: int = 0) -> list[str]:
    """Break a label so that the oval around it, and around `more` short lines below, is smallest.

    Examples
    --------
    >>> wrap_round("Perceived product quality"), wrap_round("Perceived product quality", more=1)
    (['Perceived', 'product', 'quality'], ['Perceived', 'product quality'])
    """
    # Six Chinese characters are no longer than a long English word; shorter lines would cut words in two.
    least = 12 if letters(label) > len(label) else 4
    options = [wrap(label, limit) for limit in range(least, max(letters(label), least) + 1)]
    # A letter is about half as wide as a line is high.
    sizes = [[(0.45 * letters(line), 1.0) for line in lines] + [(3.6, 1.0)] * more for lines in options]
    return options[int(np.argmin([oval_around(size)[1] for size in sizes]))]


def letters(text: str) -> int:
    """Letters of a text; a Chinese character counts as two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def _widest(lines: Sequence[str]) -> int:
    return max(letters(line) for line in lines)


def _pieces(label: str) -> list[str]:
    """Cut where a line may end: after a blank or an underscore, between wide characters, not before punctuation."""
    wide = r"[\u2e80-\ufe2f\uff00-\uffef]"
    closing, opening = "，。、；：！？）》”’·…", "（《“‘"
    marked = re.sub(rf"(?<=[ _])(?=\S)|(?<={wide})(?=\S)|(?<=\S)(?={wide})", "\n", label)
    marked = re.sub(rf"\n(?=[{closing}])|(?<=[{opening}])\n", "", marked)
    return [piece for piece in marked.split("\n") if piece]


def _fill(pieces: Sequence[str], room: int) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and letters((lines[-1] + piece).strip()) > room:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


class ScaledText(Text):
    """Text whose size is given in units of the data, so that a drawing keeps its proportions at every size."""

    def __init__(self, x: float, y: float, text: str, points: float, **options: Any) -> None:
        super().__init__(x, y, text, **options)
        self._points = points

    def _fit(self) -> None:
        ax: Any = self.axes
        if ax is None:
            return
        (x0, y0), (x1, y1) = ax.transData.transform([(0.0, 0.0), (1.0, 0.0)])
        size = max(self._points * float(np.hypot(x1 - x0, y1 - y0)) * 72 / root_figure(ax).dpi, 0.5)
        if abs(size - float(self.get_fontsize())) > 1e-6:
            self.set_fontsize(size)

    def draw(self, renderer: Any) -> None:
        """Fit the size, then draw."""
        self._fit()
        super().draw(renderer)

    def get_window_extent(self, renderer: Any = None, dpi: float | None = None) -> Bbox:
        """Fit the size, then measure."""
        self._fit()
        return super().get_window_extent(renderer, dpi)


def text_boxes(ax: Axes) -> list[tuple[str, Bbox]]:
    r"""List every visible text of an axes with its box, in pixels, as it is drawn.

    Returns
    -------
    list of (text, Bbox)
        Labels in the axes, tick labels, axis labels, title and legend.

    Examples
    --------
    >>> import csi
    >>> sorted({text for text, _ in csi.plots.text_boxes(csi.plots.diagram(csi.models.scsb()))})[:2]
    ['+', 'Customer\ncomplaints']
    """
    figure = root_figure(ax)
    figure.draw_without_rendering()
    texts = [text for text in ax.findobj(Text) if text.get_visible() and text.get_text().strip()]
    ticks = [t for axis in (ax.xaxis, ax.yaxis) for t in (*axis.get_majorticklabels(), *axis.get_minorticklabels())]
    drawn = {*_drawn_ticks(ax)}
    return [(t.get_text(), _extent(t)) for t in texts if t not in ticks or t in drawn]


def _extent(text: Text) -> Bbox:
    """Box of a text; of an annotation without its pointer, which may pass beside other names."""
    return Text.get_window_extent(text) if type(text) is Annotation else text.get_window_extent()


def _drawn_ticks(ax: Axes) -> list[Text]:
    """Tick labels that stand inside the limits; matplotlib keeps others that it never draws."""
    if not ax.axison:
        return []
    axes: tuple[Any, Any] = (ax.xaxis, ax.yaxis)
    ticks = [tick for axis in axes for tick in axis._update_ticks()]
    return [label for tick in ticks for label in (tick.label1, tick.label2) if label.get_visible()]


def overlaps(ax: Axes, slack: float = 0.5) -> list[tuple[str, str]]:
    """List the pairs of texts whose boxes share more than `slack` pixels in both directions.

    Examples
    --------
    >>> import csi
    >>> csi.plots.overlaps(csi.plots.diagram(csi.models.ecsi()))
    []
    """
    found = []
    for (one, a), (other, b) in combinations(text_boxes(ax), 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        down = min(a.y1, b.y1) - max(a.y0, b.y0)
        if across > slack and down > slack:
            found.append((one, other))
    return found
