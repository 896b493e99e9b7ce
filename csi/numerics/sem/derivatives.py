"""Derivatives of the implied moments, without ever forming them.

Every derivative of Sigma with respect to a cell is a sum of outer products of two columns of the bricks
L = [F E | F C(:, inner)] (Implied.bricks): with q_i = F E e_i and u_j = F C e_j,

    directed (i, j):   dSigma = q_i u_j' + u_j q_i',        dmu = q_i (E m)_j
    symmetric (i, j):  dSigma = q_i q_j' + q_j q_i' (half for i = j),   dmu = 0
    mean (i):          dSigma = 0,                           dmu = q_i.

Traces such as tr(W dSigma_a W dSigma_b) are therefore sums of products of entries of L'WL, which are gathered with
index arrays made once per model. Everything is batched over replicates (leading axis).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .structure import DIRECTED, MEAN, SYMMETRIC, Cells, Floats, Implied, Ints


@dataclass(frozen=True, eq=False)
class Pairs:
    """Index arrays of a group's free cells and of the pairs of them.

    Cells are wide (x and y differ: directed cells and covariances) or narrow (variances, and means, which have none
    of their own). Pairs come in the order wide with wide, wide with narrow, narrow with narrow, each cutting the
    number of distinct products by half; `n_wide` and `n_half` are the ends of the first two parts. Within them pairs
    of two directed cells and of a directed with a symmetric one are `both` and `mixed`, for second derivatives.
    """

    x: Ints
    y: Ints
    half: Floats
    both_halves: Floats
    size: int
    first: Ints
    second: Ints
    mirror: Ints
    n_wide: int
    n_half: int
    both: slice
    mixed: tuple[slice, slice]
    xx: Ints
    yy: Ints
    xy: Ints
    yx: Ints
    own: tuple[Ints, Ints, Ints]


@lru_cache(maxsize=256)
def pairs(cells: Cells) -> Pairs:
    """The index arrays of a group (made once)."""
    c = cells.n_cells
    kind, row, col = cells.kind[:c], cells.row[:c], cells.col[:c]
    x = row.copy()
    y = np.where(kind == DIRECTED, cells.n_variables + cells.inner_position[col], np.where(kind == MEAN, row, col))
    half = np.where(kind == MEAN, 0.0, np.where((kind == SYMMETRIC) & (row == col), 0.5, 1.0))
    # 0 directed, 1 covariance, 2 variance or mean.
    width = np.where(kind == DIRECTED, 0, np.where(x == y, 2, 1))
    first, second = np.triu_indices(c)
    swap = width[second] < width[first]
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    rank = np.array([[0, 1, 3], [9, 2, 4], [9, 9, 5]])[width[first], width[second]]
    order = np.argsort(rank, kind="stable")
    first, second, rank = first[order], second[order], rank[order]
    ends = np.searchsorted(rank, np.arange(7))
    mirror = np.empty((c, c), dtype=np.intp)
    mirror[first, second] = mirror[second, first] = np.arange(len(first))
    size = cells.n_variables + len(cells.inner)
    xa, ya, xb, yb = x[first], y[first], x[second], y[second]
    return Pairs(
        x=x,
        y=y,
        half=half,
        both_halves=half[first] * half[second],
        size=size,
        first=first,
        second=second,
        mirror=mirror.ravel(),
        n_wide=int(ends[3]),
        n_half=int(ends[5]),
        both=slice(0, int(ends[1])),
        mixed=(slice(int(ends[1]), int(ends[2])), slice(int(ends[3]), int(ends[4]))),
        xx=xa * size + xb,
        yy=ya * size + yb,
        xy=(xa * size + yb)[: ends[3]],
        yx=(ya * size + xb)[: ends[3]],
        own=(x * size + x, y * size + y, x * size + y),
    )


def sandwich(bricks: Floats, middle: Floats) -> Floats:
    """L' M L for a stack of symmetric M (B, p, p), flattened to (B, size * size)."""
    product = bricks.transpose(0, 2, 1) @ (middle @ bricks)
    return product.reshape(len(product), -1)


