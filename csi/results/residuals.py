"""What a model leaves unexplained, item by item, as each family of methods can tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from csi.errors import NotAvailable, check_choice
from csi.methods.estimates import Family
from csi.numerics.solve import Floats
from csi.results import goodness, sem_residuals
from csi.results.basis import need_single_slots, slot_correlations
from csi.results.core import Core
from csi.results.sem_residuals import KINDS, Kind
from csi.results.tables import grouped


def table(core: Core, of: Kind, model: goodness.Against) -> pd.DataFrame:
    """Observed less implied `(items, items)`, groups first."""
    check_choice(of, "of", KINDS)
    check_choice(model, "model", ("estimated", "saturated"))
    return OFFERED[core.method.family](core, of, model)


def _components(core: Core, of: Kind, model: goodness.Against) -> pd.DataFrame:
    """Correlations only: composites imply no means, and their items are standardized."""
    if of != "correlations":
        raise NotAvailable(f"{core.method.name} implies correlations of the items: fit.residuals(of='correlations')")
    blueprint = core.blueprint
    need_single_slots(blueprint, "a residual")
    corr = slot_correlations(blueprint.plain, core.stack)
    left: Floats = corr - goodness.implied(blueprint, corr, core.estimates, model)
    names = [blueprint.item_names[slot] for slot in blueprint.plain.slots]
    rows = grouped(pd.Index(names, name="item", dtype=object), core.by, core.labels)
    return pd.DataFrame(left.transpose(2, 0, 1).reshape(-1, len(names)), index=rows, columns=names)


def _covariance(core: Core, of: Kind, model: goodness.Against) -> pd.DataFrame:
    if model != "estimated":
        raise NotAvailable("residuals of covariance structure models are those of the estimated model")
    return sem_residuals.residual_table(core, of)


OFFERED: Mapping[Family, Callable[[Core, Kind, goodness.Against], pd.DataFrame]] = {
    "components": _components,
    "covariance": _covariance,
}
