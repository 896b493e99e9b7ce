"""Where chance begins, and how often it is asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from csi.errors import SettingsError


def check_size(n_resamples: Any) -> int:
    """Refuse a number of resamples that is none."""
    if isinstance(n_resamples, bool) or not isinstance(n_resamples, (int, np.integer)) or n_resamples < 2:
        raise SettingsError(f"n_resamples must be a whole number of at least 2; not {n_resamples!r}")
    return int(n_resamples)


def entropy_of(rng: Any) -> int:
    """Read where chance begins: a whole number, a generator, or nothing."""
    if rng is None:
        return int(np.random.default_rng().integers(2**63))
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**63))
    if isinstance(rng, (int, np.integer)) and not isinstance(rng, bool) and rng >= 0:
        return int(rng)
    raise SettingsError(f"rng must be a whole number of at least 0 or a numpy Generator; not {rng!r}")
