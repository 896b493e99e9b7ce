"""Where the constructs of any model stand: causes left of their effects, few crossings, arrows as level as can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from statistics import fmean
from typing import TypeAlias

Arrow: TypeAlias = tuple[str, str]
#: Column from the left, row from the bottom.
Spot: TypeAlias = tuple[float, float]
#: A place in a layer: the name of a construct, or (cause, effect, layer) where an arrow passes through.
Place: TypeAlias = str | tuple[str, str, int]

#: Rows kept between two constructs of a layer, and beside a place where an arrow passes.
_APART, _PASSING = 1.0, 0.55
_SWEEPS = 12


def layered(names: Sequence[str], arrows: Iterable[Arrow]) -> dict[str, Spot]:
    """Place constructs in columns (longest chain of causes) and rows (barycenters of neighbours).

    Parameters
    ----------
    names : sequence of str
        The constructs, in the order that breaks ties from top to bottom.
    arrows : iterable of (cause, effect)
        Must not run in a circle.

    Returns
    -------
    dict of str to (column, row)
        Columns count from the left, rows from the bottom; both may be fractions.

    Notes
    -----
    The steps of Sugiyama, Tagawa and Toda (1981): layers, an order within layers that crosses little, rows that
    make arrows level (here the least-squares rows that keep the order and the distances).

    Examples
    --------
    >>> layered(["quality", "value", "satisfaction"], [("quality", "satisfaction"), ("value", "satisfaction")])
    {'quality': (0.0, 1.0), 'value': (0.0, 0.0), 'satisfaction': (1.0, 0.5)}
    """
    pairs = list(dict.fromkeys(arrows))
    grid = _Grid(_columns(names, pairs), pairs)
    grid.untangle()
    rows = grid.rows()
    lowest = min(rows[name] for name in names)
    return {name: (float(grid.columns[name]), round(rows[name] - lowest, 6)) for name in names}


def _columns(names: Sequence[str], arrows: Sequence[Arrow]) -> dict[str, int]:
    """Number the layers; a construct without causes stands just left of its nearest effect."""
    causes = {name: [a for a, b in arrows if b == name] for name in names}
    effects = {name: [b for a, b in arrows if a == name] for name in names}
    columns: dict[str, int] = {}

    def column(name: str) -> int:
        if name not in columns:
            columns[name] = max((column(cause) + 1 for cause in causes[name]), default=0)
        return columns[name]

    for name in names:
        column(name)
    for name in names:
        if not causes[name] and effects[name]:
            columns[name] = min(columns[effect] for effect in effects[name]) - 1
    first = min(columns.values())
    return {name: columns[name] - first for name in names}


@dataclass
class _Grid:
    """Layers of places, with the short links between neighbouring layers."""

    columns: dict[str, int]
    arrows: Sequence[Arrow]
    layers: list[list[Place]] = field(init=False)
    left: dict[Place, list[Place]] = field(init=False)
    right: dict[Place, list[Place]] = field(init=False)

    def __post_init__(self) -> None:
        self.layers = [[] for _ in range(max(self.columns.values()) + 1)]
        for name, column in self.columns.items():
            self.layers[column].append(name)
        for cause, effect in self.arrows:
            for column in range(self.columns[cause] + 1, self.columns[effect]):
                self.layers[column].append((cause, effect, column))
        places = [place for layer in self.layers for place in layer]
        self.left, self.right = {place: [] for place in places}, {place: [] for place in places}
        for cause, effect in self.arrows:
            inner = [(cause, effect, c) for c in range(self.columns[cause] + 1, self.columns[effect])]
            chain: list[Place] = [cause, *inner, effect]
            for before, after in pairwise(chain):
                self.right[before].append(after)
                self.left[after].append(before)

    def untangle(self) -> None:
        """Order each layer by the mean position of its neighbours, forth and back; keep the best order seen."""
        best, fewest = [list(layer) for layer in self.layers], self.crossings()
        for sweep in range(_SWEEPS):
            forward = sweep % 2 == 0
            for layer in self.layers if forward else reversed(self.layers):
                self._sort(layer, self.left if forward else self.right)
            if self.crossings() < fewest:
                best, fewest = [list(layer) for layer in self.layers], self.crossings()
        self.layers = best

    def _sort(self, layer: list[Place], neighbours: dict[Place, list[Place]]) -> None:
        position = {place: i / max(len(row) - 1, 1) for row in self.layers for i, place in enumerate(row)}
        own = dict(position)
        key = {p: fmean(position[n] for n in neighbours[p]) if neighbours[p] else own[p] for p in layer}
        layer.sort(key=lambda place: (key[place], own[place]))

    def crossings(self) -> int:
        """Count the pairs of links that cross."""
        total = 0
        for layer, after in pairwise(self.layers):
            at = {place: i for i, place in enumerate(after)}
            ends = [(i, at[n]) for i, place in enumerate(layer) for n in self.right[place]]
            total += sum((a - c) * (b - d) < 0 for k, (a, b) in enumerate(ends) for c, d in ends[:k])
        return total

    def rows(self) -> dict[Place, float]:
        """Give every place a row that is as near as can be to the mean row of its neighbours."""
        rows = {p: (len(layer) - 1) / 2 - i for layer in self.layers for i, p in enumerate(layer)}
        for sweep in range(4 * _SWEEPS):
            for layer in self.layers if sweep % 2 == 0 else self.layers[::-1]:
                wished = [self._wish(place, rows) for place in layer]
                rows.update(zip(layer, _spread(wished, [_room(place) for place in layer]), strict=True))
        return rows

    def _wish(self, place: Place, rows: dict[Place, float]) -> float:
        around = [rows[n] for n in (*self.left[place], *self.right[place])]
        return fmean(around) if around else rows[place]


def _room(place: Place) -> float:
    return _APART if isinstance(place, str) else _PASSING


def _spread(wished: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """Return falling rows, each neighbours' rooms apart, nearest to the wished ones (pool adjacent violators)."""
    gaps = [0.0, *((a + b) / 2 for a, b in pairwise(rooms))]
    offsets = list(accumulate(gaps))
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        pools.append((wish + offset, 1))
        while len(pools) > 1 and pools[-2][0] < pools[-1][0]:
            (value, count), (before, more) = pools.pop(), pools.pop()
            pools.append(((before * more + value * count) / (more + count), more + count))
    level = [value for value, count in pools for _ in range(count)]
    return [value - offset for value, offset in zip(level, offsets, strict=True)]
