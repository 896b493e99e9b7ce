"""From lavaan's text form to the words of a model. Every error names its line and what would be right."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from csi.errors import ModelError, suggest
from csi.spec.words import Coefficient, Construct, Covariance, Item, Path, Scale

_FULL_WIDTH = str.maketrans("＋～＝＊＜＞：，；", "+~=*<>:,;")
_OPERATOR = re.compile(r"=~|<~|~~|:=|==|~")
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NAME = r"`[^`]+`|[^\W\d][\w.]*"
_TERM = re.compile(rf"(?:(?P<coefficient>{_NUMBER}|{_NAME})\s*\*\s*)?(?P<name>(?:{_NAME})(?:\s*:\s*(?:{_NAME}))*)")


class Line(NamedTuple):
    """One statement and where it stands."""

    number: int
    text: str

    def error(self, message: str) -> ModelError:
        """Make an error that shows the line."""
        return ModelError(f"line {self.number}, {self.text.strip()!r}: {message}")


@dataclass
class _Draft:
    """What was read so far."""

    blocks: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: list[Path] = field(default_factory=list)
    covariances: list[Covariance] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    head: dict[str, Any] = field(default_factory=dict)
    facts: list[tuple[Line, str, dict[str, Any]]] = field(default_factory=list)
    labels: list[tuple[Line, str, str, str, str]] = field(default_factory=list)
    arrows: list[tuple[Line, str, str, dict[str, Any]]] = field(default_factory=list)


def parse(text: str) -> dict[str, Any]:
    """Read text into the arguments of `Model`."""
    draft = _Draft()
    for line in statements(text):
        if line.text.startswith("#:"):
            _directive(draft, line)
        else:
            _statement(draft, line)
    return _arguments(draft)


def statements(text: str) -> Iterator[Line]:
    r"""Split text into statements: one a line or between semicolons, going on after an operator or a plus.

    Examples
    --------
    >>> [line.text for line in statements("a =~ x +\n y; b =~ z  # said twice")]
    ['a =~ x + y', 'b =~ z']
    """
    waiting: Line | None = None
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if directive := re.match(r"[#＃][:：]", raw.strip()):
            yield Line(number, f"#:{raw.strip()[directive.end() :]}")
            continue
        for part in re.split(r";(?=(?:[^`]*`[^`]*`)*[^`]*$)", _outside_backticks(_uncomment(raw))):
            piece = part.strip()
            if not piece:
                continue
            if waiting is not None or piece.startswith("+"):
                if waiting is None:
                    raise Line(number, piece).error("a line cannot begin with '+' unless the line before goes on")
                piece = f"{waiting.text} {piece}"
                number_of = waiting.number
            else:
                number_of = number
            waiting = Line(number_of, piece) if re.search(r"(\+|~|=|\*|:)$", piece) else None
            if waiting is None:
                yield Line(number_of, piece)
    if waiting is not None:
        raise waiting.error("the text ends where a name is expected")


def _uncomment(raw: str) -> str:
    """Cut a comment that begins outside backticks."""
    return re.sub(r"^((?:[^`#!]|`[^`]*`)*)[#!].*$", r"\1", raw)


def _outside_backticks(text: str) -> str:
    """Read full-width signs as their half-width twins, except inside a quoted name."""
    return "".join(
        part if part.startswith("`") else part.translate(_FULL_WIDTH) for part in re.split(r"(`[^`]*`)", text)
    )


def _bare(name: str) -> str:
    """Take the backticks off; a product keeps its colon."""
    return ":".join(part.strip().strip("`") for part in re.split(r":(?=(?:[^`]*`[^`]*`)*[^`]*$)", name))


# -- lavaan's lines -----------------------------------------------------------------------------------


def _statement(draft: _Draft, line: Line) -> None:
    hidden = re.sub(r"`[^`]*`", lambda quoted: "x" * len(quoted.group()), line.text)
    operator = _OPERATOR.search(hidden)
    if operator is None:
        raise line.error("no operator; write 'construct =~ item + item', 'effect ~ cause', 'a ~~ b' or 'name := a*b'")
    left, sign, right = line.text[: operator.start()].strip(), operator.group(), line.text[operator.end() :].strip()
    if sign in (":=", "=="):
        draft.extra.append(f"{left} {sign} {right}")
        return
    if not re.fullmatch(_NAME, left):
        raise line.error(
            f"{left!r} is not a name; put names with blanks, signs or a leading digit in backticks: `{left}`"
        )
    readers: dict[str, Callable[[_Draft, str, list[tuple[str, Coefficient]], Line], None]] = {
        "=~": _reflective,
        "<~": _composite,
        "~": _regression,
        "~~": _covariance,
    }
    readers[sign](draft, _bare(left), _terms(right, line), line)


def _terms(text: str, line: Line) -> list[tuple[str, Coefficient]]:
    """Read `a*x + 0.5*y + z` into names and coefficients."""
    found = []
    for part in re.split(r"\+(?=(?:[^`]*`[^`]*`)*[^`]*$)", text):
        match = _TERM.fullmatch(part.strip())
        if match is None:
            if part.strip() in ("0", "1", "-1"):
                raise line.error("intercepts are not part of a model's text; means come with the estimator")
            raise line.error(
                f"{part.strip()!r} is not a name; put names with blanks, signs or a leading digit in backticks,"
                " and write a coefficient as 'a*x' or '0.5*x'"
            )
        found.append((_bare(match["name"]), _coefficient(match["coefficient"], line)))
    return found


def _coefficient(text: str | None, line: Line) -> Coefficient:
    if text is None:
        return None
    if re.fullmatch(_NUMBER, text):
        return float(text)
    if text in ("NA", "start", "equal"):
        raise line.error(
            f"the modifier {text!r} is not used here; a coefficient is a label (a*x) or a fixed value (0.5*x)"
        )
    return _bare(text)


def _measure(draft: _Draft, name: str, kind: str, terms: list[tuple[str, Coefficient]], line: Line) -> None:
    block = draft.blocks.setdefault(name, {"kind": kind, "members": []})
    if block["kind"] != kind:
        raise line.error(f"{name!r} is measured by '=~' in one line and by '<~' in another; choose one")
    block["members"].extend(terms)


def _reflective(draft: _Draft, name: str, terms: list[tuple[str, Coefficient]], line: Line) -> None:
    _measure(draft, name, "reflective", terms, line)


def _composite(draft: _Draft, name: str, terms: list[tuple[str, Coefficient]], line: Line) -> None:
    _measure(draft, name, "composite", terms, line)


def _regression(draft: _Draft, effect: str, terms: list[tuple[str, Coefficient]], line: Line) -> None:
    draft.paths.extend(Path(cause, effect, coefficient=coefficient) for cause, coefficient in terms)


def _covariance(draft: _Draft, first: str, terms: list[tuple[str, Coefficient]], line: Line) -> None:
    draft.covariances.extend(Covariance(first, second, coefficient) for second, coefficient in terms)


# -- our comment lines --------------------------------------------------------------------------------


def _directive(draft: _Draft, line: Line) -> None:
    words = re.findall(r"`[^`]+`|\S+", line.text[2:])
    if not words:
        raise line.error("an empty '#:' line; write '#: index satisfaction', '#: scale 1..10' or '#: q3 reversed'")
    opening, rest = words[0], words[1:]
    if opening == "model":
        draft.head["name"] = line.text[2:].strip()[len("model") :].strip()
    elif opening == "index" and len(rest) == 1:
        draft.head["index"] = None if rest == ["none"] else _bare(rest[0])
        draft.head["no_index"] = rest == ["none"]
    elif opening == "scale" and len(rest) == 1:
        draft.head["scale"] = _scale(rest[0], line)
    elif opening in ("label", "question") and len(rest) >= 3:
        written = re.match(r"#:\s*\w+\s+(`[^`]+`|\S+)\s+(\S+)\s+(.*)", line.text)
        draft.labels.append((line, opening, _bare(rest[0]), rest[1], written[3].strip() if written else ""))
    elif opening == "path":
        _arrow(draft, line)
    elif rest:
        draft.facts.append((line, _bare(opening), _facts(rest, line)))
    else:
        raise line.error("not understood; write '#: index satisfaction', '#: scale 1..10' or '#: q3 reversed'")


def _scale(text: str, line: Line) -> Scale:
    match = re.fullmatch(rf"({_NUMBER})\.\.({_NUMBER})", text)
    if match is None:
        raise line.error(f"a scale is written low..high, such as 1..10; not {text!r}")
    low, high = (float(end) for end in match.groups())
    return Scale(int(low) if low.is_integer() else low, int(high) if high.is_integer() else high)


def _facts(words: list[str], line: Line) -> dict[str, Any]:
    """Read `scale 0..1 reversed unknown 98 99`."""
    facts: dict[str, Any] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "scale" and rest:
            facts["scale"] = _scale(rest.pop(0), line)
        elif word == "reversed":
            facts["reversed"] = True
        elif word == "unknown" and rest and re.fullmatch(_NUMBER, rest[0]):
            codes = []
            while rest and re.fullmatch(_NUMBER, rest[0]):
                code = float(rest.pop(0))
                codes.append(int(code) if code.is_integer() else code)
            facts["unknown"] = tuple(codes)
        else:
            known = ("scale", "reversed", "unknown", "index", "label", "path")
            raise line.error(
                f"{word!r} is not understood{suggest(word, known)}; an item has scale 0..1, reversed, unknown 98 99"
            )
    return facts


def _arrow(draft: _Draft, line: Line) -> None:
    """Read `path image -> loyalty sign + status assumed source ...`."""
    arrow = rf"#:\s*path\s+({_NAME}(?:\s*:\s*(?:{_NAME}))*)\s*->\s*({_NAME})"
    pattern = arrow + r"(?:\s+sign\s+(\S+))?(?:\s+status\s+(\S+))?(?:\s+source\s+(.+))?"
    match = re.fullmatch(pattern, line.text.strip())
    if match is None:
        raise line.error("write '#: path cause -> effect sign + status published source Author (year)'")
    cause, effect, sign, status, source = match.groups()
    said = {"sign": sign, "status": status, "source": source}
    draft.arrows.append((line, _bare(cause), _bare(effect), {key: value for key, value in said.items() if value}))


# -- putting it together ------------------------------------------------------------------------------


def _arguments(draft: _Draft) -> dict[str, Any]:
    """Join lines and directives into the arguments of `Model`."""
    if not draft.blocks:
        raise ModelError("the text measures no construct; it needs a line such as 'quality =~ q1 + q2'")
    names = {name for block in draft.blocks.values() for name, _ in block["members"] if name not in draft.blocks}
    facts = _collect(draft, names)
    constructs = {name: _construct(name, block, draft.blocks, facts) for name, block in draft.blocks.items()}
    arguments: dict[str, Any] = {"name": draft.head.get("name") or "model", "constructs": constructs}
    arguments.update(paths=_paths(draft), covariances=draft.covariances, extra="\n".join(draft.extra))
    arguments.update(index=draft.head.get("index"), scale=draft.head.get("scale"))
    if draft.head.get("no_index"):
        arguments["index"] = ""
    return arguments


def _collect(draft: _Draft, names: set[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Facts and labels by ("item" or "construct", name)."""
    single = {name for name, block in draft.blocks.items() if any(member == name for member, _ in block["members"])}
    facts: dict[tuple[str, str], dict[str, Any]] = {}
    for line, name, found in draft.facts:
        if name not in names | single:
            raise line.error(f"{name!r} is not an item{suggest(name, sorted(names))}")
        facts.setdefault(("item", name), {}).update(found)
    for line, directive, name, language, text in draft.labels:
        what = "construct" if directive == "label" and name in draft.blocks else "item"
        if name not in names | single and name not in draft.blocks:
            known = [*draft.blocks, *sorted(names)]
            raise line.error(f"{name!r} is neither a construct nor an item{suggest(name, known)}")
        facts.setdefault((what, name), {}).setdefault("label", {})[language] = text
    return facts


