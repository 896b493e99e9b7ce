"""Relative importance of drivers from their correlations with each other and with an outcome.

References
----------
Lindeman, Merenda & Gold (1980), Introduction to Bivariate and Multivariate Analysis, p. 119 ff. (LMG).
Shapley (1953), A value for n-person games: LMG is the Shapley value of R^2 [Groemping 2007, Am. Statistician 61].
Johnson (2000), A heuristic method for estimating the relative weight of predictor variables, MBR 35, eq. 2-4.
"""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_DRIVERS = 15
"""LMG visits every subset: 32,768 of them for 15 drivers."""


def r_squared(corr: Floats, outcome: Floats) -> Floats:
    """Share of variance explained by every subset of drivers, (2^p, ...): bit j of the row says driver j is in.

    Parameters
    ----------
    corr : (..., p, p)
        Correlations of the drivers; every leading principal block must be invertible.
    outcome : (..., p)
        Their correlations with the outcome.
    """
    p = corr.shape[-1]
    explained = np.zeros((1 << p, *corr.shape[:-2]))
    for subset in range(1, 1 << p):
        inside = [j for j in range(p) if subset >> j & 1]
        r = outcome[..., inside]
        beta = np.linalg.solve(corr[..., inside, :][..., inside], r[..., None])[..., 0]
        explained[subset] = np.sum(beta * r, axis=-1)
    return explained


def lmg(corr: Floats, outcome: Floats) -> Floats:
    """Mean growth of R^2 when a driver enters, over all orders of entry, (..., p); the p numbers add up to R^2.

    Examples
    --------
    >>> lmg(np.eye(2), np.array([0.6, 0.3])).round(2).tolist()
    [0.36, 0.09]
    """
    p = corr.shape[-1]
    explained = r_squared(corr, outcome)
    sizes = np.array([subset.bit_count() for subset in range(1 << p)])
    share = np.zeros_like(outcome)
    for j in range(p):
        without = np.array([subset for subset in range(1 << p) if not subset >> j & 1])
        weight = np.array([1 / (p * comb(p - 1, size)) for size in sizes[without]])
        share[..., j] = np.tensordot(weight, explained[without | 1 << j] - explained[without], axes=1)
    return share


def johnson(corr: Floats, outcome: Floats) -> Floats:
    """Johnson's relative weights, (..., p): shares of R^2 through the closest uncorrelated drivers."""
    values, vectors = np.linalg.eigh(corr)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    beta = np.linalg.solve(root, outcome[..., None])[..., 0]
    weights: Floats = np.sum(root**2 * (beta**2)[..., None, :], axis=-1)
    return weights
