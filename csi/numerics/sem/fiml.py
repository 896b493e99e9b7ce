"""Maximum likelihood from cases with missing answers (FIML), batched over the patterns of missing answers.

Cases that answered the same items need only their count, mean and covariance matrix, so with n_k cases of pattern k

    f = sum_k (n_k / n) (log|Sigma_k| + tr(T_k Sigma_k^-1)) / 2,   T_k = S_k + (xbar_k - mu_k)(xbar_k - mu_k)',

with the rows and columns the pattern answered [Arbuckle 1996; Enders & Bandalos 2001]. Matrices keep their full size,
with zeros where nothing was answered, so every derivative is that of complete data, summed over patterns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from . import derivatives as d
from .discrepancy import Point, inverse_and_log_det
from .estimate import Solution, search
from .inference import Local
from .isolated import inverse
from .problem import Problem
from .robust import Robust, outer_product, robust_from, saturated
from .scaling import scaling
from .structure import Bools, Cells, Floats, Implied, Ints, Structure, implied


@dataclass(frozen=True, eq=False)
class Patterns:
    """The cases of one group by pattern, for a stack of replicates.

    `answered` (k, p); `share` (B, k) of the group's weight; `mean` (B, k, p) and `covariance` (B, k, p, p), zero where
    nothing was answered; `weight` (B,) the group's total weight; `member` (n,) the pattern of every case.
    """

    answered: Bools
    share: Floats
    mean: Floats
    covariance: Floats
    weight: Floats
    member: Ints


def patterns(cases: Floats, weights: Floats | None = None) -> Patterns:
    """Group the cases (n, p; NaN = missing) by pattern, with case weights (B, n) (all one where not given).

    Cases without any answer carry no information and must be left out before.
    """
    answered, member = np.unique(np.isfinite(cases), axis=0, return_inverse=True)
    member = member.ravel()
    weight = np.ones((1, len(cases))) if weights is None else weights
    filled = np.where(np.isfinite(cases), cases, 0.0)
    count, p = len(answered), cases.shape[1]
    share = np.zeros((len(weight), count))
    mean, covariance = np.zeros((len(weight), count, p)), np.zeros((len(weight), count, p, p))
    for k in range(count):
        rows, own = filled[member == k], weight[:, member == k]
        share[:, k] = own.sum(axis=1)
        part = own / np.where(share[:, k] > 0, share[:, k], 1.0)[:, None]
        mean[:, k] = part @ rows
        gap = rows - mean[:, k][:, None] * answered[k]
        covariance[:, k] = (gap * part[:, :, None]).transpose(0, 2, 1) @ gap
    total = share.sum(axis=1)
    return Patterns(answered, share / total[:, None], mean, covariance, total, member)


def available_moments(data: Patterns) -> tuple[Floats, Floats]:
    """Means (B, p) and variances (B, p) of the answers there are: the estimates of the independence model."""
    seen = (data.share[:, :, None] * data.answered).sum(axis=1)
    mean = (data.share[:, :, None] * data.mean).sum(axis=1) / seen
    gap = (data.mean - mean[:, None]) * data.answered
    square = np.diagonal(data.covariance, axis1=2, axis2=3) + gap**2
    return mean, (data.share[:, :, None] * square).sum(axis=1) / seen


def _pairwise(data: Patterns, mean: Floats) -> Floats:
    """Covariances (B, p, p) of the pairs there are, to start from; zero where a pair was never answered together."""
    gap = (data.mean - mean[:, None]) * data.answered
    square = data.covariance + gap[:, :, :, None] * gap[:, :, None, :]
    both = (data.answered[:, :, None] & data.answered[:, None, :]).astype(np.float64)
    seen = np.tensordot(data.share, both, axes=1)
    summed = (data.share[:, :, None, None] * square * both).sum(axis=1)
    return np.where(seen > 0, summed / np.where(seen > 0, seen, 1.0), 0.0)


@dataclass(frozen=True, eq=False)
class PatternPoint(Point):
    """A FIML value; `weight` and `pull` are means over patterns, the fields below those of every pattern."""

    weights: Floats
    pulls: Floats
    gaps: Floats

    def take(self, rows: slice | np.ndarray) -> PatternPoint:
        """The point of some replicates."""
        base = Point.take(self, rows)
        return PatternPoint(
            base.value,
            base.model,
            base.weight,
            base.pull,
            None,
            base.gap,
            base.lwl,
            self.weights[rows],
            self.pulls[rows],
            self.gaps[rows],
        )


@dataclass(frozen=True, eq=False)
class PatternTarget:
    """Standardized patterns of one group, ready for the optimizer.

    `covariance` and `mean` are available-case moments to start from; `constant` (B,) brings f back to the user's
    units; `share` (B,) is the group's part of all cases.
    """

    data: Patterns
    covariance: Floats
    mean: Floats
    constant: Floats
    share: Floats

    def take(self, rows: slice | np.ndarray) -> PatternTarget:
        """The target of some replicates."""
        data = replace(
            self.data,
            share=self.data.share[rows],
            mean=self.data.mean[rows],
            covariance=self.data.covariance[rows],
            weight=self.data.weight[rows],
        )
        return PatternTarget(data, self.covariance[rows], self.mean[rows], self.constant[rows], self.share[rows])

    def evaluate(self, cells: Cells, values: Floats) -> PatternPoint:
        """f, NaN where Sigma is not positive definite."""
        model, p = implied(cells, values), cells.n_items
        answered = self.data.answered
        both = answered[:, :, None] & answered[:, None, :]
        own = np.where(both, model.sigma(p)[:, None], np.eye(p))
        shape = own.shape
        inner, log_det = inverse_and_log_det(own.reshape(-1, p, p))
        weights = np.where(both, inner.reshape(shape), 0.0)
        gaps = (self.data.mean - model.mu(p)[:, None]) * answered
        moment = self.data.covariance + gaps[:, :, :, None] * gaps[:, :, None, :]
        part = log_det.reshape(shape[:2]) + (weights * moment).sum(axis=(2, 3))
        share = self.data.share
        value = 0.5 * (share * part).sum(axis=1) + self.constant
        pulls = weights - weights @ moment @ weights
        weight, pull = ((share[:, :, None, None] * m).sum(axis=1) for m in (weights, pulls))
        gap = (share[:, :, None] * gaps).sum(axis=1)
        lwl = d.sandwich(model.bricks, weight)
        return PatternPoint(value, model, weight, pull, None, gap, lwl, weights, pulls, gaps)

    def derivatives(self, cells: Cells, point: Point, *, observed: bool) -> tuple[Floats, Floats, Floats]:
        """Gradient, observed or expected information per case, and the expected one's diagonal."""
        here = cast(PatternPoint, point)
        weighted = (here.weights @ here.gaps[:, :, :, None])[:, :, :, 0]
        mean_weighted = (self.data.share[:, :, None] * weighted).sum(axis=1)
        lgl = d.sandwich(here.model.bricks, here.pull)
        slope = d.gradient(cells, lgl) - d.mean_gradient(cells, here.model, mean_weighted)
        information, diagonal = self._curvature(cells, here, weighted, observed)
        if observed:
            information += d.full(d.bending_pairs(cells, here.model, lgl), cells)
            pulled = (mean_weighted[:, None, :] @ here.model.bricks)[:, 0]
            information += d.mean_curvature(cells, here.model, here.lwl, pulled)
        else:
            mean = d.mean_jacobian(cells, here.model)
            information += mean.transpose(0, 2, 1) @ here.weight @ mean
        return slope, information, diagonal

    def _curvature(self, cells: Cells, point: PatternPoint, weighted: Floats, observed: bool) -> tuple[Floats, Floats]:
        """The part of the information that is a product of W's of one pattern (B, cells, cells), and its diagonal."""
        matrices, diagonals = [], []
        for b, share in enumerate(self.data.share):
            model = point.model.take(slice(b, b + 1))
            lwl = d.sandwich(model.bricks, point.weights[b])
            if observed:
                normal = lwl - 2 * d.sandwich(model.bricks, point.pulls[b])
                matrix = d.full(share[None] @ d.curvature_pairs(cells, lwl, normal), cells)[0]
                matrix += _cross(cells, model, lwl, weighted[b], share)
            else:
                matrix = d.full(share[None] @ d.expected_pairs(cells, lwl), cells)[0]
            mean = d.mean_jacobian(cells, model)[0]
            diagonals.append(share @ d.diagonal(cells, lwl) + (mean * (point.weight[b] @ mean)).sum(axis=0))
            matrices.append(matrix)
        return np.stack(matrices), np.stack(diagonals)


