"""A table cut into cells: what each one says in a language, and the number behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from csi.display.numbers import MINUS, Language, interval, number, p_value, percent, stars, stars_note
from csi.display.words import Words, in_language, level_text, word

if TYPE_CHECKING:
    from csi.display.table import Table

Kind = Literal["number", "p", "percent", "interval", "text"]

#: How columns are printed unless the table says otherwise; n and counts have no decimals.
KINDS: Mapping[str, Kind] = {"p_value": "p", "p": "p"}
DECIMALS: Mapping[str, int] = {"n": 0, "count": 0, "df": 0, "statistic": 2}
ENDS = ("conf_low", "conf_high")


@dataclass(frozen=True)
class Cell:
    """One cell: its text, and the raw number with its form where there is one."""

    text: str
    kind: Kind = "text"
    value: float = float("nan")
    decimals: int = 0
    stars: str = ""


@dataclass(frozen=True)
class Head:
    """One cell of the header and how many columns it stands over."""

    text: str
    span: int = 1


@dataclass(frozen=True)
class Grid:
    """A whole table in one language: header lines, rows, and how many columns on the left are labels."""

    caption: str
    header: Sequence[Sequence[Head]]
    rows: Sequence[Sequence[Cell]]
    left: int
    notes: Sequence[str]

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return self.left + sum(head.span for head in self.header[-1][self.left :])

    @property
    def note(self) -> str:
        """The notes in one line."""
        said = ""
        for note in self.notes:
            joint = "" if not said else " " if said[-1] in ".。!?" else "; " if said.isascii() else "；"
            said += joint + note
        return said

    def is_text(self, column: int) -> bool:
        """Whether a column holds words: labels, verdicts."""
        said = [row[column] for row in self.rows if row[column].text]
        return column < self.left or (bool(said) and all(cell.kind == "text" for cell in said))

    def begins_group(self, row: int) -> bool:
        """Whether an outer label changes at this row."""
        return self.left > 1 and row > 0 and self.rows[row][0].text != ""


def cut(table: Table, language: Language, minus: str = MINUS, joined: bool = True) -> Grid:
    """Cut a table into cells.

    Parameters
    ----------
    table : Table
    language : {"en", "zh"}
    minus : str
        The minus sign.
    joined : bool
        Whether the two ends of an interval share a cell, and a label that repeats the one above is left blank; a
        workbook wants neither.
    """
    frame, columns = table.frame, _columns(table.frame, joined)
    printed = [[_cell(table, row, column, language, minus) for column in columns] for row in range(len(frame))]
    labels = _row_labels(table, language, joined)
    rows = [[*map(Cell, label), *cells] for label, cells in zip(labels, printed, strict=True)]
    levels = [_word(table.labels, str(name), language) if name is not None else "" for name in frame.index.names]
    header = _header(table, levels, columns, language)
    return Grid(_caption(table, language), header, rows, len(levels), _notes(table, language))


def _columns(frame: pd.DataFrame, joined: bool) -> list[Any]:
    """Positions of columns; a pair of positions is an interval."""
    labels: list[Any] = list(frame.columns)
    names = [name[-1] if isinstance(name, tuple) else name for name in labels]
    found: list[Any] = []
    for i, name in enumerate(names):
        if joined and name == ENDS[0] and i + 1 < len(names) and names[i + 1] == ENDS[1]:
            found.append((i, i + 1))
        elif not (joined and name == ENDS[1] and i > 0 and names[i - 1] == ENDS[0]):
            found.append(i)
    return found


def _cell(table: Table, row: int, column: Any, language: Language, minus: str) -> Cell:
    if isinstance(column, tuple):
        low, high = (float(table.raw(row, i)) for i in column)
        decimals = table.decimals_of(table.frame.columns[column[0]])
        return Cell(interval(low, high, decimals, minus=minus), "interval", low, decimals)
    name, value = table.frame.columns[column], table.raw(row, column)
    if isinstance(value, (float, int, np.number)) and not isinstance(value, bool):
        return Cell("") if np.isnan(value) else _number(table, row, name, float(value), language, minus)
    return Cell("" if value is None or value is pd.NA else _label(table.labels, str(value), language))


def _number(table: Table, row: int, name: Any, value: float, language: Language, minus: str) -> Cell:
    kind, decimals = table.form_of(row, name)
    if kind == "p":
        return Cell(p_value(value, decimals, language), kind, value, decimals)
    marks = stars(table.p_of(row, name), table.star_rules)
    text = percent(value, decimals, minus=minus) if kind == "percent" else number(value, decimals, minus=minus)
    return Cell(text + marks, kind, value, decimals, marks)


def _row_labels(table: Table, language: Language, blank_repeats: bool) -> list[list[str]]:
    """Row labels in a language; what repeats the row above is blank, the innermost label never."""
    index: list[Any] = list(table.frame.index)
    rows = [label if isinstance(label, tuple) else (label,) for label in index]
    found: list[list[str]] = []
    for above, row in zip([None, *rows], rows, strict=False):
        same = 0
        while blank_repeats and above is not None and same < len(row) - 1 and row[same] == above[same]:
            same += 1
        shown = [_label(table.labels, str(part), language) for part in row]
        found.append([""] * same + shown[same:])
    return found


def _header(table: Table, levels: Sequence[str], columns: Sequence[Any], language: Language) -> list[list[Head]]:
    depth = table.frame.columns.nlevels
    lines = []
    for level in range(depth):
        last = level == depth - 1
        heads = [Head(text if last else "") for text in levels]
        for column in columns:
            text = _column_word(table, column, level, last, language)
            if not last and len(heads) > len(levels) and heads[-1].text == text:
                heads[-1] = Head(text, heads[-1].span + 1)
            else:
                heads.append(Head(text))
        lines.append(heads)
    return lines


def _column_word(table: Table, column: Any, level: int, last: bool, language: Language) -> str:
    name: Any = table.frame.columns[column[0] if isinstance(column, tuple) else column]
    parts = name if isinstance(name, tuple) else (name,)
    if last and isinstance(column, tuple):
        own = table.labels.get("interval")
        told = {"level": level_text(table.confidence_level)}
        return in_language(own, language) if own is not None else word("interval", language, **told)
    return _word(table.labels, str(parts[level]), language)


def _label(labels: Mapping[str, Words], name: str, language: Language) -> str:
    """Return the label of a row or a word in a cell; the name itself where the language has none."""
    words = labels.get(name, name)
    return words if isinstance(words, str) else words.get(language) or words.get("en") or name


def _word(labels: Mapping[str, Words], name: str, language: Language) -> str:
    """Return the label of a column: the table's own, then the common words, then its name."""
    return _label(labels, name, language) if name in labels else word(name, language)


def _caption(table: Table, language: Language) -> str:
    title = in_language(table.title, language)
    if not table.number:
        return title
    joint = {"en": ". ", "zh": " "}[language]
    kind = word("table", language) + (" " if language == "en" else "")
    return f"{kind}{table.number}{joint}{title}" if title else f"{kind}{table.number}"


def _notes(table: Table, language: Language) -> list[str]:
    found = [in_language(note, language) for note in table.notes]
    if table.has_stars:
        found.append(stars_note(table.star_rules, language))
    return [note for note in found if note]
