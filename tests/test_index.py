"""The index: three published conventions, scores whose mean it is, mixed scales by hand."""

from __future__ import annotations

import doctest
import warnings

import numpy as np
import pandas as pd
import pytest

import csi

ECSI = csi.models.ecsi()
FINE = csi.PLS(tolerance=1e-12)
CONVENTIONS = ["unstandardized", "standardized", "equal"]


def mixed_model(**changes) -> csi.Model:
    """Items on 1-10, 1-5, 0/1 and a reversed one."""
    blocks = {
        "quality": ["Q1", csi.Item("Q2", scale=(1, 5)), csi.Item("Q3", scale=(1, 5), reversed=True)],
        "satisfaction": ["S1", csi.Item("S2", scale=(1, 5)), csi.Item("S3", scale=(0, 1))],
        "complaint": [csi.Item("C", scale=(0, 1))],
    }
    paths = [("quality", "satisfaction"), *(csi.Path(c, "complaint", sign="-") for c in ("quality", "satisfaction"))]
    return csi.Model("Mixed", blocks, paths, scale=(1, 10)).replace(**changes)


def mixed_answers(n: int = 120, seed: int = 3) -> pd.DataFrame:
    """Answers on the scales of `mixed_model`."""
    rng = np.random.default_rng(seed)
    quality = rng.standard_normal(n)
    satisfaction = 0.8 * quality + 0.6 * rng.standard_normal(n)

    def codes(trait, low, high):
        noisy = (low + high) / 2 + (high - low) / 5 * (trait + 0.5 * rng.standard_normal(n))
        return np.clip(np.rint(noisy), low, high)

    return pd.DataFrame({
        "Q1": codes(quality, 1, 10), "Q2": codes(quality, 1, 5), "Q3": codes(-quality, 1, 5),
        "S1": codes(satisfaction, 1, 10), "S2": codes(satisfaction, 1, 5), "S3": (satisfaction > 0).astype(int),
        "C": (satisfaction + rng.standard_normal(n) < -0.5).astype(bool),
    })  # fmt: skip


def mixed_points(data: pd.DataFrame) -> pd.DataFrame:
    """The same on 0-100, reversed item turned, written out."""
    return pd.DataFrame({
        "Q1": 100 * (data["Q1"] - 1) / 9, "Q2": 100 * (data["Q2"] - 1) / 4, "Q3": 100 * (5 - data["Q3"]) / 4,
        "S1": 100 * (data["S1"] - 1) / 9, "S2": 100 * (data["S2"] - 1) / 4, "S3": 100.0 * data["S3"],
        "C": 100.0 * data["C"],
    })  # fmt: skip


def close(ours: pd.Series, theirs: dict[str, float], tolerance: float) -> None:
    assert set(ours.index) == set(theirs)
    for name, value in theirs.items():
        assert ours[name] == pytest.approx(value, abs=tolerance)


@pytest.mark.parametrize("scheme", ["path", "factorial", "centroid"])
def test_index_and_scores_equal_the_hand_formula_on_csem_weights(mobi, oracle, scheme):
    numbers = oracle("pls/index.json")[scheme]
    fit = csi.Study(ECSI, method=csi.PLS(scheme=scheme, tolerance=1e-12)).fit(mobi)
    for convention in ("unstandardized", "standardized"):
        close(fit.index(weights=convention)["estimate"], numbers[convention], 1e-6)
        close(fit.scores(weights=convention).std(), numbers[f"{convention}_sd"], 1e-6)
    close(fit.index("standardized")["estimate"], numbers["rescale"], 1e-6)


def test_the_four_published_indices_of_satisfaction(mobi):
    """72.45, 71.78, 71.97 by convention, 71.17 from raw items by the path scheme (plspm)."""
    fit = csi.Study(ECSI, method=FINE).fit(mobi)
    raw = csi.Study(ECSI, method=csi.PLS(standardized=False, tolerance=1e-12)).fit(mobi)
    found = [fit.index(weights)["estimate"].iloc[0] for weights in CONVENTIONS] + [raw.index()["estimate"].iloc[0]]
    assert np.round(found, 2).tolist() == [72.45, 71.78, 71.97, 71.17]
    assert fit.index().index[0] == "satisfaction"


def test_raw_index_of_every_construct_as_plspm_has_it(mobi):
    """`rescale()` of the unscaled model, path scheme: 72.69, 72.33, 74.57, 61.63, 71.17, 69.69."""
    raw = csi.Study(ECSI, method=csi.PLS(standardized=False, tolerance=1e-12)).fit(mobi).index()["estimate"].round(2)
    names = ["image", "expectations", "quality", "value", "satisfaction", "loyalty"]
    assert raw[names].tolist() == [72.69, 72.33, 74.57, 61.63, 71.17, 69.69]


