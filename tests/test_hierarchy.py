"""Indicator hierarchies: one tree becomes model, codebook, questionnaire and scores at every node."""

from __future__ import annotations

import doctest
import pickle
import re
import sys

import numpy as np
import pandas as pd
import pytest

import csi
from csi.errors import DataError, MissingExtra, ModelError, SettingsError
from csi.questionnaire import Aspect, Branch, NodeWeights, Question, names, ready

LANGUAGES = ("en", "zh")


@pytest.fixture
def thesis() -> csi.Hierarchy:
    """The source thesis: six constructs below the index, image and complaints among them."""
    return csi.Hierarchy(
        "X公司",
        {
            "image": ["b1", "b2"],
            "expectations": ["e1", "e2"],
            "quality": {"network": Aspect(["n1", "n2"], tag="outcome"), "agents": Aspect(["a1", "a2"], tag="process")},
            "value": ["v1", "v2"],
            "complaints": Branch([Question("c1", scale=(0, 1), answers={1: "是", 0: "否"})],
                                 {"handling": [Question("h1", asked_if={"c1": 1}, item=False)]}),
            "loyalty": ["l1", "l2"],
        },
        questions=["s1", "s2", "s3"],
        model="tcsi",
        scale=(1, 10),
        unknown=(98,),
        label={"en": "User satisfaction", "zh": "用户满意度"},
    )  # fmt: skip


@pytest.fixture
def answers(thesis) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    data = csi.simulate(thesis.model(), n=240, rng=4).astype(float)
    data["h1"] = np.where(data["c1"] == 1, rng.integers(1, 11, len(data)), np.nan)
    data["wave"] = np.repeat(["2024", "2025"], 120)
    data["w"] = rng.uniform(0.5, 2, len(data))
    data["town"] = rng.integers(0, 20, len(data))
    return data


# -- the model ----------------------------------------------------------------------------------------------


def test_the_thesis_becomes_the_telecommunications_model(thesis):
    model, catalogue = thesis.model(), csi.models.tcsi()
    assert list(model.constructs) == list(catalogue.constructs)
    assert model.paths == catalogue.paths
    assert model.index == "satisfaction"
    assert [item.name for item in model.constructs["quality"].items] == ["n1", "n2", "a1", "a2"]
    assert [item.name for item in model.constructs["complaints"].items] == ["c1"]
    assert all(item.unknown == (98,) for item in model.items)
    assert csi.Model.parse(str(model)) == model


def test_aspects_may_be_constructs(thesis):
    model = thesis.model(aspects="constructs")
    assert model.higher == {"quality": ("network", "agents")}
    assert [item.name for item in model.constructs["agents"].items] == ["a1", "a2"]
    assert model.paths == csi.models.tcsi().paths
    overall = thesis.replace(branches={**thesis.branches, "quality": Branch(["q0"], {"network": ["n1"]}, "Quality")})
    assert overall.model("constructs").higher == {"quality": ("quality_overall", "network")}


def test_a_model_of_ones_own_and_options(thesis):
    assert len(thesis.replace(options={"image_to_loyalty": True}).model().paths) == 14
    own = csi.models.tcsi().without("complaints")
    branches = {name: branch for name, branch in thesis.branches.items() if name != "complaints"}
    assert list(thesis.replace(model=own, branches=branches).model().constructs) == list(own.constructs)


def test_without_a_catalogue_arrows_are_given():
    tree = csi.Hierarchy("m", {"quality": ["q1", "q2"]}, ["s1"], paths={"quality": "satisfaction"}, scale=(1, 5))
    assert repr(tree.model()) == "Model('m': 2 constructs, 3 items, 1 path, index satisfaction)"
    bare = csi.Hierarchy("m", {"quality": ["q1", "q2"], "value": ["v1"]}, paths=[("quality", "value")], scale=(1, 5))
    assert bare.model().index is None


