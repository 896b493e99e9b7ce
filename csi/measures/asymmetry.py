"""Thresholds and asymmetry: whether loyalty rises evenly with satisfaction, and whether bad weighs more than good.

References
----------
Brandt (1987), A procedure for identifying value-enhancing service components (penalty-reward contrast analysis).
Mittal, Ross & Baldasare (1998), The asymmetric impact of negative and positive attribute-level performance.
Hinkley (1969), Inference about the intersection in two-phase regression, Biometrika 56.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Answers, Group, Said
from csi.design import Design
from csi.errors import DataError, SettingsError, listing
from csi.measures.common import check_level, columns_of, critical, mean_table, one_a_group
from csi.numerics.least_squares import classical, influences, least_squares

Floats = NDArray[np.float64]


class Regression(NamedTuple):
    """Coefficients (k,), covariance (k, k), residual sum of squares, degrees of freedom, influences (n, k)."""

    coefficients: Floats
    cov: Floats
    rss: float
    df: float
    influences: Floats


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
    return one_a_group(answers, of_group, _both(satisfaction, outcome), title=title, confidence_level=confidence_level)


def _both(satisfaction: str, outcome: str) -> Said:
    return Said(f"respondents with both {satisfaction} and {outcome}", f"{satisfaction} 与 {outcome} 均作答者")


def curvature(
    data: Any,
    satisfaction: str,
    outcome: str,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
) -> pd.DataFrame:
    """Line, parabola, or a line that breaks once: which shape the outcome takes over satisfaction.

    Parameters
    ----------
    data : DataFrame
    satisfaction, outcome : str
        Columns of numbers.
    by : str or list of str, optional
    design : Design, optional
        Weighted least squares; the test of the parabola is a Wald F with linearized errors. There is no likelihood
        and no test of a break that was searched for under a design: `aic`, `bic` and the test of the break are NaN.

    Returns
    -------
    DataFrame
        Rows `line`, `quadratic`, `break`: `r2`, `aic`, `bic`, `statistic` and `p_value` (F test against the line),
        `slope` (of the line; at the mean for the parabola; below the break), `slope_above` (above the break),
        `curvature` (coefficient of the square), `at` (the break; the lowest or highest point of the parabola), `n`.

    Notes
    -----
    The break is searched on every answer between the second lowest and the second highest, the two lines meet
    there. Because it was searched, its F test counts it as a parameter (2 and n - 4 df), and is still somewhat too
    ready to see a break [Hinkley 1969].

    Examples
    --------
    >>> x = np.tile(np.arange(1, 11), 10)
    >>> bent = pd.DataFrame({"s": x, "loyal": np.maximum(0, x - 6) + np.tile([0.1, -0.1], 50)})
    >>> float(curvature(bent, "s", "loyal").loc["break", "at"])
    6.0
    """
    answers = blocks.read(data, [satisfaction, outcome], by=by, design=design)

    def of_group(group: Group) -> pd.DataFrame:
        values, w = columns_of(group, answers, (0, 1))
        x, y = values.T
        if len(x) < 6 or len(np.unique(x)) < 4 or np.ptp(y) == 0:
            raise DataError(
                f"{satisfaction!r} needs four different answers of six respondents or more, and {outcome!r} must vary"
            )
        return _under_design(_shapes(x, y, w), answers, group, x, y, w)

    title = Said(f"Shape of {outcome} over {satisfaction}", f"{outcome} 随 {satisfaction} 变化的曲线形式")
    heads = {"statistic": "F"}
    return one_a_group(answers, of_group, _both(satisfaction, outcome), title=title, heads=heads)


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
        fit = _regression(np.column_stack([np.ones(len(values)), dummies]), values[:, 0], _sides(names), w)
        fit = fit if answers.simple else _linearized(fit, answers, group)
        return _contrasts(fit, dummies.sum(axis=0), names, confidence_level)

    treatment = Said("listwise over outcome and attributes", "结果变量与各属性成列删除")
    rule = Said(f"bad: up to {low:g}; good: from {high:g}", f"差：≤ {low:g}；好：≥ {high:g}")
    told = {"title": _CONTRASTS, "rule": rule, "confidence_level": confidence_level}
    return one_a_group(answers, of_group, treatment, low=f"{low:g}", high=f"{high:g}", **told)


_CONTRASTS = Said("Penalty-reward contrasts", "惩罚—奖励对比分析")


def _linearized(fit: Regression, answers: Answers, group: Group) -> Regression:
    """The same coefficients with their covariance under a design."""
    kept = np.asarray(group.inside & ~np.isnan(answers.values).any(axis=1))
    influence = np.zeros((len(kept), len(fit.coefficients)))
    influence[kept] = fit.influences
    cov, df = answers.covariance(influence, np.broadcast_to(kept[:, None], influence.shape))
    return fit._replace(cov=cov, df=df)


def _under_design(table: pd.DataFrame, answers: Answers, group: Group, x: Floats, y: Floats, w: Floats) -> pd.DataFrame:
    """Leave out what has no theory under a design, and test the parabola by its linearized error."""
    if answers.simple:
        return table
    table[["aic", "bic", "statistic", "p_value"]] = np.nan
    fit = _linearized(_parabola(x, y, w), answers, group)
    f = float(fit.coefficients[2] ** 2 / fit.cov[2, 2])
    table.loc["quadratic", ["statistic", "p_value"]] = f, float(stats.f.sf(f, 1, fit.df))
    return table


def _parabola(x: Floats, y: Floats, w: Floats) -> Regression:
    """Regression on the centred answer and its square."""
    centred = x - np.average(x, weights=w)
    return _regression(np.column_stack([np.ones_like(x), centred, centred**2]), y, ["x", "square"], w)


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


def _regression(design: Floats, y: Floats, names: Sequence[str], w: Floats | None = None) -> Regression:
    """Ordinary least squares; refused where columns repeat each other."""
    n, k = design.shape
    if n <= k:
        raise DataError(f"{n} complete cases for {k} coefficients; more are needed")
    lone = [name for name, column in zip(names, design[:, 1:].T, strict=True) if np.ptp(column) == 0]
    if lone:
        problems = [f"{name}: nobody or everybody is there; move low or high" for name in lone]
        raise DataError(listing(problems, "there are no contrasts"))
    if np.linalg.matrix_rank(design) < k:
        raise DataError("the attributes repeat each other; leave one out")
    w = np.ones(n) if w is None else w
    fit = least_squares(design, y, w)
    rss = float(w @ fit.residuals**2)
    return Regression(fit.coefficients, classical(fit, w), rss, n - k, influences(fit, design, w))


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


def _shapes(x: Floats, y: Floats, w: Floats) -> pd.DataFrame:
    """Fits of the three shapes."""
    one, middle = np.ones_like(x), np.average(x, weights=w)
    line = _regression(np.column_stack([one, x]), y, ["x"], w)
    square = _parabola(x, y, w)
    breaks = {at: _regression(np.column_stack([one, x, np.maximum(x - at, 0)]), y, ["x", "above"], w)
              for at in np.unique(x)[1:-1]}  # fmt: skip
    at = min(breaks, key=lambda each: breaks[each].rss)
    bent, total = breaks[at], float(w @ np.square(y - np.average(y, weights=w)))
    curve = square.coefficients[2]
    turn = middle - square.coefficients[1] / (2 * curve) if abs(curve) > 1e-12 else np.nan
    rows = {
        "line": {**_quality(line, 0, line, total, len(x), 2), "slope": line.coefficients[1]},
        "quadratic": {**_quality(square, 1, line, total, len(x), 3), "slope": square.coefficients[1],
                      "curvature": curve, "at": turn},
        "break": {**_quality(bent, 2, line, total, len(x), 4), "slope": bent.coefficients[1],
                  "slope_above": bent.coefficients[1] + bent.coefficients[2], "at": at},
    }  # fmt: skip
    columns = ["r2", "aic", "bic", "statistic", "p_value", "slope", "slope_above", "curvature", "at"]
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=columns).astype(float).rename_axis("shape")
    table["n"] = len(x)
    return table


def _quality(fit: Regression, more: int, line: Regression, total: float, n: int, k: int) -> dict[str, float]:
    """R^2, information criteria, and the F test against the line with `more` parameters."""
    # A perfect fit has no likelihood; rounding stands in for its zero residuals.
    rss = max(fit.rss, n * np.finfo(float).eps * total)
    loglik = -n / 2 * (np.log(2 * np.pi * rss / n) + 1)
    found = {"r2": 1 - fit.rss / total, "aic": 2 * (k + 1) - 2 * loglik, "bic": (k + 1) * np.log(n) - 2 * loglik}
    if more:
        df = n - k
        f = max(line.rss - fit.rss, 0) / more / (rss / df)
        found |= {"statistic": f, "p_value": float(stats.f.sf(f, more, df))}
    return found