def test_performance_equals_ipma_of_csem(mobi, oracle):
    """cSEM reports performance in codes: (x - 1)/9 of it is the index."""
    performance = oracle("pls/index.json")["performance"]
    fit = csi.Study(ECSI, method=FINE).fit(mobi)
    close(fit.index()["estimate"], {name: (value - 1) / 9 * 100 for name, value in performance.items()}, 1e-6)


def test_shares_are_weights_over_standard_deviations(mobi, oracle):
    shares = oracle("pls/index.json")["path"]["shares"]
    weights = csi.Study(ECSI, method=FINE).fit(mobi).weights(of="points")["estimate"]
    ours = weights / weights.groupby(level=0).transform("sum")
    for (_, item), value in ours.items():
        assert value == pytest.approx(shares[item], abs=1e-9)


def test_scores_equal_row_by_row(mobi, oracle):
    rows = oracle("pls/index.json")["scores_first_10"]
    scores = csi.Study(ECSI, method=FINE).fit(mobi).scores()
    for name, values in rows.items():
        np.testing.assert_allclose(scores[name].head(10), values, atol=1e-6)


@pytest.mark.parametrize("weights", [*CONVENTIONS, {"Q1": 1, "Q2": 2, "Q3": 0, "S1": 5, "S2": 3, "S3": 2, "C": 7}])
@pytest.mark.parametrize("standardized", [True, False])
def test_index_is_the_mean_of_the_scores(weights, standardized):
    fit = csi.Study(mixed_model(), method=csi.PLS(standardized=standardized)).fit(mixed_answers())
    index, scores = fit.index(weights)["estimate"], fit.scores(weights)
    assert list(index.index) == list(scores.columns) == ["satisfaction", "quality", "complaint"]
    assert (index - scores.mean()).abs().max() < 1e-12 * 100
    assert scores.min().min() >= 0
    assert scores.max().max() <= 100 + 1e-12


def test_index_is_the_weighted_mean_of_the_scores_under_weights_and_groups():
    data = mixed_answers().assign(w=np.linspace(0.2, 3, 120), wave=[2024, 2025] * 60)
    fit = csi.Study(mixed_model(), design=csi.Design(weight="w")).fit(data, by="wave")
    scores = fit.scores()
    for wave in (2024, 2025):
        rows = data["wave"] == wave
        mean = np.average(scores[rows], axis=0, weights=data.loc[rows, "w"])
        np.testing.assert_allclose(fit.index()["estimate"][wave], mean, rtol=1e-13)


def test_conventions_by_hand_on_mixed_scales():
    data = mixed_answers()
    points = mixed_points(data)
    fit = csi.Study(mixed_model(), method=FINE).fit(data)
    w = fit.weights()["estimate"]
    for convention, divisor in (("unstandardized", points.std()), ("standardized", 1.0), ("equal", w.droplevel(0))):
        v = w.droplevel(0) / divisor
        for construct, block in mixed_model().constructs.items():
            names = [item.name for item in block.items]
            hand = float(v[names] @ points[names].mean() / v[names].sum())
            assert fit.index(convention).loc[construct, "estimate"] == pytest.approx(hand, abs=1e-10)


def test_weights_are_the_same_whatever_the_scale(mobi):
    """Standardized weights do not know the scale; the index moves with its ends."""
    fit, wide = (csi.Study(ECSI.replace(scale=scale), method=FINE).fit(mobi) for scale in ((1, 10), (0, 10)))
    np.testing.assert_allclose(fit.weights()["estimate"], wide.weights()["estimate"], rtol=1e-10)
    np.testing.assert_allclose(wide.index()["estimate"], 10 + 0.9 * fit.index()["estimate"], rtol=1e-10)


def test_page_with_the_hand_calculation_is_true(repository):
    with warnings.catch_warnings(action="error"):
        failed, tried = doctest.testfile(
            str(repository / "docs" / "hand_calculation.md"),
            module_relative=False,
            optionflags=doctest.NORMALIZE_WHITESPACE,
            encoding="utf-8",
        )
    assert failed == 0
    assert tried > 30


def test_weights_of_another_fit_score_two_waves_alike(mobi):
    """The second half scored by the weights of the first: a plain weighted mean with these weights."""
    first, second = csi.Study(ECSI).fit(mobi.head(125)), csi.Study(ECSI).fit(mobi.tail(125))
    borrowed = second.index(first)["estimate"]
    w = first.weights(of="points")["estimate"]
    points = (mobi.tail(125).mean() - 1) / 9 * 100
    for construct in ECSI.constructs:
        assert borrowed[construct] == pytest.approx(np.average(points[w[construct].index], weights=w[construct]))
    assert (borrowed - second.index()["estimate"]).abs().max() > 0.01
    assert (first.index(first)["estimate"] - first.index()["estimate"]).abs().max() < 1e-10


