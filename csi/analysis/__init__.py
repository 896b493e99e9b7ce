"""The tables between the questionnaire and the model: items, reliability, factors, answer quality, groups."""

from csi.analysis.adequacy import Adequacy, adequacy
from csi.analysis.describe import describe
from csi.analysis.efa import EFA, efa, harman, parallel_analysis
from csi.analysis.reliability import ItemAnalysis, item_analysis
from csi.analysis.screen import Screening, screen

__all__ = [
    "EFA",
    "Adequacy",
    "ItemAnalysis",
    "Screening",
    "adequacy",
    "describe",
    "efa",
    "harman",
    "item_analysis",
    "parallel_analysis",
    "screen",
]
