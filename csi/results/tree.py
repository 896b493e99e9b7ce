"""Values as a tree that JSON can hold, and back: arrays are put aside, labels and records say what they are."""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import io
import math
import re
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint
from csi.errors import DataError, NotAvailable, SettingsError
from csi.spec import Model

Tree: TypeAlias = Any

# -- values into trees ------------------------------------------------------------------------------------------


class Packer:
    """Turns values into a tree for JSON, putting arrays aside."""

    def __init__(self, arrays: dict[str, np.ndarray[Any, Any]]) -> None:
        self.arrays = arrays

    def pack(self, value: Any, name: str) -> Tree:
        """Turn a value into a tree; `name` is what its arrays are called."""
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, Blueprint):
            return {"blueprint": True}
        if isinstance(value, Model):
            return {"model": str(value)}
        if isinstance(value, np.ndarray):
            return {"array": self._array(value, name)}
        if isinstance(value, pd.DataFrame):
            return {"frame": self._frame(value, name)}
        if isinstance(value, pd.Index):
            return {"index": self._index(value, name)}
        return self._compound(value, name)

    def _compound(self, value: Any, name: str) -> Tree:
        if dataclasses.is_dataclass(value) or hasattr(value, "_fields"):
            return {"csi": _class_name(type(value)), "fields": self._fields(value, name)}
        if isinstance(value, tuple):
            return {"tuple": [self.pack(part, f"{name}.{at}") for at, part in enumerate(value)]}
        if isinstance(value, list):
            return [self.pack(part, f"{name}.{at}") for at, part in enumerate(value)]
        if isinstance(value, Mapping):
            pairs = list(value.items())
            return {"map": [[self.pack(k, name), self.pack(v, f"{name}.{at}")] for at, (k, v) in enumerate(pairs)]}
        return _pack_label(value)

    def _fields(self, value: Any, name: str) -> dict[str, Tree]:
        return {field: self.pack(getattr(value, field), f"{name}.{field}") for field in _field_names(type(value))}

    def _array(self, values: np.ndarray[Any, Any], name: str) -> str:
        if values.dtype.hasobject:
            raise NotAvailable(f"{name} holds Python objects, which a saved fit cannot hold")
        self.arrays[name] = values
        return name

    def _frame(self, frame: pd.DataFrame, name: str) -> Tree:
        columns = [
            [self.pack(label, name), self._index(pd.Index(frame[label]), f"{name}.{at}")]
            for at, label in enumerate(frame.columns)
        ]
        return {"rows": self._index(frame.index, f"{name}.rows"), "columns": columns}

    def _index(self, index: pd.Index, name: str) -> Tree:
        """A column of labels or numbers, of whatever kind."""
        names = [self.pack(each, name) for each in index.names]
        if isinstance(index, pd.RangeIndex):
            return {"names": names, "range": [index.start, index.stop, index.step]}
        if isinstance(index, pd.MultiIndex):
            levels = [self._index(index.get_level_values(at), f"{name}.{at}") for at in range(index.nlevels)]
            return {"names": names, "levels": levels}
        dtype = index.dtype
        if isinstance(dtype, np.dtype) and dtype.kind in "iufb":
            return {"names": names, "array": self._array(index.to_numpy(), name)}
        categories = None
        if isinstance(dtype, pd.CategoricalDtype):
            categories = {"of": self._index(dtype.categories, f"{name}.categories"), "ordered": bool(dtype.ordered)}
        codes, labels = pd.factorize(index)
        known = [self.pack(label, name) for label in labels]
        tree: dict[str, Tree] = {"names": names, "codes": self._array(codes, name), "labels": known}
        if isinstance(index, pd.DatetimeIndex):
            tree["freq"] = index.freqstr
        return {**tree, "categories": categories} if categories else {**tree, "dtype": _dtype_name(dtype)}


#: Kinds of columns that pandas can make again from their name.
_KINDS = re.compile(r"object|boolean|U?Int\d+|Float\d+|(datetime|timedelta)64\[.*\]|(period|interval)\[.*\]")


def _dtype_name(dtype: Any) -> str:
    """Name a kind of column; strings are strings, however they are held."""
    if isinstance(dtype, pd.StringDtype):
        return "string" if dtype.na_value is pd.NA else "str"
    return str(dtype) if _KINDS.fullmatch(str(dtype)) else "object"


