"""Regression of an outcome on predictors, all at once or block after block, with collinearity statistics."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.analysis.describe import check_level
from csi.analysis.moments import listwise, weighted_moments
from csi.blocks import Arrays, Group, Said
from csi.design import Design
from csi.display.chapter import Labels, Printed, printed
from csi.display.table import Table
from csi.errors import DataError, SettingsError, check_choice, listing
from csi.numerics.least_squares import classical, hc3, influences, least_squares

Floats = NDArray[np.float64]
Errors = Literal["classical", "hc3"]


_TITLES = Said("Model summary", "模型摘要"), Said("Regression coefficients", "回归系数")
_ERRORS = {
    "classical": Said("standard errors for equal variances", "标准误：同方差"),
    "hc3": Said(
        "standard errors robust against unequal variances (HC3); F tests are Wald",
        "标准误：异方差稳健（HC3）；F 为 Wald 检验",
    ),
}


@dataclass(frozen=True, eq=False, repr=False)
class Regression(Printed):
    """Regression tables.

    Attributes
    ----------
    coefficients : DataFrame
        Rows (step, term): `estimate`, `std_error`, `conf_low`, `conf_high`, `statistic` (t), `p_value`, `beta`
        (standardized), `vif`, `tolerance`.
    steps : DataFrame
        One row a step: `r2`, `r2_adjusted`, `statistic` (F of the model), `df`, `df2`, `p_value`, and the change
        against the step before: `r2_change`, `f_change`, `p_change`; `n`.
    groups : dict
        With `by=` the regression of every group; the tables then have the group as first row level.

    Examples
    --------
    >>> import csi
    >>> found = csi.analysis.regression(csi.datasets.load("mobi"), "CUSA3", ["PERQ1", "PERV2"])
    >>> found.steps["r2"].round(3).tolist()
    [0.437]
    """

    coefficients: pd.DataFrame
    steps: pd.DataFrame
    groups: Mapping[Hashable, Regression] = field(default_factory=dict)

    def tables(self, labels: Labels = None) -> tuple[Table, ...]:
        """Return the model summary and the coefficients with stars."""
        steps = self.steps.rename(columns={"statistic": "f"})
        if steps["r2_change"].isna().all():
            steps = steps.drop(columns=["r2_change", "f_change", "p_change"])
        return (
            printed(steps, title=_TITLES[0], labels=labels),
            printed(self.coefficients, title=_TITLES[1], labels=labels, starred="estimate"),
        )


def regression(
    data: Any,
    outcome: str,
    predictors: Sequence[str] | Sequence[Sequence[str]],
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    errors: Errors = "classical",
    confidence_level: float = 0.95,
) -> Regression:
    """Regress an outcome on predictors: a list enters at once, a list of lists block after block (hierarchical).

    Parameters
    ----------
    data : DataFrame
    outcome : str
    predictors : list of str, or list of lists of str
        Columns of numbers; make dummies of categories first (`pandas.get_dummies`).
    by : str or list of str, optional
        Columns that divide the respondents; their values are the first row levels.
    design : Design, optional
        Weights, strata and clusters: weighted least squares with linearized standard errors; F tests are Wald.
    errors : {"classical", "hc3"}
        Standard errors without a design: equal variances, or robust against unequal ones [MacKinnon & White 1985].
    confidence_level : float

    Returns
    -------
    Regression

    Raises
    ------
    DataError
        Where a predictor never varies, predictors repeat each other, or cases are too few.

    Notes
    -----
    Listwise over outcome and all predictors, so that the steps share their cases.

    Examples
    --------
    >>> from csi import datasets
    >>> found = regression(datasets.load("mobi"), "CUSA3", [["PERQ1"], ["PERV2"]])
    >>> found.steps[["r2", "r2_change"]].round(3).to_numpy().tolist()
    [[0.287, nan], [0.437, 0.15]]
    """
    check_level(confidence_level)
    check_choice(errors, "errors", ("classical", "hc3"))
    steps = _steps(outcome, predictors)
    names = [name for step in steps for name in step]
    answers = blocks.read(data, [outcome, *names], by=by, design=design)
    return blocks.each_group(answers, lambda group: _regressed(answers, group, steps, errors, confidence_level))


def _regressed(answers: Arrays, group: Group, steps: list[list[str]], errors: Errors, level: float) -> Regression:
    """Regression of every step in one group."""
    names = [name for step in steps for name in step]
    kept = np.asarray(group.inside & ~np.isnan(answers.values).any(axis=1))
    x, y, w = answers.values[kept][:, 1:], answers.values[kept][:, 0], answers.weights[kept]
    _check(x, y, names)
    tables, rows, before, size = [], [], None, 0
    for step in steps:
        size += len(step)
        fit = _Fit(answers, kept, x[:, :size], y, w, errors)
        tables.append(fit.table(["constant", *names[:size]], level))
        rows.append(fit.row(before))
        before = fit
    index = pd.RangeIndex(1, len(steps) + 1, name="step")
    coefficients = pd.concat(tables, keys=list(index), names=["step", "term"])
    summary = pd.DataFrame(rows, index=index)
    notes = answers.note(listwise(len(y), int(group.inside.sum())))
    notes |= {"confidence_level": level, **({"error": _ERRORS[errors]} if answers.simple else {})}
    for table in (coefficients, summary):
        table.attrs.update(notes)
    return Regression(coefficients, summary)


def _steps(outcome: str, predictors: Sequence[Any]) -> list[list[str]]:
    """Predictors of every step, each named once."""
    steps = [[str(p) for p in each] for each in predictors if not isinstance(each, str)]
    if not steps:
        steps = [[str(p) for p in predictors]]
    elif len(steps) != len(predictors):
        raise SettingsError("predictors= is a list of columns or a list of lists, not a mixture")
    names = [name for step in steps for name in step]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names or outcome in names or not all(steps):
        raise SettingsError(
            f"every step names at least one predictor, each once, and not the outcome {outcome!r}; not {steps!r}"
        )
    return steps


def _check(x: Floats, y: Floats, names: list[str]) -> None:
    """Refuse what has no unique solution."""
    n, k = x.shape
    if n < k + 2:
        raise DataError(f"{n} complete cases for {k} predictors; at least {k + 2} are needed")
    problems = [f"{name!r} never varies; leave it out" for name, c in zip(names, x.T, strict=True) if np.ptp(c) == 0]
    if np.ptp(y) == 0:
        problems.append("the outcome never varies")
    if not problems:
        corr = np.corrcoef(x.T).reshape(k, k)
        same = [(i, j) for i in range(k) for j in range(i) if abs(corr[i, j]) > 1 - 1e-12]
        twins = [f"{names[i]!r} repeats {names[j]!r}" for i, j in same]
        problems += twins
        if not twins and np.linalg.eigvalsh(corr)[0] < 1e-12:
            problems.append("a predictor is a sum of the others (all dummies of one question?); leave one out")
    if problems:
        raise DataError(listing(problems, "the regression has no solution"))


class _Fit:
    """One step: weighted least squares and its covariance."""

    def __init__(self, answers: Arrays, kept: NDArray[np.bool_], x: Floats, y: Floats, w: Floats, errors: str) -> None:
        self.x, self.y, self.w = x, y, w
        self.n, self.k = x.shape
        full = np.column_stack([np.ones(self.n), x])
        found = least_squares(full, y, w)
        self.b, self.r2 = found.coefficients, found.r2
        self.df: float = self.n - self.k - 1
        if not answers.simple:
            influence = np.zeros((len(kept), full.shape[1]))
            influence[kept] = influences(found, full, w)
            self.cov, self.df = answers.covariance(influence, np.broadcast_to(kept[:, None], influence.shape))
        else:
            self.cov = hc3(found, full) if errors == "hc3" else classical(found, w)
        self.wald = not answers.simple or errors != "classical"

    def table(self, names: list[str], level: float) -> pd.DataFrame:
        """Coefficients of the step."""
        error = np.sqrt(np.diag(self.cov))
        margin, t = stats.t.ppf((1 + level) / 2, self.df) * error, self.b / error
        cov = weighted_moments(np.column_stack([self.y, self.x]), self.w)[1]
        sd = np.sqrt(np.diag(cov))
        vif = np.diag(np.linalg.inv((cov / np.outer(sd, sd))[1:, 1:]))
        columns = {"estimate": self.b, "std_error": error, "conf_low": self.b - margin, "conf_high": self.b + margin,
                   "statistic": t, "p_value": 2 * stats.t.sf(np.abs(t), self.df),
                   "beta": np.r_[np.nan, self.b[1:] * sd[1:] / sd[0]],
                   "vif": np.r_[np.nan, vif], "tolerance": np.r_[np.nan, 1 / vif]}  # fmt: skip
        return pd.DataFrame(columns, index=pd.Index(names, name="term"))

    def row(self, before: _Fit | None) -> dict[str, float]:
        """Summary of the step, and what it adds to the one before."""
        f, p_value = self._f(np.arange(1, self.k + 1))
        row = {"r2": self.r2, "r2_adjusted": 1 - (1 - self.r2) * (self.n - 1) / (self.n - self.k - 1),
               "statistic": f, "df": float(self.k), "df2": self.df, "p_value": p_value}  # fmt: skip
        change = dict.fromkeys(["r2_change", "f_change", "p_change"], np.nan)
        if before is not None:
            f, p_value = self._f(np.arange(before.k + 1, self.k + 1), before.r2)
            change = {"r2_change": self.r2 - before.r2, "f_change": f, "p_change": p_value}
        return {**row, **change, "n": self.n}

    def _f(self, terms: NDArray[np.intp], r2: float = 0.0) -> tuple[float, float]:
        """F test that some terms are zero; Wald where errors are robust or linearized."""
        q = len(terms)
        if self.wald:
            block = self.cov[np.ix_(terms, terms)]
            f = float(self.b[terms] @ np.linalg.solve(block, self.b[terms])) / q
        else:
            f = (self.r2 - r2) / q / ((1 - self.r2) / self.df) if self.r2 < 1 else np.inf
        return f, float(stats.f.sf(f, q, self.df))
