"""Which respondents move a result, and by how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csi.results.core import Core
from csi.results.noun import Noun


def influence(core: Core, noun: Noun) -> pd.DataFrame:
    """Influence of every case on a noun of its group `(rows of the data, rows of the noun)`; NaN for rows left out."""
    sample = core._cases()
    found = np.full((len(sample.index), len(noun.flat_rows)), np.nan)
    for g, group in enumerate(core.groups):
        found[sample.at[sample.rows[group]]] = core.influences(noun, g)
    return pd.DataFrame(found, index=sample.index, columns=noun.flat_rows)
