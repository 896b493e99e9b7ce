"""Whether two graders of the same contacts agree beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd
from scipy import stats

from csi import frames
from csi.errors import DataError, SettingsError, check_choice
from csi.numerics.agreement import Weights, kappa


def agreement(
    data: Any,
    graders: Sequence[str],
    *,
    weights: Weights = "quadratic",
    grades: Sequence[float] | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Weighted kappa of every pair of graders.

    Parameters
    ----------
    data : DataFrame
        One row a contact that was graded.
    graders : sequence of str
        Columns of grades, one a grader; a contact counts for a pair where both graded it.
    weights : {"quadratic", "linear", "none"}
        How much a near miss counts.
    grades : sequence of float, optional
        All grades of the scale, in order; those that occur unless given.
    confidence_level : float

    Returns
    -------
    DataFrame
        Rows (grader, other): `estimate`, `std_error`, `conf_low`, `conf_high` (normal), `n`, `share` (equal grades).

    Raises
    ------
    DataError
        For grades outside the scale, or no contact that both graded.

    Examples
    --------
    >>> graded = {"chen": [1, 2, 3, 3, 2, 1], "wang": [1, 2, 3, 2, 2, 1]}
    >>> float(agreement(graded, ["chen", "wang"])["estimate"].iloc[0].round(4))
    0.8571
    """
    check_choice(weights, "weights", get_args(Weights))
    if len(graders) < 2:
        raise SettingsError("agreement needs two graders or more")
    if not 0 < confidence_level < 1:
        raise SettingsError(f"confidence_level must lie between 0 and 1, such as 0.95; not {confidence_level!r}")
    given = frames.numbers(frames.table(data), list(graders), "grader")
    scale = np.array(sorted(grades)) if grades is not None else np.unique(given[~np.isnan(given)])
    strangers = np.setdiff1d(given[~np.isnan(given)], scale)
    if strangers.size:
        raise DataError(f"grade {strangers[0]:g} is none of {', '.join(f'{grade:g}' for grade in scale)}")
    rows, index = [], []
    for i in range(len(graders)):
        for j in range(i + 1, len(graders)):
            rows.append(_pair(given[i], given[j], scale, weights, confidence_level, (graders[i], graders[j])))
            index.append((graders[i], graders[j]))
    return pd.DataFrame(rows, index=pd.MultiIndex.from_tuples(index, names=["grader", "other"]))


def _pair(
    first: np.ndarray, second: np.ndarray, scale: np.ndarray, weights: Weights, level: float, names: tuple[str, str]
) -> dict[str, float]:
    both = ~(np.isnan(first) | np.isnan(second))
    if not both.any():
        raise DataError(f"no contact was graded by both {names[0]!r} and {names[1]!r}")
    counts = np.zeros((len(scale), len(scale)))
    np.add.at(counts, (np.searchsorted(scale, first[both]), np.searchsorted(scale, second[both])), 1)
    value, error = kappa(counts, weights) if len(scale) > 1 else (np.nan, np.nan)
    reach = float(stats.norm.ppf((1 + level) / 2)) * error
    share = float(np.trace(counts) / counts.sum())
    return {"estimate": value, "std_error": error, "conf_low": value - reach, "conf_high": min(value + reach, 1.0),
            "n": float(both.sum()), "share": share}  # fmt: skip
