"""Formulas of sample size and power on plain numbers: what n must be, what n buys, and corrections in order.

Everything here is continuous; rounding up happens once, at the end of a `Plan`.

References
----------
Cochran (1977), Sampling Techniques, ch. 4.
Fleiss (1981), Statistical Methods for Rates and Proportions, sect. 3.2 (two proportions).
Valliant, Dever & Kreuter (2018), Practical Tools for Designing and Weighting Survey Samples, ch. 4.
Kock & Hadaya (2018), Minimum sample size estimation in PLS-SEM, eq. 1-3 (inverse square root).
MacCallum, Browne & Sugawara (1996), Power analysis for covariance structure modeling.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import chi2, nct, ncx2, norm, t

Fpc = Literal["simple", "cochran"]
Alternative = Literal["two-sided", "one-sided"]

# A relative guard against 400.00000000000006 becoming 401.
_ROUNDING = 1e-9


def round_up(value: float) -> int:
    """Round up to a whole interview, forgiving the last bits of floating point.

    Examples
    --------
    >>> round_up(384.146), round_up(400.00000000000006), round_up(400.0)
    (385, 400, 400)
    """
    return math.ceil(value - _ROUNDING * max(1.0, abs(value)))


def quantile(confidence_level: float, alternative: Alternative = "two-sided") -> float:
    """Normal quantile of a confidence level, 1.959964 for 0.95 two-sided.

    Examples
    --------
    >>> round(quantile(0.95), 6), round(quantile(0.95, "one-sided"), 6)
    (1.959964, 1.644854)
    """
    alpha = 1 - confidence_level
    return float(norm.isf(alpha / 2 if alternative == "two-sided" else alpha))


def for_margin(sd: float, margin: float, z: float) -> float:
    """Simple random sample for a margin of error, ``(z sd / margin)^2`` [Cochran 1977, eq. 4.6].

    Examples
    --------
    >>> round(for_margin(20, 2, quantile(0.95)), 3)
    384.146
    """
    return (z * sd / margin) ** 2


def finite(n: float, population: float, form: Fpc = "simple") -> float:
    """Reduce n for a finite population: ``n/(1 + n/N)``, or Cochran's ``n/(1 + (n - 1)/N)`` [1977, eq. 4.2].

    Examples
    --------
    >>> round(finite(384.1459, 1000), 2), round(finite(384.1459, 1000, "cochran"), 2)
    (277.53, 277.73)
    """
    return n / (1 + (n - (form == "cochran")) / population)


def infinite(n: float, population: float, form: Fpc = "simple") -> float:
    """Undo `finite`: the n of an infinite population that is as precise as n out of N."""
    if n >= population:
        return math.inf
    return n * (population - (form == "cochran")) / (population - n)


def index_sd(weights: ArrayLike, covariance: ArrayLike, ranges: ArrayLike) -> float:
    """Standard deviation of a weighted 0-100 score of k items, in index points.

    ``sqrt(a'Sa)`` with ``a_j = 100 v_j / (range_j sum v)``; S the covariance of the items in their own units.
    """
    v = np.asarray(weights, dtype=float)
    slope = 100 * v / (np.asarray(ranges, dtype=float) * v.sum())
    return float(np.sqrt(slope @ np.asarray(covariance, dtype=float) @ slope))


def two_means(difference: float, variance: float, z_alpha: float, z_power: float) -> float:
    """First group's size for a difference of means, ``variance (z_a + z_b)^2 / difference^2``.

    ``variance`` is that of one pair: ``S1^2 + r S2^2 - 2 g r rho S1 S2`` with r = n1/n2 and the share g of the
    first group that is also in the second [Valliant et al. 2018, eq. 4.10; Woodward 1992].
    """
    return variance * ((z_alpha + z_power) / difference) ** 2


def pair_variance(sd: tuple[float, float], ratio: float, overlap: float, rho: float) -> float:
    """Variance of a difference of two means times n1, with the covariance of those in both samples."""
    first, second = sd
    return first**2 + ratio * second**2 - 2 * overlap * ratio * rho * first * second


def pooled_proportions(p1: float, p2: float, ratio: float, z_alpha: float, z_power: float) -> float:
    """First group's size for two proportions, pooled under the null hypothesis [Fleiss 1981, eq. 3.14].

    Examples
    --------
    >>> round(pooled_proportions(0.70, 0.75, 1, quantile(0.95), 0.8416212), 3)
    1250.717
    """
    pooled = (ratio * p1 + p2) / (ratio + 1)
    under_null = math.sqrt((1 + ratio) * pooled * (1 - pooled))
    under_other = math.sqrt(p1 * (1 - p1) + ratio * p2 * (1 - p2))
    return ((z_alpha * under_null + z_power * under_other) / (p1 - p2)) ** 2


def pooled_proportions_power(p1: float, p2: float, n: float, ratio: float, z_alpha: float) -> float:
    """Power of the pooled test at a first group of n; the other tail is left out, as `power.prop.test` does."""
    pooled = (ratio * p1 + p2) / (ratio + 1)
    under_null = math.sqrt((1 + ratio) * pooled * (1 - pooled))
    under_other = math.sqrt(p1 * (1 - p1) + ratio * p2 * (1 - p2))
    return float(norm.cdf((math.sqrt(n) * abs(p1 - p2) - z_alpha * under_null) / under_other))


def t_power(difference: float, sd: float, n: float, ratio: float, alpha: float, alternative: Alternative) -> float:
    """Power of the two-sample t test; the other tail is left out, as `power.t.test` does (not strict)."""
    df = n + n / ratio - 2
    critical = t.isf(alpha / 2 if alternative == "two-sided" else alpha, df)
    shift = abs(difference) / (sd * math.sqrt((1 + ratio) / n))
    return float(nct.sf(critical, df, shift))


def solve(gap: Callable[[float], float], low: float, high: float) -> float:
    """Root of an increasing function, whose bracket is widened upwards until it holds the root."""
    while gap(high) < 0:
        low, high = high, high * 2
    return float(brentq(gap, low, high, xtol=1e-12, rtol=1e-14, maxiter=500))


def inverse_square_root(path: float, z_alpha: float, z_power: float) -> float:
    """PLS sample for the smallest standardized path, ``((z_a + z_b)/|path|)^2`` [Kock & Hadaya 2018, eq. 2].

    Examples
    --------
    >>> round_up(inverse_square_root(0.197, quantile(0.95, "one-sided"), 0.8416212))
    160
    """
    return ((z_alpha + z_power) / abs(path)) ** 2


def rmsea_power(n: float, df: int, null: float, alternative: float, alpha: float, groups: int = 1) -> float:
    """Power of the test of fit by RMSEA, close (``alternative > null``) or not close [MacCallum et al. 1996].

    ``lambda = (n - 1) df rmsea^2 / groups``; close fit is rejected above the upper, not-close fit below the lower
    alpha quantile of the noncentral chi-squared distribution under the null.

    Examples
    --------
    >>> round(rmsea_power(200, 50, 0.05, 0.08, 0.05), 7)
    0.7691047
    """
    under_null, under_other = ((n - 1) * df * rmsea**2 / groups for rmsea in (null, alternative))
    if alternative > null:
        return float(_chi2_sf(_chi2_quantile(1 - alpha, df, under_null), df, under_other))
    return 1 - float(_chi2_sf(_chi2_quantile(alpha, df, under_null), df, under_other))


def _chi2_quantile(probability: float, df: int, shift: float) -> float:
    """Quantile of the noncentral chi-squared; scipy's ncx2 wants a positive shift."""
    return float(chi2.ppf(probability, df) if shift == 0 else ncx2.ppf(probability, df, shift))


def _chi2_sf(value: float, df: int, shift: float) -> float:
    return float(chi2.sf(value, df) if shift == 0 else ncx2.sf(value, df, shift))


def cluster_deff(size: float, rho: float) -> float:
    """Design effect of clusters of ``size`` interviews with intraclass correlation ``rho``, ``1 + (size - 1) rho``.

    Examples
    --------
    >>> round(cluster_deff(20, 0.05), 4)
    1.95
    """
    return 1 + (size - 1) * rho


def optimal_cluster_size(cluster_cost: float, interview_cost: float, rho: float) -> float:
    """Interviews a cluster that make a mean cheapest, ``sqrt(c1/c2 (1 - rho)/rho)`` [Cochran 1977, eq. 10.5].

    Examples
    --------
    >>> round(optimal_cluster_size(100, 5, 0.05), 4)
    19.4936
    """
    return math.sqrt(cluster_cost / interview_cost * (1 - rho) / rho)
