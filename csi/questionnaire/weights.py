"""Weights of the parts of every node: equal, given, expert points, AHP, entropy, or those of a fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice, listing, suggest
from csi.numerics.entropy import entropy_weights
from csi.questionnaire import points
from csi.questionnaire.judging import AHP, CONSISTENT, RandomIndex, ahp
from csi.questionnaire.tree import Node
from csi.spec.frozen import FrozenDict

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy

How: TypeAlias = Literal["equal", "given", "points", "ahp", "entropy", "fit"]
Convention: TypeAlias = Literal["unstandardized", "standardized"]
WeightsLike: TypeAlias = Any
Parts: TypeAlias = Mapping[str, float]


class NodeWeights(Mapping[str, Parts]):
    """Weights of the parts of nodes; those of a node sum to one.

    Made by `Hierarchy.weigh`. A list of them, first come first served, goes to `Hierarchy.scores(weights=[...])`.

    Examples
    --------
    >>> import csi
    >>> tree = csi.Hierarchy.ready("telecom")
    >>> judged = tree.weigh("ahp", {"corporate_image": [[1, 1, 2], [1, 1, 2], [1 / 2, 1 / 2, 1]]})
    >>> judged.consistency().round(3)["consistency_ratio"].tolist()
    [0.0]
    """

    __slots__ = ("_nodes", "ahp", "how")

    def __init__(self, nodes: Mapping[str, Parts], how: str, judged: Mapping[str, AHP] | None = None) -> None:
        self._nodes = FrozenDict({node: FrozenDict(_shares(node, parts)) for node, parts in nodes.items()})
        self.how = how
        #: Details of every node that was judged by AHP.
        self.ahp = FrozenDict(judged or {})

    def __getitem__(self, node: str) -> Parts:
        return self._nodes[node]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __repr__(self) -> str:
        return f"NodeWeights({self.how}: {', '.join(self._nodes)})"

    def table(self) -> pd.DataFrame:
        """One row a part: `weight` under (node, part)."""
        rows = [(node, part, weight) for node, parts in self.items() for part, weight in parts.items()]
        return pd.DataFrame(rows, columns=["node", "part", "weight"]).set_index(["node", "part"])

    def consistency(self) -> pd.DataFrame:
        """One row a node judged by AHP: `eigenvalue, consistency_index, consistency_ratio, experts`."""
        rows = {
            node: (each.eigenvalue, each.consistency_index, each.consistency_ratio, len(each.expert_ratios))
            for node, each in self.ahp.items()
        }
        columns = ["eigenvalue", "consistency_index", "consistency_ratio", "experts"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("node")

    def check(self) -> pd.DataFrame:
        """Doubts: judgements that contradict themselves too much. Empty when there are none."""
        rows = []
        for node, each in self.ahp.items():
            for who in each.inconsistent:
                at = each.consistency_ratio if who == "joined" else each.expert_ratios[int(who.split()[1]) - 1]
                message = (
                    f"the judgements on {node!r} ({who}) contradict themselves: CR {at:.3f} by {each.random_index}"
                )
                rows.append(
                    ("ahp-consistency", node, at, CONSISTENT, message, "ask again about the pairs that disagree")
                )
        return pd.DataFrame(rows, columns=["code", "subject", "value", "limit", "message", "remedy"])


def _shares(node: str, parts: Parts) -> Parts:
    total = float(sum(parts.values()))
    wrong = [part for part, weight in parts.items() if not np.isfinite(weight)]
    if wrong or total <= 0:
        raise SettingsError(f"weights of {node!r} must be finite and add up to more than 0; not {dict(parts)!r}")
    return {part: float(weight) / total for part, weight in parts.items()}


def weigh(hierarchy: Hierarchy, how: How, judged: Any = None, **options: Any) -> NodeWeights:
    """Weigh the parts of nodes in one way.

    Parameters
    ----------
    how, judged
        `"equal"`: nothing more is needed. `"given"`: {part: weight}, names of questions, aspects or branches.
        `"points"`: expert points, a DataFrame with one row an expert and one column a part (or {part: points}); each
        expert's points become shares within a node, which are averaged. `"ahp"`: {node: matrix, or a list of them,
        one an expert}, rows and columns as the parts of the node (for the index: its branches); option
        `random_index`. `"entropy"`: answers; option `design`. `"fit"`: a `Fit` or its `fit.weights()`; options
        `data` (for the spread of the items), `design` and `convention`.

    Returns
    -------
    NodeWeights
        Of the nodes that were judged; `scores(weights=[...])` takes several.

    Raises
    ------
    SettingsError, DataError
        Naming parts that are unknown or lack a weight.
    """
    check_choice(how, "how", get_args(How))
    ways: dict[str, Callable[..., NodeWeights]] = {
        "equal": lambda hierarchy, _: equal(hierarchy), "given": given, "points": expert_points, "ahp": by_ahp,
        "entropy": by_entropy, "fit": by_fit,
    }  # fmt: skip
    return ways[how](hierarchy, judged, **options)


def inner_nodes(hierarchy: Hierarchy) -> list[Node]:
    """Nodes that have parts."""
    return [node for node in hierarchy.nodes if node.parts]


def equal(hierarchy: Hierarchy) -> NodeWeights:
    """Every part of a node weighs the same."""
    return NodeWeights({node.name: dict.fromkeys(node.parts, 1.0) for node in inner_nodes(hierarchy)}, "equal")


def given(hierarchy: Hierarchy, judged: Any) -> NodeWeights:
    """Weights by the name of the part."""
    if not isinstance(judged, Mapping):
        raise SettingsError(f"given weights are a mapping such as {{'network': 0.6, 'billing': 0.4}}; not {judged!r}")
    return NodeWeights(_by_node(hierarchy, {str(part): float(w) for part, w in judged.items()}), "given")


def _by_node(hierarchy: Hierarchy, weights: Parts) -> dict[str, dict[str, float]]:
    """Sort weights of parts under their nodes; a node that is named must be named as a whole."""
    nodes = {child: node for node in hierarchy.nodes for child in node.children}
    problems = [f"{part!r} is not a part of any node{suggest(part, nodes)}" for part in weights if part not in nodes]
    problems += [f"{part!r} weighs {w:g}; weights are 0 or more" for part, w in weights.items() if w < 0]
    found: dict[str, dict[str, float]] = {}
    for part, weight in weights.items():
        if part in nodes:
            found.setdefault(nodes[part].name, {})[part] = weight
    for name, parts in found.items():
        missing = [part for part in _whole(hierarchy.node(name), set(parts)) if part not in parts]
        if missing:
            problems.append(f"{', '.join(map(repr, missing))} of {name!r} has no weight; 0 leaves a part out")
    if problems:
        raise SettingsError(listing(problems, "the weights do not fit the hierarchy"))
    return found


def _whole(node: Node, named: set[str]) -> tuple[str, ...]:
    """Parts that must be weighed together: the usual ones, or the branches where these make up the index."""
    return node.parts if named & set(node.parts) else _others(node)


def _others(node: Node) -> tuple[str, ...]:
    return tuple(child for child in node.children if child not in node.parts)


def expert_points(hierarchy: Hierarchy, judged: Any) -> NodeWeights:
    """Mean over experts of each expert's shares of points within a node."""
    table = pd.DataFrame([judged]) if isinstance(judged, Mapping) else pd.DataFrame(judged)
    if table.isna().to_numpy().any():
        raise DataError("expert points have blanks; every expert rates every part")
    whole = _by_node(hierarchy, {str(part): float(table[part].min()) for part in table.columns})
    found = {}
    for node, parts in whole.items():
        rated = table[list(parts)].to_numpy(dtype=float)
        if (rated.sum(axis=1) <= 0).any():
            raise DataError(f"an expert gave all parts of {node!r} 0 points")
        shares = rated / rated.sum(axis=1, keepdims=True)
        found[node] = dict(zip(parts, shares.mean(axis=0), strict=True))
    return NodeWeights(found, "points")


