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
