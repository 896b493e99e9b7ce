"""Shares of respondents: satisfied (CSAT), top boxes, bottom boxes, and a target that should be reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from csi import blocks
from csi.blocks import Arrays, Group, ModelLike, Said, Scale
from csi.design import Design
from csi.errors import SettingsError, check_choice
from csi.measures.common import check_level, degrees, one_a_group, refuse_outside, scale_of
from csi.numerics import proportions

Interval = Literal["wilson", "exact", "normal"]


def proportion(
    successes: float,
    n: float,
    *,
    interval: Interval = "wilson",
    target: float | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """A share from its counts, such as 340 satisfied of 400.

    Parameters
    ----------
    successes, n : float
        How many of how many.
    interval : {"wilson", "exact", "normal"}
        Wilson's score interval, Clopper and Pearson's exact one, or estimate +- z standard errors.
    target : float, optional
        Share that should be reached: adds `p_value`, the one-sided exact binomial test that it is missed.
    confidence_level : float

    Returns
    -------
    DataFrame
        `estimate`, `std_error`, `conf_low`, `conf_high`, with a target `p_value`, and `n`.

    Notes
    -----
    Wilson (1927): (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).

    Examples
    --------
    >>> print(proportion(340, 400).round(6).to_string())
             estimate  std_error  conf_low  conf_high    n
    measure
    share        0.85   0.017854  0.811686   0.881655  400
    >>> round(float(proportion(330, 400, target=0.85)["p_value"].iloc[0]), 8)
    0.09358031
    """
    check_level(confidence_level)
    check_choice(interval, "interval", get_args(Interval))
    if not 0 <= successes <= n or n <= 0:
        raise SettingsError(f"a share needs 0 <= successes <= n with n > 0; not {successes!r} of {n!r}")
    p = successes / n
    low, high = _interval(p, n, interval, confidence_level)
    row = {"estimate": p, "std_error": np.sqrt(p * (1 - p) / n), "conf_low": low, "conf_high": high}
    if target is not None:
        row["p_value"] = _missed(successes, n, target)
    return pd.DataFrame([{**row, "n": n}], index=pd.Index(["share"], name="measure"))


def top_box(
    data: Any,
    model: ModelLike = None,
    *,
    boxes: int = 2,
    scale: Scale | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    interval: Interval = "wilson",
    target: float | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Share of answers in the upper `boxes` codes of the scale (top-2-box unless told).

    Parameters
    ----------
    data : DataFrame
    model : Model, {block: [columns]} or [columns], optional
        The items; every column of numbers unless given. Reversed items are turned.
    boxes : int
        How many codes at the upper end count.
    scale : (low, high), optional
        Scale of items whose scale the model does not tell; codes are whole numbers.
    by, design : see `csi.describe`.
    interval : {"wilson", "exact", "normal"}
        Under a design n is replaced by the effective sample size p(1-p)/variance [Korn & Graubard 1998].
    target : float, optional
        Share that should be reached: adds `p_value`, one-sided, that it is missed (exact; normal under a design).
    confidence_level : float

    Returns
    -------
    DataFrame
        One row an item: `estimate`, `std_error`, `conf_low`, `conf_high`, with a target `p_value`, and `n`.

    Examples
    --------
    >>> from csi import datasets
    >>> print(top_box(datasets.load("mobi"), ["CUSA1"], scale=(1, 10)).round(4).to_string())
           estimate  std_error  conf_low  conf_high    n
    item
    CUSA1     0.268      0.028    0.2169     0.3261  250
    """
    answers = _answers(data, model, boxes, scale, by, design, "top_box")
    cut = np.array([high - boxes + 1 for _, high in scale_of(answers, "top_box")])
    hit = np.where(np.isnan(answers.values), np.nan, (answers.values >= cut).astype(float))
    rule = Said(f"top {boxes} codes of the scale", f"量表最高 {boxes} 个等级")
    return _shares(answers, hit, interval, target, confidence_level, rule, _TITLES[0])


