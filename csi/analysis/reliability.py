"""Item analysis: whether the items of a construct hang together, and which of them does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.analysis.describe import check_level
from csi.analysis.moments import complete, weighted_moments
from csi.blocks import Arrays, Group, ModelLike, Said, Scale
from csi.design import Design
from csi.display.chapter import Labels, Printed, printed
from csi.display.table import Table
from csi.errors import DataError, check_choice, listing
from csi.numerics import factor, items

Floats = NDArray[np.float64]
Extraction = Literal["minres", "ml"]

DEPENDENT = 1e-10
"""Correlations with a smaller eigenvalue have an item that is a sum of the others."""


@dataclass(frozen=True, eq=False, repr=False)
class ItemAnalysis(Printed):
    """Tables of an item analysis: `items`, `reliability`, and the `doubts` that belong to them.

    Examples
    --------
    >>> import csi
    >>> found = csi.item_analysis(csi.datasets.load("mobi"), {"satisfaction": ["CUSA1", "CUSA2", "CUSA3"]})
    >>> found.reliability["alpha"].round(4).to_dict()
    {'satisfaction': 0.7701}
    """

    items: pd.DataFrame
    reliability: pd.DataFrame
    doubts: tuple[str, ...]

    def tables(self, labels: Labels = None) -> tuple[Table, ...]:
        """Return SPSS's tables: reliability, item-total statistics, split halves, critical ratios."""
        halves = ["split_half", "spearman_brown", "guttman"]
        pieces = (
            ("reliability", self.reliability.drop(columns=halves), None),
            ("items", self._item_total(), None),
            ("halves", self.reliability[["n", "k", *halves]], None),
            ("ratio", self.items[["high_mean", "low_mean", "critical_ratio", "p_value"]], "critical_ratio"),
        )
        return tuple(
            printed(frame, title=_TITLES[name], labels=labels, starred=starred, notes=self._notes(name))
            for name, frame, starred in pieces
        )

    def _item_total(self) -> pd.DataFrame:
        """Item-total statistics with the alpha of the construct in its first row, as theses print them."""
        table = self.items[["mean", "sd", "item_rest", "smc", "alpha_if_deleted"]].copy()
        if "construct" not in self.items.index.names:
            return table
        keys = self.items.reset_index(level="item").index
        first = ~keys.duplicated()
        alpha = self.reliability["alpha"].reindex(keys).to_numpy()
        table["alpha"] = np.where(first, alpha, np.nan)
        return table

    def _notes(self, name: str) -> list[str]:
        notes = self.items.attrs
        told = [notes[each] for each in ("missing", "reversed", "weights", "design") if each in notes]
        return [
            *([notes["interval"]] if name == "reliability" else []),
            *([notes["share"]] if name == "ratio" else []),
            *told,
        ]


