"""Maximum likelihood mean and covariance of a multivariate normal when answers are missing (EM algorithm).

References
----------
Dempster, Laird & Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, JRSS B 39.
Little & Rubin (2002), Statistical Analysis with Missing Data, 2nd ed., section 11.2, equations 11.4-11.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SMALLEST_EIGENVALUE = 1e-11
"""A covariance whose correlation matrix has a relatively smaller eigenvalue is called singular."""


class EMResult(NamedTuple):
    """Moments of every replicate: mean (B, p), cov (B, p, p), iterations (B,), converged (B,)."""

    mean: Floats
    cov: Floats
    iterations: NDArray[np.int64]
    converged: Bools


def em(
    x: Floats,
    weights: Floats | None = None,
    start_mean: Floats | None = None,
    start_cov: Floats | None = None,
    tolerance: float = 1e-8,
    max_iter: int = 1000,
) -> EMResult:
    """Maximize the observed-data normal likelihood of every replicate of the cases.

    Parameters
    ----------
    x : (n, p)
        Answers, NaN where missing. Cases without any answer say nothing and are left out.
    weights : (B, n), optional
        Case weights, one row a replicate; a constant factor in a row changes nothing. One row of ones unless given.
    start_mean, start_cov : (p,) or (B, p), (p, p) or (B, p, p), optional
        Where to begin, for example the solution of the whole sample; the available-case means and variances,
        without covariances, unless given.
    tolerance : float
        Largest change of a mean in standard deviations, or of a covariance in products of them, at convergence.
    max_iter : int
        Iterations allowed.

    Returns
    -------
    EMResult
        Covariances have the divisor sum of weights (maximum likelihood), not n - 1. A replicate in which an item
        was never answered, is constant, or whose covariance becomes singular is NaN and not converged.

    Notes
    -----
    With K the inverse of the covariance, the regression of the missing on the observed answers of a pattern is
    -inv(K_mm) K_mo and its residual covariance inv(K_mm), so that only blocks as small as the number of missing
    answers are solved. All replicates share the patterns and advance together; those that have converged rest.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 7.0], [4.0, np.nan], [6.0, np.nan]])
    >>> answer = em(x)
    >>> np.round(answer.mean[0], 4)          # y is regressed on x: mean(y) = -1 + 2.5 * 3.2
    array([3.2, 7. ])
    >>> bool(answer.converged[0])
    True
    """
    x, w = _answered(np.asarray(x, dtype=float), weights)
    mean, cov = _start(x, w, start_mean, start_cov)
    scale = np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))
    patterns = missing_patterns(x)
    iterations = np.zeros(len(w), dtype=np.int64)
    converged = np.zeros(len(w), dtype=bool)
    active = np.flatnonzero(np.isfinite(mean).all(-1) & np.isfinite(cov).all((-2, -1)))
    sums = [_PatternSums(x, w, cases, observed) for cases, observed in patterns]
    for step in range(1, max_iter + 1):
        if not active.size:
            break
        new_mean, new_cov = _update(sums, active, mean[active], cov[active])
        change = _change(new_mean - mean[active], new_cov - cov[active], scale[active])
        mean[active], cov[active], iterations[active] = new_mean, new_cov, step
        converged[active] = change <= tolerance
        active = active[change > tolerance]
    lost = ~np.isfinite(mean).all(-1) | ~np.isfinite(cov).all((-2, -1))
    mean[lost], cov[lost] = np.nan, np.nan
    return EMResult(mean, cov, iterations, converged)


def missing_patterns(x: Floats) -> list[tuple[NDArray[np.int64], Bools]]:
    """Group the cases of (n, p) answers by which items they answered.

    Returns
    -------
    list of (cases, observed)
        Row numbers of the cases of a pattern and the (p,) mask of its observed items; the pattern with most
        observed items first, patterns without any answer left out.
    """
    observed = ~np.isnan(x)
    kinds, inverse = np.unique(observed, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    order = np.argsort(-kinds.sum(axis=1), kind="stable")
    return [(np.flatnonzero(inverse == k), kinds[k]) for k in order if kinds[k].any()]


def _answered(x: Floats, weights: Floats | None) -> tuple[Floats, Floats]:
    """Drop the cases without any answer; weights sum to one in every replicate."""
    w = np.ones((1, len(x))) if weights is None else np.atleast_2d(np.asarray(weights, dtype=float))
    some = ~np.isnan(x).all(axis=1)
    x, w = x[some], w[:, some]
    total = w.sum(axis=1, keepdims=True)
    return x, np.divide(w, total, out=np.full_like(w, np.nan), where=total > 0)


def _start(x: Floats, w: Floats, mean: Floats | None, cov: Floats | None) -> tuple[Floats, Floats]:
    """Starting moments of every replicate, NaN where an item has no answers or no variance."""
    replicates, items = len(w), x.shape[1]
    known = ~np.isnan(x)
    filled = np.where(known, x, 0.0)
    total = w @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        available_mean = w @ filled / total
        centre = filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        deviation = np.where(known, x - centre, 0.0)
        variance = w @ deviation**2 / total - (w @ deviation / total) ** 2
    lost = ~(variance > 1e-14 * (1e-300 + centre**2)).all(axis=1)
    begin = available_mean if mean is None else np.broadcast_to(mean, (replicates, items)).copy()
    spread = variance[:, :, None] * np.eye(items)
    spread = spread if cov is None else np.broadcast_to(cov, (replicates, items, items)).copy()
    begin[lost], spread[lost] = np.nan, np.nan
    return begin, spread


def _change(mean: Floats, cov: Floats, scale: Floats) -> Floats:
    """Largest change of a standardized moment, per replicate; NaN where it was given up."""
    of_mean = np.abs(mean / scale).max(axis=-1)
    of_cov = np.abs(cov / (scale[:, :, None] * scale[:, None, :])).max(axis=(-2, -1))
    change: Floats = np.maximum(of_mean, of_cov)
    return change


@dataclass(slots=True)
class _Moments:
    """Weight, sums and cross-products of the observed answers of a pattern about the current means."""

    weight: Floats
    first: Floats
    second: Floats


class _PatternSums:
    """The sums of one pattern: kept as cross-products when it has many cases, as answers when it has few."""

    __slots__ = ("_answers", "_case_weights", "_centre", "_kept", "observed")

    def __init__(self, x: Floats, w: Floats, cases: NDArray[np.int64], observed: Bools) -> None:
        self.observed = observed
        self._centre = x[np.ix_(cases, observed)].mean(axis=0)
        self._answers = x[np.ix_(cases, observed)] - self._centre
        self._case_weights = np.ascontiguousarray(w[:, cases])
        many = len(cases) > observed.sum()
        self._kept = self._sums(self._case_weights, self._answers) if many else None

    @staticmethod
    def _sums(w: Floats, y: Floats) -> _Moments:
        """Weighted sums of (n, o) or (B, n, o) answers for (B, n) weights."""
        weighted = w[:, :, None] * y
        first = weighted.sum(axis=1)
        return _Moments(w.sum(axis=1), first, np.swapaxes(weighted, -1, -2) @ y)

    def about(self, mean: Floats, active: NDArray[np.int64]) -> _Moments:
        """Sums about the observed part of `mean` (b, p) for the active replicates."""
        shift = mean[:, self.observed] - self._centre
        if self._kept is None:
            return self._sums(self._case_weights[active], self._answers - shift[:, None, :])
        weight, first, second = self._kept.weight[active], self._kept.first[active], self._kept.second[active]
        cross = first[:, :, None] * shift[:, None, :]
        squares = shift[:, :, None] * shift[:, None, :] * weight[:, None, None]
        moved = second - cross - np.swapaxes(cross, -1, -2) + squares
        return _Moments(weight, first - weight[:, None] * shift, moved)


def _update(
    patterns: list[_PatternSums], active: NDArray[np.int64], mean: Floats, cov: Floats
) -> tuple[Floats, Floats]:
    """One E step and M step for the active replicates; singular ones become NaN."""
    precision = inverse_covariance(cov)
    first, second = np.zeros_like(mean), np.zeros_like(cov)
    for pattern in patterns:
        _add_expected(first, second, pattern.about(mean, active), pattern.observed, precision)
    new_cov = second - first[:, :, None] * first[:, None, :]
    return mean + first, (new_cov + np.swapaxes(new_cov, -1, -2)) / 2


def _add_expected(first: Floats, second: Floats, sums: _Moments, observed: Bools, precision: Floats) -> None:
    """Add the expected sums of one pattern about the current means [Little & Rubin 2002, eq. 11.5-11.6]."""
    o, m = np.flatnonzero(observed), np.flatnonzero(~observed)
    first[:, o] += sums.first
    second[:, o[:, None], o] += sums.second
    if not m.size:
        return
    residual = np.linalg.inv(_isolated(precision[:, m[:, None], m]))
    slopes = -residual @ precision[:, m[:, None], o]
    cross = slopes @ sums.second
    first[:, m] += (slopes @ sums.first[:, :, None])[:, :, 0]
    second[:, m[:, None], o] += cross
    second[:, o[:, None], m] += np.swapaxes(cross, -1, -2)
    expected = cross @ np.swapaxes(slopes, -1, -2) + sums.weight[:, None, None] * residual
    second[:, m[:, None], m] += expected


def _isolated(matrices: Floats) -> Floats:
    """Let an identity stand in for matrices that are not finite; their replicates are NaN elsewhere."""
    bad = ~np.isfinite(matrices).all(axis=(-2, -1), keepdims=True)
    return np.where(bad, np.eye(matrices.shape[-1]), matrices)


def inverse_covariance(cov: Floats) -> Floats:
    """Inverse of covariance matrices (..., p, p); NaN for one that is not positive definite."""
    sd = np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = cov / (sd[..., :, None] * sd[..., None, :])
    bad: Bools = np.asarray(~np.isfinite(correlation).all(axis=(-2, -1)))
    values, vectors = np.linalg.eigh(np.where(np.expand_dims(bad, (-2, -1)), np.eye(cov.shape[-1]), correlation))
    bad = bad | (values[..., 0] <= SMALLEST_EIGENVALUE * values[..., -1])
    safe = np.where(np.expand_dims(bad, -1), 1.0, values)
    inverse = (vectors / safe[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    inverse = inverse / (sd[..., :, None] * sd[..., None, :])
    result: Floats = np.where(np.expand_dims(bad, (-2, -1)), np.nan, inverse)
    return result
