"""How pictures look: fonts that know Chinese, a palette that survives grey, and the axes a picture is drawn on."""

from __future__ import annotations

import atexit
import functools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text
from matplotlib.ticker import Formatter, MaxNLocator

from csi.display.numbers import number
from csi.errors import SettingsError, suggest

Font: TypeAlias = str | Sequence[str]

#: Widths in inches of a figure that fills the text of an A4 page, and its usual height.
PAGE_WIDTH = 6.3
#: Sizes of type in points: what is read, and what is read second.
SIZE, SMALL = 9.0, 7.5

#: Ink, then three blues that stay apart in grey (lightness 20, 50, 80), and one warm colour for what needs a look.
INK, DARK, MIDDLE, LIGHT, PALE, WARM, GREY = "#1a1a1a", "#173a5e", "#4f86b8", "#b9d3ea", "#eaf2f9", "#c4532d", "#8a8a8a"
#: Series that share one axes: colour, marker and line differ, so that a photocopy can still be read.
SERIES = (
    (DARK, "o", "-"),
    (WARM, "s", "--"),
    (MIDDLE, "^", "-."),
    (GREY, "D", ":"),
    ("#7a5195", "v", "-"),
    ("#2f6f4f", "P", "--"),
)
#: Grades of an answer from the worst to the best.
GRADES = ("#8c3a1f", "#dd9a78", "#ececec", "#8fb6d9", "#173a5e")

_SHIPPED = ("CSISansSC-Regular.otf", "CSISerifSC-Regular.otf")
_unpacked = ExitStack()
atexit.register(_unpacked.close)
#: Fonts with more characters than ours, asked last and only where they are installed.
_LAST = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "SimHei",
)
_FACES: dict[str, tuple[str, ...]] = {
    "sans": ("CSI Sans SC", "DejaVu Sans"),
    "serif": ("STIXGeneral", "CSI Serif SC", "CSI Sans SC", "DejaVu Serif", "DejaVu Sans"),
}

# matplotlib reads these while it draws, after our block has ended, unless they are set on the artists themselves.
_SETTINGS: Any = {
    "font.size": SIZE,
    "axes.unicode_minus": True,
    "axes.linewidth": 0.7,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.labelsize": SIZE,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "text.usetex": False,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "path.effects": [],
}


def families(font: Font | None = None) -> list[str]:
    """List the fonts that are asked, glyph by glyph, for every character of a picture.

    Parameters
    ----------
    font : {"sans", "serif"}, or the name of an installed font, or several
        `"sans"` (the default) sets Latin and Chinese in the packaged sans serif; `"serif"` sets Latin in a Times
        face and Chinese in a Song face, as theses ask for; a name such as `"SimSun"` is asked first and the sans
        serif for what it lacks.

    Returns
    -------
    list of str
        Family names that matplotlib can find. The packaged fonts are registered on the first call, in memory only.

    Raises
    ------
    SettingsError
        If a named font is not installed.

    Examples
    --------
    >>> families("serif")[:2]
    ['STIXGeneral', 'CSI Serif SC']
    """
    _register()
    known = set(font_manager.fontManager.get_font_names())
    asked = [font or "sans"] if not font or isinstance(font, str) else list(font)
    named = [name for one in asked for name in _FACES.get(str(one), (str(one),))]
    for name in named:
        if name not in known:
            hint = suggest(name, [*_FACES, *known])
            raise SettingsError(f"font {name!r} is not installed here{hint}; 'sans' and 'serif' always are")
    return list(dict.fromkeys([*named, *_FACES["sans"], *(name for name in _LAST if name in known)]))


@functools.cache
def _register() -> None:
    """Tell matplotlib where the packaged fonts are."""
    folder = resources.files("csi.plots").joinpath("fonts")
    for name in _SHIPPED:
        # From a zip the font is unpacked to a temporary file, which must live as long as figures can be drawn.
        path = _unpacked.enter_context(resources.as_file(folder.joinpath(name)))
        font_manager.fontManager.addfont(path)


