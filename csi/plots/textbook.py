"""Where the constructs stand in the drawings people know: quality and expectations left, loyalty right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from csi.plots.shapes import crossings

Arrow = tuple[str, str]
Grid = Mapping[str, tuple[float, float]]

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


def textbook(names: Iterable[str], arrows: Sequence[Arrow]) -> Grid | None:
    """Return the drawing that knows all the constructs, or None.

    Of several the one with the fewest constructs to spare is taken, then the one whose arrows cross least, then the
    last.
    """
    wanted = set(names)
    known = [template for template in reversed(TEMPLATES) if wanted <= set(template) and len(wanted) > 2]
    if not known:
        return None
    best = min(known, key=lambda template: (len(template) - len(wanted), _untidiness(template, arrows)))
    return {name: best[name] for name in names}


def _untidiness(grid: Grid, arrows: Sequence[Arrow]) -> int:
    """Count crossings, and constructs that an arrow would run through."""
    lines = {arrow: np.array([grid[arrow[0]], grid[arrow[1]]], dtype=float) for arrow in arrows}
    crossed = sum(crossings(lines[a], lines[b]) for i, a in enumerate(arrows) for b in arrows[:i])
    hit = sum(_passes(lines[arrow], grid[name]) for arrow in arrows for name in grid if name not in arrow)
    return crossed + 4 * hit


def _passes(line: np.ndarray, point: tuple[float, float]) -> bool:
    way = line[0] + np.linspace(0, 1, 41)[:, None] * (line[1] - line[0])
    return bool((np.hypot(*(way - point).T) < _REACH).any())
