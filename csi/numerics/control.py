"""Control charts: limits within which numbers move by chance, and the runs that chance does not make.

References
----------
Shewhart (1931), Economic control of quality of manufactured product; Montgomery (2013), Introduction to statistical
    quality control, 7th edition, eq. 7.6-7.8 (p), 7.19 (u), 6.33 (individuals and moving ranges).
Western Electric (1956), Statistical quality control handbook, pp. 25-28 (tests for instability).
Laney (2002), Improved control charts for attributes, Quality Engineering 14 (p' and u').
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Mean of the range of two normal values, in standard deviations (d2 of n = 2).
D2 = 1.128


class Chart(NamedTuple):
    """Points of a chart, (periods,) each: estimate, centre line, standard error and limits."""

    estimate: Floats
    centre: Floats
    sigma: Floats
    low: Floats
    high: Floats


def p_chart(count: Floats, n: Floats, base: Bools, spread: bool = False) -> Chart:
    """Shares count/n around the share of the base periods, p +- 3 sqrt(p(1 - p)/n).

    `spread`: widen by what the base periods vary beyond the binomial [Laney 2002].

    Examples
    --------
    >>> chart = p_chart(np.array([11.565]), np.array([50.0]), np.array([True]))
    >>> round(float(chart.low[0]), 4), round(float(chart.high[0]), 4)
    (0.0524, 0.4102)
    """
    p = count[base].sum() / n[base].sum()
    return _attributes(count / n, p, np.sqrt(p * (1 - p) / n), base, spread, 1.0)


def u_chart(count: Floats, exposure: Floats, base: Bools, spread: bool = False) -> Chart:
    """Rates count/exposure around the rate of the base periods, u +- 3 sqrt(u/exposure)."""
    u = count[base].sum() / exposure[base].sum()
    return _attributes(count / exposure, u, np.sqrt(u / exposure), base, spread, np.inf)


def _attributes(x: Floats, centre: float, sigma: Floats, base: Bools, spread: bool, top: float) -> Chart:
    if spread and base.sum() > 1:
        z = np.divide(x - centre, sigma, out=np.zeros_like(x), where=sigma > 0)
        sigma = sigma * max(1.0, float(np.abs(np.diff(z[base])).mean()) / D2)
    low, high = np.maximum(centre - 3 * sigma, 0.0), np.minimum(centre + 3 * sigma, top)
    return Chart(x, np.full_like(x, centre), sigma, low, high)


def xmr_chart(x: Floats, base: Bools) -> Chart:
    """Individual values around their mean, +- 2.66 mean moving range.

    Examples
    --------
    >>> chart = xmr_chart(np.array([10.0, 12.0, 11.0, 13.0]), np.ones(4, bool))
    >>> round(float(chart.low[0]), 4), round(float(chart.high[0]), 4)
    (7.0667, 15.9333)
    """
    centre = float(x[base].mean())
    reach = 2.66 * float(np.abs(np.diff(x[base])).mean()) if base.sum() > 1 else np.nan
    line = np.full_like(x, centre)
    return Chart(x, line, np.full_like(x, reach / 3), line - reach, line + reach)


def run_rules(chart: Chart) -> Bools:
    """Which points end a run that chance rarely makes, (4, periods) [Western Electric 1956].

    One point beyond 3 sigma; two of three beyond 2 on one side; four of five beyond 1 on one side; eight in a row on
    one side.

    Examples
    --------
    >>> x = np.array([0, 0, 2.5, 0, 2.5, 0, 4.0])
    >>> ones = np.ones_like(x)
    >>> run_rules(Chart(x, 0 * ones, ones, -3 * ones, 3 * ones))[:2].astype(int).tolist()
    [[0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 1, 0, 1]]
    """
    z = np.divide(chart.estimate - chart.centre, chart.sigma, out=np.zeros_like(chart.estimate), where=chart.sigma > 0)
    outside = (chart.estimate > chart.high) | (chart.estimate < chart.low)
    rules = [outside]
    for points, of, beyond in ((2, 3, 2.0), (4, 5, 1.0), (8, 8, 0.0)):
        rules.append(_run(z > beyond, points, of) | _run(z < -beyond, points, of))
    return np.array(rules)


def _run(hit: Bools, points: int, of: int) -> Bools:
    """Whether a point and at least `points` of the last `of` lie beyond a line."""
    counts = np.convolve(hit, np.ones(of), mode="full")[: len(hit)]
    result: Bools = (counts >= points) & hit
    return result
