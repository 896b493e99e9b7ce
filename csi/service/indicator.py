"""One indicator of service performance: what it counts, in which unit, which way is better, whose it is, its target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

import numpy as np

from csi.errors import SettingsError, listing, suggest
from csi.service.clock import Clock
from csi.service.durations import limit

Kind = Literal["share", "mean", "quantile", "rate", "balance", "rubric", "repeat"]
Direction = Literal["higher", "lower", ""]


@dataclass(frozen=True)
class Target:
    """A value to be reached, from a date on.

    Parameters
    ----------
    value : float, optional
        In the indicator's unit; left out where a source names a target without a number that can be read.
    valid_from : str
        Date from which it holds, "YYYY-MM-DD"; always, if left out.
    note : str
        Where it comes from, or why it is open.

    Examples
    --------
    >>> import csi
    >>> csi.service.Target(0.85)
    Target(value=0.85, valid_from='', note='')
    """

    value: float | None = None
    valid_from: str = ""
    note: str = ""


@dataclass(frozen=True)
class Change:
    """A change to be reached: by points (added) or by per cent (of the baseline).

    Examples
    --------
    >>> from csi.service import Change
    >>> Change(0.1, "points").apply(0.75), Change(-20, "percent").undo(8.0)
    (0.85, 10.0)
    """

    amount: float
    by: Literal["points", "percent"]

    def apply(self, baseline: float) -> float:
        """What the change makes of a baseline.

        Examples
        --------
        >>> Change(0.1, "points").apply(0.75), Change(-20, "percent").apply(10.0)
        (0.85, 8.0)
        """
        return baseline + self.amount if self.by == "points" else baseline * (1 + self.amount / 100)

    def undo(self, target: float) -> float:
        """Return the baseline from which the change leads to a target."""
        return target - self.amount if self.by == "points" else target / (1 + self.amount / 100)


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """What is measured on contacts (calls, chats, complaints), and what is wanted of it.

    Parameters
    ----------
    name : str
    kind : {"share", "mean", "quantile", "rate", "balance", "rubric", "repeat"}
        Share of contacts with something; mean or quantile of a number or duration; events per exposure; share of high
        answers minus share of low ones; weighted score of several criteria on 0-100; share of contacts that are *not*
        followed by another one of the same customer within a window.
    column : str, optional
        Column of the value: 0/1 for a share or rate, a number or a duration.
    plus : tuple of str
        Columns that are added to `column`, such as after-call work to talk time.
    start, end : str, optional
        Columns of two moments, instead of `column`: the value is the time between them. A row whose `end` is blank is
        still open: it is censored at the time of measuring, never dropped.
    at_least, at_most : float, optional
        Values that count for a share, such as ratings of at least 4.
    within : float or str, optional
        A share of times within a limit, such as "24h"; with a working clock "1 working day" will do.
    yes : tuple, optional
        Values that count for a share or rate, such as ("resolved", "已解决").
    q : float
        Of a quantile.
    criteria : mapping of column to weight, optional
        Of a rubric; `scale` is the range of its grades.
    high, low : float
        Of a balance: lowest code of the high answers, highest code of the low ones.
    exposure : str, optional
        Of a rate: name of the exposure, given to `measure(exposure={...})`, and `per` what the rate is per.
    window : str, optional
        Of a repeat, such as "7d"; `same` are the columns that must agree.
    where : mapping of column to value or values, optional
        The base: only contacts with these values count.
    label, definition : mapping of language to text
    unit, owner, source, period : str
    direction : {"higher", "lower", ""}
        Which way is better.
    table : str
        Table that holds its columns; "contacts" is the one given first to `measure`.
    clock : {"calendar", "working"}
        Time on the wall, or working time by the calendar given to `measure`.
    targets : tuple of Target
    change : Change, optional
        With `baseline`, the value it starts from.
    floor : float, optional
        Value that earns nothing; attainment then runs linearly from here to the target.
    weight : float, optional
        Share in the total score.
    bands : mapping of grade to lowest attainment, optional

    Raises
    ------
    SettingsError
        Naming at once everything that does not fit the kind.

    Examples
    --------
    >>> from csi.service import Indicator, Target
    >>> csat = Indicator(name="csat", kind="share", column="rating", at_least=4,
    ...                  direction="higher", targets=(Target(0.85),))
    >>> csat.name, csat.kind
    ('csat', 'share')
    """

    name: str
    kind: Kind
    column: str | None = None
    plus: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    within: float | str | None = None
    yes: tuple[Any, ...] = ()
    q: float = 0.5
    criteria: Mapping[str, float] = field(default_factory=dict)
    scale: tuple[float, float] = (1, 5)
    high: float = 9
    low: float = 6
    exposure: str | None = None
    per: float = 1.0
    window: float | str | None = None
    same: tuple[str, ...] = ("customer",)
    where: Mapping[str, Any] = field(default_factory=dict)
    label: Mapping[str, str] = field(default_factory=dict)
    definition: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    direction: Direction = ""
    owner: str = ""
    table: str = "contacts"
    source: str = ""
    period: str = ""
    clock: Clock = "calendar"
    targets: tuple[Target, ...] = ()
    change: Change | None = None
    baseline: float | None = None
    floor: float | None = None
    weight: float | None = None
    bands: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise SettingsError(listing(problems, f"indicator {self.name!r} cannot be measured"))

    @property
    def timed(self) -> bool:
        """Whether it is about the time between two moments."""
        return self.start is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it needs."""
        own = [name for name in (self.column, *self.plus, self.start, self.end) if name]
        repeat = ["opened", *self.same] if self.kind == "repeat" else []
        return tuple(dict.fromkeys([*own, *self.criteria, *repeat, *self.where]))

    def limit(self, day: float) -> float:
        """Limit of a share of times, in seconds of its clock; `day` is the length of a working day."""
        text = str(self.within)
        for word in ("working days", "working day", "个工作日", "個工作日", "工作日"):
            if text.endswith(word):
                number = text.removesuffix(word).strip()
                days = {"": 1.0, "一": 1.0, "两": 2.0, "三": 3.0}.get(number)
                return day * (limit(number, f"within= of {self.name!r}") if days is None else days)
        return limit(self.within or "", f"within= of {self.name!r}")

    def target_at(self, moment: float) -> float | None:
        """Target that holds at a moment (seconds since 1970); the latest one where the moment is not known.

        Examples
        --------
        >>> csat = Indicator(name="csat", kind="share", column="rating", at_least=4,
        ...                  targets=(Target(0.8), Target(0.85, "2025-01-01")))
        >>> csat.target_at(1.70e9), csat.target_at(1.75e9)
        (0.8, 0.85)
        """
        dated = sorted(self.targets, key=lambda target: target.valid_from)
        valid = [each for each in dated if not each.valid_from or not _since(each.valid_from) > moment]
        if valid:
            latest = valid[-1].value
            return None if latest is None else float(latest)
        if not dated and self.change is not None and self.baseline is not None:
            return self.change.apply(self.baseline)
        return None


