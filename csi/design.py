"""How the answers were drawn, in words: a `Design` names columns of weights, strata, clusters, replicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any, Literal, get_args

from csi.errors import DataError, SettingsError, check_choice, listing

Kind = Literal["bootstrap", "jackknife", "brr", "fay"]
SinglePSU = Literal["error", "certainty", "centered"]

_ONE_COLUMN = ("weight", "stratum", "cluster", "fpc", "count")
_NO_DATA = "A Design names columns; the data goes to Study(...).fit(data) or to the functions of csi.sampling"


@dataclass(frozen=True, repr=False)
class Design:
    """How the respondents were drawn: names of columns, never the data.

    Parameters
    ----------
    weight : str, optional
        Column of sampling weights (a constant factor changes no mean, index or path; totals need weights
        that sum to the population). A case of weight 0 counts for no estimate.
    stratum : str, optional
        Column of strata: groups of the frame from which independent samples were drawn.
    cluster : str, optional
        Column of clusters (primary sampling units): towns, shops, or the respondent where one person rates
        two companies or answers in several waves. Without it every case is its own cluster. The same label
        in two strata names two clusters.
    fpc : str, optional
        Column for the finite population correction: the number of clusters (cases, without `cluster`) in the
        population of the case's stratum; values of at most 1 are read as sampling fractions.
    count : str, optional
        Column of frequencies: a row with count 3 stands for three equal rows. Excludes `weight`.
    replicates : sequence of str, optional
        Columns of replicate weights that already contain the sampling weight. They carry the whole design,
        so `stratum`, `cluster` and `fpc` are left out; `weight` is the weight of the full sample
        (without it the full sample has equal weights).
    kind : {"bootstrap", "jackknife", "brr", "fay"}, optional
        How the replicate weights were made; needed with `replicates`.
    scale : float, optional
        Factor of the replicate variance. Default: see Notes.
    rscales : sequence of float, optional
        Factor of each replicate, as many as `replicates`. Default: 1 each.
    df : float, optional
        Degrees of freedom of the t intervals. Default: clusters minus strata, or the rank of the replicate
        weights minus 1.
    single_psu : {"error", "certainty", "centered"}
        What to do with a stratum that holds one cluster only: refuse; let it add nothing to the variance
        (it was drawn with certainty); or measure its distance from the mean over all clusters.

    Raises
    ------
    DataError
        When a Series, an array or a table is given where the name of a column belongs.
    SettingsError
        When the words contradict each other; all contradictions are named at once.

    Notes
    -----
    Replicate variance: ``scale * sum_r rscales[r] * (draw_r - estimate)^2``. With R replicates the default of
    `scale` is 1/(R - 1) for the bootstrap, (R - 1)/R for the jackknife (unstratified, JK1) and 1/R for BRR;
    it is 1 for every kind where `rscales` is given (stratified jackknife, JKn: ``rscales`` (n_h - 1)/n_h).
    Fay's method has no default: scale = 1/(R (1 - rho)^2). These are the conventions of R's survey package.

    Examples
    --------
    >>> design = Design(weight="w", stratum="region", cluster="town")
    >>> design
    Design(weight='w', stratum='region', cluster='town')
    >>> design.columns
    ('w', 'region', 'town')
    >>> Design(replicates=["r1", "r2", "r3", "r4", "r5"], kind="bootstrap").replicate_scale
    0.25
    """

    weight: str | None = None
    stratum: str | None = None
    cluster: str | None = None
    fpc: str | None = None
    count: str | None = None
    replicates: tuple[str, ...] | None = None
    kind: Kind | None = None
    scale: float | None = None
    rscales: tuple[float, ...] | None = None
    df: float | None = None
    single_psu: SinglePSU = "error"

    def __post_init__(self) -> None:
        for role in _ONE_COLUMN:
            _check_name(getattr(self, role), role)
        object.__setattr__(self, "replicates", _names(self.replicates))
        object.__setattr__(self, "rscales", _numbers(self.rscales, "rscales"))
        check_choice(self.single_psu, "single_psu", get_args(SinglePSU))
        if self.kind is not None:
            check_choice(self.kind, "kind", get_args(Kind))
        problems = [*_role_problems(self), *_replicate_problems(self), *_number_problems(self)]
        if problems:
            raise SettingsError(listing(problems, "The design contradicts itself"))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the design names, in the order of its words."""
        single = [getattr(self, role) for role in _ONE_COLUMN]
        return (*(name for name in single if name is not None), *(self.replicates or ()))

    @property
    def replicate_scale(self) -> float:
        """Factor of the replicate variance: the one given, or the default of the kind."""
        if self.scale is not None:
            return float(self.scale)
        if self.rscales is not None:
            return 1.0
        size = len(self._replicates)
        return {"bootstrap": 1 / (size - 1), "jackknife": (size - 1) / size, "brr": 1 / size}[str(self.kind)]

    @property
    def replicate_rscales(self) -> tuple[float, ...]:
        """Factor of each replicate: those given, or 1 each."""
        return self.rscales if self.rscales is not None else (1.0,) * len(self._replicates)

    @property
    def _replicates(self) -> tuple[str, ...]:
        if self.replicates is None:
            raise SettingsError("This design has no replicate weights; name them: Design(replicates=, kind=)")
        return self.replicates

    def __repr__(self) -> str:
        words = {f.name: getattr(self, f.name) for f in fields(self)}
        given = {name: value for name, value in words.items() if value is not None}
        if self.single_psu == "error":
            del given["single_psu"]
        return f"Design({', '.join(f'{name}={_short(value)}' for name, value in given.items())})"


