"""The nouns of a fit that look ahead: answers it has not seen, and new respondents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from csi.chance import entropy_of
from csi.nouns.base import Base
from csi.results import prediction
from csi.results.prediction import Benchmark, Folds, Technique


class Predictions(Base):
    """What a fit predicts, and how well; `Fit` inherits these nouns."""

    def predictive(
        self,
        folds: Folds = 10,
        *,
        repeats: int = 1,
        technique: Technique = "earliest",
        benchmark: Benchmark = "exogenous",
        rng: int | np.random.Generator | None = None,
    ) -> pd.DataFrame:
        """How well answers are predicted by a model that has not seen them (PLSpredict).

        Parameters
        ----------
        folds : int or sequence of labels, one a row of the data
            Into how many parts the respondents are divided at random (as many as cases: leave one out), or which part
            each is in. Clusters of a design stay together.
        repeats : int
            How often the division is drawn anew; predictions are averaged.
        technique : {"earliest", "direct"}
            From the scores of the constructs without causes along all chains, or from the scores of the direct causes
            (what seminr does by default).
        benchmark : {"exogenous", "antecedents"}
            The linear model predicts an item from all items of the constructs without causes (cSEM, SmartPLS), or from
            the items of its construct's direct causes (seminr).
        rng : int or numpy Generator, optional
            Where chance begins.

        Returns
        -------
        DataFrame
            Rows `(construct, item)` of the constructs with causes. Columns `rmse, mae` of the model, `q2_predict`
            (against the mean of the training cases), `rmse_lm, mae_lm` of the linear model, `rmse_mean, mae_mean`; in
            the codes of the answers.

        Notes
        -----
        Shmueli et al. (2016). The training sets are rows of case weights: all folds are estimated at once.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.predictive(rng=1).round(3).head(2).iloc[:, :4]
                             rmse    mae  q2_predict  rmse_lm
        construct    item
        expectations CUEX1  1.531  1.153       0.113    1.573
                     CUEX2  1.665  1.225       0.148    1.692
        """
        return prediction.predictive(self.core, folds, repeats, technique, benchmark, _generator(rng))

    def cvpat(
        self,
        folds: Folds = 10,
        *,
        repeats: int = 1,
        technique: Technique = "earliest",
        benchmark: Benchmark = "exogenous",
        rng: int | np.random.Generator | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Cross-validated predictive ability test: whether the model predicts better than its benchmarks.

        Parameters
        ----------
        folds, repeats, technique, benchmark, rng
            As in `predictive`.

        Returns
        -------
        DataFrame
            Rows `(benchmark, construct)`, the benchmarks being the linear model and the mean, the last construct all
            together. `estimate` is the mean squared error of the model less that of the benchmark, averaged over
            items: below zero the model predicts better. t intervals and p-values over respondents, by the design.

        Notes
        -----
        Liengaard et al. (2021), Decision Sciences 52, 362-392; Sharma et al. (2023), European J. Marketing 57.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.cvpat(rng=1).round(3)["estimate"].groupby(level=0).last().to_dict()
        {'linear model': 0.192, 'mean': -0.586}
        """
        return prediction.cvpat(self.core, folds, repeats, technique, benchmark, _generator(rng), confidence_level)

    def predict(self, data: Any, *, technique: Technique = "earliest") -> pd.DataFrame:
        """Predicted answers of new respondents to the items of constructs with causes.

        Parameters
        ----------
        data : DataFrame
            One row a respondent; only the items from which is predicted need to be there.
        technique : {"earliest", "direct"}
            As in `predictive`.

        Returns
        -------
        DataFrame
            The rows of `data`, one column an item, in codes; NaN where a predictor is blank.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.predict(csi.datasets.load("mobi").head(2)).round(2).iloc[:, :4]
           CUEX1  CUEX2  CUEX3  PERQ1
        0   6.32   6.28   6.13   7.30
        1   8.58   8.53   8.45   8.45
        """
        return prediction.predict(self.core, data, technique)

    def score(self, data: Any, weights: Any = "unstandardized") -> pd.DataFrame:
        """0-100 scores of new respondents by the item weights of this fit.

        Parameters
        ----------
        data : DataFrame
            One row a respondent, with every item.
        weights
            As in `index`.

        Returns
        -------
        DataFrame
            The rows of `data`, one column a construct; NaN where an item is blank.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.score(csi.datasets.load("mobi").head(2)).round(1).iloc[:, :4]
           satisfaction  image  expectations  quality
        0          53.0   46.4          63.7     52.9
        1          92.6   95.1          97.0     97.2
        """
        return prediction.new_scores(self.core, data, self._convention(weights))


def _generator(rng: int | np.random.Generator | None) -> np.random.Generator:
    return np.random.default_rng(entropy_of(rng))
