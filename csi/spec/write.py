"""From a model to text: lavaan's lines, and `#:` comment lines for what lavaan has no words for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from csi.spec.words import Coefficient, Construct, Item, Labels, Path, Scale, number_text

if TYPE_CHECKING:
    from csi.spec.model import Model

#: A name that needs no backticks: a letter of any script, then letters, digits, dots.
PLAIN = re.compile(r"[^\W\d][\w.]*")
#: The words that open a `#:` line; any other word there is an item.
DIRECTIVES = ("model", "index", "scale", "label", "question", "path")


def write(model: Model, directives: bool = True) -> str:
    """Write a model in lavaan's text form, with or without the `#:` lines."""
    lines = [*_measurement(model), *_structure(model), *_covariances(model), *model.extra.splitlines()]
    if directives:
        lines = [*_head(model), *lines, *_item_lines(model), *_path_lines(model), *_label_lines(model)]
    return "\n".join(lines)


def quoted(name: str) -> str:
    """Put a name in backticks unless it is plain (`image:quality` is two plain names)."""
    return name if PLAIN.fullmatch(name) else f"`{name}`"


def directive_name(name: str) -> str:
    """Put an item's name at the head of a `#:` line, in backticks where a directive is called the same."""
    return f"`{name}`" if name in DIRECTIVES else quoted(name)


def _index_name(name: str) -> str:
    return "`none`" if name == "none" else quoted(name)


def cause_text(cause: str, constructs: Iterable[str]) -> str:
    """Quote a construct's name, or each part of a product."""
    return quoted(cause) if cause in constructs else ":".join(quoted(part) for part in cause.split(":"))


def scale_text(scale: Scale) -> str:
    """Write `1..10`."""
    return f"{number_text(scale.low)}..{number_text(scale.high)}"


def _term(name: str, coefficient: Coefficient) -> str:
    if coefficient is None:
        return name
    return f"{coefficient if isinstance(coefficient, str) else number_text(coefficient)}*{name}"


def _head(model: Model) -> Iterable[str]:
    yield f"#: model {model.name}"
    # A model without an index says so, or reading it back would choose the usual one.
    yield f"#: index {_index_name(model.index)}" if model.index else "#: index none"
    if model.scale:
        yield f"#: scale {scale_text(model.scale)}"


def _measurement(model: Model) -> Iterable[str]:
    for name, construct in model.constructs.items():
        operator = "=~" if construct.kind == "reflective" else "<~"
        yield f"{quoted(name)} {operator} {' + '.join(_members(construct))}"


def _members(construct: Construct) -> Iterable[str]:
    yield from (_term(quoted(item.name), item.loading) for item in construct.items)
    yield from (quoted(lower) for lower in construct.of)


def _structure(model: Model) -> Iterable[str]:
    """One line a run of paths with the same effect, so that reading them back keeps their order."""
    run: list[Path] = []
    for path in [*model.paths, None]:
        if run and (path is None or path.effect != run[0].effect):
            causes = [_term(cause_text(p.cause, model.constructs), p.coefficient) for p in run]
            yield f"{quoted(run[0].effect)} ~ {' + '.join(causes)}"
            run = []
        if path is not None:
            run.append(path)


def _covariances(model: Model) -> Iterable[str]:
    for pair in model.covariances:
        yield f"{quoted(pair.first)} ~~ {_term(quoted(pair.second), pair.coefficient)}"


def _item_lines(model: Model) -> Iterable[str]:
    for item in model.items:
        facts = [*_scale_facts(item), *(["reversed"] if item.reversed else []), *_unknown_facts(item)]
        if facts:
            yield f"#: {directive_name(item.name)} {' '.join(facts)}"


def _scale_facts(item: Item) -> list[str]:
    return ["scale", scale_text(item.scale)] if isinstance(item.scale, Scale) else []


def _unknown_facts(item: Item) -> list[str]:
    return ["unknown", *(number_text(code) for code in item.unknown)] if item.unknown else []


def _path_lines(model: Model) -> Iterable[str]:
    for path in model.paths:
        facts = [f"sign {path.sign}" if path.sign else "", f"status {path.status}" if path.status else ""]
        facts.append(f"source {path.source}" if path.source else "")
        if any(facts):
            arrow = f"{cause_text(path.cause, model.constructs)} -> {quoted(path.effect)}"
            yield f"#: path {arrow} {' '.join(fact for fact in facts if fact)}"


def _label_lines(model: Model) -> Iterable[str]:
    words: Mapping[str, Construct | Item] = model.constructs
    for name, word in words.items():
        yield from _labels_of("label", name, word.label)
    for item in model.items:
        yield from _labels_of("question", item.name, item.label)


def _labels_of(directive: str, name: str, label: str | Labels | None) -> Iterable[str]:
    for language, text in dict(label or {}).items():  # type: ignore[arg-type]
        yield f"#: {directive} {quoted(name)} {language} {text}"
