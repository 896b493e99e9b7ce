"""Tables of the measurement: descriptives, loadings, reliability, validity, fit, and criteria with their verdicts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from csi.display.cells import Kind
from csi.display.numbers import number
from csi.display.table import Table
from csi.display.words import Language, Words, in_language
from csi.numerics.items import shape
from csi.report.context import Context
from csi.report.tables import beside, group_names_of, known, names, renamed, words
from csi.report.texts import both, say

#: What is printed of how well the model as a whole fits; chi2 and its company only where they are a test.
GOODNESS = (
    "chi2", "df", "p_value", "chi2_scaled", "p_value_scaled", "chi2_df", "rmsea", "srmr", "gfi", "agfi", "nfi", "rfi",
    "ifi", "tli", "cfi", "rmsea_robust", "tli_robust", "cfi_robust", "rmsea_scaled", "tli_scaled", "cfi_scaled", "pgfi",
    "pnfi", "pcfi", "cn_05", "d_uls", "d_g", "gof",
)  # fmt: skip
GOODNESS_LABELS: dict[str, Words] = {
    "chi2": "χ²", "df": "df", "chi2_df": "χ²/df", "rmsea": "RMSEA", "srmr": "SRMR", "gfi": "GFI", "agfi": "AGFI",
    "nfi": "NFI", "rfi": "RFI", "ifi": "IFI", "tli": "TLI", "cfi": "CFI", "pgfi": "PGFI", "pnfi": "PNFI",
    "pcfi": "PCFI", "cn_05": "CN (.05)", "d_uls": "d_ULS", "d_g": "d_G", "gof": "GoF", "p_value": "p",
    "chi2_scaled": {"en": "χ², scaled", "zh": "χ²（校正）"}, "p_value_scaled": {"en": "p, scaled", "zh": "p（校正）"},
    "rmsea_robust": {"en": "RMSEA, robust", "zh": "RMSEA（稳健）"},
    "tli_robust": {"en": "TLI, robust", "zh": "TLI（稳健）"}, "cfi_robust": {"en": "CFI, robust", "zh": "CFI（稳健）"},
    "rmsea_scaled": {"en": "RMSEA, scaled", "zh": "RMSEA（校正）"},
    "tli_scaled": {"en": "TLI, scaled", "zh": "TLI（校正）"}, "cfi_scaled": {"en": "CFI, scaled", "zh": "CFI（校正）"},
}  # fmt: skip
#: Rows that are no plain numbers of three decimals.
ROWS: dict[str, tuple[Kind, int]] = {
    "df": ("number", 0), "p_value": ("p", 3), "p_value_scaled": ("p", 3), "chi2": ("number", 2),
    "chi2_scaled": ("number", 2), "cn_05": ("number", 1),
}  # fmt: skip
VERDICTS: dict[str, Words] = {
    "符合": {"en": "met", "zh": "符合"}, "接近": {"en": "close", "zh": "接近"},
    "不符合": {"en": "not met", "zh": "不符合"},
}  # fmt: skip
MEASURES: dict[str, Words] = {
    "loading": {"en": "Loading", "zh": "载荷"}, "alpha": "Cronbach’s α", "rho_a": "ρA", "rho_c": "CR", "ave": "AVE",
    "htmt": "HTMT", "fornell_larcker": {"en": "Fornell–Larcker ratio", "zh": "Fornell–Larcker 比值"},
    "vif": {"en": "VIF of causes", "zh": "原因的 VIF"}, "vif_items": {"en": "VIF of items", "zh": "题项的 VIF"},
    "srmr": "SRMR",
}  # fmt: skip
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_SIGNS = {"at least": "≥", "at most": "≤", "below": "<", "above": ">"}


# -- answers ------------------------------------------------------------------------------------------------------


def descriptives(about: Context) -> Table:
    """Every item in its codes; reversed items turned. From moments only means and standard deviations are known."""
    blueprint, data = about.fit.core.blueprint, about.fit.core.sample
    codes = blueprint.to_codes(about.fit.core.stack)
    frame = pd.DataFrame({"mean": codes.mean[:, 0], "sd": np.sqrt(np.einsum("iib->ib", codes.cov))[:, 0]})
    # Controls and products of items stand behind the items.
    p = len(blueprint.items)
    frame = frame.iloc[:p].set_axis(blueprint.item_names, axis="index")
    if data is not None:
        blanks = data.facts["blanks"].reindex(blueprint.item_names).to_numpy(dtype=float)
        given = np.isfinite(data.codes[:p]).sum(axis=1).astype(float)
        frame.insert(0, "n", given)
        if blanks.any():
            frame.insert(1, "missing", blanks)
        frame = frame.join(_shapes(about))
    slots = pd.MultiIndex.from_tuples(_places(about), names=["construct", "item"])
    placed = frame.loc[[item for _, item in slots]].set_axis(slots, axis="index")
    placed = known(placed)
    decimals = {name: places for name, places in {"mean": 2, "sd": 2, "missing": 0}.items() if name in placed}
    return Table(placed, both("descriptives.caption"), [both("descriptives.note")], _coded(about), decimals)


def _places(about: Context) -> list[tuple[str, str]]:
    """Every item under its own construct, once; a second order's repeated items are left out."""
    return [(name, item.name) for name, block in about.fit.model.constructs.items() for item in block.items]


