"""Key drivers: how much of an outcome each attribute explains, with intervals.

References
----------
Lindeman, Merenda & Gold (1980); Groemping (2007); Johnson (2000): see `csi.numerics.relative`.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import blocks
from csi.blocks import Arrays, Group, Said
from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice, listing
from csi.measures.common import check_level, columns_of, critical, one_a_group
from csi.numerics import relative, survey
from csi.numerics.items import correlation

Floats = NDArray[np.float64]
Method = Literal["lmg", "johnson"]

SMALLEST_EIGENVALUE = 1e-10


def drivers(
    data: Any,
    outcome: str,
    items: Sequence[str],
    *,
    method: Method = "lmg",
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    n_resamples: int = 1000,
    confidence_level: float = 0.95,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Share of the outcome's variance that each driver explains, as fair division among correlated drivers.

    Parameters
    ----------
    data : DataFrame
    outcome : str
        Column to be explained, such as overall satisfaction.
    items : list of str
        The drivers, at most 15 for "lmg".
    method : {"lmg", "johnson"}
        LMG: mean growth of R^2 over all orders of entry (the Shapley value; exact). Johnson: relative weights, a
        fast approximation that is another number where drivers are correlated.
    by : str or list of str, optional
    design : Design, optional
        Weights enter the correlations; resamples are Rao and Wu's within strata and between clusters. Replicate
        weights take the place of resamples, with a t interval.
    n_resamples : int
        Bootstrap resamples of respondents for the intervals; 0 for none.
    confidence_level : float
        Percentile interval.
    rng : int or Generator

    Returns
    -------
    DataFrame
        One row a driver: `estimate` (part of R^2), `std_error`, `conf_low`, `conf_high`, `share` (of R^2; the shares
        add up to 1), `correlation` with the outcome, `beta` (standardized coefficient, all drivers together), `vif`,
        `n`. `.attrs["r2"]` is the R^2 of each group.

    Raises
    ------
    DataError
        Where a driver never varies, drivers repeat each other, or there are fewer cases than drivers.

    Examples
    --------
    >>> from csi import datasets
    >>> table = drivers(datasets.load("mobi"), "CUSA1", ["PERQ1", "PERV2", "IMAG1"], n_resamples=0)
    >>> bool(np.isclose(table["share"].sum(), 1))
    True
    """
    check_level(confidence_level)
    check_choice(method, "method", get_args(Method))
    names = list(dict.fromkeys(items))
    _check_drivers(outcome, names, method, n_resamples)
    answers = blocks.read(data, [outcome, *names], by=by, design=design)
    seed = int(rng.integers(2**63)) if isinstance(rng, np.random.Generator) else int(rng)
    explained: dict[str, float] = {}

    def of_group(group: Group) -> pd.DataFrame:
        x, w = columns_of(group, answers, range(len(answers.names)))
        corr = _sound(answers, x, w)
        table = _drivers(corr, names, method)
        # A stream of its own for every group: another group changes no interval.
        stream = np.random.default_rng([seed, zlib.crc32(repr(group.label).encode())])
        draws = _resampled(_counts(answers, group, n_resamples, stream), x, w, method) if n_resamples else None
        if draws is not None:
            spread = _spread(answers, draws, table["estimate"].to_numpy(), confidence_level)
            for at, (column, values) in enumerate(spread.items(), 1):
                table.insert(at, column, values)
        table["n"] = len(x)
        explained["/".join(map(str, group.label)) or "all"] = float(table["estimate"].sum())
        return table

    treatment = Said("listwise over outcome and drivers", "结果变量与驱动因素成列删除")
    told = {"title": _TITLES[method], "confidence_level": confidence_level}
    if n_resamples:
        told["interval"] = _INTERVALS["simple" if answers.simple else "design" if answers.laid else "replicates"]
    whole = one_a_group(answers, of_group, treatment, method=method, **told)
    whole.attrs["r2"] = explained
    return whole


_TITLES = {
    "lmg": Said("Key drivers: Shapley (LMG) parts of R2", "关键驱动因素：R² 的 Shapley（LMG）分解"),
    "johnson": Said("Key drivers: Johnson's relative weights", "关键驱动因素：Johnson 相对权重"),
}
_INTERVALS = {
    "simple": Said("interval: percentiles of the bootstrap", "置信区间：自助法百分位"),
    "design": Said("interval: percentiles of the Rao-Wu bootstrap", "置信区间：Rao-Wu 自助法百分位"),
    "replicates": Said("interval: t, from the replicate weights", "置信区间：t，由重复权重得出"),
}


