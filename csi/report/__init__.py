"""One report of a fit in four forms: a page, a Word chapter, a workbook, Markdown. The same tables render them all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import pandas as pd

from csi.bibliography import Style
from csi.display.words import Language
from csi.errors import SettingsError
from csi.fit import Fit
from csi.spec import Model

__all__ = ["chinese", "cite", "doubts", "methods", "page", "write"]

#: What a report can be written as, by suffix.
SUFFIXES = (".html", ".htm", ".docx", ".xlsx", ".md")


@overload
def write(
    fit: Fit, path: str | Path, language: Language = ..., before: Sequence[object] = ..., **settings: Any
) -> Path: ...


@overload
def write(
    fit: Fit, path: Sequence[str | Path], language: Language = ..., before: Sequence[object] = ..., **settings: Any
) -> list[Path]: ...


def write(
    fit: Fit,
    path: str | Path | Sequence[str | Path],
    language: Language = "en",
    before: Sequence[object] = (),
    **settings: Any,
) -> Path | list[Path]:
    """Write the report of a fit to one file or to several, all from the same tables.

    Parameters
    ----------
    fit : Fit
    path : str or Path, or a sequence of them
        Where to; the suffix says the form: `.html`, `.docx`, `.xlsx`, `.md`. Folders that are not there are made.
    language : {"en", "zh"}
        Of the sentences and labels; what the model has no label for keeps its name.
    before : sequence
        What was looked at before the model, printed after the sample: results that have tables
        (`csi.screen(...)` with its cleaning log, `csi.item_analysis(...)`, `csi.efa(...)`), or tables.
    **settings
        As in `Fit.report`.

    Returns
    -------
    Path or list of Path
        The file or files.

    Raises
    ------
    SettingsError
        If a suffix is no form that can be written, or the language has no words.
    MissingExtra
        If the package that writes the form is not installed; nothing is written then.

    Examples
    --------
    >>> import csi
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> write(fit, "mobi-study/report.html").name
    'report.html'
    """
    several = not isinstance(path, str | Path)
    targets = [Path(one) for one in path] if not isinstance(path, str | Path) else [Path(path)]
    writers = [_writer(target) for target in targets]
    from csi.report import document

    made = document.build(fit, language, before, **settings)
    for target, writer in zip(targets, writers, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        writer(made, target)
    return targets if several else targets[0]


def _writer(target: Path) -> Any:
    """What writes a form; templates and packages are loaded when they are wanted."""
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        given = repr(suffix) if suffix else "'without a suffix'"
        raise SettingsError(f"a report is written as .html, .docx, .xlsx or .md; not {given} ({target})")
    if suffix == ".docx":
        from csi.display.word import package
        from csi.report import word

        package()
        return word.write
    if suffix == ".xlsx":
        from csi.display.workbook import package as workbook_package
        from csi.report import workbook

        workbook_package()
        return workbook.write
    if suffix == ".md":
        from csi.report import markdown

        return markdown.write
    from csi.report import html

    return html.write


def page(fit: Fit, language: Language = "en", before: Sequence[object] = (), **settings: Any) -> str:
    """Give the report of a fit as one HTML page.

    Parameters
    ----------
    fit : Fit
    language : {"en", "zh"}
    before : sequence
        See `write`.
    **settings
        As in `Fit.report`.

    Returns
    -------
    str
        The page: style and pictures inside, nothing fetched from elsewhere.

    Examples
    --------
    >>> import csi
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> csi.report.page(fit)[:15]
    '<!DOCTYPE html>'
    """
    # Templates and pictures are loaded when a page is made, so that the command line starts quickly.
    from csi.report import document, html

    return html.render(document.build(fit, language, before, **settings))


def chinese(*models: Model, **words: str) -> None:
    """Print what the cells of a notebook show in Chinese; tables keep the names that code speaks to.

    Parameters
    ----------
    *models : Model
        They know the printed names of constructs; items keep their codes.
    **words : str
        Further words and what is printed in their place, in headings, rows and cells.

    Raises
    ------
    NotAvailable
        Outside a notebook.

    Examples
    --------
    >>> import csi
    >>> csi.report.chinese(csi.models.ecsi())
    Traceback (most recent call last):
    csi.errors.NotAvailable: chinese() is for the cells of a notebook; elsewhere, ask for language="zh"
    """
    from csi.report import notebook

    notebook.chinese(*models, **words)


def doubts(fit: Fit, language: Language = "en") -> pd.DataFrame:
    """Give the doubts of a fit as a table: see `Fit.check`.

    Examples
    --------
    >>> import csi
    >>> data = csi.datasets.load("mobi")
    >>> fit = csi.Study(csi.models.ecsi()).fit(data.assign(CUSA1=11 - data["CUSA1"]))
    >>> csi.report.doubts(fit, "zh")["message"].item()
    'CUSA1 与同组其他题项之和的相关为 -0.58，方向相反。'
    """
    from csi.display.words import check_language
    from csi.report.texts import doubt_texts
    from csi.results.doubts import table

    check_language(language)
    labels = {name: fit.model.labels(language)[name] for name in fit.model.constructs}
    said = [doubt_texts(doubt, language, labels) for doubt in fit.doubts]
    found = table(fit.doubts)
    return found.assign(message=[message for message, _ in said], remedy=[remedy for _, remedy in said])


def methods(fit: Fit, language: Language = "en") -> str:
    """Give the methods section of a fit: see `Fit.methods`.

    Examples
    --------
    >>> import csi
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> csi.report.methods(fit, "zh").split("。")[0]
    '模型（ECSI mobile）包含 7 个潜变量、24 个题项和 12 条路径'
    """
    from csi.display.words import check_language
    from csi.report.context import Context
    from csi.report.method_words import paragraphs

    check_language(language)
    return "\n\n".join(paragraphs(Context(fit, language)))


def cite(fit: Fit, style: Style = "apa") -> str:
    """Give the references of a fit: see `Fit.cite`.

    Examples
    --------
    >>> import csi
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> csi.report.cite(fit).splitlines()[1].split(" (")[0]
    'Binder, D. A.'
    """
    from csi.report.citing import references

    return ("\n\n" if style == "bibtex" else "\n").join(references(fit, style))
