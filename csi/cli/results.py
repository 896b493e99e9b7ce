"""A fit on the screen: doubts, index, what moves it, paths."""

from __future__ import annotations

import pandas as pd

from csi.cli import console
from csi.display.fit import SHOWN
from csi.display.plain import frame_text
from csi.display.words import Language
from csi.errors import CsiError
from csi.fit import Fit
from csi.report.context import Context
from csi.report.heading import head, how
from csi.report.texts import say

FULL_STOP = {"en": ".", "zh": "。"}
#: Headers that an ASCII console can print.
HEADERS = {
    "en": {"std_error": "se", "conf_low": "low", "conf_high": "high", "statistic": "t", "p_value": "p"},
    "zh": {
        "construct": "潜变量",
        "cause": "原因",
        "effect": "结果",
        "estimate": "估计值",
        "std_error": "标准误",
        "conf_low": "下限",
        "conf_high": "上限",
        "statistic": "t",
        "p_value": "p",
        "direct": "直接",
        "total": "总",
        "measure": "",
    },
}


def show(fit: Fit, language: Language) -> None:
    """Print a fit: doubts first, then the index with its interval, impacts and paths."""
    console.say(*head(fit, language), "")
    try:
        _part(say("terminal.index", language), _index(fit), 2, fit, language)
        _part(say("terminal.impacts", language), _impacts(fit), 2, fit, language)
    except CsiError as why:
        console.say(f"{Context(fit, language).why_no_index or why}{FULL_STOP[language]}", "")
    _part(say("terminal.paths", language), fit.paths(), 3, fit, language)
    console.say(how(fit, language))


def _index(fit: Fit) -> pd.DataFrame:
    """The index of every construct; of many groups only the model's index."""
    table = fit.index()
    if not fit.groups:
        return table
    own = table.xs(fit.model.index or fit.core.blueprint.constructs[0], level=-1)
    return pd.DataFrame(own)


def _impacts(fit: Fit) -> pd.DataFrame:
    """Total impacts with their interval; of groups the estimates side by side."""
    tidy = fit.impacts(tidy=True)
    return pd.DataFrame(tidy.xs("total", level="measure"))


def _part(title: str, table: pd.DataFrame, decimals: int, fit: Fit, language: Language) -> None:
    """Print a table under its title, constructs by their labels; of many groups the first rows."""
    labels = fit.model.labels(language)
    rows = len(table) // len(fit.groups) * SHOWN if len(fit.groups) > SHOWN else len(table)
    named = table.head(rows)
    named = named.loc[:, [column for column in named if column == "estimate" or named[column].notna().any()]]
    if named.index.nlevels > 1:
        parts = [[labels.get(str(part), str(part)) for part in label] for label in named.index]
        named = named.set_axis(pd.MultiIndex.from_tuples(map(tuple, parts), names=named.index.names))
    else:
        named = named.set_axis(pd.Index([labels.get(str(x), str(x)) for x in named.index], name=named.index.name))
    more = [say("terminal.more", language, count=f"{len(table) - rows:,}")] if len(table) > rows else []
    console.say(title, frame_text(named, decimals, HEADERS[language]), *more, "")
