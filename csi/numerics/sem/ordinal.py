"""Structures of ordered items: weighted least squares on polychoric correlations, robust tests (WLSMV, ULSMV).

The latent answers have variance one (lavaan's delta parameterization): the residual variance of an item is not a
parameter but what its causes leave of one. Thresholds are saturated and keep their sample values, so the discrepancy

    F = (r - rho(theta))' W (r - rho(theta)),   W = diag(Gamma)^-1 (DWLS) or I (ULS)

runs over the correlations. With Delta = d rho / d theta (residual variances following), B = (Delta' W Delta)^-1:

    cov(theta) = B Delta' W Gamma W Delta B / (n - 1)                         [Muthen, du Toit & Spisic 1997]
    T scaled and shifted = T sqrt(df / tr((U Gamma)^2)) + df - sqrt(df tr(U Gamma)^2 / tr((U Gamma)^2))
                                                                              [Asparouhov & Muthen 2010]
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

from . import derivatives as d
from . import fitmeasures as fm
from .discrepancy import Point
from .estimate import Solution, search
from .isolated import inverse, solve
from .polychoric import Ordinal
from .problem import Problem
from .scaling import scaling
from .structure import SYMMETRIC, Cells, Floats, Implied, Ints, Structure, implied

Weighting = Literal["DWLS", "ULS"]


def widened(structure: Structure) -> Structure:
    """The structure with the residual variances of all items as further free parameters, after the others."""
    p = structure.n_items
    own = (structure.kind == SYMMETRIC) & (structure.row == structure.col) & (structure.row < p)
    kept = np.flatnonzero(~own)
    item = np.arange(p)
    symmetric, first = np.full(p, SYMMETRIC, dtype=np.intp), np.zeros(p, dtype=np.intp)
    return replace(
        structure,
        kind=np.concatenate([structure.kind[kept], symmetric]),
        row=np.concatenate([structure.row[kept], item]),
        col=np.concatenate([structure.col[kept], item]),
        free=np.concatenate([structure.free[kept], structure.n_free + item]),
        value=np.concatenate([structure.value[kept], np.zeros(p)]),
        group=np.concatenate([structure.group[kept], first]),
        start=None,
    )


def completed(wide: Structure, theta: Floats) -> Floats:
    """Parameters of the widened structure (B, free + p): theta and the residual variances that make diag(Sigma) one.

    diag(Sigma) is linear in them with the squared total effects among items as its matrix.
    """
    cells, p = wide.groups[0], wide.n_items
    whole = np.concatenate([theta, np.zeros((len(theta), p))], axis=1)
    model = implied(cells, _values(cells, whole))
    rest = 1 - np.diagonal(model.covariance[:, :p, :p], axis1=1, axis2=2)
    whole[:, -p:] = solve(model.effects[:, :p, :p] ** 2, rest)
    return whole


def _values(cells: Cells, theta: Floats) -> Floats:
    """Cell values from the parameters (B, cells)."""
    values = np.where(cells.free < 0, cells.value, 0.0) * np.ones((len(theta), 1))
    values[:, : cells.n_cells] = theta[:, cells.free[: cells.n_cells]]
    return values


@dataclass(frozen=True, eq=False)
class CorrelationPoint(Point):
    """A weighted least squares value with its residuals (B, pairs) and Delta (B, pairs, free)."""

    residual: Floats
    delta: Floats

    def take(self, rows: slice | np.ndarray) -> CorrelationPoint:
        """The point of some replicates."""
        base = Point.take(self, rows)
        parts = base.value, base.model, base.weight, base.pull, None, None, base.lwl
        return CorrelationPoint(*parts, self.residual[rows], self.delta[rows])


@dataclass(frozen=True, eq=False)
class CorrelationTarget:
    """Polychoric correlations (B, p, p) and the weights of their lower triangle (B, pairs)."""

    wide: Structure
    covariance: Floats
    weight: Floats
    share: Floats
    mean: None = None

    def take(self, rows: slice | np.ndarray) -> CorrelationTarget:
        """The target of some replicates."""
        return replace(self, covariance=self.covariance[rows], weight=self.weight[rows], share=self.share[rows])

    def evaluate(self, cells: Cells, values: Floats) -> CorrelationPoint:
        """f = F / 2 and what its derivatives need."""
        # The free cells of the structure are the first free parameters of the widened one.
        theta = np.zeros((len(values), self.wide.n_free - cells.n_items))
        theta[:, cells.free[: cells.n_cells]] = values[:, : cells.n_cells]
        model, delta = correlations(self.wide, theta)
        p = cells.n_items
        low, high = np.tril_indices(p, -1)
        residual = model.covariance[:, low, high] - self.covariance[:, low, high]
        value = 0.5 * (self.weight * residual**2).sum(axis=1)
        nothing = np.zeros((len(values), 0))
        return CorrelationPoint(value, model, nothing, nothing, None, None, nothing, residual, delta)

    def derivatives(self, cells: Cells, point: Point, *, observed: bool) -> tuple[Floats, Floats, Floats]:
        """Gradient, Delta' W Delta and its diagonal, of the free cells."""
        here = cast(CorrelationPoint, point)
        delta = here.delta[:, :, cells.free[: cells.n_cells]]
        weighted = delta * self.weight[:, :, None]
        slope = (here.residual[:, None, :] @ weighted)[:, 0]
        matrix = weighted.transpose(0, 2, 1) @ delta
        return slope, matrix, np.diagonal(matrix, axis1=1, axis2=2)


