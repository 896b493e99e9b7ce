"""Agreement of two graders beyond chance.

References
----------
Cohen (1968), Weighted kappa, Psychological Bulletin 70.
Fleiss, Cohen & Everitt (1969), Large sample standard errors of kappa and weighted kappa, Psychological Bulletin 72.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Weights = Literal["none", "linear", "quadratic"]


def kappa(counts: Floats, weights: Weights = "quadratic") -> tuple[float, float]:
    """Weighted kappa of a square table of grades, and its standard error [Fleiss, Cohen & Everitt 1969, eq. 8-13].

    Examples
    --------
    >>> estimate, error = kappa(np.array([[20.0, 5.0], [10.0, 15.0]]), "none")
    >>> round(estimate, 4), round(error, 4)
    (0.4, 0.127)
    """
    n, k = counts.sum(), len(counts)
    p = counts / n
    gap = np.abs(np.subtract.outer(np.arange(k), np.arange(k)))
    distance = {"none": (gap > 0).astype(float), "linear": gap / (k - 1), "quadratic": (gap / (k - 1)) ** 2}[weights]
    credit = 1 - distance
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, chance = (p * credit).sum(), rows @ credit @ columns
    if not chance < 1:
        return np.nan, np.nan
    value = (observed - chance) / (1 - chance)
    means = np.add.outer(credit @ columns, rows @ credit)
    variance = (p * (credit - means * (1 - value)) ** 2).sum() - (value - chance * (1 - value)) ** 2
    return float(value), float(np.sqrt(max(variance, 0.0) / n) / (1 - chance))
