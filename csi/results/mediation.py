"""Along which way an effect runs, and whether two numbers of one noun differ."""

from __future__ import annotations

from typing import Any

import numpy as np

from csi.blueprint import Blueprint
from csi.errors import SettingsError, suggest
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.effects import total_effects
from csi.results.noun import Noun, double, single


def vaf(blueprint: Blueprint) -> Noun:
    """Variance accounted for: the share of a total effect that runs through other constructs."""
    arrows = blueprint.arrows.astype(float)[..., None]
    indirectly = (total_effects(arrows) - arrows)[..., 0] > 0
    cause, effect = np.nonzero(indirectly)
    names = [(blueprint.constructs[c], blueprint.constructs[e]) for c, e in zip(cause, effect, strict=True)]

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        direct, total = estimates.paths[cause, effect], total_effects(estimates.paths)[cause, effect]
        with np.errstate(invalid="ignore", divide="ignore"):
            share: Floats = (total - direct) / np.where(total != 0, total, np.nan)
        return share

    return Noun("vaf", double(names, ("cause", "effect")), compute, null=None)


def contrast(noun: Noun, first: Any, second: Any) -> Noun:
    """First row of a noun minus second."""
    at = [_position(noun, row) for row in (first, second)]
    name = " minus ".join(_said(noun.flat_rows[i]) for i in at)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        values = noun.flat(stack, estimates)
        return values[at[:1]] - values[at[1:]]

    return Noun(f"contrast of {noun.name}", single([name], "contrast"), compute)


def _position(noun: Noun, row: Any) -> int:
    rows = list(noun.flat_rows)
    wanted = tuple(row) if isinstance(row, list) else row
    if wanted not in rows:
        known = [_said(one) for one in rows]
        raise SettingsError(f"{row!r} is not a row of {noun.name}, such as {rows[0]!r}{suggest(_said(wanted), known)}")
    return rows.index(wanted)


def _said(row: Any) -> str:
    return " -> ".join(map(str, row)) if isinstance(row, tuple) else str(row)
