"""A plan measured on contacts: the numbers of every indicator and group, and the tables that are asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.display.numbers import Language
from csi.display.plain import frame_text
from csi.display.table import Table
from csi.errors import DataError, NotAvailable, SettingsError, listing, suggest
from csi.numerics.multiplicity import Correction
from csi.service import agents, alerts, charts, report, scorecard, targets
from csi.service.agents import Overdispersion
from csi.service.charts import Spread
from csi.service.clock import Calendar
from csi.service.contacts import PERIODS, Contacts, open_contacts
from csi.service.doubts import Doubt, sentence, table
from csi.service.estimate import estimates
from csi.service.indicator import Indicator
from csi.service.observe import Observed, observe
from csi.service.plan import ServicePlan
from csi.service.scorecard import Missing

Floats = NDArray[np.float64]
#: Fewer contacts than this are doubted.
FEW = 10


@dataclass(frozen=True, eq=False)
class Seen:
    """One indicator on its table: what it saw, and the group of every row."""

    contacts: Contacts
    observed: Observed
    codes: NDArray[np.intp]


@dataclass(frozen=True, eq=False, repr=False)
class Measured:
    """A plan with its numbers.

    Attributes
    ----------
    plan : ServicePlan
    by : tuple of str
        Names of the group levels; `labels` are the groups.
    as_of : float
        Moment (seconds since 1970) up to which open cases are counted.
    cells : dict
        One table an indicator, one row a group.
    begins : (groups,)
        First moment of each group, which decides the target that holds; NaN without times.

    Examples
    --------
    >>> import pandas as pd
    >>> from csi.service import Indicator, ServicePlan, Target
    >>> csat = Indicator(name="csat", kind="share", column="rating", at_least=4,
    ...                  direction="higher", targets=(Target(0.85),))
    >>> plan = ServicePlan("Calls", [csat])
    >>> days = pd.date_range("2025-01-01", periods=120).strftime("%Y-%m-%d")
    >>> ratings = [5, 4, 3, 5, 4, 2] * 10 + [5, 4, 5, 5, 4, 2] * 10
    >>> calls = pd.DataFrame({"opened": days, "agent": list("abc") * 40, "rating": ratings})
    >>> plan.measure(calls).targets()[["estimate", "target", "verdict"]].round(2)
               estimate  target verdict
    indicator
    csat           0.75    0.85  missed
    """

    plan: ServicePlan
    by: tuple[str, ...]
    labels: tuple[Any, ...]
    as_of: float
    calendar: Calendar | None
    confidence_level: float
    seen: Mapping[str, Seen]
    cells: Mapping[str, pd.DataFrame]
    begins: Floats
    ends: Floats
    exposure: Mapping[str, Any]
    left_out: tuple[Doubt, ...]

    def __repr__(self) -> str:
        shown = self.scorecard()[["estimate", "conf_low", "conf_high", "n", "open", "target", "attainment"]]
        doubts = "".join(f"! {doubt.code}: {doubt.message()}.\n" for doubt in self.doubts[:12])
        more = f"! and {len(self.doubts) - 12} more: .check()\n" if len(self.doubts) > 12 else ""
        rest = f"\nand {len(shown) - 40} more rows: .scorecard()" if len(shown) > 40 else ""
        return f"{doubts}{more}{frame_text(shown.head(40), 3)}{rest}"

    @property
    def measured(self) -> list[Indicator]:
        """Indicators that were measured, in the plan's order."""
        return [each for each in self.plan if each.name in self.cells]

    def index(self, name: str = "indicator") -> pd.MultiIndex | pd.Index:
        """Rows of the tables: groups first, then indicators."""
        names = [each.name for each in self.measured]
        if not self.by:
            return pd.Index(names, name=name)
        parts = [label if isinstance(label, tuple) else (label,) for label in self.labels]
        return pd.MultiIndex.from_tuples([(*part, each) for part in parts for each in names], names=[*self.by, name])

    def one(self, name: str) -> tuple[Indicator, Seen]:
        """One indicator that was measured."""
        indicator = self.plan[name]
        if name not in self.seen:
            why = next(doubt.said["why"]["en"] for doubt in self.left_out if doubt.subject == name)
            raise NotAvailable(f"{name!r} was not measured: {why}")
        return indicator, self.seen[name]

    def scorecard(self, *, cap: float = 1.2) -> pd.DataFrame:
        """Every indicator of every group with its interval, target and attainment.

        Parameters
        ----------
        cap : float
            Largest attainment, so that one indicator cannot make up for all others.

        Returns
        -------
        DataFrame
            Rows: groups, then `indicator`. Columns `estimate`, `std_error`, `conf_low`, `conf_high`, `n` (contacts of
            the base), `open`, `missing`, `target`, `attainment` (1 = reached), `weight`.

        Notes
        -----
        Attainment is estimate/target where higher is better and target/estimate where lower is; with a floor
        (estimate - floor)/(target - floor). It is never negative.
        """
        return scorecard.scorecard(self, cap)

    def total(self, *, cap: float = 1.2, missing: Missing = "refuse") -> pd.DataFrame:
        """Weighted attainment of every group on 0-100.

        Parameters
        ----------
        cap : float
        missing : {"refuse", "rescale", "zero"}
            What a weighted indicator without a number does to the total: NaN, its weight is shared out, or it counts 0.

        Returns
        -------
        DataFrame
            One row a group: `estimate`, `weight` (sum of the weights that count).
        """
        return scorecard.total(self, cap, missing)

    def grades(self, *, cap: float = 1.2) -> pd.DataFrame:
        """Grade of every indicator that has bands, by its attainment.

        Returns
        -------
        DataFrame
            Rows as the scorecard: `attainment` and `grade` (empty where there is no attainment).
        """
        return scorecard.grades(self, cap)

    def targets(self, *, correction: Correction = "holm", alpha: float = 0.05) -> pd.DataFrame:
        """Whether targets are reached, with the uncertainty of the numbers.

        Returns
        -------
        DataFrame
            Rows as the scorecard, those with a target. `estimate`, `conf_low`, `conf_high`, `p_value` (one-sided, that
            the target is missed), `p_adjusted`, `n`, `target`, `distance` (towards the better side), and `verdict`:
            "reached" or "missed" where chance is ruled out, "undecided" otherwise.

        Notes
        -----
        Shares: exact binomial, with the effective size where cases are open; means: t; quantiles: binomial on the
        share within the target; rates: exact Poisson; balances: normal.
        """
        return targets.targets(self, correction, alpha)

    def agents(
        self,
        name: str,
        *,
        agent: str = "agent",
        adjust: str | Sequence[str] = (),
        roster: Sequence[Any] | None = None,
        correction: Correction = "holm",
        overdispersion: Overdispersion = "additive",
        alpha: float = 0.05,
    ) -> pd.DataFrame:
        """Agents against what chance allows: funnel limits, case mix, and the number of comparisons.

        Parameters
        ----------
        name : str
            Indicator: a share, repeat, mean, rubric or balance.
        agent : str
            Column of agents.
        adjust : str or sequence of str
            Columns of the case mix (channel, topic): every agent is compared with what all agents reach on the same
            mix (indirect standardization).
        roster : sequence, optional
            All agents; those without contacts get a row without numbers.
        correction : {"holm", "bh", "none"}
        overdispersion : {"additive", "none"}
            Whether limits leave room for variation of agents beyond chance.
        alpha : float

        Returns
        -------
        DataFrame
            One row an agent: `estimate` (overall + observed - expected), `statistic` (z), `p_value`, `p_adjusted`, `n`,
            `expected`, `ratio` (observed to expected), funnel limits `low_95`, `high_95`, `low_998`, `high_998`, and
            `verdict`: "better", "worse" or "". `.attrs` hold `overall`, `between_sd`, `adjust`.
        """
        chosen = (adjust,) if isinstance(adjust, str) else tuple(adjust)
        return agents.agents(self, name, agent, chosen, roster, correction, overdispersion, alpha)

    def chart(
        self,
        name: str,
        *,
        per: str = "month",
        only: Mapping[str, Any] | None = None,
        baseline: int | None = None,
        overdispersion: Spread = "none",
    ) -> pd.DataFrame:
        """Control chart of an indicator: p (shares), u (rates) or XmR (the rest), with run rules.

        Parameters
        ----------
        name : str
        per : {"year", "quarter", "month", "week", "day", "hour"} or a column
        only : mapping, optional
            Some of the contacts, such as ``{"channel": "phone"}``.
        baseline : int, optional
            Number of first periods that set centre and limits; all unless given.
        overdispersion : {"none", "laney"}
            Widen the limits of shares and rates by what they vary beyond chance.

        Returns
        -------
        DataFrame
            One row a period: `estimate`, `centre`, `low`, `high`, `n`, `rule_1` to `rule_4`, `signal`; the kind of
            chart is in `.attrs["chart"]`.
        """
        return charts.chart(self, name, per, only or {}, baseline, overdispersion)

    def alerts(self, *, agents: Sequence[str] = (), per: str = "month", language: Language = "en") -> pd.DataFrame:
        """Return what needs somebody's attention now: targets missed, charts that left their limits, agents.

        Parameters
        ----------
        agents : sequence of str
            Indicators whose agents are looked at too.
        per : str
            Periods of the charts; a signal counts in the last one.
        language : {"en", "zh"}

        Returns
        -------
        DataFrame
            As `check`: code, subject, value, limit, message, remedy, group.
        """
        return table(alerts.alerts(self, agents, per), language)

    def report(self, path: str | Path | None = None, *, language: Language = "en") -> str:
        """Write scorecard, targets, alerts and doubts as Markdown; to a file as well, if one is named."""
        return report.report(self, path, language)

    def tables(self, labels: object = None) -> tuple[Table, ...]:
        """Scorecard with verdicts for print, in both languages: `fit.report(path, before=[measured])` prints it."""
        return report.tables(self)

    def write(self, folder: str | Path, *, language: Language = "en") -> list[Path]:
        """Write every table as CSV and the report as Markdown into a folder."""
        return report.write(self, Path(folder), language)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is doubtful about the numbers."""
        return (*self.left_out, *_doubts(self))

    def check(self, language: Language = "en") -> pd.DataFrame:
        """Doubts as a table; empty when there is nothing to say."""
        return table(self.doubts, language)


def measure(
    plan: ServicePlan,
    data: Any,
    by: tuple[str, ...],
    columns: Mapping[str, str] | None,
    tables: Mapping[str, Any] | None,
    exposure: Mapping[str, Any] | None,
    calendar: Calendar | None,
    as_of: Any,
    level: float,
) -> Measured:
    """Measure a plan; see `ServicePlan.measure`."""
    if not 0 < level < 1:
        raise SettingsError(f"confidence_level must lie between 0 and 1, such as 0.95; not {level!r}")
    sources = {"contacts": open_contacts(data, columns)}
    given = dict(exposure or {})
    for name, other in (tables or {}).items():
        opened = open_contacts(other, None)
        sources[name] = Contacts(
            opened.opened, {k: v for k, v in (columns or {}).items() if v in opened.opened.columns}
        )
    lacking = {each.name: _lacks(each, sources, given, calendar, by) for each in plan}
    wanted = [each for each in plan if lacking[each.name] is None]
    left_out = [Doubt("not_measured", name, said={"why": why}) for name, why in lacking.items() if why is not None]
    if not wanted:
        problems = [f"{name}: {why['en']}" for name, why in lacking.items() if why is not None]
        raise DataError(listing(problems, "nothing can be measured"))
    moment = _as_of(as_of, wanted, sources)
    used = {each.table for each in wanted} | {"contacts"}
    labels, codes = _groups({name: sources[name] for name in sources if name in used}, by)
    seen = {
        each.name: Seen(sources[each.table], observe(each, sources[each.table], moment, calendar), codes[each.table])
        for each in wanted
    }
    cells = {
        each.name: estimates(
            seen[each.name].observed, seen[each.name].codes, len(labels), level, q=each.q, per=each.per,
            exposure=exposures(each, given, labels, by),
        )
        for each in wanted
    }  # fmt: skip
    begins, ends = _spans(sources["contacts"], codes["contacts"], len(labels))
    return Measured(plan, by, labels, moment, calendar, level, seen, cells, begins, ends, given, tuple(left_out))


def _lacks(
    indicator: Indicator,
    sources: Mapping[str, Contacts],
    exposure: Mapping[str, Any],
    calendar: Calendar | None,
    by: Sequence[str],
) -> dict[str, str] | None:
    """What an indicator lacks to be measured, in words of every language; None where it lacks nothing."""
    if indicator.table not in sources:
        return sentence("no_table", name=repr(indicator.table))
    source = sources[indicator.table]
    missing = [name for name in indicator.columns if not source.has(name)]
    if indicator.table != "contacts":
        missing += [name for name in by if not source.has(name) and not (name in PERIODS and source.has("opened"))]
    if missing:
        return sentence("no_column", name=", ".join(f"{name!r}{source.hint(name)}" for name in missing))
    if indicator.kind == "rate" and indicator.exposure not in exposure:
        hint = suggest(str(indicator.exposure), exposure)
        return sentence("no_exposure", name=f"{indicator.exposure!r}{hint}")
    if indicator.clock == "working" and calendar is None:
        return sentence("no_calendar")
    return None


def _as_of(given: Any, wanted: Sequence[Indicator], sources: Mapping[str, Contacts]) -> float:
    """Until when cases are observed: as told, or the latest moment there is."""
    latest, started = [-np.inf], [-np.inf]
    if sources["contacts"].has("opened"):
        latest.append(np.nanmax(sources["contacts"].moments("opened"), initial=-np.inf))
    for each in wanted:
        for name in ("opened" if each.kind == "repeat" else each.start, each.end):
            if name is not None:
                moments = sources[each.table].moments(name)
                known = moments[~np.isnan(moments)]
                latest.append(known.max(initial=-np.inf))
                started.append(-np.inf if name == each.end else latest[-1])
    if given is None:
        return float(max(latest))
    moment = (
        float(given)
        if isinstance(given, (int, float))
        else float((pd.Timestamp(given) - pd.Timestamp(0)).total_seconds())
    )
    if moment < max(started):
        said = pd.Timestamp(max(started), unit="s")
        raise DataError(f"as_of={given!r} lies before the last contact ({said}); leave out the contacts after it")
    return moment


def _groups(
    sources: Mapping[str, Contacts], by: tuple[str, ...]
) -> tuple[tuple[Any, ...], dict[str, NDArray[np.intp]]]:
    """Groups of all tables together, and the group of every row of each."""
    labels: dict[Any, int] = {}
    codes = {}
    for name, source in sources.items():
        partition = source.groups(by, "opened")
        places = np.array([labels.setdefault(label, len(labels)) for label in partition.labels], dtype=np.intp)
        codes[name] = places[partition.codes]
    return tuple(labels), codes


def _spans(contacts: Contacts, codes: NDArray[np.intp], groups: int) -> tuple[Floats, Floats]:
    """First and last moment of every group; NaN where contacts have no time."""
    first, last = np.full(groups, np.nan), np.full(groups, np.nan)
    if contacts.has("opened"):
        moments = contacts.moments("opened")
        low, high = np.full(groups, np.inf), np.full(groups, -np.inf)
        known = ~np.isnan(moments)
        np.minimum.at(low, codes[known], moments[known])
        np.maximum.at(high, codes[known], moments[known])
        some = np.isfinite(low)
        first[some], last[some] = low[some], high[some]
    return first, last


def exposures(
    indicator: Indicator, given: Mapping[str, Any], labels: Sequence[Any], by: Sequence[str]
) -> Floats | None:
    """Exposure of a rate in every group.

    Raises
    ------
    SettingsError
        For one number where groups need one each.
    DataError
        For a group without exposure, or with none above zero.
    """
    if indicator.kind != "rate":
        return None
    name, value = str(indicator.exposure), given[str(indicator.exposure)]
    if isinstance(value, pd.Series):
        look, shown = _looked_up(value, by), [_part(label, by, value) for label in labels]
        missing = [part for part in shown if part not in look]
        if missing:
            raise DataError(f"exposure {name!r} has no number for {', '.join(map(repr, missing[:5]))}")
        found = np.array([look[part] for part in shown], dtype=float)
    else:
        if any(level not in PERIODS for level in by):
            raise SettingsError(
                f"exposure {name!r} is one number for all; groups by {', '.join(by)} need a Series with one each"
            )
        found = np.full(len(labels), float(value))
    zero = [label for label, each in zip(labels, found, strict=True) if not each > 0]
    if zero:
        where = f" in {', '.join(map(str, zero[:5]))}" if by else ""
        raise DataError(f"exposure {name!r} of {indicator.name!r} must be above zero{where}; a rate needs a base")
    return found


def _levels(value: pd.Series, by: Sequence[str]) -> list[str]:
    """Group levels that a Series has."""
    names = list(value.index.names)
    return list(by) if names == [None] and len(by) == 1 else [str(name) for name in names]


def _looked_up(value: pd.Series, by: Sequence[str]) -> dict[Any, float]:
    wrong = [name for name in _levels(value, by) if name not in by]
    if wrong:
        raise SettingsError(f"exposure has the level {', '.join(wrong)}, which is none of by= {', '.join(by) or '()'}")
    return {label: float(each) for label, each in value.items()}


def _part(label: Any, by: Sequence[str], value: pd.Series) -> Any:
    """The part of a group's label that an exposure goes by."""
    parts = dict(zip(by, label if len(by) > 1 else (label,), strict=True))
    chosen = tuple(parts[name] for name in _levels(value, by) if name in parts)
    return chosen[0] if len(chosen) == 1 else chosen


