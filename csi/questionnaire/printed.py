"""The questionnaire as it is printed: sections, blocks of questions with one way to answer, skip rules in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from csi.codebook import said
from csi.display.words import check_language
from csi.errors import ModelError
from csi.questionnaire.modelled import UNKNOWN
from csi.questionnaire.words import Question
from csi.spec.words import Scale, number_text

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy

SUFFIXES = (".md", ".html", ".docx")
#: Scales of more codes than this are not printed code by code.
MOST_CODES = 11

WORDS = {
    "title": {"en": "Questionnaire", "zh": "调查问卷"},
    "intro": {
        "en": "There are no right or wrong answers. Please tick one circle in every row.",
        "zh": "答案没有对错之分，请在每一行选择一个选项。",
    },
    "background": {"en": "About you", "zh": "基本信息"},
    "unknown": UNKNOWN,
    "part": {"en": "Part {number}", "zh": "第{number}部分"},
    "question": {"en": "Question", "zh": "题目"},
    "rule": {
        "en": "Only if you answered {answers} to question {number}",
        "zh": "仅当您在第{number}题选择{answers}时回答",
    },
    "and": {"en": " and ", "zh": "，并且"},
    "skip": {"en": "; otherwise go on with question {number}.", "zh": "；否则请跳至第{number}题。"},
    "end": {"en": "; otherwise you have finished.", "zh": "；否则问卷到此结束。"},
    "or": {"en": " or ", "zh": "或"},
    "quote": {"en": "“{text}”", "zh": "“{text}”"},
    "number": {"en": "Write a number from {low} to {high}: ______", "zh": "请填写 {low} 至 {high} 之间的数字：______"},
    "thanks": {"en": "Thank you for your help.", "zh": "感谢您的支持与配合！"},
}
_CHINESE = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Line:
    """One question as it is printed: its number, its column and its text."""

    number: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Questions that are answered in the same way.

    Parameters
    ----------
    heading : str
        What they are about; may be empty.
    rule : str
        Who answers them; empty for all.
    kind : {"grid", "choice", "number"}
        A table of codes, one list of answers, or a number to write.
    codes : tuple of (code, text)
        What can be ticked; the text may be empty.
    lines : tuple of Line
    ends : (low, high) or None
        Of a number to write.
    """

    heading: str
    rule: str
    kind: str
    codes: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    ends: tuple[str, str] | None = None

    @property
    def outside(self) -> int:
        """How many of the last codes are no answers of the scale: they do not follow the code before them."""
        steps = [float(code) - float(before) for (before, _), (code, _) in pairwise(self.codes)]
        return next((len(steps) - at for at, step in enumerate(steps) if step != 1), 0)

    @property
    def anchors(self) -> tuple[str, str] | None:
        """Words of the two ends, where only the ends of a longer scale have words."""
        scale = self.codes[: len(self.codes) - self.outside]
        between = [text for _, text in scale[1:-1]]
        return (scale[0][1], scale[-1][1]) if len(scale) > 3 and not any(between) else None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the questionnaire: one construct."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """A questionnaire in one language; `str` is Markdown, `.save(path)` writes Markdown, HTML or Word by suffix.

    Examples
    --------
    >>> import csi
    >>> csi.Hierarchy.ready("telecom").questionnaire("zh")
    Questionnaire('电信用户满意度调查问卷', zh, 40 questions)
    """

    title: str
    intro: str
    language: str
    sections: tuple[Section, ...]
    thanks: str

    @property
    def n_questions(self) -> int:
        """How many questions it asks."""
        return sum(len(block.lines) for section in self.sections for block in section.blocks)

    def __repr__(self) -> str:
        return f"Questionnaire({self.title!r}, {self.language}, {self.n_questions} questions)"

    def __str__(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_markdown(self) -> str:
        """The questionnaire as Markdown."""
        from csi.questionnaire.markdown import markdown

        return markdown(self)

    def to_html(self) -> str:
        """The questionnaire as one page of HTML that needs nothing else and prints on A4."""
        from csi.questionnaire.page import page

        return page(self)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the questionnaire: .md, .html or .docx.

        Raises
        ------
        ModelError
            For another suffix.
        MissingExtra
            If Word is asked for and python-docx is not installed.
        """
        file = Path(path)
        if file.suffix.lower() not in SUFFIXES:
            raise ModelError(f"a questionnaire is saved as {', '.join(SUFFIXES)}; not {file.suffix or file.name!r}")
        if file.suffix.lower() == ".docx":
            from csi.questionnaire.word import write

            write(self, file)
        else:
            text = self.to_html() if file.suffix.lower() == ".html" else self.to_markdown()
            file.write_text(text, encoding="utf-8")
        return file


def questionnaire(hierarchy: Hierarchy, language: str) -> Questionnaire:
    """Lay a hierarchy out as a questionnaire."""
    check_language(language)
    layout = _Layout(hierarchy, language)
    return Questionnaire(
        said(hierarchy.title, language, f"{hierarchy.name}: {WORDS['title'][language]}"),
        said(hierarchy.intro, language, WORDS["intro"][language]),
        language,
        tuple(layout.sections()),
        WORDS["thanks"][language],
    )


