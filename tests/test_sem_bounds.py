"""Bounds: kept, and where they hold f would fall only beyond them."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from sem_models import build, mobi, moments
from test_sem_batch import resamples

from csi.numerics.sem.admissible import admissibility
from csi.numerics.sem.bounds import estimate_bounded
from csi.numerics.sem.estimate import estimate, problem
from csi.numerics.sem.inference import local

N = np.array([250.0])


def variances(built):
    return np.array([op == "~~" and one == two for one, op, two, _ in built.labels])


def test_variances_kept_at_zero_are_a_minimum_there():
    built = build("ACSI")
    covariance, _ = resamples(mobi(built.items), 60)
    lower = np.where(variances(built), 0.0, -np.inf)
    upper = np.full(len(lower), np.inf)
    found = estimate_bounded(built.structure, covariance, None, N, lower, upper)
    free = estimate(built.structure, covariance, None, N)
    good = found.solution.status == 0
    assert good.mean() > 0.8
    # Without a disturbance a construct is its causes: paths that the data cannot tell apart are singular.
    assert np.isin(found.solution.status, [0, 3]).mean() > 0.95
    assert (found.solution.theta[good] >= lower - 1e-9).all()
    assert (found.solution.value[good] >= free.value[good] - 1e-12).all()
    held = good & (found.active != 0).any(axis=1)
    assert 0.05 < held.mean() < 0.4
    assert not admissibility(built.structure, found.solution.theta[good]).negative.any()
    here = local(built.structure, found.solution.theta[good], covariance[good], None, N)
    slope = here.problem.derivatives(here.points, observed=False)[0]
    active = found.active[good]
    assert np.abs(slope[active == 0]).max() < 1e-7
    assert (slope[active == -1] > -1e-9).all()


def test_a_bound_agrees_with_a_general_optimizer():
    built = build("ACSI")
    covariance, _ = moments(mobi(built.items), 250)
    path = built.number("Satisfaction", "~", "Expectation")
    lower, upper = np.full(46, -np.inf), np.full(46, np.inf)
    lower[path] = 0.1
    found = estimate_bounded(built.structure, covariance, None, N, lower, upper)
    assert found.active[0, path] == -1
    assert found.solution.theta[0, path] == 0.1
    task = problem(built.structure, covariance, None, N, "ML")
    start = task.coordinates(estimate(built.structure, covariance, None, N).theta)[0]

    def value(z):
        points = task.evaluate(z[None])
        return task.value(points)[0], task.derivatives(points, observed=False)[0][0]

    bounds = list(zip((lower / task.units.parameter)[0], (upper / task.units.parameter)[0], strict=True))
    start[path] = bounds[path][0]
    other = minimize(value, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 5000, "ftol": 1e-15})
    np.testing.assert_allclose(found.solution.value[0], other.fun, rtol=1e-8)


def test_bounds_that_do_not_bind_change_nothing():
    built = build("ACSI")
    covariance, _ = moments(mobi(built.items), 250)
    found = estimate_bounded(built.structure, covariance, None, N, np.full(46, -50.0), np.full(46, 50.0))
    np.testing.assert_array_equal(found.active, 0)
    np.testing.assert_allclose(500 * found.solution.value[0], 298.88722076, atol=1e-7)
