"""What the library itself says of its doubts: those of the service room, and the Chinese of every code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from making import files


def pages(docs: Path, target: Path) -> Iterator[Path]:
    """Write the two tables that docs/doubts.md includes."""
    yield files.write(target / "service.txt", service(_texts("csi.service")["doubts"]))
    yield files.write(target / "chinese.txt", chinese(_texts("csi.report")["doubt"]))


def _texts(room: str) -> dict[str, Any]:
    return tomllib.loads(resources(room).joinpath("texts.toml").read_text(encoding="utf-8"))


def service(said: dict[str, Any]) -> str:
    """Codes of the service room with their sentences."""
    rows = [
        f"| `{code}` | {_plain(each['message']['en'])}. {_plain(each['remedy']['en'])} |"
        f" {_plain(each['message']['zh'])}。{_plain(each['remedy']['zh'])} |"
        for code, each in said.items()
    ]
    return "\n".join(["| code | says | 中文 |", "| --- | --- | --- |", *rows, ""])


def chinese(said: dict[str, Any]) -> str:
    """The Chinese sentences of the doubts of fits."""
    rows = [f"| `{code}` | {_plain(each['message'])} | {_plain(each['remedy'])} |" for code, each in said.items()]
    return "\n".join(["| 代码 | 含义 | 怎么办，还能报告什么 |", "| --- | --- | --- |", *rows, ""])


def _plain(sentence: str) -> str:
    """A sentence with its blanks named instead of filled."""
    named = re.sub(r"\{(\w+)[^}]*\}", lambda found: "" if found[1] == "note" else f"⟨{found[1]}⟩", sentence)
    return named.replace("|", "\\|").replace("*", "\\*")
