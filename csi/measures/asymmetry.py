"""Thresholds and asymmetry: whether loyalty rises evenly with satisfaction, and whether bad weighs more than good.

References
----------
Brandt (1987), A procedure for identifying value-enhancing service components (penalty-reward contrast analysis).
Mittal, Ross & Baldasare (1998), The asymmetric impact of negative and positive attribute-level performance.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Group, Said
from csi.design import Design
from csi.errors import DataError, SettingsError
from csi.measures.common import check_level, columns_of, critical, mean_table, one_a_group
from csi.measures.fitted import Regression, both_answered, linearized, regress

Floats = NDArray[np.float64]


def by_band(
    data: Any,
    satisfaction: str,
    outcome: str,
    *,
    bands: Sequence[float] | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Mean outcome (loyalty) within bands of satisfaction: where it starts to rise.

    Parameters
    ----------
    data : DataFrame
    satisfaction, outcome : str
        Columns of numbers.
    bands : increasing numbers, optional
        Lower ends of the bands, the first reaching down to the lowest answer; every answer its own band unless given
        (at most 11 different answers).
    by, design : see `csi.describe`.
    confidence_level : float

    Returns
    -------
    DataFrame
        One row a band, named by its lower end: `estimate` (mean outcome), `std_error`, `conf_low`, `conf_high`, `n`,
        `share` of the respondents.

    Examples
    --------
    >>> from csi import datasets
    >>> table = by_band(datasets.load("mobi"), "CUSA1", "CUSL3", bands=[1, 7, 9])
    >>> table["n"].tolist()
    [24, 159, 67]
    """
    check_level(confidence_level)
    answers = blocks.read(data, [satisfaction, outcome], by=by, design=design)
    x, y = answers.values.T
    starts = _starts(x, bands, satisfaction)
    band = np.searchsorted(starts, x, side="right") - 1
    known = ~np.isnan(x) & ~np.isnan(y)
    inside = known[:, None] & (band[:, None] == np.arange(len(starts)))
    index = pd.Index(starts, name=satisfaction)

    def of_group(group: Group) -> pd.DataFrame:
        found = answers.mean(np.where(inside, y[:, None], np.nan), group)
        table = mean_table(answers, found, index, confidence_level)
        table["share"] = answers.mean(np.where(known[:, None], inside.astype(float), np.nan), group).estimate
        return table

    title = Said(f"{outcome} by bands of {satisfaction}", f"{outcome}：按 {satisfaction} 分段")
    return one_a_group(
        answers, of_group, both_answered(satisfaction, outcome), title=title, confidence_level=confidence_level
    )


def penalty_reward(
    data: Any,
    outcome: str,
    items: Sequence[str],
    *,
    low: float,
    high: float,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Penalty-reward contrasts: what the outcome loses where an attribute is bad, and gains where it is good.

    Parameters
    ----------
    data : DataFrame
    outcome : str
    items : list of str
        Attributes.
    low, high : float
        Answers up to `low` are bad, from `high` on good; those between are the reference.
    by : str or list of str, optional
    design : Design, optional
        Weights, strata and clusters: weighted least squares with linearized standard errors.
    confidence_level : float

    Returns
    -------
    DataFrame
        Rows (item, side) with side `penalty` or `reward`: `estimate` (regression coefficient of the dummy, all
        attributes together, in units of the outcome), `std_error`, `conf_low`, `conf_high`, `statistic`, `p_value`,
        `n` (respondents on that side), `asymmetry` = (reward - |penalty|)/(reward + |penalty|): towards -1 a basic
        factor (its absence hurts), towards 1 an exciting one, NaN where a sign is the wrong way round.

    Raises
    ------
    DataError
        Where nobody, or everybody, is on one side of an attribute.

    Examples
    --------
    >>> import csi
    >>> table = csi.measures.penalty_reward(csi.datasets.load("mobi"), "CUSA1", ["PERQ1", "PERV2"], low=5, high=9)
    >>> table[["estimate", "n", "asymmetry"]].round(2)
                   estimate   n  asymmetry
    item  side
    PERQ1 penalty     -1.04  14      -0.03
          reward       0.99  81      -0.03
    PERV2 penalty     -0.50  53      -0.11
          reward       0.39  40      -0.11
    """
    check_level(confidence_level)
    if not low < high:
        raise SettingsError(f"low must be below high; not low={low!r}, high={high!r}")
    names = list(dict.fromkeys(items))
    answers = blocks.read(data, [outcome, *names], by=by, design=design)

    def of_group(group: Group) -> pd.DataFrame:
        values, w = columns_of(group, answers, range(len(answers.names)))
        if len(values) < 2:
            raise DataError(f"{len(values)} complete cases{answers.where(group)} for {2 * len(names)} contrasts")
        bad, good = values[:, 1:] <= low, values[:, 1:] >= high
        dummies = np.stack([bad, good], axis=2).reshape(len(values), -1).astype(float)
        fit = regress(np.column_stack([np.ones(len(values)), dummies]), values[:, 0], _sides(names), w)
        fit = fit if answers.simple else linearized(fit, answers, group)
        return _contrasts(fit, dummies.sum(axis=0), names, confidence_level)

    treatment = Said("listwise over outcome and attributes", "结果变量与各属性成列删除")
    rule = Said(f"bad: up to {low:g}; good: from {high:g}", f"差：≤ {low:g}；好：≥ {high:g}")
    told = {"title": _CONTRASTS, "rule": rule, "confidence_level": confidence_level}
    return one_a_group(answers, of_group, treatment, low=f"{low:g}", high=f"{high:g}", **told)


_CONTRASTS = Said("Penalty-reward contrasts", "惩罚—奖励对比分析")


def _starts(x: Floats, bands: Sequence[float] | None, name: str) -> Floats:
    """Lower ends of the bands."""
    seen = np.unique(x[~np.isnan(x)])
    if not seen.size:
        raise DataError(f"{name!r} holds no answers, so that there are no bands of it")
    if bands is None:
        if len(seen) > 11:
            raise SettingsError(f"{name!r} has {len(seen)} different answers; say bands=[...], lower ends of the bands")
        return seen
    starts = np.asarray(list(bands), dtype=float)
    if len(starts) < 2 or (np.diff(starts) <= 0).any():
        raise SettingsError(f"bands must be two or more increasing numbers; not {list(bands)!r}")
    if seen[0] < starts[0]:
        raise DataError(f"{name!r} holds {seen[0]:g}, below the first band at {starts[0]:g}")
    return starts


def _sides(names: Sequence[str]) -> list[str]:
    return [f"{name} ({side})" for name in names for side in ("penalty", "reward")]


def _contrasts(fit: Regression, sizes: Floats, names: list[str], level: float) -> pd.DataFrame:
    """Penalties and rewards as a table."""
    b, error = fit.coefficients[1:], np.sqrt(np.diag(fit.cov))[1:]
    margin, t = critical(level, fit.df) * error, b / error
    penalty, reward = -b[::2], b[1::2]
    usual = (penalty > 0) & (reward > 0)
    asymmetry = np.where(usual, (reward - penalty) / np.where(usual, reward + penalty, 1), np.nan)
    columns = {
        "estimate": b,
        "std_error": error,
        "conf_low": b - margin,
        "conf_high": b + margin,
        "statistic": t,
        "p_value": 2 * stats.t.sf(np.abs(t), fit.df),
        "n": sizes.astype(int),
        "asymmetry": np.repeat(asymmetry, 2),
    }
    return pd.DataFrame(columns, pd.MultiIndex.from_product([names, ["penalty", "reward"]], names=["item", "side"]))
