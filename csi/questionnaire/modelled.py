"""From a hierarchy to a model and to a codebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from csi.codebook import Codebook, Variable
from csi.errors import check_choice
from csi.questionnaire.tree import rule_text
from csi.questionnaire.words import Question
from csi.spec import Construct, Model

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy

Aspects = Literal["items", "constructs"]


def to_model(hierarchy: Hierarchy, aspects: Aspects) -> Model:
    """Make the model: its arrows from the catalogue, its items from the tree."""
    check_choice(aspects, "aspects", ("items", "constructs"))
    base = hierarchy.base
    blocks = {name: _block(hierarchy, name, base) for name in hierarchy.order if _item_questions(hierarchy, name)}
    if base is None:
        index = hierarchy.index if hierarchy.index in blocks else ""
        model = Model(hierarchy.name, blocks, hierarchy.paths, index=index, scale=hierarchy.scale)
    else:
        made = {name: blocks.get(name, construct) for name, construct in base.constructs.items()}
        model = base.replace(name=hierarchy.name, constructs=made, scale=hierarchy.scale or base.scale)
    return model if aspects == "items" else _with_aspects(hierarchy, model)


def _item_questions(hierarchy: Hierarchy, name: str) -> list[Question]:
    branch = hierarchy.branches.get(name)
    return [question for question in (branch.all_questions if branch else hierarchy.questions) if question.item]


def _block(hierarchy: Hierarchy, name: str, base: Model | None) -> Construct:
    questions = _item_questions(hierarchy, name)
    branch = hierarchy.branches.get(name)
    label = (branch.label if branch else hierarchy.label) or (base.constructs[name].label if base else None)
    kind = base.constructs[name].kind if base else "reflective"
    return Construct(_as_items(hierarchy, questions), kind, label)


def _as_items(hierarchy: Hierarchy, questions: list[Question]) -> list:
    return [question.as_item(hierarchy.unknown) for question in questions]


def _with_aspects(hierarchy: Hierarchy, model: Model) -> Model:
    """Make aspects constructs of first order, and their branch one of second order that they make up."""
    blocks: dict[str, Construct] = {}
    for name, construct in model.constructs.items():
        parts = _first_order(hierarchy, name)
        if len(parts) < 2:
            blocks[name] = construct
            continue
        blocks |= parts
        blocks[name] = Construct(of=list(parts), kind="composite", label=construct.label)
    return model.replace(constructs=blocks)


def _first_order(hierarchy: Hierarchy, name: str) -> dict[str, Construct]:
    """Aspects of a branch as constructs; its overall questions as one more."""
    branch = hierarchy.branches.get(name)
    if branch is None or not branch.aspects:
        return {}
    parts = {}
    overall = [question for question in branch.questions if question.item]
    if overall:
        label = {language: text + _OVERALL.get(language, "") for language, text in branch.label.items()}
        parts[f"{name}_overall"] = Construct(_as_items(hierarchy, overall), label=label or None)
    for aspect_name, aspect in branch.aspects.items():
        questions = [question for question in aspect.questions if question.item]
        if questions:
            parts[aspect_name] = Construct(_as_items(hierarchy, questions), label=aspect.label or None)
    return parts


#: How a form calls the answer that is none.
UNKNOWN = {"en": "Don't know", "zh": "不清楚"}

_OVERALL = {"en": " overall", "zh": "（总体）"}


def to_codebook(hierarchy: Hierarchy) -> Codebook:
    """Every question with its number, texts, codes and place in the tree."""
    places = {
        question.name: (name, aspect) for name, aspect, question in hierarchy.placed
    }  # a background question has none
    variables = []
    for number, question in enumerate(hierarchy.every_question, 1):
        construct, aspect = places.get(question.name, ("", ""))
        unknown = question.unknown_or(hierarchy.unknown) if construct else question.unknown or ()
        # The first code for no answer has words in every printed form.
        meanings = {**dict.fromkeys(unknown[:1], UNKNOWN), **question.answers}
        variables.append(
            Variable(
                question.name,
                question.text,
                {code: meanings[code] for code in (*question.answers, *unknown[:1])},
                unknown,
                hierarchy.scale_of(question) if construct else question.scale,
                question.reversed,
                number,
                construct=construct,
                aspect=aspect,
                asked_if=rule_text(question),
            )
        )
    return Codebook(variables)
