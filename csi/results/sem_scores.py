"""Factor scores of every respondent."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from csi.errors import NotAvailable, check_choice
from csi.methods.sem_cases import cases_of
from csi.methods.sem_solved import FromCategories
from csi.numerics.sem.scores import score_weights
from csi.results.core import Core
from csi.results.sem_parameters import layout_of, method_of


def factor_score_table(core: Core, method: Literal["regression", "bartlett"]) -> pd.DataFrame:
    """Scores `(rows, constructs)`; NaN where an item is blank, or the row was left out."""
    check_choice(method, "method", ("regression", "bartlett"))
    built, sample, blueprint = layout_of(core, "factor scores"), core._cases(), core.blueprint
    if built.ordered:
        raise NotAvailable("factor scores of ordered items are not worked out; fit.scores() gives the 0-100 scores")
    found = np.full((len(sample.index), len(blueprint.constructs)), np.nan)
    for g, group in enumerate(core.groups):
        solved = core.solved(g)
        if isinstance(solved, FromCategories) or not np.isfinite(solved.theta).all():
            continue
        at = core.stack.columns(slice(g, g + 1))
        units = method_of(core, "factor scores").moments(built, blueprint, at)[2][:, 0]
        mean = at.mean[:, 0] / np.abs(blueprint.intercept_slope[1])
        mean = mean - blueprint.intercept_slope[0] / np.abs(blueprint.intercept_slope[1])
        weights = score_weights(solved.layout.structure, solved.theta, 0, method)[0]
        cases = cases_of(blueprint, sample, group)
        found[sample.at[sample.rows[group]]] = ((cases - mean) / units) @ weights[built.constructs - len(mean)].T
    return pd.DataFrame(found, index=sample.index, columns=list(blueprint.constructs))
