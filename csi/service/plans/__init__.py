"""Plans that travel with the package."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from csi.service.plan import ServicePlan


def telecom() -> ServicePlan:
    """Every indicator that four Chinese documents on telecommunication service name, with the targets of one of them.

    CSAT 85 %, NPS 50, complaints answered within 24 hours and 95 % of them resolved, an average wait of 3 minutes,
    first contact resolution 80 %, retention 95 %; the digit of the churn target is lost in the source and left open.
    CSAT is to rise by 10 points (which implies a baseline of 75 %) and the complaint rate to fall by 20 per cent.
    No document gives weights, owners or baselines, and `check()` says so.

    Columns it reads, of contacts: opened, answered, started, responded, closed (moments); waiting, talk, wrap_up
    (durations); rating (1-5), recommend (0-10), channel, type, customer, agent, connected, resolved, praised, agitated,
    timed_out (0/1), transfers, and grades of quality. Of other tables: see `table` and `exposure` of an indicator.

    Examples
    --------
    >>> plan = telecom()
    >>> plan["csat"].target_at(0.0), plan["churn"].target_at(0.0), plan["waiting_time"].target_at(0.0)
    (0.85, None, 180.0)
    """
    return ServicePlan.from_content(
        tomllib.loads(files("csi.service.plans").joinpath("telecom.toml").read_text(encoding="utf-8")), "telecom"
    )
