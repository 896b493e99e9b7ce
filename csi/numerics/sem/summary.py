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
    covariance = np.where(np.isfinite(solution.value)[:, None, None, None], covariance, np.nan)
    share, count = np.asarray(n, dtype=np.float64) / total, structure.n_estimated
    groups, p = structure.n_groups, structure.n_items
    base = 2 * total * sum(share[g] * fm.baseline_value(covariance[:, g], criterion) for g in range(groups))
    statistics = 2 * total * solution.value, base, groups * p * (p - 1) / 2
    location, df = mean if structure.has_means else None, float(degrees_of_freedom(structure))
    out = _measures(structure, solution.theta, *statistics, covariance, location, share, total)
    models = implied_moments(structure, solution.theta)
    out |= fm.goodness_of_fit(covariance, location, models, share, df, criterion)
    if criterion == "ML":
        model, saturated = fm.log_likelihood(solution.value, covariance, cases)
        out |= {"log_likelihood": model, "saturated_log_likelihood": saturated}
        out |= fm.information_criteria(model, count, float(cases.sum()))
    return out


def fiml_summary(
    structure: Structure,
    solution: Solution,
    saturated: Solution,
    baseline_value: Floats,
    n_cases: Floats,
    n_answers: float,
) -> dict[str, Floats]:
    """Fit measures (B,) of a FIML solution, from f of the model, the saturated model and the baseline.

    Residual measures compare with the saturated model's moments; `n_answers` counts the answers there are. GFI, which
    needs the patterns, is `fiml_goodness`.
    """
    cases = np.asarray(n_cases, dtype=np.float64)
    total, groups, p = float(cases.sum()), structure.n_groups, structure.n_items
    moments = saturated.theta.reshape(len(saturated.theta), groups, -1)
    low, high = np.tril_indices(p)
    covariance = np.empty((*moments.shape[:2], p, p))
    covariance[:, :, low, high] = covariance[:, :, high, low] = moments[:, :, : len(low)]
    mean = moments[:, :, len(low) :]
    chi2, base = (2 * total * (value - saturated.value) for value in (solution.value, baseline_value))
    statistics = chi2, base, groups * p * (p - 1) / 2
    out = _measures(structure, solution.theta, *statistics, covariance, mean, cases / total, total)
    constant = 0.5 * n_answers * np.log(2 * np.pi)
    model, whole = (-total * value - constant for value in (solution.value, saturated.value))
    out |= {"log_likelihood": model, "saturated_log_likelihood": whole}
    return out | fm.information_criteria(model, structure.n_estimated, total)


def _measures(
    structure: Structure,
    theta: Floats,
    chi2: Floats,
    base: Floats,
    base_df: float,
    covariance: Floats,
    mean: Floats | None,
    share: Floats,
    total: float,
) -> dict[str, Floats]:
    """Everything but likelihoods and GFI."""
    df, size, count = float(degrees_of_freedom(structure)), len(chi2), structure.n_estimated
    models = implied_moments(structure, theta)
    return {
        "chi2": chi2,
        "df": np.full(size, df),
        "p_value": fm.tail(chi2, df),
        "n_parameters": np.full(size, float(count)),
        "baseline_chi2": base,
        "baseline_df": np.full(size, base_df),
        "baseline_p_value": fm.tail(base, base_df),
        **fm.incremental(chi2, df, base, base_df),
        **fm.rmsea(chi2, df, total, structure.n_groups),
        **fm.absolute(chi2, df, total, count),
        **fm.residual_measures(covariance, mean, models, share),
    }


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
