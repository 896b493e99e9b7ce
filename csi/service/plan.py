"""A plan of service performance: its indicators, what is doubtful about them, and the door to the numbers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from csi.display.numbers import Language
from csi.display.words import check_language, in_language
from csi.errors import DataError, SettingsError, listing, suggest
from csi.service.clock import Calendar
from csi.service.doubts import Doubt, table
from csi.service.indicator import Indicator, from_table

if TYPE_CHECKING:
    from csi.service.measured import Measured

#: More indicators than this cannot all be steered by.
MANY = 15


@dataclass(frozen=True, eq=False, repr=False)
class ServicePlan:
    """Indicators of service performance with their targets, owners and weights.

    Parameters
    ----------
    name : str
    indicators : sequence of Indicator
    label : mapping of language to text, optional

    Raises
    ------
    SettingsError
        If two indicators have one name.

    Examples
    --------
    >>> from csi.service import Indicator, Target
    >>> plan = ServicePlan("Calls", [Indicator(name="csat", kind="share", column="rating", at_least=4, unit="share",
    ...     direction="higher", owner="Li", period="month", targets=(Target(0.85),), weight=1)])
    >>> plan
    ServicePlan('Calls', 1 indicator)
    >>> len(plan.check())
    0
    """

    name: str
    indicators: Sequence[Indicator]
    label: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        names = [each.name for each in self.indicators]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SettingsError(f"plan {self.name!r} has two indicators named {', '.join(map(repr, twice))}")

    def __repr__(self) -> str:
        count = len(self.indicators)
        return f"ServicePlan({self.name!r}, {count} indicator{'s' * (count != 1)})"

    def __len__(self) -> int:
        return len(self.indicators)

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self.indicators)

    def __getitem__(self, name: str) -> Indicator:
        for indicator in self.indicators:
            if indicator.name == name:
                return indicator
        names = [each.name for each in self.indicators]
        raise SettingsError(f"plan {self.name!r} has no indicator {name!r}{suggest(name, names)}")

    def replace(self, name: str, **changes: Any) -> ServicePlan:
        """Return the plan with another definition, target or weight of one indicator."""
        changed = replace(self[name], **changes)
        return replace(self, indicators=[changed if each.name == name else each for each in self.indicators])

    def only(self, *names: str) -> ServicePlan:
        """Return the plan with some of its indicators, in the order given."""
        return replace(self, indicators=[self[name] for name in names])

    def without(self, *names: str) -> ServicePlan:
        """Return the plan without some indicators."""
        gone = {self[name].name for name in names}
        return replace(self, indicators=[each for each in self.indicators if each.name not in gone])

    @classmethod
    def from_toml(cls, path: str | Path) -> ServicePlan:
        """Read a plan: `name`, and one table `[indicators.NAME]` each with the fields of `Indicator`.

        Raises
        ------
        DataError
            If there is no such file, or it is no TOML.
        SettingsError
            Naming at once what does not fit.
        """
        file = Path(path)
        if not file.is_file():
            raise DataError(f"there is no file {str(path)!r} with a plan")
        try:
            return cls.from_content(tomllib.loads(file.read_text(encoding="utf-8-sig")), file.stem)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DataError(f"{file.name!r} is no TOML: {error}") from error

    @classmethod
    def from_content(cls, content: Mapping[str, Any], name: str = "plan") -> ServicePlan:
        """Make a plan from the content of a plan file."""
        problems, indicators = [], []
        for each, entry in content.get("indicators", {}).items():
            try:
                indicators.append(from_table(entry, each))
            except SettingsError as error:
                problems.append(str(error))
        if not indicators and not problems:
            problems.append("there are no indicators; each begins with [indicators.NAME]")
        if problems:
            raise SettingsError(listing(problems, "the plan cannot be read"))
        return cls(content.get("name", name), indicators, content.get("label"))

    def table(self, language: Language = "en") -> pd.DataFrame:
        """Indicators as a table: label, definition, kind, unit, direction, target, owner, period, source, weight."""
        check_language(language)
        rows = [
            {
                "label": in_language(each.label, language) if each.label else each.name,
                "definition": in_language(each.definition, language) if each.definition else "",
                "kind": each.kind,
                "unit": each.unit,
                "direction": each.direction,
                "target": _number(each.target_at(np.inf)),
                "owner": each.owner,
                "period": each.period,
                "source": each.source,
                "weight": _number(each.weight),
            }
            for each in self.indicators
        ]
        return pd.DataFrame(rows, index=pd.Index([each.name for each in self.indicators], name="indicator"))

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is doubtful about the plan itself."""
        return tuple(_doubts(self))

    def check(self, language: Language = "en") -> pd.DataFrame:
        """Doubts as a table; empty when there is nothing to say."""
        return table(self.doubts, language)

    def measure(
        self,
        contacts: Any,
        *,
        by: str | Sequence[str] | None = None,
        columns: Mapping[str, str] | None = None,
        tables: Mapping[str, Any] | None = None,
        exposure: Mapping[str, Any] | None = None,
        calendar: Calendar | None = None,
        as_of: Any = None,
        confidence_level: float = 0.95,
    ) -> Measured:
        """Measure every indicator whose columns there are.

        Parameters
        ----------
        contacts : DataFrame or path
            One row a contact or complaint (pandas, polars, Arrow, a DuckDB relation, a CSV or Parquet file).
        by : str or sequence of str, optional
            Columns of groups; `year`, `quarter`, `month`, `week`, `day` and `hour` are made from `opened` where no
            column has their name.
        columns : mapping, optional
            The plan's name of a column to yours: ``{"opened": "来电时间"}``.
        tables : mapping, optional
            Other tables by the name that indicators give them, such as ``{"customers": frame}``.
        exposure : mapping, optional
            What rates are divided by: a number (without groups, or by periods only), or a Series with the groups as
            its index, or some of their levels by name.
        calendar : Calendar, optional
            Working time, for indicators with a working clock.
        as_of : datetime-like, optional
            Until when open cases are known to be open; the latest moment in the data unless given.
        confidence_level : float

        Returns
        -------
        Measured
            ``.scorecard()``, ``.targets()``, ``.agents(name)``, ``.chart(name)``, ``.alerts()``, ``.report()``.

        Raises
        ------
        DataError
            For times that cannot be read or run backwards, a zero base, a mapped column that is not there.
        """
        from csi.service.measured import measure

        names = () if by is None else (by,) if isinstance(by, str) else tuple(by)
        return measure(self, contacts, names, columns, tables, exposure, calendar, as_of, confidence_level)


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _doubts(plan: ServicePlan) -> Iterator[Doubt]:
    """Every doubt about a plan: what an indicator lacks, weights, changes, retention against churn, their number."""
    for each in plan.indicators:
        if each.targets and each.target_at(np.inf) is not None and not each.direction:
            yield Doubt("direction_missing", each.name)
        if each.target_at(np.inf) is None and each.change is None:
            note = each.targets[-1].note if each.targets else ""
            yield Doubt("target_missing", each.name, said={"note": f" ({note})" if note else ""})
        if each.kind == "rubric" and abs(sum(each.criteria.values()) - 1) > 1e-9:
            yield Doubt("rubric_weights_off", each.name, sum(each.criteria.values()), 1.0)
        yield from _change(each)
    for code, lacking in (("unit_missing", "unit"), ("owner_missing", "owner"), ("period_missing", "period")):
        names = [each.name for each in plan.indicators if not getattr(each, lacking)]
        if names:
            yield Doubt(code, ", ".join(names), len(names), 0.0)
    yield from _weights(plan)
    yield from _complement(plan)
    if len(plan) > MANY:
        yield Doubt("many_indicators", plan.name, len(plan), MANY)


