"""Simple slopes: the effect of a construct where another one, or itself, is low, average and high.

References
----------
Aiken, L. S., & West, S. G. (1991). Multiple regression: testing and interpreting interactions. Chapters 2 and 5.
Johnson, P. O., & Neyman, J. (1936). Tests of certain linear hypotheses and their application to some educational
    problems. Statistical Research Memoirs 1, 57-93.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from csi.blueprint import Blueprint, Interaction
from csi.errors import NotAvailable, SettingsError, suggest
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.core import Core, Interval
from csi.results.noun import Noun

#: What a slope is the slope of.
NOTE = (
    "Standard deviations of the effect per standard deviation of the construct; `at` is in standard deviations from"
    " the mean of the moderator, and every other construct is at its mean."
)


def find(blueprint: Blueprint, first: str, second: str) -> Interaction:
    """The interaction of two constructs, in either order.

    Raises
    ------
    SettingsError
        If a name is no construct.
    NotAvailable
        If the model has no such interaction.
    """
    known = blueprint.plain.constructs
    for name in (first, second):
        if name not in known:
            raise SettingsError(f"{name!r} is not a construct{suggest(str(name), known)}")
    for one in blueprint.interactions:
        names = tuple(blueprint.constructs[part] for part in one.parts)
        if names in ((first, second), (second, first)):
            return one
    there = ", ".join(one.name for one in blueprint.interactions)
    raise NotAvailable(
        f"the model has no interaction {first}:{second}"
        + (f"; it has {there}" if there else "")
        + f". Put one among the causes: Model(..., {{..., {f'{first}:{second}'!r}: [effect]}}), or in the text form"
        f" effect ~ {first}{'' if first == second else f' + {second}'} + {first}:{second}"
    )


def outcomes(blueprint: Blueprint, one: Interaction, on: str | None) -> list[int]:
    """The constructs that an interaction moves, or the one that was asked for."""
    moved = [int(j) for j in np.flatnonzero(blueprint.arrows[one.construct])]
    names = [blueprint.constructs[j] for j in moved]
    if on is None:
        return moved
    if on not in names:
        raise SettingsError(f"on={on!r} is not moved by {one.name}{suggest(str(on), names)}; it moves {names}")
    return [moved[names.index(on)]]


def places(at: Sequence[float]) -> Floats:
    """Read the places of the moderator."""
    try:
        found = np.atleast_1d(np.asarray(at, dtype=float))
    except (TypeError, ValueError):
        found = np.zeros(0)
    if found.ndim != 1 or not len(found) or not np.isfinite(found).all():
        raise SettingsError(f"at= takes numbers of standard deviations from the mean, such as (-1, 0, 1); not {at!r}")
    return found


def slopes(blueprint: Blueprint, first: str, second: str, at: Sequence[float], on: str | None = None) -> Noun:
    """Effect of the first construct at some places of the second, b_1 + b_12 z; of a square b_1 + 2 b_11 z."""
    one, levels = find(blueprint, first, second), places(at)
    moved = outcomes(blueprint, one, on)
    cause, times = blueprint.position(first), 2.0 if one.square else 1.0

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        own, by = estimates.paths[cause, moved], estimates.paths[one.construct, moved]
        found = own[:, None] + times * levels[None, :, None] * by[:, None]
        return found.reshape(-1, found.shape[-1])

    rows = [(blueprint.constructs[j], float(z)) for j in moved for z in levels]
    return Noun("slopes", pd.MultiIndex.from_tuples(rows, names=["effect", "at"]), compute, note=NOTE)


def lines(blueprint: Blueprint, first: str, second: str, effect: int, x: Floats, levels: Floats) -> Noun:
    """Expected effect, in its standard deviations from the mean, over the first construct, `(level, x)` a row.

    Every other construct is at its mean, and products are about theirs.
    """
    one = find(blueprint, first, second)
    cause, other = blueprint.position(first), blueprint.position(second)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        paths, mean = estimates.paths[:, effect], estimates.correlations[one.parts[0], one.parts[1]]
        grid, z = x[None, :, None], levels[:, None, None]
        found = paths[cause] * grid
        if one.square:
            found = found + paths[one.construct] * (grid**2 - 1)
        else:
            found = found + paths[other] * z + paths[one.construct] * (grid * z - mean)
        return np.broadcast_to(found, (len(levels), len(x), paths.shape[-1])).reshape(-1, paths.shape[-1])

    rows = pd.MultiIndex.from_product([levels.tolist(), x.tolist()], names=["at", "x"])
    return Noun("lines", rows, compute, null=None)


def table(
    core: Core, first: str, second: str, at: Sequence[float], on: str | None, interval: Interval | None, level: float
) -> pd.DataFrame:
    """Slopes with their uncertainty; `attrs["region"]` says where they differ from zero."""
    found = core.table(slopes(core.blueprint, first, second, at, on), interval, level)
    found.attrs["region"] = regions(core, first, second, on, level)
    return found


# -- region of significance -----------------------------------------------------------------------------------


def regions(core: Core, first: str, second: str, on: str | None, level: float) -> list[dict[str, Any]]:
    """Where the slope differs from zero, for every group and effect [Johnson & Neyman 1936; Aiken & West 1991]."""
    one = find(core.blueprint, first, second)
    found = []
    for effect in outcomes(core.blueprint, one, on):
        name = core.blueprint.constructs[effect]
        noun = slopes(core.blueprint, first, second, (0.0, 1.0, -1.0), name)
        values, error = core.values(noun), core.uncertainty(noun, "normal" if core.draws else None, level).std_error
        for g, label in enumerate(core.labels):
            own, variance = values[g], error[g] ** 2
            # Of b + c z: var b, var c and cov(b, c) from the variances at 0, 1 and -1.
            spread = variance[0], (variance[1] + variance[2]) / 2 - variance[0], (variance[1] - variance[2]) / 4
            ends = region(own[0], own[1] - own[0], spread, float(stats.t.isf((1 - level) / 2, core.df)))
            found.append({"group": label if core.by else "", "effect": name, **ends})
    return found


def region(b: float, c: float, spread: tuple[float, float, float], critical: float) -> dict[str, Any]:
    """Where |b + c z| exceeds its standard error times a critical value: `where` and the ends `low, high`.

    Parameters
    ----------
    spread : (float, float, float)
        Variance of b, variance of c, their covariance.
    """
    square = critical**2
    a2, a1, a0 = c**2 - square * spread[1], 2 * (b * c - square * spread[2]), b**2 - square * spread[0]
    nothing = {"low": float("nan"), "high": float("nan")}
    if not np.isfinite([a2, a1, a0]).all():
        return {"where": "unknown", **nothing}
    root = a1**2 - 4 * a2 * a0
    if root <= 0 or a2 == 0:
        return {"where": "everywhere" if a0 > 0 else "nowhere", **nothing}
    low, high = sorted(((-a1 - np.sqrt(root)) / (2 * a2), (-a1 + np.sqrt(root)) / (2 * a2)))
    return {"where": "outside" if a2 > 0 else "inside", "low": float(low), "high": float(high)}
