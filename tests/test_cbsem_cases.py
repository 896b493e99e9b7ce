"""Estimators that read every case: FIML and ordered items, through Study and Fit, against lavaan 0.6-14."""

from __future__ import annotations

import numpy as np
import pytest
from cbsem_oracles import ACSI, compared, mobi, oracle
from test_sem_ml import NAMES as MEASURES

import csi
from csi.errors import DataError, NotAvailable, SettingsError


def blanked():
    data = mobi().astype(float)
    for item, rows in oracle("ACSI_FIML_mcar05")["missing"].items():
        data.loc[rows, item] = np.nan
    return data


def five():
    data = mobi()
    return np.ceil(data / 2)


def fit(data, missing=None, model=ACSI, **settings):
    return csi.Study(model, method=csi.CBSEM(**settings), missing=missing).fit(data)


@pytest.fixture(scope="module")
def fiml():
    return fit(blanked(), estimator="FIML")


@pytest.fixture(scope="module")
def wlsmv():
    return fit(five(), estimator="WLSMV", model=ACSI.replace(scale=(1, 5)))


def test_fiml_is_lavaans(fiml):
    reference = oracle("ACSI_FIML_mcar05")
    table = fiml.parameters()
    gaps = compared(table, reference["parameters"], ("estimate", "std_error"))
    assert len(gaps) > 70
    assert gaps.max() < 5e-5
    ready = [r for r in reference["standardized"] if r[1] != "~1"]
    assert compared(table, ready, ("standardized", "standardized_error")).max() < 5e-5
    ours, theirs = fiml.goodness()["estimate"], reference["fit"]
    for measure, label in MEASURES.items():
        if measure in ours and label in theirs:
            np.testing.assert_allclose(ours[measure], theirs[label], rtol=2e-6, atol=2e-6, err_msg=measure)


def test_fiml_by_the_study_and_robust():
    robust = fit(blanked(), estimator="MLR", missing="fiml")
    reference = oracle("ACSI_FIML_MLR_mcar05")
    assert compared(robust.parameters(), reference["parameters"], ("estimate", "std_error")).max() < 5e-5
    ours = robust.goodness()["estimate"]
    assert ours["chi2_scaled"] == pytest.approx(reference["fit"]["chisq.scaled"], rel=1e-5)
    assert ours["cfi_scaled"] == pytest.approx(reference["fit"]["cfi.scaled"], rel=1e-5)


def test_fiml_of_complete_answers_is_ml():
    ours, plain = fit(mobi(), estimator="FIML"), fit(mobi())
    np.testing.assert_allclose(
        ours.parameters().drop("means", level=0)["estimate"], plain.parameters()["estimate"], rtol=1e-6, atol=1e-8
    )
    assert ours.goodness().loc["chi2", "estimate"] == pytest.approx(298.88722076, abs=1e-6)
    np.testing.assert_allclose(ours.index()["estimate"], plain.index()["estimate"], atol=1e-6)


def test_scores_and_residuals_with_blanks(fiml):
    assert fiml.index()["estimate"].between(50, 90).all()
    assert fiml.factor_scores().isna().any().any()
    assert fiml.residuals().abs().max().max() < 0.3
    with pytest.raises(NotAvailable, match="complete answers"):
        fiml.modification_indices()
    listed = fit(blanked(), missing="listwise")
    assert listed.n.iloc[0] < 250
    two_stage = fit(blanked(), missing="em")
    assert "chi2_after_em" in set(two_stage.check()["code"])
    np.testing.assert_allclose(two_stage.paths()["estimate"], fiml.paths()["estimate"], atol=0.1)


def test_influences_of_cases_with_blanks(fiml):
    """Errors of the index follow from every case, through the means and through the item weights."""
    moves = fiml.core.moves(fiml._noun("index"), 0)
    np.testing.assert_allclose(moves.sum(axis=0), 0, atol=1e-5)
    data = blanked()
    for case in (3, 120):
        left = fit(data.drop(index=case), estimator="FIML").index()["estimate"]
        np.testing.assert_allclose(left, fiml.index()["estimate"] - moves[case], atol=0.02)
    # Those of the parameters are the sandwich's.
    robust = fit(data, estimator="MLR", missing="fiml")
    core = fiml.core
    np.testing.assert_allclose(
        core.linearized(core.moves(fiml._noun("paths"), 0)), robust.paths()["std_error"], rtol=5e-3
    )


