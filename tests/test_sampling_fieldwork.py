"""Outcome rates by their definitions, and what the source thesis reports."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from csi.errors import SettingsError
from csi.sampling import outcome_rates, participation_rate

CASES = {"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1}
# R outcomerate (rOpenSci), e = .9
EXPECTED = {
    "RR1": 0.364, "RR2": 0.545, "RR3": 0.370, "RR4": 0.556, "RR5": 0.444, "RR6": 0.667,
    "COOP1": 0.500, "COOP2": 0.750, "COOP3": 0.571, "COOP4": 0.857,
    "REF1": 0.091, "REF2": 0.093, "REF3": 0.111,
    "CON1": 0.727, "CON2": 0.741, "CON3": 0.889,
}  # fmt: skip


@pytest.mark.parametrize("rate", EXPECTED)
def test_rates_of_outcomerate(rate):
    assert round(outcome_rates(CASES)[rate], 3) == EXPECTED[rate]
    given = outcome_rates(CASES, e=0.9, e_basis="known eligible among resolved numbers")
    assert given[rate] == outcome_rates(CASES)[rate]


def test_the_definitions_compute_what_they_say():
    table = outcome_rates(CASES).table
    for text, estimate in zip(table["definition"], table["estimate"], strict=True):
        formula = text.replace("e(", "0.9*(")
        assert eval(formula, {}, dict(CASES)) == pytest.approx(estimate, rel=1e-14)


def test_e_is_printed_with_its_basis():
    text = repr(outcome_rates(CASES, e=0.5, e_basis="listed numbers, 2023 wave"))
    assert "e = 0.5 (listed numbers, 2023 wave)" in text
    assert "AAPOR Standard Definitions, 10th edition" in text
    assert "proportional allocation" in repr(outcome_rates(CASES))
    text.encode("ascii")


def test_the_source_thesis_allows_no_more_than_rr1():
    assert round(outcome_rates({"I": 7604, "R": 396})["RR1"], 4) == 0.9505
    assert participation_rate(7604, 8000) == 0.9505


def test_cases_counted_from_a_column():
    column = pd.Series(["I"] * 3 + ["R", "NC"])
    rates = outcome_rates(column.value_counts())
    assert rates["RR1"] == 0.6
    assert rates.e == 1.0


def test_a_rate_without_a_base_is_not_a_number():
    rates = outcome_rates({"UH": 5})
    assert rates["RR1"] == 0
    assert np.isnan(rates["RR5"])
    assert np.isnan(rates["COOP1"])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: outcome_rates({"I": 5, "refused": 2}), "no disposition"),
        (lambda: outcome_rates({"I": 5, "R": -2}), "zero or more"),
        (lambda: outcome_rates({"I": 0}), "no cases"),
        (lambda: outcome_rates(CASES, e=0.5), "needs e_basis="),
        (lambda: outcome_rates(CASES, e=1.5, e_basis="x"), "between 0 and 1"),
        (lambda: outcome_rates(CASES)["RR7"], "did you mean"),
        (lambda: participation_rate(9, 8), "between 0 and invited"),
        (lambda: participation_rate(0, 0), "positive"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(SettingsError, match=said):
        call()
