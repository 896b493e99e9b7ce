"""Reading what survey tools export: one set of answers from five tools, and files that are bad in every known way."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import csi
from csi.errors import DataError, MissingExtra, SettingsError
from csi.reading import PersonalDataWarning

FILES = Path(__file__).resolve().parent / "files"
EXPORTS = {
    "telecom.sav": {},
    "telecom.dta": {},
    "telecom_wjx_text.xlsx": {},
    "telecom_wjx_number.xlsx": {"numbers": "options"},
    "telecom_qualtrics.csv": {},
    "电信满意度_gb18030.csv": {},
}


@pytest.fixture(scope="module")
def tree() -> csi.Hierarchy:
    return csi.Hierarchy.ready("telecom")


def read(name: str, *args, **options):
    """Read a sample file; personal data that is left out is tested on its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PersonalDataWarning)
        return csi.read(FILES / name, *args, **options)


@pytest.fixture(scope="module")
def fit(tree):
    return csi.Study(tree.model()).fit(pd.read_csv(FILES / "telecom_codes.csv", encoding="utf-8"))


# -- one set of answers from all tools -----------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_gives_the_same_fit(name, tree, fit):
    answers = csi.match(read(name, tree, **EXPORTS[name]), tree).apply()
    again = csi.Study(tree.model()).fit(answers)
    pd.testing.assert_frame_equal(again.index(), fit.index(), rtol=0, atol=0)
    pd.testing.assert_frame_equal(again.paths(), fit.paths(), rtol=0, atol=0)
    scores = tree.scores(answers, [again, "equal"], by="BUSINESS")
    assert scores.index.names == ["BUSINESS", "level", "node"]


@pytest.mark.parametrize("name", EXPORTS)
def test_no_answer_is_lost_on_the_way(name, tree):
    truth = pd.read_csv(FILES / "telecom_codes.csv", encoding="utf-8").astype(float)
    data = csi.match(read(name, tree, **EXPORTS[name]), tree).apply().data[list(truth)].astype(float)
    if name == "telecom.sav":
        truth = truth.replace(98, np.nan)
    pd.testing.assert_frame_equal(data, truth)


def test_columns_q1_to_q24_reach_a_fit_in_three_lines(tmp_path, mobi):
    model = csi.models.ecsi()
    numbered = mobi[[item.name for item in model.items]].set_axis([f"Q{i}" for i in range(1, 25)], axis=1)
    numbered.assign(Q25=30).to_csv(tmp_path / "答卷.csv", index=False, encoding="utf-8")
    answers = csi.read(tmp_path / "答卷.csv")
    found = csi.match(answers, model)
    fit = csi.Study(model).fit(found.apply())
    assert set(found.table["how"]) == {"number"}
    assert found.unmatched_columns == ["Q25"]
    pd.testing.assert_frame_equal(fit.index(), csi.Study(model).fit(mobi).index(), rtol=0, atol=0)


def test_columns_of_chinese_questions_reach_a_fit_in_three_lines(tmp_path, mobi):
    model = csi.models.ecsi()
    asked = [f"{i}、{item.label['zh']}？" for i, item in enumerate(model.items, 1)]
    shuffled = mobi[[item.name for item in model.items]].set_axis(asked, axis=1).iloc[:, ::-1]
    shuffled.to_csv(tmp_path / "答卷.csv", index=False, encoding="gb18030")
    answers = csi.read(tmp_path / "答卷.csv")
    found = csi.match(answers, model)
    fit = csi.Study(model).fit(found.apply())
    assert set(found.table["how"]) == {"wording"}
    pd.testing.assert_frame_equal(fit.index(), csi.Study(model).fit(mobi).index(), rtol=0, atol=0)


def test_answers_are_accepted_wherever_data_is(tree):
    answers = csi.match(read("telecom.sav", tree), tree).apply()
    assert len(csi.describe(answers, tree.model())) == 34
    assert len(answers) == 60
    assert csi.questionnaire.entropy(answers, ["SAT1", "SAT2"])["weight"].sum() == pytest.approx(1)


