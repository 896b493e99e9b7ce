"""What the answers to every item look like, before anything is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from csi import blocks
from csi.blocks import Arrays, Group, ModelLike, Said, Scale
from csi.design import Design
from csi.errors import SettingsError
from csi.numerics import items

COLUMNS = ["n", "missing", "mean", "std_error", "conf_low", "conf_high", "sd", "median", "min", "max"]
SHAPE = ["skewness", "skewness_error", "kurtosis", "kurtosis_error"]


AVAILABLE = Said("available cases: each item by the answers it has", "按可用样本：每个题项以其有效回答计算")


def describe(
    data: Any,
    model: ModelLike = None,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    scale: Scale | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """How every item was answered: how often, where, how widely, how lopsidedly, and how often at the ends.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, one column an item (pandas, polars or Arrow).
    model : Model, {block: [columns]} or [columns], optional
        Which items; every column of numbers unless given. A Model also tells scales, reversed items (turned
        here) and codes that mean "do not know" (missing here).
    by : str or list of str, optional
        Columns that divide the respondents; their values are the first row levels.
    design : Design, optional
        Weights, strata and clusters: means, shares and their standard errors follow them.
    scale : (low, high), optional
        Lowest and highest code of items whose scale the model does not tell.
    confidence_level : float
        Of the interval of the mean.

    Returns
    -------
    DataFrame
        One row an item: `n` (answers given), `missing`, `mean` with `std_error`, `conf_low`, `conf_high` (t),
        `sd` (divisor n - 1), `median`, `min`, `max`, `skewness` and `kurtosis` with their standard errors, and
        `floor`, `ceiling`: the shares of answers at the lowest and the highest code of the scale, NaN where the
        scale is unknown. In codes, reversed items turned.

    Notes
    -----
    Every item is described by the answers it has (available cases). Skewness and kurtosis are G1 and G2 as SPSS,
    SAS and Excel print them (`csi.numerics.items.shape`); a normal item has 0 and 0.

    Examples
    --------
    >>> from csi import datasets
    >>> table = describe(datasets.load("mobi"), {"satisfaction": ["CUSA1", "CUSA2", "CUSA3"]}, scale=(1, 10))
    >>> print(table[["n", "mean", "sd", "skewness", "ceiling"]].round(3))
                          n   mean     sd  skewness  ceiling
    construct    item
    satisfaction CUSA1  250  7.988  1.234    -0.223    0.152
                 CUSA2  250  7.128  1.765    -0.554    0.104
                 CUSA3  250  7.316  1.747    -0.675    0.128
    """
    check_level(confidence_level)
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    tables = (_table(answers, group, confidence_level) for group in answers.groups)
    notes = answers.note(AVAILABLE)
    notes |= {"title": Said("Descriptive statistics", "描述统计"), "confidence_level": confidence_level}
    return blocks.stacked(answers, tables, notes)


def check_level(level: float) -> None:
    """Refuse a confidence level outside 0 and 1.

    Raises
    ------
    SettingsError
    """
    if not 0 < level < 1:
        raise SettingsError(f"confidence_level must lie between 0 and 1, such as 0.95; not {level!r}")


def _table(answers: Arrays, group: Group, level: float) -> pd.DataFrame:
    """The rows of one group."""
    x = answers.values[group.inside]
    mean = answers.mean(answers.values, group)
    error = np.sqrt(np.diag(mean.cov))
    df = mean.df if not answers.simple else mean.n - 1
    margin = stats.t.ppf((1 + level) / 2, np.where(np.asarray(df) > 0, df, np.nan)) * error
    table = pd.DataFrame(index=answers.rows(), columns=pd.Index(COLUMNS), dtype=float)
    table["n"], table["missing"] = mean.n, len(x) - mean.n
    table["mean"], table["std_error"] = mean.estimate, error
    table["conf_low"], table["conf_high"] = mean.estimate - margin, mean.estimate + margin
    weights = answers.weights[group.inside]
    for j in range(x.shape[1]):
        given = ~np.isnan(x[:, j])
        one = _spread(x[given, j], weights[given])
        table.loc[table.index[j], list(one)] = list(one.values())
    for name, end in (("floor", 0), ("ceiling", 1)):
        table[name] = _at_end(answers, group, end)
    return table


def _spread(x: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """Spread, order statistics and shape of one item's answers."""
    n = len(x)
    if n == 0:
        return dict.fromkeys(["sd", "median", "min", "max", *SHAPE], np.nan)
    w = w / w.sum()
    d = x - w @ x
    second, third, fourth = (np.array([w @ d**power]) for power in (2, 3, 4))
    shape = items.shape(second, third, fourth, n)
    return {
        "sd": float(np.sqrt(second[0] * n / (n - 1))) if n > 1 else np.nan,
        "median": _median(x, w),
        "min": float(x.min()),
        "max": float(x.max()),
        "skewness": float(shape.skewness[0]),
        "skewness_error": shape.skewness_error,
        "kurtosis": float(shape.kurtosis[0]),
        "kurtosis_error": shape.kurtosis_error,
    }


def _median(x: np.ndarray, w: np.ndarray) -> float:
    """Weighted median: the answer where half of the weight is reached, halfway when it is reached exactly."""
    order = np.argsort(x)
    x, reached = x[order], np.cumsum(w[order])
    at = int(np.searchsorted(reached, 0.5 - 1e-12))
    exactly = abs(reached[at] - 0.5) < 1e-12 and at + 1 < len(x)
    return float((x[at] + x[at + 1]) / 2) if exactly else float(x[at])


def _at_end(answers: Arrays, group: Group, end: int) -> np.ndarray:
    """Share of the answers at one end of the scale."""
    ends = np.array([np.nan if scale is None else scale[end] for scale in answers.scales])
    hit = np.where(np.isnan(answers.values), np.nan, (answers.values == ends).astype(float))
    share = answers.mean(hit, group).estimate
    return np.where(np.isnan(ends), np.nan, share)
