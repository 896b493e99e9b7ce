"""Doubts about the scales of the items: answers that do not fit the codes that were declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint
from csi.numerics.solve import Floats
from csi.sample import Sample
from csi.spec import Scale
from csi.spec.write import scale_text

#: (code, subject, value, limit, message, remedy)
Finding: TypeAlias = tuple[str, str, float, float, str, str]
#: Scales that questionnaires use, narrowest first.
USUAL = (Scale(0, 1), Scale(1, 5), Scale(1, 7), Scale(1, 10), Scale(0, 10), Scale(0, 100))
#: Codes that survey tools write where nothing was answered.
BLANK_CODES = (-99, -98, -97, -77, -9, -8, -7, -3, -2, -1, 77, 88, 97, 98, 99, 777, 888, 998, 999)
#: On a short scale these are such codes too, unless answers lie between them and the scale.
SHORT_CODES = (8, 9)
#: Below this many answers an unused half of a scale is chance.
ENOUGH = 30
#: An item whose answers span less than this share of its block's widest item has another scale.
SPAN = 0.55
#: Answers outside the scale that are no more than this share of an item are slips of typing, not another scale.
SLIPS = 0.02


@dataclass(frozen=True, eq=False)
class Passed:
    """What went by in a pass over answers, in place of the answers: facts, and codes outside their scale by item."""

    blueprint: Blueprint
    facts: pd.DataFrame
    n_cases: float
    outside: Mapping[str, Mapping[float, int]]


Answers: TypeAlias = Sample | Passed


def scale_findings(sample: Answers) -> Iterator[Finding]:
    """Answers outside their scale, left-over codes, unused halves, unequal ranges."""
    facts = sample.facts
    left = list(_left_codes(sample, facts))
    yield from (finding for finding, _ in left)
    outside = {name for _, names in left for name in names}
    for finding, names in _outside(sample, facts, outside):
        yield finding
        outside |= set(names)
    if sample.n_cases < ENOUGH:
        return
    for finding, names in _narrower(sample, facts, outside):
        yield finding
        outside |= set(names)
    for construct in sample.blueprint.plain.constructs:
        block = [item.name for item in sample.blueprint.model.constructs[construct].items if item.name not in outside]
        if block:
            yield from _block(sample, facts.loc[block], construct, block)


def _left_codes(sample: Answers, facts: pd.DataFrame) -> Iterator[tuple[Finding, list[str]]]:
    """Codes such as 99 that stand for no answer and were left among the answers."""
    hits: dict[float, dict[str, int]] = {}
    for row, (name, low, high, scale) in enumerate(_items(sample, facts)):
        for code in _suspects(sample, row, low, high, scale):
            hits.setdefault(code, {})[name] = _times(sample, row, code)
    for code, where in sorted(hits.items()):
        names, times = list(where), sum(where.values())
        shown = ", ".join(names[:6]) + (" and others" if len(names) > 6 else "")
        verb = "hold" if len(names) > 1 else "holds"
        yield (
            "left_code", ", ".join(names), float(code), float("nan"),
            f"{shown} {verb} the code {code:g} in {times:,} answer{'s' * (times != 1)}, far from the others",
            f"If it means no answer, say so: csi.Item({names[0]!r}, unknown=({code:g},))"
            if names[0] in sample.blueprint.item_names
            else f"If it means no answer, leave {names[0]!r} blank in the data",
        ), names  # fmt: skip


def _suspects(sample: Answers, row: int, low: float, high: float, scale: Scale | None) -> list[float]:
    """Codes of an item that mean no answer: outside its scale or, without one, far from every other answer."""
    if scale is None:
        if isinstance(sample, Passed):
            # A pass keeps no codes of an item without a scale.
            return []
        return [code for code in sorted({low, high} & set(BLANK_CODES)) if _stands_apart(sample.codes[row], code)]
    if not (low < scale.low or high > scale.high):
        return []
    outside = _beyond(sample, row, scale)
    return outside if set(outside) <= set(SHORT_CODES) else [code for code in outside if code in BLANK_CODES]


def _times(sample: Answers, row: int, code: float) -> int:
    """How often an item was answered with a code."""
    if isinstance(sample, Passed):
        return sample.outside.get(sample.blueprint.item_names[row], {}).get(code, 0)
    return int((sample.codes[row] == code).sum())


def _beyond(sample: Answers, row: int, scale: Scale) -> list[float]:
    """Codes of an item outside its scale."""
    if isinstance(sample, Passed):
        seen = sample.outside.get(sample.blueprint.item_names[row], {})
        return sorted(code for code in seen if not scale.low <= code <= scale.high)
    answers = sample.codes[row]
    beyond: list[float] = np.unique(answers[(answers < scale.low) | (answers > scale.high)]).tolist()
    return beyond


def _stands_apart(answers: Floats, code: float) -> bool:
    """Whether a code lies further from the other answers than they from each other."""
    others = answers[np.isfinite(answers) & (answers != code)]
    if not len(others):
        return False
    width = float(others.max() - others.min())
    return bool(min(abs(code - others.min()), abs(code - others.max())) > max(width, 1.0))


def _outside(sample: Answers, facts: pd.DataFrame, known: set[str]) -> Iterator[tuple[Finding, list[str]]]:
    """Answers outside the declared scale; one doubt for all items that another usual scale would fit."""
    wrong = [
        (name, low, high, scale)
        for name, low, high, scale in _items(sample, facts)
        if scale is not None and (low < scale.low or high > scale.high) and name not in known
    ]
    groups: dict[tuple[Scale, Scale | None], list[tuple[str, float, float]]] = {}
    for name, low, high, scale in wrong:
        groups.setdefault((scale, _fitting(low, high)), []).append((name, low, high))
    for (scale, better), members in groups.items():
        names = [name for name, _, _ in members]
        slips = [_slips(sample, name, scale) for name in names]
        if all(slips) and not _near(scale, better):
            yield from ((_slipped(name, codes, scale), [name]) for name, codes in zip(names, slips, strict=True))
            continue
        low, high = min(m[1] for m in members), max(m[2] for m in members)
        remedy = (
            f"They fit {scale_text(better)}: {_mend(names, better)}"
            if better
            else (f"Mend the answers, or declare the scale that was asked: {_mend(names, Scale(low, high))}")
        )
        yield (
            "outside_scale", ", ".join(names), high if high > scale.high else low,
            float(scale.high if high > scale.high else scale.low),
            f"{_shown(names)} {'hold' if len(names) > 1 else 'holds'} answers from {low:g} to {high:g}"
            f" on a scale of {scale_text(scale)}",
            remedy,
        ), names  # fmt: skip


def _near(scale: Scale, better: Scale | None) -> bool:
    """Whether another usual scale is close enough to have been meant."""
    return better is not None and better.high - better.low <= 2 * (scale.high - scale.low)


def _slips(sample: Answers, name: str, scale: Scale) -> dict[float, int]:
    """Codes outside the scale that hardly anybody gave, and how often; none where they are many."""
    row = sample.blueprint.item_names.index(name) if name in sample.blueprint.item_names else -1
    if row < 0 or sample.n_cases < ENOUGH:
        return {}
    times = {code: _times(sample, row, code) for code in _beyond(sample, row, scale)}
    return times if sum(times.values()) <= max(1.0, SLIPS * sample.n_cases) else {}


def _slipped(name: str, codes: dict[float, int], scale: Scale) -> Finding:
    """The doubt that some answers were mistyped."""
    furthest = max(codes, key=lambda code: abs(code - (scale.low + scale.high) / 2))
    shown = ", ".join(f"{code:g}" for code in list(codes)[:5]) + (", ..." if len(codes) > 5 else "")
    times = sum(codes.values())
    blank = f"data[{name!r}].where(data[{name!r}].between({scale.low:g}, {scale.high:g}))"
    return (
        "outside_scale", name, furthest, float(scale.high if furthest > scale.high else scale.low),
        f"{name} holds {times:,} answer{'s' * (times != 1)} outside its scale of {scale_text(scale)}: {shown}",
        f"Correct what was mistyped, or leave it blank: data[{name!r}] = {blank}",
    )  # fmt: skip


def _narrower(sample: Answers, facts: pd.DataFrame, known: set[str]) -> Iterator[tuple[Finding, list[str]]]:
    """All items on the model's scale stay within a narrower one that questionnaires use."""
    scale = sample.blueprint.model.scale
    names = [item.name for item in sample.blueprint.items if item.scale is None and item.name not in known]
    if scale is None or not names:
        return
    low, high = float(facts["low"][names].min()), float(facts["high"][names].max())
    better = _fitting(low, high)
    if better is not None and better.high < scale.high:
        yield (
            "narrower_scale", ", ".join(names), high, float(scale.high),
            f"no answer to any of the {len(names)} items on {scale_text(scale)} is above {high:g}; they fit"
            f" {scale_text(better)}",
            f"If that was asked: model.replace(scale=({better.low:g}, {better.high:g}))",
        ), names  # fmt: skip


