"""How many factors: eigenvalues, the scree, parallel analysis, and the weight of the first factor.

References
----------
Kaiser (1960), The application of electronic computers to factor analysis, EPM 20 (eigenvalues above 1).
Horn (1965), A rationale and test for the number of factors in factor analysis, Psychometrika 30.
Raiche, Walls, Magis, Riopel & Blais (2013), Non-graphical solutions for Cattell's scree test, Methodology 9.
Podsakoff & Organ (1986), Self-reports in organizational research, J. of Management 12 (Harman's single factor).
Podsakoff, MacKenzie, Lee & Podsakoff (2003), Common method biases in behavioral research, J. Applied Psychology 88.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import blocks
from csi.analysis.adequacy import sound_correlation
from csi.analysis.moments import Missing, complete, moments
from csi.blocks import Arrays, Group, ModelLike, Said, Scale
from csi.design import Design
from csi.errors import SettingsError, check_choice
from csi.numerics import factor, parallel

Floats = NDArray[np.float64]


def harman(
    data: Any,
    model: ModelLike = None,
    *,
    extraction: Literal["pc", "pa"] = "pc",
    missing: Missing = "listwise",
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    scale: Scale | None = None,
) -> pd.DataFrame:
    """Harman's single factor: the share of all variance that the first unrotated factor takes.

    Returns
    -------
    DataFrame
        One row: `estimate` (share of variance), `n`, `k` items, `factors` (eigenvalues above 1).

    Notes
    -----
    Above one half it is taken as a sign of common method variance [Podsakoff & Organ 1986]. The test is weak: it
    passes data with a good deal of it [Podsakoff et al. 2003], so report it beside a better one.

    Examples
    --------
    >>> from csi import datasets
    >>> round(float(harman(datasets.load("mobi"))["estimate"].iloc[0]), 4)
    0.3948
    """
    check_choice(extraction, "extraction", ("pc", "pa"))
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    every = tuple(range(len(answers.names)))
    told: dict[str, str] = {}

    def of_group(group: Group) -> pd.DataFrame:
        found = moments(answers, group, every, missing)
        told["missing"] = (
            found.treatment if not answers.by else Said(f"{missing} within each group", "在各组内分别处理缺失")
        )
        corr = sound_correlation(answers, every, found)
        solved = factor.principal_components(corr, 1) if extraction == "pc" else factor.principal_axes(corr, 1)
        row = {
            "estimate": float(np.square(solved.loadings).sum() / len(corr)),
            "n": found.n,
            "k": len(corr),
            "factors": int((parallel.eigenvalues(corr) > 1).sum()),
        }
        return pd.DataFrame([row], index=pd.Index(["first factor"], name="measure"))

    tables = [of_group(group) for group in answers.groups]
    notes = {**answers.note(told["missing"]), "caution": _WEAK, "title": _HARMAN}
    return blocks.stacked(answers, iter(tables), notes)


_HARMAN = Said("Harman's single factor", "Harman 单因子检验")
_WEAK = Said(
    "a weak test: it passes answers with a good deal of common method variance",
    "此检验效力较弱：存在明显共同方法偏差时也可能通过",
)


def parallel_analysis(
    data: Any,
    model: ModelLike = None,
    *,
    simulation: Literal["normal", "permuted"] = "normal",
    quantile: float = 0.95,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    scale: Scale | None = None,
    n_resamples: int = 1000,
    rng: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Eigenvalues beside those of unrelated answers: as many components as lie above [Horn 1965].

    Parameters
    ----------
    simulation : {"normal", "permuted"}
        Independent normal answers, or the answers themselves with every item permuted on its own.
    quantile : float
        Which quantile of the random eigenvalues is the limit.
    by : str or list of str, optional
    design : Design, optional
        Case weights enter the correlations; the random answers remain those of a simple random sample of n.

    Returns
    -------
    DataFrame
        One row a component: `eigenvalue`, `random_mean`, `random_limit`, `retained` (1 or 0). Listwise.

    Examples
    --------
    >>> import csi
    >>> table = csi.analysis.parallel_analysis(csi.datasets.load("mobi"), n_resamples=20)
    >>> int(table["retained"].sum())
    2
    """
    check_choice(simulation, "simulation", ("normal", "permuted"))
    answers = blocks.read(data, model, by=by, design=design, scale=scale)
    every = tuple(range(len(answers.names)))
    stream = streams(rng, answers)

    def of_group(group: Group) -> pd.DataFrame:
        found = moments(answers, group, every)
        corr = sound_correlation(answers, every, found)
        x = complete(answers, group, every)[0] if simulation == "permuted" else None
        table = scree(corr, found.n, n_resamples, stream(group), x, quantile)
        kept = parallel.retained(table["eigenvalue"].to_numpy(), table["random_limit"].to_numpy())
        table["retained"] = (np.arange(len(table)) < kept).astype(float)
        return table

    notes = {**answers.note(Said("listwise", "成列删除")), "title": Said("Parallel analysis", "平行分析")}
    return blocks.stacked(answers, (of_group(group) for group in answers.groups), notes)


def streams(rng: int | np.random.Generator, answers: Arrays) -> Callable[[Group], np.random.Generator]:
    """A random stream of its own for every group: another group changes no random eigenvalue."""
    if not answers.by:
        return lambda group: np.random.default_rng(rng)
    seed = int(rng.integers(2**63)) if isinstance(rng, np.random.Generator) else int(rng)
    return lambda group: np.random.default_rng([seed, zlib.crc32(repr(group.label).encode())])


def scree(
    corr: Floats, n: float, n_resamples: int, rng: np.random.Generator, x: Floats | None = None, quantile: float = 0.95
) -> pd.DataFrame:
    """Observed and random eigenvalues."""
    if n_resamples < 1:
        raise SettingsError(f"n_resamples must be at least 1; not {n_resamples}")
    chance = parallel.random_eigenvalues(int(n), len(corr), n_resamples, rng, x)
    return pd.DataFrame(
        {
            "eigenvalue": parallel.eigenvalues(corr),
            "random_mean": chance.mean(axis=0),
            "random_limit": np.quantile(chance, quantile, axis=0),
        },
        index=pd.RangeIndex(1, len(corr) + 1, name="component"),
    )


def suggested_counts(values: pd.DataFrame) -> pd.Series:
    """Number of factors by three rules."""
    observed = values["eigenvalue"].to_numpy()
    rules = {
        "kaiser": int((observed > 1).sum()),
        "parallel": parallel.retained(observed, values["random_limit"].to_numpy()),
        "elbow": parallel.acceleration_elbow(observed),
    }
    return pd.Series(rules, name="factors")
