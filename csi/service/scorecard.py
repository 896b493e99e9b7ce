"""The scorecard: every indicator with interval, target and attainment, and the weighted total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from csi.errors import NotAvailable, SettingsError, check_choice
from csi.service.estimate import COLUMNS
from csi.service.indicator import Indicator

if TYPE_CHECKING:
    from csi.service.measured import Measured

Missing = Literal["refuse", "rescale", "zero"]


def attainment(
    estimate: float, target: float, direction: str, *, floor: float | None = None, cap: float = 1.2
) -> float:
    """How much of a target is reached: 1 exactly, more if better, never below 0 nor above the cap.

    Parameters
    ----------
    estimate, target : float
    direction : {"higher", "lower"}
    floor : float, optional
        Value that earns 0; between it and the target attainment is linear.
    cap : float

    Returns
    -------
    float
        NaN without a number, a target or a direction.

    Examples
    --------
    >>> round(attainment(0.68, 0.85, "higher"), 3), round(attainment(240, 180, "lower"), 3)
    (0.8, 0.75)
    >>> attainment(240, 180, "lower", floor=300), attainment(0.9, 0.6, "higher"), attainment(-5, 50, "higher")
    (0.5, 1.2, 0.0)
    """
    if np.isnan(estimate) or np.isnan(target) or not direction:
        return np.nan
    if floor is not None:
        if floor == target:
            return np.nan
        reached = (estimate - floor) / (target - floor)
    elif direction == "higher":
        if target <= 0:
            return np.nan
        reached = estimate / target
    else:
        reached = target / estimate if estimate > 0 else np.inf
    return float(min(max(reached, 0.0), cap))


def scorecard(found: Measured, cap: float) -> pd.DataFrame:
    """Every indicator of every group; see `Measured.scorecard`."""
    if not cap >= 1:
        raise SettingsError(f"cap= is the largest attainment, at least 1; not {cap!r}")
    parts = [_rows(found, each, cap) for each in found.measured]
    # Indicators within groups: the rows of all indicators for one group follow each other.
    joined = pd.concat(parts, keys=range(len(parts)))
    return joined.swaplevel().sort_index(kind="stable").set_axis(found.index(), axis=0)


def _rows(found: Measured, indicator: Indicator, cap: float) -> pd.DataFrame:
    """One indicator, one row a group."""
    table = found.cells[indicator.name][COLUMNS].copy()
    goals = [indicator.target_at(moment) for moment in found.begins]
    table["target"] = [np.nan if goal is None else float(goal) for goal in goals]
    table["attainment"] = [
        attainment(estimate, target, indicator.direction, floor=indicator.floor, cap=cap)
        for estimate, target in zip(table["estimate"], table["target"], strict=True)
    ]
    table["weight"] = np.nan if indicator.weight is None else float(indicator.weight)
    return table


def total(found: Measured, cap: float, missing: Missing) -> pd.DataFrame:
    """Weighted attainment of every group; see `Measured.total`."""
    check_choice(missing, "missing", ("refuse", "rescale", "zero"))
    weighted = [each for each in found.plan if each.weight]
    if not weighted:
        raise NotAvailable("no indicator has a weight; set weight= of those that count, adding up to 1")
    groups = len(found.labels)
    scores = np.full((len(weighted), groups), np.nan)
    for row, each in zip(scores, weighted, strict=True):
        if each.name in found.cells:
            row[:] = _rows(found, each, cap)["attainment"]
    weights = np.array([float(each.weight or 0) for each in weighted])[:, None] * np.ones(groups)
    gaps = np.isnan(scores)
    if missing == "rescale":
        weights = np.where(gaps, 0.0, weights)
    if missing != "refuse":
        scores = np.where(gaps, 0.0, scores)
    sums = weights.sum(axis=0)
    estimate = np.divide(100 * (weights * scores).sum(axis=0), sums, out=np.full(groups, np.nan), where=sums > 0)
    index = _groups(found)
    return pd.DataFrame({"estimate": estimate, "weight": sums}, index=index)


def _groups(found: Measured) -> pd.Index:
    """Rows of a table with one row a group."""
    if len(found.by) > 1:
        return pd.MultiIndex.from_tuples(found.labels, names=found.by)
    return pd.Index(list(found.labels), name=found.by[0]) if found.by else pd.Index(["all"], name="group")


def grades(found: Measured, cap: float) -> pd.DataFrame:
    """Grades of indicators with bands; see `Measured.grades`."""
    card = scorecard(found, cap)
    names = card.index.get_level_values(-1)
    table = card.loc[[bool(found.plan[name].bands) for name in names], ["attainment"]].copy()
    graded = zip(table.index.get_level_values(-1), table["attainment"], strict=True)
    table["grade"] = [grade(attained, found.plan[name]) for name, attained in graded]
    return table


def grade(attained: float, indicator: Indicator) -> str:
    """Grade of an attainment by the indicator's bands; empty where it has none.

    Examples
    --------
    >>> grade(0.95, Indicator(name="fcr", kind="mean", column="x", bands={"A": 1.0, "B": 0.9, "C": 0.0}))
    'B'
    """
    reached = [(least, name) for name, least in indicator.bands.items() if attained >= least]
    return max(reached)[1] if reached else ""
