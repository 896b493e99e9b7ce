"""Weighted least squares and three covariances of its coefficients.

References
----------
MacKinnon & White (1985), Some heteroskedasticity-consistent covariance matrix estimators, J. Econometrics 29 (HC3).
Binder (1983), On the variances of asymptotically normal estimators from complex surveys (influences).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class LeastSquares(NamedTuple):
    """Coefficients (k,), inverse of X'WX (k, k), residuals (n,), share of variance explained."""

    coefficients: Floats
    bread: Floats
    residuals: Floats
    r2: float


def least_squares(x: Floats, y: Floats, w: Floats) -> LeastSquares:
    """Regress y (n,) on x (n, k), whose first column is the constant, with case weights w (n,).

    Examples
    --------
    >>> x = np.column_stack([np.ones(3), [0.0, 1.0, 2.0]])
    >>> least_squares(x, np.array([1.0, 3.0, 5.0]), np.ones(3)).coefficients.round(6).tolist()
    [1.0, 2.0]
    """
    weighted = x * w[:, None]
    bread: Floats = np.asarray(np.linalg.inv(weighted.T @ x), dtype=float)
    coefficients = bread @ (weighted.T @ y)
    residuals = y - x @ coefficients
    total = float(w @ (y - np.average(y, weights=w)) ** 2)
    return LeastSquares(coefficients, bread, residuals, 1 - float(w @ residuals**2) / total if total > 0 else np.nan)


def classical(fit: LeastSquares, w: Floats) -> Floats:
    """Covariance for equal residual variances, (k, k)."""
    df = len(w) - len(fit.coefficients)
    covariance: Floats = fit.bread * float(w @ fit.residuals**2) / df
    return covariance


def hc3(fit: LeastSquares, x: Floats) -> Floats:
    """Covariance robust against unequal residual variances [MacKinnon & White 1985], unweighted, (k, k)."""
    leverage = np.einsum("ij,jk,ik->i", x, fit.bread, x)
    score = x * (fit.residuals / (1 - leverage))[:, None]
    covariance: Floats = fit.bread @ (score.T @ score) @ fit.bread
    return covariance


def influences(fit: LeastSquares, x: Floats, w: Floats) -> Floats:
    """How far each case moves each coefficient, (n, k): w e X (X'WX)^-1; their sum is zero."""
    moved: Floats = (w * fit.residuals)[:, None] * (x @ fit.bread)
    return moved
