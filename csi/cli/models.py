"""`csi models [NAME]`: the catalogue as a table, or one model with its questions, arrows and reference."""

from __future__ import annotations

import argparse
import textwrap
from typing import Any

import csi.models as catalogue
from csi.cli import console
from csi.display.model import text
from csi.display.plain import grid
from csi.display.words import Language

HEADS = {
    "en": ("name", "variant", "title", "country", "year", "constructs", "items", "paths", "assumed"),
    "zh": ("名称", "形式", "标题", "国家或地区", "年份", "潜变量", "题项", "路径", "假定"),
}
NOTES = {
    "en": "assumed: paths that no source confirms. csi models NAME shows one; csi fit DATA --model NAME fits it.",
    "zh": "假定：没有文献证实的路径。csi models 名称 显示一个模型；csi fit 数据 --model 名称 进行估计。",
}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "models", help="list the satisfaction models, or show one", description=__doc__, allow_abbrev=False
    )
    command.add_argument(
        "name",
        nargs="?",
        type=console.word,
        metavar="NAME",
        help="a name, title or synonym: ecsi, CCSI, 欧洲顾客满意度指数",
    )
    command.add_argument("--variant", help="one of the model's variants: csi models acsi --variant government")
    command.add_argument("--language", choices=("en", "zh"), default="en", help="of titles, labels and questions")
    command.add_argument("--text", action="store_true", help="only the text form, as csi.Model.parse reads it")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print what was asked for."""
    language = console.readable(arguments.language)
    if arguments.name is None:
        console.say(table(language))
    else:
        console.say(page(arguments.name, arguments.variant, language, arguments.text))


def table(language: Language) -> str:
    """Give the catalogue, one line a model."""
    rows = []
    for each in catalogue.entries():
        model = each.model
        assumed = sum(path.status == "assumed" for path in model.paths)
        sizes = (len(model.constructs), len(model.items), len(model.paths), assumed or "")
        rows.append(
            [each.name, each.variant, each.title[language], each.country, str(each.year or ""), *map(str, sizes)]
        )
    return f"{grid(HEADS[language], rows, left=4)}\n\n{NOTES[language]}"


def page(name: str, variant: str | None, language: Language, only_text: bool) -> str:
    """Give one model: what it is, its arrows, constructs and questions, what to cite, its text form."""
    entry = catalogue.entry(name, variant)
    if only_text:
        return str(entry.model)
    place = f"{entry.country}, {entry.year}" if entry.year else entry.country
    parts = [f"{entry.title[language]} ({place})", text(entry.model, language)]
    parts.append("\n".join(_wrapped(line) for line in (entry.reference, *(f"- {note}" for note in entry.notes))))
    parts.append(str(entry.model))
    return "\n\n".join(parts)


def _wrapped(line: str) -> str:
    return textwrap.fill(line, 100, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)
