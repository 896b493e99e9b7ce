"""Published claims as data: a TOML file of what is printed where, and the checks that fit each kind of claim."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from csi.auditing.printed import Printed, printed
from csi.errors import DataError, listing, suggest

Floats = NDArray[np.float64]
Verdict = Literal["holds", "fails", "cannot be checked"]
#: Fields that every claim may have.
COMMON = ("id", "kind", "says", "place")
#: Fields of a table.
TABLE_FIELDS = ("rows", "columns", "values", "title", "place", "n")
SHIPPED = ("company_x", "service_plan")


@dataclass(frozen=True)
class Finding:
    """What one check of a claim found.

    Attributes
    ----------
    reason : str
        Key of its sentence in `texts.toml`, which `values` fill.
    stated, computed : float
        The printed number and the one that follows from the rest; NaN where it is not about one number.
    """

    verdict: Verdict
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)
    stated: float = np.nan
    computed: float = np.nan


@dataclass(frozen=True, eq=False)
class PrintedTable:
    """A printed table: columns of numbers under labels."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Printed, ...], ...]
    n: int | None = None

    @property
    def array(self) -> Floats:
        """The numbers, (rows, columns)."""
        return np.array([[cell.value for cell in row] for row in self.cells])

    def column(self, name: str) -> list[Printed]:
        """One column of printed numbers."""
        return [row[self.columns.index(name)] for row in self.cells]


