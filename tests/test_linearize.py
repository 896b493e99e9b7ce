"""Standard errors before any bootstrap: as large as the bootstrap's, influences that are derivatives, acceleration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_index import ECSI, mixed_answers, mixed_model

import csi
from csi.numerics import linearize
from csi.numerics.moments import Stack
from csi.results.index import index

FINE = csi.PLS(tolerance=1e-12)
NOUNS = ["index", "paths", "loadings", "weights", "r2", "impacts", "effects"]
MODEL = csi.Model(
    "core",
    {"image": csi.items("I", 3), "quality": csi.items("Q", 3), "satisfaction": csi.items("S", 3), "loyalty": ["L"]},
    {"image": ["quality", "satisfaction"], "quality": ["satisfaction"], "satisfaction": ["loyalty"]},
    scale=(1, 10),
)


@pytest.fixture(scope="module")
def large() -> csi.Fit:
    """2,000 skewed answers and 20,000 resamples of them."""
    return csi.Study(MODEL).fit(csi.simulate(MODEL, n=2_000, rng=11)).bootstrap(20_000, rng=12, progress=False)


def errors(fit: csi.Fit, noun: str) -> np.ndarray:
    """Standard errors of every number of a noun."""
    return np.asarray(fit.core.uncertainty(fit._noun(noun), None, 0.95).std_error[0])


@pytest.mark.parametrize("noun", NOUNS)
def test_linearized_errors_are_within_five_per_cent_of_twenty_thousand_draws(large, noun):
    plain = csi.Study(MODEL).fit(csi.simulate(MODEL, n=2_000, rng=11))
    ours, theirs = errors(plain, noun), errors(large, noun)
    np.testing.assert_array_equal(ours == 0, theirs == 0)
    varies = theirs > 0
    assert np.abs(ours[varies] / theirs[varies] - 1).max() < 0.05


GIVEN = {"I1": 1, "I2": 0, "I3": 2, "Q1": 1, "Q2": 1, "Q3": 1, "S1": 1, "S2": 1, "S3": 1, "L": 1}


@pytest.mark.parametrize("weights", ["standardized", "equal", GIVEN])
def test_every_convention_of_the_index_too(large, weights):
    plain = csi.Study(MODEL).fit(csi.simulate(MODEL, n=2_000, rng=11))
    ratio = plain.index(weights)["std_error"] / large.index(weights)["std_error"]
    assert (ratio - 1).abs().max() < 0.03


def test_mode_b_raw_and_centroid_too():
    data = csi.simulate(MODEL, n=2_000, rng=5)
    for method in (csi.PLS(modes={"image": "B"}, scheme="factorial"), csi.PLS(standardized=False, scheme="centroid")):
        fit = csi.Study(MODEL, method=method).fit(data)
        drawn = fit.bootstrap(2_500, rng=1)
        for noun in ("index", "paths", "weights"):
            ours, theirs = errors(fit, noun), errors(drawn, noun)
            assert np.abs(ours / np.where(theirs > 0, theirs, np.nan) - 1)[theirs > 0].max() < 0.07


@pytest.mark.parametrize("noun", ["paths", "index", "loadings"])
def test_acceleration_is_within_two_hundredths_of_the_jackknife(mobi, noun):
    fit = csi.Study(ECSI, method=FINE).fit(mobi)
    ours = linearize.acceleration(fit.core.moves(fit._noun(noun), 0))
    left_out = fit.jackknife().replicates(noun).to_numpy()
    away = left_out.mean(axis=0) - left_out
    square = (away**2).sum(axis=0)
    theirs = (away**3).sum(axis=0) / (6 * np.where(square > 1e-20, square, np.inf) ** 1.5)
    # Complaints have one item, which loads 1 in every sample: there is nothing to accelerate.
    varies = square > 1e-20
    assert np.abs(ours - theirs)[varies].max() < 0.02
    assert varies.sum() >= len(ours) - 1


@pytest.mark.parametrize("missing", ["none", "pairwise", "mean", "em"])
def test_an_influence_is_the_derivative_with_respect_to_a_case_weight(mobi, missing):
    """Raise the weight of one case a little: every number moves by its influence times the share."""
    if missing != "none":
        mobi = mobi.mask(np.random.default_rng(7).random(mobi.shape) < 0.03)
    treatment = "pairwise" if missing == "none" else missing
    study = csi.Study(ECSI, method=csi.PLS(tolerance=1e-13), design=csi.Design(weight="w"), missing=treatment)
    plain = study.fit(mobi.assign(w=1.0))
    for noun in ("paths", "index", "r2"):
        asked = plain._noun(noun)
        influences = plain.core.influences(asked, 0)
        assert influences.shape == (250, plain.core.values(asked).shape[1])
        np.testing.assert_allclose(influences.mean(axis=0), 0, atol=2e-3)
        for case in (0, 100, 249):
            moved = []
            for step in (1e-4, -1e-4):
                w = np.ones(250)
                w[case] += step
                moved.append(study.fit(mobi.assign(w=w)).core.values(asked)[0])
            slope = (moved[0] - moved[1]) / 2e-4
            # The moments have the divisor n - 1: the derivative of a covariance is 250/249 of the influence's.
            np.testing.assert_allclose(slope * 250, influences[case], rtol=2e-2, atol=2e-3)


def test_influence_of_a_mean_is_the_distance_to_it(mobi):
    fit = csi.Study(ECSI).fit(mobi)
    influences = fit.core.influences(index(fit.core.blueprint, "equal"), 0)
    scores = fit.scores("equal")
    np.testing.assert_allclose(influences, scores - scores.mean(), atol=1e-6)


def test_normal_interval_and_statistic_by_hand(mobi):
    table = csi.Study(ECSI).fit(mobi).paths(confidence_level=0.9)
    np.testing.assert_allclose(
        table["conf_high"], table["estimate"] + 1.6448536269514722 * table["std_error"], rtol=1e-12
    )
    np.testing.assert_allclose(
        table["conf_low"], table["estimate"] - 1.6448536269514722 * table["std_error"], rtol=1e-12
    )
    np.testing.assert_allclose(table["statistic"], table["estimate"] / table["std_error"], rtol=1e-12)
    assert table.columns.tolist() == ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]


def test_errors_do_not_depend_on_the_scale_of_an_item():
    """Ten times the codes, ten times the scale: the same errors, whatever the units of the steps."""
    data = mixed_answers()
    wide = csi.Model("wide", {**mixed_model().constructs, "complaint": [csi.Item("C", scale=(0, 1000))]},
                     [(p.cause, p.effect) for p in mixed_model().paths], scale=(1, 10))  # fmt: skip
    ours = csi.Study(mixed_model(), method=FINE).fit(data)
    theirs = csi.Study(wide, method=FINE).fit(data.assign(C=1000 * data["C"]))
    for noun in ("index", "paths", "impacts"):
        np.testing.assert_allclose(errors(ours, noun), errors(theirs, noun), rtol=1e-6)


def test_central_differences_of_a_known_function():
    """Correlation of two items: d r / d cov_12 = 1/(s1 s2), d r / d cov_11 = -r/(2 s1^2), no derivative by a mean."""
    cov = np.array([[4.0, 1.5], [1.5, 9.0]])
    at = Stack(np.array([[1.0], [2.0]]), cov[..., None], np.array([50.0]))
    moved = linearize.perturbed(at)
    values = (moved.cov[0, 1] / np.sqrt(moved.cov[0, 0] * moved.cov[1, 1]))[None]
    d = linearize.jacobian(values, at)
    np.testing.assert_allclose(d.mean, 0, atol=1e-12)
    np.testing.assert_allclose(d.cov, [[-0.25 / 8, 1 / 6, -0.25 / 18]], rtol=1e-7)


def test_linearized_errors_need_cases(mobi):
    names = [item.name for item in ECSI.items]
    moments = csi.Moments(n=250, mean=mobi[names].mean(), cov=mobi[names].cov())
    fit = csi.Study(ECSI).fit(moments)
    assert fit.index()["std_error"].isna().all()
    assert fit.index()["estimate"].notna().all()
    with pytest.raises(csi.NotAvailable, match="the cases, and only moments were given"):
        fit.core.influences(fit._noun("paths"), 0)


@pytest.mark.parametrize("missing", ["pairwise", "mean"])
def test_errors_with_blanks_are_those_of_the_bootstrap(missing):
    data = csi.simulate(MODEL, n=1_500, rng=2, missing=0.15)
    fit = csi.Study(MODEL, missing=missing).fit(data)
    drawn = fit.bootstrap(2_000, rng=3)
    for noun in ("index", "paths", "loadings"):
        ours, theirs = errors(fit, noun), errors(drawn, noun)
        varies = theirs > 0
        assert np.abs(ours[varies] / theirs[varies] - 1).max() < 0.07


def test_errors_with_listwise_deletion_are_those_of_the_complete_cases(mobi):
    holes = mobi.mask(np.random.default_rng(0).random(mobi.shape) < 0.01)
    ours = csi.Study(ECSI, missing="listwise").fit(holes)
    theirs = csi.Study(ECSI).fit(holes.dropna())
    pd.testing.assert_frame_equal(ours.paths(), theirs.paths())
    pd.testing.assert_frame_equal(ours.index(), theirs.index())


@pytest.mark.parametrize(
    "method",
    [
        csi.PLS(),
        csi.PLS(scheme="centroid"),
        csi.PLS(standardized=False, modes={"image": "B"}),
        csi.PLS(modes={"image": "unit"}),
        csi.PLSc(),
    ],
)
def test_weights_close_by_are_those_of_the_whole_iteration(mobi, method, monkeypatch):
    """To first order in the step, whose central differences err by its square."""
    study = csi.Study(csi.models.ecsi(), method=method)
    short = [study.fit(mobi).index()["std_error"], study.fit(mobi).paths()["std_error"]]
    monkeypatch.setattr(csi.PLS, "nudged", lambda *_: None)
    whole = [study.fit(mobi).index()["std_error"], study.fit(mobi).paths()["std_error"]]
    for ours, theirs in zip(short, whole, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
