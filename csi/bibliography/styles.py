"""How works are written in a list of references: APA (7th edition), GB/T 7714-2015 and BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias, get_args

from csi.bibliography.works import Work, plain, surname
from csi.errors import check_choice

Style: TypeAlias = Literal["apa", "gbt7714", "bibtex"]

#: Letters of the kinds of documents, GB/T 7714-2015, table B.1.
_LETTERS = {"article": "J", "book": "M", "chapter": "M", "report": "R", "standard": "S", "software": "CP"}
_BIBTEX = {
    "article": "article", "book": "book", "chapter": "incollection", "report": "techreport", "standard": "techreport",
    "software": "misc",
}  # fmt: skip
_TEX = {"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_"}


def listed(works: Iterable[Work], style: Style = "apa", numbered: bool = True) -> list[str]:
    """Write a list of references.

    Parameters
    ----------
    works : iterable of Work
        APA and BibTeX sort them by author and year; GB/T 7714 keeps the order, by which they are numbered.
    style : {"apa", "gbt7714", "bibtex"}
    numbered : bool
        Whether GB/T 7714 puts `[1]` before each.

    Returns
    -------
    list of str

    Raises
    ------
    SettingsError
        For another style.
    """
    check_choice(style, "style", get_args(Style))
    given = list(works)
    if style == "gbt7714":
        return [(f"[{place}] " if numbered else "") + gbt7714(work) for place, work in enumerate(given, 1)]
    ordered = sorted(given, key=lambda work: (plain(" ".join(work.surnames)).casefold(), work.year))
    return [apa(work) if style == "apa" else bibtex(work) for work in ordered]


# -- APA ----------------------------------------------------------------------------------------------------------


def apa(work: Work) -> str:
    """Write a reference as the American Psychological Association asks (7th edition).

    Examples
    --------
    >>> from csi.bibliography.works import works
    >>> print(apa(works()["dijkstra2015"]))
    Dijkstra, T. K., & Henseler, J. (2015). Consistent partial least squares path modeling. MIS Quarterly, 39(2),
    297–316. https://doi.org/10.25300/MISQ/2015/39.2.02
    """
    body = {
        "article": _apa_article, "chapter": _apa_chapter, "standard": _apa_standard, "software": _apa_software,
    }.get(work.kind, _apa_book)(work)  # fmt: skip
    address = f" https://doi.org/{work.doi}" if work.doi else ""
    return f"{_apa_names([author.strip('{}') for author in work.authors])} ({work.year or 'n.d.'}). {body}{address}"


def _apa_names(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])}, & {names[-1]}"


def _apa_article(work: Work) -> str:
    issue = work.volume + (f"({work.number})" if work.number else "")
    pages = f"Article {work.pages}" if "-" not in work.pages else _dash(work.pages)
    return f"{work.title}. {work.journal}, {_dash(issue)}, {pages}."


def _apa_book(work: Work) -> str:
    edition = f" ({_ordinal(work.edition)} ed.)" if work.edition else ""
    return f"{work.title}{edition}. {work.publisher}."


def _apa_chapter(work: Work) -> str:
    names = [_given_first(editor) for editor in work.editors]
    pages = f"(pp. {_dash(work.pages)})"
    return f"{work.title}. In {' & '.join(names)} (Eds.), {work.book} {pages}. {work.publisher}."


def _apa_standard(work: Work) -> str:
    return f"{work.title} ({work.code}). {work.publisher}."


def _apa_software(work: Work) -> str:
    return f"{work.title} (Version {work.version}) [Computer software]."


def _given_first(name: str) -> str:
    last, _, first = name.partition(", ")
    return f"{first} {last}"


def _ordinal(number: str) -> str:
    return number + {"1": "st", "2": "nd", "3": "rd"}.get(number, "th")


def _dash(pages: str) -> str:
    return pages.replace("-", "–")


# -- GB/T 7714 ----------------------------------------------------------------------------------------------------


def gbt7714(work: Work) -> str:
    """Write a reference as GB/T 7714-2015 asks, without its number; Chinese works in Chinese.

    Examples
    --------
    >>> from csi.bibliography.works import works
    >>> print(gbt7714(works()["tenenhaus2005"]))
    TENENHAUS M, ESPOSITO VINZI V, CHATELIN Y M, et al. PLS path modeling[J]. Computational Statistics & Data Analysis,
    2005, 48(1): 159-205. DOI:10.1016/j.csda.2004.03.005.
    >>> print(gbt7714(works()["nunnally1994"]))
    NUNNALLY J C, BERNSTEIN I H. Psychometric theory[M]. 3rd ed. New York: McGraw-Hill, 1994.
    """
    said = replace(work, **_chinese(work)) if work.zh else work
    body = {"article": _gbt_article, "chapter": _gbt_chapter, "software": _gbt_software}.get(said.kind, _gbt_book)(said)
    address = f" DOI:{said.doi}." if said.doi else ""
    return f"{_gbt_names(said.authors, chinese=bool(work.zh))}. {body}{address}"


def _chinese(work: Work) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in work.zh.items()}


def _gbt_names(names: Sequence[str], chinese: bool = False) -> str:
    """The first three authors; surnames in capitals, initials without points."""
    shown = [_gbt_name(name) for name in names[:3]]
    return ", ".join(shown) + ((", 等" if chinese else ", et al") if len(names) > 3 else "")


def _gbt_name(name: str) -> str:
    if name.startswith("{"):
        return name.strip("{}")
    initials = re.findall(r"\w", name.partition(", ")[2])
    return " ".join([surname(name).upper(), *initials])


def _gbt_article(work: Work) -> str:
    issue = ", ".join(part for part in (work.year, work.volume) if part) + (f"({work.number})" if work.number else "")
    return f"{work.title}[J]. {work.journal}, {issue.replace('7-8', '7/8')}: {work.pages}."


def _gbt_book(work: Work) -> str:
    title = f"{work.title}: {work.code.replace('-', '—')}" if work.code else work.title
    edition = f" {_ordinal(work.edition)} ed." if work.edition else ""
    return f"{title}[{_LETTERS[work.kind]}].{edition} {_gbt_imprint(work)}, {work.year}."


def _gbt_chapter(work: Work) -> str:
    editors = _gbt_names(work.editors)
    return f"{work.title}[M]//{editors}. {work.book}. {_gbt_imprint(work)}, {work.year}: {work.pages}."


def _gbt_software(work: Work) -> str:
    return f"{work.title}: Version {work.version}[CP]."


def _gbt_imprint(work: Work) -> str:
    """Place and publisher; GB/T 7714-2015, 8.4: what is not known is said to be missing."""
    return f"{work.place or '[S.l.]'}: {work.publisher or '[s.n.]'}"


# -- BibTeX -------------------------------------------------------------------------------------------------------


def bibtex(work: Work) -> str:
    """Write an entry for BibTeX or biblatex.

    Examples
    --------
    >>> from csi.bibliography.works import works
    >>> print(bibtex(works()["binder1983"]).splitlines()[0])
    @article{binder1983,
    """
    fields = {
        "author": " and ".join(work.authors),
        "title": f"{{{work.title}}}" if work.kind == "software" else work.title,
        "editor": " and ".join(work.editors),
        "booktitle": work.book,
        "journal": work.journal,
        "year": work.year,
        "volume": work.volume,
        "number": work.code or work.number,
        "pages": work.pages.replace("-", "--"),
        "edition": _word(work.edition),
        "publisher" if work.kind in ("book", "chapter") else "institution": work.publisher,
        "address": work.place,
        "note": f"Version {work.version}" if work.version else "",
        "doi": work.doi,
    }
    lines = [f"  {name} = {{{_tex(value, name)}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{_BIBTEX[work.kind]}{{{work.key},", *lines, "}"])


def _word(edition: str) -> str:
    return _ordinal(edition) if edition else ""


def _tex(value: str, name: str) -> str:
    return value if name == "doi" else "".join(_TEX.get(letter, letter) for letter in value)
