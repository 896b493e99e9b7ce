"""Which respondents move a result, and what a model leaves unexplained item by item."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import csi


@pytest.fixture(scope="module")
def data():
    return csi.datasets.load("mobi")


@pytest.fixture(scope="module")
def fit(data):
    return csi.Study(csi.models.ecsi()).fit(data)


def test_leaving_a_respondent_out_moves_the_index_by_the_influence(data, fit):
    moved = fit.influence("index")["satisfaction"]
    whole = fit.index().loc["satisfaction", "estimate"]
    for row in moved.abs().sort_values().index[[-1, -2, -40]]:
        without = csi.Study(csi.models.ecsi()).fit(data.drop(index=row)).index().loc["satisfaction", "estimate"]
        assert without - whole == pytest.approx(-moved[row] / len(data), rel=0.05)


@pytest.mark.parametrize("of", ["index", "paths", "loadings", "r2"])
def test_influences_sum_to_nothing_and_give_the_standard_error(fit, of):
    moved = fit.influence(of)
    assert moved.abs().sum().max() > 0
    np.testing.assert_allclose(moved.mean(), 0, atol=1e-6)
    if of != "r2":
        table = getattr(fit, of)()
        np.testing.assert_allclose(moved.std() / np.sqrt(len(moved)), table["std_error"], rtol=1e-8)


def test_rows_of_the_data_keep_their_labels(data, fit):
    blank = data.set_axis([f"r{i}" for i in range(len(data))]).astype(float)
    blank.iloc[[3, 7]] = np.nan
    by = blank.assign(wave=np.where(np.arange(len(blank)) % 2, "old", "new"))
    study = csi.Study(csi.models.ecsi(), missing="listwise")
    moved = study.fit(by, by="wave").influence("paths")
    assert list(moved.index) == list(by.index)
    assert moved.isna().all(axis=1).sum() == 2
    alone = study.fit(by[by["wave"] == "new"]).influence("paths")
    pd.testing.assert_frame_equal(moved.loc[alone.index], alone, rtol=1e-5, atol=1e-6)


def test_influence_of_a_covariance_structure_model(data):
    items = {"quality": csi.items("PERQ", 7), "satisfaction": csi.items("CUSA", 3)}
    model = csi.Model("Two", items, {"quality": ["satisfaction"]}, index="satisfaction", scale=(1, 10))
    fit = csi.Study(model, method=csi.CBSEM(estimator="MLR")).fit(data)
    moved = fit.influence("paths")
    np.testing.assert_allclose(moved.mean() / moved.std(), 0, atol=1e-3)
    np.testing.assert_allclose(moved.std() / np.sqrt(len(moved)), fit.paths()["std_error"], rtol=0.01)


def test_moments_have_no_respondents(data):
    fit = csi.Study(csi.models.ecsi()).fit(csi.Moments(n=250, mean=data.mean(), cov=data.cov()))
    with pytest.raises(csi.NotAvailable, match="only moments were given"):
        fit.influence()


@pytest.mark.parametrize("model", ["estimated", "saturated"])
def test_the_srmr_is_the_mean_of_the_residuals(fit, model):
    left = fit.residuals(model=model).to_numpy()
    rows, cols = np.tril_indices(len(left))
    assert np.sqrt((left[rows, cols] ** 2).mean()) == pytest.approx(
        fit.goodness(model=model).loc["srmr", "estimate"], rel=1e-12
    )
    np.testing.assert_allclose(np.diag(left), 0, atol=1e-12)


def test_residuals_that_a_method_does_not_have(fit, data):
    with pytest.raises(csi.NotAvailable, match="implies correlations"):
        fit.residuals("standardized")
    structural = csi.Study(csi.models.ecsi(), method=csi.CBSEM()).fit(data)
    with pytest.raises(csi.NotAvailable, match="the estimated model"):
        structural.residuals(model="saturated")
