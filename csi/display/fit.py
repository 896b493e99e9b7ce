"""The face of a fit: its doubts, then the index with its interval, as text and as HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from csi.display.numbers import interval, number
from csi.display.plain import frame_text
from csi.errors import CsiError

#: More groups, or doubts, than this are counted, not listed.
SHOWN = 12
#: Where lines of prose are broken.
LINE = 100


@dataclass(frozen=True)
class Face:
    """What a fit says of itself at first sight, before it is text or HTML."""

    heading: str
    doubts: Sequence[Any]
    title: str
    table: pd.DataFrame
    decimals: int
    notes: tuple[str, ...]


def text(fit: Any) -> str:
    """A fit for a terminal, in characters that every console has."""
    face = face_of(fit)
    table = frame_text(face.table, face.decimals)
    notes = [line for note in face.notes for line in textwrap.wrap(note, LINE)]
    return "\n".join([face.heading, "", *doubt_lines(face.doubts), "", face.title, table, *notes])


def html(fit: Any) -> str:
    """A fit for a notebook; it needs no style sheet and reads well on a dark ground."""
    face = face_of(fit)
    notes = "".join(f"<p style='{_SMALL}'>{escape(note)}</p>" for note in face.notes)
    return (
        f"<div style='max-width:52em'><p style='margin:0 0 .6em'><b>{escape(face.heading)}</b></p>"
        f"{doubts_html(face.doubts)}<p style='margin:.8em 0 .2em'>{escape(face.title)}</p>"
        f"{_table_html(face.table, face.decimals)}{notes}</div>"
    )


def face_of(fit: Any) -> Face:
    """Gather what is shown: the index where there is one, otherwise the paths and the reason."""
    try:
        return _index_face(fit)
    except CsiError as why:
        return _path_face(fit, f"{str(why)[:1].upper()}{str(why)[1:]}.")


def heading(fit: Any) -> str:
    """What was fitted, how, to how many."""
    n, groups = fit.core.stack.n, fit.groups
    said = f"{fit.model.name}: {fit.study.method!r}, {n.sum():,.0f} cases"
    if groups:
        smallest, largest = (f"{size:,.0f}" for size in (n.min(), n.max()))
        each = smallest if smallest == largest else f"{smallest} to {largest}"
        said += f" in {len(groups):,} group{'s' * (len(groups) != 1)} by {', '.join(fit.core.by)} ({each} each)"
    return said + _blanks(fit.core)


def _blanks(core: Any) -> str:
    """What was done about missing answers, where there are any."""
    sample = core.sample
    if sample is None:
        return ", from moments" + ("" if core.record is None else _passed(core.record))
    blanks = int(sample.facts["blanks"].sum())
    if not blanks:
        return ""
    whole = sample.n_cases if sample.given is None else int(sample.given.all(axis=0).sum())
    left = f", {int((~sample.used).sum()):,} rows left out" if sample.missing == "listwise" else ""
    gone = f"{blanks:,} answer{'s' * (blanks != 1)} missing"
    return f"; {gone}, treated {sample.missing}{left} ({whole:,} complete cases)"


def _passed(record: Any) -> str:
    """What a pass did about missing answers."""
    blanks = 0 if record.facts is None else int(record.facts.table["blanks"].sum())
    left = f", {record.dropped:,} rows left out" if record.dropped else ""
    pooled = f"; {record.pooling}" if record.pooling else ""
    return (f"; {blanks:,} answers missing, treated {record.missing}{left}" if blanks else "") + pooled


def _index_face(fit: Any) -> Face:
    """The index of every construct; with groups, the model's index of every group."""
    table = _first_groups(fit).index()
    shown = fit.model.index or fit.core.blueprint.constructs[0]
    title = "Index, 0-100 (unstandardized weights)"
    if fit.groups:
        title = f"Index of {shown}, 0-100 (unstandardized weights)"
        table = table.xs(shown, level=-1)
        table.insert(0, "n", fit.core.stack.n[:SHOWN])
    return Face(heading(fit), fit.doubts, title, _known(table.head(SHOWN)), 2, (*_more(fit), how(fit)))


def _first_groups(fit: Any) -> Any:
    """The groups that are shown: the errors of four hundred are not worked out to print twelve."""
    core = fit.core
    if len(core.labels) <= SHOWN:
        return fit
    return replace(fit, core=core.select(list(range(SHOWN)), core.by, core.labels[:SHOWN]))


def _path_face(fit: Any, why: str) -> Face:
    table = fit.paths()
    rest = len(table) - SHOWN if fit.groups else 0
    shown = table.head(SHOWN) if rest > 0 else table
    more = (f"and {rest:,} more rows: fit.paths()",) if rest > 0 else ()
    return Face(heading(fit), fit.doubts, "Paths (standardized)", _known(shown), 3, (*more, how(fit), why))


