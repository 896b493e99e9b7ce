"""Correlations of items or constructs, with means, standard deviations and the root AVE on the diagonal."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from csi import blocks
from csi.analysis.describe import check_level
from csi.analysis.moments import weighted_moments
from csi.analysis.scores import scores
from csi.blocks import Arrays, Group, ModelLike, Said, Scale, also
from csi.design import Design
from csi.display.chapter import Labels, Printed, StarredMatrix, printed
from csi.display.numbers import stars
from csi.display.table import Table
from csi.errors import DataError, NotAvailable, SettingsError, check_choice, listing
from csi.numerics.multiplicity import adjust

ROW = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value")


@dataclass(frozen=True, eq=False, repr=False)
class Correlations(Printed):
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
    groups : dict
        With `by=` the correlations of every group; the tables then have the group as first row level.

    Examples
    --------
    >>> import csi
    >>> found = csi.analysis.correlations(csi.datasets.load("mobi"), ["CUSA1", "CUSA2"])
    >>> print(found.stars(2).to_string())
           mean    sd    CUSA1 CUSA2
    item
    CUSA1  7.99  1.23     1.00
    CUSA2  7.13  1.77  0.54***  1.00
    """

    table: pd.DataFrame
    matrix: pd.DataFrame
    pairs: pd.DataFrame
    groups: Mapping[Hashable, Correlations] = field(default_factory=dict)

    def stars(self, digits: int = 3, adjusted: bool = False) -> pd.DataFrame:
        """Return the table as a thesis prints it: text with stars, * p < .05, ** p < .01, *** p < .001."""
        text = self.table.map(lambda value: "" if np.isnan(value) else f"{value:.{digits}f}")
        marks = self._p_values(adjusted).map(stars)
        return text + marks.reindex(columns=text.columns, fill_value="")

    def tables(self, labels: Labels = None, adjusted: bool = False) -> tuple[Table, ...]:
        """Return the correlation matrix with stars; `adjusted` takes p-values corrected for their number (Holm)."""
        notes = self.table.attrs
        told = [notes[name] for name in ("missing", "weights", "design", "diagonal") if name in notes]
        plain = printed(self.table, title=_TITLES[notes["method"]], labels=labels, notes=told)
        shared = {name: getattr(plain, name) for name in ("title", "notes", "labels", "decimals", "kinds")}
        return (StarredMatrix(self.table, **shared, p_values=self._p_values(adjusted)),)

    def _p_values(self, adjusted: bool) -> pd.DataFrame:
        """p-values at the places of the lower triangle."""
        if self.groups:
            return pd.concat([each._p_values(adjusted) for each in self.groups.values()]).set_axis(self.table.index)
        column = "p_adjusted" if adjusted else "p_value"
        found = pd.DataFrame(np.nan, self.table.index, self.matrix.columns)
        pairs: list[Any] = list(self.pairs.index)
        for (one, other), p_value in zip(pairs, self.pairs[column], strict=True):
            found.loc[other, one] = p_value
        return found


