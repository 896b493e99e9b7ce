"""The door for contacts: one row a contact or complaint, under whatever names its columns have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import frames
from csi.errors import DataError, listing, suggest
from csi.service import durations

Floats = NDArray[np.float64]

#: Groups that are made from the time of a contact, where no column has their name.
PERIODS = ("year", "quarter", "month", "week", "day", "hour")


@dataclass(frozen=True, eq=False)
class Contacts:
    """An opened table of contacts with the plan's names for its columns."""

    opened: frames.Table
    names: Mapping[str, str]
    read: dict[tuple[str, str], Floats] = field(default_factory=dict)
    divided: dict[tuple[str, ...], frames.Partition] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.opened)

    def has(self, name: str) -> bool:
        """Whether there is such a column, under this name or the user's."""
        return self.names.get(name, name) in self.opened.columns

    def hint(self, name: str) -> str:
        """The closest column there is."""
        return suggest(name, self.opened.columns)

    def series(self, name: str) -> pd.Series:
        """One column as it is."""
        problems = frames.missing_columns(self.opened, [self.names.get(name, name)], "column")
        if problems:
            raise DataError(listing(problems, "the contacts do not hold what is asked for"))
        return self.opened.column(self.names.get(name, name))

    def seconds(self, name: str) -> Floats:
        """A column of numbers or durations, in seconds."""
        return self._once(name, "seconds", durations.seconds)

    def moments(self, name: str) -> Floats:
        """A column of moments, in seconds since 1970."""
        return self._once(name, "moments", durations.moments)

    def _once(self, name: str, what: str, convert: Callable[[pd.Series, str], Floats]) -> Floats:
        """Read a column once, however many indicators use it."""
        key = (name, what)
        if key not in self.read:
            self.read[key] = convert(self.series(name), f"column {self.names.get(name, name)!r}")
        return self.read[key]

    def groups(self, by: Sequence[str], time: str) -> frames.Partition:
        """Divide the contacts by columns, and by periods of their time, once for all indicators."""
        key = (*by, time)
        if key not in self.divided:
            self.divided[key] = self._divide(by, time)
        return self.divided[key]

    def _divide(self, by: Sequence[str], time: str) -> frames.Partition:
        columns = {}
        for name in by:
            if not self.has(name) and name in PERIODS:
                columns[name] = self.period(name, time)
            else:
                columns[name] = self.series(name).reset_index(drop=True)
        table = frames.table(pd.DataFrame(columns)) if by else self.opened
        return frames.partition(table, tuple(by) or None)

    def period(self, per: str, time: str) -> pd.Series:
        """Label of the period in which each contact began, such as 2024-03 or 2024Q1."""
        return labels_of(self.moments(time), per, self.names.get(time, time))

    def inside(self, where: Mapping[str, Any]) -> NDArray[np.bool_]:
        """Contacts with given values in some columns."""
        found = np.ones(len(self), bool)
        for name, wanted in where.items():
            values = list(wanted) if isinstance(wanted, (list, tuple, set)) else [wanted]
            found &= self.series(name).isin(values).to_numpy(dtype=bool)
        return found


def labels_of(moments: Floats, per: str, column: str) -> pd.Series:
    """Label periods: each distinct day (or hour) once."""
    blanks = int(np.isnan(moments).sum())
    if blanks:
        raise DataError(f"column {column!r} has {blanks} blanks; every contact needs a time to fall into a {per}")
    if per == "hour":
        return pd.Series((moments % 86400 // 3600).astype(int)).map("{:02d}".format)
    codes, days = pd.factorize((moments // 86400).astype(np.int64))
    dates = pd.to_datetime(pd.Series(days), unit="D")
    if per == "week":
        iso = dates.dt.isocalendar()
        said = [f"{year}-W{week:02d}" for year, week in zip(iso["year"], iso["week"], strict=True)]
    else:
        said = dates.dt.to_period({"year": "Y", "quarter": "Q", "month": "M", "day": "D"}[per]).astype(str).tolist()
    return pd.Series(np.array(said, dtype=object)[codes])


def open_contacts(data: Any, columns: Mapping[str, str] | None) -> Contacts:
    """Open a table (pandas, polars, Arrow, a DuckDB relation, a Parquet file) of contacts.

    Raises
    ------
    DataError
        If it is no table, or a mapped column is not there.
    """
    if isinstance(data, (str, Path)):
        data = _file(Path(data))
    elif not isinstance(data, pd.DataFrame) and hasattr(data, "to_arrow_table"):
        data = data.to_arrow_table()
    opened = frames.table(data)
    names = dict(columns or {})
    problems = frames.missing_columns(opened, names.values(), "column")
    if problems:
        raise DataError(listing(problems, "columns= names what is not there"))
    return Contacts(opened, names)


def _file(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"there is no file {str(path)!r} with contacts")
    if path.suffix.lower() == ".csv":
        return pd.read_csv(path, encoding="utf-8-sig")
    if path.suffix.lower() == ".parquet":
        return pd.read_parquet(path)
    raise DataError(f"{path.name!r} is neither CSV nor Parquet; open it and give the table")