def _block(sample: Answers, facts: pd.DataFrame, construct: str, names: list[str]) -> Iterator[Finding]:
    """A block that never uses its upper half, or whose items have visibly different ranges."""
    scales = {name: sample.blueprint.scales[sample.blueprint.item_names.index(name)] for name in names}
    declared = [scale for scale in scales.values() if scale is not None]
    low, high = float(facts["low"].min()), float(facts["high"].max())
    if len(declared) == len(names) and len(set(declared)) == 1:
        scale = declared[0]
        middle = (scale.low + scale.high) / 2
        if high <= middle:
            better = _fitting(low, high)
            yield (
                "upper_half_unused", construct, high, middle,
                f"no answer to {_shown(names)} is above {high:g} on a scale of {scale_text(scale)}",
                f"If {scale_text(better)} was asked: {_mend(names, better)}" if better and better != scale
                else "Check that the scale is the one that was asked",
            )  # fmt: skip
            return
    yield from _ranges(facts, construct, scales)


def _ranges(facts: pd.DataFrame, construct: str, scales: dict[str, Scale | None]) -> Iterator[Finding]:
    """Items on the same declared scale (or on none) of which one stays within a narrower one."""
    for scale in dict.fromkeys(scales.values()):
        same = [name for name, other in scales.items() if other == scale]
        span = (facts["high"] - facts["low"])[same]
        top = float(facts["high"][same].max())
        narrow = [name for name in same if span[name] < SPAN * span.max() and facts["high"][name] < SPAN * top]
        if narrow and span.max() > 1:
            better = _fitting(float(facts["low"][narrow].min()), float(facts["high"][narrow].max()))
            mend = _mend(narrow, better) if better else "give each item the scale it was asked on"
            yield (
                "unequal_ranges", ", ".join(narrow), float(span[narrow].max()), SPAN * float(span.max()),
                f"{_shown(narrow)} of {construct} {'stay' if len(narrow) > 1 else 'stays'} between"
                f" {facts['low'][narrow].min():g} and {facts['high'][narrow].max():g} where the others reach {top:g}",
                f"If they were asked on another scale: {mend}",
            )  # fmt: skip


def _items(sample: Answers, facts: pd.DataFrame) -> Iterator[tuple[str, float, float, Scale | None]]:
    # Controls have no scale.
    scales = [*sample.blueprint.scales, *([None] * len(sample.blueprint.controls))]
    yield from zip(facts.index, facts["low"].astype(float), facts["high"].astype(float), scales, strict=True)


def _fitting(low: float, high: float) -> Scale | None:
    """The narrowest usual scale that holds the answers."""
    return next((scale for scale in USUAL if scale.low <= low and high <= scale.high), None)


def _mend(names: list[str], scale: Scale) -> str:
    """The call that declares another scale."""
    first = f"csi.Item({names[0]!r}, scale=({scale.low:g}, {scale.high:g}))"
    return f"{first}, likewise the others" if len(names) > 1 else first


def _shown(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} others" if len(names) > 6 else "")
