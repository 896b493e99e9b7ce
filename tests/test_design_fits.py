"""Designs in fits: sampling weights, strata, clusters, frequencies and replicate weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from test_index import mixed_answers, mixed_model

import csi
from csi import Design
from csi.errors import DataError
from csi.results.index import index as index_noun

FINE = csi.PLS(tolerance=1e-12)
MODEL = csi.Model(
    "core", {"quality": csi.items("Q", 3), "satisfaction": csi.items("S", 3), "loyalty": ["L"]},
    {"quality": ["satisfaction"], "satisfaction": ["loyalty"]}, scale=(1, 10),
)  # fmt: skip


def clustered(towns: int = 60, size: int = 12, seed: int = 1) -> pd.DataFrame:
    """Towns in four regions: people of one town answer alike, regions differ in level."""
    rng = np.random.default_rng(seed)
    data = csi.simulate(MODEL, n=towns * size, rng=rng)
    town = np.repeat(np.arange(towns), size)
    shift = (rng.normal(0, 1.2, towns)[town] + 0.8 * (town % 4)).round()
    answers = (data.astype(float).add(shift, axis=0)).clip(1, 10)
    return answers.assign(
        town=town, region=town % 4, w=rng.uniform(0.5, 2, towns)[town], wave=np.tile([1, 2], towns * size // 2)
    )


def mean_error_by_hand(u: np.ndarray, stratum, cluster) -> float:
    """Linearized standard error of a sum of u, clusters within strata: sum_h n_h/(n_h - 1) sum (t - mean t)^2."""
    totals = pd.DataFrame({"u": u, "h": stratum, "c": cluster}).groupby(["h", "c"])["u"].sum()
    parts = totals.groupby(level=0)
    return float(
        np.sqrt((parts.size() / (parts.size() - 1) * parts.apply(lambda t: ((t - t.mean()) ** 2).sum())).sum())
    )


# -- weights --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [1e-6, 3.0, 1e5])
def test_sampling_weights_times_a_constant_change_nothing(factor):
    data = clustered()
    study = csi.Study(MODEL, method=FINE, design=Design(weight="w"))
    ours, theirs = study.fit(data), study.fit(data.assign(w=factor * data["w"]))
    for noun in ("index", "paths", "loadings"):
        np.testing.assert_allclose(getattr(ours, noun)(), getattr(theirs, noun)(), rtol=1e-7)
    np.testing.assert_allclose(ours.bootstrap(50, rng=1).index(), theirs.bootstrap(50, rng=1).index(), rtol=1e-8)


def test_weighted_moments_by_numpy():
    data = clustered()
    fit = csi.Study(MODEL, design=Design(weight="w")).fit(data)
    names, n = [item.name for item in MODEL.items], len(data)
    points = (data[names] - 1) / 9 * 100
    np.testing.assert_allclose(fit.core.stack.mean[:, 0], np.average(points, axis=0, weights=data["w"]), rtol=1e-12)
    cov = np.cov(points.T, aweights=data["w"], ddof=0) * n / (n - 1)
    np.testing.assert_allclose(fit.core.stack.cov[..., 0], cov, rtol=1e-10)
    assert fit.n.tolist() == [n]


def test_equal_weights_are_no_weights():
    data = clustered().assign(w=7.0)
    ours, theirs = csi.Study(MODEL, design=Design(weight="w")).fit(data), csi.Study(MODEL).fit(data)
    for noun in ("index", "paths", "loadings"):
        np.testing.assert_allclose(getattr(ours, noun)(), getattr(theirs, noun)(), rtol=1e-7)


def test_a_case_of_weight_zero_is_outside_the_sample():
    data = clustered()
    weight = data["w"].where(data["region"] != 2, 0.0)
    study = csi.Study(MODEL, method=FINE, design=Design(weight="w"))
    ours, theirs = study.fit(data.assign(w=weight)), study.fit(data[data["region"] != 2])
    assert ours.n.tolist() == theirs.n.tolist() == [(data["region"] != 2).sum()]
    pd.testing.assert_frame_equal(ours.index(), theirs.index(), rtol=1e-9)
    scores = ours.scores()
    assert scores.index.equals(data.index)
    assert scores.isna().all(axis=1).equals(data["region"] == 2)


def test_linearized_error_of_a_weighted_mean():
    """With equal item weights the index is a ratio: sum w (score - index)/sum w, spread over cases."""
    data = clustered()
    fit = csi.Study(MODEL, design=Design(weight="w")).fit(data)
    u = (
        data["w"]
        * (fit.scores("equal")["satisfaction"] - fit.index("equal").loc["satisfaction", "estimate"])
        / data["w"].sum()
    )
    by_hand = mean_error_by_hand(u, 0, data.index)
    assert fit.index("equal").loc["satisfaction", "std_error"] == pytest.approx(by_hand, rel=1e-7)


@pytest.mark.parametrize(
    "design", [Design(stratum="region"), Design(cluster="town"), Design(weight="w", stratum="region", cluster="town")]
)
def test_linearized_error_by_strata_and_clusters(design):
    data = clustered()
    fit = csi.Study(MODEL, design=design).fit(data)
    w = data["w"] if design.weight else pd.Series(1.0, data.index)
    u = w * (fit.scores("equal")["satisfaction"] - fit.index("equal").loc["satisfaction", "estimate"]) / w.sum()
    by_hand = mean_error_by_hand(
        u, data["region"] if design.stratum else 0, data["town"] if design.cluster else data.index
    )
    row = fit.index("equal").loc["satisfaction"]
    assert row["std_error"] == pytest.approx(by_hand, rel=1e-7)
    units = 60 if design.cluster else len(data)
    df = units - (4 if design.stratum else 1)
    assert row["conf_high"] - row["estimate"] == pytest.approx(stats.t.ppf(0.975, df) * by_hand, rel=1e-7)
    assert fit.index().attrs["interval"].startswith("95 % t interval")


def test_clusters_widen_and_strata_narrow():
    data = clustered()
    error = {
        name: csi.Study(MODEL, design=design).fit(data).index().loc["satisfaction", "std_error"]
        for name, design in {
            "none": None,
            "cluster": Design(cluster="town"),
            "both": Design(cluster="town", stratum="region"),
        }.items()
    }
    assert error["cluster"] > 2 * error["none"]
    assert error["both"] < error["cluster"]


def test_groups_are_domains_of_the_whole_sample():
    """A wave's error by strata and clusters counts every town, also those where the wave has nobody."""
    data = clustered()
    data = data[(data["wave"] == 1) | (data["town"] > 20)]
    fit = csi.Study(MODEL, design=Design(weight="w", stratum="region", cluster="town")).fit(data, by="wave")
    for wave in (1, 2):
        inside = data["wave"] == wave
        w = data["w"].where(inside, 0)
        estimate = fit.index("equal").loc[(wave, "satisfaction"), "estimate"]
        u = (w * (fit.scores("equal")["satisfaction"] - estimate) / w.sum()).fillna(0)
        by_hand = mean_error_by_hand(u, data["region"], data["town"])
        assert fit.index("equal").loc[(wave, "satisfaction"), "std_error"] == pytest.approx(by_hand, rel=1e-7)


