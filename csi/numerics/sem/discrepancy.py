"""Discrepancy functions ML, GLS and ULS of one group: value, gradient and curvature with respect to its free cells.

All three are halved, f = F / 2, so that n f is minus the log-likelihood ratio for ML and the statistic is 2 n f:

    ML    F = log|Sigma| + tr(T Sigma^-1) - log|S| - p,  T = S + (xbar - mu)(xbar - mu)'   [Joreskog 1969]
    GLS   F = tr[(S^-1 (S - Sigma))^2] / 2 + (xbar - mu)' S^-1 (xbar - mu)                [Browne 1974]
    ULS   F = tr[(S - Sigma)^2] / 2        + (xbar - mu)' (xbar - mu).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from . import derivatives as d
from .isolated import cholesky, inverse
from .structure import Cells, Floats, Implied, implied

Criterion = Literal["ML", "GLS", "ULS"]


@dataclass(frozen=True, eq=False)
class Target:
    """Sample moments of one group for a stack of replicates, ready for a discrepancy function.

    `weight` is the constant W of GLS and ULS (B, p, p) and None for ML; `constant` is log|S| + p (ML) or 0;
    `share` is the group's part of all cases (B,).
    """

    covariance: Floats
    mean: Floats | None
    weight: Floats | None
    constant: Floats
    share: Floats

    def evaluate(self, cells: Cells, values: Floats) -> Point:
        """The discrepancy at the cell values (B, cells)."""
        return evaluate(cells, values, self)

    def derivatives(self, cells: Cells, point: Point, *, observed: bool) -> tuple[Floats, Floats, Floats]:
        """Gradient, information and the expected information's diagonal."""
        return derivatives(cells, point, observed=observed)

    def take(self, rows: slice | np.ndarray) -> Target:
        """The target of some replicates."""
        return replace(
            self,
            covariance=self.covariance[rows],
            mean=None if self.mean is None else self.mean[rows],
            weight=None if self.weight is None else self.weight[rows],
            constant=self.constant[rows],
            share=self.share[rows],
        )


@dataclass(frozen=True, eq=False)
class Point:
    """A discrepancy value with everything its derivatives need.

    `weight` is W, `pull` is G with gradient tr(G dSigma) / 2, `moment` is T (ML only), `gap` is xbar - mu or None;
    `lwl` is the flattened L'WL.
    """

    value: Floats
    model: Implied
    weight: Floats
    pull: Floats
    moment: Floats | None
    gap: Floats | None
    lwl: Floats

    def take(self, rows: slice | np.ndarray) -> Point:
        """The point of some replicates."""
        moment = None if self.moment is None else self.moment[rows]
        gap = None if self.gap is None else self.gap[rows]
        model, weight = self.model.take(rows), self.weight[rows]
        return Point(self.value[rows], model, weight, self.pull[rows], moment, gap, self.lwl[rows])


def target(
    covariance: Floats, mean: Floats | None, criterion: Criterion, share: Floats, scale: Floats | None = None
) -> Target:
    """The target of a criterion; for ULS `scale` (B, p) is the unit the items were divided by."""
    size, p = len(covariance), covariance.shape[-1]
    if criterion == "ML":
        log_det = 2 * np.log(np.diagonal(cholesky(covariance), axis1=1, axis2=2)).sum(axis=1)
        return Target(covariance, mean, None, log_det + p, share)
    if criterion == "GLS":
        bad = np.isnan(cholesky(covariance)[:, 0, 0])
        weight = inverse(covariance)
        weight[bad] = np.nan
        return Target(covariance, mean, weight, np.zeros(size), share)
    squared = np.ones((size, p)) if scale is None else scale**2
    return Target(covariance, mean, squared[:, :, None] * np.eye(p), np.zeros(size), share)


def evaluate(cells: Cells, values: Floats, goal: Target) -> Point:
    """The discrepancy at the cell values (B, cells); NaN where Sigma is not positive definite (ML)."""
    model, p = implied(cells, values), cells.n_items
    sigma = model.sigma(p)
    gap = None if goal.mean is None else goal.mean - model.mu(p)
    if goal.weight is None:
        moment = goal.covariance if gap is None else goal.covariance + gap[:, :, None] * gap[:, None, :]
        weight, log_det = inverse_and_log_det(sigma)
        value = 0.5 * (log_det + (weight * moment).sum(axis=(1, 2)) - goal.constant)
        pull = weight - weight @ moment @ weight
        return Point(value, model, weight, pull, moment, gap, d.sandwich(model.bricks, weight))
    weight = goal.weight
    scaled = weight @ (sigma - goal.covariance)
    value = 0.25 * (scaled * scaled.transpose(0, 2, 1)).sum(axis=(1, 2))
    if gap is not None:
        value = value + 0.5 * (gap * (weight @ gap[:, :, None])[:, :, 0]).sum(axis=1)
    return Point(value, model, weight, scaled @ weight, None, gap, d.sandwich(model.bricks, weight))


def inverse_and_log_det(sigma: Floats) -> tuple[Floats, Floats]:
    """Inverse and log-determinant of positive definite matrices (B, p, p), NaN for the others."""
    factor = cholesky(sigma)
    log_det = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    good = np.isfinite(log_det)
    if good.all():
        return inverse(sigma), log_det
    weight = np.full(sigma.shape, np.nan)
    weight[good] = inverse(sigma[good])
    return weight, log_det


def derivatives(cells: Cells, point: Point, *, observed: bool) -> tuple[Floats, Floats, Floats]:
    """Gradient (B, cells), observed or expected information per case, and the expected one's diagonal (B, cells)."""
    slope, lgl = gradient(cells, point)
    matrix = observed_information(cells, point, lgl) if observed else expected_information(cells, point)
    diagonal = d.diagonal(cells, point.lwl)
    if point.gap is not None:
        mean = d.mean_jacobian(cells, point.model)
        diagonal = diagonal + (mean * (point.weight @ mean)).sum(axis=1)
    return slope, matrix, diagonal


def gradient(cells: Cells, point: Point) -> tuple[Floats, Floats]:
    """Gradient of f (B, cells) and the flattened L'GL it came from."""
    lgl = d.sandwich(point.model.bricks, point.pull)
    slope = d.gradient(cells, lgl)
    if point.gap is not None:
        weighted = (point.weight @ point.gap[:, :, None])[:, :, 0]
        slope = slope - d.mean_gradient(cells, point.model, weighted)
    return slope, lgl


def expected_information(cells: Cells, point: Point) -> Floats:
    """Expected information of f per case (B, cells, cells)."""
    out = d.full(d.expected_pairs(cells, point.lwl), cells)
    if point.gap is not None:
        mean = d.mean_jacobian(cells, point.model)
        out = out + mean.transpose(0, 2, 1) @ point.weight @ mean
    return out


def observed_information(cells: Cells, point: Point, lgl: Floats) -> Floats:
    """Second derivative of f (B, cells, cells), analytic."""
    if point.moment is None:
        out = d.expected_pairs(cells, point.lwl)
    else:
        # N = 2 W T W - W, and W T W = W - G.
        out = d.curvature_pairs(cells, point.lwl, point.lwl - 2 * lgl)
    out += d.bending_pairs(cells, point.model, lgl)
    matrix = d.full(out, cells)
    if point.gap is not None:
        slope = (point.gap[:, None, :] @ point.weight @ point.model.bricks)[:, 0]
        matrix += d.mean_curvature(cells, point.model, point.lwl, slope)
        if point.moment is not None:
            matrix += d.mean_cross(cells, point.model, point.lwl, slope)
    return matrix