class _Layout:
    """Numbers, words and order of one questionnaire."""

    def __init__(self, hierarchy: Hierarchy, language: str) -> None:
        self.hierarchy, self.language = hierarchy, language
        self.numbers = {question.name: i for i, question in enumerate(hierarchy.every_question, 1)}
        self.by_name = {question.name: question for question in hierarchy.every_question}

    def say(self, key: str, **values: object) -> str:
        return WORDS[key][self.language].format(**values)

    def sections(self) -> Iterator[Section]:
        parts: dict[str, list[tuple[str, Question]]] = {}
        for construct, aspect, question in self.hierarchy.placed:
            parts.setdefault(construct, []).append((aspect, question))
        for number, (construct, members) in enumerate(parts.items(), 1):
            yield Section(f"{self._part(number)}{self._label(construct)}", tuple(self._blocks(construct, members)))
        if self.hierarchy.background:
            members = [("", question) for question in self.hierarchy.background]
            title = f"{self._part(len(parts) + 1)}{self.say('background')}"
            yield Section(title, tuple(self._blocks("", members)))

    def _part(self, number: int) -> str:
        chinese = self.language == "zh" and number <= len(_CHINESE)
        return self.say("part", number=_CHINESE[number - 1] if chinese else number) + ("　" if chinese else ". ")

    def _label(self, construct: str) -> str:
        branch = self.hierarchy.branches.get(construct)
        label = branch.label if branch else self.hierarchy.label
        base = self.hierarchy.base
        return said(label, self.language) or (base.labels(self.language)[construct] if base else construct)

    def _blocks(self, construct: str, members: Sequence[tuple[str, Question]]) -> Iterator[Block]:
        """Join neighbours that are answered in the same way."""
        groups: list[tuple[tuple, list[Question]]] = []
        for aspect, question in members:
            single = self._kind(question) != "grid"
            key = (aspect, self._codes(question), question.asked_if, question.name if single else "")
            if groups and groups[-1][0] == key:
                groups[-1][1].append(question)
            else:
                groups.append((key, [question]))
        before = ""
        for (aspect, codes, _, _), questions in groups:
            heading = self._aspect(construct, aspect) if aspect != before else ""
            before = aspect
            yield self._block(heading, codes, questions)

    def _block(self, heading: str, codes: tuple[tuple[str, str], ...], questions: list[Question]) -> Block:
        lines = [Line(self.numbers[q.name], q.name, said(q.texts, self.language, q.name)) for q in questions]
        kind, scale = self._kind(questions[0]), self.hierarchy.scale_of(questions[0])
        ends = (number_text(scale.low), number_text(scale.high)) if kind == "number" and scale else None
        return Block(heading, self._rule(questions), kind, codes, tuple(lines), ends)

    def _aspect(self, construct: str, aspect: str) -> str:
        return said(self.hierarchy.branches[construct].aspects[aspect].label, self.language, aspect) if aspect else ""

    def _kind(self, question: Question) -> str:
        scale = self.hierarchy.scale_of(question)
        if scale is None or (scale.width == 1 and len(question.answers) >= 2):
            return "choice"
        whole = float(scale.low).is_integer() and float(scale.width).is_integer()
        return "grid" if whole and scale.width < MOST_CODES else "number"

    def _codes(self, question: Question) -> tuple[tuple[str, str], ...]:
        """What can be ticked, with its meaning."""
        scale = self.hierarchy.scale_of(question)
        meanings = {code: said(text, self.language) for code, text in question.meanings.items()}
        kind = self._kind(question)
        if kind == "number":
            return ()
        unfolded = [] if scale is None else np.arange(scale.low, scale.high + 1).tolist()
        every = list(meanings) if kind == "choice" else unfolded
        unknown = question.unknown_or(self.hierarchy.unknown) if isinstance(scale, Scale) else question.unknown or ()
        codes = [(number_text(code), meanings.get(code, "")) for code in every]
        codes += [(number_text(code), meanings.get(code, self.say("unknown"))) for code in unknown if code not in every]
        return tuple(codes)

    def _rule(self, questions: list[Question]) -> str:
        """The skip rule in words, and where all others go on."""
        rules = questions[0].asked_if
        if not rules:
            return ""
        conditions = [self._condition(name, codes) for name, codes in rules.items()]
        last = self.numbers[questions[-1].name]
        # Those who skip this block skip every block right after it with the same rule.
        for question in self.hierarchy.every_question[last:]:
            if question.asked_if != rules:
                break
            last += 1
        more = last < len(self.numbers)
        return self.say("and").join(conditions) + (self.say("skip", number=last + 1) if more else self.say("end"))

    def _condition(self, name: str, codes: tuple[float, ...]) -> str:
        meanings = {code: said(text, self.language) for code, text in self.by_name[name].meanings.items()}
        answers = [self.say("quote", text=meanings.get(code) or number_text(code)) for code in codes]
        return self.say("rule", answers=self.say("or").join(answers), number=self.numbers[name])
