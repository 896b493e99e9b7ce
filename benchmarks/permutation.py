"""Time permutations of two groups of mobi (MICOM and the tests of paths) beside openpls, where it is installed.

Run with one thread: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/permutation.py
All figures come from one run on one machine; only their ratios travel.
"""

from __future__ import annotations

import argparse
import importlib.util
import time

import numpy as np
import pandas as pd
from bootstrap import openpls_ecsi

import csi


def halves() -> pd.DataFrame:
    """The survey with its first and second half marked."""
    data = csi.datasets.load("mobi")
    return data.assign(half=np.where(np.arange(len(data)) < len(data) // 2, "a", "b"))


def of_csi(permutations: int) -> float:
    """Permutations, MICOM and differences of paths, seconds a permutation."""
    fit = csi.Study(csi.models.ecsi()).fit(halves(), by="half")
    begin = time.perf_counter()
    exchanged = fit.permute(permutations, rng=1, progress=False)
    exchanged.invariance()
    exchanged.differences()
    return (time.perf_counter() - begin) / permutations


def of_openpls(permutations: int) -> float | None:
    """MICOM and the multi-group test of openpls-engine, seconds a permutation; None where it is not installed."""
    if importlib.util.find_spec("openpls") is None:
        return None
    from openpls.mga import MGA, GroupSpec
    from openpls.micom import MICOM
    from openpls.scheme import Scheme

    asked = openpls_ecsi()
    groups = [GroupSpec("a", ["a"]), GroupSpec("b", ["b"])]
    begin = time.perf_counter()
    MICOM(halves(), asked, "half", *groups, scheme=Scheme.PATH, iterations=permutations, seed=1)
    MGA(halves(), asked, "half", groups, scheme=Scheme.PATH, iterations=permutations, seed=1)
    return (time.perf_counter() - begin) / permutations


def main() -> None:
    """Print seconds and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--permutations", type=int, default=5_000)
    parser.add_argument("--peer-permutations", type=int, default=20)
    asked = parser.parse_args()
    ours = of_csi(asked.permutations)
    total = ours * asked.permutations
    print(f"csi, {asked.permutations:,} permutations with MICOM and tests of paths: {total:.2f} s")
    peer = of_openpls(asked.peer_permutations)
    if peer is None:
        print("openpls-engine is not installed (pip install openpls-engine)")
    else:
        print(f"openpls-engine: {peer * 1e3:.0f} ms a permutation; csi is {peer / ours:,.0f} times as fast")


if __name__ == "__main__":
    main()
