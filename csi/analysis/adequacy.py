"""Whether the items are correlated enough for a factor analysis."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csi import blocks
from csi.analysis.moments import Missing, Moments, moments, weighted_moments
from csi.blocks import Arrays, Group, ModelLike
from csi.design import Design
from csi.display.chapter import Labels, Printed, of_model, printed
from csi.display.table import Table
from csi.errors import DataError, listing
from csi.numerics import adequacy as numerics
from csi.numerics.items import correlation

DEPENDENT = 1e-10
"""Correlations with a smaller eigenvalue have an item that is a sum of the others."""


@dataclass(frozen=True, eq=False, repr=False)
class Adequacy(Printed):
    """KMO and Bartlett's test of all items together and of every block: `table`; adequacy of single items: `items`.

    With `by=` both have the group as first row level, and `groups` holds the result of every group.

    Examples
    --------
    >>> import csi
    >>> round(adequacy(csi.datasets.load("mobi")).kmo, 3)
    0.923
    """

    table: pd.DataFrame
    items: pd.DataFrame
    groups: Mapping[Hashable, Adequacy] = field(default_factory=dict)

    @property
    def kmo(self) -> float:
        """Measure of sampling adequacy of all items together."""
        return float(self.table["kmo"].iloc[0])

    def tables(self, labels: Labels = None) -> tuple[Table, ...]:
        """Return KMO and Bartlett's test, and the adequacy of the single items."""
        heads = {"statistic": {"en": "F" if "df2" in self.table else "Approx. χ²",
                               "zh": "F" if "df2" in self.table else "近似卡方"}}  # fmt: skip
        found = printed(self.table, title=_TITLES[0], labels={**heads, **of_model(labels)})
        return found, printed(self.items, title=_TITLES[1], labels=labels)


def adequacy(
    data: Any,
    model: ModelLike = None,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    scale: blocks.Scale | None = None,
    missing: Missing = "listwise",
) -> Adequacy:
    """Kaiser-Meyer-Olkin measure and Bartlett's test of sphericity: SPSS's table before a factor analysis.

    Parameters
    ----------
    data : DataFrame
        One row a respondent.
    model : Model, {block: [columns]} or [columns], optional
        The items; every column of numbers unless given.
    by : str or list of str, optional
        Columns that divide the respondents; their values are the first row levels.
    design : Design, optional
        Case weights enter the correlations, and Bartlett's chi-square gives way to a Rao-Scott F (see Notes), for
        listwise answers only; with missing answers treated otherwise it is NaN.
    scale : (low, high), optional
        Scale of items that need turning and whose scale the model does not tell.
    missing : {"listwise", "pairwise", "em"}
        What is done about missing answers.

    Returns
    -------
    Adequacy
        `table`: rows "all" and, where several blocks were given, every block of two or more items; columns `n`,
        `k`, `kmo`, `statistic` (approximate chi-square; F with `df2` under a design), `df`, `p_value`. `items`:
        `msa` of every item among all.

    Raises
    ------
    DataError
        Where an item never varies or repeats the others exactly: correlations then have no inverse.

    Notes
    -----
    KMO = sum r^2 / (sum r^2 + sum of squared partial correlations) [Kaiser & Rice 1974]; chi-square =
    -(n - 1 - (2k + 5)/6) log det R [Bartlett 1951]. Above .9 marvellous, .8 meritorious, .7 middling, .6
    mediocre, .5 miserable, below unacceptable [Kaiser 1974].

    Under a design the hypothesis that all q correlations are zero is tested by sum r^2 / trace(V), V their
    covariance between clusters within strata under that hypothesis, as an F with tr(V)^2 / tr(V^2) and that times
    the design's degrees of freedom [Rao & Scott 1984, second-order correction].

    Examples
    --------
    >>> from csi import datasets
    >>> found = adequacy(datasets.load("mobi"))
    >>> round(found.kmo, 4), round(float(found.table.loc["all", "statistic"]), 2)
    (0.9232, 2868.59)
    """
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    return blocks.each_group(answers, lambda group: _of_group(answers, group, missing))


