"""Two questions crossed: counts, shares, what stands out, and whether it can be chance.

References
----------
Haberman (1973), The analysis of residuals in cross-classified tables, Biometrics 29 (adjusted residuals).
Rao & Scott (1984), On chi-squared tests for multiway contingency tables, Annals of Statistics 12 (weighted tables).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks, frames
from csi.design import Design
from csi.errors import DataError, check_choice, listing
from csi.numerics import multiplicity
from csi.numerics.multiplicity import Correction

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Crosstab:
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
    """

    counts: pd.DataFrame
    shares: pd.DataFrame
    cells: pd.DataFrame
    test: pd.DataFrame
    doubts: tuple[str, ...]

    def __repr__(self) -> str:
        doubts = "".join(f"! {doubt}\n" for doubt in self.doubts)
        shape = self.counts.shape
        values = self.cells["residual"].to_numpy().reshape(shape)
        residuals = pd.DataFrame(values, self.counts.index, self.counts.columns)
        parts = (("Counts", self.counts, 0), ("Shares of the column", self.shares, 3),
                 ("Adjusted residuals", residuals, 2), ("Test", self.test, 4))  # fmt: skip
        return doubts + "\n\n".join(f"{title}\n{table.round(digits).to_string()}" for title, table, digits in parts)


def crosstab(
    data: Any,
    rows: str,
    columns: str,
    *,
    design: Design | None = None,
    correction: Correction = "holm",
) -> Crosstab:
    """Cross two questions: chi-square, Cramer's V, and the cells that stand out after correction for their number.

    Parameters
    ----------
    data : DataFrame
    rows, columns : str
        Columns of answers or groups (numbers or text); blanks are left out and counted.
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
    """
    check_choice(correction, "correction", get_args(Correction))
    answers, codes, labels, left_out = _crossed(data, rows, columns, design)
    shape = len(labels[0]), len(labels[1])
    w = answers.weights
    cell = codes[0] * shape[1] + codes[1]
    counts = np.bincount(cell, weights=w, minlength=shape[0] * shape[1]).astype(float).reshape(shape)
    index, header = pd.Index(labels[0], name=rows), pd.Index(labels[1], name=columns)
    table = pd.DataFrame(counts, index, header)
    notes = answers.note(f"listwise: {left_out} respondents without both answers left out")
    tests = _pearson(counts)
    if not answers.simple:
        z = np.eye(shape[0] * shape[1])[cell]
        found = answers.mean(z, answers.groups[0])
        tests = pd.DataFrame(pd.concat((tests, _rao_scott(counts, found.cov, found.df))))
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
    return _result(table, _pearson(values), correction, {"missing": "printed counts"})


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
    data: Any, rows: str, columns: str, design: Design | None
) -> tuple[blocks.Answers, tuple[NDArray[np.intp], NDArray[np.intp]], tuple[list[Any], list[Any]], int]:
    """Complete cases as codes; under a design cases with a blank stay as weight zero would, outside the domain."""
    opened = frames.table(data)
    problems = frames.missing_columns(opened, [rows, columns], "question")
    if problems:
        raise DataError(listing(problems, "the data do not hold the questions"))
    native = pd.DataFrame({name: opened.column(name).to_numpy() for name in dict.fromkeys([rows, columns])})
    extra = {name: opened.column(name).to_numpy() for name in (design.columns if design else ())}
    frame = native.assign(**{f"design {k}": v for k, v in extra.items()})
    full = native.notna().all(axis=1).to_numpy()
    kept = frame[full].reset_index(drop=True)
    coded = {name: pd.factorize(kept[name], sort=True) for name in (rows, columns)}
    few = [f"{name!r} has {len(labels)} different answers" for name, (_, labels) in coded.items() if len(labels) < 2]
    if few:
        raise DataError(listing(few, "a cross-tab needs at least two answers to each question"))
    table = pd.DataFrame({"row code": coded[rows][0], "column code": coded[columns][0]})
    table = table.assign(**{name: values[full] for name, values in extra.items()})
    answers = blocks.read(table, ["row code", "column code"], design=design)
    codes = answers.values.astype(np.intp)
    labels = [[x.item() if isinstance(x, np.generic) else x for x in coded[name][1]] for name in (rows, columns)]
    return answers, (codes[:, 0], codes[:, 1]), (labels[0], labels[1]), int((~full).sum())


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
    scaled = contrast / share[:, None]
    srs = (np.diag(share) - np.outer(share, share)) / n
    delta = np.linalg.solve(scaled.T @ srs @ scaled, scaled.T @ cov @ scaled)
    df = float(np.trace(delta) ** 2 / np.trace(delta @ delta))
    statistic = float(_pearson(counts)["statistic"].iloc[0] / np.trace(delta))
    v = np.sqrt(_pearson(counts)["statistic"].iloc[0] / n / (min(r, c) - 1))
    p_value = stats.f.sf(statistic, df, df * nu)
    row = {"statistic": statistic, "df": df, "df2": df * nu, "p_value": p_value, "cramer_v": v, "n": n}
    return pd.DataFrame([row], index=pd.Index(["rao_scott"], name="test"))


def _result(counts: pd.DataFrame, tests: pd.DataFrame, correction: Correction, notes: dict[str, str]) -> Crosstab:
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
    doubts = []
    small = int((expected < 5).sum())
    if small > 0.2 * expected.size or (expected < 1).any():
        doubts.append(f"{small} of {expected.size} expected counts are below 5: join answers before using chi-square")
    if "rao_scott" in tests.index:
        doubts.append("the sample has a design: report rao_scott; pearson and the residuals ignore strata and clusters")
    for table in (counts, cells, tests):
        table.attrs.update({**notes, "correction": correction})
    return Crosstab(counts, counts / counts.sum(), cells, tests, tuple(doubts))
