"""Doubts about a plan or its numbers, and the sentences of this room in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from csi.display.numbers import Language
from csi.display.words import check_language, in_language

COLUMNS = ["code", "subject", "value", "limit", "message", "remedy", "group"]


@dataclass(frozen=True)
class Doubt:
    """A reason not to believe a number, or not to reach a goal.

    Attributes
    ----------
    code : str
        A stable name, and the key of its sentence.
    subject : str
        Indicator, agent or period it is about.
    value, limit : float
        What was found, and where doubt begins.
    said : dict
        What fills the sentence; a value may have a text for each language.
    group : object
        Group it appears in.
    """

    code: str
    subject: str
    value: float = np.nan
    limit: float = np.nan
    said: dict[str, Any] = field(default_factory=dict)
    group: object = ""

    def message(self, language: Language = "en") -> str:
        """What is wrong."""
        return self._sentence("message", language)

    def remedy(self, language: Language = "en") -> str:
        """What one can do, and what may still be said."""
        return self._sentence("remedy", language)

    def _sentence(self, part: str, language: Language) -> str:
        said = {key: in_language(value, language) if isinstance(value, Mapping) else value
                for key, value in self.said.items()}  # fmt: skip
        words = {"subject": self.subject, "value": self.value, "limit": self.limit, **said}
        return texts()["doubts"][self.code][part][language].format(**words)


def table(doubts: Iterable[Doubt], language: Language = "en") -> pd.DataFrame:
    """Doubts as a table: code, subject, value, limit, message, remedy, group; empty when there is nothing to say."""
    check_language(language)
    rows = [[d.code, d.subject, d.value, d.limit, d.message(language), d.remedy(language), d.group] for d in doubts]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"value": float, "limit": float})


def sentence(key: str, **said: str) -> dict[str, str]:
    """A filled sentence of `[words]` in every language."""
    return {language: text.format(**said) for language, text in texts()["words"][key].items()}


@cache
def texts() -> dict[str, Any]:
    """Every sentence of this room in both languages."""
    return tomllib.loads(files("csi.service").joinpath("texts.toml").read_text(encoding="utf-8"))
