"""Tables for a workbook: numbers stay numbers under a number format, and text stays text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from csi.display.cells import Cell, Grid, cut
from csi.display.numbers import Language
from csi.display.plain import width
from csi.errors import MissingExtra

if TYPE_CHECKING:
    from csi.display.table import Table

#: A text format: a cell that begins with = + - or @ is never read as a formula, not even when it is edited.
_TEXT = "@"
#: Letters that a cell holds.
_LONGEST = 32_000
#: Name of the front sheet.
_FRONT = {"en": "Contents", "zh": "目录"}


def package() -> Any:
    """Return xlsxwriter.

    Raises
    ------
    MissingExtra
        Naming the line that installs it.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise MissingExtra('xlsxwriter is not installed: pip install "csi[report]"') from None
    return xlsxwriter


#: A line of a front sheet: its text, how it is set, and the place of the table that it leads to.
Line: TypeAlias = tuple[str, Literal["title", "heading", "text", "link"], int]


def save(tables: Sequence[Table], path: str | Path, language: Language, front: Sequence[Line] = ()) -> None:
    """Write a workbook, one sheet a table; before them a front sheet, where there is one."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with package().Workbook(str(path), options) as book:
        taken = {_FRONT[language].casefold()} if front else set[str]()
        grids = [cut(table, language, joined=False) for table in tables]
        names = [_sheet_name(grid.caption, i, taken) for i, grid in enumerate(grids, 1)]
        if front:
            _Sheet(book, book.add_worksheet(_FRONT[language]), language).write_front(front, names)
        for name, grid in zip(names, grids, strict=True):
            _Sheet(book, book.add_worksheet(name), language).write(grid)


def _sheet_name(caption: str, place: int, taken: set[str]) -> str:
    """Return a name that Excel takes: at most 31 letters, no brackets or slashes, used once."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", caption).strip(" '")[:27].strip(" '") or f"{place}"
    while name.casefold() in taken or name.casefold() == "history":
        name = f"{name[:24]} ({place})"
    taken.add(name.casefold())
    return name


class _Sheet:
    """Writes one grid on one sheet."""

    def __init__(self, book: Any, sheet: Any, language: Language) -> None:
        self.book, self.sheet, self.language = book, sheet, language
        self.formats: dict[tuple[Any, ...], Any] = {}

    def format(self, **options: Any) -> Any:
        key = tuple(sorted(options.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_name": "Times New Roman", "font_size": 10.5, **options})
        return self.formats[key]

    def write(self, grid: Grid) -> None:
        """Title, header, rows, notes; the header stays in sight."""
        at = 0
        if grid.caption:
            self.sheet.write_string(at, 0, grid.caption, self.format(num_format=_TEXT, bold=True))
            at += 1
        for level, heads in enumerate(grid.header):
            self._header(at, heads, grid, first=level == 0, last=level == len(grid.header) - 1)
            at += 1
        self.sheet.freeze_panes(at, grid.left)
        for i, row in enumerate(grid.rows):
            rule = {"bottom": 2} if i == len(grid.rows) - 1 else {}
            for column, cell in enumerate(row):
                self._cell(at, column, cell, rule)
            at += 1
        for note in grid.notes:
            self.sheet.write_string(at, 0, note, self.format(num_format=_TEXT, font_size=9))
            at += 1
        self._fit(grid)

    def write_front(self, lines: Sequence[Line], names: Sequence[str]) -> None:
        """Lines one below the other; those that lead to a table are links to its sheet."""
        self.sheet.set_column(0, 0, 110)
        styles: dict[str, dict[str, Any]] = {
            "title": {"bold": True, "font_size": 16}, "heading": {"bold": True, "font_size": 12, "top": 1},
            "text": {"text_wrap": True, "valign": "top"}, "link": {"font_color": "#0563C1", "underline": 1},
        }  # fmt: skip
        for at, (said, kind, place) in enumerate(lines):
            style = self.format(num_format=_TEXT, **styles[kind])
            if kind == "link":
                name = names[place].replace("'", "''")
                self.sheet.write_url(at, 0, f"internal:'{name}'!A1", style, said)
            else:
                self.sheet.write_string(at, 0, said[:_LONGEST], style)

    def _header(self, at: int, heads: Any, grid: Grid, first: bool, last: bool) -> None:
        column, rule = 0, {**({"top": 2} if first else {}), **({"bottom": 1} if last else {})}
        for i, head in enumerate(heads):
            style = self.format(num_format=_TEXT, align="left" if last and grid.is_text(i) else "center", **rule)
            if head.span > 1:
                self.sheet.merge_range(at, column, at, column + head.span - 1, "", style)
            self.sheet.write_string(at, column, head.text, style)
            column += head.span

    def _cell(self, row: int, column: int, cell: Cell, rule: dict[str, int]) -> None:
        if not cell.text:
            self.sheet.write_blank(row, column, None, self.format(**rule))
        elif cell.kind == "text" or not math.isfinite(cell.value):
            self.sheet.write_string(row, column, cell.text[:_LONGEST], self.format(num_format=_TEXT, **rule))
        else:
            style = self.format(num_format=_number_format(cell, self.language), align="right", **rule)
            self.sheet.write_number(row, column, cell.value, style)

    def _fit(self, grid: Grid) -> None:
        """Make columns as wide as their longest text, within reason."""
        for column in range(grid.columns):
            texts = [row[column].text for row in grid.rows]
            texts += [line[column].text for line in grid.header[-1:]]
            self.sheet.set_column(column, column, min(max(map(width, texts), default=8) + 3, 48))


def _number_format(cell: Cell, language: Language) -> str:
    """Return the format that prints a number as the other forms do, stars included."""
    digits = "." + "0" * cell.decimals if cell.decimals else ""
    if cell.kind == "p":
        zero = "0" if language == "zh" else ""
        least = 10.0**-cell.decimals
        return f'[<{least:.{cell.decimals}f}]"< {zero}{f"{least:.{cell.decimals}f}"[1:]}";[<1]{zero}{digits};0{digits}'
    if cell.kind == "percent":
        return f"0{digits}%"
    marks = f'"{cell.stars}"' if cell.stars else ""
    return f"#,##0{digits}{marks}"
