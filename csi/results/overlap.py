"""How much causes, items and constructs overlap, and what a cause adds to the others."""

from __future__ import annotations

from typing import Literal

import numpy as np

from csi.blueprint import Blueprint
from csi.errors import check_choice
from csi.methods.estimates import Estimates
from csi.numerics import assessment
from csi.numerics.moments import Stack, correlations
from csi.numerics.solve import Floats
from csi.results.basis import slot_correlations
from csi.results.noun import Compute, Noun, double, of_constructs, single

Of = Literal["paths", "items", "constructs"]


def vif(blueprint: Blueprint, of: Of) -> Noun:
    """Variance inflation of causes among the causes of an effect, of items in their block, or of all constructs."""
    check_choice(of, "of", ("paths", "items", "constructs"))
    if of == "items":
        return _item_vif(blueprint)
    if of == "constructs":
        return _construct_vif(blueprint)
    causes, effects = blueprint.coefficient_index

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        return _of_causes(blueprint, estimates)[causes, effects]

    return Noun("vif", double(blueprint.coefficients, ("cause", "effect")), compute, null=None)


@of_constructs
def _item_vif(blueprint: Blueprint) -> Noun:
    return Noun("vif", double(blueprint.slot_labels(), ("construct", "item")), _of_items(blueprint), null=None)


@of_constructs
def _construct_vif(blueprint: Blueprint) -> Noun:
    return Noun("vif", single(blueprint.constructs, "construct"), _of_constructs(blueprint), null=None)


def _of_causes(blueprint: Blueprint, estimates: Estimates) -> Floats:
    """Variance inflation of every cause of every effect, as `equations`."""
    found, between = np.full_like(estimates.paths, np.nan), _unit(estimates.correlations)
    for effect in range(len(blueprint.constructs)):
        at = np.flatnonzero(blueprint.equations[:, effect])
        if len(at):
            found[at, effect] = assessment.inflation(between[np.ix_(at, at)])
    return found


def _of_items(blueprint: Blueprint) -> Compute:
    def compute(stack: Stack, estimates: Estimates) -> Floats:
        corr = slot_correlations(blueprint, stack)
        return np.concatenate([assessment.inflation(corr[block, block]) for block in blueprint.blocks])

    return compute


def _of_constructs(blueprint: Blueprint) -> Compute:
    k = len(blueprint.constructs)
    return lambda _, estimates: assessment.inflation(estimates.correlations[:k, :k])


def _unit(covariances: Floats) -> Floats:
    """Correlations of the scores, products among them."""
    sd = np.sqrt(np.einsum("iib->ib", covariances))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = covariances / (sd[:, None] * sd[None])
    return found


def f2(blueprint: Blueprint) -> Noun:
    """Effect size of every path: the unexplained share that the cause takes away, scores held fixed."""
    causes, effects = blueprint.coefficient_index

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        inflated = _of_causes(blueprint, estimates)[causes, effects]
        # The score of a product keeps the variance of a product.
        sd = np.sqrt(np.einsum("iib->ib", estimates.correlations))
        return assessment.effect_size(sd[causes] * estimates.paths[causes, effects], inflated, estimates.r2[effects])

    return Noun("f2", double(blueprint.coefficients, ("cause", "effect")), compute, null=None)


@of_constructs
def harman(blueprint: Blueprint) -> Noun:
    """Share of the variance of all items that their first principal component takes up."""

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        p = len(blueprint.items)
        first, _, _ = assessment.two_eigenvalues(correlations(stack.cov[:p, :p]))
        return first[None] / p

    return Noun("harman", single(["first component"], "share"), compute, null=None)