# -- SPSS and Stata ------------------------------------------------------------------------------------------


def test_codes_stay_and_labels_go_to_the_codebook():
    answers = read("telecom.sav")
    assert answers.codebook["COM1"].values == {0: {"zh": "否"}, 1: {"zh": "是"}}
    assert answers.codebook["NET1"].question == {"zh": "网络覆盖范围和信号强度"}
    assert answers.codebook["NET1"].unknown == (98,)
    assert set(answers.data["COM1"]) == {0, 1}
    blanked = answers.log[answers.log["step"] == "blanked"].set_index("subject")["count"]
    assert blanked.to_dict() == {"VAS1": 2, "CON2": 1}


@pytest.mark.parametrize("name", ["public_labels.sav", "public_labels.dta"])
def test_public_files_of_statistics_programs(name):
    answers = read(name)
    assert answers.data["mylabl"].tolist() == [1, 2, 1, 2, 1]
    assert answers.data["myord"].tolist() == [1, 2, 3, 1, 1]
    assert answers.codebook["myord"].codes() == {"low": 1, "medium": 2, "high": 3}
    assert answers.codebook["mynum"].said() == "numeric"


def test_declared_missing_codes_of_a_public_file():
    answers = read("public_missing.sav")
    assert answers.data["var1"].isna().tolist() == [True, False]
    assert answers.codebook["var1"].unknown == (1,)


# -- Qualtrics -----------------------------------------------------------------------------------------------


def test_qualtrics_header_and_previews():
    answers = read("telecom_qualtrics.csv")
    assert len(answers.data) == 60
    assert answers.codebook["Q1"].said() == "The reputation of the operator as a whole"
    log = answers.log.set_index("message")["count"]
    assert log["previews and tests of the survey, which no respondent gave"] == 2
    assert log["seen, not answered, by the marks of qualtrics"] == 2
    assert answers.data["Q41_1"].dropna().isin([0, 1]).all()
    assert answers.data[["Q41_1", "Q41_2", "Q41_3"]].isna().all(axis=1).sum() == 8


def test_a_public_file_of_qualtrics():
    answers = read("public_qualtrics.csv")
    assert answers.data["Q1"].tolist() == [2]
    assert answers.data["Q2"].tolist() == ["Hello World!"]
    assert "IPAddress" not in answers.data
    assert answers.data["Duration (in seconds)"].tolist() == [38]


def test_unfinished_answers_are_told_and_dropped_when_asked(tmp_path):
    text = (FILES / "telecom_qualtrics.csv").read_text(encoding="utf-8")
    file = tmp_path / "q.csv"
    file.write_text(text.replace("100,107,1,", "40,107,False,"), encoding="utf-8")
    for unfinished, rows in (("keep", 60), ("drop", 59)):
        with pytest.warns(PersonalDataWarning):
            answers = csi.read(file, unfinished=unfinished)
        assert len(answers.data) == rows
        assert any("unfinished" in message for message in answers.log["message"])
    with pytest.raises(SettingsError, match="'keep', 'drop'"):
        csi.read(file, unfinished="dropp")


# -- wjx.cn --------------------------------------------------------------------------------------------------


def test_wjx_meta_columns_durations_and_marks(tree):
    answers = read("telecom_wjx_text.xlsx", tree)
    assert answers.data["所用时间"].iloc[:3].tolist() == [100, 107, 114]
    counts = answers.log.set_index("message")["count"]
    assert counts["skipped, by the marks of wjx"] == 36
    assert counts["left blank, by the marks of wjx"] == 10
    assert answers.data[["Q41_1", "Q41_2", "Q41_3"]].iloc[5].tolist() == [1, 0, 1]
    assert answers.codebook["Q41_2"].said("zh").endswith("营业厅")


