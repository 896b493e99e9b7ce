"""Structures beyond the catalogue: every kind of cell at once, recovered exactly from the moments they imply."""

from __future__ import annotations

import numpy as np
import pytest

from csi.numerics.sem.estimate import estimate, problem
from csi.numerics.sem.inference import implied_moments, local, parameter_covariance
from csi.numerics.sem.structure import DIRECTED, MEAN, SYMMETRIC, Structure

N = np.array([400.0])


def make(n_items, n_variables, cells):
    """A structure and its parameter values from cells (kind, row, col, value, free)."""
    count, rows, theta = 0, [], []
    for kind, row, col, value, free in cells:
        rows.append((kind, row, col, count if free else -1, value))
        count += bool(free)
        theta.extend([value] if free else [])
    table = np.array(rows)
    whole = [table[:, j].astype(np.intp) for j in range(4)]
    structure = Structure(n_items, n_variables, *whole, table[:, 4], np.zeros(len(table), dtype=np.intp))
    return structure, np.array(theta)


def block(items, construct, loadings, residual=0.4):
    """Loadings with a marker, and residual variances."""
    cells = [(DIRECTED, i, construct, w, k > 0) for k, (i, w) in enumerate(zip(items, loadings, strict=True))]
    return cells + [(SYMMETRIC, i, i, residual + 0.03 * i, True) for i in items]


def second_order():
    """Three constructs of three items under one of a higher order."""
    cells = [c for f in range(3) for c in block(range(3 * f, 3 * f + 3), 9 + f, (1, 0.8, 1.2))]
    cells += [(DIRECTED, 9, 12, 1.0, False), (DIRECTED, 10, 12, 0.9, True), (DIRECTED, 11, 12, 1.1, True)]
    return make(9, 13, cells + [(SYMMETRIC, v, v, 0.5, True) for v in (9, 10, 11)] + [(SYMMETRIC, 12, 12, 0.8, True)])


def everything():
    """Cross-loading, residual covariance, an item as cause, covarying disturbances, a fixed path, a negative marker."""
    cells = [c for f in range(4) for c in block(range(3 * f, 3 * f + 3), 14 + f, (1 if f else -1, 0.8, 1.2))]
    cells += [(SYMMETRIC, 12, 12, 1.0, True), (SYMMETRIC, 13, 13, 1.3, True), (SYMMETRIC, 12, 13, 0.4, True)]
    cells += [(SYMMETRIC, 14, 14, 0.9, True), (SYMMETRIC, 14, 12, 0.3, True), (SYMMETRIC, 14, 13, 0.2, True)]
    cells += [(DIRECTED, 4, 14, 0.3, True), (SYMMETRIC, 2, 5, 0.1, True)]
    cells += [(DIRECTED, 15, 14, 0.5, True), (DIRECTED, 15, 12, 0.3, True), (SYMMETRIC, 15, 15, 0.5, True)]
    cells += [(DIRECTED, 16, 15, 0.4, True), (DIRECTED, 16, 14, 0.2, False), (SYMMETRIC, 16, 16, 0.6, True)]
    cells += [(DIRECTED, 17, 16, 0.5, True), (DIRECTED, 17, 13, -0.4, True), (SYMMETRIC, 17, 17, 0.4, True)]
    return make(14, 18, [*cells, (SYMMETRIC, 16, 15, 0.1, True)])


def reciprocal():
    """Two constructs that cause each other, with an item of their own behind each."""
    cells = [c for f in range(2) for c in block(range(3 * f, 3 * f + 3), 8 + f, (1, 0.8, 1.2))]
    cells += [(SYMMETRIC, 6, 6, 1.0, True), (SYMMETRIC, 7, 7, 1.0, True), (SYMMETRIC, 6, 7, 0.3, True)]
    cells += [(DIRECTED, 8, 9, 0.3, True), (DIRECTED, 9, 8, 0.2, True), (DIRECTED, 8, 6, 0.6, True)]
    cells += [(DIRECTED, 9, 7, 0.5, True), (SYMMETRIC, 8, 8, 0.5, True), (SYMMETRIC, 9, 9, 0.5, True)]
    return make(8, 10, cells)


