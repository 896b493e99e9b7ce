"""A league table as a picture: who stands where, how surely, and who is not told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from csi.display.numbers import Language, number
from csi.display.words import check_language, level_text, word
from csi.errors import SettingsError, suggest
from csi.plots import rows, style
from csi.plots.inputs import column, has_interval, label_of, labels_of, table

#: Rows that fit a page.
MOST = 40


def league(
    source: Any,
    ax: Axes | None = None,
    language: Language = "en",
    *,
    peers: Any = None,
    most: int = MOST,
    labels: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
    font: style.Font | None = None,
    **settings: Any,
) -> Axes:
    """Draw units from the best to the last with their intervals, ranks and the sets of ranks.

    Parameters
    ----------
    source : Aggregate or DataFrame
        What `csi.aggregate` gives, or the table of its `league()`.
    ax, language, labels, font : see `csi.plots.index`
    peers : label or tuple, optional
        Which wave (and industry) is drawn, as the first row levels of the table have it; the last wave if left out.
    most : int
        How many rows are drawn, from the best.
    confidence_level : float
        Of intervals and sets.
    **settings
        Of `league()`: `level`, `within`, `construct`, `simultaneous`.

    Returns
    -------
    Axes
        Shades change where a tier ends: rows of one shade are not told from its first. At the right the index, the
        rank and its confidence set.

    Raises
    ------
    SettingsError
        If the table has no ranks, or no such peers.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> known = {"estimate": [75.0, 71.0], "rank": [1.0, 2.0], "rank_low": [1.0, 1.0], "rank_high": [2.0, 2.0]}
    >>> ax = league(pd.DataFrame(known, index=pd.Index(["A", "B"], name="company")), Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['75.0', '1 (1–2)', '71.0', '2 (1–2)']
    """
    check_language(language)
    whole = table(source, "league", confidence_level=confidence_level, **settings)
    if "rank" not in whole.columns:
        raise SettingsError("this picture needs ranks: csi.aggregate(fit, weights).league()")
    found = _peers(whole, peers)
    names, shown = labels_of(getattr(source, "fit", source), language, labels), found.head(most)
    place = rows.places([label_of(row, names) for row in shown.index])
    with style.canvas(ax, font, place.size) as canvas:
        _shades(canvas, shown, place)
        canvas.plot(column(shown, "estimate"), place.at, "o", ms=5, color=style.DARK, zorder=4)
        if has_interval(shown):
            rows.whiskers(canvas, place.at, shown, style.DARK)
        rows.name_rows(canvas, place)
        rows.rule(canvas)
        style.scale(canvas.xaxis)
        _ranks(canvas, shown, place)
        canvas.set_xlabel(word("score", language))
        level = level_text(confidence_level)
        cut = word("some_of", language, n=str(len(shown)), all=str(len(found))) if len(shown) < len(found) else ""
        bars = word("bars", language, level=level) if has_interval(shown) else ""
        tiers = word("tiers", language) if "tier" in shown.columns and shown["tier"].notna().all() else ""
        rows.caption(canvas, bars, cut)
        label = canvas.get_xlabel()
        canvas.set_xlabel("\n".join(filter(None, [label, word("rank_sets", language, level=level), tiers])))
    return canvas


def _peers(found: pd.DataFrame, peers: Any) -> pd.DataFrame:
    """Rows of one set of peers."""
    if found.index.nlevels == 1:
        return found
    keys = [row[:-1] for row in found.index]
    last = keys[-1]
    wanted = last if peers is None else peers if isinstance(peers, tuple) else (peers,)
    if peers is None and len({key[1:] for key in keys}) > 1:
        raise SettingsError(f"this table has several sets of peers; choose one: peers={last!r}")
    if wanted not in keys:
        raise SettingsError(f"there are no peers {peers!r}{suggest(str(peers), [str(key[0]) for key in keys])}")
    there = np.array([key == wanted for key in keys])
    return found[there].droplevel(list(range(found.index.nlevels - 1)))


def _shades(ax: Axes, shown: pd.DataFrame, place: rows.Places) -> None:
    """Shade every second tier."""
    if "tier" not in shown.columns:
        return
    edges = np.concatenate([[place.at[0] - 0.5], (place.at[1:] + place.at[:-1]) / 2, [place.at[-1] + 0.5]])
    for i, tier in enumerate(shown["tier"].to_numpy(float)):
        if np.isfinite(tier) and int(tier) % 2 == 1:
            ax.axhspan(edges[i], edges[i + 1], color=style.PALE, lw=0, zorder=0)


def _ranks(ax: Axes, shown: pd.DataFrame, place: rows.Places) -> None:
    """Write index, rank and set at the right."""
    beside: Any = {"transform": ax.get_yaxis_transform(), "va": "center", "ha": "left", "fontsize": style.SMALL}
    for y, (_, row) in zip(place.at, shown.iterrows(), strict=True):
        ax.text(1.015, y, number(float(row["estimate"]), 1) or "–", **beside)
        known = np.isfinite([row["rank_low"], row["rank_high"]]).all()
        ends = dict.fromkeys(f"{row[name]:.0f}" for name in ("rank_low", "rank_high")) if known else {}
        reach = f" ({'–'.join(ends)})" if ends else ""
        ax.text(1.085, y, f"{row['rank']:.0f}{reach}", **beside)
