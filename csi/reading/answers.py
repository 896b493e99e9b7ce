"""Answers as they were read: the table, what its columns mean, and what was done on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from csi.codebook import Codebook
from csi.display.plain import grid
from csi.errors import CsiWarning


class PersonalDataWarning(CsiWarning):
    r"""Columns with personal data were left out.

    Examples
    --------
    >>> import warnings
    >>> import csi
    >>> with open("answers.csv", "w", encoding="utf-8") as file:
    ...     _ = file.write("Q1,Telephone\n7,13800138000\n9,13900139000\n")
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     answers = csi.read("answers.csv")
    >>> answers.data.columns.tolist(), told[0].category.__name__
    (['Q1'], 'PersonalDataWarning')
    """


#: Columns of a log: what was done, to what, how many rows or answers it touched, in a sentence.
LOG = ["step", "subject", "count", "message"]


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers with their codebook and the log of reading them; accepted wherever data is.

    Attributes
    ----------
    data : DataFrame
        One row a respondent, codes as numbers, blanks as NaN.
    codebook : Codebook
        Question, meanings and unknown codes of every column.
    log : DataFrame
        One row a step: `step`, `subject`, `count`, `message`.

    Examples
    --------
    >>> import csi
    >>> csi.datasets.load("mobi").to_csv("answers.csv", index=False)
    >>> answers = csi.read("answers.csv")
    >>> answers.data.shape
    (250, 24)
    >>> answers.log["step"].tolist()
    ['read']
    """

    data: pd.DataFrame
    codebook: Codebook
    log: pd.DataFrame

    def __len__(self) -> int:
        return len(self.data)

    def rename(self, names: Mapping[str, str]) -> Answers:
        """Return the answers with some columns called by other names; the log says so."""
        renamed = {old: new for old, new in names.items() if old != new}
        message = ", ".join(f"{old} is now {new}" for old, new in renamed.items())
        entry = pd.DataFrame([["renamed", "columns", len(renamed), message]], columns=LOG)
        log = pd.concat([self.log, entry], ignore_index=True) if renamed else self.log
        return Answers(self.data.rename(columns=renamed), self.codebook.rename(renamed), log)

    def __repr__(self) -> str:
        steps = f"{len(self.log)} step{'s' * (len(self.log) != 1)}"
        return f"Answers({len(self.data)} respondents, {self.data.shape[1]} columns, {steps} in the log)"

    def __str__(self) -> str:
        rows = [[str(cell) for cell in row] for row in self.log[LOG].itertuples(index=False, name=None)]
        return f"{self!r}\n" + grid(LOG, rows, left=4)


class Log:
    """Steps while a file is read."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, int, str]] = []

    def add(self, step: str, subject: str, count: int, message: str) -> None:
        """Note one step."""
        self.rows.append((step, subject, count, message))

    def table(self) -> pd.DataFrame:
        """The log as a table."""
        said = [(step, _named(subject), count, _named(message)) for step, subject, count, message in self.rows]
        return pd.DataFrame(said, columns=LOG)


def _named(text: str) -> str:
    """A text with the name of a file that a console without Chinese handed over byte by byte."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
