"""From the words of a study file to a model: its source, its items, scale, labels and index."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path as File
from typing import Any

from csi import models
from csi.blocks import Said, chinese
from csi.errors import CsiError, ModelError, SettingsError
from csi.spec import Construct, Item, Model, Path
from csi.studyfile import text as texts
from csi.studyfile.problems import hint
from csi.studyfile.schema import is_kind

#: Keys of an item, and of a construct that says more than its items.
ITEM = ("name", "scale", "reversed", "unknown", "label")
CONSTRUCT = ("columns", "kind", "label")
Complain = Callable[[str, Said], None]
Page = Mapping[str, Any]

_ARROW = re.compile(r"^(.+?)\s*->\s*(.+?)(?:\s+(\+/-|[+-]))?$")


def build(page: Page, folder: File, complain: Complain) -> Model | None:
    """Make the model that a file says; what is wrong is told to `complain(key, what)`."""
    said = page.get("model")
    blocks = _blocks(page.get("items"), complain)
    if said is None:
        complain("model", Said(
            'is missing: model = "ccsi" takes a model of the catalogue (csi models lists them)',
            '缺少：model = "ccsi" 使用模型库中的模型（csi models 列出全部）',
        ))  # fmt: skip
        return None
    if blocks is None:
        return None
    given = said if isinstance(said, Mapping) else {"file" if File(said).suffix else "name": said}
    try:
        model = _source(given, blocks, page.get("scale"), folder)
    except CsiError as error:
        complain("items" if "such construct" in str(error) else "model", Said(str(error)))
        return None
    return _finished(model, page, complain)


def _source(given: Page, items: Mapping[str, Any] | str, scale: Any, folder: File) -> Model:
    """Give the model of the catalogue, of a text, or of arrows between the constructs of [items]."""
    ways = [way for way in ("name", "file", "text", "paths") if way in given]
    if len(ways) != 1:
        raise ModelError(
            "a model is said in one way: name (of the catalogue), file or text (lavaan's form), or paths between the"
            f" constructs of [items]; here there {'are ' + ', '.join(ways) if ways else 'is none'}"
        )
    ends = None if scale is None else tuple(scale)
    if ways == ["name"]:
        options = {key: value for key, value in given.items() if key not in ("name", "title", "higher")}
        if isinstance(items, Mapping):
            items = _asked(models.get(given["name"], **options), items)
        more = {"items": items} if items else {}
        return models.get(given["name"], **options, **more, **({"scale": ends} if ends else {}))
    strange = [key for key in ("variant", "complaints", "image_to_loyalty") if key in given]
    if strange:
        raise ModelError(f"{', '.join(strange)} is said of a model of the catalogue, which has a name")
    if ways == ["paths"]:
        if not isinstance(items, Mapping) or not items:
            raise ModelError("a model of your own takes its constructs from [items]: quality = ['Q1', 'Q2']")
        return Model(
            given.get("title", "model"), items, _arrows(given["paths"]), scale=ends, higher=given.get("higher")
        )
    if items:
        raise ModelError("a model in the text form names its own items; leave out [items] or --items")
    return Model.parse(given["text"] if ways == ["text"] else _text(folder, given["file"]), scale=ends)


def _asked(model: Model, items: Mapping[str, Any]) -> dict[str, Any]:
    """Give items that the catalogue knows its question, where the file says none."""
    known = {item.name: item.label for item in model.items}

    def labelled(item: Any) -> Any:
        if isinstance(item, Item) and not item.label and item.name in known:
            return dataclasses.replace(item, label=known[item.name])
        return item

    return {name: list(map(labelled, block)) if isinstance(block, list) else block for name, block in items.items()}


def _text(folder: File, name: str) -> str:
    path = texts.beside(folder, name)
    if not path.is_file():
        raise ModelError(f"there is no file {name!r} with a model")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError(f"{path.name!r} is no UTF-8 text: {error}") from error


def _arrows(said: Any) -> Any:
    """Read arrows: `"quality -> satisfaction +"`, or a table of causes with their effects."""
    if isinstance(said, Mapping):
        return said
    found = []
    for line in [said] if isinstance(said, str) else said:
        hit = _ARROW.match(line.strip())
        if hit is None:
            raise ModelError(f"an arrow is written 'quality -> satisfaction' (with + or - behind it); not {line!r}")
        sign: Any = hit.group(3)
        found.append(Path(hit.group(1), hit.group(2), sign=sign))
    return found


# -- items ------------------------------------------------------------------------------------------------------


def _blocks(said: Any, complain: Complain) -> dict[str, Any] | str | None:
    """Read the items of every construct; None where something is wrong with one."""
    if said is None or isinstance(said, str):
        return said or {}
    found, sound = {}, True
    for construct, block in said.items():
        try:
            found[construct] = _block(construct, block)
        except CsiError as error:
            complain(f"items.{construct}", Said(str(error)))
            sound = False
    return found if sound else None


def _block(construct: str, block: Any) -> Any:
    if isinstance(block, Mapping) and "columns" in block:
        _known(block, CONSTRUCT, f"the construct {construct!r}")
        return Construct(_items(construct, block["columns"]), block.get("kind", "reflective"), block.get("label"))
    return _items(construct, block)


def _items(construct: str, block: Any) -> list[Item | str]:
    return [_item(construct, entry) for entry in (block if isinstance(block, list) else [block])]


def _item(construct: str, entry: Any) -> Item | str:
    """Read a column's name, or a table of what an item is."""
    if isinstance(entry, str):
        return entry
    if not isinstance(entry, Mapping) or "name" not in entry:
        raise ModelError(f'an item of {construct!r} is a column\'s name or {{name = "S1", ...}}; not {entry!r}')
    _known(entry, ITEM, "an item")
    codes = entry.get("unknown", ())
    scale = entry.get("scale")
    if scale is not None and not is_kind(scale, "pair"):
        raise ModelError(
            f"the scale of {entry['name']!r} is a pair of codes, the lower first, such as [1, 5]; not {scale!r}"
        )
    if not isinstance(entry.get("reversed", False), bool):
        raise ModelError(f"reversed of {entry['name']!r} is true or false, without quotes; not {entry['reversed']!r}")
    return Item(
        entry["name"],
        scale=tuple(scale) if scale else None,
        reversed=entry.get("reversed", False),
        unknown=tuple(codes) if isinstance(codes, list | tuple) else (codes,),
        label=entry.get("label"),
    )


