"""Products of items as columns: their moments about the means of every replicate.

A product of two items is formed about their means, P_ij = (x_i - m_i)(x_j - m_j), and the means are those of the
replicate. Where every answer is given, P_ij is a sum of products about any fixed centre c and of the items themselves,
so that moments about c, which are one matrix product, give those about m exactly. Where answers are missing they are
formed anew, for a block of replicates at a time.

Letters: p items, q products, P = p + q columns (items first), n cases, B replicates.

References
----------
Henseler, J., & Chin, W. W. (2010). A comparison of approaches for the analysis of interaction effects between latent
    variables using partial least squares path modeling. Structural Equation Modeling 17, 82-109.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from csi.numerics.moments import Packed, PairSums, Stack, pack, pairs, pairwise, unpack
from csi.numerics.solve import Floats, solve_many

#: Bytes of columns that are formed at a time.
HELD = 2**26


def with_products(x: Floats, centre: Floats, at: NDArray[np.intp]) -> Floats:
    """Items `(p, n)` less a centre, and below them their products `(p + q, n)`.

    Parameters
    ----------
    at : int array (q, 2)
        Which items are multiplied.
    """
    off = x - centre[:, None]
    return np.concatenate([off, off[at[:, 0]] * off[at[:, 1]]])


def recentred(stack: Stack, at: NDArray[np.intp], off: Floats) -> Stack:
    """Moments of products about the means from those of products about a centre, all answers given.

    Parameters
    ----------
    stack : Stack
        Of items and products.
    off : array (p, B)
        Means of the items less the centre.
    """
    p = len(off)
    first, second = at.T
    cov, mean = stack.cov.copy(), stack.mean.copy()
    cov[p:] -= off[second][:, None] * cov[first] + off[first][:, None] * cov[second]
    cov[:, p:] -= off[second][None] * cov[:, first] + off[first][None] * cov[:, second]
    mean[p:] -= off[first] * off[second]
    return Stack(mean, cov, stack.n)


def with_blanks(
    x: Floats,
    given: NDArray[np.bool_],
    weights: NDArray[np.generic],
    at: NDArray[np.intp],
    missing: Literal["pairwise", "mean"],
    divisor: Floats,
    shift: Floats | None = None,
) -> Packed:
    """Moments of items and of their products about the means of every replicate, some answers missing.

    Pairwise: a product is there where both answers are; correlations over the cases that have both columns, means and
    variances over all that have one. Mean: a blank is at the mean of its item, so that a product with it is zero.

    Parameters
    ----------
    x : array (p, n)
        Answers, NaN where blank.
    weights : array (B, n)
    divisor : array (P, B) or (P, 1); (1, ...) where one is that of all columns
        n/(n - 1) of every column.
    shift : array (B, p), optional
        By how much the means about which products are formed are moved.
    """
    n, columns = x.shape[1], len(x) + len(at)
    known = np.where(given, x, 0.0)
    here = given_columns(given, at)
    size = max(1, HELD // (8 * 4 * columns * n))
    divisor = np.broadcast_to(divisor, (len(divisor), len(weights)))
    found = []
    for begin in range(0, len(weights), size):
        part = slice(begin, begin + size)
        w = weights[part].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            total = w @ given.T
            mean = (w @ known.T) / np.where(total > 0, total, np.nan)
        own = np.where(given, known - mean[:, :, None], 0.0)
        about = own if shift is None else np.where(given, own - shift[part][:, :, None], 0.0)
        off = np.concatenate([own, about[:, at[:, 0]] * about[:, at[:, 1]]], axis=1)
        own_divisor = divisor[:, part]
        by = _pairwise(off, here, w, own_divisor) if missing == "pairwise" else _replaced(off, w, own_divisor)
        by.mean[: len(x)] += mean.T
        found.append(by)
    return Packed(np.concatenate([f.mean for f in found], axis=1), np.concatenate([f.cov for f in found], axis=1))


def given_columns(given: NDArray[np.bool_], at: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which columns are given `(P, n)`: a product where both of its items are."""
    return np.concatenate([given, given[at[:, 0]] & given[at[:, 1]]])


def counted(weights: NDArray[np.generic], sampling: Floats, there: NDArray[np.bool_]) -> Floats:
    """How many cases have each column `(P, B)` under rows of case weights.

    Rows that are whole multiples of the sampling weights count cases (resamples, one case left out, a part of the
    sample): there are then as many as they count, as if repeated cases stood in the table. Other rows weight all cases.

    Parameters
    ----------
    weights : array (B, n)
        Sampling weights times multipliers.
    sampling : array (n,)
    there : bool array (P, n)
    """
    used, columns = sampling > 0, there.astype(float)
    safe, found = np.where(used, sampling, 1.0), np.empty((len(there), len(weights)))
    for b, row in enumerate(weights):
        times = row / safe
        copies = np.rint(times)
        found[:, b] = columns @ (copies if np.abs(times - copies).max(initial=0.0) < 1e-9 else used)
    return found


