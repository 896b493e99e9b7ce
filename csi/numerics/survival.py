"""Times of which some have not ended yet: what is still open is censored, never dropped.

References
----------
Kaplan & Meier (1958), Nonparametric estimation from incomplete observations, JASA 53.
Greenwood (1926), The natural duration of cancer, Reports on Public Health 33 (variance of the product-limit estimate).
Brookmeyer & Crowley (1982), A confidence interval for the median survival time, Biometrics 38.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Curve(NamedTuple):
    """Survival just after each time at which something ended, and its Greenwood variance."""

    times: Floats
    survival: Floats
    variance: Floats


def kaplan_meier(time: Floats, ended: Bools) -> Curve:
    """Share still open after each time, product of (1 - ended/at risk) [Kaplan & Meier 1958, eq. 3b].

    Examples
    --------
    >>> curve = kaplan_meier(np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, True]))
    >>> curve.times.tolist(), curve.survival.round(3).tolist()
    ([1.0, 2.0, 3.0], [0.75, 0.5, 0.0])
    """
    order = np.sort(time)
    times, ends = np.unique(time[ended], return_counts=True)
    at_risk = len(time) - np.searchsorted(order, times, side="left")
    survival = np.cumprod(1 - ends / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.cumsum(ends / (at_risk * (at_risk - ends)))
        variance = np.where(survival > 0, survival**2 * growth, 0.0)
    return Curve(times, survival.astype(float), variance)


def at(curve: Curve, limit: float) -> tuple[float, float]:
    """Survival and its variance at a time."""
    i = int(np.searchsorted(curve.times, limit, side="right")) - 1
    return (1.0, 0.0) if i < 0 else (float(curve.survival[i]), float(curve.variance[i]))


def quantile(curve: Curve, q: float, level: float) -> tuple[float, float, float]:
    """Time by which a share q has ended, with its interval; NaN where it lies beyond what was observed.

    The interval holds the times at which survival is within reach of 1 - q on the log(-log) scale
    [Brookmeyer & Crowley 1982].
    """
    z = float(ndtri((1 + level) / 2))
    inner = (curve.survival > 0) & (curve.survival < 1) & (curve.variance > 0)
    low, high = curve.survival.copy(), curve.survival.copy()
    s = curve.survival[inner]
    reach = np.exp(z * np.sqrt(curve.variance[inner]) / (s * np.abs(np.log(s))))
    low[inner], high[inner] = s**reach, s ** (1 / reach)
    slack = 1e-12
    return tuple(_first(curve.times, each <= 1 - q + slack) for each in (curve.survival, low, high))  # type: ignore[return-value]


def _first(times: Floats, reached: Bools) -> float:
    return float(times[np.argmax(reached)]) if reached.any() else np.nan


def restricted_mean(curve: Curve, limit: float, n: int) -> tuple[float, float]:
    """Mean of the times cut at a limit, the area under the curve, and its variance [Kaplan & Meier 1958, sec. 6.1]."""
    inside = curve.times < limit
    knots = np.concatenate(([0.0], curve.times[inside], [limit]))
    steps = np.concatenate(([1.0], curve.survival[inside]))
    areas = steps * np.diff(knots)
    beyond = areas[::-1].cumsum()[::-1][1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.diff(np.concatenate(([0.0], curve.variance[inside] / curve.survival[inside] ** 2)))
    known = np.isfinite(growth)
    correction = n / (n - 1) if n > 1 else np.nan
    return float(areas.sum()), float((beyond[known] ** 2 * growth[known]).sum() * correction)