def formative():
    """A composite of two items without residual that causes a construct of three."""
    cells = [*block(range(3), 6, (1, 0.9, 0.7)), *block((3,), 7, (1,), 0.0)]
    cells = [c if c[:3] != (SYMMETRIC, 3, 3) else (*c[:3], 0.0, False) for c in cells]
    cells += [(SYMMETRIC, 4, 4, 1.0, True), (SYMMETRIC, 5, 5, 1.0, True), (SYMMETRIC, 4, 5, 0.3, True)]
    cells += [(DIRECTED, 6, 4, 0.5, True), (DIRECTED, 6, 5, 0.3, True), (SYMMETRIC, 6, 6, 0.5, True)]
    return make(6, 8, [*cells, (DIRECTED, 7, 6, 0.7, True), (SYMMETRIC, 7, 7, 0.4, True)])


MODELS = {"second order": second_order, "everything": everything, "reciprocal": reciprocal, "formative": formative}


@pytest.mark.parametrize("criterion", ["ML", "GLS", "ULS"])
@pytest.mark.parametrize("name", MODELS)
def test_implied_moments_give_the_parameters_back(name, criterion):
    structure, theta = MODELS[name]()
    sigma = implied_moments(structure, theta[None])[0].sigma(structure.n_items)
    assert np.linalg.eigvalsh(sigma[0])[0] > 0
    found = estimate(structure, sigma[:, None], None, N, criterion=criterion)
    assert found.status[0] == 0
    np.testing.assert_allclose(found.value, 0, atol=1e-12)
    np.testing.assert_allclose(found.theta[0], theta, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_derivatives_of_every_kind_of_cell(name):
    structure, theta = MODELS[name]()
    with_means = Structure(
        structure.n_items,
        structure.n_variables,
        *(
            np.concatenate([old, new]).astype(np.intp)
            for old, new in zip(
                (structure.kind, structure.row, structure.col, structure.free),
                (
                    np.full(structure.n_variables, MEAN),
                    np.arange(structure.n_variables),
                    np.zeros(structure.n_variables),
                    structure.n_free + np.arange(structure.n_variables),
                ),
                strict=True,
            )
        ),
        np.concatenate([structure.value, np.zeros(structure.n_variables)]),
        np.zeros(len(structure.kind) + structure.n_variables, dtype=np.intp),
    )
    rng = np.random.default_rng(0)
    p = structure.n_items
    sample = implied_moments(structure, theta[None])[0].sigma(p) + 0.1 * np.eye(p)
    mean = rng.normal(size=(1, 1, p))
    task = problem(with_means, sample[:, None], mean, N, "ML")
    z = task.coordinates(np.concatenate([theta, rng.normal(size=structure.n_variables)])[None])
    slope, hessian, _ = task.derivatives(task.evaluate(z), observed=True)
    for j in range(z.shape[1]):
        move = np.zeros_like(z)
        move[0, j] = 1e-6
        up, down = (task.evaluate(z + sign * move) for sign in (1, -1))
        np.testing.assert_allclose((task.value(up) - task.value(down))[0] / 2e-6, slope[0, j], atol=1e-7)
        bend = (task.derivatives(up, observed=False)[0] - task.derivatives(down, observed=False)[0])[0] / 2e-6
        np.testing.assert_allclose(bend, hessian[0, j], atol=1e-6)


def test_standard_errors_are_those_of_a_simulation():
    structure, theta = second_order()
    sigma = implied_moments(structure, theta[None])[0].sigma(9)[0]
    rng = np.random.default_rng(4)
    x = rng.multivariate_normal(np.zeros(9), sigma, size=(400, 400))
    covariance = np.stack([np.cov(sample.T, bias=True) for sample in x])[:, None]
    found = estimate(structure, covariance, None, N, tolerance=1e-8)
    assert (found.status == 0).mean() > 0.99
    errors = np.sqrt(
        np.diagonal(parameter_covariance(local(structure, theta[None], sigma[None, None], None, N), 400.0)[0])
    )
    np.testing.assert_allclose(found.theta[found.status == 0].std(axis=0), errors, rtol=0.15)