def _known(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns of which nothing is known."""
    return table.loc[:, [column for column in table if column == "estimate" or table[column].notna().any()]]


def how(fit: Any) -> str:
    """Say how the intervals were made, or what would make some."""
    core = fit.core
    if core.draws is None and core.sample is None and core.method.family == "covariance":
        return (
            f"Intervals of paths and loadings by the standard errors of {core.method.name}; the index has none, for"
            " only moments were given. fit.bootstrap(kind='normal') draws as if answers were normal."
        )
    if core.draws is None and core.record is not None:
        return "No intervals: only moments were given. csi.moments(..., replicates=1_000, rng=7) draws in the pass."
    if core.draws is None and core.sample is None:
        return "No intervals: only moments were given. fit.bootstrap(kind='normal') draws as if answers were normal."
    said: str = core.describe(None, 0.95)
    return f"{said[0].upper()}{said[1:]}."


def _more(fit: Any) -> tuple[str, ...]:
    rest = len(fit.groups) - SHOWN
    return (f"and {rest:,} more group{'s' * (rest != 1)}: fit.index()",) if rest > 0 else ()


# -- doubts ---------------------------------------------------------------------------------------------------


def gathered(doubts: Sequence[Any]) -> list[list[Any]]:
    """Put doubts of one code together where they are many, as in hundreds of groups; one by one where they are few."""
    if len(doubts) <= SHOWN:
        return [[doubt] for doubt in doubts]
    codes = dict.fromkeys(doubt.code for doubt in doubts)
    return [[doubt for doubt in doubts if doubt.code == code] for code in codes]


def doubt_lines(doubts: Sequence[Any]) -> list[str]:
    """Doubts for a terminal: what is wrong, and below it what one can do."""
    if not doubts:
        return ["No doubts."]
    lines = [_count(doubts)]
    for alike in gathered(doubts):
        said = f"{alike[0].code}{_where(alike)}: {alike[0].message}."
        lines += textwrap.wrap(said, LINE, initial_indent="! ", subsequent_indent="  ")
        lines += textwrap.wrap(alike[0].remedy + ".", LINE, initial_indent="  ", subsequent_indent="  ")
    return lines


def doubts_html(doubts: Sequence[Any]) -> str:
    """Doubts for a notebook."""
    if not doubts:
        return f"<p style='{_GOOD}'>No doubts.</p>"
    rows = "".join(
        f"<li style='margin:.3em 0'><code>{escape(alike[0].code)}</code>{escape(_where(alike))}:"
        f" {escape(alike[0].message)}.<br><span style='opacity:.75'>{escape(alike[0].remedy)}.</span></li>"
        for alike in gathered(doubts)
    )
    return f"<div style='{_BAD}'><b>{_count(doubts)}</b><ul style='margin:.2em 0;padding-left:1.3em'>{rows}</ul></div>"


def _count(doubts: Sequence[Any]) -> str:
    if len(doubts) > SHOWN:
        return f"{len(doubts):,} doubts, the first of every kind (fit.check() is the table of all):"
    return f"{len(doubts)} doubt{'s' * (len(doubts) != 1)}:"


def _where(alike: Sequence[Any]) -> str:
    """The group of a doubt; how many more there are of its kind."""
    group = f" [{alike[0].group}]" if alike[0].group != "" else ""
    return f"{group} and {len(alike) - 1:,} more" if len(alike) > 1 else group


# -- HTML -----------------------------------------------------------------------------------------------------

_SMALL = "margin:.3em 0;font-size:85%;opacity:.75"
_GOOD = "margin:0;padding:.2em .8em;border-left:4px solid #2f7d4f"
_BAD = "margin:0;padding:.3em .8em;border-left:4px solid #c4532d"
_CELL = "text-align:right;padding:.15em .7em;font-variant-numeric:tabular-nums"
_LABEL = "text-align:left;padding:.15em .7em;font-weight:normal"
_STRIP = 150


def _table_html(table: pd.DataFrame, decimals: int) -> str:
    """Rows with estimate and interval in one cell and, where all are on 0-100, the interval as a strip."""
    has_ends = {"conf_low", "conf_high"} <= set(table)
    plain = [c for c in table if c not in ("conf_low", "conf_high")]
    strips = has_ends and decimals == 2
    names = [str(name or "") for name in table.index.names]
    head = "".join(f"<th style='{_LABEL}'><b>{escape(name)}</b></th>" for name in names)
    head += "".join(f"<th style='{_CELL}'>{escape(_HEAD.get(str(c), str(c)))}</th>" for c in plain)
    head += f"<th style='{_CELL}'>interval</th>" if has_ends else ""
    head += f"<th style='{_CELL}'><span style='float:left'>0</span>100</th>" if strips else ""
    rows = "".join(_row_html(label, row, plain, decimals, has_ends, strips) for label, row in table.iterrows())
    return f"<table style='border-collapse:collapse'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


_HEAD = {"std_error": "std. error", "p_value": "p"}


def _row_html(label: Any, row: pd.Series, plain: list[Any], decimals: int, has_ends: bool, strips: bool) -> str:
    parts = label if isinstance(label, tuple) else (label,)
    cells = "".join(f"<th style='{_LABEL}'>{escape(str(part))}</th>" for part in parts)
    for column in plain:
        places = 0 if column == "n" else decimals
        cells += f"<td style='{_CELL}'>{number(row[column], places) or '&ndash;'}</td>"
    if has_ends:
        cells += f"<td style='{_CELL}'>{interval(row['conf_low'], row['conf_high'], decimals) or '&ndash;'}</td>"
    if strips:
        cells += f"<td style='{_CELL}'>{strip(row['estimate'], row['conf_low'], row['conf_high'])}</td>"
    return f"<tr>{cells}</tr>"


def strip(estimate: float, low: float, high: float) -> str:
    """Draw a score and its interval on 0-100 as a small picture in the colour of the text."""
    if not np.isfinite([estimate, low, high]).all():
        return ""
    x, a, b = (_STRIP / 100 * min(max(value, 0.0), 100.0) for value in (estimate, low, high))
    return (
        f"<svg width='{_STRIP}' height='12' role='img' aria-label='{estimate:.0f}'><g stroke='currentColor'>"
        f"<path d='M0 6H{_STRIP}' opacity='.25'/><path d='M{a:.1f} 6H{b:.1f}' stroke-width='6' opacity='.45'/>"
        f"<path d='M{x:.1f} 0V12' stroke-width='2'/></g></svg>"
    )
