"""Parameters of a covariance structure model: in codes with their errors, and standardized; the measurement table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import NotAvailable
from csi.methods.cbsem import CBSEM, whole
from csi.methods.estimates import Estimates
from csi.methods.sem_structure import Cell, Layout
from csi.numerics import assessment
from csi.numerics.moments import Stack
from csi.numerics.sem.standardize import raw_cells, standardized_cells
from csi.numerics.sem.structure import Structure
from csi.numerics.solve import Floats
from csi.results.core import Core, Interval
from csi.results.noun import Noun
from csi.results.tables import grouped

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
    method = method_of(core, what)
    plain = method.layout(core.blueprint, False)
    return plain if plain.structure.n_free == len(core.solution.values) else method.layout(core.blueprint, True)


def cells_of(core: Core, built: Layout) -> list[Cell]:
    """Cells as tables name them; ordered items have residual variances that follow from the others."""
    residuals = [Cell("variances", name, name, "") for name in core.blueprint.item_names] if built.ordered else []
    return [*built.cells, *residuals]


def rows_of(core: Core, built: Layout) -> pd.MultiIndex:
    """`(kind, left, right)` of every cell, then of the defined parameters."""
    cells = [(cell.kind, cell.left, cell.right) for cell in cells_of(core, built)]
    defined = [("defined", formula.name, formula.text.split(":=")[1].strip()) for formula in built.defined]
    return pd.MultiIndex.from_tuples([*cells, *defined], names=list(LEVELS))


def _noun(core: Core, name: str, values: Callable[[Structure, Floats, Stack], Floats]) -> Noun:
    built = layout_of(core, "parameters")

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        structure, theta = whole(built, estimates.free.T)
        cells = values(structure, theta, stack)
        return np.concatenate([cells, built.defined_values(cells)], axis=1).T

    return Noun(name, rows_of(core, built), compute, parametric=True)


def parameters(core: Core) -> Noun:
    """Every parameter in codes."""
    method, built = method_of(core, "parameters"), layout_of(core, "parameters")

    def values(structure: Structure, theta: Floats, stack: Stack) -> Floats:
        cells = raw_cells(structure, theta)
        if built.known_error.size:
            cells = cells * built.cell_units(method.moments(built, core.blueprint, stack)[2]).T
        return cells

    return _noun(core, "parameters", values)


def standardized(core: Core) -> Noun:
    """Every parameter when items and constructs have variance one; defined ones follow from those."""
    return _noun(core, "standardized", lambda structure, theta, stack: standardized_cells(structure, theta))


def table(core: Core, interval: Interval | None, confidence_level: float) -> pd.DataFrame:
    """The common columns, then `standardized` and its standard error."""
    found = core.table(parameters(core), interval, confidence_level)
    ready = core.table(standardized(core), interval, confidence_level)
    found["standardized"] = ready["estimate"]
    found["standardized_error"] = ready["std_error"]
    return found


def measurement(core: Core, confidence_level: float) -> pd.DataFrame:
    """The table of theses: rows `(construct, item)`; loading, errors, standardized loading, SMC, alpha, CR, AVE."""
    found = table(core, None, confidence_level)
    labels = [("loadings", *pair) for pair in core.blueprint.slot_labels()]
    labels = [label for label in labels if label in layout_rows(core)]
    parts = []
    for g in range(len(core.labels)):
        parts.append(_of_group(core, _own(found, core, g).loc[labels], g))
    whole_table = pd.concat(parts)
    rows = pd.MultiIndex.from_tuples([label[1:] for label in labels], names=["construct", "item"])
    whole_table.index = grouped(rows, core.by, core.labels)
    return whole_table


def layout_rows(core: Core) -> set[tuple[str, str, str]]:
    """Rows of the parameters."""
    return set(rows_of(core, layout_of(core, "parameters")))


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
