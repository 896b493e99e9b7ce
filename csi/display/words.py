"""The words of tables and pictures in English and Chinese: one dictionary, so that they agree everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, get_args

from csi.display.numbers import Language
from csi.errors import check_choice

#: One text for all languages, or a text a language.
Words: TypeAlias = str | Mapping[str, str]

WORDS: dict[str, tuple[str, str]] = {
    # row levels
    "construct": ("Construct", "潜变量"),
    "item": ("Item", "题项"),
    "cause": ("Cause", "原因"),
    "effect": ("Effect", "结果"),
    "path": ("Path", "路径"),
    "group": ("Group", "组别"),
    "wave": ("Wave", "期次"),
    "measure": ("Measure", "指标"),
    "hypothesis": ("Hypothesis", "假设"),
    "driver": ("Driver", "驱动因素"),
    "variable": ("Variable", "变量"),
    "question": ("Question", "题目"),
    # the common columns
    "estimate": ("Estimate", "估计值"),
    "std_error": ("SE", "标准误"),
    "conf_low": ("Lower", "下限"),
    "conf_high": ("Upper", "上限"),
    "interval": ("{level} CI", "{level} 置信区间"),
    "statistic": ("t", "t"),
    "p_value": ("p", "p"),
    # counts and descriptives
    "n": ("n", "样本量"),
    "count": ("Count", "频数"),
    "share": ("Share", "占比"),
    "percent": ("Per cent", "百分比"),
    "mean": ("Mean", "均值"),
    "sd": ("SD", "标准差"),
    "minimum": ("Min", "最小值"),
    "maximum": ("Max", "最大值"),
    "median": ("Median", "中位数"),
    "skewness": ("Skewness", "偏度"),
    "kurtosis": ("Kurtosis", "峰度"),
    "missing": ("Missing", "缺失"),
    # what a fit says
    "index": ("Index", "指数"),
    "score": ("Score (0–100)", "得分（0–100）"),
    "importance": ("Importance", "重要性"),
    "performance": ("Performance (0–100)", "表现（0–100）"),
    "impact": ("Impact", "影响"),
    "direct": ("Direct", "直接"),
    "indirect": ("Indirect", "间接"),
    "total": ("Total", "总"),
    "loading": ("Loading", "载荷"),
    "weight": ("Weight", "权重"),
    "r2": ("R²", "R²"),
    "r2_adjusted": ("Adj. R²", "调整 R²"),
    "f2": ("f²", "f²"),
    "q2": ("Q²", "Q²"),
    "vif": ("VIF", "VIF"),
    "alpha": ("Cronbach’s α", "Cronbach α"),
    "rho_a": ("ρA", "ρA"),
    "rho_c": ("CR", "CR"),
    "ave": ("AVE", "AVE"),
    "htmt": ("HTMT", "HTMT"),
    "htmt2": ("HTMT2", "HTMT2"),
    "correlation": ("r", "相关系数"),
    "sign": ("Sign", "符号"),
    "verdict": ("Verdict", "结论"),
    "criterion": ("Criterion", "标准"),
    "value": ("Value", "数值"),
    "limit": ("Limit", "界限"),
    "code": ("Code", "代码"),
    "subject": ("Subject", "对象"),
    "message": ("What it means", "含义"),
    "remedy": ("What to do", "处理办法"),
    # pictures
    "density": ("Density", "密度"),
    "respondents": ("Respondents (%)", "受访者（%）"),
    "impact_axis": ("Index points gained per point", "每提升一分带来的指数提升（分）"),
    "answers": ("Answers", "回答数"),
    "replicates": ("Replicates", "重抽样次数"),
    "benchmark": ("Benchmark", "基准"),
    "points_gained": ("Index points gained", "指数提升（分）"),
    "mean_line": ("Mean", "均值"),
    "keep_up": ("Keep up", "继续保持"),
    "concentrate": ("Improve first", "重点改进"),
    "low_priority": ("Low priority", "低优先级"),
    "overkill": ("Possible overkill", "过度投入"),
    "share_of_answers": ("Share of answers (%)", "回答占比（%）"),
    # notes and captions
    "note": ("Note.", "注："),
    "table": ("Table", "表"),
    "figure": ("Figure", "图"),
    "dashed": ("dashed: p ≥ {limit}", "虚线：p ≥ {limit}"),
    "dashed_interval": ("dashed: the interval includes 0", "虚线：置信区间包含 0"),
    "assumed": ("grey: assumed, not published", "灰色：假定路径，原文未载"),
    "crosses": ("crosses: {level} intervals", "十字线：{level} 置信区间"),
    "line": ("line:", "虚线："),
    "boxes": (
        "box: quartiles; line: 5th to 95th percentile; diamond: mean",
        "箱体：四分位数；横线：第 5 至 95 百分位数；菱形：均值",
    ),
    "dark": ("dark: central {level} of {n} replicates", "深色：{n} 次重抽样的中间 {level}"),
    "rank": ("Rank", "名次"),
    "rank_sets": ("rank with its {level} confidence set", "名次及其 {level} 置信集合"),
    "tiers": ("shaded alike: not told apart from the first of the shade", "同一底色：与该组首位无法区分"),
    "smoothed": ("Smoothed level", "平滑水平"),
    "band": ("band: {level} interval of the smoothed level", "色带：平滑水平的 {level} 置信区间"),
    "breaks": ("dotted: the questionnaire or the method changed", "点线：问卷或方法有变更"),
    "some_of": ("first {n} of {all}", "{all} 中的前 {n} 位"),
    "bands": ("bands: {level} intervals", "阴影：{level} 置信区间"),
    "in_sd": ("{name} (SD from its mean)", "{name}（与均值之差，标准差）"),
    "at_mean": ("{name} at its mean", "{name}：均值"),
    "at_sd": ("{name} {sd} SD", "{name}：均值{sd}个标准差"),
    "bars": ("bars: {level} intervals", "误差线：{level} 置信区间"),
}


def word(key: str, language: Language = "en", **values: str) -> str:
    """Return a word in a language; a key without an entry is itself.

    Examples
    --------
    >>> word("std_error"), word("interval", level="95%"), word("wave_2")
    ('SE', '95% CI', 'wave_2')
    """
    english, chinese = WORDS.get(key, (key, key))
    return (chinese if language == "zh" else english).format(**values) if key in WORDS else key


def in_language(words: Words, language: Language = "en") -> str:
    """Choose the text of a language; English, then any other, where it has none.

    Examples
    --------
    >>> in_language({"en": "Value", "zh": "价值"}), in_language("Value", "zh")
    ('Value', 'Value')
    """
    if isinstance(words, str):
        return words
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def check_language(language: str) -> None:
    """Refuse a language without words.

    Raises
    ------
    SettingsError
        Naming the languages there are.
    """
    check_choice(language, "language", get_args(Language))


def level_text(confidence_level: float) -> str:
    """Write a confidence level.

    Examples
    --------
    >>> level_text(0.95), level_text(0.999)
    ('95%', '99.9%')
    """
    return f"{100 * confidence_level:g}%"
