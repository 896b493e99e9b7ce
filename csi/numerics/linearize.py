"""The derivative of any result with respect to the moments, and from it the influence of every case.

A result that is a function of the weighted means and covariances changes, when the weight of case i grows, by the
Jacobian times the case's own products: the influence function. Its sum of squares is the variance [Deville 1999,
Variance estimation for complex statistics and estimators, Survey Methodology 25, 193-203], its cubes give the
acceleration of the BCa interval [Efron 1987, eq. 6.6].
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics.em import missing_patterns
from csi.numerics.moments import Stack, chunks, pairs
from csi.numerics.solve import Floats

#: Steps in standard deviations. Central differences then err by about 1e-8 of the derivative.
STEP = 1e-4


class PairMoments(NamedTuple):
    """Means and variances of item i over the cases that answered i and j, each `(p, p)`."""

    mean: Floats
    variance: Floats


class Jacobian(NamedTuple):
    """Derivatives of r results with respect to means `(r, p)` and upper triangle of covariances `(r, p(p+1)/2)`."""

    mean: Floats
    cov: Floats


def perturbed(at: Stack, part: slice | None = None) -> Stack:
    """Move every mean and every covariance up and down by a step: one batch of `p(p+3)` replicates.

    Parameters
    ----------
    at : Stack
        One replicate.
    part : slice, optional
        Which of them; `batches` cuts them so that memory is bounded.
    """
    p = len(at.mean)
    rows, cols = pairs(p)
    step = steps(at)
    t = len(step)
    wanted = np.arange(2 * t)[slice(None) if part is None else part]
    size = len(wanted)
    mean, cov = np.repeat(at.mean, size, axis=1), np.repeat(at.cov, size, axis=2)
    what, change = wanted % t, np.where(wanted < t, step[wanted % t], -step[wanted % t])
    here = np.flatnonzero(what < p)
    mean[what[here], here] += change[here]
    here = np.flatnonzero(what >= p)
    row, col = rows[what[here] - p], cols[what[here] - p]
    cov[row, col, here] += change[here]
    off = row != col
    cov[col[off], row[off], here[off]] += change[here][off]
    return Stack(mean, cov, np.repeat(at.n, size))


def batches(p: int) -> list[slice]:
    """Cut the `p(p+3)` replicates of `perturbed` into parts whose covariances take at most 256 MB."""
    size = max(256, 2**25 // p**2)
    return list(chunks(p * (p + 3), size))


def steps(at: Stack) -> Floats:
    """Size of the step of every mean and every covariance."""
    sd = at.sd()[:, 0]
    rows, cols = pairs(len(sd))
    return STEP * np.concatenate([sd, sd[rows] * sd[cols]])


def jacobian(values: Floats, at: Stack) -> Jacobian:
    """Derivatives from the values `(r, p(p+3))` of a result at `perturbed(at)`."""
    p, step = len(at.mean), steps(at)
    slope = (values[:, : len(step)] - values[:, len(step) :]) / (2 * step)
    return Jacobian(slope[:, :p], slope[:, p:])


def through_means(d: Jacobian, mean: Floats, cov: Floats) -> Jacobian:
    """Add what a result owes to means about which products of items are formed.

    Parameters
    ----------
    mean, cov : array (P, p), array (P(P+1)/2, p)
        How the moments move with the mean of every item.
    """
    slopes = d.mean.copy()
    slopes[:, : mean.shape[1]] += d.mean @ mean + d.cov @ cov
    return Jacobian(slopes, d.cov)


def influences(d: Jacobian, x: Floats, at: Stack) -> Floats:
    """Influence of every case `(n, r)` where all answers are given.

    Parameters
    ----------
    d : Jacobian
    x : array (p, n)
        Answers.
    at : Stack
        The moments, one replicate.
    """
    rows, cols = pairs(len(x))
    mean, cov = at.mean[:, 0], at.cov[rows, cols, 0]
    found = np.empty((x.shape[1], len(d.mean)))
    for part in chunks(x.shape[1]):
        off = x[:, part] - mean[:, None]
        found[part] = (d.mean @ off + d.cov @ (off[rows] * off[cols]) - (d.cov @ cov)[:, None]).T
    return found


def pairwise_influences(
    d: Jacobian, x: Floats, given: NDArray[np.bool_], weight: Floats, at: Stack, pair: PairMoments
) -> Floats:
    """Influence of every case where moments are pairwise: correlations over pairs, variances over all that answered.

    With z standardized over the cases that answered both, a case moves r_ij by (z_i z_j - r_ij (z_i^2 + z_j^2)/2)
    over the share of such cases; and cov_ij = r_ij s_i s_j.

    Parameters
    ----------
    pair : PairMoments
    """
    rows, cols = pairs(len(x))
    total = weight.sum()
    share = (given * weight) @ given.T / total
    s = at.sd()[:, 0]
    r = at.cov[rows, cols, 0] / (s[rows] * s[cols])
    alone, off_diagonal = np.diag(share), (rows != cols)[:, None]
    found = np.empty((x.shape[1], len(d.mean)))
    for part in chunks(x.shape[1]):
        here = given[:, part]
        u = np.where(here, (x[:, part] - at.mean) / s[:, None], 0)
        spread = (u**2 - here) / alone[:, None]
        known = np.where(here, x[:, part], 0)
        first = (known[rows] - pair.mean[rows, cols][:, None]) / np.sqrt(pair.variance[rows, cols])[:, None]
        second = (known[cols] - pair.mean[cols, rows][:, None]) / np.sqrt(pair.variance[cols, rows])[:, None]
        both = (here[rows] & here[cols]) / share[rows, cols][:, None]
        moved = both * (first * second - r[:, None] * (first**2 + second**2) / 2)
        change = off_diagonal * moved + r[:, None] * (spread[rows] + spread[cols]) / 2
        found[part] = (d.mean @ (u * s[:, None] / alone[:, None]) + d.cov @ (change * (s[rows] * s[cols])[:, None])).T
    return found


def mean_replaced_influences(d: Jacobian, x: Floats, given: NDArray[np.bool_], weight: Floats, at: Stack) -> Floats:
    """Influence of every case where blanks are replaced by means.

    A blank adds no product and moves no mean; but a case that moves the mean of an item also moves what stands in its
    blanks, and with it the covariance with items whose answers there are not average.
    """
    rows, cols = pairs(len(x))
    total = weight.sum()
    share = (given * weight).sum(axis=1) / total
    known = np.where(given, x - at.mean, 0)
    # Average distance from the mean of item j, over all cases, among those who answered item i: [j, i].
    apart = (known * weight) @ given.T / total
    cov = at.cov[rows, cols, 0]
    found = np.empty((x.shape[1], len(d.mean)))
    for part in chunks(x.shape[1]):
        off = known[:, part]
        mean = off / share[:, None]
        change = off[rows] * off[cols] - cov[:, None]
        change -= mean[rows] * apart[cols, rows][:, None] + mean[cols] * apart[rows, cols][:, None]
        found[part] = (d.mean @ mean + d.cov @ change).T
    return found


def em_influences(d: Jacobian, x: Floats, weight: Floats, at: Stack) -> Floats:
    """Influence of every case where moments maximize the likelihood of the answers that are given.

    A case moves the estimate by the inverse of the average information times its own score, both of the normal
    likelihood of the items it answered [Little & Rubin 2020, Statistical analysis with missing data, sec. 8.4]. The
    information is the observed one, which needs neither normal answers nor blanks completely at random. For the cases
    with one pattern of blanks: A is the inverse of the covariances of their items, S the average product of their
    distances from the mean, g = A times their average distance, and C = A S A - A/2; then the information of cov_jk
    and cov_lm is c_jk c_lm (A_jm C_kl + A_jl C_km + A_km C_jl + A_kl C_jm), that of mean_i and cov_jk
    c_jk (A_ij g_k + A_ik g_j), with c = 1/2 on the diagonal and 1 off it.

    Parameters
    ----------
    x : array (p, n)
        Answers, NaN where blank.
    weight : array (n,)
    """
    p = len(x)
    rows, cols = pairs(p)
    once = np.where(rows == cols, 0.5, 1.0)
    information, score = np.zeros((p + len(rows), p + len(rows))), np.zeros((p + len(rows), x.shape[1]))
    for cases, observed in missing_patterns(x.T):
        here = np.ix_(observed, observed)
        inverse = np.zeros((p, p))
        inverse[here] = np.linalg.inv(at.cov[..., 0][here])
        pulled = inverse @ np.nan_to_num(x[:, cases] - at.mean)
        w = weight[cases] / weight.sum()
        g = pulled @ w
        information[:p, :p] += w.sum() * inverse
        information[:p, p:] += inverse[:, rows] * g[cols] + inverse[:, cols] * g[rows]
        information[p:, p:] += _pair_products(inverse, (pulled * w) @ pulled.T - w.sum() * inverse / 2, rows, cols)
        score[:p, cases] = pulled
        score[p:, cases] = once[:, None] * (pulled[rows] * pulled[cols] - inverse[rows, cols][:, None])
    information[:, p:] *= once
    information[p:, p:] *= once[:, None]
    information[p:, :p] = information[:p, p:].T
    return np.asarray((np.concatenate([d.mean, d.cov], axis=1) @ np.linalg.solve(information, score)).T)


def _pair_products(a: Floats, c: Floats, rows: NDArray[np.intp], cols: NDArray[np.intp]) -> Floats:
    """A_jm C_kl + A_jl C_km + A_km C_jl + A_kl C_jm for every pair jk (rows) and lm (columns)."""
    found = np.zeros((len(rows), len(rows)))
    for j, k in ((rows, cols), (cols, rows)):
        for first, second in ((rows, cols), (cols, rows)):
            found += a[np.ix_(j, first)] * c[np.ix_(k, second)]
    return found


def acceleration(moves: Floats) -> Floats:
    """Acceleration of the BCa interval, sum u^3 / (6 (sum u^2)^1.5) [Efron 1987, eq. 6.6], of influences `(n, r)`."""
    square = (moves**2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        a: Floats = (moves**3).sum(axis=0) / (6 * square**1.5)
    return np.where(square > 0, a, 0.0)
