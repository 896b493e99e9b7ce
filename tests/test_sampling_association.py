"""The Rao-Scott test and the comparison of modes, against R and against simple cases."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency, ttest_ind, ttest_rel

from csi.design import Design
from csi.errors import DataError, SettingsError
from csi.sampling import crosstab, crosstab_test, mean, mode_comparison, rake

ORACLES = Path(__file__).parent / "oracles"
R = json.loads((ORACLES / "survey_estimates.json").read_text(encoding="utf-8"))
STRAT, CLUS = (
    pd.read_csv(ORACLES / f"survey_{name}.csv", comment="#", encoding="utf-8") for name in ("apistrat", "apiclus1")
)
DESIGNS = {
    "apistrat": (STRAT, Design(weight="pw", stratum="stype", fpc="fpc")),
    "apistrat_nofpc": (STRAT, Design(weight="pw", stratum="stype")),
    "srs": (STRAT.assign(pw=6194 / 200, fpc=6194), Design(weight="pw", fpc="fpc")),
    "apiclus1": (CLUS, Design(weight="pw", cluster="dnum", fpc="fpc")),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_rao_scott_of_r(name):
    data, design = DESIGNS[name]
    row = crosstab_test(data, "sch.wide", "stype", design).iloc[0]
    oracle = R[name]["chisq_schwide_stype"]
    assert row["statistic"] == pytest.approx(oracle["stat"]["F"], rel=1e-9)
    assert row["df"] == pytest.approx(oracle["par"]["ndf"], rel=1e-9)
    assert row["df_error"] == pytest.approx(oracle["par"]["ddf"], rel=1e-9)
    assert row["p_value"] == pytest.approx(oracle["p"]["X-squared"], rel=1e-8)
    assert row["chi2"] == pytest.approx(R[name]["chisq_Chisq"]["stat"]["X-squared"], rel=1e-9)


def test_rao_scott_of_the_reference_raked_and_not():
    unraked = crosstab_test(CLUS, "sch.wide", "stype", Design(weight="pw", cluster="dnum")).iloc[0]
    printed = [unraked[c].round(d) for c, d in (("statistic", 4), ("df", 4), ("df_error", 4), ("p_value", 5))]
    assert printed == [5.0905, 1.4946, 20.9250, 0.02307]
    margins = {"stype": {"E": 4421, "H": 755, "M": 1018}, "sch.wide": {"No": 1072, "Yes": 5122}}
    raked = rake(CLUS, margins, weight="pw")
    row = crosstab_test(CLUS, "sch.wide", "stype", DESIGNS["apiclus1"][1], calibration=raked).iloc[0]
    printed = [row[c].round(d) for c, d in (("statistic", 3), ("df", 4), ("df_error", 4), ("p_value", 5))]
    # The printed ddf, 22.9443, came from weights raked to R's default tolerance; converged it is 22.9449.
    assert printed[:2] + printed[3:] == [4.094, 1.6389, 0.03706]
    assert row["df_error"] == pytest.approx(22.9443, abs=1e-3)


def test_unweighted_is_pearson_but_for_the_estimated_variance():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"a": rng.choice(list("xyz"), 400), "b": rng.choice(list("pq"), 400)})
    row = crosstab_test(data, "a", "b").iloc[0]
    pearson = chi2_contingency(pd.crosstab(data["a"], data["b"]), correction=False)
    assert row["chi2"] == pytest.approx(pearson.statistic, rel=1e-12)
    assert row["statistic"] == pytest.approx(pearson.statistic / 2, rel=0.03)
    table = crosstab(data, "a", "b")
    np.testing.assert_allclose(table, pd.crosstab(data["a"], data["b"], normalize="all"), rtol=1e-12)
    assert table.to_numpy().sum() == pytest.approx(1)


def test_blanks_are_left_out_of_the_table():
    data = STRAT.assign(stype=STRAT["stype"].where(STRAT["api00"] > 500))
    assert crosstab_test(data, "sch.wide", "stype")["n"].iloc[0] == (STRAT["api00"] > 500).sum()


def test_bad_tables():
    with pytest.raises(SettingsError, match="cross two different columns"):
        crosstab(STRAT, "stype", "stype")
    with pytest.raises(DataError, match="two categories or more"):
        crosstab_test(STRAT.assign(one=1), "stype", "one")
    with pytest.raises(DataError, match="nobody answered both"):
        crosstab(pd.DataFrame({"a": ["x", None], "b": [None, "y"]}), "a", "b")


RNG = np.random.default_rng(4)
MODES = pd.DataFrame(
    {"mode": np.repeat(["telephone", "web", "sms"], [200, 150, 100]), "score": RNG.normal(70, 15, 450).round()}
)
MODES.loc[MODES["mode"] == "web", "score"] -= 8
MODES["item"] = (MODES["score"] // 20).clip(0, 5)


def test_two_modes_are_welchs_test():
    two = MODES[MODES["mode"] != "sms"]
    row = mode_comparison(two, "score", "mode").differences.loc[("web", "score")]
    welch = ttest_ind(two.query("mode == 'web'")["score"], two.query("mode == 'telephone'")["score"], equal_var=False)
    assert row["statistic"] == pytest.approx(welch.statistic, rel=0.005)
    tests = mode_comparison(two, "score", "mode").tests
    assert tests["statistic"].iloc[0] == pytest.approx(row["statistic"] ** 2, rel=1e-10)
    assert tests["p_value"].iloc[0] == pytest.approx(row["p_value"], rel=1e-8)


def test_modes_are_compared_with_the_largest_unless_named():
    found = mode_comparison(MODES, ["score", "item"], "mode")
    assert found.reference == "telephone"
    assert found.means.index.names == ["mode", "variable"]
    assert found.differences.index.tolist() == [(m, v) for m in ("sms", "web") for v in ("score", "item")]
    assert found.differences.loc[("web", "score"), "p_adjusted"] < 0.001
    assert (found.differences["p_adjusted"] >= found.differences["p_value"]).all()
    assert found.tests.loc["score", "p_value"] < 0.001
    assert found.answers.index.tolist() == ["item"]
    assert found.answers.loc["item", "p_value"] < 0.05
    pd.testing.assert_frame_equal(found.means, mean(MODES, ["score", "item"], by="mode"))
    assert "reference telephone" in repr(found)
    named = mode_comparison(MODES, "score", "mode", reference="web")
    assert named.differences.loc[("telephone", "score"), "estimate"] == pytest.approx(
        -found.differences.loc[("web", "score"), "estimate"]
    )


def test_a_variable_with_empty_cells_has_no_test_of_its_answers():
    same = MODES.assign(item=pd.factorize(MODES["mode"])[0])
    found = mode_comparison(same, "item", "mode")
    assert np.isnan(found.answers.loc["item", "statistic"])
    assert np.isnan(found.tests.loc["item", "statistic"])
    assert found.differences.loc[("web", "item"), "estimate"] == pytest.approx(1)


def test_mode_differences_know_the_clusters():
    data = MODES.assign(region=np.arange(450) % 15)
    simple = mode_comparison(data, "score", "mode").differences
    clustered = mode_comparison(data, "score", "mode", Design(cluster="region")).differences
    np.testing.assert_allclose(clustered["estimate"], simple["estimate"])
    assert not np.allclose(clustered["std_error"], simple["std_error"])


def test_bad_modes():
    with pytest.raises(DataError, match="one mode only, 'web'"):
        mode_comparison(MODES[MODES["mode"] == "web"], "score", "mode")
    with pytest.raises(SettingsError, match="did you mean 'web'"):
        mode_comparison(MODES, "score", "mode", reference="webb")


def test_a_panel_shares_its_respondents_between_waves():
    """Clustered by respondent, two waves are compared by the paired t test."""
    rng = np.random.default_rng(6)
    first = rng.normal(70, 10, 80)
    second = first + rng.normal(2, 4, 80)
    panel = pd.DataFrame({"score": np.r_[first, second], "wave": ["w1"] * 80 + ["w2"] * 80, "person": [*range(80)] * 2})
    row = mode_comparison(panel, "score", "wave", Design(cluster="person"), reference="w1").differences.iloc[0]
    paired = ttest_rel(second, first)
    assert row["statistic"] == pytest.approx(paired.statistic, rel=1e-12)
    assert row["p_value"] == pytest.approx(paired.pvalue, rel=1e-10)
