"""The answers of a study: its files read with `csi.read`, put below each other, groups in their order."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import Any

import pandas as pd

from csi import datasets
from csi.codebook import Codebook, Variable
from csi.errors import DataError, suggest
from csi.reading import Answers, read
from csi.reading.answers import LOG, PersonalDataWarning
from csi.spec import Model
from csi.studyfile.file import Source, StudyFile
from csi.studyfile.text import beside


def opened(file: StudyFile) -> Answers:
    """Read the answers of a study.

    Raises
    ------
    DataError
        If it names no data, or they cannot be read as they are.
    """
    if file.data is None:
        raise DataError('the study names no data: data = "answers.csv"')
    found = answers(file.data, file.folder, file.study.model, file.columns)
    return replace(found, data=ordered(found.data, file))


def answers(source: Source, folder: Path, model: Model, named: Mapping[str, Any]) -> Answers:
    """Read files and put their rows below each other; `named` columns stay although they hold personal data."""
    parts = [_one(name, source, folder, model, named) for name in source.files]
    if len(parts) == 1:
        return parts[0]
    first = parts[0].data.columns
    other = {name: set(first) ^ set(part.data.columns) for name, part in zip(source.files, parts, strict=True)}
    problems = [
        f"{name} has other columns than {source.files[0]}: {', '.join(sorted(map(str, columns)))}"
        for name, columns in other.items()
        if columns
    ]
    if problems:
        raise DataError("; ".join(problems))
    stacked = pd.concat([part.data[first] for part in parts], ignore_index=True)
    if "file" not in stacked:
        stacked["file"] = [
            PureWindowsPath(name).stem for name, part in zip(source.files, parts, strict=True) for _ in part.data.index
        ]
    log = pd.concat([part.log for part in parts], ignore_index=True)
    return Answers(stacked, parts[0].codebook, log)


def says_synthetic(data: pd.DataFrame) -> bool:
    """Whether the answers themselves say that they are made up: a column `synthetic` of ones."""
    return "synthetic" in data and bool((pd.to_numeric(data["synthetic"], errors="coerce") == 1).all())


def _one(name: str, source: Source, folder: Path, model: Model, named: Mapping[str, Any]) -> Answers:
    path = beside(folder, name)
    if not path.exists() and name in datasets.names():
        data = datasets.load(name)
        log = pd.DataFrame([("read", name, len(data), "respondents of a data set of the library")], columns=LOG)
        return Answers(data, Codebook.of(model), log)
    if path.is_dir():
        raise DataError(f"{name!r} is a folder; give the file with the answers")
    if not path.is_file():
        there = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        near = suggest(Path(name).name, [*there, *datasets.names()])
        raise DataError(f"there is no file {name!r}{near}; data sets by name are {', '.join(datasets.names())}")
    book, options = _book(model, source.codes), dict(source.options)
    try:
        found = _read(path, book, options)
        gone = [row.subject for row in found.log.itertuples() if row.step == "left out" and row.subject in named]
        return _read(path, book, {**options, "keep": [*options.get("keep", ()), *gone]}) if gone else found
    except DataError as error:
        raise DataError(_in_words_of_the_file(str(error))) from None


def _read(path: Path, book: Codebook, options: Mapping[str, Any]) -> Answers:
    """Read a file; what is left out as personal stands in the log and is told from there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PersonalDataWarning)
        return read(path, book, **options)


def _book(model: Model, codes: Mapping[str, Any]) -> Codebook:
    """The items of the model, with the codes of answers that were exported as texts."""
    book = Codebook.of(model)
    common = {text: code for text, code in codes.items() if not isinstance(code, Mapping)}
    own = {column: said for column, said in codes.items() if isinstance(said, Mapping)}
    variables = {
        **dict(book.items()),
        **{column: book.get(column) or Variable(column) for column in own},
    }
    said = {column: {code: text for text, code in own[column].items()} for column in own}
    return Codebook(
        [replace(variable, values=said.get(name, variable.values)) for name, variable in variables.items()], common
    )


def _in_words_of_the_file(error: str) -> str:
    """Say how a study file gives codes, where `csi.read` says how a call does."""
    return re.sub(
        r"codebook=\{('[^']*'): \{'([^']*)': code\}\} gives it one",
        r'correct the answer, or give it a code in the study file: [codes] "\2" = 5',
        error,
    )


def ordered(data: pd.DataFrame, file: StudyFile) -> pd.DataFrame:
    """Put groups into the order that the study gives them."""
    found = data.copy()
    for column, order in file.order.items():
        if column not in found:
            continue
        there = list(pd.unique(found[column].dropna()))
        strange = [label for label in there if label not in order]
        if strange:
            raise DataError(
                f"order.{column} does not name {', '.join(map(repr, strange[:6]))}, which {column!r} holds;"
                f" it names {', '.join(map(repr, order))}"
            )
        kept = [label for label in order if label in there]
        found[column] = pd.Categorical(found[column], categories=kept, ordered=True)
    return found
