"""Folding batches of rows into the sums of their groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import DataError, SettingsError
from csi.numerics import tally as sums
from csi.numerics.moments import pair_products, pairs, products
from csi.numerics.poisson import Keys, mixed, multipliers, row_keys, stream_key
from csi.numerics.solve import Floats
from csi.passes.batches import Batch, within
from csi.passes.plan import Plan
from csi.passes.seen import Column, Seen, assembled
from csi.record import Record
from csi.waist import Moments, in_order

#: Cases whose products are summed at a time: 25 columns of them, plain and weighted, fit into a second-level cache.
PIECE = 1024
#: Replicates that are drawn at a time.
DRAWN = 256


def fold(batches: Iterable[Batch], plan: Plan) -> Moments | None:
    """Fold batches into moments; None where there were no rows."""
    folding = Folding(plan)
    for batch in batches:
        if batch.rows:
            folding.take(batch)
    return folding.moments() if folding.rows else None


class Cases(NamedTuple):
    """Rows of a batch: answers less the shift `(p, n)`, case weights, numbers of groups, keys of resampling weights."""

    answers: NDArray[Any]
    weight: Floats | None
    groups: NDArray[np.intp] | None
    keys: Keys | None


class Folding:
    """Sums of every group so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.p = plan, len(plan.items)
        self.rows = self.dropped = self.unweighted = 0
        self.labels: dict[Any, int] = {}
        self.shift: Floats | None = None
        self.tables: list[Floats] = []
        self.paired: dict[int, Floats] = {}
        self.n: list[float] = []
        self.squares: list[float] = []
        self.answered: list[Floats] = []
        self.part, self.parts = "", set[str]()
        self.passed: dict[int, int] = {}
        self.seen = Seen(plan)
        self.plain, self.weighted = np.ones((1 + self.p, PIECE)), np.ones((1 + self.p, PIECE))

    # -- a batch -------------------------------------------------------------------------------------------

    def take(self, batch: Batch) -> None:
        """Add a batch of rows."""
        if batch.part != self.part:
            self.part, self.passed = batch.part, {}
        self.parts.add(batch.part)
        self.rows += batch.rows
        columns = [self.seen.item(batch, j) for j in range(self.p)]
        if self.shift is None:
            self.shift = self._first_shift(columns)
        answers = assembled(columns, self.shift)
        weight, used = self._weight(batch)
        groups = self._groups(batch)
        cases = Cases(answers, weight, groups, self._keys(batch, groups))
        whole = _whole([answers[j] for j, column in enumerate(columns) if column.blanks])
        self._add(cases, _both(used, whole), self._add_complete)
        if whole is None:
            return
        if self.plan.missing == "listwise":
            self.dropped += int((~whole).sum())
        else:
            self._add(cases, _both(used, ~whole), self._add_blank)

    def _weight(self, batch: Batch) -> tuple[Floats | None, NDArray[np.bool_] | None]:
        """Case weights, and which rows are in use where some weigh nothing."""
        name = self.plan.weight or self.plan.count
        if name is None:
            return None, None
        weight = batch.numbers(name, "weight").astype(float, copy=False)
        problem, low = _weight_problem(weight, name, bool(self.plan.count)), float(weight.min())
        if problem:
            raise DataError(within(batch.part, f"the case weights cannot be used: {problem}"))
        if low > 0:
            return weight, None
        used = weight > 0
        self.unweighted += int((~used).sum())
        return weight, used

    def _groups(self, batch: Batch) -> NDArray[np.intp] | None:
        """Number of the group of every row; None where all are one."""
        if not self.plan.by:
            self._group(())
            return None
        columns = [batch.labels(name) for name in self.plan.by]
        for name, (codes, _) in zip(self.plan.by, columns, strict=True):
            if codes.min() < 0:
                blanks = int((codes < 0).sum())
                problem = f"by column {name!r} has {blanks} blank{'s' * (blanks > 1)}; fill them, or leave the rows out"
                raise DataError(within(batch.part, problem))
        if len(columns) == 1:
            codes, labels = columns[0]
            there = np.bincount(codes, minlength=len(labels)) > 0
            # A dictionary may hold labels that no row has.
            known = [self._group(label) if here else -1 for label, here in zip(labels, there.tolist(), strict=True)]
            return np.array(known, np.intp)[codes]
        joint = np.ravel_multi_index(tuple(codes for codes, _ in columns), tuple(len(labels) for _, labels in columns))
        there, codes = np.unique(joint, return_inverse=True)
        at = np.unravel_index(there, tuple(len(labels) for _, labels in columns))
        levels = [[labels[i] for i in own] for own, (_, labels) in zip(at, columns, strict=True)]
        return np.array([self._group(label) for label in zip(*levels, strict=True)], np.intp)[codes]

    def _group(self, label: Any) -> int:
        """Number of a group, which is made when it is met first."""
        number = self.labels.get(label)
        if number is None:
            number = self.labels[label] = len(self.labels)
            drawn = self.plan.replicates
            shape = (sums.rows_of(self.p, False), 1 + drawn) if drawn else (1 + self.p, 1 + self.p)
            self.tables.append(np.zeros(shape))
            self.n.append(0.0)
            self.squares.append(0.0)
            self.answered.append(np.zeros(self.p))
            self._check_memory()
        return number

    def _check_memory(self) -> None:
        """Refuse more groups and replicates than fit; moments of every replicate are made of the sums."""
        columns, groups = 1 + self.plan.replicates, len(self.labels)
        plain, paired = (sums.rows_of(self.p, kind) * columns for kind in (False, True))
        if 16.0 * (groups * plain + len(self.paired) * paired) > self.plan.memory:
            raise SettingsError(
                f"the sums of {groups:,} groups with {self.plan.replicates:,} replicates need more than"
                f" memory={self.plan.memory:.3g} bytes; ask for fewer replicates, raise memory=, or make a pass for"
                " some of the groups at a time"
            )

    def _keys(self, batch: Batch, groups: NDArray[np.intp] | None) -> Keys | None:
        """What resampling weights are hashed from: the case's cluster, or its place in its group and part."""
        plan = self.plan
        if not plan.replicates:
            return None
        if plan.cluster:
            return _cluster_keys(batch, plan)
        names, keys = list(self.labels), np.empty(batch.rows, np.uint64)
        order, ends = _sorted(groups, None, batch.rows)
        for g, begin, end in ends:
            first = self.passed.get(g, 0)
            self.passed[g] = first + end - begin
            stream = stream_key(plan.entropy, batch.part, _named(names[g]))
            keys[slice(begin, end) if order is None else order[begin:end]] = row_keys(stream, first, end - begin)
        return keys

    def _first_shift(self, columns: Sequence[Column]) -> Floats:
        """About where answers lie: the middle of the scale, or the first mean of an item without one.

        A whole number where answers are, so that their products are.
        """
        shift = np.zeros(self.p)
        for j, (scale, column) in enumerate(zip(self.plan.scales, columns, strict=True)):
            given = column.values[~np.isnan(column.values)] if scale is None else np.zeros(0)
            middle = (scale[0] + scale[1]) / 2 if scale else given.mean(dtype=float) if len(given) else 0.0
            shift[j] = middle if column.values.dtype.kind == "f" and scale is None else np.floor(middle)
        return shift

    # -- sums ------------------------------------------------------------------------------------------------

    def _add(self, cases: Cases, mask: NDArray[np.bool_] | None, add: Any) -> None:
        """Add some of the rows, group after group, a piece at a time."""
        order, ends = _sorted(cases.groups, mask, cases.answers.shape[1])
        answers = cases.answers if order is None else _reordered(cases.answers, order)
        weight, keys = (part if part is None or order is None else part[order] for part in cases[1::2])
        for g, first, last in ends:
            step = -(-(last - first) // -(-(last - first) // PIECE))
            for begin in range(first, last, step):
                part = slice(begin, min(begin + step, last))
                add(g, answers[:, part], None if weight is None else weight[part], None if keys is None else keys[part])

    def _add_complete(self, g: int, x: NDArray[Any], w: Floats | None, keys: Keys | None) -> None:
        """Add complete cases `(p, m)` of one group."""
        m = x.shape[1]
        self._count(g, m, None, w)
        plain = self.plain[:, :m]
        plain[1:] = x
        if keys is not None:
            self._add_drawn(self.tables[g], products(plain[1:]), w, keys)
            return
        # A product of two different arrays is quicker here than the symmetric one of an array with itself.
        weighted = self.weighted[:, :m]
        np.multiply(plain, 1.0 if w is None else w, out=weighted)
        self.tables[g] += plain @ weighted.T

    def _add_blank(self, g: int, x: NDArray[Any], w: Floats | None, keys: Keys | None) -> None:
        """Add cases with blanks of one group."""
        given = ~np.isnan(x)
        filled = np.where(given, x, 0)
        self._count(g, x.shape[1], given, w)
        if g not in self.paired:
            self.paired[g] = np.zeros((sums.rows_of(self.p, True), 1 + self.plan.replicates))
            self._check_memory()
        if keys is None:
            self.paired[g] += sums.pair_square(filled, given, np.ones(x.shape[1]) if w is None else w)
        else:
            self._add_drawn(self.paired[g], pair_products(filled, given), w, keys)

    def _add_drawn(self, table: Floats, stacked: Floats, w: Floats | None, keys: Keys) -> None:
        """Add products under the case weights and under every replicate of them."""
        if w is not None:
            stacked *= w
        table[:, 0] += stacked.sum(axis=1)
        for first in range(0, self.plan.replicates, DRAWN):
            size = min(DRAWN, self.plan.replicates - first)
            table[:, 1 + first : 1 + first + size] += stacked @ multipliers(keys, first, size)

    def _count(self, g: int, m: int, given: NDArray[np.bool_] | None, w: Floats | None) -> None:
        """Count cases, and answers where some are blank; a row with a count is as many."""
        copies = w if self.plan.count else None
        number = float(m if copies is None else copies.sum())
        self.n[g] += number
        self.squares[g] += number if w is None or self.plan.count else float(w @ w)
        if given is None:
            self.answered[g] += number
        else:
            self.answered[g] += given.sum(axis=1) if copies is None else given @ copies

    # -- out ---------------------------------------------------------------------------------------------------

    def moments(self) -> Moments:
        """Sums of all groups, in the order of their labels."""
        if not sum(self.n):
            raise DataError(self._nobody())
        order = in_order(self.labels)
        tallies = tuple(self._tally(self.labels[label]) for label in order)
        plan = self.plan
        drawn = plan.replicates > 0
        record = Record(
            plan.scales,
            plan.unknown,
            plan.missing,
            "count" if plan.count else "weight" if plan.weight else None,
            _print(plan, "") if drawn and plan.cluster else None,
            tuple(sorted(_print(plan, part) for part in self.parts)) if drawn and not plan.cluster else (),
            self.rows,
            self.dropped,
            self.unweighted,
            self.seen.facts(),
        )
        shift = np.zeros(self.p) if self.shift is None else self.shift
        return Moments.tallied(plan.items, tuple(order), plan.by, shift, tallies, record)

    def _nobody(self) -> str:
        """Why no case is in use."""
        if self.plan.missing == "listwise" and self.dropped:
            return "no case answered every item; missing='pairwise' uses the answers that are there"
        return f"weight {self.plan.weight or self.plan.count!r} is 0 in every case; nobody is in the sample"

    def _tally(self, g: int) -> sums.Tally:
        table, rows = self.tables[g], pairs(1 + self.p)
        table = table if self.plan.replicates else table[rows][:, None]
        if g in self.paired:
            table = sums.expanded(table, self.p) + self.paired[g]
        return sums.Tally(self.n[g], self.squares[g], self.answered[g], table)


def _named(label: Any) -> str:
    """A label as text: a number that a file holds as text has the same resamples."""
    return "\x1e".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _print(plan: Plan, part: str) -> str:
    """Fingerprint of a stream of chance, by which the same resampling weights are known again but not found out."""
    return f"{int(stream_key('fingerprint', plan.entropy, part)):016x}"


def _reordered(answers: NDArray[Any], order: NDArray[np.intp]) -> NDArray[Any]:
    """Cases in another order: they are laid side by side first, so that each is moved as a whole."""
    beside = np.empty(answers.shape[::-1], answers.dtype)
    for j, row in enumerate(answers):
        beside[:, j] = row
    return beside.take(order, axis=0).T


def _whole(blank: list[NDArray[Any]]) -> NDArray[np.bool_] | None:
    """Which rows have no blank in these columns; None where there are no such columns."""
    if not blank:
        return None
    whole = ~np.isnan(blank[0])
    for values in blank[1:]:
        whole &= ~np.isnan(values)
    return whole


def _both(first: NDArray[np.bool_] | None, second: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    if first is None or second is None:
        return second if first is None else first
    return first & second


def _sorted(
    groups: NDArray[np.intp] | None, mask: NDArray[np.bool_] | None, rows: int
) -> tuple[NDArray[np.intp] | None, list[tuple[int, int, int]]]:
    """Rows in the order of their groups (None: as they stand), and `(group, begin, end)` of every group there."""
    chosen = None if mask is None else np.flatnonzero(mask)
    total = rows if chosen is None else len(chosen)
    if groups is None:
        return chosen, [(0, 0, total)] if total else []
    own = groups if chosen is None else groups[chosen]
    sizes = np.bincount(own)
    # Small integers are sorted by counting.
    order = np.argsort(own.astype(np.uint16) if len(sizes) <= 65536 else own, kind="stable")
    ends = np.cumsum(sizes)
    there = np.flatnonzero(sizes)
    return (
        order if chosen is None else chosen[order],
        list(zip(there.tolist(), (ends - sizes)[there].tolist(), ends[there].tolist(), strict=True)),
    )


def _weight_problem(weight: Floats, name: str, counts: bool) -> str:
    """What is wrong with case weights, or nothing."""
    low = weight.min()
    if np.isnan(low):
        return f"weight {name!r} has {int(np.isnan(weight).sum())} blanks; a case out of use has weight 0"
    if low < 0:
        return f"weight {name!r} is negative in {int((weight < 0).sum())} cases; a case weight is 0 or more"
    if np.isinf(weight.max()):
        return f"weight {name!r} is infinite in {int(np.isinf(weight).sum())} cases"
    if counts and (weight != np.round(weight)).any():
        return f"count {name!r} is not whole everywhere; for sampling weights use Design(weight={name!r})"
    return ""


def _cluster_keys(batch: Batch, plan: Plan) -> Keys:
    """Keys of the clusters of the rows, the same wherever and whenever a cluster is met."""
    codes, labels = batch.labels(str(plan.cluster))
    if codes.min() < 0:
        problem = f"cluster {plan.cluster!r} has {int((codes < 0).sum())} blanks; every case needs one"
        raise DataError(within(batch.part, problem))
    read = [_whole_number(label) for label in labels]
    texts = np.array([number is None for number in read], bool)
    hashed = np.empty(len(labels), np.uint64)
    numbers = np.array([number for number in read if number is not None], np.int64)
    hashed[~texts] = pd.util.hash_array(numbers, categorize=False)
    names = np.array([str(label) for label, text in zip(labels, texts, strict=True) if text], object)
    hashed[texts] = pd.util.hash_array(names, categorize=False)
    return mixed(hashed + stream_key(plan.entropy, "cluster"))[codes]


def _whole_number(label: Any) -> int | None:
    """The whole number that a label is, or reads as: a CSV file holds numbers as text."""
    if isinstance(label, str):
        plain = label.isascii() and label.isdecimal() and (label[0] != "0" or label == "0") and len(label) < 19
        return int(label) if plain else None
    if isinstance(label, (int, float)) and not isinstance(label, bool) and label == int(label) and abs(label) < 2**63:
        return int(label)
    return None


def ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Read the next batch while one is worked on."""
    from concurrent.futures import ThreadPoolExecutor

    source = iter(batches)
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, source, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, source, None)
            yield batch
