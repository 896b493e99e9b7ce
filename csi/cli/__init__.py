"""The command line, one file a command (`csi models`, `csi fit`, ...): it asks the library, prints, and writes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from csi.cli import audit, check, console, fit, models, new, plan, service, study
from csi.errors import CsiError

COMMANDS = (models, new, check, study, fit, plan, audit, service)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after `csi`; those of the process if left out.

    Returns
    -------
    int
        0 where all went well; 1 where `csi check` or `csi study` found errors in a study, which are printed; 2 where
        what was asked cannot be done, after one line on stderr that says why.
    """
    console.prepare()
    # Pictures go into pages; a machine without a screen draws them too.
    os.environ.setdefault("MPLBACKEND", "Agg")
    arguments = parser().parse_args(argv)
    try:
        code = arguments.run(arguments)
        sys.stdout.flush()
    except CsiError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # The reader went away (`csi models | head`); what is still in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return _refuse("stopped")
    except OSError as error:
        return _refuse(f"{error.strerror or error}: {error.filename}" if error.filename else str(error))
    else:
        return code or 0
    return 0


def _refuse(why: str) -> int:
    """Say in one line why it cannot be done."""
    first, *rest = (line.strip().removeprefix("- ") for line in why.splitlines() if line.strip())
    console.complain(f"csi: error: {first}{' ' if rest else ''}{'; '.join(rest)}")
    return 2


def parser() -> argparse.ArgumentParser:
    """Make the parser of all commands."""
    from csi import __version__

    top = argparse.ArgumentParser(
        prog="csi",
        description="From answers to a customer satisfaction index with its interval, its causes and its doubts.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"csi {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add(commands)
    return top
