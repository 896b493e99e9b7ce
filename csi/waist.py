"""The waist: counts, means and covariances of the items, through which every estimate passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import crossing
from csi.errors import DataError, NotAvailable, SettingsError, listing, suggest
from csi.numerics import pooling
from csi.numerics import tally as sums
from csi.numerics.moments import Packed, Stack, unpack
from csi.numerics.solve import Floats
from csi.numerics.tally import Tally
from csi.record import Record


@dataclass(frozen=True, eq=False, init=False)
class Moments:
    """What an estimator needs of the answers: how many, their means and their covariances, in codes.

    Parameters
    ----------
    n : float or array (groups,)
        Number of cases.
    mean : Series, or array (p,), (groups, p)
        Means of the items; NaN or None where unknown (the index then is not available).
    cov : DataFrame, or array (p, p), (groups, p, p)
        Unbiased covariances (divisor n - 1).
    items : sequence of str, optional
        Names of the items; read from a DataFrame's columns or a Series' index where given.
    groups : sequence, optional
        Labels of the groups; `by` names them in tables.
    by : str or sequence of str, optional
        What the groups are called.

    Raises
    ------
    DataError
        If shapes or names do not fit, or a covariance matrix is not symmetric.

    Notes
    -----
    `csi.moments` makes moments of tables of any size; theirs hold the sums they came from, so that they add up
    (`+`), cross a wall as a file (`save`, `load`) and may hold replicates.

    Examples
    --------
    >>> import pandas as pd
    >>> cov = pd.DataFrame([[4.0, 1.0], [1.0, 4.0]], index=["q1", "q2"], columns=["q1", "q2"])
    >>> Moments(n=250, mean=[7.0, 8.0], cov=cov)
    Moments(n=250, 2 items)
    """

    n: Floats
    mean: Floats
    cov: Floats
    items: tuple[str, ...]
    groups: tuple[Any, ...]
    by: tuple[str, ...]
    standardized: bool
    shift: Floats | None
    tallies: tuple[Tally, ...]
    record: Record | None
    resampled: tuple[Packed, ...]
    shares: Floats | None

    def __init__(
        self,
        n: Any,
        mean: Any,
        cov: Any,
        items: Sequence[str] | None = None,
        groups: Sequence[Any] | None = None,
        by: str | Sequence[str] = (),
        standardized: bool = False,
    ) -> None:
        names = _item_names(items, cov, mean)
        matrix = np.asarray(cov, dtype=float)
        matrix = matrix[None] if matrix.ndim == 2 else matrix
        counts = np.broadcast_to(np.asarray(n, dtype=float), (len(matrix),)).copy()
        means = np.full(matrix.shape[:2], np.nan) if mean is None else _means(mean, names, len(matrix))
        problems = list(_shape_problems(names, counts, means, matrix))
        if problems:
            raise DataError(listing(problems, "these moments cannot be used"))
        put = object.__setattr__
        put(self, "n", counts)
        put(self, "mean", means)
        put(self, "cov", matrix)
        put(self, "items", names)
        put(
            self,
            "groups",
            tuple(groups) if groups is not None else ((),) if len(matrix) == 1 else tuple(range(len(matrix))),
        )
        put(self, "by", (by,) if isinstance(by, str) else tuple(by) or (("group",) if groups is not None else ()))
        put(self, "standardized", standardized)
        put(self, "shift", None)
        put(self, "tallies", ())
        put(self, "record", None)
        put(self, "resampled", ())
        put(self, "shares", None)

    @classmethod
    def tallied(
        cls,
        items: Sequence[str],
        groups: Sequence[Any],
        by: Sequence[str],
        shift: Floats,
        tallies: Sequence[Tally],
        record: Record,
    ) -> Moments:
        """Make moments of sums, as a pass over answers keeps them; a group of one case has no covariances (NaN)."""
        found = [sums.moments(each._replace(table=each.table[:, :1]), shift, record.missing) for each in tallies]
        made = cls.__new__(cls)
        facts = {
            "n": np.array([each.n for each in tallies]),
            "mean": np.array([each.mean[:, 0] for each in found]),
            "cov": np.array([unpack(each.cov, len(items))[..., 0] for each in found]),
            "items": tuple(items),
            "groups": tuple(groups),
            "by": tuple(by),
            "standardized": False,
            "shift": shift,
            "tallies": tuple(tallies),
            "record": record,
            "resampled": (),
            "shares": None,
        }
        for name, value in facts.items():
            object.__setattr__(made, name, value)
        return made

    @classmethod
    def from_table(
        cls,
        correlation: pd.DataFrame,
        mean: Mapping[str, float] | Sequence[float] | None = None,
        sd: Mapping[str, float] | Sequence[float] | None = None,
        *,
        n: float,
    ) -> Moments:
        """Take moments from a printed correlation matrix, so that a published table can be fitted without raw data.

        Parameters
        ----------
        correlation : DataFrame (p, p)
            Full, or with the lower or upper triangle only (the rest blank).
        mean, sd : mapping or sequence (p,), optional
            Printed means and standard deviations; without them there is no index and no unstandardized effect.
        n : float
            Number of cases behind the table.

        Raises
        ------
        DataError
            If it is not a correlation matrix.

        Examples
        --------
        >>> printed = pd.DataFrame([[1.0, None], [0.5, 1.0]], index=["q1", "q2"], columns=["q1", "q2"])
        >>> Moments.from_table(printed, mean=[7, 8], sd=[2, 2], n=250).cov[0, 0, 1]
        np.float64(2.0)
        """
        names = [str(column) for column in correlation.columns]
        full = _filled(correlation.to_numpy(dtype=float), names)
        deviations = np.ones(len(names)) if sd is None else _in_order(sd, names, "sd")
        means = None if mean is None else _in_order(mean, names, "mean")
        cov = full * deviations[:, None] * deviations[None, :]
        return cls(n=n, mean=means, cov=cov, items=names, standardized=sd is None)

    @property
    def stack(self) -> Stack:
        """Means `(p, groups)` and covariances `(p, p, groups)`, groups last, as numerics want them."""
        cov = np.ascontiguousarray(np.moveaxis(self.cov, 0, -1))
        return Stack(np.ascontiguousarray(self.mean.T), cov, self.n)

    def select(self, names: Sequence[str]) -> Moments:
        """Keep some items, in a given order.

        Raises
        ------
        DataError
            Naming every item that is not there.
        """
        problems = [
            f"item {name!r} is not among the moments{suggest(name, self.items)}"
            for name in names
            if name not in self.items
        ]
        if problems:
            raise DataError(listing(problems, "the moments do not hold what the model names"))
        at = [self.items.index(name) for name in names]
        if self.record is not None and self.shift is not None:
            tallies, record = [sums.taken(each, at) for each in self.tallies], self.record.take(at, list(names))
            return Moments.tallied(names, self.groups, self.by, self.shift[at], tallies, record)
        cov = self.cov[:, at][:, :, at]
        if self.record is not None:
            rows, cols = np.triu_indices(len(at))
            place = _places(len(self.items))[np.array(at)[rows], np.array(at)[cols]]
            drawn = tuple(Packed(each.mean[at], each.cov[place]) for each in self.resampled)
            record = self.record.take(at, list(names))
            return self._with(items=tuple(names), mean=self.mean[:, at], cov=cov, record=record, resampled=drawn)
        return Moments(self.n, self.mean[:, at], cov, names, self.groups, self.by, self.standardized)

    def _with(self, **changes: Any) -> Moments:
        """A copy in which some fields are others."""
        made = Moments.__new__(Moments)
        for field in fields(self):
            object.__setattr__(made, field.name, changes.get(field.name, getattr(self, field.name)))
        return made

    # -- moments of a pass ---------------------------------------------------------------------------------

    @property
    def replicates(self) -> int:
        """Replicates that the pass drew beside the estimate."""
        if self.resampled:
            return self.resampled[0].mean.shape[1]
        return self.tallies[0].table.shape[1] - 1 if self.tallies else 0

    @property
    def divisor(self) -> str:
        """What sums of squares were divided by."""
        return "n - 1"

    @property
    def drawn(self) -> list[Packed]:
        """Moments of every replicate, group after group: means `(p, R)` and triangles of covariances."""
        if self.resampled:
            return list(self.resampled)
        shift, missing = self._sums[0], self._sums[1].missing
        return [sums.moments(each._replace(table=each.table[:, 1:]), shift, missing) for each in self.tallies]

    def pooled(self, strength: Literal["partial", "common"] | float = "partial") -> Moments:
        """Move the covariances of small groups towards those of all groups; means stay their own.

        A fit of the result has item weights, and all that follows from covariances, in common or in part: the index of
        a company of thirty cases no longer hangs on weights estimated from thirty cases.

        Parameters
        ----------
        strength : {"partial", "common"} or float
            For how many cases the covariances of all groups count beside a group's own: the likeliest number by
            empirical Bayes; infinitely many, so that all groups have the same weights; or a number.

        Returns
        -------
        Moments
            Its `shares` say how much of every group's covariances is common, `record.pooling` says it in words, which
            every fit repeats. Replicates are pooled alike, each with the others of its number.

        Raises
        ------
        NotAvailable
            If there are no two groups with covariances, or these moments were pooled before.

        Notes
        -----
        (s S + (n - 1) S_g) / (s + n - 1), S the mean covariances within groups, s the strength [Chen 1979, JRSS B 41,
        235-248]. With sampling weights n is Kish's effective number of cases, (sum w)^2 / sum w^2. The strength is
        held fixed over replicates, so intervals do not know its own uncertainty.

        Examples
        --------
        >>> import csi
        >>> data, model = csi.datasets.load("mobi").assign(company=list("abcde") * 50), csi.models.ecsi()
        >>> pooled = csi.moments(data, model, by="company").pooled()
        >>> csi.Study(model).fit(pooled).index().xs("satisfaction", level="construct")["estimate"].round(1).tolist()
        [72.5, 73.2, 74.7, 71.9, 70.0]
        """
        df = self._effective() - 1
        usable = (df > 0) & np.isfinite(self.cov).all(axis=(1, 2))
        if usable.sum() < 2 or self.shares is not None:
            raise NotAvailable("pooling takes two groups with covariances of their own at least, and is done once")
        chosen = _strength(strength, self.cov, df)
        share = pooling.shares(df, chosen)
        said = (
            "covariances of all groups are their common mean"
            if np.isinf(chosen)
            else f"covariances of groups are pooled in part, the common ones count for {chosen:,.0f} cases"
        )
        drawn: tuple[Packed, ...] = ()
        if self.replicates:
            triangles = pooling.pooled(np.array([each.cov for each in self.drawn]), df, share)
            drawn = tuple(Packed(each.mean, own) for each, own in zip(self.drawn, triangles, strict=True))
        record = self.record or Record((None,) * len(self.items), ((),) * len(self.items), "pairwise")
        return self._with(
            cov=pooling.pooled(self.cov, df, share),
            shift=None,
            tallies=(),
            resampled=drawn,
            shares=share,
            record=replace(record, pooling=said),
        )

    def _effective(self) -> Floats:
        """Effective numbers of cases: Kish's under sampling weights."""
        if not self.tallies:
            return self.n
        p = len(self.items)
        total = np.array([each.table[-1 if sums.is_paired(each.table, p) else 0, 0] for each in self.tallies])
        squares = np.array([each.squares for each in self.tallies])
        return np.divide(total**2, squares, out=np.zeros(len(total)), where=squares > 0)

    @property
    def facts(self) -> pd.DataFrame:
        """What went by in the pass, one row an item.

        Columns `low, high` (codes), `blanks`, `unknown` (blanks by code), `outside` (answers outside the scale, which
        count as they are), and `answered`.
        """
        record = self._sums[1]
        if record.facts is None:
            raise NotAvailable("groups were withheld from this file, and what went by speaks of all of them")
        answered = np.sum([each.answered for each in self.tallies], axis=0)
        return record.facts.table.assign(answered=answered)

    @property
    def _sums(self) -> tuple[Floats, Record]:
        if self.shift is None or self.record is None:
            raise NotAvailable(
                "these moments were pooled, which is done after everything is added up"
                if self.shares is not None
                else "these moments were given, not added up; csi.moments(table, model) makes moments that hold sums"
            )
        return self.shift, self.record

    def __add__(self, other: Moments) -> Moments:
        """Add the sums of another pass: the moments of all cases together, groups of the same label as one.

        Raises
        ------
        DataError
            If items, scales, treatment of blanks, weights, groups or replicates are not the same.
        """
        if not isinstance(other, Moments):
            return NotImplemented
        shift, record = self._sums
        self._check_same(other)
        other = other if other.items == self.items else other.select(self.items)
        by = other._sums[0] - shift
        found = dict(zip(self.groups, self.tallies, strict=True))
        for label, each in zip(other.groups, other.tallies, strict=True):
            about = each._replace(table=sums.moved(each.table, len(self.items), by))
            found[label] = sums.merged(found[label], about) if label in found else about
        order = in_order(found)
        return Moments.tallied(
            self.items, order, self.by, shift, [found[label] for label in order], record + other._sums[1]
        )

    def __radd__(self, other: Any) -> Moments:
        """Begin a sum of several: `sum(parts)` begins with zero."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def _check_same(self, other: Moments) -> None:
        """Refuse sums that do not add up."""
        record, its, problems = self._sums[1], other._sums[1], []
        apart = [name for name in (*self.items, *other.items) if (name in self.items) != (name in other.items)]
        if apart:
            problems.append(f"items are not the same: {', '.join(map(repr, apart[:8]))} in one of them only")
        else:
            at = [other.items.index(name) for name in self.items]
            problems += record.differences(its.take(at, list(self.items)), self.items)
        if self.by != other.by:
            problems.append(f"cases are divided by {list(self.by)} here and by {list(other.by)} there")
        if self.replicates != other.replicates:
            problems.append(f"there are {self.replicates:,} replicates here and {other.replicates:,} there")
        if set(record.streams) & set(its.streams) and set(self.groups) & set(other.groups):
            problems.append(
                "both were drawn with the same rng= from parts of the same name, so different cases would share their"
                " resamples (or the same cases were added twice); give each pass a seed of its own, or name the"
                " respondents: Design(cluster='respondent')"
            )
        if problems:
            raise DataError(listing(problems, "these moments do not add up"))

    def save(self, path: str | Path, *, minimum: int = 1) -> Path:
        """Write moments to a file, so that only moments cross a wall: an npz with a JSON header, never pickle.

        Parameters
        ----------
        path : str or Path
            The file; one that is there is replaced when the new one is whole.
        minimum : int
            Groups of fewer cases, and groups in which fewer (but some) answered an item, are not written; how many
            they were is, but neither their names nor their cases, nor facts that speak of all groups.

        Returns
        -------
        Path

        Raises
        ------
        NotAvailable
            If no group is large enough, or a label is of a kind that JSON cannot hold.

        Notes
        -----
        What this does not protect: (1) a single withheld group can be had by subtraction where the total of all groups
        is published elsewhere; withhold a second one, or the total. (2) Under `missing="pairwise"` the sums over those
        who left one item blank are a difference of two sums in the file; with few blanks they are a person's answers.
        `missing="listwise"` leaves no such differences. (3) Replicates are sums under random weights: whoever knows
        the seed knows the weights, and with enough of them could solve for single answers. The seed is not in the file,
        only a fingerprint of it, but `rng=7` is easily guessed: draw with `rng=None` what is to leave the house.

        Examples
        --------
        >>> import csi
        >>> moments = csi.moments(csi.datasets.load("mobi"), csi.models.ecsi())
        >>> path = moments.save("moments.npz")
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.Moments.load(path))
        >>> fit.index().round(2).loc["satisfaction", "estimate"].item()
        72.45
        """
        return crossing.write(path, self, minimum)

    @classmethod
    def load(cls, path: str | Path | BinaryIO) -> Moments:
        """Read moments that were saved.

        Parameters
        ----------
        path : str, Path or binary file
            What `save` wrote.

        Raises
        ------
        DataError
            If the file holds no moments, is damaged, or was written by a later version.

        Examples
        --------
        >>> import csi
        >>> moments = csi.moments(csi.datasets.load("mobi"), csi.models.ecsi())
        >>> path = moments.save("moments.npz")
        >>> csi.Moments.load(path)
        Moments(n=250, 24 items)
        """
        words, arrays = crossing.read(path)
        if "record" not in words:
            groups = words["groups"] if words["by"] else None
            given = (arrays["n"], arrays["mean"], arrays["cov"])
            return cls(*given, words["items"], groups, words["by"], words["standardized"])
        tallies = crossing.tallies(arrays)
        return cls.tallied(words["items"], words["groups"], words["by"], arrays["shift"], tallies, words["record"])

    def __repr__(self) -> str:
        groups = len(self.n)
        counts = f"n={self.n[0]:g}" if groups == 1 else f"{groups} groups, n={self.n.sum():,.0f}"
        drawn = f", {self.replicates:,} replicates" if self.replicates else ""
        hidden = "" if self.record is None else _withheld(self.record)
        return f"Moments({counts}, {len(self.items)} items{drawn}{hidden})"


def _strength(strength: Any, cov: Floats, df: Floats) -> float:
    """Cases for which common covariances count."""
    if strength == "common":
        return np.inf
    if strength == "partial":
        return pooling.likeliest_strength(cov, df)
    if isinstance(strength, bool) or not isinstance(strength, (int, float, np.number)) or not strength > 0:
        raise SettingsError(f"strength must be 'partial', 'common' or a number of cases; not {strength!r}")
    return float(strength)


def _places(p: int) -> NDArray[np.intp]:
    """Where the pair of two items stands in a triangle, `(p, p)`."""
    place = np.zeros((p, p), np.intp)
    place[np.triu_indices(p)] = np.arange(p * (p + 1) // 2)
    return np.maximum(place, place.T)


def in_order(labels: Any) -> list[Any]:
    """Labels as a table lists them; where they cannot be compared, by what they read as."""
    try:
        return sorted(labels)
    except TypeError:
        return sorted(labels, key=lambda label: (str(type(label)), str(label)))


def _withheld(record: Record) -> str:
    """How many groups a file did not hold."""
    if not record.withheld:
        return ""
    return f", {record.withheld} group{'s' * (record.withheld > 1)} below {record.minimum} cases withheld"


def _item_names(items: Sequence[str] | None, cov: Any, mean: Any) -> tuple[str, ...]:
    if items is not None:
        return tuple(map(str, items))
    if isinstance(cov, pd.DataFrame):
        return tuple(map(str, cov.columns))
    if isinstance(mean, pd.Series):
        return tuple(map(str, mean.index))
    raise DataError("moments need the names of their items: give cov as a DataFrame, or items=[...]")


def _means(mean: Any, names: tuple[str, ...], groups: int) -> Floats:
    if isinstance(mean, pd.Series):
        mean = mean.reindex(list(names)).to_numpy(dtype=float)
    values = np.asarray(mean, dtype=float)
    return np.broadcast_to(values, (groups, values.shape[-1])).copy()


def _shape_problems(names: tuple[str, ...], n: Floats, mean: Floats, cov: Floats) -> list[str]:
    p = len(names)
    problems = []
    if len(set(names)) != p:
        problems.append(f"item names stand twice: {', '.join(sorted({x for x in names if names.count(x) > 1}))}")
    if cov.ndim != 3 or cov.shape[1:] != (p, p):
        problems.append(f"cov must be {p} x {p} for {p} items; it is {' x '.join(map(str, cov.shape[1:]))}")
    elif not np.allclose(cov, cov.swapaxes(1, 2), rtol=1e-8, atol=1e-10, equal_nan=True):
        problems.append("cov is not symmetric; give the full matrix (from_table reads a triangle)")
    if mean.shape[-1] != p:
        problems.append(f"mean must hold {p} numbers; it holds {mean.shape[-1]}")
    if not (n > 1).all():
        problems.append(f"n must be above 1; it is {n.min():g}")
    return problems


def _in_order(values: Mapping[str, float] | Sequence[float], names: list[str], what: str) -> Floats:
    if isinstance(values, (Mapping, pd.Series)):
        missing = [name for name in names if name not in values]
        if missing:
            raise DataError(f"{what} has no entry for {', '.join(map(repr, missing))}")
        return np.array([values[name] for name in names], dtype=float)
    read = np.asarray(values, dtype=float)
    if read.shape != (len(names),):
        raise DataError(f"{what} must hold {len(names)} numbers, one an item; it holds {read.size}")
    return read


def _filled(matrix: Floats, names: list[str]) -> Floats:
    """Complete a triangle and check that the result is a correlation matrix."""
    if matrix.shape != (len(names), len(names)):
        raise DataError(f"a correlation matrix is square; this is {matrix.shape[0]} x {matrix.shape[1]}")
    full = np.where(np.isnan(matrix), matrix.T, matrix)
    np.fill_diagonal(full, np.where(np.isnan(np.diag(full)), 1.0, np.diag(full)))
    problems = []
    if np.isnan(full).any():
        row, col = np.argwhere(np.isnan(full))[0]
        problems.append(f"the correlation of {names[row]!r} and {names[col]!r} is blank on both sides")
    if not np.allclose(np.diag(full), 1, atol=1e-8):
        problems.append("the diagonal must be 1; for covariances use Moments(n=, mean=, cov=)")
    if np.nanmax(np.abs(full)) > 1 + 1e-8:
        problems.append("a correlation lies outside -1 to 1")
    if not np.allclose(full, full.T, atol=1e-8, equal_nan=True):
        row, col = np.argwhere(~np.isclose(full, full.T, atol=1e-8, equal_nan=True))[0]
        problems.append(f"the two correlations of {names[row]!r} and {names[col]!r} differ")
    if problems:
        raise DataError(listing(problems, "this is not a correlation matrix"))
    return full
