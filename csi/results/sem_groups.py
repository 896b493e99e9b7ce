"""Several groups at once: whether a model measures the same in each, and how the means of the constructs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint, compile_model
from csi.errors import EstimationError, NotAvailable, SettingsError, check_choice
from csi.methods.cbsem import CBSEM, answered, cases_of
from csi.methods.sem_structure import Layout
from csi.numerics import intervals
from csi.numerics.sem import fiml, robust
from csi.numerics.sem.estimate import Solution, estimate
from csi.numerics.sem.inference import Local, local, parameter_covariance
from csi.numerics.sem.invariance import difference, multigroup
from csi.numerics.sem.optimize import CONVERGED
from csi.numerics.sem.standardize import standardized_cells
from csi.numerics.sem.structure import MEAN, Bools, Structure
from csi.numerics.sem.summary import degrees_of_freedom, fiml_summary, fit_summary, scaled_summary
from csi.numerics.solve import Floats
from csi.results.core import Core, check_level
from csi.results.sem_parameters import method_of
from csi.results.tables import COLUMNS, grouped

Of = Literal["measurement", "model"]
#: What is held equal at every step.
STEPS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "regressions": ("loadings", "intercepts", "paths"),
}
LADDER = ("configural", "metric", "scalar", "strict")
#: Columns of the ladder.
SHOWN = ("chi2", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic")


@dataclass(frozen=True, eq=False)
class Joint:
    """One model in all groups, with some parameters held equal."""

    layout: Layout
    structure: Structure
    solution: Solution
    covariance: Floats
    mean: Floats
    n: Floats
    cases: tuple[Floats, ...]
    method: CBSEM
    patterns: tuple[fiml.Patterns, ...]

    @cached_property
    def here(self) -> Local:
        """The structure at the estimate."""
        if self.patterns:
            return fiml.fiml_local(self.structure, self.solution.theta, self.patterns)
        return local(self.structure, self.solution.theta, self.covariance, self.mean, self.n)

    @property
    def df(self) -> float:
        """Degrees of freedom."""
        return float(degrees_of_freedom(self.structure))

    @cached_property
    def _whole(self) -> tuple[Local, Solution]:
        structure, found = fiml.saturated_fit(self.structure, self.patterns)
        return fiml.fiml_local(structure, found.theta, self.patterns), found

    def sandwich(self, here: Local, df: float) -> robust.Robust:
        """Robust errors and scaling factor."""
        total = float(self.n.sum())
        if self.patterns:
            return fiml.fiml_robust(here, self._whole[0], self.cases, df, total)
        if not self.cases:
            raise NotAvailable(f"{self.method.estimator} needs the answers of every case, and only moments were given")
        if self.method.estimator == "MLM":
            return robust.mlm(here, self.cases, df, total)
        return robust.mlr(here, self.cases, df, total)

    @property
    def robust(self) -> bool:
        """Whether tests are scaled."""
        return self.method.estimator in ("MLR", "MLM")

    @cached_property
    def factor(self) -> float:
        """Scaling factor of the statistic."""
        return self.sandwich(self.here, self.df).factor if self.robust and self.df > 0 else 1.0

    @cached_property
    def spread(self) -> Floats:
        """Covariance matrix of the free parameters of all groups."""
        if self.robust:
            return np.asarray(self.sandwich(self.here, self.df).covariance)
        kind: Literal["observed", "expected"] = "observed" if self.patterns else "expected"
        return np.asarray(parameter_covariance(self.here, float(self.n.sum()), kind)[0])

    @cached_property
    def plain(self) -> dict[str, Floats]:
        """Fit measures without scaling."""
        if not self.patterns:
            counts = self.n + 1 if self.method.wishart else self.n
            return fit_summary(self.structure, self.solution, self.covariance, self.mean, self.n, counts)
        answers = float(sum(np.isfinite(x).sum() for x in self.cases))
        below = self._below.problem.value(self._below.points)
        return fiml_summary(self.structure, self.solution, self._whole[1], below, self.n, answers)

    @cached_property
    def _below(self) -> Local:
        """The independence model."""
        base = robust.independence(self.structure)
        if self.patterns:
            return fiml.fiml_local(base, fiml.baseline_theta(self.structure, self.patterns), self.patterns)
        size = len(self.n)
        theta = [np.concatenate([np.diag(self.covariance[0, g]), self.mean[0, g]]) for g in range(size)]
        return local(base, np.concatenate(theta)[None], self.covariance, self.mean, self.n)

    @cached_property
    def measures(self) -> dict[str, float]:
        """Fit measures; scaled ones in their place where tests are scaled."""
        found = {name: float(np.ravel(value)[0]) for name, value in self.plain.items()}
        if self.robust and self.df > 0:
            base = self.sandwich(self._below, found["baseline_df"]).factor
            scaled = scaled_summary(self.plain, self.factor, base, float(self.n.sum()), len(self.n))
            names = ("chi2", "p_value", "cfi", "tli", "rmsea")
            found |= {name: float(np.ravel(scaled[f"{name}_scaled"])[0]) for name in names}
        return found


def fit_together(core: Core, equal: Sequence[str], of: Of) -> Joint:
    """Estimate all groups at once.

    Raises
    ------
    EstimationError
        If no proper optimum is found.
    """
    method, blueprint = _checked(core, of)
    built = method.layout(blueprint, True)
    structure = multigroup(built.structure, len(core.groups), *_shared(built, equal))
    covariance, mean, _ = method.moments(built, blueprint, core.stack)
    covariance, mean = np.swapaxes(covariance, 0, 1), np.swapaxes(mean, 0, 1)
    cases, patterns = _cases(core, blueprint, method)
    n = core.stack.n - 1 if method.wishart else core.stack.n.copy()
    if patterns:
        n = np.array([float(len(x)) for x in cases])
        found = fiml.estimate_fiml(structure, patterns, tolerance=method.tolerance, max_iter=method.max_iter)
    else:
        found = estimate(structure, covariance, mean, n, tolerance=method.tolerance, max_iter=method.max_iter)
    if found.status[0] != CONVERGED:
        raise EstimationError(
            f"the groups together have no proper solution with equal {', '.join(equal) or 'nothing'}; look at the fit"
            " of every group, fit['...'].check(), and leave out what a group cannot tell apart"
        )
    return Joint(built, structure, found, covariance, mean, n, cases, method, patterns)


def _checked(core: Core, of: Of) -> tuple[CBSEM, Blueprint]:
    """The method and the model, if they can be fitted to several groups at once."""
    check_choice(of, "of", ("measurement", "model"))
    method = method_of(core, "the ladder of invariance")
    if len(core.groups) < 2:
        raise NotAvailable("invariance is between groups; study.fit(data, by='wave') divides the cases")
    if method.criterion != "ML" or not method.wants_moments or method.reliabilities or method.std_lv:
        raise NotAvailable(
            "groups are fitted together by maximum likelihood (ML, MLR, MLM, FIML) with first loadings fixed and single"
            f" items as they are; not by {method!r}"
        )
    if core.blueprint.model.extra:
        raise NotAvailable("groups are fitted together without constraints and defined parameters; leave extra out")
    if core.whole:
        raise NotAvailable("the ladder of invariance has no tests under a design with weights, strata or clusters")
    if np.isnan(core.stack.mean).any():
        raise NotAvailable("invariance compares means, and these moments have none")
    model = core.blueprint.model
    return method, compile_model(model.replace(paths=())) if of == "measurement" else core.blueprint


def _cases(core: Core, blueprint: Blueprint, method: CBSEM) -> tuple[tuple[Floats, ...], tuple[fiml.Patterns, ...]]:
    """Cases of every group, and their patterns of blanks where the likelihood is that of the answers there are."""
    sample = core.sample
    if sample is None:
        return (), ()
    if sample.missing == "fiml":
        cases = tuple(answered(blueprint, sample, g)[0] for g in core.groups)
        return cases, tuple(fiml.patterns(x) for x in cases)
    return tuple(cases_of(blueprint, sample, g) for g in core.groups), ()


def _shared(built: Layout, equal: Sequence[str]) -> tuple[Bools, Bools]:
    """Cells that all groups share, and construct means that are free after the first group."""
    s = built.structure
    item = s.row < s.n_items
    kinds = np.array([cell.kind for cell in built.cells])
    masks = {
        "loadings": kinds == "loadings",
        "intercepts": (kinds == "means") & item,
        "residuals": (kinds == "variances") & item,
        "paths": kinds == "paths",
    }
    shared = np.zeros(len(kinds), bool)
    for name in equal:
        shared |= masks[name]
    later = (s.kind == MEAN) & ~item if "intercepts" in equal else np.zeros(len(kinds), bool)
    return shared, later


def ladder(core: Core, levels: Sequence[str] = LADDER, of: Of = "measurement") -> pd.DataFrame:
    """Rows: the steps. Fit of each, and the test of what it adds against the step before."""
    wanted = [levels] if isinstance(levels, str) else list(levels)
    for level in wanted:
        check_choice(level, "levels", STEPS)
    if not wanted:
        raise SettingsError("levels must name at least one step, such as ('configural', 'metric')")
    if "regressions" in wanted and of != "model":
        raise SettingsError("equal paths are part of the model, not of the measurement: invariance(of='model', ...)")
    steps = [fit_together(core, STEPS[level], of) for level in wanted]
    rows = []
    for at, step in enumerate(steps):
        own = [step.measures[name] for name in SHOWN]
        rows.append(own + ([np.nan] * 5 if at == 0 else _compared(step, steps[at - 1])))
    names = [*SHOWN, "chi2_difference", "df_difference", "p_difference", "rmsea_difference", "cfi_change"]
    table = pd.DataFrame(rows, index=pd.Index(wanted, name="level", dtype=object), columns=names, dtype=float)
    table.attrs["test"] = (
        "scaled difference (Satorra & Bentler 2001)"
        if steps[0].robust
        else "difference of chi2, each step against the last"
    )
    return table


def _compared(step: Joint, before: Joint) -> list[float]:
    """Test of a step against the one before."""
    factors = (step.factor, before.factor) if step.robust else None
    found = difference(step.plain, before.plain, float(step.n.sum()), len(step.n), factors)
    change = step.measures["cfi"] - before.measures["cfi"]
    return [found.chi2, found.df, found.p_value, found.rmsea, change]


def latent_means(core: Core, confidence_level: float = 0.95, of: Of = "measurement") -> pd.DataFrame:
    """Rows (group, construct): means less those of the first group, with equal loadings and intercepts."""
    check_level(confidence_level)
    joint = fit_together(core, STEPS["scalar"], of)
    s, names = joint.structure, core.blueprint.constructs
    at = {int(variable): j for j, variable in enumerate(joint.layout.constructs)}
    cells = np.flatnonzero((s.kind == MEAN) & (s.row >= s.n_items))
    order = sorted(cells, key=lambda cell: (s.group[cell], at[int(s.row[cell])]))
    free = s.free[order]
    value = np.where(free >= 0, joint.solution.theta[0, free], s.value[order])
    error = np.where(free >= 0, np.sqrt(np.diag(joint.spread))[free], 0.0)
    low, high = intervals.student(value, error, confidence_level, np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = value / np.where(error > 0, error, np.nan)
    parts = (value, error, low, high, statistic, intervals.p_student(statistic, np.inf))
    table = dict(zip(COLUMNS, parts, strict=True))
    table["standardized"] = standardized_cells(s, joint.solution.theta)[0][order]
    rows = grouped(pd.Index(list(names), name="construct", dtype=object), core.by, core.labels)
    return pd.DataFrame({name: np.asarray(part, float) for name, part in table.items()}, index=rows)
