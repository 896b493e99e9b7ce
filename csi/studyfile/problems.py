"""What is wrong with a study file: where it stands, what is wrong, what would be right, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from csi.blocks import Said
from csi.errors import suggest

#: Chinese words for keys that people write in their place.
CHINESE = {
    "标题": "title", "题目": "title", "语言": "language", "数据": "data", "数据文件": "data", "编码": "codes",
    "模型": "model", "题项": "items", "指标": "items", "量表": "scale", "反向": "reversed", "反向题": "reversed",
    "缺失编码": "unknown", "未知": "unknown", "标签": "labels", "名称": "labels", "指数": "index", "方法": "method",
    "设计": "design", "抽样设计": "design", "分组": "by", "顺序": "order", "缺失": "missing", "缺失值": "missing",
    "相关": "correlations", "自助法": "bootstrap", "重抽样": "bootstrap", "比较": "compare", "标准": "criteria",
    "测量": "measures", "清理": "screen", "样本": "profile", "计划": "plan", "报告": "report", "权重": "weight",
    "分层": "stratum", "整群": "cluster", "格式": "formats", "章": "chapter",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the key it stands under, its line where it is known, and a sentence.

    Parameters
    ----------
    key : str
        Such as `report.formats`; empty for the file as a whole.
    said : Said
        What is wrong and what would be right.
    line : int
        Of the file, from 1; 0 where it is not known.
    """

    key: str
    said: Said
    line: int = 0

    def place(self, language: str = "en") -> str:
        """Say where it stands: `line 3, scale`."""
        line = (f"第{self.line}行" if language == "zh" else f"line {self.line}") if self.line else ""
        return ("，" if language == "zh" else ", ").join(part for part in (line, self.key) if part)

    def text(self, language: str = "en") -> str:
        """Say where it stands and what is wrong."""
        place, words = self.place(language), self.said.words[language]
        return f"{place}{'：' if language == 'zh' else ': '}{words}" if place else words


def hint(name: object, known: Iterable[str]) -> Said:
    """Offer the closest name, also for a Chinese word in place of a key.

    Examples
    --------
    >>> hint("modle", ["model", "data"]).words
    {'en': "; did you mean 'model'?", 'zh': "；是否为 'model'？"}
    >>> hint("模型", ["model", "data"])
    "; did you mean 'model'?"
    """
    listed = list(known)
    meant = CHINESE.get(str(name))
    found = f"; did you mean {meant!r}?" if meant in listed else suggest(str(name), listed)
    return Said(found, found.replace("; did you mean", "；是否为").replace("?", "？"))
