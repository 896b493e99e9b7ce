"""The text form: what is written is read back, what lavaan writes is read, what is wrong is named with its line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csi.errors import ModelError
from csi.spec import Construct, Covariance, Item, Model, Path, Scale

# The same examples in every run, and no folder of failures left behind.
SAME = settings(derandomize=True, database=None, deadline=None)


def same(first: Model, second: Model) -> bool:
    """Equal, and in the same order (mappings are equal in any order)."""
    return (
        first == second
        and list(first.constructs) == list(second.constructs)
        and first.items == second.items
        and repr(first) == repr(second)
    )


# -- round trip -----------------------------------------------------------------------------------------

COMPLETE = Model(
    "All there is: in 一个 model # 1",
    {
        "image": Construct(
            [Item("i 1", loading=1), Item("i;2", loading="a"), "label"], label={"en": "Image", "zh": "形象"}
        ),
        "quality": Construct(["q1", Item("q2", scale=(0, 1), reversed=True, unknown=(98, 99.5))], kind="composite"),
        "none": [Item("1st", label={"en": "The first?  Two blanks", "zh-Hans": "第一"}), Item("！＋～")],
        "CUSCO": Construct(["CUSCO"], label={"zh": "抱怨"}),
        "顾客满意度": ["s:1", "s'2"],
    },
    [
        Path("image", "quality", sign="+", status="published", source="Fornell  et al. (1996); p. 9"),
        Path("image", "none", coefficient="a"),
        Path("quality", "none", coefficient=0.5),
        Path("image:quality", "none", sign="+/-"),
        Path("quality:quality", "CUSCO", source="status quo"),
        ("none", "顾客满意度"),
        ("image", "顾客满意度"),
        ("image", "CUSCO"),
    ],
    index="none",
    scale=(1, 10),
    higher={"second order": ["image", "quality"], "third": Construct(of=["second order"], kind="reflective")},
    covariances=[("i 1", "i;2"), Covariance("1st", "1st", 0), Covariance("none", "CUSCO", "c1")],
    extra="ind:=a*b;a  ==  b # equal\n total := ind + a",
)


def test_everything_a_model_can_say_is_read_back():
    assert same(Model.parse(str(COMPLETE)), COMPLETE)


def test_text_is_stable():
    assert str(Model.parse(str(COMPLETE))) == str(COMPLETE)


def test_lavaan_text_has_no_comment_lines():
    text = COMPLETE.to("lavaan")
    assert "#" not in text.replace("`", "")
    assert Model.parse(text).paths != COMPLETE.paths
    assert [(p.cause, p.effect, p.coefficient) for p in Model.parse(text).paths] == [
        (p.cause, p.effect, p.coefficient) for p in COMPLETE.paths
    ]


def test_lavaan_text_of_a_plain_model():
    model = Model(
        "m", {"q": ["q1", "q2"], "v": Construct(["v1"], kind="composite"), "s": ["s1"]}, {"q": ["s"], "v": "s"}
    )
    assert model.to("lavaan") == "q =~ q1 + q2\nv <~ v1\ns =~ s1\ns ~ q + v"


@pytest.mark.parametrize("index", ["", None, "satisfaction", "none"])
def test_the_index_is_read_back(index):
    model = Model("m", {"satisfaction": ["s1"], "none": ["n1"]}, [("none", "satisfaction")], index=index)
    assert Model.parse(str(model)) == model
    assert model.index == {"": None, None: "satisfaction"}.get(index, index)


# Anything but backticks, line breaks and blanks at the ends is a name.
CHARACTERS = st.characters(blacklist_categories=["Cs"], blacklist_characters="`")
ANY_NAME = st.text(CHARACTERS, min_size=1, max_size=6).filter(lambda t: t == t.strip() and len(t.splitlines()) == 1)
# Words of the text form itself, signs, and letters that look alike or change their length in lower case.
# fmt: off
TRICKY = st.sampled_from([
    "none", "scale", "label", "question", "model", "path", "reversed", "unknown", "sign", "source", "NA", "index",
    "a;b", "a+b", "#x", "!", "a=~b", "->", "~", "1", "0.5*x", "a.b", "_", "x_1.", "status x", "a  b",
    "感知质量", "＋", "：", "\u00e9", "e\u0301", "\u0130", "\ufb01",
])
# fmt: on
NAME = ANY_NAME | TRICKY
NUMBER = st.integers(-1000, 1000) | st.floats(-1e6, 1e6, allow_nan=False)
COEFFICIENT = st.none() | st.sampled_from(["a", "b_1", "系数"]) | NUMBER
LABELS = st.dictionaries(st.sampled_from(["en", "zh", "zh-Hant", "fr"]), NAME, max_size=2)


@st.composite
def scales(draw):
    low = draw(NUMBER)
    return draw(st.none() | st.just(Scale(low, low + draw(st.sampled_from([0.5, 1, 9, 99])))))


@st.composite
def models(draw):
    """A model with random names and everything else random."""
    names = draw(st.lists(NAME.filter(lambda n: ":" not in n), min_size=4, max_size=12, unique=True))
    n_constructs = draw(st.integers(2, max(2, len(names) // 2)))
    heads, columns = names[:n_constructs], names[n_constructs:]
    blocks: dict[str, list[Item]] = {head: [] for head in heads}
    for number, column in enumerate(columns):
        unknown = tuple(draw(st.lists(NUMBER, max_size=2)))
        item = Item(column, draw(scales()), draw(st.booleans()), unknown, draw(LABELS), draw(COEFFICIENT))
        blocks[heads[number % n_constructs]].append(item)
    constructs = {
        head: Construct(items or [head], draw(st.sampled_from(["reflective", "composite"])), draw(LABELS))
        for head, items in blocks.items()
    }
    pairs = [(a, b) for i, a in enumerate(heads) for b in heads[i + 1 :]]
    paths = [
        Path(
            a, b, draw(st.sampled_from([None, "+", "-", "+/-"])), draw(st.sampled_from([None, "published", "assumed"]))
        )
        for a, b in draw(st.lists(st.sampled_from(pairs), unique=True))
    ]
    return Model(draw(NAME), constructs, paths, index=draw(st.sampled_from(["", *heads])), scale=draw(scales()))


@settings(SAME, max_examples=300)
@given(models())
def test_any_model_is_read_back(model):
    assert same(Model.parse(str(model)), model)


@settings(SAME, max_examples=100)
@given(st.text(max_size=60))
def test_any_text_is_a_model_or_a_model_error(text):
    try:
        Model.parse(text)
    except ModelError:
        return


@settings(SAME, max_examples=200)
@given(
    st.lists(
        st.sampled_from(["a", "b", " ", "=~", "~", "+", "`", "#:", "\n", ";", "1", "*", ":", "index", "->", "scale"])
    )
)
def test_any_shuffle_of_the_signs_is_a_model_or_a_model_error(parts):
    try:
        Model.parse("a =~ b\n" + "".join(parts))
    except ModelError:
        return


# -- reading what others write ----------------------------------------------------------------------------

LAVAAN = """
# measurement model
  quality =~ 1*q1 + l2*q2 +
             q3          # goes on
  satisfaction =~ s1; satisfaction =~ s2
