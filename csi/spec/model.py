"""A satisfaction model: constructs, paths and the index, as one immutable word."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from csi.errors import ModelError, check_choice, listing, suggest
from csi.spec.frozen import FrozenDict
from csi.spec.words import (
    Construct,
    Covariance,
    Hypothesis,
    Item,
    ItemLike,
    Path,
    Scale,
    ScaleLike,
    check_name,
)

ConstructLike: TypeAlias = Construct | ItemLike | Iterable[ItemLike]
PathsLike: TypeAlias = Mapping[str, str | Iterable[str]] | Iterable[Path | tuple[str, str]]
CovarianceLike: TypeAlias = Covariance | tuple[str, str]


@dataclass(frozen=True, slots=True, init=False)
class Model:
    """What the researcher believes: which constructs there are, what measures them, what causes what.

    Parameters
    ----------
    name : str
        What the model is called.
    constructs : mapping of str to items
        For each construct its items: names, `Item`s or a `Construct`. The order is kept in every table.
    paths : mapping of cause to effects, or sequence of Path or (cause, effect)
        The arrows. They must not run in a circle.
    index : str, optional
        The construct whose mean 0-100 score is *the* satisfaction index. If left out and a construct is called
        "satisfaction" (in any case), it is that one; otherwise, and with `""`, the model has no index.
    scale : Scale or (low, high), optional
        The scale of every item that has none of its own.
    higher : mapping of str to constructs, optional
        Higher-order constructs and the lower-order constructs that make them up (composites; write
        `Construct(of=[...], kind="reflective")` for one that causes them).
    covariances : sequence of (first, second) or Covariance
        Residual covariances, for covariance structure models.
    extra : str
        Lines of lavaan text for defined parameters and constraints: `"ind := a*b"`.

    Raises
    ------
    ModelError
        With every contradiction at once: unknown names, a circle, an item in two constructs.

    Examples
    --------
    >>> model = Model("Mine", {"quality": ["q1", "q2"], "satisfaction": ["s1", "s2"]},
    ...               {"quality": ["satisfaction"]}, scale=(1, 10))
    >>> model
    Model('Mine': 2 constructs, 4 items, 1 path, index satisfaction)
    >>> print(model)
    #: model Mine
    #: index satisfaction
    #: scale 1..10
    quality =~ q1 + q2
    satisfaction =~ s1 + s2
    satisfaction ~ quality
    """

    #: How a notebook shows a model; words do not draw, so the front door says it.
    face: ClassVar[Callable[[Model], str] | None] = None

    name: str
    constructs: FrozenDict[str, Construct]
    paths: tuple[Path, ...]
    index: str | None
    scale: Scale | None
    covariances: tuple[Covariance, ...]
    extra: str

    def __init__(
        self,
        name: str,
        constructs: Mapping[str, ConstructLike],
        paths: PathsLike = (),
        index: str | None = None,
        scale: ScaleLike = None,
        higher: Mapping[str, Construct | Iterable[str]] | None = None,
        covariances: Iterable[CovarianceLike] = (),
        extra: str = "",
    ) -> None:
        if not isinstance(constructs, Mapping) or not constructs:
            raise ModelError("a model needs constructs: a mapping such as {'quality': ['q1', 'q2'], ...}")
        blocks = {key: block if isinstance(block, Construct) else Construct(block) for key, block in constructs.items()}
        for key, block in (higher or {}).items():
            blocks[key] = block if isinstance(block, Construct) else Construct(of=block, kind="composite")
        for key in blocks:
            check_name(key, "a construct")
        put = object.__setattr__
        put(self, "name", check_name(name, "a model"))
        put(self, "constructs", FrozenDict(blocks))
        put(self, "paths", tuple(_arrows(paths)))
        put(self, "index", _usual_index(blocks) if index is None else index or None)
        put(self, "scale", Scale.of(scale))
        put(self, "covariances", tuple(c if isinstance(c, Covariance) else Covariance(*c) for c in covariances))
        put(self, "extra", "\n".join(_extra_lines(extra)))
        problems = list(_problems(self))
        if problems:
            raise ModelError(listing(problems, f"the model {name!r} contradicts itself"))

    # -- what is in it ------------------------------------------------------------------------------

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, once, in the order of the constructs."""
        return tuple(item for construct in self.constructs.values() for item in construct.items)

    @property
    def higher(self) -> dict[str, tuple[str, ...]]:
        """Higher-order constructs and what they are made of."""
        return {name: construct.of for name, construct in self.constructs.items() if construct.of}

    @property
    def products(self) -> tuple[str, ...]:
        """Interactions and squares among the causes, such as `image:quality`."""
        return tuple(dict.fromkeys(path.cause for path in self.paths if path.cause not in self.constructs))

    def scale_of(self, item: Item) -> Scale | None:
        """The item's own scale, or the model's."""
        return item.scale if isinstance(item.scale, Scale) else self.scale

    def labels(self, language: str = "en") -> dict[str, str]:
        """Printed names of constructs, items and products in a language; the name itself where there is no label.

        Examples
        --------
        >>> Model("m", {"value": Construct(["V1"], label={"en": "Perceived value"})}).labels()
        {'value': 'Perceived value', 'V1': 'V1'}
        """
        words: list[tuple[str, Construct | Item]] = [*self.constructs.items(), *((i.name, i) for i in self.items)]
        found = {name: name for name, _ in words}
        # A construct and its only item may share a name; the construct's label comes first.
        found.update((name, text) for name, word in reversed(words) if (text := label_of(word, language)))
        return found | {name: product_label(name.split(":"), found) for name in self.products}

    def hypotheses(self) -> tuple[Hypothesis, ...]:
        """Number the paths H1, H2, ... with their expected signs; `pandas.DataFrame(...)` makes a table of them.

        Examples
        --------
        >>> model = Model("m", {"a": ["a1"], "b": ["b1"]}, [Path("a", "b", sign="+")])
        >>> print(model.hypotheses()[0])
        H1: a -> b (+)
        """
        return tuple(
            Hypothesis(f"H{number}", path.cause, path.effect, path.sign or "", path.status or "")
            for number, path in enumerate(self.paths, 1)
        )

    # -- making another one -------------------------------------------------------------------------

    def replace(self, **changes: Any) -> Model:
        """Return a copy with some of the constructor's arguments changed.

        Examples
        --------
        >>> Model("m", {"a": ["a1"]}).replace(name="other").name
        'other'
        """
        names = [field.name for field in dataclasses.fields(self)]
        unknown = [key for key in changes if key not in (*names, "higher")]
        if unknown:
            raise ModelError(f"a model has no {unknown[0]!r}{suggest(unknown[0], names)}; it has {', '.join(names)}")
        kept = {name: getattr(self, name) for name in names}
        # None would mean "the usual one"; a model without an index stays without.
        return Model(**{**kept, "index": self.index or "", **changes})

    def without(self, *names: str) -> Model:
        """Return the model without some constructs or items, and without the paths that touched them.

        Raises
        ------
        ModelError
            If a name is unknown, a construct would lose its last item, or the index would go.

        Examples
        --------
        >>> model = Model("m", {"a": ["a1", "a2"], "b": ["b1"]}, [("a", "b")])
        >>> model.without("b", "a2")
        Model('m': 1 construct, 1 item, 0 paths, no index)
        """
        known = [*self.constructs, *(item.name for item in self.items)]
        for name in names:
            if name not in known:
                raise ModelError(f"{name!r} is neither a construct nor an item of {self.name!r}{suggest(name, known)}")
        gone = set(names)
        if self.index in gone:
            raise ModelError(
                f"{self.index!r} is the index of {self.name!r}; choose another first, or none:"
                f" model.replace(index='').without({self.index!r})"
            )
        kept = {key: _without_items(key, block, gone) for key, block in self.constructs.items() if key not in gone}
        left = [path for path in self.paths if not gone & {path.effect, *path.cause.split(":")}]
        pairs = [c for c in self.covariances if not gone & {c.first, c.second}]
        return self.replace(constructs=kept, paths=left, covariances=pairs)

    def rename(self, names: Mapping[str, str]) -> Model:
        """Return the model with constructs or items called by other names (labels stay).

        Raises
        ------
        ModelError
            If a name is unknown, or two would be called the same.

        Examples
        --------
        >>> Model("m", {"a": ["a1"], "b": ["b1"]}, [("a", "b")]).rename({"b": "result"}).paths
        (Path('a', 'result'),)
        """
        known = [*self.constructs, *(item.name for item in self.items)]
        for name in names:
            if name not in known:
                raise ModelError(f"{name!r} is neither a construct nor an item of {self.name!r}{suggest(name, known)}")
        return _renamed(self, names, names)

    def translate(self, language: str) -> Model:
        """Return the model with its constructs named by their labels in a language (items keep their columns).

        Examples
        --------
        >>> import csi
        >>> list(csi.models.scsb().translate("zh").constructs)
        ['顾客期望', '感知绩效', '顾客满意度', '顾客抱怨', '顾客忠诚']
        """
        return _renamed(self, {key: label_of(block, language) or key for key, block in self.constructs.items()}, {})

    # -- text ---------------------------------------------------------------------------------------

    @classmethod
    def parse(cls, text: str, name: str | None = None, index: str | None = None, scale: ScaleLike = None) -> Model:
        r"""Read a model from lavaan's text form; `Model.parse(str(model)) == model`.

        Parameters
        ----------
        text : str
            Lines such as `quality =~ q1 + q2`, `value <~ v1 + v2`, `satisfaction ~ quality + value`. Comment lines
            that begin with `#:` carry what lavaan has no words for (index, scale, labels).
        name, index, scale
            Override what the text says.

        Raises
        ------
        ModelError
            Naming the line and what would be right.

        Examples
        --------
        >>> Model.parse("quality =~ q1 + q2\nsatisfaction =~ s1 + s2\nsatisfaction ~ quality")
        Model('model': 2 constructs, 4 items, 1 path, index satisfaction)
        """
        from csi.spec.parse import parse

        read = parse(text)
        said = {"name": name, "index": index, "scale": scale}
        return cls(**{**read, **{key: value for key, value in said.items() if value is not None}})

    def to(self, form: Literal["text", "lavaan", "dot", "mermaid", "tikz"] = "lavaan", language: str = "en") -> str:
        r"""Write the model as text.

        Parameters
        ----------
        form : {"text", "lavaan", "dot", "mermaid", "tikz"}
            With our `#:` lines, without them, or as a graph for Graphviz, Mermaid or TikZ.
        language : {"en", "zh"}
            Of the labels in a graph.

        Examples
        --------
        >>> import csi
        >>> model = csi.Model.parse("quality =~ q1 + q2\nsatisfaction =~ s1 + s2\nsatisfaction ~ quality")
        >>> print(model.to("lavaan"))
        quality =~ q1 + q2
        satisfaction =~ s1 + s2
        satisfaction ~ quality
        """
        from csi.spec import graphs
        from csi.spec.write import write

        check_choice(form, "form", ("text", "lavaan", "dot", "mermaid", "tikz"))
        if form == "dot":
            return graphs.dot(self, language=language)
        if form == "mermaid":
            return graphs.mermaid(self, language=language)
        if form == "tikz":
            return graphs.tikz(self, language=language)
        return write(self, directives=form == "text")

    def _repr_html_(self) -> str | None:
        """Show the face that the front door gave to models, or nothing, so that a notebook prints the text."""
        return None if Model.face is None else Model.face(self)

    def __str__(self) -> str:
        return self.to("text")

    def __repr__(self) -> str:
        def count(n: int, word: str) -> str:
            return f"{n} {word}" + ("" if n == 1 else "s")

        counts = [
            count(len(self.constructs), "construct"),
            count(len(self.items), "item"),
            count(len(self.paths), "path"),
        ]
        return f"Model({self.name!r}: {', '.join(counts)}, {'index ' + self.index if self.index else 'no index'})"


