"""From a row a contact to what an indicator sees of it: a value, or a time that has ended or is still open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import DataError
from csi.service.clock import Calendar
from csi.service.contacts import Contacts
from csi.service.durations import limit
from csi.service.indicator import Indicator

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Family = Literal["share", "mean", "quantile", "rate"]
DAY = 86400.0


@dataclass(frozen=True, eq=False)
class Observed:
    """What an indicator sees of the contacts of its base, one entry a contact.

    Attributes
    ----------
    value : (n,)
        1 or 0 of a share or rate, the number of a mean; NaN where a share is not decided yet.
    time, ended : (n,), optional
        Of times: how long, up to the end or up to now.
    limit : float
        Of a share of times.
    survives : bool
        Whether being open at the limit is the success (no repeat within the window).
    rows : (n,)
        Rows of the table.
    missing : (rows of the table,)
        Contacts of the base of which nothing is known.
    """

    family: Family
    rows: NDArray[np.intp]
    value: Floats
    missing: Bools
    time: Floats | None = None
    ended: Bools | None = None
    limit: float = np.nan
    survives: bool = False
    normal: bool = False

    @property
    def open(self) -> Bools:
        """Contacts that are still open; of repeats, those whose window is not over yet."""
        if self.survives:
            return np.isnan(self.value)
        return ~self.ended if self.ended is not None else np.zeros(len(self.rows), bool)

    def of(self, rows: Bools) -> Observed:
        """The part of it that lies in some rows of the table."""
        kept = rows[self.rows]
        time = None if self.time is None else self.time[kept]
        ended = None if self.ended is None else self.ended[kept]
        return Observed(self.family, self.rows[kept], self.value[kept], self.missing & rows, time, ended,
                        self.limit, self.survives, self.normal)  # fmt: skip


def observe(indicator: Indicator, contacts: Contacts, as_of: float, calendar: Calendar | None) -> Observed:
    """Read what an indicator needs of every contact of its base.

    Raises
    ------
    DataError
        For negative durations, ends before starts, codes where 0 and 1 belong.
    """
    base = contacts.inside(indicator.where)
    if indicator.kind == "repeat":
        return _repeats(indicator, contacts, base, as_of)
    if indicator.timed:
        return _times(indicator, contacts, base, as_of, calendar)
    values = _values(indicator, contacts, base)
    known = base & ~np.isnan(values)
    families: dict[str, Family] = {"share": "share", "rate": "rate", "quantile": "quantile"}
    rows = np.flatnonzero(known)
    found = values[rows]
    return Observed(
        families.get(indicator.kind, "mean"), rows, found, base & ~known, normal=indicator.kind == "balance"
    )


def _values(indicator: Indicator, contacts: Contacts, base: Bools) -> Floats:
    """The value of every contact, NaN where it is not known."""
    if indicator.kind == "rubric":
        return _rubric(indicator, contacts)
    if indicator.column is None:
        return np.where(base, 1.0, np.nan)
    if indicator.yes:
        series = contacts.series(indicator.column)
        return np.where(series.isna(), np.nan, series.isin(list(indicator.yes)).to_numpy(dtype=float))
    values = np.sum([contacts.seconds(name) for name in (indicator.column, *indicator.plus)], axis=0)
    if indicator.unit == "s" or indicator.within is not None:
        _refuse_negative(values, base, f"column {contacts.names.get(indicator.column, indicator.column)!r}")
    if indicator.kind == "balance":
        high, low = values >= indicator.high, values <= indicator.low
        return np.where(np.isnan(values), np.nan, 100.0 * high - 100.0 * low)
    if indicator.kind in ("share", "rate"):
        return _hits(indicator, values, base)
    return values


def _hits(indicator: Indicator, values: Floats, base: Bools) -> Floats:
    """1 and 0 of a share: inside its limits, or as the column has them."""
    limits = [indicator.at_least, indicator.at_most, indicator.within]
    if all(each is None for each in limits):
        codes = np.unique(values[base & ~np.isnan(values)])
        if not np.isin(codes, (0.0, 1.0)).all():
            raise DataError(
                f"column {indicator.column!r} of {indicator.name!r} holds {codes[~np.isin(codes, (0.0, 1.0))][0]:g};"
                " a share needs 0 and 1, or yes=, at_least=, at_most= or within="
            )
        return values
    hit = np.ones(len(values), bool)
    if indicator.at_least is not None:
        hit &= values >= indicator.at_least
    if indicator.at_most is not None:
        hit &= values <= indicator.at_most
    if indicator.within is not None:
        hit &= values <= indicator.limit(DAY)
    return np.where(np.isnan(values), np.nan, hit.astype(float))


def _rubric(indicator: Indicator, contacts: Contacts) -> Floats:
    """Weighted grade of the criteria on 0-100; NaN where a criterion is missing."""
    low, high = indicator.scale
    weights = np.array(list(indicator.criteria.values()))
    grades = np.array([contacts.seconds(name) for name in indicator.criteria])
    wrong = (grades < low) | (grades > high)
    if wrong.any():
        j = int(np.argmax(wrong.any(axis=1)))
        name, value = list(indicator.criteria)[j], grades[j][wrong[j]][0]
        raise DataError(
            f"criterion {name!r} of {indicator.name!r} holds {value:g}, outside its scale {low:g} to {high:g}"
        )
    found: Floats = weights @ (grades - low) / (high - low) * 100 / weights.sum()
    return found


def _times(indicator: Indicator, contacts: Contacts, base: Bools, as_of: float, calendar: Calendar | None) -> Observed:
    """Times between two moments, those without an end censored now."""
    start, end = contacts.moments(str(indicator.start)), contacts.moments(str(indicator.end))
    names = [contacts.names.get(str(name), str(name)) for name in (indicator.start, indicator.end)]
    turned = base & (end < start)
    if turned.any():
        shown = ", ".join(str(contacts.opened.index[i]) for i in np.flatnonzero(turned)[:5])
        raise DataError(f"{names[1]!r} lies before {names[0]!r} in {int(turned.sum())} rows, such as {shown}")
    known = base & ~np.isnan(start)
    rows = np.flatnonzero(known)
    ended = ~np.isnan(end[rows]) & (end[rows] <= as_of)
    until = np.where(ended, end[rows], as_of)
    working = indicator.clock == "working" and calendar is not None
    time = calendar.elapsed(start[rows], until) if working and calendar else until - start[rows]
    if indicator.kind != "share":
        family: Family = "quantile" if indicator.kind == "quantile" else "mean"
        return Observed(family, rows, time, base & ~known, time, ended)
    bound = indicator.limit(calendar.day if working and calendar else DAY)
    value = np.where(ended, (time <= bound).astype(float), np.where(time >= bound, 0.0, np.nan))
    return Observed("share", rows, value, base & ~known, time, ended, bound)


def _repeats(indicator: Indicator, contacts: Contacts, base: Bools, as_of: float) -> Observed:
    """Time from each contact to the next one of the same customer; open where none came yet."""
    moments = contacts.moments("opened")
    keys = pd.DataFrame({name: contacts.series(name).reset_index(drop=True) for name in indicator.same})
    known = ~keys.isna().any(axis=1).to_numpy() & ~np.isnan(moments)
    who = np.full(len(moments), -1)
    who[known] = keys[known].groupby(list(indicator.same), sort=False).ngroup().to_numpy()
    order = np.lexsort((moments, who))
    gap = np.full(len(moments), np.inf)
    same = who[order][1:] == who[order][:-1]
    gap[order[:-1][same]] = np.diff(moments[order])[same]
    rows = np.flatnonzero(base & known)
    bound = limit(indicator.window or "", f"window= of {indicator.name!r}")
    ended = np.isfinite(gap[rows])
    time = np.where(ended, gap[rows], as_of - moments[rows])
    value = np.where(ended & (time <= bound), 0.0, np.where(time >= bound, 1.0, np.nan))
    return Observed("share", rows, value, base & ~known, time, ended, bound, survives=True)


def _refuse_negative(values: Floats, base: Bools, what: str) -> None:
    negative = base & (values < 0)
    if negative.any():
        raise DataError(f"{what} holds {int(negative.sum())} negative durations, such as {values[negative][0]:g}")