def item_analysis(
    data: Any,
    model: ModelLike = None,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    scale: Scale | None = None,
    extraction: Extraction = "minres",
    share: float = 0.27,
    confidence_level: float = 0.95,
) -> ItemAnalysis:
    """Reliability of every construct and the fitness of every item, as SPSS's reliability tables show them.

    Parameters
    ----------
    data : DataFrame
        One row a respondent.
    model : Model, {construct: [columns]} or [columns], optional
        The items of each construct; every column of numbers as one construct unless given. Reversed items of a
        Model are turned first.
    by : str or list of str, optional
        Columns that divide the respondents.
    design : Design, optional
        Weights, strata and clusters: moments are weighted, the interval of alpha is linearized.
    scale : (low, high), optional
        Scale of items that need turning and whose scale the model does not tell.
    extraction : {"minres", "ml"}
        How the single factor of omega is found: as psych's `fa`, or as factanal (maximum likelihood).
    share : float
        Part of the cases in the upper and in the lower group of the critical ratio.
    confidence_level : float
        Of the interval of alpha.

    Returns
    -------
    ItemAnalysis
        `items`, one row an item: `n`, `mean`, `sd`, `item_rest` (corrected item-total correlation, CITC), `smc`
        (squared multiple correlation), `alpha_if_deleted`, `high_mean`, `low_mean`, `critical_ratio` (t of the
        upper against the lower group), `p_value`. `reliability`, one row a construct: `n`, `k` items, `alpha`
        with `conf_low` and `conf_high` (Feldt), `alpha_standardized`, `mean_correlation`, `omega`, `split_half`
        (correlation of first and second half), `spearman_brown` (Horst's form for halves of unequal length),
        `guttman`. `doubts`: sentences naming what should not be trusted. A number that does not exist is NaN.

    Raises
    ------
    DataError
        Where fewer than three respondents answered all items of a construct.

    Notes
    -----
    Missing answers: listwise within each construct, as SPSS. alpha = k/(k-1)(1 - sum of variances / variance of
    the sum) [Cronbach 1951]; Feldt's interval [Feldt, Woodruff & Salih 1987, eq. 5]; omega = (sum of loadings)^2
    / (that + sum of uniquenesses) [McDonald 1999, eq. 6.20b] of the one-factor solution of the correlations;
    critical ratio [Kelley 1939], ties at the cut-off belong to the group.

    Examples
    --------
    >>> from csi import datasets
    >>> mobi = datasets.load("mobi")
    >>> found = item_analysis(mobi, {"satisfaction": ["CUSA1", "CUSA2", "CUSA3"]})
    >>> print(found.reliability[["n", "k", "alpha", "conf_low", "conf_high"]].round(4))
                    n  k   alpha  conf_low  conf_high
    construct
    satisfaction  250  3  0.7701    0.7159     0.8154
    """
    check_level(confidence_level)
    check_choice(extraction, "extraction", get_args(Extraction))
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    _enough(answers)
    doubts: list[str] = []
    analyses = [
        [_Construct(answers, group, name, at) for name, at in answers.blocks.items()] for group in answers.groups
    ]
    notes = answers.note(Said("listwise within each construct", "各潜变量内成列删除"))
    notes |= {"interval": _FELDT if answers.simple else _LINEARIZED, "share": _share(share)}
    notes["confidence_level"] = confidence_level
    one = (pd.concat([each.item_rows(share) for each in every]) for every in analyses)
    whole = (
        pd.DataFrame([each.row(confidence_level, extraction) for each in every], index=_names(answers))
        for every in analyses
    )
    for every in analyses:
        doubts.extend(doubt for each in every for doubt in each.doubts(extraction))
    return ItemAnalysis(blocks.stacked(answers, one, notes), blocks.stacked(answers, whole, notes), tuple(doubts))


_FELDT = Said("interval of alpha: Feldt", "α 的置信区间：Feldt 法")
_LINEARIZED = Said("interval of alpha: linearized under the design", "α 的置信区间：按抽样设计线性化")
_TITLES = {
    "reliability": Said("Reliability", "信度分析"),
    "items": Said("Item-total statistics", "项总计统计"),
    "halves": Said("Split-half reliability", "折半信度"),
    "ratio": Said("Critical ratios of the items", "项目分析（决断值）"),
}


def _share(share: float) -> Said:
    return Said(f"upper and lower {share:.0%} of the sum scores", f"按总分取高、低分组各 {share:.0%}")


def _names(answers: Arrays) -> pd.Index:
    return pd.Index(list(answers.blocks), name="construct")


def _enough(answers: Arrays) -> None:
    """Refuse constructs that nobody answered completely, all at once."""
    problems = []
    for group in answers.groups:
        for name, at in answers.blocks.items():
            n = len(complete(answers, group, at)[0])
            if n < 3:
                where = f" in group {', '.join(map(str, group.label))}" if answers.by else ""
                problems.append(f"{name}{where}: {n} complete cases, at least three are needed")
    if problems:
        raise DataError(listing(problems, "an item analysis is not possible"))


