"""An indicator hierarchy: index, constructs, aspects, questions, written once for all that follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from csi import models
from csi.codebook import Codebook, Text, Texts, texts
from csi.design import Design
from csi.errors import ModelError, listing, suggest
from csi.questionnaire import checks, files, modelled, printed, scores, tree, weights
from csi.questionnaire.words import Branch, BranchLike, Question, QuestionsLike, branch, questions
from csi.spec import Model, Scale
from csi.spec.frozen import FrozenDict
from csi.spec.model import PathsLike
from csi.spec.words import ScaleLike, check_name

if TYPE_CHECKING:
    from csi.questionnaire.evaluation import Operator
    from csi.questionnaire.modelled import Aspects
    from csi.questionnaire.printed import Questionnaire
    from csi.questionnaire.scores import Missing
    from csi.questionnaire.tree import Node
    from csi.questionnaire.weights import How, NodeWeights, WeightsLike


@dataclass(frozen=True, init=False, repr=False)
class Hierarchy:
    """Four levels: the index, constructs (branches), aspects, questions.

    Parameters
    ----------
    name : str
        What the study is called.
    branches : mapping of construct to Branch, {aspect: questions} or questions
        Level 2 with what is below it.
    questions : sequence of Question or str
        Questions on the index itself, such as overall satisfaction.
    index : str
        The construct at the top.
    model : str or Model, optional
        The model whose constructs these are: a name of the catalogue, or a model of your own.
    options : mapping, optional
        Options of the catalogue's model, such as `{"image_to_loyalty": True}`.
    paths : mapping or sequence, optional
        Arrows between the constructs, where no model gives them.
    scale : (low, high), optional
        The scale of every question that has none of its own.
    unknown : tuple of float
        Codes for "do not know", of every question that says no others.
    background : sequence of Question
        Questions on the respondent; printed last, never scored.
    label, title, intro : str or mapping of language to text, optional
        Printed name of the index, title of the questionnaire, words before its first question.

    Raises
    ------
    ModelError
        With every contradiction at once.

    Examples
    --------
    >>> hierarchy = Hierarchy("Mine", {"quality": {"network": ["N1", "N2"], "billing": ["B1"]}, "image": ["I1"]},
    ...                       questions=["S1", "S2"], paths={"image": "quality", "quality": "satisfaction"},
    ...                       scale=(1, 10))
    >>> print(hierarchy)
    Mine: satisfaction
    |- S1
    |- S2
    |- quality
    |  |- network
    |  |  |- N1
    |  |  `- N2
    |  `- billing
    |     `- B1
    `- image
       `- I1
    >>> hierarchy.model()
    Model('Mine': 3 constructs, 6 items, 2 paths, index satisfaction)
    """

    name: str
    branches: FrozenDict[str, Branch]
    questions: tuple[Question, ...]
    index: str
    tied_to: str | Model | None
    options: FrozenDict[str, Any]
    paths: tuple[Any, ...]
    scale: Scale | None
    unknown: tuple[float, ...]
    background: tuple[Question, ...]
    label: Texts
    title: Texts
    intro: Texts

    def __init__(
        self,
        name: str,
        branches: Mapping[str, BranchLike],
        questions: QuestionsLike = (),
        index: str = "satisfaction",
        model: str | Model | None = None,
        options: Mapping[str, Any] | None = None,
        paths: PathsLike = (),
        scale: ScaleLike = None,
        unknown: Sequence[float] = (),
        background: QuestionsLike = (),
        label: Text = None,
        title: Text = None,
        intro: Text = None,
    ) -> None:
        if not isinstance(branches, Mapping):
            raise ModelError(f"branches map constructs to questions, such as {{'quality': ['q1']}}; not {branches!r}")
        put = object.__setattr__
        put(self, "name", check_name(name, "a hierarchy"))
        put(self, "branches", FrozenDict({check_name(k, "a branch"): branch(b) for k, b in branches.items()}))
        put(self, "questions", _read(questions))
        put(self, "index", check_name(index, "the index"))
        put(self, "tied_to", model)
        put(self, "options", FrozenDict(options or {}))
        put(self, "paths", _arrows(paths))
        put(self, "scale", Scale.of(scale))
        put(self, "unknown", tuple(unknown))
        put(self, "background", _read(background))
        put(self, "label", texts(label))
        put(self, "title", texts(title))
        put(self, "intro", texts(intro))
        found = list(checks.problems(self))
        if model is not None and paths:
            found.append("paths= and model= both give arrows; leave one out")
        if found:
            raise ModelError(listing(found, f"the hierarchy {name!r} contradicts itself"))

    # -- what is in it ------------------------------------------------------------------------------------

    @cached_property
    def base(self) -> Model | None:
        """The model that gives the arrows, with its own items."""
        return models.get(self.tied_to, **self.options) if isinstance(self.tied_to, str) else self.tied_to

    @property
    def order(self) -> list[str]:
        """Constructs in the order in which they are asked: that of the model, or branches and then the index."""
        named = [*self.branches, self.index]
        return named if self.base is None else [name for name in self.base.constructs if name in named]

    @property
    def placed(self) -> Iterator[tuple[str, str, Question]]:
        """Every question of the tree in the order of asking, with its construct and its aspect ("" for none)."""
        # A construct that the model does not know is an error, which is told with all others.
        for name in [*self.order, *(each for each in [*self.branches, self.index] if each not in self.order)]:
            block = self.branches.get(name)
            yield from ((name, "", question) for question in (block.questions if block else self.questions))
            for aspect_name, aspect in (block.aspects if block else {}).items():
                yield from ((name, aspect_name, question) for question in aspect.questions)

    @property
    def every_question(self) -> list[Question]:
        """All questions in the order of asking, those on the respondent last."""
        return [*(question for _, _, question in self.placed), *self.background]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of the tree, each before those below it."""
        return tuple(tree.walk(self))

    def node(self, name: str) -> Node:
        """One node by name.

        Raises
        ------
        ModelError
            If there is none, with the closest name.
        """
        known = {node.name: node for node in self.nodes}
        if name not in known:
            raise ModelError(f"{name!r} is not a node of {self.name!r}{suggest(name, known)}")
        return known[name]

    def scale_of(self, question: Question) -> Scale | None:
        """The question's own scale, or the hierarchy's; none for a background question that says none."""
        if isinstance(question.scale, Scale):
            return question.scale
        return None if question in self.background else self.scale

    def __repr__(self) -> str:
        aspects = sum(len(each.aspects) for each in self.branches.values())
        tied = self.base.name if self.base else "no model"
        counts = f"{len(self.branches)} constructs, {aspects} aspects, {len(list(self.placed))} questions"
        return f"Hierarchy({self.name!r}: {counts}, {tied})"

    def __str__(self) -> str:
        return tree.text(self)

    def tree(self, language: str = "en") -> str:
        """The tree as text, in a language."""
        return tree.text(self, language)

    def replace(self, **changes: Any) -> Hierarchy:
        """Return a copy with some of the constructor's arguments changed."""
        kept = {field.name: getattr(self, field.name) for field in fields(self)}
        kept["model"] = kept.pop("tied_to")
        unknown = [key for key in changes if key not in kept]
        if unknown:
            raise ModelError(f"a hierarchy has no {unknown[0]!r}{suggest(unknown[0], kept)}; it has {', '.join(kept)}")
        return Hierarchy(**{**kept, **changes})

    # -- making it ----------------------------------------------------------------------------------------

    @classmethod
    def ready(cls, name: str) -> Hierarchy:
        """A ready hierarchy in English and Chinese: "telecom", "bank" or "public_service"."""
        from csi.questionnaire.ready import ready

        return ready(name)

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Hierarchy:
        """Read a hierarchy from a TOML file; the ready ones (`csi/questionnaire/hierarchies`) show how to write it."""
        return cls(**files.from_toml(path))

    @classmethod
    def from_table(cls, table: Any, name: str, **words: Any) -> Hierarchy:
        """Read a hierarchy from a spreadsheet (.xlsx, .csv) or a DataFrame, one row a question.

        Columns: `construct` (二级指标), `aspect` (三级指标), `name` (编号), `question` (题目) or `en` and `zh`, and if
        wanted `tag`, `low`, `high`, `reversed`, `unknown`, `answers` ("1=no; 2=yes"), `asked_if` ("COM1=1"), `item`.
        A row whose construct is the index asks about the index itself; `background` (背景) about the respondent.
        The other arguments of `Hierarchy` are given as they are there.
        """
        return cls(name, **files.from_table(table, words.get("index", "satisfaction")), **words)

    # -- what becomes of it -------------------------------------------------------------------------------

    def model(self, aspects: Aspects = "items") -> Model:
        """The model to fit: arrows of the catalogue, items of the tree.

        Parameters
        ----------
        aspects : {"items", "constructs"}
            Whether aspects only group the items of their construct, or are constructs of first order that make up
            a composite of second order (overall questions of the branch become one more, `<branch>_overall`).
        """
        return modelled.to_model(self, aspects)

    def codebook(self) -> Codebook:
        """The codebook of the answers: one variable a question, numbered as in the printed questionnaire."""
        return modelled.to_codebook(self)

    def questionnaire(self, language: Literal["en", "zh"] = "en") -> Questionnaire:
        """The questionnaire as it is printed; `.save("form.docx")` writes Word, HTML or Markdown by suffix."""
        return printed.questionnaire(self, language)

    def weigh(self, how: How, judged: Any = None, **options: Any) -> NodeWeights:
        """Weights of the parts of every node, by one way of weighing; see `csi.questionnaire.weights.weigh`."""
        return weights.weigh(self, how, judged, **options)

    def scores(
        self,
        data: Any,
        weights: WeightsLike = "equal",
        *,
        by: str | Sequence[str] | None = None,
        design: Design | None = None,
        missing: Missing = "pairwise",
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Scores 0-100 at every node of the tree; see `csi.questionnaire.scores.scores`."""
        return scores.scores(self, data, weights, by=by, design=design, missing=missing, level=confidence_level)

    def fuzzy(
        self,
        data: Any,
        weights: WeightsLike = "equal",
        *,
        values: Sequence[float] | None = None,
        cuts: Sequence[float] | None = None,
        grades: Sequence[str] | None = None,
        operator: Operator = "weighted-average",
        by: str | Sequence[str] | None = None,
        design: Design | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Fuzzy comprehensive evaluation at every node; see `csi.questionnaire.evaluation.evaluate`."""
        from csi.questionnaire.evaluation import evaluate

        return evaluate(
            self, data, weights, values=values, cuts=cuts, grades=grades, operator=operator, by=by, design=design,
            level=confidence_level,
        )  # fmt: skip


def _read(listed: QuestionsLike) -> tuple[Question, ...]:
    """`questions`, which an argument of the constructor hides."""
    return questions(listed)


def _arrows(paths: PathsLike) -> tuple[Any, ...]:
    """Read arrows in either form."""
    if not isinstance(paths, Mapping):
        return tuple(paths)
    listed = {cause: [effects] if isinstance(effects, str) else list(effects) for cause, effects in paths.items()}
    return tuple((cause, effect) for cause, effects in listed.items() for effect in effects)
