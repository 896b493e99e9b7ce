"""The page on coverage lists every requirement of the source documents, and everything that it names is there."""

from __future__ import annotations

import importlib
import json
import re

import pytest

import csi

IDS = [f"A{n}" for n in range(1, 28)] + [f"K{n}" for n in range(1, 16)] + [f"S{n}" for n in range(1, 9)]


@pytest.fixture(scope="module")
def rows(repository) -> dict[str, str]:
    page = (repository / "docs" / "coverage.md").read_text(encoding="utf-8")
    return {cells[0]: cells[2] for line in page.splitlines() if len(cells := _cells(line)) == 3 and cells[0] in IDS}


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []


def named(text: str, pattern: str) -> list[tuple[str, ...] | str]:
    return re.findall(pattern, text)


def test_every_requirement_has_a_row(rows):
    assert list(rows) == IDS


def test_every_row_says_where_or_why(rows):
    for name, where in rows.items():
        assert "`" in where or "Not computed:" in where, name


def test_every_test_is_there(rows, repository):
    found = named(" ".join(rows.values()), r"`(test_\w+\.py)::(\w+)`")
    assert len(found) > 30
    for file, function in found:
        text = (repository / "tests" / file).read_text(encoding="utf-8")
        assert f"def {function}(" in text, (file, function)


def test_every_section_of_a_notebook_is_there(rows, repository):
    found = named(" ".join(rows.values()), r"`(\d\d\w+): ([^`]+)`")
    assert len(found) > 20
    for name, section in found:
        book = json.loads((repository / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        text = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown")
        heads = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
        assert any(head.startswith(section) for head in heads), (name, section, heads)


def test_every_function_is_there(rows):
    found = named(" ".join(rows.values()), r"`csi\.([\w.]+)`")
    assert len(found) > 30
    for path in found:
        *rooms, last = path.split(".")
        place = csi if not rooms else importlib.import_module(".".join(["csi", *rooms]))
        assert hasattr(place, last), path


def test_every_check_of_the_audit_is_there(rows):
    found = named(" ".join(rows.values()), r"`(company_x|service_plan): ([^`]+)`")
    assert len(found) > 20
    checks = {name: set(csi.audit(name)["id"]) for name in ("company_x", "service_plan")}
    for name, check in found:
        assert any(each == check or each.startswith(f"{check}/") for each in checks[name]), (name, check)


def test_every_indicator_is_there(rows):
    plan = {each.name for each in csi.service.plans.telecom()}
    service = {name: where for name, where in rows.items() if name[0] in "KS"}
    said = {word for where in service.values() for part in re.findall(r"indicators? ((?:`\w+`(?:, )?)+)", where)
            for word in re.findall(r"`(\w+)`", part)}  # fmt: skip
    assert said <= plan
    # What is in the plan and under no key figure: contacts and transfers, and topics (A27).
    assert plan - said == {"contacts_handled", "transfers", "error_rate"}
