"""Extraction, rotation, adequacy and parallel analysis against psych, factanal and promax of R."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csi import datasets
from csi.numerics import adequacy, factor, parallel, rotation

ORACLES = Path(__file__).parent / "oracles"
PSYCH = json.loads((ORACLES / "psych_mobi.json").read_text(encoding="utf-8"))
BFI = json.loads((ORACLES / "psych_bfi.json").read_text(encoding="utf-8"))
MOBI = datasets.load("mobi")
R = MOBI.corr().to_numpy()
ATTITUDE = pd.read_csv(ORACLES / "r_attitude.csv", comment="#").corr().to_numpy()
ROTATIONS = {
    "none": lambda a: rotation.Rotation(a, np.eye(a.shape[1])),
    "varimax": rotation.varimax,
    "quartimax": rotation.quartimax,
    "promax": rotation.promax,
    "oblimin": rotation.oblimin,
}


def table(matrix: dict) -> np.ndarray:
    """An oracle matrix in the order of the items of mobi."""
    frame = pd.DataFrame(matrix["values"], matrix["rows"], matrix["cols"])
    return (frame.loc[MOBI.columns] if set(MOBI.columns) <= set(frame.index) else frame).to_numpy()


def matched(ours: np.ndarray, theirs: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Order and signs of our columns that make them theirs."""
    order = [int(np.argmax(np.abs(column @ ours) / np.linalg.norm(ours, axis=0))) for column in theirs.T]
    return order, np.sign((ours[:, order] * theirs).sum(axis=0))


def extract(method: str, corr: np.ndarray, k: int, tolerance: float = factor.R_TOLERANCE) -> factor.Extraction:
    start = factor.smallest_uniquenesses(corr)
    if method == "ml":
        return factor.maximum_likelihood(corr, k, start, tolerance)
    if method == "minres":
        return factor.minimum_residuals(corr, k, start, tolerance)
    return factor.principal_axes(corr, k)


@pytest.mark.parametrize("rotate", ROTATIONS)
@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("method", ["ml", "minres", "pa"])
def test_loadings_and_factor_correlations_are_those_of_psych(method, k, rotate):
    oracle = PSYCH["fa"][f"{method}_{rotate}_{k}"]
    found = extract(method, R, k)
    turned = ROTATIONS[rotate](found.loadings)
    theirs = table(oracle["loadings"])
    order, sign = matched(turned.loadings, theirs)
    np.testing.assert_allclose(turned.loadings[:, order] * sign, theirs, atol=1e-9)
    if oracle["Phi"]:
        phi = turned.correlations[np.ix_(order, order)] * np.outer(sign, sign)
        np.testing.assert_allclose(phi, pd.DataFrame(oracle["Phi"]["values"]).to_numpy(), atol=1e-9)


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("method", ["ml", "minres", "pa"])
def test_goodness_of_fit_is_that_of_psych(method, k):
    oracle = PSYCH["fa"][f"{method}_none_{k}"]
    loadings = extract(method, R, k).loadings
    test, rms = factor.goodness(R, loadings @ loadings.T, 250, k)
    assert test.df == oracle["dof"]
    expected = [oracle[c] for c in ("chi", "PVAL", "rms")]
    np.testing.assert_allclose([test.statistic, test.p_value, rms], expected, rtol=1e-7)


@pytest.mark.parametrize("method", ["ml", "minres"])
@pytest.mark.parametrize("k", [2, 3, 5])
def test_a_strict_tolerance_ends_at_the_optimum_that_r_stops_just_before(method, k):
    strict = extract(method, R, k, 1e-15)
    loose = extract(method, R, k)
    np.testing.assert_allclose(strict.loadings @ strict.loadings.T, loose.loadings @ loose.loadings.T, atol=5e-5)
    communality = np.square(strict.loadings).sum(axis=1)
    np.testing.assert_allclose(communality + strict.uniquenesses, 1, atol=2e-7)
    if method == "minres":
        axes = factor.principal_axes(R, k)
        np.testing.assert_allclose(strict.uniquenesses, axes.uniquenesses, atol=1e-6)


def test_factanal_of_mobi_is_reproduced_with_its_start():
    start = (1 - 0.5 * 3 / 24) * factor.smallest_uniquenesses(R)
    found = factor.maximum_likelihood(R, 3, start)
    oracle = PSYCH["factanal_3_varimax"]
    np.testing.assert_allclose(found.uniquenesses, [oracle["uniq"][i] for i in MOBI.columns], atol=1e-10)
    turned = rotation.varimax(found.loadings).loadings
    order, sign = matched(turned, table(oracle["loadings"]))
    np.testing.assert_allclose(turned[:, order] * sign, table(oracle["loadings"]), atol=1e-9)


def attitude() -> factor.Extraction:
    return factor.maximum_likelihood(ATTITUDE, 2, (1 - 0.5 * 2 / 7) * factor.smallest_uniquenesses(ATTITUDE))


def test_factanal_of_attitude_to_its_printed_digits():
    found = attitude()
    printed = [0.209726, 0.132336, 0.641017, 0.396382, 0.317739, 0.896860, 0.036622]
    np.testing.assert_array_equal(np.round(found.uniquenesses, 6), printed)
    test, _ = factor.goodness(ATTITUDE, found.loadings @ found.loadings.T, 30, 2)
    assert (round(test.statistic, 6), test.df, round(test.p_value, 5)) == (5.474201, 8, 0.70590)


