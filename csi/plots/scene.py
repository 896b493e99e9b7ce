"""The whole of a path diagram laid out in points: ovals, arrows, their numbers, the items, and room for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from csi.plots.blocks import TASTE, Block, place_blocks
from csi.plots.routes import FOREIGN, MUST_NOT, Arrow, Spot, place_labels, route
from csi.plots.shapes import Box, Curve

Size = tuple[float, float]

#: Free space in points: between the columns beside the widest label, between rows, around everything.
_ACROSS, _DOWN, _MARGIN = 24.0, 34.0, 4.0
#: How far the drawing is stretched while something still covers something else, or a label stands on a foreign arrow.
_STRETCHES = (1.0, 1.1, 1.2, 1.35, 1.5, 1.7, 2.0, 2.4, 3.0)
_PATIENCE = 1.35
#: From this price on something covers something else (the price of a block is reckoned from a free stand).
_WRONG = MUST_NOT - TASTE


@dataclass(frozen=True)
class Scene:
    """A finished layout; lengths in points, the origin anywhere."""

    ovals: Mapping[str, Box]
    curves: Mapping[Arrow, Curve]
    labels: Mapping[Arrow, Spot]
    blocks: Mapping[str, Block]

    @property
    def price(self) -> float:
        """What is still wrong with it: 1000 for each thing that covers another."""
        blocks = (max(block.price - TASTE, 0.0) for block in self.blocks.values())
        return sum(spot.price for spot in self.labels.values()) + sum(blocks)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top of everything, with a small margin."""
        boxes = [*self.ovals.values(), *(spot.box for spot in self.labels.values())]
        boxes += [block.around for block in self.blocks.values()]
        corners = [((b.x - b.w / 2, b.y - b.h / 2), (b.x + b.w / 2, b.y + b.h / 2)) for b in boxes]
        ways = [curve.points() for curve in self.curves.values()]
        every = np.concatenate([np.array(corners).reshape(-1, 2), *ways])
        (left, bottom), (right, top) = every.min(axis=0) - _MARGIN, every.max(axis=0) + _MARGIN
        return float(left), float(bottom), float(right), float(top)


def arrange(
    grid: Mapping[str, tuple[float, float]],
    arrows: Sequence[Arrow],
    oval: Mapping[str, Size],
    labels: Mapping[Arrow, Size],
    items: Mapping[str, tuple[int, float, float]],
) -> Scene:
    """Lay a diagram out, stretching the grid until nothing covers anything else.

    Parameters
    ----------
    grid : mapping of construct to (column, row)
    arrows : sequence of (cause, effect)
    oval : mapping of construct to (width, height)
    labels : mapping of arrow to (width, height)
        Of the texts on the arrows.
    items : mapping of construct to (number, width, height)
        Of the boxes of its items; empty for a diagram without items.
    """
    across = max(w for w, _ in oval.values()) + max((w for w, _ in labels.values()), default=12.0) + _ACROSS
    down = max(h for _, h in oval.values()) + max(_DOWN, max((h for _, h in labels.values()), default=0.0) + 22.0)
    tried: list[Scene] = []
    for stretch in _STRETCHES:
        step = (stretch * across, stretch * down)
        ovals = {n: Box(column * step[0], row * step[1], *oval[n]) for n, (column, row) in grid.items()}
        tried.append(_scene(ovals, arrows, labels, items))
        good_enough = FOREIGN if stretch < _PATIENCE else _WRONG
        if tried[-1].price < good_enough:
            return tried[-1]
        passable = [scene for scene in tried if scene.price < _WRONG]
        if stretch >= _PATIENCE and passable:
            return min(passable, key=lambda scene: scene.price)
    return min(tried, key=lambda scene: scene.price)


def _scene(
    ovals: Mapping[str, Box],
    arrows: Sequence[Arrow],
    labels: Mapping[Arrow, Size],
    items: Mapping[str, tuple[int, float, float]],
) -> Scene:
    curves = route(arrows, ovals)
    blocks = place_blocks(items, ovals, curves)
    return Scene(ovals, curves, place_labels(curves, labels, ovals, list(_boxes(blocks))), blocks)


def _boxes(blocks: Mapping[str, Block]) -> Iterable[Box]:
    for block in blocks.values():
        yield from block.boxes