def _shapes(about: Context) -> pd.DataFrame:
    """Skewness and kurtosis of the answers that are there, reversed items turned, under the weights."""
    blueprint, data = about.fit.core.blueprint, about.fit.core.sample
    if data is None:
        return pd.DataFrame(index=blueprint.item_names)
    turned = np.where(blueprint.intercept_slope[1] < 0, -1.0, 1.0)
    found = []
    for row, sign in zip(data.codes[: len(turned)], turned, strict=True):
        here = np.isfinite(row)
        x, w = sign * row[here], data.weight[here] / data.weight[here].sum()
        centred = x - w @ x
        second, third, fourth = (np.array([w @ centred**power]) for power in (2, 3, 4))
        said = shape(second, third, fourth, float(here.sum()))
        found.append((float(said.skewness[0]), float(said.kurtosis[0])))
    return pd.DataFrame(found, index=blueprint.item_names, columns=["skewness", "kurtosis"])


def shape_sentence(about: Context, frame: pd.DataFrame) -> str:
    """How far the answers are from normal, at most."""
    skewness, kurtosis = (float(frame[name].abs().max()) for name in ("skewness", "kurtosis"))
    if not np.isfinite([skewness, kurtosis]).all():
        return ""
    key = "descriptives.near_normal" if skewness < 3 and kurtosis < 10 else "descriptives.not_normal"
    return about.say(key, skewness=number(skewness, 2), kurtosis=number(kurtosis, 2))


def group_means(about: Context) -> Table:
    """Mean of every item in every group."""
    blueprint = about.fit.core.blueprint
    codes = blueprint.to_codes(about.fit.core.stack)
    places = _places(about)
    at = [blueprint.item_names.index(item) for _, item in places]
    column = pd.Series(
        codes.mean[at].T.ravel(),
        index=pd.MultiIndex.from_tuples(
            [(*_key(about, group), *place) for group in range(len(about.group_names)) for place in places],
            names=[*about.fit.core.by, "construct", "item"],
        ),
    )
    caption = both("descriptives.caption_groups")
    return beside(about, column, caption, 2, _coded(about), [both("descriptives.note_groups")])


def _key(about: Context, group: int) -> tuple[object, ...]:
    label = about.fit.core.labels[group]
    return label if isinstance(label, tuple) else (label,)


def _coded(about: Context) -> dict[str, Words]:
    """Constructs by their labels, items by their codes."""
    return {name: label for name, label in names(about).items() if name in about.fit.model.constructs}


# -- measurement --------------------------------------------------------------------------------------------------


def loadings(about: Context) -> Table:
    """Every item: its loading and its weight; the question stands in the appendix."""
    found, weights = about.fit.loadings(confidence_level=about.level), about.undrawn.weights()
    frame = found.drop(columns=["statistic", "p_value"], errors="ignore").rename(columns={"estimate": "loading"})
    frame = frame.assign(weight=weights["estimate"])
    return Table(known(frame), both("measurement.caption"), [both("measurement.note")], group_names_of(about))


def reliability(about: Context) -> Table:
    """How well the items of every construct agree."""
    frame = about.undrawn.reliability().dropna(how="all")
    counts = {name: len(block.items) for name, block in about.fit.model.constructs.items()}
    frame.insert(0, "k", [float(counts.get(str(name), 0)) for name in frame.index])
    frame = frame.drop(columns="alpha_standardized")
    labels = {**names(about), "k": both("measurement.k")}
    decimals = {"k": 0}
    return Table(known(frame), both("measurement.caption_reliability"), [both("measurement.note_reliability")], labels,
                 decimals)  # fmt: skip