def _construct(
    name: str, block: dict[str, Any], blocks: dict[str, Any], facts: dict[tuple[str, str], Any]
) -> Construct:
    members = block["members"]
    lower = [member for member, _ in members if member in blocks and member != name]
    of_items = [(member, loading) for member, loading in members if member not in lower]
    if lower and of_items:
        raise ModelError(
            f"{name!r} is measured by items ({of_items[0][0]!r}) and by constructs ({lower[0]!r}); choose one"
        )
    items = [Item(member, loading=loading, **facts.get(("item", member), {})) for member, loading in of_items]
    label = facts.get(("construct", name), {}).get("label")
    return Construct(items, kind=block["kind"], label=label, of=lower)


def _paths(draft: _Draft) -> list[Path]:
    """Add signs, status and sources to the arrows they speak of."""
    said = {(cause, effect): (line, facts) for line, cause, effect, facts in draft.arrows}
    arrows = {(path.cause, path.effect) for path in draft.paths}
    for pair, (line, _) in said.items():
        if pair not in arrows:
            raise line.error(f"the model has no path {pair[0]} -> {pair[1]}")
    return [dataclasses.replace(path, **facts_of(said, path)) for path in draft.paths]


def facts_of(said: dict[tuple[str, str], tuple[Line, dict[str, Any]]], path: Path) -> dict[str, Any]:
    """What the `#: path` lines say of one path."""
    return said[path.cause, path.effect][1] if (path.cause, path.effect) in said else {}
