"""The words of a model: what they refuse, and that they stay as they are however they are derived or carried."""

from __future__ import annotations

import copy
import os
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

from csi.errors import CsiError, ModelError
from csi.spec import Construct, Covariance, Hypothesis, Item, Model, Path, Scale, items
from csi.spec.frozen import FrozenDict


@pytest.fixture
def model() -> Model:
    """Four constructs, one of them a single item of the same name, one of higher order."""
    return Model(
        "Mine",
        {
            "quality": Construct(items("Q", 3), label={"en": "Perceived quality", "zh": "感知质量"}),
            "value": Construct(["V1", "V2"], kind="composite", label={"en": "Value", "zh": "感知价值"}),
            "satisfaction": Construct(["S1", Item("S2", label={"zh": "满意吗？"})], label={"zh": "顾客满意度"}),
            "CUSCO": Construct(["CUSCO"], label={"zh": "抱怨"}),
        },
        [
            Path("quality", "value", sign="+"),
            Path("quality", "satisfaction", sign="+", status="published"),
            Path("quality:value", "satisfaction"),
            Path("satisfaction", "CUSCO", sign="-"),
        ],
        scale=(1, 10),
        higher={"equity": ["quality", "value"]},
        covariances=[("Q1", "Q2"), ("equity", "CUSCO")],
    )


# -- what a model refuses -----------------------------------------------------------------------------------

AB = {"quality": ["q1", "q2"], "value": ["v1"], "satisfaction": ["s1"]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"constructs": {}}, "a model needs constructs"),
        ({"constructs": ["q1"]}, "a model needs constructs"),
        ({"constructs": AB, "name": " "}, "the name of a model must be a text that is not empty"),
        ({"constructs": {**AB, "a`b": ["x"]}}, "must not begin or end with a blank, nor contain a backtick"),
        ({"constructs": {**AB, "a\u2028b": ["x"]}}, "nor contain a backtick or a line break"),
        ({"constructs": {**AB, 7: ["x"]}}, "the name of a construct must be a text"),
        ({"constructs": {**AB, "x": []}}, "a construct is measured by items or"),
        ({"constructs": {**AB, "x": 5}}, "the items of a construct are names or Items"),
        ({"constructs": {**AB, "x": [5]}}, "the name of an item must be a text"),
        ({"constructs": AB, "paths": {"qualty": "value"}}, "'qualty' is not a construct; did you mean 'quality'?"),
        ({"constructs": AB, "paths": [("quality", "vaule")]}, "'vaule' is not a construct; did you mean 'value'?"),
        ({"constructs": {"顾客满意": ["s"]}, "paths": [("顾客满", "顾客满意")]}, "did you mean '顾客满意'?"),
        ({"constructs": AB, "paths": ["quality"]}, "a path is a pair (cause, effect)"),
        ({"constructs": AB, "paths": [("value", "value")]}, "leads a construct to itself"),
        ({"constructs": AB, "paths": [("value:quality", "value")]}, "leads a construct to itself"),
        ({"constructs": AB, "paths": [("quality", "value")] * 2}, "is said twice"),
        ({"constructs": AB, "paths": {"quality": "value", "value": "quality"}}, "circle: quality -> value -> quality"),
        ({"constructs": AB, "index": "satisfaktion"}, "is not a construct; did you mean 'satisfaction'?"),
        ({"constructs": {**AB, "x": ["q1"]}}, "item 'q1' stands 2 times, in 'quality' and 'x'"),
        ({"constructs": {**AB, "x": ["x1", "x1"]}}, "item 'x1' stands 2 times, in 'x'"),
        ({"constructs": {**AB, "x": ["value"]}}, "'value' is the name of a construct and of an item"),
        ({"constructs": {**AB, "x": ["x", "y"]}}, "only a construct and its single item may share a name"),
        ({"constructs": AB, "scale": (10, 1)}, "a scale runs from a low to a higher code"),
        ({"constructs": AB, "scale": (1, 1)}, "a scale runs from a low to a higher code"),
        ({"constructs": AB, "scale": (1, float("inf"))}, "a scale runs from a low to a higher code"),
        ({"constructs": AB, "scale": "1-10"}, "a scale is a pair of codes"),
        ({"constructs": AB, "scale": (1, 5, 10)}, "a scale is a pair of codes"),
        (
            {"constructs": AB, "higher": {"x": ["qualty"]}},
            "is made of 'qualty', which is not a construct; did you mean",
        ),
        ({"constructs": AB, "higher": {"x": ["x"]}}, "'x' is made of itself"),
        (
            {"constructs": AB, "higher": {"x": ["value"]}, "paths": [("x", "quality"), ("quality", "value")]},
            "the paths run in a circle",
        ),
        ({"constructs": AB, "covariances": [("q1", "qualty")]}, "'qualty' is unknown; did you mean"),
        ({"constructs": AB, "extra": "a > 0"}, "extra takes lines such as 'ind := a*b'"),
    ],
)
def test_contradictions_are_named(arguments, words):
    with pytest.raises(CsiError, match=re.escape(words)):
        Model(**{"name": "m", **arguments})


