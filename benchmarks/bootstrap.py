"""Time the bootstrap of ECSI on mobi beside the bare matrix product and, where installed, beside seminr and openpls.

Run with one thread: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/bootstrap.py
All figures come from one run on one machine; only their ratios travel.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import csi
from csi.numerics.moments import products


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Median wall time of a piece of work, after one run that is not counted."""
    work()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def bare_product(resamples: int) -> float:
    """Case weights times item products, and nothing else."""
    answers = csi.datasets.load("mobi").to_numpy(float)
    table = products((answers - answers.mean(axis=0)).T)
    weights = np.random.default_rng(1).integers(0, 3, size=(resamples, len(answers))).astype(float)
    return seconds(lambda: weights @ table.T)


def of_seminr(resamples: int) -> float | None:
    """The Python port of seminr, per resample."""
    if importlib.util.find_spec("seminr") is None:
        return None
    import seminr

    blocks = {name: [item.name for item in c.items] for name, c in csi.models.ecsi().constructs.items()}
    measurement = seminr.constructs(*(seminr.composite(name, names) for name, names in blocks.items()))
    structure = seminr.relationships(
        *(seminr.paths(from_=path.cause, to=path.effect) for path in csi.models.ecsi().paths)
    )
    fit = seminr.estimate_pls(csi.datasets.load("mobi"), measurement, structure)
    begin = time.perf_counter()
    seminr.bootstrap_model(fit, nboot=resamples, cores=1, seed=1)
    return (time.perf_counter() - begin) / resamples


def openpls_ecsi() -> Any:
    """ECSI in the words of openpls-engine."""
    from openpls import config
    from openpls.mode import Mode

    structure = config.Structure()
    for path in csi.models.ecsi().paths:
        structure.add_path([path.cause], [path.effect])
    asked = config.Config(structure.path(), scaled=True)
    for name, construct in csi.models.ecsi().constructs.items():
        asked.add_lv(name, Mode.A, *(config.MV(item.name) for item in construct.items))
    return asked


def of_openpls(resamples: int) -> float | None:
    """openpls-engine, per resample."""
    if importlib.util.find_spec("openpls") is None:
        return None
    from openpls.long_bootstrap import LongBootstrap
    from openpls.scheme import Scheme

    data = csi.datasets.load("mobi")
    begin = time.perf_counter()
    LongBootstrap(data, openpls_ecsi(), Scheme.PATH, iterations=resamples, seed=1)
    return (time.perf_counter() - begin) / resamples


def main() -> None:
    """Print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resamples", type=int, default=10_000)
    parser.add_argument("--peer-resamples", type=int, default=100)
    asked = parser.parse_args()
    fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    ours = seconds(lambda: fit.bootstrap(asked.resamples, rng=7, progress=False))
    bare = bare_product(asked.resamples)
    print(f"csi, {asked.resamples:,} resamples of ECSI on mobi: {ours:.3f} s")
    print(f"bare matrix product: {bare:.3f} s; ratio {ours / bare:.1f}")
    peers = {
        "seminr": of_seminr(asked.peer_resamples),
        "openpls-engine": of_openpls(max(2, asked.peer_resamples // 10)),
    }
    for name, peer in peers.items():
        if peer is None:
            print(f"{name} is not installed (pip install {name})")
        else:
            print(
                f"{name}: {peer * 1e3:.1f} ms a resample; csi is {peer / (ours / asked.resamples):,.0f} times as fast"
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
