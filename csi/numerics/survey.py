"""Variances of samples with strata, clusters and finite populations: linearization, jackknife, bootstrap.

Everything rests on the ultimate cluster: with influences ``u`` (weight times linearized value, so that the
estimate moves by their sum) only the totals by primary sampling unit (PSU) within stratum matter.

References
----------
Binder (1983), On the variances of asymptotically normal estimators from complex surveys.
Rao, Wu & Yue (1992), Some recent work on resampling methods for complex surveys, eq. 2.1.
Rust & Rao (1996), Variance estimation for complex surveys using replication techniques.
Lumley (2004), Analysis of complex survey samples (the conventions of R's survey package).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

# One random stream serves this many replicates, whatever the memory allows at a time.
STREAM_BLOCK = 256


class Layout(NamedTuple):
    """Who belongs to which PSU and stratum; PSUs are numbered through the strata.

    ``psu`` (n,) is the PSU of each case, ``stratum`` (P,) the stratum of each PSU, ``fraction`` (H,) the share
    of each stratum's PSUs that is in the sample (0 without a finite population correction).
    """

    psu: Ints
    stratum: Ints
    fraction: Floats

    @property
    def n_psu(self) -> Ints:
        """Number of PSUs of each stratum, (H,)."""
        return np.bincount(self.stratum, minlength=len(self.fraction))


def layout(stratum: Ints, psu: Ints, population: Floats | None = None) -> Layout:
    """Nest PSU codes in stratum codes, so that the same label in two strata is two PSUs.

    Parameters
    ----------
    stratum : (n,) integer codes 0 .. H-1 of each case.
    psu : (n,) integer codes of each case.
    population : (H,) number of PSUs in the population of each stratum; values of at most 1 are fractions.

    Examples
    --------
    >>> laid = layout(np.array([0, 0, 1, 1]), np.array([5, 6, 5, 5]), np.array([4.0, 10.0]))
    >>> laid.psu.tolist(), laid.stratum.tolist(), laid.fraction.tolist()
    ([0, 1, 2, 2], [0, 0, 1], [0.5, 0.1])
    """
    width = int(psu.max(initial=0)) + 1
    _, first, codes = np.unique(stratum * width + psu, return_index=True, return_inverse=True)
    of_psu = stratum[first].astype(np.intp)
    sizes = np.bincount(of_psu)
    if population is None:
        return Layout(codes.reshape(-1), of_psu, np.zeros(len(sizes)))
    return Layout(codes.reshape(-1), of_psu, np.where(population <= 1, population, sizes / population))


def psu_totals(values: Floats, laid: Layout) -> Floats:
    """Add the rows of ``values`` (n, k) up to their PSUs, (P, k)."""
    totals = np.zeros((len(laid.stratum), values.shape[1]))
    np.add.at(totals, laid.psu, values)
    return totals


def linearized_covariance(
    influences: Floats, laid: Layout, single_psu: Literal["certainty", "centered"] = "certainty"
) -> Floats:
    """Covariance of the sums of ``influences`` (n, k) between PSUs within strata, (k, k).

    Notes
    -----
    ``V = sum_h (1 - f_h) n_h/(n_h - 1) sum_i (t_hi - t_h)(t_hi - t_h)'`` with t_hi the total of PSU i of stratum
    h and t_h their mean [Binder 1983; Lumley 2004, sect. 2]. A stratum with one PSU adds nothing ("certainty") or
    its squared distance from the mean over all PSUs ("centered").

    Examples
    --------
    >>> laid = layout(np.zeros(4, int), np.arange(4))
    >>> y = np.array([1.0, 2.0, 3.0, 6.0])
    >>> variance = linearized_covariance(((y - y.mean()) / 4)[:, None], laid)[0, 0]
    >>> bool(np.isclose(variance, y.var(ddof=1) / 4, rtol=1e-15))
    True
    """
    totals = psu_totals(influences, laid)
    factor, centre = _factors_and_centres(totals, laid, single_psu)
    deviations = totals - centre
    covariance: Floats = (deviations * factor[:, None]).T @ deviations
    return covariance


def linearized_variance(
    influences: Floats, laid: Layout, single_psu: Literal["certainty", "centered"] = "certainty"
) -> Floats:
    """Diagonal of `linearized_covariance` without the rest, (k,): for many columns at once."""
    totals = psu_totals(influences, laid)
    factor, centre = _factors_and_centres(totals, laid, single_psu)
    variance: Floats = factor @ (totals - centre) ** 2
    return variance


def _factors_and_centres(totals: Floats, laid: Layout, single_psu: str) -> tuple[Floats, Floats]:
    """Factor of each PSU's squared distance, and the point it is measured from."""
    sizes = laid.n_psu
    means = np.zeros((len(sizes), totals.shape[1]))
    np.add.at(means, laid.stratum, totals)
    means /= sizes[:, None]
    factor = (1 - laid.fraction) * sizes / np.maximum(sizes - 1, 1)
    if single_psu == "centered":
        means[sizes == 1] = totals.mean(axis=0)
    return factor[laid.stratum], means[laid.stratum]


