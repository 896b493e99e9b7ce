"""Constant, repeated, reversed, two-category and single items, ten cases: an answer or a clear refusal from each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import csi.analysis as room
from csi import measures
from csi.errors import CsiError


def answers(n: int = 60, seed: int = 4) -> pd.DataFrame:
    """Three items of one construct, an outcome, and groups."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(n)
    codes = np.clip(np.round(3 + common[:, None] + 0.7 * rng.standard_normal((n, 4))), 1, 5)
    return pd.DataFrame(codes, columns=["a", "b", "c", "y"]).assign(
        g=["f", "m"] * (n // 2), h=["u", "v", "w"] * (n // 3) + ["u"] * (n % 3)
    )


PLAIN = answers()
AWKWARD = {
    "constant": (PLAIN.assign(a=3.0), ["a", "b", "c"]),
    "all constant": (PLAIN.assign(a=3.0, b=3.0, c=3.0), ["a", "b", "c"]),
    "constant outcome": (PLAIN.assign(y=4.0), ["a", "b", "c"]),
    "perfect": (PLAIN.assign(b=PLAIN["a"]), ["a", "b", "c"]),
    "perfect with the outcome": (PLAIN.assign(y=PLAIN["a"]), ["a", "b", "c"]),
    "mirrored": (PLAIN.assign(b=6 - PLAIN["a"]), ["a", "b"]),
    "negative": (PLAIN.assign(a=6 - PLAIN["a"]), ["a", "b", "c"]),
    "sum": (PLAIN.assign(c=PLAIN["a"] + PLAIN["b"]), ["a", "b", "c"]),
    "two categories": (
        PLAIN[["a", "b", "c", "y"]].ge(3).astype(float).assign(g=PLAIN["g"], h=PLAIN["h"]),
        ["a", "b", "c"],
    ),
    "single item": (PLAIN, ["a"]),
    "two items": (PLAIN, ["a", "b"]),
    "ten cases": (answers(10), ["a", "b", "c"]),
    "three cases": (answers(60).head(3), ["a", "b", "c"]),
    "one case": (PLAIN.head(1), ["a", "b", "c"]),
    "never answered": (PLAIN.assign(a=np.nan), ["a", "b", "c"]),
    "mostly blank": (PLAIN.assign(a=PLAIN["a"].where(PLAIN.index < 3)), ["a", "b", "c"]),
}
CALLS = {
    "describe": lambda d, i: room.describe(d, i, scale=(0, 10)),
    "item_analysis": lambda d, i: room.item_analysis(d, {"x": i}),
    "adequacy": lambda d, i: room.adequacy(d, i),
    "efa": lambda d, i: room.efa(d, 1, model=i, n_resamples=5),
    "efa pa promax": lambda d, i: room.efa(d, model=i, extraction="pa", rotation="promax", n_resamples=5),
    "efa pc": lambda d, i: room.efa(d, 2, model=i, extraction="pc", n_resamples=5),
    "efa em": lambda d, i: room.efa(d, 1, model=i, missing="em", n_resamples=5),
    "harman": lambda d, i: room.harman(d, i),
    "parallel": lambda d, i: room.parallel_analysis(d, i, n_resamples=5),
    "screen": lambda d, i: room.screen(d, i, scale=(0, 10)),
    "screen by": lambda d, i: room.screen(d, i, by="g"),
    "correlations": lambda d, i: room.correlations(d, i),
    "spearman": lambda d, i: room.correlations(d, i, method="spearman"),
    "two groups": lambda d, i: room.differences(d, i, by="g"),
    "three groups": lambda d, i: room.differences(d, {"x": i}, by="h"),
    "regression": lambda d, i: room.regression(d, "y", i),
    "regression hc3": lambda d, i: room.regression(d, "y", i, errors="hc3"),
    "profile": lambda d, i: room.profile(d, i),
    "multiple": lambda d, i: room.multiple_answers(d, i),
    "impute": lambda d, i: room.impute(d, i, n_imputations=2),
    "csat": lambda d, i: measures.csat(d, i, scale=(0, 10), target=0.8),
    "top_box": lambda d, i: measures.top_box(d, i, scale=(0, 10), interval="normal"),
    "nps": lambda d, i: measures.nps(d, i),
    "gap": lambda d, i: measures.gap(d, [(each, "y") for each in i]),
    "ratio": lambda d, i: measures.ratio(d, [(each, "y") for each in i], about=0.1, delight=0.3),
    "friedman": lambda d, i: measures.friedman(d, i),
    "cochran": lambda d, i: measures.cochran(d, i, at_least=3),
    "crosstab": lambda d, i: measures.crosstab(d, "a", "g"),
    "drivers": lambda d, i: measures.drivers(d, "y", i, n_resamples=20),
    "johnson": lambda d, i: measures.drivers(d, "y", i, method="johnson", n_resamples=20),
    "importance": lambda d, i: measures.importance_performance(d, i, on="y"),
    "by_band": lambda d, i: measures.by_band(d, "a", "y"),
    "curvature": lambda d, i: measures.curvature(d, "a", "y"),
    "penalty_reward": lambda d, i: measures.penalty_reward(d, "y", i, low=2, high=4),
}


@pytest.mark.parametrize("case", AWKWARD)
@pytest.mark.parametrize("call", CALLS)
def test_an_answer_or_a_clear_refusal(call, case):
    data, items = AWKWARD[case]
    try:
        found = CALLS[call](data, items)
    except CsiError as refusal:
        assert len(str(refusal)) > 25
        return
    texts = [found.to_text("zh")] if hasattr(found, "to_text") else []
    if isinstance(found, pd.DataFrame):
        assert not np.isinf(found.select_dtypes(float).to_numpy()).any()
        texts = [room.printed(found).to_text("zh")]
    assert all(texts)
