"""Whatever holds answers, as batches of rows, or as an engine that folds its own partitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from csi import frames
from csi.errors import DataError, MissingExtra, listing
from csi.passes import engines, files
from csi.passes.batches import ROWS, ArrowBatch, Batch, check_columns, frame_batches
from csi.passes.plan import Plan
from csi.waist import Moments


@dataclass(frozen=True, eq=False)
class Source:
    """Batches, how many rows they have where that is known; or what folds them elsewhere.

    `texts` says that labels are read as text, from files that know nothing else.
    """

    batches: Iterable[Batch] = ()
    rows: int | None = None
    fold: Callable[[Plan], Moments | None] | None = None
    texts: bool = False


def opened(source: Any, plan: Plan) -> Source:
    """Open a source.

    Raises
    ------
    DataError
        If it is nothing that holds answers, or lacks columns.
    """
    source = _native(source)
    if isinstance(source, (str, Path)):
        there = files.found(source)
        files.check(there, plan)
        texts = all(file.kind == "csv" for file in there)
        return Source(files.batches(there, plan), files.rows(there), texts=texts)
    if isinstance(source, (pd.DataFrame, dict)) or isinstance(getattr(source, "data", None), pd.DataFrame):
        return _table(source, plan)
    if engines.is_dask(source):
        return Source(fold=lambda asked: engines.fold_dask(source, asked))
    if engines.is_spark(source):
        return Source(fold=lambda asked: engines.fold_spark(source, asked))
    reader = _reader(source, plan)
    if reader is not None:
        return Source(_arrow_batches(reader, plan))
    if isinstance(source, Iterable) and not hasattr(source, "__array__"):
        return Source(_tables(source, plan))
    raise DataError(
        f"answers are a table, a file, a pattern, a folder or a stream of record batches; not {type(source).__name__}"
    )


def _native(source: Any) -> Any:
    """What a narwhals frame stands for."""
    import narwhals.stable.v1 as nw

    return nw.to_native(source, pass_through=True)


def _table(data: Any, plan: Plan, part: str = "") -> Source:
    table = frames.table(data)
    _refuse(check_columns(table.columns, plan.roles, part))
    return Source(frame_batches(table, part), len(table))


def _reader(source: Any, plan: Plan) -> Any:
    """A reader of record batches over a table of Arrow, Polars or DuckDB; None where it is none of these."""
    module = type(source).__module__.split(".")[0]
    if module in ("polars", "duckdb", "_duckdb", "pyarrow") or hasattr(source, "__arrow_c_stream__"):
        arrow()
    if module == "polars":
        return engines.polars_reader(source, plan)
    if module in ("duckdb", "_duckdb"):
        return engines.duckdb_reader(source, plan)
    if module == "pyarrow" and hasattr(source, "scanner"):
        _refuse(check_columns(source.schema.names, plan.roles))
        return source.scanner(columns=plan.columns, batch_size=ROWS).to_reader()
    if module == "pyarrow" and hasattr(source, "to_batches"):
        _refuse(check_columns(source.schema.names, plan.roles))
        return source.select(plan.columns).to_reader(ROWS)
    if hasattr(source, "__arrow_c_stream__"):
        import pyarrow as pa

        return pa.RecordBatchReader.from_stream(source)
    return None


def _arrow_batches(reader: Any, plan: Plan, part: str = "") -> Iterator[ArrowBatch]:
    """Batches of a reader, none of them large."""
    _refuse(check_columns(reader.schema.names, plan.roles, part))
    for batch in reader:
        for begin in range(0, batch.num_rows, ROWS):
            yield ArrowBatch(batch.slice(begin, ROWS), part)


def _tables(tables: Iterable[Any], plan: Plan) -> Iterator[Batch]:
    """Batches of a stream of tables or record batches, which together are one table."""
    seen = False
    for table in tables:
        if hasattr(table, "num_rows") and hasattr(table, "slice"):
            import pyarrow as pa

            whole = table if isinstance(table, pa.Table) else pa.Table.from_batches([table])
            yield from _arrow_batches(whole.to_reader(ROWS), plan)
        elif isinstance(_native(table), (pd.DataFrame, dict)):
            if len(table):
                yield from _table(_native(table), plan).batches
        elif type(table).__module__.startswith("polars"):
            yield from _arrow_batches(engines.polars_reader(_native(table), plan), plan)
        else:
            raise DataError(f"a stream of answers holds tables or record batches; not {type(table).__name__}")
        seen = True
    if not seen:
        raise DataError("the stream of answers is empty; was it read before?")


def _refuse(problems: list[str]) -> None:
    if problems:
        raise DataError(listing(problems, "the data do not hold what the model names"))


def arrow() -> None:
    """Say what is missing where Arrow is."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingExtra('pyarrow is not installed: pip install "csi[big]"') from None
