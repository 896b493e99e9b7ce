"""Weights from selection to calibration: each step keeps its recipe, so that replicates can redo it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import frames
from csi.errors import DataError, EstimationError, SettingsError, listing, suggest
from csi.numerics import survey
from csi.sampling.adjustments import Adjustment, ToRespondents, Trimming, chain
from csi.sampling.drawn import check_weights
from csi.sampling.selection import PROBABILITY

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Totals = Mapping[Any, float] | pd.Series


@dataclass(frozen=True, eq=False, repr=False)
class Weights:
    """Case weights and how they came about.

    Attributes
    ----------
    weights : Series
        One weight a row of the data, on its index; assign it: ``data.assign(w=result.weights)``.
    table : DataFrame
        Diagnostics of the last step: targets, what was there before, what is there now.
    kind : str
        Name of the last step.
    iterations : int
        Sweeps of the last step (1 where it needs no iteration).
    max_error : float
        Largest distance of a margin from its target, relative to the total (0 where there is none).

    Notes
    -----
    Give the result as ``calibration=`` to `mean`, `total`, `ratio`, `proportion` or `crosstab_test`: linearization
    then knows what the calibration holds fixed, and replicates redo every step.

    Examples
    --------
    >>> import csi
    >>> answers = {"sex": ["f", "f", "f", "m"]}
    >>> raked = csi.sampling.rake(answers, {"sex": {"f": 50, "m": 50}})
    >>> raked.weights.round(2).tolist(), round(float(raked.deff), 3)
    ([16.67, 16.67, 16.67, 50.0], 1.333)
    """

    weights: pd.Series
    table: pd.DataFrame
    kind: str
    base: Floats
    steps: tuple[Adjustment, ...]
    iterations: int = 1
    max_error: float = 0.0

    @property
    def deff(self) -> float:
        """Kish's design effect of the weights, n sum(w^2) / sum(w)^2, over positive weights."""
        return survey.kish(self.weights.to_numpy(float))

    @property
    def n_effective(self) -> float:
        """Effective number of cases, sum(w)^2 / sum(w^2)."""
        return effective_n(self.weights)

    @property
    def summary(self) -> pd.DataFrame:
        """Shape of the weights: one column `estimate`, rows n, sum, min, median, max, deff, n_effective ..."""
        w = self.weights.to_numpy(float)
        positive = w[w > 0]
        rows = {
            "n": len(positive),
            "sum": w.sum(),
            "min": w.min(),
            "median": float(np.median(positive)),
            "max": w.max(),
            "deff": self.deff,
            "n_effective": self.n_effective,
            "iterations": self.iterations,
            "max_error": self.max_error,
        }
        return pd.DataFrame({"estimate": pd.Series(rows, dtype=float)})

    def __repr__(self) -> str:
        w = self.weights.to_numpy(float)
        return (
            f"Weights({self.kind}: n={int((w > 0).sum())}, sum={w.sum():.6g}, range={w.min():.4g} to {w.max():.4g}, "
            f"deff={self.deff:.4f}, effective n={self.n_effective:.1f}, iterations={self.iterations}, "
            f"max error={self.max_error:.1g})"
        )


WeightLike = str | pd.Series | Weights | None


def kish(weights: Weights | pd.Series | NDArray[Any]) -> float:
    """Kish's design effect of unequal weights, n sum(w^2) / sum(w)^2: the variance lost to weighting.

    Examples
    --------
    >>> kish(pd.Series([1.0, 1.0, 2.0]))
    1.125
    """
    return survey.kish(_plain(weights))


def effective_n(weights: Weights | pd.Series | NDArray[Any]) -> float:
    """Number of equally weighted cases worth as much, sum(w)^2 / sum(w^2).

    Examples
    --------
    >>> round(effective_n(pd.Series([1.0, 1.0, 2.0])), 4)
    2.6667
    """
    w = _plain(weights)
    return float(w.sum() ** 2 / (w @ w))


