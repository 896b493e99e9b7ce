"""Thresholds and polychoric correlations of ordered items, with their joint asymptotic covariance matrix.

Behind every ordered answer stands a standard normal variable cut at thresholds. Thresholds come from the margins, each
correlation then from its two-way table by maximum likelihood [two steps, Olsson 1979]; the covariance matrix of all
of them is the sandwich of the stacked scores [Muthen 1984], with derivatives replaced by outer products as lavaan does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from .isolated import inverse
from .structure import Floats, Ints

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
# A threshold at infinity: far enough that the normal density is zero, near enough that products stay finite.
_FAR = 40.0
_LIMIT = 0.9999
# Fewer nodes give all digits up to this correlation [Genz 2004].
_FEW, _NEAR_ONE = np.polynomial.legendre.leggauss(20), 0.9
# The farthest start; a step after which Newton's error is below rounding; corners worked on at a time.
_START, _STILL, _AT_ONCE = 0.95, 1e-9, 2**16
_SMALLEST = 1e-15


@dataclass(frozen=True, eq=False)
class Ordinal:
    """Sample statistics of ordered items.

    `thresholds` has one array an item; `correlation` (p, p); `nacov` is n times the covariance matrix of (all
    thresholds item by item, correlations of the lower triangle by rows), `n` the number of cases.
    """

    thresholds: tuple[Floats, ...]
    correlation: Floats
    nacov: Floats
    n: int

    @property
    def n_thresholds(self) -> int:
        """Number of thresholds."""
        return sum(len(t) for t in self.thresholds)


def bivariate_normal(x: Floats, y: Floats, rho: Floats) -> Floats:
    """P(X < x, Y < y) for standard normals with correlation rho, elementwise.

    Phi(x) Phi(y) + (1 / 2 pi) times the integral of exp(-(x^2 + y^2 - 2 x y sin t) / (2 cos^2 t)) for t from 0 to
    asin(rho) [Drezner & Wesolowsky 1990], by Gauss-Legendre.
    """
    half = 0.5 * np.arcsin(rho)
    total = np.zeros(np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(rho)))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        sine = np.sin(half * (1 + node))
        total += weight * np.exp(-(x * x + y * y - 2 * x * y * sine) / (2 * (1 - sine * sine)))
    return np.asarray(ndtr(x) * ndtr(y) + half * total / (2 * np.pi), dtype=np.float64)


def bivariate_density(x: Floats, y: Floats, rho: Floats) -> Floats:
    """Density of two standard normals with correlation rho, elementwise."""
    left = 1 - rho * rho
    return np.asarray(
        np.exp(-(x * x + y * y - 2 * rho * x * y) / (2 * left)) / (2 * np.pi * np.sqrt(left)), dtype=np.float64
    )


def thresholds_of(codes: Ints, n_categories: int) -> Floats:
    """Thresholds (categories - 1,) of one item coded 0, 1, ...: normal quantiles of the cumulative shares."""
    share = np.bincount(codes, minlength=n_categories).cumsum()[:-1] / len(codes)
    return np.asarray(ndtri(share), dtype=np.float64)


def ordinal_statistics(codes: Ints, *, max_iter: int = 60) -> Ordinal:
    """Thresholds, polychoric correlations and their asymptotic covariance matrix from codes (n, p) 0, 1, 2, ...

    Every category of an item must be in use.
    """
    n, p = codes.shape
    count = codes.max(axis=0) + 1
    thresholds = tuple(thresholds_of(codes[:, j], int(count[j])) for j in range(p))
    cuts = _padded(thresholds)
    one, two = np.tril_indices(p, -1)
    tables = _tables(codes, one, two, int(count.max()))
    rho = table_correlations(tables, cuts[one], cuts[two], max_iter=max_iter)
    correlation = np.eye(p)
    correlation[one, two] = correlation[two, one] = rho
    return Ordinal(thresholds, correlation, _nacov(codes, thresholds, cuts, one, two, rho), n)


def _padded(thresholds: tuple[Floats, ...]) -> Floats:
    """Cuts (p, categories + 1) with both ends, repeated upwards where an item has fewer categories."""
    most = max(len(t) for t in thresholds)
    out = np.full((len(thresholds), most + 2), _FAR)
    out[:, 0] = -_FAR
    for j, cut in enumerate(thresholds):
        out[j, 1 : len(cut) + 1] = cut
    return out


def _tables(codes: Ints, one: Ints, two: Ints, size: int) -> Floats:
    """Two-way tables (pairs, size, size)."""
    dummy = (codes[:, :, None] == np.arange(size)).astype(np.float64)
    whole = np.tensordot(dummy, dummy, axes=(0, 0))
    return whole[one, :, two]


def _corners(function: Floats) -> Floats:
    """Probabilities of the cells from a distribution function (or its derivative) at the corners."""
    return function[:, 1:, 1:] - function[:, :-1, 1:] - function[:, 1:, :-1] + function[:, :-1, :-1]


def _cells(cut_one: Floats, cut_two: Floats, rho: Floats) -> tuple[Floats, Floats]:
    """Cell probabilities and their derivative with respect to rho (pairs, size, size)."""
    x, y, r = cut_one[:, :, None], cut_two[:, None, :], rho[:, None, None]
    probability = _corners(bivariate_normal(x, y, r))
    return np.maximum(probability, _SMALLEST), _corners(bivariate_density(x, y, r))


def table_correlations(
    tables: Floats, cut_one: Floats, cut_two: Floats, start: Floats | None = None, *, max_iter: int = 60
) -> Floats:
    """Polychoric correlations of weighted two-way tables (pairs, size, size) at given cuts (pairs, size + 1).

    By Newton's method kept inside a shrinking bracket, from `start` or from zero; a pair stops on its own, so that
    its number does not depend on its neighbours. NaN where a table is empty or an item does not vary.
    """
    size = tables.shape[1]
    begun = np.zeros(len(tables)) if start is None else np.clip(np.nan_to_num(start), -_START, _START)
    rho = np.empty(len(tables))
    # As many pairs at a time as the cache holds: with pairs on the last axis every operation runs on long rows.
    step = max(32, _AT_ONCE // max(size - 1, 1) ** 2)
    for begin in range(0, len(tables), step):
        part = slice(begin, begin + step)
        inner = [np.ascontiguousarray(cuts[part, 1:-1].T) for cuts in (cut_one, cut_two)]
        rho[part] = _most_likely(
            np.ascontiguousarray(np.moveaxis(tables[part], 0, -1)), inner[0], inner[1], begun[part], max_iter
        )
    return rho


def _most_likely(tables: Floats, x: Floats, y: Floats, rho: Floats, max_iter: int) -> Floats:
    """Correlations (N,) of tables (size, size, N) at inner cuts (size - 1, N)."""
    found, at = np.full(len(rho), np.nan), np.flatnonzero(tables.any(axis=(0, 1)))
    tables, x, y, rho = tables[..., at], x[:, at], y[:, at], rho[at]
    low, high = np.full(len(at), -_LIMIT), np.full(len(at), _LIMIT)
    total = tables.sum(axis=(0, 1))
    for _ in range(max_iter):
        score, observed, expected = _slopes(tables, x, y, rho)
        low, high = np.where(score > 0, rho, low), np.where(score < 0, rho, high)
        with np.errstate(invalid="ignore", divide="ignore"):
            step = score / np.where(observed > 0, observed, expected * total)
        # Where Newton stands still it has arrived, though rounding may put it on the edge of the bracket.
        new = rho + step
        new = np.where((new > low) & (new < high) | ~(np.abs(step) > _STILL), new, 0.5 * (low + high))
        moving = np.abs(new - rho) > _STILL
        found[at[~moving]], rho = new[~moving], new
        if not moving.any():
            break
        if not moving.all():
            tables, x, y, rho, at = tables[..., moving], x[:, moving], y[:, moving], rho[moving], at[moving]
            low, high, total = low[moving], high[moving], total[moving]
    else:
        found[at] = rho
    return found


def _slopes(tables: Floats, x: Floats, y: Floats, rho: Floats) -> tuple[Floats, Floats, Floats]:
    """First and minus second derivative of the log-likelihoods, and the expected information of one case."""
    value, slope, bend = _corner_values(x, y, rho)
    probability = np.maximum(_from_corners(value), _SMALLEST)
    slope, bend = _from_corners(slope), _from_corners(bend)
    ratio = slope / probability
    score = np.einsum("abn,abn->n", tables, ratio)
    observed = np.einsum("abn,abn,abn->n", tables, ratio, ratio) - np.einsum("abn,abn->n", tables, bend / probability)
    return score, observed, np.einsum("abn,abn->n", slope, ratio)


def _corner_values(x: Floats, y: Floats, rho: Floats) -> tuple[Floats, Floats, Floats]:
    """Distribution function, density and its derivative by rho at all corners (size + 1, size + 1, N)."""
    size, n = len(x) + 2, len(rho)
    product = x[:, None] * y[None]
    half = 0.5 * (x * x)[:, None] + 0.5 * (y * y)[None]
    value, slope, bend = (np.zeros((size, size, n)) for _ in range(3))
    below = ndtr(x), ndtr(y)
    value[1:-1, -1], value[-1, 1:-1], value[-1, -1] = below[0], below[1], 1.0
    value[1:-1, 1:-1] = below[0][:, None] * below[1][None] + _integral(product, half, rho)
    left = 1 - rho * rho
    density = np.exp((rho * product - half) / left)
    density /= 2 * np.pi * np.sqrt(left)
    slope[1:-1, 1:-1] = density
    bend[1:-1, 1:-1] = density * (rho / left + ((1 + rho * rho) * product - 2 * rho * half) / left**2)
    return value, slope, bend


def _integral(product: Floats, half: Floats, rho: Floats) -> Floats:
    """The integral of `bivariate_normal` at x y and (x^2 + y^2) / 2; fewer nodes do where |rho| is not near one."""
    total = np.empty_like(product)
    near = np.abs(rho) > _NEAR_ONE
    for which, (nodes, weights) in ((~near, _FEW), (near, (_NODES, _WEIGHTS))):
        if not which.any():
            continue
        p, h = (product, half) if which.all() else (product[..., which], half[..., which])
        angle = 0.5 * np.arcsin(rho[which])
        found, term, other = np.zeros_like(p), np.empty_like(p), np.empty_like(p)
        for node, weight in zip(nodes, weights, strict=True):
            sine = np.sin(angle * (1 + node))
            left = 1 - sine * sine
            np.multiply(p, sine / left, out=term)
            np.multiply(h, 1 / left, out=other)
            np.subtract(term, other, out=term)
            np.exp(term, out=term)
            np.multiply(term, weight, out=term)
            found += term
        found *= angle / (2 * np.pi)
        total[..., which] = found
    return total


def _from_corners(function: Floats) -> Floats:
    """What lies in every cell, from the corners (size + 1, size + 1, N)."""
    rows = function[1:] - function[:-1]
    cells: Floats = rows[:, 1:] - rows[:, :-1]
    return cells


def _univariate_scores(codes: Ints, thresholds: tuple[Floats, ...]) -> Floats:
    """Derivatives of every case's marginal log-likelihoods with respect to the thresholds (n, thresholds)."""
    out = []
    for j, cut in enumerate(thresholds):
        density = np.exp(-0.5 * cut * cut) / np.sqrt(2 * np.pi)
        share = np.diff(np.concatenate([[0.0], ndtr(cut), [1.0]]))[codes[:, j]]
        upper = (codes[:, j][:, None] == np.arange(len(cut))) * density
        lower = (codes[:, j][:, None] == np.arange(1, len(cut) + 1)) * density
        out.append((upper - lower) / share[:, None])
    return np.concatenate(out, axis=1)


