"""The notebooks of the study, brought below docs/ as they are; `zh/` or `_zh` in the name marks the Chinese ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from making import files


def sources(docs: Path) -> list[Path]:
    """All notebooks of the repository, in their order."""
    return sorted(
        path for path in (docs.parent / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
    )


def is_chinese(path: Path) -> bool:
    """Whether a notebook is the Chinese version."""
    return path.parent.name == "zh" or path.stem.endswith("_zh")


def pages(docs: Path, target: Path) -> Iterator[Path]:
    """Copy every notebook."""
    for path in sources(docs):
        yield files.write(target / path.relative_to(docs.parent / "notebooks"), named(path))


def named(path: Path) -> str:
    """Give a notebook that says its language, which only an executed one does by itself."""
    content = json.loads(path.read_text(encoding="utf-8"))
    content["metadata"].setdefault("language_info", {"name": "python", "pygments_lexer": "python3"})
    return json.dumps(content, ensure_ascii=False, indent=1)


def listed(docs: Path, chinese: bool) -> list[str]:
    """Names of the notebook pages of one language, for a table of contents."""
    root = docs.parent / "notebooks"
    found = [path for path in sources(docs) if is_chinese(path) == chinese]
    return [f"/generated/notebooks/{path.relative_to(root).with_suffix('').as_posix()}" for path in found]
