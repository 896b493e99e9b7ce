"""Derivatives of the implied moments, without ever forming them.

Every derivative of Sigma with respect to a cell is a sum of outer products of two columns of the library
L = [F E | F C(:, inner)] (Implied.library): with q_i = F E e_i and u_j = F C e_j,

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
    """Index arrays of a group's free cells and of the pairs of them (a <= b), directed pairs first."""

    x: Ints
    y: Ints
    half: Floats
    both_halves: Floats
    size: int
    first: Ints
    second: Ints
    mirror: Ints
    n_directed_pairs: int
    n_mixed_pairs: int
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
    first, second = np.triu_indices(c)
    swap = (kind[second] == DIRECTED) & (kind[first] != DIRECTED)
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    directed = (kind[first] == DIRECTED) & (kind[second] == DIRECTED)
    mixed = (kind[first] == DIRECTED) & (kind[second] == SYMMETRIC)
    order = np.argsort(np.where(directed, 0, np.where(mixed, 1, 2)), kind="stable")
    first, second = first[order], second[order]
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
        n_directed_pairs=int(directed.sum()),
        n_mixed_pairs=int(mixed.sum()),
        xx=xa * size + xb,
        yy=ya * size + yb,
        xy=xa * size + yb,
        yx=ya * size + xb,
        own=(x * size + x, y * size + y, x * size + y),
    )


def sandwich(library: Floats, middle: Floats) -> Floats:
    """L' M L for a stack of symmetric M (B, p, p), flattened to (B, size * size)."""
    product = library.transpose(0, 2, 1) @ (middle @ library)
    return product.reshape(len(product), -1)


def mean_factor(cells: Cells, model: Implied) -> Floats:
    """What multiplies q_row in the derivative of mu (B, cells): (E m)_j, 0 or 1."""
    c = cells.n_cells
    kind = cells.kind[:c]
    return np.where(kind == DIRECTED, model.mean[:, cells.col[:c]], (kind == MEAN).astype(np.float64))


def mean_jacobian(cells: Cells, model: Implied) -> Floats:
    """Derivative of mu (B, p, cells)."""
    return model.library[:, :, cells.row[: cells.n_cells]] * mean_factor(cells, model)[:, None, :]


def gradient(cells: Cells, lgl: Floats) -> Floats:
    """tr(G dSigma) / 2 for every free cell (B, cells), from the flattened L'GL."""
    index = pairs(cells)
    return index.half * lgl.take(index.own[2], axis=1)


def mean_gradient(cells: Cells, model: Implied, weighted: Floats) -> Floats:
    """dmu' w for every free cell (B, cells), with w = W (xbar - mu) given (B, p)."""
    slope = (weighted[:, None, :] @ model.library)[:, 0]
    return slope[:, cells.row[: cells.n_cells]] * mean_factor(cells, model)


def diagonal(cells: Cells, lwl: Floats) -> Floats:
    """tr(W dSigma W dSigma) / 2 for every free cell (B, cells)."""
    index = pairs(cells)
    xx, yy, xy = (lwl.take(place, axis=1) for place in index.own)
    return index.half**2 * (xx * yy + xy * xy)


def expected_pairs(cells: Cells, lwl: Floats) -> Floats:
    """tr(W dSigma_a W dSigma_b) / 2 for the pairs (B, pairs): the expected information [Browne 1974]."""
    i = pairs(cells)
    out = lwl.take(i.xx, axis=1) * lwl.take(i.yy, axis=1)
    out += lwl.take(i.xy, axis=1) * lwl.take(i.yx, axis=1)
    out *= i.both_halves
    return out


def curvature_pairs(cells: Cells, lwl: Floats, lnl: Floats) -> Floats:
    """tr(N dSigma_a W dSigma_b) / 2 for the pairs (B, pairs), N symmetric."""
    i = pairs(cells)
    out = lnl.take(i.xx, axis=1) * lwl.take(i.yy, axis=1)
    out += lnl.take(i.yy, axis=1) * lwl.take(i.xx, axis=1)
    out += lnl.take(i.xy, axis=1) * lwl.take(i.yx, axis=1)
    out += lnl.take(i.yx, axis=1) * lwl.take(i.xy, axis=1)
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
    both, mixed = slice(i.n_directed_pairs), slice(i.n_directed_pairs, i.n_directed_pairs + i.n_mixed_pairs)
    a, b = i.first[both], i.second[both]
    effect_a, cause_a, effect_b, cause_b = cells.row[a], cells.col[a], cells.row[b], cells.col[b]
    part = total.take(cause_b * v + effect_a, axis=1) * lgl.take(i.yx[both], axis=1)
    part += covariance.take(cause_b * v + cause_a, axis=1) * lgl.take(i.xx[both], axis=1)
    part += total.take(cause_a * v + effect_b, axis=1) * lgl.take(i.xy[both], axis=1)
    out[:, both] = part
    a, b = i.first[mixed], i.second[mixed]
    part = total.take(cells.col[a] * v + cells.col[b], axis=1) * lgl.take(i.xx[mixed], axis=1)
    part += total.take(cells.col[a] * v + cells.row[b], axis=1) * lgl.take(i.xy[mixed], axis=1)
    out[:, mixed] = part * i.half[b]
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
    x, y = model.library[:, :, index.x], model.library[:, :, index.y]
    return (x[:, low] * y[:, high] + y[:, low] * x[:, high]) * index.half


def full(values: Floats, cells: Cells) -> Floats:
    """Symmetric matrices (B, cells, cells) from their pairs (B, pairs)."""
    c = cells.n_cells
    return values.take(pairs(cells).mirror, axis=1).reshape(-1, c, c)
