"""All groups together: from scaled free parameters to the discrepancy of the whole sample and its derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from . import discrepancy as f
from .scaling import Scaling
from .structure import Cells, Floats, Structure


class Goal(Protocol):
    """What a group's data must offer: a discrepancy of the cells, with derivatives, and moments to start from."""

    @property
    def covariance(self) -> Floats:
        """Standardized sample covariance matrices (B, p, p)."""
        ...

    @property
    def mean(self) -> Floats | None:
        """Standardized sample means (B, p)."""
        ...

    @property
    def share(self) -> Floats:
        """The group's part of all cases (B,)."""
        ...

    def evaluate(self, cells: Cells, values: Floats) -> f.Point:
        """The discrepancy at the cell values (B, cells)."""
        ...

    def derivatives(self, cells: Cells, point: f.Point, *, observed: bool) -> tuple[Floats, Floats, Floats]:
        """Gradient, information and the expected information's diagonal, of the cells."""
        ...

    def take(self, rows: slice | np.ndarray) -> Goal:
        """The same for some replicates."""
        ...


@dataclass(frozen=True, eq=False)
class Problem:
    """A structure, its standardized moments and its units, for a stack of replicates.

    The coordinates z (B, z) are the free parameters in scaled units, or, under linear constraints, the coordinates of
    their null space. `factor` (B,) is what f must be multiplied with to be in the user's units (1 except for ULS).
    """

    structure: Structure
    targets: tuple[Goal, ...]
    units: Scaling
    factor: Floats

    def take(self, rows: slice | np.ndarray) -> Problem:
        """The problem of some replicates."""
        targets = tuple(t.take(rows) for t in self.targets)
        return Problem(self.structure, targets, self.units.take(rows), self.factor[rows])

    @cached_property
    def constrained(self) -> bool:
        """Whether linear constraints bind the free parameters."""
        return self.structure.constraint_matrix is not None

    @cached_property
    def fixed(self) -> tuple[Floats, ...]:
        """Scaled values of all cells of every group, zero where free (B, cells)."""
        return tuple(
            np.where(cells.free < 0, cells.value / self.units.cell[:, cells.at], 0.0) for cells in self.structure.groups
        )

    @cached_property
    def slopes(self) -> tuple[Floats, ...]:
        """Change of every free cell with its parameter, both in scaled units (B, free cells)."""
        out = []
        for cells in self.structure.groups:
            at, free = cells.at[: cells.n_cells], cells.free[: cells.n_cells]
            out.append(self.units.parameter[:, free] / self.units.cell[:, at])
        return tuple(out)

    @cached_property
    def plain(self) -> bool:
        """Whether cells and coordinates are the same thing (one group, nothing held equal)."""
        return self.structure.n_groups == 1 and not self.constrained and self.structure.groups[0].one_to_one

    def parameters(self, z: Floats) -> Floats:
        """Free parameters in scaled units (B, free)."""
        if not self.constrained:
            return z
        basis, offset = self.structure.basis
        return (offset + z @ basis.T) / self.units.parameter

    def coordinates(self, theta: Floats) -> Floats:
        """Coordinates of free parameters given in the user's units (B, free); the nearest ones under constraints."""
        if not self.constrained:
            return theta / self.units.parameter
        basis, offset = self.structure.basis
        return (theta - offset) @ basis

    def natural(self, z: Floats) -> Floats:
        """Free parameters in the user's units (B, free)."""
        return self.parameters(z) * self.units.parameter

    def evaluate(self, z: Floats) -> tuple[f.Point, ...]:
        """The discrepancy of every group."""
        return tuple(
            goal.evaluate(cells, self.cell_values(g, z))
            for g, (cells, goal) in enumerate(zip(self.structure.groups, self.targets, strict=True))
        )

    def cell_values(self, g: int, z: Floats, *, fixed: bool = True) -> Floats:
        """Scaled values of all cells of a group (B, cells); without the fixed ones, their change with z."""
        cells = self.structure.groups[g]
        values = self.fixed[g].copy() if fixed else np.zeros_like(self.fixed[g])
        values[:, : cells.n_cells] = self.parameters(z)[:, cells.free[: cells.n_cells]] * self.slopes[g]
        return values

    def value(self, points: tuple[f.Point, ...]) -> Floats:
        """f of the whole sample (B,)."""
        return np.asarray(sum(t.share * p.value for t, p in zip(self.targets, points, strict=True)), dtype=np.float64)

    def derivatives(self, points: tuple[f.Point, ...], observed: bool) -> tuple[Floats, Floats, Floats]:
        """Gradient (B, z), information (B, z, z), observed or expected, and the expected one's diagonal (B, z)."""
        gradients, curvatures, diagonals = [], [], []
        for cells, goal, point in zip(self.structure.groups, self.targets, points, strict=True):
            slope, matrix, diagonal = goal.derivatives(cells, point, observed=observed)
            gradients.append(slope * goal.share[:, None])
            curvatures.append(matrix * goal.share[:, None, None])
            diagonals.append(diagonal * goal.share[:, None])
        if self.plain:
            return gradients[0], curvatures[0], diagonals[0]
        return self.collect(gradients), self.collect_matrix(curvatures), self._collect_diagonal(diagonals)

    @cached_property
    def maps(self) -> tuple[Floats, ...]:
        """Derivative of every group's free cells with respect to the coordinates (B, cells, z)."""
        basis = self.structure.basis[0]
        out = []
        for cells, slope in zip(self.structure.groups, self.slopes, strict=True):
            free = cells.free[: cells.n_cells]
            if self.constrained:
                rows = basis[free] / self.units.parameter[:, free, None]
            else:
                rows = np.eye(self.structure.n_free)[free]
            out.append(rows * slope[:, :, None])
        return tuple(out)

    def collect(self, cells: list[Floats]) -> Floats:
        """Sum of group gradients (B, cells) in coordinates (B, z)."""
        return sum((g[:, None, :] @ m)[:, 0] for g, m in zip(cells, self.maps, strict=True))  # type: ignore[return-value]

    def collect_matrix(self, cells: list[Floats]) -> Floats:
        """Sum of group informations (B, cells, cells) in coordinates (B, z, z)."""
        return sum(m.transpose(0, 2, 1) @ h @ m for h, m in zip(cells, self.maps, strict=True))  # type: ignore[return-value]

    def _collect_diagonal(self, cells: list[Floats]) -> Floats:
        """Diagonal information in coordinates, cells taken as independent (for scaling only)."""
        return sum((g[:, None, :] @ m**2)[:, 0] for g, m in zip(cells, self.maps, strict=True))  # type: ignore[return-value]

    @cached_property
    def jacobian(self) -> Floats:
        """Derivative of the parameters in the user's units with respect to the coordinates (B, free, z)."""
        size = len(self.factor)
        if not self.constrained:
            return self.units.parameter[:, :, None] * np.eye(self.structure.n_free)
        return np.broadcast_to(self.structure.basis[0], (size, *self.structure.basis[0].shape))
