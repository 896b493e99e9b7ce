"""Agents: reference limits, nobody flagged by chance alone, overdispersion, case mix, who has no contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from service_contacts import START, contacts

from csi.errors import DataError, NotAvailable, SettingsError
from csi.numerics import funnel
from csi.service import Indicator, ServicePlan

SHARE = Indicator(name="x", kind="share", column="x", direction="higher", owner="Li")
MEAN = Indicator(name="x", kind="mean", column="x", direction="lower", unit="s")
FCR = Indicator(name="fcr", kind="repeat", window="7d", direction="higher")


def judged(table: pd.DataFrame, indicator: Indicator = SHARE, **settings) -> pd.DataFrame:
    return ServicePlan("p", [indicator]).measure(table).agents(indicator.name, **settings)


def test_funnel_limits_to_the_reference():
    table = pd.concat([pd.DataFrame({"agent": f"a{i:02d}", "x": [1.0] * k + [0.0] * (30 - k)})
                       for i, k in enumerate([25, 26] * 10)])  # fmt: skip
    table = pd.concat([table, pd.DataFrame({"agent": "z", "x": [1.0, 0.0]})])
    found = judged(table, overdispersion="none").drop(index="z")
    assert found["low_95"].round(3).unique().tolist() == [0.70]
    assert found["high_95"].round(3).unique().tolist() == [0.967]


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (30, 0.85), (500, 0.02)])
def test_the_beta_binomial_is_the_binomial_without_variance_and_scipys_with_it(n, p):
    k = np.arange(n + 1)
    np.testing.assert_allclose(funnel.beta_binomial(n, p, 0.0), stats.binom.cdf(k, n, p), atol=1e-12)
    variance = p * (1 - p) / 50
    a, b = p * 49, (1 - p) * 49
    np.testing.assert_allclose(funnel.beta_binomial(n, p, variance), stats.betabinom.cdf(k, n, a, b), atol=1e-10)


@pytest.mark.parametrize("correction", ["holm", "bh"])
def test_nobody_is_flagged_by_chance_alone(correction):
    """Equal agents: somebody is flagged in no more than 5 per cent of the centres, within the simulation's error."""
    rng, centres, flagged = np.random.default_rng(11), 150, 0
    for _ in range(centres):
        sizes = rng.integers(5, 150, 40)
        table = pd.DataFrame({"agent": np.repeat(np.arange(40), sizes), "x": rng.random(sizes.sum()) < 0.85})
        flagged += bool((judged(table.astype(float), correction=correction)["verdict"] != "").any())
    assert flagged / centres <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / centres)


def test_nobody_is_flagged_by_chance_alone_by_mean_time():
    rng, centres, flagged = np.random.default_rng(12), 150, 0
    for _ in range(centres):
        sizes = rng.integers(100, 400, 30)
        table = pd.DataFrame({"agent": np.repeat(np.arange(30), sizes), "x": rng.gamma(2, 100, sizes.sum())})
        flagged += bool((judged(table, MEAN)["verdict"] != "").any())
    assert flagged / centres <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / centres)


def test_nobody_is_flagged_by_chance_alone_with_open_windows():
    rng, centres, flagged = np.random.default_rng(13), 50, 0
    for _ in range(centres):
        n = 1500
        table = pd.DataFrame({
            "opened": START + pd.to_timedelta(rng.uniform(0, 28, n), unit="D"), "customer": rng.integers(0, 1000, n),
            "agent": rng.integers(0, 20, n),
        })  # fmt: skip
        flagged += bool((judged(table, FCR)["verdict"] != "").any())
    assert flagged / centres <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / centres)


def test_an_agent_who_is_worse_is_found():
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"agent": np.repeat(np.arange(40), 150), "x": rng.random(6000) < 0.85}).astype(float)
    table.loc[table["agent"] == 7, "x"] = (rng.random(150) < 0.6).astype(float)
    found = judged(table)
    assert found.index[found["verdict"] == "worse"].tolist() == [7]
    assert found.loc[7, "estimate"] < found.loc[7, "low_998"]
    assert found.loc[7, "statistic"] < -5


