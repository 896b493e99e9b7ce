"""Two clocks: that on the wall, and that of working time, which stands still at night and on holidays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from csi.errors import SettingsError, listing

Floats = NDArray[np.float64]
Clock = Literal["calendar", "working"]
DAY = 86400


@dataclass(frozen=True)
class Calendar:
    """Working time: hours of a working day, working weekdays, holidays, and days worked in exchange.

    Parameters
    ----------
    hours : sequence of (from, to)
        Shifts of a working day as "HH:MM"; "24:00" ends a day.
    weekdays : sequence of int
        Working weekdays, Monday 0 to Sunday 6.
    holidays : sequence of str
        Dates without work, "YYYY-MM-DD".
    workdays : sequence of str
        Dates with work although their weekday has none (days worked in exchange for holidays).

    Raises
    ------
    SettingsError
        Naming every shift or date that cannot be.

    Examples
    --------
    >>> Calendar(hours=[("09:00", "12:00"), ("13:30", "18:00")]).day
    27000
    """

    hours: Sequence[tuple[str, str]] = (("09:00", "18:00"),)
    weekdays: Sequence[int] = (0, 1, 2, 3, 4)
    holidays: Sequence[str] = ()
    workdays: Sequence[str] = ()

    def __post_init__(self) -> None:
        problems = [f"a shift {shift!r} must end after it begins" for shift in self.hours if not _before(shift)]
        problems += [f"weekday {day!r} is not 0 (Monday) to 6 (Sunday)" for day in self.weekdays if day not in range(7)]
        problems += [f"{date!r} is no date YYYY-MM-DD" for date in (*self.holidays, *self.workdays) if not _date(date)]
        if not self.hours or not self.weekdays:
            problems.append("working time needs at least one shift and one weekday")
        if problems:
            raise SettingsError(listing(problems, "the calendar cannot be"))

    @property
    def shifts(self) -> list[tuple[int, int]]:
        """Shifts as seconds of the day."""
        return [(_seconds(start), _seconds(end)) for start, end in self.hours]

    @property
    def day(self) -> int:
        """Seconds of a working day."""
        return sum(end - start for start, end in self.shifts)

    def elapsed(self, start: Floats, end: Floats) -> Floats:
        """Working seconds between moments, given as seconds since 1970 in local time; NaN where one is missing.

        Examples
        --------
        >>> friday, monday = (np.array([float(np.datetime64(t).astype("datetime64[s]").astype(int))])
        ...                   for t in ("2024-03-01T17:30", "2024-03-04T09:10"))
        >>> Calendar().elapsed(friday, monday) / 60
        array([40.])
        """
        known = ~(np.isnan(start) | np.isnan(end))
        found = np.full(len(start), np.nan)
        if known.any():
            first = int(min(start[known].min(), end[known].min()) // DAY)
            last = int(max(start[known].max(), end[known].max()) // DAY)
            works = self._works(first, last)
            before = np.concatenate(([0], np.cumsum(works * self.day)))
            found[known] = self._worked(end[known], first, works, before) - self._worked(
                start[known], first, works, before
            )
        return found

    def _works(self, first: int, last: int) -> NDArray[np.bool_]:
        """Which days, counted from 1970, are worked."""
        days = np.arange(first, last + 1)
        # 1 January 1970 was a Thursday.
        works = np.isin((days + 3) % 7, list(self.weekdays))
        works &= ~np.isin(days, _days(self.holidays))
        return works | np.isin(days, _days(self.workdays))

    def _worked(self, moment: Floats, first: int, works: NDArray[np.bool_], before: NDArray[np.int64]) -> Floats:
        """Working seconds from the first day to each moment."""
        day = (moment // DAY).astype(int)
        second = moment - day * DAY
        today = sum(np.clip(second, start, end) - start for start, end in self.shifts)
        worked: Floats = before[day - first] + works[day - first] * today
        return worked


def _before(shift: tuple[str, str]) -> bool:
    try:
        start, end = map(_seconds, shift)
    except (ValueError, TypeError):
        return False
    return 0 <= start < end <= DAY


def _seconds(time: str) -> int:
    hours, minutes = time.split(":")
    return 3600 * int(hours) + 60 * int(minutes)


def _date(text: str) -> bool:
    try:
        np.datetime64(text, "D")
    except ValueError:
        return False
    return len(text) == len("2024-01-01")


def _days(dates: Sequence[str]) -> NDArray[np.int64]:
    return np.array([np.datetime64(date, "D").astype(int) for date in dates], dtype=np.int64)
