"""A noun of many groups at once: sums over groups with the error that they have together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csi.errors import NotAvailable
from csi.numerics import intervals, survey
from csi.numerics.solve import Floats
from csi.results.core import RESAMPLES, Core, Interval, check_level, replicate_errors, spread
from csi.results.noun import Noun

#: Replicates that are drawn for every group by itself, so that any of one goes with any of another.
APART = ("bootstrap", "normal")
#: Replicates whose rows may hold the same people in several groups.
TOGETHER = ("cases", "poisson")


@dataclass(frozen=True, eq=False)
class Known:
    """Numbers `(A,)` with their draws `(A, R)`, if any, and their standard errors."""

    estimate: Floats
    draws: Floats | None
    error: Floats

    def part(self, which: Any) -> Known:
        """Some of the numbers."""
        return Known(self.estimate[which], None if self.draws is None else self.draws[which], self.error[which])


@dataclass(frozen=True, eq=False)
class Joint:
    """Values, draws and moves of a noun in every group.

    Parameters
    ----------
    people : int array (n,), optional
        Who gave each case, where the same people answer in several groups: their answers move together, and errors
        then come from linearization.
    """

    core: Core
    noun: Noun
    people: NDArray[np.intp] | None = None

    @cached_property
    def values(self) -> Floats:
        """Estimates `(G, k)`."""
        return self.core.values(self.noun)

    @cached_property
    def drawn(self) -> Floats | None:
        """Draws `(G, R, k)`; None before replicates are drawn, or where people tie the groups."""
        if self.core.draws is None or self.people is not None:
            return None
        found = self.core.drawn(self.noun)
        return completed(found) if self.independent and self.core.draws.kind in APART else found

    @property
    def resampled(self) -> bool:
        """Whether there are resamples proper, from which quantiles may be taken."""
        draws = self.core.draws
        return draws is not None and draws.kind in RESAMPLES and self.people is None

    def interval(self, asked: Interval | None) -> Interval | None:
        """The interval that is asked for, or the usual one where it is worked out for several groups."""
        if asked is not None or not self.resampled:
            return asked
        return self.core.usual if self.core.usual in ("basic", "normal") else "percentile"

    @property
    def independent(self) -> bool:
        """Whether no chance is shared between groups, as far as is known; given resamples may share theirs."""
        tied = self.core.draws is not None and self.core.draws.kind in TOGETHER
        return not self.core.whole and self.people is None and not tied

    @property
    def df(self) -> float:
        """Degrees of freedom of t intervals."""
        return self.core.df

    # -- standard errors -----------------------------------------------------------------------------------

    def error(self, estimate: Floats, draws: Floats | None, groups: Sequence[int], slopes: Floats) -> Floats:
        """Standard errors of numbers `(A,)` that move with the nouns of some groups by slopes `(A, W, k)`."""
        drawn = self.core.draws
        if draws is None or drawn is None:
            return self.linearized(groups, slopes)
        if drawn.kind in RESAMPLES:
            return np.asarray(spread(draws.T[None])[0])
        return np.asarray(replicate_errors(drawn, draws.T[None], estimate[None])[0])

    def known(self, estimate: Floats, draws: Floats | None, groups: Sequence[int], slopes: Floats) -> Known:
        """Numbers with what is known of their errors."""
        return Known(estimate, draws, self.error(estimate, draws, groups, slopes))

    def linearized(self, groups: Sequence[int], slopes: Floats) -> Floats:
        """Standard errors `(A,)` from the influence of the cases; NaN where it is not known."""
        core, live = self.core, [i for i, g in enumerate(groups) if (slopes[:, i] != 0).any()]
        if not core.linearizes() or core._cases().replicates is not None:
            return np.full(len(slopes), np.nan)
        if core.method.jointly(core.sample):
            return core.linearized(np.add.reduce([core.moves(self.noun, groups[i]) @ slopes[:, i].T for i in live]))
        if self.people is None and core._cases().layout is None:
            variance = np.zeros(len(slopes))
            for i in live:
                variance += np.einsum("ak,kl,al->a", slopes[:, i], self.own_covariance(groups[i]), slopes[:, i])
            return np.asarray(np.sqrt(variance))
        return self._by_units(groups, slopes, live)

    def _by_units(self, groups: Sequence[int], slopes: Floats, live: Sequence[int]) -> Floats:
        """Errors where cases of several groups belong together: clusters of a design, people of a panel."""
        sample = self.core._cases()
        moved = np.zeros((sample.n_cases, len(slopes)))
        for i in live:
            moved[sample.rows[self.core.groups[groups[i]]]] = self.own_moves(groups[i]) @ slopes[:, i].T
        if sample.layout is not None:
            return self.core.linearized(moved)
        people = np.zeros(0, np.intp) if self.people is None else self.people
        inside = np.concatenate([np.arange(sample.n_cases)[sample.rows[self.core.groups[groups[i]]]] for i in live])
        laid = survey.layout(np.zeros(len(inside), np.intp), people[inside])
        return np.asarray(np.sqrt(survey.linearized_variance(moved[inside], laid)))

    def own_moves(self, g: int) -> Floats:
        """Moves `(n_g, k)` of the cases of a group; they add up to the change of its noun."""
        sample = self.core._cases()
        weight = sample.weight[sample.rows[self.core.groups[g]]]
        moved: Floats = self.core.influences(self.noun, g) * (weight / weight.sum())[:, None]
        return moved

    def own_covariance(self, g: int) -> Floats:
        """Covariance `(k, k)` of the noun of one group whose cases stand for themselves."""
        if g not in self._covariances:
            moved = self.own_moves(g)
            n = self.core._cases().n_cases if self.core.whole else len(moved)
            total = moved.sum(axis=0)
            self._covariances[g] = (moved.T @ moved - np.outer(total, total) / n) * n / (n - 1)
        return self._covariances[g]

    @cached_property
    def _covariances(self) -> dict[int, Floats]:
        return {}

    @cached_property
    def own_errors(self) -> Floats:
        """Standard errors `(G, k)` of every group by itself."""
        if self.drawn is None:
            return self.core.errors(self.noun, self.values)
        draws = self.core.draws
        if draws is not None and draws.kind in RESAMPLES:
            return spread(self.drawn)
        return self.values * np.nan if draws is None else replicate_errors(draws, self.drawn, self.values)

    # -- sums over groups ------------------------------------------------------------------------------------

    def combined(self, shares: Floats) -> tuple[Floats, Floats | None, Floats]:
        """Sums of the groups' nouns by known shares `(A, G)`: estimates, draws, errors; `(A, k)`, `(A, R, k)`."""
        estimate = shares @ at_zero(self.values, shares)
        if self.drawn is not None:
            groups, size, k = self.drawn.shape
            known = at_zero(self.drawn.reshape(groups, -1), shares)
            draws = (shares @ known).reshape(-1, size, k)
            kind = None if self.core.draws is None else self.core.draws.kind
            if self.core.draws is not None and kind not in RESAMPLES:
                return estimate, draws, replicate_errors(self.core.draws, draws, estimate)
            return estimate, draws, spread(draws)
        if self.independent or not self.core.linearizes():
            return estimate, None, np.sqrt(shares**2 @ at_zero(self.own_errors**2, shares))
        k, error = estimate.shape[1], np.empty(estimate.shape)
        for j in range(k):
            slopes = np.zeros((*shares.shape, k))
            slopes[..., j] = shares
            error[:, j] = self.linearized(range(shares.shape[1]), slopes)
        return estimate, None, error

    def covariance(self, shares: Floats, j: int) -> Floats:
        """Covariance `(A, A)` of sums of the j-th number."""
        error = self.own_errors[:, j]
        if self.independent:
            return (shares * at_zero(error**2, shares)) @ shares.T
        if self.drawn is not None and self.core.draws is not None:
            draws = shares @ at_zero(self.drawn[..., j], shares)
            kept = draws[:, np.isfinite(draws).all(axis=0)]
            if self.core.draws.kind in RESAMPLES:
                return np.atleast_2d(np.cov(kept))
            rscales = self.core.draws.rscales
            off = draws - (shares @ at_zero(self.values[:, [j]], shares))
            return self.core.draws.scale * (off * (1.0 if rscales is None else rscales)) @ off.T
        return self._linearized_covariance(shares, j)

    def _linearized_covariance(self, shares: Floats, j: int) -> Floats:
        """Covariance by way of the variances of sums and differences of pairs."""
        size, k = len(shares), self.values.shape[1]
        one, two = np.triu_indices(size, 1)
        wanted = np.concatenate([shares, shares[one] - shares[two]])
        variance = np.empty(len(wanted))
        for begin in range(0, len(wanted), 64):
            part = wanted[begin : begin + 64]
            slopes = np.zeros((*part.shape, k))
            slopes[..., j] = part
            variance[begin : begin + 64] = self.linearized(range(part.shape[1]), slopes) ** 2
        cov = np.diag(variance[:size])
        cov[one, two] = cov[two, one] = (variance[one] + variance[two] - variance[size:]) / 2
        return cov


