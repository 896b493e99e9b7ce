"""Reliability of sums of items and the statistics of single items, from covariance matrices (..., p, p).

References
----------
Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16.
Feldt (1965), The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty,
    Psychometrika 30; Feldt, Woodruff & Salih (1987), Applied Psychological Measurement 11.
Guttman (1945), A basis for analyzing test-retest reliability, Psychometrika 10.
Horst (1951), Estimating total test reliability from parts of unequal length, EPM 11.
McDonald (1999), Test Theory, eq. 6.20b.
Kelley (1939), The selection of upper and lower groups for the validation of test items, J. Educ. Psych. 30.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def correlation(cov: Floats) -> Floats:
    """Correlations of covariances (..., p, p); NaN in the row of an item without variance."""
    sd = np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))
    scale = sd[..., :, None] * sd[..., None, :]
    result: Floats = np.divide(cov, scale, out=np.full_like(cov, np.nan), where=scale > 0)
    diagonal = np.arange(cov.shape[-1])
    result[..., diagonal, diagonal] = np.where(sd > 0, 1.0, np.nan)
    return result


def alpha(cov: Floats) -> Floats:
    """Cronbach's alpha, k/(k-1) (1 - sum of variances / variance of the sum); of correlations: standardized.

    Examples
    --------
    >>> round(float(alpha(np.array([[1.0, 0.5], [0.5, 1.0]]))), 6)
    0.666667
    """
    k = cov.shape[-1]
    total = cov.sum(axis=(-2, -1))
    own = np.trace(cov, axis1=-2, axis2=-1)
    share = np.divide(own, total, out=np.full_like(own, np.nan), where=total > 0)
    result: Floats = k / (k - 1) * (1 - share) if k > 1 else np.full_like(own, np.nan)
    return result


def alpha_if_deleted(cov: Floats) -> Floats:
    """Alpha of the other items, (..., p); NaN where fewer than two are left."""
    k = cov.shape[-1]
    if k < 3:
        return np.full(cov.shape[:-1], np.nan)
    others = [np.delete(np.delete(cov, j, axis=-1), j, axis=-2) for j in range(k)]
    return np.stack([alpha(rest) for rest in others], axis=-1)


def item_rest(cov: Floats) -> Floats:
    """Corrected item-total correlation: of each item with the sum of the others, (..., p)."""
    own = np.diagonal(cov, axis1=-2, axis2=-1)
    with_total = cov.sum(axis=-1)
    total = cov.sum(axis=(-2, -1))[..., None]
    rest = total + own - 2 * with_total
    scale = np.sqrt(np.maximum(own * rest, 0))
    result: Floats = np.divide(with_total - own, scale, out=np.full_like(scale, np.nan), where=scale > 0)
    return result


def squared_multiple(corr: Floats) -> Floats:
    """Squared multiple correlation of each item with the others, 1 - 1/diag(inverse), (p,)."""
    result: Floats = 1 - 1 / np.diagonal(np.linalg.inv(corr), axis1=-2, axis2=-1)
    return result


def feldt_interval(value: float, n: float, k: int, level: float) -> tuple[float, float]:
    """Interval of alpha for n cases and k items [Feldt, Woodruff & Salih 1987, eq. 5].

    ``1 - (1 - alpha) F`` with the upper and lower quantiles of F(n - 1, (n - 1)(k - 1)).

    Examples
    --------
    >>> [round(end, 5) for end in feldt_interval(0.8431428, 30, 7, 0.95)]
    [0.73938, 0.91577]
    """
    tail = (1 - level) / 2
    df = n - 1, (n - 1) * (k - 1)
    if k < 2 or n < 2:
        return np.nan, np.nan
    low = 1 - (1 - value) * stats.f.ppf(1 - tail, *df)
    high = 1 - (1 - value) * stats.f.ppf(tail, *df)
    return float(low), float(high)


def omega_total(loadings: Floats, uniquenesses: Floats) -> Floats:
    """McDonald's omega of a one-factor model: (sum of loadings)^2 over itself plus the sum of uniquenesses."""
    common = loadings.sum(axis=-1) ** 2
    result: Floats = common / (common + uniquenesses.sum(axis=-1))
    return result


class SplitHalf(NamedTuple):
    """Reliability of a sum from its two halves."""

    correlation: float
    spearman_brown: float
    unequal: float
    guttman: float
    alpha_first: float
    alpha_second: float


