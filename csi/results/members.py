"""Who belongs to what, with which share: from units with a fit to industries, sectors and the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from csi.errors import DataError, listing, suggest
from csi.numerics.solve import Floats
from csi.results.doubts import Doubt
from csi.results.waves import Waves

Missing = Literal["refuse", "renormalize"]
Bools = NDArray[np.bool_]
#: What is joined at a moment: `(level, label)` to shares of the groups.
Shares = dict[tuple[str, Any], Floats]


@dataclass(frozen=True, eq=False)
class Members:
    """Units, the waves they have a fit in, their weights and what they belong to.

    Parameters
    ----------
    unit : str
        What units are called; `units` are their labels.
    group : int array (U, T)
        Group of the fit; -1 where there is none, or none that could be estimated.
    weight : array (U, T)
        NaN where a unit is no member.
    levels : tuple of str
        Lowest first, the whole last.
    parents : mapping of str to tuple
        For every level what each unit belongs to; the whole has one label.
    own : mapping of str to mapping
        Levels whose parts have weights of their own: by label (and wave), `(T,)`.
    """

    unit: str
    units: tuple[Any, ...]
    moments: tuple[Any, ...]
    group: NDArray[np.intp]
    weight: Floats
    groups: int
    levels: tuple[str, ...]
    parents: Mapping[str, tuple[Any, ...]]
    own: Mapping[str, Mapping[Any, Floats]]

    @property
    def declared(self) -> Bools:
        """Who is a member `(U, T)`."""
        return np.isfinite(self.weight)

    @property
    def present(self) -> Bools:
        """Members with a fit `(U, T)`."""
        return self.declared & (self.group >= 0)

    @cached_property
    def labels(self) -> dict[str, tuple[Any, ...]]:
        """Labels of every level in their order."""
        return {level: tuple(dict.fromkeys(self.parents[level])) for level in self.levels}

    def shares(self, t: int, among: Bools) -> Shares:
        """Shares `(G,)` of the groups in everything that units are joined to at a moment.

        Within what is lowest the weights of `among` (U,) add up to one; what is lowest keeps in what is above the
        weight of all its members, so that a missing company is stood for by those of its own industry.
        """
        found: Shares = {}
        parts: dict[Any, tuple[float, Floats]] = {}
        weight = self.weight[:, t]
        for u in np.flatnonzero(among & (weight > 0)):
            one = np.zeros(self.groups)
            one[self.group[u, t]] = 1.0
            parts[self.units[u]] = (weight[u], one)
        whole = {unit: float(w) for unit, w in zip(self.units, weight, strict=True) if w > 0}
        parent = dict(zip(self.units, self.parents[self.levels[0]], strict=True))
        for i, level in enumerate(self.levels):
            sums: dict[Any, float] = {}
            for label, w in whole.items():
                sums[parent[label]] = sums.get(parent[label], 0.0) + w
            joined = {label: _join([p for key, p in parts.items() if parent[key] == label]) for label in sums}
            found |= {(level, label): share for label, share in joined.items() if share is not None}
            if i + 1 < len(self.levels):
                whole = {label: self._weight_of(level, label, t, total) for label, total in sums.items()}
                parts = {label: (whole[label], share) for label, share in joined.items() if share is not None}
                parent = dict(zip(self.parents[level], self.parents[self.levels[i + 1]], strict=True))
        return found

    def _weight_of(self, level: str, label: Any, t: int, total: float) -> float:
        """Weight of a part in what is above: its own, or that of its members."""
        return total if level not in self.own else float(self.own[level][label][t])

    # -- every wave -------------------------------------------------------------------------------------------

    def plain(self) -> list[Shares]:
        """Shares wave by wave, each by its own members."""
        return [self.shares(t, self.present[:, t]) for t in range(len(self.moments))]

    def chained(self, waves: Waves) -> list[Shares]:
        """Shares that link each wave to the one before by the members of both.

        The first wave has its level; each later one adds the change of those who were members both times, by the
        weights of either wave. Sums of shares stay one, and with the same members throughout they are the plain ones.
        """
        order = [self.moments.index((label,)) for label in waves.labels]
        found: list[Shares] = [{} for _ in self.moments]
        found[order[0]] = self.shares(order[0], self.present[:, order[0]])
        for before, now in pairwise(order):
            both = self.present[:, before] & self.present[:, now]
            old, new = self.shares(before, both), self.shares(now, both)
            alone = self.shares(now, self.present[:, now])
            linked = {key: found[before][key] + share - old[key] for key, share in new.items() if key in found[before]}
            found[now] = {key: linked.get(key, share) for key, share in alone.items()}
        return found

    # -- what is wrong, and what is doubtful --------------------------------------------------------------------

    def missing(self) -> Iterator[tuple[int, list[int], float]]:
        """Yield wave, units that are members without a fit, and their share of the weight."""
        for t in range(len(self.moments)):
            lost = np.flatnonzero(self.declared[:, t] & (self.group[:, t] < 0) & (np.nan_to_num(self.weight[:, t]) > 0))
            if len(lost):
                yield t, lost.tolist(), float(self.weight[lost, t].sum() / np.nansum(self.weight[:, t]))

    def changes(self, waves: Waves) -> list[tuple[Any, list[Any], list[Any]]]:
        """List waves whose members differ from those of the wave before: label, who came, who left."""
        order = [self.moments.index((label,)) for label in waves.labels]
        found = []
        for before, now in pairwise(order):
            came = [self.units[u] for u in np.flatnonzero(self.present[:, now] & ~self.present[:, before])]
            left = [self.units[u] for u in np.flatnonzero(self.present[:, before] & ~self.present[:, now])]
            if came or left:
                found.append((self.moments[now][0], came, left))
        return found


def _join(parts: list[tuple[float, Floats]]) -> Floats | None:
    """Weighted mean of shares; None where nothing has weight."""
    total = sum(weight for weight, _ in parts)
    if not total > 0:
        return None
    found: Floats = sum((weight / total * share for weight, share in parts), start=np.zeros(len(parts[0][1])))
    return found


def check(members: Members, unknown: list[Any], missing: Missing, chain: bool) -> list[Doubt]:
    """Refuse weights that do not cover the fit, and doubt what is carried in spite of a gap.

    Raises
    ------
    DataError
        Naming at once units without a weight, weights without a unit, and members without a fit.
    """
    problems = [
        f"{members.unit} {members.units[u]!r} has a fit and no weight; 0 leaves it out"
        for u in np.flatnonzero(~members.declared.any(axis=1))
    ]
    for t in np.flatnonzero(~(members.weight > 0).any(axis=0)):
        problems.append(f"no weight is above 0{_when(members.moments[t])}")
    lost = [] if chain else list(members.missing())
    if missing == "refuse":
        remedy = "; missing='renormalize' lets its peers stand for it"
        problems += [
            f"weights name {name!r}, of which there is no fit{suggest(str(name), map(str, members.units))}{remedy}"
            for name in unknown
        ]
        problems += [
            f"{_names(members, units)} {'have' if len(units) > 1 else 'has'} a weight and no estimate"
            f"{_when(members.moments[t])}{remedy}"
            for t, units, _ in lost
        ]
    if problems:
        raise DataError(listing(problems[:12], "the weights do not cover the fit"))
    return _doubts(members, unknown, lost)


def _doubts(members: Members, unknown: list[Any], lost: list[tuple[int, list[int], float]]) -> list[Doubt]:
    remedy = "Say so beside the number; the others of its own industry stand for it"
    found = [
        Doubt("missing_member", str(name), 1.0, 0.0, f"{name!r} has a weight and no fit in any wave", remedy)
        for name in unknown
    ]
    for t, units, share in lost:
        said = f"{_names(members, units)} without an estimate: {100 * share:.3g} % of the weight"
        found.append(
            Doubt("missing_member", _names(members, units), share, 0.0, said, remedy, _plain(members.moments[t]))
        )
    return found


def changed(members: Members, waves: Waves | None, chain: bool) -> list[Doubt]:
    """Doubt a series whose members change."""
    found = []
    for label, came, left in [] if waves is None else members.changes(waves):
        what = "; ".join(
            f"{word} {', '.join(map(str, who[:6]))}{' and more' if len(who) > 6 else ''}"
            for word, who in (("came", came), ("left", left))
            if who
        )
        how = (
            "The link to the wave before rests on the members of both"
            if chain
            else "Part of the change is theirs; chain=True links waves by the members of both"
        )
        found.append(
            Doubt("membership_changed", str(label), len(came) + len(left), 0, f"members changed: {what}", how, label)
        )
    return found


def _names(members: Members, units: list[int]) -> str:
    names = ", ".join(str(members.units[u]) for u in units[:6])
    return f"{names} and {len(units) - 6} more" if len(units) > 6 else names


def _when(moment: tuple[Any, ...]) -> str:
    return f" in {_plain(moment)}" if moment else ""


def _plain(moment: tuple[Any, ...]) -> Any:
    return moment[0] if len(moment) == 1 else moment if moment else ""
