"""Multiple imputation of normal answers, and Rubin's rules.

References
----------
Honaker & King (2010), What to do about missing values in time-series cross-section data, AJPS 54 (EM on bootstraps).
Rubin (1987), Multiple Imputation for Nonresponse in Surveys, eq. 3.1.2-3.1.7.
Barnard & Rubin (1999), Small-sample degrees of freedom with multiple imputation, Biometrika 86, eq. 3-5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics.em import em, missing_patterns

Floats = NDArray[np.float64]


def impute(x: Floats, weights: Floats, n_imputations: int, rng: np.random.Generator) -> Floats:
    """Fill missing answers (n, p) from the normal distribution given the others, (n_imputations, n, p).

    Each imputation has its own moments: EM on a bootstrap resample of the cases stands for a draw from their
    posterior distribution [Honaker & King 2010, sect. 2]. Blanks stay NaN where a resample has no moments; rows
    without any answer are drawn from the whole distribution.
    """
    n = len(x)
    start = em(x, weights)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=n_imputations)
    drawn = em(x, counts * weights, start.mean[0], start.cov[0], tolerance=1e-6)
    filled = np.repeat(x[None], n_imputations, axis=0)
    for m in np.flatnonzero(np.isfinite(drawn.cov).all(axis=(1, 2))):
        _fill(filled[m], drawn.mean[m], drawn.cov[m], rng)
    return filled


def _fill(x: Floats, mean: Floats, cov: Floats, rng: np.random.Generator) -> None:
    """Draw the missing answers of one copy in place, pattern by pattern."""
    empty = np.flatnonzero(np.isnan(x).all(axis=1))
    patterns = [*missing_patterns(x), (empty, np.zeros(x.shape[1], dtype=bool))]
    for cases, observed in patterns:
        if observed.all() or not cases.size:
            continue
        slopes = cov[np.ix_(~observed, observed)] @ np.linalg.pinv(cov[np.ix_(observed, observed)], hermitian=True)
        residual = cov[np.ix_(~observed, ~observed)] - slopes @ cov[np.ix_(observed, ~observed)]
        centre = mean[~observed] + (x[np.ix_(cases, observed)] - mean[observed]) @ slopes.T
        values, vectors = np.linalg.eigh(residual)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        x[np.ix_(cases, ~observed)] = centre + rng.standard_normal(centre.shape) @ root.T


class Pooled(NamedTuple):
    """Rubin's rules: estimate, standard error, degrees of freedom, fraction of missing information, (k,) each."""

    estimate: Floats
    std_error: Floats
    df: Floats
    missing_information: Floats


def rubin(estimates: Floats, variances: Floats, complete_df: Floats) -> Pooled:
    """Pool estimates and variances (m, k) of m completed data sets.

    T = W + (1 + 1/m) B [Rubin 1987, eq. 3.1.5]; degrees of freedom of Barnard & Rubin (1999), eq. 3, with
    `complete_df` (k,) those of complete data (inf for a normal interval).

    Examples
    --------
    >>> pooled = rubin(np.array([[1.0], [2.0], [3.0]]), np.full((3, 1), 0.5), np.array([np.inf]))
    >>> float(pooled.estimate[0]), round(float(pooled.std_error[0]), 4), round(float(pooled.df[0]), 3)
    (2.0, 1.354, 3.781)
    """
    m = len(estimates)
    within, between = variances.mean(axis=0), estimates.var(axis=0, ddof=1)
    total = within + (1 + 1 / m) * between
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, (1 + 1 / m) * between / total, 0.0)
        old = np.where(share > 0, (m - 1) / share**2, np.inf)
        observed = np.where(
            np.isinf(complete_df), np.inf, (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
        )
        df = 1 / (1 / old + 1 / observed)
        growth = share / (1 - share)
        lost = (growth + 2 / (df + 3)) / (growth + 1)
    lost = np.where(share > 0, lost, 0.0)
    return Pooled(estimates.mean(axis=0), np.sqrt(total), df, lost)
