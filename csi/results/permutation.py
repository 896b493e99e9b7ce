"""Groups exchanged at random: moments and solutions of every permutation, from which any noun can be tested."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csi.draws import bar, batch, check_memory
from csi.errors import DataError, NotAvailable
from csi.frames import Partition
from csi.methods.estimates import Estimates, Solution
from csi.numerics.exchange import label_rows
from csi.numerics.moments import Stack, chunks, unpack
from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.sample import Sample

LabelRows = Callable[[], Iterator[NDArray[np.signedinteger[Any]]]]


@dataclass(frozen=True, eq=False)
class Exchange:
    """Some groups thrown together and divided anew, many times.

    Parameters
    ----------
    members : tuple of int
        Which groups of the core.
    pooled : Stack
        Moments of all their cases, one column.
    solution : Solution
        Of the pooled moments.
    mean : array (p, members, B)
    triangle : array (p(p+1)/2, members, B)
    n : array (members, B)
    solutions : Solution
        Of the members x B divisions, in this order.
    """

    members: tuple[int, ...]
    pooled: Stack
    solution: Solution
    mean: Floats
    triangle: Floats
    n: Floats
    solutions: Solution

    @property
    def size(self) -> int:
        """Number of permutations."""
        return int(self.mean.shape[2])

    def compute(self, core: Core, result: Callable[[Stack, Estimates], Floats]) -> Floats:
        """Work a result out for every member and permutation: `(rows, members, B)`, NaN where one failed."""
        p = len(self.mean)
        mean, triangle, n = self.mean.reshape(p, -1), self.triangle.reshape(len(self.triangle), -1), self.n.ravel()
        found = []
        for part in chunks(mean.shape[1], batch(p)):
            stack = Stack(mean[:, part], unpack(triangle[:, part], p), n[part])
            estimates = core.method.estimates(core.blueprint, stack, self.solutions.columns(part))
            values = result(stack, estimates)
            found.append(values.reshape(-1, values.shape[-1]))
        flat = np.concatenate(found, axis=1)
        flat[:, ~self.solutions.converged] = np.nan
        return flat.reshape(len(flat), len(self.members), self.size)


@dataclass(frozen=True, eq=False)
class Permutations:
    """Every pair of groups exchanged, and all groups at once."""

    pairs: dict[tuple[int, int], Exchange]
    every: Exchange
    size: int

    @property
    def failed(self) -> int:
        """Divisions without a solution, over all pairs."""
        return int(sum((~exchange.solutions.converged).sum() for exchange in self.pairs.values()))


def permute(
    core: Core, size: int, entropy: int, given: Any = None, progress: bool = True, memory: float = 1e9
) -> Permutations:
    """Exchange the groups of a fit.

    Parameters
    ----------
    given : array (B, rows), optional
        Group labels of every row of the data in given permutations, for all groups at once.
    """
    groups = len(core.groups)
    if groups < 2:
        raise NotAvailable("there is one group, and nothing to exchange; study.fit(data, by='wave') divides the cases")
    core._cases()
    p, q = len(core.stack.mean), len(core.solution.values)
    ways = [*combinations(range(groups), 2), *([tuple(range(groups))] if groups > 2 else [])]
    labels = None if given is None else read_labels(core, given)
    count = size if labels is None else len(labels)
    check_memory(p, sum(len(members) for members in ways), count, q, memory)
    done = {}
    with bar(count * len(ways), "permuting", progress) as told:
        for members in ways:
            done[members] = _exchange(core, members, count, entropy, labels)
            told.update(count)
    pairs = {(way[0], way[1]): exchange for way, exchange in done.items() if len(way) == 2}
    return Permutations(pairs, done[ways[-1]], count)


def one_pair(core: Core, first: int, second: int, size: int, entropy: int) -> Permutations:
    """Exchange two of the groups."""
    members = min(first, second), max(first, second)
    done = _exchange(core, members, size, entropy, None)
    return Permutations({members: done}, done, size)


def _exchange(
    core: Core, members: tuple[int, ...], size: int, entropy: int, labels: NDArray[np.intp] | None
) -> Exchange:
    """Moments and solutions of the pool of some groups and of its divisions."""
    sample = core._cases()
    wanted = [core.groups[i] for i in members]
    inside = np.isin(sample.groups.codes, wanted)
    pool = replace(sample, groups=Partition(("pool",), (0, 1), inside.astype(np.intp)))
    own = np.searchsorted(np.array(wanted), sample.groups.codes[inside])
    if labels is None:
        rows = _random_rows(core, members, inside, own, entropy, size)
    else:
        rows = _given_rows(labels[:, inside], wanted)
    pooled = pool.stack(1)
    solution = core.method.solve(core.blueprint, pooled)
    weight = sample.weight[inside]
    p = len(pooled.mean)
    mean, triangle = np.empty((p, len(members), size)), np.empty((p * (p + 1) // 2, len(members), size))
    n, at = np.empty((len(members), size)), 0
    for block in rows():
        part = slice(at, at + len(block))
        for k in range(len(members)):
            mean[:, k, part], triangle[:, k, part], n[k, part] = _divided(pool, block == k, weight, pooled)
        at = part.stop
    solutions = _solved(core, solution, mean, triangle, n)
    return Exchange(members, pooled, solution, mean, triangle, n, solutions)


def _divided(pool: Sample, chosen: NDArray[np.bool_], weight: Floats, pooled: Stack) -> tuple[Floats, Floats, Floats]:
    """Means, upper triangles of unbiased covariances and sizes of one member in a block of divisions."""
    multiplied = chosen.view(np.uint8) if (weight == 1).all() else chosen * weight
    packed = pool.packed(1, multiplied, pooled)
    count = multiplied if pool.design.count else multiplied > 0
    n = count.sum(axis=1).astype(float)
    whole = float(pooled.n[0])
    # Moments of the pool are made unbiased by its own number of cases.
    return packed.mean, packed.cov * (n / (n - 1)) / (whole / (whole - 1)), n


def _solved(core: Core, start: Solution, mean: Floats, triangle: Floats, n: Floats) -> Solution:
    p, total = len(mean), n.size
    means, triangles, sizes = mean.reshape(p, -1), triangle.reshape(len(triangle), -1), n.ravel()
    values = np.empty((len(start.values), total))
    iterations, converged = np.zeros(total, np.int64), np.zeros(total, bool)
    for part in chunks(total, batch(p)):
        stack = Stack(means[:, part], unpack(triangles[:, part], p), sizes[part])
        begun = start.columns(np.zeros(part.stop - part.start, np.intp))
        values[:, part], iterations[part], converged[part] = core.method.solve(core.blueprint, stack, begun)
    return Solution(values, iterations, converged)


# -- who may be exchanged -----------------------------------------------------------------------------------


def _random_rows(
    core: Core, members: tuple[int, ...], inside: NDArray[np.bool_], own: NDArray[np.intp], entropy: int, size: int
) -> LabelRows:
    """Rows of labels by a stream that depends on the labels of the groups, not on their neighbours."""
    sample = core._cases()
    key = "permute " + " ".join(repr(core.labels[i]) for i in members)
    if sample.replicates is not None:
        raise NotAvailable(
            "replicate weights do not say who may be exchanged with whom; name strata and clusters in the design"
        )
    if sample.layout is None:
        unit = np.arange(len(own))
        labels, stratum = own, np.zeros(len(own), np.intp)
    else:
        unit = np.unique(sample.layout.psu[inside], return_inverse=True)[1]
        labels, stratum = _units(own, unit, sample.layout.stratum[sample.layout.psu[inside]])
    return lambda: label_rows(entropy, key, labels, unit, stratum, size)


def _units(
    own: NDArray[np.intp], unit: NDArray[np.intp], stratum: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Group and stratum of every cluster; refuse where the design forbids exchange."""
    size = int(unit.max()) + 1
    labels, strata = np.empty(size, np.intp), np.empty(size, np.intp)
    labels[unit], strata[unit] = own, stratum
    if (labels[unit] != own).any():
        mixed = len(np.unique(unit[labels[unit] != own]))
        raise NotAvailable(
            f"{mixed} cluster{'s answer' if mixed > 1 else ' answers'} in several groups, so groups cannot be"
            " exchanged: a cluster moves as a whole. Compare them with fit.compare(), which keeps clusters together"
        )
    shared = any(len(np.unique(labels[strata == h])) > 1 for h in np.unique(strata))
    if not shared:
        raise NotAvailable(
            "every stratum lies within one group, so the design lets no case change its group; the groups are"
            " different populations by design. Compare them with fit.compare()"
        )
    return labels, strata