def test_variation_of_all_agents_widens_the_limits():
    rng = np.random.default_rng(3)
    p = np.clip(rng.normal(0.8, 0.05, 100), 0, 1)
    table = pd.DataFrame({"agent": np.repeat(np.arange(100), 400), "x": rng.random(40_000) < np.repeat(p, 400)})
    wide, narrow = judged(table.astype(float)), judged(table.astype(float), overdispersion="none")
    assert wide.attrs["between_sd"] == pytest.approx(0.05, abs=0.015)
    assert (narrow["verdict"] != "").sum() > 10 > (wide["verdict"] != "").sum()
    assert "differ beyond chance" in wide.attrs["doubts"][0]
    assert narrow.attrs["between_sd"] == 0


def test_case_mix_is_taken_into_account():
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"agent": np.repeat(np.arange(30), 300)})
    hard = np.where(table["agent"] == 5, 0.9, 0.2)
    table["topic"] = np.where(rng.random(9000) < hard, "hard", "easy")
    table["x"] = (rng.random(9000) < np.where(table["topic"] == "hard", 0.5, 0.9)).astype(float)
    plain, adjusted = judged(table), judged(table, adjust="topic")
    assert plain.loc[5, "verdict"] == "worse"
    assert adjusted.loc[5, "verdict"] == ""
    rates = table.groupby("topic")["x"].mean()
    mix = table[table["agent"] == 5]["topic"].map(rates).mean()
    assert adjusted.loc[5, "expected"] == pytest.approx(mix)
    own = table[table["agent"] == 5]["x"].mean()
    assert adjusted.loc[5, "estimate"] == pytest.approx(adjusted.attrs["overall"] + own - mix)
    assert adjusted.loc[5, "ratio"] == pytest.approx(own / mix)


def test_without_adjustment_everybody_is_compared_with_the_overall_share():
    table = contacts(2000).rename(columns={"resolved": "x"})
    found = judged(table)
    np.testing.assert_allclose(found["expected"], table["x"].mean())
    pd.testing.assert_series_equal(
        found["estimate"], table.groupby("agent")["x"].mean(), check_names=False, check_index_type=False
    )


def test_agents_without_contacts_are_named_and_not_judged():
    table = contacts(500, agents=5).rename(columns={"resolved": "x"})
    found = judged(table, roster=["a000", "a001", "new"])
    assert found.loc["new", "n"] == 0
    assert np.isnan(found.loc["new", "estimate"])
    assert found.loc["new", "verdict"] == ""
    assert "new has no contacts" in found.attrs["doubts"]


def test_the_order_of_rows_changes_nothing():
    table = contacts(1000).rename(columns={"resolved": "x"})
    pd.testing.assert_frame_equal(judged(table), judged(table.sample(frac=1, random_state=1)))


def test_what_cannot_be_compared_is_refused():
    table = contacts(300)
    spent = Indicator(name="spent", kind="mean", start="opened", end="closed", unit="s")
    with pytest.raises(NotAvailable, match="share within a limit"):
        judged(table, spent)
    with pytest.raises(NotAvailable, match="is a quantile"):
        judged(table, Indicator(name="x", kind="quantile", column="waiting"))
    with pytest.raises(DataError, match="comparison needs two"):
        judged(table.assign(agent="one", x=1.0))
    with pytest.raises(DataError, match="one contact"):
        judged(pd.DataFrame({"agent": [1, 2, 3], "x": [1.0, 2.0, 3.0]}), MEAN)
    with pytest.raises(DataError, match="same value"):
        judged(pd.DataFrame({"agent": [1, 1, 2, 2], "x": [1.0] * 4}), MEAN)
    with pytest.raises(SettingsError, match="correction must be one of"):
        judged(table.assign(x=table["resolved"]), correction="bonferroni")
    with pytest.raises(DataError, match="did you mean 'agent'"):
        judged(table.assign(x=table["resolved"]), agent="agnt")
