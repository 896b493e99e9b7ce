"""Parallel analysis: how large eigenvalues get when nothing is correlated.

References
----------
Horn (1965), A rationale and test for the number of factors in factor analysis, Psychometrika 30.
Buja & Eyuboglu (1992), Remarks on parallel analysis, Multivariate Behavioral Research 27 (permuted answers).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 64
"""Replicates drawn at a time; the numbers do not depend on it, the memory does."""


def eigenvalues(corr: Floats) -> Floats:
    """Eigenvalues of correlations (..., p, p), largest first."""
    values: Floats = np.asarray(np.linalg.eigvalsh(corr)[..., ::-1], dtype=float)
    return values


def random_eigenvalues(
    n: int,
    p: int,
    n_resamples: int,
    rng: np.random.Generator,
    answers: Floats | None = None,
) -> Floats:
    """Eigenvalues of the correlations of n cases without any relation, (n_resamples, p).

    Cases are independent normal; with `answers` (n, p) each item is permuted on its own, which keeps the
    distribution of its answers.
    """
    drawn = []
    for begin in range(0, n_resamples, BLOCK):
        size = min(BLOCK, n_resamples - begin)
        if answers is None:
            x = rng.standard_normal((size, n, p))
        else:
            x = rng.permuted(np.broadcast_to(answers, (size, *answers.shape)), axis=1)
        drawn.append(eigenvalues(_correlations(x)))
    return np.concatenate(drawn)


def retained(observed: Floats, limit: Floats) -> int:
    """How many leading eigenvalues exceed their limit, up to the first that does not.

    Examples
    --------
    >>> retained(np.array([2.0, 1.1, 0.9]), np.array([1.3, 1.2, 0.5]))
    1
    """
    below = np.flatnonzero(~(observed > limit))
    return int(below[0]) if below.size else len(observed)


def acceleration_elbow(values: Floats) -> int:
    """Factors before the sharpest bend of the scree, the largest second difference [Raiche et al. 2013].

    Examples
    --------
    >>> acceleration_elbow(np.array([4.0, 1.0, 0.5, 0.3, 0.2]))
    1
    """
    if len(values) < 3:
        return 0
    return int(np.argmax(np.diff(values, 2))) + 1


def _correlations(x: Floats) -> Floats:
    """Correlations of (size, n, p) answers."""
    centred = x - x.mean(axis=1, keepdims=True)
    unit = centred / np.sqrt(np.square(centred).sum(axis=1, keepdims=True))
    corr: Floats = np.swapaxes(unit, -1, -2) @ unit
    return corr
