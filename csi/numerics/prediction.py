"""Predicting answers from other answers: every prediction of a path model is a linear function of the predictors.

Replicates (training sets) stand on the last axis; m items, k constructs, t targets, B replicates.

References
----------
Shmueli, G., Ray, S., Velasquez Estrada, J. M., & Chatla, S. B. (2016). The elephant in the room: predictive
    performance of PLS models. J. Business Research 69, 4552-4564.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from csi.numerics.solve import Floats, solve


def reach(paths: Floats, arrows: NDArray[np.bool_], earliest: bool) -> Floats:
    """What a construct's score predicts of another's, `(k, k, B)`.

    From the earliest antecedents, constructs without causes, along all chains; or from the direct ones alone.
    """
    if not earliest:
        return paths
    exogenous = ~arrows.any(axis=0)
    total = paths.copy()
    step = paths
    for _ in range(len(paths) - 1):
        step = np.einsum("ijb,jlb->ilb", step, paths)
        total = total + step
    total[~exogenous] = 0
    return total


def model_slopes(
    weights: Floats, loadings: Floats, sd: Floats, reached: Floats, blocks: Sequence[slice], targets: NDArray[np.intp]
) -> Floats:
    """Points of a target item per point of a predictor item, `(t, m, B)`: sd_l loading_l effect weight_i / sd_i."""
    owner = np.repeat(np.arange(len(blocks)), [block.stop - block.start for block in blocks])
    effect = reached[np.ix_(owner, owner[targets])].swapaxes(0, 1)
    found: Floats = (sd[targets] * loadings[targets])[:, None] * effect * (weights / sd)[None]
    return found


def linear_slopes(cov: Floats, predictors: Sequence[NDArray[np.intp]], targets: NDArray[np.intp]) -> Floats:
    """Least squares of every target item on its own predictors, `(t, m, B)`; NaN where they are collinear."""
    found = np.zeros((len(targets), *cov.shape[1:]))
    for row, (target, at) in enumerate(zip(targets, predictors, strict=True)):
        if len(at):
            found[row, at] = solve(cov[np.ix_(at, at)], cov[at, target])
    return found


def predicted(x: Floats, mean: Floats, slopes: Floats, targets: NDArray[np.intp]) -> Floats:
    """Predictions `(t, n)` for cases `(m, n)` by means `(m,)` and slopes `(t, m)`; NaN where a predictor is blank."""
    blank = np.isnan(x)
    off = np.where(blank, 0, x - mean[:, None])
    guess: Floats = mean[targets][:, None] + slopes @ off
    guess[(slopes != 0).astype(float) @ blank > 0] = np.nan
    return guess
