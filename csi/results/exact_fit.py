"""Whether the model could fit exactly: distances of resamples from a population in which it does."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from csi.errors import NotAvailable, check_choice
from csi.methods.estimates import Estimates
from csi.numerics import assessment
from csi.numerics.moments import Stack, correlations
from csi.numerics.solve import Floats
from csi.results.basis import need_no_products, need_single_slots, slot_correlations
from csi.results.core import RESAMPLES, Core, check_level
from csi.results.goodness import Against, implied
from csi.results.tables import grouped

MEASURES = ("srmr", "d_uls", "d_g")


def table(core: Core, model: Literal["estimated", "saturated"], confidence_level: float) -> pd.DataFrame:
    """Distances, what they may be by chance where the model holds, and how often they are as large then."""
    check_choice(model, "model", ("estimated", "saturated"))
    check_level(confidence_level)
    need_single_slots(core.blueprint, "the fit of the model")
    need_no_products(core.blueprint, "the test of exact fit, which turns answers and not their products,")
    if core.draws is None or core.draws.kind not in RESAMPLES:
        raise NotAvailable("the test of exact fit needs resamples: fit.bootstrap(1_000, rng=7)")
    parts = [_group(core, g, model, confidence_level) for g in range(len(core.groups))]
    rows = pd.Index(MEASURES, name="measure", dtype=object)
    columns = ["estimate", "limit", "p_value"]
    return pd.DataFrame(np.concatenate(parts), index=grouped(rows, core.by, core.labels), columns=columns)


def _group(core: Core, g: int, model: Against, level: float) -> Floats:
    """`(3, 3)`: estimate, limit, p-value of every distance."""
    if core.blueprint.controls:
        raise NotAvailable(
            "the test of exact fit is of the constructs and their items; fit the study without controls= to make it"
        )
    at = core.stack.columns(slice(g, g + 1))
    estimates = Estimates(*(part[..., g : g + 1] for part in core.estimates))
    corr = correlations(at.cov)
    target = implied(core.blueprint, corr, estimates, model)
    estimate = np.stack(assessment.distances(corr, target)[:3])[:, 0]
    turn = transformation(corr[..., 0], target[..., 0])
    if turn is None:
        return np.full((3, 3), np.nan)
    drawn = _drawn(core, g, model, turn / at.sd())
    valid = np.isfinite(drawn)
    limit, p = np.full(3, np.nan), np.full(3, np.nan)
    for row in np.flatnonzero(valid.any(axis=1)):
        kept = drawn[row, valid[row]]
        limit[row] = np.quantile(kept, level)
        p[row] = (1 + (kept >= estimate[row]).sum()) / (len(kept) + 1)
    return np.stack([estimate, limit, p], axis=1)


def transformation(s: Floats, target: Floats) -> Floats | None:
    """S^-1/2 Sigma^1/2, which gives answers the correlations of the model [Beran & Srivastava 1985, sec. 2].

    None where a matrix is not positive definite.
    """
    if not (np.isfinite(s).all() and np.isfinite(target).all()):
        return None
    (low, first), (high, second) = np.linalg.eigh(s), np.linalg.eigh(target)
    if low[0] <= assessment.SINGULAR or high[0] <= assessment.SINGULAR:
        return None
    found: Floats = (first / np.sqrt(low)) @ first.T @ (second * np.sqrt(high)) @ second.T
    return found


def _drawn(core: Core, g: int, model: Against, turn: Floats) -> Floats:
    """Distances `(3, R)` of the replicates of one group, their answers turned; NaN where one failed."""
    draws = core.draws
    if draws is None:
        raise NotAvailable("there are no replicates")
    start = core.solution.columns(slice(g, g + 1))
    found = []
    for part, stack, _ in draws.batches():
        own = np.flatnonzero(np.arange(part.start, part.stop) // draws.size == g)
        if not len(own):
            continue
        # Moments of turned answers are turned moments: no case is touched.
        cov = np.moveaxis(turn.T @ np.moveaxis(stack.cov[..., own], -1, 0) @ turn, 0, -1)
        moved = Stack(np.zeros((len(cov), len(own))), np.ascontiguousarray(cov), stack.n[own])
        solution = core.method.solve(core.blueprint, moved, start.columns(np.zeros(len(own), np.intp)))
        estimates = core.method.estimates(core.blueprint, moved, solution)
        corr = slot_correlations(core.blueprint, moved)
        far = np.stack(assessment.distances(corr, implied(core.blueprint, corr, estimates, model))[:3])
        far[:, ~solution.converged] = np.nan
        found.append(far)
    return np.concatenate(found, axis=1)
