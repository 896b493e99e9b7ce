"""Where a covariance structure model misses the data: residuals, and what freeing a parameter would bring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special

from csi.errors import NotAvailable, SettingsError, check_choice
from csi.methods.sem_solved import FromCategories, FromMoments, FromPatterns
from csi.numerics.sem import residuals
from csi.numerics.sem.inference import implied_moments
from csi.numerics.sem.modification import modification
from csi.numerics.sem.structure import DIRECTED, SYMMETRIC, Ints, Structure
from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.sem_parameters import layout_of, method_of
from csi.results.tables import grouped

Kind = Literal["covariances", "correlations", "normalized", "standardized"]
KINDS = ("covariances", "correlations", "normalized", "standardized")
Candidate = tuple[str, str, str, int, int, int]


def residual_table(core: Core, of: Kind) -> pd.DataFrame:
    """Observed less implied `(items, items)`, groups first."""
    check_choice(of, "of", KINDS)
    layout_of(core, "residuals")
    names = core.blueprint.item_names
    parts = [_residuals(core, g, of) for g in range(len(core.groups))]
    rows = grouped(pd.Index(names, name="item", dtype=object), core.by, core.labels)
    return pd.DataFrame(np.concatenate(parts), index=rows, columns=names)


def _residuals(core: Core, g: int, of: Kind) -> Floats:
    p = len(core.blueprint.items)
    if not np.isfinite(core.solution.values[:, g]).all():
        return np.full((p, p), np.nan)
    solved = core.solved(g)
    if isinstance(solved, FromCategories):
        if of in ("normalized", "standardized"):
            raise NotAvailable(
                "residuals of ordered items are those of their polychoric correlations: of='correlations'"
            )
        corr: Floats = solved.answers.correlation - solved.here.points[0].model.sigma(p)[0]
        return corr
    structure, theta, covariance = solved.layout.structure, solved.theta, solved.sample[0]
    if of == "covariances":
        return np.asarray(residuals.residual_covariance(structure, theta, covariance)[0, 0] * _units(core, solved, g))
    if of == "correlations":
        return np.asarray(residuals.residual_correlation(structure, theta, covariance)[0, 0])
    if isinstance(solved, FromPatterns):
        raise NotAvailable("standardized residuals need complete answers; of='correlations' works with blanks")
    return np.asarray(residuals.standardized_residuals(solved.here, covariance, solved.n)[of == "standardized"][0])


def _units(core: Core, solved: FromMoments | FromPatterns, g: int) -> Floats:
    """What turns covariances of the structure into those of the codes."""
    at = core.stack.columns(slice(g, g + 1))
    units = method_of(core, "residuals").moments(solved.layout, core.blueprint, at)[2][:, 0]
    return np.outer(units, units)


def modification_table(core: Core, smallest: float, limit: int | None) -> pd.DataFrame:
    """Score tests of the parameters that the model leaves out, largest first within each group."""
    if limit is not None and not (isinstance(limit, int) and limit > 0):
        raise SettingsError(f"limit must be a positive whole number or None; not {limit!r}")
    parts: dict[Any, pd.DataFrame] = {}
    for g, label in enumerate(core.labels):
        parts[label] = _modification(core, g, smallest, limit)
    if not core.by:
        return next(iter(parts.values()))
    whole: pd.DataFrame = pd.concat(parts, names=list(core.by))
    return whole


def _modification(core: Core, g: int, smallest: float, limit: int | None) -> pd.DataFrame:
    layout_of(core, "modification indices")
    solved = core.solved(g)
    if not isinstance(solved, FromMoments):
        raise NotAvailable(
            "modification indices are score tests of ML, ULS and GLS on complete answers; compare two models instead"
        )
    listed = list(candidates(core, solved.layout.structure))
    kind, row, col = (np.array([each[j] for each in listed], np.intp) for j in (3, 4, 5))
    cells = kind, row, col, np.zeros(len(listed), np.intp)
    found = modification(
        solved.layout.structure, solved.theta, solved.covariance, None, np.array([solved.n]), cells, solved.criterion
    )
    at = core.stack.columns(slice(g, g + 1))
    units = method_of(core, "modification indices").moments(solved.layout, core.blueprint, at)[2]
    raw, ready = _changes(solved, kind, row, col, found.change, units)
    index = np.where(found.index > 0, found.index, np.nan)
    rows = pd.MultiIndex.from_tuples([each[:3] for each in listed], names=["kind", "left", "right"])
    table = pd.DataFrame(
        {"index": index, "p_value": special.chdtrc(1, index), "change": raw, "change_standardized": ready}, index=rows
    )
    table = table[table["index"] >= smallest].sort_values("index", ascending=False, kind="stable")
    return pd.DataFrame(table if limit is None else table.head(limit))


def _changes(
    solved: FromMoments, kind: Ints, row: Ints, col: Ints, change: Floats, units: Floats
) -> tuple[Floats, Floats]:
    """Expected changes in codes, and with unit variances (residual covariances: as correlations of the residuals)."""
    model = implied_moments(solved.layout.structure, solved.theta)[0]
    total = np.diagonal(model.covariance, axis1=1, axis2=2)[0]
    s = solved.layout.structure
    own = total.copy()
    same = (s.kind == SYMMETRIC) & (s.row == s.col)
    for at, number, value in zip(s.row[same], s.free[same], s.value[same], strict=True):
        own[at] = solved.theta[0, number] if number >= 0 else value
    with np.errstate(invalid="ignore", divide="ignore"):
        sd, rest = np.sqrt(total), np.sqrt(np.where(own > 0, own, np.nan))
        directed = kind == DIRECTED
        ready = np.where(directed, change * sd[col] / sd[row], change / (rest[row] * rest[col]))
    whole = np.ones((s.n_variables, 1))
    whole[: s.n_items] = units
    for item in solved.layout.known_error:
        whole[s.col[(s.kind == DIRECTED) & (s.row == item)]] = units[item]
    u = whole[:, 0]
    return np.where(directed, change * u[row] / u[col], change * u[row] * u[col]), ready


def candidates(core: Core, structure: Structure) -> Iterator[Candidate]:
    """Cells that are zero: cross-loadings, residual covariances of items, paths and covariances of constructs."""
    there = set(zip(structure.kind.tolist(), structure.row.tolist(), structure.col.tolist(), strict=True))
    there |= {(kind, col, row) for kind, row, col in there if kind == SYMMETRIC}
    items, names = core.blueprint.item_names, core.blueprint.constructs
    built = layout_of(core, "modification indices")
    at = built.constructs.tolist()
    for name, place in zip(names, at, strict=True):
        for i, item in enumerate(items):
            if (DIRECTED, i, place) not in there:
                yield "loadings", name, item, DIRECTED, i, place
    for i, first in enumerate(items):
        for j in range(i + 1, len(items)):
            if (SYMMETRIC, i, j) not in there:
                yield "covariances", first, items[j], SYMMETRIC, i, j
    for a, cause in enumerate(names):
        for b, effect in enumerate(names):
            if a != b and (DIRECTED, at[b], at[a]) not in there and not core.blueprint.arrows[b, a]:
                yield "paths", cause, effect, DIRECTED, at[b], at[a]
            if a < b and (SYMMETRIC, at[a], at[b]) not in there:
                yield "covariances", cause, effect, SYMMETRIC, at[a], at[b]
