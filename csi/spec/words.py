"""The words of a satisfaction model: scales, items, constructs, paths. Frozen, without data, without arrays."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Literal, TypeAlias, get_args

from csi.errors import ModelError, check_choice
from csi.spec.frozen import FrozenDict

Kind: TypeAlias = Literal["reflective", "composite"]
Sign: TypeAlias = Literal["+", "-", "+/-"]
Status: TypeAlias = Literal["published", "reported", "assumed"]
Labels: TypeAlias = Mapping[str, str]
#: `a` (a name, shared by equal coefficients) or `0.5` (fixed) before a term, as in lavaan.
Coefficient: TypeAlias = str | float | None


def check_name(name: object, what: str) -> str:
    """Return the name if any text form can carry it."""
    if not isinstance(name, str) or not name.strip():
        raise ModelError(f"the name of {what} must be a text that is not empty; not {name!r}")
    if name != name.strip() or "`" in name or not is_one_line(name):
        raise ModelError(
            f"the name {name!r} must not begin or end with a blank, nor contain a backtick or a line break"
        )
    return name


def is_one_line(text: str) -> bool:
    """Whether a text keeps to one line by every line break that Unicode knows."""
    return len(text.splitlines()) == 1


def check_coefficient(value: Coefficient) -> Coefficient:
    """Return a label or a fixed value if the text form can carry it."""
    if value is None:
        return None
    if isinstance(value, str):
        if re.fullmatch(r"[^\W\d][\w.]*", value) and value not in ("NA", "start", "equal"):
            return value
    elif is_number(value) and not isinstance(value, bool):
        return _plain(value)
    raise ModelError(
        f"a coefficient is a plain name such as 'a' (equal names, equal values) or a number; not {value!r}"
    )


def is_number(value: object) -> bool:
    """Whether a value is a finite real number, numpy's own kinds among them."""
    return isinstance(value, Real) and math.isfinite(value)


def _plain(value: float) -> float:
    """Turn numpy's kinds of numbers into Python's."""
    return int(value) if float(value).is_integer() else float(value)


def _labels(label: str | Labels | None) -> FrozenDict[str, str]:
    """Turn a bare text into an English label; a mapping is language -> text."""
    if label is None:
        return FrozenDict()
    pairs = {"en": label} if isinstance(label, str) else dict(label)
    for language, text in pairs.items():
        written = isinstance(text, str) and text.strip() and is_one_line(text)
        if not written or not re.fullmatch(r"[A-Za-z-]+", str(language)):
            raise ModelError(
                f"a label maps a language code to one line of text, such as {{'zh': '满意度'}}; not {pairs!r}"
            )
    return FrozenDict({language: text.strip() for language, text in pairs.items()})


def number_text(value: float) -> str:
    """Write a number as a person would: `1`, not `1.0`."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


@dataclass(frozen=True, slots=True)
class Scale:
    """The answers an item allows, from the least to the most favourable code.

    Parameters
    ----------
    low, high : float
        The codes that become 0 and 100 on the index scale.

    Examples
    --------
    >>> Scale(1, 10)
    Scale(1, 10)
    >>> Scale(1, 5).width
    4
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        ends = (self.low, self.high)
        if not all(is_number(end) for end in ends) or self.low >= self.high:
            raise ModelError(
                f"a scale runs from a low to a higher code, such as (1, 10); not {ends!r}."
                " For an item where the highest code is the worst answer, keep the scale and say reversed=True"
            )
        object.__setattr__(self, "low", _plain(self.low))
        object.__setattr__(self, "high", _plain(self.high))

    @classmethod
    def of(cls, value: Scale | tuple[float, float] | None) -> Scale | None:
        """Read `(1, 10)` or a Scale."""
        if value is None or isinstance(value, Scale):
            return value
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            raise ModelError(f"a scale is a pair of codes, such as (1, 10); not {value!r}")
        return cls(*value)

    @property
    def width(self) -> float:
        """Distance between the two ends, in codes."""
        return self.high - self.low

    def __repr__(self) -> str:
        return f"Scale({number_text(self.low)}, {number_text(self.high)})"


