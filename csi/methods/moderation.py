"""Interactions and quadratic terms: products of constructs among the causes, from moments of products of items.

The score of a product is a weighted sum of products of items, whatever the approach. Two stages weight the products
of x_i and m_j by w_i w_j, the item weights of the two scores; the product approach weights them as the items of any
block; the orthogonal approach does so after their regression on the items of both blocks. So an interaction is a block
of product columns, and nothing beyond moments is needed.

The coefficient of an interaction is that of the product of two scores of variance one, which is not divided by its
own standard deviation: by how many standard deviations the effect of one construct rises when the other rises by one
[Aiken & West 1991, ch. 2]. Hence `correlations` of the estimates hold the variance of a product on the diagonal.

References
----------
Chin, W. W., Marcolin, B. L., & Newsted, P. R. (2003). A partial least squares latent variable modeling approach for
    measuring interaction effects. Information Systems Research 14, 189-217.
Henseler, J., & Chin, W. W. (2010). A comparison of approaches for the analysis of interaction effects between latent
    variables using partial least squares path modeling. Structural Equation Modeling 17, 82-109.
Little, T. D., Bovaird, J. A., & Widaman, K. F. (2006). On the merits of orthogonalizing powered and product terms.
    Structural Equation Modeling 13, 497-519.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint, Interaction
from csi.errors import ModelError, listing
from csi.methods.estimates import Solution
from csi.numerics import pls
from csi.numerics.products import natural_spread, outer_weights, residuals
from csi.numerics.solve import Floats

Interactions = Literal["two-stage", "product", "orthogonal", "sequential"]
Iterate = Callable[[Floats, Sequence[pls.Outer], NDArray[np.bool_], Floats | None], pls.Weights]


def arranged(blueprint: Blueprint) -> Blueprint:
    """The blueprint with a block of products of items for every interaction among the causes.

    Raises
    ------
    ModelError
        If a product has three factors, stands without one of its parts among the causes, or twice.
    """
    model = blueprint.model
    if not model.products:
        return blueprint
    problems = list(_problems(blueprint))
    if problems:
        raise ModelError(listing(problems, "interactions cannot be estimated like this"))
    known: dict[tuple[int, int], int] = {}
    blocks, slots, interactions = list(blueprint.blocks), list(blueprint.slots), []
    for number, name in enumerate(model.products):
        first, second = (blueprint.position(part) for part in name.split(":"))
        within = _within(blueprint, first, second)
        start = len(slots)
        for i, j in within:
            items = (blueprint.slots[blueprint.blocks[first]][i], blueprint.slots[blueprint.blocks[second]][j])
            pair = known.get(items, known.get(items[::-1], len(known)))
            known.setdefault(items if pair == len(known) else next(k for k, v in known.items() if v == pair), pair)
            slots.append(np.intp(len(blueprint.items) + pair))
        blocks.append(slice(start, len(slots)))
        at = len(blueprint.constructs) + number
        interactions.append(Interaction(name, at, (first, second), tuple(within)))
    return replace(
        blueprint,
        constructs=(*blueprint.constructs, *model.products),
        slots=np.array(slots, np.intp),
        blocks=tuple(blocks),
        arrows=_arrows(blueprint),
        pairs=np.array(list(known), np.intp),
        interactions=tuple(interactions),
    )


def _within(blueprint: Blueprint, first: int, second: int) -> list[tuple[int, int]]:
    """Which items of two blocks are multiplied: each with each, of a square every pair once."""
    sizes = [blueprint.blocks[j].stop - blueprint.blocks[j].start for j in (first, second)]
    every = product(range(sizes[0]), range(sizes[1]))
    return [(i, j) for i, j in every if first != second or i <= j]


def _arrows(blueprint: Blueprint) -> NDArray[np.bool_]:
    """Arrows of the constructs, and from every product to what it moves."""
    names = (*blueprint.constructs, *blueprint.model.products)
    arrows = np.zeros((len(names), len(names)), bool)
    arrows[: len(blueprint.constructs), : len(blueprint.constructs)] = blueprint.arrows
    for path in blueprint.model.paths:
        if path.cause in blueprint.model.products:
            arrows[names.index(path.cause), names.index(path.effect)] = True
    return arrows


def _problems(blueprint: Blueprint) -> list[str]:
    """What keeps products from being estimated, in words."""
    said = {(path.cause, path.effect) for path in blueprint.model.paths}
    found = []
    for cause, effect in said_in_order(blueprint):
        parts = cause.split(":")
        if len(parts) != 2:
            found.append(
                f"{cause!r} has {len(parts)} factors, and products of two are estimated: write them as pairs, such as"
                f" {':'.join(parts[:2])}"
            )
            continue
        missing = [part for part in dict.fromkeys(parts) if (part, effect) not in said]
        if missing:
            found.append(
                f"{effect} depends on {cause} but not on {' and '.join(missing)}: what a product does cannot be told"
                f" from what its parts do unless they stand beside it. Write {effect} ~ {' + '.join(missing)} + {cause}"
            )
        turned = ":".join(reversed(parts))
        if turned != cause and (turned, effect) in said and cause < turned:
            found.append(f"{effect} depends on {cause} and on {turned}, which are the same product; leave one out")
    return found


def said_in_order(blueprint: Blueprint) -> list[tuple[str, str]]:
    """Paths that begin at a product."""
    return [(path.cause, path.effect) for path in blueprint.model.paths if path.cause in blueprint.model.products]


# -- matrices of the slots ------------------------------------------------------------------------------------


def spreads(blueprint: Blueprint, cov: Floats) -> Floats:
    """Standard deviations of the products of standardized items, of every slot of an interaction `(m - m0, B)`."""
    variance = np.einsum("iib->ib", cov)
    at = blueprint.slots[len(blueprint.plain.slots) :] - len(blueprint.items)
    first, second = blueprint.pairs[at].T
    with np.errstate(invalid="ignore", divide="ignore"):
        share = variance[len(blueprint.items) + at] / (variance[first] * variance[second])
        found: Floats = np.sqrt(share)
    return found


def orthogonalized(blueprint: Blueprint, s: Floats) -> Floats:
    """Covariances of the slots after products are replaced by their residuals from the items of both blocks."""
    for one in blueprint.interactions:
        block = blueprint.blocks[one.construct]
        owners = [np.arange(b.start, b.stop) for b in (blueprint.blocks[part] for part in sorted(set(one.parts)))]
        every = np.concatenate(owners)
        _, once = np.unique(blueprint.slots[every], return_index=True)
        s = residuals(s, np.arange(block.start, block.stop), every[np.sort(once)])
    return s


# -- weights --------------------------------------------------------------------------------------------------


def product_weights(blueprint: Blueprint, s: Floats, w: Floats, spread: Floats | None) -> Floats:
    """Weights `(m - m0, B)` of unit-variance products of scores, from the item weights `w` `(m0, B)` of the scores."""
    found, m = [], len(w)
    for one in blueprint.interactions:
        block = blueprint.blocks[one.construct]
        parts = [w[blueprint.blocks[part]] for part in one.parts]
        raw = outer_weights(parts[0], parts[1], one.pairs, one.times)
        if spread is not None:
            raw = raw * spread[block.start - m : block.stop - m]
        found.append(pls.unit_variance(s[block, block], raw, [pls.Outer(slice(0, len(raw)), "A")]))
    return np.concatenate(found)


def solve(
    blueprint: Blueprint,
    s: Floats,
    spread: Floats | None,
    outer: Sequence[pls.Outer],
    first: Solution,
    kind: Interactions,
    iterate: Iterate,
    start: Floats | None,
) -> Solution:
    """Weights of every slot, from a first stage without products.

    Parameters
    ----------
    s : array (m, m, B)
        Correlations of the slots, or covariances in raw PLS.
    spread : array (m - m0, B) or None
        Of the products of standardized items; None in raw PLS.
    first : Solution
        Of the model without products.
    kind : {"two-stage", "sequential"}
        Whether the item weights are estimated again, beside the products, or kept.
    """
    m, t = len(first.values), len(blueprint.interactions)
    products = product_weights(blueprint, s, first.values, spread)
    if kind == "sequential":
        return first._replace(values=np.concatenate([first.values, products]))
    whole = np.empty((m + t, m + t, s.shape[-1]))
    whole[:m, :m] = s[:m, :m]
    for row, one in enumerate(blueprint.interactions, start=m):
        block = blueprint.blocks[one.construct]
        own = products[block.start - m : block.stop - m]
        whole[row, :m] = whole[:m, row] = np.einsum("ib,imb->mb", own, s[block, :m])
        for column, other in enumerate(blueprint.interactions, start=m):
            across = blueprint.blocks[other.construct]
            theirs = products[across.start - m : across.stop - m]
            whole[row, column] = np.einsum("ib,ijb,jb->b", own, s[block, across], theirs)
    blocks = [*outer[: len(blueprint.plain.constructs)], *(pls.Outer(slice(i, i + 1), "A") for i in range(m, m + t))]
    begun = None if start is None else np.concatenate([start[:m], np.ones((t, start.shape[1]))])
    second = iterate(whole, blocks, blueprint.arrows, begun)
    return Solution(
        np.concatenate([second.values[:m], products]),
        np.maximum(first.iterations, second.iterations),
        first.converged & second.converged,
    )


def turned(blueprint: Blueprint, s: Floats, spread: Floats | None, w: Floats) -> Floats:
    """Freely weighted products on the side of the product of the two scores, so that signs mean what they say."""
    m = len(blueprint.plain.slots)
    meant = product_weights(blueprint, s, w[:m], spread)
    found = w.copy()
    for one in blueprint.interactions:
        block = blueprint.blocks[one.construct]
        shared = np.einsum("ib,ijb,jb->b", w[block], s[block, block], meant[block.start - m : block.stop - m])
        found[block] *= np.where(shared < 0, -1.0, 1.0)
    return found


def natural(
    blueprint: Blueprint, s: Floats, spread: Floats, w: Floats, loadings: Floats, kind: Interactions, raw: bool
) -> Floats:
    """Standard deviation of every score `(k, B)` on the scale of its coefficient: one for a construct.

    Of two stages it is that of the product of the two scores. Where product items are weighted freely there are no
    two scores behind the product; its scale is then the mean standard deviation of the products of standardized
    items, each counted by its loading [Henseler & Chin 2010; seminr].
    """
    found, m = np.ones((len(blueprint.constructs), w.shape[1])), len(blueprint.plain.slots)
    for one in blueprint.interactions:
        block = blueprint.blocks[one.construct]
        own = spread[block.start - m : block.stop - m]
        if kind in ("two-stage", "sequential"):
            parts = [blueprint.blocks[part] for part in one.parts]
            k = w[block] if raw else w[block] / own
            found[one.construct] = natural_spread(
                k, s[parts[0], parts[0]], s[parts[1], parts[1]], one.pairs, one.square
            )
        else:
            size = np.abs(loadings[block]) * one.times[:, None]
            with np.errstate(invalid="ignore", divide="ignore"):
                found[one.construct] = (own * size).sum(axis=0) / size.sum(axis=0)
    return found


def find(blueprint: Blueprint, first: str, second: str) -> Interaction | None:
    """The interaction of two constructs, in either order."""
    for one in blueprint.interactions:
        names = tuple(blueprint.constructs[part] for part in one.parts)
        if names in ((first, second), (second, first)):
            return one
    return None
