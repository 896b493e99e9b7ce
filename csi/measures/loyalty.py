"""Net promoter score and customer effort score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from csi import blocks
from csi.blocks import Group, ModelLike, Said, Scale
from csi.design import Design
from csi.errors import SettingsError, check_choice
from csi.measures.common import check_level, critical, degrees, mean_table, one_a_group, refuse_outside, scale_of
from csi.measures.shares import csat


def nps_of(promoters: float, detractors: float, n: float, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Net promoter score from shares of promoters and detractors, in points (-100 to 100).

    Returns
    -------
    DataFrame
        `estimate` = 100 (p - d), `std_error`, `conf_low`, `conf_high` (normal), `n`.

    Notes
    -----
    Variance (p + d - (p - d)^2) / n, that of the mean of -1, 0 and 1.

    Examples
    --------
    >>> print(nps_of(0.5, 0.2, 400).round(6).to_string())
             estimate  std_error   conf_low  conf_high    n
    measure
    nps          30.0   3.905125  22.346096  37.653904  400
    """
    check_level(confidence_level)
    if min(promoters, detractors) < 0 or promoters + detractors > 1 or n <= 0:
        raise SettingsError(
            f"shares of promoters and detractors must not be negative nor exceed 1 together, and n must be positive;"
            f" not {promoters!r}, {detractors!r}, n = {n!r}"
        )
    gap = promoters - detractors
    error = 100 * np.sqrt((promoters + detractors - gap**2) / n)
    margin = stats.norm.ppf((1 + confidence_level) / 2) * error
    row = {"estimate": 100 * gap, "std_error": error, "conf_low": 100 * gap - margin, "conf_high": 100 * gap + margin}
    table = pd.DataFrame([{**row, "n": n}], index=pd.Index(["nps"], name="measure"))
    table.attrs |= {"title": _NPS, "confidence_level": confidence_level}
    return table


_NPS = Said("Net promoter score", "净推荐值（NPS）")


def nps(
    data: Any,
    model: ModelLike = None,
    *,
    promoters: float = 9,
    detractors: float = 6,
    scale: Scale = (0, 10),
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Net promoter score: share of promoters minus share of detractors, in points.

    Parameters
    ----------
    data : DataFrame
    model : Model, {block: [columns]} or [columns], optional
        The recommendation item or items; every column of numbers unless given.
    promoters, detractors : float
        Lowest code of a promoter and highest code of a detractor: 9 and 6 of 0 to 10.
    scale : (low, high)
        Codes of the question, 0 to 10 unless told; answers outside are refused. On 1 to 10 the score is another
        one (no 0), which `.attrs["rule"]` says.
    by, design : see `csi.describe`.
    confidence_level : float
        Normal interval; t under a design.

    Returns
    -------
    DataFrame
        One row an item: `estimate`, `std_error`, `conf_low`, `conf_high`, `n`, and the shares `promoters`,
        `passives`, `detractors`. Without a design the variance is (p + d - (p - d)^2)/n. For the difference of two
        waves see `csi.measures.compare`.

    Examples
    --------
    >>> table = nps({"recommend": [10, 9, 8, 7, 6, 0, 9, 10]})
    >>> float(table.loc["recommend", "estimate"])
    25.0
    """
    check_level(confidence_level)
    if not scale[0] <= detractors < promoters <= scale[1]:
        raise SettingsError(f"cut-offs {detractors:g} and {promoters:g} do not divide the scale {scale!r} into three")
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    refuse_outside(answers, [scale] * len(answers.names), "nps")
    x = answers.values
    p, d = (np.where(np.isnan(x), np.nan, each.astype(float)) for each in (x >= promoters, x <= detractors))

    def of_group(group: Group) -> pd.DataFrame:
        found, up, down = (answers.mean(each, group) for each in (100 * (p - d), p, d))
        error = np.sqrt(np.diag(found.cov))
        if answers.simple:
            spread = up.estimate + down.estimate - (up.estimate - down.estimate) ** 2
            error = 100 * np.sqrt(np.maximum(spread, 0) / found.n)
            half = stats.norm.ppf((1 + confidence_level) / 2) * error
        else:
            half = critical(confidence_level, degrees(answers, found)) * error
        estimate = found.estimate
        columns = {"estimate": estimate, "std_error": error, "conf_low": estimate - half, "conf_high": estimate + half}
        shares = {"promoters": up.estimate, "passives": 1 - up.estimate - down.estimate, "detractors": down.estimate}
        return pd.DataFrame({**columns, "n": found.n, **shares}, index=answers.rows())

    span = f"{scale[0]:g}", f"{scale[1]:g}"
    rule = Said(
        f"promoters >= {promoters:g}, detractors <= {detractors:g} of {span[0]} to {span[1]}",
        f"推荐者 >= {promoters:g}，贬损者 <= {detractors:g}（量表 {span[0]}–{span[1]}）",
    )
    return one_a_group(answers, of_group, title=_NPS, rule=rule, confidence_level=confidence_level)


def ces(
    data: Any,
    model: ModelLike = None,
    *,
    measure: Literal["mean", "share"] = "mean",
    at_least: float = 5,
    scale: Scale = (1, 7),
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Customer effort score: mean answer to "they made it easy", or the share that agrees.

    Parameters
    ----------
    measure : {"mean", "share"}
        Mean code with a t interval, or share of answers from `at_least` upwards (5 of 7) with Wilson's.
    data, model, scale, by, design, confidence_level : see `nps`.

    Returns
    -------
    DataFrame
        One row an item: `estimate`, `std_error`, `conf_low`, `conf_high`, `n`.

    Examples
    --------
    >>> round(float(ces({"easy": [7, 6, 5, 2]}, measure="share").loc["easy", "estimate"]), 2)
    0.75
    """
    check_choice(measure, "measure", ("mean", "share"))
    if measure == "share":
        return csat(
            data, model, at_least=at_least, scale=scale, by=by, design=design, confidence_level=confidence_level
        )
    check_level(confidence_level)
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    refuse_outside(answers, scale_of(answers, "ces"), "ces")
    return one_a_group(
        answers,
        lambda group: mean_table(answers, answers.mean(answers.values, group), answers.rows(), confidence_level),
        title=Said("Customer effort score", "客户费力度（CES）"),
        rule=Said(f"mean code of {scale[0]:g} to {scale[1]:g}", f"平均编码（量表 {scale[0]:g}–{scale[1]:g}）"),
        confidence_level=confidence_level,
    )
