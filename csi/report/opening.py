"""What is read first: the numbers of the front, the doubts, and who answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from csi.display.fit import gathered
from csi.display.numbers import number, percent
from csi.display.table import Table
from csi.errors import SettingsError
from csi.report.blocks import Block, Card, Exhibit, Facts, Listing, Paragraph, Section
from csi.report.context import Context, Row, part, row, rows
from csi.report.texts import both, doubt_texts


def cards(about: Context) -> list[Card]:
    """The index with its interval, what moves it most, what is weakest, and how many doubts there are."""
    found = list(_group_cards(about) if about.fit.groups else _index_cards(about))
    count = len(about.fit.doubts)
    said = about.say("card.doubts_some" if count else "card.doubts_none")
    return [*found, Card(about.say("card.doubts"), str(count), said, "bad" if count else "good")]


def _index_cards(about: Context) -> Iterator[Card]:
    if about.index is None:
        return
    yield _score_card(about, about.labels[about.index_name], row(about.index, about.index_name), "main")
    if about.has_drivers:
        yield from _driver_cards(about)


def _score_card(about: Context, label: str, score: Row, tone: str = "") -> Card:
    ends = about.interval(score, 1).replace(" ", "\N{NO-BREAK SPACE}")
    key = "card.interval" if ends else "card.no_interval"
    return Card(label, number(score["estimate"], 1), about.say(key, level=about.level_text, interval=ends), tone)


def _driver_cards(about: Context) -> Iterator[Card]:
    drivers = {label: numbers for (label,), numbers in rows(about.undrawn.priorities())}
    strongest = max(drivers, key=lambda name: drivers[name]["impact"])
    value = number(drivers[strongest]["impact"], 2)
    yield Card(about.say("card.lever", name=about.labels[strongest]), value, about.say("card.lever_note"))
    urgent = [name for name, numbers in drivers.items() if numbers["important"] and not numbers["strong"]]
    key = "card.weak" if urgent else "card.lowest_driver"
    which = urgent[0] if urgent else min(drivers, key=lambda name: drivers[name]["score"])
    score = number(drivers[which]["score"], 1)
    yield Card(about.say(key, name=about.labels[which]), score, about.say(f"{key}_note"))


def _group_cards(about: Context) -> Iterator[Card]:
    if about.index is None:
        return
    scores = [numbers for _, numbers in rows(part(about.index, about.index_name, -1))]
    known = [at for at, score in enumerate(scores) if np.isfinite(score["estimate"])]
    highest = max(known, key=lambda at: scores[at]["estimate"])
    lowest = min(known, key=lambda at: scores[at]["estimate"])
    for key, at in (("highest", highest), ("lowest", lowest)):
        label = about.say(f"card.{key}", name=about.group_names[at])
        yield _score_card(about, label, scores[at], "main" if key == "highest" else "")


def doubts(about: Context) -> Section:
    """Every doubt with its remedy, or that there is none."""
    title, found = about.say("doubts.title"), about.fit.doubts
    if not found:
        key = "doubts.none" if about.fit.core.draws is None else "doubts.none_drawn"
        return Section("doubts", title, [Paragraph(about.say(key), "good")])
    points, printed = [], {name: about.labels[name] for name in about.fit.model.constructs}
    for alike in gathered(found):
        message, remedy = doubt_texts(alike[0], about.language, printed)
        said = f"{alike[0].code}{_where(about, alike)}: {message}"
        points.append((said, about.say("doubts.remedy", remedy=remedy)))
    blocks: list[Block] = [Paragraph(about.say("doubts.some", count=len(found))), Listing(points, "bad")]
    return Section("doubts", title, blocks)


def _where(about: Context, alike: Sequence[Any]) -> str:
    """The group of a doubt; how many more there are of its kind."""
    group = about.say("doubts.in_group", group=alike[0].group) if alike[0].group != "" else ""
    more = about.say("doubts.more", count=len(alike) - 1) if len(alike) > 1 else ""
    said = [part for part in (group, more) if part]
    return f" ({'; '.join(said)})" if said else ""


def sample(about: Context) -> Section:
    """Who answered, what is missing, how the sample was drawn; what the user knows of the fieldwork comes first."""
    told = [(str(what), _told(much)) for what, much in about.fieldwork.items()]
    blocks: list[Block] = [Facts([*told, *_sample_facts(about)])]
    if about.fit.groups:
        blocks.append(Exhibit(group_sizes(about), "group_sizes"))
    return Section("sample", about.say("sample.title"), blocks)


def _told(much: object) -> str:
    """What the user said of the fieldwork; whole numbers with their commas."""
    whole = isinstance(much, int) and not isinstance(much, bool) and abs(much) >= 10_000
    return number(much, 0) if isinstance(much, int) and whole else str(much)


def group_sizes(about: Context) -> Table:
    """How many answered in every group."""
    n = about.fit.core.stack.n
    frame = pd.DataFrame({"n": n, "share": n / n.sum()}, index=pd.Index(about.group_names, name=about.by))
    return Table(frame, both("sample.caption_groups"), decimals={"share": 1}, kinds={"share": "percent"})


def before(about: Context) -> Section:
    """Tables that were made before the model: the cleaning log, reliability, an audit, a scorecard."""
    tables: list[Table] = []
    for made in about.before:
        if isinstance(made, Table):
            tables.append(made)
        elif callable(found := getattr(made, "tables", None)):
            tables.extend(found(about.fit.model))
        else:
            raise SettingsError(
                f"before= takes tables and results that have them, such as csi.screen(...) or csi.item_analysis(...);"
                f" not {type(made).__name__}. For a DataFrame: csi.display.table.Table(frame)"
            )
    return Section("before", about.say("before.title"), [Exhibit(table) for table in tables])


def _sample_facts(about: Context) -> Iterator[tuple[str, str]]:
    fit, data = about.fit, about.fit.core.sample
    if data is None:
        yield about.say("sample.respondents"), about.say("sample.moments", n=about.n)
    else:
        yield about.say("sample.respondents"), about.n
        left = int((~data.used).sum())
        if left:
            yield about.say("sample.not_used"), number(left, 0)
        yield from _missing_facts(about)
        yield about.say("sample.design"), _design(about)
    if fit.groups:
        n = fit.core.stack.n
        counts = {"count": number(len(n), 0), "low": number(float(n.min()), 0), "high": number(float(n.max()), 0)}
        key = "sample.groups_some" if n.min() < n.max() else "sample.groups_equal"
        yield about.say("sample.groups"), about.say(key, by=about.by, **counts)


def _missing_facts(about: Context) -> Iterator[tuple[str, str]]:
    data = about.fit.core.sample
    if data is None:
        return
    blanks = data.facts["blanks"]
    if not blanks.sum():
        yield about.say("sample.missing"), about.say("sample.missing_none")
        return
    whole = data.n_cases if data.given is None else int(data.given.all(axis=0).sum())
    total = len(blanks) * len(data.index)
    yield about.say("sample.complete"), number(whole, 0)
    yield (
        about.say("sample.missing"),
        about.say(
            "sample.missing_some",
            count=number(int(blanks.sum()), 0),
            total=number(total, 0),
            share=percent(float(blanks.sum()) / total),
            item=blanks.idxmax(),
            most=number(int(blanks.max()), 0),
        ),
    )
    left = number(int((~data.used).sum()), 0)
    yield about.say("sample.treatment"), about.say(f"sample.{data.missing}", left=left)


def _design(about: Context) -> str:
    """How the sample was drawn, in words."""
    data = about.fit.core.sample
    if data is None:
        return ""
    roles = ("weight", "count", "stratum", "cluster", "fpc")
    said = [about.say(f"sample.{role}", column=column) for role in roles if (column := getattr(data.design, role))]
    if data.design.replicates:
        count = len(data.design.replicates)
        said.append(about.say("sample.replicate_weights", count=count, kind=data.design.kind))
    return ("，" if about.language == "zh" else ", ").join(said) or about.say("sample.design_none")
