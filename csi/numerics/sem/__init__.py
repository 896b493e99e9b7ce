"""Covariance structure analysis on arrays: structures, estimation, inference and fit, batched over replicates."""