def test_it_does_not_change_and_can_be_kept(thesis):
    with pytest.raises(AttributeError):
        thesis.name = "other"
    copy = pickle.loads(pickle.dumps(thesis))
    assert copy == thesis
    assert copy.model() == thesis.model()
    assert thesis.replace(name="Y公司").name == "Y公司"
    with pytest.raises(ModelError, match="did you mean 'branches'"):
        thesis.replace(branch={})


# -- contradictions -----------------------------------------------------------------------------------------


def test_every_contradiction_is_told_at_once(thesis):
    wrong = {
        **thesis.branches,
        "quality": {"network": ["n1", "b1"]},
        "complaint": [Question("c1", scale=(0, 1), unknown=(1,))],
        "loyalty": [Question("l1", asked_if={"s_1": 3}), Question("l2", asked_if={"l3": 1}), "l3",
                    Question("l4", asked_if={"s1": 12})],
        "value": [Question("v1", answers={11: "much"})],
    }  # fmt: skip
    del wrong["complaints"]
    with pytest.raises(ModelError) as error:
        thesis.replace(branches=wrong)
    said = str(error.value)
    for part in (
        "'b1' is the name of 2 nodes",
        "unknown code 1 lies inside its scale",
        "depends on 's_1', which is no question; did you mean 's1'?",
        "depends on 'l3', which is asked after it",
        "asked if 's1' is 12, an answer that does not exist",
        "answer 11 is outside 1 to 10",
        "'complaint' is not a construct of 'TCSI'; did you mean 'complaints'?",
        "has the construct 'complaints', which no question measures",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: csi.Hierarchy("m", {"a": ["a1"]}), "has no scale"),
        (lambda: csi.Hierarchy("m", {"a": []}), "needs questions or aspects"),
        (lambda: csi.Hierarchy("m", ["a1"]), "branches map constructs"),
        (lambda: csi.Hierarchy("m", {}, scale=(1, 5)), "neither branches nor questions"),
        (lambda: Aspect(["a1"], tag="proces"), "did you mean 'process'"),
        (lambda: Question("q", answers=["no", "yes"]), "map codes to texts"),
        (lambda: csi.Hierarchy.ready("telecoms"), "did you mean 'telecom'"),
    ],
)
def test_bad_words_are_refused(make, said):
    with pytest.raises(csi.errors.CsiError, match=said):
        make()


def test_an_unknown_node_is_named(thesis):
    with pytest.raises(ModelError, match="did you mean 'network'"):
        thesis.node("netwerk")


# -- ready hierarchies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_ready_hierarchies_are_complete_in_two_languages(name):
    tree = ready(name)
    assert tree.base is not None
    assert list(tree.model().constructs) == list(tree.base.constructs)
    for node in tree.nodes:
        assert set(node.label) == set(LANGUAGES), node.name
    for question in tree.every_question:
        assert set(question.texts) == set(LANGUAGES), question.name
        assert all(set(text) == set(LANGUAGES) for text in question.meanings.values()), question.name
    aspects = [node for node in tree.nodes if node.level == 3]
    assert {node.tag for node in aspects if node.name != "corporate_image"} == {"process", "outcome"}


def test_telecom_holds_what_the_thesis_names():
    tree = ready("telecom")
    labels = {node.name: node.label["zh"] for node in tree.nodes if node.level == 3}
    assert labels == {
        "corporate_image": "企业形象", "network": "网络质量", "billing": "计费收费", "value_added": "增值业务",
        "product_service": "产品和服务质量", "attitude": "客服态度", "efficiency": "客服效率", "skill": "客服技能",
        "emergency": "应急处理能力", "contact": "客户联系与回访", "complaint_handling": "投诉处理",
    }  # fmt: skip
    assert set(tree.branches) == {"image", "expectations", "quality", "value", "complaints", "loyalty"}


# -- trees, codebooks, questionnaires -----------------------------------------------------------------------


