"""csi new, csi check, csi study: a folder that runs at once, every mistake in it named, and what is written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csi
from csi.cli import main
from csi.studyfile import check, findings, folder, load, shipped

QUICK = ["--resamples", "0"]


def run(*words: object) -> int:
    return main([str(word) for word in words])


@pytest.fixture
def no_report(monkeypatch) -> None:
    """Pages take most of the time, and tests of their own hold them to what they promise."""
    monkeypatch.setattr(csi.report, "write", lambda fit, paths, *_, **__: [Path(path) for path in paths])


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def new(*words: object, name: str = "my-study") -> Path:
        assert run("new", name, *words) == 0
        return tmp_path / name

    return new


# -- csi new ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_study_runs_at_once_and_says_that_it_is_synthetic(language, made, capsys):
    name = {"en": "my study", "zh": "我的 研究"}[language]
    place = made("--model", "ccsi", "--scale", "1-5", "--language", language, name=name)
    assert {path.name for path in place.iterdir()} == {
        "study.toml", "README.md", "questionnaire.html", "questionnaire.docx", "answers.xlsx", folder.EXAMPLE_FILE,
    }  # fmt: skip
    capsys.readouterr()
    assert run("check", name) == 0
    assert {"en": "THE ANSWERS ARE SYNTHETIC", "zh": "数据为合成数据"}[language] in capsys.readouterr().out
    if language == "en":
        text = (place / "study.toml").read_text(encoding="utf-8")
        (place / "study.toml").write_text(text.replace('"html", "docx", "xlsx"', '"html"'), encoding="utf-8")
    assert run("study", name, "--resamples", "20") == 0
    out = capsys.readouterr().out
    assert out.startswith({"en": "SYNTHETIC ANSWERS", "zh": "合成数据"}[language])
    assert {"en": "Customer satisfaction", "zh": "顾客满意度"}[language] in out
    page = (place / "output" / "report.html").read_text(encoding="utf-8")
    assert {"en": "SYNTHETIC ANSWERS", "zh": "合成数据"}[language] in page
    assert f'lang="{ {"en": "en", "zh": "zh-CN"}[language] }"' in page
    for form in ("docx", "xlsx") if language == "zh" else ():
        assert (place / "output" / f"report.{form}").stat().st_size > 10_000
    assert (place / "output" / "tables" / "index.csv").is_file()


@pytest.mark.parametrize("entry", csi.models.entries(), ids=lambda each: f"{each.name} {each.variant}")
def test_every_model_of_the_catalogue_makes_a_study_with_its_own_items(entry, tmp_path, monkeypatch):
    monkeypatch.setattr(csi.questionnaire.Questionnaire, "save", lambda form, path: path)
    model = {"name": entry.name, **({"variant": entry.variant} if entry.variant else {})}
    folder.new(tmp_path / "s", model, language="zh")
    file, found = check(tmp_path / "s")
    assert not findings.stops(found)
    assert file.study.model == entry.model
    assert csi.Study.from_toml(tmp_path / "s") == csi.Study(entry.model)


def test_the_comments_are_keys_that_hold(made):
    """Every line that is commented out is right when it is not."""
    place = made("--language", "zh")
    text = (place / "study.toml").read_text(encoding="utf-8")
    lines = []
    for line in text.splitlines():
        key = re.match(r"# ((\"?\w+\"? = |\[\w+\]).*)$", line)
        lines.append(key.group(1) if key and not re.match(r"data|synthetic", key.group(1)) else line)
    # One key stands once: those of the comments only show other values.
    assert "by = " in "\n".join(lines)
    file = csi.studyfile.file
    (place / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    loaded = file.load(place)
    assert loaded.by == ("wave",)
    assert loaded.study.missing == "listwise"
    assert dict(loaded.screen)["drop"] == ["speeding", "straight"]
    assert loaded.plan["margin"] == 2
    assert loaded.fieldwork["发放问卷"] == 300


def test_nothing_is_overwritten(made, capsys):
    place = made()
    before = {path: path.read_bytes() for path in place.iterdir()}
    assert run("new", "my-study", "--model", "ecsi") == 2
    assert "nothing is overwritten" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in place.iterdir()} == before


def test_new_without_the_extras_writes_text_files(made, monkeypatch, capsys):
    real = folder.importlib.util.find_spec
    monkeypatch.setattr(
        folder.importlib.util,
        "find_spec",
        lambda name: None if name in ("docx", "openpyxl", "xlsxwriter") else real(name),
    )
    place = made("--scale", "0-10")
    assert {path.suffix for path in place.iterdir()} == {".toml", ".md", ".html", ".csv"}
    header = (place / "answers.csv").read_text(encoding="utf-8-sig").strip().split(",")
    assert header[:2] == ["id", "IMG1"]
    assert run("check", "my-study") == 0
    assert 'pip install "csi[report]"' in capsys.readouterr().out
    assert run("study", "my-study", *QUICK) == 0
    assert 'report.docx, report.xlsx not written: pip install "csi[report]"' in capsys.readouterr().out
    assert (place / "output" / "report.html").is_file()
    assert not (place / "output" / "report.docx").exists()


@pytest.mark.parametrize("scale", ["5-1", "five", "1"])
def test_scales_that_are_none(scale, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("new", "s", "--scale", scale) == 2
    assert "such as 1-5" in capsys.readouterr().err
    assert run("new", "s", "--model", "ccsii") == 2
    assert "did you mean 'ccsi'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_way_of_a_student(made, capsys, no_report):
    """Edit the file, enter answers, mend what csi check says."""
    place = made("--model", "ccsi", "--scale", "1-5", "--language", "zh")
    text = (place / "study.toml").read_text(encoding="utf-8")
    real = 'data = { file = "answers.xlsx", sheet = "answers" }'
    assert f"# {real}" in text
    text = re.sub(r"^data = .*\nsynthetic = .*\n", "", text, flags=re.M).replace(f"# {real}", real)
    (place / "study.toml").write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert run("check", "my-study") == 1
    assert "answers.xlsx：其中还没有回答" in capsys.readouterr().out
    assert run("study", "my-study") == 1
    assert "错误 1 处" in capsys.readouterr().out

    model = load(place).study.model
    answers = csi.simulate(model, 120, rng=1)
    answers.loc[:4, "SAT1"] = 99
    with pd.ExcelWriter(place / "answers.xlsx") as book:
        answers.to_excel(book, sheet_name="answers", index=False)
        answers.to_excel(book, sheet_name="old", index=False)
    assert run("check", "my-study") == 1
    assert "SAT1：不在 1-5 之内的编码（次数）：99 (5)。若表示未作答：unknown = [99]" in capsys.readouterr().out
    (place / "study.toml").write_text("unknown = [99]\n" + text, encoding="utf-8")
    assert run("check", "my-study") == 0
    assert run("study", "my-study", *QUICK) == 0
    out = capsys.readouterr().out
    assert "SYNTHETIC" not in out and "合成" not in out
    index = pd.read_csv(place / "output" / "tables" / "index.csv", encoding="utf-8-sig", index_col=0)
    expected = csi.Study(load(place).study.model).fit(answers).index()
    np.testing.assert_allclose(index["estimate"], expected["estimate"])


# -- csi check --------------------------------------------------------------------------------------------------

MODEL = csi.models.ecsi()


def spoilt(**columns: object) -> pd.DataFrame:
    return csi.datasets.load("mobi").assign(**columns)


#: What is done to the answers of mobi, what is added to the file, and what is said of it.
WRONG = {
    "a lost column": (lambda d: d.drop(columns="CUSA1"), "", "no_column", "CUSA1: an item of the model"),
    "another case": (lambda d: d.rename(columns={"CUSA1": "cusa1"}), "", "other_name", "write 'cusa1' in its place"),
    "text": (lambda d: d.astype({"CUSA1": object}).assign(CUSA1=["n/a", *d["CUSA1"][1:]]), "", "unread", "n/a"),
    "a column nobody answered": (lambda d: d.assign(CUSA1=np.nan), "", "blank", "CUSA1: nobody answered it"),
    "one answer": (lambda d: d.assign(CUSA1=5), "", "constant", "CUSA1: every answer is 5"),
    "a left code": (lambda d: d.assign(CUSA1=[99, *d["CUSA1"][1:]]), "", "outside_scale", "unknown = [99]"),
    "outside the scale": (lambda d: d.assign(CUSA1=[11, *d["CUSA1"][1:]]), "", "outside_scale", "from 1-10: 11 (1)"),
    "another scale": (lambda d: (d + 1) // 2, "", "scale", "no answer is above 5"),
    "many blanks": (lambda d: d.assign(CUSA1=d["CUSA1"].where(d.index > 99)), "", "many_blanks", "40% of the answers"),
    "two cases": (lambda d: d.head(2), "", "too_few", "2 respondents"),
    "few cases": (lambda d: d.head(40), "", "few_cases", "40 respondents for 24 items"),
    "below the plan": (lambda d: d, "plan = { margin = 1, sd = 20 }", "below_plan", "asks for 1,537 respondents"),
    "the same number": (lambda d: d.assign(id=[1, 1, *range(2, 250)]), "", "same_id", "1 rows have a number"),
    "the same answers": (lambda d: pd.concat([d, d.head(3)]), "", "duplicate", "another one: 6"),
    "no group": (lambda d: d.assign(w=["a", None] * 125), 'by = "w"', "no_group", "w: 125 respondents"),
    "no column of groups": (lambda d: d, 'by = "wave"', "no_column", "wave: named by by ="),
    "small groups": (lambda d: d.assign(w=["a"] * 240 + ["b"] * 10), 'by = "w"', "small_group", "b (10)"),
    "no such group": (
        lambda d: d.assign(w=["a", "b"] * 125), 'by = "w"\ncompare = [["a", "c"]]', "no_such_group", "'c' is no group",
    ),
    "a group without order": (
        lambda d: d.assign(w=["a", "b"] * 125), 'by = "w"\norder = { w = ["a"] }', "unread", "does not name 'b'",
    ),
    "a negative weight": (lambda d: d.assign(w=-1.0), 'design = { weight = "w" }', "refused", "weight"),
    "blanks without a treatment": (
        lambda d: d.assign(CUSA1=d["CUSA1"].where(d.index > 9)), 'method = "CBSEM"', "missing", '"fiml"',
    ),
    "the fastest": (lambda d: d.assign(t=[1] + [100] * 249), 'screen = { time = "t" }', "speeding", "median time: 1"),
    "a lost column of times": (lambda d: d, 'screen = { time = "secs" }', "no_column", "secs: named by [screen]"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_answers_is_found(what, tmp_path):
    spoil, more, code, said = WRONG[what]
    spoil(csi.datasets.load("mobi")).to_csv(tmp_path / "a.csv", index=False, encoding="gbk")
    (tmp_path / "study.toml").write_text(f'model = "ecsi"\ndata = "a.csv"\n{more}\n', encoding="utf-8")
    _, found = check(tmp_path)
    hits = [each for each in found if each.code == code]
    assert hits, [each.text() for each in found]
    assert any(said in each.text() for each in hits), [each.text() for each in hits]
    assert all(each.text("zh") for each in found)
    table = findings.table(found, "zh")
    assert table.columns.tolist() == ["level", "code", "subject", "message", "remedy"]


def test_sound_answers_have_no_errors(tmp_path, capsys):
    csi.datasets.load("mobi").to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    (tmp_path / "study.toml").write_text('model = "ecsi"\ndata = "a.csv"\n', encoding="utf-8")
    assert run("check", tmp_path) == 0
    assert "errors 0, doubts 1" in capsys.readouterr().out


def test_everything_at_once_and_no_traceback(tmp_path, capsys):
    data = csi.datasets.load("mobi").assign(CUSA1=99, CUSA2=np.nan).drop(columns=["IMAG1", "IMAG2"])
    data.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    (tmp_path / "study.toml").write_text('model = "ecsi"\ndata = "a.csv"\nby = "wave"', encoding="utf-8")
    assert run("check", tmp_path) == 1
    out = capsys.readouterr().out
    assert out.count("ERROR") == 3
    (tmp_path / "study.toml").write_text('modle = "ecsi"\nscale = "1-5"', encoding="utf-8")
    assert run("check", tmp_path, "--language", "zh") == 1
    assert "是否为 'model'" in capsys.readouterr().out
    assert run("study", tmp_path) == 1
    assert "did you mean 'model'" in capsys.readouterr().out
    assert run("check", tmp_path / "nothing") == 1
    assert "there is no file" in capsys.readouterr().out


def test_names_that_bite(made, capsys, no_report):
    """Names of columns, groups and labels that begin formulas, tags and tables."""
    names = {"CUSA1": "=1+1", "CUSA2": "[x] # y", "CUSA3": "<b>满、意</b>"}
    data = csi.datasets.load("mobi").rename(columns=names).assign(**{"@who": ['a "b"', "c:d"] * 125})
    place = made()
    data.to_csv(place / "数据 1.csv", index=False, encoding="gbk")
    text = """
    model = "ecsi"
    data = '.\\数据 1.csv'
    by = "@who"
    compare = "all"
    [items]
    satisfaction = ["=1+1", "[x] # y", "<b>满、意</b>"]
    [labels]
    satisfaction = { en = '"Sat" = {x}', zh = "满意 {0}" }
    """
    (place / "study.toml").write_text(text, encoding="utf-8")
    for language in ("en", "zh"):
        assert run("check", "my-study", "--language", language) == 0
        assert run("study", "my-study", *QUICK, "--language", language) == 0
    assert "满意 {0}" in capsys.readouterr().out


# -- csi study ----------------------------------------------------------------------------------------------------


def test_company_x_has_the_tables_of_its_source():
    file = shipped.shipped("company-x")
    ran = csi.studyfile.run(file, resamples=0, extra=shipped.extra("company-x"))
    assert ran.synthetic and ran.fit.groups == ["X", "competitor"]
    titles = [table.title["en"] for table in ran.before if hasattr(table, "title")]
    assert titles[0].startswith("SYNTHETIC ANSWERS")
    strata, grades = ran.before[1], ran.before[2]
    assert strata.frame["n"].tolist() == [1502, 1593, 1389]
    assert "published whole per cents: met" in grades.to_text("en")
    assert [tuple(round(share) for share in row) for row in grades.frame.to_numpy()] == list(
        csi.synthetic.GRADES.values()
    )
    assert "4,484, not to the 7,604" in strata.to_text("en")
    assert not [note for note in ran.notes if note.startswith("left out")]


def test_every_study_that_travels_with_the_library_is_sound():
    for name in shipped.NAMES:
        assert not findings.stops(findings.look(shipped.shipped(name)))


def test_the_interval_of_the_file_reaches_every_table(tmp_path):
    (tmp_path / "study.toml").write_text(
        'model = "ecsi"\ndata = "mobi"\nbootstrap = { n = 60, rng = 3, interval = "basic" }\n[report]\nbefore = "plan"',
        encoding="utf-8",
    )
    fit = csi.studyfile.run(load(tmp_path)).fit
    plain = csi.Study(MODEL).fit(csi.datasets.load("mobi")).bootstrap(60, rng=3)
    pd.testing.assert_frame_equal(fit.index(), plain.index(interval="basic"))
    assert "basic interval" in repr(fit)


def test_sections_measures_criteria_and_profile(tmp_path):
    data = csi.datasets.load("mobi").assign(sex=[1, 2] * 125, wave=["b"] * 90 + ["a"] * 80 + ["c"] * 80)
    data.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    text = """
    model = "ecsi"
    data = "a.csv"
    by = "wave"
    order = { wave = ["b", "a", "c"] }
    compare = "consecutive"
    criteria = "thesis"
    bootstrap = 0
    measures = { csat = "CUSA1", top_box = ["CUSA1", "CUSA2"] }
    profile = { sex = { 1 = 40, 2 = 60 } }
    plan = { n = 250, sd = 20 }
    """
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    ran = csi.studyfile.run(load(tmp_path))
    assert ran.fit.groups == ["b", "a", "c"]
    assert not ran.notes
    shown = "\n".join(
        table.to_text("zh")
        for made in ran.before
        for table in ([made] if not hasattr(made, "tables") else made.tables(ran.file.study.model))
    )
    for words in ("抽样计划", "a减b：指数之差", "c减a：指数之差", "各项结果与通行标准（thesis）", "拟合检验"):
        assert words in shown


def test_an_unknown_study_names_those_there_are(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("study", "company_x") == 2
    assert "did you mean 'company-x'" in capsys.readouterr().err


def test_the_bar_is_for_terminals_only(made, capsys, monkeypatch, no_report):
    made()
    capsys.readouterr()
    assert run("study", "my-study", "--resamples", "300") == 0
    assert capsys.readouterr().err == ""
    assert not sys.stderr.isatty()


NARROW = """
import sys, warnings
warnings.simplefilter("ignore", EncodingWarning)
warnings.filterwarnings("error", category=EncodingWarning, module=r"csi([.]|$)")
from csi.cli import main
for words in (["new", "--language", "zh"], ["check"], ["study", "--resamples", "0"]):
    code = main([words[0], sys.argv[1], *words[1:]])
    if code:
        sys.exit(code)
"""


def test_a_chinese_folder_on_a_console_that_knows_ascii_only(tmp_path):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LC_", "LANG"))}
    narrow = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii:strict"}
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-c", NARROW, "食堂 研究"],
        cwd=tmp_path,
        env=kept | {"PYTHONPATH": str(Path(csi.__file__).parent.parent)} | narrow,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    assert done.stderr == b""
    assert "SYNTHETIC ANSWERS" in done.stdout.decode("ascii")
    place = tmp_path / "食堂 研究"
    assert 'title = "食堂 研究"' in (place / "study.toml").read_text(encoding="utf-8")
    assert 'lang="zh-CN"' in (place / "output" / "report.html").read_text(encoding="utf-8")
