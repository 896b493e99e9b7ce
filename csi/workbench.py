"""The nouns of a fit that judge it: reliability, validity, overlap, goodness, selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from csi.numerics.pls import Scheme
from csi.results import (
    blindfolding,
    exact_fit,
    fitness,
    goodness,
    mediation,
    overlap,
    reliability,
    residuals,
    selection,
    validity,
    verdicts,
)
from csi.results import criteria as thresholds
from csi.results.core import Core, Interval, PValue
from csi.results.criteria import Criteria
from csi.results.goodness import Against
from csi.results.noun import Noun
from csi.results.sem_residuals import Kind


class Workbench:
    """What a fit says about how far it can be trusted; `Fit` inherits these nouns."""

    # A plain annotation would be a field of every dataclass below; a fit has its own.
    if TYPE_CHECKING:
        core: Core

        def _noun(self, name: str) -> Noun: ...

    def reliability(
        self,
        *,
        interval: Interval | Literal["feldt"] | None = None,
        confidence_level: float = 0.95,
        tidy: bool = False,
    ) -> pd.DataFrame:
        """How well the items of every construct agree.

        Parameters
        ----------
        interval : {"percentile", "basic", "normal", "bca", "studentized", "feldt"}, optional
            `"feldt"` gives alpha the exact interval under normal answers, the other measures none.
        tidy : bool
            One row a (construct, measure) with standard errors and intervals.

        Returns
        -------
        DataFrame
            Rows: constructs. Columns `alpha` (of the points), `alpha_standardized` (what seminr and cSEM call alpha),
            `rho_a`, `rho_c`, `ave`. NaN for composites, whose items need not agree, and for single items; `rho_a`
            also in mode B.

        Notes
        -----
        rho_A: Dijkstra & Henseler (2015), eq. 3; rho_C: Joreskog (1971); AVE: Fornell & Larcker (1981), the last two
        of the loadings of the method (those of PLS are too high, so are they; `PLSc` corrects both).
        """
        return reliability.table(self.core, interval, confidence_level, tidy)

    def unidimensionality(
        self, *, interval: Interval | None = None, confidence_level: float = 0.95, tidy: bool = False
    ) -> pd.DataFrame:
        """Whether the items of a construct measure one thing: the first eigenvalue above one, the second below.

        Returns
        -------
        DataFrame
            Rows: constructs. Columns `eigenvalue_1, eigenvalue_2, rho_pca` (Dillon and Goldstein's rho, of the first
            principal component, as plspm has it); NaN for composites and single items.
        """
        noun = reliability.unidimensionality(self.core.blueprint)
        return self.core.table(noun, interval, confidence_level, tidy=tidy)

    def communality(
        self,
        of: Literal["constructs", "items"] = "constructs",
        *,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
        tidy: bool = False,
    ) -> pd.DataFrame:
        """Share of the variance of the items that their construct explains, and that the construct's causes explain.

        Returns
        -------
        DataFrame
            Rows: constructs (or items). Columns `communality` (the squared loading, averaged over a block) and
            `redundancy` (times R2; NaN without causes).
        """
        noun = reliability.communality(self.core.blueprint, of)
        return self.core.table(noun, interval, confidence_level, tidy=tidy)

    def validity(
        self,
        *,
        absolute: bool = True,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
        tidy: bool = False,
    ) -> pd.DataFrame:
        """Whether pairs of constructs can be told apart.

        Parameters
        ----------
        absolute : bool
            HTMT of absolute correlations (seminr, SmartPLS 4), or of signed ones (cSEM).

        Returns
        -------
        DataFrame
            Rows `(construct, other)`. Columns `htmt`, `htmt2` (geometric means; NaN where a product of correlations is
            negative), `correlation` of the constructs, `fornell_larcker` (their squared correlation over the smaller
            of their AVE; below one is wanted). NaN with composites; the last one also between two single items.
            `attrs["notes"]` names pairs for which the variants differ or do not exist.

        Notes
        -----
        HTMT: Henseler, Ringle & Sarstedt (2015), eq. 6; HTMT2: Roemer, Schuberth & Henseler (2021). For a test against
        .85, .90 or 1 see `htmt`.
        """
        return validity.table(self.core, absolute, interval, confidence_level, tidy)

    def htmt(
        self,
        limit: float = 0.9,
        *,
        absolute: bool = True,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """HTMT of every pair of constructs, tested against a limit, never against zero.

        Parameters
        ----------
        limit : float
            .85 (Kline 2011), .90 (Henseler, Ringle & Sarstedt 2015) or 1.

        Returns
        -------
        DataFrame
            Rows `(construct, other)`, pairs with composites left out; the common columns. `statistic` is
            (estimate - limit) / std_error and `p_value` two-sided, of HTMT = limit.
        """
        return self.core.table(validity.htmt(self.core.blueprint, limit, absolute), interval, confidence_level)

    def cross_loadings(
        self, *, interval: Interval | None = None, confidence_level: float = 0.95, tidy: bool = False
    ) -> pd.DataFrame:
        """Correlation of every item with the score of every construct.

        Returns
        -------
        DataFrame
            Rows `(construct, item)`, one column a construct. Scores, also under `PLSc`.
        """
        return self.core.table(validity.cross_loadings(self.core.blueprint), interval, confidence_level, tidy=tidy)

    def vif(
        self,
        of: overlap.Of = "paths",
        *,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Variance inflation: how much the error of a coefficient grows because others overlap with it.

        Parameters
        ----------
        of : {"paths", "items", "constructs"}
            Every cause among the causes of its effect; every item in its block (it matters in mode B); every construct
            among all others (full collinearity, a sign of common method variance [Kock 2015]).

        Returns
        -------
        DataFrame
            Rows `(cause, effect)`, `(construct, item)` or constructs; `estimate` and its uncertainty. One where a
            cause or item is alone. Under `PLSc` causes are inflated by their correlations without error.
        """
        return self.core.table(overlap.vif(self.core.blueprint, of), interval, confidence_level)

    def harman(self, *, interval: Interval | None = None, confidence_level: float = 0.95) -> pd.DataFrame:
        """Share of the variance of all items that one component takes up: Harman's test of common method variance.

        Returns
        -------
        DataFrame
            One row, `first component`; `estimate` (half is the usual limit) and its uncertainty. A low share does not
            rule common method variance out [Podsakoff et al. 2003]; see also `vif("constructs")`.
        """
        return self.core.table(overlap.harman(self.core.blueprint), interval, confidence_level)

    def f2(self, *, interval: Interval | None = None, confidence_level: float = 0.95) -> pd.DataFrame:
        """Effect size of every path: the unexplained variance that would appear without the cause.

        Returns
        -------
        DataFrame
            Rows `(cause, effect)`; `estimate` and its uncertainty.

        Notes
        -----
        (R2 - R2 without the cause) / (1 - R2), scores held fixed (cSEM; seminr estimates the weights again)
        [Cohen 1988: .02 small, .15 medium, .35 large].
        """
        return self.core.table(overlap.f2(self.core.blueprint), interval, confidence_level)

    def goodness(
        self,
        model: Against = "estimated",
        *,
        style: Literal["amos"] | None = None,
        criteria: Criteria = None,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """How well the model fits: how far what it implies of the items is from what was observed.

        Parameters
        ----------
        model : {"estimated", "saturated"}
            With the paths of the model, or with every construct correlated as it is (the measurement alone).
        style : {"amos"}, optional
            AMOS's measures of the default, the saturated and the independence model (covariance structure models).
        criteria : {"thesis", "usual", "strict"} or sequence of `Criterion`, optional
            Verdicts instead: columns `value, criterion, source, verdict`.

        Returns
        -------
        DataFrame
            Rows `measure`. PLS: `srmr, d_uls, d_g, d_ml, chi2, nfi, gof`; `estimate` and its uncertainty, NaN where a
            matrix is not positive definite. Covariance structure models: chi2, CFI, TLI, RMSEA with interval, SRMR,
            GFI, information criteria and the others that lavaan has, by lavaan's definitions; `_scaled` and `_robust`
            ones where the estimator has them.

        Notes
        -----
        Of PLS:
        SRMR over m(m + 1)/2 entries; d_ULS, d_G [Dijkstra & Henseler 2015]; chi2 = n d_ML, NFI against independent
        items; GoF [Tenenhaus et al. 2005]. Intervals of resamples describe the distance of a population from its
        model; for a test of exact fit see `exact_fit`.
        """
        return fitness.table(self.core, model, style, criteria, interval, confidence_level)

    def residuals(self, of: Kind = "correlations", model: Against = "estimated") -> pd.DataFrame:
        """What the model leaves unexplained: observed less implied, item by item.

        Parameters
        ----------
        of : {"correlations", "covariances", "normalized", "standardized"}
            Differences of correlations; of covariance structure models also of covariances, and of covariances over
            their own standard error or over that of the residual [Joreskog & Sorbom 1981].
        model : {"estimated", "saturated"}
            As in `goodness`; the SRMR is the root mean square of these residuals.

        Returns
        -------
        DataFrame
            Items by items; with groups, they are the first row level.

        Raises
        ------
        NotAvailable
            For covariances after PLS, which implies correlations.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.residuals().loc["CUEX1", "CUEX2"].round(3)
        np.float64(-0.207)
        """
        return residuals.table(self.core, of, model)

    def exact_fit(self, model: Against = "estimated", *, confidence_level: float = 0.95) -> pd.DataFrame:
        """Whether the model could hold exactly, by resamples of answers that were made to fit it.

        Parameters
        ----------
        model : {"estimated", "saturated"}
            As in `goodness`.
        confidence_level : float
            Share of the resamples below `limit`.

        Returns
        -------
        DataFrame
            Rows `srmr, d_uls, d_g`. Columns `estimate`, `limit` and `p_value`, (1 + #)/(B + 1) of distances at least
            as large where the model holds.

        Raises
        ------
        NotAvailable
            Before `bootstrap`.

        Notes
        -----
        Beran & Srivastava (1985), Annals of Statistics 13, 95-115; Dijkstra & Henseler (2015): the answers are turned
        by S^-1/2 Sigma^1/2 before they are resampled.
        """
        return exact_fit.table(self.core, model, confidence_level)

    def q2(self, distance: int = 7, scheme: Scheme = "centroid") -> pd.DataFrame:
        """Stone and Geisser's Q2: how well hidden answers are predicted from the causes of their construct.

        Parameters
        ----------
        distance : int
            Every so manieth respondent's answers to a construct are hidden at a time.
        scheme : {"centroid", "path", "factorial"}
            Inner weighting of the estimates without the hidden answers; semPLS takes the centroid scheme whatever
            that of the fit.

        Returns
        -------
        DataFrame
            Rows: constructs with causes. Column `estimate`: above zero the model predicts better than the mean; NaN
            for composites. Respondents with blanks are left out. The number of semPLS 1.0-10.

        Raises
        ------
        NotAvailable
            Without the cases.
        """
        return blindfolding.table(self.core, distance, scheme)

    def selection(self) -> pd.DataFrame:
        """Information criteria of the equation of every construct with causes; smaller is better.

        Returns
        -------
        DataFrame
            Rows: constructs. Columns `aic, aicc, aicu, bic, fpe, hq, hqc` and `gm, mallows_cp` (Geweke and Meese,
            Mallows), which take the residual variance of the saturated model: every construct caused by all before
            it, estimated anew; NaN where that model has none above zero, or with a second order, products or paths in
            a circle. [Sharma et al. 2019, table B1; the numbers of cSEM and, for AIC and BIC, seminr]. For weights of
            evidence between models see `csi.akaike`.
        """
        return self.core.table(selection.selection(self.core.blueprint, self.core.method))

    def assess(self, criteria: Criteria = None) -> pd.DataFrame:
        """Every measure held against its threshold.

        Parameters
        ----------
        criteria : {"usual", "strict"} or sequence of `Criterion`, optional
            Thresholds; `csi.criteria()` is the table of the usual ones with their sources.

        Returns
        -------
        DataFrame
            Rows `(measure, subject)`. Columns `value, sense, limit, met` (1 or 0), `source, group`. Where a measure
            does not apply there is no row.
        """
        return verdicts.verdicts(self.core, thresholds.read(criteria))

    # -- ways and contrasts -----------------------------------------------------------------------------------

    def vaf(self, *, interval: Interval | None = None, confidence_level: float = 0.95) -> pd.DataFrame:
        """Variance accounted for: the share of a total effect that runs through other constructs.

        Returns
        -------
        DataFrame
            Rows `(cause, effect)` between which a chain of two or more arrows leads; `estimate` and its uncertainty.
            One where there is no direct path; outside 0 to 1 where direct and indirect effect have opposite signs.
        """
        return self.core.table(mediation.vaf(self.core.blueprint), interval, confidence_level)

    def contrast(
        self,
        first: Any,
        second: Any,
        of: str = "paths",
        *,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
        p: PValue = "bootstrap",
    ) -> pd.DataFrame:
        """Difference of two numbers of one noun, first minus second: two paths, two indirect effects, two loadings.

        Parameters
        ----------
        first, second
            Rows of the noun: `("quality", "satisfaction")`; of a wide noun with the measure as last entry.
        of : str
            The noun.

        Returns
        -------
        DataFrame
            One row; the common columns.
        """
        noun = mediation.contrast(self._noun(of), first, second)
        return self.core.table(noun, interval, confidence_level, p)

    def _judgements(self) -> dict[str, Callable[[], Noun]]:
        """Nouns of this bench by name, with their default settings."""
        blueprint = self.core.blueprint
        return {
            "reliability": lambda: reliability.reliability(blueprint, self.core.method),
            "unidimensionality": lambda: reliability.unidimensionality(blueprint),
            "communality": lambda: reliability.communality(blueprint, "constructs"),
            "validity": lambda: validity.validity(blueprint),
            "htmt": lambda: validity.htmt(blueprint, 0.9),
            "cross_loadings": lambda: validity.cross_loadings(blueprint),
            "vaf": lambda: mediation.vaf(blueprint),
            "vif": lambda: overlap.vif(blueprint, "paths"),
            "harman": lambda: overlap.harman(blueprint),
            "f2": lambda: overlap.f2(blueprint),
            "goodness": lambda: goodness.goodness(blueprint, "estimated"),
            "selection": lambda: selection.selection(blueprint, self.core.method),
        }
