"""What is looked up: the measurement, the method in words, the model, the versions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from csi.display.numbers import number
from csi.display.words import in_language
from csi.methods.pls import PLS
from csi.report.blocks import Block, Facts, Listing, Paragraph, Section, Table, Verbatim
from csi.report.context import BESIDE, Context, rows
from csi.report.outcomes import beside
from csi.report.pictures import model_diagram
from csi.report.texts import reference
from csi.spec.words import Scale
from csi.spec.write import scale_text
from csi.versions import show_versions


def measurement(about: Context) -> Section:
    """Every item: its answers, its loading, its weight."""
    title, groups = about.say("measurement.title"), about.fit.groups
    if len(groups) > BESIDE:
        return Section("measurement", title, [Paragraph(about.say("measurement.groups", count=len(groups)))])
    shown = _loading_groups(about) if groups else _item_table(about)
    return Section("measurement", title, [Paragraph(about.say("measurement.lead")), shown])


def _item_table(about: Context) -> Table:
    blueprint = about.fit.core.blueprint
    codes = blueprint.to_codes(about.fit.core.stack)
    mean, sd = codes.mean[:, 0], np.sqrt(np.einsum("iib->ib", codes.cov))[:, 0]
    weights = dict(rows(about.fit.weights()))
    cells, above = [], ""
    for (construct, item), loading in rows(about.fit.loadings(confidence_level=about.level)):
        at = blueprint.item_names.index(item)
        cells.append(
            [
                about.labels[construct] if construct != above else "",
                item,
                _question(about, item),
                number(mean[at], 2),
                number(sd[at], 2),
                number(loading["estimate"], 3),
                about.interval(loading, 3) if loading["std_error"] > 0 else "",
                number(weights[construct, item]["estimate"], 3),
            ]
        )
        above = construct
    header = [about.word(key) for key in ("construct", "item", "question", "mean", "sd", "loading")]
    header += [about.interval_word, about.word("weight")]
    return Table.of(about.say("measurement.caption"), header, cells, left=3, notes=[about.say("measurement.note")])


def _question(about: Context, item: str) -> str:
    """What was asked, if the model knows it."""
    asked = next(each.label for each in about.fit.model.items if each.name == item)
    return in_language(asked, about.language) if asked else ""


def _loading_groups(about: Context) -> Table:
    table = about.fit.loadings()
    cells = [[number(value, 3) for value in group] for group in about.per_group(table["estimate"])]
    names = [f"{about.labels[str(row[-2])]}: {row[-1]}" for row in table.index[: len(cells[0])]]
    return beside(about, about.say("measurement.caption_groups"), about.word("item"), names, cells)


# -- method ---------------------------------------------------------------------------------------------------


def method(about: Context) -> Section:
    """How the numbers were made, as a paragraph for a thesis, with what to cite."""
    joint = "" if about.language == "zh" else " "
    sentences = [_estimator(about), about.say("method.index") if about.index is not None else "", _intervals(about)]
    blocks: list[Block] = [Paragraph(joint.join(sentence for sentence in sentences if sentence))]
    blocks.append(Listing([(cited, "") for cited in _references(about)]))
    return Section("method", about.say("method.title"), blocks)


def _estimator(about: Context) -> str:
    how = about.fit.study.method
    if type(how) is not PLS:
        return about.say("method.other", method=repr(how))
    modes = ", ".join(f"{about.labels[name]} {mode}" for name, mode in (how.modes or {}).items())
    said = [
        about.say("method.scheme", scheme=about.say(f"method.{how.scheme}")),
        about.say("method.modes", modes=modes) if modes else about.say("method.mode_a"),
        about.say("method.standardized" if how.standardized else "method.raw"),
        about.say("method.tolerance", tolerance=f"{how.tolerance:g}".replace("e-0", "e-")),
    ]
    return about.say("method.PLS", settings=("，" if about.language == "zh" else ", ").join(said))


def _intervals(about: Context) -> str:
    core = about.fit.core
    drawn, level = core.draws, about.level_text
    if drawn is None:
        if core.sample is None:
            return about.say("method.none")
        kind = about.say("method.t" if np.isfinite(core.df) else "method.normal")
        return about.say("method.linearized", level=level, kind=kind)
    seed = about.say("method.seed", seed=drawn.entropy) if drawn.entropy is not None else ""
    key = "normal_draws" if drawn.kind == "normal" else drawn.kind
    failed = number(int(drawn.failed.sum()), 0)
    return about.say(f"method.{key}", level=level, size=number(drawn.size, 0), seed=seed, failed=failed)


def _references(about: Context) -> Iterator[str]:
    core = about.fit.core
    if isinstance(about.fit.study.method, PLS):
        yield reference("PLS")
    if about.index is not None:
        yield reference("index")
    if core.draws is None and core.sample is not None:
        yield reference("linearized")
    elif core.draws is not None and core.draws.kind in ("bootstrap", "rao-wu"):
        yield reference(core.draws.kind)
    if about.has_drivers and not about.fit.groups:
        yield reference("priorities")


# -- model and versions ---------------------------------------------------------------------------------------


def model(about: Context) -> Section:
    """The model: its constructs, and all of it as text that can be read back."""
    said = about.fit.model
    counts = {"constructs": len(said.constructs), "items": len(said.items), "paths": len(said.paths)}
    cells = [
        [about.labels[name], name, about.say(f"model.{block.kind}"), _measured(about, name), _scale(about, name)]
        for name, block in said.constructs.items()
    ]
    keys = ("name", "kind", "measured", "scale")
    header = [about.word("construct"), *(about.say(f"model.{key}") for key in keys)]
    blocks: list[Block] = [
        Paragraph(about.say("model.lead", **counts)),
        model_diagram(about),
        Table.of(about.say("model.caption"), header, cells, left=5),
        Paragraph(about.say("model.text")),
        Verbatim(str(said), long=True),
    ]
    return Section("model", about.say("model.title"), blocks)


def _measured(about: Context, name: str) -> str:
    block = about.fit.model.constructs[name]
    if block.of:
        return about.say("model.made_of", names=", ".join(about.labels[lower] for lower in block.of))
    return ", ".join(item.name for item in block.items)


def _scale(about: Context, name: str) -> str:
    scales = {about.fit.model.scale_of(item) for item in about.fit.model.constructs[name].items}
    if len(scales) > 1:
        return about.say("model.several")
    only = scales.pop() if scales else None
    return scale_text(only).replace("..", "–") if isinstance(only, Scale) else ""


def versions(about: Context) -> Section:
    """Versions of everything that computes."""
    pairs = list(show_versions().items())
    return Section("versions", about.say("versions.title"), [Paragraph(about.say("versions.lead")), Facts(pairs)])
