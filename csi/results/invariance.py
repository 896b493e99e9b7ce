"""Whether groups measure the same (MICOM), and whether their numbers differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from csi.errors import NotAvailable, check_choice
from csi.methods.pls import PLS
from csi.numerics import assessment, exchange, intervals
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.basis import slot_correlations
from csi.results.core import Core, spread
from csi.results.goodness import implied
from csi.results.noun import Noun
from csi.results.permutation import Exchange, Permutations, one_pair

Items = Literal["standardized", "raw"]
Test = Literal["permutation", "henseler", "parametric", "welch"]
Correction = Literal["holm", "bonferroni", "fdr"]
MEASURES = ("c", "c_limit", "c_p", "mean", "mean_p", "variance", "variance_p", "level")


def micom(core: Core, permutations: Permutations, items: Items, alpha: float) -> pd.DataFrame:
    """Steps two and three of MICOM for every pair of groups and construct."""
    check_choice(items, "items", ("standardized", "raw"))
    need_weights(core)
    parts = [_micom_pair(core, way, items, alpha) for way in permutations.pairs.values()]
    rows = [(*_pair(core, way), name) for way in permutations.pairs for name in core.blueprint.plain.constructs]
    index = pd.MultiIndex.from_tuples(rows, names=["first", "second", "construct"])
    return pd.DataFrame(np.concatenate(parts), index=index, columns=list(MEASURES))


def need_weights(core: Core) -> None:
    """Refuse methods without item weights."""
    if not isinstance(core.method, PLS):
        raise NotAvailable(
            "MICOM compares item weights, which only csi.PLS() and csi.PLSc() have; covariance structure models are"
            " compared by equal loadings"
        )


def _pair(core: Core, way: tuple[int, ...]) -> tuple[Any, Any]:
    return core.labels[way[0]], core.labels[way[1]]


def _micom_pair(core: Core, way: Exchange, items: Items, alpha: float) -> Floats:
    """`MEASURES` of every construct, `(k, 8)`."""
    first, second = way.members
    c_of = _composite_correlations(core, way, items)
    m = len(core.blueprint.plain.slots)
    weights = core.estimates.weights[:m]
    c = c_of(weights[:, [first]], weights[:, [second]])[:, 0]
    drawn = way.compute(core, lambda _, estimates: estimates.weights[:m])
    c_drawn = c_of(drawn[:, 0], drawn[:, 1])
    observed, permuted = _third_step(core, way)
    mean, variance = observed
    mean_drawn, variance_drawn = permuted
    finite = np.isfinite(c_drawn).any(axis=1)
    limit = np.full(len(c), np.nan)
    limit[finite] = np.nanquantile(c_drawn[finite], alpha, axis=1)
    c_p = exchange.p_small(c, c_drawn)
    mean_p, variance_p = exchange.p_far(mean, mean_drawn), exchange.p_far(variance, variance_drawn)
    level = np.where(c_p > alpha, 1 + ((mean_p > alpha) & (variance_p > alpha)), 0).astype(float)
    level[np.isnan(c)] = np.nan
    return np.stack([c, limit, c_p, mean, mean_p, variance, variance_p, level], axis=1)


def _composite_correlations(core: Core, way: Exchange, items: Items) -> Callable[[Floats, Floats], Floats]:
    """Return the function from the weights of two groups to c, in the pooled answers."""
    blueprint = core.blueprint.plain
    cov = blueprint.slot_covariances(way.pooled.cov)[..., 0]
    if items == "standardized":
        unit = np.sqrt(cov.diagonal())
    else:
        unit = np.abs(blueprint.intercept_slope[1])[blueprint.slots]
    scaled = cov / unit[:, None] / unit[None, :]

    def compute(one: Floats, two: Floats) -> Floats:
        return exchange.composite_correlation(scaled, one, two, blueprint.blocks)

    return compute


def _third_step(core: Core, way: Exchange) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Differences of means and of log variances of pooled scores, second minus first: observed and permuted."""
    pooled = core.method.estimates(core.blueprint, way.pooled, way.solution)
    blueprint = core.blueprint.plain
    centre = way.pooled.mean[blueprint.slots, 0]
    weights = pooled.weights[: len(blueprint.slots), 0] / way.pooled.sd()[blueprint.slots, 0]

    def gap(stack: Stack) -> Floats:
        scores = exchange.pooled_scores(
            stack.mean[blueprint.slots], blueprint.slot_covariances(stack.cov), centre, weights, blueprint.blocks
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.concatenate([scores.mean, np.log(scores.variance)])

    k = len(blueprint.constructs)
    own = gap(core.stack.columns(np.array(way.members, np.intp)))
    drawn = way.compute(core, lambda stack, _: gap(stack))
    observed, permuted = own[:, 1] - own[:, 0], drawn[:, 1] - drawn[:, 0]
    return (observed[:k], observed[k:]), (permuted[:k], permuted[k:])


def differences(
    core: Core, noun: Noun, permutations: Permutations | None, test: Test, correction: Correction | None
) -> pd.DataFrame:
    """Second group minus first for every pair and row of a noun, by one of four tests."""
    check_choice(test, "test", ("permutation", "henseler", "parametric", "welch"))
    check_choice(correction, "correction", ("holm", "bonferroni", "fdr", None))
    pairs = [(i, j) for i in range(len(core.groups)) for j in range(i + 1, len(core.groups))]
    if not pairs:
        raise NotAvailable("there is one group; study.fit(data, by='wave') divides the cases")
    parts = [_tested(core, noun, permutations, way, test) for way in pairs]
    rows = [
        (*_pair(core, way), *(row if isinstance(row, tuple) else (row,))) for way in pairs for row in noun.flat_rows
    ]
    index = pd.MultiIndex.from_tuples(rows, names=["first", "second", *noun.flat_rows.names])
    table = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]}, index=index)
    if correction is not None:
        table["p_adjusted"] = exchange.adjusted(table["p_value"].to_numpy(), correction)
    return table


