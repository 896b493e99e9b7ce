"""A factor solution as tables, printed as SPSS prints it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csi.blocks import Said
from csi.display.chapter import Labels, Printed, of_model, printed
from csi.display.numbers import Language
from csi.display.table import Table
from csi.display.words import Words


@dataclass(frozen=True, eq=False, repr=False)
class EFA(Printed):
    """A factor solution as tables; printed as SPSS prints it.

    Attributes
    ----------
    loadings : DataFrame (items, factors)
        Rotated loadings (pattern), factors by variance explained, each with a positive sum.
    structure : DataFrame (items, factors)
        Correlations of items with factors; the loadings themselves after an orthogonal rotation.
    correlations : DataFrame (factors, factors)
        Correlations of the factors.
    communalities : DataFrame
        `initial` (squared multiple correlation; 1 for principal components) and `extraction`.
    variance : DataFrame
        Total variance explained, one row a component: `initial`, `extraction` and `rotation` sums of squares,
        each with its `_share` of the number of items and its `_cumulative` share. After an oblique rotation
        `rotation` counts each factor's part of the communality (the parts add up, as in psych) and
        `rotation_structure` the squared structure coefficients (SPSS; they do not add up).
    eigenvalues : DataFrame
        `eigenvalue` beside `random_mean` and `random_limit` (95th percentile) of unrelated answers.
    goodness : Series
        `statistic`, `df`, `p_value` of the test that so many factors suffice, `rms` of the residuals.
    suggested : Series
        Number of factors by `kaiser` (eigenvalues above 1), `parallel` and `elbow` (sharpest bend of the scree).
    n : float
    doubts : tuple of str
    groups : dict
        With `by=` the solution of every group; the tables then hold all of them, the group as first row level.

    Examples
    --------
    >>> import csi
    >>> found = csi.efa(csi.datasets.load("mobi"), 2)
    >>> found.loadings.shape
    (24, 2)
    """

    loadings: pd.DataFrame
    structure: pd.DataFrame
    correlations: pd.DataFrame
    communalities: pd.DataFrame
    variance: pd.DataFrame
    eigenvalues: pd.DataFrame
    goodness: pd.Series
    suggested: pd.Series
    n: Any
    doubts: tuple[str, ...]
    groups: Mapping[Hashable, EFA] = field(default_factory=dict)

    @property
    def uniquenesses(self) -> pd.Series:
        """What the factors leave unexplained of each item."""
        unexplained: pd.Series = (1 - self.communalities["extraction"]).rename("uniqueness")
        return unexplained

    def sorted(self, blank: float = 0.4) -> pd.DataFrame:
        """Return the loadings by factor and size, those below `blank` in absolute value left out (NaN).

        Every item stands under the factor of its largest loading, as SPSS sorts by size.
        """
        if self.groups:
            parts = {label: each.sorted(blank) for label, each in self.groups.items()}
            return pd.concat(parts, names=self.loadings.index.names[: self.loadings.index.nlevels - _levels(parts)])
        size = self.loadings.abs().to_numpy()
        main = size.argmax(axis=1)
        order = np.lexsort((-size.max(axis=1), main))
        return self.loadings.iloc[order].where(self.loadings.iloc[order].abs() >= blank)

    def tables(self, labels: Labels = None, blank: float = 0.4) -> tuple[Table, ...]:
        """Return the tables as SPSS prints them; loadings below `blank` are left out of the rotated matrix."""
        note = self.loadings.attrs
        oblique = note["rotation"] in {"promax", "oblimin"}
        heads: dict[str, Words] = {f"factor{j}": {"en": f"Factor {j}", "zh": f"因子{j}"} for j in range(1, 100)}
        own = {**heads, **of_model(labels)}
        matrix = self.sorted(blank)
        matrix.attrs.update(note)
        told = [_method(note), *(note[name] for name in ("missing", "weights", "design") if name in note)]
        left_out = Said(
            f"loadings below {blank:g} in absolute value are left out", f"绝对值小于 {blank:g} 的载荷未列出"
        )
        common: dict[str, Any] = {"labels": own}
        found = [
            printed(self._counts(), title=_TITLES["count"], notes=[_COUNT_NOTE, *self._rules()], **common),
            printed(self.communalities, title=_TITLES["communalities"], notes=told[:1], **common),
            printed(self._variance(), title=_TITLES["variance"], notes=told, **common),
            printed(matrix, title=_TITLES["pattern" if oblique else "rotated"], notes=[*told, left_out], **common),
        ]
        if oblique:
            found.append(printed(self.correlations, title=_TITLES["correlations"], notes=told[:1], **common))
        if note["extraction"] != "pc":
            found.append(printed(self._goodness(), title=_TITLES["goodness"], notes=told, **common))
        return tuple(found)

    def to_text(self, language: Language = "en", labels: Labels = None) -> str:
        """Write the tables for a terminal, where the heads of the variance are short."""
        return super().to_text(language, {**_SHORT, **of_model(labels)})

    def _counts(self) -> pd.DataFrame:
        """Eigenvalues beside those of random data, and what the rules keep."""
        table = self.eigenvalues.copy()
        table["retained"] = (table["eigenvalue"] > table["random_limit"]).astype(float)
        if not self.groups:
            kept = int(self.suggested["parallel"])
            table["retained"] = (np.arange(len(table)) < kept).astype(float)
        return table

    def _rules(self) -> list[Said]:
        """How many factors the rules suggest."""
        if self.groups:
            return []
        rules = self.suggested
        return [
            Said(
                f"number of factors: {rules['kaiser']} eigenvalues above 1, {rules['parallel']} by parallel analysis,"
                f" {rules['elbow']} before the sharpest bend of the scree",
                f"因子数：特征值大于 1 的有 {rules['kaiser']} 个，平行分析 {rules['parallel']} 个，"
                f"碎石图最大拐点之前 {rules['elbow']} 个",
            )
        ]

    def _goodness(self) -> pd.DataFrame:
        """Test that so many factors suffice."""
        table = pd.DataFrame(self.goodness) if self.groups else self.goodness.to_frame().T
        factors = pd.Index([self.loadings.shape[1]], name="factors")
        found = table if self.groups else table.set_axis(factors)
        return found.rename(columns={"statistic": "chi_square"})

    def _variance(self) -> pd.DataFrame:
        """Total variance explained under SPSS's three heads."""
        heads = {"initial": "initial_eigenvalues", "extraction": "extraction_sums", "rotation": "rotation_sums"}
        parts = {}
        for name, head in heads.items():
            if name in self.variance:
                parts[head, "sum"] = self.variance[name]
                parts[head, "variance_share"] = self.variance[f"{name}_share"]
                parts[head, "cumulative"] = self.variance[f"{name}_cumulative"]
        return pd.DataFrame(parts)


