"""Signs of careless answering, one number a respondent.

References
----------
Johnson (2005), Ascertaining the validity of individual protocols from web-based personality inventories (longstring).
Dunn, Heggestad, Shanock & Theilgard (2018), Intra-individual response variability, J. Business and Psychology 33.
Curran (2016), Methods for the detection of carelessly invalid responses, J. Experimental Social Psychology 66.
Mahalanobis (1936), On the generalised distance in statistics.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from csi.numerics.em import missing_patterns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def longstring(x: Floats) -> Ints:
    """Longest run of equal answers in each row of (n, p); a missing answer ends a run.

    Examples
    --------
    >>> longstring(np.array([[3.0, 3, 3, 1, 1], [1, np.nan, 1, 2, 3]]))
    array([3, 1])
    """
    longest = np.zeros(len(x), dtype=np.int64)
    run = np.zeros(len(x), dtype=np.int64)
    for j in range(x.shape[1]):
        same = x[:, j] == x[:, j - 1] if j else np.zeros(len(x), dtype=bool)
        run = np.where(np.isnan(x[:, j]), 0, np.where(same, run + 1, 1))
        longest = np.maximum(longest, run)
    return longest


def intra_individual_variability(x: Floats) -> Floats:
    """Standard deviation (divisor p - 1) of each row's answers; NaN with fewer than two."""
    given = ~np.isnan(x)
    count = given.sum(axis=1)
    filled = np.where(given, x, 0.0)
    mean = filled.sum(axis=1) / np.maximum(count, 1)
    squares = np.where(given, (filled - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return np.where(count > 1, np.sqrt(squares / np.maximum(count - 1, 1)), np.nan)


def straight(x: Floats) -> Bools:
    """Whether a row gave one and the same answer to every item, at least two of them answered."""
    given = (~np.isnan(x)).sum(axis=1)
    low = np.where(np.isnan(x), np.inf, x).min(axis=1)
    high = np.where(np.isnan(x), -np.inf, x).max(axis=1)
    result: Bools = (given > 1) & (low == high)
    return result


def mahalanobis(x: Floats, mean: Floats, cov: Floats) -> tuple[Floats, Floats]:
    """Squared distance of each row from the mean, over its answered items, and its chi-square p-value, (n,) both.

    The degrees of freedom are the answers given; NaN without any.
    """
    distance, p_value = np.full(len(x), np.nan), np.full(len(x), np.nan)
    for cases, observed in missing_patterns(x):
        gap = x[np.ix_(cases, observed)] - mean[observed]
        solved = np.linalg.solve(cov[np.ix_(observed, observed)], gap.T).T
        distance[cases] = np.einsum("ij,ij->i", gap, solved)
        p_value[cases] = stats.chi2.sf(distance[cases], observed.sum())
    return distance, p_value


def repeated(x: Floats) -> Bools:
    """Whether a row repeats an earlier or later one in every answer, missing ones included."""
    coded = np.where(np.isnan(x), np.inf, x)
    _, inverse, counts = np.unique(coded, axis=0, return_inverse=True, return_counts=True)
    result: Bools = counts[inverse.ravel()] > 1
    return result
