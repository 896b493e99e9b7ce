"""What can be wrong with a hierarchy, all of it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from csi.errors import suggest
from csi.questionnaire.words import Question
from csi.spec.words import Scale

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy


def problems(hierarchy: Hierarchy) -> Iterator[str]:
    """Every contradiction of a hierarchy, in words."""
    yield from _names(hierarchy)
    yield from _codes(hierarchy)
    yield from _rules(hierarchy)
    yield from _model(hierarchy)


def _names(hierarchy: Hierarchy) -> Iterator[str]:
    aspects = [name for branch in hierarchy.branches.values() for name in branch.aspects]
    questions = [question.name for question in hierarchy.every_question]
    for name, times in Counter([hierarchy.index, *hierarchy.branches, *aspects, *questions]).items():
        if times > 1:
            yield f"{name!r} is the name of {times} nodes; every node and question needs its own"
    if not hierarchy.branches and not hierarchy.questions:
        yield "it has neither branches nor questions"


def _codes(hierarchy: Hierarchy) -> Iterator[str]:
    for question in hierarchy.every_question:
        scale = hierarchy.scale_of(question)
        if scale is None:
            if question not in hierarchy.background:
                yield f"question {question.name!r} has no scale; give it one, or the hierarchy: scale=(1, 10)"
            elif not question.answers:
                yield f"question {question.name!r} has neither a scale nor answers; nothing can be ticked"
            continue
        unknown = question.unknown_or(hierarchy.unknown)
        for code in question.answers:
            if not scale.low <= code <= scale.high and code not in unknown:
                yield f"question {question.name!r}: answer {code:g} is outside {scale.low:g} to {scale.high:g}"
        for code in unknown:
            if scale.low <= code <= scale.high:
                yield f"question {question.name!r}: unknown code {code:g} lies inside its scale"


def _rules(hierarchy: Hierarchy) -> Iterator[str]:
    asked: dict[str, Question] = {}
    known = [question.name for question in hierarchy.every_question]
    for question in hierarchy.every_question:
        for name, codes in question.asked_if.items():
            if name not in known:
                yield f"question {question.name!r} depends on {name!r}, which is no question{suggest(name, known)}"
            elif name not in asked:
                yield f"question {question.name!r} depends on {name!r}, which is asked after it"
            else:
                yield from _impossible(hierarchy, question, asked[name], codes)
        asked[question.name] = question


def _impossible(hierarchy: Hierarchy, question: Question, before: Question, codes: tuple[float, ...]) -> Iterator[str]:
    scale = hierarchy.scale_of(before)
    for code in codes:
        outside = isinstance(scale, Scale) and not scale.low <= code <= scale.high
        if (scale is None and code not in before.answers) or outside:
            yield f"question {question.name!r} is asked if {before.name!r} is {code:g}, an answer that does not exist"


def _model(hierarchy: Hierarchy) -> Iterator[str]:
    base = hierarchy.base
    if base is None:
        return
    measured = [hierarchy.index, *hierarchy.branches]
    for name in measured:
        if name not in base.constructs:
            hint = suggest(name, base.constructs)
            yield f"{name!r} is not a construct of {base.name!r}{hint}; it has {', '.join(base.constructs)}"
        elif base.constructs[name].of:
            parts = " and ".join(base.constructs[name].of)
            yield f"{name!r} is made up of {parts} in {base.name!r}; give these questions"
    for name, construct in base.constructs.items():
        branch = hierarchy.branches.get(name)
        questions = hierarchy.questions if name == hierarchy.index else branch.all_questions if branch else ()
        if not construct.of and not any(question.item for question in questions):
            yield (
                f"{base.name!r} has the construct {name!r}, which no question measures; add one, or leave the construct"
                f" out: model=csi.models.get(...).without({name!r})"
            )
