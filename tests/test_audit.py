"""The audit: source thesis, arithmetic with its rounding, thirty planted errors and thirty clean files, bad files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from audit_claims import KINDS_PLANTED, clean_file, plant

import csi
from csi.auditing import audit, main_text, shipped
from csi.auditing.claims import KINDS
from csi.auditing.printed import printed
from csi.auditing.verdicts import texts
from csi.errors import DataError, SettingsError


def one(**fields) -> pd.DataFrame:
    """Audit of a single claim."""
    tables = {"t": fields.pop("t")} if "t" in fields else {}
    return audit({"tables": tables, "claims": [{"id": "1", **fields}]})


def verdicts(**fields) -> list[str]:
    return one(**fields)["verdict"].tolist()


@pytest.fixture(scope="module")
def thesis() -> pd.DataFrame:
    return csi.audit("company_x")


@pytest.mark.parametrize(
    ("claim", "verdict", "computed"),
    [
        ("A1", "fails", None),
        ("A7", "fails", None),
        ("A10", "holds", 3),
        ("A11", "cannot be checked", 100),
        ("A11/A12 sent", "fails", None),
        ("A11/A12 n", "fails", None),
        ("A11/A12 who", "fails", None),
        ("A12", "cannot be checked", 95.05),
        ("A13 complaints", "fails", None),
        ("A14", "cannot be checked", None),
        ("A15", "fails", 4484),
        ("A15 header", "fails", None),
        ("A16", "cannot be checked", None),
        ("A17", "cannot be checked", None),
        ("A19", "holds", 100),
        ("A19 title", "fails", None),
        ("A19 scale", "fails", None),
        ("A20", "fails", 102),
        ("A20 text and table", "fails", None),
        ("A20 labels", "fails", None),
        ("A20 three fifths", "holds", 58),
        ("A21", "holds", 11),
        ("A21 other column", "fails", 11),
        ("A21 same sentence", "fails", None),
        ("A22", "fails", None),
        ("A23", "fails", None),
        ("A23 influence", "cannot be checked", None),
        ("A24", "cannot be checked", None),
        ("A25", "cannot be checked", None),
        ("A26", "fails", None),
        ("paired", "cannot be checked", None),
    ],
)
def test_every_inconsistency_of_the_thesis(thesis, claim, verdict, computed):
    found = thesis[thesis["id"] == claim]
    assert set(found["verdict"]) == {verdict}
    if computed is not None:
        assert found["computed"].iloc[0] == pytest.approx(computed, abs=1e-9)


def test_the_numbers_of_the_thesis(thesis):
    why = thesis.set_index("id")["why"]
    assert "3120 are missing (41.0%)" in why["A15"].iloc[0]
    assert "no division of the digits" in why["A15"].iloc[1]
    assert thesis.loc[thesis["id"] == "n decides", "computed"].round(2).tolist() == [5.13, 389.89]
    assert thesis.loc[thesis["id"] == "n decides", "computed"].iloc[0] == pytest.approx(5.127435, abs=5e-7)
    assert thesis.loc[thesis["id"] == "A5", "computed"].round(2).tolist() == [3.44, 2.43]
    assert "客服态度 / 有待改善" in why["A21 other column"]
    assert "客服态度 21, 企业形象 17, 客服效率 15" in why["A23"]


@pytest.mark.parametrize(
    ("claim", "verdict", "computed"),
    [("K1/K8", "cannot be checked", 75), ("K3", "fails", None), ("K6/K7", "cannot be checked", 5),
     ("001 chapters", "fails", 6), ("S4", "cannot be checked", None)],
)  # fmt: skip
def test_the_service_plans(claim, verdict, computed):
    found = csi.audit("service_plan").set_index("id").loc[claim]
    assert found["verdict"] == verdict
    assert computed is None or found["computed"] == pytest.approx(computed)


def test_both_languages_say_everything(thesis):
    for group in texts().values():
        assert all(set(text) == {"en", "zh"} for text in group.values())
    chinese = audit("company_x", language="zh")
    assert set(chinese["verdict"]) == {"成立", "不成立", "无法核查"}
    assert len(chinese) == len(thesis)
    assert (chinese["computed"].dropna() == thesis["computed"].dropna()).all()
    assert set(texts()["check"]) == set(KINDS)
    with pytest.raises(SettingsError, match="language must be one of"):
        audit("company_x", language="de")


def test_the_text_puts_what_fails_first():
    text = main_text("company_x")
    assert text.index("\nfails\n") < text.index("\ncannot be checked\n") < text.index("\nholds\n")
    assert text.splitlines()[0].endswith("checks, 23 fails, 11 cannot be checked, 7 holds")
    assert "项核查" in main_text("company_x", language="zh")


def test_the_table_has_numbers_as_numbers(thesis):
    assert thesis.columns.tolist() == ["id", "claim", "place", "check", "stated", "computed", "verdict", "why"]
    assert thesis.dtypes[["stated", "computed"]].tolist() == [np.dtype(float)] * 2
    assert thesis.attrs["title"].startswith("Thesis")


def test_a_file_is_read_as_its_content_is(tmp_path, thesis):
    path = tmp_path / "声明.toml"
    path.write_text('[[claims]]\nkind = "counts"\nsays = "x"\nparts = [1, 2]\ntotal = 3\n', encoding="utf-8")
    assert csi.audit(path)["verdict"].tolist() == ["holds"]
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert csi.audit(str(path))["verdict"].tolist() == ["holds"]
    pd.testing.assert_frame_equal(csi.audit(shipped("company_x")), thesis)


# -- each kind, on both sides ----------------------------------------------------------------------------------

T = {"rows": ["good", "bad"], "columns": ["a", "b", "c"], "values": [[60, 70, 55], [40, 30, 45]]}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "shares", "values": [33.3, 33.3, 33.3]}, "holds"),
        ({"kind": "shares", "values": [33, 33, 33]}, "holds"),
        ({"kind": "shares", "values": ["33.3", "33.3", "32.8"]}, "fails"),
        ({"kind": "shares", "values": {"yes": 0.4, "no": 0.6}, "total": 1}, "holds"),
        ({"kind": "shares", "values": [33, 33, 34], "n": 3}, "fails"),
        ({"kind": "shares", "values": [33, 33, 33], "n": 3}, "holds"),
        ({"kind": "shares", "values": [50, 35, 15], "n": 7}, "fails"),
        ({"kind": "counts", "parts": [10, 20], "total": 30}, "holds"),
        ({"kind": "counts", "parts": [10, 20], "total": 29}, "fails"),
        ({"kind": "share", "parts": [340], "base": 400, "stated": 85}, "holds"),
        ({"kind": "share", "parts": [340], "base": 400, "stated": "85.5"}, "fails"),
        ({"kind": "share", "parts": [32, 36], "stated": 68}, "holds"),
        ({"kind": "composite", "weights": [0.4, 0.35, 0.25], "scores": [70, 60, 80], "stated": "69.0"}, "holds"),
        ({"kind": "composite", "weights": [0.4, 0.6], "scores": ["70.0", "60.0"], "stated": 71}, "fails"),
        ({"kind": "response", "sent": 10, "returned": 8, "dispositions": {"I": 8, "R": 2}}, "holds"),
        ({"kind": "response", "sent": 10, "returned": 8, "dispositions": {"I": 8, "R": 1}}, "fails"),
        ({"kind": "same", "values": [72.4, 72.45]}, "holds"),
        ({"kind": "same", "values": [72.4, 72.6]}, "fails"),
        ({"kind": "same", "values": ["ECSI", "ECSI"]}, "holds"),
        ({"kind": "period", "begin": "2024-03-01", "end": "2024-03-31", "days": 31}, "holds"),
        ({"kind": "period", "begin": "2024-03", "end": "2024-06", "months": 3}, "fails"),
        ({"kind": "precision", "n": 1389, "margin": "2.63"}, "holds"),
        ({"kind": "precision", "n": 1389, "margin": "2.36"}, "fails"),
        ({"kind": "precision", "n": 130, "sd": 20, "margin": "3.44"}, "holds"),
        ({"kind": "sequence", "numbers": [1, 2, 3]}, "holds"),
        ({"kind": "sequence", "numbers": [1, 3]}, "fails"),
        ({"kind": "labels", "known": ["good", "bad"], "used": ["bad"]}, "holds"),
        ({"kind": "labels", "known": ["good", "bad"], "used": ["poor"]}, "fails"),
        ({"kind": "members", "listed": ["a", "b"], "required": ["a"], "excluded": ["c"]}, "holds"),
        ({"kind": "title", "title": ["image"], "content": ["image"]}, "holds"),
        ({"kind": "scale", "favourable": ["a", "b"], "unfavourable": ["c", "d"]}, "holds"),
        ({"kind": "evidence", "needs": ["n"], "given": ["n"]}, "holds"),
        ({"kind": "quote", "t": T, "table": "t", "figure": 70, "column": "b"}, "holds"),
        ({"kind": "quote", "t": T, "table": "t", "figure": "70.0", "column": "b", "row": "good"}, "holds"),
        ({"kind": "quote", "t": T, "table": "t", "figure": 70, "column": "a"}, "fails"),
        ({"kind": "ranking", "t": T, "table": "t", "rows": ["bad"], "claimed": ["c"]}, "holds"),
        ({"kind": "ranking", "t": T, "table": "t", "rows": ["bad"], "claimed": ["b"], "order": "lowest"}, "holds"),
        ({"kind": "ranking", "t": T, "table": "t", "rows": ["bad"], "claimed": ["a"]}, "fails"),
        ({"kind": "contrast", "t": T, "table": "t", "n": [1000], "differ": True}, "holds"),
        ({"kind": "contrast", "t": T, "table": "t", "n": [20], "differ": True}, "fails"),
        ({"kind": "contrast", "t": T, "table": "t", "n": [20, 30], "differ": False}, "holds"),
        ({"kind": "paired", "respondents": "same", "test": "chi2"}, "fails"),
        ({"kind": "paired", "respondents": "same", "test": "cochran"}, "holds"),
        ({"kind": "paired", "respondents": "different", "test": "mcnemar"}, "fails"),
        ({"kind": "paired", "respondents": "different", "test": "z"}, "holds"),
        ({"kind": "goal", "target": 85, "change": 10, "by": "points", "baseline": 75}, "holds"),
        ({"kind": "goal", "target": 85, "change": 10, "by": "percent", "baseline": 75}, "fails"),
        ({"kind": "goal", "target": 8, "change": -20, "by": "percent", "baseline": 10}, "holds"),
        ({"kind": "goal", "target": 5, "change": 10, "by": "points", "least": 0}, "fails"),
        ({"kind": "complement", "retention": 95, "churn": 5}, "holds"),
        ({"kind": "complement", "retention": 95, "churn": 6}, "fails"),
        ({"kind": "mean", "mean": "3.48", "n": 25}, "holds"),
        ({"kind": "mean", "mean": "3.48", "n": 28}, "fails"),
        ({"kind": "test", "test": "t", "statistic": "2.20", "df": 28, "p": "0.036"}, "holds"),
        ({"kind": "test", "test": "t", "statistic": "2.20", "df": 28, "p": "< .01"}, "fails"),
        ({"kind": "test", "test": "chi2", "statistic": "5.127", "df": 9, "p": "0.823"}, "holds"),
        ({"kind": "test", "test": "f", "statistic": "3.90", "df": [2, 97], "p": "0.024"}, "holds"),
        ({"kind": "test", "test": "r", "statistic": "0.30", "df": 98, "p": "0.002"}, "holds"),
        ({"kind": "test", "test": "z", "statistic": "1.93", "p": "0.054"}, "holds"),
        ({"kind": "test", "test": "z", "statistic": "1.93", "p": "0.027", "tails": 1}, "holds"),
        ({"kind": "fit", "chi2": "85.306", "df": 24, "n": 301, "rmsea": "0.092"}, "holds"),
        ({"kind": "fit", "chi2": "85.306", "df": 24, "n": 301, "rmsea": "0.062"}, "fails"),
        ({"kind": "fit", "chi2": "85.306", "df": 24, "baseline_chi2": "918.852", "baseline_df": 36, "cfi": "0.931"},
         "holds"),
        ({"kind": "fit", "chi2": "85.306", "df": 24, "baseline_chi2": "918.852", "baseline_df": 36, "tli": "0.896"},
         "holds"),
        ({"kind": "fit", "chi2": "85.306", "df": 24, "chi2_df": "3.55"}, "holds"),
        ({"kind": "fit", "chi2": "85.306", "df": 24, "cfi": "0.931"}, "cannot be checked"),
        ({"kind": "reliability", "loadings": ["0.80", "0.70", "0.60"], "ave": "0.497"}, "holds"),
        ({"kind": "reliability", "loadings": ["0.80", "0.70", "0.60"], "cr": "0.90"}, "fails"),
    ],
)  # fmt: skip
def test_each_kind_on_both_sides(fields, expected):
    found = verdicts(**dict(fields))
    assert expected in found
    if expected == "holds":
        assert set(found) == {"holds"}


def test_an_sd_beyond_what_the_scale_allows():
    fields = {"kind": "mean", "mean": "3.00", "n": 100, "scale": [1, 5]}
    assert verdicts(**fields, sd="2.01") == ["holds", "holds"]
    assert verdicts(**fields, sd="2.10") == ["holds", "fails"]
    assert "fails" in verdicts(kind="mean", mean="5.50", n=100, scale=[1, 5])


def test_bounds_of_a_paired_test_from_two_shares():
    why = one(kind="paired", respondents="same", test="none", shares=[11, 21], n=100)["why"].item()
    # all ten more discordant one way: 2 x .5^10; no respondent in both: binomial 11 of 32
    assert "p 0.002 - 0.110" in why


# -- acceptance list of the source documents -----------------------------------------------------------------


def test_acceptance_list(thesis):
    from csi.auditing.sums import add_up
    from csi.numerics.fuzzy import compose, grade_score
    from csi.sampling import allocate

    shares = np.array([[32, 28, 25, 27], [36, 32, 30, 33], [21, 23, 24, 25], [11, 17, 21, 15]])
    assert one(kind="counts", parts=[1502, 1593, 1389], total=7604)["computed"].item() == 7604 - 3120
    assert add_up([printed(share) for share in (35, 23, 23, 21)], 100).computed == 102
    assert thesis.loc[thesis["id"] == "A19", "computed"].tolist() == [100] * 4
    assert one(kind="response", sent=8000, returned=7604, stated="95.05")["verdict"].iloc[0] == "holds"
    for column, top in zip(shares.T, (68, 60, 55, 60), strict=True):
        assert verdicts(kind="share", parts=column[:2].tolist(), stated=top) == ["holds"]
    graded = compose(np.full(4, 0.25), shares.T / 100, "weighted-average")
    assert graded.tolist() == pytest.approx([0.28, 0.3275, 0.2325, 0.16])
    assert float(grade_score(graded, np.array([100.0, 80.0, 60.0, 40.0]))) == pytest.approx(74.55, abs=5e-3)
    assert one(kind="complement", retention=95)["computed"].item() == 5
    allocated = allocate(7604, {"3g": 15020, "4g": 15930, "broadband": 13890})
    assert allocated["n"].tolist() == [2547, 2701, 2356]


# -- thirty planted errors, thirty clean files -----------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_a_clean_file_raises_nothing(seed):
    found = audit(clean_file(seed))
    assert len(found) >= 25
    assert set(found["verdict"]) == {"holds"}, found[found["verdict"] != "holds"].to_string()


@pytest.mark.parametrize("seed", range(30))
def test_one_planted_error_is_found_where_it_was_planted(seed):
    content, where = plant(clean_file(1000 + seed), KINDS_PLANTED[seed % len(KINDS_PLANTED)], seed)
    found = audit(content)
    assert set(found.loc[found["verdict"] != "holds", "id"]) == {where}


# -- files that cannot be read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "there are no claims"),
        ({"claims": [{"kind": "share"}]}, "needs 'parts'"),
        ({"claims": [{"kind": "contrats", "values": [1]}]}, "did you mean 'contrast'"),
        ({"claims": [{"values": [1]}]}, "it has no kind"),
        ({"claims": [{"kind": "shares", "values": [1], "totl": 3}]}, "no field 'totl'; did you mean 'total'"),
        ({"claims": [{"kind": "shares", "values": ["many"]}]}, "'many' is no printed number"),
        ({"claims": [{"kind": "shares", "values": []}]}, "values is empty"),
        ({"claims": [{"kind": "shares", "values": [1], "n": 0}]}, "whole number from 1"),
        ({"claims": [{"kind": "quote", "table": "x", "figure": 1, "column": "a"}]}, "table 'x' is not in the file"),
        ({"claims": [{"kind": "test", "test": "t", "statistic": 2, "p": 0.1}]}, "1 degrees of freedom"),
        ({"claims": [{"kind": "fit", "chi2": 2, "df": 0, "p": 0.1}]}, "df must be more than zero"),
        ({"claims": [{"kind": "paired", "respondents": "same", "test": "chi"}]}, "did you mean 'chi2'"),
        ({"claims": [{"kind": "period", "begin": "May", "end": "2024-06", "months": 1}]}, "begin is a date"),
        ({"claims": [{"kind": "share", "parts": [1], "base": 0, "stated": 1}]}, "base must be more than zero"),
        ({"claims": [{"kind": "composite", "weights": [1], "scores": [1, 2], "stated": 1}]}, "1 weights for 2 scores"),
        ({"claims": [{"kind": "complement"}]}, "needs 'retention' or 'churn'"),
        ({"claims": [{"id": "a", "kind": "sequence", "numbers": [1]}] * 2}, "claim a is there twice"),
        ({"tables": {"t": {"rows": ["a"], "columns": ["b"], "values": [[1, 2]]}}, "claims": []}, "1 rows of 1 numbers"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content, message):
    with pytest.raises(DataError, match=message):
        audit(content)


def test_all_problems_are_told_at_once():
    with pytest.raises(DataError, match="2 problems"):
        audit({"claims": [{"kind": "x"}, {"kind": "counts", "parts": [1]}]})


def test_a_file_that_is_not_there_or_no_toml(tmp_path):
    with pytest.raises(DataError, match="there is no file 'compny_x'"):
        audit("compny_x")
    path = tmp_path / "c.toml"
    path.write_text("claims = [", encoding="utf-8")
    with pytest.raises(DataError, match="is no TOML"):
        audit(path)


@pytest.mark.parametrize(
    ("given", "value", "decimals"), [(35, 35, 0), (3.4, 3.4, 1), ("3.40", 3.4, 2), ("25％", 25, 0), ("1,502", 1502, 0)]
)
def test_printed_numbers(given, value, decimals):
    assert (printed(given).value, printed(given).decimals) == (value, decimals)
