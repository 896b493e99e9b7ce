"""Exploratory factor analysis: how many factors, which items belong to which, and how much they explain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import blocks
from csi.analysis.adequacy import sound_correlation
from csi.analysis.efa_tables import EFA
from csi.analysis.factor_count import scree, streams, suggested_counts
from csi.analysis.factor_solution import Convention, Extraction, Rotate, Solution, explained, solve
from csi.analysis.moments import Missing, moments
from csi.blocks import Arrays, Group, ModelLike, Said, Scale
from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice
from csi.numerics import factor
from csi.numerics.adequacy import ChiSquare

Floats = NDArray[np.float64]
HowMany = Literal["kaiser", "parallel"]


def efa(
    data: Any,
    n_factors: int | HowMany = "kaiser",
    *,
    model: ModelLike = None,
    extraction: Extraction = "ml",
    rotation: Rotate = "varimax",
    convention: Convention = "psych",
    missing: Missing = "listwise",
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    scale: Scale | None = None,
    n_resamples: int = 100,
    rng: int | np.random.Generator = 0,
) -> EFA:
    """Factors behind the items: communalities, total variance explained, rotated loadings, how many factors.

    Parameters
    ----------
    data : DataFrame
        One row a respondent.
    n_factors : int, "kaiser" or "parallel"
        How many factors: a number, as many as eigenvalues exceed 1, or exceed those of unrelated answers.
    model : Model, {block: [columns]} or [columns], optional
        The items; every column of numbers unless given.
    extraction : {"ml", "pa", "minres", "pc"}
        Maximum likelihood, principal axes, minimum residuals, principal components.
    rotation : {"varimax", "promax", "oblimin", "quartimax", "none"}
        Varimax and promax (power 4) with Kaiser normalization, direct oblimin with gamma (delta) 0.
    convention : {"psych", "factanal", "spss"}
        Whose details: "psych" starts and stops as R's `psych::fa` (agreement to ten digits); "factanal" starts as
        R's `factanal`, reports the uniquenesses of its search, and raises the unnormalized varimax loadings to
        the power as R's `promax`; "spss" normalizes before oblimin too and iterates to the optimum.
    missing : {"listwise", "pairwise", "em"}
    by : str or list of str, optional
        A solution for every group: tables have the group as first row level, `groups` the solutions one by one.
    design : Design, optional
        Case weights enter the correlations. The chi-square of the number of factors holds for a simple random
        sample only and is NaN under a design (a frequency is none); so do the random eigenvalues, for n cases.
    scale : (low, high), optional
        Scale of items that need turning and whose scale the model does not tell.
    n_resamples : int
        Random data sets of the parallel analysis (normal, same size).
    rng : int or Generator
        Their randomness.

    Returns
    -------
    EFA

    Raises
    ------
    DataError
        Where correlations have no inverse (a constant item, a perfect correlation, fewer cases than items).
    SettingsError
        Where so many factors cannot be found in so few items.

    Examples
    --------
    >>> from csi import datasets
    >>> found = efa(datasets.load("mobi"), 3, extraction="pa", rotation="oblimin")
    >>> print(found.suggested.to_string())
    kaiser      5
    parallel    2
    elbow       1
    """
    for name, value, kinds in (
        ("extraction", extraction, Extraction), ("rotation", rotation, Rotate), ("convention", convention, Convention),
    ):  # fmt: skip
        check_choice(value, name, get_args(kinds))
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    stream = streams(rng, answers)

    def of_group(group: Group) -> EFA:
        every = tuple(range(len(answers.names)))
        found = moments(answers, group, every, missing)
        corr = sound_correlation(answers, every, found)
        values = scree(corr, found.n, n_resamples, stream(group))
        suggested = suggested_counts(values)
        k = _how_many(n_factors, suggested, len(corr), extraction)
        solved = solve(corr, k, extraction, rotation, convention)
        words = {"extraction": extraction, "rotation": rotation if k > 1 else "none", "convention": convention}
        notes = {**answers.note(found.treatment), **words}
        return _result(answers, corr, solved, values, suggested, found.n, notes)

    return blocks.each_group(answers, of_group)


def _how_many(n_factors: int | str, suggested: pd.Series, p: int, extraction: str) -> int:
    """Number of factors, or a refusal that says how many are possible."""
    if isinstance(n_factors, str):
        check_choice(n_factors, "n_factors", get_args(HowMany))
        k = int(suggested[n_factors])
        if k == 0:
            raise DataError(f"no eigenvalue passes the rule {n_factors!r}: the items share no factor")
    else:
        k = n_factors
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or k < 1:
        raise SettingsError(f"n_factors must be a positive whole number, 'kaiser' or 'parallel'; not {n_factors!r}")
    most = p if extraction == "pc" else p - 1
    if extraction == "ml":
        most = max((k for k in range(1, p) if (p - k) ** 2 >= p + k), default=0)
    if k > most:
        raise SettingsError(f"{k} factors are too many for {p} items by extraction={extraction!r}; at most {most}")
    return int(k)


def _result(
    answers: Arrays,
    corr: Floats,
    solved: Solution,
    values: pd.DataFrame,
    suggested: pd.Series,
    n: float,
    notes: dict[str, str],
) -> EFA:
    """Arrays into tables."""
    p, k = solved.loadings.shape
    rows, columns = answers.rows(), [f"factor{j + 1}" for j in range(k)]
    loadings = pd.DataFrame(solved.loadings, rows, columns)
    communality = np.square(solved.plain.loadings).sum(axis=1)
    if notes["convention"] == "factanal" and notes["extraction"] in {"ml", "minres"}:
        communality = 1 - solved.plain.uniquenesses
    initial = np.ones(p) if notes["extraction"] == "pc" else 1 - factor.smallest_uniquenesses(corr)
    common = solved.plain.loadings @ solved.plain.loadings.T
    test, rms = factor.goodness(corr, common, n, k) if (communality < 1).all() else (_NO_TEST, np.nan)
    test = test if answers.simple else ChiSquare(np.nan, test.df, np.nan)
    goodness = pd.Series({**test._asdict(), "rms": rms}, name="estimate")
    found = EFA(
        loadings=loadings,
        structure=loadings @ pd.DataFrame(solved.phi, columns, columns),
        correlations=pd.DataFrame(solved.phi, columns, columns),
        communalities=pd.DataFrame({"initial": initial, "extraction": communality}, rows),
        variance=_variance(values["eigenvalue"].to_numpy(), solved, notes["rotation"]),
        eigenvalues=values,
        goodness=goodness,
        suggested=suggested,
        n=n,
        doubts=tuple(_doubts(answers, solved, communality, notes)),
    )
    for table in (found.loadings, found.structure, found.communalities, found.variance):
        table.attrs.update(notes)
    return found


_NO_TEST = ChiSquare(np.nan, np.nan, np.nan)


def _variance(eigenvalues: Floats, solved: Solution, rotate: str) -> pd.DataFrame:
    """Total variance explained: initial, extraction and rotation."""
    p, k = solved.loadings.shape
    plain = np.sort(np.square(solved.plain.loadings).sum(axis=0))[::-1]
    sums = {"initial": eigenvalues, "extraction": plain}
    if rotate != "none":
        sums["rotation"] = explained(solved.loadings, solved.phi)
    table = pd.DataFrame(index=pd.RangeIndex(1, p + 1, name="component"))
    for name, values in sums.items():
        column = np.concatenate([values, np.full(p - len(values), np.nan)])
        table[name], table[f"{name}_share"] = column, column / p
        table[f"{name}_cumulative"] = np.cumsum(column) / p
    if rotate in {"promax", "oblimin"}:
        structure = np.square(solved.loadings @ solved.phi).sum(axis=0)
        table["rotation_structure"] = np.concatenate([structure, np.full(p - k, np.nan)])
    return table


def _doubts(answers: Arrays, solved: Solution, communality: Floats, notes: dict[str, str]) -> list[str]:
    """What should not be trusted."""
    found: list[str] = []
    if not solved.plain.converged:
        found.append(
            Said(
                "the extraction did not converge; try another extraction or fewer factors",
                "提取未收敛；请换一种提取方法或减少因子数",
            )
        )
    if notes["extraction"] != "pc":
        bound = solved.plain.uniquenesses <= factor.LOWEST_UNIQUENESS * 1.01
        heywood = [answers.names[j] for j in np.flatnonzero(bound | (communality >= 1))]
        if heywood:
            who = ", ".join(heywood)
            found.append(
                Said(
                    f"{who}: communality at or above its bound (Heywood case); try fewer factors",
                    f"{who}：公因子方差达到或超过上限（Heywood 现象）；请减少因子数",
                )
            )
    p, k = solved.loadings.shape
    if notes["extraction"] != "pc" and (p - k) ** 2 < p + k:
        found.append(
            Said(
                f"{k} factors have more parameters than {p} items have correlations: other solutions fit as well",
                f"{k} 个因子的参数多于 {p} 个题项的相关系数：其他解拟合得同样好",
            )
        )
    return found