def test_the_tree_prints(thesis):
    text = str(thesis)
    assert text.splitlines()[0] == "X公司: satisfaction  User satisfaction"
    assert "|- quality\n|  |- network  [outcome]\n|  |  |- n1" in text
    assert "h1  [if c1 = 1, apart]" in text
    assert "用户满意度" in thesis.tree("zh")
    assert repr(thesis) == "Hierarchy('X公司': 6 constructs, 3 aspects, 17 questions, TCSI)"


def test_the_codebook_numbers_as_the_form_does(thesis):
    book = thesis.codebook()
    assert list(book)[:4] == ["b1", "b2", "e1", "e2"]
    table = book.table("zh")
    assert table.loc["c1", "values"] == "1 是; 0 否; 98 不清楚"
    assert table.loc["h1", "asked_if"] == "c1 = 1"
    assert table.loc["n1", ["construct", "aspect", "low", "high"]].tolist() == ["quality", "network", 1, 10]
    assert table["number"].tolist() == list(range(1, 18))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", names())
def test_every_question_is_printed_once_in_order(name, language, tmp_path):
    form = ready(name).questionnaire(language)
    lines = [line for section in form.sections for block in section.blocks for line in block.lines]
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    for text in (str(form), form.to_html(), word_text(form.save(tmp_path / "问卷.docx"))):
        places = [text.index(line.text) for line in lines]
        assert places == sorted(places)
        if language == "zh":
            assert not re.search(r"Don't know|very poor|Question", text)


def word_text(path) -> str:
    import docx

    parts = []
    for block in docx.Document(str(path)).element.body.iterchildren():
        parts += [node.text or "" for node in block.iter() if node.tag.endswith("}t")]
    return "\n".join(parts)


def test_skip_rules_say_who_answers_and_where_others_go_on():
    zh, en = (str(ready("telecom").questionnaire(language)) for language in ("zh", "en"))
    assert "仅当您在第32题选择“是”时回答；否则请跳至第35题。" in zh
    assert "Only if you answered “yes” to question 32; otherwise go on with question 35." in en


def test_a_form_escapes_what_it_is_given(tmp_path):
    tree = csi.Hierarchy("m", {"a": [Question("q", "<script>alert(1)</script> | *x*")]}, scale=(1, 5), title="<b>")
    form = tree.questionnaire()
    assert "<script>" not in form.to_html()
    assert "\\| \\*x\\*" in str(form)
    assert "alert(1)" in word_text(form.save(tmp_path / "f.docx"))
    page = form.save(tmp_path / "f.html").read_text(encoding="utf-8")
    assert page == form.to_html()
    assert form._repr_html_() == page
    with pytest.raises(ModelError, match=r"\.docx"):
        form.save(tmp_path / "f.pdf")


