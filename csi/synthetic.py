"""Company X: the synthetic answers of the study, their parameters, seed and acceptance test in one place.

The published study (document 003) gives strata and one table of grades, and no answers. These answers are made up so
that every published figure that can hold does hold; all else is assumed, and stated below. `python -m csi.synthetic
FOLDER` writes the files again, byte for byte.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from csi import models
from csi.simulation import Population
from csi.spec import Model

SEED = 20181101
#: Customers of company X by business (Table 3-1).
STRATA = {"3g": 1502, "4g": 1593, "broadband": 1389}
#: Interviews that the published total of 7,604 leaves over: taken as the competitor's, split as X's (an assumption).
COMPETITOR = {"3g": 1045, "4g": 1108, "broadband": 967}
#: Table 3.2: per cent very satisfied, satisfied, fair, to be improved.
GRADES = {
    "grade_quality": (32, 36, 21, 11),
    "grade_image": (28, 32, 23, 17),
    "grade_attitude": (25, 30, 24, 21),
    "grade_efficiency": (27, 33, 25, 15),
}
#: Reasons that Table 3.2 names for each factor, in its order; asked of those who gave the worst grade.
REASONS = {"reason_quality": 3, "reason_image": 2, "reason_attitude": 3, "reason_efficiency": 3}
#: The construct behind each grade, and the correlation of the two.
BEHIND = {
    "grade_quality": "quality",
    "grade_image": "image",
    "grade_attitude": "quality",
    "grade_efficiency": "quality",
}
CLOSENESS = 0.75
#: What the two service grades of one person share beyond perceived quality.
SERVICE = 0.45
#: Standardized effects between the constructs (assumed).
PATHS = {
    ("image", "expectations"): 0.50, ("image", "quality"): 0.35, ("expectations", "quality"): 0.35,
    ("image", "value"): 0.15, ("expectations", "value"): 0.05, ("quality", "value"): 0.55,
    ("image", "satisfaction"): 0.20, ("expectations", "satisfaction"): 0.05, ("quality", "satisfaction"): 0.45,
    ("value", "satisfaction"): 0.25, ("satisfaction", "complaints"): -0.50, ("satisfaction", "loyalty"): 0.60,
    ("complaints", "loyalty"): -0.10,
}  # fmt: skip
#: Expected answers on 0-100 of company X (assumed); the competitor lies higher by ABOVE.
MEANS = {"image": 70.0, "expectations": 74.0, "quality": 68.0, "value": 62.0, "satisfaction": 66.0,
         "complaints": 18.0, "loyalty": 64.0}  # fmt: skip
ABOVE = {"image": 3.0, "quality": 4.0, "satisfaction": 3.0, "loyalty": 2.0, "complaints": -4.0}
#: Field period, share of answers not given, share of careless respondents.
PERIOD = ("2018-11-01", "2019-01-31")
BLANK = 0.02
CARELESS = 0.01


def model() -> Model:
    """Return the TCSI model that the answers follow."""
    return models.tcsi()


def company_x() -> pd.DataFrame:
    """Company X and a competitor: 7,604 synthetic respondents.

    Returns
    -------
    DataFrame
        `id, company, business, date, seconds`, the items of TCSI (1-10, complaint 0/1), the four grades of Table 3.2
        (4 very satisfied to 1 to be improved), and the reasons of those who gave the worst grade.
    """
    rng = np.random.default_rng(SEED)
    x = _company(rng, "X", STRATA, MEANS, published=True)
    other = _company(rng, "competitor", COMPETITOR, {name: mean + ABOVE.get(name, 0) for name, mean in MEANS.items()})
    answers = pd.concat([x, other], ignore_index=True)
    answers.insert(0, "id", [f"R{number:05d}" for number in range(1, len(answers) + 1)])
    return answers


def company_x_100() -> pd.DataFrame:
    """One hundred synthetic enterprise customers, every cell of Table 3.2 exact.

    The four grades are answers of the same people; how closely they go together is `grade_correlations`.
    """
    rng = np.random.default_rng([SEED, 100])
    answers = _company(rng, "X", {"enterprise": 100}, MEANS, published=True, blank=0.0, careless=0.0)
    answers.insert(0, "id", [f"E{number:03d}" for number in range(1, 101)])
    return answers


def grade_correlations(answers: pd.DataFrame) -> pd.DataFrame:
    """Rank correlations of the four grades."""
    return answers[list(GRADES)].corr(method="spearman")


# -- one company ---------------------------------------------------------------------------------------------


def _company(
    rng: np.random.Generator,
    name: str,
    strata: Mapping[str, int],
    means: Mapping[str, float],
    published: bool = False,
    blank: float = BLANK,
    careless: float = CARELESS,
) -> pd.DataFrame:
    n = sum(strata.values())
    population = Population(model(), PATHS, None, dict(means))
    constructs = population.constructs(n, rng)
    answers = population.answers(constructs, rng)
    grades = _grades(population, constructs, rng, published)
    seconds = np.round(np.exp(rng.normal(np.log(420), 0.25, n))).astype(int)
    lazy = rng.random(n) < careless
    ten = [item.name for item in population.model.items if item.scale is None]
    answers.loc[lazy, ten] = rng.integers(5, 9, lazy.sum())[:, None]
    seconds[lazy] = rng.integers(60, 110, lazy.sum())
    answers = answers.astype("Int64").mask(pd.DataFrame(rng.random(answers.shape) < blank, columns=answers.columns))
    days = pd.date_range(*PERIOD)
    head = pd.DataFrame(
        {
            "company": name,
            "business": rng.permutation(np.repeat(list(strata), list(strata.values()))),
            "date": days[rng.integers(0, len(days), n)].strftime("%Y-%m-%d"),
            "seconds": seconds,
        }
    )
    return pd.concat([head, answers, grades, _reasons(grades, rng)], axis=1)


def _grades(
    population: Population, constructs: NDArray[np.float64], rng: np.random.Generator, published: bool
) -> pd.DataFrame:
    """Grades by rank: X's shares are those of the table; a competitor's shift with its constructs."""
    n = constructs.shape[1]
    service = rng.standard_normal(n)
    columns = {}
    for grade, shares in GRADES.items():
        noise = rng.standard_normal(n)
        if grade in ("grade_attitude", "grade_efficiency"):
            noise = SERVICE * service + np.sqrt(1 - SERVICE**2) * noise
        own = constructs[population.blueprint.position(BEHIND[grade])]
        felt = CLOSENESS * own + np.sqrt(1 - CLOSENESS**2) * noise
        if not published:
            felt = felt + 0.15
            cuts = _normal_cuts(shares)
            columns[grade] = 4 - np.searchsorted(-cuts, -felt)
            continue
        counts = _whole(np.array(shares) * n / 100)
        ranked = np.empty(n, int)
        ranked[np.argsort(-felt, kind="stable")] = np.repeat([4, 3, 2, 1], counts)
        columns[grade] = ranked
    return pd.DataFrame(columns)


def _normal_cuts(shares: tuple[int, ...]) -> NDArray[np.float64]:
    """Where the shares cut a normal variable, from the top."""
    return np.asarray(ndtri(1 - np.cumsum(shares)[:-1] / 100))


def _whole(exact: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round to whole numbers with the same sum, by largest remainder."""
    low = np.floor(exact).astype(int)
    order = np.argsort(low - exact, kind="stable")
    low[order[: round(exact.sum()) - low.sum()]] += 1
    return low


