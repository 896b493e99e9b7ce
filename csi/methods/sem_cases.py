"""The cases of a group as covariance structure models want them: codes, reversed items turned, or categories."""

from __future__ import annotations

import numpy as np

from csi.blueprint import Blueprint
from csi.errors import DataError, NotAvailable
from csi.numerics.sem import polychoric
from csi.numerics.solve import Floats
from csi.sample import Sample


def cases_of(blueprint: Blueprint, sample: Sample, group: int) -> Floats:
    """Codes of the cases of a group (n, p), reversed items turned; NaN where blank."""
    turn = np.sign(blueprint.intercept_slope[1])
    return np.ascontiguousarray((sample.codes[:, sample.rows[group]] * turn[:, None]).T)


def relative_weights(sample: Sample, group: int) -> Floats | None:
    """Sampling weights of the cases of a group, with mean one; None where all are equal."""
    own = sample.weight[sample.rows[group]]
    return None if (own == own[0]).all() else own / own.mean()


def answered(blueprint: Blueprint, sample: Sample, group: int) -> tuple[Floats, Floats | None]:
    """Cases of a group with their weights, without those that answered nothing."""
    cases, weights = cases_of(blueprint, sample, group), relative_weights(sample, group)
    here = np.isfinite(cases).any(axis=1)
    return cases[here], None if weights is None else weights[here] / weights[here].mean()


def categories(blueprint: Blueprint, sample: Sample, group: int) -> polychoric.Ordinal:
    """Thresholds and polychoric correlations of the items of a group, its categories in use numbered from 0.

    Raises
    ------
    DataError
        If an item has a single category, or so many that it is no ordered item.
    """
    x = cases_of(blueprint, sample, group)
    if not np.isfinite(x).all():
        raise DataError("ordered items with blanks need missing='listwise'")
    if relative_weights(sample, group) is not None:
        raise NotAvailable("polychoric correlations of weighted answers are not worked out; use csi.CBSEM('MLR')")
    codes = np.empty(x.shape, np.intp)
    for j, name in enumerate(blueprint.item_names):
        found, codes[:, j] = np.unique(x[:, j], return_inverse=True)
        if len(found) < 2:
            raise DataError(f"the ordered item {name!r} has one category only, {found[0]:g}; leave it out")
        if len(found) > 12:
            raise DataError(
                f"the ordered item {name!r} has {len(found)} different answers; so many are no categories:"
                " use csi.CBSEM('MLR')"
            )
    return polychoric.ordinal_statistics(codes)
