"""The sentences of the report in both languages, read from one file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from csi.display.words import Language


@cache
def texts() -> dict[str, Any]:
    """Read every text."""
    return tomllib.loads(files("csi.report").joinpath("texts.toml").read_text(encoding="utf-8"))


def say(key: str, language: Language = "en", **values: object) -> str:
    """Give one text, its blanks filled in.

    Examples
    --------
    >>> say("terminal.wrote", path="report.html"), say("sample.title", "zh")
    ('Wrote report.html', '样本')
    """
    room, name = key.split(".")
    sentence: str = texts()[room][name][language]
    return sentence.format(**values)


def both(key: str, **values: object) -> dict[str, str]:
    """Give one text in both languages."""
    return {"en": say(key, "en", **values), "zh": say(key, "zh", **values)}


def doubt_texts(doubt: Any, language: Language = "en", labels: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Say what is wrong and what to do; in English where a doubt has no Chinese yet.

    Parameters
    ----------
    labels : mapping, optional
        Printed names of constructs.
    """
    known = texts()["doubt"].get(doubt.code)
    if language == "en" or known is None:
        return f"{doubt.message}.", f"{doubt.remedy}."
    # Only whole names are names: `image -> value`, `image, value`.
    printed = "".join((labels or {}).get(part, part) for part in re.split(r"( -> |, )", doubt.subject))
    blanks = {"name": doubt.subject, "subject": printed, "value": doubt.value, "limit": doubt.limit}
    return known["message"].format(**blanks) + "。", known["remedy"].format(**blanks) + "。"
