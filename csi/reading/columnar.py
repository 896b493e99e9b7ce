"""Parquet files: columns with their types; nothing has to be guessed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from csi.codebook import Codebook, Variable
from csi.errors import DataError, MissingExtra


def read(file: Path) -> tuple[pd.DataFrame, Codebook]:
    """Open a .parquet file.

    Raises
    ------
    DataError
        If it is cut off or no such file.
    MissingExtra
        If the package that opens it is not installed.
    """
    try:
        frame = pd.read_parquet(file)
    except ImportError:
        raise MissingExtra('Parquet files need a package that is not here: pip install "csi[big]"') from None
    except (ValueError, OSError) as error:
        raise DataError(f"{file.name} cannot be read as Parquet: {error}") from None
    if frame.empty:
        raise DataError(f"{file.name} is empty; there are no answers to read")
    frame.columns = frame.columns.astype(str)
    return frame, Codebook([Variable(name) for name in frame.columns])
