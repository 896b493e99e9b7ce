"""A model as a drawing in text: DOT for Graphviz, Mermaid for Markdown pages, TikZ for LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from csi.errors import ModelError, suggest
from csi.spec.layers import Arrow, Spot
from csi.spec.model import Model
from csi.spec.textbook import places

#: What is written on an arrow, by (cause, effect): a number, or a text such as "0.512***".
Coefficients: TypeAlias = Mapping[Arrow, float | str]

_SIGNS = {"+": "+", "-": "−", "+/-": "±", None: ""}


def dot(model: Model, coefficients: Coefficients | None = None, language: str = "en", items: bool = False) -> str:
    """Write a model in DOT, the language of Graphviz.

    Parameters
    ----------
    model : Model
    coefficients : mapping of (cause, effect) to number or text, optional
        What stands on the arrows; the expected signs if left out.
    language : str
        Of the labels.
    items : bool
        Whether the items are drawn.

    Examples
    --------
    >>> model = Model("m", {"a": ["a1"], "b": ["b1"]}, {"a": ["b"]}, index="b")
    >>> print(dot(model, {("a", "b"): 0.5}))
    digraph "m" {
      rankdir=LR;
      node [shape=ellipse];
      n1 [label="a"];
      n2 [label="b", penwidth=2];
      n1 -> n2 [label="0.500"];
    }
    """
    drawing = _Drawing(model, coefficients, language)
    lines = [f"digraph {_quoted(model.name)} {{", "  rankdir=LR;", "  node [shape=ellipse];"]
    for node in drawing.nodes:
        thick = ", penwidth=2" if node == model.index else ""
        lines.append(f"  {drawing.id(node)} [label={_quoted(drawing.label(node))}{thick}];")
    for cause, effect, text, assumed in drawing.arrows():
        extra = ', color="gray60", fontcolor="gray40"' if assumed else ""
        lines.append(f"  {drawing.id(cause)} -> {drawing.id(effect)} [label={_quoted(text)}{extra}];")
    lines += [f"  {drawing.id(a)} -> {drawing.id(b)} [style=dashed];" for a, b in parts(model)]
    for construct, item, name, reflective in drawing.items() if items else ():
        lines.append(f"  {item} [shape=box, label={_quoted(name)}];")
        ends = (construct, item) if reflective else (item, construct)
        lines.append(f"  {ends[0]} -> {ends[1]} [color=gray];")
    return "\n".join([*lines, "}"])


def mermaid(model: Model, coefficients: Coefficients | None = None, language: str = "en", items: bool = False) -> str:
    """Write a model in Mermaid, which GitHub, GitLab and JupyterLab draw.

    Parameters are those of `dot`.

    Examples
    --------
    >>> model = Model("m", {"a": ["a1"], "b": ["b1"]}, {"a": ["b"]}, index="b")
    >>> print(mermaid(model, {("a", "b"): 0.5}))
    flowchart LR
      n1(["a"])
      n2(["b"])
      n1 -->|"0.500"| n2
      style n2 stroke-width:3px
    """
    drawing = _Drawing(model, coefficients, language)
    lines = ["flowchart LR"]
    lines += [f'  {drawing.id(node)}(["{_entities(drawing.label(node))}"])' for node in drawing.nodes]
    for cause, effect, text, assumed in drawing.arrows():
        arrow = "-.->" if assumed else "-->"
        said = f'|"{_entities(text)}"|' if text else ""
        lines.append(f"  {drawing.id(cause)} {arrow}{said} {drawing.id(effect)}")
    lines += [f"  {drawing.id(a)} ==> {drawing.id(b)}" for a, b in parts(model)]
    for construct, item, name, reflective in drawing.items() if items else ():
        lines.append(f'  {item}["{_entities(name)}"]')
        lines.append(f"  {construct} --> {item}" if reflective else f"  {item} --> {construct}")
    if model.index:
        lines.append(f"  style {drawing.id(model.index)} stroke-width:3px")
    return "\n".join(lines)


def tikz(
    model: Model,
    coefficients: Coefficients | None = None,
    language: str = "en",
    positions: Mapping[str, Spot] | None = None,
) -> str:
    r"""Write a model as a TikZ picture (libraries `arrows.meta` and `shapes.geometric`; Chinese needs `ctex`).

    Parameters are those of `dot`; `positions` overrides the places `(column, row)`, which are those of the path
    diagram.

    Examples
    --------
    >>> model = Model("m", {"a": ["a1"], "b": ["b1"]}, {"a": ["b"]}, index="b")
    >>> print(tikz(model, {("a", "b"): "0.5**"}).splitlines()[-2])
      \draw[path] (n1) -- node[coefficient] {0.5$^{**}$} (n2);
    """
    drawing = _Drawing(model, coefficients, language)
    spots = place(model, positions)
    lines = [
        r"\begin{tikzpicture}[x=3.4cm, y=1.9cm,",
        r"  construct/.style={ellipse, draw, align=center, inner sep=1pt, minimum width=2.3cm, minimum height=1.1cm,",
        r"    text width=1.9cm, font=\small},",
        r"  index/.style={construct, very thick},",
        r"  path/.style={-{Stealth}, semithick}, assumed/.style={path, gray}, part/.style={path, dashed},",
        r"  coefficient/.style={fill=white, inner sep=1.5pt, font=\footnotesize}]",
    ]
    for node in drawing.nodes:
        style, (column, row) = "index" if node == model.index else "construct", spots[node]
        lines.append(
            rf"  \node[{style}] ({drawing.id(node)}) at ({column:g}, {row:g}) {{{_tex(drawing.label(node))}}};"
        )
    for cause, effect, text, assumed in drawing.arrows():
        style, said = "assumed" if assumed else "path", f" node[coefficient] {{{_tex(text)}}}" if text else ""
        lines.append(rf"  \draw[{style}] ({drawing.id(cause)}) --{said} ({drawing.id(effect)});")
    lines += [rf"  \draw[part] ({drawing.id(a)}) -- ({drawing.id(b)});" for a, b in parts(model)]
    return "\n".join([*lines, r"\end{tikzpicture}"])


def parts(model: Model) -> list[Arrow]:
    """Arrows that are no paths: from its parts to a composite of higher order, to its parts from a reflective one."""
    paths = {(path.cause, path.effect) for path in model.paths}
    found: list[Arrow] = []
    for whole, lower in model.higher.items():
        composite = model.constructs[whole].kind == "composite"
        found += [(part, whole) if composite else (whole, part) for part in lower]
    return [link for link in found if link not in paths and link[::-1] not in paths]


def place(model: Model, positions: Mapping[str, Spot] | None = None) -> dict[str, Spot]:
    """Return column and row of every construct and product: given, from the textbook, or in layers.

    Raises
    ------
    ModelError
        If a position is given for what is not in the model, or two constructs stand at the same place.
    """
    nodes = [*model.constructs, *model.products]
    for name in positions or {}:
        if name not in nodes:
            raise ModelError(f"positions: {name!r} is not a construct of {model.name!r}{suggest(name, nodes)}")
    arrows = [*((path.cause, path.effect) for path in model.paths), *parts(model)]
    found = {**places(nodes, arrows), **(positions or {})}
    if len(set(found.values())) < len(found):
        raise ModelError("two constructs stand at the same place; give them different positions")
    return found


class _Drawing:
    """What the three languages have in common: nodes with ids and labels, arrows with texts."""

    def __init__(self, model: Model, coefficients: Coefficients | None, language: str) -> None:
        self.model = model
        self.nodes = [*model.constructs, *model.products]
        self.names = model.labels(language)
        self.coefficients = None if coefficients is None else dict(coefficients)
        known = [(path.cause, path.effect) for path in model.paths]
        for arrow in self.coefficients or {}:
            if arrow not in known:
                raise ModelError(f"coefficients: {arrow!r} is not a path (cause, effect) of {model.name!r}")

    def id(self, node: str) -> str:
        return f"n{self.nodes.index(node) + 1}"

    def label(self, node: str) -> str:
        return self.names[node]

    def arrows(self) -> Iterator[tuple[str, str, str, bool]]:
        """Cause, effect, text, whether assumed."""
        for path in self.model.paths:
            said: float | str = _SIGNS[path.sign]
            if self.coefficients is not None:
                said = self.coefficients.get((path.cause, path.effect), "")
            text = said if isinstance(said, str) else f"{said:.3f}".replace("-", "−")
            yield path.cause, path.effect, text, path.status == "assumed"

    def items(self) -> Iterable[tuple[str, str, str, bool]]:
        """Id of the construct, id and name of the item, whether the item reflects the construct."""
        number = 0
        for name, construct in self.model.constructs.items():
            for item in construct.items:
                number += 1
                yield self.id(name), f"i{number}", item.name, construct.kind == "reflective"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entities(text: str) -> str:
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")


_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "²": "$^2$",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
}


def _tex(text: str) -> str:
    """Escape what TeX reads as commands, and raise the stars of a coefficient."""
    text, stars = re.fullmatch(r"(.*?)(\**)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return "".join(_TEX.get(letter, letter) for letter in text) + (f"$^{{{stars}}}$" if stars else "")
