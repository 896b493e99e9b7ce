"""Weights of units and of what they are joined to, read from a table, the data or a mapping, for every wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from csi import frames
from csi.errors import DataError, NotAvailable, SettingsError, listing, suggest
from csi.numerics.solve import Floats
from csi.results.core import Core

#: A column, numbers by label, or a word that needs no column.
Weighing: TypeAlias = str | Mapping[Any, float] | pd.Series
WORDS = ("equal", "cases")


@dataclass(frozen=True, eq=False)
class Source:
    """Where columns of units are looked up: a table with a row a unit (and wave), or the data of the fit.

    Parameters
    ----------
    unit : str
        Column of the units; `times` are the columns of the waves.
    units, moments : tuple
        Labels of the units, and of the waves as tuples.
    group : int array (U, T)
        The group of the fit; -1 where it has none.
    table : DataFrame or None
    """

    core: Core
    unit: str
    times: tuple[str, ...]
    units: tuple[Any, ...]
    moments: tuple[tuple[Any, ...], ...]
    group: np.ndarray
    table: pd.DataFrame | None

    # -- a column of numbers or labels, one value a unit and wave ------------------------------------------

    def values(self, column: str) -> pd.Series:
        """Return a column by `(unit, wave)`, or by unit where the table knows no waves."""
        if self.table is not None and column in self.table.columns:
            return self._from_table(column)
        if column in self.core.by:
            return self._from_groups(column)
        return self._from_data(column)

    def _from_table(self, column: str) -> pd.Series:
        table = pd.DataFrame() if self.table is None else self.table
        keys = [self.unit, *(name for name in self.times if name in table.columns)]
        twice = table.duplicated(keys)
        if twice.any():
            row = table.loc[twice, keys].iloc[0].tolist()
            raise DataError(f"the table of weights has several rows for {row[0] if len(row) == 1 else tuple(row)!r}")
        if len(keys) not in (1, 1 + len(self.times)):
            raise DataError(f"the table of weights must name all of {', '.join(self.times)}, or none of them")
        found = table.set_index(keys)[column]
        if len(keys) > 1:
            found.index = pd.Index([(key[0], tuple(key[1:])) for key in found.index], tupleize_cols=False)
        return found

    def _from_groups(self, column: str) -> pd.Series:
        at = self.core.by.index(column)
        found = {}
        for (u, t), g in np.ndenumerate(self.group):
            if g >= 0:
                label = self.core.labels[g]
                found[(self.units[u], self.moments[t])] = label[at] if isinstance(label, tuple) else label
        return _series(found)

    def _from_data(self, column: str) -> pd.Series:
        sample = self.core.sample
        if sample is None:
            raise NotAvailable(
                f"there is no column {column!r}: the fit holds moments only. Give numbers by {self.unit}:"
                f" weights={{{self.units[0]!r}: ...}}, or a table of them"
            )
        problems = frames.missing_columns(sample.table, [column], "weight")
        if problems:
            raise DataError(listing(problems, "the weights are in neither the table nor the data"))
        cells = sample.table.column(column).to_numpy()[sample.at]
        found, several = {}, []
        for (u, t), g in np.ndenumerate(self.group):
            if g >= 0:
                inside = pd.unique(cells[sample.rows[self.core.groups[g]]])
                label = self.core.labels[g]
                if len(inside) > 1:
                    several.append(f"{label!r} has {inside[0]!r} and {inside[1]!r}")
                found[(self.units[u], self.moments[t])] = inside[0]
        if several:
            raise DataError(listing(several[:6], f"{column!r} must be one value for all cases of a group"))
        return _series(found)

    # -- weights ---------------------------------------------------------------------------------------------

    def weights(self, said: Weighing) -> Floats:
        """Weights `(U, T)`; NaN where a unit is no member. Units that the fit does not have are refused by `check`."""
        found = np.full(self.group.shape, np.nan)
        if isinstance(said, str) and said in WORDS:
            here = self.group >= 0
            found[here] = 1.0 if said == "equal" else self.core.stack.n[self.group[here]]
            return found
        given = self.given(said)
        for u, unit in enumerate(self.units):
            for t, moment in enumerate(self.moments):
                found[u, t] = number(given, unit, moment)
        return found

    def given(self, said: Weighing) -> dict[Any, float]:
        """Numbers by unit or by `(unit, wave)`.

        Raises
        ------
        DataError
            Naming every one that is no number of 0 or more.
        """
        series = self.values(said) if isinstance(said, str) else said
        return numbers(dict(series.items()), "weight", len(self.times))


def _series(found: Mapping[Any, Any]) -> pd.Series:
    return pd.Series(list(found.values()), index=pd.Index(list(found), tupleize_cols=False), dtype=object)


def number(given: Mapping[Any, float], unit: Any, moment: tuple[Any, ...]) -> float:
    """Return the number given for a unit at a moment, or for the unit whenever it is."""
    return given.get((unit, moment), given.get(unit, np.nan))


def numbers(given: Mapping[Any, Any], what: str, times: int = 0) -> dict[Any, float]:
    """Read numbers by label; keys `(label, wave)` keep the wave as a tuple.

    Raises
    ------
    DataError
        Naming every one that is no number of 0 or more.
    """
    found, problems = {}, []
    for key, value in given.items():
        if isinstance(key, tuple) and times and len(key) == 1 + times and not isinstance(key[1], tuple):
            key = (key[0], key[1:])
        name = key[0] if isinstance(key, tuple) else key
        if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
            continue
        if isinstance(value, bool | str) or not np.isreal(value):
            problems.append(f"the {what} of {name!r} is {value!r}, which is no number")
        elif not np.isfinite(float(value)) or float(value) < 0:
            problems.append(f"the {what} of {name!r} is {float(value):g}; it must be 0 or more")
        else:
            found[key] = float(value)
    if problems:
        raise DataError(listing(problems[:12], "the weights cannot be used"))
    return found


def open_table(table: Any, unit: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read a table of units: its index joins its columns where it has names.

    Raises
    ------
    DataError
        If it does not name the units.
    """
    if not isinstance(table, pd.DataFrame):
        opened = frames.table(table)
        table = pd.DataFrame({name: opened.column(name) for name in opened.columns})
    named = [str(name) for name in table.index.names if name is not None]
    if unit not in table.columns and not named and table.index.nlevels == 1:
        table, named = table.rename_axis(unit), [unit]
    found: pd.DataFrame = table.reset_index() if named else table
    if unit not in found.columns:
        raise DataError(f"the table of weights has no column {unit!r}{suggest(unit, map(str, found.columns))}")
    return found


def only_column(table: pd.DataFrame, taken: Sequence[str]) -> str:
    """Return the one column of numbers that weighs units.

    Raises
    ------
    SettingsError
        If there are none or several.
    """
    left = [str(name) for name in table.columns if name not in taken and pd.api.types.is_numeric_dtype(table[name])]
    if len(left) != 1:
        raise SettingsError(
            f"the table of weights has {len(left)} columns of numbers"
            f"{' (' + ', '.join(map(repr, left)) + ')' if left else ''}; say which one weighs:"
            " csi.aggregate(fit, 'revenue', table=table)"
        )
    return left[0]
