"""Simulated contacts of a service centre, with open cases, agents and a case mix."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = pd.Timestamp("2024-01-01")


def contacts(n: int = 2000, agents: int = 20, days: int = 91, seed: int = 1) -> pd.DataFrame:
    """One row a contact; cases that would end after the last day are open."""
    rng = np.random.default_rng(seed)
    opened = START + pd.to_timedelta(np.sort(rng.uniform(0, days * 86400, n)).round(), unit="s")
    responded = opened + pd.to_timedelta(rng.exponential(6 * 3600, n).round(), unit="s")
    closed = responded + pd.to_timedelta(rng.exponential(24 * 3600, n).round(), unit="s")
    last = START + pd.Timedelta(days=days)
    return pd.DataFrame(
        {
            "opened": opened,
            "responded": pd.Series(responded).where(responded < last),
            "closed": pd.Series(closed).where(closed < last),
            "waiting": rng.exponential(120, n).round(),
            "talk": rng.gamma(2, 100, n).round(),
            "wrap_up": rng.exponential(40, n).round(),
            "rating": rng.choice(5, n, p=[0.03, 0.04, 0.08, 0.35, 0.5]) + 1.0,
            "recommend": rng.integers(0, 11, n).astype(float),
            "channel": rng.choice(["phone", "chat", "email"], n),
            "type": rng.choice(["question", "complaint"], n, p=[0.8, 0.2]),
            "customer": rng.integers(0, n // 2, n),
            "agent": rng.choice([f"a{i:03d}" for i in range(agents)], n),
            "resolved": (rng.random(n) < 0.93).astype(float),
        }
    )


def clock(seconds: pd.Series) -> list[str]:
    """Durations as 00:03:25."""
    whole = seconds.astype(int)
    return [f"{s // 3600:02d}:{s % 3600 // 60:02d}:{s % 60:02d}" for s in whole]
