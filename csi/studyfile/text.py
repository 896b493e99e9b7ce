"""The text of a study file: read whatever editor wrote it, lines of its keys, mistakes of hand said in words."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from csi.blocks import Said
from csi.errors import DataError, SettingsError, suggest
from csi.reading import opening
from csi.studyfile.problems import CHINESE, Problem

#: What a study is called in its folder.
NAME = "study.toml"
Lines = Mapping[tuple[str, ...], int]

_HEADER = re.compile(r"^\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=(.*)$")
_FULL_WIDTH = "“”‘’，＝［］：；｛｝"


def place_of(path: str | PathLike[str]) -> Path:
    """Find a study file: the file itself, or `study.toml` in a folder.

    Raises
    ------
    SettingsError
        If there is none, with the closest name beside it.
    """
    found = Path(path)
    if found.is_dir():
        found = found / NAME
        if not found.is_file():
            there = ", ".join(sorted(each.name for each in found.parent.glob("*.toml"))) or "none"
            raise SettingsError(
                f"the folder {found.parent.name!r} holds no {NAME} (.toml files in it: {there});"
                f" csi new {found.parent.name} makes a folder with one"
            )
    if not found.is_file():
        beside = [each.name for each in found.parent.iterdir()] if found.parent.is_dir() else []
        raise SettingsError(f"there is no file {str(path)!r}{suggest(found.name, beside)}")
    return found


def beside(folder: Path, name: str) -> Path:
    r"""Find a file that a study names: from its folder, also where it is written as on Windows, `data\answers.csv`."""
    # Where the system knows no Chinese, names of files are handed over byte by byte.
    name = os.fsdecode(name.encode("utf-8", "surrogateescape"))
    found = folder / name
    return folder / name.replace("\\", "/") if not found.exists() and "\\" in name else found


def read(path: Path) -> str:
    """Read the text of a file in UTF-8, or in what Chinese editors write.

    Raises
    ------
    SettingsError
        If it is no text.
    """
    try:
        return opening.decoded(path, None)[0].removeprefix("\ufeff").replace("\r\n", "\n")
    except DataError as error:
        raise SettingsError(f"{error}; save the study as UTF-8 text") from None


def parse(text: str) -> tuple[dict[str, Any], list[Problem]]:
    """Read TOML; a mistake of hand is one problem with its line."""
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        return {}, [_broken(text, str(error))]


def _broken(text: str, error: str) -> Problem:
    """Say what people usually got wrong in the line where reading stopped."""
    hit = re.search(r"line (\d+)", error)
    lines = text.split("\n")
    at = int(hit.group(1)) if hit else len(lines)
    line = lines[at - 1] if at <= len(lines) else ""
    why = re.sub(r"\s*\(at .*\)$", "", error)
    said = _advice(line)
    shown = line.strip()[:60]
    return Problem(
        "",
        Said(
            f"this is no TOML: {why}, in {shown!r}{said}",
            f"不符合 TOML 写法（{why}），此行为 {shown!r}{said.words['zh']}",
        ),
        at,
    )


def _advice(line: str) -> Said:
    name = line.partition("=")[0].strip()
    if "=" in line and name and not name.isascii() and not set(name) & set(_FULL_WIDTH) and name[0] not in "\"'":
        meant = CHINESE.get(name)
        near = f"did you mean {meant!r}?" if meant else f'a Chinese name stands in quotes: "{name}" = ...'
        zh = f"键须用英文，是否为 {meant!r}？" if meant else f'中文名称须加引号："{name}" = ...'
        return Said(f"; keys are English: {near}" if meant else f"; {near}", f"；{zh}")
    strange = sorted({letter for letter in line.partition("#")[0] if letter in _FULL_WIDTH})
    if strange:
        marks = " ".join(strange)
        return Said(
            f'; it has Chinese punctuation ({marks}), and keys need " , = [ ] of the English keyboard',
            f'；其中有中文标点（{marks}），请改用英文半角的 " , = [ ]',
        )
    if "\\" in line:
        return Said(
            "; a path with \\ stands in single quotes, 'C:\\data\\answers.csv', or with / in place of \\",
            "；含有 \\ 的路径请用单引号，如 'C:\\data\\answers.csv'，或将 \\ 写成 /",
        )
    if "=" in line and not re.search(r"[\"'\[\]{}]|=\s*(true|false|[-+\d])", line):
        return Said(
            '; a text stands in quotes: language = "zh"',
            '；文字须加引号：language = "zh"',
        )
    return Said(
        '; a line looks like this: satisfaction = ["S1", "S2"]', '；每一行的写法如：satisfaction = ["S1", "S2"]'
    )


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    r"""Find the line of every key and table.

    Examples
    --------
    >>> lines_of('title = "x"\n[items]\nvalue = [\n  "V1",\n]\n')
    {('title',): 1, ('items',): 2, ('items', 'value'): 3}
    """
    found: dict[tuple[str, ...], int] = {}
    inside: tuple[str, ...] = ()
    depth, quoted = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        if quoted:
            quoted = "" if line.count(quoted) % 2 else quoted
            continue
        bare = _without_comment(line)
        if depth == 0:
            if head := _HEADER.match(line):
                inside = _parts(head.group(1))
                found.setdefault(inside, number)
            elif key := _KEY.match(line):
                found.setdefault((*inside, *_parts(key.group(1))), number)
        for mark in ('"""', "'''"):
            if bare.count(mark) % 2:
                quoted = mark
        plain = re.sub(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", "", bare)
        if not _HEADER.match(line) and not quoted:
            depth = max(0, depth + plain.count("[") + plain.count("{") - plain.count("]") - plain.count("}"))
    return found


def _without_comment(line: str) -> str:
    """A line up to its comment; a # inside quotes is none."""
    hit = re.match(r"(?:[^#\"']|\"(?:\\.|[^\"\\])*\"|'[^']*'|[\"'])*", line)
    return hit.group(0) if hit else line


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.\s\"']+", dotted))


def line_of(lines: Lines, path: tuple[str, ...]) -> int:
    """Line of a key, or of the nearest thing around it; 0 where there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 0
