"""Association of two questions under a design: the weighted cross-tabulation and the Rao-Scott test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from csi.design import Design
from csi.errors import DataError, EstimationError, SettingsError
from csi.sampling.drawn import Drawn, drawn
from csi.sampling.estimating import Columns, Rng, Setting, Variance, estimate
from csi.sampling.weights import Weights

Floats = NDArray[np.float64]


def crosstab(
    data: Any, rows: str, columns: str, design: Design | None = None, *, calibration: Weights | None = None
) -> pd.DataFrame:
    """Weighted shares of every pair of answers: a wide table that sums to 1.

    Parameters
    ----------
    data : DataFrame
        One row a respondent; a row with a blank in either column is left out.
    rows, columns : str
        Two columns of categories.
    design : Design, optional
        As in `mean`.
    calibration : Weights, optional
        As in `mean`.

    Examples
    --------
    >>> answers = pd.DataFrame({"mode": ["web", "web", "phone", "phone"], "happy": ["y", "n", "y", "y"]})
    >>> crosstab(answers, "mode", "happy").loc["phone", "y"].item()
    0.5
    """
    sample = drawn(data, design)
    cells, shape, (row_labels, column_labels) = _cells(sample, rows, columns)
    found = estimate(sample, cells, calibration, Setting())
    return pd.DataFrame(
        found.estimate.reshape(shape),
        index=pd.Index(row_labels, name=rows),
        columns=pd.Index(column_labels, name=columns),
    )


def crosstab_test(
    data: Any,
    rows: str,
    columns: str,
    design: Design | None = None,
    *,
    calibration: Weights | None = None,
    variance: Variance | None = None,
    n_resamples: int = 1000,
    rng: Rng = None,
) -> pd.DataFrame:
    """Test whether two questions are independent, with the design: Pearson's statistic, Rao-Scott corrected.

    Parameters
    ----------
    data, rows, columns, design, calibration
        As in `crosstab`.
    variance, n_resamples, rng
        As in `mean`.

    Returns
    -------
    DataFrame
        One row: `statistic` (F), `df` and `df_error` (of the F distribution, not whole), `p_value`, `chi2` (Pearson's
        statistic of the weighted table at the number of respondents) and `n`.

    Notes
    -----
    Second-order correction: with delta the eigenvalues of the generalized design effects, F = X2 / sum(delta), on
    d = sum(delta)^2 / sum(delta^2) and d nu degrees of freedom, nu that of the design [Rao & Scott 1984; Thomas & Rao
    1987]. It is `svychisq(statistic="F")` of R's survey package.

    Examples
    --------
    >>> answers = pd.DataFrame({"mode": ["web"] * 4 + ["phone"] * 4, "happy": list("yynnyyyy")})
    >>> crosstab_test(answers, "mode", "happy")[["statistic", "df", "p_value"]].round(4).values.tolist()
    [[2.5926, 1.0, 0.1514]]
    """
    sample = drawn(data, design)
    cells, shape, _ = _cells(sample, rows, columns)
    if min(shape) < 2:
        raise DataError(f"a test needs two categories or more in each of {rows!r} and {columns!r}; found {shape}")
    found = estimate(sample, cells, calibration, Setting(variance, n_resamples, rng))
    n = int(found.n[0])
    chi2 = _pearson(found.estimate.reshape(shape), n)
    delta = _design_effects(found.estimate, found.covariance, shape, n)
    trace, square = float(np.trace(delta)), float(np.trace(delta @ delta))
    df = trace**2 / square
    nu = float(found.df[0])
    statistic = chi2 / trace
    p_value = float(f_distribution.sf(statistic, df, df * nu))
    row = {"statistic": statistic, "df": df, "df_error": df * nu, "p_value": p_value, "chi2": chi2, "n": n}
    return pd.DataFrame([row], index=pd.Index([f"{rows} x {columns}"], name="table"))


def _cells(sample: Drawn, rows: str, columns: str) -> tuple[Columns, tuple[int, int], tuple[list[Any], list[Any]]]:
    """Indicators of every cell, as shares of those who answered both."""
    if rows == columns:
        raise SettingsError(f"rows= and columns= are both {rows!r}; cross two different columns")
    (r, row_labels), (c, column_labels) = sample.classes(rows), sample.classes(columns)
    shape = len(row_labels), len(column_labels)
    both = (r >= 0) & (c >= 0)
    if not both.any():
        raise DataError(f"nobody answered both {rows!r} and {columns!r}")
    inside = np.repeat(both[:, None], shape[0] * shape[1], axis=1)
    member = np.where(inside, (r * shape[1] + c)[:, None] == np.arange(shape[0] * shape[1])[None, :], False)
    labels = pd.MultiIndex.from_product([row_labels, column_labels], names=[rows, columns])
    return Columns(member.astype(float), inside.astype(float), inside, labels), shape, (row_labels, column_labels)


def _pearson(shares: Floats, n: int) -> float:
    """Pearson's statistic of a table of shares, at n respondents."""
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    gaps = np.divide((shares - expected) ** 2, expected, out=np.zeros_like(shares), where=expected > 0)
    return float(n * gaps.sum())


def _design_effects(shares: Floats, covariance: Floats, shape: tuple[int, int], n: int) -> Floats:
    """Matrix whose eigenvalues are the generalized design effects of the contrasts of independence."""
    inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
    contrasts = _interaction(shape)
    scaled = contrasts * inverse[:, None]
    under_srs = contrasts.T @ scaled / n
    if np.linalg.matrix_rank(under_srs) < len(under_srs):
        raise EstimationError("too many empty cells for a test of independence; merge categories")
    return np.asarray(np.linalg.solve(under_srs, scaled.T @ covariance @ scaled), dtype=float)


def _interaction(shape: tuple[int, int]) -> Floats:
    """Interaction columns of a two-way table, free of both main effects."""
    r, c = shape
    rows, columns = np.repeat(np.eye(r), c, axis=0), np.tile(np.eye(c), (r, 1))
    mains = np.hstack([rows, columns])
    product = (rows[:, 1:, None] * columns[:, None, 1:]).reshape(r * c, -1)
    free: Floats = product - mains @ np.linalg.lstsq(mains, product, rcond=None)[0]
    return free
