"""`csi service CONTACTS`: a plan measured from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from csi.display.numbers import Language
from csi.service import plans
from csi.service.plan import ServicePlan


def main_text(
    contacts: str | Path,
    *,
    plan: str | Path | None = None,
    by: str | Sequence[str] | None = None,
    output: str | Path | None = None,
    language: Language = "en",
) -> str:
    """Measure a plan on a file of contacts and write its report.

    Parameters
    ----------
    contacts : path
        CSV or Parquet.
    plan : path, optional
        Plan file (TOML); the telecommunication plan unless given.
    by : str or sequence of str, optional
        Groups, also as "month,channel".
    output : path, optional
        Folder for the tables and the report.
    language : {"en", "zh"}

    Returns
    -------
    str
        The report as Markdown.

    Examples
    --------
    >>> import csi
    >>> import pandas as pd
    >>> days = pd.date_range("2025-01-01", periods=120).strftime("%Y-%m-%d")
    >>> ratings = [5, 4, 3, 5, 4, 2] * 10 + [5, 4, 5, 5, 4, 2] * 10
    >>> calls = pd.DataFrame({"opened": days, "agent": list("abc") * 40, "rating": ratings})
    >>> calls.to_csv("calls.csv", index=False)
    >>> print(csi.service.main_text("calls.csv").splitlines()[0])
    # Customer service of a telecommunication company
    """
    chosen = ServicePlan.from_toml(plan) if plan is not None else plans.telecom()
    groups = [name.strip() for name in by.split(",") if name.strip()] if isinstance(by, str) else by
    found = chosen.measure(contacts, by=groups)
    if output is not None:
        found.write(output, language=language)
    return found.report(language=language)
