"""Plans: published sizes to their digits, one thing solved for, corrections in their order, refusals that teach."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csi.errors import SettingsError
from csi.sampling import Plan, cluster_deff, optimal_cluster_size, precision

ORACLE = json.loads((Path(__file__).parent / "oracles/survey_sample_sizes.json").read_text(encoding="utf-8"))


def rows(name):
    table = ORACLE[name]
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


@pytest.mark.parametrize("row", rows("srs_proportion"))
def test_proportion_grid_of_r(row):
    words = {"margin": row["e"], "p": row["p"], "confidence_level": 1 - row["alpha"]}
    assert Plan.proportion(**words).n_exact == pytest.approx(row["n0"], rel=1e-10)
    words["population"] = row["N"]
    simple = Plan.proportion(**words)
    assert simple.n_exact == pytest.approx(row["n_fpc_simple"], rel=1e-10)
    if row["N"] is not None:
        assert Plan.proportion(**words, fpc="cochran").n_exact == pytest.approx(row["n_fpc_cochran"], rel=1e-10)
    back = Plan.proportion(n=simple.n_exact, **{k: v for k, v in words.items() if k != "margin"})
    assert back.margin == pytest.approx(row["e"], rel=1e-10)


@pytest.mark.parametrize("row", rows("srs_mean"))
def test_mean_grid_of_r(row):
    plan = Plan(margin=row["e"], sd=row["sd"], population=row["N"])
    assert plan.n_exact == pytest.approx(row["n_fpc"], rel=1e-10)
    assert plan.n == row["n_fpc_ceil"]
    assert Plan(margin=row["e"], sd=row["sd"]).n == row["n0_ceil"]


@pytest.mark.parametrize(
    ("plan", "n_exact", "n"),
    [
        (Plan.proportion(margin=0.05), 384.1459, 385),
        (Plan(margin=2, sd=20), 384.146, 385),
        (Plan(margin=2, sd=20, population=5000), 356.738, 357),
        (Plan.proportion(margin=0.05, population=1000), 277.53, 278),
        (Plan.proportion(margin=0.05, population=1000, fpc="cochran"), 277.73, 278),
        (Plan.nps(margin=5), 1024.4, 1025),
        (Plan.difference(p=(0.70, 0.75)), 1250.717, 1251),
        (Plan.difference(p=(0.70, 0.75), variance="unpooled"), 1247.972, 1248),
        (Plan.difference(difference=2, sd=20), 1569.776, 1570),
        (Plan.difference(difference=2, sd=20, test="t"), 1570.737, 1571),
        (Plan.difference(p=(0.70, 0.75), rho=0.5, overlap=0.6), 874.18, 875),
        (Plan.paths(0.197), 159.31, 160),
        (Plan.paths(0.2), 154.56, 155),
        (Plan.paths(0.1), 618.26, 619),
    ],
)
def test_published_sizes(plan, n_exact, n):
    digits = len(str(n_exact).split(".")[1])
    assert round(plan.n_exact, digits) == n_exact
    assert plan.n == n


@pytest.mark.parametrize(("population", "n"), [(100, 80), (1000, 278), (8000, 367), (10000, 370)])
def test_krejcie_and_morgan(population, n):
    assert Plan.proportion(margin=0.05, population=population, fpc="cochran").n == n


@pytest.mark.parametrize(("n", "points"), [(130, 3.44), (260, 2.43), (100, 3.92)])
def test_margins_of_the_index_in_the_source_thesis(n, points):
    assert round(Plan(n=n, sd=20).margin, 2) == points


@pytest.mark.parametrize(
    ("n", "points"), [(100, 9.80), (1389, 2.63), (1502, 2.53), (1593, 2.46), (4484, 1.46), (7604, 1.12)]
)
def test_margins_of_a_proportion_in_the_source_thesis(n, points):
    assert round(100 * Plan.proportion(n=n).margin, 2) == points


def test_what_the_missing_interviews_of_the_source_thesis_would_have_bought():
    table = precision([100, 4484, 7604], sd=20)
    assert list(table.columns) == ["index", "share", "nps", "index_difference", "path"]
    assert table["index"].round(2).tolist() == [3.92, 0.59, 0.45]
    assert table["share"].round(2).tolist() == [9.80, 1.46, 1.12]
    without = Plan(n=7604 - 3120, sd=20)
    assert without.margin == table.loc[4484, "index"]


def test_the_order_of_corrections_changes_the_answer_and_is_stated():
    words = {"margin": 0.05, "population": 8000, "deff": 1.5, "response": 0.8}
    first = Plan.proportion(**words)
    assert (round(first.invitations_exact, 2), first.invitations, first.n) == (671.88, 672, 538)
    second = Plan.proportion(**words, order="fpc-deff")
    assert (round(second.invitations_exact, 2), second.invitations) == (687.27, 688)
    assert [s.name for s in first.steps if s.name.startswith("n_") and s.name != "n_exact"] == [
        "n_srs",
        "n_deff",
        "n_fpc",
    ]
    assert [s.name for s in second.steps if s.name.startswith("n_") and s.name != "n_exact"] == [
        "n_srs",
        "n_fpc",
        "n_deff",
    ]


@pytest.mark.parametrize("order", ["deff-fpc", "fpc-deff"])
@pytest.mark.parametrize("fpc", ["simple", "cochran"])
def test_margin_and_n_are_inverse_under_every_correction(order, fpc):
    terms = {"population": 3000, "deff": 1.7, "order": order, "fpc": fpc, "confidence_level": 0.9}
    plan = Plan(margin=1.5, sd=22, **terms)
    assert Plan(n=plan.n_exact, sd=22, **terms).margin == pytest.approx(1.5, rel=1e-12)


def test_eligibility_and_response_multiply():
    plan = Plan(margin=2, sd=20, response=0.4, eligibility=0.5)
    assert plan.invitations_exact == pytest.approx(plan.n_exact / 0.2)
    assert plan.invitations == 1921


@pytest.mark.parametrize(
    "words", [{"difference": 2, "sd": 20}, {"difference": 2, "sd": 20, "test": "t"}, {"p": 0.7, "difference": 0.05}]
)
def test_any_one_of_n_power_and_difference(words):
    plan = Plan.difference(**words, power=0.9)
    given = {k: v for k, v in words.items() if k != "difference"}
    assert Plan.difference(**words, n=plan.n_exact).power == pytest.approx(0.9, rel=1e-9)
    found = Plan.difference(**given, n=plan.n_exact, power=0.9)
    assert found.difference == pytest.approx(words["difference"], rel=1e-8)
    assert found.detectable == found.difference


def test_minimum_detectable_difference():
    assert round(Plan.difference(n=250, sd=20).difference, 2) == 5.01


@pytest.mark.parametrize("row", rows("power_t_two_sample"))
def test_t_test_sizes_of_r(row):
    words = {"difference": row["d"], "sd": 1, "test": "t"}
    assert Plan.difference(**words, power=0.8).n_exact == pytest.approx(row["n80"], rel=2e-5)
    assert Plan.difference(**words, power=0.9).n_exact == pytest.approx(row["n90"], rel=2e-5)
    assert Plan.difference(**words, n=64).power == pytest.approx(row["power_n64"], rel=1e-8)


def test_one_sided_t_test_of_r():
    row = rows("power_one_sided")[0]
    plan = Plan.difference(difference=row["d"], sd=1, test="t", alternative="one-sided")
    assert plan.n_exact == pytest.approx(row["n80"], rel=2e-5)


@pytest.mark.parametrize("row", rows("power_prop"))
def test_two_proportions_of_r(row):
    pair = (row["p1"], row["p2"])
    assert Plan.difference(p=pair).n_exact == pytest.approx(row["n80"], rel=2e-5)
    assert Plan.difference(p=pair, n=200).power == pytest.approx(row["power_n200"], rel=1e-8)


@pytest.mark.parametrize(
    ("null", "alternative", "sizes"),
    [(0.05, 0.08, [434, 252, 214, 132]), (0.05, 0.01, [474, 307, 268, 178])],
)
def test_rmsea_sizes_of_semtools(null, alternative, sizes):
    assert [Plan.rmsea(df, null, alternative).n for df in (20, 40, 50, 100)] == sizes


@pytest.mark.parametrize(
    ("df", "null", "alternative", "n", "power", "digits"),
    [
        (20, 0.05, 0.08, 433, 0.7994089, 7),
        (20, 0.05, 0.08, 434, 0.8003669, 7),
        (50, 0.05, 0.08, 200, 0.7691047, 7),
        (50, 0, 0.05, 200, 0.68395, 5),
    ],
)
def test_rmsea_power_of_semtools(df, null, alternative, n, power, digits):
    assert round(Plan.rmsea(df, null, alternative, n=n).power, digits) == power


def test_exact_fit_size():
    assert Plan.rmsea(50, 0, 0.05).n == 243


# psych::bfi (psych 2.2.9), items A3, A4, A5, first 250 rows complete in the three: their covariance matrix.
BFI = [
    [1.7248032128514061, 0.7855421686746987, 0.9700722891566261],
    [0.7855421686746987, 2.337349397590362, 0.633734939759036],
    [0.9700722891566261, 0.633734939759036, 1.6883694779116423],
]


def test_weighted_index_matches_svycontrast():
    names = ["A3", "A4", "A5"]
    weights = dict(zip(names, [0.4, 0.35, 0.25], strict=True))
    covariance = pd.DataFrame(BFI, index=names, columns=names)
    plan = Plan.index(n=250, weights=weights, covariance=covariance.loc[::-1, ::-1], scale=(1, 6))
    sd = next(step.value for step in plan.steps if step.name == "sd")
    assert round(sd, 5) == 21.84204
    assert round(sd / np.sqrt(250), 6) == 1.381412
    assert round(69.172 - plan.margin, 5) == 66.46448
    assert round(69.172 + plan.margin, 5) == 71.87952


def test_index_from_sd_and_correlation_equals_covariance():
    sd = np.sqrt(np.diag(BFI))
    correlation = np.array(BFI) / np.outer(sd, sd)
    one = Plan.index(margin=2, weights=[1, 1, 2], covariance=np.array(BFI), scale=(1, 6))
    two = Plan.index(margin=2, weights=[2, 2, 4], sd=list(sd), correlation=correlation, scale=(1, 6))
    assert one.n_exact == pytest.approx(two.n_exact, rel=1e-12)
    series = Plan.index(margin=2, weights=pd.Series({"a": 1, "b": 1, "c": 2}), covariance=np.array(BFI), scale=(1, 6))
    assert series.n_exact == one.n_exact
    single = Plan.index(margin=2, weights={"x": 3}, sd=20)
    assert single.n_exact == pytest.approx(Plan(margin=2, sd=20).n_exact)


def test_nps_of_an_observed_split():
    assert round(Plan.nps(n=400, promoters=0.5, detractors=0.2).margin, 6) == 7.653904


def test_panels_need_fewer_interviews_than_fresh_samples():
    fresh = Plan.difference(difference=2, sd=20)
    panel = Plan.difference(difference=2, sd=20, overlap=1, rho=0.6)
    assert panel.n_exact == pytest.approx(0.4 * fresh.n_exact)
    assert Plan.difference(margin=3, sd=20).n_exact == pytest.approx(2 * Plan(margin=3, sd=20).n_exact)


def test_unequal_groups():
    plan = Plan.difference(difference=2, sd=20, ratio=2)
    assert plan.n_second == pytest.approx(plan.n_exact / 2, abs=1)
    assert plan.n_total == plan.n + plan.n_second


def test_ten_times_rule_is_a_labelled_line_and_decides_nothing():
    plan = Plan.paths(0.2, arrows=5)
    assert plan.n == 155
    assert plan.table().loc["ten-times rule (rule of thumb, not used)", "value"] == 50
    assert Plan.paths(0.2, n=155).power == pytest.approx(0.8, abs=0.002)
    assert Plan.paths(-0.2).n == 155


@pytest.mark.parametrize("row", rows("cluster_deff"))
def test_cluster_design_effect(row):
    assert cluster_deff(row["m"], row["rho"]) == pytest.approx(row["deff"], rel=1e-14)
    assert 1000 / cluster_deff(row["m"], row["rho"]) == pytest.approx(row["n_eff_1000"], rel=1e-14)


@pytest.mark.parametrize("row", rows("optimal_cluster_size"))
def test_optimal_cluster_size(row):
    assert optimal_cluster_size(row["c1"], row["c2"], row["rho"]) == pytest.approx(row["m_opt"], rel=1e-14)


def test_a_census_has_no_margin_and_a_hopeless_response_rate_is_a_doubt():
    assert Plan(n=500, sd=20, population=500).margin == 0
    plan = Plan(margin=1, sd=20, population=500, response=0.3)
    assert "the plan fails at this response rate" in plan.doubts[0]
    assert repr(plan).splitlines()[1].startswith("! 1257 eligible persons")
    assert Plan(margin=2, sd=20).doubts == ()


def test_rounding_up_forgives_the_last_bits():
    margin = Plan(n=400, sd=20).margin
    assert Plan(margin=margin, sd=20).n == 400


def test_the_table_pastes_in_two_languages_and_survives_small_consoles():
    plan = Plan(margin=2, sd=20, population=5000, response=0.8)
    english, chinese = plan.table(), plan.table("zh")
    assert english["value"].tolist() == chinese["数值"].tolist()
    assert english["value"].dtype == float
    assert chinese.loc["完成样本量", "数值"] == 357
    assert plan.assumptions == {"confidence_level": 0.95, "population": 5000, "response": 0.8}
    repr(plan).encode("ascii")
    assert "446" in plan._repr_html_()
    assert precision([100], language="zh").columns[0] == "指数误差限"


def test_plans_compare_and_pickle():
    plan = Plan.difference(difference=2, sd=20)
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert pickle.loads(pickle.dumps(plan)).difference == 2
    assert plan != Plan.difference(difference=3, sd=20)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Plan(), "needs sd="),
        (lambda: Plan(sd=20), "neither was given"),
        (lambda: Plan(n=100, margin=2, sd=20), "both were given"),
        (lambda: Plan(n=0, sd=20), "n= must be a positive number"),
        (lambda: Plan(n=float("nan"), sd=20), "n= must be a positive number"),
        (lambda: Plan(margin=2, sd="20"), "sd= must be a positive number"),
        (lambda: Plan(n=600, sd=20, population=500), "exceed the population of 500"),
        (lambda: Plan(margin=2, sd=20, response=80), r"80 % is 0.8"),
        (lambda: Plan(margin=2, sd=20, confidence_level=95), r"95 % is 0.95"),
        (lambda: Plan(margin=2, sd=20, respons=0.8), "did you mean 'response'"),
        (lambda: Plan(margin=2, sd=20, order="deff"), "order must be one of"),
        (lambda: Plan(margin=2, sd=20, deff=0, population=-3), "2 problems"),
        (lambda: Plan.proportion(margin=5), "5 points are 0.05"),
        (lambda: Plan.proportion(margin=0.05, p=0), "p= is a share"),
        (lambda: Plan.nps(margin=5, promoters=0.7, detractors=0.6), "at most 1 is possible"),
        (lambda: Plan.index(margin=2, weights=[1, 1], sd=20), "with correlation="),
        (lambda: Plan.index(margin=2, weights=[1, 1], sd=20, covariance=np.eye(2)), "not both"),
        (lambda: Plan.index(margin=2, weights=[1, 1, 1], sd=20, correlation=-0.9), "No answers can have"),
        (lambda: Plan.index(margin=2, weights=[1, 1], sd=20, correlation=[[1, 2], [2, 1]]), "beyond -1 and 1"),
        (lambda: Plan.index(margin=2, weights=[1, -1], sd=20, correlation=0), "positive sum"),
        (lambda: Plan.index(margin=2, weights={"a": 1}, sd={"b": 2}), "no number for a"),
        (lambda: Plan.index(margin=2, weights=[1, 1], sd=[1, 2, 3], correlation=0), "3 numbers for 2 items"),
        (lambda: Plan.index(margin=2, weights=[1], sd=0), "sd= must be positive"),
        (lambda: Plan.index(margin=2, weights=[1], covariance=np.eye(2)), "symmetric table of 1 by 1"),
        (lambda: Plan.index(margin=2, weights=[1], sd=1, scale=(5, 1)), "lowest first"),
        (lambda: Plan.difference(difference=2), "give sd= for means or p="),
        (lambda: Plan.difference(sd=20), "give difference= or n="),
        (lambda: Plan.difference(difference=2, sd=20, n=10, power=0.8), "leave out the one"),
        (lambda: Plan.difference(difference=2, sd=20, margin=1), "margin= stands alone"),
        (lambda: Plan.difference(difference=0, sd=20), "must not be 0"),
        (lambda: Plan.difference(p=(0.7, 0.8), difference=0.1), "known already"),
        (lambda: Plan.difference(p=(0.7, 0.7)), "same share twice"),
        (lambda: Plan.difference(p=0.9, difference=0.2), "shares between 0 and 1"),
        (lambda: Plan.difference(p=0.99, n=10), "detect no share above"),
        (lambda: Plan.difference(difference=2, sd=(1, 2, 3)), "one for each of the two groups"),
        (lambda: Plan.difference(difference=2, sd=-1, power=2, overlap=3, rho=4), "4 problems"),
        (lambda: Plan.difference(difference=2, sd=20, test="t", overlap=0.5), "test='t' is for two independent"),
        (lambda: Plan.difference(difference=2, sd=20, variance="pooled"), "variance= is for proportions"),
        (lambda: Plan.difference(p=(0.7, 0.8), variance="pooled", overlap=0.5), "overlapping ones take 'unpooled'"),
        (lambda: Plan.difference(difference=2, sd=20, power=0.01), "level of the test, 0.05"),
        (lambda: Plan.paths(0.2, power=0.01), "level of the test, 0.05"),
        (lambda: Plan.rmsea(50, power=0.05), "level of the test, 0.05"),
        (lambda: Plan.paths(), "give path="),
        (lambda: Plan.paths(0.2, 100, power=0.8), "all given"),
        (lambda: Plan.paths(1.2), "standardized path between -1 and 1"),
        (lambda: Plan.rmsea(50, 0.05, 0.05), "two different RMSEAs"),
        (lambda: Plan.rmsea(50, n=100, power=0.8), "both were given"),
        (lambda: Plan.rmsea(0, power=1.5), "2 problems"),
        (lambda: Plan(margin=2, sd=20).table("fr"), "language must be one of"),
    ],
)
def test_refusals_teach(make, said):
    with pytest.raises(SettingsError, match=said):
        make()