def base_weights(sample: Any, population: Totals | None = None, *, stratum: str | None = None) -> Weights:
    """Inverse of the inclusion probability, recorded by `select` or known from the strata.

    Parameters
    ----------
    sample : DataFrame
        One row a sampled unit.
    population : mapping or Series, optional
        Units of each stratum in the frame; without it the column `inclusion_probability` is used.
    stratum : str, optional
        Column of strata, with `population`.

    Returns
    -------
    Weights

    Raises
    ------
    DataError
        When the sample has a stratum that the frame lacks, or more units than it holds.

    Examples
    --------
    >>> sample = pd.DataFrame({"network": ["3g", "3g", "4g"]})
    >>> base_weights(sample, {"3g": 100, "4g": 70}, stratum="network").weights.tolist()
    [50.0, 50.0, 70.0]
    """
    opened = frames.table(sample)
    if population is None:
        probability = frames.numbers(opened, [PROBABILITY], "column")[0]
        if not ((probability > 0) & (probability <= 1)).all():
            raise DataError(f"{PROBABILITY} must be above 0 and at most 1 in every row")
        base = 1 / probability
        table = pd.DataFrame({"n": [len(base)], "after": [base.sum()]}, index=pd.Index(["all"], name="stratum"))
        return Weights(pd.Series(base, opened.index), table, "base", base, ())
    if stratum is None:
        raise SettingsError("population= goes with stratum=, the column of strata")
    codes, labels, totals = cells_of(opened, [stratum], population, "the frame", empty="allowed")
    held = np.bincount(codes, minlength=len(totals))
    over = [f"{labels[h]!r}: {held[h]} sampled of {totals[h]:g}" for h in np.flatnonzero(held > totals)]
    if over:
        raise DataError(listing(over, "More units were sampled than the frame holds"))
    start = np.ones(len(codes))
    base = start * (totals / np.maximum(held, 1))[codes]
    return Weights(
        pd.Series(base, opened.index), diagnosis(codes, labels, totals, start, base, [stratum]), "base", base, ()
    )


def nonresponse(data: Any, responded: str, classes: str | list[str], *, weight: WeightLike = None) -> Weights:
    """Move the weight of those who did not answer to the respondents of their class.

    Parameters
    ----------
    data : DataFrame
        All sampled eligible units, respondents or not.
    responded : str
        Column of True/False (or 1/0).
    classes : str or list of str
        Column(s) known for all, within which answering is taken as random.
    weight : str, Series or Weights, optional
        Weights to start from; 1 each where left out.

    Returns
    -------
    Weights
        0 for those who did not answer; the sum of every class is kept.

    Raises
    ------
    DataError
        When a class has no respondent: merge it with another.

    Examples
    --------
    >>> sampled = pd.DataFrame({"region": ["n", "n", "s"], "answered": [True, False, True]})
    >>> nonresponse(sampled, "answered", "region").weights.tolist()
    [2.0, 0.0, 1.0]
    """
    opened = frames.table(data)
    start = start_from(opened, weight)
    answered = frames.numbers(opened, [responded], "column")[0]
    if not np.isin(answered, (0, 1)).all():
        raise DataError(f"{responded!r} must be true or false (1 or 0) in every row")
    names = [classes] if isinstance(classes, str) else list(classes)
    cells = frames.partition(opened, names[0] if len(names) == 1 else names)
    inside = np.bincount(cells.codes, start.weights.to_numpy(float) * answered, minlength=len(cells))
    silent = [repr(label) for label, held in zip(cells.labels, inside, strict=True) if held <= 0]
    if silent:
        raise DataError(f"no respondent in class {', '.join(silent)}; merge it with a similar class")
    totals = np.bincount(cells.codes, start.weights.to_numpy(float), minlength=len(cells)).astype(float)
    step = ToRespondents(cells.codes, answered == 1)
    return next_step(opened, start, step, "non-response", (cells.codes, list(cells.labels), totals, names))


def trim(
    weights: Weights | pd.Series,
    *,
    lower: float = 0.0,
    upper: float = np.inf,
    repeat: bool = True,
) -> Weights:
    """Cut weights to bounds and share what was cut equally among the others, so that the sum is kept.

    Parameters
    ----------
    weights : Weights or Series
        Weights to be trimmed.
    lower, upper : float
        Bounds.
    repeat : bool
        Trim again until nobody is outside; False trims once and may leave some above `upper`.

    Returns
    -------
    Weights
        Margins met before are no longer met exactly: rake again with ``weight=`` the result.

    Raises
    ------
    EstimationError
        When no weights within the bounds keep the sum.

    Examples
    --------
    >>> trim(pd.Series([1.0, 1.0, 4.0]), upper=3).weights.tolist()
    [1.5, 1.5, 3.0]
    """
    if not 0 <= lower < upper:
        raise SettingsError(f"lower= must be zero or more and below upper=; not {lower:g} and {upper:g}")
    start = weights if isinstance(weights, Weights) else _fixed(weights)
    w = start.weights.to_numpy(float)
    if not lower <= w.mean() <= upper:
        raise EstimationError(
            f"no weights between {lower:g} and {upper:g} keep the mean of {w.mean():.6g}; choose bounds around it"
        )
    step = Trimming(float(lower), float(upper), repeat)
    after = step.apply(w)
    outside = (w < lower) | (w > upper)
    rows = {"n": [int(outside.sum()), int((~outside).sum())], "before": [w[outside].sum(), w[~outside].sum()]}
    table = pd.DataFrame(
        {**rows, "after": [after[outside].sum(), after[~outside].sum()]},
        index=pd.Index(["trimmed", "others"], name="part"),
    )
    return Weights(pd.Series(after, start.weights.index), table, "trimming", start.base, (*start.steps, step))


