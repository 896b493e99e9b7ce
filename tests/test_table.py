"""The table object: raw numbers in, the same printed numbers out of every form, and nothing that runs by itself."""

from __future__ import annotations

import sys
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pandas as pd
import pytest
from docx.oxml.ns import qn

from csi.display.markup import tex
from csi.display.numbers import interval, number, p_value, percent, stars, stars_note
from csi.display.table import Table, save
from csi.display.words import WORDS, in_language, word
from csi.errors import MissingExtra, SettingsError

GOLDEN = Path(__file__).parent / "golden"
ROWS = pd.MultiIndex.from_tuples(
    [("2024", "quality"), ("2024", "image"), ("2025", "quality"), ("2025", "<b>&x_1|")], names=["wave", "construct"]
)
FRAME = pd.DataFrame(
    {
        "estimate": [0.5125, -0.0542, 1.2, np.nan],
        "conf_low": [0.41, -0.2, 0.9, np.nan],
        "conf_high": [0.6, 0.1, 1.5, np.nan],
        "p_value": [1e-5, 0.31, 0.0312, np.nan],
        "r2": [0.25, 0.33, 0.1, 0.9],
        "n": [250, 250, 1250, 3],
        "verdict": ["supported", "not supported", "supported", "=1+1"],
    },
    index=ROWS,
)
TABLE = Table(
    FRAME,
    title={"en": "Paths to satisfaction", "zh": "满意度路径系数"},
    notes=[{"en": "Percentile intervals, 5,000 resamples.", "zh": "百分位数置信区间，5000 次重抽样。"}],
    labels={
        "quality": {"en": "Perceived quality", "zh": "感知质量"},
        "image": {"zh": "企业形象"},
        "supported": {"zh": "支持"},
        "not supported": {"zh": "不支持"},
    },
    starred="estimate",
    number="4-1",
)
GROUPS = Table(
    pd.DataFrame(
        [[0.1, 0.01, 0.5, 0.02], [0.2, 0.5, -0.3, 0.0001]],
        index=pd.Index(["a", "b"], name="item"),
        columns=pd.MultiIndex.from_product([["甲", "乙"], ["estimate", "p_value"]]),
    ),
    title="Two companies",
    decimals={"estimate": 2},
    starred="estimate",
)
FORMS = {"txt": Table.to_text, "md": Table.to_markdown, "html": Table.to_html, "tex": Table.to_latex}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", FORMS)
def test_golden(form, language):
    written = FORMS[form](TABLE, language) + "\n\n" + FORMS[form](GROUPS, language) + "\n"
    assert written == (GOLDEN / f"table_{language}.{form}").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMS)
def test_what_people_wrote_is_escaped(form):
    written = FORMS[form](TABLE, "en")
    escaped = {
        "txt": "<b>&x_1|",
        "md": r"\<b\>&x\_1\|",
        "html": "&lt;b&gt;&amp;x_1|",
        "tex": r"$<$b$>$\&x\_1\textbar{}",
    }
    assert escaped[form] in written
    assert form == "txt" or "<b>" not in written


def test_the_frame_stays_raw():
    pd.testing.assert_frame_equal(TABLE.to_frame(), FRAME)


def test_text_survives_every_console():
    written = TABLE.replace(title="R² – β ≥ 1").to_text("en")
    assert written.encode("ascii").decode("ascii").startswith("Table 4-1. R2 - beta >= 1")
    assert TABLE.to_text("zh").encode("gbk")
    assert repr(TABLE.replace(title="满意度")).isascii()


def test_columns_stand_straight_in_chinese():
    lines = TABLE.to_text("zh").splitlines()
    ends = {sum(2 if ord(letter) > 0x2E7F else 1 for letter in line) for line in lines[1:6]}
    assert len(ends) == 1


def test_a_repeated_outer_label_stands_once():
    rows = [line for line in TABLE.to_markdown().splitlines() if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows[2:]] == ["2024", "", "2025", ""]


def test_a_construct_called_value_is_not_translated_as_a_word():
    table = Table(pd.DataFrame({"estimate": [1.0]}, index=pd.Index(["value"], name="construct")))
    assert "value" in table.to_text("zh")


def test_common_columns_have_words_and_labels_override_them():
    table = Table(FRAME, labels={"estimate": "β", "interval": {"en": "from-to", "zh": "区间"}, "wave": "Quarter"})
    head = table.to_markdown("en").splitlines()[0]
    assert head.startswith("| Quarter | Construct | β | from-to | p | R² | n | Verdict |")
    assert "90% CI" in Table(FRAME, confidence_level=0.9).to_text()


