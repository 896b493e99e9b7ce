"""Allocation, selection, telephone numbers, quotas and quality samples: sums, probabilities, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csi.errors import DataError, SettingsError
from csi.sampling import (
    NumberRule,
    allocate,
    call_list,
    fill_rates,
    inclusion_probabilities,
    qa_sample,
    quota,
    select,
    telephone_numbers,
)

ORACLE = json.loads((Path(__file__).parent / "oracles/survey_sample_sizes.json").read_text(encoding="utf-8"))
SIZES = {"3g": 15020, "4g": 15930, "broadband": 13890}
SPREAD = {"3g": 20, "4g": 15, "broadband": 25}
COST = {"3g": 1, "4g": 1, "broadband": 4}


@pytest.mark.parametrize(
    ("method", "exact"),
    [
        ("proportional", [334.969, 355.263, 309.768]),
        ("neyman", [338.822, 269.513, 391.665]),
        ("cost", [421.333, 335.145, 243.522]),
        ("equal", [333.333, 333.333, 333.333]),
    ],
)
def test_allocations_of_the_reference(method, exact):
    table = allocate(1000, SIZES, method, sd=SPREAD, cost=COST)
    assert table["n_exact"].round(3).tolist() == exact
    assert table["n"].sum() == 1000
    assert (abs(table["n"] - table["n_exact"]) < 1).all()


def test_rounding_keeps_the_sum():
    assert allocate(1000, SIZES, "neyman", sd=SPREAD)["n"].tolist() == [339, 269, 392]
    assert allocate(7604, SIZES)["n"].tolist() == [2547, 2701, 2356]
    for n in range(3, 300):
        assert allocate(n, SIZES, "cost", sd=SPREAD, cost=COST)["n"].sum() == n


def test_r_survey_allocation():
    r = ORACLE["stratified"]
    for method, name in (("proportional", "proportional"), ("neyman", "neyman"), ("cost", "cost_optimal")):
        table = allocate(300, r["N_h"], method, sd=r["S_h"], cost=r["cost_c_h"])
        np.testing.assert_allclose(table["n_exact"], list(r[name].values()), rtol=1e-10)


def test_minimum_and_caps_with_redistribution():
    table = allocate(100, {"a": 1000, "b": 10, "c": 500}, "equal")
    assert table["n"].to_dict() == {"a": 45, "b": 10, "c": 45}
    table = allocate(100, {"a": 1000, "b": 10, "c": 500}, minimum=5)
    assert table.loc["b", "n"] == 5
    assert table["n"].sum() == 100
    table = allocate(1510, {"a": 1000, "b": 10, "c": 500})
    assert (table["n"] == table["population"]).all()
    assert allocate(3, {"a": 1000, "b": 1, "c": 1}, minimum=1)["n"].tolist() == [1, 1, 1]
    assert allocate(11, {"a": 1000, "b": 2, "c": 1}, "neyman", sd={"a": 0, "b": 1, "c": 1}, minimum=1)["n"].sum() == 11


def test_weights_and_fractions_of_an_allocation():
    table = allocate(1000, pd.Series(SIZES))
    np.testing.assert_allclose(table["weight"] * table["n"], table["population"], rtol=1e-14)
    np.testing.assert_allclose(table["fraction"] * table["weight"], 1, rtol=1e-14)
    assert np.isnan(allocate(1, {"a": 1000, "b": 1})["weight"]["b"])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: allocate(50_000, SIZES), "larger than the population of 44840"),
        (lambda: allocate(10, SIZES, minimum=5), "needs 15 interviews; n=10 is too small"),
        (lambda: allocate(10, SIZES, "neyman"), "sd= is needed"),
        (lambda: allocate(10, SIZES, "neyman", sd={"3g": 1, "4g": 1}), "no number for stratum 'broadband'"),
        (lambda: allocate(10, SIZES, "neyman", sd={**SPREAD, "3gg": 1}), "did you mean '3g'"),
        (lambda: allocate(10, SIZES, "cost", sd=SPREAD, cost={**COST, "3g": 0}), "must be positive in every stratum"),
        (lambda: allocate(10, SIZES, "neyman", sd=dict.fromkeys(SIZES, 0)), "sd= is 0 in every stratum"),
        (lambda: allocate(10, SIZES, "optimal"), "method must be one of"),
        (lambda: allocate(10, {"a": 0, "b": 5}), "must be positive in every stratum; it is not in 'a'"),
        (lambda: allocate(1.5, SIZES), "whole positive number"),
        (lambda: allocate(10, SIZES, minimum=-1), "minimum= must be a whole number"),
    ],
)
def test_impossible_allocations_are_refused(call, said):
    with pytest.raises(SettingsError, match=said):
        call()


def test_no_strata():
    with pytest.raises(DataError, match="no strata"):
        allocate(10, {})


FRAME = pd.DataFrame(
    {
        "customer": np.arange(1000),
        "network": np.repeat(["3g", "4g", "fixed"], [500, 300, 200]),
        "bill": np.arange(1, 1001),
    },
    index=np.arange(1000) + 7000,
)


@pytest.mark.parametrize("method", ["srs", "systematic", "pps"])
def test_draws_are_reproducible_without_repeats_and_keep_the_index(method):
    size = "bill" if method == "pps" else None
    one, two = (select(FRAME, 57, method, rng=3, size=size) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    assert len(one) == 57
    assert one.index.is_unique
    assert one.index.isin(FRAME.index).all()
    assert one.attrs["sampling"]["rng"] == 3
    assert not one.index.equals(select(FRAME, 57, method, rng=4, size=size).index)
    generator = select(FRAME, 57, method, rng=np.random.default_rng(3), size=size)
    pd.testing.assert_frame_equal(one, generator)
    assert generator.attrs["sampling"]["rng"]["bit_generator"] == "PCG64"


@pytest.mark.parametrize("method", ["srs", "systematic", "pps"])
def test_recorded_probabilities_are_those_of_the_draw(method):
    frame = FRAME.iloc[:40]
    size = "bill" if method == "pps" else None
    rng = np.random.default_rng(0)
    draws = [select(frame, 8, method, rng=rng, size=size) for _ in range(400)]
    drawn = pd.concat(draws)
    times = drawn.groupby("customer").size().reindex(frame["customer"], fill_value=0) / 400
    probability = drawn.groupby("customer")["inclusion_probability"].first().reindex(frame["customer"])
    # The standard error of a share of 400 draws is at most 0.025; four of them.
    assert (abs(times - probability).dropna() < 0.1).all()


def test_stratified_selection_sums_and_records():
    sample = select(FRAME, 100, stratum="network", rng=1, allocation="neyman", sd={"3g": 1, "4g": 2, "fixed": 2})
    counts = sample["network"].value_counts()
    assert counts.sum() == 100
    np.testing.assert_allclose(
        sample.groupby("network").apply(lambda g: (1 / g["inclusion_probability"]).sum(), include_groups=False),
        [500, 300, 200],
    )
    table = allocate(100, {"3g": 500, "4g": 300, "fixed": 200})
    assert select(FRAME, table, stratum="network", rng=1)["network"].value_counts().to_dict() == table["n"].to_dict()
    assert sample.attrs["sampling"]["population"] == {"3g": 500, "4g": 300, "fixed": 200}


def test_polars_frames_are_welcome():
    polars = pytest.importorskip("polars")
    sample = select(polars.from_pandas(FRAME.reset_index(drop=True)), 5, rng=1)
    assert sample["customer"].tolist() == select(FRAME, 5, rng=1)["customer"].tolist()


def test_pps_probabilities_of_r():
    pi = inclusion_probabilities(np.arange(1, 21), 12)
    assert (pi == 1).sum() == 4
    assert round(pi[0], 6) == 0.058824
    assert pi.sum() == pytest.approx(12)
    expected = [0.15384615, 0.30769231, 0.46153846, 1.0, 0.07692308]
    assert inclusion_probabilities([10, 20, 30, 400, 5], 2).round(8).tolist() == expected
    assert inclusion_probabilities([1, 1, 0], 2).tolist() == [1, 1, 0]


def test_certainty_units_are_always_drawn():
    frame = pd.DataFrame({"unit": range(5), "size": [10, 20, 30, 400, 5]})
    for seed in range(20):
        sample = select(frame, 2, "pps", size="size", rng=seed)
        assert 3 in sample["unit"].tolist()
        assert len(sample) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"n": 2000}, "1 to the 1000 units"),
        ({"n": 0}, "1 to the 1000 units"),
        ({"n": 2000, "stratum": "network"}, "larger than the population"),
        ({"n": {"3g": 5, "5g": 5}, "stratum": "network"}, "stratum '5g' is not in the frame"),
        ({"n": {"3g": 501, "4g": 0, "fixed": 0}, "stratum": "network"}, "holds 500 units; 501 cannot be drawn"),
        ({"n": {"3g": 5}}, "needs stratum="),
        ({"n": 5, "method": "pps"}, "goes with method='pps'"),
        ({"n": 5, "size": "bill"}, "goes with method='pps'"),
        ({"n": 5, "method": "cluster"}, "method must be one of"),
    ],
)
def test_impossible_draws_are_refused(words, said):
    with pytest.raises(SettingsError, match=said):
        select(FRAME, rng=1, **words)


def test_bad_frames_are_refused():
    with pytest.raises(DataError, match="'netwrk' is not a column"):
        select(FRAME, 5, stratum="netwrk", rng=1)
    with pytest.raises(DataError, match="has 1 blanks"):
        select(FRAME.assign(network=[None, *FRAME["network"][1:]]), 5, stratum="network", rng=1)
    with pytest.raises(DataError, match="already has a column"):
        select(FRAME.assign(inclusion_probability=1), 5, rng=1)
    with pytest.raises(DataError, match="zero or more, without blanks"):
        select(FRAME.assign(bill=-1), 5, "pps", size="bill", rng=1)
    with pytest.raises(DataError, match="zero or more"):
        inclusion_probabilities([1, -1], 1)
    with pytest.raises(SettingsError, match="exceeds the 1 units of positive size"):
        inclusion_probabilities([1, 0], 2)


def test_quality_samples_see_every_agent():
    volume = {"ann": 900, "bo": 300, "cy": 40, "di": 2}
    records = pd.DataFrame({"agent": np.repeat(list(volume), list(volume.values()))})
    sample = qa_sample(records, 100, agent="agent", minimum=5, rng=2)
    counts = sample["agent"].value_counts()
    assert counts.sum() == 100
    assert counts["di"] == 2
    assert counts["cy"] == 5
    assert counts["ann"] == pytest.approx(3 * counts["bo"], abs=3)
    totals = (1 / sample["inclusion_probability"]).groupby(sample["agent"]).sum()
    np.testing.assert_allclose(totals[list(volume)], list(volume.values()))
    with pytest.raises(SettingsError, match="too small"):
        qa_sample(records, 10, agent="agent", minimum=5, rng=2)


def test_telephone_numbers_follow_their_rules():
    rules = {"3g": ["130", "131"], "4g": NumberRule(("1380", "139"), 11), "fixed": NumberRule(("0755",), 12)}
    drawn = telephone_numbers(rules, {"3g": 300, "4g": 400, "fixed": 50}, rng=5)
    assert drawn["number"].is_unique
    assert drawn["stratum"].value_counts().to_dict() == {"4g": 400, "3g": 300, "fixed": 50}
    assert drawn.loc[drawn["stratum"] == "fixed", "number"].str.fullmatch(r"0755\d{8}").all()
    assert drawn.loc[drawn["stratum"] == "4g", "number"].str.fullmatch(r"(1380\d{7}|139\d{8})").all()
    # Every number is as likely: 1380 has a tenth of the numbers of 139.
    assert drawn["number"].str.startswith("1380").sum() == pytest.approx(400 / 11, abs=25)
    assert drawn.loc[drawn["stratum"] == "3g", "inclusion_probability"].iloc[0] == 300 / 2e8
    again = telephone_numbers(rules, {"3g": 300, "4g": 400, "fixed": 50}, rng=5)
    pd.testing.assert_frame_equal(drawn, again)


def test_earlier_waves_are_not_called_again():
    rule = {"a": NumberRule(("12",), 4)}
    first = telephone_numbers(rule, 60, rng=1)
    second = telephone_numbers(rule, 40, rng=1, exclude=set(first["number"]))
    assert set(first["number"]).isdisjoint(second["number"])
    assert len(set(first["number"]) | set(second["number"])) == 100
    assert (second["inclusion_probability"] == 1).all()
    with pytest.raises(SettingsError, match="its rule can make 40"):
        telephone_numbers(rule, 41, rng=1, exclude=set(first["number"]))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: NumberRule(("13a",)), "must be digits"),
        (lambda: NumberRule(("138", "1380")), "contained in '138'"),
        (lambda: NumberRule(("12345",), 5), "leaves no digit"),
        (lambda: NumberRule(()), "at least one prefix"),
        (lambda: telephone_numbers({"a": ["13"], "b": ["138"]}, 1, rng=1), "two business types"),
        (lambda: telephone_numbers({"a": ["13"]}, {"b": 1}, rng=1), "no number rule for 'b'"),
        (lambda: call_list(10, working=70), "70 % is 0.7"),
        (lambda: call_list({"a": -1}), "zero or more"),
    ],
)
def test_bad_number_rules_are_refused(call, said):
    with pytest.raises(SettingsError, match=said):
        call()


def test_call_list_sizes_the_numbers_to_draw():
    table = call_list(allocate(7604, SIZES), working=0.8, contact=0.5, cooperation=0.4)
    assert table["numbers_exact"].sum() == pytest.approx(7604 / 0.16)
    drawn = telephone_numbers({"3g": ["130"], "4g": ["138"], "broadband": ["133"]}, table, rng=1)
    assert drawn["stratum"].value_counts().to_dict() == table["numbers"].to_dict()
    assert call_list(100, cooperation=0.3)["numbers"].tolist() == [334]


def test_quotas_sum_and_say_what_they_are():
    table = quota(130, {"sex": {"f": 1, "m": 1}, "age": {"young": 0.3, "old": 0.7}})
    assert table["target"].sum() == 130
    assert not table["probability_sample"].any()
    assert table.index.names == ["sex", "age"]
    assert quota(10, {"sex": {"f": 1, "m": 1}})["target"].tolist() == [5, 5]
    with pytest.raises(SettingsError, match="zero or more"):
        quota(10, {"sex": {"f": -1, "m": 1}})
    with pytest.raises(SettingsError, match="at least one margin"):
        quota(10, {})


def test_fill_rates_of_the_source_thesis():
    done = pd.DataFrame({"network": np.repeat(["3g", "4g", "broadband"], [1502, 1593, 1389])})
    table = fill_rates(done, allocate(7604, SIZES), by="network")
    assert table.loc["total", "missing"] == 3120
    assert table.loc["total", "fill"] == pytest.approx(4484 / 7604)
    cells = quota(100, {"sex": {"f": 1, "m": 1}, "age": {"y": 1, "o": 1}})
    people = pd.DataFrame({"sex": ["f", "m", "m"], "age": ["y", "o", "o"]})
    assert fill_rates(people, cells).loc[("m", "o"), "achieved"] == 2
    with pytest.raises(DataError, match="'5g' is not among the targets"):
        fill_rates(pd.DataFrame({"network": ["5g"]}), SIZES, by="network")
