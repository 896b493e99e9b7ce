"""Measures: printed reference numbers, other programs' answers, designs, groups, and refusals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.contingency_tables import Table, cochrans_q
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from csi import datasets, measures
from csi.design import Design
from csi.errors import DataError, SettingsError
from csi.numerics import relative

ORACLES = Path(__file__).parent / "oracles"
MOBI = datasets.load("mobi")
QUALITY = [f"PERQ{i}" for i in range(1, 8)]
THESIS = pd.DataFrame(
    {"quality": [32, 36, 21, 11], "image": [28, 32, 23, 17], "attitude": [25, 30, 24, 21], "speed": [27, 33, 25, 15]},
    index=["very satisfied", "satisfied", "so-so", "dissatisfied"],
)
COMMON = ["estimate", "std_error", "conf_low", "conf_high"]


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / name, comment="#")


def recommend(seed: int = 1, n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"nps": rng.integers(0, 11, n), "wave": rng.choice(["w1", "w2"], n), "w": rng.uniform(1, 3, n)})


def test_shares_to_their_printed_digits():
    wilson, exact = (measures.proportion(340, 400, interval=kind).iloc[0] for kind in ("wilson", "exact"))
    assert wilson[["conf_low", "conf_high"]].round(7).tolist() == [0.8116864, 0.8816550]
    assert exact[["conf_low", "conf_high"]].round(7).tolist() == [0.8111779, 0.8835415]
    assert round(measures.proportion(330, 400, target=0.85)["p_value"].iloc[0], 8) == 0.09358031


@pytest.mark.parametrize(("interval", "method"), [("wilson", "wilson"), ("exact", "beta"), ("normal", "normal")])
def test_top_and_bottom_boxes_have_the_intervals_of_statsmodels(interval, method):
    top = measures.top_box(MOBI, QUALITY, scale=(1, 10), interval=interval)
    bottom = measures.bottom_box(MOBI, QUALITY, boxes=6, scale=(1, 10), interval=interval)
    for name in QUALITY:
        for table, hits in ((top, (MOBI[name] >= 9).sum()), (bottom, (MOBI[name] <= 6).sum())):
            assert table.loc[name, "estimate"] == hits / 250
            expected = proportion_confint(hits, 250, method=method)
            np.testing.assert_allclose(table.loc[name, ["conf_low", "conf_high"]], expected, atol=1e-12)
    assert list(top.columns) == [*COMMON, "n"]


def test_csat_says_what_counts_and_where_it_misses_its_target():
    table = measures.csat(MOBI, ["CUSA1"], scale=(1, 10), target=0.85)
    hits = int((MOBI["CUSA1"] >= 8).sum())
    assert table.attrs["rule"] == "satisfied: CUSA1 >= 8"
    assert table.loc["CUSA1", "p_value"] == pytest.approx(stats.binomtest(hits, 250, 0.85, alternative="less").pvalue)
    assert measures.csat({"q": [1, 5, 4, 3]}, scale=(1, 5), at_least=5).loc["q", "estimate"] == 0.25


def test_shares_under_a_design_are_those_of_r():
    data = read("survey_apistrat.csv")
    design = Design(weight="pw", stratum="stype", fpc="fpc")
    table = measures.csat(data.assign(yes=(data["api00"] > 700) * 1), ["yes"], scale=(0, 1), at_least=1, design=design)
    mean = np.average(data["api00"] > 700, weights=data["pw"])
    assert table.loc["yes", "estimate"] == pytest.approx(mean)
    assert 0 < table.loc["yes", "conf_low"] < mean < table.loc["yes", "conf_high"] < 1


def test_nps_to_its_printed_digits():
    row = measures.nps_of(0.5, 0.2, 400).iloc[0]
    assert row["estimate"] == pytest.approx(30) and round(row["std_error"], 6) == 3.905125
    assert round((row["conf_high"] - row["conf_low"]) / 2, 6) == 7.653904


def test_nps_of_answers_is_that_of_its_shares_and_waves_compare_by_their_variances():
    data = recommend()
    table = measures.nps(data, ["nps"], by="wave")
    for wave, part in data.groupby("wave"):
        p, d = (part["nps"] >= 9).mean(), (part["nps"] <= 6).mean()
        expected = measures.nps_of(p, d, len(part)).iloc[0]
        np.testing.assert_allclose(table.loc[(wave, "nps"), [*COMMON, "n"]], expected[[*COMMON, "n"]])
        assert table.loc[(wave, "nps"), ["promoters", "passives", "detractors"]].sum() == pytest.approx(1)
    gap = measures.compare(table, "w1", "w2").loc["nps"]
    error = np.hypot(*table["std_error"])
    assert gap["std_error"] == pytest.approx(error)
    assert gap["p_value"] == pytest.approx(2 * stats.norm.sf(abs(gap["estimate"] / error)))


def test_weights_have_no_unit_and_missing_answers_are_counted_out():
    data = recommend()
    one = measures.nps(data, ["nps"], design=Design(weight="w"))
    other = measures.nps(data.assign(w=data["w"] * 50), ["nps"], design=Design(weight="w"))
    pd.testing.assert_frame_equal(one, other)
    holes = data.astype({"nps": float})
    holes.loc[:9, "nps"] = np.nan
    table = measures.nps(holes, ["nps"])
    assert table.loc["nps", "n"] == 290 and "available cases" in table.attrs["missing"]
    assert table.loc["nps", "estimate"] == measures.nps(data.iloc[10:], ["nps"]).loc["nps", "estimate"]


def test_ces_is_a_mean_or_a_share():
    data = {"easy": [7, 6, 5, 2, 1, 7]}
    mean = measures.ces(data).loc["easy"]
    interval = stats.t.interval(0.95, 5, np.mean(data["easy"]), stats.sem(data["easy"]))
    np.testing.assert_allclose(mean[["conf_low", "conf_high"]], interval)
    assert measures.ces(data, measure="share").loc["easy", "estimate"] == pytest.approx(4 / 6)


def pairs() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    expected = rng.integers(2, 6, 120)
    perceived = np.clip(expected + rng.integers(-2, 2, 120), 1, 5)
    return pd.DataFrame({"p": perceived, "e": expected, "g": rng.choice(["a", "b"], 120)})


def test_gaps_are_paired_t_tests():
    data = pairs()
    table = measures.gap(data, {"p": "e"}, by="g")
    for group, part in data.groupby("g"):
        t = stats.ttest_rel(part["p"], part["e"])
        row = table.loc[(group, "p")]
        np.testing.assert_allclose(row[["statistic", "p_value"]], [t.statistic, t.pvalue])
        np.testing.assert_allclose(row[["conf_low", "conf_high"]], t.confidence_interval())
        assert row["perceived"] - row["expected"] == pytest.approx(row["estimate"])


def test_two_ratios_are_two_numbers_and_neither_is_the_gap():
    data = pairs()
    means, people = (measures.ratio(data, {"p": "e"}, of=of).loc["p"] for of in ("means", "respondents"))
    assert means["estimate"] == pytest.approx(data["p"].mean() / data["e"].mean())
    assert people["estimate"] == pytest.approx((data["p"] / data["e"]).mean())
    assert abs(means["estimate"] - people["estimate"]) > 1e-3
    shifted = measures.ratio(data.assign(p=data["p"] + 4, e=data["e"] + 4), {"p": "e"}).loc["p", "estimate"]
    assert abs(shifted - means["estimate"]) > 0.05
    assert "scale starts" in measures.ratio(data, {"p": "e"}).attrs["caution"]


def test_the_error_of_a_ratio_is_that_of_the_bootstrap():
    data = pairs()
    table = measures.ratio(data, {"p": "e"})
    draws = np.random.default_rng(1).integers(0, 120, (4000, 120))
    spread = (data["p"].to_numpy()[draws].mean(1) / data["e"].to_numpy()[draws].mean(1)).std()
    assert table.loc["p", "std_error"] == pytest.approx(spread, rel=0.05)


def test_the_four_classes_of_the_thesis_need_both_widths():
    data = pd.DataFrame({"p": [8, 9, 10, 11, 12, 15], "e": [10] * 6})
    row = measures.ratio(data, {"p": "e"}, about=0.1, delight=0.5).loc["p"]
    shares = row[["dissatisfied", "as_expected", "satisfied", "delighted"]]
    np.testing.assert_allclose(shares, np.array([1, 3, 1, 1]) / 6)
    with pytest.raises(SettingsError, match="need both widths"):
        measures.ratio(data, {"p": "e"}, about=0.1)
    with pytest.raises(SettingsError, match="about < delight"):
        measures.ratio(data, {"p": "e"}, about=0.5, delight=0.1)


def test_a_ratio_over_nothing_is_refused():
    with pytest.raises(DataError, match="expected item 'e' is zero or negative 1 times"):
        measures.ratio({"p": [1, 2], "e": [0, 2]}, {"p": "e"})


def test_servqual_weights_its_dimensions_by_points():
    printed = dict(zip("abcde", [-0.65, -1.10, -0.83, -0.70, -1.01], strict=True))
    points = dict(zip("abcde", [11, 32, 22, 19, 16], strict=True))
    totals = measures.servqual_of(printed, points)["estimate"]
    assert round(totals["unweighted"], 3) == -0.858
    assert totals["weighted"] == pytest.approx(sum(points[k] * printed[k] for k in points) / 100)
    rng = np.random.default_rng(2)
    data = pd.DataFrame(rng.integers(1, 8, (60, 6)), columns=["p1", "p2", "p3", "e1", "e2", "e3"])
    table = measures.servqual(data, {"x": {"p1": "e1", "p2": "e2"}, "y": {"p3": "e3"}}, points={"x": 60, "y": 40})
    x = (data["p1"] - data["e1"] + data["p2"] - data["e2"]) / 2
    y = data["p3"] - data["e3"]
    np.testing.assert_allclose(
        table["estimate"], [x.mean(), y.mean(), ((x + y) / 2).mean(), (0.6 * x + 0.4 * y).mean()]
    )
    assert table.loc["weighted", "std_error"] == pytest.approx(stats.sem(0.6 * x + 0.4 * y))
    with pytest.raises(SettingsError, match="points add up to 90"):
        measures.servqual(data, {"x": {"p1": "e1"}}, points={"x": 90})


def test_the_thesis_table_to_its_printed_digits():
    found = measures.crosstab_of(THESIS)
    row = found.test.loc["pearson"]
    assert (round(row["statistic"], 6), row["df"], round(row["p_value"], 7)) == (5.127435, 9, 0.8230609)
    assert round(found.cells["residual"].abs().max(), 3) == 1.575
    np.testing.assert_allclose(found.shares.sum(), 1)
    theirs = Table(THESIS.to_numpy(float)).standardized_resids
    np.testing.assert_allclose(found.cells["residual"], np.asarray(theirs).ravel())
    assert (found.cells["p_adjusted"] == 1).all() and repr(found).isascii()


def test_cells_of_answers_and_corrections():
    data = pd.DataFrame({"g": ["a", "b", "c"] * 40, "q": np.random.default_rng(3).integers(1, 4, 120)})
    data.loc[0, "g"] = None
    found = measures.crosstab(data, "q", "g", correction="bh")
    pd.testing.assert_frame_equal(
        found.counts.astype(int), pd.crosstab(data["q"], data["g"]), check_dtype=False, check_column_type=False
    )
    assert found.test["n"].iloc[0] == 119 and "1 respondents" in found.counts.attrs["missing"]
    p = found.cells["p_value"].to_numpy()
    for ours, theirs in {"bh": "fdr_bh", "holm": "holm"}.items():
        np.testing.assert_allclose(measures.adjust(p, ours), multipletests(p, method=theirs)[1])
    assert np.isnan(measures.adjust([np.nan, 0.01])[0])


def test_rao_and_scott_to_the_digits_of_svychisq():
    data = read("survey_apiclus1.csv")
    test = measures.crosstab(data, "sch.wide", "stype", design=Design(weight="pw", cluster="dnum")).test
    row = test.loc["rao_scott"]
    assert row[["statistic", "df", "df2"]].round(4).tolist() == [5.0905, 1.4946, 20.9250]
    assert round(row["p_value"], 5) == 0.02307


def test_attributes_rated_by_the_same_people_are_compared_in_pairs():
    found = measures.friedman(MOBI, QUALITY[:4])
    theirs = stats.friedmanchisquare(*(MOBI[q] for q in QUALITY[:4]))
    np.testing.assert_allclose(found.test[["statistic", "p_value"]].iloc[0], [theirs.statistic, theirs.pvalue])
    wilcoxon = stats.wilcoxon(MOBI["PERQ2"], MOBI["PERQ1"], method="approx")
    assert found.pairs.loc[("PERQ1", "PERQ2"), "p_value"] == pytest.approx(wilcoxon.pvalue)
    shares = measures.cochran(MOBI, QUALITY[:4], at_least=8)
    q = cochrans_q((MOBI[QUALITY[:4]] >= 8).to_numpy(float))
    np.testing.assert_allclose(shares.test[["statistic", "p_value"]].iloc[0], [q.statistic, q.pvalue])
    assert len(shares.pairs) == 6 and (shares.pairs["p_adjusted"] >= shares.pairs["p_value"]).all()


def test_mcnemar_and_newcombe_by_the_published_example():
    # Newcombe (1998), table II, example (e, f, g, h) = (36, 12, 2, 0): method 10 gives .0569 to .3404.
    first = np.repeat([1, 1, 0, 0], [36, 12, 2, 0])
    second = np.repeat([1, 0, 1, 0], [36, 12, 2, 0])
    row = measures.mcnemar({"a": second, "b": first}, "a", "b").iloc[0]
    assert row[["estimate", "conf_low", "conf_high"]].round(4).tolist() == [0.2, 0.0569, 0.3404]
    assert row["p_value"] == pytest.approx(2 * stats.binom.cdf(2, 14, 0.5))
    assert row["only_first"] == 2 and row["only_second"] == 12


def test_paired_comparisons_follow_groups_and_designs():
    data = MOBI.assign(g=["a", "b"] * 125, w=np.random.default_rng(8).uniform(1, 3, 250), town=np.arange(250) // 5)
    grouped = measures.friedman(data, QUALITY[:3], by="g")
    alone = measures.friedman(data[data["g"] == "b"], QUALITY[:3])
    pd.testing.assert_series_equal(grouped.test.loc[("b", "friedman")], alone.test.loc["friedman"], check_names=False)
    design = measures.cochran(data, QUALITY[:3], at_least=8, design=Design(weight="w", cluster="town"))
    assert design.test.index.tolist() == ["wald"] and 0 < design.test["p_value"].iloc[0] < 1
    means = measures.friedman(data, QUALITY[:2], design=Design(weight="w"))
    np.testing.assert_allclose(means.items["mean"], [np.average(data[q], weights=data["w"]) for q in QUALITY[:2]])
    even = measures.friedman(data.assign(w=1), QUALITY[:2], design=Design(weight="w")).pairs.iloc[0]
    t = stats.ttest_rel(data["PERQ2"], data["PERQ1"])
    np.testing.assert_allclose(even[["statistic", "p_value"]], [t.statistic, t.pvalue])


def test_designs_reach_drivers_and_contrasts():
    data = MOBI.assign(w=np.random.default_rng(9).uniform(1, 3, 250), town=np.arange(250) // 5)
    design = Design(weight="w", cluster="town")
    table = measures.drivers(data, "CUSA3", QUALITY[:3], design=design, n_resamples=200, rng=1)
    assert ((table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])).all()
    contrasts = measures.penalty_reward(data, "CUSA3", QUALITY[:2], low=6, high=9, design=design)
    x = np.column_stack([f(MOBI[q]) for q in QUALITY[:2] for f in (lambda v: v <= 6, lambda v: v >= 9)]).astype(float)
    fit = sm.WLS(data["CUSA3"].astype(float), sm.add_constant(x), data["w"]).fit(
        cov_type="cluster", cov_kwds={"groups": data["town"], "use_correction": False}
    )
    np.testing.assert_allclose(contrasts["estimate"], fit.params.iloc[1:])
    np.testing.assert_allclose(contrasts["std_error"], fit.bse.iloc[1:] * np.sqrt(50 / 49))


@pytest.mark.parametrize(
    ("name", "outcome", "items", "method", "printed"),
    [
        ("r_swiss.csv", "Fertility", None, "lmg", [0.057091, 0.171173, 0.260135, 0.105570, 0.112766]),
        ("r_swiss.csv", "Fertility", None, "johnson", [0.048417, 0.154708, 0.271964, 0.114680, 0.116966]),
        ("r_mtcars.csv", "mpg", ["cyl", "disp", "hp", "wt"], "lmg", [0.215709, 0.200698, 0.170077, 0.262150]),
        ("r_mtcars.csv", "mpg", ["cyl", "disp", "hp", "wt"], "johnson", [0.209690, 0.188304, 0.179959, 0.270681]),
    ],
)
def test_drivers_to_their_printed_digits(name, outcome, items, method, printed):
    data = read(name)
    names = items or [c for c in data.columns if c != outcome]
    table = measures.drivers(data, outcome, names, method=method, n_resamples=0)
    np.testing.assert_array_equal(table["estimate"].round(6), printed)
    fit = sm.OLS(data[outcome], sm.add_constant(data[names].astype(float))).fit()
    assert table["estimate"].sum() == pytest.approx(fit.rsquared) == table.attrs["r2"]["all"]
    if name == "r_swiss.csv":
        assert round(fit.rsquared, 6) == 0.706735


def test_driver_intervals_follow_the_seed_and_hold_the_estimate():
    one, same = (measures.drivers(MOBI, "CUSA3", QUALITY, n_resamples=300, rng=7) for _ in range(2))
    pd.testing.assert_frame_equal(one, same)
    assert ((one["conf_low"] < one["estimate"]) & (one["estimate"] < one["conf_high"])).all()
    assert one["share"].sum() == pytest.approx(1) and list(one.columns[:4]) == COMMON


def test_another_group_changes_no_interval():
    data = MOBI.assign(g=["a", "b"] * 125)
    both = measures.drivers(data, "CUSA3", QUALITY[:3], by="g", n_resamples=50, rng=3)
    one = measures.drivers(data[data["g"] == "b"], "CUSA3", QUALITY[:3], by="g", n_resamples=50, rng=3)
    pd.testing.assert_frame_equal(both.loc[["b"]], one)


def test_many_replicates_at_once_are_one_by_one():
    rng = np.random.default_rng(5)
    corr = np.stack([np.corrcoef(rng.normal(size=(40, 5)).T) for _ in range(3)])
    for function in (relative.lmg, relative.johnson):
        together = function(corr[:, 1:, 1:], corr[:, 0, 1:])
        for b in range(3):
            np.testing.assert_allclose(together[b], function(corr[b, 1:, 1:], corr[b, 0, 1:]))


def test_weighted_drivers_are_repeated_rows():
    counts = np.random.default_rng(6).integers(1, 4, 250)
    weighted = measures.drivers(MOBI.assign(w=counts), "CUSA1", QUALITY, design=Design(weight="w"), n_resamples=0)
    repeated = measures.drivers(MOBI.loc[MOBI.index.repeat(counts)], "CUSA1", QUALITY, n_resamples=0)
    np.testing.assert_allclose(weighted["estimate"], repeated["estimate"])


def test_importance_and_performance_find_their_quadrants():
    stated = measures.importance_performance(MOBI, QUALITY, importance=dict.fromkeys(QUALITY, 3.0) | {"PERQ2": 5.0})
    assert stated.xs("PERQ2", level="item").index.tolist() == ["Concentrate here"]
    derived = measures.importance_performance(MOBI, QUALITY, on="CUSA3", language="zh", cut="median")
    lmg = measures.drivers(MOBI, "CUSA3", QUALITY, n_resamples=0)["estimate"]
    np.testing.assert_allclose(derived["importance"], lmg)
    assert set(derived.index.get_level_values(0)) <= {"重点改进", "继续保持", "低优先级", "过度投入"}
    middle = measures.importance_performance(
        MOBI, QUALITY[:2], importance={"PERQ1": "PERQ3", "PERQ2": "PERQ4"}, cut="midpoint", scale=(1, 10)
    )
    assert (middle["performance_cut"] == 5.5).all() and (middle["importance_cut"] == 5.5).all()


def test_bands_show_where_loyalty_rises():
    table = measures.by_band(MOBI, "CUSA1", "CUSL3", bands=[1, 7, 9])
    for start, stop in ((1, 7), (7, 9), (9, 11)):
        part = MOBI.loc[(MOBI["CUSA1"] >= start) & (MOBI["CUSA1"] < stop), "CUSL3"]
        row = table.loc[start]
        np.testing.assert_allclose(row[["estimate", "std_error", "n"]], [part.mean(), stats.sem(part), len(part)])
    assert table["share"].sum() == pytest.approx(1)


def test_a_bend_is_found_where_it_is_and_a_line_stays_a_line():
    rng = np.random.default_rng(7)
    x = rng.integers(1, 11, 400).astype(float)
    bent = pd.DataFrame({"s": x, "l": np.maximum(x - 7, 0) * 2 + rng.normal(0, 0.5, 400)})
    found = measures.curvature(bent, "s", "l")
    assert found.loc["break", "at"] == 7 and found["bic"].idxmin() == "break"
    fit = sm.OLS(bent["l"], sm.add_constant(np.column_stack([x, x**2]))).fit()
    row = found.loc["quadratic"]
    np.testing.assert_allclose(row[["r2", "curvature", "p_value"]].astype(float), [fit.rsquared, fit.params.iloc[2],
                               fit.pvalues.iloc[2]], rtol=1e-6, atol=1e-12)  # fmt: skip
    line = measures.curvature(pd.DataFrame({"s": x, "l": x + rng.normal(0, 1, 400)}), "s", "l")
    assert line["bic"].idxmin() == "line" and line.loc["quadratic", "p_value"] > 0.01


def test_penalties_and_rewards_are_dummies_of_one_regression():
    table = measures.penalty_reward(MOBI, "CUSA3", QUALITY[:2], low=6, high=9)
    x = np.column_stack([f(MOBI[q]) for q in QUALITY[:2] for f in (lambda v: v <= 6, lambda v: v >= 9)]).astype(float)
    fit = sm.OLS(MOBI["CUSA3"].astype(float), sm.add_constant(x)).fit()
    np.testing.assert_allclose(table["estimate"], fit.params.iloc[1:])
    np.testing.assert_allclose(table["p_value"], fit.pvalues.iloc[1:])
    penalty, reward = -table.loc[("PERQ1", "penalty"), "estimate"], table.loc[("PERQ1", "reward"), "estimate"]
    expected = (reward - penalty) / (reward + penalty)
    assert table.loc[("PERQ1", "reward"), "asymmetry"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: measures.top_box(MOBI, ["CUSA1"]), SettingsError, "depends on the scale"),
        (lambda: measures.top_box(MOBI, ["CUSA1"], scale=(1, 5)), DataError, "outside 1 to 5"),
        (lambda: measures.top_box(MOBI, ["CUSA1"], scale=(1, 10), boxes=10), SettingsError, "boxes=10"),
        (lambda: measures.csat(MOBI, ["CUSA1"], scale=(1, 10), at_least=11), SettingsError, "at_least=11"),
        (lambda: measures.csat(MOBI, ["CUSA1"], scale=(1, 10), target=85), SettingsError, "between 0 and 1"),
        (lambda: measures.csat(MOBI, ["CUSA1"], scale=(1, 10), interval="wald"), SettingsError, "wilson"),
        (lambda: measures.proportion(5, 4), SettingsError, "0 <= successes <= n"),
        (lambda: measures.nps({"q": [11, 3]}), DataError, "holds 11, outside 0 to 10"),
        (lambda: measures.nps(MOBI, ["CUSL1"], detractors=9), SettingsError, "do not divide"),
        (lambda: measures.nps_of(0.8, 0.4, 100), SettingsError, "exceed 1"),
        (lambda: measures.compare(measures.nps_of(0.5, 0.2, 9), "a", "b"), DataError, "no groups"),
        (lambda: measures.compare(measures.nps(recommend(), ["nps"], by="wave"), "w1", "w3"), DataError, "'w1', 'w2'"),
        (lambda: measures.crosstab(MOBI.assign(k=1), "k", "CUSA1"), DataError, "'k' has 1 different"),
        (lambda: measures.crosstab(MOBI, "CUSA9", "CUSA1"), DataError, "did you mean"),
        (lambda: measures.cochran(MOBI, QUALITY), DataError, "at_least="),
        (lambda: measures.friedman(MOBI, ["PERQ1"]), DataError, "alone cannot be compared"),
        (lambda: measures.drivers(MOBI, "CUSA1", ["CUSA1"]), SettingsError, "both the outcome and a driver"),
        (lambda: measures.drivers(MOBI, "CUSA1", list(MOBI.columns[4:20])), SettingsError, "65,536 subsets"),
        (lambda: measures.drivers(MOBI.assign(k=1), "CUSA1", ["k"]), DataError, "never varies"),
        (lambda: measures.drivers(MOBI.assign(k=MOBI["PERQ1"] * 2), "CUSA1", ["PERQ1", "k"]), DataError, "repeats"),
        (lambda: measures.drivers(MOBI.head(5), "CUSA1", QUALITY), DataError, "5 complete cases"),
        (lambda: measures.importance_performance(MOBI, QUALITY), SettingsError, "one of them"),
        (lambda: measures.importance_performance(MOBI, QUALITY, importance={"PERQ1": 1}), SettingsError, "importance"),
        (lambda: measures.by_band(MOBI, "CUSA1", "CUSL3", bands=[7, 9]), DataError, "below the first band"),
        (lambda: measures.curvature({"s": [1, 2, 3], "l": [1, 2, 3]}, "s", "l"), DataError, "four different answers"),
        (lambda: measures.penalty_reward(MOBI, "CUSA1", ["PERQ1"], low=0, high=9), DataError, "move low or high"),
        (lambda: measures.penalty_reward(MOBI, "CUSA1", ["PERQ1"], low=9, high=6), SettingsError, "low must be below"),
    ],
)  # fmt: skip
def test_refusals_say_what_would_be_right(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_extreme_shares_and_constant_answers_have_answers():
    table = measures.top_box({"q": [5] * 10}, scale=(1, 5))
    assert table.loc["q", "estimate"] == 1 and 0.69 < table.loc["q", "conf_low"] < 0.73
    assert measures.nps({"q": [10] * 10}).loc["q", "std_error"] == 0
    assert np.isnan(measures.gap({"p": [3, 3], "e": [3, 3]}, {"p": "e"}).loc["p", "statistic"])
    same = measures.friedman({"a": [1, 2, 3], "b": [1, 2, 3]})
    assert np.isnan(same.test["statistic"].iloc[0]) and same.pairs["p_value"].iloc[0] == 1
