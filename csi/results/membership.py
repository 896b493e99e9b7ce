"""Who belongs where and weighs what: the arguments of an aggregation, read and held against the groups of a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import DataError, SettingsError, listing, suggest
from csi.models import aggregation
from csi.numerics.solve import Floats
from csi.results import weighing
from csi.results.core import Core
from csi.results.joint import Joint
from csi.results.members import Members
from csi.results.waves import Waves, waves_of
from csi.results.weighing import Weighing


@dataclass(frozen=True, eq=False)
class Said:
    """Arguments that hang together, read."""

    unit: str
    times: tuple[str, ...]
    levels: tuple[str, ...]
    weights: Mapping[str, Weighing]
    table: pd.DataFrame | None
    rule: aggregation.Rule | None

    @classmethod
    def read(cls, weights: Any, table: Any, levels: Any, rule: str | None, unit: str | None, core: Core) -> Said:
        """Hold the arguments of `csi.aggregate` against each other and against the columns of the groups."""
        by = core.by
        ruled = None if rule is None else aggregation.rule(rule)
        named = unit or by[0]
        if named not in by:
            raise SettingsError(f"unit={named!r} is not a column of by={list(by)}{suggest(named, by)}")
        chosen = (
            (levels,)
            if isinstance(levels, str)
            else tuple(levels if levels is not None else ruled.levels if ruled else ())
        )
        times = tuple(name for name in by if name != named and name not in chosen)
        if hasattr(weights, "columns"):
            if table is not None:
                raise SettingsError("give the table once: csi.aggregate(fit, 'revenue', table=table)")
            table, weights = weights, None
        opened = None if table is None else weighing.open_table(table, named, by)
        if weights is None and opened is not None and ruled is None:
            weights = weighing.only_column(opened, [named, *times, *chosen])
        by_level = _by_level(weights, named, chosen, ruled)
        return cls(named, times, chosen, by_level, opened, ruled)


def _by_level(weights: Any, unit: str, levels: tuple[str, ...], rule: aggregation.Rule | None) -> dict[str, Weighing]:
    """Weights of the units and of the levels that have their own."""
    found: dict[str, Weighing] = {}
    if rule is not None:
        found = {unit if level == rule.unit else level: column for level, column in rule.weights.items()}
    if isinstance(weights, Mapping) and unit in weights and set(weights) <= {unit, *levels}:
        found |= dict(weights)
    elif weights is not None:
        found[unit] = weights
    for level, said in found.items():
        if not isinstance(said, str | Mapping | pd.Series):
            raise SettingsError(
                f"weights of {level} are numbers by label, such as {{'A': 5, 'B': 3}} or a pandas Series, or the name"
                f" of a column; not {type(said).__name__}"
            )
    if unit not in found:
        raise SettingsError(
            f"what does each {unit} count? weights='revenue' names a column, weights={{...}} gives numbers by {unit};"
            f" 'equal' and 'cases' need none; csi.models.rules() lists those of published indices"
        )
    # A level that names the column of its parts weighs as much as they do together.
    return {level: said for level, said in found.items() if level == unit or not _same(said, found[unit])}


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one == other


def members(said: Said, joint: Joint, whole: str) -> tuple[Members, list[Any]]:
    """Units, weights and levels as arrays, and units that only the weights know."""
    core = joint.core
    labels = [label if isinstance(label, tuple) else (label,) for label in core.labels]
    at, later = core.by.index(said.unit), [core.by.index(name) for name in said.times]
    units = tuple(dict.fromkeys(label[at] for label in labels))
    moments = tuple(dict.fromkeys(tuple(label[i] for i in later) for label in labels))
    group = np.full((len(units), len(moments)), -1)
    for g, label in enumerate(labels):
        cell = units.index(label[at]), moments.index(tuple(label[i] for i in later))
        if group[cell] >= 0:
            raise SettingsError(
                f"{said.unit} {label[at]!r} has several groups at once; name the other columns as levels="
            )
        group[cell] = g
    source = weighing.Source(core, said.unit, said.times, units, moments, group, said.table)
    if whole in (said.unit, *said.levels):
        raise SettingsError(f"whole={whole!r} is also a level; call the whole otherwise")
    weight = source.weights(said.weights[said.unit])
    parents = {level: _parents(source, level) for level in said.levels}
    _check_nested(said.levels, parents)
    parents[whole] = (whole,) * len(units)
    own = {
        level: _own(source, level, parents[level], said.weights[level])
        for level in said.levels
        if level in said.weights
    }
    lost = np.asarray(~np.isfinite(joint.values).all(axis=1))
    live = np.where((group >= 0) & ~lost[group], group, -1)
    found = Members(said.unit, units, moments, live, weight, len(core.labels), (*said.levels, whole), parents, own)
    return found, _unknown(source, said.weights[said.unit])


def _unknown(source: weighing.Source, said: Weighing) -> list[Any]:
    """Units that have a weight and no group."""
    if isinstance(said, str) and (said in weighing.WORDS or source.table is None or said not in source.table.columns):
        return []
    names = [key[0] if isinstance(key, tuple) and key not in source.units else key for key in source.given(said)]
    return [name for name in dict.fromkeys(names) if name not in source.units]


def _parents(source: weighing.Source, level: str) -> tuple[Any, ...]:
    """What each unit belongs to, the same in every wave."""
    found: dict[Any, list[Any]] = {unit: [] for unit in source.units}
    for key, label in source.values(level).items():
        unit = key if key in found else key[0] if isinstance(key, tuple) else key
        if unit in found and not pd.isna(label) and label not in found[unit]:
            found[unit].append(label)
    problems = [
        f"{unit!r} belongs to no {level}" if not labels else f"{unit!r} belongs to {labels[0]!r} and to {labels[1]!r}"
        for unit, labels in found.items()
        if len(labels) != 1
    ]
    if problems:
        raise DataError(listing(problems[:12], f"every {source.unit} belongs to one {level}, whatever the wave"))
    return tuple(labels[0] for labels in found.values())


def _check_nested(levels: tuple[str, ...], parents: Mapping[str, tuple[Any, ...]]) -> None:
    """Refuse a lower label that stands in two higher ones."""
    for low, high in pairwise(levels):
        above: dict[Any, Any] = {}
        for one, two in zip(parents[low], parents[high], strict=True):
            if above.setdefault(one, two) != two:
                raise DataError(
                    f"{low} {one!r} lies in {high} {above[one]!r} and in {two!r}; levels must nest, lowest first"
                )


def _own(source: weighing.Source, level: str, parents: tuple[Any, ...], said: Weighing) -> dict[Any, Floats]:
    """Weights `(T,)` of the parts of a level: given by label, or a column that is one value for all units of a part."""
    labels = tuple(dict.fromkeys(parents))
    size = len(source.moments)
    if isinstance(said, str) and said == "equal":
        return {label: np.ones(size) for label in labels}
    if isinstance(said, str):
        by_unit = source.weights(said)
        found = {}
        for label in labels:
            rows = by_unit[[i for i, parent in enumerate(parents) if parent == label]]
            low, high = _ends(rows)
            if said != "cases" and (high > low * (1 + 1e-12)).any():
                raise DataError(f"{said!r} must be one number for all units of {level} {label!r}")
            found[label] = np.nansum(rows, axis=0) if said == "cases" else high
        return found
    given = weighing.numbers(dict(said.items()), "weight", len(source.times))
    named = {key[0] if isinstance(key, tuple) and key not in labels else key for key in given}
    problems = [
        f"{level} {name!r} has a weight and no units{suggest(str(name), map(str, labels))}"
        for name in named
        if name not in labels
    ]
    problems += [f"{level} {label!r} has no weight" for label in labels if label not in named]
    if problems:
        raise DataError(listing(problems, f"the weights do not cover every {level}"))
    return {label: np.array([weighing.number(given, label, moment) for moment in source.moments]) for label in labels}


def _ends(rows: Floats) -> tuple[Floats, Floats]:
    """Least and largest weight at every wave; 0 where nobody has one."""
    known = np.isfinite(rows)
    low = np.where(known, rows, np.inf).min(axis=0)
    return np.where(np.isinf(low), 0.0, low), np.where(known, rows, 0.0).max(axis=0)


def waves(core: Core, said: Said, order: Sequence[Any] | None) -> Waves | None:
    """The order of time, where one column of `by` has the waves."""
    if len(said.times) != 1:
        if order is not None:
            raise SettingsError("order= puts waves in order, and the fit has no column of waves")
        return None
    at = core.by.index(said.times[0])
    return waves_of(core, said.times[0], [label[at] for label in core.labels], order)
