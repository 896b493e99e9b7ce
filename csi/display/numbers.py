"""Numbers as journals print them: rounding happens here and nowhere else.

Decided once: a leading zero is printed (0.512, as GB/T 15835 asks and as most journals do for numbers that can
exceed one, which standardized paths can), except in an English p-value, which cannot (p < .001, as the APA asks).
The minus sign is a minus sign; plain text for a terminal asks for a hyphen (`minus="-"`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["en", "zh"]

#: p below which an estimate gets how many stars.
STARS: tuple[tuple[float, str], ...] = ((0.001, "***"), (0.01, "**"), (0.05, "*"))
MINUS = "−"


def number(value: float, decimals: int = 3, *, minus: str = MINUS) -> str:
    """Round a number for reading; a missing one is empty.

    Examples
    --------
    >>> number(0.51249), number(71.97, 1), number(12345.6, 0), number(float("nan"))
    ('0.512', '72.0', '12,346', '')
    >>> number(-0.0541, minus="-"), number(-0.0001, minus="-")
    ('-0.054', '0.000')
    """
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "∞" if value > 0 else f"{minus}∞"
    text = f"{value:,.{decimals}f}"
    negative = text.startswith("-") and text.strip("-0.,") != ""
    return (minus if negative else "") + text.lstrip("-")


def p_value(value: float, decimals: int = 3, language: Language = "en") -> str:
    """Write a p-value, never as zero.

    Examples
    --------
    >>> p_value(0.0312), p_value(0.00001), p_value(1.0)
    ('.031', '< .001', '1.000')
    >>> p_value(0.0312, language="zh"), p_value(0.00001, language="zh")
    ('0.031', '< 0.001')
    """
    if math.isnan(value):
        return ""
    least = 10.0**-decimals
    text = f"< {least:.{decimals}f}" if value < least else f"{value:.{decimals}f}"
    return text if language == "zh" else text.replace("0.", ".", 1) if value < 1 else text


def stars(p: float, rules: Sequence[tuple[float, str]] = STARS) -> str:
    """Return the stars of a p-value; none where it is missing.

    Examples
    --------
    >>> stars(0.0004), stars(0.03), stars(0.2), stars(float("nan"))
    ('***', '*', '', '')
    """
    return next((mark for limit, mark in sorted(rules) if p < limit), "")


def stars_note(rules: Sequence[tuple[float, str]] = STARS, language: Language = "en") -> str:
    """Explain the stars under a table or a figure.

    Examples
    --------
    >>> stars_note()
    '* p < .05, ** p < .01, *** p < .001'
    """
    ordered = sorted(rules, reverse=True)
    joint = "，" if language == "zh" else ", "
    return joint.join(f"{mark} p < {_limit(limit, language)}" for limit, mark in ordered)


def interval(low: float, high: float, decimals: int = 3, *, minus: str = MINUS) -> str:
    """Write an interval; empty where an end is missing.

    Examples
    --------
    >>> interval(0.41234, 0.6)
    '[0.412, 0.600]'
    """
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"[{number(low, decimals, minus=minus)}, {number(high, decimals, minus=minus)}]"


def percent(share: float, decimals: int = 1, *, minus: str = MINUS) -> str:
    """Write a share (0-1) as per cent.

    Examples
    --------
    >>> percent(0.1234)
    '12.3%'
    """
    return "" if math.isnan(share) else f"{number(100 * share, decimals, minus=minus)}%"


def _limit(limit: float, language: Language) -> str:
    text = f"{limit:g}"
    return text if language == "zh" else text.removeprefix("0")
