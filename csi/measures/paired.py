"""Attributes rated by the same people: their columns are paired, and chi-square tests of independence do not apply.

References
----------
Friedman (1937), The use of ranks to avoid the assumption of normality, JASA 32 (with ties: Conover 1999, sect. 5.8).
Cochran (1950), The comparison of percentages in matched samples, Biometrika 37.
McNemar (1947), Note on the sampling error of the difference between correlated proportions, Psychometrika 12.
Wilcoxon (1945), Individual comparisons by ranking methods, Biometrics 1.
Newcombe (1998), Improved confidence intervals for the difference between binomial proportions based on paired data.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Answers, ModelLike
from csi.errors import DataError, listing
from csi.measures.common import check_level, columns_of
from csi.numerics.multiplicity import Correction, adjust
from csi.numerics.proportions import newcombe

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Paired:
    """A test over all attributes (`test`), the attributes (`items`), and every pair of them (`pairs`)."""

    test: pd.DataFrame
    items: pd.DataFrame
    pairs: pd.DataFrame

    def __repr__(self) -> str:
        parts = (("Test", self.test), ("Attributes", self.items), ("Pairs", self.pairs))
        return "\n\n".join(f"{title}\n{table.round(4).to_string()}" for title, table in parts)


def friedman(data: Any, model: ModelLike = None, *, correction: Correction = "holm") -> Paired:
    """Whether the same people rate several attributes differently, by ranks.

    Parameters
    ----------
    data : DataFrame
    model : Model, {block: [columns]} or [columns], optional
        At least two attributes on one scale; respondents who rated all of them are used.
    correction : {"holm", "bh", "none"}
        Of the p-values of the pairs.

    Returns
    -------
    Paired
        `test`: `statistic` (chi-square, corrected for ties), `df`, `p_value`, `kendall_w`, `n`. `items`: `mean`,
        `mean_rank`. `pairs`: Wilcoxon signed-rank test of second minus first, `estimate` (mean difference),
        `statistic`, `p_value`, `p_adjusted`, `n` (respondents with a difference).

    Examples
    --------
    >>> from csi import datasets
    >>> found = friedman(datasets.load("mobi"), ["PERQ1", "PERQ2", "PERQ3"])
    >>> int(found.test["df"].iloc[0]), int(found.test["n"].iloc[0])
    (2, 250)
    """
    answers, x = _complete(data, model)
    n, k = x.shape
    ranks = stats.rankdata(x, axis=1)
    sums = ranks.sum(axis=0)
    # Ties: the mean square of the ranks takes the place of k (k + 1)/12 [Conover 1999, eq. 5.8.4].
    spread = np.square(ranks).sum() - n * k * (k + 1) ** 2 / 4
    between = np.square(sums - n * (k + 1) / 2).sum()
    statistic = (k - 1) * between / spread if spread > 0 else np.nan
    test = {"statistic": statistic, "df": k - 1, "p_value": stats.chi2.sf(statistic, k - 1)}
    table = _one("friedman", {**test, "kendall_w": statistic / (n * (k - 1)), "n": n})
    items = pd.DataFrame({"mean": x.mean(axis=0), "mean_rank": ranks.mean(axis=0)}, answers.rows())
    return _paired(answers, table, items, [_wilcoxon(x[:, i], x[:, j]) for i, j in _pairs(k)], correction)


def cochran(
    data: Any,
    model: ModelLike = None,
    *,
    at_least: float | None = None,
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
    correction, confidence_level : of the pairs, see `friedman` and `mcnemar`.

    Returns
    -------
    Paired
        `test`: Cochran's Q as `statistic`, `df`, `p_value`, `n`. `items`: `share`. `pairs`: McNemar's test of every
        pair, see `mcnemar`.
    """
    check_level(confidence_level)
    answers, x = _complete(data, model)
    hit = _binary(answers, x, at_least)
    n, k = hit.shape
    column, row = hit.sum(axis=0), hit.sum(axis=1)
    spread = k * row.sum() - np.square(row).sum()
    statistic = (k - 1) * (k * np.square(column).sum() - column.sum() ** 2) / spread if spread > 0 else np.nan
    table = _one(
        "cochran", {"statistic": statistic, "df": k - 1, "p_value": stats.chi2.sf(statistic, k - 1), "n": n}
    )
    items = pd.DataFrame({"share": hit.mean(axis=0)}, answers.rows())
    pairs = [_mcnemar(hit[:, i], hit[:, j], confidence_level) for i, j in _pairs(k)]
    return _paired(answers, table, items, pairs, correction)


