"""The one table out: estimates, their uncertainty and their groups as a plain DataFrame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csi.numerics.solve import Floats

#: The common columns, in their order.
COLUMNS = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value")


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What is known of the error of every row, each `(G, rows)`."""

    std_error: Floats
    conf_low: Floats
    conf_high: Floats
    statistic: Floats | None
    p_value: Floats | None


def grouped(rows: pd.Index, by: Sequence[str], labels: Sequence[Any]) -> pd.Index:
    """Put the groups in front of the rows, as the first level; nothing where all cases are one group."""
    if not by:
        return rows
    tuples = [(*_tuple(label), *_tuple(row)) for label in labels for row in rows]
    return pd.MultiIndex.from_tuples(tuples, names=[*by, *rows.names])


def common(
    estimate: Floats, uncertainty: Uncertainty, rows: pd.Index, by: Sequence[str], labels: Sequence[Any]
) -> pd.DataFrame:
    """One number a row: the common columns, those without meaning left out.

    Parameters
    ----------
    estimate : array (G, rows)
    """
    columns: dict[str, Floats] = {"estimate": estimate}
    for name in COLUMNS[1:]:
        values = getattr(uncertainty, name)
        if values is not None:
            columns[name] = values
    flat = {name: np.asarray(values, dtype=float).ravel() for name, values in columns.items()}
    return pd.DataFrame(flat, index=grouped(rows, by, labels))


def wide(
    estimate: Floats, rows: pd.Index, measures: Sequence[str], by: Sequence[str], labels: Sequence[Any]
) -> pd.DataFrame:
    """Several measures a row: one column a measure, of estimates `(G, rows * measures)`."""
    values = estimate.reshape(-1, len(measures))
    return pd.DataFrame(values, index=grouped(rows, by, labels), columns=list(measures))


def _tuple(label: Any) -> tuple[Any, ...]:
    return label if isinstance(label, tuple) else (label,)
