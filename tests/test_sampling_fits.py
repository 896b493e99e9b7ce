"""Designs reach fits: calibrated replicate weights, and linearization that agrees with them on a real sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import csi
from csi import sampling


@pytest.fixture(scope="module")
def schools(repository):
    path = repository / "tests" / "oracles" / "survey_apistrat.csv"
    return pd.read_csv(path, comment="#", encoding="utf-8")


@pytest.fixture(scope="module")
def study():
    """Three school scores as the items of one construct that a second one follows."""
    model = csi.Model(
        "schools",
        {"size": ["enroll", "api.stu"], "performance": ["api99", "api00", "turned"]},
        {"size": ["performance"]},
        index="performance",
        scale=(0, 4000),
    )
    return csi.Study(model, design=csi.Design(weight="pw", stratum="stype"))


@pytest.fixture(scope="module")
def data(schools):
    rng = np.random.default_rng(1)
    turned = (schools["api00"] + schools["api99"]) / 2 + 40 * rng.standard_normal(len(schools))
    return schools.assign(turned=turned)


def test_linearization_and_replicates_agree_within_three_per_cent(study, data):
    fit = study.fit(data)
    linear = fit.index()["std_error"]
    for other in (fit.bootstrap(4000, rng=3), fit.jackknife()):
        assert (other.index()["std_error"] / linear - 1).abs().max() < 0.03


def test_written_replicates_give_what_the_verb_gives(study, data):
    made = sampling.replicate_weights(data, study.design, kind="jackknife")
    written = csi.Study(study.model, design=made.design).fit(made.data).replicate()
    pd.testing.assert_series_equal(
        written.index()["std_error"], study.fit(data).jackknife().index()["std_error"], rtol=1e-10
    )


def test_replicates_are_calibrated_each(data, study):
    totals = {"E": 4421.0, "H": 755.0, "M": 1018.0}
    raked = sampling.rake(data, {"stype": totals, "comp.imp": {"Yes": 4000.0, "No": 2194.0}}, weight="pw")
    made = sampling.replicate_weights(data, study.design, calibration=raked, kind="jackknife")
    for name in made.design.replicates[:20]:
        sums = made.data.groupby("comp.imp")[name].sum()
        assert sums["Yes"] == pytest.approx(4000, rel=1e-6)
        assert made.data.groupby("stype")[name].sum()["H"] == pytest.approx(755, rel=1e-6)


def test_the_same_seed_writes_the_same_columns(data, study):
    one, two = (sampling.replicate_weights(data, study.design, n_resamples=50, rng=9) for _ in range(2))
    pd.testing.assert_frame_equal(one.data, two.data)


def test_the_intervals_need_no_more_than_the_design(data, study):
    made = sampling.replicate_weights(data, study.design, n_resamples=100, rng=9)
    fit = csi.Study(study.model, design=made.design).fit(made.data).replicate()
    with pytest.raises(csi.NotAvailable, match="percentile"):
        fit.index(interval="percentile")


@pytest.mark.parametrize("wrong", [{"kind": "brr"}, {"prefix": "api"}])
def test_wrong_words_are_refused(data, study, wrong):
    spoilt = data.assign(api1=1.0)
    with pytest.raises(csi.errors.SettingsError):
        sampling.replicate_weights(spoilt, study.design, n_resamples=10, **wrong)


def test_the_design_effect_of_a_mean_is_that_of_the_survey_room(data):
    """An index of one item is its mean, whose design effect R's survey package gives."""
    model = csi.Model("one", {"a": ["api00"], "b": ["api99"]}, {"b": ["a"]}, index="a", scale=(0, 100))
    fit = csi.Study(model, design=csi.Design(weight="pw", stratum="stype")).fit(data)
    found = fit.design_effects().loc["a"]
    expected = sampling.mean(data, "api00", csi.Design(weight="pw", stratum="stype"))
    assert found["std_error"] == pytest.approx(float(expected["std_error"].iloc[0]), rel=1e-9)
    n = len(data)
    assert found["n_effective"] == pytest.approx(n / found["deff"])
    fraction = 1 - n / data["pw"].sum()
    assert found["deff"] == pytest.approx(float(expected["deff"].iloc[0]) * fraction, rel=1e-6)


def test_without_a_design_the_design_effect_is_one(mobi):
    fit = csi.Study(csi.models.ecsi()).fit(mobi)
    assert fit.design_effects()["deff"].to_numpy() == pytest.approx(1.0)
