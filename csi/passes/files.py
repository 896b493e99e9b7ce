"""Parquet, Arrow and CSV files as batches: one file, a pattern, a folder with the folders in it."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csi.errors import DataError, MissingExtra, listing, suggest
from csi.passes.batches import ROWS, ArrowBatch, check_columns
from csi.passes.plan import Plan

#: What is read, by the end of the name.
KINDS = {
    ".parquet": "parquet", ".pq": "parquet", ".arrow": "arrow", ".feather": "arrow", ".ipc": "arrow",
    ".csv": "csv", ".tsv": "csv", ".csv.gz": "csv", ".tsv.gz": "csv",
}  # fmt: skip
#: Bytes of a CSV file that are read at a time.
BYTES = 8 << 20
#: A folder that says the value of a column for all that is in it: `quarter=2024Q1`.
_HIVE = re.compile(r"([^=]+)=(.*)")
#: What a writer leaves behind that was killed.
_UNFINISHED = ("_temporary", "_started_")


@dataclass(frozen=True)
class File:
    """One file of a source; `name` as messages say it, `fixed` the columns that its folders give."""

    path: Path
    name: str
    kind: str
    fixed: tuple[tuple[str, str], ...] = ()


def found(source: str | Path) -> list[File]:
    """Every file that a path, a pattern or a folder stands for, in the order of their names.

    Raises
    ------
    DataError
        If there is none; or a file in a folder is of no kind that is read: nothing is left out in silence.
    """
    path = Path(source)
    if path.is_dir():
        return _in_folder(path)
    if path.is_file():
        return [_file(path, path.parent)]
    paths = sorted(Path(name) for name in glob.glob(str(source), recursive=True)) if glob.has_magic(str(source)) else []
    if not paths:
        beside = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        what = "no file fits the pattern" if glob.has_magic(str(source)) else "there is no file or folder"
        raise DataError(f"{what} {str(source)!r}{suggest(path.name, beside)}")
    folders = [each for each in paths if each.is_dir()]
    root = _common(paths)
    return [_file(each, root) for each in paths if each.is_file()] + [
        file for folder in folders for file in _in_folder(folder, root)
    ]


def _common(paths: Sequence[Path]) -> Path:
    """The folder that all paths are in."""
    parents = [each.parent for each in paths]
    return next(
        folder for folder in (parents[0], *parents[0].parents) if all(folder in (p, *p.parents) for p in parents)
    )


def _in_folder(folder: Path, root: Path | None = None) -> list[File]:
    """Files of a folder and the folders in it; names that begin with a point or an underscore are no data."""
    inside = [each for each in sorted(folder.rglob("*")) if each.is_file() or each.name in _UNFINISHED]
    parts = [(each, each.relative_to(folder).parts) for each in inside]
    unfinished = [each for each, names in parts if any(name.startswith(_UNFINISHED) for name in names)]
    if unfinished:
        raise DataError(
            f"{str(unfinished[0])!r} is left from a writer that did not finish, so parts of {str(folder)!r} may be"
            " missing; write the folder again"
        )
    files = [each for each, names in parts if not any(name.startswith((".", "_")) for name in names)]
    strange = [each for each in files if _kind(each) is None]
    if strange:
        shown = ", ".join(str(each.relative_to(folder)) for each in strange[:6])
        raise DataError(
            f"{str(folder)!r} holds {shown}{' and others' if len(strange) > 6 else ''}, which"
            f" {'are' if len(strange) > 1 else 'is'} none of {', '.join(KINDS)}; say what to read:"
            f" {str(folder / '*.parquet')!r}"
        )
    if not files:
        raise DataError(f"the folder {str(folder)!r} holds no files of answers ({', '.join(KINDS)})")
    return [_file(each, root or folder) for each in files]


def _kind(path: Path) -> str | None:
    name = path.name.lower()
    return next((kind for end, kind in KINDS.items() if name.endswith(end)), None)


def _file(path: Path, root: Path) -> File:
    kind = _kind(path)
    if kind is None:
        raise DataError(f"{path.name!r} is none of the files that are read in passes: {', '.join(KINDS)}")
    inside = path.relative_to(root)
    fixed = [hit.groups() for part in inside.parts[:-1] if (hit := _HIVE.fullmatch(part))]
    return File(path, inside.as_posix(), kind, tuple((name, value) for name, value in fixed))


def batches(files: Sequence[File], plan: Plan) -> Iterator[ArrowBatch]:
    """Batches of all files, one file after the other.

    Raises
    ------
    DataError
        Naming the file that breaks off.
    """
    whole = _whole_columns(files)
    for file in files:
        try:
            for batch in _READERS[file.kind](file, _wanted(file, plan), plan):
                yield ArrowBatch(batch, file.name, {name: _value(name, value, whole) for name, value in file.fixed})
        except _broken() as error:
            raise DataError(_damaged(file, error)) from error


def check(files: Sequence[File], plan: Plan) -> None:
    """Look into every file before the first is read: that it opens, and that it has the columns.

    Raises
    ------
    DataError
        Naming at once every file that cannot be opened or lacks a column.
    MissingExtra
        If pyarrow is not installed.
    """
    _arrow()
    if {file.kind for file in files} > {"csv"} and plan.by:
        raise DataError(
            "CSV files do not say whether a label is a number, and other files do; add up the two kinds apart:"
            " csi.moments('*.parquet', ...) + csi.moments('*.csv', ...)"
        )
    problems: list[str] = []
    for file in files:
        try:
            names = [*_COLUMNS[file.kind](file.path), *(name for name, _ in file.fixed)]
            own = check_columns(list(dict.fromkeys(names)) if file.fixed else names, plan.roles, file.name)
            problems += own[:3] + [f"{file.name}: and {len(own) - 3} more columns"] * (len(own) > 3)
        except _broken() as error:
            problems.append(_damaged(file, error))
    if problems:
        more = [f"and {len(problems) - 20} more problems"] if len(problems) > 20 else []
        raise DataError(listing(problems[:20] + more, "these files cannot be added up"))


def rows(files: Sequence[File]) -> int | None:
    """Rows of all files where they say so, for the progress bar."""
    import pyarrow.parquet as pq

    if any(file.kind != "parquet" for file in files):
        return None
    return sum(int(pq.read_metadata(file.path).num_rows) for file in files)


def _wanted(file: File, plan: Plan) -> list[str]:
    """Columns that are read from the file itself."""
    own = {name for name, _ in file.fixed} - set(_COLUMNS[file.kind](file.path))
    return [name for name in plan.columns if name not in own]


def _whole_columns(files: Sequence[File]) -> set[str]:
    """Columns given by folders that hold whole numbers in every file."""
    values: dict[str, list[str]] = {}
    for file in files:
        for name, value in file.fixed:
            values.setdefault(name, []).append(value)
    return {name for name, own in values.items() if all(re.fullmatch(r"0|-?[1-9]\d*", value) for value in own)}


def _value(name: str, value: str, whole: set[str]) -> Any:
    return int(value) if name in whole else value


# -- kinds of files ------------------------------------------------------------------------------------------


def _parquet(file: File, names: list[str], plan: Plan) -> Iterator[Any]:
    import pyarrow.parquet as pq

    # Buffered beforehand, the whole file would stay in memory.
    settings = {"pre_buffer": False, "buffer_size": 1 << 20, "page_checksum_verification": True}
    with pq.ParquetFile(file.path, **settings) as opened:
        yield from opened.iter_batches(batch_size=ROWS, columns=names)


def _ipc(file: File, names: list[str], plan: Plan) -> Iterator[Any]:
    import pyarrow as pa

    with pa.memory_map(str(file.path)) as mapped, pa.ipc.open_file(mapped) as opened:
        for number in range(opened.num_record_batches):
            whole = opened.get_batch(number).select(names)
            yield from (whole.slice(begin, ROWS) for begin in range(0, len(whole), ROWS))


def _csv(file: File, names: list[str], plan: Plan) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import csv

    texts = {*plan.by, *([plan.cluster] if plan.cluster else [])}
    types = {name: pa.string() if name in texts else pa.float64() for name in names}
    convert = csv.ConvertOptions(include_columns=names, column_types=types, strings_can_be_null=True)
    read = csv.ReadOptions(block_size=BYTES)
    with csv.open_csv(file.path, read, csv.ParseOptions(delimiter=_delimiter(file.path)), convert) as opened:
        yield from opened


def _parquet_columns(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    return list(pq.read_schema(path).names)


def _ipc_columns(path: Path) -> list[str]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as mapped, pa.ipc.open_file(mapped) as opened:
        return list(opened.schema.names)


def _csv_columns(path: Path) -> list[str]:
    from pyarrow import csv

    with csv.open_csv(path, csv.ReadOptions(block_size=BYTES), csv.ParseOptions(delimiter=_delimiter(path))) as opened:
        return list(opened.schema.names)


def _delimiter(path: Path) -> str:
    """What divides the columns: of comma, semicolon and tab the one that the first line has most of."""
    import pyarrow as pa

    with pa.input_stream(str(path)) as stream:
        first = stream.read(65536).split(b"\n", 1)[0]
    return max(",;\t", key=lambda mark: first.count(mark.encode("ascii")))


_READERS: dict[str, Any] = {"parquet": _parquet, "arrow": _ipc, "csv": _csv}
_COLUMNS: dict[str, Any] = {"parquet": _parquet_columns, "arrow": _ipc_columns, "csv": _csv_columns}


def _damaged(file: File, error: Exception) -> str:
    said = str(error).strip().splitlines()
    reason = said[0] if said else type(error).__name__
    what = "damaged, cut off, or holds text where codes belong" if file.kind == "csv" else "damaged or cut off"
    return f"{file.name}: this {file.kind} file cannot be read; it is {what} ({reason})"


def _broken() -> tuple[type[Exception], ...]:
    """What Arrow raises for a file that it cannot read."""
    import pyarrow as pa

    return (pa.ArrowException, OSError)


def _arrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingExtra('pyarrow is not installed: pip install "csi[big]"') from None
