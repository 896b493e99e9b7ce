"""Which model to prefer: information criteria of every equation, and the weight of evidence between fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint
from csi.errors import SettingsError, check_choice, suggest
from csi.methods.estimates import Estimates, Method, Solution
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.noun import Noun, single

CRITERIA = ("aic", "aicc", "aicu", "bic", "fpe", "hq", "hqc", "gm", "mallows_cp")
#: Tolerance at which the saturated model is estimated: fine enough to differentiate its residual variance.
FINE = 1e-12


def criteria(n: Floats, r2: Floats, q: Floats, saturated: Floats) -> Floats:
    """Information criteria `(9, ...)` of a regression with R2 on q causes [Sharma et al. 2019, table B1].

    With k = q + 1 numbers estimated and SSE = (1 - R2)(n - 1): AIC = n ln(SSE/n) + 2k, BIC = n ln(SSE/n) + k ln n, ...
    Geweke and Meese's GM = SSE/MSE + k ln n and Mallows' Cp = SSE/MSE - n + 2k take the residual variance `saturated`
    of the saturated model. The second-order criteria are NaN where n <= k + 2, all are where R2 is not below one.
    """
    k = q + 1.0
    sse = np.where(r2 < 1, (1 - r2) * (n - 1), np.nan)
    left, room = np.where(n > k, n - k, np.nan), np.where(n > k + 2, n - k - 2, np.nan)
    size = n * np.log(sse / n)
    loglog = np.log(np.log(n))
    ratio = sse / np.where(saturated > 0, saturated, np.nan)
    return np.stack(
        [
            size + 2 * k,
            size + n * (n + k) / room,
            n * np.log(sse / left) + 2 * k,
            size + k * np.log(n),
            sse / left * (1 + k / n),
            size + 2 * k * loglog,
            size + 2 * n * k * loglog / room,
            ratio + k * np.log(n),
            ratio - n + 2 * k,
        ]
    )


def selection(blueprint: Blueprint, method: Method) -> Noun:
    """Information criteria of the equation of every construct with causes."""
    has = np.flatnonzero(blueprint.arrows.any(axis=0))
    causes = blueprint.equations.sum(axis=0)[has][:, None].astype(float)
    full = saturated(blueprint) if method.family == "components" else None

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        r2 = estimates.r2[has]
        rest = np.full_like(r2, np.nan) if full is None else 1 - _explained(full, method, stack, estimates)[has]
        return np.moveaxis(criteria(stack.n, r2, causes, rest), 0, 1)

    rows = single([blueprint.constructs[j] for j in has], "construct")
    return Noun("selection", rows, compute, CRITERIA, None)


def saturated(blueprint: Blueprint) -> Blueprint | None:
    """Every construct caused by all before it, causes first; None where paths run in a circle or orders are higher."""
    order: list[int] = []
    left = list(range(len(blueprint.constructs)))
    if blueprint.model.higher or blueprint.model.products:
        return None
    depth = 0
    while left:
        # First what nothing causes, then what only that causes, then round by round, as cSEM orders its equations.
        ready: list[int] = []
        for j in left:
            known = order if depth < 2 else order + ready
            if set(np.flatnonzero(blueprint.arrows[:, j]).tolist()) <= set(known):
                ready.append(j)
        if not ready:
            return None
        order, left, depth = order + ready, [j for j in left if j not in ready], depth + 1
    arrows = np.zeros_like(blueprint.arrows)
    for at, j in enumerate(order):
        arrows[order[:at], j] = True
    return replace(blueprint, arrows=arrows)


def _explained(full: Blueprint, method: Method, stack: Stack, estimates: Estimates) -> Floats:
    """R2 of the saturated model, its weights estimated anew from where those of the model stand."""
    size = stack.size
    start = Solution(estimates.free, np.zeros(size, np.int64), np.ones(size, bool))
    found = method.solve(full, stack, start, FINE)
    return method.estimates(full, stack, found).r2


def akaike(fits: Mapping[str, Any], on: str, criterion: str = "bic") -> pd.DataFrame:
    """Weight of evidence for each of several models of one construct.

    Parameters
    ----------
    fits : mapping of name to Fit
        Models of the same answers.
    on : str
        The construct whose equations are compared.
    criterion : {"aic", "aicc", "aicu", "bic", "hq", "hqc"}
        On the scale of a log-likelihood, as weights of evidence need it.

    Returns
    -------
    DataFrame
        Rows `model`. Columns: the criterion, `difference` to the smallest, and `weight`, exp(-difference / 2) over the
        sum of all [Burnham & Anderson 2002, sec. 2.9].

    Examples
    --------
    >>> import csi
    >>> data, model = csi.datasets.load("mobi"), csi.models.ecsi()
    >>> fits = {"with": csi.Study(model).fit(data), "without": csi.Study(model.without("image")).fit(data)}
    >>> csi.akaike(fits, on="satisfaction").round(3).loc["with", "weight"]
    np.float64(0.93)
    """
    check_choice(criterion, "criterion", [name for name in CRITERIA if name not in ("fpe", "gm", "mallows_cp")])
    if len(fits) < 2:
        raise SettingsError("a comparison needs at least two fits: {'with image': fit, 'without': other}")
    values = np.array([_value(name, fit.core, on, criterion) for name, fit in fits.items()])
    gap = values - values.min()
    share = np.exp(-gap / 2)
    index = pd.Index(list(fits), name="model", dtype=object)
    return pd.DataFrame({criterion: values, "difference": gap, "weight": share / share.sum()}, index=index)


def _value(name: str, core: Core, on: str, criterion: str) -> float:
    if len(core.groups) > 1:
        raise SettingsError(f"{name!r} has several groups; choose one: fit['2024']")
    noun = selection(core.blueprint, core.method)
    if on not in noun.rows:
        raise SettingsError(f"on={on!r} has no causes in {name!r}{suggest(on, [str(row) for row in noun.rows])}")
    values = core.values(noun).reshape(-1, len(CRITERIA))
    return float(values[list(noun.rows).index(on), CRITERIA.index(criterion)])