def read_labels(core: Core, given: Any) -> NDArray[np.intp]:
    """Read permuted group labels `(B, rows of the data)` as numbers of the sample's groups."""
    sample = core._cases()
    labels = np.asarray(given)
    if labels.ndim != 2 or labels.shape[1] != len(sample.index):
        raise DataError(
            f"groups must be permutations x rows of the data, so (B, {len(sample.index)}); it is"
            f" {' x '.join(map(str, labels.shape))}"
        )
    if len(sample.groups.names) > 1:
        raise NotAvailable("given permutations are read where one column names the groups; here there are several")
    known = {label: i for i, label in enumerate(sample.groups.labels)}
    values = np.unique(labels)
    strange = [value for value in values.tolist() if value not in known]
    if strange:
        raise DataError(f"groups: {strange[0]!r} is no group; there are {', '.join(map(repr, known))}")
    numbers = np.array([known[value] for value in values.tolist()], np.intp)
    return numbers[np.searchsorted(values, labels)][:, sample.at]


def _given_rows(labels: NDArray[np.intp], wanted: list[int]) -> LabelRows:
    """Given labels as numbers of members; a case whose label is no member's is in none."""

    def rows() -> Iterator[NDArray[np.signedinteger[Any]]]:
        for begin in range(0, len(labels), 256):
            block = labels[begin : begin + 256]
            numbered = np.full(block.shape, -1, np.intp)
            for k, group in enumerate(wanted):
                numbered[block == group] = k
            yield numbered

    return rows
