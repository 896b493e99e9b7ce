"""Information and covariance matrix of the estimates, implied moments, and what identifies the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .derivatives import mean_jacobian, sigma_jacobian
from .discrepancy import Criterion, Point
from .estimate import problem
from .isolated import inverse
from .problem import Problem
from .structure import Floats, Implied, Structure, implied

Information = Literal["expected", "observed"]


@dataclass(frozen=True, eq=False)
class Local:
    """A structure at a parameter value: the standardized problem, its coordinates and the points of all groups."""

    problem: Problem
    z: Floats
    points: tuple[Point, ...]
    criterion: Criterion

    def information(self, kind: Information) -> Floats:
        """Information per case in coordinates (B, z, z): second derivative of F / 2, or its expectation.

        The expected one of ULS counts every distinct covariance once (Delta' Delta), as lavaan's naive standard
        errors do; they are right for no distribution.
        """
        if self.criterion == "ULS" and kind == "expected":
            return self._distinct()
        matrix = self.problem.derivatives(self.points, observed=kind == "observed")[1]
        return matrix * self.problem.factor[:, None, None]

    def _distinct(self) -> Floats:
        """Delta' Delta over the distinct elements of mu and Sigma in the user's units (B, z, z)."""
        task, structure = self.problem, self.problem.structure
        unit = task.units.variable[:, : structure.n_items]
        low, high = np.tril_indices(structure.n_items)
        parts = []
        for cells, goal, point in zip(structure.groups, task.targets, self.points, strict=True):
            delta = sigma_jacobian(cells, point.model) * (unit[:, low] * unit[:, high])[:, :, None]
            if point.gap is not None:
                delta = np.concatenate([mean_jacobian(cells, point.model) * unit[:, :, None], delta], axis=1)
            parts.append(delta.transpose(0, 2, 1) @ delta * goal.share[:, None, None])
        return task.collect_matrix(parts)

    @property
    def jacobian(self) -> Floats:
        """Derivative of the user's parameters with respect to the coordinates (B, free, z)."""
        return self.problem.jacobian


def local(
    structure: Structure, theta: Floats, covariance: Floats, mean: Floats | None, n: Floats, criterion: Criterion = "ML"
) -> Local:
    """The structure at theta (B, free), with the arguments of `estimate`."""
    task = problem(structure, covariance, mean, n, criterion)
    z = task.coordinates(theta)
    return Local(task, z, task.evaluate(z), criterion)


def parameter_covariance(here: Local, n_total: float, kind: Information = "expected") -> Floats:
    """Covariance matrix of the estimates (B, free, free): J (n I)^-1 J'; NaN where the information is singular."""
    jacobian = here.jacobian
    return jacobian @ inverse(here.information(kind)) @ jacobian.transpose(0, 2, 1) / n_total


def implied_moments(structure: Structure, theta: Floats) -> tuple[Implied, ...]:
    """Implied moments of every group at theta (B, free), in the user's units."""
    return tuple(implied(cells, cell_values(structure, g, theta)) for g, cells in enumerate(structure.groups))


def cell_values(structure: Structure, group: int, theta: Floats) -> Floats:
    """Values of all cells of a group (B, cells), in the order of its `Cells`."""
    cells = structure.groups[group]
    values = np.where(cells.free < 0, cells.value, 0.0) * np.ones((len(theta), 1))
    values[:, : cells.n_cells] = theta[:, cells.free[: cells.n_cells]]
    return values


@dataclass(frozen=True, eq=False)
class Identification:
    """How well the data identify a solution (leading axis replicates).

    `condition` is the condition number of the unit-diagonal information and `rank` its numerical rank; `weakest`
    (B, free) shows the direction of its smallest eigenvalue in scaled units, largest element one: the parameters that
    the data hardly tell apart.
    """

    condition: Floats
    rank: Floats
    weakest: Floats


def identification(here: Local, tolerance: float = 1e-9) -> Identification:
    """Condition and rank of the expected information; NaN where there is none."""
    matrix = here.information("expected")
    root = np.sqrt(np.diagonal(matrix, axis1=1, axis2=2))
    scaled = matrix / (root[:, :, None] * root[:, None, :])
    good = np.isfinite(scaled).all(axis=(1, 2))
    values, vectors = np.linalg.eigh(np.where(good[:, None, None], scaled, np.eye(root.shape[1])))
    rank = np.where(good, (values > tolerance * values[:, -1:]).sum(axis=1), np.nan)
    with np.errstate(divide="ignore"):
        condition = np.where(values[:, 0] > 0, values[:, -1] / values[:, 0], np.inf)
    # In scaled units, so that a large unit does not pass for a large share.
    direction = here.jacobian / here.problem.units.parameter[:, :, None] @ (vectors[:, :, :1] / root[:, :, None])
    share = np.abs(direction[:, :, 0])
    return Identification(np.where(good, condition, np.nan), rank, share / share.max(axis=1, keepdims=True))
