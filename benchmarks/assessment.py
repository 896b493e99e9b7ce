"""What resampled HTMT, consistent PLS and polychoric moments cost beside the plain bootstrap, in one run.

Run with one thread: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/assessment.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import csi

RESAMPLES = 2_000


def best(work: Callable[[], object], times: int = 3) -> float:
    """Wall seconds of the best of a few runs."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def main() -> None:
    """Print seconds and ratios."""
    mobi = csi.datasets.load("mobi")
    plain = csi.Study(csi.models.ecsi()).fit(mobi)
    consistent = csi.Study(csi.models.ecsi(), csi.PLSc()).fit(mobi)
    first = best(lambda: plain.bootstrap(RESAMPLES, rng=1, progress=False).replicates("paths"))
    htmt = best(lambda: plain.bootstrap(RESAMPLES, rng=1, progress=False).replicates("htmt"))
    plsc = best(lambda: consistent.bootstrap(RESAMPLES, rng=1, progress=False).replicates("paths"))
    print(f"{RESAMPLES:,} resamples with paths: {first:.2f} s")
    print(f"with HTMT {htmt / first:.1f} times, by PLSc {plsc / first:.1f} times")
    for categories, data in ((10, mobi), (5, np.ceil(mobi / 2).astype(int))):
        model = csi.models.acsi(items="mobi", scale=(1, categories))
        whole, ordered = (csi.Study(model, correlations=kind).fit(data) for kind in ("pearson", "polychoric"))
        alike = best(lambda fit=whole: fit.bootstrap(200, rng=1, progress=False))
        taken = best(lambda fit=ordered: fit.bootstrap(200, rng=1, progress=False))
        print(
            f"200 resamples of ACSI on polychorics of {categories} categories: {taken:.1f} s,"
            f" {taken / alike:.0f} times Pearson's"
        )


if __name__ == "__main__":
    main()
