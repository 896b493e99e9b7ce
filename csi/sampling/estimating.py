"""The engine behind design-based estimates: totals and their ratios, by linearization or by replicates."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import frames
from csi.errors import CsiWarning, DataError, EstimationError, SettingsError, check_choice
from csi.numerics import survey
from csi.numerics.resample import stream
from csi.sampling.adjustments import Adjustment, chain, chain_influence
from csi.sampling.drawn import Drawn
from csi.sampling.weights import Weights

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Variance = Literal["taylor", "jackknife", "bootstrap"]
Around = Literal["estimate", "mean"]
Rng = int | np.random.Generator | None

# Numbers held at a time for the domains of a table: 64 MB an array.
_CELLS = 8_000_000


class Columns(NamedTuple):
    """What is estimated: totals of ``numerator`` (n, k), or their ratio to those of ``denominator``.

    ``inside`` (n, k) marks the cases of each domain that answered; ``labels`` are the rows of the table.
    """

    numerator: Floats
    denominator: Floats | None
    inside: Bools
    labels: pd.Index


@dataclass(frozen=True, eq=False)
class Estimated:
    """Estimates of k columns with their covariance and what the intervals need."""

    columns: Columns
    estimate: Floats
    covariance: Floats
    deff: Floats
    df: Floats
    n: NDArray[np.intp]

    @property
    def std_error(self) -> Floats:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))


@dataclass(frozen=True)
class Setting:
    """How variances are taken: checked words of `mean` and its siblings."""

    variance: Variance | None = None
    n_resamples: int = 1000
    rng: Rng = None
    around: Around = "estimate"
    confidence_level: float = 0.95

    def __post_init__(self) -> None:
        check_choice(self.variance, "variance", (None, "taylor", "jackknife", "bootstrap"))
        check_choice(self.around, "around", ("estimate", "mean"))
        if not 0 < self.confidence_level < 1:
            raise SettingsError(f"confidence_level= must be between 0 and 1; not {self.confidence_level!r}")
        if self.n_resamples < 2:
            raise SettingsError(f"n_resamples= must be at least 2; not {self.n_resamples!r}")


def estimate(sample: Drawn, columns: Columns, calibration: Weights | None, setting: Setting) -> Estimated:
    """Estimates and covariance of any columns under a design: the engine behind the tables."""
    base, steps, weights = weights_of(sample, calibration)
    below = None if columns.denominator is None else weights @ columns.denominator
    if below is not None and (below == 0).any():
        raise DataError("a domain has no weight, or a denominator adds up to 0; nothing can be divided by it")
    above = weights @ columns.numerator
    found = above if below is None else above / below
    values = columns.numerator
    if below is not None and columns.denominator is not None:
        values = (values - found * columns.denominator) / below
    inside: Bools = columns.inside & (weights > 0)[:, None]
    if sample.replicates is not None or setting.variance in {"jackknife", "bootstrap"}:
        covariance, df = _replicated(sample, columns, found, base, steps, setting)
    else:
        covariance, df = _linearized(sample, values, base, steps, weights, inside)
    deff = _deff(sample, values, weights, columns.inside, covariance)
    return Estimated(columns, found, covariance, deff, df, inside.sum(axis=0))


def weights_of(sample: Drawn, calibration: Weights | None) -> tuple[Floats, tuple[Adjustment, ...], Floats]:
    """Weights before and after calibration, checked to belong to these rows."""
    if calibration is None:
        return sample.weights, (), sample.weights
    if sample.design.count is not None:
        raise SettingsError("calibration= does not go with Design(count=); repeat the rows instead")
    if len(calibration.weights) != len(sample.weights):
        raise DataError(
            f"calibration= was made for {len(calibration.weights)} rows; the data have {len(sample.weights)}"
        )
    if sample.design.weight is not None and not np.allclose(calibration.base, sample.weights, rtol=1e-9):
        raise DataError(
            f"calibration= did not start from the design's weight {sample.design.weight!r}; "
            f"make it with weight={sample.design.weight!r}"
        )
    return calibration.base, calibration.steps, calibration.weights.to_numpy(float)


def _linearized(
    sample: Drawn, values: Floats, base: Floats, steps: tuple[Adjustment, ...], weights: Floats, inside: Bools
) -> tuple[Floats, Floats]:
    """Covariance by Taylor linearization, degrees of freedom of every column."""
    influences = chain_influence(steps, values * weights[:, None], base)
    remedy: Literal["certainty", "centered"] = "centered" if sample.design.single_psu == "centered" else "certainty"
    covariance = survey.linearized_covariance(influences, sample.laid, remedy)
    if sample.design.df is not None:
        return covariance, np.full(len(covariance), sample.design.df)
    df = [survey.degrees_of_freedom(sample.laid, inside[:, j]) for j in range(inside.shape[1])]
    return covariance, np.array(df, float)


def _replicated(
    sample: Drawn,
    columns: Columns,
    found: Floats,
    base: Floats,
    steps: tuple[Adjustment, ...],
    setting: Setting,
) -> tuple[Floats, Floats]:
    """Covariance by replicates, each with its own calibration."""
    if sample.replicates is not None and setting.variance is not None:
        raise SettingsError(f"variance={setting.variance!r} would ignore the design's own replicates; leave it out")
    if not steps and sample.replicates is None:
        sample, columns, base = _added_up(sample, columns, base)
    scale, rscales, blocks, df = replicate_scheme(sample, base, setting)
    draws = np.concatenate([_draws(columns, steps, block) for block in blocks])
    good: Bools = np.isfinite(draws).all(axis=1)
    left = int(good.sum())
    if left < len(draws):
        _tell_failures(len(draws) - left, len(draws), bool(steps))
        # The replicates that are left stand for all.
        scale *= rscales.sum() / rscales[good].sum()
    covariance = survey.replicate_covariance(draws[good], found, scale, rscales[good], setting.around)
    return covariance, np.full(len(found), df if sample.design.df is None else sample.design.df)


def _added_up(sample: Drawn, columns: Columns, base: Floats) -> tuple[Drawn, Columns, Floats]:
    """Clusters in place of cases: without calibration, replicates need their weighted totals only."""
    size = len(sample.laid.stratum)
    above = survey.psu_totals(columns.numerator * base[:, None], sample.laid)
    below = columns.denominator
    if below is not None:
        below = survey.psu_totals(below * base[:, None], sample.laid)
    laid = sample.laid._replace(psu=np.arange(size))
    return replace(sample, laid=laid), columns._replace(numerator=above, denominator=below), np.ones(size)


def _tell_failures(failed: int, size: int, calibrated: bool) -> None:
    """Say how many replicates failed, or refuse when too few are left."""
    why = "could not be calibrated" if calibrated else "have an empty domain"
    if size - failed < 2:
        raise EstimationError(f"{failed} of {size} replicates {why}; no variance can be had")
    warnings.warn(f"{failed} of {size} replicates {why} and were left out", CsiWarning, stacklevel=6)


def replicate_scheme(sample: Drawn, base: Floats, setting: Setting) -> tuple[float, Floats, Iterator[Floats], float]:
    """Scale, factors, blocks of replicate weights (r, n) and degrees of freedom."""
    design, laid = sample.design, sample.laid
    if sample.replicates is not None:
        rscales = np.array(design.replicate_rscales)
        df = float(survey.replicate_degrees_of_freedom(sample.replicates))
        return design.replicate_scale, rscales, iter([sample.replicates.T]), df
    if design.single_psu == "centered" and (laid.n_psu == 1).any():
        raise SettingsError("single_psu='centered' is for linearization; replicates take 'certainty'")
    df = float(survey.degrees_of_freedom(laid))
    rows = max(1, min(survey.STREAM_BLOCK, _CELLS // len(base)))
    if setting.variance == "jackknife":
        dropped, rscales = survey.jackknife(laid)
        parts = np.array_split(dropped, -(-len(dropped) // rows))
        return 1.0, rscales, (survey.jackknife_multipliers(laid, part) * base for part in parts), df
    rng = setting.rng
    entropy = int(rng) if isinstance(rng, (int, np.integer)) else int(np.random.default_rng(rng).integers(2**63))
    blocks = survey.rao_wu(laid, lambda block: stream(entropy, "", block), setting.n_resamples, rows)
    return 1 / (setting.n_resamples - 1), np.ones(setting.n_resamples), (block * base for block in blocks), df


def _draws(columns: Columns, steps: tuple[Adjustment, ...], weights: Floats) -> Floats:
    """The estimates at other weights (r, n), each calibrated anew; NaN where that fails or a domain is empty."""
    if steps:
        weights = np.array([calibrated(steps, row) for row in weights])
    above = weights @ columns.numerator
    if columns.denominator is None:
        return above
    below = weights @ columns.denominator
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)


def calibrated(steps: tuple[Adjustment, ...], weights: Floats) -> Floats:
    """One replicate's weights after every step; NaN where a step cannot be done (counted and told)."""
    try:
        return chain(steps, weights)
    except EstimationError:
        return np.full(len(weights), np.nan)


