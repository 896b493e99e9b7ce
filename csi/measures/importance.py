"""Importance against performance: which attributes to mend first.

References
----------
Martilla & James (1977), Importance-performance analysis, Journal of Marketing 41.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import blocks
from csi.blocks import Arrays, Group, Said, Scale
from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice, listing
from csi.measures.common import check_level, columns_of, mean_table, one_a_group, scale_of
from csi.measures.drivers import SMALLEST_EIGENVALUE, Method, shares, weighted_correlation

Floats = NDArray[np.float64]
Cut = Literal["mean", "median", "midpoint"]

QUADRANTS = {
    "en": ("Concentrate here", "Keep up the good work", "Low priority", "Possible overkill"),
    "zh": ("重点改进", "继续保持", "低优先级", "过度投入"),
}


def importance_performance(
    data: Any,
    items: Sequence[str],
    *,
    importance: Mapping[str, float] | Mapping[str, str] | None = None,
    on: str | None = None,
    derived: Method | Literal["correlation"] = "lmg",
    cut: Cut = "mean",
    scale: Scale | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    language: Literal["en", "zh"] = "en",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Importance-performance analysis: which attributes to mend first.

    Parameters
    ----------
    data : DataFrame
    items : list of str
        Columns of the attributes' performance.
    importance : {item: number} or {item: column}, optional
        Stated importance: numbers, or columns whose means are taken.
    on : str, optional
        Instead of `importance`: the outcome from which importance is derived.
    derived : {"lmg", "johnson", "correlation"}
        How importance is derived.
    cut : {"mean", "median", "midpoint"}
        Where the two lines stand: at the mean or the median of the attributes, or performance at the middle of the
        scale (importance then at its mean, unless stated on the same scale as columns).
    scale : (low, high), optional
        For `cut="midpoint"`.
    by, design : see `csi.describe`.
    language : {"en", "zh"}
        Of the quadrants' names.
    confidence_level : float
        Of the performance.

    Returns
    -------
    DataFrame
        Rows (quadrant, item), items in their order: `performance` with `std_error`, `conf_low`, `conf_high`,
        `importance`, `performance_cut`, `importance_cut`, `n`. A point on a line counts as above it.

    Examples
    --------
    >>> answers = {"a": [5, 5, 4], "b": [2, 1, 2]}
    >>> table = importance_performance(answers, ["a", "b"], importance={"a": 3.0, "b": 4.5})
    >>> list(table.index)
    [('Possible overkill', 'a'), ('Concentrate here', 'b')]
    """
    check_level(confidence_level)
    check_choice(cut, "cut", get_args(Cut))
    check_choice(language, "language", tuple(QUADRANTS))
    check_choice(derived, "derived", (*get_args(Method), "correlation"))
    if (importance is None) == (on is None):
        raise SettingsError("give importance= (stated) or on= (derived from an outcome), one of them")
    names = list(dict.fromkeys(items))
    stated = _stated(importance, names)
    extra = [on] if on else [name for name in stated.values() if isinstance(name, str)]
    answers = blocks.read(data, [*names, *(e for e in extra if e not in names)], by=by, design=design, scale=scale)
    if cut == "midpoint":
        scale_of(answers, "cut='midpoint'")

    def of_group(group: Group) -> pd.DataFrame:
        found = answers.mean(answers.values, group)
        table = mean_table(answers, found, pd.Index(answers.names, name="item"), confidence_level)
        weight = _derived(answers, group, names, on, derived) if on else _means(stated, table)
        table = table.loc[names].rename(columns={"estimate": "performance"})
        table.insert(4, "importance", weight)
        return _placed(table, answers, cut, bool(extra) and on is None, QUADRANTS[language])

    if on:
        kind = Said(f"importance derived ({derived}) from {on}", f"重要性由 {on} 推导（{derived}）")
    else:
        kind = Said("importance as stated", "重要性为受访者直接评价")
    told: dict[str, Any] = {"title": _TITLE, "rule": kind, "interval": _CUTS[cut], "confidence_level": confidence_level}
    return one_a_group(answers, of_group, importance=str(kind), cut=cut, **told)


_TITLE = Said("Importance and performance", "重要性—表现分析（IPA）")
_CUTS = {
    "mean": Said("lines at the means", "分界线为均值"),
    "median": Said("lines at the medians", "分界线为中位数"),
    "midpoint": Said("line of performance at the middle of the scale", "表现分界线为量表中点"),
}


def _stated(importance: Mapping[str, Any] | None, names: list[str]) -> dict[str, Any]:
    """Stated importance of every item, complete and of one kind."""
    if importance is None:
        return {}
    without = [f"item {name!r} has no importance" for name in names if name not in importance]
    if without:
        raise SettingsError(listing(without, "importance= must name every item"))
    kinds = {isinstance(importance[name], str) for name in names}
    if len(kinds) > 1:
        raise SettingsError("importance= holds numbers or columns, not both")
    return {name: importance[name] for name in names}


def _means(stated: dict[str, Any], table: pd.DataFrame) -> list[float]:
    means = dict(zip(table.index, table["estimate"].to_numpy(dtype=float), strict=True))
    return [float(means[v]) if isinstance(v, str) else float(v) for v in stated.values()]


def _derived(answers: Arrays, group: Group, names: list[str], on: str | None, derived: str) -> Floats:
    """Importance of the items for the outcome in one group."""
    at = [answers.names.index(name) for name in (str(on), *names)]
    x, w = columns_of(group, answers, at)
    if len(x) <= len(at):
        raise DataError(f"{len(x)} complete cases for {len(names)} items; more are needed")
    corr = weighted_correlation(x, w[None])[0]
    if not np.isfinite(corr).all() or np.linalg.eigvalsh(corr[1:, 1:])[0] <= SMALLEST_EIGENVALUE:
        raise DataError("an item or the outcome never varies, or items repeat each other: no importance can be derived")
    return corr[0, 1:] if derived == "correlation" else shares(corr, derived)


def _placed(table: pd.DataFrame, answers: Arrays, cut: str, on_scale: bool, names: Sequence[str]) -> pd.DataFrame:
    """Put every item into its quadrant."""
    performance, weight = table["performance"], table["importance"]
    if cut == "midpoint":
        middle = float(np.mean([np.mean(scale) for scale in answers.scales if scale]))
        lines = middle, middle if on_scale else float(weight.mean())
    else:
        lines = (performance.mean(), weight.mean()) if cut == "mean" else (performance.median(), weight.median())
    table.insert(5, "performance_cut", lines[0])
    table.insert(6, "importance_cut", lines[1])
    high, good = weight >= lines[1], performance >= lines[0]
    place = np.where(high, np.where(good, names[1], names[0]), np.where(good, names[3], names[2]))
    table.index = pd.MultiIndex.from_arrays([place, table.index], names=["quadrant", "item"])
    return table
