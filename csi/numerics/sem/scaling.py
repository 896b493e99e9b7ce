"""Internal standardization: every fit runs on unit-variance items, so that the unit of an item cannot matter.

With v* = v / t a directed cell becomes a_ij t_j / t_i, a symmetric one s_ij / (t_i t_j) and a mean m_i / t_i. A
construct takes the unit of its marker (the item with a fixed loading), so that a marker of 1 stays 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .structure import DIRECTED, MEAN, Floats, Structure


@dataclass(frozen=True, eq=False)
class Scaling:
    """Units of variables (B, v), cells (B, all cells) and free parameters (B, free)."""

    variable: Floats
    cell: Floats
    parameter: Floats

    def take(self, rows: slice | np.ndarray) -> Scaling:
        """The scaling of some replicates."""
        return Scaling(self.variable[rows], self.cell[rows], self.parameter[rows])


def scaling(structure: Structure, item_sd: Floats) -> Scaling:
    """Units from the items' standard deviations (B, p)."""
    with_one = np.concatenate([item_sd, np.ones((len(item_sd), 1))], axis=1)
    variable = with_one[:, structure.unit_source]
    kind, unit_row, unit_col = structure.kind, variable[:, structure.row], variable[:, structure.col]
    cell = np.where(kind == DIRECTED, unit_row / unit_col, np.where(kind == MEAN, unit_row, unit_row * unit_col))
    return Scaling(variable, cell, cell[:, structure.first_cell])
