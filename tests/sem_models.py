"""Satisfaction models on mobi as parameter arrays, and slimmed lavaan results, for the tests of csi.numerics.sem."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from csi.numerics.sem.structure import DIRECTED, MEAN, SYMMETRIC, Structure

HERE = Path(__file__).parent
BLOCKS = {
    "Image": [f"IMAG{i}" for i in range(1, 6)],
    "Expectation": [f"CUEX{i}" for i in range(1, 4)],
    "Quality": [f"PERQ{i}" for i in range(1, 8)],
    "Value": ["PERV1", "PERV2"],
    "Satisfaction": ["CUSA1", "CUSA2", "CUSA3"],
    "Complaints": ["CUSCO"],
    "Loyalty": ["CUSL1", "CUSL2", "CUSL3"],
}
ACSI = {
    "Quality": ["Expectation"],
    "Value": ["Expectation", "Quality"],
    "Satisfaction": ["Expectation", "Quality", "Value"],
    "Complaints": ["Satisfaction"],
    "Loyalty": ["Satisfaction", "Complaints"],
}
ECSI = {
    "Expectation": ["Image"],
    "Quality": ["Expectation"],
    "Value": ["Expectation", "Quality"],
    "Satisfaction": ["Image", "Expectation", "Quality", "Value"],
    "Complaints": ["Satisfaction"],
    "Loyalty": ["Image", "Satisfaction", "Complaints"],
}


@dataclass(frozen=True)
class Built:
    """A structure with the names of its items, constructs and free parameters (lhs, op, rhs, group from 1)."""

    structure: Structure
    items: list[str]
    constructs: list[str]
    labels: list[tuple[str, str, str, int]]

    def number(self, lhs: str, op: str, rhs: str, group: int = 1) -> int:
        return self.labels.index((lhs, op, rhs, group))


def build(name="ACSI", paths=None, *, std_lv=False, groups=1, means=False, equal=(), without=()):
    """lavaan's sem() defaults: markers (or unit variances), single-item residual 0, exogenous covariances free."""
    paths = {"ACSI": ACSI, "ECSI": ECSI}[name] if paths is None else paths
    blocks = {k: v for k, v in BLOCKS.items() if (name == "ECSI" or k != "Image") and k not in without}
    items, constructs = [i for block in blocks.values() for i in block], list(blocks)
    place = {variable: number for number, variable in enumerate(items + constructs)}
    rows, labels, shared = [], [], {}

    def add(kind, one, op, two, free, value=0.0, share=""):
        cell = (kind, place[one], place[two] if two else 0)
        number = -1
        if free:
            number = shared.get((cell, share), -1) if group > 1 and share in equal else -1
            if number < 0:
                number = len(labels)
                shared[cell, share] = number
                names = (two, op, one) if op == "=~" else (one, op, two)
                labels.append((*names, group))
        rows.append((*cell, number, value, group - 1))

    for group in range(1, groups + 1):
        for construct, block in blocks.items():
            for j, item in enumerate(block):
                add(DIRECTED, item, "=~", construct, std_lv or j > 0, 1.0, "loadings")
        for effect, causes in paths.items():
            for cause in causes:
                add(DIRECTED, effect, "~", cause, True, share="regressions")
        for block in blocks.values():
            for item in block:
                add(SYMMETRIC, item, "~~", item, len(block) > 1, share="residuals")
        outer = [c for c in constructs if c not in paths]
        for j, construct in enumerate(constructs):
            add(SYMMETRIC, construct, "~~", construct, not std_lv, 1.0)
            for other in constructs[j + 1 :]:
                if construct in outer and other in outer:
                    add(SYMMETRIC, construct, "~~", other, True)
        if means:
            for item in items:
                add(MEAN, item, "~1", "", True, share="intercepts")
            for construct in constructs:
                add(MEAN, construct, "~1", "", group > 1 and "intercepts" in equal)
    table = np.array(rows)
    whole = [table[:, j].astype(np.intp) for j in range(4)]
    structure = Structure(len(items), len(place), *whole, table[:, 4], table[:, 5].astype(np.intp))
    return Built(structure, items, constructs, labels)


def mobi(items):
    """Answers of mobi (250, items)."""
    return pd.read_csv(HERE.parent / "data" / "mobi.csv", encoding="utf-8")[items].to_numpy(dtype=float)


def moments(x, divisor):
    """Covariance (1, 1, p, p) and mean (1, 1, p)."""
    centred = x - x.mean(axis=0)
    return (centred.T @ centred / divisor)[None, None], x.mean(axis=0)[None, None]


def oracle(name):
    return json.loads((HERE / "oracles" / f"lavaan_{name}.json").read_text(encoding="utf-8"))


def expected(table, labels):
    """Estimates and standard errors of an oracle's table in the order of labels."""
    found = {tuple(row[:4]): row[4:] for row in table}
    for one, op, two, group, *numbers in table:
        if op == "~~":
            found[two, op, one, group] = numbers
    return np.array([found[label] for label in labels], dtype=float).T
