"""Weights from judgement (AHP) and from the answers themselves (entropy), for any set of things."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from csi import frames
from csi.errors import DataError, SettingsError, check_choice, listing
from csi.numerics import ahp as judged
from csi.numerics import entropy as entropies

RandomIndex: TypeAlias = Literal["saaty1980", "saaty2005"]
#: A judgement and its reverse may differ this much from 1, because 1/3 is often written 0.33.
RECIPROCAL = 0.02
#: Saaty's limit of the consistency ratio.
CONSISTENT = 0.10


@dataclass(frozen=True, eq=False)
class AHP:
    """Weights from paired judgements, with how far the judgements contradict each other.

    Attributes
    ----------
    weights : Series
        One weight a thing; they sum to one.
    eigenvalue, consistency_index, consistency_ratio : float
        Of the joined judgements: principal eigenvalue, (eigenvalue - n)/(n - 1), and that over the random index.
    random_index : str
        Name of the table of random indices.
    expert_ratios : tuple of float
        Consistency ratio of every expert.

    Examples
    --------
    >>> import csi
    >>> judged = csi.questionnaire.ahp([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]], ["price", "quality", "image"])
    >>> judged.weights.round(3).to_dict()
    {'price': 0.648, 'quality': 0.23, 'image': 0.122}
    """

    weights: pd.Series
    eigenvalue: float
    consistency_index: float
    consistency_ratio: float
    random_index: str
    expert_ratios: tuple[float, ...]

    @property
    def inconsistent(self) -> list[str]:
        """Whose judgements exceed Saaty's limit of 0.10: "joined", "expert 1", ..."""
        named = {"joined": self.consistency_ratio}
        if len(self.expert_ratios) > 1:
            named |= {f"expert {i}": ratio for i, ratio in enumerate(self.expert_ratios, 1)}
        return [who for who, ratio in named.items() if not ratio <= CONSISTENT]

    def __repr__(self) -> str:
        weights = ", ".join(f"{name} {weight:.4f}" for name, weight in self.weights.items())
        verdict = f"inconsistent: {', '.join(self.inconsistent)}" if self.inconsistent else "consistent"
        return f"AHP({weights}; CR {self.consistency_ratio:.4f} by {self.random_index}, {verdict})"


def ahp(judgements: Any, names: Sequence[str] | None = None, *, random_index: RandomIndex = "saaty1980") -> AHP:
    """Weights from paired judgements by the analytic hierarchy process.

    Parameters
    ----------
    judgements : matrix (n, n) or DataFrame, or a list of them, one an expert
        Entry (i, j) says how many times i is as important as j; (j, i) is its reverse. Experts are joined by the
        geometric mean of their judgements.
    names : sequence of str, optional
        What is compared; the names of a DataFrame, or numbers, if left out.
    random_index : {"saaty1980", "saaty2005"}
        Table of the random index: 0.58, 0.90, 1.12, ... (Saaty 1980, of Chinese textbooks), or 0.52, 0.89, 1.11, ...
        (Saaty 2005).

    Returns
    -------
    AHP

    Raises
    ------
    DataError
        If a matrix is not square, positive and reciprocal, naming the pair.

    Notes
    -----
    The weights are the principal eigenvector [Saaty 1980]. CR = CI / RI above 0.10 is too much contradiction.

    Examples
    --------
    >>> ahp([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]], ["price", "quality", "image"])
    AHP(price 0.6483, quality 0.2297, image 0.1220; CR 0.0032 by saaty1980, consistent)
    """
    check_choice(random_index, "random_index", tuple(judged.RANDOM_INDEX))
    matrices = _matrices(judgements)
    if names is None:
        first = matrices[0]
        names = [str(name) for name in first.columns] if isinstance(first, pd.DataFrame) else None
    arrays = [
        _matrix(matrix, names, f"expert {i}" if len(matrices) > 1 else "") for i, matrix in enumerate(matrices, 1)
    ]
    n = len(arrays[0])
    if any(len(array) != n for array in arrays):
        raise DataError(f"the experts judge different numbers of things: {', '.join(str(len(a)) for a in arrays)}")
    joined = judged.principal(judged.geometric_mean(np.array(arrays)))

    def ratio(index: float) -> float:
        return judged.consistency_ratio(index, n, random_index)

    return AHP(
        pd.Series(joined.weights, index=pd.Index(names or range(1, n + 1), name="part"), name="weight"),
        joined.eigenvalue,
        joined.consistency_index,
        ratio(joined.consistency_index),
        random_index,
        tuple(ratio(judged.principal(array).consistency_index) for array in arrays),
    )


def _matrices(judgements: Any) -> list[Any]:
    """One matrix, or one an expert."""
    if isinstance(judgements, pd.DataFrame):
        return [judgements]
    listed = list(judgements)
    if not listed:
        raise DataError("there are no judgements; give a matrix (n, n), or one an expert")
    return listed if isinstance(listed[0], pd.DataFrame) or np.ndim(listed[0]) == 2 else [listed]