def test_word_without_its_package_names_the_line(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(MissingExtra, match=r'pip install "csi\[report\]"'):
        ready("bank").questionnaire().save(tmp_path / "f.docx")


# -- files --------------------------------------------------------------------------------------------------

TOML = """
name = "m"
scale = [1, 5]
[answers.good]
1 = "poor"
5 = "good"
[index.questions]
s1 = { zh = "总体满意", answers = "good" }
[branches.quality]
label = { zh = "质量" }
[branches.quality.aspects.network]
tag = "outcome"
[branches.quality.aspects.network.questions]
n1 = { en = "Network" }
n2 = { en = "Speed", reversed = true }
[branches.value.questions]
v1 = { en = "Price" }
"""
ROWS = [
    ["satisfaction", "", "", "s1", "总体满意", "1=poor；5=good", ""],
    ["quality", "network", "结果", "n1", "Network", "", ""],
    ["", "", "", "n2", "Speed", "", "是"],
    ["value", "", "", "v1", "Price", "", ""],
]
HEADER = ["二级指标", "三级指标", "类型", "编号", "题目", "选项", "反向"]


def test_toml_and_spreadsheet_give_the_same_tree(tmp_path):
    file = tmp_path / "指标.toml"
    file.write_text(TOML, encoding="utf-8")
    from_toml = csi.Hierarchy.from_toml(file)
    frame = pd.DataFrame(ROWS, columns=HEADER)
    frame.to_excel(tmp_path / "指标.xlsx", index=False)
    frame.to_csv(tmp_path / "指标.csv", index=False, encoding="gb18030")
    label = from_toml.branches["quality"].label
    for table in (frame, tmp_path / "指标.xlsx", tmp_path / "指标.csv"):
        read = csi.Hierarchy.from_table(table, "m", scale=(1, 5))
        assert read.model() == from_toml.model().replace(
            constructs={**from_toml.model().constructs, "quality": unlabelled(from_toml.model(), "quality")}
        )
        assert read.node("network").tag == "outcome"
        assert read.questions == from_toml.questions
    assert label == {"zh": "质量"}


def unlabelled(model, name):
    return csi.Construct(model.constructs[name].items)


def test_toml_errors_name_the_word(tmp_path):
    file = tmp_path / "m.toml"
    file.write_text(
        TOML.replace('tag = "outcome"', 'tagg = "outcome"').replace('"good" }', '"god" }'), encoding="utf-8"
    )
    with pytest.raises(ModelError) as error:
        csi.Hierarchy.from_toml(file)
    assert "[branches.quality.aspects.network] says 'tagg'; did you mean 'tag'?" in str(error.value)
    assert "there are no [answers.god]; did you mean 'good'?" in str(error.value)
    file.write_text("name = ", encoding="utf-8")
    with pytest.raises(ModelError, match="no TOML"):
        csi.Hierarchy.from_toml(file)
    with pytest.raises(ModelError, match=r"did you mean 'm\.toml'"):
        csi.Hierarchy.from_toml(tmp_path / "n.toml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"题目": "quesion"}, "'quesion' means nothing here; did you mean 'question'"),
        ({"编号": "题目2"}, r"column 'name' \(题项\) is missing"),
    ],
)
def test_table_errors_name_the_column(change, said):
    with pytest.raises(ModelError, match=said):
        csi.Hierarchy.from_table(pd.DataFrame(ROWS, columns=HEADER).rename(columns=change), "m", scale=(1, 5))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("选项", "poor", "row 3: answers are written"),
        ("反向", "maybe", "row 3: reversed is yes or no"),
        ("编号", "", "row 3: the question has no name"),
        ("类型", "both", "row 3: tag is"),
    ],
)
def test_table_errors_name_the_row(column, value, said):
    frame = pd.DataFrame(ROWS, columns=HEADER)
    frame.loc[1, column] = value
    with pytest.raises(ModelError, match=said):
        csi.Hierarchy.from_table(frame, "m", scale=(1, 5))


# -- weights ------------------------------------------------------------------------------------------------


def test_weights_of_every_kind(thesis, answers):
    branches = list(thesis.branches)
    matrix = np.ones((6, 6))
    judged = thesis.weigh("ahp", {"satisfaction": [matrix, matrix], "quality": [[1, 3], [1 / 3, 1]]})
    assert dict(judged["satisfaction"]) == pytest.approx(dict.fromkeys(branches, 1 / 6))
    assert dict(judged["quality"]) == pytest.approx({"network": 0.75, "agents": 0.25})
    assert judged.consistency().loc["satisfaction", "experts"] == 2
    assert judged.check().empty
    points = thesis.weigh("points", pd.DataFrame({"network": [60, 2], "agents": [40, 2]}))
    assert dict(points["quality"]) == pytest.approx({"network": 0.55, "agents": 0.45})
    given = thesis.weigh("given", {"network": 3, "agents": 1})
    assert given.table().loc[("quality", "network"), "weight"] == 0.75
    entropy = thesis.weigh("entropy", answers)
    assert set(entropy) == {node.name for node in thesis.nodes if node.parts}
    assert all(sum(parts.values()) == pytest.approx(1) for parts in entropy.values())


