"""The catalogue as a whole: find a model by name, read its entry, list all."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from csi.errors import ModelError, check_choice, suggest
from csi.models import indices
from csi.models.build import Complaints, licensed, meaning_of
from csi.models.sheets import INDICES, Sheet, read, resolve, sheet_of, variants
from csi.spec import Model
from csi.spec.frozen import FrozenDict

if TYPE_CHECKING:
    import pandas as pd

_LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """What the catalogue knows of a model beside its structure.

    Attributes
    ----------
    name, variant : str
        How `get` finds it; `variant` is empty where there is only one.
    title : mapping
        Full name by language, "en" and "zh".
    also_called : tuple of str
        Other names of the index, all understood by `get`.
    country : str
        Where it is used.
    year : int or None
        When it was first published, as far as known.
    reference : str
        What to cite.
    definitions : mapping
        For each construct its meaning by language.
    synonyms : mapping
        For each construct its other names by language.
    notes : tuple of str
        What sources disagree on, what is our choice, what not to confuse it with.
    model : Model
        The model with all options at their defaults.

    Examples
    --------
    >>> import csi
    >>> entry = csi.models.entry("ccsi")
    >>> entry.title["zh"], entry.country, entry.year
    ('中国顾客满意指数', 'China', 2009)
    >>> sum(path.status == "assumed" for path in entry.model.paths)
    4
    """

    name: str
    variant: str
    title: FrozenDict[str, str]
    also_called: tuple[str, ...]
    country: str
    year: int | None
    reference: str
    definitions: FrozenDict[str, FrozenDict[str, str]]
    synonyms: FrozenDict[str, FrozenDict[str, tuple[str, ...]]]
    notes: tuple[str, ...]
    model: Model

    def text(self, language: str = "en") -> str:
        """Write the entry as a page of text in English or Chinese (notes and references stay in English).

        Examples
        --------
        >>> print(entry("swics").text("zh").splitlines()[0])
        瑞士顾客满意度指数 (Switzerland, 1998)
        """
        check_choice(language, "language", _LANGUAGES)
        return "\n".join(_page(self, language))

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        variant = f", {self.variant!r}" if self.variant else ""
        return f"Entry({self.name!r}{variant}: {self.title['en']}, {_place(self)})"


def _place(entry: Entry) -> str:
    return entry.country + (f", {entry.year}" if entry.year else "")


def _page(entry: Entry, language: str) -> Iterator[str]:
    labels = entry.model.labels(language)
    yield f"{entry.title[language]} ({_place(entry)})"
    yield f"csi.models.get({entry.name!r}" + (f", variant={entry.variant!r})" if entry.variant else ")")
    yield ""
    for name, construct in entry.model.constructs.items():
        yield f"{name}: {labels[name]}. {entry.definitions[name][language]}"
        yield from (f"    {item.name}: {labels[item.name]}" for item in construct.items)
        yield from (f"    made up of {lower}" for lower in construct.of)
    yield ""
    yield from (f"{hypothesis}, {hypothesis.status}" for hypothesis in entry.model.hypotheses())
    yield ""
    yield entry.reference
    yield from (f"- {note}" for note in entry.notes)


# -- finding --------------------------------------------------------------------------------------------


def names() -> tuple[str, ...]:
    """Name the entries: the indices with a model of their own, then those that use another's.

    Examples
    --------
    >>> names()[:4]
    ('scsb', 'acsi', 'ecsi', 'ccsi')
    """
    return (*INDICES, *read("licensees"))


def get(name: str, **options: Any) -> Model:
    """Give a model by name.

    Parameters
    ----------
    name : str
        One of `names()`, a title or a synonym, English or Chinese, in any case.
    **options
        The arguments of the function of that name: `variant`, `items`, `scale`, `complaints`,
        `image_to_loyalty`. An index that uses another's model takes the options of that one.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If there is no such model (with the closest name, or why it is not there), or it has no such option.

    Examples
    --------
    >>> get("ccsi", image_to_loyalty=True)
    Model('CCSI': 6 constructs, 20 items, 12 paths, index satisfaction)
    >>> get("csisg").paths[0]
    Path('expectations', 'quality', sign='+', status='reported', source='CSISG, after Fornell et al. (1996)')
    """
    found = resolve(name)
    if found in INDICES:
        return _function(found, found, options)(**options)
    sheet = read("licensees")[found]
    base = sheet_of(sheet["of"], sheet.get("variant"))
    fixed = {"variant": base["variant"]} if base["variant"] else {}
    model = _function(found, sheet["of"], options, fixed)(**fixed, **options)
    return licensed(model, sheet["name"], f"{sheet['name']}, after {base['source']}")


def _function(
    name: str, index: str, options: Mapping[str, Any], fixed: Mapping[str, str] | None = None
) -> Callable[..., Model]:
    """Find the typed function of an index, refusing options that the entry does not have."""
    function = cast("Callable[..., Model]", getattr(indices, index))
    allowed = [option for option in inspect.signature(function).parameters if option not in (fixed or {})]
    for option in options:
        if option not in allowed:
            hint = suggest(option, allowed)
            raise ModelError(f"{name} has no option {option!r}{hint}; its options are {', '.join(allowed)}")
    return function


def entry(name: str, variant: str | None = None) -> Entry:
    """Give what is known of a model: definitions of its constructs, reference, notes on disagreements.

    Parameters
    ----------
    name : str
        As in `get`.
    variant : str, optional
        Which variant; the default one if left out.

    Returns
    -------
    Entry

    Raises
    ------
    ModelError
        If there is no such model.
    SettingsError
        If it has no such variant.

    Examples
    --------
    >>> entry("acsi")
    Entry('acsi', '1994': American Customer Satisfaction Index, United States, 1994)
    >>> entry("acsi").definitions["expectations"]["zh"]
    '顾客在购买之前对质量的预计：认为将会如何，而不是应当如何。'
    """
    return _entry(resolve(name), variant)


@cache
def _entry(name: str, variant: str | None) -> Entry:
    sheet = _sheet(name, variant)
    model = get(name, **({"variant": sheet["variant"]} if sheet["variant"] and name in INDICES else {}))
    mode = cast(Complaints, sheet.get("complaints", "incidence"))
    meanings = {construct: meaning_of(construct, mode) for construct in model.constructs}
    return Entry(
        name=name,
        variant=sheet["variant"] if name in INDICES else "",
        title=FrozenDict(sheet["title"]),
        also_called=tuple(sheet["synonyms"]),
        country=sheet["country"],
        year=sheet.get("year"),
        reference=sheet["reference"],
        definitions=FrozenDict({key: FrozenDict(said["definition"]) for key, said in meanings.items()}),
        synonyms=FrozenDict({key: _tuples(said["synonyms"]) for key, said in meanings.items()}),
        notes=tuple(sheet["notes"]),
        model=model,
    )


def _sheet(name: str, variant: str | None) -> Sheet:
    """Join a licensee's sheet with that of the index whose model it uses."""
    if name in INDICES:
        return sheet_of(name, variant)
    own = read("licensees")[name]
    check_choice(variant or "", "variant", ("",))
    base = sheet_of(own["of"], own.get("variant"))
    whose = f"Uses the model of {base['name']}: {base['reference']}"
    return {**base, **own, "year": own.get("year"), "variant": base["variant"], "notes": [*own["notes"], whose]}


