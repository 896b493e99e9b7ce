"""What was found: the index, what moves it, the paths and the effects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from csi.display.numbers import number, p_value, stars, stars_note
from csi.report.blocks import Block, Paragraph, Section, Table
from csi.report.context import BESIDE, Context, Row, part, row, rows
from csi.report.pictures import index_bars, path_diagram, priority_map

#: A p-value below this, or an interval that excludes zero, shows an effect.
LIMIT = 0.05


def index(about: Context) -> Section:
    """The index of every construct, or the model's index of every group."""
    blocks: list[Block]
    if about.index is None:
        blocks = [Paragraph(f"{about.why_no_index}.")]
    elif about.fit.groups:
        blocks = _index_groups(about, about.index)
    else:
        blocks = [Paragraph(_index_lead(about, about.index)), _index_table(about, about.index), index_bars(about)]
    return Section("index", about.say("index.title"), blocks)


def _index_lead(about: Context, table: pd.DataFrame) -> str:
    if about.fit.model.index is None:
        return about.say("index.no_index")
    found = row(table, about.index_name)
    ends = about.interval(found, 1)
    key = "index.lead" if ends else "index.lead_bare"
    facts = {"value": number(found["estimate"], 1), "level": about.level_text, "interval": ends}
    return about.say(key, name=about.labels[about.index_name], n=about.n, **facts)


def _index_table(about: Context, table: pd.DataFrame) -> Table:
    header = [about.word(key) for key in ("construct", "estimate", "std_error")] + [about.interval_word]
    cells = [[about.labels[label], *_score_cells(about, score)] for (label,), score in rows(table)]
    return Table.of(about.say("index.caption"), header, cells, notes=[about.say("index.note")])


def _score_cells(about: Context, score: Row) -> list[str]:
    return [number(score["estimate"], 2), number(score["std_error"], 2), about.interval(score, 2)]


def _index_groups(about: Context, table: pd.DataFrame) -> list[Block]:
    own = part(table, about.index_name, -1)
    header = [about.by, *(about.word(key) for key in ("n", "estimate", "std_error")), about.interval_word]
    lines = [
        [name, number(n, 0), *_score_cells(about, score)]
        for name, n, (_, score) in zip(about.group_names, about.fit.core.stack.n, rows(own), strict=True)
    ]
    first = Table.of(about.say("index.caption_groups"), header, lines, notes=[about.say("index.note")])
    cells = [[number(value, 1) for value in group] for group in about.per_group(table["estimate"])]
    names = [about.labels[label] for label in about.first_group(table)]
    second = beside(about, about.say("index.caption_all"), about.word("construct"), names, cells)
    picture = [index_bars(about)] if len(lines) <= BESIDE else []
    return [Paragraph(_groups_lead(about, own)), first, *picture, second]


def _groups_lead(about: Context, own: pd.DataFrame) -> str:
    values = own["estimate"].to_numpy(dtype=float)
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    names = about.group_names
    ends = {"low": number(values[low], 1), "high": number(values[high], 1)}
    return about.say("index.groups", count=len(names), lowest=names[low], highest=names[high], **ends)


def beside(
    about: Context,
    caption: str,
    what: str,
    names: Sequence[str],
    cells: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
) -> Table:
    """Groups beside each other; below each other where they are many.

    Parameters
    ----------
    cells : sequence (groups, rows)
    """
    groups = about.group_names
    if len(groups) <= BESIDE:
        lines = [[name, *column] for name, column in zip(names, zip(*cells, strict=True), strict=True)]
        return Table.of(caption, [what, *groups], lines, notes=notes)
    lines = [[group, *own] for group, own in zip(groups, cells, strict=True)]
    return Table.of(caption, [about.by, *names], lines, notes=notes)


# -- what moves it --------------------------------------------------------------------------------------------