def test_inconsistent_judgements_are_a_doubt(thesis):
    three = [[1, 3, 1 / 3], [1 / 3, 1, 3], [3, 1 / 3, 1]]
    found = thesis.weigh("ahp", {"satisfaction": pd.DataFrame(three, ["s1", "s2", "s3"], ["s1", "s2", "s3"])})
    assert found.check().loc[0, "code"] == "ahp-consistency"
    assert found.check().loc[0, "limit"] == 0.1


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"netwrk": 1}, "did you mean 'network'"),
        ({"network": 1}, "'agents' of 'quality' has no weight"),
        ({"network": -1, "agents": 2}, "weights are 0 or more"),
        ({"network": 0, "agents": 0}, "add up to more than 0"),
        ({"network": 1, "agents": 1}, "no weights are given for the parts of 'satisfaction'"),
        ("equl", "did you mean 'equal'"),
    ],
)
def test_bad_weights_are_refused(thesis, answers, weights, said):
    with pytest.raises(SettingsError, match=said):
        thesis.scores(answers, weights)


@pytest.mark.parametrize("convention", ["unstandardized", "standardized"])
@pytest.mark.parametrize("blanks", [False, True])
def test_weights_of_a_fit_give_its_index(thesis, answers, convention, blanks):
    if blanks:
        answers.loc[[1, 7, 30], "n1"] = np.nan
        answers.loc[[2, 9], "s2"] = 98
    fit = csi.Study(thesis.model()).fit(answers)
    weights = thesis.weigh("fit", fit.weights(), data=answers, convention=convention)
    scores = thesis.scores(answers, [weights, "equal"]).droplevel("level")
    index = fit.index(weights=convention)
    assert np.allclose(scores["estimate"].reindex(index.index), index["estimate"], rtol=1e-9)


def test_a_fit_is_weights_enough(thesis, answers):
    fit = csi.Study(thesis.model()).fit(answers)
    scores = thesis.scores(answers, [fit, "equal"]).droplevel("level")
    index = fit.index(weights=fit)
    assert np.allclose(scores["estimate"].reindex(index.index), index["estimate"], rtol=1e-9)
    assert np.allclose(scores["std_error"].reindex(index.index), index["std_error"], rtol=1e-3)
    with pytest.raises(DataError, match="several groups"):
        thesis.scores(answers, csi.Study(thesis.model()).fit(answers, by="wave"))


# -- scores -------------------------------------------------------------------------------------------------


def test_scores_roll_up_by_hand(thesis, answers):
    table = thesis.scores(answers)
    points = (answers[["n1", "n2", "a1", "a2"]] - 1) / 9 * 100
    assert table.loc[(3, "network"), "estimate"] == pytest.approx(points[["n1", "n2"]].mean().mean())
    person = points.mean(axis=1)
    row = table.loc[(2, "quality")]
    assert row["estimate"] == pytest.approx(person.mean())
    assert row["std_error"] == pytest.approx(person.std() / np.sqrt(240))
    assert row["n"] == row["complete"] == 240
    assert list(table.columns) == ["estimate", "std_error", "conf_low", "conf_high", "n", "complete"]
    assert "pairwise" in table.attrs["missing"]


def test_questions_for_some_stand_apart(thesis, answers):
    table = thesis.scores(answers)
    asked = int((answers["c1"] == 1).sum())
    assert table.loc[(3, "handling"), "n"] == asked
    assert table.loc[(2, "complaints"), "estimate"] == pytest.approx(100 * asked / 240)


