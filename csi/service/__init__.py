"""Service performance: indicators with targets, measured on contacts with their uncertainty."""

from __future__ import annotations

from csi.service import plans
from csi.service.actions import Action, effects
from csi.service.bands import by_band
from csi.service.clock import Calendar
from csi.service.command import main_text
from csi.service.grading import agreement
from csi.service.indicator import Change, Indicator, Target
from csi.service.measured import Measured
from csi.service.plan import ServicePlan
from csi.service.ratio import rate_change, rate_ratio
from csi.service.scorecard import attainment

__all__ = [
    "Action",
    "Calendar",
    "Change",
    "Indicator",
    "Measured",
    "ServicePlan",
    "Target",
    "agreement",
    "attainment",
    "by_band",
    "effects",
    "main_text",
    "plans",
    "rate_change",
    "rate_ratio",
]
