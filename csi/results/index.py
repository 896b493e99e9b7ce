"""The satisfaction index: mean scores of the constructs on 0-100, under a stated convention of item weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np

from csi.blueprint import Blueprint
from csi.errors import NotAvailable, SettingsError, check_choice, suggest
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.noun import Noun, of_constructs, single

Convention: TypeAlias = Literal["unstandardized", "standardized", "equal"] | Mapping[str, float]
CONVENTIONS = ("unstandardized", "standardized", "equal")


def score_weights(blueprint: Blueprint, stack: Stack, estimates: Estimates, weights: Convention) -> Floats:
    """Share of every item in the score of its construct, `(m, B)`; the shares of a construct sum to one.

    With w the weight of the standardized item and sd the standard deviation of its points: `"unstandardized"` takes
    v = w / sd, the weight of the points themselves; `"standardized"` v = w; `"equal"` v = 1
    [the first is the index of Fornell et al. 1996, J. Marketing 60(4), 7-18].
    """
    v = _raw_weights(blueprint, stack, estimates, weights)
    shares = np.empty_like(v)
    for block in blueprint.blocks:
        total = v[block].sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares[block] = v[block] / np.where(total != 0, total, np.nan)
    return shares


def _raw_weights(blueprint: Blueprint, stack: Stack, estimates: Estimates, weights: Convention) -> Floats:
    if isinstance(weights, str):
        check_choice(weights, "weights", CONVENTIONS)
        # Of a model with interactions the weights of products stand behind those of the items.
        own, loadings = estimates.weights[: len(blueprint.slots)], estimates.loadings[: len(blueprint.slots)]
        if weights == "equal":
            return np.where(np.isfinite(own) | np.isfinite(loadings), 1.0, np.nan)
        if weights == "standardized":
            return own
        sd = stack.sd()[blueprint.slots]
        with np.errstate(invalid="ignore", divide="ignore"):
            unstandardized: Floats = own / sd
        return unstandardized
    given = given_weights(blueprint, weights)
    return np.repeat(given[:, None], estimates.weights.shape[1], axis=1)


def need_weights(core: Core, weights: Convention) -> None:
    """Refuse scores of a single group whose item weights do not exist.

    Raises
    ------
    NotAvailable
        Naming the construct, and what can be reported instead.
    """
    if len(core.groups) != 1 or weights not in ("unstandardized", "standardized"):
        return
    estimates, plain = core.estimates, core.blueprint.plain
    lost = [
        name
        for name, block in zip(plain.constructs, plain.blocks, strict=True)
        if not np.isfinite(estimates.weights[block]).all() and np.isfinite(estimates.loadings[block]).all()
    ]
    if lost:
        raise NotAvailable(
            f"the score of {', '.join(lost)} is not defined: an item's weight is its loading over its residual"
            " variance, and one of those is not positive (fit.check() names it). fit.index(weights='equal') needs none;"
            " given weights, or those of another fit, do as well"
        )


def given_weights(blueprint: Blueprint, weights: Mapping[str, float]) -> Floats:
    """Read item weights that a user gives: every item of the model, once.

    Raises
    ------
    SettingsError
        If an item is unknown or has no weight.
    """
    names = blueprint.item_names
    for name in weights:
        if name not in names:
            raise SettingsError(f"weights: {name!r} is not an item of the model{suggest(str(name), names)}")
    needed = [item for construct, item in blueprint.slot_labels()]
    missing = [name for name in dict.fromkeys(needed) if name not in weights]
    if missing:
        raise SettingsError(
            f"weights must give every item a weight; {', '.join(map(repr, missing[:6]))} "
            f"{'have' if len(missing) > 1 else 'has'} none"
        )
    return np.array([float(weights[name]) for name in needed])


def scores_cov(blueprint: Blueprint, stack: Stack, shares: Floats) -> tuple[Floats, Floats]:
    """Means `(k, B)` and covariances `(k, k, B)` of the 0-100 scores."""
    mean, cov = stack.mean[blueprint.slots], blueprint.slot_covariances(stack.cov)
    k, size = len(blueprint.blocks), shares.shape[1]
    shared = np.empty((k, len(shares), size))
    means, between = np.empty((k, size)), np.empty((k, k, size))
    for j, block in enumerate(blueprint.blocks):
        np.einsum("imb,ib->mb", cov[block], shares[block], out=shared[j])
        means[j] = (mean[block] * shares[block]).sum(axis=0)
    for j, block in enumerate(blueprint.blocks):
        np.einsum("kib,ib->kb", shared[:, block], shares[block], out=between[:, j])
    return means, between


def equations_cov(blueprint: Blueprint, stack: Stack, shares: Floats) -> tuple[Floats, Floats]:
    """Means `(k, B)` of the 0-100 scores, and covariances `(k + c, k + c, B)` of the scores and the controls."""
    means, between = scores_cov(blueprint, stack, shares)
    if not blueprint.controls:
        return means, between
    k, at = len(means), blueprint.control_columns
    wide = np.empty((k + len(blueprint.controls), k + len(blueprint.controls), between.shape[2]))
    wide[:k, :k], wide[k:, k:] = between, stack.cov[at, at]
    for j, block in enumerate(blueprint.blocks):
        wide[k:, j] = np.einsum("icb,ib->cb", stack.cov[blueprint.slots[block]][:, at], shares[block])
        wide[j, k:] = wide[k:, j]
    return means, wide


def order(blueprint: Blueprint) -> list[int]:
    """Constructs with the model's index first."""
    index = blueprint.model.index
    first = [blueprint.position(index)] if index else []
    return first + [j for j in range(len(blueprint.constructs)) if j not in first]


@of_constructs
def index(blueprint: Blueprint, weights: Convention) -> Noun:
    """Mean score of every construct, index points."""
    blueprint.need_scales("the index")
    at = order(blueprint)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        shares = score_weights(blueprint, stack, estimates, weights)
        slot_means = stack.mean[blueprint.slots] * shares
        return np.stack([slot_means[blueprint.blocks[j]].sum(axis=0) for j in at])

    return Noun("index", single([blueprint.constructs[j] for j in at], "construct"), compute, null=None)


def describe(weights: Any) -> str:
    """Name a convention in words."""
    return weights if isinstance(weights, str) else "given weights"
