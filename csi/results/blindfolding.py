"""Q2 by blindfolding, which needs the cases."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csi.errors import NotAvailable, SettingsError, check_choice
from csi.methods.pls import PLS
from csi.numerics.blindfold import q2
from csi.numerics.pls import Scheme
from csi.results.basis import composite, need_no_products
from csi.results.core import Core
from csi.results.tables import grouped

#: A blindfolded model is estimated as finely as that.
TOLERANCE = 1e-10


def table(core: Core, distance: int, scheme: Scheme) -> pd.DataFrame:
    """Q2 of every construct with causes; NaN for composites."""
    check_choice(scheme, "scheme", ("path", "factorial", "centroid"))
    if isinstance(distance, bool) or not isinstance(distance, (int, np.integer)) or distance < 2:
        raise SettingsError(f"distance must be a whole number of at least 2, usually 5 to 10; not {distance!r}")
    sample, blueprint, method = core._cases(), core.blueprint, core.method
    if not isinstance(method, PLS):
        raise NotAvailable("blindfolding hides answers from PLS; fit with csi.PLS() or csi.PLSc()")
    if blueprint.controls:
        raise NotAvailable("blindfolding with controls is not worked out; fit.predictive() predicts with them")
    need_no_products(blueprint, "blindfolding")
    outer = method.outer(blueprint)
    which = np.flatnonzero(blueprint.arrows.any(axis=0))
    found = []
    for group in core.groups:
        cases = sample.rows[group]
        x, weight = sample.points[:, cases], sample.weight[cases]
        whole = np.isfinite(x).all(axis=0)
        if int(whole.sum()) <= distance:
            raise NotAvailable(
                f"blindfolding at distance {distance} needs more than {distance} respondents who answered everything;"
                f" there are {int(whole.sum())}"
            )
        for j in which:
            found.append(
                np.nan
                if composite(blueprint)[j]
                else q2(
                    x[blueprint.slots][:, whole], weight[whole], outer, blueprint.arrows, scheme, int(j), int(distance),
                    TOLERANCE, method.max_iter,
                )
            )  # fmt: skip
    rows = pd.Index([blueprint.constructs[j] for j in which], name="construct", dtype=object)
    return pd.DataFrame({"estimate": np.array(found, float)}, index=grouped(rows, core.by, core.labels))
