"""What a solution may look like and should not: negative variances, correlations and shares beyond one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .inference import implied_moments
from .standardize import raw_cells, standardized_cells
from .structure import DIRECTED, SYMMETRIC, Bools, Floats, Structure


@dataclass(frozen=True, eq=False)
class Admissibility:
    """Findings of a stack of solutions; cells in the order of the structure's arrays.

    `negative` (B, cells) marks variances below zero, `beyond_one` (B, cells) standardized loadings, paths and
    correlations larger than one in size; `correlation` (B, groups, k, k) are those of the constructs (NaN with a
    variance that is not positive) and `smallest` (B, groups) the smallest eigenvalue of their covariance matrix with
    unit diagonal: below zero it is no covariance matrix, close to zero constructs are collinear.
    """

    negative: Bools
    beyond_one: Bools
    correlation: Floats
    smallest: Floats

    @property
    def proper(self) -> Bools:
        """Whether nothing improper was found (B,), collinearity apart."""
        below = ~(self.smallest >= -1e-10).all(axis=1)
        return np.asarray(~(self.negative.any(axis=1) | below), dtype=np.bool_)


def admissibility(structure: Structure, theta: Floats, tolerance: float = 1e-9) -> Admissibility:
    """Findings at theta (B, free); rows of NaN are improper without a finding."""
    values = raw_cells(structure, theta)
    variance = (structure.kind == SYMMETRIC) & (structure.row == structure.col)
    # Fixed cells are what the user asked for.
    negative = variance & (structure.free >= 0) & (values < -tolerance)
    with np.errstate(invalid="ignore", divide="ignore"):
        standardized = standardized_cells(structure, theta)
    across = (structure.kind == DIRECTED) | ((structure.kind == SYMMETRIC) & ~variance)
    beyond = across & (np.abs(standardized) > 1 + tolerance)
    correlation, smallest = construct_correlation(structure, theta)
    return Admissibility(negative, beyond, correlation, smallest)


def construct_correlation(structure: Structure, theta: Floats) -> tuple[Floats, Floats]:
    """Correlations of the constructs (B, groups, k, k) and the smallest eigenvalue of each matrix (B, groups)."""
    correlations, smallest = [], []
    for model in implied_moments(structure, theta):
        block = model.covariance[:, structure.n_items :, structure.n_items :]
        variance = np.diagonal(block, axis1=1, axis2=2)
        size = np.sqrt(np.where(variance > 0, variance, np.nan))
        correlations.append(block / (size[:, :, None] * size[:, None, :]))
        unit = np.sqrt(np.where(variance == 0, 1.0, np.abs(variance)))
        smallest.append(_smallest(block / (unit[:, :, None] * unit[:, None, :])))
    return np.stack(correlations, axis=1), np.stack(smallest, axis=1)


def _smallest(stack: Floats) -> Floats:
    """Smallest eigenvalues (B,), NaN where a matrix is not finite."""
    out = np.full(len(stack), np.nan)
    good = np.isfinite(stack).all(axis=(1, 2))
    if stack.shape[1]:
        out[good] = np.linalg.eigvalsh(stack[good])[:, 0]
    return out
