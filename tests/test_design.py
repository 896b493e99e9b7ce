"""A `Design` is words: names of columns, checked at once, refused where they contradict each other."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest

from csi.design import Design
from csi.errors import DataError, SettingsError

FRAME = pd.DataFrame({"w": [1.0, 2.0]})


def test_one_line_names_only_what_was_given():
    assert repr(Design()) == "Design()"
    assert repr(Design(weight="w", stratum="s", single_psu="centered")) == (
        "Design(weight='w', stratum='s', single_psu='centered')"
    )
    many = Design(weight="w", replicates=[f"r{i}" for i in range(100)], kind="brr")
    assert repr(many) == "Design(weight='w', replicates=('r0', ..., 'r99'), kind='brr')"


def test_columns_in_order():
    assert Design(weight="w", stratum="s", cluster="c", fpc="N").columns == ("w", "s", "c", "N")
    assert Design(replicates=["b", "a"], kind="bootstrap", weight="w").columns == ("w", "b", "a")
    assert Design().columns == ()


@pytest.mark.parametrize(
    ("words", "scale", "rscales"),
    [
        ({"kind": "bootstrap"}, 1 / 3, (1.0,) * 4),
        ({"kind": "jackknife"}, 3 / 4, (1.0,) * 4),
        ({"kind": "brr"}, 1 / 4, (1.0,) * 4),
        ({"kind": "fay", "scale": 1 / (4 * 0.7**2)}, 1 / (4 * 0.7**2), (1.0,) * 4),
        ({"kind": "jackknife", "rscales": [0.5, 0.5, 0.75, 0.75]}, 1.0, (0.5, 0.5, 0.75, 0.75)),
        ({"kind": "bootstrap", "scale": 0.1}, 0.1, (1.0,) * 4),
    ],
)
def test_scales_of_the_replicate_variance(words, scale, rscales):
    design = Design(weight="w", replicates=["r1", "r2", "r3", "r4"], **words)
    assert design.replicate_scale == pytest.approx(scale, rel=1e-15)
    assert design.replicate_rscales == rscales


@pytest.mark.parametrize(
    "words",
    [
        {"weight": FRAME["w"]},
        {"weight": FRAME},
        {"stratum": np.array(["a", "b"])},
        {"cluster": [1, 2]},
        {"fpc": 6194},
        {"replicates": FRAME, "kind": "brr"},
        {"replicates": np.ones((3, 2)), "kind": "brr"},
    ],
)
def test_data_is_refused_and_told_where_to_go(words):
    with pytest.raises(DataError, match=r"A Design names columns; the data goes to"):
        Design(**words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"weight": "w", "count": "n"}, "weight and count exclude each other"),
        ({"stratum": "s", "cluster": "s"}, "column 's' is named twice, as stratum and as cluster"),
        ({"replicates": ["a", "b"]}, "needs kind="),
        ({"replicates": "rep_"}, "list of column names"),
        ({"replicates": ["a"], "kind": "brr"}, "at least two"),
        ({"replicates": ["a", "a"], "kind": "brr"}, "names a column twice: a"),
        ({"replicates": ["a", "b"], "kind": "fay"}, "rho"),
        ({"replicates": ["a", "b"], "kind": "brr", "stratum": "s"}, "leave out stratum"),
        ({"replicates": ["a", "b"], "kind": "brr", "rscales": [1]}, "1 numbers for 2 replicates"),
        ({"replicates": ["a", "b"], "kind": "brr", "rscales": [1, -1]}, "must not be negative"),
        ({"replicates": ["a", "b"], "kind": "brr", "rscales": ["x", "y"]}, "sequence of numbers"),
        ({"kind": "brr"}, "names none"),
        ({"scale": 2}, "names none"),
        ({"kind": "bootsrap", "replicates": ["a", "b"]}, "did you mean 'bootstrap'"),
        ({"single_psu": "certain"}, "did you mean 'certainty'"),
        ({"df": 0}, "positive number"),
        ({"weight": " "}, "empty name"),
    ],
)
def test_contradictions_are_named(words, said):
    with pytest.raises(SettingsError, match=said):
        Design(**words)


def test_all_contradictions_at_once():
    with pytest.raises(SettingsError, match=r"3 problems") as caught:
        Design(weight="a", count="a", kind="brr")
    assert "exclude each other" in str(caught.value)
    assert "named twice" in str(caught.value)


def test_a_design_without_replicates_has_no_replicate_scale():
    with pytest.raises(SettingsError, match="no replicate weights"):
        _ = Design(weight="w").replicate_scale


def test_frozen_hashable_pickles_and_derives():
    design = Design(weight="w", replicates=["a", "b"], kind="brr")
    assert pickle.loads(pickle.dumps(design)) == design
    assert hash(design) == hash(Design(weight="w", replicates=("a", "b"), kind="brr"))
    assert replace(design, kind="bootstrap").replicate_scale == 1.0
    with pytest.raises(FrozenInstanceError):
        design.weight = "v"
