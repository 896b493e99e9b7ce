"""Docstrings are plain English, not markup: a star, a bar or an underscore in a formula stands for itself."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

#: What is left as it is: examples up to their blank line, and what stands between backticks.
KEPT = re.compile(r"(^[ ]*>>>.*(?:\n(?![ ]*$).*)*|``.*?``|`[^`]*`)", flags=re.M | re.S)
MARKUP = re.compile(r"[*|\\]|(?<=\w)_(?!\w)")
BULLET = re.compile(r"^(\s*)\\\* ", flags=re.M)


def escape(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Escape what would be taken for markup (Sphinx: autodoc-process-docstring)."""
    parts = KEPT.split("\n".join(lines))
    parts[::2] = [BULLET.sub(r"\1* ", MARKUP.sub(lambda found: "\\" + found[0], part)) for part in parts[::2]]
    parts[1::2] = [part if part.startswith(("``", " ", ">")) else f"`{part}`" for part in parts[1::2]]
    lines[:] = "".join(parts).split("\n")


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("autodoc-process-docstring", escape, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
