"""A factor solution as arrays: extraction and rotation, factors sorted by what they explain, with positive sums."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics import factor, rotation

Floats = NDArray[np.float64]
Extraction = Literal["ml", "pa", "minres", "pc"]
Rotate = Literal["varimax", "promax", "oblimin", "quartimax", "none"]
Convention = Literal["psych", "factanal", "spss"]

STRICT = 1e-14
"""Stopping rule of the convention without a published program to agree with to the last digit."""


class Solution(NamedTuple):
    """Sorted, signed loadings with the correlations of the factors."""

    loadings: Floats
    phi: Floats
    plain: factor.Extraction


def _extract(corr: Floats, k: int, extraction: str, convention: str) -> factor.Extraction:
    """Unrotated solution."""
    if extraction == "pc":
        return factor.principal_components(corr, k)
    if extraction == "pa":
        return factor.principal_axes(corr, k)
    start = factor.smallest_uniquenesses(corr) * (1 - 0.5 * k / len(corr) if convention == "factanal" else 1)
    tolerance = STRICT if convention == "spss" else factor.R_TOLERANCE
    search = factor.maximum_likelihood if extraction == "ml" else factor.minimum_residuals
    return search(corr, k, start, tolerance)


def _rotate(loadings: Floats, rotate: str, convention: str) -> rotation.Rotation:
    """Rotated solution, columns in any order."""
    tolerance = 1e-10 if convention == "spss" else rotation.R_TOLERANCE
    if rotate == "varimax":
        return rotation.varimax(loadings, tolerance)
    if rotate == "promax":
        return rotation.promax(loadings, normalize=convention != "factanal", tolerance=tolerance)
    if rotate == "oblimin":
        return rotation.oblimin(loadings, normalize=convention == "spss", tolerance=tolerance)
    if rotate == "quartimax":
        return rotation.quartimax(loadings, tolerance)
    return rotation.Rotation(loadings, np.eye(loadings.shape[1]))


def solve(corr: Floats, k: int, extraction: str, rotate: str, convention: str) -> Solution:
    """Extract, rotate, sort the factors by the variance they explain, and give each a positive sum."""
    plain = _extract(corr, k, extraction, convention)
    # Signs before the rotation are a matter of the eigenvector routine; a positive sum makes them ours.
    signs = np.where(plain.loadings.sum(axis=0) < 0, -1.0, 1.0)
    turned = _rotate(plain.loadings * signs, rotate, convention)
    order = np.argsort(-explained(turned.loadings, turned.correlations), kind="stable")
    loadings, phi = turned.loadings[:, order], turned.correlations[np.ix_(order, order)]
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    return Solution(loadings * signs, phi * np.outer(signs, signs), plain)


def explained(loadings: Floats, phi: Floats) -> Floats:
    """Variance of all items that each factor explains; over the factors it adds up to the communality, (k,)."""
    parts: Floats = np.diag(phi @ loadings.T @ loadings).copy()
    return parts
