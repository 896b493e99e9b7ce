"""Multiple imputation: what is known stays, what is not shows in the errors, and Rubin's rules by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from csi import analysis, datasets
from csi.design import Design
from csi.errors import DataError, EstimationError, SettingsError
from csi.numerics.em import em
from csi.numerics.imputation import impute, rubin

MOBI = datasets.load("mobi")
ITEMS = ["CUSA1", "CUSA2", "CUSA3", "PERV1", "PERV2"]


def holes(share: float = 0.1) -> pd.DataFrame:
    data = MOBI[ITEMS].astype(float)
    return data.mask(np.random.default_rng(1).random(data.shape) < share).assign(wave="w1")


def test_answers_given_are_kept_and_the_seed_decides_the_rest():
    data = holes()
    one, again = (analysis.impute(data, ITEMS, n_imputations=3, rng=7) for _ in range(2))
    given = data[ITEMS].notna().to_numpy()
    for left, right in zip(one, again, strict=True):
        pd.testing.assert_frame_equal(left, right)
        assert list(left.columns) == list(data.columns) and left[ITEMS].notna().all(axis=None)
        np.testing.assert_array_equal(left[ITEMS].to_numpy()[given], data[ITEMS].to_numpy()[given])
    assert not np.allclose(one[0][ITEMS], one[1][ITEMS])


def test_pooled_means_are_those_of_em_with_larger_errors_than_pretended():
    data = holes(0.2)
    completed = analysis.impute(data, ITEMS, n_imputations=40, rng=1)
    pooled = analysis.pool([analysis.describe(d, ITEMS).rename(columns={"mean": "estimate"}) for d in completed])
    likely = em(data[ITEMS].to_numpy())
    np.testing.assert_allclose(pooled["estimate"], likely.mean[0], atol=0.05)
    np.testing.assert_allclose(np.mean([d[ITEMS].cov() for d in completed], axis=0), likely.cov[0], rtol=0.1, atol=0.1)
    pretended = completed[0][ITEMS].std() / np.sqrt(250)
    assert (pooled["std_error"] > 0.99 * pretended).all()
    assert ((pooled["missing_information"] > 0.02) & (pooled["missing_information"] < 0.35)).all()


def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(80):
        x = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], 60)
        x[x[:, 0] > 0.3, 1] = np.nan
        b = impute(x, np.ones(60), 10, rng)[:, :, 1]
        row = rubin(b.mean(axis=1)[:, None], b.var(axis=1, ddof=1)[:, None] / 60, np.array([59.0]))
        inside += abs(row.estimate[0]) < stats.t.ppf(0.975, row.df[0]) * row.std_error[0]
    assert 0.88 < inside / 80 <= 1


def test_rubins_rules_by_hand():
    estimates, variances = np.array([[1.0], [1.4], [0.9], [1.2]]), np.array([[0.2], [0.25], [0.22], [0.21]])
    found = rubin(estimates, variances, np.array([np.inf]))
    between, within = estimates.var(ddof=1), variances.mean()
    total = within + 1.25 * between
    assert found.std_error[0] == pytest.approx(np.sqrt(total))
    assert found.df[0] == pytest.approx(3 / (1.25 * between / total) ** 2)
    small = rubin(estimates, variances, np.array([20.0]))
    assert small.df[0] < 20 and small.std_error[0] == found.std_error[0]
    same = rubin(np.ones((3, 1)), np.full((3, 1), 0.5), np.array([30.0]))
    assert same.missing_information[0] == 0 and same.std_error[0] == np.sqrt(0.5)


def test_pooling_keeps_the_common_columns():
    tables = [pd.DataFrame({"estimate": [e, 2.0], "std_error": [0.5, 0.1]}, index=["a", "b"]) for e in (1.0, 1.2)]
    pooled = analysis.pool(tables)
    assert list(pooled.columns[:6]) == ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]
    assert pooled.loc["b", "conf_high"] == pytest.approx(2 + stats.norm.ppf(0.975) * 0.1)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: analysis.impute(holes(), ITEMS, n_imputations=1), SettingsError, "at least 2"),
        (lambda: analysis.impute(holes().assign(k=1.0), [*ITEMS, "k"]), EstimationError, "constant"),
        (lambda: analysis.impute(holes().assign(c=2), ITEMS, design=Design(count="c")), DataError, "counts"),
        (lambda: analysis.pool([MOBI, MOBI]), DataError, "has no column 'estimate'"),
        (lambda: analysis.pool([MOBI]), SettingsError, "at least two"),
    ],
)
def test_refusals_say_what_would_be_right(call, error, says):
    with pytest.raises(error, match=says):
        call()