def at_zero(values: Floats, shares: Floats) -> Floats:
    """Put the values of groups that have no share to zero, so that one without an estimate spoils nobody's sum."""
    used = (shares != 0).any(axis=0)
    return np.where(used[:, None] if values.ndim > 1 else used, values, 0.0)


def completed(drawn: Floats) -> Floats:
    """Let other draws of the same group stand for its failed ones, where groups are drawn apart.

    A nation of four hundred companies would otherwise lose every replicate in which one of them failed.
    """
    failed = np.asarray(~np.isfinite(drawn).all(axis=2))
    for g in np.flatnonzero(failed.any(axis=1) & ~failed.all(axis=1)):
        good = np.flatnonzero(~failed[g])
        at = np.flatnonzero(failed[g])
        drawn[g, at] = drawn[g, good[np.arange(len(at)) % len(good)]]
    return drawn


def ends(known: Known, interval: Interval | None, level: float, df: float, resampled: bool) -> tuple[Floats, Floats]:
    """Ends of intervals: percentile where there are resamples, t otherwise.

    Raises
    ------
    NotAvailable
        If the interval is not worked out for sums over groups.
    """
    check_level(level)
    if interval in ("bca", "studentized"):
        raise NotAvailable(
            f"a {interval} interval is not worked out for numbers that come from several groups; 'percentile', 'basic'"
            " and 'normal' are"
        )
    if interval in ("percentile", "basic") and (known.draws is None or not resampled):
        raise NotAvailable(f"a {interval} interval needs resamples: fit.bootstrap(1_000, rng=7)")
    if known.draws is None or not resampled or interval == "normal":
        return intervals.student(known.estimate, known.error, level, df)
    if interval == "basic":
        return intervals.basic(known.estimate, known.draws, level)
    return intervals.percentile(known.draws, level)
