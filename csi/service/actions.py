"""The loop plan - do - check - act: what was done by whom and when, and what it changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from csi.errors import SettingsError, listing
from csi.numerics import rates
from csi.service.clock import Calendar
from csi.service.durations import limit
from csi.service.estimate import estimates
from csi.service.plan import ServicePlan


@dataclass(frozen=True)
class Action:
    """A measure taken to improve an indicator.

    Parameters
    ----------
    name : str
    indicator : str
    owner : str
    due : str
        Date by which it should be done, "YYYY-MM-DD".
    done : str, optional
        Date from which it works; open until then.
    where : mapping, optional
        Contacts it is about, such as ``{"channel": "phone"}``.

    Examples
    --------
    >>> from csi.service import Action
    >>> Action("Evening shift", indicator="csat", owner="Li", due="2025-03-01").done
    ''
    """

    name: str
    indicator: str
    owner: str
    due: str
    done: str = ""
    where: Mapping[str, Any] = field(default_factory=dict)


def effects(
    plan: ServicePlan,
    contacts: Any,
    actions: Sequence[Action],
    *,
    span: str | float = "90d",
    columns: Mapping[str, str] | None = None,
    tables: Mapping[str, Any] | None = None,
    exposure: Mapping[str, Any] | None = None,
    calendar: Calendar | None = None,
    as_of: Any = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """What every action of a log changed: its indicator after it against before it.

    Parameters
    ----------
    plan, contacts, columns, tables, exposure, calendar, as_of, confidence_level : see `ServicePlan.measure`.
    actions : sequence of Action
    span : duration
        How long before and after an action contacts are looked at.

    Returns
    -------
    DataFrame
        One row an action: `before`, `after`, `estimate` (after - before), `std_error`, `conf_low`, `conf_high`,
        `p_value`, `n_before`, `n_after`, and `state`: "done", "open" or "overdue". For a rate the exposures of both
        spans are taken as equal and the p-value is that of the exact Poisson comparison; for a quantile there is no
        interval of the difference.

    Raises
    ------
    SettingsError
        Naming at once every action with an unknown indicator or a date that cannot be read.

    Notes
    -----
    A difference of before and after is no proof: whatever else changed on that day is in it. Compare with contacts
    that the action did not reach.

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
    >>> from csi.service import Action
    >>> done = Action("Evening shift", indicator="csat", owner="Li", due="2025-03-01", done="2025-03-02")
    >>> effects(plan, calls, [done], span="60d")[["before", "after", "estimate", "state"]].round(3)
                   before  after  estimate state
    action
    Evening shift   0.667  0.833     0.167  done
    """
    problems = [problem for each in actions for problem in _problems(plan, each)]
    if problems:
        raise SettingsError(listing(problems, "the action log cannot be read"))
    names = list(dict.fromkeys(each.indicator for each in actions if each.done))
    reach = limit(span, "span=")
    found = plan.only(*names).measure(contacts, columns=columns, tables=tables, exposure=exposure, calendar=calendar,
                                      as_of=as_of, confidence_level=confidence_level) if names else None  # fmt: skip
    now = found.as_of if found is not None and np.isfinite(found.as_of) else np.inf
    rows = [
        {**(_change(found, each, reach) if each.done else dict.fromkeys(COLUMNS, np.nan)), "state": _state(each, now)}
        for each in actions
    ]
    return pd.DataFrame(rows, index=pd.Index([each.name for each in actions], name="action"))


COLUMNS = ("before", "after", "estimate", "std_error", "conf_low", "conf_high", "p_value", "n_before", "n_after")


def _problems(plan: ServicePlan, action: Action) -> Iterator[str]:
    try:
        plan[action.indicator]
    except SettingsError as error:
        yield f"action {action.name!r}: {error}"
    for said in ("due", "done"):
        text = getattr(action, said)
        if text and _moment(text) is None:
            yield f"action {action.name!r}: {said} is a date YYYY-MM-DD; not {text!r}"
    if not action.owner or not action.due:
        yield f"action {action.name!r} needs an owner and a due date"


def _moment(date: str) -> float | None:
    try:
        return float(np.datetime64(date, "D").astype("datetime64[s]").astype(int))
    except ValueError:
        return None


def _state(action: Action, now: float) -> str:
    if action.done:
        return "done"
    return "overdue" if (_moment(action.due) or 0.0) + 86400 < now else "open"


def _change(found: Any, action: Action, reach: float) -> dict[str, float]:
    """Before and after one action."""
    indicator, seen = found.one(action.indicator)
    moment, opened = _moment(action.done) or 0.0, seen.contacts.moments("opened")
    inside = seen.contacts.inside(action.where) & (np.abs(opened - moment + 1e-9) <= reach)
    codes = (opened >= moment).astype(np.intp)
    exposure = np.ones(2) if indicator.kind == "rate" else None
    table = estimates(seen.observed.of(inside), codes, 2, found.confidence_level, q=indicator.q, exposure=exposure)
    before, after = table.iloc[0], table.iloc[1]
    gap, error = after["estimate"] - before["estimate"], float(np.hypot(before["std_error"], after["std_error"]))
    margin = float(stats.norm.ppf((1 + found.confidence_level) / 2)) * error
    p = 2 * float(stats.norm.sf(abs(gap) / error)) if error > 0 else np.nan
    if indicator.kind == "rate":
        p = rates.ratio(int(after["estimate"]), 1.0, int(before["estimate"]), 1.0, found.confidence_level).p_value
    values = (before["estimate"], after["estimate"], gap, error, gap - margin, gap + margin, p, before["n"], after["n"])
    return dict(zip(COLUMNS, map(float, values), strict=True))
