"""A page for every model of the catalogue, generated from its sheet: picture, questions, arrows, sources, text form."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt

import csi
from csi.models import Entry
from making import files


def picture(model: csi.Model, language: str) -> bytes:
    """Draw a model as an SVG that looks the same on every build."""
    with plt.rc_context({"svg.hashsalt": "csi", "svg.fonttype": "path"}):
        ax = csi.plots.diagram(model, language=language)
        buffer = io.BytesIO()
        ax.figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(ax.figure)
    return buffer.getvalue()


def key(entry: Entry) -> str:
    """Name of the page of an entry."""
    return entry.name if entry.variant == "" else f"{entry.name}-{entry.variant}"


def pages(docs: Path, target: Path) -> Iterator[Path]:
    """Write the pages, their pictures and the table of all."""
    entries = csi.models.entries()
    for entry in entries:
        for language in ("en", "zh"):
            yield files.write(target / f"{key(entry)}_{language}.svg", picture(entry.model, language))
        yield files.write(target / f"{key(entry)}.md", page(entry))
    yield files.write(target / "index.md", table(entries))


def page(entry: Entry) -> str:
    """Everything that the sheet of a model says."""
    model, name = entry.model, key(entry)
    call = (
        f"csi.models.get({entry.name!r}, variant={entry.variant!r})" if entry.variant else f"csi.models.{entry.name}()"
    )
    lines = [
        f"# {entry.title['en']}", "", f"{entry.title['zh']} · {entry.country}, {entry.year} · `{call}`", "",
        f"![The model {name}: constructs and arrows]({name}_en.svg)", "",
        f"![{entry.title['zh']}]({name}_zh.svg)", "", "## Constructs and questions", "",
        "| construct | 中文 | item | question | 问题 |", "| --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for construct, held in model.constructs.items():
        named = [held.label[language] if held.label else construct for language in ("en", "zh")]
        for at, item in enumerate(held.items):
            first = [f"`{construct}` {named[0]}", named[1]] if at == 0 else ["", ""]
            asked = [cell((item.label or {}).get(language, "")) for language in ("en", "zh")]
            lines.append("| " + " | ".join([*first, f"`{item.name}`", *asked]) + " |")
    lines += ["", "## Arrows", "", "| hypothesis | cause | effect | sign | status |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {h.hypothesis} | {h.cause} | {h.effect} | {h.sign} | {h.status} |" for h in model.hypotheses()]
    lines += ["", "## Source", "", entry.reference, ""]
    lines += [f"- {note}" for note in entry.notes]
    lines += ["", "## Text form", "", "```text", str(model), "```", ""]
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text that does not break a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def table(entries: list[Entry]) -> str:
    """The table of all models and the list of their pages."""
    rows = [
        f"| [{entry.title['en']}]({key(entry)}.md) | {entry.title['zh']} | {entry.country} | {entry.year} |"
        f" {len(entry.model.constructs)} | {len(entry.model.items)} | {len(entry.model.paths)} |"
        f" {sum(path.status == 'assumed' for path in entry.model.paths)} |"
        for entry in entries
    ]
    head = ["| index | 名称 | country | year | constructs | items | arrows | assumed |", "| --- " * 8 + "|"]
    listing = ["```{toctree}", ":hidden:", ":glob:", "", "*", "```"]
    text = "A page a model, generated from its sheet in the catalogue: picture, questions, arrows, sources."
    return "\n".join(["# Model by model", "", text, "", *head, *rows, "", *listing, ""])
