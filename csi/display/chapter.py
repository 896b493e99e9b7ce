"""The tables before the model as a thesis prints them: one way from a plain table to print, and results that do it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from csi.display import table as tables
from csi.display.cells import Kind
from csi.display.chapter_words import COLUMNS, ROWS
from csi.display.numbers import Language
from csi.display.table import Table
from csi.display.words import Words, check_language, in_language
from csi.errors import DataError


class Labelled(Protocol):
    """What knows printed names: a Model."""

    def labels(self, language: str = ...) -> dict[str, str]:
        """Printed names of constructs and items."""


Labels = Mapping[str, Words] | Labelled | None

#: What a table says about itself in `.attrs`, in the order in which it is printed below it.
NOTES = ("rule", "base", "missing", "reversed", "weights", "design", "interval", "caution", "error")
P_VALUES = ("p_adjusted", "p_change", "mahalanobis_p")
SHARES = ("share", "share_of_mentions", "floor", "ceiling", "promoters", "passives", "detractors", "dissatisfied",
          "as_expected", "satisfied", "delighted", "missing_share", "variance_share", "cumulative",
          "expected_share")  # fmt: skip
COUNTS = ("n", "k", "missing", "mentions", "patterns", "only_first", "only_second", "factors", "outside", "unknown",
          "suspicious", "retained", "min", "max", "median", "cases", "df", "df2", "count")  # fmt: skip


def printed(
    frame: pd.DataFrame,
    *,
    title: Words | None = None,
    labels: Labels = None,
    decimals: int = 3,
    kinds: Mapping[str, Kind] | None = None,
    starred: str | None = None,
    notes: Sequence[Words] | None = None,
    number: str = "",
) -> Table:
    """Make a table of `csi.analysis` or `csi.measures` ready for print, in English or Chinese.

    Parameters
    ----------
    frame : DataFrame
        As the function returned it; what it says in `.attrs` becomes its title and its notes.
    title : str or {language: text}, optional
        Another title.
    labels : {name: text or {language: text}} or Model, optional
        Printed names of items, constructs, groups, columns. A Model's constructs have theirs without.
    decimals : int
    kinds : {column: "number", "p", "percent" or "text"}, optional
    starred : str, optional
        The column that carries the stars of `p_value`.
    notes : list of str or {language: text}, optional
        Instead of the notes in `.attrs`.
    number : str
        Such as `"4-1"`.

    Returns
    -------
    Table
        `to_text, to_html, to_markdown, to_latex, to_docx, to_excel`, each with `language="en"` or `"zh"`.

    Examples
    --------
    >>> from csi.measures import nps
    >>> table = printed(nps({"recommend": [10, 9, 8, 7, 6, 0, 9, 10]}), decimals=1)
    >>> print(table)
    Net promoter score
    Item       Estimate    SE         95% CI  n  Promoters  Passives  Detractors
    recommend      25.0  29.3  [-32.5, 82.5]  8      50.0%     25.0%       25.0%
    promoters >= 9, detractors <= 6 of 0 to 10
    available cases: each measure by the answers it has
    >>> print(table.to_markdown("zh").splitlines()[0])
    **净推荐值（NPS）**
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"a table for print is made from a DataFrame; not {type(frame).__name__}")
    said = frame.attrs
    named: list[Any] = list(frame.columns)
    columns = [str(name[-1] if isinstance(name, tuple) else name) for name in named]
    usual: dict[str, Kind] = {**dict.fromkeys(P_VALUES, "p"), **dict.fromkeys(SHARES, "percent")}
    usual |= said.get("kinds", {})
    found = notes if notes is not None else [said[name] for name in NOTES if said.get(name)]
    return Table(
        frame,
        title=_words(said.get("title", "") if title is None else title),
        notes=[_words(note) for note in found],
        labels=all_labels(frame, labels),
        decimals=_decimals(frame, columns, decimals),
        kinds={name: kind for name, kind in {**usual, **(kinds or {})}.items() if name in columns},
        starred=starred,
        number=number,
        confidence_level=float(said.get("confidence_level", 0.95)),
    )


