"""`csi fit DATA --model NAME`: estimate a model on a file of answers."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any, get_args

from csi import report, studyfile
from csi.cli import console, files, passing, results
from csi.display.words import Language
from csi.errors import ModelError, SettingsError
from csi.fit import Fit
from csi.methods.cbsem import Estimator
from csi.numerics.pls import Scheme
from csi.report.texts import say
from csi.results.core import Interval
from csi.sample import Missing

#: Options of the design, also under the name that the library gives them, and what they name.
DESIGN = (
    ("--weights", "--weight", "weight"),
    ("--strata", "--stratum", "stratum"),
    ("--cluster", "--clusters", "cluster"),
    ("--count", "--counts", "count"),
    ("--fpc", "--population", "fpc"),
)


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "fit",
        help="estimate a model on a file of answers",
        description=__doc__,
        epilog='map.toml says which columns measure which construct: satisfaction = ["S1", "S2"], one line a construct;'
        ' an empty list leaves a construct out. An item may say more: {name = "S3", reversed = true, unknown = [99]}',
        allow_abbrev=False,
    )
    command.add_argument(
        "data",
        metavar="DATA",
        help="CSV, Excel or Parquet file, or a data set such as mobi; many files, in one pass that keeps sums only:"
        " a folder, or a pattern in quotes such as 'answers/*.parquet'",
    )
    command.add_argument(
        "--model", help="name in the catalogue (ecsi), or a file with the text form; that of --items if left out"
    )
    command.add_argument("--variant", help="variant of a catalogue model: government")
    command.add_argument(
        "--items",
        metavar="MAP",
        help="TOML file that maps constructs to columns, or a whole study.toml; mobi for mobi's own",
    )
    command.add_argument("--scale", nargs=2, type=float, metavar=("LOW", "HIGH"), help="codes of worst and best answer")
    command.add_argument(
        "--by", action="append", type=console.word, metavar="COLUMN", help="divide the respondents; may be repeated"
    )
    for name, other, role in DESIGN:
        command.add_argument(
            name, other, dest=role, type=console.word, metavar="COLUMN", help=f"column of the design: {role}"
        )
    command.add_argument(
        "--controls",
        action="append",
        type=console.word,
        metavar="COLUMN",
        help="hold a column, such as age, constant in every equation of pls and plsc; may be repeated",
    )
    command.add_argument("--method", choices=tuple(studyfile.METHODS), help="how to estimate (pls)")
    command.add_argument("--scheme", choices=get_args(Scheme), help="inner weights of pls and plsc")
    command.add_argument("--raw", action="store_true", help="pls on 0-100 points instead of standardized items")
    command.add_argument("--estimator", choices=get_args(Estimator), help="of cbsem")
    command.add_argument("--missing", choices=get_args(Missing), help="what is done about missing answers")
    command.add_argument("--one-pass", action="store_true", help="keep sums only, of a file larger than memory too")
    add_common(command, resamples=0)
    command.add_argument("-o", "--output", metavar="FOLDER", help="write report.html and a CSV file a table here")
    command.set_defaults(run=run)


def add_common(command: argparse.ArgumentParser, resamples: int) -> None:
    """Add what every command that fits can be told."""
    said = f"{resamples:,}" if resamples else "none; intervals are linearized"
    command.add_argument("--resamples", type=int, metavar="N", help=f"bootstrap resamples ({said})")
    command.add_argument("--rng", type=int, metavar="SEED", help="where chance begins (7)")
    command.add_argument("--language", choices=("en", "zh"), help="of the screen and of the report (en)")


def run(arguments: argparse.Namespace) -> None:
    """Estimate, write, print."""
    parts = arguments.one_pass or passing.in_parts(arguments.data)
    if parts:
        arguments.by = passing.divided(arguments.by)
    file = asked(arguments)
    folder = files.folder_of(arguments.output) if arguments.output else None
    resamples = arguments.resamples if arguments.resamples is not None else file.resamples or 0
    rng = file.rng if arguments.rng is None else arguments.rng
    language: Language = arguments.language or file.language or "en"
    readable = console.readable(language)
    said: list[str] = []
    if parts:
        fit, said = passing.fit(arguments.data, file, resamples, rng, readable)
    else:
        fit = in_memory(arguments, file, resamples, rng)
    # Files first: whoever reads the screen may go away (`csi fit ... | head`).
    written = write(fit, folder, language) if folder else []
    console.say(*said)
    results.show(fit, readable)
    console.say(*written)


def in_memory(arguments: argparse.Namespace, file: studyfile.StudyFile, resamples: int, rng: int) -> Fit:
    """Read one file and fit its answers."""
    source = studyfile.Source((arguments.data,), *_from(file.data))
    answers = studyfile.answers(source, Path(), file.study.model, file.columns)
    by = file.by[0] if len(file.by) == 1 else file.by or None
    return drawn(file.study.fit(studyfile.ordered(answers.data, file), by=by), resamples, rng, file.interval)


def asked(arguments: argparse.Namespace) -> studyfile.StudyFile:
    """Give the study that was asked for: that of --items, with the words of the command in place of its own."""
    said: dict[str, Any] = {"model": _model(arguments)} if arguments.model or arguments.variant else {}
    said |= {"scale": arguments.scale} if arguments.scale else {}
    said |= {"by": arguments.by} if arguments.by else {}
    said |= {"controls": passing.divided(arguments.controls)} if arguments.controls else {}
    said |= {"missing": arguments.missing} if arguments.missing else {}
    if method := _method(arguments):
        said["method"] = method
    words = {role: getattr(arguments, role) for _, _, role in DESIGN}
    if design := {role: column for role, column in words.items() if column is not None}:
        said["design"] = design
    if arguments.items is None or arguments.items == "mobi":
        return studyfile.made({**({"items": "mobi"} if arguments.items else {}), **said}, Path())
    return studyfile.load(arguments.items, **said)


def _model(arguments: argparse.Namespace) -> dict[str, Any]:
    """A model of the catalogue, or a file with the text form, named from where the command is given."""
    variant = {"variant": arguments.variant} if arguments.variant else {}
    if not arguments.model:
        raise SettingsError("--variant is said of a model of the catalogue: --model acsi --variant government")
    path = Path(arguments.model)
    if not path.suffix:
        return {"name": arguments.model, **variant}
    if not path.is_file():
        raise ModelError(f"there is no file {arguments.model!r} with a model")
    if variant:
        raise ModelError("a model in the text form names its own items; leave out --items and --variant")
    return {"file": str(path.absolute())}


def _from(data: studyfile.Source | None) -> tuple[Any, Any]:
    """How the study's own data are read: codes and options hold for other answers too."""
    return (data.options, data.codes) if data else ({}, {})