def _doubts(found: Measured) -> Iterator[Doubt]:
    """What is doubtful about the numbers of every group."""
    rules: tuple[Callable[[Indicator, pd.Series, Observed], Iterator[Doubt]], ...] = (_of_size, _of_open_cases)
    for each in found.measured:
        observed = found.seen[each.name].observed
        for g, label in enumerate(found.labels):
            row = found.cells[each.name].iloc[g]
            said = label if found.by else ""
            for rule in rules:
                for doubt in rule(each, row, observed):
                    yield Doubt(doubt.code, doubt.subject, doubt.value, doubt.limit, doubt.said, said)
            if each.target_at(found.begins[g]) != each.target_at(found.ends[g]):
                yield Doubt("target_changes", each.name, group=said)


def _of_size(indicator: Indicator, row: pd.Series, observed: Observed) -> Iterator[Doubt]:
    if row["n"] == 0 and observed.family != "rate":
        yield Doubt("empty_base", indicator.name, 0.0, 1.0)
    elif row["n"] < FEW and observed.family != "rate":
        yield Doubt("few_contacts", indicator.name, float(row["n"]), FEW)
    if row["missing"] > 0.05 * (row["n"] + row["missing"]):
        yield Doubt("missing_values", indicator.name, float(row["missing"]), float(row["n"] + row["missing"]))


def _of_open_cases(indicator: Indicator, row: pd.Series, observed: Observed) -> Iterator[Doubt]:
    if row["open"] and observed.family == "share" and np.isnan(row["estimate"]):
        yield Doubt("too_young", indicator.name, float(row["open"]), float(row["n"]))
    if row["open"] and observed.family == "mean":
        yield Doubt("open_mean", indicator.name, float(row["open"]), float(row["n"]))
    if row["open"] and observed.family == "quantile" and np.isnan(row["estimate"]):
        yield Doubt("open_quantile", indicator.name, float(row["open"]), float(row["n"]))
