"""Which model to prefer: information criteria of every equation, and the weight of evidence between fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint
from csi.errors import SettingsError, check_choice, suggest
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.core import Core
from csi.results.noun import Noun, single

CRITERIA = ("aic", "aicc", "aicu", "bic", "fpe", "hq", "hqc")


def criteria(n: Floats, r2: Floats, q: Floats) -> Floats:
    """Information criteria `(7, ...)` of a regression with R2 on q causes [Sharma et al. 2019, table 1].

    With k = q + 1 numbers estimated and SSE = (1 - R2)(n - 1): AIC = n ln(SSE/n) + 2k, BIC = n ln(SSE/n) + k ln n, ...
    The second-order criteria are NaN where n <= k + 2, all are where R2 is not below one.
    """
    k = q + 1.0
    sse = np.where(r2 < 1, (1 - r2) * (n - 1), np.nan)
    left, room = np.where(n > k, n - k, np.nan), np.where(n > k + 2, n - k - 2, np.nan)
    size = n * np.log(sse / n)
    loglog = np.log(np.log(n))
    return np.stack(
        [
            size + 2 * k,
            size + n * (n + k) / room,
            n * np.log(sse / left) + 2 * k,
            size + k * np.log(n),
            sse / left * (1 + k / n),
            size + 2 * k * loglog,
            size + 2 * n * k * loglog / room,
        ]
    )


def selection(blueprint: Blueprint) -> Noun:
    """Information criteria of the equation of every construct with causes."""
    has = np.flatnonzero(blueprint.arrows.any(axis=0))
    causes = blueprint.arrows.sum(axis=0)[has][:, None].astype(float)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        return np.moveaxis(criteria(stack.n, estimates.r2[has], causes), 0, 1)

    rows = single([blueprint.constructs[j] for j in has], "construct")
    return Noun("selection", rows, compute, CRITERIA, None)


def akaike(fits: Mapping[str, Any], on: str, criterion: str = "bic") -> pd.DataFrame:
    """Weight of evidence for each of several models of one construct.

    Parameters
    ----------
    fits : mapping of name to Fit
        Models of the same answers.
    on : str
        The construct whose equations are compared.
    criterion : {"aic", "aicc", "aicu", "bic", "hq", "hqc"}

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
    check_choice(criterion, "criterion", [name for name in CRITERIA if name != "fpe"])
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
    noun = selection(core.blueprint)
    if on not in noun.rows:
        raise SettingsError(f"on={on!r} has no causes in {name!r}{suggest(on, [str(row) for row in noun.rows])}")
    values = core.values(noun).reshape(-1, len(CRITERIA))
    return float(values[list(noun.rows).index(on), CRITERIA.index(criterion)])
