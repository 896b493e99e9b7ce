"""Pictures that go into a thesis unchanged: each takes an axes and gives it back. The only importer of matplotlib.

Every function takes a fit, or the table of the fit's noun; `language="zh"` prints Chinese on any machine;
`font="serif"` sets figures in Times and Song faces. `save(ax, "figure.png")` writes 300 dots per inch.
"""

from csi.plots.bars import impacts, index, loadings, weights
from csi.plots.charts import control, funnel
from csi.plots.curves import slopes
from csi.plots.diagram import diagram
from csi.plots.grades import answers
from csi.plots.league import league
from csi.plots.quadrants import priorities
from csi.plots.spread import replicates, scores
from csi.plots.style import families, missing_glyphs, save
from csi.plots.texts import overlaps, text_boxes
from csi.plots.waves import track

__all__ = [
    "answers",
    "control",
    "diagram",
    "families",
    "funnel",
    "impacts",
    "index",
    "league",
    "loadings",
    "missing_glyphs",
    "overlaps",
    "priorities",
    "replicates",
    "save",
    "scores",
    "slopes",
    "text_boxes",
    "track",
    "weights",
]
