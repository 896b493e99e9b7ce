"""Quotas and how full they are; a quota sample is no probability sample, and its tables say so."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from csi import frames
from csi.errors import DataError, SettingsError, listing, suggest
from csi.sampling.allocation import largest_remainder


def quota(n: int, margins: Mapping[str, Mapping[Any, float]]) -> pd.DataFrame:
    """Table of quotas: how many interviews in each cell of the margins, crossed as if independent.

    Parameters
    ----------
    n : int
        Size of the whole sample.
    margins : mapping of mappings
        Variable to category to population share or count; the shares of a variable are scaled to 1.

    Returns
    -------
    DataFrame
        One row a cell: `share`, `target` (whole numbers that sum to n) and `probability_sample`, which is False:
        interviewers choose whom to ask, so no inclusion probability and no design-based standard error exists.

    Examples
    --------
    >>> quota(100, {"sex": {"f": 0.5, "m": 0.5}, "age": {"<30": 30, "30+": 70}})["target"].tolist()
    [15, 35, 15, 35]
    """
    problems = [f"{name!r} has no categories" for name, shares in margins.items() if not shares]
    for name, shares in margins.items():
        bad = [category for category, share in shares.items() if not (np.isfinite(share) and share >= 0)]
        problems += [f"the share of {category!r} in {name!r} must be zero or more" for category in bad]
    if not margins:
        problems.append("name at least one margin")
    if not (float(n).is_integer() and n >= 1):
        problems.append(f"n= must be a whole positive number; not {n!r}")
    if problems:
        raise SettingsError(listing(problems, "The quotas cannot be made"))
    cells = pd.MultiIndex.from_tuples(list(product(*margins.values())), names=list(margins))
    scaled = [{c: share / sum(shares.values()) for c, share in shares.items()} for shares in margins.values()]
    share = np.array([np.prod([part[c] for part, c in zip(scaled, cell, strict=True)]) for cell in cells])
    table = {"share": share, "target": largest_remainder(share * n, int(n)), "probability_sample": False}
    return pd.DataFrame(table, index=cells if len(margins) > 1 else pd.Index(list(scaled[0]), name=cells.names[0]))


def fill_rates(
    data: Any, targets: pd.DataFrame | pd.Series | Mapping[Any, float], by: str | list[str] | None = None
) -> pd.DataFrame:
    """How full each stratum or quota cell is: interviews achieved against the target.

    Parameters
    ----------
    data : DataFrame
        One row a completed interview.
    targets : table of `allocate` or `quota`, Series or mapping
        Interviews wanted by stratum or cell (column `target` or `n` of a table).
    by : str or list of str, optional
        Column(s) of the strata; the index names of `targets` where left out.

    Returns
    -------
    DataFrame
        One row a cell and a last row "total": `target`, `achieved`, `missing` (target minus achieved, never below 0)
        and `fill` (achieved / target; NaN where the target is 0).

    Raises
    ------
    DataError
        When the interviews hold a stratum that the targets do not have.

    Examples
    --------
    >>> done = pd.DataFrame({"network": ["3g"] * 1502 + ["4g"] * 1593})
    >>> fill_rates(done, {"3g": 2547, "4g": 2701}, by="network")["fill"].round(3).to_dict()
    {'3g': 0.59, '4g': 0.59, 'total': 0.59}
    """
    wanted = _targets(targets)
    names = [by] if isinstance(by, str) else [str(name) for name in by or wanted.index.names]
    opened = frames.table(data)
    groups = frames.partition(opened, names[0] if len(names) == 1 else names)
    achieved = pd.Series(np.bincount(groups.codes, minlength=len(groups)), index=groups.level)
    strange = [label for label in groups.level if label not in wanted.index]
    if strange:
        known = [str(label) for label in wanted.index]
        problems = [f"{label!r} is not among the targets{suggest(str(label), known)}" for label in strange]
        raise DataError(listing(problems, "The interviews hold strata without a target"))
    target = wanted.to_numpy(float)
    done = np.array([achieved.get(label, 0) for label in wanted.index], float)
    target, done = np.append(target, target.sum()), np.append(done, done.sum())
    table = {
        "target": target,
        "achieved": done,
        "missing": np.maximum(target - done, 0),
        "fill": np.divide(done, target, out=np.full(len(done), np.nan), where=target > 0),
    }
    return pd.DataFrame(table, index=_with_total(wanted.index, names))


def _targets(targets: Any) -> pd.Series:
    """Interviews wanted, as a Series by cell."""
    if isinstance(targets, pd.DataFrame):
        return targets["target"] if "target" in targets else targets["n"]
    return targets if isinstance(targets, pd.Series) else pd.Series(dict(targets), dtype=float)


def _with_total(index: pd.Index, names: list[str]) -> pd.Index:
    """The cells and a last row for all of them."""
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_tuples([*index, ("total",) + ("",) * (index.nlevels - 1)], names=names)
    return pd.Index([*index, "total"], name=names[0])
