"""Correlations of items or constructs, with means, standard deviations and the root AVE on the diagonal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from csi import blocks
from csi.analysis.describe import check_level
from csi.analysis.moments import weighted_moments
from csi.analysis.scores import scores
from csi.blocks import ModelLike, Scale
from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice, listing
from csi.numerics.multiplicity import adjust

ROW = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value")
STARS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


@dataclass(frozen=True, eq=False)
class Correlations:
    """Correlations as tables.

    Attributes
    ----------
    table : DataFrame
        One row a construct or item: `mean`, `sd`, then the lower triangle of the correlations; on the diagonal the
        root of the average variance extracted where it was given, else 1.
    matrix : DataFrame
        The full correlation matrix.
    pairs : DataFrame
        One row a pair: `estimate`, `std_error`, `conf_low`, `conf_high` (Fisher's z), `statistic` (t), `p_value`,
        `p_adjusted` (Holm), `n`.
    """

    table: pd.DataFrame
    matrix: pd.DataFrame
    pairs: pd.DataFrame

    def stars(self, digits: int = 3, adjusted: bool = False) -> pd.DataFrame:
        """Return the table as a thesis prints it: text with stars, * p < .05, ** p < .01, *** p < .001."""
        column = "p_adjusted" if adjusted else "p_value"
        text = self.table.map(lambda value: "" if np.isnan(value) else f"{value:.{digits}f}")
        for one, other in self.pairs.index:
            p_value = float(self.pairs.loc[(one, other), column])
            mark = next((stars for limit, stars in STARS if p_value < limit), "")
            text.loc[other, one] = f"{text.loc[other, one]}{mark}"
        return text

    def __repr__(self) -> str:
        return f"{self.stars().to_string()}\n* p < .05, ** p < .01, *** p < .001"


def correlations(
    data: Any,
    model: ModelLike = None,
    *,
    method: Literal["pearson", "spearman"] = "pearson",
    ave: Mapping[str, float] | pd.Series | None = None,
    design: Design | None = None,
    scale: Scale | None = None,
    confidence_level: float = 0.95,
) -> Correlations:
    """Correlate items, or the mean scores of constructs, pair by pair.

    Parameters
    ----------
    data : DataFrame
    model : Model, {construct: [columns]} or [columns], optional
        Constructs enter by the mean of their items, a list item by item.
    method : {"pearson", "spearman"}
    ave : {construct: average variance extracted}, optional
        Such as `fit.reliability()["ave"]`: its root stands on the diagonal (Fornell & Larcker 1981).
    design : Design, optional
        Case weights enter the correlations; p-values and intervals are those of a simple random sample.
    scale : (low, high), optional
        Scale of items that need turning and whose scale the model does not tell.
    confidence_level : float

    Returns
    -------
    Correlations

    Notes
    -----
    Available cases pair by pair. t = r sqrt((n - 2)/(1 - r^2)); interval tanh(atanh r +- z/sqrt(n - 3)); for
    Spearman's rho both are approximations.

    Examples
    --------
    >>> from csi import datasets
    >>> found = correlations(datasets.load("mobi"), ["CUSA1", "CUSA2", "CUSA3"])
    >>> print(found.stars(2).to_string())
           mean    sd    CUSA1    CUSA2 CUSA3
    item
    CUSA1  7.99  1.23     1.00
    CUSA2  7.13  1.77  0.54***     1.00
    CUSA3  7.32  1.75  0.49***  0.59***  1.00
    """
    check_level(confidence_level)
    check_choice(method, "method", ("pearson", "spearman"))
    answers = blocks.read(data, model, design=design, scale=scale)
    values, names, treatment = scores(answers)
    constant = [name for name, column in zip(names, values.T, strict=True) if not np.nanstd(column) > 0]
    if constant:
        problems = [f"{name!r} never varies; leave it out" for name in constant]
        raise DataError(listing(problems, "there are no correlations"))
    roots = _roots(ave, list(names))
    pairs = _pairs(values, answers.weights, method, confidence_level)
    matrix = np.eye(len(names))
    for (i, j), row in pairs.items():
        matrix[i, j] = matrix[j, i] = row["estimate"]
    table = np.where(np.tri(len(names), dtype=bool), matrix, np.nan)
    np.fill_diagonal(table, roots)
    shown = pd.DataFrame(table, names, list(names))
    moments = [_one(values[:, j], answers.weights) for j in range(len(names))]
    shown.insert(0, "mean", [mean for mean, _ in moments])
    shown.insert(1, "sd", [sd for _, sd in moments])
    tidy = _tidy(pairs, list(names))
    for each in (shown, tidy):
        each.attrs.update({**answers.note(f"{treatment}; correlations pair by pair"), "method": method})
    return Correlations(shown, pd.DataFrame(matrix, names, list(names)), tidy)


def _one(column: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of the answers given."""
    given = ~np.isnan(column)
    mean, cov = weighted_moments(column[given][:, None], w[given])
    return float(mean[0]), float(np.sqrt(cov[0, 0]))


def _roots(ave: Mapping[str, float] | pd.Series | None, names: list[str]) -> list[float]:
    """Diagonal of the table."""
    if ave is None:
        return [1.0] * len(names)
    given = dict(ave.items())
    without = [f"ave= does not name {name!r}" for name in names if name not in given]
    wrong = [f"ave of {name!r} is {given[name]!r}, outside 0 to 1" for name in names
             if name in given and not np.isnan(given[name]) and not 0 <= given[name] <= 1]  # fmt: skip
    if without or wrong:
        raise SettingsError(listing([*without, *wrong], "the diagonal cannot be filled"))
    return [float(np.sqrt(given[name])) for name in names]


def _pairs(values: np.ndarray, w: np.ndarray, method: str, level: float) -> dict[tuple[int, int], dict[str, float]]:
    """Every pair with its test and interval, from the cases that have both."""
    found = {}
    for i, j in combinations(range(values.shape[1]), 2):
        both = ~np.isnan(values[:, [i, j]]).any(axis=1)
        x = values[both][:, [i, j]]
        x = stats.rankdata(x, axis=0) if method == "spearman" else x
        found[i, j] = _pair(x, w[both], level)
    return found


def _pair(x: np.ndarray, w: np.ndarray, level: float) -> dict[str, float]:
    """One correlation; NaN with fewer than four cases or without variance."""
    n = len(x)
    if n < 4 or (np.ptp(x, axis=0) == 0).any():
        return dict.fromkeys(ROW, np.nan) | {"n": float(n)}
    cov = weighted_moments(x, w)[1]
    r = float(np.clip(cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1]), -1, 1))
    error = float(np.sqrt((1 - r**2) / (n - 2)))
    t = r / error if error > 1e-12 else float(np.copysign(np.inf, r))
    with np.errstate(divide="ignore"):
        centre, half = np.arctanh(r), stats.norm.ppf((1 + level) / 2) / np.sqrt(n - 3)
    ends = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    p_value = float(2 * stats.t.sf(abs(t), n - 2))
    return dict(zip(ROW, (r, error, *ends, t, p_value), strict=True)) | {"n": float(n)}


def _tidy(pairs: dict[tuple[int, int], dict[str, float]], names: list[str]) -> pd.DataFrame:
    """One row a pair."""
    table = pd.DataFrame(list(pairs.values()))
    labels = [(names[i], names[j]) for i, j in pairs]
    if not labels:
        raise DataError(f"{names[0]!r} alone has no correlations; name at least two")
    table.index = pd.MultiIndex.from_tuples(labels, names=["first", "second"])
    adjusted = adjust(table["p_value"].to_numpy(dtype=float), "holm")
    table.insert(list(table.columns).index("p_value") + 1, "p_adjusted", adjusted)
    table["n"] = table["n"].astype(int)
    return table
