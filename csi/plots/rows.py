"""Rows of a picture: names on the left, a common scale below, numbers on the right."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from csi.display.numbers import number
from csi.errors import SettingsError, suggest
from csi.plots import style
from csi.plots.shapes import Floats
from csi.plots.texts import wrap

#: Height of a row and of everything else, in inches.
_ROW, _REST = 0.3, 0.75
#: Letters of a row's name that fit a line.
LETTERS = 28


@dataclass(frozen=True)
class Places:
    """Where rows stand, the first at zero; a name of several lines takes more room."""

    at: Floats
    names: Sequence[str]
    limits: tuple[float, float]
    size: tuple[float, float]


def places(names: Sequence[str], tall: float = 1.0, before: Floats | None = None) -> Places:
    """Find room for rows and the size of a figure that holds them.

    Parameters
    ----------
    names : sequence of str
        Printed names; broken into lines here.
    tall : float
        Height of a row of one line, in units of 0.3 inches.
    before : array (n,), optional
        Free rows above each row.
    """
    broken = ["\n".join(line for part in name.split("\n") for line in wrap(part, LETTERS)) for name in names]
    # A line of a name is 0.165 inches high.
    rooms = np.array([max(1.0, (0.165 * (1 + name.count("\n")) + 0.05) / (_ROW * tall)) for name in broken])
    ends = np.cumsum(rooms + (before if before is not None else np.zeros(len(names))))
    at = ends - rooms / 2 - (ends[0] - rooms[0] / 2 if before is None else 0.5)
    high = _REST + _ROW * tall * float(ends[-1])
    limits = (float(at[-1] + rooms[-1] / 2 + 0.1), float(at[0] - rooms[0] / 2 - 0.1))
    return Places(at, broken, limits, (style.PAGE_WIDTH, high))


def name_rows(ax: Axes, place: Places) -> None:
    """Write the names of rows at the left, the first on top."""
    write_names(ax, place.names, place.at)
    ax.set_ylim(*place.limits)
    ax.spines["left"].set_visible(False)


def write_names(ax: Axes, names: Sequence[str], at: Iterable[float]) -> None:
    """Write names at the left at given heights."""
    ax.set_yticks([float(y) for y in at], list(names))
    ax.tick_params(axis="y", length=0, labelsize=style.SIZE)
    for label in ax.get_yticklabels():
        label.set_linespacing(1.08)


def rule(ax: Axes) -> None:
    """Draw faint lines along the scale, behind everything."""
    ax.grid(axis="x", color="#e4e4e4", lw=0.6)
    ax.set_axisbelow(True)


def numbers_right(ax: Axes, at: Iterable[float], values: Iterable[float], decimals: int) -> None:
    """Write numbers in a column right of the axes."""
    for y, value in zip(at, values, strict=True):
        text = number(float(value), decimals) or "–"
        ax.text(1.015, y, text, transform=ax.get_yaxis_transform(), va="center", ha="left", fontsize=style.SMALL)


def whiskers(ax: Axes, at: np.ndarray, table: pd.DataFrame, colour: str = style.INK) -> None:
    """Draw intervals as thin lines with small ends."""
    low, high = table["conf_low"].to_numpy(float), table["conf_high"].to_numpy(float)
    middle = (low + high) / 2
    ax.errorbar(middle, at, xerr=[middle - low, high - middle], fmt="none", ecolor=colour, elinewidth=0.9, capsize=2.2)


def legend(ax: Axes, **options: Any) -> None:
    """Explain colours and marks above the axes, where nothing is drawn."""
    labels = [artist.get_label() for artist in options.get("handles", ax.get_legend_handles_labels()[0])]
    columns = max(1, min(len(labels), int(90 / max(map(len, labels), default=1))))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, **{"handlelength": 1.6, **options})


def caption(ax: Axes, *parts: str) -> None:
    """Write what the reader must know in small print, below the axis label."""
    said = [part for part in parts if part]
    if said:
        label = ax.get_xlabel()
        ax.set_xlabel("\n".join(filter(None, [label, "; ".join(said)])), linespacing=1.5)


def one_group(table: pd.DataFrame, levels: int, noun: str) -> pd.DataFrame:
    """Refuse rows of several groups where one is drawn.

    Raises
    ------
    SettingsError
        Saying how to choose one.
    """
    if table.index.nlevels > levels:
        raise SettingsError(f"this table of {noun} has several groups; draw one, such as fit['2024']")
    return table


def choose(table: pd.DataFrame, rows: Sequence[Hashable] | None) -> pd.DataFrame:
    """Keep some rows, in the order asked for.

    Raises
    ------
    SettingsError
        Naming a row that is not there.
    """
    if rows is None:
        return table
    known = list(table.index)
    for row in rows:
        if row not in known:
            raise SettingsError(f"there is no row {row!r}{suggest(str(row), map(str, known))}")
    return table.loc[list(rows)]


def split(table: pd.DataFrame) -> dict[Any, pd.DataFrame]:
    """Split a table whose first row level is a group, in the order of the groups."""
    first = table.index.get_level_values(0)
    return {group: table[first == group].droplevel(0) for group in dict.fromkeys(first)}


def split_lines(table: pd.DataFrame) -> dict[Any, pd.DataFrame]:
    """Split a table whose last row level is the wave: one part a line, under everything before."""
    if table.index.nlevels == 1:
        return {"": table}
    if table.index.nlevels == 2:
        return split(table)
    keys = pd.MultiIndex.from_tuples([row[:-1] for row in table.index])
    last = table.set_axis(table.index.get_level_values(-1), axis=0)
    return {key: last[[row == key for row in keys]] for key in dict.fromkeys(keys)}


def benchmark_of(benchmark: float | Mapping[str, float] | pd.Series | None, rows: Sequence[Hashable]) -> np.ndarray:
    """Return the benchmark of every row; NaN where there is none."""
    if benchmark is None:
        return np.full(len(rows), np.nan)
    if isinstance(benchmark, (int, float)):
        return np.full(len(rows), float(benchmark))
    known = dict(benchmark)
    for name in known:
        if name not in rows:
            raise SettingsError(f"benchmark: there is no row {name!r}{suggest(str(name), map(str, rows))}")
    return np.array([float(known.get(str(row), np.nan)) for row in rows])
