"""The catalogue's sheets: one TOML file an index, read once, wherever the package lies (a wheel, a folder, a zip)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from csi.errors import ModelError, check_choice, suggest

#: The indices with a model of their own, in the order in which they came about.
INDICES = ("scsb", "acsi", "ecsi", "ccsi", "tcsi", "ncsb", "swics", "tcsi_taiwan")

Sheet = Mapping[str, Any]


@cache
def read(name: str) -> Sheet:
    """Read one file of the folder `entries`."""
    text = files("csi.models").joinpath("entries", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def variants(index: str) -> tuple[str, ...]:
    """Name the variants of an index, its default first; a single nameless one is `""`."""
    sheet = read(index)
    named = sheet.get("variants", {"": {}})
    return tuple(sorted(named, key=lambda variant: variant != sheet.get("default", "")))


def sheet_of(index: str, variant: str | None) -> Sheet:
    """Join what holds for an index with what its variant says; the variant has the last word.

    Examples
    --------
    >>> sheet_of("acsi", "government")["name"]
    'ACSI government'
    """
    chosen = variants(index)[0] if variant is None else variant
    check_choice(chosen, "variant", variants(index))
    whole = read(index)
    own = whole.get("variants", {}).get(chosen, {})
    joined = {**whole, **own, "variant": chosen}
    joined["items"] = {**whole.get("items", {}), **own.get("items", {})}
    joined["labels"] = {**whole.get("labels", {}), **own.get("labels", {})}
    joined["notes"] = [*own.get("notes", []), *whole.get("notes", [])]
    return joined


def key_of(name: str) -> str:
    """Fold case, blanks and hyphens: `"SA-csi"` and `"sa csi"` are `"sa_csi"`."""
    return re.sub(r"[\s_-]+", "_", str(name).strip().casefold())


@cache
def known_names() -> Mapping[str, str]:
    """Every name, title and synonym of an entry, to the entry's name."""
    sheets = {**{index: read(index) for index in INDICES}, **read("licensees")}
    titles = {title: name for name, sheet in sheets.items() for title in (*sheet["title"].values(), *sheet["synonyms"])}
    return {**titles, **{name: name for name in sheets}}


def resolve(name: str) -> str:
    """Find an entry by its name, title or synonym, in English or Chinese.

    Raises
    ------
    ModelError
        With the closest name, or with the reason why an index that is often asked for is not there.

    Examples
    --------
    >>> resolve("American Customer Satisfaction Index")
    'acsi'
    """
    key = key_of(name)
    folded = {key_of(known): found for known, found in known_names().items()}
    if key in folded:
        return folded[key]
    reasons = {key_of(absent): why for absent, why in read("absent").items()}
    if key in reasons:
        raise ModelError(f"{name!r} is not in the catalogue: {reasons[key]}")
    names = [*INDICES, *read("licensees")]
    hint = suggest(name, names) or suggest(name, known_names())
    raise ModelError(f"no model is called {name!r}{hint}; csi.models.names() are {', '.join(names)}")
