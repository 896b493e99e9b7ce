"""Attributes rated by the same people: their columns are paired, and chi-square tests of independence do not apply.

References
----------
Friedman (1937), The use of ranks to avoid the assumption of normality, JASA 32 (with ties: Conover 1999, sect. 5.8).
Cochran (1950), The comparison of percentages in matched samples, Biometrika 37.
McNemar (1947), Note on the sampling error of the difference between correlated proportions, Psychometrika 12.
Wilcoxon (1945), Individual comparisons by ranking methods, Biometrics 1.
Newcombe (1998), Improved confidence intervals for the difference between binomial proportions based on paired data.
Korn & Graubard (1990), Simultaneous testing of regression coefficients with complex survey data (adjusted Wald F).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Arrays, Group, ModelLike, Said
from csi.design import Design
from csi.errors import DataError, check_choice, listing
from csi.measures.common import check_level, columns_of, critical
from csi.measures.paired_tables import CORRECTIONS, Paired
from csi.numerics.multiplicity import Correction, adjust
from csi.numerics.proportions import newcombe, wilson

Floats = NDArray[np.float64]


def friedman(
    data: Any,
    model: ModelLike = None,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    correction: Correction = "holm",
    confidence_level: float = 0.95,
) -> Paired:
    """Whether the same people rate several attributes differently, by ranks.

    Parameters
    ----------
    data : DataFrame
    model : Model, {block: [columns]} or [columns], optional
        At least two attributes on one scale; respondents who rated all of them are used.
    by : str or list of str, optional
    design : Design, optional
        Weights, strata and clusters: ranks have no such theory, so the mean ratings are compared by an adjusted Wald
        F (row `wald`) and linearized t tests of the pairs.
    correction : {"holm", "bh", "none"}
        Of the p-values of the pairs.
    confidence_level : float
        Of the intervals of means and mean differences (t).

    Returns
    -------
    Paired
        `test`: `statistic` (chi-square, corrected for ties), `df`, `p_value`, `kendall_w`, `n`. `items`: `mean`,
        `std_error`, `conf_low`, `conf_high`, `mean_rank`. `pairs`: `estimate` (mean of second minus first) with
        `std_error`, `conf_low`, `conf_high`, then Wilcoxon's signed-rank test: `statistic`, `p_value`, `p_adjusted`,
        `n` (respondents with a difference).

    Examples
    --------
    >>> from csi import datasets
    >>> found = friedman(datasets.load("mobi"), ["PERQ1", "PERQ2", "PERQ3"])
    >>> int(found.test["df"].iloc[0]), int(found.test["n"].iloc[0])
    (2, 250)
    """
    check_level(confidence_level)
    answers = _read(data, model, by, design)

    def of_group(group: Group) -> _Tables:
        if not answers.simple:
            return _wald(answers, group, answers.values, "mean", confidence_level)
        x = _complete(answers, group)
        n, k = x.shape
        ranks = stats.rankdata(x, axis=1)
        # Ties: the mean square of the ranks takes the place of k (k + 1)/12 [Conover 1999, eq. 5.8.4].
        spread = np.square(ranks).sum() - n * k * (k + 1) ** 2 / 4
        between = np.square(ranks.sum(axis=0) - n * (k + 1) / 2).sum()
        statistic = (k - 1) * between / spread if spread > 0 else np.nan
        test = {"statistic": statistic, "df": k - 1, "p_value": stats.chi2.sf(statistic, k - 1)}
        test |= {"kendall_w": statistic / (n * (k - 1)), "n": n}
        items = pd.DataFrame({"mean": x.mean(axis=0)}, answers.rows())
        items[_ENDS] = np.column_stack(_mean_interval(x, confidence_level))
        items["mean_rank"] = ranks.mean(axis=0)
        pairs = [_wilcoxon(x[:, i], x[:, j], confidence_level) for i, j in _pairs(k)]
        return _one("friedman", test), items, pairs

    return _paired(answers, of_group, correction, confidence_level)


def cochran(
    data: Any,
    model: ModelLike = None,
    *,
    at_least: float | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    correction: Correction = "holm",
    confidence_level: float = 0.95,
) -> Paired:
    """Whether the shares of satisfied answers differ between attributes rated by the same people.

    Parameters
    ----------
    data : DataFrame
    model : Model, {block: [columns]} or [columns], optional
        At least two attributes; respondents who rated all of them are used.
    at_least : float, optional
        Lowest code that counts as satisfied; leave out for answers that are 0 and 1 already.
    by : str or list of str, optional
    design : Design, optional
        Weights, strata and clusters: the shares are compared by an adjusted Wald F (row `wald`) and linearized t
        tests of the pairs.
    correction, confidence_level : of the pairs, see `friedman` and `mcnemar`.

    Returns
    -------
    Paired
        `test`: Cochran's Q as `statistic`, `df`, `p_value`, `n`. `items`: `share` with `std_error`, `conf_low`,
        `conf_high` (Wilson). `pairs`: McNemar's test of every
        pair, see `mcnemar`.

    Examples
    --------
    >>> import csi
    >>> found = csi.measures.cochran(csi.datasets.load("mobi"), ["PERQ1", "PERQ2", "PERQ3"], at_least=8)
    >>> found.test[["statistic", "df"]].round(2)
             statistic  df
    test
    cochran       28.8   2
    """
    check_level(confidence_level)
    answers = _read(data, model, by, design)

    def of_group(group: Group) -> _Tables:
        if not answers.simple:
            return _wald(answers, group, _binary(answers, answers.values, at_least), "share", confidence_level)
        hit = _binary(answers, _complete(answers, group), at_least)
        n, k = hit.shape
        column, row = hit.sum(axis=0), hit.sum(axis=1)
        spread = k * row.sum() - np.square(row).sum()
        between = k * np.square(column).sum() - column.sum() ** 2
        statistic = (k - 1) * between / spread if spread > 0 else np.nan
        test = {"statistic": statistic, "df": k - 1, "p_value": stats.chi2.sf(statistic, k - 1), "n": n}
        pairs = [_mcnemar(hit[:, i], hit[:, j], confidence_level) for i, j in _pairs(k)]
        share = hit.mean(axis=0)
        items = pd.DataFrame({"share": share, "std_error": np.sqrt(share * (1 - share) / n)}, answers.rows())
        items["conf_low"], items["conf_high"] = wilson(share, np.full(k, float(n)), confidence_level)
        return _one("cochran", test), items, pairs

    return _paired(answers, of_group, correction, confidence_level)


def mcnemar(
    data: Any,
    first: str,
    second: str,
    *,
    at_least: float | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Difference of the shares of satisfied answers to two questions that the same people answered.

    Returns
    -------
    DataFrame
        One row: `estimate` (share of second minus first), `std_error`, `conf_low`, `conf_high` (Newcombe's method
        10), `statistic` ((b - c)^2/(b + c)), `p_value` (exact binomial), `only_first`, `only_second`, `n`. Under a
        design a linearized t test, without the counts.

    Notes
    -----
    Only respondents who changed side count in the test: b said yes to the first only, c to the second only.

    Examples
    --------
    >>> import csi
    >>> table = csi.measures.mcnemar(csi.datasets.load("mobi"), "PERQ1", "PERQ2", at_least=8)
    >>> table[["estimate", "only_first", "only_second"]].round(3)
                  estimate  only_first  only_second
    first second
    PERQ1 PERQ2     -0.192          69           21
    """
    found = cochran(
        data, [first, second], at_least=at_least, by=by, design=design, correction="none",
        confidence_level=confidence_level,
    )  # fmt: skip
    table = found.pairs.drop(columns="p_adjusted")
    table.attrs.update({**found.pairs.attrs, "title": _MCNEMAR, "confidence_level": confidence_level})
    return table


