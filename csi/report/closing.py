"""What is looked up: the measurement, the method in words, the model, the versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from csi.display.numbers import number
from csi.display.table import Table
from csi.errors import NotAvailable
from csi.methods.cbsem import CBSEM
from csi.methods.pls import PLS
from csi.methods.plsc import PLSc
from csi.report import tables
from csi.report.blocks import Block, Exhibit, Facts, Listing, Paragraph, Section, Verbatim
from csi.report.context import BESIDE, Context
from csi.report.pictures import model_diagram
from csi.report.texts import both, reference
from csi.versions import show_versions

#: Methods with a sentence and a reference of their own.
METHODS = (PLS, PLSc, CBSEM)


def measurement(about: Context) -> Section:
    """Every item: its answers, its loading, its weight; how well items agree and constructs differ."""
    title, groups = about.say("measurement.title"), about.fit.groups
    if len(groups) > BESIDE:
        return Section("measurement", title, [Paragraph(about.say("measurement.groups", count=len(groups)))])
    lead = Paragraph(about.say("measurement.lead"))
    if groups:
        loadings = about.fit.loadings()["estimate"]
        shown = tables.beside(about, loadings, both("measurement.caption_groups"), 3, tables.names(about))
        return Section("measurement", title, [lead, Exhibit(shown, "items")])
    further = [
        block for table in (tables.reliability, tables.validity, tables.goodness) for block in _try(about, table)
    ]
    return Section("measurement", title, [lead, Exhibit(tables.items(about), "items"), *further])


def _try(about: Context, table: Callable[[Context], Table]) -> list[Block]:
    """Give a table, the sentence that says why there is none, or nothing where it would be empty."""
    try:
        found = table(about)
    except NotAvailable as why:
        return [Paragraph(f"{why}.")]
    return [Exhibit(found)] if found.frame.size else []


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
    if isinstance(how, PLS) and type(how) in METHODS:
        return about.say(f"method.{type(how).__name__}", settings=_pls_settings(about, how))
    if isinstance(how, CBSEM):
        return about.say("method.CBSEM", estimator=how.estimator)
    return about.say("method.other", method=repr(how))


def _pls_settings(about: Context, how: PLS) -> str:
    modes = ", ".join(f"{about.labels[name]} {mode}" for name, mode in (how.modes or {}).items())
    said = [
        about.say("method.scheme", scheme=about.say(f"method.{how.scheme}")),
        about.say("method.modes", modes=modes) if modes else about.say("method.mode_a"),
        about.say("method.standardized" if how.standardized else "method.raw"),
        about.say("method.tolerance", tolerance=f"{how.tolerance:g}".replace("e-0", "e-")),
    ]
    return ("，" if about.language == "zh" else ", ").join(said)


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
    yield from (reference(kind.__name__) for kind in METHODS if isinstance(about.fit.study.method, kind))
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
    blocks: list[Block] = [
        Paragraph(about.say("model.lead", **counts)),
        model_diagram(about),
        Exhibit(tables.constructs(about), "constructs"),
        Paragraph(about.say("model.text")),
        Verbatim(str(said), long=True),
    ]
    return Section("model", about.say("model.title"), blocks)


def versions(about: Context) -> Section:
    """Versions of everything that computes."""
    pairs = list(show_versions().items())
    return Section("versions", about.say("versions.title"), [Paragraph(about.say("versions.lead")), Facts(pairs)])
