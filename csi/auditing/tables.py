"""What a text says of its own table: a figure, an order, a difference that n decides, columns of the same people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from csi.auditing.claims import Claim, Finding, PrintedTable, kind
from csi.auditing.printed import Printed
from csi.errors import DataError, suggest

#: Tests for columns of different respondents, and for columns that the same respondents answered.
INDEPENDENT = ("chi2", "z", "t", "anova", "kruskal", "mann-whitney")
PAIRED = ("cochran", "mcnemar", "friedman", "paired-t", "wilcoxon", "repeated-anova")


@kind("quote", ["table", "figure", "column"], ["row"])
def quote(claim: Claim) -> Iterator[Finding]:
    """A quoted figure stands in the column (and row) that it is said to be about."""
    table, figure, column, row = claim.table(), claim.number("figure"), claim.get("column"), claim.get("row")
    where = column if row is None else f"{column} / {row}"
    said = {"figure": figure.value, "where": where, "places": ""}
    if column not in table.columns or (row is not None and row not in table.rows):
        yield Finding(
            "cannot be checked", "no_such_column", {**said, "columns": ", ".join(table.columns)}, figure.value
        )
        return
    rows = range(len(table.rows)) if row is None else [table.rows.index(row)]
    j = table.columns.index(column)
    cells = [table.cells[i][j] for i in rows]
    if any(_equal(cell, figure) for cell in cells):
        yield Finding("holds", "quote_right", said, figure.value, figure.value)
        return
    elsewhere = _places(table, figure)
    found = cells[0].value if row is not None else np.nan
    reason = "quote_elsewhere" if elsewhere else "quote_nowhere"
    yield Finding("fails", reason, {**said, "places": elsewhere}, figure.value, found)


def _equal(cell: Printed, figure: Printed) -> bool:
    """Whether two printed numbers can be the same."""
    return cell.low < figure.high and figure.low < cell.high if cell.decimals != figure.decimals else cell == figure


def _places(table: PrintedTable, figure: Printed) -> str:
    return "; ".join(
        f"{column} / {row}"
        for row, cells in zip(table.rows, table.cells, strict=True)
        for column, cell in zip(table.columns, cells, strict=True)
        if _equal(cell, figure)
    )


@kind("ranking", ["table", "rows", "claimed"], ["order"])
def ranking(claim: Claim) -> Iterator[Finding]:
    """The columns that are said to lead (or trail) in some rows together are those that do."""
    table, claimed, rows = claim.table(), claim.words("claimed"), claim.words("rows")
    order = claim.choice("order", ("highest", "lowest"), "highest")
    for name in (each for each in rows if each not in table.rows):
        raise DataError(f"row {name!r} is not in the table{suggest(name, table.rows)}")
    strangers = [name for name in claimed if name not in table.columns]
    if strangers:
        said = {"where": ", ".join(strangers), "columns": ", ".join(table.columns)}
        yield Finding("cannot be checked", "no_such_column", said)
        return
    values = table.array[[table.rows.index(name) for name in rows]].sum(axis=0)
    worth = values if order == "highest" else -values
    own = worth[[table.columns.index(name) for name in claimed]]
    rest = [value for value, name in zip(worth, table.columns, strict=True) if name not in claimed]
    listed = ", ".join(f"{table.columns[i]} {values[i]:g}" for i in np.argsort(-worth, kind="stable"))
    holds = not rest or own.min() >= max(rest)
    said = {"claimed": ", ".join(claimed), "listed": listed}
    yield Finding("holds" if holds else "fails", "ranking_holds" if holds else "ranking_other", said)


@kind("contrast", ["table", "n"], ["differ"])
def contrast(claim: Claim) -> Iterator[Finding]:
    """Whether columns of shares differ at each sample size that is named (chi-square at the .05 level)."""
    table = claim.table()
    shares = table.array / table.array.sum(axis=0)
    sizes = [size.value for size in claim.numbers("n")]
    tests = [stats.chi2_contingency(shares * size, correction=False) for size in sizes]
    decided = [bool(test.pvalue < 0.05) for test in tests]
    split = len(set(decided)) > 1
    for size, test, differs in zip(sizes, tests, decided, strict=True):
        said = {"n": size, "chi2": test.statistic, "df": test.dof, "p": test.pvalue}
        value = float(test.statistic)
        if split:
            yield Finding("fails", "n_decides_yes" if differs else "n_decides_no", said, np.nan, value)
        elif "differ" in claim and bool(claim.get("differ")) != differs:
            yield Finding("fails", "differs_yes" if differs else "differs_no", said, np.nan, value)
        else:
            yield Finding("holds", "differs_yes" if differs else "differs_no", said, np.nan, value)


@kind("paired", ["respondents", "test"], ["shares", "n"])
def paired(claim: Claim) -> Iterator[Finding]:
    """Columns that the same respondents answered are compared by a test for pairs."""
    one_group = claim.choice("respondents", ("same", "different")) == "same"
    test = claim.choice("test", ("none", *INDEPENDENT, *PAIRED))
    if test == "none":
        yield _without_test(claim) if one_group else Finding("cannot be checked", "no_test")
        return
    fits = (test in PAIRED) == one_group
    reason = ("test_fits" if fits else "paired_as_independent") if one_group or fits else "independent_as_paired"
    yield Finding("holds" if fits else "fails", reason, {"test": test})


def _without_test(claim: Claim) -> Finding:
    """What McNemar's test could say, from the two shares alone: everything between these p-values."""
    if "shares" not in claim or "n" not in claim:
        return Finding("cannot be checked", "needs_microdata", {"bounds": ""})
    n = claim.size("n")
    first, second = (round(share.value * n / 100) for share in claim.numbers("shares"))
    low, high = sorted((first, second))
    ends = [float(stats.binomtest(low - both, low + high - 2 * both).pvalue) for both in (low, max(0, low + high - n))]
    said = {"bounds": f" (McNemar p {min(ends):.3f} - {max(ends):.3f})"}
    return Finding("cannot be checked", "needs_microdata", said)
