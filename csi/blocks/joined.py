"""The same result for every group, joined: each table with the group as its first row level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

import pandas as pd

from csi.blocks.answers import Arrays, Group, keys, said_doubt
from csi.blocks.said import Said, chinese

Result = TypeVar("Result", bound=Any)


def each_group(answers: Arrays, make: Callable[[Group], Result]) -> Result:
    """Make a result of every group and join them; without groups the one result as it is.

    Tables are put under each other, one-row notes (Series) become rows, doubts are told with their group, and
    `groups` keeps the result of every group by its label.
    """
    found = [make(group) for group in answers.groups]
    if not answers.by:
        return found[0]
    labels, names = keys(answers), list(answers.by)
    changes: dict[str, Any] = {"groups": dict(zip(labels, found, strict=True))}
    for each in fields(found[0]):
        parts = [getattr(result, each.name) for result in found]
        if each.name == "doubts":
            wheres = [answers.where(group) for group in answers.groups]
            told = zip(wheres, parts, strict=True)
            changes["doubts"] = tuple(said_doubt(doubt, where) for where, doubts in told for doubt in doubts)
        elif isinstance(parts[0], pd.DataFrame):
            changes[each.name] = _under_each_other(parts, labels, names)
        elif isinstance(parts[0], pd.Series):
            index = (
                pd.MultiIndex.from_tuples(labels, names=names) if len(names) > 1 else pd.Index(labels, name=names[0])
            )
            changes[each.name] = pd.DataFrame(parts).set_axis(index)
        elif isinstance(parts[0], (int, float)):
            changes[each.name] = pd.Series(dict(zip(labels, parts, strict=True))).rename_axis(names)
    return replace(found[0], **changes)


def _under_each_other(parts: list[pd.DataFrame], labels: list[Any], names: list[str]) -> pd.DataFrame:
    """Tables of all groups in one; what they say about themselves is that of the first unless they differ."""
    whole = pd.concat(parts, keys=labels, names=[*names, *parts[0].index.names])
    notes = dict(parts[0].attrs)
    whole.attrs = {name: note for name, note in notes.items() if name != "missing" or _same(parts, name)}
    if "missing" in notes and "missing" not in whole.attrs:
        whole.attrs["missing"] = _every(parts, labels)
    return whole


def _same(parts: list[pd.DataFrame], name: str) -> bool:
    return all(part.attrs.get(name) == parts[0].attrs[name] for part in parts)


def _every(parts: list[pd.DataFrame], labels: list[Any]) -> str:
    """The treatment of missing answers, group by group."""
    told = [(label if not isinstance(label, tuple) else "/".join(map(str, label)), part.attrs["missing"])
            for label, part in zip(labels, parts, strict=True)]  # fmt: skip
    return Said("; ".join(f"{label}: {note}" for label, note in told),
                "；".join(f"{label}：{chinese(note)}" for label, note in told))  # fmt: skip
