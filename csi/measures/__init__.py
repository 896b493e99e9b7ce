"""Measures of satisfaction without a model, each with its n, its interval and its treatment of missing answers."""

from csi.display.chapter import printed
from csi.measures.asymmetry import by_band, penalty_reward
from csi.measures.common import compare
from csi.measures.crosstab import Crosstab, adjust, crosstab, crosstab_of
from csi.measures.curve import curvature
from csi.measures.drivers import drivers
from csi.measures.gaps import gap, ratio
from csi.measures.importance import importance_performance
from csi.measures.loyalty import ces, nps, nps_of
from csi.measures.paired import cochran, friedman, mcnemar
from csi.measures.paired_tables import Paired
from csi.measures.servqual_gaps import servqual, servqual_of
from csi.measures.shares import bottom_box, csat, proportion, top_box

__all__ = [
    "Crosstab",
    "Paired",
    "adjust",
    "bottom_box",
    "by_band",
    "ces",
    "cochran",
    "compare",
    "crosstab",
    "crosstab_of",
    "csat",
    "curvature",
    "drivers",
    "friedman",
    "gap",
    "importance_performance",
    "mcnemar",
    "nps",
    "nps_of",
    "penalty_reward",
    "printed",
    "proportion",
    "ratio",
    "servqual",
    "servqual_of",
    "top_box",
]
