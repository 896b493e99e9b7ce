"""What needs somebody's attention: targets missed beyond chance, charts that left their limits, agents far off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from csi.service.doubts import Doubt

if TYPE_CHECKING:
    from csi.service.measured import Measured


def alerts(found: Measured, agents: Sequence[str], per: str) -> list[Doubt]:
    """Alerts of a measured plan; see `Measured.alerts`."""
    signals = [doubt for each in found.measured for doubt in _signal(found, each.name, per)]
    return [*_missed(found), *signals, *(doubt for name in agents for doubt in _agents(found, name))]


def _missed(found: Measured) -> Iterator[Doubt]:
    """Targets that are missed beyond chance."""
    goals = [each for each in found.measured if each.direction and each.target_at(np.inf) is not None]
    if not goals:
        return
    table = found.targets()
    for label, row in table[table["verdict"] == "missed"].iterrows():
        *group, name = map(str, label if isinstance(label, tuple) else (label,))
        owner = found.plan[name].owner or "?"
        shown = group[0] if len(group) == 1 else tuple(group) if group else ""
        yield Doubt("target_missed", name, row["estimate"], row["target"], {"owner": owner}, shown)


def _signal(found: Measured, name: str, per: str) -> Iterator[Doubt]:
    """A signal of the chart in its last period."""
    contacts = found.seen[name].contacts
    if not (contacts.has(per) or contacts.has("opened")) or found.plan[name].kind == "rate":
        return
    if len(contacts.groups((per,), "opened")) < 3:
        return
    table = found.chart(name, per=per)
    last = table.iloc[-1]
    if len(table) >= 3 and last["signal"]:
        rules = ", ".join(str(i) for i in range(1, 5) if last[f"rule_{i}"])
        yield Doubt("out_of_control", name, last["estimate"], last["centre"], {"rules": rules}, table.index[-1])


def _agents(found: Measured, name: str) -> Iterator[Doubt]:
    """Agents that are worse than chance allows."""
    table = found.agents(name)
    for label, row in table[table["verdict"] == "worse"].iterrows():
        said = {"indicator": name, "owner": found.plan[name].owner or "?"}
        yield Doubt("agent_worse", str(label), row["estimate"], table.attrs["overall"], said)
