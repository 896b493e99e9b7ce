"""Consistent PLS: how reliable a score is, and what correlations and loadings would be without measurement error.

Replicates stand on the last axis; m items, k constructs, B replicates.

References
----------
Dijkstra, T. K., & Henseler, J. (2015a). Consistent partial least squares path modeling. MIS Quarterly 39, 297-316.
Dijkstra, T. K., & Henseler, J. (2015b). Consistent and asymptotically normal PLS estimators for linear structural
    equations. CSDA 81, 10-23.
Dijkstra, T. K., & Schermelleh-Engel, K. (2014). Consistent partial least squares for nonlinear structural equation
    models. Psychometrika 79, 585-604.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from csi.numerics.solve import Floats


def rho_a(s: Floats, w: Floats, blocks: Sequence[slice]) -> Floats:
    """Reliability of every score, `(k, B)`; NaN for a single item [Dijkstra & Henseler 2015a, eq. 3].

    (w'w)^2 w'(S - diag S)w / w'(ww' - diag ww')w, with w the weights of a score of variance one: what the items of a
    block share, relative to what they would share if their loadings were proportional to their weights.

    Parameters
    ----------
    s : array (m, m, B)
        Correlations of the items (covariances where weights are those of raw items).
    w : array (m, B)
        Weights.
    """
    found = np.full((len(blocks), w.shape[1]), np.nan)
    for j, block in enumerate(blocks):
        part = w[block]
        if len(part) < 2:
            continue
        inside = s[block, block]
        square = (part**2).sum(axis=0)
        off = np.einsum("ijb,ib,jb->b", inside, part, part) - np.einsum("iib,ib->b", inside, part**2)
        spread = square**2 - (part**4).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            found[j] = square**2 * off / np.where(spread > 0, spread, np.nan)
    return found


def disattenuated(correlations: Floats, reliability: Floats) -> Floats:
    """Correlations of the constructs `(k, k, B)` from those of their scores: r_ij / sqrt(rho_i rho_j) off the diagonal.

    NaN where a reliability is not positive, for then no construct stands behind the score [2015a, eq. 4].
    """
    root = np.sqrt(np.where(reliability > 0, reliability, np.nan))
    found: Floats = correlations / (root[:, None] * root[None, :])
    diagonal = np.arange(len(found))
    found[diagonal, diagonal] = np.where(np.isfinite(root), correlations[diagonal, diagonal], np.nan)
    return found


def consistent_products(cov: Floats, root: Floats, parts: Sequence[tuple[int, int]]) -> Floats:
    """Covariances of the constructs and of their products `(k + t, k + t, B)` from those of their scores.

    A score is root * construct + error; errors are independent of the constructs and of each other, their third moment
    is zero and their fourth that of a normal variable. Then E[s_a s_b s_c] = root_a root_b root_c E[a b c], and a
    fourth moment also holds, for every pair of equal scores, the variance of the error times the product of the other
    two [Dijkstra & Schermelleh-Engel 2014, Psychometrika 79, 585-604, sec. 3].

    Parameters
    ----------
    cov : array (k + t, k + t, B)
        Of scores of variance one and, behind them, of their products.
    root : array (k, B)
        Square roots of the reliabilities.
    parts : sequence of (int, int)
        Which scores are multiplied.
    """
    k, found = len(root), cov.copy()
    error = 1 - root**2
    found[:k, :k] = disattenuated(cov[:k, :k], root**2)
    for row, (a, b) in enumerate(parts, start=k):
        for c in range(k):
            found[row, c] = found[c, row] = cov[row, c] / (root[a] * root[b] * root[c])
        for column, (c, d) in enumerate(parts, start=k):
            fourth = cov[row, column] + cov[a, b] * cov[c, d]
            four = (a, b, c, d)
            for i, j, x, y in ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2), (1, 2, 0, 3), (1, 3, 0, 2), (2, 3, 0, 1)):
                if four[i] == four[j]:
                    inside = found[four[x], four[y]] * root[four[x]] * root[four[y]]
                    fourth = fourth - error[four[i]] * inside
            for i, j, x, y in ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2)):
                if four[i] == four[j] and four[x] == four[y]:
                    fourth = fourth - error[four[i]] * error[four[x]]
            constructs = fourth / (root[a] * root[b] * root[c] * root[d])
            found[row, column] = constructs - found[a, b] * found[c, d]
    return found


def consistent_loadings(w: Floats, reliability: Floats, blocks: Sequence[slice], which: NDArray[np.bool_]) -> Floats:
    """Loadings of the items of some constructs, sqrt(rho) w / w'w, `(m, B)`; NaN elsewhere [2015a, eq. 5]."""
    found = np.full_like(w, np.nan)
    root = np.sqrt(np.where(reliability > 0, reliability, np.nan))
    for j, block in enumerate(blocks):
        if which[j]:
            found[block] = root[j] * w[block] / (w[block] ** 2).sum(axis=0)
    return found
