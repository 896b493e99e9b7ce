"""Answers as arrays with their groups, case weights and design, and the means that everything rests on."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.blocks.said import Said, chinese
from csi.errors import DataError
from csi.numerics import survey

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Scale = tuple[float, float]


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


class Replicates(NamedTuple):
    """Replicate weights of a design: multipliers of the case weights (n, R), and the factors of their variance."""

    multipliers: Floats
    scale: float
    rscales: Floats
    df: float

    def covariance(self, draws: Floats, estimate: Floats) -> Floats:
        """Covariance of an estimate (k,) from its replicates (R, k)."""
        return survey.replicate_covariance(draws, estimate, self.scale, self.rscales)


@dataclass(frozen=True, eq=False)
class Arrays:
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
    replicates: Replicates | None = None
    design_df: float | None = None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def weighted(self) -> bool:
        """Whether cases count differently."""
        return bool(np.ptp(self.weights) > 0)

    @property
    def simple(self) -> bool:
        """Whether the respondents are a simple random sample (no design, or frequencies alone)."""
        return self.laid is None and self.replicates is None

    def rows(self, items: Sequence[int] | None = None) -> pd.Index:
        """Index of one row an item: (construct, item) where blocks have names, else item."""
        wanted = range(len(self.names)) if items is None else items
        of = {j: block for block, members in self.blocks.items() for j in members}
        if not self.named:
            return pd.Index([self.names[j] for j in wanted], name="item")
        pairs = [(of[j], self.names[j]) for j in wanted]
        return pd.MultiIndex.from_tuples(pairs, names=["construct", "item"])

    def note(self, treatment: str) -> dict[str, Any]:
        """What a table says about itself in `.attrs`: missing answers, turned items, weights, names of constructs."""
        notes: dict[str, Any] = {"missing": treatment}
        if self.labels:
            notes["labels"] = self.labels
        if self.turned:
            items = ", ".join(self.turned)
            notes["reversed"] = Said(f"turned before the calculation: {items}", f"计算前已反向计分：{items}")
        if self.weighted:
            notes["weights"] = Said("case weights of the design", "按抽样设计加权")
        if not self.simple:
            notes["design"] = _DESIGN if self.replicates is None else _REPLICATES
        return notes

    def where(self, group: Group) -> Said:
        """Name a group inside a sentence, nothing where there is one group only."""
        label = ", ".join(map(str, group.label))
        return Said(f" in group {label}", f"（组 {label}）") if self.by else Said("")

    def mean(self, z: Floats, group: Group) -> Mean:
        """Weighted means of columns `z` (n, k) in a group, NaN counted out column by column.

        Without a design the covariance is that of independent cases (s^2/n for one column); with one it is
        linearized between clusters within strata, the group being a domain of the whole sample, or that of the
        replicate weights, with the mean worked out in each.
        """
        given = ~np.isnan(z) & group.inside[:, None] & (self.weights > 0)[:, None]
        w = self.weights[:, None] * given
        total = w.sum(axis=0)
        filled = np.where(given, z, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            estimate = (w * filled).sum(axis=0) / total
            if self.replicates is not None:
                drawn = self.replicates.multipliers.T
                draws = (drawn @ (w * filled)) / (drawn @ w)
                return Mean(estimate, self.replicates.covariance(draws, estimate), given.sum(axis=0), self._df(given))
            influence = np.where(given, w * (filled - estimate) / total, 0.0)
        cov, df = self.covariance(influence, given)
        return Mean(estimate, cov, given.sum(axis=0), df)

    def ratio(self, top: Floats, bottom: Floats, group: Group) -> Mean:
        """Ratios of the weighted means of columns (n, k), blanks in both where in one.

        Residuals (top - R bottom)/mean(bottom) take the place of the answers [Cochran 1977, eq. 6.9]; with replicate
        weights the ratio is worked out in each.
        """
        estimate = self.mean(top, group).estimate / self.mean(bottom, group).estimate
        found = self.mean((top - bottom * estimate) / self.mean(bottom, group).estimate, group)
        if self.replicates is None:
            return found._replace(estimate=estimate)
        w = self.weights[:, None] * (~np.isnan(top) & group.inside[:, None])
        drawn = self.replicates.multipliers.T
        draws = (drawn @ (w * np.nan_to_num(top))) / (drawn @ (w * np.nan_to_num(bottom)))
        return found._replace(estimate=estimate, cov=self.replicates.covariance(draws, estimate))

    def covariance(self, influence: Floats, given: Bools) -> tuple[Floats, float]:
        """Covariance of the sums of influences (n, k), `given` (n, k) saying who counts, and degrees of freedom."""
        if self.replicates is not None:
            draws = self.replicates.multipliers.T @ influence
            return self.replicates.covariance(draws, influence.sum(axis=0)), self._df(given)
        if self.laid is not None:
            return survey.linearized_covariance(influence, self.laid, self._lonely(self.laid)), self._df(given)
        n = given.T.astype(float) @ given
        with np.errstate(invalid="ignore", divide="ignore"):
            cov = influence.T @ influence * np.where(n > 1, n / (n - 1), np.nan)
        return cov, self._df(given)

    def _df(self, given: Bools) -> float:
        """Degrees of freedom: told by the design, of its replicates, clusters minus strata, or n - 1."""
        some: Bools = np.asarray(given.any(axis=1))
        if self.design_df is not None and not self.simple:
            return self.design_df
        if self.replicates is not None:
            return self.replicates.df
        if self.laid is not None:
            return float(survey.degrees_of_freedom(self.laid, some))
        return float(max(some.sum() - 1, 0))

    def _lonely(self, laid: survey.Layout) -> Any:
        """Refuse a stratum with one cluster unless the design says what to do with it."""
        single = int((laid.n_psu == 1).sum())
        if self.single_psu == "error" and single:
            raise DataError(
                f"{single} strat{'a hold' if single > 1 else 'um holds'} one cluster only, which has no variance; join"
                " strata, or say Design(single_psu='certainty') or 'centered'"
            )
        return "certainty" if self.single_psu == "error" else self.single_psu


_DESIGN = Said(
    "standard errors linearized between clusters within strata of the design", "标准误按抽样设计（层内群间）线性化估计"
)
_REPLICATES = Said("standard errors from the replicate weights of the design", "标准误由抽样设计的重复权重得出")


def stacked(answers: Arrays, tables: Iterator[pd.DataFrame], attrs: Mapping[str, Any]) -> pd.DataFrame:
    """Put one table a group under each other, the group as first row level."""
    parts = list(tables)
    if answers.by:
        whole = pd.concat(parts, keys=keys(answers), names=[*answers.by, *parts[0].index.names])
    else:
        whole = parts[0]
    whole.attrs.clear()
    whole.attrs.update(attrs)
    return whole


def keys(answers: Arrays) -> list[Any]:
    """Labels of the groups as the first row level holds them."""
    labels = [group.label for group in answers.groups]
    return [label[0] for label in labels] if len(answers.by) == 1 else labels


def said_doubt(text: str, where: Said) -> Said:
    """Put the group before a doubt, where there are groups."""
    if not where:
        return Said(str(text), chinese(text))
    label = where.words
    return Said(f"{label['en'].removeprefix(' in ')}: {text}", f"{label['zh']}{chinese(text)}")
