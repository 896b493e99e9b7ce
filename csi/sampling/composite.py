"""Spread of a weighted index before there are answers: from weights, and a covariance assumed or seen before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import SettingsError
from csi.sampling.sizes import index_sd

CompositeSpread = float | Mapping[str, float] | Sequence[Any] | NDArray[np.float64] | pd.DataFrame | None


def composite_spread(
    weights: Mapping[str, float] | Sequence[float],
    sd: CompositeSpread,
    correlation: CompositeSpread,
    covariance: CompositeSpread,
    scale: Any,
) -> float:
    """Standard deviation of the index, in points, from any of the ways to say it.

    Examples
    --------
    >>> round(composite_spread([1, 1], sd=20, correlation=0.5, covariance=None, scale=(0, 100)), 4)
    17.3205
    """
    names = weights.keys() if isinstance(weights, (Mapping, pd.Series)) else range(len(weights))
    items = [str(name) for name in names]
    v = _vector(weights, items, "weights")
    if not v.sum() > 0:
        raise SettingsError(f"weights= must have a positive sum; they add up to {v.sum():g}")
    matrix = _covariance(items, sd, correlation, covariance)
    lowest = float(np.linalg.eigvalsh(matrix)[0])
    if lowest < -1e-10 * float(np.trace(matrix)):
        raise SettingsError(
            f"No answers can have this covariance or correlation: its smallest eigenvalue is {lowest:.3g}"
        )
    return index_sd(v, matrix, _ranges(scale, items))


def _covariance(items: list[str], sd: Any, correlation: Any, covariance: Any) -> NDArray[np.float64]:
    """Covariance of the items, either given or sd times correlation times sd."""
    if covariance is not None:
        if sd is not None or correlation is not None:
            raise SettingsError("Give covariance=, or sd= with correlation=; not both")
        return _matrix(covariance, items, "covariance")
    if sd is None or (correlation is None and len(items) > 1):
        raise SettingsError("An index of several items needs covariance=, or sd= with correlation=")
    spread = _vector(sd, items, "sd")
    if not (spread > 0).all():
        raise SettingsError("sd= must be positive for every item")
    pairs = _matrix(0.0 if correlation is None else correlation, items, "correlation")
    if not np.allclose(np.diag(pairs), 1) or np.abs(pairs).max() > 1 + 1e-12:
        raise SettingsError("correlation= must have ones on its diagonal and nothing beyond -1 and 1")
    return pairs * np.outer(spread, spread)


def _vector(value: Any, items: list[str], name: str) -> NDArray[np.float64]:
    """One number an item: from a number for all, a mapping by item, or a sequence in order."""
    if np.ndim(value) == 0 and not isinstance(value, Mapping):
        return np.full(len(items), float(value))
    if isinstance(value, (Mapping, pd.Series)):
        missing = [item for item in items if item not in value]
        if missing:
            raise SettingsError(f"{name}= has no number for {', '.join(missing)}")
        return np.array([float(value[item]) for item in items])
    if len(value) != len(items):
        raise SettingsError(f"{name}= has {len(value)} numbers for {len(items)} items")
    return np.asarray(value, dtype=float)


def _matrix(value: Any, items: list[str], name: str) -> NDArray[np.float64]:
    """A symmetric matrix of the items: from one number for every pair, or a table."""
    if np.ndim(value) == 0 and not isinstance(value, pd.DataFrame):
        return np.where(np.eye(len(items), dtype=bool), 1.0, float(value))
    if isinstance(value, pd.DataFrame) and set(items) <= set(value.columns) and set(items) <= set(value.index):
        value = value.loc[items, items]
    array = np.asarray(value, dtype=float)
    if array.shape != (len(items), len(items)) or not np.allclose(array, array.T):
        raise SettingsError(f"{name}= must be a symmetric table of {len(items)} by {len(items)}; not {array.shape}")
    return array


def _ranges(scale: Any, items: list[str]) -> NDArray[np.float64]:
    """Highest minus lowest answer of each item."""
    pairs = [scale[item] if isinstance(scale, Mapping) else scale for item in items]
    ranges = np.array([float(high) - float(low) for low, high in pairs])
    if not (ranges > 0).all():
        raise SettingsError("scale= is a pair (lowest, highest) with the lowest first")
    return ranges


class FittedIndex(Protocol):
    """What a fit offers to a plan: the table of its index and its numbers of cases."""

    def index(self, *arguments: Any, **settings: Any) -> pd.DataFrame:
        """Constructs down, `std_error` among the columns; the index first."""

    @property
    def n(self) -> pd.Series:
        """Cases of every group."""


def fitted_spread(fit: Any) -> float:
    """Standard deviation of one respondent's contribution to the index of a fit of one group."""
    if len(fit.n) != 1:
        raise SettingsError("fit= takes a fit of one group; choose it: fit['2024']")
    return float(fit.index()["std_error"].iloc[0] * np.sqrt(fit.n.iloc[0]))
