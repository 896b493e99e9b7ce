"""An index over time under own, fixed or chained item weights, and what its changes are made of."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from csi.blueprint import Blueprint
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.index import Convention, score_weights
from csi.results.noun import Noun, single

#: Whose item weights score a wave: its own; the first wave's; each pair of neighbours by their mean, linked.
Scoring = Literal["own", "first", "chained"]


class Parts(NamedTuple):
    """What a change is made of, each `(A, ...)`."""

    answers: Floats
    weights: Floats
    mix: Floats


def pieces(blueprint: Blueprint, construct: str, convention: Convention) -> Noun:
    """Means of the items of a construct, then their shares in its score: what a series is made of."""
    blueprint.need_scales("the index")
    block = blueprint.blocks[blueprint.position(construct)]

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        shares = score_weights(blueprint, stack, estimates, convention)
        return np.concatenate([stack.mean[blueprint.slots[block]], shares[block]])

    items = [blueprint.item_names[i] for i in blueprint.slots[block]]
    rows = [f"{what} {item}" for what in ("mean", "share") for item in items]
    return Noun("pieces", single(rows, "piece"), compute, null=None)


def levels(found: Floats, scoring: Scoring) -> Floats:
    """The series `(T, ...)` from the pieces `(T, 2b, ...)` of its waves.

    Own: sum_j v_tj m_tj, with shares v and means m. First: sum_j v_1j m_tj. Chained: the first wave's own, then each
    change valued by the mean of the shares of both waves, sum_j (v_sj + v_tj)/2 (m_tj - m_sj), added up; what comes
    from changing weights is left out [the answers' part of Bennet 1920].
    """
    mean, share = np.split(found, 2, axis=1)
    if scoring == "first":
        return np.asarray((mean * share[:1]).sum(axis=1))
    own = (mean * share).sum(axis=1)
    if scoring == "own":
        return np.asarray(own)
    steps = ((share[1:] + share[:-1]) / 2 * (mean[1:] - mean[:-1])).sum(axis=1)
    return np.concatenate([own[:1], own[:1] + np.cumsum(steps, axis=0)])


def parts(found: Floats, scoring: Scoring, pairs: list[tuple[int, int]], mixed: Floats | None) -> Parts:
    """Split changes between waves `(s, t)` into answers, item weights and sample mix; they add up exactly.

    Own weights: bars for means over both waves, sum v_bar (m_t - m_s) from the answers and sum m_bar (v_t - v_s) from
    the weights. First: all from the answers. Chained: neighbours' answers added up. What the mix moves in the means
    of the items is taken from the answers and shown by itself.

    Parameters
    ----------
    found : array (T, 2b)
    mixed : array (T, b), optional
        Change of the item means against the wave before that comes from the mix alone (the first row is nothing), or
        against wave s of each pair `(A, b)` where shares are not chained.
    """
    mean, share = np.split(found, 2, axis=1)
    made = np.zeros((3, len(pairs)))
    for a, (s, t) in enumerate(pairs):
        links = [(i, i + 1) for i in range(s, t)] if scoring == "chained" else [(s, t)]
        for one, two in links:
            value = share[0] if scoring == "first" else (share[one] + share[two]) / 2
            whole = value @ (mean[two] - mean[one])
            from_mix = 0.0 if mixed is None else float(value @ mixed[two if scoring == "chained" else a])
            made[0, a] += whole - from_mix
            made[2, a] += from_mix
        if scoring == "own":
            made[1, a] = (mean[s] + mean[t]) / 2 @ (share[t] - share[s])
    return Parts(made[0], made[1], made[2])
