"""Factor scores: the expected construct given the items, and the best unbiased linear predictor."""

from __future__ import annotations

from typing import Literal

import numpy as np

from .inference import cell_values
from .isolated import inverse
from .structure import Floats, Structure, implied, matrices

Method = Literal["regression", "bartlett"]


def score_weights(structure: Structure, theta: Floats, group: int = 0, method: Method = "regression") -> Floats:
    """Weights (B, constructs, p) of the centred items.

    Regression: cov(eta, y) Sigma^-1 [Thurstone 1935]. Bartlett (1937): (L' Sigma^-1 L)^-1 L' Sigma^-1, which equals
    the usual form with the residual variances and also stands for items without residual; NaN for constructs without
    items of their own.
    """
    cells, p = structure.groups[group], structure.n_items
    values = cell_values(structure, group, theta)
    model = implied(cells, values)
    if method == "regression":
        return model.covariance[:, p:, :p] @ inverse(model.sigma(p))
    loading = np.zeros((len(theta), p, structure.n_variables))
    loading[:, :, cells.inner] = matrices(cells, values)[0][:, :p]
    own = np.flatnonzero((loading[:, :, p:] != 0).any(axis=(0, 1)))
    direct = loading[:, :, p + own]
    pulled = direct.transpose(0, 2, 1) @ inverse(model.sigma(p))
    out = np.full((len(theta), structure.n_variables - p, p), np.nan)
    out[:, own] = inverse(pulled @ direct) @ pulled
    return out


def factor_scores(
    structure: Structure, theta: Floats, cases: Floats, group: int = 0, method: Method = "regression"
) -> Floats:
    """Scores (n, constructs) of the cases (n, p) at theta (1, free).

    Deviations from the sample means where the structure has no means; else on the scale of the construct means.
    """
    weights = score_weights(structure, theta, group, method)[0]
    if not structure.has_means:
        return np.asarray((cases - cases.mean(axis=0)) @ weights.T, dtype=np.float64)
    cells, p = structure.groups[group], structure.n_items
    model = implied(cells, cell_values(structure, group, theta))
    return np.asarray(model.mean[0, p:] + (cases - model.mu(p)[0]) @ weights.T, dtype=np.float64)
