"""The report as one HTML page: style and pictures inside, nothing fetched from elsewhere."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from csi.report.blocks import Exhibit, pieces
from csi.report.document import Document


def write(document: Document, path: Path) -> None:
    """Write the report as `.html`."""
    path.write_text(render(document), encoding="utf-8", newline="\n")


def render(document: Document) -> str:
    """Give the report as one page."""
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

    def linked(text: str) -> str:
        """A text with its references as links; what people wrote is escaped."""
        return "".join(_piece(document, kind, said) for kind, said in pieces(text))

    def table(block: Exhibit) -> str:
        return block.table.replace(number=block.number).to_html(document.language)

    return made.from_string(_file("page.html.j2")).render(
        document=document,
        language="zh-CN" if document.language == "zh" else "en",
        contents={"en": "Contents", "zh": "目录"}[document.language],
        joint={"en": ". ", "zh": " "}[document.language],
        style=_file("page.css"),
        linked=linked,
        table=table,
    )


def _piece(document: Document, kind: str, said: str) -> str:
    if kind == "text":
        return escape(said)
    named = document.numbers.get(said, "")
    return f'<a href="#{escape(said)}">{escape(named)}</a>' if named else ""


def _file(name: str) -> str:
    return files("csi.report").joinpath(name).read_text(encoding="utf-8")
