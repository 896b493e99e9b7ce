"""The paths and items of a fit."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from csi.nouns.base import Base
from csi.results import (
    effects,
    measurement,
    sem_parameters,
)
from csi.results.core import Interval, PValue


class Paths(Base):
    """Paths, effects, loadings, weights; `Fit` inherits these nouns."""

    def paths(
        self, *, interval: Interval | None = None, confidence_level: float = 0.95, p: PValue = "bootstrap"
    ) -> pd.DataFrame:
        """Standardized path coefficients.

        Parameters
        ----------
        p : {"bootstrap", "t", "percentile"}
            2 min((1 + #{b <= 0})/(B + 1), (1 + #{b >= 0})/(B + 1)); or SmartPLS's, from estimate / std_error; or
            seminr's, without the ones.

        Returns
        -------
        DataFrame
            Rows `(cause, effect)` in the model's order; the common columns.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.paths().round(3).loc[("quality", "satisfaction"), ["estimate", "conf_low", "conf_high"]].tolist()
        [0.512, 0.387, 0.637]
        """
        return self.core.table(effects.paths(self.core.blueprint), interval, confidence_level, p)

    def effects(
        self, *, interval: Interval | None = None, confidence_level: float = 0.95, tidy: bool = False
    ) -> pd.DataFrame:
        """Direct, indirect and total standardized effects of every construct on all it reaches.

        Returns
        -------
        DataFrame
            Rows `(cause, effect)`. Columns `direct, indirect, total`.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.effects().round(3).loc["quality"]
                      direct  indirect  total
        effect
        value          0.558     0.000  0.558
        satisfaction   0.512     0.109  0.621
        complaints     0.000     0.328  0.328
        loyalty        0.000     0.323  0.323
        """
        return self.core.table(effects.effects(self.core.blueprint), interval, confidence_level, tidy=tidy)

    def indirect(
        self, *, interval: Interval | None = None, confidence_level: float = 0.95, p: PValue = "bootstrap"
    ) -> pd.DataFrame:
        """Standardized effect along every single chain of two or more arrows.

        Returns
        -------
        DataFrame
            Rows `chain` ("image -> expectations -> quality"); the common columns.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.indirect().round(3)[["estimate", "std_error"]].head(3)
                                                   estimate  std_error
        chain
        image -> expectations -> quality              0.281      0.054
        image -> expectations -> value                0.025      0.041
        image -> expectations -> quality -> value     0.157      0.039
        """
        return self.core.table(effects.indirect(self.core.blueprint), interval, confidence_level, p)

    def loadings(self, *, interval: Interval | None = None, confidence_level: float = 0.95) -> pd.DataFrame:
        """Correlation of every item with its construct.

        Returns
        -------
        DataFrame
            Rows `(construct, item)`; the common columns.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.loadings().round(3).loc["satisfaction", ["estimate", "std_error"]]
               estimate  std_error
        item
        CUSA1     0.792      0.030
        CUSA2     0.847      0.022
        CUSA3     0.857      0.018
        """
        return self.core.table(self._noun("loadings"), interval, confidence_level)

    def weights(
        self,
        of: Literal["standardized", "points"] | None = None,
        *,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Weight of every item in a score of variance one.

        Parameters
        ----------
        of : {"standardized", "points"}, optional
            Of the standardized item (the default), or of its points (the default of raw PLS).

        Returns
        -------
        DataFrame
            Rows `(construct, item)`; the common columns.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.weights().round(3).loc["satisfaction", ["estimate", "std_error"]]
               estimate  std_error
        item
        CUSA1     0.365      0.018
        CUSA2     0.383      0.016
        CUSA3     0.451      0.019
        """
        raw = not getattr(self.study.method, "standardized", True)
        kind: Literal["standardized", "points"] = of or ("points" if raw else "standardized")
        noun = self._of_items(lambda blueprint: measurement.weights(blueprint, kind))
        return self.core.table(noun, interval, confidence_level)

    def r2(
        self, *, interval: Interval | None = None, confidence_level: float = 0.95, tidy: bool = False
    ) -> pd.DataFrame:
        """Explained variance of every construct with causes.

        Returns
        -------
        DataFrame
            Rows: constructs. Columns `r2, r2_adjusted`.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.r2().round(3)
                         r2  r2_adjusted
        construct
        expectations  0.255        0.252
        quality       0.310        0.307
        value         0.345        0.340
        satisfaction  0.681        0.676
        complaints    0.279        0.276
        loyalty       0.457        0.450
        """
        return self.core.table(measurement.r2(self.core.blueprint), interval, confidence_level, tidy=tidy)

    def correlations(self, *, interval: Interval | None = None, confidence_level: float = 0.95) -> pd.DataFrame:
        """Correlation of every pair of constructs.

        Returns
        -------
        DataFrame
            Rows `(construct, other)`; the common columns.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.correlations().round(3).loc[("quality", "satisfaction"), "estimate"].item()
        0.795
        """
        return self.core.table(measurement.correlations(self.core.blueprint), interval, confidence_level)

    def parameters(self, *, interval: Interval | None = None, confidence_level: float = 0.95) -> pd.DataFrame:
        """Every parameter in one table, one row a parameter.

        Returns
        -------
        DataFrame
            Rows `kind, left, right` (construct and item, cause and effect, two ends of a covariance), the common
            columns. PLS: weights, loadings and paths. Covariance structure models: loadings, paths, covariances,
            variances (and means) in codes, defined parameters; with columns `standardized, standardized_error`.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.parameters().loc["paths"].round(3)[["estimate", "std_error"]].head(2)
                                   estimate  std_error
        left         right
        image        expectations     0.505      0.059
        expectations quality          0.557      0.054
        """
        if self.core.method.family == "covariance":
            return sem_parameters.table(self.core, interval, confidence_level)
        parts = []
        for kind in ("weights", "loadings", "paths"):
            table = getattr(self, kind)(interval=interval, confidence_level=confidence_level)
            table.index = table.index.set_names(["left", "right"], level=[-2, -1])
            parts.append(pd.concat({kind: table}, names=["kind"]))
        return pd.concat(parts)
