"""How arrows run between ovals and where their numbers stand, so that nothing covers anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from csi.plots.shapes import (
    Box,
    Curve,
    Floats,
    between,
    boxes_reached,
    crossings,
    near_share,
    ovals_reached,
    rows,
    ways_through,
)

Arrow = tuple[str, str]
#: Another arrow, and the share of it that one may run beside.
Way = tuple[Floats, float]

#: Heights of a bow over its length, tried from flat to high, on both sides.
_BENDS = tuple(sign * bend for bend in (0.06, 0.1, 0.15, 0.2, 0.26, 0.33, 0.42, 0.52) for sign in (1, -1))
#: How near (points) an arrow may pass an oval, and run beside another arrow.
_CLEAR, _BESIDE = 6.0, 5.0
_ALONG_OTHER, _MEETING = 0.3, 0.6
_ALONG = (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74, 0.2, 0.8)
#: Prices. What must not be costs 1000; the rest is taste: a label on a foreign arrow, beside its own, off its middle.
MUST_NOT, FOREIGN, ASIDE, OFF_MIDDLE = 1000.0, 25.0, 6.0, 10.0
_CROSSING, _BOW = 8.0, 60.0


def route(arrows: Sequence[Arrow], ovals: Mapping[str, Box]) -> dict[Arrow, Curve]:
    """Draw each arrow straight; bend it only where it would run through an oval or along another arrow."""
    curves = {arrow: between(ovals[arrow[0]], ovals[arrow[1]]) for arrow in arrows}
    for _ in range(2):
        for arrow in arrows:
            others = [
                (curves[other].points(), _MEETING if {*arrow} & {*other} else _ALONG_OTHER)
                for other in arrows
                if other != arrow
            ]
            straight = between(ovals[arrow[0]], ovals[arrow[1]])
            if _trouble(straight, arrow, ovals, others) == 0:
                curves[arrow] = straight
                continue
            bowed = [(bend, between(ovals[arrow[0]], ovals[arrow[1]], bend)) for bend in (0.0, *_BENDS)]
            prices = [_route_price(bend, curve, arrow, ovals, others) for bend, curve in bowed]
            curves[arrow] = bowed[int(np.argmin(prices))][1]
    return curves


def _trouble(curve: Curve, arrow: Arrow, ovals: Mapping[str, Box], others: Iterable[Way]) -> float:
    """Price of running through ovals and along other arrows."""
    points = curve.points()
    hit = sum(bool(oval.oval_holds(points, _CLEAR).any()) for name, oval in ovals.items() if name not in arrow)
    along = sum(near_share(points, other, _BESIDE) > limit for other, limit in others)
    return MUST_NOT * (hit + along)


def _route_price(bend: float, curve: Curve, arrow: Arrow, ovals: Mapping[str, Box], others: Sequence[Way]) -> float:
    crossed = sum(crossings(curve.points(21), other[::2]) for other, _ in others)
    return _trouble(curve, arrow, ovals, others) + _CROSSING * crossed + _BOW * abs(bend)


@dataclass(frozen=True)
class Spot:
    """Where a label stands, and what standing there costs."""

    box: Box
    price: float


def place_labels(
    curves: Mapping[Arrow, Curve],
    sizes: Mapping[Arrow, tuple[float, float]],
    ovals: Mapping[str, Box],
    blocks: Sequence[Box] = (),
) -> dict[Arrow, Spot]:
    """Put the label of each arrow on it, as near its middle as other labels, ovals and arrows allow.

    Parameters
    ----------
    curves : mapping of arrow to Curve
        Every arrow, with or without a label.
    sizes : mapping of arrow to (width, height)
        Of the labels there are.
    ovals : mapping of str to Box
        Of the constructs.
    blocks : sequence of Box
        What else must stay free.
    """
    points = {arrow: curve.points() for arrow, curve in curves.items()}
    solid = (rows(ovals.values()), rows(blocks))
    options = {arrow: _options(arrow, curves[arrow], sizes[arrow], points, solid) for arrow in sizes}
    # The arrow with the fewest good places chooses first; then everyone may reconsider.
    queue = sorted(sizes, key=lambda arrow: sum(spot.price < FOREIGN for spot in options[arrow]))
    chosen: dict[Arrow, Spot] = {}
    for _ in range(4):
        for arrow in queue:
            rest = [spot.box for other, spot in chosen.items() if other != arrow]
            chosen[arrow] = min((_beside(spot, rest) for spot in options[arrow]), key=lambda spot: spot.price)
    return {arrow: chosen[arrow] for arrow in sizes}


def _beside(spot: Spot, labels: Iterable[Box]) -> Spot:
    return Spot(spot.box, spot.price + MUST_NOT * sum(spot.box.overlaps(label, 1.5) for label in labels))


def _options(
    arrow: Arrow,
    curve: Curve,
    size: tuple[float, float],
    points: Mapping[Arrow, Floats],
    solid: tuple[Floats, Floats],
) -> list[Spot]:
    """Price every place for a label: on the arrow, or just beside it."""
    foreign = np.array([other for name, other in points.items() if name != arrow])
    spots = []
    for t in _ALONG:
        (x, y), slope = curve.at(t)[0], curve.slope(t)
        normal = np.array([-slope[1], slope[0]])
        reach = abs(normal[0]) * size[0] / 2 + abs(normal[1]) * size[1] / 2 + 2.0
        for aside in (0.0, reach, -reach):
            box = Box(x + aside * normal[0], y + aside * normal[1], *size)
            price = OFF_MIDDLE * abs(t - 0.5) + ASIDE * (aside != 0)
            price += MUST_NOT * ovals_reached(box, solid[0], 1.5)
            price += MUST_NOT * boxes_reached(box, solid[1], 1.5)
            price += FOREIGN * ways_through(box, foreign, 1.0)
            price += MUST_NOT * (aside == 0 and _covers(box, points[arrow]))
            spots.append(Spot(box, price))
    return spots


def _covers(box: Box, own: Floats) -> bool:
    """Whether a label on an arrow leaves too little of it to see its direction."""
    shown = ~box.holds(own, 1.0)
    step = float(np.hypot(*(own[1] - own[0])))
    tail = int(np.argmin(shown)) if not shown.all() else len(own)
    head = int(np.argmin(shown[::-1])) if not shown.all() else len(own)
    return tail * step < 4.0 or head * step < 9.0