def _arrows(paths: PathsLike) -> Iterable[Path]:
    """Read both ways of saying arrows."""
    if isinstance(paths, Mapping):
        for cause, effects in paths.items():
            for effect in [effects] if isinstance(effects, str) else effects:
                yield Path(cause, effect)
        return
    for path in paths:
        if isinstance(path, Path):
            yield path
        elif isinstance(path, (tuple, list)) and len(path) == 2:
            yield Path(*path)
        else:
            raise ModelError(f"a path is a pair (cause, effect) or a Path; not {path!r}")


def _usual_index(constructs: Mapping[str, Construct]) -> str | None:
    """Satisfaction is the index unless something else is said."""
    usual = [name for name in constructs if name.casefold() in ("satisfaction", "顾客满意", "顾客满意度", "客户满意度")]
    return usual[0] if len(usual) == 1 else None


def _without_items(name: str, block: Construct, gone: set[str]) -> Construct:
    items = [item for item in block.items if item.name not in gone]
    of = [lower for lower in block.of if lower not in gone]
    if not items and not of:
        raise ModelError(
            f"construct {name!r} would be left with nothing to measure it; leave out {name!r} itself instead"
        )
    return Construct(items, block.kind, block.label, of)


def label_of(word: Construct | Item, language: str) -> str | None:
    """Read a word's label in a language."""
    return word.label.get(language) if isinstance(word.label, Mapping) else None


