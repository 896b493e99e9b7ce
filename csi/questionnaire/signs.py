"""What may be wrong with the wording of a question: words that a second reader should look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from csi.codebook import said
from csi.display.words import check_language
from csi.questionnaire.words import Question

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy

#: Questions longer than this (English words, Chinese characters) are hard to hear on the telephone.
LONGEST = {"en": 25, "zh": 40}
#: Words by which a fault gives itself away.
SIGNS = {
    "two_in_one": {"en": r"\b(and|or)\b", "zh": "[和或、]|与(?![您其他])|及(?!时)|并且"},
    "negation": {"en": r"\b(not|no|never|without|\w+n't)\b", "zh": "[不未没]|无(?!误)"},
    "absolute": {
        "en": r"\b(always|never|(?<!in )all(?! in all)|every|none|only)\b",
        "zh": "总是|从不|所有|完全|任何|从来",
    },
    "vague": {"en": r"\b(often|usually|sometimes|recently|regularly)\b", "zh": "经常|通常|有时|偶尔|近来|定期"},
    "leading": {"en": r"\b(excellent|outstanding|modern|leading)\b", "zh": "优质|优秀|卓越|先进|领先"},
}
MESSAGES = {
    "two_in_one": {"en": "may ask two things at once", "zh": "可能一题多问"},
    "negation": {"en": "holds a negation", "zh": "含否定词"},
    "absolute": {"en": "holds an absolute word", "zh": "含绝对化用词"},
    "vague": {"en": "holds a vague frequency or time", "zh": "频率或时间表述模糊"},
    "leading": {"en": "holds a word that leads the answer", "zh": "含诱导性用词"},
    "long": {"en": "is long to listen to", "zh": "题干过长"},
    "ends_unnamed": {"en": "has ends of its scale without words", "zh": "量表两端没有文字说明"},
}


def wording(hierarchy: Hierarchy, language: str = "en") -> pd.DataFrame:
    """List the questions of a hierarchy that a second reader should look at, each with the sign that it gave.

    Parameters
    ----------
    hierarchy : Hierarchy
    language : {"en", "zh"}
        Which wording is read, and the language of the messages.

    Returns
    -------
    DataFrame
        One row a sign: `question`, `code` ("two_in_one", "negation", "absolute", "vague", "leading", "long",
        "ends_unnamed"), `message`, `sign` (the words found), `text`. Empty when nothing was found.

    Notes
    -----
    Signs are words, not meanings: most double questions hold an "and", and most questions with an "and" are none. The
    list is for people to decide on, and what it does not name may still be misunderstood.

    Examples
    --------
    >>> import csi
    >>> tree = csi.Hierarchy.ready("telecom")
    >>> found = csi.questionnaire.wording(tree)
    >>> found.loc[found["question"] == "NET3", ["code", "sign"]].to_numpy().tolist()
    [['two_in_one', 'and, or']]
    """
    check_language(language)
    questions = [question for question in hierarchy.every_question if question not in hierarchy.background]
    rows = [
        (question.name, code, MESSAGES[code][language], sign, text)
        for question in questions
        for text in [said(question.texts, language)]
        for code, sign in [*_words(text, language), *_ends(hierarchy, question)]
    ]
    return pd.DataFrame(rows, columns=["question", "code", "message", "sign", "text"])


def _words(text: str, language: str) -> Iterator[tuple[str, str]]:
    for code, signs in SIGNS.items():
        found = [match.group(0) for match in re.finditer(signs[language], text.lower())]
        if found:
            yield code, ", ".join(dict.fromkeys(found))
    length = len(text.split()) if language == "en" else len(text)
    if length > LONGEST[language]:
        yield "long", str(length)


def _ends(hierarchy: Hierarchy, question: Question) -> Iterator[tuple[str, str]]:
    """A scale whose lowest or highest code has no words."""
    scale = hierarchy.scale_of(question)
    if scale is None:
        return
    bare = [f"{code:g}" for code in (scale.low, scale.high) if code not in question.answers]
    if bare:
        yield "ends_unnamed", ", ".join(bare)
