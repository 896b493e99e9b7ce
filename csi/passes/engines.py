"""Engines that pass over the data themselves: Polars and DuckDB stream batches, Dask and Spark fold partitions."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from csi import crossing
from csi.errors import DataError, NotAvailable, listing
from csi.passes.batches import ROWS, ArrowBatch, check_columns, frame_batches
from csi.passes.folding import fold
from csi.passes.plan import Plan
from csi.waist import Moments


def polars_reader(frame: Any, plan: Plan) -> Any:
    """A reader over a Polars frame; a lazy one is collected in batches by its streaming engine."""
    import pyarrow as pa

    lazy = hasattr(frame, "collect_schema") and not hasattr(frame, "to_arrow")
    names = frame.collect_schema().names() if lazy else frame.columns
    _refuse(check_columns(names, plan.roles))
    chosen = frame.select(plan.columns)
    if not lazy:
        return chosen.to_arrow().to_reader(ROWS)
    pieces = chosen.collect_batches(chunk_size=ROWS, maintain_order=True, engine="streaming")
    first = next(pieces, None)
    schema = chosen.limit(0).collect().to_arrow().schema if first is None else first.to_arrow().schema
    return pa.RecordBatchReader.from_batches(schema, _polars_batches(first, pieces))


def _polars_batches(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    if first is None:
        return
    yield from first.to_arrow().to_batches()
    for piece in rest:
        yield from piece.to_arrow().to_batches()


def duckdb_reader(relation: Any, plan: Plan) -> Any:
    """A reader over the result of a DuckDB query, which streams it in the order of its rows."""
    _refuse(check_columns(relation.columns, plan.roles))
    quoted = ['"' + name.replace('"', '""') + '"' for name in plan.columns]
    chosen = relation.project(", ".join(quoted))
    read = getattr(chosen, "to_arrow_reader", None) or chosen.fetch_arrow_reader
    return read(ROWS)


# -- Dask -------------------------------------------------------------------------------------------------


def is_dask(source: Any) -> bool:
    """Whether it is a Dask table."""
    return type(source).__module__.split(".")[0] in ("dask", "dask_expr") and hasattr(source, "to_delayed")


def fold_dask(frame: Any, plan: Plan) -> Moments | None:
    """Fold every partition where it lies; only sums travel, and they are added up in pairs."""
    from dask import compute, delayed

    _refuse(check_columns([str(name) for name in frame.columns], plan.roles))
    folded = [
        delayed(_fold_partition)(partition, plan, f"partition {number}")
        for number, partition in enumerate(frame[plan.columns].to_delayed())
    ]
    while len(folded) > 1:
        folded = [delayed(added)(*folded[at : at + 2]) for at in range(0, len(folded), 2)]
    (found,) = compute(folded[0]) if folded else (None,)
    kept: Moments | None = found
    return kept


def _fold_partition(frame: Any, plan: Plan, part: str) -> Moments | None:
    """Fold one partition."""
    from csi import frames

    return fold(frame_batches(frames.table(frame), part), plan) if len(frame) else None


def added(first: Moments | None, second: Moments | None = None) -> Moments | None:
    """Add up the moments of two parts, either of which may be empty."""
    if first is None or second is None:
        return second if first is None else first
    return first + second


# -- Spark -------------------------------------------------------------------------------------------------


def is_spark(source: Any) -> bool:
    """Whether it is a table of PySpark, classic or by Spark Connect."""
    return type(source).__module__.startswith("pyspark.sql") and hasattr(source, "mapInArrow")


def fold_spark(frame: Any, plan: Plan) -> Moments | None:
    """Fold every partition in its executor; one row of bytes a partition comes back."""
    _refuse(check_columns(frame.columns, plan.roles))
    if plan.replicates and not plan.cluster:
        raise NotAvailable(
            "Spark promises no order of rows, so replicates cannot be drawn by their place; name the respondents:"
            " Design(cluster='respondent')"
        )
    folded = frame.select(*[f"`{name.replace('`', '``')}`" for name in plan.columns]).mapInArrow(
        SparkFold(plan), "sums binary"
    )
    total: Moments | None = None
    for row in folded.toLocalIterator():
        total = added(total, Moments.load(io.BytesIO(bytes(row[0]))))
    return total


class SparkFold:
    """What an executor does with the batches of its partition."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        """Fold batches of Arrow into one batch with one row of bytes; none for an empty partition."""
        import pyarrow as pa

        found = fold((ArrowBatch(batch) for batch in batches), self.plan)
        if found is not None:
            yield pa.RecordBatch.from_pydict({"sums": pa.array([crossing.packed(found)], pa.binary())})


def _refuse(problems: list[str]) -> None:
    if problems:
        raise DataError(listing(problems, "the data do not hold what the model names"))
