"""The command line: what it prints and writes, on every console; every error is one line and exit code 2."""

from __future__ import annotations

import codecs
import dataclasses
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csi
from csi.cli import console, files, main, parser
from csi.studyfile import Source, load
from csi.studyfile import answers as read_answers

# pandas and matplotlib leave the encoding out here and there; this library must not.
STRICT = r"""
import sys, warnings
warnings.simplefilter("ignore", EncodingWarning)
warnings.filterwarnings("error", category=EncodingWarning, module=r"csi(\.|$)")
from csi.cli import main
sys.exit(main())
"""
# A reader that goes away after the first byte.
GONE = """
import subprocess, sys
process = subprocess.Popen([sys.executable, "-m", "csi", "models"], stdout=-1, stderr=-1)
process.stdout.close()
print(process.stderr.read().decode(), process.wait())
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("with a blank 与中文")


@pytest.fixture
def answers(folder) -> Path:
    """A survey with waves, weights and Chinese columns, as a CSV file that Excel wrote."""
    path = folder / "回答 2025.csv"
    data = csi.datasets.load("mobi").rename(columns={"CUSA1": "总体满意"})
    data = data.assign(
        期次=np.where(np.arange(250) < 100, "一", "二"), w=np.linspace(1, 2, 250), town=np.arange(250) % 50
    )
    data.to_csv(path, index=False, encoding="utf-8-sig")
    return path


@pytest.fixture
def items(folder) -> Path:
    path = folder / "map.toml"
    path.write_text('satisfaction = ["总体满意", "CUSA2", "CUSA3"]\ncomplaints = []\n', encoding="utf-8")
    return path


@pytest.fixture
def no_page(monkeypatch) -> None:
    """The page takes most of the time, and tests of its own hold it to what it promises."""
    monkeypatch.setattr("csi.report.page", lambda fit, language="en", before=(): "<!DOCTYPE html>")


def run(*words: object) -> int:
    return main([str(word) for word in words])


def refused(capsys, *words: object) -> str:
    """The one line on stderr."""
    assert run(*words) == 2
    out, err = capsys.readouterr()
    assert err.startswith("csi: error: ")
    assert err.count("\n") == 1
    assert out == ""
    return err


def process(*words: object, cwd: Path, encoding: str = "utf-8", **env: str) -> subprocess.CompletedProcess:
    """Run in a fresh interpreter where a file that this library opens without an encoding is an error."""
    command = [sys.executable, "-X", "warn_default_encoding", "-c", STRICT]
    clean = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LC_", "LANG", "MPLBACKEND"))
    }
    done = subprocess.run(
        [*command, *map(str, words)],
        cwd=cwd,
        env=clean | {"PYTHONPATH": str(Path(csi.__file__).parent.parent)} | env,
        capture_output=True,
        check=False,
    )
    done.stdout, done.stderr = done.stdout.decode(encoding), done.stderr.decode(encoding)
    return done


# -- csi models -------------------------------------------------------------------------------------------------


def test_the_catalogue_as_a_table(capsys):
    assert run("models") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["name", "variant", "title", "country"]
    assert len(lines) == 1 + len(csi.models.entries()) + 2
    assert all(entry.title["en"] in line for entry, line in zip(csi.models.entries(), lines[1:-2], strict=True))


@pytest.mark.parametrize("entry", csi.models.entries(), ids=lambda entry: f"{entry.name} {entry.variant}")
def test_one_model_with_its_questions_arrows_and_reference(entry, capsys):
    variant = ["--variant", entry.variant] if entry.variant else []
    assert run("models", entry.name, *variant, "--language", "zh") == 0
    out = capsys.readouterr().out
    assert entry.title["zh"] in out
    assert "".join(entry.reference.split()) in "".join(out.split())
    assert str(entry.model) in out
    assert run("models", entry.name, *variant, "--text") == 0
    assert csi.Model.parse(capsys.readouterr().out) == entry.model


def test_a_model_is_found_by_its_chinese_name(capsys):
    assert run("models", "欧洲顾客满意度指数") == 0
    assert "European Customer Satisfaction Index" in capsys.readouterr().out


def test_an_unknown_model(capsys):
    assert "did you mean 'ecsi'" in refused(capsys, "models", "ecsii")


# -- csi study --------------------------------------------------------------------------------------------------


def test_study_prints_index_impacts_paths_and_writes_a_page(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("study", "mobi", "--resamples", "200") == 0
    out = capsys.readouterr().out
    fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi")).bootstrap(200, rng=7)
    row = fit.index().loc["satisfaction"]
    assert f"{row.estimate:.2f}  {row.std_error:.2f}  {row.conf_low:.2f}  {row.conf_high:.2f}" in out
    assert out.index("No doubts.") < out.index("Index, 0-100") < out.index("What moves the index") < out.index("Paths")
    assert out.isascii()
    page = (tmp_path / "mobi-study" / "report.html").read_text(encoding="utf-8")
    assert f"[{row.conf_low:.2f}, {row.conf_high:.2f}]" in page


def test_the_default_folder_is_ignored_by_git(repository):
    assert "/mobi-study/" in (repository / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_an_unknown_study(capsys):
    assert "did you mean 'mobi'" in refused(capsys, "study", "mobbi")


def test_a_file_in_place_of_the_folder(capsys, tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    assert "is a file; -o takes a folder" in refused(capsys, "study", "mobi", "-o", tmp_path / "taken")


# -- csi fit ----------------------------------------------------------------------------------------------------


def test_fit_with_map_design_and_groups(answers, items, capsys, tmp_path, no_page):
    words = ["--items", items, "--by", "期次", "--weights", "w", "--cluster", "town", "-o", tmp_path / "out 出"]
    assert run("fit", answers, "--model", "ecsi", *words, "--resamples", "50", "--rng", "3") == 0
    out = capsys.readouterr().out
    assert "in 2 groups by 期次" in out
    assert "Rao-Wu" in out
    index = pd.read_csv(tmp_path / "out 出" / "tables" / "index.csv", encoding="utf-8-sig", index_col=[0, 1])
    model = csi.models.ecsi(items={"satisfaction": ["总体满意", "CUSA2", "CUSA3"], "complaints": []})
    study = csi.Study(model, design=csi.Design(weight="w", cluster="town"))
    expected = study.fit(pd.read_csv(answers, encoding="utf-8-sig"), by="期次").bootstrap(50, rng=3).index()
    np.testing.assert_allclose(index.to_numpy(), expected.to_numpy(), rtol=1e-12)
    assert (tmp_path / "out 出" / "report.html").is_file()


def test_tables_are_written_for_excel(answers, items, tmp_path, capsys, no_page):
    assert run("fit", answers, "--model", "ecsi", "--items", items, "-o", tmp_path) == 0
    tables = {path.stem: path for path in (tmp_path / "tables").iterdir()}
    assert set(tables) == set(files.TABLES)
    for path in tables.values():
        content = path.read_bytes()
        assert content.startswith(codecs.BOM_UTF8)
        assert b"\r" not in content
    assert pd.read_csv(tables["loadings"], encoding="utf-8-sig")["item"].tolist()[:2] == ["IMAG1", "IMAG2"]


def test_tables_that_cannot_be_had_are_left_out(tmp_path, capsys, no_page):
    text = "image =~ IMAG1 + IMAG2\nsatisfaction =~ CUSA1 + CUSA2\nsatisfaction ~ image"
    (tmp_path / "model.txt").write_text(text, encoding="utf-8")
    assert run("fit", "mobi", "--model", tmp_path / "model.txt", "-o", tmp_path / "out") == 0
    written = {path.stem for path in (tmp_path / "out" / "tables").iterdir()}
    assert written == set(files.TABLES) - {"index", "impacts", "priorities"}
    assert "needs the scale of every item" in capsys.readouterr().out
    assert run("fit", "mobi", "--model", tmp_path / "model.txt", "--scale", "1", "10", "-o", tmp_path / "two") == 0
    assert (tmp_path / "two" / "tables" / "index.csv").is_file()


def test_settings_reach_the_method(capsys):
    assert run("fit", "mobi", "--model", "ecsi", "--scheme", "centroid", "--raw", "--missing", "listwise") == 0
    assert "PLS(scheme='centroid', standardized=False)" in capsys.readouterr().out


def test_several_columns_of_groups(answers, items, capsys):
    data = pd.read_csv(answers, encoding="utf-8-sig").assign(half=["a", "b"] * 125)
    data.to_csv(answers.with_name("half.csv"), index=False, encoding="utf-8")
    words = ["--items", items, "--by", "期次", "--by", "half"]
    assert run("fit", answers.with_name("half.csv"), "--model", "ecsi", *words) == 0
    assert "in 4 groups by 期次, half" in capsys.readouterr().out


def test_many_groups_are_cut_on_the_screen(tmp_path, capsys):
    data = pd.concat([csi.datasets.load("mobi").assign(shop=i) for i in range(15)])
    data.to_csv(tmp_path / "shops.csv", index=False, encoding="utf-8")
    assert run("fit", tmp_path / "shops.csv", "--model", "ecsi", "--by", "shop") == 0
    assert "... 3 more" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        ('satisfaction = ["CUSA1", "CUSA2"]', ["CUSA1", "CUSA2"]),
        ('satisfaction = "CUSA1"', ["CUSA1"]),
        ('[items]\nsatisfaction = [{name = "CUSA1", reversed = true, scale = [1, 10], unknown = 99, label = "All"}]',
         [csi.Item("CUSA1", scale=(1, 10), reversed=True, unknown=(99,), label="All")]),
        ('scale = [1, 7]\nunknown = [98, 99]\n[items]\nsatisfaction = ["CUSA1"]',
         ["CUSA1"]),
    ],
)  # fmt: skip
def test_maps_of_items(lines, items, tmp_path):
    (tmp_path / "map.toml").write_text(lines, encoding="utf-8-sig")
    model = load(tmp_path / "map.toml", model="ecsi").study.model
    scale = (1, 7) if "scale = [1, 7]" in lines else None
    expected = csi.models.ecsi(items={"satisfaction": items}, scale=scale)
    # Unknown codes beside [items] are those of every item.
    assert {item.unknown for item in model.items} >= ({(98, 99)} if "unknown = [98, 99]" in lines else {()})
    plain = {n: [dataclasses.replace(i, unknown=i.unknown if not scale else ()) for i in b.items]
             for n, b in model.constructs.items()}  # fmt: skip
    assert plain == {n: list(b.items) for n, b in expected.constructs.items()}
    assert model.scale == expected.scale


def test_items_of_mobi_by_name(capsys):
    assert run("fit", "mobi", "--model", "acsi", "--items", "mobi") == 0
    assert capsys.readouterr().out.startswith("ACSI: ")


BAD = {
    "no file": (["nothing.csv", "--model", "ecsi"], "there is no file 'nothing.csv'"),
    "almost a data set": (["mobii", "--model", "ecsi"], "did you mean 'mobi'"),
    "a folder": ([".", "--model", "ecsi"], "holds no files of answers"),
    "no such column": (["mobi", "--model", "ecsi", "--weights", "wieght"], "design column 'wieght' is not a column"),
    "no such group": (["mobi", "--model", "ecsi", "--by", "wave"], "'wave' is not a column"),
    "no such variant": (["mobi", "--model", "ecsi", "--variant", "2001"], "variant must be one of"),
    "no such model": (["mobi", "--model", "acis"], "did you mean 'acsi'"),
    "no such model file": (["mobi", "--model", "mine.txt"], "there is no file 'mine.txt' with a model"),
    "no such map": (["mobi", "--model", "ecsi", "--items", "map.toml"], "there is no file 'map.toml'"),
    "too few resamples": (["mobi", "--model", "ecsi", "--resamples", "1"], "n_resamples must be"),
    "a negative seed": (["mobi", "--model", "ecsi", "--resamples", "9", "--rng", "-1"], "rng must be"),
    "a wrong scale": (
        ["mobi", "--model", "ecsi", "--scale", "10", "1"],
        "scale: must be two numbers in brackets, the lower first",
    ),
    "weights and counts": (["mobi", "--model", "ecsi", "--weights", "a", "--count", "b"], "exclude each other"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_done_is_said_in_one_line(what, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words, said = BAD[what]
    assert said in refused(capsys, "fit", *words)
    assert not list(tmp_path.iterdir())


def test_a_fit_without_a_model_says_how_to_name_one(capsys):
    assert 'model: is missing: model = "ccsi"' in refused(capsys, "fit", "mobi")


def test_several_problems_stand_in_one_line(capsys):
    line = refused(capsys, "fit", "mobi", "--model", "acsi")
    assert "(15 problems): item 'OVERALLX' is not a column; item 'CUSTOMX' is not a column" in line


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("satisfaction = [", "is no TOML"),
        ("satisfacton = ['S1']", "did you mean 'satisfaction'"),
        ("satisfaction = [1]", "an item of 'satisfaction' is a column's name"),
        ("satisfaction = [{column = 'S1'}]", "an item of 'satisfaction' is a column's name"),
        ("satisfaction = [{name = 'S1', revers = true}]", "an item has no 'revers'"),
        ("modell = 'x'\n[items]\nsatisfaction = ['S1']", "'modell' is no key; did you mean 'model'"),
    ],
)
def test_maps_that_say_something_else(lines, said, capsys, tmp_path):
    (tmp_path / "map.toml").write_text(lines, encoding="utf-8")
    assert said in refused(capsys, "fit", "mobi", "--model", "ecsi", "--items", tmp_path / "map.toml")


def test_a_model_that_is_no_text(capsys, tmp_path):
    (tmp_path / "model.txt").write_bytes("满意".encode("gbk"))
    assert "is no UTF-8 text" in refused(capsys, "fit", "mobi", "--model", tmp_path / "model.txt")
    (tmp_path / "model.txt").write_text("a =~ b", encoding="utf-8")
    assert "leave out [items] or --items" in refused(
        capsys, "fit", "mobi", "--model", tmp_path / "model.txt", "--items", "mobi"
    )  # fmt: skip


def test_words_that_the_parser_refuses_end_with_2(capsys):
    for words in (["fits"], [], ["fit", "mobi", "--model", "ecsi", "--scheme", "paht"]):
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 2
    capsys.readouterr()


def test_a_folder_that_cannot_be_made(capsys, tmp_path, no_page):
    (tmp_path / "file").write_text("", encoding="utf-8")
    words = ["study", "mobi", "--resamples", "0", "-o", str(tmp_path / "file" / "inside")]
    assert main(words) == 2
    _, err = capsys.readouterr()
    assert err.startswith("csi: error: ")
    assert "Traceback" not in err


def test_stopped_by_hand(capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("csi.studyfile.data.datasets.load", stop)
    assert "stopped" in refused(capsys, "fit", "mobi", "--model", "ecsi")


# -- files of answers -------------------------------------------------------------------------------------------

TABLE = pd.DataFrame({"总体满意": [1, 2, 3], "q2": [4.5, np.nan, 6.0]})
WRITERS = {
    "utf-8": ("a.csv", lambda path: TABLE.to_csv(path, index=False, encoding="utf-8")),
    "utf-8 with mark": ("a.csv", lambda path: TABLE.to_csv(path, index=False, encoding="utf-8-sig")),
    "gbk": ("a.csv", lambda path: TABLE.to_csv(path, index=False, encoding="gbk")),
    "utf-16": ("a.csv", lambda path: TABLE.to_csv(path, index=False, encoding="utf-16", sep="\t")),
    "semicolons": ("a.csv", lambda path: TABLE.to_csv(path, index=False, encoding="utf-8", sep=";")),
    "tabs": ("a.tsv", lambda path: TABLE.to_csv(path, index=False, encoding="utf-8", sep="\t")),
    "excel": ("a.xlsx", lambda path: TABLE.to_excel(path, index=False)),
    "parquet": ("a.parquet", lambda path: TABLE.to_parquet(path)),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_files_of_answers(kind, folder):
    name, write = WRITERS[kind]
    write(folder / name)
    read = read_answers(Source((name,), {}, {}), folder, csi.Model("m", {"a": ["q2"]}), {})
    pd.testing.assert_frame_equal(read.data, TABLE, check_dtype=False)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xff\xff\xff\x81", "neither utf-8 nor gb18030"),
        ("a.xlsx", b"not a workbook", "is no whole workbook"),
        ("a.parquet", b"not parquet", "cannot be read as Parquet"),
        ("a.sas7bdat", b"", ".sas7bdat is not read; the kinds are .csv"),
    ],
)
def test_files_that_are_no_answers(name, content, said, capsys, tmp_path):
    (tmp_path / name).write_bytes(content)
    assert said in refused(capsys, "fit", tmp_path / name, "--model", "ecsi")


@pytest.mark.parametrize(("module", "name", "extra"), [("openpyxl", "a.xlsx", "io"), ("pyarrow", "a.parquet", "big")])
def test_a_missing_extra_names_the_line_that_installs_it(module, name, extra, capsys, tmp_path, monkeypatch):
    (tmp_path / name).write_bytes(b"x")

    def missing(*_, **__):
        raise ImportError(module)

    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(pd, "read_parquet", missing)
    assert f'pip install "csi[{extra}]"' in refused(capsys, "fit", tmp_path / name, "--model", "ecsi")


# -- consoles ---------------------------------------------------------------------------------------------------


def shown(text: str, encoding: str) -> str:
    """What a console of an encoding shows of a text."""
    console.prepare()
    return text.encode(encoding, "csi").decode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("Eklöf – 72.5 ≥ R²", "ascii", "Eklof - 72.5 >= R2"),
        ("Eklöf 满意度", "gbk", "Eklof 满意度"),
        ("价值", "ascii", "\\u4ef7\\u503c"),
        ("（α，β）", "ascii", "(alpha,beta)"),
        ("满意度", "utf-8", "满意度"),
    ],
)
def test_characters_that_a_console_lacks(text, encoding, expected):
    assert shown(text, encoding) == expected


def test_chinese_is_asked_for_where_the_console_has_none(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert console.readable("zh") == "en"
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="gbk"))
    assert console.readable("zh") == "zh"


def narrow(encoding: str) -> dict[str, str]:
    """A console that knows few characters and forgives nothing."""
    return {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": f"{encoding}:strict"}


def test_a_whole_study_on_a_chinese_console(folder):
    words = ["study", "mobi", "-o", folder / "研究 1", "--language", "zh", "--resamples", "60"]
    done = process(*words, cwd=folder, encoding="gbk", **narrow("gbk"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "顾客满意度" in done.stdout
    assert 'lang="zh-CN"' in (folder / "研究 1" / "report.html").read_text(encoding="utf-8")


def test_a_fit_on_a_console_that_knows_ascii_only(answers, items, folder):
    words = ["fit", answers, "--model", "ecsi", "--items", items, "--by", "期次", "--language", "zh"]
    done = process(*words, cwd=folder, encoding="ascii", **narrow("ascii"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "Customer satisfaction" in done.stdout
    assert "by \\u671f\\u6b21" in done.stdout


def test_errors_reach_a_narrow_console(folder):
    done = process("fit", "没有.csv", "--model", "ecsi", cwd=folder, encoding="ascii", **narrow("ascii"))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_reader_that_goes_away_is_no_error(folder):
    done = subprocess.run([sys.executable, "-c", GONE], capture_output=True, encoding="utf-8", cwd=folder, check=True)
    assert done.stdout.split() == ["0"]


def test_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"csi {csi.__version__}\n"


def test_every_command_says_what_it_does():
    for command in ("models", "fit", "study"):
        assert command in parser().format_help()


def test_the_readme_shows_what_the_command_prints(repository, capsys, tmp_path, no_page):
    text = (repository / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^```text\n(ECSI mobile.*?)^```$", text, re.M | re.S)[1]
    assert run("study", "mobi", "-o", tmp_path) == 0
    assert capsys.readouterr().out.startswith(shown)


def test_the_map_of_the_readme_is_read(repository, tmp_path):
    text = (repository / "README.md").read_text(encoding="utf-8")
    (tmp_path / "map.toml").write_text(re.search(r"^```toml\n(.*?)^```$", text, re.M | re.S)[1], encoding="utf-8")
    model = load(tmp_path / "map.toml", model="ecsi").study.model
    assert model.constructs["satisfaction"].items[2] == csi.Item("Q3", reversed=True, unknown=(98, 99))
    assert "complaints" not in model.constructs


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--method", "plsc"], "PLSc()"),
        (["--method", "cbsem", "--estimator", "MLR"], "CBSEM(estimator='MLR'"),
        (["--method", "pls", "--scheme", "factorial"], "PLS(scheme='factorial')"),
    ],
)
def test_methods(words, said, capsys):
    assert run("fit", "mobi", "--model", "ecsi", *words) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--method", "cbsem", "--scheme", "path"], "--scheme is no setting of --method cbsem"),
        (["--method", "cbsem", "--raw"], "--raw is no setting of --method cbsem"),
        (["--estimator", "ML"], "--estimator is no setting of --method pls"),
    ],
)
def test_settings_of_another_method_are_refused(words, said, capsys):
    assert said in refused(capsys, "fit", "mobi", "--model", "ecsi", *words)
