"""Partial least squares path modelling from a matrix of item covariances, many replicates at once.

Items stand in the order of the constructs, so that a block is a slice; replicates stand on the last axis, which
keeps every operation on long contiguous rows. Letters: m items, k constructs, B replicates.

References
----------
Lohmoller, J.-B. (1989). Latent variable path modeling with partial least squares. Chapter 2.
Wold, H. (1982). Soft modeling: the basic design and some extensions.
Tenenhaus, M., Esposito Vinzi, V., Chatelin, Y.-M., & Lauro, C. (2005). PLS path modeling. CSDA 48, 159-205.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics.solve import Floats, regress, solve

Scheme = Literal["path", "factorial", "centroid"]


#: Step of a weight, in shares of it, by which one iteration is differentiated.
NUDGE = 1e-5


class Outer(NamedTuple):
    """How one block is weighted: mode "A" or "B", or "fixed" at given weights `(m_j,)`.

    `times` `(m_j,)` says how often an item counts in mode A, where a column stands for several that are the same.
    """

    block: slice
    mode: Literal["A", "B", "fixed"]
    fixed: Floats | None = None
    times: Floats | None = None


class Weights(NamedTuple):
    """Item weights of unit-variance scores `(m, B)`, and how they were reached."""

    values: Floats
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]


def item_weights(
    s: Floats,
    outer: Sequence[Outer],
    arrows: NDArray[np.bool_],
    scheme: Scheme,
    start: Floats | None = None,
    tolerance: float = 1e-7,
    max_iter: int = 300,
) -> Weights:
    """Iterate outer and inner approximation to the fixed point [Lohmoller 1989, ch. 2; Tenenhaus et al. 2005, sec. 2].

    Parameters
    ----------
    s : array (m, m, B)
        Item correlations (standardized items) or covariances (raw items).
    outer : one `Outer` a construct
        The blocks, in order, without gaps.
    arrows : bool array (k, k)
        `arrows[cause, effect]`.
    scheme : {"path", "factorial", "centroid"}
        Inner weighting.
    start : array (m, B) or (m, 1), optional
        Where to begin; every score then keeps the sign of its start. Without a start, all weights begin at one and
        the item with the largest loading has a positive one.
    tolerance : float
        Largest absolute change of a weight of unit-variance scores at which a replicate stops.
    max_iter : int
        Replicates that have not stopped by then are marked as not converged.

    Returns
    -------
    Weights
        A replicate with a singular block has NaN weights and is not converged.
    """
    first = np.ones((len(s), 1)) if start is None else start
    w = unit_variance(s, _with_fixed(np.array(np.broadcast_to(first, s.shape[1:])), outer), outer)
    if all(part.mode == "fixed" for part in outer):
        found = Weights(w, np.zeros(s.shape[-1], np.int64), np.asarray(np.isfinite(w).all(axis=0)))
    else:
        found = _fixed_point(s, w, outer, arrows, scheme, tolerance, max_iter)
    return found._replace(values=anchored(s, found.values, outer, start))


def _fixed_point(
    s: Floats,
    w: Floats,
    outer: Sequence[Outer],
    arrows: NDArray[np.bool_],
    scheme: Scheme,
    tolerance: float,
    max_iter: int,
) -> Weights:
    """Repeat the two approximations until every replicate stands still."""
    size = s.shape[-1]
    result, iterations = np.full_like(w, np.nan), np.full(size, max_iter)
    converged, moving, active = np.zeros(size, bool), np.ones(size, bool), np.arange(size)
    for step in range(1, max_iter + 1):
        previous, w = w, _step(s, w, outer, arrows, scheme)
        change = np.abs(w - previous).max(axis=0)
        # A replicate is frozen where it stops, so that no result depends on its neighbours in the block.
        stops = moving[active] & ~(change > tolerance)
        stopped = active[stops]
        result[:, stopped], iterations[stopped] = w[:, stops], step
        converged[stopped], moving[stopped] = np.isfinite(change[stops]), False
        left = moving[active]
        if not left.any():
            break
        if 2 * np.count_nonzero(left) <= len(active):
            s, w, active = s[..., left], w[:, left], active[left]
    left = moving[active]
    result[:, active[left]] = w[:, left]
    return Weights(result, iterations, converged)


def nudged(
    s: Floats, moved: Floats, w: Floats, outer: Sequence[Outer], arrows: NDArray[np.bool_], scheme: Scheme
) -> Floats:
    """Weights `(m, B)` at matrices close to one whose weights are known, to first order.

    With one step of the iteration written F, w = F(w, S). Its derivative gives (I - dF/dw) dw = F(w, S + dS) - w
    [implicit function theorem]: one step at the moved matrices and one at moved weights, instead of all iterations.

    Parameters
    ----------
    s : array (m, m, 1)
    moved : array (m, m, B)
        Matrices close to `s`.
    w : array (m, 1)
        The weights at `s`, standing still to many digits.
    """
    m, size = len(w), moved.shape[-1]
    residual = _step(moved, np.repeat(w, size, 1), outer, arrows, scheme) - w
    step = NUDGE * np.maximum(np.abs(w[:, 0]), np.abs(w).mean())
    beside = np.concatenate([w + np.diag(step), w - np.diag(step)], axis=1)
    stepped = _step(np.repeat(s, 2 * m, 2), beside, outer, arrows, scheme)
    slope = (stepped[:, :m] - stepped[:, m:]) / (2 * step)
    for block, mode, *_ in outer:
        if mode == "fixed":
            # Only the scale of given weights moves, and with the matrix alone.
            slope[block] = 0
    return np.asarray(w + np.linalg.solve(np.eye(m) - slope, residual))


def _step(s: Floats, w: Floats, outer: Sequence[Outer], arrows: NDArray[np.bool_], scheme: Scheme) -> Floats:
    """Go once from outer weights to outer weights."""
    shared = item_covariances(s, w, outer)
    e = inner_weights(construct_covariances(shared, w, outer), arrows, scheme)
    linked = arrows | arrows.T
    new = w.copy()
    for j, (block, mode, _, times) in enumerate(outer):
        if mode == "fixed":
            continue
        near = np.flatnonzero(linked[j])
        new[block] = np.einsum("lb,lib->ib", e[near, j], shared[near, block])
        if mode == "B":
            new[block] = solve(s[block, block], new[block])
        elif times is not None:
            new[block] *= times[:, None]
    return unit_variance(s, new, outer)


def item_covariances(s: Floats, w: Floats, outer: Sequence[Outer]) -> Floats:
    """Covariance of every construct's score with every item, `(k, m, B)`."""
    shared = np.empty((len(outer), *w.shape))
    for j, (block, *_) in enumerate(outer):
        np.einsum("imb,ib->mb", s[block], w[block], out=shared[j])
    return shared