def correlations(wide: Structure, theta: Floats, *, follow: bool = True) -> tuple[Implied, Floats]:
    """Implied moments at theta (B, free) and Delta (B, pairs, free), residual variances following or held."""
    cells, p = wide.groups[0], wide.n_items
    model = implied(cells, _values(cells, completed(wide, theta)))
    full = np.zeros((len(theta), p * (p + 1) // 2, wide.n_free))
    low, high = np.tril_indices(p)
    full[:, :, cells.free[: cells.n_cells]] = d.sigma_jacobian(cells, model)
    on, off = full[:, low == high], full[:, low != high]
    count = wide.n_free - p
    if not follow:
        return model, off[:, :, :count]
    pulled = inverse(on[:, :, count:]) @ on[:, :, :count]
    return model, off[:, :, :count] - off[:, :, count:] @ pulled


def ordinal_problem(structure: Structure, correlation: Floats, weight: Floats) -> Problem:
    """The problem of a stack of correlation matrices (B, p, p) with weights (B, pairs)."""
    ones = np.ones((len(correlation), structure.n_items))
    goal = CorrelationTarget(widened(structure), correlation, weight, np.ones(len(correlation)))
    return Problem(structure, (goal,), scaling(structure, ones), np.ones(len(correlation)))


def weights_of(sample: Ordinal, weighting: Weighting) -> Floats:
    """The diagonal of W (pairs,)."""
    diagonal = np.diagonal(sample.nacov)[sample.n_thresholds :]
    return np.asarray(1 / diagonal if weighting == "DWLS" else np.ones(len(diagonal)), dtype=np.float64)


def estimate_ordinal(
    structure: Structure,
    sample: Ordinal,
    *,
    weighting: Weighting = "DWLS",
    start: Floats | None = None,
    tolerance: float = 1e-11,
    max_iter: int = 500,
) -> Solution:
    """Fit a one-group structure, all items ordered, to polychoric correlations; residual variances are implied.

    Cells of item variances in the structure are ignored. The statistic is 2 (n - 1) f, as in lavaan.
    """
    weight = weights_of(sample, weighting)[None]

    def task(rows: Ints) -> Problem:
        return ordinal_problem(structure, sample.correlation[None][rows], weight[rows])

    return search(task, 1, start, tolerance=tolerance, max_iter=max_iter, block=1)


@dataclass(frozen=True, eq=False)
class OrdinalInference:
    """Robust covariance matrix (free, free), threshold errors (thresholds,), and the adjusted statistics.

    `trace` and `trace_squared` are tr(U Gamma) and tr((U Gamma)^2); `factor` and `shift` make the scaled and shifted
    statistic T / factor + shift.
    """

    covariance: Floats
    threshold_errors: Floats
    trace: float
    trace_squared: float
    factor: float
    shift: float


def ordinal_inference(
    structure: Structure, theta: Floats, sample: Ordinal, weighting: Weighting = "DWLS", *, exact: bool = False
) -> OrdinalInference:
    """Sandwich and scaled-and-shifted adjustment at theta (1, free).

    Where an item itself is a cause (complaints measured by one ordered item), lavaan 0.6 takes its residual variance
    as known; so does this, for equal standard errors. `exact` lets it follow the parameters as the variance of one
    demands: the errors of the paths into and out of that item change by less than one per cent on mobi.
    """
    _, delta = correlations(widened(structure), theta, follow=exact)
    span = delta[0] @ structure.basis[0]
    q = sample.n_thresholds
    gamma = sample.nacov[q:, q:]
    weight = weights_of(sample, weighting)
    weighted = span * weight[:, None]
    inner = inverse((weighted.T @ span)[None])[0]
    meat = weighted.T @ gamma @ weighted
    basis = structure.basis[0]
    covariance = basis @ inner @ meat @ inner @ basis.T / (sample.n - 1)
    # U Gamma with U = W - W Delta B Delta' W.
    product = weight[:, None] * gamma - weighted @ (inner @ (weighted.T @ gamma))
    df = len(weight) - span.shape[1]
    errors = np.sqrt(np.diagonal(sample.nacov)[:q] / (sample.n - 1))
    return OrdinalInference(covariance, errors, *adjustment(product, df))


def adjustment(product: Floats, df: float) -> tuple[float, float, float, float]:
    """tr(U Gamma), tr((U Gamma)^2), scaling factor and shift of the scaled and shifted statistic."""
    trace, squared = float(np.trace(product)), float((product * product.T).sum())
    if df <= 0:
        return trace, squared, float("nan"), float("nan")
    return trace, squared, float(np.sqrt(squared / df)), float(df - np.sqrt(df * trace**2 / squared))


def baseline_adjustment(sample: Ordinal, weighting: Weighting = "DWLS") -> tuple[float, float, float]:
    """Statistic, scaling factor and shift of the model of uncorrelated items."""
    weight, p = weights_of(sample, weighting), len(sample.correlation)
    q = sample.n_thresholds
    r = sample.correlation[np.tril_indices(p, -1)]
    _, _, factor, shift = adjustment(weight[:, None] * sample.nacov[q:, q:], float(len(weight)))
    return float((sample.n - 1) * (weight * r**2).sum()), factor, shift


def ordinal_summary(
    structure: Structure,
    solution: Solution,
    inference: OrdinalInference,
    sample: Ordinal,
    weighting: Weighting = "DWLS",
) -> dict[str, Floats]:
    """Fit measures (1,) of a solution, plain and (`_scaled`) with the scaled and shifted statistics.

    SRMR over p (p + 1) / 2, CRMR over the correlations; GFI and WRMR count the saturated thresholds among the moments.
    """
    p, n = structure.n_items, sample.n - 1.0
    pairs, count = p * (p - 1) // 2, p * (p - 1) // 2 + sample.n_thresholds
    df = float(pairs - structure.n_estimated)
    base, base_factor, base_shift = baseline_adjustment(sample, weighting)
    chi2, base_chi2 = 2 * n * solution.value, np.array([base])
    scaled, base_scaled = chi2 / inference.factor + inference.shift, base_chi2 / base_factor + base_shift
    model, _ = correlations(widened(structure), solution.theta)
    low, high = np.tril_indices(p, -1)
    squares = ((model.covariance[0, low, high] - sample.correlation[low, high]) ** 2).sum()
    adjusted = fm.incremental(scaled, df, base_scaled, pairs) | fm.rmsea(scaled, df, n)
    gfi = 1 - chi2 / n / _length(sample, weighting)
    one = np.ones(1)
    return {
        "chi2": chi2,
        "df": df * one,
        "p_value": fm.tail(chi2, df),
        "n_parameters": one * (structure.n_estimated + sample.n_thresholds),
        "baseline_chi2": base_chi2,
        "baseline_df": pairs * one,
        **fm.incremental(chi2, df, base_chi2, pairs),
        **fm.rmsea(chi2, df, n),
        **{name: value for name, value in fm.absolute(chi2, df, n, 0).items() if name != "ecvi"},
        "gfi": gfi,
        "agfi": 1 - count / df * (1 - gfi) if df > 0 else one * np.nan,
        "pgfi": df / count * gfi,
        "srmr": one * np.sqrt(squares / (pairs + p)),
        "crmr": one * np.sqrt(squares / pairs),
        "wrmr": np.sqrt(chi2 / count),
        "chi2_scaled": scaled,
        "p_value_scaled": fm.tail(scaled, df),
        "scaling_factor": one * inference.factor,
        "shift": one * inference.shift,
        "baseline_chi2_scaled": base_scaled,
        "baseline_scaling_factor": one * base_factor,
        **{f"{name}_scaled": value for name, value in adjusted.items()},
    }


def _length(sample: Ordinal, weighting: Weighting) -> float:
    """Weighted squared length of thresholds and correlations."""
    q, p = sample.n_thresholds, len(sample.correlation)
    values = np.concatenate([*sample.thresholds, sample.correlation[np.tril_indices(p, -1)]])
    weight = 1 / np.diagonal(sample.nacov) if weighting == "DWLS" else np.ones(q + p * (p - 1) // 2)
    return float((weight * values**2).sum())
