"""Notebooks keep their form: a question and its answer first, what to write last, short, and stored without outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
ALL = sorted(path for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
ENGLISH = [path for path in ALL if not path.stem.endswith("_zh") and path.parent.name != "zh"]


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def text(cell: dict) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_notebook_is_short_and_stored_without_outputs(path):
    assert len(cells(path)) < 40
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells(path))


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.stem)
def test_a_notebook_begins_with_its_question_and_answer(path):
    first = cells(path)[:5]
    assert first[0]["cell_type"] == "markdown" and "**Question.**" in text(first[0])
    assert any("**Answer" in text(cell) or 'display_id="answer"' in text(cell) for cell in first)


@pytest.mark.parametrize("path", ENGLISH, ids=lambda path: path.stem)
def test_a_notebook_ends_with_what_to_write_and_what_may_not_be_concluded(path):
    words = "\n".join(text(cell) for cell in cells(path) if cell["cell_type"] == "markdown")
    ending = words[words.rindex("## What to write in the thesis") :].replace("\n", " ")
    computed = text(cells(path)[-1]) + text(cells(path)[-2])
    assert "may conclude" in ending or "may conclude" in computed
    assert "may not conclude" in ending or "may not conclude" in computed
    assert 'f"' in computed or "said" in computed, "the sentences of the thesis are computed"