def test_weights_of_a_fit_with_groups_are_refused_until_one_is_chosen(mobi):
    fit = csi.Study(ECSI).fit(mobi.assign(wave=[1, 2] * 125), by="wave")
    with pytest.raises(csi.errors.SettingsError, match="one group"):
        fit.index(fit)
    shared = fit.index(fit[1])["estimate"]
    assert shared[1].to_dict() == pytest.approx(fit[1].index()["estimate"].to_dict())


def test_order_starts_with_the_index_and_keeps_the_model():
    fit = csi.Study(mixed_model(index="complaint")).fit(mixed_answers())
    assert fit.index().index.tolist() == ["complaint", "quality", "satisfaction"]
    assert csi.Study(mixed_model(index="")).fit(mixed_answers()).index().index[0] == "quality"


def test_columns_of_an_index_have_no_p_value(mobi):
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    fit = csi.Study(ECSI).fit(mobi)
    assert fit.index().columns.tolist() == columns
    assert fit.bootstrap(20, rng=1).index().columns.tolist() == columns


def test_standard_error_of_an_equal_weights_index_is_that_of_a_mean(mobi):
    """With fixed weights the index is a mean of scores; linearization gives exactly its standard error."""
    fit = csi.Study(ECSI).fit(mobi)
    np.testing.assert_allclose(fit.index("equal")["std_error"], fit.scores("equal").sem(), rtol=1e-8)


def test_negative_weight_is_a_doubt_that_names_the_item_and_clips_nothing(mobi):
    data = mobi.assign(CUSL2=11 - mobi["CUSL2"])
    fit = csi.Study(ECSI, method=FINE).fit(data)
    doubts = fit.check()
    assert doubts["subject"].tolist() == ["CUSL2"]
    assert doubts["code"].tolist() == ["negative_weight"]
    assert fit.weights().loc[("loyalty", "CUSL2"), "estimate"] < 0
    assert fit.index()["estimate"]["loyalty"] == pytest.approx(fit.scores()["loyalty"].mean(), abs=1e-10)


def test_without_scales_there_is_no_index_but_everything_else(mobi):
    model = csi.Model("bare", ECSI.constructs, [(p.cause, p.effect) for p in ECSI.paths])
    fit = csi.Study(model).fit(mobi)
    for noun in (fit.index, fit.impacts, fit.scores):
        with pytest.raises(csi.NotAvailable, match=r"scale.*IMAG1.*model.replace\(scale=\(1, 10\)\)"):
            noun()
    np.testing.assert_allclose(fit.paths()["estimate"], csi.Study(ECSI).fit(mobi).paths()["estimate"], rtol=1e-9)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("unstandardised", "did you mean 'unstandardized'"),
        ({"Q1": 1}, "'Q2'.* have none"),
        ({"Q9": 1}, "'Q9' is not an item of the model"),
    ],
)
def test_unknown_conventions_are_refused(weights, message):
    fit = csi.Study(mixed_model()).fit(mixed_answers())
    with pytest.raises(csi.errors.SettingsError, match=message):
        fit.index(weights)


def test_scores_keep_the_rows_of_the_data(mobi):
    """Every row of the user's table comes back under its own label, blanks as NaN, nothing made up."""
    data = mobi.astype(float).set_axis([f"r{i}" for i in range(250)]).sample(frac=1, random_state=1)
    data.loc["r7", "CUSA2"] = np.nan
    scores = csi.Study(ECSI).fit(data).scores()
    assert scores.index.equals(data.index)
    assert scores.isna().sum().to_dict() == {name: int(name == "satisfaction") for name in scores}
    assert np.isnan(scores.loc["r7", "satisfaction"])
    listwise = csi.Study(ECSI, missing="listwise").fit(data).scores()
    assert listwise.index.equals(data.index)
    assert listwise.loc["r7"].isna().all()
    assert listwise.notna().all(axis=1).sum() == 249


def test_boolean_and_unknown_codes():
    """True is 1; a code that means unknown is a blank, whatever the scale."""
    data = mixed_answers()
    second = csi.Item("Q2", scale=(1, 5), unknown=(9,))
    third = csi.Item("Q3", scale=(1, 5), reversed=True, unknown=(0, 9))
    model = mixed_model(constructs={**mixed_model().constructs, "quality": ["Q1", second, third]})
    spoilt = data.copy()
    spoilt.loc[3, "Q2"], spoilt.loc[5, "Q3"], spoilt.loc[6, "Q3"] = 9, 9, 0
    blank = data.copy()
    blank.loc[3, "Q2"] = blank.loc[5, "Q3"] = blank.loc[6, "Q3"] = np.nan
    ours, theirs = csi.Study(model).fit(spoilt), csi.Study(mixed_model()).fit(blank)
    pd.testing.assert_frame_equal(ours.index(), theirs.index())
    pd.testing.assert_frame_equal(ours.scores(), theirs.scores())