def by_ahp(hierarchy: Hierarchy, judged: Any, random_index: RandomIndex = "saaty1980") -> NodeWeights:
    """Principal eigenvectors of the judgements on the parts of nodes."""
    if not isinstance(judged, Mapping):
        raise SettingsError(
            "judgements are a mapping of node to matrix (or matrices), such as {'quality': [[1, 3], ...]}"
        )
    found = {}
    for name, matrices in judged.items():
        found[name] = ahp(matrices, _judged_parts(hierarchy.node(name), matrices), random_index=random_index)
    weights = {name: {str(part): w for part, w in each.weights.items()} for name, each in found.items()}
    return NodeWeights(weights, "ahp", found)


def _judged_parts(node: Node, matrices: Any) -> list[str]:
    """What a matrix compares: the names that it bears, or the parts of the node (the branches of the index)."""
    first: Any = matrices if isinstance(matrices, pd.DataFrame) else next(iter(matrices), ())
    if isinstance(first, pd.DataFrame):
        return [part for part in node.children if part in set(map(str, first.columns))] or list(node.parts)
    others = _others(node) if node.level == 1 else ()
    return list(others if len(others) == len(matrices if np.ndim(first) == 1 else first) else node.parts)


def by_entropy(hierarchy: Hierarchy, judged: Any, design: Design | None = None) -> NodeWeights:
    """Entropy weights of the parts of every node, from the scores of respondents who answered all of them."""
    answers = points.read(hierarchy, judged, None, design)
    scores = dict(zip(answers.names, points.of(answers).T, strict=True))
    found: dict[str, dict[str, float]] = {}
    for node in reversed(inner_nodes(hierarchy)):
        x = np.stack([scores[part] for part in node.parts], axis=1)
        complete = ~np.isnan(x).any(axis=1)
        weights = np.ones(1)
        if len(node.parts) > 1:
            weights = _entropy(node, x[complete], answers.weights[complete])
        found[node.name] = dict(zip(node.parts, weights, strict=True))
        scores[node.name] = x @ weights
    return NodeWeights({node.name: found[node.name] for node in inner_nodes(hierarchy)}, "entropy")


