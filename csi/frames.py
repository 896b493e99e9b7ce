"""The one door in: a user's table becomes arrays with names and an index, and every problem is told at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from os import PathLike
from typing import Any

import narwhals.stable.v1 as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import DataError, listing, suggest

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Table:
    """A user's table, whatever library made it: columns by name, and the row index to give back."""

    native: Any
    columns: tuple[str, ...]
    index: pd.Index

    def __len__(self) -> int:
        return len(self.index)

    def column(self, name: str) -> pd.Series:
        """One column as a pandas Series."""
        if isinstance(self.native, pd.DataFrame):
            # By place: a column may be called by a number where the model can only say its text.
            series: pd.Series = self.native.iloc[:, self.columns.index(name)]
            return series
        return nw.from_native(self.native, eager_only=True)[name].to_pandas()


def table(data: Any) -> Table:
    """Open a pandas, polars or Arrow table (a lazy one is collected; a mapping of columns will do).

    Raises
    ------
    DataError
        If it is no table, or has no rows.

    Examples
    --------
    >>> table({"q1": [1, 2], "q2": [3, 4]}).columns
    ('q1', 'q2')
    """
    if not isinstance(data, pd.DataFrame) and isinstance(getattr(data, "data", None), pd.DataFrame):
        # Answers that were read from a file: a table with its codebook and log.
        data = data.data
    if isinstance(data, dict):
        data = pd.DataFrame(data)
    if isinstance(data, pd.DataFrame):
        # A fit keeps its cases. Since pandas 3 a shallow copy is a copy as soon as somebody writes; before, it is not.
        kept = data.copy(deep=int(pd.__version__.split(".")[0]) < 3)
        # pandas would copy the notes of a table with every column that is taken from it.
        kept.attrs = {}
        opened = Table(kept, tuple(map(str, data.columns)), data.index)
    else:
        opened = _foreign(data)
    if len(opened) == 0:
        raise DataError("the data have no rows; there is nothing to estimate from")
    return opened


def _foreign(data: Any) -> Table:
    """Open a table of another library through narwhals."""
    try:
        frame = nw.from_native(data)
    except TypeError:
        is_file = isinstance(data, (str, PathLike))
        array = "For an array: pandas.DataFrame(array, columns=[...])"
        way = f"Read a file first: csi.read({str(data)!r})" if is_file else array
        raise DataError(
            f"data must be a table (a pandas, polars or Arrow DataFrame); not {type(data).__name__}. {way}"
        ) from None
    eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return Table(eager.to_native(), tuple(eager.columns), pd.RangeIndex(len(eager)))


def missing_columns(opened: Table, names: Iterable[str], what: str) -> list[str]:
    """Name every column that is not there, or is there twice, with what would mend it."""
    problems = []
    for name in dict.fromkeys(names):
        times = opened.columns.count(name)
        if times > 1:
            problems.append(f"{what} {name!r} is a column {times} times; keep one of them")
        elif times == 0:
            problems.append(f"{what} {name!r} is not a column{_near(name, opened.columns)}")
    return problems


def other_names(opened: Table, names: Sequence[str]) -> str:
    """What to do where hardly any item is a column: the table has names of its own."""
    if sum(name in opened.columns for name in names) * 2 > len(names):
        return ""
    shown = ", ".join(map(repr, opened.columns[:6])) + (", ..." if len(opened.columns) > 6 else "")
    if prefix := _prefix(opened.columns, names):
        return (
            f"\nAll of them are there with {prefix!r} before the name:"
            f" data.rename(columns=lambda name: name.removeprefix({prefix!r}))"
        )
    return (
        f"\nThe data have columns of other names: {shown}. Say which column is which item, with"
        " csi.models.get(name, items={construct: [columns]}) or data.rename(columns=...);"
        " print(csi.match(data, model)) proposes it"
    )


def _prefix(columns: Sequence[str], names: Sequence[str]) -> str:
    """What stands before every one of the names among the columns, or nothing."""
    found = (column.removesuffix(names[0]) for column in columns if column.endswith(names[0]))
    return next((prefix for prefix in found if prefix and {prefix + name for name in names} <= set(columns)), "")


