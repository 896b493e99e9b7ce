"""Rotation of factor loadings (p, k): varimax, quartimax, promax, direct oblimin.

References
----------
Kaiser (1958), The varimax criterion for analytic rotation in factor analysis, Psychometrika 23.
Hendrickson & White (1964), Promax, British Journal of Statistical Psychology 17.
Jennrich (2001, 2002), A simple general procedure for orthogonal (oblique) rotation, Psychometrika 66 and 67.
Bernaards & Jennrich (2005), Gradient projection algorithms and software for arbitrary rotation criteria, EPM 65.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Criterion = Callable[[Floats], tuple[float, Floats]]

R_TOLERANCE = 1e-5
"""Where R's varimax (relative change of the criterion) and GPArotation (norm of the gradient) stop."""


class Rotation(NamedTuple):
    """Rotated loadings (pattern) and the correlations of the factors (k, k)."""

    loadings: Floats
    correlations: Floats


def normalized(loadings: Floats) -> tuple[Floats, Floats]:
    """Rows of unit length (Kaiser normalization) and the root communalities (p,) that undo it."""
    length = np.sqrt(np.square(loadings).sum(axis=1))
    safe = np.where(length > 0, length, 1.0)
    return loadings / safe[:, None], safe


def varimax(loadings: Floats, tolerance: float = R_TOLERANCE, max_iter: int = 1000) -> Rotation:
    """Orthogonal rotation to the largest variance of squared loadings, with Kaiser normalization.

    The rotation is the polar factor of ``A'(L^3 - L diag(L'L)/p)``, iterated until the sum of its singular values
    grows by less than `tolerance`, the rule of R's varimax.
    """
    if loadings.shape[1] < 2:
        return Rotation(loadings, np.eye(loadings.shape[1]))
    rows, length = normalized(loadings)
    turn, size = np.eye(loadings.shape[1]), 0.0
    for _ in range(max_iter):
        turned = rows @ turn
        u, values, v = np.linalg.svd(rows.T @ (turned**3 - turned * np.mean(turned**2, axis=0)))
        turn, before, size = u @ v, size, float(values.sum())
        if size < before * (1 + tolerance):
            break
    return Rotation((rows @ turn) * length[:, None], np.eye(loadings.shape[1]))


def promax(loadings: Floats, power: float = 4, normalize: bool = True, tolerance: float = R_TOLERANCE) -> Rotation:
    """Oblique rotation towards the powered varimax solution.

    Parameters
    ----------
    power : float
        Exponent m of the target, sign(l) |l|^m; 4 as in R, psych and SPSS (kappa).
    normalize : bool
        True: the target is made of rows of unit length (psych's "promax", SPSS). False: of the varimax loadings
        as they are (R's `promax`, psych's "Promax").
    """
    if loadings.shape[1] < 2:
        return Rotation(loadings, np.eye(loadings.shape[1]))
    rows, length = normalized(loadings) if normalize else (loadings, np.ones(len(loadings)))
    turned = varimax(rows, tolerance).loadings
    target = turned * np.abs(turned) ** (power - 1)
    turn = np.linalg.lstsq(turned, target, rcond=None)[0]
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    inverse = np.linalg.inv(turn)
    return Rotation((turned @ turn) * length[:, None], inverse @ inverse.T)


def oblimin(
    loadings: Floats,
    gamma: float = 0,
    normalize: bool = False,
    tolerance: float = R_TOLERANCE,
    max_iter: int = 1000,
) -> Rotation:
    """Direct oblimin rotation (quartimin for gamma 0, the delta of SPSS).

    Parameters
    ----------
    normalize : bool
        False as in GPArotation and psych; True as in SPSS (Kaiser normalization).
    """
    if loadings.shape[1] < 2:
        return Rotation(loadings, np.eye(loadings.shape[1]))
    rows, length = normalized(loadings) if normalize else (loadings, np.ones(len(loadings)))
    turn = _oblique(rows, lambda a: _oblimin_criterion(a, gamma), tolerance, max_iter)
    return Rotation((rows @ np.linalg.inv(turn).T) * length[:, None], turn.T @ turn)


def quartimax(loadings: Floats, tolerance: float = R_TOLERANCE, max_iter: int = 1000) -> Rotation:
    """Orthogonal rotation to the largest sum of fourth powers, without normalization (GPArotation, psych)."""
    if loadings.shape[1] < 2:
        return Rotation(loadings, np.eye(loadings.shape[1]))
    turn = _orthogonal(loadings, lambda a: (-float(np.sum(a**4)) / 4, -(a**3)), tolerance, max_iter)
    return Rotation(loadings @ turn, np.eye(loadings.shape[1]))


def _oblimin_criterion(a: Floats, gamma: float) -> tuple[float, Floats]:
    """Value and gradient of the oblimin criterion [Bernaards & Jennrich 2005, p. 687]."""
    p, k = a.shape
    squares = a**2 @ (1 - np.eye(k))
    squares = squares - gamma / p * squares.sum(axis=0) if gamma else squares
    return float(np.sum(a**2 * squares)) / 4, a * squares


def _oblique(a: Floats, criterion: Criterion, tolerance: float, max_iter: int) -> Floats:
    """Gradient projection over matrices with unit columns [Jennrich 2002]; rotated loadings are A inv(T)'."""
    turn, step = np.eye(a.shape[1]), 1.0
    inverse = np.linalg.inv(turn)
    value, gradient = criterion(a @ inverse.T)
    for _ in range(max_iter):
        slope = -((a @ inverse.T).T @ gradient @ inverse).T
        projected = slope - turn * np.sum(turn * slope, axis=0)
        size = float(np.sqrt(np.sum(projected**2)))
        if size < tolerance:
            break
        step *= 2
        for _ in range(11):
            moved = turn - step * projected
            moved = moved / np.sqrt(np.sum(moved**2, axis=0))
            inverse = np.linalg.inv(moved)
            new_value, gradient = criterion(a @ inverse.T)
            if value - new_value > 0.5 * size**2 * step:
                break
            step /= 2
        turn, value = moved, new_value
    return turn


def _orthogonal(a: Floats, criterion: Criterion, tolerance: float, max_iter: int) -> Floats:
    """Gradient projection over orthogonal matrices [Jennrich 2001]; rotated loadings are A T."""
    turn, step = np.eye(a.shape[1]), 1.0
    value, gradient = criterion(a @ turn)
    for _ in range(max_iter):
        slope = a.T @ gradient
        inner = turn.T @ slope
        projected = slope - turn @ (inner + inner.T) / 2
        size = float(np.sqrt(np.sum(projected**2)))
        if size < tolerance:
            break
        step *= 2
        for _ in range(11):
            u, _, v = np.linalg.svd(turn - step * projected, full_matrices=False)
            moved = u @ v
            new_value, gradient = criterion(a @ moved)
            if value - new_value > 0.5 * size**2 * step:
                break
            step /= 2
        turn, value = moved, new_value
    return turn
