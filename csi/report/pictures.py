"""Pictures of a report, inside the page."""

from __future__ import annotations

from csi.plots.diagram import diagram
from csi.plots.embed import embedded
from csi.report.blocks import Figure
from csi.report.context import Context


def path_diagram(about: Context) -> Figure:
    """The model with its estimates; the links of higher orders are no paths of the model and are not drawn."""
    said, table = [(path.cause, path.effect) for path in about.fit.model.paths], about.fit.paths()
    drawn = diagram(about.fit, language=about.language, paths=table[table.index.isin(said)])
    return Figure(about.say("paths.figure"), embedded(drawn))


def model_diagram(about: Context) -> Figure:
    """The model as it was believed before: hypotheses on the arrows."""
    drawn = diagram(about.fit.model, language=about.language, arrows="hypotheses")
    return Figure(about.say("model.figure"), embedded(drawn))