def _near(name: str, columns: Sequence[str]) -> str:
    """Offer the mapping where only the form of letters, case or blanks differ; else the closest name."""
    twins = [column for column in columns if _folded(column) == _folded(name)]
    if twins:
        return (
            f", but {twins[0]!r} differs from it only in the form of letters, case or blanks;"
            f" data.rename(columns={{{twins[0]!r}: {name!r}}}) makes them one"
        )
    return suggest(name, columns)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of numbers as the table holds them, `(columns, rows)`, copied only when they are sliced or asked for.

    `low` and `high` are the least and largest value of every column, NaN where it has blanks.
    """

    parts: tuple[NDArray[Any], ...]
    low: Floats
    high: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Number of columns and rows."""
        return len(self.parts), len(self.parts[0]) if self.parts else 0

    def __getitem__(self, key: tuple[slice, slice]) -> Floats:
        """Copy a range of rows of every column, as `array[:, rows]` would."""
        _, rows = key
        taken = np.empty((len(self.parts), len(range(*rows.indices(self.shape[1])))))
        for row, part in zip(taken, self.parts, strict=True):
            row[:] = part[rows]
        return taken

    def beside(self, more: Floats) -> Columns:
        """These columns, and more behind them."""
        blank = np.isnan(more).any(axis=1)
        ends = [np.where(blank, np.nan, end) for end in (more.min(axis=1), more.max(axis=1))]
        return Columns((*self.parts, *more), np.concatenate([self.low, ends[0]]), np.concatenate([self.high, ends[1]]))

    def take(self, rows: NDArray[np.intp]) -> Floats:
        """Copy some rows of every column."""
        return np.array([part[rows] for part in self.parts], dtype=float).reshape(len(self.parts), len(rows))

    def array(self) -> Floats:
        """Copy all."""
        return self[:, :]


def numbers(opened: Table, names: Sequence[str], what: str = "item") -> Floats:
    """Read columns of numbers into one array `(columns, rows)`, blanks as NaN; see `columns`."""
    return columns(opened, names, what).array()


def columns(opened: Table, names: Sequence[str], what: str = "item") -> Columns:
    """Read columns of numbers and note their ranges on the way.

    Raises
    ------
    DataError
        Naming at once every column that is missing, doubled, text, or not finite.
    """
    problems = missing_columns(opened, names, what)
    if problems:
        raise DataError(listing(problems, "the data do not hold what the model names"))
    parts = []
    low, high = np.empty(len(names)), np.empty(len(names))
    for row, name in enumerate(names):
        values, problem = as_numbers(opened.column(name), f"{what} {name!r}")
        if not problem:
            low[row], high[row] = values.min(), values.max()
            problem = _infinite(values, low[row], high[row], f"{what} {name!r}")
        if problem:
            problems.append(problem)
        parts.append(values)
    if problems:
        raise DataError(listing(problems, "the data cannot be read as numbers"))
    return Columns(tuple(parts), low, high)


def as_numbers(series: pd.Series, what: str) -> tuple[NDArray[Any], str]:
    """A column as numbers, without a copy where it holds plain ones; and what is wrong with it, or nothing."""
    if not (pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_bool_dtype(series.dtype)):
        strange = _first_strange(series)
        if isinstance(strange, str):
            return np.zeros(1), f"{what} {_text(series)}"
        if strange is not None:
            kind = type(strange).__name__
            return np.zeros(1), f"{what} holds {strange!s} ({kind}), which is no number; give codes"
        return np.array([np.nan if _is_blank(value) else float(value) for value in series]), ""
    if pd.api.types.is_complex_dtype(series.dtype):
        return np.zeros(1), f"{what} holds complex numbers; give codes"
    if isinstance(series.dtype, np.dtype):
        return series.to_numpy(), ""
    return series.to_numpy(dtype=float, na_value=np.nan), ""