def _entropy(node: Node, x: np.ndarray, case_weights: np.ndarray) -> np.ndarray:
    weights = entropy_weights(x, case_weights) if len(x) > 1 else np.full(x.shape[1], np.nan)
    if np.isnan(weights).any():
        raise DataError(
            f"{len(x)} respondents answered all parts of {node.name!r}, and these do not tell them apart; there are no"
            " entropy weights"
        )
    return weights


# -- weights of a fit -----------------------------------------------------------------------------------


def by_fit(
    hierarchy: Hierarchy,
    judged: Any,
    data: Any = None,
    design: Design | None = None,
    convention: Convention = "unstandardized",
) -> NodeWeights:
    """Item weights of a fit; an aspect weighs what its items weigh together."""
    spread = {}
    if convention == "unstandardized":
        if data is None:
            raise SettingsError(
                "unstandardized weights are w / sd, and sd needs the answers: weigh('fit', fit, data=answers); or"
                " convention='standardized'"
            )
        spread = points.spread(points.read(hierarchy, data, None, design))
    return from_fit(hierarchy, judged, spread, convention)


def from_fit(
    hierarchy: Hierarchy, judged: Any, spread: Mapping[str, float], convention: Convention = "unstandardized"
) -> NodeWeights:
    """Weights of nodes from a table of item weights and the standard deviations of the items' points.

    With w the weight of the standardized item and sd the standard deviation of its points, "unstandardized" takes
    w / sd and "standardized" w, as `fit.index(weights=)`. A branch so scored has the score of its construct.
    """
    check_choice(convention, "convention", get_args(Convention))
    rows = _rows(judged)
    scaled = {
        (construct, item): weight / spread[item] if convention == "unstandardized" and item in spread else weight
        for (construct, item), weight in rows.items()
    }
    found: dict[str, dict[str, float]] = {}
    for node in inner_nodes(hierarchy):
        parts = {part: _part_weight(hierarchy, node, part, scaled) for part in node.parts}
        if len(parts) == 1:
            found[node.name] = dict.fromkeys(parts, 1.0)
        elif all(weight is not None for weight in parts.values()):
            found[node.name] = {part: float(weight) for part, weight in parts.items() if weight is not None}
    if not any(len(parts) > 1 for parts in found.values()):
        raise DataError(f"the fit has no weights of items of {hierarchy.name!r}; fit hierarchy.model()")
    return NodeWeights(found, "fit")


def _rows(judged: Any) -> dict[tuple[str, str], float]:
    table = judged.weights() if callable(getattr(judged, "weights", None)) else judged
    if not isinstance(table, pd.DataFrame) or table.index.nlevels < 2 or "estimate" not in table.columns:
        raise DataError("weights of a fit are a Fit, or its table fit.weights() with rows (construct, item)")
    if table.index.nlevels > 2:
        raise DataError("the fit has several groups; give the weights of one: fit['2024']")
    labels = zip(*(map(str, table.index.get_level_values(level)) for level in (0, 1)), strict=True)
    return dict(zip(labels, table["estimate"].to_numpy(dtype=float).tolist(), strict=True))


def _part_weight(hierarchy: Hierarchy, node: Node, part: str, rows: Mapping[tuple[str, str], float]) -> float | None:
    """Weight of a part: its own row, that under the construct above it, or the sum of its items."""
    for construct in (node.name, node.parent):
        if (construct, part) in rows:
            return rows[construct, part]
    below = [rows.get((node.name, item)) for item in hierarchy.node(part).parts]
    known = [weight for weight in below if weight is not None]
    return sum(known) if known and len(known) == len(below) else None


# -- what `scores` takes --------------------------------------------------------------------------------


def resolve(hierarchy: Hierarchy, weights: WeightsLike, spread: Mapping[str, float]) -> NodeWeights:
    """Weights of every node, from one source or from several, first come first served.

    Raises
    ------
    SettingsError
        Naming the nodes that none of them weighs.
    """
    several = isinstance(weights, Sequence) and not isinstance(weights, str)
    sources = [_source(hierarchy, each, spread) for each in (weights if several else [weights])]
    found: dict[str, Parts] = {}
    for source in sources:
        found = {**source, **found}
    nodes = inner_nodes(hierarchy)
    left = [node.name for node in nodes if node.name not in found and len(node.parts) > 1]
    if left:
        raise SettingsError(
            f"no weights are given for the parts of {', '.join(map(repr, left))}; add a source for them, such as"
            " weights=[..., 'equal']"
        )
    whole = {node.name: found.get(node.name, dict.fromkeys(node.parts, 1.0)) for node in nodes}
    return NodeWeights(whole, ", ".join(dict.fromkeys(source.how for source in sources)))


def _source(hierarchy: Hierarchy, weights: Any, spread: Mapping[str, float]) -> NodeWeights:
    if isinstance(weights, NodeWeights):
        return weights
    if isinstance(weights, str):
        check_choice(weights, "weights", ("equal",))
        return equal(hierarchy)
    if isinstance(weights, Mapping):
        return given(hierarchy, weights)
    return from_fit(hierarchy, weights, spread)
