"""Adjustments of case weights as arrays: each can be redone in every replicate, and says what it explains away.

``apply(w)`` adjusts weights (n,); ``influence(u, before, after)`` takes from influences (n, k), weight times
linearized value, what the adjustment holds fixed: a calibrated total varies only by its residuals from a regression
with the weights before the adjustment [Deville & Särndal 1992, eq. 3.4].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from csi.errors import EstimationError

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


class Adjustment(Protocol):
    """One step from weights to weights."""

    def apply(self, w: Floats) -> Floats:
        """Adjust weights; raise EstimationError where it cannot be done."""
        ...

    def influence(self, u: Floats, before: Floats, after: Floats) -> Floats:
        """Influences without what the adjustment holds fixed."""
        ...


@dataclass(frozen=True, eq=False)
class ToTotals:
    """Post-stratification: the weights of each cell are scaled to its total."""

    codes: Ints
    totals: Floats

    def apply(self, w: Floats) -> Floats:
        """Scale the cells."""
        held = np.bincount(self.codes, w, minlength=len(self.totals))
        if ((held <= 0) & (self.totals > 0)).any():
            raise EstimationError("a cell to be scaled has no weight")
        return w * np.divide(self.totals, held, out=np.zeros(len(held)), where=held > 0)[self.codes]

    def influence(self, u: Floats, before: Floats, after: Floats) -> Floats:
        """Distance from the weighted mean of the cell."""
        return _within(self.codes, len(self.totals), _values(u, after), before) * after[:, None]


@dataclass(frozen=True, eq=False)
class ToRespondents:
    """Non-response: respondents carry the weight of their whole class, the others none."""

    codes: Ints
    responded: NDArray[np.bool_]

    def apply(self, w: Floats) -> Floats:
        """Move the weight of those who did not answer to those who did."""
        k = int(self.codes.max()) + 1
        all_of, some_of = (
            np.bincount(self.codes, w, minlength=k),
            np.bincount(self.codes, w * self.responded, minlength=k),
        )
        if ((some_of <= 0) & (all_of > 0)).any():
            raise EstimationError("a response class has no respondent")
        factor = np.divide(all_of, some_of, out=np.zeros(k), where=some_of > 0)
        return np.where(self.responded, w * factor[self.codes], 0.0)

    def influence(self, u: Floats, before: Floats, after: Floats) -> Floats:
        """All sampled count: each for its class mean, a respondent also for the raised distance from it."""
        distance = _within(self.codes, int(self.codes.max()) + 1, _values(u, after), before * self.responded)
        mean = _values(u, after) - distance
        # Those who did not answer carry no value of their own, only that of their class.
        mean = _class_means(self.codes, mean, self.responded)
        return mean * before[:, None] + distance * after[:, None]


@dataclass(frozen=True, eq=False)
class ToMargins:
    """Raking: the margins are scaled in turn until all hold."""

    codes: tuple[Ints, ...]
    totals: tuple[Floats, ...]
    tolerance: float
    max_iter: int
    weighted: bool = True

    def apply(self, w: Floats) -> Floats:
        """Iterate to the tolerance."""
        raked, _, error = self.iterate(w)
        if not error <= self.tolerance:
            raise EstimationError("raking did not converge")
        return raked

    def iterate(self, w: Floats) -> tuple[Floats, int, float]:
        """Weights, sweeps, and the largest relative distance of a margin from its target."""
        raked, sweeps, error = w.astype(float), 0, np.inf
        while sweeps < self.max_iter and error > self.tolerance:
            for codes, totals in zip(self.codes, self.totals, strict=True):
                held = np.bincount(codes, raked, minlength=len(totals))
                raked = raked * np.divide(totals, held, out=np.zeros(len(held)), where=held > 0)[codes]
            sweeps, error = sweeps + 1, self.error(raked)
        return raked, sweeps, error

    def error(self, w: Floats) -> float:
        """Largest distance of a margin from its target, relative to the whole."""
        gaps = [np.abs(held - t).max() / t.sum() for held, t in zip(self.held(w), self.totals, strict=True)]
        return float(max(gaps))

    def held(self, w: Floats) -> list[Floats]:
        """Weighted totals of every margin."""
        pairs = zip(self.codes, self.totals, strict=True)
        return [np.bincount(codes, w, minlength=len(totals)).astype(float) for codes, totals in pairs]

    def influence(self, u: Floats, before: Floats, after: Floats) -> Floats:
        """Residuals of a regression on the categories of all margins."""
        weight = before if self.weighted else (before > 0).astype(float)
        return self._distances(_values(u, after), weight) * after[:, None]

    def _distances(self, z: Floats, weight: Floats) -> Floats:
        """Residuals from the indicators of all categories; margins share their total, so one a margin is redundant."""
        n, widths = len(weight), [len(totals) for totals in self.totals]
        starts = np.cumsum([0, *widths[:-1]])
        columns = np.concatenate([codes + start for codes, start in zip(self.codes, starts, strict=True)])
        rows = np.tile(np.arange(n), len(widths))
        shape = (n, sum(widths))
        x = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
        weighted = csr_matrix((weight[rows], (rows, columns)), shape=shape)
        gram: Floats = np.asarray((x.T @ weighted).toarray(), dtype=float)
        cross: Floats = np.asarray(weighted.T @ z, dtype=float)
        slopes = np.linalg.lstsq(gram, cross, rcond=None)[0]
        distances: Floats = z - x @ slopes
        return distances


@dataclass(frozen=True, eq=False)
class ToLinear:
    """Linear calibration (GREG): ``w (1 + x'lambda)`` meets the totals of the columns of x."""

    x: Floats
    totals: Floats

    def apply(self, w: Floats) -> Floats:
        """Solve for lambda; a singular system is an error, not a pseudo-inverse."""
        gram = (self.x * w[:, None]).T @ self.x
        size = np.sqrt(np.diag(gram))
        if not (size > 0).all() or np.linalg.cond(gram / np.outer(size, size)) > 1e12:
            raise EstimationError("the calibration variables are collinear in the sample")
        return w * (1 + self.x @ np.linalg.solve(gram, self.totals - self.x.T @ w))

    def influence(self, u: Floats, before: Floats, after: Floats) -> Floats:
        """Residuals of the regression on x."""
        return _regress_out(self.x, _values(u, after), before) * after[:, None]


@dataclass(frozen=True, eq=False)
class Trimming:
    """Weights cut to bounds; what is cut is shared equally among those within them."""

    lower: float
    upper: float
    repeat: bool

    def apply(self, w: Floats) -> Floats:
        """Cut and share, once or until nobody is outside."""
        trimmed = w.astype(float)
        for _ in range(1000):
            outside = (trimmed < self.lower) | (trimmed > self.upper)
            if not outside.any():
                return trimmed
            if outside.all():
                break
            cut = np.clip(trimmed, self.lower, self.upper)
            trimmed = np.where(outside, cut, trimmed + (trimmed - cut).sum() / (~outside).sum())
            if not self.repeat:
                return trimmed
        raise EstimationError(f"no weights between {self.lower:g} and {self.upper:g} keep the sum of {w.sum():g}")

    def influence(self, u: Floats, before: Floats, after: Floats) -> Floats:
        """Trimming holds nothing fixed."""
        return u


def _values(u: Floats, after: Floats) -> Floats:
    """Linearized values behind influences; 0 where a case has no weight."""
    return np.divide(u, after[:, None], out=np.zeros_like(u), where=after[:, None] != 0)


def _class_means(codes: Ints, values: Floats, inside: NDArray[np.bool_]) -> Floats:
    """The value that all members inside a class share, for the whole class."""
    means = np.zeros((int(codes.max()) + 1, values.shape[1]))
    means[codes[inside]] = values[inside]
    return means[codes]


def _within(codes: Ints, k: int, z: Floats, weight: Floats) -> Floats:
    """Distances from the weighted means of the cells."""
    inside = np.bincount(codes, weight, minlength=k)
    means = np.column_stack([np.bincount(codes, weight * column, minlength=k) for column in z.T])
    return z - (means / np.where(inside > 0, inside, 1)[:, None])[codes]


def _regress_out(x: Floats, z: Floats, weight: Floats) -> Floats:
    """Residuals of a weighted regression."""
    root = np.sqrt(weight)[:, None]
    return z - x @ np.linalg.lstsq(x * root, z * root, rcond=None)[0]


def chain(steps: tuple[Adjustment, ...], w: Floats) -> Floats:
    """Apply adjustments one after the other."""
    for step in steps:
        w = step.apply(w)
    return w


def chain_influence(steps: tuple[Adjustment, ...], u: Floats, base: Floats) -> Floats:
    """Take out of influences at the final weights what every adjustment holds fixed, the last one first."""
    weights = [base]
    for step in steps:
        weights.append(step.apply(weights[-1]))
    for step, before, after in zip(reversed(steps), weights[-2::-1], weights[:0:-1], strict=True):
        u = step.influence(u, before, after)
    return u
