"""Many units compared with one standard: limits that widen as cases get fewer, and room for variation among units.

References
----------
Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24.
Spiegelhalter, Sherlaw-Johnson, Bardsley, Blunt, Wood & Grigg (2012), Statistical methods for healthcare regulation:
    rating, screening and surveillance, JRSS A 175, sec. 4 (winsorized overdispersion, additive random effects).
Skellam (1948), A probability distribution derived from the binomial distribution, JRSS B 10 (beta-binomial).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


def winsorized(z: Floats, share: float = 0.1) -> Floats:
    """Pull the outer shares of z-scores in to their quantiles [Spiegelhalter et al. 2012, sec. 4.2]."""
    low, high = np.quantile(z, [share, 1 - share])
    return np.clip(z, low, high)


def between_variance(z: Floats, variance: Floats) -> float:
    """Variance of the units beyond chance, from winsorized z-scores [Spiegelhalter et al. 2012, eq. 8].

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y = rng.normal(0, np.sqrt(1 + 3), 20000)
    >>> 1.5 < between_variance(y, np.ones(20000)) < 3
    True
    """
    units, weight = len(z), 1 / variance
    if units < 3:
        return 0.0
    excess = float((winsorized(z) ** 2).sum()) - (units - 1)
    return max(0.0, excess / float(weight.sum() - (weight**2).sum() / weight.sum()))


def beta_binomial(n: int, p: float, variance: float) -> Floats:
    """Distribution function at 0..n of counts whose share varies among units around p [Skellam 1948]; binomial at 0.

    Examples
    --------
    >>> cdf = beta_binomial(30, 0.85, 0.0)
    >>> [int(np.searchsorted(cdf, tail - 1e-12)) / 30 for tail in (0.025, 0.975)]
    [0.7, 0.9666666666666667]
    """
    k = np.arange(n + 1)
    choose = -np.log(n + 1) - special.betaln(n - k + 1, k + 1)
    if not 0 < p < 1:
        mass = (k == round(n * p)).astype(float)
    elif variance <= 0:
        mass = np.exp(choose + k * np.log(p) + (n - k) * np.log1p(-p))
    else:
        # A variance of p(1 - p) or more is none that shares can have.
        size = p * (1 - p) / min(variance, 0.99 * p * (1 - p)) - 1
        a, b = p * size, (1 - p) * size
        mass = np.exp(choose + special.betaln(k + a, n - k + b) - special.betaln(a, b))
    cdf: Floats = np.minimum(np.cumsum(mass), 1.0)
    cdf[-1] = 1.0
    return cdf


def tails(k: int, cdf: Floats) -> tuple[float, float]:
    """P(K <= k) and P(K >= k)."""
    return float(cdf[k]), float(1 - cdf[k - 1]) if k > 0 else 1.0


def count_limits(cdf: Floats, tail: float) -> tuple[int, int]:
    """Counts between which all but a tail on either side lies: the quantiles at `tail` and 1 - `tail`."""
    slack = 1e-12
    return int(np.searchsorted(cdf, tail - slack)), int(np.searchsorted(cdf, 1 - tail - slack))
