"""What a fit knows, and how any noun gets its values, its draws, its influences and its interval."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.draws import bootstrap_rows
from csi.errors import NotAvailable, SettingsError, check_choice
from csi.methods.estimates import Estimates, Method, Solution
from csi.numerics import intervals, linearize, survey
from csi.numerics.moments import Stack, pair_products, pair_sums
from csi.numerics.sem import delta
from csi.numerics.solve import Floats
from csi.record import Record
from csi.redrawn import AnyDraws
from csi.results.noun import Noun
from csi.results.tables import Uncertainty, common, wide
from csi.sample import Sample

Interval = Literal["percentile", "basic", "normal", "bca", "studentized"]
INTERVALS = ("percentile", "basic", "normal", "bca", "studentized")
PValue = Literal["bootstrap", "t", "percentile"]
#: Resamples proper, from which quantiles may be taken; other replicates only have a variance.
RESAMPLES = ("bootstrap", "rao-wu", "cases", "normal", "poisson")
#: At this tolerance a difference of two fits is a derivative.
FINE = 1e-12
#: Groups whose derivatives are kept for the next noun, some 0.1 MB each.
KEPT = 256
#: Standard errors below this share of the estimate are rounding.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Core:
    """Moments, solutions and estimates of every group, with the cases and the draws where there are any.

    Parameters
    ----------
    stack : Stack
        Moments of the points, groups last.
    groups : tuple of int
        Which groups of the sample these are.
    labels : tuple
        Their labels; `by` names the columns they come from.
    fine, solutions : dict
        What was worked out for a group and may be asked for again.
    published : bool
        Whether the moments are a correlation matrix without standard deviations.
    usual : str
        The interval of resamples where a noun is asked for none.
    record : Record or None
        How moments of a pass came about.
    """

    blueprint: Blueprint
    method: Method
    stack: Stack
    solution: Solution
    estimates: Estimates
    by: tuple[str, ...]
    labels: tuple[Any, ...]
    groups: tuple[int, ...]
    sample: Sample | None = None
    draws: AnyDraws | None = None
    fine: dict[int, Solution] = field(default_factory=dict)
    solutions: dict[int, Any] = field(default_factory=dict)
    published: bool = False
    usual: Interval = "percentile"
    record: Record | None = None

    # -- values ------------------------------------------------------------------------------------------

    def values(self, noun: Noun) -> Floats:
        """Estimates `(G, rows)`."""
        return noun.flat(self.stack, self.estimates).T

    def drawn(self, noun: Noun) -> Floats:
        """Draws `(G, R, rows)`, NaN for failed replicates."""
        if self.draws is None:
            raise NotAvailable("there are no replicates yet; ask for them: fit = fit.bootstrap(10_000, rng=7)")
        return self.draws.compute(self.blueprint, self.method, noun.flat)

    # -- influence of the cases --------------------------------------------------------------------------

    def jacobian(self, noun: Noun, g: int) -> linearize.Jacobian:
        """Derivatives of a noun with respect to the moments of one group."""
        at = self.stack.columns(slice(g, g + 1))
        parts, fine = linearize.batches(len(at.mean)), self.fine.get(g)
        if fine is None:
            solved = [self._nudged(at, linearize.perturbed(at, part), g) for part in parts]
            fine = Solution(*(np.concatenate(same, axis=-1) for same in zip(*solved, strict=True)))
            if len(self.fine) < KEPT:
                self.fine[g] = fine
        values = [
            self._flat(noun, linearize.perturbed(at, part), fine.columns(np.arange(part.start, part.stop)))
            for part in parts
        ]
        return linearize.jacobian(np.concatenate(values, axis=1), at)

    def _flat(self, noun: Noun, stack: Stack, solution: Solution) -> Floats:
        """A noun of any moments and their solution."""
        return noun.flat(stack, self.method.estimates(self.blueprint, stack, solution))

    def _nudged(self, at: Stack, moved: Stack, g: int) -> Solution:
        """Solutions at moments close to those of a group: to first order where the method knows how, else iterated."""
        nudged = getattr(self.method, "nudged", None)
        found = None if nudged is None else nudged(self.blueprint, at, moved, self._still.columns(slice(g, g + 1)))
        return found or self.method.solve(self.blueprint, moved, self.solution.columns(slice(g, g + 1)), FINE)

    @cached_property
    def _still(self) -> Solution:
        """Solutions of all groups to as many digits as derivatives need."""
        return self.method.solve(self.blueprint, self.stack, self.solution, FINE)

    def influences(self, noun: Noun, g: int) -> Floats:
        """How much each case of a group moves a noun: `(n_g, rows)`, the estimate moves by their weighted mean."""
        if self.sample is None:
            raise NotAvailable(
                "the influence of cases needs the cases, and only moments were given; fit.bootstrap(kind='normal')"
                " draws moments as if the answers were normal"
            )
        if self.sample.correlations != "pearson":
            raise NotAvailable(
                f"the influence of cases on {self.sample.correlations} correlations is not worked out; standard errors"
                " come from draws: fit.bootstrap(1_000, rng=7)"
            )
        cases = self.sample.rows[self.groups[g]]
        at = self.stack.columns(slice(g, g + 1))
        x, here = self.sample.columns(self.groups[g], at)
        through = self._way(g, "influences") if self.method.family == "covariance" else None
        if through is not None:
            found = self._through_moments(noun, g, x, here)
            answered = np.ones(len(found), bool) if here is None else here.any(axis=0)
            found[answered] += through @ self._parameter_slopes(noun, g).T
            return found
        weight = self.sample.weight[cases]
        slopes = self._through_means(self.jacobian(noun, g), g, at, weight)
        return influences(slopes, x, here, weight, at, self.sample.missing)

    def _through_means(
        self, slopes: linearize.Jacobian, g: int, at: Stack, weight: NDArray[np.generic]
    ) -> linearize.Jacobian:
        """Add what is owed to the means about which products of items are formed."""
        if not len(self.blueprint.pairs):
            return slopes
        moved = self._cases().product_responses(self.groups[g], at, np.asarray(weight, float))
        return linearize.through_means(slopes, *moved)

    def _way(self, g: int, name: str) -> Any:
        """How cases move the parameters, where the method knows it; None where moments tell."""
        if not hasattr(type(self.solved(g)), name):
            raise NotAvailable(f"the influence of single cases on {self.method.name} is not worked out")
        return getattr(self.solved(g), name)

    def _through_moments(self, noun: Noun, g: int, x: Floats, here: NDArray[np.bool_] | None) -> Floats:
        """Influences through the moments, the parameters held."""
        sample, at = self._cases(), self.stack.columns(slice(g, g + 1))
        moved = linearize.perturbed(at)
        held = self.solution.columns(np.full(moved.size, g))
        still = linearize.jacobian(noun.flat(moved, self.method.estimates(self.blueprint, moved, held)), at)
        weight = sample.weight[sample.rows[self.groups[g]]]
        return influences(still, x, here, weight, at, sample.missing)

    def _joint_moves(self, noun: Noun, g: int) -> Floats:
        """Moves `(n, rows)` by the cases of every group, where all groups are estimated at once."""
        sample = self._cases()
        slopes, found = self._parameter_slopes(noun, g), np.zeros((sample.n_cases, len(noun.flat_rows)))
        for rows, moves in zip(sample.rows, self._way(g, "joint_moves"), strict=True):
            given = None if sample.given is None else sample.given[:, rows].any(axis=0)
            at = np.arange(sample.n_cases)[rows]
            found[at if given is None else at[given]] = moves @ slopes.T
        cases = sample.rows[self.groups[g]]
        here = None if sample.given is None else sample.given[:, cases]
        own = self._through_moments(noun, g, sample.points_of(cases), here)
        found[cases] += own / len(own)
        return found

    def _parameter_slopes(self, noun: Noun, g: int) -> Floats:
        """Derivatives of a noun with respect to the parameters of one group, the moments held."""
        theta, error = self.solution.values[:, g], np.sqrt(np.diag(self.solved(g).spread))
        return delta.jacobian(self._function(noun, g), theta, np.where(error > 0, 1e-4 * error, 1e-6))

    def moves(self, noun: Noun, g: int) -> Floats:
        """Influence times share of the weight: the estimate moves by their sum; zero for cases of other groups.

        Over all cases where the design draws from the whole sample, over the group's own otherwise.
        """
        sample = self._cases()
        if self.method.jointly(sample):
            return self._joint_moves(noun, g)
        cases = sample.rows[self.groups[g]]
        weight = sample.weight[cases]
        own: Floats = self.influences(noun, g) * (weight / weight.sum())[:, None]
        if not self.whole:
            return own
        moves = np.zeros((sample.n_cases, own.shape[1]))
        moves[cases] = own
        return moves

    @property
    def designed(self) -> bool:
        """Whether a design says how the cases were drawn."""
        sample = self.sample
        return sample is not None and bool(sample.design.weight or sample.layout is not None)

    @property
    def whole(self) -> bool:
        """Whether replicates are drawn for the whole sample, groups being its domains."""
        return self.designed or self.method.jointly(self.sample)

    def _cases(self) -> Sample:
        if self.sample is None:
            raise NotAvailable("only moments were given; the cases are needed. Fit the table of answers instead")
        return self.sample

    def linearized(self, moves: Floats) -> Floats:
        """Standard errors `(rows,)` from moves, by the design; NaN where it lies in replicate weights."""
        sample = self._cases()
        if sample.replicates is not None:
            return np.full(moves.shape[1], np.nan)
        if sample.layout is not None:
            return np.asarray(np.sqrt(survey.linearized_variance(moves, sample.layout, _remedy(sample))))
        n = len(moves)
        error: Floats = np.sqrt(((moves**2).sum(axis=0) - moves.sum(axis=0) ** 2 / n) * n / (n - 1))
        return error

    @property
    def df(self) -> float:
        """Degrees of freedom of t intervals: of the design where it has strata, clusters or replicates."""
        if self.draws is not None and self.draws.kind in ("replicate", "jackknife"):
            return self.draws.df
        sample = self.sample
        if sample is None or sample.layout is None:
            return np.inf
        return sample.design.df or survey.degrees_of_freedom(sample.layout)

    # -- intervals ---------------------------------------------------------------------------------------

    def uncertainty(
        self, noun: Noun, interval: Interval | None, confidence_level: float, p: PValue = "bootstrap"
    ) -> Uncertainty:
        """Standard errors, intervals, statistics and p-values of a noun."""
        check_level(confidence_level)
        self.check_interval(interval)
        estimate = self.values(noun)
        if self.draws is None:
            error = self.errors(noun, estimate)
            return _by_error(estimate, error, noun.null, confidence_level, self.df)
        drawn = self.drawn(noun)
        if self.draws.kind not in RESAMPLES:
            error = replicate_errors(self.draws, drawn, estimate)
            return _by_error(estimate, error, noun.null, confidence_level, self.df)
        return self._by_draws(noun, estimate, drawn, interval or self.usual, confidence_level, p)

    def check_interval(self, interval: Interval | None) -> None:
        """Refuse an interval read from draws where there are none, or where they are no resamples."""
        if interval in (None, "normal"):
            return
        check_choice(interval, "interval", INTERVALS)
        if self.draws is None:
            raise NotAvailable(f"a {interval} interval needs resamples: fit.bootstrap(10_000, rng=7)")
        if self.draws.kind not in RESAMPLES:
            raise NotAvailable(
                f"{self.draws.kind} replicates have a variance but are no resamples of the estimate, so a"
                f" {interval} interval cannot be read from them; leave interval out for the t interval"
            )

    def errors(self, noun: Noun, estimate: Floats) -> Floats:
        """Linearized standard errors `(G, rows)`; NaN where they cannot be had."""
        errors = np.full(estimate.shape, np.nan)
        by_parameters = self.by_parameters(noun)
        if not by_parameters and not self.linearizes():
            return errors
        for g in range(len(self.groups)):
            if np.isfinite(self.solution.values[:, g]).all():
                errors[g] = self.delta_errors(noun, g) if by_parameters else self.linearized(self.moves(noun, g))
        # A number that cannot vary (the loading of a single item) has no error; what is left is rounding.
        return np.where(errors < ROUNDING * (1 + np.abs(estimate)), 0.0, errors)

    def linearizes(self) -> bool:
        """Whether the influence of single cases is known."""
        if self.sample is None or self.sample.correlations != "pearson":
            return False
        ways = ("influences", "joint_moves")
        return self.method.from_moments(self.sample) or any(hasattr(type(self.solved(0)), way) for way in ways)

    # -- where the method knows the covariance matrix of its parameters ------------------------------------------

    def by_parameters(self, noun: Noun | None) -> bool:
        """Whether the errors of a noun come from the covariance matrix of the parameters.

        Not under a design or after EM, where linearization knows more than the method's own matrix.
        """
        plain = self.sample is None or self.sample.given is None or self.sample.missing != "em"
        return (
            noun is not None and noun.parametric and self.method.family == "covariance" and plain and not self.designed
        )

    def solved(self, g: int) -> Any:
        """The solution of one group with what standard errors and tests need."""
        if g not in self.solutions:
            at, point = self.stack.columns(slice(g, g + 1)), self.solution.columns(slice(g, g + 1))
            self.solutions[g] = self.method.solved(self.blueprint, at, point, self.sample, self.groups[g])
        return self.solutions[g]

    def delta_errors(self, noun: Noun, g: int) -> Floats:
        """Standard errors of a function of the parameters by the delta method."""
        return delta.delta_errors(self._function(noun, g), self.solution.values[:, g], self.solved(g).spread)

    def _function(self, noun: Noun, g: int) -> delta.Function:
        """A noun of one group as a function of parameters (B, q), the moments held."""
        at = self.stack.columns(slice(g, g + 1))

        def function(theta: Floats) -> Floats:
            size = len(theta)
            stack = Stack(np.repeat(at.mean, size, 1), np.repeat(at.cov, size, 2), np.repeat(at.n, size))
            whole = Solution(theta.T, np.zeros(size, np.int64), np.ones(size, bool))
            if noun.bare:
                nothing = np.empty((0, size))
                return noun.flat(stack, Estimates(nothing, nothing, nothing, nothing, nothing, theta.T)).T
            return noun.flat(stack, self.method.estimates(self.blueprint, stack, whole)).T

        return function

    def _by_draws(
        self, noun: Noun, estimate: Floats, drawn: Floats, interval: Interval, level: float, p: PValue
    ) -> Uncertainty:
        check_choice(interval, "interval", INTERVALS)
        check_choice(p, "p", ("bootstrap", "t", "percentile"))
        error = spread(drawn)
        error = np.where(error < ROUNDING * (1 + np.abs(estimate)), 0.0, error)
        low, high = np.full(estimate.shape, np.nan), np.full(estimate.shape, np.nan)
        p_value = np.full(estimate.shape, np.nan)
        null = 0.0 if noun.null is None else noun.null
        for g in range(len(estimate)):
            rows = np.ascontiguousarray(drawn[g].T)
            if not np.isfinite(rows).any():
                continue
            low[g], high[g] = self._ends(noun, g, estimate[g], rows, error[g], interval, level)
            p_value[g] = _p(p, rows, _ratio(estimate[g] - null, error[g]), null, self.df)
        if noun.null is None:
            return Uncertainty(error, low, high, None, None)
        return Uncertainty(error, low, high, _ratio(estimate - null, error), p_value)

    def _ends(
        self, noun: Noun, g: int, estimate: Floats, rows: Floats, error: Floats, interval: Interval, level: float
    ) -> tuple[Floats, Floats]:
        """Ends of an interval of one group."""
        if interval == "percentile":
            return intervals.percentile(rows, level)
        if interval == "basic":
            return intervals.basic(estimate, rows, level)
        if interval == "normal":
            return intervals.student(estimate, error, level, self.df)
        if interval == "bca":
            return intervals.bca(estimate, rows, linearize.acceleration(self.moves(noun, g)), level)
        return intervals.studentized(estimate, rows, self.draw_errors(noun, g).T, error, level)

    def draw_errors(self, noun: Noun, g: int) -> Floats:
        """Standard error of every draw of one group, by linearization about the draw, `(R, rows)`."""
        draws, sample = self.draws, self._cases()
        if draws is None or draws.kind != "bootstrap" or draws.entropy is None or self.whole:
            raise NotAvailable(
                "studentized intervals are worked out for a bootstrap of cases without a design;"
                " interval='bca' corrects skewness under any"
            )
        found, r = np.full((draws.size, len(noun.flat_rows)), np.nan), 0
        for block in bootstrap_rows(sample, draws.entropy, draws.size)(self.groups[g]):
            for counts in block:
                at, point = draws.replicate(g, r)
                if np.isfinite(point.values).all():
                    x, here = sample.columns(self.groups[g], at)
                    slopes = self._through_means(self._slopes(noun, at, point), g, at, counts)
                    moved = influences(slopes, x, here, counts, at, sample.missing)
                    found[r] = np.sqrt(counts @ moved**2) / counts.sum()
                r += 1
        return found

    def _slopes(self, noun: Noun, at: Stack, point: Solution) -> linearize.Jacobian:
        """Derivatives of a noun about any moments."""
        moved = linearize.perturbed(at)
        solution = self.method.solve(self.blueprint, moved, point, FINE)
        return linearize.jacobian(self._flat(noun, moved, solution), at)

    # -- tables ------------------------------------------------------------------------------------------

    def table(
        self,
        noun: Noun,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
        p: PValue = "bootstrap",
        tidy: bool = False,
    ) -> pd.DataFrame:
        """A noun as the one table out."""
        if noun.measures and not tidy:
            shown = wide(self.values(noun), noun.rows, noun.measures, self.by, self.labels)
            return noted(shown, noun)
        known = self.uncertainty(noun, interval, confidence_level, p)
        table = common(self.values(noun), known, noun.flat_rows, self.by, self.labels)
        table.attrs["interval"] = self.describe(interval, confidence_level, noun)
        return noted(table, noun)

    def describe(self, interval: Interval | None, confidence_level: float, noun: Noun | None = None) -> str:
        """Say in words how intervals were made."""
        percent = f"{100 * confidence_level:g} %"
        if self.draws is None and self.sample is not None and self.sample.replicates is not None:
            return "no interval yet: the design lies in its replicate weights, fit.replicate()"
        if self.draws is None and self.by_parameters(noun):
            marked = "; the data are a correlation matrix, for which they are not made" if self.published else ""
            return f"{percent} normal interval, standard errors of {self.method.name}, delta method{marked}"
        if self.draws is None and self.sample is not None and not self.linearizes():
            return f"no interval: how single cases move this under {self.method!r} is not worked out"
        if self.draws is None:
            return f"{percent} {'t' if np.isfinite(self.df) else 'normal'} interval, linearized standard errors"
        kind = {
            "bootstrap": "bootstrap",
            "rao-wu": "Rao-Wu bootstrap",
            "cases": "given case weights",
            "normal": "moments drawn as if answers were normal",
            "poisson": "Poisson bootstrap in the pass over the answers",
            "jackknife": "jackknife",
            "replicate": "the design's replicate weights",
        }[self.draws.kind]
        name = (interval or self.usual) if self.draws.kind in RESAMPLES else "t"
        lost = int(self.draws.failed.sum())
        return f"{percent} {name} interval, {self.draws.size:,} replicates ({kind}), {lost:,} failed"

    def select(self, at: list[int], by: tuple[str, ...], labels: tuple[Any, ...]) -> Core:
        """Some of the groups."""
        which = np.array(at, np.intp)
        draws = self.draws
        if draws is not None:
            draws = draws.select(which)
        return replace(
            self,
            stack=self.stack.columns(which),
            solution=self.solution.columns(which),
            estimates=Estimates(*(part[..., which] for part in self.estimates)),
            by=by,
            labels=labels,
            groups=tuple(self.groups[i] for i in at),
            draws=draws,
            fine={new: self.fine[old] for new, old in enumerate(at) if old in self.fine},
            solutions={new: self.solutions[old] for new, old in enumerate(at) if old in self.solutions},
        )


def noted(table: pd.DataFrame, noun: Noun) -> pd.DataFrame:
    """Add what a reader should know."""
    if noun.note:
        table.attrs["note"] = noun.note
    return table


def influences(
    d: linearize.Jacobian,
    x: Floats,
    given: NDArray[np.bool_] | None,
    weight: Floats | NDArray[np.generic],
    at: Stack,
    missing: str,
) -> Floats:
    """Influence of every case `(n, rows)` under the treatment of blanks; the estimate moves by their mean."""
    if given is None:
        return linearize.influences(d, x, at)
    if missing in ("em", "fiml"):
        return linearize.em_influences(d, x, np.asarray(weight, float), at)
    if missing == "mean":
        return linearize.mean_replaced_influences(d, x, given, np.asarray(weight, float), at)
    w = np.asarray(weight, float)
    return linearize.pairwise_influences(d, x, given, w, at, _pair_moments(x, given, w))


def check_level(confidence_level: float) -> None:
    """Refuse a confidence level that is no probability."""
    if not (isinstance(confidence_level, (int, float)) and 0 < confidence_level < 1):
        raise SettingsError(f"confidence_level must lie between 0 and 1, such as 0.95; not {confidence_level!r}")


def spread(drawn: Floats) -> Floats:
    """Standard deviation of the draws (divisor B - 1) along axis 1, leaving out failed ones."""
    valid = np.isfinite(drawn)
    size = valid.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(valid, drawn, 0).sum(axis=1) / np.where(size > 0, size, np.nan)
        square = np.where(valid, (drawn - mean[:, None]) ** 2, 0).sum(axis=1)
        deviation: Floats = np.sqrt(square / np.where(size > 1, size - 1, np.nan))
    return deviation


def replicate_errors(draws: AnyDraws, drawn: Floats, estimate: Floats) -> Floats:
    """Square root of scale * sum rscales (draw - estimate)^2; NaN where one failed, for none may be left out."""
    rscales = np.ones(draws.size) if draws.rscales is None else draws.rscales
    error: Floats = np.sqrt(draws.scale * np.einsum("r,grk->gk", rscales, (drawn - estimate[:, None]) ** 2))
    return error


def _by_error(estimate: Floats, error: Floats, null: float | None, level: float, df: float) -> Uncertainty:
    low, high = intervals.student(estimate, error, level, df)
    if null is None:
        return Uncertainty(error, low, high, None, None)
    statistic = _ratio(estimate - null, error)
    return Uncertainty(error, low, high, statistic, intervals.p_student(statistic, df))


def _ratio(value: Floats, error: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio: Floats = value / np.where(error > 0, error, np.nan)
    return ratio


def _p(p: PValue, rows: Floats, statistic: Floats, null: float, df: float) -> Floats:
    if p == "bootstrap":
        return intervals.p_value(rows, null)
    return intervals.p_percentile(rows, null) if p == "percentile" else intervals.p_student(statistic, df)


def _remedy(sample: Sample) -> Literal["certainty", "centered"]:
    return "certainty" if sample.design.single_psu == "error" else sample.design.single_psu


def _pair_moments(x: Floats, given: NDArray[np.bool_], weight: Floats) -> linearize.PairMoments:
    """Means and variances of every item over the cases that also answered another."""
    sums = pair_sums(pair_products(np.nan_to_num(x), given) @ weight[:, None], len(x))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.first[..., 0] / sums.weight[..., 0]
        return linearize.PairMoments(mean, sums.square[..., 0] / sums.weight[..., 0] - mean**2)
