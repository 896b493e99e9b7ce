"""What is looked up: the method in words, references, questionnaire, weights, model, versions, what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from csi.bibliography import Style
from csi.display.numbers import number
from csi.display.table import Table
from csi.report import citing, method_words, tables
from csi.report.blocks import Block, Exhibit, Facts, Listing, Paragraph, Section, Subheading, Verbatim, ref
from csi.report.context import BESIDE, Context
from csi.report.pictures import model_diagram
from csi.report.tables import beside, group_names_of, known
from csi.report.texts import both
from csi.spec.words import Scale
from csi.spec.write import scale_text
from csi.versions import show_versions

#: In which style a report of a language writes its references.
STYLES: dict[str, Style] = {"en": "apa", "zh": "gbt7714"}


def method(about: Context) -> Section:
    """How the numbers were made, as paragraphs for a thesis."""
    said: list[Block] = [Paragraph(text) for text in method_words.paragraphs(about)]
    return Section("method", about.say("method.title"), said)


def references(about: Context) -> Section:
    """What to cite."""
    listed = citing.references(about.fit, STYLES[about.language])
    blocks: list[Block] = [Paragraph(about.say("references.lead")), Listing([(text, "") for text in listed], "plain")]
    return Section("references", about.say("references.title"), blocks)


# -- appendix -----------------------------------------------------------------------------------------------------


def appendix(about: Context) -> Section:
    """The model, the questionnaire, the weights, how the sample was drawn, the versions."""
    said = about.fit.model
    counts = {"constructs": len(said.constructs), "items": len(said.items), "paths": len(said.paths)}
    lead = about.say("model.lead", **counts, figure=ref("figure_model"), table=ref("constructs"))
    blocks: list[Block] = [Subheading(about.say("model.title")), Paragraph(lead), model_diagram(about)]
    blocks.append(Exhibit(tables.constructs(about), "constructs"))
    blocks += [Subheading(about.say("appendix.questionnaire")), Exhibit(questionnaire(about), "questionnaire")]
    blocks += [Subheading(about.say("appendix.weights")), *_weights(about)]
    facts = list(_sampling(about))
    if facts:
        blocks += [Subheading(about.say("appendix.sampling")), Facts(facts)]
    blocks += [
        Subheading(about.say("appendix.text")),
        Paragraph(about.say("model.text")),
        Verbatim(str(said), long=True),
    ]
    blocks += [Subheading(about.say("versions.title")), Paragraph(about.say("versions.lead"))]
    blocks.append(Facts(list(show_versions().items())))
    return Section("model", about.say("appendix.title"), blocks)


def questionnaire(about: Context) -> Table:
    """Every question as it was asked, with its scale, direction and the codes that mean no answer."""
    rows, labels, model = [], dict(group_names_of(about)), about.fit.model
    places = [(name, item) for name, block in model.constructs.items() for item in block.items]
    for _, item in places:
        scale = model.scale_of(item)
        shown = scale_text(scale).replace("..", "–") if isinstance(scale, Scale) else ""
        codes = ", ".join(f"{code:g}" for code in item.unknown)
        rows.append((f"{item.name}?", shown, "reversed" if item.reversed else "", codes))
        labels[f"{item.name}?"] = dict(item.label) if isinstance(item.label, dict) or item.label else {"en": ""}  # type: ignore[arg-type]
    at = pd.MultiIndex.from_tuples([(name, item.name) for name, item in places], names=["construct", "item"])
    frame = pd.DataFrame(rows, index=at, columns=["question", "scale", "direction", "unknown"])
    asked = any(any(dict(labels[key]).values()) for key in frame["question"])  # type: ignore[arg-type]
    empty = [name for name in frame if not (asked if name == "question" else frame[name].any())]
    labels |= {name: both(f"appendix.{name}") for name in ("direction", "unknown", "reversed")}
    labels["scale"] = both("model.scale")
    return Table(frame.drop(columns=empty), both("appendix.caption_questionnaire"), labels=labels)


def _weights(about: Context) -> Iterator[Block]:
    """Item weights with their errors; of groups side by side."""
    groups = about.fit.groups
    if len(groups) > BESIDE:
        yield Paragraph(about.say("appendix.many_weights", count=len(groups)))
        return
    caption, note = both("appendix.caption_weights"), both("appendix.note_weights")
    if groups:
        yield Exhibit(
            beside(about, about.undrawn.weights()["estimate"], caption, 3, group_names_of(about), [note]), "weights"
        )
        return
    frame = about.fit.weights(confidence_level=about.level).drop(columns=["statistic", "p_value"], errors="ignore")
    yield Exhibit(Table(known(frame), caption, [note], group_names_of(about)), "weights")


def _sampling(about: Context) -> Iterator[tuple[str, str]]:
    """How cases were drawn and weighted, where a design was given."""
    data = about.fit.core.sample
    if data is None:
        return
    design = data.design
    for role in ("weight", "count", "stratum", "cluster", "fpc"):
        column = getattr(design, role)
        if column:
            yield about.say(f"appendix.{role}"), str(column)
    if design.weight:
        w = data.weight[data.weight > 0]
        ends = {"low": number(float(w.min()), 3), "high": number(float(w.max()), 3)}
        yield about.say("appendix.range"), about.say("appendix.range_said", **ends)
        yield about.say("appendix.effective"), number(float(w.sum() ** 2 / (w @ w)), 0)
    if data.layout is not None:
        yield about.say("appendix.strata"), number(len(data.layout.fraction), 0)
        yield about.say("appendix.psu"), number(len(data.layout.stratum), 0)


# -- what is not there ------------------------------------------------------------------------------------------------


def missing(about: Context) -> Iterator[Section]:
    """What this report lacks, and what would supply it, one sentence each; nothing where nothing is lacking."""
    said = [(sentence, "") for sentence in _absent(about)]
    if said:
        yield Section("missing", about.say("absent.title"), [Listing(said)])


def _absent(about: Context) -> Iterator[str]:
    fit = about.fit
    if not about.fieldwork:
        yield about.say("absent.fieldwork")
    if not about.before:
        yield about.say("absent.before")
    if fit.core.sample is None:
        yield about.say("absent.cases")
    elif fit.core.draws is None and about.family == "components":
        yield about.say("absent.draws")
    if not fit.groups:
        yield about.say("absent.groups")
    if not any(item.label for item in fit.model.items):
        yield about.say("absent.questions")
    if not any(path.source for path in fit.model.paths):
        yield about.say("absent.sources")
