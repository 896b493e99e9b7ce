"""What all measures share: settings checked once, the common columns, and differences of groups."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Arrays, Group, Mean, Said
from csi.errors import DataError, SettingsError, listing

Floats = NDArray[np.float64]
AVAILABLE = Said("available cases: each measure by the answers it has", "按可用样本：各指标以其有效回答计算")


def check_level(level: float) -> None:
    """Refuse a confidence level outside 0 and 1."""
    if not 0 < level < 1:
        raise SettingsError(f"confidence_level must lie between 0 and 1, such as 0.95; not {level!r}")


def critical(level: float, df: Any) -> Floats:
    """Two-sided quantile of t with `df` degrees of freedom; NaN where there are none."""
    free = np.asarray(df, dtype=float)
    value: Floats = np.asarray(stats.t.ppf((1 + level) / 2, np.where(free > 0, free, np.nan)))
    return value


def degrees(answers: Arrays, found: Mean) -> Floats:
    """Degrees of freedom of each mean: n - 1 without a design, clusters minus strata with one."""
    if answers.simple:
        return np.maximum(found.n - 1.0, 0)
    return np.full(len(found.n), found.df)


def mean_table(answers: Arrays, found: Mean, index: pd.Index, level: float) -> pd.DataFrame:
    """Estimate, standard error, t interval and n of means."""
    error = np.sqrt(np.diag(found.cov))
    margin = critical(level, degrees(answers, found)) * error
    low, high = found.estimate - margin, found.estimate + margin
    columns = {"estimate": found.estimate, "std_error": error, "conf_low": low, "conf_high": high, "n": found.n}
    return pd.DataFrame(columns, index=index)


def refuse_outside(answers: Arrays, scales: Sequence[tuple[float, float]], what: str) -> None:
    """Refuse answers outside their scales, naming items and codes.

    Raises
    ------
    DataError
    """
    problems = []
    for name, column, (low, high) in zip(answers.names, answers.values.T, scales, strict=True):
        wrong = np.unique(column[~np.isnan(column) & ((column < low) | (column > high))])
        if wrong.size:
            codes = ", ".join(f"{code:g}" for code in wrong[:5])
            problems.append(f"item {name!r} holds {codes}, outside {low:g} to {high:g}")
    if problems:
        raise DataError(listing(problems, f"{what} cannot be computed"))


def scale_of(answers: Arrays, what: str) -> list[tuple[float, float]]:
    """Scale of every item, refused where one has none.

    Raises
    ------
    SettingsError
    """
    without = [name for name, scale in zip(answers.names, answers.scales, strict=True) if scale is None]
    if without:
        raise SettingsError(
            f"{what} depends on the scale, and {', '.join(without)} has none; give scale=(low, high), such as (1, 10)"
        )
    return [scale for scale in answers.scales if scale is not None]


def compare(table: pd.DataFrame, one: Hashable, other: Hashable, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Difference of a measure between two groups of independent respondents, `other` minus `one`.

    Parameters
    ----------
    table : DataFrame
        A table of this room made with `by=`; its first row level holds the groups.
    one, other : labels of the two groups.
    confidence_level : float
        Of the interval (normal).

    Returns
    -------
    DataFrame
        One row a measure: `estimate`, `std_error`, `conf_low`, `conf_high`, `statistic` (z), `p_value`, `n` of both.

    Notes
    -----
    The variance of the difference is the sum of the variances, which holds for groups drawn apart (two waves of
    fresh samples), not for the same people asked twice: for those compute the difference per respondent.

    Examples
    --------
    >>> from csi.measures import nps_of
    >>> waves = pd.concat({"2024": nps_of(0.5, 0.2, 400), "2025": nps_of(0.55, 0.18, 400)}, names=["wave"])
    >>> print(compare(waves, "2024", "2025").round(2).to_string())
             estimate  std_error  conf_low  conf_high  statistic  p_value    n
    measure
    nps           7.0       5.48     -3.75      17.75       1.28      0.2  800
    """
    check_level(confidence_level)
    if table.index.nlevels < 2:
        raise DataError("the table has no groups; make it with by=, or join two with pandas.concat({...})")
    known = list(table.index.get_level_values(0).unique())
    for label in (one, other):
        if label not in known:
            shown = ", ".join(repr(each) for each in known[:10])
            raise DataError(f"group {label!r} is not in the table; its groups are {shown}")
    first, second = table.xs(one, level=0), table.xs(other, level=0)
    estimate = second["estimate"] - first["estimate"]
    error = (first["std_error"] ** 2 + second["std_error"] ** 2) ** 0.5
    z = estimate / error.where(error > 0)
    margin = stats.norm.ppf((1 + confidence_level) / 2) * error
    found = pd.DataFrame(
        {
            "estimate": estimate,
            "std_error": error,
            "conf_low": estimate - margin,
            "conf_high": estimate + margin,
            "statistic": z,
            "p_value": 2 * stats.norm.sf(np.abs(z)),
            "n": first["n"] + second["n"],
        }
    )
    title = Said(f"Difference: {other} minus {one}", f"差异：{other} 减 {one}")
    for name in ("missing", "rule", "weights", "design"):
        if name in table.attrs:
            found.attrs[name] = table.attrs[name]
    found.attrs.update({"title": title, "confidence_level": confidence_level, "heads": {"statistic": "z"}})
    return found


def one_a_group(answers: Arrays, make: Any, treatment: str = AVAILABLE, **notes: Any) -> pd.DataFrame:
    """Tables of all groups under each other, with what they say about themselves."""
    tables = (make(group) for group in answers.groups)
    return blocks.stacked(answers, tables, {**answers.note(treatment), **notes})


def columns_of(group: Group, answers: Arrays, items: Sequence[int]) -> tuple[Floats, Floats]:
    """Complete answers (n, k) of a group to some items, and their case weights."""
    x = answers.values[group.inside][:, list(items)]
    kept = ~np.isnan(x).any(axis=1)
    return x[kept], answers.weights[group.inside][kept]
