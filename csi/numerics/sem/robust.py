"""Robust standard errors and scaled statistics from the cases: MLR and MLM.

The score of case i with y = x_i - mu and z = W y is (z' dSigma z - tr(W dSigma)) / 2 + dmu' z. With A the information
and B the mean outer product of the scores, cov(theta) = A^-1 B A^-1 / n [Huber 1967; White 1982]. A is the observed
information for MLR and the expected one for MLM [Satorra & Bentler 1994, eq. 16.10]. Scaling factors:

    MLR   c = (tr(A1^-1 B1) - tr(A0^-1 B0)) / df      [Yuan & Bentler 2000 as computed by Mplus; 1 = saturated model]
    MLM   c = tr(U Gamma) / df = (tr(V Gamma) - tr(A0^-1 B0)) / df       [Satorra & Bentler 1994, 2001].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import derivatives as d
from .inference import Local
from .isolated import inverse
from .structure import MEAN, SYMMETRIC, Floats, Structure


@dataclass(frozen=True, eq=False)
class Robust:
    """Robust covariance matrix (free, free) and the traces behind the scaling factors.

    `trace_model` is tr(A0^-1 B0), `trace_saturated` tr(A1^-1 B1) or tr(V Gamma); `factor` is c, NaN without df.
    """

    covariance: Floats
    trace_model: float
    trace_saturated: float
    factor: float


def case_scores(
    here: Local, cases: tuple[Floats, ...], weights: tuple[Floats, ...] | None = None
) -> tuple[Floats, ...]:
    """Derivative of every case's log-likelihood with respect to the coordinates, one (n, z) a group.

    Without means in the structure the cases are taken about their (weighted) sample means.
    """
    out = []
    task = here.problem
    for g, (cells, point) in enumerate(zip(task.structure.groups, here.points, strict=True)):
        gap = _centred(here, cases[g], g, None if weights is None else weights[g])
        shadow = gap @ point.weight[0] @ point.model.bricks[0]
        index = d.pairs(cells)
        score = index.half * (shadow[:, index.x] * shadow[:, index.y] - point.lwl[0][index.own[2]])
        if point.gap is not None:
            score = score + shadow[:, cells.row[: cells.n_cells]] * d.mean_factor(cells, point.model)[0]
        out.append(score @ task.maps[g][0])
    return tuple(out)


def _centred(here: Local, cases: Floats, g: int, weights: Floats | None) -> Floats:
    """Standardized cases about the implied or the sample means."""
    task, point = here.problem, here.points[g]
    scaled = cases / task.units.variable[0, : task.structure.n_items]
    if point.gap is None:
        return scaled - np.average(scaled, axis=0, weights=weights)
    return np.asarray(scaled - point.model.mu(task.structure.n_items)[0], dtype=np.float64)


def outer_product(scores: tuple[Floats, ...], weights: tuple[Floats, ...] | None = None) -> Floats:
    """Mean outer product of the scores over all cases (z, z)."""
    total = sum(len(s) for s in scores)
    weighted = scores if weights is None else tuple(s * w[:, None] for s, w in zip(scores, weights, strict=True))
    return np.asarray(sum(s.T @ s for s in weighted), dtype=np.float64) / total


def mlr(
    here: Local, cases: tuple[Floats, ...], df: float, n_total: float, weights: tuple[Floats, ...] | None = None
) -> Robust:
    """Sandwich with observed information, and the Yuan-Bentler scaling factor as Mplus computes it.

    Case weights (mean 1 over all cases) give pseudo maximum likelihood.
    """
    meat = outer_product(case_scores(here, cases, weights), weights)
    unrestricted = _saturated_trace(here, cases, weights, at_model=False)
    return robust_from(here, here.information("observed")[0], meat, unrestricted, df, n_total)


def mlm(here: Local, cases: tuple[Floats, ...], df: float, n_total: float) -> Robust:
    """Sandwich with expected information, and the Satorra-Bentler scaling factor."""
    meat = outer_product(case_scores(here, cases))
    unrestricted = _saturated_trace(here, cases, None, at_model=True)
    return robust_from(here, here.information("expected")[0], meat, unrestricted, df, n_total)


def _saturated_trace(
    here: Local, cases: tuple[Floats, ...], weights: tuple[Floats, ...] | None, *, at_model: bool
) -> float:
    """tr(V Gamma) over all groups, with W of the model or (tr(A1^-1 B1)) of the sample.

    The part of case i is tr[(W (yy' - S))^2] / 2, plus y'Wy where the means are modelled.
    """
    structure, total = here.problem.structure, 0.0
    for g, x in enumerate(cases):
        weight = np.ones(len(x)) if weights is None else weights[g]
        scaled = x / here.problem.units.variable[0, : structure.n_items]
        gap = scaled - np.average(scaled, axis=0, weights=weight)
        sample = (gap * (weight / weight.sum())[:, None]).T @ gap
        inner = here.points[g].weight[0] if at_model else inverse(sample[None])[0]
        pulled, product = gap @ inner, inner @ sample
        distance = (pulled * gap).sum(axis=1)
        part = 0.5 * (distance**2 - 2 * (pulled @ sample * pulled).sum(axis=1) + (product * product.T).sum())
        part += distance if here.points[g].gap is not None else 0.0
        total += float((weight**2 * part).mean())
    return total


def robust_from(here: Local, bread: Floats, meat: Floats, saturated: float, df: float, n_total: float) -> Robust:
    """The sandwich and its traces."""
    inner = inverse(bread[None])[0]
    jacobian = here.jacobian[0]
    covariance = jacobian @ inner @ meat @ inner @ jacobian.T / n_total
    trace = float((inner * meat).sum())
    return Robust(covariance, trace, saturated, (saturated - trace) / df if df > 0 else np.nan)


def scaled_difference(
    chi2: float, df: float, factor: float, chi2_free: float, df_free: float, factor_free: float
) -> tuple[float, float, float]:
    """Scaled difference of two nested models: statistic, df and scaling factor [Satorra & Bentler 2001].

    The first model is the restricted one; `chi2` are unscaled statistics and `factor` their scaling factors.
    """
    gap = df - df_free
    scale = (df * factor - df_free * factor_free) / gap if gap > 0 else np.nan
    return (chi2 - chi2_free) / scale, gap, scale


def independence(structure: Structure) -> Structure:
    """The baseline model: free variances (and means, where the structure has them), nothing else."""
    p, groups = structure.n_items, structure.n_groups
    per_group = p * (2 if structure.has_means else 1)
    item = np.tile(np.arange(p), groups * (per_group // p)).astype(np.intp)
    kinds = [SYMMETRIC, MEAN] if structure.has_means else [SYMMETRIC]
    kind = np.tile(np.repeat(kinds, p), groups).astype(np.intp)
    col = np.where(kind == MEAN, 0, item).astype(np.intp)
    count = per_group * groups
    group = np.repeat(np.arange(groups), per_group).astype(np.intp)
    return Structure(p, p, kind, item, col, np.arange(count), np.zeros(count), group)


def saturated(structure: Structure) -> Structure:
    """The unrestricted model: all variances, covariances and (where the structure has them) means."""
    p, groups = structure.n_items, structure.n_groups
    low, high = np.tril_indices(p)
    one_kind = [np.full(len(low), SYMMETRIC)] + ([np.full(p, MEAN)] if structure.has_means else [])
    one_row = [low] + ([np.arange(p)] if structure.has_means else [])
    one_col = [high] + ([np.zeros(p, dtype=np.intp)] if structure.has_means else [])
    kind, row, col = (np.tile(np.concatenate(part), groups).astype(np.intp) for part in (one_kind, one_row, one_col))
    count = len(kind)
    group = np.repeat(np.arange(groups), count // groups).astype(np.intp)
    return Structure(p, p, kind, row, col, np.arange(count), np.zeros(count), group)