# -- Rao-Wu ---------------------------------------------------------------------------------------------------


def test_rao_wu_agrees_with_linearization_on_clustered_data():
    data = clustered(towns=120, size=10, seed=3)
    design = Design(weight="w", stratum="region", cluster="town")
    fit = csi.Study(MODEL, design=design).fit(data)
    drawn = fit.bootstrap(3_000, rng=4)
    for noun in ("index", "paths", "loadings"):
        ours, theirs = getattr(fit, noun)()["std_error"], getattr(drawn, noun)()["std_error"]
        varies = theirs > 0
        assert (ours[varies] / theirs[varies] - 1).abs().max() < 0.08
    assert "Rao-Wu bootstrap" in drawn.index().attrs["interval"]
    assert (drawn.index("equal")["std_error"] / fit.index("equal")["std_error"] - 1).abs().max() < 0.04


def test_rao_wu_agrees_with_linearization_in_domains():
    data = clustered(towns=120, size=10, seed=5)
    fit = csi.Study(MODEL, design=Design(cluster="town", stratum="region")).fit(data, by="wave")
    drawn = fit.bootstrap(2_000, rng=4)
    assert (drawn.index()["std_error"] / fit.index()["std_error"] - 1).abs().max() < 0.08
    assert (drawn.compare(1, 2)["std_error"] / fit.compare(1, 2)["std_error"] - 1).abs().max() < 0.08


