"""Every measure held against its threshold, one row a comparison."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from csi.results import fitness, measurement, overlap, reliability, validity
from csi.results.core import Core
from csi.results.criteria import MEASURES, Criterion
from csi.results.noun import Noun, without_products


def verdicts(core: Core, criteria: tuple[Criterion, ...]) -> pd.DataFrame:
    """Rows of measure, subject, value and limit, whether it is met, and who set the limit.

    A measure that does not apply to a row (composites, single items) has no row.
    """
    rows = []
    for one in criteria:
        for label, found in zip(core.labels, _found(core, one.measure), strict=True):
            for subject, value in found:
                if np.isfinite(value):
                    group = label if core.by else ""
                    met = float(one.met(float(value)))
                    rows.append((one.measure, subject, float(value), one.sense, one.limit, met, one.source, group))
    columns = ["measure", "subject", "value", "sense", "limit", "met", "source", "group"]
    return pd.DataFrame(rows, columns=columns).set_index(["measure", "subject"])


def _found(core: Core, measure: str) -> list[list[tuple[str, float]]]:
    """Pairs of row and value of a measure, group by group."""
    if MEASURES[measure] == "goodness":
        known = fitness.table(core, "estimated", None, None, None, 0.95)["estimate"]
        own = known[known.index.get_level_values("measure") == measure].to_numpy()
        return [[("model", float(value))] for value in own] or [[] for _ in core.labels]
    noun = _noun(core, MEASURES[measure])
    values = core.values(noun)
    return [list(_subjects(noun, values[g], measure)) for g in range(len(core.labels))]


def _noun(core: Core, name: str) -> Noun:
    blueprint = core.blueprint
    makers = {
        "reliability": lambda: reliability.reliability(blueprint, core.method),
        "loadings": lambda: without_products(blueprint, measurement.loadings),
        "validity": lambda: validity.validity(blueprint),
        "vif": lambda: overlap.vif(blueprint, "paths"),
        "vif_items": lambda: overlap.vif(blueprint, "items"),
        "vif_constructs": lambda: overlap.vif(blueprint, "constructs"),
        "f2": lambda: overlap.f2(blueprint),
    }
    return makers[name]()


def _subjects(noun: Noun, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], measure: str) -> Iterator[
    tuple[str, float]
]:  # fmt: skip
    """Pairs of row and value of one measure of a noun."""
    column = noun.measures.index(measure) if noun.measures else 0
    for row, value in zip(noun.rows, values.reshape(len(noun.rows), -1)[:, column], strict=True):
        yield _label(noun, row), float(value)


def _label(noun: Noun, row: object) -> str:
    if not isinstance(row, tuple):
        return str(row)
    between = {"cause": " -> ", "item": " "}.get(str(noun.rows.names[0]), " - ")
    return f"{row[0]}{between}{row[1]}" if "item" not in noun.rows.names else str(row[1])
