"""Notebooks in Chinese: what a cell shows is printed in Chinese, while tables keep the names that code speaks to."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from csi.display.chapter import Printed, printed
from csi.display.chapter_words import COLUMNS, ROWS
from csi.display.fit import face_of, gathered
from csi.display.words import WORDS
from csi.errors import NotAvailable
from csi.fit import Fit
from csi.report.faces import model_html
from csi.report.heading import first_line, how
from csi.report.texts import doubt_texts, say
from csi.spec import Model

_GOOD = "margin:0;padding:.2em .8em;border-left:4px solid #2f7d4f"
_BAD = "margin:0;padding:.3em .8em;border-left:4px solid #c4532d"
#: Words that a heading of a plain table needs and a thesis table does not.
_PLAIN = {
    "statistic": "统计量", "conf_low": "区间下限", "conf_high": "区间上限", "change": "变化", "now": "现在",
    "then": "之后", "important": "重要", "strong": "强", "score_low": "得分下限", "score_high": "得分上限",
    "impact_low": "影响下限", "impact_high": "影响上限", "invariance": "测量不变性", "column": "列", "how": "依据",
    "p": "p 值", "p_value": "p 值", "likeness": "相似度", "target": "目标", "shown": "显著",
}  # fmt: skip


def chinese(*models: Model, **words: str) -> None:
    """Print what cells show in Chinese: see `csi.report.chinese`."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        raise NotAvailable('chinese() is for the cells of a notebook; elsewhere, ask for language="zh"')
    labels: dict[Any, str] = {name: model.labels("zh")[name] for model in models for name in model.constructs}
    faces = shell.display_formatter.formatters["text/html"]
    faces.for_type(pd.DataFrame, lambda table: frame_html(renamed(table, labels, words)))
    faces.for_type(Fit, fit_html)
    faces.for_type(Model, lambda model: model_html(model, "zh"))
    faces.for_type_by_name("csi.sampling.plan", "Plan", lambda plan: frame_html(plan.table("zh"), "{:,.6g}".format))
    faces.for_type(Printed, lambda result: result.to_html("zh", labels=labels | words))


def frame_html(table: pd.DataFrame, number: Callable[[float], str] | None = None) -> str:
    """A table as pandas shows it; Chinese words are not broken."""
    page = table.to_html(max_rows=pd.get_option("display.max_rows"), notebook=True, float_format=number)
    return f"<div style='overflow-x:auto;word-break:keep-all'>{page}</div>"


def renamed(table: pd.DataFrame, labels: dict[Any, str], words: Mapping[Any, str] | None = None) -> pd.DataFrame:
    """A table with Chinese headings, rows and verdicts; numbers and their order stay.

    Examples
    --------
    >>> import pandas as pd
    >>> index = pd.DataFrame({"estimate": [71.5]}, index=pd.Index(["value"], name="construct"))
    >>> shown = renamed(index, {"value": "感知价值"})
    >>> shown.columns.tolist(), shown.index.tolist(), shown.index.name
    (['估计值'], ['感知价值'], '潜变量')
    """
    given = dict(words or {})
    heads = labels | {key: both[1] for key, both in {**WORDS, **COLUMNS}.items()} | _PLAIN | given
    rows = {key: both[1] for level in table.index.names for key, both in ROWS.get(str(level), {}).items()}
    measures = heads if "measure" in table.index.names else {}
    shown = table.rename(columns=heads, index=measures | rows | labels | given).rename_axis(index=heads, columns=heads)
    for place, kind in enumerate(shown.dtypes):
        if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
            cells = [_cell(cell, labels | given) for cell in shown.iloc[:, place]]
            shown.isetitem(place, np.array([*cells, None], dtype=object)[:-1])
    return shown


def _cell(cell: Any, names: Mapping[Any, str]) -> Any:
    """The words of a cell, whole names only; anything else as it is."""
    if isinstance(cell, bool | np.bool_):
        return "是" if cell else "否"
    if not isinstance(cell, str):
        return cell
    parts = re.split("( -> |, )", cell)
    if not all(part in names for part in parts[::2]):
        # Words are kept whole, so a sentence is told where it may be broken.
        return re.sub("([\u4e00-\u9fff]{6})(?=[\u4e00-\u9fff]{6})", "\\1\u200b", cell)
    return "".join(names.get(part, {" -> ": " → ", ", ": "、"}.get(part, part)) for part in parts)


def fit_html(fit: Fit) -> str:
    """A fit for a notebook, in Chinese: what was fitted, its doubts, its index."""
    face, labels = face_of(fit), {name: fit.model.labels("zh")[name] for name in fit.model.constructs}
    title = say("terminal.paths" if face.decimals == 3 else "terminal.index", "zh")
    table = printed(face.table, labels=fit.model, decimals=face.decimals, title=title, notes=[]).to_html("zh")
    head, foot = escape(first_line(fit, "zh")), escape(how(fit, "zh"))
    foot = f"<p style='font-size:85%;opacity:.75'>{foot}</p>"
    return f"<div style='max-width:52em'><p><b>{head}</b></p>{_doubts(fit, labels)}{table}{foot}</div>"


def _doubts(fit: Fit, labels: Mapping[str, str]) -> str:
    """Doubts with their remedies."""
    if not fit.doubts:
        return f"<p style='{_GOOD}'>{say('terminal.no_doubts', 'zh')}</p>"
    rows = ""
    for alike in gathered(fit.doubts):
        message, remedy = doubt_texts(alike[0], "zh", labels)
        rows += f"<li>{escape(message)}<br><span style='opacity:.75'>{escape(remedy)}</span></li>"
    said = say("terminal.doubts", "zh", count=len(fit.doubts))
    return f"<div style='{_BAD}'><b>{escape(said)}</b><ul>{rows}</ul></div>"
