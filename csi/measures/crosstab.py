"""Two questions crossed: counts, shares, what stands out, and whether it can be chance.

References
----------
Haberman (1973), The analysis of residuals in cross-classified tables, Biometrics 29 (adjusted residuals).
Rao & Scott (1984), On chi-squared tests for multiway contingency tables, Annals of Statistics 12 (weighted tables).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks, frames
from csi.blocks import Arrays, Group, Said
from csi.design import Design
from csi.display.chapter import Labels, Printed, of_model, printed
from csi.display.table import Table
from csi.display.words import Words
from csi.errors import DataError, check_choice, listing
from csi.numerics import multiplicity
from csi.numerics.multiplicity import Correction

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Crosstab(Printed):
    """A cross-tab as tables.

    Attributes
    ----------
    counts : DataFrame
        Weighted counts (sum of case weights scaled to n), rows by columns.
    shares : DataFrame
        Shares within each column; every column adds up to 1.
    cells : DataFrame
        One row a cell: `count`, `expected`, `residual` (adjusted), `p_value`, `p_adjusted`.
    test : DataFrame
        Rows `pearson` and, under a design, `rao_scott`: `statistic`, `df`, `df2` (denominator of F), `p_value`,
        `cramer_v`, `n`.
    doubts : tuple of str
    groups : dict
        With `by=` the cross-tab of every group; the tables then have the group as first row level.

    Examples
    --------
    >>> import csi
    >>> data = {"sex": ["f", "f", "m", "m"] * 25, "again": ["yes", "yes", "yes", "no"] * 25}
    >>> csi.measures.crosstab(data, "sex", "again").cells["count"].tolist()
    [0.0, 50.0, 25.0, 25.0]
    """

    counts: pd.DataFrame
    shares: pd.DataFrame
    cells: pd.DataFrame
    test: pd.DataFrame
    doubts: tuple[str, ...]
    groups: Mapping[Hashable, Crosstab] = field(default_factory=dict)

    def tables(self, labels: Labels = None) -> tuple[Table, ...]:
        """Return counts, shares of the column and adjusted residuals side by side, and the tests."""
        wide = {}
        for name in self.counts.columns:
            residual = self.cells["residual"].xs(name, level=-1).reindex(self.counts.index)
            for kind, values in (("count", self.counts[name]), ("share", self.shares[name]), ("residual", residual)):
                wide[str(name), kind] = values
        notes = self.counts.attrs
        told = [_READ, *(notes[each] for each in ("missing", "weights", "design") if each in notes)]
        table = pd.DataFrame(wide)
        title = Said(_TITLES[0].format(*notes["questions"]), _TITLES[0].chinese.format(*notes["questions"]))
        return (
            printed(table, title=title, labels=labels, decimals=2, notes=told),
            printed(self.test, title=_TITLES[1], labels={**_STATISTIC, **of_model(labels)}),
        )


_STATISTIC: dict[str, Words] = {"statistic": Said("Statistic", "统计量").words}
_TITLES = Said("{} by {}", "{} 与 {} 的交叉表"), Said("Tests", "检验")
_READ = Said(
    "shares of the column; adjusted residuals beyond +-1.96 stand out (before correction for their number)",
    "列百分比；调整后残差绝对值大于 1.96 者突出（未作多重校正）",
)


def crosstab(
    data: Any,
    rows: str,
    columns: str,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    correction: Correction = "holm",
) -> Crosstab:
    """Cross two questions: chi-square, Cramer's V, and the cells that stand out after correction for their number.

    Parameters
    ----------
    data : DataFrame
    rows, columns : str
        Columns of answers or groups (numbers or text); blanks are left out and counted.
    by : str or list of str, optional
        A cross-tab for every group (layers); answers that a group does not give are left out of its own.
    design : Design, optional
        Weights, strata and clusters: adds Rao and Scott's second-order F test, which is the one to report.
    correction : {"holm", "bh", "none"}
        How the p-values of the cells are corrected for their number.

    Returns
    -------
    Crosstab

    Raises
    ------
    DataError
        Where a question has fewer than two different answers among the complete cases.

    Notes
    -----
    Adjusted residual (count - expected)/sqrt(expected (1 - row share)(1 - column share)) [Haberman 1973], standard
    normal if nothing is related. The two questions must come from different respondents' cells: columns that the
    same people answered are paired (`csi.measures.cochran`, `friedman`).

    Examples
    --------
    >>> import csi
    >>> data = {"sex": ["f", "f", "m", "m"] * 25, "again": ["yes", "yes", "yes", "no"] * 25}
    >>> csi.measures.crosstab(data, "sex", "again").test.round(3)
             statistic   df  df2  p_value  cramer_v      n
    test
    pearson     33.333  1.0  NaN      0.0     0.577  100.0
    """
    check_choice(correction, "correction", get_args(Correction))
    names = (by,) if isinstance(by, str) else tuple(by or ())
    answers, labels, left_out = _crossed(data, rows, columns, names, design)
    treatment = Said(
        f"listwise: {left_out} respondents without both answers left out", f"成列删除：剔除 {left_out} 名未答全两题者"
    )
    notes = {**answers.note(treatment), "questions": (rows, columns)}
    return blocks.each_group(answers, lambda group: _of_group(answers, group, labels, correction, notes))


def _of_group(
    answers: Arrays,
    group: Group,
    labels: tuple[list[Any], list[Any]],
    correction: Correction,
    notes: dict[str, Any],
) -> Crosstab:
    """Cross-tab of one group, of the answers that it gives."""
    questions = notes["questions"]
    inside = np.asarray(group.inside & ~np.isnan(answers.values).any(axis=1))
    codes = np.where(inside[:, None], answers.values, 0).astype(np.intp)
    given = [np.unique(codes[inside, j]) for j in (0, 1)]
    few = [f"{name!r} has {len(seen)} different answers{answers.where(group)}"
           for name, seen in zip(questions, given, strict=True) if len(seen) < 2]  # fmt: skip
    if few:
        raise DataError(listing(few, "a cross-tab needs at least two answers to each question"))
    shape = len(given[0]), len(given[1])
    at = [np.minimum(np.searchsorted(seen, codes[:, j]), len(seen) - 1) for j, seen in enumerate(given)]
    cell = at[0] * shape[1] + at[1]
    counts = np.bincount(cell[inside], weights=answers.weights[inside], minlength=shape[0] * shape[1])
    named = [pd.Index([labels[j][code] for code in given[j]], name=questions[j]) for j in (0, 1)]
    table = pd.DataFrame(counts.astype(float).reshape(shape), named[0], named[1])
    tests = _pearson(table.to_numpy())
    if not answers.simple:
        # Cases with a blank stay in their clusters and strata, outside the domain.
        z = np.where(inside[:, None], np.eye(shape[0] * shape[1])[cell], np.nan)
        found = answers.mean(z, group)
        tests = pd.DataFrame(pd.concat((tests, _rao_scott(table.to_numpy(), found.cov, found.df))))
    return _result(table, tests, correction, notes)


def crosstab_of(counts: pd.DataFrame, *, correction: Correction = "holm") -> Crosstab:
    """Cross-tab from printed counts, such as a table of a report (shares times the number of respondents).

    Examples
    --------
    >>> printed = pd.DataFrame({"women": [30, 70], "men": [50, 50]}, index=["yes", "no"])
    >>> found = crosstab_of(printed)
    >>> found.test.round(4)[["statistic", "df", "p_value"]].to_numpy().tolist()
    [[8.3333, 1.0, 0.0039]]
    """
    check_choice(correction, "correction", get_args(Correction))
    values = counts.to_numpy(dtype=float)
    if np.isnan(values).any() or (values < 0).any():
        raise DataError("counts must be numbers that are not negative")
    if min(values.shape) < 2 or (values.sum(axis=0) == 0).any() or (values.sum(axis=1) == 0).any():
        raise DataError("a cross-tab needs two rows and two columns or more, none of them empty")
    index = counts.index.set_names([name or "row" for name in counts.index.names])
    columns = counts.columns.set_names([name or "column" for name in counts.columns.names])
    table = pd.DataFrame(values, index, columns)
    notes = {"missing": Said("printed counts", "印刷频数"), "questions": (str(index.names[0]), str(columns.names[0]))}
    return _result(table, _pearson(values), correction, notes)


def adjust(p_values: Sequence[float] | Floats, correction: Correction = "holm") -> Floats:
    """Correct p-values for their number; NaN stay NaN and are not counted.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust([0.01, 0.04, 0.03], "bh").round(2).tolist()
    [0.03, 0.04, 0.04]
    """
    check_choice(correction, "correction", get_args(Correction))
    return multiplicity.adjust(np.asarray(p_values, dtype=float), correction)


def _crossed(
    data: Any, rows: str, columns: str, by: Sequence[str], design: Design | None
) -> tuple[Arrays, tuple[list[Any], list[Any]], int]:
    """Complete cases as codes, the labels of the codes, and how many cases were left out."""
    opened = frames.table(data)
    problems = frames.missing_columns(opened, [rows, columns], "question")
    problems += frames.missing_columns(opened, by, "by column")
    if problems:
        raise DataError(listing(problems, "the data do not hold the questions"))
    native = pd.DataFrame({name: opened.column(name).to_numpy() for name in dict.fromkeys([rows, columns])})
    full = native.notna().all(axis=1).to_numpy()
    coded = {name: pd.factorize(native[name], sort=True) for name in (rows, columns)}
    few = [f"{name!r} has {len(labels)} different answers" for name, (_, labels) in coded.items() if len(labels) < 2]
    if few:
        raise DataError(listing(few, "a cross-tab needs at least two answers to each question"))
    codes = {"row code": coded[rows][0], "column code": coded[columns][0]}
    table = pd.DataFrame({name: np.where(full, code, np.nan) for name, code in codes.items()})
    aside = dict.fromkeys([*by, *(design.columns if design else ())])
    table = table.assign(**{name: opened.column(name).to_numpy() for name in aside})
    answers = blocks.read(table, ["row code", "column code"], by=list(by) or None, design=design)
    labels = [[x.item() if isinstance(x, np.generic) else x for x in coded[name][1]] for name in (rows, columns)]
    return answers, (labels[0], labels[1]), int((~full).sum())


def _pearson(counts: Floats) -> pd.DataFrame:
    """Pearson's chi-square with Cramer's V."""
    n = counts.sum()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    statistic = float(((counts - expected) ** 2 / expected).sum())
    df = float((counts.shape[0] - 1) * (counts.shape[1] - 1))
    v = np.sqrt(statistic / n / (min(counts.shape) - 1))
    p_value = stats.chi2.sf(statistic, df)
    row = {"statistic": statistic, "df": df, "df2": np.nan, "p_value": p_value, "cramer_v": v, "n": n}
    return pd.DataFrame([row], index=pd.Index(["pearson"], name="test"))


_NOTHING = dict.fromkeys(["statistic", "df", "df2", "p_value", "cramer_v", "n"], np.nan)


def _rao_scott(counts: Floats, cov: Floats, nu: float) -> pd.DataFrame:
    """Second-order corrected F of a weighted table [Rao & Scott 1984; `svychisq(statistic = "F")`].

    With C a basis of the interactions orthogonal to rows and columns, the eigenvalues of
    (C' D^-1 V_srs D^-1 C)^-1 (C' D^-1 V D^-1 C) are the design effects; F = X^2 / their sum.
    """
    r, c = counts.shape
    n = counts.sum()
    share = (counts / n).ravel()
    main = np.column_stack([np.repeat(np.eye(r), c, axis=0), np.tile(np.eye(c), (r, 1))[:, 1:]])
    every = np.kron(np.eye(r)[:, 1:], np.eye(c)[:, 1:])
    root = np.linalg.pinv(main)
    contrast = every - main @ (root @ every)
    # An empty cell adds nothing, as in svychisq; C is orthogonal to rows and columns, so C' D^-1 C is the srs part.
    scaled = contrast * np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)[:, None]
    srs = contrast.T @ scaled / n
    if np.linalg.matrix_rank(srs) < len(srs):
        return pd.DataFrame([_NOTHING], index=pd.Index(["rao_scott"], name="test"))
    delta = np.linalg.solve(srs, scaled.T @ cov @ scaled)
    df = float(np.trace(delta) ** 2 / np.trace(delta @ delta))
    statistic = float(_pearson(counts)["statistic"].iloc[0] / np.trace(delta))
    v = np.sqrt(_pearson(counts)["statistic"].iloc[0] / n / (min(r, c) - 1))
    p_value = stats.f.sf(statistic, df, df * nu)
    row = {"statistic": statistic, "df": df, "df2": df * nu, "p_value": p_value, "cramer_v": v, "n": n}
    return pd.DataFrame([row], index=pd.Index(["rao_scott"], name="test"))


def _result(counts: pd.DataFrame, tests: pd.DataFrame, correction: Correction, notes: dict[str, Any]) -> Crosstab:
    """Residuals, shares and doubts of a table of counts."""
    values = counts.to_numpy()
    n = values.sum()
    row, column = values.sum(axis=1, keepdims=True) / n, values.sum(axis=0, keepdims=True) / n
    expected = n * row * column
    residual = (values - expected) / np.sqrt(expected * (1 - row) * (1 - column))
    p_values = 2 * stats.norm.sf(np.abs(residual))
    cells = pd.DataFrame(
        {
            "count": values.ravel(),
            "expected": expected.ravel(),
            "residual": residual.ravel(),
            "p_value": p_values.ravel(),
            "p_adjusted": adjust(p_values.ravel(), correction),
        },
        index=pd.MultiIndex.from_product([counts.index, counts.columns]),
    )
    doubts: list[str] = []
    small = int((expected < 5).sum())
    if small > 0.2 * expected.size or (expected < 1).any():
        doubts.append(
            Said(
                f"{small} of {expected.size} expected counts are below 5: join answers before using chi-square",
                f"{expected.size} 个期望频数中有 {small} 个小于 5：请合并选项后再用卡方检验",
            )
        )
    if "rao_scott" in tests.index:
        doubts.append(
            Said(
                "the sample has a design: report rao_scott; pearson and the residuals ignore strata and clusters",
                "样本有抽样设计：请报告 rao_scott；pearson 与残差未考虑分层和整群",
            )
        )
    for table in (counts, cells, tests):
        table.attrs.update({**notes, "correction": correction})
    return Crosstab(counts, counts / counts.sum(), cells, tests, tuple(doubts))
