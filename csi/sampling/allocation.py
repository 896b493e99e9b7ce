"""Dividing a sample over strata: equal, proportional, Neyman, cost-optimal; whole numbers that sum to n."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.errors import DataError, SettingsError, check_choice, listing, suggest

Floats = NDArray[np.float64]
Method = Literal["equal", "proportional", "neyman", "cost"]


def allocate(
    n: int,
    sizes: Mapping[Any, float] | pd.Series,
    method: Method = "proportional",
    *,
    sd: Mapping[Any, float] | pd.Series | None = None,
    cost: Mapping[Any, float] | pd.Series | None = None,
    minimum: int = 0,
) -> pd.DataFrame:
    """Divide a sample of n over strata, in whole numbers that sum to n.

    Parameters
    ----------
    n : int
        Size of the whole sample.
    sizes : mapping or Series
        Population N of each stratum.
    method : {"equal", "proportional", "neyman", "cost"}
        Shares proportional to 1, N, N S, or N S / sqrt(c).
    sd : mapping or Series, optional
        Standard deviation S of each stratum; "neyman" and "cost" need it, the others do not use it.
    cost : mapping or Series, optional
        Cost c of one interview in each stratum; "cost" needs it, the others do not use it.
    minimum : int
        Fewest interviews in any stratum (all of it, where it is smaller).

    Returns
    -------
    DataFrame
        One row a stratum, in the order of `sizes`: `population`, `n_exact` (before rounding), `n`, `fraction`
        (n / population) and `weight` (population / n; NaN where n is 0).

    Raises
    ------
    SettingsError
        When n exceeds the population, the minimum cannot be kept, or a stratum has no `sd` or `cost`.

    Notes
    -----
    A stratum that would get more than it holds is taken whole, one below the minimum is raised to it, and the rest
    is shared anew among the others. Rounding is by largest remainder [Cochran 1977, sect. 5.5 and 5.8].

    Examples
    --------
    >>> allocate(7604, {"3g": 15020, "4g": 15930, "broadband": 13890})["n"].to_dict()
    {'3g': 2547, '4g': 2701, 'broadband': 2356}
    """
    check_choice(method, "method", ("equal", "proportional", "neyman", "cost"))
    strata = list(sizes.keys())
    population = np.array([float(sizes[h]) for h in strata])
    _check(n, strata, population, minimum)
    most = np.floor(population)
    share = _scores(method, strata, population, sd, cost)
    exact = _water_level(n, share, np.minimum(minimum, most), most)
    whole = largest_remainder(exact, n)
    table = {
        "population": population,
        "n_exact": exact,
        "n": whole,
        "fraction": whole / population,
        "weight": np.divide(population, whole, out=np.full(len(whole), np.nan), where=whole > 0),
    }
    return pd.DataFrame(table, index=pd.Index(strata, name="stratum"))


def largest_remainder(exact: Floats, n: int) -> NDArray[np.intp]:
    """Round shares to whole numbers that sum to n: floors, then one more for the largest remainders.

    Examples
    --------
    >>> largest_remainder(np.array([3.4, 3.3, 3.3]), 10).tolist()
    [4, 3, 3]
    """
    # A share that is whole but for the last bits must not lose one.
    floors = np.floor(exact + 1e-9).astype(np.intp)
    order = np.argsort(-(exact - floors), kind="stable")
    floors[order[: n - int(floors.sum())]] += 1
    return floors


def _water_level(n: int, share: Floats, low: Floats, high: Floats) -> Floats:
    """Shares between bounds that sum to n: those beyond a bound are fixed there, the rest shared anew."""
    exact, fixed = np.zeros(len(share)), np.zeros(len(share), bool)
    while not fixed.all():
        free = ~fixed
        left = n - exact[fixed].sum()
        exact[free] = left * share[free] / share[free].sum() if share[free].sum() > 0 else left / free.sum()
        over = np.where(free, np.maximum(exact - high, 0), 0.0)
        under = np.where(free, np.maximum(low - exact, 0), 0.0)
        # Fixing only the side that errs more never has to be taken back.
        beyond = over > 0 if over.sum() >= under.sum() else under > 0
        if not beyond.any():
            break
        exact[beyond] = np.where(over > 0, high, low)[beyond]
        fixed |= beyond
    return exact


def _scores(method: str, strata: list[Any], population: Floats, sd: Any, cost: Any) -> Floats:
    """What the shares are proportional to."""
    problems: list[str] = []
    spread = _by_stratum(sd, "sd", strata, method in {"neyman", "cost"}, problems, zero=True)
    price = _by_stratum(cost, "cost", strata, method == "cost", problems, zero=False)
    if problems:
        raise SettingsError(listing(problems, "The sample cannot be allocated"))
    if method in {"equal", "proportional"}:
        return np.ones(len(strata)) if method == "equal" else population
    share = population * spread / (np.sqrt(price) if method == "cost" else 1.0)
    if share.sum() == 0:
        raise SettingsError("sd= is 0 in every stratum; then one interview tells all, use method='proportional'")
    return share


def _by_stratum(values: Any, name: str, strata: list[Any], needed: bool, problems: list[str], zero: bool) -> Floats:
    """One number a stratum, or ones where the method needs none; problems are added to the list."""
    if values is None:
        if needed:
            problems.append(f"{name}= is needed: one number for each stratum")
        return np.ones(len(strata))
    absent = [h for h in strata if h not in values]
    extra = [h for h in values.keys() if h not in strata]  # noqa: SIM118 - a Series iterates over its values
    problems += [f"{name}= has no number for stratum {h!r}" for h in absent]
    problems += [f"{name}= names {h!r}, which is no stratum{suggest(str(h), map(str, strata))}" for h in extra]
    numbers = np.array([float(values[h]) if h in values else 1.0 for h in strata])
    if not (np.isfinite(numbers) & ((numbers >= 0) if zero else (numbers > 0))).all():
        problems.append(f"{name}= must be {'zero or more' if zero else 'positive'} in every stratum")
    return numbers


def _check(n: int, strata: list[Any], population: Floats, minimum: int) -> None:
    """Refuse what no allocation can satisfy."""
    if not strata:
        raise DataError("sizes= has no strata")
    problems = []
    bad = [h for h, size in zip(strata, population, strict=True) if not (np.isfinite(size) and size > 0)]
    if bad:
        problems.append(f"the population must be positive in every stratum; it is not in {', '.join(map(repr, bad))}")
    if not (float(n).is_integer() and n >= 1):
        problems.append(f"n= must be a whole positive number; not {n!r}")
    if not (float(minimum).is_integer() and minimum >= 0):
        problems.append(f"minimum= must be a whole number, zero or more; not {minimum!r}")
    if not problems and n > np.floor(population).sum():
        problems.append(f"n={n} is larger than the population of {population.sum():g}; at most that many can be drawn")
    if not problems and np.minimum(minimum, population).sum() > n:
        problems.append(
            f"minimum={minimum} in {len(strata)} strata needs {np.minimum(minimum, population).sum():g} interviews; "
            f"n={n} is too small"
        )
    if problems:
        raise SettingsError(listing(problems, "The sample cannot be allocated"))
