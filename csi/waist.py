"""The waist: counts, means and covariances of the items, through which every estimate passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import DataError, listing, suggest
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats


@dataclass(frozen=True, eq=False, init=False)
class Moments:
    """What an estimator needs of the answers: how many, their means and their covariances, in codes.

    Parameters
    ----------
    n : float or array (groups,)
        Number of cases.
    mean : Series, or array (p,), (groups, p)
        Means of the items; NaN or None where unknown (the index then is not available).
    cov : DataFrame, or array (p, p), (groups, p, p)
        Unbiased covariances (divisor n - 1).
    items : sequence of str, optional
        Names of the items; read from a DataFrame's columns or a Series' index where given.
    groups : sequence, optional
        Labels of the groups; `by` names them in tables.
    by : str or sequence of str, optional
        What the groups are called.

    Raises
    ------
    DataError
        If shapes or names do not fit, or a covariance matrix is not symmetric.

    Examples
    --------
    >>> import pandas as pd
    >>> cov = pd.DataFrame([[4.0, 1.0], [1.0, 4.0]], index=["q1", "q2"], columns=["q1", "q2"])
    >>> Moments(n=250, mean=[7.0, 8.0], cov=cov)
    Moments(n=250, 2 items)
    """

    n: Floats
    mean: Floats
    cov: Floats
    items: tuple[str, ...]
    groups: tuple[Any, ...]
    by: tuple[str, ...]
    standardized: bool

    def __init__(
        self,
        n: Any,
        mean: Any,
        cov: Any,
        items: Sequence[str] | None = None,
        groups: Sequence[Any] | None = None,
        by: str | Sequence[str] = (),
        standardized: bool = False,
    ) -> None:
        names = _item_names(items, cov, mean)
        matrix = np.asarray(cov, dtype=float)
        matrix = matrix[None] if matrix.ndim == 2 else matrix
        counts = np.broadcast_to(np.asarray(n, dtype=float), (len(matrix),)).copy()
        means = np.full(matrix.shape[:2], np.nan) if mean is None else _means(mean, names, len(matrix))
        problems = list(_shape_problems(names, counts, means, matrix))
        if problems:
            raise DataError(listing(problems, "these moments cannot be used"))
        put = object.__setattr__
        put(self, "n", counts)
        put(self, "mean", means)
        put(self, "cov", matrix)
        put(self, "items", names)
        put(
            self,
            "groups",
            tuple(groups) if groups is not None else ((),) if len(matrix) == 1 else tuple(range(len(matrix))),
        )
        put(self, "by", (by,) if isinstance(by, str) else tuple(by) or (("group",) if groups is not None else ()))
        put(self, "standardized", standardized)

    @classmethod
    def from_table(
        cls,
        correlation: pd.DataFrame,
        mean: Mapping[str, float] | Sequence[float] | None = None,
        sd: Mapping[str, float] | Sequence[float] | None = None,
        *,
        n: float,
    ) -> Moments:
        """Take moments from a printed correlation matrix, so that a published table can be fitted without raw data.

        Parameters
        ----------
        correlation : DataFrame (p, p)
            Full, or with the lower or upper triangle only (the rest blank).
        mean, sd : mapping or sequence (p,), optional
            Printed means and standard deviations; without them there is no index and no unstandardized effect.
        n : float
            Number of cases behind the table.

        Raises
        ------
        DataError
            If it is not a correlation matrix.

        Examples
        --------
        >>> printed = pd.DataFrame([[1.0, None], [0.5, 1.0]], index=["q1", "q2"], columns=["q1", "q2"])
        >>> Moments.from_table(printed, mean=[7, 8], sd=[2, 2], n=250).cov[0, 0, 1]
        np.float64(2.0)
        """
        names = [str(column) for column in correlation.columns]
        full = _filled(correlation.to_numpy(dtype=float), names)
        deviations = np.ones(len(names)) if sd is None else _in_order(sd, names, "sd")
        means = None if mean is None else _in_order(mean, names, "mean")
        cov = full * deviations[:, None] * deviations[None, :]
        return cls(n=n, mean=means, cov=cov, items=names, standardized=sd is None)

    @property
    def stack(self) -> Stack:
        """Means `(p, groups)` and covariances `(p, p, groups)`, groups last, as numerics want them."""
        cov = np.ascontiguousarray(np.moveaxis(self.cov, 0, -1))
        return Stack(np.ascontiguousarray(self.mean.T), cov, self.n)

    def select(self, names: Sequence[str]) -> Moments:
        """Keep some items, in a given order.

        Raises
        ------
        DataError
            Naming every item that is not there.
        """
        problems = [
            f"item {name!r} is not among the moments{suggest(name, self.items)}"
            for name in names
            if name not in self.items
        ]
        if problems:
            raise DataError(listing(problems, "the moments do not hold what the model names"))
        at = [self.items.index(name) for name in names]
        cov = self.cov[:, at][:, :, at]
        return Moments(self.n, self.mean[:, at], cov, names, self.groups, self.by, self.standardized)

    def __repr__(self) -> str:
        counts = f"n={self.n[0]:g}" if len(self.n) == 1 else f"{len(self.n)} groups, n={self.n.sum():g}"
        return f"Moments({counts}, {len(self.items)} items)"


def _item_names(items: Sequence[str] | None, cov: Any, mean: Any) -> tuple[str, ...]:
    if items is not None:
        return tuple(map(str, items))
    if isinstance(cov, pd.DataFrame):
        return tuple(map(str, cov.columns))
    if isinstance(mean, pd.Series):
        return tuple(map(str, mean.index))
    raise DataError("moments need the names of their items: give cov as a DataFrame, or items=[...]")


def _means(mean: Any, names: tuple[str, ...], groups: int) -> Floats:
    if isinstance(mean, pd.Series):
        mean = mean.reindex(list(names)).to_numpy(dtype=float)
    values = np.asarray(mean, dtype=float)
    return np.broadcast_to(values, (groups, values.shape[-1])).copy()


def _shape_problems(names: tuple[str, ...], n: Floats, mean: Floats, cov: Floats) -> list[str]:
    p = len(names)
    problems = []
    if len(set(names)) != p:
        problems.append(f"item names stand twice: {', '.join(sorted({x for x in names if names.count(x) > 1}))}")
    if cov.ndim != 3 or cov.shape[1:] != (p, p):
        problems.append(f"cov must be {p} x {p} for {p} items; it is {' x '.join(map(str, cov.shape[1:]))}")
    elif not np.allclose(cov, cov.swapaxes(1, 2), rtol=1e-8, atol=1e-10, equal_nan=True):
        problems.append("cov is not symmetric; give the full matrix (from_table reads a triangle)")
    if mean.shape[-1] != p:
        problems.append(f"mean must hold {p} numbers; it holds {mean.shape[-1]}")
    if not (n > 1).all():
        problems.append(f"n must be above 1; it is {n.min():g}")
    return problems


def _in_order(values: Mapping[str, float] | Sequence[float], names: list[str], what: str) -> Floats:
    if isinstance(values, (Mapping, pd.Series)):
        missing = [name for name in names if name not in values]
        if missing:
            raise DataError(f"{what} has no entry for {', '.join(map(repr, missing))}")
        return np.array([values[name] for name in names], dtype=float)
    read = np.asarray(values, dtype=float)
    if read.shape != (len(names),):
        raise DataError(f"{what} must hold {len(names)} numbers, one an item; it holds {read.size}")
    return read


def _filled(matrix: Floats, names: list[str]) -> Floats:
    """Complete a triangle and check that the result is a correlation matrix."""
    if matrix.shape != (len(names), len(names)):
        raise DataError(f"a correlation matrix is square; this is {matrix.shape[0]} x {matrix.shape[1]}")
    full = np.where(np.isnan(matrix), matrix.T, matrix)
    np.fill_diagonal(full, np.where(np.isnan(np.diag(full)), 1.0, np.diag(full)))
    problems = []
    if np.isnan(full).any():
        row, col = np.argwhere(np.isnan(full))[0]
        problems.append(f"the correlation of {names[row]!r} and {names[col]!r} is blank on both sides")
    if not np.allclose(np.diag(full), 1, atol=1e-8):
        problems.append("the diagonal must be 1; for covariances use Moments(n=, mean=, cov=)")
    if np.nanmax(np.abs(full)) > 1 + 1e-8:
        problems.append("a correlation lies outside -1 to 1")
    if not np.allclose(full, full.T, atol=1e-8, equal_nan=True):
        row, col = np.argwhere(~np.isclose(full, full.T, atol=1e-8, equal_nan=True))[0]
        problems.append(f"the two correlations of {names[row]!r} and {names[col]!r} differ")
    if problems:
        raise DataError(listing(problems, "this is not a correlation matrix"))
    return full
