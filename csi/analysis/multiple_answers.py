"""Questions with several answers: shares of respondents and shares of mentions, on the base that was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from csi import blocks, frames
from csi.analysis.describe import check_level
from csi.blocks import Group, Said
from csi.design import Design
from csi.errors import DataError, listing
from csi.numerics import proportions


def multiple_answers(
    data: Any,
    columns: Mapping[str, str] | Sequence[str],
    *,
    chosen: float = 1,
    asked: Mapping[str, Any] | None = None,
    by: str | Sequence[str] | None = None,
    design: Design | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """How often each answer was chosen, as a share of the respondents who were asked and of all mentions.

    Parameters
    ----------
    data : DataFrame
        One column an answer.
    columns : {label: column} or list of columns
    chosen : float
        Code of a chosen answer; other codes and blanks mean not chosen.
    asked : {column: value or list of values}, optional
        Who was asked, such as `{"satisfied": [1, 2]}` for reasons asked only of the dissatisfied. Unless given,
        everyone with at least one code in the columns: then a respondent who left all blank is not in the base.
    by : str or list of str, optional
    design : Design, optional
    confidence_level : float
        Of the share of respondents (Wilson; with the effective sample size under a design).

    Returns
    -------
    DataFrame
        One row an answer: `estimate` (share of the respondents asked), `std_error`, `conf_low`, `conf_high`, `n`
        (respondents asked), `mentions`, `share_of_mentions` (adds up to 1).

    Raises
    ------
    DataError
        Where nobody was asked, or where someone who was not asked chose an answer.

    Examples
    --------
    >>> answers = {"price": [1, 1, 0, None], "queue": [1, 0, 0, None], "happy": [0, 0, 0, 1]}
    >>> table = multiple_answers(answers, ["price", "queue"], asked={"happy": 0})
    >>> table[["estimate", "n", "share_of_mentions"]].round(3).to_numpy().tolist()
    [[0.667, 3.0, 0.667], [0.333, 3.0, 0.333]]
    """
    check_level(confidence_level)
    labels = list(columns)
    names = list(columns.values()) if isinstance(columns, Mapping) else list(columns)
    answers = blocks.read(data, names, by=by, design=design)
    x = answers.values[:, [answers.names.index(name) for name in names]]
    hit = (x == chosen).astype(float)
    base = np.asarray(~np.isnan(x).all(axis=1)) if asked is None else _asked(data, asked, answers.index, hit)
    z = np.where(base[:, None], hit, np.nan)

    def of_group(group: Group) -> pd.DataFrame:
        if not (base & group.inside).any():
            where = f" in group {', '.join(map(str, group.label))}" if answers.by else ""
            raise DataError(f"nobody was asked{where}; look at asked=")
        found = answers.mean(z, group)
        p, n = found.estimate, found.n.astype(float)
        variance = np.diag(found.cov) if not answers.simple else p * (1 - p) / n
        low, high = proportions.wilson(p, proportions.effective_size(p, variance, n), confidence_level)
        columns = {"estimate": p, "std_error": np.sqrt(variance), "conf_low": low, "conf_high": high, "n": found.n}
        table = pd.DataFrame(columns, index=pd.Index(labels, name="answer"))
        table["mentions"] = np.nansum(np.where(group.inside[:, None], z, np.nan), axis=0).astype(int)
        table["share_of_mentions"] = p / p.sum() if p.sum() > 0 else np.nan
        return table

    if asked is None:
        who = Said("base: respondents with a code in any column", "基数：至少一列有编码的受访者")
    else:
        rule = ", ".join(f"{column} = {value}" for column, value in asked.items())
        who = Said(f"base: respondents asked, {rule}", f"基数：被问及的受访者，{rule}")
    notes = answers.note(Said("a blank is not chosen", "空白视为未选"))
    notes |= {"base": who, "title": Said("Multiple answers", "多选题分析"), "confidence_level": confidence_level}
    return blocks.stacked(answers, (of_group(group) for group in answers.groups), notes)


def _asked(data: Any, asked: Mapping[str, Any], index: pd.Index, hit: np.ndarray) -> np.ndarray:
    """Who was asked; refused where someone else answered."""
    opened = frames.table(data)
    problems = frames.missing_columns(opened, asked, "condition")
    if problems:
        raise DataError(listing(problems, "the data do not hold who was asked"))
    base = np.ones(len(opened), dtype=bool)
    for column, values in asked.items():
        wanted = [values] if isinstance(values, (str, int, float)) else list(values)
        base &= opened.column(column).isin(wanted).to_numpy(dtype=bool)
    base = base if len(base) == len(index) else base[opened.index.get_indexer(index)]
    strangers = int((~base & hit.any(axis=1)).sum())
    if strangers:
        raise DataError(f"{strangers} respondents who were not asked chose an answer; look at asked= or at the filter")
    return base
