"""Exports of Qualtrics: three header rows (name, question, ImportId), previews among the answers."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

from csi.errors import check_choice
from csi.reading.answers import Log
from csi.reading.export import Export
from csi.reading.sheet import Sheet

#: Status of a row that no respondent gave: survey preview, survey test, their spam and offline kinds.
PREVIEW_CODES = {"1", "2", "9", "17"}
#: Recode that Qualtrics offers for a question that was seen but not answered.
MARKS = {"-99": "seen, not answered"}


def recognise(sheet: Sheet) -> Export | None:
    """Read the three header rows of an export of Qualtrics; nothing if it is none."""
    if len(sheet.rows) < 3 or not any('"ImportId"' in str(cell) for cell in sheet.rows[2]):
        return None
    questions = [plain_text(str(cell or "")) for cell in sheet.rows[1]]
    asked = frozenset(column for column, imported in enumerate(import_ids(sheet)) if imported.startswith("QID"))
    return Export("qualtrics", sheet, sheet.header, questions, 3, asked, MARKS, ",")


def import_ids(sheet: Sheet) -> list[str]:
    """The tool's own name of every column."""
    return [_import_id(str(cell or "")) for cell in sheet.rows[2]]


def _import_id(cell: str) -> str:
    if not cell.strip().startswith("{"):
        return ""
    try:
        return str(json.loads(cell).get("ImportId", ""))
    except json.JSONDecodeError:
        return ""


def plain_text(question: str) -> str:
    r"""A question without its HTML, on one line.

    Examples
    --------
    >>> plain_text("How <b>satisfied</b> are you?<br>\nOverall &amp; in general")
    'How satisfied are you? Overall & in general'
    """
    return " ".join(html.unescape(re.sub(r"<[^<>]+>", " ", question)).split())


def respondents(export: Export, unfinished: str, log: Log) -> Export:
    """Leave out previews, and unfinished answers where asked; both are logged."""
    check_choice(unfinished, "unfinished", ("keep", "drop"))
    ids = import_ids(export.sheet)
    gone = _rows_where(export, ids, "status", _is_preview)
    if gone:
        log.add("left out", "rows", len(gone), "previews and tests of the survey, which no respondent gave")
    open_rows = _rows_where(export, ids, "finished", _is_open) - gone
    if open_rows and unfinished == "drop":
        log.add("left out", "rows", len(open_rows), "unfinished answers, as asked by unfinished='drop'")
        gone |= open_rows
    elif open_rows:
        log.add("noticed", "rows", len(open_rows), "unfinished answers are kept; unfinished='drop' leaves them out")
    sheet = export.sheet.without_rows(gone)
    return Export(
        export.kind, sheet, export.names, export.questions, export.first, export.asked, export.marks, export.separator
    )


def _rows_where(export: Export, ids: list[str], which: str, holds: Callable[[str], bool]) -> set[int]:
    if which not in ids:
        return set()
    column = ids.index(which)
    rows = range(export.first, len(export.sheet.rows))
    return {row for row in rows if holds(str(export.sheet.rows[row][column] or "").strip())}


def _is_preview(status: str) -> bool:
    return status in PREVIEW_CODES or "preview" in status.casefold() or "test" in status.casefold() or "预览" in status


def _is_open(finished: str) -> bool:
    return finished.casefold() in ("0", "false", "no", "否")