def mean_factor(cells: Cells, model: Implied) -> Floats:
    """What multiplies q_row in the derivative of mu (B, cells): (E m)_j, 0 or 1."""
    c = cells.n_cells
    kind = cells.kind[:c]
    return np.where(kind == DIRECTED, model.mean[:, cells.col[:c]], (kind == MEAN).astype(np.float64))


def mean_jacobian(cells: Cells, model: Implied) -> Floats:
    """Derivative of mu (B, p, cells)."""
    return model.bricks[:, :, cells.row[: cells.n_cells]] * mean_factor(cells, model)[:, None, :]


def gradient(cells: Cells, lgl: Floats) -> Floats:
    """tr(G dSigma) / 2 for every free cell (B, cells), from the flattened L'GL."""
    index = pairs(cells)
    return index.half * lgl.take(index.own[2], axis=1)


def mean_gradient(cells: Cells, model: Implied, weighted: Floats) -> Floats:
    """dmu' w for every free cell (B, cells), with w = W (xbar - mu) given (B, p)."""
    slope = (weighted[:, None, :] @ model.bricks)[:, 0]
    return slope[:, cells.row[: cells.n_cells]] * mean_factor(cells, model)


def diagonal(cells: Cells, lwl: Floats) -> Floats:
    """tr(W dSigma W dSigma) / 2 for every free cell (B, cells)."""
    index = pairs(cells)
    xx, yy, xy = (lwl.take(place, axis=1) for place in index.own)
    return index.half**2 * (xx * yy + xy * xy)


def expected_pairs(cells: Cells, lwl: Floats) -> Floats:
    """tr(W dSigma_a W dSigma_b) / 2 for the pairs (B, pairs): the expected information [Browne 1974].

    h_a h_b (W_xx W_yy + W_xy W_yx) with the entries of L'WL; for a narrow cell x = y and the two products are one.
    """
    i = pairs(cells)
    straight = lwl.take(i.xx, axis=1)
    out = np.empty_like(straight)
    np.multiply(straight[:, : i.n_half], lwl.take(i.yy[: i.n_half], axis=1), out=out[:, : i.n_half])
    np.multiply(straight[:, i.n_half :], straight[:, i.n_half :], out=out[:, i.n_half :])
    out[:, : i.n_wide] += lwl.take(i.xy, axis=1) * lwl.take(i.yx, axis=1)
    out[:, i.n_wide :] *= 2.0
    out *= i.both_halves
    return out


def curvature_pairs(cells: Cells, lwl: Floats, lnl: Floats) -> Floats:
    """tr(N dSigma_a W dSigma_b) / 2 for the pairs (B, pairs), N symmetric.

    h_a h_b (N_xx W_yy + N_yy W_xx + N_xy W_yx + N_yx W_xy) / 2, with fewer distinct products for narrow cells.
    """
    i = pairs(cells)
    w, n = lwl.take(i.xx, axis=1), lnl.take(i.xx, axis=1)
    yy = i.yy[: i.n_half]
    out = np.empty_like(w)
    np.multiply(n[:, : i.n_half], lwl.take(yy, axis=1), out=out[:, : i.n_half])
    out[:, : i.n_half] += lnl.take(yy, axis=1) * w[:, : i.n_half]
    np.multiply(n[:, i.n_half :], w[:, i.n_half :], out=out[:, i.n_half :])
    out[:, i.n_half :] *= 2.0
    out[:, : i.n_wide] += lnl.take(i.xy, axis=1) * lwl.take(i.yx, axis=1)
    out[:, : i.n_wide] += lnl.take(i.yx, axis=1) * lwl.take(i.xy, axis=1)
    out[:, i.n_wide :] *= 2.0
    out *= 0.5 * i.both_halves
    return out


