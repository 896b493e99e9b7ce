"""Sampling that carries through: plan, selection, fieldwork, weights, estimates that know the design."""

from __future__ import annotations

from csi.sampling.allocation import allocate, largest_remainder
from csi.sampling.calibration import calibrate, poststratify, rake
from csi.sampling.crosstab import crosstab, crosstab_test
from csi.sampling.estimates import mean, proportion, ratio, total
from csi.sampling.fieldwork import OutcomeRates, outcome_rates, participation_rate
from csi.sampling.modes import ModeComparison, mode_comparison
from csi.sampling.plan import Plan
from csi.sampling.precision import precision
from csi.sampling.quotas import fill_rates, quota
from csi.sampling.replicating import Replicates, replicate_weights
from csi.sampling.selection import inclusion_probabilities, qa_sample, select
from csi.sampling.sizes import cluster_deff, optimal_cluster_size
from csi.sampling.telephone import NumberRule, call_list, telephone_numbers
from csi.sampling.terms import Terms
from csi.sampling.weights import Weights, base_weights, effective_n, kish, nonresponse, trim

__all__ = [
    "ModeComparison",
    "NumberRule",
    "OutcomeRates",
    "Plan",
    "Replicates",
    "Terms",
    "Weights",
    "allocate",
    "base_weights",
    "calibrate",
    "call_list",
    "cluster_deff",
    "crosstab",
    "crosstab_test",
    "effective_n",
    "fill_rates",
    "inclusion_probabilities",
    "kish",
    "largest_remainder",
    "mean",
    "mode_comparison",
    "nonresponse",
    "optimal_cluster_size",
    "outcome_rates",
    "participation_rate",
    "poststratify",
    "precision",
    "proportion",
    "qa_sample",
    "quota",
    "rake",
    "ratio",
    "replicate_weights",
    "select",
    "telephone_numbers",
    "total",
    "trim",
]
