"""A structural equation model as arrays: which cells of A, S and m are free, and what they imply.

The model is written in the reticular action form of McArdle & McDonald (1984): all variables, items first and
constructs after them, in one vector v = A v + m + e with cov(e) = S. With E = (I - A)^-1 and F picking the items,

    Sigma = F E S E' F',    mu = F E m.

Loadings and paths are directed cells (row = effect, column = cause); variances and covariances, of constructs and of
residuals alike, are symmetric cells; intercepts and construct means are mean cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .isolated import inverse

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

DIRECTED, SYMMETRIC, MEAN = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Structure:
    """Parameter table of a model: one entry per cell that is not a plain zero.

    Parameters
    ----------
    n_items, n_variables : int
        Items are variables 0 ... n_items - 1; constructs follow.
    kind : (cells,) int
        DIRECTED (0), SYMMETRIC (1) or MEAN (2).
    row, col : (cells,) int
        Variable numbers: effect and cause; the two ends of a covariance (given once); the variable of a mean (col 0).
    free : (cells,) int
        Number of the free parameter, -1 where the cell is fixed. Cells with one number are held equal.
    value : (cells,) float
        Value of a fixed cell.
    group : (cells,) int
        Group the cell belongs to.
    start : (n_free,) float or None
        Start values; NaN means automatic.
    constraint_matrix, constraint_value : (c, n_free), (c,) float or None
        Linear equality constraints K theta = c.
    """

    n_items: int
    n_variables: int
    kind: Ints
    row: Ints
    col: Ints
    free: Ints
    value: Floats
    group: Ints
    start: Floats | None = None
    constraint_matrix: Floats | None = None
    constraint_value: Floats | None = None

    @cached_property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.group.max()) + 1

    @cached_property
    def n_free(self) -> int:
        """Number of free parameters, before linear constraints."""
        return int(self.free.max(initial=-1)) + 1

    @cached_property
    def n_estimated(self) -> int:
        """Number of free parameters less the linear constraints."""
        return int(self.basis[0].shape[1])

    @cached_property
    def has_means(self) -> bool:
        """Whether the means are part of the model."""
        return bool((self.kind == MEAN).any())

    @cached_property
    def groups(self) -> tuple[Cells, ...]:
        """The cells of every group, laid out for fast evaluation."""
        return tuple(self._cells(g) for g in range(self.n_groups))

    @cached_property
    def basis(self) -> tuple[Floats, Floats]:
        """Z (n_free, z) and theta0 with theta = theta0 + Z z satisfying the linear constraints."""
        if self.constraint_matrix is None or self.constraint_value is None:
            return np.eye(self.n_free), np.zeros(self.n_free)
        left, singular, right = np.linalg.svd(self.constraint_matrix, full_matrices=True)
        rank = int((singular > 1e-10 * singular.max(initial=1e-300)).sum())
        offset = right[:rank].T @ ((left[:, :rank].T @ self.constraint_value) / singular[:rank])
        return np.ascontiguousarray(right[rank:].T), offset

    @cached_property
    def first_cell(self) -> Ints:
        """The first cell of every free parameter."""
        first = np.full(self.n_free, -1, dtype=np.intp)
        for cell in range(len(self.free) - 1, -1, -1):
            if self.free[cell] >= 0:
                first[self.free[cell]] = cell
        return first

    @cached_property
    def unit_source(self) -> Ints:
        """The item whose unit every variable takes, -1 where a fixed variance sets the scale (scaling.py)."""
        source = np.full(self.n_variables, -1, dtype=np.intp)
        source[: self.n_items] = np.arange(self.n_items)
        waiting = [v for v in range(self.n_items, self.n_variables) if not self._unit_variance(v)]
        for _ in range(len(waiting)):
            for construct in list(waiting):
                marker = self._marker(construct, np.flatnonzero(source >= 0))
                if marker >= 0:
                    source[construct] = source[marker]
                    waiting.remove(construct)
        return source

    def _unit_variance(self, variable: int) -> bool:
        """Whether the scale of a construct is set by a fixed variance."""
        own = (self.kind == SYMMETRIC) & (self.row == variable) & (self.col == variable)
        return bool((own & (self.free < 0) & (self.value > 0)).any())

    def _marker(self, construct: int, known: Ints) -> int:
        """The effect whose loading is fixed, else the first effect, among variables with a known unit (-1: none)."""
        here = (self.kind == DIRECTED) & (self.col == construct) & np.isin(self.row, known)
        fixed = here & (self.free < 0) & (self.value != 0)
        effects = self.row[np.flatnonzero(fixed)], self.row[np.flatnonzero(here)]
        return int(next((e[0] for e in effects if len(e)), -1))

    def _cells(self, group: int) -> Cells:
        here = np.flatnonzero(self.group == group)
        order = np.argsort(np.where(self.free[here] < 0, self.n_free, self.free[here]), kind="stable")
        at = here[order]
        return Cells(
            self.n_items,
            self.n_variables,
            self.n_free,
            at,
            self.kind[at],
            self.row[at],
            self.col[at],
            self.free[at],
            self.value[at],
        )


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one group, free ones first, with the index arrays that evaluation and derivatives need."""

    n_items: int
    n_variables: int
    n_free: int
    at: Ints
    kind: Ints
    row: Ints
    col: Ints
    free: Ints
    value: Floats

    @cached_property
    def n_cells(self) -> int:
        """Number of free cells."""
        return int((self.free >= 0).sum())

    @cached_property
    def inner(self) -> Ints:
        """Variables that cause others: all constructs with items, and items that predict."""
        causes: Ints = np.unique(self.col[self.kind == DIRECTED])
        return causes

    @cached_property
    def inner_position(self) -> Ints:
        """Place of every variable among the inner ones (0 for the others, which are never asked for)."""
        place = np.zeros(self.n_variables, dtype=np.intp)
        place[self.inner] = np.arange(len(self.inner))
        return place

    @cached_property
    def one_to_one(self) -> bool:
        """Whether free cell c is free parameter c."""
        return self.n_cells == self.n_free and bool((self.free[: self.n_cells] == np.arange(self.n_free)).all())

    @cached_property
    def scatter(self) -> tuple[Ints, Ints, int]:
        """Cells to write, their flat places in the buffer [A(:, inner) | S | m], and its length."""
        v, k = self.n_variables, len(self.inner)
        directed, symmetric, mean = (np.flatnonzero(self.kind == kind) for kind in (DIRECTED, SYMMETRIC, MEAN))
        twin = symmetric[self.row[symmetric] != self.col[symmetric]]
        cells = np.concatenate([directed, symmetric, twin, mean])
        places = np.concatenate(
            [
                self.row[directed] * k + self.inner_position[self.col[directed]],
                v * k + self.row[symmetric] * v + self.col[symmetric],
                v * k + self.col[twin] * v + self.row[twin],
                v * k + v * v + self.row[mean],
            ]
        )
        return cells, places, v * k + v * v + v


