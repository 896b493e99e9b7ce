"""Pictures in a notebook: every one is shown, whichever comes first."""

from __future__ import annotations

import nbclient
import nbformat
import pytest

CELLS = (
    "import csi\nfit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load('mobi'))",
    "csi.plots.priorities(fit);",
    "csi.plots.index(fit);",
    "fit.plot();",
)


# The files through which a kernel is reached are Jupyter's.
@pytest.mark.filterwarnings("ignore::EncodingWarning")
def test_every_picture_of_a_session_is_shown(monkeypatch):
    for name in ("MPLBACKEND", "PYTHONWARNDEFAULTENCODING"):
        monkeypatch.delenv(name, raising=False)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(book, kernel_name="python3").execute()
    shown = [[output.output_type for output in cell.outputs] for cell in book.cells]
    assert shown == [[], ["display_data"], ["display_data"], ["display_data"]]
