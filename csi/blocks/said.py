"""A sentence that is said in two languages: English wherever a text is wanted, Chinese where it is asked for."""

from __future__ import annotations


class Said(str):
    """An English text that knows its Chinese.

    Parameters
    ----------
    english, chinese : str

    Examples
    --------
    >>> note = Said("available cases", "可用样本")
    >>> note, note.chinese, str(note) == "available cases"
    ('available cases', '可用样本', True)
    """

    chinese: str

    def __new__(cls, english: str, chinese: str = "") -> Said:
        """Keep both texts; a sentence without Chinese is said in English."""
        self = super().__new__(cls, english)
        self.chinese = chinese or english
        return self

    @property
    def words(self) -> dict[str, str]:
        """The text by language, as tables for print take it."""
        return {"en": str.__str__(self), "zh": self.chinese}

    def __add__(self, other: str) -> Said:
        return Said(str.__str__(self) + str.__str__(other), self.chinese + chinese(other))


def chinese(text: str) -> str:
    """Return the Chinese of a text, or the text itself where it has none."""
    return text.chinese if isinstance(text, Said) else text


def also(first: str, second: str) -> Said:
    """Join two sentences with a semicolon.

    Examples
    --------
    >>> also(Said("one", "一"), Said("two", "二")).words
    {'en': 'one; two', 'zh': '一；二'}
    """
    return Said(f"{first!s}; {second!s}", f"{chinese(first)}；{chinese(second)}")
