"""Controls: observed columns in the equations, which move no weight, no score and no picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import csi
from csi.errors import DataError, ModelError, SettingsError

ECSI = csi.models.ecsi()
DUMMIES = ["age", "region=north", "region=south"]
CAUSES = ["image", "expectations", "quality", "value"]


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    mobi = csi.datasets.load("mobi")
    age = rng.integers(18, 70, 250) + 2 * mobi["CUSA1"]
    region = rng.choice(["north", "south", "east"], 250)
    return mobi.assign(age=age, region=region, w=rng.uniform(0.5, 2, 250), g=np.arange(250) % 2)


@pytest.fixture(scope="module")
def fit(survey) -> csi.Fit:
    return csi.Study(ECSI, csi.PLS(tolerance=1e-12), controls=["age", "region"]).fit(survey)


@pytest.fixture(scope="module")
def plain(survey) -> csi.Fit:
    return csi.Study(ECSI, csi.PLS(tolerance=1e-12)).fit(survey)


def columns(data: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"age": data["age"], **{f"region={r}": data["region"] == r for r in ("north", "south")}}) * 1.0


def least_squares(y: pd.Series, x: pd.DataFrame) -> tuple[pd.Series, float]:
    wide = np.column_stack([np.ones(len(x)), x])
    slopes, *_ = np.linalg.lstsq(wide, y.to_numpy(), rcond=None)
    return pd.Series(slopes[1:], index=x.columns), 1 - np.var(y - wide @ slopes) / np.var(y)


def test_weights_scores_and_index_do_not_know_them(fit, plain):
    for noun in ("weights", "loadings", "index", "reliability", "correlations", "scores", "cross_loadings", "validity"):
        pd.testing.assert_frame_equal(getattr(fit, noun)(), getattr(plain, noun)(), rtol=1e-8, atol=1e-9)


def test_paths_and_r2_are_least_squares_among_scores_and_controls(fit, survey):
    items = [name for _, name in fit.core.blueprint.slot_labels()]
    z = (survey[items] - survey[items].mean()) / survey[items].std()
    w = fit.weights()["estimate"]
    scores = pd.DataFrame({name: z[w[name].index] @ w[name] for name in ECSI.constructs})
    held = columns(survey)
    slopes, r2 = least_squares(scores["satisfaction"], scores[CAUSES].join((held - held.mean()) / held.std()))
    np.testing.assert_allclose(fit.paths()["estimate"].xs("satisfaction", level="effect")[slopes.index], slopes)
    assert fit.r2().loc["satisfaction", "r2"] == pytest.approx(r2)
    assert fit.r2().loc["satisfaction", "r2_adjusted"] == pytest.approx(1 - (1 - r2) * 249 / (249 - 7))


def test_impacts_hold_them_constant(fit, survey):
    slopes, _ = least_squares(fit.scores()["satisfaction"], fit.scores()[CAUSES].join(columns(survey)))
    np.testing.assert_allclose(fit.impacts()["direct"], slopes[CAUSES])
    assert fit.impacts().index.tolist() == CAUSES


def test_constructs_of_one_item_with_the_same_weights_give_the_same_numbers(fit, survey):
    """Where no weight is estimated, a control is a construct of one item."""
    free = pd.Series(fit.core.estimates.free[:, 0], index=fit.weights().index)
    modes = {name: {item: float(v) for item, v in free[name].items()} for name in ECSI.constructs}
    data = survey.join(columns(survey)[DUMMIES[1:]])
    alone = {name: csi.Construct([csi.Item(name, scale=(0, 100))]) for name in DUMMIES}
    effects = list(dict.fromkeys(path.effect for path in ECSI.paths))
    wide = ECSI.replace(
        constructs={**ECSI.constructs, **alone},
        paths=[*ECSI.paths, *(csi.Path(name, effect) for name in DUMMIES for effect in effects)],
    )
    other = csi.Study(wide, csi.PLS(modes=modes)).fit(data)
    for noun in ("paths", "vif", "f2"):
        ours, theirs = getattr(fit, noun)()["estimate"], getattr(other, noun)()["estimate"]
        np.testing.assert_allclose(ours, theirs.reindex(ours.index), rtol=1e-9)
    np.testing.assert_allclose(fit.r2(), other.r2(), rtol=1e-9)
    np.testing.assert_allclose(fit.goodness().loc["gof", "estimate"], other.goodness().loc["gof", "estimate"])
    ours = fit.predict(survey)
    np.testing.assert_allclose(ours, other.predict(data)[ours.columns], rtol=1e-9)
    labels = np.arange(250) % 10
    with_modes = csi.Study(ECSI, csi.PLS(modes=modes), controls=["age", "region"]).fit(survey)
    ours, theirs = (each.predictive(labels) for each in (with_modes, other))
    np.testing.assert_allclose(ours, theirs.reindex(ours.index), rtol=1e-9)


def test_errors_agree_with_resamples(fit):
    drawn = fit.bootstrap(1_000, rng=1, progress=False).paths().loc[DUMMIES]
    assert (drawn["std_error"] / fit.paths().loc[DUMMIES, "std_error"] - 1).abs().max() < 0.12
    assert drawn[["conf_low", "p_value"]].notna().all().all()


@pytest.mark.parametrize(
    "settings",
    [
        {"method": csi.PLSc()},
        {"method": csi.PLS(standardized=False)},
        {"correlations": "spearman"},
        {"design": csi.Design(weight="w")},
        {"missing": "em"},
        {"missing": "mean"},
        {"missing": "listwise"},
    ],
)
def test_they_work_with_everything_else(survey, settings):
    data = survey.astype({"age": float})
    if "missing" in settings:
        data.loc[5:9, "age"] = np.nan
        data.loc[3, "region"] = None
        data.loc[20, "CUSA1"] = np.nan
    study = csi.Study(ECSI, controls={"satisfaction": ["age"], "loyalty": ["region", "age"]}, **settings)
    fit = study.fit(data)
    rows = [("age", "satisfaction"), ("age", "loyalty"), ("region=north", "loyalty"), ("region=south", "loyalty")]
    assert fit.paths().index[-4:].tolist() == rows
    drawn = fit.bootstrap(10, rng=1, progress=False).replicates("paths")
    assert np.isfinite(drawn).all().all()
    assert len(fit.check().query("code == 'controls_not_estimated'")) == 0


def test_consistent_paths_take_controls_as_they_are(survey):
    """Correlations with a control are divided by the root of one reliability only."""
    fit, plain = (csi.Study(ECSI, method, controls=["age"]).fit(survey) for method in (csi.PLSc(), csi.PLS()))
    k = len(ECSI.constructs)
    rho = fit.core.method.reliability(fit.core.blueprint, fit.core.stack, fit.core.solution.values)[:, 0]
    found, scores = fit.core.estimates.correlations[:k, k, 0], plain.core.estimates.correlations[:k, k, 0]
    np.testing.assert_allclose(found, scores / np.sqrt(rho), rtol=1e-9)


def test_groups_permutations_and_two_fits(survey):
    study = csi.Study(ECSI, controls=["age"])
    both = study.fit(survey, by="g")
    alone = study.fit(survey[survey["g"] == 1])
    np.testing.assert_allclose(both[1].paths()["estimate"], alone.paths()["estimate"], atol=1e-6)
    table = both.permute(50, rng=1, progress=False).differences()
    assert table.xs("age", level="cause")["p_value"].between(0, 1).all()
    apart = csi.compare(both[0], alone, of="paths")
    assert apart.xs("age", level="cause")["invariance_p"].notna().all()


def test_a_saved_fit_and_moments_know_them(fit, survey, tmp_path):
    again = csi.open(fit.save(tmp_path / "controls.csi"))
    pd.testing.assert_frame_equal(again.paths(), fit.paths())
    assert again.study.controls == fit.study.controls
    names = [*fit.core.blueprint.item_names, "age"]
    moments = csi.Moments(n=250, mean=survey[names].mean(), cov=survey[names].cov())
    study = csi.Study(ECSI, controls=["age"])
    np.testing.assert_allclose(study.fit(moments).paths()["estimate"], study.fit(survey).paths()["estimate"])


def test_tables_and_pictures_say_what_they_are(fit, tmp_path):
    assert "region: against east" in fit.paths().attrs["note"]
    assert not {"age", "region=north"} & {text.get_text() for text in fit.plot().texts}
    page = fit.report(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "age (control)" in page and "Reference: region = east." in page
    assert set(fit.effects().index.get_level_values("cause")) <= set(ECSI.constructs)


def test_categories_have_their_own_order_and_numbers_as_text_are_numbers(survey):
    ordered = pd.Categorical(survey["region"], categories=["south", "west", "north", "east"])
    fit = csi.Study(ECSI, controls=["region"]).fit(survey.assign(region=ordered))
    assert fit.paths().index.get_level_values("cause")[-12:].unique().tolist() == ["region=north", "region=east"]
    flag = csi.Study(ECSI, controls=["north"]).fit(survey.assign(north=survey["region"] == "north"))
    assert ("north", "loyalty") in flag.paths().index


def test_an_equation_without_a_solution_is_told(survey):
    twice = csi.Study(ECSI, controls=["age", "years"]).fit(survey.assign(years=2 * survey["age"]))
    assert twice.check()["code"].eq("controls_not_estimated").sum() == 6
    assert twice.index()["estimate"].notna().all()
    still = csi.Study(ECSI, controls=["age"]).fit(survey.assign(age=survey["age"].where(survey["g"] == 1, 30)), by="g")
    found = still.check().query("code == 'controls_not_estimated'")
    assert set(found["group"]) == {0} and found["message"].str.contains("age does not vary").all()


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"controls": "age"}, SettingsError, "must be a list of columns"),
        ({"controls": ["CUSA1"]}, SettingsError, "the name of a construct or an item"),
        ({"controls": {"image": ["age"]}}, ModelError, "has no causes"),
        ({"controls": {"satisfacton": ["age"]}}, ModelError, "did you mean 'satisfaction'"),
        ({"controls": ["age"], "method": csi.CBSEM()}, SettingsError, "a construct of one item"),
        ({"controls": ["age"], "correlations": "polychoric"}, SettingsError, "ordered answers"),
        ({"controls": ["agee"]}, DataError, "did you mean 'age'"),
        ({"controls": ["one"]}, DataError, "does not vary"),
    ],
)
def test_what_cannot_be_controlled_is_refused(survey, settings, error, words):
    with pytest.raises(error, match=words):
        csi.Study(ECSI, **settings).fit(survey.assign(one=1))


def test_a_group_is_no_control_and_some_nouns_need_a_fit_without(fit, survey):
    with pytest.raises(DataError, match="constant in each"):
        csi.Study(ECSI, controls=["g"]).fit(survey, by="g")
    with pytest.raises(csi.NotAvailable, match="without controls="):
        fit.bootstrap(10, rng=1, progress=False).exact_fit()
    with pytest.raises(csi.NotAvailable, match="predicts with them"):
        fit.q2()
    with pytest.raises(DataError, match="what the fit controls for"):
        fit.predict(survey.drop(columns="region"))
