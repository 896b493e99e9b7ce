"""`csi study mobi`: a whole study, from the answers to a page that can be handed on."""

from __future__ import annotations

import argparse
from typing import Any

import csi.models as catalogue
from csi import datasets
from csi.cli import console, files, fit, results
from csi.display.words import Language
from csi.errors import NotAvailable, suggest
from csi.study import Study

#: Studies that travel with the package, and the model of each.
STUDIES = {"mobi": catalogue.ecsi}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "study", help="run a whole study and write its report", description=__doc__, allow_abbrev=False
    )
    command.add_argument("name", metavar="NAME", help=f"a study that travels with the package: {', '.join(STUDIES)}")
    command.add_argument("-o", "--output", metavar="DIR", help="folder of the report (./NAME-study)")
    fit.add_common(command, resamples=10_000)
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Fit, draw, print, write."""
    name = arguments.name
    if name not in STUDIES:
        raise NotAvailable(f"there is no study {name!r}{suggest(name, STUDIES)}; there are {', '.join(STUDIES)}")
    folder = files.folder_of(arguments.output or f"{name}-study")
    resamples = 10_000 if arguments.resamples is None else arguments.resamples
    language: Language = arguments.language or "en"
    fitted = Study(STUDIES[name]()).fit(datasets.load(name))
    found = fit.drawn(fitted, resamples, 7 if arguments.rng is None else arguments.rng)
    results.show(found, console.readable(language))
    fit.write(found, folder, language)
