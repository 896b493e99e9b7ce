"""Writing generated files: only what changed, so that a second build is short."""

from __future__ import annotations

from pathlib import Path


def write(path: Path, content: str | bytes) -> Path:
    """Write a file unless it holds the same already."""
    data = content.encode() if isinstance(content, str) else content
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path


def clear(folder: Path, keep: set[Path]) -> None:
    """Remove what an earlier build generated and this one did not."""
    for path in folder.rglob("*"):
        if path.is_file() and path not in keep:
            path.unlink()
