"""Bounds on parameters by an active set: parameters beyond a bound are held there, and let go where f would fall."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .discrepancy import Criterion
from .estimate import Solution, estimate
from .inference import local
from .optimize import CONVERGED, NOT_CONVERGED
from .structure import Bools, Floats, Ints, Structure

Active = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Bounded:
    """A solution and where its parameters (B, free) rest: -1 on the lower bound, 1 on the upper one, 0 between."""

    solution: Solution
    active: Active


def estimate_bounded(
    structure: Structure,
    covariance: Floats,
    mean: Floats | None,
    n: Floats,
    lower: Floats,
    upper: Floats,
    *,
    criterion: Criterion = "ML",
    tolerance: float = 1e-11,
    max_rounds: int = 25,
) -> Bounded:
    """`estimate` with lower <= theta <= upper, each (free,), infinite where there is no bound.

    At the solution f would fall only beyond the bounds that hold (the conditions of Karush, Kuhn and Tucker). A
    replicate whose set of bounds does not settle within `max_rounds` is marked as not converged.
    """
    best = estimate(structure, covariance, mean, n, criterion=criterion, tolerance=tolerance)
    active = np.zeros(best.theta.shape, dtype=np.int8)
    rows = np.flatnonzero(np.isfinite(best.value))
    for _ in range(max_rounds):
        part = covariance[rows], None if mean is None else mean[rows]
        wanted = _wanted(structure, best.theta[rows], *part, n, criterion, active[rows], lower, upper)
        moved = (wanted != active[rows]).any(axis=1)
        rows, wanted = rows[moved], wanted[moved]
        if not len(rows):
            return Bounded(best, active)
        active[rows] = wanted
        for pattern in np.unique(wanted, axis=0):
            same = rows[(wanted == pattern).all(axis=1)]
            held = hold(structure, pattern, lower, upper)
            start = np.clip(best.theta[same], lower, upper)
            moments = covariance[same], None if mean is None else mean[same]
            found = estimate(held, *moments, n, criterion=criterion, start=start, tolerance=tolerance)
            for name in Solution.__dataclass_fields__:
                getattr(best, name)[same] = getattr(found, name)
    best.status[rows] = np.where(best.status[rows] == CONVERGED, NOT_CONVERGED, best.status[rows])
    return Bounded(best, active)


def hold(structure: Structure, pattern: Active, lower: Floats, upper: Floats) -> Structure:
    """The structure with the parameters of one pattern (free,) held at their bounds by linear constraints."""
    at = np.flatnonzero(pattern)
    if not len(at):
        return structure
    matrix, value = np.eye(structure.n_free)[at], np.where(pattern[at] < 0, lower[at], upper[at])
    if structure.constraint_matrix is not None and structure.constraint_value is not None:
        matrix = np.concatenate([structure.constraint_matrix, matrix])
        value = np.concatenate([structure.constraint_value, value])
    return replace(structure, constraint_matrix=matrix, constraint_value=value)


def _wanted(
    structure: Structure,
    theta: Floats,
    covariance: Floats,
    mean: Floats | None,
    n: Floats,
    criterion: Criterion,
    active: Active,
    lower: Floats,
    upper: Floats,
) -> Active:
    """The set of bounds (B, free) to hold next: new offenders join; without any, the worst multiplier leaves."""
    beyond = _offenders(theta, lower, upper, active == 0)
    loose = replace(structure, constraint_matrix=None, constraint_value=None)
    here = local(loose, theta, covariance, mean, n, criterion)
    slope = here.problem.derivatives(here.points, observed=False)[0]
    # At a lower bound f must rise inwards: a negative derivative there, in scaled units, wants to leave.
    pull = active * slope
    worst = pull.argmax(axis=1)
    leave = (pull.max(axis=1) > 1e-9) & ~beyond.any(axis=1)
    out = np.where(beyond != 0, beyond, active).astype(np.int8)
    rows: Ints = np.flatnonzero(leave)
    out[rows, worst[rows]] = 0
    return out


def _offenders(theta: Floats, lower: Floats, upper: Floats, free: Bools) -> Active:
    """-1 or 1 where a parameter that is not held lies beyond a bound."""
    slack = 1e-10 * (1 + np.abs(theta))
    below, above = theta < lower - slack, theta > upper + slack
    return np.where(free & below, -1, np.where(free & above, 1, 0)).astype(np.int8)