def fornell_larcker(about: Context) -> Table:
    """Correlations of the constructs below the roots of their AVE."""
    found, order = about.undrawn.correlations()["estimate"], list(about.fit.core.blueprint.constructs)
    square = _square(found, order)
    ave = about.undrawn.reliability()["ave"].reindex(order).to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        for place, name in enumerate(order):
            square.loc[name, name] = np.sqrt(ave[place])
    note = both("measurement.note_fornell_larcker")
    return Table(square, both("measurement.caption_fornell_larcker"), [note], names(about))


def htmt(about: Context) -> Table:
    """Whether constructs can be told apart: HTMT below the diagonal."""
    found = about.undrawn.validity()
    square = _square(found["htmt"], list(about.fit.core.blueprint.constructs))
    frame = square.dropna(axis="index", how="all").dropna(axis="columns", how="all")
    notes = [_note_words(about, note) for note in found.attrs.get("notes", ())]
    return Table(frame, both("measurement.caption_htmt"), [both("measurement.note_htmt"), *notes], names(about))


def _square(pairs: pd.Series, order: list[str]) -> pd.DataFrame:
    """Pairs as the lower triangle of a table of constructs."""
    square = pd.DataFrame(np.nan, index=pd.Index(order, name="construct"), columns=order)
    for (first, second), value in zip(list(pairs.index), pairs.to_numpy(dtype=float), strict=True):
        square.loc[str(second), str(first)] = value
    return square


def _note_words(about: Context, note: str) -> Words:
    """A note on pairs of constructs in both languages, with printed names; in English where its form is unknown."""
    printed = names(about)
    forms = (
        (r"HTMT of absolute and of signed correlations differ by more than ([\d.]+) for (.*)", "signed"),
        (r"HTMT2 does not exist for (.*): a product of correlations is negative", "htmt2"),
    )
    for form, key in forms:
        found = re.fullmatch(form, note)
        if found:
            *limit, pairs = found.groups()
            told = {"limit": limit[0] if limit else ""}
            shown = {language: _pairs(pairs, printed, language) for language in LANGUAGES}
            return {
                language: say(f"measurement.{key}", language, pairs=text, **told) for language, text in shown.items()
            }  # type: ignore[arg-type]
    return note


def _pairs(pairs: str, printed: dict[str, Words], language: Language) -> str:
    def label(name: str) -> str:
        return in_language(printed.get(name, name), language)

    return "; ".join(" – ".join(map(label, pair.split(" - "))) for pair in pairs.split(", "))


# -- criteria -----------------------------------------------------------------------------------------------------


def verdicts(about: Context) -> Table:
    """Every criterion: how many of its rows meet it, and which do not."""
    found = about.undrawn.assess().reset_index()
    found = found[found["measure"] != "srmr"]
    levels = ["group", "measure"] if about.fit.groups else ["measure"]
    rows, index = [], []
    order = [about.fit.core.labels.index(group) if about.fit.groups else 0 for group in found["group"]]
    for key, part in found.iloc[np.argsort(order, kind="stable")].groupby(levels, sort=False):
        index.append(tuple(map(str, key)) if len(key) > 1 else str(key[0]))
        rows.append(_verdict(about, part))
    columns = ["criterion", "met", "failed", "source"]
    frame = pd.DataFrame(rows, columns=columns)
    tuples = [label if isinstance(label, tuple) else (label,) for label in index]
    at = pd.MultiIndex.from_tuples(tuples, names=levels) if len(levels) > 1 else pd.Index(index, name="measure")
    labels = {**group_names_of(about), **MEASURES, "criterion": words("criterion")["criterion"]}
    labels |= {name: both(f"measurement.{name}") for name in ("met", "failed", "source")}
    labels["all"] = both("measurement.all_met")
    labels |= dict(_failed_labels(about, found))
    return Table(frame.set_axis(at, axis="index"), both("measurement.caption_verdicts"), labels=labels)


