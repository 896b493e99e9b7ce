"""Sampling that carries through: plan, selection, fieldwork, weights, estimates that know the design."""

from __future__ import annotations

from csi.sampling.plan import Plan
from csi.sampling.precision import precision
from csi.sampling.sizes import cluster_deff, optimal_cluster_size
from csi.sampling.terms import Terms

__all__ = ["Plan", "Terms", "cluster_deff", "optimal_cluster_size", "precision"]
