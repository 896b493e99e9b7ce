"""What a cell of a Chinese notebook shows: headings, rows and verdicts in Chinese, numbers untouched."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pandas as pd
import pytest

import csi
from csi.errors import NotAvailable
from csi.report.notebook import fit_html, renamed

LABELS = csi.models.ecsi().labels("zh")


def test_headings_rows_and_cells_are_chinese_and_numbers_stay():
    table = pd.DataFrame(
        {
            "estimate": [0.5],
            "shown": [True],
            "causes": ["image, quality"],
            "subject": ["image -> value"],
            "why": ["so"],
        },
        index=pd.Index(["loyalty"], name="construct"),
    )
    shown = renamed(table, LABELS, {"causes": "满意度的原因"})
    assert shown.columns.tolist() == ["估计值", "显著", "满意度的原因", "对象", "why"]
    assert shown.iloc[0].tolist() == [0.5, "是", "企业形象、感知质量", "企业形象 → 感知价值", "so"]
    assert table.columns[0] == "estimate" and table.iloc[0, 2] == "image, quality"


def test_a_word_given_by_the_notebook_wins():
    table = pd.DataFrame({"estimate": [1.0]}, index=pd.Index(["total"], name="measure"))
    assert renamed(table, {}).index.tolist() == ["总"]
    assert renamed(table, {}, {"total": "总影响"}).index.tolist() == ["总影响"]


def test_a_fit_shows_its_doubts_first_in_chinese():
    data = csi.datasets.load("mobi")
    fit = csi.Study(csi.models.ecsi()).fit(data.assign(CUSA1=11 - data["CUSA1"]))
    page = fit_html(fit)
    assert page.index("疑点 1 处") < page.index("顾客满意度") and "csi.Item(&#x27;CUSA1&#x27;, reversed=True)" in page
    assert "标准误由线性化得出" in page and "doubt" not in page
    resampled = fit_html(csi.Study(csi.models.ecsi()).fit(data).bootstrap(50, rng=1))
    assert "没有疑点" in resampled and "重抽样 50 次" in resampled


def test_doubts_are_asked_for_in_a_language():
    data = csi.datasets.load("mobi")
    fit = csi.Study(csi.models.ecsi()).fit(data.assign(CUSA1=11 - data["CUSA1"]))
    english, chinese = fit.check(), fit.check(language="zh")
    same = ["code", "subject", "value", "limit", "group"]
    pd.testing.assert_frame_equal(english[same], chinese[same])
    assert "方向相反" in chinese["message"].item()
    assert csi.Study(csi.models.ecsi()).fit(data).check("zh").columns.tolist() == english.columns.tolist()


def test_only_a_notebook_can_be_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    with pytest.raises(NotAvailable, match="cells of a notebook"):
        csi.report.chinese(csi.models.ecsi())
