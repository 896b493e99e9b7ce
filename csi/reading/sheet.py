"""A sheet as cells with their places, so that every complaint can name sheet, row and column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from csi.errors import DataError, listing

Cell = Any
MOST_PROBLEMS = 12


@dataclass(frozen=True, eq=False)
class Sheet:
    """Rows of cells as a file holds them, the header rows first.

    Parameters
    ----------
    path : str
        Name of the file.
    name : str
        Name of the sheet; empty for a text file.
    rows : list of list
        Cells, every row as long as the first.
    numbers : list of int
        Row numbers as the file counts them, from 1.
    """

    path: str
    name: str
    rows: list[list[Cell]]
    numbers: list[int]

    @property
    def header(self) -> list[str]:
        """The first row as texts."""
        return ["" if cell is None else str(cell).strip() for cell in self.rows[0]]

    def place(self, row: int, column: int) -> str:
        """Say where a cell is: `sheet 'Data', row 3, column B ('Q1')`."""
        return f"{self._sheet()}row {self.numbers[row]}, column {letters(column)} ({self.header[column]!r})"

    def _sheet(self) -> str:
        return f"sheet {self.name!r}, " if self.name else ""

    def refuse(self, problems: Sequence[str]) -> None:
        """Raise one error for all problems.

        Raises
        ------
        DataError
        """
        if not problems:
            return
        shown = list(problems[:MOST_PROBLEMS])
        if len(problems) > MOST_PROBLEMS:
            shown.append(f"and {len(problems) - MOST_PROBLEMS} more of the kind")
        raise DataError(listing(shown, f"{self.path} cannot be read as it is"))

    def without_rows(self, gone: set[int]) -> Sheet:
        """Leave out some rows."""
        kept = [row for row in range(len(self.rows)) if row not in gone]
        return replace(self, rows=[self.rows[row] for row in kept], numbers=[self.numbers[row] for row in kept])


def letters(column: int) -> str:
    """Name a column as a spreadsheet does.

    Examples
    --------
    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def squared(path: str, name: str, rows: list[list[Cell]]) -> Sheet:
    """Make a sheet of rows: empty ones left out, short ones filled, long ones refused.

    Raises
    ------
    DataError
        If there is nothing in it, or a row is longer than the header.
    """
    filled = [(number, row) for number, row in enumerate(rows, 1) if any(not blank(cell) for cell in row)]
    where = f"sheet {name!r} of {path}" if name else path
    if not filled:
        raise DataError(f"{where} is empty; there are no answers to read")
    width = max(i for i, cell in enumerate(filled[0][1]) if not blank(cell)) + 1
    cells = [[None if blank(cell) else cell for cell in row] for _, row in filled]
    sheet = Sheet(path, name, [(row + [None] * width)[:width] for row in cells], [number for number, _ in filled])
    problems = []
    for at, row in enumerate(cells):
        over = [i for i, cell in enumerate(row) if i >= width and cell is not None]
        if over:
            where_row = f"sheet {name!r}, " if name else ""
            problems.append(
                f"{where_row}row {sheet.numbers[at]}, column {letters(over[0])} holds {short(row[over[0]])}, but the"
                f" header ends at column {letters(width - 1)}; give every column a name"
            )
    sheet.refuse(problems)
    if len(cells) == 1:
        raise DataError(f"{where} has a header and no answers below it")
    return sheet


def blank(cell: Cell) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip()) or cell != cell


def short(cell: Cell) -> str:
    """A cell as an error shows it."""
    text = repr(cell)
    return text if len(text) <= 40 else text[:37] + "..."


def header_problems(sheet: Sheet, names: Sequence[str]) -> Iterator[str]:
    """Columns without a name, and names that stand twice."""
    for column, name in enumerate(names):
        if not name:
            yield f"{sheet.place(0, column)} has no name; name the column or delete it"
    for name, times in Counter(name for name in names if name).items():
        if times > 1:
            where = " and ".join(letters(i) for i, other in enumerate(names) if other == name)
            yield (
                f"{sheet._sheet()}row {sheet.numbers[0]}: {name!r} stands {times} times, in columns {where};"
                " give every column its own name"
            )
