"""Fuzzy comprehensive evaluation (模糊综合评价): shares of grades, composed up the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Arrays, Group
from csi.design import Design
from csi.errors import DataError, SettingsError, check_choice
from csi.numerics.fuzzy import OPERATORS, compose, grade_score
from csi.questionnaire import points
from csi.questionnaire.judging import check_values
from csi.questionnaire.tree import Node
from csi.questionnaire.weights import NodeWeights, WeightsLike, resolve

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy

Floats = NDArray[np.float64]
Operator: TypeAlias = Literal["weighted-average", "max-min", "max-product", "bounded-sum"]
#: Most grades that codes are taken for without being told.
MOST_GRADES = 7
STEP = 1e-6


@dataclass(frozen=True, eq=False)
class Fuzzy:
    """Memberships of the whole in the grades, and the score that their values give it."""

    membership: pd.Series
    score: float
    operator: str

    def __repr__(self) -> str:
        shares = ", ".join(f"{grade} {share:.4f}" for grade, share in self.membership.items())
        return f"Fuzzy({shares}; score {self.score:.4f}, {self.operator})"


def fuzzy(
    membership: Any, weights: Sequence[float] | None = None, values: Sequence[float] | None = None,
    operator: Operator = "weighted-average",
) -> Fuzzy:  # fmt: skip
    """Evaluate one matrix of memberships: B = W o R, score = B . values / sum B.

    Parameters
    ----------
    membership : DataFrame or array (parts, grades)
        Shares (or percentages, or counts) of every part in the grades; a row is brought to sum one.
    weights : sequence of float, optional
        One a part; equal if left out.
    values : sequence of float, optional
        Value of every grade; evenly from 100 to 0 if left out.
    operator : {"weighted-average", "max-min", "max-product", "bounded-sum"}
        M(., +), which keeps all information; M(min, max); M(., max); M(min, bounded sum).

    Returns
    -------
    Fuzzy

    Examples
    --------
    >>> shares = [[32, 36, 21, 11], [28, 32, 23, 17], [25, 30, 24, 21], [27, 33, 25, 15]]
    >>> fuzzy(shares, values=(100, 80, 60, 40))
    Fuzzy(1 0.2800, 2 0.3275, 3 0.2325, 4 0.1600; score 74.5500, weighted-average)
    """
    check_choice(operator, "operator", tuple(OPERATORS))
    table = pd.DataFrame(membership)
    array = table.to_numpy(dtype=float)
    if not (np.isfinite(array) & (array >= 0)).all() or (array.sum(axis=1) <= 0).any():
        raise DataError("memberships must be finite, not negative, and not all 0 in a row")
    p, g = array.shape
    w = np.full(p, 1 / p) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (p,) or not (w >= 0).all() or w.sum() <= 0:
        raise SettingsError(f"weights must give each of the {p} parts a number of 0 or more; not {weights!r}")
    worth = np.linspace(100, 0, g) if values is None else check_values(values, g)
    whole = compose(w / w.sum(), array / array.sum(axis=1, keepdims=True), operator)
    plain = isinstance(table.columns, pd.RangeIndex)
    grades = [str(i) for i in range(1, g + 1)] if plain else [str(grade) for grade in table.columns]
    series = pd.Series(whole, index=pd.Index(grades, name="grade"), name="membership")
    return Fuzzy(series, float(grade_score(whole, worth)), operator)


def evaluate(
    hierarchy: Hierarchy,
    data: Any,
    weights: WeightsLike = "equal",
    *,
    values: Sequence[float] | None = None,
    cuts: Sequence[float] | None = None,
    grades: Sequence[str] | None = None,
    operator: Operator = "weighted-average",
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Fuzzy comprehensive evaluation at every node of the tree.

    Parameters
    ----------
    hierarchy, data, weights, by, design, level
        As in `csi.questionnaire.scores.scores`.
    values : sequence of float, optional
        Value of every grade, best first; the points of its code where every code is a grade.
    cuts : sequence of float, optional
        Points that divide the grades, from above: `(75, 50, 25)` makes four, the best from 75 points on. Without it
        every code of the common scale is a grade.
    grades : sequence of str, optional
        Names of the grades, best first; "grade 1", "grade 2", ... if left out.
    operator : {"weighted-average", "max-min", "max-product", "bounded-sum"}

    Returns
    -------
    DataFrame
        Rows (level, node). Columns `estimate, std_error, conf_low, conf_high` (of the score), `n`, and the membership
        in every grade.

    Notes
    -----
    The memberships of a question are the shares of its answers in the grades (available cases); those of a node
    B = W o R of its parts [Wang 1984]. With "weighted-average" and the codes' own points as values, the score is that
    of `scores`. Standard errors by the delta method from the covariance of the shares; where two parts tie in a
    maximum or minimum the score has a kink, and the error holds on one side of it only. A question that nobody
    answered (in a group) makes the nodes above it NaN.
    """
    check_choice(operator, "operator", tuple(OPERATORS))
    answers = points.read(hierarchy, data, by, design)
    found = resolve(hierarchy, weights, points.spread(answers))
    x = points.of(answers)
    edges, worth = _grades(answers, cuts, values)
    if grades is not None and len(grades) != len(worth):
        raise SettingsError(f"grades must name {len(worth)} grades; not {list(grades)!r}")
    names = list(grades or (f"grade {i}" for i in range(1, len(worth) + 1)))
    z = _indicators(x, edges)
    nodes = [node for node in hierarchy.nodes if node.parts or node.name in answers.names]
    setting = _Setting(nodes, found, answers.names, operator, worth)
    tables = (_table(answers, group, x, z, setting, names, level) for group in answers.groups)
    note = "available cases: shares of each question by the answers it has"
    return blocks.stacked(answers, tables, {**answers.note(note), "node_weights": found.how, "operator": operator})


