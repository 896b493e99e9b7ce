"""The fit measures of AMOS, by its definitions, for the default, the saturated and the independence model.

Formulas of Arbuckle (AMOS User's Guide, appendix C): the statistic is C = n F with n = N - r, r groups; F the
discrepancy, d degrees of freedom, q parameters, p items; b marks the independence model.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from .fitmeasures import noncentrality, tail
from .structure import Floats, Structure
from .summary import degrees_of_freedom

DEFAULT, SATURATED, INDEPENDENCE = 0, 1, 2


def amos_measures(
    structure: Structure, plain: dict[str, Floats], independence: dict[str, Floats], n_cases: Floats
) -> dict[str, Floats]:
    """Measures (3,): default, saturated and independence model; NaN where AMOS prints none.

    Parameters
    ----------
    plain, independence : dict
        `fit_summary` of the model and of the independence model fitted as a model of its own, with any likelihood.
    n_cases : (groups,) float
        Cases of every group.
    """
    cases = np.asarray(n_cases, dtype=np.float64)
    groups, p = structure.n_groups, structure.n_items
    total = float(cases.sum())
    n = total - groups
    moments = degrees_of_freedom(structure) + structure.n_estimated
    d = np.array([plain["df"][0], 0.0, independence["df"][0]])
    q = moments - d
    # F is chi2 over the multiplier it was computed with, which ECVI reveals for any likelihood.
    f = np.array([_discrepancy(plain), 0.0, _discrepancy(independence)])
    c = n * f
    low, high = (np.array([_ncp(c[k], d[k], s) for k in range(3)]) for s in (0.95, 0.05))
    ncp = np.maximum(c - d, 0.0)
    ncp_b = max(ncp[INDEPENDENCE], ncp[DEFAULT])
    gfi = np.array([plain["gfi"][0], 1.0, independence["gfi"][0]])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(d > 0, c / d, np.nan)
        root = np.where(d > 0, groups / np.where(d > 0, d, np.nan), np.nan)
        nfi = 1 - c / c[INDEPENDENCE]
        cfi = 1 - ncp / ncp_b
        gap = c[INDEPENDENCE] - d[INDEPENDENCE]
        bcc = c + 2 * q * (n * cases / total / (cases - p - 2)).sum() / groups
        aic = c + 2 * q
        rfi, tli = 1 - ratio / ratio[2], (ratio[2] - ratio) / (ratio[2] - 1)
        return {
            "npar": q,
            "cmin": c,
            "df": d,
            "p": np.array([float(tail(np.array(c[k]), d[k])) for k in range(3)]),
            "cmin_df": ratio,
            "rmr": np.array([plain["rmr"][0], 0.0, independence["rmr"][0]]),
            "gfi": gfi,
            "agfi": np.where(d > 0, 1 - (1 - gfi) * moments / d, np.nan),
            "pgfi": np.where(d > 0, gfi * d / moments, np.nan),
            "nfi": nfi,
            "rfi": rfi,
            "ifi": (c[2] - c) / (c[2] - d),
            "tli": tli,
            "cfi": np.where(gap > 0, cfi, np.nan),
            "pratio": d / d[2],
            "pnfi": nfi * d / d[2],
            "pcfi": cfi * d / d[2],
            "ncp": ncp,
            "ncp_low": low,
            "ncp_high": high,
            "fmin": f,
            "f0": ncp / n,
            "f0_low": low / n,
            "f0_high": high / n,
            "rmsea": np.sqrt(ncp / n * root),
            "rmsea_low": np.sqrt(low / n * root),
            "rmsea_high": np.sqrt(high / n * root),
            "pclose": 1 - special.chndtr(c, np.where(d > 0, d, np.nan), 0.05**2 * n * d / groups),
            "aic": aic,
            "bcc": bcc,
            "bic": c + q * np.log(total) if groups == 1 else c * np.nan,
            "caic": c + q * (np.log(total) + 1) if groups == 1 else c * np.nan,
            "ecvi": aic / n,
            "ecvi_low": (low + d + 2 * q) / n,
            "ecvi_high": (high + d + 2 * q) / n,
            "mecvi": bcc / n,
            "hoelter_05": _hoelter(0.05, d, f, groups),
            "hoelter_01": _hoelter(0.01, d, f, groups),
        }


def _discrepancy(measures: dict[str, Floats]) -> float:
    """F from ECVI = F + 2 q / n and the statistic C = n F."""
    chi2, count = float(measures["chi2"][0]), float(measures["n_parameters"][0])
    multiplier = (chi2 + 2 * count) / float(measures["ecvi"][0])
    return chi2 / multiplier


def _ncp(statistic: float, df: float, probability: float) -> float:
    """Limit of the noncentrality; 0 for the saturated model."""
    return float(noncentrality(np.array(statistic), df, probability)) if df > 0 else 0.0


def _hoelter(level: float, d: Floats, f: Floats, groups: int) -> Floats:
    """Largest N at which the model would not be rejected, a whole number."""
    usable = (d > 0) & (f > 0)
    limit = special.chdtri(np.where(usable, d, 1.0), level) / np.where(usable, f, 1.0)
    return np.where(usable, np.floor(limit + groups), np.nan)
