"""Groups exchanged: MICOM, permutation and bootstrap tests equal cSEM and seminr draw by draw; designs are kept."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from assess_oracles import FOLDER, MODELS

import csi
from csi.numerics import exchange
from csi.results import invariance

ORACLE = json.loads((FOLDER / "groups.json").read_text(encoding="utf-8"))
LABELS = np.array([[int(letter) for letter in row] for row in ORACLE["permutations"]])
FINE = csi.PLS(tolerance=1e-12)


@pytest.fixture
def halves(mobi) -> pd.DataFrame:
    return mobi.assign(half=np.where(np.arange(250) < 125, 1, 2))


@pytest.fixture
def exchanged(halves) -> csi.Fit:
    return csi.Study(MODELS["ecsi"], method=FINE).fit(halves, by="half").permute(groups=LABELS)


def test_observed_statistics_equal_csem(exchanged):
    for items, name in (("standardized", "c_std"), ("raw", "c_raw")):
        table = exchanged.invariance(items=items).loc[(1, 2)]
        np.testing.assert_allclose(table["c"], pd.Series(ORACLE[name])[table.index], rtol=0, atol=1e-10)
    # cSEM takes first minus second.
    np.testing.assert_allclose(table["mean"], -pd.Series(ORACLE["mean_diff"])[table.index], atol=1e-10)
    np.testing.assert_allclose(table["variance"], -pd.Series(ORACLE["logvar_diff"])[table.index], atol=1e-10)


def test_given_permutations_equal_csem_draw_by_draw(exchanged):
    core, way = exchanged.core, exchanged.permuted.pairs[0, 1]
    weights = way.compute(core, lambda _, estimates: estimates.weights)
    names = list(core.blueprint.constructs)
    for items, name in (("standardized", "perm_c_std"), ("raw", "perm_c_raw")):
        c = invariance._composite_correlations(core, way, items)(weights[:, 0], weights[:, 1])
        np.testing.assert_allclose(c, np.array([ORACLE[name][key] for key in names]), rtol=0, atol=1e-9)
    _, (mean, variance) = invariance._third_step(core, way)
    theirs = ORACLE["perm_meanvar"]
    np.testing.assert_allclose(-mean, [theirs[f"mean {key}"] for key in names], rtol=0, atol=1e-9)
    np.testing.assert_allclose(-variance, [theirs[f"logvar {key}"] for key in names], rtol=0, atol=1e-9)
    paths = exchanged._noun("paths")
    drawn = way.compute(core, paths.flat)
    for row, pair in enumerate(paths.rows):
        gap = drawn[row, 0] - drawn[row, 1]
        np.testing.assert_allclose(gap, ORACLE["perm_paths"][" -> ".join(pair)], rtol=0, atol=1e-9)


def test_p_values_of_permutations_are_counted(exchanged):
    table = exchanged.differences(correction=None).loc[(1, 2)]
    for pair, row in table.iterrows():
        draws = np.array(ORACLE["perm_paths"][" -> ".join(pair)])
        far = (np.abs(draws) >= abs(row["estimate"])).sum()
        assert row["p_value"] == pytest.approx((1 + far) / 41)
    micom = exchanged.invariance().loc[(1, 2)]
    for name, row in micom.iterrows():
        small = (np.array(ORACLE["perm_c_std"][name]) <= row["c"] + 1e-12).sum()
        assert row["c_p"] == pytest.approx((1 + small) / 41)
    assert micom.loc["complaints", "c_p"] == 1


def test_omnibus_distances_equal_csem(halves):
    """cSEM's model has composites only."""
    model = MODELS["ecsi"]
    blocks = {name: csi.Construct(block.items, kind="composite") for name, block in model.constructs.items()}
    fit = csi.Study(model.replace(constructs=blocks), method=FINE).fit(halves, by="half").permute(100, rng=1)
    table = fit.omnibus()
    assert table.loc["d_g", "estimate"] == pytest.approx(ORACLE["klesel"]["dG"], abs=1e-8)
    assert table.loc["d_uls", "estimate"] == pytest.approx(ORACLE["klesel"]["dL"], abs=1e-8)
    assert table["p_value"].between(0.4, 1).all()


def test_bootstrap_tests_equal_seminr(halves):
    rows = [np.array([row.split() for row in ORACLE[name]], int) for name in ("resamples_first", "resamples_second")]
    cases = np.hstack([[np.bincount(row, minlength=125) for row in each] for each in rows])
    fit = csi.Study(MODELS["ecsi"], method=FINE).fit(halves, by="half").bootstrap(cases=cases)
    henseler = fit.differences(test="henseler").loc[(1, 2)]
    parametric, welch = (fit.differences(test=test).loc[(1, 2)] for test in ("parametric", "welch"))
    for pair in henseler.index:
        key = " -> ".join(pair)
        assert henseler.loc[pair, "probability"] == pytest.approx(ORACLE["henseler"][key], abs=1e-9)
        assert -parametric.loc[pair, "statistic"] == pytest.approx(ORACLE["t_pooled"][key], abs=1e-8)
        assert parametric.loc[pair, "p_value"] == pytest.approx(ORACLE["p_pooled"][key], abs=1e-8)
        assert -welch.loc[pair, "statistic"] == pytest.approx(ORACLE["t_welch"][key], abs=1e-8)
    assert (parametric["df"] == 248).all()
    assert welch["df"].between(124, 248).all()


