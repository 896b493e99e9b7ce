"""Boxes, ovals and curves in the plane, in points: what a layout is made of. Arrays only, nothing is drawn here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_SAMPLES = 41


@dataclass(frozen=True)
class Box:
    """A rectangle, or the oval inside it, by its centre and its full width and height."""

    x: float
    y: float
    w: float
    h: float

    def overlaps(self, other: Box, pad: float = 0.0) -> bool:
        """Whether two rectangles share area, or come nearer than `pad`."""
        near_x = abs(self.x - other.x) < (self.w + other.w) / 2 + pad
        return near_x and abs(self.y - other.y) < (self.h + other.h) / 2 + pad

    def holds(self, points: Floats, pad: float = 0.0) -> NDArray[np.bool_]:
        """Which of the points (n, 2) lie in the rectangle, widened by `pad`."""
        inside_x = np.abs(points[:, 0] - self.x) < self.w / 2 + pad
        return inside_x & (np.abs(points[:, 1] - self.y) < self.h / 2 + pad)

    def oval_holds(self, points: Floats, pad: float = 0.0) -> NDArray[np.bool_]:
        """Which of the points (n, 2) lie in the oval, widened by `pad`."""
        across = (points[:, 0] - self.x) / (self.w / 2 + pad)
        return across**2 + ((points[:, 1] - self.y) / (self.h / 2 + pad)) ** 2 < 1


@dataclass(frozen=True)
class Curve:
    """A quadratic Bezier curve by its three control points (3, 2); straight when they lie on a line."""

    control: Floats

    def at(self, t: float | Floats) -> Floats:
        """Points at parameters between 0 and 1, shape (n, 2)."""
        s = np.atleast_1d(np.asarray(t, dtype=float))[:, None]
        a, b, c = self.control
        return (1 - s) ** 2 * a + 2 * s * (1 - s) * b + s**2 * c

    def points(self, n: int = _SAMPLES) -> Floats:
        """`n` points from end to end."""
        return self.at(np.linspace(0, 1, n))

    def slope(self, t: float) -> Floats:
        """Unit vector along the curve at a parameter."""
        a, b, c = self.control
        way = 2 * (1 - t) * (b - a) + 2 * t * (c - b)
        return way / max(float(np.hypot(*way)), 1e-12)

    def part(self, start: float, end: float) -> Curve:
        """The piece between two parameters (de Casteljau)."""
        a, b, c = self.control
        first, last = self.at(np.array([start, end]))
        middle = (1 - start) * (1 - end) * a + (start * (1 - end) + end * (1 - start)) * b + start * end * c
        return Curve(np.array([first, middle, last]))

    @property
    def length(self) -> float:
        """Length of the curve, in points."""
        return float(np.hypot(*np.diff(self.points(), axis=0).T).sum())


def between(start: Box, end: Box, bend: float = 0.0) -> Curve:
    """Return the curve from oval to oval, aimed at their centres; `bend` is its height over its length."""
    a, c = np.array([start.x, start.y]), np.array([end.x, end.y])
    normal = np.array([-(c - a)[1], (c - a)[0]])
    whole = Curve(np.array([a, (a + c) / 2 + 2 * bend * normal, c]))
    t = np.linspace(0, 1, 401)
    way = whole.at(t)
    leaves = t[np.flatnonzero(start.oval_holds(way))].max(initial=0.0)
    enters = t[np.flatnonzero(end.oval_holds(way))].min(initial=1.0)
    return whole.part(leaves, enters) if leaves < enters else whole


def crossings(one: Floats, other: Floats) -> int:
    """How often two polylines, shapes (n, 2) and (m, 2), cross."""
    return meetings(segments(one[None]), segments(other[None]))


def segments(ways: Floats) -> Floats:
    """Cut polylines (k, n, 2) into pieces (k * (n - 1), 2, 2)."""
    return np.stack([ways[:, :-1], ways[:, 1:]], axis=2).reshape(-1, 2, 2)


def meetings(some: Floats, others: Floats) -> int:
    """How many pairs of straight pieces, shapes (n, 2, 2) and (m, 2, 2), cross."""
    a, b, c, d = some[:, None, 0], some[:, None, 1], others[None, :, 0], others[None, :, 1]
    apart = _side(a, b, c) * _side(a, b, d) < 0
    return int((apart & (_side(c, d, a) * _side(c, d, b) < 0)).sum())


def rows(boxes: Iterable[Box]) -> Floats:
    """Put boxes into an array (n, 4): x, y, w, h."""
    return np.array([(box.x, box.y, box.w, box.h) for box in boxes], dtype=float).reshape(-1, 4)


def ovals_reached(box: Box, ovals: Floats, pad: float) -> int:
    """How many ovals (n, 4) a box reaches into, or comes nearer to than `pad`."""
    gap_x = np.maximum(np.abs(ovals[:, 0] - box.x) - box.w / 2, 0.0)
    gap_y = np.maximum(np.abs(ovals[:, 1] - box.y) - box.h / 2, 0.0)
    return int(((gap_x / (ovals[:, 2] / 2 + pad)) ** 2 + (gap_y / (ovals[:, 3] / 2 + pad)) ** 2 < 1).sum())


def boxes_reached(box: Box, boxes: Floats, pad: float) -> int:
    """How many boxes (n, 4) a box shares area with, or comes nearer to than `pad`."""
    near_x = np.abs(boxes[:, 0] - box.x) < (boxes[:, 2] + box.w) / 2 + pad
    return int((near_x & (np.abs(boxes[:, 1] - box.y) < (boxes[:, 3] + box.h) / 2 + pad)).sum())


def ways_through(box: Box, ways: Floats, pad: float) -> int:
    """How many polylines (k, n, 2) have a point in a box, widened by `pad`."""
    return int(box.holds(ways.reshape(-1, 2), pad).reshape(len(ways), -1).any(axis=1).sum()) if len(ways) else 0


def _side(a: Floats, b: Floats, point: Floats) -> Floats:
    ab, ap = b - a, point - a
    return ab[..., 0] * ap[..., 1] - ab[..., 1] * ap[..., 0]


def near_share(points: Floats, others: Floats, distance: float) -> float:
    """Share of the points (n, 2) that have one of the others (m, 2) within a distance."""
    if not len(others):
        return 0.0
    gaps = np.hypot(*(points[:, None] - others[None]).transpose(2, 0, 1))
    return float((gaps.min(axis=1) < distance).mean())


def oval_around(lines: Sequence[tuple[float, float]], ratio: float = 1.75, pad: float = 5.0) -> tuple[float, float]:
    """Return width and height of the smallest oval of a shape that holds lines of text, `(width, height)` from the top.

    Examples
    --------
    >>> [round(side, 1) for side in oval_around([(40.0, 10.0)])]
    [52.4, 29.9]
    """
    top = sum(height for _, height in lines) / 2
    reach = 0.0
    for width, height in lines:
        for y in (top, top - height):
            reach = max(reach, float(np.hypot(width / 2 / ratio, y)))
        top -= height
    return 2 * (reach + pad / 2) * ratio, 2 * (reach + pad / 2)
