"""The report of a measured plan as Markdown, in English or Chinese, and its tables as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from csi.display.cells import Kind
from csi.display.numbers import Language, interval, number, p_value, percent
from csi.display.table import Table
from csi.display.words import Words, check_language, in_language, level_text
from csi.service.doubts import texts
from csi.service.indicator import Indicator

if TYPE_CHECKING:
    from csi.service.measured import Measured


def report(found: Measured, path: str | Path | None, language: Language) -> str:
    """Write a measured plan as Markdown; see `Measured.report`."""
    check_language(language)
    words = {key: text[language] for key, text in texts()["words"].items()}
    title = in_language(found.plan.label or found.plan.name, language)
    n = len(next(iter(found.seen.values())).contacts)
    moment = str(pd.Timestamp(found.as_of, unit="s").floor("s")) if np.isfinite(found.as_of) else "-"
    alerts = _sentences(found.alerts(language=language), language)
    doubts = _sentences(found.check(language), language)
    parts = [
        f"# {title}",
        words["as_of"].format(n=f"{n:,}", moment=moment),
        f"## {words['alerts']}",
        alerts or words["none"],
        f"## {words['scorecard']}",
        _scorecard(found, words, language),
        f"## {words['doubts']}",
        doubts or words["none"],
        words["notes"],
    ]
    text = "\n\n".join(parts) + "\n"
    if path is not None:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    return text


def tables(found: Measured) -> tuple[Table, ...]:
    """Give the scorecard with its verdicts as a table for print, in both languages; see `Measured.tables`."""
    card = found.scorecard()
    # The table heads intervals itself.
    said: dict[str, Words] = {key: text for key, text in texts()["words"].items() if key != "interval"}
    said |= {each.name: each.label or each.name for each in found.measured}
    goals = any(each.direction for each in found.measured) and card["target"].notna().any()
    verdicts = found.targets()["verdict"].to_dict() if goals else {}
    names = [label[-1] if isinstance(label, tuple) else label for label in card.index]
    factor = np.array([100.0 if found.plan[name].kind in ("share", "repeat") else 1.0 for name in names])
    frame = card[["estimate", "conf_low", "conf_high", "target"]].mul(factor, axis=0)
    frame.insert(0, "unit", ["%" if f > 1 else found.plan[name].unit for f, name in zip(factor, names, strict=True)])
    frame = frame.assign(n=card["n"], open=card["open"], attainment=card["attainment"])
    frame["verdict"] = [verdicts.get(label, "") for label in card.index]
    kinds: dict[str, Kind] = {"unit": "text", "verdict": "text", "attainment": "percent"}
    level = found.confidence_level
    return (Table(frame, said["scorecard"], [said["notes"]], said, 1, kinds=kinds, confidence_level=level),)


def _sentences(table: pd.DataFrame, language: Language) -> str:
    """Doubts or alerts as a list."""
    lines, stop = [], "。" if language == "zh" else ". "
    for row in table.itertuples():
        where = f" [{_group(row.group)}]" if row.group != "" else ""
        lines.append(f"- `{row.code}`{where} {row.message}{stop}{row.remedy}{stop}".rstrip())
    return "\n".join(lines)


def _group(label: object) -> str:
    return ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _scorecard(found: Measured, words: dict[str, str], language: Language) -> str:
    """The scorecard with verdicts as a Markdown table."""
    card = found.scorecard()
    goals = any(each.direction for each in found.measured) and card["target"].notna().any()
    tested = found.targets() if goals else pd.DataFrame({"verdict": [], "p_adjusted": []})
    verdicts, p_values = tested["verdict"].to_dict(), tested["p_adjusted"].to_dict()
    level = words["interval"].format(level=level_text(found.confidence_level))
    header = [*found.by, words["indicator"], words["unit"], words["estimate"], level, words["n"], words["open"],
              words["target"], words["attainment"], words["p_value"], words["verdict"]]  # fmt: skip
    lines = [_line(header), _line(["---"] * len(found.by) + ["---", "---"] + ["---:"] * 7 + ["---"])]
    for label, row in card.iterrows():
        *groups, name = label if isinstance(label, tuple) else (label,)
        indicator = found.plan[name]
        lines.append(_line([
            *map(str, groups), in_language(indicator.label or name, language), indicator.unit,
            _value(row["estimate"], indicator), _interval(row, indicator), number(row["n"], 0), number(row["open"], 0),
            _value(row["target"], indicator), percent(row["attainment"], 0),
            p_value(p_values[label], language=language) if label in p_values else "",
            words[verdicts[label]] if label in verdicts else "",
        ]))  # fmt: skip
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _value(value: float, indicator: Indicator) -> str:
    """A number in the unit people read: shares as per cent."""
    return percent(value, 1) if indicator.kind in ("share", "repeat") else number(value, 1)


def _interval(row: pd.Series, indicator: Indicator) -> str:
    factor = 100 if indicator.kind in ("share", "repeat") else 1
    return interval(factor * row["conf_low"], factor * row["conf_high"], 1)


def write(found: Measured, folder: Path, language: Language) -> list[Path]:
    """Write every table as CSV (UTF-8 with its mark, for Excel) and the report; see `Measured.write`."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "scorecard": found.scorecard(),
        "alerts": found.alerts(language=language),
        "doubts": found.check(language),
    }
    if tables["scorecard"]["target"].notna().any():
        tables["targets"] = found.targets()
    written = []
    for name, table in tables.items():
        written.append(folder / f"{name}.csv")
        table.to_csv(written[-1], encoding="utf-8-sig", index=name in ("scorecard", "targets"), lineterminator="\n")
    written.append(folder / "report.md")
    report(found, written[-1], language)
    return written
