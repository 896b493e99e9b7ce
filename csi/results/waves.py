"""Waves as time: labels of quarters, months, years or dates in their order, with what lies a year back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import DataError, listing, suggest
from csi.results.core import Core
from csi.results.doubts import Doubt

#: What a label may look like: parts of a year, how many of them make one, and where the year stands.
_PARTS = {"Q": 4, "H": 2, "T": 3, "M": 12, "W": 52}
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_FORMS = (
    re.compile(r"(?P<year>\d{4})\s*[-/._ ]?\s*(?P<part>[QHTMW])\s*(?P<number>\d{1,2})", re.IGNORECASE),
    re.compile(r"(?P<part>[QHTMW])\s*(?P<number>\d{1,2})\s*[-/._ ]?\s*(?P<year>\d{4})", re.IGNORECASE),
    re.compile(r"(?P<year>\d{4})\s*年?\s*第?\s*(?P<number>[一二三四1-4])\s*(?P<season>季度|季)"),
    re.compile(r"(?P<year>\d{4})\s*年\s*(?P<number>[上下])\s*(?P<half>半年)"),
    re.compile(r"(?P<year>\d{4})\s*年\s*(?P<number>\d{1,2})\s*(?P<month>月份?)"),
    re.compile(r"(?P<year>\d{4})[-/.](?P<number>0?[1-9]|1[0-2])(?P<month>)"),
)
_YEAR = re.compile(r"(\d{4})\s*年?")
_LAST_NUMBER = re.compile(r"(?P<stem>.*?)(?P<number>\d+)\s*(?P<tail>\D*)")


@dataclass(frozen=True)
class Waves:
    """Labels in the order of time.

    Parameters
    ----------
    labels : tuple
    at : tuple of int
        Where each stands, in steps of a wave; steps are left out where a wave was.
    year : int or None
        How many steps make a year; None where that is not known.
    guess : str
        Why the order is a guess; empty where it is none.
    """

    labels: tuple[Any, ...]
    at: tuple[int, ...]
    year: int | None
    guess: str = ""

    def back(self, i: int, steps: int) -> int | None:
        """Which wave lies so many steps before the i-th; None where there is none."""
        wanted = self.at[i] - steps
        return self.at.index(wanted) if wanted in self.at else None


def in_order(labels: Sequence[Any], ordered: bool = False, order: Sequence[Any] | None = None) -> Waves:
    """Put labels in the order of time.

    Parameters
    ----------
    labels : sequence
        As they are sorted.
    ordered : bool
        Whether they are categories whose order somebody said.
    order : sequence, optional
        The order that the user says.

    Raises
    ------
    DataError
        If the order said is not one of these labels.

    Examples
    --------
    >>> in_order(["2024Q1", "2023Q4", "2024Q3"])
    Waves(labels=('2023Q4', '2024Q1', '2024Q3'), at=(0, 1, 3), year=4, guess='')
    >>> in_order(["2018-12", "2018-11"]).labels, in_order(["wave 10", "wave 9"]).labels
    (('2018-11', '2018-12'), ('wave 9', 'wave 10'))
    """
    known = list(dict.fromkeys(labels))
    if order is not None:
        chosen = _said(known, order)
        read = _read(chosen)
        rising = read is not None and all(one < two for one, two in pairwise(read[0]))
        return _at(chosen, *read) if rising and read is not None else _plain(chosen)
    found = _read(known)
    if found is not None:
        places = sorted(range(len(known)), key=lambda i: found[0][i])
        return _at([known[i] for i in places], [found[0][i] for i in places], found[1])
    if ordered:
        return _plain(known)
    listed = ", ".join(map(str, known[:4]))
    return _plain(known, f"the labels ({listed}{', ...' if len(known) > 4 else ''}) say no time; they stand as sorted")


def waves_of(core: Core, column: str, labels: Sequence[Any], order: Sequence[Any] | None) -> Waves:
    """Labels of a column of a fit in the order of time; ordered categories have said theirs."""
    known = list(dict.fromkeys(labels))
    sample = core.sample
    if sample is not None and column in sample.table.columns:
        kind = sample.table.column(column).dtype
        if isinstance(kind, pd.CategoricalDtype) and kind.ordered:
            return in_order([label for label in kind.categories.tolist() if label in known], True, order)
    alike = len({type(label) for label in known}) == 1
    return in_order(sorted(known) if alike else sorted(known, key=str), False, order)


def guessed(waves: Waves, subject: str) -> list[Doubt]:
    """The doubt that the order of time is nobody's word."""
    if not waves.guess:
        return []
    said = f"the order of the waves is a guess: {waves.guess}"
    return [Doubt("wave_order_guessed", subject, np.nan, np.nan, said, "Say it: order=[first, second, ...]")]


