"""The report in Markdown, its pictures in a folder beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from csi.display.markup import mark
from csi.report.blocks import Block, Exhibit, Facts, Figure, Listing, Paragraph, Section, Subheading, Verbatim
from csi.report.document import Document
from csi.report.workbook import plain


def write(document: Document, path: Path) -> None:
    """Write the report as `.md` and its pictures, 200 dots per inch, into `NAME_files`."""
    folder = path.with_name(f"{path.stem}_files")
    shown = [block for section in document.sections for block in section.blocks if isinstance(block, Figure)]
    if shown:
        folder.mkdir(parents=True, exist_ok=True)
    for figure in shown:
        (folder / _name(figure)).write_bytes(figure.pixels(200))
    path.write_text(render(document, folder.name), encoding="utf-8", newline="\n")


def render(document: Document, folder: str) -> str:
    """Give the report as Markdown that names pictures in a folder."""
    parts = [f"# {mark(document.title)}", mark(document.lead)]
    for section in document.sections:
        parts += [f"## {mark(section.title)}", *_section(document, section, folder)]
    return "\n\n".join([*parts, "---", mark(document.made)]) + "\n"


def _section(document: Document, section: Section, folder: str) -> Iterator[str]:
    for block in section.blocks:
        yield from _block(document, block, folder)


def _block(document: Document, block: Block, folder: str) -> Iterator[str]:
    match block:
        case Paragraph():
            yield mark(plain(document, block.text))
        case Subheading():
            yield f"### {mark(block.text)}"
        case Listing():
            yield "\n".join(f"- {mark(plain(document, f'{point} {rest}'.rstrip()))}" for point, rest in block.points)
        case Facts():
            yield "\n".join(f"- **{mark(what)}**: {mark(plain(document, much))}" for what, much in block.pairs)
        case Verbatim():
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
            yield f"{fence}\n{block.text.rstrip()}\n{fence}"
        case Figure():
            said = mark(f"{document.label(block)} {block.caption}")
            yield f"![{said}]({quote(folder)}/{_name(block)})\n\n{said}"
        case Exhibit():
            yield block.table.replace(number=block.number).to_markdown(document.language)


def _name(figure: Figure) -> str:
    return f"figure-{figure.number}.png"
