"""Batches of rows, whatever library holds them: columns as numbers, as labels, or as keys of people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import frames
from csi.errors import DataError

#: Rows of a batch: enough for every group of some hundreds to be there often, few enough to stay small.
ROWS = 262_144


class Batch(Protocol):
    """Some rows of a source."""

    @property
    def part(self) -> str:
        """Which part of the source they are from: a file, a partition; empty where there is one part only."""

    @property
    def rows(self) -> int:
        """How many."""

    def numbers(self, name: str, what: str) -> NDArray[Any]:
        """A column of numbers; NaN where blank."""

    def labels(self, name: str) -> tuple[NDArray[np.intp], list[Any]]:
        """A column of labels as codes and what they stand for; code -1 where blank."""


@dataclass(frozen=True, eq=False)
class FrameBatch:
    """Rows of a pandas table."""

    table: frames.Table
    where: slice
    part: str = ""

    @property
    def rows(self) -> int:
        """How many."""
        return self.where.stop - self.where.start

    def numbers(self, name: str, what: str) -> NDArray[Any]:
        """A column of numbers."""
        values, problem = frames.as_numbers(self.table.column(name).iloc[self.where], f"{what} {name!r}")
        if problem:
            raise DataError(within(self.part, problem))
        return values

    def labels(self, name: str) -> tuple[NDArray[np.intp], list[Any]]:
        """A column of labels."""
        codes, labels = pd.factorize(self.table.column(name).iloc[self.where])
        return codes, [frames.plain(label) for label in labels]


def frame_batches(opened: frames.Table, part: str = "") -> Iterator[FrameBatch]:
    """Cut a pandas table into batches."""
    for begin in range(0, len(opened), ROWS):
        yield FrameBatch(opened, slice(begin, min(begin + ROWS, len(opened))), part)


@dataclass(frozen=True, eq=False)
class ArrowBatch:
    """A record batch of Arrow; `fixed` are columns that the name of the folder gives."""

    batch: Any
    part: str = ""
    fixed: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many."""
        return int(self.batch.num_rows)

    def numbers(self, name: str, what: str) -> NDArray[Any]:
        """A column of numbers, as it lies in memory where nothing is blank."""
        import pyarrow as pa

        if name in self.fixed:
            values, problem = frames.as_numbers(pd.Series([self.fixed[name]], name=name), f"{what} {name!r}")
            if problem:
                raise DataError(within(self.part, problem))
            return np.repeat(values, self.rows)
        column = _decoded(self.batch.column(name))
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            return np.asarray(column.to_numpy(zero_copy_only=False))
        if pa.types.is_boolean(kind):
            return np.asarray(column.cast(pa.int8()).to_numpy(zero_copy_only=False))
        if pa.types.is_decimal(kind):
            return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
        if pa.types.is_null(kind):
            return np.full(self.rows, np.nan)
        values, problem = frames.as_numbers(pd.Series(column.to_pylist(), name=name, dtype=object), f"{what} {name!r}")
        if problem:
            raise DataError(within(self.part, problem))
        return values

    def labels(self, name: str) -> tuple[NDArray[np.intp], list[Any]]:
        """A column of labels."""
        import pyarrow as pa

        if name in self.fixed:
            return np.zeros(self.rows, np.intp), [self.fixed[name]]
        column = self.batch.column(name)
        if pa.types.is_string_view(column.type):
            column = column.cast(pa.large_string())
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        # Polars counts its categories without a sign, which leaves no room for a blank.
        codes = column.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)
        labels = column.dictionary.to_pylist()
        blank = [at for at, label in enumerate(labels) if label is None or label != label]
        if blank:
            codes[np.isin(codes, blank)] = -1
        return codes, labels


def _decoded(column: Any) -> Any:
    """A column without its dictionary."""
    import pyarrow as pa

    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def within(part: str, problem: str) -> str:
    """Say in which part of the source a problem is."""
    return f"{part}: {problem}" if part else problem


def check_columns(columns: Sequence[str], roles: dict[str, str], part: str = "") -> list[str]:
    """Name every column that is not there, or is there twice."""
    opened = frames.Table(None, tuple(columns), pd.RangeIndex(0))
    found = []
    for name, what in roles.items():
        found += [within(part, problem) for problem in frames.missing_columns(opened, [name], what)]
    return found