def _cross(cells: Cells, model: Implied, lwl: Floats, weighted: Floats, share: Floats) -> Floats:
    """sum_k share_k (d_k' W_k dSigma_a W_k dmu_b + the same with a and b exchanged), (cells, cells)."""
    index = d.pairs(cells)
    size, row = index.size, cells.row[: cells.n_cells]
    pulled = (weighted @ model.bricks[0]) * share[:, None]
    # sum_k pulled_k[x] * lwl_k[y, row]: one product of (size, k) and (k, size * size) matrices.
    three = (pulled.T @ lwl).reshape(size, size, size)
    cross = three[index.x[:, None], index.y[:, None], row] + three[index.y[:, None], index.x[:, None], row]
    cross = cross * index.half[:, None] * d.mean_factor(cells, model)[0]
    return np.asarray(cross + cross.T, dtype=np.float64)


def fiml_problem(structure: Structure, data: tuple[Patterns, ...]) -> Problem:
    """The standardized problem of a structure with means."""
    weight = np.stack([g.weight for g in data], axis=1)
    share = weight / weight.sum(axis=1, keepdims=True)
    moments = [available_moments(g) for g in data]
    seen = [(g.share[:, :, None] * g.answered).sum(axis=1) for g in data]
    sd = np.sqrt(sum(share[:, [g]] * m[1] for g, m in enumerate(moments)))
    targets = []
    for g, own in enumerate(data):
        mean = own.mean / sd[:, None]
        covariance = own.covariance / (sd[:, None, :, None] * sd[:, None, None, :])
        constant = (seen[g] * np.log(sd)).sum(axis=1)
        start = _pairwise(own, moments[g][0]) / (sd[:, :, None] * sd[:, None, :])
        scaled = replace(own, mean=mean, covariance=covariance)
        targets.append(PatternTarget(scaled, start, moments[g][0] / sd, constant, share[:, g]))
    return Problem(structure, tuple(targets), scaling(structure, sd), np.ones(len(sd)))


