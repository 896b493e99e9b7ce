"""What the design costs: the variance of a result beside that of a simple random sample of the same size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.noun import Noun
from csi.results.tables import wide

MEASURES = ("std_error", "std_error_srs", "deff", "n_effective")


def design_effects(core: Core, noun: Noun) -> pd.DataFrame:
    """Standard error by the design, that of simple random sampling (with replacement), their squared ratio, n / deff.

    The second is sqrt(s^2 / n), s^2 the weighted variance of the influences of the cases [Lumley 2004].
    """
    by_design = core.uncertainty(noun, "normal", 0.95).std_error
    simple = np.stack([_simple(core, noun, g) for g in range(len(core.groups))])
    with np.errstate(invalid="ignore", divide="ignore"):
        deff = (by_design / simple) ** 2
        size = core.stack.n[:, None] / deff
    values = np.stack([by_design, simple, deff, size], axis=2).reshape(len(simple), -1)
    return wide(values, noun.rows, MEASURES, core.by, core.labels)


def _simple(core: Core, noun: Noun, g: int) -> Floats:
    """Standard errors `(rows,)` as if the cases of a group were a simple random sample."""
    sample = core._cases()
    weight = sample.weight[sample.rows[core.groups[g]]]
    moved, n = core.influences(noun, g), float(core.stack.n[g])
    share = weight / weight.sum()
    variance = share @ (moved - share @ moved) ** 2 * n / (n - 1)
    return np.asarray(np.sqrt(variance / n))
