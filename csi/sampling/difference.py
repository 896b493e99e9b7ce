"""Planning a comparison: any one of n, power and difference from the other two, for means and proportions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from scipy.stats import norm

from csi.errors import SettingsError, check_choice, listing
from csi.sampling import sizes
from csi.sampling.sizes import Alternative
from csi.sampling.terms import Step, Terms, positive_problems, power_problems


@dataclass(frozen=True)
class Ask:
    """A comparison with everything given, checked; what is None is to be found."""

    difference: float | None
    n: float | None
    power: float | None
    margin: float | None
    sd: tuple[float, float] | None
    p: tuple[float, float | None] | None
    ratio: float
    overlap: float
    rho: float
    alternative: Alternative
    test: Literal["z", "t"]
    variance: Literal["pooled", "unpooled"]
    terms: Terms

    @property
    def z_alpha(self) -> float:
        """Normal quantile of the test."""
        return sizes.quantile(self.terms.confidence_level, self.alternative)

    def shares(self, difference: float) -> tuple[float, float]:
        """The two expected shares at a difference."""
        first, second = self.p or (0.0, None)
        return first, first + difference if second is None else second

    def pair(self, difference: float) -> float:
        """Variance of one pair at a difference."""
        spread = self.sd
        if spread is None:
            spread = tuple(math.sqrt(max(0.0, p * (1 - p))) for p in self.shares(difference))  # type: ignore[assignment]
        return sizes.pair_variance(spread, self.ratio, self.overlap, self.rho)  # type: ignore[arg-type]

    def need(self, difference: float, power: float) -> float:
        """Simple random sample of the first group for a difference and a power."""
        if self.test == "t":
            return sizes.solve(lambda m: self.reached(m, difference) - power, 1 + 1e-9 + 1 / self.ratio, 50)
        z_power = float(norm.ppf(power))
        if self.p is not None and self.variance == "pooled":
            return sizes.pooled_proportions(*self.shares(difference), self.ratio, self.z_alpha, z_power)
        return sizes.two_means(difference, self.pair(difference), self.z_alpha, z_power)

    def reached(self, n_srs: float, difference: float) -> float:
        """Power of a simple random sample of the first group at a difference."""
        if self.test == "t":
            alpha = 1 - self.terms.confidence_level
            return sizes.t_power(difference, self.sd[0], n_srs, self.ratio, alpha, self.alternative)  # type: ignore[index]
        if self.p is not None and self.variance == "pooled":
            return sizes.pooled_proportions_power(*self.shares(difference), n_srs, self.ratio, self.z_alpha)
        return float(norm.cdf(abs(difference) * math.sqrt(n_srs / self.pair(difference)) - self.z_alpha))


class Answer(NamedTuple):
    """What a comparison needs or buys."""

    n_srs: float
    n_exact: float
    difference: float | None
    power: float | None
    margin: float
    steps: list[Step]
    formula: str


def answer(ask: Ask) -> Answer:
    """Solve for the one thing left out."""
    if ask.margin is not None:
        return _for_margin(ask)
    difference = ask.difference
    if ask.p is not None and ask.p[1] is not None:
        difference = ask.p[1] - ask.p[0]
    power, n_srs = ask.power, None if ask.n is None else ask.terms.worth(ask.n)
    if difference is not None and n_srs is not None:
        power = ask.reached(n_srs, difference)
    power = 0.8 if power is None else power
    if n_srs is None:
        n_srs = ask.need(float(difference or 0.0), power)
    if difference is None:
        difference = _detectable(ask, n_srs, power)
    formula = "noncentral t" if ask.test == "t" else "variance ((z + z_power) / difference)^2"
    if ask.p is not None and ask.variance == "pooled":
        formula = "((z sqrt(2 p q) + z_power sqrt(p1 q1 + p2 q2)) / difference)^2"
    return _answer(ask, n_srs, difference, power, formula)


def _for_margin(ask: Ask) -> Answer:
    """Size for the width of the interval of the difference."""
    z = sizes.quantile(ask.terms.confidence_level)
    variance = ask.pair(0.0)
    return _answer(ask, variance * (z / float(ask.margin or 0.0)) ** 2, None, None, "variance (z / margin)^2")


def _answer(ask: Ask, n_srs: float, difference: float | None, power: float | None, formula: str) -> Answer:
    """Put numbers and lines together."""
    z = sizes.quantile(ask.terms.confidence_level)
    variance = ask.pair(difference or 0.0)
    margin = z * math.sqrt(variance / n_srs)
    steps = [*_given(ask, difference), Step("ratio", ask.ratio)]
    if ask.overlap:
        steps += [Step("overlap", ask.overlap), Step("rho", ask.rho)]
    steps.append(Step("variance", variance, "S1^2 + r S2^2 - 2 g r rho S1 S2"))
    if difference is not None:
        steps.append(Step("difference", difference))
    if power is not None:
        steps += [Step("power", power), Step("z_power", float(norm.ppf(power)))]
    steps += [Step("margin", margin, "z sqrt(variance / n)"), *ask.terms.assumptions()]
    steps.append(Step("z", ask.z_alpha, ask.alternative))
    n_exact = ask.terms.interviews(n_srs) if ask.n is None else float(ask.n)
    return Answer(n_srs, n_exact, difference, power, margin, steps, formula)


def _given(ask: Ask, difference: float | None) -> list[Step]:
    """The spread or the shares, one line or two."""
    if ask.p is not None:
        first, second = ask.shares(difference or 0.0)
        return [Step("share_first", first), Step("share_second", second)]
    first, second = ask.sd  # type: ignore[misc]
    return [Step("sd", first)] if first == second else [Step("sd_first", first), Step("sd_second", second)]


def _detectable(ask: Ask, n_srs: float, power: float) -> float:
    """Smallest difference that a sample finds with the power asked for."""
    if ask.p is None:
        guess = math.sqrt(sizes.two_means(1.0, ask.pair(0.0), ask.z_alpha, float(norm.ppf(power))) / n_srs)
        return guess if ask.test == "z" else sizes.solve(lambda d: ask.reached(n_srs, d) - power, 0.0, guess)
    top = (1 - ask.p[0]) * (1 - 1e-12)
    if ask.reached(n_srs, top) < power:
        raise SettingsError(f"{ask.n:g} interviews detect no share above p={ask.p[0]:g} with power {power:g}")
    return sizes.solve(lambda d: ask.reached(n_srs, d) - power, 1e-12, top)


def ask(
    *,
    difference: float | None,
    n: float | None,
    power: float | None,
    margin: float | None,
    sd: float | tuple[float, float] | None,
    p: float | tuple[float, float] | None,
    ratio: float,
    overlap: float,
    rho: float,
    alternative: Alternative,
    test: Literal["z", "t"],
    variance: Literal["pooled", "unpooled"] | None,
    terms: Terms,
) -> Ask:
    """Check the words of a comparison, all problems at once."""
    check_choice(alternative, "alternative", ("two-sided", "one-sided"))
    check_choice(test, "test", ("z", "t"))
    check_choice(variance, "variance", ("pooled", "unpooled", None))
    spread = None if sd is None else _two(sd, "sd")
    shares = None if p is None else _two(p, "p", open_end=True)
    problems = [
        *positive_problems({"n": n, "margin": margin, "ratio": ratio, "difference": difference and abs(difference)}),
        *_what_problems(difference, n, power, margin, spread, shares),
        *power_problems(power, terms.confidence_level),
        *_range_problems(overlap, rho, ratio, spread, shares, difference),
        *_test_problems(test, variance, overlap, spread, shares),
    ]
    if difference == 0:
        problems.append("difference= must not be 0")
    if problems:
        raise SettingsError(listing(problems, "The plan cannot be made"))
    chosen = variance or ("unpooled" if overlap else "pooled")
    size = difference if shares is not None or difference is None else abs(difference)
    return Ask(size, n, power, margin, spread, shares, ratio, overlap, rho, alternative, test, chosen, terms)


def _two(value: float | tuple[float, float], name: str, open_end: bool = False) -> tuple[float, float]:
    """A pair from one number or two; a single share leaves the second open."""
    if isinstance(value, (int, float)):
        return (float(value), None) if open_end else (float(value), float(value))  # type: ignore[return-value]
    pair = tuple(float(v) for v in value)
    if len(pair) != 2:
        raise SettingsError(f"{name}= takes one number, or one for each of the two groups; not {len(pair)}")
    return pair


def _what_problems(
    difference: float | None,
    n: float | None,
    power: float | None,
    margin: float | None,
    sd: tuple[float, float] | None,
    p: tuple[float, float | None] | None,
) -> list[str]:
    """Too much or too little was said."""
    problems = []
    if (sd is None) == (p is None):
        problems.append("give sd= for means or p= for proportions, one of the two")
    both = p is not None and p[1] is not None
    if both and difference is not None:
        problems.append("p= names both shares, so difference= is known already; leave it out")
    known = difference is not None or both
    if margin is not None and ((known and not both) or n is not None or power is not None):
        problems.append("margin= stands alone: leave out difference=, n= and power=")
    if margin is None and known and n is not None and power is not None:
        problems.append("difference, n= and power= were all given; leave out the one to be solved for")
    if margin is None and not known and n is None:
        problems.append("give difference= or n= (or margin=); the other is solved for")
    return problems


def _range_problems(
    overlap: float,
    rho: float,
    ratio: float,
    sd: tuple[float, float] | None,
    p: tuple[float, float | None] | None,
    difference: float | None,
) -> list[str]:
    """Numbers outside their range."""
    problems = []
    if not 0 <= overlap <= 1 or overlap * ratio > 1 + 1e-12:
        problems.append(f"overlap= is the share of the first group that is also in the second; not {overlap!r}")
    if not -1 <= rho <= 1:
        problems.append(f"rho= is a correlation; not {rho!r}")
    if sd is not None and not min(sd) > 0:
        problems.append(f"sd= must be positive; not {sd!r}")
    shares = [] if p is None else [share for share in (*p, p[0] + (difference or 0.0)) if share is not None]
    if not all(0 < share < 1 for share in shares):
        problems.append(f"p= and p + difference are shares between 0 and 1; not {shares!r}")
    if p is not None and p[0] == p[1]:
        problems.append("p= names the same share twice; there is no difference to detect")
    return problems


def _test_problems(
    test: str,
    variance: str | None,
    overlap: float,
    sd: tuple[float, float] | None,
    p: tuple[float, float | None] | None,
) -> list[str]:
    """Tests that do not go with the samples."""
    problems = []
    if test == "t" and (p is not None or overlap or (sd is not None and sd[0] != sd[1])):
        problems.append("test='t' is for two independent means with one standard deviation; use test='z'")
    if variance is not None and p is None:
        problems.append("variance= is for proportions")
    if variance == "pooled" and overlap:
        problems.append("variance='pooled' is for independent samples; overlapping ones take 'unpooled'")
    return problems
