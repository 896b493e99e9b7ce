"""The one table object: raw numbers with title, notes and labels in two languages, rendered to every form from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from csi.display import cells
from csi.display.cells import Kind
from csi.display.numbers import STARS, Language, stars
from csi.display.words import Words, check_language
from csi.errors import SettingsError, check_choice


@dataclass(frozen=True, eq=False)
class Table:
    """A table for print: the numbers stay raw, rounding happens when it is rendered.

    Parameters
    ----------
    frame : DataFrame
        The numbers, missing ones NaN. Row levels are labels; columns `conf_low, conf_high` share a cell.
    title : str or mapping of language to text
        Without its number.
    notes : sequence of str or mapping
        Below the table; stars are explained by themselves.
    labels : mapping of str to (str or mapping of language to text)
        Printed names of columns, row levels, rows and words in cells. The common columns have theirs
        (`csi.display.words`).
    decimals : int or mapping of column to int
        Three unless said otherwise; counts have none.
    kinds : mapping of column to {"number", "p", "percent", "text"}
        How columns are printed; `"percent"` takes shares (0-1).
    rows : mapping of row label to (kind, decimals)
        How single rows are printed instead, where each row is a measure of its own; by the innermost label.
    starred : str, optional
        The column that carries the stars of `p_value` (with several header levels, its last part).
    star_rules : sequence of (limit, mark)
        p below the limit gets the mark.
    number : str
        Such as `"4-1"`; without one, a Word file numbers the table by a field.
    confidence_level : float
        Printed above intervals.

    Examples
    --------
    >>> frame = pd.DataFrame({"estimate": [0.5125, -0.0542], "p_value": [0.0001, 0.31]},
    ...                      index=pd.Index(["quality", "image"], name="construct"))
    >>> table = Table(frame, title="Paths to satisfaction", starred="estimate", labels={"quality": {"zh": "感知质量"}})
    >>> print(table)
    Paths to satisfaction
    Construct  Estimate       p
    quality    0.512***  < .001
    image     -0.054       .310
    * p < .05, ** p < .01, *** p < .001
    >>> print(table.to_markdown("zh").splitlines()[2])
    | 潜变量 | 估计值 | p |
    """

    frame: pd.DataFrame
    title: Words = ""
    notes: Sequence[Words] = ()
    labels: Mapping[str, Words] = field(default_factory=dict)
    decimals: int | Mapping[str, int] = 3
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    rows: Mapping[str, tuple[Kind, int]] = field(default_factory=dict)
    starred: str | None = None
    star_rules: Sequence[tuple[float, str]] = STARS
    number: str = ""
    confidence_level: float = 0.95

    def __post_init__(self) -> None:
        if isinstance(self.notes, (str, Mapping)):
            object.__setattr__(self, "notes", (self.notes,))
        names = {self._name(column) for column in self.frame.columns}
        for kind in self.kinds.values():
            check_choice(kind, "a kind of column", ("number", "p", "percent", "text"))
        asked = [*self.kinds, *([self.starred] if self.starred else [])]
        for name in [*asked, *(self.decimals if isinstance(self.decimals, Mapping) else ())]:
            if name not in names:
                raise SettingsError(f"the table has no column {name!r}; it has {', '.join(map(str, sorted(names)))}")

    # -- what the cells ask -----------------------------------------------------------------------------

    @staticmethod
    def _name(column: Any) -> str:
        return str(column[-1] if isinstance(column, tuple) else column)

    def kind_of(self, column: Any) -> Kind:
        """How a column is printed."""
        name = self._name(column)
        return self.kinds.get(name, cells.KINDS.get(name, "number"))

    def decimals_of(self, column: Any) -> int:
        """How many decimals a column has."""
        name = self._name(column)
        usual = self.decimals if isinstance(self.decimals, int) else self.decimals.get(name, 3)
        fixed = cells.DECIMALS.get(name)
        said = isinstance(self.decimals, Mapping) and name in self.decimals
        return usual if fixed is None or said else fixed

    def form_of(self, row: int, column: Any) -> tuple[Kind, int]:
        """How one cell is printed: as its row says, or as its column."""
        label = self.frame.index[row] if self.rows else ""
        innermost = str(label[-1] if isinstance(label, tuple) else label)
        return self.rows.get(innermost) or (self.kind_of(column), self.decimals_of(column))

    def p_of(self, row: int, column: Any) -> float:
        """The p-value whose stars a cell carries; NaN for cells without stars."""
        if self.starred is None or self._name(column) != self.starred:
            return float("nan")
        beside = (*column[:-1], "p_value") if isinstance(column, tuple) else "p_value"
        if beside not in self.frame.columns:
            return float("nan")
        columns: list[Any] = list(self.frame.columns)
        return float(self.raw(row, columns.index(beside)))

    def raw(self, row: int, column: int) -> Any:
        """The value behind a cell."""
        return self.frame.iloc[row, column]

    @property
    def has_stars(self) -> bool:
        """Whether any cell carries a star."""
        places = [(row, column) for row in range(len(self.frame)) for column in self.frame.columns]
        return any(stars(self.p_of(row, column), self.star_rules) for row, column in places)

    def replace(self, **changes: Any) -> Table:
        """Return a copy with some arguments changed."""
        return replace(self, **changes)

    # -- faces ------------------------------------------------------------------------------------------

    def to_frame(self) -> pd.DataFrame:
        """Return the raw numbers."""
        return self.frame.copy()

    def to_text(self, language: Language = "en") -> str:
        """Write the table for a terminal: characters that every console has, columns that stand straight."""
        from csi.display.markup import text

        return text(self._cut(language, minus="-"))

    def to_html(self, language: Language = "en") -> str:
        """Write an HTML table with three rules; what people wrote is escaped."""
        from csi.display.markup import html

        return html(self._cut(language))

    def to_markdown(self, language: Language = "en") -> str:
        """Write a Markdown table (the form of GitHub), title above, notes below."""
        from csi.display.markup import markdown

        return markdown(self._cut(language))

    def to_latex(self, language: Language = "en", label: str = "") -> str:
        r"""Write a LaTeX table with the rules of `booktabs`; Chinese needs `ctex` or xelatex.

        Parameters
        ----------
        language : {"en", "zh"}
        label : str
            For `\ref`.
        """
        from csi.display.markup import latex

        grid = self.replace(number="")._cut(language)
        return latex(grid, label)

    def to_docx(self, path: str | Path | None = None, language: Language = "en", document: Any = None) -> Any:
        """Write a Word table with three rules (三线表), in Song and Times faces of 10.5 points.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the document.
        language : {"en", "zh"}
        document : docx.Document, optional
            A document to append to; a new one if left out.

        Returns
        -------
        docx.Document

        Raises
        ------
        MissingExtra
            If python-docx is not installed.
        """
        from csi.display.word_table import append

        return append(self._cut(language), bool(self.number), language, path, document)

    def to_excel(self, path: str | Path, language: Language = "en") -> None:
        """Write a workbook with one sheet: raw numbers under number formats, text as text.

        Raises
        ------
        MissingExtra
            If xlsxwriter is not installed.
        """
        from csi.display.workbook import save

        save([self], path, language)

    def caption(self, language: Language = "en") -> str:
        """Return the title with its number."""
        return self._cut(language).caption

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        rows, columns = self.frame.shape
        title = self.title if isinstance(self.title, str) else self.title.get("en", "")
        return f"Table({title!a}: {rows} rows, {columns} columns)"

    def _cut(self, language: Language, **options: Any) -> cells.Grid:
        check_language(language)
        return cells.cut(self, language, **options)


def save(tables: Iterable[Table], path: str | Path, language: Language = "en") -> None:
    """Write several tables into one file; the suffix decides the form.

    Parameters
    ----------
    tables : iterable of Table
    path : str or Path
        Ends in .html, .md, .tex, .txt, .docx or .xlsx.
    language : {"en", "zh"}

    Raises
    ------
    SettingsError
        For another suffix.
    MissingExtra
        If the package that writes the form is not installed.
    """
    check_language(language)
    suffix, found = Path(path).suffix.lower(), list(tables)
    writers: dict[str, Any] = {".html": _page, ".md": Table.to_markdown, ".tex": Table.to_latex, ".txt": Table.to_text}
    check_choice(suffix, "the suffix of the file", (*writers, ".docx", ".xlsx"))
    if suffix == ".xlsx":
        from csi.display.workbook import save as workbook

        workbook(found, path, language)
    elif suffix == ".docx":
        from csi.display.word_table import new

        document = new()
        for table in found:
            table.to_docx(language=language, document=document)
        document.save(str(path))
    elif suffix == ".html":
        Path(path).write_text(_page(found, language), encoding="utf-8")
    else:
        Path(path).write_text("\n\n".join(writers[suffix](table, language) for table in found) + "\n", encoding="utf-8")


def _page(tables: Sequence[Table], language: Language) -> str:
    code = {"en": "en", "zh": "zh-CN"}[language]
    body = "\n".join(table.to_html(language) for table in tables)
    return f'<!doctype html>\n<html lang="{code}">\n<meta charset="utf-8">\n<title>csi</title>\n{body}\n</html>\n'