def _known(entry: Page, known: tuple[str, ...], what: str) -> None:
    other = [key for key in entry if key not in known]
    if other:
        raise ModelError(f"{what} has no {other[0]!r}{hint(other[0], known)}; it has {', '.join(known)}")


# -- what is said of the whole model -----------------------------------------------------------------------------


def _finished(model: Model, page: Page, complain: Complain) -> Model | None:
    """Apply reversed, unknown, labels and index."""
    names = [item.name for item in model.items]
    turned = _listed(page.get("reversed", ()))
    for name in turned:
        if name not in names:
            complain("reversed", _no_item(name, names))
    labels = page.get("labels", {})
    for name in labels:
        if name not in (*names, *model.constructs):
            complain(f"labels.{name}", _no_item(name, [*model.constructs, *names]))
    unknown = page.get("unknown", ())
    usual = tuple(unknown) if isinstance(unknown, list | tuple) else (unknown,)

    def item(old: Item) -> Item:
        label = _label(old, labels.get(old.name)) if old.name not in model.constructs else old.label
        turn = old.reversed or old.name in turned
        return dataclasses.replace(old, reversed=turn, unknown=old.unknown or usual, label=label)

    try:
        constructs = {
            name: Construct(map(item, block.items), block.kind, _label(block, labels.get(name)), block.of)
            for name, block in model.constructs.items()
        }
        changes = {"index": page["index"]} if "index" in page else {}
        return model.replace(constructs=constructs, **changes)
    except CsiError as error:
        complain("index" if "index" in str(error) else "labels", Said(str(error)))
        return None


def _label(word: Item | Construct, said: Any) -> Any:
    """A label with what the file says in place of what was there; a bare text is said in every language."""
    if said is None:
        return word.label
    given = said if isinstance(said, Mapping) else {"en": said, "zh": said}
    return {**(word.label if isinstance(word.label, Mapping) else {}), **given}


def _no_item(name: str, known: Iterable[str]) -> Said:
    near = hint(name, known)
    return Said(f"{name!r} is nothing in the model{near}", f"模型中没有 {name!r}{chinese(near)}")


def _listed(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def settings_of(kind: Any, said: Page, known: Iterable[str]) -> Any:
    """Make a method or another value of settings, lists turned into tuples.

    Raises
    ------
    SettingsError
        For a setting that it does not have.
    """
    for name in said:
        if name not in known:
            raise SettingsError(
                f"{kind.__name__} has no setting {name!r}{hint(name, known)}; it has {', '.join(known)}"
            )
    return kind(**{name: _tuples(value) for name, value in said.items()})


def _tuples(value: Any) -> Any:
    """Lists as tuples; an end that is infinite as one that is not bounded."""
    if isinstance(value, Mapping):
        return {name: _tuples(each) for name, each in value.items()}
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    return None if isinstance(value, float) and math.isinf(value) else value