class _Construct:
    """One construct in one group: its complete cases and their moments."""

    def __init__(self, answers: Arrays, group: Group, name: str, at: Sequence[int]) -> None:
        self.answers, self.group, self.name, self.at = answers, group, name, list(at)
        self.x, self.w = complete(answers, group, at)
        self.mean, self.cov = weighted_moments(self.x, self.w)
        self.corr = items.correlation(self.cov)
        self.sound = bool(np.isfinite(self.corr).all() and np.linalg.eigvalsh(self.corr)[0] > DEPENDENT)

    def item_rows(self, share: float) -> pd.DataFrame:
        """One row an item."""
        ratio = items.critical_ratio(self.x, self.x.sum(axis=1), share)
        alone = len(self.at) == 1
        return pd.DataFrame(
            {
                "n": len(self.x),
                "mean": self.mean,
                "sd": np.sqrt(np.diag(self.cov)),
                "item_rest": items.item_rest(self.cov),
                "smc": items.squared_multiple(self.corr) if self.sound and not alone else np.nan,
                "alpha_if_deleted": items.alpha_if_deleted(self.cov),
                "high_mean": ratio.high,
                "low_mean": ratio.low,
                "critical_ratio": np.nan if alone else ratio.statistic,
                "p_value": np.nan if alone else ratio.p_value,
            },
            index=self.answers.rows(self.at),
        )

    def row(self, level: float, extraction: Extraction) -> dict[str, float]:
        """The row of the construct."""
        k = len(self.at)
        value = float(items.alpha(self.cov))
        low, high = self._interval(value, level)
        result = {"n": len(self.x), "k": k, "alpha": value, "conf_low": low, "conf_high": high}
        result["alpha_standardized"] = float(items.alpha(self.corr))
        result["mean_correlation"] = float((self.corr.sum() - k) / (k * (k - 1))) if k > 1 else np.nan
        result["omega"] = self.omega(extraction)[0]
        half = items.split_half(self.cov, np.arange(k) < (k + 1) // 2) if k > 1 else None
        result["split_half"] = half.correlation if half else np.nan
        result["spearman_brown"] = half.unequal if half else np.nan
        result["guttman"] = half.guttman if half else np.nan
        return result

    def _interval(self, value: float, level: float) -> tuple[float, float]:
        """Feldt's interval; under a design alpha +- t times its linearized standard error."""
        k = len(self.at)
        if self.answers.simple or k < 2:
            return items.feldt_interval(value, len(self.x), k, level)
        d = self.answers.values[:, self.at] - self.mean
        own, total = np.trace(self.cov), self.cov.sum()
        z = -k / (k - 1) * (np.sum(d**2, axis=1) / total - own * d.sum(axis=1) ** 2 / total**2)
        found = self.answers.mean(z[:, None], self.group)
        margin = stats.t.ppf((1 + level) / 2, found.df) * np.sqrt(found.cov[0, 0])
        return value - margin, value + margin

    def omega(self, extraction: Extraction) -> tuple[float, bool]:
        """Omega of the one-factor solution, and whether a uniqueness fell to its bound."""
        k = len(self.at)
        if k < 2 or not self.sound or (k == 2 and self.corr[0, 1] <= 0):
            return np.nan, False
        start = factor.smallest_uniquenesses(self.corr)
        if extraction == "ml" and k > 2:
            found = factor.maximum_likelihood(self.corr, 1, (1 - 0.5 / k) * start)
        else:
            found = factor.minimum_residuals(self.corr, 1, start)
        loadings = found.loadings[:, 0]
        heywood = bool((found.uniquenesses <= factor.LOWEST_UNIQUENESS * 1.01).any())
        own = found.uniquenesses if extraction == "ml" else 1 - loadings**2
        return float(items.omega_total(loadings, own)), heywood

    def doubts(self, extraction: Extraction) -> Iterator[str]:
        """What should not be trusted, and what to do about it."""
        where = self.answers.where(self.group)
        there = where.chinese
        names = [self.answers.names[j] for j in self.at]
        if len(self.at) == 1:
            yield Said(
                f"{self.name}{where} has one item: reliability of a single item cannot be found from one survey",
                f"{self.name}{there} 只有一个题项：单一题项的信度无法由一次调查得出",
            )
            return
        constant = [name for name, variance in zip(names, np.diag(self.cov), strict=True) if not variance > 0]
        if constant:
            who = ", ".join(constant)
            yield Said(
                f"{who} never varies{where}: leave it out of {self.name}",
                f"{who}{there} 没有变异：请从 {self.name} 中剔除",
            )
        elif not self.sound:
            yield Said(
                f"{self.name}{where}: an item repeats the others exactly; omega and smc do not exist",
                f"{self.name}{there}：某题项与其余题项完全重复；ω 与多重相关平方不存在",
            )
        negative = [n for n, r in zip(names, items.item_rest(self.cov), strict=True) if r < 0]
        if negative:
            who = ", ".join(negative)
            yield Said(
                f"{who} of {self.name}{where} goes against the other items (negative item-rest"
                " correlation): if it is worded the other way, say Item(name, reversed=True)",
                f"{self.name} 的 {who}{there} 与其余题项方向相反（校正项总计相关为负）：若为反向题，"
                "请写 Item(name, reversed=True)",
            )
        if self.omega(extraction)[1]:
            yield Said(
                f"{self.name}{where}: a uniqueness fell to its lower bound (Heywood case); do not report omega",
                f"{self.name}{there}：独特性降至下限（Heywood 现象）；请勿报告 ω",
            )
