"""Whether correlations are worth a factor analysis: Kaiser-Meyer-Olkin measure and Bartlett's test.

References
----------
Kaiser & Rice (1974), Little Jiffy, Mark IV, Educational and Psychological Measurement 34.
Bartlett (1951), The effect of standardization on a chi-square approximation in factor analysis, Biometrika 38.
Rao & Scott (1984), On chi-squared tests for multiway contingency tables, Annals of Statistics 12.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def partial_correlations(corr: Floats) -> Floats:
    """Correlation of each pair of items given all others, zero on the diagonal, (p, p)."""
    inverse = np.linalg.inv(corr)
    sd = np.sqrt(np.diag(inverse))
    partial: Floats = -inverse / np.outer(sd, sd)
    np.fill_diagonal(partial, 0.0)
    return partial


def kmo(corr: Floats) -> tuple[float, Floats]:
    """Measure of sampling adequacy of all items and of each, (p,).

    Sum of squared correlations over that of squared correlations and squared partial correlations.

    Examples
    --------
    >>> overall, single = kmo(np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]]))
    >>> round(overall, 4)
    0.6923
    """
    plain = (corr - np.diag(np.diag(corr))) ** 2
    partial = partial_correlations(corr) ** 2
    with np.errstate(invalid="ignore"):
        single = plain.sum(axis=0) / (plain + partial).sum(axis=0)
    return float(plain.sum() / (plain + partial).sum()), single


class ChiSquare(NamedTuple):
    """A chi-square statistic with its degrees of freedom and p-value."""

    statistic: float
    df: float
    p_value: float


def bartlett_sphericity(corr: Floats, n: float) -> ChiSquare:
    """Test that all correlations are zero: -(n - 1 - (2p + 5)/6) log det R with p(p - 1)/2 df."""
    p = len(corr)
    statistic = -(n - 1 - (2 * p + 5) / 6) * np.linalg.slogdet(corr)[1]
    df = p * (p - 1) / 2
    return ChiSquare(float(statistic), df, float(stats.chi2.sf(statistic, df)))


class FTest(NamedTuple):
    """An F statistic with its degrees of freedom and p-value."""

    statistic: float
    df: float
    df2: float
    p_value: float


def rao_scott_sphericity(r: Floats, cov: Floats, nu: float) -> FTest:
    """Test that all correlations (q,) with covariance (q, q) are zero, with `nu` degrees of freedom of the design.

    F = r'r / tr V with tr(V)^2 / tr(V^2) and that times nu degrees of freedom: the eigenvalues of V are the weights
    of the chi-squares that r'r is a sum of [Rao & Scott 1984, second-order correction].

    Examples
    --------
    >>> test = rao_scott_sphericity(np.array([0.1, 0.2]), np.eye(2) / 100, 50.0)
    >>> round(test.statistic, 6), test.df, test.df2
    (2.5, 2.0, 100.0)
    """
    trace, square = float(np.trace(cov)), float(np.square(cov).sum())
    df = trace**2 / square
    statistic = float(r @ r) / trace
    return FTest(statistic, df, df * nu, float(stats.f.sf(statistic, df, df * nu)))
