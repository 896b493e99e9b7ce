"""The door for a model's data: answers, weights, design and groups become arrays, and moments come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import controls, frames
from csi.blueprint import Blueprint
from csi.design import Design
from csi.errors import DataError, check_choice, listing
from csi.numerics import products, survey
from csi.numerics.em import em
from csi.numerics.moments import (
    Packed,
    Stack,
    correlations,
    from_sums,
    mean_replaced,
    pack,
    pair_sums,
    pairs,
    pairwise,
    unpack,
    weighted_sums,
)
from csi.numerics.ordered import Categories, categories, ordered_moments
from csi.numerics.solve import Floats

Missing = Literal["pairwise", "listwise", "em", "mean", "fiml"]
Correlations = Literal["pearson", "spearman", "polychoric"]


@dataclass(frozen=True, eq=False)
class Sample:
    """Answers as points, with what the design says of every case.

    Parameters
    ----------
    answers : frames.Columns or array (p, n)
        Codes of the cases in use; as the table holds them where every row is in use and no answer is blank.
    weight : array (n,)
        Sampling weights; ones without a design. A row with a count is that many cases of weight one.
    groups : Partition
        Over the cases in use.
    layout : survey.Layout or None
        Strata and clusters; None where the design names neither.
    replicates : array (R, n) or None
        Replicate weights of the design.
    index : pandas.Index
        The user's rows, every one.
    used : bool array (rows,)
        Which rows are in use (listwise deletion, zero weights).
    at : int array (n,)
        The row of every case in use; a row with a count stands there as often as it counts.
    facts : DataFrame
        For every item: smallest and largest code, blanks, answers replaced because their code means unknown.
    correlations : {"pearson", "spearman", "polychoric"}
        Of what kind the correlations of the items are; means and variances are those of the codes.
    """

    blueprint: Blueprint
    answers: frames.Columns | Floats
    weight: Floats
    groups: frames.Partition
    layout: survey.Layout | None
    replicates: Floats | None
    index: pd.Index
    used: NDArray[np.bool_]
    at: NDArray[np.intp]
    facts: pd.DataFrame
    design: Design
    missing: Missing
    table: frames.Table
    correlations: Correlations = "pearson"

    @property
    def n_cases(self) -> int:
        """Number of cases in use."""
        return self.answers.shape[1]

    @cached_property
    def codes(self) -> Floats:
        """Codes of the cases in use `(p, n)`; NaN where blank."""
        return _array(self.answers)

    @cached_property
    def given(self) -> NDArray[np.bool_] | None:
        """Which answers are given, or None where all are."""
        here = ~np.isnan(self.codes) if self.facts["blanks"].any() else None
        return None if here is None or here.all() else here

    @cached_property
    def points(self) -> Floats:
        """Answers of the cases in use on 0-100 where the scale is known, reversed items turned; NaN where blank.

        Controls stand behind the items as they are.
        """
        intercept, slope = self.blueprint.plain.scaling
        return intercept[:, None] + slope[:, None] * self.codes

    def codes_of(self, rows: NDArray[np.intp] | slice) -> Floats:
        """Codes of some cases `(p, n)`: of one group of many from the table, so that nothing is copied whole."""
        if isinstance(self.answers, frames.Columns) and not isinstance(rows, slice):
            return self.answers.take(rows)
        return np.asarray(self.codes[:, rows])

    def points_of(self, rows: NDArray[np.intp] | slice) -> Floats:
        """Answers of some cases as `points` has them."""
        if isinstance(rows, slice):
            return self.points[:, rows]
        intercept, slope = self.blueprint.plain.scaling
        return intercept[:, None] + slope[:, None] * self.codes_of(rows)

    def item(self, row: int) -> Floats:
        """Codes of one item of all cases."""
        own = self.answers.parts[row] if isinstance(self.answers, frames.Columns) else self.answers[row]
        return np.asarray(own, dtype=float)

    @cached_property
    def rows(self) -> list[NDArray[np.intp] | slice]:
        """The cases of every group; a slice where all cases are one group."""
        if len(self.groups) == 1:
            return [slice(None)]
        order = np.argsort(self.groups.codes, kind="stable")
        ends = np.cumsum(np.bincount(self.groups.codes, minlength=len(self.groups)))
        return list(np.split(order, ends[:-1]))

    @cached_property
    def n(self) -> Floats:
        """Cases of every group."""
        return np.bincount(self.groups.codes, minlength=len(self.groups)).astype(float)

    @cached_property
    def centre(self) -> Floats:
        """About where the answers lie; subtracted before products are formed, so that no digits are lost."""
        return ((self.facts["low"] + self.facts["high"]) / 2).fillna(0).to_numpy()

    def stack(self, group: int) -> Stack:
        """Moments of the points of one group, under its sampling weights."""
        mean, cov = self.packed(group)
        return Stack(mean, unpack(cov, len(mean)), self.n[group : group + 1])

    def packed(self, group: int, weights: NDArray[np.generic] | None = None, start: Stack | None = None) -> Packed:
        """Moments of the points of one group under rows of case weights.

        Parameters
        ----------
        group : int
        weights : array (B, n_g), optional
            Case weights of the group's cases that already contain the sampling weight; the sampling weights
            themselves if left out.
        start : Stack, optional
            Where EM begins.

        Returns
        -------
        Packed
            Means and unbiased covariances, replicates last.
        """
        w = self.weight[self.rows[group]][None] if weights is None else weights
        n = self.n[group]
        divisor = n / (n - 1) if n > 1 else np.nan
        if len(self.blueprint.pairs):
            return self._in_points(self._with_products(group, w))
        if self.correlations != "pearson":
            begin = None if start is None else correlations(self.blueprint.to_codes(start).cov)[..., 0]
            mean, cov = ordered_moments(self._categories(group), w, divisor, self.correlations, begin)
        elif self.given is not None and self.missing in ("em", "fiml"):
            mean, cov = self._em(group, w, divisor, start)
        else:
            mean, cov = self._available(group, w, divisor)
            mean = mean + self.centre[:, None]
        return self._in_points(Packed(mean, cov))

    def _in_points(self, codes: Packed) -> Packed:
        """Moments of codes as moments of points."""
        intercept, slope = self.blueprint.scaling
        rows, cols = pairs(len(slope))
        mean = intercept[:, None] + slope[:, None] * codes.mean
        return Packed(mean, (slope[rows] * slope[cols])[:, None] * codes.cov)

    # -- products of items -----------------------------------------------------------------------------------

    def _with_products(self, group: int, weights: NDArray[np.generic]) -> Packed:
        """Moments of the codes and of their products about the means of every row of weights."""
        at, rows = self.blueprint.pairs, self.rows[group]
        x = self.codes_of(rows)
        if self.given is not None:
            here = self.given[:, rows]
            return products.with_blanks(x, here, weights, at, self._treatment, self._divisors(group, weights, here))
        divisor = self._divisors(group, weights, None)[0]
        # About where the answers of the group lie, so that no digits are lost; no result depends on it.
        centre = x.mean(axis=1) if x.shape[1] else self.centre
        columns = products.with_products(x, centre, at)
        found = from_sums(weighted_sums(columns, None, weights, np.zeros(len(columns))), len(columns), divisor)
        found.mean[: len(x)] += centre[:, None]
        return products.about_means(found, at, centre)

    @property
    def _treatment(self) -> Literal["pairwise", "mean"]:
        """How blanks are met where products are formed."""
        return "mean" if self.missing == "mean" else "pairwise"

    def _divisors(self, group: int, weights: NDArray[np.generic], here: NDArray[np.bool_] | None) -> Floats:
        """n/(n - 1) of every column (one for all where none has blanks of its own) and row of weights.

        A product is not on the scale of its factors, so that this does not cancel.
        """
        rows = self.rows[group]
        if here is not None and self._treatment == "pairwise":
            there = products.given_columns(here, self.blueprint.pairs)
        else:
            there = np.ones((1, weights.shape[1]), bool)
        n = products.counted(weights, self.weight[rows], there)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(n > 1, n / (n - 1), np.nan)

    def columns(self, group: int, at: Stack) -> tuple[Floats, NDArray[np.bool_] | None]:
        """Points of a group's cases, products about the means of `at` below them, and which are given."""
        cases, where = self.rows[group], self.blueprint.pairs
        x, here = self.points_of(cases), None if self.given is None else self.given[:, cases]
        if not len(where):
            return x, here
        multiplied = products.with_products(x, at.mean[: len(x), 0], where)[len(x) :]
        if here is not None and self._treatment == "mean":
            multiplied = np.nan_to_num(multiplied)
            everywhere = np.ones(multiplied.shape, bool)
            return np.concatenate([x, multiplied]), np.concatenate([here, everywhere])
        return np.concatenate([x, multiplied]), None if here is None else products.given_columns(here, where)

    def product_responses(self, group: int, at: Stack, weight: Floats) -> tuple[Floats, Floats]:
        """How moments of points move with the means about which products are formed."""
        cases, where = self.rows[group], self.blueprint.pairs
        p = self.answers.shape[0]
        if self.given is None:
            return products.responses(at, where, p)
        x, here = self.points_of(cases), self.given[:, cases]
        divisor = self._divisors(group, weight[None], here)
        step = 1e-3 * at.sd()[:p, 0]
        return products.numeric_responses(x, here, weight, where, self._treatment, divisor, step)

    def _categories(self, group: int) -> Categories:
        """Answers of a group as ordered categories."""
        return categories(np.asarray(self.codes[:, self.rows[group]], float))

    def _available(self, group: int, weights: NDArray[np.generic], divisor: float) -> Packed:
        """Moments of the codes that are given, about the centre."""
        rows, p = self.rows[group], self.answers.shape[0]
        # One pass over all cases reads the table where it stands; many passes are worth a copy.
        x = self.answers if isinstance(rows, slice) and len(weights) == 1 else self.codes_of(rows)
        if self.given is None:
            return from_sums(weighted_sums(x, None, weights, self.centre), p, divisor)
        x = self.codes_of(rows)
        here = self.given[:, rows]
        sums = pair_sums(weighted_sums(x, here, weights, self.centre), p)
        if self.missing == "mean":
            return mean_replaced(sums, divisor)
        answered = here.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return pairwise(sums, np.where(answered > 1, answered / (answered - 1), np.nan))

    def _em(self, group: int, weights: NDArray[np.generic], divisor: float, start: Stack | None) -> Packed:
        """Maximum likelihood moments of the codes under blanks at random, every replicate begun at the estimate."""
        begin = None if start is None else self.blueprint.to_codes(start)
        found = em(
            np.ascontiguousarray(self.codes[:, self.rows[group]].T),
            weights.astype(float),
            None if begin is None else begin.mean[:, 0],
            None if begin is None else begin.cov[..., 0] / divisor,
        )
        lost = ~found.converged
        found.mean[lost], found.cov[lost] = np.nan, np.nan
        return Packed(found.mean.T.copy(), pack(np.moveaxis(found.cov, 0, -1)) * divisor)


