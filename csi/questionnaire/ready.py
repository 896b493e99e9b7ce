"""Hierarchies that are ready, as data, in English and Chinese, each tied to a model of the catalogue."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from csi.errors import ModelError, suggest
from csi.questionnaire.files import from_text

if TYPE_CHECKING:
    from csi.questionnaire.hierarchy import Hierarchy

_FOLDER = "hierarchies"


def names() -> list[str]:
    """Return the names of the ready hierarchies.

    Examples
    --------
    >>> names()
    ['bank', 'public_service', 'telecom']
    """
    folder = files("csi.questionnaire").joinpath(_FOLDER)
    return sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml"))


def ready(name: str) -> Hierarchy:
    """Return a ready hierarchy.

    Raises
    ------
    ModelError
        If there is none of this name, with the closest one.

    Examples
    --------
    >>> ready("telecom")
    Hierarchy('Telecommunications': 6 constructs, 11 aspects, 36 questions, TCSI)
    """
    from csi.questionnaire.hierarchy import Hierarchy

    if name not in names():
        raise ModelError(
            f"there is no ready hierarchy {name!r}{suggest(name, names())}; there are {', '.join(names())}"
        )
    text = files("csi.questionnaire").joinpath(_FOLDER, f"{name}.toml").read_text(encoding="utf-8")
    return Hierarchy(**from_text(text, f"{name}.toml"))
