"""The audit: every claim of a file with its checks, what follows from the numbers, a verdict, and why."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

# Each of these registers the checks of its kinds of claim.
from csi.auditing import goals, samples, statistics, sums, tables, wording  # noqa: F401
from csi.auditing.claims import KINDS, Claim, Finding, load, read
from csi.display.cells import Kind
from csi.display.numbers import Language
from csi.display.table import Table
from csi.display.words import Words, check_language, in_language
from csi.errors import DataError, listing

COLUMNS = ["id", "claim", "place", "check", "stated", "computed", "verdict", "why"]


def audit(claims: str | Path | Mapping[str, Any], *, language: Language = "en") -> pd.DataFrame:
    """Check the published claims of a file against each other and against arithmetic.

    Parameters
    ----------
    claims : path, mapping or name
        A TOML file of claims (see Notes), its content, or the name of claims that travel with the package:
        `"company_x"` (a thesis on the customers of a company) and `"service_plan"`.
    language : {"en", "zh"}
        Of verdicts, checks and reasons.

    Returns
    -------
    DataFrame
        One row a check: `id` of the claim, `claim` (what is said), `place`, `check`, `stated` and `computed` (the
        printed number and the one that follows; NaN where it is not about one number), `verdict` ("holds", "fails",
        "cannot be checked"; in Chinese with ``language="zh"``) and `why`.

    Raises
    ------
    DataError
        Naming at once every claim that cannot be read.

    Notes
    -----
    A claim is a TOML table with a `kind` and the fields of this kind::

        [[claims]]
        id = "A20"
        place = "section 3.5"
        says = "35 % satisfied, 23 % neutral, 23 % ..."
        kind = "shares"
        values = [35, 23, 23, 21]

    Numbers are read as printed: 35 stands for anything that rounds to 35, `"3.40"` (as text) for anything that rounds
    to 3.40. Printed tables stand under `[tables.NAME]` with `rows`, `columns` and `values`. A claim that holds may
    still be wrong: an audit shows contradictions, not truth.

    Examples
    --------
    >>> found = audit({"claims": [{"kind": "shares", "says": "all", "values": [35, 23, 23, 21]}]})
    >>> print(found[["computed", "verdict"]].to_string(index=False))
     computed verdict
        102.0   fails
    """
    check_language(language)
    content = load(claims)
    problems, rows = [], []
    for claim in read(content):
        try:
            rows += [_row(claim, finding, language) for finding in KINDS[claim.kind].check(claim)]
        except DataError as error:
            problems.append(f"claim {claim.id}: {error}")
    if problems:
        raise DataError(listing(problems, "the claims cannot be checked"))
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"stated": float, "computed": float})
    table.attrs = {"title": in_language(content.get("title", ""), language), "source": str(content.get("source", ""))}
    return table


def _row(claim: Claim, finding: Finding, language: Language) -> list[Any]:
    words = texts()
    return [
        claim.id,
        in_language(claim.says, language),
        in_language(claim.place, language),
        words["check"][claim.kind][language],
        finding.stated,
        finding.computed,
        words["verdict"][finding.verdict][language],
        words["why"][finding.reason][language].format(**finding.values),
    ]


@cache
def texts() -> dict[str, dict[str, dict[str, str]]]:
    """Every sentence of the audit in both languages."""
    return tomllib.loads(files("csi.auditing").joinpath("texts.toml").read_text(encoding="utf-8"))


def main_text(claims: str | Path | Mapping[str, Any], *, language: Language = "en") -> str:
    """Write an audit for a terminal: what fails first, then what cannot be checked, then what holds.

    Parameters
    ----------
    claims, language : see `audit`.

    Examples
    --------
    >>> print(main_text({"title": "A report", "claims": [
    ...     {"id": "1", "place": "p. 3", "says": "four shares", "kind": "shares", "values": [35, 23, 23, 21]}]}))
    A report: 1 check, 1 fails, 0 cannot be checked, 0 holds
    <BLANKLINE>
    fails
      1 (p. 3) four shares
        shares add up: the shares add up to 102, not 100; rounding explains less than 2
    """
    table = audit(claims, language=language)
    said = {key: text[language] for key, text in texts()["verdict"].items()}
    order = [said["fails"], said["cannot be checked"], said["holds"]]
    counts = [f"{int((table['verdict'] == verdict).sum())} {verdict}" for verdict in order]
    checks = f"{len(table)} 项核查" if language == "zh" else f"{len(table)} check{'s' * (len(table) != 1)}"
    lines = [f"{table.attrs['title'] or 'Audit'}: {', '.join([checks, *counts])}"]
    for verdict in order:
        part = table[table["verdict"] == verdict]
        lines += ["", verdict] if len(part) else []
        for (name, claim, place), found in part.groupby(["id", "claim", "place"], sort=False):
            lines.append(f"  {name} ({place}) {claim}" if place else f"  {name} {claim}")
            lines += [f"    {row.check}: {row.why}" for row in found.itertuples()]
    return "\n".join(lines)


_PAGE_TITLE: Words = {"en": "Audit of published figures", "zh": "已发表数字的核查"}
_PAGE_LABELS: dict[str, Words] = {
    "id": {"en": "No.", "zh": "编号"},
    "claim": {"en": "Claim", "zh": "说法"},
    "place": {"en": "Place", "zh": "出处"},
    "check": {"en": "Check", "zh": "核查"},
    "stated": {"en": "Stated", "zh": "原文"},
    "computed": {"en": "Computed", "zh": "重算"},
    "verdict": {"en": "Verdict", "zh": "结论"},
    "why": {"en": "Why", "zh": "理由"},
}


@dataclass(frozen=True)
class Page:
    """An audit for print: `fit.report(path, before=[csi.auditing.page("claims.toml", language="zh")])` prints it.

    Examples
    --------
    >>> import csi
    >>> csi.auditing.page("company_x").tables()[0].title["zh"]
    '已发表数字的核查'
    """

    table: Table

    def tables(self, labels: object = None) -> tuple[Table, ...]:
        """Return the audit as a table."""
        return (self.table,)


def page(source: str | Path | Mapping[str, Any], *, language: Language = "en") -> Page:
    """Audit claims for print; what `audit` gives, as the table that reports render.

    Examples
    --------
    >>> page("company_x").tables()[0].to_text().splitlines()[0]
    'Audit of published figures'
    """
    frame = audit(source, language=language).set_index("id")
    kinds: dict[str, Kind] = dict.fromkeys(("claim", "place", "check", "verdict", "why"), "text")
    return Page(Table(frame, _PAGE_TITLE, (), _PAGE_LABELS, 3, kinds=kinds))