def degrees_of_freedom(laid: Layout, inside: Bools | None = None) -> int:
    """PSUs minus strata, counted where ``inside`` (n,) holds: those of a domain are its own."""
    psus = np.unique(laid.psu if inside is None else laid.psu[inside])
    return len(psus) - len(np.unique(laid.stratum[psus]))


def srs_variance(values: Floats, weights: Floats, inside: Bools, replacement: bool) -> float:
    """Variance that the weighted total of ``values`` (n,) would have in a simple random sample of the same n.

    ``N^2 s^2 / n``, times ``1 - n/N`` without replacement, with ``s^2`` the weighted variance over the cases
    ``inside`` [Lumley 2004; `svymean(deff=TRUE)` and `deff="replace"`].
    """
    inside = inside & (weights > 0)
    w, z, n = weights[inside], values[inside], int(inside.sum())
    size = float(w.sum())
    if n < 2:
        return float("nan")
    spread = float(w @ (z - (w @ z) / size) ** 2) / size * n / (n - 1)
    return spread * size**2 / n * (1.0 if replacement else 1 - n / size)


def kish(weights: Floats) -> float:
    """Design effect of unequal weights, ``n sum(w^2) / sum(w)^2`` [Kish 1965, eq. 11.2.7].

    Examples
    --------
    >>> kish(np.array([1.0, 1.0, 2.0]))
    1.125
    """
    w = weights[weights > 0]
    return float(len(w) * (w @ w) / w.sum() ** 2)


def jackknife(laid: Layout) -> tuple[Ints, Floats]:
    """PSUs to be left out one at a time, and the factor of each replicate, (R,) both.

    One stratum gives JK1, several give JKn: ``rscales = (1 - f_h)(n_h - 1)/n_h`` [Rust & Rao 1996, sect. 2]. A
    stratum with one PSU gives no replicate.
    """
    sizes = laid.n_psu[laid.stratum]
    dropped = np.flatnonzero(sizes > 1)
    rscales = (1 - laid.fraction[laid.stratum]) * (sizes - 1) / sizes
    return dropped, rscales[dropped]


def jackknife_multipliers(laid: Layout, dropped: Ints) -> Floats:
    """Multipliers of the case weights when each PSU of ``dropped`` (r,) is left out, (r, n).

    0 for the PSU left out, n_h/(n_h - 1) for the rest of its stratum, 1 elsewhere.

    Examples
    --------
    >>> laid = layout(np.array([0, 0, 0, 1, 1]), np.arange(5))
    >>> jackknife_multipliers(laid, np.array([0, 3])).tolist()
    [[0.0, 1.5, 1.5, 1.0, 1.0], [1.0, 1.0, 1.0, 0.0, 2.0]]
    """
    sizes = laid.n_psu
    same = laid.stratum[dropped][:, None] == laid.stratum[None, :]
    raised = (sizes / np.maximum(sizes - 1, 1))[laid.stratum]
    of_psu = np.where(same, raised[None, :], 1.0)
    of_psu[np.arange(len(dropped)), dropped] = 0.0
    multipliers: Floats = of_psu[:, laid.psu]
    return multipliers


