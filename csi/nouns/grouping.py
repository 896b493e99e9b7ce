"""What a fit of several groups says of them: whether they measure the same, and whether their numbers differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd

from csi.chance import check_size, entropy_of
from csi.errors import NotAvailable
from csi.nouns.base import Base
from csi.results import invariance, permutation, pooling, sem_groups
from csi.results.core import Core
from csi.results.invariance import Correction, Items, Test


class Grouping(Base):
    """Permutations of groups and what they tell; `Fit` inherits these."""

    def permute(
        self,
        n_resamples: int = 5_000,
        *,
        rng: int | np.random.Generator | None = None,
        groups: Any = None,
        progress: bool = True,
        memory: float = 1e9,
    ) -> Self:
        """Exchange the groups at random; afterwards `invariance`, `differences` and `omnibus` can be asked.

        Without a design, cases of a pair of groups are thrown together and divided anew. Under a design, clusters
        change their group as wholes and within strata.

        Parameters
        ----------
        n_resamples : int
            How many permutations of every pair (and of all groups at once).
        rng : int or numpy Generator, optional
            Where chance begins.
        groups : array (B, n), optional
            Group labels of every row of the data in given permutations (for parity with another program). Replaces
            `n_resamples` and `rng`.
        progress : bool
            Whether long runs show a bar.
        memory : float
            Bytes that the permutations may take.

        Returns
        -------
        Fit

        Raises
        ------
        NotAvailable
            If there is one group, there are no cases, or the design forbids exchange: clusters that answer in several
            groups, strata that lie within one.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> waves = csi.Study(csi.models.ecsi()).fit(data, by="wave")
        >>> fit = waves.permute(200, rng=1)
        >>> fit.invariance().round(3).iloc[:2, :3]
                                       c  c_limit    c_p
        first second construct
        2024  2025   image         0.982    0.985  0.030
                     expectations  0.993    0.949  0.652
        """
        size = 0 if groups is not None else check_size(n_resamples)
        done = permutation.permute(self.core, size, entropy_of(rng), groups, progress, memory)
        return replace(self, permuted=done)

    def invariance(
        self,
        *,
        items: Items = "standardized",
        alpha: float = 0.05,
        levels: Sequence[str] = sem_groups.LADDER,
        of: sem_groups.Of = "measurement",
    ) -> pd.DataFrame:
        """Whether groups measure the same construct: steps two and three of MICOM; the ladder of `CBSEM`.

        The first step, the same items, coding and settings in every group, holds by construction.

        Parameters
        ----------
        levels, of
            Of covariance structure models: the steps `"configural", "metric", "scalar", "strict"` (and, with
            `of="model"`, `"regressions"`), each tested against the one before, of the measurement or of the model with
            its paths. Rows `level`; columns of fit, then `chi2_difference, df_difference, p_difference,
            rmsea_difference, cfi_change` (below -.01 counts against the step, Cheung & Rensvold 2002).
        items : {"standardized", "raw"}
            Whether the weights of the groups score the pooled standardized items, or the codes as they are (cSEM).
        alpha : float
            Error probability of `c_limit` and `level`.

        Returns
        -------
        DataFrame
            Rows `(first, second, construct)`. Columns: `c`, the correlation of the scores by the weights of the two
            groups; `c_limit`, its alpha quantile under exchange; `c_p`; `mean` and `variance`, differences of mean
            and log variance of the pooled score, second minus first, with `mean_p, variance_p`; `level`: 0 where
            composites differ (compare neither paths nor indices), 1 where only they are equal (paths may be
            compared, partial invariance), 2 where means and variances are equal too (data may be pooled).

        Raises
        ------
        NotAvailable
            If there is one group, there are no cases, or the design forbids exchange.

        Notes
        -----
        Henseler, Ringle & Sarstedt (2016). p-values are (1 + #)/(B + 1). By the permutations of `permute`; without
        them by 1,000 made on the way, always the same ones.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> waves = csi.Study(csi.models.ecsi()).fit(data, by="wave")
        >>> fit = waves.permute(200, rng=1)
        >>> fit.invariance().columns.tolist()
        ['c', 'c_limit', 'c_p', 'mean', 'mean_p', 'variance', 'variance_p', 'level']
        """
        if self.core.method.family == "covariance":
            return sem_groups.ladder(self.core, levels, of)
        invariance.need_weights(self.core)
        permuted = self.permuted or permutation.permute(self.core, invariance.ON_THE_WAY, 0)
        return invariance.micom(self.core, permuted, items, alpha)

    def differences(
        self, of: str = "paths", *, test: Test = "permutation", correction: Correction | None = "holm"
    ) -> pd.DataFrame:
        """Second group minus first for every pair of groups and every row of a noun.

        Parameters
        ----------
        of : str
            The noun: `"paths"`, `"index"`, `"loadings"`, ...
        test : {"permutation", "henseler", "parametric", "welch"}
            Chin & Dibbern (2010), after `permute`; Henseler, Ringle & Sinkovics (2009), after `bootstrap`, with
            `probability` that the first group is not larger; t with pooled errors [Keil et al. 2000] or with separate
            ones and Welch-Satterthwaite degrees of freedom, by the errors of the fit.
        correction : {"holm", "bonferroni", "fdr"}, optional
            For the number of comparisons in the table.

        Returns
        -------
        DataFrame
            Rows `(first, second, ...)`. Columns `estimate`, what the test has of `std_error, statistic, df,
            probability`, then `p_value` and `p_adjusted`.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> waves = csi.Study(csi.models.ecsi()).fit(data, by="wave")
        >>> fit = waves.permute(200, rng=1)
        >>> fit.differences().round(3)[["estimate", "p_value"]].head(2)
                                                estimate  p_value
        first second cause        effect
        2024  2025   image        expectations     0.043    0.701
                     expectations quality          0.105    0.358
        """
        permuted = self._permuted() if test == "permutation" else None
        return invariance.differences(self.core, self._noun(of), permuted, test, correction)

    def omnibus(self) -> pd.DataFrame:
        """Whether any of the groups differs: mean distance between the correlations that their models imply.

        Returns
        -------
        DataFrame
            Rows `d_g, d_uls`. Columns `estimate, p_value`, by permutation of all groups [Klesel et al. 2019].

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> waves = csi.Study(csi.models.ecsi()).fit(data, by="wave")
        >>> waves.permute(200, rng=1).omnibus().round(3)
                  estimate  p_value
        distance
        d_g          0.135    0.771
        d_uls        1.767    0.597
        """
        return invariance.omnibus(self.core, self._permuted())

    def _permuted(self) -> permutation.Permutations:
        if self.permuted is None:
            raise NotAvailable("groups have not been exchanged yet; ask for it: fit = fit.permute(5_000, rng=1)")
        return self.permuted

    def _judged(self, table: pd.DataFrame, at: list[int], pair: str | None, wanted: bool) -> pd.DataFrame:
        """A comparison with its columns of invariance and its doubts."""
        if not wanted:
            return _unasked(table)
        try:
            if pair is not None:
                raise NotAvailable("the same people answered twice, and nobody can change places with himself")
            beside = invariance.beside(self.core, self.permuted, at[0], at[1], table.index)
        except NotAvailable as why:
            return _untested(table, str(why))
        return _with(table, beside)


def judged(first: Core, second: Core, table: pd.DataFrame, wanted: bool) -> pd.DataFrame:
    """A comparison of two fits with its columns of invariance and its doubts."""
    if not wanted:
        return _unasked(table)
    try:
        beside = invariance.beside(pooling.pooled(first, second), None, 0, 1, table.index)
    except NotAvailable as why:
        return _untested(table, str(why))
    return _with(table, beside)


def _with(table: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    joined = table.assign(**{str(name): beside[name].to_numpy() for name in beside})
    return _doubted(joined, invariance.doubts(joined))


def _unasked(table: pd.DataFrame) -> pd.DataFrame:
    return _doubted(table, ["invariance_not_tested: whether the groups measure the same was not asked"])


def _untested(table: pd.DataFrame, why: str) -> pd.DataFrame:
    """A comparison of groups of which is not known whether they measure the same."""
    return _doubted(table.assign(invariance=np.nan, invariance_p=np.nan), [f"invariance_not_tested: {why}"])


def _doubted(table: pd.DataFrame, doubts: list[str]) -> pd.DataFrame:
    table.attrs["doubts"] = [*table.attrs.get("doubts", []), *doubts]
    return table
