"""How well a model predicts answers that it has not seen, and predictions for new respondents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import controls, frames
from csi.blueprint import Blueprint
from csi.errors import DataError, NotAvailable, SettingsError, check_choice, listing
from csi.methods.estimates import Estimates
from csi.methods.pls import PLS
from csi.numerics import intervals
from csi.numerics import prediction as predicting
from csi.numerics.moments import Stack, unpack
from csi.numerics.products import with_products
from csi.numerics.solve import Floats
from csi.results.basis import need_single_slots
from csi.results.core import Core, check_level
from csi.results.index import Convention, order, score_weights
from csi.results.tables import grouped

Technique = Literal["earliest", "direct"]
Benchmark = Literal["exogenous", "antecedents"]
Folds: TypeAlias = int | Sequence[Any] | NDArray[Any]
#: Models of the folds are estimated as finely as that.
TOLERANCE = 1e-10
MEASURES = ("rmse", "mae", "q2_predict", "rmse_lm", "mae_lm", "rmse_mean", "mae_mean")


@dataclass(frozen=True, eq=False)
class Held:
    """Answers of one group and their predictions from models that have not seen them, `(t, n)`, in codes."""

    actual: Floats
    model: Floats
    linear: Floats
    mean: Floats
    weight: Floats


def targets(blueprint: Blueprint) -> NDArray[np.intp]:
    """Slots of the items of constructs with causes."""
    return np.concatenate(
        [np.arange(b.start, b.stop) for j, b in enumerate(blueprint.blocks) if blueprint.arrows[:, j].any()]
    )


def _predictors(blueprint: Blueprint, benchmark: Benchmark) -> list[NDArray[np.intp]]:
    """Slots from which a linear model predicts each target: exogenous items, or those of its direct causes."""
    found, blocks, own = [], _blocks(blueprint), len(blueprint.plain.constructs)
    for j, block in enumerate(blueprint.blocks):
        causes = np.flatnonzero(blueprint.equations[:, j])
        if not blueprint.arrows[:, j].any():
            continue
        if benchmark == "exogenous":
            causes = np.flatnonzero(~blueprint.equations.any(axis=0))
        causes = causes[(causes < own) | (causes >= len(blueprint.constructs))]
        at = np.concatenate([np.arange(blocks[int(c)].start, blocks[int(c)].stop) for c in causes])
        found += [at] * (block.stop - block.start)
    return found


def slopes(core: Core, stack: Stack, estimates: Estimates, technique: Technique) -> Floats:
    """Points of every target per point of every item (and control), by the path model."""
    blueprint = core.blueprint
    # The coefficient of a product is not that of a score of variance one, as its weights are.
    unit = np.sqrt(np.einsum("iib->ib", estimates.correlations))[:, None]
    reached = predicting.reach(estimates.paths * unit, blueprint.equations, technique == "earliest")
    sd = stack.sd()[_columns(blueprint)]
    # A control is its own score.
    alone = np.ones((len(blueprint.controls), sd.shape[1]))
    weights, loadings = (np.concatenate([part, alone]) for part in (estimates.weights, estimates.loadings))
    return predicting.model_slopes(weights, loadings, sd, reached, _blocks(blueprint), targets(blueprint))


def _columns(blueprint: Blueprint) -> NDArray[np.intp]:
    """Columns of the moments that predict: that of every slot, then the controls."""
    at = blueprint.control_columns
    return np.concatenate([blueprint.slots, np.arange(at.start, at.stop)])


def _blocks(blueprint: Blueprint) -> list[slice]:
    """Where every construct, and behind them every control, stands among `_columns`."""
    m = len(blueprint.slots)
    return [*blueprint.blocks, *(slice(i, i + 1) for i in range(m, m + len(blueprint.controls)))]


def check(core: Core, technique: str, benchmark: str = "exogenous") -> None:
    """Refuse what cannot predict."""
    check_choice(technique, "technique", ("earliest", "direct"))
    check_choice(benchmark, "benchmark", ("exogenous", "antecedents"))
    if not isinstance(core.method, PLS):
        raise NotAvailable("predictions need item weights; fit with csi.PLS() or csi.PLSc()")
    need_single_slots(core.blueprint, "prediction")
    _check_interactions(core, technique)


def _check_interactions(core: Core, technique: str) -> None:
    """Refuse products that cannot be predicted from."""
    blueprint = core.blueprint
    for one in blueprint.interactions:
        if core.method.interactions == "orthogonal":  # type: ignore[attr-defined]
            raise NotAvailable(
                "predictions from residuals of products are not worked out; csi.PLS(interactions='two-stage') predicts"
            )
        caused = [blueprint.constructs[part] for part in one.parts if blueprint.arrows[:, part].any()]
        if technique == "earliest" and caused:
            raise NotAvailable(
                f"{caused[0]} has causes, from which {one.name} does not follow along arrows; technique='direct'"
                " predicts from the direct causes"
            )


def held_out(core: Core, g: int, folds: NDArray[np.intp], technique: Technique, benchmark: Benchmark) -> Held:
    """Predict every case from the model of the folds it is not in; repeats `(repeats, n)` are averaged."""
    parts = [_once(core, g, labels, technique, benchmark) for labels in folds]
    model, linear, mean = (
        np.mean([getattr(part, name) for part in parts], axis=0) for name in ("model", "linear", "mean")
    )
    return Held(parts[0].actual, model, linear, mean, parts[0].weight)


def _once(core: Core, g: int, labels: NDArray[np.intp], technique: Technique, benchmark: Benchmark) -> Held:
    sample, blueprint = core._cases(), core.blueprint
    cases, at = sample.rows[core.groups[g]], targets(blueprint)
    columns = _columns(blueprint)
    points, weight = sample.points[:, cases], sample.weight[cases]
    count = int(labels.max()) + 1
    train = (labels[None] != np.arange(count)[:, None]) * weight
    packed = sample.packed(core.groups[g], train, core.stack.columns(slice(g, g + 1)))
    stack = Stack(packed.mean, unpack(packed.cov, len(packed.mean)), (train > 0).sum(axis=1).astype(float))
    start = core.solution.columns(np.full(count, g))
    solution = core.method.solve(blueprint, stack, start, TOLERANCE)
    by_model = slopes(core, stack, core.method.estimates(blueprint, stack, solution), technique)
    cov = stack.cov[np.ix_(columns, columns)]
    by_items = predicting.linear_slopes(cov, _predictors(blueprint, benchmark), at)
    mean = stack.mean[columns]
    model, linear, flat = (np.full((len(at), points.shape[1]), np.nan) for _ in range(3))
    for fold in range(count):
        rows = labels == fold
        x = sample.columns(core.groups[g], stack.columns(slice(fold, fold + 1)))[0][columns]
        model[:, rows] = predicting.predicted(x[:, rows], mean[:, fold], by_model[..., fold], at)
        linear[:, rows] = predicting.predicted(x[:, rows], mean[:, fold], by_items[..., fold], at)
        flat[:, rows] = mean[at, fold][:, None]
    actual, model, linear, flat = (
        _codes(blueprint, values, at) for values in (points[blueprint.slots[at]], model, linear, flat)
    )
    return Held(actual, model, linear, flat, weight)


def _codes(blueprint: Blueprint, points: Floats, at: NDArray[np.intp]) -> Floats:
    """Points of target slots as codes."""
    intercept, slope = (part[blueprint.slots[at]][:, None] for part in blueprint.intercept_slope)
    codes: Floats = (points - intercept) / slope
    return codes


def read_folds(core: Core, folds: Folds, repeats: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Labels of the folds of every group's cases, `(repeats, n_g)` a group.

    Clusters of a design stay together, so that nobody's neighbours train the model that predicts them.
    """
    sample = core._cases()
    if isinstance(folds, (int, np.integer)) and not isinstance(folds, bool):
        if folds < 2 or repeats < 1:
            raise SettingsError(f"folds must be at least 2 and repeats at least 1; not {folds!r} and {repeats!r}")
        return [_random_folds(core, group, int(folds), repeats, rng) for group in core.groups]
    given = np.asarray(folds)
    if given.shape != (len(sample.index),):
        raise DataError(
            f"folds must be a number of folds or one label a row of the data, {len(sample.index)}; it has shape"
            f" {given.shape}"
        )
    used = given[sample.at]
    found = [np.unique(used[sample.rows[group]], return_inverse=True)[1][None] for group in core.groups]
    if any(labels.max() < 1 for labels in found):
        raise DataError("folds must hold at least two labels in every group")
    return [labels.astype(np.intp) for labels in found]


