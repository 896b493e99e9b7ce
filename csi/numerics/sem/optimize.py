"""Batched Levenberg-Marquardt: Fisher scoring far from the optimum, Newton steps with the exact Hessian near it.

Damping is relative to the diagonal of the expected information, so the path does not depend on units
[Marquardt 1963; Lee & Jennrich 1979 for Fisher scoring of covariance structures]. Replicates leave the batch as they
finish; a replicate that fails spoils only itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .discrepancy import Point
from .isolated import cholesky, solve
from .problem import Problem
from .retract import Regression, retract
from .structure import Floats

CONVERGED, NOT_CONVERGED, NOT_POSITIVE_DEFINITE, SINGULAR = 0, 1, 2, 3

# Scaled gradient that counts as converged when no step improves it further.
ROUNDING = 1e-7
# Information that counts as none, in standardized units.
LEAST = 1e-14
# Smallest eigenvalue of the unit-diagonal Hessian that counts as positive.
SEMIDEFINITE = 1e-9


@dataclass(frozen=True, eq=False)
class Optimum:
    """Where iterations ended: coordinates, f, gradient (as it is; in units of the information), status, passes."""

    z: Floats
    value: Floats
    slope: Floats
    scaled_slope: Floats
    status: NDArray[np.int8]
    iterations: NDArray[np.int64]


@dataclass(eq=False)
class _State:
    """The working arrays of the replicates still iterating; `exact` tells whether `matrix` is the exact Hessian."""

    row: NDArray[np.intp]
    z: Floats
    value: Floats
    slope: Floats
    matrix: Floats
    diagonal: Floats
    damping: Floats
    exact: NDArray[np.bool_]
    size: Floats

    def keep(self, rows: NDArray[np.bool_]) -> _State:
        """The state of some replicates."""
        return _State(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Tactics:
    """How to iterate.

    `near` is the scaled gradient below which the exact Hessian replaces the expected information; `plan` the
    regressions whose steps go along covariances (retract.py), None for plain steps.
    """

    tolerance: float
    max_iter: int
    near: float
    plan: tuple[tuple[Regression, ...], ...] | None = None


def minimize(problem: Problem, z: Floats, tactics: Tactics) -> Optimum:
    """Minimize the discrepancy of every replicate from z (B, z)."""
    count = len(z)
    out = Optimum(
        z.copy(),
        np.full(count, np.nan),
        np.full(z.shape, np.nan),
        np.full(z.shape, np.nan),
        np.full(count, NOT_CONVERGED, dtype=np.int8),
        np.zeros(count, dtype=np.int64),
    )
    state = _start(problem, z)
    good = np.isfinite(state.value) & np.isfinite(state.matrix).all(axis=(1, 2))
    out.status[~good] = NOT_POSITIVE_DEFINITE
    state, problem = state.keep(good), problem.take(good)
    for iteration in range(1, tactics.max_iter + 1):
        if not len(state.row):
            break
        accepted = _step(problem, state, tactics)
        out.iterations[state.row] = iteration
        finished = (state.size < tactics.tolerance) | ((state.size < ROUNDING) & ~accepted)
        leave = finished | (state.damping > 1e12)
        if leave.any() or iteration == tactics.max_iter:
            _record(out, state, finished)
            state, problem = state.keep(~leave), problem.take(~leave)
    return out


def _start(problem: Problem, z: Floats) -> _State:
    """The state at the start values."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        points = problem.evaluate(z)
        slope, matrix, diagonal = _derivatives(problem, points, np.zeros(len(z), dtype=bool))
        value, count = problem.value(points), len(z)
        return _State(
            np.arange(count),
            z.copy(),
            value,
            slope,
            matrix,
            diagonal,
            np.full(count, 1e-3),
            np.zeros(count, dtype=bool),
            _size(slope, diagonal),
        )


def _record(out: Optimum, state: _State, finished: NDArray[np.bool_]) -> None:
    """Write the working replicates down, and judge those that finished by their Hessian."""
    out.z[state.row], out.value[state.row] = state.z, state.value
    out.slope[state.row] = state.slope
    out.scaled_slope[state.row] = state.slope / np.sqrt(state.diagonal)
    out.status[state.row[finished]] = judge(state.matrix[finished], state.diagonal[finished])


