"""Linear algebra over a stack of matrices in which one bad matrix spoils only itself (NaN), never the stack."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def cholesky(stack: Floats) -> Floats:
    """Lower Cholesky factors (B, p, p); NaN where a matrix is not positive definite."""
    return _isolate(np.linalg.cholesky, stack)


def inverse(stack: Floats) -> Floats:
    """Inverses (B, p, p); NaN where a matrix is exactly singular."""
    return _isolate(np.linalg.inv, stack)


def solve(stack: Floats, right: Floats) -> Floats:
    """Solutions (B, p) of `stack` x = `right` (B, p); NaN where a matrix is exactly singular."""
    return _isolate(_solve, stack, right[:, :, None])[:, :, 0]


def _solve(stack: Floats, right: Floats) -> Floats:
    """`numpy.linalg.solve` with its two arguments only."""
    return np.asarray(np.linalg.solve(stack, right), dtype=np.float64)


def _isolate(operation: Callable[..., Floats], *stacks: Floats) -> Floats:
    """The operation on the stack; a failing stack is halved until the failing matrix is alone."""
    try:
        return operation(*stacks)
    except np.linalg.LinAlgError:
        size = len(stacks[0])
        if size == 1:
            return np.full(stacks[-1].shape, np.nan)
        parts = (_isolate(operation, *(s[part] for s in stacks)) for part in (slice(size // 2), slice(size // 2, None)))
        return np.concatenate(list(parts))
