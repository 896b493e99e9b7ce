"""The verbs of a fit: each draws replicates and returns a fit whose nouns have intervals from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np

from csi import draws as drawing
from csi.chance import check_size, entropy_of
from csi.errors import DataError, NotAvailable, SettingsError
from csi.nouns.base import Base
from csi.numerics import survey
from csi.numerics.solve import Floats
from csi.redrawn import AnyDraws, Redrawn, worth_redrawing


class Verbs(Base):
    """Replicates of a fit; `Fit` inherits these verbs."""

    def bootstrap(
        self,
        n_resamples: int | None = None,
        *,
        rng: int | np.random.Generator | None = None,
        cases: Any = None,
        kind: Literal["cases", "normal"] | None = None,
        progress: bool = True,
        memory: float = 1e9,
    ) -> Self:
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

    def jackknife(self, *, progress: bool = True, memory: float = 1e9) -> Self:
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

    def replicate(self, *, progress: bool = True, memory: float = 1e9) -> Self:
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

    def _with(self, drawn: AnyDraws) -> Self:
        return replace(self, core=replace(self.core, draws=drawn))


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
