"""What assessments share: correlations of the slots, and which constructs a measure is meant for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.errors import NotAvailable
from csi.numerics.moments import Stack, correlations
from csi.numerics.solve import Floats


def slot_correlations(blueprint: Blueprint, stack: Stack) -> Floats:
    """Correlations of the items, slot by slot, `(m, m, B)`."""
    return blueprint.slot_covariances(correlations(stack.cov))


def sizes(blueprint: Blueprint) -> NDArray[np.intp]:
    """Number of items of every construct."""
    return np.array([block.stop - block.start for block in blueprint.blocks])


def composite(blueprint: Blueprint) -> NDArray[np.bool_]:
    """Which constructs are composites."""
    return np.array([blueprint.model.constructs[name].kind == "composite" for name in blueprint.constructs])


def several(blueprint: Blueprint) -> NDArray[np.bool_]:
    """Which constructs are reflective and have several items, so that agreement among the items means something."""
    return np.asarray(~composite(blueprint) & (sizes(blueprint) > 1))


def need_no_products(blueprint: Blueprint, what: str) -> None:
    """Refuse what has not been worked out for products of constructs."""
    if blueprint.interactions:
        raise NotAvailable(
            f"{what} is not worked out for a model with interactions ({blueprint.interactions[0].name});"
            " leave the interaction out: model.replace(paths=[path for path in model.paths if ':' not in path.cause])"
        )


def need_single_slots(blueprint: Blueprint, what: str) -> None:
    """Refuse what has no meaning where an item stands in two constructs."""
    if blueprint.repeated:
        raise NotAvailable(
            f"{what} needs every item in one construct, and here a second order repeats items; assess the model of"
            " its parts, or estimate the second order in two stages"
        )
