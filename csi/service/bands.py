"""Contacts joined to answers: how satisfied people are after how long a wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import DataError, SettingsError
from csi.service.contacts import open_contacts
from csi.service.doubts import Doubt
from csi.service.estimate import estimates
from csi.service.observe import Observed


def by_band(
    contacts: Any,
    answers: Any,
    *,
    on: str,
    time: str,
    bands: Sequence[float],
    score: str,
    at_least: float | None = None,
    columns: Mapping[str, str] | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Satisfaction by band of a waiting (or handling) time.

    Parameters
    ----------
    contacts, answers : DataFrame
        One row a contact; one row an answer. A contact has one answer at most.
    on : str
        Column of both that says which contact an answer is about.
    time : str
        Column of contacts: a duration (seconds, "123秒", "00:03:25").
    bands : sequence of float
        Inner limits of the bands in seconds, such as [60, 180]: below 60, 60 to below 180, from 180.
    score : str
        Column of answers.
    at_least : float, optional
        Scores that count as satisfied: the share of them is given, otherwise the mean score.
    columns : mapping, optional
        Your names of columns, as in `ServicePlan.measure`.
    confidence_level : float

    Returns
    -------
    DataFrame
        One row a band: `estimate`, `std_error`, `conf_low`, `conf_high`, `n` (answers), `contacts`, `answered`
        (their share). `.attrs["doubts"]` say where few answered.

    Raises
    ------
    DataError
        For two answers to one contact, answers to unknown contacts, or negative times.

    Examples
    --------
    >>> calls = {"id": [1, 2, 3, 4], "wait": ["20秒", "00:01:30", 240, 30]}
    >>> answers = {"id": [1, 2, 3], "rating": [5, 4, 2]}
    >>> by_band(calls, answers, on="id", time="wait", bands=[60, 180], score="rating", at_least=4)["estimate"].tolist()
    [1.0, 1.0, 0.0]
    """
    if not len(bands) or list(bands) != sorted(set(bands)):
        raise SettingsError(f"bands= are limits in rising order, such as [60, 180]; not {list(bands)!r}")
    calls, replies = open_contacts(contacts, columns), open_contacts(answers, None)
    seconds = calls.seconds(time)
    if (seconds < 0).any():
        raise DataError(f"column {time!r} holds {int((seconds < 0).sum())} negative durations")
    scores = _joined(calls.series(on), replies.series(on), replies.seconds(score), on)
    kept = ~np.isnan(seconds)
    codes = np.searchsorted(np.asarray(bands, dtype=float), np.where(kept, seconds, 0), side="right")
    answered = np.flatnonzero(kept & ~np.isnan(scores))
    value = scores[answered] if at_least is None else (scores[answered] >= at_least).astype(float)
    seen = Observed("mean" if at_least is None else "share", answered, value, np.zeros(len(seconds), bool))
    table = estimates(seen, codes, len(bands) + 1, confidence_level)
    table = table[["estimate", "std_error", "conf_low", "conf_high", "n"]].set_axis(_labels(bands), axis=0)
    table["contacts"] = np.bincount(codes[kept], minlength=len(bands) + 1).astype(float)
    table["answered"] = (table["n"] / table["contacts"]).where(table["contacts"] > 0)
    few = float(table["n"].sum()), float(table["contacts"].sum())
    table.attrs = {"doubts": [Doubt("answers_few", score, *few).message()] if few[0] < 0.5 * few[1] else []}
    return table


def _joined(calls: pd.Series, replies: pd.Series, scores: np.ndarray, on: str) -> np.ndarray:
    """The score of every contact, NaN without an answer."""
    if replies.duplicated().any():
        raise DataError(f"{on!r} has two answers to {replies[replies.duplicated()].iloc[0]}; keep one")
    if calls.duplicated().any():
        raise DataError(f"{on!r} names two contacts {calls[calls.duplicated()].iloc[0]}; each needs its own")
    strangers = ~replies.isin(calls)
    if strangers.any():
        raise DataError(f"{int(strangers.sum())} answers are about contacts that are not there, such as"
                        f" {replies[strangers].iloc[0]}")  # fmt: skip
    found: np.ndarray = calls.map(dict(zip(replies, scores, strict=True))).to_numpy(dtype=float)
    return found


def _labels(bands: Sequence[float]) -> pd.Index:
    inner = [f"{low:g}-<{high:g}" for low, high in pairwise(bands)]
    return pd.Index([f"<{bands[0]:g}", *inner, f">={bands[-1]:g}"], name="band")
