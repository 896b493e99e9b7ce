"""Claims files made from simulated answers, rounded as honest authors round; and one error planted in them."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from scipy import stats

GRADES = ["very good", "good", "fair", "poor", "very poor"]
ASPECTS = ["product", "image", "attitude", "efficiency"]


def clean_file(seed: int) -> dict[str, Any]:
    """A report without contradictions: one claim of every kind, every number computed and rounded."""
    rng = np.random.default_rng([seed, 10])
    n, digits = int(rng.integers(80, 3000)), int(rng.integers(0, 3))
    answers = rng.choice(5, size=(n, 4), p=rng.dirichlet([6, 8, 6, 4, 3]))
    answers[:, 1] = np.where(rng.random(n) < 0.3, np.minimum(answers[:, 1] + 1, 4), answers[:, 1])
    shares = np.array([np.bincount(column, minlength=5) for column in answers.T]).T / n * 100
    table = {"rows": GRADES, "columns": ASPECTS, "n": n,
             "values": [[as_text(value, digits) for value in row] for row in shares]}  # fmt: skip
    claims = [
        *sums(rng, n, answers, shares, digits),
        *sample(rng, n),
        *wording(),
        *about_table(table, n, shares, digits),
        *goals(rng),
        *statistics(rng, n, answers),
    ]
    return {"title": f"report {seed}", "tables": {"t": table}, "claims": claims}


def as_text(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"


def sums(rng, n, answers, shares, digits) -> list[dict[str, Any]]:
    counts = np.bincount(answers[:, 0], minlength=5)
    weights = rng.dirichlet([5, 5, 5])
    weights = [as_text(w, 3) for w in weights]
    weights[-1] = as_text(1 - sum(map(float, weights[:-1])), 3)
    scores = rng.uniform(50, 90, 3).round(2)
    index = float(np.dot([float(w) for w in weights], scores))
    return [
        {"id": "shares", "kind": "shares", "values": [as_text(v, digits) for v in shares[:, 0]]},
        {"id": "shares n", "kind": "shares", "values": [as_text(v, digits) for v in shares[:, 2]], "n": n},
        {"id": "table", "kind": "table", "table": "t"},
        {"id": "counts", "kind": "counts", "parts": counts.tolist(), "total": n},
        {"id": "share", "kind": "share", "parts": [int(counts[:2].sum())], "base": n,
         "stated": as_text(100 * counts[:2].sum() / n, 1)},
        {"id": "composite", "kind": "composite", "weights": weights, "scores": [as_text(s, 2) for s in scores],
         "stated": as_text(index, 2)},
    ]  # fmt: skip


def sample(rng, n) -> list[dict[str, Any]]:
    refused, missed = (int(rng.integers(5, n)) for _ in range(2))
    sent, begin, months = n + refused + missed, int(rng.integers(1, 10)), int(rng.integers(1, 4))
    return [
        {"id": "response", "kind": "response", "sent": sent, "returned": n, "stated": as_text(100 * n / sent, 1),
         "dispositions": {"I": n, "R": refused, "NC": missed}},
        {"id": "same", "kind": "same", "values": [{"place": "p. 3", "value": n}, {"place": "p. 9", "value": n}]},
        {"id": "period", "kind": "period", "begin": f"2024-{begin:02d}", "end": f"2024-{begin + months - 1:02d}",
         "months": months},
        {"id": "precision", "kind": "precision", "n": n, "margin": as_text(98 / np.sqrt(n) * 0.99998, 1)},
        {"id": "sequence", "kind": "sequence", "numbers": list(range(1, int(rng.integers(4, 9))))},
    ]  # fmt: skip


def wording() -> list[dict[str, Any]]:
    return [
        {"id": "labels", "kind": "labels", "table": "t", "used": ["good", "very poor", "image"]},
        {"id": "members", "kind": "members", "listed": ["image", "value", "loyalty"], "required": ["image"],
         "excluded": ["complaints"]},
        {"id": "title", "kind": "title", "title": ["grades"], "content": ["grades"]},
        {"id": "scale", "kind": "scale", "favourable": GRADES[:2], "neutral": GRADES[2:3],
         "unfavourable": GRADES[3:]},
        {"id": "evidence", "kind": "evidence", "needs": ["n", "sd"], "given": ["sd", "n"]},
    ]  # fmt: skip


def about_table(table, n, shares, digits) -> list[dict[str, Any]]:
    printed = np.array([[float(v) for v in row] for row in table["values"]])
    column, bad = int(np.argmax(printed[1])), printed[3:].sum(axis=0)
    worst = [ASPECTS[int(np.argmax(bad))]]
    differ = bool(stats.chi2_contingency(printed / printed.sum(axis=0) * n, correction=False).pvalue < 0.05)
    return [
        {"id": "quote", "kind": "quote", "table": "t", "figure": table["values"][1][column],
         "column": ASPECTS[column], "row": "good"},
        {"id": "ranking", "kind": "ranking", "table": "t", "rows": GRADES[3:], "claimed": worst},
        {"id": "contrast", "kind": "contrast", "table": "t", "n": [n], "differ": differ},
        {"id": "paired", "kind": "paired", "respondents": "same", "test": "friedman"},
    ]  # fmt: skip


def goals(rng) -> list[dict[str, Any]]:
    base, churn = rng.uniform(55, 85), rng.uniform(2, 20)
    return [
        {"id": "goal", "kind": "goal", "target": as_text(base + 10, 1), "change": 10, "by": "points",
         "baseline": as_text(base, 1)},
        {"id": "goal percent", "kind": "goal", "target": as_text(base * 0.8, 1), "change": -20, "by": "percent",
         "baseline": as_text(base, 1)},
        {"id": "complement", "kind": "complement", "retention": as_text(100 - churn, 1), "churn": as_text(churn, 1)},
    ]  # fmt: skip


def statistics(rng, n, answers) -> list[dict[str, Any]]:
    small = 5 - answers[: int(rng.integers(20, 90)), 3]
    t = stats.ttest_rel(answers[:, 0], answers[:, 1])
    r = stats.pearsonr(answers[:, 0], answers[:, 1])
    df, base_df = int(rng.integers(10, 60)), int(rng.integers(80, 120))
    chi2, base = df * rng.uniform(1.2, 3), base_df * rng.uniform(15, 40)
    loadings = rng.uniform(0.55, 0.95, 4)
    cr = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    return [
        {"id": "mean", "kind": "mean", "mean": as_text(small.mean(), 2), "n": len(small), "scale": [1, 5],
         "sd": as_text(small.std(ddof=1), 2)},
        {"id": "t", "kind": "test", "test": "t", "statistic": as_text(t.statistic, 2), "df": n - 1,
         "p": p_text(t.pvalue)},
        {"id": "r", "kind": "test", "test": "r", "statistic": as_text(r.statistic, 3), "df": n - 2,
         "p": p_text(r.pvalue)},
        {"id": "fit", "kind": "fit", "chi2": as_text(chi2, 2), "df": df, "n": n, "baseline_df": base_df,
         "baseline_chi2": as_text(base, 2), "chi2_df": as_text(chi2 / df, 2),
         "rmsea": as_text(np.sqrt((chi2 - df) / (df * (n - 1))), 3),
         "cfi": as_text(1 - (chi2 - df) / (base - base_df), 3),
         "tli": as_text((base / base_df - chi2 / df) / (base / base_df - 1), 3), "nfi": as_text(1 - chi2 / base, 3)},
        {"id": "reliability", "kind": "reliability", "loadings": [as_text(v, 3) for v in loadings],
         "cr": as_text(cr, 3), "ave": as_text((loadings**2).mean(), 3)},
    ]  # fmt: skip


def p_text(p: float) -> str:
    return "< .001" if p < 0.001 else as_text(p, 3)


def _raise(claim, field, by) -> None:
    """Add to a printed number, keeping its decimals."""
    text = str(claim[field])
    digits = len(text.partition(".")[2])
    claim[field] = as_text(float(text) + by, digits)


#: What an author may get wrong, one claim each.
ERRORS = {
    "shares": lambda c, rng: c["values"].__setitem__(0, as_text(float(c["values"][0]) + 4, 1)),
    "shares n": lambda c, rng: c["values"].__setitem__(1, as_text(float(c["values"][1]) + 4, 1)),
    "counts": lambda c, rng: c["parts"].__setitem__(2, c["parts"][2] + int(rng.integers(1, 40))),
    "share": lambda c, rng: _raise(c, "stated", rng.choice([-3, 3])),
    "composite": lambda c, rng: _raise(c, "stated", rng.choice([-1.5, 1.5])),
    "response": lambda c, rng: c["dispositions"].update(NC=c["dispositions"]["NC"] + 7),
    "same": lambda c, rng: c["values"][1].update(value=c["values"][1]["value"] * 10),
    "period": lambda c, rng: c.update(months=c["months"] + 1),
    "precision": lambda c, rng: _raise(c, "margin", 1),
    "sequence": lambda c, rng: c["numbers"].append(c["numbers"][-1]),
    "labels": lambda c, rng: c["used"].__setitem__(1, "dreadful"),
    "members": lambda c, rng: c["listed"].append("complaints"),
    "title": lambda c, rng: c.update(title=["reasons"]),
    "scale": lambda c, rng: c.update(unfavourable=["poor"]),
    "evidence": lambda c, rng: c["given"].pop(),
    "quote": lambda c, rng: _raise(c, "figure", 55),
    "ranking": lambda c, rng: c.update(order="lowest"),
    "contrast": lambda c, rng: c.update(differ=not c["differ"]),
    "paired": lambda c, rng: c.update(test="chi2"),
    "goal": lambda c, rng: c.update(by="percent"),
    "goal percent": lambda c, rng: c.update(by="points", change=-20.5),
    "complement": lambda c, rng: _raise(c, "churn", 1),
    "mean": lambda c, rng: c.update(n=23, mean="3.32"),
    "t": lambda c, rng: c.update(p=".5" if "<" in c["p"] else "< .001"),
    "r": lambda c, rng: c.update(statistic="0.950", p=".04"),
    "fit": lambda c, rng: _raise(c, "rmsea", 0.03),
    "reliability": lambda c, rng: _raise(c, "ave", 0.1),
    "table": None,
    "share reversed": None,
    "mean sd": None,
}
KINDS_PLANTED = list(ERRORS)


def plant(content: dict[str, Any], error: str, seed: int) -> tuple[dict[str, Any], str]:
    """A copy of a file with one error, and the claim that holds it."""
    content, rng = copy.deepcopy(content), np.random.default_rng([seed, 11])
    claims = {claim["id"]: claim for claim in content["claims"]}
    if error == "share reversed":
        claims["share"]["stated"] = as_text(100 - float(claims["share"]["stated"]) + 0.7, 1)
        return content, "share"
    if error == "mean sd":
        claims["mean"]["sd"] = "2.30"
        return content, "mean"
    if error == "table":
        # A table of its own, so that nothing else reads the wrong column.
        content["tables"]["u"] = copy.deepcopy(content["tables"]["t"])
        row = content["tables"]["u"]["values"][2]
        row[0] = as_text(float(row[0]) + 6, 1)
        claims["table"]["table"] = "u"
        return content, "table"
    ERRORS[error](claims[error], rng)
    return content, error
