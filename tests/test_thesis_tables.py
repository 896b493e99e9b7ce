"""Between reliability and the model: profile, correlations, group differences, regression, multi-answer questions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multicomp import pairwise_tukeyhsd
from statsmodels.stats.outliers_influence import variance_inflation_factor

import csi
import csi.analysis as room
from csi import datasets
from csi.design import Design
from csi.errors import DataError, NotAvailable, SettingsError
from csi.numerics.survey import jackknife, jackknife_multipliers, layout

ORACLES = Path(__file__).parent / "oracles"
MOBI = datasets.load("mobi")
GROUPED = MOBI.assign(
    group=np.array(["a", "b", "c", "a", "b"] * 50), half=["x", "y"] * 125, w=np.tile([1.0, 2, 3, 1, 2], 50),
    town=np.repeat(np.arange(50), 5),
)  # fmt: skip
BLOCKS = {"quality": ["PERQ1", "PERQ2", "PERQ3"], "satisfaction": ["CUSA1", "CUSA2", "CUSA3"]}
DESIGN = Design(weight="w", cluster="town")
SCHOOLS = pd.read_csv(ORACLES / "survey_apiclus1.csv", comment="#", encoding="utf-8")
REPLICATES = json.loads((ORACLES / "survey_replicates.json").read_text(encoding="utf-8"))


def parts(column: str = "CUSA1", by: str = "group") -> list[np.ndarray]:
    return [each.to_numpy(float) for _, each in GROUPED.groupby(by)[column]]


# -- differences ---------------------------------------------------------------------------------------------


def test_two_groups_are_compared_as_scipy_does():
    found = room.differences(GROUPED, ["CUSA1"], by="half")
    first, second = parts(by="half")
    tests = found.tests.loc["CUSA1"]
    student, welch = stats.ttest_ind(second, first), stats.ttest_ind(second, first, equal_var=False)
    np.testing.assert_allclose(
        tests.loc["student", ["statistic", "df", "p_value"]], [student.statistic, 248, student.pvalue]
    )
    np.testing.assert_allclose(
        tests.loc["welch", ["statistic", "df", "p_value"]], [welch.statistic, welch.df, welch.pvalue]
    )
    rank = stats.mannwhitneyu(second, first, method="asymptotic")
    np.testing.assert_allclose(tests.loc["mann_whitney", ["statistic", "p_value"]], [rank.statistic, rank.pvalue])
    levene = stats.levene(first, second, center="mean")
    np.testing.assert_allclose(tests.loc["levene", ["statistic", "p_value"]], [levene.statistic, levene.pvalue])
    effect = found.effects.loc[("CUSA1", "hedges_g")]
    pooled = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2)
    assert effect["estimate"] == pytest.approx(
        (second.mean() - first.mean()) / pooled * (1 - 3 / (4 * 248 - 1)), abs=1e-6
    )
    assert effect["conf_low"] < effect["estimate"] < effect["conf_high"]


def test_several_groups_are_compared_as_scipy_and_statsmodels_do():
    found = room.differences(GROUPED, ["CUSA1"], by="group", post_hoc="tukey")
    tests = found.tests.loc["CUSA1"]
    anova, kruskal, levene = stats.f_oneway(*parts()), stats.kruskal(*parts()), stats.levene(*parts(), center="mean")
    for name, theirs in (("anova", anova), ("kruskal", kruskal), ("levene", levene)):
        np.testing.assert_allclose(tests.loc[name, ["statistic", "p_value"]], [theirs.statistic, theirs.pvalue])
    welch = sm.stats.anova_oneway(parts(), use_var="unequal")
    np.testing.assert_allclose(tests.loc["welch", ["statistic", "p_value"]], [welch.statistic, welch.pvalue])
    tukey = pairwise_tukeyhsd(GROUPED["CUSA1"], GROUPED["group"])
    np.testing.assert_allclose(found.pairs["estimate"], tukey.meandiffs, atol=1e-12)
    np.testing.assert_allclose(found.pairs["p_value"], tukey.pvalues, atol=2e-4)
    np.testing.assert_allclose(found.pairs[["conf_low", "conf_high"]], tukey.confint, atol=2e-3)
    eta = found.effects.loc[("CUSA1", "eta_squared"), "estimate"]
    f = anova.statistic
    assert eta == pytest.approx(2 * f / (2 * f + 247))


def test_lsd_uses_the_common_variance_and_games_howell_each_own():
    lsd = room.differences(GROUPED, ["CUSA1"], by="group", post_hoc="lsd").pairs.loc["CUSA1"]
    within = sum(((each - each.mean()) ** 2).sum() for each in parts()) / 247
    assert lsd.loc[("a", "b"), "std_error"] == pytest.approx(np.sqrt(within * (1 / 100 + 1 / 100)))
    howell = room.differences(GROUPED, ["CUSA1"], by="group").pairs.loc["CUSA1"]
    theirs = pairwise_tukeyhsd(GROUPED["CUSA1"], GROUPED["group"], use_var="unequal")
    np.testing.assert_allclose(howell["p_value"], theirs.pvalues, atol=2e-4)


def test_under_a_design_groups_are_compared_by_wald():
    found = room.differences(GROUPED, BLOCKS, by="group", design=DESIGN)
    assert set(found.tests.index.get_level_values("test")) == {"wald"} and found.effects.empty
    plain = room.differences(GROUPED, ["CUSA1"], by="half", design=Design(weight="w"))
    wald, pair = plain.tests.iloc[0], plain.pairs.iloc[0]
    assert wald["statistic"] == pytest.approx(pair["statistic"] ** 2) and wald["p_value"] == pytest.approx(
        pair["p_value"]
    )


def test_groups_too_small_or_alone_are_refused():
    with pytest.raises(DataError, match="one group only"):
        room.differences(MOBI.assign(g=1), ["CUSA1"], by="g")
    with pytest.raises(DataError, match="at least two are needed"):
        room.differences(MOBI.assign(g=[1] * 249 + [2]), ["CUSA1"], by="g")
    with pytest.raises(SettingsError, match="games-howell"):
        room.differences(GROUPED, ["CUSA1"], by="group", post_hoc="scheffe")


def test_groups_that_all_answer_alike_have_no_test():
    found = room.differences({"q": [3.0] * 20, "g": ["a", "b"] * 10}, ["q"], by="g")
    assert found.tests["p_value"].isna().all() and (found.means["estimate"] == 3).all()


# -- correlations --------------------------------------------------------------------------------------------


def test_correlations_are_those_of_scipy():
    found = room.correlations(MOBI, ["CUSA1", "CUSA2"])
    theirs = stats.pearsonr(MOBI["CUSA1"], MOBI["CUSA2"])
    row = found.pairs.iloc[0]
    interval = theirs.confidence_interval()
    np.testing.assert_allclose(row[["estimate", "p_value"]], [theirs.statistic, theirs.pvalue], rtol=1e-9)
    np.testing.assert_allclose(row[["conf_low", "conf_high"]], interval, rtol=1e-9)
    ranks = room.correlations(MOBI, ["CUSA1", "CUSA2"], method="spearman").pairs.iloc[0]
    theirs = stats.spearmanr(MOBI["CUSA1"], MOBI["CUSA2"])
    np.testing.assert_allclose(ranks[["estimate", "p_value"]], [theirs.statistic, theirs.pvalue], rtol=1e-9)


def test_root_ave_stands_on_the_diagonal_and_stars_follow_the_p_values():
    found = room.correlations(MOBI, BLOCKS, ave={"quality": 0.49, "satisfaction": 0.64})
    assert np.diag(found.table.iloc[:, 2:]).tolist() == pytest.approx([0.7, 0.8])
    assert found.stars(2).loc["satisfaction", "quality"].endswith("***")
    assert "root of the average variance" in str(found) and "平方根" in found.to_text("zh")
    with pytest.raises(SettingsError, match="does not name 'satisfaction'"):
        room.correlations(MOBI, BLOCKS, ave={"quality": 0.5})


def test_correlations_under_a_design_have_the_error_of_the_jackknife():
    found = room.correlations(GROUPED, BLOCKS, design=DESIGN).pairs.iloc[0]
    laid = layout(np.zeros(250, int), GROUPED["town"].to_numpy())
    dropped, rscales = jackknife(laid)
    x = np.column_stack([GROUPED[columns].mean(axis=1) for columns in BLOCKS.values()])
    draws = [np.cov(x.T, aweights=w)[0, 1] / np.sqrt(np.prod(np.diag(np.cov(x.T, aweights=w))))
             for w in jackknife_multipliers(laid, dropped) * GROUPED["w"].to_numpy()]  # fmt: skip
    error = np.sqrt(np.sum(rscales * (np.array(draws) - found["estimate"]) ** 2))
    assert found["std_error"] == pytest.approx(error, rel=0.03)
    assert found["statistic"] == pytest.approx(found["estimate"] / found["std_error"])
    with pytest.raises(NotAvailable, match="pearson"):
        room.correlations(GROUPED, BLOCKS, method="spearman", design=DESIGN)


def test_perfect_and_constant_items_are_answered_or_refused():
    data = pd.DataFrame({"a": [1, 2, 3, 4, 5.0], "b": [2, 4, 6, 8, 10.0], "c": [3.0] * 5})
    row = room.correlations(data, ["a", "b"]).pairs.iloc[0]
    assert row["estimate"] == pytest.approx(1) and row["p_value"] < 1e-9
    with pytest.raises(DataError, match="'c' never varies"):
        room.correlations(data)
    with pytest.raises(DataError, match="alone has no correlations"):
        room.correlations(data, ["a"])


# -- regression ----------------------------------------------------------------------------------------------


def test_hierarchical_regression_is_that_of_statsmodels():
    found = room.regression(MOBI, "CUSA3", [["PERQ1"], ["PERV2", "IMAG1"]])
    small = sm.OLS(MOBI["CUSA3"], sm.add_constant(MOBI[["PERQ1"]])).fit()
    large = sm.OLS(MOBI["CUSA3"], sm.add_constant(MOBI[["PERQ1", "PERV2", "IMAG1"]])).fit()
    second = found.coefficients.loc[2]
    for ours, theirs in (("estimate", large.params), ("std_error", large.bse), ("p_value", large.pvalues)):
        np.testing.assert_allclose(second[ours], theirs, rtol=1e-8)
    np.testing.assert_allclose(second[["conf_low", "conf_high"]], large.conf_int(), rtol=1e-8)
    change = large.compare_f_test(small)
    step = found.steps.loc[2]
    np.testing.assert_allclose(step[["f_change", "p_change"]], change[:2], rtol=1e-8)
    np.testing.assert_allclose(
        step[["r2", "r2_adjusted", "statistic"]], [large.rsquared, large.rsquared_adj, large.fvalue]
    )
    exog = sm.add_constant(MOBI[["PERQ1", "PERV2", "IMAG1"]]).to_numpy()
    np.testing.assert_allclose(second["vif"].iloc[1:], [variance_inflation_factor(exog, j) for j in (1, 2, 3)])


def test_robust_errors_are_hc3_of_statsmodels():
    found = room.regression(MOBI, "CUSA3", ["PERQ1", "PERV2"], errors="hc3").coefficients
    theirs = sm.OLS(MOBI["CUSA3"], sm.add_constant(MOBI[["PERQ1", "PERV2"]])).fit(cov_type="HC3")
    np.testing.assert_allclose(found["std_error"], theirs.bse, rtol=1e-9)


def test_weighted_regression_has_the_coefficients_of_least_squares_and_its_own_errors():
    found = room.regression(GROUPED, "CUSA3", ["PERQ1"], design=DESIGN).coefficients
    theirs = sm.WLS(GROUPED["CUSA3"], sm.add_constant(GROUPED[["PERQ1"]]), GROUPED["w"]).fit(
        cov_type="cluster", cov_kwds={"groups": GROUPED["town"], "use_correction": False}
    )
    np.testing.assert_allclose(found["estimate"], theirs.params, rtol=1e-9)
    np.testing.assert_allclose(found["std_error"], theirs.bse * np.sqrt(50 / 49), rtol=1e-9)


@pytest.mark.parametrize(
    ("predictors", "says"),
    [
        (["constant"], "never varies"),
        (["PERQ1", "twin"], "repeats"),
        (["PERQ1", "PERV1", "total"], "sum of the others"),
        (["PERQ9"], "did you mean"),
    ],
)
def test_regressions_without_solution_are_refused(predictors, says):
    data = MOBI.assign(constant=1.0, twin=2 * MOBI["PERQ1"], total=MOBI["PERQ1"] + MOBI["PERV1"])
    with pytest.raises(DataError, match=says):
        room.regression(data, "CUSA3", predictors)


# -- profile and multi-answer questions ------------------------------------------------------------------------


def test_a_profile_is_tested_against_quotas():
    found = room.profile(GROUPED, ["group", "half"], expected={"group": {"a": 1, "b": 1, "c": 1}})
    theirs = stats.chisquare([100, 100, 50])
    np.testing.assert_allclose(found.test.loc["group", ["statistic", "p_value"]].astype(float), theirs)
    assert found.table.loc[("group", "c"), "difference"] == pytest.approx(0.2 - 1 / 3)
    assert found.table.loc["half", "expected"].isna().all()
    weighted = room.profile(GROUPED, "group", design=Design(weight="w")).table
    assert weighted.loc[("group", "c"), "share"] == pytest.approx(
        GROUPED["w"][GROUPED["group"] == "c"].sum() / GROUPED["w"].sum()
    )
    assert weighted["n"].tolist() == [100, 100, 50]
    with pytest.raises(DataError, match="does not name"):
        room.profile(GROUPED, "group", expected={"group": {"a": 1}})


def test_reasons_of_the_dissatisfied_keep_their_base():
    answers = datasets.load("company_x_100")
    reasons = pd.get_dummies(answers["reason_quality"].astype(float)).astype(float).set_axis(["r1", "r2", "r3"], axis=1)
    data = pd.concat([answers[["grade_quality"]], reasons], axis=1)
    table = room.multiple_answers(data, ["r1", "r2", "r3"], asked={"grade_quality": 1})
    assert (table["n"] == 11).all() and table["mentions"].sum() == 11
    assert table["share_of_mentions"].sum() == pytest.approx(1)
    np.testing.assert_allclose(table["estimate"], reasons.sum() / 11)
    with pytest.raises(DataError, match="not asked chose"):
        room.multiple_answers(data, ["r1", "r2", "r3"], asked={"grade_quality": 4})


# -- groups, designs, languages -------------------------------------------------------------------------------

RESULTS = {
    "adequacy": lambda data, **more: room.adequacy(data, BLOCKS, **more),
    "efa": lambda data, **more: room.efa(data, 2, model=BLOCKS, n_resamples=10, **more),
    "correlations": lambda data, **more: room.correlations(data, BLOCKS, **more),
    "regression": lambda data, **more: room.regression(data, "CUSA1", [["PERQ1"], ["PERV1"]], **more),
    "screen": lambda data, **more: room.screen(data, BLOCKS, scale=(1, 10), **more),
}


@pytest.mark.parametrize("name", RESULTS)
def test_groups_are_the_first_rows_and_each_is_as_if_alone(name):
    whole = RESULTS[name](GROUPED, by="group")
    assert list(whole.groups) == ["a", "b", "c"]
    alone = RESULTS[name](GROUPED[GROUPED["group"] == "b"].reset_index(drop=True))
    for field in ("table", "loadings", "pairs", "coefficients", "steps", "summary", "communalities"):
        if hasattr(whole, field):
            table = getattr(whole, field)
            assert table.index.names[0] == "group"
            np.testing.assert_allclose(table.loc["b"].astype(float), getattr(alone, field).astype(float), atol=1e-10)
    assert "b" in whole.to_text() and whole.to_html("zh").count("<table") == len(whole.tables())


def test_screening_by_group_keeps_every_respondent_in_place():
    data = GROUPED.set_index(GROUPED.index + 1000)
    found = room.screen(data, BLOCKS, scale=(1, 10), by="group")
    assert found.flags.index.equals(data.index) and found.measures.index.equals(data.index)
    only = room.screen(data[data["group"] == "c"], BLOCKS, scale=(1, 10))
    np.testing.assert_allclose(found.measures.loc[only.measures.index, "mahalanobis"], only.measures["mahalanobis"])
    assert found.log[0].startswith("a: 100 respondents")


def test_a_design_weights_the_share_of_flagged_respondents_not_the_flags():
    plain, weighted = (room.screen(GROUPED, list(MOBI.columns), design=design) for design in (None, DESIGN))
    pd.testing.assert_frame_equal(plain.flags, weighted.flags)
    share = np.average(plain.flags["outlier"], weights=GROUPED["w"])
    assert weighted.summary.loc["outlier", "share"] == pytest.approx(share)
    assert weighted.summary.loc["outlier", "n"] == plain.summary.loc["outlier", "n"]


def test_sphericity_under_a_design_is_its_own_test():
    equal = room.adequacy(MOBI.assign(w=1.0), BLOCKS["quality"], design=Design(weight="w")).table.loc["all"]
    plain = room.adequacy(MOBI, BLOCKS["quality"]).table.loc["all"]
    assert equal["kmo"] == pytest.approx(plain["kmo"]) and equal["p_value"] < 1e-6


def test_sphericity_of_clustered_noise_is_rejected_as_often_as_said():
    rng = np.random.default_rng(5)
    hits = {"design": 0, "plain": 0}
    for _ in range(150):
        town = np.repeat(np.arange(60), 5)
        # Whole towns answer alike, so cases are fewer than they look; items are unrelated.
        x = rng.standard_normal((60, 3))[town] + 0.3 * rng.standard_normal((300, 3))
        data = pd.DataFrame(x, columns=["a", "b", "c"]).assign(town=town)
        hits["design"] += (
            room.adequacy(data, ["a", "b", "c"], design=Design(cluster="town")).table["p_value"].iloc[0] < 0.05
        )
        hits["plain"] += room.adequacy(data, ["a", "b", "c"]).table["p_value"].iloc[0] < 0.05
    assert 2 <= hits["design"] <= 15 and hits["plain"] > 50


def test_the_chi_square_of_factors_is_left_out_under_a_design():
    found = room.efa(GROUPED, 2, model=BLOCKS, design=DESIGN, n_resamples=5)
    assert np.isnan(found.goodness["p_value"]) and found.goodness["rms"] > 0
    counted = room.efa(GROUPED, 2, model=BLOCKS, design=Design(count="w"), n_resamples=5)
    assert counted.goodness["p_value"] < 1


def test_replicate_weights_give_the_errors_of_r():
    oracle = REPLICATES["JK1_apiclus1"]
    weights = np.array(oracle["weights_by_dnum"])
    of_school = weights[[oracle["dnum"].index(d) for d in SCHOOLS["dnum"]]]
    names = [f"r{j}" for j in range(of_school.shape[1])]
    data = SCHOOLS.assign(**dict(zip(names, of_school.T, strict=True)))
    design = Design(weight="pw", replicates=names, kind="jackknife", scale=oracle["scale"])
    table = room.describe(data, ["api00", "api99"], design=design)
    np.testing.assert_allclose(table["std_error"], oracle["mean_api00_api99"]["SE"], rtol=2e-3)
    ratio = csi.measures.ratio(data, {"api.stu": "enroll"}, design=design)
    np.testing.assert_allclose(ratio["estimate"], oracle["ratio"][0], rtol=1e-10)
    np.testing.assert_allclose(ratio["std_error"], oracle["ratio"][1], rtol=2e-3)


PRINTED = {
    "describe": lambda: room.describe(MOBI, BLOCKS, scale=(1, 10)),
    "harman": lambda: room.harman(MOBI),
    "parallel": lambda: room.parallel_analysis(MOBI, n_resamples=5),
    "multiple": lambda: room.multiple_answers({"a": [1, 0, 1], "b": [0, 1, 1]}, ["a", "b"]),
}


@pytest.mark.parametrize("name", PRINTED)
def test_plain_tables_print_in_both_languages(name):
    table = room.printed(PRINTED[name]())
    english, chinese = table.to_text(), table.to_text("zh")
    assert english.isascii() and any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
    columns = [head for line in chinese.splitlines()[1:2] for head in line.split()]
    assert not [head for head in columns if "_" in head], "a column without a word"


@pytest.mark.parametrize(
    "make",
    [
        *(lambda name=name: RESULTS[name](MOBI) for name in RESULTS),
        lambda: room.item_analysis(MOBI, BLOCKS),
        lambda: room.differences(GROUPED, BLOCKS, by="group"),
        lambda: room.profile(GROUPED, "group"),
    ],
)
def test_results_print_in_both_languages(make, tmp_path):
    found = make()
    assert str(found) == repr(found) and repr(found).isascii()
    chinese = found.to_text("zh", labels={"quality": {"zh": "感知质量"}})
    heads = [line for line in chinese.splitlines() if not line.isascii()]
    assert heads and "listwise" not in chinese and "_" not in chinese
    found.save(tmp_path / "chapter.docx", language="zh")
    found.save(tmp_path / "chapter.xlsx")
    with pytest.raises(SettingsError, match="language"):
        found.to_text("fr")


def test_a_model_lends_its_names_to_the_print():
    model = csi.models.tcsi()
    text = room.item_analysis(datasets.load("company_x"), model).to_text("zh")
    assert "感知质量" in text and "satisfaction" not in text


def test_holzinger_and_swineford_have_their_composite_reliability_and_ave():
    """lavaan and semTools, standardized loadings of the three-factor model."""
    data = __import__("semopy").examples.holzinger39.get_data()
    blocks = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
    found = csi.Study(csi.Model("HS", blocks), method=csi.CBSEM()).fit(data).reliability()
    np.testing.assert_allclose(found["rho_c"], [0.6258384, 0.8850013, 0.6913736], atol=5e-7)
    np.testing.assert_allclose(found["ave"], [0.370984, 0.719530, 0.4297925], atol=5e-7)