def _spread(answers: Arrays, draws: Floats, estimate: Floats, level: float) -> dict[str, Floats]:
    """Standard errors and intervals: percentiles of resamples; t from the design's own replicate weights."""
    if answers.replicates is None:
        tail = 100 * (1 - level) / 2
        low, high = np.nanpercentile(draws, [tail, 100 - tail], axis=0)
        return {"std_error": np.nanstd(draws, axis=0, ddof=1), "conf_low": low, "conf_high": high}
    error = np.sqrt(np.diag(answers.replicates.covariance(draws, estimate)))
    df = answers.replicates.df if answers.design_df is None else answers.design_df
    margin = critical(level, df) * error
    return {"std_error": error, "conf_low": estimate - margin, "conf_high": estimate + margin}


def _check_drivers(outcome: str, names: list[str], method: str, n_resamples: int) -> None:
    """Refuse settings that cannot be answered."""
    if not names:
        raise SettingsError("name at least one driver")
    if outcome in names:
        raise SettingsError(f"{outcome!r} is both the outcome and a driver")
    if method == "lmg" and len(names) > relative.MOST_DRIVERS:
        raise SettingsError(
            f"{len(names)} drivers have {2 ** len(names):,} subsets; at most {relative.MOST_DRIVERS} for method='lmg',"
            " or method='johnson'"
        )
    if n_resamples < 0:
        raise SettingsError(f"n_resamples must not be negative; not {n_resamples}")


def _sound(answers: Arrays, x: Floats, w: Floats) -> Floats:
    """Correlations of outcome and drivers, refused where they have no inverse."""
    p = len(answers.names)
    if len(x) <= p:
        raise DataError(f"{len(x)} complete cases for {p - 1} drivers; more are needed")
    constant = [name for name, column in zip(answers.names, x.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise DataError(listing([f"{name!r} never varies; leave it out" for name in constant], "no drivers"))
    corr = weighted_correlation(x, w[None])[0]
    inner = corr[1:, 1:]
    if np.linalg.eigvalsh(inner)[0] <= SMALLEST_EIGENVALUE:
        twins = [
            f"{answers.names[i + 1]!r} repeats {answers.names[j + 1]!r}"
            for i in range(p - 1)
            for j in range(i)
            if abs(inner[i, j]) > 1 - 1e-9
        ]
        raise DataError(listing(twins or ["a driver is a sum of the others"], "drivers cannot be told apart"))
    return corr


def weighted_correlation(x: Floats, w: Floats) -> Floats:
    """Correlations (B, p, p) of (n, p) answers for weights (B, n)."""
    centred = x - x.mean(axis=0)
    share = w / w.sum(axis=1, keepdims=True)
    mean = share @ centred
    second = np.swapaxes(centred[None] * share[:, :, None], 1, 2) @ centred
    return correlation(second - mean[:, :, None] * mean[:, None, :])


def shares(corr: Floats, method: str) -> Floats:
    """Parts of R^2 for outcome-first correlations (..., p + 1, p + 1)."""
    divide = relative.lmg if method == "lmg" else relative.johnson
    return divide(corr[..., 1:, 1:], corr[..., 0, 1:])


def _drivers(corr: Floats, names: list[str], method: str) -> pd.DataFrame:
    """One row a driver, without intervals."""
    parts = shares(corr, method)
    inverse = np.linalg.inv(corr[1:, 1:])
    columns = {
        "estimate": parts,
        "share": parts / parts.sum() if parts.sum() > 0 else np.full(len(parts), np.nan),
        "correlation": corr[0, 1:],
        "beta": inverse @ corr[0, 1:],
        "vif": np.diag(inverse),
    }
    return pd.DataFrame(columns, index=pd.Index(names, name="item"))


def _counts(answers: Arrays, group: Group, size: int, rng: np.random.Generator) -> Floats:
    """Multipliers of the case weights of a group's complete cases, (size, n): bootstrap, Rao-Wu under a design."""
    kept = np.asarray(group.inside & ~np.isnan(answers.values).any(axis=1))
    if answers.replicates is not None:
        return answers.replicates.multipliers.T[:, kept]
    if answers.laid is not None:
        return survey.rao_wu_multipliers(answers.laid, rng, size)[:, kept]
    n = int(kept.sum())
    return rng.multinomial(n, np.full(n, 1 / n), size=size).astype(float)


def _resampled(counts: Floats, x: Floats, w: Floats, method: str) -> Floats:
    """Parts of R^2 in resamples of respondents, NaN where drivers repeat each other."""
    blocks_of = np.array_split(counts, max(1, len(counts) * x.size // 4_000_000))
    corr = np.concatenate([weighted_correlation(x, part * w) for part in blocks_of])
    sound = np.isfinite(corr).all(axis=(1, 2))
    inner = np.where(sound[:, None, None], corr, np.eye(corr.shape[-1]))
    sound &= np.linalg.eigvalsh(inner[:, 1:, 1:])[:, 0] > SMALLEST_EIGENVALUE
    inner = np.where(sound[:, None, None], corr, np.eye(corr.shape[-1]))
    return np.where(sound[:, None], shares(inner, method), np.nan)
