"""Which column answers which item: proposed by name, wording or question number, applied only when told."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from csi import frames
from csi.codebook import Codebook, Variable, folded
from csi.display.plain import grid
from csi.errors import DataError, listing, suggest
from csi.reading.answers import Answers

#: Least share of common pairs of letters at which two wordings are taken for the same question.
LIKE = 0.6
#: Two candidates closer than this cannot be told apart.
TIE = 0.02

_NUMBER = re.compile(
    r"^\s*(?:q|第|问题)?\s*0*(\d+)\s*(?:[_.\-]\s*0*(\d+))?\s*(?:题)?\s*(?:$|[、.:：]|\D)", re.IGNORECASE
)


@dataclass(frozen=True, eq=False)
class Match:
    """A proposal: which column answers which item. `print` it, mend it with `pair`, then `apply` it.

    Attributes
    ----------
    table : DataFrame
        One row an item: `column` (None where none was found), `how` ("name", "wording", "number", "given"),
        `likeness` (0 to 1, of wordings), `item_text`, `column_text`.
    unmatched_items, unmatched_columns : list of str
        What stays over on both sides.
    reasons : dict
        Why an item found no column, where there is more to say.
    needed : frozenset
        Items without which no model can be fitted.

    Examples
    --------
    >>> import csi
    >>> data = csi.datasets.load("mobi").rename(columns={"IMAG1": "imag1", "CUSA1": "Q20"})
    >>> found = csi.match(data, csi.models.ecsi())
    >>> found.unmatched_items
    ['CUSA1']
    >>> found.pair({"CUSA1": "Q20"}).apply().columns.isin(["IMAG1", "CUSA1"]).sum().item()
    2
    """

    data: Any
    table: pd.DataFrame
    columns: tuple[str, ...]
    reasons: Mapping[str, str]
    needed: frozenset[str]

    @property
    def pairs(self) -> dict[str, str]:
        """Item to column, where one was found."""
        found = self.table["column"].dropna()
        return dict(zip(found.index, found, strict=True))

    @property
    def unmatched_items(self) -> list[str]:
        """Items without a column."""
        return [str(item) for item in self.table.index[self.table["column"].isna()]]

    @property
    def unmatched_columns(self) -> list[str]:
        """Columns that answer no item."""
        used = set(self.pairs.values())
        return [column for column in self.columns if column not in used]

    def pair(self, pairs: Mapping[str, str]) -> Match:
        """Return the proposal with some pairs set by hand, `{item: column}`.

        Raises
        ------
        DataError
            If an item or a column is unknown, or a column would answer two items.
        """
        table = self.table.copy()
        for item, column in pairs.items():
            if item not in table.index:
                raise DataError(f"{item!r} is not an item{suggest(item, map(str, table.index))}")
            if column not in self.columns:
                raise DataError(f"{column!r} is not a column{suggest(column, self.columns)}")
            table = _set(_set(table, table["column"] == column, None, ""), table.index == item, column, "given")
        twice = [column for column, times in Counter(pairs.values()).items() if times > 1]
        if twice:
            raise DataError(f"column {twice[0]!r} cannot answer two items")
        return replace(self, table=table)

    def apply(self) -> Any:
        """Return the data with every matched column called by its item: `Answers` for `Answers`, else a table.

        Raises
        ------
        DataError
            If an item of the model has no column yet (other questions of a Hierarchy may have none).
        """
        lines = [
            f"{item!r} has no column{self.reasons.get(item, '')}"
            for item in self.unmatched_items
            if item in self.needed
        ]
        if lines:
            raise DataError(listing(lines, "the match is not complete; match.pair({item: column}) sets pairs by hand"))
        names = {column: item for item, column in self.pairs.items()}
        kept = [column for column in self.columns if column not in names]
        clash = sorted(set(kept) & set(names.values()))
        if clash:
            raise DataError(
                f"column {clash[0]!r} answers no item and has the name of one; rename or drop it before matching"
            )
        if isinstance(self.data, Answers):
            return self.data.rename(names)
        return _frame(self.data).rename(columns=names)

    def __repr__(self) -> str:
        return f"Match({len(self.pairs)} of {len(self.table)} items, {len(self.unmatched_columns)} columns over)"

    def __str__(self) -> str:
        lines = [repr(self), ""]
        heads = ["item", "column", "by", "likeness", "question of the item", "question of the column"]
        rows = [_printed(str(item), cells) for item, cells in zip(self.table.index, _cells(self.table), strict=True)]
        lines.append(grid(heads, rows, 6))
        if self.unmatched_items:
            said = [item + self.reasons.get(item, "") for item in self.unmatched_items]
            lines += ["", "Items without a column: " + ", ".join(said)]
        if self.unmatched_columns:
            lines += ["", "Columns that answer no item: " + ", ".join(self.unmatched_columns)]
        return "\n".join([*lines, "", "Nothing is applied yet: match.apply(), or first match.pair({item: column})"])


def match(data: Any, model: Any) -> Match:
    """Propose which column answers which item, by name, wording or question number; nothing is applied.

    Parameters
    ----------
    data : Answers or DataFrame
        Columns named Q1, Q2, ..., by their questions, or by the items.
    model : Model or Hierarchy
        Whose items are looked for. Questions of a Hierarchy have the numbers of its printed questionnaire; items of
        a Model are numbered in its order.

    Returns
    -------
    Match
        Prints as a table with what stays over; `match.apply()` renames the columns.

    Raises
    ------
    DataError
        If there are no data or no items.

    Notes
    -----
    First names that are equal but for the form of letters; then names that stand in the columns with the same letters
    before and behind all of them (`T_SAT1`, `Q17_SAT2`: numbers may differ); then wordings, compared by Dice's
    coefficient of their pairs of letters (0.6 and more), each column once, so that the sum is largest; at last question
    numbers, only where one side has no wording to contradict them.

    Examples
    --------
    >>> import csi
    >>> data = csi.datasets.load("mobi").rename(columns={"IMAG1": "imag1"})
    >>> match(data, csi.models.ecsi())
    Match(24 of 24 items, 0 columns over)
    """
    book = Codebook.of(model)
    columns = _columns(data)
    items = list(book.values())
    if not items:
        raise DataError("there are no items to look for")
    found = _by_name(items, columns)
    found |= _by_frame([i for i in items if i.name not in found], _left(columns, found))
    texts = _by_wording([i for i in items if i.name not in found], _left(columns, found))
    found |= texts.found
    found |= _by_number([i for i in items if i.name not in found], _left(columns, found))
    rows = [_row(item, found.get(item.name), columns) for item in items]
    index = pd.Index([item.name for item in items], name="item")
    names = ["column", "how", "likeness", "item_text", "column_text"]
    table = pd.DataFrame(rows, index=index, columns=names).astype({"column": object, "likeness": float})
    table["column"] = table["column"].where(table["column"].notna(), None)
    reasons = {item: why for item, why in texts.reasons.items() if item not in found}
    return Match(data, table, tuple(columns), reasons, _needed(model, items))


Found = dict[str, tuple[str, str, float]]


def _set(table: pd.DataFrame, rows: Any, column: str | None, how: str) -> pd.DataFrame:
    """Write a pair, or no pair, into some rows."""
    changed = table.copy()
    changed["column"] = changed["column"].astype(object).mask(rows, column)
    changed["how"] = changed["how"].mask(rows, how)
    changed["likeness"] = changed["likeness"].mask(rows)
    return changed


def _frame(data: Any) -> pd.DataFrame:
    opened = frames.table(data)
    return pd.DataFrame({name: opened.column(name) for name in opened.columns})


def _columns(data: Any) -> dict[str, Variable]:
    if isinstance(data, Answers):
        book = data.codebook
        return {str(name): book.get(str(name)) or Variable(str(name)) for name in data.data.columns}
    return {name: Variable(name) for name in frames.table(data).columns}


def _left(columns: Mapping[str, Variable], found: Found) -> dict[str, Variable]:
    used = {column for column, _, _ in found.values()}
    return {name: variable for name, variable in columns.items() if name not in used}


def _needed(model: Any, items: list[Variable]) -> frozenset[str]:
    """Items of the model; a hierarchy also has questions on the respondent and for some respondents only."""
    made = model.model() if callable(getattr(model, "model", None)) else None
    return frozenset(item.name for item in (made.items if made is not None else items))


def _by_name(items: list[Variable], columns: Mapping[str, Variable]) -> Found:
    twins = {_plain(name): name for name in columns}
    exact = {item.name: item.name if item.name in columns else twins.get(_plain(item.name)) for item in items}
    return {item: (column, "name", np.nan) for item, column in exact.items() if column is not None}


def _by_frame(items: list[Variable], columns: Mapping[str, Variable]) -> Found:
    """Names of items inside names of columns, where the same letters stand around most of them."""
    framed: dict[tuple[str, str], dict[str, list[str]]] = {}
    for item in items:
        for column in columns:
            if (around := _around(_folded(item.name), _folded(column))) is not None:
                framed.setdefault(around, {}).setdefault(item.name, []).append(column)
    if not framed:
        return {}
    best = max(framed.values(), key=len)
    taken = Counter(column for hits in best.values() for column in hits)
    if len(best) < max(2, len(items) / 2) or max(taken.values()) > 1:
        return {}
    return {item: (hits[0], "name", np.nan) for item, hits in best.items() if len(hits) == 1}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _around(item: str, column: str) -> tuple[str, str] | None:
    """What stands before and behind the name of an item in that of a column, numbers as one sign."""
    before, there, behind = column.rpartition(item)
    cut = (before[-1:].isdigit() and item[:1].isdigit()) or (behind[:1].isdigit() and item[-1:].isdigit())
    if not item or not there or cut:
        return None
    return re.sub(r"\d+", "#", before), re.sub(r"\d+", "#", behind)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


@dataclass(frozen=True)
class _Wording:
    found: Found
    reasons: dict[str, str]


def _by_wording(items: list[Variable], columns: Mapping[str, Variable]) -> _Wording:
    names = list(columns)
    if not items or not names:
        return _Wording({}, {})
    like = np.array([[_likeness(item, columns[name]) for name in names] for item in items])
    rows, cols = linear_sum_assignment(-like)
    found, reasons = {}, {}
    for row, col in zip(rows, cols, strict=True):
        value, item = like[row, col], items[row].name
        # The same wording twice in the file: nobody can tell which column is meant.
        rivals = [names[j] for j in range(len(names)) if j != col and like[row, j] >= value - TIE]
        if value < LIKE:
            continue
        if rivals:
            reasons[item] = f" ({names[col]} and {', '.join(rivals[:2])} ask the same)"
        else:
            found[item] = (names[col], "wording", float(value))
    return _Wording(found, reasons)


def _likeness(item: Variable, column: Variable) -> float:
    return max((dice(a, b) for a in _wordings(item) for b in [*_wordings(column), column.name]), default=0.0)


def _wordings(variable: Variable) -> list[str]:
    return [*variable.question.values()] if isinstance(variable.question, Mapping) else []


def dice(first: str, second: str) -> float:
    """Share of common pairs of letters, from 0 to 1.

    Examples
    --------
    >>> dice("night", "nacht"), dice("网络质量", "1、网络质量")
    (0.25, 1.0)
    """
    a, b = _pairs(folded(first)), _pairs(folded(second))
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def _pairs(text: str) -> Counter[str]:
    return Counter(text[i : i + 2] for i in range(len(text) - 1))


def _by_number(items: list[Variable], columns: Mapping[str, Variable]) -> Found:
    """Pair question numbers, where the wordings of both sides do not disagree."""
    numbered: dict[int, list[str]] = {}
    for name in columns:
        hit = _NUMBER.match(name)
        if hit and not hit.group(2):
            numbered.setdefault(int(hit.group(1)), []).append(name)
    found: Found = {}
    for item in items:
        candidates = numbered.get(item.number or 0, [])
        if len(candidates) != 1:
            continue
        column = columns[candidates[0]]
        if not (_wordings(item) and _wordings(column)):
            found[item.name] = (column.name, "number", np.nan)
    return found


def _row(item: Variable, found: tuple[str, str, float] | None, columns: Mapping[str, Variable]) -> list[Any]:
    if found is None:
        return [None, "", np.nan, _wording(item, "".join(columns)), ""]
    column, how, likeness = found
    asked = next(iter(_wordings(columns[column])), "")
    return [column, how, likeness, _wording(item, asked or "".join(columns)), asked]


def _wording(item: Variable, beside: str) -> str:
    """The question of an item in the language of what stands beside it."""
    chinese = _is_chinese(beside)
    return max(_wordings(item), key=lambda text: _is_chinese(text) == chinese, default="")


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _cells(table: pd.DataFrame) -> list[list[Any]]:
    return [list(row) for row in table.itertuples(index=False, name=None)]


def _printed(item: str, cells: list[Any]) -> list[str]:
    column, how, likeness, item_text, column_text = cells
    score = "" if np.isnan(likeness) else f"{likeness:.2f}"
    return [item, column or "-", how, score, _short(item_text), _short(column_text)]


def _short(text: str) -> str:
    return text if len(text) <= 28 else text[:27] + "..."
