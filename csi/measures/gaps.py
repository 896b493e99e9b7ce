"""What was perceived against what was expected: the gap, the ratio, and SERVQUAL. Two definitions, never mixed.

References
----------
Parasuraman, Zeithaml & Berry (1988), SERVQUAL, Journal of Retailing 64.
Fieller (1954), Some problems in interval estimation; Cochran (1977), Sampling Techniques, eq. 6.9 (ratio of means).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Arrays, Group, Said
from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice, listing
from csi.measures.common import check_level, degrees, mean_table, one_a_group

Floats = NDArray[np.float64]
Pairs = Mapping[str, str] | Sequence[tuple[str, str]]
COMPLETE = Said("pairs: each row by the respondents who answered both questions", "成对样本：每行仅含两题均作答者")


def gap(
    data: Any,
    pairs: Pairs,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Perceived minus expected, item by item, with the paired t test that the gap is zero.

    Parameters
    ----------
    data : DataFrame
    pairs : {perceived: expected} or [(perceived, expected)]
        Columns of the two questions, on one scale.
    by, design : see `csi.describe`.
    confidence_level : float

    Returns
    -------
    DataFrame
        One row a pair (named by the perceived item): `estimate` (mean gap, in codes), `std_error`, `conf_low`,
        `conf_high`, `statistic` (t), `p_value`, `n`, `perceived`, `expected` (means of the same respondents).

    Examples
    --------
    >>> table = gap({"p": [5, 4, 3, 4], "e": [5, 5, 4, 4]}, {"p": "e"})
    >>> float(table.loc["p", "estimate"]), float(table.loc["p", "expected"])
    (-0.5, 4.5)
    """
    check_level(confidence_level)
    answers, perceived, expected = read_pairs(data, pairs, by, design)
    both = np.isnan(perceived) | np.isnan(expected)
    p, e = np.where(both, np.nan, perceived), np.where(both, np.nan, expected)
    index = pd.Index([name for name, _ in listed(pairs)], name="item")

    def of_group(group: Group) -> pd.DataFrame:
        found = answers.mean(p - e, group)
        table = tested(mean_table(answers, found, index, confidence_level), 0.0, degrees(answers, found))
        table["perceived"] = answers.mean(p, group).estimate
        table["expected"] = answers.mean(e, group).estimate
        return table

    title = Said("Gap: perceived minus expected", "差距：感知减期望")
    return one_a_group(answers, of_group, COMPLETE, title=title, confidence_level=confidence_level)


