"""The words of an indicator hierarchy below its index: branches, aspects, questions. Frozen, without data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from csi.codebook import Text, Texts, texts
from csi.errors import ModelError, check_choice
from csi.spec.frozen import FrozenDict
from csi.spec.words import Item, Scale, ScaleLike, check_name, is_number

Tag: TypeAlias = Literal["process", "outcome"]


@dataclass(frozen=True, slots=True)
class Question:
    """Level 4: one question of the questionnaire, which is one column of answers.

    Parameters
    ----------
    name : str
        The column.
    text : str or mapping of language to text, optional
        The question as it is asked.
    scale : (low, high), optional
        The codes of the answers; the hierarchy's if left out.
    reversed : bool
        Whether the highest code is the least favourable answer.
    unknown : tuple of float
        Codes for "do not know"; the hierarchy's if left out.
    answers : mapping of code to text, optional
        Meanings of the codes, of all or of the ends only.
    asked_if : mapping of question to code or codes, optional
        Skip rule: only those are asked who gave one of these answers, `{"COM1": 1}`.
    item : bool
        Whether the question is an item of the model and enters scores above it. A question that only some are
        asked, or that explains another, is asked and scored on its own with `item=False`.

    Examples
    --------
    >>> Question("HAN1", "How well was your complaint handled?", asked_if={"COM1": 1}, item=False).asked_if
    {'COM1': (1,)}
    """

    name: str
    text: Text = None
    scale: ScaleLike = None
    reversed: bool = False
    unknown: tuple[float, ...] | None = None
    answers: Mapping[float, Text] = field(default_factory=FrozenDict)
    asked_if: Mapping[str, Any] = field(default_factory=FrozenDict)
    item: bool = True

    def __post_init__(self) -> None:
        put = object.__setattr__
        check_name(self.name, "a question")
        put(self, "text", texts(self.text))
        put(self, "scale", Scale.of(self.scale))
        put(self, "answers", _answers(self.answers, self.name))
        put(self, "asked_if", FrozenDict({name: _codes(codes, self.name) for name, codes in self.asked_if.items()}))
        if self.unknown is not None:
            put(self, "unknown", _codes(self.unknown, self.name))

    @property
    def texts(self) -> Texts:
        """The question, a text a language."""
        return texts(self.text)

    @property
    def meanings(self) -> dict[float, Texts]:
        """Meanings of the codes, a text a language."""
        return {code: texts(meaning) for code, meaning in self.answers.items()}

    def as_item(self, unknown: tuple[float, ...]) -> Item:
        """The question as a word of a model."""
        return Item(self.name, self.scale, self.reversed, self.unknown_or(unknown), self.texts or None)

    def unknown_or(self, usual: tuple[float, ...]) -> tuple[float, ...]:
        """Codes for no answer: its own, or the usual ones."""
        return usual if self.unknown is None else self.unknown


def _answers(answers: Mapping[float, Text], name: str) -> FrozenDict[float, Texts]:
    if not isinstance(answers, Mapping) or not all(is_number(code) for code in answers):
        raise ModelError(f"answers of {name!r} map codes to texts, such as {{1: 'no', 2: 'yes'}}; not {answers!r}")
    return FrozenDict({code: texts(meaning) for code, meaning in answers.items()})


def _codes(codes: Any, name: str) -> tuple[float, ...]:
    listed = tuple(codes) if isinstance(codes, (tuple, list)) else (codes,)
    if not all(is_number(code) for code in listed):
        raise ModelError(f"question {name!r}: codes are numbers, such as 1 or (98, 99); not {codes!r}")
    return listed


QuestionLike: TypeAlias = Question | str
QuestionsLike: TypeAlias = QuestionLike | Iterable[QuestionLike]


def questions(listed: QuestionsLike) -> tuple[Question, ...]:
    """Read questions and bare names."""
    members = [listed] if isinstance(listed, (str, Question)) else list(listed)
    return tuple(member if isinstance(member, Question) else Question(member) for member in members)


@dataclass(frozen=True, slots=True, init=False)
class Aspect:
    """Level 3: one aspect of the product, the service or a touch point, with its questions.

    Parameters
    ----------
    questions : sequence of Question or str
    tag : {"process", "outcome"}, optional
        Whether it is about how the service is given or about what the customer gets.
    label : str or mapping of language to text, optional

    Examples
    --------
    >>> Aspect(["NET1", "NET2"], tag="outcome", label={"en": "Network", "zh": "网络质量"}).label
    {'en': 'Network', 'zh': '网络质量'}
    """

    questions: tuple[Question, ...]
    tag: Tag | None
    label: Texts

    def __init__(self, questions: QuestionsLike, tag: Tag | None = None, label: Text = None) -> None:
        listed = _all(questions)
        if not listed:
            raise ModelError("an aspect needs questions: Aspect(['q1', 'q2'])")
        if tag is not None:
            check_choice(tag, "tag", get_args(Tag))
        object.__setattr__(self, "questions", listed)
        object.__setattr__(self, "tag", tag)
        object.__setattr__(self, "label", texts(label))

    @property
    def is_item(self) -> bool:
        """Whether it enters the scores above it: at least one of its questions is an item."""
        return any(question.item for question in self.questions)


def _all(listed: QuestionsLike) -> tuple[Question, ...]:
    """`questions`, under a name that the fields of the words do not hide."""
    return questions(listed)


AspectLike: TypeAlias = Aspect | QuestionsLike


@dataclass(frozen=True, slots=True, init=False)
class Branch:
    """Level 2: one construct, with overall questions of its own and aspects below it.

    Parameters
    ----------
    questions : sequence of Question or str
        Questions on the construct as a whole.
    aspects : mapping of str to Aspect or questions
    label : str or mapping of language to text, optional

    Raises
    ------
    ModelError
        If it has neither.

    Examples
    --------
    >>> branch = Branch(["QUAL1"], aspects={"network": ["NET1", "NET2"], "billing": ["BIL1"]})
    >>> [question.name for question in branch.all_questions]
    ['QUAL1', 'NET1', 'NET2', 'BIL1']
    """

    questions: tuple[Question, ...]
    aspects: FrozenDict[str, Aspect]
    label: Texts

    def __init__(
        self, questions: QuestionsLike = (), aspects: Mapping[str, AspectLike] | None = None, label: Text = None
    ) -> None:
        read = {
            check_name(name, "an aspect"): each if isinstance(each, Aspect) else Aspect(each)
            for name, each in (aspects or {}).items()
        }
        object.__setattr__(self, "questions", _all(questions))
        object.__setattr__(self, "aspects", FrozenDict(read))
        object.__setattr__(self, "label", texts(label))
        if not self.questions and not self.aspects:
            raise ModelError("a branch needs questions or aspects: Branch(['q1']), Branch(aspects={'network': ['q1']})")

    @property
    def all_questions(self) -> tuple[Question, ...]:
        """Its own questions, then those of its aspects."""
        return (*self.questions, *(question for aspect in self.aspects.values() for question in aspect.questions))


BranchLike: TypeAlias = Branch | Mapping[str, AspectLike] | QuestionsLike


def branch(value: BranchLike) -> Branch:
    """Read a Branch, a mapping of aspects, or questions."""
    if isinstance(value, Branch):
        return value
    return Branch(aspects=value) if isinstance(value, Mapping) else Branch(value)
