"""What a fit is made of, and its nouns by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from csi.blueprint import Blueprint
from csi.design import Design
from csi.errors import NotAvailable, SettingsError, suggest
from csi.methods.estimates import Method
from csi.numerics.solve import Floats
from csi.results import (
    effects,
    goodness,
    impacts,
    index,
    measurement,
    mediation,
    overlap,
    reliability,
    selection,
    validity,
)
from csi.results.core import Core
from csi.results.index import Convention
from csi.results.noun import Noun, without_products
from csi.results.permutation import Permutations
from csi.spec import Model


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
class Base:
    """What every noun and verb of a fit starts from: what was asked, what is known, and nouns by their names."""

    study: Asked
    core: Core
    permuted: Permutations | None = None

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

    def _noun(self, name: str) -> Noun:
        """A noun by its name, with its default settings."""
        blueprint, method = self.core.blueprint, self.core.method
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
            "reliability": lambda: reliability.reliability(blueprint, method),
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
            "selection": lambda: selection.selection(blueprint, method),
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
        if not isinstance(weights, Base):
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