def split_half(cov: Floats, first: Bools) -> SplitHalf:
    """Reliability from the half `first` (p,) of the items and the half of the others.

    Returns
    -------
    SplitHalf
        Correlation r of the halves; Spearman-Brown 2r/(1 + r); Horst's formula for unequal lengths; Guttman's
        lambda 4, ``4 cov / variance of the sum``; alpha of each half.
    """
    a, b = first, ~first
    va, vb = cov[np.ix_(a, a)].sum(), cov[np.ix_(b, b)].sum()
    between = cov[np.ix_(a, b)].sum()
    r = between / np.sqrt(va * vb) if va > 0 and vb > 0 else np.nan
    # Horst: with shares p, q of the items, (-r^2 + sqrt(r^4 + 4 r^2 (1 - r^2) p q)) / (2 (1 - r^2) p q).
    spread = a.mean() * b.mean() * (1 - r**2)
    root = np.sqrt(r**4 + 4 * r**2 * spread)
    unequal = np.sign(r) * (root - r**2) / (2 * spread) if spread > 0 else r
    halves = float(alpha(cov[np.ix_(a, a)])), float(alpha(cov[np.ix_(b, b)]))
    brown = 2 * r / (1 + r) if r > -1 else np.nan
    return SplitHalf(float(r), float(brown), float(unequal), guttman_lambda4(cov, a), *halves)


def guttman_lambda4(cov: Floats, first: Bools) -> float:
    """Guttman's lambda 4 of one split: four times the covariance of the halves over the variance of the sum."""
    total = cov.sum()
    return float(4 * cov[np.ix_(first, ~first)].sum() / total) if total > 0 else np.nan


def split_half_range(cov: Floats) -> tuple[float, float]:
    """Lowest and highest lambda 4 over every split into halves as equal as can be (p of at most about 16)."""
    k = cov.shape[-1]
    every = []
    for chosen in combinations(range(k), k // 2):
        first = np.zeros(k, dtype=bool)
        first[list(chosen)] = True
        every.append(guttman_lambda4(cov, first))
    return min(every), max(every)


class CriticalRatio(NamedTuple):
    """Upper and lower group of every item: means (p,), Student t, its df, p-value, and the group sizes."""

    high: Floats
    low: Floats
    statistic: Floats
    df: float
    p_value: Floats
    n_high: int
    n_low: int


def critical_ratio(x: Floats, total: Floats, share: float = 0.27) -> CriticalRatio:
    """Discrimination of items (n, p) between the cases with the highest and the lowest totals (n,).

    Notes
    -----
    The cut-offs are the totals of the case at rank ``round(share n)`` from the top and from the bottom; ties with
    them belong to the group, as in the SPSS recipe of ranking and recoding. Student's t with pooled variance;
    NaN where both groups are constant.
    """
    rank = max(1, round(share * len(total)))
    ordered = np.sort(total)
    upper, lower = x[total >= ordered[-rank]], x[total <= ordered[rank - 1]]
    df = len(upper) + len(lower) - 2
    gap = upper.mean(axis=0) - lower.mean(axis=0)
    pooled = (len(upper) * upper.var(axis=0) + len(lower) * lower.var(axis=0)) / df if df else np.zeros(x.shape[1])
    error = np.sqrt(pooled * (1 / len(upper) + 1 / len(lower)))
    t = np.divide(gap, error, out=np.full_like(gap, np.nan), where=error > 0)
    p = 2 * stats.t.sf(np.abs(t), df) if df else np.full_like(gap, np.nan)
    return CriticalRatio(upper.mean(axis=0), lower.mean(axis=0), t, float(df), p, len(upper), len(lower))


class Shape(NamedTuple):
    """Skewness and excess kurtosis of items with their standard errors under normality."""

    skewness: Floats
    kurtosis: Floats
    skewness_error: float
    kurtosis_error: float


def shape(second: Floats, third: Floats, fourth: Floats, n: float) -> Shape:
    """Skewness G1 and kurtosis G2, as SPSS, SAS and Excel print them, from central moments with divisor n.

    Notes
    -----
    G1 = sqrt(n (n-1)) / (n-2) m3 / m2^1.5, G2 = (n-1)/((n-2)(n-3)) ((n+1)(m4/m2^2 - 3) + 6) [Joanes & Gill 1998,
    Comparing measures of sample skewness and kurtosis, The Statistician 47, type 2].
    """
    nothing = np.full_like(second, np.nan)
    g1 = np.divide(third, second**1.5, out=nothing.copy(), where=second > 0)
    g2 = np.divide(fourth, second**2, out=nothing.copy(), where=second > 0) - 3
    skewness = np.sqrt(n * (n - 1)) / (n - 2) * g1 if n > 2 else nothing
    kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6) if n > 3 else nothing
    skew_error = np.sqrt(6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3))) if n > 2 else np.nan
    kurt_error = 2 * skew_error * np.sqrt((n**2 - 1) / ((n - 3) * (n + 5))) if n > 3 else np.nan
    return Shape(skewness, kurtosis, float(skew_error), float(kurt_error))
