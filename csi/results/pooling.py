"""Two fits of one group each as one fit of two groups, so that their cases can be exchanged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import NotAvailable
from csi.frames import Partition, classes
from csi.numerics import survey
from csi.results.comparison import side_by_side
from csi.results.core import Core
from csi.sample import Sample


def pooled(first: Core, second: Core) -> Core:
    """Both fits as two groups of one sample.

    Two groups of one fit stay what they are. Otherwise the samples are independent: their clusters are different ones
    whatever they are called, strata of one name are one stratum, and the case weights of each have mean one, since a
    sampling weight says nothing about the size of the other survey.

    Raises
    ------
    NotAvailable
        If the fits differ in what decides a number, or their designs in what decides who may be exchanged.
    """
    one, two = first._cases(), second._cases()
    _check(first, second)
    both = side_by_side(first, second)
    if one is two:
        return replace(both, groups=(*first.groups, *second.groups))
    if one.replicates is not None or two.replicates is not None:
        raise NotAvailable("replicate weights do not say who may be exchanged with whom")
    return replace(both, sample=_joint(one, two, first.groups[0], second.groups[0]))


def _check(first: Core, second: Core) -> None:
    """Refuse fits whose cases mean something else."""
    one, two = first._cases(), second._cases()
    for what, differ in (
        ("methods", first.method != second.method),
        ("scales", not np.array_equal(first.blueprint.intercept_slope, second.blueprint.intercept_slope)),
        ("controls", first.blueprint.controls != second.blueprint.controls),
        ("treatments of blanks", one.missing != two.missing),
        ("kinds of correlations", one.correlations != two.correlations),
        ("strata", one.design.stratum != two.design.stratum),
        ("clusters", one.design.cluster != two.design.cluster),
    ):
        if differ:
            raise NotAvailable(f"the two fits have different {what}, so their cases cannot be exchanged")


def _joint(one: Sample, two: Sample, first: int, second: int) -> Sample:
    """The cases of a group of each sample as one sample of two groups."""
    parts = [(sample, np.arange(sample.n_cases)[sample.rows[g]]) for sample, g in ((one, first), (two, second))]
    sizes = [len(rows) for _, rows in parts]
    facts = one.facts.copy()
    facts["low"], facts["high"] = np.fmin(one.facts["low"], two.facts["low"]), np.fmax(facts["high"], two.facts["high"])
    facts["blanks"] += two.facts["blanks"]
    n = sum(sizes)
    return replace(
        one,
        answers=np.concatenate([sample.codes[:, rows] for sample, rows in parts], axis=1),
        weight=np.concatenate([sample.weight[rows] / sample.weight[rows].mean() for sample, rows in parts]),
        groups=Partition(("fit",), ("first", "second"), np.repeat(np.arange(2), sizes)),
        layout=None if one.layout is None else _layout(parts),
        index=pd.RangeIndex(n),
        used=np.ones(n, bool),
        at=np.arange(n),
        facts=facts,
    )


def _layout(parts: list[tuple[Sample, NDArray[np.intp]]]) -> survey.Layout:
    """Clusters of both samples, within the strata that they share by name."""
    names: dict[object, int] = {}
    strata, clusters, known = [], [], 0
    for sample, rows in parts:
        column = sample.design.stratum
        if column is None:
            strata.append(np.zeros(len(rows), np.intp))
        else:
            codes, labels = classes(sample.table, column, "stratum")
            shared = np.array([names.setdefault(label, len(names)) for label in labels], np.intp)
            strata.append(shared[codes[sample.at][rows]])
        if sample.layout is None:
            raise NotAvailable("one of the two fits has strata or clusters, the other none")
        own = np.unique(sample.layout.psu[rows], return_inverse=True)[1]
        clusters.append(own + known)
        known += int(own.max()) + 1
    return survey.layout(np.concatenate(strata), np.concatenate(clusters))
