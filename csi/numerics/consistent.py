"""Consistent PLS: how reliable a score is, and what correlations and loadings would be without measurement error.

Replicates stand on the last axis; m items, k constructs, B replicates.

References
----------
Dijkstra, T. K., & Henseler, J. (2015a). Consistent partial least squares path modeling. MIS Quarterly 39, 297-316.
Dijkstra, T. K., & Henseler, J. (2015b). Consistent and asymptotically normal PLS estimators for linear structural
    equations. CSDA 81, 10-23.
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


def consistent_loadings(w: Floats, reliability: Floats, blocks: Sequence[slice], which: NDArray[np.bool_]) -> Floats:
    """Loadings of the items of some constructs, sqrt(rho) w / w'w, `(m, B)`; NaN elsewhere [2015a, eq. 5]."""
    found = np.full_like(w, np.nan)
    root = np.sqrt(np.where(reliability > 0, reliability, np.nan))
    for j, block in enumerate(blocks):
        if which[j]:
            found[block] = root[j] * w[block] / (w[block] ** 2).sum(axis=0)
    return found