def estimate_fiml(
    structure: Structure,
    data: tuple[Patterns, ...],
    *,
    start: Floats | None = None,
    tolerance: float = 1e-11,
    max_iter: int = 300,
) -> Solution:
    """Fit a structure with means to cases with missing answers; `value` is f, without the constant of pi.

    The log-likelihood is -n f - (answers log 2 pi) / 2, chi2 that of `saturated(structure)` less it, times two.
    """

    def task(rows: np.ndarray) -> Problem:
        few = tuple(
            replace(g, share=g.share[rows], mean=g.mean[rows], covariance=g.covariance[rows], weight=g.weight[rows])
            for g in data
        )
        return fiml_problem(structure, few)

    return search(task, len(data[0].share), start, tolerance=tolerance, max_iter=max_iter, block=4)


def fiml_local(structure: Structure, theta: Floats, data: tuple[Patterns, ...]) -> Local:
    """The structure at theta (B, free), for `parameter_covariance` and the like."""
    task = fiml_problem(structure, data)
    z = task.coordinates(theta)
    return Local(task, z, task.evaluate(z), "ML")


def baseline_theta(structure: Structure, data: tuple[Patterns, ...]) -> Floats:
    """Estimates (B, free) of `independence(structure)`: available-case variances and means."""
    return np.concatenate([part for g in data for part in available_moments(g)[::-1]], axis=1)


