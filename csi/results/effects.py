"""Standardized effects between constructs: direct, indirect, total, and along every single chain."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from csi.blueprint import Blueprint
from csi.methods.estimates import Estimates
from csi.numerics.moments import Stack
from csi.numerics.solve import Floats
from csi.results.noun import Noun, double, single


def total_effects(paths: Floats) -> Floats:
    """Sum of the products along every chain of arrows, (I - B)^-1 - I = B + B^2 + ... [Bollen 1987, eq. 6].

    Parameters
    ----------
    paths : array (k, k, B)
        `paths[cause, effect]`, without circles.
    """
    total, step = paths.copy(), paths
    for _ in range(len(paths) - 1):
        step = np.einsum("ijb,jlb->ilb", step, paths)
        if not step.any():
            break
        total += step
    return total


def paths(blueprint: Blueprint) -> Noun:
    """Standardized path coefficients."""
    causes, effects_at = blueprint.coefficient_index

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        return estimates.paths[causes, effects_at]

    rows = double(blueprint.coefficients, ("cause", "effect"))
    return Noun("paths", rows, compute, parametric=True, note=blueprint.control_note)


def effects(blueprint: Blueprint) -> Noun:
    """Direct, indirect and total effect of every construct on every construct it reaches."""
    reach = _reach(blueprint)
    order = [(c, e) for c in range(len(reach)) for e in range(len(reach)) if reach[c, e]]
    names = [(blueprint.constructs[c], blueprint.constructs[e]) for c, e in order]
    cause, effect = np.array([c for c, _ in order], int), np.array([e for _, e in order], int)

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        direct = estimates.paths[cause, effect]
        total = total_effects(estimates.paths)[cause, effect]
        return np.stack([direct, total - direct, total], axis=1)

    rows = double(names, ("cause", "effect"))
    return Noun("effects", rows, compute, ("direct", "indirect", "total"), parametric=True)


def indirect(blueprint: Blueprint) -> Noun:
    """Effect along every single chain of two or more arrows."""
    chains = [chain for chain in _chains(blueprint) if len(chain) > 2]
    names = [" -> ".join(blueprint.constructs[j] for j in chain) for chain in chains]

    def compute(stack: Stack, estimates: Estimates) -> Floats:
        steps = [[estimates.paths[a, b] for a, b in pairwise(chain)] for chain in chains]
        size = estimates.paths.shape[-1]
        return np.stack([np.prod(step, axis=0) for step in steps]) if steps else np.zeros((0, size))

    return Noun("indirect", single(names, "chain"), compute, parametric=True)


def _reach(blueprint: Blueprint) -> Floats:
    return total_effects(blueprint.arrows.astype(float)[..., None])[..., 0]


def _chains(blueprint: Blueprint) -> list[tuple[int, ...]]:
    """Every chain of arrows, by first construct, then by length."""
    found: list[tuple[int, ...]] = []

    def grow(chain: tuple[int, ...]) -> None:
        for effect in np.flatnonzero(blueprint.arrows[chain[-1]]):
            found.append((*chain, int(effect)))
            grow(found[-1])

    for j in range(len(blueprint.constructs)):
        grow((j,))
    return sorted(found, key=lambda chain: (chain[0], chain[-1], len(chain), chain))
