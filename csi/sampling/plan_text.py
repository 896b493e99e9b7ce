"""How a plan prints: one table of lines, in English or Chinese, for a proposal, a console or a notebook."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pandas as pd

from csi.errors import check_choice

if TYPE_CHECKING:
    from csi.sampling.plan import Plan
    from csi.sampling.terms import Step

# name of a line: (English, Chinese)
_LINES = {
    "sd": ("standard deviation", "标准差"),
    "sd_first": ("standard deviation, first group", "标准差(第一组)"),
    "sd_second": ("standard deviation, second group", "标准差(第二组)"),
    "share": ("expected share", "预期比例"),
    "share_first": ("expected share, first group", "预期比例(第一组)"),
    "share_second": ("expected share, second group", "预期比例(第二组)"),
    "promoters": ("expected share of promoters", "推荐者预期比例"),
    "detractors": ("expected share of detractors", "贬损者预期比例"),
    "items": ("items of the index", "指数题项数"),
    "item_variance": ("weighted variance of the index", "指数加权方差"),
    "variance": ("variance of one pair", "每对样本的方差"),
    "ratio": ("first group per case of the second", "两组样本量之比"),
    "overlap": ("share of the first group in both", "两期重叠比例"),
    "rho": ("correlation within the overlap", "重叠样本的相关系数"),
    "confidence_level": ("confidence level", "置信水平"),
    "z": ("normal quantile z", "正态分位数 z"),
    "z_power": ("normal quantile of the power", "检验功效的正态分位数"),
    "population": ("population N", "总体单位数 N"),
    "deff": ("design effect", "设计效应"),
    "response": ("response rate", "应答率"),
    "eligibility": ("eligible share", "合格率"),
    "df": ("degrees of freedom", "自由度"),
    "null": ("RMSEA under the null hypothesis", "原假设 RMSEA"),
    "alternative": ("RMSEA under the alternative", "备择假设 RMSEA"),
    "groups": ("groups", "组数"),
    "n_srs": ("simple random sample", "简单随机样本量"),
    "n_deff": ("with the design effect", "乘以设计效应后"),
    "n_fpc": ("with the finite population correction", "有限总体校正后"),
    "worth": ("worth a simple random sample of", "相当于简单随机样本量"),
    "arrows": ("arrows into the busiest construct", "指向同一构念的最多路径数"),
    "ten_times": ("ten-times rule (rule of thumb, not used)", "十倍法则(经验法则, 未采用)"),
    "n_exact": ("interviews, not rounded", "完成样本量(未取整)"),
    "n": ("interviews", "完成样本量"),
    "n_second": ("interviews, second group", "完成样本量(第二组)"),
    "n_total": ("interviews, both groups", "两组合计样本量"),
    "invitations_exact": ("invitations, not rounded", "邀请数(未取整)"),
    "invitations": ("invitations", "邀请数"),
    "margin": ("margin of error", "误差限"),
    "power": ("power", "检验功效"),
    "difference": ("difference to be detected", "可检出差异"),
    "path": ("smallest path to be detected", "可检出的最小路径系数"),
}
_PURPOSES = {
    "mean": ("the mean of a score", "得分均值"),
    "proportion": ("a proportion", "比例"),
    "nps": ("the net promoter score (points, -100 to 100)", "净推荐值 (NPS, -100 至 100)"),
    "index": ("a weighted index (points, 0 to 100)", "加权满意度指数 (0 至 100 分)"),
    "difference of means": ("a difference of two means", "两组均值之差"),
    "difference of proportions": ("a difference of two proportions", "两组比例之差"),
    "paths": ("the paths of a PLS model (inverse square root)", "PLS 路径系数(平方根倒数法)"),
    "rmsea": ("the fit of a covariance model (RMSEA)", "协方差结构模型拟合 (RMSEA)"),
}
_WORDS = {
    "title": ("Plan for", "抽样方案:"),
    "step": ("step", "步骤"),
    "value": ("value", "数值"),
    "formula": ("formula", "公式"),
}
#: Formulas that are words.
_SAID = {
    "rounded up once": "向上取整(仅一次)",
    "n / ratio, rounded up once": "n / 比值, 向上取整(仅一次)",
}


def table(plan: Plan, language: str = "en") -> pd.DataFrame:
    """Lines of a plan: one row each, with the value and the formula."""
    which = _which(language)
    index = pd.Index([_LINES[step.name][which] for step in plan.steps], name=_WORDS["step"][which])
    columns = [_WORDS["value"][which], _WORDS["formula"][which]]
    rows = [[step.value, _formula(step, which)] for step in plan.steps]
    return pd.DataFrame(rows, index=index, columns=columns)


def _formula(step: Step, which: int) -> str:
    return _SAID.get(step.formula, step.formula) if which else step.formula


def text(plan: Plan) -> str:
    """The plan for a console: doubts first, then the lines."""
    labels = [_LINES[step.name][0] for step in plan.steps]
    values = [number(step.value) for step in plan.steps]
    left, right = max(map(len, labels)), max(map(len, values))
    lines = [f"Plan for {_PURPOSES[plan.purpose][0]}", *(f"! {doubt}" for doubt in plan.doubts)]
    for label, value, step in zip(labels, values, plan.steps, strict=True):
        lines.append(f"  {label:<{left}}  {value:>{right}}  {step.formula}".rstrip())
    return "\n".join(lines)


def to_html(plan: Plan, language: str = "en") -> str:
    """The plan for a notebook."""
    which = _which(language)
    title = html.escape(f"{_WORDS['title'][which]} {_PURPOSES[plan.purpose][which]}")
    doubts = "".join(f"<p><strong>!</strong> {html.escape(doubt)}</p>" for doubt in plan.doubts)
    rows = "".join(_row(step, which) for step in plan.steps)
    return f"<table><caption>{title}</caption><tbody>{rows}</tbody></table>{doubts}"


def _row(step: Step, which: int) -> str:
    cells = (html.escape(_LINES[step.name][which]), number(step.value), html.escape(_formula(step, which)))
    return f'<tr><th style="text-align:left">{cells[0]}</th><td>{cells[1]}</td><td>{cells[2]}</td></tr>'


def number(value: float) -> str:
    """A number for reading: whole numbers whole, others to six digits.

    Examples
    --------
    >>> number(385), number(384.14588), number(0.0983), number(1e6)
    ('385', '384.146', '0.0983', '1000000')
    """
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.6g}"


def _which(language: str) -> int:
    check_choice(language, "language", ("en", "zh"))
    return ("en", "zh").index(language)
