"""Files that commands read and write: tables of answers, maps of items, tables of results."""

from __future__ import annotations

import codecs
import io
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from csi import datasets
from csi.errors import DataError, MissingExtra, ModelError, NotAvailable, SettingsError, suggest
from csi.fit import Fit

#: Encodings of CSV files, tried in this order: what Excel writes as UTF-8, then what Chinese Windows writes.
ENCODINGS = ("utf-8-sig", "gb18030")


def read_answers(name: str) -> pd.DataFrame:
    """Read a table of answers: a CSV, Excel or Parquet file, or a data set that travels with the package.

    Raises
    ------
    DataError
        If there is no such file, or it cannot be read as what its suffix says.
    MissingExtra
        If the package that reads this kind of file is not installed.
    """
    path = Path(name)
    if not path.exists():
        if name in datasets.names():
            return datasets.load(name)
        hint = suggest(name, datasets.names())
        raise DataError(f"there is no file {name!r}{hint}; data sets by name are {', '.join(datasets.names())}")
    if path.is_dir():
        raise DataError(f"{name!r} is a folder; give the file with the answers")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path.name!r} is none of the files that can be read: {', '.join(READERS)}")
    return reader(path)


def _csv(path: Path) -> pd.DataFrame:
    """Read a CSV file in the first encoding that fits all of it, divided by what its first line is divided by."""
    content = path.read_bytes()
    encoding = _encoding(content, path)
    first = content[:4096].decode(encoding, "replace").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        return pd.read_csv(io.BytesIO(content), encoding=encoding, sep=separator)
    except (ValueError, EOFError) as error:
        raise DataError(f"{path.name!r} cannot be read as a table: {error}") from error


def _encoding(content: bytes, path: Path) -> str:
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    for encoding in ENCODINGS:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise DataError(f"{path.name!r} is neither UTF-8 nor GB 18030; save it as CSV UTF-8")


def _excel(path: Path) -> pd.DataFrame:
    """Read the first sheet of a workbook."""
    try:
        from python_calamine import CalamineError
    except ImportError as error:
        raise MissingExtra('Excel files need a package that is not here: pip install "csi[io]"') from error
    try:
        return pd.read_excel(path, engine="calamine")
    except (CalamineError, ValueError) as error:
        raise DataError(f"{path.name!r} cannot be read as a workbook: {error}") from error


def _parquet(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except ImportError as error:
        raise MissingExtra('Parquet files need a package that is not here: pip install "csi[big]"') from error
    except (ValueError, OSError) as error:
        raise DataError(f"{path.name!r} cannot be read as Parquet: {error}") from error


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": _csv, ".tsv": _csv, ".tab": _csv, ".txt": _csv,
    ".xlsx": _excel, ".xls": _excel, ".parquet": _parquet,
}  # fmt: skip


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    ModelError
        If it is not there, or no TOML.
    """
    if not path.is_file():
        raise ModelError(f"there is no file {str(path)!r} with the items of the model")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(
            f'{path.name!r} is no TOML: {error}. A line looks like this: satisfaction = ["S1", "S2"]'
        ) from error


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
