"""Docstrings are plain English, not markup: a star, a bar or an underscore in a formula stands for itself."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

#: What is left as it is: examples up to their blank line, and what stands between backticks.
KEPT = re.compile(r"(^[ ]*>>>.*(?:\n(?![ ]*$).*)*|``.*?``|`[^`]*`)", flags=re.M | re.S)
MARKUP = re.compile(r"[*|\\]|(?<=\w)_(?!\w)")
BULLET = re.compile(r"^(\s*)\\\* ", flags=re.M)


def listed(lines: list[str]) -> list[str]:
    """Make every reference an entry of a list; a hanging indent continues the one above it."""
    found: list[str] = []
    inside = False
    for at, line in enumerate(lines):
        heading = at + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[at + 1]) is not None
        if heading:
            inside = line == "References"
        if not inside or heading or not line.strip() or re.fullmatch(r"-{3,}", line):
            found.append(line)
        elif line.startswith(" "):
            found[-1] += f" {line.strip()}"
        else:
            found.append(f"* {line}")
    return found


def escape(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Escape what would be taken for markup (Sphinx: autodoc-process-docstring)."""
    parts = KEPT.split("\n".join(listed(lines)))
    parts[::2] = [BULLET.sub(r"\1* ", MARKUP.sub(lambda found: "\\" + found[0], part)) for part in parts[::2]]
    parts[1::2] = [part if part.startswith(("``", " ", ">")) else f"`{part}`" for part in parts[1::2]]
    lines[:] = "".join(parts).split("\n")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", escape, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