def _tuples(words: Mapping[str, list[str]]) -> FrozenDict[str, tuple[str, ...]]:
    return FrozenDict({language: tuple(listed) for language, listed in words.items()})


# -- listing --------------------------------------------------------------------------------------------


def entries() -> list[Entry]:
    """Give every entry, one for each variant.

    Examples
    --------
    >>> [each.variant for each in entries() if each.name == "acsi"]
    ['1994', 'product-service', 'government']
    """
    return [_entry(name, variant) for name in names() for variant in (variants(name) if name in INDICES else [None])]


def all() -> list[Model]:
    """Give the model of every entry, with all options at their defaults, in the order of `catalogue()`.

    Examples
    --------
    >>> all()[0]
    Model('SCSB': 5 constructs, 10 items, 6 paths, index satisfaction)
    """
    return [each.model for each in entries()]


def catalogue() -> pd.DataFrame:
    """Tabulate every model: where and when, how large, how sure, what to cite.

    Returns
    -------
    DataFrame
        One row for each name and variant: `name`, `variant`, `title_en`, `title_zh`, `country`, `year` (missing
        where unknown), numbers of `constructs`, `items`, `paths` and of `assumed` paths (those that no source
        confirms), `reference`.

    Examples
    --------
    >>> table = catalogue()
    >>> table.loc[table.name == "ccsi", ["country", "constructs", "items", "paths", "assumed"]]
      country  constructs  items  paths  assumed
    6   China           6     20     11        4
    """
    import pandas as pd

    table = pd.DataFrame([_row(each) for each in entries()])
    return table.astype({"year": "Int64"})


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "variant": entry.variant,
        "title_en": entry.title["en"],
        "title_zh": entry.title["zh"],
        "country": entry.country,
        "year": entry.year,
        "constructs": len(entry.model.constructs),
        "items": len(entry.model.items),
        "paths": len(entry.model.paths),
        "assumed": sum(path.status == "assumed" for path in entry.model.paths),
        "reference": entry.reference,
    }
