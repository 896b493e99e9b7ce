"""Where the constructs stand in the drawings people know: quality and expectations left, loyalty right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from csi.spec.layers import Arrow, Spot, layered

Grid = Mapping[str, Spot]

#: (column, row) of each construct; columns from the left, rows from the bottom.
TEMPLATES: tuple[Grid, ...] = (
    # SCSB
    {"value": (0, 2), "expectations": (0, 0), "satisfaction": (1.1, 1), "complaints": (2.2, 2), "loyalty": (2.2, 0)},
    # ACSI
    {
        "quality": (0, 2),
        "expectations": (0, 0),
        "value": (1, 1),
        "satisfaction": (2, 1),
        "complaints": (3, 2),
        "loyalty": (3, 0),
    },
    # ACSI with product and service quality apart
    {
        "product_quality": (0, 2.6),
        "service_quality": (0, 1.4),
        "quality": (1, 2),
        "expectations": (1, 0),
        "value": (2, 1),
        "satisfaction": (3, 1),
        "complaints": (4, 2),
        "loyalty": (4, 0),
    },
    # ACSI government
    {"quality": (0, 2), "expectations": (0, 0), "satisfaction": (1.1, 1), "complaints": (2.2, 2), "trust": (2.2, 0)},
    # ECSI mobile
    {
        "image": (0, 2),
        "expectations": (0, 1),
        "quality": (1, -0.45),
        "value": (1, 0.55),
        "satisfaction": (2, 1),
        "complaints": (3, 0),
        "loyalty": (3, 2),
    },
    # ECSI 1999
    {
        "image": (0, 3),
        "expectations": (0, 1.2),
        "product_quality": (1, 1.95),
        "service_quality": (1, -0.6),
        "value": (2, 0.9),
        "satisfaction": (3, 1.5),
        "loyalty": (3, 3),
    },
    # CCSI
    {
        "image": (0, 2),
        "expectations": (0, 0),
        "quality": (1, -0.25),
        "value": (1, 1.1),
        "satisfaction": (2, 1),
        "loyalty": (3, 1),
    },
    # TCSI
    {
        "image": (0, 2),
        "expectations": (0, 0),
        "quality": (1, -0.25),
        "value": (1, 1.1),
        "satisfaction": (2, 1),
        "complaints": (3, 0),
        "loyalty": (3, 2),
    },
    # NCSB new
    {
        "tangibles": (0, 4.5),
        "reliability": (0, 3.75),
        "responsiveness": (0, 3),
        "assurance": (0, 2.25),
        "empathy": (0, 1.5),
        "price": (0, 0.75),
        "complaint_handling": (0, 0),
        "satisfaction": (1.1, 2.25),
        "image": (2.1, 4),
        "affective_commitment": (2.1, 3.1),
        "calculative_commitment": (2.1, 2.2),
        "loyalty": (3.1, 1.3),
    },
    # Taiwan
    {
        "image": (0, 2),
        "expectations": (0, 1),
        "quality": (1, 1),
        "value": (1.5, 0),
        "satisfaction": (2, 1),
        "loyalty": (3, 2),
    },
)


#: Half of an oval and some air, in columns and rows.
_REACH = 0.34


def places(names: Sequence[str], arrows: Sequence[Arrow]) -> dict[str, Spot]:
    """Return column and row of every construct: as in the textbook where it is known, otherwise in layers.

    Parameters
    ----------
    names : sequence of str
        The constructs.
    arrows : sequence of (cause, effect)
        Must not run in a circle.

    Examples
    --------
    >>> places(["expectations", "value", "satisfaction"], [("expectations", "value")])["satisfaction"]
    (1.1, 1)
    """
    return dict(textbook(names, arrows) or layered(names, arrows))


def textbook(names: Iterable[str], arrows: Sequence[Arrow]) -> Grid | None:
    """Return the drawing that knows all the constructs, or None.

    Of several the one with the fewest constructs to spare is taken, then the one whose arrows cross least, then the
    last.
    """
    wanted = list(names)
    known = [template for template in reversed(TEMPLATES) if set(wanted) <= set(template) and len(wanted) > 2]
    if not known:
        return None
    best = min(known, key=lambda template: (len(template) - len(wanted), _untidiness(template, arrows)))
    return {name: best[name] for name in wanted}


def _untidiness(grid: Grid, arrows: Sequence[Arrow]) -> int:
    """Count crossings, and (four times) constructs that an arrow would run through."""
    lines = [(grid[cause], grid[effect]) for cause, effect in arrows]
    crossed = sum(_cross(one, other) for one, other in combinations(lines, 2))
    hit = sum(_passes(grid[a], grid[b], grid[name]) for a, b in arrows for name in grid if name not in (a, b))
    return crossed + 4 * hit


def _cross(one: tuple[Spot, Spot], other: tuple[Spot, Spot]) -> bool:
    (a, b), (c, d) = one, other
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Spot, b: Spot, point: Spot) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])


def _passes(start: Spot, end: Spot, point: Spot) -> bool:
    """Whether the straight line between two places comes too near a third."""
    way = (end[0] - start[0], end[1] - start[1])
    along = ((point[0] - start[0]) * way[0] + (point[1] - start[1]) * way[1]) / (way[0] ** 2 + way[1] ** 2)
    nearest = (start[0] + min(max(along, 0), 1) * way[0], start[1] + min(max(along, 0), 1) * way[1])
    return math.dist(nearest, point) < _REACH
