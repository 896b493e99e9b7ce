"""Residuals of the moments: raw, of correlations, normalized and standardized."""

from __future__ import annotations

import numpy as np

from .derivatives import sigma_jacobian
from .inference import Local, implied_moments
from .isolated import inverse
from .structure import Floats, Structure


def residual_covariance(structure: Structure, theta: Floats, covariance: Floats) -> Floats:
    """S - Sigma (B, groups, p, p)."""
    models = implied_moments(structure, theta)
    return np.stack([covariance[:, g] - m.sigma(structure.n_items) for g, m in enumerate(models)], axis=1)


def residual_correlation(structure: Structure, theta: Floats, covariance: Floats) -> Floats:
    """Difference of the sample's and the model's correlations (B, groups, p, p)."""
    models = implied_moments(structure, theta)
    pairs = [(covariance[:, g], m.sigma(structure.n_items)) for g, m in enumerate(models)]
    return np.stack([_correlation(sample) - _correlation(sigma) for sample, sigma in pairs], axis=1)


def _correlation(matrix: Floats) -> Floats:
    """Correlations of covariance matrices (B, p, p)."""
    size = np.sqrt(np.diagonal(matrix, axis1=1, axis2=2))
    return np.asarray(matrix / (size[:, :, None] * size[:, None, :]), dtype=np.float64)


def standardized_residuals(here: Local, covariance: Floats, n_total: float) -> tuple[Floats, Floats]:
    """Normalized and standardized covariance residuals (groups, p, p) of one solution (replicate 0).

    Residuals over their standard errors: of the sample covariance alone, Gamma / n_g, for the normalized and
    Gamma / n_g - Delta (n I)^-1 Delta' for the standardized ones [Joreskog & Sorbom 1981], Gamma that of normal items.
    NaN where the model reproduces a moment exactly.
    """
    task, structure = here.problem, here.problem.structure
    spread = inverse(here.information("expected") / task.factor[0])[0] / n_total
    p = structure.n_items
    low, high = np.tril_indices(p)
    unit = task.units.variable[0, :p]
    out = np.full((2, structure.n_groups, p, p), np.nan)
    for g, (cells, goal, point) in enumerate(zip(structure.groups, task.targets, here.points, strict=True)):
        sigma = point.model.sigma(p)[0]
        delta = sigma_jacobian(cells, point.model)[0] @ task.maps[g][0]
        own = (sigma[low, low] * sigma[high, high] + sigma[low, high] ** 2) / (n_total * goal.share[0])
        left = own - ((delta @ spread) * delta).sum(axis=1)
        gap = (covariance[0, g] / np.outer(unit, unit) - sigma)[low, high]
        exact = left < 1e-9 * own
        for kind, variance in enumerate((own, np.where(exact, np.nan, left))):
            out[kind, g, low, high] = out[kind, g, high, low] = gap / np.sqrt(variance)
    return out[0], out[1]


def mean_residuals(structure: Structure, theta: Floats, mean: Floats) -> Floats:
    """Sample less implied means (B, groups, p)."""
    models = implied_moments(structure, theta)
    return np.stack([mean[:, g] - m.mu(structure.n_items) for g, m in enumerate(models)], axis=1)