def correlations(
    data: Any,
    model: ModelLike = None,
    *,
    method: Literal["pearson", "spearman"] = "pearson",
    ave: Mapping[str, float] | pd.Series | None = None,
    by: str | Sequence[str] | None = None,
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
    by : str or list of str, optional
        Columns that divide the respondents; their values are the first row levels.
    design : Design, optional
        Weights, strata and clusters, or replicate weights: standard errors are linearized (see Notes).
    scale : (low, high), optional
        Scale of items that need turning and whose scale the model does not tell.
    confidence_level : float

    Returns
    -------
    Correlations

    Notes
    -----
    Available cases pair by pair. t = r sqrt((n - 2)/(1 - r^2)); interval tanh(atanh r +- z/sqrt(n - 3)); for
    Spearman's rho both are approximations. Under a design the influence of a case on r is w (a b - r (a^2 + b^2)/2)
    with a, b its standardized answers; t = r/se with the design's degrees of freedom, interval
    tanh(atanh r +- t se/(1 - r^2)). Rank correlations have no such theory here and are refused under a design.

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
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    if method == "spearman" and not answers.simple:
        raise NotAvailable("rank correlations have no standard error under a design; use method='pearson'")
    values, names, treatment = scores(answers)
    if len(names) < 2:
        raise DataError(f"{names[0]!r} alone has no correlations; name at least two")
    roots = _roots(ave, list(names))
    notes = {**answers.note(also(treatment, _PAIRWISE)), "method": method, "confidence_level": confidence_level}
    notes |= {} if ave is None else {"diagonal": _DIAGONAL}

    def of_group(group: Group) -> Correlations:
        found = _correlated(answers, group, values, names, method, confidence_level, roots)
        for table in (found.table, found.pairs):
            table.attrs.update(notes)
        return found

    return blocks.each_group(answers, of_group)


_PAIRWISE = Said("correlations pair by pair", "相关系数按成对可用样本计算")
_DIAGONAL = Said(
    "on the diagonal: root of the average variance extracted (AVE)", "对角线为平均方差抽取量（AVE）的平方根"
)
_TITLES = {
    "pearson": Said("Means, standard deviations and correlations", "均值、标准差与相关系数矩阵"),
    "spearman": Said("Means, standard deviations and rank correlations", "均值、标准差与 Spearman 秩相关系数矩阵"),
}


def _correlated(
    answers: Arrays,
    group: Group,
    values: np.ndarray,
    names: pd.Index,
    method: str,
    level: float,
    roots: list[float],
) -> Correlations:
    """Correlations in one group."""
    x, w = values[group.inside], answers.weights[group.inside]
    constant = [name for name, column in zip(names, x.T, strict=True) if len(np.unique(column[~np.isnan(column)])) < 2]
    if constant:
        problems = [f"{name!r} never varies{answers.where(group)}; leave it out" for name in constant]
        raise DataError(listing(problems, "there are no correlations"))
    pairs = {}
    for i, j in combinations(range(len(names)), 2):
        if answers.simple:
            pairs[i, j] = _pair(x[:, [i, j]], w, method, level)
        else:
            pairs[i, j] = _design_pair(answers, group, values[:, [i, j]], level)
    matrix = np.eye(len(names))
    for (i, j), row in pairs.items():
        matrix[i, j] = matrix[j, i] = row["estimate"]
    table = np.where(np.tri(len(names), dtype=bool), matrix, np.nan)
    np.fill_diagonal(table, roots)
    shown = pd.DataFrame(table, names, list(names))
    moments = [_one(x[:, j], w) for j in range(len(names))]
    shown.insert(0, "mean", [mean for mean, _ in moments])
    shown.insert(1, "sd", [sd for _, sd in moments])
    return Correlations(shown, pd.DataFrame(matrix, names, list(names)), _tidy(pairs, list(names)))


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


def _pair(x: np.ndarray, w: np.ndarray, method: str, level: float) -> dict[str, float]:
    """One correlation from the cases that have both; NaN with fewer than four or without variance."""
    both = ~np.isnan(x).any(axis=1)
    x, w, n = x[both], w[both], int(both.sum())
    if n < 4 or (np.ptp(x, axis=0) == 0).any():
        return dict.fromkeys(ROW, np.nan) | {"n": float(n)}
    r = _r(stats.rankdata(x, axis=0) if method == "spearman" else x, w)[0]
    error = float(np.sqrt((1 - r**2) / (n - 2)))
    t = r / error if error > 1e-12 else float(np.copysign(np.inf, r))
    with np.errstate(divide="ignore"):
        centre, half = np.arctanh(r), stats.norm.ppf((1 + level) / 2) / np.sqrt(n - 3)
    ends = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    p_value = float(2 * stats.t.sf(abs(t), n - 2))
    return dict(zip(ROW, (r, error, *ends, t, p_value), strict=True)) | {"n": float(n)}


def _r(x: np.ndarray, w: np.ndarray) -> tuple[float, np.ndarray]:
    """Weighted correlation of two columns, and their standardized answers (n, 2)."""
    mean, cov = weighted_moments(x, w)
    sd = np.sqrt(np.diag(cov))
    return float(np.clip(cov[0, 1] / (sd[0] * sd[1]), -1, 1)), (x - mean) / sd


def _design_pair(answers: Arrays, group: Group, x: np.ndarray, level: float) -> dict[str, float]:
    """One correlation with its linearized standard error."""
    both = np.asarray(group.inside & ~np.isnan(x).any(axis=1))
    n = int(both.sum())
    if n < 4 or (np.ptp(x[both], axis=0) == 0).any():
        return dict.fromkeys(ROW, np.nan) | {"n": float(n)}
    w = answers.weights[both]
    r, z = _r(x[both], w)
    influence = np.zeros((len(x), 1))
    influence[both, 0] = w / w.sum() * (z[:, 0] * z[:, 1] - r * np.square(z).sum(axis=1) / 2)
    cov, df = answers.covariance(influence, both[:, None])
    error = float(np.sqrt(cov[0, 0]))
    if not (error > 1e-12 and df > 0):
        return dict.fromkeys(ROW, np.nan) | {"estimate": r, "n": float(n)}
    half = stats.t.ppf((1 + level) / 2, df) * error / (1 - r**2)
    ends = float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))
    row = (r, error, *ends, r / error, float(2 * stats.t.sf(abs(r / error), df)))
    return dict(zip(ROW, row, strict=True)) | {"n": float(n)}


def _tidy(pairs: dict[tuple[int, int], dict[str, float]], names: list[str]) -> pd.DataFrame:
    """One row a pair."""
    table = pd.DataFrame(list(pairs.values()))
    labels = [(names[i], names[j]) for i, j in pairs]
    table.index = pd.MultiIndex.from_tuples(labels, names=["first", "second"])
    adjusted = adjust(table["p_value"].to_numpy(dtype=float), "holm")
    table.insert(list(table.columns).index("p_value") + 1, "p_adjusted", adjusted)
    table["n"] = table["n"].astype(int)
    return table