@contextmanager
def canvas(
    ax: Axes | None = None,
    font: Font | None = None,
    size: tuple[float, float] = (PAGE_WIDTH, 3.6),
) -> Iterator[Axes]:
    """Lend an axes to draw on in the house style; the user's rcParams are the same before and after.

    Parameters
    ----------
    ax : Axes, optional
        The axes to draw on; a new figure of `size` inches if left out.
    font : str or sequence of str, optional
        See `families`.
    """
    names = families(font)
    with mpl.rc_context({**_SETTINGS, "font.family": names}):
        target = ax if ax is not None else plt.subplots(figsize=size, layout="constrained")[1]
        before = set(target.findobj(Text))
        yield target
        _settle(target, names, before)
        live = mpl.is_interactive()
    # A notebook's back end turns itself on with the first figure; the context would turn it off with its settings.
    mpl.interactive(live)


def _settle(ax: Axes, names: list[str], before: set[Any]) -> None:
    """Fix on the artists what matplotlib would otherwise look up later, in the user's settings."""
    for text in {*ax.findobj(Text), ax.xaxis.label, ax.yaxis.label}:
        if text not in before or text in (ax.xaxis.label, ax.yaxis.label):
            text.set_fontfamily(names)
            text.set_usetex(False)
    ax.tick_params(which="both", labelfontfamily=names)


def settle_labels(ax: Axes, font: Font | None) -> None:
    """Give axis and tick labels their fonts before anything is measured against them."""
    names = families(font)
    ax.xaxis.label.set_fontfamily(names)
    ax.yaxis.label.set_fontfamily(names)
    ax.tick_params(which="both", labelfontfamily=names)


def root_figure(ax: Axes) -> Figure:
    """Return the figure that an axes belongs to, past any subfigures."""
    figure: Any = ax.figure
    while figure.figure is not figure:
        figure = figure.figure
    return figure


class PlainNumbers(Formatter):
    """Ticks with a true minus sign and just the decimals they need, whatever the user's settings are."""

    def __init__(self, signed: bool = True) -> None:
        self.signed = signed
        self._decimals = 0

    def set_locs(self, locs: Any) -> None:
        """Find the decimals that tell the ticks apart and are exact."""
        values = np.asarray(locs, dtype=float)
        exact = (d for d in range(6) if np.allclose(values, values.round(d), rtol=0, atol=1e-9))
        self._decimals = next(exact, 6)

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Write one tick."""
        return number(x if self.signed else abs(x), self._decimals)


def scale(axis: Axis, ticks: int = 7, signed: bool = True) -> None:
    """Give an axis round ticks: steps of 1, 2 or 5."""
    axis.set_major_locator(MaxNLocator(ticks, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(PlainNumbers(signed))


def save(ax: Axes | Figure, target: Any, dpi: float = 300, **options: Any) -> None:
    """Write a picture for print: 300 dots per inch, text in a PDF as text, no empty margin.

    Parameters
    ----------
    ax : Axes or Figure
        What a plot returned.
    target : path or file object
        Where to; the suffix (or `format=`) decides the form: png, pdf, svg, eps ...
    dpi : float
        Dots per inch of a png.
    **options
        Passed to `Figure.savefig`.

    Examples
    --------
    >>> import io
    >>> import csi
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> picture = io.BytesIO()
    >>> csi.plots.save(csi.plots.index(fit), picture)
    >>> picture.getvalue()[1:4]
    b'PNG'
    """
    figure = ax if isinstance(ax, Figure) else root_figure(ax)
    name = str(target) if isinstance(target, (str, Path)) else target
    with mpl.rc_context({"pdf.fonttype": 42, "svg.fonttype": "path", "text.usetex": False}):
        figure.savefig(name, dpi=dpi, **{"bbox_inches": "tight", "facecolor": "white", **options})


def missing_glyphs(texts: Sequence[str], font: Font | None = None) -> set[str]:
    """Return the characters for which none of the fonts has a glyph; they would be printed as boxes.

    Examples
    --------
    >>> import csi
    >>> csi.plots.missing_glyphs(["Satisfaction", "满意度"])
    set()
    """
    paths = [font_manager.findfont(font_manager.FontProperties(family=[name])) for name in families(font)]
    known: set[int] = set().union(*(_characters(path) for path in paths))
    return {letter for text in texts for letter in text if ord(letter) not in known and letter not in "\n\t"}


@functools.lru_cache(maxsize=32)
def _characters(path: str) -> frozenset[int]:
    return frozenset(FT2Font(path).get_charmap())
