"""Changes of a series over time: against the wave before or a year back, tested, with the number of tests minded."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from csi.errors import SettingsError, check_choice
from csi.numerics import intervals
from csi.numerics.exchange import adjusted
from csi.results.core import Interval
from csi.results.joint import Known, ends
from csi.results.waves import Waves

Against = Literal["last", "year", "first"]
Correction = Literal["holm", "bonferroni", "fdr"]


def earlier(waves: Waves, i: int, against: Against, present: list[int]) -> int | None:
    """The wave that the i-th is compared with, among those that are there; None where there is none.

    Raises
    ------
    SettingsError
        If the waves do not say how many of them make a year.
    """
    before = [j for j in present if j < i]
    if against == "year":
        if waves.year is None:
            raise SettingsError(
                "the waves do not say how many of them make a year; against='last' or 'first' does without"
            )
        back = waves.back(i, waves.year)
        return back if back in before else None
    return None if not before else before[-1] if against == "last" else before[0]


def check_against(against: str, correction: str | None) -> None:
    """Refuse what is no comparison or no correction."""
    check_choice(against, "against", ("last", "year", "first"))
    check_choice(correction, "correction", ("holm", "bonferroni", "fdr", None))


def judged(
    known: Known,
    index: pd.Index,
    interval: Interval | None,
    level: float,
    df: float,
    resampled: bool,
    correction: Correction | None,
    skipped: np.ndarray | None = None,
) -> pd.DataFrame:
    """Changes as the common columns and `p_adjusted`.

    p-values come from the statistic (normal, or t under a design), not from counts of draws: with a few hundred draws
    counts cannot be small enough to survive a correction for many tests.

    Parameters
    ----------
    skipped : bool array (A,), optional
        Changes that are not tested, because a break lies in them.
    """
    low, high = ends(known, interval, level, df, resampled)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = known.estimate / np.where(known.error > 0, known.error, np.nan)
    p = intervals.p_student(statistic, df)
    if skipped is not None:
        statistic, p = np.where(skipped, np.nan, statistic), np.where(skipped, np.nan, p)
    columns: dict[str, Any] = {
        "estimate": known.estimate,
        "std_error": known.error,
        "conf_low": low,
        "conf_high": high,
        "statistic": statistic,
        "p_value": p,
    }
    if correction is not None:
        columns["p_adjusted"] = adjusted(p, correction)
    return pd.DataFrame(columns, index=index, dtype=float)