def _verdict(about: Context, part: pd.DataFrame) -> tuple[str, str, str, str]:
    first, failed = part.iloc[0], part.loc[part["met"] == 0, "subject"]
    limit = f"{_SIGNS[first['sense']]}\N{NO-BREAK SPACE}{first['limit']:g}"
    listed = "all" if not len(failed) else f"!{', '.join(map(str, failed))}"
    return limit, f"{int(part['met'].sum())}/{len(part)}", listed, str(first["source"])


def _failed_labels(about: Context, found: pd.DataFrame) -> Iterator[tuple[str, Words]]:
    """Lists of what misses a criterion, in printed names."""
    printed = {name: label for name, label in names(about).items() if name in about.fit.model.constructs}
    for _, part in found[found["met"] == 0].groupby(["group", "measure"], sort=False):
        subjects = list(map(str, part["subject"]))
        shown: dict[str, str] = {}
        for language in LANGUAGES:
            said = [_subject(one, printed, language) for one in subjects]
            # Codes are not broken where a comma and a blank stand between them.
            joint = ", " if all(one.isascii() for one in said) else "、"
            more = say("measurement.more", language, count=len(said) - _LISTED) if len(said) > _LISTED else ""
            shown[language] = joint.join(said[:_LISTED]) + more
        yield f"!{', '.join(subjects)}", shown


#: So many rows that miss a criterion are named.
_LISTED = 8


def _subject(subject: str, printed: dict[str, Words], language: Language) -> str:
    parts = re.split(r"( -> | - )", subject)
    shown = {" -> ": " → ", " - ": " – "}
    return "".join(shown.get(part) or in_language(printed.get(part, part), language) for part in parts)


def goodness(about: Context) -> Table:
    """How well the model as a whole fits, with the criteria of theses and their verdicts."""
    values = about.undrawn.goodness()["estimate"]
    judged = about.undrawn.goodness(criteria="thesis")
    if about.fit.groups:
        return _group_goodness(about, values)
    tested = "df" in values.index
    kept = [name for name in GOODNESS if name in values.index and (tested or name not in ("chi2", "chi2_df"))]
    frame = pd.DataFrame({"value": values.loc[kept]})
    frame["criterion"] = judged["criterion"].reindex(kept).fillna("").str.replace(" ", "\N{NO-BREAK SPACE}")
    frame["verdict"] = judged["verdict"].reindex(kept).fillna("")
    frame["source"] = judged["source"].reindex(kept).fillna("")
    frame = frame[frame["value"].notna()]
    labels = {**GOODNESS_LABELS, **VERDICTS, "source": both("measurement.source"), "measure": both("goodness.measure")}
    return Table(renamed(frame, "measure"), both("goodness.caption"), [both(_goodness_note(about))], labels, rows=ROWS)


def _goodness_note(about: Context) -> str:
    return "goodness.note_covariance" if about.family == "covariance" else "goodness.note_components"


def _group_goodness(about: Context, values: pd.Series) -> Table:
    """Fit of every group beside the others; of groups that were estimated at once, of all."""
    labels = {**GOODNESS_LABELS, "measure": both("goodness.measure")}
    last = values.index.get_level_values("measure")
    if values.index.nlevels == 1:
        kept = [name for name in GOODNESS if name in last]
        frame = pd.DataFrame({"value": values.loc[kept]})
        return Table(
            renamed(frame, "measure"), both("goodness.caption"), [both(_goodness_note(about))], labels, rows=ROWS
        )
    tested = "df" in set(last)
    kept = [name for name in GOODNESS if name in set(last) and (tested or name not in ("chi2", "chi2_df"))]
    wide = pd.concat([values[last == name] for name in kept])
    size = len(about.group_names)
    frame = pd.DataFrame(wide.to_numpy().reshape(len(kept), size), index=pd.Index(kept, name="measure"),
                         columns=about.group_names)  # fmt: skip
    shown, note = frame.dropna(how="all"), both(_goodness_note(about))
    return Table(shown, both("goodness.caption"), [note], labels, rows=ROWS)


def exact_fit(about: Context) -> Table:
    """Whether the model could hold exactly, by resamples of answers made to fit it."""
    frame = about.fit.exact_fit(confidence_level=about.level)
    labels = {**GOODNESS_LABELS, "measure": both("goodness.measure"), "p_value": "p"}
    labels["limit"] = both("goodness.quantile", level=about.level_text)
    note = both("goodness.note_exact")
    return Table(renamed(frame, "measure"), both("goodness.caption_exact"), [note], labels)
