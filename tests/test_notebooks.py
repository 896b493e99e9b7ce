"""Notebooks keep their form: a question and its answer first, what to write last, short, and stored without outputs."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
ALL = sorted(path for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
CHINESE = [path for path in ALL if path.stem.endswith("_zh") or path.parent.name == "zh"]
ENGLISH = [path for path in ALL if path not in CHINESE]
#: What only a Chinese notebook calls: how its cells are shown.
SHOWN = "csi.report.chinese("


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


class Blanked(ast.NodeTransformer):
    """Code without its words: strings are empty, languages are not named, sentences are the numbers in them."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.copy_location(ast.Constant(""), node) if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        found = {ast.unparse(self.visit(part.value)) for part in node.values if isinstance(part, ast.FormattedValue)}
        return ast.copy_location(ast.List([ast.Name(each, ast.Load()) for each in sorted(found)], ast.Load()), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        node.keywords = [each for each in node.keywords if each.arg != "language"]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if ast.unparse(node).startswith(SHOWN):
            return None
        return self.generic_visit(node)


def code(cell: dict) -> str:
    """The code of a cell, strings blanked out."""
    lines = [line for line in text(cell).splitlines() if not line.startswith("%")]
    return ast.unparse(Blanked().visit(ast.parse("\n".join(lines))))


@pytest.mark.parametrize("path", CHINESE, ids=lambda path: path.stem)
def test_a_chinese_notebook_is_its_english_one_in_other_words(path):
    mine, other = cells(path), cells(path.with_name(f"{path.stem.removesuffix('_zh')}.ipynb"))
    assert [cell["cell_type"] for cell in mine] == [cell["cell_type"] for cell in other]
    for here, there in zip(mine, other, strict=True):
        if here["cell_type"] == "code":
            assert code(here) == code(there)
        else:
            assert any("\u4e00" <= sign <= "\u9fff" for sign in text(here)), text(here)


@pytest.mark.parametrize("path", CHINESE, ids=lambda path: path.stem)
def test_a_chinese_notebook_begins_with_its_question_and_ends_with_its_conclusions(path):
    words = [text(cell) for cell in cells(path) if cell["cell_type"] == "markdown"]
    assert "**问题。**" in words[0]
    assert any("**回答" in text(cell) or 'display_id="answer"' in text(cell) for cell in cells(path)[:5])
    ending = "\n".join(words)
    ending = ending[ending.rindex("## 论文中怎么写") :]
    assert "### 可以得出什么结论，不可以得出什么结论" in ending


def test_the_words_of_a_sentence_may_change_and_its_numbers_may_not():
    first, same = {"source": ['f"n = {n:,} of {all}"']}, {"source": ['f"{all} 中的 {n:,}"']}
    assert code(first) == code(same) != code({"source": ['f"{all} 中的 {m}"']})
    assert (
        code({"source": ['plot(x, language="zh")']}) == code({"source": ["plot(x)"]}) != code({"source": ["plot(y)"]})
    )
