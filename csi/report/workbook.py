"""The report as a workbook: a front sheet with the doubts and links, one sheet a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from csi.display.workbook import Line, save
from csi.report.blocks import Block, Exhibit, Facts, Listing, Paragraph, Subheading, Verbatim, pieces
from csi.report.document import Document


def write(document: Document, path: Path) -> None:
    """Write the report as an `.xlsx`: what is said stands on the front sheet, numbers on sheets of their own."""
    save(document.tables, path, document.language, list(_front(document)))


def _front(document: Document) -> Iterator[Line]:
    yield document.title, "title", -1
    yield document.lead, "text", -1
    place = 0
    for section in document.sections:
        yield section.title, "heading", -1
        for block in section.blocks:
            if isinstance(block, Exhibit):
                yield block.table.replace(number=block.number).caption(document.language), "link", place
                place += 1
            else:
                yield from ((plain(document, said), "text", -1) for said in _lines(block))
    yield document.made, "text", -1


def _lines(block: Block) -> Iterator[str]:
    """What a block says, line by line; pictures say nothing here."""
    match block:
        case Paragraph() | Subheading():
            yield block.text
        case Listing():
            yield from (f"• {point} {rest}".rstrip() for point, rest in block.points)
        case Facts():
            yield from (f"{what}: {much}" for what, much in block.pairs)
        case Verbatim():
            yield block.text


def plain(document: Document, text: str) -> str:
    """A text with the numbers of its references."""
    return "".join(said if kind == "text" else document.numbers.get(said, "") for kind, said in pieces(text))