@dataclass(frozen=True, eq=False)
class _Setting:
    nodes: list[Node]
    weights: NodeWeights
    names: tuple[str, ...]
    operator: str
    values: Floats


def _grades(answers: Arrays, cuts: Sequence[float] | None, values: Sequence[float] | None) -> tuple[Floats, Floats]:
    """Lower edges of the grades in points, best first, and their values."""
    if cuts is not None:
        edges = np.array([*cuts, -np.inf], dtype=float)
        if not (np.diff(edges) < 0).all() or not ((edges[:-1] > 0) & (edges[:-1] <= 100)).all():
            raise SettingsError(f"cuts must fall from 100 to 0 points, such as (75, 50, 25); not {list(cuts)!r}")
        if values is None:
            raise SettingsError(f"grades made by cuts need values=, {len(edges)} numbers such as (100, 80, 60, 40)")
        return edges, check_values(values, len(edges))
    widths = {scale[1] - scale[0] for scale in answers.scales if scale is not None}
    if len(widths) > 1 or max(widths) + 1 > MOST_GRADES or not float(max(widths)).is_integer():
        raise SettingsError(
            "the codes cannot serve as grades (the scales differ, or have more than"
            f" {MOST_GRADES} codes); divide the points: cuts=(75, 50, 25), values=(100, 80, 60, 40)"
        )
    width = int(max(widths))
    codes = np.linspace(100, 0, width + 1)
    edges = np.append(codes[:-1] - 50 / width, -np.inf)
    return edges, codes if values is None else check_values(values, width + 1)


def _indicators(x: Floats, edges: Floats) -> Floats:
    """Whether an answer is in a grade, (n, questions, grades); NaN where blank."""
    upper = np.concatenate([[np.inf], edges[:-1]])
    inside = (x[..., None] >= edges) & (x[..., None] < upper)
    return np.where(np.isnan(x)[..., None], np.nan, inside.astype(float))


def _table(
    answers: Arrays, group: Group, x: Floats, z: Floats, setting: _Setting, names: list[str], level: float
) -> pd.DataFrame:
    """The nodes of one group."""
    n, q, g = z.shape
    mean = answers.mean(z.reshape(n, q * g), group)
    shares = mean.estimate.reshape(q, g)
    membership, score = _compose(shares, setting)
    slopes = _slopes(shares, setting)
    cov = np.where(np.isnan(mean.cov), 0.0, mean.cov)
    error = np.sqrt(np.maximum(np.einsum("ka,ab,kb->k", slopes, cov, slopes), 0.0))
    given = (~np.isnan(x) & (answers.weights > 0)[:, None] & group.inside[:, None]).astype(float)
    size = ((given @ _reach(setting).T) > 0).sum(axis=0).astype(float)
    df = np.full(len(size), mean.df) if answers.laid is not None else np.maximum(size - 1, 0)
    margin = stats.t.ppf((1 + level) / 2, np.where(df > 0, df, np.nan)) * error
    columns = {
        "estimate": score, "std_error": error, "conf_low": score - margin, "conf_high": score + margin, "n": size,
        **dict(zip(names, membership.T, strict=True)),
    }  # fmt: skip
    index = pd.MultiIndex.from_tuples([(node.level, node.name) for node in setting.nodes], names=["level", "node"])
    return pd.DataFrame(columns, index=index)


def _compose(shares: Floats, setting: _Setting) -> tuple[Floats, Floats]:
    """Memberships (nodes, grades) and scores (nodes,) from the shares of the questions (questions, grades)."""
    found = {name: shares[..., at, :] for at, name in enumerate(setting.names)}
    for node in reversed(setting.nodes):
        if node.parts:
            weights = {part: w for part, w in setting.weights[node.name].items() if w > 0}
            below = np.stack([found[part] for part in weights], axis=-2)
            found[node.name] = compose(np.array(list(weights.values())), below, setting.operator)
    whole = np.stack([found[node.name] for node in setting.nodes], axis=-2)
    return whole, grade_score(whole, setting.values)


def _slopes(shares: Floats, setting: _Setting) -> Floats:
    """Derivatives of every node's score by every share, (nodes, questions * grades), by central differences."""
    size = shares.size
    steps = STEP * np.eye(size).reshape(size, *shares.shape)
    up, down = (_compose(shares + sign * steps, setting)[1] for sign in (1, -1))
    slopes: Floats = ((up - down) / (2 * STEP)).T
    return slopes


def _reach(setting: _Setting) -> Floats:
    """Which questions lie in which node, (nodes, questions)."""
    found = {name: np.eye(len(setting.names))[at] for at, name in enumerate(setting.names)}
    for node in reversed(setting.nodes):
        if node.parts:
            parts = [found[part] for part, weight in setting.weights[node.name].items() if weight > 0]
            found[node.name] = np.max(parts, axis=0)
    return np.stack([found[node.name] for node in setting.nodes])
