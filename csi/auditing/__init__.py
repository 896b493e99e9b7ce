"""The audit of published figures: whether the numbers and words of a report agree with each other."""

from __future__ import annotations

from csi.auditing.claims import shipped
from csi.auditing.verdicts import audit, main_text

__all__ = ["audit", "main_text", "shipped"]
