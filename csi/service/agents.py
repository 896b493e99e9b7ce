"""Agents compared: what chance allows at their number of contacts, their case mix, and how many are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi.errors import DataError, NotAvailable, SettingsError, check_choice
from csi.numerics import funnel, multiplicity
from csi.numerics.multiplicity import Correction
from csi.service.doubts import Doubt
from csi.service.estimate import estimates
from csi.service.indicator import Indicator
from csi.service.observe import Observed

if TYPE_CHECKING:
    from csi.service.measured import Measured, Seen

Floats = NDArray[np.float64]
Overdispersion = Literal["additive", "none"]
TAILS = {"95": 0.025, "998": 0.001}


def agents(
    found: Measured,
    name: str,
    agent: str,
    adjust: Sequence[str],
    roster: Sequence[Any] | None,
    correction: Correction,
    overdispersion: Overdispersion,
    alpha: float,
) -> pd.DataFrame:
    """Agents against chance; see `Measured.agents`."""
    check_choice(correction, "correction", get_args(Correction))
    check_choice(overdispersion, "overdispersion", get_args(Overdispersion))
    indicator, seen = found.one(name)
    _refuse(indicator, seen.observed)
    who = seen.contacts.groups((agent,), "opened")
    own = estimates(seen.observed, who.codes, len(who), 0.95)
    kept = own["n"].to_numpy() > 0
    expected, overall = _expected(seen, adjust, who.codes, len(who))
    table = own.loc[kept, ["n", "estimate", "size"]].set_axis(np.array(who.labels, dtype=object)[kept], axis=0)
    table["expected"] = expected[kept]
    compared = table[table["estimate"].notna()]
    if len(compared) < 2:
        raise DataError(f"{name!r} has contacts of {len(compared)} agents; a comparison needs two or more")
    make = _shares if seen.observed.family == "share" else _means
    columns, between = make(compared, seen.observed, who.codes, overdispersion == "additive")
    result = _result(compared, columns, overall, indicator, correction, alpha)
    absent = [each for each in dict.fromkeys(roster or ()) if each not in result.index]
    idle = [label for label in table.index if label not in result.index]
    index = pd.Index([*result.index, *idle, *absent], name=agent)
    result = result.reindex(index).fillna({"verdict": ""})
    result["n"] = table["n"].reindex(index).fillna(0.0)
    doubts = [Doubt("agent_without_contacts", str(each)) for each in absent]
    if between > 0:
        doubts.append(Doubt("overdispersion", name, float(np.sqrt(between))))
    result.attrs = {"overall": overall, "between_sd": float(np.sqrt(between)), "adjust": list(adjust),
                    "correction": correction, "doubts": [doubt.message() for doubt in doubts]}  # fmt: skip
    return result


def _refuse(indicator: Indicator, observed: Observed) -> None:
    """Refuse what has no sound comparison of agents."""
    if indicator.kind in ("rate", "quantile"):
        raise NotAvailable(
            f"{indicator.name!r} is a {indicator.kind}; agents are compared by shares and means"
            " (for times: a share within a limit)"
        )
    if observed.family == "mean" and observed.open.any():
        raise NotAvailable(
            f"{int(observed.open.sum())} cases of {indicator.name!r} are open, so means of agents would depend on who"
            " holds them; compare a share within a limit, which takes open cases in"
        )


def _expected(seen: Seen, adjust: Sequence[str], codes: NDArray[np.intp], agents_: int) -> tuple[Floats, float]:
    """What all agents reach on the case mix of each (indirect standardization), and on everything."""
    observed, everything = seen.observed, np.zeros(len(seen.contacts), np.intp)
    overall = float(estimates(observed, everything, 1, 0.95)["estimate"].iloc[0])
    if not adjust:
        return np.full(agents_, overall), overall
    strata = seen.contacts.groups(tuple(adjust), "opened")
    level = estimates(observed, strata.codes, len(strata), 0.95)["estimate"].to_numpy()
    level = np.where(np.isnan(level), overall, level)
    inside = codes[observed.rows]
    total = np.bincount(inside, weights=level[strata.codes[observed.rows]], minlength=agents_)
    n = np.bincount(inside, minlength=agents_)
    return np.divide(total, n, out=np.full(agents_, np.nan), where=n > 0), overall


def _shares(
    table: pd.DataFrame, observed: Observed, codes: NDArray[np.intp], room: bool
) -> tuple[dict[str, Floats], float]:
    """Exact tails and limits of shares; with room for variation among agents, those of the beta-binomial."""
    n = np.maximum(np.round(table["size"].to_numpy()), 1).astype(int)
    p0, p = table["expected"].to_numpy(), table["estimate"].to_numpy()
    k = np.round(p * n).astype(int)
    inner = np.clip(p0, 1e-9, 1 - 1e-9)
    variance = inner * (1 - inner) / n
    between = funnel.between_variance((k / n - inner) / np.sqrt(variance), variance) if room else 0.0
    columns = {name: np.empty(len(n)) for name in ("p_value", "low_95", "high_95", "low_998", "high_998")}
    for i in range(len(n)):
        cdf = funnel.beta_binomial(int(n[i]), float(inner[i]), between)
        columns["p_value"][i] = min(1.0, 2 * min(funnel.tails(int(k[i]), cdf)))
        for said, tail in TAILS.items():
            low, high = funnel.count_limits(cdf, tail)
            columns[f"low_{said}"][i], columns[f"high_{said}"][i] = low / n[i], high / n[i]
    columns["statistic"] = (k / n - inner) / np.sqrt(variance + between)
    return columns, between


def _means(
    table: pd.DataFrame, observed: Observed, codes: NDArray[np.intp], room: bool
) -> tuple[dict[str, Floats], float]:
    """Normal limits of means, with the spread of single contacts within agents."""
    inside = codes[observed.rows]
    counts = np.bincount(inside)
    means = np.bincount(inside, weights=observed.value) / np.maximum(counts, 1)
    df = len(inside) - int((counts > 0).sum())
    if df < 1:
        raise DataError("every agent has one contact; the spread of contacts within agents cannot be told")
    within = float(((observed.value - means[inside]) ** 2).sum() / df)
    variance = within / table["n"].to_numpy()
    gap = (table["estimate"] - table["expected"]).to_numpy()
    if not within > 0:
        raise DataError("all contacts of every agent have the same value; there is no chance to compare with")
    between = funnel.between_variance(gap / np.sqrt(variance), variance) if room else 0.0
    error = np.sqrt(variance + between)
    columns = {"statistic": gap / error, "p_value": 2 * stats.t.sf(np.abs(gap / error), df)}
    centre = table["expected"].to_numpy()
    for said, tail in TAILS.items():
        reach = stats.t.ppf(1 - tail, df) * error
        columns[f"low_{said}"], columns[f"high_{said}"] = centre - reach, centre + reach
    return columns, between


def _result(
    table: pd.DataFrame,
    columns: dict[str, Floats],
    overall: float,
    indicator: Indicator,
    correction: Correction,
    alpha: float,
) -> pd.DataFrame:
    """The table of agents with their verdicts."""
    if not 0 < alpha < 1:
        raise SettingsError(f"alpha must lie between 0 and 1, such as 0.05; not {alpha!r}")
    shift = overall - table["expected"].to_numpy()
    p_adjusted = multiplicity.adjust(columns["p_value"], correction)
    up = {"higher": ("better", "worse"), "lower": ("worse", "better")}.get(indicator.direction, ("above", "below"))
    verdict = np.where(p_adjusted < alpha, np.where(columns["statistic"] > 0, up[0], up[1]), "")
    result = pd.DataFrame(
        {
            "estimate": table["estimate"] + shift,
            "statistic": columns["statistic"],
            "p_value": columns["p_value"],
            "p_adjusted": p_adjusted,
            "n": table["n"],
            "expected": table["expected"],
            "ratio": table["estimate"] / table["expected"].where(table["expected"] != 0),
        },
        index=table.index,
    )
    for name in ("low_95", "high_95", "low_998", "high_998"):
        result[name] = columns[name] + shift
    result["verdict"] = verdict
    return result
