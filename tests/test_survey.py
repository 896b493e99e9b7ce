"""Variances under strata, clusters and finite populations, against R's survey package and against algebra."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csi.numerics import survey

ORACLES = Path(__file__).parent / "oracles"
REPLICATES = json.loads((ORACLES / "survey_replicates.json").read_text(encoding="utf-8"))
ESTIMATES = json.loads((ORACLES / "survey_estimates.json").read_text(encoding="utf-8"))


def schools(name):
    return pd.read_csv(ORACLES / f"survey_{name}.csv", comment="#", encoding="utf-8")


def laid_out(name, fpc=True):
    data = schools(name)
    stratum = pd.factorize(data["stype"])[0] if name == "apistrat" else np.zeros(len(data), int)
    psu = np.arange(len(data)) if name == "apistrat" else pd.factorize(data["dnum"])[0]
    population = data["fpc"].groupby(stratum).first().to_numpy(float) if fpc else None
    return data, survey.layout(stratum, psu, population)


def psus_of_rows(laid, rows):
    return laid.psu[np.asarray(rows)]


def mean_influence(data, column):
    w, y = data["pw"].to_numpy(), data[column].to_numpy(float)
    return (w * (y - w @ y / w.sum()) / w.sum())[:, None]


@pytest.mark.parametrize("design", ["apistrat", "apistrat_nofpc", "apiclus1"])
def test_linearized_standard_error_of_a_mean(design):
    data, laid = laid_out(design.removesuffix("_nofpc"), fpc=not design.endswith("_nofpc"))
    variance = survey.linearized_variance(mean_influence(data, "api00"), laid)
    oracle = ESTIMATES[design]["mean_api00_api99"]["SE"]["api00"]
    assert np.sqrt(variance[0]) == pytest.approx(oracle, rel=1e-10)


def test_covariance_and_variance_agree_and_match_r():
    data, laid = laid_out("apistrat")
    both = np.hstack([mean_influence(data, c) for c in ("api00", "api99")])
    covariance = survey.linearized_covariance(both, laid)
    np.testing.assert_allclose(covariance, ESTIMATES["apistrat"]["mean_api00_api99"]["vcov"]["values"], rtol=1e-10)
    np.testing.assert_allclose(survey.linearized_variance(both, laid), np.diag(covariance), rtol=1e-13)


@pytest.mark.parametrize("replacement", [False, True])
def test_design_effect_of_a_mean(replacement):
    data, laid = laid_out("apistrat")
    u = mean_influence(data, "api00")
    w = data["pw"].to_numpy()
    srs = survey.srs_variance(u[:, 0] / w, w, np.ones(len(w), bool), replacement)
    oracle = ESTIMATES["apistrat"]["mean_deff_replace" if replacement else "mean_api00_api99"]
    oracle = oracle if replacement else oracle["deff"]
    assert survey.linearized_variance(u, laid)[0] / srs == pytest.approx(oracle["api00"], rel=1e-10)


def test_srs_variance_of_one_case_is_not_a_number():
    assert np.isnan(survey.srs_variance(np.ones(3), np.ones(3), np.array([True, False, False]), True))


def test_jk1_multipliers_are_those_of_r():
    data, laid = laid_out("apiclus1", fpc=False)
    oracle = REPLICATES["JK1_apiclus1"]
    dropped, rscales = survey.jackknife(laid)
    weights = survey.jackknife_multipliers(laid, dropped) * data["pw"].to_numpy()
    by_dnum = dict(zip(oracle["dnum"], oracle["weights_by_dnum"], strict=True))
    np.testing.assert_allclose(weights.T, [by_dnum[d] for d in data["dnum"]], rtol=1e-12)
    np.testing.assert_allclose(rscales, oracle["scale"] * oracle["rscales"], rtol=1e-14)


def test_jkn_multipliers_are_those_of_r():
    data, laid = laid_out("apistrat", fpc=False)
    oracle = REPLICATES["JKn_apistrat"]
    dropped, rscales = survey.jackknife(laid)
    in_our_order = psus_of_rows(laid, oracle["dropped_row"])
    assert sorted(dropped) == sorted(in_our_order)
    np.testing.assert_allclose(rscales[in_our_order], oracle["rscales"], rtol=1e-14)
    for replicate, cell in zip(oracle["shown_replicates"], oracle["weights_by_stype_after_drop"], strict=True):
        expected = data["stype"].map(cell).to_numpy(float, copy=True)
        expected[oracle["dropped_row"][replicate]] = 0
        multipliers = survey.jackknife_multipliers(laid, in_our_order[[replicate]])[0]
        np.testing.assert_allclose(multipliers * data["pw"], expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["JK1_apiclus1", "boot_apiclus1", "mrb_apiclus1", "JKn_apistrat"])
def test_replicate_standard_errors_are_those_of_r(name):
    oracle = REPLICATES[name]
    data, laid = laid_out(name.split("_")[1], fpc=False)
    if "weights_by_dnum" in oracle:
        by_dnum = dict(zip(oracle["dnum"], oracle["weights_by_dnum"], strict=True))
        weights = np.array([by_dnum[d] for d in data["dnum"]]).T
    else:
        dropped = psus_of_rows(laid, oracle["dropped_row"])
        weights = survey.jackknife_multipliers(laid, dropped) * data["pw"].to_numpy()
    y = data[["api00", "api99"]].to_numpy(float)
    draws = weights @ y / weights.sum(axis=1, keepdims=True)
    rscales = np.broadcast_to(np.asarray(oracle["rscales"], float), len(draws))
    variance = survey.replicate_covariance(draws, np.zeros(2), oracle["scale"], rscales, "mean")
    np.testing.assert_allclose(np.sqrt(np.diag(variance)), oracle["mean_api00_api99"]["SE"], rtol=1e-10)
    assert survey.replicate_degrees_of_freedom(weights.T) == oracle["degf"]


def test_rao_wu_is_unbiased_for_the_linearized_variance_of_a_total():
    data, laid = laid_out("apistrat", fpc=True)
    z = data["pw"].to_numpy() * data["api00"].to_numpy(float)
    draws = np.concatenate([block @ z for block in survey.rao_wu(laid, lambda b: np.random.default_rng([1, b]), 4_000)])
    assert draws.mean() == pytest.approx(z.sum(), rel=1e-3)
    exact = survey.linearized_variance(z[:, None], laid)[0]
    # The variance of 4,000 draws has a relative standard error of sqrt(2 / 4,000) = 2.2 %.
    assert draws.var(ddof=1) == pytest.approx(exact, rel=0.08)


def test_rao_wu_multipliers_are_never_negative_and_keep_the_stratum_size():
    _, laid = laid_out("apistrat", fpc=True)
    rows = survey.rao_wu_multipliers(laid, np.random.default_rng(0), 50)
    assert rows.min() >= 0
    for h in range(3):
        inside = laid.stratum[laid.psu] == h
        np.testing.assert_allclose(rows[:, inside].sum(axis=1), inside.sum(), rtol=1e-12)


def test_single_psu_strata_in_every_remedy():
    laid = survey.layout(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 3]))
    u = np.array([[1.0], [2.0], [4.0], [9.0]])
    three = 3 / 2 * ((np.array([1.0, 2.0, 4.0]) - 7 / 3) ** 2).sum()
    assert survey.linearized_variance(u, laid)[0] == pytest.approx(three)
    assert survey.linearized_variance(u, laid, "centered")[0] == pytest.approx(three + (9 - 4) ** 2)
    dropped, _ = survey.jackknife(laid)
    assert dropped.tolist() == [0, 1, 2]
    assert (survey.rao_wu_multipliers(laid, np.random.default_rng(0), 9)[:, 3] == 1).all()


def test_degrees_of_freedom_of_the_sample_and_of_a_domain():
    _, laid = laid_out("apistrat")
    assert survey.degrees_of_freedom(laid) == ESTIMATES["apistrat"]["degf"]
    assert survey.degrees_of_freedom(laid, laid.stratum[laid.psu] == 1) == 49


def test_the_same_label_in_two_strata_is_two_psus():
    laid = survey.layout(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    assert laid.n_psu.tolist() == [2, 2]