def _since(date: str) -> float:
    return float(np.datetime64(date, "s").astype(int))


#: Fields that a kind needs.
NEEDS: dict[str, tuple[str, ...]] = {
    "share": (), "mean": (), "quantile": (), "rate": ("exposure",), "balance": ("column",),
    "rubric": ("criteria",), "repeat": ("window",),
}  # fmt: skip


def _problems(given: Indicator) -> Iterator[str]:
    """Everything that does not fit the kind of an indicator."""
    if given.kind not in get_args(Kind):
        kinds = ", ".join(get_args(Kind))
        yield f"kind {given.kind!r} is none of {kinds}{suggest(str(given.kind), get_args(Kind))}"
        return
    for name in NEEDS[given.kind]:
        if not getattr(given, name):
            yield f"a {given.kind} needs {name}="
    if (given.start is None) != (given.end is None):
        yield "start= and end= go together"
    if given.kind in ("share", "mean", "quantile") and (given.column is None) == (given.start is None):
        yield f"a {given.kind} needs either column=, or start= and end="
    yield from _number_problems(given)
    if given.direction not in get_args(Direction):
        yield f"direction is 'higher' or 'lower'; not {given.direction!r}"
    if given.clock not in get_args(Clock):
        yield f"clock is 'calendar' or 'working'; not {given.clock!r}"


def _number_problems(given: Indicator) -> Iterator[str]:
    if given.kind == "share" and given.timed and given.within is None:
        yield "a share of times needs within=, such as '24h'"
    if given.kind == "quantile" and not 0 < given.q < 1:
        yield f"q lies between 0 and 1; not {given.q!r}"
    if given.kind == "balance" and not given.low < given.high:
        yield f"low= {given.low:g} must be below high= {given.high:g}"
    if given.kind == "rubric" and (not given.scale[0] < given.scale[1] or any(w < 0 for w in given.criteria.values())):
        yield "a rubric needs scale=(low, high) and weights that are not negative"
    for name, read in (("within", lambda: given.limit(1.0)), ("window", lambda: limit(given.window or "", "window="))):
        if getattr(given, name) is not None:
            try:
                read()
            except SettingsError as error:
                yield str(error)
    if given.weight is not None and given.weight < 0:
        yield f"weight is not negative; not {given.weight!r}"


def from_table(entry: Mapping[str, Any], name: str) -> Indicator:
    """Make an indicator from a table of a plan file.

    Raises
    ------
    SettingsError
        For an unknown field, or what does not fit.
    """
    known = {each.name for each in fields(Indicator)} | {"target"}
    strangers = [f"{key!r} is no field of an indicator{suggest(key, known)}" for key in entry if key not in known]
    if strangers:
        raise SettingsError(listing(strangers, f"indicator {name!r} cannot be read"))
    given = dict(entry)
    if "target" in given:
        given["targets"] = [given.pop("target")]
    targets = given.pop("targets", [])
    given["targets"] = tuple(Target(**each) if isinstance(each, Mapping) else Target(each) for each in targets)
    if "change" in given:
        given["change"] = Change(**given["change"])
    for key in ("yes", "same", "scale", "plus"):
        if key in given:
            given[key] = tuple(given[key])
    return Indicator(**{"name": name, **given})
