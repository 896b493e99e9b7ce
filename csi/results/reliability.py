"""How well the items of a construct agree: reliability, variance extracted, communality, one dimension or more."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint
from csi.errors import SettingsError, check_choice
from csi.methods.estimates import Estimates, Method
from csi.methods.pls import PLS
from csi.numerics import assessment
from csi.numerics.consistent import rho_a
from csi.numerics.items import feldt_interval
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.basis import several, slot_correlations
from csi.results.core import Core, check_level
from csi.results.noun import Noun, double, of_constructs, single

MEASURES = ("alpha", "alpha_standardized", "rho_a", "rho_c", "ave")


@of_constructs
def reliability(blueprint: Blueprint, method: Method) -> Noun:
    """Agreement of the items of every construct; NaN for composites and single items."""
    which = several(blueprint)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        corr, cov = slot_correlations(blueprint, stack), blueprint.slot_covariances(stack.cov)
        found = np.full((len(which), len(MEASURES), stack.size), np.nan)
        for j in np.flatnonzero(which):
            block = blueprint.blocks[int(j)]
            loadings = estimates.loadings[block]
            found[j, 0] = assessment.alpha(cov[block, block])
            found[j, 1] = assessment.alpha(corr[block, block])
            found[j, 3] = assessment.composite_reliability(loadings)
            found[j, 4] = assessment.extracted(loadings)
        found[which, 2] = dijkstra_henseler(blueprint, method, stack, estimates)[which]
        return found

    return Noun("reliability", single(blueprint.constructs, "construct"), compute, MEASURES, None)


def dijkstra_henseler(blueprint: Blueprint, method: Method, stack: Stack, estimates: Estimates) -> Floats:
    """rho_A of every construct, `(k, B)`; NaN for a single item, in mode B and where a method has no item weights."""
    if not isinstance(method, PLS):
        return np.full((len(blueprint.constructs), stack.size), np.nan)
    if method.standardized:
        found = rho_a(slot_correlations(blueprint, stack), estimates.weights, blueprint.blocks)
    else:
        raw = estimates.weights / stack.sd()[blueprint.slots]
        found = rho_a(blueprint.slot_covariances(stack.cov), raw, blueprint.blocks)
    in_mode_b = [part.mode == "B" for part in method.outer(blueprint)]
    found[in_mode_b] = np.nan
    return found


def table(
    core: Core, interval: Literal["percentile", "basic", "normal", "bca", "studentized", "feldt"] | None,
    confidence_level: float, tidy: bool,
) -> pd.DataFrame:  # fmt: skip
    """Reliability as a table; `interval="feldt"` gives both alphas their exact interval under normal answers."""
    noun = reliability(core.blueprint, core.method)
    if interval != "feldt":
        return core.table(noun, interval, confidence_level, tidy=tidy)
    if not tidy:
        raise SettingsError("interval='feldt' asks for intervals, which have their own rows: reliability(tidy=True)")
    check_level(confidence_level)
    found = core.table(noun, None, confidence_level, tidy=True)
    items = np.tile([block.stop - block.start for block in core.blueprint.plain.blocks], len(core.groups))
    n = np.repeat(core.stack.n, len(core.blueprint.plain.blocks))
    found[["conf_low", "conf_high"]] = np.nan
    for measure in MEASURES[:2]:
        rows = found.index.get_level_values("measure") == measure
        ends = [
            feldt_interval(float(value), float(cases), int(p), confidence_level)
            for value, cases, p in zip(found.loc[rows, "estimate"], n, items, strict=True)
        ]
        found.loc[rows, ["conf_low", "conf_high"]] = np.array(ends)
    found.attrs["interval"] = f"{100 * confidence_level:g} % interval of Feldt, for alpha only"
    return found


@of_constructs
def unidimensionality(blueprint: Blueprint) -> Noun:
    """First two eigenvalues of every block and rho of its first principal component; NaN as in `reliability`."""
    which = several(blueprint)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        corr = slot_correlations(blueprint, stack)
        found = np.full((len(which), 3, stack.size), np.nan)
        for j in np.flatnonzero(which):
            block = blueprint.blocks[int(j)]
            found[j] = np.stack(assessment.two_eigenvalues(corr[block, block]))
        return found

    measures = ("eigenvalue_1", "eigenvalue_2", "rho_pca")
    return Noun("unidimensionality", single(blueprint.constructs, "construct"), compute, measures, None)


@of_constructs
def communality(blueprint: Blueprint, of: Literal["constructs", "items"]) -> Noun:
    """Share of the items' variance that their construct explains, and that its causes explain (redundancy)."""
    check_choice(of, "of", ("constructs", "items"))
    owner = np.repeat(np.arange(len(blueprint.blocks)), [b.stop - b.start for b in blueprint.blocks])

    def items(stack: Stack, estimates: Estimates) -> Floats:
        square = estimates.loadings**2
        return np.stack([square, square * estimates.r2[owner]], axis=1)

    def constructs(stack: Stack, estimates: Estimates) -> Floats:
        mean = np.stack([assessment.extracted(estimates.loadings[block]) for block in blueprint.blocks])
        return np.stack([mean, mean * estimates.r2], axis=1)

    measures = ("communality", "redundancy")
    if of == "items":
        return Noun("communality", double(blueprint.slot_labels(), ("construct", "item")), items, measures, None)
    return Noun("communality", single(blueprint.constructs, "construct"), constructs, measures, None)
