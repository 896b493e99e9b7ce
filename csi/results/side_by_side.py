"""One model, several methods: the same noun of several fits in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import SettingsError
from csi.results.core import Core, Interval
from csi.results.noun import Noun
from csi.results.tables import common


def side_by_side(
    fits: Mapping[str, Any],
    of: str = "paths",
    *,
    tidy: bool = False,
    interval: Interval | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Show a noun of several fits beside each other: PLS, PLSc and CB-SEM of one model, or several models.

    Parameters
    ----------
    fits : mapping of name to Fit
        Each of one group.
    of : str
        The noun: `"paths"`, `"loadings"`, `"r2"`, `"index"`, `"impacts"`, `"correlations"`, ...
    tidy : bool
        One row a (row, method) with standard errors and intervals, instead of one column a method.
    interval, confidence_level
        Of the tidy table.

    Returns
    -------
    DataFrame
        Rows of the noun, in the order of the first fit; NaN where a fit has no such row. Columns: the names of the
        fits.

    Notes
    -----
    PLS relates scores, which carry the error of their items: its paths are mostly smaller and its loadings larger than
    those of PLSc and CB-SEM, which relate the constructs themselves. Scores, index and impacts of PLSc are those of
    PLS; Bartlett's weights of CB-SEM move them where items differ much in their error.

    Examples
    --------
    >>> import csi
    >>> model, data = csi.models.ecsi().without("image"), csi.datasets.load("mobi")
    >>> methods = {"PLS": csi.PLS(), "PLSc": csi.PLSc(), "CB-SEM": csi.CBSEM()}
    >>> fits = {name: csi.Study(model, method=method).fit(data) for name, method in methods.items()}
    >>> side_by_side(fits, of="index").round(1).loc["satisfaction"].tolist()
    [72.4, 72.4, 71.9]
    """
    cores, nouns = _read(fits, of)
    rows = _rows(list(nouns.values()))
    parts: dict[str, pd.DataFrame] = {}
    for name, core in cores.items():
        known = core.uncertainty(nouns[name], interval, confidence_level) if tidy else None
        values = core.values(nouns[name])
        flat = nouns[name].flat_rows
        if known is None:
            parts[name] = pd.DataFrame({name: values[0]}, index=flat).reindex(rows)
        else:
            parts[name] = common(values, known, flat, (), ((),)).reindex(rows)
    if not tidy:
        return pd.concat(list(parts.values()), axis=1)
    stacked = pd.concat(parts, names=["fit"])
    levels = [*range(1, stacked.index.nlevels), 0]
    order = np.lexsort((np.tile(np.arange(len(rows)), len(parts)),))
    whole: pd.DataFrame = stacked.iloc[order].reorder_levels(levels)
    return whole


def _read(fits: Mapping[str, Any], of: str) -> tuple[dict[str, Core], dict[str, Noun]]:
    if not isinstance(fits, Mapping) or len(fits) < 2:
        raise SettingsError("side_by_side takes two fits or more with their names: {'PLS': fit, 'CB-SEM': other}")
    for name, fit in fits.items():
        if len(fit.core.labels) != 1:
            raise SettingsError(f"{name!r} has several groups; choose one: fit['2024']")
    return {str(n): fit.core for n, fit in fits.items()}, {str(n): fit._noun(of) for n, fit in fits.items()}


def _rows(nouns: list[Noun]) -> pd.Index:
    """Rows of the first noun, then what the others have beyond them."""
    rows = nouns[0].flat_rows
    for noun in nouns[1:]:
        rows = rows.append(noun.flat_rows.difference(rows, sort=False))
    return rows
