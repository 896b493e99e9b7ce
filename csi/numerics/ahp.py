"""Weights from paired judgements: the analytic hierarchy process.

References
----------
Saaty (1980), The Analytic Hierarchy Process: principal eigenvector, consistency index and ratio.
Aczel & Saaty (1983), Procedures for synthesizing ratio judgements: only the geometric mean keeps reciprocity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Mean consistency index of random matrices of order 1, 2, 3, ... by the source of the table.
RANDOM_INDEX: dict[str, tuple[float, ...]] = {
    # Saaty (1980); the table of most Chinese textbooks.
    "saaty1980": (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
    # Saaty (2005), Theory and Applications of the Analytic Network Process; what ahpy calls "saaty".
    "saaty2005": (0, 0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.51, 1.54, 1.56, 1.57, 1.58),
}


class Judged(NamedTuple):
    """Weights (n,) that sum to one, the principal eigenvalue, and the consistency index (lambda - n)/(n - 1)."""

    weights: Floats
    eigenvalue: float
    consistency_index: float


def principal(matrix: Floats) -> Judged:
    """Weights as the principal eigenvector of a positive reciprocal matrix (n, n) [Saaty 1980, ch. 1 and 3].

    Examples
    --------
    >>> judged = principal(np.array([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]))
    >>> judged.weights.round(6).tolist(), round(judged.eigenvalue, 7)
    ([0.648329, 0.229651, 0.12202], 3.0036946)
    """
    n = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    at = int(np.argmax(values.real))
    # Perron: the eigenvector of the largest eigenvalue of a positive matrix has one sign.
    vector: Floats = np.abs(vectors[:, at].real)
    eigenvalue = float(values[at].real)
    index = (eigenvalue - n) / (n - 1) if n > 1 else 0.0
    return Judged(vector / vector.sum(), eigenvalue, max(index, 0.0))


def geometric_mean(matrices: Floats) -> Floats:
    """Join the judgements of several experts (k, n, n) into one matrix [Aczel & Saaty 1983].

    Examples
    --------
    >>> geometric_mean(np.array([[[1, 2], [1 / 2, 1]], [[1, 8], [1 / 8, 1]]])).round(12).tolist()
    [[1.0, 4.0], [0.25, 1.0]]
    """
    joined: Floats = np.exp(np.log(matrices).mean(axis=0))
    return joined


def consistency_ratio(consistency_index: float, n: int, table: str) -> float:
    """CR = CI / RI of order n by a named table; 0 for n <= 2, NaN beyond the end of the table.

    Examples
    --------
    >>> round(consistency_ratio(0.0018473, 3, "saaty1980"), 6), round(consistency_ratio(0.0018473, 3, "saaty2005"), 6)
    (0.003185, 0.003553)
    """
    if n <= 2:
        return 0.0
    known = RANDOM_INDEX[table]
    return consistency_index / known[n - 1] if n <= len(known) else float("nan")