ScaleLike: TypeAlias = Scale | tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Item:
    """One question, which is one column of answers.

    Parameters
    ----------
    name : str
        The column.
    scale : Scale or (low, high), optional
        The codes of the answers; the model's scale if left out.
    reversed : bool
        Whether the highest code is the least favourable answer.
    unknown : tuple of float
        Codes for "do not know" or "no answer", such as `(98, 99)`; they count as missing.
    label : str or mapping of language to text, optional
        The question as it is printed.
    loading : str or float, optional
        A name (equal names, equal loadings) or a fixed value, for covariance structure models.

    Examples
    --------
    >>> Item("S2", scale=(1, 5), reversed=True, unknown=(98, 99))
    Item('S2', scale=Scale(1, 5), reversed=True, unknown=(98, 99))
    """

    name: str
    scale: ScaleLike = None
    reversed: bool = False
    unknown: tuple[float, ...] = ()
    label: str | Labels | None = None
    loading: Coefficient = None

    def __post_init__(self) -> None:
        check_name(self.name, "an item")
        codes = self.unknown if isinstance(self.unknown, (tuple, list)) else (self.unknown,)
        if not all(is_number(code) for code in codes):
            raise ModelError(
                f"unknown codes of item {self.name!r} must be numbers, such as (98, 99); not {self.unknown!r}"
            )
        object.__setattr__(self, "scale", Scale.of(self.scale))
        object.__setattr__(self, "unknown", tuple(_plain(code) for code in codes))
        object.__setattr__(self, "loading", check_coefficient(self.loading))
        object.__setattr__(self, "label", _labels(self.label))

    def __repr__(self) -> str:
        return _short_repr(self, ("scale", "reversed", "unknown", "label", "loading"))


ItemLike: TypeAlias = Item | str


def items(stem: str, n: int, *, start: int = 1, scale: ScaleLike = None) -> tuple[Item, ...]:
    """Name a numbered run of items: `items("PERQ", 7)` is PERQ1 to PERQ7.

    Parameters
    ----------
    stem : str
        What stands before the number.
    n : int
        How many items.
    start : int
        The first number.
    scale : Scale or (low, high), optional
        Common scale.

    Returns
    -------
    tuple of Item

    Raises
    ------
    ModelError
        If `n` is not a positive whole number.

    Examples
    --------
    >>> [item.name for item in items("PERV", 2)]
    ['PERV1', 'PERV2']
    """
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ModelError(f"items({stem!r}, n) needs a positive whole number of items; not {n!r}")
    return tuple(Item(f"{stem}{number}", scale=scale) for number in range(start, start + n))


@dataclass(frozen=True, slots=True)
class Construct:
    """A thing measured by items, or (a higher-order construct) by other constructs.

    Parameters
    ----------
    items : sequence of str or Item
        Its columns; empty for a higher-order construct.
    kind : {"reflective", "composite"}
        Whether the items reflect the construct or make it up. PLS weights both by mode A unless its
        setting `modes` says otherwise; PLSc and covariance structure models treat them differently.
    label : str or mapping of language to text, optional
        The name as it is printed, `{"en": "Value", "zh": "感知价值"}`.
    of : sequence of str
        The lower-order constructs of a higher-order construct.

    Examples
    --------
    >>> Construct(["V1", "V2"], kind="composite", label={"en": "Value"})
    Construct(['V1', 'V2'], kind='composite', label={'en': 'Value'})
    """

    items: tuple[Item, ...] = ()
    kind: Kind = "reflective"
    label: str | Labels | None = None
    of: tuple[str, ...] = ()

    def __init__(
        self,
        items: ItemLike | Iterable[ItemLike] = (),
        kind: Kind = "reflective",
        label: str | Labels | None = None,
        of: Iterable[str] = (),
    ) -> None:
        if not isinstance(items, Iterable) and not isinstance(items, Item):
            raise ModelError(f"the items of a construct are names or Items, such as ['q1', 'q2']; not {items!r}")
        listed = [items] if isinstance(items, (str, Item)) else list(items)
        members = [of] if isinstance(of, str) else list(of)
        check_choice(kind, "kind", get_args(Kind))
        object.__setattr__(self, "items", tuple(item if isinstance(item, Item) else Item(item) for item in listed))
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "label", _labels(label))
        object.__setattr__(self, "of", tuple(check_name(member, "a lower-order construct") for member in members))
        if bool(self.items) == bool(self.of):
            raise ModelError(
                "a construct is measured by items or, if it is of higher order, by constructs (of=[...]); give one"
            )

    def __repr__(self) -> str:
        plain = all(item == Item(item.name) for item in self.items)
        shown = [item.name for item in self.items] if plain else list(self.items)
        rest = _short_repr(self, ("kind", "label", "of"), first=repr(shown) if self.items else "")
        return rest


