"""Where the boxes of the items stand: in a stack beside their oval or in a row above or below it, out of the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from csi.plots.routes import MUST_NOT, Arrow
from csi.plots.shapes import Box, Curve, Floats, meetings, ovals_reached, rows, segments, ways_through

#: Free space between an oval and its block, and between two boxes, in points.
_NEAR, _FAR, _GAP = 16.0, 30.0, 3.0
_STEPS = np.linspace(0, 1, 13)[None, :, None]
_SHIFTS = (0.0, 0.3, -0.3, 0.6, -0.6, 0.9, -0.9)
#: Prices: an arrow through a block, a line to another block through it, a crossing, facing inward, off centre.
_THROUGH, _TANGLED, _BETWEEN, _INWARD, _OFF = MUST_NOT, 100.0, 15.0, 8.0, 5.0
#: What a block may cost for standing where it stands alone.
TASTE = 30.0


@dataclass(frozen=True)
class Block:
    """The boxes of one construct, the lines (2, 2) from them to its oval, and the box around the boxes."""

    boxes: tuple[Box, ...]
    lines: tuple[Floats, ...]
    around: Box
    price: float = 0.0


def place_blocks(
    sizes: Mapping[str, tuple[int, float, float]], ovals: Mapping[str, Box], curves: Mapping[Arrow, Curve]
) -> dict[str, Block]:
    """Choose a side for the items of every construct.

    Parameters
    ----------
    sizes : mapping of construct to (number of items, width, height of a box)
    ovals : mapping of construct to Box
    curves : mapping of arrow to Curve
    """
    ways = np.array([curve.points(33) for curve in curves.values()]).reshape(-1, 33, 2)
    centre = np.mean([(oval.x, oval.y) for oval in ovals.values()], axis=0)
    options = {name: _options(ovals[name], sizes[name], rows(ovals.values()), ways, centre) for name in sizes}
    queue = sorted(sizes, key=lambda name: -options[name][0].price)
    chosen: dict[str, Block] = {}
    for _ in range(3):
        for name in queue:
            rest = [block for other, block in chosen.items() if other != name]
            chosen[name] = _cheapest(options[name], rest)
    return {name: chosen[name] for name in sizes}


def _cheapest(options: Sequence[Block], rest: Sequence[Block]) -> Block:
    """Return the best of options that are sorted by what they cost alone; neighbours only add to that."""
    best: Block | None = None
    for option in options:
        if best is not None and option.price >= best.price:
            break
        priced = _beside(option, rest)
        if best is None or priced.price < best.price:
            best = priced
    return options[0] if best is None else best


def _beside(block: Block, rest: Iterable[Block]) -> Block:
    """Add what the other blocks make it cost."""
    price = block.price
    for other in rest:
        price += MUST_NOT * block.around.overlaps(other.around, 4.0)
        price += _TANGLED * ways_through(other.around, _dense(block.lines), 2.0)
        price += _TANGLED * ways_through(block.around, _dense(other.lines), 2.0)
        price += _BETWEEN * meetings(np.array(block.lines), np.array(other.lines))
    return replace(block, price=price)


def _dense(lines: Sequence[Floats]) -> Floats:
    """Points along straight lines, shape (n, 13, 2)."""
    ends = np.array(lines)
    return ends[:, :1] + _STEPS * (ends[:, 1:] - ends[:, :1])


def _options(own: Box, size: tuple[int, float, float], ovals: Floats, ways: Floats, centre: Floats) -> list[Block]:
    outward = np.array([own.x, own.y]) - centre
    outward = outward / max(float(np.hypot(*outward)), 1e-9)
    pieces, found = segments(ways), []
    for side, way in (("left", (-1, 0)), ("right", (1, 0)), ("top", (0, 1)), ("bottom", (0, -1))):
        for distance in (_NEAR, _FAR):
            for shift in _SHIFTS:
                block = _block(own, size, side, distance, shift)
                price = _INWARD * (1 - float(outward @ np.array(way))) + _OFF * abs(shift) + 0.1 * distance
                price += MUST_NOT * ovals_reached(block.around, ovals, 4.0)
                price += _THROUGH * ways_through(block.around, ways, 3.0)
                if price < MUST_NOT:
                    price += _BETWEEN * meetings(np.array(block.lines), pieces)
                found.append(replace(block, price=price))
    return sorted(found, key=lambda block: block.price)


def _block(own: Box, size: tuple[int, float, float], side: str, distance: float, shift: float) -> Block:
    """Lay the boxes out: a stack at the left or right, a row above or below."""
    n, w, h = size
    steps = np.arange(n) - (n - 1) / 2
    if side in ("left", "right"):
        whole = (w, n * h + (n - 1) * _GAP)
        x = own.x + (1 if side == "right" else -1) * (own.w / 2 + distance + w / 2)
        y = own.y + shift * (whole[1] + own.h) / 2
        boxes = tuple(Box(x, float(y - step * (h + _GAP)), w, h) for step in steps)
    else:
        whole = (n * w + (n - 1) * _GAP, h)
        x = own.x + shift * (whole[0] + own.w) / 2
        y = own.y + (1 if side == "top" else -1) * (own.h / 2 + distance + h / 2)
        boxes = tuple(Box(float(x + step * (w + _GAP)), y, w, h) for step in steps)
    return Block(boxes, tuple(_line(own, box, side) for box in boxes), Box(float(x), float(y), *whole))


def _line(own: Box, box: Box, side: str) -> Floats:
    """Return the line (2, 2) from the middle of a box's inner edge to the oval."""
    edge = {"left": (box.w / 2, 0), "right": (-box.w / 2, 0), "top": (0, -box.h / 2), "bottom": (0, box.h / 2)}[side]
    start = np.array([box.x + edge[0], box.y + edge[1]])
    way = np.array([own.x, own.y]) - start
    reach = float(np.hypot(way[0] / (own.w / 2), way[1] / (own.h / 2)))
    return np.array([start, start + way * (1 - 1 / max(reach, 1.0))])