def test_wjx_option_texts_need_codes():
    with pytest.raises(DataError, match=r"holds '不清楚' \(and in 1 more row\), text among codes"):
        read("telecom_wjx_text.xlsx")
    partly = read("telecom_wjx_text.xlsx", {"不清楚": 98})
    assert set(partly.data["Q32"]) == {"是", "否"}
    assert "Q32" in partly.log.set_index("step").loc["text", "message"]
    coded = read("telecom_wjx_text.xlsx", {"不清楚": 98, "是": 1, "否": 0})
    assert set(coded.data["Q32"]) == {1, 0}


def test_wjx_option_numbers_are_not_taken_for_codes(tree):
    with pytest.raises(DataError) as error:
        read("telecom_wjx_number.xlsx", tree)
    assert "sheet 'Sheet1', row" in str(error.value)
    assert "numbers='options'" in str(error.value)


def wjx_file(path, header, rows):
    book = openpyxl.Workbook()
    for row in [["序号", "提交答卷时间", "所用时间", *header], *rows]:
        book.active.append(row)
    book.save(path)
    return path


def test_wjx_rows_of_a_matrix_share_their_question(tmp_path):
    header = ["1、请评价以下方面(网络质量)", "1、(计费收费)", "第2题(态度)", "第2题(效率)", "3.总体满意度（10分）"]
    rows = [[1, "2024/5/1 8:00:00", "1分3秒", 4, 5, 3, 2, "9分"], [2, "2024/5/1 8:01:00", "58秒", 3, 4, 2, 2, "10分"]]
    answers = csi.read(wjx_file(tmp_path / "矩阵.xlsx", header, rows), {"随便": 1})
    assert list(answers.data)[3:] == ["Q1_1", "Q1_2", "Q2_1", "Q2_2", "Q3"]
    assert answers.codebook["Q1_2"].said("zh") == "请评价以下方面 - 计费收费"
    assert answers.codebook["Q2_1"].said("zh") == "态度"
    assert answers.data["Q3"].tolist() == [9, 10]
    assert answers.data["所用时间"].tolist() == [63, 58]


def test_wjx_duration_that_is_none(tmp_path):
    file = wjx_file(tmp_path / "d.xlsx", ["1、a"], [[1, "x", "long", 4]])
    with pytest.raises(DataError, match=r"row 2, column C \('所用时间'\) holds 'long', which is no duration"):
        csi.read(file)


# -- personal data -------------------------------------------------------------------------------------------


def test_personal_data_is_left_out_and_told(tree):
    with pytest.warns(PersonalDataWarning, match="来自IP, Q42"):
        answers = csi.read(FILES / "telecom_wjx_text.xlsx", tree)
    assert not {"来自IP", "Q42"} & set(answers.data)
    assert "受访者" not in answers.data.to_string() + str(answers) + repr(answers)
    gone = answers.log[answers.log["message"].str.contains("personal")]
    assert gone["subject"].tolist() == ["来自IP", "Q42"]
    with pytest.warns(PersonalDataWarning):
        kept = csi.read(FILES / "telecom_wjx_text.xlsx", tree, keep=["Q42"])
    assert kept.data["Q42"].iloc[0] == "受访者1"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("手机号", ["1"]), ("Email", ["x"]), ("your full name", ["x"]), ("微信号", ["x"]),
        ("备注", ["13812345678", "13912345678"]), ("contact", ["a@b.cn", None]), ("where", ["192.0.2.1(广东-深圳)"]),
        ("code", ["110101199003077758"]),
    ],
)  # fmt: skip
def test_personal_data_is_known_by_name_question_or_values(tmp_path, name, cells):
    pd.DataFrame({"q": 1, name: cells}).to_csv(tmp_path / "p.csv", index=False, encoding="utf-8")
    with pytest.warns(PersonalDataWarning):
        assert list(csi.read(tmp_path / "p.csv").data) == ["q"]


def test_what_only_looks_personal_stays(tmp_path):
    data = pd.DataFrame({"品牌名称": ["a", "b"], "company name": ["c", "d"], "网络地址清楚": [1, 2], "tel": [3, 4]})
    data.to_csv(tmp_path / "p.csv", index=False, encoding="utf-8")
    assert list(csi.read(tmp_path / "p.csv").data) == list(data)