def test_kinds_and_decimals():
    frame = pd.DataFrame({"share": [0.1234], "statistic": [2.345], "count": [1234.0], "missing": [None]}, index=["a"])
    table = Table(frame, kinds={"share": "percent"}, decimals={"share": 1})
    assert table.to_markdown().splitlines()[-1] == "| a | 12.3% | 2.35 | 1,234 |  |"
    more = Table(frame, decimals={"count": 2, "statistic": 3})
    assert more.to_markdown().splitlines()[-1] == "| a | 0.123 | 2.345 | 1,234.00 |  |"


def test_ends_apart_stay_apart():
    frame = pd.DataFrame({"conf_low": [1.0], "estimate": [2.0], "conf_high": [3.0]})
    assert Table(frame).to_markdown().splitlines()[0] == "|  | Lower | Estimate | Upper |"


def test_stars_need_p_values_and_are_explained_only_when_there_are_any():
    assert "\\*" not in Table(FRAME).to_markdown()
    assert "p <" not in Table(FRAME[["estimate"]], starred="estimate").to_text()
    rules = ((0.05, "†"),)
    assert "† p < .05" in Table(FRAME, starred="estimate", star_rules=rules).to_text()


def test_booleans_and_words_can_be_translated():
    table = Table(pd.DataFrame({"ok": [True, False]}), labels={"True": {"en": "yes", "zh": "是"}})
    assert [line.split("|")[2].strip() for line in table.to_markdown("zh").splitlines()[2:]] == ["是", "False"]


def test_an_empty_table_is_written():
    assert Table(pd.DataFrame({"estimate": []})).to_text().split() == ["Estimate"]
    assert "<tbody>" in Table(pd.DataFrame({"estimate": []})).to_html()


# -- Word -------------------------------------------------------------------------------------------------


@pytest.fixture
def document(tmp_path):
    TABLE.to_docx(tmp_path / "满意 度.docx", "zh")
    return docx.Document(str(tmp_path / "满意 度.docx"))


def test_word_says_the_same_numbers(document):
    said = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert said[0] == ["期次", "潜变量", "估计值", "95% 置信区间", "p", "R²", "样本量", "结论"]
    assert said[1] == ["2024", "感知质量", "0.512***", "[0.410,\xa00.600]", "< 0.001", "0.250", "250", "支持"]
    assert said[2][2] == "−0.054"
    assert document.paragraphs[0].text == "表4-1 满意度路径系数"
    assert document.paragraphs[-1].text.startswith("注：百分位数置信区间，5000 次重抽样。 * p < 0.05")


def test_word_has_three_rules(document):
    def edges(row) -> set[tuple[str, str]]:
        borders = [cell._tc.tcPr.find(qn("w:tcBorders")) for cell in row.cells]
        return {(edge.tag.split("}")[1], edge.get(qn("w:sz"))) for one in borders if one is not None for edge in one}

    rows = document.tables[0].rows
    assert edges(rows[0]) == {("top", "12"), ("bottom", "6")}
    assert edges(rows[-1]) == {("bottom", "12")}
    assert all(edges(row) == set() for row in rows[1:-1])


def test_word_uses_song_and_times(document):
    run = document.tables[0].rows[1].cells[1].paragraphs[0].runs[0]
    fonts = run._element.rPr.rFonts
    assert (fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii")), run.font.size.pt) == (
        "宋体",
        "Times New Roman",
        10.5,
    )


def test_word_counts_tables_without_a_number_by_a_field():
    written = GROUPS.to_docx()
    GROUPS.to_docx(language="zh", document=written)
    TABLE.replace(number="").to_docx(language="zh", document=written)
    fields = [code.text for code in written.element.xpath("//w:instrText")]
    assert fields == [" SEQ Table \\* ARABIC ", " SEQ 表 \\* ARABIC ", " SEQ 表 \\* ARABIC "]
    captions = [paragraph.text for paragraph in written.paragraphs if paragraph.paragraph_format.keep_with_next]
    assert [caption.split()[:1] for caption in captions] == [["Table"], ["表1"], ["表2"]]
    assert len(written.tables) == 3
    assert [cell.text for cell in written.tables[0].rows[0].cells] == ["", "甲", "甲", "乙", "乙"]


# -- Excel ------------------------------------------------------------------------------------------------