def product_label(parts: list[str], labels: Mapping[str, str]) -> str:
    """Write a product as `Image × Quality`, a square as `Quality²`."""
    printed = [labels.get(part, part) for part in parts]
    return f"{printed[0]}²" if len(parts) == 2 and parts[0] == parts[1] else " × ".join(printed)


def _extra_lines(extra: str) -> Iterable[str]:
    """Read `ind:=a*b; a==b` into lines with one way of spacing, so that the text form gives them back."""
    for line in re.split(r"[\n;]", re.sub(r"[#!].*", "", extra)):
        if line.strip():
            match = re.fullmatch(r"([^=:]*\w\s*)(:=|==)([^=:]*[\w)])", line.strip())
            if match is None:
                raise ModelError(f"extra takes lines such as 'ind := a*b' or 'a == b'; not {line.strip()!r}")
            yield " ".join(part.strip() for part in match.groups())


def _renamed(model: Model, constructs: Mapping[str, str], items: Mapping[str, str]) -> Model:
    """Call constructs and items by other names, wherever they are spoken of."""

    def new(name: str) -> str:
        if name in model.constructs:
            return constructs.get(name, name)
        return ":".join(constructs.get(part, part) for part in name.split(":"))

    def member(name: str) -> str:
        return new(name) if name in model.constructs else items.get(name, name)

    blocks = [(new(key), _renamed_block(block, new, items)) for key, block in model.constructs.items()]
    twice = [name for name, count in Counter(name for name, _ in blocks).items() if count > 1]
    if twice:
        raise ModelError(f"two constructs of {model.name!r} would be called {twice[0]!r}; names must differ")
    return model.replace(
        constructs=dict(blocks),
        paths=[dataclasses.replace(p, cause=new(p.cause), effect=new(p.effect)) for p in model.paths],
        covariances=[dataclasses.replace(c, first=member(c.first), second=member(c.second)) for c in model.covariances],
        index=new(model.index) if model.index else "",
    )


