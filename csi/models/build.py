"""From a sheet of the catalogue and a user's own items to a `Model`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias, cast, get_args

from csi.errors import ModelError, check_choice, listing, suggest
from csi.models.sheets import Sheet, read, sheet_of
from csi.spec import Construct, Item, Model, Path
from csi.spec.words import ItemLike, ScaleLike

Complaints: TypeAlias = Literal["incidence", "handling"]
Measured: TypeAlias = Construct | ItemLike | Iterable[ItemLike] | None
ItemsLike: TypeAlias = Mapping[str, Measured] | Literal["mobi"] | None

SCALE = (1, 10)


def build(
    index: str,
    variant: str | None = None,
    *,
    items: ItemsLike = None,
    scale: ScaleLike = None,
    complaints: Complaints | None = None,
    options: Mapping[str, bool] | None = None,
) -> Model:
    """Make the model of an index; the public functions say what the arguments mean."""
    sheet = sheet_of(index, variant)
    mode = _complaint_mode(sheet, items, complaints)
    defaults = {name: _construct(sheet, name, mode) for name in sheet["constructs"]}
    own = _own_items(sheet["name"], defaults, items)
    constructs = {name: _measured(name, block, own.get(name, block)) for name, block in defaults.items()}
    model = Model(
        sheet["name"],
        constructs,
        [_path(sheet, line, mode) for line in _arrows(sheet, options or {})],
        index="satisfaction",
        scale=SCALE if scale is None else scale,
    )
    left_out = [name for name, block in own.items() if _is_empty(block)]
    return model.without(*left_out) if left_out else model


# -- constructs and their items -----------------------------------------------------------------------


def meaning_of(name: str, mode: Complaints) -> Sheet:
    """Label, synonyms and definition of a construct; complaints mean another thing where handling is asked."""
    handled = name == "complaints" and mode == "handling"
    return cast(Sheet, read("constructs")["complaint_handling" if handled else name])


def _construct(sheet: Sheet, name: str, mode: Complaints) -> Construct:
    label = meaning_of(name, mode)["label"]
    if name != "complaints" or mode == "incidence":
        label = sheet["labels"].get(name, label)
    if name in sheet.get("higher", {}):
        return Construct(of=sheet["higher"][name], kind="composite", label=label)
    asked = sheet["items"].get(name, {})
    if name == "complaints" and mode == "handling":
        asked = sheet.get("handling", asked)
    return Construct([_item(code, facts) for code, facts in asked.items()], label=label)


def _item(code: str, facts: Mapping[str, Any]) -> Item:
    scale = tuple(facts["scale"]) if "scale" in facts else None
    label = {language: facts[language] for language in ("en", "zh")}
    return Item(code, scale=scale, reversed=facts.get("reversed", False), label=label)


def _own_items(name: str, defaults: Mapping[str, Construct], items: ItemsLike) -> dict[str, Measured]:
    """Read the user's items by construct, or mobi's."""
    if items is None:
        return {}
    if isinstance(items, str):
        check_choice(items, "items", ("mobi",))
        return _mobi_items(name, defaults)
    if not isinstance(items, Mapping):
        raise ModelError(f"items maps constructs to items, such as {{'satisfaction': ['S1', 'S2']}}; not {items!r}")
    unknown = [f"{key!r}{_nearest(key, defaults)}" for key in items if key not in defaults]
    if unknown:
        known = f"; its constructs are {', '.join(defaults)}"
        raise ModelError(listing([each + known for each in unknown], f"{name} has no such construct"))
    return dict(items)


def _nearest(name: str, known: Mapping[str, Construct]) -> str:
    """The construct that is called nearly so, by its name or by its label in any language."""
    if hint := suggest(name, known):
        return hint
    labels = {
        text: key
        for key, construct in known.items()
        if isinstance(construct.label, Mapping)
        for text in construct.label.values()
    }
    shown = next((text for text in labels if f"'{text}'" in suggest(name, labels)), None)
    return f"; did you mean {labels[shown]!r} ({shown})?" if shown else ""


def _mobi_items(name: str, defaults: Mapping[str, Construct]) -> dict[str, Measured]:
    """Give each construct the questions that the mobile phone survey asks about it."""
    asked = sheet_of("ecsi", "mobile")["items"]
    missing = [construct for construct in defaults if construct not in asked]
    if missing:
        raise ModelError(f"mobi has no questions on {', '.join(missing)}, which {name} needs; give items={{...}}")
    return {construct: [_item(code, facts) for code, facts in asked[construct].items()] for construct in defaults}


def _is_empty(given: Measured) -> bool:
    return given is None or (isinstance(given, (list, tuple)) and not given)


def _measured(name: str, default: Construct, given: Measured) -> Construct:
    """Put the user's items in place of the default ones; the label stays unless he gives his own."""
    if given is default or _is_empty(given):
        return default
    if default.of:
        raise ModelError(f"{name!r} is made up of {' and '.join(default.of)}; give items to these")
    if isinstance(given, Construct):
        return Construct(given.items, given.kind, given.label or default.label, given.of)
    known = {item.name: item for item in default.items}
    listed = [given] if isinstance(given, (str, Item)) else list(cast(Iterable[ItemLike], given))
    return Construct([known.get(item, item) if isinstance(item, str) else item for item in listed], label=default.label)


# -- paths --------------------------------------------------------------------------------------------


def _complaint_mode(sheet: Sheet, items: ItemsLike, complaints: Complaints | None) -> Complaints:
    """Decide whether complaints are counted or their handling is rated."""
    fixed = cast("Complaints | None", sheet.get("complaints"))
    if complaints is None:
        return fixed or ("handling" if items == "mobi" else "incidence")
    check_choice(complaints, "complaints", get_args(Complaints))
    if "complaints" not in sheet["constructs"]:
        raise ModelError(f"{sheet['name']} has no construct 'complaints'; leave out complaints={complaints!r}")
    if items == "mobi" and complaints == "incidence":
        raise ModelError("mobi asks how complaints are handled (CUSCO), not whether one complained; say 'handling'")
    return complaints


def _arrows(sheet: Sheet, options: Mapping[str, bool]) -> Iterator[str]:
    yield from sheet["paths"]
    for option, chosen in options.items():
        if chosen and option not in sheet.get("options", {}):
            raise ModelError(f"{sheet['name']} has no arrows to add by {option}=True; leave it out")
        if chosen:
            yield from sheet["options"][option]


def _path(sheet: Sheet, line: str, mode: Complaints) -> Path:
    """Read `image -> loyalty + assumed`; rated handling turns the signs around complaints to plus."""
    cause, _, effect, sign, *said = line.split()
    status = said[0] if said else sheet["status"]
    if mode == "handling" and "complaints" in (cause, effect):
        sign = "+"
    source = sheet["source"] + ("; arrow not confirmed" if status == "assumed" else "")
    return Path(cause, effect, sign=cast(Any, sign), status=cast(Any, status), source=source)


def licensed(model: Model, name: str, source: str) -> Model:
    """Give the model of one index to another that says it uses it: what was published is then reported."""
    paths = [
        dataclasses.replace(p, source=source, status="reported" if p.status == "published" else p.status)
        for p in model.paths
    ]
    return model.replace(name=name, paths=paths)
