"""Intervals and p-values from draws. Rows are estimates, the last axis of draws is replicates.

References
----------
Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application. Chapter 5.
Efron, B. (1987). Better bootstrap confidence intervals. JASA 82, 171-185.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from csi.numerics.solve import Floats


def percentile(draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Quantiles (1 - level)/2 and (1 + level)/2 of the draws, type 7 [Davison & Hinkley 1997, eq. 5.18]."""
    low, high = np.full(draws.shape[:-1], np.nan), np.full(draws.shape[:-1], np.nan)
    # A number that no draw has (a measure that is not meant for its row) has no interval either.
    valid = np.isfinite(draws)
    some = valid.any(axis=-1)
    known = draws[some] if valid[some].all() else np.where(valid[some], draws[some], np.nan)
    low[some], high[some] = np.nanquantile(known, [(1 - level) / 2, (1 + level) / 2], axis=-1)
    return low, high


def basic(estimate: Floats, draws: Floats, level: float) -> tuple[Floats, Floats]:
    """Reflect the percentile interval at the estimate [Davison & Hinkley 1997, eq. 5.6]."""
    low, high = percentile(draws, level)
    return 2 * estimate - high, 2 * estimate - low


def student(estimate: Floats, std_error: Floats, level: float, df: float = np.inf) -> tuple[Floats, Floats]:
    """Estimate plus and minus a t (or, without df, normal) quantile times the standard error."""
    reach = quantile((1 + level) / 2, df) * std_error
    return estimate - reach, estimate + reach


def bca(estimate: Floats, draws: Floats, acceleration: Floats, level: float) -> tuple[Floats, Floats]:
    """Bias-corrected and accelerated interval [Efron 1987, eq. 2.3]; draws equal to the estimate count half."""
    valid = np.isfinite(draws)
    below = ((draws < estimate[:, None]) & valid).sum(axis=-1) + 0.5 * (draws == estimate[:, None]).sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        bias = ndtri(below / valid.sum(axis=-1))
    ends = []
    for z in ndtri([(1 - level) / 2, (1 + level) / 2]):
        with np.errstate(invalid="ignore"):
            share = ndtr(bias + (bias + z) / (1 - acceleration * (bias + z)))
        ends.append(_row_quantile(draws, share))
    return ends[0], ends[1]


def studentized(
    estimate: Floats, draws: Floats, draw_errors: Floats, std_error: Floats, level: float
) -> tuple[Floats, Floats]:
    """Quantiles of (draw - estimate)/its standard error, turned round [Davison & Hinkley 1997, eq. 5.7]."""
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = percentile((draws - estimate[:, None]) / draw_errors, level)
    return estimate - high * std_error, estimate - low * std_error


def _row_quantile(draws: Floats, share: Floats) -> Floats:
    """A quantile of its own for every row; NaN where the share is undefined."""
    found = np.full(len(draws), np.nan)
    for i in np.flatnonzero(np.isfinite(share)):
        row = draws[i][np.isfinite(draws[i])]
        found[i] = np.quantile(row, share[i]) if len(row) else np.nan
    return found


def quantile(share: float, df: float = np.inf) -> float:
    """Quantile of Student's t; of the normal distribution when df is infinite."""
    return float(ndtri(share) if np.isinf(df) else stdtrit(df, share))


def p_value(draws: Floats, null: float = 0.0) -> Floats:
    """Two-sided bootstrap p-value 2 min((1 + #{b <= null})/(B + 1), (1 + #{b >= null})/(B + 1)), at most 1, never 0.

    [Davison & Hinkley 1997, eq. 4.11, applied to both tails.]
    """
    valid = np.isfinite(draws)
    size = valid.sum(axis=-1)
    low = (1 + ((draws <= null) & valid).sum(axis=-1)) / (size + 1)
    high = (1 + ((draws >= null) & valid).sum(axis=-1)) / (size + 1)
    p: Floats = np.minimum(1.0, 2 * np.minimum(low, high))
    p[size == 0] = np.nan
    return p


def p_percentile(draws: Floats, null: float = 0.0) -> Floats:
    """Two-sided p-value without the ones, 2 min(P(b <= null), 1 - P(b <= null)), as seminr has it."""
    valid = np.isfinite(draws)
    share = ((draws <= null) & valid).sum(axis=-1) / np.maximum(valid.sum(axis=-1), 1)
    p: Floats = 2 * np.minimum(share, 1 - share)
    p[~valid.any(axis=-1)] = np.nan
    return p


def p_student(statistic: Floats, df: float = np.inf) -> Floats:
    """Two-sided p-value of a t statistic (normal without df)."""
    away = -np.abs(statistic)
    return np.asarray(2 * (ndtr(away) if np.isinf(df) else stdtr(df, away)))
