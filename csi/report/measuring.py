"""How the answers spread, how well items agree, whether constructs can be told apart, how the whole model fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from csi.display.table import Table
from csi.errors import NotAvailable
from csi.report import measurement_tables as tables
from csi.report.blocks import Block, Exhibit, Paragraph, Section, ref
from csi.report.context import BESIDE, Context
from csi.report.tables import beside, group_names_of
from csi.report.texts import both


def descriptives(about: Context) -> Section:
    """Every item: how many answered, where, how widely, how lopsidedly."""
    title, key = about.say("descriptives.title"), "descriptives"
    if about.fit.groups:
        shown = tables.group_means(about)
        return Section(
            key, title, [Paragraph(about.say("descriptives.lead_groups", table=ref(key))), Exhibit(shown, key)]
        )
    shown = tables.descriptives(about)
    lead = about.say("descriptives.lead", table=ref(key))
    if "skewness" in shown.frame:
        lead += about.joint + tables.shape_sentence(about, shown.frame)
    return Section(key, title, [Paragraph(lead), Exhibit(shown, key)])


def measurement(about: Context) -> Section:
    """Loadings, reliability, validity, each held against its limit."""
    title, groups = about.say("measurement.title"), about.fit.groups
    if len(groups) > BESIDE:
        return Section("measurement", title, [Paragraph(about.say("measurement.groups", count=len(groups)))])
    if groups:
        loadings = about.undrawn.loadings()["estimate"]
        shown = beside(about, loadings, both("measurement.caption_groups"), 3, group_names_of(about))
        lead = Paragraph(about.say("measurement.lead_groups", table=ref("loadings")))
        return Section(
            "measurement", title, [lead, Exhibit(shown, "loadings"), *_try(about, "verdicts", tables.verdicts)]
        )
    loaded = Exhibit(tables.loadings(about), "loadings")
    blocks: list[Block] = [Paragraph(about.say("measurement.lead", table=ref("loadings"))), loaded]
    makers: dict[str, Callable[[Context], Table]] = {
        "reliability": tables.reliability, "fornell_larcker": tables.fornell_larcker, "htmt": tables.htmt,
        "verdicts": tables.verdicts,
    }  # fmt: skip
    for key, maker in makers.items():
        found = list(_try(about, key, maker))
        if found and isinstance(found[0], Exhibit):
            blocks.append(Paragraph(about.say(f"measurement.to_{key}", table=ref(key))))
        blocks += found
    return Section("measurement", title, blocks)


def goodness(about: Context) -> Section:
    """How well the model as a whole fits, against its criteria."""
    title = about.say("goodness.title")
    if len(about.fit.groups) > BESIDE:
        return Section("goodness", title, [Paragraph(about.say("goodness.groups", count=len(about.fit.groups)))])
    found = list(_try(about, "goodness", tables.goodness))
    exhibit = bool(found) and isinstance(found[0], Exhibit)
    key = "goodness.lead_covariance" if about.family == "covariance" else "goodness.lead_components"
    blocks: list[Block] = [Paragraph(about.say(key, table=ref("goodness")))] if exhibit else []
    blocks += found
    if exhibit and _can_test(about) and about.fit.model.products:
        blocks.append(Paragraph(about.say("goodness.products")))
    elif exhibit and _can_test(about):
        blocks += list(_try(about, "exact_fit", tables.exact_fit))
    return Section("goodness", title, blocks)


def _can_test(about: Context) -> bool:
    """Whether the test of exact fit by resamples is of use: components, one group, resamples of cases."""
    drawn = about.fit.core.draws
    return about.family == "components" and not about.fit.groups and drawn is not None and drawn.kind == "bootstrap"


def _try(about: Context, key: str, table: Callable[[Context], Table]) -> Iterator[Block]:
    """Give a table, the sentence that says why there is none, or nothing where it would be empty."""
    try:
        found = table(about)
    except NotAvailable as why:
        yield Paragraph(f"{why}.")
        return
    if found.frame.size:
        yield Exhibit(found, key)
