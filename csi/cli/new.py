"""`csi new my-study --model ccsi --scale 1-5 --language zh`: a folder with a study, to be edited; it runs at once."""

from __future__ import annotations

import argparse
import re
from typing import Any

from csi.cli import console
from csi.errors import SettingsError

TOLD = {
    "en": ("Wrote {path}", "Now: csi study {folder}    then edit study.toml, and csi check {folder}",
           "The example answers are SYNTHETIC; README.md says what comes next."),
    "zh": ("已写入 {path}", "下一步：csi study {folder}    然后修改 study.toml，并运行 csi check {folder}",
           "示例数据为合成数据；后续步骤见 README.md。"),
}  # fmt: skip


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("new", help="write a folder for a new study", description=__doc__, allow_abbrev=False)
    command.add_argument("folder", metavar="FOLDER", help="the folder; it must not be there yet")
    command.add_argument("--model", default="ccsi", help="name in the catalogue (ccsi); csi models lists them")
    command.add_argument("--variant", help="variant of the model: government")
    command.add_argument("--scale", metavar="LOW-HIGH", help="codes of the worst and the best answer: 1-5")
    command.add_argument("--no-example", action="store_true", help="without made-up answers to try it with")
    command.add_argument("--language", choices=("en", "zh"), default="en", help="of comments, questionnaire, README")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Write the folder, and say what comes next."""
    from csi.studyfile import folder

    variant = {"variant": arguments.variant} if arguments.variant else {}
    model = {"name": arguments.model, **variant} if variant else arguments.model
    scale = None if arguments.scale is None else ends(arguments.scale)
    example = not arguments.no_example
    written = folder.new(arguments.folder, model, scale=scale, language=arguments.language, example=example)
    first, then, note = TOLD[console.readable(arguments.language)]
    for path in written:
        console.say(first.format(path=console.word(str(path))))
    console.say("", then.format(folder=folder.quoted(console.word(arguments.folder))), *([note] if example else []))


def ends(said: str) -> list[float]:
    """Read the two ends of a scale.

    Raises
    ------
    SettingsError
        If it is none.

    Examples
    --------
    >>> ends("1-5"), ends("0-10"), ends("-2..2")
    ([1, 5], [0, 10], [-2, 2])
    """
    hit = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*(?:-|~|,|\.\.|:|至|到| )\s*(-?\d+(?:\.\d+)?)\s*", said)
    found = [float(end) for end in hit.groups()] if hit else []
    if not found or found[0] >= found[1]:
        raise SettingsError(f"--scale takes the worst and the best code, such as 1-5; not {said!r}")
    return [int(end) if end.is_integer() else end for end in found]
