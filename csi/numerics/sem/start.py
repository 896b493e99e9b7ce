"""Start values near the optimum from a few matrix products: block factors, disattenuated regressions.

Each block of items gives loadings by alternating least squares on its off-diagonal covariances (one-factor MINRES);
weighted composites, corrected for their unreliability (Croon 2002), give construct correlations, and regressions
among these give the paths. All in scaled units; constructs are unit-variance until the markers set their scale.
"""

from __future__ import annotations

import numpy as np

from .isolated import solve
from .problem import Problem
from .scaling import Scaling
from .structure import DIRECTED, MEAN, SYMMETRIC, Cells, Floats, Ints, Structure


def start_values(
    structure: Structure, covariances: tuple[Floats, ...], means: tuple[Floats | None, ...], units: Scaling
) -> Floats:
    """Free parameters (B, free) in the user's units, from the standardized moments of every group."""
    total = np.zeros((len(covariances[0]), structure.n_free))
    count = np.zeros(structure.n_free)
    for cells, covariance, mean in zip(structure.groups, covariances, means, strict=True):
        values = _group_start(cells, covariance, mean, units)
        at = cells.at[: cells.n_cells]
        free = cells.free[: cells.n_cells]
        once = np.eye(structure.n_free)[free]
        total += (values[:, : cells.n_cells] * units.cell[:, at]) @ once
        count += once.sum(axis=0)
    out = total / np.maximum(count, 1.0)
    if structure.start is not None:
        given = np.isfinite(structure.start)
        out[:, given] = structure.start[given]
    return out


def _group_start(cells: Cells, covariance: Floats, mean: Floats | None, units: Scaling) -> Floats:
    """Start values of all cells of one group (B, cells), in scaled units."""
    size, p, v = len(covariance), cells.n_items, cells.n_variables
    blocks = _blocks(cells)
    loading = np.zeros((size, v, v))
    loading[:, :p] = _block_loadings(covariance, blocks)
    nodes = _node_correlation(cells, covariance, loading, blocks)
    unit = _node_units(cells, loading, nodes, units)
    return _fill(cells, covariance, mean, loading, nodes, unit, units)


def _blocks(cells: Cells) -> Floats:
    """Membership (p, v) of every item in the block of its first cause, unless that cause is an item."""
    member = np.zeros((cells.n_items, cells.n_variables))
    for cell in np.flatnonzero((cells.kind == DIRECTED) & (cells.row < cells.n_items) & (cells.col >= cells.n_items)):
        if not member[cells.row[cell]].any():
            member[cells.row[cell], cells.col[cell]] = 1.0
    return member


def _block_loadings(covariance: Floats, member: Floats) -> Floats:
    """Loadings (B, p, v) of unit-variance constructs on their own items."""
    together = member @ member.T
    np.fill_diagonal(together, 0.0)
    alone = (member.sum(axis=1) > 0) & (together.sum(axis=1) == 0)
    within = covariance * together
    size = np.sqrt(np.abs(within).sum(axis=2) / np.maximum(together.sum(axis=1), 1))
    weight = size * _signs(within, member)
    for _ in range(8):
        below = (weight[:, None, :] ** 2 @ together)[:, 0]
        weight = (within @ weight[:, :, None])[:, :, 0] / np.maximum(below, 1e-8)
        weight = np.clip(weight, -0.95, 0.95)
    small = np.abs(weight) < 0.1
    weight = np.where(small, np.where(weight < 0, -0.1, 0.1), weight)
    deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    weight = np.where(alone, deviation, weight)
    return weight[:, :, None] * member


def _signs(within: Floats, member: Floats) -> Floats:
    """Signs (B, p) of the items' covariances with the item that hangs most on their block."""
    out = np.ones(within.shape[:2])
    strength = np.abs(within).sum(axis=2)
    for construct in np.flatnonzero(member.sum(axis=0) > 1):
        items = np.flatnonzero(member[:, construct])
        leader = items[strength[:, items].argmax(axis=1)]
        across = within[np.arange(len(within))[:, None], items, leader[:, None]]
        out[:, items] = np.where((across < 0) & (items != leader[:, None]), -1.0, 1.0)
    return out