# regressions
  satisfaction ~ p*quality
  q1 ~~ q2
  quality ~~ 1*quality
  double := 2*p
"""


def test_lavaan_text_is_read():
    model = Model.parse(LAVAAN, name="read", scale=(1, 7))
    assert model.name == "read" and model.scale == Scale(1, 7) and model.index == "satisfaction"
    assert model.constructs["quality"] == Construct([Item("q1", loading=1), Item("q2", loading="l2"), "q3"])
    assert [item.name for item in model.constructs["satisfaction"].items] == ["s1", "s2"]
    assert model.paths == (Path("quality", "satisfaction", coefficient="p"),)
    assert model.covariances == (Covariance("q1", "q2"), Covariance("quality", "quality", 1))
    assert model.extra == "double := 2*p"


def test_full_width_signs_are_read():
    model = Model.parse(
        "感知质量 ＝～ 质量1 ＋ 质量2； 满意 =~ 满意1\n满意 ～ 感知质量\n#：scale 1..5\n＃: 质量2 reversed"
    )
    assert [item.name for item in model.items] == ["质量1", "质量2", "满意1"]
    assert model.paths == (Path("感知质量", "满意"),)
    assert model.scale == Scale(1, 5) and model.items[1].reversed


def test_full_width_signs_in_backticks_stay():
    model = Model.parse("`Q1、价格（元）` =~ `服务：态度＋速度`")
    assert list(model.constructs) == ["Q1、价格（元）"]
    assert model.items[0].name == "服务：态度＋速度"


def test_interactions_and_squares():
    model = Model.parse("a =~ a1\nb =~ b1\ns =~ s1\ns ~ a + b + a:b + a : a")
    assert model.products == ("a:b", "a:a")


def test_higher_order_is_a_construct_on_the_right():
    model = Model.parse("q =~ p1 + p2\nv =~ v1\nequity <~ q + v\nsat =~ equity")
    assert model.higher == {"equity": ("q", "v"), "sat": ("equity",)}
    assert [construct.kind for construct in model.constructs.values()] == [
        "reflective",
        "reflective",
        "composite",
        "reflective",
    ]


def test_a_file_saved_with_a_byte_order_mark_is_read():
    assert Model.parse("\ufeff#: model mine\na =~ b").name == "mine"


def test_windows_line_ends_are_read():
    assert Model.parse("a =~ b\r\n#: scale 1..5\r\n").scale == Scale(1, 5)


# -- errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "measures no construct"),
        ("s ~ q", "measures no construct"),
        ("quality q1 + q2", "no operator"),
        ("quality =~ q1 q2", "'q1 q2' is not a name; put names with blanks"),
        ("2nd =~ q1", "`2nd`"),
        ("a =~ b +", "the text ends where a name is expected"),
        ("+ b", "cannot begin with '+'"),
        ("a =~ b\nb ~ 1", "intercepts"),
        ("a =~ NA*b", "modifier 'NA'"),
        ("a =~ b\na <~ c", "choose one"),
        ("a =~ a1\nh =~ a + x1", "by items ('x1') and by constructs ('a')"),
        ("a =~ b\n#: scale 1-5", "low..high, such as 1..10; not '1-5'"),
        ("a =~ b\n#:", "an empty '#:' line"),
        ("a =~ b\n#: b revered", "did you mean 'reversed'?"),
        ("a =~ bb1\n#: bb2 reversed", "did you mean 'bb1'?"),
        ("a =~ b\n#: c", "not understood"),
        ("a =~ b\n#: label aa en Quality", "'aa' is neither a construct nor an item"),
        ("a =~ a1\nb =~ b1\nb ~ a\n#: path b -> a sign +", "no path b -> a"),
        ("a =~ a1\nb =~ b1\nb ~ a\n#: path a => b", "#: path cause -> effect"),
        ("a =~ a1\nb =~ b1\nb ~ a\n#: path a -> b sign ++", "sign must be one of '+', '-', '+/-'; not '++'"),
        ("a =~ a1\nb =~ b1\nb ~ a\n#: index c", "the index 'c' is not a construct"),
        ("a =~ a1\nb =~ b1\nb ~ a + a", "said twice"),
    ],
)
def test_errors_say_what_would_be_right(text, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Model.parse(text)


def test_errors_name_the_line():
    with pytest.raises(ModelError, match=r"line 3, 'quality q1'"):
        Model.parse("a =~ b\n\nquality q1")


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="form must be one of 'text', 'lavaan'"):
        COMPLETE.to("mplus")
