"""Design-based estimates: means, totals, ratios and proportions, whole or by domain, with honest standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta, t

from csi.design import Design
from csi.errors import DataError, check_choice
from csi.sampling.drawn import Drawn, drawn
from csi.sampling.estimating import Around, Estimated, Rng, Setting, Variance, by_domain, domains, estimate
from csi.sampling.weights import Weights

Floats = NDArray[np.float64]
ProportionInterval = Literal["logit", "beta", "t"]


def mean(
    data: Any,
    variables: str | Sequence[str],
    design: Design | None = None,
    *,
    by: str | list[str] | None = None,
    calibration: Weights | None = None,
    variance: Variance | None = None,
    n_resamples: int = 1000,
    rng: Rng = None,
    around: Around = "estimate",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Design-based mean of one or several columns, of the whole population or of domains.

    Parameters
    ----------
    data : DataFrame
        One row a respondent: the whole sample, also where only domains matter.
    variables : str or list of str
        Columns of numbers; a blank is left out of its variable (the cases used are counted in `n`).
    design : Design, optional
        Names of the columns that say how the respondents were drawn. Without it: a simple random sample.
    by : str or list of str, optional
        Column(s) of domains. The rest of the sample keeps its part in the variance.
    calibration : Weights, optional
        Result of `rake`, `poststratify`, `calibrate`, `nonresponse` or `trim` on the same rows. Its weights are
        used; linearization takes out what they hold fixed, and replicates redo every step.
    variance : {"taylor", "jackknife", "bootstrap"}, optional
        Linearization (default), JK1/JKn, or the Rao-Wu bootstrap. With `Design(replicates=)` its own replicates.
    n_resamples : int
        Bootstrap replicates.
    rng : int, optional
        Seed of the bootstrap.
    around : {"estimate", "mean"}
        Centre of the replicate variance: the estimate, or the mean of the replicates (R's default, `mse=FALSE`).
    confidence_level : float
        Of the t intervals with the design's degrees of freedom (clusters minus strata that the domain touches).

    Returns
    -------
    DataFrame
        Rows by domain and variable; columns `estimate`, `std_error`, `conf_low`, `conf_high`, `deff` (against a
        simple random sample of the same size, without replacement where the weights are at least 1 and so count the
        population, with replacement otherwise), `df`, `n`.

    Raises
    ------
    DataError
        For missing columns, weights that are blank or negative, single-cluster strata without a remedy.

    Notes
    -----
    Ratio of two weighted totals, linearized [Binder 1983]; see `csi.numerics.survey`.

    Examples
    --------
    >>> answers = pd.DataFrame({"score": [60.0, 70, 80, 90], "region": ["n", "n", "s", "s"], "w": [1.0, 1, 2, 2]})
    >>> mean(answers, "score", Design(weight="w", stratum="region"))[["estimate", "std_error"]].round(4)
              estimate  std_error
    variable
    score      78.3333     3.7268
    """
    setting = Setting(variance, n_resamples, rng, around, confidence_level)
    sample = drawn(data, design)
    names = [variables] if isinstance(variables, str) else list(variables)
    values = np.column_stack([sample.column(name) for name in names])
    return _by(sample, by, values, np.ones_like(values), names, calibration, setting)


