"""Fits in files: everything needed to print any noun again, the draws among it, without pickle."""

from __future__ import annotations

from pathlib import Path

from csi.fit import Fit
from csi.results import archive
from csi.study import Study


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

    Examples
    --------
    >>> import csi, tempfile, pathlib
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = csi.open(fit.save(pathlib.Path(folder) / "mobi.csi"))
    >>> again.index().equals(fit.index())
    True
    """
    words, core = archive.read(path)
    return Fit(Study(**words), core)
