"""How far the model's correlations of the items are from those observed."""

from __future__ import annotations

from typing import Literal

import numpy as np

from csi.blueprint import Blueprint
from csi.errors import check_choice
from csi.methods.estimates import Estimates
from csi.numerics import assessment
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.basis import composite, need_single_slots, sizes, slot_correlations
from csi.results.noun import Noun, single

Against = Literal["estimated", "saturated"]
#: What the fit of correlations does not see.
MODERATED = (
    "Correlations of the items, as the linear part of the model implies them; an interaction takes part as a cause like"
    " any other, and its own items (products) are not fitted."
)
MEASURES = ("srmr", "d_uls", "d_g", "d_ml", "chi2", "nfi", "gof")


def implied(blueprint: Blueprint, corr: Floats, estimates: Estimates, model: Against) -> Floats:
    """Correlations of the items `(m, m, B)` that the estimated model, or one with all paths, implies."""
    constructs = estimates.correlations
    if model == "estimated":
        constructs = assessment.implied_constructs(constructs, estimates.paths, blueprint.equations)
    own = blueprint.plain
    k, loadings = len(own.constructs), estimates.loadings[: len(own.slots)]
    return assessment.implied_items(corr, loadings, constructs[:k, :k], own.blocks, composite(own))


def goodness(blueprint: Blueprint, model: Against) -> Noun:
    """SRMR, d_ULS, d_G, d_ML, chi2, NFI and GoF."""
    check_choice(model, "model", ("estimated", "saturated"))
    need_single_slots(blueprint, "the fit of the model")

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        corr = slot_correlations(blueprint.plain, stack)
        far = assessment.distances(corr, implied(blueprint, corr, estimates, model))
        chi2 = stack.n * far.d_ml
        with np.errstate(invalid="ignore", divide="ignore"):
            nfi = 1 + far.d_ml / assessment.log_determinant(corr)
        return np.stack([*far, chi2, nfi, global_goodness(blueprint, estimates)])

    note = MODERATED if blueprint.interactions else ""
    return Noun("goodness", single(MEASURES, "measure"), compute, null=None, note=note)


def global_goodness(blueprint: Blueprint, estimates: Estimates) -> Floats:
    """GoF `(B,)`: root of mean communality of the items times mean R2 [Tenenhaus et al. 2005, sec. 2.5].

    The mean is over the items of all blocks with several items.
    """
    own = blueprint.plain
    per_slot = np.repeat(sizes(own) > 1, sizes(own))
    explained = estimates.r2[blueprint.arrows.any(axis=0)]
    if not per_slot.any() or not len(explained):
        return np.full(estimates.loadings.shape[1], np.nan)
    square = (estimates.loadings[: len(per_slot)][per_slot] ** 2).mean(axis=0) * explained.mean(axis=0)
    # Impossible correlations may explain less than nothing.
    found: Floats = np.sqrt(np.where(square >= 0, square, np.nan))
    return found
