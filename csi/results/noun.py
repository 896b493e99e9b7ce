"""What a noun is: rows with labels, and a function from moments and estimates to one number (or several) a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import update_wrapper
from typing import Concatenate, ParamSpec

import pandas as pd

from csi.blueprint import Blueprint
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats

Rest = ParamSpec("Rest")
Compute = Callable[[Stack, Estimates], Floats]


@dataclass(frozen=True)
class Noun:
    """A result, for any number of replicates.

    Parameters
    ----------
    name : str
        What the noun is called: `paths`.
    rows : pandas.Index
        One label (or tuple of labels) a row.
    compute : callable
        From a `Stack` and its `Estimates`, replicates last, to `(rows, B)`, or `(rows, measures, B)`.
    measures : tuple of str
        Names of the measures of a wide noun; empty where a row has one number.
    null : float or None
        The value whose rejection the p-value speaks of; None where zero means nothing (an index, a loading's R2).
    parametric : bool
        Whether it is a function of the free numbers of the solution alone; a method that knows their covariance
        matrix then gives standard errors by the delta method.
    bare : bool
        Whether `compute` reads nothing of the estimates but the free numbers, so that the others need not be worked
        out for its derivatives.
    note : str
        What a reader of the table should know; `attrs["note"]`.
    """

    name: str
    rows: pd.Index
    compute: Compute
    measures: tuple[str, ...] = ()
    null: float | None = 0.0
    parametric: bool = False
    bare: bool = False
    note: str = ""

    def flat(self, stack: Stack, estimates: Estimates) -> Floats:
        """Values as `(rows * measures, B)`."""
        values = self.compute(stack, estimates)
        return values.reshape(-1, values.shape[-1])

    @property
    def flat_rows(self) -> pd.Index:
        """Labels of `flat`: a wide noun has its measure as the last level."""
        if not self.measures:
            return self.rows
        tuples = [(*_as_tuple(row), measure) for row in self.rows for measure in self.measures]
        return pd.MultiIndex.from_tuples(tuples, names=[*self.rows.names, "measure"])


def without_products(blueprint: Blueprint, make: Callable[[Blueprint], Noun]) -> Noun:
    """A noun that speaks of constructs and items alone, in a model that may have interactions.

    Interactions stand behind the constructs and products behind the items, so that the first rows are enough.
    """
    noun = make(blueprint.plain)
    if not blueprint.interactions:
        return noun
    return replace(noun, compute=lambda stack, estimates: noun.compute(*plain(blueprint, stack, estimates)))


def of_constructs(
    make: Callable[Concatenate[Blueprint, Rest], Noun],
) -> Callable[Concatenate[Blueprint, Rest], Noun]:
    """Make a noun that is written for constructs and items fit for models with interactions, which it leaves out."""

    def made(blueprint: Blueprint, /, *args: Rest.args, **settings: Rest.kwargs) -> Noun:
        return without_products(blueprint, lambda plain: make(plain, *args, **settings))

    return update_wrapper(made, make)


def plain(blueprint: Blueprint, stack: Stack, estimates: Estimates) -> tuple[Stack, Estimates]:
    """Moments of the items and estimates of the constructs, without products."""
    own = blueprint.plain
    p, m, k = len(own.items), len(own.slots), len(own.constructs)
    weights, loadings, between, paths, r2, free = estimates
    fewer = Estimates(weights[:m], loadings[:m], between[:k, :k], paths[:k, :k], r2[:k], free)
    return Stack(stack.mean[:p], stack.cov[:p, :p], stack.n), fewer


def _as_tuple(label: object) -> tuple[object, ...]:
    return label if isinstance(label, tuple) else (label,)


def single(names: Sequence[str], name: str) -> pd.Index:
    """Rows with one label."""
    return pd.Index(list(names), name=name, dtype=object)


def double(pairs: Sequence[tuple[str, str]], names: tuple[str, str]) -> pd.Index:
    """Rows with two labels."""
    if not pairs:
        return pd.MultiIndex.from_arrays([[], []], names=list(names))
    return pd.MultiIndex.from_tuples(list(pairs), names=list(names))
