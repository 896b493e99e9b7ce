"""The page: sections in their order, tables and figures numbered, all of it through one template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from csi import versions
from csi.display.table import Table
from csi.display.words import Language, check_language
from csi.fit import Fit
from csi.report import closing, opening, outcomes
from csi.report.blocks import Block, Section
from csi.report.context import Context


def render(fit: Fit, language: Language, before: Sequence[object] = ()) -> str:
    """Give the report of a fit as one HTML page."""
    check_language(language)
    about = Context(fit, language, before=tuple(before))
    made = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return made.from_string(_file("page.html.j2")).render(
        language="zh-CN" if language == "zh" else "en",
        title=about.say("page.title", model=fit.model.name),
        lead=_lead(about),
        cards=opening.cards(about),
        contents=about.say("page.contents"),
        sections=_numbered(about, list(_sections(about))),
        made=about.say("page.made", version=versions.show_versions()["csi"]),
        style=_file("page.css"),
    )


def _lead(about: Context) -> str:
    """How many were asked, and by which method."""
    how = about.fit.study.method
    method = about.say(f"page.{type(how).__name__}") if type(how) in closing.METHODS else repr(how)
    if about.fit.groups:
        return about.say("page.lead_groups", method=method, n=about.n, count=len(about.fit.groups), by=about.by)
    return about.say("page.lead", method=method, n=about.n)


def _sections(about: Context) -> Iterator[Section]:
    """The parts of the page: doubts before numbers, what was found before how."""
    yield opening.doubts(about)
    yield opening.sample(about)
    if about.before:
        yield opening.before(about)
    yield outcomes.index(about)
    yield outcomes.impacts(about)
    yield outcomes.paths(about)
    yield outcomes.effects(about)
    yield closing.measurement(about)
    yield closing.method(about)
    yield closing.model(about)
    yield closing.versions(about)


def _numbered(about: Context, sections: list[Section]) -> list[dict[str, Any]]:
    """Number tables and figures through the page."""
    counts = {"table": 0, "figure": 0}
    shown = []
    for section in sections:
        blocks = []
        for block in section.blocks:
            kind = "table" if isinstance(block, Table) else block.kind
            if kind in counts:
                counts[kind] += 1
            blocks.append({"kind": kind, "block": block, **_printed(about, block, counts)})
        shown.append({"anchor": section.anchor, "title": section.title, "blocks": blocks})
    return shown


def _printed(about: Context, block: Block, counts: dict[str, int]) -> dict[str, str]:
    """What the template cannot make itself: a table with its number, the number of a figure."""
    if isinstance(block, Table):
        return {"html": block.replace(number=str(counts["table"])).to_html(about.language)}
    return {"number": about.say("page.figure", number=counts["figure"])}


def _file(name: str) -> str:
    return files("csi.report").joinpath(name).read_text(encoding="utf-8")
