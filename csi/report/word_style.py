"""How a thesis in Word looks: page, styles, numbered headings, page numbers."""

from __future__ import annotations

from typing import Any

from csi.display import word as parts
from csi.display.word_table import POINTS
from csi.display.words import Language

BODY, CODE, NOTE_STYLE, REFERENCE = "Body Text", "Code", "Note", "Reference"
#: Sizes of letters: body, headings of three levels, captions.
_BODY, _HEADINGS = 12.0, (16.0, 14.0, 12.0)
#: Edges of an A4 page in centimetres: above, below, left, right.
_EDGES = (2.5, 2.5, 2.8, 2.5)


def open_document(language: Language, title: str) -> Any:
    """An empty A4 document with the styles of a thesis and page numbers."""
    document = parts.package().Document()
    docx = parts.package()
    section = document.sections[0]
    section.page_width, section.page_height = docx.shared.Cm(21), docx.shared.Cm(29.7)
    above, below, left, right = map(docx.shared.Cm, _EDGES)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = above, below, left, right
    _styles(document, language)
    footer = section.footer.paragraphs[0]
    footer.alignment = docx.enum.text.WD_ALIGN_PARAGRAPH.CENTER
    parts.field(footer, "PAGE", "1", POINTS)
    document.core_properties.title = parts.printable(title)
    document.core_properties.author = ""
    document.core_properties.language = "zh-CN" if language == "zh" else "en"
    return document


def _styles(document: Any, language: Language) -> None:
    """Song and Times, black; captions and headings in the heavy face."""
    docx, styles = parts.package(), document.styles
    ways = docx.enum.text.WD_ALIGN_PARAGRAPH
    spacing = 1.5 if language == "zh" else 1.25
    parts.set_faces(styles["Normal"].font, points=_BODY)
    _language(styles["Normal"], language)
    body = _shape(styles[BODY], 0, 6, spacing)
    body.first_line_indent = docx.shared.Pt(2 * _BODY if language == "zh" else 0)
    body.alignment = ways.JUSTIFY
    for level, points in enumerate(_HEADINGS, 1):
        _heading(styles[f"Heading {level}"], points)
    styles["Heading 1"].paragraph_format.alignment = ways.CENTER
    caption = styles["Caption"]
    parts.set_faces(caption.font, parts.HEI, POINTS, bold=language == "en")
    _plain(caption)
    _shape(caption, 6, 3, 1.0).alignment = ways.CENTER
    _shape(styles["List Bullet"], 0, 4, spacing)
    for name, points in ((NOTE_STYLE, POINTS), (CODE, 8.5), ("Figure", _BODY), ("TOC 2", POINTS), (REFERENCE, POINTS)):
        _added(styles, name, points)
    _shape(styles[NOTE_STYLE], 0, 3, 1.15)
    _shape(styles[CODE], 4, 8, 1.0)
    hanging = _shape(styles[REFERENCE], 0, 4, spacing)
    hanging.left_indent, hanging.first_line_indent = docx.shared.Pt(24), docx.shared.Pt(-24)
    figure = _shape(styles["Figure"], 8, 2, 1.0)
    figure.alignment, figure.keep_with_next = ways.CENTER, True
    contents = _shape(styles["TOC 2"], 0, 2, 1.15)
    contents.left_indent = docx.shared.Pt(12)
    contents.tab_stops.add_tab_stop(
        docx.shared.Cm(21 - _EDGES[2] - _EDGES[3]), docx.enum.text.WD_TAB_ALIGNMENT.RIGHT,
        docx.enum.text.WD_TAB_LEADER.DOTS,
    )  # fmt: skip
    styles[CODE].font.name = "Courier New"


