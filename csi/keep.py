"""Fits in files: everything needed to print any noun again, the draws among it, without pickle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from csi.fit import Fit
from csi.results import archive
from csi.study import Study


def save(fit: Fit, path: str | Path, columns: Sequence[str] = ()) -> Path:
    """Write a fit to one file, from which `open` gives it back.

    Parameters
    ----------
    fit : Fit
    path : str or Path
        The file, by custom `NAME.csi`.
    columns : sequence of str
        Columns of the data to keep beside items, design and groups, for `fit.compare(..., pair=...)` and the like.
        Without them nothing else of the users' table is in the file.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        If there is no such column.
    NotAvailable
        If a group or row has a label that the file cannot hold.

    Examples
    --------
    >>> import csi, tempfile, pathlib
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = open(save(fit, pathlib.Path(folder) / "mobi.csi"))
    >>> again.index().equals(fit.index())
    True
    """
    words = {"model": fit.study.model, "method": fit.study.method}
    words |= {"design": fit.study.design, "missing": fit.study.missing}
    return archive.write(path, words, fit.core, columns)


def open(path: str | Path) -> Fit:
    """Read a fit that was saved: every noun gives the same table again, nothing is estimated anew.

    Parameters
    ----------
    path : str or Path
        What `fit.save` wrote.

    Returns
    -------
    Fit

    Raises
    ------
    DataError
        If the file is no saved fit, is damaged, or was written by a later version.
    """
    words, core = archive.read(path)
    return Fit(Study(**words), core)
