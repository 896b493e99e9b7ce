"""Tables for Word: three rules (三线表), Song and Times faces, captions numbered by a field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csi.display.cells import Grid
from csi.display.numbers import Language
from csi.display.plain import width
from csi.display.words import word
from csi.errors import MissingExtra

#: Eighths of a point: the rules above and below the table, and below the header.
_THICK, _THIN = 12, 6
_FACE, _SONG, _HEI = "Times New Roman", "宋体", "黑体"
_POINTS, _NOTE = 10.5, 9.0


def _docx() -> Any:
    try:
        import docx
    except ImportError:
        raise MissingExtra('python-docx is not installed: pip install "csi[report]"') from None
    return docx


def new() -> Any:
    """Open an empty document."""
    return _docx().Document()


def append(grid: Grid, numbered: bool, language: Language, path: str | Path | None = None, document: Any = None) -> Any:
    """Append a table with caption and notes to a document, and save it if a path is given."""
    target = document if document is not None else new()
    _caption(target, grid.caption, numbered, language)
    table = target.add_table(rows=0, cols=grid.columns)
    table.alignment = _docx().enum.table.WD_TABLE_ALIGNMENT.CENTER
    for line in grid.header:
        _header_row(table, line, grid, last=line is grid.header[-1])
    for row in grid.rows:
        cells = table.add_row().cells
        for i, (place, cell) in enumerate(zip(cells, row, strict=True)):
            # An interval is not broken between its ends.
            said = cell.text.replace(" ", "\u00a0") if cell.kind == "interval" else cell.text
            _write(place, said, centred=not grid.is_text(i))
    _rules(table, len(grid.header))
    _share_width(table, grid, target.sections[-1])
    if grid.notes:
        joint = "" if language == "zh" else " "
        _paragraph(target, f"{word('note', language)}{joint}{grid.note}", _NOTE, _SONG)
    if path is not None:
        target.save(str(path))
    return target


def _header_row(table: Any, line: Any, grid: Grid, last: bool) -> None:
    row, at = table.add_row(), 0
    for i, head in enumerate(line):
        first, end = row.cells[at], row.cells[at + head.span - 1]
        place = first.merge(end) if head.span > 1 else first
        _write(place, head.text, centred=not (last and grid.is_text(i)))
        if not last and head.text and i >= grid.left:
            _border(place, bottom=_THIN)
        at += head.span
    _repeat(row)


def _caption(document: Any, caption: str, numbered: bool, language: Language) -> None:
    """Write the caption above the table; without a number of its own it gets a field that Word counts."""
    paragraph = _paragraph(document, "", _POINTS, _HEI, centred=True, keep=True)
    if numbered:
        _run(paragraph, caption, _POINTS, _HEI, bold=language == "en")
        return
    kind = word("table", language)
    _run(paragraph, f"{kind} " if language == "en" else kind, _POINTS, _HEI, bold=language == "en")
    _field(paragraph, f" SEQ {kind} \\* ARABIC ")
    if caption:
        _run(paragraph, f"  {caption}", _POINTS, _HEI, bold=language == "en")


def _paragraph(document: Any, said: str, points: float, face: str, centred: bool = False, keep: bool = False) -> Any:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = _docx().shared.Pt(6 if keep else 2)
    paragraph.paragraph_format.space_after = _docx().shared.Pt(2 if keep else 8)
    paragraph.paragraph_format.keep_with_next = keep
    if centred:
        paragraph.alignment = _docx().enum.text.WD_ALIGN_PARAGRAPH.CENTER
    if said:
        _run(paragraph, said, points, face)
    return paragraph


def _write(place: Any, said: str, centred: bool) -> None:
    paragraph = place.paragraphs[0]
    align = _docx().enum.text.WD_ALIGN_PARAGRAPH
    paragraph.alignment = align.CENTER if centred else align.LEFT
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = _docx().shared.Pt(1)
    _run(paragraph, said, _POINTS, _SONG)


def _run(paragraph: Any, said: str, points: float, face: str, bold: bool = False) -> Any:
    run = paragraph.add_run(said)
    run.font.size, run.font.name, run.font.bold = _docx().shared.Pt(points), _FACE, bold
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(_docx().oxml.ns.qn("w:eastAsia"), face)
    return run


def _field(paragraph: Any, code: str) -> None:
    """Insert a field that Word counts; 1 is shown until it does."""
    simple = _element("w:fldSimple", instr=code)
    run = _run(paragraph, "1", _POINTS, _HEI)
    simple.append(run._element)
    paragraph._p.append(simple)


def _rules(table: Any, header: int) -> None:
    """Draw the three rules, as borders of cells so that every program shows them."""
    for cell in table.rows[0].cells:
        _border(cell, top=_THICK)
    for cell in table.rows[header - 1].cells:
        _border(cell, bottom=_THIN)
    for cell in table.rows[-1].cells:
        _border(cell, bottom=_THICK)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))


def _border(cell: Any, **edges: int) -> None:
    qn, properties = _docx().oxml.ns.qn, cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = _element("w:tcBorders")
        properties.append(borders)
    for edge, size in edges.items():
        if borders.find(qn(f"w:{edge}")) is None:
            borders.append(_element(f"w:{edge}", val="single", sz=str(size), space="0", color="000000"))


def _share_width(table: Any, grid: Grid, section: Any) -> None:
    """Give each column a share of the page that suits its longest text; a short table stays narrow."""
    texts = [[row[i].text for row in grid.rows] + [grid.header[-1][i].text] for i in range(grid.columns)]
    letters = [min(max(map(width, column)), 40) + 3 for column in texts]
    room = section.page_width - section.left_margin - section.right_margin
    unit = min(room / sum(letters), _docx().shared.Pt(_POINTS * 0.62))
    table.autofit = False
    for column, wide in zip(table.columns, letters, strict=True):
        column.width = int(unit * wide)
    for row in table.rows:
        at = 0
        for cell in row._tr.tc_lst:
            cell.width = int(unit * sum(letters[at : at + cell.grid_span]))
            at += cell.grid_span


def _repeat(row: Any) -> None:
    """Repeat a header row on every page."""
    row._tr.get_or_add_trPr().append(_element("w:tblHeader"))


def _element(tag: str, **attributes: str) -> Any:
    found = _docx().oxml.OxmlElement(tag)
    for name, value in attributes.items():
        found.set(_docx().oxml.ns.qn(f"w:{name}"), value)
    return found
