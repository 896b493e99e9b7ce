"""`csi audit FILE`: do published figures agree with each other? What fails, what cannot be checked, what holds."""

from __future__ import annotations

import argparse
from typing import Any

from csi.cli import console


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "audit", help="check published figures against each other", description=__doc__, allow_abbrev=False
    )
    command.add_argument(
        "file", metavar="FILE", help="claims as TOML, or claims that travel with the package: company_x, service_plan"
    )
    command.add_argument("-o", "--output", metavar="CSV", help="write the table to a CSV file as well")
    command.add_argument("--language", choices=("en", "zh"), default="en", help="of verdicts and reasons")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print the audit, and write its table if asked to."""
    from csi import auditing

    language = console.readable(arguments.language)
    console.say(auditing.main_text(arguments.file, language=language))
    if arguments.output is not None:
        table = auditing.audit(arguments.file, language=language)
        table.to_csv(arguments.output, encoding="utf-8-sig", index=False, lineterminator="\n")
