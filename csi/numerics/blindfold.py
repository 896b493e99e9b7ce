"""Blindfolding: hide some answers of a construct, estimate without them, predict them from its causes.

Conventions of semPLS (Monecke & Leisch 2012, J. Statistical Software 48(3), `qSquared`): rows j, j + d, j + 2d, ... of
all items of one construct are hidden at a time. What involves a hidden answer is worked out over the rows that are
left, everything else over all rows. Letters: m items, k constructs, n cases, d omission distance.

References
----------
Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions. JRSS B 36, 111-147.
Geisser, S. (1974). A predictive approach to the random effect model. Biometrika 61, 101-107.
Tenenhaus, M., et al. (2005). PLS path modeling. CSDA 48, 159-205, sec. 3.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics.pls import Outer, Scheme, inner_weights
from csi.numerics.solve import Floats, regress, solve


class Halves(NamedTuple):
    """Covariances of the items `(m, m, d)`: over all rows, and over the rows that are left, one hiding a column."""

    every: Floats
    left: Floats
    hidden: int


def q2(
    x: Floats,
    weight: Floats,
    outer: Sequence[Outer],
    arrows: NDArray[np.bool_],
    scheme: Scheme,
    construct: int,
    distance: int,
    tolerance: float,
    max_iter: int,
) -> float:
    """Stone and Geisser's Q2 of one construct, 1 - sum of squared errors / sum of squares about the mean.

    Parameters
    ----------
    x : array (m, n)
        Answers, all given.
    weight : array (n,)
        Case weights.
    construct : int
        The one whose answers are hidden.
    distance : int
        Every so manieth row is hidden at a time.
    """
    z = _standardized(x, weight)
    folds = np.arange(x.shape[1]) % distance
    block = outer[construct].block
    centre, spread, halves = _halves(z, weight, folds, distance, construct, block)
    w, scores = _fixed_point(halves, outer, arrows, scheme, tolerance, max_iter)
    paths = regress(scores, arrows)[:, construct]
    loadings = _covariance_with(halves.left, w, block)[block]
    error, total = 0.0, 0.0
    for fold in range(distance):
        rows = folds == fold
        cause = np.zeros(int(rows.sum()))
        for c in np.flatnonzero(arrows[:, construct]):
            own = outer[int(c)].block
            cause += paths[c, fold] * (w[own, fold] @ z[own][:, rows])
        guess = loadings[:, [fold]] * cause * spread[:, [fold]] + centre[:, [fold]]
        error += float((weight[rows] * (z[block][:, rows] - guess) ** 2).sum())
        total += float((weight[rows] * (z[block][:, rows] - centre[:, [fold]]) ** 2).sum())
    return 1 - error / total if total > 0 else float("nan")


def _standardized(x: Floats, weight: Floats) -> Floats:
    mean = (x @ weight / weight.sum())[:, None]
    n = x.shape[1]
    variance = ((x - mean) ** 2 @ weight / weight.sum() * n / (n - 1))[:, None]
    z: Floats = (x - mean) / np.sqrt(np.where(variance > 0, variance, np.nan))
    return z


def _halves(
    z: Floats, weight: Floats, folds: NDArray[np.intp], distance: int, construct: int, block: slice
) -> tuple[Floats, Floats, Halves]:
    """Mean and spread of the hidden items over the rows left, `(m_j, d)`, and covariances in units of that spread."""
    m = len(z)
    centre, scale = np.zeros((m, distance)), np.ones((m, distance))
    every, left = np.empty((m, m, distance)), np.empty((m, m, distance))
    for fold in range(distance):
        w = weight * (folds != fold)
        n = float(np.count_nonzero(w))
        mean = z @ w / w.sum()
        off = z - mean[:, None]
        left[..., fold] = (off * w) @ off.T / w.sum() * n / (n - 1)
        centre[:, fold] = mean
        scale[block, fold] = np.sqrt(left[block, block, fold].diagonal())
    every[:] = ((z * weight) @ z.T / weight.sum() * z.shape[1] / (z.shape[1] - 1))[..., None]
    units = scale[:, None] * scale[None, :]
    return centre[block], scale[block], Halves(every / units, left / units, construct)


def _fixed_point(
    s: Halves, outer: Sequence[Outer], arrows: NDArray[np.bool_], scheme: Scheme, tolerance: float, max_iter: int
) -> tuple[Floats, Floats]:
    """Item weights `(m, d)` and correlations of the scores `(k, k, d)`."""
    linked = arrows | arrows.T
    w = np.ones(s.left.shape[1:])
    for block, _, fixed, _ in outer:
        if fixed is not None:
            w[block] = fixed[:, None]
    w = _scaled(s, w, outer)
    for _ in range(max_iter):
        inner = inner_weights(_correlations(s, w, outer), arrows, scheme)
        new = w.copy()
        for j, (block, mode, _, _) in enumerate(outer):
            if mode == "fixed":
                continue
            # Where the hidden construct is a neighbour, or the one itself, only the rows left can be used.
            cov = s.left if linked[s.hidden, j] or j == s.hidden else s.every
            near = np.flatnonzero(linked[j])
            shared = sum(inner[c, j] * _covariance_with(cov, w, outer[int(c)].block)[block] for c in near)
            if mode == "B":
                new[block] = solve(cov[block, block], np.asarray(shared))
            else:
                new[block] = shared / np.sqrt(np.einsum("iib->ib", cov[block, block]))
        previous, w = w, _scaled(s, new, outer)
        if not (np.abs(w - previous).max() > tolerance):
            break
    return w, _correlations(s, w, outer)


def _covariance_with(s: Floats, w: Floats, block: slice) -> Floats:
    """Covariance of every item with the score of one construct, `(m, d)`."""
    found: Floats = np.einsum("imb,ib->mb", s[block], w[block])
    return found


def _scaled(s: Halves, w: Floats, outer: Sequence[Outer]) -> Floats:
    """Weights of scores of variance one: over all rows, or over those left for the hidden construct."""
    scaled = np.empty_like(w)
    for j, (block, *_) in enumerate(outer):
        cov = s.left if j == s.hidden else s.every
        variance = np.einsum("ijb,ib,jb->b", cov[block, block], w[block], w[block])
        scaled[block] = w[block] / np.sqrt(np.where(variance > 0, variance, np.nan))
    return scaled


def _correlations(s: Halves, w: Floats, outer: Sequence[Outer]) -> Floats:
    """Correlations of the scores: over all rows; over those left where the hidden construct takes part."""
    found = _score_covariances(s.every, w, outer)
    over_left = _score_covariances(s.left, w, outer)
    spread = np.sqrt(np.einsum("iib->ib", over_left))
    found[s.hidden] = over_left[s.hidden] / spread / spread[s.hidden]
    found[:, s.hidden] = found[s.hidden]
    return found


def _score_covariances(s: Floats, w: Floats, outer: Sequence[Outer]) -> Floats:
    shared = [_covariance_with(s, w, block) for block, *_ in outer]
    return np.stack([np.stack([np.einsum("ib,ib->b", one[block], w[block]) for block, *_ in outer]) for one in shared])
