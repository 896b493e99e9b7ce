"""The report as a Word document in thesis form: every caption, reference, page number and heading number is a field."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csi.display import word as parts
from csi.display import word_table
from csi.display.cells import cut
from csi.display.word_table import POINTS, SMALL
from csi.display.words import in_language, word
from csi.report.blocks import Block, Exhibit, Facts, Figure, Listing, Paragraph, Section, Subheading, Verbatim, pieces
from csi.report.document import Document
from csi.report.word_style import BODY, CODE, NOTE_STYLE, REFERENCE, Page, number_headings, open_document

#: Pictures are no wider than so many centimetres.
_WIDE = 15.0


def write(document: Document, path: Path) -> None:
    """Write the report as a `.docx`."""
    _Writer(document).save(path)


class _Writer:
    """Writes one document; it counts bookmarks and knows whether the page stands or lies."""

    def __init__(self, document: Document) -> None:
        self.said, self.language = document, document.language
        self.file = open_document(document.language, document.title)
        number_headings(self.file, document.chapter, document.language)
        self.page = Page(self.file)
        self.bookmarks = 0

    def save(self, path: Path) -> None:
        """Heading, contents, sections."""
        said = self.said
        with self.bookmark(self.file.add_heading(level=1), "_Toc_chapter") as chapter:
            parts.run(chapter, said.title)
        self.body(said.lead)
        self.contents(said.sections)
        for section in said.sections:
            self.section(section)
        self.body(said.made)
        self.file.save(str(path))

    # -- headings and contents ----------------------------------------------------------------------------------

    def bookmark(self, paragraph: Any, name: str) -> Any:
        """Name a stretch of a paragraph."""
        self.bookmarks += 1
        return parts.Bookmark(paragraph, name, self.bookmarks)

    def contents(self, sections: Sequence[Section]) -> None:
        """A table of contents as a field; until Word adds the page numbers, its lines are links."""
        heading = self.file.add_paragraph(style=NOTE_STYLE)
        parts.run(heading, {"en": "Contents", "zh": "目录"}[self.language], POINTS, parts.HEI, bold=True)
        for place, section in enumerate(sections):
            line = self.file.add_paragraph(style="TOC 2")
            if place == 0:
                parts.mark(line, "begin")
                asked = parts.run(line, "")
                asked._r.append(_instruction(' TOC \\o "2-2" \\h \\z \\u '))
                parts.mark(line, "separate")
            link = parts.element("w:hyperlink", anchor=f"_Toc_{section.anchor}", history="1")
            said = parts.run(line, f"{self.said.chapter}.{place + 1}  {section.title}")
            link.append(said._r)
            line._p.append(link)
            if place == len(sections) - 1:
                parts.mark(line, "end")

    def section(self, section: Section) -> None:
        """A heading and what stands under it."""
        self.page.stand()
        with self.bookmark(self.file.add_heading(level=2), f"_Toc_{section.anchor}") as heading:
            parts.run(heading, section.title)
        for block in section.blocks:
            self.block(block)
        self.page.stand()

    def block(self, block: Block) -> None:
        """Write one block."""
        match block:
            case Paragraph():
                self.body(block.text)
            case Subheading():
                parts.run(self.file.add_heading(level=3), block.text)
            case Listing():
                self.listing(block)
            case Exhibit():
                self.table(block)
            case Figure():
                self.figure(block)
            case Facts():
                self.facts(block)
            case Verbatim():
                self.verbatim(block)

    # -- words ---------------------------------------------------------------------------------------------------

    def body(self, text: str) -> None:
        """A paragraph of prose."""
        self.page.stand()
        self.prose(self.file.add_paragraph(style=BODY), text)

    def prose(self, paragraph: Any, text: str) -> None:
        """A text whose references are fields."""
        for kind, said in pieces(text):
            if kind == "text":
                parts.run(paragraph, said)
            elif said in self.said.numbers:
                parts.field(paragraph, f"REF {parts.bookmark_name(said)} \\h", self.said.numbers[said])

    def listing(self, block: Listing) -> None:
        """Points with what follows from each."""
        self.page.stand()
        for point, rest in block.points:
            plain = block.tone == "plain"
            paragraph = self.file.add_paragraph(style=REFERENCE if plain else "List Bullet")
            self.prose(paragraph, point)
            if rest:
                paragraph.add_run().add_break()
                self.prose(paragraph, rest)

    def facts(self, block: Facts) -> None:
        """What and how much, side by side without rules."""
        self.page.stand()
        table = self.file.add_table(rows=0, cols=2)
        table.autofit = False
        share = (0.3 * self.page.room, 0.7 * self.page.room)
        for pair in block.pairs:
            for place, said, wide in zip(table.add_row().cells, pair, share, strict=True):
                place.width = parts.package().shared.Pt(wide)
                place.paragraphs[0].style = self.file.styles[NOTE_STYLE]
                self.prose(place.paragraphs[0], said)
        self.file.add_paragraph(style=NOTE_STYLE)

    def verbatim(self, block: Verbatim) -> None:
        """Lines as they are."""
        self.page.stand()
        paragraph = self.file.add_paragraph(style=CODE)
        for at, line in enumerate(block.text.splitlines()):
            if at:
                paragraph.add_run().add_break()
            parts.run(paragraph, line)

    # -- tables and pictures --------------------------------------------------------------------------------------

    def table(self, block: Exhibit) -> None:
        """A table between three rules; one that is too wide shrinks a little, then the page is turned."""
        grid = cut(block.table.replace(number=""), self.language)
        upright = [points for points in (POINTS, SMALL) if word_table.fits(grid, self.page.upright, points)]
        self.page.stand() if upright else self.page.lie()
        lying = POINTS if word_table.fits(grid, self.page.room, POINTS) else SMALL
        points = upright[0] if upright else lying
        title = in_language(block.table.title, self.language)
        word_table.write(
            self.file, grid, self.language, lambda above: self.caption(above, block, title), self.page.room, points
        )

    def figure(self, block: Figure) -> None:
        """A picture of 300 dots per inch with its caption below."""
        self.page.stand()
        paragraph = self.file.add_paragraph(style="Figure")
        shape = paragraph.add_run().add_picture(io.BytesIO(block.pixels()))
        limit = parts.package().shared.Pt(min(self.page.room, _WIDE * 72 / 2.54))
        if shape.width > limit:
            shape.height, shape.width = int(shape.height * limit / shape.width), limit
        described = shape._inline.docPr
        described.set("descr", parts.printable(block.caption))
        described.set("name", f"{word('figure', 'en')} {block.number}")
        below = self.file.add_paragraph(style="Caption")
        below.paragraph_format.space_after = parts.package().shared.Pt(10)
        self.caption(below, block, block.caption)

    def caption(self, paragraph: Any, block: Exhibit | Figure, title: str) -> None:
        """`Table 4-1` as fields, under a bookmark that references find; then the title."""
        paragraph.style = self.file.styles["Caption"]
        kind = word(block.kind, self.language)
        chapter, count = block.number.split("-")
        with self.bookmark(paragraph, parts.bookmark_name(block.key or f"{block.kind}_{block.number}")):
            parts.run(paragraph, f"{kind} " if self.language == "en" else kind)
            parts.field(paragraph, "STYLEREF 1 \\s", chapter)
            parts.run(paragraph, "-")
            parts.field(paragraph, f"SEQ {kind} \\* ARABIC \\s 1", count)
        if title:
            parts.run(paragraph, f"  {title}")


def _instruction(code: str) -> Any:
    found = parts.element("w:instrText")
    found.set(parts.package().oxml.ns.qn("xml:space"), "preserve")
    found.text = code
    return found
