"""A comparison of attributes rated by the same people as tables."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csi.blocks import Said
from csi.display.chapter import Labels, Printed, as_percent, of_model, printed
from csi.display.table import Table
from csi.display.words import Words


@dataclass(frozen=True, eq=False, repr=False)
class Paired(Printed):
    """A test over all attributes (`test`), the attributes (`items`), and every pair of them (`pairs`).

    Examples
    --------
    >>> import csi
    >>> found = csi.measures.friedman(csi.datasets.load("mobi"), ["PERQ1", "PERQ2", "PERQ3"])
    >>> found.test.round(3)
              statistic  df  p_value  kendall_w    n
    test
    friedman      43.57   2      0.0      0.087  250
    """

    test: pd.DataFrame
    items: pd.DataFrame
    pairs: pd.DataFrame

    def tables(self, labels: Labels = None) -> tuple[Table, ...]:
        """Return the test over all attributes, the attributes, and the pairs with stars."""
        heads: dict[str, Words] = {"statistic": Said("Statistic", "统计量").words}
        pairs = self.pairs.assign(p_value=self.pairs["p_adjusted"]).drop(columns="p_adjusted")
        pairs.attrs.update(self.pairs.attrs)
        items = as_percent(self.items) if "share" in self.items else self.items
        told = [*(self.pairs.attrs[name] for name in ("correction_said", "missing") if name in self.pairs.attrs)]
        return (
            printed(self.test, title=_TITLES["test"], labels=_joined(heads, labels)),
            printed(items, title=_TITLES["items"], labels=labels, decimals=1 if items is not self.items else 3),
            printed(pairs, title=_TITLES["pairs"], labels=_joined(heads, labels), starred="estimate", notes=told),
        )


_TITLES = {
    "test": Said("Attributes rated by the same people: test", "同一受访者评价的各属性：总体检验"),
    "items": Said("Attributes", "各属性"),
    "pairs": Said("Pairs of attributes", "属性两两比较"),
}
CORRECTIONS = {
    "holm": Said("p-values of the pairs corrected by Holm's method", "两两比较的 p 值经 Holm 法校正"),
    "bh": Said("p-values of the pairs corrected by Benjamini and Hochberg's method", "两两比较的 p 值经 BH 法校正"),
    "none": Said("p-values of the pairs not corrected", "两两比较的 p 值未校正"),
}


def _joined(heads: dict[str, Words], labels: Labels) -> dict[str, Words]:
    return {**heads, **of_model(labels)}
