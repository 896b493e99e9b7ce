"""A picture inside a page: drawn, written as text that an `<img>` takes, and let go."""

from __future__ import annotations

import base64
import io
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from csi.plots import style

#: One salt, so that the same picture is the same text.
_SAME: Any = {"svg.hashsalt": "csi"}


def embedded(ax: Axes) -> str:
    """Give a picture as a `data:` address of an SVG whose letters are outlines, and close its figure.

    Nothing is fetched and no font is needed where the page is read.
    """
    figure, written = style.root_figure(ax), io.BytesIO()
    with mpl.rc_context(_SAME):
        style.save(figure, written, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return f"data:image/svg+xml;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"


def pixels(ax: Axes, dpi: float = 300) -> bytes:
    """Give a picture as a PNG of so many dots per inch, and close its figure."""
    figure, written = style.root_figure(ax), io.BytesIO()
    style.save(figure, written, dpi=dpi, format="png", metadata={"Software": None})
    plt.close(figure)
    return written.getvalue()
