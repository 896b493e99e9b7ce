"""Synthetic answers with a known truth: skewed, on the items' own scales, from a model and its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import betainc, ndtr, ndtri

from csi.blueprint import Blueprint, compile_model
from csi.errors import DataError, ModelError, SettingsError, suggest
from csi.numerics.solve import Floats
from csi.spec import Model, Scale

#: Variance that the causes of a construct explain together, unless paths are given.
EXPLAINED = 0.5
#: Loadings of the first and the last item of a block, unless given.
LOADINGS = (0.85, 0.7)
#: Mean of the answers on 0-100, unless given: customers are rather satisfied.
MEAN = 72.0
#: Sum of the two parameters of the beta distribution of the answers; 4 gives a standard deviation of about 20 points.
CONCENTRATION = 4.0


@dataclass(frozen=True, eq=False)
class Population:
    """A population of respondents: constructs by the paths, items by the loadings, codes by a skewed distribution.

    Parameters
    ----------
    model : Model
        With a scale for every item.
    paths : mapping of (cause, effect) to float, optional
        Standardized effects between the constructs; left out, the causes of a construct share equal effects that
        explain half of it, negative where the model expects a negative sign.
    loadings : mapping of item to float, float, or None
        Correlation of the normal variable behind each item with its construct; .85 to .70 along a block if left out.
    means : mapping of item or construct to float, float, or None
        Expected answer on 0-100, of the codes as they are given; 72 if left out.

    Raises
    ------
    ModelError, SettingsError
        If a name is unknown, an item has no scale, or the paths explain more than all of a construct.
    """

    model: Model
    paths: Mapping[tuple[str, str], float] | None = None
    loadings: Mapping[str, float] | float | None = None
    means: Mapping[str, float] | float | None = None

    def __post_init__(self) -> None:
        self.blueprint.need_scales("an answer")
        if self.model.products:
            raise ModelError(
                f"answers are drawn from normal variables, and {self.model.products[0]!r} is a product of constructs,"
                " which is not normal; simulate the model without it"
            )
        known = set(self.blueprint.paths)
        for pair in self.paths or {}:
            if tuple(pair) not in known:
                raise ModelError(f"paths: the model has no path {pair[0]} -> {pair[1]}")
        words = [*self.blueprint.constructs, *self.blueprint.item_names]
        for argument, given in (("loadings", self.loadings), ("means", self.means)):
            for name in given if isinstance(given, Mapping) else ():
                if name not in words:
                    raise SettingsError(f"{argument}: {name!r} is not in the model{suggest(name, words)}")
        if not (np.abs(self.item_loadings) <= 1).all():
            raise SettingsError("loadings must lie between -1 and 1")
        if not ((self.item_means > 0) & (self.item_means < 100)).all():
            raise SettingsError("means must lie between 0 and 100")
        _ = self.structure

    @cached_property
    def blueprint(self) -> Blueprint:
        """The model, compiled."""
        return compile_model(self.model)

    @cached_property
    def owners(self) -> NDArray[np.intp]:
        """The construct that each item belongs to."""
        owner = np.empty(len(self.blueprint.items), np.intp)
        for j, name in enumerate(self.blueprint.constructs):
            for item in self.model.constructs[name].items:
                owner[self.blueprint.item_names.index(item.name)] = j
        return owner

    @cached_property
    def item_loadings(self) -> Floats:
        """Loading of every item."""
        found = np.empty(len(self.owners))
        for j in np.unique(self.owners):
            at = np.flatnonzero(self.owners == j)
            found[at] = np.linspace(*LOADINGS, len(at)) if len(at) > 1 else LOADINGS[0]
        return self._given(self.loadings, found)

    @cached_property
    def item_means(self) -> Floats:
        """Expected answer of every item on 0-100."""
        return self._given(self.means, np.full(len(self.owners), MEAN))

    def _given(self, given: Mapping[str, float] | float | None, default: Floats) -> Floats:
        """Put given numbers, by item or by construct, in place of the defaults."""
        if given is None or isinstance(given, (int, float)):
            return default if given is None else np.full(len(default), float(given))
        names, constructs = self.blueprint.item_names, self.blueprint.constructs
        return np.array([given.get(name, given.get(constructs[j], value))
                         for name, j, value in zip(names, self.owners, default, strict=True)], float)  # fmt: skip

    @cached_property
    def structure(self) -> tuple[Floats, Floats]:
        """Standardized effects `[cause, effect]` and correlations of the constructs."""
        k, arrows = len(self.blueprint.constructs), self.blueprint.arrows
        effects, corr = np.zeros((k, k)), np.eye(k)
        for effect in causal_order(arrows):
            causes = np.flatnonzero(arrows[:, effect])
            if not len(causes):
                continue
            effects[causes, effect] = self._effects(causes, effect, corr[np.ix_(causes, causes)])
            across = effects[:, effect] @ corr
            explained = float(effects[:, effect] @ across)
            if explained > 1 + 1e-9:
                name = self.blueprint.constructs[effect]
                raise SettingsError(f"the paths to {name!r} explain {100 * explained:.0f} % of it; make them smaller")
            corr[effect, :] = corr[:, effect] = across
            corr[effect, effect] = 1.0
        return effects, corr

    def _effects(self, causes: NDArray[np.intp], effect: int, corr: Floats) -> Floats:
        names = self.blueprint.constructs
        expected = {
            (path.cause, path.effect): {"+": 1.0, "-": -1.0}.get(path.sign or "", 0.0) for path in self.model.paths
        }
        pairs = [(names[c], names[effect]) for c in causes]
        direction = np.array([expected.get(pair, 1.0) for pair in pairs])
        # A cause without an expected sign pulls the way the others pull, as far as it goes with them.
        pull = corr @ direction
        direction = np.where(direction == 0, np.where(pull < 0, -1.0, 1.0), direction)
        whole = bool(self.model.constructs[names[effect]].of)
        share = (1.0 if whole else EXPLAINED) / max(float(direction @ corr @ direction), 1e-9)
        equal = direction * np.sqrt(share)
        given = self.paths or {}
        return np.array([given.get(pair, value) for pair, value in zip(pairs, equal, strict=True)], float)

    # -- the truth ---------------------------------------------------------------------------------------------

    def truth(self) -> pd.Series:
        """Standardized effect of every path between the constructs themselves (without measurement error)."""
        causes, effects_at = self.blueprint.path_index
        index = pd.MultiIndex.from_tuples(self.blueprint.paths, names=["cause", "effect"])
        return pd.Series(self.structure[0][causes, effects_at], index=index, name="estimate")

    def index(self) -> pd.Series:
        """Exact expected index of every construct with equal item weights, index points."""
        points: Floats = self.expected_points()
        values = [points[self.blueprint.slots[block]].mean() for block in self.blueprint.blocks]
        return pd.Series(values, index=pd.Index(self.blueprint.constructs, name="construct"), name="estimate")

    def expected_points(self) -> Floats:
        """Exact expected answer of every item on 0-100, after codes are cut."""
        found = []
        for scale, cuts in zip(self.blueprint.scales, self.cuts, strict=True):
            shares = np.diff(ndtr(cuts), prepend=0.0, append=1.0)
            found.append(float(shares @ np.linspace(0, 100, len(shares))) if scale else np.nan)
        return np.array(found, dtype=float)

    @cached_property
    def cuts(self) -> list[Floats]:
        """Where the normal variable behind each item is cut into codes."""
        return [_cuts(scale, mean / 100) for scale, mean in zip(self.blueprint.scales, self.item_means, strict=True)]

    # -- the sample --------------------------------------------------------------------------------------------

    def constructs(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw the constructs of n respondents, `(k, n)`, standardized."""
        effects, _ = self.structure
        values = rng.standard_normal((len(effects), n))
        for effect in causal_order(self.blueprint.arrows):
            causes = np.flatnonzero(effects[:, effect])
            if len(causes):
                explained = effects[causes, effect] @ values[causes]
                share = float(effects[:, effect] @ self.structure[1] @ effects[:, effect])
                values[effect] = explained + np.sqrt(max(0.0, 1 - share)) * values[effect]
        return values

    def sample(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        """Draw the answers of n respondents, in codes."""
        return self.answers(self.constructs(n, rng), rng)

    def answers(self, behind: Floats, rng: np.random.Generator) -> pd.DataFrame:
        """Let respondents with given constructs `(k, n)` answer every item."""
        n = behind.shape[1]
        columns: dict[str, Any] = {}
        for i, (item, scale) in enumerate(zip(self.blueprint.items, self.blueprint.scales, strict=True)):
            loading = self.item_loadings[i]
            normal = loading * behind[self.owners[i]] + np.sqrt(1 - loading**2) * rng.standard_normal(n)
            columns[item.name] = _codes(np.searchsorted(self.cuts[i], normal), scale, item.reversed, len(self.cuts[i]))
        return pd.DataFrame(columns)


def simulate(
    model: Model,
    n: int = 250,
    *,
    rng: int | np.random.Generator | None = None,
    paths: Mapping[tuple[str, str], float] | None = None,
    loadings: Mapping[str, float] | float | None = None,
    means: Mapping[str, float] | float | None = None,
    missing: float = 0.0,
) -> pd.DataFrame:
    """Draw synthetic answers to the items of a model: skewed, whole codes on each item's scale, with a known truth.

    Parameters
    ----------
    model : Model
        With a scale for every item.
    n : int
        Number of respondents.
    rng : int or numpy Generator, optional
        Where chance begins.
    paths, loadings, means
        Parameters of the population, see `Population`.
    missing : float
        Share of answers that are blanked at random.

    Returns
    -------
    DataFrame
        One column an item. `attrs` says that the answers are synthetic and holds the true paths, and the expected
        index with equal weights.

    Raises
    ------
    ModelError, SettingsError, DataError
        If a parameter cannot be.

    Examples
    --------
    >>> import csi
    >>> answers = csi.simulate(csi.models.acsi(), n=500, rng=0)
    >>> answers.shape, answers.attrs["synthetic"]
    ((500, 15), True)
    >>> round(answers.attrs["index"]["satisfaction"], 1)
    72.0
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise DataError(f"n must be a positive whole number of respondents; not {n!r}")
    if not 0 <= missing < 1:
        raise SettingsError(f"missing is the share of blank answers, from 0 to below 1; not {missing!r}")
    generator = np.random.default_rng(rng)
    population = Population(model, paths, loadings, means)
    answers = population.sample(int(n), generator)
    if missing:
        answers = answers.mask(generator.random(answers.shape) < missing)
    answers.attrs.update(
        synthetic=True,
        # Text keys, so that the notes travel into Parquet and JSON.
        paths={
            " -> ".join(pair): float(value)
            for pair, value in zip(population.blueprint.paths, population.truth(), strict=True)
        },
        index={str(name): float(value) for name, value in population.index().items()},
    )
    return answers


def causal_order(arrows: NDArray[np.bool_]) -> Sequence[int]:
    """Order the constructs so that causes come before their effects."""
    order: list[int] = []
    while len(order) < len(arrows):
        left = [j for j in range(len(arrows)) if j not in order]
        order += [j for j in left if not arrows[left, j].any()]
    return order


def _cuts(scale: Scale | None, mean: float) -> Floats:
    """Cut the normal variable where a beta distribution passes from code to code, so that codes have this mean.

    `mean` lies between 0 (all answers at the low end) and 1.
    """
    steps = _steps(scale)
    inner = np.arange(1, steps) / steps

    def below(centre: float) -> Floats:
        shares: Floats = betainc(CONCENTRATION * centre, CONCENTRATION * (1 - centre), inner)
        return shares

    # The mean of the codes is one minus the mean of the shares below each cut.
    centre = brentq(lambda centre: 1 - float(below(centre).mean()) - mean, 1e-6, 1 - 1e-6, xtol=1e-14)
    cuts: Floats = ndtri(below(centre))
    return cuts


def _steps(scale: Scale | None) -> int:
    """Number of codes: whole numbers from low to high, or 101 where the ends are no whole numbers."""
    width = scale.width if scale else 9
    return int(width) + 1 if float(width).is_integer() and width <= 1000 else 101


def _codes(position: NDArray[np.intp], scale: Scale | None, reversed_: bool, last: int) -> NDArray[Any]:
    """Turn the place of an answer into its code."""
    low, width = (scale.low, scale.width) if scale else (1, 9)
    place = last - position if reversed_ else position
    codes: NDArray[Any] = low + place * (width / last)
    return np.round(codes).astype(np.int64) if width == last and float(low).is_integer() else codes
