"""Which rows stand for which cases of a design, with their weights, clusters within strata, and replicate weights."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csi import frames
from csi.blocks.answers import Bools, Floats, Replicates
from csi.design import Design
from csi.errors import DataError, listing
from csi.numerics import survey


class Drawn(NamedTuple):
    """Rows of the table that are cases (a count repeats them), their weights, and how they were drawn."""

    rows: NDArray[np.intp]
    weights: Floats
    laid: survey.Layout | None = None
    replicates: Replicates | None = None


def drawn(opened: frames.Table, design: Design | None) -> Drawn:
    """Cases of a design; weights are scaled to a mean of 1, cases of weight zero left out."""
    rows = np.arange(len(opened))
    if design is None:
        return Drawn(rows, np.ones(len(opened)))
    if design.count is not None:
        counts = _weights(opened, design.count, "count")
        if (counts != np.round(counts)).any():
            raise DataError(f"count column {design.count!r} holds fractions; sampling weights go to Design(weight=)")
        return Drawn(np.repeat(rows, counts.astype(int)), np.ones(int(counts.sum())))
    weights = np.ones(len(opened)) if design.weight is None else _weights(opened, design.weight, "weight")
    inside = weights > 0
    scaled = weights[inside] / weights[inside].mean()
    if design.replicates:
        return Drawn(rows[inside], scaled, None, _replicates(opened, design, weights, inside))
    stratum = rows * 0 if design.stratum is None else frames.classes(opened, design.stratum, "stratum")[0]
    psu = rows if design.cluster is None else frames.classes(opened, design.cluster, "cluster")[0]
    strata = np.unique(stratum[inside], return_inverse=True)[1]
    laid = survey.layout(strata, psu[inside], _population(opened, design, strata, inside))
    return Drawn(rows[inside], scaled, laid)


def _replicates(opened: frames.Table, design: Design, weights: Floats, inside: Bools) -> Replicates:
    """Replicate weights as multipliers of the case weights, which they already contain."""
    names = list(design.replicates or ())
    drawn = frames.numbers(opened, names, "replicate weight").T[inside]
    if np.isnan(drawn).any():
        raise DataError("the replicate weights have blanks; every case needs a weight in every replicate")
    df = design.df or survey.replicate_degrees_of_freedom(drawn)
    rscales = np.array(design.replicate_rscales, dtype=float)
    # Each replicate is scaled to the same total, as the case weights are: a constant factor means nothing.
    share = weights[inside] / weights[inside].sum()
    multipliers = drawn / drawn.sum(axis=0) / share[:, None]
    return Replicates(multipliers, design.replicate_scale, rscales, float(df))


def _weights(opened: frames.Table, name: str, what: str) -> Floats:
    """A column of case weights, refused where negative, blank or all zero."""
    w = frames.numbers(opened, [name], what)[0]
    problems = []
    if np.isnan(w).any():
        problems.append(f"{int(np.isnan(w).sum())} cases have a blank {what}")
    if (w < 0).any():
        problems.append(f"{int((w < 0).sum())} cases have a negative {what}")
    if not problems and not (w > 0).any():
        problems.append("every case has weight zero")
    if problems:
        raise DataError(listing(problems, f"{what} column {name!r} cannot be used"))
    return w


def _population(opened: frames.Table, design: Design, strata: NDArray[np.intp], inside: Bools) -> Floats | None:
    """Clusters in the population of every stratum that is in the sample, (H,)."""
    if design.fpc is None:
        return None
    sizes = frames.numbers(opened, [design.fpc], "fpc")[0][inside]
    of_stratum = [np.unique(sizes[strata == h]) for h in np.unique(strata)]
    if any(len(size) > 1 or np.isnan(size).any() for size in of_stratum):
        raise DataError(f"fpc {design.fpc!r} differs within a stratum (or has blanks); it is one number a stratum")
    return np.concatenate(of_stratum)
