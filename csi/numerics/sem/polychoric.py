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
    rho = _correlations(tables, cuts[one], cuts[two], max_iter)
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


def _correlations(tables: Floats, cut_one: Floats, cut_two: Floats, max_iter: int) -> Floats:
    """Maximum likelihood correlations of all pairs, by Fisher scoring kept inside a shrinking bracket."""
    total = tables.sum(axis=(1, 2))
    low, high = np.full(len(tables), -_LIMIT), np.full(len(tables), _LIMIT)
    rho = np.zeros(len(tables))
    for _ in range(max_iter):
        probability, slope = _cells(cut_one, cut_two, rho)
        ratio = slope / probability
        score = (tables * ratio).sum(axis=(1, 2))
        information = total * (slope * ratio).sum(axis=(1, 2))
        low, high = np.where(score > 0, rho, low), np.where(score < 0, rho, high)
        new = rho + score / information
        new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
        change = np.abs(new - rho).max()
        rho = new
        if change < 1e-13:
            break
    return rho


def table_correlations(tables: Floats, cut_one: Floats, cut_two: Floats, *, max_iter: int = 60) -> Floats:
    """Polychoric correlations of weighted two-way tables (pairs, size, size) at given cuts (pairs, size + 1)."""
    return _correlations(tables, cut_one, cut_two, max_iter)


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