def total(
    data: Any,
    variables: str | Sequence[str],
    design: Design | None = None,
    *,
    by: str | list[str] | None = None,
    calibration: Weights | None = None,
    variance: Variance | None = None,
    n_resamples: int = 1000,
    rng: Rng = None,
    around: Around = "estimate",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Design-based total of one or several columns; the weights must sum to the population.

    Parameters, columns and errors are those of `mean`.

    Examples
    --------
    >>> answers = pd.DataFrame({"calls": [1.0, 2, 3, 4], "w": [10.0, 10, 10, 10]})
    >>> total(answers, "calls", Design(weight="w"))["estimate"].tolist()
    [100.0]
    """
    setting = Setting(variance, n_resamples, rng, around, confidence_level)
    sample = drawn(data, design)
    names = [variables] if isinstance(variables, str) else list(variables)
    values = np.column_stack([sample.column(name) for name in names])
    return _by(sample, by, values, None, names, calibration, setting)


def ratio(
    data: Any,
    numerator: str,
    denominator: str,
    design: Design | None = None,
    *,
    by: str | list[str] | None = None,
    calibration: Weights | None = None,
    variance: Variance | None = None,
    n_resamples: int = 1000,
    rng: Rng = None,
    around: Around = "estimate",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Design-based ratio of two totals, such as complaints per customer.

    Parameters, columns and errors are those of `mean`; a row is left out where either column is blank.

    Examples
    --------
    >>> answers = pd.DataFrame({"complaints": [0.0, 1, 1, 2], "contacts": [2.0, 3, 4, 3]})
    >>> round(float(ratio(answers, "complaints", "contacts")["estimate"].iloc[0]), 4)
    0.3333
    """
    setting = Setting(variance, n_resamples, rng, around, confidence_level)
    sample = drawn(data, design)
    above, below = sample.column(numerator)[:, None], sample.column(denominator)[:, None]
    above = np.where(np.isnan(below), np.nan, above)
    return _by(sample, by, above, below, [f"{numerator} / {denominator}"], calibration, setting)


def proportion(
    data: Any,
    variable: str,
    design: Design | None = None,
    *,
    by: str | list[str] | None = None,
    calibration: Weights | None = None,
    variance: Variance | None = None,
    n_resamples: int = 1000,
    rng: Rng = None,
    around: Around = "estimate",
    confidence_level: float = 0.95,
    interval: ProportionInterval = "logit",
) -> pd.DataFrame:
    """Design-based share of every category of a column.

    Parameters
    ----------
    interval : {"logit", "beta", "t"}
        Interval on the logit scale (never beyond 0 and 1; NaN where the share is 0 or 1), the Clopper-Pearson
        interval at the effective sample size [Korn & Graubard 1998], or the plain t interval.

    The other parameters, the columns and the errors are those of `mean`; rows are (domain,) variable and category.

    Examples
    --------
    >>> answers = pd.DataFrame({"satisfied": ["yes", "yes", "yes", "no"]})
    >>> proportion(answers, "satisfied")["estimate"].tolist()
    [0.25, 0.75]
    """
    check_choice(interval, "interval", ("logit", "beta", "t"))
    setting = Setting(variance, n_resamples, rng, around, confidence_level)
    sample = drawn(data, design)
    codes, labels = sample.classes(variable)
    if not labels:
        raise DataError(f"variable {variable!r} has no answers")
    shares = np.where((codes < 0)[:, None], np.nan, np.eye(len(labels))[codes])
    rows = [(variable, label) for label in labels]
    parts = []
    for groups in domains(sample.groups(by), len(rows)):
        columns = by_domain(groups, shares, np.ones_like(shares), rows, ["variable", "category"])
        found = estimate(sample, columns, calibration, setting)
        table = table_of(found, setting)
        if interval != "t":
            limits = _logit if interval == "logit" else _korn_graubard
            table["conf_low"], table["conf_high"] = limits(found, setting.confidence_level, len(sample.weights))
        parts.append(table)
    return pd.concat(parts)


def _by(
    sample: Drawn,
    by: str | list[str] | None,
    numerator: Floats,
    denominator: Floats | None,
    rows: list[str],
    calibration: Weights | None,
    setting: Setting,
) -> pd.DataFrame:
    """The table of all domains."""
    parts = domains(sample.groups(by), len(rows))
    columns = (by_domain(groups, numerator, denominator, rows, ["variable"]) for groups in parts)
    return pd.concat([table_of(estimate(sample, part, calibration, setting), setting) for part in columns])


def table_of(found: Estimated, setting: Setting) -> pd.DataFrame:
    """The common columns."""
    error = found.std_error
    half = _t_quantile(setting.confidence_level, found.df) * error
    table = {
        "estimate": found.estimate,
        "std_error": error,
        "conf_low": found.estimate - half,
        "conf_high": found.estimate + half,
        "deff": found.deff,
        "df": found.df,
        "n": found.n,
    }
    return pd.DataFrame(table, index=found.columns.labels)


def _t_quantile(confidence_level: float, df: Floats) -> Floats:
    """Two-sided t quantile; NaN where no degree of freedom is left."""
    return np.asarray(t.ppf((1 + confidence_level) / 2, np.where(df > 0, df, np.nan)), dtype=float)


def _logit(found: Estimated, confidence_level: float, n: int) -> tuple[Floats, Floats]:
    """Interval of a share on the logit scale."""
    p = np.where((found.estimate > 0) & (found.estimate < 1), found.estimate, np.nan)
    odds = np.log(p / (1 - p))
    half = _t_quantile(confidence_level, found.df) * found.std_error / (p * (1 - p))
    return 1 / (1 + np.exp(half - odds)), 1 / (1 + np.exp(-odds - half))


def _korn_graubard(found: Estimated, confidence_level: float, n: int) -> tuple[Floats, Floats]:
    """Clopper-Pearson interval at the effective sample size, corrected for the degrees of freedom."""
    p, variance = found.estimate, found.std_error**2
    size = np.divide(p * (1 - p), variance, out=np.full(len(p), np.nan), where=variance > 0)
    simple = _t_quantile(confidence_level, np.array([n - 1.0]))
    size = size * (simple / _t_quantile(confidence_level, found.df)) ** 2
    tail = (1 - confidence_level) / 2
    return beta.ppf(tail, size * p, size * (1 - p) + 1), beta.ppf(1 - tail, size * p + 1, size * (1 - p))
