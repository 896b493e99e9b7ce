"""The tables between the questionnaire and the model: items, reliability, factors, answer quality, groups."""

from csi.analysis.adequacy import Adequacy, adequacy
from csi.analysis.correlations import Correlations, correlations
from csi.analysis.describe import describe
from csi.analysis.differences import differences
from csi.analysis.differences_tables import Differences
from csi.analysis.efa import efa
from csi.analysis.efa_tables import EFA
from csi.analysis.factor_count import harman, parallel_analysis
from csi.analysis.imputation import impute, pool
from csi.analysis.multiple_answers import multiple_answers
from csi.analysis.profile import Profile, profile
from csi.analysis.regression import Regression, regression
from csi.analysis.reliability import ItemAnalysis, item_analysis
from csi.analysis.screen import screen
from csi.analysis.screening import Screening
from csi.display.chapter import printed

__all__ = [
    "EFA",
    "Adequacy",
    "Correlations",
    "Differences",
    "ItemAnalysis",
    "Profile",
    "Regression",
    "Screening",
    "adequacy",
    "correlations",
    "describe",
    "differences",
    "efa",
    "harman",
    "impute",
    "item_analysis",
    "multiple_answers",
    "parallel_analysis",
    "pool",
    "printed",
    "profile",
    "regression",
    "screen",
]