def _tested(
    core: Core, noun: Noun, permutations: Permutations | None, way: tuple[int, int], test: Test
) -> dict[str, Floats]:
    values = core.values(noun)
    estimate = values[way[1]] - values[way[0]]
    if test == "permutation":
        if permutations is None:
            raise NotAvailable("a permutation test needs permutations: fit = fit.permute(5_000, rng=1)")
        drawn = permutations.pairs[way].compute(core, noun.flat)
        gaps = drawn[:, 1] - drawn[:, 0]
        return {"estimate": estimate, "std_error": spread(gaps.T[None])[0], "p_value": exchange.p_far(estimate, gaps)}
    if test == "henseler":
        drawn = core.drawn(noun)
        share = exchange.henseler(*(np.ascontiguousarray(drawn[g].T) for g in way))
        return {"estimate": estimate, "probability": share, "p_value": np.minimum(1, 2 * np.minimum(share, 1 - share))}
    error = core.uncertainty(noun, None, 0.95).std_error[list(way)]
    n = core.stack.n[list(way)]
    if test == "parametric":
        scale = (n - 1) ** 2 / (n.sum() - 2)
        pooled = np.sqrt((scale[:, None] * error**2).sum(axis=0)) * np.sqrt((1 / n).sum())
        df = np.full(len(estimate), n.sum() - 2)
    else:
        pooled = np.sqrt((error**2).sum(axis=0))
        with np.errstate(invalid="ignore", divide="ignore"):
            df = pooled**4 / (error**4 / (n - 1)[:, None]).sum(axis=0)
    statistic = estimate / np.where(pooled > 0, pooled, np.nan)
    p = [float(intervals.p_student(np.array([t]), d)[0]) for t, d in zip(statistic, df, strict=True)]
    return {"estimate": estimate, "std_error": pooled, "statistic": statistic, "df": df, "p_value": np.array(p)}


def omnibus(core: Core, permutations: Permutations) -> pd.DataFrame:
    """Mean distance between the item correlations that the models of all groups imply [Klesel et al. 2019]."""
    blueprint = core.blueprint

    def matrices(stack: Stack, estimates: Any) -> Floats:
        return implied(blueprint, slot_correlations(blueprint.plain, stack), estimates, "estimated")

    way = permutations.every
    m, groups = len(blueprint.plain.slots), len(way.members)
    observed = _mean_distance(matrices(core.stack, core.estimates)[..., None].reshape(m, m, groups, 1))
    drawn = _mean_distance(way.compute(core, matrices).reshape(m, m, groups, -1))
    table = {"estimate": observed[:, 0], "p_value": exchange.p_large(observed[:, 0], drawn)}
    return pd.DataFrame(table, index=pd.Index(["d_g", "d_uls"], name="distance", dtype=object))


def _mean_distance(matrices: Floats) -> Floats:
    """Mean d_G and d_ULS over the pairs of groups, `(2, B)`, of `(m, m, groups, B)`."""
    groups = matrices.shape[2]
    found = []
    for i in range(groups):
        for j in range(i):
            far = assessment.distances(matrices[:, :, i], matrices[:, :, j])
            found.append(np.stack([far.d_g, far.d_uls]))
    mean: Floats = np.mean(found, axis=0)
    return mean


# -- beside a comparison --------------------------------------------------------------------------------------

#: Permutations that a comparison makes on its way.
ON_THE_WAY = 1_000


def beside(core: Core, permutations: Permutations | None, first: int, second: int, rows: pd.Index) -> pd.DataFrame:
    """For every row of a comparison the least level and the least p-value of the constructs that it names."""
    need_weights(core)
    known = permutations or one_pair(core, first, second, ON_THE_WAY, 0)
    way = known.pairs[min(first, second), max(first, second)]
    table = pd.DataFrame(_micom_pair(core, way, "standardized", 0.05), columns=list(MEASURES))
    plain = core.blueprint.plain
    at = {name: i for i, name in enumerate(plain.constructs)}
    owner = {item: at[construct] for construct, item in plain.slot_labels()}
    found = []
    for row in rows:
        parts = [part for label in (row if isinstance(row, tuple) else (row,)) for part in _constructs(str(label), at)]
        named = [at[part] if part in at else owner[part] for part in parts if part in at or part in owner]
        lines = table.iloc[named] if named else table
        found.append((lines["level"].min(), lines["c_p"].min()))
    return pd.DataFrame(found, index=rows, columns=["invariance", "invariance_p"])


def _constructs(label: str, known: Mapping[str, int]) -> list[str]:
    """Names in a label such as `image:quality -> satisfaction`."""
    return [name for part in label.split(" -> ") for name in ([part] if part in known else part.split(":"))]


def doubts(table: pd.DataFrame) -> list[str]:
    """What a comparison must say of invariance."""
    levels = table["invariance"]
    differ = [_words(row) for row in table.index[levels == 0]]
    if not differ:
        return []
    shown = ", ".join(differ[:6]) + (" and others" if len(differ) > 6 else "")
    return [
        f"not_invariant: the groups weigh the items differently (MICOM, 5 %) in {shown}; a difference there may be one"
        " of measurement. Compare with equal weights, fit.index(weights='equal'), or say that the weights differ"
    ]


def _words(row: Any) -> str:
    return " -> ".join(map(str, row)) if isinstance(row, tuple) else str(row)
