"""Opening files: text in its encoding, workbooks without their traps. Nothing in a file is ever executed."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from csi.errors import DataError, MissingExtra, SettingsError, suggest
from csi.reading.sheet import Cell, Sheet, letters, short, squared

TEXT = {".csv", ".txt", ".tsv", ".tab"}
WORKBOOKS = {".xlsx", ".xlsm", ".xls"}
STATISTICS = {".sav", ".zsav", ".dta"}
COLUMNAR = {".parquet"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Bytes of more than one in a row that utf-8 must have read well before a bad one counts as damage, not as gb18030.
ENOUGH_UTF8 = 3


def known_file(path: Any) -> Path:
    """Check that a path leads to a file of a kind that can be read.

    Raises
    ------
    DataError
        Naming the files beside it, or the kinds there are.
    """
    file = Path(path)
    if not file.is_file():
        beside = [each.name for each in file.parent.iterdir()] if file.parent.is_dir() else []
        raise DataError(f"there is no file {file}{suggest(file.name, beside)}")
    kinds = TEXT | WORKBOOKS | STATISTICS | COLUMNAR
    if file.suffix.lower() not in kinds:
        raise DataError(
            f"{file.name}: {file.suffix or 'no suffix'} is not read; the kinds are {', '.join(sorted(kinds))}"
        )
    if file.stat().st_size == 0:
        raise DataError(f"{file.name} is empty: the file has no bytes")
    return file


def text_sheet(file: Path, encoding: str | None) -> tuple[Sheet, str]:
    """Open a text file of values; return the sheet and the encoding it was read in.

    Raises
    ------
    DataError
        If it is in no encoding that is known, or a quotation never ends.
    """
    text, used = decoded(file, encoding)
    delimiter = max(",\t;", key=lambda mark: text.split("\n", 1)[0].count(mark))
    rows: list[list[Cell]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows.extend(reader)
    except csv.Error as error:
        raise DataError(
            f"{file.name}, line {reader.line_num} (row {len(rows) + 1}): {error}; a quotation mark is left open or the"
            " file is cut off. Export it again"
        ) from None
    if len(rows) == 1 and text.lstrip()[:1] == "<":
        raise DataError(f"{file.name} holds a web page, not values; export the answers again as .csv or .xlsx")
    return squared(file.name, "", rows), used


def decoded(file: Path, encoding: str | None) -> tuple[str, str]:
    """Read a file as utf-8 or else as gb18030, both strictly."""
    raw = file.read_bytes()
    if encoding is None:
        encoding = _encoding(raw, file.name)
    try:
        return raw.decode(encoding), encoding
    except LookupError:
        raise SettingsError(f"encoding {encoding!r} is unknown; such as 'utf-8', 'gb18030', 'utf-16'") from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(
            f"{file.name}, row {line}: byte {error.start} is not {encoding}; leave encoding= out to have utf-8 and"
            " gb18030 tried, or name the right one"
        ) from None


def _encoding(raw: bytes, name: str) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\x00" in raw:
        raise DataError(f"{name} is not a text file: it holds zero bytes. Export it as .csv (UTF-8) or as .xlsx")
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_broken_utf8(raw, error, name)
    else:
        return "utf-8-sig"
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(
            f"{name}, row {line}: byte {error.start} is neither utf-8 nor gb18030; name the encoding:"
            " csi.read(..., encoding='...')"
        ) from None
    strange = [letter for letter in text if "\ue000" <= letter <= "\uf8ff"]
    if strange:
        raise DataError(
            f"{name} is neither utf-8 nor gb18030 text ({len(strange)} characters would have no meaning); name the"
            " encoding: csi.read(..., encoding='...')"
        )
    return "gb18030"


def _refuse_broken_utf8(raw: bytes, error: UnicodeDecodeError, name: str) -> None:
    """Tell utf-8 with a damaged place from text that never was utf-8."""
    before = raw[: error.start].decode("utf-8", errors="strict")
    if sum(not letter.isascii() for letter in before) >= ENOUGH_UTF8:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(f"{name}, row {line}: the text is utf-8, but byte {error.start} is damaged; export it again")


# -- workbooks ------------------------------------------------------------------------------------------


def workbook_sheet(file: Path, sheet: str | None) -> Sheet:
    """Open one sheet of a workbook.

    Raises
    ------
    DataError
        If it is protected by a password, cut off, has several sheets with values, merged cells or formulas.
    MissingExtra
        If the packages that open workbooks are not installed.
    """
    head = file.read_bytes()[:4096]
    if head.lstrip()[:1] == b"<":
        raise DataError(f"{file.name} holds a web page, not a workbook; open it in a spreadsheet and save it as .xlsx")
    if file.suffix.lower() != ".xls" and head[:8] == OLE:
        raise DataError(
            f"{file.name} is protected by a password (or is an old .xls under another name); save it without password"
        )
    return _old_workbook(file, sheet) if file.suffix.lower() == ".xls" else _new_workbook(file, sheet)


def _new_workbook(file: Path, sheet: str | None) -> Sheet:
    try:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError:
        raise _missing("openpyxl") from None
    try:
        book = openpyxl.load_workbook(file, data_only=False)
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, ValueError, InvalidFileException, SyntaxError) as error:
        raise _broken(file, error) from None
    used = {each.title: each for each in book.worksheets if each.max_row > 1 or each.cell(1, 1).value is not None}
    chosen = used.get(_choice(file, list(used), [each.title for each in book.worksheets], sheet))
    found = book[sheet] if chosen is None else chosen
    rows = [[cell.value for cell in row] for row in found.iter_rows()]
    formulas = [cell.coordinate for row in found.iter_rows() for cell in row if cell.data_type == "f"]
    if formulas:
        raise DataError(
            f"{file.name}, sheet {found.title!r}: {_named(formulas)} a formula, such as"
            f" {short(found[formulas[0]].value)}; formulas are not executed. Replace them by their values (copy, paste"
            " values)"
        )
    _refuse_merged(file, found.title, [str(area) for area in found.merged_cells.ranges])
    return squared(file.name, found.title, rows)


def _old_workbook(file: Path, sheet: str | None) -> Sheet:
    try:
        import python_calamine
    except ImportError:
        raise _missing("python-calamine") from None
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(file))
        grids = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
    except python_calamine.PasswordError:
        raise DataError(f"{file.name} is protected by a password; save it without") from None
    except python_calamine.CalamineError as error:
        raise _broken(file, error) from None
    used = [name for name, grid in grids.items() if grid.height]
    chosen = _choice(file, used, list(grids), sheet)
    corners = grids[chosen].merged_cell_ranges or []
    _refuse_merged(file, chosen, [f"{_cell(first)}:{_cell(last)}" for first, last in corners])
    # Old workbooks come with the values that their formulas had when they were saved.
    rows = grids[chosen].to_python(skip_empty_area=False)
    return squared(file.name, chosen, [[_plain(cell) for cell in row] for row in rows])


def _cell(place: tuple[int, int]) -> str:
    """Name a cell by its row and column, counted from 0."""
    return f"{letters(place[1])}{place[0] + 1}"


def _plain(cell: Cell) -> Cell:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _choice(file: Path, used: list[str], every: list[str], sheet: str | None) -> str:
    """The sheet to read: the one named, or the only one that holds anything."""
    if sheet is not None:
        if sheet not in every:
            raise DataError(f"{file.name} has no sheet {sheet!r}{suggest(sheet, every)}; it has {', '.join(every)}")
        return sheet
    if len(used) > 1:
        raise DataError(
            f"{file.name} has {len(used)} sheets with values; choose one: sheet={used[0]!r} ({', '.join(used)})"
        )
    if not used:
        raise DataError(f"sheet {every[0]!r} of {file.name} is empty; there are no answers to read")
    return used[0]


def _refuse_merged(file: Path, sheet: str, areas: list[str]) -> None:
    if areas:
        raise DataError(
            f"{file.name}, sheet {sheet!r}: {_named(sorted(areas))} merged cells; a cell belongs to one row and one"
            " column. Unmerge them and give every column its own name"
        )


def _named(cells: list[str]) -> str:
    shown = ", ".join(cells[:6]) + (f" and {len(cells) - 6} more" if len(cells) > 6 else "")
    return f"{shown} {'hold' if len(cells) > 1 else 'holds'}"


def _broken(file: Path, error: Exception) -> DataError:
    return DataError(f"{file.name} is no whole workbook ({error}); it is cut off or damaged. Export it again")


def _missing(package: str) -> MissingExtra:
    return MissingExtra(f'{package} is not installed: pip install "csi[io]"')
