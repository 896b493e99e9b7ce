"""Line, parabola or one break: which shape loyalty takes over satisfaction.

References
----------
Hinkley (1969), Inference about the intersection in two-phase regression, Biometrika 56.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from csi import blocks
from csi.blocks import Arrays, Group, Said
from csi.design import Design
from csi.errors import DataError
from csi.measures.common import columns_of, one_a_group
from csi.measures.fitted import Regression, both_answered, linearized, regress

Floats = NDArray[np.float64]


def curvature(
    data: Any,
    satisfaction: str,
    outcome: str,
    *,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
) -> pd.DataFrame:
    """Line, parabola, or a line that breaks once: which shape the outcome takes over satisfaction.

    Parameters
    ----------
    data : DataFrame
    satisfaction, outcome : str
        Columns of numbers.
    by : str or list of str, optional
    design : Design, optional
        Weighted least squares; the test of the parabola is a Wald F with linearized errors. There is no likelihood
        and no test of a break that was searched for under a design: `aic`, `bic` and the test of the break are NaN.

    Returns
    -------
    DataFrame
        Rows `line`, `quadratic`, `break`: `r2`, `aic`, `bic`, `statistic` and `p_value` (F test against the line),
        `slope` (of the line; at the mean for the parabola; below the break), `slope_above` (above the break),
        `curvature` (coefficient of the square), `at` (the break; the lowest or highest point of the parabola), `n`.

    Notes
    -----
    The break is searched on every answer between the second lowest and the second highest, the two lines meet
    there. Because it was searched, its F test counts it as a parameter (2 and n - 4 df), and is still somewhat too
    ready to see a break [Hinkley 1969].

    Examples
    --------
    >>> x = np.tile(np.arange(1, 11), 10)
    >>> bent = pd.DataFrame({"s": x, "loyal": np.maximum(0, x - 6) + np.tile([0.1, -0.1], 50)})
    >>> float(curvature(bent, "s", "loyal").loc["break", "at"])
    6.0
    """
    answers = blocks.read(data, [satisfaction, outcome], by=by, design=design)

    def of_group(group: Group) -> pd.DataFrame:
        values, w = columns_of(group, answers, (0, 1))
        x, y = values.T
        if len(x) < 6 or len(np.unique(x)) < 4 or np.ptp(y) == 0:
            raise DataError(
                f"{satisfaction!r} needs four different answers of six respondents or more, and {outcome!r} must vary"
            )
        return _under_design(_shapes(x, y, w), answers, group, x, y, w)

    title = Said(f"Shape of {outcome} over {satisfaction}", f"{outcome} 随 {satisfaction} 变化的曲线形式")
    heads = {"statistic": "F"}
    return one_a_group(answers, of_group, both_answered(satisfaction, outcome), title=title, heads=heads)


def _under_design(table: pd.DataFrame, answers: Arrays, group: Group, x: Floats, y: Floats, w: Floats) -> pd.DataFrame:
    """Leave out what has no theory under a design, and test the parabola by its linearized error."""
    if answers.simple:
        return table
    table[["aic", "bic", "statistic", "p_value"]] = np.nan
    fit = linearized(_parabola(x, y, w), answers, group)
    f = float(fit.coefficients[2] ** 2 / fit.cov[2, 2])
    table.loc["quadratic", ["statistic", "p_value"]] = f, float(stats.f.sf(f, 1, fit.df))
    return table


def _parabola(x: Floats, y: Floats, w: Floats) -> Regression:
    """Regression on the centred answer and its square."""
    centred = x - np.average(x, weights=w)
    return regress(np.column_stack([np.ones_like(x), centred, centred**2]), y, ["x", "square"], w)


def _shapes(x: Floats, y: Floats, w: Floats) -> pd.DataFrame:
    """Fits of the three shapes."""
    one, middle = np.ones_like(x), np.average(x, weights=w)
    line = regress(np.column_stack([one, x]), y, ["x"], w)
    square = _parabola(x, y, w)
    breaks = {at: regress(np.column_stack([one, x, np.maximum(x - at, 0)]), y, ["x", "above"], w)
              for at in np.unique(x)[1:-1]}  # fmt: skip
    at = min(breaks, key=lambda each: breaks[each].rss)
    bent, total = breaks[at], float(w @ np.square(y - np.average(y, weights=w)))
    curve = square.coefficients[2]
    turn = middle - square.coefficients[1] / (2 * curve) if abs(curve) > 1e-12 else np.nan
    rows = {
        "line": {**_quality(line, 0, line, total, len(x), 2), "slope": line.coefficients[1]},
        "quadratic": {**_quality(square, 1, line, total, len(x), 3), "slope": square.coefficients[1],
                      "curvature": curve, "at": turn},
        "break": {**_quality(bent, 2, line, total, len(x), 4), "slope": bent.coefficients[1],
                  "slope_above": bent.coefficients[1] + bent.coefficients[2], "at": at},
    }  # fmt: skip
    columns = ["r2", "aic", "bic", "statistic", "p_value", "slope", "slope_above", "curvature", "at"]
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=columns).astype(float).rename_axis("shape")
    table["n"] = len(x)
    return table


def _quality(fit: Regression, more: int, line: Regression, total: float, n: int, k: int) -> dict[str, float]:
    """R^2, information criteria, and the F test against the line with `more` parameters."""
    # A perfect fit has no likelihood; rounding stands in for its zero residuals.
    rss = max(fit.rss, n * np.finfo(float).eps * total)
    loglik = -n / 2 * (np.log(2 * np.pi * rss / n) + 1)
    found = {"r2": 1 - fit.rss / total, "aic": 2 * (k + 1) - 2 * loglik, "bic": (k + 1) * np.log(n) - 2 * loglik}
    if more:
        df = n - k
        f = max(line.rss - fit.rss, 0) / more / (rss / df)
        found |= {"statistic": f, "p_value": float(stats.f.sf(f, more, df))}
    return found
