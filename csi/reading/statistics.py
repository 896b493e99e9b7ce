"""Files of SPSS and Stata: numeric codes are kept, labels go to the codebook, declared missing codes become blanks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csi.codebook import Codebook, Variable
from csi.errors import DataError, MissingExtra
from csi.reading.answers import Log


def read(file: Path, encoding: str | None, log: Log) -> tuple[pd.DataFrame, Codebook]:
    """Open a .sav, .zsav or .dta file.

    Raises
    ------
    DataError
        If it is cut off or no such file.
    MissingExtra
        If the package that opens it is not installed.
    """
    try:
        import pyreadstat
    except ImportError:
        raise MissingExtra('pyreadstat is not installed: pip install "csi[io]"') from None
    stata = file.suffix.lower() == ".dta"
    open_file: Callable[..., Any] = pyreadstat.read_dta if stata else pyreadstat.read_sav
    try:
        # Stata's letters (.a, .b) would turn a column into text; SPSS's codes stay numbers and are blanked below.
        frame, meta = open_file(str(file), apply_value_formats=False, user_missing=not stata, encoding=encoding)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
        raise DataError(f"{file.name} cannot be read ({error}); it is cut off or no {file.suffix} file") from None
    if frame.empty:
        raise DataError(f"{file.name} is empty; there are no answers to read")
    missing = {} if stata else meta.missing_ranges
    columns = {name: _blanked(frame[name], missing.get(name, []), log) for name in frame.columns}
    variables = [_variable(name, meta, columns[name], missing.get(name, [])) for name in frame.columns]
    return pd.DataFrame(columns), Codebook(variables)


def _blanked(column: pd.Series, ranges: list[dict[str, Any]], log: Log) -> pd.Series:
    """Blank the codes that the file declares as missing."""
    gone = np.zeros(len(column), bool)
    for each in ranges:
        gone |= (column >= each["lo"]).to_numpy(bool) & (column <= each["hi"]).to_numpy(bool)
    if not gone.any():
        return column
    codes = ", ".join(f"{code:g}" if isinstance(code, float) else str(code) for code in sorted(set(column[gone])))
    log.add("blanked", str(column.name), int(gone.sum()), f"codes that the file declares as missing: {codes}")
    return column.mask(gone)


def _variable(name: str, meta: Any, column: pd.Series, ranges: list[dict[str, Any]]) -> Variable:
    labels: Mapping[Any, str] = meta.variable_value_labels.get(name, {})
    values = {float(code): str(text) for code, text in labels.items() if isinstance(code, (int, float))}
    single = tuple(float(r["lo"]) for r in ranges if r["lo"] == r["hi"] and isinstance(r["lo"], (int, float)))
    return Variable(name, meta.column_names_to_labels.get(name) or None, values, single)
