"""An export before its cells are read: which tool wrote it, what its columns are, where the answers begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csi.reading.sheet import Sheet


@dataclass(frozen=True, eq=False)
class Export:
    """A sheet with what its tool says of it.

    Parameters
    ----------
    kind : str
        "table", "wjx" or "qualtrics".
    names, questions : list of str
        Name and question of every column.
    first : int
        Row of the sheet where the answers begin.
    asked : set of int
        Columns that are answers; the others are the tool's own.
    marks : mapping of cell text to meaning
        What the tool writes instead of an answer.
    separator : str
        What stands between several answers in one cell.
    seconds : set of int
        Columns that are durations.
    """

    kind: str
    sheet: Sheet
    names: list[str]
    questions: list[str]
    first: int
    asked: frozenset[int]
    marks: dict[str, str]
    separator: str = ""
    seconds: frozenset[int] = frozenset()

    def cells(self, column: int) -> list:
        """Cells of a column below the header."""
        return [row[column] for row in self.sheet.rows[self.first :]]


def table(sheet: Sheet) -> Export:
    """Read a plain table: one header row."""
    names = sheet.header
    return Export("table", sheet, names, list(names), 1, every(names), {})


def every(names: Sequence[str]) -> frozenset[int]:
    """All columns."""
    return frozenset(range(len(names)))
