"""Show how the cost of fits and resamples grows with respondents, resamples, groups and items.

Run with one thread: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/growth.py
Each table gives seconds and the ratio to its first row, all from one run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

import csi

MODEL = csi.models.ecsi()


def once(work: Callable[[], object]) -> float:
    """Wall seconds of the better of two runs."""
    taken = []
    for _ in range(2):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return min(taken)


def wider(n_items: int) -> csi.Model:
    """ECSI with a given number of items for every construct."""
    blocks = {name: csi.items(name[:3].upper(), n_items, scale=(1, 10)) for name in MODEL.constructs}
    return csi.Model("wide ECSI", blocks, [(path.cause, path.effect) for path in MODEL.paths], index="satisfaction")


def show(what: str, sizes: Iterable[int], cost: Callable[[int], float]) -> None:
    """Print one table."""
    print(f"\n{what:>12} {'seconds':>10} {'ratio':>8}")
    first = None
    for size in sizes:
        taken = cost(size)
        first = first or taken
        print(f"{size:12,} {taken:10.3f} {taken / first:8.1f}")


def resampled(data: pd.DataFrame, resamples: int, model: csi.Model = MODEL, by: str | None = None) -> float:
    """Seconds of a bootstrap."""
    fit = csi.Study(model).fit(data, by=by)
    return once(lambda: fit.bootstrap(resamples, rng=7, progress=False))


def main() -> None:
    """Print every table."""
    mobi = csi.datasets.load("mobi")
    show("respondents", (250, 1000, 4000, 16000, 64000), lambda n: resampled(csi.simulate(MODEL, n, rng=1), 500))
    show("resamples", (1000, 2000, 4000, 8000, 16000), lambda size: resampled(mobi, size))
    grouped = csi.simulate(MODEL, 400 * 250, rng=1).assign(company=np.repeat(np.arange(400), 250))
    show("companies", (50, 100, 200, 400), lambda g: resampled(grouped[grouped["company"] < g], 200, by="company"))
    show("items", (21, 42, 63), lambda p: resampled(csi.simulate(wider(p // 7), 250, rng=1), 1000, wider(p // 7)))


if __name__ == "__main__":
    main()
