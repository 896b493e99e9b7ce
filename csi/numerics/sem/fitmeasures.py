"""Fit measures, each with its definition; arrays carry a leading replicate axis.

`n` is the number the statistic was multiplied with: cases for the normal likelihood, cases less groups for Wishart.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from .discrepancy import Criterion
from .isolated import cholesky, inverse, solve
from .structure import Floats, Implied


def baseline_value(covariance: Floats, criterion: Criterion) -> Floats:
    """F / 2 of the independence model for a stack of covariance matrices (B, p, p)."""
    if criterion == "ML":
        deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
        correlation = covariance / (deviation[:, :, None] * deviation[:, None, :])
        logs = np.log(np.diagonal(cholesky(correlation), axis1=1, axis2=2))
        return np.asarray(-logs.sum(axis=1), dtype=np.float64)
    if criterion == "ULS":
        diagonal = np.diagonal(covariance, axis1=1, axis2=2)
        return np.asarray(0.25 * ((covariance**2).sum(axis=(1, 2)) - (diagonal**2).sum(axis=1)), dtype=np.float64)
    weight = inverse(covariance)
    variance = solve(weight**2, np.diagonal(weight, axis1=1, axis2=2))
    gap = np.eye(covariance.shape[1]) - weight * variance[:, None, :]
    return np.asarray(0.25 * (gap * gap.transpose(0, 2, 1)).sum(axis=(1, 2)), dtype=np.float64)


def tail(statistic: Floats, df: float) -> Floats:
    """P-value of a chi-square statistic; NaN without degrees of freedom."""
    return np.asarray(special.chdtrc(df, statistic)) if df > 0 else np.full(np.shape(statistic), np.nan)


def incremental(
    chi2: Floats, df: float, base: Floats, base_df: float, scale: Floats | float = 1.0, base_scale: Floats | float = 1.0
) -> dict[str, Floats]:
    """Measures against the independence model.

    CFI (Bentler 1990), TLI (Tucker & Lewis 1973; also NNFI), NFI (Bentler & Bonett 1980), PNFI, RFI (Bollen 1986),
    IFI (Bollen 1989) and RNI (McDonald & Marsh 1990). With `scale` and `base_scale` (scaling factors of unscaled
    statistics) the robust CFI and TLI of Brosseau-Liard & Savalei (2014).
    """
    excess, base_excess = chi2 - scale * df, base - base_scale * base_df
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.maximum(np.maximum(base_excess, excess), 0.0)
        cfi = np.where(most == 0, 1.0, 1 - np.maximum(excess, 0) / most)
        tli = 1 - (excess / df) / (base_excess / base_df) if df > 0 else np.ones_like(chi2)
        nfi = (base - chi2) / base
        return {
            "cfi": cfi,
            "tli": tli,
            "nfi": nfi,
            "pnfi": df / base_df * nfi,
            "rfi": 1 - (chi2 / df) / (base / base_df) if df > 0 else np.ones_like(chi2),
            "ifi": (base - chi2) / (base - df),
            "rni": 1 - excess / base_excess,
        }


def noncentrality(statistic: Floats, df: float, probability: float) -> Floats:
    """Noncentrality at which P(X <= statistic) is `probability`; 0 where no noncentrality is that small."""
    at = np.asarray(statistic, dtype=np.float64)
    possible = np.isfinite(at) & (special.chdtr(df, np.maximum(at, 0)) > probability)
    out = np.where(np.isfinite(at), 0.0, np.nan)
    for place in np.ndindex(at.shape):
        if possible[place]:
            out[place] = _noncentrality(float(at[place]), df, probability)
    return out


def _noncentrality(statistic: float, df: float, probability: float) -> float:
    """Newton steps, safeguarded by bisection, on the noncentral distribution function."""
    low, high = 0.0, max(4.0, statistic)
    while special.chndtr(statistic, df, high) > probability:
        low, high = high, 2 * high
    at = min(max(statistic - df + 2.0 * np.sqrt(statistic) * (0.5 - probability), low), high)
    for _ in range(100):
        gap = special.chndtr(statistic, df, at) - probability
        low, high = (at, high) if gap > 0 else (low, at)
        # d/d(lambda) P(x; df, lambda) = (P(x; df + 2, lambda) - P(x; df, lambda)) / 2.
        slope = 0.5 * (special.chndtr(statistic, df + 2, at) - gap - probability)
        new = at - gap / slope if slope < 0 else -1.0
        new = new if low < new < high else 0.5 * (low + high)
        if abs(new - at) <= 1e-12 * max(1.0, at):
            return float(new)
        at = new
    return float(at)


def rmsea(
    chi2: Floats,
    df: float,
    n: float,
    n_groups: int = 1,
    *,
    scale: Floats | float = 1.0,
    confidence_level: float = 0.9,
    close: float = 0.05,
    far: float = 0.08,
) -> dict[str, Floats]:
    """RMSEA (Steiger & Lind 1980) with interval, test of close fit (Browne & Cudeck 1993) and of not-close fit.

    With the scaling factor `scale` of a scaled statistic, the robust RMSEA of Brosseau-Liard, Savalei & Li (2012).
    """
    unit = scale * n_groups / (n * df) if df > 0 else np.nan
    side = (1 - confidence_level) / 2
    lower, upper = (noncentrality(chi2, df, p) for p in (1 - side, side)) if df > 0 else (chi2 * np.nan,) * 2
    close_ncp, far_ncp = (limit**2 / unit for limit in (close, far))
    return {
        "rmsea": np.sqrt(np.maximum(chi2 - df, 0) * unit),
        "rmsea_low": np.sqrt(lower * unit),
        "rmsea_high": np.sqrt(upper * unit),
        "rmsea_close": 1 - special.chndtr(chi2, df, close_ncp),
        "rmsea_not_close": special.chndtr(chi2, df, far_ncp),
    }


def absolute(chi2: Floats, df: float, n: float, n_parameters: int) -> dict[str, Floats]:
    """Critical N (Hoelter 1983), MFI (McDonald 1989) and ECVI (Browne & Cudeck 1989)."""
    with np.errstate(divide="ignore"):
        return {
            "cn_05": special.chdtri(df, 0.05) / (chi2 / n) + 1,
            "cn_01": special.chdtri(df, 0.01) / (chi2 / n) + 1,
            "mfi": np.exp(-0.5 * (chi2 - df) / n),
            "ecvi": (chi2 + 2 * n_parameters) / n,
        }


def information_criteria(log_likelihood: Floats, n_parameters: int, n_cases: float) -> dict[str, Floats]:
    """AIC, BIC and sample-size adjusted BIC (Sclove 1987) from the log-likelihood."""
    base = -2 * log_likelihood
    return {
        "aic": base + 2 * n_parameters,
        "bic": base + np.log(n_cases) * n_parameters,
        "sabic": base + np.log((n_cases + 2) / 24) * n_parameters,
    }


def log_likelihood(value: Floats, covariance: Floats, n_cases: Floats) -> tuple[Floats, Floats]:
    """Normal log-likelihoods of the model and of the saturated one, from F / 2 and (B, groups, p, p) covariances."""
    p = covariance.shape[-1]
    cases = np.asarray(n_cases, dtype=np.float64)
    shape = covariance.shape[:2]
    factor = cholesky(covariance.reshape(-1, p, p))
    log_det = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1).reshape(shape)
    saturated = -0.5 * (cases * (p * np.log(2 * np.pi) + log_det + p)).sum(axis=1)
    return saturated - cases.sum() * value, saturated


def goodness_of_fit(
    covariance: Floats, mean: Floats | None, models: tuple[Implied, ...], share: Floats, df: float, criterion: Criterion
) -> dict[str, Floats]:
    """GFI, AGFI, PGFI: 1 - e'We / s'Ws with the estimator's weight (Joreskog & Sorbom 1984; Tanaka & Huba 1985).

    W is that of the implied moments for ML and the identity on the p (p + 1) / 2 distinct elements for ULS, as in
    lavaan. With means in the model their residuals and values join e and s. Groups are averaged by their share.
    """
    p, gfi = covariance.shape[-1], np.zeros(len(covariance))
    for g, model in enumerate(models):
        sample, sigma = covariance[:, g], model.sigma(p)
        above = _length(sample - sigma, sample, sigma, criterion)
        below = _length(sample, sample, sigma, criterion)
        if mean is not None:
            weight = _weight(sample, sigma, criterion)
            gap, whole = mean[:, g] - model.mu(p), mean[:, g]
            above = above + (gap[:, None] @ weight @ gap[:, :, None])[:, 0, 0]
            below = below + (whole[:, None] @ weight @ whole[:, :, None])[:, 0, 0]
        gfi += share[g] * (1 - above / below)
    count = len(models) * (p * (p + 1) // 2 + (p if mean is not None else 0))
    agfi = 1 - count / df * (1 - gfi) if df > 0 else np.full_like(gfi, np.nan)
    return {"gfi": gfi, "agfi": agfi, "pgfi": df / count * gfi}


def _length(matrix: Floats, sample: Floats, sigma: Floats, criterion: Criterion) -> Floats:
    """Weighted squared length of a symmetric matrix (B,)."""
    if criterion == "ULS":
        low, high = np.tril_indices(matrix.shape[-1])
        squared: Floats = (matrix[:, low, high] ** 2).sum(axis=1)
        return squared
    weighted = _weight(sample, sigma, criterion) @ matrix
    traced: Floats = 0.5 * (weighted * weighted.transpose(0, 2, 1)).sum(axis=(1, 2))
    return traced


def _weight(sample: Floats, sigma: Floats, criterion: Criterion) -> Floats:
    """The weight matrix of the estimator."""
    if criterion == "ULS":
        return np.broadcast_to(np.eye(sample.shape[-1]), sample.shape)
    return inverse(sigma if criterion == "ML" else sample)


def residual_measures(
    covariance: Floats, mean: Floats | None, models: tuple[Implied, ...], share: Floats
) -> dict[str, Floats]:
    """RMR, SRMR (Bentler 1995), CRMR (Bollen 1989) and Mplus's SRMR, averaged over groups by their share.

    With means in the model their residuals join; the `_nomean` measures leave them out.
    """
    p = covariance.shape[-1]
    low, high = np.tril_indices(p)
    out: dict[str, Floats] = {}
    for g, model in enumerate(models):
        sample, sigma = covariance[:, g], model.sigma(p)
        parts = _standardized_gaps(sample, sigma)
        means = None if mean is None else _mean_gaps(mean[:, g], model.mu(p), sample, sigma)
        for name, gap in parts.items():
            squares = (gap[:, low, high] ** 2).sum(axis=1)
            count = len(low) - (p if name == "crmr" else 0)
            _add(out, name if means is None else name + "_nomean", share[g] * np.sqrt(squares / count))
            if means is not None:
                both = squares + (means[name] ** 2).sum(axis=1)
                _add(out, name, share[g] * np.sqrt(both / (count + p)))
    return out


def _standardized_gaps(sample: Floats, sigma: Floats) -> dict[str, Floats]:
    """Residuals as they are, over sample standard deviations, of correlations, and Mplus's mixture."""
    observed, fitted = (np.sqrt(np.diagonal(m, axis1=1, axis2=2)) for m in (sample, sigma))
    unit = observed[:, :, None] * observed[:, None, :]
    bentler = (sample - sigma) / unit
    correlation = sample / unit - sigma / (fitted[:, :, None] * fitted[:, None, :])
    corner = np.eye(sample.shape[-1])
    return {
        "rmr": sample - sigma,
        "srmr": bentler,
        "crmr": correlation,
        "srmr_mplus": correlation * (1 - corner) + bentler * corner,
    }


def _mean_gaps(mean: Floats, mu: Floats, sample: Floats, sigma: Floats) -> dict[str, Floats]:
    """Mean residuals in the four metrics."""
    observed, fitted = (np.sqrt(np.diagonal(m, axis1=1, axis2=2)) for m in (sample, sigma))
    standardized = mean / observed - mu / fitted
    return {
        "rmr": mean - mu,
        "srmr": (mean - mu) / observed,
        "crmr": (mean - mu) / observed,
        "srmr_mplus": standardized,
    }


def _add(out: dict[str, Floats], name: str, value: Floats) -> None:
    """Add to a running total."""
    out[name] = out[name] + value if name in out else value