@pytest.mark.parametrize(
    ("turned", "printed"),
    [
        (rotation.varimax, {0: (0.881980, 0.111283), 1: (0.913956, 0.179853), 6: (0.052656, 0.980105)}),
        (lambda a: rotation.promax(a, normalize=False), {0: (1.022932, -0.251891), 6: (-0.328331, 1.150720)}),
    ],
)
def test_rotations_of_attitude_to_their_printed_digits(turned, printed):
    loadings = turned(attitude().loadings).loadings
    theirs = np.array(list(printed.values()))
    order, sign = matched(loadings[list(printed)], theirs)
    np.testing.assert_array_equal(np.round((loadings[:, order] * sign)[list(printed)], 6), theirs)


def test_principal_components_of_attitude_and_mobi():
    turned = rotation.varimax(factor.principal_components(ATTITUDE, 2).loadings).loadings
    sums = np.sort(np.square(turned).sum(axis=0))[::-1]
    assert np.round(sums, 5).tolist() == [3.17120, 1.68609] and round(sums.sum() / 7, 5) == 0.69390
    plain = factor.principal_components(R, 3).loadings
    for name, ours in {"principal_3_none": plain, "principal_3_varimax": rotation.varimax(plain).loadings}.items():
        theirs = table(PSYCH[name]["loadings"])
        order, sign = matched(ours, theirs)
        np.testing.assert_allclose(ours[:, order] * sign, theirs, atol=1e-9)


def test_adequacy_of_mobi_and_its_blocks():
    overall, single = adequacy.kmo(R)
    assert overall == pytest.approx(PSYCH["KMO_all"]["MSA"], abs=1e-9)
    np.testing.assert_allclose(single, [PSYCH["KMO_all"]["MSAi"][i] for i in MOBI.columns], atol=1e-9)
    test = adequacy.bartlett_sphericity(R, 250)
    assert (test.statistic, test.df) == (pytest.approx(PSYCH["bartlett_all"]["chisq"]), 276)


def test_adequacy_of_attitude_and_bfi_to_printed_digits():
    test = adequacy.bartlett_sphericity(ATTITUDE, 30)
    assert round(adequacy.kmo(ATTITUDE)[0], 7) == 0.7632754
    assert (round(test.statistic, 5), test.df, f"{test.p_value:.2e}") == (98.75278, 21, "4.79e-12")
    corr = np.eye(25)
    corr[np.tril_indices(25, -1)] = BFI["correlation"]
    corr = corr + np.tril(corr, -1).T
    assert round(adequacy.kmo(corr)[0], 7) == 0.8486452
    big = adequacy.bartlett_sphericity(corr, BFI["n"])
    assert (round(big.statistic, 2), big.df) == (18146.07, 300)
    observed = parallel.eigenvalues(corr)
    assert np.round(observed[:6], 4).tolist() == [5.1343, 2.7519, 2.1427, 1.8523, 1.5482, 1.0736]
    chance = parallel.random_eigenvalues(BFI["n"], 25, 20, np.random.default_rng(1))
    assert parallel.retained(observed, np.quantile(chance, 0.95, axis=0)) == 5


def test_parallel_analysis_of_mobi_and_its_blocks():
    observed = parallel.eigenvalues(R)
    np.testing.assert_allclose(observed, PSYCH["eigen_cor"], atol=1e-9)
    chance = parallel.random_eigenvalues(250, 24, 130, np.random.default_rng(7))
    assert parallel.retained(observed, np.quantile(chance, 0.95, axis=0)) == 2
    fewer = parallel.random_eigenvalues(250, 24, 64, np.random.default_rng(7))
    np.testing.assert_array_equal(chance[:64], fewer)
    np.testing.assert_allclose(chance.sum(axis=1), 24)


def test_permuted_answers_keep_their_distribution():
    x = MOBI.to_numpy(float)[:, :4]
    chance = parallel.random_eigenvalues(250, 4, 50, np.random.default_rng(3), answers=x)
    assert chance.shape == (50, 4) and 1 < chance[:, 0].mean() < 1.3


@pytest.mark.parametrize("rotate", ["varimax", "quartimax", "promax", "oblimin"])
def test_a_rotation_changes_neither_the_common_part_nor_follows_signs(rotate):
    plain = extract("pa", R, 3).loadings
    turned = ROTATIONS[rotate](plain)
    common = turned.loadings @ turned.correlations @ turned.loadings.T
    np.testing.assert_allclose(common, plain @ plain.T, atol=1e-10)
    flipped = ROTATIONS[rotate](plain * [1, -1, 1])
    order, sign = matched(flipped.loadings, turned.loadings)
    np.testing.assert_allclose(flipped.loadings[:, order] * sign, turned.loadings, atol=1e-9)


def test_strict_oblimin_has_a_vanishing_gradient_and_a_lower_criterion():
    plain = extract("pa", R, 3).loadings
    strict = rotation.oblimin(plain, tolerance=1e-9).loadings
    loose = rotation.oblimin(plain).loadings
    assert rotation._oblimin_criterion(strict, 0)[0] <= rotation._oblimin_criterion(loose, 0)[0]
    np.testing.assert_allclose(strict, loose, atol=1e-4)
