"""Complete or available cases of some items, and the moments that the tables of this room rest on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from csi.blocks import Arrays, Group, Said
from csi.errors import DataError, check_choice
from csi.numerics.em import em

Floats = NDArray[np.float64]
Missing = Literal["listwise", "pairwise", "em"]


class Moments(NamedTuple):
    """Cases behind them, means (p,), covariances (p, p) with divisor n - 1, and the treatment in words."""

    n: float
    mean: Floats
    cov: Floats
    treatment: str


def complete(answers: Arrays, group: Group, at: Sequence[int]) -> tuple[Floats, Floats]:
    """Answers and weights of the cases of a group that answered every item `at`."""
    x = answers.values[group.inside][:, list(at)]
    kept = ~np.isnan(x).any(axis=1)
    return x[kept], answers.weights[group.inside][kept]


def weighted_moments(x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Weighted means and covariances of complete answers; with equal weights the divisor is n - 1."""
    share = w / w.sum()
    # A constant item is its own mean exactly: rounding must not give it a variance.
    mean = np.where(np.ptp(x, axis=0) > 0, share @ x, x[0])
    d = x - mean
    return mean, (d * share[:, None]).T @ d * len(x) / (len(x) - 1)


def moments(answers: Arrays, group: Group, at: Sequence[int], missing: Missing = "listwise") -> Moments:
    """Moments of some items in a group under a stated treatment of missing answers.

    Raises
    ------
    DataError
        With fewer than three cases, or where two items were never answered by the same respondents.
    """
    check_choice(missing, "missing", get_args(Missing))
    x, w = complete(answers, group, at)
    every = int(group.inside.sum())
    if missing == "listwise" or len(x) == every:
        _enough(len(x), every)
        return Moments(len(x), *weighted_moments(x, w), listwise(len(x), every))
    x, w = answers.values[group.inside][:, list(at)], answers.weights[group.inside]
    if missing == "em":
        found = em(x, w)
        if not found.converged[0]:
            raise DataError("EM found no covariance matrix: an item is constant, never answered, or a sum of others")
        n = int((~np.isnan(x).all(axis=1)).sum())
        return Moments(
            n,
            found.mean[0],
            found.cov[0] * n / (n - 1),
            Said(f"EM: maximum likelihood from {n} cases", f"EM 算法：{n} 份答卷的极大似然估计"),
        )
    return _pairwise(x, w)


def listwise(n: int, every: int) -> Said:
    """Say how many cases of a group have no blanks."""
    left = Said(f" ({every - n} of {every} left out)", f"（{every} 份中剔除 {every - n} 份）") if n < every else ""
    return Said(f"listwise: {n} cases without blanks", f"成列删除：{n} 份无缺失答卷") + left


def _enough(n: int, every: int) -> None:
    """Refuse what has no covariance."""
    if n < 3:
        hint = "; missing='pairwise' or 'em' uses incomplete cases" if every > n else ""
        raise DataError(f"{n} complete cases of {every}: at least three are needed{hint}")


def _pairwise(x: Floats, w: Floats) -> Moments:
    """Every covariance from the cases that answered both items."""
    p = x.shape[1]
    cov, counts = np.full((p, p), np.nan), np.zeros((p, p))
    for i in range(p):
        for j in range(i, p):
            both = ~np.isnan(x[:, i]) & ~np.isnan(x[:, j])
            counts[i, j] = counts[j, i] = both.sum()
            if counts[i, j] > 1:
                cov[i, j] = cov[j, i] = weighted_moments(x[both][:, [i, j]], w[both])[1][0, 1]
    if np.isnan(cov).any():
        raise DataError("two items were answered together by fewer than two respondents; use missing='em'")
    given = ~np.isnan(x)
    mean = np.array([np.average(x[g, j], weights=w[g]) for j, g in enumerate(given.T)])
    few, many = int(counts.min()), int(counts.max())
    treatment = Said(
        f"pairwise: {few} to {many} cases a pair; n is the smallest", f"成对删除：每对 {few} 至 {many} 份；n 取最小值"
    )
    return Moments(few, mean, cov, treatment)
