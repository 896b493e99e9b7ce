"""How well a covariance structure model fits: every measure, AMOS's tables, and verdicts against thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import special

from csi.blueprint import compile_model
from csi.errors import NotAvailable, check_choice
from csi.methods.estimates import Method
from csi.numerics.sem import fitmeasures as fm
from csi.results.core import Core
from csi.results.criteria import Criterion
from csi.results.sem_parameters import method_of
from csi.results.tables import grouped

Style = Literal["amos"]
#: Measures in the order of a report; scaled and robust ones follow.
ORDER = (
    "chi2", "df", "p_value", "chi2_df", "n_parameters", "cfi", "tli", "nfi", "rfi", "ifi", "rni", "pnfi", "pcfi",
    "gfi", "agfi", "pgfi", "rmsea", "rmsea_low", "rmsea_high", "rmsea_close", "rmsea_not_close", "srmr", "rmr",
    "crmr", "srmr_mplus", "wrmr", "cn_05", "cn_01", "mfi", "ecvi", "log_likelihood", "saturated_log_likelihood",
    "aic", "bic", "sabic", "baseline_chi2", "baseline_df", "baseline_p_value",
)  # fmt: skip
#: Sides of a limit in characters that every console has.
SIGNS: Mapping[str, str] = {"at least": ">=", "at most": "<=", "below": "<", "above": ">"}
#: Verdicts: meets the criterion, comes close, does not.
VERDICTS = ("符合", "接近", "不符合")


def measures(core: Core, g: int) -> dict[str, float]:
    """Every measure of one group, in order; NaN where the group has no solution."""
    if not np.isfinite(core.solution.values[:, g]).all():
        return dict.fromkeys(ORDER, float("nan"))
    found = dict(core.solved(g).measures)
    df = found["df"]
    found["chi2_df"] = found["chi2"] / df if df > 0 else float("nan")
    found["pcfi"] = found["cfi"] * df / found["baseline_df"]
    if "chi2_scaled" in found and df > 0:
        found["chi2_df_scaled"] = found["chi2_scaled"] / df
    return {name: found[name] for name in (*ORDER, *(extra for extra in found if extra not in ORDER)) if name in found}


def table(core: Core, model: str = "estimated") -> pd.DataFrame:
    """One row a measure, column `estimate`."""
    check_choice(model, "model", ("estimated", "saturated"))
    shown = core if model == "estimated" else saturated(core)
    found = [measures(shown, g) for g in range(len(shown.groups))]
    names = list(dict.fromkeys(name for each in found for name in each))
    rows = pd.Index(names, name="measure", dtype=object)
    values = np.array([[each.get(name, np.nan) for name in names] for each in found])
    result = pd.DataFrame({"estimate": values.ravel()}, index=grouped(rows, core.by, core.labels))
    result.attrs["statistic"] = _described(method_of(core, "fit measures"))
    return result


def _described(method: Any) -> str:
    counted = "(n - 1) F, as AMOS" if method.wishart else "n F, as lavaan"
    return f"{method.name}: the statistic is {counted}"


def saturated(core: Core) -> Core:
    """The measurement alone: every construct correlated with every other, no paths."""
    method: Method = method_of(core, "fit measures")
    blueprint = compile_model(core.blueprint.model.replace(paths=(), extra=""))
    begun = None if core.sample is None else method.begin(blueprint, core.sample, core.stack)
    solution = begun or method.solve(blueprint, core.stack)
    estimates = method.estimates(blueprint, core.stack, solution)
    return replace(core, blueprint=blueprint, solution=solution, estimates=estimates, draws=None, fine={}, solutions={})


# -- verdicts -------------------------------------------------------------------------------------------------


def judged(core: Core, found: pd.Series, criteria: tuple[Criterion, ...]) -> pd.DataFrame:
    """Rows `measure`; `value, criterion, source, verdict`: meets it, comes close, does not.

    Parameters
    ----------
    found : Series
        Values with the measure as the last row level, groups before it.
    """
    parts = []
    for g in range(len(core.labels)):
        size = len(found) // len(core.labels)
        own = found.iloc[g * size : (g + 1) * size]
        own.index = own.index.get_level_values("measure")
        known = [one for one in criteria if one.measure in own.index]
        parts.append([(one.measure, own[one.measure], _limit(one), one.source, _verdict(one, own)) for one in known])
    names = [row[0] for row in parts[0]]
    flat = [row[1:] for part in parts for row in part]
    rows = grouped(pd.Index(names, name="measure", dtype=object), core.by, core.labels)
    return pd.DataFrame(flat, index=rows, columns=["value", "criterion", "source", "verdict"])


def _limit(one: Criterion) -> str:
    return f"{SIGNS[one.sense]} {one.limit:g}"


def _verdict(one: Criterion, values: pd.Series) -> str:
    value = float(values[one.measure])
    if not np.isfinite(value):
        return ""
    if one.met(value):
        return VERDICTS[0]
    near = one.close is not None and replace(one, limit=one.close).met(value)
    return VERDICTS[1] if near else VERDICTS[2]


# -- AMOS -----------------------------------------------------------------------------------------------------


def amos(core: Core) -> pd.DataFrame:
    """AMOS's measures of the default, the saturated and the independence model (Arbuckle, user's guide, appendix C).

    CMIN = (N - 1) F whatever the likelihood of the fit, so that the numbers are those that AMOS prints.
    """
    method = method_of(core, "fit measures")
    if method.criterion != "ML" or method.estimator not in ("ML", "MLR", "MLM"):
        raise NotAvailable(f"AMOS's tables are those of maximum likelihood from moments; this is {method.name}")
    parts = [_amos_group(core, g) for g in range(len(core.groups))]
    names = list(parts[0])
    rows = grouped(pd.Index(names, name="measure", dtype=object), core.by, core.labels)
    values = np.concatenate([np.array([part[name] for name in names]) for part in parts])
    return pd.DataFrame(values, index=rows, columns=["default", "saturated", "independence"])


def _amos_group(core: Core, g: int) -> dict[str, tuple[float, float, float]]:
    """Three numbers a measure."""
    solved, plain = core.solved(g), measures(core, g)
    cases, p = float(core.stack.n[g]), len(core.blueprint.items)
    n, q = cases - 1, plain["n_parameters"]
    moments = p * (p + 1) / 2
    scale = n / solved.n
    cmin = np.array([plain["chi2"] * scale, 0.0, plain["baseline_chi2"] * scale])
    df, npar = np.array([plain["df"], 0.0, moments - p]), np.array([q, moments, float(p)])
    out = {"NPAR": npar, "CMIN": cmin, "DF": df, "P": _tails(cmin, df), "CMIN/DF": _ratio(cmin, df)}
    out |= _amos_residuals(core, g, plain, df, moments)
    out |= _amos_baseline(cmin, df)
    out |= _amos_distance(cmin, df, n)
    out |= _amos_information(cmin, npar, cases, n, p)
    for level, name in ((0.05, "HOELTER .05"), (0.01, "HOELTER .01")):
        out[name] = np.array(
            [special.chdtri(d, level) * n / c + 1 if d > 0 else np.nan for c, d in zip(cmin, df, strict=True)]
        )
    return {name: tuple(float(v) for v in value) for name, value in out.items()}  # type: ignore[misc]


def _amos_residuals(core: Core, g: int, plain: Mapping[str, float], df: Any, moments: float) -> dict[str, Any]:
    """RMR, GFI, AGFI, PGFI; of the independence model, whose Sigma is diag(S)."""
    sample = core.solved(g).sample[0][0, 0]
    sd = np.sqrt(np.diag(sample))
    corr = sample / np.outer(sd, sd)
    low = np.tril_indices(len(corr))
    off = sample - np.diag(np.diag(sample))
    gfi = 1 - ((corr - np.eye(len(corr))) ** 2).sum() / (corr**2).sum()
    gfis = np.array([plain["gfi"], 1.0, gfi])
    with np.errstate(divide="ignore", invalid="ignore"):
        agfi = np.where(df > 0, 1 - moments / df * (1 - gfis), np.nan)
    return {
        "RMR": np.array([plain["rmr"], 0.0, np.sqrt((off[low] ** 2).mean())]),
        "GFI": gfis,
        "AGFI": agfi,
        "PGFI": np.where(df > 0, gfis * df / moments, np.nan),
    }


def _amos_baseline(cmin: Any, df: Any) -> dict[str, Any]:
    """NFI, RFI, IFI, TLI, CFI and their parsimonious versions; one for the saturated, zero for the baseline."""
    found = fm.incremental(cmin[:1], float(df[0]), cmin[2:], float(df[2]))
    out = {}
    for name in ("nfi", "rfi", "ifi", "tli", "cfi"):
        saturated_value = 1.0 if name not in ("rfi", "tli") else np.nan
        out[name.upper()] = np.array([float(found[name][0]), saturated_value, 0.0])
    share = df / df[2]
    return out | {"PRATIO": share, "PNFI": share * out["NFI"], "PCFI": share * out["CFI"]}


def _amos_distance(cmin: Any, df: Any, n: float) -> dict[str, Any]:
    """Noncentrality, F and RMSEA with 90 % intervals."""
    ncp = np.maximum(cmin - df, 0)
    ends = {
        "LO 90": np.array([_noncentral(c, d, 0.95) for c, d in zip(cmin, df, strict=True)]),
        "HI 90": np.array([_noncentral(c, d, 0.05) for c, d in zip(cmin, df, strict=True)]),
    }
    out = {"NCP": ncp} | {f"NCP {name}": value for name, value in ends.items()}
    out |= {"FMIN": cmin / n, "F0": ncp / n} | {f"F0 {name}": value / n for name, value in ends.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.where(df > 0, 1 / (n * df), np.nan)
        out["RMSEA"] = np.sqrt(ncp * unit)
        out |= {f"RMSEA {name}": np.sqrt(value * unit) for name, value in ends.items()}
    close = [1 - special.chndtr(c, d, 0.05**2 * n * d) if d > 0 else np.nan for c, d in zip(cmin, df, strict=True)]
    return out | {"PCLOSE": np.array(close)}


def _amos_information(cmin: Any, npar: Any, cases: float, n: float, p: int) -> dict[str, Any]:
    """AIC, BCC, BIC, CAIC, ECVI with interval, MECVI."""
    aic = cmin + 2 * npar
    bcc = cmin + 2 * npar * n / (cases - p - 2)
    moments = p * (p + 1) / 2
    out = {"AIC": aic, "BCC": bcc, "BIC": cmin + npar * np.log(cases), "CAIC": cmin + npar * (np.log(cases) + 1)}
    df = moments - npar
    out["ECVI"] = aic / n
    for name, tail in (("LO 90", 0.95), ("HI 90", 0.05)):
        ncp = np.array([_noncentral(c, d, tail) for c, d in zip(cmin, df, strict=True)])
        out[f"ECVI {name}"] = (ncp + df + 2 * npar) / n
    return {**out, "MECVI": bcc / n}


def _noncentral(statistic: float, df: float, tail: float) -> float:
    return float(fm.noncentrality(np.array([statistic]), df, tail)[0]) if df > 0 else 0.0


def _tails(statistic: Any, df: Any) -> Any:
    return np.array([special.chdtrc(d, s) if d > 0 else np.nan for s, d in zip(statistic, df, strict=True)])


def _ratio(statistic: Any, df: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(df > 0, statistic / df, np.nan)
