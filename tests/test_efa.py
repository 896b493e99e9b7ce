"""Factor analysis as a user calls it: psych's solutions, SPSS's tables, and data that have no answer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csi import datasets
from csi.analysis.efa import efa
from csi.analysis.factor_count import harman, parallel_analysis
from csi.design import Design
from csi.errors import DataError, SettingsError

ORACLES = Path(__file__).parent / "oracles"
PSYCH = json.loads((ORACLES / "psych_mobi.json").read_text(encoding="utf-8"))
MOBI = datasets.load("mobi")
ATTITUDE = pd.read_csv(ORACLES / "r_attitude.csv", comment="#")


def frame(oracle: dict) -> pd.DataFrame:
    return pd.DataFrame(oracle["values"], oracle["rows"], oracle["cols"])


@pytest.mark.parametrize("rotation", ["none", "varimax", "oblimin", "promax", "quartimax"])
@pytest.mark.parametrize("extraction", ["ml", "minres", "pa"])
@pytest.mark.parametrize("k", [2, 3, 5])
def test_a_solution_is_that_of_psych_in_its_order_and_signs(extraction, rotation, k):
    oracle = PSYCH["fa"][f"{extraction}_{rotation}_{k}"]
    found = efa(MOBI, k, extraction=extraction, rotation=rotation, n_resamples=1)
    theirs = frame(oracle["loadings"]).loc[MOBI.columns].to_numpy()
    np.testing.assert_allclose(found.loadings.to_numpy(), theirs, atol=1e-9)
    accounted = frame(oracle["Vaccounted"])
    column = "extraction" if rotation == "none" else "rotation"
    np.testing.assert_allclose(found.variance[column].head(k), accounted.loc["SS loadings"], atol=1e-8)
    np.testing.assert_allclose(found.variance[f"{column}_share"].head(k), accounted.loc["Proportion Var"], atol=1e-9)
    if oracle["Phi"]:
        np.testing.assert_allclose(found.correlations, frame(oracle["Phi"]), atol=1e-9)
    assert found.doubts == ()


def test_principal_components_are_those_of_psych():
    found = efa(MOBI, 3, extraction="pc")
    oracle = PSYCH["principal_3_varimax"]
    np.testing.assert_allclose(found.loadings, frame(oracle["loadings"]).loc[MOBI.columns], atol=1e-9)
    np.testing.assert_allclose(found.communalities["extraction"], [oracle["communality"][i] for i in MOBI.columns])
    assert (found.communalities["initial"] == 1).all()
    np.testing.assert_allclose(found.variance["initial"], PSYCH["eigen_cor"])
    assert found.variance["initial_cumulative"].iloc[-1] == pytest.approx(1)


def test_the_convention_of_factanal_gives_the_printed_digits_of_attitude():
    found = efa(ATTITUDE, 2, convention="factanal")
    printed = [0.209726, 0.132336, 0.641017, 0.396382, 0.317739, 0.896860, 0.036622]
    np.testing.assert_array_equal(found.uniquenesses.round(6), printed)
    np.testing.assert_array_equal(found.loadings.loc[["rating", "complaints", "advance"]].round(6).to_numpy(),
                                  [[0.881980, 0.111283], [0.913956, 0.179853], [0.052656, 0.980105]])  # fmt: skip
    assert round(found.goodness["p_value"], 5) == 0.70590
    turned = efa(ATTITUDE, 2, convention="factanal", rotation="promax").loadings
    np.testing.assert_array_equal(turned.loc["rating"].round(6), [1.022932, -0.251891])


def test_psych_and_spss_differ_by_less_than_the_third_decimal_where_only_stopping_differs():
    one, other = (efa(MOBI, 3, convention=c, n_resamples=1).loadings for c in ("psych", "spss"))
    np.testing.assert_allclose(one, other, atol=1e-3)
    assert np.abs(one - other).to_numpy().max() > 1e-8


def test_order_and_units_of_items_do_not_matter_at_the_optimum():
    plain = efa(MOBI, 3, convention="spss", rotation="oblimin", n_resamples=1).loadings
    moved = MOBI[MOBI.columns[::-1]] * 7 + 3
    other = efa(moved, 3, convention="spss", rotation="oblimin", n_resamples=1).loadings.loc[MOBI.columns]
    np.testing.assert_allclose(plain, other, atol=1e-5)


def test_parallel_analysis_and_the_eigenvalue_rule_side_by_side():
    found = efa(MOBI, extraction="pc")
    assert found.suggested.to_dict() == {"kaiser": 5, "parallel": 2, "elbow": 1}
    assert found.loadings.shape == (24, 5)
    assert efa(MOBI, "parallel", extraction="pc").loadings.shape == (24, 2)
    table = parallel_analysis(MOBI, n_resamples=200, rng=7)
    assert table["retained"].sum() == 2
    pd.testing.assert_frame_equal(table, parallel_analysis(MOBI, n_resamples=200, rng=np.random.default_rng(7)))
    permuted = parallel_analysis(MOBI, simulation="permuted", n_resamples=50, rng=7)
    np.testing.assert_allclose(permuted["random_mean"], table["random_mean"], atol=0.05)


def test_sorted_loadings_blank_the_small_and_keep_every_item():
    found = efa(MOBI, 3, rotation="promax")
    table = found.sorted(0.4)
    assert sorted(table.index) == sorted(MOBI.columns)
    shown = table.to_numpy()[~table.isna().to_numpy()]
    assert (np.abs(shown) >= 0.4).all()
    main = found.loadings.loc[table.index].abs().to_numpy().argmax(axis=1)
    assert (np.diff(main) >= 0).all()


def test_the_print_survives_narrow_consoles():
    text = repr(efa(MOBI, 2, rotation="oblimin"))
    assert text.isascii() and "Total variance explained" in text and "Factor correlation matrix" in text


def test_harman_is_the_share_of_the_first_component():
    table = harman(MOBI)
    assert table["estimate"].iloc[0] == pytest.approx(PSYCH["eigen_cor"][0] / 24)
    assert harman(MOBI, extraction="pa")["estimate"].iloc[0] < table["estimate"].iloc[0]


def test_weights_are_repeated_rows():
    counts = np.random.default_rng(1).integers(1, 3, 250)
    data = MOBI.assign(w=counts)
    weighted = efa(data, 2, design=Design(weight="w"), convention="spss", n_resamples=1).loadings
    repeated = efa(MOBI.loc[MOBI.index.repeat(counts)], 2, convention="spss", n_resamples=1).loadings
    np.testing.assert_allclose(weighted, repeated, atol=1e-6)


def test_heywood_cases_and_saturated_solutions_are_doubted():
    found = efa(MOBI[["CUSL1", "CUSL2", "CUSL3"]], 1, extraction="minres")
    assert any("CUSL3: communality at or above its bound" in doubt for doubt in found.doubts)
    crowded = efa(ATTITUDE, 4, extraction="minres")
    assert any("more parameters" in doubt for doubt in crowded.doubts)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: efa(MOBI, 0), SettingsError, "positive whole number"),
        (lambda: efa(MOBI, 2.5), SettingsError, "positive whole number"),
        (lambda: efa(MOBI, "scree"), SettingsError, "'kaiser', 'parallel'"),
        (lambda: efa(ATTITUDE, 4), SettingsError, "4 factors are too many for 7 items by extraction='ml'; at most 3"),
        (lambda: efa(MOBI, 3, rotation="varimx"), SettingsError, "did you mean 'varimax'"),
        (lambda: efa(MOBI, 3, extraction="pca"), SettingsError, "extraction must be one of"),
        (lambda: efa(MOBI.assign(k=1), 3), DataError, "'k' never varies"),
        (lambda: efa(MOBI.assign(k=MOBI["CUSA1"] * 2), 3), DataError, "perfectly correlated"),
        (lambda: efa(MOBI.head(10), 1), DataError, "10 cases for 24 items"),
        (lambda: efa(MOBI, 3, n_resamples=0), SettingsError, "at least 1"),
    ],
)
def test_refusals_say_what_would_be_right(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_ten_cases_of_three_items_have_an_answer():
    found = efa(MOBI.head(10)[["CUSA1", "CUSA2", "CUSA3"]], 1, extraction="pa")
    assert found.n == 10 and found.loadings.notna().all(axis=None)
