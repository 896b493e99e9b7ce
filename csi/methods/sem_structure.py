"""From a model's words to a covariance structure: which cells are free, fixed or equal, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.errors import ModelError, SettingsError, suggest
from csi.methods.formulas import Formula, linear
from csi.methods.formulas import read as read_formula
from csi.numerics.sem.structure import DIRECTED, MEAN, SYMMETRIC, Structure
from csi.numerics.solve import Floats
from csi.spec.words import Coefficient

CellKind = Literal["loadings", "paths", "covariances", "variances", "means"]


class Cell(NamedTuple):
    """One cell of the structure, as a table names it.

    `left, right` are construct and item of a loading (or whole and part), cause and effect of a path, the two ends of
    a covariance; `label` is the name that the model gives the parameter.
    """

    kind: CellKind
    left: str
    right: str
    label: str


@dataclass(frozen=True)
class Wording:
    """The settings of the method that decide what a structure looks like."""

    std_lv: bool = False
    reliabilities: Mapping[str, float] = field(default_factory=dict)
    covary: Literal["lavaan", "exogenous"] = "lavaan"
    means: Literal["", "items", "all"] = ""
    ordered: bool = False


@dataclass(frozen=True, eq=False)
class Layout:
    """A model compiled for covariance structure analysis.

    Parameters
    ----------
    structure : Structure
        One group; items are its first variables.
    constructs : int array (k,)
        The variable that each construct is; its item, for a single ordered item.
    cells : tuple of Cell
        In the order of the structure's own arrays.
    defined : tuple of Formula
        Parameters that are functions of labelled ones.
    labels : mapping of label to cell
    known_error : int array
        Items of single-item constructs with a given reliability. They enter with unit variance, so that their
        residual, 1 - reliability, is right in every replicate; results in codes are scaled back.
    perfect : tuple of str
        Single-item constructs that are taken to be measured without error.
    """

    structure: Structure
    constructs: NDArray[np.intp]
    cells: tuple[Cell, ...]
    defined: tuple[Formula, ...]
    labels: Mapping[str, int]
    ordered: bool
    known_error: NDArray[np.intp]
    perfect: tuple[str, ...]

    @property
    def degrees_of_freedom(self) -> int:
        """Distinct variances and covariances (and means) less free parameters."""
        p = self.structure.n_items
        if self.ordered:
            return p * (p - 1) // 2 - self.structure.n_estimated
        means = p if self.structure.has_means else 0
        return p * (p + 1) // 2 + means - self.structure.n_estimated

    def item_units(self, sd: Floats) -> Floats:
        """What the items are divided by `(p, B)` before estimation."""
        units = np.ones_like(sd)
        units[self.known_error] = sd[self.known_error]
        return units

    def cell_units(self, units: Floats) -> Floats:
        """Turn cells into codes `(cells, B)`, from the units of the items `(p, B)`."""
        s = self.structure
        whole = np.ones((s.n_variables, units.shape[1]))
        whole[: s.n_items] = units
        for item in self.known_error:
            whole[s.col[(s.kind == DIRECTED) & (s.row == item)]] = units[item]
        row, col = whole[s.row], whole[s.col]
        found: Floats = np.where((s.kind == DIRECTED)[:, None], row / col, row * col)
        found[s.kind == MEAN] = row[s.kind == MEAN]
        return found

    def label_values(self, cells: Floats) -> dict[str, Floats]:
        """Values of the labelled parameters, from cells `(B, cells)`."""
        return {label: cells[:, at] for label, at in self.labels.items()}

    def defined_values(self, cells: Floats) -> Floats:
        """Values `(B, defined)` of the defined parameters, one after the other."""
        known = self.label_values(cells)
        for formula in self.defined:
            known[formula.name] = formula(known)
        found = [np.broadcast_to(known[formula.name], len(cells)) for formula in self.defined]
        return np.stack(found, axis=1) if found else np.empty((len(cells), 0))


@dataclass
class _Draft:
    """Cells so far: where, what, and how they are tied."""

    places: dict[tuple[int, int, int], int] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    said: list[Coefficient] = field(default_factory=list)

    def put(self, kind: int, row: int, col: int, cell: Cell, coefficient: Coefficient) -> None:
        """Add a cell, or say more of one that is there."""
        key = (kind, min(row, col), max(row, col)) if kind == SYMMETRIC else (kind, row, col)
        if key in self.places:
            at = self.places[key]
            self.said[at], self.cells[at] = coefficient, cell
            return
        self.places[key] = len(self.cells)
        self.cells.append(cell)
        self.said.append(coefficient)


def layout(blueprint: Blueprint, wording: Wording) -> Layout:
    """Compile a model.

    Raises
    ------
    ModelError
        If the model has products, composites of items, negative degrees of freedom, or a constraint that names no
        parameter or is not linear.
    SettingsError
        If a reliability is given to what is no single-item construct.
    """
    _refuse(blueprint)
    _check_reliabilities(blueprint, wording)
    draft = _Draft()
    for block in (_loadings, _orders, _paths, _covariances, _variances, _means):
        for kind, row, col, cell, coefficient in block(blueprint, wording):
            draft.put(kind, row, col, cell, coefficient)
    free, value = _numbers(draft)
    keys = np.array(list(draft.places), dtype=np.intp)
    count, p = int(free.max(initial=-1)) + 1, len(blueprint.items)
    labels = _labels(draft)
    formulas = [read_formula(line) for line in blueprint.model.extra.splitlines()]
    matrix, right = _constraints([f for f in formulas if f.sign == "=="], labels, free, value, count)
    place = _places(blueprint, wording)
    structure = Structure(
        p, max(place.values()) + 1, keys[:, 0], keys[:, 1], keys[:, 2], free, value,
        np.zeros(len(free), np.intp), None, matrix, right,
    )  # fmt: skip
    defined = tuple(f for f in formulas if f.sign == ":=")
    _check_defined(defined, labels)
    single = _singles(blueprint)
    noisy = np.array([blueprint.slots[single[name]] for name in wording.reliabilities], dtype=np.intp)
    perfect = tuple(
        name for name, slot in single.items() if wording.ordered or _residual(structure, blueprint.slots[slot]) == 0
    )
    at = np.array([place["construct", name] for name in blueprint.constructs], np.intp)
    found = Layout(structure, at, tuple(draft.cells), defined, labels, wording.ordered, noisy, perfect)
    _check_ties(found, wording)
    _check_freedom(blueprint, found, wording)
    return found


# -- cells --------------------------------------------------------------------------------------------------

Entry = tuple[int, int, int, Cell, Coefficient]


def _name_of(coefficient: Coefficient) -> str:
    return coefficient if isinstance(coefficient, str) else ""


def _loadings(blueprint: Blueprint, wording: Wording) -> Iterator[Entry]:
    """Items on their construct; the first one sets the scale unless constructs have variance one."""
    place = _places(blueprint, wording)
    for name in blueprint.constructs:
        for j, item in enumerate(blueprint.model.constructs[name].items):
            if place["item", item.name] == place["construct", name]:
                continue
            said = item.loading
            if j == 0 and not wording.std_lv and not isinstance(said, (int, float)):
                said = 1.0
            cell = Cell("loadings", name, item.name, _name_of(item.loading))
            yield DIRECTED, place["item", item.name], place["construct", name], cell, said


def _orders(blueprint: Blueprint, wording: Wording) -> Iterator[Entry]:
    """Parts of higher orders: effects of a reflective whole; causes, without anything else, of a composite one."""
    place = _places(blueprint, wording)
    for name, parts in blueprint.model.higher.items():
        whole = place["construct", name]
        composite = blueprint.model.constructs[name].kind == "composite"
        for j, part in enumerate(parts):
            at = place["construct", part]
            first = 1.0 if j == 0 and (composite or not wording.std_lv) else None
            row, col = (whole, at) if composite else (at, whole)
            yield DIRECTED, row, col, Cell("loadings", name, part, ""), first


def _paths(blueprint: Blueprint, wording: Wording) -> Iterator[Entry]:
    place = _places(blueprint, wording)
    for path in blueprint.model.paths:
        cell = Cell("paths", path.cause, path.effect, _name_of(path.coefficient))
        ends = place["construct", path.effect], place["construct", path.cause]
        yield DIRECTED, *ends, cell, path.coefficient


def _covariances(blueprint: Blueprint, wording: Wording) -> Iterator[Entry]:
    """Covariances of exogenous constructs (and, as lavaan, of the disturbances of last effects), then those said."""
    place, names = _places(blueprint, wording), blueprint.constructs
    caused: NDArray[np.bool_] = np.asarray(blueprint.arrows.any(axis=0))
    last = _last(blueprint) if wording.covary == "lavaan" else set()
    for i, first in enumerate(names):
        for j in range(i + 1, len(names)):
            if (not caused[i] and not caused[j]) or {first, names[j]} <= last:
                ends = place["construct", first], place["construct", names[j]]
                yield SYMMETRIC, *ends, Cell("covariances", first, names[j], ""), None
    for pair in blueprint.model.covariances:
        if pair.first != pair.second:
            ends = _end(place, pair.first), _end(place, pair.second)
            cell = Cell("covariances", pair.first, pair.second, _name_of(pair.coefficient))
            yield SYMMETRIC, *ends, cell, pair.coefficient


def _last(blueprint: Blueprint) -> set[str]:
    """Constructs that paths lead to and none leaves; the parts of a higher order are none of them."""
    paths, parts = blueprint.model.paths, {part for of in blueprint.model.higher.values() for part in of}
    return {path.effect for path in paths} - {path.cause for path in paths} - parts


def _variances(blueprint: Blueprint, wording: Wording) -> Iterator[Entry]:
    """Residuals of the items, then of the constructs; what the model says of a variance comes last."""
    place, single = _places(blueprint, wording), _singles(blueprint)
    for name in blueprint.constructs if not wording.ordered else ():
        for item in blueprint.model.constructs[name].items:
            at = place["item", item.name]
            fixed = 1.0 - wording.reliabilities.get(name, 1.0) if name in single else None
            yield SYMMETRIC, at, at, Cell("variances", item.name, item.name, ""), fixed
    for name in blueprint.constructs:
        construct, at = blueprint.model.constructs[name], place["construct", name]
        if at < len(blueprint.items):
            continue
        made = construct.kind == "composite" and bool(construct.of)
        fixed = 0.0 if made else 1.0 if wording.std_lv else None
        yield SYMMETRIC, at, at, Cell("variances", name, name, ""), fixed
    for pair in blueprint.model.covariances:
        if pair.first == pair.second:
            if wording.ordered and pair.first in blueprint.item_names:
                raise ModelError(
                    f"the residual variance of the ordered item {pair.first!r} is what its causes leave of one; it"
                    " cannot be said"
                )
            at = _own_end(place, pair.first)
            cell = Cell("variances", pair.first, pair.first, _name_of(pair.coefficient))
            yield SYMMETRIC, at, at, cell, pair.coefficient


def _means(blueprint: Blueprint, wording: Wording) -> Iterator[Entry]:
    if not wording.means:
        return
    place = _places(blueprint, wording)
    for name in blueprint.item_names:
        yield MEAN, place["item", name], 0, Cell("means", name, name, ""), None
    for name in blueprint.constructs:
        fixed = None if wording.means == "all" else 0.0
        yield MEAN, place["construct", name], 0, Cell("means", name, name, ""), fixed


def _places(blueprint: Blueprint, wording: Wording) -> dict[tuple[str, str], int]:
    """Variable numbers. A construct and its only item may share a name; a single ordered item is its construct."""
    found = {("item", name): i for i, name in enumerate(blueprint.item_names)}
    single, count = _singles(blueprint), len(blueprint.items)
    for name in blueprint.constructs:
        if wording.ordered and name in single:
            found["construct", name] = int(blueprint.slots[single[name]])
        else:
            found["construct", name] = count
            count += 1
    return found


def _end(place: Mapping[tuple[str, str], int], name: str) -> int:
    """A construct, or an item; the construct where both have the name."""
    return place.get(("construct", name), place.get(("item", name), -1))


def _own_end(place: Mapping[tuple[str, str], int], name: str) -> int:
    """Whose variance is meant: the residual of the item where a construct and its only item share the name."""
    return place.get(("item", name), place.get(("construct", name), -1))


def _singles(blueprint: Blueprint) -> dict[str, int]:
    """Slots of the constructs with one item."""
    return {
        name: block.start
        for name, block in zip(blueprint.constructs, blueprint.blocks, strict=True)
        if len(blueprint.model.constructs[name].items) == 1
    }


def _residual(structure: Structure, item: int) -> float:
    """Fixed residual variance of an item; NaN where it is free."""
    own = (structure.kind == SYMMETRIC) & (structure.row == item) & (structure.col == item)
    return float(structure.value[own][0]) if structure.free[own][0] < 0 else float("nan")


# -- numbers and ties ---------------------------------------------------------------------------------------


def _numbers(draft: _Draft) -> tuple[NDArray[np.intp], Floats]:
    """Parameter number of every cell (-1 where fixed) and fixed values; one number where the label is the same."""
    fixed = {c.label: s for c, s in zip(draft.cells, draft.said, strict=True) if c.label and _is_number(s)}
    free, value = np.full(len(draft.cells), -1, np.intp), np.zeros(len(draft.cells))
    numbers: dict[str, int] = {}
    count = 0
    for at, (cell, said) in enumerate(zip(draft.cells, draft.said, strict=True)):
        if _is_number(said):
            value[at] = said
        elif cell.label in fixed:
            value[at] = fixed[cell.label]
        elif cell.label in numbers:
            free[at] = numbers[cell.label]
        else:
            free[at] = count
            if cell.label:
                numbers[cell.label] = count
            count += 1
    return free, value


def _is_number(said: Coefficient) -> TypeGuard[float]:
    return isinstance(said, (int, float))


def _labels(draft: _Draft) -> dict[str, int]:
    """The first cell of every label."""
    found: dict[str, int] = {}
    for at, cell in enumerate(draft.cells):
        if cell.label:
            found.setdefault(cell.label, at)
    return found


def _constraints(
    formulas: list[Formula], labels: Mapping[str, int], free: NDArray[np.intp], value: Floats, count: int
) -> tuple[Floats | None, Floats | None]:
    """Turn `a == b + 1` into rows of K theta = c."""
    if not formulas:
        return None, None
    rows, right = [], []
    for formula in formulas:
        slope, constant = linear(formula, labels)
        row = np.zeros(count)
        for label, weight in slope.items():
            at = labels[label]
            if free[at] >= 0:
                row[free[at]] += weight
            else:
                constant += weight * value[at]
        if not row.any():
            raise ModelError(f"the constraint {formula.text!r} binds fixed values only; leave it out")
        rows.append(row)
        right.append(-constant)
    return np.array(rows), np.array(right)


def _check_defined(defined: tuple[Formula, ...], labels: Mapping[str, int]) -> None:
    known = list(labels)
    for formula in defined:
        formula.check(known)
        known.append(formula.name)


# -- refusals -----------------------------------------------------------------------------------------------


def _refuse(blueprint: Blueprint) -> None:
    """Refuse what a covariance structure model has no cells for."""
    model = blueprint.model
    if model.products:
        raise ModelError(
            f"CB-SEM has no product of constructs, and the model has {model.products[0]!r}: a product of normal"
            " variables is not normal, which maximum likelihood of the covariances takes it to be. Estimate it by"
            " csi.PLS() or, freed of measurement error, csi.PLSc(); or leave the path out"
        )
    made = [name for name, block in model.constructs.items() if block.kind == "composite" and len(block.items) > 1]
    if made:
        raise ModelError(
            f"CB-SEM explains items by constructs, and {', '.join(map(repr, made))} is a composite, which its items"
            " make up; say csi.Construct([...], kind='reflective') if the items reflect it, or use csi.PLS()"
        )
    for name in model.higher:
        at = blueprint.position(name)
        if model.constructs[name].kind == "composite" and not any(path.cause == name for path in model.paths):
            raise ModelError(
                f"the composite {name!r} (construct {at + 1}) causes nothing, so its weights have no meaning in CB-SEM;"
                " draw a path from it, or make it kind='reflective'"
            )


def _check_reliabilities(blueprint: Blueprint, wording: Wording) -> None:
    single = _singles(blueprint)
    for name in wording.reliabilities:
        if name not in blueprint.constructs:
            raise SettingsError(f"reliabilities: {name!r} is not a construct{suggest(name, blueprint.constructs)}")
        if name not in single:
            raise SettingsError(
                f"reliabilities: {name!r} has several items, whose residuals are estimated; only the residual of a"
                f" single item is given ({', '.join(single) or 'the model has none'})"
            )


def _check_ties(found: Layout, wording: Wording) -> None:
    """Refuse a fixed or shared value in the unit of an item whose unit is set by its reliability."""
    s = found.structure
    touched = set(found.known_error.tolist())
    touched |= {int(c) for i in found.known_error for c in s.col[(s.kind == DIRECTED) & (s.row == i)]}
    for at, cell in enumerate(found.cells):
        ends = {int(s.row[at]), int(s.col[at])} & touched
        tied = bool(cell.label) or (s.free[at] < 0 and s.value[at] != 0)
        if ends and tied and cell.kind in ("paths", "covariances"):
            raise SettingsError(
                f"a construct with a given reliability cannot have the {cell.kind[:-1]} of {cell.left!r} and"
                f" {cell.right!r} fixed or labelled; say its residual variance instead: Covariance(item, item, 0.5)"
            )


def _check_freedom(blueprint: Blueprint, found: Layout, wording: Wording) -> None:
    if found.degrees_of_freedom < 0 and wording.means != "all":
        p = len(blueprint.items)
        raise ModelError(
            f"the model has {found.structure.n_estimated} free parameters, and {p} items have only {p * (p + 1) // 2}"
            f" variances and covariances: {found.degrees_of_freedom} degrees of freedom. Fix or equate parameters, or"
            " measure with more items"
        )