def ratio(
    data: Any,
    pairs: Pairs,
    *,
    of: Literal["means", "respondents"] = "means",
    about: float | None = None,
    delight: float | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Perceived over expected: below 1 the expectation was missed, well above 1 it was surpassed.

    Parameters
    ----------
    data : DataFrame
    pairs : {perceived: expected} or [(perceived, expected)]
        Columns of the two questions, on one scale. Expected answers must be positive.
    of : {"means", "respondents"}
        Ratio of the two means, or mean of the respondents' ratios: two different numbers, for the second one counts
        a low expectation more.
    about : float, optional
        Half width of "as expected": a respondent's ratio within 1 +- about.
    delight : float, optional
        From 1 + delight a respondent is delighted. Both widths or none; there is no published value.
    by, design : see `csi.describe`.
    confidence_level : float

    Returns
    -------
    DataFrame
        One row a pair: `estimate`, `std_error`, `conf_low`, `conf_high`, `statistic` and `p_value` (t test that the
        ratio is 1), `n`; with widths also the shares of respondents `dissatisfied` (ratio < 1 - about),
        `as_expected`, `satisfied` (> 1 + about) and `delighted` (>= 1 + delight), which add up to 1.

    Raises
    ------
    DataError
        Where an expected answer is zero or negative.

    Notes
    -----
    The ratio depends on where the scale starts: 4 over 5 on 1 to 5 is 3 over 4 on 0 to 4. The gap does not
    (`csi.measures.gap`). Standard errors are linearized: residuals (P - R E)/mean(E) [Cochran 1977, eq. 6.9].

    Examples
    --------
    >>> answers = {"p": [5, 4, 3, 4], "e": [5, 5, 4, 2]}
    >>> round(float(ratio(answers, {"p": "e"}).loc["p", "estimate"]), 4)
    1.0
    >>> round(float(ratio(answers, {"p": "e"}, of="respondents").loc["p", "estimate"]), 4)
    1.1375
    """
    check_level(confidence_level)
    check_choice(of, "of", ("means", "respondents"))
    _check_widths(about, delight)
    answers, perceived, expected = read_pairs(data, pairs, by, design)
    _refuse_zero(expected, pairs)
    both = np.isnan(perceived) | np.isnan(expected)
    p, e = np.where(both, np.nan, perceived), np.where(both, np.nan, expected)
    index = pd.Index([name for name, _ in listed(pairs)], name="item")

    def of_group(group: Group) -> pd.DataFrame:
        if of == "respondents":
            found = answers.mean(p / e, group)
        else:
            found = answers.ratio(p, e, group)
        table = tested(mean_table(answers, found, index, confidence_level), 1.0, degrees(answers, found))
        for name, inside in _classes(p / e, about, delight).items():
            table[name] = answers.mean(inside, group).estimate
        return table

    told = {"of": of, "rule": _OF[of], "caution": _CAUTION, "confidence_level": confidence_level}
    if about is not None:
        told["base"] = Said(
            f"classes of the respondents' ratios: about 1 within {about:g}, delighted from 1 + {delight:g}",
            f"按个人比值分类：1 ± {about:g} 为基本满意，自 1 + {delight:g} 起为惊喜",
        )
    return one_a_group(answers, of_group, COMPLETE, title=_RATIO, **told)


_RATIO = Said("Ratio: perceived over expected", "比值：感知/期望")
_OF = {
    "means": Said("ratio of the means; t test that it is 1", "均值之比；检验其是否等于 1"),
    "respondents": Said("mean of the respondents' ratios; t test that it is 1", "个人比值的均值；检验其是否等于 1"),
}
_CAUTION = Said(
    "depends on where the scale starts; the mean of ratios is not the ratio of means",
    "取决于量表起点；比值的均值不等于均值之比",
)


def listed(pairs: Pairs) -> list[tuple[str, str]]:
    """Pairs as (perceived, expected)."""
    return [(str(p), str(e)) for p, e in (pairs.items() if isinstance(pairs, Mapping) else pairs)]


def read_pairs(data: Any, pairs: Pairs, by: Any, design: Design | None) -> tuple[Arrays, Floats, Floats]:
    """Perceived and expected answers, (n, pairs) each."""
    pairs_of = listed(pairs)
    if not pairs_of:
        raise SettingsError('name at least one pair of columns: {"perceived": "expected"}')
    names = list(dict.fromkeys(name for pair in pairs_of for name in pair))
    answers = blocks.read(data, names, by=by, design=design)
    at = {name: j for j, name in enumerate(answers.names)}
    x = answers.values
    return answers, x[:, [at[p] for p, _ in pairs_of]], x[:, [at[e] for _, e in pairs_of]]


def tested(table: pd.DataFrame, null: float, df: Floats) -> pd.DataFrame:
    """Insert the t test of a null value before n."""
    t = (table["estimate"] - null) / table["std_error"].where(table["std_error"] > 0)
    at = list(table.columns).index("n")
    table.insert(at, "statistic", t)
    table.insert(at + 1, "p_value", 2 * stats.t.sf(np.abs(t), np.where(df > 0, df, np.nan)))
    return table


def _check_widths(about: float | None, delight: float | None) -> None:
    """Both widths or none, in order."""
    if (about is None) != (delight is None):
        raise SettingsError("the classes need both widths: about= (as expected) and delight= (surprised)")
    if about is not None and delight is not None and not 0 <= about < delight:
        raise SettingsError(f"widths must satisfy 0 <= about < delight; not about={about!r}, delight={delight!r}")


def _refuse_zero(expected: Floats, pairs: Pairs) -> None:
    """A ratio over nothing is refused, all columns at once."""
    problems = []
    for (_, name), column in zip(listed(pairs), expected.T, strict=True):
        n = int((column <= 0).sum())
        if n:
            problems.append(f"expected item {name!r} is zero or negative {n} times; use the gap, or a scale from 1")
    if problems:
        raise DataError(listing(problems, "the ratio is not defined"))


def _classes(ratios: Floats, about: float | None, delight: float | None) -> dict[str, Floats]:
    """Who belongs to which of the four classes, NaN where the ratio is missing."""
    if about is None or delight is None:
        return {}
    # Codes are whole numbers but widths are not: 1.1 is not 1 + .1 in binary.
    low, high, top = 1 - about - 1e-9, 1 + about + 1e-9, 1 + delight - 1e-9
    inside = {
        "dissatisfied": ratios < low,
        "as_expected": (ratios >= low) & (ratios <= high),
        "satisfied": (ratios > high) & (ratios < top),
        "delighted": ratios >= top,
    }
    return {name: np.where(np.isnan(ratios), np.nan, each.astype(float)) for name, each in inside.items()}
