"""Ordered answers: ranks and polychoric correlations at the waist, every replicate by its own tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from assess_oracles import MODELS
from scipy.special import ndtr

import csi
from csi.numerics.moments import unpack
from csi.numerics.ordered import categories, ordered_moments
from csi.numerics.sem.polychoric import _corner_values

ACSI = MODELS["acsi"].replace(scale=(1, 5))


@pytest.fixture
def five(mobi) -> pd.DataFrame:
    """The survey with five categories, as its oracle has it: ceil(x / 2)."""
    return (mobi + 1) // 2


def correlations(fit: csi.Fit) -> pd.DataFrame:
    cov = fit.core.stack.cov[..., 0]
    sd = np.sqrt(np.diag(cov))
    names = fit.core.blueprint.item_names
    return pd.DataFrame(cov / sd[:, None] / sd, index=names, columns=names)


def test_polychorics_equal_lavaan(five):
    path = Path(__file__).resolve().parent / "oracles" / "lavaan_ACSI_ORD_sampstat.json"
    table = json.loads(path.read_text(encoding="utf-8"))["polychoric"]
    theirs = pd.DataFrame(table["values"], index=table["cols"], columns=table["cols"])
    ours = correlations(csi.Study(ACSI, correlations="polychoric").fit(five))
    np.testing.assert_allclose(ours.loc[theirs.index, theirs.columns], theirs, atol=2e-5)


def test_a_pair_depends_neither_on_its_start_nor_on_its_neighbours(mobi):
    """Newton from zero, from afar and from the solution, alone and among others, ends where the score is zero."""
    answers = categories(mobi[["CUSA1", "CUSA2", "PERQ1", "CUSCO"]].to_numpy(float).T)
    weights = np.random.default_rng(5).multinomial(250, np.full(250, 1 / 250), size=40)
    whole = ordered_moments(answers, weights, 250 / 249, "polychoric").cov
    far = ordered_moments(answers, weights, 250 / 249, "polychoric", np.full((4, 4), -0.9)).cov
    alone = ordered_moments(answers, weights[17:18], 250 / 249, "polychoric").cov
    np.testing.assert_allclose(far, whole, rtol=1e-11)
    np.testing.assert_array_equal(alone[:, 0], whole[:, 17])


@pytest.mark.parametrize("rho", [-0.95, -0.6, 0.2, 0.85, 0.91, 0.99])
def test_fewer_nodes_give_the_same_distribution(rho):
    """Against the integral by 400 nodes."""
    x, y = np.random.default_rng(6).normal(size=(2, 1, 500)) * 2
    nodes, weights = np.polynomial.legendre.leggauss(400)
    sine = np.sin(0.5 * np.arcsin(rho) * (1 + nodes))[:, None, None]
    inside = np.exp(-(x * x + y * y - 2 * x * y * sine) / (2 * (1 - sine * sine)))
    wanted = ndtr(x) * ndtr(y) + np.arcsin(rho) / (4 * np.pi) * np.einsum("q,qan->an", weights, inside)
    value, density, slope = _corner_values(x, y, np.full(500, rho))
    np.testing.assert_allclose(value[1, 1], wanted[0], atol=1e-14)
    below, above = (_corner_values(x, y, np.full(500, rho + step)) for step in (-1e-5, 1e-5))
    np.testing.assert_allclose(density, (above[0] - below[0]) / 2e-5, atol=1e-6)
    np.testing.assert_allclose(slope, (above[1] - below[1]) / 2e-5, atol=1e-4)


def test_ranks_equal_pandas(mobi):
    ours = correlations(csi.Study(MODELS["acsi"], correlations="spearman").fit(mobi))
    np.testing.assert_allclose(ours, mobi[ours.columns].corr("spearman"), atol=1e-12)


@pytest.mark.parametrize("kind", ["spearman", "polychoric"])
def test_index_uses_the_codes_and_only_weights_change(five, kind):
    fit, plain = (csi.Study(ACSI, correlations=which).fit(five) for which in (kind, "pearson"))
    np.testing.assert_allclose(fit.index("equal")["estimate"], plain.index("equal")["estimate"], rtol=1e-12)
    assert 0 < (fit.paths()["estimate"] - plain.paths()["estimate"]).abs().max() < 0.1
    assert fit.paths()["std_error"].isna().all()


@pytest.mark.parametrize("kind", ["spearman", "polychoric"])
def test_replicates_are_repeated_rows(five, kind):
    cases = np.random.default_rng(0).multinomial(250, np.full(250, 1 / 250), size=3)
    fit = csi.Study(ACSI, correlations=kind, method=csi.PLS(tolerance=1e-11)).fit(five)
    drawn = fit.bootstrap(cases=cases, progress=False).replicates("paths")
    for row, counts in enumerate(cases):
        again = five.loc[five.index.repeat(counts)].reset_index(drop=True)
        alone = csi.Study(ACSI, correlations=kind, method=fit.study.method).fit(again).paths()["estimate"]
        np.testing.assert_allclose(drawn.iloc[row], alone, atol=1e-8)
    weighted = csi.Study(ACSI, correlations=kind, design=csi.Design(weight="w")).fit(five.assign(w=2.0))
    np.testing.assert_allclose(weighted.paths()["estimate"], fit.paths()["estimate"], atol=1e-6)


def test_blanks_are_left_out_pair_by_pair(five):
    data = five.astype(float).mask(np.random.default_rng(1).random(five.shape) < 0.05)
    ours = correlations(csi.Study(ACSI, correlations="polychoric").fit(data))
    pair = data[["CUSA1", "PERQ1"]].dropna()
    alone = ordered_moments(categories(data[["CUSA1", "PERQ1"]].to_numpy().T), np.ones((1, 250)), 250 / 249,
                            "polychoric")  # fmt: skip
    cov = unpack(alone.cov, 2)[..., 0]
    assert ours.loc["CUSA1", "PERQ1"] == pytest.approx(cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1]), abs=1e-10)
    assert len(pair) < 250
    rank = correlations(csi.Study(ACSI, correlations="spearman").fit(data))
    assert abs(rank.loc["CUSA1", "PERQ1"] - pair.corr("spearman").iloc[0, 1]) < 0.01


def test_normal_answers_cut_coarsely_are_given_back():
    """Five unequal categories of a correlation of .6 shrink Pearson's; polychoric gives it back."""
    rng = np.random.default_rng(2)
    factor = rng.standard_normal(4000)
    latent = np.stack([np.sqrt(0.6) * factor + np.sqrt(0.4) * rng.standard_normal(4000) for _ in range(4)])
    codes = np.digitize(latent, [-0.2, 0.5, 1.0, 1.8]) + 1
    data = pd.DataFrame(codes.T, columns=["a1", "a2", "b1", "b2"])
    model = csi.Model("m", {"a": ["a1", "a2"], "b": ["b1", "b2"]}, {"a": ["b"]}, scale=(1, 5))
    rough, fine = (
        correlations(csi.Study(model, correlations=kind).fit(data)).to_numpy()[np.triu_indices(4, 1)].mean()
        for kind in ("pearson", "polychoric")
    )
    assert rough < 0.55
    assert fine == pytest.approx(0.6, abs=0.02)