def test_a_workbook_holds_raw_numbers_and_shows_rounded_ones(tmp_path):
    TABLE.to_excel(tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert [cell.value for cell in sheet[2]] == [
        "Wave", "Construct", "Estimate", "Lower", "Upper", "p", "R²", "n", "Verdict",
    ]  # fmt: skip
    assert [cell.value for cell in sheet[3]] == [
        "2024",
        "Perceived quality",
        0.5125,
        0.41,
        0.6,
        1e-5,
        0.25,
        250,
        "supported",
    ]
    assert sheet["C3"].number_format == '#,##0.000"***"'
    assert sheet["F3"].number_format == '[<0.001]"< .001";[<1].000;0.000'
    assert sheet["C6"].value is None
    assert sheet["A4"].value == "2024"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "=HYPERLINK(1)", "http://x.org", "007"])
def test_text_in_a_workbook_stays_text(text, tmp_path):
    frame = pd.DataFrame({"answer": [text]}, index=pd.Index([text], name=text))
    Table(frame, title=text, notes=text).to_excel(tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    written = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type == "s" and cell.number_format == "@" for cell in written)
    assert sum(cell.value == text for cell in written) == 5


def test_sheets_have_names_that_excel_takes(tmp_path):
    names = ["a/b:c*[d]?", "x" * 60, "X" * 60, "", "同名", "同名"]
    save([GROUPS.replace(title=name) for name in names], tmp_path / "t.xlsx")
    made = openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames
    assert len({name.casefold() for name in made}) == 6
    assert all(len(name) <= 31 for name in made)


# -- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["html", "md", "tex", "txt", "docx", "xlsx"])
def test_several_tables_go_into_one_file(suffix, tmp_path):
    path = tmp_path / f"表 1.{suffix}"
    save([TABLE, GROUPS], path, "zh")
    if suffix in ("docx", "xlsx"):
        assert path.stat().st_size > 5000
    else:
        written = path.read_text(encoding="utf-8")
        assert "满意度路径系数" in written
        assert "Two companies" in written


def test_an_html_page_is_complete_and_alone(tmp_path):
    save([TABLE], tmp_path / "t.html", "zh")
    page = (tmp_path / "t.html").read_text(encoding="utf-8")
    assert page.startswith('<!doctype html>\n<html lang="zh-CN">\n<meta charset="utf-8">')
    assert "http" not in page


@pytest.mark.parametrize(
    ("suffix", "module", "package"), [("docx", "docx", "python-docx"), ("xlsx", "xlsxwriter", "xlsxwriter")]
)
def test_a_missing_extra_names_the_line_that_installs_it(suffix, module, package, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf'{package} is not installed: pip install "csi\[report\]"'):
        save([TABLE], tmp_path / f"t.{suffix}")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Table(FRAME, starred="beta"), "no column 'beta'; it has conf_high, conf_low, estimate"),
        (lambda: Table(FRAME, kinds={"estimat": "p"}), "no column 'estimat'"),
        (lambda: Table(FRAME, decimals={"x": 1}), "no column 'x'"),
        (lambda: Table(FRAME, kinds={"r2": "share"}), "a kind of column must be one of"),
        (lambda: TABLE.to_html("de"), "language must be one of 'en', 'zh'"),
        (lambda: save([TABLE], "t.pdf"), "the suffix of the file must be one of"),
    ],
)
def test_bad_settings_are_refused(call, message):
    with pytest.raises(SettingsError, match=message):
        call()


# -- numbers and words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(-0.0004, 3), "0.000"),
        (number(-1234.5, 1), "−1,234.5"),
        (number(float("inf")), "∞"),
        (number(-float("inf"), minus="-"), "-∞"),
        (p_value(0.001), ".001"),
        (p_value(0.0009999), "< .001"),
        (p_value(0.9996), "1.000"),
        (p_value(float("nan")), ""),
        (p_value(0.04999, 2), ".05"),
        (stars(0.05), ""),
        (stars(0.0499), "*"),
        (stars_note(language="zh"), "* p < 0.05，** p < 0.01，*** p < 0.001"),
        (interval(-1, float("nan")), ""),
        (percent(-0.005), "−0.5%"),
        (tex("100%_[a]"), r"100\%\_{[}a]"),
    ],
)
def test_numbers(written, expected):
    assert written == expected


def test_every_word_has_two_languages():
    assert all(english and chinese for english, chinese in WORDS.values())
    assert word("unheard of", "zh") == "unheard of"
    assert in_language({"zh": "仅中文"}, "en") == "仅中文"
