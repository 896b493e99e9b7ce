"""Answers to the questions of a hierarchy as points from 0 to 100."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from csi import blocks
from csi.blocks import Arrays
from csi.design import Design
from csi.errors import DataError, listing
from csi.spec import Construct, Model

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy

Floats = NDArray[np.float64]


def read(
    hierarchy: Hierarchy, data: Any, by: str | Sequence[str] | None = None, design: Design | None = None
) -> Arrays:
    """Read every question of the tree, reversed ones turned, unknown codes blank.

    Raises
    ------
    DataError
        Naming questions that are missing, hold text or lie outside their scale.
    """
    questions = [question for _, _, question in hierarchy.placed if hierarchy.scale_of(question) is not None]
    items = [question.as_item(hierarchy.unknown) for question in questions]
    model = Model(hierarchy.name, {hierarchy.name: Construct(items)}, index="", scale=hierarchy.scale)
    answers = blocks.read(data, model, by=by, design=design)
    problems = []
    for name, column, scale in zip(answers.names, answers.values.T, answers.scales, strict=True):
        low, high = scale if scale is not None else (0, 0)
        wrong = np.unique(column[~np.isnan(column) & ((column < low) | (column > high))])
        if wrong.size:
            codes = ", ".join(f"{code:g}" for code in wrong[:5])
            problems.append(f"question {name!r} holds {codes}, outside {low:g} to {high:g} (reversed ones are turned)")
    if problems:
        raise DataError(
            listing(problems, "the answers do not fit their scales; unknown=(98, 99) names codes for no answer")
        )
    return answers


def of(answers: Arrays) -> Floats:
    """Answers (n, q) as points, 100 (x - low) / (high - low); NaN where blank."""
    low, high = np.array([scale or (np.nan, np.nan) for scale in answers.scales], dtype=float).T
    found: Floats = 100 * (answers.values - low) / (high - low)
    return found


def spread(answers: Arrays) -> dict[str, float]:
    """Weighted standard deviation (divisor n - 1) of the points of every question, by the answers it has."""
    found = {}
    for name, column in zip(answers.names, of(answers).T, strict=True):
        here = ~np.isnan(column)
        x, w = column[here], answers.weights[here]
        n = len(x)
        variance = w @ (x - w @ x / w.sum()) ** 2 / w.sum() * n / (n - 1) if n > 1 else np.nan
        found[name] = float(np.sqrt(variance))
    return found
