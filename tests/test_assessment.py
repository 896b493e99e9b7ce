"""Reliability, validity, overlap, fit and selection equal cSEM and seminr; limits are data; NaN where meaningless."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from assess_oracles import CSEM, MODELS, SEMINR, SOLUTIONS, assert_equal, fitted, joined

import csi

SINGLE = {"complaints"}


def several(name: str) -> list[str]:
    """Reflective constructs with several items of a solution."""
    blocks = fitted(name).model.constructs
    return [key for key, block in blocks.items() if block.kind == "reflective" and key not in SINGLE]


def some(numbers: dict[str, float], keys: list[str]) -> dict[str, float]:
    return {key: numbers[key] for key in keys}


@pytest.mark.parametrize("name", CSEM)
def test_reliability_equals_csem(name):
    entry, table, keys = SOLUTIONS[name], fitted(name).reliability(), several(name)
    for column, theirs in (("alpha_standardized", "rho_T"), ("rho_c", "rho_C"), ("ave", "ave")):
        assert_equal(some(table[column], keys), some(entry[theirs], keys))
    others = [key for key in table.index if key not in keys]
    assert table.loc[others].isna().all(axis=None)
    if entry["method"] == "PLSc":
        assert_equal(some(table["rho_a"], keys), some(entry["reliabilities"], keys))


@pytest.mark.parametrize("name", SEMINR)
def test_reliability_equals_seminr(name):
    theirs, table, keys = SOLUTIONS[name]["reliability"], fitted(name).reliability(), several(name)
    for ours, column in (("alpha_standardized", "alpha"), ("rho_a", "rhoA"), ("rho_c", "rhoC"), ("ave", "AVE")):
        assert_equal(some(table[ours], keys), some(theirs[column], keys))


def test_alpha_of_points_is_the_textbook_alpha(mobi):
    table = csi.Study(MODELS["ecsi"]).fit(mobi).reliability()
    for name, block in MODELS["ecsi"].constructs.items():
        x = mobi[[item.name for item in block.items]]
        if len(x.columns) > 1:
            k = len(x.columns)
            alpha = k / (k - 1) * (1 - x.var().sum() / x.sum(axis=1).var())
            assert table.loc[name, "alpha"] == pytest.approx(alpha, rel=1e-12)


def test_feldt_interval_is_that_of_psych(mobi, oracle):
    """psych::alpha gives the interval of Feldt for the raw alpha."""
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    table = fit.reliability(tidy=True, interval="feldt")
    from csi.numerics.items import feldt_interval

    low, high = feldt_interval(fit.reliability().loc["quality", "alpha"], 250, 7, 0.95)
    row = table.loc[("quality", "alpha")]
    assert (row["conf_low"], row["conf_high"]) == (low, high)
    assert table.loc[("quality", "ave")][["conf_low", "conf_high"]].isna().all()
    assert table.loc[("complaints", "alpha")].isna().all()
    with pytest.raises(csi.errors.SettingsError, match="tidy=True"):
        fit.reliability(interval="feldt")


@pytest.mark.parametrize("name", [name for name in CSEM if several(name)])
def test_validity_equals_csem(name):
    """cSEM takes signed correlations; Fornell-Larcker compares squared correlations with AVE."""
    entry, fit = SOLUTIONS[name], fitted(name)
    table = fit.validity(absolute=False)
    meant = [pair for pair in table.index if not {"composite"} & {fit.model.constructs[key].kind for key in pair}]
    keys = [" -- ".join(pair) for pair in meant]
    assert_equal(some(joined(table, "htmt", " -- "), keys), some(entry["htmt"], keys))
    assert_equal(some(joined(table, "htmt2", " -- "), keys), some(entry["htmt2"], keys))
    assert_equal(joined(table, "correlation", " -- "), entry["correlations"])
    for pair in meant:
        aves = [entry["ave"][key] for key in pair if key not in SINGLE]
        if aves:
            ratio = entry["fl_squared_correlation"][" -- ".join(pair)] / min(aves)
            assert table.loc[pair, "fornell_larcker"] == pytest.approx(ratio, abs=1e-8)
    rest = [pair for pair in table.index if pair not in meant]
    assert table.loc[rest, ["htmt", "htmt2", "fornell_larcker"]].isna().all(axis=None)


@pytest.mark.parametrize("name", SEMINR)
def test_htmt_of_absolute_correlations_equals_seminr(name):
    assert_equal(joined(fitted(name).validity(), "htmt", " -- "), SOLUTIONS[name]["htmt"])
    assert_equal(joined(fitted(name).htmt(), by=" -- "), SOLUTIONS[name]["htmt"])


def test_notes_name_pairs_where_variants_differ_or_do_not_exist(mobi):
    notes = csi.Study(MODELS["ecsi"]).fit(mobi).validity().attrs["notes"]
    assert len(notes) == 2
    assert all("quality - loyalty" in note for note in notes)
    assert csi.Study(MODELS["ecsi"].without("CUSL2")).fit(mobi).validity().attrs["notes"] == []


def test_htmt_is_tested_against_its_limit_never_against_zero(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi).bootstrap(400, rng=1)
    for limit in (0.85, 0.9, 1):
        table = fit.htmt(limit)
        np.testing.assert_allclose(table["statistic"], (table["estimate"] - limit) / table["std_error"])
        draws = fit.replicates("htmt")
        pair = ("image", "complaints")
        tail = min((draws[pair] <= limit).sum(), (draws[pair] >= limit).sum())
        assert table.loc[pair, "p_value"] == pytest.approx(2 * (1 + tail) / 401)
    for limit in (0, -1, 1.2, "high"):
        with pytest.raises(csi.errors.SettingsError, match=r"\.85 or \.90"):
            fit.htmt(limit)


@pytest.mark.parametrize("name", SEMINR)
def test_cross_loadings_and_item_inflation_equal_seminr(name):
    entry, fit = SOLUTIONS[name], fitted(name)
    table = fit.cross_loadings().droplevel("construct")
    for construct, theirs in entry["cross_loadings"].items():
        assert_equal(table[construct].to_dict(), theirs)
    assert_equal(fit.vif("items")["estimate"].droplevel("construct").to_dict(), entry["vif_items"])


@pytest.mark.parametrize("name", CSEM)
def test_inflation_and_effect_sizes_equal_csem(name):
    entry, fit = SOLUTIONS[name], fitted(name)
    ours = joined(fit.vif())
    assert_equal(some(ours, list(entry["vif"])), entry["vif"])
    assert all(ours[key] == 1 for key in ours if key not in entry["vif"])
    assert_equal(joined(fit.f2()), entry["f2"])


def test_structural_inflation_of_pls_equals_seminr():
    name = "seminr-ECSI_modeA_path"
    ours = joined(fitted(name).vif())
    assert_equal(some(ours, list(SOLUTIONS[name]["vif"])), SOLUTIONS[name]["vif"])


def test_harman_is_the_first_of_the_eigenvalues(mobi):
    values = np.linalg.eigvalsh(mobi.corr())
    table = csi.Study(MODELS["ecsi"]).fit(mobi).harman()
    assert table.loc["first component", "estimate"] == pytest.approx(values[-1] / 24)
    assert table.loc["first component", "std_error"] > 0


def test_full_collinearity_is_the_inverse_of_the_correlations(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    inverse = np.linalg.inv(fit.core.estimates.correlations[..., 0])
    np.testing.assert_allclose(fit.vif("constructs")["estimate"], np.diag(inverse), rtol=1e-10)


@pytest.mark.parametrize("name", CSEM)
def test_goodness_equals_csem(name):
    entry, fit = SOLUTIONS[name], fitted(name)
    estimated, saturated = fit.goodness()["estimate"], fit.goodness("saturated")["estimate"]
    for ours, theirs in (("srmr", "srmr"), ("d_uls", "dl"), ("d_g", "dg"), ("d_ml", "dml"), ("gof", "gof")):
        assert estimated[ours] == pytest.approx(entry[theirs], abs=1e-8)
    assert estimated["nfi"] == pytest.approx(entry["nfi"], abs=1e-8)
    # cSEM multiplies by n - 1.
    assert estimated["chi2"] / 250 * 249 == pytest.approx(entry["chi_square"], abs=1e-6)
    for ours, theirs in (("srmr", "SRMR"), ("d_uls", "dL"), ("d_g", "dG"), ("d_ml", "dML")):
        assert saturated[ours] == pytest.approx(entry[f"{theirs}_saturated"], abs=1e-8)


def test_plspm_goodness_of_fit(mobi):
    assert csi.Study(MODELS["ecsi"]).fit(mobi).goodness().loc["gof", "estimate"] == pytest.approx(
        0.4717525772, abs=1e-7
    )


@pytest.mark.parametrize("name", CSEM)
def test_information_criteria_equal_csem(name):
    entry, table = SOLUTIONS[name], fitted(name).selection()
    for criterion in table.columns:
        theirs = dict(entry[criterion])
        if criterion in ("gm", "mallows_cp"):
            # A negative ratio of sums of squares: the saturated model of cSEM explains more than all there is.
            theirs = {of: np.nan if value < -250 else value for of, value in theirs.items()}
        assert_equal(table[criterion].to_dict(), theirs, 1e-7)


def test_criteria_of_the_saturated_model(mobi):
    """Cp of a saturated equation is k + n - 1 - n + k; blank where no saturated model is defined."""
    model = csi.Model("all", {"a": ["IMAG1", "IMAG2"], "b": ["CUEX1", "CUEX2"], "c": ["CUSA1", "CUSA2"]},
                      {"a": ["b", "c"], "b": ["c"]})  # fmt: skip
    table = csi.Study(model).fit(mobi).selection()
    np.testing.assert_allclose(table["mallows_cp"], [2 * 2 - 1, 2 * 3 - 1], rtol=1e-6)
    np.testing.assert_allclose(table["gm"], 249 + np.log(250) * np.array([2, 3]), rtol=1e-8)
    tidy = csi.Study(model).fit(mobi).selection(tidy=True)
    assert tidy.loc[("b", "bic"), "conf_low"] < table.loc["b", "bic"] < tidy.loc[("b", "bic"), "conf_high"]
    drawn = csi.Study(model).fit(mobi).bootstrap(20, rng=1, progress=False).replicates("selection")
    assert drawn.xs("gm", axis=1, level="measure").notna().all().all()
    whole = model.replace(higher={"d": ["a", "b"]}, paths={"d": ["c"]})
    assert csi.Study(whole).fit(mobi).selection()[["gm", "mallows_cp"]].isna().all().all()


@pytest.mark.parametrize("name", SEMINR)
def test_aic_and_bic_equal_seminr(name):
    """Of PLS; under PLSc seminr keeps the R2 of the scores, where cSEM and this library take the consistent one."""
    entry = SOLUTIONS[name]
    plain = csi.PLS(scheme=entry["scheme"], tolerance=1e-12)
    fit = fitted(name)
    table = csi.Study(fit.model, method=plain).fit(fit.core.sample.table.native).selection()
    for criterion in ("AIC", "BIC"):
        assert_equal(table[criterion.lower()].to_dict(), SOLUTIONS[name]["it_criteria"][criterion], 1e-7)


def test_akaike_weights_add_up_and_prefer_the_smaller_criterion(mobi):
    fits = {
        "all": csi.Study(MODELS["ecsi"]).fit(mobi),
        "no image": csi.Study(MODELS["ecsi"].without("image")).fit(mobi),
        "no value": csi.Study(MODELS["ecsi"].without("value")).fit(mobi),
    }
    table = csi.akaike(fits, on="satisfaction")
    assert table["weight"].sum() == pytest.approx(1)
    assert table["weight"].idxmax() == table["bic"].idxmin()
    assert table.loc["all", "bic"] == fits["all"].selection().loc["satisfaction", "bic"]
    with pytest.raises(csi.errors.SettingsError, match="did you mean 'satisfaction'"):
        csi.akaike(fits, on="satisfacton")
    with pytest.raises(csi.errors.SettingsError, match="at least two"):
        csi.akaike({"all": fits["all"]}, on="satisfaction")


def test_communality_and_redundancy(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    table, items = fit.communality(), fit.communality("items")
    square = fit.loadings()["estimate"] ** 2
    np.testing.assert_allclose(items["communality"], square)
    mean = square.groupby(level="construct", sort=False).mean()
    np.testing.assert_allclose(table["communality"], mean)
    np.testing.assert_allclose(table["redundancy"].drop("image"), mean.drop("image") * fit.r2()["r2"])
    assert np.isnan(table.loc["image", "redundancy"])


def test_unidimensionality_is_that_of_principal_components(mobi):
    """The Dillon-Goldstein rho of quality is .9050 in plspm."""
    table = csi.Study(MODELS["ecsi"]).fit(mobi).unidimensionality()
    values = np.linalg.eigvalsh(mobi.filter(like="PERQ").corr())
    assert table.loc["quality", ["eigenvalue_1", "eigenvalue_2"]].tolist() == pytest.approx(values[::-1][:2].tolist())
    assert table.loc["image", "rho_pca"] == pytest.approx(0.8193, abs=5e-5)
    assert table.loc["complaints"].isna().all()


# -- in every fit -----------------------------------------------------------------------------------------

NOUNS = ["reliability", "unidimensionality", "communality", "validity", "cross_loadings", "vif", "f2", "goodness",
         "htmt", "selection"]  # fmt: skip


@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("method", [csi.PLS(), csi.PLSc(), csi.PLS(modes={"image": "B"}), csi.PLS(standardized=False)])
def test_draws_of_ones_are_the_estimate(mobi, noun, method):
    fit = csi.Study(MODELS["ecsi"], method=method).fit(mobi)
    draws = fit.bootstrap(cases=np.ones((2, 250))).replicates(noun)
    np.testing.assert_allclose(draws.iloc[0], fit.core.values(fit._noun(noun))[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("noun", ["reliability", "validity", "vif", "f2", "goodness", "htmt", "communality"])
def test_linearized_errors_are_those_of_resamples(mobi, noun):
    """To a few parts in ten, as far as 800 resamples tell; distances and correlations near one are biased in draws."""
    fit = csi.Study(MODELS["acsi"]).fit(mobi)
    drawn = fit.bootstrap(800, rng=3)
    one, two = (each.core.uncertainty(each._noun(noun), None, 0.95).std_error[0] for each in (fit, drawn))
    known = np.isfinite(one) & np.isfinite(two) & (one > 0)
    assert known.any()
    ratio = two[known] / one[known]
    assert np.median(ratio) == pytest.approx(1, abs=0.25)


@pytest.mark.parametrize("noun", NOUNS)
def test_groups_are_as_each_alone(mobi, noun):
    data = mobi.assign(half=np.where(np.arange(250) < 125, "a", "b"))
    both = csi.Study(MODELS["ecsi"]).fit(data, by="half")
    alone = csi.Study(MODELS["ecsi"]).fit(data.query("half == 'b'"))
    np.testing.assert_allclose(
        both["b"].core.values(both._noun(noun)), alone.core.values(alone._noun(noun)), rtol=1e-6, atol=1e-8
    )
    if noun != "selection":
        assert getattr(both, noun)().index.names[0] == "half"


def test_a_group_that_cannot_be_estimated_is_nan_and_hurts_no_other(mobi):
    data = mobi.assign(wave=np.where(np.arange(250) < 100, 1, 2))
    data.loc[data["wave"] == 1, "PERQ3"] = 7
    fit = csi.Study(MODELS["ecsi"]).fit(data, by="wave")
    for noun in NOUNS:
        values = fit.core.values(fit._noun(noun))
        assert np.isfinite(values[1]).any()
    assert fit.goodness().loc[1, "estimate"].isna().all()
    assert fit.reliability(tidy=True).loc[(2, "quality", "alpha"), "std_error"] > 0


def test_weights_of_cases_are_repeated_rows(mobi):
    counts = np.random.default_rng(5).integers(1, 4, 250)
    counted = csi.Study(MODELS["ecsi"], design=csi.Design(count="n")).fit(mobi.assign(n=counts))
    repeated = csi.Study(MODELS["ecsi"]).fit(mobi.loc[mobi.index.repeat(counts)].reset_index(drop=True))
    for noun in NOUNS:
        np.testing.assert_allclose(
            counted.core.values(counted._noun(noun)), repeated.core.values(repeated._noun(noun)), rtol=1e-8, atol=1e-8
        )


def test_moments_are_enough(mobi):
    moments = csi.Moments(n=250, mean=mobi.mean(), cov=mobi.cov())
    known, cases = csi.Study(MODELS["ecsi"]).fit(moments), csi.Study(MODELS["ecsi"]).fit(mobi)
    for noun in NOUNS:
        np.testing.assert_allclose(
            known.core.values(known._noun(noun)), cases.core.values(cases._noun(noun)), rtol=1e-8
        )


def test_mode_b_has_no_rho_a_and_composites_no_reliability(mobi):
    model = MODELS["ecsi"]
    table = csi.Study(model, method=csi.PLS(modes={"image": "B"})).fit(mobi).reliability()
    assert np.isnan(table.loc["image", "rho_a"])
    assert np.isfinite(table.loc["image", "alpha"])
    blocks = {**model.constructs, "image": csi.Construct(model.constructs["image"].items, kind="composite")}
    fit = csi.Study(model.replace(constructs=blocks)).fit(mobi)
    assert fit.reliability().loc["image"].isna().all()
    assert "image" not in {name for pair in fit.htmt().index for name in pair}
    assert not [subject for measure, subject in fit.assess().index if measure == "htmt" and "image" in subject]


# -- thresholds ----------------------------------------------------------------------------------------------


def test_thresholds_are_printed_with_their_source_and_can_be_changed(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    usual = fit.assess()
    assert (usual["source"] != "").all()
    assert csi.criteria().loc["htmt"].tolist() == ["below", 0.9, "Henseler, Ringle & Sarstedt (2015)"]
    row = usual.loc[("htmt", "quality - satisfaction")]
    assert row["value"] == fit.validity().loc[("quality", "satisfaction"), "htmt"]
    assert (row["limit"], row["met"]) == (0.9, 0.0)
    own = [csi.Criterion("htmt", "below", 0.96, "our handbook"), csi.Criterion("gof", "at least", 0.36, "Wetzels 2009")]
    changed = fit.assess(own)
    assert changed.loc[("htmt", "quality - satisfaction"), "met"] == 1
    assert set(changed.index.get_level_values("measure")) == {"htmt", "gof"}
    strict = fit.assess("strict")
    assert strict.loc[("vif_constructs", "quality"), "met"] == 0
    assert (~usual["met"].astype(bool)).sum() < (~strict["met"].astype(bool)).sum()


def test_criteria_meet_their_limit_from_their_side():
    for sense, low, equal, high in (
        ("at least", 0, 1, 1),
        ("at most", 1, 1, 0),
        ("below", 1, 0, 0),
        ("above", 0, 0, 1),
    ):
        one = csi.Criterion("ave", sense, 0.5, "a test")
        assert [one.met(value) for value in (0.4, 0.5, 0.6)] == [bool(low), bool(equal), bool(high)]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda fit: csi.Criterion("hmtm", "below", 0.9, ""), "measure must be one of"),
        (lambda fit: csi.Criterion("htmt", "under", 0.9, ""), "sense must be one of"),
        (lambda fit: fit.assess("thesiss"), "criteria must be one of"),
        (lambda fit: fit.assess([0.9]), "csi.Criterion"),
        (lambda fit: fit.vif("item"), "did you mean 'items'"),
        (lambda fit: fit.goodness("saturatd"), "did you mean 'saturated'"),
        (lambda fit: fit.communality("construct"), "did you mean 'constructs'"),
        (lambda fit: fit.validity(absolute="no"), "absolute must be one of"),
    ],
)
def test_wrong_words_are_refused(mobi, make, words):
    with pytest.raises(csi.errors.SettingsError, match=words):
        make(csi.Study(MODELS["ecsi"]).fit(mobi))


def test_a_second_order_with_repeated_items_is_refused_where_it_has_no_meaning(mobi):
    kept = {name: MODELS["ecsi"].constructs[name] for name in ("image", "value", "satisfaction")}
    model = csi.Model("m", kept, {"equity": ["satisfaction"]}, higher={"equity": ["image", "value"]}, scale=(1, 10))
    fit = csi.Study(model).fit(mobi)
    for noun in ("goodness", "validity", "htmt"):
        with pytest.raises(csi.NotAvailable, match="repeats items"):
            getattr(fit, noun)()
    assert np.isfinite(fit.reliability().loc["image", "rho_a"])
    assert np.isnan(fit.reliability().loc["equity", "rho_a"])


def test_tables_hold_floats_only(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    for noun in NOUNS:
        table = getattr(fit, noun)()
        assert isinstance(table, pd.DataFrame)
        assert {str(kind) for kind in table.dtypes} == {"float64"}


# -- ways and contrasts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CSEM)
def test_effects_and_their_shares_equal_csem(name):
    entry, fit = SOLUTIONS[name], fitted(name)
    effects = fit.effects()
    assert_equal(joined(effects, "total"), entry["total"])
    for column in ("indirect", "vaf"):
        table = joined(effects, "indirect") if column == "indirect" else joined(fit.vaf())
        assert_equal(some(table, list(entry[column])), entry[column])
    assert list(joined(fit.vaf())) == [key for key, value in joined(effects, "indirect").items() if value != 0]


def test_chains_add_up_to_the_indirect_effect(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    chains = fit.indirect()["estimate"]
    ends = [(name.split(" -> ")[0], name.split(" -> ")[-1]) for name in chains.index]
    sums = chains.groupby(pd.MultiIndex.from_tuples(ends, names=["cause", "effect"])).sum()
    indirect = fit.effects()["indirect"]
    np.testing.assert_allclose(sums.to_numpy(), [indirect[pair] for pair in sums.index], rtol=1e-12)
    assert max(len(name.split(" -> ")) for name in chains.index) == 7


def test_difference_of_two_paths_is_that_of_their_draws(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi).bootstrap(300, rng=1)
    one, two = ("quality", "satisfaction"), ("value", "satisfaction")
    row = fit.contrast(one, two).iloc[0]
    draws = fit.replicates("paths")
    gaps = draws[one] - draws[two]
    paths = fit.paths()["estimate"]
    assert row["estimate"] == pytest.approx(paths[one] - paths[two])
    assert row["std_error"] == pytest.approx(gaps.std())
    assert row["conf_low"] == pytest.approx(gaps.quantile(0.025))
    wide = fit.contrast((*one, "direct"), (*two, "direct"), of="effects")
    assert wide["estimate"].iloc[0] == pytest.approx(row["estimate"])
    with pytest.raises(csi.errors.SettingsError, match="did you mean 'quality -> satisfaction'"):
        fit.contrast(("qualit", "satisfaction"), two)


# -- blindfolding ---------------------------------------------------------------------------------------------

#: semPLS 1.0-10: qSquared(sempls(ECSImobi, mobi, tol = 1e-12), d = 7).
Q2 = {"expectations": 0.11216161867024321, "quality": 0.16819416562606038, "value": 0.2749253983977027,
      "satisfaction": 0.45230160270384934, "complaints": 0.2628907490069974,
      "loyalty": 0.21072242580973022}  # fmt: skip


def test_q2_equals_sempls(mobi):
    assert_equal(csi.Study(MODELS["ecsi"]).fit(mobi).q2()["estimate"].to_dict(), Q2)


def test_q2_by_another_scheme_is_close_and_groups_are_alone(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    own = fit.q2(scheme="path")["estimate"]
    assert 1e-6 < (own - pd.Series(Q2)).abs().max() < 0.005
    data = mobi.assign(half=np.where(np.arange(250) < 125, "a", "b"))
    both = csi.Study(MODELS["ecsi"]).fit(data, by="half").q2(5)
    alone = csi.Study(MODELS["ecsi"]).fit(data.query("half == 'a'")).q2(5)
    np.testing.assert_allclose(both.loc["a", "estimate"], alone["estimate"])
    doubled = csi.Study(MODELS["ecsi"], design=csi.Design(weight="w")).fit(mobi.assign(w=2)).q2()
    np.testing.assert_allclose(doubled["estimate"], list(Q2.values()), atol=1e-8)


def test_q2_needs_cases_and_a_distance(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    for distance in (1, 2.5, "7"):
        with pytest.raises(csi.errors.SettingsError, match="at least 2"):
            fit.q2(distance)
    with pytest.raises(csi.NotAvailable, match="more than 300 respondents"):
        fit.q2(300)
    moments = csi.Moments(n=250, mean=mobi.mean(), cov=mobi.cov())
    with pytest.raises(csi.NotAvailable, match="cases are needed"):
        csi.Study(MODELS["ecsi"]).fit(moments).q2()


# -- exact fit ------------------------------------------------------------------------------------------------


def test_exact_fit_is_that_of_turned_answers(mobi):
    """Turning the cases and resampling them gives the distances that turned moments give."""
    from csi.results.exact_fit import transformation
    from csi.results.goodness import implied

    cases = np.random.default_rng(0).multinomial(250, np.full(250, 1 / 250), size=20)
    fit = csi.Study(MODELS["acsi"], method=csi.PLS(tolerance=1e-12)).fit(mobi).bootstrap(cases=cases)
    names = MODELS["acsi"].items
    z = mobi[[item.name for item in names]]
    z = (z - z.mean()) / z.std()
    corr = z.corr().to_numpy()
    target = implied(fit.core.blueprint, corr[..., None], fit.core.estimates, "estimated")[..., 0]
    turned = pd.DataFrame(z.to_numpy() @ transformation(corr, target), columns=z.columns)
    np.testing.assert_allclose(turned.corr(), target, atol=1e-10)
    bare = csi.Model("bare", MODELS["acsi"].constructs, [(p.cause, p.effect) for p in MODELS["acsi"].paths])
    far = []
    for row in cases:
        again = turned.loc[turned.index.repeat(row)].reset_index(drop=True)
        far.append(csi.Study(bare, method=csi.PLS(tolerance=1e-12)).fit(again).goodness()["estimate"])
    far = pd.DataFrame(far)
    table = fit.exact_fit()
    for measure in ("srmr", "d_uls", "d_g"):
        assert table.loc[measure, "limit"] == pytest.approx(far[measure].quantile(0.95), abs=1e-7)
        more = (far[measure] >= table.loc[measure, "estimate"]).sum()
        assert table.loc[measure, "p_value"] == pytest.approx((1 + more) / 21)


def test_a_true_model_is_not_rejected_and_a_false_one_is():
    """Population: two correlated factors; the false model takes items of both for one construct."""
    rng = np.random.default_rng(1)
    a = rng.standard_normal(600)
    b = 0.5 * a + np.sqrt(0.75) * rng.standard_normal(600)
    data = pd.DataFrame({f"{name}{i}": 0.8 * factor + 0.6 * rng.standard_normal(600)
                         for name, factor in (("a", a), ("b", b)) for i in range(1, 5)})  # fmt: skip
    true = csi.Model("t", {"a": csi.items("a", 4), "b": csi.items("b", 4)}, {"a": ["b"]})
    false = csi.Model("f", {"a": ["a1", "a2", "b1"], "b": ["b2", "b3", "b4", "a3"]}, {"a": ["b"]})
    held, wrong = (
        csi.Study(model, method=csi.PLSc()).fit(data).bootstrap(300, rng=1).exact_fit()["p_value"]
        for model in (true, false)
    )
    assert (held > 0.05).all()
    assert (wrong < 0.01).all()


def test_exact_fit_needs_resamples_and_works_in_groups(mobi):
    fit = csi.Study(MODELS["acsi"]).fit(mobi.assign(g=np.arange(250) % 2), by="g")
    with pytest.raises(csi.NotAvailable, match="needs resamples"):
        fit.exact_fit()
    table = fit.bootstrap(50, rng=1).exact_fit("saturated")
    assert table.index.names == ["g", "measure"]
    assert table["p_value"].between(0, 1).all()


# -- poor data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [csi.PLS(), csi.PLSc()])
@pytest.mark.parametrize("n", [15, 60])
@pytest.mark.parametrize("seed", range(3))
def test_noise_gives_numbers_or_nan_but_never_a_warning(mobi, method, n, seed):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.integers(1, 11, (n, 24)), columns=mobi.columns).assign(g=np.arange(n) % 2)
    fit = csi.Study(MODELS["ecsi"], method=method).fit(data, by="g")
    drawn = fit.bootstrap(40, rng=1, progress=False)
    for noun in [*NOUNS, "vaf", "harman"]:
        one, two = (getattr(each, noun)() for each in (fit, drawn))
        assert one.shape[0] == two.shape[0]
    assert len(fit.check())
    assert fit.permute(20, rng=1, progress=False).invariance().shape == (7, 8)
    assert drawn.exact_fit().shape == (6, 3)


def test_a_copied_item_leaves_nothing_silent(mobi):
    """A singular block: mode A estimates, distances that need an inverse are NaN, and the doubt names both items."""
    data = mobi.assign(PERQ2=mobi["PERQ1"])
    fit = csi.Study(MODELS["ecsi"]).fit(data)
    assert "PERQ1, PERQ2" in set(fit.check()["subject"])
    table = fit.goodness()["estimate"]
    assert table[["d_g", "d_ml", "nfi"]].isna().all()
    assert np.isfinite(table["srmr"])
    assert fit.vif("items")["estimate"][["quality"]].isna().any()
    with pytest.raises(csi.errors.EstimationError):
        csi.Study(MODELS["ecsi"], method=csi.PLS(modes={"quality": "B"})).fit(data)