def _pack_label(value: Any) -> Tree:
    """Labels of groups and rows that are neither text nor numbers."""
    if isinstance(value, pd.Timestamp):
        return {"timestamp": value.isoformat()}
    if isinstance(value, pd.Timedelta):
        return {"timedelta": value.isoformat()}
    if isinstance(value, datetime.datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if isinstance(value, pd.Period):
        return {"period": [str(value), value.freqstr]}
    if isinstance(value, pd.Interval):
        return {"interval": [_pack_label_end(value.left), _pack_label_end(value.right), value.closed]}
    raise NotAvailable(
        f"{value!r} is a {type(value).__name__}, which a saved fit cannot hold; turn the column of labels into text"
    )


def _pack_label_end(value: Any) -> Tree:
    plain = value.item() if isinstance(value, np.generic) else value
    return plain if isinstance(plain, int | float) else _pack_label(plain)


def _class_name(kind: type) -> str:
    name = f"{kind.__module__}.{kind.__qualname__}"
    if not _OWN.fullmatch(name):
        raise NotAvailable(f"a {kind.__name__} cannot be saved; only the words and records of this library can")
    return name


def _field_names(kind: Any) -> list[str]:
    return (
        [f.name for f in dataclasses.fields(kind) if f.init] if dataclasses.is_dataclass(kind) else list(kind._fields)
    )


#: Frozen words and records of this library, and nothing else, are made again from a file.
_OWN = re.compile(r"csi\.(?:[a-z_]+\.)*[a-z_]+\.[A-Z]\w*")


# -- trees into values ------------------------------------------------------------------------------------------


class Unpacker:
    """Turns a tree back into values."""

    def __init__(self, archive: zipfile.ZipFile, version: str) -> None:
        self.archive, self.version = archive, version
        self.blueprint: Blueprint | None = None

    def unpack(self, tree: Tree) -> Any:
        """Turn a tree into the value that it was."""
        if isinstance(tree, list):
            return [self.unpack(part) for part in tree]
        if not isinstance(tree, dict):
            return tree
        kind = next(iter(tree))
        reader = self._readers().get(kind)
        if reader is None:
            raise DataError(f"this saved fit holds a {kind!r}, which this version does not know; update csi")
        return reader(tree[kind]) if kind != "csi" else self._record(tree)

    def _readers(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "array": self._array,
            "tuple": lambda parts: tuple(self.unpack(part) for part in parts),
            "map": lambda pairs: {self.unpack(key): self.unpack(value) for key, value in pairs},
            "csi": self._record,
            "model": Model.parse,
            "blueprint": lambda _: self.blueprint,
            "frame": self._frame,
            "index": self._index,
            "float": float,
            "timestamp": pd.Timestamp,
            "timedelta": pd.Timedelta,
            "datetime": datetime.datetime.fromisoformat,
            "date": datetime.date.fromisoformat,
            "period": lambda parts: pd.Period(parts[0], freq=parts[1]),
            "interval": lambda parts: pd.Interval(self.unpack(parts[0]), self.unpack(parts[1]), parts[2]),
        }

    def _array(self, name: str) -> np.ndarray[Any, Any]:
        content = io.BytesIO(self.archive.read(f"{name}.npy"))
        try:
            return np.lib.format.read_array(content, allow_pickle=False)
        except ValueError as error:
            raise DataError(f"{name} in this saved fit is damaged: {error}") from error

    def _record(self, tree: Tree) -> Any:
        """Make a word or record of this library again, if it still has these fields."""
        kind = _find_class(str(tree["csi"]))
        known = set(_field_names(kind))
        fields = {name: self.unpack(value) for name, value in tree["fields"].items()}
        try:
            if not set(fields) <= known:
                raise TypeError(f"{kind.__name__} has no {', '.join(sorted(set(fields) - known))}")
            return kind(**fields)
        except (TypeError, SettingsError) as error:
            raise DataError(
                f"this fit was saved by csi {self.version}, which this version cannot read: {error}"
            ) from error

    def _frame(self, tree: Tree) -> pd.DataFrame:
        rows = self._index(tree["rows"])
        columns = [(self.unpack(label), self._index(column)) for label, column in tree["columns"]]
        frame = pd.DataFrame({at: column.to_series(index=rows) for at, (_, column) in enumerate(columns)}, index=rows)
        return frame.set_axis([label for label, _ in columns], axis=1)

    def _index(self, tree: Tree) -> pd.Index:
        names = [self.unpack(name) for name in tree["names"]]
        found: pd.Index
        if "range" in tree:
            start, stop, step = tree["range"]
            found = pd.RangeIndex(start, stop, step)
        elif "levels" in tree:
            found = pd.MultiIndex.from_arrays([self._index(level) for level in tree["levels"]])
        elif "array" in tree:
            found = pd.Index(self._array(tree["array"]))
        else:
            found = self._labels(tree)
        return found.set_names(names)

    def _labels(self, tree: Tree) -> pd.Index:
        """Labels of any kind, from their codes."""
        labels = pd.Series([self.unpack(label) for label in tree["labels"]], dtype=object)
        values = labels.reindex(self._array(tree["codes"])).to_numpy()
        if "categories" in tree:
            categories = self._index(tree["categories"]["of"])
            kind: Any = pd.CategoricalDtype(categories, ordered=tree["categories"]["ordered"])
        else:
            kind = tree["dtype"]
        index: pd.Index = pd.Index(pd.Series(values, dtype=object).astype(kind))
        return pd.DatetimeIndex(index, freq=tree["freq"]) if tree.get("freq") else index


def _find_class(name: str) -> Any:
    """Find a word or record of this library by its full name."""
    if not _OWN.fullmatch(name):
        raise DataError(f"this saved fit holds a {name!r}, which is none of this library")
    module, _, last = name.rpartition(".")
    try:
        kind = getattr(importlib.import_module(module), last)
    except (ImportError, AttributeError) as error:
        raise DataError(f"this saved fit holds a {name!r}, which this version does not know") from error
    if not (isinstance(kind, type) and (dataclasses.is_dataclass(kind) or hasattr(kind, "_fields"))):
        raise DataError(f"this saved fit holds a {name!r}, which is no word or record of this library")
    return kind