def _levels(parts: Mapping[Hashable, pd.DataFrame]) -> int:
    """How many row levels the table of one group has."""
    return next(iter(parts.values())).index.nlevels


def _method(note: Mapping[Hashable, Any]) -> Said:
    """Extraction and rotation in words."""
    one, two = METHODS[note["extraction"]], ROTATIONS[note["rotation"]]
    return Said(f"Extraction: {one[0]}. Rotation: {two[0]}.", f"提取方法：{one[1]}。旋转方法：{two[1]}。")


METHODS = {
    "ml": ("maximum likelihood", "极大似然法"),
    "pa": ("principal axis factoring", "主轴因子法"),
    "minres": ("minimum residuals", "最小残差法"),
    "pc": ("principal components", "主成分分析法"),
}
ROTATIONS = {
    "varimax": ("varimax with Kaiser normalization", "凯撒正态化最大方差法"),
    "promax": ("promax with Kaiser normalization", "凯撒正态化最优斜交法（promax）"),
    "oblimin": ("direct oblimin", "直接斜交法（oblimin）"),
    "quartimax": ("quartimax with Kaiser normalization", "凯撒正态化四次方最大法"),
    "none": ("none", "未旋转"),
}
_TITLES = {
    "count": Said("Eigenvalues and parallel analysis", "特征值与平行分析").words,
    "communalities": Said("Communalities", "公因子方差").words,
    "variance": Said("Total variance explained", "总方差解释").words,
    "rotated": Said("Rotated factor matrix", "旋转后的因子矩阵").words,
    "pattern": Said("Pattern matrix", "模式矩阵").words,
    "goodness": Said("Test that so many factors suffice", "因子数充分性检验").words,
    "correlations": Said("Factor correlation matrix", "因子相关矩阵").words,
}
_SHORT: dict[str, Words] = {
    "initial_eigenvalues": Said("Initial", "初始").words,
    "extraction_sums": Said("Extraction", "提取").words,
    "rotation_sums": Said("Rotation", "旋转").words,
    "variance_share": "%",
    "cumulative": Said("Cum. %", "累积 %").words,
}
_COUNT_NOTE = Said(
    "retained: eigenvalues above the 95th percentile of random data", "保留：特征值高于随机数据的第 95 百分位数"
)
