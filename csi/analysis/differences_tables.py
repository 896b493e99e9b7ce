"""Group differences as tables, printed as a thesis prints them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csi.blocks import Said
from csi.display.chapter import Labels, Printed, of_model, printed
from csi.display.table import Table
from csi.display.words import Words

_TITLES = {
    "compared": Said("Differences between groups", "组间差异检验"),
    "tests": Said("Tests", "检验"),
    "effects": Said("Effect sizes", "效应量"),
    "pairs": Said("Pairwise comparisons", "两两比较"),
}
_POST_HOC = {
    "lsd": Said("post hoc: LSD (uncorrected)", "事后比较：LSD（未校正）"),
    "tukey": Said("post hoc: Tukey-Kramer", "事后比较：Tukey-Kramer"),
    "games-howell": Said("post hoc: Games-Howell", "事后比较：Games-Howell"),
}


_STATISTIC = Said("Statistic", "统计量").words
_MAIN = {
    "welch": Said("test: Welch's, which needs no equal variances", "检验：Welch 检验（不要求方差齐性）"),
    "wald": Said("test: adjusted Wald F under the design", "检验：抽样设计下的校正 Wald F"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Differences(Printed):
    """Differences between groups.

    Attributes
    ----------
    means : DataFrame
        Rows (item or construct, group): `estimate`, `std_error`, `conf_low`, `conf_high`, `sd`, `n`.
    tests : DataFrame
        Rows (item or construct, test): `statistic`, `df`, `df2`, `p_value`. Two groups: `student`, `welch`,
        `mann_whitney`, `levene`; more: `anova`, `welch`, `kruskal`, `levene`. Under a design `wald` (F) alone.
    effects : DataFrame
        Rows (item or construct, effect): `estimate`, `conf_low`, `conf_high`. Two groups: `hedges_g`; always
        `eta_squared` and `omega_squared`.
    pairs : DataFrame
        Rows (item or construct, first, second): difference second - first with interval and p-value of the chosen
        post hoc procedure.

    Examples
    --------
    >>> import csi
    >>> data = csi.datasets.load("mobi").assign(group=["a", "b"] * 125)
    >>> found = csi.analysis.differences(data, ["CUSA1"], by="group")
    >>> found.tests["p_value"].round(3).tolist()
    [0.878, 0.878, 0.674, 0.894]
    """

    means: pd.DataFrame
    tests: pd.DataFrame
    effects: pd.DataFrame
    pairs: pd.DataFrame

    def tables(self, labels: Labels = None) -> tuple[Table, ...]:
        """Return means and SD of the groups beside the test (Welch; Wald under a design), all tests, effects, pairs."""
        notes = self.means.attrs
        told = [notes[each] for each in ("missing", "reversed", "weights", "design") if each in notes]
        own = of_model(labels)
        letter: Words = (
            "t" if len(self.means.index.get_level_values(1).unique()) == 2 and self._main == "welch" else "F"
        )
        how = [_POST_HOC[notes["post_hoc"]]] if self._main == "welch" else []
        pieces: list[tuple[str, pd.DataFrame, dict[str, Words], str | None, list[Said]]] = [
            ("compared", self._compared(), {"statistic": letter}, "statistic", [_MAIN[self._main]]),
            ("tests", self.tests, {"statistic": _STATISTIC}, None, []),
            ("effects", self.effects, {"effect": _TITLES["effects"].words}, None, []),
            ("pairs", self.pairs, {}, "estimate", how),
        ]
        return tuple(
            printed(frame, title=_TITLES[name], labels={**heads, **own}, starred=starred, notes=[*extra, *told])
            for name, frame, heads, starred, extra in pieces
            if len(frame)
        )

    @property
    def _main(self) -> str:
        return "wald" if "wald" in self.tests.index.get_level_values("test") else "welch"

    def _compared(self) -> pd.DataFrame:
        """One row an item or construct: mean and SD of every group, then the test."""
        rows = list(self.means.index.get_level_values(0).unique())
        groups = list(self.means.index.get_level_values(1).unique())
        parts = {group: self.means.xs(group, level=1).reindex(rows) for group in groups}
        columns = {(str(group), name): part[column] for group, part in parts.items()
                   for name, column in (("mean", "estimate"), ("sd", "sd"))}  # fmt: skip
        main = self.tests.xs(self._main, level="test").reindex(rows)
        columns |= {("", name): main[name] for name in ("statistic", "p_value")}
        return pd.DataFrame(columns).rename_axis(str(self.means.index.names[0]))
