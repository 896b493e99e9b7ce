"""Sums that add up: what one pass over the answers keeps of a group, and the moments that come out of it.

A tally is a table of weighted sums, one row a product of shifted answers and one column a row of case weights: column
0 the sampling weights, the others replicates. Its rows are those of `moments.products` while every answer is given and
those of `moments.pair_products` once some are blank. Tables of different cases about the same shift add up; those
about different shifts are moved first, which is the update of Chan, Golub & LeVeque (1983, Algorithms for computing
the sample variance, The American Statistician 37, 242-247, eq. 2.1) written for sums.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi.numerics.moments import Packed, from_sums, mean_replaced, pair_sums, pairs, pairwise
from csi.numerics.solve import Floats


class Tally(NamedTuple):
    """What is known of one group: cases `n`, sum of squared weights, answers given `(p,)`, sums `(K, 1 + R)`."""

    n: float
    squares: float
    answered: Floats
    table: Floats


def rows_of(p: int, paired: bool) -> int:
    """Rows of a table of p items."""
    triangle = p * (p + 1) // 2
    return 2 * triangle + 2 * p * p + 1 if paired else 1 + p + triangle


def is_paired(table: Floats, p: int) -> bool:
    """Whether a table holds what pairwise moments need."""
    return len(table) != rows_of(p, False)


def expanded(table: Floats, p: int) -> Floats:
    """Write the sums of complete cases as sums over pairs of items."""
    if is_paired(table, p):
        return table
    total, first, product = table[:1], table[1 : p + 1], table[p + 1 :]
    rows, cols = pairs(p)
    square = product[rows == cols]
    parts = [np.repeat(total, len(rows), 0), product, np.repeat(first, p, 0), np.repeat(square, p, 0), total]
    return np.concatenate(parts)


def moved(table: Floats, p: int, by: Floats) -> Floats:
    """Turn sums about one shift into sums about another: every answer grows by `by` `(p,)`, old shift less new."""
    if not by.any():
        return table
    rows, cols = pairs(p)
    d_row, d_col, d = by[rows, None], by[cols, None], by[:, None, None]
    if not is_paired(table, p):
        total, first, product = table[:1], table[1 : p + 1], table[p + 1 :]
        product = product + d_row * first[cols] + d_col * first[rows] + d_row * d_col * total
        return np.concatenate([total, first + by[:, None] * total, product])
    sums = pair_sums(table, p)
    first = sums.first + d * sums.weight
    square = sums.square + 2 * d * sums.first + d**2 * sums.weight
    across = sums.product + d * sums.first.swapaxes(0, 1) + d.swapaxes(0, 1) * sums.first
    across = across + d * d.swapaxes(0, 1) * sums.weight
    size = (p * p, table.shape[1])
    return np.concatenate(
        [sums.weight[rows, cols], across[rows, cols], first.reshape(size), square.reshape(size), sums.total[None]]
    )


def merged(first: Tally, second: Tally) -> Tally:
    """Add the sums of two sets of cases about the same shift."""
    p, one, other = len(first.answered), first.table, second.table
    if is_paired(one, p) != is_paired(other, p):
        one, other = expanded(one, p), expanded(other, p)
    return Tally(first.n + second.n, first.squares + second.squares, first.answered + second.answered, one + other)


def taken(tally: Tally, at: list[int]) -> Tally:
    """Keep the sums of some items, in a given order."""
    p, table = len(tally.answered), tally.table
    order = np.array(at, np.intp)
    rows, cols = (order[part] for part in pairs(len(order)))
    place = np.zeros((p, p), np.intp)
    place[pairs(p)] = np.arange(p * (p + 1) // 2)
    triangle = np.maximum(place, place.T)[rows, cols]
    if not is_paired(table, p):
        kept = np.concatenate([[0], 1 + order, 1 + p + triangle])
    else:
        square = (order[:, None] * p + order[None, :]).ravel()
        count = p * (p + 1) // 2
        ends = (0, count, 2 * count, 2 * count + p * p, 2 * count + 2 * p * p)
        kept = np.concatenate([triangle, ends[1] + triangle, ends[2] + square, ends[3] + square, [ends[4]]])
    return tally._replace(answered=tally.answered[order], table=table[kept])


def moments(tally: Tally, shift: Floats, missing: str) -> Packed:
    """Means `(p, 1 + R)` and unbiased covariances `(p(p+1)/2, 1 + R)`, as `Sample.packed` works them out of cases."""
    p, n, answered = len(tally.answered), tally.n, tally.answered
    divisor = n / (n - 1) if n > 1 else np.nan
    if not is_paired(tally.table, p):
        found = from_sums(tally.table, p, divisor)
    elif missing == "mean":
        found = mean_replaced(pair_sums(tally.table, p), divisor)
    else:
        each = np.where(answered > 1, answered / np.where(answered > 1, answered - 1, 1), np.nan)
        found = pairwise(pair_sums(tally.table, p), each)
    return Packed(found.mean + shift[:, None], found.cov)


# -- sums of a few cases ------------------------------------------------------------------------------------


def pair_square(x: Floats, given: NDArray[np.bool_], weight: Floats) -> Floats:
    """Weighted sums `(K, 1)` of `pair_products` of cases `(p, n)` with blanks put to zero, by one matrix product."""
    p = len(x)
    root = np.sqrt(weight)
    table = np.concatenate([given, x, x * x]) * root
    square = table @ table.T
    rows, cols = pairs(p)
    parts = [square[rows, cols], square[p + rows, p + cols], square[p : 2 * p, :p], square[2 * p :, :p]]
    return np.concatenate([*(part.reshape(-1) for part in parts), [weight.sum()]])[:, None]
