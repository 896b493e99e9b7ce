"""Answer quality: careless, impossible, repeated and missing answers are flagged, never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import blocks, frames
from csi.analysis.codes import stray_codes
from csi.analysis.screening import Screening, cleaning_log
from csi.blocks import Arrays, ModelLike, Said, Scale, chinese
from csi.design import Design
from csi.errors import DataError, SettingsError, listing
from csi.numerics import proportions, quality
from csi.numerics.em import em, missing_patterns
from csi.numerics.mcar import little

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEW_ITEMS = 10
"""With fewer items equal answers in a row, and equal rows, are what honest people give too."""


def screen(
    data: Any,
    model: ModelLike = None,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
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
    by : str or list of str, optional
        Columns that divide the respondents (channels, interviewers): each group is screened on its own.
    design : Design, optional
        Shares of flagged respondents follow it. A flag is about one respondent: no weight changes it.
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
    limits = _Limits(long_string, straight, speed, outlier, blanks)
    limits.check()
    opened = frames.table(data)
    if by is not None:
        return _by_group(opened, model, by, design, scale, time, attention, limits)
    aside = [*([time] if time else []), *(attention or {}), *(design.columns if design else ())]
    raw = blocks.read(data, model, scale=scale, turn=False, leave_out=aside)
    codes, outside, suspicious = stray_codes(data, model, raw)
    x = np.where(outside | suspicious, np.nan, raw.values)
    measures = _measures(raw, x)
    flags = {
        **_flags(raw, x, measures, limits),
        "out_of_range": pd.Series(outside.any(axis=1), raw.index),
        "missing_code": pd.Series(suspicious.any(axis=1), raw.index),
        **_timing(opened, time, speed, measures),
        **_attention(opened, attention, raw),
    }
    table = pd.DataFrame({name: each.astype(float) for name, each in flags.items() if each is not None}, raw.index)
    summary = _summary(table, opened, design)
    table["flags"] = table.sum(axis=1)
    patterns, mcar = _patterns(raw, x), _little(x)
    log = tuple(cleaning_log(raw, summary, table, codes, mcar, limits.told(x.shape[1])))
    return Screening(table, measures, summary, codes, patterns, mcar, log)


class _Limits(NamedTuple):
    """From where on something is flagged."""

    long_string: float
    straight: float
    speed: float
    outlier: float
    blanks: float

    def check(self) -> None:
        """Refuse limits outside their range."""
        limits = self._asdict()
        wrong = [f"{name} must be positive; not {value!r}" for name, value in limits.items() if not value > 0]
        wrong += [f"{n} is a share, at most 1; not {v!r}" for n, v in limits.items() if n != "long_string" and v > 1]
        if wrong:
            raise SettingsError(listing(wrong, "limits of the screening"))

    def run(self, items: int) -> int:
        """Length of a run of equal answers that is flagged."""
        asked = int(np.ceil(self.long_string * items)) if self.long_string < 1 else int(self.long_string)
        return max(asked, 2)

    def told(self, items: int) -> dict[str, float]:
        """Limits by sign, as the log tells them."""
        return {"long_string": self.run(items), "straight": self.straight, "speeding": self.speed,
                "outlier": self.outlier, "many_missing": self.blanks}  # fmt: skip


def _flags(raw: Arrays, x: Floats, measures: pd.DataFrame, limits: _Limits) -> dict[str, pd.Series | None]:
    """Signs in the answers themselves; None where there are too few items to see them."""
    few = x.shape[1] < FEW_ITEMS
    long_blocks = [at for at in raw.blocks.values() if len(at) > 2]
    runs = not (few and limits.long_string < 1)
    return {
        "long_string": measures["longstring"] >= limits.run(x.shape[1]) if runs else None,
        "straight": measures["straight_blocks"] >= limits.straight * len(long_blocks) if long_blocks else None,
        "outlier": _known(measures["mahalanobis_p"] < limits.outlier, measures["mahalanobis_p"]),
        "duplicate": None if few else pd.Series(quality.repeated(raw.values), raw.index),
        "many_missing": measures["missing_share"] > limits.blanks,
    }


_UNTOLD = Said("a sign that could not be told counts as missing", "无法判断的标记按缺失处理")


def _summary(flags: pd.DataFrame, opened: frames.Table, design: Design | None) -> pd.DataFrame:
    """How many respondents carry each sign, and their share with its interval."""
    columns = {name: opened.column(name).to_numpy() for name in (design.columns if design else ())}
    signs = flags.reset_index(drop=True)
    answers = blocks.read(signs.assign(**columns), list(flags.columns), design=design)
    found = answers.mean(answers.values, answers.groups[0])
    size = found.n.astype(float)
    if not answers.simple:
        size = proportions.effective_size(found.estimate, np.diag(found.cov), size)
    known = size > 0
    low, high = proportions.wilson(found.estimate, np.where(known, size, 1.0), 0.95)
    table = pd.DataFrame({"n": flags.sum().astype(int), "share": found.estimate}).rename_axis("sign")
    table["conf_low"], table["conf_high"] = np.where(known, low, np.nan), np.where(known, high, np.nan)
    table.attrs.update(
        answers.note(Said("a sign that could not be told counts as missing", "无法判断的标记按缺失处理"))
    )
    return table


def _by_group(
    opened: frames.Table,
    model: ModelLike,
    by: str | Sequence[str],
    design: Design | None,
    scale: Scale | None,
    time: str | None,
    attention: Mapping[str, Any] | None,
    limits: _Limits,
) -> Screening:
    """Screen every group on its own; respondents keep their place."""
    partition = frames.partition(opened, by)
    whole = pd.DataFrame({name: opened.column(name).to_numpy() for name in opened.columns})
    rest = whole.drop(columns=list(partition.names)) if model is None else whole
    settings: Any = {"design": design, "scale": scale, "time": time, "attention": attention, **limits._asdict()}
    groups = {
        label: screen(rest[partition.codes == code], model, **settings) for code, label in enumerate(partition.labels)
    }
    names = list(partition.names)

    def under(which: str) -> pd.DataFrame:
        parts = {label: getattr(each, which) for label, each in groups.items()}
        return pd.concat(parts, names=[*names, *next(iter(parts.values())).index.names])

    def rows(which: str) -> pd.DataFrame:
        return pd.concat([getattr(each, which) for each in groups.values()]).sort_index().set_axis(opened.index)

    log = [Said(f"{said(label)}: {line}", f"{said(label)}：{chinese(line)}")
           for label, each in groups.items() for line in each.log]  # fmt: skip
    return Screening(
        rows("flags"), rows("measures"), under("summary"), under("codes"), under("patterns"), under("mcar"), tuple(log),
        groups,
    )  # fmt: skip


def said(label: Any) -> str:
    """Name a group in a sentence."""
    return ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _known(flag: pd.Series, measure: pd.Series) -> pd.Series:
    """A flag that is NaN where its measure is."""
    return flag.astype(float).where(measure.notna())


def _measures(raw: Arrays, x: Floats) -> pd.DataFrame:
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


def _timing(opened: frames.Table, time: str | None, speed: float, measures: pd.DataFrame) -> dict[str, pd.Series]:
    """Interviews much faster than the middle one."""
    if time is None:
        return {}
    seconds = frames.numbers(opened, [time], "time")[0]
    if (seconds <= 0).any():
        raise DataError(f"time column {time!r} holds {int((seconds <= 0).sum())} durations that are not positive")
    measures["time"] = seconds
    return {"speeding": _known(measures["time"] < speed * measures["time"].median(), measures["time"])}


def _attention(opened: frames.Table, attention: Mapping[str, Any] | None, raw: Arrays) -> dict[str, pd.Series]:
    """Attention checks answered wrongly; a blank is wrong."""
    if not attention:
        return {}
    problems = frames.missing_columns(opened, attention, "attention check")
    if problems:
        raise DataError(listing(problems, "the data do not hold the attention checks"))
    failed = np.zeros(len(raw.index), dtype=bool)
    for column, right in attention.items():
        answers = [right] if isinstance(right, (str, int, float)) else list(right)
        failed |= ~opened.column(column).isin(answers).to_numpy(dtype=bool)
    return {"attention": pd.Series(failed, raw.index)}


def _patterns(raw: Arrays, x: Floats) -> pd.DataFrame:
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
