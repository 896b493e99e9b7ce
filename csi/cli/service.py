"""`csi service CONTACTS`: indicators of a service centre with intervals, targets and alerts, as a report."""

from __future__ import annotations

import argparse
from typing import Any

from csi.cli import console, files


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "service", help="measure service performance on contacts", description=__doc__, allow_abbrev=False
    )
    command.add_argument("contacts", metavar="CONTACTS", help="one row a contact: CSV or Parquet")
    command.add_argument(
        "--plan", metavar="TOML", help="the indicators (default: those of a telecommunication company)"
    )
    command.add_argument("--by", metavar="COLUMNS", help="groups: month,channel")
    command.add_argument("-o", "--output", metavar="DIR", help="folder for the tables and the report")
    command.add_argument("--language", choices=("en", "zh"), default="en")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the report, write the files."""
    from csi import service

    folder = files.folder_of(arguments.output) if arguments.output is not None else None
    language = console.readable(arguments.language)
    console.say(
        service.main_text(arguments.contacts, plan=arguments.plan, by=arguments.by, output=folder, language=language)
    )
