"""Hierarchies from files: TOML as it is written by hand, spreadsheets with one row a question."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from csi import frames
from csi.errors import ModelError, listing, suggest
from csi.questionnaire.words import Aspect, Branch, Question

_TOP = (
    "name",
    "title",
    "intro",
    "model",
    "options",
    "paths",
    "scale",
    "unknown",
    "answers",
    "index",
    "branches",
    "background",
)
_INDEX = ("name", "label", "questions")
_BRANCH = ("label", "questions", "aspects")
_ASPECT = ("label", "tag", "questions")
_QUESTION = ("en", "zh", "scale", "reversed", "unknown", "answers", "asked_if", "item")


# -- TOML -----------------------------------------------------------------------------------------------


def from_toml(path: str | PathLike[str]) -> dict[str, Any]:
    """Arguments of a `Hierarchy` from a TOML file.

    Raises
    ------
    ModelError
        Naming the file, and the line or the word that is not understood.
    """
    file = Path(path)
    if not file.is_file():
        beside = [each.name for each in file.parent.iterdir()] if file.parent.is_dir() else []
        raise ModelError(f"there is no file {file}{suggest(file.name, beside)}")
    return from_text(file.read_text(encoding="utf-8"), file.name)


def from_text(text: str, source: str) -> dict[str, Any]:
    """Arguments of a `Hierarchy` from the text of a TOML file."""
    try:
        page = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{source} is no TOML: {error}") from None
    problems = list(_strange(page))
    problems += [f"{word!r} is missing" for word in ("name", "branches") if word not in page]
    if problems:
        raise ModelError(listing(problems, f"{source} is not understood"))
    answers = {name: _coded(codes) for name, codes in page.get("answers", {}).items()}
    index = page.get("index", {})
    words: dict[str, Any] = {
        word: page[word] for word in ("title", "intro", "model", "options", "paths", "unknown") if word in page
    }
    if "scale" in page:
        words["scale"] = tuple(page["scale"])
    return {
        "name": page["name"],
        "branches": {name: _branch(branch, answers) for name, branch in page["branches"].items()},
        "index": index.get("name", "satisfaction"),
        "label": index.get("label"),
        "questions": _questions(index.get("questions", {}), answers),
        "background": _questions(page.get("background", {}), answers),
        **words,
    }


def _strange(page: Mapping[str, Any]) -> list[str]:
    """Words that mean nothing here, with where they stand."""
    found = _unknown_words(page, _TOP, "the file") + _unknown_words(page.get("index", {}), _INDEX, "[index]")
    groups = [("index", page.get("index", {})), ("background", {"questions": page.get("background", {})})]
    for name, branch in page.get("branches", {}).items():
        found += _unknown_words(branch, _BRANCH, f"[branches.{name}]")
        groups.append((f"branches.{name}", branch))
        for aspect_name, aspect in branch.get("aspects", {}).items():
            found += _unknown_words(aspect, _ASPECT, f"[branches.{name}.aspects.{aspect_name}]")
            groups.append((f"branches.{name}.aspects.{aspect_name}", aspect))
    for where, group in groups:
        for name, question in group.get("questions", {}).items():
            found += _unknown_words(question, _QUESTION, f"{name} in [{where}]")
            said = question.get("answers")
            if isinstance(said, str) and said not in page.get("answers", {}):
                found.append(
                    f"{name} in [{where}]: there are no [answers.{said}]{suggest(said, page.get('answers', {}))}"
                )
    return found


def _unknown_words(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> list[str]:
    return [f"{where} says {word!r}{suggest(word, known)}" for word in table if word not in known]


def _branch(page: Mapping[str, Any], answers: Mapping[str, Any]) -> Branch:
    aspects = {
        name: Aspect(_questions(aspect.get("questions", {}), answers), aspect.get("tag"), aspect.get("label"))
        for name, aspect in page.get("aspects", {}).items()
    }
    return Branch(_questions(page.get("questions", {}), answers), aspects, page.get("label"))


def _questions(page: Mapping[str, Any], answers: Mapping[str, Any]) -> list[Question]:
    return [_question(name, facts, answers) for name, facts in page.items()]


def _question(name: str, facts: Mapping[str, Any], answers: Mapping[str, Any]) -> Question:
    said = facts.get("answers", {})
    plain = {word: facts[word] for word in ("reversed", "unknown", "item") if word in facts}
    return Question(
        name,
        {language: facts[language] for language in ("en", "zh") if language in facts},
        tuple(facts["scale"]) if "scale" in facts else None,
        answers=answers[said] if isinstance(said, str) else _coded(said),
        asked_if=facts.get("asked_if", {}),
        **plain,
    )


def _coded(codes: Mapping[str, Any]) -> dict[float, Any]:
    return {_code(code): meaning for code, meaning in codes.items()}


def _code(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ModelError(f"answers begin with a code, such as 1; not {text!r}") from None
    return int(number) if number.is_integer() else number


# -- spreadsheets ---------------------------------------------------------------------------------------

#: Names of the columns, English and Chinese.
_COLUMNS = {
    "construct": ("construct", "branch", "二级指标", "潜变量", "维度"),
    "aspect": ("aspect", "三级指标", "方面"),
    "name": ("name", "item", "column", "编号", "代码", "变量", "题项"),
    "question": ("question", "text", "四级指标", "题目", "问题", "题干"),
    "en": ("en", "english", "英文"),
    "zh": ("zh", "chinese", "中文"),
    "construct_en": ("construct_en", "construct label"),
    "construct_zh": ("construct_zh", "二级指标名称"),
    "aspect_en": ("aspect_en", "aspect label"),
    "aspect_zh": ("aspect_zh", "三级指标名称"),
    "tag": ("tag", "类型"),
    "low": ("low", "最低分", "最小值"),
    "high": ("high", "最高分", "最大值"),
    "reversed": ("reversed", "反向", "反向题"),
    "unknown": ("unknown", "未作答代码"),
    "answers": ("answers", "选项"),
    "asked_if": ("asked_if", "跳转条件", "作答条件"),
    "item_of_model": ("item_of_model", "进入模型"),
}
_BACKGROUND = ("background", "背景", "背景信息", "个人信息")
_YES = {"1", "1.0", "true", "yes", "y", "是"}
_NO = {"", "0", "0.0", "false", "no", "n", "否"}
_TAGS = {"process": "process", "过程": "process", "outcome": "outcome", "结果": "outcome", "": None}


def from_table(table: Any, index: str) -> dict[str, Any]:
    """Branches, questions and background of a `Hierarchy` from a table with one row a question.

    Raises
    ------
    ModelError
        Naming the row and the column of what is not understood.
    """
    frame = _frame(table)
    rows = [{str(key): _text(cell) for key, cell in row.items()} for row in frame.to_dict("records")]
    problems: list[str] = []
    branches: dict[str, dict[str, Any]] = {}
    own: list[Question] = []
    background: list[Question] = []
    above = {"construct": "", "aspect": ""}
    for number, row in enumerate(rows, 2):
        # Blank cells below a construct mean the same construct, as people write such tables.
        if row.get("construct"):
            above = {"construct": row["construct"], "aspect": ""}
        above["aspect"] = row.get("aspect") or (above["aspect"] if not row.get("construct") else "")
        try:
            question = _of_row(row)
        except ModelError as error:
            problems.append(f"row {number}: {error}")
            continue
        if not above["construct"]:
            problems.append(f"row {number}: no construct is named here or above")
        elif above["construct"] in _BACKGROUND:
            background.append(question)
        elif above["construct"] == index:
            own.append(question)
        else:
            branch = branches.setdefault(above["construct"], {"label": {}, "own": [], "aspects": {}})
            branch["label"] |= _label(row, "construct")
            _put(branch, above["aspect"], question, row, number, problems)
    if problems:
        raise ModelError(listing(problems, "the table of questions is not understood"))
    made = {name: _made(branch) for name, branch in branches.items()}
    return {"branches": made, "questions": own, "background": background}


def _put(
    branch: dict[str, Any], aspect: str, question: Question, row: Mapping[str, str], number: int, problems: list[str]
) -> None:
    if not aspect:
        branch["own"].append(question)
        return
    place = branch["aspects"].setdefault(aspect, {"label": {}, "tag": None, "questions": []})
    place["label"] |= _label(row, "aspect")
    place["questions"].append(question)
    tag = row.get("tag", "").casefold()
    if tag not in _TAGS:
        problems.append(f"row {number}: tag is 'process' or 'outcome' (过程, 结果); not {row['tag']!r}")
    place["tag"] = place["tag"] or _TAGS.get(tag)


def _made(branch: dict[str, Any]) -> Branch:
    aspects = {name: Aspect(a["questions"], a["tag"], a["label"] or None) for name, a in branch["aspects"].items()}
    return Branch(branch["own"], aspects, branch["label"] or None)


def _label(row: Mapping[str, str], which: str) -> dict[str, str]:
    return {language: row[f"{which}_{language}"] for language in ("en", "zh") if row.get(f"{which}_{language}")}


def _frame(table: Any) -> pd.DataFrame:
    """The table under our names of its columns."""
    if isinstance(table, (str, PathLike)):
        frame = _opened(Path(table))
    else:
        opened = frames.table(table)
        frame = pd.DataFrame({name: opened.column(name) for name in opened.columns})
    names = {alias: key for key, aliases in _COLUMNS.items() for alias in aliases}
    known = {str(column): names.get(str(column).strip().casefold()) for column in frame.columns}
    problems = [
        f"column {column!r} means nothing here{suggest(column, names)}" for column, key in known.items() if not key
    ]
    have = [key for key in known.values() if key]
    problems += [f"column {key!r} ({_COLUMNS[key][-1]}) is missing" for key in ("construct", "name") if key not in have]
    if problems:
        raise ModelError(listing(problems, "the table of questions is not understood"))
    return frame.rename(columns=lambda column: known[str(column)])


def _opened(path: Path) -> pd.DataFrame:
    from csi.reading import opening

    file = opening.known_file(path)
    if file.suffix.lower() in opening.TEXT:
        sheet, _ = opening.text_sheet(file, None)
    else:
        sheet = opening.workbook_sheet(file, None)
    return pd.DataFrame(sheet.rows[1:], columns=sheet.header, dtype=object)


def _text(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _of_row(row: Mapping[str, str]) -> Question:
    if not row["name"]:
        raise ModelError("the question has no name; it is the name of its column")
    text = {language: row[language] for language in ("en", "zh") if row.get(language)} or row.get("question") or None
    ends = [row.get("low", ""), row.get("high", "")]
    if bool(ends[0]) != bool(ends[1]):
        raise ModelError(f"question {row['name']!r} has one end of a scale; give low and high")
    return Question(
        row["name"],
        text,
        (_number(ends[0]), _number(ends[1])) if ends[0] else None,
        _flag(row.get("reversed", ""), "reversed"),
        tuple(_number(code) for code in _split(row["unknown"])) if row.get("unknown") else None,
        _pairs(row.get("answers", "")),
        {
            name: tuple(_number(c) for c in re.split(r"\s*/\s*", codes))
            for name, codes in _rules(row.get("asked_if", ""))
        },
        not row.get("item_of_model") or _flag(row["item_of_model"], "item_of_model"),
    )


def _split(cell: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;；,，\n]", cell) if part.strip()]


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise ModelError(f"{text!r} should be a number") from None
    return int(number) if number.is_integer() else number


def _flag(text: str, what: str) -> bool:
    if text.casefold() not in _YES | _NO:
        raise ModelError(f"{what} is yes or no (是, 否); not {text!r}")
    return text.casefold() in _YES


def _pairs(cell: str) -> dict[float, str]:
    """Read `1=no; 2=yes`."""
    found = {}
    for part in _split(cell):
        pieces = [piece.strip() for piece in re.split(r"[=＝:：]", part, maxsplit=1)]
        if len(pieces) != 2 or not pieces[1]:
            raise ModelError(f"answers are written '1=no; 2=yes'; not {cell!r}")
        found[_number(pieces[0])] = pieces[1]
    return found


def _rules(cell: str) -> list[tuple[str, str]]:
    """Read `COM1=1/2`."""
    found = []
    for part in _split(cell):
        pieces = re.split(r"\s*[=＝]\s*", part)
        if len(pieces) != 2:
            raise ModelError(f"a skip rule is written 'COM1=1' or 'COM1=1/2'; not {cell!r}")
        found.append((pieces[0], pieces[1]))
    return found
