"""Twenty million rows of 24 one-byte items with weights: moments beside PyArrow's reading of the same columns alone.

Run with one thread of BLAS: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/large_table.py [--rows 20000000]
The file is written to a temporary folder (about 350 MB for 20,000,000 rows) and deleted. `--plot cost.svg` draws the
seconds of growing parts of the file.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ITEMS = [f"q{number}" for number in range(24)]
COMPANIES = 400
#: What runs in a process of its own, so that its memory is its own.
PEAK = """
import resource, sys
import pyarrow.parquet
import csi, csi.passes
sys.path.insert(0, sys.argv[1])
from large_table import model
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
csi.moments(sys.argv[2], model(), by=sys.argv[3] or None, design=csi.Design(weight="w"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def model():
    """Two constructs of twelve items."""
    import csi

    blocks = {"quality": ITEMS[:12], "satisfaction": ITEMS[12:]}
    return csi.Model("Large", blocks, {"quality": ["satisfaction"]}, index="satisfaction", scale=(1, 10))


def write(path: Path, rows: int) -> None:
    """Write answers that share a factor, half a million at a time."""
    rng = np.random.default_rng(0)
    fields = [(name, pa.int8()) for name in ITEMS] + [("w", pa.float32()), ("company", pa.int16())]
    schema = pa.schema(fields)
    with pq.ParquetWriter(path, schema) as file:
        for begin in range(0, rows, 500_000):
            n = min(500_000, rows - begin)
            shared = rng.standard_normal(n, dtype=np.float32)
            columns = [
                np.clip(np.rint(7 + 1.2 * (shared + rng.standard_normal(n, dtype=np.float32))), 1, 10).astype(np.int8)
                for _ in ITEMS
            ]
            columns += [rng.random(n, dtype=np.float32) + 0.5, rng.integers(0, COMPANIES, n).astype(np.int16)]
            file.write_table(pa.table(columns, schema=schema))


def read(path: Path, columns: list[str], rows: int | None = None) -> None:
    """Read columns in batches and do nothing with them."""
    done = 0
    for batch in pq.ParquetFile(path).iter_batches(columns=columns):
        done += len(batch)
        if rows is not None and done >= rows:
            return


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one run."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def times(path: Path, rounds: int) -> None:
    """Print the best times of several rounds, one after the other in each, and their ratios."""
    import csi

    weight = csi.Design(weight="w")
    runs = {
        "PyArrow reads 24 items and weights": lambda: read(path, [*ITEMS, "w"]),
        "moments": lambda: csi.moments(path, model(), design=weight),
        "PyArrow reads them and the company": lambda: read(path, [*ITEMS, "w", "company"]),
        f"moments of {COMPANIES} companies": lambda: csi.moments(path, model(), by="company", design=weight),
    }
    found = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            found[name].append(seconds(run))
    for name, measured in found.items():
        print(f"{name:36} best {min(measured):6.2f} s, median {np.median(measured):6.2f} s", flush=True)
    base = next(iter(found.values()))
    for name in list(runs)[1::2]:
        ratios = np.array(found[name]) / np.array(base)
        print(
            f"{name}: {min(found[name]) / min(base):.2f} times reading alone (best), {np.median(ratios):.2f} (median)"
        )


def exact(path: Path) -> None:
    """Print how far the pass is from numpy on half a million rows in memory."""
    import csi

    table = next(pq.ParquetFile(path).iter_batches(batch_size=500_000)).to_pandas()
    found = csi.moments(table, model(), design=csi.Design(weight="w"))
    x, w = table[ITEMS].to_numpy(float), table["w"].to_numpy(float)
    known = np.cov(x, rowvar=False, aweights=w, ddof=0) * len(x) / (len(x) - 1)
    print(f"largest relative difference from numpy in memory: {np.abs(found.cov[0] / known - 1).max():.1e}")


def growth(path: Path, rows: int, plot: Path) -> None:
    """Draw the processor time of growing parts of the file, which other work on the machine hardly changes."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    import csi

    def part(size: int, by: str | None) -> None:
        batches = pq.ParquetFile(path, pre_buffer=False).iter_batches(columns=[*ITEMS, "w", *([by] if by else [])])
        csi.moments(first(batches, size), model(), by, csi.Design(weight="w"))

    runs = {
        "moments": lambda size: part(size, None),
        f"moments of {COMPANIES} companies": lambda size: part(size, "company"),
        "PyArrow reading alone": lambda size: read(path, [*ITEMS, "w"], size),
    }
    sizes = [rows * quarter // 4 for quarter in (1, 2, 3, 4)]
    _, ax = plt.subplots(figsize=(5, 3.4), layout="constrained")
    for name, run in runs.items():
        measured = [processor_seconds(run, size) for size in sizes]
        ax.plot(np.array(sizes) / 1e6, measured, marker="o", label=name)
        print(f"{name}: {' '.join(f'{value:.2f}' for value in measured)} s of processor time", flush=True)
    ax.set(xlabel="million rows", ylabel="seconds of processor time", title="One pass over a Parquet file")
    ax.set(xlim=(0, None), ylim=(0, None))
    ax.legend()
    plt.savefig(plot)


def first(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The batches of the first rows."""
    done = 0
    for batch in batches:
        if done >= rows:
            return
        done += len(batch)
        yield batch


def processor_seconds(run: Callable[[int], None], size: int) -> float:
    """Processor time of all threads for one run."""
    begin = time.process_time()
    run(size)
    return time.process_time() - begin


def main() -> None:
    """Print seconds, ratios and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.parquet"
        write(path, asked.rows)
        print(f"{asked.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB")
        for by in ("", "company"):
            command = [sys.executable, "-c", PEAK, str(Path(__file__).parent), str(path), by]
            done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
            print(
                f"peak memory above the imports{' by company' * bool(by)}: {int(done.stdout) / 1e3:.0f} MB", flush=True
            )
        exact(path)
        if asked.plot:
            growth(path, asked.rows, asked.plot)
        times(path, asked.rounds)


if __name__ == "__main__":
    main()
