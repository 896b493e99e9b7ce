"""What is missing or wrong before anything is computed: the file, its data, columns, codes, cases, plan."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from os import PathLike
from typing import Any, cast

import numpy as np
import pandas as pd

from csi import analysis, frames
from csi.blocks import chinese
from csi.display.words import Language
from csi.errors import CsiError, DataError, SettingsError
from csi.reading import Answers, match
from csi.sample import Missing, read_sample
from csi.sampling import Plan
from csi.studyfile import before, data
from csi.studyfile.file import Broken, StudyFile, load
from csi.studyfile.problems import hint

#: Share of blanks of an item, cases of a group and of a study from which on one should look.
MANY_BLANKS, SMALL_GROUP, SMALL_STUDY = 0.2, 30, 100
#: With fewer items equal rows are what honest people give too.
FEW_ITEMS = 10
#: More names than this are not listed.
MOST = 8
_PACKAGES = {"docx": "docx", "xlsx": "xlsxwriter"}
_NUMBERS = ("id", "ID", "编号", "序号", "respondent")
#: Signs of carelessness that are told of.
_SIGNS = ("duplicate", "straight", "many_missing", "speeding", "attention")


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(files("csi.studyfile").joinpath("findings.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Finding:
    """One thing to look at: an error stops the study, a doubt does not."""

    code: str
    subject: str
    message: tuple[str, str]
    remedy: tuple[str, str]

    @property
    def level(self) -> str:
        """Whether it is an error or a doubt."""
        said: str = _texts()[self.code]["level"]
        return said

    def text(self, language: Language = "en") -> str:
        """What is wrong, and what to do."""
        at = ("en", "zh").index(language)
        colon, stop = ((": ", ". "), ("：", "。"))[at]
        start = f"{self.subject}{colon}" if self.subject else ""
        return f"{start}{self.message[at]}" + (f"{stop}{self.remedy[at]}" if self.remedy[at] else "")


def _found(code: str, subject: str = "", **values: Any) -> Finding:
    said = _texts()[code]
    message, remedy = (
        tuple(said.get(part, {}).get(language, "").format(**values) for language in ("en", "zh"))
        for part in ("said", "remedy")
    )
    return Finding(code, subject, cast("tuple[str, str]", message), cast("tuple[str, str]", remedy))


def check(path: str | PathLike[str]) -> tuple[StudyFile | None, list[Finding]]:
    """Look at a study, its file and its answers; nothing is fitted.

    Returns
    -------
    StudyFile or None
        None where the file itself is not understood.
    list of Finding
        Errors first.
    """
    try:
        file = load(path)
    except Broken as broken:
        return None, [_found("file", p.place(), text=str(p.said), zh=chinese(p.said)) for p in broken.problems]
    except SettingsError as error:
        return None, [_found("file", text=str(error), zh=str(error))]
    return file, look(file)


def look(file: StudyFile) -> list[Finding]:
    """Look at the answers of a study that is understood."""
    found = sorted(_findings(file), key=lambda each: each.level != "error")
    return list(dict.fromkeys(found))


def table(found: list[Finding], language: Language = "en") -> pd.DataFrame:
    """Findings as a table: `level, code, subject, message, remedy`."""
    at = ("en", "zh").index(language)
    rows = [(f.level, f.code, f.subject, f.message[at], f.remedy[at]) for f in found]
    return pd.DataFrame(rows, columns=["level", "code", "subject", "message", "remedy"])


def stops(found: list[Finding]) -> bool:
    """Whether a study cannot be run."""
    return any(finding.level == "error" for finding in found)


def _findings(file: StudyFile) -> Iterator[Finding]:
    yield from _packages(file)
    try:
        answers = data.opened(file)
    except CsiError as error:
        yield _unread(file, str(error))
        return
    if file.synthetic or data.says_synthetic(answers.data):
        yield _found("synthetic")
    columns = list(_columns(file, answers))
    yield from columns
    if columns:
        return
    items = list(_items(file, answers.data))
    yield from [*items, *_cases(file, answers.data), *_groups(file, answers.data)]
    if not stops(items):
        yield from _signs(file, answers.data)
        yield from _door(file, answers)


# -- files --------------------------------------------------------------------------------------------------------


def _packages(file: StudyFile) -> Iterator[Finding]:
    lacking = [form for form in file.output.formats if lacks(form)]
    if lacking:
        yield _found("extra", "report.formats", forms=", ".join(lacking))


def lacks(form: str) -> bool:
    """Whether the package that writes a form is not installed."""
    return form in _PACKAGES and importlib.util.find_spec(_PACKAGES[form]) is None


def _unread(file: StudyFile, error: str) -> Finding:
    """Why the answers cannot be read."""
    name = ", ".join(file.data.files) if file.data else "data"
    reasons = {
        "names no data": "no_data", "there is no file": "no_file", "no answers below it": "empty",
        "no answers to read": "empty", "no bytes": "empty",
    }  # fmt: skip
    code = next((code for reason, code in reasons.items() if reason in error), "unread")
    return _found(code, name, text="; ".join(line.removeprefix("  - ") for line in error.split("\n")))


# -- columns ------------------------------------------------------------------------------------------------------


def _columns(file: StudyFile, answers: Answers) -> Iterator[Finding]:
    """Columns that the study names and the data do not have."""
    there = [str(column) for column in answers.data.columns]
    lost = [(name, role) for name, role in file.columns.items() if name not in there]
    proposed = _proposed(file, answers) if any(role == "item" for _, role in lost) else {}
    for name, role in lost:
        words = {"role": _texts()["role"][role]["en"], "role_zh": _texts()["role"][role]["zh"]}
        if name in proposed:
            yield _found("other_name", name, column=proposed[name], **words)
            continue
        near = hint(name, there)
        yield _found("no_column", name, near=near, near_zh=near.chinese, columns=_some(there), **words)


def _proposed(file: StudyFile, answers: Answers) -> dict[str, str]:
    """Columns that ask the question of an item under another name."""
    try:
        found = match(answers, file.study.model)
    except CsiError:
        return {}
    return {item: column for item, column in found.pairs.items() if item != column}


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST]) + (", ..." if len(names) > MOST else "")


# -- items --------------------------------------------------------------------------------------------------------


def _items(file: StudyFile, table: pd.DataFrame) -> Iterator[Finding]:
    whole = True
    for item in file.study.model.items:
        column = table[item.name]
        try:
            values = frames.numbers(frames.table(table[[item.name]]), [item.name])[0]
        except DataError:
            whole = False
            yield _found("text", item.name, text=next((v for v in column if isinstance(v, str)), "?"))
            continue
        given = values[~np.isnan(values) & ~np.isin(values, item.unknown)]
        if not len(given):
            yield _found("blank", item.name)
        elif np.ptp(given) == 0:
            yield _found("constant", item.name, answer=float(given[0]))
        elif (share := 1 - len(given) / len(values)) > MANY_BLANKS:
            yield _found("many_blanks", item.name, share=share)
    if whole:
        yield from _codes(file, table)
        yield from _scale(file, table)


def _codes(file: StudyFile, table: pd.DataFrame) -> Iterator[Finding]:
    """Codes outside the scale, and codes that look like no answer."""
    model = file.study.model
    codes = analysis.screen(table, model).codes
    odd = codes[(codes["outside"] == 1) | (codes["suspicious"] == 1)]
    scales = {item.name: model.scale_of(item) for item in model.items}
    for label, rows in odd.groupby(level="item", sort=False):
        name, values = str(label), [float(code) for code in rows.index.get_level_values("code")]
        listed = ", ".join(f"{code:g} ({n:g})" for code, n in zip(values[:MOST], rows["n"], strict=False))
        scale = scales[name]
        ends = f"{scale.low:g}-{scale.high:g}" if scale else "?"
        shown = ", ".join(f"{code:g}" for code in values[:MOST])
        yield _found("outside_scale", name, scale=ends, listed=listed, codes=shown)


def _scale(file: StudyFile, table: pd.DataFrame) -> Iterator[Finding]:
    """A scale whose upper half nobody uses, in any item that has it."""
    scale = file.study.model.scale
    alike = [item for item in file.study.model.items if item.scale is None]
    if scale is None or len(alike) < 2:
        return
    values = frames.numbers(frames.table(table), [item.name for item in alike])
    unknown = np.stack([np.isin(row, item.unknown) for item, row in zip(alike, values, strict=True)])
    given = values[~unknown & ~np.isnan(values)]
    if len(given) and given.max() <= (scale.low + scale.high) / 2:
        yield _found(
            "scale", "scale", low=scale.low, high=scale.high, bottom=float(given.min()), top=float(given.max())
        )


# -- cases and groups -----------------------------------------------------------------------------------------------


def _cases(file: StudyFile, table: pd.DataFrame) -> Iterator[Finding]:
    n, p = len(table), len(file.study.model.items)
    if n < 3:
        yield _found("too_few", n=n)
    elif n < max(p, SMALL_STUDY):
        path = Plan.paths(n=n).path
        yield _found("few_cases", n=n, p=p, path=f" ({path:.2f})" if path is not None and path < 1 else "")
    if file.plan and n >= 2 and n < (wanted := Plan(**file.plan).n):
        left = {name: value for name, value in file.plan.items() if name not in ("n", "margin")}
        yield _found("below_plan", "plan", wanted=wanted, n=n, margin=Plan(n=n, **left).margin)
    for column in _NUMBERS:
        twice = int(table[column].dropna().duplicated().sum()) if column in table else 0
        if twice:
            yield _found("same_id", column, n=twice)


def _groups(file: StudyFile, table: pd.DataFrame) -> Iterator[Finding]:
    if not file.by:
        return
    for column in file.by:
        if blank := int(table[column].isna().sum()):
            yield _found("no_group", column, n=blank)
        if (groups := table[column].nunique()) > len(table) / 3:
            yield _found("many_groups", column, n=groups, cases=len(table))
    sizes = table.groupby(list(file.by), observed=True).size()
    small = sizes[sizes < SMALL_GROUP]
    if len(small):
        listed = ", ".join(f"{_group(label)} ({n})" for label, n in small.head(MOST).items())
        yield _found("small_group", ", ".join(file.by), listed=listed)
    known = [label[0] if isinstance(label, tuple) and len(label) == 1 else label for label in sizes.index]
    for label in [each for pair in before.named(file) for each in pair]:
        if label not in known:
            near = hint(label, map(str, known))
            listed = _some([_group(each) for each in known])
            yield _found("no_such_group", "compare", label=label, near=near, near_zh=near.chinese, groups=listed)


def _group(label: Any) -> str:
    return " / ".join(map(str, label)) if isinstance(label, tuple) else str(label)


# -- signs of carelessness, and the door itself ---------------------------------------------------------------------


def _signs(file: StudyFile, table: pd.DataFrame) -> Iterator[Finding]:
    if len(table) < 3 or len(file.study.model.items) < FEW_ITEMS:
        return
    try:
        summary = before.screening(file, table).summary
    except CsiError as error:
        yield _found("screen", "screen", text=str(error))
        return
    dropped = file.screen.get("drop", ())
    for sign in _SIGNS:
        n = int(summary["n"].get(sign, 0))
        if n and sign not in dropped:
            yield _found(sign, n=n)


def _door(file: StudyFile, answers: Answers) -> Iterator[Finding]:
    """What the fit itself would refuse: blanks without a treatment, weights, strata."""
    study = file.study
    chosen = study.missing or study.method.missing
    by = file.by[0] if len(file.by) == 1 else file.by or None
    treatment = cast(Missing, chosen or "pairwise")
    try:
        sample = read_sample(study.blueprint, answers, study.design, by, treatment, study.correlations)
    except CsiError as error:
        lines = [line.removeprefix("  - ") for line in str(error).split("\n")]
        yield from (_found("refused", text=line) for line in lines[1:] or lines)
        return
    blanks = int(sample.facts["blanks"].sum())
    if chosen is None and blanks:
        yield _found("missing", "missing", n=blanks, method=study.method.name)
