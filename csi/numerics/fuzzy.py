"""Fuzzy comprehensive evaluation: item weights composed with a matrix of memberships in grades.

References
----------
Zadeh (1965), Fuzzy sets.
Wang (1984), 模糊集合论及其应用: the four models of comprehensive evaluation M(., +), M(min, max),
M(., max), M(min, bounded sum).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def _bounded(parts: Floats) -> Floats:
    total: Floats = np.minimum(parts.sum(axis=-2), 1.0)
    return total


def _largest(parts: Floats) -> Floats:
    top: Floats = parts.max(axis=-2)
    return top


def _sum(parts: Floats) -> Floats:
    total: Floats = parts.sum(axis=-2)
    return total


#: Name of an operator: how a weight meets a membership, and how the results of all rows are joined.
OPERATORS: dict[str, tuple[Callable[[Floats, Floats], Floats], Callable[[Floats], Floats]]] = {
    "weighted-average": (np.multiply, _sum),
    "max-min": (np.minimum, _largest),
    "max-product": (np.multiply, _largest),
    "bounded-sum": (np.minimum, _bounded),
}


def compose(weights: Floats, membership: Floats, operator: str) -> Floats:
    """B = W o R: memberships (..., g) of the whole, from weights (p,) and memberships (..., p, g) of the parts.

    Examples
    --------
    >>> R = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> compose(np.array([0.75, 0.25]), R, "weighted-average").round(3).tolist()
    [0.4, 0.6]
    >>> compose(np.array([0.75, 0.25]), R, "max-min").tolist()
    [0.5, 0.5]
    """
    meet, join = OPERATORS[operator]
    return join(meet(weights[:, None], membership))


def grade_score(membership: Floats, values: Floats) -> Floats:
    """Score of memberships (..., g) by the values of the grades (g,), memberships brought to sum one.

    Examples
    --------
    >>> float(grade_score(np.array([0.4, 0.3, 0.3]), np.array([100.0, 80.0, 60.0])))
    82.0
    """
    score: Floats = (membership * values).sum(axis=-1) / membership.sum(axis=-1)
    return score
