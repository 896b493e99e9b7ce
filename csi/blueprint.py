"""From words to masks: a `Model` as the index arrays that numerics work on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csi.errors import ModelError, NotAvailable
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.spec import Item, Model, Scale


@dataclass(frozen=True)
class Control:
    """An observed column among the causes of some constructs.

    Parameters
    ----------
    name : str
        What its rows are called: the column, or `column=level` where the column is categorical.
    column : str
        Of the data.
    level, reference
        The level that the column of zeros and ones stands for, and the one it is held against; None for numbers.
    effects : tuple of int
        Positions of the constructs in whose equations it stands.
    """

    name: str
    column: str
    level: Any
    reference: Any
    effects: tuple[int, ...]


@dataclass(frozen=True)
class Interaction:
    """A product of two constructs among the causes, or the square of one.

    Parameters
    ----------
    name : str
        As it stands in the model: `image:quality`.
    construct : int
        Where it stands among the constructs of a blueprint.
    parts : (int, int)
        Positions of the two constructs.
    within : tuple of (int, int)
        For every slot of its block, which item of the first and which of the second construct are multiplied.
    """

    name: str
    construct: int
    parts: tuple[int, int]
    within: tuple[tuple[int, int], ...]

    @property
    def square(self) -> bool:
        """Whether a construct is multiplied by itself."""
        return self.parts[0] == self.parts[1]

    @property
    def pairs(self) -> NDArray[np.intp]:
        """`within` as an array `(q, 2)`."""
        return np.array(self.within, np.intp)

    @property
    def times(self) -> Floats:
        """How often every product stands among all products of two items: of a square, twice unless of one item."""
        return np.array([2.0 if self.square and i != j else 1.0 for i, j in self.within])


@dataclass(frozen=True, eq=False)
class Blueprint:
    """A model compiled: which item stands where, which construct causes which, how codes become points.

    A *slot* is one item in one construct. With a second order by repeated indicators an item fills several slots;
    without one, slots are items. Slots stand in the order of the constructs, so that a block is a slice.

    Interactions stand behind all constructs, and products of items behind all items: moments have one *column* an
    item and then one a product. What speaks of constructs and items alone works with the `plain` blueprint, whose
    positions are the same.

    Parameters
    ----------
    model : Model
    items : tuple of Item
        Every item once.
    constructs : tuple of str
    slots : int array (m,)
        The item of every slot.
    blocks : tuple of slice
        The slots of every construct.
    arrows : bool array (k, k)
        `arrows[cause, effect]`, the links of higher-order constructs included.
    controls : tuple of Control
        Observed causes, standing behind all constructs and, in the moments, behind all items.
    pairs : int array (q, 2)
        Items that are multiplied.
    interactions : tuple of Interaction
        Products of constructs, the last of `constructs`.
    """

    model: Model
    items: tuple[Item, ...]
    constructs: tuple[str, ...]
    slots: NDArray[np.intp]
    blocks: tuple[slice, ...]
    arrows: NDArray[np.bool_]
    controls: tuple[Control, ...] = ()
    pairs: NDArray[np.intp] = field(default_factory=lambda: np.zeros((0, 2), np.intp))
    interactions: tuple[Interaction, ...] = ()

    @property
    def item_names(self) -> list[str]:
        """Names of the items, in order."""
        return [item.name for item in self.items]

    @property
    def column_names(self) -> list[str]:
        """Names of the columns of the moments: the items, the controls, then products such as `IMAG1:CUEX1`."""
        names = self.item_names
        multiplied = [f"{names[i]}:{names[j]}" for i, j in self.pairs]
        return [*names, *(control.name for control in self.controls), *multiplied]

    @property
    def repeated(self) -> bool:
        """Whether some item fills several slots."""
        return len(self.plain.slots) != len(self.items)

    @cached_property
    def plain(self) -> Blueprint:
        """The blueprint without interactions."""
        if not self.interactions:
            return self
        k = len(self.constructs) - len(self.interactions)
        m = self.blocks[k - 1].stop
        return replace(
            self, constructs=self.constructs[:k], slots=self.slots[:m], blocks=self.blocks[:k],
            arrows=self.arrows[:k, :k], pairs=np.zeros((0, 2), np.intp), interactions=(),
        )  # fmt: skip

    @property
    def paths(self) -> list[tuple[str, str]]:
        """Every arrow `(cause, effect)`: the model's paths in their order, then the links of higher orders."""
        said = [(path.cause, path.effect) for path in self.model.paths if path.cause in self.constructs]
        linked = [(self.constructs[c], self.constructs[e]) for c, e in np.argwhere(self.arrows)]
        return said + [pair for pair in linked if pair not in set(said)]

    @cached_property
    def path_index(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Positions of the causes and of the effects of `paths`."""
        causes = [self.position(cause) for cause, _ in self.paths]
        effects = [self.position(effect) for _, effect in self.paths]
        return np.array(causes, dtype=np.intp), np.array(effects, dtype=np.intp)

    # -- controls --------------------------------------------------------------------------------------------

    @cached_property
    def control_columns(self) -> slice:
        """Where the controls stand among the columns of the moments."""
        return slice(len(self.items), len(self.items) + len(self.controls))

    @cached_property
    def equations(self) -> NDArray[np.bool_]:
        """`arrows` with the controls behind the constructs, `(k + c, k + c)`."""
        k = len(self.constructs)
        wide = np.zeros((k + len(self.controls),) * 2, bool)
        wide[:k, :k] = self.arrows
        for row, control in enumerate(self.controls, k):
            wide[row, list(control.effects)] = True
        return wide

    @property
    def coefficients(self) -> list[tuple[str, str]]:
        """`paths`, then `(control, effect)` of every control."""
        added = [(control.name, self.constructs[j]) for control in self.controls for j in control.effects]
        return self.paths + added

    @cached_property
    def coefficient_index(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Positions of the causes and of the effects of `coefficients` in `equations`."""
        k = len(self.constructs)
        added = [(row, j) for row, control in enumerate(self.controls, k) for j in control.effects]
        causes, effects = self.path_index
        more = np.array(added, np.intp).reshape(-1, 2)
        return np.concatenate([causes, more[:, 0]]), np.concatenate([effects, more[:, 1]])

    @property
    def control_note(self) -> str:
        """What a reader of a table with controls should know; empty without any."""
        if not self.controls:
            return ""
        held = {c.column: c.reference for c in self.controls if c.level is not None}
        against = "".join(f"; {column}: against {level!s}" for column, level in held.items())
        return (
            f"Controls: {', '.join(control.name for control in self.controls)}{against}. They stand in the equations,"
            " not in the weights of the items."
        )

    def position(self, construct: str) -> int:
        """Where a construct stands."""
        return self.constructs.index(construct)

    def slot_labels(self) -> list[tuple[str, str]]:
        """`(construct, item)` of every slot."""
        names = self.column_names
        return [(c, names[i]) for c, block in zip(self.constructs, self.blocks, strict=True) for i in self.slots[block]]

    # -- scales ------------------------------------------------------------------------------------------

    @cached_property
    def scales(self) -> list[Scale | None]:
        """The scale of every item."""
        return [self.model.scale_of(item) for item in self.items]

    @cached_property
    def intercept_slope(self) -> tuple[Floats, Floats]:
        """Points = intercept + slope x code: 0-100 where the scale is known, the code itself where it is not.

        Reversed items are turned: the slope is negative.
        """
        intercept, slope = np.zeros(len(self.items)), np.ones(len(self.items))
        for i, (item, scale) in enumerate(zip(self.items, self.scales, strict=True)):
            if scale is not None:
                slope[i] = (-100 if item.reversed else 100) / scale.width
                intercept[i] = -slope[i] * (scale.high if item.reversed else scale.low)
            elif item.reversed:
                slope[i] = -1
        return intercept, slope

    @cached_property
    def scaling(self) -> tuple[Floats, Floats]:
        """`intercept_slope` of every column; controls stay as they are, products about means only have a slope."""
        intercept, slope = self.intercept_slope
        first, second = self.pairs.T
        more = len(self.controls)
        return (
            np.concatenate([intercept, np.zeros(more + len(first))]),
            np.concatenate([slope, np.ones(more), slope[first] * slope[second]]),
        )

    def to_points(self, stack: Stack) -> Stack:
        """Turn moments of codes into moments of points."""
        intercept, slope = (part[:, None] for part in self.scaling)
        return Stack(intercept + slope * stack.mean, stack.cov * slope[:, None] * slope[None, :], stack.n)

    def to_codes(self, stack: Stack) -> Stack:
        """Turn moments of points back into moments of codes."""
        intercept, slope = (part[:, None] for part in self.scaling)
        return Stack((stack.mean - intercept) / slope, stack.cov / slope[:, None] / slope[None, :], stack.n)

    def need_scales(self, what: str) -> None:
        """Refuse a 0-100 result where an item has no scale."""
        missing = [name for name, scale in zip(self.item_names, self.scales, strict=True) if scale is None]
        if missing:
            raise NotAvailable(
                f"{what} runs from 0 to 100 and needs the scale of every item; {', '.join(missing[:8])}"
                f"{' and others have' if len(missing) > 8 else ' have' if len(missing) > 1 else ' has'} none."
                " Give it to the model: model.replace(scale=(1, 10))"
            )

    def slot_covariances(self, cov: Floats) -> Floats:
        """Covariances of the slots `(m, m, B)` from those of the items."""
        if np.array_equal(self.slots, np.arange(len(self.slots))):
            return cov[: len(self.slots), : len(self.slots)]
        return cov[np.ix_(self.slots, self.slots)]


def compile_model(model: Model) -> Blueprint:
    """Compile a model.

    Raises
    ------
    ModelError
        If higher orders run in a circle.
    """
    items = model.items
    where = {item.name: i for i, item in enumerate(items)}
    names = tuple(model.constructs)
    slots: list[int] = []
    blocks: list[slice] = []
    for name in names:
        members = [where[item.name] for item in _own_items(model, name, ())]
        blocks.append(slice(len(slots), len(slots) + len(members)))
        slots.extend(members)
    return Blueprint(model, items, names, np.array(slots, np.intp), tuple(blocks), _arrow_mask(model, names))


def _own_items(model: Model, name: str, above: tuple[str, ...]) -> tuple[Item, ...]:
    """The items of a construct; those of its lower orders, repeated, where it has none."""
    if name in above:
        raise ModelError(f"the higher orders run in a circle: {' of '.join([*above, name])}")
    construct = model.constructs[name]
    if construct.items:
        return construct.items
    return tuple(item for lower in construct.of for item in _own_items(model, lower, (*above, name)))


def _arrow_mask(model: Model, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Paths, plus the links of higher orders: parts make up a composite, a reflective whole causes its parts."""
    mask = np.zeros((len(names), len(names)), bool)
    for path in model.paths:
        if path.cause in names:
            mask[names.index(path.cause), names.index(path.effect)] = True
    for name, lower in model.higher.items():
        whole = names.index(name)
        for part in (names.index(member) for member in lower):
            if model.constructs[name].kind == "composite":
                mask[part, whole] = True
            else:
                mask[whole, part] = True
    return mask
