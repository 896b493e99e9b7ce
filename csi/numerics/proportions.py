"""Shares and their intervals.

References
----------
Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
Clopper & Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial.
Newcombe (1998), Improved confidence intervals for the difference between binomial proportions based on paired data.
Korn & Graubard (1998), Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data, Survey Methodology 24.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def wilson(p: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Wilson's score interval of shares p of n answers; NaN without answers.

    Examples
    --------
    >>> [round(float(end), 7) for end in wilson(np.array(0.85), np.array(400.0), 0.95)]
    [0.8116864, 0.881655]
    """
    z = stats.norm.ppf((1 + level) / 2)
    n = np.where(n > 0, n, np.nan)
    centre, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)


def exact(p: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Clopper and Pearson's interval; n need not be whole (Korn & Graubard 1998)."""
    x, tail = p * n, (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(x > 0, stats.beta.ppf(tail, np.where(x > 0, x, 1), n - x + 1), 0.0)
        high = np.where(x < n, stats.beta.ppf(1 - tail, x + 1, np.where(x < n, n - x, 1)), 1.0)
    return low, high


def normal(p: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Estimate +- z standard errors, cut at 0 and 1."""
    half = stats.norm.ppf((1 + level) / 2) * np.sqrt(p * (1 - p) / n)
    return np.maximum(p - half, 0.0), np.minimum(p + half, 1.0)


def effective_size(p: Floats, variance: Floats, n: Floats) -> Floats:
    """Size of the simple random sample with the same variance, p (1 - p) / variance; n where there is none."""
    known = variance > 0
    return np.where(known, p * (1 - p) / np.where(known, variance, 1.0), n)


def newcombe(both: int, second: int, first: int, none: int, level: float) -> tuple[float, float]:
    """Interval of a difference of paired shares, second minus first, from the four counts [Newcombe 1998, method 10].

    Examples
    --------
    >>> [round(end, 4) for end in newcombe(36, 12, 2, 0, 0.95)]
    [0.0569, 0.3404]
    """
    n = np.array(float(both + second + first + none))
    p2, p1 = (both + second) / n, (both + first) / n
    (l2, u2), (l1, u1) = wilson(p2, n, level), wilson(p1, n, level)
    product = float((both + second) * (first + none) * (both + first) * (second + none))
    plain = float(both * none - second * first)
    top = max(plain - float(n) / 2, 0.0) if plain > 0 else plain
    phi = top / np.sqrt(product) if product else 0.0
    low = np.sqrt((p2 - l2) ** 2 - 2 * phi * (p2 - l2) * (u1 - p1) + (u1 - p1) ** 2)
    high = np.sqrt((u2 - p2) ** 2 - 2 * phi * (u2 - p2) * (p1 - l1) + (p1 - l1) ** 2)
    return float(p2 - p1 - low), float(p2 - p1 + high)
