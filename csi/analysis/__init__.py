"""The tables between the questionnaire and the model: items, reliability, factors, answer quality, groups."""

from csi.analysis.adequacy import Adequacy, adequacy
from csi.analysis.describe import describe
from csi.analysis.efa import EFA, efa
from csi.analysis.reliability import ItemAnalysis, item_analysis

__all__ = ["EFA", "Adequacy", "ItemAnalysis", "adequacy", "describe", "efa", "item_analysis"]