# -- encodings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path, encoding, delimiter):
    file = tmp_path / "满意度.csv"
    file.write_text(
        f"总体满意度{delimiter}与预期相比\r\n４{delimiter}5\r\n3{delimiter}\r\n", encoding=encoding, newline=""
    )
    data = csi.read(file).data
    assert data["总体满意度"].tolist() == [4, 3]
    assert data["与预期相比"].tolist()[0] == 5
    assert data["与预期相比"].isna().tolist() == [False, True]


BAD_BYTES = {
    "neither": (b"q1,q2\n1,2\n3,\xff\xff\n", "row 3: byte 12 is neither utf-8 nor gb18030"),
    "damaged": ("总体满意度,q2\n1,2\n3,".encode() + b"\xe6\x9c\n", "row 3: the text is utf-8, but byte"),
    "zero": (b"q1,q2\n1,\x00\n", "not a text file"),
    "quote": (b'q1,q2\n1,"2\n3,4\n', "quotation mark is left open"),
    "page": (b"<html><body>", "a web page"),
    "empty": (b"", "no bytes"),
    "blank": (b"\n\n,,\n", "is empty"),
    "header only": (b"q1,q2\n", "a header and no answers"),
    "nameless": (b"q1,,q3\n1,2,3\n", r"row 1, column B \(''\) has no name"),
    "doubled": (b"q1,q2,q1\n1,2,3\n", "'q1' stands 2 times, in columns A and C"),
    "long row": (b"q1,q2\n1,2\n1,2,3\n", "row 3, column C holds '3', but the header ends at column B"),
}


@pytest.mark.parametrize("case", BAD_BYTES)
def test_bad_text_files_have_one_clear_error(tmp_path, case):
    content, said = BAD_BYTES[case]
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    with pytest.raises(DataError, match=said):
        csi.read(file)


def test_an_encoding_that_is_given_must_hold(tmp_path):
    file = tmp_path / "m.csv"
    file.write_text("é\n1\n", encoding="latin-1")
    assert csi.read(file, encoding="latin-1").data["é"].tolist() == [1]
    with pytest.raises(DataError, match="byte 0 is not utf-8"):
        csi.read(file, encoding="utf-8")
    with pytest.raises(SettingsError, match="unknown"):
        csi.read(file, encoding="utf-88")


# -- cells ---------------------------------------------------------------------------------------------------


