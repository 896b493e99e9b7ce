"""Standardized solutions, R2, residuals, modification indices and factor scores against lavaan 0.6-14."""

from __future__ import annotations

import numpy as np
import pytest
from sem_models import ACSI, build, expected, mobi, moments, oracle

from csi.numerics.sem.delta import delta_errors
from csi.numerics.sem.estimate import estimate
from csi.numerics.sem.inference import local, parameter_covariance
from csi.numerics.sem.modification import modification
from csi.numerics.sem.residuals import residual_correlation, standardized_residuals
from csi.numerics.sem.scores import factor_scores, score_weights
from csi.numerics.sem.standardize import direct_effects, explained, raw_cells, standardized_cells, total_effects
from csi.numerics.sem.structure import DIRECTED, SYMMETRIC

N = np.array([250.0])


def fitted(model="ACSI", **options):
    built = build(model, **options)
    x = mobi(built.items)
    covariance, _ = moments(x, 250)
    found = estimate(built.structure, covariance, None, N)
    here = local(built.structure, found.theta, covariance, None, N)
    return built, x, covariance, found.theta, here


def names(built):
    """(lhs, op, rhs, 1) of every cell."""
    variables = built.items + built.constructs
    out = []
    s = built.structure
    for kind, row, col in zip(s.kind, s.row, s.col, strict=True):
        one, two = variables[row], variables[col]
        loading = kind == DIRECTED and row < s.n_items
        out.append((two, "=~", one, 1) if loading else (one, "~" if kind == DIRECTED else "~~", two, 1))
    return out


@pytest.mark.parametrize(("model", "tolerance"), [("ACSI", 1e-7), ("ECSI", 2e-6)])
def test_standardized_solution_and_its_errors(model, tolerance):
    built, _, _, theta, here = fitted(model)
    v = parameter_covariance(here, 250.0)[0]
    ours = standardized_cells(built.structure, theta)[0]
    errors = delta_errors(lambda t: standardized_cells(built.structure, t), theta[0], v)
    values, reference = expected(oracle(f"{model}_ML_polished")["standardized"], names(built))
    np.testing.assert_allclose(ours, values, atol=tolerance, rtol=tolerance)
    np.testing.assert_allclose(errors, reference, atol=tolerance, rtol=tolerance)


def test_standardizing_constructs_only_equals_unit_variances():
    built, _, _, theta, _ = fitted()
    unit, _, _, other, _ = fitted(std_lv=True)
    ours = standardized_cells(built.structure, theta, "constructs")[0]
    found = dict(zip(names(built), ours, strict=True))
    # Endogenous constructs have a residual variance of one there, a variance of one here: measurement of the exogenous.
    for item in ("CUEX1", "CUEX2", "CUEX3"):
        label = ("Expectation", "=~", item, 1)
        np.testing.assert_allclose(abs(found[label]), abs(other[0, unit.labels.index(label)]), rtol=1e-9)
    assert found["Expectation", "~~", "Expectation", 1] == pytest.approx(1)


def test_explained_variance():
    built, _, _, theta, _ = fitted()
    ours = dict(zip(built.items + built.constructs, explained(built.structure, theta)[0, 0], strict=True))
    for name, value in oracle("ACSI_ML_polished")["r2"].items():
        np.testing.assert_allclose(ours[name], value, atol=1e-9, err_msg=name)
    assert np.isnan(ours["Expectation"])


def test_modification_indices():
    built, _, covariance, theta, _ = fitted()
    reference = oracle("ACSI_ML_polished")["modification"]
    place = {name: j for j, name in enumerate(built.items + built.constructs)}
    cells, values = [], []
    for one, op, two, index, change, *_ in reference["rows"]:
        ends = (place[two], place[one]) if op == "=~" else (place[one], place[two])
        cells.append((SYMMETRIC if op == "~~" else DIRECTED, *ends, 0))
        values.append((index, change))
    # A marker that is already the scale of its construct tells nothing: not identified.
    cells.append((DIRECTED, place["CUEX1"], place["Expectation"], 0))
    found = modification(built.structure, theta, covariance, None, N, tuple(np.array(cells, dtype=np.intp).T))
    index, change = np.array(values, dtype=float).T
    np.testing.assert_allclose(found.index[:-1], index, rtol=1e-6)
    np.testing.assert_allclose(found.change[:-1], change, rtol=1e-6)
    assert np.isnan(found.index[-1])


