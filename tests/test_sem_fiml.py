"""Maximum likelihood from cases with missing answers against lavaan 0.6-14."""

from __future__ import annotations

import numpy as np
import pytest
from sem_models import build, expected, mobi, moments, oracle
from test_sem_ml import NAMES

from csi.numerics.sem import fiml, robust
from csi.numerics.sem.estimate import estimate
from csi.numerics.sem.inference import local, parameter_covariance
from csi.numerics.sem.summary import degrees_of_freedom, fiml_summary, scaled_summary


def blanked(items):
    x = mobi(items)
    for j, item in enumerate(items):
        x[oracle("ACSI_FIML_mcar05")["missing"][item], j] = np.nan
    return x


@pytest.fixture(scope="module")
def fitted():
    built = build("ACSI", means=True)
    x = blanked(built.items)
    data = (fiml.patterns(x),)
    found = fiml.estimate_fiml(built.structure, data)
    whole, top = fiml.saturated_fit(built.structure, data)
    base = robust.independence(built.structure)
    below = fiml.fiml_local(base, fiml.baseline_theta(built.structure, data), data)
    return built, x, data, found, whole, top, below


def test_estimates_and_standard_errors(fitted):
    built, _, data, found, *_ = fitted
    here = fiml.fiml_local(built.structure, found.theta, data)
    v = parameter_covariance(here, 250.0, "observed")[0]
    estimates, errors = expected(oracle("ACSI_FIML_mcar05")["parameters"], built.labels)
    assert found.status[0] == 0
    assert found.gradient[0] < 1e-8
    np.testing.assert_allclose(found.theta[0], estimates, atol=5e-5)
    np.testing.assert_allclose(np.sqrt(np.diag(v)), errors, atol=1e-5)


def test_fit_measures(fitted):
    built, x, data, found, _, top, below = fitted
    value = below.problem.value(below.points)
    ours = fiml_summary(built.structure, found, top, value, np.array([250.0]), float(np.isfinite(x).sum()))
    ours |= fiml.fiml_goodness(fiml.fiml_local(built.structure, found.theta, data), (x,), 144.0)
    theirs = oracle("ACSI_FIML_mcar05")["fit"]
    for measure, name in NAMES.items():
        if measure in ours and name in theirs:
            np.testing.assert_allclose(ours[measure], theirs[name], rtol=2e-6, atol=2e-6, err_msg=measure)


def test_robust(fitted):
    built, x, data, found, whole, top, below = fitted
    here, above = fiml.fiml_local(built.structure, found.theta, data), fiml.fiml_local(whole, top.theta, data)
    df = float(degrees_of_freedom(built.structure))
    result = fiml.fiml_robust(here, above, (x,), df, 250.0)
    base = fiml.fiml_robust(below, above, (x,), 171.0, 250.0)
    reference = oracle("ACSI_FIML_MLR_mcar05")
    _, errors = expected(reference["parameters"], built.labels)
    np.testing.assert_allclose(np.sqrt(np.diag(result.covariance)), errors, atol=2e-5)
    value = below.problem.value(below.points)
    plain = fiml_summary(built.structure, found, top, value, np.array([250.0]), float(np.isfinite(x).sum()))
    ours = scaled_summary(plain, result.factor, base.factor, 250.0, 1)
    for measure in ("chi2", "cfi", "tli", "rmsea"):
        name = {"chi2": "chisq"}.get(measure, measure)
        np.testing.assert_allclose(ours[f"{measure}_scaled"], reference["fit"][f"{name}.scaled"], rtol=1e-5)
    np.testing.assert_allclose(base.factor, reference["fit"]["baseline.chisq.scaling.factor"], rtol=1e-6)


def test_the_scores_sum_to_nothing_at_the_optimum(fitted):
    built, x, data, found, *_ = fitted
    scores = fiml.fiml_scores(fiml.fiml_local(built.structure, found.theta, data), (x,))[0]
    np.testing.assert_allclose(scores.sum(axis=0), 0, atol=1e-7)


def test_complete_data_are_maximum_likelihood():
    built = build("ACSI", means=True)
    x = mobi(built.items)
    covariance, mean = moments(x, 250)
    n = np.array([250.0])
    ordinary = estimate(built.structure, covariance, mean, n)
    data = (fiml.patterns(x),)
    found = fiml.estimate_fiml(built.structure, data)
    np.testing.assert_allclose(found.theta, ordinary.theta, atol=1e-8)
    for kind in ("expected", "observed"):
        ours, theirs = (
            parameter_covariance(here, 250.0, kind)
            for here in (
                fiml.fiml_local(built.structure, found.theta, data),
                local(built.structure, ordinary.theta, covariance, mean, n),
            )
        )
        np.testing.assert_allclose(ours, theirs, atol=1e-8)


def test_case_weights_are_repeated_rows_and_replicates_stay_apart():
    built = build("ACSI", means=True)
    x = blanked(built.items)
    counts = np.random.default_rng(5).integers(0, 3, size=(2, len(x))).astype(float)
    together = fiml.estimate_fiml(built.structure, (fiml.patterns(x, counts),), tolerance=1e-9)
    for row in (0, 1):
        repeated = np.repeat(x, counts[row].astype(int), axis=0)
        alone = fiml.estimate_fiml(built.structure, (fiml.patterns(repeated),), tolerance=1e-9)
        np.testing.assert_allclose(together.theta[row], alone.theta[0], atol=1e-6)


def test_analytic_derivatives(fitted):
    built, _, data, *_ = fitted
    task = fiml.fiml_problem(built.structure, data)
    rng = np.random.default_rng(0)
    z = task.coordinates(fitted[3].theta) * (1 + 0.03 * rng.normal(size=fitted[3].theta.shape))
    slope, hessian, _ = task.derivatives(task.evaluate(z), observed=True)
    for j in rng.choice(z.shape[1], 12, replace=False):
        move = np.zeros_like(z)
        move[0, j] = 1e-6
        up, down = (task.evaluate(z + sign * move) for sign in (1, -1))
        np.testing.assert_allclose((task.value(up) - task.value(down))[0] / 2e-6, slope[0, j], atol=1e-6)
        bend = (task.derivatives(up, observed=False)[0] - task.derivatives(down, observed=False)[0])[0] / 2e-6
        np.testing.assert_allclose(bend, hessian[0, j], atol=1e-5 * np.abs(hessian).max())
