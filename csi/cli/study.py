"""`csi study mobi | company-x | FOLDER`: a whole study, from the answers to a report that can be handed on."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from csi import report, studyfile
from csi.cli import check, console, files, fit, results
from csi.display.words import Language
from csi.errors import NotAvailable, suggest
from csi.report.texts import say
from csi.studyfile import shipped

SYNTHETIC = {
    "en": "SYNTHETIC ANSWERS: no number below says anything about anybody.",
    "zh": "合成数据：下列数字均为虚构，不说明任何真实情况。",
}
EXTRA = {
    "en": '{forms} not written: pip install "csi[report]" gives Word and Excel.',
    "zh": '未写出 {forms}：安装 pip install "csi[report]" 后可得 Word 与 Excel。',
}
DOUBTS = {
    "en": "{count} things to look at in the answers: csi check {name}",
    "zh": "数据中有 {count} 处值得核对：csi check {name}",
}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "study", help="run a whole study and write its report", description=__doc__, allow_abbrev=False
    )
    names = ", ".join(shipped.NAMES)
    command.add_argument("name", metavar="STUDY", help=f"a study that travels with the library ({names}), or a folder")
    command.add_argument("-o", "--output", metavar="DIR", help="folder of the report (./NAME-study, FOLDER/output)")
    fit.add_common(command, resamples=10_000)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Look, fit, draw, write, print; 1 where the study cannot be run."""
    name = arguments.name
    travels = name in shipped.NAMES and not Path(name).is_dir()
    file, doubts = (shipped.shipped(name), []) if travels else _looked(arguments)
    if file is None:
        return 1
    asked_for: Language = arguments.language or file.language or "en"
    language = console.readable(asked_for)
    folder = files.folder_of(arguments.output or (f"{name}-study" if travels else str(file.folder / "output")))
    ran = studyfile.run(
        file,
        resamples=arguments.resamples,
        rng=arguments.rng,
        progress=sys.stderr.isatty(),
        extra=shipped.extra(name) if travels else None,
    )
    # Files first: whoever reads the screen may go away (`csi study mobi | head`).
    written = _write(ran, folder, asked_for)
    if ran.synthetic:
        console.say(SYNTHETIC[language], "")
    if doubts:
        console.say(DOUBTS[language].format(count=len(doubts), name=studyfile.quoted(console.word(name))), "")
    results.show(ran.fit, language)
    console.say(*written)
    return 0


def _looked(arguments: argparse.Namespace) -> tuple[studyfile.StudyFile | None, list[Any]]:
    """Read a study of the user's; what stops it is printed."""
    from csi.studyfile import findings

    name = arguments.name
    if not Path(name).exists():
        there = [*shipped.NAMES, *(each.name for each in Path(name).absolute().parent.glob("*"))]
        near = suggest(Path(name).name, there)
        raise NotAvailable(
            f"there is no study {name!r}{near}; there are {', '.join(shipped.NAMES)}, and folders that csi new writes"
        )
    file, found = findings.check(name)
    language = console.readable(arguments.language or (file.language if file else None) or "en")
    if findings.stops(found):
        console.say(*check.lines(found, console.word(name), language))
        return None, found
    return file, [finding for finding in found if finding.code not in ("synthetic", "extra")]


def _write(ran: studyfile.Run, folder: Path, asked_for: Language) -> list[str]:
    """Write the report in its forms and the tables; lines that say where they are."""
    language, output = console.readable(asked_for), ran.file.output
    lacking = [form for form in output.formats if studyfile.lacks(form)]
    targets = [folder / f"report.{form}" for form in output.formats if form not in lacking]
    settings: dict[str, Any] = {} if output.chapter is None else {"chapter": output.chapter}
    settings |= {"title": ran.title(asked_for), "fieldwork": dict(ran.file.fieldwork)}
    written = report.write(ran.fit, targets, asked_for, ran.before, **settings)
    tables = files.write_tables(ran.fit, folder / "tables")
    lines = ["", *(note.words[language] for note in ran.notes)]
    lines += [say("terminal.wrote", language, path=console.word(str(path))) for path in written]
    place = console.word(str(folder / "tables"))
    lines.append(say("terminal.wrote_tables", language, count=len(tables), path=place))
    if lacking:
        lines.append(EXTRA[language].format(forms=", ".join(f"report.{form}" for form in lacking)))
    if language != asked_for:
        lines.append("The report is in Chinese, which this console cannot show.")
    return lines
