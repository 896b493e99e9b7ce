"""Scores at every node of the tree: weighted means of what lies below, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Arrays, Group
from csi.design import Design
from csi.errors import SettingsError, check_choice
from csi.questionnaire import points
from csi.questionnaire.tree import Node
from csi.questionnaire.weights import NodeWeights, WeightsLike, resolve

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy

Floats = NDArray[np.float64]
Missing: TypeAlias = Literal["pairwise", "listwise"]
TREATMENT = {
    "pairwise": "pairwise: every question by the answers it has; a node is the weighted mean of these",
    "listwise": "listwise: a node by the respondents who answered all of its questions",
}


def scores(
    hierarchy: Hierarchy,
    data: Any,
    weights: WeightsLike = "equal",
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    missing: Missing = "pairwise",
    level: float = 0.95,
) -> pd.DataFrame:
    """Scores 0-100 at every node of the tree.

    Parameters
    ----------
    hierarchy : Hierarchy
    data : Answers or DataFrame
        One column a question.
    weights : "equal", {part: weight}, NodeWeights, Fit or its weights, or a list of these
        Weights of the parts of every node; of a list, the first that weighs a node.
    by : str or list of str, optional
        Columns that divide the respondents; their values are the first row levels.
    design : Design, optional
        Weights, strata, clusters.
    missing : {"pairwise", "listwise"}
        Whether every question counts by the answers it has, or a node by those who answered all of it.
    level : float
        Of the interval (t).

    Returns
    -------
    DataFrame
        Rows (level, node), each node before those below it. Columns `estimate, std_error, conf_low, conf_high` (index
        points), `n` (respondents behind the score), `complete` (those of them who answered all of its questions).
        `.attrs` says the treatment of blanks and the weights.

    Raises
    ------
    DataError, SettingsError

    Notes
    -----
    Score of a node = sum_k w_k score_k over its parts, sum_k w_k = 1; of a question, its mean in points. Standard
    errors come from the covariance of the questions' means under the design. The weights are taken as given: their
    own sampling error, where they were estimated, is not in the interval (for that, `fit.bootstrap().index()`).

    Examples
    --------
    >>> from csi.questionnaire import Hierarchy
    >>> tree = Hierarchy("Two", {"quality": ["q1", "q2"], "image": ["i1"]}, scale=(1, 5))
    >>> data = {"q1": [1, 3, 5, 3], "q2": [2, 4, 4, 4], "i1": [5, 5, 4, None]}
    >>> print(scores(tree, data)[["estimate", "n"]].round(2).to_string())
                        estimate    n
    level node
    1     satisfaction     73.96  4.0
    2     quality          56.25  4.0
    4     q1               50.00  4.0
          q2               62.50  4.0
    2     image            91.67  3.0
    4     i1               91.67  3.0
    """
    check_choice(missing, "missing", get_args(Missing))
    if not 0 < level < 1:
        raise SettingsError(f"confidence_level must lie between 0 and 1, such as 0.95; not {level!r}")
    answers = points.read(hierarchy, data, by, design)
    found = resolve(hierarchy, weights, points.spread(answers))
    nodes = [node for node in hierarchy.nodes if node.parts or node.name in answers.names]
    shares = combined(nodes, found, answers.names)
    x = points.of(answers)
    tables = (_table(answers, group, x, shares, nodes, missing, level) for group in answers.groups)
    notes = {**answers.note(TREATMENT[missing]), "node_weights": found.how, "weights_error": "weights taken as given"}
    return blocks.stacked(answers, tables, notes)


def combined(nodes: Sequence[Node], weights: NodeWeights, names: Sequence[str]) -> Floats:
    """Weight of every question in every node, (questions, nodes): the product of the weights on the way down."""
    at = {name: i for i, name in enumerate(names)}
    known = {node.name: node for node in nodes}
    found: dict[str, Floats] = {}

    def of(name: str) -> Floats:
        if name not in found:
            row = np.zeros(len(names))
            if known[name].parts:
                for part, weight in weights[name].items():
                    row = row + weight * of(part)
            else:
                row[at[name]] = 1.0
            found[name] = row
        return found[name]

    return np.stack([of(node.name) for node in nodes], axis=1)


def _table(
    answers: Arrays, group: Group, x: Floats, shares: Floats, nodes: Sequence[Node], missing: str, level: float
) -> pd.DataFrame:
    """The nodes of one group."""
    given = ~np.isnan(x) & (answers.weights > 0)[:, None] & group.inside[:, None]
    used = shares != 0
    some = (given.astype(float) @ used) > 0
    whole = (given.astype(float) @ used) == used.sum(axis=0)
    if missing == "listwise":
        z = np.where(whole, np.where(np.isnan(x), 0.0, x) @ shares, np.nan)
        mean = answers.mean(z, group)
        estimate, error, n = mean.estimate, np.sqrt(np.diag(mean.cov)), whole.sum(axis=0)
    else:
        mean = answers.mean(x, group)
        estimate, error = _linear(mean.estimate, mean.cov, shares)
        n = some.sum(axis=0)
    df = np.full(len(nodes), mean.df) if answers.laid is not None else np.maximum(n - 1.0, 0)
    margin = stats.t.ppf((1 + level) / 2, np.where(df > 0, df, np.nan)) * error
    columns = {
        "estimate": estimate, "std_error": error, "conf_low": estimate - margin, "conf_high": estimate + margin,
        "n": n.astype(float), "complete": whole.sum(axis=0).astype(float),
    }  # fmt: skip
    index = pd.MultiIndex.from_tuples([(node.level, node.name) for node in nodes], names=["level", "node"])
    return pd.DataFrame(columns, index=index)


def _linear(mean: Floats, cov: Floats, shares: Floats) -> tuple[Floats, Floats]:
    """Sums of means by shares, with their errors; a question without answers spoils only the nodes above it."""
    used = shares != 0
    blank = np.isnan(mean)
    spoiled = (used & blank[:, None]).any(axis=0)
    estimate = np.where(blank, 0.0, mean) @ shares
    variance = np.einsum("qk,qr,rk->k", shares, np.where(np.isnan(cov), 0.0, cov), shares)
    unknown = (used & np.isnan(np.diag(cov))[:, None]).any(axis=0)
    with np.errstate(invalid="ignore"):
        error = np.sqrt(np.where(unknown | spoiled, np.nan, variance))
    return np.where(spoiled, np.nan, estimate), error
