"""Who answered: counts and shares of the respondents, against quotas or the population."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from csi import blocks, frames
from csi.analysis.describe import check_level
from csi.blocks import Said
from csi.design import Design
from csi.display.chapter import Labels, Printed, as_percent, printed
from csi.display.table import Table
from csi.errors import DataError, SettingsError, listing
from csi.numerics import proportions

Expected = Mapping[str, Mapping[Hashable, float]]


_EXPECTED = ["expected_percent", "difference"]
_TEST = Said("Goodness of fit to what was expected", "与配额或总体构成的拟合检验")


@dataclass(frozen=True, eq=False, repr=False)
class Profile(Printed):
    """A sample profile: `table`, and `test` against what was expected (empty without expectations).

    Examples
    --------
    >>> import csi
    >>> found = csi.analysis.profile({"sex": ["f", "f", "m", "f"]}, "sex")
    >>> found.table.columns.tolist()
    ['n', 'share', 'conf_low', 'conf_high', 'expected', 'difference']
    """

    table: pd.DataFrame
    test: pd.DataFrame

    def tables(self, labels: Labels = None) -> tuple[Table, ...]:
        """Return counts and per cent of every answer, and the test where something was expected."""
        shares = as_percent(self.table.rename(columns={"expected": "expected_percent"}), *_EXPECTED)
        if shares["expected_percent"].isna().all():
            shares = shares.drop(columns=_EXPECTED)
        found = [printed(shares, decimals=1, labels=labels)]
        if len(self.test):
            test = self.test.rename(columns={"statistic": "chi_square"})
            found.append(printed(test, title=_TEST, labels=labels))
        return tuple(found)


def profile(
    data: Any,
    columns: Sequence[str] | str,
    *,
    expected: Expected | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> Profile:
    """Describe the sample: counts and shares of every answer to the questions about the respondents.

    Parameters
    ----------
    data : DataFrame
    columns : list of str
        Questions such as sex, age group, region (numbers or text).
    expected : {column: {answer: share or count}}, optional
        Quotas or population; turned into shares within each column.
    design : Design, optional
        Case weights: `share` is weighted, `n` is not.
    confidence_level : float
        Of the shares (Wilson; linearized under a design).

    Returns
    -------
    Profile
        `table`: rows (variable, answer): `n`, `share` of the valid answers, `conf_low`, `conf_high`, `expected`,
        `difference` (share - expected); respondents without an answer are counted in `.attrs["missing"]`. `test`:
        chi-square goodness of fit of every variable with expectations: `statistic`, `df`, `p_value`, `n`
        (unweighted counts; left out under a design, whose weights were made to fit).

    Raises
    ------
    DataError
        Where an answer was given that the expectations do not name.

    Examples
    --------
    >>> found = profile({"sex": ["f", "f", "m", "f"]}, "sex", expected={"sex": {"f": 52, "m": 48}})
    >>> found.table["difference"].round(2).tolist()
    [0.23, -0.23]
    """
    check_level(confidence_level)
    names = [columns] if isinstance(columns, str) else list(dict.fromkeys(columns))
    opened = frames.table(data)
    problems = frames.missing_columns(opened, names, "question")
    problems += [f"expected= names {name!r}, which is not asked for" for name in expected or {} if name not in names]
    if problems:
        raise DataError(listing(problems, "the sample cannot be described"))
    tables, tests, blanks = [], {}, []
    for name in names:
        series = opened.column(name)
        shares = _shares(series, name, (expected or {}).get(name))
        tables.append(_variable(data, series, name, shares, design, confidence_level))
        blanks.append(f"{name} {int(series.isna().sum())}")
        if shares is not None and design is None:
            tests[name] = _fit(tables[-1]["n"].to_numpy(dtype=float), shares)
    table = pd.concat(tables, keys=names, names=["variable", "answer"])
    table.attrs["missing"] = Said(
        f"shares of valid answers; without an answer: {', '.join(blanks)}", f"有效百分比；未作答：{'，'.join(blanks)}"
    )
    table.attrs |= {"title": Said("Sample profile", "样本构成"), "confidence_level": confidence_level}
    if design is not None:
        table.attrs["weights"] = Said("shares are weighted, counts are not", "百分比已加权，频数未加权")
    columns_of_test = ["statistic", "df", "p_value", "n"]
    test = pd.DataFrame.from_dict(tests, orient="index", columns=columns_of_test).rename_axis("variable")
    return Profile(table, test)


def _shares(series: pd.Series, name: str, expected: Mapping[Hashable, float] | None) -> dict[Hashable, float] | None:
    """Expected shares of a variable's answers."""
    if expected is None:
        return None
    total = sum(expected.values())
    if not total > 0 or min(expected.values()) < 0:
        raise SettingsError(f"expected shares of {name!r} must not be negative and must add up to more than 0")
    strangers = [value for value in series.dropna().unique() if value not in expected]
    if strangers:
        problems = [f"{name!r} was answered {value!r}, which expected= does not name" for value in strangers]
        raise DataError(listing(problems, "the sample does not fit the expectations"))
    return {answer: value / total for answer, value in expected.items()}


def _variable(
    data: Any,
    series: pd.Series,
    name: str,
    shares: dict[Hashable, float] | None,
    design: Design | None,
    level: float,
) -> pd.DataFrame:
    """One variable's answers."""
    answers = list(shares) if shares is not None else sorted(series.dropna().unique(), key=_order)
    if not answers:
        raise DataError(f"question {name!r} has no answers")
    opened = frames.table(data)
    extra = {f"{column}": opened.column(column).to_numpy() for column in (design.columns if design else ())}
    dummies = pd.DataFrame({f"answer {k}": _dummy(series, value) for k, value in enumerate(answers)})
    read = blocks.read(dummies.assign(**extra), list(dummies.columns), design=design)
    found = read.mean(read.values, read.groups[0])
    size = found.n.astype(float)
    if not read.simple:
        size = proportions.effective_size(found.estimate, np.diag(found.cov), size)
    low, high = proportions.wilson(found.estimate, size, level)
    table = pd.DataFrame({"n": np.nansum(dummies.to_numpy(), axis=0).astype(int), "share": found.estimate})
    table["conf_low"], table["conf_high"] = low, high
    table["expected"] = list(shares.values()) if shares is not None else np.nan
    table["difference"] = table["share"] - table["expected"]
    table.index = pd.Index([v.item() if isinstance(v, np.generic) else v for v in answers], name="answer")
    return table


def _order(value: Any) -> tuple[str, Any]:
    """Sort numbers among numbers and text among text."""
    return ("", value) if isinstance(value, (int, float, np.number)) else (type(value).__name__, str(value))


def _dummy(series: pd.Series, value: Hashable) -> np.ndarray:
    """1 where the answer was given, 0 where another was, NaN without an answer."""
    hit = (series == value).fillna(False).to_numpy(dtype=bool).astype(float)
    return np.where(series.isna().to_numpy(), np.nan, hit)


def _fit(counts: np.ndarray, shares: dict[Hashable, float]) -> tuple[float, float, float, float]:
    """Chi-square goodness of fit."""
    n = counts.sum()
    expected = n * np.array(list(shares.values()))
    if (expected == 0).any():
        keep = expected > 0
        counts, expected = counts[keep], expected[keep]
    statistic = float(((counts - expected) ** 2 / expected).sum())
    df = len(counts) - 1
    return statistic, df, float(stats.chi2.sf(statistic, df)) if df else np.nan, n
