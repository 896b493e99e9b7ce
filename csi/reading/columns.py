"""Cells become columns: codes where every answer has one, text where none has, an error in between."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from csi.codebook import Codebook, Variable, folded
from csi.reading import wjx
from csi.reading.answers import Log
from csi.reading.export import Export
from csi.reading.sheet import short

#: Digits that a number keeps in every program.
MOST_DIGITS = 15

Numbers = Literal["codes", "options"]

_FORMULA = re.compile(r"^[=@]\s*[\w+\-('\"].*[(|!+\-*/]", re.DOTALL)
_HTML = re.compile(
    r"<\s*/?\s*(script|iframe|img|a|b|br|p|div|span|table|tr|td|font|i|u|strong|em|style)\b", re.IGNORECASE
)
_POINTS = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:分|points?)")
_FILLED_IN = re.compile(r"〖.*?〗", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Column:
    """One column of the table that comes out."""

    variable: Variable
    values: Any


class Columns:
    """The columns of an export, read one by one; what is wrong is gathered, what is done is logged."""

    def __init__(
        self, export: Export, book: Codebook, text: frozenset[str], log: Log, numbers: Numbers = "codes"
    ) -> None:
        self.export, self.book, self.text, self.log, self.numbers = export, book, text, log, numbers
        self.wrong: dict[tuple[int, str, str], list[int]] = {}
        self.marked: Counter[str] = Counter()
        self.decoded: list[str] = []
        self.kept_text: list[str] = []
        self.by_option: list[str] = []

    def of(self, column: int) -> Iterator[Column]:
        """Read one column of the file: one column, or one an option where several answers were given."""
        variable = self._variable(column)
        cells = self.export.cells(column)
        if variable.name in self.text:
            yield Column(variable, pd.Series([None if c is None else str(c) for c in cells], dtype=object))
        elif column in self.export.seconds:
            yield Column(variable, self._seconds(column, cells))
        elif column in self.export.asked:
            cells = [self._answer(cell) for cell in cells]
            several = self._several(variable, cells)
            yield from self._options(variable, cells) if several else [self._coded(column, variable, cells)]
        else:
            yield self._coded(column, variable, cells)

    def tell(self) -> None:
        """Log what was done to all columns."""
        for meaning, count in self.marked.items():
            self.log.add("blanked", "answers", count, f"{meaning}, by the marks of {self.export.kind}")
        if self.decoded:
            names = ", ".join(self.decoded)
            self.log.add("coded", "columns", len(self.decoded), f"texts became the codes of the codebook: {names}")
        if self.kept_text:
            names = ", ".join(self.kept_text)
            self.log.add("text", "columns", len(self.kept_text), f"hold text; codebook= gives codes: {names}")

        if self.by_option:
            names = ", ".join(self.by_option)
            self.log.add("coded", "columns", len(self.by_option), f"option numbers became codes: {names}")

    def _variable(self, column: int) -> Variable:
        """What the codebook knows of a column, by its name or by its very question."""
        name, question = self.export.names[column], self.export.questions[column]
        known = self.book.get(name)
        if known is None and column in self.export.asked:
            same = [each for each in self.book.values() if folded(question) in map(folded, _texts(each))]
            known = same[0] if len(same) == 1 else None
        if known is None:
            return Variable(name, None if question == name else question)
        # The question as the file words it; a bare name such as Q1 or CUSA1 has the codebook's words.
        return replace(known, name=name, question=known.question if question == known.name else question)

    def _answer(self, cell: Any) -> Any:
        """A cell, or nothing where the tool marks that there is no answer."""
        if cell is None:
            return None
        marked = unicodedata.normalize("NFKC", str(cell)).strip()
        meaning = self.export.marks.get(marked.removesuffix(".0"))
        if meaning:
            self.marked[meaning] += 1
        return None if meaning else cell

    def _seconds(self, column: int, cells: list[Any]) -> pd.Series:
        found = []
        for row, cell in enumerate(cells):
            try:
                found.append(wjx.seconds(cell))
            except ValueError:
                self._complain(column, row, cell, "which is no duration such as '123秒'")
                found.append(np.nan)
        return pd.Series(found, dtype=float)

    # -- one answer --------------------------------------------------------------------------------------

    def _coded(self, column: int, variable: Variable, cells: list[Any]) -> Column:
        codes = variable.codes() or dict(self.book.common)
        found = [_number(cell) for cell in cells]
        if column in self.export.asked and self.export.kind == "wjx" and variable.options():
            found = self._as_codes(column, variable, found)
        by_text = [
            None if number is not None else _code(cell, codes) for cell, number in zip(cells, found, strict=True)
        ]
        read = [number if number is not None else code for number, code in zip(found, by_text, strict=True)]
        left = [
            row for row, (cell, code) in enumerate(zip(cells, read, strict=True)) if cell is not None and code is None
        ]
        given = sum(cell is not None for cell in cells)
        if not left:
            if any(code is not None for code in by_text):
                self.decoded.append(variable.name)
            return Column(variable, numbers(read))
        asked = column in self.export.asked
        expected = asked and (bool(variable.values) or variable.scale is not None)
        if not all(isinstance(cells[row], str) for row in left):
            return Column(variable, pd.Series(cells, dtype=object))
        if expected or (asked and 2 * len(left) < given):
            for row in left:
                self._complain(column, row, cells[row], _what(cells[row], variable))
        else:
            self._text_column(column, variable, cells)
        return Column(variable, pd.Series([None if cell is None else str(cell) for cell in cells], dtype=object))

    def _as_codes(self, column: int, variable: Variable, found: list[float | None]) -> list[float | None]:
        """Numbers of options as their codes, if told so; numbers that are no codes are refused."""
        options = variable.options()
        if self.numbers == "options":
            known = {float(number): float(code) for number, code in enumerate(options, 1)}
            self.by_option.append(variable.name)
            hint = f"which is no option number from 1 to {len(options)}"
        else:
            known = {float(code): float(code) for code in options}
            hint = "which is no code of the codebook; numbers='options' reads numbers of options instead of codes"
        for row, number in enumerate(found):
            if number is not None and number not in known:
                self._complain(column, row, self.export.cells(column)[row], hint)
        return [None if number is None else known.get(number, number) for number in found]

    def _text_column(self, column: int, variable: Variable, cells: list[Any]) -> None:
        """Keep text as text; only formulas and HTML are refused."""
        if column in self.export.asked:
            self.kept_text.append(variable.name)
        for row, cell in enumerate(cells):
            if isinstance(cell, str) and (_FORMULA.match(cell) or _HTML.search(cell)):
                self._complain(column, row, cell, _what(cell, variable))

    def _complain(self, column: int, row: int, cell: Any, why: str) -> None:
        self.wrong.setdefault((column, short(cell), why), []).append(row)

    @property
    def problems(self) -> list[str]:
        """What cannot be read, with its first place; the same cell in more rows is counted."""
        said = []
        for (column, cell, why), rows in self.wrong.items():
            more = f" (and in {len(rows) - 1} more row{'s' if len(rows) > 2 else ''})" if len(rows) > 1 else ""
            place = self.export.sheet.place(self.export.first + rows[0], column)
            said.append(f"{place} holds {cell}{more}, {why}")
        return said

    # -- several answers ---------------------------------------------------------------------------------

    def _several(self, variable: Variable, cells: list[Any]) -> bool:
        if variable.multiple:
            return True
        mark = self.export.separator
        if mark == ",":
            return any(isinstance(cell, str) and re.fullmatch(r"\d+(,\d+)+", cell.strip()) for cell in cells)
        return bool(mark) and any(isinstance(cell, str) and mark in cell for cell in cells)

    def _options(self, variable: Variable, cells: list[Any]) -> Iterator[Column]:
        """One column an option: 1 where it was chosen, 0 where another was, blank where nothing was."""
        chosen = [None if cell is None else _parts(str(cell), self.export.separator or ",") for cell in cells]
        options = _option_codes(chosen, variable.codes())
        self.log.add("split", variable.name, len(options), "several answers in one cell became one column an option")
        for code, text in sorted(options.items()):
            hit = [np.nan if each is None else float(text in each or f"{code:g}" in each) for each in chosen]
            question = " - ".join(filter(None, [_first(variable.question), text]))
            name = f"{variable.name}_{code:g}"
            made = Variable(name, question, {0: {"en": "no", "zh": "否"}, 1: {"en": "yes", "zh": "是"}})
            yield Column(made, numbers([None if value != value else value for value in hit]))


def _texts(variable: Variable) -> list[str]:
    return list(variable.question.values()) if isinstance(variable.question, Mapping) else []


def _first(question: Any) -> str:
    return next(iter(question.values()), "") if isinstance(question, Mapping) else ""


def _parts(cell: str, separator: str) -> list[str]:
    return [_FILLED_IN.sub("", part).strip() for part in cell.split(separator) if part.strip()]


def _option_codes(chosen: list[list[str] | None], codes: Mapping[str, float]) -> dict[float, str]:
    """Code of every option: its number, the codebook's, or the order in which they first appear."""
    seen = list(dict.fromkeys(part for parts in chosen if parts for part in parts))
    if seen and all(part.isdigit() for part in seen):
        return {float(part): part for part in seen}
    known = {text: codes[folded(text)] for text in seen if folded(text) in codes}
    if len(known) == len(seen):
        return {code: text for text, code in known.items()}
    return {float(number): text for number, text in enumerate(seen, 1)}