def test_all_contradictions_are_named_at_once():
    with pytest.raises(ModelError) as caught:
        Model("m", {"a": ["x"], "b": ["x"]}, [("a", "c"), ("a", "a")], index="d")
    assert "4 problems" in str(caught.value)
    assert all(part in str(caught.value) for part in ("item 'x'", "a -> c", "a -> a", "index 'd'"))


def test_reflective_higher_order_points_to_its_parts():
    higher = {"x": Construct(of=["value"], kind="reflective")}
    Model("m", AB, [("quality", "x"), ("value", "satisfaction")], higher=higher)
    with pytest.raises(ModelError, match="circle"):
        Model("m", AB, [("value", "x")], higher=higher)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Item(""), "must be a text that is not empty"),
        (lambda: Item("a", unknown=("x",)), "unknown codes of item 'a' must be numbers"),
        (lambda: Item("a", unknown=(float("nan"),)), "unknown codes of item 'a' must be numbers"),
        (lambda: Item("a", label={"zh": ""}), "a label maps a language code to one line of text"),
        (lambda: Item("a", label={"zh": "一\n二"}), "a label maps a language code to one line of text"),
        (lambda: Item("a", label={"中文": "一"}), "a label maps a language code to one line of text"),
        (lambda: Item("a", label={"zh": 1}), "a label maps a language code to one line of text"),
        (lambda: Item("a", loading="two words"), "a coefficient is a plain name"),
        (lambda: Item("a", loading=float("nan")), "a coefficient is a plain name"),
        (lambda: Path("a", "b", coefficient="NA"), "a coefficient is a plain name"),
        (lambda: Path("a", "b", coefficient=True), "a coefficient is a plain name"),
        (lambda: Path("a", "b", sign="plus"), "sign must be one of '+', '-', '+/-'"),
        (lambda: Path("a", "b", status="publshed"), "did you mean 'published'?"),
        (lambda: Covariance("a", " "), "must be a text that is not empty"),
        (lambda: Construct(["a"], kind="formative"), "kind must be one of 'reflective', 'composite'"),
        (lambda: Construct(["a"], of=["b"]), "give one"),
        (lambda: items("Q", 0), "needs a positive whole number of items"),
        (lambda: items("Q", True), "needs a positive whole number of items"),
        (lambda: items("Q", 2.0), "needs a positive whole number of items"),
    ],
)
def test_words_refuse_what_they_cannot_mean(make, words):
    with pytest.raises(CsiError, match=re.escape(words)):
        make()


# -- what they are ------------------------------------------------------------------------------------------


def test_numbers_of_numpy_become_plain():
    item = Item("a", scale=(np.int64(1), np.float64(5)), unknown=(np.int64(99),))
    assert item == Item("a", scale=(1, 5), unknown=(99,))
    assert repr(item) == "Item('a', scale=Scale(1, 5), unknown=(99,))"


def test_one_code_need_not_be_a_tuple():
    assert Item("a", unknown=99).unknown == (99,)


def test_items_counts_on():
    assert [item.name for item in items("Q", 3, start=9, scale=(0, 1))] == ["Q9", "Q10", "Q11"]
    assert items("Q", 1, scale=(0, 1))[0].scale == Scale(0, 1)


