"""The works that the library cites, as data: each once, found by its key or by the words that name it in a text."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Kind = Literal["article", "book", "chapter", "report", "standard", "software"]


@dataclass(frozen=True)
class Work:
    """Something that can be cited.

    Parameters
    ----------
    key : str
        Such as `"tenenhaus2005"`.
    kind : {"article", "book", "chapter", "report", "standard", "software"}
    authors, editors : tuple of str
        `"Surname, Initials"`; a body stands in braces.
    year : str
        Empty where nothing has been published.
    code, version : str
        Number of a standard; version of a program.
    also : tuple of str
        Other words by which the library's texts name it.
    zh : mapping
        Fields in Chinese, where the work is Chinese.
    """

    key: str
    kind: Kind
    title: str
    authors: tuple[str, ...]
    year: str = ""
    journal: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    place: str = ""
    publisher: str = ""
    edition: str = ""
    editors: tuple[str, ...] = ()
    book: str = ""
    code: str = ""
    version: str = ""
    doi: str = ""
    also: tuple[str, ...] = ()
    zh: Mapping[str, Any] = field(default_factory=dict)

    @property
    def surnames(self) -> list[str]:
        """Surnames of the authors, names of bodies."""
        return [surname(author) for author in self.authors]

    @property
    def short(self) -> str:
        """How a sentence names the work.

        Examples
        --------
        >>> works()["dijkstra2015"].short, works()["fornell1996"].short
        ('Dijkstra & Henseler (2015)', 'Fornell et al. (1996)')
        """
        names = self.surnames
        said = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
        return f"{said} ({self.year})"

    @property
    def names(self) -> set[str]:
        """Every way in which texts of the library name the work, without accents."""
        names = self.surnames
        whole = f"{', '.join(names[:-1])} & {names[-1]} ({self.year})" if len(names) > 1 else self.short
        more = f"{names[0]} et al. ({self.year})"
        return {plain(said) for said in (self.short, whole, more, *self.also)} if self.year else set(self.also)


def surname(author: str) -> str:
    """Surname of a person, name of a body."""
    return author.strip("{}") if author.startswith("{") else author.split(", ")[0]


def plain(text: str) -> str:
    """A text without accents."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


@cache
def works() -> Mapping[str, Work]:
    """Every work by its key."""
    text = files("csi.bibliography").joinpath("works.toml").read_text(encoding="utf-8")
    return {key: Work(key, **_tuples(fields)) for key, fields in tomllib.loads(text).items()}


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def named_in(texts: Iterable[str]) -> list[str]:
    """Keys of the works that some texts name, in the order in which they are named.

    Examples
    --------
    >>> named_in(["Nunnally & Bernstein (1994)", "NCSI-UK, after Fornell et al. (1996)"])
    ['nunnally1994', 'fornell1996']
    """
    found: list[str] = []
    for text in map(plain, texts):
        places = [(text.find(name), key) for key, work in works().items() for name in work.names if name in text]
        found += [key for _, key in sorted(places) if key not in found]
    return list(dict.fromkeys(found))
