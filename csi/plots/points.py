"""Names beside points, placed so that they cover neither each other nor the points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from csi.plots import style
from csi.plots.shapes import Box, Floats, boxes_reached, rows, ways_through
from csi.plots.texts import width

#: Where a name may stand around its point: direction, from the most to the least usual.
_AROUND = ((1, 0), (1, 1), (1, -1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1))
_AWAY = (5.0, 9.0, 15.0, 24.0, 36.0)
_COVERS, _CUTS, _OUTSIDE = 1000.0, 40.0, 400.0


def name_points(
    ax: Axes,
    xy: Floats,
    names: Sequence[str],
    lines: Floats | None = None,
    taken: Sequence[Box] = (),
    size: float = style.SMALL,
) -> None:
    """Write a name beside every point of an axes whose limits are final.

    Parameters
    ----------
    ax : Axes
    xy : array (n, 2)
        Points, in data units.
    names : sequence of str
    lines : array (k, 2, 2), optional
        Straight lines in data units that names should not cross, such as intervals.
    taken : sequence of Box
        Boxes in pixels that are not free.
    size : float
        Of the type, in points.
    """
    figure = style.root_figure(ax)
    figure.draw_without_rendering()
    unit = figure.dpi / 72
    faces = style.families() if not ax.xaxis.label.get_fontfamily() else list(ax.xaxis.label.get_fontfamily())
    spots = ax.transData.transform(xy)
    ways = np.empty((0, 2, 2)) if lines is None else ax.transData.transform(lines.reshape(-1, 2)).reshape(-1, 2, 2)
    dense = ways[:, :1] + np.linspace(0, 1, 25)[None, :, None] * (ways[:, 1:] - ways[:, :1])
    dots = rows([*(Box(float(x), float(y), 8 * unit, 8 * unit) for x, y in spots), *taken])
    frame = ax.bbox
    placed: list[Box] = []
    for (x, y), name in zip(spots, names, strict=True):
        w, h = (width(name, size, faces) + 2) * unit, 1.25 * size * unit
        best, least = Box(float(x), float(y), w, h), np.inf
        for away in _AWAY:
            for i, (dx, dy) in enumerate(_AROUND):
                reach = np.array([dx * (w / 2 + away * unit), dy * (h / 2 + (away if dx == 0 else away / 2) * unit)])
                box = Box(float(x + reach[0]), float(y + reach[1]), w, h)
                price = i + away + _COVERS * boxes_reached(box, dots, 0.0) + _CUTS * ways_through(box, dense, 1.0)
                price += _COVERS * boxes_reached(box, rows(placed), 1.0)
                price += _OUTSIDE * (box.x - w / 2 < frame.x0 or box.x + w / 2 > frame.x1)
                price += _OUTSIDE * (box.y - h / 2 < frame.y0 or box.y + h / 2 > frame.y1)
                if price < least:
                    best, least = box, price
        placed.append(best)
        offset = ((best.x - x) / unit, (best.y - y) / unit)
        far = np.hypot(*offset) > w / 2 / unit + 18
        pointer = {"arrowstyle": "-", "color": style.GREY, "lw": 0.5, "shrinkA": 0, "shrinkB": 3} if far else None
        place = {"xytext": offset, "textcoords": "offset points", "ha": "center", "va": "center"}
        ax.annotate(name, xy[len(placed) - 1], fontsize=size, arrowprops=pointer, **place)  # type: ignore[arg-type]
