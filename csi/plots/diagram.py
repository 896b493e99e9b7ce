"""The path diagram: ovals with R2, arrows with coefficients and stars, the items if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, FancyArrowPatch, Rectangle
from matplotlib.path import Path as Outline

from csi.display.numbers import STARS, Language, number, stars, stars_note
from csi.display.words import check_language, word
from csi.errors import SettingsError, check_choice, suggest
from csi.plots import style
from csi.plots.inputs import Numbers, ask, labels_of, need_model
from csi.plots.scene import Scene, arrange
from csi.plots.shapes import Curve, oval_around
from csi.plots.texts import ScaledText, width, wrap, wrap_round
from csi.spec import Model
from csi.spec.graphs import parts, place

Arrow = tuple[str, str]
Positions = Mapping[str, tuple[float, float]]

_LINE = 1.28
_ASSUMED = "#9a9a9a"
"""Colour of an arrow that is assumed, not published."""


def diagram(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    paths: Numbers | None = None,
    r2: Numbers | None = None,
    items: Literal["none", "names", "labels"] = "none",
    loadings: Numbers | None = None,
    arrows: Literal["coefficients", "hypotheses", "signs", "none"] | None = None,
    positions: Positions | None = None,
    labels: Mapping[str, str] | None = None,
    decimals: int = 3,
    note: bool = True,
    font: style.Font | None = None,
    fontsize: float = style.SIZE,
) -> Axes:
    """Draw a model as ovals and arrows, with its estimates if it has been fitted.

    Parameters
    ----------
    source : Model or fit
        A fit is asked for `paths()`, `r2()` and, with items, `loadings()`.
    ax : Axes, optional
        Where to draw; a figure of the natural size if left out. The drawing keeps its proportions in any axes, so
        texts that were apart stay apart.
    language : {"en", "zh"}
        Of the labels and of the note.
    paths : DataFrame, Series or mapping, optional
        Rows `(cause, effect)`; column `estimate`, and `p_value` or `conf_low, conf_high` for stars and dashes.
    r2 : DataFrame, Series or mapping, optional
        Rows construct; column `r2` or `estimate`.
    items : {"none", "names", "labels"}
        Whether the items are drawn, and by what they are called.
    loadings : DataFrame, Series or mapping, optional
        Rows `(construct, item)` or item; printed in the boxes.
    arrows : {"coefficients", "hypotheses", "signs", "none"}, optional
        What stands on the arrows; coefficients where there are any, otherwise the expected signs.
    positions : mapping of construct to (column, row), optional
        Overrides the places of some or all constructs; columns count from the left, rows from the bottom.
    labels : mapping of str to str, optional
        Overrides printed names.
    decimals : int
        Of coefficients, R2 and loadings.
    note : bool
        Whether a line below explains stars, dashes and grey arrows.
    font, fontsize
        See `csi.plots.style.families`; points in the natural size.

    Returns
    -------
    Axes

    Raises
    ------
    SettingsError
        For an unknown setting or arrow, or a font that is not installed.
    ModelError
        For the position of an unknown construct, or two constructs at the same place.

    Notes
    -----
    Models of the catalogue stand as in their publications (and so do models with the same constructs); any other in
    layers, causes left of effects (Sugiyama, Tagawa and Toda, 1981). A dashed arrow is not significant at 5 %, a grey
    one is `assumed`; the width of an arrow grows with its coefficient.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> model = Model("m", {"quality": ["q1"], "value": ["v1"]}, {"quality": ["value"]})
    >>> ax = diagram(model, Figure().add_subplot(), paths={("quality", "value"): -0.5})
    >>> [text.get_text() for text in ax.texts]
    ['−0.500', 'quality', 'value']
    """
    check_language(language)
    check_choice(items, "items", ("none", "names", "labels"))
    model = need_model(source)
    content = _Content(
        model=model,
        names=labels_of(model, language, _known(labels or {}, model)),
        paths=_path_table(ask(source, "paths", paths), model, drawn=paths is not None),
        r2=ask(source, "r2", r2),
        loadings=ask(source, "loadings", loadings) if items != "none" else None,
        items=items,
        arrows=arrows,
        decimals=decimals,
        language=language,
    )
    faces = style.families(font)
    scene = _layout(content, positions, fontsize, faces)
    lines = _note(content, scene, faces, fontsize) if note else []
    target = ax if ax is not None else _figure(scene, len(lines), fontsize)
    with style.canvas(target, font) as canvas:
        _prepare(canvas, scene, len(lines), fontsize)
        _Painter(canvas, content, scene, fontsize, faces).paint(lines)
    return target


@dataclass(frozen=True)
class _Content:
    """What is to be said, before it has a place."""

    model: Model
    names: Mapping[str, str]
    paths: pd.DataFrame | None
    r2: pd.DataFrame | None
    loadings: pd.DataFrame | None
    items: str
    arrows: str | None
    decimals: int
    language: Language

    def __post_init__(self) -> None:
        said = "coefficients" if self.paths is not None else "signs"
        check_choice(self.arrows or said, "arrows", ("coefficients", "hypotheses", "signs", "none"))
        object.__setattr__(self, "arrows", self.arrows or said)

    @property
    def nodes(self) -> list[str]:
        """Constructs, then products among the causes."""
        return [*self.model.constructs, *self.model.products]

    def title(self, node: str) -> str:
        """Printed name of a construct, or of a product of constructs."""
        return self.names[node]

    def lines(self, node: str) -> list[str]:
        """The printed name, broken to fit an oval."""
        return wrap_round(self.title(node), more=1 if self.fraction(node) else 0)

    def fraction(self, node: str) -> str:
        """The line with R2, empty where there is none."""
        if self.r2 is None or node not in self.r2.index:
            return ""
        measure = next((c for c in ("r2", "estimate") if c in self.r2.columns), None)
        if measure is None:
            raise SettingsError(f"the table of R2 has no column 'r2' or 'estimate'; it has {list(self.r2.columns)}")
        text = number(float(self.r2[measure].astype(float)[node]), self.decimals)
        return f"R² = {text}" if text else ""

    def on_arrow(self, place: int) -> str:
        """What stands on the arrow of a path."""
        path = self.model.paths[place]
        if self.arrows == "coefficients" and self.paths is not None:
            row = self.paths.iloc[place]
            text = number(float(row["estimate"]), self.decimals)
            return text + (stars(float(row.get("p_value", np.nan))) if text else "")
        sign = {"+": "+", "-": "−", "+/-": "±", None: ""}[path.sign]
        if self.arrows == "hypotheses":
            return f"H{place + 1}" + (f" ({sign})" if sign else "")
        return sign if self.arrows == "signs" else ""

    def significant(self, place: int) -> bool | None:
        """Whether a path differs from zero at 5 per cent; None where nothing is known."""
        if self.paths is None or self.arrows != "coefficients":
            return None
        row = self.paths.iloc[place]
        if pd.notna(row.get("p_value", np.nan)):
            return bool(row["p_value"] < 0.05)
        if pd.notna(row.get("conf_low", np.nan)) and pd.notna(row.get("conf_high", np.nan)):
            return bool(row["conf_low"] > 0 or row["conf_high"] < 0)
        return None

    def item_text(self, construct: str, item: str) -> tuple[str, str]:
        """Printed name of an item and its loading."""
        name = self.names.get(item, item) if self.items == "labels" else item
        if self.loadings is None:
            return name, ""
        column = "estimate" if "estimate" in self.loadings.columns else self.loadings.columns[0]
        values = self.loadings[column].astype(float).to_dict()
        return name, number(values.get((construct, item), values.get(item, np.nan)), self.decimals)


def _known(labels: Mapping[str, str], model: Model) -> Mapping[str, str]:
    known = [*model.constructs, *model.products, *(item.name for item in model.items)]
    for name in labels:
        if name not in known:
            raise SettingsError(f"labels: {name!r} is neither a construct nor an item{suggest(name, known)}")
    return labels


def _path_table(found: pd.DataFrame | None, model: Model, drawn: bool) -> pd.DataFrame | None:
    """Bring the rows into the order of the model's paths; a path without a row is NaN.

    Rows of a given table (`drawn`) must be paths; those of a fit that are none, controls among them, are left out.
    """
    if found is None:
        return None
    arrows = [(path.cause, path.effect) for path in model.paths]
    rows = [tuple(row) if isinstance(row, tuple) else (row,) for row in found.index]
    if any(len(row) > 2 for row in rows):
        raise SettingsError("these paths belong to several groups; draw one group, such as fit['2024']")
    for row in rows:
        if drawn and row not in arrows:
            known = [f"{a} -> {b}" for a, b in arrows]
            said = " -> ".join(map(str, row))
            raise SettingsError(f"{said!r} is not a path of {model.name!r}{suggest(said, known)}")
    if "estimate" not in found.columns:
        raise SettingsError(f"the table of paths has no column 'estimate'; it has {list(found.columns)}")
    table = found.copy()
    table.index = pd.MultiIndex.from_tuples(rows)
    return table.reindex(pd.MultiIndex.from_tuples(arrows))


# -- layout ---------------------------------------------------------------------------------------------


def _layout(content: _Content, positions: Positions | None, size: float, faces: list[str]) -> Scene:
    small = size * style.SMALL / style.SIZE
    sizes = [_node_lines(content, node, size, faces) for node in content.nodes]
    # All ovals are alike: the eye compares arrows, not the lengths of names.
    w, h = np.max([oval_around(lines) for lines in sizes], axis=0)
    ovals = {node: (float(w), float(h)) for node in content.nodes}
    texts = {(p.cause, p.effect): content.on_arrow(i) for i, p in enumerate(content.model.paths)}
    labels = {arrow: (width(text, size, faces) + 3, size * 1.15) for arrow, text in texts.items() if text}
    boxes = _item_sizes(content, small, faces) if content.items != "none" else {}
    arrows = [*texts, *parts(content.model)]
    return arrange(place(content.model, positions), arrows, ovals, labels, boxes)


def _node_lines(content: _Content, node: str, size: float, faces: list[str]) -> list[tuple[float, float]]:
    lines = [(width(line, size, faces), _LINE * size) for line in content.lines(node)]
    fraction = content.fraction(node)
    small = size * style.SMALL / style.SIZE
    return [*lines, (width(fraction, small, faces), _LINE * size)] if fraction else lines


def _item_sizes(content: _Content, small: float, faces: list[str]) -> dict[str, tuple[int, float, float]]:
    """Number, width and height of the boxes of each construct."""
    found = {}
    for name, construct in content.model.constructs.items():
        if construct.items:
            texts = [content.item_text(name, item.name) for item in construct.items]
            lines = [wrap(text, 26) for text, _ in texts]
            wide = max(width(line, small, faces) for one in lines for line in one)
            wide += max((width("     " + value, small, faces) for _, value in texts if value), default=0.0)
            high = max(len(one) for one in lines) * _LINE * small + 4
            found[name] = (len(texts), wide + 9, high)
    return found


def _figure(scene: Scene, lines: int, size: float) -> Axes:
    """Open a figure of the natural size."""
    left, bottom, right, top = scene.extent
    wide, high = right - left, top - bottom + _note_height(lines, size)
    figure = plt.figure(figsize=(wide / 72, high / 72), facecolor="white")
    return figure.add_axes((0.0, 0.0, 1.0, 1.0))


def _note_height(lines: int, size: float) -> float:
    return lines * 1.35 * size + 5 if lines else 0.0


def _prepare(ax: Axes, scene: Scene, lines: int, size: float) -> None:
    left, bottom, right, top = scene.extent
    ax.set_axis_off()
    ax.set_xlim(left, right)
    ax.set_ylim(bottom - _note_height(lines, size), top)
    ax.set_aspect("equal", anchor="C")


def _note(content: _Content, scene: Scene, faces: list[str], size: float) -> list[str]:
    """Explain stars, dashes and grey arrows, as far as there are any."""
    parts, language = [], content.language
    places = range(len(content.model.paths))
    if any("*" in content.on_arrow(i) for i in places):
        parts.append(stars_note(STARS, language))
    if any(content.significant(i) is False for i in places) and content.paths is not None:
        by_p = "p_value" in content.paths.columns
        limit = "0.05" if language == "zh" else ".05"
        parts.append(word("dashed", language, limit=limit) if by_p else word("dashed_interval", language))
    if any(path.status == "assumed" for path in content.model.paths):
        parts.append(word("assumed", language))
    left, _, right, _ = scene.extent
    return _fill(parts, "；" if language == "zh" else "; ", right - left, size * style.SMALL / style.SIZE, faces)


def _fill(parts: list[str], joint: str, room: float, size: float, faces: list[str]) -> list[str]:
    lines: list[str] = []
    for part in parts:
        if lines and width(lines[-1] + joint + part, size, faces) < room - 8:
            lines[-1] += joint + part
        else:
            lines.append(part)
    return lines


# -- drawing --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Painter:
    """Puts a scene on an axes."""

    ax: Axes
    content: _Content
    scene: Scene
    size: float
    faces: list[str]

    @property
    def small(self) -> float:
        return self.size * style.SMALL / style.SIZE

    def paint(self, note: list[str]) -> None:
        for i, path in enumerate(self.content.model.paths):
            self._arrow(i, self.scene.curves[path.cause, path.effect])
        for part, whole in parts(self.content.model):
            self._line(self.scene.curves[part, whole], style.GREY, 0.8, "-", 1, f"part {part} -> {whole}")
        for node in self.content.nodes:
            self._oval(node)
        for construct in self.scene.blocks:
            self._items(construct)
        left, bottom, _, _ = self.scene.extent
        for i, line in enumerate(note):
            y = bottom - 3 - (i + 0.5) * 1.35 * self.size
            self._text(left + 4, y, line, self.small, ha="left", va="center", color="#444444")

    def _text(self, x: float, y: float, text: str, points: float, **options: Any) -> None:
        self.ax.add_artist(ScaledText(x, y, text, points, **{"fontfamily": self.faces, **options}))

    def _arrow(self, place: int, curve: Curve) -> None:
        path = self.content.model.paths[place]
        colour = _ASSUMED if path.status == "assumed" else style.DARK
        dash = (0, (4, 2.5)) if self.content.significant(place) is False else "-"
        self._line(curve, colour, self._weight(place), dash, 2, f"path {path.cause} -> {path.effect}")
        text = self.content.on_arrow(place)
        if text:
            box = self.scene.labels[path.cause, path.effect].box
            ground = Rectangle((box.x - box.w / 2, box.y - box.h / 2), box.w, box.h, color="white", lw=0, zorder=3)
            self.ax.add_patch(ground)
            ink = "#6a6a6a" if path.status == "assumed" else style.INK
            self._text(box.x, box.y, text, self.size, ha="center", va="center_baseline", color=ink, zorder=4)

    def _weight(self, place: int) -> float:
        """Line width: thicker for a larger coefficient."""
        if self.content.arrows != "coefficients" or self.content.paths is None:
            return 1.0
        estimate = abs(float(self.content.paths.iloc[place]["estimate"]))
        return 0.7 + 1.5 * min(estimate, 1.0) if np.isfinite(estimate) else 0.7

    def _line(self, curve: Curve, colour: str, weight: float, dash: Any, zorder: int, name: str) -> None:
        """Draw an arrow; its name goes into an SVG as the id of its group."""
        outline = Outline(curve.control, [Outline.MOVETO, Outline.CURVE3, Outline.CURVE3])
        head = f"-|>,head_length={0.42 + 0.02 * weight},head_width={0.17 + 0.02 * weight}"
        patch = FancyArrowPatch(
            path=outline, arrowstyle=head, mutation_scale=14, lw=weight, color=colour, zorder=zorder
        )
        patch.set_linestyle(dash)
        patch.set_joinstyle("miter")
        patch.set_gid(name)
        self.ax.add_patch(patch)

    def _oval(self, node: str) -> None:
        oval = self.scene.ovals[node]
        is_index, is_product = node == self.content.model.index, node not in self.content.model.constructs
        fill = "white" if is_product else style.LIGHT if is_index else style.PALE
        edge = Ellipse((oval.x, oval.y), oval.w, oval.h, fc=fill, ec=style.DARK, lw=1.4 if is_index else 1.0, zorder=5)
        edge.set_linestyle((0, (3, 2)) if is_product else "-")
        edge.set_gid(f"construct {node}")
        self.ax.add_patch(edge)
        lines, fraction = self.content.lines(node), self.content.fraction(node)
        step = _LINE * self.size
        middle = oval.y + step / 2 if fraction else oval.y
        self._text(oval.x, middle, "\n".join(lines), self.size, ha="center", va="center", linespacing=1.1, zorder=6)
        if fraction:
            low = oval.y - len(lines) * step / 2
            self._text(oval.x, low, fraction, self.small, ha="center", va="center", color="#333333", zorder=6)

    def _items(self, construct: str) -> None:
        block, word_of = self.scene.blocks[construct], self.content.model.constructs[construct]
        for item, box, line in zip(word_of.items, block.boxes, block.lines, strict=True):
            way = line if word_of.kind == "composite" else line[::-1]
            self._line(
                Curve(np.array([way[0], way.mean(axis=0), way[1]])), style.GREY, 0.6, "-", 1, f"item {item.name}"
            )
            corner = (box.x - box.w / 2, box.y - box.h / 2)
            self.ax.add_patch(Rectangle(corner, box.w, box.h, fc="white", ec=style.GREY, lw=0.7, zorder=5))
            self._item_text(self.content.item_text(construct, item.name), box.x, box.y, box.w)

    def _item_text(self, said: tuple[str, str], x: float, y: float, w: float) -> None:
        name, value = said
        where = (x - w / 2 + 4, "left") if value else (x, "center")
        text = "\n".join(wrap(name, 26))
        self._text(where[0], y, text, self.small, ha=where[1], va="center", linespacing=1.1, zorder=6)
        if value:
            right = x + w / 2 - 4
            self._text(right, y, value, self.small, ha="right", va="center", color=style.DARK, zorder=6)