def test_a_cluster_in_two_groups_is_drawn_as_a_whole():
    """One person rates two companies: their draws move together, so the difference is steadier than its parts."""
    rng = np.random.default_rng(0)
    first = csi.simulate(MODEL, n=300, rng=rng)
    second = (first + rng.integers(-1, 2, first.shape)).clip(1, 10)
    data = pd.concat([first.assign(company="a", person=range(300)), second.assign(company="b", person=range(300))])
    whole = csi.Study(MODEL, design=Design(cluster="person")).fit(data, by="company").bootstrap(400, rng=1)
    apart = csi.Study(MODEL).fit(data, by="company").bootstrap(400, rng=1)
    a, b = (whole.replicates("index").loc[label, "satisfaction"] for label in "ab")
    assert np.corrcoef(a, b)[0, 1] > 0.8
    a, b = (apart.replicates("index").loc[label, "satisfaction"] for label in "ab")
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.2
    errors = [fit.compare("a", "b").loc["satisfaction", "std_error"] for fit in (whole, apart)]
    assert errors[0] < 0.6 * errors[1]


def test_rao_wu_draws_begin_alike_and_do_not_depend_on_blocks(monkeypatch):
    import csi.draws

    data = clustered()
    fit = csi.Study(MODEL, design=Design(weight="w", stratum="region", cluster="town")).fit(data)
    many = fit.bootstrap(600, rng=2).replicates("index")
    np.testing.assert_allclose(fit.bootstrap(300, rng=2).replicates("index"), many.head(300), rtol=1e-10)
    monkeypatch.setattr(csi.draws, "HELD", 20_000)
    np.testing.assert_allclose(fit.bootstrap(600, rng=2).replicates("index"), many, rtol=1e-10)


def test_order_of_strata_clusters_and_rows_means_nothing_to_linearization():
    data = clustered()
    design = Design(weight="w", stratum="region", cluster="town")
    ours = csi.Study(MODEL, method=FINE, design=design).fit(data).index()
    renamed = data.assign(
        town="t" + data["town"].astype(str), region=data["region"].map({0: "z", 1: "y", 2: "b", 3: "a"})
    )
    theirs = csi.Study(MODEL, method=FINE, design=design).fit(renamed.sample(frac=1, random_state=2)).index()
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_finite_population_shrinks_the_error():
    data = clustered().assign(towns=20)
    design = Design(stratum="region", cluster="town")
    infinite = csi.Study(MODEL, design=design).fit(data).index("equal")["std_error"]
    finite = (
        csi.Study(MODEL, design=Design(stratum="region", cluster="town", fpc="towns"))
        .fit(data)
        .index("equal")["std_error"]
    )
    # Fifteen of twenty towns of every region were drawn: a quarter of the variance is left.
    np.testing.assert_allclose(finite / infinite, np.sqrt(1 - 15 / 20), rtol=1e-9)


