"""Scores of every respondent, on the user's own rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.index import Convention, order, score_weights


def scores(core: Core, weights: Convention) -> pd.DataFrame:
    """0-100 scores `(rows, constructs)`: the same weighted sum of the points as the index.

    A row that the fit left out, or with a blank among a construct's items, has NaN there: nothing is made up.
    """
    sample, blueprint = core._cases(), core.blueprint.plain
    blueprint.need_scales("a score")
    shares = score_weights(blueprint, core.stack, core.estimates, weights)
    found = np.full((len(sample.index), len(blueprint.constructs)), np.nan)
    for g, group in enumerate(core.groups):
        cases = sample.rows[group]
        found[sample.at[cases]] = _weighted(blueprint.blocks, blueprint.slots, sample.points[:, cases], shares[:, g])
    columns = [blueprint.constructs[j] for j in order(blueprint)]
    return pd.DataFrame(found, index=sample.index, columns=list(blueprint.constructs))[columns]


def _weighted(blocks: tuple[slice, ...], slots: NDArray[np.intp], points: Floats, shares: Floats) -> Floats:
    return np.stack([shares[block] @ points[slots[block]] for block in blocks], axis=1)
