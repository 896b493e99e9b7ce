"""Events per exposure: Poisson rates, their intervals, and the ratio of two.

References
----------
Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28.
Przyborowski & Wilenski (1940), Homogeneity of results in testing samples from Poisson series, Biometrika 31.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def garwood(count: Floats, exposure: Floats, level: float) -> tuple[Floats, Floats]:
    """Exact interval of a rate from a count of events [Garwood 1936].

    Examples
    --------
    >>> [round(float(end), 4) for end in garwood(np.array(10.0), np.array(1.0), 0.95)]
    [4.7954, 18.3904]
    """
    tail = (1 - level) / 2
    low = np.where(count > 0, stats.gamma.ppf(tail, np.where(count > 0, count, 1.0)), 0.0)
    high = stats.gamma.ppf(1 - tail, count + 1)
    return low / exposure, high / exposure


class Ratio(NamedTuple):
    """Ratio of two rates, first to second, with its interval and two-sided p-value."""

    estimate: float
    low: float
    high: float
    p_value: float


def ratio(count: int, exposure: float, other: int, other_exposure: float, level: float) -> Ratio:
    """Exact comparison of two rates, given the sum of both counts [Przyborowski & Wilenski 1940].

    Examples
    --------
    >>> [round(number, 4) for number in ratio(120, 1.0, 96, 1.0, 0.95)]
    [1.25, 0.9478, 1.6523, 0.1174]
    """
    total = count + other
    if total == 0:
        return Ratio(np.nan, 0.0, np.inf, 1.0)
    share = exposure / (exposure + other_exposure)
    test = stats.binomtest(count, total, share)
    ends = test.proportion_ci(level, method="exact")
    scale = other_exposure / exposure
    low, high = (end / (1 - end) * scale if end < 1 else np.inf for end in (ends.low, ends.high))
    estimate = count / other * scale if other else np.inf
    return Ratio(estimate, float(low), float(high), float(test.pvalue))