def _random_folds(core: Core, group: int, folds: int, repeats: int, rng: np.random.Generator) -> NDArray[np.intp]:
    sample = core._cases()
    n = len(sample.weight[sample.rows[group]])
    units = np.arange(n)
    if sample.layout is not None:
        units = np.unique(sample.layout.psu[sample.rows[group]], return_inverse=True)[1]
    size = int(units.max()) + 1
    if size < folds:
        raise SettingsError(f"folds={folds} needs at least as many cases (or clusters); there are {size}")
    return np.stack([(rng.permutation(size) % folds)[units] for _ in range(repeats)])


def predictive(
    core: Core, folds: Folds, repeats: int, technique: Technique, benchmark: Benchmark, rng: np.random.Generator
) -> pd.DataFrame:
    """Errors of prediction of every item of a construct with causes."""
    check(core, technique, benchmark)
    labels, parts = core.blueprint.slot_labels(), []
    for g, drawn in enumerate(read_folds(core, folds, repeats, rng)):
        parts.append(_errors(held_out(core, g, drawn, technique, benchmark)))
    rows = pd.MultiIndex.from_tuples([labels[i] for i in targets(core.blueprint)], names=["construct", "item"])
    return pd.DataFrame(np.concatenate(parts), index=grouped(rows, core.by, core.labels), columns=list(MEASURES))


