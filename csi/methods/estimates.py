"""What every method gives: numbers on constructs and items, replicates on the last axis."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats


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
    correlations : array (k, k, B)
        Of the constructs.
    paths : array (k, k, B)
        Standardized effects `paths[cause, effect]`, zero where there is no arrow.
    r2 : array (k, B)
        Share of variance explained; NaN for a construct without causes.
    """

    weights: Floats
    loadings: Floats
    correlations: Floats
    paths: Floats
    r2: Floats


class Method(Protocol):
    """How numbers come out of moments. Settings only; the same method fits any model."""

    @property
    def name(self) -> str:
        """What a table calls the method."""

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

    def estimates(self, blueprint: Blueprint, stack: Stack, solution: Solution) -> Estimates:
        """Work out everything else."""
