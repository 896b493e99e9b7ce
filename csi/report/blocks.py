"""What a report is made of: sections of paragraphs, tables, pictures and facts. No numbers are worked out here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from csi.display.table import Table

#: A reference inside a text: letters of the private use area, which nobody writes, around the key of an exhibit.
_OPEN, _SHUT = "\ue000", "\ue001"


def ref(key: str) -> str:
    """Mark a place in a text where the number of a table or figure is named."""
    return f"{_OPEN}{key}{_SHUT}"


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text into `("text", said)` and `("ref", key)`."""
    for at, part in enumerate(re.split(f"{_OPEN}(.*?){_SHUT}", text)):
        if part:
            yield ("ref" if at % 2 else "text"), part


@dataclass(frozen=True)
class Paragraph:
    """A few sentences; `tone` marks good news and doubts, `ref(key)` inside the text names a table or figure."""

    text: str
    tone: str = ""
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Subheading:
    """A heading inside a section."""

    text: str
    kind: str = field(default="subheading", init=False)


@dataclass(frozen=True)
class Listing:
    """Points of a list: a text, or a text with what follows from it."""

    points: Sequence[tuple[str, str]]
    tone: str = ""
    kind: str = field(default="listing", init=False)


@dataclass(frozen=True)
class Exhibit:
    """A table that texts can refer to by its key; numbered when the document is put together."""

    table: Table
    key: str = ""
    number: str = ""
    kind: str = field(default="table", init=False)


@dataclass(frozen=True)
class Figure:
    """A picture; it is drawn anew for every form, as outlines for a page and as dots for print."""

    caption: str
    draw: Callable[[], Any]
    key: str = ""
    number: str = ""
    kind: str = field(default="figure", init=False)

    @property
    def source(self) -> str:
        """The picture as the address of an `<img>`."""
        from csi.plots.embed import embedded

        return embedded(self.draw())

    def pixels(self, dpi: float = 300) -> bytes:
        """The picture as a PNG."""
        from csi.plots.embed import pixels

        return pixels(self.draw(), dpi)


@dataclass(frozen=True)
class Facts:
    """Pairs of what and how much."""

    pairs: Sequence[tuple[str, str]]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Verbatim:
    """Text that keeps its lines; `long` text is set in columns on paper."""

    text: str
    long: bool = False
    kind: str = field(default="verbatim", init=False)


Block = Paragraph | Subheading | Listing | Exhibit | Figure | Facts | Verbatim


@dataclass(frozen=True)
class Section:
    """A part of the report with a heading of its own."""

    anchor: str
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Card:
    """One number that is seen first."""

    label: str
    value: str
    note: str
    tone: str = ""