def _change(indicator: Indicator) -> Iterator[Doubt]:
    """Whether a change has a baseline, and agrees with the target."""
    change, target = indicator.change, indicator.target_at(np.inf)
    if change is None:
        return
    how = f"{change.amount:+g}" + ("%" if change.by == "percent" else "")
    if indicator.baseline is None:
        if indicator.targets and target is not None:
            said = {"target": target, "change": how}
            yield Doubt("baseline_implied", indicator.name, change.undo(target), said=said)
        else:
            yield Doubt("baseline_missing", indicator.name, said={"change": how})
    elif indicator.targets and target is not None:
        led = change.apply(indicator.baseline)
        if abs(led - target) > 1e-9 * max(1.0, abs(target)):
            said = {"target": target, "change": how}
            yield Doubt("baseline_off", indicator.name, led, indicator.baseline, said)


def _weights(plan: ServicePlan) -> Iterator[Doubt]:
    weights = [each.weight for each in plan.indicators if each.weight is not None]
    if not weights:
        yield Doubt("weights_missing", plan.name)
        return
    whole = 100.0 if sum(weights) > 10 else 1.0
    if abs(sum(weights) - whole) > 1e-9 * whole:
        yield Doubt("weights_off", plan.name, sum(weights), whole)


def _complement(plan: ServicePlan) -> Iterator[Doubt]:
    """Retention and churn are two halves of one base."""
    found = {each.name: each.target_at(np.inf) for each in plan.indicators if each.name in ("retention", "churn")}
    retention, churn = found.get("retention"), found.get("churn")
    if len(found) == 2 and retention is not None:
        if churn is None:
            yield Doubt("complement_open", "churn", 1 - retention, retention)
        elif abs(retention + churn - 1) > 1e-9:
            yield Doubt("complement_off", "retention, churn", retention + churn, 1.0)
