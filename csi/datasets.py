"""The data sets that travel with the package: answers as they were distributed, each with its codebook."""

from __future__ import annotations

import textwrap
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from csi.errors import DataError, check_choice, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Description", "describe", "load", "names"]

Language = Literal["en", "zh"]


@dataclass(frozen=True, eq=False)
class Description:
    """What a data set is: its items and their scales, its groups, where it comes from and who may use it how.

    Attributes
    ----------
    name, title, about : str
        Name for `load`, one-line title, what to know before use.
    n : int
        Rows.
    cases : str
        What a row is: respondents, contacts.
    items : DataFrame
        One row an item, in the order of the columns: `construct`, `low` and `high` (ends of the scale),
        `unanswered` (respondents without an answer), `question` (gist, in the language asked for).
    constructs : mapping
        Construct to its label in the language asked for.
    groups : mapping
        Columns that are no answers but groups of respondents: name to (meaning of every code).
    columns : mapping
        Columns that are neither answers nor groups (who, when, how long): name to what it is.
    unknown : tuple of int
        Codes that stand for no answer in all items.
    source, reference, licence, licence_note : str
        The file it was taken from, what to cite, SPDX name of the licence, and what to know about it.

    Examples
    --------
    >>> import csi
    >>> book = csi.datasets.describe("mobi")
    >>> book.n, len(book.items)
    (250, 24)
    """

    name: str
    title: str
    about: str
    n: int
    cases: str
    items: pd.DataFrame
    constructs: Mapping[str, str]
    groups: Mapping[str, Mapping[int | str, str]]
    columns: Mapping[str, str]
    unknown: tuple[int, ...]
    source: str
    reference: str
    licence: str
    licence_note: str

    def __repr__(self) -> str:
        return f"<Description {self.name}: {self.n} {self.cases}, {len(self.items)} items, {self.licence}>"

    def __str__(self) -> str:
        sections = [
            f"{self.name}: {self.title}",
            _wrapped(self.about),
            f"{self.n} {self.cases}, {len(self.items)} items; {self._codes()}",
            *(f"group {name}: {_meanings(codes)}" for name, codes in self.groups.items()),
            *(["\n".join(f"{name}: {text}" for name, text in self.columns.items())] if self.columns else []),
            *([_lines(self.items)] if len(self.items) else []),
            _wrapped(f"Source: {self.source}"),
            _wrapped(f"Cite: {self.reference}"),
            _wrapped(f"Licence: {self.licence}. {self.licence_note}"),
        ]
        return "\n\n".join(sections)

    def _codes(self) -> str:
        """Say in a few words how missing answers are coded."""
        blanks = int(self.items["unanswered"].sum())
        if not self.unknown:
            return f"{blanks} answers missing"
        return f"{blanks} answers missing, coded {', '.join(map(str, self.unknown))}"


def names() -> list[str]:
    """Return the names of the data sets that travel with the package.

    Examples
    --------
    >>> import csi
    >>> "mobi" in csi.datasets.names()
    True
    """
    return sorted(entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name.endswith(".toml"))


def load(name: str) -> pd.DataFrame:
    """Return the answers of a data set, one row a respondent, with the codes as they were distributed.

    Codes for a missing answer are left as they stand; `describe(name).unknown` names them.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    DataFrame
        A fresh copy: changing it changes no later call.

    Raises
    ------
    DataError
        If no data set has this name.

    Examples
    --------
    >>> import csi
    >>> csi.datasets.load("mobi").shape
    (250, 24)
    """
    with _file(name, ".csv").open("rb") as stream:
        return pd.read_csv(stream, encoding="utf-8")


