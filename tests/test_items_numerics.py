"""Alpha, item statistics, split halves and critical ratios against psych and printed numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from csi import datasets
from csi.numerics import factor, items

ORACLES = Path(__file__).parent / "oracles"
PSYCH = json.loads((ORACLES / "psych_mobi.json").read_text(encoding="utf-8"))
MOBI = datasets.load("mobi")
ATTITUDE = pd.read_csv(ORACLES / "r_attitude.csv", comment="#")
BLOCKS = {block: [row[0] for row in oracle["item.stats"]["rows"]] for block, oracle in PSYCH["alpha"].items()}


def frame(oracle: dict) -> pd.DataFrame:
    return pd.DataFrame(oracle["rows"], columns=oracle["columns"])


@pytest.mark.parametrize("block", BLOCKS)
def test_reliability_of_every_block_is_that_of_psych(block):
    oracle = PSYCH["alpha"][block]
    data = MOBI[BLOCKS[block]]
    cov, corr = data.cov().to_numpy(), data.corr().to_numpy()
    total, rows = frame(oracle["total"]).iloc[0], frame(oracle["item.stats"])
    assert float(items.alpha(cov)) == pytest.approx(total["raw_alpha"], abs=1e-9)
    assert float(items.alpha(corr)) == pytest.approx(total["std.alpha"], abs=1e-9)
    np.testing.assert_allclose(items.item_rest(cov), rows["r.drop"].astype(float), atol=1e-9)
    feldt = items.feldt_interval(total["raw_alpha"], 250, len(corr), 0.95)
    np.testing.assert_allclose(feldt, [oracle["feldt"][end] for end in ("lower.ci", "upper.ci")], atol=1e-9)
    if len(corr) > 2:
        dropped = frame(oracle["alpha.drop"])["raw_alpha"].astype(float)
        np.testing.assert_allclose(items.alpha_if_deleted(cov), dropped, atol=1e-9)
        assert items.split_half_range(corr)[1] >= oracle["guttman"]["lambda.4"] - 1e-9


@pytest.mark.parametrize("block", [b for b in BLOCKS if b != "Loyalty"])  # Loyalty is a Heywood case
def test_omega_of_every_block_is_that_of_psych(block):
    corr = MOBI[BLOCKS[block]].corr().to_numpy()
    loadings = factor.minimum_residuals(corr, 1, factor.smallest_uniquenesses(corr)).loadings[:, 0]
    expected = PSYCH["alpha"][block]["omega_1factor_minres"]["omega_total_1f"]
    assert float(items.omega_total(loadings, 1 - loadings**2)) == pytest.approx(expected, abs=1e-9)


def test_attitude_to_its_printed_digits():
    cov, corr = ATTITUDE.cov().to_numpy(), ATTITUDE.corr().to_numpy()
    assert (round(float(items.alpha(cov)), 7), round(float(items.alpha(corr)), 7)) == (0.8431428, 0.8390838)
    rest = [0.671262, 0.742110, 0.560711, 0.714445, 0.786276, 0.265034, 0.460811]
    deleted = [0.809760, 0.796917, 0.827848, 0.803031, 0.795387, 0.863872, 0.840465]
    np.testing.assert_allclose(items.item_rest(cov), rest, atol=6e-7)
    np.testing.assert_array_equal(np.round(items.alpha_if_deleted(cov), 6), deleted)
    start = (1 - 0.5 / 7) * factor.smallest_uniquenesses(corr)
    one = factor.maximum_likelihood(corr, 1, start)
    assert round(float(items.omega_total(one.loadings[:, 0], one.uniquenesses)), 7) == 0.8405447


def test_alpha_of_many_covariances_at_once_is_one_by_one():
    rng = np.random.default_rng(1)
    many = np.stack([np.cov(rng.normal(size=(30, 4)).T) for _ in range(5)])
    for name in ("alpha", "alpha_if_deleted", "item_rest"):
        together = getattr(items, name)(many)
        np.testing.assert_allclose(together, [getattr(items, name)(one) for one in many], rtol=1e-12)


def test_a_constant_item_has_no_correlation_and_two_items_no_alpha_if_deleted():
    cov = np.diag([1.0, 0.0, 2.0])
    assert np.isnan(items.item_rest(cov)[1]) and np.isnan(items.correlation(cov)[1]).all()
    assert np.isnan(items.alpha_if_deleted(np.eye(2))).all()
    assert np.isnan(items.alpha(np.ones((1, 1)))) and np.isnan(items.alpha(np.zeros((3, 3))))


def test_split_halves_of_two_items_are_spearman_brown():
    r = 0.6
    half = items.split_half(np.array([[1, r], [r, 1]]), np.array([True, False]))
    np.testing.assert_allclose([half.spearman_brown, half.unequal, half.guttman], 2 * r / (1 + r))


def test_horst_needs_the_length_of_the_halves():
    cov = np.full((3, 3), 0.5) + np.diag([0.5] * 3)
    half = items.split_half(cov, np.array([True, True, False]))
    # Parallel items: Horst recovers alpha, Spearman-Brown falls short of it.
    assert half.unequal == pytest.approx(float(items.alpha(cov)), abs=2e-3)
    assert half.spearman_brown < half.unequal


def test_critical_ratio_is_student_t_of_the_extreme_groups():
    x = MOBI[BLOCKS["Quality"]].to_numpy(float)
    total = x.sum(axis=1)
    found = items.critical_ratio(x, total)
    top, bottom = np.sort(total)[-68], np.sort(total)[67]
    assert (found.n_high, found.n_low) == ((total >= top).sum(), (total <= bottom).sum())
    t = stats.ttest_ind(x[total >= top], x[total <= bottom])
    np.testing.assert_allclose(found.statistic, t.statistic)
    np.testing.assert_allclose(found.p_value, t.pvalue)


def test_shape_is_type_2_of_psych():
    x = MOBI.to_numpy(float)
    d = x - x.mean(axis=0)
    found = items.shape((d**2).mean(axis=0), (d**3).mean(axis=0), (d**4).mean(axis=0), 250)
    oracle = frame(PSYCH["describe_type2_skew_kurt"]).set_index("item").loc[MOBI.columns]
    np.testing.assert_allclose(found.skewness, oracle["skew"], atol=1e-9)
    np.testing.assert_allclose(found.kurtosis, oracle["kurtosis"], atol=1e-9)
    assert round(found.skewness_error, 3) == 0.154 and round(found.kurtosis_error, 3) == 0.307