def test_any_number_of_groups(mobi):
    data = mobi.assign(wave=np.arange(250) % 3)
    fit = csi.Study(MODELS["ecsi"]).fit(data, by="wave").permute(200, rng=1)
    pairs = [(0, 1), (0, 2), (1, 2)]
    table = fit.differences("r2")
    assert list(dict.fromkeys(table.index.droplevel(["construct", "measure"]))) == pairs
    assert (table["p_adjusted"] >= table["p_value"]).all()
    assert len(fit.invariance()) == 3 * 7
    assert fit.permuted.every.members == (0, 1, 2)
    assert fit.omnibus()["p_value"].between(0.01, 1).all()
    two = csi.Study(MODELS["ecsi"]).fit(data[data["wave"] < 2], by="wave").permute(200, rng=1)
    pd.testing.assert_frame_equal(two.invariance(), fit.invariance().loc[[0]].loc[(slice(None), [1]), :])


def test_more_permutations_begin_with_the_fewer(halves):
    study = csi.Study(MODELS["ecsi"])
    few, many = (study.fit(halves, by="half").permute(size, rng=3) for size in (300, 600))
    np.testing.assert_array_equal(few.permuted.pairs[0, 1].mean, many.permuted.pairs[0, 1].mean[..., :300])


def test_groups_that_differ_are_found_and_equal_ones_are_not():
    """Two populations: one model, other loadings and means in the second."""
    model = csi.Model("m", {"quality": ["q1", "q2", "q3"], "satisfaction": ["s1", "s2", "s3"]},
                      {"quality": ["satisfaction"]}, scale=(1, 10))  # fmt: skip
    rng = np.random.default_rng(0)

    def people(n, loadings, shift):
        factor = rng.standard_normal(n)
        other = 0.7 * factor + 0.7 * rng.standard_normal(n)
        items = {f"q{i + 1}": load * factor + rng.standard_normal(n) for i, load in enumerate(loadings)}
        items |= {f"s{i + 1}": other + rng.standard_normal(n) + shift for i in range(3)}
        return pd.DataFrame(items) + 5

    def fitted(second):
        data = pd.concat([people(400, (1, 1, 1), 0).assign(g="a"), second.assign(g="b")])
        return (
            csi.Study(model.replace(scale=(-20, 30))).fit(data, by="g").permute(500, rng=1).invariance().loc["a", "b"]
        )

    same, moved, other = (
        fitted(people(400, loads, by)) for loads, by in (((1, 1, 1), 0), ((1, 1, 1), 0.5), ((2, 0.3, 0.1), 0))
    )
    assert same["level"].tolist() == [2, 2]
    assert moved.loc["satisfaction", "level"] == 1
    assert moved.loc["satisfaction", "mean"] > 0
    assert other.loc["quality", "level"] == 0
    assert other.loc["quality", "c_p"] < 0.01


def test_comparisons_carry_invariance(halves):
    fit = csi.Study(MODELS["ecsi"]).fit(halves, by="half")
    table = fit.compare(1, 2)
    assert table.columns[-2:].tolist() == ["invariance", "invariance_p"]
    micom = fit.permute(1_000, rng=0).invariance().loc[(1, 2)]
    np.testing.assert_array_equal(table["invariance_p"], micom["c_p"][table.index])
    paths = fit.compare(1, 2, of="paths")
    pair = ("image", "satisfaction")
    assert paths.loc[pair, "invariance_p"] == micom["c_p"][list(pair)].min()
    items = fit.compare(1, 2, of="loadings")
    assert items.loc[("image", "IMAG1"), "invariance_p"] == micom.loc["image", "c_p"]
    assert table.attrs["doubts"] == []
    without = fit.compare(1, 2, invariance=False)
    assert "invariance" not in without
    assert "not asked" in without.attrs["doubts"][0]


def test_a_comparison_of_different_composites_is_doubted(mobi):
    data = mobi.assign(half=np.where(np.arange(250) < 125, 1, 2))
    shuffled = np.random.default_rng(1).permutation(125)
    for name in ("PERQ1", "PERQ2", "PERQ3", "PERQ4"):
        data.loc[:124, name] = data.loc[shuffled, name].to_numpy()
    table = csi.Study(MODELS["ecsi"]).fit(data, by="half").compare(1, 2)
    assert table.loc["quality", "invariance"] == 0
    assert "quality" in table.attrs["doubts"][0]


