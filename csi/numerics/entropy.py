"""Weights from the answers themselves: a column that tells the objects apart weighs more.

References
----------
Shannon (1948), A mathematical theory of communication.
Zeleny (1982), Multiple Criteria Decision Making, ch. 7: weights from one minus relative entropy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def entropy(x: Floats, case_weights: Floats | None = None) -> Floats:
    """Relative entropy of every column of `x` (m, n), between 0 and 1: ``E_j = -sum_i p_ij ln p_ij / ln m``.

    ``p_ij = x_ij / sum_i x_ij`` over the m objects, and ``0 ln 0 = 0``. The columns must not be negative; a column
    that sums to zero has no entropy (NaN). With case weights an object of weight w stands for w equal objects, and
    m is the sum of the weights.

    Examples
    --------
    >>> entropy(np.array([[1.0, 1.0], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    w = np.ones(len(x)) if case_weights is None else case_weights
    total = w @ x
    with np.errstate(invalid="ignore", divide="ignore"):
        p = x / np.where(total > 0, total, np.nan)
        log = np.where(p > 0, np.log(np.where(p > 0, p, 1.0)), 0.0)
    found: Floats = -(w @ (p * log)) / np.log(w.sum())
    # Equal objects have entropy 1, up to the last digit.
    return np.where(np.isnan(found), np.nan, np.clip(found, 0.0, 1.0) + 0.0)


def entropy_weights(x: Floats, case_weights: Floats | None = None) -> Floats:
    """Weights (n,) in proportion to ``1 - E_j``, summing to one; NaN where no column tells the objects apart.

    Examples
    --------
    >>> entropy_weights(np.array([[1.0, 1.0], [1.0, 3.0]])).tolist()
    [0.0, 1.0]
    """
    distinct = 1 - entropy(x, case_weights)
    distinct = np.where(distinct < 1e-14, 0.0, distinct)
    total = distinct.sum()
    weights: Floats = distinct / total if total > 0 else np.full(len(distinct), np.nan)
    return weights


def min_max(x: Floats) -> Floats:
    """Columns of `x` (m, n) stretched from 0 to 1; a constant column becomes ones."""
    low, high = x.min(axis=0), x.max(axis=0)
    width = high - low
    stretched: Floats = np.where(width > 0, (x - low) / np.where(width > 0, width, 1.0), 1.0)
    return stretched