@dataclass(frozen=True, eq=False)
class Claim:
    """One claim: what is said, where, and the numbers and words in it."""

    id: str
    kind: str
    says: str | Mapping[str, str]
    place: str | Mapping[str, str]
    fields: Mapping[str, Any]
    tables: Mapping[str, PrintedTable]

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def get(self, name: str, default: Any = None) -> Any:
        """A field as it was written."""
        return self.fields.get(name, default)

    def number(self, name: str) -> Printed:
        """A field as one printed number."""
        try:
            return printed(self.fields[name])
        except DataError as error:
            raise DataError(f"{name}: {error}") from None

    def numbers(self, name: str) -> list[Printed]:
        """A field as printed numbers; a single one, a list, or a table of them."""
        given = self.fields[name]
        values = given.values() if isinstance(given, Mapping) else given if isinstance(given, list) else [given]
        try:
            found = [printed(value) for value in values]
        except DataError as error:
            raise DataError(f"{name}: {error}") from None
        if not found:
            raise DataError(f"{name} is empty; give at least one number")
        return found

    def size(self, name: str) -> int:
        """A field as a number of cases."""
        value = self.fields[name]
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise DataError(f"{name} is a number of cases, a whole number from 1 upwards; not {value!r}")
        return value

    def words(self, name: str) -> list[str]:
        """A field as a list of words."""
        given = self.fields.get(name, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise DataError(f"{name} is a list of words; not {given!r}")
        return given

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """A field as one of a few words."""
        value = self.fields.get(name, default)
        if value not in choices:
            raise DataError(f"{name} is one of {', '.join(choices)}; not {value!r}{suggest(str(value), choices)}")
        return str(value)

    def table(self) -> PrintedTable:
        """The table that the claim is about."""
        name = self.fields["table"]
        if name not in self.tables:
            raise DataError(f"table {name!r} is not in the file{suggest(str(name), self.tables)}")
        return self.tables[name]


Check: TypeAlias = Callable[[Claim], Iterator[Finding]]


@dataclass(frozen=True)
class Kind:
    """A kind of claim: the fields it needs, those it may have, and its check."""

    name: str
    check: Check
    needs: tuple[str, ...]
    may: tuple[str, ...]


KINDS: dict[str, Kind] = {}


def kind(name: str, needs: Iterable[str], may: Iterable[str] = ()) -> Callable[[Check], Check]:
    """Register the check of a kind of claim."""

    def register(check: Check) -> Check:
        KINDS[name] = Kind(name, check, tuple(needs), tuple(may))
        return check

    return register


def shipped(name: str) -> dict[str, Any]:
    """Read claims that travel with the package.

    Parameters
    ----------
    name : {"company_x", "service_plan"}
        The thesis on company X; the service plans of a telecommunication company.

    Examples
    --------
    >>> len(shipped("company_x")["claims"]) > 30
    True
    """
    if name not in SHIPPED:
        raise DataError(f"no claims named {name!r} travel with the package; there are {', '.join(SHIPPED)}")
    return tomllib.loads(files("csi.auditing").joinpath("files", f"{name}.toml").read_text(encoding="utf-8"))


def load(source: str | Path | Mapping[str, Any]) -> Mapping[str, Any]:
    """Open a claims file, claims that travel with the package, or claims that are read already."""
    if isinstance(source, Mapping):
        return source
    path = Path(source)
    if not path.is_file():
        if str(source) in SHIPPED:
            return shipped(str(source))
        raise DataError(
            f"there is no file {str(source)!r}; claims that travel with the package are {', '.join(SHIPPED)}"
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name!r} is no TOML: {error}") from error


def read(content: Mapping[str, Any]) -> list[Claim]:
    """Turn the content of a claims file into claims.

    Raises
    ------
    DataError
        Naming at once every claim that has no kind, an unknown one, or fields that do not fit it.
    """
    tables, problems = _tables(content.get("tables", {}))
    claims = []
    given = content.get("claims", [])
    for number, entry in enumerate(given if isinstance(given, list) else [], start=1):
        found = [f"claim {entry.get('id', number)}: {problem}" for problem in _claim_problems(entry)]
        problems += found
        if not found:
            fields = {name: value for name, value in entry.items() if name not in COMMON}
            name = str(entry.get("id", number))
            claims.append(Claim(name, entry["kind"], entry.get("says", ""), entry.get("place", ""), fields, tables))
    problems += [f"claim {name} is there twice" for name in _twice(claim.id for claim in claims)]
    if not given and not problems:
        problems.append("there are no claims; each begins with [[claims]]")
    if problems:
        raise DataError(listing(problems, "the claims cannot be read"))
    return claims


def _claim_problems(entry: Mapping[str, Any]) -> Iterator[str]:
    """What keeps an entry from being a claim."""
    name = entry.get("kind")
    if name not in KINDS:
        hint = suggest(str(name), KINDS) if name else ""
        yield f"kind {name!r} is none of {', '.join(sorted(KINDS))}{hint}" if name else "it has no kind"
        return
    wanted = KINDS[name]
    for missing in (each for each in wanted.needs if each not in entry):
        yield f"a claim of kind {name!r} needs {missing!r}"
    known = {*COMMON, *wanted.needs, *wanted.may}
    for extra in (each for each in entry if each not in known):
        yield f"a claim of kind {name!r} has no field {extra!r}{suggest(extra, known)}"


def _tables(given: Mapping[str, Any]) -> tuple[dict[str, PrintedTable], list[str]]:
    """The printed tables of a file, and what is wrong with them."""
    tables: dict[str, PrintedTable] = {}
    problems = []
    for name, entry in given.items():
        try:
            tables[name] = _table(entry)
        except DataError as error:
            problems.append(f"table {name!r}: {error}")
    return tables, problems


def _table(entry: Mapping[str, Any]) -> PrintedTable:
    for missing in (each for each in ("rows", "columns", "values") if each not in entry):
        raise DataError(f"it needs {missing!r}")
    for extra in (each for each in entry if each not in TABLE_FIELDS):
        raise DataError(f"a table has no field {extra!r}{suggest(extra, TABLE_FIELDS)}")
    rows, columns, values = entry["rows"], entry["columns"], entry["values"]
    if len(values) != len(rows) or any(len(row) != len(columns) for row in values):
        raise DataError(f"values must be {len(rows)} rows of {len(columns)} numbers, as rows and columns name them")
    cells = tuple(tuple(printed(value) for value in row) for row in values)
    return PrintedTable(tuple(rows), tuple(columns), cells, entry.get("n"))


def _twice(names: Iterable[str]) -> list[str]:
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    return [name for name, times in seen.items() if times > 1]
