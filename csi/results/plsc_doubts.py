"""Doubts about consistent PLS: solutions that no set of answers with measurement error could have."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from csi.methods.estimates import Estimates
from csi.methods.plsc import PLSc
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.scale_doubts import Finding

#: Limits beyond which a solution is inadmissible; shares of replicates beyond which that is a doubt.
LIMITS = {
    "reliability_outside_0_1": 1.0,
    "loading_above_one": 1.0,
    "correlations_not_psd": -1e-8,
    "r2_above_one": 1.0,
    "inadmissible_replicates": 0.01,
}
#: What each count of inadmissible replicates is called.
REASONS = ("a reliability outside 0 to 1", "a loading above 1", "impossible correlations", "an R2 above 1")
#: Rounding may bring a loading or a reliability of one a hair above it.
SLACK = 1e-9
KEEP = "the index and item weights do not use the correction and may be reported"


def findings(core: Core, g: int) -> Iterator[Finding]:
    """What makes the solution of one group inadmissible, named."""
    if not isinstance(core.method, PLSc):
        return
    at = core.stack.columns(slice(g, g + 1))
    estimates = Estimates(*(part[..., g : g + 1] for part in core.estimates))
    yield from _reliabilities(core, _reliability(core, at, estimates)[:, 0])
    yield from _loadings(core, estimates.loadings[:, 0])
    yield from _correlations(core, estimates.correlations[..., 0])
    yield from _explained(core, estimates.r2[:, 0])


def draw_findings(core: Core) -> Iterator[Finding]:
    """How many replicates are inadmissible, and for which reasons."""
    if core.draws is None or not isinstance(core.method, PLSc):
        return
    marks = core.draws.compute(core.blueprint, core.method, lambda stack, estimates: flags(core, stack, estimates))
    known = np.isfinite(marks).all(axis=2)
    bad = (marks > 0)[known]
    share = float(bad.any(axis=1).mean()) if len(bad) else 0.0
    if share > LIMITS["inadmissible_replicates"]:
        counts = ", ".join(f"{REASONS[i]} in {int(bad[:, i].sum()):,}" for i in range(len(REASONS)) if bad[:, i].any())
        yield (
            "inadmissible_replicates", core.draws.kind, share, LIMITS["inadmissible_replicates"],
            f"{int(bad.any(axis=1).sum()):,} of {len(bad):,} replicates are inadmissible ({counts})",
            f"They are part of the intervals of loadings, correlations, paths and R2, which say little; {KEEP}",
        )  # fmt: skip


def flags(core: Core, stack: Stack, estimates: Estimates) -> Floats:
    """Mark, for every replicate, each of the four `REASONS`: `(4, B)` of zeros and ones."""
    outside = ~_inside(_reliability(core, stack, estimates)).all(axis=0)
    with np.errstate(invalid="ignore"):
        above = (np.abs(estimates.loadings) > 1 + SLACK).any(axis=0)
        explained = (estimates.r2 > 1 + SLACK).any(axis=0)
    impossible = _lowest(estimates.correlations) < LIMITS["correlations_not_psd"]
    return np.stack([outside, above, impossible, explained]).astype(float)


def _reliability(core: Core, stack: Stack, estimates: Estimates) -> Floats:
    """Reliabilities that a consistent PLS divides by, `(k, B)`."""
    method = core.method
    if not isinstance(method, PLSc):
        return np.ones((len(core.blueprint.constructs), stack.size))
    weights = estimates.weights if method.standardized else estimates.weights / stack.sd()[core.blueprint.slots]
    return method.reliability(core.blueprint, stack, weights)


def _inside(reliability: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    with np.errstate(invalid="ignore"):
        return np.asarray((reliability > 0) & (reliability <= 1 + SLACK))


def _lowest(correlations: Floats) -> Floats:
    """Smallest eigenvalue of every matrix `(k, k, B)`; infinite where it has blanks, which another flag marks."""
    stacked = np.moveaxis(correlations, -1, 0)
    whole = np.isfinite(stacked).all(axis=(1, 2))
    found = np.full(len(stacked), np.inf)
    found[whole] = np.linalg.eigvalsh(stacked[whole])[:, 0]
    return found


def _reliabilities(core: Core, reliability: Floats) -> Iterator[Finding]:
    for name, value in zip(core.blueprint.constructs, reliability, strict=True):
        if _inside(value):
            continue
        consequence = "so its correlations and paths do not exist (NaN)" if not value > 0 else "more than all of it"
        yield (
            "reliability_outside_0_1", name, float(value), LIMITS["reliability_outside_0_1"],
            f"the reliability of {name} comes out as {value:.3f}, {consequence}",
            f"Its items do not measure one thing: check their coding, or use csi.PLS(); {KEEP}",
        )  # fmt: skip


def _loadings(core: Core, loadings: Floats) -> Iterator[Finding]:
    for (construct, item), value in zip(core.blueprint.slot_labels(), loadings, strict=True):
        if abs(value) > LIMITS["loading_above_one"] + SLACK:
            yield (
                "loading_above_one", item, float(value), LIMITS["loading_above_one"],
                f"the loading of {item} on {construct} is {value:.3f}, more variance than the item has",
                f"Look for an item that stands apart in {construct}, or use csi.PLS(); {KEEP}",
            )  # fmt: skip


def _correlations(core: Core, correlations: Floats) -> Iterator[Finding]:
    lowest = float(_lowest(correlations[..., None])[0])
    if not lowest < LIMITS["correlations_not_psd"]:
        return
    names = core.blueprint.plain.constructs
    rows, cols = np.triu_indices(len(names), 1)
    most = int(np.abs(correlations[rows, cols]).argmax())
    pair = f"{names[rows[most]]} and {names[cols[most]]}"
    yield (
        "correlations_not_psd", pair, lowest, LIMITS["correlations_not_psd"],
        f"corrected for error, no constructs could have these correlations (smallest eigenvalue {lowest:.3g};"
        f" the largest correlation, {correlations[rows[most], cols[most]]:.2f}, is that of {pair})",
        f"Constructs that cannot be told apart should be one; do not report paths and R2 of this solution; {KEEP}",
    )  # fmt: skip


def _explained(core: Core, r2: Floats) -> Iterator[Finding]:
    for name, value in zip(core.blueprint.constructs, r2, strict=True):
        if value > LIMITS["r2_above_one"] + SLACK:
            yield (
                "r2_above_one", name, float(value), LIMITS["r2_above_one"],
                f"the causes of {name} explain {100 * value:.0f} % of its variance",
                f"The correction divides by a reliability too low for the data; do not report it; {KEEP}",
            )  # fmt: skip
