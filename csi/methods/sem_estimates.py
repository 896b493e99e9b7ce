"""From the matrices of a structure to standardized estimates and Bartlett's item weights."""

from __future__ import annotations

import numpy as np

from csi.blueprint import Blueprint
from csi.methods.estimates import Estimates
from csi.methods.sem_structure import Layout
from csi.numerics.moments import Stack, correlations
from csi.numerics.sem import ordinal
from csi.numerics.sem.inference import cell_values
from csi.numerics.sem.structure import Structure, implied, matrices
from csi.numerics.solve import Floats


def estimates_of(blueprint: Blueprint, built: Layout, stack: Stack, free: Floats) -> Estimates:
    """Standardized loadings, correlations, paths, R2 and item weights from free parameters (q, B)."""
    structure, theta = whole(built, free.T)
    cells = structure.groups[0]
    values = cell_values(structure, 0, theta)
    model = implied(cells, values)
    causes, residual, _ = matrices(cells, values)
    direct = np.zeros_like(model.covariance)
    direct[:, :, cells.inner] = causes
    return standardized(blueprint, built, stack, direct, residual, model.covariance, free)


def whole(built: Layout, theta: Floats) -> tuple[Structure, Floats]:
    """The structure with every cell a parameter, and theta (B, q) completed: for ordered items, their residuals."""
    if not built.ordered:
        return built.structure, theta
    wide = ordinal.widened(built.structure)
    return wide, ordinal.completed(wide, theta)


def standardized(
    blueprint: Blueprint,
    built: Layout,
    stack: Stack,
    direct: Floats,
    residual: Floats,
    covariance: Floats,
    free: Floats,
) -> Estimates:
    """Estimates of a method from the matrices of the structure, replicates first."""
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    sd = np.sqrt(np.where(variance > 0, variance, np.nan))
    at, p = built.constructs, built.structure.n_items
    causes, effects = at[:, None], at[None, :]
    corr = covariance[:, causes, effects] / (sd[:, causes] * sd[:, effects])
    paths = direct[:, effects, causes] * sd[:, causes] / sd[:, effects] * blueprint.arrows
    r2 = 1 - np.diagonal(residual, axis1=1, axis2=2)[:, at] / variance[:, at]
    r2[:, ~blueprint.arrows.any(axis=0)] = np.nan
    owner = at[np.repeat(np.arange(len(at)), [block.stop - block.start for block in blueprint.blocks])]
    loadings = covariance[:, blueprint.slots, owner] / (sd[:, blueprint.slots] * sd[:, owner])
    error = np.diagonal(residual, axis1=1, axis2=2)[:, :p]
    slope = (loadings * sd[:, blueprint.slots]).T
    weights = bartlett(blueprint, stack, slope, error[:, blueprint.slots].T, item_sd(blueprint, built, stack))
    return Estimates(
        weights, loadings.T, np.moveaxis(corr, 0, -1), np.moveaxis(paths, 0, -1), r2.T, free,
    )  # fmt: skip


def item_sd(blueprint: Blueprint, built: Layout, stack: Stack) -> Floats:
    """Standard deviations (p, B) of the items in the units of the structure."""
    if built.ordered:
        return np.ones((len(blueprint.items), stack.size))
    sd = stack.sd() / np.abs(blueprint.intercept_slope[1])[:, None]
    found: Floats = sd / built.item_units(sd)
    return found


def bartlett(blueprint: Blueprint, stack: Stack, slope: Floats, error: Floats, sd: Floats) -> Floats:
    """Weights (m, B) of the standardized items, loading / residual variance, in scores of variance one.

    `slope` (m, B) is the loading up to a constant of the construct, `sd` (p, B) that of the items. NaN for a construct
    of several items one of which has no positive residual variance: its Bartlett score does not exist.
    """
    found = np.empty_like(slope)
    corr = correlations(stack.cov)
    for block in blueprint.blocks:
        items = blueprint.slots[block]
        if len(items) == 1:
            found[block] = np.where(np.isfinite(slope[block]), 1.0, np.nan)
            continue
        positive = (error[block] > 0).all(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            raw = slope[block] / error[block] * sd[items]
            between = corr[np.ix_(items, items)]
            size = np.sqrt(np.einsum("ib,ijb,jb->b", raw, between, raw))
            found[block] = np.where(positive, raw / size, np.nan)
    return found
