"""Items and constructs: weights, loadings, correlations, explained variance."""

from __future__ import annotations

from typing import Literal

import numpy as np

from csi.blueprint import Blueprint
from csi.errors import check_choice
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.noun import Noun, double, of_constructs, single


def weights(blueprint: Blueprint, of: Literal["standardized", "points"]) -> Noun:
    """Weight of every item in a score of variance one: of the standardized item, or of its points."""
    check_choice(of, "of", ("standardized", "points"))

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        if of == "standardized":
            return estimates.weights
        raw: Floats = estimates.weights / stack.sd()[blueprint.slots]
        return raw

    return Noun("weights", double(blueprint.slot_labels(), ("construct", "item")), compute)


def loadings(blueprint: Blueprint) -> Noun:
    """Correlation of every item with the score of its construct."""
    rows = double(blueprint.slot_labels(), ("construct", "item"))
    return Noun("loadings", rows, lambda _, e: e.loadings, parametric=True)


@of_constructs
def correlations(blueprint: Blueprint) -> Noun:
    """Correlation of every pair of constructs."""
    rows, cols = np.triu_indices(len(blueprint.constructs), 1)
    names = [(blueprint.constructs[i], blueprint.constructs[j]) for i, j in zip(rows, cols, strict=True)]
    labels = double(names, ("construct", "other"))
    return Noun("correlations", labels, lambda _, e: e.correlations[rows, cols], parametric=True)


def r2(blueprint: Blueprint) -> Noun:
    """Explained variance of every construct with causes, plain and adjusted, 1 - (1 - R2)(n - 1)/(n - q - 1)."""
    has = np.flatnonzero(blueprint.arrows.any(axis=0))
    causes = blueprint.equations.sum(axis=0)[has][:, None]

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        plain = estimates.r2[has]
        left = stack.n - causes - 1
        adjusted = 1 - (1 - plain) * (stack.n - 1) / np.where(left > 0, left, np.nan)
        return np.stack([plain, adjusted], axis=1)

    names = [blueprint.constructs[j] for j in has]
    return Noun("r2", single(names, "construct"), compute, ("r2", "r2_adjusted"), None, True)
