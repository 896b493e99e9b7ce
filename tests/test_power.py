"""Power by simulation: what it must get right where the answer is known, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import csi


@pytest.fixture(scope="module")
def table():
    model = csi.models.scsb(items="mobi")
    return csi.power(model, n=[60, 250], n_samples=200, n_resamples=200, rng=1, progress=False)


def test_a_strong_path_is_found_and_more_respondents_find_more(table):
    small, large = table.xs(60, level="n"), table.xs(250, level="n")
    assert large["power"].max() == 1.0
    assert (large["power"].dropna() >= small["power"].dropna() - 0.02).all()
    assert (large["width"] < small["width"]).all()


def test_intervals_cover_within_monte_carlo_error(table):
    coverage = table.xs(250, level="n")["coverage"]
    assert coverage.between(0.95 - 4 * np.sqrt(0.95 * 0.05 / 200), 1.0).all()


def test_a_path_of_zero_is_found_as_often_as_the_level_says():
    model = csi.models.scsb(items="mobi")
    nothing = dict.fromkeys([("expectations", "value"), ("satisfaction", "complaints")], 0.0)
    table = csi.power(model, n=150, n_samples=300, n_resamples=200, rng=3, paths=nothing, progress=False)
    found = table.xs(("paths", "satisfaction", "complaints"), level=("noun", "left", "right"))["power"].item()
    assert found < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 300)


def test_the_width_of_the_index_is_that_of_the_formula(table):
    row = table.loc[(250, "index", "satisfaction", "")]
    assert row["width"] == pytest.approx(2 * 1.96 * row["std_error"], rel=0.1)


def test_a_fit_lends_its_parameters(mobi):
    fit = csi.Study(csi.models.ecsi()).fit(mobi)
    table = csi.power(fit, n=250, n_samples=20, n_resamples=50, rng=1, progress=False)
    true = table.loc[250].loc["paths"]["true"]
    assert true[("quality", "satisfaction")] == pytest.approx(fit.paths().loc[("quality", "satisfaction"), "estimate"])


def test_the_same_seed_gives_the_same_table():
    arguments = {"n": 50, "n_samples": 10, "n_resamples": 20, "rng": 5, "progress": False}
    model = csi.models.scsb(items="mobi")
    assert csi.power(model, **arguments).equals(csi.power(model, **arguments))


@pytest.mark.parametrize("wrong", [{"n": 3}, {"n": 2.5}, {"n_samples": 0}, {"confidence_level": 2}, {"rng": -1}])
def test_wrong_arguments_are_refused(wrong):
    with pytest.raises(csi.errors.SettingsError):
        csi.power(csi.models.scsb(items="mobi"), **wrong)


def test_without_resamples_the_methods_own_errors_are_used():
    model = csi.models.scsb(items="mobi")
    table = csi.power(model, n=200, n_samples=60, n_resamples=None, rng=2, progress=False)
    assert table["coverage"].between(0.84, 1.0).all()
    assert (table["failed"] == 0).all()
