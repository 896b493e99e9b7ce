"""`csi fit DATA --model NAME`: estimate a model on a file of answers."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import csi.models as catalogue
from csi import report
from csi.cli import console, files, results
from csi.design import Design
from csi.errors import ModelError, SettingsError
from csi.fit import Fit
from csi.methods.cbsem import CBSEM, Estimator
from csi.methods.estimates import Method
from csi.methods.pls import PLS
from csi.methods.plsc import PLSc
from csi.numerics.pls import Scheme
from csi.sample import Missing
from csi.spec import Item, Model
from csi.study import Study

METHODS: Mapping[str, Any] = {"pls": PLS, "plsc": PLSc, "cbsem": CBSEM}
#: Options of the design, also under the name that the library gives them, and what they name.
DESIGN = (
    ("--weights", "--weight", "weight"),
    ("--strata", "--stratum", "stratum"),
    ("--cluster", "--clusters", "cluster"),
    ("--count", "--counts", "count"),
    ("--fpc", "--population", "fpc"),
)
#: Keys of a map of items that are no constructs, where its items stand under [items].
SETTINGS = ("items", "scale", "unknown")


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
    command.add_argument("data", metavar="DATA", help="CSV, Excel or Parquet file, or a data set such as mobi")
    command.add_argument("--model", required=True, help="name in the catalogue (ecsi), or a file with the text form")
    command.add_argument("--variant", help="variant of a catalogue model: government")
    command.add_argument(
        "--items", metavar="MAP", help="TOML file that maps constructs to columns; mobi for mobi's own"
    )
    command.add_argument("--scale", nargs=2, type=float, metavar=("LOW", "HIGH"), help="codes of worst and best answer")
    command.add_argument(
        "--by", action="append", type=console.word, metavar="COLUMN", help="divide the respondents; may be repeated"
    )
    for name, other, role in DESIGN:
        command.add_argument(
            name, other, dest=role, type=console.word, metavar="COLUMN", help=f"column of the design: {role}"
        )
    command.add_argument("--method", choices=tuple(METHODS), default="pls", help="how to estimate")
    command.add_argument("--scheme", choices=get_args(Scheme), help="inner weights of pls and plsc")
    command.add_argument("--raw", action="store_true", help="pls on 0-100 points instead of standardized items")
    command.add_argument("--estimator", choices=get_args(Estimator), help="of cbsem")
    command.add_argument("--missing", choices=get_args(Missing), help="what is done about missing answers")
    add_common(command, resamples=0)
    command.add_argument("-o", "--output", metavar="FOLDER", help="write report.html and a CSV file a table here")
    command.set_defaults(run=run)


def add_common(command: argparse.ArgumentParser, resamples: int) -> None:
    """Add what every command that fits can be told."""
    said = f"{resamples:,}" if resamples else "none; intervals are linearized"
    command.add_argument("--resamples", type=int, default=resamples, metavar="N", help=f"bootstrap resamples ({said})")
    command.add_argument("--rng", type=int, default=7, metavar="SEED", help="where chance begins (7)")
    command.add_argument("--language", choices=("en", "zh"), default="en", help="of the screen and of the report")


def run(arguments: argparse.Namespace) -> None:
    """Estimate, print, write."""
    model = read_model(arguments.model, arguments.variant, arguments.items, arguments.scale)
    words = {role: getattr(arguments, role) for _, _, role in DESIGN}
    design = Design(**words) if any(words.values()) else None
    study = Study(model, method=_method(arguments), design=design, missing=arguments.missing)
    by = arguments.by[0] if arguments.by and len(arguments.by) == 1 else arguments.by
    folder = files.folder_of(arguments.output) if arguments.output else None
    fit = drawn(study.fit(files.read_answers(arguments.data), by=by), arguments)
    results.show(fit, console.readable(arguments.language))
    if folder:
        write(fit, folder, arguments)


def _method(arguments: argparse.Namespace) -> Method:
    """Give the method with its settings, refusing those that belong to another."""
    said = {"scheme": arguments.scheme, "standardized": False if arguments.raw else None}
    said |= {"estimator": arguments.estimator}
    settings = {name: value for name, value in said.items() if value is not None}
    kind = METHODS[arguments.method]
    allowed = {field.name for field in dataclasses.fields(kind)}
    for name in settings:
        if name not in allowed:
            option = "--raw" if name == "standardized" else f"--{name}"
            raise SettingsError(f"{option} is no setting of --method {arguments.method}")
    method: Method = kind(**settings)
    return method


def drawn(fit: Fit, arguments: argparse.Namespace) -> Fit:
    """Draw resamples where they are asked for."""
    if not arguments.resamples:
        return fit
    return fit.bootstrap(arguments.resamples, rng=arguments.rng, progress=sys.stderr.isatty())


def write(fit: Fit, folder: Path, arguments: argparse.Namespace) -> None:
    """Write the report and the tables, and say where they are."""
    language = console.readable(arguments.language)
    page = report.write(fit, folder / "report.html", arguments.language)
    tables = files.write_tables(fit, folder / "tables")
    console.say("", results.say("terminal.wrote", language, path=console.word(str(page))))
    console.say(
        results.say("terminal.wrote_tables", language, count=len(tables), path=console.word(str(folder / "tables")))
    )
    if language != arguments.language:
        console.say("The page is in Chinese, which this console cannot show.")


# -- the model ------------------------------------------------------------------------------------------------


def read_model(name: str, variant: str | None, items: str | None, scale: list[float] | None) -> Model:
    """Give a model of the catalogue with the user's items, or read a file in the text form.

    Raises
    ------
    ModelError
        If there is none by that name, or the map of items does not fit it.
    """
    path = Path(name)
    if path.suffix:
        return _from_text(path, variant, items, scale)
    said: dict[str, Any] = {"variant": variant} if variant else {}
    if items == "mobi":
        said["items"] = "mobi"
    elif items:
        said |= _from_map(Path(items))
    if scale:
        said["scale"] = tuple(scale)
    return catalogue.get(name, **said)


def _from_text(path: Path, variant: str | None, items: str | None, scale: list[float] | None) -> Model:
    if not path.is_file():
        raise ModelError(f"there is no file {str(path)!r} with a model")
    if variant or items:
        raise ModelError("a model in the text form names its own items; leave out --items and --variant")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError(f"{path.name!r} is no UTF-8 text: {error}") from error
    return Model.parse(text, scale=(scale[0], scale[1]) if scale else None)


def _from_map(path: Path) -> dict[str, Any]:
    """Read a map of items: constructs at the top, or under [items] with a scale and unknown codes beside them."""
    read = files.read_toml(path)
    inside = isinstance(read.get("items"), dict)
    other = [key for key in read if key not in SETTINGS] if inside else []
    if other:
        raise ModelError(
            f"{path.name!r}: {other[0]!r} stands beside [items], where only {', '.join(SETTINGS)} are known"
        )
    unknown = tuple(read.get("unknown", ())) if inside else ()
    listed = read["items"] if inside else read
    said: dict[str, Any] = {"items": {name: _items(path, name, block, unknown) for name, block in listed.items()}}
    return said | ({"scale": tuple(read["scale"])} if inside and "scale" in read else {})


def _items(path: Path, construct: str, block: Any, unknown: tuple[float, ...]) -> list[Item | str]:
    entries = block if isinstance(block, list) else [block]
    return [_item(path, construct, entry, unknown) for entry in entries]


def _item(path: Path, construct: str, entry: Any, unknown: tuple[float, ...]) -> Item | str:
    """Read a column's name, or a table of what an item is."""
    if isinstance(entry, str):
        return Item(entry, unknown=unknown) if unknown else entry
    if not isinstance(entry, dict) or "name" not in entry:
        raise ModelError(
            f'{path.name!r}: an item of {construct!r} is a column\'s name or {{name = "S1", ...}}; not {entry!r}'
        )
    known = ("name", "scale", "reversed", "unknown", "label")
    other = [key for key in entry if key not in known]
    if other:
        raise ModelError(f"{path.name!r}: an item has no {other[0]!r}; it has {', '.join(known)}")
    codes = entry.get("unknown", unknown)
    return Item(
        entry["name"],
        scale=tuple(entry["scale"]) if "scale" in entry else None,
        reversed=bool(entry.get("reversed", False)),
        unknown=tuple(codes) if isinstance(codes, list | tuple) else (codes,),
        label=entry.get("label"),
    )
