"""Tests and effect sizes for means of several groups, from their sizes, means and variances.

References
----------
Welch (1951), On the comparison of several mean values, Biometrika 38.
Games & Howell (1976), Pairwise multiple comparison procedures with unequal n's and/or variances, J. Educ. Stat. 1.
Tukey (1949); Kramer (1956), Extension of multiple range tests to group means with unequal numbers, Biometrics 12.
Hedges (1981), Distribution theory for Glass's estimator of effect size, J. Educ. Stat. 6.
Steiger (2004), Beyond the F test: effect size confidence intervals, Psychological Methods 9.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Floats = NDArray[np.float64]
PostHoc = Literal["lsd", "tukey", "games-howell"]


class GroupTest(NamedTuple):
    """A statistic, its degrees of freedom (df2 NaN for one) and its p-value."""

    statistic: float
    df: float
    df2: float
    p_value: float


class Effect(NamedTuple):
    """An effect size with its interval."""

    estimate: float
    low: float
    high: float


def anova(n: Floats, mean: Floats, variance: Floats) -> GroupTest:
    """One-way analysis of variance of k groups."""
    k, total = len(n), n.sum()
    grand = (n * mean).sum() / total
    between = (n * (mean - grand) ** 2).sum() / (k - 1)
    within = ((n - 1) * variance).sum() / (total - k)
    if not within > 0:
        return GroupTest(np.nan, k - 1, total - k, np.nan)
    return GroupTest(between / within, k - 1, total - k, float(stats.f.sf(between / within, k - 1, total - k)))


def welch(n: Floats, mean: Floats, variance: Floats) -> GroupTest:
    """Welch's analysis of variance, without equal variances [Welch 1951, eq. 29-30]."""
    k = len(n)
    if not (variance > 0).all():
        return GroupTest(np.nan, k - 1, np.nan, np.nan)
    w = n / variance
    share = w / w.sum()
    lack = ((1 - share) ** 2 / (n - 1)).sum()
    between = (w * (mean - share @ mean) ** 2).sum() / (k - 1)
    statistic = between / (1 + 2 * (k - 2) / (k**2 - 1) * lack)
    df2 = (k**2 - 1) / (3 * lack)
    return GroupTest(float(statistic), k - 1, float(df2), float(stats.f.sf(statistic, k - 1, df2)))


class Pairwise(NamedTuple):
    """Differences of all pairs of groups, (pairs,) each: estimate, its standard error, interval, t, df, p-value."""

    estimate: Floats
    std_error: Floats
    low: Floats
    high: Floats
    statistic: Floats
    df: Floats
    p_value: Floats


def pairwise(
    n: Floats,
    mean: Floats,
    variance: Floats,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    how: PostHoc,
    level: float,
) -> Pairwise:
    """Differences second - first of pairs of groups by LSD, Tukey-Kramer or Games-Howell."""
    k = len(n)
    if how == "games-howell":
        a, b = variance[first] / n[first], variance[second] / n[second]
        error = np.sqrt(a + b)
        with np.errstate(invalid="ignore", divide="ignore"):
            df = (a + b) ** 2 / (a**2 / (n[first] - 1) + b**2 / (n[second] - 1))
    else:
        pooled = ((n - 1) * variance).sum() / (n.sum() - k)
        error = np.sqrt(pooled * (1 / n[first] + 1 / n[second]))
        df = np.full(len(first), n.sum() - k)
    gap = mean[second] - mean[first]
    t = np.divide(gap, error, out=np.full_like(gap, np.nan), where=error > 0)
    if how == "lsd" or k == 2:
        # Two groups are one pair, for which the studentized range is t.
        p_value = np.asarray(2 * stats.t.sf(np.abs(t), df))
        reach = stats.t.ppf((1 + level) / 2, df)
    else:
        p_value = np.asarray(stats.studentized_range.sf(np.abs(t) * np.sqrt(2), k, df))
        reach = stats.studentized_range.ppf(level, k, df) / np.sqrt(2)
    return Pairwise(gap, error, gap - reach * error, gap + reach * error, t, df, p_value)


def hedges(n: Floats, mean: Floats, variance: Floats, level: float) -> Effect:
    """Hedges' g of two groups (second - first), corrected for small samples; interval by the noncentral t."""
    df = n.sum() - 2
    pooled = ((n - 1) * variance).sum() / df
    if not pooled > 0:
        return Effect(np.nan, np.nan, np.nan)
    size = np.sqrt(n.prod() / n.sum())
    d = (mean[1] - mean[0]) / np.sqrt(pooled)
    correction = np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2)

    def end(q: float) -> float:
        return _noncentral(lambda c: float(stats.nct.cdf(d * size, df, c)) - q, float(d * size))

    low, high = end((1 + level) / 2), end((1 - level) / 2)
    return Effect(float(d * correction), float(low / size * correction), float(high / size * correction))


def eta_squared(test: GroupTest, n: float, level: float) -> Effect:
    """Share of variance between the groups; interval by the noncentral F [Steiger 2004, eq. 5-6]."""
    f, df, df2 = test.statistic, test.df, test.df2
    if np.isnan(f):
        return Effect(np.nan, np.nan, np.nan)
    estimate = f * df / (f * df + df2)
    ends = []
    for q in ((1 + level) / 2, (1 - level) / 2):
        if stats.f.cdf(f, df, df2) <= q:
            ends.append(0.0)
            continue
        top = max(4 * f * df, 10.0)
        while stats.ncf.cdf(f, df, df2, top) > q:
            top *= 2
        ends.append(float(optimize.brentq(_gap_of_ncf, 1e-12, top, args=(f, df, df2, q))))
    return Effect(float(estimate), ends[0] / (ends[0] + n), ends[1] / (ends[1] + n))


def omega_squared(test: GroupTest, n: float) -> float:
    """Share of variance between the groups in the population, less biased than eta squared."""
    f, df = test.statistic, test.df
    return float(df * (f - 1) / (df * (f - 1) + n))


def _gap_of_ncf(noncentrality: float, f: float, df: float, df2: float, q: float) -> float:
    """How far the distribution function of a noncentral F is from a tail."""
    return float(stats.ncf.cdf(f, df, df2, noncentrality)) - q


def _noncentral(distance: Callable[[float], float], centre: float) -> float:
    """Noncentrality at which a falling function crosses zero, searched outwards from a centre."""
    reach = 2.0
    while distance(centre - reach) < 0 or distance(centre + reach) > 0:
        reach *= 2
    return float(optimize.brentq(distance, centre - reach, centre + reach, xtol=1e-10))
