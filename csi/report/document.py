"""The report before it has a form: a chapter of sections in their order, its tables and figures numbered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from csi import versions
from csi.display.table import Table
from csi.display.words import Language, check_language, word
from csi.errors import SettingsError
from csi.fit import Fit
from csi.report import closing, comparing, measuring, method_words, opening, outcomes
from csi.report.blocks import Block, Card, Exhibit, Figure, Section
from csi.report.context import Context


@dataclass(frozen=True)
class Document:
    """A chapter: what every form of the report is written from."""

    title: str
    lead: str
    cards: Sequence[Card]
    sections: Sequence[Section]
    language: Language
    chapter: int
    made: str

    @cached_property
    def numbers(self) -> dict[str, str]:
        """What texts call the tables and figures: `Table 1-3`, by key."""
        shown = (block for section in self.sections for block in section.blocks)
        return {
            block.key: self.label(block)
            for block in shown
            if isinstance(block, Exhibit | Figure) and block.key and block.number
        }

    def label(self, block: Exhibit | Figure) -> str:
        """The word and number of a table or figure."""
        joint = " " if self.language == "en" else ""
        return f"{word(block.kind, self.language)}{joint}{block.number}"

    @property
    def tables(self) -> list[Table]:
        """Every table with its number, in order."""
        return [
            block.table.replace(number=block.number)
            for section in self.sections
            for block in section.blocks
            if isinstance(block, Exhibit)
        ]


def build(
    fit: Fit,
    language: Language = "en",
    before: Sequence[object] = (),
    *,
    chapter: int = 1,
    confidence_level: float = 0.95,
    title: str = "",
    fieldwork: Mapping[str, object] | None = None,
) -> Document:
    """Put a report together, once for all its forms; `title` stands in place of the model's name."""
    check_language(language)
    if isinstance(chapter, bool) or not isinstance(chapter, int) or chapter < 1:
        raise SettingsError(f"chapter must be a whole number of 1 or more; not {chapter!r}")
    about = Context(fit, language, confidence_level, tuple(before), dict(fieldwork or {}))
    return Document(
        title=title or about.say("page.title", model=fit.model.name),
        lead=_lead(about),
        cards=opening.cards(about),
        sections=_numbered(list(_sections(about)), chapter),
        language=language,
        chapter=chapter,
        made=about.say("page.made", version=versions.show_versions()["csi"]),
    )


def _lead(about: Context) -> str:
    """How many were asked, and by which method."""
    how = about.fit.study.method
    method = about.say(f"page.{type(how).__name__}") if type(how) in method_words.METHODS else repr(how)
    if about.fit.groups:
        return about.say("page.lead_groups", method=method, n=about.n, count=len(about.fit.groups), by=about.by)
    return about.say("page.lead", method=method, n=about.n)


def _sections(about: Context) -> Iterator[Section]:
    """The parts of the report in the order of a thesis: doubts before numbers, the measurement before what it shows."""
    yield opening.doubts(about)
    yield opening.sample(about)
    if about.before:
        yield opening.before(about)
    yield measuring.descriptives(about)
    yield measuring.measurement(about)
    yield measuring.goodness(about)
    yield outcomes.paths(about)
    yield outcomes.effects(about)
    yield outcomes.index(about)
    yield outcomes.impacts(about)
    if len(about.fit.groups) > 1 and (about.index is None or len(about.estimated) > 1):
        yield comparing.comparisons(about)
    if comparing.is_tracked(about):
        yield comparing.tracking(about)
    yield closing.method(about)
    yield closing.references(about)
    yield closing.appendix(about)
    yield from closing.missing(about)


def _numbered(sections: Sequence[Section], chapter: int) -> list[Section]:
    """Number tables and figures through the chapter."""
    counts = {"table": 0, "figure": 0}

    def numbered(block: Block) -> Block:
        if not isinstance(block, Exhibit | Figure):
            return block
        counts[block.kind] += 1
        return replace(block, number=f"{chapter}-{counts[block.kind]}")

    return [replace(section, blocks=[numbered(block) for block in section.blocks]) for section in sections]
