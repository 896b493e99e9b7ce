"""Tables of a report: each is a `Table`, raw numbers under both languages, so that every form is made from the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from csi.display.table import Table
from csi.display.words import WORDS, Words, in_language
from csi.report.context import BESIDE, Context, Row, part, rows
from csi.report.texts import both, say
from csi.spec.words import Scale
from csi.spec.write import scale_text

Labels = Mapping[str, Words]
ENDS = ["conf_low", "conf_high"]


def names(about: Context) -> dict[str, Words]:
    """Printed names of constructs and items, in both languages."""
    english, chinese = about.named("en"), about.named("zh")
    return {name: {"en": english[name], "zh": chinese[name]} for name in english}


def group_names_of(about: Context) -> dict[str, Words]:
    """Printed names for tables of groups: constructs by their labels, items by their codes."""
    return {name: label for name, label in names(about).items() if name in about.fit.model.constructs}


def words(*keys: str) -> dict[str, Words]:
    """Words of tables and pictures, in both languages."""
    return {key: dict(zip(("en", "zh"), WORDS[key], strict=True)) for key in keys}


def known(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out columns of which nothing is known, and intervals of no width."""
    kept = frame.dropna(axis="columns", how="all")
    if "std_error" in kept and set(ENDS) <= set(kept):
        kept = kept.copy()
        kept.loc[kept["std_error"] == 0, [*ENDS]] = np.nan
    return kept


def renamed(frame: pd.DataFrame, *levels: str) -> pd.DataFrame:
    """Call the row levels by other names."""
    return frame.set_axis(frame.index.set_names(list(levels) if len(levels) > 1 else levels[0]), axis="index")


# -- one group --------------------------------------------------------------------------------------------------


def index(about: Context, table: pd.DataFrame) -> Table:
    """Index of every construct."""
    return Table(known(table), both("index.caption"), [both("index.note")], names(about), decimals=2)


def impacts(about: Context, tidy: pd.DataFrame) -> Table:
    """Impact of every driver, its score and what to do about it."""
    advice = about.undrawn.priorities()
    total = part(tidy, "total", "measure").loc[advice.index]
    frame = pd.DataFrame({"direct": part(tidy, "direct", "measure")["estimate"], "total": total["estimate"]})
    frame = frame.loc[advice.index].join(total[ENDS])
    frame["score"] = advice["score"]
    frame["advice"] = [quadrant(driver) for _, driver in rows(advice)]
    labels = {**names(about), **words("keep_up", "concentrate", "low_priority", "overkill")}
    labels["advice"] = both("impacts.priority")
    decimals = {"direct": 2, "total": 2, "conf_low": 2, "conf_high": 2, "score": 1}
    kept = known(renamed(frame, "driver"))
    said = {name: places for name, places in decimals.items() if name in kept}
    return Table(kept, both("impacts.caption"), [both("impacts.note"), both("impacts.quadrants")], labels, said)


def quadrant(driver: Row) -> str:
    """Where a driver lies on the map of importance and performance."""
    if driver["important"]:
        return "keep_up" if driver["strong"] else "concentrate"
    return "overkill" if driver["strong"] else "low_priority"


def verdict(path: Row, sign: str) -> str:
    """Compare an estimate with the sign that was expected."""
    if not np.isfinite(path["conf_low"]):
        return ""
    if path["conf_low"] <= 0 <= path["conf_high"]:
        return "weak"
    if sign in ("+", "-"):
        return "supported" if (path["estimate"] > 0) == (sign == "+") else "contrary"
    return "found"


def paths(about: Context, table: pd.DataFrame) -> Table:
    """Every path with its hypothesis and what became of it."""
    known_of = {(h.cause, h.effect): h for h in about.fit.model.hypotheses()}
    found = [(known_of.get((cause, effect)), path) for (cause, effect), path in rows(table)]
    frame = known(table)
    frame.insert(0, "expected", [h.sign.replace("-", "−") if h else "" for h, _ in found])
    frame["verdict"] = [verdict(path, h.sign) if h else "" for h, path in found]
    numbers, arrows = [h.hypothesis if h else "" for h, _ in found], [arrow_key(*label) for label in table.index]
    frame.index = pd.MultiIndex.from_arrays([numbers, arrows], names=["h", "path"])
    labels = {**arrow_labels(about, table), "h": "H", "expected": both("paths.expected")}
    labels |= {key: both(f"paths.{key}") for key in ("verdict", "supported", "weak", "contrary", "found")}
    said = {key: labels[key] for key in labels if key != "verdict"} | {"verdict": both("paths.verdict")}
    blank = [column for column in ("expected", "verdict") if not frame[column].any()]
    starred = "estimate" if "p_value" in frame else None
    return Table(frame.drop(columns=blank), both("paths.caption"), arrow_notes(about), said, starred=starred)


