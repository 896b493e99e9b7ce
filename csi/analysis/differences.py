"""Whether groups differ: tests, effect sizes and pairs, for every item or construct."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import combinations
from typing import Any, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.analysis.describe import check_level
from csi.analysis.differences_tables import Differences
from csi.analysis.scores import scores
from csi.blocks import Arrays, ModelLike, Scale
from csi.design import Design
from csi.errors import DataError, check_choice, listing
from csi.numerics import groups
from csi.numerics.groups import PostHoc

Floats = NDArray[np.float64]


def differences(
    data: Any,
    model: ModelLike = None,
    *,
    by: str,
    post_hoc: PostHoc = "games-howell",
    design: Design | None = None,
    scale: Scale | None = None,
    confidence_level: float = 0.95,
) -> Differences:
    """Compare groups of respondents on every item, or on the mean score of every construct.

    Parameters
    ----------
    data : DataFrame
    model : Model, {construct: [columns]} or [columns], optional
        Constructs are compared by the mean of their items, a list item by item.
    by : str
        Column of the groups.
    post_hoc : {"lsd", "tukey", "games-howell"}
        For the pairs: least significant difference (uncorrected), Tukey-Kramer, or Games-Howell, which needs no
        equal variances.
    design : Design, optional
        Weights, strata and clusters: means and their differences are linearized, the test is an adjusted Wald F;
        rank tests, Levene and effect sizes, which assume a simple random sample, are left out.
    scale : (low, high), optional
        Scale of items that need turning and whose scale the model does not tell.
    confidence_level : float

    Returns
    -------
    Differences

    Raises
    ------
    DataError
        Where a group has fewer than two answers, or there is one group only.

    Notes
    -----
    Levene's test is the one around means, as SPSS prints it. Intervals of Hedges' g and eta squared are those of
    the noncentral t and F [Steiger 2004].

    Examples
    --------
    >>> from csi import datasets
    >>> mobi = datasets.load("mobi").assign(group=["a", "b"] * 125)
    >>> found = differences(mobi, ["CUSA1"], by="group")
    >>> found.tests.index.get_level_values("test").tolist()
    ['student', 'welch', 'mann_whitney', 'levene']
    """
    check_level(confidence_level)
    check_choice(post_hoc, "post_hoc", get_args(PostHoc))
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    values, names, treatment = scores(answers)
    _check_groups(answers, values, names)
    means, tests, effects, pairs = [], [], [], []
    for j in range(values.shape[1]):
        one = _One(answers, values[:, j], confidence_level)
        means.append(one.means())
        tests.append(one.tests())
        effects.append(one.effects())
        pairs.append(one.pairs(post_hoc))
    notes = {**answers.note(treatment), "post_hoc": post_hoc, "confidence_level": confidence_level}
    parts = (_stacked(each, names, notes) for each in (means, tests, effects, pairs))
    return Differences(*parts)


def _stacked(tables: list[pd.DataFrame], names: pd.Index, notes: dict[str, str]) -> pd.DataFrame:
    whole = pd.concat(tables, keys=list(names), names=[str(names.name)])
    whole.attrs.update(notes)
    return whole


def _check_groups(answers: Arrays, values: Floats, names: pd.Index) -> None:
    """At least two groups, each with two answers to everything compared."""
    if len(answers.groups) < 2:
        raise DataError(f"column {answers.by[0]!r} has one group only; there is nothing to compare")
    problems = []
    for group in answers.groups:
        given = (~np.isnan(values[group.inside])).sum(axis=0)
        problems += [
            f"{name!r} has {n} answers in group {group.label[0]!r}; at least two are needed"
            for name, n in zip(names, given, strict=True)
            if n < 2
        ]
    if problems:
        raise DataError(listing(problems, "groups cannot be compared"))


class _One:
    """One item or construct in all groups."""

    def __init__(self, answers: Arrays, y: Floats, level: float) -> None:
        self.answers, self.level = answers, level
        self.labels: list[Hashable] = [group.label[0] for group in answers.groups]
        self.by = answers.by[0]
        given = [g.inside & ~np.isnan(y) for g in answers.groups]
        self.parts, self.weights = [y[each] for each in given], [answers.weights[each] for each in given]
        self.n = np.array([len(part) for part in self.parts], dtype=float)
        columns = np.column_stack([np.where(g.inside, y, np.nan) for g in answers.groups])
        every = answers.groups[0]._replace(inside=np.ones(len(y), dtype=bool))
        self.found = answers.mean(columns, every)
        self.mean = self.found.estimate
        self.variance = np.array([part.var(ddof=1) for part in self.parts])

    @property
    def simple(self) -> bool:
        """Whether the respondents are a simple random sample."""
        return self.answers.simple

    def means(self) -> pd.DataFrame:
        """Means with intervals."""
        error = np.sqrt(np.diag(self.found.cov))
        df = self.n - 1 if self.simple else np.full(len(self.n), self.found.df)
        margin = stats.t.ppf((1 + self.level) / 2, df) * error
        columns = {"estimate": self.mean, "std_error": error, "conf_low": self.mean - margin,
                   "conf_high": self.mean + margin, "sd": self._spread(), "n": self.n.astype(int)}  # fmt: skip
        return pd.DataFrame(columns, index=pd.Index(self.labels, name=self.by))

    def _spread(self) -> Floats:
        """Weighted standard deviations of the groups."""
        spread = [
            np.average((part - np.average(part, weights=w)) ** 2, weights=w) * len(part) / (len(part) - 1)
            for part, w in zip(self.parts, self.weights, strict=True)
        ]
        return np.sqrt(np.array(spread))

    def tests(self) -> pd.DataFrame:
        """Tests that all groups are alike."""
        rows = self._simple_tests() if self.simple else {"wald": self._wald()}
        table = pd.DataFrame([row._asdict() for row in rows.values()], index=pd.Index(list(rows), name="test"))
        return table.astype(float)

    def _simple_tests(self) -> dict[str, groups.GroupTest]:
        """Parametric and rank tests, and the test of equal variances."""
        constant = all(np.ptp(part) == 0 for part in self.parts)
        nothing = groups.GroupTest(np.nan, np.nan, np.nan, np.nan)
        k, total = len(self.n), self.n.sum()
        levene = None if constant else stats.levene(*self.parts, center="mean")
        equal = groups.GroupTest(float(levene.statistic), k - 1, total - k, float(levene.pvalue)) if levene else nothing
        rank = self._rank(k)
        if k > 2:
            return {
                "anova": groups.anova(self.n, self.mean, self.variance),
                "welch": groups.welch(self.n, self.mean, self.variance),
                "kruskal": rank,
                "levene": equal,
            }
        return {
            "student": self._t(equal_variances=True),
            "welch": self._t(equal_variances=False),
            "mann_whitney": rank,
            "levene": equal,
        }

    def _rank(self, k: int) -> groups.GroupTest:
        """Kruskal and Wallis's test, or Mann and Whitney's for two groups; NaN where all answers are alike."""
        if len(np.unique(np.concatenate(self.parts))) == 1:
            return groups.GroupTest(np.nan, np.nan, np.nan, np.nan)
        if k > 2:
            found = stats.kruskal(*self.parts)
            return groups.GroupTest(float(found.statistic), k - 1, np.nan, float(found.pvalue))
        u = stats.mannwhitneyu(self.parts[1], self.parts[0], method="asymptotic")
        return groups.GroupTest(float(u.statistic), np.nan, np.nan, float(u.pvalue))

    def _t(self, equal_variances: bool) -> groups.GroupTest:
        """t test of the second against the first group."""
        how: PostHoc = "lsd" if equal_variances else "games-howell"
        first, second = np.array([0]), np.array([1])
        found = groups.pairwise(self.n, self.mean, self.variance, first, second, how, self.level)
        t, df = float(found.statistic[0]), float(found.df[0])
        return groups.GroupTest(t, df, np.nan, float(2 * stats.t.sf(abs(t), df)))

    def _wald(self) -> groups.GroupTest:
        """Adjusted Wald F of equal means under a design [Korn & Graubard 1990]."""
        k, df = len(self.n), self.found.df
        contrast = np.eye(k)[1:] - np.eye(k)[:1]
        gap, cov = contrast @ self.mean, contrast @ self.found.cov @ contrast.T
        if df < k - 1 or np.linalg.matrix_rank(cov) < k - 1:
            return groups.GroupTest(np.nan, k - 1, np.nan, np.nan)
        wald = float(gap @ np.linalg.solve(cov, gap))
        statistic, df2 = wald * (df - k + 2) / (df * (k - 1)), df - k + 2
        return groups.GroupTest(statistic, k - 1, df2, float(stats.f.sf(statistic, k - 1, df2)))

    def effects(self) -> pd.DataFrame:
        """Effect sizes with intervals."""
        rows: dict[str, groups.Effect] = {}
        if self.simple:
            if len(self.n) == 2:
                rows["hedges_g"] = groups.hedges(self.n, self.mean, self.variance, self.level)
            test = groups.anova(self.n, self.mean, self.variance)
            rows["eta_squared"] = groups.eta_squared(test, self.n.sum(), self.level)
            rows["omega_squared"] = groups.Effect(groups.omega_squared(test, self.n.sum()), np.nan, np.nan)
        table = pd.DataFrame(list(rows.values()), columns=["estimate", "conf_low", "conf_high"], dtype=float)
        table.index = pd.Index(list(rows), name="effect")
        return table

    def pairs(self, how: PostHoc) -> pd.DataFrame:
        """Differences of every pair of groups."""
        order = list(combinations(range(len(self.n)), 2))
        first, second = (np.array(each) for each in zip(*order, strict=True))
        if self.simple:
            found = groups.pairwise(self.n, self.mean, self.variance, first, second, how, self.level)
        else:
            found = self._design_pairs(first, second)
        table = pd.DataFrame(
            {"estimate": found.estimate, "std_error": found.std_error, "conf_low": found.low, "conf_high": found.high,
             "statistic": found.statistic, "df": found.df, "p_value": found.p_value}
        )  # fmt: skip
        labels = [(self.labels[a], self.labels[b]) for a, b in order]
        table.index = pd.MultiIndex.from_tuples(labels, names=["first", "second"])
        return table

    def _design_pairs(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> groups.Pairwise:
        """Linearized differences of pairs, uncorrected."""
        cov, df = self.found.cov, self.found.df
        gap = self.mean[second] - self.mean[first]
        error = np.sqrt(cov[first, first] + cov[second, second] - 2 * cov[first, second])
        t = np.divide(gap, error, out=np.full_like(gap, np.nan), where=error > 0)
        margin = stats.t.ppf((1 + self.level) / 2, df) * error
        p_value = 2 * stats.t.sf(np.abs(t), df)
        return groups.Pairwise(gap, error, gap - margin, gap + margin, t, np.full(len(gap), df), p_value)
