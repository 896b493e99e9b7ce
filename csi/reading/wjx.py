"""Exports of wjx.cn (问卷星): numbered questions, `┋` between several answers, durations such as "123秒"."""

from __future__ import annotations

import re
from collections import Counter

from csi.reading.export import Export
from csi.reading.sheet import Sheet

#: Columns that every export begins with; the first and one of the times are enough to know it.
FIRST = "序号"
TIMES = {"提交答卷时间", "所用时间"}
#: What stands for no answer, by option text and by option number.
MARKS = {"(空)": "left blank", "-2": "left blank", "(跳过)": "skipped", "-3": "skipped"}
SEPARATOR = "┋"

_NUMBERED = re.compile(r"^(\d+)\s*[、.．:：]\s*(.*)$", re.DOTALL)
_PART = re.compile(r"^第\s*(\d+)\s*题\s*[(（](.*)[)）]$", re.DOTALL)
_BRACKET = re.compile(r"^(.*?)\s*[(（]([^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]\s*$", re.DOTALL)


def recognise(sheet: Sheet) -> Export | None:
    """Read the header of an export of wjx.cn; nothing if it is none."""
    header = sheet.header
    if header[0] != FIRST or not TIMES & set(header):
        return None
    numbers = [_number(title) for title in header]
    times = Counter(number for number in numbers if number)
    seen: Counter[str] = Counter()
    stems: dict[str, str] = {}
    names, questions = [], []
    for title, number in zip(header, numbers, strict=True):
        if not number:
            names.append(title)
            questions.append(title)
            continue
        seen[number] += 1
        several = times[number] > 1
        names.append(f"Q{number}_{seen[number]}" if several else f"Q{number}")
        questions.append(_question(title, number, stems) if several else _text(title))
    asked = frozenset(column for column, number in enumerate(numbers) if number)
    seconds = frozenset(column for column, title in enumerate(header) if title == "所用时间")
    return Export("wjx", sheet, names, questions, 1, asked, MARKS, SEPARATOR, seconds)


def _number(title: str) -> str:
    match = _NUMBERED.match(title) or _PART.match(title)
    return match.group(1).lstrip("0") if match else ""


def _text(title: str) -> str:
    match = _NUMBERED.match(title) or _PART.match(title)
    return match.group(2).strip() if match else title


def _question(title: str, number: str, stems: dict[str, str]) -> str:
    """A row of a matrix with the question above it, which only its first column repeats."""
    text = _text(title)
    bracket = None if _PART.match(title) else _BRACKET.match(text)
    stem, part = (bracket.group(1), bracket.group(2)) if bracket else ("", text)
    stem = stems.setdefault(number, stem) or stem
    return f"{stem} - {part}" if stem else part


def seconds(cell: object) -> float:
    """Read a duration: "123秒", "2分3秒", "1小时2分3秒" or a number of seconds; NaN for nothing.

    Raises
    ------
    ValueError
        If it is no duration.

    Examples
    --------
    >>> seconds("123秒"), seconds("2分3秒"), seconds("1小时0分5秒")
    (123.0, 123.0, 3605.0)
    """
    if cell is None:
        return float("nan")
    match = re.fullmatch(r"(?:(\d+)小时)?(?:(\d+)分(?:钟)?)?(?:(\d+(?:\.\d+)?)秒?)?", str(cell).replace(" ", ""))
    if match is None or not any(match.groups()):
        raise ValueError(f"{cell!r} is no duration")
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + rest
