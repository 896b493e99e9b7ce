"""Telephone samples by number rules: business type, prefixes, random digits, and how long the call list must be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import SettingsError, listing
from csi.sampling.selection import PROBABILITY
from csi.sampling.sizes import round_up
from csi.sampling.terms import share_problems


@dataclass(frozen=True)
class NumberRule:
    """Numbers of one business type: prefixes and the length of the whole number.

    Parameters
    ----------
    prefixes : tuple of str
        Leading digits, such as mobile number ranges or area code with exchange.
    length : int
        Digits of the whole number, prefix included; 11 for a Chinese mobile number.

    Examples
    --------
    >>> NumberRule(("1380", "1381"), 11).capacity
    20000000
    """

    prefixes: tuple[str, ...]
    length: int = 11

    def __post_init__(self) -> None:
        given = _tuple(self.prefixes)
        object.__setattr__(self, "prefixes", given)
        problems = [f"prefix {p!r} must be digits" for p in given if not (p.isascii() and p.isdigit())]
        problems += [f"prefix {p!r} leaves no digit to draw in {self.length}" for p in given if len(p) >= self.length]
        problems += [
            f"prefix {q!r} is contained in {p!r}: its numbers would be drawn twice"
            for i, p in enumerate(given)
            for j, q in enumerate(given)
            if i != j and q.startswith(p) and (q != p or i < j)
        ]
        if not given:
            problems.append("a number rule needs at least one prefix")
        if problems:
            raise SettingsError(listing(problems, "The number rule cannot be used"))

    @property
    def capacity(self) -> int:
        """How many numbers the rule can make."""
        return sum(10 ** (self.length - len(prefix)) for prefix in self.prefixes)

    def number(self, position: int) -> str:
        """The number at a position from 0 to capacity - 1."""
        for prefix in self.prefixes:
            width = self.length - len(prefix)
            if position < 10**width:
                return f"{prefix}{position:0{width}d}"
            position -= 10**width
        raise SettingsError("the position lies beyond the capacity of the rule")

    def holds(self, number: str) -> bool:
        """Whether a number follows the rule."""
        return len(number) == self.length and number.isdigit() and number.startswith(self.prefixes)


def telephone_numbers(
    rules: Mapping[Any, NumberRule | Iterable[str]],
    n: int | Mapping[Any, int] | pd.Series | pd.DataFrame,
    *,
    rng: int | np.random.Generator,
    length: int = 11,
    exclude: Collection[str] = (),
) -> pd.DataFrame:
    """Draw random telephone numbers for each business type, without repeats.

    Parameters
    ----------
    rules : mapping
        Business type to `NumberRule`, or to its prefixes (numbers of `length` digits).
    n : int, or mapping, Series or the table of `call_list` or `allocate`
        Numbers to draw: for every business type, or for each. A table's column `numbers` is used where it has one,
        its column `n` otherwise.
    rng : int or Generator
        Makes the draw reproducible.
    length : int
        Digits of a number, where a rule is given by its prefixes only.
    exclude : collection of str
        Numbers not to be drawn: those of earlier waves, or that asked not to be called.

    Returns
    -------
    DataFrame
        Columns `stratum` (the business type), `number` (text) and `inclusion_probability` (draws over numbers that
        can be made, working or not), in random order within the stratum.

    Examples
    --------
    >>> drawn = telephone_numbers({"3g": ["1300"], "4g": ["1380", "1381"]}, {"3g": 2, "4g": 3}, rng=7)
    >>> drawn["stratum"].tolist(), drawn["number"].str[:3].tolist()
    (['3g', '3g', '4g', '4g', '4g'], ['130', '130', '138', '138', '138'])
    """
    known = {h: r if isinstance(r, NumberRule) else NumberRule(_tuple(r), length) for h, r in rules.items()}
    _check_apart(known)
    counts = _counts(n, known)
    generator = np.random.default_rng(rng)
    barred = {str(number) for number in exclude}
    parts = [_stratum(h, known[h], count, barred, generator) for h, count in counts.items()]
    return pd.concat(parts, ignore_index=True)


def call_list(
    n: int | Mapping[Any, int] | pd.Series | pd.DataFrame,
    *,
    working: float = 1.0,
    eligible: float = 1.0,
    contact: float = 1.0,
    cooperation: float = 1.0,
) -> pd.DataFrame:
    """Size of the call list that brings n interviews, by stratum.

    Parameters
    ----------
    n : int, or mapping, Series or the table of `allocate`
        Completed interviews wanted.
    working, eligible, contact, cooperation : float
        Shares: of numbers that work, of those the eligible, of those reached, of those who answer the questions.

    Returns
    -------
    DataFrame
        One row a stratum: `interviews`, `numbers_exact` and `numbers` (rounded up once).

    Notes
    -----
    ``numbers = n / (working eligible contact cooperation)``.

    Examples
    --------
    >>> table = call_list({"3g": 1502, "4g": 1593}, working=0.7, eligible=0.9, contact=0.5, cooperation=0.4)
    >>> table["numbers"].to_dict()
    {'3g': 11921, '4g': 12643}
    """
    shares: pd.Series = pd.Series(
        {"working": working, "eligible": eligible, "contact": contact, "cooperation": cooperation}
    )
    problems = share_problems(shares, tuple(shares.index), top=True)
    if problems:
        raise SettingsError(listing(problems, "The call list cannot be sized"))
    if isinstance(n, pd.DataFrame):
        n = n["n"]
    wanted = pd.Series(dict(n.items()) if isinstance(n, (pd.Series, Mapping)) else {"all": n}, dtype=float)
    if not (wanted >= 0).all():
        raise SettingsError("n= must be zero or more interviews in every stratum")
    exact = wanted / (working * eligible * contact * cooperation)
    table = {"interviews": wanted, "numbers_exact": exact, "numbers": exact.map(round_up)}
    return pd.DataFrame(table).rename_axis("stratum")


def _tuple(prefixes: Any) -> tuple[str, ...]:
    """Prefixes as text, from one or several."""
    return (prefixes,) if isinstance(prefixes, str) else tuple(str(prefix) for prefix in prefixes)


def _check_apart(rules: Mapping[Any, NumberRule]) -> None:
    """Refuse rules of two business types that can make the same number."""
    flat = [(h, prefix) for h, rule in rules.items() for prefix in rule.prefixes]
    problems = [
        f"prefix {q!r} of {g!r} lies within prefix {p!r} of {h!r}: one number would have two business types"
        for h, p in flat
        for g, q in flat
        if g != h and q.startswith(p) and rules[g].length == rules[h].length
    ]
    if problems:
        raise SettingsError(listing(problems, "The number rules overlap"))


def _counts(n: Any, rules: Mapping[Any, NumberRule]) -> dict[Any, int]:
    """Numbers to draw by stratum, each with a rule."""
    if isinstance(n, pd.DataFrame):
        n = n["numbers"] if "numbers" in n else n["n"]
    wanted = {h: int(n) for h in rules} if np.ndim(n) == 0 and not isinstance(n, Mapping) else dict(n.items())
    without = [h for h in wanted if h not in rules]
    if without:
        raise SettingsError(f"there is no number rule for {', '.join(map(repr, without))}")
    return {h: int(count) for h, count in wanted.items()}


def _stratum(label: Any, rule: NumberRule, count: int, barred: set[str], rng: np.random.Generator) -> pd.DataFrame:
    """Draw the numbers of one stratum: random positions until enough are new."""
    possible = rule.capacity - sum(rule.holds(number) for number in barred)
    if not 0 <= count <= possible:
        raise SettingsError(f"{count} numbers cannot be drawn for {label!r}: its rule can make {possible}")
    drawn: dict[str, None] = {}
    # A list close to the capacity is shuffled whole; a thin one is drawn until enough are new.
    if count > possible // 2:
        numbers = [rule.number(int(i)) for i in rng.permutation(rule.capacity)]
        drawn = dict.fromkeys([number for number in numbers if number not in barred][:count])
    while len(drawn) < count:
        for position in rng.integers(rule.capacity, size=count - len(drawn)):
            number = rule.number(int(position))
            if number not in barred:
                drawn[number] = None
    probability = count / possible if possible else 0.0
    return pd.DataFrame({"stratum": [label] * count, "number": list(drawn), PROBABILITY: probability})
