"""Permutation of group labels, and what is compared between groups that might be one.

References
----------
Henseler, J., Ringle, C. M., & Sarstedt, M. (2016). Testing measurement invariance of composites using PLS.
    International Marketing Review 33, 405-431.
Chin, W. W., & Dibbern, J. (2010). An introduction to a permutation based procedure for multi-group PLS analysis.
Henseler, J., Ringle, C. M., & Sinkovics, R. R. (2009). The use of PLS path modeling in international marketing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics.resample import blocks, stream
from csi.numerics.solve import Floats

#: Statistics that differ by less are equal: a composite of one item correlates with itself by one, but for rounding.
TIE = 1e-12


def label_rows(
    entropy: int, key: str, labels: NDArray[np.intp], unit: NDArray[np.intp], stratum: NDArray[np.intp], size: int
) -> Iterator[NDArray[np.signedinteger[Any]]]:
    """Permute the labels of units within strata; yield labels of the cases `(rows, n)`, a block at a time.

    Parameters
    ----------
    labels : array (u,)
        Group of every unit.
    unit : array (n,)
        Unit of every case.
    stratum : array (u,)
        Stratum of every unit.
    """
    for block, rows in blocks(size):
        rng = stream(entropy, key, block)
        drawn = np.empty((rows, len(labels)), np.int16)
        for h in np.unique(stratum):
            at = np.flatnonzero(stratum == h)
            drawn[:, at] = rng.permuted(np.tile(labels[at].astype(np.int16), (rows, 1)), axis=1)
        yield drawn[:, unit]


def composite_correlation(r: Floats, one: Floats, two: Floats, outer: Sequence[slice]) -> Floats:
    """Correlation c of two scores of every construct, by the weights of two groups `(m, B)`, in the pooled data.

    [Henseler, Ringle & Sarstedt 2016, eq. 1]. `r` `(m, m)` are pooled covariances of the items that are weighted.
    """
    found = np.empty((len(outer), one.shape[1]))
    for j, block in enumerate(outer):
        inside = r[block, block]
        across = np.einsum("ib,ij,jb->b", one[block], inside, two[block])
        own = np.einsum("ib,ij,jb->b", one[block], inside, one[block])
        other = np.einsum("ib,ij,jb->b", two[block], inside, two[block])
        found[j] = across / np.sqrt(own * other)
    return found


class Spread(NamedTuple):
    """Means and variances of pooled scores in one group, each `(k, B)`."""

    mean: Floats
    variance: Floats


def pooled_scores(mean: Floats, cov: Floats, centre: Floats, weights: Floats, outer: Sequence[slice]) -> Spread:
    """Mean and variance of the scores that pooled weights `(m,)` of the items give in a group.

    Parameters
    ----------
    mean : array (m, B)
    cov : array (m, m, B)
    centre : array (m,)
        Pooled means.
    """
    means = np.stack([weights[block] @ (mean[block] - centre[block, None]) for block in outer])
    variances = np.stack([np.einsum("i,ijb,j->b", weights[b], cov[b, b], weights[b]) for b in outer])
    return Spread(means, variances)


def p_small(value: Floats, draws: Floats) -> Floats:
    """Share of draws `(..., B)` not above a value, (1 + #)/(B + 1)."""
    return _share((draws <= value[..., None] + TIE), draws)


def p_far(value: Floats, draws: Floats) -> Floats:
    """Share of draws `(..., B)` at least as far from zero as a value, (1 + #)/(B + 1)."""
    return _share((np.abs(draws) >= np.abs(value[..., None]) - TIE), draws)


def p_large(value: Floats, draws: Floats) -> Floats:
    """Share of draws `(..., B)` not below a value, (1 + #)/(B + 1)."""
    return _share((draws >= value[..., None] - TIE), draws)


def _share(hit: NDArray[np.bool_], draws: Floats) -> Floats:
    valid = np.isfinite(draws)
    p: Floats = (1 + (hit & valid).sum(axis=-1)) / (valid.sum(axis=-1) + 1)
    return np.where(valid.any(axis=-1), p, np.nan)


def henseler(one: Floats, two: Floats) -> Floats:
    """P(first <= second) from bootstrap draws `(rows, B)` of two groups [Henseler, Ringle & Sinkovics 2009, eq. 8].

    1 - mean over all pairs of draws of [2 mean(one) - one_b - 2 mean(two) + two_c > 0].
    """
    found = np.full(len(one), np.nan)
    for row, (a, b) in enumerate(zip(one, two, strict=True)):
        first, second = a[np.isfinite(a)], np.sort(b[np.isfinite(b)])
        if len(first) and len(second):
            reflected = first - 2 * first.mean() + 2 * second.mean()
            above = len(second) - np.searchsorted(second, reflected, side="right")
            found[row] = 1 - above.mean() / len(second)
    return found


def adjusted(p: Floats, method: str) -> Floats:
    """p-values `(rows,)` corrected for their number: "bonferroni", "holm" or "fdr" [Benjamini & Hochberg 1995]."""
    found = np.full(len(p), np.nan)
    at = np.flatnonzero(np.isfinite(p))
    m, ordered = len(at), at[np.argsort(p[at], kind="stable")]
    if method == "bonferroni":
        found[at] = np.minimum(1, p[at] * m)
    elif method == "holm":
        found[ordered] = np.minimum(1, np.maximum.accumulate(p[ordered] * (m - np.arange(m))))
    else:
        scaled = p[ordered] * m / np.arange(1, m + 1)
        found[ordered] = np.minimum(1, np.minimum.accumulate(scaled[::-1])[::-1])
    return found
