"""The face of a fit: its doubts, then the index with its interval, as text and as HTML."""

from __future__ import annotations

import html as escaping
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from csi.fit import Fit

#: More groups than this are counted, not listed.
SHOWN = 12


def text(fit: Fit) -> str:
    """A fit for a terminal, in characters that every console has."""
    parts = [heading(fit), *_doubt_lines(fit), "", caption(fit), index_table(fit).to_string()]
    return "\n".join([*parts, *_more(fit)])


def html(fit: Fit) -> str:
    """A fit for a notebook."""
    doubts = "".join(f"<li>{escaping.escape(str(doubt))}</li>" for doubt in fit.doubts[:SHOWN])
    told = f"<ul class='csi-doubts'>{doubts}</ul>" if doubts else "<p>No doubts.</p>"
    frame = index_table(fit).to_html(border=0, escape=True)
    more = "".join(f"<p>{escaping.escape(line)}</p>" for line in _more(fit))
    return f"<div><p><b>{escaping.escape(heading(fit))}</b></p>{told}<p>{escaping.escape(caption(fit))}</p>{frame}{more}</div>"


def heading(fit: Fit) -> str:
    """What was fitted, how, to how many."""
    n, groups = fit.core.stack.n, fit.groups
    counts = f"{n.sum():,.0f} cases" + (f" in {len(groups)} groups by {', '.join(fit.core.by)}" if groups else "")
    return f"{fit.model.name}: {fit.study.method!r}, {counts}{_blanks(fit)}"


def _blanks(fit: Fit) -> str:
    """What was done about missing answers, where there are any."""
    sample = fit.core.sample
    if sample is None:
        return ", from moments"
    blanks = int(sample.codes["blanks"].sum())
    if not blanks:
        return ""
    whole = int((~pd.isna(sample.points)).all(axis=0).sum())
    left = f", {int((~sample.used).sum()):,} rows left out" if sample.missing == "listwise" else ""
    return f"; {blanks:,} blanks, treated {sample.missing}{left} ({whole:,} complete cases)"


def _doubt_lines(fit: Fit) -> list[str]:
    doubts = fit.doubts
    if not doubts:
        return ["No doubts."]
    lines = [f"! {doubt}" for doubt in doubts[:SHOWN]]
    rest = [f"! and {len(doubts) - SHOWN} more: fit.check()"] if len(doubts) > SHOWN else []
    return [f"{len(doubts)} doubt{'s' if len(doubts) > 1 else ''}:", *lines, *rest]


def caption(fit: Fit) -> str:
    """Say what the numbers are."""
    what = "Index (0-100, unstandardized weights" if _has_index(fit) else "Paths (standardized"
    return f"{what}; {fit.core.describe(None, 0.95)})"


def _has_index(fit: Fit) -> bool:
    """Whether scales and means are known, so that there is a 0-100 index."""
    known = all(scale is not None for scale in fit.core.blueprint.scales)
    return known and bool(pd.notna(fit.core.stack.mean).any())


def index_table(fit: Fit) -> pd.DataFrame:
    """The index of every construct; with groups, the model's index of every group."""
    if not _has_index(fit):
        return fit.paths().round(3)
    table = fit.index().round(2)
    if not fit.groups:
        return table
    shown = fit.model.index or fit.core.blueprint.constructs[0]
    return table.xs(shown, level=-1).head(SHOWN)


def _more(fit: Fit) -> list[str]:
    if len(fit.groups) > SHOWN:
        return [f"and {len(fit.groups) - SHOWN} more groups: fit.index()"]
    return []
