"""Replicates of an estimate: rows of case weights become moments, moments become solutions, and both are kept."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from tqdm.std import tqdm

from csi.blueprint import Blueprint
from csi.chance import check_size
from csi.errors import CostWarning, NotAvailable, SettingsError
from csi.methods.estimates import Estimates, Method, Solution
from csi.numerics import survey
from csi.numerics.moments import Packed, Stack, chunks, pack, pairs, unpack
from csi.numerics.resample import HELD, count_rows, stream, wishart_moments
from csi.numerics.solve import Floats
from csi.sample import Sample

DrawKind = Literal["bootstrap", "rao-wu", "jackknife", "replicate", "cases", "normal", "poisson"]
#: Replicates by which the cost of a long run is measured, and the seconds above which it is said.
TRIAL, PATIENCE = 4, 20.0
#: Replicates solved at a time: enough to spread numpy's overhead, few enough for the cache.
BATCH = 1024


def batch(p: int) -> int:
    """Replicates solved at a time: fewer where matrices are so large that they would take more than 64 MB."""
    return min(BATCH, max(16, 2**23 // p**2))


@dataclass(frozen=True, eq=False)
class Draws:
    """Moments and solutions of every replicate, group after group.

    Parameters
    ----------
    kind : str
        How the case weights were made.
    mean : array (p, G, R)
    triangle : array (p(p+1)/2, G, R)
        Upper triangles of the covariances.
    n : array (G,)
        Cases of every group.
    solution : Solution
        Of all G x R replicates, in the same order.
    entropy : int or None
        What the random streams were derived from.
    scale, rscales, df
        Of a design's replicate weights and of the jackknife: variance = scale sum rscales (draw - estimate)^2.
    """

    kind: DrawKind
    mean: Floats
    triangle: Floats
    n: Floats
    solution: Solution
    entropy: int | None = None
    scale: float = 1.0
    rscales: Floats | None = None
    df: float = np.inf

    @property
    def size(self) -> int:
        """Replicates of every group."""
        return self.mean.shape[2]

    @property
    def groups(self) -> int:
        """Number of groups."""
        return self.mean.shape[1]

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Which replicates have no solution, `(G, R)`."""
        bad = ~self.solution.converged | ~np.isfinite(self.solution.values).all(axis=0)
        return bad.reshape(self.groups, self.size)

    def batches(self) -> Iterator[tuple[slice, Stack, Solution]]:
        """Yield moments and solutions of a batch of replicates, whatever group they belong to."""
        p = len(self.mean)
        mean, triangle = self.mean.reshape(p, -1), self.triangle.reshape(len(self.triangle), -1)
        n = np.repeat(self.n, self.size)
        for part in chunks(mean.shape[1], batch(p)):
            yield part, Stack(mean[:, part], unpack(triangle[:, part], p), n[part]), self.solution.columns(part)

    def first(self, size: int) -> Draws:
        """The first replicates of every group."""
        kept = (np.arange(self.groups)[:, None] * self.size + np.arange(size)).ravel()
        return replace(
            self,
            mean=self.mean[..., :size],
            triangle=self.triangle[..., :size],
            solution=self.solution.columns(kept),
        )

    def moments(self, group: int) -> Packed:
        """Moments of every replicate of one group."""
        return Packed(self.mean[:, group], self.triangle[:, group])

    def select(self, which: NDArray[np.intp]) -> Draws:
        """Some of the groups."""
        columns = (which[:, None] * self.size + np.arange(self.size)).ravel()
        return replace(
            self,
            mean=self.mean[:, which],
            triangle=self.triangle[:, which],
            n=self.n[which],
            solution=self.solution.columns(columns),
        )

    def replicate(self, group: int, r: int) -> tuple[Stack, Solution]:
        """Moments and solution of one replicate."""
        cov = unpack(self.triangle[:, group, r : r + 1], len(self.mean))
        at = slice(group * self.size + r, group * self.size + r + 1)
        return Stack(self.mean[:, group, r : r + 1], cov, self.n[group : group + 1]), self.solution.columns(at)

    def compute(self, blueprint: Blueprint, method: Method, result: Callable[[Stack, Estimates], Floats]) -> Floats:
        """Work a result out for every replicate: `(G, R, ...)`, NaN where the replicate failed."""
        found: list[Floats] = []
        for _, stack, solution in self.batches():
            values = result(stack, method.estimates(blueprint, stack, solution))
            found.append(np.moveaxis(values, -1, 0))
        flat = np.concatenate(found)
        flat[self.failed.ravel()] = np.nan
        return flat.reshape(self.groups, self.size, *flat.shape[1:])


WeightRows = Iterator[NDArray[Any]]