def rao_wu_multipliers(laid: Layout, rng: np.random.Generator, size: int) -> Floats:
    """Rescaled bootstrap multipliers of the case weights, (size, n).

    Notes
    -----
    In each stratum n_h - 1 PSUs are drawn with replacement out of n_h; a PSU drawn r times has the multiplier
    ``1 - c_h + c_h r n_h/(n_h - 1)`` with ``c_h = sqrt(1 - f_h)`` [Rao, Wu & Yue 1992, eq. 2.1 with
    m_h = n_h - 1]: ``r n_h/(n_h - 1)`` without finite population correction. A stratum with one PSU keeps 1.

    The stream is read replicate by replicate, so drawing 256 at once or in parts gives the same numbers.
    """
    sizes = laid.n_psu
    urns = np.repeat(np.arange(len(sizes)), np.maximum(sizes - 1, 0))
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    # layout() numbers the PSUs of a stratum in one run, so a draw is the stratum's first PSU plus an offset.
    picks = first[urns] + (rng.random((size, len(urns))) * sizes[urns]).astype(np.intp)
    width = len(laid.stratum)
    flat = (picks + width * np.arange(size)[:, None]).ravel()
    drawn = np.bincount(flat, minlength=size * width).reshape(size, width).astype(np.float64)
    keep: Floats = np.sqrt(1 - laid.fraction)
    slope: Floats = np.where(sizes > 1, keep * sizes / np.maximum(sizes - 1, 1), 0.0)[laid.stratum]
    start = np.where(sizes > 1, 1 - keep, 1.0)[laid.stratum]
    multipliers: Floats = (start + slope * drawn)[:, laid.psu]
    return multipliers


def rao_wu(
    laid: Layout, stream: Callable[[int], np.random.Generator], n_resamples: int, rows: int = STREAM_BLOCK
) -> Iterator[Floats]:
    """Yield Rao-Wu multipliers in blocks of at most ``rows`` replicates, (rows, n).

    ``stream(b)`` gives the generator of the b-th 256 replicates; so results depend neither on ``rows`` nor on how
    many replicates follow.

    Examples
    --------
    >>> laid = layout(np.array([0, 0, 0, 1, 1]), np.arange(5))
    >>> streams = lambda block: np.random.default_rng([7, block])
    >>> whole = np.concatenate(list(rao_wu(laid, streams, 300)))
    >>> parts = np.concatenate(list(rao_wu(laid, streams, 500, rows=100)))
    >>> whole.shape, bool((whole == parts[:300]).all())
    ((300, 5), True)
    """
    for start in range(0, n_resamples, STREAM_BLOCK):
        rng = stream(start // STREAM_BLOCK)
        stop = min(n_resamples, start + STREAM_BLOCK)
        for low in range(start, stop, rows):
            yield rao_wu_multipliers(laid, rng, min(rows, stop - low))


def replicate_covariance(
    draws: Floats,
    estimate: Floats,
    scale: float,
    rscales: Floats,
    around: Literal["estimate", "mean"] = "estimate",
) -> Floats:
    """Covariance of replicates ``draws`` (R, k) around the ``estimate`` (k,) or around their mean, (k, k).

    ``scale * sum_r rscales_r (draw_r - centre)(draw_r - centre)'``; R's survey package calls the two centres
    `mse=TRUE` and `mse=FALSE` (its default, the mean over replicates whose factor is positive).
    """
    centre = draws[rscales > 0].mean(axis=0) if around == "mean" else estimate
    deviations = draws - centre
    covariance: Floats = scale * (deviations * rscales[:, None]).T @ deviations
    return covariance


def replicate_degrees_of_freedom(weights: Floats) -> int:
    """Rank of the replicate weights (n, R) minus 1, as `degf` of R's survey package."""
    return int(np.linalg.matrix_rank(weights, rtol=1e-5)) - 1
