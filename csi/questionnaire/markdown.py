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
    heads = [" ".join(filter(None, [n, text])) for n, (_, text) in zip(code_heads(block), block.codes, strict=True)]
    yield "|  |  | " + " | ".join(map(_plain, heads)) + " |"
    yield "|--:|:--|" + ":-:|" * len(heads)
    for line in block.lines:
        yield f"| {line.number} | {_plain(line.text)} | " + " | ".join([CIRCLE] * len(heads)) + " |"


def code_heads(block: Block) -> list[str]:
    """The numbers above the columns of circles; none above "do not know", whose code nobody needs to see."""
    scale = len(block.codes) - block.outside
    return [code if at < scale or not text else "" for at, (code, text) in enumerate(block.codes)]


def _plain(text: str) -> str:
    """Text that Markdown takes for text."""
    for mark in "\\`*_|<>":
        text = text.replace(mark, "\\" + mark)
    return text