def _deff(sample: Drawn, values: Floats, weights: Floats, inside: Bools, covariance: Floats) -> Floats:
    """Variance against that of a simple random sample of the same size."""
    used = weights[weights > 0]
    replacement = bool(used.min() < 1 or used.max() == 1)
    k = range(values.shape[1])
    srs = np.array([survey.srs_variance(values[:, j], weights, inside[:, j], replacement) for j in k])
    return np.divide(np.diag(covariance), srs, out=np.full(len(srs), np.nan), where=srs > 0)


def domains(groups: frames.Partition, columns: int) -> Iterator[frames.Partition]:
    """Domains, as many at a time as memory allows; a case of another part has code -1."""
    size = max(1, _CELLS // (len(groups.codes) * columns))
    for start in range(0, len(groups), size):
        labels = groups.labels[start : start + size]
        codes = groups.codes - start
        yield frames.Partition(groups.names, labels, np.where((codes >= 0) & (codes < len(labels)), codes, -1))


def by_domain(
    groups: frames.Partition,
    numerator: Floats,
    denominator: Floats | None,
    rows: list[Any],
    levels: list[str],
) -> Columns:
    """Spread columns over domains: values outside a domain, or not answered, are 0."""
    answered: Bools = ~np.isnan(numerator)
    empty = [str(rows[j]) for j in range(len(rows)) if not answered[:, j].any()]
    if empty:
        raise DataError(f"no answers at all in {', '.join(empty)}")
    member = groups.codes[:, None] == np.arange(len(groups))[None, :]
    inside = (member[:, :, None] & answered[:, None, :]).reshape(len(numerator), -1)
    above = np.where(inside, np.tile(np.nan_to_num(numerator), len(groups)), 0.0)
    below = None if denominator is None else np.where(inside, np.tile(np.nan_to_num(denominator), len(groups)), 0.0)
    return Columns(above, below, inside, _index(groups.labels, groups.names, rows, levels))


def _index(labels: tuple[Any, ...], names: tuple[str, ...], rows: list[Any], levels: list[str]) -> pd.Index:
    """Domains first, then the rows."""
    tails = [row if isinstance(row, tuple) else (row,) for row in rows]
    if not names:
        return pd.MultiIndex.from_tuples(tails, names=levels) if len(levels) > 1 else pd.Index(rows, name=levels[0])
    heads = [label if len(names) > 1 else (label,) for label in labels]
    return pd.MultiIndex.from_tuples([(*h, *tail) for h in heads for tail in tails], names=[*names, *levels])
