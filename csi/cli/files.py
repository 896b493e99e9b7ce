"""Files that commands write: tables of results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from csi.errors import ModelError, NotAvailable, SettingsError
from csi.fit import Fit

#: Tables that `csi fit -o FOLDER` writes, each as the call that gives it.
TABLES: dict[str, Callable[[Fit], pd.DataFrame]] = {
    "index": lambda fit: fit.index(),
    "impacts": lambda fit: fit.impacts(tidy=True),
    "priorities": lambda fit: fit.priorities(),
    "paths": lambda fit: fit.paths(),
    "effects": lambda fit: fit.effects(tidy=True),
    "r2": lambda fit: fit.r2(tidy=True),
    "loadings": lambda fit: fit.loadings(),
    "weights": lambda fit: fit.weights(),
    "doubts": lambda fit: fit.check(),
}


def write_tables(fit: Fit, folder: Path) -> list[Path]:
    """Write every table of a fit that can be had as CSV for Excel (UTF-8 with its mark), with all digits."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in TABLES.items():
        try:
            found = table(fit)
        except (NotAvailable, ModelError):
            # No scales, no index: the report says so, and there is no such table.
            continue
        path = folder / f"{name}.csv"
        found.to_csv(path, encoding="utf-8-sig", index=name != "doubts", lineterminator="\n")
        written.append(path)
    return written


def folder_of(path: str) -> Path:
    """Give a folder to write to, before anything is computed; it is made when something is written.

    Raises
    ------
    SettingsError
        If a file stands in its place.
    """
    folder = Path(path)
    if folder.is_file():
        raise SettingsError(f"{path!r} is a file; -o takes a folder")
    return folder