def bottom_box(
    data: Any,
    model: ModelLike = None,
    *,
    boxes: int = 2,
    scale: Scale | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    interval: Interval = "wilson",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Share of answers in the lower `boxes` codes of the scale; arguments and columns as `top_box`.

    Examples
    --------
    >>> import csi
    >>> table = csi.measures.bottom_box(csi.datasets.load("mobi"), ["CUSA1", "CUSA2"], boxes=5, scale=(1, 10))
    >>> table["estimate"].round(3).to_dict()
    {'CUSA1': 0.036, 'CUSA2': 0.18}
    """
    answers = _answers(data, model, boxes, scale, by, design, "bottom_box")
    cut = np.array([low + boxes - 1 for low, _ in scale_of(answers, "bottom_box")])
    hit = np.where(np.isnan(answers.values), np.nan, (answers.values <= cut).astype(float))
    rule = Said(f"bottom {boxes} codes of the scale", f"量表最低 {boxes} 个等级")
    return _shares(answers, hit, interval, None, confidence_level, rule, _TITLES[1])


def csat(
    data: Any,
    model: ModelLike = None,
    *,
    at_least: float | None = None,
    scale: Scale | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    interval: Interval = "wilson",
    target: float | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Share of satisfied respondents: answers from `at_least` upwards.

    Parameters
    ----------
    at_least : float, optional
        Lowest code of a satisfied answer; unless given the code at or above 70 % of the way up the scale, which
        is 4 of 1 to 5, 6 of 1 to 7 and 8 of 1 to 10.
    data, model, scale, by, design, interval, target, confidence_level : see `top_box`.

    Returns
    -------
    DataFrame
        Columns as `top_box`; `.attrs["rule"]` says what counted as satisfied.

    Examples
    --------
    >>> table = csat({"q": [5, 4, 4, 3, None]}, scale=(1, 5))
    >>> float(table.loc["q", "estimate"]), int(table.loc["q", "n"]), table.attrs["rule"]
    (0.75, 4, 'satisfied: q >= 4')
    """
    answers = _answers(data, model, 1, scale, by, design, "csat")
    ends = scale_of(answers, "csat")
    cut = [float(np.ceil(low + 0.7 * (high - low) - 1e-9)) if at_least is None else at_least for low, high in ends]
    for (low, high), value in zip(ends, cut, strict=True):
        if not low < value <= high:
            raise SettingsError(f"at_least={value:g} does not lie within the scale {low:g} to {high:g}")
    hit = np.where(np.isnan(answers.values), np.nan, (answers.values >= np.array(cut)).astype(float))
    cuts = ", ".join(f"{name} >= {value:g}" for name, value in zip(answers.names, cut, strict=True))
    rule = Said(f"satisfied: {cuts}", f"满意：{cuts}")
    return _shares(answers, hit, interval, target, confidence_level, rule, _TITLES[2])


def _answers(
    data: Any, model: ModelLike, boxes: int, scale: Scale | None, by: Any, design: Design | None, what: str
) -> Arrays:
    """Read the items and refuse codes outside their scale."""
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    for (low, high), name in zip(scale_of(answers, what), answers.names, strict=True):
        if not 1 <= boxes <= high - low:
            raise SettingsError(f"boxes={boxes!r} is not a number of codes below the {high - low + 1:g} of {name!r}")
    refuse_outside(answers, scale_of(answers, what), what)
    return answers


def _shares(
    answers: Arrays, hit: np.ndarray, interval: Interval, target: float | None, level: float, rule: Said, title: Said
) -> pd.DataFrame:
    """The table of shares of 0/1 columns, group by group."""
    check_level(level)
    check_choice(interval, "interval", get_args(Interval))
    if target is not None and not 0 < target < 1:
        raise SettingsError(f"target is a share between 0 and 1, such as 0.85; not {target!r}")

    def of_group(group: Group) -> pd.DataFrame:
        found = answers.mean(hit, group)
        df, rows = degrees(answers, found), []
        for j, p in enumerate(found.estimate):
            n = float(found.n[j])
            rows.append(_row(p, n, found.cov[j, j], answers, float(df[j]), interval, target, level))
        table = pd.DataFrame(rows, index=answers.rows())
        table["n"] = found.n
        return table

    told: dict[str, Any] = {"title": title, "rule": rule, "interval": _INTERVALS[interval], "confidence_level": level}
    if target is not None:
        told["caution"] = Said(
            f"p: one-sided test that the target of {target:.0%} is missed", f"p：未达到目标 {target:.0%} 的单侧检验"
        )
    return one_a_group(answers, of_group, **told)


_TITLES = (
    Said("Share of answers in the top boxes", "高分选项占比（Top Box）"),
    Said("Share of answers in the bottom boxes", "低分选项占比（Bottom Box）"),
    Said("Share of satisfied respondents (CSAT)", "满意率（CSAT）"),
)
_INTERVALS = {
    "wilson": Said("interval: Wilson", "置信区间：Wilson 法"),
    "exact": Said("interval: exact (Clopper-Pearson)", "置信区间：精确法（Clopper-Pearson）"),
    "normal": Said("interval: normal", "置信区间：正态近似"),
}


def _row(
    p: float,
    n: float,
    variance: float,
    answers: Arrays,
    df: float,
    interval: Interval,
    target: float | None,
    level: float,
) -> dict[str, float]:
    """One share with its interval."""
    if not n:
        return dict.fromkeys(["estimate", "std_error", "conf_low", "conf_high"], np.nan)
    if answers.simple:
        error, size = float(np.sqrt(p * (1 - p) / n)), n
    else:
        error = float(np.sqrt(variance))
        size = p * (1 - p) / variance if variance > 0 else n
    low, high = _interval(p, size, interval, level)
    row = {"estimate": float(p), "std_error": error, "conf_low": low, "conf_high": high}
    if target is not None:
        exact = answers.simple
        row["p_value"] = _missed(p * n, n, target) if exact else float(stats.t.cdf((p - target) / error, df))
    return row


def _interval(p: float, n: float, interval: str, level: float) -> tuple[float, float]:
    """Interval of a share for n independent answers."""
    kinds = {"wilson": proportions.wilson, "exact": proportions.exact, "normal": proportions.normal}
    low, high = kinds[interval](np.array(p), np.array(n), level)
    return float(low), float(high)


def _missed(successes: float, n: float, target: float) -> float:
    """One-sided exact binomial p-value that the share lies below the target."""
    return float(stats.binom.cdf(round(successes), round(n), target))
