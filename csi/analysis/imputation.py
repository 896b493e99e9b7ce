"""Multiple imputation: several completed data sets, and one table from the tables they give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from csi import blocks, frames
from csi.analysis.describe import check_level
from csi.blocks import ModelLike, Said
from csi.design import Design
from csi.errors import DataError, EstimationError, SettingsError, listing
from csi.numerics import imputation


def impute(
    data: Any,
    model: ModelLike = None,
    *,
    n_imputations: int = 20,
    design: Design | None = None,
    rng: int | np.random.Generator = 0,
) -> list[pd.DataFrame]:
    """Complete the answers several times, so that what is not known shows in the standard errors.

    Parameters
    ----------
    data : DataFrame
    model : Model, {block: [columns]} or [columns], optional
        The items to be completed from each other; every column of numbers unless given. Codes that a Model declares
        unknown count as missing.
    n_imputations : int
        At least 2; 20 unless told (White, Royston & Wood 2011: about the percentage of incomplete cases).
    design : Design, optional
        Case weights enter the moments.
    rng : int or Generator

    Returns
    -------
    list of DataFrame
        Copies of the whole table with the items filled in. Imputed answers are not rounded to codes nor cut at the
        ends of the scale, which would bend means and correlations.

    Raises
    ------
    EstimationError
        Where the items have no covariance matrix: one is constant, never answered, or a sum of others.

    Notes
    -----
    Normal model; each data set is drawn given EM moments of a bootstrap resample [Honaker & King 2010]. Fit or
    tabulate each data set and join the tables with `pool`.

    Examples
    --------
    >>> answers = {"a": [1.0, 2, 3, 4, 5, 6, None], "b": [2.0, 1, 4, None, 5, 7, 6]}
    >>> completed = impute(answers, n_imputations=3, rng=1)
    >>> len(completed), int(completed[0].isna().sum().sum()), float(completed[0].loc[0, "a"])
    (3, 0, 1.0)
    """
    if n_imputations < 2:
        raise SettingsError(f"n_imputations must be at least 2, or nothing shows what is unknown; not {n_imputations}")
    answers = blocks.read(data, model, design=design, turn=False)
    opened = frames.table(data)
    if len(answers) != len(opened):
        raise DataError("cases of weight zero or with counts cannot be imputed; leave them out or repeat them first")
    generator = np.random.default_rng(rng)
    filled = imputation.impute(answers.values, answers.weights, n_imputations, generator)
    if np.isnan(filled).any():
        raise EstimationError(
            "the items have no covariance matrix in every resample: an item is constant, hardly answered, or a sum of"
            " others; leave it out"
        )
    whole = pd.DataFrame({name: opened.column(name).to_numpy() for name in opened.columns}, index=opened.index)
    items = list(answers.names)
    return [whole.assign(**dict(zip(items, copy.T, strict=True))) for copy in filled]


def pool(tables: Sequence[pd.DataFrame], *, df: float = np.inf, confidence_level: float = 0.95) -> pd.DataFrame:
    """Join the tables of several imputed data sets by Rubin's rules.

    Parameters
    ----------
    tables : list of DataFrame
        The same table of every data set, with columns `estimate` and `std_error` (any noun of a fit, any measure).
    df : float
        Degrees of freedom that complete data would have.
    confidence_level : float

    Returns
    -------
    DataFrame
        `estimate`, `std_error`, `conf_low`, `conf_high`, `statistic` (t), `p_value`, `df`, `missing_information` (the
        fraction of it).

    Examples
    --------
    >>> tables = [pd.DataFrame({"estimate": [e], "std_error": [0.5]}, index=["b"]) for e in (1.0, 1.2, 1.1)]
    >>> pool(tables)[["estimate", "std_error"]].round(4).to_numpy().tolist()
    [[1.1, 0.5132]]
    """
    check_level(confidence_level)
    if len(tables) < 2:
        raise SettingsError(f"pooling needs the tables of at least two data sets; not {len(tables)}")
    problems = [f"table {i + 1} has no column {c!r}" for i, t in enumerate(tables) for c in ("estimate", "std_error")
                if c not in t.columns]  # fmt: skip
    problems += [f"table {i + 1} has other rows than table 1" for i, t in enumerate(tables)
                 if not t.index.equals(tables[0].index)]  # fmt: skip
    if problems:
        raise DataError(listing(problems, "the tables cannot be pooled"))
    estimates = np.stack([table["estimate"].to_numpy(dtype=float) for table in tables])
    variances = np.stack([table["std_error"].to_numpy(dtype=float) ** 2 for table in tables])
    found = imputation.rubin(estimates, variances, np.full(estimates.shape[1], float(df)))
    error = np.where(found.std_error > 0, found.std_error, np.nan)
    t = found.estimate / error
    margin = stats.t.ppf((1 + confidence_level) / 2, found.df) * found.std_error
    columns = {
        "estimate": found.estimate,
        "std_error": found.std_error,
        "conf_low": found.estimate - margin,
        "conf_high": found.estimate + margin,
        "statistic": t,
        "p_value": 2 * stats.t.sf(np.abs(t), found.df),
        "df": found.df,
        "missing_information": found.missing_information,
    }
    table = pd.DataFrame(columns, index=tables[0].index)
    table.attrs["missing"] = Said(
        f"multiple imputation: {len(tables)} data sets pooled by Rubin's rules",
        f"多重插补：{len(tables)} 份数据按 Rubin 规则合并",
    )
    table.attrs |= {"title": Said("Pooled estimates", "多重插补合并估计"), "confidence_level": confidence_level}
    return table