def read_sample(
    blueprint: Blueprint,
    data: Any,
    design: Design | None = None,
    by: str | Sequence[str] | None = None,
    missing: Missing = "pairwise",
    correlations: Correlations = "pearson",
) -> Sample:
    """Read a table as a model and a design ask.

    Raises
    ------
    DataError
        Naming at once all columns that are missing or cannot be read; or a weight below zero.
    """
    check_choice(missing, "missing", get_args(Missing))
    opened = frames.table(data)
    said = design or Design()
    wanted = [*blueprint.item_names]
    problems = frames.missing_columns(opened, wanted, "item") + frames.missing_columns(
        opened, said.columns, "design column"
    )
    if problems:
        hint = frames.other_names(opened, wanted)
        raise DataError(listing(problems, "the data do not hold what the model names") + hint)
    read = frames.columns(opened, wanted)
    if blueprint.controls:
        read = read.beside(controls.values(opened, blueprint.controls))
    codes, facts = _unknown_to_blank(blueprint, read)
    weight = _case_weights(opened, said)
    # A case of weight 0 is out of the sample, but its cluster is part of the design.
    used = np.ones(len(opened), bool) if said.stratum or said.cluster else weight > 0
    if missing == "listwise" and facts["blanks"].sum():
        used &= ~np.isnan(_array(codes)).any(axis=0)
        if not used.any():
            raise DataError("no case answered every item; missing='pairwise' uses the answers that are there")
    groups = frames.partition(opened, by)
    at = np.flatnonzero(used)
    if said.count:
        at, weight = np.repeat(at, weight[used].astype(np.intp)), np.ones(len(opened))
    every = used.all() and len(at) == len(opened)
    return Sample(
        blueprint,
        codes if every else (codes.array() if isinstance(codes, frames.Columns) else codes)[:, at],
        weight if every else weight[at],
        groups if every else frames.Partition(groups.names, groups.labels, groups.codes[at]),
        _layout(opened, said, at),
        _replicates(opened, said, at),
        opened.index,
        used,
        at,
        facts,
        said,
        missing,
        opened,
        correlations,
    )


