"""What every section needs: the fit, the language, and how names and numbers are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from csi.display.numbers import interval, number
from csi.display.words import Language, level_text, word
from csi.errors import CsiError
from csi.fit import Fit
from csi.report.texts import say

#: At most so many groups stand side by side in a table; more stand below each other.
BESIDE = 6


Row: TypeAlias = Mapping[str, float]


def rows(table: pd.DataFrame) -> Iterator[tuple[tuple[str, ...], Row]]:
    """Yield the labels and the numbers of every row."""
    columns = [str(column) for column in table.columns]
    for label, *values in table.itertuples(name=None):
        labels = label if isinstance(label, tuple) else (label,)
        yield tuple(map(str, labels)), dict(zip(columns, map(float, values), strict=True))


def row(table: pd.DataFrame, label: str) -> Row:
    """Give the numbers of one row."""
    return next(numbers for labels, numbers in rows(table) if labels == (label,))


def part(table: pd.DataFrame, label: str, level: str | int) -> pd.DataFrame:
    """Give the rows with one label on a level, which goes."""
    return pd.DataFrame(table.xs(label, level=level))


@dataclass(frozen=True)
class Context:
    """A fit and the language that it is told in."""

    fit: Fit
    language: Language = "en"
    level: float = 0.95
    before: tuple[object, ...] = ()
    fieldwork: Mapping[str, object] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """Give a text."""
        return say(key, self.language, **values)

    def word(self, key: str, **values: str) -> str:
        """Give a word of tables and pictures."""
        return word(key, self.language, **values)

    @property
    def level_text(self) -> str:
        """The confidence level as per cent."""
        return level_text(self.level)

    @property
    def interval_word(self) -> str:
        """Heading of a column of intervals."""
        return self.word("interval", level=self.level_text)

    @cached_property
    def labels(self) -> dict[str, str]:
        """Printed names of constructs, items and products of constructs."""
        return self.named(self.language)

    def named(self, language: Language) -> dict[str, str]:
        """Printed names in a language; `image:quality` is the product of both."""
        printed = self.fit.model.labels(language)
        causes = {path.cause for path in self.fit.model.paths} - set(printed)
        return printed | {one: " × ".join(printed.get(part, part) for part in one.split(":")) for one in causes}

    @property
    def estimated(self) -> list[Any]:
        """Groups that have an index."""
        if self.index is None:
            return []
        own = part(self.index, self.index_name, -1)["estimate"].to_numpy(dtype=float)
        return [group for group, value in zip(self.fit.groups, own, strict=True) if np.isfinite(value)]

    @property
    def index_name(self) -> str:
        """The construct whose score is the index; the first one where there is none."""
        return self.fit.model.index or self.fit.core.blueprint.constructs[0]

    @property
    def n(self) -> str:
        """Number of cases."""
        return number(float(self.fit.core.stack.n.sum()), 0)

    @cached_property
    def index(self) -> pd.DataFrame | None:
        """The index of every construct, where there is one."""
        try:
            return self.fit.index(confidence_level=self.level)
        except CsiError:
            return None

    @cached_property
    def paths(self) -> pd.DataFrame:
        """The standardized paths."""
        many = len(self.fit.groups) > BESIDE
        return (self.undrawn if many else self.fit).paths(confidence_level=self.level)

    @cached_property
    def why_no_index(self) -> str:
        """The reason why there is none; nothing where there is one."""
        try:
            self.fit.index()
        except CsiError as why:
            return (
                str(why) if self.language == "en" or self.fit.core.sample is not None else self.say("terminal.no_index")
            )
        return ""

    @property
    def has_drivers(self) -> bool:
        """Whether the model has an index, in points, and arrows that lead to it."""
        arrows = self.fit.core.blueprint.paths
        return self.index is not None and any(effect == self.fit.model.index for _, effect in arrows)

    @property
    def group_names(self) -> list[str]:
        """Groups as they are printed."""
        return [" / ".join(map(str, g)) if isinstance(g, tuple) else str(g) for g in self.fit.groups]

    @property
    def joint(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    @property
    def comma(self) -> str:
        """What stands between the parts of a list."""
        return "、" if self.language == "zh" else ", "

    @cached_property
    def family(self) -> str:
        """`"components"` or `"covariance"`."""
        return str(self.fit.core.method.family)

    @cached_property
    def undrawn(self) -> Fit:
        """The fit as estimates alone: what is printed without intervals costs nothing then.

        Without cases a fit by components has no influences to work out; one by covariances needs them for tests.
        """
        core = replace(self.fit.core, draws=None)
        return replace(self.fit, core=replace(core, sample=None) if self.family == "components" else core)

    @property
    def by(self) -> str:
        """Columns that the groups come from."""
        return " / ".join(self.fit.core.by)

    def interval(self, row: Row, decimals: int) -> str:
        """Interval of a row of a table."""
        return interval(row["conf_low"], row["conf_high"], decimals)

    def per_group(self, column: pd.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
        """A column of a noun as `(groups, rows)`."""
        return column.to_numpy(dtype=float).reshape(len(self.fit.groups), -1)

    def first_group(self, table: pd.DataFrame) -> list[str]:
        """Row labels of one group, of a noun with one row level beside the groups."""
        return [str(label) for label in table.index.get_level_values(-1)[: len(table) // len(self.fit.groups)]]
