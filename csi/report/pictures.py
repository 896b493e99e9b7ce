"""Pictures of a report, inside the page."""

from __future__ import annotations

from csi import plots
from csi.plots.embed import embedded
from csi.report.blocks import Figure
from csi.report.context import Context


def index_bars(about: Context) -> Figure:
    """The index of every construct; of several groups side by side."""
    drawn = plots.index(about.fit, language=about.language, confidence_level=about.level)
    return Figure(about.say("index.figure", level=about.level_text), embedded(drawn))


def priority_map(about: Context) -> Figure:
    """Impact against score, in four fields."""
    drawn = plots.priorities(about.fit, language=about.language, confidence_level=about.level)
    return Figure(about.say("impacts.figure"), embedded(drawn))


def path_diagram(about: Context) -> Figure:
    """The model with its estimates; the links of higher orders are no paths of the model and are not drawn."""
    said, table = [(path.cause, path.effect) for path in about.fit.model.paths], about.paths
    drawn = plots.diagram(about.fit, language=about.language, paths=table[table.index.isin(said)])
    return Figure(about.say("paths.figure"), embedded(drawn))


def model_diagram(about: Context) -> Figure:
    """The model as it was believed before: hypotheses on the arrows."""
    drawn = plots.diagram(about.fit.model, language=about.language, arrows="hypotheses")
    return Figure(about.say("model.figure"), embedded(drawn))
