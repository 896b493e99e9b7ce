"""Control charts of indicators as tables: points, centre, limits, and which points end a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from csi.errors import DataError, SettingsError, check_choice
from csi.numerics import control
from csi.service.estimate import estimates

if TYPE_CHECKING:
    from csi.service.measured import Measured

Spread = Literal["none", "laney"]


def chart(
    found: Measured, name: str, per: str, only: Mapping[str, Any], baseline: int | None, overdispersion: Spread
) -> pd.DataFrame:
    """Control chart of one indicator; see `Measured.chart`."""
    from csi.service.measured import exposures

    check_choice(overdispersion, "overdispersion", get_args(Spread))
    indicator, seen = found.one(name)
    observed = seen.observed.of(seen.contacts.inside(only))
    periods = seen.contacts.groups((per,), "opened")
    base_of = exposures(indicator, found.exposure, periods.labels, (per,))
    cells = estimates(observed, periods.codes, len(periods), 0.95, q=indicator.q, exposure=base_of, per=indicator.per)
    cells.index = pd.Index(periods.level, name=per)
    cells = cells[cells["estimate"].notna()]
    base = _base(len(cells), baseline)
    x, size = cells["estimate"].to_numpy(), cells["size"].to_numpy()
    if observed.family == "share":
        kind, points = "p", control.p_chart(x * size, size, base, overdispersion == "laney")
    elif observed.family == "rate":
        kind, points = "u", control.u_chart(x * size, size, base, overdispersion == "laney")
    else:
        kind, points = "xmr", control.xmr_chart(x, base)
    return chart_table(points, cells.index, cells["n"].to_numpy(), kind)


def _base(periods: int, baseline: int | None) -> np.ndarray:
    """Periods that set centre and limits."""
    if periods < 2:
        raise DataError(f"a chart needs two periods or more; there are {periods}")
    if baseline is None:
        return np.ones(periods, bool)
    if not 2 <= baseline <= periods:
        raise SettingsError(f"baseline= is a number of periods from 2 to {periods}; not {baseline!r}")
    return np.arange(periods) < baseline


def chart_table(points: control.Chart, index: pd.Index, n: np.ndarray, kind: str) -> pd.DataFrame:
    """Points of a chart as a table with its run rules."""
    rules = control.run_rules(points)
    table = pd.DataFrame(
        {"estimate": points.estimate, "centre": points.centre, "low": points.low, "high": points.high, "n": n},
        index=index,
    )
    for i, rule in enumerate(rules, start=1):
        table[f"rule_{i}"] = rule
    table["signal"] = np.asarray(rules.any(axis=0))
    table.attrs = {"chart": kind}
    return table
