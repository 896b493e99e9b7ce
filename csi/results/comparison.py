"""Two groups, two waves, or the same people twice: the difference, its interval, and what it is made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import DataError, NotAvailable
from csi.methods.estimates import Estimates
from csi.numerics import intervals, linearize, survey
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.core import RESAMPLES, Core, Interval, check_level, replicate_errors, spread
from csi.results.index import Convention, order, score_weights
from csi.results.noun import Noun
from csi.results.tables import Uncertainty, common


def difference(
    core: Core,
    noun: Noun,
    first: int,
    second: int,
    interval: Interval | None,
    confidence_level: float,
    people: NDArray[np.intp] | None,
) -> pd.DataFrame:
    """Second group minus first, with standard error, interval and p-value.

    Parameters
    ----------
    people : int array (n,), optional
        Who answered, where the same people are in both groups: their two answers are then kept together.
    """
    check_level(confidence_level)
    core.check_interval(interval)
    estimate = core.values(noun)
    change = (estimate[second] - estimate[first])[None]
    drawn = None if core.draws is None else core.drawn(noun)
    gaps = change[:, None] if drawn is None else (drawn[second] - drawn[first])[None]
    if core.draws is not None and core.draws.kind in RESAMPLES:
        known = _from_draws(core, noun, (first, second), change, gaps, interval or core.usual, confidence_level, people)
    else:
        by_replicates = None if core.draws is None else replicate_errors(core.draws, gaps, change)
        error = _error(core, noun, first, second, people)[None] if by_replicates is None else by_replicates
        low, high = intervals.student(change, error, confidence_level, core.df)
        statistic = change / np.where(error > 0, error, np.nan)
        known = Uncertainty(error, low, high, statistic, intervals.p_student(statistic, core.df))
    table = common(change, known, noun.flat_rows, (), ((),))
    table.attrs["difference"] = f"{core.labels[second]} minus {core.labels[first]}"
    return table


def _from_draws(
    core: Core,
    noun: Noun,
    pair: tuple[int, int],
    change: Floats,
    gaps: Floats,
    interval: Interval,
    level: float,
    people: NDArray[np.intp] | None,
) -> Uncertainty:
    error, rows = spread(gaps), np.ascontiguousarray(gaps[0].T)
    if interval == "percentile":
        low, high = intervals.percentile(rows, level)
    elif interval == "basic":
        low, high = intervals.basic(change[0], rows, level)
    elif interval == "bca":
        low, high = intervals.bca(change[0], rows, linearize.acceleration(_moves(core, noun, *pair, people)), level)
    elif interval == "normal":
        low, high = intervals.student(change[0], error[0], level, core.df)
    else:
        raise NotAvailable("studentized intervals of a difference are not worked out; interval='bca' corrects skewness")
    statistic = change / np.where(error > 0, error, np.nan)
    return Uncertainty(error, low[None], high[None], statistic, intervals.p_value(rows)[None])


def _moves(core: Core, noun: Noun, first: int, second: int, people: NDArray[np.intp] | None) -> Floats:
    """How every independent unit moves the difference: cases of both groups, or people."""
    one, two = core.moves(noun, first), core.moves(noun, second)
    sample = core._cases()
    if core.whole and (people is None or sample.layout is not None):
        return two - one
    if people is None:
        return np.concatenate([-one, two])
    if core.whole:
        # Sampling weights alone: the people are the independent units of the whole sample.
        one, two = (moves[sample.rows[core.groups[g]]] for g, moves in ((first, one), (second, two)))
    total = np.zeros((int(people.max()) + 1, one.shape[1]))
    np.add.at(total, people[sample.rows[core.groups[first]]], -one)
    np.add.at(total, people[sample.rows[core.groups[second]]], two)
    return total


def _error(core: Core, noun: Noun, first: int, second: int, people: NDArray[np.intp] | None) -> Floats:
    """Linearized standard error of a difference."""
    moves = _moves(core, noun, first, second, people)
    if core.whole and (people is None or core._cases().layout is not None):
        return core.linearized(moves)
    if people is None:
        ends = len(core.moves(noun, first))
        square = core.linearized(moves[:ends]) ** 2 + core.linearized(moves[ends:]) ** 2
        error: Floats = np.sqrt(square)
        return error
    laid = survey.layout(np.zeros(len(moves), np.intp), np.arange(len(moves)))
    return np.sqrt(survey.linearized_variance(moves, laid))


def between(first: Core, second: Core, noun: Noun, interval: Interval | None, confidence_level: float) -> pd.DataFrame:
    """Second minus first of two independent fits of one group each."""
    check_level(confidence_level)
    for core in (first, second):
        core.check_interval(interval)
    change = second.values(noun) - first.values(noun)
    resampled = [core for core in (first, second) if core.draws is not None and core.draws.kind in RESAMPLES]
    if len(resampled) == 2 and interval != "normal":
        one, two = first.drawn(noun), second.drawn(noun)
        size = min(one.shape[1], two.shape[1])
        gaps = _apart(second, two)[:, :size] - one[:, :size]
        error, rows = spread(gaps), np.ascontiguousarray(gaps[0].T)
        if interval not in (None, "percentile", "basic"):
            raise NotAvailable(f"a {interval} interval of two fits is not worked out; fit both as groups of one table")
        ends = intervals.percentile(rows, confidence_level)
        low, high = ends if interval != "basic" else (2 * change[0] - ends[1], 2 * change[0] - ends[0])
        statistic = change / np.where(error > 0, error, np.nan)
        known = Uncertainty(error, low[None], high[None], statistic, intervals.p_value(rows)[None])
    else:
        parts = [core.uncertainty(noun, "normal", confidence_level).std_error for core in (first, second)]
        error = np.sqrt(parts[0] ** 2 + parts[1] ** 2)
        df = min(first.df, second.df)
        low, high = intervals.student(change, error, confidence_level, df)
        statistic = change / np.where(error > 0, error, np.nan)
        known = Uncertainty(error, low, high, statistic, intervals.p_student(statistic, df))
    return common(change, known, noun.flat_rows, (), ((),))


def _apart(core: Core, drawn: Floats) -> Floats:
    """Shift draws by one, so that two fits drawn from one seed do not share their chance; given cases stay in step."""
    return drawn if core.draws is None or core.draws.entropy is None else np.roll(drawn, 1, axis=1)


def side_by_side(first: Core, second: Core) -> Core:
    """Two fits of one group as two groups of one."""
    stack = Stack(*(np.concatenate(parts, axis=-1) for parts in zip(first.stack, second.stack, strict=True)))
    pairs = zip(first.estimates, second.estimates, strict=True)
    estimates = Estimates(*(np.concatenate(parts, axis=-1) for parts in pairs))
    return replace(first, stack=stack, estimates=estimates, groups=(0, 1), labels=("first", "second"))


def decomposition(core: Core, first: int, second: int, weights: Convention, mix: Mix | None) -> pd.DataFrame:
    """Split the change of every construct's index into answers, item weights and (if asked) sample mix.

    The index is sum_j share_j mean_j. With bars for averages over the two groups, the change is
    sum share_bar (mean_2 - mean_1) from the answers plus sum mean_bar (share_2 - share_1) from the weights [Bennet
    1920]; with classes s of the sample, mean_j = sum_s pi_s mean_js, and the answers split once more, in the same
    way, into change within classes and change of the mix pi. The parts add up exactly.
    """
    blueprint = core.blueprint.plain
    shares = score_weights(blueprint, core.stack, core.estimates, weights)
    means = core.stack.mean[blueprint.slots]
    v1, v2 = shares[:, first], shares[:, second]
    m1, m2 = means[:, first], means[:, second]
    from_mix = np.zeros(len(m1)) if mix is None else mix.change(blueprint.slots)
    parts = {"answers": (v1 + v2) / 2 * (m2 - m1 - from_mix), "weights": (m1 + m2) / 2 * (v2 - v1)}
    if mix is not None:
        parts["mix"] = (v1 + v2) / 2 * from_mix
    at = order(blueprint)
    rows = [blueprint.constructs[j] for j in at]
    summed = {name: [float(part[blueprint.blocks[j]].sum()) for j in at] for name, part in parts.items()}
    return pd.DataFrame(summed, index=pd.Index(rows, name="construct", dtype=object))


class Mix:
    """Shares of the classes of a sample and item means within them, in two groups."""

    def __init__(self, core: Core, classes: NDArray[np.intp], names: list[Any], first: int, second: int) -> None:
        sample = core._cases()
        self.share, self.mean = [], []
        for g in (first, second):
            cases = sample.rows[core.groups[g]]
            weight, kind, points = sample.weight[cases], classes[cases], sample.points[:, cases]
            share = np.bincount(kind, weights=weight, minlength=len(names)) / weight.sum()
            if (share == 0).any():
                absent = names[int(np.flatnonzero(share == 0)[0])]
                raise DataError(
                    f"group {core.labels[g]!r} has nobody in class {absent!r}, so the mix cannot be compared;"
                    " merge classes"
                )
            self.share.append(share)
            self.mean.append(_class_means(points, weight, kind, len(names)))

    def change(self, slots: NDArray[np.intp]) -> Floats:
        """Change of every item mean that comes from the mix alone, at average means within classes."""
        within = (self.mean[0] + self.mean[1]) / 2
        moved: Floats = within[slots] @ (self.share[1] - self.share[0])
        return moved


def _class_means(points: Floats, weight: Floats, kind: NDArray[np.intp], size: int) -> Floats:
    """Weighted mean of the answers given, `(p, classes)`."""
    inside = np.equal.outer(np.arange(size), kind) * weight
    given = ~np.isnan(points)
    means: Floats = np.nan_to_num(points) @ inside.T / (given @ inside.T)
    return means