def _said(known: list[Any], order: Sequence[Any]) -> list[Any]:
    problems = [
        f"{label!r} is not a wave{suggest(str(label), map(str, known))}" for label in order if label not in known
    ]
    problems += [f"wave {label!r} is left out" for label in known if label not in order]
    if problems:
        raise DataError(listing(problems, "order= must name every wave once"))
    return list(dict.fromkeys(order))


def _plain(labels: Sequence[Any], guess: str = "") -> Waves:
    return Waves(tuple(labels), tuple(range(len(labels))), None, guess)


def _at(labels: Sequence[Any], places: Sequence[int], year: int | None) -> Waves:
    """Count steps from the first wave; where a year is not a number of steps, waves follow each other."""
    if len(set(places)) < len(places):
        return _plain(labels, "several labels stand for the same time")
    if year is None and _uneven(places):
        return _plain(labels)
    return Waves(tuple(labels), tuple(place - places[0] for place in places), year)


def _uneven(places: Sequence[int]) -> bool:
    return any(two - one != 1 for one, two in pairwise(places))


def _read(labels: Sequence[Any]) -> tuple[list[int], int | None] | None:
    """Number labels by time, and say how many make a year; None where they say none."""
    if all(isinstance(label, pd.Period) for label in labels):
        year = {"Q": 4, "M": 12, "Y": 1, "A": 1, "W": 52, "H": None}.get(labels[0].freqstr[0])
        return [int(label.ordinal) for label in labels], year
    if all(isinstance(label, date | datetime | pd.Timestamp) for label in labels):
        return _dates([pd.Timestamp(label) for label in labels])
    if all(isinstance(label, int | float) and not isinstance(label, bool) for label in labels):
        whole = all(float(label).is_integer() for label in labels)
        return ([int(label) for label in labels], 1 if _years(labels) else None) if whole else _ranked(labels)
    if all(isinstance(label, str) for label in labels):
        return _texts([label.strip() for label in labels])
    return None


def _years(labels: Sequence[Any]) -> bool:
    return all(1900 <= label <= 2200 for label in labels)


def _ranked(labels: Sequence[Any]) -> tuple[list[int], None]:
    inside = sorted(set(labels))
    return [inside.index(label) for label in labels], None


def _dates(days: list[pd.Timestamp]) -> tuple[list[int], int | None]:
    """Dates in steps of months or quarters where each lies in one of its own, else as they follow."""
    months = [12 * day.year + day.month - 1 for day in days]
    quarters = [month // 3 for month in months]
    if len(set(quarters)) == len(set(days)) and len({month % 3 for month in months}) == 1:
        return quarters, 4
    return (months, 12) if len(set(months)) == len(set(days)) else _ranked(days)


def _texts(labels: Sequence[str]) -> tuple[list[int], int | None] | None:
    for form in _FORMS:
        matches = [form.fullmatch(label) for label in labels]
        found = [match for match in matches if match]
        if len(found) == len(labels):
            per_year = {_per_year(match) for match in found}
            numbers = [_CHINESE.get(match["number"]) or int(match["number"]) for match in found]
            size = per_year.pop()
            if per_year or max(numbers) > size + (size == 52) or min(numbers) < 1:
                return None
            return [size * int(match["year"]) + n - 1 for match, n in zip(found, numbers, strict=True)], size
    years = [_YEAR.fullmatch(label) for label in labels]
    if all(years):
        return [int(match[1]) for match in years if match], 1
    return _numbered(labels)


def _per_year(match: re.Match[str]) -> int:
    named = match.groupdict()
    if named.get("part"):
        return _PARTS[named["part"].upper()]
    return 4 if named.get("season") else 2 if named.get("half") else 12


def _numbered(labels: Sequence[str]) -> tuple[list[int], None] | None:
    """Labels that differ in one number only: `wave 9`, `wave 10`; or dates written out."""
    found = [match for match in map(_LAST_NUMBER.fullmatch, labels) if match]
    if len(found) == len(labels) and len({(match["stem"].casefold(), match["tail"]) for match in found}) == 1:
        return [int(match["number"]) for match in found], None
    try:
        return _dates([pd.Timestamp(datetime.fromisoformat(label)) for label in labels])  # type: ignore[return-value]
    except ValueError:
        return None