def test_jackknife_by_the_design_agrees_with_linearization():
    data = clustered(towns=80, seed=9)
    design = Design(weight="w", stratum="region", cluster="town")
    fit = csi.Study(MODEL, design=design).fit(data)
    jack = fit.jackknife()
    assert jack.replicates("index").shape[0] == 80
    assert (jack.index("equal")["std_error"] / fit.index("equal")["std_error"] - 1).abs().max() < 0.02
    assert (jack.index()["std_error"] / fit.index()["std_error"] - 1).abs().max() < 0.1


# -- frequencies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["pairwise", "mean", "listwise", "em"])
def test_counts_are_repeated_rows(missing):
    data = mixed_answers(80).astype(float).mask(np.random.default_rng(1).random((80, 7)) < 0.04)
    counts = np.random.default_rng(0).integers(0, 4, 80)
    study = csi.Study(mixed_model(), method=FINE, missing=missing)
    ours = study.replace(design=Design(count="n")).fit(data.assign(n=counts))
    theirs = study.fit(data.loc[np.repeat(data.index, counts)])
    assert ours.n.tolist() == theirs.n.tolist()
    for noun in ("index", "paths", "loadings", "weights"):
        np.testing.assert_allclose(getattr(ours, noun)(), getattr(theirs, noun)(), rtol=1e-6, atol=1e-9)


def test_counts_under_strata_and_clusters_are_repeated_rows():
    data = clustered(towns=24, size=6)
    counts = np.random.default_rng(0).integers(1, 4, len(data))
    repeated = data.loc[np.repeat(data.index, counts)].reset_index(drop=True)
    for words in ({"stratum": "region"}, {"cluster": "town"}, {"stratum": "region", "cluster": "town"}):
        ours = csi.Study(MODEL, method=FINE, design=Design(count="n", **words)).fit(data.assign(n=counts))
        theirs = csi.Study(MODEL, method=FINE, design=Design(**words)).fit(repeated)
        np.testing.assert_allclose(ours.index(), theirs.index(), rtol=1e-7)
        np.testing.assert_allclose(ours.bootstrap(40, rng=1).index(), theirs.bootstrap(40, rng=1).index(), rtol=1e-7)


def test_counts_in_groups_and_differences():
    data = clustered(towns=24, size=6)
    counts = np.random.default_rng(0).integers(0, 4, len(data))
    repeated = data.loc[np.repeat(data.index, counts)]
    ours = csi.Study(MODEL, method=FINE, design=Design(count="n")).fit(data.assign(n=counts), by="wave")
    theirs = csi.Study(MODEL, method=FINE).fit(repeated, by="wave")
    np.testing.assert_allclose(ours.compare(1, 2), theirs.compare(1, 2), rtol=1e-6, atol=1e-9)
    scores = ours.scores().dropna()
    assert len(scores) == (counts > 0).sum()
    np.testing.assert_allclose(scores, theirs.scores()[~theirs.scores().index.duplicated()], rtol=1e-9)


# -- replicate weights ----------------------------------------------------------------------------------------


