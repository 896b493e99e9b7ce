"""PLS and PLSc solutions of other programs on the mobile phone survey, and how to ask for them in our words."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import csi

FOLDER = Path(__file__).resolve().parent / "oracles" / "assess"
ENTRIES = json.loads((FOLDER / "mobi.json").read_text(encoding="utf-8"))["solutions"]
SOLUTIONS = {f"{entry['package'].split()[0]}-{entry['name']}": entry for entry in ENTRIES}
CSEM = [name for name in SOLUTIONS if name.startswith("cSEM")]
SEMINR = [name for name in SOLUTIONS if name.startswith("seminr")]
MODELS = {"ecsi": csi.models.ecsi(), "acsi": csi.models.acsi(items="mobi")}


def model_of(entry: dict) -> csi.Model:
    """The model of a solution, with the constructs that the other program took for composites."""
    model = MODELS[entry["model"]]
    composites = entry.get("composites", ())
    blocks = {
        name: csi.Construct(block.items, kind="composite" if name in composites else "reflective", label=block.label)
        for name, block in model.constructs.items()
    }
    return model.replace(constructs=blocks)


@cache
def fitted(name: str) -> csi.Fit:
    """The solution that another program has, asked for in our words."""
    entry = SOLUTIONS[name]
    method = {"PLS": csi.PLS, "PLSc": csi.PLSc}[entry["method"]]
    data = pd.read_csv(FOLDER.parents[2] / "data" / "mobi.csv", encoding="utf-8")
    asked = method(scheme=entry["scheme"], modes=entry.get("modes"), tolerance=1e-12)
    return csi.Study(model_of(entry), method=asked).fit(data)


def joined(table: pd.DataFrame, column: str = "estimate", by: str = " -> ") -> dict[str, float]:
    """Rows of two labels as 'first -> second'."""
    return {by.join(row): value for row, value in table[column].items()}


def assert_equal(ours: dict[str, float], theirs: dict[str, float | None], tolerance: float = 1e-8) -> None:
    """The same names, NaN where they have none, and no number further away than the tolerance."""
    assert set(ours) == set(theirs)
    for name, value in theirs.items():
        wanted = np.nan if value is None else value
        assert np.isclose(ours[name], wanted, rtol=0, atol=tolerance, equal_nan=True), f"{name}: {ours[name]}, {value}"
