"""A national index: 400 companies, 12 quarters, 250 answers each, joined to a nation with intervals; time and memory.

Run with one thread: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/nation.py [--companies 400]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import csi

MODEL = csi.models.ecsi()
QUARTERS = [f"{year}Q{quarter}" for year in (2022, 2023, 2024) for quarter in (1, 2, 3, 4)]


def answers(companies: int, size: int) -> pd.DataFrame:
    """Answers as small integers, company by company, with industries and revenues."""
    rows = len(QUARTERS) * size
    parts = [csi.simulate(MODEL, rows, rng=seed).astype(np.int8) for seed in range(companies)]
    table = pd.concat(parts, ignore_index=True)
    company = np.arange(companies)
    revenue = np.random.default_rng(1).lognormal(2, 1, companies).astype(np.float32)
    return table.assign(
        company=pd.Categorical(np.repeat(company, rows)),
        industry=pd.Categorical(np.repeat(company // 10, rows)),
        sector=pd.Categorical(np.repeat(company // 50, rows)),
        quarter=pd.Categorical(np.tile(np.repeat(QUARTERS, size), companies), ordered=True),
        revenue=np.repeat(revenue, rows),
    )


def timed(what: str, work: Callable[[], Any]) -> Any:
    """Do one thing and print its seconds and the peak of memory so far."""
    begin = time.perf_counter()
    done = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{what:34} {time.perf_counter() - begin:8.1f} s   peak {peak:5.2f} GB", flush=True)
    return done


def main() -> None:
    """Print a line a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=400)
    parser.add_argument("--size", type=int, default=250)
    parser.add_argument("--resamples", type=int, default=200)
    asked = parser.parse_args()
    data = timed("simulate", lambda: answers(asked.companies, asked.size))
    begin = time.perf_counter()
    fit = timed("fit", lambda: csi.Study(MODEL).fit(data, by=["company", "quarter"]))
    drawn = fit.bootstrap(asked.resamples, rng=7, progress=False)
    nation = csi.aggregate(drawn, "revenue", levels=["industry", "sector"])
    table = timed("draw, join, every level", nation.index)
    print(f"{'all of it':34} {time.perf_counter() - begin:8.1f} s")
    print(table.loc["nation"].xs("satisfaction", level="construct").tail(4).round(2).to_string())
    timed("changes of the nation", nation.changes)
    timed("ranks within industries", lambda: nation.league(within="industry"))
    timed("series of every company", lambda: csi.track(drawn).changes("year"))
    timed("linearized, without resamples", lambda: csi.aggregate(fit, "revenue").index())


if __name__ == "__main__":
    main()
