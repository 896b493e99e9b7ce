"""The nouns of a fit that judge it: reliability, validity, overlap, goodness, selection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pandas as pd

from csi.nouns.base import Base
from csi.numerics.pls import Scheme
from csi.numerics.solve import Floats
from csi.results import (
    blindfolding,
    exact_fit,
    fitness,
    mediation,
    overlap,
    reliability,
    residuals,
    selection,
    slopes,
    validity,
    verdicts,
)
from csi.results import criteria as thresholds
from csi.results.core import Interval, PValue
from csi.results.criteria import Criteria
from csi.results.goodness import Against
from csi.results.sem_residuals import Kind


class Workbench(Base):
    """What a fit says about how far it can be trusted; `Fit` inherits these nouns."""

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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.reliability().round(3).loc[["satisfaction", "loyalty"]]
                      alpha  alpha_standardized  rho_a  rho_c    ave
        construct
        satisfaction  0.770               0.779  0.789  0.871  0.693
        loyalty       0.442               0.472  0.746  0.722  0.517
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.unidimensionality().round(3).loc[["satisfaction", "loyalty"]]
                      eigenvalue_1  eigenvalue_2  rho_pca
        construct
        satisfaction         2.082         0.518    0.872
        loyalty              1.561         0.983    0.729
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.communality().round(3).loc[["satisfaction", "loyalty"]]
                      communality  redundancy
        construct
        satisfaction        0.693       0.472
        loyalty             0.517       0.236
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.validity().round(3).loc[("quality", "satisfaction")].to_dict()
        {'htmt': 0.954, 'htmt2': 0.951, 'correlation': 0.795, 'fornell_larcker': 1.096}
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.htmt(limit=0.85).round(3).loc[("quality", "satisfaction"), ["estimate", "statistic"]].tolist()
        [0.954, 3.497]
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.cross_loadings().round(2).loc["satisfaction"].iloc[:, :5]
               image  expectations  quality  value  satisfaction
        item
        CUSA1   0.58          0.49     0.64   0.41          0.79
        CUSA2   0.52          0.40     0.67   0.49          0.85
        CUSA3   0.62          0.39     0.67   0.60          0.86
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.vif().round(2).head(3)
                                   estimate  std_error  conf_low  conf_high
        cause        effect
        image        expectations      1.00       0.00       1.0        1.0
        expectations quality           1.00       0.00       1.0        1.0
                     value             1.45       0.13       1.2        1.7
        """
        return self.core.table(overlap.vif(self.core.blueprint, of), interval, confidence_level)

    def harman(self, *, interval: Interval | None = None, confidence_level: float = 0.95) -> pd.DataFrame:
        """Share of the variance of all items that one component takes up: Harman's test of common method variance.

        Returns
        -------
        DataFrame
            One row, `first component`; `estimate` (half is the usual limit) and its uncertainty. A low share does not
            rule common method variance out [Podsakoff et al. 2003]; see also `vif("constructs")`.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.harman().round(3).iloc[0][["estimate", "std_error"]].tolist()
        [0.395, 0.024]
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.f2().round(3)
                                   estimate  std_error  conf_low  conf_high
        cause        effect
        image        expectations     0.342      0.108     0.131      0.554
        expectations quality          0.449      0.126     0.203      0.696
                     value            0.003      0.008    -0.014      0.019
        quality      value            0.329      0.129     0.076      0.581
        image        satisfaction     0.042      0.024    -0.004      0.089
        expectations satisfaction     0.008      0.013    -0.017      0.033
        quality      satisfaction     0.289      0.094     0.104      0.474
        value        satisfaction     0.077      0.047    -0.016      0.169
        satisfaction complaints       0.387      0.109     0.172      0.601
        image        loyalty          0.036      0.029    -0.021      0.092
        satisfaction loyalty          0.204      0.092     0.023      0.384
        complaints   loyalty          0.006      0.010    -0.014      0.026
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.goodness().round(4)["estimate"].head(3).to_dict()
        {'srmr': 0.1328, 'd_uls': 5.2897, 'd_g': 0.8532}
        >>> fit.goodness(model="saturated").round(4)["estimate"].head(3).to_dict()
        {'srmr': 0.0751, 'd_uls': 1.6935, 'd_g': 0.6487}
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.bootstrap(200, rng=1).exact_fit().round(3)
                 estimate  limit  p_value
        measure
        srmr        0.133  0.081    0.005
        d_uls       5.290  1.959    0.005
        d_g         0.853  0.510    0.005
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.q2().round(3)["estimate"].head(3).to_dict()
        {'expectations': 0.112, 'quality': 0.168, 'value': 0.275}
        """
        return blindfolding.table(self.core, distance, scheme)

    def selection(
        self, *, interval: Interval | None = None, confidence_level: float = 0.95, tidy: bool = False
    ) -> pd.DataFrame:
        """Information criteria of the equation of every construct with causes; smaller is better.

        Parameters
        ----------
        tidy : bool
            One row a (construct, criterion) with standard errors and intervals.

        Returns
        -------
        DataFrame
            Rows: constructs. Columns `aic, aicc, aicu, bic, fpe, hq, hqc` and `gm, mallows_cp` (Geweke and Meese,
            Mallows), which take the residual variance of the saturated model: every construct caused by all before
            it, estimated anew; NaN where that model has none above zero, or with a second order, products or paths in
            a circle. [Sharma et al. 2019, table B1; the numbers of cSEM and, for AIC and BIC, seminr]. For weights of
            evidence between models see `csi.akaike`.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.selection().round(1)[["aic", "bic"]].head(2)
                       aic   bic
        construct
        expectations -70.6 -63.5
        quality      -89.8 -82.7
        """
        noun = selection.selection(self.core.blueprint, self.core.method)
        return self.core.table(noun, interval, confidence_level, tidy=tidy)

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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.assess().query("met == 0").round(3)[["value", "sense", "limit"]]
                                                value     sense  limit
        measure         subject
        loading         IMAG2                   0.599  at least  0.708
                        IMAG3                   0.576  at least  0.708
                        CUEX2                   0.691  at least  0.708
                        CUEX3                   0.608  at least  0.708
                        PERQ2                   0.638  at least  0.708
                        CUSL2                   0.202  at least  0.708
        alpha           expectations            0.433  at least  0.700
                        loyalty                 0.442  at least  0.700
        rho_a           expectations            0.462  at least  0.700
        ave             image                   0.478  at least  0.500
                        expectations            0.480  at least  0.500
        htmt            image - quality         0.929     below  0.900
                        image - satisfaction    0.910     below  0.900
                        quality - satisfaction  0.954     below  0.900
                        satisfaction - loyalty  0.957     below  0.900
        fornell_larcker image - quality         1.172     below  1.000
                        image - satisfaction    1.004     below  1.000
                        quality - satisfaction  1.096     below  1.000
        srmr            model                   0.133     below  0.080
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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.vaf().round(3)["estimate"].head(3)
        cause  effect
        image  quality         1.000
               value           1.000
               satisfaction    0.541
        Name: estimate, dtype: float64
        """
        return self.core.table(mediation.vaf(self.core.blueprint), interval, confidence_level)

    def slopes(
        self,
        first: str,
        second: str,
        *,
        at: Sequence[float] = (-1, 0, 1),
        on: str | None = None,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Simple slopes: the effect of the first construct where the second is low, average and high.

        Parameters
        ----------
        first, second : str
            Two constructs whose interaction is in the model; one and the same for a square.
        at : sequence of float
            Where the second stands, in standard deviations from its mean.
        on : str, optional
            The effect, where the interaction moves several; all of them if left out.

        Returns
        -------
        DataFrame
            Rows `(effect, at)`; the common columns. `attrs["region"]` says for which places of the second construct
            the slope differs from zero: `outside` or `inside` of `low` to `high`, `everywhere` or `nowhere`.

        Raises
        ------
        NotAvailable
            If the model has no such interaction.

        Notes
        -----
        b_1 + b_12 z, of a square b_1 + 2 b_11 z [Aiken & West 1991]; the region is that of Johnson & Neyman (1936).

        Examples
        --------
        >>> import csi
        >>> ecsi = csi.models.ecsi()
        >>> model = ecsi.replace(paths=[*ecsi.paths, ("image:quality", "satisfaction")])
        >>> fit = csi.Study(model).fit(csi.datasets.load("mobi"))
        >>> fit.slopes("quality", "image")["estimate"].round(3).tolist()
        [0.503, 0.526, 0.55]
        """
        return slopes.table(self.core, first, second, at, on, interval, confidence_level)

    def _lines(
        self, first: str, second: str, x: Floats, at: Sequence[float], on: str | None, confidence_level: float
    ) -> tuple[pd.DataFrame, str]:
        """What a picture of slopes is drawn from: the expected effect over the first construct, and its name."""
        blueprint = self.core.blueprint
        effect = slopes.outcomes(blueprint, slopes.find(blueprint, first, second), on)[0]
        levels = slopes.places((0,) if first == second else at)
        noun = slopes.lines(blueprint, first, second, effect, x, levels)
        return self.core.table(noun, None, confidence_level), blueprint.constructs[effect]

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

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> gap = fit.contrast(("quality", "satisfaction"), ("value", "satisfaction"))
        >>> gap.round(3).iloc[0][["estimate", "conf_low", "conf_high"]].tolist()
        [0.317, 0.114, 0.521]
        """
        noun = mediation.contrast(self._noun(of), first, second)
        return self.core.table(noun, interval, confidence_level, p)
