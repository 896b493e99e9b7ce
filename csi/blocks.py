"""Items in blocks: the answers that a table before any model needs, with groups, case weights and the design.

Functions of the side rooms take a table and either a `Model`, a mapping of block names to columns, a list of columns,
or nothing (every column of numbers). This module reads all four the same way.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import frames
from csi.design import Design
from csi.errors import DataError, NotAvailable, SettingsError, listing
from csi.numerics import survey
from csi.spec.model import Model

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Scale = tuple[float, float]
ModelLike = Model | Mapping[str, Sequence[str]] | Sequence[str] | str | None


class Group(NamedTuple):
    """One group of cases: its labels as an index shows them, and who is inside, (n,)."""

    label: tuple[Hashable, ...]
    inside: Bools


class Mean(NamedTuple):
    """Estimated means (k,), their covariance (k, k), cases behind each (k,), and degrees of freedom."""

    estimate: Floats
    cov: Floats
    n: NDArray[np.int64]
    df: float


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers as arrays: `values` (n, p) with NaN where missing and reversed items turned."""

    values: Floats
    names: tuple[str, ...]
    blocks: Mapping[str, tuple[int, ...]]
    scales: tuple[Scale | None, ...]
    turned: tuple[str, ...]
    index: pd.Index
    weights: Floats
    by: tuple[str, ...]
    groups: tuple[Group, ...]
    laid: survey.Layout | None
    named: bool
    single_psu: Any = "error"

    def __len__(self) -> int:
        return len(self.values)

    @property
    def weighted(self) -> bool:
        """Whether cases count differently."""
        return bool(np.ptp(self.weights) > 0)

    def rows(self, items: Sequence[int] | None = None) -> pd.Index:
        """Index of one row an item: (construct, item) where blocks have names, else item."""
        wanted = range(len(self.names)) if items is None else items
        of = {j: block for block, members in self.blocks.items() for j in members}
        if not self.named:
            return pd.Index([self.names[j] for j in wanted], name="item")
        pairs = [(of[j], self.names[j]) for j in wanted]
        return pd.MultiIndex.from_tuples(pairs, names=["construct", "item"])

    def note(self, treatment: str) -> dict[str, str]:
        """What a table says about itself in `.attrs`: missing answers, turned items, weights."""
        notes = {"missing": treatment}
        if self.turned:
            notes["reversed"] = "turned before the calculation: " + ", ".join(self.turned)
        if self.weighted:
            notes["weights"] = "case weights of the design"
        return notes

    def mean(self, z: Floats, group: Group) -> Mean:
        """Weighted means of columns `z` (n, k) in a group, NaN counted out column by column.

        Without a design the covariance is that of independent cases (s^2/n for one column); with one it is
        linearized between clusters within strata, the group being a domain of the whole sample.
        """
        given = ~np.isnan(z) & group.inside[:, None] & (self.weights > 0)[:, None]
        w = self.weights[:, None] * given
        total = w.sum(axis=0)
        filled = np.where(given, z, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            estimate = (w * filled).sum(axis=0) / total
            influence = np.where(given, w * (filled - estimate) / total, 0.0)
        cov, df = self.covariance(influence, given)
        return Mean(estimate, cov, given.sum(axis=0), df)

    def covariance(self, influence: Floats, given: Bools) -> tuple[Floats, float]:
        """Covariance of the sums of influences (n, k), `given` (n, k) saying who counts, and degrees of freedom."""
        some: Bools = np.asarray(given.any(axis=1))
        if self.laid is not None:
            cov = survey.linearized_covariance(influence, self.laid, _lonely(self.laid, self.single_psu))
            return cov, float(survey.degrees_of_freedom(self.laid, some))
        n = given.T.astype(float) @ given
        with np.errstate(invalid="ignore", divide="ignore"):
            cov = influence.T @ influence * np.where(n > 1, n / (n - 1), np.nan)
        return cov, float(max(some.sum() - 1, 0))


def read(
    data: Any,
    model: ModelLike = None,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    scale: Scale | None = None,
    turn: bool = True,
    leave_out: Sequence[str] = (),
) -> Answers:
    """Open a table and read the items of a model, of blocks, of a list, or every column of numbers.

    Parameters
    ----------
    data : DataFrame (pandas, polars, Arrow) or mapping of columns.
    model : Model, {block: [columns]}, [columns] or None
    by : column or columns that divide the cases into groups.
    design : Design naming weights, strata, clusters.
    scale : (low, high) of items whose scale the model does not tell.
    turn : whether reversed items are turned, low + high - answer.
    leave_out : columns that are no items where no items were named.

    Raises
    ------
    DataError
        Naming at once every column that is missing, doubled or no number.

    Examples
    --------
    >>> answers = read({"q1": [1, 2, 3], "q2": [2, 4, 99], "wave": ["a", "a", "b"]}, by="wave")
    >>> answers.names, [group.label for group in answers.groups]
    (('q1', 'q2'), [('a',), ('b',)])
    """
    opened = frames.table(data)
    aside = {*(() if by is None else (by,) if isinstance(by, str) else by), *(design.columns if design else ())}
    aside |= set(leave_out)
    blocks = _blocks(model, opened, aside)
    names = tuple(dict.fromkeys(name for members in blocks.values() for name in members))
    _check_once(blocks)
    values = frames.numbers(opened, names).T
    details = _details(model, names, scale)
    values = np.where(_unknown(values, details), np.nan, values)
    turned = tuple(name for name, (_, reverse, _) in zip(names, details, strict=True) if reverse) if turn else ()
    values = _turned(values, names, details, turned)
    repeat, weights, laid = _drawn(opened, design)
    partition = frames.partition(opened, by)
    codes = partition.codes[repeat]
    groups = tuple(Group(_label(each), codes == code) for code, each in enumerate(partition.labels))
    at = {name: j for j, name in enumerate(names)}
    return Answers(
        values=values[repeat],
        names=names,
        blocks={block: tuple(at[name] for name in members) for block, members in blocks.items()},
        scales=tuple(range_ for range_, _, _ in details),
        turned=turned,
        index=opened.index[repeat],
        weights=weights,
        by=partition.names,
        groups=groups,
        laid=laid,
        named=isinstance(model, (Model, Mapping)),
        single_psu=design.single_psu if design else "error",
    )


def stacked(answers: Answers, tables: Iterator[pd.DataFrame], attrs: Mapping[str, Any]) -> pd.DataFrame:
    """Put one table a group under each other, the group as first row level."""
    parts = list(tables)
    if answers.by:
        labels = [group.label for group in answers.groups]
        keys = [label[0] for label in labels] if len(answers.by) == 1 else labels
        whole = pd.concat(parts, keys=keys, names=[*answers.by, *parts[0].index.names])
    else:
        whole = parts[0]
    whole.attrs.update(attrs)
    return whole


def _label(label: Any) -> tuple[Hashable, ...]:
    return label if isinstance(label, tuple) else (label,)


def _blocks(model: ModelLike, opened: frames.Table, aside: set[str]) -> dict[str, list[str]]:
    """Names of the items of every block."""
    if isinstance(model, Model):
        return {name: [i.name for i in block.items] for name, block in model.constructs.items() if block.items}
    if isinstance(model, Mapping):
        empty = [f"block {block!r} names no items" for block, members in model.items() if not list(members)]
        if empty:
            raise DataError(listing(empty, "the blocks cannot be read"))
        return {str(b): [members] if isinstance(members, str) else list(members) for b, members in model.items()}
    if isinstance(model, str):
        return {"all": [model]}
    if model is not None:
        return {"all": [str(getattr(item, "name", item)) for item in model]}
    return {"all": [name for name in opened.columns if name not in aside and _numeric(opened, name)]}


def _numeric(opened: frames.Table, name: str) -> bool:
    """Whether a column holds numbers; a doubled name is left to the reader, which refuses it."""
    if opened.columns.count(name) > 1:
        return True
    return bool(pd.api.types.is_numeric_dtype(opened.column(name).dtype))


def _check_once(blocks: Mapping[str, Sequence[str]]) -> None:
    every = [name for members in blocks.values() for name in members]
    if not every:
        raise DataError('there is no column of numbers in the data; name the items: ["q1", "q2"]')
    twice = sorted({name for name in every if every.count(name) > 1})
    if twice:
        problems = [f"item {name!r} is named {every.count(name)} times; name it once" for name in twice]
        raise DataError(listing(problems, "the blocks cannot be read"))


Detail = tuple[Scale | None, bool, tuple[float, ...]]


def _details(model: ModelLike, names: Sequence[str], scale: Scale | None) -> list[Detail]:
    """Scale, whether reversed, and unknown codes of every item."""
    if scale is not None and not (len(scale) == 2 and scale[0] < scale[1]):
        raise SettingsError(f"scale must be (low, high) with low < high, such as (1, 10); not {scale!r}")
    if not isinstance(model, Model):
        return [(scale, False, ())] * len(names)
    known = {item.name: item for item in model.items}
    found: list[Detail] = []
    for name in names:
        item, ends = known[name], model.scale_of(known[name])
        found.append((scale if ends is None else (ends.low, ends.high), item.reversed, item.unknown))
    return found


def _unknown(values: Floats, details: Sequence[Detail]) -> Bools:
    return np.stack([np.isin(values[:, j], codes) for j, (_, _, codes) in enumerate(details)], axis=1)


def _turned(values: Floats, names: Sequence[str], details: Sequence[Detail], turned: Sequence[str]) -> Floats:
    """Turn reversed items on their scale."""
    values, problems = values.copy(), []
    for name in turned:
        j = names.index(name)
        ends = details[j][0]
        if ends is None:
            problems.append(f"item {name!r} is reversed but has no scale")
        else:
            values[:, j] = sum(ends) - values[:, j]
    if problems:
        raise DataError(listing(problems, "items cannot be turned; give scale=(low, high)"))
    return values


def _drawn(opened: frames.Table, design: Design | None) -> tuple[NDArray[np.intp], Floats, survey.Layout | None]:
    """Which rows stand for which cases (a count repeats them), their weights, and clusters within strata."""
    n = len(opened)
    rows = np.arange(n)
    if design is None:
        return rows, np.ones(n), None
    if design.replicates:
        raise NotAvailable(
            "replicate weights are used by fits (Study(...).fit(data).replicate()); tables before the model need"
            " stratum= and cluster= instead"
        )
    if design.count is not None:
        counts = _weights(opened, design.count, "count")
        if (counts != np.round(counts)).any():
            raise DataError(f"count column {design.count!r} holds fractions; sampling weights go to Design(weight=)")
        return np.repeat(rows, counts.astype(int)), np.ones(int(counts.sum())), None
    weights = np.ones(n) if design.weight is None else _weights(opened, design.weight, "weight")
    inside = weights > 0
    stratum = np.zeros(n, np.intp) if design.stratum is None else frames.classes(opened, design.stratum, "stratum")[0]
    psu = rows if design.cluster is None else frames.classes(opened, design.cluster, "cluster")[0]
    strata = np.unique(stratum[inside], return_inverse=True)[1]
    laid = survey.layout(strata, psu[inside], _population(opened, design, strata, inside))
    return rows[inside], weights[inside] / weights[inside].mean(), laid


def _weights(opened: frames.Table, name: str, what: str) -> Floats:
    """A column of case weights, refused where negative, blank or all zero."""
    w = frames.numbers(opened, [name], what)[0]
    problems = []
    if np.isnan(w).any():
        problems.append(f"{int(np.isnan(w).sum())} cases have a blank {what}")
    if (w < 0).any():
        problems.append(f"{int((w < 0).sum())} cases have a negative {what}")
    if not problems and not (w > 0).any():
        problems.append("every case has weight zero")
    if problems:
        raise DataError(listing(problems, f"{what} column {name!r} cannot be used"))
    return w


def _population(opened: frames.Table, design: Design, strata: NDArray[np.intp], inside: Bools) -> Floats | None:
    """Clusters in the population of every stratum that is in the sample, (H,)."""
    if design.fpc is None:
        return None
    sizes = frames.numbers(opened, [design.fpc], "fpc")[0][inside]
    return np.array([sizes[strata == h][0] for h in np.unique(strata)])


def _lonely(laid: survey.Layout, choice: str) -> Any:
    """Refuse a stratum with one cluster unless the design says what to do with it."""
    single = int((laid.n_psu == 1).sum())
    if choice == "error" and single:
        raise DataError(
            f"{single} strat{'a hold' if single > 1 else 'um holds'} one cluster only, which has no variance; join"
            " strata, or say Design(single_psu='certainty') or 'centered'"
        )
    return "certainty" if choice == "error" else choice
