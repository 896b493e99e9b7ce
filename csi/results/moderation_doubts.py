"""Doubts about interactions: products that repeat their parts, and product items that work against each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from csi.results.core import Core
from csi.results.scale_doubts import Finding

#: Correlation of a product with one of its parts beyond which it repeats half of it.
OVERLAP = 0.7
#: Share of negative weights among the products of items beyond which a weighted sum of them is no product.
OPPOSED = 0.25


def findings(core: Core, g: int) -> Iterator[Finding]:
    """What should be said of the interactions of one group."""
    blueprint = core.blueprint
    between = core.estimates.correlations[..., g]
    sd = np.sqrt(np.diagonal(between))
    for one in blueprint.interactions:
        for part in dict.fromkeys(one.parts):
            value = float(between[one.construct, part] / (sd[one.construct] * sd[part]))
            if abs(value) > OVERLAP:
                yield _overlap(one.name, blueprint.constructs[part], value)
        if getattr(core.method, "interactions", "") in ("product", "orthogonal"):
            weights = core.estimates.weights[blueprint.blocks[one.construct], g]
            share = float((weights < 0).mean())
            if share > OPPOSED:
                yield _opposed(one.name, share, int((weights < 0).sum()), len(weights))


def _overlap(name: str, part: str, value: float) -> Finding:
    return (
        "product_repeats_part", name, value, OVERLAP,
        f"{name} correlates {value:.2f} with {part}, though both are taken about their means: answers of {part} are"
        " skewed, and a curved effect of it would look like an interaction",
        f"Add {part}:{part} and see whether {name} stays, or use csi.PLS(interactions='orthogonal'); report both",
    )  # fmt: skip


def _opposed(name: str, share: float, negative: int, size: int) -> Finding:
    return (
        "opposed_products", name, share, OPPOSED,
        f"{negative} of the {size} products of items in {name} have negative weights, so their sum is not the product"
        " of two scores",
        "Report csi.PLS(interactions='two-stage'), whose interaction is the product of the two scores",
    )  # fmt: skip
