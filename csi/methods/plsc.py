"""Consistent PLS as a method: PLS whose reflective blocks are corrected for measurement error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint
from csi.errors import ModelError, SettingsError, suggest
from csi.methods import second_order, stages
from csi.methods.estimates import Estimates, Solution
from csi.methods.moderation import Interactions
from csi.methods.pls import PLS, explained
from csi.numerics.consistent import consistent_loadings, consistent_products, disattenuated, rho_a
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats, regress
from csi.spec.frozen import FrozenDict


@dataclass(frozen=True, repr=False)
class PLSc(PLS):
    """Consistent partial least squares: PLS scores, and from them the model of the constructs without their error.

    Correlations of the constructs are those of the scores over the root of their reliabilities; paths and R2 follow
    from them. Reflective constructs only are corrected: composites, blocks in mode B and (unless a reliability is
    given) single items are their scores. Item weights, scores and the index are those of PLS.

    Parameters
    ----------
    scheme, modes, standardized, tolerance, max_iter, higher_order
        As in `PLS`. A second order needs `higher_order="two-stage"` or `"embedded"`: repeated items would share their
        errors with the whole.
    interactions : "sequential"
        Products of the PLS scores; their moments are freed of the errors of both [Dijkstra & Schermelleh-Engel 2014].
    reliabilities : mapping of construct to number in (0, 1], optional
        Known reliabilities, used instead of rho_A; the only way to correct a single item.

    Raises
    ------
    SettingsError
        For a value that a setting cannot have.

    Notes
    -----
    rho_A assumes loadings in proportion to the weights, which mode A gives; with unit weights it is the standardized
    alpha. A reliability at or below zero leaves the construct without estimates (NaN); this, a reliability above one,
    a loading or R2 above one and correlations that no answers could have are doubts of the fit, counted over
    replicates too.

    A composite of corrected parts has the reliability w'S*w, S* the correlations of their scores with the parts'
    reliabilities on the diagonal, and w their weights [van Riel et al. 2017]; a reflective whole rho_A of their scores.

    References
    ----------
    Dijkstra, T. K., & Henseler, J. (2015). Consistent partial least squares path modeling. MIS Quarterly 39, 297-316.
    van Riel, A. C. R., Henseler, J., Kemeny, I., & Sasovova, Z. (2017). Estimating hierarchical constructs using
        consistent partial least squares. Industrial Management & Data Systems 117, 459-477.
    Dijkstra, T. K., & Schermelleh-Engel, K. (2014). Consistent partial least squares for nonlinear structural equation
    models. Psychometrika 79, 585-604.

    Examples
    --------
    >>> import csi
    >>> fit = csi.Study(csi.models.ecsi(), method=csi.PLSc()).fit(csi.datasets.load("mobi"))
    >>> round(fit.paths().loc[("satisfaction", "loyalty"), "estimate"], 3)
    np.float64(0.962)
    """

    interactions: Interactions = "sequential"
    reliabilities: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        said: Mapping[str, Any] = self.reliabilities or {}
        for construct, value in said.items():
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not (number and 0 < value <= 1):
                raise SettingsError(
                    f"reliabilities: that of {construct!r} must be above 0 and at most 1, such as 0.8; not {value!r}"
                )
        object.__setattr__(self, "reliabilities", FrozenDict(said))

    def __repr__(self) -> str:
        plain = super().__repr__()
        if not self.reliabilities:
            return plain
        said = f"reliabilities={dict(self.reliabilities)!r}"
        return f"{plain[:-1]}{', ' if plain[-2] != '(' else ''}{said})"

    @property
    def name(self) -> str:
        """What a table calls the method."""
        return "PLSc"

    def check(self, blueprint: Blueprint) -> None:
        """Refuse a model or settings that consistent PLS cannot work with.

        Raises
        ------
        ModelError
            As `PLS`; and where constructs share items.
        SettingsError
            As `PLS`; and if `reliabilities` names what the model does not have, or no reflective construct.
        """
        super().check(blueprint)
        if blueprint.interactions and self.interactions != "sequential":
            raise SettingsError(
                f"interactions={self.interactions!r} weights products beside the items, whose errors they repeat, and"
                " no consistent correction of that is known; csi.PLSc() takes 'sequential', the products of the scores"
                " that are there, and corrects their moments"
            )
        if blueprint.interactions and self._staged(blueprint):
            raise ModelError(
                f"the errors of a product ({blueprint.interactions[0].name}) beside a second order are not worked out;"
                " use csi.PLS(higher_order='two-stage', interactions='sequential')"
            )
        if blueprint.repeated and not self._staged(blueprint):
            raise ModelError(
                "PLSc corrects constructs for errors that no two of them share, and here some item measures two"
                " constructs (a second order repeats the items of its parts); use"
                " csi.PLSc(higher_order='two-stage') or 'embedded', which measure the whole by the scores of its parts"
            )
        for name in self.reliabilities or {}:
            if name not in blueprint.constructs:
                raise SettingsError(f"reliabilities: {name!r} is not a construct{suggest(name, blueprint.constructs)}")
            if blueprint.model.constructs[name].kind != "reflective":
                raise SettingsError(
                    f"reliabilities: {name!r} is a composite, which is what its items make it and has no error;"
                    " leave it out, or make the construct reflective"
                )

    def corrected(self, blueprint: Blueprint) -> NDArray[np.bool_]:
        """Which constructs are corrected, `(k,)`: reflective, of several items or a given reliability, not mode B."""
        given = self.reliabilities or {}
        return np.array(
            [
                name in given
                or (
                    blueprint.model.constructs[name].kind == "reflective"
                    and block.stop - block.start > 1
                    and (self.modes or {}).get(name, "A") != "B"
                )
                for name, block in zip(blueprint.plain.constructs, blueprint.plain.blocks, strict=True)
            ]
            + [False] * len(blueprint.interactions)
        )

    def reliability(self, blueprint: Blueprint, stack: Stack, weights: Floats) -> Floats:
        """Reliability that every score is corrected by, `(k, B)`: given, rho_A, or one.

        Parameters
        ----------
        weights : array (m, B)
            As solved for.
        """
        s = self._matrix(blueprint, stack)
        found = rho_a(s, weights, blueprint.blocks)
        found[~self.corrected(blueprint)] = 1.0
        for name, value in (self.reliabilities or {}).items():
            found[blueprint.position(name)] = value
        for whole, parts in self._wholes(blueprint).items():
            name = blueprint.constructs[whole]
            if name not in (self.reliabilities or {}):
                block = second_order.Parts.of(blueprint, s, weights, whole, parts)
                if blueprint.model.constructs[name].kind == "composite":
                    found[whole] = block.composite_reliability(found[parts])
                elif self.corrected(blueprint)[whole]:
                    found[whole] = block.reliability()
        return found

    def _wholes(self, blueprint: Blueprint) -> dict[int, list[int]]:
        """Parts of every second order that is measured by their scores."""
        return stages.wholes(blueprint.plain) if self._staged(blueprint) else {}

    def estimates(self, blueprint: Blueprint, stack: Stack, solution: Solution) -> Estimates:
        """Loadings, correlations of the constructs, paths and R2 without measurement error."""
        plain = super().estimates(blueprint, stack, solution)
        reliability = self.reliability(blueprint, stack, solution.values)
        which = self.corrected(blueprint)
        s = self._matrix(blueprint, stack)
        sd = np.sqrt(np.einsum("iib->ib", s))
        loadings = consistent_loadings(solution.values, reliability, blueprint.blocks, which) / sd
        for block in (block for block, corrected in zip(blueprint.blocks, which, strict=True) if not corrected):
            loadings[block] = plain.loadings[block]
        observed = np.ones((len(blueprint.controls), reliability.shape[1]))
        if blueprint.interactions:
            root = np.sqrt(np.where(reliability > 0, reliability, np.nan))[: len(blueprint.plain.constructs)]
            products = [one.parts for one in blueprint.interactions]
            correlations = consistent_products(plain.correlations, root, products)
        else:
            correlations = disattenuated(plain.correlations, np.concatenate([reliability, observed]))
        for whole, parts in self._wholes(blueprint).items():
            made = second_order.Parts.of(blueprint, s, solution.values, whole, parts)
            composite = blueprint.model.constructs[blueprint.constructs[whole]].kind == "composite"
            found = made.loadings(reliability[parts], reliability[whole], composite)
            correlations[whole, parts] = correlations[parts, whole] = found
            loadings[blueprint.blocks[whole]] = np.concatenate(
                [loadings[blueprint.blocks[part]] * own for part, own in zip(parts, found, strict=True)]
            )
        paths = regress(correlations, blueprint.equations)
        r2 = explained(correlations, paths, blueprint)
        return Estimates(plain.weights, loadings, correlations, paths, r2, plain.free)
