"""The reader: one call for what a survey tool exported, whatever the tool and the encoding."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from csi.codebook import Codebook, Variable
from csi.errors import DataError, check_choice, suggest
from csi.reading import columnar, opening, personal, qualtrics, statistics, wjx
from csi.reading.answers import Answers, Log, PersonalDataWarning
from csi.reading.columns import Column, Columns, Numbers
from csi.reading.export import Export, table
from csi.reading.sheet import Sheet, header_problems


def read(
    path: str | PathLike[str],
    codebook: Any = None,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    keep: Sequence[str] = (),
    text: Sequence[str] = (),
    numbers: Numbers = "codes",
    unfinished: Literal["keep", "drop"] = "keep",
) -> Answers:
    """Open what a survey tool exported: .csv, .xlsx, .xls, SPSS .sav, Stata .dta, .parquet.

    The tool is known by its header: Qualtrics (three header rows), wjx.cn (问卷星: numbered questions), else a table
    with one header row. Everything that is done is in the log; nothing is done that is not.

    Parameters
    ----------
    path : path
        The file; its name may be Chinese.
    codebook : Codebook, Hierarchy, Model, {column: {text: code}} or {text: code}, optional
        What the codes mean: answers exported as option texts become codes. A column is known by its name, or by its
        question where that is the same.
    sheet : str, optional
        Which sheet of a workbook; needed where several hold values.
    encoding : str, optional
        Encoding of a text file; utf-8, utf-16 and gb18030 are found without it.
    keep : sequence of str
        Columns to keep although they hold personal data.
    text : sequence of str
        Columns to keep as text, whatever is in them.
    numbers : {"codes", "options"}
        What a number in an export of wjx.cn is, where the codebook knows the column: a code, or (export "by option
        number", 按选项序号) the place of the answer in the list of options, which becomes its code.
    unfinished : {"keep", "drop"}
        What to do with rows that Qualtrics marks as unfinished.

    Returns
    -------
    Answers
        `data`, `codebook` and `log`; accepted wherever data is.

    Raises
    ------
    DataError
        Naming sheet, row and column of everything that cannot be read: text among codes, doubled or missing names,
        merged cells, formulas, HTML, a password, a damaged file or encoding.
    MissingExtra
        If the package that opens the file is not installed.

    Warns
    -----
    PersonalDataWarning
        Naming the columns with personal data that were left out: names, telephones, addresses, IP.

    Notes
    -----
    Columns of wjx.cn are named by question number: Q1, and Q3_1, Q3_2 for the rows of a matrix; several answers in
    one cell (`┋`) become one 0/1 column an option; durations become seconds; "(跳过)", -3 (skipped), "(空)", -2
    (blank) become blanks. Of Qualtrics, previews and tests are left out and -99 (seen, not answered) becomes blank.
    Of SPSS, the codes that the file declares as missing become blanks, all other codes stay as they are.

    Examples
    --------
    >>> import csi
    >>> csi.datasets.load("mobi").to_csv("answers.csv", index=False, encoding="gb18030")
    >>> answers = csi.read("answers.csv")
    >>> answers
    Answers(250 respondents, 24 columns, 1 step in the log)
    >>> csi.Study(csi.models.ecsi()).fit(answers).index().round(2).loc["satisfaction", "estimate"].item()
    72.45
    """
    check_choice(numbers, "numbers", ("codes", "options"))
    file, log, book = opening.known_file(path), Log(), Codebook.of(codebook)
    if file.suffix.lower() in opening.STATISTICS | opening.COLUMNAR:
        typed = file.suffix.lower() in opening.COLUMNAR
        frame, own = columnar.read(file) if typed else statistics.read(file, encoding, log)
        columns = [Column(_joined(variable, book), frame[name]) for name, variable in own.items()]
        log.rows.insert(0, ("read", file.name, len(frame), f"respondents, {len(frame.columns)} columns"))
    else:
        columns = _from_sheet(file, book, sheet, encoding, frozenset(text), numbers, unfinished, log)
    _known([*keep, *text], [column.variable.name for column in columns], file.name)
    columns = _without_personal(columns, keep, log)
    data = pd.DataFrame({column.variable.name: column.values for column in columns})
    return Answers(data, Codebook([column.variable for column in columns]), log.table())


def _from_sheet(
    file: Path,
    book: Codebook,
    sheet: str | None,
    encoding: str | None,
    text: frozenset[str],
    numbers: Numbers,
    unfinished: str,
    log: Log,
) -> list[Column]:
    """Read the columns of a text file or a workbook."""
    if file.suffix.lower() in opening.TEXT:
        opened, used = opening.text_sheet(file, encoding)
        how = f"respondents, text in {used.removesuffix('-sig')}"
    else:
        opened = opening.workbook_sheet(file, sheet)
        how = f"respondents, sheet {opened.name!r}"
    export = _recognised(opened)
    opened.refuse(list(header_problems(opened, export.names)))
    _known(sorted(text), export.names, file.name)
    log.add("read", file.name, len(opened.rows) - export.first, f"{how}, layout {export.kind}")
    if export.kind == "qualtrics":
        export = qualtrics.respondents(export, unfinished, log)
    if len(export.sheet.rows) <= export.first:
        raise DataError(f"{file.name} has a header and no answers below it")
    reader = Columns(export, book, text, log, numbers)
    columns = [made for column in range(len(export.names)) for made in reader.of(column)]
    opened.refuse(reader.problems)
    reader.tell()
    return columns


def _recognised(sheet: Sheet) -> Export:
    return qualtrics.recognise(sheet) or wjx.recognise(sheet) or table(sheet)


def _joined(own: Variable, book: Codebook) -> Variable:
    """What the file says of a column, and beyond it what the codebook says."""
    known = book.get(own.name)
    if known is None:
        return own
    return replace(
        known, question=own.question or known.question, values=own.values or known.values, unknown=known.unknown
    )


def _without_personal(columns: list[Column], keep: Sequence[str], log: Log) -> list[Column]:
    """Leave out personal data, and say so."""
    kept, gone = [], []
    for column in columns:
        variable = column.variable
        question = variable.said("zh") if variable.question else ""
        why = personal.reason(variable.name, question, column.values.tolist())
        if why and variable.name not in keep:
            gone.append(variable.name)
            log.add("left out", variable.name, len(column.values), f"personal data: the column {why}")
        else:
            kept.append(column)
    if gone:
        names = ", ".join(gone)
        message = f"left out as personal data: {names}; csi.read(..., keep={gone[:1]!r}) keeps a column"
        warnings.warn(message, PersonalDataWarning, stacklevel=3)
    if not kept:
        raise DataError("every column holds personal data; keep=[...] names those to keep")
    return kept


def _known(named: Sequence[str], names: Sequence[str], file: str) -> None:
    for name in named:
        if name not in names:
            raise DataError(f"{file} has no column {name!r}{suggest(name, names)}; it has {', '.join(names[:12])}")
