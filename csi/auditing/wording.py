"""Words that must agree: labels of grades, lists of parts, titles and content, scales, and claims without data."""

from __future__ import annotations

from collections.abc import Iterator

from csi.auditing.claims import Claim, Finding, kind
from csi.errors import DataError


@kind("labels", ["used"], ["known", "table"])
def labels(claim: Claim) -> Iterator[Finding]:
    """Grades and columns keep the names of their table (rows and columns) or list wherever they are used."""
    if ("known" in claim) == ("table" in claim):
        raise DataError("a claim of kind 'labels' needs either 'known' or 'table'")
    known = claim.words("known") if "known" in claim else [*claim.table().rows, *claim.table().columns]
    strangers = [word for word in claim.words("used") if word not in known]
    if strangers:
        said = {"strangers": _listed(strangers), "known": _listed(known)}
        yield Finding("fails", "labels_change", said)
    else:
        yield Finding("holds", "labels_kept", {"count": len(claim.words("used"))})


@kind("members", ["listed"], ["required", "excluded"])
def members(claim: Claim) -> Iterator[Finding]:
    """A list holds what another place says it must, and nothing that it says is left out."""
    if "required" not in claim and "excluded" not in claim:
        raise DataError("a claim of kind 'members' needs 'required' or 'excluded'")
    listed = claim.words("listed")
    absent = [word for word in claim.words("required") if word not in listed]
    present = [word for word in claim.words("excluded") if word in listed]
    if absent:
        yield Finding("fails", "members_absent", {"words": _listed(absent)})
    if present:
        yield Finding("fails", "members_present", {"words": _listed(present)})
    if not absent and not present:
        yield Finding("holds", "members_agree")


@kind("title", ["title", "content"])
def title(claim: Claim) -> Iterator[Finding]:
    """What a title promises is what stands below it, and nothing else."""
    promised, content = claim.words("title"), claim.words("content")
    absent = [word for word in promised if word not in content]
    beyond = [word for word in content if word not in promised]
    if absent or beyond:
        said = {"promised": _listed(promised), "content": _listed(content)}
        yield Finding("fails", "title_differs", said)
    else:
        yield Finding("holds", "title_fits")


@kind("scale", ["favourable", "unfavourable"], ["neutral"])
def scale(claim: Claim) -> Iterator[Finding]:
    """An answer scale has as many unfavourable answers as favourable ones."""
    good, bad = claim.words("favourable"), claim.words("unfavourable")
    said = {"good": len(good), "neutral": len(claim.words("neutral")), "bad": len(bad)}
    balanced = len(good) == len(bad)
    yield Finding("holds" if balanced else "fails", "scale_balanced" if balanced else "scale_unbalanced", said)


@kind("evidence", ["needs"], ["given"])
def evidence(claim: Claim) -> Iterator[Finding]:
    """A claim comes with the figures that it needs."""
    missing = [word for word in claim.words("needs") if word not in claim.words("given")]
    if missing:
        yield Finding("cannot be checked", "no_evidence", {"missing": _listed(missing)})
    else:
        yield Finding("holds", "evidence_given")


def _listed(words: list[str]) -> str:
    return ", ".join(words)
