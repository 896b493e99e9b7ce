"""EM moments: published numbers, the meaning of weights, and replicates that have no answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csi.numerics.em import em, inverse_covariance, missing_patterns

ORACLES = Path(__file__).parent / "oracles"


def holes(seed: int = 0, n: int = 80, p: int = 4, share: float = 0.15) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) + 5 * np.arange(p)
    x[rng.random((n, p)) < share] = np.nan
    return x


def loglik(x: np.ndarray, mean: np.ndarray, cov: np.ndarray) -> float:
    total = 0.0
    for cases, observed in missing_patterns(x):
        centred = x[np.ix_(cases, observed)] - mean[observed]
        block = cov[np.ix_(observed, observed)]
        total -= len(cases) * np.linalg.slogdet(block)[1] / 2
        total -= np.einsum("ij,ij->", centred, np.linalg.solve(block, centred.T).T) / 2
    return total


def test_complete_answers_give_their_own_moments_at_once():
    x = holes(share=0)
    answer = em(x)
    np.testing.assert_allclose(answer.mean[0], x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(answer.cov[0], np.cov(x.T, bias=True), rtol=1e-10)
    assert answer.converged.all() and answer.iterations[0] <= 3


def test_one_incomplete_column_is_its_regression_on_the_other():
    x = holes(3, share=0)[:, :2]
    x[50:, 1] = np.nan
    slope, level = np.polyfit(x[:50, 0], x[:50, 1], 1)
    answer = em(x, tolerance=1e-12)
    np.testing.assert_allclose(answer.mean[0, 1], level + slope * x[:, 0].mean(), rtol=1e-9)
    np.testing.assert_allclose(answer.cov[0, 0, 1], slope * x[:, 0].var(), rtol=1e-9)


def test_no_neighbour_is_more_likely():
    x = holes(1)
    answer = em(x, tolerance=1e-11)
    best = loglik(x, answer.mean[0], answer.cov[0])
    rng = np.random.default_rng(2)
    for _ in range(50):
        step = rng.normal(size=(4, 4)) * 1e-3
        moved = loglik(x, answer.mean[0] + rng.normal(size=4) * 1e-3, answer.cov[0] + step @ step.T + (step + step.T))
        assert moved < best


def test_airquality_moments_reproduce_the_distance_of_little():
    x = pd.read_csv(ORACLES / "r_airquality.csv", comment="#").to_numpy(float)
    answer = em(x)
    distance = 0.0
    for cases, observed in missing_patterns(x):
        gap = x[np.ix_(cases, observed)].mean(axis=0) - answer.mean[0, observed]
        distance += len(cases) * gap @ np.linalg.solve(answer.cov[0][np.ix_(observed, observed)], gap)
    assert round(distance, 5) == 35.10617


def test_counts_are_repeated_rows_and_a_constant_changes_nothing():
    x = holes(4)
    counts = np.random.default_rng(5).integers(0, 4, size=len(x))
    weighted = em(x, np.vstack([counts, 7.5 * counts]), tolerance=1e-11)
    repeated = em(np.repeat(x, counts, axis=0), tolerance=1e-11)
    for row in range(2):
        np.testing.assert_allclose(weighted.mean[row], repeated.mean[0], rtol=1e-8)
        np.testing.assert_allclose(weighted.cov[row], repeated.cov[0], rtol=1e-7)


def test_replicates_are_those_of_one_by_one_and_a_warm_start_is_shorter():
    x = holes(6)
    whole = em(x)
    weights = np.random.default_rng(7).multinomial(len(x), np.full(len(x), 1 / len(x)), size=6).astype(float)
    warm = em(x, weights, whole.mean[0], whole.cov[0], tolerance=1e-10)
    for b, row in enumerate(weights):
        alone = em(x, row, tolerance=1e-10)
        np.testing.assert_allclose(warm.cov[b], alone.cov[0], rtol=1e-6)
    assert em(x, None, whole.mean[0], whole.cov[0], tolerance=1e-6).iterations[0] == 1


def test_a_lost_replicate_is_nan_and_leaves_the_others_alone():
    x = holes(8)
    never = np.where(np.isnan(x[:, 2]), 1.0, 0.0)
    answer = em(x, np.vstack([np.ones(len(x)), never, np.zeros(len(x))]))
    assert answer.converged.tolist() == [True, False, False]
    assert np.isnan(answer.mean[1]).all() and np.isnan(answer.cov[2]).all()
    np.testing.assert_allclose(answer.cov[0], em(x).cov[0], rtol=1e-12)


def test_perfectly_dependent_items_are_nan_not_a_number():
    x = holes(9)
    x[:, 3] = 2 * x[:, 2]
    answer = em(x)
    assert not answer.converged[0] and np.isnan(answer.cov[0]).all()


def test_cases_without_answers_change_nothing():
    x = holes(10)
    more = np.vstack([x, np.full((5, 4), np.nan)])
    np.testing.assert_allclose(em(more).cov[0], em(x).cov[0], rtol=1e-9)


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_units_of_an_item_do_not_matter(factor):
    x = holes(11)
    scaled = x * np.array([1.0, factor, 1.0, 1.0])
    np.testing.assert_allclose(em(scaled).mean[0, 1], factor * em(x).mean[0, 1], rtol=1e-7)


def test_the_inverse_of_a_singular_covariance_is_nan():
    both = np.stack([np.eye(2), np.ones((2, 2))])
    inverse = inverse_covariance(both)
    np.testing.assert_array_equal(inverse[0], np.eye(2))
    assert np.isnan(inverse[1]).all()
