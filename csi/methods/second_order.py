"""What measurement error in the parts does to a second order that is measured by their scores.

References
----------
van Riel, A. C. R., Henseler, J., Kemeny, I., & Sasovova, Z. (2017). Estimating hierarchical constructs using consistent
    partial least squares: the case of second-order composites of common factors. IMDS 117, 459-477.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from csi.blueprint import Blueprint
from csi.numerics.consistent import consistent_loadings, rho_a
from csi.numerics.solve import Floats


class Parts(NamedTuple):
    """Scores of the parts of one whole: their correlations `(q, q, B)` and their weights in the whole `(q, B)`."""

    correlations: Floats
    weights: Floats

    @classmethod
    def of(cls, blueprint: Blueprint, s: Floats, weights: Floats, whole: int, parts: list[int]) -> Parts:
        """Read them from the weights of all slots: those of a whole are its parts' weights times its own.

        Parameters
        ----------
        s : array (m, m, B)
            Correlations (or covariances) of the slots.
        weights : array (m, B)
        """
        blocks = [blueprint.blocks[part] for part in parts]
        found = np.empty((len(parts), len(parts), weights.shape[1]))
        for i, one in enumerate(blocks):
            shared = np.einsum("ib,imb->mb", weights[one], s[one])
            for j, other in enumerate(blocks):
                found[i, j] = (shared[other] * weights[other]).sum(axis=0)
        times, at = np.empty((len(parts), weights.shape[1])), blueprint.blocks[whole].start
        for row, block in zip(times, blocks, strict=True):
            w = weights[block]
            row[:] = (weights[at : at + len(w)] * w).sum(axis=0) / (w**2).sum(axis=0)
            at += len(w)
        return cls(found, times)

    def reliability(self) -> Floats:
        """rho_A of a reflective whole `(B,)`."""
        return rho_a(self.correlations, self.weights, [slice(0, len(self.weights))])[0]

    def composite_reliability(self, reliability: Floats) -> Floats:
        """Share of the variance of a composite `(B,)` that is not error of its parts [eq. 9]."""
        found: Floats = np.einsum("ib,ijb,jb->b", self.weights, self._true(reliability), self.weights)
        return found

    def loadings(self, reliability: Floats, whole: Floats, composite: bool) -> Floats:
        """Correlations `(q, B)` of the parts with their whole, both without error.

        Parameters
        ----------
        reliability : array (q, B)
            Of the parts.
        whole : array (B,)
            Reliability of the whole.
        """
        root = np.sqrt(np.where(reliability > 0, reliability, np.nan))
        if composite:
            shared = np.einsum("ib,ijb->jb", self.weights, self._true(reliability))
            found: Floats = shared / (root * np.sqrt(np.where(whole > 0, whole, np.nan)))
            return found
        block = [slice(0, len(self.weights))]
        return consistent_loadings(self.weights, whole[None], block, np.ones(1, bool)) / root

    def _true(self, reliability: Floats) -> Floats:
        """Correlations of the scores with the parts' reliabilities on the diagonal."""
        found, at = self.correlations.copy(), np.arange(len(reliability))
        found[at, at] = reliability
        return found