def test_weights_with_blanks_are_repeated_cases():
    data = blanked()
    data["w"] = np.random.default_rng(1).integers(1, 3, len(data))
    design = csi.Design(weight="w")
    weighted = csi.Study(ACSI, method=csi.CBSEM("FIML"), design=design).fit(data)
    repeated = fit(data.loc[np.repeat(data.index, data["w"])], estimator="FIML")
    np.testing.assert_allclose(weighted.paths()["estimate"], repeated.paths()["estimate"], atol=1e-6)
    assert weighted.paths()["std_error"].gt(0).all()
    assert "chi2_ignores_design" in set(weighted.check()["code"])
    with pytest.raises(NotAvailable, match="weighted"):
        csi.Study(ACSI, method=csi.CBSEM("WLSMV"), design=design).fit(np.ceil(mobi() / 2).assign(w=data["w"]))


@pytest.mark.parametrize("name", ["WLSMV", "ULSMV"])
def test_ordered_items_are_lavaans(name):
    found = fit(five(), estimator=name)
    reference = oracle(f"ACSI_ORD_{name}")
    table = found.parameters()
    # lavaan knows the single ordered item by its own name.
    table = table.rename(index={"complaints": "CUSCO"})
    gaps = compared(table, reference["parameters"], ("estimate", "std_error"))
    assert len(gaps) > 40
    assert gaps[:, 0].max() < 2e-4
    free = np.array([row[5] for row in reference["parameters"] if row[1] != "|"]) > 0
    assert free.sum() == 27
    ours, theirs = found.goodness()["estimate"], reference["fit"]
    scaled = ("chi2_scaled", "cfi_scaled", "tli_scaled", "rmsea_scaled")
    for measure in ("chi2", "df", "cfi", "tli", "rmsea", "srmr", *scaled):
        label = {"chi2_scaled": "chisq.scaled"}.get(measure) or MEASURES.get(measure) or measure.replace("_", ".")
        np.testing.assert_allclose(ours[measure], theirs[label], rtol=1e-4, err_msg=measure)


def test_errors_of_ordered_items(wlsmv):
    reference = oracle("ACSI_ORD_WLSMV")["parameters"]
    table = wlsmv.parameters().rename(index={"complaints": "CUSCO"})
    gaps = compared(table, [r for r in reference if r[5] and r[1] != "|"], ("estimate", "std_error"))
    assert len(gaps) == 27
    assert gaps.max() < 1e-4


def test_nouns_of_ordered_items(wlsmv):
    assert wlsmv.paths()["std_error"].gt(0).all()
    assert wlsmv.loadings().loc[("complaints", "CUSCO"), "estimate"] == pytest.approx(1)
    assert wlsmv.index().loc["satisfaction", "estimate"] == pytest.approx(74, abs=4)
    np.testing.assert_allclose(wlsmv.scores().mean(), wlsmv.index()["estimate"].loc[wlsmv.scores().columns])
    assert wlsmv.measurement()["smc"].between(0, 1.0000001).all()
    with pytest.raises(NotAvailable, match="not resampled"):
        wlsmv.bootstrap(10, rng=1)
    with pytest.raises(NotAvailable, match="score tests"):
        wlsmv.modification_indices()
    plain = fit(five(), estimator="DWLS").goodness()["estimate"]
    assert "chi2_scaled" not in plain
    assert plain["chi2"] == pytest.approx(wlsmv.goodness().loc["chi2", "estimate"])


def test_what_the_estimators_refuse():
    with pytest.raises(DataError, match="one category only"):
        fit(five().assign(CUSA1=3.0), estimator="WLSMV")
    with pytest.raises(DataError, match="different answers"):
        fit(mobi().assign(CUSA1=np.arange(250)), estimator="WLSMV")
    with pytest.raises(SettingsError, match="contradict"):
        fit(mobi(), estimator="WLSMV", missing="fiml")
    with pytest.raises(SettingsError, match="contradict"):
        fit(mobi(), estimator="FIML", missing="listwise")
    data = mobi()
    moments = csi.Moments(n=250, mean=data.mean(), cov=data.cov())
    with pytest.raises(NotAvailable, match="every case"):
        fit(moments, estimator="WLSMV")
    with pytest.raises(SettingsError, match="reliabilities"):
        csi.CBSEM("WLSMV", reliabilities={"complaints": 0.8})
