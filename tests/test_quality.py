"""Careless answers: every sign by hand, Little's test by its published number, and nothing deleted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csi import datasets
from csi.analysis.screen import screen
from csi.errors import DataError, SettingsError
from csi.numerics import quality
from csi.numerics.mcar import little
from csi.spec.model import Model
from csi.spec.words import Construct, Item

ORACLES = Path(__file__).parent / "oracles"
BFI = json.loads((ORACLES / "psych_bfi.json").read_text(encoding="utf-8"))
MOBI = datasets.load("mobi")
BLOCKS = {"image": [f"IMAG{i}" for i in range(1, 6)], "quality": [f"PERQ{i}" for i in range(1, 8)]}


def test_mahalanobis_of_bfi_to_its_printed_digits():
    part = BFI["first300"]
    cov = np.zeros((25, 25))
    cov[np.tril_indices(25)] = part["cov"]
    cov = cov + np.tril(cov, -1).T
    distance, p_value = quality.mahalanobis(np.array(part["rows"], dtype=float), np.array(part["mean"]), cov)
    assert np.round(distance, 5).tolist() == [12.92479, 26.95817, 14.74302]
    assert ((p_value > 0) & (p_value < 1)).all()


def test_mahalanobis_uses_the_answers_given():
    x = MOBI.to_numpy(float)[:, :3].copy()
    mean, cov = x.mean(axis=0), np.cov(x.T)
    x[0, 2] = np.nan
    x[1] = np.nan
    distance, p_value = quality.mahalanobis(x, mean, cov)
    gap = x[0, :2] - mean[:2]
    assert distance[0] == pytest.approx(gap @ np.linalg.solve(cov[:2, :2], gap))
    assert np.isnan(distance[1]) and np.isnan(p_value[1])


@pytest.mark.parametrize(
    ("row", "run", "spread", "line"),
    [
        ([5, 5, 5, 5], 4, 0.0, True),
        ([1, 2, 2, 2], 3, 0.5, False),
        ([5, np.nan, 5, 5], 2, 0.0, True),
        ([5, np.nan, np.nan, np.nan], 1, np.nan, False),
        ([np.nan] * 4, 0, np.nan, False),
        ([1, 2, 1, 2], 1, np.sqrt(1 / 3), False),
    ],
)
def test_runs_spread_and_straight_lines_by_hand(row, run, spread, line):
    x = np.array([row, [1, 5, 2, 4]], dtype=float)
    assert quality.longstring(x).tolist() == [run, 1]
    np.testing.assert_allclose(quality.intra_individual_variability(x)[0], spread)
    assert quality.straight(x).tolist() == [line, False]


def test_little_on_airquality_is_the_published_number():
    found = little(pd.read_csv(ORACLES / "r_airquality.csv", comment="#").to_numpy(float))
    assert (round(found.statistic, 5), found.df, found.patterns) == (35.10617, 14, 4)
    assert round(found.p_value, 7) == 0.0014178


def test_little_without_blanks_or_covariance_is_nan():
    assert np.isnan(little(MOBI.to_numpy(float)).statistic)
    x = np.array([[1.0, 1, np.nan], [2, 2, 1], [3, np.nan, 2], [4, 4, 3]])
    x[:, 1] = x[:, 0]
    assert np.isnan(little(x).p_value)


def planted() -> pd.DataFrame:
    data = MOBI.astype(float).copy()
    data.iloc[0] = 7
    data.iloc[5] = data.iloc[6]
    data.iloc[10, 0], data.iloc[11, 1] = 99, 11
    data.iloc[12, :20] = np.nan
    data.iloc[13] = np.nan
    return data.assign(seconds=np.r_[np.full(249, 300.0), 60.0], check=np.r_[2, np.full(249, 3)])


def test_every_planted_sign_is_found_and_nothing_is_deleted():
    data = planted()
    before = data.copy()
    found = screen(data, list(MOBI.columns), scale=(1, 10), time="seconds", attention={"check": 3})
    pd.testing.assert_frame_equal(data, before)
    flagged = {sign: np.flatnonzero(found.flags[sign] == 1).tolist() for sign in found.summary.index}
    assert {0} <= set(flagged["straight"]) and {0} <= set(flagged["long_string"])
    assert flagged["duplicate"] == [5, 6]
    assert flagged["out_of_range"] == [10, 11] and flagged["missing_code"] == [10]
    assert flagged["many_missing"] == [12, 13]
    assert flagged["speeding"] == [249] and flagged["attention"] == [0]
    assert np.isnan(found.flags["outlier"].iloc[13])
    assert len(found.flags) == 250 and found.flags.index.equals(data.index)
    assert found.codes.loc[("CUEX1", 99.0), ["outside", "suspicious"]].tolist() == [1, 1]
    assert any("CUEX2: code 11 outside its scale (1 times)" in line for line in found.log)


def test_keep_selects_rows_but_only_when_asked():
    found = screen(planted(), list(MOBI.columns), scale=(1, 10))
    assert found.keep().sum() == (found.flags["flags"] == 0).sum()
    assert not found.keep(["duplicate"]).iloc[[5, 6]].any() and found.keep(["duplicate"]).iloc[0]
    with pytest.raises(SettingsError, match="no such sign: 'strait'"):
        found.keep(["strait"])


def test_a_model_says_what_is_unknown_and_reversed_items_are_not_turned_on_paper():
    data = MOBI[["CUSA1", "CUSA2", "CUSA3", "CUSCO"]].astype(float)
    data.iloc[0, :3] = 5
    data.iloc[1, 0] = 98
    items = [Item("CUSA1", unknown=(98,)), Item("CUSA2", reversed=True), "CUSA3"]
    model = Model("m", {"s": Construct(items), "c": ["CUSCO"]}, {"s": ["c"]}, index="s", scale=(1, 10))
    found = screen(data, model)
    assert found.measures["straight_blocks"].iloc[0] == 1 and found.flags["straight"].iloc[0] == 1
    assert found.codes.loc[("CUSA1", 98.0)].tolist() == [1, 0, 1, 0]
    assert found.summary.loc["out_of_range", "n"] == 0


def test_patterns_add_up_and_little_is_reported():
    holes = MOBI.mask(np.random.default_rng(1).random(MOBI.shape) < 0.02)
    found = screen(holes, scale=(1, 10))
    assert found.patterns["n"].sum() == 250 and found.patterns["n"].is_monotonic_decreasing
    assert 0 < found.mcar["p_value"].iloc[0] < 1
    assert found.log[-1].startswith("Little's MCAR test")


def test_few_items_are_not_suspected_of_what_honest_people_do():
    found = screen(MOBI[["CUSA1", "CUSA2", "CUSA3"]], scale=(1, 10))
    assert {"long_string", "duplicate"}.isdisjoint(found.summary.index)
    assert any("too few items to look for: long_string, duplicate" in line for line in found.log)
    told = screen(MOBI[["CUSA1", "CUSA2", "CUSA3"]], scale=(1, 10), long_string=3)
    assert told.summary.loc["long_string", "n"] == np.sum(np.ptp(MOBI[["CUSA1", "CUSA2", "CUSA3"]], axis=1) == 0)


def test_columns_of_time_and_checks_are_no_items():
    data = MOBI.assign(seconds=100.0, check=3)
    found = screen(data, time="seconds", attention={"check": 3})
    assert len(found.patterns.columns) == 24 + 2 and found.summary.loc["attention", "n"] == 0


def test_without_a_scale_the_log_says_what_could_not_be_seen():
    assert any("no scale was given" in line for line in screen(MOBI).log)
    assert repr(screen(MOBI)).isascii()


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: screen(MOBI, outlier=0), SettingsError, "outlier must be positive"),
        (lambda: screen(MOBI, speed=2), SettingsError, "speed is a share"),
        (lambda: screen(MOBI, time="seconds"), DataError, "'seconds' is not a column"),
        (lambda: screen(MOBI.assign(t=0), list(MOBI.columns), time="t"), DataError, "not positive"),
        (lambda: screen(MOBI, attention={"chek": 1}), DataError, "attention check 'chek' is not a column"),
    ],
)
def test_refusals_say_what_would_be_right(call, error, says):
    with pytest.raises(error, match=says):
        call()


@pytest.mark.parametrize("n", [2, 10])
def test_few_respondents_have_measures_even_without_distances(n):
    found = screen(MOBI.head(n), scale=(1, 10))
    assert found.measures["mahalanobis"].isna().all() and found.measures["longstring"].notna().all()


def test_a_constant_item_does_not_break_the_distances():
    found = screen(MOBI.assign(k=1), scale=(1, 10))
    np.testing.assert_allclose(found.measures["mahalanobis"], screen(MOBI, scale=(1, 10)).measures["mahalanobis"])
