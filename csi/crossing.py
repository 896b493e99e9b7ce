"""Moments in a file: arrays of numbers and a JSON header in one npz. Nothing in it is executed when it is read."""

from __future__ import annotations

import datetime
import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from csi.errors import DataError, NotAvailable, SettingsError
from csi.numerics.tally import Tally, is_paired
from csi.record import Facts, Record

#: Version of the layout; a file of a later one is refused.
FORMAT = 1
Arrays = dict[str, np.ndarray[Any, Any]]


def write(path: str | Path, moments: Any, minimum: int) -> Path:
    """Write moments of groups that are large enough."""
    if isinstance(minimum, bool) or not isinstance(minimum, (int, np.integer)) or minimum < 1:
        raise SettingsError(f"minimum must be a whole number of cases, such as 10; not {minimum!r}")
    content = packed(moments, int(minimum))
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def packed(moments: Any, minimum: int = 1) -> bytes:
    """Moments as the bytes of a file."""
    header, arrays = _packed(moments, minimum)
    content = io.BytesIO()
    members: dict[str, Any] = {
        "header": np.frombuffer(json.dumps(header, ensure_ascii=False).encode("utf-8"), np.uint8)
    }
    np.savez_compressed(content, **members, **arrays)
    return content.getvalue()


def read(path: str | Path | BinaryIO) -> tuple[dict[str, Any], Arrays]:
    """Read the words of saved moments and their arrays."""
    source = Path(path) if isinstance(path, (str, Path)) else path
    name = source.name if isinstance(source, Path) else "the file"
    if isinstance(source, Path) and not source.is_file():
        raise DataError(f"there is no file {str(path)!r}")
    try:
        # From bytes: numpy leaves a file open that turns out to be no archive.
        content = source.read_bytes() if isinstance(source, Path) else source.read()
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(arrays.pop("header").tobytes().decode("utf-8"))
        later = header["format"] > FORMAT
        words = None if later else _words(header)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise DataError(f"{name!r} holds no moments, or it is damaged ({error})") from error
    if words is None:
        raise DataError(
            f"{name!r} was saved by csi {header['csi']} in a layout that this version does not know; update csi"
        )
    return words, arrays


def tallies(arrays: Arrays) -> list[Tally]:
    """Sums of every group, from their arrays."""
    tables = {True: iter(arrays["paired"]), False: iter(arrays["complete"])}
    rows = zip(arrays["n"], arrays["squares"], arrays["answered"], arrays["is_paired"], strict=True)
    return [Tally(float(n), float(squares), given, next(tables[bool(kind)])) for n, squares, given, kind in rows]


def _packed(moments: Any, minimum: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of moments."""
    from csi import __version__

    large = moments.n >= minimum
    if moments.tallies:
        answered = np.array([each.answered for each in moments.tallies])
        large &= ~((answered > 0) & (answered < minimum)).any(axis=1)
    if not large.any():
        raise NotAvailable(f"no group has {minimum:,} cases in every item that was asked; nothing is written")
    kept = np.flatnonzero(large).tolist()
    header: dict[str, Any] = {
        "format": FORMAT,
        "csi": __version__,
        "items": list(moments.items),
        "by": list(moments.by),
        "groups": [_label(moments.groups[g]) for g in kept],
        "divisor": moments.divisor,
        "standardized": moments.standardized,
        "minimum": minimum,
        "withheld": len(large) - len(kept),
    }
    if moments.record is None or moments.shift is None:
        return header, {"n": moments.n[kept], "mean": moments.mean[kept], "cov": moments.cov[kept]}
    own = [moments.tallies[g] for g in kept]
    header["record"] = _record_out(moments.record, len(kept) < len(large), sum(each.n for each in own), minimum)
    header["record"]["withheld"] += len(large) - len(kept)
    return header, {"shift": moments.shift} | _tables(own, len(moments.items))


def _tables(own: list[Tally], p: int) -> Arrays:
    """Arrays of sums."""
    kind = [is_paired(each.table, p) for each in own]
    complete = [each.table for each, paired in zip(own, kind, strict=True) if not paired]
    pairs = [each.table for each, paired in zip(own, kind, strict=True) if paired]
    return {
        "n": np.array([each.n for each in own]),
        "squares": np.array([each.squares for each in own]),
        "answered": np.array([each.answered for each in own]),
        "is_paired": np.array(kind),
        "complete": np.array(complete, float),
        "paired": np.array(pairs, float),
    }


def _record_out(record: Record, hidden: bool, n: float, minimum: int) -> dict[str, Any]:
    """What is known of a pass, as JSON; without what speaks of groups that are withheld."""
    facts = None if hidden or record.facts is None else record.facts
    return {
        "scales": record.scales,
        "unknown": record.unknown,
        "missing": record.missing,
        "weighting": record.weighting,
        "clusters": record.clusters,
        "streams": list(record.streams),
        "rows": int(n) if hidden else record.rows,
        "dropped": 0 if hidden else record.dropped,
        "unweighted": 0 if hidden else record.unweighted,
        "minimum": minimum if hidden else record.minimum,
        "withheld": record.withheld,
        "facts": None if facts is None else {name: facts.table[name].tolist() for name in facts.table},
        "codes": None if facts is None else {name: list(seen.items()) for name, seen in facts.codes.items()},
    }


def _words(header: Mapping[str, Any]) -> dict[str, Any]:
    """Read a header."""
    words = {name: header[name] for name in ("items", "by", "standardized")}
    words["groups"] = [_unlabel(label) for label in header["groups"]]
    if "record" in header:
        words["record"] = _record_in(dict(header["record"]), header["items"])
    return words


def _record_in(tree: dict[str, Any], items: list[str]) -> Record:
    facts, codes = tree.pop("facts"), tree.pop("codes")
    table = None if facts is None else pd.DataFrame(facts, index=items)
    seen = {} if codes is None else {name: {float(code): int(n) for code, n in pairs} for name, pairs in codes.items()}
    tree["scales"] = tuple(None if scale is None else (scale[0], scale[1]) for scale in tree["scales"])
    tree["unknown"] = tuple(tuple(own) for own in tree["unknown"])
    tree["streams"] = tuple(tree["streams"])
    return Record(**tree, facts=None if table is None else Facts(table, seen))


def _label(label: Any) -> Any:
    """A label of a group as JSON."""
    if isinstance(label, tuple):
        return {"tuple": [_label(part) for part in label]}
    if isinstance(label, np.generic):
        return _label(label.item())
    if isinstance(label, pd.Timestamp):
        return {"timestamp": label.isoformat()}
    if isinstance(label, datetime.datetime):
        return {"datetime": label.isoformat()}
    if isinstance(label, datetime.date):
        return {"date": label.isoformat()}
    if label is None or isinstance(label, (str, bool, int, float)):
        return label
    raise NotAvailable(f"the group {label!r} ({type(label).__name__}) cannot stand in a file; name groups by text")


_READERS: dict[str, Any] = {
    "timestamp": pd.Timestamp,
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
}


def _unlabel(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    ((kind, value),) = tree.items()
    return tuple(_unlabel(part) for part in value) if kind == "tuple" else _READERS[kind](value)
