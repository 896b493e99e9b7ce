"""semopy as an engine: it finds the estimates; every statistic is worked out here. The only file that imports it.

It is used as it works best: on standardized items, with L-BFGS-B (its default stops early), single-item constructs as
observed variables (it cannot fix their residuals and still test the model), by maximum likelihood only.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from csi.errors import EstimationError, NotAvailable
from csi.methods.sem_structure import Layout
from csi.numerics.sem.structure import DIRECTED, SYMMETRIC
from csi.numerics.solve import Floats


def starts(built: Layout, covariance: Floats) -> Floats:
    """Free parameters (B, q) where semopy ends, from covariances (B, p, p).

    Raises
    ------
    NotAvailable
        Where the model has what semopy cannot be told.
    EstimationError
        If semopy fails.
    """
    _check(built)
    return np.stack([_fitted(built, each) for each in covariance])


def _check(built: Layout) -> None:
    s = built.structure
    uses = np.bincount(s.free[s.free >= 0], minlength=s.n_free)
    if (uses > 1).any() or s.constraint_matrix is not None or s.has_means:
        raise NotAvailable(
            "engine='semopy' takes models without equalities, constraints and means; leave engine out for these"
        )
    loading = (s.kind == DIRECTED) & (s.row < s.n_items)
    marked = loading & (s.free < 0)
    if (s.value[marked] != 1).any() or len(set(s.col[marked])) != len(set(s.col[loading])):
        raise NotAvailable("engine='semopy' takes constructs whose first loading is one; leave std_lv out")


def _fitted(built: Layout, covariance: Floats) -> Floats:
    """One fit, on items of variance one, back in the units of the layout."""
    from semopy import Model

    sd = np.sqrt(np.diag(covariance))
    names = [f"x{i}" for i in range(len(sd))]
    corr = pd.DataFrame(covariance / np.outer(sd, sd), index=names, columns=names)
    model = Model(description(built))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.load(cov=corr, n_samples=1000)
        model.fit(solver="L-BFGS-B", cov=corr, n_samples=1000)
        found = model.inspect()
    value = {(str(r.lval), str(r.op), str(r.rval)): float(r.Estimate) for r in found.itertuples()}
    return _read(built, value, sd)


def _names(built: Layout) -> list[str]:
    """What semopy calls every variable: a construct with a single perfect item is that item."""
    s = built.structure
    names = [f"x{i}" if i < s.n_items else f"f{i}" for i in range(s.n_variables)]
    for item in _observed(built):
        for cell in np.flatnonzero((s.kind == DIRECTED) & (s.row == item)):
            names[s.col[cell]] = f"x{item}"
    return names


def _observed(built: Layout) -> list[int]:
    """Items without residual, which are their construct."""
    s = built.structure
    fixed = (s.kind == SYMMETRIC) & (s.row == s.col) & (s.row < s.n_items) & (s.free < 0) & (s.value == 0)
    return [int(item) for item in s.row[fixed]]


def description(built: Layout) -> str:
    """The structure in semopy's words, fixed residuals among them."""
    s, names, observed = built.structure, _names(built), _observed(built)
    lines = []
    for kind, row, col, free, value in zip(s.kind, s.row, s.col, s.free, s.value, strict=True):
        if kind == DIRECTED and row in observed:
            continue
        fixed = "" if free >= 0 or (kind == DIRECTED and row < s.n_items) else f"{value:.12g}*"
        if kind == DIRECTED and row < s.n_items:
            lines.append(f"{names[col]} =~ {'1*' if free < 0 else ''}{names[row]}")
        elif kind == DIRECTED:
            lines.append(f"{names[row]} ~ {fixed}{names[col]}")
        elif row not in observed:
            lines.append(f"{names[row]} ~~ {fixed}{names[col]}")
    return "\n".join(lines)


def _read(built: Layout, value: dict[tuple[str, str, str], float], sd: Floats) -> Floats:
    """semopy's table as free parameters; it writes loadings as regressions of the item."""
    s, names = built.structure, _names(built)
    unit = np.ones(s.n_variables)
    unit[: s.n_items] = sd
    for cell in np.flatnonzero((s.kind == DIRECTED) & (s.row < s.n_items) & (s.free < 0))[::-1]:
        unit[s.col[cell]] = sd[s.row[cell]]
    theta = np.full(s.n_free, np.nan)
    for kind, row, col, free in zip(s.kind, s.row, s.col, s.free, strict=True):
        if free < 0:
            continue
        one, two = names[row], names[col]
        op = "~" if kind == DIRECTED else "~~"
        raw = value.get((one, op, two), value.get((two, op, one), np.nan) if op == "~~" else np.nan)
        theta[free] = raw * (unit[row] / unit[col] if kind == DIRECTED else unit[row] * unit[col])
    if not np.isfinite(theta).all():
        raise EstimationError("semopy gave no estimate of some parameters; leave engine out: csi.CBSEM()")
    return theta