def test_scale_of_item_comes_before_that_of_the_model():
    mixed = Model("m", {"a": ["x", Item("y", scale=(0, 1))]}, scale=(1, 10))
    assert [mixed.scale_of(item) for item in mixed.items] == [Scale(1, 10), Scale(0, 1)]
    assert Model("m", {"a": ["x"]}).scale_of(Item("x")) is None


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        (Scale(1.0, 10), "Scale(1, 10)"),
        (Scale(-0.5, 1), "Scale(-0.5, 1)"),
        (Item("q", reversed=True), "Item('q', reversed=True)"),
        (Item("q", loading=0), "Item('q', loading=0)"),
        (Construct([Item("q", scale=(0, 1))]), "Construct([Item('q', scale=Scale(0, 1))])"),
        (Construct(of=["a", "b"]), "Construct(of=('a', 'b'))"),
        (Path("a", "b", "+", "assumed", "X (2000)"), "Path('a', 'b', sign='+', status='assumed', source='X (2000)')"),
        (Covariance("a", "b", 0.5), "Covariance('a', 'b', coefficient=0.5)"),
    ],
)
def test_a_repr_is_the_call_that_makes_it(word, shown):
    assert repr(word) == shown
    assert eval(shown) == word


def test_the_usual_index():
    assert Model("m", {"Satisfaction": ["s"]}).index == "Satisfaction"
    assert Model("m", {"顾客满意度": ["s"]}).index == "顾客满意度"
    assert Model("m", {"loyalty": ["s"]}).index is None
    assert Model("m", {"satisfaction": ["s"]}, index="").index is None


def test_hypotheses_make_a_table(model):
    import pandas as pd

    table = pd.DataFrame(model.hypotheses())
    assert list(table.columns) == ["hypothesis", "cause", "effect", "sign", "status"]
    assert list(table.hypothesis) == ["H1", "H2", "H3", "H4"]
    assert str(model.hypotheses()[3]) == "H4: satisfaction -> CUSCO (-)"
    assert str(Hypothesis("H1", "a", "b")) == "H1: a -> b"


def test_two_ways_of_saying_paths():
    assert Model("m", AB, {"quality": ["value", "satisfaction"], "value": "satisfaction"}) == Model(
        "m", AB, [("quality", "value"), ["quality", "satisfaction"], Path("value", "satisfaction")]
    )


# -- deriving -----------------------------------------------------------------------------------------------


def test_without_a_construct(model):
    smaller = model.without("value", "equity")
    assert list(smaller.constructs) == ["quality", "satisfaction", "CUSCO"]
    assert [(p.cause, p.effect) for p in smaller.paths] == [("quality", "satisfaction"), ("satisfaction", "CUSCO")]
    assert smaller.covariances == (Covariance("Q1", "Q2"),)
    assert smaller.index == "satisfaction"


def test_without_items(model):
    assert [item.name for item in model.without("Q1", "V2").items] == ["Q2", "Q3", "V1", "S1", "S2", "CUSCO"]
    assert model.without("Q1").covariances == (Covariance("equity", "CUSCO"),)


def test_without_a_part_of_a_higher_order(model):
    assert model.without("value").higher == {"equity": ("quality",)}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["qualty"], "did you mean 'quality'?"),
        (["Q1", "Q2", "Q3"], "leave out 'quality' itself instead"),
        (["satisfaction"], "'satisfaction' is the index of 'Mine'; choose another first"),
    ],
)
def test_without_refuses(model, names, words):
    with pytest.raises(ModelError, match=re.escape(words)):
        model.without(*names)


def test_the_remedy_for_a_lost_index_works(model):
    assert model.replace(index="").without("satisfaction").index is None


def test_a_model_without_index_stays_without(model):
    assert model.replace(index="").replace(name="other").index is None
    assert model.replace(index="").rename({"value": "worth"}).index is None


def test_replace(model):
    assert model.replace(scale=(1, 5)).scale == Scale(1, 5)
    assert model.replace(paths=[]).paths == ()
    assert model.replace(higher={"new": ["quality"]}).higher["new"] == ("quality",)
    with pytest.raises(ModelError, match="a model has no 'scael'; did you mean 'scale'"):
        model.replace(scael=(1, 5))


def test_rename(model):
    renamed = model.rename({"quality": "质量", "Q1": "第一 题", "satisfaction": "满意"})
    assert list(renamed.constructs) == ["质量", "value", "满意", "CUSCO", "equity"]
    assert renamed.index == "满意"
    assert renamed.paths[2] == Path("质量:value", "满意")
    assert renamed.paths[1] == Path("质量", "满意", sign="+", status="published")
    assert renamed.higher == {"equity": ("质量", "value")}
    assert renamed.covariances[0] == Covariance("第一 题", "Q2")
    assert renamed.labels()["质量"] == "Perceived quality"
    assert renamed.rename({"质量": "quality", "第一 题": "Q1", "满意": "satisfaction"}) == model


