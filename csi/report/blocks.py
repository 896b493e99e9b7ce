"""What a page is made of: sections of paragraphs, tables, pictures and facts. No numbers are worked out here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from csi.display.table import Table


@dataclass(frozen=True)
class Paragraph:
    """A few sentences; `tone` marks good news and doubts."""

    text: str
    tone: str = ""
    kind: str = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Listing:
    """Points of a list: a text, or a text with what follows from it."""

    points: Sequence[tuple[str, str]]
    tone: str = ""
    kind: str = field(default="listing", init=False)


@dataclass(frozen=True)
class Figure:
    """A picture that travels inside the page."""

    caption: str
    source: str
    width: int = 0
    kind: str = field(default="figure", init=False)


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


Block = Paragraph | Listing | Table | Figure | Facts | Verbatim


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading of its own."""

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
