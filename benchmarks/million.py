"""A million respondents: one fit beside numpy's covariance, and resamples beside their counts and matrix product.

Run with one thread: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/million.py [--resamples 1000]
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np

import csi
from csi.numerics.moments import CHUNK, chunks, products
from csi.numerics.resample import count_rows

ROWS = 1_000_000


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one run."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def bare(answers: np.ndarray, resamples: int) -> None:
    """Counts of all resamples, and products times counts, with nothing done with the result."""
    for counts in count_rows(7, "", ROWS, resamples):
        total = 0.0
        for part in chunks(ROWS, CHUNK):
            total = total + products(answers[:, part]) @ counts[:, part].T.astype(float)


def main() -> None:
    """Print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resamples", type=int, default=256)
    resamples = parser.parse_args().resamples
    study = csi.Study(csi.models.ecsi())
    data = csi.simulate(study.model, ROWS, rng=5)
    for kind in ("int64", "float64"):
        table = data.astype(kind)
        pairs = [
            (seconds(lambda: study.fit(table)), seconds(lambda: np.cov(table.to_numpy(float), rowvar=False)))  # noqa: B023
            for _ in range(9)
        ]
        ratio = statistics.median(fit / cov for fit, cov in pairs)
        print(f"{kind}: fit {statistics.median(f for f, _ in pairs):.3f} s, {ratio:.2f} times numpy's covariance")
    fit, answers = study.fit(data), data.to_numpy(float).T.copy()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours = seconds(lambda: fit.bootstrap(resamples, rng=7, progress=False))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    alone = seconds(lambda: bare(answers, resamples))
    print(f"{resamples:,} resamples: {ours:.1f} s, {ours / alone:.2f} times counts and product alone")
    print(f"peak memory grew by {grown / 1e6:.2f} GB over the data")


if __name__ == "__main__":
    main()
