"""Signs of doubtful wording are found in both languages, and plain questions give none."""

from __future__ import annotations

import pytest

import csi
from csi.questionnaire import Branch, Question, wording


def tree(english: str, chinese: str, **more) -> csi.Hierarchy:
    words = {"scale": (1, 10), "answers": {1: "bad", 10: "good"}, **more}
    question = Question("Q1", {"en": english, "zh": chinese}, **words)
    return csi.Hierarchy(
        "H",
        branches={"quality": Branch(questions=[question])},
        questions=[Question("S1", {"en": "Satisfied?", "zh": "满意吗？"}, **words)],
    )


@pytest.mark.parametrize(
    ("english", "chinese", "code"),
    [
        ("Are agents polite and quick?", "客服人员礼貌、快速吗？", "two_in_one"),
        ("Calls that do not break off", "通话不掉线", "negation"),
        ("Does it always work?", "总是可用吗？", "absolute"),
        ("Do you often call?", "您经常致电吗？", "vague"),
        ("Our excellent network", "我们优质的网络", "leading"),
        ("very " * 26, "很" * 41, "long"),
    ],
)
def test_a_sign_is_found_in_both_languages(english, chinese, code):
    for language in ("en", "zh"):
        found = wording(tree(english, chinese), language)
        assert found["question"].tolist() == ["Q1"] and found["code"].tolist() == [code]
        assert found["message"].iloc[0].isascii() == (language == "en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_plain_questions_give_none(language):
    plain = tree("All in all, how satisfied are you?", "与您的预期相比，服务及时吗？计费准确无误吗？")
    assert wording(plain, language).empty


def test_ends_of_a_scale_need_words():
    found = wording(tree("How good is the network?", "网络如何？", answers={1: "bad"}))
    assert found.set_index("question").loc["Q1", ["code", "sign"]].tolist() == ["ends_unnamed", "10"]