def _pair_scores(
    codes: Ints, cuts: Floats, one: int, two: int, rho: float, probability: Floats, slope: Floats
) -> tuple[Floats, Floats, Floats]:
    """A pair's scores: of the correlation (n,), and of the padded thresholds of its two items (n, cuts)."""
    a, b = codes[:, one], codes[:, two]
    cell = probability[a, b]
    own = []
    for here, there, x, y in ((a, b, cuts[one], cuts[two]), (b, a, cuts[two], cuts[one])):
        conditional = np.diff(ndtr((y[None, :] - rho * x[:, None]) / np.sqrt(1 - rho * rho)), axis=1)
        edge = np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi)
        step = edge[:, None] * conditional
        score = np.zeros((len(codes), len(x)))
        cases = np.arange(len(codes))
        score[cases, here + 1] = step[here + 1, there] / cell
        score[cases, here] -= step[here, there] / cell
        own.append(score)
    return slope[a, b] / cell, own[0], own[1]


def _nacov(codes: Ints, thresholds: tuple[Floats, ...], cuts: Floats, one: Ints, two: Ints, rho: Floats) -> Floats:
    """n A^-1 B A^-T with B the summed outer products of all scores and A their block-triangular part."""
    n = len(codes)
    place = np.concatenate([[0], np.cumsum([len(t) for t in thresholds])])
    marginal = _univariate_scores(codes, thresholds)
    q = marginal.shape[1]
    bread = np.zeros((q + len(rho), q + len(rho)))
    for j in range(len(thresholds)):
        own = slice(place[j], place[j + 1])
        bread[own, own] = marginal[:, own].T @ marginal[:, own]
    probability, slope = _cells(cuts[one], cuts[two], rho)
    pair = np.empty((n, len(rho)))
    for k, (i, j) in enumerate(zip(one, two, strict=True)):
        pair[:, k], *ends = _pair_scores(codes, cuts, int(i), int(j), float(rho[k]), probability[k], slope[k])
        for item, score in zip((i, j), ends, strict=True):
            bread[q + k, place[item] : place[item + 1]] = pair[:, k] @ score[:, 1 : len(thresholds[item]) + 1]
        bread[q + k, q + k] = pair[:, k] @ pair[:, k]
    scores = np.concatenate([marginal, pair], axis=1)
    inner = inverse(bread[None])[0]
    return np.asarray(n * inner @ (scores.T @ scores) @ inner.T, dtype=np.float64)