def replicate_columns(weights: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(weights.T, columns=[f"r{i}" for i in range(len(weights))])


def fit_with_replicates(data: pd.DataFrame, weights: np.ndarray, **words) -> csi.Fit:
    table = pd.concat([data, replicate_columns(weights)], axis=1)
    names = [f"r{i}" for i in range(len(weights))]
    return csi.Study(MODEL, method=FINE, design=Design(weight="w", replicates=names, **words)).fit(table).replicate()


def spread_by_hand(data: pd.DataFrame, weights: np.ndarray, scale: float, rscales: np.ndarray) -> pd.Series:
    """sqrt(scale sum rscales (draw - estimate)^2), every draw a fit of its own."""
    study = csi.Study(MODEL, method=FINE, design=Design(weight="w"))
    estimate = study.fit(data).index()["estimate"]
    draws = pd.DataFrame([study.fit(data.assign(w=row)).index()["estimate"] for row in weights])
    return np.sqrt(scale * ((draws - estimate) ** 2).mul(rscales, axis=0).sum())


@pytest.fixture
def small() -> pd.DataFrame:
    return clustered(towns=16, size=8, seed=2)


def test_jk1_weights(small):
    """Unstratified jackknife: one town out, the others weighted up by 16/15; scale 15/16."""
    w = small["w"].to_numpy()
    out = np.stack([np.where(small["town"] == t, 0, w * 16 / 15) for t in range(16)])
    fit = fit_with_replicates(small, out, kind="jackknife")
    by_hand = spread_by_hand(small, out, 15 / 16, np.ones(16))
    table = fit.index()
    np.testing.assert_allclose(table["std_error"], by_hand[table.index], rtol=1e-6)
    np.testing.assert_allclose(
        table["conf_high"] - table["estimate"], stats.t.ppf(0.975, 15) * table["std_error"], rtol=1e-9
    )
    jackknife = csi.Study(MODEL, method=FINE, design=Design(weight="w", cluster="town")).fit(small).jackknife().index()
    np.testing.assert_allclose(table["std_error"], jackknife["std_error"], rtol=1e-6)
    assert "the design's replicate weights" in table.attrs["interval"]


def test_jkn_weights_with_rscales(small):
    """Stratified jackknife: a town of a region out, the others of the region up; rscales (n_h - 1)/n_h."""
    w = small["w"].to_numpy()
    rows, rscales = [], []
    for town in range(16):
        same = small["region"] == town % 4
        rows.append(np.where(small["town"] == town, 0, np.where(same, w * 4 / 3, w)))
        rscales.append(3 / 4)
    weights = np.stack(rows)
    fit = fit_with_replicates(small, weights, kind="jackknife", rscales=rscales)
    by_hand = spread_by_hand(small, weights, 1.0, np.array(rscales))
    np.testing.assert_allclose(fit.index()["std_error"], by_hand[fit.index().index], rtol=1e-6)
    jackknife = (
        csi.Study(MODEL, method=FINE, design=Design(weight="w", stratum="region", cluster="town"))
        .fit(small)
        .jackknife()
        .index()
    )
    np.testing.assert_allclose(fit.index()["std_error"], jackknife["std_error"], rtol=1e-6)


def test_bootstrap_weights(small):
    rng = np.random.default_rng(3)
    weights = small["w"].to_numpy() * rng.multinomial(16, [1 / 16] * 16, size=40)[:, small["town"]]
    fit = fit_with_replicates(small, weights, kind="bootstrap", df=15)
    by_hand = spread_by_hand(small, weights, 1 / 39, np.ones(40))
    table = fit.index()
    np.testing.assert_allclose(table["std_error"], by_hand[table.index], rtol=1e-6)
    np.testing.assert_allclose(
        table["conf_low"], table["estimate"] - stats.t.ppf(0.975, 15) * table["std_error"], rtol=1e-9
    )


def test_scale_given_by_the_survey(small):
    weights = small["w"].to_numpy() * np.random.default_rng(3).uniform(0.5, 1.5, (10, len(small)))
    fit = fit_with_replicates(small, weights, kind="fay", scale=1 / (10 * 0.7**2))
    by_hand = spread_by_hand(small, weights, 1 / (10 * 0.7**2), np.ones(10))
    np.testing.assert_allclose(fit.index()["std_error"], by_hand[fit.index().index], rtol=1e-6)


@pytest.mark.parametrize("kind", ["jackknife", "brr", "fay"])
@pytest.mark.parametrize("interval", ["percentile", "basic", "bca", "studentized"])
def test_quantiles_of_replicate_weights_are_refused_with_the_reason(small, kind, interval):
    weights = small["w"].to_numpy() * np.random.default_rng(3).uniform(0.5, 1.5, (6, len(small)))
    fit = fit_with_replicates(small, weights, kind=kind, **({"scale": 0.3} if kind == "fay" else {}))
    with pytest.raises(csi.NotAvailable, match="have a variance but are no resamples"):
        fit.index(interval=interval)


def test_replicates_in_groups_and_differences(small):
    w = small["w"].to_numpy()
    out = np.stack([np.where(small["town"] == t, 0, w * 16 / 15) for t in range(16)])
    table = pd.concat([small, replicate_columns(out)], axis=1)
    design = Design(weight="w", replicates=[f"r{i}" for i in range(16)], kind="jackknife")
    fit = csi.Study(MODEL, method=FINE, design=design).fit(table, by="wave").replicate()
    drawn = fit.replicates("index")["satisfaction"]
    gap = drawn.loc[2] - drawn.loc[1]
    change = fit.compare(1, 2)
    by_hand = np.sqrt(15 / 16 * ((gap - change.loc["satisfaction", "estimate"]) ** 2).sum())
    assert change.loc["satisfaction", "std_error"] == pytest.approx(by_hand, rel=1e-9)


def test_before_replicate_the_errors_are_those_of_the_weights(small):
    """Linearization cannot know the design that replicate weights carry, and must not pretend to."""
    w = small["w"].to_numpy()
    out = np.stack([np.where(small["town"] == t, 0, w * 16 / 15) for t in range(16)])
    table = pd.concat([small, replicate_columns(out)], axis=1)
    design = Design(weight="w", replicates=[f"r{i}" for i in range(16)], kind="jackknife")
    fit = csi.Study(MODEL, design=design).fit(table)
    assert fit.index()["std_error"].isna().all()
    with pytest.raises(csi.NotAvailable, match=r"fit.replicate\(\)"):
        fit.bootstrap(10, rng=1)


# -- refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "design", "message"),
    [
        ({"w": -1.0}, Design(weight="w"), "'w' is negative in 192 cases"),
        ({"w": 0.0}, Design(weight="w"), "'w' is 0 in every case"),
        ({"w": np.nan}, Design(weight="w"), "'w' has 192 blanks"),
        ({"w": np.inf}, Design(weight="w"), "infinite"),
        ({"w": "heavy"}, Design(weight="w"), "holds text"),
        ({"w": 1.5}, Design(count="w"), r"not whole everywhere.*Design\(weight='w'\)"),
        ({}, Design(weight="wt"), "'wt' is not a column"),
        ({}, Design(stratum="regoin"), "did you mean 'region'"),
        ({"town": np.nan}, Design(cluster="town"), "'town' has 192 blanks"),
        ({"region": range(192)}, Design(stratum="region"), r"192 strata hold a single cluster.*single_psu='certainty'"),
    ],
)
def test_designs_that_cannot_be_read_name_the_column(change, design, message):
    data = clustered(towns=24, size=8).assign(**change)
    with pytest.raises(DataError, match=message):
        csi.Study(MODEL, design=design).fit(data)


def test_replicate_without_replicate_weights_says_how():
    fit = csi.Study(MODEL, design=Design(weight="w")).fit(clustered())
    with pytest.raises(csi.NotAvailable, match=r"Design\(replicates="):
        fit.replicate()


def test_given_item_weights_need_no_error_of_their_own():
    """With given item weights only the answers vary: the error is that of a weighted mean of scores."""
    data = clustered()
    fit = csi.Study(MODEL, design=Design(cluster="town")).fit(data)
    given = {"Q1": 1, "Q2": 1, "Q3": 1, "S1": 3, "S2": 2, "S3": 1, "L": 1}
    u = (fit.scores(given)["satisfaction"] - fit.index(given).loc["satisfaction", "estimate"]) / len(data)
    by_hand = mean_error_by_hand(u.to_numpy(), 0, data["town"])
    assert fit.index(given).loc["satisfaction", "std_error"] == pytest.approx(by_hand, rel=1e-7)
    assert index_noun(fit.core.blueprint, "equal").null is None
