"""Answers and scores by mode of interview: telephone, SMS, web, IVR, with the difference tested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import f as f_distribution
from scipy.stats import t

from csi.design import Design
from csi.errors import DataError, EstimationError, SettingsError, suggest
from csi.numerics import survey
from csi.sampling.crosstab import crosstab_test
from csi.sampling.drawn import drawn
from csi.sampling.estimates import table_of
from csi.sampling.estimating import Estimated, Setting, by_domain, estimate
from csi.sampling.weights import Weights

Floats = NDArray[np.float64]
# The longest answer scale in use, 0 to 10; a column with more values is a score.
_SCALE = 11


@dataclass(frozen=True, eq=False, repr=False)
class ModeComparison:
    """What the mode of interview did to the answers, in four tables.

    Attributes
    ----------
    means : DataFrame
        Rows (mode, variable); columns as `mean`.
    differences : DataFrame
        Rows (mode, variable), each against the reference mode: `estimate`, `std_error`, `conf_low`, `conf_high`,
        `statistic` (t), `p_value`, `p_adjusted` (Holm, over all rows).
    tests : DataFrame
        One row a variable, all modes at once: `statistic` (F), `df`, `df_error`, `p_value`.
    answers : DataFrame
        One row a variable of at most 11 different answers: their distribution against the mode, by the Rao-Scott
        test of `crosstab_test`; NaN where too many cells are empty.
    reference : object
        The mode that the others are compared with.

    Notes
    -----
    Respondents choose their mode or were reached by it, so a difference mixes how people answer with who answers.
    Weighting to the same margins, or a random assignment of modes, takes the second part out.

    Examples
    --------
    >>> import csi
    >>> data = {"mode": ["web"] * 5 + ["phone"] * 5, "score": [60.0, 70, 65, 75, 80, 80, 85, 90, 95, 75]}
    >>> found = csi.sampling.mode_comparison(data, "score", "mode", reference="phone")
    >>> found.differences["estimate"].round(2).tolist()
    [-15.0]
    """

    means: pd.DataFrame
    differences: pd.DataFrame
    tests: pd.DataFrame
    answers: pd.DataFrame
    reference: Any

    def __repr__(self) -> str:
        worst = float(self.differences["p_adjusted"].min())
        modes = [str(label) for label in self.means.index.unique(level=0)]
        return (
            f"ModeComparison({', '.join(modes)}; reference {self.reference}; "
            f"{len(self.tests)} variables; smallest adjusted p {worst:.3g})"
        )


def mode_comparison(
    data: Any,
    variables: str | Sequence[str],
    mode: str,
    design: Design | None = None,
    *,
    reference: Any = None,
    calibration: Weights | None = None,
    confidence_level: float = 0.95,
) -> ModeComparison:
    """Compare answers and scores between modes of interview, and test the difference.

    Parameters
    ----------
    data : DataFrame
        One row a respondent.
    variables : str or list of str
        Columns of numbers: items, or scores of 0-100.
    mode : str
        Column of modes.
    design : Design, optional
        As in `mean`.
    reference : object, optional
        Mode that the others are compared with; the one with most respondents where left out.
    calibration : Weights, optional
        As in `mean`.
    confidence_level : float
        Of the intervals of means and differences.

    Returns
    -------
    ModeComparison

    Raises
    ------
    DataError
        When there are fewer than two modes, or a mode has no answer to a variable.

    Notes
    -----
    Means by linearization; differences by t with the design's degrees of freedom nu; all modes at once by Wald's
    statistic W of q contrasts, F = W (nu - q + 1)/(nu q) on q and nu - q + 1 [Korn & Graubard 1990].

    Examples
    --------
    >>> scores = [60.0, 70, 65, 75, 80, 80, 85, 90, 95, 75]
    >>> answers = pd.DataFrame({"mode": ["web"] * 5 + ["phone"] * 5, "score": scores})
    >>> found = mode_comparison(answers, "score", "mode", reference="phone")
    >>> found.differences.loc[("web", "score"), ["estimate", "p_value"]].round(4).tolist()
    [-15.0, 0.0111]
    """
    setting = Setting(confidence_level=confidence_level)
    sample = drawn(data, design)
    names = [variables] if isinstance(variables, str) else list(variables)
    groups = sample.groups(mode)
    if len(groups) < 2:
        raise DataError(f"{mode!r} has one mode only, {groups.labels[0]!r}; there is nothing to compare")
    place = _reference(reference, groups.labels, np.bincount(groups.codes))
    values = np.column_stack([sample.column(name) for name in names])
    columns = by_domain(groups, values, np.ones_like(values), names, ["variable"])
    found = estimate(sample, columns, calibration, setting)
    nu = _degrees(design, sample.laid)
    scales = [name for j, name in enumerate(names) if len(np.unique(values[~np.isnan(values[:, j]), j])) <= _SCALE]
    return ModeComparison(
        table_of(found, setting),
        _differences(found, len(names), place, nu, confidence_level),
        _tests(found, names, place, nu),
        _answers(data, scales, mode, design, calibration),
        groups.labels[place],
    )


def _answers(
    data: Any, names: list[str], mode: str, design: Design | None, calibration: Weights | None
) -> pd.DataFrame:
    """Distribution of answers against the mode, variable by variable."""
    rows = []
    for name in names:
        try:
            rows.append(crosstab_test(data, name, mode, design, calibration=calibration).iloc[0])
        except EstimationError:
            # Empty cells leave this variable without a test; its means are compared all the same.
            rows.append(pd.Series(dtype=float))
    columns = ["statistic", "df", "df_error", "p_value", "chi2", "n"]
    return pd.DataFrame(rows, columns=columns, dtype=float).set_axis(pd.Index(names, name="variable"))


def _degrees(design: Design | None, laid: survey.Layout) -> float:
    """Degrees of freedom of the whole design."""
    given = None if design is None else design.df
    return float(survey.degrees_of_freedom(laid)) if given is None else given


def _reference(reference: Any, labels: tuple[Any, ...], sizes: NDArray[np.intp]) -> int:
    """Place of the reference mode."""
    if reference is None:
        return int(sizes.argmax())
    if reference not in labels:
        raise SettingsError(
            f"reference={reference!r} is no mode of the data{suggest(str(reference), map(str, labels))}"
        )
    return labels.index(reference)


def _differences(found: Estimated, k: int, place: int, nu: float, confidence_level: float) -> pd.DataFrame:
    """Every mode against the reference."""
    rows = np.arange(len(found.estimate))
    base = place * k + rows % k
    others = rows[rows // k != place]
    gap = found.estimate[others] - found.estimate[base[others]]
    cov = found.covariance
    error = np.sqrt(cov[others, others] + cov[base[others], base[others]] - 2 * cov[others, base[others]])
    half = t.ppf((1 + confidence_level) / 2, nu) * error
    statistic = np.divide(gap, error, out=np.full(len(gap), np.nan), where=error > 0)
    p_value = 2 * t.sf(np.abs(statistic), nu)
    table = {
        "estimate": gap,
        "std_error": error,
        "conf_low": gap - half,
        "conf_high": gap + half,
        "statistic": statistic,
        "p_value": p_value,
        "p_adjusted": holm(p_value),
    }
    return pd.DataFrame(table, index=found.columns.labels[others])


def _tests(found: Estimated, names: list[str], place: int, nu: float) -> pd.DataFrame:
    """All modes at once, one variable after the other."""
    k, modes = len(names), len(found.estimate) // len(names)
    contrast = np.delete(np.eye(modes), place, axis=0) - np.eye(modes)[place]
    q = modes - 1
    if nu - q + 1 <= 0:
        raise EstimationError(f"{nu:g} degrees of freedom cannot test {modes} modes at once")
    rows = []
    for j in range(k):
        at = np.arange(modes) * k + j
        gaps = contrast @ found.estimate[at]
        spread = contrast @ found.covariance[np.ix_(at, at)] @ contrast.T
        regular = np.linalg.matrix_rank(spread) == q
        wald = float(gaps @ np.linalg.solve(spread, gaps)) if regular else float("nan")
        statistic = wald * (nu - q + 1) / (nu * q)
        rows.append((statistic, float(q), nu - q + 1, float(f_distribution.sf(statistic, q, nu - q + 1))))
    index = pd.Index(names, name="variable")
    return pd.DataFrame(rows, index=index, columns=["statistic", "df", "df_error", "p_value"])


def holm(p_values: Floats) -> Floats:
    """Holm's adjusted p-values; NaN stays NaN and does not count [Holm 1979].

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known])]
    raised = p_values[order] * (len(order) - np.arange(len(order)))
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1)
    return adjusted
