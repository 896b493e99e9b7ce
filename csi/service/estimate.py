"""Indicators of groups of contacts with their intervals: shares, means, quantiles, rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi.numerics import proportions, rates, survival
from csi.service.observe import Observed

Floats = NDArray[np.float64]
COLUMNS = ["estimate", "std_error", "conf_low", "conf_high", "n", "open", "missing"]


def estimates(
    observed: Observed,
    codes: NDArray[np.intp],
    groups: int,
    level: float,
    *,
    q: float = 0.5,
    exposure: Floats | None = None,
    per: float = 1.0,
) -> pd.DataFrame:
    """Estimate an indicator in every group.

    Returns
    -------
    DataFrame
        One row a group: `estimate`, `std_error`, `conf_low`, `conf_high`, `n` (contacts of the base, open ones
        included), `open`, `missing`, and `size` (effective size of a share, exposure of a rate).
    """
    inside = codes[observed.rows]
    table = pd.DataFrame(index=range(groups), columns=[*COLUMNS, "size"], dtype=float)
    table["n"] = np.bincount(inside, minlength=groups).astype(float)
    table["open"] = np.bincount(inside[observed.open], minlength=groups).astype(float)
    table["missing"] = np.bincount(codes[observed.missing], minlength=groups).astype(float)
    if observed.family == "share":
        _shares(table, observed, inside, level)
    elif observed.family == "mean":
        _means(table, observed, inside, level)
    elif observed.family == "quantile":
        _quantiles(table, observed, inside, level, q)
    elif exposure is not None:
        _rates(table, observed, inside, level, exposure, per)
    return table


def _shares(table: pd.DataFrame, observed: Observed, inside: NDArray[np.intp], level: float) -> None:
    """Shares with Wilson's interval; where some are undecided, from the product-limit curve."""
    groups = len(table)
    n = table["n"].to_numpy()
    undecided = np.bincount(inside[np.isnan(observed.value)], minlength=groups)
    hits = np.bincount(inside, weights=np.nan_to_num(observed.value), minlength=groups)
    p = np.divide(hits, n, out=np.full(groups, np.nan), where=n > 0)
    variance = p * (1 - p) / np.where(n > 0, n, np.nan)
    for g in np.flatnonzero(undecided):
        p[g], variance[g] = _censored(observed, inside == g)
    size = proportions.effective_size(p, variance, n)
    table["estimate"], table["std_error"], table["size"] = p, np.sqrt(variance), size
    table["conf_low"], table["conf_high"] = proportions.wilson(p, size, level)


def _censored(observed: Observed, own: NDArray[np.bool_]) -> tuple[float, float]:
    """Share of successes at the limit and its variance, among times of which some are open.

    NaN where nobody was watched for as long as the limit: the curve says nothing beyond its last time.
    """
    if observed.time is None or observed.ended is None:
        return np.nan, np.nan
    time, ended = observed.time[own], observed.ended[own]
    if time.max() < observed.limit:
        return np.nan, np.nan
    open_share, variance = survival.at(survival.kaplan_meier(time, ended), observed.limit)
    return open_share if observed.survives else 1 - open_share, variance


def _means(table: pd.DataFrame, observed: Observed, inside: NDArray[np.intp], level: float) -> None:
    """Means with a t interval; where some times are open, up to the longest time seen."""
    n, groups = table["n"].to_numpy(), len(table)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(inside, weights=observed.value, minlength=groups) / n
        squares = np.bincount(inside, weights=(observed.value - mean[inside]) ** 2, minlength=groups)
        error = np.sqrt(squares / n / n) if observed.normal else np.sqrt(squares / (n - 1) / n)
    error[n < 2] = np.nan
    for g in np.flatnonzero(table["open"].to_numpy()):
        own = inside == g
        if observed.time is not None and observed.ended is not None:
            curve = survival.kaplan_meier(observed.time[own], observed.ended[own])
            mean[g], variance = survival.restricted_mean(curve, float(observed.time[own].max()), int(own.sum()))
            error[g] = np.sqrt(variance)
    tail = (1 + level) / 2
    reach = stats.norm.ppf(tail) if observed.normal else stats.t.ppf(tail, np.where(n > 1, n - 1, np.nan))
    table["estimate"], table["std_error"], table["size"] = mean, error, n
    table["conf_low"], table["conf_high"] = mean - reach * error, mean + reach * error


def _quantiles(table: pd.DataFrame, observed: Observed, inside: NDArray[np.intp], level: float, q: float) -> None:
    """Quantiles by the product-limit curve, which is the plain quantile where nothing is open."""
    ended = observed.ended if observed.ended is not None else np.ones(len(observed.rows), bool)
    order = np.argsort(inside, kind="stable")
    ends = np.searchsorted(inside[order], np.arange(len(table) + 1))
    for g in range(len(table)):
        own = order[ends[g] : ends[g + 1]]
        if len(own):
            curve = survival.kaplan_meier(observed.value[own], ended[own])
            table.loc[g, ["estimate", "conf_low", "conf_high"]] = survival.quantile(curve, q, level)
    table["size"] = table["n"]


def _rates(
    table: pd.DataFrame, observed: Observed, inside: NDArray[np.intp], level: float, exposure: Floats, per: float
) -> None:
    """Events per exposure with Garwood's interval."""
    count = np.bincount(inside, weights=observed.value, minlength=len(table)).astype(float)
    scaled = exposure / per
    table["estimate"], table["std_error"], table["size"] = count / scaled, np.sqrt(count) / scaled, scaled
    table["conf_low"], table["conf_high"] = rates.garwood(count, scaled, level)
