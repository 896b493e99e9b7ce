"""Answer quality: careless, impossible, repeated and missing answers are flagged, never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import blocks, frames
from csi.analysis.codes import stray_codes
from csi.blocks import Answers, ModelLike, Scale
from csi.errors import DataError, SettingsError, listing
from csi.numerics import quality
from csi.numerics.em import em, missing_patterns
from csi.numerics.mcar import little

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEW_ITEMS = 10
"""With fewer items equal answers in a row, and equal rows, are what honest people give too."""


@dataclass(frozen=True, eq=False)
class Screening:
    """What a screening found; nothing was changed.

    Attributes
    ----------
    flags : DataFrame
        One row a respondent (your index), one column a sign: 1 flagged, 0 not, NaN could not be told; `flags` counts.
    measures : DataFrame
        The numbers behind the flags: `longstring`, `irv`, `straight_blocks`, `mahalanobis`, `mahalanobis_p`,
        `missing_share`, and `time` where a time was given.
    summary : DataFrame
        One row a sign: `n` flagged, `share` of the respondents.
    codes : DataFrame
        One row an (item, code) that lies outside the scale, is declared unknown, or looks like a missing code:
        `n`, `outside`, `unknown`, `suspicious` (1 or 0).
    patterns : DataFrame
        One row a pattern of missing answers, most frequent first: 1 answered, 0 missing; `n`, `share`.
    mcar : DataFrame
        Little's test: `statistic`, `df`, `p_value`, `patterns`.
    log : tuple of str
        What was looked for, with which limit, and how many were found: the sentences a report prints.
    """

    flags: pd.DataFrame
    measures: pd.DataFrame
    summary: pd.DataFrame
    codes: pd.DataFrame
    patterns: pd.DataFrame
    mcar: pd.DataFrame
    log: tuple[str, ...]

    def keep(self, signs: Sequence[str] | None = None, at_most: int = 0) -> pd.Series:
        """Return which respondents have at most `at_most` of the `signs` (all of them unless named), to index data.

        Raises
        ------
        SettingsError
            For a sign that was not looked for.
        """
        known = [c for c in self.flags.columns if c != "flags"]
        chosen = known if signs is None else list(signs)
        wrong = [name for name in chosen if name not in known]
        if wrong:
            raise SettingsError(f"no such sign: {', '.join(map(repr, wrong))}; the signs are {', '.join(known)}")
        return (self.flags[chosen].sum(axis=1) <= at_most).rename("keep")

    def __repr__(self) -> str:
        lines = "\n".join(f"- {sentence}" for sentence in self.log)
        return f"{lines}\n\n{self.summary.round(3).to_string()}"


def screen(
    data: Any,
    model: ModelLike = None,
    *,
    scale: Scale | None = None,
    time: str | None = None,
    attention: Mapping[str, Any] | None = None,
    long_string: float = 0.5,
    straight: float = 1.0,
    speed: float = 0.5,
    outlier: float = 0.001,
    blanks: float = 0.5,
) -> Screening:
    """Flag answers that should be looked at before they bend a coefficient; delete nothing.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items in the order they were asked.
    model : Model, {block: [columns]} or [columns], optional
        The items and which of them stood together; every column of numbers as one block unless given.
    scale : (low, high), optional
        Scale of items whose scale the model does not tell.
    time : str, optional
        Column with the duration of the interview, in any unit.
    attention : mapping of column to right answer (or list of right answers), optional
        Attention checks.
    long_string : float
        Longest run of equal answers that is flagged: a share of the items below 1 (half of them: Curran 2016; not
        looked for among fewer than ten items), a number of items from 1.
    straight : float
        Share of the blocks of three or more items that must be answered with one code to be flagged.
    speed : float
        Share of the median time below which an interview is flagged.
    outlier : float
        p-value of the squared Mahalanobis distance below which answers are flagged.
    blanks : float
        Share of missing answers above which a respondent is flagged.

    Returns
    -------
    Screening

    Raises
    ------
    DataError
        Naming every column that is missing or no number.
    SettingsError
        For a limit that can flag nothing or everything.

    Notes
    -----
    Reversed items are not turned: a straight line is one on paper. Mahalanobis distances use EM moments and the
    answers a respondent gave, against chi-square with as many degrees of freedom; they point at unusual answers,
    careless or not. Codes outside the scale and codes that look like a missing answer (99 among 1 to 10) are left
    out of every other measure. A flag is a reason to look, not a verdict.

    Examples
    --------
    >>> from csi import datasets
    >>> mobi = datasets.load("mobi")
    >>> found = screen(mobi, scale=(1, 10))
    >>> print(found.summary["n"].to_string())
    sign
    long_string      5
    straight         1
    outlier         16
    duplicate        0
    many_missing     0
    out_of_range     0
    missing_code     0
    """
    _check_limits(long_string=long_string, straight=straight, speed=speed, outlier=outlier, blanks=blanks)
    leave_out = [*([time] if time else []), *(attention or {})]
    raw = blocks.read(data, model, scale=scale, turn=False, leave_out=leave_out)
    codes, outside, suspicious = stray_codes(data, model, raw)
    x = np.where(outside | suspicious, np.nan, raw.values)
    few = x.shape[1] < FEW_ITEMS
    limit = int(np.ceil(long_string * x.shape[1])) if long_string < 1 else int(long_string)
    measures = _measures(raw, x)
    long_blocks = [at for at in raw.blocks.values() if len(at) > 2]
    flags = {
        "long_string": None if few and long_string < 1 else measures["longstring"] >= max(limit, 2),
        "straight": measures["straight_blocks"] >= straight * len(long_blocks) if long_blocks else None,
        "outlier": _known(measures["mahalanobis_p"] < outlier, measures["mahalanobis_p"]),
        "duplicate": None if few else pd.Series(quality.repeated(raw.values), raw.index),
        "many_missing": measures["missing_share"] > blanks,
        "out_of_range": pd.Series(outside.any(axis=1), raw.index),
        "missing_code": pd.Series(suspicious.any(axis=1), raw.index),
        **_timing(data, time, speed, measures),
        **_attention(data, attention, raw),
    }
    table = pd.DataFrame({name: each.astype(float) for name, each in flags.items() if each is not None}, raw.index)
    summary = pd.DataFrame({"n": table.sum().astype(int), "share": table.mean()}).rename_axis("sign")
    table["flags"] = table.sum(axis=1)
    patterns, mcar = _patterns(raw, x), _little(x)
    limits = {"long_string": max(limit, 2), "straight": straight, "speed": speed, "outlier": outlier, "blanks": blanks}
    log = tuple(_log(raw, summary, table, codes, mcar, limits))
    return Screening(table, measures, summary, codes, patterns, mcar, log)


def _check_limits(**limits: float) -> None:
    """Refuse limits outside their range."""
    wrong = [f"{name} must be positive; not {value!r}" for name, value in limits.items() if not value > 0]
    wrong += [f"{n} is a share, at most 1; not {v!r}" for n, v in limits.items() if n != "long_string" and v > 1]
    if wrong:
        raise SettingsError(listing(wrong, "limits of the screening"))


def _known(flag: pd.Series, measure: pd.Series) -> pd.Series:
    """A flag that is NaN where its measure is."""
    return flag.astype(float).where(measure.notna())


def _measures(raw: Answers, x: Floats) -> pd.DataFrame:
    """The numbers behind the flags."""
    distance, p_value = _distances(x)
    lines = [quality.straight(x[:, list(at)]) for at in raw.blocks.values() if len(at) > 2]
    return pd.DataFrame(
        {
            "longstring": quality.longstring(x),
            "irv": quality.intra_individual_variability(x),
            "straight_blocks": np.sum(lines, axis=0) if lines else np.zeros(len(x)),
            "mahalanobis": distance,
            "mahalanobis_p": p_value,
            "missing_share": np.isnan(x).mean(axis=1),
        },
        index=raw.index,
    )


def _distances(x: Floats) -> tuple[Floats, Floats]:
    """Mahalanobis distances over the items that vary; NaN where no covariance can be found."""
    varies = np.array([len(np.unique(column[~np.isnan(column)])) > 1 for column in x.T])
    nothing = np.full(len(x), np.nan)
    if varies.sum() < 2:
        return nothing, nothing
    some = x[:, varies]
    if np.isnan(some).any():
        found = em(some)
        n = int((~np.isnan(some).all(axis=1)).sum())
        mean, cov = found.mean[0], found.cov[0] * n / (n - 1)
        sound = bool(found.converged[0])
    else:
        mean, cov = some.mean(axis=0), np.cov(some.T)
        sd = np.sqrt(np.diag(cov))
        sound = bool(np.linalg.eigvalsh(cov / np.outer(sd, sd))[0] > 1e-10)
    return quality.mahalanobis(some, mean, cov) if sound else (nothing, nothing)


def _timing(data: Any, time: str | None, speed: float, measures: pd.DataFrame) -> dict[str, pd.Series]:
    """Interviews much faster than the middle one."""
    if time is None:
        return {}
    seconds = frames.numbers(frames.table(data), [time], "time")[0]
    if (seconds <= 0).any():
        raise DataError(f"time column {time!r} holds {int((seconds <= 0).sum())} durations that are not positive")
    measures["time"] = seconds
    return {"speeding": _known(measures["time"] < speed * measures["time"].median(), measures["time"])}


def _attention(data: Any, attention: Mapping[str, Any] | None, raw: Answers) -> dict[str, pd.Series]:
    """Attention checks answered wrongly; a blank is wrong."""
    if not attention:
        return {}
    opened = frames.table(data)
    problems = frames.missing_columns(opened, attention, "attention check")
    if problems:
        raise DataError(listing(problems, "the data do not hold the attention checks"))
    failed = np.zeros(len(raw.index), dtype=bool)
    for column, right in attention.items():
        answers = [right] if isinstance(right, (str, int, float)) else list(right)
        failed |= ~opened.column(column).isin(answers).to_numpy(dtype=bool)
    return {"attention": pd.Series(failed, raw.index)}


def _patterns(raw: Answers, x: Floats) -> pd.DataFrame:
    """Patterns of missing answers, the most frequent first."""
    found = [(observed.astype(int), len(cases)) for cases, observed in missing_patterns(x)]
    empty = int(np.isnan(x).all(axis=1).sum())
    found += [(np.zeros(x.shape[1], dtype=int), empty)] if empty else []
    found.sort(key=lambda each: (-each[1], -int(each[0].sum())))
    table = pd.DataFrame([each for each, _ in found], columns=pd.Index(raw.names))
    table["n"] = [n for _, n in found]
    table["share"] = table["n"] / len(x)
    table.index = pd.RangeIndex(1, len(table) + 1, name="pattern")
    return table


def _little(x: Floats) -> pd.DataFrame:
    """Little's test, NaN where nothing is missing or no covariance can be found."""
    row = little(x)._asdict() if np.isnan(x).any() else {"statistic": np.nan, "df": np.nan, "p_value": np.nan}
    table = pd.DataFrame([row], index=pd.Index(["Little's MCAR test"], name="test"))
    return table.drop(columns="converged", errors="ignore")


