"""Correlations of ordered answers from their two-way tables, for many rows of case weights.

Letters: n cases, p items, C categories of the item that has most, B replicates.

References
----------
Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient. Psychometrika 44, 443-460.
Spearman, C. (1904). The proof and measurement of association between two things. Am. J. Psychology 15, 72-101.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from csi.numerics.moments import Packed, pairs
from csi.numerics.sem.polychoric import table_correlations
from csi.numerics.solve import Floats

Kind = Literal["polychoric", "spearman"]
#: A threshold at infinity; replicates worked on at a time.
FAR, AT_ONCE = 40.0, 16


class Categories(NamedTuple):
    """Answers as categories: `dummy` `(p, C, n)` of zeros and ones, blanks being in none; codes `(p, C)`."""

    dummy: Floats
    codes: Floats


def categories(x: Floats) -> Categories:
    """Divide answers `(p, n)` into their categories, in order; NaN pads items that have fewer."""
    known = [np.unique(row[np.isfinite(row)]) for row in x]
    size = max(max((len(values) for values in known), default=1), 1)
    dummy, codes = np.zeros((len(x), size, x.shape[1])), np.full((len(x), size), np.nan)
    for j, values in enumerate(known):
        codes[j, : len(values)] = values
        dummy[j, : len(values)] = x[j] == values[:, None]
    return Categories(dummy, codes)


def ordered_moments(
    answers: Categories, weights: NDArray[np.generic], divisor: float, kind: Kind, start: Floats | None = None
) -> Packed:
    """Means and variances of the codes, and covariances by correlations of another kind.

    Parameters
    ----------
    weights : array (B, n)
    divisor : float
        n/(n - 1), which makes variances unbiased.
    start : array (p, p), optional
        Where the search for polychoric correlations begins.
    """
    p = len(answers.codes)
    rows, cols = pairs(p)
    mean, packed = np.empty((p, len(weights))), np.empty((len(rows), len(weights)))
    values = np.nan_to_num(answers.codes)
    for begin in range(0, len(weights), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        tables = np.stack(list(_tables(answers.dummy, weights[part])))
        margin = np.einsum("bjcjc->bjc", tables)
        count = margin.sum(axis=2, keepdims=True)
        share = margin / np.where(count > 0, count, np.nan)
        middle = (share * values).sum(axis=2)
        sd = np.sqrt((share * (values - middle[..., None]) ** 2).sum(axis=2) * divisor)
        sd = np.nan_to_num(np.where(sd > 0, sd, np.nan))
        if kind == "spearman":
            corr = np.stack([_spearman(*pair) for pair in zip(tables, margin, strict=True)])
        else:
            corr = _polychoric(tables, share, start)
        mean[:, part] = middle.T
        packed[:, part] = (corr[:, rows, cols] * sd[:, rows] * sd[:, cols]).T
    return Packed(mean, packed)


def _tables(dummy: Floats, weights: NDArray[np.generic]) -> Iterator[Floats]:
    """All two-way tables `(p, C, p, C)` under every row of weights."""
    p, size, n = dummy.shape
    flat = dummy.reshape(p * size, n)
    for w in weights:
        yield ((flat * w) @ flat.T).reshape(p, size, p, size)


def _spearman(tables: Floats, margin: Floats) -> Floats:
    """Correlations of midranks `(p, p)`, each pair over the cases that answered both."""
    rank = np.cumsum(margin, axis=1) - margin / 2
    rank = rank - (margin * rank).sum(axis=1, keepdims=True) / margin.sum(axis=1, keepdims=True)
    own = tables.sum(axis=3)
    n = own.sum(axis=1)
    first = np.einsum("icj,ic->ij", own, rank) / n
    square = np.einsum("icj,ic->ij", own, rank**2) / n - first**2
    product = np.einsum("icjd,ic,jd->ij", tables, rank, rank, optimize=True) / n - first * first.T
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = product / np.sqrt(square * square.T)
    return found


def _polychoric(tables: Floats, share: Floats, start: Floats | None) -> Floats:
    """Correlations `(B, p, p)` of the normal variables behind answers, thresholds from the margins [Olsson 1979]."""
    size, p, categories = share.shape
    cuts = np.full((size, p, categories + 1), FAR)
    cuts[..., 0] = -FAR
    with np.errstate(divide="ignore"):
        cuts[..., 1:-1] = np.clip(ndtri(np.clip(np.cumsum(share, axis=2)[..., :-1], 0, 1)), -FAR, FAR)
    rows, cols = np.triu_indices(p, 1)
    flat = (-1, categories + 1)
    rho = table_correlations(
        np.moveaxis(tables[:, rows, :, cols], 0, 1).reshape(-1, categories, categories),
        cuts[:, rows].reshape(flat),
        cuts[:, cols].reshape(flat),
        None if start is None else np.tile(start[rows, cols], size),
    )
    found = np.broadcast_to(np.eye(p), (size, p, p)).copy()
    found[:, rows, cols] = found[:, cols, rows] = rho.reshape(size, -1)
    return found