def test_the_index_foretells_the_drop_of_chi2():
    built, _, covariance, theta, _ = fitted()
    place = built.items.index("CUEX3"), built.items.index("PERQ1")
    cell = tuple(np.array([part], dtype=np.intp) for part in (SYMMETRIC, *place, 0))
    found = modification(built.structure, theta, covariance, None, N, cell)
    s = built.structure
    wider = type(s)(
        s.n_items,
        s.n_variables,
        *(np.append(old, new[0]) for old, new in zip((s.kind, s.row, s.col), cell[:3], strict=True)),
        np.append(s.free, s.n_free),
        np.append(s.value, 0.0),
        np.append(s.group, 0),
    )
    freed = estimate(wider, covariance, None, N)
    drop = 298.88722076 - 500 * freed.value[0]
    np.testing.assert_allclose(found.index[0], drop, rtol=0.1)
    np.testing.assert_allclose(found.change[0], freed.theta[0, -1], rtol=0.1)


def test_factor_scores():
    built, x, _, theta, _ = fitted("ECSI")
    polished = oracle("ECSI_ML_polished")["scores_regression"]["values"]
    np.testing.assert_allclose(factor_scores(built.structure, theta, x)[:5], polished, atol=1e-6)
    built, x, _, theta, _ = fitted()
    reference = oracle("ACSI_ML")
    for method in ("regression", "bartlett"):
        ours = factor_scores(built.structure, theta, x, method=method)[:5]
        # lavaan's file is not polished.
        np.testing.assert_allclose(ours, reference[f"scores_{method}"]["values"], atol=5e-5)
    weights = score_weights(built.structure, theta, method="bartlett")[0]
    loadings = direct_effects(built.structure, theta)[0, 0, : len(built.items), len(built.items) :]
    np.testing.assert_allclose(weights @ loadings, np.eye(6), atol=1e-9)


def test_effects_add_up():
    built, _, _, theta, _ = fitted()
    total, direct = total_effects(built.structure, theta)[0, 0], direct_effects(built.structure, theta)[0, 0]
    at = {name: len(built.items) + j for j, name in enumerate(built.constructs)}
    path = {(y, x): direct[at[y], at[x]] for y, causes in ACSI.items() for x in causes}
    through = (
        path["Satisfaction", "Expectation"]
        + path["Quality", "Expectation"] * path["Satisfaction", "Quality"]
        + path["Value", "Expectation"] * path["Satisfaction", "Value"]
        + path["Quality", "Expectation"] * path["Value", "Quality"] * path["Satisfaction", "Value"]
    )
    assert total[at["Satisfaction"], at["Expectation"]] == pytest.approx(through)
    assert raw_cells(built.structure, theta)[0, 0] == 1.0


def test_residuals():
    built, _, covariance, theta, here = fitted()
    correlation = residual_correlation(built.structure, theta, covariance)[0, 0]
    # First row of lavaan's residual correlations (not polished).
    np.testing.assert_allclose(correlation[0, 1:4], [0.0736051, -0.0199047, -0.0091377], atol=5e-6)
    normalized, standardized = standardized_residuals(here, covariance, 250.0)
    low = np.tril_indices(19, -1)
    shown = np.isfinite(standardized[0][low])
    assert shown.mean() > 0.9
    assert (np.abs(standardized[0][low][shown]) >= np.abs(normalized[0][low][shown]) - 1e-9).all()
    worst = np.unravel_index(np.nanargmax(np.abs(standardized[0])), (19, 19))
    assert abs(standardized[0][worst]) < 8
