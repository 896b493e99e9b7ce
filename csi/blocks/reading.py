"""Read answers by a `Model`, a mapping of blocks to columns, a list of columns, or every column of numbers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from csi import frames
from csi.blocks.answers import Arrays, Bools, Floats, Group, Scale
from csi.blocks.drawn import drawn
from csi.design import Design
from csi.errors import DataError, SettingsError, listing
from csi.spec.model import Model

ModelLike = Model | Mapping[str, Sequence[str]] | Sequence[str] | str | None


def read(
    data: Any,
    model: ModelLike = None,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    scale: Scale | None = None,
    turn: bool = True,
    leave_out: Sequence[str] = (),
) -> Arrays:
    """Open a table and read the items of a model, of blocks, of a list, or every column of numbers.

    Parameters
    ----------
    data : DataFrame (pandas, polars, Arrow) or mapping of columns.
    model : Model, {block: [columns]}, [columns] or None
    by : column or columns that divide the cases into groups.
    design : Design naming weights, strata, clusters.
    scale : (low, high) of items whose scale the model does not tell.
    turn : whether reversed items are turned, low + high - answer.
    leave_out : columns that are no items where no items were named.

    Raises
    ------
    DataError
        Naming at once every column that is missing, doubled or no number.

    Examples
    --------
    >>> answers = read({"q1": [1, 2, 3], "q2": [2, 4, 99], "wave": ["a", "a", "b"]}, by="wave")
    >>> answers.names, [group.label for group in answers.groups]
    (('q1', 'q2'), [('a',), ('b',)])
    """
    opened = frames.table(data)
    aside = {*(() if by is None else (by,) if isinstance(by, str) else by), *(design.columns if design else ())}
    aside |= set(leave_out)
    blocks = _blocks(model, opened, aside)
    names = tuple(dict.fromkeys(name for members in blocks.values() for name in members))
    _check_once(blocks)
    values = frames.numbers(opened, names).T
    details = _details(model, names, scale)
    values = np.where(_unknown(values, details), np.nan, values)
    turned = tuple(name for name, (_, reverse, _) in zip(names, details, strict=True) if reverse) if turn else ()
    values = _turned(values, names, details, turned)
    cases = drawn(opened, design)
    repeat = cases.rows
    partition = frames.partition(opened, by)
    codes = partition.codes[repeat]
    groups = tuple(Group(_label(each), codes == code) for code, each in enumerate(partition.labels))
    at = {name: j for j, name in enumerate(names)}
    return Arrays(
        values=values[repeat],
        names=names,
        blocks={block: tuple(at[name] for name in members) for block, members in blocks.items()},
        scales=tuple(range_ for range_, _, _ in details),
        turned=turned,
        index=opened.index[repeat],
        weights=cases.weights,
        by=partition.names,
        groups=groups,
        laid=cases.laid,
        named=isinstance(model, (Model, Mapping)),
        single_psu=design.single_psu if design else "error",
        replicates=cases.replicates,
        design_df=design.df if design else None,
        labels=_construct_labels(model),
    )


def _construct_labels(model: ModelLike) -> dict[str, dict[str, str]]:
    """Printed names of a Model's constructs; items are printed by their own names."""
    if not isinstance(model, Model):
        return {}
    english, chinese = model.labels("en"), model.labels("zh")
    items = {item.name for item in model.items}
    return {name: {"en": english[name], "zh": chinese[name]} for name in model.constructs if name not in items}


def _label(label: Any) -> tuple[Hashable, ...]:
    return label if isinstance(label, tuple) else (label,)


def _blocks(model: ModelLike, opened: frames.Table, aside: set[str]) -> dict[str, list[str]]:
    """Names of the items of every block."""
    if isinstance(model, Model):
        return {name: [i.name for i in block.items] for name, block in model.constructs.items() if block.items}
    if isinstance(model, Mapping):
        empty = [f"block {block!r} names no items" for block, members in model.items() if not list(members)]
        if empty:
            raise DataError(listing(empty, "the blocks cannot be read"))
        return {str(b): [members] if isinstance(members, str) else list(members) for b, members in model.items()}
    if isinstance(model, str):
        return {"all": [model]}
    if model is not None:
        return {"all": [str(getattr(item, "name", item)) for item in model]}
    return {"all": [name for name in opened.columns if name not in aside and _numeric(opened, name)]}


def _numeric(opened: frames.Table, name: str) -> bool:
    """Whether a column holds numbers; a doubled name is left to the reader, which refuses it."""
    if opened.columns.count(name) > 1:
        return True
    return bool(pd.api.types.is_numeric_dtype(opened.column(name).dtype))


def _check_once(blocks: Mapping[str, Sequence[str]]) -> None:
    every = [name for members in blocks.values() for name in members]
    if not every:
        raise DataError('there is no column of numbers in the data; name the items: ["q1", "q2"]')
    twice = sorted({name for name in every if every.count(name) > 1})
    if twice:
        problems = [f"item {name!r} is named {every.count(name)} times; name it once" for name in twice]
        raise DataError(listing(problems, "the blocks cannot be read"))


Detail = tuple[Scale | None, bool, tuple[float, ...]]


def _details(model: ModelLike, names: Sequence[str], scale: Scale | None) -> list[Detail]:
    """Scale, whether reversed, and unknown codes of every item."""
    if scale is not None and not (len(scale) == 2 and scale[0] < scale[1]):
        raise SettingsError(f"scale must be (low, high) with low < high, such as (1, 10); not {scale!r}")
    if not isinstance(model, Model):
        return [(scale, False, ())] * len(names)
    known = {item.name: item for item in model.items}
    found: list[Detail] = []
    for name in names:
        item, ends = known[name], model.scale_of(known[name])
        found.append((scale if ends is None else (ends.low, ends.high), item.reversed, item.unknown))
    return found


def _unknown(values: Floats, details: Sequence[Detail]) -> Bools:
    return np.stack([np.isin(values[:, j], codes) for j, (_, _, codes) in enumerate(details)], axis=1)


def _turned(values: Floats, names: Sequence[str], details: Sequence[Detail], turned: Sequence[str]) -> Floats:
    """Turn reversed items on their scale."""
    values, problems = values.copy(), []
    for name in turned:
        j = names.index(name)
        ends = details[j][0]
        if ends is None:
            problems.append(f"item {name!r} is reversed but has no scale")
        else:
            values[:, j] = sum(ends) - values[:, j]
    if problems:
        raise DataError(listing(problems, "items cannot be turned; give scale=(low, high)"))
    return values