def _unknown_to_blank(blueprint: Blueprint, read: frames.Columns) -> tuple[frames.Columns | Floats, pd.DataFrame]:
    """Blank the codes that mean unknown, and note what was found in every item."""
    names = ["low", "high", "blanks", "unknown"]
    plain = not np.isnan(read.low).any() and not any(item.unknown for item in blueprint.items)
    if plain:
        zero = np.zeros(len(read.parts), np.int64)
        return read, pd.DataFrame(
            dict(zip(names, (read.low, read.high, zero, zero), strict=True)), blueprint.plain.column_names
        )
    codes, facts = read.array(), []
    unknown = [item.unknown for item in blueprint.items] + [()] * len(blueprint.controls)
    for strange, row in zip(unknown, codes, strict=True):
        hit = np.isin(row, strange)
        row[hit] = np.nan
        left = row[~np.isnan(row)]
        low, high = (left.min(), left.max()) if len(left) else (np.nan, np.nan)
        facts.append((low, high, len(row) - len(left), int(hit.sum())))
    return codes, pd.DataFrame(facts, index=blueprint.plain.column_names, columns=names)


def _array(codes: frames.Columns | Floats) -> Floats:
    return codes.array() if isinstance(codes, frames.Columns) else codes


def _case_weights(opened: frames.Table, design: Design) -> Floats:
    """Read the sampling weight or the count of every case."""
    name = design.weight or design.count
    if name is None:
        return np.ones(len(opened))
    weight = frames.numbers(opened, [name], "weight")[0]
    problems = []
    if np.isnan(weight).any():
        problems.append(f"weight {name!r} has {int(np.isnan(weight).sum())} blanks; a case out of use has weight 0")
    if (weight < 0).any():
        problems.append(f"weight {name!r} is negative in {int((weight < 0).sum())} cases; a case weight is 0 or more")
    if not problems and not (weight > 0).any():
        problems.append(f"weight {name!r} is 0 in every case; nobody is in the sample")
    if design.count and not problems and (weight != np.round(weight)).any():
        problems.append(f"count {name!r} is not whole everywhere; for sampling weights use Design(weight={name!r})")
    if problems:
        raise DataError(listing(problems, "the case weights cannot be used"))
    return weight


