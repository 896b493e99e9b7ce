"""Poisson resampling weights from hashed keys: what a case weighs in a replicate depends on its key and the replicate.

A bootstrap that reads its cases once cannot draw n of n: it gives every case a Poisson(1) number of copies, on its own
[Chamandy, Muralidharan, Najmi & Naidu 2012, Estimating uncertainty for massive data streams, Google; Hanley &
MacGibbon 2006, Creating non-parametric bootstrap samples using Poisson frequencies]. The numbers come out of a hash of
the case's key, so neither the size of the batches nor their order matters.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np
from numpy.typing import NDArray

from csi.numerics.solve import Floats

Keys = NDArray[np.uint64]

#: Odd, and without a pattern: the golden ratio on 64 bits, and the multipliers of SplitMix64.
GOLDEN, FIRST, SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
#: Replicates whose numbers are cut out of one hashed word of 64 bits.
LANES = 4


def mixed(words: Keys) -> Keys:
    """Scramble 64-bit words [Steele, Lea & Flood 2014, Fast splittable pseudorandom number generators, fig. 17]."""
    z = words ^ (words >> np.uint64(30))
    z *= FIRST
    z ^= z >> np.uint64(27)
    z *= SECOND
    z ^= z >> np.uint64(31)
    return z


def stream_key(*words: object) -> np.uint64:
    """Return the key of a stream that is named by words.

    Examples
    --------
    >>> bool(stream_key(7, "a") == stream_key(7, "a") != stream_key(7, "b"))
    True
    """
    text = "\x1f".join(map(str, words))
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "little"))


def row_keys(stream: np.uint64, first: int, size: int) -> Keys:
    """Give keys to the cases `first`, `first + 1`, ... of a stream."""
    ranks = np.arange(first + 1, first + size + 1, dtype=np.uint64)
    return mixed(ranks * GOLDEN + stream)


def _cells() -> Floats:
    """Table of 65,536 equally likely Poisson(1) numbers: each value fills its share of the cells."""
    below = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(12)])
    return np.searchsorted(np.rint(below * 65536), np.arange(65536), side="right").astype(float)


_NUMBERS = _cells()


def multipliers(keys: Keys, first: int, size: int) -> Floats:
    """Poisson(1) numbers `(cases, size)` of the replicates from `first`, a multiple of `LANES`, on.

    Examples
    --------
    >>> keys = row_keys(stream_key(7, "file"), 0, 100_000)
    >>> drawn = multipliers(keys, 0, 8)
    >>> bool((multipliers(keys[50:60], 4, 3) == drawn[50:60, 4:7]).all())
    True
    >>> bool(abs(drawn.mean() - 1) < .005), bool(abs(drawn.var() - 1) < .01)
    (True, True)
    """
    words = np.arange(first // LANES + 1, (first + size - 1) // LANES + 2, dtype=np.uint64) * SECOND
    bits = mixed(keys[:, None] + words).astype("<u8", copy=False).view("<u2")
    return np.asarray(_NUMBERS[bits[:, :size]])
