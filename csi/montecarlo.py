"""Power before the fieldwork: draw many samples from an assumed population, fit each, and count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csi.chance import check_size, entropy_of
from csi.draws import bar
from csi.errors import NotAvailable, SettingsError
from csi.fit import Fit
from csi.methods.estimates import Method
from csi.methods.pls import PLS
from csi.numerics.resample import stream
from csi.results.core import check_level
from csi.simulation import Population
from csi.spec import Model
from csi.study import Study

#: Respondents drawn once to see what the method estimates in the whole population.
WHOLE = 400_000
#: Resamples solved together.
TOGETHER = 25_000


@dataclass(frozen=True)
class _Counted:
    """Estimates `(S, rows)` of all samples of one size, their errors and intervals."""

    estimate: Any
    low: Any
    high: Any
    p: Any


def power(
    model: Model | Fit,
    n: int | Sequence[int] = 250,
    *,
    method: Method | None = None,
    n_samples: int = 1000,
    n_resamples: int | None = 500,
    rng: int | np.random.Generator | None = None,
    paths: Mapping[tuple[str, str], float] | None = None,
    loadings: Mapping[str, float] | float | None = None,
    means: Mapping[str, float] | float | None = None,
    confidence_level: float = 0.95,
    progress: bool = True,
) -> pd.DataFrame:
    """Power of every path, coverage and bias of every interval, and the precision of the index, by simulation.

    Parameters
    ----------
    model : Model or Fit
        What is assumed: a model with the parameters below, or a fit whose paths, loadings and item means are taken
        as the population's.
    n : int or sequence of int
        Sizes of the samples.
    method : PLS, optional
        How each sample will be analysed.
    n_samples : int
        Samples drawn of each size; the Monte Carlo error of a share p is sqrt(p (1 - p) / n_samples).
    n_resamples : int or None
        Bootstrap resamples of each sample; None takes the method's own standard errors and normal intervals, which
        is quicker by far for covariance structure models.
    rng : int or numpy Generator, optional
        Where chance begins.
    paths, loadings, means
        Parameters of the population, see `csi.simulate`.
    confidence_level : float
        Of the percentile intervals; a path is found when its p-value is below one minus it.

    Returns
    -------
    DataFrame
        Rows: `n`, then `noun` (paths, index), `left` (cause, construct), `right` (effect). Columns:
        `true` between the constructs themselves (paths only); `target`, what the method estimates in the whole
        population (paths between scores are smaller than between constructs, by measurement error); `mean` of the
        estimates; `bias` = mean - target; `std_error`, their standard deviation; `width`, mean width of the
        intervals; `coverage` of the target; `power` (paths only); `mc_error` of coverage; `failed`, samples without
        an estimate.

    Raises
    ------
    SettingsError
        If an argument cannot be.

    Notes
    -----
    The whole population is a sample of 400,000 of the same stream.

    Examples
    --------
    >>> import csi
    >>> model = csi.models.scsb()
    >>> table = csi.power(model, n=100, n_samples=20, n_resamples=50, rng=1)
    >>> bool(table.loc[(100, "paths", "expectations", "value"), "power"] > 0.9)
    True
    """
    check_level(confidence_level)
    sizes = [n] if isinstance(n, (int, float, np.number)) else list(n)
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 10:
            raise SettingsError(f"n must be whole numbers of at least 10; not {size!r}")
    samples, entropy = check_size(n_samples), entropy_of(rng)
    resamples = None if n_resamples is None else check_size(n_resamples)
    population = _population(model, paths, loadings, means)
    study = Study(population.model, method=method or (model.study.method if isinstance(model, Fit) else PLS()))
    whole = study.fit(population.sample(WHOLE, stream(entropy, "whole", 0)))
    target = _targets(whole, population)
    tables = []
    with bar(samples * len(sizes), "samples", progress) as told:
        for size in sizes:
            counted = _samples(study, population, size, samples, resamples, entropy, confidence_level, told)
            tables.append(_table(counted, target, 1 - confidence_level, samples))
    return pd.concat(dict(zip(sizes, tables, strict=True)), names=["n"])


def _population(model: Model | Fit, paths: Any, loadings: Any, means: Any) -> Population:
    """An assumed population, or the one that a fit shows."""
    if isinstance(model, Model):
        return Population(model, paths, loadings, means)
    if any(given is not None for given in (paths, loadings, means)):
        raise SettingsError("a fit brings its own paths, loadings and means; give either the fit or the numbers")
    core = model.core
    if core.blueprint.controls:
        raise NotAvailable("answers are simulated from a model, which knows no controls; give a fit without controls=")
    means_seen = dict(zip(core.blueprint.item_names, np.clip(core.stack.mean[:, 0], 1, 99).tolist(), strict=True))
    loadings_seen = {
        item: float(np.clip(core.estimates.loadings[slot, 0], -1, 1))
        for slot, (_, item) in enumerate(core.blueprint.slot_labels())
    }
    causes, effects = core.blueprint.path_index
    paths_seen = dict(zip(core.blueprint.paths, core.estimates.paths[causes, effects, 0].tolist(), strict=True))
    return Population(model.model, paths_seen, loadings_seen, means_seen)


def _targets(whole: Fit, population: Population) -> pd.DataFrame:
    """True values, and what the method estimates from everybody."""
    paths = whole.core.values(whole._noun("paths"))[0]
    scores = whole.core.values(whole._noun("index"))[0]
    true = np.concatenate([population.truth().to_numpy(), np.full(len(scores), np.nan)])
    return pd.DataFrame({"true": true, "target": np.concatenate([paths, scores])}, index=_rows(whole))


def _rows(fit: Fit) -> pd.MultiIndex:
    """Paths, then indices, under three labels."""
    named = [("paths", cause, effect) for cause, effect in fit._noun("paths").rows]
    named += [("index", construct, "") for construct in fit._noun("index").rows]
    return pd.MultiIndex.from_tuples(named, names=["noun", "left", "right"])


def _samples(
    study: Study,
    population: Population,
    n: int,
    samples: int,
    resamples: int | None,
    entropy: int,
    level: float,
    told: Any,
) -> _Counted:
    """Draw and fit all samples of one size, some at a time, each a group of one fit."""
    parts: list[_Counted] = []
    for begin, count in _portions(samples, max(1, TOGETHER // (resamples or TOGETHER // 50))):
        data = population.sample(n * count, stream(entropy, f"n={n}", begin))
        data["sample"] = np.repeat(np.arange(begin, begin + count), n)
        fit = study.fit(data, by="sample")
        if resamples is not None:
            fit = fit.bootstrap(resamples, rng=entropy, progress=False)
        parts.append(_intervals(fit, level))
        told.update(count)
    return _Counted(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("estimate", "low", "high", "p"))
    )


def _portions(total: int, size: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, total, size):
        yield begin, min(size, total - begin)


def _intervals(fit: Fit, level: float) -> _Counted:
    """Estimates and intervals of paths and index, samples down, rows across."""
    found = []
    for name in ("paths", "index"):
        noun = fit._noun(name)
        known = fit.core.uncertainty(noun, None, level)
        p = known.p_value if known.p_value is not None else np.full(known.std_error.shape, np.nan)
        found.append((fit.core.values(noun), known.conf_low, known.conf_high, p))
    return _Counted(*(np.concatenate(pair, axis=1) for pair in zip(*found, strict=True)))


def _table(counted: _Counted, target: pd.DataFrame, alpha: float, samples: int) -> pd.DataFrame:
    """Summarize the samples of one size."""
    here = np.isfinite(counted.low)
    size = here.sum(axis=0)
    inside = (counted.low <= target["target"].to_numpy()) & (counted.high >= target["target"].to_numpy())
    coverage = (inside & here).sum(axis=0) / size
    estimate = np.where(here, counted.estimate, np.nan)
    found = np.where(np.isfinite(counted.p).any(axis=0), (counted.p < alpha).sum(axis=0) / size, np.nan)
    table = target.copy()
    table["mean"] = np.nanmean(estimate, axis=0)
    table["bias"] = table["mean"] - table["target"]
    table["std_error"] = np.nanstd(estimate, axis=0, ddof=1)
    table["width"] = np.nanmean(np.where(here, counted.high - counted.low, np.nan), axis=0)
    table["coverage"] = coverage
    table["power"] = found
    table["mc_error"] = np.sqrt(coverage * (1 - coverage) / size)
    table["failed"] = (samples - size).astype(float)
    return table