def _text(series: pd.Series) -> str:
    """What a column of text needs: codes for its words, or only that its numbers be read."""
    texts = series[[isinstance(value, str) for value in series]]
    words = texts[pd.to_numeric(texts, errors="coerce").isna()]
    call = f"pandas.to_numeric(data[{series.name!r}]"
    if not len(words):
        return f"holds text, such as {texts.iloc[0]!r}; its numbers are read by {call})"
    kinds = list(dict.fromkeys(words))
    shown = ", ".join(map(repr, kinds[:3]))
    if len(words) < len(series.dropna()) / 2:
        times = f"in {len(words):,} of {len(series):,} rows"
        return f"holds text, such as {shown} ({times}); where that is no answer: {call}, errors='coerce')"
    codes = ", ".join(f"{kind!r}: ..." for kind in kinds[:2]) + (", ..." if len(kinds) > 2 else "")
    return f"holds text, such as {shown}; give codes: data[{series.name!r}].map({{{codes}}})"


def _infinite(values: NDArray[Any], low: float, high: float, what: str) -> str:
    """Say how many values are infinite, or nothing."""
    if np.isfinite(low) and np.isfinite(high):
        return ""
    times = int(np.isinf(values).sum())
    return f"{what} holds infinite values ({times} of {len(values)}); they are no answers" if times else ""


def _first_strange(series: pd.Series) -> object | None:
    """Return the first value that is no real number and no blank, if there is one."""
    real = (Real, Decimal, np.bool_)
    return next((value for value in series if not isinstance(value, real) and not _is_blank(value)), None)


def _is_blank(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT


@dataclass(frozen=True, eq=False)
class Partition:
    """Cases divided into groups: `codes` `(n,)` into `labels`, in order of appearance of sorted labels."""

    names: tuple[str, ...]
    labels: tuple[Any, ...]
    codes: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def level(self) -> list[Any]:
        """Labels as an index shows them."""
        return list(self.labels)


def partition(opened: Table, by: str | Sequence[str] | None) -> Partition:
    """Divide the cases by one or several columns; without any, all are one group.

    Raises
    ------
    DataError
        If a column is missing or has blanks: a case without a group would be lost in silence.
    """
    names = () if by is None else (by,) if isinstance(by, str) else tuple(by)
    if not names:
        return Partition((), ((),), np.zeros(len(opened), np.intp))
    problems = missing_columns(opened, names, "by column")
    problems += [f"by column {name!r} is named twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    problems += [
        f"by column {name!r} has {blanks} blank{'s' if blanks > 1 else ''};"
        f" fill them, or leave the rows out: data[data[{name!r}].notna()]"
        for name in names
        if name in opened.columns and (blanks := int(opened.column(name).isna().sum()))
    ]
    if problems:
        raise DataError(listing(problems, "the data cannot be divided into groups"))
    if len(names) == 1:
        codes, labels = pd.factorize(opened.column(names[0]), sort=True)
        return Partition(names, tuple(plain(label) for label in labels), codes)
    index = pd.MultiIndex.from_arrays([opened.column(name) for name in names])
    codes, labels = pd.factorize(index, sort=True)
    return Partition(names, tuple(tuple(plain(part) for part in label) for label in labels), codes)


def plain(label: Any) -> Any:
    """A numpy scalar as the Python value it stands for, so that labels print alike everywhere."""
    return label.item() if isinstance(label, np.generic) else label


def classes(opened: Table, name: str, what: str) -> tuple[NDArray[np.intp], list[Any]]:
    """Read a column of labels (strata, clusters, people) as codes.

    Raises
    ------
    DataError
        If the column is missing or has blanks.
    """
    problems = missing_columns(opened, [name], what)
    if not problems and opened.column(name).isna().any():
        problems = [f"{what} {name!r} has {int(opened.column(name).isna().sum())} blanks; every case needs one"]
    if problems:
        raise DataError(listing(problems, "the data do not hold what the design names"))
    codes, labels = pd.factorize(opened.column(name), sort=True)
    return codes, [plain(label) for label in labels]