@dataclass(frozen=True, eq=False)
class Implied:
    """What a parameter value implies for one group, with a leading replicate axis everywhere.

    `effects` is E (total effects, with the identity), `covariance` that of all variables, `mean` theirs;
    `bricks` holds the columns [F E | F C(:, inner)] from which every derivative of Sigma is built.
    """

    effects: Floats
    covariance: Floats
    mean: Floats
    bricks: Floats

    def take(self, rows: slice | NDArray[np.intp] | Bools) -> Implied:
        """The same for some replicates."""
        return Implied(self.effects[rows], self.covariance[rows], self.mean[rows], self.bricks[rows])

    def sigma(self, n_items: int) -> Floats:
        """Implied covariance matrix of the items."""
        return self.covariance[:, :n_items, :n_items]

    def mu(self, n_items: int) -> Floats:
        """Implied means of the items."""
        return self.mean[:, :n_items]


def matrices(cells: Cells, values: Floats) -> tuple[Floats, Floats, Floats]:
    """A (causes in the order of `cells.inner`), S and m from the cell values (B, cells)."""
    which, places, length = cells.scatter
    v, k = cells.n_variables, len(cells.inner)
    buffer = np.zeros((len(values), length))
    buffer[:, places] = values[:, which]
    directed = buffer[:, : v * k].reshape(len(values), v, k)
    symmetric = buffer[:, v * k : v * k + v * v].reshape(len(values), v, v)
    return directed, symmetric, buffer[:, v * k + v * v :]


def implied(cells: Cells, values: Floats) -> Implied:
    """Total effects, moments of all variables and the derivative bricks at the cell values (B, cells)."""
    directed, symmetric, mean = matrices(cells, values)
    inner, p = cells.inner, cells.n_items
    count = len(inner)
    total = np.zeros((len(values), cells.n_variables, cells.n_variables))
    total[:, np.arange(cells.n_variables), np.arange(cells.n_variables)] = 1.0
    covariance = symmetric
    if count:
        # E = I + K with K in the inner columns only, so E S E' = S + K S + (K S)' + K S K'.
        reach = directed @ inverse(np.eye(count) - directed[:, inner])
        total[:, :, inner] += reach
        spread = reach @ symmetric[:, inner]
        covariance = symmetric + spread
        covariance += spread.transpose(0, 2, 1)
        covariance += spread[:, :, inner] @ reach.transpose(0, 2, 1)
    bricks = np.concatenate([total[:, :p], covariance[:, :p, inner]], axis=2)
    return Implied(total, covariance, (total @ mean[:, :, None])[:, :, 0], bricks)
