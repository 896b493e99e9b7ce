"""A questionnaire as a Word document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from csi.errors import MissingExtra
from csi.questionnaire.markdown import CIRCLE, code_heads, number_to_write

if TYPE_CHECKING:
    from csi.questionnaire.printed import Block, Questionnaire

LATIN, CHINESE = "Calibri", "Microsoft YaHei"
BLUE = "2F6690"
PAGE_CM = 17.8
#: Width of a column such as "do not know".
ASIDE_CM = 1.4


def write(form: Questionnaire, file: Path) -> None:
    """Write the document.

    Raises
    ------
    MissingExtra
        If python-docx is not installed.
    """
    try:
        import docx
    except ImportError:
        raise MissingExtra('python-docx is not installed: pip install "csi[report]"') from None
    document = docx.Document()
    _style(document)
    document.core_properties.title = form.title
    document.core_properties.author = ""
    _centred(document.add_heading(form.title, 0))
    document.add_paragraph(form.intro)
    for section in form.sections:
        document.add_heading(section.title, 1)
        for block in section.blocks:
            _block(document, block, form.language)
    _centred(document.add_paragraph(form.thanks))
    document.save(str(file))


def _style(document: Any) -> None:
    """A4, one type face for both scripts, headings in one colour."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(1.6)
    page.top_margin = page.bottom_margin = Cm(1.8)
    for name, size in (("Normal", 10.5), ("Title", 18), ("Heading 1", 13), ("Heading 2", 11)):
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for mark in [mark for mark in fonts.attrib if mark.endswith("Theme")]:
            del fonts.attrib[mark]
        for script, face in (("w:eastAsia", CHINESE), ("w:ascii", LATIN), ("w:hAnsi", LATIN), ("w:cs", LATIN)):
            fonts.set(qn(script), face)
        if name != "Normal":
            style.font.color.rgb = RGBColor.from_string(BLUE)
    document.styles["Normal"].paragraph_format.space_after = Pt(4)


def _centred(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _block(document: Any, block: Block, language: str) -> None:
    if block.heading and (block.rule or block.kind != "grid"):
        document.add_heading(block.heading, 2)
    if block.rule:
        rule = document.add_paragraph()
        rule.add_run(block.rule).italic = True
        rule.paragraph_format.keep_with_next = True
    if block.kind == "grid":
        _grid(document, block)
        return
    for line in block.lines:
        asked = document.add_paragraph(f"{line.number}.  {line.text}")
        asked.paragraph_format.keep_with_next = True
        answers = [f"{CIRCLE} {text or code}" for code, text in block.codes]
        document.add_paragraph("      " + ("      ".join(answers) or number_to_write(block, language)))


def _grid(document: Any, block: Block) -> None:
    """A table of circles, its widths set in every cell, because Word and its kin read different ones."""
    from docx.shared import Cm

    codes, aside = len(block.codes), [Cm(ASIDE_CM)] * block.outside
    scale = codes - block.outside
    each = min(1.5, (0.58 * PAGE_CM - ASIDE_CM * block.outside) / scale)
    question = PAGE_CM - 0.9 - each * scale - ASIDE_CM * block.outside
    widths = [Cm(0.9), Cm(question), *[Cm(each)] * scale, *aside]
    table = document.add_table(rows=1, cols=codes + 2)
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    _head(table, block, widths)
    for line in block.lines:
        _fill(table.add_row(), [str(line.number), line.text, *[CIRCLE] * codes], widths, size=10)
    for row in table.rows:
        _line_below(row, line=row._tr is not table.rows[0]._tr or not block.anchors)
    document.add_paragraph().paragraph_format.space_after = 0


def _fill(row: Any, texts: list[str], widths: list[Any], size: float) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.shared import Pt

    for at, (cell, text, width) in enumerate(zip(row.cells, texts, widths, strict=True)):
        cell.width = width
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.add_run(text).font.size = Pt(size)
        if at >= 2:
            _centred(paragraph)


def _head(table: Any, block: Block, widths: list[Any]) -> None:
    """Codes with their words; where only the ends have words, these stand above, with room to the middle."""
    numbers = code_heads(block)
    words = ["" if block.anchors and number else text for number, (_, text) in zip(numbers, block.codes, strict=True)]
    below = table.rows[0]
    if block.anchors:
        above, below = below, table.add_row()
        scale = len(numbers) - block.outside
        _fill(above, [""] * len(widths), widths, size=8)
        _anchor(above.cells[2].merge(above.cells[1 + scale // 2]), block.anchors[0], right=False)
        _anchor(above.cells[2 + scale // 2].merge(above.cells[1 + scale]), block.anchors[1], right=True)
        _repeat(above)
    heads = ["\n".join(filter(None, pair)) for pair in zip(numbers, words, strict=True)]
    _fill(below, ["", "", *heads], widths, size=8)
    _repeat(below)
    for column in range(2 + len(numbers) - block.outside, 2 + len(numbers)) if block.anchors else ():
        _single(table.cell(0, column).merge(table.cell(1, column)))
    _corner(table.rows[0], "" if block.rule else block.heading)


def _anchor(cell: Any, text: str, right: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = _single(cell)
    paragraph.add_run(text).font.size = Pt(8)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT


def _single(cell: Any) -> Any:
    """Leave one paragraph in a cell: merged ones keep those of all their parts, most of them empty."""
    kept = next((paragraph for paragraph in cell.paragraphs if paragraph.text), cell.paragraphs[0])
    for paragraph in cell.paragraphs:
        if paragraph._p is not kept._p:
            paragraph._p.getparent().remove(paragraph._p)
    return kept


def _corner(row: Any, heading: str) -> None:
    """The heading, in the corner that codes leave free."""
    from docx.shared import Pt, RGBColor

    run = _single(row.cells[0].merge(row.cells[1])).add_run(heading)
    run.bold, run.font.size, run.font.color.rgb = True, Pt(11), RGBColor.from_string(BLUE)


def _repeat(row: Any) -> None:
    """Repeat the row of codes on every page."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _line_below(row: Any, line: bool) -> None:
    """A thin line below every cell of a row, and no page break inside it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell in row.cells if line else ():
        borders, below = OxmlElement("w:tcBorders"), OxmlElement("w:bottom")
        for name, value in (("val", "single"), ("sz", "4"), ("color", "D9E2EC")):
            below.set(qn(f"w:{name}"), value)
        borders.append(below)
        cell._tc.get_or_add_tcPr().append(borders)
