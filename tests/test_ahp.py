"""AHP, entropy and fuzzy evaluation against hand calculation, ahpy 2.1 and pymcdm 1.4.0 (numbers as printed there)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import csi
from csi.errors import DataError, SettingsError
from csi.numerics import ahp as numeric
from csi.numerics import entropy as entropies
from csi.numerics import fuzzy as operators
from csi.questionnaire import ahp, entropy, fuzzy

THREE = [[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]
OBJECTS = [[2, 1500, 20000, 5.5], [2.5, 2700, 18000, 6.5], [1.8, 2000, 21000, 4.5], [2.2, 1800, 20000, 5]]
# Rows: products and services, image, attitude, efficiency; columns: four grades, per cent.
TABLE_3_2 = [[32, 36, 21, 11], [28, 32, 23, 17], [25, 30, 24, 21], [27, 33, 25, 15]]


def test_principal_eigenvector():
    found = ahp(THREE, ["a", "b", "c"])
    assert found.weights.round(6).tolist() == [0.648329, 0.229651, 0.122020]
    assert round(found.eigenvalue, 7) == 3.0036946


@pytest.mark.parametrize(("table", "ratio"), [("saaty1980", 0.003185), ("saaty2005", 0.003552)])
def test_consistency_ratio_by_a_named_table(table, ratio):
    found = ahp(THREE, random_index=table)
    assert round(found.consistency_ratio, 6) == ratio
    assert table in repr(found)


def test_a_consistent_matrix_gives_its_ratios():
    weights = np.array([0.5, 0.3, 0.15, 0.05])
    found = ahp(weights[:, None] / weights)
    assert np.allclose(found.weights, weights, rtol=1e-12)
    assert abs(found.consistency_ratio) < 1e-12
    assert not found.inconsistent


def test_experts_join_by_the_geometric_mean():
    doubled = [[1, 2], [1 / 2, 1]], [[1, 8], [1 / 8, 1]]
    assert ahp(list(doubled)).weights.round(12).tolist() == [0.8, 0.2]
    turned = np.array(THREE).T
    assert np.allclose(ahp([THREE, turned]).weights, 1 / 3)


def test_contradiction_is_told():
    circle = [[1, 3, 1 / 3], [1 / 3, 1, 3], [3, 1 / 3, 1]]
    found = ahp([THREE, circle])
    assert "expert 2" in found.inconsistent
    assert "inconsistent" in repr(found)


def test_a_data_frame_is_read_by_its_names():
    frame = pd.DataFrame(THREE, ["a", "b", "c"], ["a", "b", "c"])
    turned = frame.loc[["c", "a", "b"], ["b", "c", "a"]]
    assert ahp(turned, ["a", "b", "c"]).weights.round(6).tolist() == [0.648329, 0.229651, 0.122020]


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([[1, 3], [3, 1]], "1 against 2 is 3, and the reverse 3, not 0.3333"),
        ([[1, -3], [-1 / 3, 1]], "judgements are positive"),
        ([[1, 2, 3], [1 / 2, 1, 2]], "square"),
        ([["x", 2], [1 / 2, 1]], "numbers"),
    ],
)
def test_bad_judgements_are_named(matrix, said):
    with pytest.raises(DataError, match=said):
        ahp(matrix)


def test_an_unknown_random_index_is_refused():
    with pytest.raises(SettingsError, match="saaty1980"):
        ahp(THREE, random_index="saaty1981")


def test_random_index_ends():
    assert numeric.consistency_ratio(0.1, 2, "saaty1980") == 0
    assert np.isnan(numeric.consistency_ratio(0.1, 99, "saaty1980"))


# -- entropy ----------------------------------------------------------------------------------------------


def test_entropy_weights():
    table = entropy(pd.DataFrame(OBJECTS, columns=list("abcd")))
    assert table["weight"].round(8).tolist() == [0.17583911, 0.56455068, 0.03682964, 0.22278057]
    assert table.attrs["n"] == 4


def test_case_weights_are_repeated_rows():
    x, w = np.array(OBJECTS), np.array([1.0, 3.0, 2.0, 1.0])
    repeated = np.repeat(x, w.astype(int), axis=0)
    assert np.allclose(entropies.entropy_weights(x, w), entropies.entropy_weights(repeated), rtol=1e-12)


def test_zeros_and_scaling_are_stated():
    x = pd.DataFrame({"a": [0.0, 1.0, 2.0], "b": [1.0, 1.0, 1.0], "c": [-1.0, 0.0, 1.0]})
    with pytest.raises(DataError, match="c hold negative values"):
        entropy(x)
    scaled = entropy(x, scaling="min-max")
    assert scaled.loc["b", "weight"] == 0
    assert scaled.loc["a", "weight"] == scaled.loc["c", "weight"] == 0.5


def test_rows_with_blanks_are_left_out_and_counted():
    x = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": [1.0, 3.0, 9.0]})
    assert entropy(x).attrs["n"] == 2
    with pytest.raises(DataError, match="no column tells the rows apart"):
        entropy(pd.DataFrame({"a": [1.0, 1.0], "b": [2.0, 2.0]}))


# -- fuzzy ------------------------------------------------------------------------------------------------


def test_fuzzy_evaluation_of_the_thesis():
    found = fuzzy(TABLE_3_2, values=(100, 80, 60, 40))
    assert found.membership.round(6).tolist() == [0.28, 0.3275, 0.2325, 0.16]
    assert round(found.score, 10) == 74.55


# A restaurant: taste, service, surroundings, price in four grades (the example of dtcms.com/a/298653).
R = np.array([[0.5, 0.3, 0.2, 0.0], [0.2, 0.4, 0.3, 0.1], [0.1, 0.3, 0.5, 0.1], [0.0, 0.2, 0.4, 0.4]])
W = np.array([0.4, 0.3, 0.2, 0.1])


@pytest.mark.parametrize(
    ("operator", "by_hand"),
    [
        ("weighted-average", [0.28, 0.32, 0.31, 0.09]),
        ("max-min", [0.4, 0.3, 0.3, 0.1]),
        ("max-product", [0.2, 0.12, 0.1, 0.04]),
        ("bounded-sum", [0.7, 0.9, 0.8, 0.3]),
    ],
)
def test_operators_by_hand(operator, by_hand):
    found = fuzzy(R, W, values=(100, 80, 60, 40), operator=operator)
    assert np.allclose(found.membership, by_hand, rtol=0, atol=1e-12)
    expected = np.dot(by_hand, (100, 80, 60, 40)) / np.sum(by_hand)
    assert found.score == pytest.approx(expected, rel=1e-12)


def test_the_published_score():
    assert fuzzy(R, W, values=(100, 80, 60, 40)).score == pytest.approx(75.8, abs=1e-10)


def test_bounded_sum_is_bounded():
    assert operators.compose(np.array([0.9, 0.9]), np.ones((2, 1)), "bounded-sum").tolist() == [1.0]


def test_rows_are_brought_to_sum_one_and_columns_named():
    frame = pd.DataFrame(TABLE_3_2, columns=["very satisfied", "satisfied", "fair", "poor"])
    assert fuzzy(frame * 7, values=(100, 80, 60, 40)).score == pytest.approx(74.55)
    assert list(fuzzy(frame).membership.index) == list(frame.columns)


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"weights": [1, 2]}, SettingsError), ({"values": (1, 2)}, SettingsError), ({"operator": "sum"}, SettingsError)],
)
def test_bad_settings_are_refused(changes, error):
    with pytest.raises(error):
        fuzzy(TABLE_3_2, **changes)
    with pytest.raises(DataError):
        fuzzy([[0, 0], [1, 2]])


def test_the_room_is_open():
    assert csi.questionnaire.ahp is ahp
