"""Polychoric correlations, DWLS and ULS with robust tests against lavaan 0.6-14, on mobi in five categories."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sem_models import ACSI, BLOCKS, Built, expected, mobi, oracle
from test_sem_ml import NAMES

from csi.numerics.sem.delta import delta_errors
from csi.numerics.sem.ordinal import (
    completed,
    estimate_ordinal,
    ordinal_inference,
    ordinal_summary,
    widened,
)
from csi.numerics.sem.polychoric import bivariate_normal, ordinal_statistics
from csi.numerics.sem.standardize import standardized_cells
from csi.numerics.sem.structure import DIRECTED, SYMMETRIC, Structure


def codes(items):
    """Five ordered answers, categories in use numbered from 0."""
    answers = np.ceil(mobi(items) / 2)
    return np.stack([np.unique(column, return_inverse=True)[1] for column in answers.T], axis=1)


def ordered(paths):
    """Without residual variances; complaints, a single ordered item, takes part in the paths itself."""
    blocks = {name: block for name, block in BLOCKS.items() if name not in ("Image", "Complaints")}
    items = [i for block in blocks.values() for i in block] + (["CUSCO"] if paths else [])
    constructs = list(blocks)
    place = {name: j for j, name in enumerate(items + constructs)}
    rows, labels = [], []

    def add(kind, one, op, two, free, value=0.0):
        rows.append((kind, place[one], place[two], len(labels) if free else -1, value))
        labels.extend([((two, op, one, 1) if op == "=~" else (one, op, two, 1))] if free else [])

    for construct, block in blocks.items():
        for j, item in enumerate(block):
            add(DIRECTED, item, "=~", construct, j > 0, 1.0)
    known = {"Complaints": "CUSCO"}
    for effect, causes in paths.items():
        for cause in causes:
            add(DIRECTED, known.get(effect, effect), "~", known.get(cause, cause), True)
    for j, construct in enumerate(constructs):
        add(SYMMETRIC, construct, "~~", construct, True)
        for other in constructs[j + 1 :] if not paths else []:
            add(SYMMETRIC, construct, "~~", other, True)
    table = np.array(rows)
    whole = [table[:, j].astype(np.intp) for j in range(4)]
    structure = Structure(len(items), len(place), *whole, table[:, 4], np.zeros(len(table), dtype=np.intp))
    return Built(structure, items, constructs, labels)


CASES = [("ACSI_ORD_CFA_WLSMV", {}, "DWLS"), ("ACSI_ORD_WLSMV", ACSI, "DWLS"), ("ACSI_ORD_ULSMV", ACSI, "ULS")]


def test_polychoric_correlations_thresholds_and_their_covariance():
    reference = oracle("ACSI_ORD_sampstat")
    names = reference["polychoric"]["cols"]
    found = ordinal_statistics(codes(names))
    np.testing.assert_allclose(found.correlation, reference["polychoric"]["values"], atol=1e-7)
    theirs = reference["thresholds"]
    labels = [f"{name}|t{k + 1}" for name, cut in zip(names, found.thresholds, strict=True) for k in range(len(cut))]
    np.testing.assert_allclose(np.concatenate(found.thresholds), [theirs[label] for label in labels], atol=1e-10)
    labels += [f"{names[j]}~~{names[i]}" for i, j in zip(*np.tril_indices(len(names), -1), strict=True)]
    diagonal = [reference["nacov_diagonal"][label] for label in labels]
    np.testing.assert_allclose(np.diag(found.nacov), diagonal, rtol=1e-6)


@pytest.mark.parametrize(("name", "paths", "weighting"), CASES)
def test_estimates_errors_and_fit(name, paths, weighting):
    built = ordered(paths)
    sample = ordinal_statistics(codes(built.items))
    found = estimate_ordinal(built.structure, sample, weighting=weighting)
    assert found.status[0] == 0
    inference = ordinal_inference(built.structure, found.theta, sample, weighting)
    reference = oracle(name)
    estimates, errors = expected(reference["parameters"], built.labels)
    np.testing.assert_allclose(found.theta[0], estimates, atol=1e-5)
    np.testing.assert_allclose(np.sqrt(np.diag(inference.covariance)), errors, atol=1e-5)
    exact = ordinal_inference(built.structure, found.theta, sample, weighting, exact=True)
    np.testing.assert_allclose(np.sqrt(np.diag(exact.covariance)), errors, rtol=5e-3)
    np.testing.assert_allclose(exact.factor, inference.factor, rtol=1e-9)
    cuts = [
        (item, "|", f"t{k + 1}", 1)
        for item, t in zip(built.items, sample.thresholds, strict=True)
        for k in range(len(t))
    ]
    np.testing.assert_allclose(inference.threshold_errors, expected(reference["parameters"], cuts)[1], rtol=1e-9)
    ours = ordinal_summary(built.structure, found, inference, sample, weighting)
    theirs = reference["fit"]
    names = {o: n for o, n in NAMES.items() if not o.startswith(("srmr", "crmr", "rmr"))}
    names |= {"srmr": "srmr", "crmr": "crmr_nomean", "wrmr": "wrmr", "chi2_scaled": "chisq.scaled"}
    names |= {"p_value_scaled": "pvalue.scaled", "scaling_factor": "chisq.scaling.factor"}
    names |= {"baseline_chi2_scaled": "baseline.chisq.scaled"}
    names |= {f"{m}_scaled": f"{m}.scaled" for m in ("cfi", "tli", "nfi", "rfi", "ifi", "rni", "pnfi", "rmsea")}
    names |= {"rmsea_low_scaled": "rmsea.ci.lower.scaled", "rmsea_close_scaled": "rmsea.pvalue.scaled"}
    compared = [o for o, n in names.items() if o in ours and theirs.get(n) is not None]
    assert len(compared) > 30
    for measure in compared:
        np.testing.assert_allclose(ours[measure], theirs[names[measure]], rtol=1e-5, atol=1e-6, err_msg=measure)


def test_standardized_solution():
    built = ordered(ACSI)
    sample = ordinal_statistics(codes(built.items))
    found = estimate_ordinal(built.structure, sample)
    inference = ordinal_inference(built.structure, found.theta, sample)
    wide = widened(built.structure)
    variables = built.items + built.constructs

    def standardized(theta):
        return standardized_cells(wide, completed(wide, theta))

    labels = []
    for kind, row, col in zip(wide.kind, wide.row, wide.col, strict=True):
        one, two = variables[row], variables[col]
        loading = kind == DIRECTED and row < wide.n_items and one != "CUSCO"
        labels.append((two, "=~", one, 1) if loading else (one, "~" if kind == DIRECTED else "~~", two, 1))
    values, errors = expected(oracle("ACSI_ORD_WLSMV")["standardized"], labels)
    # lavaan's own implied variance of Loyalty's items is 1.0001 where a single ordered item predicts; ours is 1.
    exact = np.array(["CUSL" not in label[2] and "CUSL" not in label[0] for label in labels])
    np.testing.assert_allclose(standardized(found.theta)[0][exact], values[exact], atol=5e-6)
    np.testing.assert_allclose(standardized(found.theta)[0], values, atol=2e-4)
    ours = delta_errors(standardized, found.theta[0], inference.covariance)
    # lavaan gives no standard error to what the parameterization fixes, residual variances here.
    shown = (errors > 0) & exact & np.array([label[:2] != ("Loyalty", "~") for label in labels])
    np.testing.assert_allclose(ours[shown], errors[shown], atol=5e-6)


def test_the_implied_variances_are_one():
    built = ordered(ACSI)
    wide = widened(built.structure)
    theta = 0.3 + 0.2 * np.random.default_rng(0).random((3, built.structure.n_free))
    from csi.numerics.sem.inference import implied_moments

    model = implied_moments(wide, completed(wide, theta))[0]
    np.testing.assert_allclose(np.diagonal(model.sigma(wide.n_items), axis1=1, axis2=2), 1.0, atol=1e-12)


def test_bivariate_normal_distribution():
    rng = np.random.default_rng(1)
    x, y, rho = rng.normal(size=8), rng.normal(size=8), rng.uniform(-0.97, 0.97, size=8)
    theirs = [multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([a, b]) for a, b, r in zip(x, y, rho, strict=True)]
    np.testing.assert_allclose(bivariate_normal(x, y, rho), theirs, atol=2e-6)
    # Orthants have a closed form [Sheppard 1899].
    np.testing.assert_allclose(bivariate_normal(0.0, 0.0, rho), 0.25 + np.arcsin(rho) / (2 * np.pi), atol=1e-15)


def test_two_by_two_tables_are_tetrachoric():
    rng = np.random.default_rng(2)
    z = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=4000)
    found = ordinal_statistics((z > 0).astype(int))
    quadrant = np.mean((z > 0).all(axis=1) | (z < 0).all(axis=1))
    np.testing.assert_allclose(found.correlation[1, 0], np.sin(np.pi * (quadrant - 0.5)), atol=2e-3)
