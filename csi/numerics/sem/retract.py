"""Steps along covariances instead of paths.

Where causes are nearly collinear a path runs off to infinity while the covariances it implies hardly move, and the
valley of the discrepancy in (path, disturbance variance) is long and bent. A recursive regression y on x is as well
described by cov(x, y) and var(y), in which the valley is straight. A step computed for the parameters is therefore
carried out in these coordinates: to first order the same step, so Fisher scoring and Newton steps keep their rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .isolated import solve
from .problem import Problem
from .structure import DIRECTED, SYMMETRIC, Cells, Floats, Ints, Structure, implied, matrices


@dataclass(frozen=True, eq=False)
class Regression:
    """One endogenous variable: its causes, and the free parameters of its paths and its disturbance variance."""

    effect: int
    causes: Ints
    paths: Ints
    disturbance: int


@lru_cache(maxsize=64)
def regressions(structure: Structure) -> tuple[tuple[Regression, ...], ...] | None:
    """The recursive regressions of every group in causal order; None where the coordinates do not apply.

    They apply when paths and disturbance variances are free, unshared and unconstrained, the model is recursive and
    no disturbance covaries with anything.
    """
    if structure.constraint_matrix is not None:
        return None
    uses = np.bincount(structure.free[structure.free >= 0], minlength=structure.n_free)
    out = []
    for cells in structure.groups:
        found = _group_regressions(cells, uses)
        if found is None:
            return None
        out.append(found)
    return tuple(out) if any(out) else None


def _nodes(cells: Cells) -> list[int]:
    """Constructs and items that cause others."""
    return sorted(set(cells.inner.tolist()) | set(range(cells.n_items, cells.n_variables)))


def _group_regressions(cells: Cells, uses: Ints) -> tuple[Regression, ...] | None:
    """The regressions of one group in causal order, or None."""
    nodes = _nodes(cells)
    directed, symmetric = cells.kind == DIRECTED, cells.kind == SYMMETRIC
    caused = [y for y in nodes if (directed & (cells.row == y)).any()]
    off = symmetric & (cells.row != cells.col)
    if (off & (np.isin(cells.row, caused) | np.isin(cells.col, caused))).any():
        return None
    found: dict[int, Regression] = {}
    for effect in caused:
        into = np.flatnonzero(directed & (cells.row == effect))
        own = np.flatnonzero(symmetric & (cells.row == effect) & (cells.col == effect))
        free = cells.free[np.concatenate([into, own])]
        if len(own) != 1 or (free < 0).any() or (uses[free] > 1).any():
            return None
        found[effect] = Regression(effect, cells.col[into], free[:-1], int(free[-1]))
    order: list[int] = []
    while len(order) < len(caused):
        ready = [y for y in caused if y not in order and set(found[y].causes.tolist()) & set(caused) <= set(order)]
        if not ready:
            return None
        order += ready
    return tuple(found[y] for y in order)


def retract(problem: Problem, plan: tuple[tuple[Regression, ...], ...], z: Floats, move: Floats) -> Floats:
    """z + move with the regressions moved along their covariances (B, free)."""
    out = z + move
    for g, found in enumerate(plan):
        cells = problem.structure.groups[g]
        values, change = problem.cell_values(g, z), problem.cell_values(g, move, fixed=False)
        _retract_group(cells, found, values, change, out)
    return out


def _retract_group(cells: Cells, found: tuple[Regression, ...], values: Floats, change: Floats, out: Floats) -> None:
    """Write the new paths and disturbance variances of one group into out."""
    model = implied(cells, values)
    _, symmetric, _ = matrices(cells, values)
    slope, spread, _ = matrices(cells, change)
    total, covariance = model.effects, model.covariance
    half = total @ slope @ covariance[:, cells.inner]
    goal = covariance + half + half.transpose(0, 2, 1) + total @ spread @ total.transpose(0, 2, 1)
    caused = [r.effect for r in found]
    done = np.array([v for v in _nodes(cells) if v not in caused], dtype=np.intp)
    new = symmetric + spread
    for r in found:
        cross = goal[:, r.causes, r.effect]
        path = solve(new[:, r.causes][:, :, r.causes], cross)
        out[:, r.paths] = path
        out[:, r.disturbance] = goal[:, r.effect, r.effect] - (path * cross).sum(axis=1)
        reach = (new[:, done][:, :, r.causes] @ path[:, :, None])[:, :, 0]
        new[:, done, r.effect] = new[:, r.effect, done] = reach
        new[:, r.effect, r.effect] = goal[:, r.effect, r.effect]
        done = np.append(done, r.effect)
