"""Statistics recomputed from what is printed: means of whole numbers, p-values, fit measures, reliability.

References
----------
Brown & Heathers (2017), The GRIM test, Social Psychological and Personality Science 8.
Nuijten et al. (2016), The prevalence of statistical reporting errors in psychology, Behavior Research Methods 48.
Steiger & Lind (1980), RMSEA; Bentler (1990), CFI; Tucker & Lewis (1973), TLI; Fornell & Larcker (1981), CR and AVE.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from scipy import stats

from csi.auditing.claims import Claim, Finding, kind
from csi.auditing.printed import SLACK, Printed
from csi.auditing.sums import compare
from csi.errors import DataError


@kind("mean", ["mean", "n"], ["items", "scale", "sd"])
def mean(claim: Claim) -> Iterator[Finding]:
    """A mean of whole numbers is a whole number divided by n (GRIM), and its SD is one the scale allows."""
    value, n = claim.number("mean"), claim.size("n")
    items = claim.size("items") if "items" in claim else 1
    ends = [each.value for each in claim.numbers("scale")] if "scale" in claim else None
    if ends is not None and (len(ends) != 2 or not ends[0] < ends[1]):
        raise DataError("scale is its two ends, such as [1, 5]")
    yield grim(value, n, items)
    if ends is not None and not (value.high >= ends[0] and value.low <= ends[1]):
        yield Finding("fails", "outside_scale", {"mean": value.value, "low": ends[0], "high": ends[1]}, value.value)
    if ends is not None and "sd" in claim:
        yield _possible_sd(claim.number("sd"), value, n, (ends[0], ends[1]))


def grim(value: Printed, n: int, items: int = 1) -> Finding:
    """Whether n answers (each the mean of some items) in whole numbers can have this mean.

    Examples
    --------
    >>> from csi.auditing.printed import printed
    >>> grim(printed("3.48"), 28).verdict, grim(printed("3.48"), 25).verdict
    ('fails', 'holds')
    """
    parts = n * items
    nearest = round(value.value * parts) / parts
    possible = np.ceil(value.low * parts - SLACK * parts) <= np.floor(value.high * parts + SLACK * parts)
    said = {"mean": f"{value.value:.{value.decimals}f}", "n": n, "nearest": f"{nearest:.{value.decimals + 1}f}"}
    reason = "grim_holds" if possible else "grim_fails"
    return Finding("holds" if possible else "fails", reason, said, value.value, nearest)


def _possible_sd(sd: Printed, value: Printed, n: int, scale: tuple[float, float]) -> Finding:
    """Largest SD (divisor n - 1) of answers on a scale with this mean: all at the ends [Bhatia & Davis 2000]."""
    low, high = scale
    means = np.clip([value.low, value.value, value.high], low, high)
    most = float(np.sqrt(((means - low) * (high - means)).max() * n / max(n - 1, 1)))
    holds = sd.low <= most + SLACK and sd.high >= 0
    return Finding("holds" if holds else "fails", "sd_possible" if holds else "sd_impossible",
                   {"sd": sd.value, "most": most}, sd.value, most)  # fmt: skip


def _two_sided(x: float, df: list[float], tails: int) -> float:
    return tails * float(stats.t.sf(abs(x), df[0]))


def _normal(x: float, df: list[float], tails: int) -> float:
    return tails * float(stats.norm.sf(abs(x)))


def _chi2(x: float, df: list[float], tails: int) -> float:
    return float(stats.chi2.sf(x, df[0]))


def _f(x: float, df: list[float], tails: int) -> float:
    return float(stats.f.sf(x, df[0], df[1]))


def _r(x: float, df: list[float], tails: int) -> float:
    bounded = min(abs(x), 1 - SLACK)
    return _two_sided(bounded * np.sqrt(df[0] / (1 - bounded**2)), df, tails)


#: How many degrees of freedom a test has, and its p-value.
TESTS: dict[str, tuple[int, Callable[[float, list[float], int], float]]] = {
    "t": (1, _two_sided), "z": (0, _normal), "chi2": (1, _chi2), "f": (2, _f), "r": (1, _r),
}  # fmt: skip


@kind("test", ["test", "statistic", "p"], ["df", "tails"])
def test(claim: Claim) -> Iterator[Finding]:
    """A printed p-value is the one of the printed statistic."""
    name = claim.choice("test", tuple(TESTS))
    wanted, p_of = TESTS[name]
    df = [each.value for each in claim.numbers("df")] if "df" in claim else []
    if len(df) != wanted or any(not each > 0 for each in df):
        raise DataError(f"a test of kind {name!r} has {wanted} degrees of freedom, more than zero; not {df}")
    tails = int(claim.get("tails", 2))
    if tails not in (1, 2):
        raise DataError(f"tails is 1 or 2; not {tails}")
    statistic, p = claim.number("statistic"), claim.number("p")
    nearest = max(abs(statistic.value) - statistic.half, 0.0)
    low, high = p_of(abs(statistic.value) + statistic.half, df, tails), p_of(nearest, df, tails)
    yield compare(p, low, high, p_of(abs(statistic.value), df, tails), "p")


#: Fit measures that follow from chi-square, df and n, and from those of the baseline model.
MEASURES = ("chi2_df", "p", "rmsea", "cfi", "tli", "nfi")


@kind("fit", ["chi2", "df"], ["n", "baseline_chi2", "baseline_df", *MEASURES])
def fit(claim: Claim) -> Iterator[Finding]:
    """Printed fit measures follow from the printed chi-square, degrees of freedom and sample size."""
    given = [name for name in MEASURES if name in claim]
    if not given:
        raise DataError(f"a claim of kind 'fit' needs at least one of {', '.join(MEASURES)}")
    df = claim.number("df").value
    if not df > 0:
        raise DataError(f"df must be more than zero; not {df:g}")
    for name in given:
        needs = {"rmsea": ("n",), "cfi": ("baseline_chi2", "baseline_df"), "tli": ("baseline_chi2", "baseline_df"),
                 "nfi": ("baseline_chi2",)}.get(name, ())  # fmt: skip
        missing = [need for need in needs if need not in claim]
        if missing:
            stated = claim.number(name).value
            yield Finding("cannot be checked", "fit_needs", {"name": name, "missing": ", ".join(missing)}, stated)
            continue
        values = list(_measure(name, claim, df))
        yield compare(claim.number(name), min(values), max(values), values[0], name)


def _measure(name: str, claim: Claim, df: float) -> Iterator[float]:
    """A fit measure for every reading of what is printed, the plain one first."""
    readings = {field: _ends(claim.number(field)) for field in ("chi2", "baseline_chi2") if field in claim}
    sizes = [claim.size("n") - 1.0, float(claim.size("n"))] if "n" in claim else [np.nan]
    base_df = claim.number("baseline_df").value if "baseline_df" in claim else np.nan
    for chi2, base, n in product(readings["chi2"], readings.get("baseline_chi2", [np.nan]), sizes):
        if name == "chi2_df":
            yield chi2 / df
        elif name == "p":
            yield float(stats.chi2.sf(chi2, df))
        elif name == "rmsea":
            yield float(np.sqrt(max(chi2 - df, 0) / (df * n)))
        elif name == "cfi":
            yield 1 - max(chi2 - df, 0) / max(base - base_df, chi2 - df, SLACK)
        elif name == "tli":
            yield (base / base_df - chi2 / df) / (base / base_df - 1)
        else:
            yield 1 - chi2 / base


def _ends(number: Printed) -> list[float]:
    return [number.value, number.low, number.high]


@kind("reliability", ["loadings"], ["cr", "ave"])
def reliability(claim: Claim) -> Iterator[Finding]:
    """Composite reliability and AVE follow from standardized loadings."""
    if "cr" not in claim and "ave" not in claim:
        raise DataError("a claim of kind 'reliability' needs 'cr' or 'ave'")
    loadings = claim.numbers("loadings")
    rows = [np.array([getattr(each, end) for each in loadings]) for end in ("value", "low", "high")]
    for name, formula in (("cr", _cr), ("ave", _ave)):
        if name in claim:
            values = [formula(row) for row in rows]
            yield compare(claim.number(name), min(values), max(values), values[0], name)


def _cr(loadings: np.ndarray) -> float:
    total, rest = loadings.sum() ** 2, (1 - loadings**2).sum()
    return float(total / (total + rest))


def _ave(loadings: np.ndarray) -> float:
    return float((loadings**2).mean())
