"""What the columns of a table mean: questions, codes with their meanings, codes that stand for no answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import pandas as pd

from csi.errors import DataError, suggest
from csi.spec.frozen import FrozenDict
from csi.spec.model import Model
from csi.spec.words import Item, Scale, ScaleLike

Text: TypeAlias = str | Mapping[str, str] | None
Texts: TypeAlias = FrozenDict[str, str]


def texts(text: Text) -> Texts:
    """Read a text, or a text a language; a bare text is Chinese where it has Chinese characters, else English.

    Examples
    --------
    >>> texts("Overall"), texts("总体")
    ({'en': 'Overall'}, {'zh': '总体'})
    """
    if text is None:
        return FrozenDict()
    if isinstance(text, str):
        chinese = any("\u4e00" <= letter <= "\u9fff" for letter in text)
        text = {"zh" if chinese else "en": text}
    return FrozenDict({language: " ".join(said.split()) for language, said in text.items() if said.strip()})


def said(text: Mapping[str, str], language: str, otherwise: str = "") -> str:
    """The text of a language; any other where it has none.

    Examples
    --------
    >>> said({"zh": "价值"}, "en"), said({}, "en", "V1")
    ('价值', 'V1')
    """
    return text.get(language) or next(iter(text.values()), otherwise)


def folded(text: str) -> str:
    """Letters and digits of a text in one form, so that punctuation, blanks, width and case make no difference.

    Examples
    --------
    >>> folded("1、您对Ｘ公司 满意吗？"), folded("Q1. How satisfied?")
    ('您对x公司满意吗', 'howsatisfied')
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"^\s*[q第]?\s*\d+(?:[_-]\d+)?\s*[、.:)题]\s*", "", plain)
    return "".join(letter for letter in plain if letter.isalnum())


@dataclass(frozen=True, slots=True)
class Variable:
    """One column: its question and what its codes mean.

    Parameters
    ----------
    name : str
        The column.
    question : str or mapping of language to text
        The question as it was asked.
    values : mapping of code to meaning
        Meanings of the codes, a text or a text a language.
    unknown : tuple of float
        Codes that stand for no answer; they are blanks in the data that are read.
    scale : (low, high), optional
        The codes that become 0 and 100 points.
    reversed : bool
        Whether the highest code is the least favourable answer.
    number : int, optional
        Number of the question in the questionnaire.
    multiple : bool
        Whether several answers could be given.
    construct, aspect, asked_if : str
        What the question measures, and who was asked.
    """

    name: str
    question: Text = None
    values: Mapping[float, Text] = field(default_factory=FrozenDict)
    unknown: tuple[float, ...] = ()
    scale: ScaleLike = None
    reversed: bool = False
    number: int | None = None
    multiple: bool = False
    construct: str = ""
    aspect: str = ""
    asked_if: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "question", texts(self.question))
        put(self, "values", FrozenDict({code: texts(meaning) for code, meaning in self.values.items()}))
        put(self, "unknown", tuple(self.unknown))
        put(self, "scale", Scale.of(self.scale))

    def said(self, language: str = "en") -> str:
        """The question in a language; the name of the column where it has no text."""
        return said(self.question, language, self.name) if isinstance(self.question, Mapping) else self.name

    def options(self) -> tuple[float, ...]:
        """Codes in the order in which a form lists them: the scale from its low end, or the meanings as given.

        Examples
        --------
        >>> Variable("COM1", values={1: "yes", 0: "no"}, scale=(0, 1)).options(), Variable("S", scale=(1, 3)).options()
        ((1, 0), (1, 2, 3))
        """
        listed = list(self.values)
        if isinstance(self.scale, Scale) and (self.scale.width > 1 or len(listed) < 2):
            steps = int(self.scale.width)
            listed = [self.scale.low + step for step in range(steps + 1)]
        return (*listed, *(code for code in (*self.values, *self.unknown) if code not in listed))

    def codes(self) -> dict[str, float]:
        """Every meaning, in every language, folded, to its code."""
        return {folded(text): code for code, meaning in self.values.items() for text in _texts_of(meaning)}


def _texts_of(meaning: Text) -> Iterable[str]:
    return meaning.values() if isinstance(meaning, Mapping) else ()


