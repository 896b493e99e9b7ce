"""Doubts: what can be computed but should not be trusted. Each says what is wrong, and what one may still report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.numerics.moments import chunks, correlations, unpack
from csi.numerics.solve import Floats
from csi.results import block_doubts, moderation_doubts, plsc_doubts, sem_doubts
from csi.results.core import Core
from csi.results.scale_doubts import Finding, Passed, scale_findings

#: Limits beyond which a doubt is raised; the code of the doubt is the key.
LIMITS = {
    "path_above_one": 1.0,
    "collinear_causes": 10.0,
    "small_sample": 30.0,
    "reversed_item": -0.1,
    "duplicate_item": 0.9999,
    "failed_replicates": 0.01,
    "not_psd_replicates": 0.01,
    "negative_eigenvalue": -1e-8,
}


@dataclass(frozen=True)
class Doubt:
    """A reason not to believe a number.

    Parameters
    ----------
    code : str
        A stable name, for filters.
    subject : str
        The item, construct, path or group it is about.
    value, limit : float
        What was found, and where doubt begins.
    message : str
        What is wrong.
    remedy : str
        What one can do, and what may still be reported.
    group : object
        The group it appears in; empty where all cases are one.
    """

    code: str
    subject: str
    value: float
    limit: float
    message: str
    remedy: str
    group: object = ""

    def __str__(self) -> str:
        where = f" [{self.group}]" if self.group != "" else ""
        return f"{self.code}{where}: {self.message}. {self.remedy}"


def table(doubts: Iterable[Doubt]) -> pd.DataFrame:
    """Doubts as a table, empty when there is nothing to say."""
    columns = ["code", "subject", "value", "limit", "message", "remedy", "group"]
    return pd.DataFrame([asdict(doubt) for doubt in doubts], columns=columns)


def doubts(core: Core) -> list[Doubt]:
    """Every doubt about data, solution and replicates."""
    found: list[Doubt] = []
    if core.sample is not None:
        found += [Doubt(*finding) for finding in scale_findings(core.sample)]
    elif core.record is not None and core.record.facts is not None:
        facts = core.record.facts
        passed = Passed(core.blueprint, facts.table, float(core.stack.n.sum()), facts.codes)
        found += [Doubt(*finding) for finding in scale_findings(passed)]
    found += [Doubt(*finding) for finding in sem_doubts.study_findings(core)]
    for g in range(len(core.groups)):
        label = core.labels[g] if core.by else ""
        found += [Doubt(*finding, group=label) for finding in _group_findings(core, g)]
    found += [Doubt(*finding) for finding in plsc_doubts.draw_findings(core)]
    return found


def _group_findings(core: Core, g: int) -> Iterator[Finding]:
    if not np.isfinite(core.solution.values[:, g]).all():
        yield _failed_group(core, g)
        return
    p = len(core.blueprint.plain.column_names)
    corr = correlations(core.stack.cov[:p, :p, g : g + 1])[..., 0]
    yield from _size(core, g)
    yield from _matrix(core, corr)
    yield from _solution(core, g)
    yield from _items(core, g, corr)
    yield from _causes(core, g)
    yield from _controls(core, g)
    yield from block_doubts.findings(core, g)
    yield from moderation_doubts.findings(core, g)
    yield from plsc_doubts.findings(core, g)
    yield from sem_doubts.findings(core, g)
    yield from _draw_findings(core, g)


def _failed_group(core: Core, g: int) -> Finding:
    names = core.blueprint.column_names
    sd = np.sqrt(np.clip(np.diagonal(core.stack.cov[..., g]), 0, None))
    constant = [name for name, spread in zip(names, sd, strict=True) if not spread > 0]
    known = core.method.why_not(core.blueprint, core.stack.columns(slice(g, g + 1)))
    why = (
        known
        if known and not constant
        else f"{', '.join(constant)} {'do' if len(constant) > 1 else 'does'} not vary"
        if constant
        else ("a block is singular or too few cases answered")
    )
    return (
        "group_not_estimated", str(core.labels[g]), float(core.stack.n[g]), 0.0,
        f"this group cannot be estimated: {why}; its rows are NaN",
        "Leave the group or the item out, or merge the group with another; the other groups are not affected",
    )  # fmt: skip


def _size(core: Core, g: int) -> Iterator[Finding]:
    n, p = float(core.stack.n[g]), len(core.blueprint.items)
    if n < p:
        yield (
            "few_cases", f"n = {n:g}", n, float(p),
            f"fewer cases ({n:g}) than items ({p}): weights and paths are noise",
            "Report item means; an index with equal weights, fit.index(weights='equal'), may still be given",
        )  # fmt: skip
    elif n < LIMITS["small_sample"]:
        yield (
            "small_sample", f"n = {n:g}", n, LIMITS["small_sample"],
            f"{n:g} cases are few: resamples and linearization make the errors of weights and paths too small",
            "Report the index with its interval as a rough one; leave tests of paths out, or ask more people",
        )  # fmt: skip


def _matrix(core: Core, corr: Floats) -> Iterator[Finding]:
    # A control that does not vary in a group has no correlations.
    known = np.isfinite(np.diagonal(corr))
    lowest = float(np.linalg.eigvalsh(corr[np.ix_(known, known)])[0])
    if lowest < LIMITS["negative_eigenvalue"]:
        yield (
            "not_positive_semidefinite", "item correlations", lowest, LIMITS["negative_eigenvalue"],
            f"no answers could have these correlations (smallest eigenvalue {lowest:.3g})",
            "Pairwise deletion or a printed matrix does this; use missing='em' or 'listwise', or print more digits",
        )  # fmt: skip
    rows, cols = np.nonzero(np.triu(np.abs(corr) > LIMITS["duplicate_item"], 1))
    names = core.blueprint.column_names
    for i, j in zip(rows, cols, strict=True):
        yield (
            "duplicate_item", f"{names[i]}, {names[j]}", float(corr[i, j]), LIMITS["duplicate_item"],
            f"{names[i]} and {names[j]} are the same answers (correlation {corr[i, j]:.4f})",
            "Check whether one column was copied; leave one of them out with model.without(...)",
        )  # fmt: skip


def _solution(core: Core, g: int) -> Iterator[Finding]:
    if not core.solution.converged[g] and core.method.family == "components":
        yield (
            "not_converged", core.method.name, float(core.solution.iterations[g]), float(core.solution.iterations[g]),
            f"the iteration had not stopped after {core.solution.iterations[g]} rounds",
            "Raise max_iter, or look for a construct that hardly correlates with its neighbours; report nothing yet",
        )  # fmt: skip
    for cause, effect in core.blueprint.paths:
        value = core.estimates.paths[core.blueprint.position(cause), core.blueprint.position(effect), g]
        if abs(value) > LIMITS["path_above_one"]:
            yield (
                "path_above_one", f"{cause} -> {effect}", float(value), LIMITS["path_above_one"],
                f"the standardized path {cause} -> {effect} is {value:.2f}",
                "Causes overlap so much that their effects cannot be told apart; report their joint R2 or drop one",
            )  # fmt: skip


def _items(core: Core, g: int, corr: Floats) -> Iterator[Finding]:
    labels, n = core.blueprint.plain.slot_labels(), float(core.stack.n[g])
    for slot, (construct, item) in enumerate(labels):
        block = core.blueprint.blocks[core.blueprint.position(construct)]
        rest = _item_rest(corr, core.blueprint.slots[block], slot - block.start)
        if rest < LIMITS["reversed_item"] and rest * np.sqrt(n) < -3:
            yield (
                "reversed_item", item, rest, LIMITS["reversed_item"],
                f"{item} runs against the other items of {construct} (correlation {rest:.2f} with their sum)",
                f"If its highest code is the worst answer: csi.Item({item!r}, reversed=True)",
            )  # fmt: skip
        elif core.estimates.weights[slot, g] < 0:
            weight = float(core.estimates.weights[slot, g])
            yield (
                "negative_weight", item, weight, 0.0, f"{item} has a negative weight in {construct} ({weight:.3f})",
                "A better answer would lower the score; leave the item out, or use fit.index(weights='equal')",
            )  # fmt: skip


def _item_rest(corr: Floats, items: NDArray[np.intp], at: int) -> float:
    """Correlation of an item with the sum of the other standardized items of its block."""
    others = np.delete(items, at)
    if not len(others):
        return 1.0
    variance = corr[np.ix_(others, others)].sum()
    return float(corr[items[at], others].sum() / np.sqrt(variance)) if variance > 0 else 0.0


def _causes(core: Core, g: int) -> Iterator[Finding]:
    sd = np.sqrt(np.diagonal(core.estimates.correlations[..., g]))
    scores, arrows = core.estimates.correlations[..., g] / np.outer(sd, sd), core.blueprint.arrows
    for effect in range(len(arrows)):
        causes = np.flatnonzero(arrows[:, effect])
        if len(causes) < 2:
            continue
        if _is_whole(core, effect) and arrows[_parts(core, effect), effect].all():
            yield from _into_whole(core, effect, causes)
            continue
        between = scores[np.ix_(causes, causes)]
        # Correlations freed from error may not exist or be impossible; other doubts speak of that.
        if not np.isfinite(between).all():
            continue
        values, vectors = np.linalg.eigh(between)
        if values[0] < LIMITS["negative_eigenvalue"]:
            continue
        vif = np.diag((vectors / np.maximum(values, 1e-12)) @ vectors.T)
        worst = int(vif.argmax())
        if vif[worst] > LIMITS["collinear_causes"]:
            name, cause = core.blueprint.constructs[effect], core.blueprint.constructs[causes[worst]]
            yield (
                "collinear_causes", name, float(vif[worst]), LIMITS["collinear_causes"],
                f"the causes of {name} overlap: {cause} has a variance inflation of {vif[worst]:.1f}",
                "Their single effects cannot be told apart; report R2 and the index, or merge or drop a cause",
            )  # fmt: skip


def _controls(core: Core, g: int) -> Iterator[Finding]:
    """Equations that have no solution because of their controls."""
    causes, effects = core.blueprint.coefficient_index
    if not core.blueprint.controls:
        return
    spread = np.diagonal(core.stack.cov[..., g])[core.blueprint.control_columns]
    still = [c.name for c, variance in zip(core.blueprint.controls, spread, strict=True) if not variance > 0]
    k = len(core.blueprint.constructs)
    for j in dict.fromkeys(effects[causes >= k].tolist()):
        if np.isfinite(core.estimates.paths[:, j, g]).all():
            continue
        name = core.blueprint.constructs[j]
        yield (
            "controls_not_estimated", name, float("nan"), float("nan"),
            f"the equation of {name} has no solution with these controls: "
            + (f"{', '.join(still)} {'do' if len(still) > 1 else 'does'} not vary" if still
               else "causes and controls are combinations of each other"),
            "Leave that control out, or merge levels that few have; index and weights do not depend on it",
        )  # fmt: skip


def _is_whole(core: Core, construct: int) -> bool:
    """Whether a construct is made of its causes (second order), which then overlap by design."""
    return bool(core.blueprint.model.constructs[core.blueprint.constructs[construct]].of)


def _parts(core: Core, whole: int) -> list[int]:
    return [
        core.blueprint.position(name) for name in core.blueprint.model.constructs[core.blueprint.constructs[whole]].of
    ]


def _into_whole(core: Core, whole: int, causes: NDArray[np.intp]) -> Iterator[Finding]:
    """A path into a composite of constructs: its parts explain it wholly, so nothing is left for other causes."""
    names = core.blueprint.constructs
    parts = core.blueprint.model.constructs[names[whole]].of
    if core.blueprint.model.constructs[names[whole]].kind != "composite":
        return
    for cause in (names[c] for c in causes if names[c] not in parts):
        yield (
            "path_into_composite", f"{cause} -> {names[whole]}", float("nan"), float("nan"),
            f"{names[whole]} repeats the items of its parts, which explain all of it, so {cause} -> {names[whole]}"
            " comes out near zero whatever its true effect",
            f"Draw paths from {cause} to the parts ({', '.join(parts)}), or estimate csi.PLS(higher_order='two-stage');"
            f" report no total effects of {cause} as it is",
        )  # fmt: skip


def _draw_findings(core: Core, g: int) -> Iterator[Finding]:
    if core.draws is None:
        return
    failed = core.draws.failed[g]
    share = float(failed.mean())
    if share > LIMITS["failed_replicates"]:
        yield (
            "failed_replicates", core.draws.kind, share, LIMITS["failed_replicates"],
            f"{int(failed.sum()):,} of {len(failed):,} replicates have no solution",
            "Intervals come from those that have one and are too narrow; simplify the model or gather more answers",
        )  # fmt: skip
    impossible = _impossible_replicates(core, g)
    if impossible > LIMITS["not_psd_replicates"]:
        yield (
            "not_psd_replicates", core.draws.kind, impossible, LIMITS["not_psd_replicates"],
            f"no answers could have the correlations of {100 * impossible:.1f} % of the replicates",
            "Pairwise deletion does this in small samples; use missing='em' or 'listwise' and compare the intervals",
        )  # fmt: skip


def _impossible_replicates(core: Core, g: int) -> float:
    """Share of a group's replicates whose pairwise correlations are not positive semidefinite; others always are."""
    sample, draws = core.sample, core.draws
    if sample is None or draws is None or sample.given is None or sample.missing != "pairwise":
        return 0.0
    found, p = 0, len(core.blueprint.plain.column_names)
    moments = draws.moments(g)
    for part in chunks(draws.size, 1024):
        corr = np.moveaxis(correlations(unpack(moments.cov[:, part], len(moments.mean))[:p, :p]), -1, 0)
        lowest = np.linalg.eigvalsh(corr[np.isfinite(corr).all(axis=(1, 2))])[:, 0]
        found += int((lowest < LIMITS["negative_eigenvalue"]).sum())
    return found / draws.size
