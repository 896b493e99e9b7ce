"""Predictions of answers that were not seen equal seminr and cSEM with given folds."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from assess_oracles import FOLDER, MODELS

import csi

ENTRIES = json.loads((FOLDER / "predict.json").read_text(encoding="utf-8"))["entries"]
FOLDS = np.arange(250) % 10
COLUMNS = ["rmse", "mae", "q2_predict", "rmse_lm", "mae_lm"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry['method']}-{entry['technique']}")
def test_errors_of_prediction_equal_seminr(mobi, entry):
    method = {"PLS": csi.PLS, "PLSc": csi.PLSc}[entry["method"]]
    fit = csi.Study(MODELS["ecsi"], method=method()).fit(mobi)
    table = fit.predictive(FOLDS, technique=entry["technique"], benchmark=entry["benchmark"])
    theirs = pd.DataFrame(entry["metrics"], index=COLUMNS).T
    np.testing.assert_allclose(table.droplevel("construct").loc[theirs.index, COLUMNS], theirs, atol=1e-9)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry['method']}-{entry['technique']}")
def test_predictions_of_new_respondents_equal_seminr(mobi, entry):
    """Row i is predicted from the fit of the folds that it is not in."""
    method = {"PLS": csi.PLS, "PLSc": csi.PLSc}[entry["method"]](tolerance=1e-12)
    for row in range(5):
        fit = csi.Study(MODELS["ecsi"], method=method).fit(mobi[row != FOLDS])
        guess = fit.predict(mobi.iloc[[row]], technique=entry["technique"])
        assert list(guess.index) == [row]
        for item, values in entry["first_rows"].items():
            assert guess[item].iloc[0] == pytest.approx(values[row], abs=1e-8)


def test_random_folds_come_from_the_seed(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    pd.testing.assert_frame_equal(fit.predictive(rng=1), fit.predictive(rng=1))
    assert not fit.predictive(rng=1).equals(fit.predictive(rng=2))
    once, often = fit.predictive(5, rng=1), fit.predictive(5, rng=1, repeats=20)
    assert (once["q2_predict"] - often["q2_predict"]).abs().max() < 0.1
    left_out = fit.predictive(250, rng=1)
    pd.testing.assert_frame_equal(left_out, fit.predictive(np.arange(250)))


def test_q2_is_one_minus_the_ratio_to_the_mean(mobi):
    table = csi.Study(MODELS["ecsi"]).fit(mobi).predictive(rng=1)
    np.testing.assert_allclose(table["q2_predict"], 1 - (table["rmse"] / table["rmse_mean"]) ** 2)


def test_noise_is_not_predicted(mobi):
    noise = pd.DataFrame(np.random.default_rng(0).integers(1, 11, mobi.shape), columns=mobi.columns)
    fit = csi.Study(MODELS["ecsi"]).fit(noise)
    assert fit.predictive(rng=1)["q2_predict"].median() < 0.01
    assert fit.cvpat(rng=1).loc[("mean", "all"), "estimate"] > -0.05


def test_cvpat_is_a_t_test_of_losses(mobi):
    """Every number again by hand from predictions of one construct."""
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    row = fit.cvpat(FOLDS).loc[("mean", "complaints")]
    loss, flat = [], []
    for fold in range(10):
        train, test = mobi[fold != FOLDS], mobi[fold == FOLDS]
        guess = csi.Study(MODELS["ecsi"], method=csi.PLS(tolerance=1e-12)).fit(train).predict(test)["CUSCO"]
        loss += [*(test["CUSCO"] - guess) ** 2]
        flat += [*(test["CUSCO"] - train["CUSCO"].mean()) ** 2]
    gap = np.array(loss) - np.array(flat)
    assert row["estimate"] == pytest.approx(gap.mean(), rel=1e-7)
    assert row["std_error"] == pytest.approx(gap.std(ddof=1) / np.sqrt(250), rel=1e-7)
    assert row["statistic"] == pytest.approx(row["estimate"] / row["std_error"])
    assert row["p_value"] < 0.001
    assert list(fit.cvpat(FOLDS).index.names) == ["benchmark", "construct"]


def test_scores_of_new_respondents_are_those_of_the_fit(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    pd.testing.assert_frame_equal(fit.score(mobi), fit.scores())
    blank = mobi.head(3).astype(float)
    blank.loc[1, "CUSA2"] = np.nan
    scored = fit.score(blank)
    assert scored["satisfaction"].isna().tolist() == [False, True, False]
    assert scored["image"].notna().all()


def test_prediction_needs_only_its_predictors_and_blanks_stay_blank(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    image = mobi.filter(like="IMAG").astype(float)
    image.iloc[0, 2] = np.nan
    guess = fit.predict(image)
    assert guess.iloc[0].isna().all()
    pd.testing.assert_frame_equal(guess.iloc[1:], fit.predict(mobi).iloc[1:])
    with pytest.raises(csi.errors.DataError, match="IMAG4"):
        fit.predict(mobi.drop(columns="IMAG4"))


def test_a_training_set_with_blanks_and_weights(mobi):
    data = mobi.astype(float).mask(np.random.default_rng(1).random(mobi.shape) < 0.03)
    table = csi.Study(MODELS["ecsi"]).fit(data).predictive(FOLDS)
    whole = csi.Study(MODELS["ecsi"]).fit(mobi).predictive(FOLDS)
    assert (table["q2_predict"] - whole["q2_predict"]).abs().max() < 0.15
    weighted = csi.Study(MODELS["ecsi"], design=csi.Design(weight="w")).fit(mobi.assign(w=3.0)).predictive(FOLDS)
    np.testing.assert_allclose(weighted, whole, rtol=1e-8)


def test_groups_are_predicted_from_themselves(mobi):
    data = mobi.assign(half=np.where(np.arange(250) < 125, "a", "b"))
    both = csi.Study(MODELS["ecsi"]).fit(data, by="half").predictive(FOLDS)
    alone = csi.Study(MODELS["ecsi"]).fit(data.query("half == 'b'")).predictive(FOLDS[125:])
    np.testing.assert_allclose(both.loc["b"], alone, rtol=1e-8)
    with pytest.raises(csi.errors.SettingsError, match="several groups"):
        csi.Study(MODELS["ecsi"]).fit(data, by="half").predict(mobi)


def test_clusters_stay_together(mobi):
    """Everybody twice: were twins divided, the model would have seen its test cases."""
    twice = pd.concat([mobi, mobi]).reset_index(drop=True).assign(person=[*range(250), *range(250)])
    study = csi.Study(MODELS["ecsi"], design=csi.Design(cluster="person"))
    from csi.results.prediction import read_folds

    labels = read_folds(study.fit(twice).core, 10, 3, np.random.default_rng(0))[0]
    assert (labels[:, :250] == labels[:, 250:]).all()
    assert study.fit(twice).cvpat(rng=1)["std_error"].gt(0).all()


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda fit: fit.predictive(1), csi.errors.SettingsError, "at least 2"),
        (lambda fit: fit.predictive(300), csi.errors.SettingsError, "there are 250"),
        (lambda fit: fit.predictive(repeats=0), csi.errors.SettingsError, "at least 1"),
        (lambda fit: fit.predictive(np.zeros(10)), csi.errors.DataError, "one label a row"),
        (lambda fit: fit.predictive(np.zeros(250)), csi.errors.DataError, "two labels"),
        (lambda fit: fit.predictive(technique="ealiest"), csi.errors.SettingsError, "did you mean 'earliest'"),
        (lambda fit: fit.cvpat(benchmark="antecedent"), csi.errors.SettingsError, "did you mean 'antecedents'"),
        (lambda fit: fit.cvpat(confidence_level=95), csi.errors.SettingsError, "between 0 and 1"),
    ],
)
def test_what_cannot_be_is_refused(mobi, ask, error, words):
    with pytest.raises(error, match=words):
        ask(csi.Study(MODELS["ecsi"]).fit(mobi))


def test_moments_cannot_be_held_out(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(csi.Moments(n=250, mean=mobi.mean(), cov=mobi.cov()))
    with pytest.raises(csi.NotAvailable, match="cases are needed"):
        fit.predictive()
    assert fit.predict(mobi.head()).notna().all(axis=None)
