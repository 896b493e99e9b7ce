"""Key drivers: how much of an outcome each attribute explains, with intervals; and importance against performance.

References
----------
Lindeman, Merenda & Gold (1980); Groemping (2007); Johnson (2000): see `csi.numerics.relative`.
Martilla & James (1977), Importance-performance analysis, Journal of Marketing 41.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import blocks
from csi.blocks import Answers, Group, Scale
from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice, listing
from csi.measures.common import check_level, columns_of, mean_table, one_a_group, scale_of
from csi.numerics import relative, survey
from csi.numerics.items import correlation

Floats = NDArray[np.float64]
Method = Literal["lmg", "johnson"]
Cut = Literal["mean", "median", "midpoint"]

SMALLEST_EIGENVALUE = 1e-10
QUADRANTS = {
    "en": ("Concentrate here", "Keep up the good work", "Low priority", "Possible overkill"),
    "zh": ("重点改进", "继续保持", "低优先级", "过度投入"),
}


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
        Weights enter the correlations; resamples are Rao and Wu's within strata and between clusters.
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
    stream = np.random.default_rng(rng)
    explained: dict[str, float] = {}

    def of_group(group: Group) -> pd.DataFrame:
        x, w = columns_of(group, answers, range(len(answers.names)))
        corr = _sound(answers, x, w)
        table = _drivers(corr, names, method)
        draws = _resampled(_counts(answers, group, n_resamples, stream), x, w, method) if n_resamples else None
        if draws is not None:
            tail = 100 * (1 - confidence_level) / 2
            low, high = np.nanpercentile(draws, [tail, 100 - tail], axis=0)
            for at, column, values in ((1, "std_error", np.nanstd(draws, axis=0, ddof=1)), (2, "conf_low", low),
                                       (3, "conf_high", high)):  # fmt: skip
                table.insert(at, column, values)
        table["n"] = len(x)
        explained["/".join(map(str, group.label)) or "all"] = float(table["estimate"].sum())
        return table

    whole = one_a_group(answers, of_group, "listwise over outcome and drivers", method=method)
    whole.attrs["r2"] = explained
    return whole


def importance_performance(
    data: Any,
    items: Sequence[str],
    *,
    importance: Mapping[str, float] | Mapping[str, str] | None = None,
    on: str | None = None,
    derived: Method | Literal["correlation"] = "lmg",
    cut: Cut = "mean",
    scale: Scale | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    language: Literal["en", "zh"] = "en",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Importance-performance analysis: which attributes to mend first.

    Parameters
    ----------
    data : DataFrame
    items : list of str
        Columns of the attributes' performance.
    importance : {item: number} or {item: column}, optional
        Stated importance: numbers, or columns whose means are taken.
    on : str, optional
        Instead of `importance`: the outcome from which importance is derived.
    derived : {"lmg", "johnson", "correlation"}
        How importance is derived.
    cut : {"mean", "median", "midpoint"}
        Where the two lines stand: at the mean or the median of the attributes, or performance at the middle of the
        scale (importance then at its mean, unless stated on the same scale as columns).
    scale : (low, high), optional
        For `cut="midpoint"`.
    by, design : see `csi.describe`.
    language : {"en", "zh"}
        Of the quadrants' names.
    confidence_level : float
        Of the performance.

    Returns
    -------
    DataFrame
        Rows (quadrant, item), items in their order: `performance` with `std_error`, `conf_low`, `conf_high`,
        `importance`, `performance_cut`, `importance_cut`, `n`. A point on a line counts as above it.

    Examples
    --------
    >>> answers = {"a": [5, 5, 4], "b": [2, 1, 2]}
    >>> table = importance_performance(answers, ["a", "b"], importance={"a": 3.0, "b": 4.5})
    >>> list(table.index)
    [('Possible overkill', 'a'), ('Concentrate here', 'b')]
    """
    check_level(confidence_level)
    check_choice(cut, "cut", get_args(Cut))
    check_choice(language, "language", tuple(QUADRANTS))
    check_choice(derived, "derived", (*get_args(Method), "correlation"))
    if (importance is None) == (on is None):
        raise SettingsError("give importance= (stated) or on= (derived from an outcome), one of them")
    names = list(dict.fromkeys(items))
    stated = _stated(importance, names)
    extra = [on] if on else [name for name in stated.values() if isinstance(name, str)]
    answers = blocks.read(data, [*names, *(e for e in extra if e not in names)], by=by, design=design, scale=scale)
    if cut == "midpoint":
        scale_of(answers, "cut='midpoint'")

    def of_group(group: Group) -> pd.DataFrame:
        found = answers.mean(answers.values, group)
        table = mean_table(answers, found, pd.Index(answers.names, name="item"), confidence_level)
        weight = _derived(answers, group, names, on, derived) if on else _means(stated, table)
        table = table.loc[names].rename(columns={"estimate": "performance"})
        table.insert(4, "importance", weight)
        return _placed(table, answers, cut, bool(extra) and on is None, QUADRANTS[language])

    kind = f"derived ({derived}) from {on}" if on else "stated"
    return one_a_group(answers, of_group, importance=kind, cut=cut)


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