def _pairwise(off: Floats, here: NDArray[np.bool_], w: Floats, divisor: Floats) -> Packed:
    """Pairwise moments of columns `(B, P, n)` under case weights `(B, n)`."""
    off = np.where(here, off, 0.0)
    there = here.astype(float)
    weighed = off * w[:, None]
    weight = (there[None] * w[:, None]) @ there.T
    sums = [weight, weighed @ off.swapaxes(1, 2), weighed @ there.T, (weighed * off) @ there.T]
    weights, product, first, square = (np.ascontiguousarray(np.moveaxis(part, 0, -1)) for part in sums)
    return pairwise(PairSums(weights, product, first, square, w.sum(axis=1)), divisor)


def _replaced(off: Floats, w: Floats, divisor: Floats) -> Packed:
    """Moments of columns that are given everywhere."""
    total = w.sum(axis=1)[:, None]
    mean = np.einsum("bpn,bn->bp", off, w) / total
    cov = (off * w[:, None]) @ off.swapaxes(1, 2) / total[..., None] - mean[:, :, None] * mean[:, None]
    return Packed(mean.T.copy(), pack(np.moveaxis(cov, 0, -1)) * divisor)


def responses(at_moments: Stack, at: NDArray[np.intp], p: int) -> tuple[Floats, Floats]:
    """How moments move when the mean of an item about which products are formed does, all answers given.

    Returns
    -------
    tuple of array (P, p), array (P(P+1)/2, p)
        Derivatives of means and of the upper triangle of covariances.
    """
    cov = at_moments.cov[..., 0]
    moved = np.zeros((len(cov), len(cov), p))
    for column, (i, j) in enumerate(at, start=p):
        for one, other in ((i, j), (j, i)):
            moved[column, :, one] -= cov[other]
            moved[:, column, one] -= cov[:, other]
    return np.zeros((len(cov), p)), pack(moved)


def numeric_responses(
    x: Floats,
    given: NDArray[np.bool_],
    weight: Floats,
    at: NDArray[np.intp],
    missing: Literal["pairwise", "mean"],
    divisor: Floats,
    step: Floats,
) -> tuple[Floats, Floats]:
    """`responses` where answers are missing, by central differences with steps `(p,)`."""
    p = len(x)
    shift = np.concatenate([np.diag(step), -np.diag(step)])
    found = with_blanks(x, given, np.repeat(weight[None], 2 * p, axis=0), at, missing, divisor, shift)
    mean, cov = ((part[:, :p] - part[:, p:]) / (2 * step) for part in found)
    return mean, cov


def about_means(moments: Packed, at: NDArray[np.intp], centre: Floats) -> Packed:
    """`recentred` for upper triangles, from items and products about a centre `(p,)`; means of items as they are."""
    columns = len(moments.mean)
    p = columns - len(at)
    off = moments.mean[:p] - centre[:, None]
    nothing = np.zeros(moments.mean.shape[1])
    moved = recentred(Stack(moments.mean, unpack(moments.cov, columns), nothing), at, off)
    return Packed(moved.mean, moved.cov[pairs(columns)])


# -- scores of products ---------------------------------------------------------------------------------------


def residuals(s: Floats, columns: NDArray[np.intp], on: NDArray[np.intp]) -> Floats:
    """Covariances after some columns are replaced by their residuals from a regression on others.

    Parameters
    ----------
    s : array (m, m, B)
    columns, on : int arrays
    """
    slopes = solve_many(s[np.ix_(on, on)], s[np.ix_(on, columns)])
    found = s.copy()
    found[columns] -= np.einsum("xqb,xmb->qmb", slopes, s[on])
    found[:, columns] -= np.einsum("xqb,mxb->mqb", slopes, found[:, on])
    return found


def outer_weights(first: Floats, second: Floats, at: NDArray[np.intp], times: Floats) -> Floats:
    """Weights `(q, B)` that make a sum of item products the product of two scores.

    Parameters
    ----------
    first, second : array (m_a, B), array (m_b, B)
        Weights of the items of the two scores.
    at : int array (q, 2)
        Which items of the two blocks are multiplied.
    times : array (q,)
        How often each product counts; of a square, where every pair stands once, twice unless of one item.
    """
    found: Floats = first[at[:, 0]] * second[at[:, 1]] * times[:, None]
    return found


def natural_spread(k: Floats, first: Floats, second: Floats, at: NDArray[np.intp], square: bool) -> Floats:
    """Standard deviation `(B,)` of the product of two scores of variance one, from its weights as a score.

    A product score of variance one has weights w_a w_b' / sd, and w_a' R_a w_a = w_b' R_b w_b = 1, so that
    tr(K' R_a K R_b) = 1 / sd^2.

    Parameters
    ----------
    k : array (q, B)
        Weights of the products of standardized items.
    first, second : array (m_a, m_a, B), array (m_b, m_b, B)
        Correlations of the items of the two blocks.
    """
    full = np.zeros((len(first), len(second), k.shape[1]))
    full[at[:, 0], at[:, 1]] = k
    if square:
        full = (full + full.swapaxes(0, 1)) / 2
    inside = np.einsum("ijb,ilb,lmb,jmb->b", full, first, full, second, optimize=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = 1 / np.sqrt(np.where(inside > 0, inside, np.nan))
    return found
