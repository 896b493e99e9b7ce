"""A local level under known sampling errors: what a series of small samples says of the level behind it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from csi.numerics.solve import Floats

#: Standard deviations of a step of the level that are tried, as shares of the typical sampling error.
LEAST, MOST = 1e-4, 1e2


class Smoothed(NamedTuple):
    """Level of every wave `(T,)`, its standard error, the step of the level from wave to wave, and the innovations."""

    level: Floats
    std_error: Floats
    step: float
    surprise: Floats


def smooth(values: Floats, errors: Floats) -> Smoothed:
    """Fit a local level to a series whose sampling errors are known.

    y_t = level_t + e_t with the variance of e_t given by the survey; level_t = level_{t-1} + u_t with one unknown
    standard deviation, by maximum likelihood under a diffuse beginning (statsmodels' state space)
    [Durbin & Koopman 2012, Time series analysis by state space methods, ch. 2; Scott & Smith 1974 for surveys].

    Parameters
    ----------
    values, errors : array (T,)
        Waves in equal steps; NaN where there was none.

    Returns
    -------
    Smoothed
        The standard error of the level holds the step as estimated. `surprise` are the standardized one-step
        innovations, NaN at the beginning.
    """
    known = np.isfinite(values) & np.isfinite(errors)
    blank = np.full(len(values), np.nan)
    if known.sum() < 3:
        return Smoothed(np.where(known, values, np.nan), np.where(known, errors, np.nan), np.nan, blank)
    typical = float(np.sqrt(np.mean(errors[known] ** 2)))
    if not typical > 0:
        return Smoothed(np.where(known, values, np.nan), np.where(known, errors, np.nan), np.nan, blank)
    model = _local_level(np.where(known, values, np.nan), np.where(known, errors, typical) ** 2)
    # Two searches, for a short series may have one maximum at no step at all and another away from it.
    tried = np.log(typical * np.geomspace(LEAST, MOST, 25))
    loss = [-_likelihood(model, float(at)) for at in tried]
    best = int(np.argmin(loss))
    inside = (float(tried[max(best - 1, 0)]), float(tried[min(best + 1, len(tried) - 1)]))
    found = minimize_scalar(lambda at: -_likelihood(model, float(at)), bounds=inside, method="bounded")
    at = float(found.x if found.fun <= loss[best] else tried[best])
    _likelihood(model, at)
    result, step = model.smooth(), float(np.exp(at))
    seen = np.asarray(result.standardized_forecasts_error[0], float)
    seen[np.flatnonzero(known)[0]] = np.nan
    return Smoothed(
        result.smoothed_state[0],
        np.sqrt(np.maximum(result.smoothed_state_cov[0, 0], 0)),
        step if step > 2 * LEAST * typical else 0.0,
        np.where(known, seen, np.nan),
    )


def _likelihood(model: Any, log_step: float) -> float:
    model["state_cov", 0, 0] = np.exp(2 * log_step)
    return float(model.loglike())


def _local_level(values: Floats, variances: Floats) -> Any:
    """The state space: one level, errors of known variance."""
    from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

    model = KalmanSmoother(k_endog=1, k_states=1)
    model.bind(values.copy())
    for name in ("design", "transition", "selection"):
        model[name, 0, 0] = 1.0
    model["obs_cov"] = variances.reshape(1, 1, -1)
    model.initialize_diffuse()
    return model