_MCNEMAR = Said("Difference of paired shares (McNemar)", "配对比例之差（McNemar 检验）")


_Tables = tuple[pd.DataFrame, pd.DataFrame, list[dict[str, float]]]


def _read(data: Any, model: ModelLike, by: Any, design: Design | None) -> Arrays:
    """At least two attributes."""
    answers = blocks.read(data, model, by=by, design=design)
    if len(answers.names) < 2:
        raise DataError(f"{answers.names[0]!r} alone cannot be compared; name at least two attributes")
    return answers


def _complete(answers: Arrays, group: Group) -> Floats:
    """Respondents of a group who rated every attribute."""
    x, _ = columns_of(group, answers, range(len(answers.names)))
    if len(x) < 2:
        where = f" in group {', '.join(map(str, group.label))}" if answers.by else ""
        raise DataError(f"{len(x)} respondents{where} rated every attribute; at least two are needed")
    return x


def _binary(answers: Arrays, x: Floats, at_least: float | None) -> Floats:
    """Answers as 0 and 1, blanks left blank."""
    if at_least is not None:
        return np.where(np.isnan(x), np.nan, (x >= at_least).astype(float))
    codes = (0, 1)
    wrong = [n for n, c in zip(answers.names, x.T, strict=True) if not np.isin(c[~np.isnan(c)], codes).all()]
    if wrong:
        problems = [f"item {name!r} holds other codes than 0 and 1" for name in wrong]
        raise DataError(listing(problems, "say which codes are satisfied: at_least="))
    return x


def _pairs(k: int) -> list[tuple[int, int]]:
    return list(combinations(range(k), 2))


