"""Many fits in one call: bootstrap resamples, poor starts, units, bad matrices, invariances."""

from __future__ import annotations

import numpy as np
import pytest
from sem_models import build, mobi, moments

from csi.numerics.sem.admissible import admissibility
from csi.numerics.sem.discrepancy import evaluate
from csi.numerics.sem.estimate import estimate, problem
from csi.numerics.sem.inference import identification, local, parameter_covariance
from csi.numerics.sem.standardize import standardized_cells
from csi.numerics.sem.start import start_values
from csi.numerics.sem.summary import fit_summary

CONVERGED, NOT_CONVERGED, NOT_POSITIVE_DEFINITE, SINGULAR = range(4)
N = np.array([250.0])


def resamples(x, count, seed=1):
    weights = np.random.default_rng(seed).multinomial(len(x), np.full(len(x), 1 / len(x)), size=count) / len(x)
    mean = weights @ x
    second = (weights[:, None, :] * x.T) @ x
    return (second - mean[:, :, None] * mean[:, None, :])[:, None], mean[:, None]


@pytest.mark.parametrize("unit", ["as they are", "times 100", "one times 1000"])
def test_two_hundred_starts_reach_the_optimum_in_any_unit(unit):
    built = build("ACSI")
    x = mobi(built.items) * (100 if unit == "times 100" else 1)
    x[:, 0] *= 1000 if unit == "one times 1000" else 1
    covariance, _ = moments(x, 250)
    task = problem(built.structure, covariance, None, N, "ML")
    default = start_values(built.structure, (task.targets[0].covariance,), (None,), task.units)
    noise = np.random.default_rng(2024).normal(0, 0.3, size=(200, built.structure.n_free))
    starts = default + noise * task.units.parameter
    found = estimate(built.structure, np.repeat(covariance, 200, axis=0), None, N, start=starts)
    reached = np.abs(500 * found.value - 298.88722076) < 1e-6
    assert reached.sum() >= 195
    assert (found.status[~reached] != CONVERGED).all()


def test_resamples_stop_at_stationary_points_or_say_so():
    built = build("ACSI")
    covariance, _ = resamples(mobi(built.items), 300)
    found = estimate(built.structure, covariance, None, N, tolerance=1e-8)
    good = found.status == CONVERGED
    assert good.mean() > 0.95
    assert found.gradient[good].max() < 1e-6
    # About one resample in five has a negative variance: kept, and told.
    assert 0.1 < admissibility(built.structure, found.theta[good]).negative.any(axis=1).mean() < 0.3


def test_a_replicate_does_not_depend_on_its_neighbours():
    built = build("ACSI")
    covariance, _ = resamples(mobi(built.items), 40)
    together = estimate(built.structure, covariance, None, N)
    blocked = estimate(built.structure, covariance, None, N, block=7)
    for row in (0, 17, 39):
        alone = estimate(built.structure, covariance[row : row + 1], None, N)
        np.testing.assert_allclose(alone.theta[0], together.theta[row], atol=1e-9, rtol=1e-8)
        np.testing.assert_allclose(blocked.theta[row], together.theta[row], atol=1e-9, rtol=1e-8)
    np.testing.assert_array_equal(blocked.status, together.status)


def test_bad_matrices_spoil_only_themselves():
    built = build("ACSI")
    covariance, _ = moments(mobi(built.items), 250)
    batch = np.repeat(covariance, 5, axis=0)
    batch[1, 0, 3] = batch[1, 0, :, 3] = batch[1, 0, 4]
    batch[2] = np.nan
    batch[3, 0, 0, 0] = 0.0
    found = estimate(built.structure, batch, None, N)
    np.testing.assert_array_equal(found.status[[1, 2, 3]], NOT_POSITIVE_DEFINITE)
    assert np.isnan(found.theta[[1, 2, 3]]).all()
    np.testing.assert_allclose(500 * found.value[[0, 4]], 298.88722076, atol=1e-6)
    # What is computed from such a batch stays apart too, and silent.
    measures = fit_summary(built.structure, found, batch, None, N, N)
    for name in ("chi2", "cfi", "rmsea", "srmr", "gfi", "bic"):
        assert np.isnan(measures[name]).tolist() == [False, True, True, True, False], name
    here = local(built.structure, found.theta, batch, None, N)
    errors = np.diagonal(parameter_covariance(here, 250.0), axis1=1, axis2=2)
    assert np.isnan(errors).all(axis=1).tolist() == [False, True, True, True, False]
    assert np.isnan(identification(here).condition).tolist() == [False, True, True, True, False]
    assert admissibility(built.structure, found.theta).proper.tolist() == [True, False, False, False, True]
    assert np.isnan(standardized_cells(built.structure, found.theta)[1:4, 30]).all()


