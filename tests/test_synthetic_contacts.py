"""The synthetic contacts meet what they are made for, come back byte for byte, and serve every indicator."""

from __future__ import annotations

import pytest

import csi
from csi import synthetic_contacts

NAMES = ("service_contacts", "service_customers", "service_exams")
CALENDAR = csi.service.Calendar(holidays=["2018-10-01", "2018-10-02", "2018-10-03"], workdays=["2018-09-29"])


@pytest.fixture(scope="module")
def tables():
    return {name: csi.datasets.load(name) for name in NAMES}


@pytest.fixture(scope="module")
def measured(tables):
    return csi.service.plans.telecom().measure(
        tables["service_contacts"],
        tables={"customers": tables["service_customers"], "exams": tables["service_exams"]},
        exposure={"users": len(tables["service_customers"]), "agent_days": 3800},
        calendar=CALENDAR,
        as_of=synthetic_contacts.LAST,
    )


def test_they_pass_their_acceptance_test(tables):
    assert synthetic_contacts.check(*tables.values(), csi.datasets.load("company_x")) == []


def test_the_acceptance_test_sees_what_is_spoilt(tables):
    contacts, customers, exams = tables.values()
    answers = csi.datasets.load("company_x")
    strangers = contacts.assign(customer=contacts["customer"].mask(contacts.index == 0, "nobody"))
    assert any("followed" in problem for problem in synthetic_contacts.check(strangers, customers, exams, answers))
    left = customers.assign(lost=1, retained=0)
    assert any("had left" in problem for problem in synthetic_contacts.check(contacts, left, exams, answers))


def test_the_generator_gives_the_same_bytes(tmp_path, repository):
    synthetic_contacts.write(tmp_path)
    for name in NAMES:
        assert (tmp_path / f"{name}.csv").read_bytes() == (repository / "data" / f"{name}.csv").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_they_say_that_they_are_synthetic(name, repository):
    assert (repository / "data" / f"{name}.toml").read_text(encoding="utf-8").startswith("# SYNTHETIC")
    book = csi.datasets.describe(name)
    assert book.about.startswith("SYNTHETIC") and "respondents," not in repr(book)
    assert csi.datasets.describe(name, "zh").about.startswith("合成数据")


def test_every_indicator_of_the_documents_can_be_measured(measured):
    assert [each.name for each in measured.measured] == [each.name for each in measured.plan]
    assert measured.scorecard()["estimate"].notna().all()


def test_the_agent_and_the_day_that_were_put_in_are_found(measured):
    agents = measured.agents("resolution_rate", adjust=["channel", "type"])
    assert list(agents.index[agents["verdict"] != ""]) == [synthetic_contacts.WORSE]
    weeks = measured.chart("waiting_time", per="week", only={"channel": "phone"}, baseline=31)
    above = weeks.index[weeks["estimate"] > weeks["high"]]
    assert above[-1] > "2018-W45" and (above >= "2018-W45").sum() > 2 * (above < "2018-W45").sum()


def test_contacts_join_the_satisfaction_of_the_same_people(tables):
    answers = csi.datasets.load("company_x").set_index("id")
    waits = tables["service_contacts"].groupby("customer")["waiting"].mean().dropna()
    both = waits.index.intersection(answers.index)
    assert len(both) > 1000
    assert waits[both].corr(answers.loc[both, "grade_efficiency"]) < -0.05
