"""What is looked at before the model, and what is compared after it: tables that the report prints after the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations, pairwise
from typing import Any

import pandas as pd

from csi import analysis, measures
from csi.analysis import printed
from csi.blocks import Said
from csi.display.cells import Kind
from csi.display.table import Table
from csi.errors import CsiError, DataError
from csi.fit import Fit
from csi.sampling import Plan
from csi.spec import Model
from csi.studyfile.file import StudyFile

_COMPARED = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
#: With more pairs of groups nobody reads a table each.
MOST_PAIRS = 6
TITLES = {
    "synthetic": Said("SYNTHETIC ANSWERS: made up, no number below says anything about anybody",
                      "合成数据：下列数字均为虚构，不说明任何真实情况"),
    "plan": Said("Sampling plan", "抽样计划"),
    "criteria": Said("Results against usual limits ({name})", "各项结果与通行标准（{name}）"),
    "compare": Said("{second} minus {first}: index points", "{second}减{first}：指数之差（分）"),
}  # fmt: skip
NAMES = {
    "plan": Said("sampling plan", "抽样计划"), "profile": Said("sample profile", "样本构成"),
    "screen": Said("answer quality", "答卷质量"), "describe": Said("descriptives", "描述统计"),
    "reliability": Said("reliability", "信度"), "adequacy": Said("adequacy", "因子分析适合度"),
    "factors": Said("factor analysis", "探索性因子分析"), "measures": Said("measures", "简单指标"),
    "differences": Said("differences of groups", "组间差异"), "compare": Said("comparison", "比较"),
    "criteria": Said("criteria", "评判标准"),
}  # fmt: skip
Notes = list[Said]


def sections(file: StudyFile, every: pd.DataFrame, used: pd.DataFrame, fit: Fit, notes: Notes) -> list[Any]:
    """Give the tables that the study asks for; what cannot be had is told in `notes`."""
    wanted = file.output.before
    found: list[Any] = []
    for name in usual(file) if wanted is None else wanted:
        data = every if name in ("plan", "screen") else used
        found += _try(name, partial(_section, name, file, data), notes)
    found += _try("compare", lambda: list(_comparisons(file, fit)), notes)
    found += _try("criteria", lambda: list(_criteria(file, fit)), notes)
    return found


def _section(name: str, file: StudyFile, data: pd.DataFrame) -> list[Any]:
    return list(SECTIONS[name](file, data))


def usual(file: StudyFile) -> list[str]:
    """Sections that a study gives rise to where it names none."""
    asked = {"plan": file.plan, "profile": file.profile, "measures": file.measures, "differences": file.by}
    # Descriptives are a section of the report itself.
    always = ("screen", "reliability", "adequacy")
    return [name for name in SECTIONS if name in always or asked.get(name)]


def _try(name: str, make: Callable[[], list[Any]], notes: Notes) -> list[Any]:
    try:
        return make()
    except CsiError as why:
        notes.append(Said(f"left out, {NAMES[name]}: {why}", f"未列出{NAMES[name].chinese}：{why}"))
        return []


def synthetic(n: int) -> Table:
    """Say in the first table that the answers are made up."""
    frame = pd.DataFrame({"n": [n]}, index=pd.Index(["made up"], name="answers"))
    words = {"made up": {"en": "made up", "zh": "虚构"}}
    return Table(frame, title=TITLES["synthetic"].words, labels=words, decimals=0)


# -- one section each ---------------------------------------------------------------------------------------------


def blocks_of(model: Model, least: int = 2) -> dict[str, list[str]]:
    """Columns of every construct that is measured by several."""
    return {
        name: [item.name for item in block.items]
        for name, block in model.constructs.items()
        if len(block.items) >= least
    }


def _plan(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    plan = Plan(**file.plan)
    frame = plan.table(language="en")
    chinese = plan.table(language="zh")
    frame.columns, frame.index.name = pd.Index(["value", "formula"]), "step"
    labels = {
        str(english): {"en": str(english), "zh": str(zh)}
        for english, zh in zip([*frame.index, *frame["formula"]], [*chinese.index, *chinese["公式"]], strict=True)
        if english
    }
    heads = {"value": {"en": "Value", "zh": "数值"}, "formula": {"en": "Formula", "zh": "公式"}}
    heads["step"] = {"en": "Step", "zh": "步骤"}
    # Interviews and invitations are counts; a share or a margin keeps its decimals.
    whole: dict[str, tuple[Kind, int]] = {
        str(step): ("number", 0) for step, value in frame["value"].items() if float(value).is_integer()
    }
    n = len(data)
    note = Said(f"{n:,} respondents were reached; the plan asks for {plan.n:,}.",
                f"实际回收 {n:,} 份；计划要求 {plan.n:,} 份。")  # fmt: skip
    yield Table(
        frame, title=TITLES["plan"].words, notes=[note.words], labels={**labels, **heads}, decimals={"value": 2},
        kinds={"formula": "text"}, rows=whole,
    )  # fmt: skip


def _profile(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    expected = {column: said for column, said in file.profile.items() if isinstance(said, Mapping) and said}
    counted = {column: {_as_in(data, column, key): n for key, n in said.items()} for column, said in expected.items()}
    yield analysis.profile(data, list(file.profile), expected=counted or None, design=file.study.design)


def _as_in(data: pd.DataFrame, column: str, key: str) -> Any:
    """A key of TOML, which is always a text, as the value that the column holds."""
    if column not in data:
        return key
    return next((value for value in pd.unique(data[column].dropna()) if _plain(value) == key), key)


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _screen(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    yield screening(file, data)


def screening(file: StudyFile, data: pd.DataFrame) -> analysis.Screening:
    """Look at the answers as the study says."""
    settings = {name: value for name, value in file.screen.items() if name in ("time", "attention")}
    return analysis.screen(data, file.study.model, design=file.study.design, **settings)


def _describe(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    yield _table(analysis.describe(data, file.study.model, design=file.study.design), file)


def _reliability(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    yield analysis.item_analysis(data, file.study.model, design=file.study.design)


def _adequacy(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    yield analysis.adequacy(data, _items(file), design=file.study.design)


def _factors(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    blocks = blocks_of(file.study.model)
    yield analysis.efa(data, len(blocks), model=blocks, extraction="pc", rotation="varimax", rng=file.rng)


def _items(file: StudyFile) -> list[str]:
    return [name for members in blocks_of(file.study.model).values() for name in members]


def _measures(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    scales = {item.name: file.study.model.scale_of(item) for item in file.study.model.items}
    for name, said in file.measures.items():
        columns = [said] if isinstance(said, str) else list(said)
        scale = next((scales[column] for column in columns if scales.get(column)), file.study.model.scale)
        ends = {"scale": (scale.low, scale.high)} if scale and name in ("csat", "top_box", "bottom_box") else {}
        yield _table(getattr(measures, name)(data, columns, design=file.study.design, **ends), file)


def _differences(file: StudyFile, data: pd.DataFrame) -> Iterator[Any]:
    if len(file.by) != 1:
        raise DataError("differences are tested between the groups of one column; by = names several")
    plain = data.assign(**{file.by[0]: data[file.by[0]].astype(object)})
    yield analysis.differences(plain, blocks_of(file.study.model), by=file.by[0])


def _table(frame: pd.DataFrame, file: StudyFile) -> Table:
    return printed(frame, labels=file.study.model)


SECTIONS: dict[str, Callable[[StudyFile, pd.DataFrame], Iterator[Any]]] = {
    "plan": _plan, "profile": _profile, "screen": _screen, "describe": _describe, "reliability": _reliability,
    "adequacy": _adequacy, "factors": _factors, "measures": _measures, "differences": _differences,
}  # fmt: skip


# -- after the model ------------------------------------------------------------------------------------------------


def pairs(file: StudyFile, groups: list[Any]) -> list[tuple[Any, Any]]:
    """Pairs of groups that are compared."""
    if file.compare == "all":
        return list(combinations(groups, 2))[:MOST_PAIRS]
    if file.compare == "consecutive":
        return list(pairwise(groups))
    return named(file)


def named(file: StudyFile) -> list[tuple[Any, Any]]:
    """Pairs that the study names one by one."""
    return [] if isinstance(file.compare, str) else list(file.compare)


def _comparisons(file: StudyFile, fit: Fit) -> Iterator[Table]:
    # Of two groups the report itself shows how every construct differs.
    if len(fit.groups) == 2:
        return
    for first, second in pairs(file, fit.groups):
        frame = fit.compare(first, second, interval=file.interval if fit.core.draws is not None else None)
        title = {
            language: words.format(first=first, second=second) for language, words in TITLES["compare"].words.items()
        }
        shown = frame[[name for name in _COMPARED if name in frame]]
        yield printed(shown, title=title, labels=file.study.model).replace(
            decimals={name: 2 for name in shown.columns if name != "p_value"}
        )


def _criteria(file: StudyFile, fit: Fit) -> Iterator[Table]:
    if file.criteria is None:
        return
    title = {language: words.format(name=file.criteria) for language, words in TITLES["criteria"].words.items()}
    criteria: Any = file.criteria
    yield printed(fit.assess(criteria), title=title, labels=file.study.model)
