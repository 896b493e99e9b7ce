"""Sample profile, correlations, group differences, regression and multi-answer questions against other programs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.outliers_influence import variance_inflation_factor

from csi import analysis, datasets
from csi.design import Design
from csi.errors import DataError, SettingsError
from csi.numerics import groups

ORACLES = Path(__file__).parent / "oracles"
PSYCH = json.loads((ORACLES / "psych_mobi.json").read_text(encoding="utf-8"))
MOBI = datasets.load("mobi")
QUALITY = [f"PERQ{i}" for i in range(1, 8)]


def grouped(k: int) -> pd.DataFrame:
    labels = np.array(list("abcd"))[np.random.default_rng(1).choice(k, 250)]
    data = MOBI.assign(g=labels)
    data.loc[data["g"] == "a", "CUSA1"] = (data.loc[data["g"] == "a", "CUSA1"] - 1).clip(1)
    return data


def test_correlations_are_those_of_psych():
    oracle = PSYCH["corr_test_first6"]
    names = oracle["r"]["rows"]
    found = analysis.correlations(MOBI, names)
    np.testing.assert_allclose(found.matrix, oracle["r"]["values"], atol=1e-9)
    t, p, error = (pd.DataFrame(oracle[key]["values"], names, names) for key in ("t", "p", "se"))
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            row = found.pairs.loc[(one, other)]
            np.testing.assert_allclose(
                row[["statistic", "std_error"]].astype(float), [t.loc[one, other], error.loc[one, other]]
            )
            # psych puts adjusted p-values above the diagonal and raw ones below.
            np.testing.assert_allclose(
                row[["p_adjusted", "p_value"]].astype(float), [p.loc[one, other], p.loc[other, one]]
            )
    intervals = pd.DataFrame(oracle["ci"]["rows"], columns=oracle["ci"]["columns"])
    np.testing.assert_allclose(
        found.pairs[["conf_low", "conf_high"]], intervals[["lower", "upper"]].astype(float), atol=1e-9
    )


def test_the_table_of_a_thesis_has_means_stars_and_root_ave():
    blocks = {"quality": QUALITY, "value": ["PERV1", "PERV2"], "loyalty": ["CUSL2"]}
    found = analysis.correlations(MOBI, blocks, ave={"quality": 0.49, "value": 0.81, "loyalty": 1})
    assert found.table.loc["quality", "mean"] == pytest.approx(MOBI[QUALITY].mean(axis=1).mean())
    np.testing.assert_allclose(np.diag(found.table[["quality", "value", "loyalty"]]), [0.7, 0.9, 1])
    text = found.stars(2)
    assert text.loc["value", "quality"].endswith("***") and text.loc["quality", "value"] == ""
    rank = analysis.correlations(MOBI, ["CUSA1", "CUSA2"], method="spearman").pairs["estimate"].iloc[0]
    assert rank == pytest.approx(stats.spearmanr(MOBI["CUSA1"], MOBI["CUSA2"]).statistic)


def test_perfect_correlations_have_an_answer():
    data = MOBI.assign(twin=MOBI["CUSA1"] * 2, against=-MOBI["CUSA1"])[["CUSA1", "twin", "against"]]
    pairs = analysis.correlations(data).pairs
    np.testing.assert_allclose(pairs["estimate"], [1, -1, -1])
    assert (pairs["p_value"] == 0).all()


def test_two_groups_have_the_tests_of_scipy():
    data = grouped(2)
    found = analysis.differences(data, ["CUSA1", "CUSA2"], by="g")
    for item in ("CUSA1", "CUSA2"):
        a, b = (data.loc[data["g"] == g, item] for g in "ab")
        tests = found.tests.loc[item]
        for name, theirs in {
            "student": stats.ttest_ind(b, a),
            "welch": stats.ttest_ind(b, a, equal_var=False),
            "mann_whitney": stats.mannwhitneyu(b, a, method="asymptotic"),
            "levene": stats.levene(a, b, center="mean"),
        }.items():
            np.testing.assert_allclose(tests.loc[name, ["statistic", "p_value"]], [theirs.statistic, theirs.pvalue])
        interval = stats.ttest_ind(b, a, equal_var=False).confidence_interval()
        row = analysis.differences(data, [item], by="g").pairs.loc[(item, "a", "b")]
        np.testing.assert_allclose([row["conf_low"], row["conf_high"]], interval, rtol=1e-6)


def test_three_groups_have_the_tests_of_scipy_and_statsmodels():
    data = grouped(3)
    parts = [data.loc[data["g"] == g, "CUSA1"] for g in "abc"]
    found = analysis.differences(data, ["CUSA1"], by="g", post_hoc="tukey")
    tests = found.tests.loc["CUSA1"]
    for name, theirs in {
        "anova": stats.f_oneway(*parts),
        "welch": anova_oneway(parts, use_var="unequal"),
        "kruskal": stats.kruskal(*parts),
        "levene": stats.levene(*parts, center="mean"),
    }.items():
        np.testing.assert_allclose(
            tests.loc[name, ["statistic", "p_value"]], [theirs.statistic, theirs.pvalue], rtol=1e-8
        )
    tukey = stats.tukey_hsd(*parts)
    pair = found.pairs.loc[("CUSA1", "a", "c")]
    assert pair["p_value"] == pytest.approx(tukey.pvalue[0, 2], rel=1e-4)
    assert pair["conf_high"] == pytest.approx(tukey.confidence_interval(0.95).high[2, 0], rel=1e-4)
    games = analysis.differences(data, ["CUSA1"], by="g").pairs.loc[("CUSA1", "a", "c")]
    theirs = stats.tukey_hsd(*parts, equal_var=False)
    assert games["p_value"] == pytest.approx(theirs.pvalue[0, 2], rel=1e-4)
    lsd = analysis.differences(data, ["CUSA1"], by="g", post_hoc="lsd").pairs.loc["CUSA1"]
    assert (lsd["p_value"] <= found.pairs.loc["CUSA1", "p_value"] + 1e-12).all()


def test_effect_sizes_have_their_noncentral_intervals():
    data = grouped(2)
    a, b = (data.loc[data["g"] == g, "CUSA1"] for g in "ab")
    effects = analysis.differences(data, ["CUSA1"], by="g").effects.loc["CUSA1"]
    d = (b.mean() - a.mean()) / np.sqrt(((len(a) - 1) * a.var() + (len(b) - 1) * b.var()) / 248)
    assert effects.loc["hedges_g", "estimate"] == pytest.approx(d * (1 - 3 / (4 * 248 - 1)), rel=1e-4)
    assert (
        effects.loc["hedges_g", "conf_low"] < effects.loc["hedges_g", "estimate"] < effects.loc["hedges_g", "conf_high"]
    )
    low, high = effects.loc["eta_squared", ["conf_low", "conf_high"]]
    f = stats.f_oneway(a, b).statistic
    for eta, tail in ((low, 0.975), (high, 0.025)):
        assert stats.ncf.cdf(f, 1, 248, 250 * eta / (1 - eta)) == pytest.approx(tail, abs=1e-6)


def test_hedges_interval_is_that_of_the_noncentral_t():
    n, mean, variance = np.array([20.0, 25.0]), np.array([3.0, 4.0]), np.array([1.5, 2.0])
    effect = groups.hedges(n, mean, variance, 0.9)
    size, df = np.sqrt(20 * 25 / 45), 43
    correction = 1 - 3 / (4 * df - 1)
    t = effect.estimate / correction * size
    assert stats.nct.cdf(t, df, effect.low / correction * size) == pytest.approx(0.95, abs=1e-3)


def test_constructs_are_compared_by_their_means_and_designs_by_wald():
    data = grouped(3).assign(w=np.random.default_rng(2).uniform(1, 3, 250), town=np.arange(250) // 5)
    blocks = {"quality": QUALITY}
    plain = analysis.differences(data, blocks, by="g")
    means = data.assign(q=data[QUALITY].mean(axis=1)).groupby("g")["q"].mean()
    np.testing.assert_allclose(plain.means.loc["quality", "estimate"], means)
    design = analysis.differences(data, blocks, by="g", design=Design(weight="w", cluster="town"))
    assert design.tests.index.tolist() == [("quality", "wald")] and len(design.effects) == 0
    assert 0 < design.tests["p_value"].iloc[0] < 1 and design.tests["df2"].iloc[0] == 49 - 1


def test_two_waves_of_a_design_are_a_t_test_with_clusters():
    data = grouped(2).assign(one=1.0)
    design = analysis.differences(data, ["CUSA1"], by="g", design=Design(weight="one")).pairs.iloc[0]
    plain = analysis.differences(data, ["CUSA1"], by="g").pairs.iloc[0]
    assert design["estimate"] == pytest.approx(plain["estimate"])
    assert design["std_error"] == pytest.approx(plain["std_error"], rel=0.01)


def test_regression_is_that_of_statsmodels():
    steps = [["PERQ1", "PERQ2"], ["PERV1"], ["IMAG1", "IMAG2"]]
    found = analysis.regression(MOBI, "CUSA3", steps)
    before = None
    for number, size in ((1, 2), (2, 3), (3, 5)):
        names = [n for step in steps for n in step][:size]
        x = sm.add_constant(MOBI[names].astype(float))
        fit = sm.OLS(MOBI["CUSA3"].astype(float), x).fit()
        table = found.coefficients.loc[number]
        np.testing.assert_allclose(table["estimate"], fit.params)
        np.testing.assert_allclose(table[["std_error", "p_value"]], np.column_stack([fit.bse, fit.pvalues]), rtol=1e-9)
        np.testing.assert_allclose(table[["conf_low", "conf_high"]], fit.conf_int(), rtol=1e-9)
        vif = [variance_inflation_factor(x.to_numpy(), j) for j in range(1, size + 1)]
        np.testing.assert_allclose(table["vif"].iloc[1:], vif)
        row = found.steps.loc[number]
        np.testing.assert_allclose(
            row[["r2", "r2_adjusted", "statistic"]], [fit.rsquared, fit.rsquared_adj, fit.fvalue]
        )
        if before is not None:
            f, p, _ = fit.compare_f_test(before)
            np.testing.assert_allclose(row[["f_change", "p_change"]], [f, p], rtol=1e-7)
        before = fit
    robust = analysis.regression(MOBI, "CUSA3", steps[0], errors="hc3").coefficients
    hc3 = sm.OLS(MOBI["CUSA3"].astype(float), sm.add_constant(MOBI[steps[0]].astype(float))).fit(cov_type="HC3").bse
    np.testing.assert_allclose(robust["std_error"], hc3)


def test_regression_under_a_design_is_weighted_and_clustered():
    data = MOBI.assign(w=np.random.default_rng(3).integers(1, 4, 250), town=np.arange(250) // 5)
    found = analysis.regression(data, "CUSA3", QUALITY[:2], design=Design(weight="w", cluster="town"))
    x = sm.add_constant(data[QUALITY[:2]].astype(float))
    fit = sm.WLS(data["CUSA3"].astype(float), x, data["w"]).fit(
        cov_type="cluster", cov_kwds={"groups": data["town"], "use_correction": False}
    )
    np.testing.assert_allclose(found.coefficients["estimate"], fit.params)
    np.testing.assert_allclose(found.coefficients["std_error"], fit.bse * np.sqrt(50 / 49))
    assert found.coefficients.attrs["missing"] == "listwise: 250 cases, 0 left out"


def test_a_profile_is_held_against_its_quotas():
    sex = ["f"] * 60 + ["m"] * 35 + [None] * 5
    found = analysis.profile({"sex": sex, "age": [1, 2] * 50}, ["sex", "age"], expected={"sex": {"f": 1, "m": 1}})
    table = found.table.loc["sex"]
    np.testing.assert_allclose(table["share"], [60 / 95, 35 / 95])
    np.testing.assert_allclose(table["difference"], [60 / 95 - 0.5, 35 / 95 - 0.5])
    theirs = stats.chisquare([60, 35])
    np.testing.assert_allclose(found.test.loc["sex", ["statistic", "p_value"]], [theirs.statistic, theirs.pvalue])
    assert "sex 5" in found.table.attrs["missing"] and found.table.loc["age", "expected"].isna().all()
    weighted = analysis.profile({"sex": sex[:95], "w": [1] * 60 + [3] * 35}, "sex", design=Design(weight="w"))
    assert weighted.table.loc[("sex", "m"), "share"] == pytest.approx(105 / 165) and len(weighted.test) == 0


def test_reasons_keep_the_base_of_those_who_were_asked():
    data = pd.DataFrame({"satisfied": [1, 1, 2, 2, 2, 3], "price": [1, 1, 0, 1, np.nan, np.nan],
                         "queue": [0, 1, 0, 0, np.nan, np.nan]})  # fmt: skip
    asked = analysis.multiple_answers(data, {"Price": "price", "Queue": "queue"}, asked={"satisfied": [1, 2]})
    np.testing.assert_allclose(asked["estimate"], [3 / 5, 1 / 5])
    assert (asked["n"] == 5).all() and asked["share_of_mentions"].sum() == pytest.approx(1)
    anyone = analysis.multiple_answers(data, ["price", "queue"])
    assert (anyone["n"] == 4).all() and "any column" in anyone.attrs["base"]
    with pytest.raises(DataError, match="2 respondents who were not asked chose"):
        analysis.multiple_answers(data, ["price", "queue"], asked={"satisfied": 2})
    with pytest.raises(DataError, match="nobody was asked"):
        analysis.multiple_answers(data.assign(price=0), ["price"], asked={"satisfied": 9})


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: analysis.differences(MOBI.assign(g=1), ["CUSA1"], by="g"), DataError, "one group only"),
        (lambda: analysis.differences(MOBI.assign(g=["x"] + ["y"] * 249), ["CUSA1"], by="g"), DataError, "1 answers"),
        (lambda: analysis.differences(grouped(2), ["CUSA1"], by="g", post_hoc="lsd2"), SettingsError, "post_hoc"),
        (lambda: analysis.correlations(MOBI.assign(k=1), ["k", "CUSA1"]), DataError, "'k' never varies"),
        (lambda: analysis.correlations(MOBI, ["CUSA1"]), DataError, "alone has no correlations"),
        (lambda: analysis.correlations(MOBI, ["CUSA1", "CUSA2"], ave={"CUSA1": 2}), SettingsError, "name 'CUSA2'"),
        (lambda: analysis.regression(MOBI, "CUSA1", ["CUSA1"]), SettingsError, "not the outcome"),
        (lambda: analysis.regression(MOBI, "CUSA1", ["CUSA2", ["CUSA3"]]), SettingsError, "not a mixture"),
        (lambda: analysis.regression(MOBI.assign(k=1), "CUSA1", ["k"]), DataError, "'k' never varies"),
        (lambda: analysis.regression(MOBI.assign(k=MOBI["CUSA2"] * 2), "CUSA1", ["CUSA2", "k"]), DataError, "repeats"),
        (lambda: analysis.regression(MOBI.head(8), "CUSA1", QUALITY), DataError, "8 complete cases for 7"),
        (lambda: analysis.profile({"s": ["a"]}, "s", expected={"s": {"b": 1}}), DataError, "answered 'a'"),
        (lambda: analysis.profile({"s": ["a"]}, "t"), DataError, "'t' is not a column"),
    ],
)  # fmt: skip
def test_refusals_say_what_would_be_right(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_constant_groups_are_nan_not_an_error():
    data = pd.DataFrame({"q": [3.0] * 10, "g": ["a", "b"] * 5})
    found = analysis.differences(data, ["q"], by="g")
    assert found.tests["p_value"].isna().all() and found.effects["estimate"].isna().all()
    assert "Tests" in repr(found)
