"""A `Plan`: how many interviews, or what so many interviews buy, before the fieldwork."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, Unpack

import pandas as pd
from scipy.stats import norm

from csi.errors import SettingsError, listing
from csi.sampling import difference as differences
from csi.sampling import plan_text, sizes
from csi.sampling.composite import CompositeSpread, FittedIndex, composite_spread, fitted_spread
from csi.sampling.sizes import Alternative, round_up
from csi.sampling.terms import Step, Terms, TermWords, positive_problems, power_problems, require


@dataclass(frozen=True, init=False, repr=False)
class Plan:
    """Interviews for a mean score, or the margin that so many interviews buy; other purposes by their names.

    ``Plan(margin=2, sd=20)`` solves for n, ``Plan(n=100, sd=20)`` for the margin. `Plan.proportion`, `Plan.nps`,
    `Plan.index`, `Plan.difference`, `Plan.paths` and `Plan.rmsea` return the same object. What is given is kept,
    the one thing left out is solved for, and nothing is rounded but `n` and `invitations`, once, at the end.

    Parameters
    ----------
    margin : float, optional
        Half the width of the confidence interval, in the units of the score (index points, 0-100).
    n : float, optional
        Completed interviews.
    sd : float
        Standard deviation of the score, in the same units; take it from an earlier wave.
    **terms
        `confidence_level` (0.95), `population`, `deff`, `response`, `eligibility`, `order` and `fpc`, as in
        `csi.sampling.Terms`. Design effect first, then finite population, then response and eligibility.

    Attributes
    ----------
    n, invitations : int
        Completed interviews and invitations, rounded up. For a difference, n is the size of the first group.
    n_exact, invitations_exact : float
        The same before rounding.
    margin, power, difference, path : float or None
        What the plan gives or was given; None where it has no meaning. (`detectable` is `difference`.)
    steps : tuple of Step
        Every line of the calculation: name, value, formula.
    doubts : tuple of str
        Reasons why the plan may fail in the field.

    Notes
    -----
    ``n_srs = (z sd / margin)^2`` [Cochran 1977, eq. 4.6], times the design effect, ``n / (1 + n/N)``, divided by
    response times eligibility.

    Examples
    --------
    >>> plan = Plan(margin=2, sd=20)
    >>> plan.n, round(plan.n_exact, 3)
    (385, 384.146)
    >>> round(Plan(n=100, sd=20).margin, 2)
    3.92
    >>> Plan(margin=2, sd=20, population=5000, response=0.8)
    Plan for the mean of a score
      standard deviation                            20
      margin of error                                2
      confidence level                            0.95
      population N                                5000
      response rate                                0.8
      normal quantile z                        1.95996
      simple random sample                     384.146  (z sd / margin)^2
      with the finite population correction    356.738  n / (1 + n/N)
      interviews, not rounded                  356.738
      interviews                                   357  rounded up once
      invitations, not rounded                 445.922  n / (response eligibility)
      invitations                                  446  rounded up once
    """

    purpose: str
    terms: Terms
    n_exact: float
    margin: float | None
    power: float | None
    detectable: float | None
    path: float | None
    n_second_exact: float | None
    steps: tuple[Step, ...]
    doubts: tuple[str, ...]

    def __init__(
        self,
        margin: float | None = None,
        n: float | None = None,
        *,
        sd: float | None = None,
        **terms: Unpack[TermWords],
    ) -> None:
        if sd is None:
            raise SettingsError("A plan for a mean needs sd=, the standard deviation of the score (in its units)")
        require({"margin": margin, "n": n, "sd": sd}, one_of=("margin", "n"))
        self._precision("mean", margin, n, sd, [Step("sd", sd)], "(z sd / margin)^2", Terms.of(terms))

    @classmethod
    def proportion(
        cls, margin: float | None = None, n: float | None = None, *, p: float = 0.5, **terms: Unpack[TermWords]
    ) -> Self:
        """Plan the estimate of a proportion; shares are between 0 and 1 and so is their margin.

        Parameters
        ----------
        margin : float, optional
            Half the width of the confidence interval: 0.05 for 5 percentage points.
        n : float, optional
            Completed interviews.
        p : float
            Expected share; 0.5 is the safe choice.
        **terms
            As in `Plan`.

        Notes
        -----
        ``n_srs = z^2 p (1 - p) / margin^2`` [Cochran 1977, eq. 4.1].

        Examples
        --------
        >>> Plan.proportion(margin=0.05).n
        385
        >>> round(100 * Plan.proportion(n=4484).margin, 2)
        1.46
        >>> Plan.proportion(margin=0.05, population=8000, deff=1.5, response=0.8).invitations
        672
        """
        require({"margin": margin, "n": n}, one_of=("margin", "n"), shares={"p": p, "margin": margin})
        plan = object.__new__(cls)
        formula = "z^2 p (1 - p) / margin^2"
        plan._precision("proportion", margin, n, _spread(p), [Step("share", p)], formula, Terms.of(terms))
        return plan

    @classmethod
    def nps(
        cls,
        margin: float | None = None,
        n: float | None = None,
        *,
        promoters: float = 1 / 3,
        detractors: float = 1 / 3,
        **terms: Unpack[TermWords],
    ) -> Self:
        """Plan a net promoter score, in points from -100 to 100.

        Parameters
        ----------
        margin : float, optional
            Half the width of the confidence interval, in NPS points.
        n : float, optional
            Completed interviews.
        promoters, detractors : float
            Expected shares. A third each is the usual planning value; half and half is the worst case.
        **terms
            As in `Plan`.

        Notes
        -----
        ``n_srs = (100 z / margin)^2 (p + d - (p - d)^2)``.

        Examples
        --------
        >>> round(Plan.nps(margin=5).n_exact, 1)
        1024.4
        >>> round(Plan.nps(n=400, promoters=0.5, detractors=0.2).margin, 6)
        7.653904
        """
        shares = {"promoters": promoters, "detractors": detractors}
        require({"margin": margin, "n": n}, one_of=("margin", "n"), shares=shares)
        if promoters + detractors > 1 + 1e-12:
            raise SettingsError(f"promoters and detractors add up to {promoters + detractors:g}; at most 1 is possible")
        sd = 100 * math.sqrt(promoters + detractors - (promoters - detractors) ** 2)
        plan = object.__new__(cls)
        given = [Step("promoters", promoters), Step("detractors", detractors), Step("sd", sd, "100 sqrt(p+d-(p-d)^2)")]
        plan._precision("nps", margin, n, sd, given, "(z sd / margin)^2", Terms.of(terms))
        return plan

    @classmethod
    def index(
        cls,
        margin: float | None = None,
        n: float | None = None,
        *,
        weights: Mapping[str, float] | Sequence[float] | None = None,
        fit: FittedIndex | None = None,
        sd: CompositeSpread = None,
        correlation: CompositeSpread = None,
        covariance: CompositeSpread = None,
        scale: Sequence[float] | Mapping[str, Sequence[float]] = (0, 100),
        **terms: Unpack[TermWords],
    ) -> Self:
        """Plan a weighted index of several items, from item weights and an assumed or earlier covariance.

        Parameters
        ----------
        margin : float, optional
            Half the width of the confidence interval, in index points.
        n : float, optional
            Completed interviews.
        weights : mapping or sequence of float, optional
            Weight v of each item as it enters the index (of the item on its 0-100 scale).
        fit : Fit, optional
            An earlier fit of one group, instead of weights and spreads: its standard error holds what estimated
            weights and the design add. For an assumed model, fit what `csi.simulate(model, 100_000)` draws.
        sd : float, mapping or sequence, optional
            Standard deviation of the items in the units of `scale`: one for all, or one each.
        correlation : float or table, optional
            Correlation of the items: one for every pair, or the whole matrix. With `sd`.
        covariance : table, optional
            Covariance matrix of the items in the units of `scale`, instead of `sd` and `correlation`.
        scale : pair of float, or mapping of pairs
            Lowest and highest answer: of all items, or of each.
        **terms
            As in `Plan`.

        Notes
        -----
        ``sd_index^2 = a'Sa`` with ``a_j = 100 v_j / ((high_j - low_j) sum v)``: the weights are taken as given. From a
        fit, ``sd_index = std_error sqrt(n)``.

        Examples
        --------
        >>> plan = Plan.index(n=250, weights=[0.4, 0.35, 0.25], sd=1.4, correlation=0.5, scale=(1, 6))
        >>> round(plan.margin, 3)
        2.846
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> Plan.index(margin=2, fit=fit).n
        199
        """
        require({"margin": margin, "n": n}, one_of=("margin", "n"))
        if (fit is None) == (weights is None):
            raise SettingsError("an index is planned from weights= (with sd= or covariance=) or from fit=; give one")
        if weights is not None:
            spread = composite_spread(weights, sd, correlation, covariance, scale)
            given = [Step("items", len(weights)), Step("sd", spread, "sqrt(a'Sa), a = 100 v / (range sum v)")]
        else:
            spread = fitted_spread(fit)
            given = [Step("sd", spread, "std_error sqrt(n) of the fit")]
        plan = object.__new__(cls)
        plan._precision("index", margin, n, spread, given, "(z sd / margin)^2", Terms.of(terms))
        return plan

    @classmethod
    def difference(
        cls,
        difference: float | None = None,
        n: float | None = None,
        *,
        power: float | None = None,
        margin: float | None = None,
        sd: float | tuple[float, float] | None = None,
        p: float | tuple[float, float] | None = None,
        ratio: float = 1.0,
        overlap: float = 0.0,
        rho: float = 0.0,
        alternative: Alternative = "two-sided",
        test: Literal["z", "t"] = "z",
        variance: Literal["pooled", "unpooled"] | None = None,
        **terms: Unpack[TermWords],
    ) -> Self:
        """Plan the comparison of two companies or two waves: independent or overlapping samples.

        Give two of `difference`, `n` and `power` and the third is solved for (`power` is 0.8 where it is left out
        with one of the others); or give `margin` for the width of the interval of the difference.

        Parameters
        ----------
        difference : float, optional
            Difference to be detected, in the units of `sd`, or as a share with `p`.
        n : float, optional
            Completed interviews in the first group (each group, while `ratio` is 1).
        power : float, optional
            Probability of finding the difference where it exists.
        margin : float, optional
            Half the width of the confidence interval of the difference.
        sd : float or pair, optional
            Standard deviation of the score in both groups, or in each. This, or `p`.
        p : float or pair, optional
            Expected share in the first group (the second lies `difference` above), or in both.
        ratio : float
            Interviews in the first group per interview in the second, n1/n2.
        overlap : float
            Share of the first group that is also in the second (a panel), 0 to 1.
        rho : float
            Correlation of the two answers of one respondent, within the overlap.
        alternative : {"two-sided", "one-sided"}
            Test of a difference in either direction, or in one.
        test : {"z", "t"}
            Normal approximation, or the exact t test of two independent means with one standard deviation.
        variance : {"pooled", "unpooled"}, optional
            Variance of two proportions under the null hypothesis. Default: pooled, as R's `power.prop.test`;
            unpooled where samples overlap.
        **terms
            As in `Plan`; a population is that of each group.

        Notes
        -----
        ``n1 = (S1^2 + r S2^2 - 2 g r rho S1 S2)(z_a + z_b)^2 / difference^2`` with r = n1/n2 and overlap g
        [Valliant, Dever & Kreuter 2018, sect. 4.5; R's PracTools::nDep2sam]; pooled proportions [Fleiss 1981, 3.14].

        Examples
        --------
        >>> round(Plan.difference(difference=2, sd=20).n_exact, 3)
        1569.776
        >>> round(Plan.difference(n=250, sd=20).difference, 2)
        5.01
        >>> Plan.difference(p=(0.70, 0.75), overlap=0.6, rho=0.5).n
        875
        """
        settings = Terms.of(terms)
        ask = differences.ask(
            difference=difference, n=n, power=power, margin=margin, sd=sd, p=p, ratio=ratio, overlap=overlap,
            rho=rho, alternative=alternative, test=test, variance=variance, terms=settings,
        )  # fmt: skip
        found = differences.answer(ask)
        purpose = "difference of means" if p is None else "difference of proportions"
        plan = object.__new__(cls)
        plan._finish(
            purpose, settings, found.n_srs, found.n_exact, found.steps, found.formula if n is None else None,
            margin=found.margin, power=found.power, difference=found.difference, n_second=found.n_exact / ratio,
        )  # fmt: skip
        return plan

    @classmethod
    def paths(
        cls,
        path: float | None = None,
        n: float | None = None,
        *,
        power: float | None = None,
        arrows: int | None = None,
        **terms: Unpack[TermWords],
    ) -> Self:
        """Plan a PLS model by its smallest path that matters: the inverse square root method.

        Parameters
        ----------
        path : float, optional
            Smallest standardized path that must become significant.
        n : float, optional
            Completed interviews.
        power : float, optional
            Probability of finding that path (0.8 where it is left out).
        arrows : int, optional
            The larger of: items of the largest formative block, paths into the busiest construct. Adds the
            ten-times rule as a line, labelled a rule of thumb; it decides nothing.
        **terms
            As in `Plan`; the test is one-tailed at 1 - confidence_level.

        Notes
        -----
        ``n_srs = ((z_a + z_b)/|path|)^2``, one-tailed: 2.486 at 0.05 and 0.8 [Kock & Hadaya 2018, eq. 2]. `csi.power`
        simulates the model itself.

        Examples
        --------
        >>> Plan.paths(0.197).n, Plan.paths(0.2).n, Plan.paths(0.1).n
        (160, 155, 619)
        >>> round(Plan.paths(n=250).path, 4)
        0.1573
        """
        if path is not None and not 0 < abs(path) < 1:
            raise SettingsError(f"path= is a standardized path between -1 and 1, and not 0; not {path!r}")
        settings = Terms.of(terms)
        require({"n": n, "arrows": arrows}, more=power_problems(power, settings.confidence_level))
        z_alpha = sizes.quantile(settings.confidence_level, "one-sided")
        path, power, n_srs = _solve_path(path, n, power, z_alpha, settings)
        given = [Step("path", path), Step("power", power), *settings.assumptions(), Step("z", z_alpha, "one-tailed")]
        if arrows is not None:
            given.append(Step("ten_times", 10 * arrows, "10 arrows"))
        plan = object.__new__(cls)
        n_exact = settings.interviews(n_srs) if n is None else float(n)
        formula = "((z + z_power) / path)^2" if n is None else None
        plan._finish("paths", settings, n_srs, n_exact, given, formula, path=path, power=power)
        return plan

    @classmethod
    def rmsea(
        cls,
        df: int,
        null: float = 0.05,
        alternative: float = 0.08,
        *,
        n: float | None = None,
        power: float | None = None,
        groups: int = 1,
        **terms: Unpack[TermWords],
    ) -> Self:
        """Plan the test of fit of a covariance model: close, not-close or exact fit by RMSEA.

        Parameters
        ----------
        df : int
            Degrees of freedom of the model.
        null, alternative : float
            RMSEA under the two hypotheses: 0.05 and 0.08 (close fit), 0.05 and 0.01 (not-close), 0 and 0.05 (exact).
        n : float, optional
            Completed interviews, all groups together: solves for power.
        power : float, optional
            Power to reach (0.8 where it is left out): solves for n.
        groups : int
            Groups of a multiple-group model.
        **terms
            As in `Plan`; the test is at 1 - confidence_level.

        Notes
        -----
        Noncentrality ``(n - 1) df rmsea^2 / groups`` [MacCallum, Browne & Sugawara 1996].

        Examples
        --------
        >>> Plan.rmsea(50).n, Plan.rmsea(50, 0.05, 0.01).n, Plan.rmsea(50, 0, 0.05).n
        (214, 268, 243)
        >>> round(Plan.rmsea(50, n=200).power, 7)
        0.7691047
        """
        settings = Terms.of(terms)
        _check_rmsea(df, null, alternative, n, power, groups, settings)
        alpha = 1 - settings.confidence_level

        def reached(size: float) -> float:
            return sizes.rmsea_power(size, df, null, alternative, alpha, groups)

        n_srs = settings.worth(n) if n is not None else sizes.solve(lambda m: reached(m) - (power or 0.8), 1 + 1e-6, 50)
        found = reached(n_srs) if n is not None else (power or 0.8)
        given = [Step("df", df), Step("null", null), Step("alternative", alternative), Step("power", found)]
        given += [Step("groups", groups)] * (groups > 1) + settings.assumptions()
        plan = object.__new__(cls)
        n_exact = settings.interviews(n_srs) if n is None else float(n)
        formula = "noncentral chi-squared" if n is None else None
        plan._finish("rmsea", settings, n_srs, n_exact, given, formula, power=found)
        return plan

    @property
    def n(self) -> int:
        """Completed interviews, rounded up once (of the first group, for a difference)."""
        return round_up(self.n_exact)

    @property
    def n_second(self) -> int | None:
        """Completed interviews of the second group of a difference."""
        return None if self.n_second_exact is None else round_up(self.n_second_exact)

    @property
    def n_total(self) -> int:
        """Completed interviews of both groups together."""
        return self.n + (self.n_second or 0)

    @property
    def invitations_exact(self) -> float:
        """Invitations before rounding (of both groups, for a difference)."""
        return self.terms.invitations(self.n_exact + (self.n_second_exact or 0.0))

    @property
    def invitations(self) -> int:
        """Invitations, rounded up once."""
        return round_up(self.invitations_exact)

    @property
    def assumptions(self) -> dict[str, float]:
        """What the plan takes for granted, by name."""
        return {step.name: step.value for step in self.terms.assumptions()}

    def table(self, language: str = "en") -> pd.DataFrame:
        """Every line of the plan as a table for a proposal.

        Parameters
        ----------
        language : {"en", "zh"}

        Returns
        -------
        DataFrame
            One row a line: `value` (not rounded, but for n and invitations) and `formula`.

        Examples
        --------
        >>> Plan(n=100, sd=20).table()["value"].round(3).to_dict()["margin of error"]
        3.92
        """
        return plan_text.table(self, language)

    def __repr__(self) -> str:
        return plan_text.text(self)

    def _repr_html_(self) -> str:
        return plan_text.to_html(self)

    def _precision(
        self,
        purpose: str,
        margin: float | None,
        n: float | None,
        sd: float,
        given: list[Step],
        formula: str,
        terms: Terms,
    ) -> None:
        """Fill in a plan whose aim is a margin of error."""
        z = sizes.quantile(terms.confidence_level)
        solved_for_n = n is None
        n_srs = sizes.for_margin(sd, float(margin or 0), z) if solved_for_n else terms.worth(float(n or 0))
        found = float(margin or 0) if solved_for_n else z * sd / math.sqrt(n_srs)
        lines = [*given, Step("margin", found, "" if solved_for_n else "z sd / sqrt(n)"), *terms.assumptions()]
        n_exact = terms.interviews(n_srs) if solved_for_n else float(n or 0)
        shown = formula if solved_for_n else None
        self._finish(purpose, terms, n_srs, n_exact, [*lines, Step("z", z)], shown, margin=found)

    def _finish(
        self,
        purpose: str,
        terms: Terms,
        n_srs: float,
        n_exact: float,
        given: list[Step],
        formula: str | None,
        *,
        margin: float | None = None,
        power: float | None = None,
        difference: float | None = None,
        path: float | None = None,
        n_second: float | None = None,
    ) -> None:
        """Write the fields: the lines given, the chain of corrections, the rounded end."""
        fields = {
            "purpose": purpose, "terms": terms, "n_exact": n_exact, "margin": margin, "power": power,
            "detectable": difference, "path": path, "n_second_exact": n_second,
        }  # fmt: skip
        # On the class, `difference` plans a comparison; on a plan it is the number that was found.
        for name, value in {**fields, "difference": difference}.items():
            object.__setattr__(self, name, value)
        chain = terms.steps(n_srs, formula) if formula is not None else terms.worth_steps(n_exact)
        object.__setattr__(self, "steps", (*given, *chain, *self._ends()))
        object.__setattr__(self, "doubts", self._doubts())

    def _ends(self) -> list[Step]:
        """The last lines: unrounded and rounded interviews and invitations."""
        ends = [Step("n_exact", self.n_exact), Step("n", self.n, "rounded up once")]
        if self.n_second is not None:
            ends += [Step("n_second", self.n_second, "n / ratio, rounded up once"), Step("n_total", self.n_total)]
        ends.append(Step("invitations_exact", self.invitations_exact, "n / (response eligibility)"))
        return [*ends, Step("invitations", self.invitations, "rounded up once")]

    def _doubts(self) -> tuple[str, ...]:
        """What cannot happen in the field as planned."""
        population, needed = self.terms.population, self.n_exact / self.terms.response
        if population is None or needed <= population * (1 + 1e-12):
            return ()
        return (
            f"{needed:.0f} eligible persons must be asked, but the population has {population:g}: "
            "the plan fails at this response rate",
        )


def _spread(p: float) -> float:
    """Standard deviation of a 0/1 answer."""
    return math.sqrt(p * (1 - p))


def _solve_path(
    path: float | None, n: float | None, power: float | None, z_alpha: float, terms: Terms
) -> tuple[float, float, float]:
    """The smallest path, its power and the simple random sample, from two of the three."""
    if path is not None and n is not None and power is not None:
        raise SettingsError("path=, n= and power= were all given; leave out the one to be solved for")
    if path is None and n is None:
        raise SettingsError("give path= (the smallest that matters) or n=; the other is solved for")
    if path is not None and n is not None:
        n_srs = terms.worth(n)
        return abs(path), float(norm.cdf(abs(path) * math.sqrt(n_srs) - z_alpha)), n_srs
    power = 0.8 if power is None else power
    z_power = float(norm.ppf(power))
    if path is not None:
        return abs(path), power, sizes.inverse_square_root(path, z_alpha, z_power)
    n_srs = terms.worth(float(n or 0))
    return (z_alpha + z_power) / math.sqrt(n_srs), power, n_srs


def _check_rmsea(
    df: Any, null: float, alternative: float, n: Any, power: float | None, groups: int, terms: Terms
) -> None:
    """Refuse hypotheses that coincide and numbers out of range."""
    problems = positive_problems({"df": df, "n": n, "groups": groups})
    problems += power_problems(power, terms.confidence_level)
    if n is not None and power is not None:
        problems.append("give n= or power= and the other is solved for; both were given")
    if min(null, alternative) < 0 or null == alternative:
        problems.append(
            f"null= and alternative= are two different RMSEAs, not negative; not {null!r} and {alternative!r}"
        )
    if problems:
        raise SettingsError(listing(problems, "The plan cannot be made"))
