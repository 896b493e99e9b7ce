"""The nouns of a fit that only covariance structure models have."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from csi.nouns.base import Base
from csi.results import sem_groups, sem_parameters, sem_residuals, sem_scores


class Structural(Base):
    """What a covariance structure model says beyond any other; `Fit` inherits these nouns."""

    def measurement(self, *, confidence_level: float = 0.95) -> pd.DataFrame:
        """The measurement model as theses print it.

        Returns
        -------
        DataFrame
            Rows `(construct, item)`. Columns `estimate, std_error, statistic` (C.R.), `p_value`, `standardized`,
            `smc` (squared multiple correlation), and of the construct `alpha, cr, ave`, NaN for single items.

        Notes
        -----
        CR [Joreskog 1971] and AVE [Fornell & Larcker 1981] of the standardized loadings; alpha of the answers.

        Examples
        --------
        >>> import csi
        >>> model = csi.models.acsi(items="mobi")
        >>> fit = csi.Study(model, csi.CBSEM()).fit(csi.datasets.load("mobi"))
        >>> fit.measurement().round(3).loc["satisfaction", ["standardized", "smc", "alpha", "cr", "ave"]]
               standardized    smc  alpha     cr    ave
        item
        CUSA1         0.685  0.469   0.77  0.794  0.564
        CUSA2         0.749  0.561   0.77  0.794  0.564
        CUSA3         0.814  0.662   0.77  0.794  0.564
        """
        return sem_parameters.measurement(self.core, confidence_level)

    def modification_indices(self, *, smallest: float = 3.84, limit: int | None = None) -> pd.DataFrame:
        """By how much chi2 would fall if a parameter that the model leaves out were free.

        Parameters
        ----------
        smallest : float
            Leave out smaller indices; 3.84 is the 5 per cent point of one degree of freedom.
        limit : int, optional
            How many rows (of each group).

        Returns
        -------
        DataFrame
            Rows `(kind, left, right)`, largest first. Columns `index` [Sorbom 1989], `p_value`, `change` expected in
            the parameter [Saris, Satorra & Sorbom 1987], `change_standardized`.

        Notes
        -----
        A model changed after its indices is no longer tested by the same answers.

        Examples
        --------
        >>> import csi
        >>> model = csi.models.acsi(items="mobi")
        >>> fit = csi.Study(model, csi.CBSEM()).fit(csi.datasets.load("mobi"))
        >>> fit.modification_indices().round(2).iloc[:2, :2]
                                        index  p_value
        kind        left         right
        covariances CUEX3        PERQ1  24.48      0.0
        loadings    expectations CUSA1  19.53      0.0
        """
        return sem_residuals.modification_table(self.core, smallest, limit)

    def latent_means(self, *, of: sem_groups.Of = "measurement", confidence_level: float = 0.95) -> pd.DataFrame:
        """Means of the constructs less those of the first group, loadings and intercepts held equal.

        Parameters
        ----------
        of : {"measurement", "model"}
            With every construct correlated, or with the paths of the model (then intercepts of the constructs).

        Returns
        -------
        DataFrame
            Rows `(group, construct)`. The common columns, in codes of the first item, and `standardized`, in standard
            deviations of the group. They mean something where `invariance()` holds up to the scalar level.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> model = csi.models.acsi(items="mobi")
        >>> waves = csi.Study(model, csi.CBSEM()).fit(data, by="wave")
        >>> waves.latent_means().round(2)[["estimate", "std_error"]].tail(2)
                         estimate  std_error
        wave construct
        2025 complaints     -0.15       0.29
             loyalty        -0.07       0.24
        """
        return sem_groups.latent_means(self.core, confidence_level, of)

    def factor_scores(self, method: Literal["regression", "bartlett"] = "regression") -> pd.DataFrame:
        """Factor scores of every respondent, on the rows of the data, in deviations from the mean, codes of the marker.

        Parameters
        ----------
        method : {"regression", "bartlett"}
            The expected construct given all items [Thurstone 1935]; the unbiased linear predictor [Bartlett 1937].

        Returns
        -------
        DataFrame
            One column a construct; NaN where an item is blank. `scores()` are the 0-100 ones of the index.

        Examples
        --------
        >>> import csi
        >>> model = csi.models.acsi(items="mobi")
        >>> fit = csi.Study(model, csi.CBSEM()).fit(csi.datasets.load("mobi"))
        >>> fit.factor_scores().round(2).iloc[:2, :3]
           expectations  quality  value
        0         -1.04    -1.64  -3.33
        1          1.44     1.81   2.79
        """
        return sem_scores.factor_score_table(self.core, method)
