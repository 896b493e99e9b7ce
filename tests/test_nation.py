"""Companies to industries, sectors and a nation: sums by hand, errors, links, ranks, and what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from test_groups import SMALL

import csi
from csi.errors import DataError, NotAvailable, SettingsError
from csi.numerics.ranks import ranks, tiers
from csi.results.waves import in_order

STUDY = csi.Study(SMALL)
QUARTERS = ["2023Q4", "2024Q1", "2024Q2"]
REVENUE = {"A": 5.0, "B": 4.0, "C": 3.0, "D": 2.0}
TABLE = pd.DataFrame(
    {
        "company": list("ABCD"),
        "revenue": [5.0, 4.0, 3.0, 2.0],
        "industry": ["x", "x", "y", "z"],
        "sector": ["s", "s", "s", "t"],
        "gdp": [30.0, 30.0, 30.0, 70.0],
    }
)


@pytest.fixture(scope="module")
def answers():
    data = csi.simulate(SMALL, 4 * 3 * 50, rng=3).assign(
        company=np.repeat(list("ABCD"), 150), quarter=np.tile(np.repeat(QUARTERS, 50), 4)
    )
    known = TABLE.set_index("company")
    return data.assign(**{name: data["company"].map(known[name]) for name in known.columns})


@pytest.fixture(scope="module")
def fit(answers):
    return STUDY.fit(answers, by=["company", "quarter"])


@pytest.fixture(scope="module")
def drawn(fit):
    return fit.bootstrap(60, rng=5, progress=False)


def satisfaction(fit: csi.Fit) -> pd.DataFrame:
    """Index by company (rows) and quarter (columns)."""
    return fit.index()["estimate"].xs("satisfaction", level="construct").unstack()  # noqa: PD010


def nation(aggregate, column: str = "estimate") -> pd.Series:
    return aggregate.index(level="nation")[column].xs("satisfaction", level="construct")


# -- sums ---------------------------------------------------------------------------------


def test_a_nation_is_the_weighted_mean_and_its_variance_the_weighted_sum(fit):
    found = csi.aggregate(fit, REVENUE).index(level="nation").xs("satisfaction", level="construct")
    share = np.array(list(REVENUE.values())) / 14
    np.testing.assert_allclose(found["estimate"], share @ satisfaction(fit).to_numpy(), rtol=1e-12)
    errors = fit.index()["std_error"].xs("satisfaction", level="construct").unstack().to_numpy()  # noqa: PD010
    np.testing.assert_allclose(found["std_error"], np.sqrt(share**2 @ errors**2), rtol=1e-7)


@pytest.mark.parametrize(
    "weights",
    [
        "revenue",
        REVENUE,
        pd.Series(REVENUE),
        TABLE[["company", "revenue"]],
        TABLE.set_index("company")[["revenue"]],
        {company: 7 * revenue for company, revenue in REVENUE.items()},
        {(company, quarter): revenue for company, revenue in REVENUE.items() for quarter in QUARTERS},
        {"company": REVENUE},
    ],
)
def test_weights_of_any_kind_and_scale_are_the_same(fit, weights):
    expected = csi.aggregate(fit, REVENUE).index()
    pd.testing.assert_frame_equal(csi.aggregate(fit, weights).index(), expected, rtol=1e-12)


def test_weights_may_change_from_wave_to_wave(fit):
    cells = list(itertools.product("ABCD", QUARTERS))
    table = pd.DataFrame(cells, columns=["company", "quarter"]).assign(share=np.arange(1.0, 13))
    found = nation(csi.aggregate(fit, table))
    w = table["share"].to_numpy().reshape(4, 3)
    np.testing.assert_allclose(found, (w / w.sum(0) * satisfaction(fit).to_numpy()).sum(0), rtol=1e-12)


def test_the_rule_of_the_acsi_goes_by_revenue_then_by_gdp(fit):
    """Sector s: 9 parts industry x (A 5, B 4), 3 parts industry y; nation 30 parts s, 70 parts t."""
    i = satisfaction(fit)
    sector = (5 * i.loc["A"] + 4 * i.loc["B"] + 3 * i.loc["C"]) / 12
    expected = 0.3 * sector + 0.7 * i.loc["D"]
    by_table = csi.aggregate(fit, rule="acsi", table=TABLE)
    for found in (csi.aggregate(fit, rule="acsi"), by_table):
        np.testing.assert_allclose(nation(found), expected, rtol=1e-12)
        of_sector = found.index(level="sector")["estimate"].xs("satisfaction", level="construct")
        np.testing.assert_allclose(of_sector["s"], sector, rtol=1e-12)
    assert "Fornell" in by_table.index().attrs["note"]
    by_hand = csi.aggregate(fit, {"company": "revenue", "sector": {"s": 0.3, "t": 0.7}}, levels=["industry", "sector"])
    pd.testing.assert_frame_equal(by_hand.index(), by_table.index(), rtol=1e-12)
    assert by_table.levels == ["company", "industry", "sector", "nation"]
    assert by_table.index().index.names == ["level", "unit", "quarter", "construct"]


@pytest.mark.parametrize("name", csi.models.rules().index)
def test_every_rule_can_be_applied(answers, name):
    rule = csi.models.rule(name)
    columns = {level: answers[old] for level, old in zip(rule.levels, ["industry", "sector"], strict=False)}
    data = answers.rename(columns={"company": rule.unit}).assign(
        market_share=answers["revenue"], consumption=answers["revenue"], **columns
    )
    if rule.levels and rule.levels[-1] == "sector":
        data["sector"] = answers["sector"]
    found = csi.aggregate(STUDY.fit(data, by=[rule.unit, "quarter"]), rule=name)
    assert found.index().notna().all(axis=None)
    assert rule.reference and rule.notes


def test_one_company_is_itself(fit):
    alone = fit["B"]
    found = csi.aggregate(alone, "equal", unit="quarter")
    same = alone.core.sample.table.native.query("company == 'B'")
    by_wave = csi.aggregate(STUDY.fit(same, by=["company", "quarter"]), "cases")
    np.testing.assert_allclose(nation(by_wave), satisfaction(fit).loc["B"], rtol=1e-9)
    np.testing.assert_allclose(
        found.index(level="nation").loc["satisfaction", "estimate"], satisfaction(fit).loc["B"].mean()
    )


def test_one_company_has_its_own_error_and_interval(drawn):
    one = csi.aggregate(drawn, {"A": 1, "B": 0, "C": 0, "D": 0}).index(level="nation")
    own = drawn.index().loc["A"]
    pd.testing.assert_frame_equal(one, own, rtol=1e-12)


def test_two_halves_of_a_company_weigh_as_the_whole(answers):
    halves = answers.assign(
        company=np.where((answers["company"] == "A") & (answers.index % 2 == 0), "A2", answers["company"])
    )
    whole = csi.aggregate(STUDY.fit(answers, by=["company", "quarter"]), REVENUE)
    parts = csi.aggregate(STUDY.fit(halves, by=["company", "quarter"]), {**REVENUE, "A": 2.5, "A2": 2.5})
    np.testing.assert_allclose(nation(parts), nation(whole), atol=0.2)
    np.testing.assert_allclose(nation(parts, "std_error"), nation(whole, "std_error"), rtol=0.05)


def test_cases_as_weights(fit):
    np.testing.assert_allclose(nation(csi.aggregate(fit, "cases")), satisfaction(fit).mean(), rtol=1e-12)


def test_shares_add_up_to_one(fit):
    found = csi.aggregate(fit, rule="acsi")
    for level in ("industry", "sector", "nation"):
        shares = found.shares(level)
        labels = [name for name in shares.index.names if name != "company"]
        np.testing.assert_allclose(shares.groupby(labels).sum(), 1, rtol=1e-12)


def test_moments_will_do(fit):
    sample = fit.core.sample
    means = np.stack(
        [sample.table.native[sample.blueprint.item_names][sample.groups.codes == g].mean() for g in range(12)]
    )
    covs = np.stack(
        [sample.table.native[sample.blueprint.item_names][sample.groups.codes == g].cov() for g in range(12)]
    )
    moments = csi.Moments(
        n=50, mean=means, cov=covs, items=sample.blueprint.item_names, groups=fit.groups, by=["company", "quarter"]
    )
    from_moments = STUDY.fit(moments)
    np.testing.assert_allclose(
        nation(csi.aggregate(from_moments, REVENUE)), nation(csi.aggregate(fit, REVENUE)), rtol=1e-9
    )
    assert nation(csi.aggregate(from_moments, REVENUE), "std_error").isna().all()
    normal = csi.aggregate(from_moments.bootstrap(100, rng=1, kind="normal", progress=False), REVENUE)
    np.testing.assert_allclose(nation(normal, "std_error"), nation(csi.aggregate(fit, REVENUE), "std_error"), rtol=0.3)
    with pytest.raises(NotAvailable, match="moments only"):
        csi.aggregate(from_moments, "revenue")


# -- errors ---------------------------------------------------------------------------------


def test_draws_are_summed_draw_by_draw(drawn):
    found = csi.aggregate(drawn, REVENUE).index(level="nation").xs("satisfaction", level="construct")
    draws = drawn.replicates("index")["satisfaction"].unstack()  # noqa: PD010
    share = np.array(list(REVENUE.values())) / 14
    for quarter in QUARTERS:
        joined = share @ draws.xs(quarter, level="quarter").to_numpy()
        assert np.isclose(found.loc[quarter, "std_error"], joined.std(ddof=1))
        np.testing.assert_allclose(found.loc[quarter, ["conf_low", "conf_high"]], np.quantile(joined, [0.025, 0.975]))


def test_clusters_in_several_companies_tie_them_together(answers):
    """Every respondent rates all companies, alike: the nation's variance is then no smaller than a company's."""
    one = answers[answers["company"] == "A"]
    twins = pd.concat([one.assign(company=name, person=np.arange(len(one))) for name in "AB"])
    fit = csi.Study(SMALL, design=csi.Design(cluster="person")).fit(twins, by=["company", "quarter"])
    joined, own = csi.aggregate(fit, "equal").index(level="nation"), fit.index().loc["A"]
    np.testing.assert_allclose(joined["std_error"], own["std_error"], rtol=1e-6)
    drawn = fit.bootstrap(40, rng=1, progress=False)
    joined, own = csi.aggregate(drawn, "equal").index(level="nation"), drawn.index().loc["A"]
    np.testing.assert_allclose(joined, own, rtol=1e-6)
    league = csi.aggregate(fit, "equal").league()
    assert (league["rank_high"] == 2).all()


def test_jackknife_is_close_to_linearization(fit):
    ours = nation(csi.aggregate(fit.jackknife(progress=False), REVENUE), "std_error")
    np.testing.assert_allclose(ours, nation(csi.aggregate(fit, REVENUE), "std_error"), rtol=0.05)


def test_draws_that_do_not_fit_are_drawn_again_and_are_the_same(fit, drawn):
    frugal = fit.bootstrap(60, rng=5, progress=False, memory=200_000)
    pd.testing.assert_frame_equal(frugal.index(), drawn.index())
    pd.testing.assert_frame_equal(frugal["A"].paths(), drawn["A"].paths())
    pd.testing.assert_frame_equal(frugal.index(interval="bca"), drawn.index(interval="bca"))
    pd.testing.assert_frame_equal(csi.aggregate(frugal, REVENUE).index(), csi.aggregate(drawn, REVENUE).index())
    assert (frugal.core.draws.failed == drawn.core.draws.failed).all()
    pd.testing.assert_frame_equal(frugal.check(), drawn.check())
    with pytest.raises(NotAvailable, match="saved"):
        frugal.save("never.csi")
    with pytest.raises(SettingsError, match="need"):
        fit.bootstrap(60, rng=5, memory=1000)


@pytest.mark.parametrize("interval", ["basic", "normal"])
def test_other_intervals(drawn, interval):
    table = csi.aggregate(drawn, REVENUE).index(interval=interval, confidence_level=0.9)
    assert ((table["conf_low"] < table["estimate"]) & (table["estimate"] < table["conf_high"])).all()


# -- members ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gappy(answers):
    return STUDY.fit(
        answers[~((answers["company"] == "C") & (answers["quarter"] == "2024Q1"))], by=["company", "quarter"]
    )


def test_links_with_constant_members_change_nothing(fit):
    plain, linked = csi.aggregate(fit, rule="acsi"), csi.aggregate(fit, rule="acsi", chain=True)
    pd.testing.assert_frame_equal(linked.index(), plain.index(), rtol=1e-9)
    assert not len(linked.check())


def test_links_rest_on_the_members_of_both_waves(gappy):
    i = satisfaction(gappy)
    found = nation(csi.aggregate(gappy, REVENUE, chain=True))
    w = pd.Series(REVENUE)
    three = w[["A", "B", "D"]] / 11
    first = (w / 14 * i["2023Q4"]).sum()
    second = first + (three * (i["2024Q1"] - i["2023Q4"])[["A", "B", "D"]]).sum()
    third = second + (three * (i["2024Q2"] - i["2024Q1"])[["A", "B", "D"]]).sum()
    np.testing.assert_allclose(found, [first, second, third], rtol=1e-12)
    doubts = csi.aggregate(gappy, REVENUE, chain=True).check()
    assert doubts["code"].tolist() == ["membership_changed"] * 2


def test_a_missing_company_is_refused_or_stood_for_by_its_industry(gappy):
    table = TABLE.assign(industry=["x", "x", "y", "y"], sector=["s"] * 4)
    with pytest.raises(DataError, match="C has a weight and no estimate in 2024Q1"):
        csi.aggregate(gappy, "revenue", table=table, levels="industry")
    found = csi.aggregate(gappy, "revenue", table=table, levels="industry", missing="renormalize")
    i = satisfaction(gappy)["2024Q1"]
    expected = (9 * (5 * i["A"] + 4 * i["B"]) / 9 + 5 * i["D"]) / 14
    assert np.isclose(nation(found)["2024Q1"], expected)
    doubt = found.check().set_index("code").loc["missing_member"]
    assert np.isclose(doubt["value"], 3 / 14)
    assert doubt["group"] == "2024Q1"


def test_a_company_that_could_not_be_estimated_is_missing(answers):
    flat = answers.assign(
        **{item: answers[item].where(answers["company"] != "D", 5) for item in ("CUSA1", "CUSA2", "CUSA3")}
    )
    fit = STUDY.fit(flat, by=["company", "quarter"])
    with pytest.raises(DataError, match="D has a weight and no estimate"):
        csi.aggregate(fit, "revenue")
    found = csi.aggregate(fit, "revenue", missing="renormalize")
    assert nation(found).notna().all()
    assert "missing_member" in found.check()["code"].tolist()


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"weights": None}, SettingsError, "what does each company count"),
        ({"weights": {**REVENUE, "E": 1}}, DataError, "'E', of which there is no fit"),
        ({"weights": {**REVENUE, "A": -1}}, DataError, "weight of 'A' is -1"),
        ({"weights": {**REVENUE, "A": np.inf}}, DataError, "weight of 'A' is inf"),
        ({"weights": {**REVENUE, "A": "5"}}, DataError, "weight of 'A' is '5', which is no number"),
        ({"weights": {"A": 1, "B": 1, "C": 1}}, DataError, "company 'D' has a fit and no weight"),
        ({"weights": dict.fromkeys("ABCD", 0)}, DataError, "no weight is above 0"),
        ({"weights": "revenu"}, DataError, "did you mean 'revenue'"),
        ({"weights": "PERQ1"}, DataError, "must be one value for all cases of a group"),
        ({"weights": TABLE}, SettingsError, "2 columns of numbers"),
        ({"weights": "revenue", "levels": ["sector", "industry"]}, DataError, "levels must nest"),
        ({"weights": "revenue", "levels": "branch"}, DataError, "'branch' is not a column"),
        ({"weights": "revenue", "unit": "compny"}, SettingsError, "did you mean 'company'"),
        ({"weights": "revenue", "whole": "company"}, SettingsError, "also a level"),
        ({"weights": "revenue", "missing": "drop"}, SettingsError, "missing must be one of"),
        (
            {"weights": {"company": "revenue", "sector": {"s": 1}}, "levels": "sector"},
            DataError,
            "sector 't' has no weight",
        ),
        ({"rule": "acsii"}, SettingsError, "did you mean 'acsi'"),
        ({"weights": "revenue", "order": ["2024Q1"]}, DataError, "'2023Q4' is left out"),
    ],
)
def test_weights_that_cannot_be(fit, settings, error, words):
    with pytest.raises(error, match=words):
        csi.aggregate(fit, **settings)


def test_what_cannot_be_asked(fit, mobi):
    alone = csi.Study(SMALL).fit(mobi)
    with pytest.raises(SettingsError, match="groups of one fit"):
        csi.aggregate(alone, "equal")
    found = csi.aggregate(fit, REVENUE)
    with pytest.raises(SettingsError, match="level must be one of"):
        found.index(level="sector")
    with pytest.raises(NotAvailable, match="bca"):
        found.index(interval="bca")
    with pytest.raises(NotAvailable, match="needs resamples"):
        found.index(interval="percentile")
    with pytest.raises(SettingsError, match="did you mean 'satisfaction'"):
        found.league(construct="satisfacton")
    companies = csi.Study(SMALL).fit(fit.core.sample.table.native, by="company")
    with pytest.raises(NotAvailable, match="no waves"):
        csi.aggregate(companies, REVENUE).changes()
    with pytest.raises(SettingsError, match="the fit has none"):
        csi.aggregate(companies, REVENUE, chain=True)


def test_changes_of_a_nation(fit):
    i = csi.aggregate(fit, REVENUE)
    changes, level = i.changes(), nation(i)
    np.testing.assert_allclose(changes["estimate"], level.diff().dropna(), rtol=1e-9)
    error = nation(i, "std_error").to_numpy()
    np.testing.assert_allclose(changes["std_error"], np.hypot(error[1:], error[:-1]), rtol=1e-9)
    assert (changes["p_adjusted"] >= changes["p_value"]).all()
    with pytest.raises(NotAvailable, match="no wave has an earlier one"):
        i.changes(against="year")


def test_a_repr_is_plain(fit):
    assert repr(csi.aggregate(fit, rule="acsi")).encode("ascii")


# -- ranks ---------------------------------------------------------------------------------


def test_ranks_of_two_are_told_apart_by_the_normal_quantile():
    for gap, apart in ((1.9 * np.sqrt(2), False), (2.03 * np.sqrt(2), True)):
        found = ranks(np.array([gap, 0.0]), np.eye(2), 0.95, np.random.default_rng(1))
        assert found.rank.tolist() == [1, 2]
        assert (found.high[0] == 1) == apart
        assert abs(found.p[0, 1] - 2 * (1 - 0.5 * (1 + _erf(gap / 2)))) < 0.006


def _erf(x: float) -> float:
    from scipy.special import erf

    return float(erf(x))


def test_ranks_under_equal_means_cover_all_ranks():
    """Simultaneous sets: in 95 % of samples nobody is told apart where nobody differs."""
    rng, p = np.random.default_rng(2), 5
    cov = np.diag([1.0, 2.0, 0.5, 1.0, 3.0])
    wrong = 0
    for _ in range(200):
        x = rng.multivariate_normal(np.zeros(p), cov)
        found = ranks(x, cov, 0.95, np.random.default_rng(0))
        wrong += bool((found.low > 1).any() or (found.high < p).any())
    assert 2 <= wrong <= 20


def test_marginal_sets_are_no_wider_and_known_order_is_found():
    x, cov = np.array([90.0, 80.0, 79.5, 60.0]), np.eye(4)
    both = [ranks(x, cov, 0.95, np.random.default_rng(0), simultaneous=s) for s in (True, False)]
    assert both[0].low.tolist() == [1, 2, 2, 4]
    assert both[0].high.tolist() == [1, 3, 3, 4]
    assert (both[1].high - both[1].low <= both[0].high - both[0].low).all()


def test_tiers_begin_where_a_row_is_told_from_the_head():
    told = np.zeros((4, 4), bool)
    told[0, 2] = told[0, 3] = told[1, 3] = True
    assert tiers(np.array([4.0, 3, 2, 1]), told | told.T).tolist() == [1, 1, 2, 2]


def test_a_league_is_in_order_and_its_sets_hold_the_ranks(answers):
    better = answers.assign(
        **{
            item: np.clip(answers[item] + 3 * (answers["company"] == "B"), 1, 10)
            for item in ("CUSA1", "CUSA2", "CUSA3")
        }
    )
    found = csi.aggregate(STUDY.fit(better, by=["company", "quarter"]), REVENUE, levels="industry", table=TABLE)
    league = found.league()
    assert league.index.names == ["quarter", "company"]
    for quarter in QUARTERS:
        part = league.loc[quarter]
        assert part["estimate"].is_monotonic_decreasing
        assert part["rank"].tolist() == [1, 2, 3, 4]
        assert ((part["rank_low"] <= part["rank"]) & (part["rank"] <= part["rank_high"])).all()
        np.testing.assert_allclose(part["difference"].iloc[:-1], -part["estimate"].diff().dropna(), atol=1e-12)
        assert part.index[0] == "B"
        assert part.loc["B", "rank_high"] == 1
    within = found.league(within="industry").loc[("2024Q1", "x")]
    assert within.index.tolist() == ["B", "A"]
    assert found.league("industry").loc["2024Q1"].index[0] == "x"


# -- order of waves ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "expected", "year"),
    [
        (["2024Q2", "2023Q4", "2024Q1"], ["2023Q4", "2024Q1", "2024Q2"], 4),
        (["Q1 2024", "Q4 2023"], ["Q4 2023", "Q1 2024"], 4),
        (["2024年2季度", "2024年第1季度"], ["2024年第1季度", "2024年2季度"], 4),
        (["2024年下半年", "2024年上半年"], ["2024年上半年", "2024年下半年"], 2),
        (["2024年10月", "2024年9月"], ["2024年9月", "2024年10月"], 12),
        (["2018-11", "2019-01", "2018-12"], ["2018-11", "2018-12", "2019-01"], 12),
        (["2024-H2", "2024-H1"], ["2024-H1", "2024-H2"], 2),
        ([2025, 2024], [2024, 2025], 1),
        (["2025", "2024"], ["2024", "2025"], 1),
        (["wave 10", "wave 9"], ["wave 9", "wave 10"], None),
        (["2024-03-15", "2024-01-15", "2024-02-15"], ["2024-01-15", "2024-02-15", "2024-03-15"], 12),
        (list(pd.to_datetime(["2024-04-01", "2024-01-01"])), list(pd.to_datetime(["2024-01-01", "2024-04-01"])), 4),
        (
            list(pd.period_range("2024Q1", periods=2, freq="Q"))[::-1],
            list(pd.period_range("2024Q1", periods=2, freq="Q")),
            4,
        ),
    ],
)
def test_labels_in_the_order_of_time(labels, expected, year):
    found = in_order(labels)
    assert list(found.labels) == expected
    assert found.year == year
    assert not found.guess


def test_quarters_without_the_word_year_are_quarters():
    assert in_order(["2024第一季度", "2023第四季度"]).labels == ("2023第四季度", "2024第一季度")
    assert not in_order(["2024第一季度", "2023第四季度"]).guess


@pytest.mark.parametrize("table", [pl.DataFrame, pa.table], ids=["polars", "arrow"])
def test_weights_are_a_table_of_any_kind(fit, table):
    given = table({"company": list("ABCD"), "revenue": [5.0, 4.0, 3.0, 2.0]})
    assert csi.aggregate(fit, given).shares().equals(csi.aggregate(fit, REVENUE).shares())


@pytest.mark.parametrize("weights", [[5, 4, 3, 2], np.arange(4), 3, {"company": [5, 4, 3, 2]}], ids=str)
def test_weights_without_labels_are_refused(fit, weights):
    with pytest.raises(SettingsError, match="weights of company are numbers by label"):
        csi.aggregate(fit, weights)


def test_gaps_are_counted_and_a_year_back_is_found():
    waves = in_order(["2023Q1", "2023Q4", "2024Q1"])
    assert waves.at == (0, 3, 4)
    assert waves.back(2, 4) == 0
    assert waves.back(1, 4) is None


def test_an_order_that_labels_do_not_say_is_a_guess():
    assert "say no time" in in_order(["after", "before"]).guess
    assert not in_order(["before", "after"], ordered=True).guess
    assert in_order(["after", "before"], order=["before", "after"]).labels == ("before", "after")
    with pytest.raises(DataError, match="did you mean 'before'"):
        in_order(["after", "before"], order=["befor", "after"])


def test_ordered_categories_say_their_order(answers):
    names = {"2023Q4": "before", "2024Q1": "launch", "2024Q2": "after"}
    wave = pd.Categorical(answers["quarter"].map(names), categories=list(names.values()), ordered=True)
    found = csi.aggregate(STUDY.fit(answers.assign(wave=wave), by=["company", "wave"]), REVENUE)
    assert found.index(level="nation").index.get_level_values("wave").unique().tolist() == list(names.values())
    assert not len(found.check())
    plain = csi.aggregate(STUDY.fit(answers.assign(wave=wave.astype(str)), by=["company", "wave"]), REVENUE)
    assert plain.check()["code"].tolist() == ["wave_order_guessed"]
