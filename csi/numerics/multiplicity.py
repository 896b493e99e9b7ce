"""p-values corrected for their number.

References
----------
Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6.
Benjamini & Hochberg (1995), Controlling the false discovery rate, JRSS B 57.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Correction = Literal["holm", "bh", "none"]


def adjust(p_values: Floats, correction: Correction) -> Floats:
    """Corrected p-values in their order; NaN stay NaN and are not counted.

    Examples
    --------
    >>> adjust(np.array([0.01, 0.04, 0.03]), "holm").round(2).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust(np.array([0.01, 0.04, 0.03]), "bh").round(2).tolist()
    [0.03, 0.04, 0.04]
    """
    adjusted = p_values.astype(float)
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    m, ordered = len(order), p_values[order]
    if correction == "holm":
        adjusted[order] = np.minimum(np.maximum.accumulate(ordered * (m - np.arange(m))), 1)
    elif correction == "bh":
        scaled = ordered * m / (1 + np.arange(m))
        adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return adjusted
