"""Partial least squares as a method: settings in words, estimates from moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from csi.blueprint import Blueprint, compile_model
from csi.errors import ModelError, NotAvailable, SettingsError, check_choice, suggest
from csi.methods import moderation, stages
from csi.methods.estimates import Estimates, Family, Solution
from csi.methods.moderation import Interactions
from csi.methods.stages import HigherOrder
from csi.numerics import pls
from csi.numerics.moments import Stack, correlations
from csi.numerics.solve import Floats, regress
from csi.sample import Sample
from csi.spec import Model
from csi.spec.frozen import FrozenDict

Mode: TypeAlias = Literal["A", "B", "unit"] | Mapping[str, float]


@dataclass(frozen=True)
class PLS:
    """Partial least squares path modelling.

    Parameters
    ----------
    scheme : {"path", "factorial", "centroid"}
        Inner weighting scheme.
    modes : mapping of construct to "A", "B", "unit" or item weights, optional
        How items are weighted; mode A (correlation weights) for every construct that is not named. Mode B are
        regression weights, "unit" the plain sum of the standardized items, `{"x1": .4, "x2": .6}` given weights.
    standardized : bool
        Whether items are standardized before they are weighted, the usual convention. `False` works on the 0-100
        points (on codes where no item has a scale), as Tenenhaus et al. (2005) did.
    tolerance : float
        Largest absolute change of a weight of unit-variance scores at which the iteration stops.
    max_iter : int
        Largest number of iterations; an estimate that has not stopped by then is a doubt.
    higher_order : {"repeated", "two-stage", "embedded"}
        How a second order is measured: by the items of its parts once more; by the scores of its parts, from a first
        stage in which they take its place (disjoint two-stage, as seminr), all other items being weighted anew; or by
        the scores of its parts from the repeated indicators, all other scores being kept (as cSEM's "mixed"; the mode
        of a whole then weights the repeated items, and the scores of the parts of a composite have mode B). In two
        stages a whole with causes of its own is explained by them and not by its parts.
    interactions : {"two-stage", "product", "orthogonal", "sequential"}
        How a product such as `image:quality` among the causes is measured. By the product of the scores of a first
        stage without products, beside which all item weights are then estimated anew (two-stage, as seminr); by the
        products of the standardized items, weighted as any block; by their residuals from the items of both
        constructs; or by the product of the scores, all item weights being kept (sequential, as cSEM). The coefficient
        is that of the product of scores of variance one, not standardized again.

    Raises
    ------
    SettingsError
        For a value that a setting cannot have.

    References
    ----------
    Lohmoller, J.-B. (1989). Latent variable path modeling with partial least squares.
    Tenenhaus, M., et al. (2005). PLS path modeling. Computational Statistics & Data Analysis 48, 159-205.

    Examples
    --------
    >>> PLS(scheme="centroid")
    PLS(scheme='centroid')
    """

    scheme: pls.Scheme = "path"
    modes: Mapping[str, Mode] | None = None
    standardized: bool = True
    tolerance: float = 1e-7
    max_iter: int = 300
    higher_order: HigherOrder = "repeated"
    interactions: Interactions = "two-stage"

    family: ClassVar[Family] = "components"
    treatments: ClassVar[tuple[str, ...]] = ("pairwise", "listwise", "em", "mean")

    def __post_init__(self) -> None:
        check_choice(self.scheme, "scheme", get_args(pls.Scheme))
        check_choice(self.standardized, "standardized", (True, False))
        check_choice(self.higher_order, "higher_order", get_args(HigherOrder))
        check_choice(self.interactions, "interactions", get_args(Interactions))
        if not (isinstance(self.tolerance, (int, float)) and 0 < self.tolerance < 1):
            raise SettingsError(f"tolerance must be between 0 and 1, such as 1e-7; not {self.tolerance!r}")
        if not (isinstance(self.max_iter, int) and self.max_iter >= 1):
            raise SettingsError(f"max_iter must be a whole number of at least 1; not {self.max_iter!r}")
        for construct, mode in (self.modes or {}).items():
            if not isinstance(mode, Mapping):
                check_choice(mode, f"the mode of {construct!r}", ("A", "B", "unit"))
        frozen = {
            name: FrozenDict(mode) if isinstance(mode, Mapping) else mode for name, mode in (self.modes or {}).items()
        }
        object.__setattr__(self, "modes", FrozenDict(frozen))

    def __repr__(self) -> str:
        default = {"scheme": "path", "modes": {}, "standardized": True, "tolerance": 1e-7, "max_iter": 300}
        default["higher_order"] = "repeated"
        default["interactions"] = type(self).interactions
        said = [f"{name}={getattr(self, name)!r}" for name, value in default.items() if getattr(self, name) != value]
        return f"{type(self).__name__}({', '.join(said)})"

    @classmethod
    def like(cls, program: Literal["smartpls4", "seminr", "csem", "plspm", "sempls"], **changes: Any) -> Self:
        """The settings of another program.

        Parameters
        ----------
        program : {"smartpls4", "seminr", "csem", "plspm", "sempls"}
            Their defaults: SmartPLS 4 and seminr 2.3 path weighting and 1e-7, at most 300 rounds (seminr with second
            orders in two stages); cSEM 0.6 path weighting, 1e-5, 100 rounds, interactions from the scores that are
            there; plspm 0.5 the centroid scheme, a sum of squared changes below 1e-6 (so changes of at most 1e-3), 100
            rounds; semPLS 1.0 the centroid scheme, 1e-7, 20 rounds.
        **changes
            Settings of your own on top.

        Returns
        -------
        PLS
            Ordinary settings, nothing hidden. What no setting says: seminr and SmartPLS replace blanks by means,
            `Study(missing="mean")`; cSEM takes `<~` blocks for mode B; plspm standardizes by n, which changes its
            printed weights by sqrt(n / (n - 1)) and nothing else.

        Examples
        --------
        >>> PLS.like("plspm")
        PLS(scheme='centroid', tolerance=0.001, max_iter=100)
        >>> PLS.like("seminr")
        PLS(higher_order='two-stage')
        """
        known: dict[str, dict[str, Any]] = {
            "smartpls4": {},
            "seminr": {"higher_order": "two-stage"},
            "csem": {"tolerance": 1e-5, "max_iter": 100, "interactions": "sequential"},
            "plspm": {"scheme": "centroid", "tolerance": 1e-3, "max_iter": 100},
            "sempls": {"scheme": "centroid", "max_iter": 20},
        }
        check_choice(program, "program", known)
        return cls(**{**known[program], **changes})

    @property
    def name(self) -> str:
        """What a table calls the method."""
        return "PLS"

    @property
    def missing(self) -> str | None:
        """Treatment of blanks where the study says none."""
        return "pairwise"

    def check_missing(self, missing: str | None) -> None:
        """Refuse a treatment of blanks that PLS cannot work with."""
        if missing is not None:
            check_choice(missing, "missing", self.treatments)

    # -- the model ---------------------------------------------------------------------------------------

    def check(self, blueprint: Blueprint) -> None:
        """Refuse a model or settings that PLS cannot work with.

        Raises
        ------
        ModelError
            If a construct touches no path, or two stages of a second order meet interactions.
        SettingsError
            If `modes` names what the model does not have, or scales are mixed with none in raw PLS.
        """
        if blueprint.interactions and self._staged(blueprint) and self.interactions != "sequential":
            raise ModelError(
                f"a second order in two stages leaves no single stage in which {blueprint.interactions[0].name!r} could"
                " be weighted beside the others; use csi.PLS(higher_order=..., interactions='sequential'), which"
                " multiplies the scores that both stages give, or higher_order='repeated'"
            )
        whole = {name: block for name, block in blueprint.model.constructs.items() if block.of}
        if self._staged(blueprint):
            stages.check(blueprint.plain)
            for j, members in stages.wholes(blueprint.plain).items():
                self._own(blueprint, j, members)
        parts = {part for block in whole.values() for part in block.of}
        linked = zip(blueprint.constructs, _linked(blueprint), strict=True)
        lonely = [name for name, touched in linked if not touched and name not in parts]
        if lonely:
            raise ModelError(
                f"PLS weights a construct by its neighbours, and {', '.join(map(repr, lonely))} has no path;"
                " add one, or leave the construct out with model.without(...)"
            )
        self.outer(blueprint)
        known = [scale is not None for scale in blueprint.scales]
        if not self.standardized and any(known) and not all(known):
            missing = [name for name, has in zip(blueprint.item_names, known, strict=True) if not has]
            raise SettingsError(
                f"PLS(standardized=False) works on 0-100 points where scales are known and on codes where none is;"
                f" here {', '.join(missing[:6])} {'have' if len(missing) > 1 else 'has'} none and the others have one."
                " Give every item a scale, or none"
            )

    def outer(self, blueprint: Blueprint) -> list[pls.Outer]:
        """Weighting mode of every block."""
        modes: Mapping[str, Mode] = self.modes or {}
        for name in modes:
            if name not in (*blueprint.constructs, *blueprint.model.products):
                raise SettingsError(f"modes: {name!r} is not a construct{suggest(name, blueprint.constructs)}")
            if name in blueprint.model.products and self.interactions in ("two-stage", "sequential"):
                raise SettingsError(
                    f"modes: {name!r} is the product of two scores under interactions={self.interactions!r}, so that"
                    " its items have no weights of their own; interactions='product' or 'orthogonal' weight them"
                )
        whole = stages.wholes(blueprint.plain) if self._staged(blueprint) else {}
        found = [
            _outer(
                name,
                block,
                # In two stages the weights of a whole are those of its parts' scores.
                "A" if j in whole and not isinstance(modes.get(name, "A"), str) else modes.get(name, "A"),
                [label for construct, label in blueprint.slot_labels() if construct == name],
            )
            for j, (name, block) in enumerate(zip(blueprint.constructs, blueprint.blocks, strict=True))
        ]
        for one in blueprint.interactions:
            found[one.construct] = found[one.construct]._replace(times=one.times)
        return found

    def _own(self, blueprint: Blueprint, whole: int, parts: list[int]) -> pls.Outer:
        """How the scores of the parts of a whole are weighted in the second stage."""
        name = blueprint.constructs[whole]
        mode = (self.modes or {}).get(name, "A")
        composite = blueprint.model.constructs[name].kind == "composite"
        if self.higher_order == "embedded" and composite and mode == "A":
            mode = "B"
        return _outer(name, slice(0, len(parts)), mode, [blueprint.constructs[part] for part in parts])

    def arrange(self, blueprint: Blueprint) -> Blueprint:
        """The blueprint as the method takes its arrows."""
        return moderation.arranged(stages.arranged(blueprint) if self._staged(blueprint) else blueprint)

    def _staged(self, blueprint: Blueprint) -> bool:
        return self.higher_order != "repeated" and bool(blueprint.model.higher)

    # -- the estimate ------------------------------------------------------------------------------------

    def solve(
        self,
        blueprint: Blueprint,
        stack: Stack,
        start: Solution | None = None,
        tolerance: float | None = None,
    ) -> Solution:
        """Find the item weights; from a start, the signs of the start are kept."""
        (s, spread), begun = self._slots(blueprint, stack), None if start is None else start.values
        fine = self.tolerance if tolerance is None else tolerance

        def iterate(
            s: Floats, outer: Sequence[pls.Outer], arrows: NDArray[np.bool_], start: Floats | None
        ) -> pls.Weights:
            return pls.item_weights(s, outer, arrows, self.scheme, start, fine, self.max_iter)

        if not blueprint.interactions:
            return self._solve(blueprint, s, iterate, begun)
        by = spread if self.standardized else None
        if self.interactions in ("product", "orthogonal"):
            found = self._solve(blueprint, s, iterate, begun)
            return found._replace(values=moderation.turned(blueprint, s, by, found.values))
        m = len(blueprint.plain.slots)
        first = self._solve(blueprint.plain, s[:m, :m], iterate, None if begun is None else begun[:m])
        return moderation.solve(blueprint, s, by, self.outer(blueprint), first, self.interactions, iterate, begun)

    def _solve(self, blueprint: Blueprint, s: Floats, iterate: moderation.Iterate, start: Floats | None) -> Solution:
        """Weights of the slots, by one iteration or by two stages of a second order."""
        outer = self.outer(blueprint)
        if not self._staged(blueprint):
            return Solution(*iterate(s, outer, blueprint.arrows, start))
        own = {j: self._own(blueprint, j, parts) for j, parts in stages.wholes(blueprint.plain).items()}
        return stages.solve(blueprint, s, outer, own, self.higher_order, iterate, start)

    def nudged(self, blueprint: Blueprint, at: Stack, moved: Stack, point: Solution) -> Solution | None:
        """Weights at moments close to `at`, whose weights stand still, to first order; None where steps are several."""
        if self._staged(blueprint) or blueprint.interactions or not np.isfinite(point.values).all():
            return None
        s, near = self._matrix(blueprint, at), self._matrix(blueprint, moved)
        w = pls.nudged(s, near, point.values, self.outer(blueprint), blueprint.arrows, self.scheme)
        return Solution(w, np.zeros(moved.size, np.int64), np.ones(moved.size, bool))

    def estimates(self, blueprint: Blueprint, stack: Stack, solution: Solution) -> Estimates:
        """Loadings, correlations of the scores, paths and R2 from item weights."""
        s, spread = self._slots(blueprint, stack)
        outer = self.outer(blueprint)
        w = solution.values
        shared = pls.item_covariances(s, w, outer)
        scores = pls.construct_covariances(shared, w, outer)
        sd = np.sqrt(np.einsum("iib->ib", s))
        loadings = np.concatenate([shared[j, part.block] for j, part in enumerate(outer)]) / sd
        if blueprint.interactions:
            scale = moderation.natural(blueprint, s, spread, w, loadings, self.interactions, not self.standardized)
            scores = scores * scale[:, None] * scale[None]
        if blueprint.controls:
            scores = beside_controls(blueprint, correlations(stack.cov) if self.standardized else stack.cov, w, scores)
        paths = regress(scores, blueprint.equations)
        return Estimates(w * sd, loadings, scores, paths, explained(scores, paths, blueprint), w)

    def begin(self, blueprint: Blueprint, sample: Sample, stack: Stack) -> Solution | None:
        """Nothing: moments suffice."""
        return None

    def jointly(self, sample: Sample | None) -> bool:
        """Never."""
        return False

    def from_moments(self, sample: Sample | None) -> bool:
        """Always."""
        return True

    def solved(self, blueprint: Blueprint, stack: Stack, solution: Solution, sample: Sample | None, group: int) -> Any:
        """Nothing: errors of PLS come from linearization and from resamples.

        Raises
        ------
        NotAvailable
            Always.
        """
        raise NotAvailable("PLS has no likelihood; its standard errors come from linearization and from resamples")

    def why_not(self, blueprint: Blueprint, stack: Stack) -> str | None:
        """Nothing that the data would not say."""
        return None

    def _matrix(self, blueprint: Blueprint, stack: Stack) -> Floats:
        """Correlations of the slots, or their covariances in raw PLS; products without what their items explain."""
        return self._slots(blueprint, stack)[0]

    def _slots(self, blueprint: Blueprint, stack: Stack) -> tuple[Floats, Floats]:
        """`_matrix`, and the standard deviations of the products of standardized items in it."""
        s = blueprint.slot_covariances(correlations(stack.cov) if self.standardized else stack.cov)
        if not blueprint.interactions:
            return s, np.empty((0, stack.size))
        spread = moderation.spreads(blueprint, stack.cov)
        if self.interactions != "orthogonal":
            return s, spread
        left = moderation.orthogonalized(blueprint, s)
        m = len(blueprint.plain.slots)
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = spread * np.sqrt(np.einsum("iib->ib", left)[m:] / np.einsum("iib->ib", s)[m:])
        return correlations(left) if self.standardized else left, spread


def blueprint_of(model: Model, method: object) -> Blueprint:
    """Compile a model as a method takes it."""
    compiled = compile_model(model)
    return method.arrange(compiled) if isinstance(method, PLS) else compiled


def beside_controls(blueprint: Blueprint, matrix: Floats, w: Floats, scores: Floats) -> Floats:
    """Correlations of the scores and, behind them, of the controls, `(k + c, k + c, B)`.

    Parameters
    ----------
    matrix : array (p, p, B)
        Correlations or covariances of all columns.
    scores : array (k, k, B)
        Correlations of the scores that the weights `w` give.
    """
    k, at = len(scores), blueprint.control_columns
    sd = np.sqrt(np.einsum("iib->ib", matrix[at, at]))
    wide = np.empty((k + len(sd), k + len(sd), scores.shape[2]))
    wide[:k, :k], wide[k:, k:] = scores, matrix[at, at] / sd[:, None] / sd[None]
    for j, block in enumerate(blueprint.blocks):
        wide[k:, j] = np.einsum("icb,ib->cb", matrix[blueprint.slots[block]][:, at], w[block]) / sd
        wide[j, k:] = wide[k:, j]
    return wide


def explained(correlations: Floats, paths: Floats, blueprint: Blueprint) -> Floats:
    """R2 `(k, B)` of every construct with causes: sum of path times correlation; NaN for the others."""
    k = len(blueprint.constructs)
    r2 = np.einsum("ijb,ijb->jb", paths[:, :k], correlations[:, :k])
    r2[~blueprint.arrows.any(axis=0)] = np.nan
    return r2


def _outer(name: str, block: slice, mode: Any, items: list[str]) -> pls.Outer:
    if mode in ("A", "B"):
        return pls.Outer(block, mode)
    if mode == "unit":
        return pls.Outer(block, "fixed", np.ones(block.stop - block.start))
    unknown = [item for item in mode if item not in items]
    missing = [item for item in items if item not in mode]
    if unknown or missing:
        wrong = (
            f"{unknown[0]!r} is not its item{suggest(unknown[0], items)}"
            if unknown
            else f"{missing[0]!r} has no weight"
        )
        raise SettingsError(f"modes: the weights of {name!r} must name each of its items once; {wrong}")
    weights = np.array([float(mode[item]) for item in items])
    if not np.isfinite(weights).all() or not weights.any():
        raise SettingsError(f"modes: the weights of {name!r} must be numbers, not all zero; not {dict(mode)!r}")
    return pls.Outer(block, "fixed", weights)


def _linked(blueprint: Blueprint) -> list[bool]:
    return [bool(blueprint.arrows[j].any() or blueprint.arrows[:, j].any()) for j in range(len(blueprint.arrows))]
