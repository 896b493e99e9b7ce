"""Exploratory factor analysis: how many factors, which items belong to which, and how much they explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import blocks
from csi.analysis.adequacy import sound_correlation
from csi.analysis.factor_count import scree, suggested_counts
from csi.analysis.moments import Missing, moments
from csi.blocks import Answers, ModelLike, Scale
from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice
from csi.numerics import factor, rotation
from csi.numerics.adequacy import ChiSquare

Floats = NDArray[np.float64]
Extraction = Literal["ml", "pa", "minres", "pc"]
Rotate = Literal["varimax", "promax", "oblimin", "quartimax", "none"]
Convention = Literal["psych", "factanal", "spss"]
HowMany = Literal["kaiser", "parallel"]

STRICT = 1e-14
"""Stopping rule of the convention without a published program to agree with to the last digit."""


@dataclass(frozen=True, eq=False)
class EFA:
    """A factor solution as tables; printed as SPSS prints it.

    Attributes
    ----------
    loadings : DataFrame (items, factors)
        Rotated loadings (pattern), factors by variance explained, each with a positive sum.
    structure : DataFrame (items, factors)
        Correlations of items with factors; the loadings themselves after an orthogonal rotation.
    correlations : DataFrame (factors, factors)
        Correlations of the factors.
    communalities : DataFrame
        `initial` (squared multiple correlation; 1 for principal components) and `extraction`.
    variance : DataFrame
        Total variance explained, one row a component: `initial`, `extraction` and `rotation` sums of squares,
        each with its `_share` of the number of items and its `_cumulative` share. After an oblique rotation
        `rotation` counts each factor's part of the communality (the parts add up, as in psych) and
        `rotation_structure` the squared structure coefficients (SPSS; they do not add up).
    eigenvalues : DataFrame
        `eigenvalue` beside `random_mean` and `random_limit` (95th percentile) of unrelated answers.
    goodness : Series
        `statistic`, `df`, `p_value` of the test that so many factors suffice, `rms` of the residuals.
    suggested : Series
        Number of factors by `kaiser` (eigenvalues above 1), `parallel` and `elbow` (sharpest bend of the scree).
    n : float
    doubts : tuple of str
    """

    loadings: pd.DataFrame
    structure: pd.DataFrame
    correlations: pd.DataFrame
    communalities: pd.DataFrame
    variance: pd.DataFrame
    eigenvalues: pd.DataFrame
    goodness: pd.Series
    suggested: pd.Series
    n: float
    doubts: tuple[str, ...]

    @property
    def uniquenesses(self) -> pd.Series:
        """What the factors leave unexplained of each item."""
        unexplained: pd.Series = (1 - self.communalities["extraction"]).rename("uniqueness")
        return unexplained

    def sorted(self, blank: float = 0.4) -> pd.DataFrame:
        """Return the loadings by factor and size, those below `blank` in absolute value left out (NaN).

        Every item stands under the factor of its largest loading, as SPSS sorts by size.
        """
        size = self.loadings.abs().to_numpy()
        main = size.argmax(axis=1)
        order = np.lexsort((-size.max(axis=1), main))
        return self.loadings.iloc[order].where(self.loadings.iloc[order].abs() >= blank)

    def __repr__(self) -> str:
        doubts = "".join(f"! {doubt}\n" for doubt in self.doubts)
        note = self.loadings.attrs
        head = f"{note['extraction']}, {note['rotation']}; n = {self.n:g}; {note['missing']}"
        tables = (
            ("How many factors", self.suggested.to_frame().T),
            ("Communalities", self.communalities),
            ("Total variance explained", self.variance.dropna(axis=1, how="all")),
            ("Rotated loadings (below .4 left out)", self.sorted()),
            *((("Factor correlations", self.correlations),) if note["rotation"] in {"promax", "oblimin"} else ()),
        )
        parts = [f"{title}\n{table.round(3).to_string(na_rep='')}" for title, table in tables]
        return doubts + "\n\n".join([head, *parts])


class _Solution(NamedTuple):
    """Sorted, signed loadings with the correlations of the factors."""

    loadings: Floats
    phi: Floats
    plain: factor.Extraction


def efa(
    data: Any,
    n_factors: int | HowMany = "kaiser",
    *,
    model: ModelLike = None,
    extraction: Extraction = "ml",
    rotation: Rotate = "varimax",
    convention: Convention = "psych",
    missing: Missing = "listwise",
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
    design : Design, optional
        Case weights enter the correlations; the chi-square remains that of a simple random sample.
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
    answers = blocks.read(data, model, design=design, scale=scale)
    every = tuple(range(len(answers.names)))
    found = moments(answers, answers.groups[0], every, missing)
    corr = sound_correlation(answers, every, found)
    values = scree(corr, found.n, n_resamples, np.random.default_rng(rng))
    suggested = suggested_counts(values)
    k = _how_many(n_factors, suggested, len(corr), extraction)
    solved = _solve(corr, k, extraction, rotation, convention)
    words = {"extraction": extraction, "rotation": rotation if k > 1 else "none", "convention": convention}
    notes = {**answers.note(found.treatment), **words}
    return _result(answers, corr, solved, values, suggested, found.n, notes)


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


def _extract(corr: Floats, k: int, extraction: str, convention: str) -> factor.Extraction:
    """Unrotated solution."""
    if extraction == "pc":
        return factor.principal_components(corr, k)
    if extraction == "pa":
        return factor.principal_axes(corr, k)
    start = factor.smallest_uniquenesses(corr) * (1 - 0.5 * k / len(corr) if convention == "factanal" else 1)
    tolerance = STRICT if convention == "spss" else factor.R_TOLERANCE
    search = factor.maximum_likelihood if extraction == "ml" else factor.minimum_residuals
    return search(corr, k, start, tolerance)


def _rotate(loadings: Floats, rotate: str, convention: str) -> rotation.Rotation:
    """Rotated solution, columns in any order."""
    tolerance = 1e-10 if convention == "spss" else rotation.R_TOLERANCE
    if rotate == "varimax":
        return rotation.varimax(loadings, tolerance)
    if rotate == "promax":
        return rotation.promax(loadings, normalize=convention != "factanal", tolerance=tolerance)
    if rotate == "oblimin":
        return rotation.oblimin(loadings, normalize=convention == "spss", tolerance=tolerance)
    if rotate == "quartimax":
        return rotation.quartimax(loadings, tolerance)
    return rotation.Rotation(loadings, np.eye(loadings.shape[1]))


def _solve(corr: Floats, k: int, extraction: str, rotate: str, convention: str) -> _Solution:
    """Extract, rotate, sort the factors by the variance they explain, and give each a positive sum."""
    plain = _extract(corr, k, extraction, convention)
    # Signs before the rotation are a matter of the eigenvector routine; a positive sum makes them ours.
    signs = np.where(plain.loadings.sum(axis=0) < 0, -1.0, 1.0)
    turned = _rotate(plain.loadings * signs, rotate, convention)
    order = np.argsort(-_explained(turned.loadings, turned.correlations), kind="stable")
    loadings, phi = turned.loadings[:, order], turned.correlations[np.ix_(order, order)]
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    return _Solution(loadings * signs, phi * np.outer(signs, signs), plain)


def _explained(loadings: Floats, phi: Floats) -> Floats:
    """Variance of all items that each factor explains; over the factors it adds up to the communality, (k,)."""
    explained: Floats = np.diag(phi @ loadings.T @ loadings).copy()
    return explained


def _result(
    answers: Answers,
    corr: Floats,
    solved: _Solution,
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


def _variance(eigenvalues: Floats, solved: _Solution, rotate: str) -> pd.DataFrame:
    """Total variance explained: initial, extraction and rotation."""
    p, k = solved.loadings.shape
    plain = np.sort(np.square(solved.plain.loadings).sum(axis=0))[::-1]
    sums = {"initial": eigenvalues, "extraction": plain}
    if rotate != "none":
        sums["rotation"] = _explained(solved.loadings, solved.phi)
    table = pd.DataFrame(index=pd.RangeIndex(1, p + 1, name="component"))
    for name, values in sums.items():
        column = np.concatenate([values, np.full(p - len(values), np.nan)])
        table[name], table[f"{name}_share"] = column, column / p
        table[f"{name}_cumulative"] = np.cumsum(column) / p
    if rotate in {"promax", "oblimin"}:
        structure = np.square(solved.loadings @ solved.phi).sum(axis=0)
        table["rotation_structure"] = np.concatenate([structure, np.full(p - k, np.nan)])
    return table


def _doubts(answers: Answers, solved: _Solution, communality: Floats, notes: dict[str, str]) -> list[str]:
    """What should not be trusted."""
    found = []
    if not solved.plain.converged:
        found.append("the extraction did not converge; try another extraction or fewer factors")
    if notes["extraction"] != "pc":
        bound = solved.plain.uniquenesses <= factor.LOWEST_UNIQUENESS * 1.01
        heywood = [answers.names[j] for j in np.flatnonzero(bound | (communality >= 1))]
        if heywood:
            found.append(f"{', '.join(heywood)}: communality at or above its bound (Heywood case); try fewer factors")
    p, k = solved.loadings.shape
    if notes["extraction"] != "pc" and (p - k) ** 2 < p + k:
        found.append(f"{k} factors have more parameters than {p} items have correlations: other solutions fit as well")
    return found
