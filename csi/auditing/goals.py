"""Goals that imply what they do not say: a baseline, or the other half of a whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from csi.auditing.claims import Claim, Finding, kind
from csi.auditing.printed import SLACK
from csi.errors import DataError


@kind("goal", ["change", "by"], ["target", "baseline", "least", "most"])
def goal(claim: Claim) -> Iterator[Finding]:
    """A target with a change implies a baseline: +10 points to 85 is from 75, -20 per cent to 8 from 10."""
    change, how = claim.number("change").value, claim.choice("by", ("points", "percent"))
    if "target" not in claim and "baseline" not in claim:
        yield Finding("cannot be checked", "no_baseline_no_target", {"change": change})
        return
    if "target" not in claim:
        start = claim.number("baseline").value
        value = start + change if how == "points" else start * (1 + change / 100)
        yield Finding("holds", "target_follows", {"value": value}, np.nan, value)
        return
    if how == "percent" and change <= -100:
        raise DataError(f"change = {change:g} per cent leaves nothing; a fall is less than 100 per cent")
    target = claim.number("target")
    factor = 1.0 if how == "points" else 1 + change / 100
    shift = change if how == "points" else 0.0
    implied = (target.value - shift) / factor
    low, high = (target.low - shift) / factor, (target.high - shift) / factor
    least, most = (claim.number(name).value if name in claim else np.nan for name in ("least", "most"))
    said = {"implied": implied, "target": target.value}
    if implied < least or implied > most:
        yield Finding("fails", "baseline_impossible", said, target.value, implied)
    elif "baseline" not in claim:
        yield Finding("cannot be checked", "baseline_unsaid", said, target.value, implied)
    else:
        base = claim.number("baseline")
        agrees = base.agrees(low, high)
        reason = "baseline_fits" if agrees else "baseline_other"
        yield Finding("holds" if agrees else "fails", reason, {**said, "base": base.value}, base.value, implied)


@kind("complement", [], ["retention", "churn", "same_base"])
def complement(claim: Claim) -> Iterator[Finding]:
    """Retention and churn on one base and period add up to 100 per cent."""
    if not claim.get("same_base", True):
        yield Finding("cannot be checked", "other_base")
        return
    given = {name: claim.number(name) for name in ("retention", "churn") if name in claim}
    if not given:
        raise DataError("a claim of kind 'complement' needs 'retention' or 'churn'")
    if len(given) == 1:
        name, number = next(iter(given.items()))
        other = "churn" if name == "retention" else "retention"
        rest = 100 - number.value
        said = {"other": other, "rest": rest, "name": name, "value": number.value}
        yield Finding("cannot be checked", "complement_unsaid", said, np.nan, rest)
        return
    total = sum(number.value for number in given.values())
    agrees = abs(total - 100) < sum(number.half for number in given.values()) - SLACK * 100
    reason = "complement_fits" if agrees else "complement_off"
    yield Finding("holds" if agrees else "fails", reason, {"sum": total}, 100.0, total)
