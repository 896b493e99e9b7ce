"""Standardized solutions, explained variance, effects: functions of the parameters, batched, for the delta method.

Cells come back in the order of the structure's own arrays.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from .inference import cell_values
from .structure import DIRECTED, MEAN, Floats, Structure, implied, matrices

Which = Literal["all", "constructs"]


def raw_cells(structure: Structure, theta: Floats) -> Floats:
    """Values of all cells (B, cells)."""
    out = np.empty((len(theta), len(structure.kind)))
    for g, cells in enumerate(structure.groups):
        out[:, cells.at] = cell_values(structure, g, theta)
    return out


def standardized_cells(structure: Structure, theta: Floats, which: Which = "all") -> Floats:
    """Cells (B, cells) when all variables, or the constructs only, have variance one.

    a_ij sd_j / sd_i, m_i / sd_i and s_ii / var_i; covariances become correlations of what they connect (residual
    covariances of residuals, as in lavaan). NaN where that takes the root of a variance that is not positive.
    """
    out = np.empty((len(theta), len(structure.kind)))
    for g, cells in enumerate(structure.groups):
        values = cell_values(structure, g, theta)
        _, symmetric, _ = matrices(cells, values)
        total = np.diagonal(implied(cells, values).covariance, axis1=1, axis2=2)
        own = np.diagonal(symmetric, axis1=1, axis2=2)
        total, own = (_root(v, structure.n_items, which) for v in (total, own))
        row, col, kind = cells.row, cells.col, cells.kind
        across = np.where(row == col, total[:, row] ** 2, own[:, row] * own[:, col])
        unit = np.where(kind == DIRECTED, total[:, row] / total[:, col], np.where(kind == MEAN, total[:, row], across))
        out[:, cells.at] = values / unit
    return out


def _root(variance: Floats, n_items: int, which: Which) -> Floats:
    """Standard deviations (B, v), one for the items where only constructs are standardized."""
    root = np.sqrt(np.where(variance > 0, variance, np.nan))
    if which == "constructs":
        root[:, :n_items] = 1.0
    return root


def explained(structure: Structure, theta: Floats) -> Floats:
    """R2 = 1 - residual variance / variance (B, groups, v), NaN for variables without causes."""
    out = np.full((len(theta), structure.n_groups, structure.n_variables), np.nan)
    for g, cells in enumerate(structure.groups):
        values = cell_values(structure, g, theta)
        _, symmetric, _ = matrices(cells, values)
        caused = np.unique(cells.row[cells.kind == DIRECTED])
        total = np.diagonal(implied(cells, values).covariance, axis1=1, axis2=2)[:, caused]
        out[:, g, caused] = 1 - np.diagonal(symmetric, axis1=1, axis2=2)[:, caused] / total
    return out


def total_effects(structure: Structure, theta: Floats, *, standardized: bool = False) -> Floats:
    """Total effects (I - A)^-1 - I, [effect, cause] (B, groups, v, v); indirect ones are these less the direct."""
    return np.stack(
        [_effects(structure, g, theta, standardized, total=True) for g in range(structure.n_groups)], axis=1
    )


def direct_effects(structure: Structure, theta: Floats, *, standardized: bool = False) -> Floats:
    """Direct effects A, [effect, cause] (B, groups, v, v)."""
    return np.stack(
        [_effects(structure, g, theta, standardized, total=False) for g in range(structure.n_groups)], axis=1
    )


def _effects(structure: Structure, g: int, theta: Floats, standardized: bool, *, total: bool) -> Floats:
    """Effects of one group (B, v, v)."""
    cells = structure.groups[g]
    values = cell_values(structure, g, theta)
    model = implied(cells, values)
    out = np.zeros_like(model.effects)
    out[:, :, cells.inner] = matrices(cells, values)[0]
    if total:
        out = model.effects - np.eye(structure.n_variables)
    if standardized:
        size = _root(np.diagonal(model.covariance, axis1=1, axis2=2), structure.n_items, "all")
        out = out * size[:, None, :] / size[:, :, None]
    return out
