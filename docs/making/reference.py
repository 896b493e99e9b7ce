"""A page for every public name, made of its docstring, and the tables by which they are found.

Names are read from the library, not listed here: what a room exports, what a class has and documents. Only the
methods of `Fit` are sorted by what they are about; one that is sorted nowhere stands under "more".
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import csi
from making import files

#: Public names of `csi` itself, by what they are for.
WORDS = {
    "Words: models, constructs, items": ["Model", "Construct", "Item", "Path", "Scale", "items"],
    "Study and fit": ["Study", "Fit", "Design", "compare", "side_by_side", "power", "open", "track", "aggregate"],
    "Methods": ["PLS", "PLSc", "CBSEM", "Criterion", "criteria", "akaike"],
    "Data and moments": ["Moments", "moments", "simulate", "read", "match", "Hierarchy"],
    "Before the model": ["screen", "describe", "item_analysis", "adequacy", "efa", "Plan"],
    "Errors and the rest": ["NotAvailable", "audit", "show_versions"],
}
#: Methods of a fit, by what they are about.
FIT = {
    "The index and what moves it": "index impacts what_if priorities scores score",
    "Paths and effects": "paths effects indirect vaf r2 f2 correlations contrast slopes parameters",
    "Items": "loadings weights cross_loadings communality vif measurement",
    "Is it reliable and valid?": "reliability validity htmt unidimensionality harman invariance assess check",
    "Does it fit?": "goodness residuals modification_indices exact_fit selection q2",
    "Does it predict?": "predict predictive cvpat",
    "Intervals and resamples": "bootstrap jackknife replicate permute replicates design_effects influence",
    "Groups and waves": "groups compare differences omnibus latent_means n",
    "Pages, pictures, files": "plot report save methods cite",
}
ROOMS = {
    "models": "The catalogue of models",
    "datasets": "Data sets that come with the library",
    "analysis": "Tables before any model",
    "measures": "Simple measures: shares, promoters, gaps",
    "sampling": "Plans, samples, weights, design-based estimates",
    "questionnaire": "Indicator systems and questionnaires",
    "reading": "Reading survey files",
    "service": "Service indicators",
    "auditing": "Audits of published figures",
    "plots": "Pictures",
    "report": "Reports",
    "errors": "What can be caught",
}
#: Rooms that are reached through other names and have no pages of their own.
INSIDE = {"studyfile": "Study.from_toml, Study.to_toml, csi study"}
#: A class that is mainly a setting: its other methods are how the library talks to it (docs/authors.md).
SETTINGS = {"PLS": ["like"], "PLSc": ["like"], "CBSEM": ["like"]}


def names() -> dict[str, object]:
    """Every name that has a page, with what it names."""
    found = {f"csi.{name}": getattr(csi, name) for name in _front()}
    for room in _rooms():
        module = importlib.import_module(f"csi.{room}")
        found |= {f"csi.{room}.{name}": getattr(module, name) for name in _public(module)}
    found |= {f"csi.Fit.{name}": member for name, member in members(csi.Fit).items()}
    return {name: thing for name, thing in found.items() if not inspect.ismodule(thing)}


def _front() -> list[str]:
    rooms = {*csi._ROOMS, *ROOMS, *INSIDE}
    return [name for name in dir(csi) if not name.startswith("_") and name not in rooms]


def _rooms() -> list[str]:
    return [room for room in dict.fromkeys([*ROOMS, *csi._ROOMS]) if room not in INSIDE]


def _public(module: object) -> list[str]:
    listed = getattr(module, "__all__", None)
    own = [
        name
        for name, thing in vars(module).items()
        if inspect.isclass(thing) and thing.__module__ == getattr(module, "__name__", "") and not name.startswith("_")
    ]
    return [name for name in listed or own if not inspect.ismodule(getattr(module, name))]


def members(owner: type) -> dict[str, object]:
    """Methods and properties of a class that belong to the library, by name; the fields of dataclasses are settings."""
    fields = {field.name for field in dataclasses.fields(owner)} if dataclasses.is_dataclass(owner) else set()
    found = {}
    for name in dir(owner):
        holder = next((each for each in owner.__mro__ if name in vars(each)), object)
        thing = vars(holder).get(name)
        if name.startswith("_") or name in fields or not holder.__module__.startswith("csi"):
            continue
        if inspect.getdoc(getattr(owner, name)) and _is_code(thing):
            found[name] = thing
    return found


def _is_code(thing: object) -> bool:
    kinds = (property, classmethod, staticmethod)
    return inspect.isfunction(thing) or isinstance(thing, kinds) or type(thing).__name__ == "cached_property"


# -- pages -------------------------------------------------------------------------------------------------------


@cache
def page_names() -> dict[str, str]:
    """Name of the page of every public name; what has two names has one page."""
    first: dict[int, str] = {}
    return {name: first.setdefault(id(thing), name) for name, thing in names().items()}


def pages(docs: Path, target: Path) -> Iterator[Path]:
    """Write a page for every name and the tables of all."""
    found = names()
    for name, thing in found.items():
        if page_names()[name] != name:
            continue
        yield files.write(target / f"{name}.rst", page(name, thing))
    yield files.write(target / "index.md", index(found))


def page(name: str, thing: object) -> str:
    """The page of one name; autodoc fills it."""
    lines = [name, "=" * len(name), ""]
    if name.startswith("csi.Fit."):
        return "\n".join([*lines, f".. {'autoproperty' if _is_property(thing) else 'automethod'}:: {name}", ""])
    if not inspect.isclass(thing):
        return "\n".join([*lines, f".. {'autofunction' if callable(thing) else 'autodata'}:: {name}", ""])
    lines += [f".. autoclass:: {name}", ""]
    if thing is csi.Fit:
        return "\n".join([*lines, *_fit_tables()])
    own = SETTINGS.get(thing.__name__) or members(thing)
    if not issubclass(thing, Exception):
        for member in own:
            kind = "autoproperty" if _is_property(vars_of(thing, member)) else "automethod"
            lines += [f"   .. {kind}:: {name}.{member}", ""]
    return "\n".join(lines)


def vars_of(owner: type, name: str) -> object:
    """What a class or one above it holds under a name."""
    return next(vars(each)[name] for each in owner.__mro__ if name in vars(each))


def _is_property(thing: object) -> bool:
    return isinstance(thing, property) or type(thing).__name__ == "cached_property"


def _fit_tables() -> Iterator[str]:
    for title, listed in _sorted_methods().items():
        yield from ["", f".. rubric:: {title}", "", ".. list-table::", "   :widths: 30 70", ""]
        for name in listed:
            yield f"   * - ``fit.{name}()``"
            yield f"     - {summary(vars_of(csi.Fit, name)).replace('`', '``')}"
    yield ""


def _sorted_methods() -> dict[str, list[str]]:
    there = members(csi.Fit)
    chosen = {title: [name for name in listed.split() if name in there] for title, listed in FIT.items()}
    rest = [name for name in there if not any(name in listed for listed in chosen.values())]
    return {**chosen, "More": rest} if rest else chosen


def summary(thing: object) -> str:
    """First sentence of a docstring."""
    text = inspect.getdoc(thing) or inspect.getdoc(type(thing)) or ""
    return " ".join(text.split("\n\n")[0].split())


def index(found: dict[str, object]) -> str:
    """The tables by which a name is found."""
    lines = ["# Reference", "", "Every public name, what it means and an example that was run.", ""]
    front = {name.removeprefix("csi.") for name in found if name.count(".") == 1}
    for title, listed in WORDS.items():
        lines += [f"## {title}", "", *_table([f"csi.{name}" for name in listed if name in front], found)]
    rest = sorted(front - {name for listed in WORDS.values() for name in listed})
    if rest:
        lines += ["## More", "", *_table([f"csi.{name}" for name in rest], found)]
    for title, listed in _sorted_methods().items():
        lines += [f"## A fit: {title[0].lower()}{title[1:]}", "", *_table([f"csi.Fit.{n}" for n in listed], found)]
    for room in _rooms():
        held = [name for name in found if name.startswith(f"csi.{room}.")]
        lines += [f"## `csi.{room}`: {ROOMS.get(room, room)}", "", *_table(held, found)]
    return "\n".join([*lines, "```{toctree}", ":hidden:", ":glob:", "", "csi.*", "```", ""])


def _table(listed: list[str], found: dict[str, object]) -> list[str]:
    rows = [
        f"| [`{name}`]({page_names()[name]}.rst) | {summary(found[name]).replace('|', chr(92) + '|')} |"
        for name in listed
    ]
    return ["| name | meaning |", "| --- | --- |", *rows, ""]
