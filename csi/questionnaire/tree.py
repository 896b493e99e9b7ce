"""The tree of a hierarchy as a list of nodes, and its face as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csi.codebook import Texts, said
from csi.display.words import check_language
from csi.questionnaire.words import Aspect, Branch, Question, Tag
from csi.spec.words import Scale, number_text

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the tree.

    Parameters
    ----------
    name, parent : str
        Its name and that of the node above; the index has no parent ("").
    level : int
        1 the index, 2 a construct, 3 an aspect, 4 a question.
    label : mapping of language to text
    children : tuple of str
        Every node right below, in order.
    parts : tuple of str
        Those children that make up its score unless weights say otherwise.
    tag : {"process", "outcome"} or None
    question : Question or None
    """

    name: str
    parent: str
    level: int
    label: Texts
    children: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    tag: Tag | None = None
    question: Question | None = None


def walk(hierarchy: Hierarchy) -> Iterator[Node]:
    """Every node, each before those below it."""
    root, own = hierarchy.index, _items(hierarchy.questions)
    # The index is what its own questions say; without any, it is made up of the branches.
    parts = own or tuple(name for name, branch in hierarchy.branches.items() if _branch_parts(branch))
    children = (*(question.name for question in hierarchy.questions), *hierarchy.branches)
    yield Node(root, "", 1, hierarchy.label, children, parts)
    yield from _leaves(hierarchy.questions, root)
    for name, branch in hierarchy.branches.items():
        below = (*(question.name for question in branch.questions), *branch.aspects)
        yield Node(name, root, 2, branch.label, below, _branch_parts(branch))
        yield from _leaves(branch.questions, name)
        for aspect_name, aspect in branch.aspects.items():
            yield from _aspect(aspect_name, aspect, name)


def _aspect(name: str, aspect: Aspect, parent: str) -> Iterator[Node]:
    children = tuple(question.name for question in aspect.questions)
    yield Node(name, parent, 3, aspect.label, children, _items(aspect.questions) or children, aspect.tag)
    yield from _leaves(aspect.questions, name)


def _leaves(questions: tuple[Question, ...], parent: str) -> Iterator[Node]:
    for question in questions:
        yield Node(question.name, parent, 4, question.texts, question=question)


def _items(questions: tuple[Question, ...]) -> tuple[str, ...]:
    return tuple(question.name for question in questions if question.item)


def _branch_parts(branch: Branch) -> tuple[str, ...]:
    aspects = (name for name, aspect in branch.aspects.items() if aspect.is_item)
    return (*_items(branch.questions), *aspects)


# -- the face -------------------------------------------------------------------------------------------

_TAGS = {"process": {"en": "process", "zh": "过程"}, "outcome": {"en": "outcome", "zh": "结果"}}
_APART = {"en": "apart", "zh": "单独计分"}
_IF = {"en": "if {rule}", "zh": "仅当 {rule}"}


def text(hierarchy: Hierarchy, language: str = "en") -> str:
    """Print the tree: one line a node, indented by level."""
    check_language(language)
    nodes = list(walk(hierarchy))
    by_parent: dict[str, list[Node]] = {}
    for node in nodes:
        by_parent.setdefault(node.parent, []).append(node)
    lines = [f"{hierarchy.name}: {_title(nodes[0], language)}"]

    def below(parent: str, indent: str) -> None:
        children = by_parent.get(parent, [])
        for at, node in enumerate(children):
            last = at == len(children) - 1
            lines.append(f"{indent}{'`-' if last else '|-'} {_title(node, language)}{_facts(node, language)}")
            below(node.name, indent + ("   " if last else "|  "))

    below(nodes[0].name, "")
    return "\n".join(lines)


def _title(node: Node, language: str) -> str:
    label = said(node.label, language)
    return f"{node.name}  {label}" if label and label != node.name else node.name


def _facts(node: Node, language: str) -> str:
    facts = [_TAGS[node.tag][language]] if node.tag else []
    question = node.question
    if question is not None:
        if isinstance(question.scale, Scale):
            facts.append(f"{number_text(question.scale.low)}-{number_text(question.scale.high)}")
        if question.asked_if:
            facts.append(_IF[language].format(rule=rule_text(question)))
        if not question.item:
            facts.append(_APART[language])
    return f"  [{', '.join(facts)}]" if facts else ""


def rule_text(question: Question) -> str:
    """The skip rule of a question, in names and codes: `COM1 = 1`."""
    rules = (f"{name} = {' / '.join(map(number_text, codes))}" for name, codes in question.asked_if.items())
    return ", ".join(rules)
