"""A questionnaire as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csi.questionnaire.printed import Block, Questionnaire

CIRCLE = "○"


def markdown(form: Questionnaire) -> str:
    """Write headings, tables of circles and lists of answers."""
    lines = [f"# {_plain(form.title)}", "", _plain(form.intro), ""]
    for section in form.sections:
        lines += [f"## {_plain(section.title)}", ""]
        for block in section.blocks:
            lines += [*_block(block, form.language), ""]
    return "\n".join([*lines, _plain(form.thanks), ""])


def _block(block: Block, language: str) -> Iterator[str]:
    if block.heading:
        yield from (f"### {_plain(block.heading)}", "")
    if block.rule:
        yield from (f"*{_plain(block.rule)}*", "")
    if block.kind == "grid":
        yield from _grid(block)
        return
    for line in block.lines:
        yield from (f"**{line.number}.** {_plain(line.text)}", "")
        if block.kind == "number":
            yield number_to_write(block, language)
        yield from (f"- {CIRCLE} {_plain(text or code)}" for code, text in block.codes)


def number_to_write(block: Block, language: str) -> str:
    """The words that ask for a number."""
    from csi.questionnaire.printed import WORDS

    low, high = block.ends or ("", "")
    return WORDS["number"][language].format(low=low, high=high)


def _grid(block: Block) -> Iterator[str]:
    heads = [" ".join(filter(None, [code_head(code, text, block), text])) for code, text in block.codes]
    yield "|  |  | " + " | ".join(map(_plain, heads)) + " |"
    yield "|--:|:--|" + ":-:|" * len(heads)
    for line in block.lines:
        yield f"| {line.number} | {_plain(line.text)} | " + " | ".join([CIRCLE] * len(heads)) + " |"


def code_head(code: str, text: str, block: Block) -> str:
    """The number above a column of circles; none above "do not know", whose code nobody needs to see."""
    outside = block.codes[-1] == (code, text) and len(block.codes) > 1 and text and _jump(block)
    return "" if outside else code


def _jump(block: Block) -> bool:
    """Whether the last code does not follow the one before it."""
    return float(block.codes[-1][0]) != float(block.codes[-2][0]) + 1


def _plain(text: str) -> str:
    """Text that Markdown takes for text."""
    for mark in "\\`*_|<>":
        text = text.replace(mark, "\\" + mark)
    return text
