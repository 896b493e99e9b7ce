"""What was found: the index, what moves it, the paths and the effects."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csi.display.numbers import number
from csi.report import tables
from csi.report.blocks import Block, Exhibit, Paragraph, Section, ref
from csi.report.context import BESIDE, Context, part, row, rows
from csi.report.pictures import index_bars, path_diagram, priority_map
from csi.report.texts import both


def index(about: Context) -> Section:
    """The index of every construct, or the model's index of every group."""
    blocks: list[Block]
    if about.index is None:
        blocks = [Paragraph(f"{about.why_no_index}.")]
    elif about.fit.groups:
        blocks = _index_groups(about, about.index)
    else:
        blocks = [
            Paragraph(_index_lead(about, about.index)),
            Exhibit(tables.index(about, about.index), "index"),
            index_bars(about),
        ]
    return Section("index", about.say("index.title"), blocks)


def _index_lead(about: Context, table: pd.DataFrame) -> str:
    if about.fit.model.index is None:
        return about.say("index.no_index")
    found = row(table, about.index_name)
    ends = about.interval(found, 1)
    key = "index.lead" if ends else "index.lead_bare"
    facts = {"value": number(found["estimate"], 1), "level": about.level_text, "interval": ends}
    return about.say(key, name=about.labels[about.index_name], n=about.n, **facts)


def _index_groups(about: Context, table: pd.DataFrame) -> list[Block]:
    picture: list[Block] = [index_bars(about)] if len(about.group_names) <= BESIDE else []
    lead = Paragraph(_groups_lead(about, part(table, about.index_name, -1)))
    every = tables.beside(about, table["estimate"], both("index.caption_all"), 1, tables.names(about))
    return [lead, Exhibit(tables.group_index(about, table), "group_index"), *picture, Exhibit(every, "index_all")]


def _groups_lead(about: Context, own: pd.DataFrame) -> str:
    values = own["estimate"].to_numpy(dtype=float)
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    names = about.group_names
    ends = {"low": number(values[low], 1), "high": number(values[high], 1)}
    return about.say("index.groups", count=len(names), lowest=names[low], highest=names[high], **ends)


def impacts(about: Context) -> Section:
    """Index points gained per point of every driver, and what to do about each."""
    title = about.say("impacts.title")
    if not about.has_drivers:
        return Section("impacts", title, [Paragraph(about.say("impacts.none"))])
    if about.fit.groups:
        total, notes = about.undrawn.impacts()["total"], [both("impacts.note")]
        total.index = total.index.set_names([*about.fit.core.by, "driver"])
        shown = tables.beside(about, total, both("impacts.caption_groups"), 2, tables.names(about), notes)
        return Section("impacts", title, [Exhibit(shown, "impacts")])
    tidy = about.fit.impacts(tidy=True, confidence_level=about.level)
    blocks: list[Block] = [
        Paragraph(_impact_lead(about, tidy)),
        Exhibit(tables.impacts(about, tidy), "impacts"),
        priority_map(about),
    ]
    return Section("impacts", title, blocks)


def _impact_lead(about: Context, tidy: pd.DataFrame) -> str:
    total = {label: numbers for (label,), numbers in rows(part(tidy, "total", "measure"))}
    name = max(total, key=lambda driver: total[driver]["estimate"])
    ends = about.interval(total[name], 2)
    shown = about.say("impacts.interval", level=about.level_text, interval=ends) if ends else ""
    return about.say("impacts.lead", name=about.labels[name], value=number(total[name]["estimate"], 2), interval=shown)


def paths(about: Context) -> Section:
    """Every path with what theory expects of it, and how much of each construct is explained."""
    title, table = about.say("paths.title"), about.paths
    if about.fit.groups:
        caption = both("paths.caption_r2_groups")
        explained = tables.beside(about, about.undrawn.r2()["r2"], caption, 3, tables.names(about))
        return Section("paths", title, [Exhibit(tables.group_paths(about, table), "paths"), Exhibit(explained, "r2")])
    lead = _path_lead(about, table)
    pointed = about.say("paths.pointers", table=ref("paths"), figure=ref("figure_paths"), explained=ref("r2"))
    blocks: list[Block] = [Paragraph(about.joint.join(said for said in (lead, pointed) if said)), path_diagram(about)]
    blocks += [Exhibit(tables.paths(about, table), "paths"), Exhibit(tables.r2(about), "r2")]
    overlaps = tables.overlaps(about)
    return Section("paths", title, [*blocks, *([Exhibit(overlaps, "overlaps")] if overlaps.frame.size else [])])


def _path_lead(about: Context, table: pd.DataFrame) -> str:
    signs = {(h.cause, h.effect): h.sign for h in about.fit.model.hypotheses() if h.sign in ("+", "-")}
    found = [
        tables.verdict(path, signs[cause, effect]) for (cause, effect), path in rows(table) if (cause, effect) in signs
    ]
    if not found or not all(found):
        return ""
    count = {key: found.count(key) for key in ("supported", "weak", "contrary")}
    others = about.say("paths.others", **count) if count["weak"] + count["contrary"] else ""
    return about.say("paths.lead", count=len(found), supported=count["supported"], others=others)


def effects(about: Context) -> Section:
    """Direct, indirect and total effects, with the interval of the total."""
    title = about.say("effects.title")
    if len(about.fit.groups) > BESIDE:
        return Section("effects", title, [Paragraph(about.say("effects.groups", count=len(about.fit.groups)))])
    if about.fit.groups:
        shown = tables.group_effects(about)
        said = Paragraph(about.say("effects.lead_groups", table=ref("effects")))
        return Section("effects", title, [said, Exhibit(shown, "effects")])
    lead = Paragraph(about.say("effects.lead", table=ref("effects")))
    blocks: list[Block] = [lead, Exhibit(tables.effects(about), "effects")]
    chains = tables.chains(about)
    if len(chains.frame):
        blocks += [Paragraph(about.say("effects.chains", table=ref("chains"))), Exhibit(chains, "chains")]
    return Section("effects", title, blocks)