def _what(cell: Any, variable: Variable) -> str:
    text = str(cell)
    if _FORMULA.match(text):
        return "a formula, which is not executed; replace it by its value"
    if _HTML.search(text):
        return f"HTML, which is not shown; text=[{variable.name!r}] keeps the column as text"
    if variable.values:
        return "a text without a code in the codebook"
    return f"text among codes; codebook={{{variable.name!r}: {{{text[:12]!r}: code}}}} gives it one"


def _number(cell: Any) -> float | None:
    """A number where the cell is one, whatever the width of its digits."""
    if isinstance(cell, bool):
        return float(cell)
    if isinstance(cell, (int, float, np.number)):
        return float(cell)
    if not isinstance(cell, str):
        return None
    text = unicodedata.normalize("NFKC", cell).strip()
    # Longer whole ones are identity or account numbers, which a float would change; weights have many decimals.
    if text.isdigit() and len(text) > MOST_DIGITS:
        return None
    return float(text) if re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text) else None


def _code(cell: Any, codes: Mapping[str, float]) -> float | None:
    if not isinstance(cell, str):
        return None
    text = _FILLED_IN.sub("", cell).strip()
    if folded(text) in codes:
        return float(codes[folded(text)])
    points = _POINTS.fullmatch(unicodedata.normalize("NFKC", text))
    return float(points.group(1)) if points else None


def numbers(values: list[float | None]) -> pd.Series:
    """Whole numbers as integers where there are no blanks, else floats with NaN.

    Examples
    --------
    >>> numbers([1.0, 2.0]).dtype, numbers([1.0, None]).dtype
    (dtype('int64'), dtype('float64'))
    """
    found = np.array([np.nan if value is None else value for value in values], dtype=float)
    whole = found.size > 0 and bool(np.isfinite(found).all()) and bool((found == np.round(found)).all())
    return pd.Series(found.astype(np.int64) if whole and np.abs(found).max() < 2**53 else found)
