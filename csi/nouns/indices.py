"""The index of a fit, and what moves it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from csi.nouns.base import Base, Weights
from csi.results import (
    impacts,
    index,
)
from csi.results import scores as scoring
from csi.results.core import Interval


class Indices(Base):
    """Index, impacts, priorities and scores; `Fit` inherits these nouns."""

    def index(
        self,
        weights: Weights = "unstandardized",
        *,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Mean 0-100 score of every construct, the model's index first.

        Parameters
        ----------
        weights : {"unstandardized", "standardized", "equal"}, mapping of item to weight, or Fit
            Item weights of the score: w / sd, w, 1, given ones, or those of another fit (its unstandardized
            weights, so that two waves are scored alike).
        interval : {"percentile", "basic", "normal", "bca", "studentized"}, optional
            Percentile after a bootstrap, normal (t under a design) before.
        confidence_level : float
            Of the interval.

        Returns
        -------
        DataFrame
            Rows: constructs. Columns `estimate, std_error, conf_low, conf_high`, index points.

        Notes
        -----
        sum_j v_j mean(p_j) / sum_j v_j over the construct's items, p_j = 100 (x_j - low_j) / (high_j - low_j)
        [Fornell et al. 1996]. With given weights their own sampling error is not part of the interval.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.index().round(2).loc["satisfaction"].to_dict()
        {'estimate': 72.45, 'std_error': 0.91, 'conf_low': 70.67, 'conf_high': 74.24}
        >>> {name: round(float(fit.index(name)["estimate"].iloc[0]), 2) for name in ("standardized", "equal")}
        {'standardized': 71.78, 'equal': 71.97}
        """
        convention = self._convention(weights)
        self._need("an index", deviations=convention == "unstandardized")
        return self.core.table(index.index(self.core.blueprint, convention), interval, confidence_level)

    def impacts(
        self,
        on: str | None = None,
        points: float = 1,
        *,
        weights: Weights = "unstandardized",
        interval: Interval | None = None,
        confidence_level: float = 0.95,
        tidy: bool = False,
    ) -> pd.DataFrame:
        """Index points gained when the score of a driver rises by `points`: directly, and along all paths.

        Parameters
        ----------
        on : str, optional
            The construct that gains; the model's index if left out.
        points : float
            By how much each driver rises (ACSI reports 5).
        tidy : bool
            One row a (driver, measure) with standard errors and intervals.

        Returns
        -------
        DataFrame
            Rows: constructs. Columns `direct, total`, index points; least squares among the scores.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.impacts(points=5).round(2)
                      direct  total
        construct
        image           0.95   2.07
        expectations    0.32   2.16
        quality         2.64   3.20
        value           0.69   0.69
        """
        self._need("an impact", means=False)
        noun = impacts.impacts(self.core.blueprint, on, points, self._convention(weights))
        return self.core.table(noun, interval, confidence_level, tidy=tidy)

    def what_if(
        self,
        changes: Mapping[str, float],
        *,
        weights: Weights = "unstandardized",
        interval: Interval | None = None,
        confidence_level: float = 0.95,
        tidy: bool = False,
    ) -> pd.DataFrame:
        """Scores after some constructs are raised by points: columns `now, change, then`.

        Each construct named is raised by its points on top of what reaches it from the others.

        Returns
        -------
        DataFrame

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.what_if({"quality": +5, "value": -2}).round(1).loc[["quality", "satisfaction"]]
                       now  change  then
        construct
        quality       75.0     5.0  80.0
        satisfaction  72.5     2.9  75.4
        """
        self._need("a what-if")
        noun = impacts.what_if(self.core.blueprint, changes, self._convention(weights))
        return self.core.table(noun, interval, confidence_level, tidy=tidy)

    def priorities(
        self,
        on: str | None = None,
        *,
        items: bool = False,
        weights: Weights = "unstandardized",
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Importance and performance of every driver, or of every item of the drivers.

        Parameters
        ----------
        on : str, optional
            The construct that gains; the model's index if left out.
        items : bool
            One row an item: index points gained per point of the item, and its 0-100 mean.

        Returns
        -------
        DataFrame
            Rows: drivers (or their items), most important first within each group. Columns `impact` (total), `score`,
            `important`, `strong` (1 where at least the mean of the rows: important but not strong is what to improve
            first [Martilla & James 1977]), and the ends of both intervals.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.priorities().round(2)[["impact", "score", "important", "strong"]]
                      impact  score  important  strong
        construct
        quality         0.64  74.98        1.0     1.0
        expectations    0.43  72.47        1.0     1.0
        image           0.41  73.53        1.0     1.0
        value           0.14  62.35        0.0     0.0
        """
        convention = self._convention(weights)
        if items:
            noun = impacts.item_priorities(self.core.blueprint, on, convention)
            ends = self.core.table(noun, interval, confidence_level, tidy=True)
            parts = {name: ends.xs(name, level="measure") for name in ("impact", "score")}
        else:
            impact = self.impacts(on, weights=weights, interval=interval, confidence_level=confidence_level, tidy=True)
            score = self.index(weights, interval=interval, confidence_level=confidence_level)
            total = impact.xs("total", level="measure")
            parts = {"impact": total, "score": score.reindex(total.index)}
        table = pd.DataFrame(
            {name: part["estimate"] for name, part in parts.items()}
            | {f"{name}_{end}": part[f"conf_{end}"] for name, part in parts.items() for end in ("low", "high")}
        )
        if not self.core.by:
            return impacts.priority_table(table)
        levels = list(range(len(self.core.by)))
        return table.groupby(level=levels, sort=False, group_keys=False).apply(impacts.priority_table)

    def scores(self, weights: Weights = "unstandardized") -> pd.DataFrame:
        """0-100 scores of every respondent, on the rows of the data.

        Returns
        -------
        DataFrame
            One column a construct; NaN where an item is blank or the row was left out. Their (weighted) mean is
            the index.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.scores().round(1).iloc[:2, :4]
           satisfaction  image  expectations  quality
        0          53.0   46.4          63.7     52.9
        1          92.6   95.1          97.0     97.2
        >>> bool(abs(fit.scores()["satisfaction"].mean() - fit.index().loc["satisfaction", "estimate"]) < 1e-9)
        True
        """
        return scoring.scores(self.core, self._convention(weights))
