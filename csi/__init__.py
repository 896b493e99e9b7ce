"""From answers to a customer satisfaction index with its interval, its causes and its doubts."""

from __future__ import annotations

import importlib
from typing import Any

from csi import datasets, errors, models
from csi.design import Design
from csi.errors import NotAvailable
from csi.fit import Fit
from csi.methods.cbsem import CBSEM
from csi.methods.pls import PLS
from csi.methods.plsc import PLSc
from csi.montecarlo import power
from csi.nouns.comparing import compare
from csi.results.criteria import Criterion, criteria
from csi.results.selection import akaike
from csi.results.side_by_side import side_by_side
from csi.simulation import simulate
from csi.spec import Construct, Item, Model, Path, Scale, items
from csi.study import Study
from csi.versions import show_versions
from csi.waist import Moments

__version__ = "0.1.0"

#: Rooms that are opened when they are asked for, so that `import csi` stays light.
_ROOMS = (
    "analysis",
    "auditing",
    "measures",
    "plots",
    "questionnaire",
    "reading",
    "report",
    "sampling",
    "service",
    "studyfile",
)
#: Names that live in such rooms.
_NAMES = {
    "Hierarchy": "questionnaire",
    "Plan": "sampling",
    "adequacy": "analysis",
    "aggregate": "nation",
    "audit": "auditing",
    "describe": "analysis",
    "efa": "analysis",
    "item_analysis": "analysis",
    "match": "reading",
    "moments": "passes",
    "open": "keep",
    "read": "reading",
    "screen": "analysis",
    "track": "tracking",
}

__all__ = [
    "CBSEM",
    "PLS",
    "Construct",
    "Criterion",
    "Design",
    "Fit",
    "Item",
    "Model",
    "Moments",
    "NotAvailable",
    "PLSc",
    "Path",
    "Scale",
    "Study",
    "akaike",
    "compare",
    "criteria",
    "datasets",
    "errors",
    "items",
    "models",
    "power",
    "show_versions",
    "side_by_side",
    "simulate",
]


def _face(model: Model) -> str:
    """Show a model in a notebook: its diagram, its questions, its text."""
    from csi.report.faces import model_html

    return model_html(model)


Model.face = staticmethod(_face)


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"csi.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"csi.{_NAMES[name]}"), name)
    raise AttributeError(f"csi has no {name!r}{errors.suggest(name, __dir__())}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_ROOMS, *_NAMES, "__version__"])