def describe(name: str, language: Language = "en") -> Description:
    """Return the codebook of a data set: items, scales, groups, missing codes, source and licence.

    Parameters
    ----------
    name : str
        One of `names()`.
    language : {"en", "zh"}
        Language of the title, the questions and the meanings of group codes.

    Returns
    -------
    Description
        Prints as a page; its `items` is a DataFrame.

    Raises
    ------
    DataError
        If no data set has this name.
    SettingsError
        If the language is neither English nor Chinese.

    Examples
    --------
    >>> import csi
    >>> book = csi.datasets.describe("corp_rep")
    >>> book
    <Description corp_rep: 344 respondents, 39 items, GPL-3.0-only>
    >>> book.unknown
    (-99,)
    >>> book.items.loc["cusl_2", ["low", "high", "unanswered"]].tolist()
    [1.0, 7.0, 4.0]
    """
    check_choice(language, "language", get_args(Language))
    page = tomllib.loads(_file(name, ".toml").read_text(encoding="utf-8"))
    data = load(name)
    unknown = tuple(page.get("unknown", ()))
    source = page["source"]
    return Description(
        name=name,
        title=page["title"][language],
        about=page["about"][language],
        n=len(data),
        cases=page.get("cases", {}).get(language, "respondents"),
        items=_items(page.get("items", {}), data, unknown, language),
        constructs=MappingProxyType({word: label[language] for word, label in page.get("constructs", {}).items()}),
        groups=_groups(page.get("groups", {}), language),
        columns=MappingProxyType({name: text[language] for name, text in page.get("columns", {}).items()}),
        unknown=unknown,
        source=source["package"],
        reference=source["reference"],
        licence=source["licence"],
        licence_note=source["licence_note"],
    )


def _folder() -> Traversable:
    """Folder of the data: inside the package where it was installed, beside it in a source tree."""
    package = files("csi")
    inside = package / "data"
    if inside.is_dir():
        return inside
    # Folders on disk and in a zip have a parent, which the protocol of resources does not promise.
    beside: Traversable = getattr(package, "parent", package) / "data"
    return beside


def _file(name: str, suffix: str) -> Traversable:
    """One file of a data set, or the error that names the sets there are."""
    known = names()
    if name not in known:
        choices = ", ".join(map(repr, known))
        raise DataError(f"there is no data set {name!r}{suggest(str(name), known)}; the data sets are {choices}")
    return _folder() / f"{name}{suffix}"


def _items(
    entries: dict[str, dict[str, Any]], data: pd.DataFrame, unknown: tuple[int, ...], language: Language
) -> pd.DataFrame:
    """Table of the items in the order of the data's columns."""
    listed = [column for column in data.columns if column in entries]
    answers = data[listed]
    return pd.DataFrame(
        {
            "construct": [entries[item]["construct"] for item in listed],
            "low": [float(entries[item]["scale"][0]) for item in listed],
            "high": [float(entries[item]["scale"][1]) for item in listed],
            "unanswered": (answers.isin(unknown) | answers.isna()).sum().to_numpy(),
            "question": pd.Series([entries[item][language] for item in listed], dtype=str).to_numpy(),
        },
        index=pd.Index(listed, name="item"),
    )


def _groups(entries: dict[str, dict[str, Any]], language: Language) -> Mapping[str, Mapping[int | str, str]]:
    """Group columns with the meaning of every code, a number or a word."""
    return MappingProxyType(
        {
            name: MappingProxyType(
                {int(code) if code.isdigit() else code: text[language] for code, text in entry["values"].items()}
            )
            for name, entry in entries.items()
        }
    )


def _meanings(codes: Mapping[int | str, str]) -> str:
    """`1 prepaid, 2 contract`."""
    return ", ".join(f"{code} {meaning}" for code, meaning in codes.items())


def _wrapped(text: str) -> str:
    """Text in lines that fit a console, where a Chinese character is two columns wide."""
    return textwrap.fill(text, 100 if text.isascii() else 50)


def _lines(items: pd.DataFrame) -> str:
    """Print the table of items, one line each."""
    name = max(len(item) for item in items.index)
    construct = max(len(construct) for construct in items["construct"])
    return "\n".join(
        f"{row.Index:<{name}}  {row.construct:<{construct}}  {row.low:g}-{row.high:g}  {row.question}"
        for row in items.itertuples()
    )
