"""Observed columns that enter the equations beside the constructs: what was asked for, and what the data make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from csi import frames
from csi.blueprint import Blueprint, Control
from csi.errors import DataError, ModelError, SettingsError, listing, suggest
from csi.spec import Model
from csi.spec.frozen import FrozenDict

Floats = frames.Floats
#: Columns under no name of a construct: for every one with causes.
EVERYWHERE = ""


def checked(controls: Any, model: Model) -> FrozenDict[str, tuple[str, ...]] | None:
    """Read `controls=`: for every construct with causes the names of its control columns.

    Raises
    ------
    SettingsError
        If it is neither a list of columns nor a mapping of construct to columns, or a name is taken.
    ModelError
        If a construct is unknown or has no causes.
    """
    if controls is None:
        return None
    caused = [name for name in model.constructs if any(path.effect == name for path in model.paths)]
    if isinstance(controls, Mapping):
        asked = {str(name): _columns(value) for name, value in controls.items()}
    else:
        asked = dict.fromkeys(caused, _columns(controls))
    for name in asked:
        if name not in model.constructs:
            raise ModelError(f"controls: {name!r} is not a construct{suggest(name, model.constructs)}")
        if name not in caused:
            raise ModelError(
                f"controls: {name!r} has no causes in the model, so there is no equation that a control could enter"
            )
    taken = {*model.constructs, *(item.name for item in model.items)}
    for column in dict.fromkeys(column for columns in asked.values() for column in columns):
        if column in taken:
            raise SettingsError(
                f"controls: {column!r} is the name of a construct or an item of the model; a control is a column that"
                " stands beside the model (rename the column if it only shares the name)"
            )
    return FrozenDict({name: columns for name, columns in asked.items() if columns}) or None


def _columns(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(name, str) for name in value):
        raise SettingsError(
            "controls must be a list of columns, ['age', 'tenure'], or columns for single constructs,"
            f" {{'satisfaction': ['age']}}; not {value!r}"
        )
    return tuple(dict.fromkeys(value))


@dataclass(frozen=True)
class _Kind:
    """What a column becomes: itself (no levels), or a dummy for every level but the reference."""

    levels: tuple[Any, ...] = ()
    reference: Any = None


def with_controls(
    blueprint: Blueprint, controls: Mapping[str, tuple[str, ...]], opened: frames.Table | None, by: Sequence[str] = ()
) -> Blueprint:
    """Add the controls of a study to a blueprint, as the data have them; as plain numbers where there are no data.

    Raises
    ------
    DataError
        Naming at once every column that is missing, constant, or divides the groups.
    """
    names = list(dict.fromkeys(column for columns in controls.values() for column in columns))
    kinds = dict.fromkeys(names, _Kind())
    if opened is not None:
        problems = frames.missing_columns(opened, names, "control")
        problems += [f"control {name!r} divides the groups, so it is constant in each" for name in names if name in by]
        if not problems:
            kinds = {name: _kind(opened.column(name)) for name in names}
            problems = [
                f"control {name!r} does not vary" for name in names if kinds[name] is None or _constant(opened, name)
            ]
        if problems:
            raise DataError(listing(problems, "the controls cannot be used"))
    found = []
    for name in names:
        effects = tuple(blueprint.position(construct) for construct, columns in controls.items() if name in columns)
        kind = kinds[name]
        found += [
            Control(name if level is None else f"{name}={level}", name, level, kind.reference, effects)
            for level in (kind.levels or (None,))
        ]
    return replace(blueprint, controls=tuple(found))


def _constant(opened: frames.Table, name: str) -> bool:
    return opened.column(name).dropna().nunique() < 2


def _kind(series: pd.Series) -> _Kind:
    """Numbers and truth values enter as they are; text and categories as dummies against the first level."""
    if pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_bool_dtype(series.dtype):
        return _Kind()
    if isinstance(series.dtype, pd.CategoricalDtype):
        levels = list(series.cat.remove_unused_categories().cat.categories)
    else:
        given = series.dropna()
        if all(isinstance(value, (int, float, np.number, np.bool_)) for value in given):
            return _Kind()
        levels = sorted(given.unique(), key=lambda value: (str(type(value)), value))
    plain = tuple(level.item() if isinstance(level, np.generic) else level for level in levels)
    return _Kind(plain[1:], plain[0]) if len(plain) > 1 else _Kind()


def values(opened: frames.Table, controls: Sequence[Control]) -> Floats:
    """Values of the controls `(c, rows)`, blanks as NaN."""
    found = np.empty((len(controls), len(opened)))
    for row, control in zip(found, controls, strict=True):
        if control.level is None:
            row[:] = frames.numbers(opened, [control.column], "control")[0]
        else:
            series = opened.column(control.column)
            row[:] = np.where(series.isna(), np.nan, (series == control.level).to_numpy(dtype=float, na_value=0.0))
    return found