def mcnemar(
    data: Any,
    first: str,
    second: str,
    *,
    at_least: float | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Difference of the shares of satisfied answers to two questions that the same people answered.

    Returns
    -------
    DataFrame
        One row: `estimate` (share of second minus first), `std_error`, `conf_low`, `conf_high` (Newcombe's method
        10), `statistic` ((b - c)^2/(b + c)), `p_value` (exact binomial), `only_first`, `only_second`, `n`.

    Notes
    -----
    Only respondents who changed side count in the test: b said yes to the first only, c to the second only.
    """
    check_level(confidence_level)
    answers, x = _complete(data, [first, second])
    hit = _binary(answers, x, at_least)
    table = pd.DataFrame([_mcnemar(hit[:, 0], hit[:, 1], confidence_level)])
    table.index = pd.MultiIndex.from_tuples([(first, second)], names=["first", "second"])
    table.attrs.update(answers.note(f"listwise: {len(x)} respondents with both answers"))
    return table


def _complete(data: Any, model: ModelLike) -> tuple[Answers, Floats]:
    """Respondents who rated every attribute."""
    answers = blocks.read(data, model)
    if len(answers.names) < 2:
        raise DataError(f"{answers.names[0]!r} alone cannot be compared; name at least two attributes")
    x, _ = columns_of(answers.groups[0], answers, range(len(answers.names)))
    if len(x) < 2:
        raise DataError(f"{len(x)} respondents rated every attribute; at least two are needed")
    return answers, x


def _binary(answers: Answers, x: Floats, at_least: float | None) -> Floats:
    """Answers as 0 and 1."""
    if at_least is not None:
        return (x >= at_least).astype(float)
    wrong = [name for name, column in zip(answers.names, x.T, strict=True) if not np.isin(column, (0, 1)).all()]
    if wrong:
        problems = [f"item {name!r} holds other codes than 0 and 1" for name in wrong]
        raise DataError(listing(problems, "say which codes are satisfied: at_least="))
    return x


def _pairs(k: int) -> list[tuple[int, int]]:
    return list(combinations(range(k), 2))


def _one(name: str, row: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame([row], index=pd.Index([name], name="test"))


def _paired(
    answers: Answers, test: pd.DataFrame, items: pd.DataFrame, rows: list[dict[str, float]], correction: Correction
) -> Paired:
    """Put the tables together and correct the p-values of the pairs."""
    pairs = pd.DataFrame(rows)
    names = answers.names
    labels = [(names[i], names[j]) for i, j in _pairs(len(names))]
    pairs.index = pd.MultiIndex.from_tuples(labels, names=["first", "second"])
    adjusted = adjust(pairs["p_value"].to_numpy(dtype=float), correction)
    pairs.insert(list(pairs.columns).index("p_value") + 1, "p_adjusted", adjusted)
    notes = answers.note(f"listwise: {int(test['n'].iloc[0])} respondents who rated every attribute")
    for table in (test, items, pairs):
        table.attrs.update({**notes, "correction": correction})
    return Paired(test, items, pairs)


def _wilcoxon(first: Floats, second: Floats) -> dict[str, float]:
    """Wilcoxon's signed-rank test, zeros dropped, normal approximation with ties."""
    d = second - first
    moved = d[d != 0]
    if not moved.size:
        return {"estimate": 0.0, "statistic": np.nan, "p_value": 1.0, "n": 0}
    found = stats.wilcoxon(moved, method="approx", correction=False)
    row = {"estimate": d.mean(), "statistic": found.statistic, "p_value": found.pvalue, "n": moved.size}
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