@dataclass(frozen=True, slots=True)
class Path:
    """An arrow between constructs, with what the literature says of it.

    Parameters
    ----------
    cause, effect : str
        Names of constructs; `cause` may be a product such as `"image:quality"`.
    sign : {"+", "-", "+/-"}, optional
        The sign that theory expects.
    status : {"published", "reported", "assumed"}, optional
        How sure it is that the arrow belongs to the model as published.
    source : str
        Where it is published.
    coefficient : str or float, optional
        A name (equal names, equal paths) or a fixed value, for covariance structure models.

    Examples
    --------
    >>> Path("quality", "satisfaction", sign="+")
    Path('quality', 'satisfaction', sign='+')
    """

    cause: str
    effect: str
    sign: Sign | None = None
    status: Status | None = None
    source: str = ""
    coefficient: Coefficient = None

    def __post_init__(self) -> None:
        check_name(self.cause, "a cause")
        check_name(self.effect, "an effect")
        if self.sign is not None:
            check_choice(self.sign, "sign", get_args(Sign))
        if self.status is not None:
            check_choice(self.status, "status", get_args(Status))
        object.__setattr__(self, "source", " ".join(self.source.split()))
        object.__setattr__(self, "coefficient", check_coefficient(self.coefficient))

    def __repr__(self) -> str:
        pair = f"{self.cause!r}, {self.effect!r}"
        return _short_repr(self, ("sign", "status", "source", "coefficient"), first=pair)


@dataclass(frozen=True, slots=True)
class Covariance:
    """Two items (or constructs) whose residuals covary, or one whose residual variance is named or fixed."""

    first: str
    second: str
    coefficient: Coefficient = None

    def __post_init__(self) -> None:
        check_name(self.first, "a covariance")
        check_name(self.second, "a covariance")
        object.__setattr__(self, "coefficient", check_coefficient(self.coefficient))

    def __repr__(self) -> str:
        return _short_repr(self, ("coefficient",), first=f"{self.first!r}, {self.second!r}")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One line of the hypothesis table: `H3: quality -> satisfaction (+)`."""

    hypothesis: str
    cause: str
    effect: str
    sign: str = field(default="")
    status: str = field(default="")

    def __str__(self) -> str:
        return f"{self.hypothesis}: {self.cause} -> {self.effect}" + (f" ({self.sign})" if self.sign else "")


def _short_repr(word: object, options: tuple[str, ...], first: str | None = None) -> str:
    """Show a word as the call that makes it, leaving out what was left at its default."""
    opening = repr(getattr(word, "name", "")) if first is None else first
    said = [f"{name}={getattr(word, name)!r}" for name in options if _is_said(word, name)]
    return f"{type(word).__name__}({', '.join(part for part in [opening, *said] if part)})"


def _is_said(word: object, name: str) -> bool:
    value = getattr(word, name)
    # A coefficient fixed at 0 is said, though 0 equals False.
    return value is not None and value is not False and value not in ((), "", "reflective", FrozenDict())
