"""Whether the items are correlated enough for a factor analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csi import blocks
from csi.analysis.moments import Missing, Moments, moments
from csi.blocks import Answers, ModelLike
from csi.design import Design
from csi.errors import DataError, listing
from csi.numerics import adequacy as numerics
from csi.numerics.items import correlation

DEPENDENT = 1e-10
"""Correlations with a smaller eigenvalue have an item that is a sum of the others."""


@dataclass(frozen=True, eq=False)
class Adequacy:
    """KMO and Bartlett's test of all items together and of every block: `table`; adequacy of single items: `items`."""

    table: pd.DataFrame
    items: pd.DataFrame

    @property
    def kmo(self) -> float:
        """Measure of sampling adequacy of all items together."""
        return float(self.table["kmo"].iloc[0])

    def __repr__(self) -> str:
        parts = ("KMO and Bartlett's test", self.table.round(3)), ("Items", self.items.round(3))
        return "\n\n".join(f"{title}\n{table.to_string()}" for title, table in parts)


def adequacy(
    data: Any,
    model: ModelLike = None,
    *,
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
    design : Design, optional
        Case weights enter the correlations; the chi-square then remains that of a simple random sample of n.
    scale : (low, high), optional
        Scale of items that need turning and whose scale the model does not tell.
    missing : {"listwise", "pairwise", "em"}
        What is done about missing answers.

    Returns
    -------
    Adequacy
        `table`: rows "all" and, where several blocks were given, every block of two or more items; columns `n`,
        `k`, `kmo`, `statistic` (approximate chi-square), `df`, `p_value`. `items`: `msa` of every item among all.

    Raises
    ------
    DataError
        Where an item never varies or repeats the others exactly: correlations then have no inverse.

    Notes
    -----
    KMO = sum r^2 / (sum r^2 + sum of squared partial correlations) [Kaiser & Rice 1974]; chi-square =
    -(n - 1 - (2k + 5)/6) log det R [Bartlett 1951]. Above .9 marvellous, .8 meritorious, .7 middling, .6
    mediocre, .5 miserable, below unacceptable [Kaiser 1974].

    Examples
    --------
    >>> from csi import datasets
    >>> found = adequacy(datasets.load("mobi"))
    >>> round(found.kmo, 4), round(float(found.table.loc["all", "statistic"]), 2)
    (0.9232, 2868.59)
    """
    answers = blocks.read(data, model, design=design, scale=scale)
    every = tuple(range(len(answers.names)))
    several = {name: at for name, at in answers.blocks.items() if len(answers.blocks) > 1 and len(at) > 1}
    rows, single, treatment = {}, np.empty(0), ""
    for name, at in {"all": every, **several}.items():
        found = moments(answers, answers.groups[0], at, missing)
        corr = sound_correlation(answers, at, found)
        overall, msa = numerics.kmo(corr)
        test = numerics.bartlett_sphericity(corr, found.n)
        rows[name] = {"n": found.n, "k": len(at), "kmo": overall, **test._asdict()}
        single, treatment = (msa, found.treatment) if name == "all" else (single, treatment)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("items")
    table[["n", "k"]] = table[["n", "k"]].astype(int)
    of_items = pd.DataFrame({"msa": single}, index=answers.rows())
    for each in (table, of_items):
        each.attrs.update(answers.note(treatment))
    return Adequacy(table, of_items)


def sound_correlation(answers: Answers, at: tuple[int, ...], found: Moments) -> np.ndarray:
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
