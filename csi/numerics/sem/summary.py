"""Every fit measure of a solution in one call."""

from __future__ import annotations

import numpy as np

from . import fitmeasures as fm
from .discrepancy import Criterion
from .estimate import Solution
from .inference import implied_moments
from .structure import Floats, Structure


def degrees_of_freedom(structure: Structure) -> int:
    """Distinct moments less estimated parameters."""
    p = structure.n_items
    moments = p * (p + 1) // 2 + (p if structure.has_means else 0)
    return structure.n_groups * moments - structure.n_estimated


def fit_summary(
    structure: Structure,
    solution: Solution,
    covariance: Floats,
    mean: Floats | None,
    n: Floats,
    n_cases: Floats,
    criterion: Criterion = "ML",
) -> dict[str, Floats]:
    """Fit measures (B,) of a solution, with the arguments of `estimate` and the number of cases of every group.

    The statistic is 2 n f with n = sum of `n`. Without means in the structure the log-likelihood is that of
    saturated means, which are not counted among the parameters.
    """
    total, cases = float(np.sum(n)), np.asarray(n_cases, dtype=np.float64)
    df, size, count = float(degrees_of_freedom(structure)), len(solution.value), structure.n_estimated
    share = np.asarray(n, dtype=np.float64) / total
    chi2 = 2 * total * solution.value
    p, groups = structure.n_items, structure.n_groups
    base = 2 * total * sum(share[g] * fm.baseline_value(covariance[:, g], criterion) for g in range(groups))
    base_df = groups * p * (p - 1) / 2
    models = implied_moments(structure, solution.theta)
    location = mean if structure.has_means else None
    out = {
        "chi2": chi2,
        "df": np.full(size, df),
        "p_value": fm.tail(chi2, df),
        "n_parameters": np.full(size, float(count)),
        "baseline_chi2": base,
        "baseline_df": np.full(size, base_df),
        "baseline_p_value": fm.tail(base, base_df),
        **fm.incremental(chi2, df, base, base_df),
        **fm.rmsea(chi2, df, total, groups),
        **fm.absolute(chi2, df, total, count),
        **fm.goodness_of_fit(covariance, location, models, share, df, criterion),
        **fm.residual_measures(covariance, location, models, share),
    }
    if criterion == "ML":
        model, saturated = fm.log_likelihood(solution.value, covariance, cases)
        out |= {"log_likelihood": model, "saturated_log_likelihood": saturated}
        out |= fm.information_criteria(model, count, float(cases.sum()))
    return out


def scaled_summary(
    plain: dict[str, Floats], factor: float, base_factor: float, n: float, n_groups: int
) -> dict[str, Floats]:
    """Scaled and robust versions of a `fit_summary`, from the scaling factors of model and baseline.

    `_scaled` measures put the scaled statistics where the plain ones were; `_robust` ones estimate the population
    value of the measure itself [Brosseau-Liard, Savalei & Li 2012; Brosseau-Liard & Savalei 2014].
    """
    df, base_df = float(plain["df"].flat[0]), float(plain["baseline_df"].flat[0])
    chi2, base = plain["chi2"] / factor, plain["baseline_chi2"] / base_factor
    # lavaan refers the unscaled statistic to c df degrees of freedom for the interval of the scaled RMSEA.
    scaled = fm.incremental(chi2, df, base, base_df) | fm.rmsea(plain["chi2"], factor * df, n, n_groups)
    robust = fm.incremental(plain["chi2"], df, plain["baseline_chi2"], base_df, factor, base_factor)
    kept = {name: robust[name] for name in ("cfi", "tli", "rni")} | fm.rmsea(chi2, df, n, n_groups, scale=factor)
    size = np.shape(chi2)
    return {
        "chi2_scaled": chi2,
        "p_value_scaled": fm.tail(chi2, df),
        "scaling_factor": np.full(size, factor),
        "baseline_chi2_scaled": base,
        "baseline_scaling_factor": np.full(size, base_factor),
        **{f"{name}_scaled": value for name, value in scaled.items()},
        **{f"{name}_robust": value for name, value in kept.items()},
    }
