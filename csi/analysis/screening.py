"""What a screening found, its cleaning log, and both as tables for print."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csi.blocks import Arrays, Said
from csi.display.chapter import Labels, Printed, as_percent, of_model, printed
from csi.display.chapter_words import ROWS
from csi.display.table import Table
from csi.errors import SettingsError


@dataclass(frozen=True, eq=False, repr=False)
class Screening(Printed):
    """What a screening found; nothing was changed.

    Attributes
    ----------
    flags : DataFrame
        One row a respondent (your index), one column a sign: 1 flagged, 0 not, NaN could not be told; `flags` counts.
    measures : DataFrame
        The numbers behind the flags: `longstring`, `irv`, `straight_blocks`, `mahalanobis`, `mahalanobis_p`,
        `missing_share`, and `time` where a time was given.
    summary : DataFrame
        One row a sign: `n` flagged, `share` of the respondents with `conf_low`, `conf_high` (Wilson; the share is
        weighted and its interval linearized under a design).
    codes : DataFrame
        One row an (item, code) that lies outside the scale, is declared unknown, or looks like a missing code:
        `n`, `outside`, `unknown`, `suspicious` (1 or 0).
    patterns : DataFrame
        One row a pattern of missing answers, most frequent first: 1 answered, 0 missing; `n`, `share`.
    mcar : DataFrame
        Little's test: `statistic`, `df`, `p_value`, `patterns`.
    log : tuple of str
        What was looked for, with which limit, and how many were found: the sentences a report prints.
    groups : dict
        With `by=` the screening of every group, whose distances, median time and patterns are its own. `flags` and
        `measures` keep a row a respondent in your order; the other tables have the group as first row level.

    Examples
    --------
    >>> import csi
    >>> found = csi.screen(csi.datasets.load("mobi"), scale=(1, 10))
    >>> found.summary.loc[["straight", "outlier", "duplicate"], "n"].to_dict()
    {'straight': 1, 'outlier': 16, 'duplicate': 0}
    """

    flags: pd.DataFrame
    measures: pd.DataFrame
    summary: pd.DataFrame
    codes: pd.DataFrame
    patterns: pd.DataFrame
    mcar: pd.DataFrame
    log: tuple[str, ...]
    groups: Mapping[Hashable, Screening] = field(default_factory=dict)

    def keep(self, signs: Sequence[str] | None = None, at_most: int = 0) -> pd.Series:
        """Return which respondents have at most `at_most` of the `signs` (all of them unless named), to index data.

        Raises
        ------
        SettingsError
            For a sign that was not looked for.
        """
        known = [c for c in self.flags.columns if c != "flags"]
        chosen = known if signs is None else list(signs)
        wrong = [name for name in chosen if name not in known]
        if wrong:
            raise SettingsError(f"no such sign: {', '.join(map(repr, wrong))}; the signs are {', '.join(known)}")
        return (self.flags[chosen].sum(axis=1) <= at_most).rename("keep")

    def tables(self, labels: Labels = None, most: int = 10) -> tuple[Table, ...]:
        """Return the cleaning log with its signs, odd codes, and the `most` frequent patterns of missing answers."""
        heads = {"sign": _SIGN.words, **of_model(labels)}
        found = [printed(as_percent(self.summary), title=_TITLES["summary"], labels=heads, notes=self.log, decimals=1)]
        if len(self.codes):
            found.append(printed(self.codes, title=_TITLES["codes"], labels=labels))
        if len(self.patterns) > len(self.groups or (1,)):
            shown = self.patterns.groupby(level=0).head(most) if self.groups else self.patterns.head(most)
            marks = {name: "text" for name in shown.columns if name not in ("n", "share")}
            said = shown.astype(dict.fromkeys(marks, object))
            for name in marks:
                said[name] = np.where(shown[name] == 1, "", "x")
            # Items stand above narrow columns here, by their names: questions are too long.
            found.append(printed(said, title=_TITLES["patterns"], notes=[_BLANK]))
        return tuple(found)


_TITLES = {
    "summary": Said("Answer quality: signs and cleaning log", "答卷质量：标记与清理记录"),
    "codes": Said("Codes that are no answers", "非有效回答代码"),
    "patterns": Said("Patterns of missing answers", "缺失模式"),
}
_SIGN = Said("Sign", "标记")
_BLANK = Said("x: not answered", "x：未作答")


def cleaning_log(
    raw: Arrays,
    summary: pd.DataFrame,
    flags: pd.DataFrame,
    codes: pd.DataFrame,
    mcar: pd.DataFrame,
    limits: Mapping[str, float],
) -> list[str]:
    """What a report prints about the screening."""
    n, clean = len(flags), int((flags["flags"] == 0).sum())
    p = len(raw.names)
    found: list[str] = [Said(f"{n} respondents and {p} items were screened; nothing was deleted",
                  f"共检查 {n} 名受访者、{p} 个题项；未删除任何记录")]  # fmt: skip
    for sign in summary.index:
        english, chinese = RULES[sign]
        limit, times = limits.get(sign, 0.0), int(summary.loc[sign, "n"])
        found.append(Said(f"{english.format(limit)}: {times} of {n}", f"{chinese.format(limit)}：{n} 人中 {times} 人"))
    found.append(Said(f"{clean} of {n} respondents carry no flag", f"{n} 人中 {clean} 人没有任何标记"))
    for kind, english, chinese in _CODES:
        for item, code in codes.index[codes[kind] > 0]:
            times = int(codes.loc[(item, code), "n"])
            found.append(Said(f"{item}: code {code:g} {english} ({times} times)",
                              f"{item}：代码 {code:g} {chinese}（{times} 次）"))  # fmt: skip
    if not any(raw.scales):
        found.append(_NO_SCALE)
    unseen = [sign for sign in ("long_string", "duplicate", "straight") if sign not in summary.index]
    if unseen:
        chinese = "、".join(ROWS["sign"][sign][1] for sign in unseen)
        found.append(Said(f"too few items to look for: {', '.join(unseen)}", f"题项过少，未检查：{chinese}"))
    row = mcar.iloc[0]
    if not np.isnan(row["p_value"]):
        told = f"{row['statistic']:.3f}", f"{row['df']:g}", f"{row['p_value']:.4f}"
        found.append(Said("Little's MCAR test: chi-square {}, df {}, p = {}".format(*told),
                          "Little MCAR 检验：卡方 {}，自由度 {}，p = {}".format(*told)))  # fmt: skip
    return found


#: The rule of every sign in both languages, its limit to be filled in.
RULES = {
    "long_string": ("at least {:g} equal answers in a row", "连续 {:g} 个以上相同回答"),
    "straight": (
        "one code throughout at least {:.0%} of the blocks of three or more items",
        "至少 {:.0%} 的三题以上量表块只用一个选项",
    ),
    "outlier": ("squared Mahalanobis distance with p < {:g}", "马氏距离平方的 p < {:g}"),
    "duplicate": ("every answer as in another row", "全部回答与另一记录相同"),
    "many_missing": ("more than {:.0%} of the items blank", "缺失题项超过 {:.0%}"),
    "out_of_range": ("an answer outside its scale", "回答超出量表范围"),
    "missing_code": ("a code that looks like a missing answer", "疑似缺失代码"),
    "speeding": ("less than {:.0%} of the median time", "用时少于中位数的 {:.0%}"),
    "attention": ("a failed attention check", "未通过注意力检测题"),
}
_CODES = (
    ("outside", "outside its scale", "超出量表范围"),
    ("suspicious", "looks like a missing code", "疑似缺失代码"),
)
_NO_SCALE = Said(
    "no scale was given, so answers out of range could not be seen; say scale=(low, high)",
    "未给出量表范围，无法发现超范围回答；请写 scale=(最低, 最高)",
)
