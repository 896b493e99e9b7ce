"""The fit of the model as each family of methods can tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from csi.errors import NotAvailable, check_choice
from csi.methods.estimates import Family
from csi.results import criteria as thresholds
from csi.results import goodness, sem_goodness
from csi.results.core import Core, Interval
from csi.results.criteria import Criteria
from csi.results.sem_goodness import Style

Offer = Callable[[Core, goodness.Against, Style | None, Interval | None, float], pd.DataFrame]


def table(
    core: Core,
    model: goodness.Against,
    style: Style | None,
    criteria: Criteria,
    interval: Interval | None,
    confidence_level: float,
) -> pd.DataFrame:
    """Measures of the method at hand, or (where criteria are given) verdicts on them."""
    check_choice(style, "style", (None, "amos"))
    found = OFFERED[core.method.family](core, model, style, interval, confidence_level)
    if criteria is None:
        return found
    if style is not None:
        raise NotAvailable("criteria= judges the measures of the fit; leave style out")
    return sem_goodness.judged(core, found["estimate"], thresholds.read(criteria))


def _components(
    core: Core, model: goodness.Against, style: Style | None, interval: Interval | None, confidence_level: float
) -> pd.DataFrame:
    if style is not None:
        raise NotAvailable(
            f"AMOS fits covariance structure models, and this is {core.method.name}; use csi.CBSEM() for its measures"
        )
    return core.table(goodness.goodness(core.blueprint, model), interval, confidence_level)


def _covariance(
    core: Core, model: goodness.Against, style: Style | None, interval: Interval | None, confidence_level: float
) -> pd.DataFrame:
    if interval is not None:
        raise NotAvailable("fit measures of covariance structure models have no interval but that of the RMSEA")
    if style == "amos":
        return sem_goodness.amos(sem_goodness.saturated(core) if model == "saturated" else core)
    return sem_goodness.table(core, model)


OFFERED: Mapping[Family, Offer] = {"components": _components, "covariance": _covariance}