def _of_group(answers: Arrays, group: Group, missing: Missing) -> Adequacy:
    """KMO and Bartlett's test in one group."""
    every = tuple(range(len(answers.names)))
    several = {name: at for name, at in answers.blocks.items() if len(answers.blocks) > 1 and len(at) > 1}
    rows, single, treatment = {}, np.empty(0), ""
    for name, at in {"all": every, **several}.items():
        found = moments(answers, group, at, missing)
        corr = sound_correlation(answers, at, found)
        overall, msa = numerics.kmo(corr)
        test = numerics.bartlett_sphericity(corr, found.n)._asdict() if answers.simple else {}
        rows[name] = {"n": found.n, "k": len(at), "kmo": overall, **(test or _rao_scott(answers, group, at, missing))}
        single, treatment = (msa, found.treatment) if name == "all" else (single, treatment)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("items")
    table[["n", "k"]] = table[["n", "k"]].astype(int)
    of_items = pd.DataFrame({"msa": single}, index=answers.rows())
    for each in (table, of_items):
        each.attrs.update(answers.note(treatment))
    return Adequacy(table, of_items)


def _rao_scott(answers: Arrays, group: Group, at: Sequence[int], missing: Missing) -> dict[str, float]:
    """F test under a design that no items are correlated; NaN where answers are not complete cases."""
    x = answers.values[:, list(at)]
    kept = np.asarray(group.inside & ~np.isnan(x).any(axis=1))
    nothing = dict.fromkeys(["statistic", "df", "df2", "p_value"], np.nan)
    if missing != "listwise" and kept.sum() < group.inside.sum():
        return nothing
    mean, cov = weighted_moments(x[kept], answers.weights[kept])
    z = (x[kept] - mean) / np.sqrt(np.diag(cov))
    first, second = np.triu_indices(len(at), 1)
    influence = np.zeros((len(x), len(first)))
    influence[kept] = (answers.weights[kept] / answers.weights[kept].sum())[:, None] * z[:, first] * z[:, second]
    r = influence.sum(axis=0)
    v, df = answers.covariance(
        influence - np.where(kept[:, None], r / kept.sum(), 0.0), np.repeat(kept[:, None], len(r), 1)
    )
    test = numerics.rao_scott_sphericity(r, v, df)
    return dict(zip(nothing, test, strict=True))


_TITLES = (
    {"en": "KMO and Bartlett’s test", "zh": "KMO 和巴特利特球形度检验"},
    {"en": "Sampling adequacy of the items", "zh": "各题项的取样适切性（MSA）"},
)


def sound_correlation(answers: Arrays, at: tuple[int, ...], found: Moments) -> np.ndarray:
    """Correlations with an inverse, or a refusal that says why there is none.

    Raises
    ------
    DataError
    """
    names = [answers.names[j] for j in at]
    if len(names) < 2:
        raise DataError(f"{names[0]!r} alone has no correlations; name at least two items")
    corr = correlation(found.cov)
    constant = [names[j] for j in np.flatnonzero(~(np.diag(found.cov) > 0))]
    if constant:
        problems = [f"item {name!r} never varies; leave it out" for name in constant]
        raise DataError(listing(problems, "the items have no correlations"))
    problems = [
        f"{names[i]!r} and {names[j]!r} are perfectly correlated ({corr[i, j]:+.0f}); keep one of them"
        for i in range(len(names))
        for j in range(i)
        if abs(corr[i, j]) > 1 - 1e-9
    ]
    lowest = float(np.linalg.eigvalsh(corr)[0])
    if not problems and lowest <= DEPENDENT:
        problems.append(_dependent(lowest, found, len(names)))
    if problems:
        raise DataError(listing(problems, "the correlations have no inverse"))
    return corr


def _dependent(lowest: float, found: Moments, p: int) -> str:
    """Why the smallest eigenvalue is zero or negative."""
    if found.n <= p:
        return f"{found.n:g} cases for {p} items; more cases than items are needed"
    if lowest < -DEPENDENT:
        return "pairwise correlations are not those of any set of answers; use missing='em' or 'listwise'"
    return "an item is a sum of the others (a total among its parts?); leave it out"