def bending_pairs(cells: Cells, model: Implied, lgl: Floats) -> Floats:
    """tr(G d2Sigma_ab) / 2 for the pairs (B, pairs), from the flattened L'GL.

    With dq_i = q_r E_si and du_j = q_r C_sj + u_s E_jr for a directed cell (r, s), and
    du_j = q_r E_js + q_s E_jr (half for r = s) for a symmetric one.
    """
    i, v = pairs(cells), cells.n_variables
    total, covariance = (m.reshape(len(m), v * v) for m in (model.effects, model.covariance))
    out = np.zeros((len(lgl), len(i.first)))
    a, b = i.first[i.both], i.second[i.both]
    effect_a, cause_a, effect_b, cause_b = cells.row[a], cells.col[a], cells.row[b], cells.col[b]
    part = total.take(cause_b * v + effect_a, axis=1) * lgl.take(i.yx[i.both], axis=1)
    part += covariance.take(cause_b * v + cause_a, axis=1) * lgl.take(i.xx[i.both], axis=1)
    part += total.take(cause_a * v + effect_b, axis=1) * lgl.take(i.xy[i.both], axis=1)
    out[:, i.both] = part
    covariances, variances = i.mixed
    a, b = i.first[covariances], i.second[covariances]
    part = total.take(cells.col[a] * v + cells.col[b], axis=1) * lgl.take(i.xx[covariances], axis=1)
    part += total.take(cells.col[a] * v + cells.row[b], axis=1) * lgl.take(i.xy[covariances], axis=1)
    out[:, covariances] = part
    # Both terms of a variance are the same and count half; a mean has none (and half = 0).
    a, b = i.first[variances], i.second[variances]
    part = total.take(cells.col[a] * v + cells.row[b], axis=1) * lgl.take(i.xx[variances], axis=1)
    out[:, variances] = part * (2 * i.half[b])
    return out


def mean_curvature(cells: Cells, model: Implied, lwl: Floats, slope: Floats) -> Floats:
    """dmu_a' W dmu_b - d' W d2mu_ab (B, cells, cells), with d = xbar - mu and `slope` = L' W d (B, size).

    The second derivative of mu for a directed (i, j) with a directed (r, s) is q_r E_si mu_j + q_i E_jr mu_s, with a
    mean (r) it is q_i E_jr.
    """
    c, v = cells.n_cells, cells.n_variables
    factor = mean_factor(cells, model)
    row, col, kind = cells.row[:c], cells.col[:c], cells.kind[:c]
    out = _between(cells, model, lwl)[:, row] * factor[:, :, None]
    is_directed = (kind == DIRECTED).astype(np.float64)
    reach = model.effects.reshape(-1, v, v)[:, col[:, None], row[None, :]] * is_directed[None, :, None]
    bend = slope[:, row][:, :, None] * reach * factor[:, None, :]
    return np.asarray(out - bend - bend.transpose(0, 2, 1), dtype=np.float64)


def mean_cross(cells: Cells, model: Implied, lwl: Floats, slope: Floats) -> Floats:
    """d' W dSigma_a W dmu_b + d' W dSigma_b W dmu_a (B, cells, cells), where W depends on the parameters."""
    i = pairs(cells)
    between = _between(cells, model, lwl)
    cross = (slope[:, i.x] * i.half)[:, :, None] * between[:, i.y]
    cross += (slope[:, i.y] * i.half)[:, :, None] * between[:, i.x]
    return np.asarray(cross + cross.transpose(0, 2, 1), dtype=np.float64)


def _between(cells: Cells, model: Implied, lwl: Floats) -> Floats:
    """L' W dmu (B, size, cells)."""
    size = pairs(cells).size
    square = lwl.reshape(len(lwl), size, size)
    return square[:, :, cells.row[: cells.n_cells]] * mean_factor(cells, model)[:, None, :]


def sigma_jacobian(cells: Cells, model: Implied) -> Floats:
    """Derivative of vech(Sigma), lower triangle by rows (B, p(p+1)/2, cells)."""
    index = pairs(cells)
    low, high = np.tril_indices(cells.n_items)
    x, y = model.bricks[:, :, index.x], model.bricks[:, :, index.y]
    return (x[:, low] * y[:, high] + y[:, low] * x[:, high]) * index.half


def full(values: Floats, cells: Cells) -> Floats:
    """Symmetric matrices (B, cells, cells) from their pairs (B, pairs)."""
    c = cells.n_cells
    return values.take(pairs(cells).mirror, axis=1).reshape(-1, c, c)
