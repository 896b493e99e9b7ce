"""A first complete report of a fit as one page: it needs no network, escapes what people wrote, and prints well."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from csi.display.words import Language
from csi.errors import SettingsError
from csi.fit import Fit

__all__ = ["page", "write"]

#: What a report can be written as, by suffix.
SUFFIXES = (".html", ".htm")


def write(fit: Fit, path: str | Path, language: Language = "en", before: Sequence[object] = ()) -> Path:
    """Write the report of a fit to a file.

    Parameters
    ----------
    fit : Fit
    path : str or Path
        Where to; the suffix says the form (`.html`). Folders that are not there are made.
    language : {"en", "zh"}
        Of the sentences and labels; what the model has no label for keeps its name.
    before : sequence
        What was looked at before the model, printed after the sample: results that have tables
        (`csi.screen(...)` with its cleaning log, `csi.item_analysis(...)`, `csi.efa(...)`), or tables.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    SettingsError
        If the suffix is no form that can be written, or the language has no words.
    """
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise SettingsError(f"a report is written as .html; not {target.suffix or 'without a suffix'!r} ({target})")
    text = page(fit, language, before)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def page(fit: Fit, language: Language = "en", before: Sequence[object] = ()) -> str:
    """Give the report of a fit as one HTML page.

    Parameters
    ----------
    fit : Fit
    language : {"en", "zh"}
    before : sequence
        See `write`.

    Returns
    -------
    str
        The page: style and pictures inside, nothing fetched from elsewhere.
    """
    # Templates and pictures are loaded when a page is made, so that the command line starts quickly.
    from csi.report.layout import render

    return render(fit, language, before)
