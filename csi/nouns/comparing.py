"""Differences of two groups of a fit, or of two fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from csi import draws as drawing
from csi import frames
from csi.errors import DataError, NotAvailable, SettingsError, suggest_label
from csi.nouns.base import Base
from csi.nouns.grouping import Grouping, judged
from csi.nouns.verbs import Verbs
from csi.redrawn import AnyDraws
from csi.results import (
    comparison,
)
from csi.results.core import Interval


class Comparing(Grouping, Verbs):
    """Second group minus first; `Fit` inherits this."""

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
        if at[0] == at[1]:
            raise SettingsError(f"{first!r} is compared with itself; name two groups of {self.groups[:12]}")
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
            hint = suggest_label(label, self.core.labels)
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


def compare(
    first: Base,
    second: Base,
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
