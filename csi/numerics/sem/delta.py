"""The delta method for any function of the parameters, by central differences laid out as one batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .structure import Floats

Function = Callable[[Floats], Floats]


def jacobian(function: Function, theta: Floats, step: Floats) -> Floats:
    """Derivative (m, free) of a function that maps (B, free) to (B, m), at theta (free,) with steps (free,)."""
    moves = np.diag(step)
    up, down = np.split(function(np.concatenate([theta + moves, theta - moves])), 2)
    return np.asarray(((up - down) / (2 * step[:, None])).T, dtype=np.float64)


def delta_covariance(function: Function, theta: Floats, covariance: Floats) -> Floats:
    """Covariance matrix (m, m) of function(theta), theta (free,) having the given covariance matrix.

    Steps are a small part of a standard error, so the unit of a parameter does not matter.
    """
    error = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    scale = np.minimum(error, np.maximum(np.abs(theta), 0.1 * error))
    slope = jacobian(function, theta, np.where(scale > 0, 1e-4 * scale, 1e-6))
    return np.asarray(slope @ covariance @ slope.T, dtype=np.float64)


def delta_errors(function: Function, theta: Floats, covariance: Floats) -> Floats:
    """Standard errors (m,) of function(theta)."""
    with np.errstate(invalid="ignore"):
        variance = np.diagonal(delta_covariance(function, theta, covariance))
        return np.asarray(np.sqrt(np.where(variance < 0, np.nan, variance)), dtype=np.float64)