# -- designs --------------------------------------------------------------------------------------------------


def test_clusters_move_as_wholes_within_strata(mobi):
    data = mobi.assign(region=np.arange(250) % 2, town=np.arange(250) // 5, wave=(np.arange(250) // 10) % 2)
    study = csi.Study(MODELS["ecsi"], design=csi.Design(stratum="region", cluster="town"))
    fit = study.fit(data, by="wave")
    from csi.results import permutation

    inside, own = np.ones(250, bool), data["wave"].to_numpy()
    rows = np.concatenate(list(permutation._random_rows(fit.core, (0, 1), inside, own, 0, 20)()))
    for town, cases in data.groupby(["region", "town"]).indices.items():
        assert (rows[:, cases] == rows[:, cases[:1]]).all(), town
    for region in (0, 1):
        first = data[data["region"] == region].drop_duplicates("town").index
        assert (rows[:, first].sum(axis=1) == own[first].sum()).all()
    assert fit.permute(50, rng=1).invariance()["c_p"].between(0, 1).all()


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (csi.Design(cluster="person"), "answer in several groups"),
        (csi.Design(stratum="wave"), "every stratum lies within one group"),
    ],
)
def test_where_the_design_forbids_exchange_it_is_refused_with_the_reason(mobi, design, words):
    data = pd.concat([mobi.assign(wave=1, person=range(250)), mobi.sample(frac=1, random_state=1).assign(
        wave=2, person=range(250))])  # fmt: skip
    fit = csi.Study(MODELS["ecsi"], design=design).fit(data, by="wave")
    with pytest.raises(csi.NotAvailable, match=words):
        fit.permute(20, rng=1)
    table = fit.compare(1, 2)
    assert table["invariance"].isna().all()
    assert words in table.attrs["doubts"][0]


def test_the_same_people_twice_are_not_exchanged(mobi):
    data = pd.concat([mobi.assign(wave=1, person=range(250)), mobi.assign(wave=2, person=range(250))])
    table = csi.Study(MODELS["ecsi"]).fit(data, by="wave").compare(1, 2, pair="person")
    assert "change places with himself" in table.attrs["doubts"][0]


def test_sampling_weights_travel_with_their_cases(mobi):
    data = mobi.assign(g=np.arange(250) % 2, w=2.0)
    weighted = csi.Study(MODELS["ecsi"], design=csi.Design(weight="w")).fit(data, by="g").permute(50, rng=1)
    plain = csi.Study(MODELS["ecsi"]).fit(data, by="g").permute(50, rng=1)
    np.testing.assert_allclose(weighted.invariance(), plain.invariance(), rtol=1e-6, atol=1e-9)


def test_what_cannot_be_is_refused(mobi, halves):
    one, two = csi.Study(MODELS["ecsi"]).fit(mobi), csi.Study(MODELS["ecsi"]).fit(halves, by="half")
    with pytest.raises(csi.NotAvailable, match="nothing to exchange"):
        one.permute(10)
    with pytest.raises(csi.NotAvailable, match="nothing to exchange"):
        one.invariance()
    pd.testing.assert_frame_equal(two.invariance(), two.permute(1_000, rng=0).invariance())
    with pytest.raises(csi.NotAvailable, match=r"fit\.permute"):
        two.differences()
    with pytest.raises(csi.NotAvailable, match="replicates"):
        two.differences(test="henseler")
    with pytest.raises(csi.errors.SettingsError, match="did you mean 'welch'"):
        two.differences(test="welsh")
    with pytest.raises(csi.errors.SettingsError, match="n_resamples"):
        two.permute(1)
    with pytest.raises(csi.errors.SettingsError, match="memory"):
        two.permute(5_000, memory=1e6)
    with pytest.raises(csi.errors.DataError, match="permutations x rows"):
        two.permute(groups=np.ones((3, 10)))
    with pytest.raises(csi.errors.DataError, match="3 is no group"):
        two.permute(groups=np.full((3, 250), 3))
    assert two.permute(10, rng=1)[1].permuted is None


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("bonferroni", [0.04, 0.16, 0.12, 1.0]),
        ("holm", [0.04, 0.09, 0.09, 0.5]),
        ("fdr", [0.04, 0.16 / 3, 0.16 / 3, 0.5]),
    ],
)
def test_p_values_are_corrected_as_r_does(method, wanted):
    """p.adjust(c(.01, .04, .03, .5), method); a missing one counts for nothing."""
    found = exchange.adjusted(np.array([0.01, 0.04, 0.03, 0.5, np.nan]), method)
    np.testing.assert_allclose(found, [*wanted, np.nan])
