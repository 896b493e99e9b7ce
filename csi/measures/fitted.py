"""Least squares as the tables of asymmetry need it: refused where there is no solution, linearized under a design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.blocks import Arrays, Group, Said
from csi.errors import DataError, listing
from csi.numerics.least_squares import classical, influences, least_squares

Floats = NDArray[np.float64]


class Regression(NamedTuple):
    """Coefficients (k,), covariance (k, k), residual sum of squares, degrees of freedom, influences (n, k)."""

    coefficients: Floats
    cov: Floats
    rss: float
    df: float
    influences: Floats


def regress(design: Floats, y: Floats, names: Sequence[str], w: Floats | None = None) -> Regression:
    """Ordinary least squares; refused where columns repeat each other."""
    n, k = design.shape
    if n <= k:
        raise DataError(f"{n} complete cases for {k} coefficients; more are needed")
    lone = [name for name, column in zip(names, design[:, 1:].T, strict=True) if np.ptp(column) == 0]
    if lone:
        problems = [f"{name}: nobody or everybody is there; move low or high" for name in lone]
        raise DataError(listing(problems, "there are no contrasts"))
    if np.linalg.matrix_rank(design) < k:
        raise DataError("the attributes repeat each other; leave one out")
    w = np.ones(n) if w is None else w
    fit = least_squares(design, y, w)
    rss = float(w @ fit.residuals**2)
    return Regression(fit.coefficients, classical(fit, w), rss, n - k, influences(fit, design, w))


def linearized(fit: Regression, answers: Arrays, group: Group) -> Regression:
    """The same coefficients with their covariance under a design."""
    kept = np.asarray(group.inside & ~np.isnan(answers.values).any(axis=1))
    influence = np.zeros((len(kept), len(fit.coefficients)))
    influence[kept] = fit.influences
    cov, df = answers.covariance(influence, np.broadcast_to(kept[:, None], influence.shape))
    return fit._replace(cov=cov, df=df)


def both_answered(satisfaction: str, outcome: str) -> Said:
    """Say who is in: respondents with both answers."""
    return Said(f"respondents with both {satisfaction} and {outcome}", f"{satisfaction} 与 {outcome} 均作答者")