def _one(name: str, row: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame([row], index=pd.Index([name], name="test"))


def _paired(answers: Arrays, of_group: Callable[[Group], _Tables], correction: Correction, level: float) -> Paired:
    """Tables of all groups under each other; p-values of the pairs are corrected within each group."""
    check_choice(correction, "correction", get_args(Correction))
    labels = [(answers.names[i], answers.names[j]) for i, j in _pairs(len(answers.names))]
    index = pd.MultiIndex.from_tuples(labels, names=["first", "second"])
    tests, items, pairs = [], [], []
    for group in answers.groups:
        test, item, rows = of_group(group)
        table = pd.DataFrame(rows, index=index)
        adjusted = adjust(table["p_value"].to_numpy(dtype=float), correction)
        table.insert(list(table.columns).index("p_value") + 1, "p_adjusted", adjusted)
        tests.append(test)
        items.append(item)
        pairs.append(table)
    treatment = Said("listwise: respondents who rated every attribute", "成列删除：仅含评价全部属性的受访者")
    notes = {**answers.note(treatment), "correction": correction, "correction_said": CORRECTIONS[correction]}
    notes["confidence_level"] = level
    return Paired(*(blocks.stacked(answers, iter(each), notes) for each in (tests, items, pairs)))


def _wald(answers: Arrays, group: Group, z: Floats, what: str, level: float) -> _Tables:
    """Means of paired columns compared under a design [Korn & Graubard 1990]."""
    some = np.where(np.isnan(z).any(axis=1, keepdims=True), np.nan, z)
    found = answers.mean(some, group)
    k, df = z.shape[1], found.df
    contrast = np.eye(k)[1:] - np.eye(k)[:1]
    gap, cov = contrast @ found.estimate, contrast @ found.cov @ contrast.T
    known = df >= k - 1 and np.linalg.matrix_rank(cov) == k - 1
    statistic = float(gap @ np.linalg.solve(cov, gap)) * (df - k + 2) / (df * (k - 1)) if known else np.nan
    p_value = stats.f.sf(statistic, k - 1, df - k + 2) if known else np.nan
    n = int(found.n.max())
    test = {"statistic": statistic, "df": k - 1, "df2": df - k + 2, "p_value": p_value, "n": n}
    rows = []
    for i, j in _pairs(k):
        d = found.estimate[j] - found.estimate[i]
        error = float(np.sqrt(max(found.cov[i, i] + found.cov[j, j] - 2 * found.cov[i, j], 0)))
        t, margin = d / error if error > 0 else np.nan, float(critical(level, df)) * error
        ends = {"conf_low": d - margin, "conf_high": d + margin}
        tested = {"statistic": t, "p_value": float(2 * stats.t.sf(abs(t), df)), "n": n}
        rows.append({"estimate": d, "std_error": error, **ends, **tested})
    items = pd.DataFrame({what: found.estimate, "std_error": np.sqrt(np.diag(found.cov))}, answers.rows())
    margin = critical(level, df) * items["std_error"]
    items["conf_low"], items["conf_high"] = items[what] - margin, items[what] + margin
    return _one("wald", test), items, rows


_ENDS = ["std_error", "conf_low", "conf_high"]


def _mean_interval(x: Floats, level: float) -> tuple[Floats, Floats, Floats]:
    """Standard errors and t intervals of the means of columns (n, k)."""
    error = x.std(axis=0, ddof=1) / np.sqrt(len(x))
    margin = critical(level, len(x) - 1) * error
    return error, x.mean(axis=0) - margin, x.mean(axis=0) + margin


def _wilcoxon(first: Floats, second: Floats, level: float) -> dict[str, float]:
    """Wilcoxon's signed-rank test, zeros dropped, normal approximation with ties; t interval of the mean difference."""
    d = second - first
    moved = d[d != 0]
    row = {"estimate": d.mean()} | {
        name: float(each[0]) for name, each in zip(_ENDS, _mean_interval(d[:, None], level), strict=True)
    }
    if not moved.size:
        return row | {"statistic": np.nan, "p_value": 1.0, "n": 0}
    found = stats.wilcoxon(moved, method="approx", correction=False)
    row |= {"statistic": found.statistic, "p_value": found.pvalue, "n": moved.size}
    return {name: float(value) for name, value in row.items()}


def _mcnemar(first: Floats, second: Floats, level: float) -> dict[str, float]:
    """McNemar's test and the interval of the difference."""
    n = len(first)
    b, c = int(((first == 1) & (second == 0)).sum()), int(((first == 0) & (second == 1)).sum())
    both, none = int((first + second == 2).sum()), int((first + second == 0).sum())
    gap = (c - b) / n
    low, high = newcombe(both, c, b, none, level)
    return {
        "estimate": gap,
        "std_error": float(np.sqrt(max(b + c - (c - b) ** 2 / n, 0)) / n),
        "conf_low": low,
        "conf_high": high,
        "statistic": (b - c) ** 2 / (b + c) if b + c else np.nan,
        "p_value": float(min(1.0, 2 * stats.binom.cdf(min(b, c), b + c, 0.5))) if b + c else 1.0,
        "only_first": b,
        "only_second": c,
        "n": n,
    }
