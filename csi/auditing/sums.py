"""Shares and counts that must add up, and figures that follow from others by division or weighting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from csi.auditing.claims import Claim, Finding, kind
from csi.auditing.printed import SLACK, Printed
from csi.errors import DataError


@kind("shares", ["values"], ["total", "n"])
def shares(claim: Claim) -> Iterator[Finding]:
    """Shares of one question add up to the whole, as far as rounding allows."""
    whole = claim.number("total").value if "total" in claim else 100.0
    yield add_up(claim.numbers("values"), whole, claim.size("n") if "n" in claim else None)


@kind("table", ["table"], ["total"])
def columns(claim: Claim) -> Iterator[Finding]:
    """Every column of a table of shares adds up to the whole."""
    table = claim.table()
    whole = claim.number("total").value if "total" in claim else 100.0
    for name in table.columns:
        found = add_up(table.column(name), whole, table.n)
        yield Finding(found.verdict, found.reason, {**found.values, "column": f"{name}: "}, whole, found.computed)


def add_up(values: Sequence[Printed], whole: float, n: int | None = None) -> Finding:
    """Whether shares may be rounded parts of a whole; with n, of a whole number of respondents.

    Examples
    --------
    >>> from csi.auditing.printed import printed
    >>> found = add_up([printed(share) for share in (35, 23, 23, 21)], 100)
    >>> found.verdict, found.computed
    ('fails', 102.0)
    >>> add_up([printed(share) for share in (33.3, 33.3, 33.3)], 100).verdict
    'holds'
    """
    total = float(sum(np.array([value.value for value in values])))
    said = {"sum": total, "total": whole, "n": n, "column": ""}
    if n is not None:
        return _of_respondents(values, whole, n, said)
    reach = sum(value.half for value in values)
    if abs(total - whole) <= SLACK * whole:
        return Finding("holds", "shares_exact", said, whole, total)
    # The ends would need every share to lie exactly on a half, all to the same side.
    if abs(total - whole) < reach - SLACK * whole:
        return Finding("holds", "shares_rounded", said, whole, total)
    return Finding("fails", "shares_off", {**said, "reach": reach}, whole, total)


def _of_respondents(values: Sequence[Printed], whole: float, n: int, said: Mapping[str, Any]) -> Finding:
    """Whether whole numbers of n respondents give these shares."""
    total = said["sum"]
    least = [int(np.ceil(value.low / whole * n - SLACK * n)) for value in values]
    most = [int(np.floor(value.high / whole * n + SLACK * n)) for value in values]
    for value, low, high in zip(values, least, most, strict=True):
        if low > high:
            return Finding("fails", "share_of_nobody", {**said, "share": value.value}, value.value, total)
    if sum(max(low, 0) for low in least) <= n <= sum(most):
        return Finding("holds", "shares_exact" if total == whole else "shares_rounded", said, whole, total)
    return Finding("fails", "shares_off_n", said, whole, total)


@kind("counts", ["parts", "total"], ["digits"])
def counts(claim: Claim) -> Iterator[Finding]:
    """Counts of parts reach their total."""
    parts, total = [part.value for part in claim.numbers("parts")], claim.number("total").value
    found = float(sum(parts))
    said = {"sum": found, "total": total, "gap": abs(total - found), "share": abs(total - found) / total}
    if found == total:
        yield Finding("holds", "counts_reach", said, total, found)
    else:
        yield Finding("fails", "counts_short" if found < total else "counts_over", said, total, found)
    if "digits" in claim:
        yield _splits(str(claim.get("digits")), total)


def _splits(digits: str, total: float) -> Finding:
    """Whether digits that ran together can be divided into three to five counts that reach the total."""
    if not digits.isdigit():
        raise DataError(f"digits is a text of digits that ran together; not {digits!r}")
    found = [
        parts
        for k in (2, 3, 4)
        for cuts in combinations(range(1, len(digits)), k)
        for parts in [[int(digits[i:j]) for i, j in zip((0, *cuts), (*cuts, len(digits)), strict=True)]]
        if sum(parts) == total
    ]
    if found:
        return Finding("holds", "digits_split", {"digits": digits, "parts": " + ".join(map(str, found[0]))}, total)
    return Finding("fails", "digits_no_split", {"digits": digits, "total": total}, total)


@kind("share", ["parts"], ["base", "stated", "between"])
def share(claim: Claim) -> Iterator[Finding]:
    """A share follows from its counts, or a sum of shares from its parts; in words it lies between two limits."""
    parts = claim.numbers("parts")
    total, reach = sum(part.value for part in parts), sum(part.half for part in parts)
    if "base" in claim:
        base = claim.number("base").value
        if not base > 0:
            raise DataError(f"base must be more than zero; not {base:g}")
        total, reach = 100 * total / base, 0.0
    if "between" in claim:
        ends = claim.numbers("between")
        if len(ends) != 2:
            raise DataError("between is two limits, such as [55, 60]")
        low, high = ends[0].value, ends[1].value
        inside = low <= total <= high
        said = {"low": low, "high": high, "value": total}
        yield Finding("holds" if inside else "fails", "words_hold" if inside else "words_fail", said, np.nan, total)
    if "stated" in claim:
        stated = claim.number("stated")
        yield compare(stated, total - reach, total + reach, total)
    if "stated" not in claim and "between" not in claim:
        raise DataError("a claim of kind 'share' needs 'stated', or 'between' for one in words")


def compare(stated: Printed, low: float, high: float, value: float, name: str = "") -> Finding:
    """Whether a printed number is what follows from others, all as they are printed."""
    agrees = stated.agrees(low, high)
    relation = "" if stated.relation == "=" else f"{stated.relation} "
    said = {"stated": f"{relation}{stated.value:g}", "value": value, "name": f"{name}: " if name else ""}
    reason = "recomputed_same" if agrees else "recomputed_other"
    return Finding("holds" if agrees else "fails", reason, said, stated.value, value)


@kind("composite", ["weights", "scores", "stated"])
def composite(claim: Claim) -> Iterator[Finding]:
    """Weights add up to 1 (or 100), and the weighted scores give the index."""
    weights, scores = claim.numbers("weights"), claim.numbers("scores")
    if len(weights) != len(scores):
        raise DataError(f"there are {len(weights)} weights for {len(scores)} scores")
    w, s = np.array([each.value for each in weights]), np.array([each.value for each in scores])
    if not w.sum() > 0:
        raise DataError("weights must add up to more than zero")
    yield add_up(weights, 100.0 if w.sum() > 10 else 1.0)
    value = float(w @ s / w.sum())
    reach = float(w @ [each.half for each in scores] + np.abs(s - value) @ [each.half for each in weights]) / w.sum()
    yield compare(claim.number("stated"), value - reach, value + reach, value)
