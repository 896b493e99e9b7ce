"""`csi check FOLDER`: what is missing or wrong with a study, before anything is computed."""

from __future__ import annotations

import argparse
from typing import Any

from csi.cli import console
from csi.display.words import Language

HEADS = {
    "en": {"error": "ERROR", "doubt": "doubt", "none": "Nothing is missing, nothing is wrong: csi study {name}",
           "some": "{name}: errors {errors}, doubts {doubts}",
           "errors": "Errors stop the study: mend them, then csi check {name} again.",
           "doubts": "Doubts do not stop the study: csi study {name}"},
    "zh": {"error": "错误", "doubt": "疑点", "none": "没有缺漏，没有错误：csi study {name}",
           "some": "{name}：错误 {errors} 处，疑点 {doubts} 处",
           "errors": "有错误则不能运行：请改正后再次运行 csi check {name}。",
           "doubts": "疑点不妨碍运行：csi study {name}"},
}  # fmt: skip


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "check", help="say what is missing or wrong with a study", description=__doc__, allow_abbrev=False
    )
    command.add_argument("folder", metavar="FOLDER", help="a folder with study.toml, or the file")
    command.add_argument("--language", choices=("en", "zh"), help="of the findings; that of the study if left out")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; 1 where there is an error."""
    from csi.studyfile import findings

    file, found = findings.check(arguments.folder)
    language = console.readable(arguments.language or (file.language if file else None) or "en")
    console.say(*lines(found, console.word(arguments.folder), language))
    return int(findings.stops(found))


def lines(found: list[Any], folder: str, language: Language) -> list[str]:
    """Findings as a table: how bad, where, what; errors first."""
    from csi.studyfile.folder import quoted

    said, name = HEADS[language], quoted(folder)
    if not found:
        return [said["none"].format(name=name)]
    errors = sum(finding.level == "error" for finding in found)
    shown = [said["some"].format(name=name, errors=errors, doubts=len(found) - errors), ""]
    shown += [f"{said[finding.level]}  {finding.text(language)}" for finding in found]
    return [*shown, "", said["errors" if errors else "doubts"].format(name=name)]