def judge(hessian: Floats, diagonal: Floats) -> NDArray[np.int8]:
    """CONVERGED where the Hessian is positive definite, SINGULAR where only semidefinite, else NOT_CONVERGED."""
    root = np.sqrt(diagonal)
    scaled = hessian / (root[:, :, None] * root[:, None, :])
    status = np.full(len(hessian), CONVERGED, dtype=np.int8)
    doubtful = np.flatnonzero(np.isnan(cholesky(scaled - SEMIDEFINITE * np.eye(root.shape[1]))[:, 0, 0]))
    if len(doubtful):
        smallest = np.linalg.eigvalsh(scaled[doubtful])[:, 0]
        status[doubtful] = np.where(smallest < -100 * SEMIDEFINITE, NOT_CONVERGED, SINGULAR)
    return status


def _size(slope: Floats, diagonal: Floats) -> Floats:
    """Largest gradient element (B,), in standardized units and in units of the root of its information."""
    return np.asarray((np.abs(slope) / np.minimum(np.sqrt(diagonal), 1.0)).max(axis=1), dtype=np.float64)


def _step(problem: Problem, state: _State, tactics: Tactics) -> NDArray[np.bool_]:
    """One damped step of every replicate, taken where it pays; returns where it was taken."""
    damped = state.matrix.copy()
    corner = np.arange(damped.shape[1])
    damped[:, corner, corner] += state.damping[:, None] * state.diagonal
    move = -solve(damped, state.slope)
    promise = -(move * (state.slope + 0.5 * (state.matrix @ move[:, :, None])[:, :, 0])).sum(axis=1)
    exact = state.size < tactics.near
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        trial = retract(problem, tactics.plan, state.z, move) if tactics.plan else state.z + move
        points = problem.evaluate(trial)
        value = problem.value(points)
        gain = (state.value - value) / promise
        slope, matrix, diagonal = _derivatives(problem, points, exact)
        size = _size(slope, diagonal)
        # Close to the optimum the change of f drowns in rounding: there the gradient decides.
        close = (state.size < 1e-4) & (size < state.size)
        better = (promise > 0) & (gain > 1e-4) | close
        accepted = np.isfinite(value) & np.isfinite(size) & better
        up = np.where(accepted, np.where(gain < 0.25, 4.0, 1.0), 10.0)
        down = np.where(accepted & ((gain > 0.75) | close), 0.1, 1.0)
    state.damping = np.where(accepted, state.damping, np.maximum(state.damping, 1e-5)) * np.where(
        close, down, up * down
    )
    state.damping[accepted & (state.damping < 1e-7)] = 0.0
    new = _State(state.row, trial, value, slope, matrix, diagonal, state.damping, exact, size)
    _move(state, new, accepted)
    return np.asarray(accepted, dtype=np.bool_)


def _derivatives(
    problem: Problem, points: tuple[Point, ...], exact: NDArray[np.bool_]
) -> tuple[Floats, Floats, Floats]:
    """Derivatives with the exact Hessian where asked for, else with the expected information."""
    slope, matrix, diagonal = problem.derivatives(points, observed=bool(exact.all()))
    if exact.any() and not exact.all():
        part = problem.take(exact)
        _, matrix[exact], _ = part.derivatives(tuple(p.take(exact) for p in points), observed=True)
    # A parameter without any information (a path from a construct without variance) must not divide by zero.
    return slope, matrix, np.maximum(diagonal, LEAST)


def _move(state: _State, new: _State, accepted: NDArray[np.bool_]) -> None:
    """Replace the accepted replicates' working arrays; the few others keep theirs."""
    kept = np.flatnonzero(~accepted)
    for name in ("z", "value", "slope", "matrix", "diagonal", "size", "exact"):
        values = getattr(new, name)
        if len(kept):
            values[kept] = getattr(state, name)[kept]
        setattr(state, name, values)