def draw(
    kind: DrawKind,
    sample: Sample,
    method: Method,
    stack: Stack,
    point: Solution,
    groups: tuple[int, ...],
    rows: Callable[[int | None], WeightRows],
    size: int,
    whole: bool,
    progress: bool = True,
    memory: float = 1e9,
    **facts: Any,
) -> Draws:
    """Turn rows of case weights into draws.

    Parameters
    ----------
    groups : tuple of int
        Which groups of the sample.
    rows : callable
        From a group (None: the whole sample) to blocks of case weights `(rows, cases)`, without sampling weights.
    size : int
        How many replicates that will be.
    whole : bool
        Whether replicates are drawn for the whole sample and groups are its domains.
    """
    check_moments(method, sample)
    p, count = stack.mean.shape
    check_memory(p, count, size, len(point.values), memory)
    mean, triangle = np.empty((p, count, size)), np.empty((p * (p + 1) // 2, count, size))
    with bar(size * (1 if whole else count), "drawing", progress) as told:
        # One pass of the rows fills every group that they speak of: all of them, or one after the other.
        for filled in [list(range(count))] if whole else [[g] for g in range(count)]:
            done = 0
            for block in rows(None if whole else groups[filled[0]]):
                for g in filled:
                    own = block[:, sample.rows[groups[g]]] if whole else block
                    found = _moments(sample, groups[g], own, stack.columns(slice(g, g + 1)))
                    put(mean, triangle, g, done, found)
                done += len(block)
                told.update(len(block))
                # Let go of one block before the next is drawn, or two would be held.
                del block, own
    return solved(kind, sample.blueprint, method, Packed(mean, triangle), stack.n, point, progress, **facts)


def _moments(sample: Sample, group: int, block: NDArray[Any], start: Stack) -> Packed:
    """Moments of one group under a block of multipliers of its case weights."""
    weight = sample.weight[sample.rows[group]]
    weights = block if (weight == 1).all() else block * weight
    return sample.packed(group, weights, start)


def put(mean: Floats, triangle: Floats, group: int, at: int, found: Packed) -> None:
    """Store a block of moments where it belongs."""
    end = at + found.mean.shape[1]
    mean[:, group, at:end] = found.mean
    triangle[:, group, at:end] = found.cov


def solved(
    kind: DrawKind,
    blueprint: Blueprint,
    method: Method,
    moments: Packed,
    n: Floats,
    point: Solution,
    progress: bool = True,
    **facts: Any,
) -> Draws:
    """Solve every replicate, begun at the estimate of its group."""
    _, groups, size = moments.mean.shape
    q, total = len(point.values), groups * size
    blank = Solution(np.empty((q, total)), np.zeros(total, np.int64), np.zeros(total, bool))
    draws = Draws(kind, moments.mean, moments.cov, n, blank, **facts)
    owner = np.repeat(np.arange(groups), size)
    with bar(total, "estimating", progress) as told:
        for part, stack, _ in draws.batches():
            found = method.solve(blueprint, stack, point.columns(owner[part]))
            blank.values[:, part], blank.iterations[part], blank.converged[part] = found
            told.update(part.stop - part.start)
    return draws


def bar(total: int, what: str, progress: bool) -> Any:
    """A progress bar that shows itself only on long runs, in characters that every console has."""
    return tqdm(total=total, desc=what, delay=3, leave=False, ascii=True, disable=not progress)


def check_moments(method: Method, sample: Sample | None) -> None:
    """Refuse replicates of estimates that are no function of the moments."""
    if not method.from_moments(sample):
        raise NotAvailable(
            f"{method.name} reads the answers of every case, not their moments, and is not resampled; its standard"
            " errors are those of the method. Study(..., missing='em') or another estimator can be resampled"
        )


def bytes_of(p: int, groups: int, size: int, q: int) -> float:
    """Bytes that moments and solutions of all replicates take."""
    return 8.0 * groups * size * (p + p * (p + 1) // 2 + q)


def check_memory(p: int, groups: int, size: int, q: int, memory: float) -> None:
    """Refuse draws that would not fit."""
    need = bytes_of(p, groups, size, q)
    if need > memory:
        fits = int(size * memory / need)
        raise SettingsError(
            f"{size:,} replicates of {groups:,} group{'s' if groups > 1 else ''} need {need / 1e9:.1f} GB;"
            f" {fits:,} fit into memory={memory:.3g}. Ask for fewer, or raise memory="
        )


def tell_cost(sample: Sample, stack: Stack, size: int) -> None:
    """Say before it starts how long EM or polychorics in every replicate take, measured on a few of them."""
    ordered = sample.correlations == "polychoric"
    if not ordered and (sample.missing != "em" or sample.given is None):
        return
    begin = time.perf_counter()
    for g, rows in enumerate(sample.rows):
        n = len(sample.weight[rows])
        trial = next(count_rows(0, "trial", n, TRIAL))
        sample.packed(g, trial * sample.weight[rows], stack.columns(slice(g, g + 1)))
    seconds = (time.perf_counter() - begin) / TRIAL * size
    if seconds > PATIENCE:
        said = (
            f"polychoric correlations in each of {size:,} replicates will take about {seconds:,.0f} seconds;"
            " correlations='spearman' take a fraction of it"
            if ordered
            else f"EM in each of {size:,} replicates will take about {seconds:,.0f} seconds; standard errors by"
            " linearization are there without, and missing='pairwise' takes a hundredth"
        )
        warnings.warn(
            said,
            CostWarning,
            stacklevel=3,
        )


# -- rows of case weights -----------------------------------------------------------------------------------


def bootstrap_rows(sample: Sample, entropy: int, size: int) -> Callable[[int | None], WeightRows]:
    """Resample cases with replacement: each group on its own, or (None) the whole sample."""

    def rows(group: int | None) -> WeightRows:
        n = sample.n_cases if group is None else int((sample.groups.codes == group).sum())
        return count_rows(entropy, group_key(sample, group), n, size)

    return rows


def rao_wu_rows(sample: Sample, laid: survey.Layout, entropy: int, size: int) -> Callable[[int | None], WeightRows]:
    """Rescaled bootstrap of clusters within strata."""

    def rows(group: int | None) -> WeightRows:
        # Multipliers are floats, eight times as wide as counts.
        at_once = max(1, min(256, HELD // (8 * sample.n_cases)))
        return survey.rao_wu(laid, lambda block: stream(entropy, "", block), size, at_once)

    return rows


def cluster_rows(clusters: NDArray[np.intp], entropy: int, size: int) -> Callable[[int | None], WeightRows]:
    """Draw as many clusters as there are, with replacement, each with all its cases."""

    def rows(group: int | None) -> WeightRows:
        for counts in count_rows(entropy, "", int(clusters.max()) + 1, size):
            yield counts[:, clusters]

    return rows


def group_key(sample: Sample, group: int | None) -> str:
    """What stands for a group in its random stream: its label, so that neither order nor neighbours matter."""
    return "" if group is None or not sample.groups.names else repr(sample.groups.labels[group])


def normal_draws(
    blueprint: Blueprint, method: Method, stack: Stack, point: Solution, labels: list[Any], entropy: int, size: int
) -> Draws:
    """Draw moments as if the answers were normal, where no cases are given."""
    p, groups = stack.mean.shape
    mean, triangle = np.empty((p, groups, size)), np.empty((p * (p + 1) // 2, groups, size))
    for g in range(groups):
        values, vectors = np.linalg.eigh(stack.cov[..., g])
        # A root of the covariance matrix that exists even where it is singular, turned lower triangular.
        root = np.asarray(np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0))).T, mode="r")).T
        rng = stream(entropy, repr(labels[g]), 0)
        means, covs = wishart_moments(rng, stack.mean[:, g], root, float(stack.n[g]), size)
        put(mean, triangle, g, 0, Packed(means, pack(covs)))
    return solved("normal", blueprint, method, Packed(mean, triangle), stack.n, point, entropy=entropy)


def poisson_draws(
    blueprint: Blueprint, method: Method, stack: Stack, point: Solution, drawn: list[Packed], progress: bool = False
) -> Draws:
    """Replicates that a pass over the answers drew, in codes, as draws of points."""
    p, groups = stack.mean.shape
    size = drawn[0].mean.shape[1]
    mean, triangle = np.empty((p, groups, size)), np.empty((p * (p + 1) // 2, groups, size))
    intercept, slope = blueprint.scaling
    rows, cols = pairs(p)
    for g, found in enumerate(drawn):
        points = intercept[:, None] + slope[:, None] * found.mean
        put(mean, triangle, g, 0, Packed(points, (slope[rows] * slope[cols])[:, None] * found.cov))
    return solved("poisson", blueprint, method, Packed(mean, triangle), stack.n, point, progress)


def passed(draws: Draws, size: int | None, rng: Any) -> Draws:
    """The first replicates of a pass, which cannot be drawn again or added to."""
    wanted = draws.size if size is None else check_size(size)
    if rng is not None or wanted > draws.size:
        raise NotAvailable(
            f"these {draws.size:,} replicates were drawn in the pass over the answers, which are not here to draw from"
            " again; fit.bootstrap() uses them, csi.moments(..., replicates=, rng=) draws others,"
            " fit.bootstrap(kind='normal') draws moments as if the answers were normal"
        )
    return draws.first(wanted)
