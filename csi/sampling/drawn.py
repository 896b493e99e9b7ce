"""What a design makes of the answers: case weights, strata and clusters as arrays, with every problem told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csi import frames
from csi.design import Design
from csi.errors import DataError, listing
from csi.numerics import survey

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Drawn:
    """The answers with their design, as arrays.

    ``weights`` (n,) are the sampling weights; ``laid`` the strata and clusters; ``replicates`` (n, R) the weights of
    a design that is given by its replicates. With `Design(count=)` rows are repeated: ``rows`` says which.
    """

    opened: frames.Table
    design: Design
    weights: Floats
    laid: survey.Layout
    rows: NDArray[np.intp]
    replicates: Floats | None

    def column(self, name: str, what: str = "variable") -> Floats:
        """A column of numbers, blanks as NaN."""
        return frames.numbers(self.opened, [name], what)[0][self.rows]

    def classes(self, name: str, what: str = "variable") -> tuple[NDArray[np.intp], list[Any]]:
        """A column of labels as codes; -1 where it is blank."""
        problems = frames.missing_columns(self.opened, [name], what)
        if problems:
            raise DataError(listing(problems, "the data do not hold what was asked for"))
        series = self.opened.column(name)
        labels = sorted_labels(series.dropna().unique())
        codes = series.map({label: code for code, label in enumerate(labels)})
        numbers: NDArray[np.intp] = codes.astype(float).fillna(-1).to_numpy().astype(np.intp)
        return numbers[self.rows], labels

    def groups(self, by: str | list[str] | None) -> frames.Partition:
        """The domains of `by`, on the repeated rows."""
        found = frames.partition(self.opened, by)
        return frames.Partition(found.names, found.labels, found.codes[self.rows])


def sorted_labels(values: Any) -> list[Any]:
    """Labels in order, numbers as numbers where they can be compared."""
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    kinds = {isinstance(value, str) for value in plain}
    return sorted(plain, key=str if len(kinds) > 1 else None)


def drawn(data: Any, design: Design | None) -> Drawn:
    """Read the answers as the design says.

    Raises
    ------
    DataError
        For columns that are missing, weights that are blank, negative or all zero, a finite population smaller than
        its sample, and strata with a single cluster where no remedy was named.
    """
    design = design or Design()
    opened = frames.table(data)
    count = _weights(opened, design.count, "count")
    rows = np.arange(len(opened)) if design.count is None else np.repeat(np.arange(len(opened)), _whole(count, design))
    weights = _weights(opened, design.weight, "weight")[rows]
    replicates = _replicates(opened, design)
    laid = _layout(opened, design, rows)
    if replicates is None and design.single_psu == "error":
        refuse_single_psus(opened, design, laid, rows)
    return Drawn(opened, design, weights, laid, rows, replicates)


def _weights(opened: frames.Table, name: str | None, what: str) -> Floats:
    """Case weights or counts, checked; ones where the design names none."""
    if name is None:
        return np.ones(len(opened))
    values = frames.numbers(opened, [name], what)[0]
    check_weights(values, f"{what} {name!r}")
    return values


def check_weights(values: Floats, what: str) -> None:
    """Refuse weights that are missing, negative or all zero."""
    problems = []
    blank, negative = int(np.isnan(values).sum()), int((values < 0).sum())
    if blank:
        problems.append(f"{what} is missing in {blank} rows; give every respondent a weight, 0 for those out of scope")
    if negative:
        problems.append(f"{what} is negative in {negative} rows")
    if not (values > 0).any():
        problems.append(f"{what} is nowhere positive")
    if problems:
        raise DataError(listing(problems, "the weights cannot be used"))


def _whole(count: Floats, design: Design) -> NDArray[np.intp]:
    """Counts as whole numbers."""
    if not np.equal(np.round(count), count).all():
        raise DataError(
            f"count {design.count!r} is not whole everywhere; for sampling weights use Design(weight={design.count!r})"
        )
    return count.astype(np.intp)


def _layout(opened: frames.Table, design: Design, rows: NDArray[np.intp]) -> survey.Layout:
    """Strata, clusters and finite population as codes."""
    n = len(opened)
    stratum, labels = (
        frames.classes(opened, design.stratum, "stratum") if design.stratum else (np.zeros(n, int), [None])
    )
    # Without clusters every case is one, and so is every repeat of a counted row.
    psu = np.arange(len(rows)) if design.cluster is None else frames.classes(opened, design.cluster, "cluster")[0][rows]
    population = None if design.fpc is None else _population(opened, design, stratum, labels)
    laid = survey.layout(stratum[rows], psu, population)
    if population is not None and (laid.fraction > 1 + 1e-12).any():
        over = [
            f"stratum {labels[h]!r} has {laid.n_psu[h]} clusters in the sample and {population[h]:g} in the population"
            for h in np.flatnonzero(laid.fraction > 1 + 1e-12)
        ]
        raise DataError(listing(over, f"fpc {design.fpc!r} is smaller than the sample"))
    return laid


def _population(opened: frames.Table, design: Design, stratum: NDArray[np.intp], labels: list[Any]) -> Floats:
    """Population size of each stratum, which must be one number within it."""
    values = frames.numbers(opened, [str(design.fpc)], "fpc")[0]
    problems = []
    sizes = np.ones(len(labels))
    for h, label in enumerate(labels):
        inside = values[stratum == h]
        where = "the data" if label is None else f"stratum {label!r}"
        if np.isnan(inside).any() or not (inside > 0).all():
            problems.append(f"it must be positive and never missing in {where}")
        elif inside.min() != inside.max():
            problems.append(f"it must be one number in {where}; it runs from {inside.min():g} to {inside.max():g}")
        sizes[h] = inside[0]
    if problems:
        raise DataError(listing(problems, f"fpc {design.fpc!r} cannot be used"))
    return sizes


def refuse_single_psus(opened: frames.Table, design: Design, laid: survey.Layout, rows: NDArray[np.intp]) -> None:
    """Refuse strata with one cluster, naming them and the remedies; a stratum drawn whole needs none."""
    alone = np.flatnonzero((laid.n_psu == 1) & (laid.fraction < 1))
    if not len(alone):
        return
    labels = frames.classes(opened, design.stratum, "stratum")[1] if design.stratum else ["the data"]
    named = ", ".join(repr(labels[h]) for h in alone[:10])
    more = f" and {len(alone) - 10} more" if len(alone) > 10 else ""
    raise DataError(
        f"one cluster cannot show how clusters differ: stratum {named}{more} holds a single one. Merge it with a "
        "similar stratum, or choose single_psu='certainty' (it adds no variance) or single_psu='centered' (its "
        "distance from the mean of all clusters) in the Design"
    )


def _replicates(opened: frames.Table, design: Design) -> Floats | None:
    """Replicate weights (n, R), checked."""
    if design.replicates is None:
        return None
    values = frames.numbers(opened, design.replicates, "replicate weight").T
    if np.isnan(values).any():
        raise DataError("replicate weights are missing in some rows; every respondent needs one in every replicate")
    return values
