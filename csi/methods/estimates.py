"""What every method gives: numbers on constructs and items, replicates on the last axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats

if TYPE_CHECKING:
    from csi.sample import Sample

#: Whether constructs are weighted sums of their items, or explain their covariances.
Family = Literal["components", "covariance"]


class Solution(NamedTuple):
    """The free numbers of an estimate `(q, B)`, from which all else follows, and how they were reached."""

    values: Floats
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]

    def columns(self, which: slice | NDArray[np.int64]) -> Solution:
        """Some of the replicates."""
        return Solution(self.values[:, which], self.iterations[which], self.converged[which])


class Estimates(NamedTuple):
    """Estimates of one model, replicates last.

    Attributes
    ----------
    weights : array (m, B)
        Weights of the standardized items in scores of variance one, slot by slot.
    loadings : array (m, B)
        Correlations of the items with their own construct.
    correlations : array (k + c, k + c, B)
        Of the constructs, and behind them of the controls.
    paths : array (k + c, k + c, B)
        Standardized effects `paths[cause, effect]`, zero where there is no arrow.
    r2 : array (k, B)
        Share of variance explained; NaN for a construct without causes.
    free : array (q, B)
        The free numbers of the solution, from which the others followed.
    """

    weights: Floats
    loadings: Floats
    correlations: Floats
    paths: Floats
    r2: Floats
    free: Floats


class Method(Protocol):
    """How numbers come out of moments. Settings only; the same method fits any model."""

    family: ClassVar[Family]
    treatments: ClassVar[tuple[str, ...]]

    @property
    def name(self) -> str:
        """What a table calls the method."""

    @property
    def missing(self) -> str | None:
        """Treatment of blanks where the study says none; None refuses blanks."""

    def check_missing(self, missing: str | None) -> None:
        """Refuse a treatment of blanks that the method cannot work with."""

    def check(self, blueprint: Blueprint) -> None:
        """Refuse a model that the method cannot estimate."""

    def solve(
        self,
        blueprint: Blueprint,
        stack: Stack,
        start: Solution | None = None,
        tolerance: float | None = None,
    ) -> Solution:
        """Find the free numbers of every replicate."""

    def begin(self, blueprint: Blueprint, sample: Sample, stack: Stack) -> Solution | None:
        """Find the free numbers of every group from its cases, where moments do not suffice; None where they do."""

    def jointly(self, sample: Sample | None) -> bool:
        """Whether all groups are estimated at once."""

    def from_moments(self, sample: Sample | None) -> bool:
        """Whether the estimates are a function of the moments."""

    def estimates(self, blueprint: Blueprint, stack: Stack, solution: Solution) -> Estimates:
        """Work out everything else."""

    def solved(self, blueprint: Blueprint, stack: Stack, solution: Solution, sample: Sample | None, group: int) -> Any:
        """The solution of one group with what errors and tests of its own need; only of the covariance family."""

    def why_not(self, blueprint: Blueprint, stack: Stack) -> str | None:
        """Say why nothing could be estimated, where the method knows."""
