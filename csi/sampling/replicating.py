"""Replicate weights as columns, calibrated anew in every replicate, for fits and for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.design import Design
from csi.errors import SettingsError, check_choice
from csi.sampling.drawn import drawn
from csi.sampling.estimating import Rng, Setting, calibrated, replicate_scheme, weights_of
from csi.sampling.weights import Weights

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Replicates:
    """Replicate weights and the design that reads them.

    Attributes
    ----------
    data : DataFrame
        The user's data with the calibrated weight (`weight`) and one column a replicate added.
    design : Design
        Give it to `Study(design=...)`, then `fit.replicate()`, or to the estimates of this room.
    failed : int
        Replicates that could not be calibrated; they are left out, and the scale stands for all.

    Examples
    --------
    >>> import csi
    >>> data = csi.simulate(csi.models.scsb(items="mobi"), 60, rng=1).assign(town=[row // 5 for row in range(60)])
    >>> made = csi.sampling.replicate_weights(data, csi.Design(cluster="town"), kind="jackknife")
    >>> made.design.kind, made.data.shape[1] - data.shape[1]
    ('jackknife', 13)
    """

    data: pd.DataFrame
    design: Design
    failed: int

    def __repr__(self) -> str:
        size = len(self.design.replicates or ())
        return f"<Replicates: {size} columns ({self.design.kind}), {self.failed} failed>"


def replicate_weights(
    data: Any,
    design: Design,
    *,
    calibration: Weights | None = None,
    kind: Literal["jackknife", "bootstrap"] = "bootstrap",
    n_resamples: int = 500,
    rng: Rng = None,
    prefix: str = "replicate_",
) -> Replicates:
    """Write the replicates of a design as columns of weights, each calibrated like the sample itself.

    Parameters
    ----------
    data : DataFrame
        One row a case.
    design : Design
        Weights, strata, clusters.
    calibration : Weights, optional
        What `poststratify`, `rake`, `calibrate`, `nonresponse` or `trim` gave for these rows; every replicate
        repeats its steps.
    kind : {"jackknife", "bootstrap"}
        One cluster left out at a time (JK1, JKn), or the rescaled bootstrap of Rao, Wu & Yue (1992).
    n_resamples : int
        Number of bootstrap replicates.
    rng : int or numpy Generator, optional
        Where chance begins.
    prefix : str
        Beginning of the new columns' names.

    Returns
    -------
    Replicates

    Raises
    ------
    SettingsError
        If the design already has replicates, or a column of that name exists.

    Examples
    --------
    >>> import csi
    >>> data = csi.simulate(csi.models.scsb(items="mobi"), 60, rng=1).assign(town=[i // 5 for i in range(60)])
    >>> made = replicate_weights(data, csi.Design(cluster="town"), kind="jackknife")
    >>> made
    <Replicates: 12 columns (jackknife), 0 failed>
    >>> fit = csi.Study(csi.models.scsb(items="mobi"), design=made.design).fit(made.data).replicate()
    >>> bool(fit.index()["std_error"].gt(0).all())
    True
    """
    check_choice(kind, "kind", ("jackknife", "bootstrap"))
    if design.replicates:
        raise SettingsError("the design has replicate weights already; use it as it is")
    sample = drawn(data, design)
    base, steps, weights = weights_of(sample, calibration)
    setting = Setting(variance=kind, n_resamples=n_resamples, rng=rng)
    scale, rscales, blocks, df = replicate_scheme(sample, base, setting)
    made = np.concatenate(list(blocks))
    if steps:
        made = np.array([calibrated(steps, row) for row in made])
    good = np.isfinite(made).all(axis=1)
    # The replicates that are left stand for all.
    scale *= float(rscales.sum() / rscales[good].sum())
    names = tuple(f"{prefix}{number}" for number in range(1, int(good.sum()) + 1))
    table = sample.opened.native if isinstance(sample.opened.native, pd.DataFrame) else pd.DataFrame(data)
    clash = [name for name in (*names, "weight") if name in table.columns and name != design.weight]
    if clash:
        raise SettingsError(f"the data have a column {clash[0]!r} already; choose another prefix= or rename it")
    columns = pd.DataFrame(made[good].T, index=table.index, columns=list(names))
    rest = table.drop(columns=["weight"], errors="ignore")
    said = Design(
        weight="weight", replicates=names, kind=kind, scale=scale, rscales=tuple(map(float, rscales[good])), df=df
    )
    return Replicates(pd.concat([rest.assign(weight=weights), columns], axis=1), said, int((~good).sum()))