def saturated_fit(structure: Structure, data: tuple[Patterns, ...]) -> tuple[Structure, Solution]:
    """The unrestricted model and its estimates: distinct covariances, then means, of every group."""
    whole = saturated(structure)
    return whole, estimate_fiml(whole, data)


def fiml_scores(here: Local, cases: tuple[Floats, ...]) -> tuple[Floats, ...]:
    """Derivative of every case's log-likelihood with respect to the coordinates, one (n, z) a group."""
    out = []
    task = here.problem
    for g, cells in enumerate(task.structure.groups):
        point = cast(PatternPoint, here.points[g])
        member, index = cast(PatternTarget, task.targets[g]).data.member, d.pairs(cells)
        scaled = cases[g] / task.units.variable[0, : cells.n_items]
        gap = np.where(np.isfinite(scaled), scaled - point.model.mu(cells.n_items)[0], 0.0)
        pulled = (gap[:, None, :] @ point.weights[0][member])[:, 0]
        shadow = pulled @ point.model.bricks[0]
        own = d.sandwich(point.model.bricks, point.weights[0])[:, index.own[2]]
        score = index.half * (shadow[:, index.x] * shadow[:, index.y] - own[member])
        score = score + shadow[:, cells.row[: cells.n_cells]] * d.mean_factor(cells, point.model)[0]
        out.append(score @ task.maps[g][0])
    return tuple(out)


def fiml_robust(here: Local, whole: Local, cases: tuple[Floats, ...], df: float, n_total: float) -> Robust:
    """Sandwich with observed information, and the Yuan-Bentler scaling factor as Mplus computes it.

    `whole` is the saturated model at its estimates, whose own sandwich gives tr(A1^-1 B1).
    """
    meat = outer_product(fiml_scores(whole, cases))
    top = float((inverse(whole.information("observed"))[0] * meat).sum())
    return robust_from(here, here.information("observed")[0], outer_product(fiml_scores(here, cases)), top, df, n_total)


def fiml_goodness(here: Local, cases: tuple[Floats, ...], df: float) -> dict[str, float]:
    """GFI, AGFI and PGFI of one FIML solution, as lavaan defines them for missing answers.

    1 - e'We / s'Ws with s the available means and pairwise covariances and W the expected information of the
    unrestricted moments under the patterns there are, at the implied ones.
    """
    structure, gfi = here.problem.structure, 0.0
    p, unit = structure.n_items, here.problem.units.variable[0, : structure.n_items]
    for g, x in enumerate(cases):
        point = cast(PatternPoint, here.points[g])
        target = cast(PatternTarget, here.problem.targets[g])
        mean, covariance = pairwise_moments(x / unit)
        share, weights = target.data.share[0], point.weights[0]
        gap = mean - point.model.mu(p)[0], covariance - point.model.sigma(p)[0]
        above, below = (_pattern_length(share, weights, *moments) for moments in (gap, (mean, covariance)))
        gfi += target.share[0] * (1 - above / below)
    count = structure.n_groups * (p * (p + 1) / 2 + p)
    agfi = 1 - count / df * (1 - gfi) if df > 0 else np.nan
    return {"gfi": gfi, "agfi": agfi, "pgfi": df / count * gfi}


def _pattern_length(share: Floats, weights: Floats, mean: Floats, covariance: Floats) -> float:
    """Squared length of (mean, covariance) in the metric of the patterns' information."""
    turned = weights @ covariance
    spread = 0.5 * (turned * turned.transpose(0, 2, 1)).sum(axis=(1, 2))
    return float(share @ (spread + ((weights @ mean) * mean).sum(axis=1)))


def pairwise_moments(cases: Floats) -> tuple[Floats, Floats]:
    """Available means (p,) and pairwise covariances (p, p) times (n - 1) / n, each pair about its own means."""
    seen = np.isfinite(cases).astype(np.float64)
    filled = np.where(seen > 0, cases, 0.0)
    count = seen.T @ seen
    own = filled.T @ seen / count
    covariance = (filled.T @ filled / count - own * own.T) * count / (count - 1)
    return filled.sum(axis=0) / seen.sum(axis=0), covariance * (len(cases) - 1) / len(cases)
