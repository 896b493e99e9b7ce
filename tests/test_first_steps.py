"""What somebody meets who has just installed the library: names, words and slips that are mended by the message."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import csi
from csi.cli import main
from csi.errors import DataError, ModelError, NotAvailable, SettingsError


@pytest.fixture(scope="module")
def model():
    return csi.models.ccsi(scale=(1, 5))


@pytest.fixture(scope="module")
def answers(model):
    return csi.simulate(model, n=200, rng=1)


def message(kind, call):
    with pytest.raises(kind) as found:
        call()
    return str(found.value)


@pytest.mark.parametrize(
    "named",
    [
        lambda name, at: f"题_{name}",
        lambda name, at: f"Q{at + 1}_{name}",
        lambda name, at: f"{at + 1}、{name}（1-5分）",
        lambda name, at: f"{name.lower()}_2024",
    ],
)
def test_columns_that_carry_the_names_of_items_are_matched(answers, model, named):
    renamed = answers.rename(columns={name: named(name, at) for at, name in enumerate(answers.columns)})
    found = csi.match(renamed.assign(序号=1, 性别="男"), model)
    assert found.unmatched_items == []
    assert found.unmatched_columns == ["序号", "性别"]
    pd.testing.assert_frame_equal(found.apply()[answers.columns], answers)


def test_a_name_inside_a_name_is_no_match(answers, model):
    few = answers[["SAT1"]].rename(columns={"SAT1": "x_SAT1"}).assign(y_SAT10=1.0)
    assert csi.match(few, model).pairs == {}
    doubled = answers.add_prefix("a_").join(answers["SAT1"].rename("b_SAT1"))
    assert csi.match(doubled, model).pairs["SAT1"] == "a_SAT1"


def test_questions_are_shown_in_the_language_of_the_columns(answers, model):
    asked = {item.name: f"{at + 1}、{item.label['zh']}" for at, item in enumerate(model.items)}
    found = csi.match(answers.rename(columns=asked), model)
    assert found.unmatched_items == []
    assert found.table.loc["SAT1", "item_text"] == model.items[13].label["zh"]
    assert csi.match(answers, model).table.loc["SAT1", "item_text"] == "Overall satisfaction"


def test_a_prefix_before_all_names_is_told_with_its_remedy(answers, model):
    said = message(DataError, lambda: csi.Study(model).fit(answers.add_prefix("题_")))
    assert "data.rename(columns=lambda name: name.removeprefix('题_'))" in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            lambda x: x.astype(int).map({1: "差", 2: "较差", 3: "中", 4: "较好", 5: "好"}),
            "give codes: data['SAT1'].map({",
        ),
        (lambda x: x.astype(object).mask(x.index == 3, "不知道"), "such as '不知道' (in 1 of 200 rows)"),
        (lambda x: x.astype(int).astype(str), "its numbers are read by pandas.to_numeric(data['SAT1'])"),
        (lambda x: x.astype(object).mask(x.index < 3, "4 ").mask(x.index == 9, "无"), "such as '无' (in 1 of"),
    ],
)
def test_text_among_answers_is_told_by_what_it_needs(answers, model, values, said):
    data = answers.assign(SAT1=values(answers["SAT1"]))
    assert said in message(DataError, lambda: csi.Study(model).fit(data))


def test_a_slip_of_typing_is_not_another_scale(answers, model):
    data = answers.copy()
    data.loc[3, "SAT1"] = 55
    doubt = csi.Study(model).fit(data).check().set_index("code").loc["outside_scale"]
    assert doubt["message"] == "SAT1 holds 1 answer outside its scale of 1..5: 55"
    assert "data['SAT1'].where(data['SAT1'].between(1, 5))" in doubt["remedy"]
    assert doubt[["value", "limit"]].tolist() == [55, 5]
    mended = data.assign(SAT1=data["SAT1"].where(data["SAT1"].between(1, 5)))
    assert "outside_scale" not in csi.Study(model).fit(mended).check()["code"].tolist()
    passed = csi.Study(model).fit(csi.moments(data, model)).check().set_index("code").loc["outside_scale"]
    assert passed["message"] == doubt["message"]


def test_many_answers_outside_are_another_scale(answers):
    table = csi.Study(csi.models.ccsi(scale=(1, 4))).fit(answers).check()
    assert table.loc[table["code"] == "outside_scale", "remedy"].str.contains("(1, 5)", regex=False).all()


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: csi.models.ccsi(items={"满意度": ["a"]}), ModelError, "did you mean 'satisfaction' (顾客满意度)?"),
        (lambda: csi.Study("ccsi"), ModelError, "csi.models.get('ccsi')"),
        (lambda: csi.Study(csi.models.ccsi), ModelError, "ccsi makes one when it is called: ccsi()"),
        (lambda: csi.Study(csi.models.ccsi(), csi.PLSc), SettingsError, "csi.PLSc()"),
    ],
)
def test_what_was_meant_is_said(call, kind, said):
    assert said in message(kind, call)


def test_a_label_of_the_wrong_type_is_told_apart(answers, model):
    fit = csi.Study(model).fit(answers.assign(wave=[2024, 2025] * 100), by="wave")
    said = "did you mean 2024 (int, not str)?"
    assert said in message(DataError, lambda: fit["2024"])
    assert said in message(DataError, lambda: fit.compare("2024", 2025))
    assert "there are image, expectations" in message(ModelError, lambda: fit.impacts(on="sat"))


TEXT = """quality =~ QUAL1 + QUAL2 + QUAL3
value =~ VAL1 + VAL2 + VAL3
satisfaction =~ SAT1 + SAT2 + SAT3
satisfaction ~ quality + value + quality:value
#: scale 1..5
"""


def test_the_methods_section_tells_of_products(answers):
    model = csi.Model.parse(TEXT, index="satisfaction")
    for how, said in (
        ("two-stage", "by two stages"),
        ("product", "by product indicators"),
        ("orthogonal", "by orthogonalized product indicators"),
        ("sequential", "by two stages, weighted by the scores"),
    ):
        fit = csi.Study(model, csi.PLS(interactions=how)).fit(answers)
        assert f"(quality × value): {said}" in fit.methods()
    assert "乘积项（quality × value）" in fit.methods(language="zh")
    assert "roduct" not in csi.Study(csi.models.ccsi(scale=(1, 5))).fit(answers).methods()


def test_a_chinese_report_of_an_interaction_has_no_english_sentence(answers, tmp_path):
    fit = csi.Study(csi.Model.parse(TEXT, index="satisfaction")).fit(answers).bootstrap(60, rng=1, progress=False)
    pages = [fit.report(tmp_path / f"{language}.md", language=language) for language in ("en", "zh")]
    english, chinese = (page.read_text(encoding="utf-8") for page in pages)
    assert "not worked out for a model with interactions" in english
    assert "含交互作用的模型不做此检验" in chinese
    assert "not worked out" not in chinese


def test_the_methods_section_tells_of_controls(answers, model):
    fit = csi.Study(model, controls=["sex", "age"]).fit(answers.assign(sex=["f", "m"] * 100, age=np.arange(200.0)))
    assert "weights of the items: sex, age." in fit.methods()
    assert "控制变量（只进入结构方程，不参与题项赋权）：sex、age。" in fit.methods(language="zh")


def test_a_pass_says_what_it_does_not_keep(answers, model):
    product = csi.Model.parse(TEXT, index="satisfaction")
    assert "quality:value multiplies answers" in message(NotAvailable, lambda: csi.moments(answers, product))
    held = csi.Study(model, controls=["age"])
    said = message(NotAvailable, lambda: held.fit(csi.moments(answers.assign(age=1.0), model)))
    assert "the controls 'age' are not among the moments" in said
    assert "Fit the answers themselves" in said


def test_controls_on_the_command_line(answers, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    table = answers.assign(age=np.arange(200.0) % 7, region=["n", "s"] * 100)
    table.to_csv("answers.csv", index=False)
    command = ["fit", "answers.csv", "--model", "ccsi", "--scale", "1", "5", "--controls"]
    assert main([*command, "age,region", "-o", "out"]) in (0, None)
    rows = (tmp_path / "out" / "tables" / "paths.csv").read_text(encoding="utf-8")
    assert "age,satisfaction" in rows
    assert "region=s,satisfaction" in rows
    assert main([*command, "agee"]) == 2
    assert "did you mean 'age'?" in capsys.readouterr().err
    assert main([*command, "age", "--one-pass"]) == 2
    assert "leave the controls out" in capsys.readouterr().err