def arrow_key(*label: Any) -> str:
    """An arrow as one word."""
    return f"{label[-2]} -> {label[-1]}"


def arrow_labels(about: Context, table: pd.DataFrame) -> dict[str, Words]:
    """How arrows are printed; a mark where no source of the model confirms one."""
    printed = names(about) | _control_names(about)
    assumed = {(path.cause, path.effect) for path in about.fit.model.paths if path.status == "assumed"}
    return {
        arrow_key(*label): {
            language: f"{in_language(printed[label[-2]], language)} → {in_language(printed[label[-1]], language)}"
            + (" †" if (label[-2], label[-1]) in assumed else "")
            for language in ("en", "zh")
        }
        for label in table.index
    }


def arrow_notes(about: Context) -> list[Words]:
    """Explain the mark, where there is one, and what controls are."""
    notes: list[Words] = []
    if any(path.status == "assumed" for path in about.fit.model.paths):
        notes.append(both("paths.assumed"))
    controls = about.fit.core.blueprint.controls
    if not controls:
        return notes
    against = {control.column: control.reference for control in controls if control.level is not None}
    shown = ", ".join(f"{column} = {level}" for column, level in against.items())
    added = both("paths.reference", levels=shown)
    notes.append({key: text + (added[key] if shown else "") for key, text in both("paths.controls").items()})
    return notes


def _control_names(about: Context) -> dict[str, Words]:
    """How controls are printed."""
    return {
        control.name: {language: f"{control.name} ({word})" for language, word in both("paths.control").items()}
        for control in about.fit.core.blueprint.controls
    }


def r2(about: Context) -> Table:
    """Explained variance."""
    return Table(known(about.undrawn.r2()), both("paths.caption_r2"), labels=names(about))


def overlaps(about: Context) -> Table:
    """How much the causes of a construct overlap, and how much each adds."""
    frame = pd.DataFrame({"vif": about.undrawn.vif()["estimate"], "f2": about.undrawn.f2()["estimate"]})
    labels = {key: _unmarked(label) for key, label in arrow_labels(about, frame).items()}
    frame.index = pd.Index([arrow_key(*label) for label in frame.index], name="path")
    return Table(known(frame), both("paths.caption_overlaps"), [both("paths.note_overlaps")], labels)


def chains(about: Context) -> Table:
    """Every chain of arrows with its effect."""
    found = known(about.fit.indirect(confidence_level=about.level))
    printed = names(about)
    labels: dict[str, Words] = {}
    for chain in found.index:
        ways = str(chain).split(" -> ")
        labels[str(chain)] = {
            language: " → ".join(in_language(printed.get(name, name), language) for name in ways)
            for language in ("en", "zh")
        }
    starred = "estimate" if "p_value" in found else None
    return Table(renamed(found, "path"), both("effects.caption_chains"), labels=labels, starred=starred)


def effects(about: Context) -> Table:
    """Direct, indirect and total effects, with the interval of the total."""
    tidy = about.fit.effects(tidy=True, confidence_level=about.level)
    parts = {measure: part(tidy, measure, "measure") for measure in ("direct", "indirect", "total")}
    frame = pd.DataFrame({measure: found["estimate"] for measure, found in parts.items()}).join(parts["total"][ENDS])
    # No arrow, or no chain, is no effect of size zero.
    frame = frame.mask(frame[["direct", "indirect"]].abs().reindex(columns=frame.columns) < 1e-12)
    labels = {key: _unmarked(label) for key, label in arrow_labels(about, frame).items()}
    frame.index = pd.Index([arrow_key(*label) for label in frame.index], name="path")
    return Table(known(frame), both("paths.caption_effects"), labels=labels)


def group_effects(about: Context) -> Table:
    """Total effects of every group side by side."""
    total, depth = about.undrawn.effects()["total"], len(about.fit.core.by)
    size = len(total) // len(about.group_names)
    labels = {key: _unmarked(label) for key, label in arrow_labels(about, total.iloc[:size].to_frame()).items()}
    arrows = [(*label[:depth], arrow_key(*label)) for label in total.index]
    flat = total.set_axis(pd.MultiIndex.from_tuples(arrows, names=[*about.fit.core.by, "path"]), axis="index")
    return beside(about, flat, both("effects.caption_groups"), 3, labels)


def _unmarked(label: Words) -> Words:
    return {key: text.removesuffix(" †") for key, text in dict(label).items()}  # type: ignore[arg-type]


