"""Studies that travel with the library: their files, and the tables of document 003 that only company X has."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pandas as pd

from csi import synthetic
from csi.blocks import Said
from csi.display.table import Table
from csi.studyfile.file import StudyFile, made
from csi.studyfile.running import Extra

#: Names on the command line, and their files.
NAMES = {"mobi": "mobi", "company-x": "company_x"}

_LEVELS = {
    4: Said("very satisfied", "非常满意"), 3: Said("satisfied", "比较满意"), 2: Said("fair", "一般"),
    1: Said("to be improved", "有待改善"),
}  # fmt: skip
_GRADES = {
    "grade_quality": Said("Quality of products and services", "产品和服务质量"),
    "grade_image": Said("Company image", "企业形象"),
    "grade_attitude": Said("Attitude of agents", "客服态度"),
    "grade_efficiency": Said("Efficiency of service", "服务效率"),
}
_BUSINESS = {
    "3g": Said("3G mobile", "3G移动"),
    "4g": Said("4G mobile", "4G移动"),
    "broadband": Said("Broadband", "宽带"),
}
_STRATA = Said("Customers of company X by business (Table 3-1 of the source)", "X公司各业务用户样本（原表3-1）")
_PER_CENT = Said(
    "Grades of four factors in company X, per cent (Table 3.2 of the source)", "X公司各因素评价等级，%（原表3.2）"
)
_OPEN = Said(
    "The strata add up to {sum:,}, not to the {stated:,} that the source states; the rest is taken as a competitor's.",
    "三层合计 {sum:,} 份，而非原文所述 {stated:,} 份；其余视为竞争对手的用户。",
)
_OF = Said(
    "{n:,} answers of company X; published whole per cents: {met}.", "X公司 {n:,} 份答卷；与所发表的整数百分比{met}。"
)


def shipped(name: str) -> StudyFile:
    """Read a study that travels with the library."""
    file = f"{NAMES[name]}.toml"
    page = tomllib.loads(files("csi.studyfile").joinpath("studies", file).read_text(encoding="utf-8"))
    return made(page, Path(), file)


def extra(name: str) -> Extra | None:
    """Give the tables that only this study has."""
    return company_x_tables if name == "company-x" else None


def company_x_tables(used: pd.DataFrame) -> list[Table]:
    """Table 3-1 (strata) and Table 3.2 (grades), of every answer of company X, also those that screening leaves out."""
    from csi import datasets

    answers = datasets.load("company_x")
    x = answers[answers["company"] == "X"]
    return [_strata(x, len(answers)), _grades(x)]


def _strata(x: pd.DataFrame, stated: int) -> Table:
    counts = x["business"].value_counts().reindex(list(synthetic.STRATA))
    frame = pd.DataFrame({"n": counts.astype(float), "percent": 100 * counts / counts.sum()})
    frame.index.name = "business"
    note = {language: text.format(sum=len(x), stated=stated) for language, text in _OPEN.words.items()}
    labels = {name: said.words for name, said in _BUSINESS.items()} | {"business": {"en": "Business", "zh": "业务"}}
    return Table(frame, title=_STRATA.words, notes=[note], labels=labels, decimals=1)


def _grades(x: pd.DataFrame) -> Table:
    shares = {str(level): [100 * float((x[grade] == level).mean()) for grade in _GRADES] for level in _LEVELS}
    frame = pd.DataFrame(shares, index=pd.Index(list(_GRADES), name="factor"))
    met = [tuple(round(share) for share in row) for row in frame.to_numpy()] == list(synthetic.GRADES.values())
    said = Said("met" if met else "not met", "一致" if met else "不一致").words
    note = {language: text.format(n=len(x), met=said[language]) for language, text in _OF.words.items()}
    labels = {str(level): said.words for level, said in _LEVELS.items()}
    labels |= {name: said.words for name, said in _GRADES.items()} | {"factor": {"en": "Factor", "zh": "因素"}}
    return Table(frame, title=_PER_CENT.words, notes=[note], labels=labels, decimals=1)
