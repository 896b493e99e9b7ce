"""Weighted means and covariances of the items for many rows of case weights at once, by one matrix product.

A table of products of the answers, one row a product and one column a case, times case weights gives weighted sums;
sums give means and covariances. Letters: n cases, p items, B replicates (rows of case weights, last axis of results).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from csi.numerics.solve import Floats

#: Cases whose products are formed at a time: p(p+1)/2 products of 24 items then fill a second-level cache.
CHUNK = 4096


class Stack(NamedTuple):
    """Means `(p, B)`, covariances `(p, p, B)` and numbers of cases `(B,)`, replicates on the last axis."""

    mean: Floats
    cov: Floats
    n: Floats

    @property
    def size(self) -> int:
        """Number of replicates."""
        return len(self.n)

    def columns(self, which: slice | NDArray[np.intp]) -> Stack:
        """Some of the replicates."""
        return Stack(self.mean[:, which], self.cov[..., which], self.n[which])

    def sd(self) -> Floats:
        """Standard deviations of the items `(p, B)`."""
        deviations: Floats = np.sqrt(np.einsum("iib->ib", self.cov))
        return deviations


def pairs(p: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the upper triangle, diagonal included, in the order in which products are stacked."""
    return np.triu_indices(p)


def pack(cov: Floats) -> Floats:
    """Keep the upper triangles of `(p, p, B)` as `(p(p+1)/2, B)`."""
    return cov[pairs(len(cov))]


def unpack(triangle: Floats, p: int) -> Floats:
    """Fill `(p, p, B)` from upper triangles."""
    full = np.empty((p, p, triangle.shape[-1]))
    rows, cols = pairs(p)
    full[rows, cols] = triangle
    full[cols, rows] = triangle
    return full


def correlations(cov: Floats) -> Floats:
    """Divide covariances by standard deviations; NaN for an item without variance."""
    variance = np.einsum("iib->ib", cov)
    with np.errstate(invalid="ignore", divide="ignore"):
        inverse = 1 / np.sqrt(np.where(variance > 0, variance, np.nan))
    scaled: Floats = cov * inverse[:, None]
    scaled *= inverse[None, :]
    return scaled


# -- every answer given -----------------------------------------------------------------------------------


def products(x: Floats) -> Floats:
    """Stack 1, x_i and x_i x_j (i <= j) of cases `(p, n)` into `(1 + p + p(p+1)/2, n)`."""
    p, n = x.shape
    rows, cols = pairs(p)
    table = np.empty((1 + p + len(rows), n))
    table[0] = 1
    table[1 : p + 1] = x
    np.multiply(x[rows], x[cols], out=table[p + 1 :])
    return table


class Packed(NamedTuple):
    """Means `(p, B)` and upper triangles of covariances `(p(p+1)/2, B)`."""

    mean: Floats
    cov: Floats


def from_sums(sums: Floats, p: int, divisor: float | Floats) -> Packed:
    """Turn weighted sums of `products` into means and covariances times `divisor` (n/(n-1) makes them unbiased)."""
    rows, cols = pairs(p)
    with np.errstate(invalid="ignore", divide="ignore"):
        average = sums[1:] / np.where(sums[0] > 0, sums[0], np.nan)
    mean = average[:p]
    return Packed(mean, (average[p:] - mean[rows] * mean[cols]) * divisor)


# -- some answers missing -----------------------------------------------------------------------------------


def pair_products(x: Floats, given: NDArray[np.bool_]) -> Floats:
    """Stack what pairwise moments need of cases `(p, n)` with blanks put to zero.

    Rows: given_i given_j and x_i x_j for i <= j; x_i given_j and x_i^2 given_j for every ordered pair; 1.
    """
    p, n = x.shape
    rows, cols = pairs(p)
    here = given.astype(float)
    ordered = x[:, None] * here[None]
    table = [here[rows] * here[cols], x[rows] * x[cols], ordered.reshape(p * p, n)]
    return np.concatenate([*table, (ordered * x[:, None]).reshape(p * p, n), np.ones((1, n))])


class PairSums(NamedTuple):
    """Weighted sums over the cases that answered both of a pair, each `(p, p, B)`; `total` `(B,)` over all cases."""

    weight: Floats
    product: Floats
    first: Floats
    square: Floats
    total: Floats