def _check_name(value: object, role: str) -> None:
    """Refuse anything but the name of a column, and say where data goes."""
    if value is None:
        return
    if not isinstance(value, str):
        what = "data" if hasattr(value, "__len__") or hasattr(value, "__array__") else repr(value)
        raise DataError(
            f"{_NO_DATA}. {role}= was given {what} ({type(value).__name__}); give the name of a column, as in "
            f"Design({role}='{role}')"
        )
    if not value.strip():
        raise SettingsError(f"{role}= is an empty name; give the name of a column or leave it out")


def _names(value: Any) -> tuple[str, ...] | None:
    """The replicate columns as a tuple of names."""
    if value is None:
        return None
    if isinstance(value, str):
        raise SettingsError(
            f"replicates= takes a list of column names, one a replicate; not the single name {value!r}. "
            f"For numbered columns: [f'{value}{{i}}' for i in range(1, 101)]"
        )
    # A table or an array also iterates: only a plain sequence (or an index) of strings is a list of names.
    names = tuple(value) if isinstance(value, Sequence) or hasattr(value, "tolist") else (value,)
    if hasattr(value, "columns") or not all(isinstance(name, str) for name in names):
        raise DataError(f"{_NO_DATA}. replicates= was given {type(value).__name__}; give a list of column names")
    return tuple(str(name) for name in names)


def _numbers(value: Sequence[float] | None, role: str) -> tuple[float, ...] | None:
    """A sequence of numbers as a tuple of floats."""
    if value is None:
        return None
    try:
        return tuple(float(number) for number in value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"{role}= takes a sequence of numbers, one a replicate; not {value!r}") from error


def _role_problems(design: Design) -> list[str]:
    """Words that exclude each other."""
    problems = []
    if design.weight is not None and design.count is not None:
        problems.append(
            "weight and count exclude each other: a weight is a sampling weight, a count says how many equal "
            "rows a row stands for"
        )
    seen: dict[str, str] = {}
    for role in _ONE_COLUMN:
        name = getattr(design, role)
        if name in seen:
            problems.append(f"column '{name}' is named twice, as {seen[name]} and as {role}")
        elif name is not None:
            seen[name] = role
    return problems


def _replicate_problems(design: Design) -> list[str]:
    """What is wrong with the replicate words, or missing from them."""
    if design.replicates is None:
        given = [name for name in ("kind", "scale", "rscales") if getattr(design, name) is not None]
        return [f"{name}= describes replicate weights, but replicates= names none" for name in given]
    problems = []
    size = len(design.replicates)
    if size < 2:
        problems.append(f"replicates= names {size} column; a variance needs at least two")
    repeated = sorted({name for name in design.replicates if design.replicates.count(name) > 1})
    if repeated:
        problems.append(f"replicates= names a column twice: {', '.join(repeated)}")
    if design.kind is None:
        problems.append("replicates= needs kind='bootstrap', 'jackknife', 'brr' or 'fay'")
    if design.kind == "fay" and design.scale is None and design.rscales is None:
        problems.append("kind='fay' needs scale=1 / (R * (1 - rho)**2), with R replicates and Fay's rho")
    if design.rscales is not None and len(design.rscales) != size:
        problems.append(f"rscales= has {len(design.rscales)} numbers for {size} replicates")
    inside = [role for role in ("stratum", "cluster", "fpc", "count") if getattr(design, role) is not None]
    if inside:
        problems.append(f"replicate weights carry the whole design; leave out {', '.join(inside)}")
    return problems


def _number_problems(design: Design) -> list[str]:
    """Numbers outside their range."""
    problems = []
    for name in ("scale", "df"):
        value = getattr(design, name)
        if value is not None and not (isinstance(value, Real) and float(value) > 0):
            problems.append(f"{name}= must be a positive number; not {value!r}")
    if design.rscales is not None and not all(value >= 0 for value in design.rscales):
        problems.append("rscales= must not be negative")
    return problems


def _short(value: object) -> str:
    """A value for the one-line repr: long tuples by their ends."""
    if isinstance(value, tuple) and len(value) > 4:
        return f"({value[0]!r}, ..., {value[-1]!r})"
    return repr(value)
