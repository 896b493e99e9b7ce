"""Pictures of a report; each is drawn when a form of the report wants it."""

from __future__ import annotations

from csi import plots
from csi.report.blocks import Figure
from csi.report.context import Context


def index_bars(about: Context) -> Figure:
    """The index of every construct; of several groups side by side."""
    caption = about.say("index.figure", level=about.level_text)
    return Figure(
        caption,
        lambda: plots.index(about.fit, language=about.language, confidence_level=about.level),
        "figure_index",
    )


def priority_map(about: Context) -> Figure:
    """Impact against score, in four fields."""
    return Figure(
        about.say("impacts.figure"),
        lambda: plots.priorities(about.fit, language=about.language, confidence_level=about.level),
        "figure_priorities",
    )


def path_diagram(about: Context) -> Figure:
    """The model with its estimates; the links of higher orders are no paths of the model and are not drawn."""
    said, table = [(path.cause, path.effect) for path in about.fit.model.paths], about.paths
    return Figure(
        about.say("paths.figure"),
        lambda: plots.diagram(about.fit, language=about.language, paths=table[table.index.isin(said)]),
        "figure_paths",
    )


def model_diagram(about: Context) -> Figure:
    """The model as it was believed before: hypotheses on the arrows."""
    return Figure(
        about.say("model.figure"),
        lambda: plots.diagram(about.fit.model, language=about.language, arrows="hypotheses"),
        "figure_model",
    )


def track_lines(about: Context) -> Figure:
    """The index wave by wave."""
    return Figure(
        about.say("tracking.figure", level=about.level_text),
        lambda: plots.track(about.fit, language=about.language, confidence_level=about.level),
        "figure_track",
    )