def all_labels(frame: pd.DataFrame, labels: Labels = None) -> dict[str, Words]:
    """Words for the columns, row levels and named rows that a table has, then those of its model, then the user's."""
    named: list[Any] = list(frame.columns)
    names = {str(part) for name in named for part in (name if isinstance(name, tuple) else (name,))}
    names |= {str(name) for name in frame.index.names if name is not None}
    found: dict[str, Words] = {
        name: {"en": COLUMNS[name][0], "zh": COLUMNS[name][1]} for name in sorted(names) if name in COLUMNS
    }
    for level in map(str, frame.index.names):
        rows = ROWS.get(level, {})
        found |= {name: {"en": words[0], "zh": words[1]} for name, words in rows.items()}
    found |= frame.attrs.get("labels", {})
    found |= {name: _words(text) for name, text in frame.attrs.get("heads", {}).items()}
    return found | of_model(labels)


def of_model(labels: Labels) -> dict[str, Words]:
    """Labels as a mapping, whether they come from a mapping or from a Model."""
    if labels is None:
        return {}
    if isinstance(labels, Mapping):
        return dict(labels)
    english, other = labels.labels("en"), labels.labels("zh")
    return {name: {"en": text, "zh": other[name]} for name, text in english.items()}


def _words(text: Any) -> Words:
    """A sentence in all languages it knows."""
    return text.words if hasattr(text, "words") else text


def _decimals(frame: pd.DataFrame, columns: Sequence[str], usual: int) -> dict[str, int]:
    """Decimals by column: counts and whole degrees of freedom have none, per cent one."""
    found = dict.fromkeys(columns, usual) | dict.fromkeys(set(columns) & set(SHARES), 1)
    for name, values in zip(columns, frame.to_numpy().T, strict=True):
        if name in COUNTS:
            numbers = np.array([v for v in values if isinstance(v, (int, float, np.number))], dtype=float)
            found[name] = 0 if bool((np.isnan(numbers) | (numbers == np.round(numbers))).all()) else 2
    return found


def as_percent(frame: pd.DataFrame, *more: str) -> pd.DataFrame:
    """Shares with their interval as per cent: a reader should not meet 1.5% beside [0.012, 0.018]."""
    found = frame.rename(columns={"share": "percent"})
    wanted = [name for name in ("percent", "std_error", "conf_low", "conf_high", *more) if name in found]
    found[wanted] = 100 * found[wanted]
    found.attrs = dict(frame.attrs)
    return found


@dataclass(frozen=True, eq=False)
class StarredMatrix(Table):
    """A table whose cells carry the stars of p-values in a table of the same shape."""

    p_values: pd.DataFrame = field(default_factory=pd.DataFrame)

    def p_of(self, row: int, column: Any) -> float:
        """The p-value behind a cell; NaN for cells without."""
        if column not in self.p_values.columns:
            return float("nan")
        return float(self.p_values[column].iloc[row])


class Printed(ABC):
    """A result of several tables that prints itself in two languages: doubts first, then its tables."""

    doubts: Any = ()

    @abstractmethod
    def tables(self, labels: Labels = None) -> tuple[Table, ...]:
        """Return the tables as a thesis prints them, raw numbers inside.

        Parameters
        ----------
        labels : {name: text or {language: text}} or Model, optional
            Printed names of items, constructs and groups.
        """

    def to_text(self, language: Language = "en", labels: Labels = None) -> str:
        """Write the doubts and tables for a terminal."""
        check_language(language)
        doubts = [f"! {in_language(_words(doubt), language)}" for doubt in self.doubts]
        written = [table.to_text(language) for table in self.tables(labels)]
        return "\n\n".join(["\n".join(doubts), *written] if doubts else written)

    def to_html(self, language: Language = "en", labels: Labels = None) -> str:
        """Write the doubts and tables for a page or a notebook."""
        check_language(language)
        doubts = "".join(f"<li>{escape(in_language(_words(doubt), language))}</li>" for doubt in self.doubts)
        written = "\n".join(table.to_html(language) for table in self.tables(labels))
        return f'<ul class="csi-doubts">{doubts}</ul>\n{written}' if doubts else written

    def save(self, path: str | Path, language: Language = "en", labels: Labels = None) -> None:
        """Write the tables to a file: .html, .md, .tex, .txt, .docx or .xlsx."""
        tables.save(self.tables(labels), path, language)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return self.to_text()
