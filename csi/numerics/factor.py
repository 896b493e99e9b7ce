"""Exploratory factor analysis: extraction of loadings from a correlation matrix, before any rotation.

Every extraction ends at a diagonal of uniquenesses; the loadings are then the leading eigenvectors of the reduced
correlations. Maximum likelihood and minimum residuals search the uniquenesses, principal axes iterate them,
principal components take none.

References
----------
Lawley & Maxwell (1971), Factor Analysis as a Statistical Method, chapter 4.
Joereskog (1967), Some contributions to maximum likelihood factor analysis, Psychometrika 32.
Harman & Jones (1966), Factor analysis by minimizing residuals (minres), Psychometrika 31.
Bartlett (1951), The effect of standardization on a chi-square approximation, Biometrika 38.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from csi.numerics.adequacy import ChiSquare

Floats = NDArray[np.float64]

LOWEST_UNIQUENESS = 0.005
"""Where a uniqueness stops falling, as in R's factanal and psych::fa; a solution there is a Heywood case."""

R_TOLERANCE = 1e7 * np.finfo(float).eps
"""The relative fall of the discrepancy at which R's optim, and with it factanal and psych::fa, stops."""

Objective = Callable[[Floats, Floats, int], tuple[float, Floats]]


class Extraction(NamedTuple):
    """Unrotated loadings (p, k), uniquenesses (p,), and how the search ended."""

    loadings: Floats
    uniquenesses: Floats
    iterations: int
    converged: bool


def maximum_likelihood(corr: Floats, k: int, start: Floats, tolerance: float = R_TOLERANCE) -> Extraction:
    """Loadings that make the correlations most likely, from uniquenesses `start` (p,)."""
    found = _search(_ml_objective, corr, k, start, tolerance)
    return found._replace(loadings=_ml_loadings(corr, found.uniquenesses, k))


def minimum_residuals(corr: Floats, k: int, start: Floats, tolerance: float = R_TOLERANCE) -> Extraction:
    """Loadings with the smallest sum of squared residual correlations, from uniquenesses `start` (p,)."""
    found = _search(_minres_objective, corr, k, start, tolerance)
    return found._replace(loadings=reduced_loadings(corr, 1 - found.uniquenesses, k))


def principal_axes(corr: Floats, k: int, tolerance: float = 1e-10, max_iter: int = 5000) -> Extraction:
    """Communalities iterated until their sum changes by less than `tolerance`, from squared multiple correlations."""
    communality = 1 - smallest_uniquenesses(corr)
    change, step = np.inf, 0
    loadings = reduced_loadings(corr, communality, k)
    while change > tolerance and step < max_iter:
        loadings = reduced_loadings(corr, communality, k)
        new = np.square(loadings).sum(axis=1)
        change, communality, step = abs(new.sum() - communality.sum()), new, step + 1
    return Extraction(loadings, 1 - communality, step, bool(change <= tolerance))


def principal_components(corr: Floats, k: int) -> Extraction:
    """Loadings of the k leading principal components."""
    loadings = reduced_loadings(corr, np.ones(len(corr)), k)
    return Extraction(loadings, 1 - np.square(loadings).sum(axis=1), 0, True)


def smallest_uniquenesses(corr: Floats) -> Floats:
    """What the other items leave unexplained of each: 1/diag of the inverse, (p,); psych's start."""
    result: Floats = 1 / np.diag(np.linalg.inv(corr))
    return result


def reduced_loadings(corr: Floats, communality: Floats, k: int) -> Floats:
    """Leading eigenvectors of the correlations with communalities on the diagonal, times root eigenvalues, (p, k)."""
    reduced = corr.copy()
    np.fill_diagonal(reduced, communality)
    values, vectors = np.linalg.eigh(reduced)
    leading: Floats = vectors[:, ::-1][:, :k] * np.sqrt(np.maximum(values[::-1][:k], 0.0))
    return leading


