"""Covariance structure analysis as a method: settings in words, estimates from moments (or from the cases)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, ClassVar, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.errors import ModelError, NotAvailable, SettingsError, check_choice, suggest
from csi.methods.estimates import Estimates, Solution
from csi.methods.sem_cases import answered, cases_of, categories, relative_weights
from csi.methods.sem_estimates import estimates_of
from csi.methods.sem_joint import EQUAL, FromGroups, Groups, Joint, together
from csi.methods.sem_solved import FromCategories, FromMoments, FromPatterns, Robust
from csi.methods.sem_structure import Layout, Wording, layout
from csi.numerics.moments import Stack, correlations
from csi.numerics.sem import fiml, ordinal
from csi.numerics.sem.bounds import estimate_bounded
from csi.numerics.sem.discrepancy import Criterion
from csi.numerics.sem.estimate import Solution as Found
from csi.numerics.sem.estimate import estimate
from csi.numerics.sem.optimize import CONVERGED, NOT_CONVERGED
from csi.numerics.sem.structure import SYMMETRIC
from csi.numerics.solve import Floats
from csi.sample import Sample
from csi.spec.frozen import FrozenDict
from csi.spec.words import is_number

Estimator = Literal["ML", "MLR", "MLM", "ULS", "GLS", "FIML", "DWLS", "WLSMV", "ULSMV"]
Likelihood = Literal["normal", "wishart"]
Means = Literal["", "items", "all"]
#: Estimators of ordered items, and how they weight the polychoric correlations.
ORDERED: Mapping[str, ordinal.Weighting] = {"DWLS": "DWLS", "WLSMV": "DWLS", "ULSMV": "ULS"}


@dataclass(frozen=True)
class CBSEM:
    """Covariance structure analysis (covariance-based structural equation modelling).

    Parameters
    ----------
    estimator : {"ML", "MLR", "MLM", "ULS", "GLS", "FIML", "DWLS", "WLSMV", "ULSMV"}
        Maximum likelihood; with errors and tests that need no normal answers (Huber-White and Yuan-Bentler,
        Satorra-Bentler); unweighted and generalized least squares; maximum likelihood of answers with blanks; weighted
        least squares on polychoric correlations, where items are ordered categories.
    engine : {"native", "semopy"}
        `"semopy"` lets semopy find the ML estimates; every statistic is still worked out here.
    likelihood : {"normal", "wishart"}, optional
        Whether moments have divisor n and the statistic is n F (lavaan), or n - 1 and (n - 1) F (AMOS). Normal for
        ML, always n - 1 for ULS and GLS (as lavaan) unless said.
    std_lv : bool
        Whether (residual) variances of the constructs are fixed to one instead of each first loading.
    reliabilities : mapping of construct to number in (0, 1], optional
        Known reliabilities of single-item constructs: the residual variance is fixed to (1 - reliability) x variance;
        to 0 where nothing is said. Both are doubts of the fit that name the constructs.
    covary : {"lavaan", "exogenous"}
        Which covariances are free without being said: those of exogenous constructs, and with `"lavaan"` also those
        between the disturbances of constructs that cause nothing (as lavaan's `sem()`, not AMOS).
    equal : tuple of {"loadings", "intercepts", "residuals", "paths", "variances", "covariances"}
        What is the same in all groups of `study.fit(data, by=...)`, which are then estimated at once (variances and
        covariances are those of constructs). With equal intercepts the construct means of later groups are free.
        `fit.invariance()` tests such equalities one after the other.
    bounds : "variances" or mapping of label to (low, high), optional
        Keep all variances at zero or above; or labelled parameters between bounds, `None` where there is none. A
        parameter that rests on its bound is a doubt, and has no standard error.
    tolerance : float
        Largest gradient, in units of each parameter's information, at which the search stops.
    max_iter : int

    Raises
    ------
    SettingsError
        For a value that a setting cannot have.

    Notes
    -----
    Reversed items are turned before estimation; estimates are in codes. Item weights of scores are Bartlett's,
    loading / residual variance, over the construct's own items. The optimum is searched on standardized items, so
    that units cannot matter, and checked (gradient, information positive definite).

    References
    ----------
    Joreskog, K. G. (1969). A general approach to confirmatory maximum likelihood factor analysis.
    Psychometrika 34, 183-202.

    Examples
    --------
    >>> CBSEM()
    CBSEM(estimator='ML', likelihood='normal')
    >>> import csi
    >>> model = csi.models.ecsi().without("image")
    >>> fit = csi.Study(model, method=csi.CBSEM()).fit(csi.datasets.load("mobi"))
    >>> round(fit.goodness().loc["chi2", "estimate"], 3)
    np.float64(298.887)
    """

    estimator: Estimator = "ML"
    engine: Literal["native", "semopy"] = "native"
    likelihood: Likelihood | None = None
    std_lv: bool = False
    reliabilities: Mapping[str, float] | None = None
    covary: Literal["lavaan", "exogenous"] = "lavaan"
    equal: tuple[str, ...] = ()
    bounds: Literal["variances"] | Mapping[str, tuple[float | None, float | None]] | None = None
    tolerance: float = 1e-11
    max_iter: int = 300

    #: What kind of method this is, and which treatments of blanks it knows.
    family: ClassVar[Literal["components", "covariance"]] = "covariance"
    treatments: ClassVar[tuple[str, ...]] = ("listwise", "em", "fiml")

    def __post_init__(self) -> None:
        check_choice(self.estimator, "estimator", get_args(Estimator))
        check_choice(self.engine, "engine", ("native", "semopy"))
        check_choice(self.likelihood, "likelihood", (None, "normal", "wishart"))
        check_choice(self.std_lv, "std_lv", (True, False))
        check_choice(self.covary, "covary", ("lavaan", "exogenous"))
        if self.likelihood == "wishart" and self.estimator not in ("ML", "ULS", "GLS"):
            raise SettingsError(
                f"the Wishart likelihood is that of moments of normal answers; {self.estimator} has its own. Leave"
                " likelihood out, or use estimator='ML'"
            )
        if self.engine == "semopy" and self.estimator not in ("ML", "MLR", "MLM"):
            raise SettingsError(
                f"semopy is used for maximum likelihood only (its {self.estimator} is not at the optimum);"
                f" leave engine out: CBSEM({self.estimator!r})"
            )
        if not (isinstance(self.tolerance, (int, float)) and 0 < self.tolerance < 1e-3):
            raise SettingsError(f"tolerance must be between 0 and 0.001, such as 1e-11; not {self.tolerance!r}")
        if not (isinstance(self.max_iter, int) and self.max_iter >= 1):
            raise SettingsError(f"max_iter must be a whole number of at least 1; not {self.max_iter!r}")
        said: Any = self.equal
        object.__setattr__(self, "equal", (said,) if isinstance(said, str) else tuple(said))
        for kind in self.equal:
            check_choice(kind, "equal", EQUAL)
        if self.equal and (self.estimator not in ("ML", "MLR", "MLM", "FIML") or self.reliabilities or self.std_lv):
            raise SettingsError(
                "groups are estimated at once by maximum likelihood (ML, MLR, MLM, FIML), with first loadings fixed and"
                " single items without error; leave std_lv, reliabilities or equal out"
            )
        self._check_bounds()
        for construct, value in (self.reliabilities or {}).items():
            if not (is_number(value) and not isinstance(value, bool) and 0 < value <= 1):
                raise SettingsError(
                    f"reliabilities: that of {construct!r} must be above 0 and at most 1, such as 0.8; not {value!r}"
                )
        if self.reliabilities and self.estimator in ORDERED:
            raise SettingsError(
                "a single ordered item takes part as it is; leave reliabilities out with DWLS and WLSMV"
            )
        object.__setattr__(self, "reliabilities", FrozenDict(self.reliabilities or {}))

    def _check_bounds(self) -> None:
        """Read bounds, or say what they should be."""
        if self.bounds is None or self.bounds == "variances":
            pass
        elif isinstance(self.bounds, Mapping):
            for label, ends in self.bounds.items():
                low, high = ends if isinstance(ends, (tuple, list)) and len(ends) == 2 else ("?", "?")
                known = all(end is None or is_number(end) for end in (low, high))
                if not known or (low is not None and high is not None and not low < high):
                    raise SettingsError(f"bounds: {label!r} needs (low, high), such as (0, None); not {ends!r}")
            object.__setattr__(self, "bounds", FrozenDict({label: tuple(e) for label, e in self.bounds.items()}))
        else:
            raise SettingsError(f"bounds must be 'variances' or a mapping of label to (low, high); not {self.bounds!r}")
        if self.bounds and (self.equal or self.engine != "native" or self.estimator in ("FIML", *ORDERED)):
            raise SettingsError("bounds are kept by the native ML, MLR, MLM, ULS and GLS of one group at a time")
        if isinstance(self.bounds, Mapping) and self.reliabilities:
            raise SettingsError("bounds of labelled parameters and reliabilities are not worked out together")

    @classmethod
    def like(cls, program: Literal["lavaan", "amos"], **settings: Any) -> CBSEM:
        """Settings under which another program gets the same numbers.

        Examples
        --------
        >>> CBSEM.like("amos")
        CBSEM(estimator='ML', likelihood='wishart', covary='exogenous')
        """
        check_choice(program, "program", ("lavaan", "amos"))
        usual: dict[str, Any] = {"likelihood": "wishart", "covary": "exogenous"} if program == "amos" else {}
        return cls(**(usual | settings))

    def __repr__(self) -> str:
        default = {"engine": "native", "std_lv": False, "reliabilities": {}, "covary": "lavaan"}
        default |= {"equal": (), "bounds": None, "tolerance": 1e-11, "max_iter": 300}
        said = [f"{name}={getattr(self, name)!r}" for name, value in default.items() if getattr(self, name) != value]
        opening = [f"estimator={self.estimator!r}"]
        if self.estimator not in ORDERED:
            opening.append(f"likelihood={'wishart' if self.wishart else 'normal'!r}")
        return f"CBSEM({', '.join([*opening, *said])})"

    @property
    def name(self) -> str:
        """What a table calls the method."""
        return f"CB-SEM ({self.estimator})"

    @property
    def wishart(self) -> bool:
        """Whether moments have divisor n - 1."""
        return self.likelihood == "wishart" or (self.likelihood is None and self.estimator in ("ULS", "GLS"))

    @property
    def criterion(self) -> Criterion:
        """The discrepancy function of moments."""
        return cast(Criterion, self.estimator) if self.estimator in ("ULS", "GLS") else "ML"

    @property
    def wants_moments(self) -> bool:
        """Whether covariances (not polychoric correlations) are what the model explains."""
        return self.estimator not in ORDERED

    @property
    def missing(self) -> str | None:
        """Treatment of blanks where the study says none; None refuses blanks."""
        return "fiml" if self.estimator == "FIML" else None

    # -- the model ---------------------------------------------------------------------------------------

    def check(self, blueprint: Blueprint) -> None:
        """Refuse a model or settings that covariance structure analysis cannot work with.

        Raises
        ------
        ModelError
            For products, composites of items, negative degrees of freedom, or constraints that name no parameter.
        SettingsError
            If `reliabilities` names what is no single-item construct.
        """
        self.limits(self.layout(blueprint))

    def limits(self, built: Layout) -> tuple[Floats, Floats] | None:
        """Lower and upper bounds of the free parameters, (q,) each; None where there are none."""
        if not self.bounds:
            return None
        s = built.structure
        low, high = np.full(s.n_free, -np.inf), np.full(s.n_free, np.inf)
        if self.bounds == "variances":
            own = (s.kind == SYMMETRIC) & (s.row == s.col) & (s.free >= 0)
            low[s.free[own]] = 0.0
            return low, high
        for label, (least, most) in self.bounds.items():
            number = int(s.free[built.labels[label]]) if label in built.labels else -1
            if number < 0:
                raise ModelError(f"bounds: no free parameter is called {label!r}{suggest(label, built.labels)}")
            low[number] = -np.inf if least is None else least
            high[number] = np.inf if most is None else most
        return low, high

    def check_missing(self, missing: str | None) -> None:
        """Refuse a treatment of blanks that the estimator does not know."""
        if missing is None:
            return
        if missing not in self.treatments:
            raise SettingsError(
                f"missing={missing!r} gives moments that no set of answers need have, and a likelihood needs one;"
                " choose 'listwise', 'em' or 'fiml'"
            )
        if (missing == "fiml") != (self.estimator == "FIML") and self.estimator not in ("ML", "MLR"):
            raise SettingsError(f"estimator={self.estimator!r} and missing={missing!r} contradict each other")

    def layout(self, blueprint: Blueprint, means: Means | None = None) -> Layout:
        """The model as a covariance structure, with means of items (and of constructs) as asked."""
        usual: Means = "items" if self.estimator == "FIML" else ""
        return _layout(blueprint, self, usual if means is None else means)

    def layout_of(self, blueprint: Blueprint, q: int) -> Layout:
        """The structure with so many free parameters."""
        kinds: tuple[Means, ...] = ("", "items", "all")
        for means in kinds:
            if self.layout(blueprint, means).structure.n_free == q:
                return self.layout(blueprint, means)
        raise ModelError(f"the model has no structure of {q} free parameters")

    # -- the estimate ------------------------------------------------------------------------------------

    def solve(
        self,
        blueprint: Blueprint,
        stack: Stack,
        start: Solution | None = None,
        tolerance: float | None = None,
    ) -> Solution:
        """Find the free parameters from moments; NaN where there are fewer cases than parameters."""
        if self.estimator in ORDERED:
            raise NotAvailable(f"{self.estimator} works on the answers of every case, and only moments are given")
        built = self.layout(blueprint)
        covariance, mean, _ = self.moments(built, blueprint, stack)
        usable = self._usable(built, stack, covariance)
        values = np.full((built.structure.n_free, stack.size), np.nan)
        iterations, converged = np.zeros(stack.size, np.int64), np.zeros(stack.size, bool)
        if usable.any():
            given = None if start is None else start.values.T
            # One start may serve all replicates.
            given = given if given is None or len(given) == 1 else given[usable]
            given = given[0] if given is not None and len(given) == 1 else given
            found = self._search(blueprint, built, covariance[usable], mean[usable], given, tolerance)
            values[:, usable] = found.theta.T
            iterations[usable], converged[usable] = found.iterations, found.status == CONVERGED
        return Solution(values, iterations, converged)

    def _search(
        self,
        blueprint: Blueprint,
        built: Layout,
        covariance: Floats,
        mean: Floats,
        start: Floats | None,
        tolerance: float | None,
    ) -> Found:
        limits = self.limits(built)
        if limits is not None:
            location = mean if built.structure.has_means else None
            bounded = estimate_bounded(
                built.structure, covariance, location, np.ones(1), *limits,
                criterion=self.criterion, tolerance=tolerance or self.tolerance,
            )  # fmt: skip
            return bounded.solution
        if self.engine == "semopy" and start is None:
            from csi.methods.semopy_adapter import starts

            # semopy stops three digits short; the last ones are found here, from where it ended.
            start = starts(built, covariance[:, 0])
        return estimate(
            built.structure, covariance, mean if built.structure.has_means else None, np.ones(1),
            criterion=self.criterion, start=start, tolerance=tolerance or self.tolerance, max_iter=self.max_iter,
        )  # fmt: skip

    def moments(self, built: Layout, blueprint: Blueprint, stack: Stack) -> tuple[Floats, Floats, Floats]:
        """Covariances (B, 1, p, p), means (B, 1, p) and units (p, B) of the items as the structure wants them.

        In codes, reversed items turned, with the divisor of the likelihood.
        """
        intercept, width = blueprint.intercept_slope[0][:, None], np.abs(blueprint.intercept_slope[1])[:, None]
        share = 1.0 if self.wishart else (stack.n - 1) / stack.n
        cov, mean = stack.cov * share / (width[:, None] * width[None, :]), (stack.mean - intercept) / width
        units = built.item_units(np.sqrt(np.einsum("iib->ib", cov)))
        with np.errstate(invalid="ignore", divide="ignore"):
            cov, mean = cov / (units[:, None] * units[None, :]), mean / units
        return (
            np.ascontiguousarray(np.moveaxis(cov, -1, 0))[:, None],
            np.ascontiguousarray(mean.T)[:, None],
            units,
        )

    def _usable(self, built: Layout, stack: Stack, covariance: Floats) -> NDArray[np.bool_]:
        """Which replicates have finite moments and at least as many cases as parameters."""
        return np.asarray(np.isfinite(covariance).all(axis=(1, 2, 3)) & (stack.n >= built.structure.n_estimated))

    def begin(self, blueprint: Blueprint, sample: Sample, stack: Stack) -> Solution | None:
        """Find the free parameters of every group from its cases, where moments do not suffice; None where they do."""
        if self.jointly(sample):
            return self._begin_jointly(blueprint, sample, stack)
        if self.estimator in ORDERED:
            found = [self._ordered(blueprint, sample, g) for g in range(stack.size)]
        elif self._by_patterns(sample):
            found = [self._patterns(blueprint, sample, g, float(stack.n[g])) for g in range(stack.size)]
        else:
            return None
        values = np.concatenate([each.theta for each in found]).T
        iterations = np.concatenate([each.iterations for each in found])
        return Solution(values, iterations, np.concatenate([each.status for each in found]) == CONVERGED)

    def jointly(self, sample: Sample | None) -> bool:
        """Whether groups are estimated at once."""
        return bool(self.equal) and sample is not None and len(sample.groups) > 1

    def _begin_jointly(self, blueprint: Blueprint, sample: Sample, stack: Stack) -> Solution:
        joint = self._joint(blueprint, sample, stack)
        own = self._of_a_group(blueprint, sample)
        values = np.concatenate([FromGroups(joint, own, g).theta for g in range(stack.size)]).T
        rounds = np.repeat(joint.solution.iterations, stack.size)
        return Solution(values, rounds, np.ones(stack.size, bool))

    def _joint(self, blueprint: Blueprint, sample: Sample, stack: Stack) -> Joint:
        groups = tuple(range(stack.size))
        return self.together(blueprint, stack, sample, groups, self.equal, means=self._with_means(sample))

    def _with_means(self, sample: Sample) -> bool:
        return "intercepts" in self.equal or self._by_patterns(sample)

    def _of_a_group(self, blueprint: Blueprint, sample: Sample) -> Layout:
        """The structure of one group of a joint estimate; its construct means are parameters where any are."""
        free = "intercepts" in self.equal
        return self.layout(blueprint, "all" if free else "items" if self._by_patterns(sample) else "")

    def together(
        self,
        blueprint: Blueprint,
        stack: Stack,
        sample: Sample | None,
        groups: tuple[int, ...],
        equal: Sequence[str],
        means: bool,
    ) -> Joint:
        """Estimate all groups at once, with some parameters held equal."""
        built = self.layout(blueprint, "items" if means else "")
        covariance, mean, _ = self.moments(built, blueprint, stack)
        covariance, mean = np.swapaxes(covariance, 0, 1), np.swapaxes(mean, 0, 1)
        n = stack.n - 1 if self.wishart else stack.n.copy()
        cases: tuple[Floats, ...] = ()
        patterns: tuple[fiml.Patterns, ...] = ()
        if sample is not None and self._by_patterns(sample):
            if sample.design.weight is not None:
                raise NotAvailable("weighted answers with blanks are not fitted to several groups at once")
            cases = tuple(answered(blueprint, sample, g)[0] for g in groups)
            patterns = tuple(fiml.patterns(x) for x in cases)
            n = np.array([float(len(x)) for x in cases])
        elif sample is not None:
            cases = tuple(cases_of(blueprint, sample, g) for g in groups)
        found = Groups(covariance, mean, n, cases, patterns)
        kind = cast(Robust, self.estimator.lower() if self.estimator in ("MLR", "MLM") else "")
        return together(built, found, equal, kind, self.wishart, self.tolerance, self.max_iter)

    @staticmethod
    def _by_patterns(sample: Sample | None) -> bool:
        return sample is not None and sample.missing == "fiml"

    def from_moments(self, sample: Sample | None) -> bool:
        """Whether the estimates are a function of the moments, so that replicates of moments are replicates of them."""
        return self.estimator not in ORDERED and not self._by_patterns(sample) and not self.jointly(sample)

    def _patterns(self, blueprint: Blueprint, sample: Sample, group: int, n: float) -> Found:
        built, (x, weights) = self.layout(blueprint, "items"), answered(blueprint, sample, group)
        if n < built.structure.n_estimated:
            return _nothing(built.structure.n_free)
        data = fiml.patterns(x, None if weights is None else weights[None])
        return fiml.estimate_fiml(built.structure, (data,), tolerance=self.tolerance, max_iter=self.max_iter)

    def _ordered(self, blueprint: Blueprint, sample: Sample, group: int) -> Found:
        built = self.layout(blueprint)
        answers = categories(blueprint, sample, group)
        return ordinal.estimate_ordinal(
            built.structure, answers, weighting=ORDERED[self.estimator], tolerance=self.tolerance,
            max_iter=self.max_iter,
        )  # fmt: skip

    def estimates(self, blueprint: Blueprint, stack: Stack, solution: Solution) -> Estimates:
        """Standardized loadings, correlations, paths, R2 and Bartlett's item weights from the free parameters."""
        built = self.layout_of(blueprint, len(solution.values))
        return estimates_of(blueprint, built, stack, solution.values)

    # -- inference ---------------------------------------------------------------------------------------

    def solved(
        self, blueprint: Blueprint, stack: Stack, solution: Solution, sample: Sample | None, group: int
    ) -> FromMoments | FromPatterns | FromCategories | FromGroups:
        """The solution of one group (one replicate) with what standard errors and tests need."""
        built, theta = self.layout_of(blueprint, len(solution.values)), solution.values.T
        kind = cast(Robust, self.estimator.lower() if self.estimator in ("MLR", "MLM") else "")
        if sample is not None and self.jointly(sample):
            stacks = [sample.stack(g) for g in range(len(sample.groups))]
            every = Stack(*(np.concatenate(parts, axis=-1) for parts in zip(*stacks, strict=True)))
            return FromGroups(self._joint(blueprint, sample, every), built, group)
        if self.estimator in ORDERED:
            if sample is None:
                raise NotAvailable(f"{self.estimator} works on the answers of every case")
            answers = categories(blueprint, sample, group)
            return FromCategories(built, theta, answers, ORDERED[self.estimator], self.estimator != "DWLS")
        if sample is not None and self._by_patterns(sample):
            return FromPatterns(built, theta, *answered(blueprint, sample, group), kind)
        covariance, _, units = self.moments(built, blueprint, stack)
        n = float(stack.n[0])
        cases, weights = None, None
        if sample is not None and sample.given is None:
            cases = partial(cases_of, blueprint, sample, group)
            weights = relative_weights(sample, group)
        limits = self.limits(built)
        counted = n - 1 if self.wishart else n
        return FromMoments(
            built, theta, covariance, counted, n, self.criterion, units[:, 0], kind, cases, weights, limits
        )

    def why_not(self, blueprint: Blueprint, stack: Stack) -> str | None:
        """Say why nothing could be estimated, where the method knows."""
        built = self.layout(blueprint)
        q = built.structure.n_estimated
        if (stack.n < q).all():
            return (
                f"the model has {q} free parameters and the data {stack.n.max():g} cases; there must be more cases than"
                " parameters. Gather answers, fix or equate parameters, or use csi.PLS()"
            )
        variance = np.einsum("iib->ib", stack.cov)
        if not (variance > 0).all(axis=0).any() or self.criterion == "ULS":
            return None
        corr = np.moveaxis(correlations(stack.cov), -1, 0)
        finite = np.isfinite(corr).all(axis=(1, 2))
        lowest = np.linalg.eigvalsh(corr[finite])[:, 0] if finite.any() else np.array([])
        if finite.any() and (lowest < 1e-12).all():
            return (
                f"the covariance matrix of the items is not positive definite (smallest eigenvalue of the correlations"
                f" {lowest.max():.3g}): an item is copied or a sum of others, there are fewer cases than items, or a"
                " printed matrix has too few digits. Leave an item out, or use csi.CBSEM('ULS')"
            )
        return None


@lru_cache(maxsize=64)
def _layout(blueprint: Blueprint, method: CBSEM, means: Means) -> Layout:
    reliabilities = method.reliabilities or FrozenDict()
    wording = Wording(method.std_lv, reliabilities, method.covary, means, method.estimator in ORDERED)
    return layout(blueprint, wording)


def _nothing(q: int) -> Found:
    """What is found where nothing can be."""
    blank = np.full(1, np.nan)
    failed = np.full(1, NOT_CONVERGED, np.int8)
    return Found(np.full((1, q), np.nan), blank, blank, blank, failed, np.zeros(1, np.int64))
