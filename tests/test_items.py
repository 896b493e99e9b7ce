"""Describe, item analysis and adequacy as a user calls them: psych's numbers, weights, groups, and awkward data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csi.analysis as room
from csi import datasets
from csi.design import Design
from csi.errors import DataError, SettingsError
from csi.spec.model import Model
from csi.spec.words import Construct, Item

ORACLES = Path(__file__).parent / "oracles"
PSYCH = json.loads((ORACLES / "psych_mobi.json").read_text(encoding="utf-8"))
MOBI = datasets.load("mobi")
BLOCKS = {name: [row[0] for row in oracle["item.stats"]["rows"]] for name, oracle in PSYCH["alpha"].items()}


def frame(oracle: dict) -> pd.DataFrame:
    return pd.DataFrame(oracle["rows"], columns=oracle["columns"])


def awkward(n: int = 40, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=n)
    a, b, c = (np.clip(np.round(3 + common + rng.normal(size=n)), 1, 5) for _ in range(3))
    return pd.DataFrame({"a": a, "b": b, "c": c, "turned": 6 - a, "constant": 3.0, "double": 2 * a})


def test_describe_is_that_of_psych():
    table = room.describe(MOBI)
    oracle = frame(PSYCH["describe_type3"]).set_index("item").loc[MOBI.columns]
    for ours, theirs in {"mean": "mean", "sd": "sd", "median": "median", "min": "min", "max": "max"}.items():
        np.testing.assert_allclose(table[ours], oracle[theirs].astype(float), rtol=1e-9)
    np.testing.assert_allclose(table["std_error"], oracle["se"].astype(float), rtol=1e-9)
    shape = frame(PSYCH["describe_type2_skew_kurt"]).set_index("item").loc[MOBI.columns]
    np.testing.assert_allclose(table["skewness"], shape["skew"].astype(float), atol=1e-9)
    assert (table["n"] == 250).all() and table["floor"].isna().all()


def test_floor_and_ceiling_are_shares_at_the_ends_of_the_scale():
    table = room.describe(MOBI, ["CUSA1", "CUSCO"], scale=(1, 10))
    np.testing.assert_allclose(table["ceiling"], [(MOBI[c] == 10).mean() for c in table.index])
    np.testing.assert_allclose(table["floor"], [(MOBI[c] == 1).mean() for c in table.index])


@pytest.mark.parametrize("library", ["polars", "pyarrow", "dict"])
def test_other_tables_give_the_same(library):
    data = MOBI[["CUSA1", "CUSA2", "CUSA3"]]
    if library == "polars":
        other = __import__("polars").DataFrame(data.to_dict("list"))
    elif library == "pyarrow":
        other = __import__("pyarrow").table(data.to_dict("list"))
    else:
        other = data.to_dict("list")
    pd.testing.assert_frame_equal(room.describe(other), room.describe(data))


def test_item_analysis_is_that_of_psych():
    found = room.item_analysis(MOBI, BLOCKS)
    for name, oracle in PSYCH["alpha"].items():
        row, total = found.reliability.loc[name], frame(oracle["total"]).iloc[0]
        np.testing.assert_allclose(row[["alpha", "alpha_standardized", "mean_correlation"]],
                                   total[["raw_alpha", "std.alpha", "average_r"]].astype(float), atol=1e-9)  # fmt: skip
        feldt = [oracle["feldt"][end] for end in ("lower.ci", "upper.ci")]
        np.testing.assert_allclose(row[["conf_low", "conf_high"]], feldt)
        items = found.items.loc[name]
        np.testing.assert_allclose(items["item_rest"], frame(oracle["item.stats"])["r.drop"].astype(float), atol=1e-9)
        if len(items) > 2:
            dropped = frame(oracle["alpha.drop"])["raw_alpha"].astype(float)
            np.testing.assert_allclose(items["alpha_if_deleted"], dropped, atol=1e-9)
        if name != "Loyalty":
            assert row["omega"] == pytest.approx(oracle["omega_1factor_minres"]["omega_total_1f"], abs=1e-9)
    assert [doubt.split(":")[0] for doubt in found.doubts] == ["Loyalty"]


def test_omega_of_attitude_by_maximum_likelihood_to_its_printed_digits():
    attitude = pd.read_csv(ORACLES / "r_attitude.csv", comment="#")
    found = room.item_analysis(attitude, extraction="ml")
    assert round(float(found.reliability["omega"].iloc[0]), 7) == 0.8405447
    assert found.reliability.index.tolist() == ["all"] and found.items.index.name == "item"


def test_a_model_turns_reversed_items_and_drops_unknown_codes():
    data = awkward()
    data.loc[:4, "b"] = 99
    model = Model(
        "m", {"q": Construct([Item("turned", reversed=True), Item("b", unknown=(99,)), "c"]), "s": ["a"]},
        {"q": ["s"]}, index="s", scale=(1, 5),
    )  # fmt: skip
    found = room.item_analysis(data, model)
    plain = room.item_analysis(data.iloc[5:], {"q": ["a", "b", "c"]})
    assert found.reliability.loc["q", "alpha"] == pytest.approx(plain.reliability.loc["q", "alpha"])
    assert found.reliability.attrs["reversed"].endswith("turned")
    assert any("s has one item" in doubt for doubt in found.doubts)
    table = room.describe(data, model)
    assert table.loc[("q", "b"), "missing"] == 5 and table.loc[("q", "b"), "max"] <= 5


def test_counts_are_repeated_rows_and_weights_have_no_unit():
    data = awkward()[["a", "b", "c"]]
    counts = np.random.default_rng(2).integers(1, 4, len(data))
    counted = data.assign(k=counts, w=counts * 10.0, v=counts * 0.3)
    repeated = data.loc[data.index.repeat(counts)]
    for function in (room.describe, lambda *a, **k: room.item_analysis(*a, **k).reliability):
        whole = function(repeated)
        pd.testing.assert_frame_equal(function(counted, ["a", "b", "c"], design=Design(count="k")), whole)
        one, other = (function(counted, ["a", "b", "c"], design=Design(weight=w)) for w in ("w", "v"))
        pd.testing.assert_frame_equal(one, other)
        assert one.shape == whole.shape
    weighted = room.item_analysis(counted, ["a", "b", "c"], design=Design(weight="w")).reliability
    expected = room.item_analysis(repeated).reliability
    np.testing.assert_allclose(weighted["alpha"], expected["alpha"], rtol=1e-12)


def test_means_under_a_design_have_the_linearized_error():
    strata = pd.read_csv(ORACLES / "survey_apistrat.csv", comment="#")
    weight = next(c for c in strata.columns if c in ("pw", "w", "weight"))
    table = room.describe(strata, ["api00"], design=Design(weight=weight, stratum="stype", fpc="fpc"))
    np.testing.assert_allclose(table[["mean", "std_error"]].round(4).to_numpy()[0], [662.2874, 9.4089], atol=1e-4)
    groups = room.describe(strata, ["api00"], by="stype", design=Design(weight=weight))
    np.testing.assert_allclose(groups["mean"].round(2), [674.43, 625.82, 636.60])


def test_groups_are_the_first_rows_and_each_is_its_own_analysis():
    data = MOBI.assign(wave=np.where(np.arange(250) < 100, "w1", "w2"))
    found = room.item_analysis(data, {"s": BLOCKS["Satisfaction"]}, by="wave")
    alone = room.item_analysis(data[data["wave"] == "w2"], {"s": BLOCKS["Satisfaction"]})
    pd.testing.assert_series_equal(found.reliability.loc["w2"].loc["s"], alone.reliability.loc["s"])
    assert found.items.index.names == ["wave", "construct", "item"]


def test_ten_cases_are_enough_for_an_answer():
    found = room.item_analysis(MOBI.head(10), {"s": BLOCKS["Satisfaction"]})
    assert found.reliability.notna().all(axis=None) and found.reliability.loc["s", "n"] == 10


def test_two_categories_give_kuder_richardson_20():
    data = (awkward()[["a", "b", "c"]] > 3).astype(int)
    p = data.mean()
    kr20 = 3 / 2 * (1 - (p * (1 - p)).sum() / data.sum(axis=1).var(ddof=0))
    assert room.item_analysis(data).reliability["alpha"].iloc[0] == pytest.approx(kr20)


@pytest.mark.parametrize(
    ("columns", "doubt", "missing"),
    [
        (["a", "b", "constant"], "constant never varies", ["alpha_standardized", "omega"]),
        (["a", "b", "double"], "repeats the others exactly", ["omega"]),
        (["a", "b", "c", "turned"], "turned of x goes against the other items", ["omega"]),
    ],
)
def test_awkward_items_are_named_and_their_numbers_left_out(columns, doubt, missing):
    found = room.item_analysis(awkward(), {"x": columns})
    assert any(doubt in each for each in found.doubts)
    assert found.reliability.loc["x", missing].isna().all()
    assert np.isfinite(found.reliability.loc["x", "alpha"])
    assert repr(found).startswith("! ")


def test_too_few_complete_cases_are_refused_together():
    data = awkward(4)
    data.loc[1:, "a"] = np.nan
    with pytest.raises(DataError, match=r"(?s)x: 1 complete cases.*y: 1 complete"):
        room.item_analysis(data.assign(d=data["a"]), {"x": ["a", "b"], "y": ["d", "c"]})


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: room.describe(MOBI, ["CUSA9"]), DataError, "'CUSA9' is not a column; did you mean"),
        (lambda: room.describe(MOBI, ["CUSA1", "CUSA1"]), DataError, "named 2 times"),
        (lambda: room.describe(MOBI, {"x": []}), DataError, "block 'x' names no items"),
        (lambda: room.describe(MOBI.astype(str)), DataError, "no column of numbers"),
        (lambda: room.describe(MOBI, confidence_level=95), SettingsError, "between 0 and 1"),
        (lambda: room.describe(MOBI, scale=(10, 1)), SettingsError, "low < high"),
        (lambda: room.item_analysis(MOBI, extraction="pca"), SettingsError, "minres"),
        (lambda: room.describe(MOBI.assign(w=-1.0), design=Design(weight="w")), DataError, "negative"),
        (lambda: room.describe(MOBI.assign(k=0.5), design=Design(count="k")), DataError, "fractions"),
        (lambda: room.describe(MOBI.assign(r=1.0, q=np.nan), design=Design(replicates=["r", "q"], kind="brr")),
         DataError, "replicate weights have blanks"),
        (lambda: room.describe(MOBI.assign(s=range(250)), design=Design(stratum="s")), DataError, "one cluster only"),
    ],
)  # fmt: skip
def test_refusals_say_what_would_be_right(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_adequacy_of_mobi_is_that_of_psych():
    found = room.adequacy(MOBI, BLOCKS | {"Complaints": ["CUSCO"]})
    assert found.kmo == pytest.approx(PSYCH["KMO_all"]["MSA"], abs=1e-9)
    np.testing.assert_allclose(found.items["msa"], [PSYCH["KMO_all"]["MSAi"][i] for _, i in found.items.index])
    for name, oracle in PSYCH["alpha"].items():
        row = found.table.loc[name]
        assert row["kmo"] == pytest.approx(oracle["kmo"]["MSA"], abs=1e-9)
        assert row["statistic"] == pytest.approx(oracle["bartlett"]["chisq"])
    assert "Complaints" not in found.table.index


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (["a", "b", "constant"], "'constant' never varies"),
        (["a", "b", "double"], "'double' and 'a' are perfectly correlated"),
        (["a", "b", "turned"], r"'turned' and 'a' are perfectly correlated \(-1\)"),
        (["a"], "alone has no correlations"),
    ],
)
def test_adequacy_refuses_what_has_no_inverse(columns, says):
    with pytest.raises(DataError, match=says):
        room.adequacy(awkward(), columns)
    total = awkward()[["a", "b", "c"]].assign(total=lambda d: d.sum(axis=1))
    with pytest.raises(DataError, match="a total among its parts"):
        room.adequacy(total)
    with pytest.raises(DataError, match="10 cases for 24 items"):
        room.adequacy(MOBI.head(10))


def test_missing_answers_are_treated_as_said():
    holes = MOBI[BLOCKS["Quality"]].astype(float)
    holes = holes.mask(np.random.default_rng(3).random(holes.shape) < 0.05)
    tables = {how: room.adequacy(holes, missing=how) for how in ("listwise", "pairwise", "em")}
    listwise = room.adequacy(holes.dropna())
    assert tables["listwise"].kmo == listwise.kmo
    assert "left out" in tables["listwise"].table.attrs["missing"]
    assert tables["em"].table["n"].iloc[0] == 250 and "EM" in tables["em"].table.attrs["missing"]
    assert max(abs(t.kmo - room.adequacy(MOBI[BLOCKS["Quality"]]).kmo) for t in tables.values()) < 0.02