def impacts(about: Context) -> Section:
    """Index points gained per point of every driver, and what to do about each."""
    title = about.say("impacts.title")
    if not about.has_drivers:
        return Section("impacts", title, [Paragraph(about.say("impacts.none"))])
    if about.fit.groups:
        return Section("impacts", title, [_impact_groups(about)])
    tidy = about.fit.impacts(tidy=True, confidence_level=about.level)
    blocks: list[Block] = [Paragraph(_impact_lead(about, tidy)), _impact_table(about, tidy), priority_map(about)]
    return Section("impacts", title, blocks)


def _impact_groups(about: Context) -> Table:
    table = about.fit.impacts()
    cells = [[number(value, 2) for value in group] for group in about.per_group(table["total"])]
    names = [about.labels[label] for label in about.first_group(table)]
    caption, notes = about.say("impacts.caption_groups"), [about.say("impacts.note")]
    return beside(about, caption, about.word("driver"), names, cells, notes)


def _impact_lead(about: Context, tidy: pd.DataFrame) -> str:
    total = {label: numbers for (label,), numbers in rows(part(tidy, "total", "measure"))}
    name = max(total, key=lambda driver: total[driver]["estimate"])
    ends = about.interval(total[name], 2)
    shown = about.say("impacts.interval", level=about.level_text, interval=ends) if ends else ""
    return about.say("impacts.lead", name=about.labels[name], value=number(total[name]["estimate"], 2), interval=shown)


def _impact_table(about: Context, tidy: pd.DataFrame) -> Table:
    found = dict(rows(tidy))
    cells = [
        [
            about.labels[name],
            number(found[name, "direct"]["estimate"], 2),
            number(found[name, "total"]["estimate"], 2),
            about.interval(found[name, "total"], 2),
            number(numbers["score"], 1),
            about.word(quadrant(numbers)),
        ]
        for (name,), numbers in rows(about.fit.priorities())
    ]
    header = [about.word(key) for key in ("driver", "direct", "total")]
    header += [about.interval_word, about.word("score"), about.say("impacts.priority")]
    notes = [about.say("impacts.note"), about.say("impacts.quadrants")]
    return Table.of(about.say("impacts.caption"), header, cells, notes=notes)


def quadrant(driver: Row) -> str:
    """Where a driver lies on the map of importance and performance."""
    if driver["important"]:
        return "keep_up" if driver["strong"] else "concentrate"
    return "overkill" if driver["strong"] else "low_priority"


# -- paths ----------------------------------------------------------------------------------------------------


def paths(about: Context) -> Section:
    """Every path with what theory expects of it, and how much of each construct is explained."""
    title, table = about.say("paths.title"), about.fit.paths(confidence_level=about.level)
    if about.fit.groups:
        return Section("paths", title, [_path_groups(about, table), _r2_groups(about)])
    blocks: list[Block] = [path_diagram(about), _path_table(about, table), _r2_table(about)]
    lead = _path_lead(about, table)
    return Section("paths", title, [Paragraph(lead), *blocks] if lead else blocks)


def _arrow(about: Context, cause: str, effect: str) -> str:
    assumed = any(p.status == "assumed" for p in about.fit.model.paths if (p.cause, p.effect) == (cause, effect))
    return f"{about.labels[cause]} → {about.labels[effect]}" + (" †" if assumed else "")


def _verdict(path: Row, sign: str) -> str:
    """Compare an estimate with the sign that was expected."""
    if not np.isfinite(path["conf_low"]):
        return ""
    if path["conf_low"] <= 0 <= path["conf_high"]:
        return "weak"
    if sign in ("+", "-"):
        return "supported" if (path["estimate"] > 0) == (sign == "+") else "contrary"
    return "found"


def _path_lead(about: Context, table: pd.DataFrame) -> str:
    signs = {(h.cause, h.effect): h.sign for h in about.fit.model.hypotheses() if h.sign in ("+", "-")}
    said = [_verdict(path, signs[arrow]) for arrow, path in rows(table) if arrow in signs]  # type: ignore[index]
    if not said or not all(said):
        return ""
    count = {key: said.count(key) for key in ("supported", "weak", "contrary")}
    others = about.say("paths.others", **count) if count["weak"] + count["contrary"] else ""
    return about.say("paths.lead", count=len(said), supported=count["supported"], others=others)