def _matrix(matrix: Any, names: Sequence[str] | None, who: str) -> np.ndarray:
    """One expert's judgements, in the order of the names."""
    if isinstance(matrix, pd.DataFrame) and names is not None:
        labels = {*map(str, matrix.index)} | {*map(str, matrix.columns)}
        if labels != set(names):
            odd = sorted(labels ^ set(names))
            raise DataError(
                f"{_whose(who)} must name {', '.join(names)} in its rows and columns; {odd[0]!r} is not both"
            )
        matrix = matrix.rename(index=str, columns=str).loc[list(names), list(names)]
    try:
        array = np.array(matrix, dtype=float)
    except (TypeError, ValueError):
        raise DataError(f"{_whose(who)} must hold numbers, such as 3 and 1 / 3") from None
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise DataError(f"{_whose(who)} must be square; not {' x '.join(map(str, array.shape))}")
    if names is not None and len(array) != len(names):
        raise DataError(f"{_whose(who)} compares {len(array)} things; there are {len(names)}: {', '.join(names)}")
    problems = list(_judgement_problems(array, names or [str(i) for i in range(1, len(array) + 1)]))
    if problems:
        raise DataError(listing(problems, f"{_whose(who)} cannot be used"))
    return array


def _whose(who: str) -> str:
    return f"the matrix of {who}" if who else "the matrix of judgements"


def _judgement_problems(array: np.ndarray, names: Sequence[str]) -> list[str]:
    if not (np.isfinite(array) & (array > 0)).all():
        i, j = map(int, np.argwhere(~(np.isfinite(array) & (array > 0)))[0])
        return [f"{names[i]} against {names[j]} is {array[i, j]:g}; judgements are positive"]
    pairs = combinations(range(len(array)), 2)
    wrong = [(i, j) for i, j in pairs if abs(array[i, j] * array[j, i] - 1) > RECIPROCAL]
    return [
        f"{names[i]} against {names[j]} is {array[i, j]:g}, and the reverse {array[j, i]:g}, not {1 / array[i, j]:.4g}"
        for i, j in wrong
    ]


def entropy(
    data: Any, columns: Sequence[str] | None = None, *, scaling: Literal["none", "min-max"] = "none"
) -> pd.DataFrame:
    """Weights of columns by how well they tell the rows apart.

    Parameters
    ----------
    data : DataFrame
        One row an object (a respondent, a company, a month), one column an indicator; larger is better.
    columns : sequence of str, optional
        Which columns; all if left out.
    scaling : {"none", "min-max"}
        Whether columns are taken as they are (they must not be negative), or stretched from 0 to 1 first (a zero
        then counts 0 ln 0 = 0).

    Returns
    -------
    DataFrame
        One row a column: `entropy` (1: all rows alike), `weight`. `.attrs["n"]` rows used; rows with a blank are
        left out.

    Raises
    ------
    DataError
        If a column is negative without scaling, or no column tells any rows apart.

    Notes
    -----
    E_j = -sum_i p_ij ln p_ij / ln m with p_ij = x_ij / sum_i x_ij; weights in proportion to 1 - E_j [Zeleny 1982].

    Examples
    --------
    >>> print(entropy({"price": [2, 2.5, 1.8, 2.2], "range": [1500, 2700, 2000, 1800]}).round(4).to_string())
            entropy  weight
    column
    price    0.9947  0.2375
    range    0.9829  0.7625
    """
    check_choice(scaling, "scaling", ("none", "min-max"))
    opened = frames.table(data)
    names = list(opened.columns if columns is None else columns)
    x = frames.numbers(opened, names, "column").T
    x = x[~np.isnan(x).any(axis=1)]
    if len(x) < 2:
        raise DataError(f"entropy compares rows; only {len(x)} of {len(opened)} have no blank")
    if scaling == "none" and (x < 0).any():
        negative = [name for name, low in zip(names, x.min(axis=0), strict=True) if low < 0]
        raise DataError(
            f"{', '.join(negative)} hold negative values, which have no share; scaling='min-max' moves them"
        )
    if scaling == "min-max":
        x = entropies.min_max(x)
    weights = entropies.entropy_weights(x)
    if np.isnan(weights).any():
        raise DataError("no column tells the rows apart, or one is zero throughout; there are no entropy weights")
    index = pd.Index(names, name="column")
    table = pd.DataFrame({"entropy": entropies.entropy(x), "weight": weights}, index=index)
    table.attrs["n"] = len(x)
    return table


def check_values(values: Sequence[float], count: int) -> np.ndarray:
    """Values of the grades, one each."""
    if len(values) != count or not np.isfinite(np.asarray(values, dtype=float)).all():
        raise SettingsError(f"values must give each of the {count} grades a number; not {list(values)!r}")
    return np.asarray(values, dtype=float)
