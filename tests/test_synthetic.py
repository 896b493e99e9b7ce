"""The synthetic answers of company X meet what the study published, say that they are synthetic, and come back."""

from __future__ import annotations

import pytest

import csi
from csi import synthetic


@pytest.fixture(scope="module")
def answers():
    return csi.datasets.load("company_x")


@pytest.fixture(scope="module")
def enterprise():
    return csi.datasets.load("company_x_100")


def test_they_meet_the_published_strata_and_grades(answers, enterprise):
    assert synthetic.check(answers, enterprise) == []


@pytest.mark.parametrize(("grade", "shares"), synthetic.GRADES.items())
def test_every_cell_of_table_3_2_is_exact_among_the_hundred(enterprise, grade, shares):
    assert [int((enterprise[grade] == level).sum()) for level in (4, 3, 2, 1)] == list(shares)


def test_the_acceptance_test_sees_a_wrong_cell(answers, enterprise):
    spoilt = enterprise.copy()
    spoilt.loc[spoilt["grade_image"] == 4, "grade_image"] = 3
    assert any("grade_image" in problem for problem in synthetic.check(answers, spoilt))


def test_the_generator_gives_the_same_bytes(tmp_path, repository):
    synthetic.write(tmp_path)
    for name in ("company_x.csv", "company_x_100.csv"):
        assert (tmp_path / name).read_bytes() == (repository / "data" / name).read_bytes()


@pytest.mark.parametrize("name", ["company_x", "company_x_100"])
def test_they_say_that_they_are_synthetic(name, repository):
    assert (repository / "data" / f"{name}.toml").read_text(encoding="utf-8").startswith("# SYNTHETIC")
    assert csi.datasets.describe(name).about.startswith("SYNTHETIC")
    assert csi.datasets.describe(name, "zh").about.startswith("合成数据")


def test_the_stated_correlations_of_the_grades_are_those_of_the_file(enterprise):
    seen = synthetic.grade_correlations(enterprise).round(2)
    assert seen.loc["grade_quality", "grade_attitude"] == 0.57
    assert seen.loc["grade_quality", "grade_efficiency"] == 0.59
    assert seen.loc["grade_attitude", "grade_efficiency"] == 0.68
    assert seen["grade_image"].drop("grade_image").between(0.22, 0.27).all()


def test_tcsi_fits_them_without_a_doubt_and_finds_the_competitor_ahead(answers):
    fit = csi.Study(csi.models.tcsi()).fit(answers, by="company")
    assert fit.check().empty
    assert fit.compare("X", "competitor").loc["satisfaction", "conf_low"] > 0


def test_reasons_are_asked_of_the_dissatisfied_only(answers):
    asked = answers["reason_image"].notna()
    assert (answers.loc[asked, "grade_image"] == 1).all()
    assert asked.sum() == (answers["grade_image"] == 1).sum()