def pair_sums(sums: Floats, p: int) -> PairSums:
    """Name the rows of weighted `pair_products`."""
    triangle = p * (p + 1) // 2
    ends = np.cumsum([triangle, triangle, p * p, p * p])
    weight, product, first, square, total = np.split(sums, ends)
    shape = (p, p, sums.shape[-1])
    return PairSums(unpack(weight, p), unpack(product, p), first.reshape(shape), square.reshape(shape), total[0])


def pairwise(sums: PairSums, divisor: Floats) -> Packed:
    """Moments of available cases: correlations over those that answered both, means and variances over all.

    This is what SPSS does under pairwise deletion; the correlations are those of `DataFrame.corr` and of R's
    `cor(use = "pairwise")`. `divisor` `(p,)` or `(p, B)` is n_i/(n_i - 1) for the n_i cases that answered item i.
    """
    weight, product, first, square, _ = sums
    diagonal = np.arange(len(weight))
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(weight > 0, weight, np.nan)
        spread = square - first**2 / n
        corr = (product - first * first.swapaxes(0, 1) / n) / np.sqrt(spread * spread.swapaxes(0, 1))
        sd = np.sqrt(spread[diagonal, diagonal] / n[diagonal, diagonal] * divisor.reshape(len(divisor), -1))
        mean = first[diagonal, diagonal] / n[diagonal, diagonal]
        corr[diagonal, diagonal] = 1
        # An item that does not vary has no correlation, and its covariances are not a number.
        return Packed(mean, pack(corr * sd[:, None] * sd[None, :]))


def mean_replaced(sums: PairSums, divisor: float) -> Packed:
    """Moments after every blank is replaced by the mean of its item (what seminr and SmartPLS do by default)."""
    weight, product, first, _, total = sums
    diagonal = np.arange(len(weight))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = first[diagonal, diagonal] / np.where(weight > 0, weight, np.nan)[diagonal, diagonal]
    across = product - mean[None, :] * first - mean[:, None] * first.swapaxes(0, 1) + mean[:, None] * mean * weight
    return Packed(mean, pack(across / total * divisor))


# -- the product -------------------------------------------------------------------------------------------


class Sliced(Protocol):
    """Cases that can be taken in ranges: an array `(p, n)`, or columns that are copied range by range."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Items and cases."""

    def __getitem__(self, key: tuple[slice, slice], /) -> Floats:
        """Return the cases of a range."""


def weighted_sums(x: Sliced, given: NDArray[np.bool_] | None, weights: NDArray[np.generic], centre: Floats) -> Floats:
    """Multiply products of cases `(p, n)`, less a centre `(p,)`, by case weights `(B, n)`, in chunks of cases."""
    total: Floats | None = None
    for part in chunks(x.shape[1], chunk_size(x.shape[0])):
        off, w = x[:, part] - centre[:, None], weights[:, part]
        if given is not None:
            here = given[:, part]
            sums = pair_products(np.where(here, off, 0), here) @ w.T.astype(float, copy=False)
        elif len(w) == 1:
            sums = one_row(off, w[0])
        else:
            sums = products(off) @ w.T.astype(float, copy=False)
        total = sums if total is None else total + sums
    return np.zeros((0, len(weights))) if total is None else total


def one_row(x: Floats, w: NDArray[np.generic]) -> Floats:
    """Sums of `products` under one row of case weights, by way of the matrix x diag(w) x'."""
    root = np.sqrt(w)
    rooted = x * root
    return np.concatenate([[root @ root], rooted @ root, (rooted @ rooted.T)[pairs(len(x))]])[:, None]


def chunk_size(p: int) -> int:
    """Cases whose products are formed at a time: fewer where many items would make a table of more than 64 MB."""
    return min(CHUNK, max(64, 2**23 // (1 + p * (p + 3) // 2)))


def chunks(n: int, size: int = CHUNK) -> Iterator[slice]:
    """Cut n cases into slices; a group without cases is one empty slice."""
    for begin in range(0, max(n, 1), size):
        yield slice(begin, min(begin + size, n))