class Codebook(Mapping[str, Variable]):
    """Variables by the name of their column, in order.

    Parameters
    ----------
    variables : iterable of Variable
    common : mapping of text to code
        Meanings that hold for every column that uses no others.

    Examples
    --------
    >>> book = Codebook([Variable("Q1", "Overall satisfaction", {1: "low", 5: "high"}, scale=(1, 5))])
    >>> book
    Codebook(1 variable)
    >>> book["Q1"].codes()
    {'low': 1, 'high': 5}
    """

    __slots__ = ("_by_name", "common")

    def __init__(self, variables: Iterable[Variable] = (), common: Mapping[str, float] | None = None) -> None:
        self._by_name = {variable.name: variable for variable in variables}
        self.common = FrozenDict({folded(text): code for text, code in (common or {}).items()})

    def __getitem__(self, name: str) -> Variable:
        if name not in self._by_name:
            raise KeyError(f"{name!r} is not in the codebook{suggest(name, self._by_name)}")
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Codebook) and (self._by_name, self.common) == (other._by_name, other.common)

    def __hash__(self) -> int:
        return hash(tuple(self._by_name))

    def __repr__(self) -> str:
        return f"Codebook({len(self)} variable{'' if len(self) == 1 else 's'})"

    def __str__(self) -> str:
        return "\n".join(_line(variable) for variable in self.values())

    def rename(self, names: Mapping[str, str]) -> Codebook:
        """Return the codebook with some columns called by other names."""
        renamed = [replace(variable, name=names.get(name, name)) for name, variable in self._by_name.items()]
        return Codebook(renamed, dict(self.common))

    def table(self, language: str = "en") -> pd.DataFrame:
        """One row a column: number, question, construct, aspect, ends of the scale, meanings and unknown codes."""
        rows = [_row(variable, language) for variable in self.values()]
        index = pd.Index(list(self), name="column")
        return pd.DataFrame(rows, index=index, columns=_COLUMNS).astype(
            {"number": "Int64", "low": float, "high": float}
        )

    @classmethod
    def of(cls, value: Any) -> Codebook:
        """Read a Codebook, a Hierarchy, a Model, {column: {text: code}} or {text: code}.

        Raises
        ------
        DataError
            If it is none of these.

        Examples
        --------
        >>> Codebook.of({"Q1": {"no": 0, "yes": 1}})["Q1"].codes()
        {'no': 0, 'yes': 1}
        >>> Codebook.of({"satisfied": 2, "dissatisfied": 1}).common
        {'satisfied': 2, 'dissatisfied': 1}
        """
        if value is None:
            return cls()
        if isinstance(value, Codebook):
            return value
        if isinstance(value, Model):
            return cls([_of_item(item, value, name) for name, item in _items(value)])
        if callable(getattr(value, "codebook", None)):
            made = value.codebook()
            if isinstance(made, Codebook):
                return made
        if isinstance(value, Mapping) and value:
            return _of_mapping(value)
        raise DataError(
            "codebook= takes a Codebook, a Hierarchy, a Model, {column: {text: code}} or {text: code};"
            f" not {type(value).__name__}"
        )


_COLUMNS = [
    "number", "question", "construct", "aspect", "low", "high", "reversed", "values", "unknown", "asked_if",
]  # fmt: skip


def _of_mapping(value: Mapping[Any, Any]) -> Codebook:
    if all(isinstance(code, (int, float)) for code in value.values()):
        return Codebook(common={str(text): code for text, code in value.items()})
    if not all(isinstance(codes, Mapping) for codes in value.values()):
        raise DataError(
            "codebook= maps columns to {text: code}, such as {'Q1': {'no': 0, 'yes': 1}}, or texts to codes"
        )
    variables = []
    for column, codes in value.items():
        meanings: dict[float, str] = {code: str(text) for text, code in codes.items()}
        variables.append(Variable(str(column), values=meanings))
    return Codebook(variables)


def _items(model: Model) -> Iterator[tuple[str, Item]]:
    for name, construct in model.constructs.items():
        for item in construct.items:
            yield name, item


def _of_item(item: Item, model: Model, construct: str) -> Variable:
    numbers = {each.name: number for number, each in enumerate(model.items, 1)}
    return Variable(
        item.name,
        item.label,
        unknown=item.unknown,
        scale=model.scale_of(item),
        reversed=item.reversed,
        number=numbers[item.name],
        construct=construct,
    )


def meanings(variable: Variable, language: str = "en") -> str:
    """Codes with their meanings on one line: `1 no; 2 yes`."""
    pairs = variable.values.items()
    return "; ".join(f"{code:g} {said(text, language)}" for code, text in pairs if isinstance(text, Mapping))


def _row(variable: Variable, language: str) -> list[Any]:
    ends = (variable.scale.low, variable.scale.high) if isinstance(variable.scale, Scale) else (None, None)
    return [
        variable.number, variable.said(language) if variable.question else "", variable.construct, variable.aspect,
        *ends, variable.reversed, meanings(variable, language), ", ".join(f"{code:g}" for code in variable.unknown),
        variable.asked_if,
    ]  # fmt: skip


def _line(variable: Variable) -> str:
    parts = [variable.said() if variable.question else "", meanings(variable)]
    if isinstance(variable.scale, Scale):
        parts.append(f"{variable.scale.low:g}-{variable.scale.high:g}")
    if variable.unknown:
        parts.append("no answer: " + ", ".join(f"{code:g}" for code in variable.unknown))
    return f"{variable.name}  " + " | ".join(part for part in parts if part)
