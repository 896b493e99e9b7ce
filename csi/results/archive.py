"""A fit as one file: a zip of a JSON header and plain numpy arrays. Nothing in it is executed when it is read.

The header is a tree. What JSON knows stands as it is; everything else is an object with one key that says what it is:
`{"array": NAME}` (a `.npy` member), `{"tuple": [...]}`, `{"csi": CLASS, "fields": {...}}` for the frozen words and
records of this library, and so on.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import DataError, NotAvailable
from csi.frames import Table, missing_columns
from csi.methods.pls import blueprint_of
from csi.redrawn import Redrawn
from csi.results.core import Core
from csi.results.tree import Packer, Unpacker
from csi.sample import Sample

#: Version of the layout; a file of a later one is refused.
FORMAT = 1
_HEADER = "header.json"
#: Every member has this date, so that the same fit gives the same file.
_DATE = (1980, 1, 1, 0, 0, 0)


def write(path: str | Path, words: Mapping[str, Any], core: Core, columns: Sequence[str] = ()) -> Path:
    """Write the words of a study and what its fit knows.

    Parameters
    ----------
    path : str or Path
        The file; one that is there is replaced when the new one is whole.
    words : mapping
        Model, method, design and treatment of blanks.
    core : Core
    columns : sequence of str
        Columns of the data that are kept beside items, design and groups.

    Raises
    ------
    DataError
        If there is no such column.
    NotAvailable
        If a label is of a kind that the file cannot hold.
    """
    from csi import __version__

    arrays: dict[str, np.ndarray[Any, Any]] = {}
    packer = Packer(arrays)
    if isinstance(core.draws, Redrawn):
        raise NotAvailable(
            "these draws were too many to be kept, so they cannot be saved; save the fit without them and"
            f" bootstrap({core.draws.size}, rng={core.draws.entropy}) again, or save its groups one by one"
        )
    slim = dataclasses.replace(core, fine={}, solutions={}, sample=_slim(core.sample, columns))
    study = {key: packer.pack(word, f"study.{key}") for key, word in words.items()}
    header = {"format": FORMAT, "csi": __version__, "study": study, "core": packer.pack(slim, "core")}
    if core.blueprint.controls:
        header["controls"] = packer.pack(core.blueprint.controls, "controls")
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        _write_zip(part, json.dumps(header, ensure_ascii=False, indent=1), arrays)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def read(path: str | Path) -> tuple[dict[str, Any], Core]:
    """Read the words of a study and what its fit knows.

    Raises
    ------
    DataError
        If the file is no saved fit, is damaged, or was written by a later version.
    """
    source = Path(path)
    if not source.is_file():
        raise DataError(f"there is no file {str(path)!r}")
    try:
        with zipfile.ZipFile(source) as archive:
            header = json.loads(archive.read(_HEADER).decode("utf-8"))
            return _unpacked(header, archive)
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, json.JSONDecodeError, EOFError) as error:
        raise DataError(f"{source.name!r} is not a saved fit, or it is damaged ({error})") from error


def _unpacked(header: Any, archive: zipfile.ZipFile) -> tuple[dict[str, Any], Core]:
    if not isinstance(header, dict) or "core" not in header:
        raise DataError("this zip is not a saved fit: its header says nothing of one")
    if header["format"] > FORMAT:
        raise DataError(
            f"this fit was saved by csi {header['csi']} in a layout that this version does not know; update csi"
        )
    unpacker = Unpacker(archive, str(header["csi"]))
    words = {key: unpacker.unpack(tree) for key, tree in header["study"].items()}
    blueprint = blueprint_of(words["model"], words["method"])
    unpacker.blueprint = dataclasses.replace(blueprint, controls=unpacker.unpack(header.get("controls", {"tuple": []})))
    core = unpacker.unpack(header["core"])
    if not isinstance(core, Core):
        raise DataError("this zip is not a saved fit: it holds something else")
    return words, core


def _write_zip(path: Path, header: str, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_member(_HEADER), header.encode("utf-8"), zipfile.ZIP_DEFLATED, 6)
        for name, values in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, values, allow_pickle=False)
            # Answers shrink to a tenth; the digits of draws do not shrink.
            packed = zipfile.ZIP_STORED if name.startswith("core.draws") else zipfile.ZIP_DEFLATED
            archive.writestr(_member(f"{name}.npy"), buffer.getbuffer(), packed, 1)


def _member(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, _DATE)


def _slim(sample: Sample | None, columns: Sequence[str]) -> Sample | None:
    """Keep of the user's table only what the design and the groups name, and what was asked for."""
    if sample is None:
        if columns:
            raise NotAvailable("only moments were given; there are no columns to keep")
        return None
    listed = [columns] if isinstance(columns, str) else list(columns)
    problems = missing_columns(sample.table, listed, "column")
    if problems:
        raise DataError("; ".join(problems))
    names = list(dict.fromkeys([*sample.groups.names, *sample.design.columns, *listed]))
    names = [name for name in names if name in sample.table.columns]
    kept = pd.DataFrame({name: sample.table.column(name).reset_index(drop=True) for name in names})
    kept.index = pd.RangeIndex(len(sample.index))
    return dataclasses.replace(sample, table=Table(kept, tuple(names), kept.index))
