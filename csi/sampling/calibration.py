"""Calibrating weights to known totals: post-stratification, raking, linear calibration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.linalg import qr

from csi import frames
from csi.errors import DataError, EstimationError, SettingsError
from csi.sampling.adjustments import ToLinear, ToMargins, ToTotals
from csi.sampling.weights import Floats, Ints, Totals, WeightLike, Weights, cells_of, diagnosis, next_step, start_from


def poststratify(data: Any, totals: Totals, by: str | list[str], *, weight: WeightLike = None) -> Weights:
    """Scale the weights of every cell to its known population total.

    Parameters
    ----------
    data : DataFrame
        One row a respondent.
    totals : mapping or Series
        Population of each cell (tuples of categories for several columns), or shares that sum to 1.
    by : str or list of str
        Column(s) of the cells.
    weight : str, Series or Weights, optional
        Weights to start from; 1 each where left out.

    Returns
    -------
    Weights

    Raises
    ------
    DataError
        When the data hold a cell without a total, or a total has no respondent.

    Examples
    --------
    >>> answers = pd.DataFrame({"sex": ["f", "f", "f", "m"]})
    >>> poststratify(answers, {"f": 60, "m": 40}, "sex").weights.tolist()
    [20.0, 20.0, 20.0, 40.0]
    """
    opened = frames.table(data)
    start = start_from(opened, weight)
    names = [by] if isinstance(by, str) else list(by)
    codes, labels, numbers = cells_of(opened, names, totals, "the totals")
    numbers = _scaled(numbers, start)
    _check_weight_in(codes, labels, numbers, start.weights.to_numpy(float), " and ".join(names))
    return next_step(opened, start, ToTotals(codes, numbers), "post-stratification", (codes, labels, numbers, names))


def rake(
    data: Any,
    margins: Mapping[str, Totals],
    *,
    weight: WeightLike = None,
    tolerance: float = 1e-12,
    max_iter: int = 1000,
    residuals: Literal["weighted", "unweighted"] = "weighted",
) -> Weights:
    """Scale weights to several margins in turn, until all hold (iterative proportional fitting).

    Parameters
    ----------
    data : DataFrame
        One row a respondent.
    margins : mapping of mappings
        Column to category to population total (or share, where every margin sums to 1: the sum of the weights is
        then kept).
    weight : str, Series or Weights, optional
        Weights to start from; 1 each where left out.
    tolerance : float
        Largest distance of any margin from its target, relative to the population.
    max_iter : int
        Sweeps over the margins.
    residuals : {"weighted", "unweighted"}
        Regression behind linearized standard errors: with the weights before raking [Deville & Särndal 1992], or
        without weights, as R's survey package does for raking. They agree where the weights were equal; where
        strata were sampled at different rates, the unweighted one overstates the standard error.

    Returns
    -------
    Weights
        With `iterations`, `max_error` and the table of margins.

    Raises
    ------
    DataError
        For margins with different totals, and categories without target or without respondents.
    EstimationError
        When the margins contradict each other in this sample; the message shows them.

    References
    ----------
    Deming & Stephan (1940), On a least squares adjustment of a sampled frequency table.

    Examples
    --------
    >>> answers = pd.DataFrame({"sex": ["f", "f", "m", "m"], "age": ["y", "o", "y", "y"]})
    >>> rake(answers, {"sex": {"f": 50, "m": 50}, "age": {"y": 70, "o": 30}}).weights.round(6).tolist()
    [20.0, 30.0, 25.0, 25.0]
    """
    if residuals not in {"weighted", "unweighted"}:
        raise SettingsError(f"residuals must be one of 'weighted', 'unweighted'; not {residuals!r}")
    if not margins or not tolerance > 0 or max_iter < 1:
        raise SettingsError("margins= must name a margin, tolerance= be positive, and max_iter= at least 1")
    opened = frames.table(data)
    start = start_from(opened, weight)
    cells = {name: cells_of(opened, [name], totals, f"the margin {name!r}") for name, totals in margins.items()}
    _check_same_totals({name: float(cell[2].sum()) for name, cell in cells.items()})
    before = start.weights.to_numpy(float)
    targets = [_scaled(cell[2], start) for cell in cells.values()]
    for (name, (codes, labels, _)), target in zip(cells.items(), targets, strict=True):
        _check_weight_in(codes, labels, target, before, name)
    step = ToMargins(
        tuple(cell[0] for cell in cells.values()), tuple(targets), tolerance, max_iter, residuals == "weighted"
    )
    raked, sweeps, error = step.iterate(before)
    tables = [
        diagnosis(codes, labels, target, before, raked, [name]).rename_axis("category")
        for (name, (codes, labels, _)), target in zip(cells.items(), targets, strict=True)
    ]
    table = pd.concat(tables, keys=list(cells), names=["margin"])
    if not error <= tolerance:
        raise EstimationError(
            f"raking did not converge in {sweeps} sweeps (largest distance {error:.3g} of the population): no weights "
            f"of this sample meet all margins at once, or max_iter= is too small.\n{table[['target', 'after']]}"
        )
    weights = pd.Series(raked, opened.index)
    return Weights(weights, table, "raking", start.base, (*start.steps, step), sweeps, error)


def calibrate(
    data: Any,
    totals: Mapping[str, float | Totals],
    *,
    weight: WeightLike = None,
    population: float | None = None,
) -> Weights:
    """Linear calibration (GREG): the closest weights that meet totals of numbers and of categories.

    Parameters
    ----------
    data : DataFrame
        One row a respondent.
    totals : mapping
        Column to its population total (a column of numbers), or to a mapping of totals by category.
    weight : str, Series or Weights, optional
        Weights to start from; 1 each where left out.
    population : float, optional
        Size of the population: the total of the weights. Not needed where a column of categories is calibrated.

    Returns
    -------
    Weights
        A weight may be negative or far from its start; the table and ``summary`` show it.

    Raises
    ------
    DataError
        For missing columns and categories that do not match.
    EstimationError
        When the totals contradict each other in this sample.

    Notes
    -----
    ``w = d (1 + x'lambda)``, ``lambda = (X'DX)^-1 (T - X'd)`` [Deville & Särndal 1992, eq. 2.4].

    Examples
    --------
    >>> answers = pd.DataFrame({"bill": [10.0, 20.0, 30.0]})
    >>> calibrate(answers, {"bill": 75}, population=3).weights.round(6).tolist()
    [0.25, 1.0, 1.75]
    """
    opened = frames.table(data)
    start = start_from(opened, weight)
    before = start.weights.to_numpy(float)
    x, target, labels = _calibration_columns(opened, totals, population)
    kept = _independent(x * np.sqrt(before)[:, None])
    step = ToLinear(x[:, kept], target[kept])
    after = step.apply(before)
    gap = np.abs(x.T @ after - target) / np.maximum(np.abs(target), 1)
    if gap.max() > 1e-8:
        worst = labels[int(gap.argmax())]
        raise EstimationError(f"the totals contradict each other: {worst} cannot be met together with the others")
    table = pd.DataFrame(
        {"target": target, "before": x.T @ before, "after": x.T @ after}, index=pd.Index(labels, name="total")
    )
    weights = pd.Series(after, opened.index)
    return Weights(weights, table, "linear calibration", start.base, (*start.steps, step), 1, float(gap.max()))


def _scaled(totals: Floats, start: Weights) -> Floats:
    """Totals; shares that sum to 1 are scaled to the sum of the weights."""
    if abs(totals.sum() - 1) <= 1e-9:
        return totals / totals.sum() * float(start.weights.sum())
    return totals


def _check_same_totals(sums: dict[str, float]) -> None:
    """Refuse margins that describe populations of different size."""
    low, high = min(sums.values()), max(sums.values())
    if high - low > 1e-8 * high:
        shown = ", ".join(f"{name!r} {total:.12g}" for name, total in sums.items())
        raise DataError(f"the margins do not add up to the same population: {shown}; they differ by {high - low:.6g}")


def _check_weight_in(codes: Ints, labels: list[Any], totals: Floats, w: Floats, name: str) -> None:
    """Refuse cells with a total whose respondents all have weight 0."""
    held = np.bincount(codes, w, minlength=len(totals))
    empty = [repr(labels[i]) for i in np.flatnonzero((held <= 0) & (totals > 0))]
    if empty:
        raise DataError(f"every respondent has weight 0 in {name}: {', '.join(empty)}")


def _calibration_columns(
    opened: frames.Table, totals: Mapping[str, float | Totals], population: float | None
) -> tuple[Floats, Floats, list[str]]:
    """Columns to calibrate, their totals and names."""
    columns, target, labels = [], [], []
    if population is not None:
        columns, target, labels = [np.ones(len(opened))], [float(population)], ["population"]
    for name, total in totals.items():
        if isinstance(total, (Mapping, pd.Series)):
            codes, cells, numbers = cells_of(opened, [name], total, f"the totals of {name!r}")
            columns += list(np.eye(len(cells))[codes].T)
            target += list(numbers)
            labels += [f"{name}={cell}" for cell in cells]
        else:
            values = frames.numbers(opened, [name], "calibration variable")[0]
            if np.isnan(values).any():
                raise DataError(f"calibration variable {name!r} is missing in {int(np.isnan(values).sum())} rows")
            columns.append(values)
            target.append(float(total))
            labels.append(name)
    if not columns:
        raise SettingsError("totals= names nothing to calibrate to")
    return np.column_stack(columns), np.array(target), labels


def _independent(x: Floats) -> Ints:
    """Columns that span the others: the categories of two variables share their total, so one is redundant."""
    scaled = x / np.maximum(np.linalg.norm(x, axis=0), np.finfo(float).tiny)
    _, r, order = qr(scaled, mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(r)) > 1e-10).sum())
    kept: Ints = np.sort(order[:rank]).astype(np.intp)
    return kept
