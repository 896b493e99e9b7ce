"""Estimation from moments: one call for any number of replicates, in blocks that bound memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .discrepancy import Criterion, target
from .optimize import CONVERGED, NOT_CONVERGED, SINGULAR, Tactics, minimize
from .problem import Problem
from .retract import regressions
from .scaling import scaling
from .start import pathless_start, positive_start, start_values
from .structure import Floats, Structure

Attempt = Literal["plain", "bent", "pathless"]


@dataclass(frozen=True, eq=False)
class Solution:
    """Estimates of a stack of replicates.

    `theta` (B, free) in the user's units; `value` is F / 2 (B,); `gradient` (B,) the largest absolute derivative of
    F / 2 in the user's units, `scaled_gradient` the same in units of each parameter's information; `status` one of
    CONVERGED, NOT_CONVERGED, NOT_POSITIVE_DEFINITE, SINGULAR.
    """

    theta: Floats
    value: Floats
    gradient: Floats
    scaled_gradient: Floats
    status: NDArray[np.int8]
    iterations: NDArray[np.int64]

    def improve(self, rows: NDArray[np.intp], other: Solution) -> None:
        """Replace rows where the other attempt is proper and this is not, or where both are not but it is lower."""
        proper = other.status == CONVERGED
        lower = np.isfinite(other.value) & ~(other.value > self.value[rows])
        use = proper | (lower & (self.status[rows] != CONVERGED))
        other.iterations[:] += self.iterations[rows]
        self.iterations[rows] = other.iterations
        for name in self.__dataclass_fields__:
            getattr(self, name)[rows[use]] = getattr(other, name)[use]


def estimate(
    structure: Structure,
    covariance: Floats,
    mean: Floats | None,
    n: Floats,
    *,
    criterion: Criterion = "ML",
    start: Floats | None = None,
    tolerance: float = 1e-11,
    max_iter: int = 300,
    block: int = 32,
) -> Solution:
    """Fit a structure to moments.

    Parameters
    ----------
    covariance : (B, groups, p, p) float
        Sample covariance matrices, with divisor n or n - 1 as the likelihood asks for.
    mean : (B, groups, p) float or None
        Sample means; used only where the structure has means.
    n : (groups,) float
        Weight of every group in the discrepancy: n, or n - 1 for the Wishart likelihood.
    start : (free,) or (B, free) float or None
        Start values in the user's units; automatic where None.
    """

    def task(rows: NDArray[np.intp]) -> Problem:
        return problem(structure, covariance[rows], None if mean is None else mean[rows], n, criterion)

    return search(task, len(covariance), start, tolerance=tolerance, max_iter=max_iter, block=block)


def search(
    task: Callable[[NDArray[np.intp]], Problem],
    count: int,
    start: Floats | None,
    *,
    tolerance: float,
    max_iter: int,
    block: int,
) -> Solution:
    """Attempts at every replicate, in blocks; each later attempt only for those still without a proper optimum."""

    def attempt(rows: NDArray[np.intp], kind: Attempt, given: Floats | None) -> Solution:
        parts = []
        for begin in range(0, len(rows), block):
            at = rows[begin : begin + block]
            own = given if given is None or given.ndim == 1 else given[at]
            parts.append(_attempt(task(at), kind, own, tolerance, max_iter))
        return Solution(*(np.concatenate([getattr(p, name) for p in parts]) for name in Solution.__dataclass_fields__))

    best = attempt(np.arange(count), "plain", start)
    later: tuple[Attempt, ...] = ("bent", "pathless")
    for kind in later:
        again = np.flatnonzero((best.status == NOT_CONVERGED) | (best.status == SINGULAR))
        if len(again):
            best.improve(again, attempt(again, kind, None))
    return best


def problem(structure: Structure, covariance: Floats, mean: Floats | None, n: Floats, criterion: Criterion) -> Problem:
    """The standardized problem of a block."""
    share = np.asarray(n, dtype=np.float64) / np.sum(n)
    pooled = (share[:, None] * np.diagonal(covariance, axis1=2, axis2=3)).sum(axis=1)
    sd = np.sqrt(np.where(pooled > 0, pooled, np.nan))
    units = scaling(structure, sd)
    factor = (sd**2).mean(axis=1) if criterion == "ULS" and not structure.has_means else np.ones(len(sd))
    weight_scale = sd / np.sqrt(factor)[:, None]
    targets = []
    for g in range(structure.n_groups):
        standardized = covariance[:, g] / (sd[:, :, None] * sd[:, None, :])
        location = None if mean is None or not structure.has_means else mean[:, g] / sd
        targets.append(target(standardized, location, criterion, np.full(len(sd), share[g]), weight_scale))
    return Problem(structure, tuple(targets), units, factor**2)


def _attempt(task: Problem, kind: Attempt, start: Floats | None, tolerance: float, max_iter: int) -> Solution:
    """One attempt at one block: plain steps from the start, or bent ones (retract.py) from automatic starts."""
    moments = tuple(t.covariance for t in task.targets), tuple(t.mean for t in task.targets)
    tactics = Tactics(tolerance, max_iter, 3e-4, regressions(task.structure))
    if kind == "plain":
        tactics = Tactics(tolerance, min(max_iter, 20 if tactics.plan else 60), 0.01)
    if start is None:
        theta = start_values(task.structure, *moments, task.units)
        theta = pathless_start(task, theta) if kind == "pathless" else theta
    else:
        theta = positive_start(task, np.broadcast_to(start, task.units.parameter.shape), *moments)
    optimum = minimize(task, task.coordinates(theta), tactics)
    found = np.isfinite(optimum.value)
    theta = np.where(found[:, None], task.natural(optimum.z), np.nan)
    unit = np.ones(1) if task.constrained else task.units.parameter
    gradient = np.abs(optimum.slope / unit).max(axis=1) * task.factor
    scaled = np.abs(optimum.scaled_slope).max(axis=1)
    return Solution(theta, optimum.value * task.factor, gradient, scaled, optimum.status, optimum.iterations)
