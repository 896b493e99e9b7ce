"""Little's test that answers are missing completely at random.

References
----------
Little (1988), A test of missing completely at random for multivariate data with missing values, JASA 83, eq. 4-5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from csi.numerics.em import em, missing_patterns

Floats = NDArray[np.float64]


class Little(NamedTuple):
    """Little's statistic, its degrees of freedom, p-value, and the number of missing-answer patterns."""

    statistic: float
    df: float
    p_value: float
    patterns: int
    converged: bool


def little(x: Floats, tolerance: float = 1e-10) -> Little:
    """Compare the means of every missing-answer pattern of (n, p) answers with the maximum likelihood means.

    ``d^2 = sum_j n_j (mean_j - mu)' inv(Sigma_jj) (mean_j - mu)`` over the observed items of pattern j, with mu and
    Sigma (divisor n) from EM; df = sum of observed items over the patterns - p. NaN without missing answers.
    """
    moments = em(x, tolerance=tolerance)
    mean, cov = moments.mean[0], moments.cov[0]
    patterns = missing_patterns(x)
    if len(patterns) < 2 or not moments.converged[0]:
        return Little(np.nan, np.nan, np.nan, len(patterns), bool(moments.converged[0]))
    statistic, df = 0.0, -x.shape[1]
    for cases, observed in patterns:
        gap = x[np.ix_(cases, observed)].mean(axis=0) - mean[observed]
        statistic += len(cases) * float(gap @ np.linalg.solve(cov[np.ix_(observed, observed)], gap))
        df += int(observed.sum())
    return Little(statistic, float(df), float(stats.chi2.sf(statistic, df)), len(patterns), True)
