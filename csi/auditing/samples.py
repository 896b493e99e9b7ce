"""What is said about the sample: its size, response, field period, precision; and numbers that should be the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scipy import stats

from csi.auditing.claims import Claim, Finding, kind
from csi.auditing.printed import printed
from csi.auditing.sums import compare
from csi.errors import DataError


@kind("response", ["sent", "returned"], ["stated", "dispositions"])
def response(claim: Claim) -> Iterator[Finding]:
    """Returned of sent, and whether that is a response rate: without dispositions nobody can tell."""
    sent, returned = claim.size("sent"), claim.size("returned")
    rate = 100 * returned / sent
    if returned > sent:
        yield Finding("fails", "response_over", {"sent": sent, "returned": returned}, np.nan, rate)
    if "stated" in claim:
        yield compare(claim.number("stated"), rate, rate, rate)
    cases = claim.get("dispositions")
    if not cases:
        yield Finding("cannot be checked", "no_dispositions", {"rate": rate}, np.nan, rate)
        return
    total, complete = sum(cases.values()), cases.get("I", 0)
    said = {"sum": total, "sent": sent, "complete": complete, "returned": returned, "rate": rate}
    holds = total == sent and complete == returned
    yield Finding("holds" if holds else "fails", "dispositions_fit" if holds else "dispositions_off", said, sent, total)


@kind("same", ["values"])
def same(claim: Claim) -> Iterator[Finding]:
    """One thing is described in one way, wherever it is described."""
    entries = claim.get("values")
    if not isinstance(entries, list) or len(entries) < 2:
        raise DataError("values is a list of at least two, each a number, a word, or {place = ..., value = ...}")
    found = [
        (each.get("place", ""), each.get("value")) if isinstance(each, Mapping) else ("", each) for each in entries
    ]
    distinct = list(dict.fromkeys(value for _, value in found))
    if _one(distinct):
        yield Finding("holds", "same", {"value": distinct[0], "times": len(found)})
        return
    said = "; ".join(f"{value} ({place})" if place else str(value) for place, value in found)
    yield Finding("fails", "differs", {"ways": len(distinct), "listed": said})


def _one(values: list[Any]) -> bool:
    """Whether all are one value, as far as they are printed."""
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return len(values) == 1
    rounded = [printed(value) for value in values]
    return max(each.low for each in rounded) <= min(each.high for each in rounded) and (
        len(values) == 1 or any(each.decimals for each in rounded)
    )


@kind("period", ["begin", "end"], ["months", "days"])
def period(claim: Claim) -> Iterator[Finding]:
    """A field period is as long as it is said to be; months and days are counted with both ends."""
    begin, end = (_date(str(claim.get(name)), name) for name in ("begin", "end"))
    months = 12 * (end[0] - begin[0]) + end[1] - begin[1] + 1
    if end < begin:
        yield Finding("fails", "period_turned", {"begin": claim.get("begin"), "end": claim.get("end")})
    if "months" in claim:
        yield compare(claim.number("months"), months, months, months)
    if "days" in claim:
        days = int((_day(end) - _day(begin)).astype(int)) + 1
        yield compare(claim.number("days"), days, days, days)


def _date(text: str, name: str) -> tuple[int, int, int]:
    found = re.fullmatch(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?", text)
    if found is None:
        raise DataError(f"{name} is a date such as '2018-11' or '2018-11-05'; not {text!r}")
    return int(found[1]), int(found[2]), int(found[3] or 1)


def _day(date: tuple[int, int, int]) -> np.datetime64:
    return np.datetime64(f"{date[0]:04d}-{date[1]:02d}-{date[2]:02d}")


@kind("precision", ["n"], ["sd", "p", "population", "margin", "level"])
def precision(claim: Claim) -> Iterator[Finding]:
    """The margin of error of a mean (sd) or a share (p, .5 unless told) at a sample size."""
    level = claim.number("level").value if "level" in claim else 0.95
    z = float(stats.norm.ppf((1 + level) / 2))
    if "sd" in claim:
        spread, unit = claim.number("sd").value, "points"
    else:
        p = claim.number("p").value if "p" in claim else 0.5
        spread, unit = 100 * float(np.sqrt(p * (1 - p))), "percentage points"
    for size in claim.numbers("n"):
        margin = z * spread / np.sqrt(size.value)
        if "population" in claim:
            whole = claim.size("population")
            margin *= np.sqrt((whole - size.value) / (whole - 1))
        if "margin" in claim:
            yield compare(claim.number("margin"), margin, margin, margin)
        else:
            said = {"n": size.value, "margin": margin, "unit": unit}
            yield Finding("cannot be checked", "precision_unsaid", said, np.nan, float(margin))


@kind("sequence", ["numbers"])
def sequence(claim: Claim) -> Iterator[Finding]:
    """Numbered chapters, tables or questions are each there once, without gaps."""
    numbers = [int(each.value) for each in claim.numbers("numbers")]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    missing = sorted(set(range(min(numbers), max(numbers) + 1)) - set(numbers))
    if twice:
        yield Finding("fails", "number_twice", {"numbers": ", ".join(map(str, twice))}, np.nan, float(twice[0]))
    if missing:
        yield Finding("fails", "number_missing", {"numbers": ", ".join(map(str, missing))}, np.nan, float(missing[0]))
    if not twice and not missing:
        yield Finding("holds", "numbers_run", {"first": min(numbers), "last": max(numbers)})
