"""What went by in a pass: smallest and largest code of every item, blanks, unknown codes, answers outside the scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import DataError
from csi.passes.batches import Batch, within
from csi.passes.plan import Plan
from csi.record import Facts

#: Different codes outside the scale that are counted by name, for every item.
CODES = 64


class Column(NamedTuple):
    """Answers to an item: values, NaN where blank; least and largest of them; how many are blank."""

    values: NDArray[Any]
    low: float
    high: float
    blanks: int


class Seen:
    """Facts about the answers so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan, p = plan, len(plan.items)
        self.low, self.high = np.full(p, np.nan), np.full(p, np.nan)
        self.blanks, self.unknown = np.zeros(p, np.int64), np.zeros(p, np.int64)
        self.outside: list[dict[float, int]] = [{} for _ in plan.items]

    def item(self, batch: Batch, j: int) -> Column:
        """Read the answers to an item, blank the codes that mean unknown, and count its blanks.

        Raises
        ------
        DataError
            If an answer is text or infinite.
        """
        name, scale = self.plan.items[j], self.plan.scales[j]
        values = self._known(batch.numbers(name, "item"), j)
        low, high, blanks = extent(values)
        if np.isinf(low) or np.isinf(high):
            times = int(np.isinf(values).sum())
            raise DataError(within(batch.part, f"item {name!r} holds infinite values ({times}); they are no answers"))
        self.blanks[j] += blanks
        self.low[j], self.high[j] = np.fmin(self.low[j], low), np.fmax(self.high[j], high)
        if scale is not None and (low < scale[0] or high > scale[1]):
            self._note(j, values[(values < scale[0]) | (values > scale[1])])
        return Column(values, low, high, blanks)

    def _known(self, values: NDArray[Any], j: int) -> NDArray[Any]:
        """Answers with unknown codes blanked."""
        if not self.plan.unknown[j]:
            return values
        hit = np.isin(values, self.plan.unknown[j])
        times = int(hit.sum())
        self.unknown[j] += times
        return np.where(hit, np.nan, values) if times else values

    def _note(self, j: int, values: NDArray[Any]) -> None:
        """Count answers outside the scale by their codes; those beyond the first codes are counted under infinity."""
        seen = self.outside[j]
        for code, times in zip(*np.unique(values, return_counts=True), strict=True):
            key = float(code) if float(code) in seen or len(seen) < CODES else float("inf")
            seen[key] = seen.get(key, 0) + int(times)

    def facts(self) -> Facts:
        """What was seen, as a table of items and a count of every code outside its scale."""
        outside = [sum(codes.values()) for codes in self.outside]
        columns = {"low": self.low, "high": self.high, "blanks": self.blanks, "unknown": self.unknown}
        table = pd.DataFrame(columns | {"outside": outside}, index=list(self.plan.items))
        codes = {name: seen for name, seen in zip(self.plan.items, self.outside, strict=True) if seen}
        return Facts(table, codes)


def extent(values: NDArray[Any]) -> tuple[float, float, int]:
    """Least and largest value and number of blanks; least and largest are NaN where all are blank."""
    low, high = float(values.min()), float(values.max())
    if not np.isnan(low):
        return low, high, 0
    given = values[~np.isnan(values)]
    if not len(given):
        return np.nan, np.nan, len(values)
    return float(given.min()), float(given.max()), len(values) - len(given)


def assembled(columns: Sequence[Column], shift: NDArray[np.float64]) -> NDArray[Any]:
    """Answers less the shift `(p, n)`: in one byte each where all are small whole numbers, in floats otherwise."""
    small = all(
        column.values.dtype.kind in "iu"
        and middle == np.floor(middle)
        and max(abs(middle), abs(column.low), abs(column.high)) < 2**31
        and column.low - middle >= -128
        and column.high - middle <= 127
        for column, middle in zip(columns, shift.tolist(), strict=True)
    )
    answers = np.empty((len(columns), len(columns[0].values)), np.int8 if small else np.float64)
    for row, column, middle in zip(answers, columns, shift.tolist(), strict=True):
        values = column.values
        if small:
            exact: Any = values.dtype if -128 <= middle <= 127 and values.dtype == np.int8 else np.int64
            # Least and largest fit after the shift, so bytes that run over on the way come back.
            np.subtract(values, int(middle), out=row, dtype=exact, casting="unsafe")
        else:
            np.subtract(values, middle, out=row, dtype=np.float64)
    return answers
