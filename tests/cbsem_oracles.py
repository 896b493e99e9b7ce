"""lavaan's tables for mobi in the names of csi.models.ecsi(), for the tests of csi.CBSEM."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

import csi

HERE = Path(__file__).parent
NAMES = {
    "Image": "image",
    "Expectation": "expectations",
    "Quality": "quality",
    "Value": "value",
    "Satisfaction": "satisfaction",
    "Complaints": "complaints",
    "Loyalty": "loyalty",
}
ECSI = csi.models.ecsi()
ACSI = ECSI.without("image")


def mobi() -> pd.DataFrame:
    return pd.read_csv(HERE.parent / "data" / "mobi.csv", encoding="utf-8")


def oracle(name: str) -> dict:
    return json.loads((HERE / "oracles" / f"lavaan_{name}.json").read_text(encoding="utf-8"))


def row(one: str, op: str, two: str) -> tuple[str, str, str]:
    """lavaan's (lhs, op, rhs) as (kind, left, right)."""
    left, right = NAMES.get(one, one), NAMES.get(two, two)
    if op == "=~":
        return "loadings", left, right
    if op == "~":
        return "paths", right, left
    if op == "~1":
        return "means", left, left
    return ("variances" if left == right else "covariances"), left, right


def compared(table: pd.DataFrame, reference: list, columns: tuple[str, str], group: int = 1) -> np.ndarray:
    """Largest differences of estimates and errors, over every row that lavaan has."""
    known = {tuple(label): values for label, values in zip(table.index, table[list(columns)].to_numpy(), strict=True)}
    gaps = []
    for one, op, two, g, *numbers in reference:
        if g != group or op in ("|", "~*~"):
            continue
        kind, left, right = row(one, op, two)
        found = known.get((kind, left, right), known.get((kind, right, left)))
        if found is None and (kind == "means" or kind == "variances"):
            continue
        gaps.append(np.abs(np.array(numbers[:2], float) - found) / (1 + np.abs(np.array(numbers[:2], float))))
    return np.array(gaps)
