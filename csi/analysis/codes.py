"""Codes among the answers that are none: outside the scale, declared unknown, or looking like a missing code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import frames
from csi.blocks import Arrays, ModelLike
from csi.spec.model import Model

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MISSING_CODES = (-99, -98, -97, -9, -8, -7, -3, -2, -1, 88, 97, 98, 99, 888, 997, 998, 999, 9998, 9999)
"""Codes that questionnaires use for "do not know", "no answer" and "does not apply"."""


def stray_codes(data: Any, model: ModelLike, raw: Arrays) -> tuple[pd.DataFrame, Bools, Bools]:
    """Codes outside the scale, declared unknown, or suspicious; where answers are outside, and suspicious, (n, p)."""
    asked = frames.numbers(frames.table(data), raw.names).T
    declared = _declared(model, raw.names)
    outside, suspicious = np.zeros_like(asked, dtype=bool), np.zeros_like(asked, dtype=bool)
    rows = []
    for j, name in enumerate(raw.names):
        scale = raw.scales[j]
        for code, n in zip(*np.unique(asked[~np.isnan(asked[:, j]), j], return_counts=True), strict=True):
            unknown = code in declared[j]
            beyond = scale is not None and not unknown and not scale[0] <= code <= scale[1]
            doubtful = not unknown and _suspicious(code, asked[:, j])
            outside[:, j] |= beyond & (asked[:, j] == code)
            suspicious[:, j] |= doubtful & (asked[:, j] == code)
            if unknown or beyond or doubtful:
                rows.append((name, code, int(n), float(beyond), float(unknown), float(doubtful)))
    columns = ["item", "code", "n", "outside", "unknown", "suspicious"]
    return pd.DataFrame(rows, columns=columns).set_index(["item", "code"]), outside, suspicious


def _declared(model: ModelLike, names: Sequence[str]) -> list[tuple[float, ...]]:
    """Codes that the model declares unknown, by item."""
    known = {item.name: item.unknown for item in model.items} if isinstance(model, Model) else {}
    return [known.get(name, ()) for name in names]


def _suspicious(code: float, column: Floats) -> bool:
    """A usual missing code that stands apart from the other answers by more than their own range."""
    if code not in MISSING_CODES:
        return False
    rest = column[~np.isnan(column) & ~np.isin(column, MISSING_CODES)]
    if not rest.size:
        return False
    low, high = float(rest.min()), float(rest.max())
    reach = max(high - low, 1.0)
    return bool(code > high + reach or code < min(low, 0.0))
