"""What became of the sample in the field: outcome rates with their definitions, for telephone and other modes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csi.errors import SettingsError, listing, suggest

#: Dispositions of AAPOR's Standard Definitions, 10th edition (2023), by their letters.
DISPOSITIONS = {
    "I": "complete interview",
    "P": "partial interview",
    "R": "refusal and break-off",
    "NC": "non-contact",
    "O": "other eligible",
    "UH": "unknown whether a household (or an eligible case)",
    "UO": "unknown, other",
    "NE": "not eligible",
}

_RATES = {
    "RR1": ("response", "I / ((I+P) + (R+NC+O) + (UH+UO))"),
    "RR2": ("response", "(I+P) / ((I+P) + (R+NC+O) + (UH+UO))"),
    "RR3": ("response", "I / ((I+P) + (R+NC+O) + e(UH+UO))"),
    "RR4": ("response", "(I+P) / ((I+P) + (R+NC+O) + e(UH+UO))"),
    "RR5": ("response", "I / ((I+P) + (R+NC+O))"),
    "RR6": ("response", "(I+P) / ((I+P) + (R+NC+O))"),
    "COOP1": ("cooperation", "I / ((I+P) + R + O)"),
    "COOP2": ("cooperation", "(I+P) / ((I+P) + R + O)"),
    "COOP3": ("cooperation", "I / ((I+P) + R)"),
    "COOP4": ("cooperation", "(I+P) / ((I+P) + R)"),
    "REF1": ("refusal", "R / ((I+P) + (R+NC+O) + (UH+UO))"),
    "REF2": ("refusal", "R / ((I+P) + (R+NC+O) + e(UH+UO))"),
    "REF3": ("refusal", "R / ((I+P) + (R+NC+O))"),
    "CON1": ("contact", "((I+P) + R + O) / ((I+P) + (R+NC+O) + (UH+UO))"),
    "CON2": ("contact", "((I+P) + R + O) / ((I+P) + (R+NC+O) + e(UH+UO))"),
    "CON3": ("contact", "((I+P) + R + O) / ((I+P) + (R+NC+O))"),
}


@dataclass(frozen=True, repr=False)
class OutcomeRates:
    """Outcome rates of a sample, with the eligibility they assume and where it comes from.

    Attributes
    ----------
    counts : dict
        Cases by disposition.
    e : float
        Share of the unknown cases taken as eligible.
    e_basis : str
        Where e comes from; printed with the rates, as AAPOR asks.
    table : DataFrame
        One row a rate (RR1 ... CON3): `estimate` and `definition`.

    Examples
    --------
    >>> import csi
    >>> rates = csi.sampling.outcome_rates({"I": 40, "P": 2, "R": 21, "NC": 30, "O": 2, "UH": 5, "UO": 0, "NE": 10})
    >>> round(rates["RR1"], 3)
    0.4
    """

    counts: dict[str, float]
    e: float
    e_basis: str
    table: pd.DataFrame

    def __getitem__(self, rate: str) -> float:
        """One rate by its name, as ``rates["RR3"]``."""
        if rate not in self.table.index:
            raise SettingsError(f"{rate!r} is no outcome rate{suggest(rate, self.table.index)}")
        return float(self.table["estimate"][rate])

    def __repr__(self) -> str:
        lines = ["Outcome rates (AAPOR Standard Definitions, 10th edition, 2023)"]
        lines.append("  " + "  ".join(f"{name} {count:g}" for name, count in self.counts.items()))
        lines.append(f"  e = {self.e:.4g} ({self.e_basis})")
        lines += [f"  {name:<5} {row.estimate:7.4f}  {row.definition}" for name, row in self.table.iterrows()]
        return "\n".join(lines)


def outcome_rates(
    counts: Mapping[str, float] | pd.Series, *, e: float | None = None, e_basis: str | None = None
) -> OutcomeRates:
    """Response, cooperation, refusal and contact rates of a probability sample.

    Parameters
    ----------
    counts : mapping or Series
        Cases by disposition: I complete, P partial, R refusal, NC non-contact, O other eligible, UH and UO unknown
        eligibility, NE not eligible. A disposition left out has no cases. A Series of dispositions, one a case, is
        counted by ``series.value_counts()``.
    e : float, optional
        Share of the unknown cases that are eligible. Default: known eligible / (known eligible + not eligible),
        the proportional allocation of AAPOR (CASRO).
    e_basis : str, optional
        Where your `e` comes from; it is printed. Needed with `e`.

    Returns
    -------
    OutcomeRates
        ``rates["RR1"]``, ``rates.table``, and a print-out with every definition.

    Raises
    ------
    SettingsError
        For an unknown disposition, a negative count, or an `e` without its basis.

    References
    ----------
    American Association for Public Opinion Research (2023). Standard Definitions: Final dispositions of case codes
    and outcome rates for surveys, 10th edition.

    Examples
    --------
    >>> rates = outcome_rates({"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1})
    >>> rates.e, [round(rates[name], 3) for name in ("RR1", "RR3", "COOP1", "REF1", "CON1")]
    (0.9, [0.364, 0.37, 0.5, 0.091, 0.727])
    """
    cases = _counted(counts)
    eligible = sum(cases[name] for name in ("I", "P", "R", "NC", "O"))
    if e is None:
        known = eligible + cases["NE"]
        share = eligible / known if known else float("nan")
        basis = "known eligible / (known eligible + not eligible): proportional allocation"
    else:
        share, basis = _given_e(e, e_basis)
    unknown = cases["UH"] + cases["UO"]
    whole = {"1": eligible + unknown, "2": eligible + share * unknown, "3": eligible}
    some, contacted = cases["I"] + cases["P"], eligible - cases["NC"]
    pairs = {
        **{f"RR{i + 1}": (cases["I"] if i % 2 == 0 else some, whole["123"[i // 2]]) for i in range(6)},
        **{f"COOP{i + 1}": (cases["I"] if i % 2 == 0 else some, contacted - cases["O"] * (i > 1)) for i in range(4)},
        **{f"REF{i}": (cases["R"], whole[i]) for i in "123"},
        **{f"CON{i}": (contacted, whole[i]) for i in "123"},
    }
    estimates = [above / below if below > 0 else np.nan for above, below in pairs.values()]
    definitions = [_RATES[name][1] for name in pairs]
    table = pd.DataFrame({"estimate": estimates, "definition": definitions}, index=pd.Index(pairs, name="rate"))
    return OutcomeRates(cases, share, basis, table)


def participation_rate(completed: float, invited: float) -> float:
    """Share of the invited of a panel or quota sample who took part; it is no response rate.

    Parameters
    ----------
    completed : float
        Persons with a usable answer.
    invited : float
        Persons invited (and, for an open invitation, who saw it).

    Returns
    -------
    float
        completed / invited [AAPOR 2023, section on nonprobability panels].

    Examples
    --------
    >>> round(participation_rate(7604, 8000), 4)
    0.9505
    """
    if not invited > 0 or not 0 <= completed <= invited:
        raise SettingsError(
            f"completed= must lie between 0 and invited=, which must be positive; not {completed!r} of {invited!r}"
        )
    return completed / invited


def _counted(counts: Mapping[str, float] | pd.Series) -> dict[str, float]:
    """Counts of every disposition, zeros where none was given."""
    given = {str(name): float(count) for name, count in counts.items()}
    problems = [
        f"{name!r} is no disposition ({', '.join(DISPOSITIONS)}){suggest(name, DISPOSITIONS)}"
        for name in given
        if name not in DISPOSITIONS
    ]
    problems += [f"the count of {name} must be zero or more; not {c:g}" for name, c in given.items() if not c >= 0]
    if not problems and sum(given.values()) == 0:
        problems.append("there are no cases")
    if problems:
        raise SettingsError(listing(problems, "The outcome rates cannot be computed"))
    return {name: given.get(name, 0.0) for name in DISPOSITIONS}


def _given_e(e: float, basis: str | None) -> tuple[float, str]:
    """The user's e with its basis, both checked."""
    problems = []
    if not 0 <= e <= 1:
        problems.append(f"e= is a share between 0 and 1; not {e!r}")
    if not basis:
        problems.append("e= needs e_basis=: say where it comes from, for AAPOR asks that it be reported")
    if problems:
        raise SettingsError(listing(problems, "The outcome rates cannot be computed"))
    return float(e), str(basis)
