"""Several groups with means: the invariance ladder and equal regressions against lavaan 0.6-14."""

from __future__ import annotations

import numpy as np
import pytest
from sem_models import ACSI, build, expected, mobi, oracle
from test_sem_ml import NAMES

from csi.numerics.sem.estimate import estimate
from csi.numerics.sem.inference import local, parameter_covariance
from csi.numerics.sem.invariance import difference, multigroup
from csi.numerics.sem.robust import independence, mlr, saturated
from csi.numerics.sem.structure import MEAN
from csi.numerics.sem.summary import degrees_of_freedom, fit_summary

LADDER = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
N = np.array([125.0, 125.0])


def halves(items):
    x = mobi(items)
    groups = (x[:125], x[125:])
    covariance = np.stack([np.cov(g.T, bias=True) for g in groups])[None]
    return groups, covariance, np.stack([g.mean(axis=0) for g in groups])[None]


def fitted(equal, paths):
    built = build("ACSI", paths, groups=2, means=True, equal=equal)
    groups, covariance, mean = halves(built.items)
    found = estimate(built.structure, covariance, mean, N)
    return built, groups, covariance, mean, found


@pytest.mark.parametrize("step", LADDER)
def test_every_step_of_the_ladder(step):
    built, _, covariance, mean, found = fitted(LADDER[step], {})
    reference = oracle("ACSI_invariance")[step]
    estimates, errors = expected(reference["parameters"], built.labels)
    assert found.status[0] == 0
    v = parameter_covariance(local(built.structure, found.theta, covariance, mean, N), 250.0)[0]
    # lavaan's file is not polished: its estimates are good to 2e-4.
    np.testing.assert_allclose(found.theta[0], estimates, atol=3e-4)
    np.testing.assert_allclose(np.sqrt(np.diag(v)), errors, atol=2e-4)
    assert 500 * found.value[0] <= reference["fit"]["chisq"] + 1e-9
    ours = fit_summary(built.structure, found, covariance, mean, N, N)
    for measure, name in NAMES.items():
        if measure in ours and reference["fit"].get(name) is not None:
            np.testing.assert_allclose(ours[measure], reference["fit"][name], rtol=1e-6, atol=1e-5, err_msg=measure)


def test_difference_tests():
    summaries = []
    for equal in LADDER.values():
        built, _, covariance, mean, found = fitted(equal, {})
        summaries.append(fit_summary(built.structure, found, covariance, mean, N, N))
    rows = oracle("ACSI_invariance")["lrt"]["rows"][1:]
    for restricted, free, row in zip(summaries[1:], summaries[:-1], rows, strict=True):
        found = difference(restricted, free, 250.0, 2)
        np.testing.assert_allclose([found.chi2, found.rmsea, found.df, found.p_value], row[4:], rtol=1e-5, atol=1e-6)
        assert found.cfi_change == pytest.approx(float(restricted["cfi"][0] - free["cfi"][0]))


@pytest.mark.parametrize(("extra", "key"), [((), "free"), (("regressions",), "equal_regressions")])
def test_equal_regressions(extra, key):
    built, _, _, _, found = fitted(("loadings", "intercepts", *extra), ACSI)
    reference = oracle("ACSI_multigroup_regressions")[key]
    assert found.status[0] == 0
    assert built.structure.n_estimated == reference["npar"]
    assert degrees_of_freedom(built.structure) == reference["df"]
    np.testing.assert_allclose(500 * found.value[0], reference["chisq"], rtol=1e-8)


def test_multigroup_makes_the_same_structure():
    single = build("ACSI", {}, means=True)
    shared = np.array([kind == 0 or (kind == MEAN) for kind in single.structure.kind])
    later = (single.structure.kind == MEAN) & (single.structure.row >= single.structure.n_items)
    both = multigroup(single.structure, 2, shared, later)
    _, covariance, mean = halves(single.items)
    found = estimate(both, covariance, mean, N)
    assert both.n_free == 116
    np.testing.assert_allclose(500 * found.value[0], oracle("ACSI_invariance")["scalar"]["fit"]["chisq"], rtol=1e-8)


def test_two_unrelated_groups_are_two_fits():
    both, _, covariance, _, found = fitted((), ACSI)
    one = build("ACSI", means=True)
    alone = [estimate(build("ACSI").structure, covariance[:, g : g + 1], None, N[:1]) for g in (0, 1)]
    np.testing.assert_allclose(found.value[0], np.mean([a.value[0] for a in alone]), rtol=1e-9)
    assert both.structure.n_free == 2 * one.structure.n_free


def test_robust_scaling_with_groups_and_means():
    built, groups, covariance, mean, found = fitted(("loadings",), {})
    here = local(built.structure, found.theta, covariance, mean, N)
    result = mlr(here, groups, degrees_of_freedom(built.structure), 250.0)
    # The saturated model's trace is that of its own sandwich.
    full = saturated(built.structure)
    theta = np.concatenate(
        [np.concatenate([c[np.tril_indices(19)], m]) for c, m in zip(covariance[0], mean[0], strict=True)]
    )
    itself = mlr(local(full, theta[None], covariance, mean, N), groups, 0.0, 250.0)
    np.testing.assert_allclose(itself.trace_model, result.trace_saturated, rtol=1e-9)
    base = independence(built.structure)
    assert base.n_groups == 2
    assert degrees_of_freedom(base) == 342
    assert 1 < result.factor < 2
