"""The face of a model in a notebook: its diagram, its questions, its text."""

from __future__ import annotations

from html import escape

from csi import plots
from csi.display.model import heading, html
from csi.display.words import Language
from csi.plots.embed import embedded
from csi.spec import Model


def model_html(model: Model, language: Language = "en") -> str:
    """Give a model as HTML with its path diagram inside."""
    source = embedded(plots.diagram(model, language=language))
    picture = f"<img src='{source}' alt='{escape(heading(model, language))}' style='max-width:100%;background:#fff'>"
    return html(model, language, picture)
