"""What Word documents are made of: faces, fields with their results, bookmarks, borders."""

from __future__ import annotations

import re
from typing import Any

from csi.errors import MissingExtra

LATIN, SONG, HEI = "Times New Roman", "宋体", "黑体"
#: What XML cannot hold: control characters, and halves of characters that stand alone.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def package() -> Any:
    """Return python-docx.

    Raises
    ------
    MissingExtra
        Naming the line that installs it.
    """
    try:
        import docx
    except ImportError:
        raise MissingExtra('python-docx is not installed: pip install "csi[report]"') from None
    return docx


def printable(said: str) -> str:
    """A text without what XML cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", said)


def element(tag: str, **attributes: str) -> Any:
    """Make an XML element of Word."""
    found = package().oxml.OxmlElement(tag)
    for name, value in attributes.items():
        found.set(package().oxml.ns.qn(f"w:{name}"), value)
    return found


def set_faces(font: Any, east: str = SONG, points: float | None = None, bold: bool | None = None) -> None:
    """Give a run or a style its Latin and its Chinese face."""
    font.name = LATIN
    if points is not None:
        font.size = package().shared.Pt(points)
    if bold is not None:
        font.bold = bold
    properties = font._element if font._element.tag.endswith("}rPr") else font._element.get_or_add_rPr()
    fonts, qn = properties.get_or_add_rFonts(), package().oxml.ns.qn
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:eastAsia"), east)
    fonts.set(qn("w:cs"), LATIN)


def run(paragraph: Any, said: str, points: float | None = None, east: str = SONG, bold: bool | None = None) -> Any:
    """Add a run in the faces of a thesis; without points and weight, as the paragraph's style says."""
    added = paragraph.add_run(printable(said))
    if points is not None:
        set_faces(added.font, east, points, bold)
    elif bold is not None:
        added.font.bold = bold
    return added


def field(paragraph: Any, code: str, result: str, points: float | None = None, east: str = SONG,
          bold: bool | None = None) -> None:  # fmt: skip
    """Insert a field with the result that is read before Word works it out again."""
    mark(paragraph, "begin", points, east, bold)
    asked = run(paragraph, "", points, east, bold)
    instruction = element("w:instrText")
    instruction.set(package().oxml.ns.qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    asked._r.append(instruction)
    mark(paragraph, "separate", points, east, bold)
    run(paragraph, result, points, east, bold)
    mark(paragraph, "end", points, east, bold)


def mark(paragraph: Any, kind: str, points: float | None = None, east: str = SONG, bold: bool | None = None) -> None:
    """Insert one of the three marks of a field: begin, separate, end."""
    run(paragraph, "", points, east, bold)._r.append(element("w:fldChar", fldCharType=kind))


class Bookmark:
    """A named stretch of a paragraph, which references find."""

    def __init__(self, paragraph: Any, name: str, number: int) -> None:
        self.paragraph, self.name, self.number = paragraph, name, str(number)

    def __enter__(self) -> Any:
        self.paragraph._p.append(element("w:bookmarkStart", id=self.number, name=self.name))
        return self.paragraph

    def __exit__(self, *_: object) -> None:
        self.paragraph._p.append(element("w:bookmarkEnd", id=self.number))


def bookmark_name(key: str) -> str:
    """A name that Word takes: letters, digits and underscores, hidden from the list of bookmarks.

    Examples
    --------
    >>> bookmark_name("figure_index")
    '_Ref_figure_index'
    """
    return f"_Ref_{re.sub(r'[^0-9A-Za-z_]', '_', key)}"[:40]


def border(cell: Any, **edges: int) -> None:
    """Draw edges of a cell, in eighths of a point; an edge that is there stays."""
    qn, properties = package().oxml.ns.qn, cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = element("w:tcBorders")
        properties.append(borders)
    for edge, size in edges.items():
        if borders.find(qn(f"w:{edge}")) is None:
            borders.append(element(f"w:{edge}", val="single", sz=str(size), space="0", color="000000"))
