"""A fit: verbs return fits, nouns return tables. The work lives in `results/`; this class only names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import pandas as pd

from csi import draws as drawing
from csi import frames
from csi.blueprint import Blueprint
from csi.chance import check_size, entropy_of
from csi.design import Design
from csi.errors import DataError, NotAvailable, SettingsError, suggest
from csi.grouping import Grouping, judged
from csi.methods.estimates import Method
from csi.numerics import survey
from csi.numerics.solve import Floats
from csi.predictions import Predictions
from csi.redrawn import AnyDraws, Redrawn, worth_redrawing
from csi.results import (
    archive,
    comparison,
    design_effect,
    effects,
    impacts,
    index,
    influence,
    measurement,
    sem_parameters,
)
from csi.results import doubts as doubting
from csi.results import scores as scoring
from csi.results.core import Core, Interval, PValue
from csi.results.index import Convention
from csi.results.noun import Noun, without_products
from csi.results.permutation import Permutations
from csi.spec import Model
from csi.structural import Structural
from csi.workbench import Workbench


class Asked(Protocol):
    """The study that a fit answers: what was asked of the data."""

    @property
    def model(self) -> Model:
        """Constructs and paths."""

    @property
    def method(self) -> Method:
        """How numbers came out of moments."""

    @property
    def design(self) -> Design | None:
        """How the answers were drawn."""

    @property
    def missing(self) -> str | None:
        """What was to be done about blanks."""

    @property
    def correlations(self) -> str:
        """Of what kind the correlations of the items are."""

    @property
    def controls(self) -> Any:
        """Columns that stand in the equations beside the constructs."""


Weights = Convention | Any


@dataclass(frozen=True, eq=False)
class Fit(Workbench, Predictions, Grouping, Structural):
    """Estimates of a model, in groups where asked, with replicates where drawn.

    Made by `Study.fit`. Nouns (`index()`, `paths()`, ...) return tables; verbs (`bootstrap()`, ...) return a fit
    whose nouns have intervals from replicates. Before any verb, standard errors come from linearization: the
    influence of every case on the result, by the design.

    Examples
    --------
    >>> import csi
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> fit.paths().round(3).loc[("quality", "satisfaction")].to_dict()["estimate"]
    0.512
    """

    study: Asked
    core: Core
    permuted: Permutations | None = None

    # -- what it is ----------------------------------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The model that was fitted.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.model
        Model('ECSI mobile': 7 constructs, 24 items, 12 paths, index satisfaction)
        """
        return self.study.model

    @property
    def groups(self) -> list[Any]:
        """Labels of the groups; empty where all cases are one group.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> waves = csi.Study(csi.models.ecsi()).fit(data, by="wave")
        >>> waves.groups
        [2024, 2025]
        >>> waves[2024].n.to_dict()
        {'all': 125.0}
        """
        return list(self.core.labels) if self.core.by else []

    @property
    def n(self) -> pd.Series:
        """Number of cases of every group.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> waves = csi.Study(csi.models.ecsi()).fit(data, by="wave")
        >>> waves.n.to_dict()
        {2024: 125.0, 2025: 125.0}
        """
        labels = self.groups or ["all"]
        by = "group" if not self.core.by else self.core.by[0] if len(self.core.by) == 1 else "groups"
        return pd.Series(self.core.stack.n, index=pd.Index(labels, name=by, tupleize_cols=False), name="n")

    def __getitem__(self, group: Any) -> Fit:
        """Return the fit of one group; of several columns, name the first ones or all."""
        if not self.core.by:
            raise NotAvailable("this fit has one group; study.fit(data, by='wave') divides the cases")
        wanted = group if isinstance(group, tuple) else (group,)
        labels = [label if isinstance(label, tuple) else (label,) for label in self.core.labels]
        at = [i for i, label in enumerate(labels) if label[: len(wanted)] == wanted]
        if not at:
            hint = suggest(str(group), map(str, self.core.labels))
            raise DataError(f"{group!r} is not a group{hint}; there are {', '.join(map(repr, self.groups[:12]))}")
        by, rest = self.core.by[len(wanted) :], [labels[i][len(wanted) :] for i in at]
        named = tuple(label[0] if len(label) == 1 else label for label in rest)
        return replace(self, core=self.core.select(at, by, named), permuted=None)

    # -- verbs ---------------------------------------------------------------------------------------------

    def bootstrap(
        self,
        n_resamples: int | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        cases: Any = None,
        kind: Literal["cases", "normal"] | None = None,
        progress: bool = True,
        memory: float = 1e9,
    ) -> Fit:
        """Draw resamples; afterwards every noun has their intervals.

        Without a design each group is resampled on its own. With sampling weights the whole sample is resampled and
        groups are its domains; with strata or clusters this is the rescaled bootstrap of Rao, Wu & Yue (1992), which
        draws clusters within strata.

        Parameters
        ----------
        n_resamples : int, optional
            How many; 10,000 if left out. A fit of `csi.moments(..., replicates=)` has those of the pass already.
        rng : int or numpy Generator, optional
            Where chance begins; the same number gives the same draws, whatever the memory and the other groups.
        cases : array (R, n), optional
            Case weights of given resamples, rows of the data in order, on top of the sampling weight (for parity
            with another program, draw by draw). Replaces `n_resamples` and `rng`.
        kind : {"cases", "normal"}, optional
            `"normal"` draws moments as if the answers were normal, where only moments are known.
        progress : bool
            Whether long runs show a bar.
        memory : float
            Bytes that the draws may take. Where those of many groups would take more, only the seed is kept, and every
            table draws again, a few groups at a time: the same numbers, later.

        Returns
        -------
        Fit

        Raises
        ------
        SettingsError
            If the draws of one group would not fit into memory, or an argument cannot be.
        NotAvailable
            If there are no cases to resample.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit = fit.bootstrap(500, rng=7)
        >>> fit.index().round(2).loc["satisfaction"].to_dict()
        {'estimate': 72.45, 'std_error': 0.87, 'conf_low': 70.77, 'conf_high': 74.12}
        >>> fit.paths(interval="bca").round(3).loc[("value", "satisfaction"), ["conf_low", "conf_high"]].tolist()
        [0.081, 0.323]
        """
        if cases is not None:
            return self._with(self._injected(cases, progress, memory))
        core = self.core
        if core.draws is not None and core.draws.kind == "poisson" and kind is None:
            return self._with(drawing.passed(core.draws, n_resamples, rng))
        size, entropy = check_size(10_000 if n_resamples is None else n_resamples), entropy_of(rng)
        if kind not in (None, "cases", "normal"):
            raise SettingsError(f"kind must be 'cases' or 'normal'; not {kind!r}")
        if kind == "normal" and core.blueprint.interactions:
            raise NotAvailable(
                "moments of products cannot be drawn as if they were normal; an interaction is resampled from the cases"
            )
        if core.sample is None or kind == "normal":
            if kind != "normal":
                raise NotAvailable(
                    "there are no cases to resample, only moments; bootstrap(kind='normal') draws moments as if the"
                    " answers were normal, and every table says so"
                )
            drawn = drawing.normal_draws(
                core.blueprint, core.method, core.stack, core.solution, list(core.labels), entropy, size
            )
            return self._with(drawn)
        sample = core.sample
        self._refuse_replicate_weights()
        drawing.tell_cost(sample, core.stack, size)
        if sample.layout is not None:
            rows, name = drawing.rao_wu_rows(sample, sample.layout, entropy, size), "rao-wu"
        else:
            rows, name = drawing.bootstrap_rows(sample, entropy, size), "bootstrap"
            p, groups = core.stack.mean.shape
            if not core.whole and worth_redrawing(p, groups, size, len(core.solution.values), memory):
                drawing.check_moments(core.method, sample)
                recipe = Redrawn(sample, core.method, core.stack, core.solution, core.groups, entropy, size, progress)
                return self._with(recipe)
        return self._with(self._draw(name, rows, size, core.whole, progress, memory, entropy=entropy))

    def jackknife(self, *, progress: bool = True, memory: float = 1e9) -> Fit:
        """Leave out one case (or, by the design, one cluster) at a time; t intervals.

        Returns
        -------
        Fit

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.jackknife().index().round(2).loc["satisfaction"].to_dict()
        {'estimate': 72.45, 'std_error': 0.91, 'conf_low': 70.66, 'conf_high': 74.25}
        """
        sample = self.core._cases()
        self._refuse_replicate_weights()
        laid = sample.layout or survey.layout(sample.groups.codes, np.arange(sample.n_cases))
        dropped, rscales = survey.jackknife(laid)

        def rows(group: int | None) -> drawing.WeightRows:
            for begin in range(0, len(dropped), 256):
                yield survey.jackknife_multipliers(laid, dropped[begin : begin + 256])

        df = float(survey.degrees_of_freedom(laid))
        return self._with(self._draw("jackknife", rows, len(dropped), True, progress, memory, rscales=rscales, df=df))

    def replicate(self, *, progress: bool = True, memory: float = 1e9) -> Fit:
        """Use the replicate weights that the design names; variance by its scale, t intervals with its df.

        Returns
        -------
        Fit

        Raises
        ------
        NotAvailable
            If the design has no replicate weights.

        Examples
        --------
        >>> import csi
        >>> import numpy as np
        >>> data = csi.datasets.load("mobi").assign(w=1.0)
        >>> for part in range(5):                       # leaves out every fifth customer in turn
        ...     data[f"r{part}"] = np.where(np.arange(250) % 5 == part, 0, 1.25)
        >>> design = csi.Design(weight="w", replicates=[f"r{part}" for part in range(5)], kind="jackknife")
        >>> fit = csi.Study(csi.models.ecsi(), design=design).fit(data).replicate()
        >>> fit.index().round(2).loc["satisfaction", ["estimate", "std_error"]].tolist()
        [72.45, 0.84]
        """
        sample, design = self.core._cases(), self.study.design
        if sample.replicates is None or design is None:
            raise NotAvailable("the design has no replicate weights: Design(replicates=[...], kind='jackknife', ...)")
        weights = sample.replicates

        def rows(group: int | None) -> drawing.WeightRows:
            # They already contain the sampling weight, which is multiplied in again when moments are formed.
            yield weights / sample.weight

        df = float(design.df or survey.replicate_degrees_of_freedom(weights.T))
        facts = {"scale": design.replicate_scale, "rscales": np.array(design.replicate_rscales), "df": df}
        return self._with(self._draw("replicate", rows, len(weights), True, progress, memory, **facts))

    def _refuse_replicate_weights(self) -> None:
        if self.core._cases().replicates is not None:
            raise NotAvailable(
                "the design lies in its replicate weights, which resamples of cases would not know: fit.replicate()"
            )

    def _draw(
        self, kind: Any, rows: Any, size: int, whole: bool, progress: bool, memory: float, **facts: Any
    ) -> drawing.Draws:
        core = self.core
        return drawing.draw(
            kind, core._cases(), core.method, core.stack, core.solution, core.groups, rows, size, whole, progress,
            memory, **facts,
        )  # fmt: skip

    def _injected(self, cases: Any, progress: bool, memory: float) -> drawing.Draws:
        sample = self.core._cases()
        weights = check_cases(cases, len(sample.index))[:, sample.at]

        def rows(group: int | None) -> drawing.WeightRows:
            for begin in range(0, len(weights), 256):
                yield weights[begin : begin + 256]

        return self._draw("cases", rows, len(weights), True, progress, memory)

    def _with(self, drawn: AnyDraws) -> Fit:
        return replace(self, core=replace(self.core, draws=drawn))

    # -- the index and what moves it -------------------------------------------------------------------------

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

    # -- paths and items -------------------------------------------------------------------------------------

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

    # -- comparisons, doubts, draws ----------------------------------------------------------------------------

    def compare(
        self,
        first: Any,
        second: Any,
        of: str = "index",
        *,
        pair: str | None = None,
        standardize: str | None = None,
        invariance: bool = True,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Second group minus first: two waves, two companies, or the same people twice.

        Parameters
        ----------
        first, second
            Labels of two groups.
        of : str
            The noun that is compared: `"index"`, `"paths"`, `"loadings"`, `"weights"`, `"impacts"`, ...
        pair : str, optional
            Column that says who answered, where the same people are in both groups. Their answers are then drawn
            together, and what they share does not count as change.
        standardize : str, optional
            Column of classes of respondents; the part of a change of the index that comes from their changed
            shares is shown as `mix`.
        invariance : bool
            Whether it is tested that both groups measure the same: MICOM by the permutations of `permute`, or by
            1,000 on the way.

        Returns
        -------
        DataFrame
            The common columns of the difference; for the index also `answers, weights` (and `mix`), which add up
            to the estimate. Last `invariance` (0: not the same composites; 1: the same; 2: means and variances are
            equal too) and `invariance_p`, the least of the constructs in the row; NaN where it cannot be tested, for
            the reason in `attrs["doubts"]`.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> waves = csi.Study(csi.models.ecsi()).fit(data, by="wave")
        >>> change = waves.compare(2024, 2025).loc["satisfaction"]
        >>> change[["estimate", "std_error", "answers", "weights"]].round(2).to_dict()
        {'estimate': -1.14, 'std_error': 1.82, 'answers': -0.77, 'weights': -0.37}
        """
        at = [self._group(label) for label in (first, second)]
        table = self._compared(at, of, pair, standardize, interval, confidence_level)
        return self._judged(table, at, pair, invariance)

    def _compared(
        self,
        at: list[int],
        of: str,
        pair: str | None,
        standardize: str | None,
        interval: Interval | None,
        confidence_level: float,
    ) -> pd.DataFrame:
        """Second group minus first, and what the difference is made of."""
        noun, core, people = self._noun(of), self.core, None
        if pair is not None:
            people, _ = self._classes(pair, "pair")
            if core.draws is not None and core.draws.kind == "bootstrap":
                core = replace(core, draws=self._paired(people, core.draws))
        table = comparison.difference(core, noun, at[0], at[1], interval, confidence_level, people)
        if of != "index":
            if standardize is not None:
                raise NotAvailable("standardize= splits a change of the index; leave it out for other nouns")
            return table
        mix = None
        if standardize is not None:
            classes, names = self._classes(standardize, "standardize column")
            mix = comparison.Mix(core, classes, names, at[0], at[1])
        parts = comparison.decomposition(core, at[0], at[1], "unstandardized", mix)
        return table.assign(**{str(name): parts[name] for name in parts})

    def _group(self, label: Any) -> int:
        if label not in self.core.labels:
            hint = suggest(str(label), map(str, self.core.labels))
            raise DataError(f"{label!r} is not a group{hint}; there are {', '.join(map(repr, self.groups[:12]))}")
        return self.core.labels.index(label)

    def _classes(self, column: str, what: str) -> tuple[Any, list[Any]]:
        sample = self.core._cases()
        codes, names = frames.classes(sample.table, column, what)
        return codes[sample.at], names

    def _paired(self, people: Any, drawn: AnyDraws) -> drawing.Draws:
        """Draw again, by the same seed, whole people instead of answers."""
        rows = drawing.cluster_rows(people, drawn.entropy or 0, drawn.size)
        return self._draw("bootstrap", rows, drawn.size, True, True, np.inf, entropy=drawn.entropy)

    def design_effects(self, of: str = "index") -> pd.DataFrame:
        """What strata, clusters and weights cost a result, beside a simple random sample of as many cases.

        Parameters
        ----------
        of : str
            The noun: `"index"`, `"paths"`, `"loadings"`, ...

        Returns
        -------
        DataFrame
            Rows as the noun's. Columns `std_error` (by the design), `std_error_srs`, `deff` (their squared ratio) and
            `n_effective` (cases divided by deff).

        Notes
        -----
        The variance under simple random sampling (with replacement) is the weighted variance of the influences of the
        cases over n [Lumley 2004, Analysis of complex survey samples].

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(town=[row // 5 for row in range(250)])
        >>> fit = csi.Study(csi.models.ecsi(), design=csi.Design(cluster="town")).fit(data)
        >>> fit.design_effects().round(2).loc["satisfaction"].to_dict()
        {'std_error': 0.98, 'std_error_srs': 0.91, 'deff': 1.15, 'n_effective': 217.55}
        """
        return design_effect.design_effects(self.core, self._noun(of))

    def influence(self, of: str = "index") -> pd.DataFrame:
        """How much every respondent moves a result: the estimate shifts by the weighted mean of these.

        Parameters
        ----------
        of : str
            The noun: `"index"`, `"paths"`, `"loadings"`, ...

        Returns
        -------
        DataFrame
            One row a row of the data (NaN where the fit left it out), one column a row of the noun, in its unit.
            Leaving a respondent out moves the result by about minus influence / n. Under simple random sampling the
            standard error is the standard deviation of a column over the root of n.

        Raises
        ------
        NotAvailable
            Where only moments were given, or the derivative is not worked out (rank and polychoric correlations).

        Notes
        -----
        Deville (1999), Survey Methodology 25, 193-203: derivative with respect to the moments times the products of
        the case.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> moved = fit.influence("index")["satisfaction"]
        >>> (moved.std() / 250**0.5).round(3), fit.index().loc["satisfaction", "std_error"].round(3)
        (np.float64(0.91), np.float64(0.91))
        """
        return influence.influence(self.core, self._noun(of))

    def check(self) -> pd.DataFrame:
        """Every doubt: what can be computed but should not be trusted.

        Returns
        -------
        DataFrame
            Columns `code, subject, value, limit, message, remedy, group`; empty when there is nothing to say.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi")
        >>> study = csi.Study(csi.models.ecsi())
        >>> study.fit(data).check().empty
        True
        >>> study.fit(data.assign(CUSA1=11 - data["CUSA1"])).check()["code"].tolist()
        ['reversed_item']
        """
        return doubting.table(self.doubts)

    @cached_property
    def doubts(self) -> list[doubting.Doubt]:
        """The doubts themselves.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi")
        >>> fit = csi.Study(csi.models.ecsi()).fit(data.assign(CUSA1=11 - data["CUSA1"]))
        >>> print(fit.doubts[0].message)
        CUSA1 runs against the other items of satisfaction (correlation -0.58 with their sum)
        """
        return doubting.doubts(self.core)

    def replicates(self, noun: str = "paths") -> pd.DataFrame:
        """Draws of a noun: one row a replicate, columns as the noun's rows; NaN where a replicate failed.

        Returns
        -------
        DataFrame
            With groups, they are the first row level.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> draws = fit.bootstrap(200, rng=7).replicates("paths")
        >>> draws.shape
        (200, 12)
        >>> draws[("quality", "satisfaction")].std().round(3).item()
        0.068
        """
        asked = self._noun(noun)
        drawn = self.core.drawn(asked)
        number = pd.RangeIndex(drawn.shape[1], name="replicate")
        if not self.core.by:
            return pd.DataFrame(drawn[0], index=number, columns=asked.flat_rows)
        parts = {
            label: pd.DataFrame(drawn[g], index=number, columns=asked.flat_rows)
            for g, label in enumerate(self.core.labels)
        }
        return pd.concat(parts, names=list(self.core.by))

    def _noun(self, name: str) -> Noun:
        """A noun by its name, with its default settings."""
        blueprint = self.core.blueprint
        makers: dict[str, Any] = {
            "index": lambda: index.index(blueprint, "unstandardized"),
            "impacts": lambda: impacts.impacts(blueprint, None, 1, "unstandardized"),
            "paths": lambda: effects.paths(blueprint),
            "effects": lambda: effects.effects(blueprint),
            "indirect": lambda: effects.indirect(blueprint),
            "loadings": lambda: self._of_items(measurement.loadings),
            "weights": lambda: self._of_items(lambda own: measurement.weights(own, "standardized")),
            "r2": lambda: measurement.r2(blueprint),
            "correlations": lambda: measurement.correlations(blueprint),
            **self._judgements(),
        }
        if name not in makers:
            raise SettingsError(
                f"{name!r} is not a noun with draws{suggest(name, makers)}; there are {', '.join(makers)}"
            )
        if name in ("index", "impacts"):
            self._need(name, means=name == "index")
        noun: Noun = makers[name]()
        return noun

    def _of_items(self, make: Callable[[Blueprint], Noun]) -> Noun:
        """A noun of items in constructs; products have weights of their own where the method gives them any."""
        blueprint = self.core.blueprint
        if getattr(self.core.method, "interactions", "") in ("product", "orthogonal"):
            return make(blueprint)
        return without_products(blueprint, make)

    def _need(self, what: str, means: bool = True, deviations: bool = True) -> None:
        """Refuse a result in points where moments were given without what it takes."""
        missing = [
            word
            for word, lacks in (
                ("means", means and bool(np.isnan(self.core.stack.mean).all())),
                ("standard deviations", deviations and self.core.published),
            )
            if lacks
        ]
        if missing and self.core.sample is None:
            raise NotAvailable(
                f"{what} needs the {' and '.join(missing)} of the items, which these moments do not hold;"
                " give them: csi.Moments.from_table(correlation, mean=..., sd=..., n=...)"
            )

    def _convention(self, weights: Weights) -> Convention:
        """Read the weights argument; another fit lends the unstandardized weights of its items."""
        if not isinstance(weights, Fit):
            convention: Convention = weights
            index.need_weights(self.core, convention)
            return convention
        core = weights.core
        plain = core.blueprint.plain
        shares: Floats = index.score_weights(plain, core.stack, core.estimates, "unstandardized")
        if shares.shape[1] != 1:
            raise SettingsError("weights= takes a fit of one group; choose it: weights=fit['2024']")
        lent = dict(zip([item for _, item in plain.slot_labels()], shares[:, 0], strict=True))
        missing = [name for name in self.core.blueprint.item_names if name not in lent]
        if missing:
            raise SettingsError(f"the other fit has no weight for {', '.join(map(repr, missing[:6]))}")
        return {name: float(lent[name]) for name in self.core.blueprint.item_names}

    # -- the stairs that go up ---------------------------------------------------------------------------------

    def plot(self, ax: Any = None, language: Literal["en", "zh"] = "en", **settings: Any) -> Any:
        """Draw the path diagram with coefficients and R2; every other picture is in `csi.plots`.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure if left out.
        language : {"en", "zh"}
            Of the labels.
        **settings
            As in `csi.plots.diagram`.

        Returns
        -------
        matplotlib Axes

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> ax = fit.plot(language="zh")
        >>> type(ax).__name__
        'Axes'
        """
        from csi import plots

        return plots.diagram(self, ax, language, **settings)

    def report(
        self,
        path: str | Path | Sequence[str | Path],
        language: Literal["en", "zh"] = "en",
        before: Sequence[object] = (),
        *,
        chapter: int = 1,
        confidence_level: float = 0.95,
        fieldwork: Mapping[str, object] | None = None,
    ) -> Any:
        """Write a report of this fit: a page, a Word chapter, a workbook or Markdown, all from the same tables.

        Parameters
        ----------
        path : str or Path, or a sequence of them
            The suffix says the form: `.html`, `.docx` (thesis form), `.xlsx`, `.md`. Several are written from one
            set of tables.
        language : {"en", "zh"}
            Of the sentences and labels.
        before : sequence
            What was looked at before the model and is printed after the sample: `csi.screen(...)` with its cleaning
            log, `csi.item_analysis(...)`, `csi.efa(...)`, or tables.
        chapter : int
            Number of the chapter: tables and figures are numbered 4-1, 4-2 ... in chapter 4.
        confidence_level : float
            Of every interval.
        fieldwork : mapping of str to anything printable, optional
            What is known of the fieldwork and stands first in the section on the sample:
            `{"Period": "2018-11 to 2019-01", "Invited": 8000, "Valid": 7604, "Response rate": "95.1%"}`.

        Returns
        -------
        Path or list of Path
            The file; as many as were asked for.

        Raises
        ------
        SettingsError
            If a suffix is no form that can be written.
        MissingExtra
            If the package that writes the form is not installed.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.report("mobi-study/report.html").name
        'report.html'
        >>> fit.report("mobi-study/报告.html", language="zh").name
        '报告.html'
        """
        from csi import report

        settings = {"chapter": chapter, "confidence_level": confidence_level, "fieldwork": fieldwork}
        return report.write(self, path, language, before, **settings)

    def methods(self, language: Literal["en", "zh"] = "en") -> str:
        """The methods section of a paper: every number in it is computed from this fit.

        Returns
        -------
        str
            Paragraphs, a blank line between them: the model and its source, the method with its settings and how it
            converged, why this method, the answers with their weights and blanks, the index, how errors were found,
            the software.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi")).bootstrap(200, rng=7)
        >>> print(fit.methods().split(". ")[0] + ".")
        The model (ECSI mobile) relates 7 constructs, measured by 24 items, along 12 paths.
        """
        from csi import report

        return report.methods(self, language)

    def cite(self, style: Literal["apa", "gbt7714", "bibtex"] = "apa") -> str:
        """References of the software, the model, the method and the measures of this fit.

        Parameters
        ----------
        style : {"apa", "gbt7714", "bibtex"}
            The style of the American Psychological Association (7th edition), that of GB/T 7714-2015 (numbered), or
            entries for BibTeX.

        Returns
        -------
        str
            One reference a line; BibTeX entries with blank lines between them.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> print(fit.cite("gbt7714").splitlines()[1])
        [2] TENENHAUS M, ESPOSITO VINZI V, CHATELIN Y M, et al. PLS path modeling[J]. Computational Statistics & Data
        Analysis, 2005, 48(1): 159-205. DOI:10.1016/j.csda.2004.03.005.
        """
        from csi import report

        return report.cite(self, style)

    def save(self, path: str | Path, columns: Sequence[str] = ()) -> Path:
        """Write this fit to one file, by custom `NAME.csi`, from which `csi.open` gives it back, draws and all.

        Parameters
        ----------
        path : str or Path
            The file; one that is there is replaced when the new one is whole.
        columns : sequence of str
            Columns of the data to keep beside items, design and groups, for `compare(..., pair=...)` and the like.
            Without them nothing else of the users' table is in the file.

        Returns
        -------
        Path
            The file: a zip of a JSON header and numpy arrays; nothing in it is executed when it is read.

        Raises
        ------
        DataError
            If there is no such column.
        NotAvailable
            If a group or row has a label that the file cannot hold.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> path = fit.save("mobi-study/mobi.csi")
        >>> csi.open(path).index().equals(fit.index())
        True
        """
        study = self.study
        words = {"model": study.model, "method": study.method, "design": study.design, "missing": study.missing}
        words |= {"correlations": study.correlations, "controls": study.controls}
        return archive.write(path, words, self.core, columns)

    # -- faces -------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        from csi.display.fit import text

        return text(self)

    def _repr_html_(self) -> str:
        from csi.display.fit import html

        return html(self)


def compare(
    first: Fit,
    second: Fit,
    of: str = "index",
    *,
    invariance: bool = True,
    interval: Interval | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Second fit minus first, of two independent samples: two companies, two surveys, the same model.

    Groups of one fit are compared with `fit.compare(...)`, which also knows people who are in both.

    Parameters
    ----------
    first, second : Fit
        Each of one group.
    of : str
        The noun that is compared.
    invariance : bool
        Whether it is tested that both measure the same: MICOM by 1,000 permutations of the cases of both samples.
        Under a design clusters change their sample as wholes, within strata of the same name; case weights are taken
        with mean one in each sample.

    Returns
    -------
    DataFrame
        The common columns of the difference; for the index also `answers, weights`, which add up to the estimate.
        Last `invariance, invariance_p`, as in `fit.compare(...)`; NaN where the cases cannot be exchanged (only
        moments, different methods or designs, no stratum in both), for the reason in `attrs["doubts"]`.

    Examples
    --------
    >>> import csi
    >>> study = csi.Study(csi.models.ecsi())
    >>> early, late = (study.fit(csi.simulate(study.model, 250, rng=seed)) for seed in (1, 2))
    >>> gap = csi.compare(early, late).loc["satisfaction"]
    >>> bool(abs(gap["answers"] + gap["weights"] - gap["estimate"]) < 1e-9)
    True
    """
    for fit in (first, second):
        if len(fit.core.labels) != 1:
            raise SettingsError("csi.compare takes two fits of one group each; choose them: fit['2024']")
    if first.core.blueprint.slot_labels() != second.core.blueprint.slot_labels():
        raise SettingsError("the two fits have different models; a difference needs the same constructs and items")
    table = comparison.between(first.core, second.core, first._noun(of), interval, confidence_level)
    if of == "index":
        both = comparison.side_by_side(first.core, second.core)
        parts = comparison.decomposition(both, 0, 1, "unstandardized", None)
        table = table.assign(**{str(name): parts[name] for name in parts})
    return judged(first.core, second.core, table, invariance)


def check_cases(cases: Any, n: int) -> Floats:
    """Read given case weights `(R, n)`."""
    weights = np.asarray(cases, dtype=float)
    if weights.ndim != 2 or weights.shape[1] != n:
        raise DataError(
            f"cases must be resamples x rows of the data, so (R, {n}); it is {' x '.join(map(str, weights.shape))}"
        )
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise DataError("cases must hold numbers of 0 or more: how often, or how much, each case counts")
    if not weights.any(axis=1).all():
        empty = np.flatnonzero(~weights.any(axis=1))
        raise DataError(
            f"{len(empty)} rows of cases are all zero (the first is row {empty[0]}); nobody would be in them"
        )
    return weights
