"""Targets tested with the uncertainty of the numbers: reached, missed, or not to be told apart from chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from csi.errors import NotAvailable, SettingsError
from csi.numerics import multiplicity, survival
from csi.numerics.multiplicity import Correction
from csi.service.indicator import Indicator

if TYPE_CHECKING:
    from csi.service.measured import Measured


def targets(found: Measured, correction: Correction, alpha: float) -> pd.DataFrame:
    """Every target of every group; see `Measured.targets`."""
    if not 0 < alpha < 1:
        raise SettingsError(f"alpha must lie between 0 and 1, such as 0.05; not {alpha!r}")
    card = found.scorecard()
    names = card.index.get_level_values(-1)
    known = card["target"].notna() & np.array([bool(found.plan[name].direction) for name in names])
    if not known.any():
        raise NotAvailable("no indicator that was measured has a target and a direction")
    table = card.loc[known, ["estimate", "conf_low", "conf_high"]].copy()
    tests = np.array([_test(found, int(i)) for i in np.flatnonzero(known)])
    table["p_value"] = tests[:, 0]
    table["p_adjusted"] = multiplicity.adjust(tests[:, 0], correction)
    table["n"], table["target"] = card.loc[known, "n"], card.loc[known, "target"]
    turn = np.array([1.0 if found.plan[name].direction == "higher" else -1.0 for name in names[known]])
    table["distance"] = turn * (table["estimate"] - table["target"])
    surpassed = multiplicity.adjust(tests[:, 1], correction)
    verdicts = np.where(table["p_adjusted"] < alpha, "missed", np.where(surpassed < alpha, "reached", "undecided"))
    table["verdict"] = verdicts
    table.attrs = {"correction": correction, "alpha": alpha}
    return table


def _test(found: Measured, position: int) -> tuple[float, float]:
    """One-sided p-values that a target is missed, and that it is surpassed."""
    names = [each.name for each in found.measured]
    group, which = divmod(position, len(names))
    indicator = found.plan[names[which]]
    row = found.cells[names[which]].iloc[group]
    target = indicator.target_at(found.begins[group])
    if target is None or np.isnan(row["estimate"]):
        return np.nan, np.nan
    low, high = _tails(found, indicator, row, float(target), group)
    return (low, high) if indicator.direction == "higher" else (high, low)


def _tails(found: Measured, indicator: Indicator, row: pd.Series, target: float, group: int) -> tuple[float, float]:
    """P of a number as low, and as high, as this one if the target were the truth."""
    seen = found.seen[indicator.name]
    family, size = seen.observed.family, float(row["size"])
    if family == "share":
        k, n = round(row["estimate"] * size), round(size)
        return float(stats.binom.cdf(k, n, target)), float(stats.binom.sf(k - 1, n, target))
    if family == "rate":
        count = round(row["estimate"] * size)
        return float(stats.poisson.cdf(count, target * size)), float(stats.poisson.sf(count - 1, target * size))
    if family == "quantile":
        return _quantile_tails(found, indicator, target, group)
    if not row["std_error"] > 0:
        return np.nan, np.nan
    z = (row["estimate"] - target) / row["std_error"]
    tail = stats.norm if seen.observed.normal else stats.t(max(row["n"] - 1, 1))
    return float(tail.cdf(z)), float(tail.sf(z))


def _quantile_tails(found: Measured, indicator: Indicator, target: float, group: int) -> tuple[float, float]:
    """A quantile lies below a target where more than a share q lies below it."""
    seen = found.seen[indicator.name]
    own = seen.observed.of(seen.codes == group)
    ended = own.ended if own.ended is not None else np.ones(len(own.rows), bool)
    above, variance = survival.at(survival.kaplan_meier(own.value, ended), target)
    size = above * (1 - above) / variance if variance > 0 else float(len(own.rows))
    k, n = round((1 - above) * size), round(size)
    return float(stats.binom.sf(k - 1, n, indicator.q)), float(stats.binom.cdf(k, n, indicator.q))
