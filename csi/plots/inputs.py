"""What a picture is made from: a fit, which is asked for its tables, or the tables themselves."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, TypeAlias

import pandas as pd

from csi.errors import SettingsError
from csi.spec import Model
from csi.spec.model import product_label

#: A table with the common columns, or plain numbers by row.
Numbers: TypeAlias = pd.DataFrame | pd.Series | Mapping[Any, float]


def model_of(source: Any) -> Model | None:
    """Return the model of a fit, or the model itself; None where there is none."""
    found = source if isinstance(source, Model) else getattr(source, "model", None)
    return found if isinstance(found, Model) else None


def need_model(source: Any) -> Model:
    """Return the model of a fit, or the model itself.

    Raises
    ------
    SettingsError
        If there is none.
    """
    model = model_of(source)
    if model is None:
        raise SettingsError(f"a path diagram is drawn from a Model or a fit; not {type(source).__name__}")
    return model


def ask(source: Any, noun: str, given: Numbers | None = None, /, **arguments: Any) -> pd.DataFrame | None:
    """Return the table of a noun: the one given, or the fit's; None where there is neither."""
    if given is not None:
        return as_frame(given)
    method = getattr(source, noun, None) if not isinstance(source, (pd.DataFrame, pd.Series, Model)) else None
    return as_frame(method(**arguments)) if callable(method) else None


def table(source: Any, noun: str, /, **arguments: Any) -> pd.DataFrame:
    """Return a table, or ask a fit for it.

    Raises
    ------
    SettingsError
        If the source is neither.
    """
    if isinstance(source, (pd.DataFrame, pd.Series)) or (isinstance(source, Mapping) and source):
        return as_frame(source)
    found = ask(source, noun, **arguments)
    if found is None:
        raise SettingsError(f"this picture needs a fit or the table of fit.{noun}(); not {type(source).__name__}")
    return found


def as_frame(numbers: Numbers) -> pd.DataFrame:
    """Put plain numbers into the column `estimate`."""
    if isinstance(numbers, pd.DataFrame):
        return numbers
    series = numbers if isinstance(numbers, pd.Series) else pd.Series(dict(numbers), dtype=float)
    return series.to_frame("estimate")


def column(frame: pd.DataFrame, *names: str) -> pd.Series:
    """Return the first column there is of several names.

    Raises
    ------
    SettingsError
        Naming what was looked for and what there is.
    """
    for name in names:
        if name in frame.columns:
            return frame[name].astype(float)
    raise SettingsError(f"the table has no column {' or '.join(map(repr, names))}; it has {list(frame.columns)}")


def has_interval(frame: pd.DataFrame) -> bool:
    """Whether the table has an interval for any row."""
    return {"conf_low", "conf_high"} <= set(frame.columns) and bool(frame["conf_low"].notna().any())


def label_of(row: Hashable, labels: Mapping[str, str]) -> str:
    """Return the printed name of a row."""
    parts = row if isinstance(row, tuple) else (row,)
    return " · ".join(labels.get(str(part), str(part)) for part in parts)


def labels_of(source: Any, language: str, labels: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return printed names: the model's in the language, then those given."""
    model = model_of(source)
    if model is None:
        return dict(labels or {})
    names = {**model.labels(language), **(labels or {})}
    products = {name: product_label(name.split(":"), names) for name in model.products}
    return {**names, **products, **(labels or {})}
