"""Many groups at once: each as if it were alone, a bad one spoils nobody."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from test_index import ECSI

import csi
from csi.errors import DataError

FINE = csi.PLS(tolerance=1e-12)
SMALL = csi.Model(
    "small", {"quality": csi.items("PERQ", 3), "satisfaction": csi.items("CUSA", 3), "loyalty": ["CUSL1", "CUSL3"]},
    {"quality": ["satisfaction"], "satisfaction": ["loyalty"]}, scale=(1, 10),
)  # fmt: skip
SOME = [item.name for item in SMALL.items]


def companies(number: int, size: int = 40, seed: int = 0) -> pd.DataFrame:
    """Respondents of several companies."""
    data = csi.simulate(SMALL, n=number * size, rng=seed)
    return data.assign(company=np.repeat([f"c{i:03d}" for i in range(number)], size))


@pytest.mark.parametrize("missing", ["pairwise", "listwise"])
def test_all_at_once_is_one_by_one(mobi, missing):
    data = mobi.mask(np.random.default_rng(3).random(mobi.shape) < 0.02).assign(
        wave=[2023, 2024, 2025, 2024, 2023] * 50
    )
    study = csi.Study(ECSI, method=FINE, missing=missing)
    together = study.fit(data, by="wave")
    assert together.groups == [2023, 2024, 2025]
    for wave, part in data.groupby("wave"):
        alone = study.fit(part)
        for noun in ("index", "paths", "weights", "r2", "impacts"):
            ours = getattr(together, noun)().loc[wave]
            np.testing.assert_allclose(ours, getattr(alone, noun)(), rtol=1e-6, atol=1e-8)
            np.testing.assert_allclose(getattr(together[wave], noun)(), getattr(alone, noun)(), rtol=1e-6, atol=1e-8)


def test_groups_are_the_first_row_level_named_as_the_column(mobi):
    fit = csi.Study(SMALL).fit(mobi.assign(wave=[1, 2] * 125, sex=["f", "m", "m", "f", "f"] * 50), by=["wave", "sex"])
    assert fit.paths().index.names == ["wave", "sex", "cause", "effect"]
    assert fit.index().index.names == ["wave", "sex", "construct"]
    assert fit.groups == [(1, "f"), (1, "m"), (2, "f"), (2, "m")]
    assert fit.n.index.tolist() == fit.groups
    assert fit[1].groups == ["f", "m"]
    assert fit[1].index().index.names == ["sex", "construct"]
    np.testing.assert_allclose(fit[1]["m"].index(), fit.index().loc[(1, "m")])
    np.testing.assert_allclose(fit[(2, "f")].index(), fit.index().loc[(2, "f")])
    assert fit[(2, "f")].groups == []


@pytest.mark.parametrize(
    "labels",
    [
        [2024, 2025],
        ["老客户", "新客户"],
        [True, False],
        [1.5, 2.5],
        list(pd.to_datetime(["2024-01-01", "2025-01-01"])),
        list(pd.Categorical(["low", "high"], categories=["low", "high"], ordered=True)),
    ],
)
def test_labels_of_any_kind(mobi, labels):
    data = mobi.assign(group=pd.Series([labels[0]] * 120 + [labels[1]] * 130))
    fit = csi.Study(SMALL).fit(data, by="group")
    assert fit.groups == sorted(labels)
    for label, size in zip(labels, (120, 130), strict=True):
        assert fit.n[label] == size
        assert fit[label].index()["estimate"].notna().all()
    drawn = fit.bootstrap(10, rng=1)
    assert drawn.replicates("index").index.names == ["group", "replicate"]


def test_ordered_categories_keep_their_order(mobi):
    """Small, medium, large: the user's order, not the alphabet's."""
    size = pd.Categorical(["small", "large"] * 125, categories=["small", "medium", "large"], ordered=True)
    assert csi.Study(SMALL).fit(mobi.assign(size=size), by="size").groups == ["small", "large"]


def test_one_bad_group_in_four_hundred_spoils_nobody():
    """Company c123 gave one answer to everything: its rows are NaN, a doubt names it, the others keep every digit."""
    data = companies(400)
    broken = data.copy()
    broken.loc[broken["company"] == "c123", "CUSA2"] = 7
    study = csi.Study(SMALL)
    ours, healthy = study.fit(broken, by="company"), study.fit(data, by="company")
    for noun in ("impacts", "effects", "r2"):
        gone = getattr(ours, noun)().isna().any(axis=1).groupby(level=0).any()
        assert gone[gone].index.tolist() == ["c123"]
        kept, expected = (getattr(fit, noun)().drop("c123", level=0) for fit in (ours, healthy))
        np.testing.assert_allclose(kept, expected, rtol=1e-10, atol=1e-12)
    drawn = ours.bootstrap(20, rng=1)
    assert drawn.index()["std_error"].isna().groupby(level=0).all().sum() == 1
    assert drawn.index()["estimate"].isna().groupby(level=0).all().sum() == 1
    np.testing.assert_allclose(
        drawn.replicates("index").drop("c123", level=0),
        healthy.bootstrap(20, rng=1).replicates("index").drop("c123", level=0), rtol=1e-10,
    )  # fmt: skip
    # A group without an estimate is a doubt of its own, not a share of failed replicates.
    table = drawn.check().set_index("code")
    assert table.loc["group_not_estimated", "subject"] == "c123"
    assert "CUSA2 does not vary" in table.loc["group_not_estimated", "message"]
    assert "failed_replicates" not in table.index


@pytest.mark.parametrize("size", [1, 2])
def test_a_group_of_one_or_two(size):
    data = companies(3)
    data = pd.concat([data, data.tail(size).assign(company="tiny")])
    with warnings.catch_warnings(action="error"):
        fit = csi.Study(SMALL).fit(data, by="company")
        drawn = fit.bootstrap(10, rng=1)
    assert fit.index()["estimate"].notna().groupby(level=0).all().tolist() == [True, True, True, False]
    assert drawn.index()["std_error"].notna().groupby(level=0).all().tolist() == [True, True, True, False]
    assert fit.check()["subject"].tolist() == ["tiny"]
    assert "tiny" in repr(fit)


def test_a_group_in_which_nobody_answered_an_item():
    data = companies(3).astype({"CUSA1": float})
    data.loc[data["company"] == "c001", "CUSA1"] = np.nan
    fit = csi.Study(SMALL).fit(data, by="company")
    assert fit.index()["estimate"].isna().groupby(level=0).all().tolist() == [False, True, False]
    assert fit.index()["estimate"].isna().groupby(level=0).any().tolist() == [False, True, False]


def test_a_group_that_listwise_deletion_empties():
    data = companies(3).astype({"CUSA1": float})
    data.loc[data["company"] == "c001", "CUSA1"] = np.nan
    fit = csi.Study(SMALL, missing="listwise").fit(data, by="company")
    assert fit.groups == ["c000", "c001", "c002"]
    assert fit.n.tolist() == [40, 0, 40]
    assert fit.index()["estimate"].isna().groupby(level=0).all().tolist() == [False, True, False]
    assert fit.check()["code"].tolist() == ["group_not_estimated"]


def test_if_no_group_can_be_estimated_the_reason_is_told():
    with pytest.raises(csi.errors.EstimationError, match="'CUSA1' does not vary"):
        csi.Study(SMALL).fit(companies(3).assign(CUSA1=4), by="company")


def test_standard_errors_of_one_group_can_be_asked_after_it_is_taken_out(mobi):
    fit = csi.Study(SMALL).fit(mobi.assign(wave=[1, 2] * 125), by="wave")
    pd.testing.assert_frame_equal(fit[2].index(), fit.index().loc[2], rtol=1e-9, check_index_type=False)
    fit[2].index()
    pd.testing.assert_frame_equal(fit[1].paths(), fit.paths().loc[1], rtol=1e-9, check_index_type=False)


@pytest.mark.parametrize(
    ("by", "change", "message"),
    [
        ("wvae", {}, "did you mean 'wave'"),
        (["wave", "sexe"], {}, "'sexe' is not a column"),
        ("wave", {"wave": [None] * 5 + ["a"] * 245}, r"'wave' has 5 blanks.*data\[data\['wave'\].notna\(\)\]"),
        (["wave", "wave"], {}, "twice"),
    ],
)
def test_groups_that_cannot_be_made(mobi, by, change, message):
    data = mobi.assign(**{"wave": [1, 2] * 125} | change)
    with pytest.raises(DataError, match=message):
        csi.Study(SMALL).fit(data, by=by)


def test_unknown_groups_are_named(mobi):
    fit = csi.Study(SMALL).fit(mobi.assign(company=["Alpha", "Beta"] * 125), by="company")
    with pytest.raises(DataError, match=r"'Alhpa' is not a group; did you mean 'Alpha'\?; there are 'Alpha', 'Beta'"):
        fit["Alhpa"]
    with pytest.raises(csi.NotAvailable, match="one group"):
        csi.Study(SMALL).fit(mobi)["Alpha"]


def test_moments_with_groups(mobi):
    """Moments of two waves are fitted in one call, as the answers are."""
    data = mobi.assign(wave=[2024, 2025] * 125)
    parts = [part[SOME] for _, part in data.groupby("wave")]
    moments = csi.Moments(
        n=[len(part) for part in parts], mean=[part.mean() for part in parts], cov=[part.cov() for part in parts],
        items=SOME, groups=[2024, 2025], by="wave",
    )  # fmt: skip
    ours, theirs = csi.Study(SMALL, method=FINE).fit(moments), csi.Study(SMALL, method=FINE).fit(data, by="wave")
    pd.testing.assert_series_equal(ours.index()["estimate"], theirs.index()["estimate"], rtol=1e-10)
    pd.testing.assert_series_equal(ours.paths()["estimate"], theirs.paths()["estimate"], rtol=1e-8)
    pd.testing.assert_series_equal(ours[2025].paths()["estimate"], theirs[2025].paths()["estimate"], rtol=1e-8)


def test_a_group_column_may_be_named_as_anything(mobi):
    fit = csi.Study(SMALL).fit(mobi.assign(construct=["x", "y"] * 125), by="construct")
    assert fit.index().loc["x"].index.tolist() == ["satisfaction", "quality", "loyalty"]
    assert fit.priorities().shape[0] == 2


def test_many_companies_keep_the_order_of_their_labels():
    data = companies(40, size=30).sample(frac=1, random_state=0)
    fit = csi.Study(SMALL).fit(data, by="company")
    assert fit.groups == sorted(data["company"].unique())
    assert fit.index().shape == (120, 4)
    assert "and 28 more groups" in repr(fit)
