"""The face of a model: its constructs with their questions and its arrows, as text and as HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape

from csi.display.plain import grid, width
from csi.display.words import Language, check_language, in_language
from csi.spec import Construct, Item, Model
from csi.spec.words import Scale
from csi.spec.write import scale_text

#: What a face says beside names and labels.
WORDS = {
    "constructs": {"en": "constructs", "zh": "个潜变量"},
    "items": {"en": "items", "zh": "个题项"},
    "paths": {"en": "paths", "zh": "条路径"},
    "construct": {"en": "one construct", "zh": "个潜变量"},
    "item": {"en": "one item", "zh": "个题项"},
    "path": {"en": "one path", "zh": "条路径"},
    "index": {"en": "index: {name}", "zh": "指数：{name}"},
    "no_index": {"en": "no index", "zh": "没有指数"},
    "scale": {"en": "scale {scale}", "zh": "量表 {scale}"},
    "part": {"en": "part", "zh": "组成部分"},
    "of": {"en": "made of {names}", "zh": "由 {names} 构成"},
    "reversed": {"en": "reversed", "zh": "反向题"},
    "unknown": {"en": "no answer: {codes}", "zh": "未作答代码：{codes}"},
    "leads": {"en": "Arrows: what leads to what", "zh": "箭头：谁影响谁"},
    "measured": {"en": "Constructs and their items", "zh": "潜变量及其题项"},
    "assumed": {"en": "? assumed, no source confirms it", "zh": "? 假定路径，没有文献证实"},
    "text": {"en": "Text form", "zh": "文本形式"},
}


def text(model: Model, language: Language = "en") -> str:
    """A model for a terminal: what leads to what, then every construct with its items.

    Examples
    --------
    >>> print(text(Model("Mine", {"quality": ["q1", "q2"], "satisfaction": ["s1"]}, {"quality": "satisfaction"})))
    Mine: 2 constructs, 3 items, one path; index: satisfaction
    <BLANKLINE>
    Arrows: what leads to what
      quality  -> satisfaction
    <BLANKLINE>
    Constructs and their items
      quality
        q1
        q2
      satisfaction
        s1
    """
    check_language(language)
    lines = [heading(model, language), "", _say("leads", language), *diagram(model, language)]
    lines += ["", _say("measured", language), *_construct_lines(model, language)]
    return "\n".join(lines)


def heading(model: Model, language: Language = "en") -> str:
    """How large a model is, what its index is, and the scale of its items."""
    comma, stop = ("，", "；") if language == "zh" else (", ", "; ")
    sizes = (("construct", len(model.constructs)), ("item", len(model.items)), ("path", len(model.paths)))
    counts = comma.join(_count(n, word, language) for word, n in sizes)
    labels = model.labels(language)
    index = _say("index", language, name=labels[model.index]) if model.index else _say("no_index", language)
    scale = [_say("scale", language, scale=_range(model.scale))] if model.scale else []
    return f"{model.name}: {counts}{stop}{comma.join([index, *scale])}"


def diagram(model: Model, language: Language = "en", indent: str = "  ", line: int = 100) -> list[str]:
    """Arrows as text: one line a cause, with signs other than plus and a question mark where an arrow is assumed."""
    effects: dict[str, list[str]] = {}
    for name, block in model.constructs.items():
        for lower in block.of:
            effects.setdefault(lower, []).append(f"{name} [{_say('part', language)}]")
    for path in model.paths:
        sign = f" ({path.sign})" if path.sign in ("-", "+/-") else ""
        effects.setdefault(path.cause, []).append(path.effect + sign + ("?" if path.status == "assumed" else ""))
    longest = max(map(width, effects), default=0)
    lines: list[str] = []
    for cause, found in effects.items():
        start = f"{indent}{cause}{' ' * (longest - width(cause))}  -> "
        lines += textwrap.wrap(", ".join(found), line, initial_indent=start, subsequent_indent=" " * width(start))
    assumed = any(path.status == "assumed" for path in model.paths)
    return [*lines, indent + _say("assumed", language)] if assumed else lines


def html(model: Model, language: Language = "en", picture: str = "") -> str:
    """A model for a notebook.

    Parameters
    ----------
    picture : str
        HTML of a path diagram; the arrows as text if left out.
    """
    check_language(language)
    shown = picture or f"<pre>{escape(chr(10).join(diagram(model, language, '')))}</pre>"
    labels = model.labels(language)
    rows = "".join(_rows_html(name, block, model, labels, language) for name, block in model.constructs.items())
    return (
        f"<div style='max-width:60em'><p><b>{escape(heading(model, language))}</b></p>{shown}"
        f"<details><summary>{escape(_say('measured', language))}</summary>"
        f"<table style='border-collapse:collapse'><tbody>{rows}</tbody></table></details>"
        f"<details><summary>{escape(_say('text', language))}</summary><pre>{escape(str(model))}</pre></details></div>"
    )


def _rows_html(name: str, block: Construct, model: Model, labels: dict[str, str], language: Language) -> str:
    cell = "style='text-align:left;padding:.1em .7em;vertical-align:top'"
    title = escape(labels[name]) + (f" <code>{escape(name)}</code>" if labels[name] != name else "")
    rows = f"<tr><th {cell} colspan='2'>{title}</th></tr>"
    for code, said in _member_rows(block, model, labels, language):
        rows += f"<tr><td {cell}><code>{escape(code)}</code></td><td {cell}>{escape(said)}</td></tr>"
    return rows


def _construct_lines(model: Model, language: Language) -> Iterator[str]:
    labels = model.labels(language)
    for name, block in model.constructs.items():
        yield f"  {name}" + (f": {labels[name]}" if labels[name] != name else "")
        members = _member_rows(block, model, labels, language)
        table = grid(["", ""], [list(member) for member in members], left=2)
        yield from (f"    {line}" for line in table.splitlines()[1:])


def _member_rows(
    block: Construct, model: Model, labels: dict[str, str], language: Language
) -> Iterator[tuple[str, str]]:
    """Code and question of every item, with what is special about it."""
    if block.of:
        yield "", _say("of", language, names=", ".join(labels[lower] for lower in block.of))
    for item in block.items:
        question = in_language(item.label, language) if item.label else ""
        yield item.name, " ".join([question, *_facts(item, model, language)]).strip()


def _facts(item: Item, model: Model, language: Language) -> Iterator[str]:
    facts = []
    if isinstance(item.scale, Scale) and item.scale != model.scale:
        facts.append(_say("scale", language, scale=_range(item.scale)))
    if item.reversed:
        facts.append(_say("reversed", language))
    if item.unknown:
        facts.append(_say("unknown", language, codes=", ".join(f"{code:g}" for code in item.unknown)))
    if facts:
        yield f"[{', '.join(facts)}]"


def _range(scale: Scale | tuple[float, float] | None) -> str:
    return scale_text(scale).replace("..", "-") if isinstance(scale, Scale) else ""


def _count(n: int, word: str, language: Language) -> str:
    if language == "zh":
        return f"{n} {WORDS[word]['zh']}"
    return WORDS[word]["en"] if n == 1 else f"{n} {WORDS[word + 's']['en']}"


def _say(key: str, language: Language, **values: str) -> str:
    return in_language(WORDS[key], language).format(**values)
