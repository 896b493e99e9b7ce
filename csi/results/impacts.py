"""What moves the index: effects among the 0-100 scores, in index points."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint
from csi.errors import ModelError, suggest
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.products import outer_weights
from csi.numerics.solve import Floats, regress
from csi.results.effects import total_effects
from csi.results.index import Convention, equations_cov, score_weights, scores_cov
from csi.results.noun import Noun, double, single

#: What impacts are, and what they are not.
AMONG_SCORES = (
    "Effects among the 0-100 scores, which carry the errors of their items; PLSc and CB-SEM free paths() and effects()"
    " from them, not impacts."
)


#: What the effects of moderated constructs are.
AT_THE_MEAN = (
    " Where an interaction or a square is among the causes, an impact holds at the mean of every construct; for other"
    " places see slopes()."
)


def score_paths(blueprint: Blueprint, stack: Stack, estimates: Estimates, weights: Convention) -> Floats:
    """Least squares among the scores of a convention: points of the effect per point of the cause, `(k, k, B)`.

    Controls stand in the equations and are held constant. An interaction is the product of two scores about their
    means, so that its parts have their effects at the mean.
    """
    shares, k = score_weights(blueprint.plain, stack, estimates, weights), len(blueprint.constructs)
    cov = equations_cov(blueprint, stack, _with_products(blueprint, shares))[1]
    return regress(cov, blueprint.equations)[:k, :k]


def _with_products(blueprint: Blueprint, shares: Floats) -> Floats:
    """Shares of the items, and of the products of items in the product of two scores."""
    found, blocks = [shares], blueprint.blocks
    for one in blueprint.interactions:
        first, second = (shares[blocks[part]] for part in one.parts)
        found.append(outer_weights(first, second, one.pairs, one.times))
    return np.concatenate(found)


def target(blueprint: Blueprint, on: str | None) -> str:
    """The construct that impacts are on: the model's index unless another is named."""
    name = on if on is not None else blueprint.model.index
    if name is None:
        raise ModelError("the model has no index; say on which construct: impacts(on='...')")
    if name not in blueprint.plain.constructs:
        known = blueprint.plain.constructs
        raise ModelError(f"on={name!r} is not a construct{suggest(name, known)}; there are {', '.join(known)}")
    return name


def drivers(blueprint: Blueprint, on: str) -> list[str]:
    """Every construct from which arrows lead to the target, in the order of the model."""
    reach = blueprint.arrows.copy()
    for _ in blueprint.constructs:
        reach = reach | (reach.astype(int) @ reach.astype(int) > 0)
    at = blueprint.position(on)
    return [name for j, name in enumerate(blueprint.plain.constructs) if reach[j, at]]


def impacts(blueprint: Blueprint, on: str | None, points: float, weights: Convention) -> Noun:
    """Index points gained when the score of a driver rises by some points: directly, and along all paths."""
    blueprint.need_scales("an impact")
    name = target(blueprint, on)
    causes = drivers(blueprint, name)
    at, effect = [blueprint.position(cause) for cause in causes], blueprint.position(name)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        direct = score_paths(blueprint, stack, estimates, weights)
        total = total_effects(direct)
        return points * np.stack([direct[at, effect], total[at, effect]], axis=1)

    return Noun("impacts", single(causes, "construct"), compute, ("direct", "total"), note=_note(blueprint))


def _note(blueprint: Blueprint) -> str:
    return AMONG_SCORES + (AT_THE_MEAN if blueprint.interactions else "")


def what_if(blueprint: Blueprint, changes: Mapping[str, float], weights: Convention) -> Noun:
    """Scores after some constructs are raised by points: now, change, then.

    Each named construct is raised by its points on top of what reaches it from the others.
    """
    blueprint.need_scales("a what-if")
    for name in changes:
        if name not in blueprint.plain.constructs:
            raise ModelError(f"{name!r} is not a construct{suggest(str(name), blueprint.plain.constructs)}")
    names = blueprint.plain.constructs
    raised = np.array([float(changes.get(name, 0.0)) for name in names])

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        shares = score_weights(blueprint.plain, stack, estimates, weights)
        now, _ = scores_cov(blueprint.plain, stack, shares)
        change = _spread_change(blueprint, raised, score_paths(blueprint, stack, estimates, weights))
        return np.stack([now, change, now + change], axis=1)

    return Noun("what_if", single(names, "construct"), compute, ("now", "change", "then"), None)


def _spread_change(blueprint: Blueprint, raised: Floats, direct: Floats) -> Floats:
    """Change of the mean score of every construct `(k, B)`, along all arrows.

    Where every respondent's two scores rise by a and b, the mean of their product about the old means rises by ab.
    """
    k = len(raised)
    change = np.zeros((len(direct), direct.shape[-1]))
    products = {one.construct: one.parts for one in blueprint.interactions}
    for j in causal_order(blueprint):
        if j in products:
            first, second = products[j]
            change[j] = change[first] * change[second]
        else:
            change[j] = raised[j] + np.einsum("cb,cb->b", direct[:, j], change)
    return change[:k]


def causal_order(blueprint: Blueprint) -> list[int]:
    """Constructs behind their causes, products behind their parts."""
    arrows = blueprint.arrows.copy()
    for one in blueprint.interactions:
        arrows[list(one.parts), one.construct] = True
    order: list[int] = []
    while len(order) < len(arrows):
        left = [j for j in range(len(arrows)) if j not in order]
        order += [j for j in left if not arrows[left, j].any()]
    return order


def item_priorities(blueprint: Blueprint, on: str | None, weights: Convention) -> Noun:
    """Impact and mean of every item of the drivers: points of the index per point of the item, and its 0-100 mean.

    An item moves its construct by its share of the score, and the construct moves the index by its total impact.
    """
    blueprint.need_scales("an impact")
    name = target(blueprint, on)
    causes = drivers(blueprint, name)
    effect = blueprint.position(name)
    labels = blueprint.plain.slot_labels()
    slots = np.array([slot for slot, (construct, _) in enumerate(labels) if construct in causes], np.intp)
    owners = np.array([blueprint.position(labels[slot][0]) for slot in slots], np.intp)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        shares = score_weights(blueprint.plain, stack, estimates, weights)
        total = total_effects(score_paths(blueprint, stack, estimates, weights))
        impact = shares[slots] * total[owners, effect]
        return np.stack([impact, stack.mean[blueprint.slots[slots]]], axis=1)

    rows = double([labels[slot] for slot in slots], ("construct", "item"))
    return Noun("item_priorities", rows, compute, ("impact", "score"), None)


def priority_table(table: pd.DataFrame) -> pd.DataFrame:
    """Importance-performance table from `impact` and `score`: most important first, with the quadrant by both means.

    Quadrants [Martilla & James 1977]: improve first (important, weak), keep up (important, strong), low priority
    (unimportant, weak), possible overkill (unimportant, strong).
    """
    found = table.copy()
    found.insert(2, "important", (found["impact"] >= found["impact"].mean()).astype(float))
    found.insert(3, "strong", (found["score"] >= found["score"].mean()).astype(float))
    return found.sort_values("impact", ascending=False, kind="stable")
