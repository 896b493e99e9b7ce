"""Maximum likelihood, GLS and ULS against lavaan 0.6-14: estimates, standard errors, every fit measure."""

from __future__ import annotations

import numpy as np
import pytest
from sem_models import build, expected, mobi, moments, oracle

from csi.numerics.sem import fitmeasures as fm
from csi.numerics.sem.admissible import admissibility
from csi.numerics.sem.estimate import estimate
from csi.numerics.sem.inference import identification, local, parameter_covariance
from csi.numerics.sem.summary import fit_summary

# oracle, model, options of build, divisor less than n, estimator, tolerance of estimates.
CASES = [
    ("ACSI_ML_polished", "ACSI", {}, 0, "ML", 1e-9),
    ("ECSI_ML_polished", "ECSI", {}, 0, "ML", 1e-6),
    ("ACSI_ML_stdlv_polished", "ACSI", {"std_lv": True}, 0, "ML", 1e-9),
    # Not polished: lavaan's own optimizer stopped 1e-5 away.
    ("ACSI_CFA_ML", "ACSI", {"paths": {}}, 0, "ML", 5e-5),
    ("ACSI_ML_wishart", "ACSI", {"means": True}, 1, "ML", 5e-5),
    ("ACSI_GLS", "ACSI", {}, 1, "GLS", 5e-5),
    ("ACSI_ULS_polished", "ACSI", {}, 1, "ULS", 1e-9),
]


def fitted(model, options, less, criterion):
    built = build(model, **options)
    x = mobi(built.items)
    n = np.array([float(len(x) - less)])
    covariance, mean = moments(x, n[0])
    found = estimate(built.structure, covariance, mean, n, criterion=criterion)
    return built, covariance, mean, n, found


@pytest.mark.parametrize(("name", "model", "options", "less", "criterion", "tolerance"), CASES)
def test_estimates_and_standard_errors_are_lavaans(name, model, options, less, criterion, tolerance):
    built, covariance, mean, n, found = fitted(model, options, less, criterion)
    assert found.status[0] == 0
    assert found.gradient[0] < 1e-9
    here = local(built.structure, found.theta, covariance, mean, n, criterion)
    errors = np.sqrt(np.diagonal(parameter_covariance(here, n.sum())[0]))
    estimates, reference = expected(oracle(name)["parameters"], built.labels)
    np.testing.assert_allclose(found.theta[0], estimates, atol=tolerance, rtol=tolerance)
    np.testing.assert_allclose(errors, reference, atol=tolerance, rtol=tolerance)


# Ours -> lavaan's.
NAMES = {
    "chi2": "chisq",
    "df": "df",
    "p_value": "pvalue",
    "cfi": "cfi",
    "tli": "tli",
    "nfi": "nfi",
    "pnfi": "pnfi",
    "rfi": "rfi",
    "ifi": "ifi",
    "rni": "rni",
    "gfi": "gfi",
    "agfi": "agfi",
    "pgfi": "pgfi",
    "rmsea": "rmsea",
    "rmsea_low": "rmsea.ci.lower",
    "rmsea_high": "rmsea.ci.upper",
    "rmsea_close": "rmsea.pvalue",
    "rmsea_not_close": "rmsea.notclose.pvalue",
    "rmr": "rmr",
    "rmr_nomean": "rmr_nomean",
    "srmr": "srmr",
    "srmr_nomean": "srmr_bentler_nomean",
    "crmr": "crmr",
    "crmr_nomean": "crmr_nomean",
    "srmr_mplus": "srmr_mplus",
    "srmr_mplus_nomean": "srmr_mplus_nomean",
    "cn_05": "cn_05",
    "cn_01": "cn_01",
    "mfi": "mfi",
    "ecvi": "ecvi",
    "log_likelihood": "logl",
    "saturated_log_likelihood": "unrestricted.logl",
    "aic": "aic",
    "bic": "bic",
    "sabic": "bic2",
    "baseline_chi2": "baseline.chisq",
    "baseline_df": "baseline.df",
    "n_parameters": "npar",
}


@pytest.mark.parametrize(("name", "model", "options", "less", "criterion", "tolerance"), CASES)
def test_fit_measures_are_lavaans(name, model, options, less, criterion, tolerance):
    built, covariance, mean, n, found = fitted(model, options, less, criterion)
    ours = fit_summary(built.structure, found, covariance, mean, n, n + less, criterion)
    theirs = oracle(name)["fit"]
    compared = [ours_name for ours_name, name_ in NAMES.items() if name_ in theirs and ours_name in ours]
    assert len(compared) > (22 if "polished" in name else 28)
    for measure in compared:
        np.testing.assert_allclose(
            ours[measure], theirs[NAMES[measure]], rtol=1e-6, atol=max(2e-7, tolerance / 50), err_msg=measure
        )


def test_the_unpolished_file_has_the_baseline():
    built, covariance, mean, n, found = fitted("ACSI", {}, 0, "ML")
    ours = fit_summary(built.structure, found, covariance, mean, n, n, "ML")
    theirs = oracle("ACSI_ML")["fit"]
    for measure in ("cfi", "tli", "nfi", "pnfi", "rfi", "ifi", "rni", "baseline_chi2"):
        np.testing.assert_allclose(ours[measure], theirs[NAMES[measure]], rtol=1e-8, err_msg=measure)


def test_collinear_constructs_show_in_the_information():
    (acsi, _), (ecsi, seen) = (
        (identification(local(b.structure, f.theta, c, None, n)), admissibility(b.structure, f.theta))
        for b, c, m, n, f in (fitted("ACSI", {}, 0, "ML"), fitted("ECSI", {}, 0, "ML"))
    )
    assert acsi.condition[0] < 1e4 < 1e6 < ecsi.condition[0]
    assert ecsi.rank[0] == 59
    built = build("ECSI")
    assert "Expectation" in built.labels[int(ecsi.weakest[0].argmax())]
    constructs = built.constructs
    pair = constructs.index("Expectation"), constructs.index("Quality")
    assert 0.98 < seen.correlation[0, 0][pair] < 1
    assert 0 < seen.smallest[0, 0] < 0.01
    assert seen.proper[0]
    assert seen.beyond_one.any()


def test_an_unidentified_model_is_singular_not_converged():
    built = build("ACSI")
    structure = built.structure
    free = structure.free.copy()
    # Both the residual of the single item and the variance of its construct: only their sum is identified.
    free[(structure.kind == 1) & (structure.row == built.items.index("CUSCO"))] = structure.n_free
    loose = type(structure)(
        structure.n_items,
        structure.n_variables,
        structure.kind,
        structure.row,
        structure.col,
        free,
        structure.value,
        structure.group,
    )
    covariance, mean = moments(mobi(built.items), 250)
    found = estimate(loose, covariance, mean, np.array([250.0]))
    assert found.status[0] == 3
    np.testing.assert_allclose(500 * found.value[0], 298.88722, atol=1e-4)
    here = local(loose, found.theta, covariance, None, np.array([250.0]))
    assert identification(here).rank[0] == structure.n_free


def test_noncentrality_inverts_the_distribution():
    from scipy.stats import ncx2

    for statistic, df, probability in ((298.9, 144, 0.95), (298.9, 144, 0.05), (30.0, 8, 0.5), (5000.0, 300, 0.05)):
        found = fm.noncentrality(np.array([statistic]), df, probability)[0]
        np.testing.assert_allclose(ncx2.cdf(statistic, df, found), probability, rtol=1e-8)
    assert fm.noncentrality(np.array([5.0]), 10, 0.95)[0] == 0