def test_rename_can_swap(model):
    swapped = model.rename({"quality": "value", "value": "quality"})
    assert [item.name for item in swapped.constructs["value"].items] == ["Q1", "Q2", "Q3"]
    assert swapped.paths[0] == Path("value", "quality", sign="+")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"quality": "value"}, "two constructs of 'Mine' would be called 'value'"),
        ({"Q1": "Q2"}, "item 'Q2' stands 2 times"),
        ({"Q1": "value"}, "'value' is the name of a construct and of an item"),
        ({"qualty": "x"}, "did you mean 'quality'?"),
        ({"quality": " x"}, "must not begin or end with a blank"),
    ],
)
def test_rename_refuses(model, names, words):
    with pytest.raises(ModelError, match=re.escape(words)):
        model.rename(names)


def test_labels(model):
    labels = model.labels("zh")
    assert labels["quality"] == "感知质量" and labels["S2"] == "满意吗？" and labels["CUSCO"] == "抱怨"
    assert labels["equity"] == "equity" and labels["Q1"] == "Q1"
    assert model.labels("en")["satisfaction"] == "satisfaction"


def test_translate_names_constructs_and_keeps_columns(model):
    chinese = model.translate("zh")
    assert list(chinese.constructs) == ["感知质量", "感知价值", "顾客满意度", "抱怨", "equity"]
    assert chinese.index == "顾客满意度"
    assert [item.name for item in chinese.items] == [item.name for item in model.items]
    assert Model.parse(str(chinese)) == chinese
    assert model.translate("fr") == model


# -- carrying -----------------------------------------------------------------------------------------------


def test_words_are_equal_hashable_and_frozen(model):
    again = Model.parse(str(model))
    assert again == model and hash(again) == hash(model) and len({again, model}) == 1
    for word, name in [(model, "name"), (model.paths[0], "sign"), (model.items[0], "scale"), (Scale(1, 2), "low")]:
        with pytest.raises((AttributeError, TypeError)):
            setattr(word, name, None)
    with pytest.raises(TypeError):
        model.constructs["new"] = Construct(["x"])
    with pytest.raises(AttributeError, match="a FrozenDict does not change"):
        model.constructs.other = 1


@pytest.mark.parametrize("carry", [copy.copy, copy.deepcopy, lambda word: pickle.loads(pickle.dumps(word))])
def test_words_pickle_and_copy(model, carry):
    for word in (model, *model.constructs.values(), *model.paths, *model.covariances, model.scale, *model.hypotheses()):
        carried = carry(word)
        assert carried == word and hash(carried) == hash(word) and repr(carried) == repr(word)


def test_what_is_given_may_change_later():
    blocks = {"a": ["x"], "b": ["y"]}
    arrows = [("a", "b")]
    made = Model("m", blocks, arrows)
    blocks["a"].append("z")
    blocks["c"] = ["w"]
    arrows.clear()
    assert made == Model("m", {"a": ["x"], "b": ["y"]}, [("a", "b")])


def test_a_frozen_mapping_equals_a_dict_and_nothing_else():
    assert FrozenDict({"a": 1}) == {"a": 1} and FrozenDict({"a": 1}) != {"a": 2}
    assert FrozenDict({"a": 1}) != [("a", 1)]


def test_reprs_survive_poor_consoles(model):
    for encoding in ("ascii", "gbk"):
        assert repr(model).encode(encoding, "strict")


SCRIPT = """
import csi.models, sys
from csi.errors import ModelError
from csi.spec import Model
sys.stdout.reconfigure(encoding="utf-8")
for model in csi.models.all():
    print(model, repr(model), model.labels("zh"), model.hypotheses())
for text in ("ab =~ a1 + a2 + a3\\n#: a4 reversed", "ab =~ a1 + a2\\nac =~ b1 + b2\\nad ~ ae"):
    try:
        Model.parse(text)
    except ModelError as error:
        print(error)
try:
    csi.models.get("acs")
except ModelError as error:
    print(error)
"""


def test_nothing_depends_on_the_hash_seed():
    texts = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "12345")
    }
    assert len(texts) == 1
    assert len(texts.pop()) > 10_000