def _reasons(grades: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The main reason of everybody who gave the worst grade."""
    columns = {}
    for (reason, choices), grade in zip(REASONS.items(), GRADES, strict=True):
        named = pd.Series(rng.integers(1, choices + 1, len(grades)), dtype="Int64")
        columns[reason] = named.where(grades[grade] == 1)
    return pd.DataFrame(columns)


# -- acceptance ------------------------------------------------------------------------------------------------


def check(answers: pd.DataFrame, enterprise: pd.DataFrame) -> list[str]:
    """Say what does not meet the published figures; nothing when all do."""
    x = answers[answers["company"] == "X"]
    wrong = [
        f"{business}: {count} instead of {STRATA[business]}"
        for business in STRATA
        if (count := int((x["business"] == business).sum())) != STRATA[business]
    ]
    if len(answers) != 7604:
        wrong.append(f"{len(answers)} respondents instead of 7604")
    for grade, shares in GRADES.items():
        for table, places in ((x, 0), (enterprise, 9)):
            seen = [100 * (table[grade] == level).mean() for level in (4, 3, 2, 1)]
            if [round(share, places) for share in seen] != [round(float(share), places) for share in shares]:
                wrong.append(f"{grade} of {len(table)}: {seen} instead of {shares}")
    return wrong


def write(folder: Path) -> None:
    """Write both files, as the library ships them."""
    for name, answers in (("company_x", company_x()), ("company_x_100", company_x_100())):
        answers.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