@pytest.mark.parametrize("criterion", ["ML", "GLS", "ULS"])
def test_units_only_scale_the_estimates(criterion):
    built = build("ACSI")
    x = mobi(built.items)
    unit = np.where(np.arange(x.shape[1]) % 2, 1.0, 1.0) * (10.0 if criterion == "ULS" else 1.0)
    if criterion != "ULS":
        unit = np.geomspace(0.01, 1000, x.shape[1])
    found = [estimate(built.structure, moments(y, 250)[0], None, N, criterion=criterion) for y in (x, x * unit)]
    factor = 1.0 if criterion != "ULS" else 100.0**2
    np.testing.assert_allclose(found[1].value, found[0].value * factor, rtol=1e-9)
    loading = built.number("Quality", "=~", "PERQ7")
    ratio = unit[built.items.index("PERQ7")] / unit[built.items.index("PERQ1")]
    np.testing.assert_allclose(found[1].theta[0, loading], found[0].theta[0, loading] * ratio, rtol=1e-8)


@pytest.mark.parametrize("means", [False, True])
@pytest.mark.parametrize("criterion", ["ML", "GLS", "ULS"])
def test_analytic_derivatives_are_those_of_the_discrepancy(criterion, means):
    built = build("ACSI", means=means, std_lv=means)
    rng = np.random.default_rng(0)
    covariance, mean = moments(mobi(built.items), 250)
    task = problem(built.structure, covariance, mean if means else None, N, criterion)
    z = task.coordinates(
        start_values(built.structure, (task.targets[0].covariance,), (task.targets[0].mean,), task.units)
    )
    z = z * (1 + 0.05 * rng.normal(size=z.shape))
    slope, hessian, _ = task.derivatives(task.evaluate(z), observed=True)
    step = 1e-6
    moved = np.repeat(z, 2 * z.shape[1], axis=0) + step * np.concatenate([np.eye(z.shape[1]), -np.eye(z.shape[1])])
    wide = problem(built.structure, *(np.repeat(m, len(moved), axis=0) for m in (covariance, mean)), N, criterion)
    points = wide.evaluate(moved)
    up, down = np.split(wide.value(points), 2)
    np.testing.assert_allclose((up - down) / (2 * step), slope[0], atol=2e-6 * np.abs(slope).max())
    up, down = np.split(wide.derivatives(points, observed=False)[0], 2)
    np.testing.assert_allclose((up - down) / (2 * step), hessian[0], atol=2e-6 * np.abs(hessian).max())


def test_equal_parameters_and_linear_constraints_agree():
    built = build("ACSI")
    covariance, _ = moments(mobi(built.items), 250)
    one, two = built.number("Quality", "=~", "PERQ2"), built.number("Quality", "=~", "PERQ3")
    structure = built.structure
    matrix = np.zeros((1, structure.n_free))
    matrix[0, one], matrix[0, two] = 1.0, -1.0
    names = ("n_items", "n_variables", "kind", "row", "col", "free", "value", "group")
    parts = {name: getattr(structure, name) for name in names}
    constrained = type(structure)(**parts, constraint_matrix=matrix, constraint_value=np.zeros(1))
    shared = structure.free.copy()
    shared[shared == two] = one
    shared[shared > two] -= 1
    equal = type(structure)(**(parts | {"free": shared}))
    assert constrained.n_estimated == equal.n_estimated == structure.n_free - 1
    found = [estimate(s, covariance, None, N) for s in (constrained, equal)]
    np.testing.assert_allclose(found[0].value, found[1].value, rtol=1e-10)
    np.testing.assert_allclose(np.delete(found[0].theta[0], two), found[1].theta[0], atol=1e-7)
    assert found[0].theta[0, one] == pytest.approx(found[0].theta[0, two], abs=1e-12)


def test_a_model_that_implies_no_moments_is_nan_not_an_error():
    built = build("ACSI")
    covariance, _ = moments(mobi(built.items), 250)
    task = problem(built.structure, covariance, None, N, "ML")
    values = np.zeros((1, len(built.structure.free)))
    with np.errstate(invalid="ignore"):
        assert np.isnan(evaluate(built.structure.groups[0], values, task.targets[0]).value[0])