def _path_table(about: Context, table: pd.DataFrame) -> Table:
    cells = [_path_cells(about, cause, effect, path) for (cause, effect), path in rows(table)]
    header = ["H", about.word("path"), about.say("paths.expected")]
    header += [about.word(key) for key in ("estimate", "std_error")]
    header += [about.interval_word, about.word("statistic"), about.word("p_value"), about.say("paths.verdict")]
    return Table.of(about.say("paths.caption"), header, cells, left=3, notes=_arrow_notes(about))


def _path_cells(about: Context, cause: str, effect: str, path: Row) -> list[str]:
    known = next((h for h in about.fit.model.hypotheses() if (h.cause, h.effect) == (cause, effect)), None)
    verdict = _verdict(path, known.sign) if known else ""
    return [
        known.hypothesis if known else "",
        _arrow(about, cause, effect),
        known.sign.replace("-", "−") if known else "",
        number(path["estimate"], 3),
        number(path["std_error"], 3),
        about.interval(path, 3),
        number(path["statistic"], 2),
        p_value(path["p_value"], language=about.language),
        about.say(f"paths.{verdict}") if verdict else "",
    ]


def _arrow_notes(about: Context) -> list[str]:
    return [about.say("paths.assumed")] if any(p.status == "assumed" for p in about.fit.model.paths) else []


def _path_groups(about: Context, table: pd.DataFrame) -> Table:
    marked = [number(path["estimate"], 3) + stars(path["p_value"]) for _, path in rows(table)]
    size = len(table) // len(about.fit.groups)
    cells = [marked[at : at + size] for at in range(0, len(marked), size)]
    names = [_arrow(about, cause, effect) for *_, cause, effect in table.index[:size]]
    notes = [stars_note(language=about.language), *_arrow_notes(about)]
    return beside(about, about.say("paths.caption"), about.word("path"), names, cells, notes)


def _r2_table(about: Context) -> Table:
    cells = [
        [about.labels[name], number(share["r2"], 3), number(share["r2_adjusted"], 3)]
        for (name,), share in rows(about.fit.r2())
    ]
    header = [about.word(key) for key in ("construct", "r2", "r2_adjusted")]
    return Table.of(about.say("paths.caption_r2"), header, cells)


def _r2_groups(about: Context) -> Table:
    table = about.fit.r2()
    cells = [[number(value, 3) for value in group] for group in about.per_group(table["r2"])]
    names = [about.labels[label] for label in about.first_group(table)]
    caption = f"{about.say('paths.caption_r2')} ({about.word('r2')})"
    return beside(about, caption, about.word("construct"), names, cells)


def effects(about: Context) -> Section:
    """Direct, indirect and total effects, with the interval of the total."""
    title = about.say("effects.title")
    if about.fit.groups:
        return Section("effects", title, [Paragraph(about.say("effects.groups", count=len(about.fit.groups)))])
    measures = ("direct", "indirect", "total")
    found = dict(rows(about.fit.effects(tidy=True, confidence_level=about.level)))
    cells = [
        [
            f"{about.labels[cause]} → {about.labels[effect]}",
            *(_effect(found[cause, effect, each]["estimate"]) for each in measures),
            about.interval(found[cause, effect, "total"], 3),
        ]
        for cause, effect, measure in found
        if measure == "total"
    ]
    header = [about.word("path"), *map(about.word, measures), about.interval_word]
    table = Table.of(about.say("paths.caption_effects"), header, cells)
    return Section("effects", title, [Paragraph(about.say("effects.lead")), table])


def _effect(value: float) -> str:
    """An effect; nothing where no arrow or chain leads."""
    return number(value, 3) if abs(value) > 1e-12 else ""
