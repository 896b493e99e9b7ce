"""Random streams and rows of case weights: a replicate's numbers depend on the seed, its group and its place only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csi.numerics.solve import Floats

#: Replicates that share one random stream; 10,000 draws therefore begin with the same 5,000.
BLOCK = 256
#: Case weights held at a time: 100 MB of small counts.
HELD = 100_000_000
#: From here on, counting one resample at a time keeps the counts in the cache.
MANY = 50_000


def stream(entropy: int, label: str, block: int) -> np.random.Generator:
    """Return the generator of one block of replicates of one group.

    Examples
    --------
    >>> bool(stream(7, "x", 0).random() == stream(7, "x", 0).random() != stream(7, "y", 0).random())
    True
    """
    words = np.frombuffer(hashlib.blake2b(label.encode("utf-8"), digest_size=8).digest(), np.uint32)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy, spawn_key=(*map(int, words), block))))


def blocks(n_resamples: int) -> Iterator[tuple[int, int]]:
    """Yield (number of the block, replicates in it)."""
    for begin in range(0, n_resamples, BLOCK):
        yield begin // BLOCK, min(BLOCK, n_resamples - begin)


def count_rows(entropy: int, label: str, n: int, n_resamples: int) -> Iterator[NDArray[np.integer[Any]]]:
    """Draw n of n cases with replacement; yield counts `(rows, n)`, as many rows at a time as memory allows.

    Examples
    --------
    >>> few = np.concatenate(list(count_rows(7, "", 5, 2)))
    >>> many = np.concatenate(list(count_rows(7, "", 5, 600)))
    >>> few.sum(axis=1).tolist(), bool((many[:2] == few).all())
    ([5, 5], True)
    """
    at_once = max(1, HELD // max(n, 1))
    for block, size in blocks(n_resamples):
        rng = stream(entropy, label, block)
        for begin in range(0, size, at_once):
            yield _counts(rng, n, min(at_once, size - begin))


def _counts(rng: np.random.Generator, n: int, rows: int) -> NDArray[np.integer[Any]]:
    """Count how often each case is drawn, in `rows` resamples."""
    if n > MANY:
        counts = np.empty((rows, n), np.uint8)
        for row in range(rows):
            one = np.bincount(rng.integers(0, n, size=n), minlength=n)
            if one.max() > np.iinfo(counts.dtype).max:
                counts = counts.astype(np.uint32)
            counts[row] = one
        return counts
    drawn = rng.integers(0, n, size=(rows, n)) + np.arange(rows)[:, None] * n
    return np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)


def wishart_moments(rng: np.random.Generator, mean: Floats, root: Floats, n: float, size: int) -> tuple[Floats, Floats]:
    """Draw moments of n normal answers: means `(p, size)` and unbiased covariances `(p, p, size)`.

    Bartlett's decomposition: cov = L A A' L'/(n - 1), A lower triangular with chi on the diagonal
    [Anderson 2003, An introduction to multivariate statistical analysis, theorem 7.2.1].

    Parameters
    ----------
    mean : array (p,)
    root : array (p, p)
        Lower Cholesky factor of the covariance matrix.
    """
    p = len(mean)
    a = np.tril(rng.standard_normal((size, p, p)), -1)
    diagonal = np.arange(p)
    a[:, diagonal, diagonal] = np.sqrt(rng.chisquare(n - 1 - diagonal, size=(size, p)))
    factor = root @ a
    cov = factor @ factor.swapaxes(1, 2) / (n - 1)
    means = mean + rng.standard_normal((size, p)) @ root.T / np.sqrt(n)
    return means.T.copy(), np.moveaxis(cov, 0, -1).copy()