def test_the_cost_is_said_before_it_is_paid(mobi, monkeypatch):
    from csi import draws

    monkeypatch.setattr(draws, "PATIENCE", 1e-3)
    fit = csi.Study(MODELS["acsi"], correlations="polychoric").fit(mobi)
    with pytest.warns(csi.errors.CostWarning, match="polychoric correlations in each of 2 replicates"):
        fit.bootstrap(2, rng=1, progress=False)


def test_groups_and_reversed_items(five):
    data = five.assign(g=np.arange(250) % 2)
    both = csi.Study(ACSI, correlations="spearman").fit(data, by="g")
    alone = csi.Study(ACSI, correlations="spearman").fit(data[data["g"] == 1])
    np.testing.assert_allclose(both[1].paths()["estimate"], alone.paths()["estimate"], rtol=1e-9)
    items = [csi.Item("CUSA1", reversed=True), "CUSA2", "CUSA3"]
    turned = ACSI.replace(constructs={**ACSI.constructs, "satisfaction": csi.Construct(items)})
    fit = csi.Study(turned, correlations="spearman").fit(five.assign(CUSA1=6 - five["CUSA1"]))
    plain = csi.Study(ACSI, correlations="spearman").fit(five)
    np.testing.assert_allclose(fit.paths()["estimate"], plain.paths()["estimate"], atol=1e-6)


def test_a_saved_fit_keeps_its_kind(five, tmp_path):
    fit = csi.Study(ACSI, correlations="polychoric").fit(five)
    again = csi.open(fit.save(tmp_path / "ordered.csi"))
    assert again.study.correlations == "polychoric"
    pd.testing.assert_frame_equal(again.paths(), fit.paths())
    with pytest.raises(csi.NotAvailable, match="standard errors come from draws"):
        again.bootstrap(10, rng=1, progress=False).paths(interval="bca")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"correlations": "policoric"}, "did you mean 'polychoric'"),
        ({"correlations": "polychoric", "method": csi.CBSEM()}, "WLSMV"),
        ({"correlations": "spearman", "missing": "em"}, "pairwise"),
    ],
)
def test_what_does_not_go_together_is_refused(settings, words):
    with pytest.raises(csi.errors.SettingsError, match=words):
        csi.Study(ACSI, **settings)


def test_influences_are_refused_with_the_way_out(five):
    fit = csi.Study(ACSI, correlations="polychoric").fit(five)
    drawn = fit.bootstrap(10, rng=1, progress=False)
    with pytest.raises(csi.NotAvailable, match="standard errors come from draws"):
        drawn.paths(interval="bca")