def test_branches_may_make_up_the_index(thesis, answers):
    weights = dict(zip(thesis.branches, [1, 1, 4, 2, 0, 2], strict=True))
    table = thesis.scores(answers, [weights, "equal"])
    below = table.xs(2, level="level")["estimate"]
    expected = sum(below[name] * weight for name, weight in weights.items()) / 10
    assert table.loc[(1, "satisfaction"), "estimate"] == pytest.approx(expected)


@pytest.mark.parametrize("missing", ["pairwise", "listwise"])
def test_scores_take_a_design_and_groups(thesis, answers, missing):
    answers.loc[[3, 50, 200], "n1"] = np.nan
    design = csi.Design(weight="w", cluster="town")
    both = thesis.scores(answers, by="wave", design=design, missing=missing)
    assert both.index.names == ["wave", "level", "node"]
    one = answers[answers["wave"] == "2024"]
    alone = thesis.scores(one, design=design, missing=missing)
    assert np.allclose(both.loc["2024"]["estimate"], alone["estimate"], rtol=1e-12)
    assert (both["conf_low"] <= both["estimate"]).all()
    # The wave is a domain of the whole sample.
    points = (one["n2"] - 1) / 9 * 100
    weighted = np.average(points, weights=one["w"])
    assert both.loc[("2024", 4, "n2"), "estimate"] == pytest.approx(weighted)


def test_listwise_counts_those_who_answered_all(thesis, answers):
    answers.loc[[3, 50, 200], "n1"] = 98
    table = thesis.scores(answers, missing="listwise")
    assert table.loc[(2, "quality"), "n"] == 237
    assert table.loc[(3, "agents"), "n"] == 240
    kept = answers[answers["n1"] != 98][["n1", "n2", "a1", "a2"]]
    assert table.loc[(2, "quality"), "estimate"] == pytest.approx(((kept - 1) / 9 * 100).mean().mean())


def test_weights_times_a_constant_and_row_order_change_nothing(thesis, answers):
    design = csi.Design(weight="w")
    first = thesis.scores(answers, design=design)
    second = thesis.scores(answers.assign(w=7 * answers["w"]).sample(frac=1, random_state=1), design=design)
    pd.testing.assert_frame_equal(first, second)


def test_counts_are_repeated_rows(thesis, answers):
    answers["count"] = np.arange(len(answers)) % 3
    repeated = answers.loc[answers.index.repeat(answers["count"])]
    pd.testing.assert_frame_equal(
        thesis.scores(answers, design=csi.Design(count="count")), thesis.scores(repeated), rtol=1e-10
    )


def test_answers_outside_their_scale_are_refused(thesis, answers):
    answers.loc[3, "n1"] = 11
    with pytest.raises(DataError, match="question 'n1' holds 11, outside 1 to 10"):
        thesis.scores(answers)
    with pytest.raises(DataError, match="'h1' is not a column"):
        thesis.scores(answers.drop(columns="h1"))


def test_a_question_without_answers_spoils_its_nodes_only(thesis, answers):
    answers["n1"] = np.nan
    table = thesis.scores(answers).droplevel("level")["estimate"]
    assert table[["n1", "network", "quality"]].isna().all()
    assert table[["n2", "agents", "image", "satisfaction"]].notna().all()


def test_reversed_questions_are_turned():
    tree = csi.Hierarchy("m", {"a": ["q1", Question("q2", reversed=True)]}, scale=(1, 5))
    table = tree.scores({"q1": [1, 5], "q2": [5, 1]})
    assert table.loc[(4, "q2"), "estimate"] == table.loc[(4, "q1"), "estimate"] == 50
    assert tree.scores({"q1": [1, 2], "q2": [5, 4]}).loc[(2, "a"), "estimate"] == 12.5


# -- fuzzy evaluation ---------------------------------------------------------------------------------------


