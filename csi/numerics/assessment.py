"""How good measurement and model are: reliability, validity, overlap of causes, distance from the data.

Replicates stand on the last axis; m items, k constructs, B replicates. A number that does not exist is NaN.

References
----------
Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika 16, 297-334.
Joreskog, K. G. (1971). Statistical analysis of sets of congeneric tests. Psychometrika 36, 109-133.
Fornell, C., & Larcker, D. F. (1981). Evaluating structural equation models. J. Marketing Research 18, 39-50.
Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing discriminant validity. JAMS 43.
Roemer, E., Schuberth, F., & Henseler, J. (2021). HTMT2 - an improved criterion. IMDS 121, 2637-2650.
Dijkstra, T. K., & Henseler, J. (2015). Consistent and asymptotically normal PLS estimators. CSDA 81, 10-23.
Tenenhaus, M., et al. (2005). PLS path modeling. CSDA 48, 159-205.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics.solve import Floats, solve

#: Eigenvalues below this share of the largest are taken for zero.
SINGULAR = 1e-12


# -- reliability --------------------------------------------------------------------------------------------


def alpha(cov: Floats) -> Floats:
    """Cronbach's alpha of one block `(p, p, B)`, p/(p-1) (1 - trace/sum); NaN for a single item [Cronbach 1951]."""
    p = len(cov)
    total, own = cov.sum(axis=(0, 1)), np.einsum("iib->b", cov)
    if p < 2:
        return np.full(cov.shape[-1], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = p / (p - 1) * (1 - own / np.where(total > 0, total, np.nan))
    return found


def composite_reliability(loadings: Floats) -> Floats:
    """rho_C of one block of loadings `(p, B)`: (sum)^2 over itself plus the error variances [Joreskog 1971]."""
    common = loadings.sum(axis=0) ** 2
    found: Floats = common / (common + (1 - loadings**2).sum(axis=0))
    return found


def extracted(loadings: Floats) -> Floats:
    """Average variance extracted by one block `(p, B)`: the mean squared loading [Fornell & Larcker 1981]."""
    found: Floats = (loadings**2).mean(axis=0)
    return found


def two_eigenvalues(corr: Floats) -> tuple[Floats, Floats, Floats]:
    """First and second eigenvalue of a block of correlations `(p, p, B)`, and rho of its first component.

    A block is of one dimension where the first exceeds one and the second does not. rho, Dillon and Goldstein's, is
    `composite_reliability` of the loadings of the first principal component [Tenenhaus et al. 2005, sec. 1.2].
    """
    stacked = np.moveaxis(corr, -1, 0)
    whole = np.isfinite(stacked).all(axis=(1, 2))
    first, second, rho = (np.full(len(stacked), np.nan) for _ in range(3))
    values, vectors = np.linalg.eigh(stacked[whole])
    first[whole] = values[:, -1]
    if len(corr) > 1:
        second[whole] = values[:, -2]
    loadings = vectors[..., -1] * np.sqrt(np.maximum(values[:, -1:], 0))
    rho[whole] = composite_reliability(loadings.T)
    return first, second, rho


# -- validity -----------------------------------------------------------------------------------------------


def heterotrait_monotrait(corr: Floats, blocks: Sequence[slice], absolute: bool = True) -> Floats:
    """HTMT of every pair of constructs, `(k, k, B)` [Henseler, Ringle & Sarstedt 2015, eq. 6].

    Mean correlation between the items of two constructs over the root of the product of the mean correlations within
    them (one within a single item). Of absolute correlations, as seminr and SmartPLS 4 do, or of signed ones (cSEM).
    """
    r = np.abs(corr) if absolute else corr
    within = np.stack([_mean_within(r[block, block]) for block in blocks])
    found = np.empty((len(blocks), len(blocks), corr.shape[-1]))
    for i, one in enumerate(blocks):
        for j, other in enumerate(blocks[:i]):
            product = within[i] * within[j]
            with np.errstate(invalid="ignore", divide="ignore"):
                ratio = r[one, other].mean(axis=(0, 1)) / np.sqrt(np.where(product > 0, product, np.nan))
            found[i, j] = found[j, i] = ratio
        found[i, i] = 1
    return found


def _mean_within(r: Floats) -> Floats:
    p = len(r)
    if p < 2:
        return np.ones(r.shape[-1])
    found: Floats = (r.sum(axis=(0, 1)) - np.einsum("iib->b", r)) / (p * (p - 1))
    return found


def heterotrait_monotrait2(corr: Floats, blocks: Sequence[slice]) -> Floats:
    """HTMT2: as HTMT with geometric means; NaN where a product of correlations is negative [Roemer et al. 2021]."""
    found = np.empty((len(blocks), len(blocks), corr.shape[-1]))
    with np.errstate(invalid="ignore", divide="ignore"):
        sizes, negative = np.log(np.abs(corr)), corr < 0
        within = np.stack([_geometric_within(sizes[block, block], negative[block, block]) for block in blocks])
        for i, one in enumerate(blocks):
            for j, other in enumerate(blocks[:i]):
                across = _geometric(sizes[one, other], negative[one, other])
                found[i, j] = found[j, i] = across / np.sqrt(within[i] * within[j])
            found[i, i] = 1
    return found


def _geometric_within(size: Floats, negative: NDArray[np.bool_]) -> Floats:
    rows, cols = np.triu_indices(len(size), 1)
    if not len(rows):
        return np.ones(size.shape[-1])
    return _geometric(size[rows, cols][None], negative[rows, cols][None])


def _geometric(size: Floats, negative: NDArray[np.bool_]) -> Floats:
    """Geometric mean from logarithms; NaN where the product is negative."""
    odd = negative.sum(axis=(0, 1)) % 2 == 1
    found: Floats = np.where(odd, np.nan, np.exp(size.mean(axis=(0, 1))))
    return found


# -- overlap ------------------------------------------------------------------------------------------------


def inflation(corr: Floats) -> Floats:
    """Variance inflation of every variable among the others, `(q, B)`: the diagonal of the inverse of `(q, q, B)`."""
    q, size = len(corr), corr.shape[-1]
    found = np.ones((q, size))
    for j in range(q if q > 1 else 0):
        unit = np.zeros((q, size))
        unit[j] = 1
        found[j] = solve(corr, unit)[j]
    return found


def effect_size(path: Floats, vif: Floats, r2: Floats) -> Floats:
    """Cohen's f2 of causes `(q, B)`, (R2 - R2 without the cause) / (1 - R2), with the scores held fixed.

    Leaving out one regressor lowers R2 by b^2 / VIF, so no second regression is needed. NaN where nothing is left to
    explain.
    """
    left = 1 - r2
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = path**2 / vif / np.where(np.abs(left) > SINGULAR, left, np.nan)
    return found


# -- distance from the data -----------------------------------------------------------------------------------


def implied_constructs(correlations: Floats, paths: Floats, arrows: NDArray[np.bool_]) -> Floats:
    """Correlations of the constructs `(k, k, B)` that follow from the paths alone.

    Constructs without causes keep their correlations; every other one is the sum of its causes and a disturbance of
    variance 1 - R2 that nothing else shares. Where the model does not hold, the variances that follow are not quite
    one; they are then set to one and the covariances left, which is what cSEM does.
    """
    found = correlations.copy()
    caused = arrows.any(axis=0)
    done: list[int] = [int(j) for j in np.flatnonzero(~caused)]
    waiting = [int(j) for j in np.flatnonzero(caused)]
    while waiting:
        ready = [j for j in waiting if set(np.flatnonzero(arrows[:, j]).tolist()) <= set(done)]
        for j in ready:
            causes = np.flatnonzero(arrows[:, j])
            for i in done:
                found[i, j] = found[j, i] = np.einsum("cb,cb->b", paths[causes, j], found[causes, i])
            explained = np.einsum("cb,cb->b", paths[causes, j], correlations[causes, j])
            found[j, j] = 1 - explained + np.einsum("cb,cb->b", paths[causes, j], found[causes, j])
            done.append(j)
        waiting = [j for j in waiting if j not in ready]
    diagonal = np.arange(len(found))
    found[diagonal, diagonal] = correlations[diagonal, diagonal]
    return found


def implied_items(
    s: Floats, loadings: Floats, constructs: Floats, blocks: Sequence[slice], composite: NDArray[np.bool_]
) -> Floats:
    """Correlations of the items `(m, m, B)` that a model implies.

    Items of two constructs correlate by loading, correlation of the constructs, loading; so do items of one
    reflective construct. Items of a composite correlate as they do.
    """
    owner = np.repeat(np.arange(len(blocks)), [block.stop - block.start for block in blocks])
    found = constructs[np.ix_(owner, owner)] * loadings[:, None] * loadings[None, :]
    diagonal = np.arange(len(owner))
    found[diagonal, diagonal] = s[diagonal, diagonal]
    for j in np.flatnonzero(composite):
        found[blocks[int(j)], blocks[int(j)]] = s[blocks[int(j)], blocks[int(j)]]
    return found


class Distances(NamedTuple):
    """How far the model's correlations are from those observed, each `(B,)`."""

    srmr: Floats
    d_uls: Floats
    d_g: Floats
    d_ml: Floats


def distances(s: Floats, implied: Floats) -> Distances:
    """Compare observed `(m, m, B)` with implied correlations [Dijkstra & Henseler 2015, eqs. 21-24].

    SRMR is the root of the mean squared residual over m(m + 1)/2 entries, d_ULS half the squared norm of the
    residuals, d_G half the sum of squared common logarithms of the eigenvalues e of S^-1 Sigma (of base 10, as cSEM has
    it; natural ones would give 5.30 times as much), d_ML the discrepancy of maximum likelihood, sum(ln e + 1/e) - m.
    The last two are NaN where a matrix is not positive definite.
    """
    residual = s - implied
    m = len(s)
    rows, cols = np.tril_indices(m)
    srmr = np.sqrt((residual[rows, cols] ** 2).sum(axis=0) / len(rows))
    d_uls = (residual**2).sum(axis=(0, 1)) / 2
    e = relative_eigenvalues(s, implied)
    logs = np.log(e)
    return Distances(srmr, d_uls, ((logs / np.log(10)) ** 2).sum(axis=0) / 2, (logs + 1 / e).sum(axis=0) - m)


def relative_eigenvalues(s: Floats, implied: Floats) -> Floats:
    """Eigenvalues of S^-1 Sigma, `(m, B)`; NaN where either is not positive definite."""
    observed, expected = np.moveaxis(s, -1, 0), np.moveaxis(implied, -1, 0)
    found = np.full(observed.shape[:2], np.nan)
    usable = np.isfinite(observed).all(axis=(1, 2)) & np.isfinite(expected).all(axis=(1, 2))
    values, vectors = np.linalg.eigh(observed[usable])
    definite = values[:, 0] > SINGULAR * values[:, -1]
    half = vectors[definite] / np.sqrt(values[definite])[:, None, :]
    between = np.linalg.eigvalsh(half.swapaxes(1, 2) @ expected[usable][definite] @ half)
    at = np.flatnonzero(usable)[definite]
    found[at] = np.where(between[:, :1] > SINGULAR, between, np.nan)
    return found.T


def log_determinant(s: Floats) -> Floats:
    """Logarithm of the determinant of correlations `(m, m, B)`; NaN where not positive definite."""
    stacked = np.moveaxis(s, -1, 0)
    found = np.full(len(stacked), np.nan)
    whole = np.isfinite(stacked).all(axis=(1, 2))
    sign, size = np.linalg.slogdet(stacked[whole])
    found[whole] = np.where(sign > 0, size, np.nan)
    return found