def _sound(answers: Answers, x: Floats, w: Floats) -> Floats:
    """Correlations of outcome and drivers, refused where they have no inverse."""
    p = len(answers.names)
    if len(x) <= p:
        raise DataError(f"{len(x)} complete cases for {p - 1} drivers; more are needed")
    constant = [name for name, column in zip(answers.names, x.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise DataError(listing([f"{name!r} never varies; leave it out" for name in constant], "no drivers"))
    corr = _weighted_correlation(x, w[None])[0]
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


def _weighted_correlation(x: Floats, w: Floats) -> Floats:
    """Correlations (B, p, p) of (n, p) answers for weights (B, n)."""
    centred = x - x.mean(axis=0)
    share = w / w.sum(axis=1, keepdims=True)
    mean = share @ centred
    second = np.swapaxes(centred[None] * share[:, :, None], 1, 2) @ centred
    return correlation(second - mean[:, :, None] * mean[:, None, :])


def _shares(corr: Floats, method: str) -> Floats:
    """Parts of R^2 for outcome-first correlations (..., p + 1, p + 1)."""
    divide = relative.lmg if method == "lmg" else relative.johnson
    return divide(corr[..., 1:, 1:], corr[..., 0, 1:])


def _drivers(corr: Floats, names: list[str], method: str) -> pd.DataFrame:
    """One row a driver, without intervals."""
    parts = _shares(corr, method)
    inverse = np.linalg.inv(corr[1:, 1:])
    columns = {
        "estimate": parts,
        "share": parts / parts.sum() if parts.sum() > 0 else np.full(len(parts), np.nan),
        "correlation": corr[0, 1:],
        "beta": inverse @ corr[0, 1:],
        "vif": np.diag(inverse),
    }
    return pd.DataFrame(columns, index=pd.Index(names, name="item"))


def _counts(answers: Answers, group: Group, size: int, rng: np.random.Generator) -> Floats:
    """Multipliers of the case weights of a group's complete cases, (size, n): bootstrap, Rao-Wu under a design."""
    kept = np.asarray(group.inside & ~np.isnan(answers.values).any(axis=1))
    if answers.laid is not None:
        return survey.rao_wu_multipliers(answers.laid, rng, size)[:, kept]
    n = int(kept.sum())
    return rng.multinomial(n, np.full(n, 1 / n), size=size).astype(float)


def _resampled(counts: Floats, x: Floats, w: Floats, method: str) -> Floats:
    """Parts of R^2 in resamples of respondents, NaN where drivers repeat each other."""
    blocks_of = np.array_split(counts, max(1, len(counts) * x.size // 4_000_000))
    corr = np.concatenate([_weighted_correlation(x, part * w) for part in blocks_of])
    sound = np.isfinite(corr).all(axis=(1, 2))
    inner = np.where(sound[:, None, None], corr, np.eye(corr.shape[-1]))
    sound &= np.linalg.eigvalsh(inner[:, 1:, 1:])[:, 0] > SMALLEST_EIGENVALUE
    inner = np.where(sound[:, None, None], corr, np.eye(corr.shape[-1]))
    return np.where(sound[:, None], _shares(inner, method), np.nan)


def _stated(importance: Mapping[str, Any] | None, names: list[str]) -> dict[str, Any]:
    """Stated importance of every item, complete and of one kind."""
    if importance is None:
        return {}
    without = [f"item {name!r} has no importance" for name in names if name not in importance]
    if without:
        raise SettingsError(listing(without, "importance= must name every item"))
    kinds = {isinstance(importance[name], str) for name in names}
    if len(kinds) > 1:
        raise SettingsError("importance= holds numbers or columns, not both")
    return {name: importance[name] for name in names}


def _means(stated: dict[str, Any], table: pd.DataFrame) -> list[float]:
    means = dict(zip(table.index, table["estimate"].to_numpy(dtype=float), strict=True))
    return [float(means[v]) if isinstance(v, str) else float(v) for v in stated.values()]


def _derived(answers: Answers, group: Group, names: list[str], on: str | None, derived: str) -> Floats:
    """Importance of the items for the outcome in one group."""
    at = [answers.names.index(name) for name in (str(on), *names)]
    x, w = columns_of(group, answers, at)
    if len(x) <= len(at):
        raise DataError(f"{len(x)} complete cases for {len(names)} items; more are needed")
    corr = _weighted_correlation(x, w[None])[0]
    if not np.isfinite(corr).all() or np.linalg.eigvalsh(corr[1:, 1:])[0] <= SMALLEST_EIGENVALUE:
        raise DataError("an item or the outcome never varies, or items repeat each other: no importance can be derived")
    return corr[0, 1:] if derived == "correlation" else _shares(corr, derived)


def _placed(table: pd.DataFrame, answers: Answers, cut: str, on_scale: bool, names: Sequence[str]) -> pd.DataFrame:
    """Put every item into its quadrant."""
    performance, weight = table["performance"], table["importance"]
    if cut == "midpoint":
        middle = float(np.mean([np.mean(scale) for scale in answers.scales if scale]))
        lines = middle, middle if on_scale else float(weight.mean())
    else:
        lines = (performance.mean(), weight.mean()) if cut == "mean" else (performance.median(), weight.median())
    table.insert(5, "performance_cut", lines[0])
    table.insert(6, "importance_cut", lines[1])
    high, good = weight >= lines[1], performance >= lines[0]
    place = np.where(high, np.where(good, names[1], names[0]), np.where(good, names[3], names[2]))
    table.index = pd.MultiIndex.from_arrays([place, table.index], names=["quadrant", "item"])
    return table
