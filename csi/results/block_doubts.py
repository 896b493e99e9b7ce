"""Doubts about blocks of items: nothing shared, or the whole block turned round."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import f as fisher

from csi.numerics.moments import correlations
from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.scale_doubts import Finding

#: Correlation with every neighbour below which a block seems turned, and in how many standard errors.
REVERSED, ERRORS = -0.1, 3.0
#: Error probability at which the items of a block are not known to share anything.
TAIL = 0.025


def findings(core: Core, g: int) -> Iterator[Finding]:
    """Blocks whose items share nothing, or that run against all their neighbours, in one group."""
    p = len(core.blueprint.items)
    corr = correlations(core.stack.cov[:p, :p, g : g + 1])[..., 0]
    n = float(core.stack.n[g])
    yield from _unrelated(core, corr, n)
    yield from _turned(core, g, n)


def _unrelated(core: Core, corr: Floats, n: float) -> Iterator[Finding]:
    """Reflective blocks whose alpha may be zero: F = 1/(1 - alpha) with n - 1 and (n - 1)(p - 1) df [Feldt 1965]."""
    for name, block in zip(core.blueprint.plain.constructs, core.blueprint.plain.blocks, strict=True):
        items = core.blueprint.slots[block]
        p = len(items)
        if p < 2 or core.blueprint.model.constructs[name].kind != "reflective":
            continue
        signs = np.sign(corr[np.ix_(items, items)].sum(axis=0))
        inside = corr[np.ix_(items, items)] * signs[:, None] * signs
        alpha = float(p / (p - 1) * (1 - p / inside.sum()))
        if fisher.sf(1 / (1 - alpha) if alpha < 1 else np.inf, n - 1, (n - 1) * (p - 1)) > TAIL:
            limit = 1 - 1 / float(fisher.isf(TAIL, n - 1, (n - 1) * (p - 1)))
            yield (
                "unrelated_items", name, alpha, limit,
                f"the items of {name} hardly correlate (standardized alpha {alpha:.2f}): with {n:g} cases they may as"
                " well be noise",
                "Its weights, loadings and paths say nothing; report the item means, or make it a composite if its"
                " items are meant to differ",
            )  # fmt: skip


def _turned(core: Core, g: int, n: float) -> Iterator[Finding]:
    """Constructs that correlate negatively with all they are linked to, where theory expects nothing negative."""
    blueprint, scores = core.blueprint.plain, core.estimates.correlations[..., g]
    linked = blueprint.arrows | blueprint.arrows.T
    negative = {(path.cause, path.effect) for path in blueprint.model.paths if path.sign in ("-", "+/-")}
    suspects: dict[int, tuple[int, float]] = {}
    for j, name in enumerate(blueprint.constructs):
        near = np.flatnonzero(linked[j])
        expected = [pair for pair in negative if name in pair]
        if expected or not len(near) or not (scores[j, near] < REVERSED).all():
            continue
        if (scores[j, near] * np.sqrt(n) < -ERRORS).all():
            suspects[j] = (len(near), float(scores[j, near].max()))
    for j, (links, worst) in suspects.items():
        # Where two neighbours accuse each other, the one with fewer friends is the one that is turned.
        if any(linked[j, other] and suspects[other][0] < links for other in suspects):
            continue
        name = blueprint.constructs[j]
        yield (
            "reversed_block", name, worst, REVERSED,
            f"{name} runs against every construct it is linked to (correlations of {worst:.2f} and below)",
            "If the highest code of its items is the worst answer, mark them reversed: csi.Item(..., reversed=True);"
            " if that is what theory expects, say so: csi.Path(cause, effect, sign='-')",
        )  # fmt: skip
