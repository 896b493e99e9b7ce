"""The audit and the service scorecard have their pages in the report of a fit, in both languages."""

from __future__ import annotations

import html

import pytest
from service_contacts import contacts

import csi


@pytest.fixture(scope="module")
def fit():
    return csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))


@pytest.mark.parametrize(
    ("language", "titles"),
    [("en", ("Audit of published figures", "Scorecard")), ("zh", ("已发表数字的核查", "绩效记分卡"))],
)
def test_audit_and_scorecard_are_printed(fit, tmp_path, language, titles):
    audited = csi.auditing.page("company_x", language=language)
    measured = csi.service.plans.telecom().measure(contacts())
    path = fit.report(tmp_path / "page.html", language, before=[audited, measured])
    page = html.unescape(path.read_text(encoding="utf-8"))
    for title in titles:
        assert title in page
    for why in csi.audit("company_x", language=language)["why"].head(5):
        assert why in page


def test_the_table_of_the_scorecard_holds_its_numbers():
    measured = csi.service.plans.telecom().measure(contacts())
    (table,) = measured.tables()
    card = measured.scorecard()
    assert table.frame["n"].tolist() == card["n"].tolist()
    shares = table.frame["unit"].eq("%") & card["estimate"].le(1)
    assert shares.any()
    assert (table.frame["estimate"][shares] == 100 * card["estimate"][shares]).all()
    assert set(table.frame["verdict"]) <= {"reached", "missed", "undecided", ""}
    assert "达成" in table.to_text("zh")
