"""Several groups: one model in each, cells shared or not, and the tests of what sharing costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fitmeasures import tail
from .robust import scaled_difference
from .structure import Bools, Floats, Structure


def multigroup(structure: Structure, n_groups: int, shared: Bools, freed_later: Bools | None = None) -> Structure:
    """The same model in every group.

    Cells where `shared` have one parameter in all groups. Cells where `freed_later` keep their fixed value in the
    first group and are free in the others: construct means, once intercepts are shared. Linear constraints and starts
    are not carried over.
    """
    later = np.zeros(len(structure.kind), dtype=bool) if freed_later is None else freed_later
    free = np.full((n_groups, len(structure.kind)), -1, dtype=np.intp)
    free[0] = structure.free
    count = structure.n_free
    for g in range(1, n_groups):
        own = np.unique(structure.free[(structure.free >= 0) & ~shared])
        number = np.arange(structure.n_free)
        number[own] = count + np.arange(len(own))
        count += len(own)
        free[g] = np.where(structure.free >= 0, number[structure.free], -1)
        new = np.flatnonzero(later)
        free[g, new] = count + np.arange(len(new))
        count += len(new)
    kind, row, col = (np.tile(part, n_groups) for part in (structure.kind, structure.row, structure.col))
    value = np.tile(structure.value, n_groups)
    group = np.repeat(np.arange(n_groups), len(structure.kind)).astype(np.intp)
    return Structure(structure.n_items, structure.n_variables, kind, row, col, free.ravel(), value, group)


@dataclass(frozen=True)
class Difference:
    """Test of a restricted model against a freer one.

    `rmsea` is that of the restrictions themselves, `cfi_change` CFI(restricted) - CFI(free): more than .01 down
    counts against invariance [Cheung & Rensvold 2002].
    """

    chi2: float
    df: float
    p_value: float
    rmsea: float
    cfi_change: float
    scaling_factor: float


def difference(
    restricted: dict[str, Floats],
    free: dict[str, Floats],
    n: float,
    n_groups: int,
    factors: tuple[float, float] | None = None,
) -> Difference:
    """Chi-square difference of two `fit_summary` results, scaled where both scaling factors are given.

    `factors` are those of the restricted and of the free model [Satorra & Bentler 2001].
    """
    pair = factors or (1.0, 1.0)
    one, two = ((float(m["chi2"][0]), float(m["df"][0])) for m in (restricted, free))
    statistic, df, scale = scaled_difference(*one, pair[0], *two, pair[1])
    excess = max(statistic - df, 0.0)
    rmsea = float(np.sqrt(excess / (df * n) * n_groups)) if df > 0 else float("nan")
    change = float(restricted["cfi"][0] - free["cfi"][0])
    return Difference(statistic, df, float(tail(np.array(statistic), df)), rmsea, change, scale)