def _errors(held: Held) -> Floats:
    """`MEASURES` of every target, `(t, 7)`, over the cases that have both answer and prediction."""
    known = np.isfinite(held.actual) & np.isfinite(held.model) & np.isfinite(held.linear)
    w = known * held.weight
    total = w.sum(axis=1)

    def average(values: Floats) -> Floats:
        mean: Floats = np.where(known, values, 0) * w @ np.ones(w.shape[1]) / np.where(total > 0, total, np.nan)
        return mean

    columns = []
    for guess in (held.model, held.linear, held.mean):
        gap = held.actual - guess
        columns.append((np.sqrt(average(gap**2)), average(np.abs(gap))))
    (rmse, mae), (rmse_lm, mae_lm), (rmse_mean, mae_mean) = columns
    q2 = 1 - rmse**2 / np.where(rmse_mean > 0, rmse_mean, np.nan) ** 2
    return np.stack([rmse, mae, q2, rmse_lm, mae_lm, rmse_mean, mae_mean], axis=1)


def cvpat(
    core: Core,
    folds: Folds,
    repeats: int,
    technique: Technique,
    benchmark: Benchmark,
    rng: np.random.Generator,
    confidence_level: float,
) -> pd.DataFrame:
    """Average loss of the model less that of the benchmarks, for every construct with causes and for all."""
    check(core, technique, benchmark)
    check_level(confidence_level)
    blueprint, at = core.blueprint, targets(core.blueprint)
    owner = np.repeat(np.arange(len(blueprint.blocks)), [b.stop - b.start for b in blueprint.blocks])[at]
    subjects = [(blueprint.constructs[j], owner == j) for j in dict.fromkeys(owner.tolist())]
    subjects.append(("all", np.ones(len(at), bool)))
    rows, found = [], []
    for g, drawn in enumerate(read_folds(core, folds, repeats, rng)):
        held = held_out(core, g, drawn, technique, benchmark)
        own = (held.actual - held.model) ** 2
        for name, guess in (("linear model", held.linear), ("mean", held.mean)):
            gap = own - (held.actual - guess) ** 2
            for subject, mine in subjects:
                found.append(_mean_test(core, g, gap[mine].mean(axis=0), held.weight, confidence_level))
                rows.append((*_label(core, g), name, subject))
    index = pd.MultiIndex.from_tuples(rows, names=[*core.by, "benchmark", "construct"])
    columns = ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]
    return pd.DataFrame(found, index=index, columns=columns)


def _label(core: Core, g: int) -> tuple[Any, ...]:
    if not core.by:
        return ()
    label = core.labels[g]
    return label if isinstance(label, tuple) else (label,)


