"""A covariance structure solution of one group with its cases: standard errors and fit measures, worked out on call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from csi.errors import NotAvailable
from csi.methods.sem_structure import Layout
from csi.numerics.sem import fiml, ordinal, polychoric, robust
from csi.numerics.sem.bounds import hold
from csi.numerics.sem.discrepancy import Criterion
from csi.numerics.sem.estimate import Solution
from csi.numerics.sem.inference import Identification, Local, identification, local, parameter_covariance
from csi.numerics.sem.isolated import inverse
from csi.numerics.sem.structure import Structure
from csi.numerics.sem.summary import degrees_of_freedom, fiml_summary, fit_summary, scaled_summary
from csi.numerics.solve import Floats

Robust = Literal["", "mlr", "mlm"]


class Solved(Protocol):
    """What tables ask of a solution; matrices in the units of the layout."""

    @property
    def layout(self) -> Layout:
        """The model."""

    @property
    def theta(self) -> Floats:
        """Free parameters (1, q)."""

    @property
    def n(self) -> float:
        """What the statistic is multiplied with."""

    @property
    def spread(self) -> Floats:
        """Covariance matrix of the free parameters (q, q)."""

    @property
    def here(self) -> Local:
        """The structure at the estimate."""

    @property
    def measures(self) -> Mapping[str, float]:
        """Every fit measure."""

    @property
    def factor(self) -> float:
        """Scaling factor of the statistic; one where it is not scaled."""

    @property
    def sample(self) -> tuple[Floats, Floats | None]:
        """Covariances (1, 1, p, p) and means (1, 1, p) that the model is held against."""


def _identified(solved: Solved) -> Identification:
    """How well the data identify the solution."""
    return identification(solved.here)


def _bare(theta: Floats, value: Floats) -> Solution:
    """Pass a solution on, of which only the place and the value are known."""
    zero = np.zeros(len(theta))
    return Solution(theta, value, zero, zero, zero.astype(np.int8), zero.astype(np.int64))


def _numbers(measures: Mapping[str, Floats | float]) -> dict[str, float]:
    return {name: float(np.ravel(value)[0]) for name, value in measures.items()}


@dataclass(frozen=True, eq=False)
class FromMoments:
    """ML, GLS and ULS, with robust errors and tests where the cases are there.

    Parameters
    ----------
    covariance : array (1, 1, p, p)
        With the divisor of the likelihood.
    n, n_cases : float
        What the statistic is multiplied with, and the cases behind it.
    units : array (p,)
        What the codes of the items were divided by.
    answers : callable, optional
        Gives the codes of the cases (n, p), where they are complete: for robust errors and influences.
    weights : array (n,), optional
        Of the cases, with mean one.
    """

    layout: Layout
    theta: Floats
    covariance: Floats
    n: float
    n_cases: float
    criterion: Criterion
    units: Floats
    correction: Robust = ""
    answers: Callable[[], Floats] | None = None
    weights: Floats | None = None
    limits: tuple[Floats, Floats] | None = None

    @property
    def cases(self) -> Floats | None:
        """Cases (n, p) in the units of the structure; read when asked for, and not kept."""
        return None if self.answers is None else self.answers() / self.units

    @property
    def influences(self) -> Floats | None:
        """How much each case moves the free parameters (n, q): they move by the mean.

        None where the scores of a normal likelihood are not what the estimate solves, or units are estimated too.
        """
        plain = self.criterion == "ML" and self.n == self.n_cases and not self.layout.known_error.size
        cases = self.cases if plain and not self.resting.any() else None
        if cases is None:
            return None
        scores = robust.case_scores(self.here, (cases,), None if self.weights is None else (self.weights,))[0]
        inner = inverse(self.here.information("observed"))[0]
        return np.asarray(scores @ (inner @ self.here.jacobian[0].T), dtype=np.float64)

    @property
    def resting(self) -> NDArray[np.int8]:
        """Which parameters rest on a bound (q,): -1 on the lower, 1 on the upper one."""
        if self.limits is None:
            return np.zeros(self.theta.shape[1], np.int8)
        at = self.theta[0]
        low, high = (np.abs(at - end) <= 1e-9 * (1 + np.abs(at)) for end in self.limits)
        return high.astype(np.int8) - low.astype(np.int8)

    @cached_property
    def here(self) -> Local:
        """The structure at the estimate, parameters on a bound held there."""
        structure = self.layout.structure
        if self.limits is not None and self.resting.any():
            structure = hold(structure, self.resting, *self.limits)
        return self._local(structure, self.theta)

    def _local(self, structure: Structure, theta: Floats) -> Local:
        return local(structure, theta, self.covariance, None, np.array([self.n]), self.criterion)

    @property
    def sample(self) -> tuple[Floats, Floats | None]:
        """Covariances that the model is held against."""
        return self.covariance, None

    @cached_property
    def identified(self) -> Identification:
        """How well the data identify the solution."""
        return _identified(self)

    @cached_property
    def value(self) -> Floats:
        """F / 2."""
        found: Floats = self.here.problem.value(self.here.points) * self.here.problem.factor
        return found

    @cached_property
    def spread(self) -> Floats:
        """Covariance matrix of the free parameters."""
        if self.correction:
            return self._robust(self.here, float(degrees_of_freedom(self.layout.structure))).covariance
        return parameter_covariance(self.here, self.n)[0]

    def _robust(self, here: Local, df: float) -> robust.Robust:
        cases = self.cases
        if cases is None:
            raise NotAvailable(
                f"{self.correction.upper()} corrects errors and tests by the complete answers of every case, and here"
                " are only moments (given, or by EM): fit the table of answers, with missing='fiml' or 'listwise' where"
                " it has blanks, or use csi.CBSEM('ML')"
            )
        if self.correction == "mlm":
            return robust.mlm(here, (cases,), df, self.n)
        return robust.mlr(here, (cases,), df, self.n, None if self.weights is None else (self.weights,))

    @cached_property
    def factor(self) -> float:
        """Scaling factor of the statistic."""
        df = float(degrees_of_freedom(self.layout.structure))
        return self._robust(self.here, df).factor if self.correction else 1.0

    def _in_codes(self) -> tuple[Structure, Floats, Floats]:
        """Structure, parameters and covariances in codes, where some item entered with unit variance."""
        structure = self.layout.structure
        if (self.units == 1).all():
            return structure, self.theta, self.covariance
        cell = self.layout.cell_units(self.units[:, None])[:, 0]
        whole = self.units[:, None] * self.units
        theta = self.theta * cell[structure.first_cell]
        return replace(structure, value=structure.value * cell), theta, self.covariance * whole

    @cached_property
    def measures(self) -> dict[str, float]:
        """Every fit measure, the scaled ones beside the plain ones."""
        structure, theta, covariance = self._in_codes()
        n, cases = np.array([self.n]), np.array([self.n_cases])
        plain = fit_summary(structure, _bare(theta, self.value), covariance, None, n, cases, self.criterion)
        if not self.correction:
            return _numbers(plain)
        base = robust.independence(structure)
        diagonal = np.diagonal(self.covariance[0, 0])[None]
        base_factor = self._robust(self._local(base, diagonal), float(plain["baseline_df"][0])).factor
        return _numbers(plain | scaled_summary(plain, self.factor, base_factor, self.n, 1))


@dataclass(frozen=True, eq=False)
class FromPatterns:
    """Maximum likelihood of the answers that are there.

    Parameters
    ----------
    cases : array (n, p)
        NaN where blank.
    weights : array (n,), optional
        With mean one.
    """

    layout: Layout
    theta: Floats
    cases: Floats
    weights: Floats | None = None
    correction: Robust = ""

    @property
    def n(self) -> float:
        """Cases with any answer."""
        return float(len(self.cases))

    @cached_property
    def data(self) -> tuple[fiml.Patterns, ...]:
        """The cases by pattern of blanks."""
        return (fiml.patterns(self.cases, None if self.weights is None else self.weights[None]),)

    @cached_property
    def here(self) -> Local:
        """The structure at the estimate."""
        return fiml.fiml_local(self.layout.structure, self.theta, self.data)

    @cached_property
    def identified(self) -> Identification:
        """How well the data identify the solution."""
        return _identified(self)

    @cached_property
    def whole(self) -> tuple[Local, Solution]:
        """The unrestricted model at its estimate."""
        structure, found = fiml.saturated_fit(self.layout.structure, self.data)
        return fiml.fiml_local(structure, found.theta, self.data), found

    @property
    def sample(self) -> tuple[Floats, Floats | None]:
        """Covariances and means of the unrestricted model."""
        p, theta = self.layout.structure.n_items, self.whole[1].theta
        low, high = np.tril_indices(p)
        covariance = np.empty((1, 1, p, p))
        covariance[:, 0, low, high] = covariance[:, 0, high, low] = theta[:, : len(low)]
        return covariance, theta[:, None, len(low) :]

    @cached_property
    def influences(self) -> Floats:
        """How much each case moves the free parameters (n, q): they move by the mean."""
        scores = fiml.fiml_scores(self.here, (self.cases,))[0]
        inner = inverse(self.here.information("observed"))[0]
        found: Floats = scores @ inner @ self.here.jacobian[0].T
        return found

    @cached_property
    def _sandwich(self) -> robust.Robust:
        if self.weights is not None:
            raise NotAvailable(
                "scaled tests of weighted answers with blanks are not worked out; standard errors are right under any"
                " estimator, and missing='listwise' has the tests"
            )
        df = float(degrees_of_freedom(self.layout.structure))
        return fiml.fiml_robust(self.here, self.whole[0], (self.cases,), df, self.n)

    @cached_property
    def spread(self) -> Floats:
        """Covariance matrix of the free parameters, by the observed information."""
        if self.correction:
            return self._sandwich.covariance
        return parameter_covariance(self.here, self.n, "observed")[0]

    @property
    def factor(self) -> float:
        """Scaling factor of the statistic."""
        return self._sandwich.factor if self.correction else 1.0

    @cached_property
    def measures(self) -> dict[str, float]:
        """Every fit measure against the unrestricted model."""
        structure = self.layout.structure
        value = self.here.problem.value(self.here.points)
        base = robust.independence(structure)
        below = fiml.fiml_local(base, fiml.baseline_theta(structure, self.data), self.data)
        plain = fiml_summary(
            structure, _bare(self.theta, value), self.whole[1], below.problem.value(below.points),
            np.array([self.n]), float(np.isfinite(self.cases).sum()),
        )  # fmt: skip
        goodness = fiml.fiml_goodness(self.here, (self.cases,), float(plain["df"][0]))
        if not self.correction:
            return _numbers(plain | {name: np.array([value]) for name, value in goodness.items()})
        base_df = float(plain["baseline_df"][0])
        base_factor = fiml.fiml_robust(below, self.whole[0], (self.cases,), base_df, self.n).factor
        scaled = scaled_summary(plain, self.factor, base_factor, self.n, 1)
        return _numbers(plain | {name: np.array([value]) for name, value in goodness.items()} | scaled)


@dataclass(frozen=True, eq=False)
class FromCategories:
    """Weighted least squares on polychoric correlations, with robust errors; WLSMV's test is scaled and shifted.

    Parameters
    ----------
    answers : Ordinal
    """

    layout: Layout
    theta: Floats
    answers: polychoric.Ordinal
    weighting: ordinal.Weighting
    adjusted: bool

    @property
    def n(self) -> float:
        """What the statistic is multiplied with."""
        return self.answers.n - 1.0

    @cached_property
    def here(self) -> Local:
        """The structure at the estimate."""
        weight = ordinal.weights_of(self.answers, self.weighting)[None]
        task = ordinal.ordinal_problem(self.layout.structure, self.answers.correlation[None], weight)
        z = task.coordinates(self.theta)
        return Local(task, z, task.evaluate(z), "ML")

    @cached_property
    def _inference(self) -> ordinal.OrdinalInference:
        return ordinal.ordinal_inference(self.layout.structure, self.theta, self.answers, self.weighting)

    @property
    def spread(self) -> Floats:
        """Covariance matrix of the free parameters."""
        return self._inference.covariance

    @property
    def factor(self) -> float:
        """Scaling factor of the statistic."""
        return self._inference.factor if self.adjusted else 1.0

    @property
    def sample(self) -> tuple[Floats, Floats | None]:
        """Polychoric correlations."""
        return self.answers.correlation[None, None], None

    @cached_property
    def measures(self) -> dict[str, float]:
        """Every fit measure; the scaled ones for WLSMV and ULSMV."""
        value = self.here.problem.value(self.here.points)
        found = ordinal.ordinal_summary(
            self.layout.structure, _bare(self.theta, value), self._inference, self.answers, self.weighting
        )
        numbers = _numbers(found)
        if self.adjusted:
            return numbers
        dropped = ("scaling_factor", "shift", "baseline_scaling_factor")
        return {name: v for name, v in numbers.items() if not name.endswith("_scaled") and name not in dropped}
