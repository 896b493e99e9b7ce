"""The audit of published figures: whether the numbers and words of a report agree with each other."""

from __future__ import annotations

from csi.auditing.claims import shipped
from csi.auditing.verdicts import Page, audit, main_text, page

__all__ = ["Page", "audit", "main_text", "page", "shipped"]