def _plain(weights: Any) -> Floats:
    """Weights as an array, checked."""
    w = np.asarray(weights.weights if isinstance(weights, Weights) else weights, dtype=float)
    check_weights(w, "the weight")
    return w


def _fixed(series: pd.Series) -> Weights:
    """Weights that were given: a start without steps."""
    w = np.asarray(series, dtype=float)
    check_weights(w, "the weight")
    index = series.index if isinstance(series, pd.Series) else pd.RangeIndex(len(w))
    return Weights(pd.Series(w, index), pd.DataFrame(), "given", w, ())


def start_from(opened: frames.Table, weight: WeightLike) -> Weights:
    """The weights to start from."""
    if isinstance(weight, str):
        values = frames.numbers(opened, [weight], "weight")[0]
        check_weights(values, f"weight {weight!r}")
        return _fixed(pd.Series(values, opened.index))
    if weight is None:
        weight = pd.Series(np.ones(len(opened)), opened.index)
    start = weight if isinstance(weight, Weights) else _fixed(weight)
    if len(start.weights) != len(opened):
        raise DataError(f"weight= has {len(start.weights)} rows and the data have {len(opened)}")
    return start


def next_step(
    opened: frames.Table, start: Weights, step: Adjustment, kind: str, cells: tuple[Ints, list[Any], Floats, list[str]]
) -> Weights:
    """One more step on top of the start."""
    before = start.weights.to_numpy(float)
    after = chain((step,), before)
    codes, labels, totals, names = cells
    table = diagnosis(codes, labels, totals, before, after, names)
    return Weights(pd.Series(after, opened.index), table, kind, start.base, (*start.steps, step))


def cells_of(
    opened: frames.Table, names: list[str], totals: Totals, where: str, empty: str = "refused"
) -> tuple[Ints, list[Any], Floats]:
    """Codes of the rows in the order of the totals; cells of the data and of the totals must be the same."""
    wanted = {_key(label): float(total) for label, total in totals.items()}
    cells = frames.partition(opened, names[0] if len(names) == 1 else names)
    labels = list(wanted)
    place = {label: i for i, label in enumerate(labels)}
    column, known = " and ".join(map(repr, names)), [str(label) for label in labels]
    problems = [
        f"{label!r} of {column} is in the data but not in {where}{suggest(str(label), known)}"
        for label in cells.labels
        if label not in place
    ]
    if empty == "refused":
        problems += [
            f"{label!r} has a total of {wanted[label]:g} in {where} but no respondent; merge it with another"
            for label in labels
            if wanted[label] > 0 and label not in cells.labels
        ]
    wrong = [label for label, total in wanted.items() if not 0 <= total < np.inf]
    problems += [f"the total of {label!r} in {where} must be zero or more" for label in wrong]
    if problems:
        raise DataError(listing(problems, "The data and the population do not fit"))
    codes = np.array([place[label] for label in cells.labels], np.intp)[cells.codes]
    return codes, labels, np.array(list(wanted.values()))


def _key(label: Any) -> Any:
    """A label as partitions write it."""
    if isinstance(label, tuple):
        return tuple(_key(part) for part in label)
    return label.item() if isinstance(label, np.generic) else label


def diagnosis(
    codes: Ints, labels: list[Any], totals: Floats, before: Floats, after: Floats, names: list[str]
) -> pd.DataFrame:
    """One row a cell: respondents, weights before, target, weights after."""
    k = len(totals)
    table = {
        "n": np.bincount(codes[before > 0], minlength=k),
        "before": np.bincount(codes, before, minlength=k),
        "target": totals,
        "after": np.bincount(codes, after, minlength=k),
    }
    index = pd.MultiIndex.from_tuples(labels, names=names) if len(names) > 1 else pd.Index(labels, name=names[0])
    return pd.DataFrame(table, index=index)