def goodness(corr: Floats, common: Floats, n: float, k: int) -> tuple[ChiSquare, float]:
    """Test that k factors suffice, with Bartlett's correction, and the root mean square of the residuals.

    ``(n - 1 - (2p + 5)/6 - 2k/3) (tr(S M^-1) - log det(S M^-1) - p)`` with M the `common` part (p, p) and ones on
    the diagonal [Bartlett 1951], ``((p - k)^2 - (p + k))/2`` df; the residuals are those off the diagonal.
    """
    p = len(corr)
    model = common.copy()
    np.fill_diagonal(model, 1.0)
    ratio = np.linalg.solve(model, corr)
    sign, log = np.linalg.slogdet(ratio)
    discrepancy = np.trace(ratio) - log - p if sign > 0 else np.nan
    df = ((p - k) ** 2 - (p + k)) / 2
    statistic = float((n - 1 - (2 * p + 5) / 6 - 2 * k / 3) * discrepancy)
    residuals = (corr - model)[np.tril_indices(p, -1)]
    p_value = float(stats.chi2.sf(statistic, df)) if df > 0 else np.nan
    return ChiSquare(statistic, df, p_value), float(np.sqrt(np.mean(residuals**2)))


def _search(objective: Objective, corr: Floats, k: int, start: Floats, tolerance: float) -> Extraction:
    """Uniquenesses with the least discrepancy, in steps of .01 as R scales them, between .005 and 1."""
    step = 0.01

    def scaled(v: Floats) -> tuple[float, Floats]:
        value, gradient = objective(v * step, corr, k)
        return value, gradient * step

    limits = [(LOWEST_UNIQUENESS / step, 1 / step)] * len(corr)
    found = optimize.minimize(
        scaled,
        np.clip(start, LOWEST_UNIQUENESS, 1) / step,
        jac=True,
        method="L-BFGS-B",
        bounds=limits,
        options={"ftol": tolerance, "gtol": 0.0, "maxcor": 5, "maxiter": 1000, "maxfun": 5000},
    )
    # At a tolerance near rounding the line search may stall on the optimum: that is an end, not a failure.
    converged = found.status == 0 or (found.status == 2 and tolerance < R_TOLERANCE)
    return Extraction(np.empty(0), found.x * step, int(found.nit), bool(converged))


def _ml_loadings(corr: Floats, uniquenesses: Floats, k: int) -> Floats:
    """Loadings given the uniquenesses [Lawley & Maxwell 1971, eq. 4.11]."""
    sd = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(corr / np.outer(sd, sd))
    root = np.sqrt(np.maximum(values[::-1][:k] - 1, 0.0))
    loadings: Floats = sd[:, None] * vectors[:, ::-1][:, :k] * root
    return loadings


def _ml_objective(uniquenesses: Floats, corr: Floats, k: int) -> tuple[float, Floats]:
    """Discrepancy over the discarded eigenvalues and its gradient [Joereskog 1967, eq. 19 and 23]."""
    sd = np.sqrt(uniquenesses)
    discarded = np.linalg.eigvalsh(corr / np.outer(sd, sd))[: len(corr) - k]
    value = float(-(np.log(discarded) - discarded).sum() + k - len(corr))
    loadings = _ml_loadings(corr, uniquenesses, k)
    gradient = (np.square(loadings).sum(axis=1) + uniquenesses - np.diag(corr)) / uniquenesses**2
    return value, gradient


def _minres_objective(uniquenesses: Floats, corr: Floats, k: int) -> tuple[float, Floats]:
    """Sum of squared residuals below the diagonal, and the residual communalities that vanish at its minimum."""
    loadings = reduced_loadings(corr, 1 - uniquenesses, k)
    residuals = (corr - loadings @ loadings.T)[np.tril_indices(len(corr), -1)]
    return float(np.square(residuals).sum()), np.square(loadings).sum(axis=1) + uniquenesses - 1