@pytest.fixture
def graded() -> tuple[csi.Hierarchy, pd.DataFrame]:
    """Table 3.2 of the thesis as answers of 100 customers: four questions with four grades."""
    shares = {"product": (32, 36, 21, 11), "image": (28, 32, 23, 17), "attitude": (25, 30, 24, 21)}
    shares["efficiency"] = (27, 33, 25, 15)
    tree = csi.Hierarchy("表3.2", {"service": list(shares)}, scale=(1, 4))
    data = pd.DataFrame({name: np.repeat([4, 3, 2, 1], counts) for name, counts in shares.items()})
    return tree, data.assign(w=1.0, half=np.arange(100) % 2)


def test_fuzzy_scores_of_the_thesis(graded):
    tree, data = graded
    table = tree.fuzzy(data, values=(100, 80, 60, 40), grades=["十分满意", "满意", "一般", "有待改善"])
    row = table.loc[(1, "satisfaction")]
    assert row["estimate"] == pytest.approx(74.55)
    assert row[["十分满意", "满意", "一般", "有待改善"]].tolist() == pytest.approx([0.28, 0.3275, 0.2325, 0.16])
    assert row["n"] == 100
    person = data[["product", "image", "attitude", "efficiency"]]
    score = person.replace({4: 100, 3: 80, 2: 60, 1: 40}).mean(axis=1)
    assert row["std_error"] == pytest.approx(score.std() / 10, rel=1e-6)


def test_weighted_average_with_the_codes_points_is_the_score(graded):
    tree, data = graded
    fuzzy, plain = tree.fuzzy(data), tree.scores(data)
    columns = ["estimate", "std_error", "conf_low", "conf_high"]
    assert np.allclose(fuzzy[columns], plain[columns], rtol=1e-6)


@pytest.mark.parametrize("operator", ["max-min", "max-product", "bounded-sum"])
def test_other_operators_at_every_node_with_groups_and_design(graded, operator):
    tree, data = graded
    design = csi.Design(weight="w")
    table = tree.fuzzy(data, by="half", design=design, values=(100, 80, 60, 40), operator=operator)
    alone = tree.fuzzy(data[data["half"] == 1], values=(100, 80, 60, 40), operator=operator)
    assert np.allclose(table.loc[1]["estimate"], alone["estimate"])
    assert (table["std_error"] > 0).all()
    assert table.attrs["operator"] == operator


def test_a_group_where_nobody_was_asked_spoils_only_what_lies_above(graded):
    tree, data = graded
    data.loc[data["half"] == 1, "image"] = np.nan
    table = tree.fuzzy(data, by="half", operator="max-min")
    assert table.loc[1].droplevel("level")["estimate"][["image", "service", "satisfaction"]].isna().all()
    assert table.loc[1].droplevel("level")["estimate"][["product", "attitude"]].notna().all()
    assert table.loc[0].notna().all(axis=None)


def test_cuts_divide_the_points(graded):
    tree, data = graded
    cut = tree.fuzzy(data, cuts=(90, 60, 30), values=(100, 80, 60, 40))
    assert cut.loc[(1, "satisfaction"), "estimate"] == pytest.approx(74.55)
    for changes in ({"cuts": (30, 60), "values": (1, 2, 3)}, {"cuts": (90, 60, 30)}, {"values": (1, 2)}):
        with pytest.raises(SettingsError):
            tree.fuzzy(data, **changes)
    wide = csi.Hierarchy("m", {"a": ["q1"]}, scale=(1, 10))
    with pytest.raises(SettingsError, match="cuts="):
        wide.fuzzy({"q1": [1, 2, 3]})


def test_weights_are_a_mapping(thesis):
    weights = thesis.weigh("equal")
    assert isinstance(weights, NodeWeights)
    assert len(weights) == len([node for node in thesis.nodes if node.parts])
    assert repr(weights).startswith("NodeWeights(equal: satisfaction")


def test_the_page_on_questionnaires_says_what_happens(repository):
    page = repository / "docs" / "questionnaires.md"
    done = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert done.attempted > 12
    assert done.failed == 0
