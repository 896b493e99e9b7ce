"""Second orders in two stages: scores of the parts first, then the whole measured by them.

References
----------
Ringle, C. M., Sarstedt, M., & Straub, D. W. (2012). A critical look at the use of PLS-SEM in MIS Quarterly. MISQ 36.
Sarstedt, M., Hair, J. F., Cheah, J.-H., Becker, J.-M., & Ringle, C. M. (2019). How to specify, estimate, and validate
    higher-order constructs in PLS-SEM. Australasian Marketing Journal 27, 197-211.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.errors import ModelError
from csi.methods.estimates import Solution
from csi.numerics import pls
from csi.numerics.solve import Floats

HigherOrder = Literal["repeated", "two-stage", "embedded"]
Iterate = Callable[[Floats, Sequence[pls.Outer], NDArray[np.bool_], Floats | None], pls.Weights]


@dataclass(frozen=True, eq=False)
class Column:
    """One item of a stage: an item slot, or the score of a construct."""

    construct: int
    slot: int | None = None


def wholes(blueprint: Blueprint) -> dict[int, list[int]]:
    """Positions of the parts of every construct of second order."""
    model = blueprint.model
    return {
        blueprint.position(name): [blueprint.position(part) for part in model.constructs[name].of]
        for name in blueprint.constructs
        if model.constructs[name].of
    }


def check(blueprint: Blueprint) -> None:
    """Refuse third orders.

    Raises
    ------
    ModelError
    """
    known = wholes(blueprint)
    for whole, parts in known.items():
        deep = [blueprint.constructs[part] for part in parts if part in known]
        if deep:
            raise ModelError(
                f"two stages estimate a second order, and {blueprint.constructs[whole]!r} is of third order: its part"
                f" {deep[0]!r} has parts; use higher_order='repeated'"
            )


def arranged(blueprint: Blueprint) -> Blueprint:
    """The blueprint whose arrows are structural: a whole with causes of its own is not regressed on its parts."""
    arrows = blueprint.arrows.copy()
    for whole, parts in wholes(blueprint).items():
        if blueprint.model.constructs[blueprint.constructs[whole]].kind == "composite":
            if set(np.flatnonzero(arrows[:, whole]).tolist()) - set(parts):
                arrows[parts, whole] = False
        else:
            for part in parts:
                if arrows[:, part].sum() > 1:
                    arrows[whole, part] = False
    return replace(blueprint, arrows=arrows)


def solve(
    blueprint: Blueprint,
    s: Floats,
    outer: Sequence[pls.Outer],
    own: dict[int, pls.Outer],
    kind: HigherOrder,
    iterate: Iterate,
    start: Floats | None,
) -> Solution:
    """Weights of every slot: those of a whole are the weights of its parts times those of the parts' items.

    Parameters
    ----------
    s : array (m, m, B)
        Correlations of the slots.
    outer : one `Outer` a construct
        As under repeated indicators.
    own : Outer of every whole
        How its parts are weighted.
    iterate : callable
        From a matrix, blocks, arrows and a start to weights.
    """
    known = wholes(blueprint)
    first, found = _first_stage(blueprint, s, outer, known, kind, iterate, start)
    columns, blocks, members = _second_items(blueprint, known, kind, outer, own)
    lift = _lift(blueprint, columns, first)
    shared = np.einsum("imb,mnb->inb", lift, s)
    s2 = np.einsum("inb,jnb->ijb", shared, lift)
    begun = None if start is None else _second_start(blueprint, columns, first, start, known)
    second = iterate(s2, blocks, _structural(blueprint, known)[np.ix_(members, members)], begun)
    weights = first.copy()
    for row, column in enumerate(columns):
        if column.slot is not None:
            weights[column.slot] = second.values[row]
    for block, whole in zip(blocks, members, strict=True):
        if whole in known:
            parts = [first[blueprint.blocks[part]] for part in known[whole]]
            times = second.values[block.block]
            weights[blueprint.blocks[whole]] = np.concatenate([w * t for w, t in zip(parts, times, strict=True)])
        elif kind == "embedded":
            weights[blueprint.blocks[whole]] = first[blueprint.blocks[whole]] * second.values[block.block]
    iterations = np.maximum(found.iterations, second.iterations)
    return Solution(weights, iterations, found.converged & second.converged)


def _structural(blueprint: Blueprint, known: dict[int, list[int]]) -> NDArray[np.bool_]:
    """Arrows that are not the links of a second order."""
    arrows = blueprint.arrows.copy()
    said = {(path.cause, path.effect) for path in blueprint.model.paths}
    for whole, parts in known.items():
        for part in parts:
            for cause, effect in ((part, whole), (whole, part)):
                if (blueprint.constructs[cause], blueprint.constructs[effect]) not in said:
                    arrows[cause, effect] = False
    return arrows


def _first_stage(
    blueprint: Blueprint,
    s: Floats,
    outer: Sequence[pls.Outer],
    known: dict[int, list[int]],
    kind: HigherOrder,
    iterate: Iterate,
    start: Floats | None,
) -> tuple[Floats, pls.Weights]:
    """Weights `(m, B)` of scores of variance one; those of wholes are blank where the stage has none."""
    structural = _structural(blueprint, known)
    if kind == "embedded":
        arrows = structural.copy()
        for whole, parts in known.items():
            if blueprint.model.constructs[blueprint.constructs[whole]].kind == "composite":
                arrows[parts, whole] = True
            else:
                arrows[whole, parts] = True
        found = iterate(s, outer, arrows, start)
        return found.values, found
    # Every arrow of a whole becomes one of each of its parts.
    arrows = structural.copy()
    for whole, parts in known.items():
        for part in parts:
            arrows[part] |= arrows[whole]
            arrows[:, part] |= arrows[:, whole]
    kept = [j for j in range(len(blueprint.constructs)) if j not in known]
    slots = np.concatenate([np.arange(blueprint.blocks[j].start, blueprint.blocks[j].stop) for j in kept])
    moved, at = [], 0
    for j in kept:
        size = blueprint.blocks[j].stop - blueprint.blocks[j].start
        moved.append(outer[j]._replace(block=slice(at, at + size)))
        at += size
    begun = None if start is None else start[slots]
    found = iterate(s[np.ix_(slots, slots)], moved, arrows[np.ix_(kept, kept)], begun)
    weights = np.full(s.shape[1:], np.nan)
    weights[slots] = found.values
    return weights, found


def _second_items(
    blueprint: Blueprint,
    known: dict[int, list[int]],
    kind: HigherOrder,
    outer: Sequence[pls.Outer],
    own: dict[int, pls.Outer],
) -> tuple[list[Column], list[pls.Outer], list[int]]:
    """Columns of the second stage, its blocks, and the constructs that they measure."""
    parts = {part for members in known.values() for part in members}
    structural = _structural(blueprint, known)
    columns: list[Column] = []
    blocks, members = [], []
    for j in range(len(blueprint.constructs)):
        if j in parts and not (structural[j].any() or structural[:, j].any()):
            continue
        begin = len(columns)
        if j in known:
            columns += [Column(part) for part in known[j]]
            block = own[j]
        elif kind == "embedded":
            columns.append(Column(j))
            block = pls.Outer(slice(0, 1), "A")
        else:
            columns += [Column(j, slot) for slot in range(blueprint.blocks[j].start, blueprint.blocks[j].stop)]
            block = outer[j]
        blocks.append(block._replace(block=slice(begin, len(columns))))
        members.append(j)
    return columns, blocks, members


def _lift(blueprint: Blueprint, columns: list[Column], first: Floats) -> Floats:
    """What every column of the second stage is made of, `(columns, m, B)`."""
    found = np.zeros((len(columns), *first.shape))
    for row, column in enumerate(columns):
        if column.slot is not None:
            found[row, column.slot] = 1
        else:
            block = blueprint.blocks[column.construct]
            found[row, block] = first[block]
    return found


def _second_start(
    blueprint: Blueprint, columns: list[Column], first: Floats, start: Floats, known: dict[int, list[int]]
) -> Floats:
    """Where the second stage begins: weights of the items, and of the parts within their whole."""
    owner = {part: whole for whole, parts in known.items() for part in parts}
    begun = np.ones((len(columns), first.shape[1]))
    for row, column in enumerate(columns):
        if column.slot is not None:
            begun[row] = start[column.slot]
        elif column.construct in owner:
            whole = owner[column.construct]
            offset = 0
            for part in known[whole]:
                size = blueprint.blocks[part].stop - blueprint.blocks[part].start
                if part == column.construct:
                    at = blueprint.blocks[whole].start + offset
                    w = first[blueprint.blocks[part]]
                    begun[row] = (start[at : at + size] * w).sum(axis=0) / (w**2).sum(axis=0)
                offset += size
    return begun
