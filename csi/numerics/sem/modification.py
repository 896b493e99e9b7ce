"""Modification indices: score tests of fixed or shared cells, with the expected change of each.

With gradient g_k of f for cell k and c_k = I_kk - I_kt I_tt^-1 I_tk the information it keeps after the free
parameters t, MI = n g_k^2 / c_k and EPC = -g_k / c_k [Sorbom 1989; Saris, Satorra & Sorbom 1987].
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .discrepancy import Criterion
from .inference import local
from .isolated import inverse
from .standardize import raw_cells
from .structure import SYMMETRIC, Floats, Ints, Structure


@dataclass(frozen=True, eq=False)
class Modification:
    """Score tests of the candidates (k,): statistic (one df) and expected change; NaN where not identified."""

    index: Floats
    change: Floats


def modification(
    structure: Structure,
    theta: Floats,
    covariance: Floats,
    mean: Floats | None,
    n: Floats,
    candidates: tuple[Ints, Ints, Ints, Ints],
    criterion: Criterion = "ML",
) -> Modification:
    """Score tests of candidate cells (kind, row, col, group), one at a time, at theta (1, free).

    A candidate may be absent from the structure (its value is then 0), fixed in it, or share its parameter with
    other cells: then the test is that of letting it go its own way.
    """
    wide, place, base = _expanded(structure, candidates)
    values = np.concatenate([raw_cells(structure, theta)[0], np.zeros(len(wide.kind) - len(structure.kind))])
    here = local(wide, values[None, wide.free >= 0], covariance, mean, n, criterion)
    slope, matrix, _ = (part[0] for part in here.problem.derivatives(here.points, observed=False))
    # Everything in scaled units until the end, where nothing is badly conditioned by units alone.
    unit = here.problem.units.parameter[0]
    theta_unit = unit[np.argmax(base != 0, axis=0)]
    span = base / unit[:, None] * theta_unit
    inner = inverse((span.T @ matrix @ span)[None])[0]
    cross = matrix[place] @ span
    own = matrix[place, place]
    left = own - ((cross @ inner) * cross).sum(axis=1)
    left = np.where(left > 1e-8 * own, left, np.nan)
    return Modification(float(np.sum(n)) * slope[place] ** 2 / left, -slope[place] / left * unit[place])


def _expanded(structure: Structure, candidates: tuple[Ints, Ints, Ints, Ints]) -> tuple[Structure, Ints, Floats]:
    """The structure with every free or candidate cell its own parameter.

    Also the parameter number of every candidate, and the derivative of the new parameters with respect to the
    coordinates of the old ones.
    """
    known = {key: cell for cell, key in enumerate(_keys(structure.kind, structure.row, structure.col, structure.group))}
    keys = _keys(*candidates)
    new = [j for j, key in enumerate(keys) if key not in known]
    known |= {keys[j]: len(structure.kind) + i for i, j in enumerate(new)}
    cell = np.array([known[key] for key in keys], dtype=np.intp)
    parts = (
        np.concatenate([old, extra[new]])
        for old, extra in zip((structure.kind, structure.row, structure.col, structure.group), candidates, strict=True)
    )
    kind, row, col, group = parts
    loose = np.concatenate([structure.free >= 0, np.ones(len(new), dtype=bool)])
    loose[cell] = True
    free = np.where(loose, np.cumsum(loose) - 1, -1)
    value = np.concatenate([structure.value, np.zeros(len(new))])
    wide = replace(
        structure,
        kind=kind,
        row=row,
        col=col,
        group=group,
        free=free,
        value=value,
        start=None,
        constraint_matrix=None,
        constraint_value=None,
    )
    base = np.zeros((int(loose.sum()), structure.n_free))
    old = np.flatnonzero(structure.free >= 0)
    base[free[old], structure.free[old]] = 1.0
    return wide, free[cell], base @ structure.basis[0]


def _keys(kind: Ints, row: Ints, col: Ints, group: Ints) -> list[tuple[int, int, int, int]]:
    """Hashable names of cells, the two ends of a covariance in one order."""
    swap = (kind == SYMMETRIC) & (row < col)
    one, two = np.where(swap, col, row), np.where(swap, row, col)
    return list(zip(kind.tolist(), one.tolist(), two.tolist(), group.tolist(), strict=True))
