"""SERVQUAL: the gaps of its dimensions, and of service quality as a whole.

References
----------
Parasuraman, Zeithaml & Berry (1988), SERVQUAL, Journal of Retailing 64.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.blocks import Group, Said
from csi.design import Design
from csi.errors import SettingsError, listing
from csi.measures.common import check_level, degrees, mean_table, one_a_group
from csi.measures.gaps import Pairs, listed, read_pairs, tested

Floats = NDArray[np.float64]


def servqual(
    data: Any,
    dimensions: Mapping[str, Pairs],
    *,
    points: Mapping[str, float] | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """SERVQUAL: mean gap of every dimension, and of service quality as a whole, unweighted and weighted.

    Parameters
    ----------
    data : DataFrame
    dimensions : {dimension: {perceived: expected}}
        The pairs of every dimension, such as tangibles, reliability, responsiveness, assurance, empathy.
    points : {dimension: points}, optional
        Importance of the dimensions, in points that add up to 100.
    by, design : see `csi.describe`.
    confidence_level : float

    Returns
    -------
    DataFrame
        One row a dimension, then `unweighted` (mean of the dimensions) and, with points, `weighted`: `estimate`,
        `std_error`, `conf_low`, `conf_high`, `statistic` (t that the gap is zero), `p_value`, `n`.

    Notes
    -----
    A respondent's gap on a dimension is the mean over the pairs answered; the totals take respondents who have all
    dimensions [Parasuraman, Zeithaml & Berry 1988].

    Examples
    --------
    >>> import csi
    >>> data = csi.datasets.load("mobi")
    >>> pairs = {"quality": [("CUEX1", "PERQ1"), ("CUEX2", "PERQ2")]}
    >>> csi.measures.servqual(data, pairs)[["estimate", "conf_low", "conf_high"]].round(2)
                estimate  conf_low  conf_high
    dimension
    quality        -0.01     -0.21       0.19
    unweighted     -0.01     -0.21       0.19
    """
    check_level(confidence_level)
    if points is not None:
        _check_points(points, dimensions)
    every = [pair for pairs in dimensions.values() for pair in listed(pairs)]
    answers, perceived, expected = read_pairs(data, every, by, design)
    gaps, start = [], 0
    for pairs in dimensions.values():
        stop = start + len(listed(pairs))
        gaps.append(_row_means(perceived[:, start:stop] - expected[:, start:stop]))
        start = stop
    columns = np.column_stack(gaps)
    names, totals = [*dimensions, "unweighted"], [columns.mean(axis=1)]
    if points is not None:
        names.append("weighted")
        totals.append(columns @ np.array([points[name] for name in dimensions]) / 100)
    z = np.column_stack([columns, *totals])

    def of_group(group: Group) -> pd.DataFrame:
        found = answers.mean(z, group)
        table = mean_table(answers, found, pd.Index(names, name="dimension"), confidence_level)
        return tested(table, 0.0, degrees(answers, found))

    treatment = Said("a respondent's gap is the mean of the pairs answered", "个人差距为其已答题对的均值")
    return one_a_group(answers, of_group, treatment, title=_SERVQUAL, confidence_level=confidence_level)


_SERVQUAL = Said("SERVQUAL gaps", "SERVQUAL 服务质量差距")


def servqual_of(gaps: Mapping[str, float], points: Mapping[str, float] | None = None) -> pd.DataFrame:
    """SERVQUAL totals from printed gaps of the dimensions.

    Examples
    --------
    >>> printed = {"tangibles": -0.65, "reliability": -1.10, "responsiveness": -0.83, "assurance": -0.70,
    ...            "empathy": -1.01}
    >>> round(float(servqual_of(printed).loc["unweighted", "estimate"]), 3)
    -0.858
    """
    rows = {**gaps, "unweighted": float(np.mean(list(gaps.values())))}
    if points is not None:
        _check_points(points, gaps)
        rows["weighted"] = sum(points[name] * value for name, value in gaps.items()) / 100
    table = pd.DataFrame({"estimate": rows}).rename_axis("dimension")
    table.attrs["title"] = _SERVQUAL
    return table


def _check_points(points: Mapping[str, float], dimensions: Mapping[str, Any]) -> None:
    """Points name every dimension, are not negative, and add up to 100."""
    problems = [f"dimension {name!r} has no points" for name in dimensions if name not in points]
    problems += [f"{name!r} is not a dimension" for name in points if name not in dimensions]
    problems += [f"{name!r} has negative points ({value!r})" for name, value in points.items() if value < 0]
    total = sum(points.values())
    if abs(total - 100) > 1e-6:
        problems.append(f"points add up to {total:g}, not 100")
    if problems:
        raise SettingsError(listing(problems, "points of the dimensions"))


def _row_means(x: Floats) -> Floats:
    """Mean of the answers given in each row; NaN without any."""
    given = ~np.isnan(x)
    count = given.sum(axis=1)
    total = np.where(given, x, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
