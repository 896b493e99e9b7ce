"""Fixtures for every test: where the repository is, the survey data, and the numbers of other programs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

# One thread and no window, before anything imports them: tests run side by side, on machines without a screen.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("MPLBACKEND", "Agg")

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """Folder of the source tree."""
    return HERE.parent


@pytest.fixture
def mobi() -> pd.DataFrame:
    """The ECSI mobile phone survey, a fresh copy: 250 x 24, codes 1-10."""
    return pd.read_csv(HERE.parent / "data" / "mobi.csv", encoding="utf-8")


@pytest.fixture
def corp_rep() -> pd.DataFrame:
    """Four mobile phone providers, a fresh copy: 344 x 41, -99 = no answer."""
    return pd.read_csv(HERE.parent / "data" / "corp_rep.csv", encoding="utf-8")


@pytest.fixture(scope="session")
def oracle():
    """`oracle("pls/ecsi.json")`: numbers of another program from tests/oracles, as tables where they are tables."""

    def read(name: str):
        path = HERE / "oracles" / name
        if path.suffix == ".csv":
            return pd.read_csv(path, encoding="utf-8")
        return tables(json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))

    return read


def tables(value):
    """Turn the matrices and data frames of an oracle file into DataFrames, null into NaN; leave the rest."""
    if isinstance(value, list):
        return [tables(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"rows", "cols", "values"}:
        return pd.DataFrame(numbers(value["values"]), index=value["rows"], columns=value["cols"])
    if set(value) == {"columns", "rows"}:
        return pd.DataFrame(value["rows"], columns=value["columns"])
    return {key: tables(entry) for key, entry in value.items()}


def numbers(values) -> np.ndarray:
    """Rows of numbers as floats, null as NaN."""
    return np.array(values, dtype=float)
