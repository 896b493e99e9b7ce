"""Times as people store them: durations as seconds, "123秒" or "00:03:25", and moments as dates or seconds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import DataError, SettingsError

Floats = NDArray[np.float64]

#: Seconds of each unit, longest word first where one begins another.
UNITS = {
    "天": 86400, "日": 86400, "days": 86400, "day": 86400, "d": 86400,
    "小時": 3600, "小时": 3600, "時": 3600, "时": 3600, "hours": 3600, "hour": 3600, "h": 3600,
    "分鐘": 60, "分钟": 60, "分": 60, "minutes": 60, "minute": 60, "mins": 60, "min": 60, "m": 60,
    "秒鐘": 1, "秒钟": 1, "秒": 1, "seconds": 1, "second": 1, "secs": 1, "sec": 1, "s": 1,
}  # fmt: skip
_PART = re.compile(rf"(-?\d+(?:\.\d+)?)\s*({'|'.join(UNITS)})")
_WORDS = re.compile(rf"(?:{_PART.pattern}\s*)+")
_CLOCK = re.compile(r"(-?)(?:(\d+) days? ?)?(\d+):(\d{1,2}):(\d{1,2}(?:\.\d+)?)")
#: Dates beside ISO 8601 that can be read in one way only.
FORMATS = (
    "ISO8601", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y.%m.%d",
    "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H时%M分%S秒", "%Y年%m月%d日%H时%M分", "%Y年%m月%d日",
)  # fmt: skip


def duration(text: str | float) -> float:
    """Seconds of one duration; NaN where it is none.

    Examples
    --------
    >>> duration("123秒"), duration("00:03:25"), duration("3分25秒"), duration("24h"), duration(90)
    (123.0, 205.0, 205.0, 86400.0, 90.0)
    >>> duration("03:25")
    nan
    """
    said = unicodedata.normalize("NFKC", str(text)).strip().casefold()
    if re.fullmatch(r"-?\d+(\.\d+)?", said):
        return float(said)
    clock = _CLOCK.fullmatch(said)
    if clock and int(clock[4]) < 60 and float(clock[5]) < 60:
        seconds = 86400 * int(clock[2] or 0) + 3600 * int(clock[3]) + 60 * int(clock[4]) + float(clock[5])
        return -seconds if clock[1] else seconds
    if _WORDS.fullmatch(said):
        return float(sum(float(number) * UNITS[unit] for number, unit in _PART.findall(said)))
    return float("nan")


def limit(text: str | float, what: str) -> float:
    """Seconds of a limit in a plan, such as "24h" or "3min".

    Raises
    ------
    SettingsError
        If it is no duration, or none above zero.
    """
    seconds = duration(text)
    if not seconds > 0:
        raise SettingsError(f"{what} is a duration above zero, such as 180, '3min', '24h' or '00:03:00'; not {text!r}")
    return seconds


def seconds(series: pd.Series, what: str) -> Floats:
    """Read a column of durations as seconds, blanks as NaN.

    Raises
    ------
    DataError
        Naming how many values have no known form, with the first of them.
    """
    if pd.api.types.is_timedelta64_dtype(series.dtype):
        return series.dt.total_seconds().to_numpy(dtype=float)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return series.to_numpy(dtype=float, na_value=np.nan)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        raise DataError(f"{what} holds dates, not durations; name them in start= and end= of the indicator")
    known = "seconds, '123秒', '3分25秒', '3min' or '00:03:25'"
    return _each_once(series, lambda texts: np.array([duration(text) for text in texts]), what, known)


def moments(series: pd.Series, what: str) -> Floats:
    """Read a column of moments as seconds since 1970 (local time), blanks as NaN.

    Numbers are taken as seconds from any origin.

    Raises
    ------
    DataError
        Naming how many values have no known form, with the first of them.
    """
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return _epoch(series)
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype=float, na_value=np.nan)
        if np.nanmax(np.abs(values), initial=0.0) >= 1e11:
            raise DataError(f"{what} holds {np.nanmax(values):.0f}; moments as numbers are seconds, not milliseconds")
        return values
    known = "dates such as 2024-03-01 09:05:00, 2024/3/1 9:05 or 2024年3月1日 09:05"
    return _each_once(series, _dates, what, known)


def _each_once(series: pd.Series, convert: Callable[[list[str]], Floats], what: str, known: str) -> Floats:
    """Convert every distinct text once; refuse those that have no known form."""
    codes, values = pd.factorize(series)
    texts = [str(value) for value in values]
    found = convert(texts)
    blank = np.array([not text.strip() for text in texts], bool)
    wrong = np.isnan(found) & ~blank
    if wrong.any():
        rows = int(np.isin(codes, np.flatnonzero(wrong)).sum())
        raise DataError(f"{what} holds {texts[int(np.argmax(wrong))]!r} ({rows} rows like it); it should hold {known}")
    return np.append(found, np.nan)[codes]


def _dates(texts: list[str]) -> Floats:
    given = pd.Series([unicodedata.normalize("NFKC", text).strip() for text in texts], dtype=object)
    found = np.full(len(texts), np.nan)
    for form in FORMATS:
        rest = np.isnan(found)
        if not rest.any():
            break
        found[rest] = _epoch(pd.to_datetime(given[rest], format=form, errors="coerce"))
    return found


def _epoch(series: pd.Series) -> Floats:
    """Seconds since 1970 of moments in local time."""
    if series.dt.tz is not None:
        series = series.dt.tz_localize(None)
    gap = series - pd.Timestamp(0)
    return np.asarray(gap.dt.total_seconds(), dtype=float)