def test_text_among_codes_names_every_cell(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("id,总体满意度\n1,5\n2,很满意\n3,4\n4,不知道\n5,3\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        csi.read(file)
    assert "row 3, column B ('总体满意度') holds '很满意', text among codes" in str(error.value)
    assert "row 5, column B" in str(error.value)
    told = csi.read(file, {"总体满意度": {"很满意": 5, "不知道": 98}})
    assert told.data["总体满意度"].tolist() == [5, 5, 4, 98, 3]
    assert csi.read(file, text=["总体满意度"]).data["总体满意度"].tolist()[1] == "很满意"
    with pytest.raises(DataError, match="did you mean '总体满意度'"):
        csi.read(file, text=["总体满意"])


def test_a_text_without_a_code_is_named(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("q1\n满意\n一般般\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"row 3, column A \('q1'\) holds '一般般', a text without a code"):
        csi.read(file, {"q1": {"满意": 4, "一般": 3}})


@pytest.mark.parametrize(
    ("cell", "said"),
    [("=cmd|' /C calc'!A0", "formula, which is not executed"), ("<script>alert(1)</script>", "HTML")],
)
@pytest.mark.parametrize("others", [["1", "2", "3"], ["fine", "well", "so so"]])
def test_formulas_and_html_are_refused_and_kept_only_as_text(tmp_path, cell, said, others):
    frame = pd.DataFrame({"id": range(4), "remark": [others[0], cell, *others[1:]]})
    frame.to_csv(tmp_path / "c.csv", index=False, encoding="utf-8")
    with pytest.raises(DataError, match=rf"row 3, column B \('remark'\) holds .*{said}"):
        csi.read(tmp_path / "c.csv")
    assert csi.read(tmp_path / "c.csv", text=["remark"]).data["remark"].iloc[1] == cell


# -- workbooks -----------------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path):
    """A small workbook, to be spoiled."""
    made = openpyxl.Workbook()
    made.active.title = "数据"
    for row in [["q1", "q2"], [1, 2], [3, 4]]:
        made.active.append(row)
    made.file = tmp_path / "答卷.xlsx"
    return made


def saved(book):
    book.save(book.file)
    return book.file


def test_a_workbook_is_read(book):
    assert csi.read(saved(book)).data.to_dict("list") == {"q1": [1, 3], "q2": [2, 4]}


def test_formulas_in_a_workbook_are_named(book):
    book.active["B3"] = "=SUM(A2:A3)"
    with pytest.raises(DataError, match=r"sheet '数据': B3 holds a formula, such as '=SUM\(A2:A3\)'"):
        csi.read(saved(book))


def test_merged_cells_are_named(book):
    book.active.merge_cells("A1:B1")
    with pytest.raises(DataError, match="sheet '数据': A1:B1 holds merged cells"):
        csi.read(saved(book))


def test_old_workbooks_are_read_and_their_merged_cells_named():
    answers = csi.read(FILES / "old_wjx.xls")
    assert answers.data["Q1"].tolist()[0] == 9
    assert answers.data["Q1"].isna().tolist() == [False, True]
    assert answers.data[["Q2_1", "Q2_2"]].to_numpy().tolist() == [[1, 1], [1, 0]]
    with pytest.raises(DataError, match="sheet '数据': D1:E1 holds merged cells"):
        csi.read(FILES / "old_merged.xls")


def test_the_sheet_must_be_clear(book):
    other = book.create_sheet("说明")
    assert len(csi.read(saved(book))) == 2
    other.append(["q1"])
    other.append([7])
    with pytest.raises(DataError, match="2 sheets with values; choose one: sheet='数据'"):
        csi.read(saved(book))
    assert csi.read(book.file, sheet="说明").data["q1"].tolist() == [7]
    with pytest.raises(DataError, match="no sheet '说'"):
        csi.read(book.file, sheet="说")


def test_an_empty_sheet_is_named(book):
    book.active.delete_rows(1, 9)
    with pytest.raises(DataError, match=r"sheet '数据' of 答卷\.xlsx is empty"):
        csi.read(saved(book))


def test_text_among_codes_in_a_workbook_names_the_sheet(book):
    for value in (5, "满意", 4):
        book.active.append([value, 1])
    with pytest.raises(DataError, match=r"sheet '数据', row 5, column A \('q1'\) holds '满意'"):
        csi.read(saved(book))


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_a_truncated_workbook_says_so(book, suffix):
    whole = saved(book).read_bytes()
    cut = book.file.with_suffix(suffix)
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="no whole workbook"):
        csi.read(cut)


def test_a_protected_workbook_says_so(tmp_path):
    # The container in which office programs put an encrypted workbook.
    file = tmp_path / "locked.xlsx"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2048 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(DataError, match="protected by a password"):
        csi.read(file)


def test_a_web_page_under_the_name_of_a_workbook_says_so(tmp_path):
    file = tmp_path / "export.xls"
    file.write_text("<html><table><tr><td>1</td></tr></table></html>", encoding="utf-8")
    with pytest.raises(DataError, match="web page, not a workbook"):
        csi.read(file)


@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_a_truncated_file_of_a_statistics_program_says_so(tmp_path, suffix):
    whole = (FILES / f"telecom{suffix}").read_bytes()
    file = tmp_path / f"cut{suffix}"
    file.write_bytes(whole[:300])
    with pytest.raises(DataError, match="cannot be read"):
        csi.read(file)


def test_a_file_that_is_not_there_or_of_no_known_kind(tmp_path, book):
    saved(book)
    with pytest.raises(DataError, match=r"did you mean '答卷\.xlsx'"):
        csi.read(tmp_path / "答卷.xls")
    (tmp_path / "answers.pdf").write_bytes(b"x")
    with pytest.raises(DataError, match=r"\.pdf is not read"):
        csi.read(tmp_path / "answers.pdf")


@pytest.mark.parametrize(("package", "file"), [("openpyxl", "telecom_wjx_text.xlsx"), ("pyreadstat", "telecom.sav")])
def test_a_missing_package_names_the_line(monkeypatch, package, file):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r'pip install "csi\[io\]"'):
        csi.read(FILES / file)


def test_a_codebook_that_is_none_is_refused():
    with pytest.raises(DataError, match="takes a Codebook"):
        csi.read(FILES / "telecom_codes.csv", 7)


# -- matching ------------------------------------------------------------------------------------------------


def test_a_match_prints_what_is_left_and_applies_nothing(mobi):
    data = mobi.rename(columns={"CUSA1": "x", "IMAG1": "imag_1"}).assign(age=30)
    found = csi.match(data, csi.models.ecsi())
    assert found.unmatched_items == ["CUSA1"]
    assert found.unmatched_columns == ["x", "age"]
    assert "Items without a column: CUSA1" in str(found)
    assert "Columns that answer no item: x, age" in str(found)
    assert "Nothing is applied yet" in str(found)
    assert "CUSA1" not in data.columns
    with pytest.raises(DataError, match="'CUSA1' has no column"):
        found.apply()
    done = found.pair({"CUSA1": "x"}).apply()
    assert {"CUSA1", "IMAG1", "age"} <= set(done.columns)
    assert done["CUSA1"].equals(mobi["CUSA1"])


def test_pairs_by_hand_are_checked(mobi):
    found = csi.match(mobi, csi.models.ecsi())
    for pairs, said in (
        ({"CUSA9": "CUSA1"}, "not an item"),
        ({"CUSA1": "CUSA9"}, "not a column"),
        ({"CUSA1": "IMAG1", "CUSA2": "IMAG1"}, "two items"),
    ):
        with pytest.raises(DataError, match=said):
            found.pair(pairs)
    assert found.pair({"CUSA1": "CUSA2"}).unmatched_items == ["CUSA2"]


def test_wording_beats_the_number_and_no_number_contradicts_a_wording(tmp_path):
    model = csi.Model(
        "m", {"a": [csi.Item("a1", label="网络质量如何"), csi.Item("a2", label="计费是否准确")]}, scale=(1, 5)
    )
    file = wjx_file(tmp_path / "w.xlsx", ["1、计费是否准确", "2、您的年龄段"], [[1, "t", "9秒", 4, 2]])
    found = csi.match(csi.read(file), model)
    assert found.pairs == {"a2": "Q1"}
    assert found.unmatched_items == ["a1"]


def test_questions_asked_twice_are_left_to_the_user(tmp_path):
    model = csi.Model(
        "m", {"a": [csi.Item("a1", label="总体满意吗"), csi.Item("a2", label="价格合理吗")]}, scale=(1, 5)
    )
    rows = [[1, "t", "9秒", 4, 2, 3]]
    file = wjx_file(tmp_path / "w.xlsx", ["1、总体满意吗", "2、总体满意吗？", "3、价格合理吗"], rows)
    found = csi.match(csi.read(file), model)
    assert found.pairs == {"a2": "Q3"}
    assert "ask the same" in str(found)


def test_a_column_with_the_name_of_an_item_is_not_overwritten():
    model = csi.Model("m", {"a": ["a1"], "b": ["b1"]}, scale=(1, 5))
    found = csi.match({"a1": [1], "b1": [2], "Q7": [3]}, model).pair({"a1": "Q7"})
    with pytest.raises(DataError, match="'a1' answers no item and has the name of one"):
        found.apply()


def test_the_log_tells_of_renaming(tree):
    answers = csi.match(read("telecom_qualtrics.csv", tree), tree).apply()
    last = answers.log.iloc[-1]
    assert last["step"] == "renamed"
    assert "Q1 is now IMG1" in last["message"]
    assert answers.codebook["IMG1"].number == 1