def _layout(opened: frames.Table, design: Design, at: NDArray[np.intp]) -> survey.Layout | None:
    """Nest clusters in strata, if the design names either."""
    if design.stratum is None and design.cluster is None:
        return None
    n = len(at)
    stratum = frames.classes(opened, design.stratum, "stratum")[0][at] if design.stratum else np.zeros(n, np.intp)
    psu = frames.classes(opened, design.cluster, "cluster")[0][at] if design.cluster else np.arange(n)
    _, strata = np.unique(stratum, return_inverse=True)
    laid = survey.layout(strata, psu, _population(opened, design, at, strata))
    alone = (laid.n_psu < 2) & (laid.fraction < 1)
    if alone.any() and design.single_psu == "error":
        raise DataError(
            f"{alone.sum()} strat{'a hold' if alone.sum() > 1 else 'um holds'} a single cluster, from which no variance"
            " can be had; choose the remedy by name: Design(..., single_psu='certainty') where it was drawn with"
            " certainty, or 'centered' for its distance from the mean"
        )
    return laid


def _population(opened: frames.Table, design: Design, at: NDArray[np.intp], strata: NDArray[np.intp]) -> Floats | None:
    """Clusters in the population of every stratum, as the column of the finite population correction says."""
    if design.fpc is None:
        return None
    sizes = frames.numbers(opened, [design.fpc], "fpc")[0][at]
    low = np.array([sizes[strata == h].min() for h in range(strata.max() + 1)])
    high = np.array([sizes[strata == h].max() for h in range(strata.max() + 1)])
    if not (low == high).all():
        raise DataError(f"fpc {design.fpc!r} differs within a stratum (or has blanks); it is one number a stratum")
    return low


def _replicates(opened: frames.Table, design: Design, at: NDArray[np.intp]) -> Floats | None:
    if not design.replicates:
        return None
    weights = frames.numbers(opened, list(design.replicates), "replicate weight")[:, at]
    if np.isnan(weights).any():
        raise DataError("the replicate weights have blanks; every case needs a weight in every replicate")
    return weights