def _added(styles: Any, name: str, points: float) -> None:
    style = styles.add_style(name, parts.package().enum.style.WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = styles["Normal"]
    parts.set_faces(style.font, points=points)


def _heading(style: Any, points: float) -> None:
    parts.set_faces(style.font, parts.HEI, points, bold=True)
    _plain(style)
    _shape(style, points, points / 2, 1.15).keep_with_next = True


def _plain(style: Any) -> None:
    """Black and upright, whatever the template says."""
    style.font.color.rgb = parts.package().shared.RGBColor(0, 0, 0)
    style.font.italic = False


def _shape(style: Any, before: float, after: float, lines: float) -> Any:
    docx, shape = parts.package(), style.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = docx.shared.Pt(before), docx.shared.Pt(after), lines
    return shape


def _language(style: Any, language: Language) -> None:
    """Tell the spelling checker what it reads."""
    found = parts.element("w:lang", val="en-US", eastAsia="zh-CN")
    style.element.get_or_add_rPr().append(found)


def number_headings(document: Any, chapter: int, language: Language) -> None:
    """Let Word number the headings: chapter 4, 4.1, 4.1.1; captions take the chapter from there."""
    numbering = document.part.numbering_part.element
    shape = parts.element("w:abstractNum", abstractNumId="97")
    shape.append(parts.element("w:multiLevelType", val="multilevel"))
    texts = ({"en": "Chapter %1", "zh": "第%1章"}[language], "%1.%2", "%1.%2.%3")
    for level, text in enumerate(texts):
        shape.append(_level(level, text, chapter if level == 0 else 1))
    numbering.insert(0, shape)
    number = parts.element("w:num", numId="97")
    number.append(parts.element("w:abstractNumId", val="97"))
    numbering.append(number)
    for level in range(len(texts)):
        properties = document.styles[f"Heading {level + 1}"].element.get_or_add_pPr()
        asked = properties.get_or_add_numPr()
        asked.get_or_add_ilvl().val = level
        asked.get_or_add_numId().val = 97


def _level(level: int, text: str, start: int) -> Any:
    made = parts.element("w:lvl", ilvl=str(level))
    made.append(parts.element("w:start", val=str(start)))
    made.append(parts.element("w:numFmt", val="decimal"))
    made.append(parts.element("w:pStyle", val=f"Heading{level + 1}"))
    made.append(parts.element("w:suff", val="space"))
    made.append(parts.element("w:lvlText", val=text))
    made.append(parts.element("w:lvlJc", val="left"))
    indent = parts.element("w:pPr")
    indent.append(parts.element("w:ind", left="0", firstLine="0"))
    made.append(indent)
    return made


class Page:
    """Whether the page stands or lies, and how much room it has between its margins."""

    def __init__(self, document: Any) -> None:
        self.document, self.lying = document, False

    @property
    def upright(self) -> float:
        """Room of a standing page in points."""
        return (21 - _EDGES[2] - _EDGES[3]) * 72 / 2.54

    @property
    def room(self) -> float:
        """Room of the page as it is now."""
        return (29.7 - _EDGES[0] - _EDGES[1]) * 72 / 2.54 if self.lying else self.upright

    def lie(self) -> None:
        """Turn the page for a wide table."""
        if not self.lying:
            self._turn(lying=True)

    def stand(self) -> None:
        """Turn it back."""
        if self.lying:
            self._turn(lying=False)

    def _turn(self, lying: bool) -> None:
        docx = parts.package()
        section = self.document.add_section(docx.enum.section.WD_SECTION.NEW_PAGE)
        sides = docx.shared.Cm(29.7), docx.shared.Cm(21)
        section.page_width, section.page_height = sides if lying else sides[::-1]
        ways = docx.enum.section.WD_ORIENT
        section.orientation = ways.LANDSCAPE if lying else ways.PORTRAIT
        above, below, left, right = map(docx.shared.Cm, _EDGES)
        section.top_margin, section.bottom_margin = (left, right) if lying else (above, below)
        section.left_margin, section.right_margin = (above, below) if lying else (left, right)
        self.lying = lying
