"""Whether constructs can be told apart: HTMT, HTMT2, Fornell and Larcker, cross-loadings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.errors import SettingsError, check_choice
from csi.methods.estimates import Estimates
from csi.numerics import assessment
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.basis import composite, need_single_slots, several, slot_correlations
from csi.results.core import Core, Interval
from csi.results.noun import Noun, double, of_constructs

MEASURES = ("htmt", "htmt2", "correlation", "fornell_larcker")
#: Above this difference a table says that absolute and signed correlations give another HTMT.
DIFFER = 0.01


def _pairs(blueprint: Blueprint) -> tuple[list[int], list[int], list[tuple[str, str]]]:
    rows, cols = np.triu_indices(len(blueprint.constructs), 1)
    names = [(blueprint.constructs[i], blueprint.constructs[j]) for i, j in zip(rows, cols, strict=True)]
    return rows.tolist(), cols.tolist(), names


@of_constructs
def validity(blueprint: Blueprint, absolute: bool = True) -> Noun:
    """HTMT, HTMT2, correlation and Fornell-Larcker ratio of every pair of constructs; NaN with composites."""
    need_single_slots(blueprint, "discriminant validity")
    check_choice(absolute, "absolute", (True, False))
    rows, cols, names = _pairs(blueprint)
    made = composite(blueprint)
    meant = ~(made[rows] | made[cols])
    extracting = several(blueprint)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        corr = slot_correlations(blueprint, stack)
        ratio = assessment.heterotrait_monotrait(corr, blueprint.blocks, absolute)[rows, cols]
        ratio2 = assessment.heterotrait_monotrait2(corr, blueprint.blocks)[rows, cols]
        ratio[~meant], ratio2[~meant] = np.nan, np.nan
        between = estimates.correlations[rows, cols]
        lower = np.fmin(*(_extracted(blueprint, estimates, extracting)[side] for side in (rows, cols)))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = between**2 / lower
        share[~meant] = np.nan
        return np.stack([ratio, ratio2, between, share], axis=1)

    return Noun("validity", double(names, ("construct", "other")), compute, MEASURES, None)


def _extracted(blueprint: Blueprint, estimates: Estimates, which: NDArray[np.bool_]) -> Floats:
    """Average variance extracted `(k, B)`; NaN where a construct is a composite or a single item."""
    found = np.full((len(which), estimates.loadings.shape[1]), np.nan)
    for j in np.flatnonzero(which):
        found[j] = assessment.extracted(estimates.loadings[blueprint.blocks[int(j)]])
    return found


def notes(core: Core) -> list[str]:
    """What a reader of the table must know: pairs where the variants of HTMT disagree or do not exist."""
    blueprint = core.blueprint
    _, _, names = _pairs(blueprint.plain)
    plain, signed = (core.values(validity(blueprint, absolute)) for absolute in (True, False))
    said = []
    for g, label in enumerate(core.labels):
        where = f" [{label}]" if core.by else ""
        one, other = (values[g].reshape(-1, len(MEASURES)) for values in (plain, signed))
        gap = [pair for pair, a, b in zip(names, one[:, 0], other[:, 0], strict=True) if abs(a - b) > DIFFER]
        if gap:
            said.append(
                f"HTMT of absolute and of signed correlations differ by more than {DIFFER} for {_listed(gap)}{where}"
            )
        none = [pair for pair, row in zip(names, one, strict=True) if np.isnan(row[1]) and not np.isnan(row[0])]
        if none:
            said.append(f"HTMT2 does not exist for {_listed(none)}{where}: a product of correlations is negative")
    return said


def _listed(pairs: list[tuple[str, str]]) -> str:
    return ", ".join(f"{one} - {other}" for one, other in pairs)


def table(core: Core, absolute: bool, interval: Interval | None, confidence_level: float, tidy: bool) -> pd.DataFrame:
    """Validity with its notes."""
    noun = validity(core.blueprint, absolute)
    found = core.table(noun, interval, confidence_level, tidy=tidy)
    found.attrs["notes"] = notes(core)
    return found


@of_constructs
def htmt(blueprint: Blueprint, limit: float, absolute: bool = True) -> Noun:
    """HTMT of every pair of constructs, its p-value against a limit; composites are left out."""
    if not (isinstance(limit, (int, float)) and 0 < limit <= 1):
        raise SettingsError(
            f"limit must lie between 0 and 1: .85 or .90 [Henseler et al. 2015], or 1; not {limit!r}. A test of"
            " HTMT = 0 says nothing about discriminant validity"
        )
    need_single_slots(blueprint, "HTMT")
    check_choice(absolute, "absolute", (True, False))
    rows, cols, names = _pairs(blueprint)
    made = composite(blueprint)
    kept = [i for i, (row, col) in enumerate(zip(rows, cols, strict=True)) if not (made[row] or made[col])]
    at = np.array(rows, np.intp)[kept], np.array(cols, np.intp)[kept]

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        corr = slot_correlations(blueprint, stack)
        return assessment.heterotrait_monotrait(corr, blueprint.blocks, absolute)[at]

    return Noun("htmt", double([names[i] for i in kept], ("construct", "other")), compute, null=float(limit))


@of_constructs
def cross_loadings(blueprint: Blueprint) -> Noun:
    """Correlation of every item with the score of every construct."""

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        corr = slot_correlations(blueprint, stack)
        shared = [np.einsum("imb,ib->mb", corr[block], estimates.weights[block]) for block in blueprint.blocks]
        return np.stack(shared, axis=1)

    rows = double(blueprint.slot_labels(), ("construct", "item"))
    return Noun("cross_loadings", rows, compute, blueprint.constructs)