def _renamed_block(block: Construct, new: Callable[[str], str], items: Mapping[str, str]) -> Construct:
    renamed = [dataclasses.replace(item, name=items.get(item.name, item.name)) for item in block.items]
    return Construct(renamed, block.kind, block.label, [new(lower) for lower in block.of])


# -- contradictions -------------------------------------------------------------------------------------


def _problems(model: Model) -> Iterable[str]:
    """Every contradiction of a model, in words."""
    yield from _name_problems(model)
    yield from _path_problems(model)
    if model.index is not None and model.index not in model.constructs:
        yield f"the index {model.index!r} is not a construct{suggest(model.index, model.constructs)}"
    for name, lower in model.higher.items():
        for member in lower:
            if member not in model.constructs:
                yield f"{name!r} is made of {member!r}, which is not a construct{suggest(member, model.constructs)}"
            if member == name:
                yield f"{name!r} is made of itself"
    words = [*model.constructs, *(item.name for item in model.items)]
    for pair in model.covariances:
        for member in (pair.first, pair.second):
            if member not in words:
                yield f"covariance of {pair.first!r} and {pair.second!r}: {member!r} is unknown{suggest(member, words)}"


def _name_problems(model: Model) -> Iterable[str]:
    owners: dict[str, list[str]] = {}
    for name, construct in model.constructs.items():
        for item in construct.items:
            owners.setdefault(item.name, []).append(name)
    for item_name, names in owners.items():
        if len(names) > 1:
            where = " and ".join(map(repr, dict.fromkeys(names)))
            yield (
                f"item {item_name!r} stands {len(names)} times, in {where}; an item belongs to one construct"
                " (a second-order construct is said by higher={...})"
            )
        if item_name in model.constructs and [i.name for i in model.constructs[item_name].items] != [item_name]:
            yield (
                f"{item_name!r} is the name of a construct and of an item;"
                " only a construct and its single item may share a name"
            )


