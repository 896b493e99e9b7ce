"""Robust standard errors and scaled statistics against lavaan 0.6-14 (MLR, MLM)."""

from __future__ import annotations

import numpy as np
import pytest
from sem_models import build, expected, mobi, moments, oracle

from csi.numerics.sem import robust
from csi.numerics.sem.estimate import estimate
from csi.numerics.sem.inference import local
from csi.numerics.sem.summary import degrees_of_freedom, fit_summary, scaled_summary

N = np.array([250.0])


def fitted(model="ACSI", kind="mlr"):
    built = build(model)
    x = mobi(built.items)
    covariance, _ = moments(x, 250)
    found = estimate(built.structure, covariance, None, N)
    here = local(built.structure, found.theta, covariance, None, N)
    return built, x, covariance, found, getattr(robust, kind)(here, (x,), degrees_of_freedom(built.structure), 250.0)


CASES = [("ACSI", "mlr", 1e-8), ("ECSI", "mlr", 1e-5), ("ACSI", "mlm", 1e-8)]


@pytest.mark.parametrize(("model", "kind", "tolerance"), CASES)
def test_standard_errors_and_scaling_factor(model, kind, tolerance):
    built, _, _, _, found = fitted(model, kind)
    reference = oracle(f"{model}_{kind.upper()}_polished")
    _, errors = expected(reference["parameters"], built.labels)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), errors, rtol=tolerance)
    np.testing.assert_allclose(found.factor, reference["fit"]["chisq.scaling.factor"], rtol=min(tolerance, 1e-7))
    if kind == "mlr":
        p = len(built.items)
        factors = found.trace_saturated / (p * (p + 1) / 2), found.trace_model / built.structure.n_free
        theirs = [reference["fit"][f"scaling.factor.{h}"] for h in ("h1", "h0")]
        np.testing.assert_allclose(factors, theirs, rtol=1e-7)


@pytest.mark.parametrize("kind", ["mlr", "mlm"])
def test_scaled_and_robust_fit_measures(kind):
    built, x, covariance, found, result = fitted("ACSI", kind)
    base = robust.independence(built.structure)
    diagonal = np.diagonal(covariance[0, 0])[None]
    base_result = getattr(robust, kind)(local(base, diagonal, covariance, None, N), (x,), 171.0, 250.0)
    plain = fit_summary(built.structure, found, covariance, None, N, N)
    ours = scaled_summary(plain, result.factor, base_result.factor, 250.0, 1)
    theirs = oracle(f"ACSI_{kind.upper()}")["fit"]
    names = {
        "chi2_scaled": "chisq.scaled",
        "p_value_scaled": "pvalue.scaled",
        "scaling_factor": "chisq.scaling.factor",
        "baseline_chi2_scaled": "baseline.chisq.scaled",
        "baseline_scaling_factor": "baseline.chisq.scaling.factor",
    }
    for measure in ("cfi", "tli", "nfi", "pnfi", "rfi", "ifi", "rni", "rmsea"):
        names[f"{measure}_scaled"] = f"{measure}.scaled"
    for measure in ("cfi", "tli", "rni", "rmsea"):
        names[f"{measure}_robust"] = f"{measure}.robust"
    for kind_ in ("scaled", "robust"):
        names[f"rmsea_low_{kind_}"] = f"rmsea.ci.lower.{kind_}"
        names[f"rmsea_high_{kind_}"] = f"rmsea.ci.upper.{kind_}"
        names[f"rmsea_close_{kind_}"] = f"rmsea.pvalue.{kind_}"
        names[f"rmsea_not_close_{kind_}"] = f"rmsea.notclose.pvalue.{kind_}"
    # The file is not polished: its scaling factors are 2e-6 away from the polished ones.
    for measure, name in names.items():
        np.testing.assert_allclose(ours[measure], theirs[name], rtol=1e-5, atol=5e-6, err_msg=measure)


def test_case_weights_are_repeated_rows():
    built = build("ACSI")
    x = mobi(built.items)
    counts = np.random.default_rng(3).integers(1, 4, size=len(x)).astype(float)
    repeated = np.repeat(x, counts.astype(int), axis=0)
    n = np.array([counts.sum()])
    covariance, _ = moments(repeated, n[0])
    found = estimate(built.structure, covariance, None, n)
    here = local(built.structure, found.theta, covariance, None, n)
    scores = robust.case_scores(here, (x,), (counts,))[0]
    doubled = robust.case_scores(here, (repeated,))[0]
    np.testing.assert_allclose(scores * counts[:, None], scores * counts[:, None])
    np.testing.assert_allclose(np.repeat(scores, counts.astype(int), axis=0), doubled, atol=1e-10)
    np.testing.assert_allclose(doubled.sum(axis=0), 0, atol=1e-7)


def test_scaled_difference_is_the_difference_where_nothing_is_scaled():
    statistic, df, factor = robust.scaled_difference(120.0, 30.0, 1.0, 100.0, 20.0, 1.0)
    assert (statistic, df, factor) == (20.0, 10.0, 1.0)
