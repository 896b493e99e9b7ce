"""Thresholds of the literature as data: what is read against which limit, and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import pandas as pd

from csi.errors import SettingsError, check_choice

Sense = Literal["at least", "at most", "below", "above"]


@dataclass(frozen=True)
class Criterion:
    """A threshold.

    Parameters
    ----------
    measure : str
        Which number is read: `"rho_a"`, `"htmt"`, `"srmr"`, ...
    sense : {"at least", "at most", "below", "above"}
        On which side of the limit it should be.
    limit : float
    source : str
        Who set the limit.
    close : float, optional
        A looser limit that still counts as close.

    Examples
    --------
    >>> Criterion("alpha", "at least", 0.7, "Nunnally & Bernstein (1994)").met(0.72)
    True
    """

    measure: str
    sense: Sense
    limit: float
    source: str
    close: float | None = None

    def __post_init__(self) -> None:
        check_choice(self.sense, "sense", get_args(Sense))
        if self.measure not in MEASURES:
            raise SettingsError(f"measure must be one of {', '.join(MEASURES)}; not {self.measure!r}")

    def met(self, value: float) -> bool:
        """Whether a number is on the right side."""
        return {
            "at least": value >= self.limit,
            "at most": value <= self.limit,
            "below": value < self.limit,
            "above": value > self.limit,
        }[self.sense]


#: Where each measure is found: the noun, and the column (None where a row is a measure or the column is `estimate`).
MEASURES = {
    "alpha": "reliability",
    "alpha_standardized": "reliability",
    "rho_a": "reliability",
    "rho_c": "reliability",
    "ave": "reliability",
    "loading": "loadings",
    "htmt": "validity",
    "htmt2": "validity",
    "fornell_larcker": "validity",
    "vif": "vif",
    "vif_items": "vif_items",
    "vif_constructs": "vif_constructs",
    "f2": "f2",
    "srmr": "goodness",
    "nfi": "goodness",
    "gof": "goodness",
    **dict.fromkeys(
        ("p_value", "chi2_df", "cfi", "tli", "rfi", "ifi", "rni", "pnfi", "pcfi", "gfi", "agfi", "pgfi", "rmsea", "rmr",
         "cn_05", "cfi_scaled", "tli_scaled", "rmsea_scaled", "chi2_df_scaled", "cfi_robust", "tli_robust",
         "rmsea_robust"),
        "goodness",
    ),
}  # fmt: skip

#: What papers on satisfaction models usually hold against a PLS model.
USUAL = (
    Criterion("loading", "at least", 0.708, "Hair, Risher, Sarstedt & Ringle (2019)"),
    Criterion("alpha", "at least", 0.70, "Nunnally & Bernstein (1994)"),
    Criterion("rho_a", "at least", 0.70, "Dijkstra & Henseler (2015)"),
    Criterion("rho_c", "at least", 0.70, "Hair, Risher, Sarstedt & Ringle (2019)"),
    Criterion("ave", "at least", 0.50, "Fornell & Larcker (1981)"),
    Criterion("htmt", "below", 0.90, "Henseler, Ringle & Sarstedt (2015)"),
    Criterion("fornell_larcker", "below", 1.0, "Fornell & Larcker (1981)"),
    Criterion("vif", "below", 5.0, "Hair, Risher, Sarstedt & Ringle (2019)"),
    Criterion("vif_items", "below", 5.0, "Hair, Risher, Sarstedt & Ringle (2019)"),
    Criterion("srmr", "below", 0.08, "Hu & Bentler (1999)"),
)
#: Stricter and looser sets, by name.
SETS: dict[str, tuple[Criterion, ...]] = {
    "usual": USUAL,
    "thesis": (
        Criterion("chi2_df", "below", 3.0, "Carmines & McIver (1981); below 5: Wheaton et al. (1977)", 5.0),
        Criterion("rmsea", "below", 0.08, "Browne & Cudeck (1993); below .10: MacCallum et al. (1996)", 0.10),
        Criterion("srmr", "below", 0.08, "Hu & Bentler (1999); below .10: Kline (2016)", 0.10),
        Criterion("gfi", "above", 0.90, "Joreskog & Sorbom (1984); above .80: Doll, Xia & Torkzadeh (1994)", 0.80),
        Criterion("agfi", "above", 0.90, "Joreskog & Sorbom (1984); above .80: MacCallum & Hong (1997)", 0.80),
        Criterion("nfi", "above", 0.90, "Bentler & Bonett (1980)", 0.80),
        Criterion("rfi", "above", 0.90, "Bollen (1986)", 0.80),
        Criterion("ifi", "above", 0.90, "Bollen (1989)", 0.80),
        Criterion("tli", "above", 0.90, "Bentler & Bonett (1980)", 0.80),
        Criterion("cfi", "above", 0.90, "Bentler (1990)", 0.80),
        Criterion("pgfi", "above", 0.50, "Mulaik et al. (1989)"),
        Criterion("pnfi", "above", 0.50, "Mulaik et al. (1989)"),
        Criterion("pcfi", "above", 0.50, "Mulaik et al. (1989)"),
        Criterion("cn_05", "above", 200.0, "Hoelter (1983)"),
    ),
    "strict": (
        *(c for c in USUAL if c.measure not in ("htmt", "vif", "vif_items", "rho_c", "rho_a", "alpha")),
        Criterion("alpha", "at least", 0.80, "Nunnally & Bernstein (1994), for basic research"),
        Criterion("rho_a", "at least", 0.80, "Nunnally & Bernstein (1994), for basic research"),
        Criterion("rho_c", "at least", 0.80, "Nunnally & Bernstein (1994), for basic research"),
        Criterion("htmt", "below", 0.85, "Kline (2011); Henseler, Ringle & Sarstedt (2015)"),
        Criterion("vif", "below", 3.3, "Diamantopoulos & Siguaw (2006)"),
        Criterion("vif_items", "below", 3.3, "Diamantopoulos & Siguaw (2006)"),
        Criterion("vif_constructs", "below", 3.3, "Kock (2015)"),
    ),
}

Criteria: TypeAlias = str | Sequence[Criterion] | None


def read(criteria: Criteria) -> tuple[Criterion, ...]:
    """Read a set of criteria: its name, or criteria of one's own."""
    if criteria is None:
        return USUAL
    if isinstance(criteria, str):
        check_choice(criteria, "criteria", SETS)
        return SETS[criteria]
    chosen = tuple(criteria)
    wrong = [one for one in chosen if not isinstance(one, Criterion)]
    if wrong:
        raise SettingsError(f"criteria must be csi.Criterion(measure, sense, limit, source); not {wrong[0]!r}")
    return chosen


def criteria(which: Criteria = None) -> pd.DataFrame:
    """Thresholds with their sources.

    Parameters
    ----------
    which : {"usual", "strict", "thesis"} or sequence of Criterion, optional

    Returns
    -------
    DataFrame
        Rows `measure`. Columns `sense, limit, source`.

    Examples
    --------
    >>> float(criteria("strict").loc["htmt", "limit"])
    0.85
    """
    rows = [(one.measure, one.sense, one.limit, one.source) for one in read(which)]
    return pd.DataFrame(rows, columns=["measure", "sense", "limit", "source"]).set_index("measure")
