"""Tables for a terminal: columns that stand straight in English and Chinese, in characters that every console has."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import pandas as pd

from csi.display.numbers import number, p_value

#: Decimals of the columns whose numbers are no estimates.
DECIMALS: dict[str, int] = {"statistic": 2, "n": 0}


def frame_text(frame: pd.DataFrame, decimals: int = 3, headers: Mapping[str, str] | None = None) -> str:
    """Write a table with its row labels on the left and its numbers rounded.

    Parameters
    ----------
    frame : DataFrame
        Numbers; row levels are text.
    decimals : int
        Of every column but p-values, statistics and counts.
    headers : mapping of column or row level to text, optional
        What is printed above a column.

    Examples
    --------
    >>> table = pd.DataFrame({"estimate": [0.5, 12.25]}, index=pd.Index(["quality", "感知价值"], name="construct"))
    >>> print(frame_text(table, 2))
    construct  estimate
    quality        0.50
    感知价值      12.25
    """
    said = headers or {}
    levels = [str(name or "") for name in frame.index.names]
    columns = [str(column) for column in frame.columns]
    header = [said.get(name, name) for name in (*levels, *columns)]
    numbers = [[_cell(value, name, decimals) for value, name in zip(row, columns, strict=True)] for row in _rows(frame)]
    labels = _labels(frame.index)
    return grid(header, [[*label, *cells] for label, cells in zip(labels, numbers, strict=True)], left=len(levels))


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Align cells: the first `left` columns to the left, the others to the right, two blanks between.

    Examples
    --------
    >>> print(grid(["name", "n"], [["a", "10"], ["bcdef", "7"]]))
    name    n
    a      10
    bcdef   7
    """
    lines = [list(header), *map(list, rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    padded = (
        [_pad(cell, size, column >= left) for column, (cell, size) in enumerate(zip(line, widths, strict=True))]
        for line in lines
    )
    return "\n".join("  ".join(line).rstrip() for line in padded)


def width(text: str) -> int:
    """Columns that a text takes on a terminal: Chinese characters take two.

    Examples
    --------
    >>> width("value"), width("价值")
    (5, 4)
    """
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else 0 if unicodedata.combining(letter) else 1
        for letter in text
    )


def _pad(cell: str, size: int, right: bool) -> str:
    blanks = " " * (size - width(cell))
    return blanks + cell if right else cell + blanks


def _rows(frame: pd.DataFrame) -> list[list[float]]:
    return [[float(value) for value in row] for row in frame.itertuples(index=False, name=None)]


def _cell(value: float, column: str, decimals: int) -> str:
    if column == "p_value":
        return p_value(value) or "-"
    return number(value, DECIMALS.get(column, decimals), minus="-") or "-"


def _labels(index: pd.Index) -> list[list[str]]:
    """Row labels as text; an outer label that repeats the one above is left blank."""
    rows = [[str(part) for part in (label if isinstance(label, tuple) else (label,))] for label in index]
    shown: list[list[str]] = []
    for above, row in zip([None, *rows], rows, strict=False):
        same = 0
        while above is not None and same < len(row) - 1 and row[same] == above[same]:
            same += 1
        shown.append([""] * same + row[same:])
    return shown
