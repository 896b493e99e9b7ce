"""A study as a file: one schema for three uses, every mistake named with its line, and the way back."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

import csi
from csi.studyfile import Broken, load, schema

ECSI = csi.models.ecsi()
STUDIES = {
    **{f"{each.name} {each.variant}": csi.Study(each.model) for each in csi.models.entries()},
    "settings": csi.Study(
        ECSI,
        csi.PLS(scheme="centroid", modes={"image": "B", "value": {"PERV1": 0.4, "PERV2": 0.6}}, tolerance=1e-5),
        csi.Design(weight="权 重", stratum="s"),
        "em",
    ),
    "replicates": csi.Study(ECSI, design=csi.Design(replicates=["r1", "r2"], kind="fay", scale=0.25)),
    "ranks": csi.Study(ECSI, correlations="spearman"),
    "controls": csi.Study(ECSI, controls={"satisfaction": ["age", "地区"], "loyalty": ["age"]}),
    "plsc": csi.Study(ECSI, csi.PLSc(reliabilities={"complaints": 0.8})),
    "cbsem": csi.Study(ECSI, csi.CBSEM(estimator="MLR"), missing="listwise"),
    "bounds": csi.Study(
        csi.Model.parse("image =~ I1 + a*I2 + I3\nsatisfaction =~ C1 + C2\nsatisfaction ~ b*image"),
        csi.CBSEM(bounds={"b": (0, None)}),
    ),
    "hostile names": csi.Study(
        csi.Model(
            "a \"b\" \\ '''",
            {"q # x": [csi.Item("= 1", label={"zh": '他说"""好"""'})], "满意、度": ["[y]"]},
            {"q # x": ["满意、度"]},
        )
    ),
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_comes_back_from_its_file(name, tmp_path):
    written = STUDIES[name].to_toml(tmp_path / "study.toml")
    assert csi.Study.from_toml(tmp_path) == STUDIES[name]
    assert csi.Study.from_toml(tmp_path / "study.toml").to_toml() == written


@pytest.fixture
def write(tmp_path):
    def made(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "study.toml"
        path.write_bytes(text.encode(encoding))
        return path

    return made


def problems(path: Path) -> list[str]:
    with pytest.raises(Broken) as broken:
        load(path)
    return [problem.text() for problem in broken.value.problems]


def test_every_problem_is_named_with_its_line(write):
    text = """
    title = "x"
    scale = "1-5"
    method = { name = "plss" }
    missing = "listwize"
    colour = "red"
    model = "ecsi"
    [items]
    satisfacton = ["CUSA1"]
    [report]
    formats = ["pdf"]
    befor = ["screen"]
    """
    path = write(text)
    assert [re.split(r", \w", line)[0] for line in problems(path)] == [f"line {n}" for n in (3, 4, 5, 6, 8, 11, 12)]
    with pytest.raises(csi.errors.SettingsError, match="7 problems"):
        csi.Study.from_toml(path)
    with pytest.raises(Broken) as broken:
        load(path)
    chinese = [problem.text("zh") for problem in broken.value.problems]
    assert chinese[0] == "第3行，scale：应为方括号中的两个数，小的在前，如 scale = [1, 5]；而不是 '1-5'"


#: A mistake of hand, and what is said of it.
MISTAKES = {
    "a text without quotes": ("model = ecsi", "a text stands in quotes"),
    "Chinese quotes": ("model = “ecsi”", "Chinese punctuation"),
    "a full-width comma": ('model = "ecsi"\nunknown = [98，99]', "line 2: .*Chinese punctuation"),
    "a Windows path in double quotes": ('model = "ecsi"\ndata = "C:\\Users\\me\\answers.csv"', "single quotes"),
    "a bracket that stays open": ('model = "ecsi"\n[items]\nsatisfaction = ["CUSA1"', "is no TOML"),
    "a key twice": ('model = "ecsi"\nmodel = "acsi"', "line 2: .*is no TOML"),
    "no model": ('data = "mobi"', "csi models lists them"),
    "an unknown model": ('model = "ecis"', "did you mean 'ecsi'"),
    "a Chinese key": ('"模型" = "ecsi"\ndata = "mobi"', "did you mean 'model'"),
    "a Chinese key without quotes": ('模型 = "ecsi"\ndata = "mobi"', "keys are English: did you mean 'model'"),
    "a key of elsewhere": ('model = "ecsi"\nseed = 7', "'seed' is no key"),
    "a scale upside down": ('model = "ecsi"\nscale = [5, 1]', "the lower first"),
    "a yes in words": ('model = "ecsi"\nsynthetic = "yes"', "true or false"),
    "an unknown construct": ('model = "ecsi"\n[items]\nsatisfied = ["Q1"]', "did you mean 'satisfaction'"),
    "an item that is a number": ('model = "ecsi"\n[items]\nvalue = [1]', "items.value: an item of 'value'"),
    "an item's key": ('model = "ecsi"\n[items]\nvalue = [{name = "V", revers = true}]', "did you mean 'reversed'"),
    "a column in two constructs": ('model = "ecsi"\n[items]\nvalue = ["CUSA1"]', "stands 2 times"),
    "a reversed item that is none": ('model = "ecsi"\nreversed = ["CUSA9"]', "did you mean 'CUSA"),
    "a label of nothing": ('model = "ecsi"\n[labels]\nsatisfation = "x"', "did you mean 'satisfaction'"),
    "an index that is no construct": ('model = "ecsi"\nindex = "loyality"', "did you mean 'loyalty'"),
    "an unknown method": ('model = "ecsi"\nmethod = "plss"', "did you mean 'PLS'"),
    "a setting of another method": ('model = "ecsi"\nmethod = { name = "CBSEM", scheme = "path" }', "has no setting"),
    "an unknown choice": ('model = "ecsi"\nmissing = "lisstwise"', "did you mean 'listwise'"),
    "a treatment that the method lacks": ('model = "ecsi"\nmethod = "PLS"\nmissing = "fiml"', "fiml"),
    "weights and counts": ('model = "ecsi"\ndesign = { weight = "w", count = "n" }', "exclude each other"),
    "resamples in quotes": ('model = "ecsi"\nbootstrap = "1000"', "a whole number, without quotes"),
    "one resample": ('model = "ecsi"\nbootstrap = 1', "at least 2"),
    "a form of report": ('model = "ecsi"\nreport = { formats = ["word"] }', "none of 'html', 'docx', 'xlsx'"),
    "a section": ('model = "ecsi"\nreport = { before = ["reliabilty"] }', "did you mean 'reliability'"),
    "a comparison without groups": ('model = "ecsi"\ncompare = [["a", "b"]]', "no key divides them"),
    "an order of no groups": ('model = "ecsi"\nby = "wave"\norder = { waev = ["a"] }', "is no column of by"),
    "a plan without a spread": ('model = "ecsi"\nplan = { margin = 2 }', "needs sd="),
    "two models": ('model = { name = "ecsi", text = "a =~ b" }', "said in one way"),
    "an arrow": ('items = { a = "a1", b = "b1" }\nmodel = { paths = ["a to b"] }', "an arrow is written"),
    "no file of the model": ('model = "mine.txt"', "there is no file 'mine.txt' with a model"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_mistakes_of_beginners_get_one_clear_sentence(what, write):
    text, said = MISTAKES[what]
    found = problems(write(text))
    assert len(found) == 1
    assert re.search(said, found[0])
    assert "\n" not in found[0]


def test_what_is_not_there(tmp_path):
    with pytest.raises(csi.errors.SettingsError, match="csi new"):
        load(tmp_path)
    (tmp_path / "study.toml").write_text('model = "ecsi"', encoding="utf-8")
    with pytest.raises(csi.errors.SettingsError, match=r"did you mean 'study.toml'"):
        load(tmp_path / "studdy.toml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_whatever_the_editor_wrote(write, encoding):
    file = load(write('title = "食堂满意度"\r\nmodel = "ccsi"\r\n', encoding))
    assert file.title["zh"] == "食堂满意度"


def test_a_model_of_ones_own(write):
    text = """
    model = { title = "Mine", paths = ["quality -> value +", "quality -> happy", "value -> happy"] }
    index = "happy"
    scale = [1, 7]
    reversed = ["H2"]
    unknown = 99
    [items]
    quality = { columns = ["Q1", "Q2"], kind = "composite", label = { en = "Quality", zh = "质量" } }
    value = "V1"
    happy = ["H1", { name = "H2", scale = [1, 5] }]
    [labels]
    H1 = "How happy?"
    """
    model = load(write(text)).study.model
    label = {"en": "How happy?", "zh": "How happy?"}
    expected = csi.Model(
        "Mine",
        {
            "quality": csi.Construct(
                [csi.Item(name, unknown=(99,)) for name in ("Q1", "Q2")], "composite", {"en": "Quality", "zh": "质量"}
            ),
            "value": csi.Item("V1", unknown=(99,)),
            "happy": [csi.Item("H1", unknown=(99,), label=label), csi.Item("H2", (1, 5), True, (99,))],
        },
        [csi.Path("quality", "value", sign="+"), ("quality", "happy"), ("value", "happy")],
        index="happy",
        scale=(1, 7),
    )
    assert model == expected


def test_words_of_the_caller_stand_in_place_of_the_file(write):
    file = load(write('model = "ecsi"\nscale = [1, 5]\n'), scale=[1, 10], by=["wave"])
    assert (file.study.model.scale, file.by) == (csi.Scale(1, 10), ("wave",))


def test_every_key_says_what_it_is_in_both_languages():
    def walk(keys):
        for name, key in keys.items():
            yield name, key
            yield from walk(key.keys)

    for name, key in walk(schema.KEYS):
        assert key.means and key.means.chinese and key.example, name
        assert all(kind in schema.KINDS for kind in key.kinds), name


# -- its answers ------------------------------------------------------------------------------------------------


def test_answers_of_several_files_in_their_order(tmp_path, write):
    data = csi.datasets.load("mobi")
    (tmp_path / "数据").mkdir()
    data.head(100).to_csv(tmp_path / "数据" / "spring.csv", index=False, encoding="gbk")
    data.tail(150)[data.columns[::-1]].to_csv(tmp_path / "数据" / "autumn.csv", index=False, encoding="utf-8")
    text = """
    model = "ecsi"
    data = ['数据\\spring.csv', "数据/autumn.csv"]
    by = "file"
    order = { file = ["spring", "autumn"] }
    """
    file = load(write(text))
    answers = csi.studyfile.opened(file)
    assert len(answers) == 250
    assert file.study.fit(answers, by="file").groups == ["spring", "autumn"]
    bad = load(write(text.replace('"autumn"]', '"winter"]')))
    with pytest.raises(csi.errors.DataError, match="does not name 'autumn'"):
        csi.studyfile.opened(bad)


def test_answers_that_were_exported_as_words(tmp_path, write):
    words = {1: "不满意", 2: "一般", 3: "满意"}
    data = pd.DataFrame({"S1": [1, 2, 3, 3], "S2": [2, 3, 1, 3]}).replace(words)
    data.to_csv(tmp_path / "a.csv", index=False, encoding="gbk")
    text = """
    model = { paths = "value -> satisfaction" }
    data = "a.csv"
    scale = [1, 3]
    items = { value = "S1", satisfaction = "S2" }
    codes = { "不满意" = 1, "一般" = 2, "满意" = 3 }
    """
    file = load(write(text))
    assert csi.studyfile.opened(file).data["S1"].tolist() == [1, 2, 3, 3]
    broken = load(write(text.replace(', "满意" = 3', "")))
    with pytest.raises(csi.errors.DataError, match=r"\[codes\] \"满意\" = 5"):
        csi.studyfile.opened(broken)


def test_a_named_column_stays_although_it_is_personal(tmp_path, write):
    data = csi.datasets.load("mobi").assign(姓名=["甲", "乙"] * 125, phone=["13812345678"] * 250)
    data.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    answers = csi.studyfile.opened(load(write('model = "ecsi"\ndata = "a.csv"\nby = "姓名"')))
    assert "姓名" in answers.data and "phone" not in answers.data


def test_the_documentation_has_every_key(repository):
    text = (repository / "docs" / "study_file.md").read_text(encoding="utf-8")

    def walk(keys, above=""):
        for name, key in keys.items():
            yield above + name, key
            yield from walk(key.keys, f"{above}{name}.")

    for name, key in walk(schema.KEYS):
        example = key.example.replace("\n", " ")
        assert f"| `{name}` | `{example}` | {key.means}" in text, name
        assert all(f'`"{choice}"`' in text for choice in key.choices)


def test_every_example_of_a_key_is_read():
    """What the table shows as an example holds, alone or with what it hangs on."""
    import tomllib

    for name, key in schema.KEYS.items():
        page = {"by": "wave", **tomllib.loads(key.example)}
        assert not list(schema.problems(page)), name
        for inner, own in key.keys.items():
            assert not list(schema.problems(tomllib.loads(own.example), key.keys, (name,))), inner
