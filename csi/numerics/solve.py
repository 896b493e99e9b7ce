"""Small linear systems for many replicates at once: replicates stand on the last axis.

A matrix that cannot be solved gives NaN for its own replicate and touches no other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: A pivot below this share of its diagonal element means that a column is a combination of the others.
SINGULAR = 1e-10


def solve(a: Floats, b: Floats) -> Floats:
    """Solve `a x = b` for symmetric `a` `(q, q, B)` with a positive diagonal and `b` `(q, B)`; NaN where singular.

    Plain elimination: no pivoting is needed for positive definite matrices, and a pivot that vanishes says singular.
    Correlations freed from error may be indefinite; they have a solution too, and a doubt says what it is worth.
    """
    a, x = a.copy(), b.copy()
    floor = SINGULAR * np.einsum("iib->ib", a)
    with np.errstate(invalid="ignore", divide="ignore"):
        for i in range(len(a)):
            a[i, i] = np.where(np.abs(a[i, i]) > floor[i], a[i, i], np.nan)
            factors = a[i + 1 :, i] / a[i, i]
            a[i + 1 :, i + 1 :] -= factors[:, None] * a[i, i + 1 :]
            x[i + 1 :] -= factors * x[i]
        for i in reversed(range(len(a))):
            for k in range(i + 1, len(a)):
                x[i] -= a[i, k] * x[k]
            x[i] /= a[i, i]
    return x


def solve_many(a: Floats, b: Floats) -> Floats:
    """As `solve` for several right sides at once, `b` `(q, r, B)`."""
    a, x = a.copy(), b.copy()
    floor = SINGULAR * np.einsum("iib->ib", a)
    with np.errstate(invalid="ignore", divide="ignore"):
        for i in range(len(a)):
            a[i, i] = np.where(np.abs(a[i, i]) > floor[i], a[i, i], np.nan)
            factors = a[i + 1 :, i] / a[i, i]
            a[i + 1 :, i + 1 :] -= factors[:, None] * a[i, i + 1 :]
            x[i + 1 :] -= factors[:, None] * x[i]
        for i in reversed(range(len(a))):
            x[i] -= np.einsum("kb,krb->rb", a[i, i + 1 :], x[i + 1 :])
            x[i] /= a[i, i]
    return x


def regress(corr: Floats, arrows: NDArray[np.bool_]) -> Floats:
    """Regress every effect on its causes, from the covariances of the constructs.

    Parameters
    ----------
    corr : array (k, k, B)
        Covariances or correlations of the constructs.
    arrows : bool array (k, k)
        `arrows[cause, effect]`.

    Returns
    -------
    array (k, k, B)
        `paths[cause, effect]`, zero where there is no arrow, NaN where the causes of one effect are collinear.
    """
    paths = np.zeros_like(corr)
    for effect in range(len(arrows)):
        causes = np.flatnonzero(arrows[:, effect])
        if len(causes):
            paths[causes, effect] = solve(corr[np.ix_(causes, causes)], corr[causes, effect])
    return paths
