"""Two rates compared: whether complaints really fell, and whether they fell by as much as the plan says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csi.errors import SettingsError
from csi.numerics import rates


def rate_ratio(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Ratio of two rates from counts of events, before to after.

    Parameters
    ----------
    before, after : int
        Events, such as complaints.
    exposure_before, exposure_after : float
        What they are divided by, such as users.
    confidence_level : float

    Returns
    -------
    DataFrame
        `estimate` (the ratio), `conf_low`, `conf_high`, `p_value` (that it is 1, exact).

    Notes
    -----
    Given the sum of both counts, the first is binomial [Przyborowski & Wilenski 1940].

    Examples
    --------
    >>> print(rate_ratio(120, 96).round(4).to_string())
                estimate  conf_low  conf_high  p_value
    measure
    rate ratio      1.25    0.9478     1.6523   0.1174
    """
    _check(before, after, exposure_before, exposure_after, confidence_level)
    found = rates.ratio(before, exposure_before, after, exposure_after, confidence_level)
    row = {"estimate": found.estimate, "conf_low": found.low, "conf_high": found.high, "p_value": found.p_value}
    return pd.DataFrame([row], index=pd.Index(["rate ratio"], name="measure"))


def rate_change(
    before: int,
    after: int,
    *,
    exposure_before: float = 1.0,
    exposure_after: float = 1.0,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Relative change of a rate in per cent, after against before.

    Returns
    -------
    DataFrame
        `estimate`, `conf_low`, `conf_high` (per cent), `p_value` (that nothing changed, exact).

    Examples
    --------
    >>> print(rate_change(120, 96).round(1).to_string())
             estimate  conf_low  conf_high  p_value
    measure
    change      -20.0     -39.5        5.5      0.1
    """
    _check(before, after, exposure_before, exposure_after, confidence_level)
    found = rates.ratio(after, exposure_after, before, exposure_before, confidence_level)
    values = [100 * (value - 1) for value in (found.estimate, found.low, found.high)]
    row = dict(zip(("estimate", "conf_low", "conf_high"), values, strict=True))
    return pd.DataFrame([{**row, "p_value": found.p_value}], index=pd.Index(["change"], name="measure"))


def _check(before: int, after: int, exposure_before: float, exposure_after: float, level: float) -> None:
    counts = (before, after)
    if any(count != int(count) or count < 0 for count in counts):
        raise SettingsError(f"events are counted in whole numbers from 0 upwards; not {before!r} and {after!r}")
    if not (exposure_before > 0 and exposure_after > 0 and np.isfinite(exposure_before + exposure_after)):
        raise SettingsError(f"exposures must be above zero; not {exposure_before!r} and {exposure_after!r}")
    if not 0 < level < 1:
        raise SettingsError(f"confidence_level must lie between 0 and 1, such as 0.95; not {level!r}")
