"""Tables for Word: three rules (三线表), Song and Times faces, numbers under each other by their decimal points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi.display import word as parts
from csi.display.cells import Cell, Grid
from csi.display.numbers import Language
from csi.display.plain import width
from csi.display.words import word

#: Eighths of a point: the rules above and below the table, and below the header.
_THICK, _THIN = 12, 6
#: Sizes of letters: as it should be, and what wide tables may shrink to.
POINTS, SMALL, NOTE = 10.5, 9.0, 9.0
#: A text column is never narrower than so many letters, nor a label asked to be wider.
_NARROWEST, _WIDEST = 8, 34
#: Blank on both sides of a cell together, in points.
_GAP = 9.0
#: Tables of no more rows than this are kept on one page.
_WHOLE = 22


def new() -> Any:
    """Open an empty document."""
    return parts.package().Document()


def append(grid: Grid, numbered: bool, language: Language, path: str | Path | None = None, document: Any = None) -> Any:
    """Append a table with caption and notes to a document, and save it if a path is given."""
    target = document if document is not None else new()

    def caption(paragraph: Any) -> None:
        """Without a number of its own a table gets a field that Word counts."""
        bold = language == "en"
        if not numbered:
            kind = word("table", language)
            parts.run(paragraph, f"{kind} " if bold else kind, POINTS, parts.HEI, bold)
            parts.field(paragraph, f"SEQ {kind} \\* ARABIC", _counted(target, kind), POINTS, parts.HEI, bold)
        said = grid.caption if numbered or not grid.caption else f"  {grid.caption}"
        parts.run(paragraph, said, POINTS, parts.HEI, bold)

    section = target.sections[-1]
    room = (section.page_width - section.left_margin - section.right_margin) / 12700
    write(target, grid, language, caption, room)
    if path is not None:
        target.save(str(path))
    return target


def _counted(document: Any, kind: str) -> str:
    """What the next field of a kind will show."""
    asked = document.element.xpath("//w:instrText")
    return str(1 + sum(f" SEQ {kind} " in (one.text or "") for one in asked))


def write(
    document: Any, grid: Grid, language: Language, caption: Callable[[Any], None], room: float, points: float = POINTS
) -> None:
    """Write a table into a document: caption above, rows between three rules, notes below.

    Parameters
    ----------
    caption : callable
        Writes into the paragraph above the table.
    room : float
        Width of the page without its margins, in points.
    """
    above = _paragraph(document, centred=True, before=6, after=3)
    above.paragraph_format.keep_with_next = True
    caption(above)
    plan = layout(grid, room, points)
    table = document.add_table(rows=0, cols=grid.columns)
    table.alignment = parts.package().enum.table.WD_TABLE_ALIGNMENT.CENTER
    for line in grid.header:
        _header_row(table, line, grid, plan.points, last=line is grid.header[-1])
    short = len(grid.rows) <= _WHOLE
    for number, row in enumerate(grid.rows):
        together = short and (number < len(grid.rows) - 1 or bool(grid.notes))
        _row(table, row, grid, plan, together)
    _rules(table, len(grid.header))
    _set_widths(table, plan)
    below = _paragraph(document, before=3, after=10)
    if grid.notes:
        joint = "" if language == "zh" else " "
        parts.run(below, f"{word('note', language)}{joint}{grid.note}", NOTE, parts.SONG)
    else:
        parts.run(below, "", NOTE, parts.SONG)


# -- how wide -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """Widths of the columns in points, places of their decimal points, the size of the letters."""

    widths: list[float]
    stops: list[float | None]
    points: float

    @property
    def total(self) -> float:
        """Width of the table."""
        return sum(self.widths)


def layout(grid: Grid, room: float, points: float = POINTS) -> Plan:
    """Share the room: numbers get what they need, words what is left."""
    unit = points * 0.52
    needs = [_need(grid, column) for column in range(grid.columns)]
    least = [low * unit + _GAP for low, _ in needs]
    wish = [high * unit + _GAP for _, high in needs]
    if sum(wish) <= room:
        widths = wish
    elif sum(least) <= room:
        share = (room - sum(least)) / max(sum(wish) - sum(least), 1e-9)
        widths = [low + share * (high - low) for low, high in zip(least, wish, strict=True)]
    else:
        widths = [low * room / sum(least) for low in least]
    stops = [_stop(grid, column, widths[column], unit) for column in range(grid.columns)]
    return Plan(widths, stops, points)


def fits(grid: Grid, room: float, points: float) -> bool:
    """Whether numbers and the longest words have room."""
    return sum(_need(grid, column)[0] * points * 0.52 + _GAP for column in range(grid.columns)) <= room


def _need(grid: Grid, column: int) -> tuple[float, float]:
    """The least and the wished width of a column, in letters."""
    texts = [row[column].text for row in grid.rows]
    head = grid.header[-1][column].text
    longest = max(map(_word_width, head.split()), default=0)
    natural = max(map(_ink, texts), default=0)
    if not grid.is_text(column):
        return max(natural, longest), max(natural, longest, min(_ink(head), 9))
    words = max((_word_width(part) for text in texts for part in text.split()), default=0)
    natural = max(natural, _ink(head))
    least = min(max(words, longest), natural, 20)
    return max(least, min(natural, _NARROWEST)), min(natural, max(_WIDEST, least))


def _ink(said: str) -> float:
    """Width of a text in Times and Song, in digits: capitals are wider than small letters."""
    return width(said) + 0.45 * sum(letter.isupper() or letter in "mwαω%" for letter in said)


def _word_width(said: str) -> float:
    """Width of a word that is not broken; Chinese may be broken after every few characters."""
    return min(_ink(said), 8) if width(said) > len(said) else _ink(said)


def _stop(grid: Grid, column: int, wide: float, unit: float) -> float | None:
    """Where the decimal points of a column stand, so that its numbers are in the middle."""
    cells = [row[column] for row in grid.rows if row[column].text]
    if grid.is_text(column) or not cells or any(cell.kind in ("interval", "text") for cell in cells):
        return None
    sides = [_sides(cell) for cell in cells]
    before, after = max(side[0] for side in sides), max(side[1] for side in sides)
    return max((wide - _GAP - (before + after) * unit) / 2, 0) + before * unit


def _sides(cell: Cell) -> tuple[int, int]:
    """Letters before and after the decimal point."""
    head, point, tail = cell.text.partition(".")
    return (width(head), width(point + tail)) if point else (width(cell.text.rstrip("*")), 0)


# -- rows ----------------------------------------------------------------------------------------------------------


def _row(table: Any, row: Any, grid: Grid, plan: Plan, together: bool) -> None:
    for i, (place, cell) in enumerate(zip(table.add_row().cells, row, strict=True)):
        # An interval is not broken between its ends.
        said = cell.text.replace(" ", "\u00a0") if cell.kind == "interval" else cell.text
        paragraph = _write(place, said, plan.points, "left" if grid.is_text(i) or plan.stops[i] else "centre")
        paragraph.paragraph_format.keep_with_next = together
        stop = plan.stops[i]
        if stop is not None:
            decimal = parts.package().enum.text.WD_TAB_ALIGNMENT.DECIMAL
            paragraph.paragraph_format.tab_stops.add_tab_stop(parts.package().shared.Pt(stop), decimal)


def _header_row(table: Any, line: Any, grid: Grid, points: float, last: bool) -> None:
    row, at = table.add_row(), 0
    for i, head in enumerate(line):
        first, end = row.cells[at], row.cells[at + head.span - 1]
        place = first.merge(end) if head.span > 1 else first
        paragraph = _write(place, head.text, points, "left" if last and grid.is_text(i) else "centre")
        paragraph.paragraph_format.keep_with_next = True
        if not last and head.text and i >= grid.left:
            parts.border(place, bottom=_THIN)
        at += head.span
    row._tr.get_or_add_trPr().append(parts.element("w:tblHeader"))


def _paragraph(document: Any, centred: bool = False, before: float = 1, after: float = 1) -> Any:
    paragraph = document.add_paragraph()
    return _spaced(paragraph, "centre" if centred else "left", before, after)


def _spaced(paragraph: Any, align: str, before: float, after: float) -> Any:
    docx, shape = parts.package(), paragraph.paragraph_format
    ways = docx.enum.text.WD_ALIGN_PARAGRAPH
    paragraph.alignment = {"centre": ways.CENTER, "left": ways.LEFT}[align]
    shape.space_before, shape.space_after = docx.shared.Pt(before), docx.shared.Pt(after)
    shape.line_spacing, shape.first_line_indent = 1.0, docx.shared.Pt(0)
    return paragraph


def _write(place: Any, said: str, points: float, align: str) -> Any:
    paragraph = _spaced(place.paragraphs[0], align, 1.5, 1.5)
    parts.run(paragraph, said, points, parts.SONG)
    return paragraph


def _rules(table: Any, header: int) -> None:
    """Draw the three rules, as borders of cells so that every program shows them."""
    for cell in table.rows[0].cells:
        parts.border(cell, top=_THICK)
    for cell in table.rows[header - 1].cells:
        parts.border(cell, bottom=_THIN)
    for cell in table.rows[-1].cells:
        parts.border(cell, bottom=_THICK)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(parts.element("w:cantSplit"))


def _set_widths(table: Any, plan: Plan) -> None:
    """Write the widths where Word and others look for them; cells have narrow margins of their own."""
    docx = parts.package()
    table.autofit = False
    margins = parts.element("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(parts.element(f"w:{side}", w=str(round(_GAP * 10)), type="dxa"))
    look = table._tbl.tblPr.find(docx.oxml.ns.qn("w:tblLook"))
    table._tbl.tblPr.append(margins) if look is None else look.addprevious(margins)
    for column, wide in zip(table.columns, plan.widths, strict=True):
        column.width = docx.shared.Pt(wide)
    for row in table.rows:
        at = 0
        for cell in row._tr.tc_lst:
            cell.width = docx.shared.Pt(sum(plan.widths[at : at + cell.grid_span]))
            at += cell.grid_span