def _mean_test(core: Core, g: int, gap: Floats, weight: Floats, level: float) -> tuple[float, ...]:
    """Mean of a difference over the cases and its t test, by the design where there is one."""
    known = np.isfinite(gap)
    w = known * weight
    mean = float((np.where(known, gap, 0) * w).sum() / w.sum())
    moves = np.where(known, gap - mean, 0) * w / w.sum()
    sample = core._cases()
    if sample.design.count:
        n = float(w.sum())
        error, df = float(np.sqrt((moves**2 / np.where(w > 0, w, 1)).sum() * n / (n - 1))), n - 1
    elif sample.layout is None:
        n = float((w > 0).sum())
        error, df = float(np.sqrt((moves**2).sum() * n / (n - 1))), n - 1
    else:
        every = np.zeros((sample.n_cases, 1))
        every[sample.rows[core.groups[g]], 0] = moves
        error, df = float(core.linearized(every)[0]), core.df
    statistic = mean / error if error > 0 else float("nan")
    low, high = intervals.student(np.array([mean]), np.array([error]), level, df)
    p = float(intervals.p_student(np.array([statistic]), df)[0])
    return mean, error, float(low[0]), float(high[0]), statistic, p


# -- new respondents ------------------------------------------------------------------------------------------


def predict(core: Core, data: Any, technique: Technique) -> pd.DataFrame:
    """Predicted answers, in codes, of every item of a construct with causes."""
    check(core, technique)
    _one_group(core)
    blueprint, at = core.blueprint, targets(core.blueprint)
    by_model = slopes(core, core.stack, core.estimates, technique)[..., 0]
    needed = np.flatnonzero((by_model != 0).any(axis=0))
    names, index, x = _points(blueprint, data, needed, core.stack.mean[:, 0])
    guess = predicting.predicted(x, core.stack.mean[_columns(blueprint)][:, 0], by_model, at)
    return pd.DataFrame(_codes(blueprint, guess, at).T, index=index, columns=[names[i] for i in at])


def new_scores(core: Core, data: Any, weights: Convention) -> pd.DataFrame:
    """0-100 scores of new respondents by the item weights of the fit."""
    _one_group(core)
    blueprint = core.blueprint.plain
    blueprint.need_scales("a score")
    shares = score_weights(blueprint, core.stack, core.estimates, weights)[:, 0]
    _, index, x = _points(blueprint, data, np.arange(len(blueprint.slots)), core.stack.mean[:, 0])
    found = {name: shares[b] @ x[b] for name, b in zip(blueprint.constructs, blueprint.blocks, strict=True)}
    return pd.DataFrame(found, index=index)[[blueprint.constructs[j] for j in order(blueprint)]]


def _one_group(core: Core) -> None:
    if len(core.groups) > 1:
        raise SettingsError("the fit has several groups, each with weights of its own; choose one: fit['2024']")


def _points(
    blueprint: Blueprint, data: Any, needed: NDArray[np.intp], mean: Floats
) -> tuple[list[str], pd.Index, Floats]:
    """Names of all slots, the rows of a table, and the points of the slots needed; the others blank.

    Products are formed about the means of the answers that were fitted, `mean`.
    """
    opened = frames.table(data)
    names, p = [item for _, item in blueprint.slot_labels()], len(blueprint.items)
    m, used = len(names), [control for i, control in enumerate(blueprint.controls) if i + len(names) in needed]
    problems = frames.missing_columns(opened, [control.column for control in used], "control")
    if problems:
        raise DataError(listing(problems, "the data do not hold what the fit controls for"))
    x = np.full((m + len(blueprint.controls), len(opened)), np.nan)
    x[[m + blueprint.controls.index(control) for control in used]] = controls.values(opened, used)
    slots = needed[needed < m]
    columns, behind = blueprint.slots[slots], p + len(blueprint.controls)
    multiplied = blueprint.pairs[columns[columns >= behind] - behind]
    single = np.unique(np.concatenate([columns[columns < p], multiplied.ravel()]))
    items = np.full((p, len(opened)), np.nan)
    intercept, slope = blueprint.intercept_slope
    for item, codes in zip(single, frames.numbers(opened, [blueprint.items[i].name for i in single]), strict=True):
        known = np.where(np.isin(codes, blueprint.items[item].unknown), np.nan, codes)
        items[item] = intercept[item] + slope[item] * known
    about = with_products(items, mean[:p], blueprint.pairs)[p:]
    x[slots] = np.concatenate([items, np.full((len(blueprint.controls), len(opened)), np.nan), about])[columns]
    return names, opened.index, x
