"""Groups beside each other: how far their indices and paths differ, and, where they are waves, what changed."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pandas as pd

from csi.display.numbers import number, p_value
from csi.display.table import Table
from csi.display.words import Words, in_language
from csi.errors import CsiError
from csi.numerics.exchange import adjusted
from csi.report.blocks import Block, Exhibit, Listing, Paragraph, Section, ref
from csi.report.context import BESIDE, Context, part
from csi.report.pictures import track_lines
from csi.report.tables import arrow_key, arrow_labels, known, names
from csi.report.texts import both, say

#: Columns that say when somebody was asked.
_WHEN = {"wave", "year", "quarter", "month", "period", "date", "期次", "年份", "年度", "年", "季度", "月份", "批次"}
_DATE = re.compile(r"(19|20)\d\d([-/.年 ]?(Q[1-4]|\d{1,2})?月?)?$")
#: Columns of a table of differences with words of their own, and how many decimals points have.
_COLUMNS = ("difference", "answers", "weights", "mix", "invariance", "p_adjusted")
_PLACES = {
    "invariance": 0, "estimate": 2, "std_error": 2, "conf_low": 2, "conf_high": 2, "answers": 2, "weights": 2, "mix": 2,
}  # fmt: skip
#: Columns of the differences of paths where there is one pair.
_ONE = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
#: How the notes of a comparison begin, and the text that says them in Chinese.
_NOTES = ("invariance_not_tested", "not_invariant")


def comparisons(about: Context) -> Section:
    """Differences of the index between groups, then of all constructs and paths where there are two."""
    title, groups = about.say("compare.title"), about.estimated
    if about.index is None:
        return Section("comparisons", title, [Paragraph(f"{about.why_no_index}.")])
    if len(groups) > BESIDE:
        return Section("comparisons", title, [Paragraph(about.say("compare.many", count=len(groups)))])
    pairs = list(combinations(groups, 2))
    found = {pair: _compared(about, pair) for pair in pairs}
    table = index_differences(about, found)
    shown = table if len(pairs) > 1 else construct_differences(about, pairs[0], found[pairs[0]])
    blocks: list[Block] = [Paragraph(_lead(about, table)), Exhibit(shown, "differences")]
    blocks.append(Exhibit(path_differences(about, pairs), "path_differences"))
    doubts = _doubts(about, found)
    if doubts:
        blocks.insert(0, Listing([(said, "") for said in doubts], "bad"))
    return Section("comparisons", title, blocks)


def _compared(about: Context, pair: tuple[Any, Any], of: str = "index") -> pd.DataFrame:
    """Second group minus first; whether they measure the same is asked for the index."""
    return about.fit.compare(*pair, of=of, invariance=of == "index", confidence_level=about.level)


def _name(group: Any) -> str:
    return " / ".join(map(str, group)) if isinstance(group, tuple) else str(group)


def _pair(pair: tuple[Any, Any]) -> str:
    return f"{_name(pair[1])} − {_name(pair[0])}"


def index_differences(about: Context, found: dict[tuple[Any, Any], pd.DataFrame]) -> Table:
    """The model's index: every group minus every other one before it."""
    rows = [table.loc[about.index_name] for table in found.values()]
    at = pd.Index([_pair(pair) for pair in found], name="difference")
    frame = pd.DataFrame([row.to_dict() for row in rows], index=at)
    frame = frame.drop(columns=["invariance_p"], errors="ignore")
    notes: list[Words] = [both("compare.note")]
    if len(found) > 1 and frame["p_value"].notna().all():
        place = list(frame.columns).index("p_value") + 1
        frame.insert(place, "p_adjusted", adjusted(frame["p_value"].to_numpy(dtype=float), "holm"))
        notes.append(both("compare.holm"))
    caption = both("compare.caption", name="{name}")
    printed = names(about)[about.index_name]
    title = {key: text.replace("{name}", in_language(printed, key)) for key, text in caption.items()}  # type: ignore[arg-type]
    return _table(frame, title, notes)


def construct_differences(about: Context, pair: tuple[Any, Any], table: pd.DataFrame) -> Table:
    """Scores of all constructs, second group minus first."""
    frame = table.drop(columns=["invariance_p"], errors="ignore")
    title = both("compare.caption_constructs", pair=_pair(pair))
    return _table(frame, title, [both("compare.note")], names(about))


