"""Service performance: reference numbers, open cases, scorecard, targets, charts, alerts, report, actions, bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars
import pytest
from service_contacts import START, clock, contacts

import csi
from csi.errors import DataError, NotAvailable, SettingsError
from csi.service import (
    Action,
    Calendar,
    Change,
    Indicator,
    ServicePlan,
    Target,
    agreement,
    attainment,
    by_band,
    effects,
    main_text,
    plans,
    rate_change,
    rate_ratio,
)
from csi.service.doubts import texts

SATISFIED = Indicator(name="csat", kind="share", column="rating", at_least=4, unit="share", direction="higher",
                      owner="Li", period="month", targets=(Target(0.85),), weight=0.5)  # fmt: skip
WAIT = Indicator(name="wait", kind="mean", column="waiting", unit="s", direction="lower", owner="Wu", period="month",
                 targets=(Target(180),), weight=0.3)  # fmt: skip
ANSWERED = Indicator(name="answered", kind="share", start="opened", end="responded", within="24h", unit="share",
                     direction="higher", owner="Wu", period="month", targets=(Target(0.95),), weight=0.2)  # fmt: skip
FCR = Indicator(name="fcr", kind="repeat", window="7d", unit="share", direction="higher")
COMPLAINTS = Indicator(name="complaints", kind="rate", where={"type": "complaint"}, exposure="users", per=1e6,
                       unit="per million users", direction="lower", targets=(Target(100.0),))  # fmt: skip
SETTLED = Indicator(name="settled", kind="quantile", start="opened", end="closed", unit="s", direction="lower",
                    targets=(Target(86400.0),))  # fmt: skip
NPS = Indicator(name="nps", kind="balance", column="recommend", unit="points", direction="higher")
PLAN = ServicePlan("Calls", [SATISFIED, WAIT, ANSWERED])


def plan_of(*indicators: Indicator) -> ServicePlan:
    return ServicePlan("p", list(indicators))


def share_plan(**fields) -> ServicePlan:
    return plan_of(Indicator(name="x", kind="share", column="x", direction="higher", **fields))


# -- reference numbers -----------------------------------------------------------------------------------------


def test_share_and_its_target_to_the_reference():
    table = pd.DataFrame({"x": [1] * 340 + [0] * 60})
    card = share_plan(targets=(Target(0.85),)).measure(table).scorecard().loc["x"]
    assert card[["estimate", "conf_low", "conf_high"]].round(7).tolist() == [0.85, 0.8116864, 0.8816550]
    found = share_plan(targets=(Target(0.85),)).measure(pd.DataFrame({"x": [1] * 330 + [0] * 70}))
    assert found.targets(correction="none")["p_value"].item() == pytest.approx(0.09358031, abs=5e-9)


def test_net_promoter_score_to_the_reference():
    table = pd.DataFrame({"recommend": [10] * 200 + [8] * 120 + [3] * 80})
    row = plan_of(NPS).measure(table).scorecard().loc["nps"]
    assert row["estimate"] == pytest.approx(30.0)
    assert row["std_error"] == pytest.approx(3.905125, abs=5e-7)
    assert row["conf_high"] - row["estimate"] == pytest.approx(7.653904, abs=5e-7)


def test_rate_ratio_to_the_reference():
    row = rate_ratio(120, 96).iloc[0]
    assert row["p_value"] == pytest.approx(0.1173891, abs=5e-8)
    assert row[["conf_low", "conf_high"]].round(4).tolist() == [0.9478, 1.6523]
    change = rate_change(120, 96).iloc[0]
    assert change["estimate"] == pytest.approx(-20)
    assert change["conf_low"] < -20 < 0 < change["conf_high"]


def test_rate_with_exact_poisson_interval():
    table = pd.DataFrame({"type": ["complaint"] * 10 + ["question"] * 5})
    row = plan_of(COMPLAINTS).measure(table, exposure={"users": 2e6}).scorecard().loc["complaints"]
    assert row["estimate"] == pytest.approx(5.0)
    assert (2 * row[["conf_low", "conf_high"]]).round(4).tolist() == [4.7954, 18.3904]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [((0.68, 0.85, "higher"), 0.8), ((240, 180, "lower"), 0.75), ((90, 180, "lower"), 1.2), ((-5, 50, "higher"), 0.0),
     ((0.9, float("nan"), "higher"), np.nan), ((0.9, 0.8, ""), np.nan)],
)  # fmt: skip
def test_attainment_by_hand(numbers, expected):
    assert attainment(*numbers) == pytest.approx(expected, nan_ok=True)


def test_attainment_from_a_floor():
    assert attainment(240, 180, "lower", floor=300) == pytest.approx(0.5)
    assert attainment(0.8, 0.9, "higher", floor=0.7) == pytest.approx(0.5)


def test_total_by_hand():
    table = pd.DataFrame({"rating": [5, 5, 5, 1], "waiting": [360.0] * 4, "opened": START, "responded": START})
    found = PLAN.measure(table)
    # .75/.85 of one half, 180/360 of .3, 1/.95 of .2
    assert found.total()["estimate"].item() == pytest.approx(100 * (0.5 * 0.75 / 0.85 + 0.3 * 0.5 + 0.2 / 0.95))
    found = PLAN.measure(table.drop(columns="waiting"))
    assert np.isnan(found.total()["estimate"].item())
    assert found.total(missing="zero")["estimate"].item() == pytest.approx(100 * (0.5 * 0.75 / 0.85 + 0.2 / 0.95))
    rescaled = found.total(missing="rescale")
    assert rescaled["estimate"].item() == pytest.approx(100 * (0.5 * 0.75 / 0.85 + 0.2 / 0.95) / 0.7)
    assert rescaled["weight"].item() == pytest.approx(0.7)


def test_grades_by_bands():
    table = pd.DataFrame({"rating": [5, 5, 5, 1], "waiting": [360.0] * 4, "team": ["a", "a", "b", "b"]})
    plan = PLAN.only("csat", "wait").replace("csat", bands={"A": 1.0, "B": 0.9, "C": 0.0})
    found = plan.measure(table, by="team").grades()
    assert found["grade"].to_dict() == {("a", "csat"): "A", ("b", "csat"): "C"}


# -- open cases ------------------------------------------------------------------------------------------------


def test_share_within_a_limit_counts_old_open_cases_as_failed_and_young_ones_as_open():
    hours = pd.to_timedelta([1, 30, 2, 1, 2], unit="h")
    opened = pd.Series([START] * 3 + [START + pd.Timedelta(days=3)] * 2)
    responded = (opened + hours).where([True, True, False, True, False])
    table = pd.DataFrame({"opened": opened, "responded": responded})
    found = plan_of(ANSWERED).measure(table, as_of=START + pd.Timedelta(days=3, hours=12)).scorecard().loc["answered"]
    # one of the two young cases is open at 12 hours; 1 h: 5 at risk, 2 end: survival at 24 h 3/5
    assert found["n"] == 5
    assert found["open"] == 2
    assert found["estimate"] == pytest.approx(2 / 5)


def test_open_cases_are_censored_not_dropped():
    """Of cases opened up to now, those that are closed were quick; dropping the rest flatters."""
    truth, kept, dropped = 1 - np.exp(-24 / 20), [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        opened = START + pd.to_timedelta(rng.uniform(0, 72, 300), unit="h")
        responded = pd.Series(opened + pd.to_timedelta(rng.exponential(20, 300), unit="h"))
        now = START + pd.Timedelta(hours=72)
        table = pd.DataFrame({"opened": opened, "responded": responded.where(responded <= now)})
        kept.append(plan_of(ANSWERED).measure(table, as_of=now).scorecard()["estimate"].item())
        done = table.dropna()
        dropped.append(float(((done["responded"] - done["opened"]) <= pd.Timedelta(hours=24)).mean()))
    assert np.mean(kept) == pytest.approx(truth, abs=3 * np.std(kept) / np.sqrt(60))
    assert np.mean(dropped) > truth + 0.1


def test_interval_of_a_censored_share_covers():
    truth, inside = 1 - np.exp(-24 / 20), 0
    for seed in range(120):
        rng = np.random.default_rng([seed, 3])
        opened = START + pd.to_timedelta(rng.uniform(0, 72, 150), unit="h")
        responded = pd.Series(opened + pd.to_timedelta(rng.exponential(20, 150), unit="h"))
        now = START + pd.Timedelta(hours=72)
        table = pd.DataFrame({"opened": opened, "responded": responded.where(responded <= now)})
        row = plan_of(ANSWERED).measure(table, as_of=now).scorecard().iloc[0]
        inside += row["conf_low"] <= truth <= row["conf_high"]
    assert inside / 120 >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 120)


def test_median_and_its_interval_to_the_product_limit_of_statsmodels():
    from statsmodels.duration.survfunc import SurvfuncRight

    table = contacts(300)
    found = plan_of(SETTLED).measure(table)
    as_of = pd.Timestamp(found.as_of, unit="s")
    hours = (table["closed"].fillna(as_of) - table["opened"]).dt.total_seconds()
    curve = SurvfuncRight(hours, table["closed"].notna())
    row = found.scorecard().loc["settled"]
    assert row["open"] == table["closed"].isna().sum() > 0
    assert row["estimate"] == curve.quantile(0.5)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = curve.quantile_ci(0.5, method="cloglog")
    assert (row["conf_low"], row["conf_high"]) == ends


def test_a_mean_with_open_cases_is_doubted_and_a_young_group_has_no_share():
    table = contacts(300)
    spent = Indicator(name="spent", kind="mean", start="opened", end="closed", unit="s", direction="lower")
    assert "open_mean" in set(plan_of(spent).measure(table).check()["code"])
    young = pd.DataFrame({"opened": [START] * 3, "responded": [pd.NaT] * 3})
    found = plan_of(ANSWERED).measure(young, as_of=START + pd.Timedelta(hours=2))
    assert np.isnan(found.scorecard()["estimate"].item())
    assert "too_young" in set(found.check()["code"])


def test_restricted_mean_is_the_plain_mean_where_nothing_is_open():
    from csi.numerics.survival import kaplan_meier, restricted_mean

    times = np.random.default_rng(0).exponential(5, 50)
    value, variance = restricted_mean(kaplan_meier(times, np.ones(50, bool)), float(times.max()), 50)
    assert value == pytest.approx(times.mean())
    assert variance == pytest.approx(times.var(ddof=1) / 50)


def test_first_contact_resolution_by_hand():
    day = pd.Timedelta(days=1)
    table = pd.DataFrame(
        {
            "customer": ["a", "a", "b", "b", "c", "d", "e"],
            "opened": [START, START + 3 * day, START, START + 10 * day, START + day, START + 2 * day, START + 12 * day],
        }
    )
    found = plan_of(FCR).measure(table, as_of=START + 20 * day).scorecard().iloc[0]
    assert found["estimate"] == pytest.approx(6 / 7)
    assert found["open"] == 0
    # e's and the second b's windows are open on day 13: their fate is not known yet
    found = plan_of(FCR).measure(table, as_of=START + 13 * day).scorecard().iloc[0]
    assert found["open"] == 2


def test_repeats_are_found_as_a_plain_search_finds_them():
    table = contacts(400)
    value = plan_of(FCR).measure(table).seen["fcr"].observed.value
    last = table["opened"].max()
    for i, row in table.sample(80, random_state=1).iterrows():
        later = table[(table["customer"] == row["customer"]) & (table.index > i)]["opened"] - row["opened"]
        repeated = bool((later <= pd.Timedelta(days=7)).any())
        open_ = not repeated and last - row["opened"] < pd.Timedelta(days=7)
        assert np.isnan(value[i]) if open_ else value[i] == 1 - repeated


# -- times and clocks ------------------------------------------------------------------------------------------


def test_durations_in_any_form_give_the_same_numbers():
    table = contacts(200)
    seconds = table["waiting"]
    forms = {
        "seconds": seconds,
        "chinese": [f"{int(s)}秒" for s in seconds],
        "parts": [f"{int(s) // 60}分{int(s) % 60}秒" for s in seconds],
        "clock": clock(seconds),
        "timedelta": pd.to_timedelta(seconds, unit="s"),
        "time": [pd.Timestamp(START + pd.Timedelta(seconds=s)).time() for s in seconds],
    }
    cards = [plan_of(WAIT).measure(table.assign(waiting=form)).scorecard() for form in forms.values()]
    for card in cards[1:]:
        pd.testing.assert_frame_equal(card, cards[0])


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y.%m.%d %H:%M:%S"],
)
def test_moments_in_any_form_give_the_same_numbers(form):
    table = contacts(200)
    said = table.assign(**{name: table[name].dt.strftime(form) for name in ("opened", "responded")})
    plan = plan_of(ANSWERED, FCR)
    pd.testing.assert_frame_equal(
        plan.measure(said, by="month").scorecard(), plan.measure(table, by="month").scorecard()
    )


def test_moments_as_seconds():
    table = contacts(200)
    numbers = {name: (table[name] - START).dt.total_seconds() for name in ("opened", "responded")}
    card = plan_of(ANSWERED).measure(table.assign(**numbers)).scorecard()
    pd.testing.assert_frame_equal(card, plan_of(ANSWERED).measure(table).scorecard())


def test_working_time_against_counting_every_minute():
    calendar = Calendar(hours=[("09:00", "12:00"), ("13:30", "18:00")], holidays=["2024-10-01", "2024-10-02"],
                        workdays=["2024-09-29"])  # fmt: skip
    rng = np.random.default_rng(2)
    first = np.datetime64("2024-09-26T00:00", "s").astype(float)
    start = first + 60 * rng.integers(0, 7 * 1440, 40)
    end = start + 60 * rng.integers(0, 5 * 1440, 40)
    minutes = pd.date_range("2024-09-26", periods=13 * 1440, freq="min")
    day, clock_ = minutes.strftime("%Y-%m-%d"), minutes.strftime("%H:%M")
    works = ((minutes.day_of_week < 5) & ~day.isin(calendar.holidays)) | day.isin(calendar.workdays)
    works &= ((clock_ >= "09:00") & (clock_ < "12:00")) | ((clock_ >= "13:30") & (clock_ < "18:00"))
    total = np.concatenate(([0], np.cumsum(np.asarray(works)))) * 60
    counted = [total[int((e - first) // 60)] - total[int((s - first) // 60)] for s, e in zip(start, end, strict=True)]
    assert calendar.elapsed(start, end).tolist() == counted
    assert np.isnan(calendar.elapsed(np.array([np.nan]), np.array([0.0]))).all()


def test_one_working_day_is_not_twenty_four_hours():
    mail = Indicator(
        name="mail", kind="share", start="opened", end="responded", within="1 working day", clock="working"
    )
    friday, monday = pd.Timestamp("2024-03-01 16:00"), pd.Timestamp("2024-03-04 15:00")
    table = pd.DataFrame({"opened": [friday, friday], "responded": [monday, monday + pd.Timedelta(hours=2)]})
    assert plan_of(mail).measure(table, calendar=Calendar()).scorecard()["estimate"].item() == 0.5
    chinese = plan_of(Indicator(name="mail", kind="share", start="opened", end="responded", within="一个工作日",
                                clock="working"))  # fmt: skip
    assert chinese.measure(table, calendar=Calendar()).scorecard()["estimate"].item() == 0.5


# -- groups, tables of any library, mapping --------------------------------------------------------------------


def test_tables_of_any_library_give_the_same_numbers(tmp_path):
    import pyarrow
    import pyarrow.parquet

    table = contacts(300)
    plan = plan_of(SATISFIED, ANSWERED, FCR)
    expected = plan.measure(table, by=["month", "channel"]).scorecard()
    arrow = pyarrow.Table.from_pandas(table, preserve_index=False)
    pyarrow.parquet.write_table(arrow, tmp_path / "c.parquet")

    class Relation:
        """What DuckDB gives."""

        def to_arrow_table(self):
            return arrow

    others = [polars.from_pandas(table), polars.from_pandas(table).lazy(), arrow, Relation(), tmp_path / "c.parquet",
              table.sample(frac=1, random_state=1)]  # fmt: skip
    for other in others:
        found = plan.measure(other, by=["month", "channel"]).scorecard()
        pd.testing.assert_frame_equal(found, expected, check_index_type=False, atol=1e-9)


def test_own_column_names_through_a_mapping():
    table = contacts(100)
    renamed = table.rename(columns={"opened": "来电时间", "responded": "首次响应", "rating": "评分"})
    columns = {"opened": "来电时间", "responded": "首次响应", "rating": "评分"}
    plan = plan_of(SATISFIED, ANSWERED)
    pd.testing.assert_frame_equal(
        plan.measure(renamed, by="month", columns=columns).scorecard(), plan.measure(table, by="month").scorecard()
    )


def test_groups_come_first_and_each_is_measured_as_if_alone():
    table = contacts(600)
    plan = plan_of(SATISFIED, WAIT, NPS)
    card = plan.measure(table, by=["month", "channel"]).scorecard()
    assert card.index.names == ["month", "channel", "indicator"]
    assert card.columns.tolist() == ["estimate", "std_error", "conf_low", "conf_high", "n", "open", "missing",
                                     "target", "attainment", "weight"]  # fmt: skip
    assert set(card.dtypes) == {np.dtype(float)}
    alone = table[(table["opened"].dt.month == 2) & (table["channel"] == "chat")]
    pd.testing.assert_frame_equal(card.loc[("2024-02", "chat")], plan.measure(alone).scorecard())


@pytest.mark.parametrize(
    ("per", "first"),
    [("year", "2024"), ("quarter", "2024Q1"), ("week", "2024-W01"), ("day", "2024-01-01"), ("hour", "00")],
)
def test_periods(per, first):
    found = plan_of(SATISFIED).measure(contacts(500), by=per).scorecard()
    assert found.index.get_level_values(per)[0] == first


def test_two_hundred_thousand_contacts_of_850_agents_have_a_scorecard():
    table = contacts(200_000, agents=850, days=365)
    found = plans.telecom().measure(table, by=["month", "channel"], calendar=Calendar())
    card, judged = found.scorecard(), found.agents("fcr")
    assert len(card) == 12 * 3 * len(found.measured)
    assert len(judged) == 850


# -- targets ---------------------------------------------------------------------------------------------------


def test_targets_are_reached_missed_or_undecided():
    shares = {"good": (0.95, 400), "bad": (0.7, 400), "few": (0.9, 10)}
    table = pd.concat([pd.DataFrame({"team": k, "x": [1] * round(p * n) + [0] * round((1 - p) * n)})
                       for k, (p, n) in shares.items()])  # fmt: skip
    found = share_plan(targets=(Target(0.85),)).measure(table, by="team").targets()
    verdicts = found["verdict"].droplevel("indicator").to_dict()
    assert verdicts == {"good": "reached", "bad": "missed", "few": "undecided"}
    assert (found["p_adjusted"] >= found["p_value"]).all()


def test_a_true_target_is_called_missed_no_more_often_than_stated():
    rng = np.random.default_rng(5)
    p = [share_plan(targets=(Target(0.85),)).measure(pd.DataFrame({"x": rng.random(200) < 0.85})).targets()["p_value"]
         for _ in range(150)]  # fmt: skip
    assert np.mean(np.array(p) < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


@pytest.mark.parametrize("indicator", [WAIT, SETTLED, COMPLAINTS])
def test_lower_is_better_for_times_and_complaints(indicator):
    table = contacts(800)
    exposure = {"users": 1e6}
    goal = plan_of(indicator).measure(table, exposure=exposure).scorecard()["estimate"].item()
    for factor, verdict in ((2.0, "reached"), (0.5, "missed"), (1.0, "undecided")):
        aimed = plan_of(indicator).replace(indicator.name, targets=(Target(goal * factor),))
        assert aimed.measure(table, exposure=exposure).targets()["verdict"].item() == verdict


def test_a_target_holds_from_its_date_and_a_change_within_a_period_is_doubted():
    table = contacts(900)
    plan = PLAN.only("csat").replace("csat", targets=(Target(0.80), Target(0.90, "2024-02-01")))
    card = plan.measure(table, by="month").scorecard()
    assert card["target"].tolist() == [0.80, 0.90, 0.90]
    quarter = plan.measure(table, by="quarter")
    assert quarter.scorecard()["target"].tolist() == [0.80]
    assert "target_changes" in set(quarter.check()["code"])


# -- charts ----------------------------------------------------------------------------------------------------


def test_p_chart_of_an_indicator():
    table = pd.DataFrame({"x": [1] * 3 + [0] * 47 + [1] * 20 + [0] * 30, "batch": [1] * 50 + [2] * 50})
    chart = share_plan().measure(table).chart("x", per="batch")
    p = 0.23
    assert chart.attrs["chart"] == "p"
    assert chart["centre"].tolist() == [p, p]
    assert chart["high"].iloc[0] == pytest.approx(p + 3 * np.sqrt(p * (1 - p) / 50))


def test_xmr_and_u_charts_by_hand():
    table = pd.DataFrame({"waiting": [10.0, 12, 11, 13], "run": [1, 2, 3, 4], "type": "complaint"})
    found = plan_of(WAIT, COMPLAINTS).measure(table, exposure={"users": 1e6})
    chart = found.chart("wait", per="run")
    assert (chart.attrs["chart"], chart["centre"].iloc[0]) == ("xmr", 11.5)
    assert chart["high"].iloc[0] == pytest.approx(11.5 + 2.66 * 5 / 3)
    with pytest.raises(SettingsError, match="need a Series"):
        found.chart("complaints", per="run")
    users = pd.Series([1e6, 2e6, 1e6, 1e6], index=pd.Index([1, 2, 3, 4], name="run"))
    chart = plan_of(COMPLAINTS).measure(table, by="run", exposure={"users": users}).chart("complaints", per="run")
    u = 4 / 5
    assert chart["centre"].iloc[0] == pytest.approx(u)
    assert chart["high"].iloc[1] == pytest.approx(u + 3 * np.sqrt(u / 2))


def test_run_rules_by_hand():
    from csi.numerics.control import Chart, run_rules

    x = np.array([0, 2.1, 0.5, 2.2, -1.1, -1.2, 0, -1.3, -1.4, *[0.1] * 8, 3.5])
    ones = np.ones_like(x)
    rules = run_rules(Chart(x, 0 * ones, ones, -3 * ones, 3 * ones))
    assert [np.flatnonzero(rule).tolist() for rule in rules] == [[17], [3], [8], [16, 17]]


def test_limits_from_a_baseline_and_with_room_for_extra_variation():
    rng = np.random.default_rng(4)
    table = pd.concat([pd.DataFrame({"day": d, "x": (rng.random(4000) < p).astype(float)})
                       for d, p in enumerate(rng.normal(0.8, 0.03, 24))])  # fmt: skip
    found = share_plan().measure(table)
    plain, wide = found.chart("x", per="day"), found.chart("x", per="day", overdispersion="laney")
    assert plain["rule_1"].sum() > 5 > wide["rule_1"].sum()
    start = found.chart("x", per="day", baseline=6)
    first = table[table["day"] < 6]["x"]
    assert start["centre"].iloc[-1] == pytest.approx(first.mean())
    with pytest.raises(SettingsError, match="from 2 to 24"):
        found.chart("x", per="day", baseline=30)


def test_a_stable_process_rarely_leaves_its_limits():
    rng = np.random.default_rng(9)
    outside = 0
    for _ in range(40):
        table = pd.DataFrame({"day": np.repeat(np.arange(25), 400), "x": (rng.random(10_000) < 0.8).astype(float)})
        outside += int(share_plan().measure(table).chart("x", per="day")["rule_1"].sum())
    # 1000 points beyond three standard errors: .27 per cent of the normal
    assert outside <= 2.7 + 4 * np.sqrt(2.7)


# -- the plan of the documents ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "target"),
    [("csat", 0.85), ("nps", 50), ("complaint_resolution", 0.95), ("waiting_time", 180), ("fcr", 0.80),
     ("retention", 0.95), ("churn", None)],
)  # fmt: skip
def test_targets_of_the_telecom_plan(name, target):
    assert plans.telecom()[name].target_at(np.inf) == target


def test_the_telecom_plan_says_everything_in_both_languages_and_doubts_what_is_missing():
    plan = plans.telecom()
    assert plan["complaint_response"].limit(86400) == 86400
    assert plan["csat"].change == Change(0.10, "points")
    assert plan["complaint_rate"].change == Change(-20, "percent")
    for each in plan:
        assert set(each.label) == set(each.definition) == {"en", "zh"}, each.name
        assert each.unit and each.source and each.period
    table = plan.check().set_index("code")
    assert table.loc["baseline_implied", "value"] == pytest.approx(0.75)
    assert table.loc["complement_open", "value"] == pytest.approx(0.05)
    assert "churn" in set(table.loc["target_missing", "subject"])
    assert {"weights_missing", "owner_missing", "many_indicators", "baseline_missing"} <= set(table.index)
    assert plan.table("zh").loc["fcr", "label"].startswith("首次联系解决率")
    assert len(plan.check("zh")) == len(table)


def test_the_telecom_plan_measures_other_tables():
    customers = pd.DataFrame({"retained": [1] * 96 + [0] * 4, "lost": [0] * 96 + [1] * 4})
    found = plans.telecom().measure(contacts(200), tables={"customers": customers}).scorecard()["estimate"]
    assert found["retention"] == 0.96
    assert found["retention"] + found["churn"] == 1


def test_every_sentence_is_there_in_both_languages():
    for group in texts()["doubts"].values():
        assert set(group) == {"message", "remedy"}
        assert all(set(text) == {"en", "zh"} for text in group.values())
    assert all(set(text) == {"en", "zh"} for text in texts()["words"].values())


@pytest.mark.parametrize(
    ("change", "code"),
    [({"weight": 0.6}, "weights_off"), ({"direction": ""}, "direction_missing"), ({"unit": ""}, "unit_missing"),
     ({"owner": ""}, "owner_missing"), ({"period": ""}, "period_missing"), ({"targets": ()}, "target_missing"),
     ({"change": Change(0.1, "points")}, "baseline_implied"),
     ({"change": Change(0.1, "points"), "baseline": 0.7}, "baseline_off")],
)  # fmt: skip
def test_what_a_plan_lacks_is_one_doubt(change, code):
    assert len(PLAN.check()) == 0
    assert PLAN.replace("csat", **change).check()["code"].tolist() == [code]


def test_retention_and_churn_must_add_up():
    both = [Indicator(name=name, kind="share", column=name, unit="share", direction=way, owner="x", period="year",
                      weight=0.5, targets=(Target(value),))
            for name, way, value in (("retention", "higher", 0.95), ("churn", "lower", 0.06))]  # fmt: skip
    assert plan_of(*both).check()["code"].tolist() == ["complement_off"]


def test_a_plan_file_is_read_as_it_is_written(tmp_path):
    path = tmp_path / "kpi.toml"
    path.write_text(
        'name = "Mine"\n[indicators.csat]\nkind = "share"\ncolumn = "rating"\nat_least = 4\ntarget = 0.9\nweight = 1\n'
        'direction = "higher"\n[indicators.fcr]\nkind = "repeat"\nwindow = "7d"\nsame = ["customer", "type"]\n',
        encoding="utf-8",
    )
    plan = ServicePlan.from_toml(path)
    assert (plan.name, len(plan), plan["fcr"].same) == ("Mine", 2, ("customer", "type"))
    assert plan["csat"].target_at(0) == 0.9


def test_words_of_a_plan():
    assert repr(PLAN) == "ServicePlan('Calls', 3 indicators)"
    assert [each.name for each in PLAN.without("wait")] == ["csat", "answered"]
    assert [each.name for each in PLAN.only("wait", "csat")] == ["wait", "csat"]
    with pytest.raises(SettingsError, match="did you mean 'csat'"):
        PLAN["csta"]


# -- alerts, report, files, command ----------------------------------------------------------------------------


def test_alerts_name_what_needs_attention():
    table = contacts(3000)
    late = table["opened"] > START + pd.Timedelta(days=84)
    table.loc[late, "rating"] = np.where(np.arange(late.sum()) % 2, 1.0, 5.0)
    table.loc[table["agent"] == "a003", "rating"] = 1.0
    found = PLAN.only("csat").measure(table)
    alerts = found.alerts(per="week", agents=("csat",)).set_index("code")
    assert {"target_missed", "out_of_control", "agent_worse"} <= set(alerts.index)
    assert alerts.loc["agent_worse", "subject"] == "a003"
    assert "责任人：Li" in found.alerts(language="zh")["remedy"].iloc[0]
    calm = PLAN.only("csat").replace("csat", targets=(Target(0.5),)).measure(contacts(3000, seed=3))
    assert len(calm.alerts()) == 0


@pytest.mark.parametrize(("language", "said"), [("en", "| Indicator |"), ("zh", "| 指标 |")])
def test_report_and_files(tmp_path, language, said):
    found = PLAN.measure(contacts(400))
    text = found.report(tmp_path / "r.md", language=language)
    assert said in text
    assert (tmp_path / "r.md").read_text(encoding="utf-8") == text
    written = found.write(tmp_path / "out", language=language)
    assert [path.name for path in written] == ["scorecard.csv", "alerts.csv", "doubts.csv", "targets.csv", "report.md"]
    back = pd.read_csv(tmp_path / "out" / "scorecard.csv", encoding="utf-8-sig", index_col="indicator")
    np.testing.assert_allclose(back["estimate"], found.scorecard()["estimate"])


def test_the_command_line_text(tmp_path):
    contacts(200).to_csv(tmp_path / "c.csv", index=False, encoding="utf-8")
    text = main_text(tmp_path / "c.csv", by="month,channel", output=tmp_path / "o", language="zh")
    assert text.startswith("# 电信行业客户服务绩效计划")
    assert (tmp_path / "o" / "report.md").is_file()


def test_a_measured_plan_prints_doubts_before_numbers():
    text = repr(PLAN.measure(contacts(50), by="month"))
    assert text.isascii()
    assert repr(PLAN.measure(contacts(5))).startswith("! few_contacts")


# -- plan, do, check, act --------------------------------------------------------------------------------------


def test_effect_of_an_action():
    table = contacts(4000)
    done = START + pd.Timedelta(days=45)
    better = (table["opened"] >= done) & (table["channel"] == "phone")
    table.loc[better, "rating"] = 5.0
    log = [
        Action("training", "csat", "Li", "2024-02-10", done="2024-02-15", where={"channel": "phone"}),
        Action("new queue", "wait", "Wu", "2024-03-01", done="2024-02-20"),
        Action("call-backs", "csat", "Li", "2024-03-01"),
        Action("chat robot", "csat", "Li", "2024-12-01"),
    ]
    found = effects(PLAN, table, log, span="30d")
    phone = table[table["channel"] == "phone"]
    before = phone[(phone["opened"] < done) & (phone["opened"] >= done - pd.Timedelta(days=30))]
    assert found.loc["training", "before"] == pytest.approx((before["rating"] >= 4).mean())
    assert found.loc["training", "after"] == 1
    assert found.loc["training", "conf_low"] > 0
    assert found.loc["new queue", "p_value"] > 0.01
    assert found["state"].tolist() == ["done", "done", "overdue", "open"]
    assert found.loc["call-backs"].drop("state").isna().all()
    with pytest.raises(SettingsError, match="2 problems"):
        effects(PLAN, table, [Action("a", "csta", "Li", "2024-01-01"), Action("b", "csat", "Li", "soon")])


# -- contacts and answers --------------------------------------------------------------------------------------


def test_satisfaction_by_waiting_time_band():
    table = contacts(1000).assign(id=np.arange(1000))
    answers = table.loc[::3, ["id", "rating"]].sample(frac=1, random_state=2)
    found = by_band(table, answers, on="id", time="waiting", bands=[60, 180], score="rating", at_least=4)
    assert found.index.tolist() == ["<60", "60-<180", ">=180"]
    joined = table[["id", "waiting"]].merge(answers, on="id")
    middle = joined[(joined["waiting"] >= 60) & (joined["waiting"] < 180)]
    assert found.loc["60-<180", "estimate"] == pytest.approx((middle["rating"] >= 4).mean())
    assert found["contacts"].sum() == 1000
    assert "334 of 1000 contacts have an answer" in found.attrs["doubts"][0]
    mean = by_band(table, answers, on="id", time="waiting", bands=[60, 180], score="rating")
    assert mean.loc["60-<180", "estimate"] == pytest.approx(middle["rating"].mean())


@pytest.mark.parametrize(
    ("calls", "answers", "message"),
    [({"id": [1, 2], "w": [1, 2]}, {"id": [1, 1], "r": [5, 4]}, "two answers to 1"),
     ({"id": [1, 1], "w": [1, 2]}, {"id": [1], "r": [5]}, "two contacts 1"),
     ({"id": [1, 2], "w": [1, 2]}, {"id": [3], "r": [5]}, "contacts that are not there"),
     ({"id": [1, 2], "w": [-1, 2]}, {"id": [1], "r": [5]}, "negative durations")],
)  # fmt: skip
def test_answers_that_do_not_fit_the_contacts(calls, answers, message):
    with pytest.raises(DataError, match=message):
        by_band(calls, answers, on="id", time="w", bands=[60], score="r")


# -- graders ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("weights", "theirs"), [("none", None), ("linear", "linear"), ("quadratic", "fc")])
def test_agreement_of_graders_to_statsmodels(weights, theirs):
    from statsmodels.stats.inter_rater import cohens_kappa

    rng = np.random.default_rng(3)
    first = rng.integers(1, 6, 80)
    second = np.clip(first + rng.integers(-1, 2, 80), 1, 5)
    third = rng.integers(1, 6, 80).astype(float)
    third[:10] = np.nan
    found = agreement({"a": first, "b": second, "c": third}, ["a", "b", "c"], weights=weights)
    counts = np.zeros((5, 5))
    np.add.at(counts, (first - 1, second - 1), 1)
    oracle = cohens_kappa(counts, wt=theirs)
    assert found.loc[("a", "b"), "estimate"] == pytest.approx(oracle.kappa, abs=1e-12)
    assert found.loc[("a", "b"), "std_error"] == pytest.approx(oracle.std_kappa, abs=1e-12)
    assert found.loc[("a", "c"), "n"] == 70
    with pytest.raises(DataError, match="grade 5 is none of"):
        agreement({"a": first, "b": second}, ["a", "b"], grades=[1, 2, 3, 4])


# -- bad input, one clear error each ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"waiting": [-5.0, *[10] * 19]}, "'waiting' holds 1 negative durations, such as -5"),
        ({"waiting": ["-00:00:05", *["00:00:10"] * 19]}, "negative durations, such as -5"),
        ({"waiting": ["soon", *["10秒"] * 19]}, r"holds 'soon' \(1 rows like it\)"),
        ({"waiting": ["03:25"] * 20}, r"holds '03:25' \(20 rows like it\)"),
        ({"responded": [START - pd.Timedelta(days=9)] * 20}, "'responded' lies before 'opened' in 20 rows"),
        ({"opened": ["03/04/2024 9:00"] * 20}, "should hold dates such as"),
        ({"opened": np.full(20, 1.7e12)}, "seconds, not milliseconds"),
        ({"opened": [START, *[pd.NaT] * 19]}, "has 19 blanks"),
    ],
)
def test_bad_contacts_are_one_clear_error(change, message):
    with pytest.raises(DataError, match=message):
        PLAN.measure(contacts(20).assign(**change), by="month")


def test_times_in_the_wrong_place():
    table = contacts(20)
    with pytest.raises(DataError, match="name them in start= and end="):
        plan_of(WAIT).measure(table.assign(waiting=table["opened"]))
    with pytest.raises(DataError, match="lies before the last contact"):
        plan_of(ANSWERED).measure(table, as_of="2024-01-02")
    with pytest.raises(DataError, match="a share needs 0 and 1"):
        share_plan().measure(pd.DataFrame({"x": [0, 1, 2]}))
    with pytest.raises(DataError, match=r"columns= names what is not there.*did you mean 'waiting'"):
        plan_of(WAIT).measure(table, columns={"waiting": "waitin"})
    with pytest.raises(DataError, match="nothing can be measured"):
        plan_of(WAIT).measure(pd.DataFrame({"x": [1]}))
    with pytest.raises(DataError, match="outside its scale 1 to 5"):
        rubric = Indicator(name="q", kind="rubric", criteria={"tone": 1.0})
        plan_of(rubric).measure(pd.DataFrame({"tone": [1, 9]}))


@pytest.mark.parametrize(
    ("users", "error", "message"),
    [
        (0.0, DataError, "must be above zero"),
        (pd.Series([1e6, 0.0, 1e6], pd.Index(["2024-01", "2024-02", "2024-03"], name="month")), DataError, "2024-02"),
        (pd.Series([1e6], pd.Index(["2024-01"], name="month")), DataError, "no number for '2024-02'"),
        (pd.Series([1e6], pd.Index(["x"], name="team")), SettingsError, "level team"),
    ],
)
def test_a_rate_needs_a_base(users, error, message):
    with pytest.raises(error, match=message):
        plan_of(COMPLAINTS).measure(contacts(300), by="month", exposure={"users": users})


def test_what_cannot_be_measured_is_said_with_what_would_help():
    found = (
        plans.telecom().only("csat", "complaint_rate", "email_answer", "churn", "quality_score").measure(contacts(50))
    )
    why = found.check().query("code == 'not_measured'").set_index("subject")["message"]
    assert "no exposure 'users'" in why["complaint_rate"]
    assert "no calendar= was given" in why["email_answer"]
    assert "no table 'customers'" in why["churn"]
    assert "no column 'understanding'" in why["quality_score"]
    with pytest.raises(NotAvailable, match="'churn' was not measured: no table"):
        found.chart("churn")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "shares"}, "did you mean 'share'"),
        ({"kind": "share"}, "either column="),
        ({"kind": "share", "start": "opened", "end": "closed"}, "needs within="),
        ({"kind": "mean", "start": "opened"}, "go together"),
        ({"kind": "repeat"}, "needs window="),
        ({"kind": "repeat", "window": "soon"}, "window= is a duration"),
        ({"kind": "rate"}, "needs exposure="),
        ({"kind": "quantile", "column": "x", "q": 90}, "q lies between 0 and 1"),
        ({"kind": "balance", "column": "x", "low": 9, "high": 6}, "must be below"),
        ({"kind": "mean", "column": "x", "direction": "up"}, "direction is"),
        ({"kind": "mean", "column": "x", "weight": -1}, "weight is not negative"),
        ({"kind": "mean", "column": "x", "clock": "night"}, "clock is"),
        ({"kind": "rubric", "criteria": {"a": -1}}, "not negative"),
    ],
)
def test_an_indicator_that_cannot_be_measured_says_why(fields, message):
    with pytest.raises(SettingsError, match=message):
        Indicator(name="x", **fields)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("", SettingsError, "there are no indicators"),
        ("[indicators.x]\nkind = 'mean'\ncolum = 'a'\n", SettingsError, "did you mean 'column'"),
        ("[indicators.x\n", DataError, "is no TOML"),
    ],
)
def test_a_plan_file_that_cannot_be_read_says_why(tmp_path, text, error, message):
    path = tmp_path / "kpi.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=message):
        ServicePlan.from_toml(path)
    with pytest.raises(DataError, match="there is no file"):
        ServicePlan.from_toml(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"hours": [("18:00", "09:00")]}, "must end after"), ({"weekdays": [7]}, "weekday 7"),
     ({"holidays": ["1 May"]}, "is no date"), ({"hours": []}, "at least one shift")],
)  # fmt: skip
def test_a_calendar_that_cannot_be(fields, message):
    with pytest.raises(SettingsError, match=message):
        Calendar(**fields)


def test_other_refusals():
    found = PLAN.measure(contacts(50))
    with pytest.raises(SettingsError, match="cap="):
        found.scorecard(cap=0.5)
    with pytest.raises(SettingsError, match="missing must be one of"):
        found.total(missing="drop")
    with pytest.raises(NotAvailable, match="no indicator has a weight"):
        plan_of(NPS).measure(contacts(50)).total()
    with pytest.raises(NotAvailable, match="has a target and a direction"):
        plan_of(NPS).measure(contacts(50)).targets()
    with pytest.raises(SettingsError, match="two indicators named 'nps'"):
        plan_of(NPS, NPS)
    with pytest.raises(SettingsError, match="counted in whole numbers"):
        rate_ratio(1.5, 2)
    with pytest.raises(SettingsError, match="above zero"):
        rate_ratio(1, 2, exposure_after=0)
    with pytest.raises(SettingsError, match="confidence_level"):
        PLAN.measure(contacts(50), confidence_level=95)


def test_the_room_opens_from_the_front_door():
    assert csi.service.plans.telecom().name == "telecom"
