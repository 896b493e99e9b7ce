"""Parameters of a covariance structure model: in codes with their errors, and standardized; the measurement table."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint
from csi.errors import NotAvailable
from csi.methods.cbsem import CBSEM
from csi.methods.estimates import Estimates
from csi.methods.sem_estimates import whole
from csi.methods.sem_structure import Cell, Layout
from csi.numerics import assessment
from csi.numerics.moments import Stack
from csi.numerics.sem.standardize import raw_cells, standardized_cells
from csi.numerics.solve import Floats
from csi.results.core import Core, Interval
from csi.results.noun import Noun
from csi.results.tables import COLUMNS, grouped

#: Levels of the rows.
LEVELS = ("kind", "left", "right")


def method_of(core: Core, what: str) -> CBSEM:
    """The method, if it is covariance structure analysis."""
    method = core.method
    if not isinstance(method, CBSEM):
        raise NotAvailable(f"{what} belong to covariance structure models: csi.Study(model, method=csi.CBSEM())")
    return method


def layout_of(core: Core, what: str) -> Layout:
    """The structure that was fitted."""
    return method_of(core, what).layout_of(core.blueprint, len(core.solution.values))


def cells_of(blueprint: Blueprint, built: Layout) -> list[Cell]:
    """Cells as tables name them; ordered items have residual variances that follow from the others."""
    residuals = [Cell("variances", name, name, "") for name in blueprint.item_names] if built.ordered else []
    return [*built.cells, *residuals]


@lru_cache(maxsize=64)
def _rows(blueprint: Blueprint, built: Layout) -> pd.MultiIndex:
    """`(kind, left, right)` of every cell, then of the defined parameters."""
    cells = [(cell.kind, cell.left, cell.right) for cell in cells_of(blueprint, built)]
    defined = [("defined", formula.name, formula.text.split(":=")[1].strip()) for formula in built.defined]
    return pd.MultiIndex.from_tuples([*cells, *defined], names=list(LEVELS))


def parameters(core: Core) -> Noun:
    """Every parameter in codes and, as a second measure, when items and constructs have variance one."""
    method, built = method_of(core, "parameters"), layout_of(core, "parameters")

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        structure, theta = whole(built, estimates.free.T)
        raw, ready = raw_cells(structure, theta), standardized_cells(structure, theta)
        if built.known_error.size:
            raw = raw * built.cell_units(method.moments(built, core.blueprint, stack)[2]).T
        both = [np.concatenate([cells, built.defined_values(cells)], axis=1).T for cells in (raw, ready)]
        return np.stack(both, axis=1)

    rows = _rows(core.blueprint, built).copy()
    return Noun("parameters", rows, compute, ("estimate", "standardized"), parametric=True, bare=True)


def table(core: Core, interval: Interval | None, confidence_level: float) -> pd.DataFrame:
    """The common columns, then `standardized` and its standard error."""
    noun = parameters(core)
    core.check_interval(interval)
    values, known = core.values(noun), core.uncertainty(noun, interval, confidence_level)
    parts = [known.std_error, known.conf_low, known.conf_high, known.statistic, known.p_value]
    columns = dict(zip(COLUMNS, [values, *parts], strict=True))
    flat = {name: np.asarray(part)[:, ::2].ravel() for name, part in columns.items()}
    flat |= {"standardized": values[:, 1::2].ravel(), "standardized_error": known.std_error[:, 1::2].ravel()}
    found = pd.DataFrame(flat, index=grouped(noun.rows, core.by, core.labels))
    found.attrs["interval"] = core.describe(interval, confidence_level, noun)
    return found


def measurement(core: Core, confidence_level: float) -> pd.DataFrame:
    """The table of theses: rows `(construct, item)`; loading, errors, standardized loading, SMC, alpha, CR, AVE."""
    built = layout_of(core, "the measurement table")
    found, known = table(core, None, confidence_level), set(_rows(core.blueprint, built))
    labels = [("loadings", *pair) for pair in core.blueprint.slot_labels()]
    labels = [label for label in labels if label in known]
    parts = []
    for g in range(len(core.labels)):
        parts.append(_of_group(core, _own(found, core, g).loc[labels], g))
    whole_table = pd.concat(parts)
    rows = pd.MultiIndex.from_tuples([label[1:] for label in labels], names=["construct", "item"])
    whole_table.index = grouped(rows, core.by, core.labels)
    return whole_table


def _own(found: pd.DataFrame, core: Core, g: int) -> pd.DataFrame:
    """Rows of one group."""
    size = len(found) // len(core.labels)
    own = found.iloc[g * size : (g + 1) * size]
    return own.droplevel(list(range(len(core.by)))) if core.by else own


def _of_group(core: Core, own: pd.DataFrame, g: int) -> pd.DataFrame:
    made = own[["estimate", "std_error", "statistic", "p_value", "standardized"]].copy()
    made["smc"] = made["standardized"] ** 2
    cov = core.stack.cov[..., g : g + 1]
    columns: dict[str, list[float]] = {"alpha": [], "cr": [], "ave": []}
    for _, construct, _ in own.index:
        block = core.blueprint.blocks[core.blueprint.position(construct)]
        items = core.blueprint.slots[block]
        loadings = core.estimates.loadings[block, g : g + 1]
        single = len(items) < 2
        values: tuple[Any, ...] = (
            (np.nan,) * 3
            if single
            else (
                assessment.alpha(cov[np.ix_(items, items)])[0],
                assessment.composite_reliability(loadings)[0],
                assessment.extracted(loadings)[0],
            )
        )
        for name, value in zip(columns, values, strict=True):
            columns[name].append(float(value))
    for name, listed in columns.items():
        made[name] = listed
    return made