def _table(frame: pd.DataFrame, title: Words, notes: list[Words], labels: dict[str, Words] | None = None) -> Table:
    said = {
        name: both(f"compare.{name}")
        for name in ("difference", "answers", "weights", "mix", "invariance", "p_adjusted")
    }
    if "invariance" in frame and frame["invariance"].notna().any():
        notes = [*notes, both("compare.note_invariance")]
    kept = known(frame)
    places = {
        "invariance": 0,
        **dict.fromkeys(("estimate", "std_error", "conf_low", "conf_high", "answers", "weights"), 2),
    }
    decimals = {name: digits for name, digits in places.items() if name in kept}
    kinds = {"p_adjusted": "p"} if "p_adjusted" in kept else {}
    starred = "estimate" if "p_value" in kept else None
    return Table(kept, title, notes, {**(labels or {}), **said}, decimals, kinds, starred=starred)  # type: ignore[arg-type]


def path_differences(about: Context, pairs: list[tuple[Any, Any]]) -> Table:
    """Differences of the paths, every pair beside the others."""
    parts = {_pair(pair): known(_compared(about, pair, "paths")) for pair in pairs}
    wanted = (
        ("estimate", "std_error", "conf_low", "conf_high", "p_value") if len(pairs) == 1 else ("estimate", "p_value")
    )
    kept = {key: table[[name for name in wanted if name in table]] for key, table in parts.items()}
    first = next(iter(parts.values()))
    labels = dict(arrow_labels(about, first))
    frame = pd.concat(kept, axis="columns") if len(kept) > 1 else next(iter(kept.values()))
    frame.index = pd.Index([arrow_key(*label) for label in first.index], name="path")
    title = (
        both("compare.caption_paths", pair=next(iter(parts))) if len(pairs) == 1 else both("compare.caption_paths_all")
    )
    starred = "estimate" if any("p_value" in table for table in kept.values()) else None
    return Table(frame, title, [both("compare.note_paths")], labels, starred=starred)


def _lead(about: Context, table: Table) -> str:
    """The largest difference in words."""
    frame = table.frame
    at = int(frame["estimate"].abs().to_numpy(dtype=float).argmax()) if frame["estimate"].notna().any() else 0
    row = frame.iloc[at]
    lasting = row.get("p_adjusted", row.get("p_value", np.nan))
    p = p_value(float(lasting), 3, about.language)
    shown = f"p {p}" if p.startswith("<") else f"p = {p}"
    told = {"pair": str(frame.index[at]), "value": number(float(row["estimate"]), 2), "table": ref("differences")}
    return about.say("compare.lead", p=shown, **told) if p else about.say("compare.lead_bare", **told)


def _doubts(about: Context, found: dict[tuple[Any, Any], pd.DataFrame]) -> list[str]:
    """What the comparisons say against themselves, each once."""
    said: dict[str, list[str]] = {}
    for pair, table in found.items():
        for doubt in table.attrs.get("doubts", ()):
            said.setdefault(_in_words(about, str(doubt)), []).append(_pair(pair))
    return [text if len(pairs) == len(found) else f"{about.comma.join(pairs)}: {text}" for text, pairs in said.items()]


def _in_words(about: Context, doubt: str) -> str:
    """A note of a comparison in the language of the report; in English where it has no Chinese."""
    code, _, why = doubt.partition(": ")
    if about.language == "en" or code not in _NOTES:
        return f"{doubt}."
    shown = re.search(r"in (.*?); a difference", why)
    labels = [about.labels.get(name, name) for name in (shown[1] if shown else "").split(", ")]
    return f"{code}：{say(f'compare.{code}', 'zh', names='、'.join(labels))}"


# -- waves ----------------------------------------------------------------------------------------------------------


def is_tracked(about: Context) -> bool:
    """Whether the groups are points in time, by the name of their column or by their labels."""
    if len(about.fit.core.by) != 1 or about.index is None or len(about.estimated) < 2:
        return False
    labels = [str(group) for group in about.fit.groups]
    return about.fit.core.by[0].casefold() in _WHEN or all(_DATE.match(label) for label in labels)


def tracking(about: Context) -> Section:
    """The index wave by wave, and what changed from each wave to the next."""
    steps = list(pairwise(about.estimated))
    try:
        found = {pair: _compared(about, pair) for pair in steps} if len(steps) <= _STEPS else {}
    except CsiError as why:
        return Section("tracking", about.say("tracking.title"), [Paragraph(f"{why}.")])
    own = part(about.index, about.index_name, -1) if about.index is not None else pd.DataFrame()
    ends = {"first": _name(about.fit.groups[0]), "last": _name(about.fit.groups[-1])}
    values = own["estimate"].to_numpy(dtype=float)
    change = number(float(values[-1] - values[0]), 2)
    blocks: list[Block] = [Paragraph(about.say("tracking.lead", change=change, figure=ref("figure_track"), **ends))]
    blocks.append(track_lines(about))
    if found and len(steps) > 1:
        table = index_differences(about, found).replace(title=both("tracking.caption"))
        blocks.append(Exhibit(table, "changes"))
    return Section("tracking", about.say("tracking.title"), blocks)


#: More steps from wave to wave than this are drawn, not tabled.
_STEPS = 24
