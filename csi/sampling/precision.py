"""What several sample sizes buy, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import pandas as pd

from csi.errors import check_choice
from csi.sampling.plan import Plan
from csi.sampling.terms import TermWords


def precision(
    n: Sequence[float],
    *,
    sd: float = 20.0,
    p: float = 0.5,
    power: float = 0.8,
    language: str = "en",
    **terms: Unpack[TermWords],
) -> pd.DataFrame:
    """Say what each of several sample sizes buys: margins, detectable differences, the smallest path.

    Parameters
    ----------
    n : sequence of float
        Completed interviews.
    sd : float
        Standard deviation of the score, in index points.
    p : float
        Expected share.
    power : float
        Power of the comparison of two samples of n each, and of the smallest path.
    language : {"en", "zh"}
        Language of the column names.
    **terms
        As in `Plan`.

    Returns
    -------
    DataFrame
        One row an n; columns `index` and `nps` (margin, points), `share` (margin, percentage points),
        `index_difference` (points, two samples of n each), `path` (standardized).

    Examples
    --------
    >>> precision([100, 250], sd=20).round(2)
         index  share    nps  index_difference  path
    n
    100   3.92    9.8  16.00              7.92  0.25
    250   2.48    6.2  10.12              5.01  0.16
    """
    check_choice(language, "language", ("en", "zh"))
    rows = [
        (
            Plan(n=size, sd=sd, **terms).margin,
            100 * (Plan.proportion(n=size, p=p, **terms).margin or 0.0),
            Plan.nps(n=size, **terms).margin,
            Plan.difference(n=size, sd=sd, power=power, **terms).detectable,
            Plan.paths(n=size, power=power, **terms).path,
        )
        for size in n
    ]
    names = (
        ["index", "share", "nps", "index_difference", "path"]
        if language == "en"
        else ["指数误差限", "比例误差限", "NPS误差限", "可检出指数差异", "可检出最小路径"]
    )
    return pd.DataFrame(rows, index=pd.Index(n, name="n"), columns=names)