# -- the model --------------------------------------------------------------------------------------------------


def constructs(about: Context) -> Table:
    """Every construct: how it is called and what measures it."""
    model = about.fit.model
    columns = {
        "name": list(model.constructs),
        "kind": [block.kind for block in model.constructs.values()],
        "measured": [
            ", ".join(item.name for item in block.items) or f"={name}" for name, block in model.constructs.items()
        ],
        "scale": [_scale(about, name) for name in model.constructs],
    }
    frame = pd.DataFrame(columns, index=pd.Index([f"{name}:" for name in model.constructs], name="construct"))
    frame = frame.loc[:, [column for column in frame if frame[column].any()]]
    printed = names(about)
    labels = {f"{name}:": printed[name] for name in model.constructs}
    labels |= {key: both(f"model.{key}") for key in ("name", "kind", "measured", "scale", "reflective", "composite")}
    labels |= {"several": both("model.several")}
    labels |= {f"={name}": _made_of(about, parts) for name, parts in model.higher.items()}
    return Table(frame, both("model.caption"), labels=labels)


def _made_of(about: Context, parts: Sequence[str]) -> Words:
    english, chinese = (about.fit.model.labels(language) for language in ("en", "zh"))
    joined = [", ".join(labels[part] for part in parts) for labels in (english, chinese)]
    return {"en": say("model.made_of", "en", names=joined[0]), "zh": say("model.made_of", "zh", names=joined[1])}


def _scale(about: Context, name: str) -> str:
    scales = {about.fit.model.scale_of(item) for item in about.fit.model.constructs[name].items}
    if len(scales) > 1:
        return "several"
    only = scales.pop() if scales else None
    return scale_text(only).replace("..", "–") if isinstance(only, Scale) else ""


# -- groups -----------------------------------------------------------------------------------------------------


def group_index(about: Context, table: pd.DataFrame) -> Table:
    """The model's index of every group."""
    own = part(table, about.index_name, -1)
    own.insert(0, "n", about.fit.core.stack.n)
    frame = known(own.set_axis(pd.Index(about.group_names, name=about.by), axis="index"))
    decimals = {name: 2 for name in ("estimate", "std_error", *ENDS) if name in frame}
    return Table(frame, both("index.caption_groups"), [both("index.note")], decimals=decimals)


def beside(
    about: Context, column: pd.Series, caption: Words, decimals: int, labels: Labels, notes: Sequence[Words] = ()
) -> Table:
    """One number of a noun: groups beside each other, or below each other where they are many.

    Parameters
    ----------
    column : Series
        Group after group; the row levels of the groups come first.
    """
    groups, size = about.group_names, len(column) // len(about.group_names)
    own = _ungrouped(about, column.index[:size])
    frame = pd.DataFrame(column.to_numpy().reshape(len(groups), size).T, index=own, columns=groups)
    if len(groups) > BESIDE:
        frame = frame.T.rename_axis(about.by).set_axis([_flat(label) for label in own], axis="columns")
    return Table(frame, caption, notes, labels, decimals)


def _ungrouped(about: Context, index: pd.Index) -> pd.Index:
    """Row labels without those of the groups."""
    depth = len(about.fit.core.by)
    levels = [index.get_level_values(at) for at in range(depth, index.nlevels)]
    return pd.Index(levels[0]) if len(levels) == 1 else pd.MultiIndex.from_arrays(levels)


def _flat(label: Any) -> str:
    return arrow_key(*label) if isinstance(label, tuple) else str(label)


def group_paths(about: Context, table: pd.DataFrame) -> Table:
    """Paths of every group, with stars."""
    size = len(table) // len(about.group_names)
    labels, notes = arrow_labels(about, table.iloc[:size]), arrow_notes(about)
    flat = table.set_axis(pd.MultiIndex.from_tuples([(*x[:-2], arrow_key(*x)) for x in table.index]), axis="index")
    flat.index = flat.index.set_names([*about.fit.core.by, "path"])
    if len(about.group_names) > BESIDE:
        return beside(about, flat["estimate"], both("paths.caption"), 3, labels, notes)
    columns = [column for column in ("estimate", "p_value") if table[column].notna().any()]
    parts = {
        name: flat[columns].iloc[g * size : (g + 1) * size].set_axis(_ungrouped(about, flat.index[:size]), axis="index")
        for g, name in enumerate(about.group_names)
    }
    frame = pd.concat(parts, axis="columns")
    return Table(frame, both("paths.caption"), notes, labels, starred="estimate" if "p_value" in columns else None)
