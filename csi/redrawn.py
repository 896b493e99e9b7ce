"""Replicates of many groups that do not fit into memory together: drawn anew, a few groups at a time, when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from csi import draws as drawing
from csi.blueprint import Blueprint
from csi.draws import BATCH, Draws
from csi.methods.estimates import Estimates, Method, Solution
from csi.numerics.moments import Packed, Stack
from csi.numerics.solve import Floats
from csi.sample import Sample

#: Replicates that are held at a time: eight batches of the solver, 20 MB with 24 items.
HELD = 8 * BATCH


@dataclass(frozen=True, eq=False)
class Redrawn:
    """A bootstrap of cases, group by group, of which only the recipe is kept: its seed.

    A group's stream depends on the seed and its label only, so that every table sees the same draws.

    Parameters
    ----------
    owners : tuple of int
        Which groups of the sample.
    seen : dict
        Which replicates failed, once they were drawn; the draws of the group asked for last.
    """

    sample: Sample
    method: Method
    stack: Stack
    point: Solution
    owners: tuple[int, ...]
    entropy: int
    size: int
    progress: bool = True
    seen: dict[str, Any] = field(default_factory=dict)
    kind: ClassVar[Literal["bootstrap"]] = "bootstrap"
    scale: ClassVar[float] = 1.0
    rscales: ClassVar[Floats | None] = None
    df: ClassVar[float] = np.inf

    @property
    def groups(self) -> int:
        """Number of groups."""
        return len(self.owners)

    @property
    def n(self) -> Floats:
        """Cases of every group."""
        return self.stack.n

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Which replicates have no solution, `(G, R)`."""
        if "failed" not in self.seen:
            self.seen["failed"] = np.concatenate([block.failed for _, block in self._blocks()])
        found: NDArray[np.bool_] = self.seen["failed"]
        return found

    def _blocks(self) -> Iterator[tuple[slice, Draws]]:
        """Draw and solve a few groups at a time."""
        at_once = max(1, HELD // self.size)
        with drawing.bar(self.groups * self.size, "drawing", self.progress) as told:
            for begin in range(0, self.groups, at_once):
                part = slice(begin, min(begin + at_once, self.groups))
                yield part, self._drawn(part)
                told.update((part.stop - part.start) * self.size)

    def _drawn(self, part: slice) -> Draws:
        rows = drawing.bootstrap_rows(self.sample, self.entropy, self.size)
        return drawing.draw(
            self.kind, self.sample, self.method, self.stack.columns(part), self.point.columns(part),
            self.owners[part], rows, self.size, False, False, np.inf, entropy=self.entropy,
        )  # fmt: skip

    def batches(self) -> Iterator[tuple[slice, Stack, Solution]]:
        """Yield moments and solutions of a batch of replicates, whatever group they belong to."""
        for part, block in self._blocks():
            for inside, stack, solution in block.batches():
                first = part.start * self.size
                yield slice(first + inside.start, first + inside.stop), stack, solution

    def moments(self, group: int) -> Packed:
        """Moments of every replicate of one group."""
        return self._group(group).moments(0)

    def replicate(self, group: int, r: int) -> tuple[Stack, Solution]:
        """Moments and solution of one replicate."""
        return self._group(group).replicate(0, r)

    def _group(self, group: int) -> Draws:
        if self.seen.get("group", (None,))[0] != group:
            self.seen["group"] = (group, self._drawn(slice(group, group + 1)))
        found: Draws = self.seen["group"][1]
        return found

    def compute(self, blueprint: Blueprint, method: Method, result: Callable[[Stack, Estimates], Floats]) -> Floats:
        """Work a result out for every replicate: `(G, R, ...)`, NaN where the replicate failed."""
        found, failed = [], []
        for _, block in self._blocks():
            found.append(block.compute(blueprint, method, result))
            failed.append(block.failed)
        self.seen["failed"] = np.concatenate(failed)
        return np.concatenate(found)

    def select(self, which: NDArray[np.intp]) -> Redrawn:
        """Some of the groups."""
        return replace(
            self,
            stack=self.stack.columns(which),
            point=self.point.columns(which),
            owners=tuple(self.owners[i] for i in which),
            seen={},
        )


#: Draws that are kept, and draws of which only the recipe is.
AnyDraws: TypeAlias = Draws | Redrawn


def worth_redrawing(p: int, groups: int, size: int, q: int, memory: float) -> bool:
    """Whether the draws of all groups would not fit, while those of a few do."""
    each = drawing.bytes_of(p, 1, size, q)
    return groups > 1 and each <= memory < each * groups
