"""Drawing a sample from a frame: simple, systematic, with probability proportional to size, stratified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from csi import frames
from csi.errors import DataError, SettingsError, check_choice, listing, suggest
from csi.sampling.allocation import Method as Allocation
from csi.sampling.allocation import allocate

Floats = NDArray[np.float64]
Rng = int | np.random.Generator
Draw = Literal["srs", "systematic", "pps"]

PROBABILITY = "inclusion_probability"


def select(
    frame: Any,
    n: int | Mapping[Any, int] | pd.Series | pd.DataFrame,
    method: Draw = "srs",
    *,
    rng: Rng,
    stratum: str | None = None,
    allocation: Allocation = "proportional",
    sd: Mapping[Any, float] | None = None,
    cost: Mapping[Any, float] | None = None,
    minimum: int = 0,
    size: str | None = None,
) -> pd.DataFrame:
    """Draw a probability sample from a frame.

    Parameters
    ----------
    frame : DataFrame
        One row a unit (customer, account, branch).
    n : int, or mapping, Series or the table of `allocate`
        Sample size: of the whole, or of each stratum.
    method : {"srs", "systematic", "pps"}
        Simple random; every k-th with a random start (in the order of the frame); systematic with probability
        proportional to `size`.
    rng : int or Generator
        Makes the draw reproducible; it is kept in ``sample.attrs``.
    stratum : str, optional
        Column of strata: an independent draw in each.
    allocation : {"equal", "proportional", "neyman", "cost"}
        How one n is divided over the strata, with `sd`, `cost` and `minimum` as in `allocate`.
    size : str, optional
        Column of sizes for "pps" (customers of a branch, turnover of an account).

    Returns
    -------
    DataFrame
        The rows drawn, in the order of the frame, with a column `inclusion_probability`. ``attrs`` records method,
        rng, stratum and the units of the frame in each stratum.

    Raises
    ------
    SettingsError
        When more is asked for than the frame holds, or `n` names a stratum that the frame lacks.

    Examples
    --------
    >>> frame = pd.DataFrame({"customer": range(100), "network": ["3g"] * 60 + ["4g"] * 40})
    >>> sample = select(frame, 10, stratum="network", rng=7)
    >>> sample["network"].value_counts().to_dict(), sample["inclusion_probability"].unique().tolist()
    ({'3g': 6, '4g': 4}, [0.1])
    """
    check_choice(method, "method", ("srs", "systematic", "pps"))
    opened = frames.table(frame)
    units = _pandas(opened)
    if PROBABILITY in opened.columns:
        raise DataError(f"the frame already has a column {PROBABILITY!r}; rename it")
    sizes = _sizes(opened, size, method)
    generator = np.random.default_rng(rng)
    record = {"method": method, "rng": _written(rng), "stratum": stratum}
    codes, labels = frames.classes(opened, stratum, "stratum") if stratum else (np.zeros(len(units), np.intp), [None])
    counts = _counts(n, codes, labels, stratum, allocation, sd, cost, minimum)
    chosen, probability = np.zeros(len(units), bool), np.zeros(len(units))
    for h, count in enumerate(counts):
        rows = np.flatnonzero(codes == h)
        take, pi = _draw(rows, int(count), method, sizes, generator)
        chosen[take] = True
        probability[rows] = pi
    sample = units.loc[chosen].assign(**{PROBABILITY: probability[chosen]})
    population = {label: int((codes == h).sum()) for h, label in enumerate(labels)}
    sample.attrs = {"sampling": {**record, "population": population}}
    return sample


def inclusion_probabilities(sizes: ArrayLike, n: int) -> Floats:
    """Probability of each unit in a draw of n proportional to size; units that are certain have 1.

    Parameters
    ----------
    sizes : array of float
        Size of each unit, zero or more; a unit of size 0 is never drawn.
    n : int
        Number of draws.

    Returns
    -------
    ndarray
        ``n x_i / sum(x)``, with units beyond 1 set to 1 and the rest recomputed until none exceeds it; sums to n.

    Examples
    --------
    >>> inclusion_probabilities([10, 20, 30, 400, 5], 2).round(8).tolist()
    [0.15384615, 0.30769231, 0.46153846, 1.0, 0.07692308]
    """
    x = np.asarray(sizes, dtype=float)
    if not (np.isfinite(x).all() and (x >= 0).all()):
        raise DataError("sizes must be zero or more, without blanks")
    if n > (x > 0).sum():
        raise SettingsError(f"n={n} exceeds the {(x > 0).sum()} units of positive size")
    pi, certain = np.zeros(len(x)), np.zeros(len(x), bool)
    while True:
        rest = n - certain.sum()
        # Once every draw is certain nothing is left to share out.
        pi = np.where(certain, 1.0, rest * x / x[~certain].sum() if rest else 0.0)
        beyond = (pi >= 1) & ~certain
        if not beyond.any():
            return pi
        certain |= beyond


def _draw(
    rows: NDArray[np.intp], n: int, method: str, sizes: Floats | None, rng: np.random.Generator
) -> tuple[NDArray[np.intp], Floats]:
    """Draw n of the rows; return them and the inclusion probability of every row."""
    if method == "pps" and sizes is not None:
        pi = inclusion_probabilities(sizes[rows], n)
        # The cumulated probabilities cross whole numbers from a random start: one unit at each crossing.
        ends = np.concatenate([[0.0], np.cumsum(pi)])
        ends[-1] = n
        crossings = np.floor(ends - rng.random()).astype(int)
        return rows[np.diff(crossings) > 0], pi
    share = np.full(len(rows), n / len(rows))
    if n == 0:
        return rows[:0], share
    if method == "srs":
        return rows[np.sort(rng.choice(len(rows), n, replace=False))], share
    step = len(rows) / n
    return rows[np.minimum(np.floor((rng.random() + np.arange(n)) * step).astype(int), len(rows) - 1)], share


def _counts(
    n: Any,
    codes: NDArray[np.intp],
    labels: list[Any],
    stratum: str | None,
    allocation: Allocation,
    sd: Any,
    cost: Any,
    minimum: int,
) -> NDArray[np.intp]:
    """Number to draw in each stratum, checked against what the frame holds."""
    held = np.bincount(codes, minlength=len(labels))
    if isinstance(n, (pd.DataFrame, pd.Series, Mapping)):
        if stratum is None:
            raise SettingsError("n= by stratum needs stratum=, the column of strata")
        return _named_counts(n["n"] if isinstance(n, pd.DataFrame) else n, held, labels)
    if stratum is None:
        if not (float(n).is_integer() and 1 <= n <= held[0]):
            raise SettingsError(f"n= must be a whole number from 1 to the {held[0]} units of the frame; not {n!r}")
        return np.array([n], np.intp)
    table = allocate(n, dict(zip(labels, held, strict=True)), allocation, sd=sd, cost=cost, minimum=minimum)
    return table["n"].to_numpy(np.intp)


def _named_counts(n: Any, held: NDArray[np.intp], labels: list[Any]) -> NDArray[np.intp]:
    """Counts given by stratum, in the order of the labels."""
    wanted = dict(n.items())
    problems = [
        f"stratum {h!r} is not in the frame{suggest(str(h), map(str, labels))}" for h in wanted if h not in labels
    ]
    problems += [
        f"n= has no number for stratum {h!r} of the frame (0 leaves it out)" for h in labels if h not in wanted
    ]
    for h, there in zip(labels, held, strict=True):
        count = wanted.get(h, 0)
        if not (float(count).is_integer() and 0 <= count <= there):
            problems.append(f"stratum {h!r} holds {there} units; {count!r} cannot be drawn from it")
    if problems:
        raise SettingsError(listing(problems, "The sample cannot be drawn"))
    return np.array([int(wanted[h]) for h in labels], np.intp)


def _sizes(opened: frames.Table, size: str | None, method: str) -> Floats | None:
    """The column of sizes, where the method asks for one."""
    if (size is not None) != (method == "pps"):
        raise SettingsError("size= (a column) goes with method='pps', and only with it")
    if size is None:
        return None
    values = frames.numbers(opened, [size], "size")[0]
    if np.isnan(values).any() or (values < 0).any():
        raise DataError(f"size {size!r} must be zero or more, without blanks")
    return values


def _pandas(opened: frames.Table) -> pd.DataFrame:
    """The frame as pandas, the user's own where it is one."""
    if isinstance(opened.native, pd.DataFrame):
        return opened.native
    return pd.DataFrame({name: opened.column(name) for name in opened.columns})


def _written(rng: Rng) -> Any:
    """What must be kept to repeat the draw: the seed, or the state of the generator before it."""
    return rng.bit_generator.state if isinstance(rng, np.random.Generator) else rng


def qa_sample(records: Any, n: int, *, agent: str, rng: Rng, minimum: int = 1) -> pd.DataFrame:
    """Draw service records for quality control: every agent at least `minimum`, the rest by volume.

    Parameters
    ----------
    records : DataFrame
        One row a call or conversation.
    n : int
        Records to be checked.
    agent : str
        Column of agents.
    rng : int or Generator
    minimum : int
        Fewest records of any agent (all, where an agent has fewer).

    Returns
    -------
    DataFrame
        As `select`: the records drawn with their `inclusion_probability`.

    Examples
    --------
    >>> records = pd.DataFrame({"agent": ["a"] * 90 + ["b"] * 9 + ["c"]})
    >>> qa_sample(records, 20, agent="agent", rng=1, minimum=3)["agent"].value_counts().to_dict()
    {'a': 16, 'b': 3, 'c': 1}
    """
    return select(records, n, stratum=agent, minimum=minimum, rng=rng)