def _method(arguments: argparse.Namespace) -> dict[str, Any]:
    """Give the method with its settings, refusing those that belong to another."""
    said = {"scheme": arguments.scheme, "standardized": False if arguments.raw else None}
    said |= {"estimator": arguments.estimator}
    settings = {name: value for name, value in said.items() if value is not None}
    named = arguments.method or "pls"
    allowed = {field.name for field in dataclasses.fields(studyfile.METHODS[named])}
    for name in settings:
        if name not in allowed:
            option = "--raw" if name == "standardized" else f"--{name}"
            raise SettingsError(f"{option} is no setting of --method {named}")
    return {"name": named, **settings} if settings or arguments.method else {}


def drawn(fit: Fit, resamples: int, rng: int, interval: Interval = "percentile") -> Fit:
    """Draw resamples where they are asked for, with the interval that was chosen; a bar in a terminal only."""
    if not resamples:
        return fit
    found = fit.bootstrap(resamples, rng=rng, progress=sys.stderr.isatty())
    return dataclasses.replace(found, core=dataclasses.replace(found.core, usual=interval))


def write(fit: Fit, folder: Path, asked_for: Language) -> list[str]:
    """Write the report and the tables; lines that say where they are."""
    language = console.readable(asked_for)
    page = report.write(fit, folder / "report.html", asked_for)
    tables = files.write_tables(fit, folder / "tables")
    lines = ["", say("terminal.wrote", language, path=console.word(str(page)))]
    place = console.word(str(folder / "tables"))
    lines.append(say("terminal.wrote_tables", language, count=len(tables), path=place))
    if language != asked_for:
        lines.append("The page is in Chinese, which this console cannot show.")
    return lines
