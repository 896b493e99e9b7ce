"""Numbers as they are printed: how far rounding reaches, and whether a computed number can be behind them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from csi.errors import DataError

_PRINTED = re.compile(r"^(?:p\s*)?(<=|>=|[<>=≤≥]?)\s*([-+]?(?:\d[\d,]*)?\.?\d+)\s*%?$")
#: Slack for binary fractions, relative to the size of the numbers.
SLACK = 1e-9


@dataclass(frozen=True)
class Printed:
    """A printed number: any value within `half` of it may have been rounded to it.

    Attributes
    ----------
    value : float
    decimals : int
        Decimals that were printed.
    relation : {"=", "<", ">"}
        As in p < .05.
    """

    value: float
    decimals: int
    relation: str = "="

    @property
    def half(self) -> float:
        """Half a unit of the last printed digit."""
        return 0.5 * 10.0**-self.decimals

    @property
    def low(self) -> float:
        """Least value that is printed so."""
        return self.value - self.half

    @property
    def high(self) -> float:
        """Largest value that is printed so."""
        return self.value + self.half

    def agrees(self, low: float, high: float) -> bool:
        """Whether some value between two ends may have been printed so."""
        slack = SLACK * max(1.0, abs(self.value))
        if self.relation == "<":
            return low < self.value + slack
        if self.relation == ">":
            return high > self.value - slack
        return low <= self.high + slack and high >= self.low - slack


def printed(given: Any) -> Printed:
    """Read a printed number; as text where its last digits are zeros, or where it is only bounded.

    Raises
    ------
    DataError
        If it is no number.

    Examples
    --------
    >>> printed(35).half, printed("3.40").decimals, printed("p < .05").relation, printed("102%").value
    (0.5, 2, '<', 102.0)
    """
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise DataError(f"{given!r} is no printed number; give 35, 3.4, or as text '3.40' or '< .05'")
    text = unicodedata.normalize("NFKC", str(given)).strip()
    found = _PRINTED.match(text)
    if found is None:
        raise DataError(f"{given!r} is no printed number; give 35, 3.4, or as text '3.40' or '< .05'")
    digits = Decimal(found[2].replace(",", ""))
    exponent = digits.as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    relation = {"≤": "<", "<=": "<", "≥": ">", ">=": ">", "": "="}.get(found[1], found[1])
    return Printed(float(digits), decimals, relation)
