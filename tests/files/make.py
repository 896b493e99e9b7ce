"""Write the sample files: one set of answers as five tools would export them. Run: python tests/files/make.py.

The answers are synthetic: drawn with csi.simulate from the telecommunications hierarchy, seed 20240501.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat

import csi

HERE = Path(__file__).resolve().parent
N = 60


def answers() -> tuple[csi.Hierarchy, pd.DataFrame]:
    """The answers as codes, with "do not know" (98), blanks, and complaint questions for complainers only."""
    tree = csi.Hierarchy.ready("telecom")
    rng = np.random.default_rng(20240501)
    data = csi.simulate(tree.model(), n=N, rng=20240501).astype(float)
    for name in ("HAN1", "HAN2"):
        data[name] = np.where(data["COM1"] == 1, rng.integers(1, 11, N), np.nan)
    for name, codes in (("BUSINESS", 3), ("YEARS", 3), ("GENDER", 3), ("AGE", 4)):
        data[name] = rng.integers(1, codes + 1, N)
    data.loc[[4, 17], "VAS1"] = 98
    data.loc[9, "CON2"] = 98
    data.loc[[2, 30], "EXP2"] = np.nan
    return tree, data[list(tree.codebook())]


def write_sav(tree, data, path) -> None:
    book = tree.codebook()
    labels = {name: {code: text["zh"] for code, text in book[name].values.items()} for name in book}
    pyreadstat.write_sav(
        data, str(path), column_labels=[book[name].said("zh") for name in book], variable_value_labels=labels,
        missing_ranges={name: [98] for name in book if 98 in book[name].unknown},
        variable_measure=dict.fromkeys(book, "ordinal"),
    )  # fmt: skip


def write_dta(tree, data, path) -> None:
    """Stata takes labels of 80 characters."""
    book = tree.codebook()
    labels = {name: {int(code): text["en"] for code, text in book[name].values.items()} for name in book}
    pyreadstat.write_dta(
        data, str(path), column_labels=[book[name].said("en")[:80] for name in book], variable_value_labels=labels
    )


def meta(row: int) -> list:
    """What wjx.cn writes before the answers; the addresses are those reserved for documentation."""
    when = f"2024/5/{1 + row % 28} {8 + row % 12}:{row % 60:02d}:{(7 * row) % 60:02d}"
    return [row + 1, when, f"{100 + 7 * row}秒", "微信", "直接访问", f"192.0.2.{row + 1}(广东-深圳)"]


HEAD = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
CHANNELS = ["电话热线", "营业厅", "手机应用"]


def wjx_rows(tree, data, by: str) -> list[list]:
    """Header and rows of an export by option text or by option number."""
    book = tree.codebook()
    header = [*HEAD, *(f"{book[name].number}、{book[name].said('zh')}" for name in book)]
    header += [f"{len(book) + 1}、您通过哪些渠道联系过客服？（多选题）", f"{len(book) + 2}、您的姓名："]
    rows = [header]
    for row in range(len(data)):
        cells = meta(row)
        for name in book:
            cells.append(wjx_cell(book[name], data[name].iloc[row], by))
        picked = [j for j in range(3) if (row >> j) & 1]
        channels = [CHANNELS[j] if by == "text" else str(j + 1) for j in picked]
        empty = "(空)" if by == "text" else -2
        rows.append([*cells, "┋".join(channels) or empty, f"受访者{row + 1}"])
    return rows


def wjx_cell(variable, code: float, by: str):
    if np.isnan(code):
        skipped = bool(variable.asked_if)
        return ("(跳过)" if skipped else "(空)") if by == "text" else (-3 if skipped else -2)
    if by == "number":
        return variable.options().index(int(code)) + 1
    # A scale is exported by its points, a choice by the text of the option.
    scale = variable.scale is not None and variable.scale.width > 1 and code <= variable.scale.high
    return int(code) if scale else variable.values[int(code)]["zh"]


def write_wjx(tree, data, path, by: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for row in wjx_rows(tree, data, by):
        sheet.append(row)
    book.save(path)


QUALTRICS = [
    ("StartDate", "Start Date", "startDate"), ("EndDate", "End Date", "endDate"),
    ("Status", "Response Type", "status"), ("IPAddress", "IP Address", "ipAddress"),
    ("Progress", "Progress", "progress"), ("Duration (in seconds)", "Duration (in seconds)", "duration"),
    ("Finished", "Finished", "finished"), ("RecordedDate", "Recorded Date", "recordedDate"),
    ("ResponseId", "Response ID", "_recordId"), ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"),
    ("ExternalReference", "External Data Reference", "externalDataReference"),
    ("LocationLatitude", "Location Latitude", "locationLatitude"),
    ("LocationLongitude", "Location Longitude", "locationLongitude"),
    ("DistributionChannel", "Distribution Channel", "distributionChannel"),
    ("UserLanguage", "User Language", "userLanguage"),
]  # fmt: skip


def qualtrics_meta(row: int, status: int = 0) -> list:
    day = f"2024-05-{1 + row % 28:02d} 10:{row % 60:02d}:00"
    head = [day, day, status, f"198.51.100.{row + 1}", 100, 100 + 7 * row, 1, day, f"R_{row:015d}"]
    return [*head, "", "", "", "", "22.54", "114.06", "preview" if status == 1 else "anonymous", "EN"]


def write_qualtrics(tree, data, path) -> None:
    """Three header rows; two previews before the answers, as they stand in most exports; -99 for seen, not answered."""
    book = tree.codebook()
    number = {name: f"Q{book[name].number}" for name in book}
    questions = [
        f"<b>{book[name].said('en')}</b>\n" if i == 0 else book[name].said("en") for i, name in enumerate(book)
    ]
    imported = [json.dumps({"ImportId": f"QID{book[name].number}"}, separators=(",", ":")) for name in book]
    rows = [
        [*(name for name, _, _ in QUALTRICS), *number.values(), "Q41"],
        [*(text for _, text, _ in QUALTRICS), *questions, "Which channels have you used? - Selected Choice"],
        [*(json.dumps({"ImportId": each}, separators=(",", ":")) for _, _, each in QUALTRICS), *imported,
         '{"ImportId":"QID41"}'],
    ]  # fmt: skip
    for preview in range(2):
        rows.append([*qualtrics_meta(90 + preview, status=1), *[5] * len(book), "1,2"])
    for row in range(len(data)):
        cells = []
        for name in book:
            code = data[name].iloc[row]
            cells.append(("" if book[name].asked_if else -99) if np.isnan(code) else int(code))
        picked = [str(j + 1) for j in range(3) if (row >> j) & 1]
        rows.append([*qualtrics_meta(row), *cells, ",".join(picked)])
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def write_gb18030(tree, data, path) -> None:
    """A table as Excel in Chinese saves it as .csv: questions above codes."""
    book = tree.codebook()
    rows = [[book[name].said("zh") for name in book]]
    rows += [["" if np.isnan(code) else int(code) for code in row] for row in data.to_numpy()]
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def main() -> None:
    tree, data = answers()
    data.to_csv(HERE / "telecom_codes.csv", index=False, float_format="%g", encoding="utf-8")
    write_sav(tree, data, HERE / "telecom.sav")
    write_dta(tree, data, HERE / "telecom.dta")
    write_wjx(tree, data, HERE / "telecom_wjx_text.xlsx", "text")
    write_wjx(tree, data, HERE / "telecom_wjx_number.xlsx", "number")
    write_qualtrics(tree, data, HERE / "telecom_qualtrics.csv")
    write_gb18030(tree, data, HERE / "电信满意度_gb18030.csv")


if __name__ == "__main__":
    main()
