"""`csi fit` on many files, or on one that does not fit into memory: one pass keeps sums, and the sums are fitted."""

from __future__ import annotations

import dataclasses
import glob
import sys
from pathlib import Path
from typing import Any, cast, get_args

from csi import datasets, passes
from csi.display.words import Language
from csi.errors import SettingsError
from csi.fit import Fit
from csi.passes.plan import Missing
from csi.report.texts import say
from csi.studyfile import StudyFile


def in_parts(data: str) -> bool:
    """Whether answers lie in several files: a folder, or a pattern such as `answers/*.parquet`."""
    if data in datasets.names():
        return False
    return Path(data).is_dir() or (glob.has_magic(data) and not Path(data).exists())


def divided(by: list[str] | None) -> list[str] | None:
    """Columns that are named together, `--by company,quarter`, one by one."""
    return None if by is None else [name.strip() for word in by for name in word.split(",") if name.strip()]


def fit(data: str, file: StudyFile, resamples: int, rng: int, language: Language) -> tuple[Fit, list[str]]:
    """Pass once over the files, with a bar in a terminal, and fit the moments; lines on what was read.

    Raises
    ------
    SettingsError
        If blanks are to be treated in a way that needs every case, or groups are to be ordered.
    """
    study, choices = file.study, get_args(Missing)
    missing = study.missing or study.method.missing or "pairwise"
    if missing not in choices:
        raise SettingsError(
            f"missing={missing!r} reads every case with its blanks; a pass over many files keeps sums only:"
            f" --missing {' or '.join(choices)}"
        )
    if study.controls:
        raise SettingsError("a pass over many files keeps the items of the model only; leave the controls out")
    if file.order:
        raise SettingsError("a pass over many files lists groups by their labels; leave order out of the study file")
    found = passes.moments(
        data, study.model, list(file.by) or None, study.design, resamples, rng,
        missing=cast(Missing, missing), progress=sys.stderr.isatty(),
    )  # fmt: skip
    fitted = dataclasses.replace(study, design=None).fit(found)
    return dataclasses.replace(fitted, core=dataclasses.replace(fitted.core, usual=file.interval)), _told(
        found, language
    )


def _told(found: Any, language: Language) -> list[str]:
    """How many rows went by, and what was left out."""
    counts = {"terminal.rows_blank": found.record.dropped, "terminal.rows_weightless": found.record.unweighted}
    left = [say(key, language, count=f"{count:,}") for key, count in counts.items() if count]
    said = say("terminal.rows_read", language, count=f"{found.record.rows:,}")
    joint = "、" if language == "zh" else ", "
    return [say("terminal.rows_left", language, said=said, left=joint.join(left)) if left else said, ""]
