"""Covariances of many groups, pooled in part: how much a small group may borrow from all of them.

Covariances of the groups vary about a common matrix as an inverse Wishart distribution with nu degrees of freedom; what
was measured in a group varies about its own as a Wishart distribution [Chen 1979, Bayesian inference for a normal
dispersion matrix and its application to stochastic multiple regression analysis, JRSS B 41, 235-248]. The posterior
mean then counts the common matrix as s = nu - p - 1 cases beside the group's own n - 1 degrees of freedom, and s is
found where what was measured in all groups is likeliest (empirical Bayes).
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import multigammaln

from csi.numerics.solve import Floats

#: Between these strengths, in cases, the likeliest is sought: beyond the upper one groups are alike.
WEAKEST, STRONGEST = 1e-2, 1e6


def common(cov: Floats, df: Floats) -> Floats:
    """Mean of covariances `(G, ...)` within groups, weighted by degrees of freedom; groups without any are left out."""
    flat = cov.reshape(len(cov), -1)
    known = (df > 0) & np.isfinite(flat).all(axis=1)
    mean: Floats = np.einsum("g,gk->k", df[known], flat[known]) / df[known].sum()
    return mean.reshape(cov.shape[1:])


def likeliest_strength(cov: Floats, df: Floats) -> float:
    """Strength at which covariances `(G, p, p)` of `df` degrees of freedom are likeliest; infinite if groups agree."""
    p = cov.shape[1]
    known = (df > 0) & np.isfinite(cov).all(axis=(1, 2))
    cov, df, middle = cov[known], df[known], common(cov, df)
    level = np.linalg.slogdet(middle)[1]

    def unlikely(log_strength: float) -> float:
        """Minus the log of the marginal density, without what does not depend on the strength."""
        s = np.exp(log_strength)
        nu = s + p + 1
        # In units of s, so that large strengths keep their digits.
        sign, spread = np.linalg.slogdet(middle + df[:, None, None] / s * cov)
        if (sign <= 0).any():
            return float("inf")
        each = (
            -(nu + df) / 2 * spread
            - df / 2 * p * np.log(s)
            + nu / 2 * level
            + np.array([multigammaln((nu + own) / 2, p) for own in df])
            - multigammaln(nu / 2, p)
        )
        return -float(each.sum())

    found = minimize_scalar(unlikely, bounds=(np.log(WEAKEST), np.log(STRONGEST)), method="bounded")
    strength = float(np.exp(found.x))
    return np.inf if strength > STRONGEST / 10 else strength


def shares(df: Floats, strength: float) -> Floats:
    """Share of the common matrix in the covariances of every group."""
    if np.isinf(strength):
        return np.ones(len(df))
    return strength / (strength + np.maximum(df, 0))


def pooled(cov: Floats, df: Floats, share: Floats) -> Floats:
    """Covariances `(G, ...)` moved towards their common mean; a group that has none takes the mean."""
    middle = common(cov, df)
    weight = share.reshape(-1, *[1] * (cov.ndim - 1))
    own = np.where(np.isfinite(cov), cov, middle)
    weight = np.where(np.isfinite(cov), weight, 1.0)
    mixed: Floats = weight * middle + (1 - weight) * own
    return mixed
