"""Rules of aggregation: how published indices go from companies to a nation, as data with sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from csi.errors import SettingsError, suggest
from csi.models.sheets import key_of, read

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Rule:
    """One rule: what is measured, what it is joined to, and by which weights.

    Attributes
    ----------
    name : str
    title : mapping
        By language.
    unit : str
        What has an index of its own.
    levels : tuple of str
        What units are joined to, the lowest first; the whole stands above them.
    weights : mapping
        Which column weighs the units, and the parts of every level in what is above; `"equal"` and `"cases"` need
        none, and a level that names the column of its parts weighs by their sum.
    reference : str
    notes : tuple of str

    Examples
    --------
    >>> rule("ecsi_portugal").levels
    ('sector',)
    """

    name: str
    title: Mapping[str, str]
    unit: str
    levels: tuple[str, ...]
    weights: Mapping[str, str]
    reference: str
    notes: tuple[str, ...]


def rule(name: str) -> Rule:
    """Find a rule by its name.

    Raises
    ------
    SettingsError
        If there is none of this name.

    Examples
    --------
    >>> dict(rule("acsi").weights)
    {'company': 'revenue', 'industry': 'revenue', 'sector': 'gdp'}
    """
    sheets = read("aggregation")
    key = key_of(name)
    if key not in sheets:
        raise SettingsError(
            f"{name!r} is not a rule of aggregation{suggest(key, sheets)}; there are {', '.join(sheets)}"
        )
    sheet = sheets[key]
    return Rule(
        key, sheet["title"], sheet["unit"], tuple(sheet["levels"]), sheet["weights"], sheet["reference"],
        tuple(sheet["notes"]),
    )  # fmt: skip


def rules() -> pd.DataFrame:
    """List the rules.

    Returns
    -------
    DataFrame
        Rows `name`. Columns `title, unit, levels, weights, reference, notes`.

    Examples
    --------
    >>> rules().loc["hkcsi", "weights"]
    'product by consumption'
    """
    import pandas as pd

    found = [rule(name) for name in read("aggregation")]
    rows = {
        each.name: {
            "title": each.title["en"],
            "unit": each.unit,
            "levels": ", ".join(each.levels),
            "weights": "; ".join(f"{level} by {column}" for level, column in each.weights.items()),
            "reference": each.reference,
            "notes": " ".join(each.notes),
        }
        for each in found
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")