def _node_correlation(cells: Cells, covariance: Floats, loading: Floats, member: Floats) -> Floats:
    """Correlations of all variables (B, v, v): items as they are, constructs by corrected composites."""
    p, v = cells.n_items, cells.n_variables
    own = (loading[:, :p] ** 2).sum(axis=2)
    unique = np.maximum(np.diagonal(covariance, axis1=1, axis2=2) - own, 0.1)
    common = covariance.copy()
    where = np.flatnonzero(member.sum(axis=1) > 0)
    common[:, where, where] = own[:, where]
    weights = loading[:, :p] / unique[:, :, None]
    weights[:, :, :p] = np.eye(p)
    scale = (weights * np.where(np.arange(v) < p, 1.0, loading[:, :p])).sum(axis=1)
    scale[:, :p] = 1.0
    weights = weights / np.where(np.abs(scale) < 1e-6, 1.0, scale)[:, None, :]
    nodes = weights.transpose(0, 2, 1) @ common @ weights
    nodes[:, :p, :p] = covariance
    return _higher(cells, nodes, loading, member)


def _higher(cells: Cells, nodes: Floats, loading: Floats, member: Floats) -> Floats:
    """Add constructs without items as equal-weight composites of their constructs; then correlations within +-0.95."""
    for construct in range(cells.n_items, cells.n_variables):
        if member[:, construct].any():
            continue
        children = cells.row[(cells.kind == DIRECTED) & (cells.col == construct)]
        if not len(children):
            nodes[:, construct, construct] = 1.0
            continue
        row = nodes[:, children].mean(axis=1)
        between = nodes[:, children][:, :, children]
        count = len(children)
        common = (between.sum(axis=(1, 2)) - np.trace(between, axis1=1, axis2=2)) / max(count * (count - 1), 1)
        root = np.sqrt(np.maximum(common, 0.1)) if count > 1 else np.ones(len(nodes))
        nodes[:, construct] = nodes[:, :, construct] = row / root[:, None]
        nodes[:, construct, construct] = 1.0
    spread = np.sqrt(np.maximum(np.diagonal(nodes, axis1=1, axis2=2), 1e-8))
    outer = spread[:, :, None] * spread[:, None, :]
    nodes = np.clip(nodes / outer, -0.95, 0.95) * outer
    corner = np.arange(nodes.shape[1])
    nodes[:, corner, corner] = spread**2
    return nodes


def _node_units(cells: Cells, loading: Floats, nodes: Floats, units: Scaling) -> Floats:
    """Standard deviation (B, v) that the fixed cells give every construct (1 where its variance is fixed to 1)."""
    unit = np.ones(loading.shape[:2])
    fixed = (cells.free < 0) & (cells.value != 0)
    for cell in np.flatnonzero(fixed & (cells.kind == DIRECTED))[::-1]:
        effect, cause = cells.row[cell], cells.col[cell]
        if cause < cells.n_items or not _marks(cells, cell):
            continue
        value = cells.value[cell] / units.cell[:, cells.at[cell]]
        reach = loading[:, effect, cause] if effect < cells.n_items else nodes[:, effect, cause] * unit[:, effect]
        unit[:, cause] = np.where(np.abs(reach) < 0.05, 0.05 * np.sign(reach + 1e-12), reach) / value
    for cell in np.flatnonzero(fixed & (cells.kind == SYMMETRIC) & (cells.row == cells.col)):
        if cells.row[cell] >= cells.n_items:
            unit[:, cells.row[cell]] = np.sqrt(cells.value[cell])
    return unit


def _marks(cells: Cells, cell: int) -> bool:
    """Whether a fixed directed cell is a loading: on an item, or of a construct that has no items."""
    if cells.row[cell] < cells.n_items:
        return True
    return not ((cells.kind == DIRECTED) & (cells.col == cells.col[cell]) & (cells.row < cells.n_items)).any()


