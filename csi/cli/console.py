"""What is printed reaches every console: characters that it lacks are replaced by the nearest that it has."""

from __future__ import annotations

import codecs
import sys
import unicodedata
from typing import Any

from csi.display.words import Language

#: How characters of our own texts are written where a console lacks them.
PLAIN = {
    "–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "→": "->", "≥": ">=", "≤": "<=", "†": "+",
    "²": "2", "α": "alpha", "ρ": "rho", "β": "beta", "∞": "inf", "·": ".", "（": "(", "）": ")", "，": ",", "。": ".",
    "：": ":", "；": ";", "、": ",",
}  # fmt: skip


def prepare() -> None:
    """Make the streams of the process print anything, whatever their encoding is."""
    codecs.register_error("csi", _replace)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="csi")


def _replace(error: UnicodeError) -> tuple[str, int]:
    """Write what a console lacks in characters that it has: without accents, or by its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_nearest(letter, error.encoding) for letter in lacking), error.end


def _nearest(letter: str, encoding: str) -> str:
    for text in (PLAIN.get(letter, ""), _bare(letter)):
        if text and can_print(text, encoding):
            return text
    return letter.encode("ascii", "backslashreplace").decode("ascii")


def _bare(letter: str) -> str:
    """A letter without its accents."""
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))


def word(text: str) -> str:
    r"""Read a word of the command line that a console without Chinese handed over byte by byte.

    Examples
    --------
    >>> word("\udce6\udcbb\udca1"), word("wave")
    ('满', 'wave')
    """
    try:
        return text.encode("ascii", "surrogateescape").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def can_print(text: str, encoding: str | None = None) -> bool:
    """Whether a console has all characters of a text."""
    try:
        text.encode(encoding or getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def readable(language: Language) -> Language:
    """The language asked for, or English where the console has no characters for it."""
    return "en" if language == "zh" and not can_print("满意度") else language


def say(*lines: Any) -> None:
    """Print lines."""
    for line in lines:
        print(line)


def complain(line: str) -> None:
    """Print a line to stderr."""
    print(line, file=sys.stderr)
