"""Ranks with confidence sets: who stands certainly above and below whom, when every pair is looked at together.

References
----------
Mogstad, M., Romano, J. P., Shaikh, A. M., & Wilhelm, D. (2024). Inference for ranks with applications to mobility
across neighbourhoods and academic achievement across countries. Review of Economic Studies, 91(1), 476-518.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics.solve import Floats

#: Simulated vectors for a few estimates, and pairs times vectors that are looked at where there are many.
MANY, WORK, FEW = 10_000, 2e8, 2_000


class Ranks(NamedTuple):
    """Ranks `(p,)`, 1 the highest; ends of their confidence sets; adjusted p-values of all pairs `(p, p)`."""

    rank: Floats
    low: Floats
    high: Floats
    p: Floats


def ranks(estimate: Floats, cov: Floats, level: float, rng: np.random.Generator, simultaneous: bool = True) -> Ranks:
    """Confidence sets of ranks from the differences of all pairs.

    The largest |(x_j - t_j) - (x_k - t_k)| / se_jk of all pairs (simultaneous) or of all pairs with j (each rank by
    itself) has a quantile c, here by simulation of normal vectors with the covariance of the estimates. Those k whose
    difference from j is further from zero than c se_jk are certainly above, or below; the rank of j then lies between
    1 + #above and p - #below [Mogstad et al. 2024, sec. 3].

    Parameters
    ----------
    estimate : array (p,)
    cov : array (p, p)
        Of the estimates.
    """
    error = pair_errors(cov)
    gap = estimate[:, None] - estimate[None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(error > 0, gap / error, np.sign(gap) * np.inf)
    np.fill_diagonal(statistic, 0.0)
    largest = _largest(cov, error, rng)
    if simultaneous:
        largest = np.repeat(largest.max(axis=0)[None], len(estimate), axis=0)
    largest.sort(axis=1)
    # How many of the simulated maxima are as large: single-step adjusted p-values, and by them the sets.
    size = largest.shape[1]
    p = np.ones_like(statistic)
    for j, row in enumerate(np.abs(statistic)):
        p[j] = (1 + size - np.searchsorted(largest[j], row, side="left")) / (size + 1)
    told = p < 1 - level
    np.fill_diagonal(told, False)
    above, below = (told & (statistic < 0)).sum(axis=1), (told & (statistic > 0)).sum(axis=1)
    order = 1 + (gap < 0).sum(axis=1)
    return Ranks(order.astype(float), 1.0 + above, float(len(estimate)) - below, p)


def pair_errors(cov: Floats) -> Floats:
    """Standard errors of the differences of all pairs `(p, p)`."""
    variance = np.diag(cov)
    error: Floats = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * cov, 0))
    return error


def _largest(cov: Floats, error: Floats, rng: np.random.Generator) -> Floats:
    """For every estimate, the largest standardized difference from any other, in simulated vectors: `(p, S)`."""
    p = len(cov)
    size = int(np.clip(WORK / p**2, FEW, MANY))
    values, vectors = np.linalg.eigh(cov)
    drawn = (vectors * np.sqrt(np.maximum(values, 0))) @ rng.standard_normal((p, size))
    found = np.zeros((p, size))
    with np.errstate(invalid="ignore", divide="ignore"):
        inverse = np.where(error > 0, 1 / error, 0.0)
    for j in range(p - 1):
        apart = np.abs(drawn[j + 1 :] - drawn[j]) * inverse[j, j + 1 :, None]
        np.maximum(found[j], apart.max(axis=0), out=found[j])
        np.maximum(found[j + 1 :], apart, out=found[j + 1 :])
    return found


def tiers(estimate: Floats, told: NDArray[np.bool_]) -> Floats:
    """Number the tiers of estimates in falling order: a tier ends before the first that is told from its head.

    Parameters
    ----------
    told : bool array (p, p)
        Which pairs are told apart, in the order of the estimates.

    Examples
    --------
    >>> told = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], bool)
    >>> tiers(np.array([9.0, 8.0, 7.0]), told).tolist()
    [1.0, 1.0, 2.0]
    """
    found, head = np.ones(len(estimate)), 0
    for i in range(1, len(estimate)):
        head = i if told[head, i] else head
        found[i] = found[i - 1] + (head == i)
    return found