def _path_problems(model: Model) -> Iterable[str]:
    seen: set[tuple[str, str]] = set()
    for path in model.paths:
        parts = [path.cause] if path.cause in model.constructs else path.cause.split(":")
        for name in (*parts, path.effect):
            if name not in model.constructs:
                hint = suggest(name, model.constructs)
                yield f"path {path.cause} -> {path.effect}: {name!r} is not a construct{hint}"
        if path.effect in parts:
            yield f"path {path.cause} -> {path.effect} leads a construct to itself"
        if (path.cause, path.effect) in seen:
            yield f"path {path.cause} -> {path.effect} is said twice"
        seen.add((path.cause, path.effect))
    circle = find_circle(list(model.constructs), _all_arrows(model))
    if circle:
        yield f"the paths run in a circle: {' -> '.join(circle)}; PLS and the catalogue need an order of causes"


def _all_arrows(model: Model) -> Iterable[tuple[str, str]]:
    """Arrows of paths, of the parts of products, and between constructs of higher and of lower order."""
    for path in model.paths:
        for part in [path.cause] if path.cause in model.constructs else path.cause.split(":"):
            yield part, path.effect
    for name, construct in model.constructs.items():
        for lower in construct.of:
            yield (lower, name) if construct.kind == "composite" else (name, lower)


def find_circle(names: list[str], arrows: Iterable[tuple[str, str]]) -> list[str]:
    """Return one circle of arrows, first name repeated at the end, or an empty list.

    Examples
    --------
    >>> find_circle(["a", "b"], [("a", "b"), ("b", "a")])
    ['a', 'b', 'a']
    """
    effects: dict[str, list[str]] = {name: [] for name in names}
    for cause, effect in arrows:
        if cause != effect and cause in effects and effect in effects:
            effects[cause].append(effect)
    done: set[str] = set()

    def visit(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return [*trail[trail.index(name) :], name]
        if name in done:
            return []
        found = next((c for effect in effects[name] if (c := visit(effect, [*trail, name]))), [])
        done.add(name)
        return found

    return next((circle for name in names if (circle := visit(name, []))), [])