def construct_covariances(shared: Floats, w: Floats, outer: Sequence[Outer]) -> Floats:
    """Covariances of the scores `(k, k, B)` from their covariances with the items."""
    covariances = np.empty((len(outer), len(outer), w.shape[1]))
    for j, (block, *_) in enumerate(outer):
        np.einsum("kib,ib->kb", shared[:, block], w[block], out=covariances[:, j])
    return covariances


def inner_weights(c: Floats, arrows: NDArray[np.bool_], scheme: Scheme) -> Floats:
    """Weights `e[l, j]` of construct l in the inner proxy of construct j [Lohmoller 1989, sec. 2.3.2].

    Centroid: the sign of the correlation; factorial: the correlation; path: the regression weight of a cause, the
    correlation with an effect.
    """
    if scheme == "centroid":
        return np.sign(c)
    if scheme == "factorial":
        return c
    return np.where(arrows[..., None], regress(c, arrows), c)


def unit_variance(s: Floats, w: Floats, outer: Sequence[Outer]) -> Floats:
    """Scale the weights of every block so that its score has variance one; NaN where it has none."""
    scaled = np.empty_like(w)
    for block, *_ in outer:
        part = w[block]
        if len(part) == 1:
            variance = part[0] ** 2 * s[block.start, block.start]
        else:
            variance = np.einsum("ijb,ib,jb->b", s[block, block], part, part)
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled[block] = part / np.sqrt(np.where(variance > 0, variance, np.nan))
    return scaled


def anchored(s: Floats, w: Floats, outer: Sequence[Outer], start: Floats | None) -> Floats:
    """Turn every score to the side of its start, or of its dominant item (the one with the largest loading)."""
    turned = w.copy()
    for block, *_ in outer:
        covariance = np.einsum("imb,ib->mb", s[block, block], w[block])
        if start is None:
            side = np.take_along_axis(covariance, dominant(covariance, s[block, block])[None], axis=0)[0]
        else:
            side = (covariance * start[block]).sum(axis=0)
        turned[block] *= np.where(side < 0, -1.0, 1.0)
    return turned


def dominant(covariance: Floats, s: Floats) -> NDArray[np.intp]:
    """Position of the item with the largest absolute loading, for every replicate."""
    with np.errstate(invalid="ignore", divide="ignore"):
        loadings = np.abs(covariance) / np.sqrt(np.einsum("iib->ib", s))
    position: NDArray[np.intp] = np.nan_to_num(loadings).argmax(axis=0)
    return position


def _with_fixed(w: Floats, outer: Sequence[Outer]) -> Floats:
    for block, _, fixed, _ in outer:
        if fixed is not None:
            w[block] = fixed[:, None]
    return w
