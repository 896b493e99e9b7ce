"""Several groups estimated at once, with some parameters held equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from csi.errors import EstimationError, NotAvailable
from csi.methods.sem_solved import Robust
from csi.methods.sem_structure import Layout
from csi.numerics.sem import fiml, robust
from csi.numerics.sem.estimate import Solution, estimate
from csi.numerics.sem.inference import Identification, Local, identification, local, parameter_covariance
from csi.numerics.sem.invariance import multigroup
from csi.numerics.sem.isolated import inverse
from csi.numerics.sem.optimize import CONVERGED
from csi.numerics.sem.standardize import raw_cells
from csi.numerics.sem.structure import MEAN, Bools, Structure
from csi.numerics.sem.summary import degrees_of_freedom, fiml_summary, fit_summary, scaled_summary
from csi.numerics.solve import Floats

#: What can be held equal in all groups.
EQUAL = ("loadings", "intercepts", "residuals", "paths", "variances", "covariances")


@dataclass(frozen=True, eq=False)
class Groups:
    """Moments of all groups (1, G, p, p), (1, G, p), what they count, and the cases where they are there."""

    covariance: Floats
    mean: Floats
    n: Floats
    cases: tuple[Floats, ...]
    patterns: tuple[fiml.Patterns, ...]


@dataclass(frozen=True, eq=False)
class Joint:
    """One model in all groups, with some parameters held equal."""

    layout: Layout
    structure: Structure
    solution: Solution
    covariance: Floats
    mean: Floats | None
    n: Floats
    cases: tuple[Floats, ...]
    correction: Robust
    wishart: bool
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
            raise NotAvailable("robust errors and tests need the answers of every case, and only moments were given")
        if self.correction == "mlm":
            return robust.mlm(here, self.cases, df, total)
        return robust.mlr(here, self.cases, df, total)

    @property
    def robust(self) -> bool:
        """Whether tests are scaled."""
        return bool(self.correction)

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
            counts = self.n + 1 if self.wishart else self.n
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
        theta = [np.concatenate([np.diag(self.covariance[0, g]), *self._mean_of(g)]) for g in range(size)]
        return local(base, np.concatenate(theta)[None], self.covariance, self.mean, self.n)

    def _mean_of(self, g: int) -> list[Floats]:
        return [] if self.mean is None else [self.mean[0, g]]

    @cached_property
    def measures(self) -> dict[str, float]:
        """Fit measures, the scaled ones beside the plain ones."""
        found = dict(self.plain)
        if self.robust and self.df > 0:
            base = self.sandwich(self._below, float(np.ravel(found["baseline_df"])[0])).factor
            found |= scaled_summary(self.plain, self.factor, base, float(self.n.sum()), len(self.n))
        return {name: float(np.ravel(value)[0]) for name, value in found.items()}


def together(
    built: Layout,
    groups: Groups,
    equal: Sequence[str],
    correction: Robust,
    wishart: bool,
    tolerance: float,
    max_iter: int,
) -> Joint:
    """Estimate all groups at once.

    Raises
    ------
    EstimationError
        If no proper optimum is found.
    """
    structure = multigroup(built.structure, groups.covariance.shape[1], *_shared(built, equal))
    mean = groups.mean if structure.has_means else None
    if groups.patterns:
        found = fiml.estimate_fiml(structure, groups.patterns, tolerance=tolerance, max_iter=max_iter)
    else:
        found = estimate(structure, groups.covariance, mean, groups.n, tolerance=tolerance, max_iter=max_iter)
    if found.status[0] != CONVERGED:
        raise EstimationError(
            f"the groups together have no proper solution with equal {', '.join(equal) or 'nothing'}; look at the fit"
            " of every group alone, and leave out what a group cannot tell apart"
        )
    return Joint(
        built, structure, found, groups.covariance, mean, groups.n, groups.cases, correction, wishart, groups.patterns
    )


def _shared(built: Layout, equal: Sequence[str]) -> tuple[Bools, Bools]:
    """Cells that all groups share, and construct means that are free after the first group."""
    s = built.structure
    item = s.row < s.n_items
    kinds = np.array([cell.kind for cell in built.cells])
    masks: Mapping[str, Bools] = {
        "loadings": kinds == "loadings",
        "intercepts": (kinds == "means") & item,
        "residuals": (kinds == "variances") & item,
        "paths": kinds == "paths",
        "variances": (kinds == "variances") & ~item,
        "covariances": kinds == "covariances",
    }
    shared = np.zeros(len(kinds), bool)
    for name in equal:
        shared |= masks[name]
    later = (s.kind == MEAN) & ~item if "intercepts" in equal else np.zeros(len(kinds), bool)
    return shared, later


@dataclass(frozen=True, eq=False)
class FromGroups:
    """One group of a joint solution; errors and fit measures are those of all groups together.

    Parameters
    ----------
    joint : Joint
    layout : Layout
        Of a group by itself, in which every parameter of a group is free.
    group : int
    """

    joint: Joint
    layout: Layout
    group: int

    @cached_property
    def _cells(self) -> tuple[int, ...]:
        """Cells of the joint structure that hold the parameters of the group."""
        size = len(self.layout.cells)
        return tuple(int(cell) + self.group * size for cell in self.layout.structure.first_cell)

    @cached_property
    def theta(self) -> Floats:
        """Free parameters (1, q)."""
        found: Floats = raw_cells(self.joint.structure, self.joint.solution.theta)[:, list(self._cells)]
        return found

    @property
    def n(self) -> float:
        """Cases of the group."""
        return float(self.joint.n[self.group])

    @cached_property
    def spread(self) -> Floats:
        """Covariance matrix of the free parameters; zero for the means of the first group, which are fixed."""
        free = self.joint.structure.free[list(self._cells)]
        loose = (free >= 0).astype(float)
        found: Floats = self.joint.spread[np.ix_(free, free)] * loose[:, None] * loose
        return found

    @property
    def here(self) -> Local:
        """The group's structure at its estimate."""
        one = slice(self.group, self.group + 1)
        mean = None if self.joint.mean is None else self.joint.mean[:, one]
        n = self.joint.n[one]
        if self.joint.patterns:
            return fiml.fiml_local(self.layout.structure, self.theta, self.joint.patterns[one])
        return local(self.layout.structure, self.theta, self.joint.covariance[:, one], mean, n)

    @property
    def sample(self) -> tuple[Floats, Floats | None]:
        """Moments that the model is held against."""
        one = slice(self.group, self.group + 1)
        return self.joint.covariance[:, one], None if self.joint.mean is None else self.joint.mean[:, one]

    @cached_property
    def identified(self) -> Identification:
        """How well the data of all groups identify the solution."""
        known = identification(self.joint.here)
        free = self.joint.structure.free[list(self._cells)]
        return Identification(known.condition, known.rank, np.where(free >= 0, known.weakest[:, free], 0.0))

    @cached_property
    def joint_moves(self) -> tuple[Floats, ...]:
        """How much each case of every group moves the free parameters of this one (n_h, q): they move by the sum."""
        joint = self.joint
        here = joint.here
        scores = fiml.fiml_scores(here, joint.cases) if joint.patterns else robust.case_scores(here, joint.cases)
        free = joint.structure.free[list(self._cells)]
        ways = inverse(here.information("observed"))[0] @ here.jacobian[0].T / float(joint.n.sum())
        return tuple(np.where(free >= 0, (own @ ways)[:, free], 0.0) for own in scores)

    @property
    def estimated(self) -> int:
        """Number of parameters behind `identified`."""
        return self.joint.structure.n_estimated

    @property
    def factor(self) -> float:
        """Scaling factor of the statistic."""
        return self.joint.factor

    @property
    def measures(self) -> dict[str, float]:
        """Fit measures of all groups together."""
        return self.joint.measures
