"""The terms every plan shares: confidence, finite population, design effect, response and eligibility."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any, Literal, NamedTuple, TypedDict, get_args

from csi.errors import SettingsError, check_choice, listing, suggest
from csi.sampling.sizes import Fpc, finite, infinite

Order = Literal["deff-fpc", "fpc-deff"]


class Step(NamedTuple):
    """One line of a plan: what it is, its value (never rounded), and how it came about."""

    name: str
    value: float
    formula: str = ""


class TermWords(TypedDict, total=False):
    """Keyword arguments that every plan takes; `Terms` says what they mean."""

    confidence_level: float
    population: float | None
    deff: float
    response: float
    eligibility: float
    order: Order
    fpc: Fpc


@dataclass(frozen=True)
class Terms:
    """What turns the simple random sample of a formula into interviews, and interviews into invitations.

    Parameters
    ----------
    confidence_level : float
        Share of samples whose interval holds the true value.
    population : float, optional
        Size of the population; None for one so large that it does not matter.
    deff : float
        Design effect of clusters or weights: the variance relative to a simple random sample of the same n.
    response : float
        Expected share of the eligible who answer, in (0, 1].
    eligibility : float
        Expected share of the invited who belong to the population, in (0, 1].
    order : {"deff-fpc", "fpc-deff"}
        The design effect multiplies the simple random sample before the finite population correction (default,
        as R's samplesize4surveys), or after it (as samplics). The two differ: say which.
    fpc : {"simple", "cochran"}
        ``n/(1 + n/N)`` or ``n/(1 + (n - 1)/N)``.

    Examples
    --------
    >>> terms = Terms(population=8000, deff=1.5, response=0.8)
    >>> round(terms.interviews(384.1459), 2), round(terms.invitations(terms.interviews(384.1459)), 2)
    (537.5, 671.88)
    """

    confidence_level: float = 0.95
    population: float | None = None
    deff: float = 1.0
    response: float = 1.0
    eligibility: float = 1.0
    order: Order = "deff-fpc"
    fpc: Fpc = "simple"

    def __post_init__(self) -> None:
        check_choice(self.order, "order", get_args(Order))
        check_choice(self.fpc, "fpc", get_args(Fpc))
        problems = [
            *share_problems(self, ("confidence_level",), top=False),
            *share_problems(self, ("response", "eligibility"), top=True),
            *positive_problems({"deff": self.deff, "population": self.population}),
        ]
        if problems:
            raise SettingsError(listing(problems, "The plan cannot be made"))

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Terms:
        """Terms from keyword arguments, refusing unknown ones with the closest known name."""
        known = [f.name for f in fields(cls)]
        unknown = [name for name in words if name not in known]
        if unknown:
            raise SettingsError(
                "; ".join(f"{name}= is not an argument of a plan{suggest(name, known)}" for name in unknown)
            )
        return cls(**words)

    def interviews(self, n_srs: float) -> float:
        """Completed interviews that are worth a simple random sample of ``n_srs``."""
        return self._chain(n_srs)[-1].value

    def worth(self, n: float) -> float:
        """Undo `interviews`: the simple random sample that ``n`` completed interviews are worth."""
        if self.population is not None and n > self.population:
            raise SettingsError(
                f"n={n:g} interviews exceed the population of {self.population:g}; ask for at most that many"
            )
        if self.population is None:
            return n / self.deff
        if self.order == "deff-fpc":
            return infinite(n, self.population, self.fpc) / self.deff
        return infinite(n / self.deff, self.population, self.fpc)

    def invitations(self, n: float) -> float:
        """Invitations (numbers to dial) for ``n`` completed interviews, before rounding."""
        return n / (self.response * self.eligibility)

    def _chain(self, n_srs: float) -> list[Step]:
        """From the simple random sample to interviews, in the stated order."""
        steps = [Step("n_srs", n_srs)]
        for name in self.order.split("-"):
            before = steps[-1].value
            if name == "deff" and self.deff != 1:
                steps.append(Step("n_deff", before * self.deff, "n deff"))
            if name == "fpc" and self.population is not None:
                formula = "n / (1 + n/N)" if self.fpc == "simple" else "n / (1 + (n - 1)/N)"
                steps.append(Step("n_fpc", finite(before, self.population, self.fpc), formula))
        return steps

    def steps(self, n_srs: float, formula: str) -> list[Step]:
        """The lines of the chain, the first with the formula of the simple random sample."""
        chain = self._chain(n_srs)
        return [chain[0]._replace(formula=formula), *chain[1:]]

    def worth_steps(self, n: float) -> list[Step]:
        """The line that takes given interviews back to a simple random sample, where the two differ."""
        n_srs = self.worth(n)
        return [] if n_srs == n or math.isinf(n_srs) else [Step("worth", n_srs, "deff and fpc undone")]

    def assumptions(self) -> list[Step]:
        """The terms that were given, as lines."""
        lines = [Step("confidence_level", self.confidence_level)]
        if self.deff != 1:
            lines.append(Step("deff", self.deff))
        if self.population is not None:
            lines.append(Step("population", self.population))
        for name in ("response", "eligibility"):
            if getattr(self, name) != 1:
                lines.append(Step(name, getattr(self, name)))
        return lines


def share_problems(holder: object, names: tuple[str, ...], top: bool) -> list[str]:
    """Problems of attributes that must lie in (0, 1), or in (0, 1] where ``top`` is allowed."""
    problems = []
    for name in names:
        value = getattr(holder, name)
        if not _is_number(value) or not (0 < value < 1 or (top and value == 1)):
            hint = f" ({value:g} % is {value / 100:g})" if _is_number(value) and 1 < value <= 100 else ""
            bounds = "above 0 and at most 1" if top else "between 0 and 1"
            problems.append(f"{name}= must be {bounds}; not {value!r}{hint}")
    return problems


def power_problems(power: float | None, confidence_level: float) -> list[str]:
    """A power below the level of the test means that no interviews at all would do."""
    if power is None or (_is_number(power) and 1 - confidence_level < power < 1):
        return []
    return [f"power= must lie between the level of the test, {1 - confidence_level:.4g}, and 1; not {power!r}"]


def positive_problems(values: Mapping[str, object]) -> list[str]:
    """Problems of values that must be positive and finite where given."""
    return [
        f"{name}= must be a positive number; not {value!r}"
        for name, value in values.items()
        if value is not None and not (_is_number(value) and 0 < float(value) < math.inf)  # type: ignore[arg-type]
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and value is not True and value is not False and not math.isnan(float(value))


def require(
    values: dict[str, float | None],
    one_of: tuple[str, ...] = (),
    shares: Mapping[str, float | None] | None = None,
    more: Sequence[str] = (),
) -> None:
    """Refuse numbers out of range and anything but one of the two that exclude each other."""
    problems = [*positive_problems(values), *more]
    given = [name for name in one_of if values[name] is not None]
    if one_of and len(given) != 1:
        what = "both were given" if given else "neither was given"
        problems.append(f"give {' or '.join(f'{name}=' for name in one_of)} and the other is solved for; {what}")
    for name, value in (shares or {}).items():
        if value is not None and not 0 < value < 1:
            hint = f" ({value:g} points are {value / 100:g})" if 1 <= value <= 100 else ""
            problems.append(f"{name}= is a share between 0 and 1; not {value!r}{hint}")
    if problems:
        raise SettingsError(listing(problems, "The plan cannot be made"))
