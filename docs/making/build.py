"""Everything that is generated, before Sphinx reads the pages: docs/generated, never committed."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

from making import comparison, doubts, files, gallery, models, notebooks, reference


def generate(docs: Path) -> None:
    """Write the pages of models, pictures, public names and notebooks."""
    mpl.use("Agg")
    target = docs / "generated"
    written: set[Path] = set()
    for room in (reference, models, gallery, doubts, comparison, notebooks):
        written |= set(room.pages(docs, target / room.__name__.rpartition(".")[2]))
    files.clear(target, written)
