"""Doubts about covariance structure models: what the data do not identify, and solutions that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from csi.methods.cbsem import CBSEM
from csi.methods.estimates import Estimates
from csi.methods.sem_estimates import whole
from csi.methods.sem_solved import FromCategories, FromMoments
from csi.numerics.moments import Stack
from csi.numerics.sem.standardize import raw_cells
from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.scale_doubts import Finding
from csi.results.sem_parameters import cells_of, layout_of

#: Limits beyond which a doubt is raised.
LIMITS = {
    "collinear_constructs": 0.95,
    "ill_conditioned": 1e6,
    "negative_variance": 0.0,
    "loading_above_one": 1.0,
    "improper_replicates": 0.01,
}
SLACK = 1e-9
INSTEAD = "leave one out with model.without(...), merge them, or use csi.PLS(); fit.index(weights='equal') may be given"


def study_findings(core: Core) -> Iterator[Finding]:
    """What is assumed whatever the group."""
    if core.method.family == "covariance":
        yield from _singles(core)
        yield from _what_errors_assume(core)


def findings(core: Core, g: int) -> Iterator[Finding]:
    """What should not be believed in the solution of one group."""
    if core.method.family != "covariance":
        return
    yield from _converged(core, g)
    yield from _identified(core, g)
    yield from _collinear(core, g)
    yield from _variances(core, g)
    yield from _loadings(core, g)
    yield from _resting(core, g)
    yield from _draws(core, g)


def _singles(core: Core) -> Iterator[Finding]:
    """Single items whose measurement error is assumed, not estimated."""
    built, method = layout_of(core, "doubts"), core.method
    if built.perfect:
        names = ", ".join(built.perfect)
        yield (
            "single_item", names, 0.0, 0.0,
            f"{names} {'have' if len(built.perfect) > 1 else 'has'} one item, whose measurement error cannot be"
            " estimated: it is taken to be zero",
            f"If a reliability is known: csi.CBSEM(reliabilities={{{built.perfect[0]!r}: 0.8}}); say in the report"
            " what was assumed",
        )  # fmt: skip
    given = (method.reliabilities or {}) if isinstance(method, CBSEM) else {}
    for name, value in given.items():
        yield (
            "single_item", name, value, 1.0,
            f"{name} has one item, whose residual variance is fixed to {1 - value:g} of its variance",
            "Errors of its paths take the reliability as known; say in the report where it comes from",
        )  # fmt: skip


def _converged(core: Core, g: int) -> Iterator[Finding]:
    if core.solution.converged[g]:
        return
    rounds = float(core.solution.iterations[g])
    yield (
        "not_converged", core.method.name, rounds, rounds,
        f"no proper optimum was found in {rounds:g} rounds: the likelihood has none, or is flat where the search ended",
        "Do not report this solution; look for constructs that the data cannot tell apart, fix a parameter, or use"
        " csi.PLS()",
    )  # fmt: skip


def _identified(core: Core, g: int) -> Iterator[Finding]:
    """A singular or nearly singular information matrix, with the parameters it leaves open."""
    solved = core.solved(g)
    if isinstance(solved, FromCategories):
        return
    known = solved.identified
    q = getattr(solved, "estimated", solved.here.problem.structure.n_estimated)
    rank, condition = float(known.rank[0]), float(known.condition[0])
    if rank >= q and not condition > LIMITS["ill_conditioned"]:
        return
    open_ones = _weakest(core, known.weakest[0])
    if rank < q:
        yield (
            "not_identified", open_ones, rank, float(q),
            f"the data do not identify {q - rank:g} of the {q} parameters; open are {open_ones}",
            "Their estimates and errors mean nothing: fix one of them, or add items; fitted moments and chi2 stand",
        )  # fmt: skip
        return
    yield (
        "ill_conditioned", open_ones, condition, LIMITS["ill_conditioned"],
        f"the data hardly identify some parameters (condition number {condition:.2g} of the information): {open_ones}",
        f"Single paths among them cannot be told apart, report none; {INSTEAD}",
    )  # fmt: skip


def _weakest(core: Core, weakest: Floats) -> str:
    """Names of the parameters that are least determined."""
    built = layout_of(core, "doubts")
    free = built.structure.free
    names = []
    for number in np.argsort(-weakest)[:4]:
        if weakest[number] > 0.2:
            cell = built.cells[int(np.flatnonzero(free == number)[0])]
            arrow = {"covariances": " <-> ", "variances": " <-> "}.get(cell.kind, " -> ")
            names.append(f"{cell.left}{arrow}{cell.right}" if cell.left != cell.right else f"variance of {cell.left}")
    return ", ".join(names)


def _collinear(core: Core, g: int) -> Iterator[Finding]:
    """Constructs that correlate (nearly) perfectly: there is one thing where the model has two."""
    corr, names = core.estimates.correlations[..., g], core.blueprint.constructs
    rows, cols = np.triu_indices(len(names), 1)
    values = corr[rows, cols]
    far = [k for k in np.argsort(-np.abs(values)) if abs(values[k]) > LIMITS["collinear_constructs"]]
    if not far:
        return
    pairs = ", ".join(f"{names[rows[k]]} and {names[cols[k]]} ({values[k]:.3f})" for k in far[:6])
    subject = ", ".join(dict.fromkeys(names[at] for k in far for at in (rows[k], cols[k])))
    top = float(values[far[0]])
    beyond = " (above one: impossible)" if abs(top) > 1 + SLACK else ""
    yield (
        "collinear_constructs", subject, top, LIMITS["collinear_constructs"],
        f"constructs are one and the same to these answers{beyond}: correlations of {pairs}",
        f"Standard errors of their paths explode; {INSTEAD}",
    )  # fmt: skip


def _variances(core: Core, g: int) -> Iterator[Finding]:
    """Heywood cases: negative (residual) variances."""
    built = layout_of(core, "doubts")
    structure, theta = whole(built, core.solution.values[:, g : g + 1].T)
    values = raw_cells(structure, theta)[0]
    for cell, value in zip(cells_of(core.blueprint, built), values, strict=True):
        if cell.kind != "variances" or not value < LIMITS["negative_variance"] - SLACK:
            continue
        item = cell.left in core.blueprint.item_names
        yield (
            "negative_variance", cell.left, float(value), LIMITS["negative_variance"],
            f"the residual variance of {cell.left} is negative ({value:.3g}), which no variance can be",
            f"The sample is small or the model wrong{': its construct has no Bartlett score' if item else ''}; look at"
            f" the items, leave {'the item' if item else 'a cause'} out, or report fit.index(weights='equal') only",
        )  # fmt: skip


def _loadings(core: Core, g: int) -> Iterator[Finding]:
    for (construct, item), value in zip(core.blueprint.slot_labels(), core.estimates.loadings[:, g], strict=True):
        if abs(value) > LIMITS["loading_above_one"] + SLACK:
            yield (
                "loading_above_one", item, float(value), LIMITS["loading_above_one"],
                f"the standardized loading of {item} on {construct} is {value:.3f}",
                "The item would have more common variance than variance; see the negative residual variance",
            )  # fmt: skip


def _what_errors_assume(core: Core) -> Iterator[Finding]:
    """Tests and errors that the data at hand do not support."""
    method, sample = core.method, core.sample
    if not isinstance(method, CBSEM):
        return
    if core.published:
        yield (
            "correlation_matrix", "standard errors", float("nan"), float("nan"),
            "a correlation matrix was analysed as if it were a covariance matrix: standard errors and, where loadings"
            " or paths are fixed or equal, chi2 are not made for it",
            "Estimates stand; give sd= to Moments.from_table(...) for right errors",
        )  # fmt: skip
    if method.estimator == "ULS":
        yield (
            "naive_errors", "ULS", float("nan"), float("nan"),
            "standard errors and chi2 of ULS are lavaan's naive ones, right for no distribution",
            "Estimates stand; take errors from fit.bootstrap(1_000, rng=1), tests from CBSEM('MLR')",
        )  # fmt: skip
    if sample is not None and sample.given is not None and sample.missing == "em":
        yield (
            "chi2_after_em", "fit measures", float((~sample.given).sum()), 0.0,
            "chi2 and the measures made of it count every answer as given, and some were estimated",
            "Standard errors here are right; for tests use Study(..., missing='fiml')",
        )  # fmt: skip
    if core.designed and method.estimator != "MLR":
        yield (
            "chi2_ignores_design", "fit measures", float("nan"), float("nan"),
            "chi2 and what is made of it take the answers as a simple random sample; standard errors know the design",
            "Read CFI, TLI and RMSEA as descriptions; csi.CBSEM('MLR') scales chi2 by the weights",
        )  # fmt: skip


def _resting(core: Core, g: int) -> Iterator[Finding]:
    """Parameters that rest on a bound."""
    solved = core.solved(g)
    if not isinstance(solved, FromMoments):
        return
    for number in np.flatnonzero(solved.resting):
        cell = solved.layout.cells[int(solved.layout.structure.first_cell[number])]
        value = float(solved.theta[0, number])
        name = cell.left if cell.left == cell.right else f"{cell.left} -> {cell.right}"
        yield (
            "at_bound", name, value, value,
            f"the estimate of {cell.kind[:-1]} {name} rests on its bound, {value:g}",
            "Without the bound it would lie beyond: the model or the sample is in doubt there. Errors of the others"
            " take it as known, and chi2 is larger than its degrees of freedom say",
        )  # fmt: skip


def _draws(core: Core, g: int) -> Iterator[Finding]:
    """How many replicates are improper; they are part of the intervals."""
    if core.draws is None:
        return
    marks = _marks(core)[g]
    known = np.isfinite(marks).all(axis=1)
    bad = marks[known] > 0
    share = float(bad.any(axis=1).mean()) if len(bad) else 0.0
    if share > LIMITS["improper_replicates"]:
        yield (
            "improper_replicates", core.draws.kind, share, LIMITS["improper_replicates"],
            f"{int(bad.any(axis=1).sum()):,} of {len(bad):,} replicates are improper (a negative variance in"
            f" {int(bad[:, 0].sum()):,}, a correlation of constructs beyond one in {int(bad[:, 1].sum()):,}, an"
            f" undefined Bartlett score in {int(bad[:, 2].sum()):,})",
            "They are part of the intervals of paths and loadings; undefined scores are left out of those of the index",
        )  # fmt: skip


def _marks(core: Core) -> Any:
    """Improper features of every replicate `(G, R, 3)`."""
    built = layout_of(core, "doubts")
    variances = np.array([cell.kind == "variances" for cell in cells_of(core.blueprint, built)])
    rows, cols = np.triu_indices(len(core.blueprint.constructs), 1)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        cells = raw_cells(*whole(built, estimates.free.T))[:, variances]
        with np.errstate(invalid="ignore"):
            beyond = ~(np.abs(estimates.correlations[rows, cols]) <= 1 + SLACK).all(axis=0)
        undefined = ~np.isfinite(estimates.weights).all(axis=0)
        return np.stack([(cells < -SLACK).any(axis=1), beyond, undefined]).astype(float)

    return core.draws.compute(core.blueprint, core.method, compute) if core.draws is not None else None
