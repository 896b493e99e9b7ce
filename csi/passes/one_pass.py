"""`csi.moments`: one pass over a table of any size, in whatever library or file it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from csi.design import Design
from csi.errors import DataError
from csi.passes.batches import Batch
from csi.passes.folding import ahead, fold
from csi.passes.plan import Missing, Plan, plan
from csi.passes.sources import Source, opened
from csi.spec import Model
from csi.waist import Moments, in_order

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")


def moments(
    source: Any,
    model: Model,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    replicates: int = 0,
    rng: int | np.random.Generator | None = None,
    *,
    missing: Missing = "pairwise",
    memory: float = 1e9,
    progress: bool = False,
) -> Moments:
    """Means and covariances of the items of every group, in one pass over answers that need not fit into memory.

    Parameters
    ----------
    source : table, path, pattern, folder or iterable
        A table of pandas, Polars (eager or lazy), PyArrow, DuckDB, Dask or PySpark; a stream of record batches or an
        iterable of tables; a Parquet, Arrow or CSV file, a pattern such as `"answers/*.parquet"`, or a folder (whose
        folders may give columns: `quarter=2024Q1/`).
    model : Model
        Says what the items are, their scales, and which codes mean unknown.
    by : str or list of str, optional
        Columns that divide the cases into groups.
    design : Design, optional
        Columns of the weight or the count of every case; with `replicates`, the cluster that is resampled as a whole.
    replicates : int
        Poisson bootstrap replicates, drawn in the same pass.
    rng : int or numpy Generator, optional
        Where their chance begins.
    missing : {"pairwise", "listwise", "mean"}
        What is done about blanks, as in `Study`.
    memory : float
        Bytes that the sums may take; the answers themselves take some megabytes, however many there are.
    progress : bool
        Whether a long pass shows a bar.

    Returns
    -------
    Moments
        Of all groups in the order of their labels; they add up (`+`), are saved (`save`, `load`) and are fitted:
        `Study(model).fit(moments)`.

    Raises
    ------
    DataError
        Naming at once what is wrong with the columns, and the file that is damaged or cut off.
    SettingsError
        If the sums would not fit into memory.
    NotAvailable
        If one pass of sums cannot give what the design asks for.

    Notes
    -----
    A replicate gives every case a Poisson(1) number of copies [Hanley & MacGibbon 2006]. The number is hashed from the
    seed and the case's place within its group and part (file, partition): the size of the batches and the order of the
    files do not matter, and another group changes nothing. With `Design(cluster=)` it is hashed from the seed and the
    cluster's label, so that the order of the rows does not matter either; where an engine promises no order of rows
    (Spark), this is the only way.

    Examples
    --------
    >>> import csi
    >>> data, model = csi.datasets.load("mobi"), csi.models.ecsi()
    >>> first, second = csi.moments(data[:100], model), csi.moments(data[100:], model)
    >>> first + second
    Moments(n=250, 24 items)
    >>> round(csi.Study(model).fit(first + second).index().loc["satisfaction", "estimate"], 2)
    np.float64(72.45)
    """
    asked = plan(model, by, design, missing, replicates, rng, memory)
    found = opened(source, asked)
    kept = found.fold(asked) if found.fold is not None else fold(ahead(_told(found, progress)), asked)
    if kept is None:
        raise DataError("the data have no rows; there is nothing to estimate from")
    return _numbered(kept) if found.texts else kept


def _numbered(kept: Moments) -> Moments:
    """Labels of whole numbers as such, where every label of a column reads as one."""
    single = len(kept.by) == 1
    columns = list(zip(*([(label,) for label in kept.groups] if single else kept.groups), strict=True))
    if kept.record is None or kept.shift is None or not columns:
        return kept
    read = [[int(label) for label in own] if all(map(_WHOLE.fullmatch, own)) else list(own) for own in columns]
    groups = [label[0] if single else label for label in zip(*read, strict=True)]
    found = dict(zip(groups, kept.tallies, strict=True))
    order = in_order(found)
    return Moments.tallied(kept.items, order, kept.by, kept.shift, [found[label] for label in order], kept.record)


def _told(found: Source, progress: bool) -> Iterator[Batch]:
    """Batches with a bar that shows itself on long passes, in characters that every console has."""
    from tqdm.std import tqdm

    with tqdm(total=found.rows, desc="reading", unit=" rows", unit_scale=True, delay=3, leave=False, ascii=True,
              disable=not progress) as bar:  # fmt: skip
        for batch in found.batches:
            yield batch
            bar.update(batch.rows)


__all__ = ["Missing", "Plan", "moments"]
