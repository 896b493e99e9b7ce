"""Sampling that carries through: plan, selection, fieldwork, weights, estimates that know the design."""

from __future__ import annotations

from csi.sampling.allocation import allocate, largest_remainder
from csi.sampling.fieldwork import OutcomeRates, outcome_rates, participation_rate
from csi.sampling.plan import Plan
from csi.sampling.precision import precision
from csi.sampling.quotas import fill_rates, quota
from csi.sampling.selection import inclusion_probabilities, qa_sample, select
from csi.sampling.sizes import cluster_deff, optimal_cluster_size
from csi.sampling.telephone import NumberRule, call_list, telephone_numbers
from csi.sampling.terms import Terms

__all__ = [
    "NumberRule",
    "OutcomeRates",
    "Plan",
    "Terms",
    "allocate",
    "call_list",
    "cluster_deff",
    "fill_rates",
    "inclusion_probabilities",
    "largest_remainder",
    "optimal_cluster_size",
    "outcome_rates",
    "participation_rate",
    "precision",
    "qa_sample",
    "quota",
    "select",
    "telephone_numbers",
]