def _log(
    raw: Answers,
    summary: pd.DataFrame,
    flags: pd.DataFrame,
    codes: pd.DataFrame,
    mcar: pd.DataFrame,
    limits: Mapping[str, float],
) -> list[str]:
    """What a report prints about the screening."""
    rules = {
        "long_string": f"at least {limits['long_string']:g} equal answers in a row",
        "straight": f"one code throughout at least {limits['straight']:.0%} of the blocks of three or more items",
        "outlier": f"squared Mahalanobis distance with p < {limits['outlier']:g}",
        "duplicate": "every answer as in another row",
        "many_missing": f"more than {limits['blanks']:.0%} of the items blank",
        "out_of_range": "an answer outside its scale",
        "missing_code": "a code that looks like a missing answer",
        "speeding": f"less than {limits['speed']:.0%} of the median time",
        "attention": "a failed attention check",
    }
    n, clean = len(flags), int((flags["flags"] == 0).sum())
    found = [f"{n} respondents and {len(raw.names)} items were screened; nothing was deleted"]
    found += [f"{rules[sign]}: {int(summary.loc[sign, 'n'])} of {n}" for sign in summary.index]
    found += [f"{clean} of {n} respondents carry no flag"]
    for kind, words in (("outside", "outside its scale"), ("suspicious", "looks like a missing code")):
        for item, code in codes.index[codes[kind] > 0]:
            found.append(f"{item}: code {code:g} {words} ({int(codes.loc[(item, code), 'n'])} times)")
    if not any(raw.scales):
        found.append("no scale was given, so answers out of range could not be seen; say scale=(low, high)")
    unseen = [sign for sign in ("long_string", "duplicate", "straight") if sign not in summary.index]
    if unseen:
        found.append(f"too few items to look for: {', '.join(unseen)}")
    p_value = mcar["p_value"].iloc[0]
    if not np.isnan(p_value):
        row = mcar.iloc[0]
        found.append(f"Little's MCAR test: chi-square {row['statistic']:.3f}, df {row['df']:g}, p = {p_value:.4f}")
    return found
