"""Tables of contents that fill themselves: a page put into docs/ appears without a line written anywhere.

`%guides%`, `%notebooks%` and `%notebooks_zh%` in a page become the names of the pages they stand for.
"""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

from making import notebooks

#: Pages of docs/ that have a place of their own; every other one is a guide.
PLACED = {
    "index", "start", "tutorial", "guides", "notebooks", "more", "catalogue", "differences", "doubts", "gallery",
    "authors", "architecture", "changelog", "coverage",
}  # fmt: skip


def guides(docs: Path) -> list[str]:
    """Names of the guides, in alphabetical order."""
    return sorted(f"/{path.stem}" for path in docs.glob("*.md") if path.stem not in PLACED)


def optional(docs: Path, name: str) -> list[str]:
    """Name of a page that may not be written yet."""
    return [f"/{name}"] if (docs / f"{name}.md").is_file() else []


def fill(app: Sphinx, name: str, source: list[str]) -> None:
    """Put names in the places that wait for them (Sphinx: source-read)."""
    docs = Path(app.srcdir)
    lists = {
        "guides": guides(docs),
        "notebooks": notebooks.listed(docs, chinese=False),
        "notebooks_zh": notebooks.listed(docs, chinese=True),
        "coverage": optional(docs, "coverage"),
    }
    # The blank line that ends an example for doctest is not shown.
    source[0] = re.sub(r"(^```python\n(?:(?!```).*\n)*?)\n+```$", r"\1```", source[0], flags=re.M)
    source[0] = re.sub(r"^%(\w+)%$", lambda found: "\n".join(lists[found[1]]), source[0], flags=re.M)


def outdated(app: Sphinx, env: object, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages whose lists may have changed although their text did not (Sphinx: env-get-outdated)."""
    docs = Path(app.srcdir)
    waiting = [
        path for path in docs.rglob("*.md") if re.search(r"^%\w+%$", path.read_text(encoding="utf-8"), flags=re.M)
    ]
    return [path.relative_to(docs).with_suffix("").as_posix() for path in waiting]
