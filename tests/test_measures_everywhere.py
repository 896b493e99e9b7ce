"""What every measure promises: n, an interval, the treatment of blanks, groups, designs, and two languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from csi import datasets, measures
from csi.design import Design

MOBI = datasets.load("mobi")
RNG = np.random.default_rng(3)
DATA = MOBI.assign(
    wave=np.repeat(["w1", "w2"], 125), w=np.tile([1.0, 2, 3, 1, 2], 50), town=np.arange(250) // 5,
    nps=RNG.integers(0, 11, 250), ces=RNG.integers(1, 8, 250), sex=RNG.choice(["f", "m"], 250),
    **{f"r{j}": w for j, w in enumerate(RNG.exponential(size=(60, 250)))},
)  # fmt: skip
DATA.loc[3, ["CUSA1", "PERQ1"]] = np.nan
TEN = {"scale": (1, 10)}
TWO = ["PERQ1", "PERV1"]
ENDS = ["std_error", "conf_low", "conf_high"]
COMMON = ["estimate", *ENDS, "statistic", "p_value"]
DESIGNS = {
    "weighted clusters": Design(weight="w", cluster="town"),
    "replicate weights": Design(replicates=[f"r{j}" for j in range(60)], kind="bootstrap"),
}

MEASURES = {
    "csat": lambda data, **m: measures.csat(data, ["CUSA1", "CUSA2"], **TEN, **m),
    "csat against a target": lambda data, **m: measures.csat(data, ["CUSA1"], target=0.85, **TEN, **m),
    "top_box": lambda data, **m: measures.top_box(data, ["CUSA1"], interval="exact", **TEN, **m),
    "bottom_box": lambda data, **m: measures.bottom_box(data, ["CUSA1"], boxes=6, **TEN, **m),
    "nps": lambda data, **m: measures.nps(data, ["nps"], **m),
    "ces": lambda data, **m: measures.ces(data, ["ces"], **m),
    "ces as share": lambda data, **m: measures.ces(data, ["ces"], measure="share", **m),
    "gap": lambda data, **m: measures.gap(data, {"PERQ1": "CUEX1", "PERQ2": "CUEX2"}, **m),
    "ratio": lambda data, **m: measures.ratio(data, {"PERQ1": "CUEX1"}, about=0.05, delight=0.2, **m),
    "ratio of respondents": lambda data, **m: measures.ratio(data, {"PERQ1": "CUEX1"}, of="respondents", **m),
    "servqual": lambda data, **m: measures.servqual(data, {"a": {"PERQ1": "CUEX1"}, "b": {"PERQ2": "CUEX2"}}, **m),
    "by_band": lambda data, **m: measures.by_band(data, "CUSA1", "CUSL3", bands=[1, 7, 9], **m),
    "penalty_reward": lambda data, **m: measures.penalty_reward(data, "CUSA1", ["PERQ1", "PERV1"], low=6, high=9, **m),
    "drivers": lambda data, **m: measures.drivers(data, "CUSA1", TWO, n_resamples=50, **m),
    "johnson": lambda data, **m: measures.drivers(
        data, "CUSA1", ["PERQ1", "PERV1"], method="johnson", n_resamples=20, **m
    ),
    "mcnemar": lambda data, **m: measures.mcnemar(data, "PERQ1", "PERQ2", at_least=8, **m),
    "importance": lambda data, **m: measures.importance_performance(data, ["PERQ1", "PERQ2"], on="CUSA1", **m),
}
#: These have no interval: they say which shape fits.
TABLES = MEASURES | {"curvature": lambda data, **m: measures.curvature(data, "CUSA1", "CUSL3", **m)}
RESULTS = {
    "friedman": lambda data, **m: measures.friedman(data, ["PERQ1", "PERQ2", "PERQ3"], **m),
    "cochran": lambda data, **m: measures.cochran(data, ["PERQ1", "PERQ2", "PERQ3"], at_least=8, **m),
    "crosstab": lambda data, **m: measures.crosstab(data, "sex", "CUSL3", **m),
}


def chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_has_the_common_columns_with_n_and_its_treatment_of_blanks(name):
    table = MEASURES[name](DATA)
    assert {"std_error", "conf_low", "conf_high", "n"} <= set(table.columns)
    shown = table["performance" if name == "importance" else "estimate"]
    assert ((table["conf_low"] <= shown) & (shown <= table["conf_high"])).all()
    assert table.attrs["missing"] and table.attrs["title"] and table.attrs["confidence_level"] == 0.95
    common = [
        c for c in table.columns if c in ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value")
    ]
    usual = ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]
    assert common == [c for c in usual if c in common]


@pytest.mark.parametrize("name", TABLES)
def test_groups_are_the_first_rows_and_each_is_as_if_alone(name):
    whole = TABLES[name](DATA, by="wave")
    assert whole.index.names[0] == "wave"
    one = TABLES[name](DATA[DATA["wave"] == "w2"])
    part = whole.loc["w2"]
    columns = [
        c for c in one.columns if not (name in ("drivers", "johnson") and c in ("std_error", "conf_low", "conf_high"))
    ]
    np.testing.assert_allclose(part[columns].to_numpy(float), one[columns].to_numpy(float), rtol=1e-9)
    two = TABLES[name](DATA, by=["wave", "sex"])
    assert two.index.names[:2] == ["wave", "sex"]


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("name", TABLES)
def test_designs_reach_every_measure(name, design):
    table, plain = TABLES[name](DATA, design=DESIGNS[design]), TABLES[name](DATA)
    assert table.index.names == plain.index.names and table["n"].tolist() == plain["n"].tolist()
    assert table.attrs["design"].startswith("standard errors") and chinese(table.attrs["design"].chinese)
    if name != "curvature":
        assert (table["std_error"] > 0).all() and not np.allclose(table["std_error"], plain["std_error"])
    grouped = TABLES[name](DATA, by="wave", design=DESIGNS[design])
    assert grouped.index.names[0] == "wave"


@pytest.mark.parametrize("name", [n for n in TABLES if n not in ("drivers", "johnson")])
def test_equal_weights_change_no_estimate_and_their_unit_means_nothing(name):
    one, seven = (TABLES[name](DATA.assign(w=w), design=Design(weight="w")) for w in (1.0, 7.0))
    pd.testing.assert_frame_equal(one, seven)
    first = TABLES[name](DATA).iloc[:, 0]
    if name != "curvature":
        np.testing.assert_allclose(one.iloc[:, 0], first, rtol=1e-9)


@pytest.mark.parametrize("name", TABLES)
def test_every_measure_prints_in_both_languages(name):
    table = measures.printed(TABLES[name](DATA, by="wave"))
    english, other = table.to_text(), table.to_text("zh")
    assert english.isascii() and chinese(other.splitlines()[0]) and chinese(other.splitlines()[-1])
    heads = other.splitlines()[1]
    assert "_" not in heads, heads


@pytest.mark.parametrize("design", [None, *DESIGNS])
@pytest.mark.parametrize("name", RESULTS)
def test_results_follow_groups_designs_and_languages(name, design):
    more = {} if design is None else {"design": DESIGNS[design]}
    whole = RESULTS[name](DATA, by="wave", **more)
    table = whole.counts if name == "crosstab" else whole.items
    assert table.index.names[0] == "wave" and repr(whole).isascii()
    text = whole.to_text("zh")
    assert chinese(text) and "listwise" not in text and "standard errors" not in text
    assert whole.to_html().count("<table") == len(whole.tables())


def test_a_cross_tab_of_a_group_is_that_of_its_respondents_with_its_own_answers():
    data = pd.DataFrame(
        {"g": ["a"] * 6 + ["b"] * 6, "x": [1, 1, 2, 2, 1, 2] * 2, "y": [1, 2, 1, 2, 1, 2] + [1, 2, 3] * 2}
    )
    whole = measures.crosstab(data, "x", "y", by="g")
    alone = measures.crosstab(data[data["g"] == "b"], "x", "y")
    pd.testing.assert_frame_equal(whole.groups["b"].cells, alone.cells)
    assert whole.counts.loc["a", 3].isna().all() and "1: Count" in whole.to_text()


def test_a_blank_stays_in_its_cluster():
    """A case without both answers is outside the domain, but its cluster still counts."""
    data = DATA.assign(sex=DATA["sex"].where(DATA["town"] > 0))
    found = measures.crosstab(data, "sex", "CUSL3", design=Design(cluster="town"))
    assert found.test.loc["rao_scott", "n"] == 245
    assert "5 respondents without both" in found.counts.attrs["missing"]


def test_friedman_pairs_have_the_interval_of_the_mean_difference():
    found = measures.friedman(MOBI, ["PERQ1", "PERQ2"])
    d = MOBI["PERQ2"] - MOBI["PERQ1"]
    row = found.pairs.iloc[0]
    error = d.std() / np.sqrt(250)
    low = d.mean() - 1.969537 * error
    np.testing.assert_allclose(row[["estimate", "std_error", "conf_low"]], [d.mean(), error, low], rtol=1e-6)