def _fill(
    cells: Cells, covariance: Floats, mean: Floats | None, loading: Floats, nodes: Floats, unit: Floats, units: Scaling
) -> Floats:
    """The cell values (B, cells)."""
    p = cells.n_items
    out = np.zeros((len(covariance), len(cells.kind)))
    residual = np.diagonal(nodes, axis1=1, axis2=2).copy()
    residual[:, :p] = np.diagonal(covariance, axis1=1, axis2=2)
    directed = cells.kind == DIRECTED
    causes_of = np.bincount(cells.row[directed], minlength=cells.n_variables)
    plain = directed & (cells.row < p) & (cells.col >= p) & (causes_of[cells.row] == 1)
    slope = loading[:, cells.row[plain], cells.col[plain]]
    _explain(out, residual, np.flatnonzero(plain), cells, slope, slope**2, unit)
    for effect in np.unique(cells.row[directed & ~plain]):
        into = np.flatnonzero(directed & (cells.row == effect))
        causes = cells.col[into]
        slope = solve(nodes[:, causes][:, :, causes] + 0.05 * np.eye(len(causes)), nodes[:, causes, effect])
        _explain(out, residual, into, cells, slope, slope * nodes[:, causes, effect], unit)
    symmetric = np.flatnonzero(cells.kind == SYMMETRIC)
    one, two = cells.row[symmetric], cells.col[symmetric]
    across = np.where((causes_of[one] > 0) | (causes_of[two] > 0), 0.0, nodes[:, one, two])
    out[:, symmetric] = np.where(one == two, residual[:, one], across) * unit[:, one] * unit[:, two]
    if mean is not None:
        level = np.flatnonzero((cells.kind == MEAN) & (cells.row < p))
        out[:, level] = mean[:, cells.row[level]]
    return out


def _explain(
    out: Floats, residual: Floats, into: Ints, cells: Cells, slope: Floats, part: Floats, unit: Floats
) -> None:
    """Write slopes (B, into) in the construct's units and take the explained parts from the residual variances."""
    effect, cause = cells.row[into], cells.col[into]
    out[:, into] = slope * unit[:, effect] / unit[:, cause]
    once = np.eye(residual.shape[1])[effect]
    residual[:] = np.where(once.any(axis=0), np.maximum(residual - part @ once, 0.1 * residual), residual)


def positive_start(
    problem: Problem, given: Floats, covariances: tuple[Floats, ...], means: tuple[Floats | None, ...]
) -> Floats:
    """Given starts (B, free) with variances kept positive, or automatic ones, where Sigma is not positive definite."""
    structure, first = problem.structure, problem.structure.first_cell
    variance = (structure.kind[first] == SYMMETRIC) & (structure.row[first] == structure.col[first])
    floor = np.where(variance, 0.05 * problem.units.parameter, -np.inf)
    out = given.copy()
    for repair in ("floor", "automatic"):
        with np.errstate(invalid="ignore", over="ignore"):
            bad = ~np.isfinite(problem.value(problem.evaluate(problem.coordinates(out))))
        if bad.any():
            automatic = repair == "automatic"
            other = start_values(structure, covariances, means, problem.units) if automatic else np.maximum(out, floor)
            out[bad] = other[bad]
    return out


def pathless_start(problem: Problem, automatic: Floats) -> Floats:
    """Automatic starts with all paths among constructs zero and disturbance variances a third of the marker's unit."""
    structure, first = problem.structure, problem.structure.first_cell
    among = structure.row[first] >= structure.n_items
    path = among & (structure.kind[first] == DIRECTED) & np.isin(structure.row[first], _with_items(structure))
    variance = among & (structure.kind[first] == SYMMETRIC) & (structure.row[first] == structure.col[first])
    out = np.where(path, 0.0, automatic)
    return np.where(variance, 0.3 * problem.units.parameter, out)


def _with_items(structure: Structure) -> np.ndarray:
    """Constructs that have items of their own."""
    loading = (structure.kind == DIRECTED) & (structure.row < structure.n_items)
    return np.unique(structure.col[loading])
