"""Three quarters of synthetic service contacts: parameters, seed and acceptance test in one place.

No company published its contacts. These are made up so that every indicator of documents 000, 001, 002 and 004 can be
measured, and so that contacts and survey answers of the same people go together: the grades that a respondent of
`company_x` gave decide how the contacts of that respondent tend to go. Two things are put in to be found: one agent
leaves more problems unsolved than the others, and from one day on the queue of the telephone is longer.
`python -m csi.synthetic_contacts FOLDER` writes the files again, byte for byte.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi import synthetic

Floats = NDArray[np.float64]

SEED = 20180401
#: The quarters, and the moment up to which cases are known: what would end later is open.
FIRST, LAST = pd.Timestamp("2018-04-01"), pd.Timestamp("2019-01-01")
#: Users that are followed: the respondents of company X and users who were not interviewed; of these some left in 2018.
USERS, LEFT = 6000, 340
#: Contacts per user in the three quarters, before repeats.
RATE = 0.42
CHANNELS = {"phone": 0.60, "chat": 0.25, "email": 0.15}
COMPLAINTS = 0.14
AGENTS = tuple(f"A{number:02d}" for number in range(1, 21))
#: The agent who leaves more unsolved, and by how much (log odds).
WORSE, BY = "A07", -1.1
#: From this day on the mean wait on the telephone is multiplied.
CHANGE, LONGER = pd.Timestamp("2018-11-05"), 1.5
#: Mean wait in seconds by channel, without the change; letters have no queue.
WAIT = {"phone": 105.0, "chat": 45.0}
#: How much one standard deviation of a respondent's service grades moves log waits, and log odds of a solution.
FELT_WAIT, FELT_SOLVED = -0.22, 0.55
#: Hours to the first reply by channel, from the end of the wait; hours from there to the end.
REPLY = {"phone": 0.02, "chat": 0.3, "email": 7.0}
#: Shares: of contacts that are rated, of recordings that are graded, of the unsolved who come again within a week.
RATED, GRADED, AGAIN = 0.35, 0.08, 0.65
CRITERIA = ("understanding", "expertise", "communication", "attitude", "efficiency",
            "patience", "courtesy", "empathy", "problem_solving")  # fmt: skip
MOMENTS = ("opened", "started", "responded", "closed")
COLUMNS = ("id", "customer", "agent", "channel", "type", *MOMENTS, "waiting", "talk", "wrap_up", "transfers",
           "connected", "resolved", "timed_out", "agitated", "praised", "rating", "recommend", *CRITERIA)  # fmt: skip
#: Topics of the training exams, with the share of wrong answers.
TOPICS = {"tariffs": 0.08, "billing": 0.12, "network": 0.15, "contracts": 0.10, "complaints": 0.26}


def tables() -> dict[str, pd.DataFrame]:
    """The three tables by the name of their file.

    Returns
    -------
    dict
        `service_contacts`, one row a contact; `service_customers`, one row a user followed from 1 January 2018:
        `id, business, lost, retained`; `service_exams`, one row an answer: `agent, opened, topic, wrong`.
    """
    rng = np.random.default_rng(SEED)
    answers = synthetic.company_x()
    answers = answers[answers["company"] == "X"].reset_index(drop=True)
    customers = _customers(answers, rng)
    contacts = _contacts(customers["id"].to_numpy(str), _felt(answers, rng), rng)
    return {"service_contacts": contacts, "service_customers": customers, "service_exams": _exams(rng)}


# -- who ---------------------------------------------------------------------------------------------------------


def _customers(answers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Users of 1 January 2018. Who left in 2018 could not be interviewed at its end, so no respondent is among them."""
    others = USERS - len(answers)
    names = [*answers["id"], *(f"U{number:05d}" for number in range(1, others + 1))]
    business = [*answers["business"], *rng.choice(list(synthetic.STRATA), others, p=_shares())]
    lost = np.zeros(USERS, int)
    lost[len(answers) + rng.permutation(others)[:LEFT]] = 1
    return pd.DataFrame({"id": names, "business": business, "lost": lost, "retained": 1 - lost})


def _shares() -> Floats:
    counts = np.array(list(synthetic.STRATA.values()), dtype=float)
    return counts / counts.sum()


def _felt(answers: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """How service feels to every user, in standard deviations: the two service grades of respondents; chance."""
    grades = answers[["grade_attitude", "grade_efficiency"]].sum(axis=1).to_numpy(float)
    return np.concatenate([(grades - grades.mean()) / grades.std(), rng.standard_normal(USERS - len(answers))])


# -- contacts ----------------------------------------------------------------------------------------------------


def _contacts(names: NDArray[np.str_], felt: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """First contacts, then the repeats of those whose problem was not solved, in the order of their time."""
    users = np.repeat(np.arange(USERS), rng.poisson(RATE, USERS))
    days = (LAST - FIRST).days
    opened = rng.integers(0, days, len(users)) * 1440 + rng.integers(8 * 60, 22 * 60, len(users))
    first = _drawn(users, opened, felt, rng)
    back = ((first["solved"] == 0) & (rng.random(len(first)) < AGAIN)).to_numpy()
    later = opened[back] + rng.integers(600, 6 * 1440, back.sum())
    again = _drawn(users[back], later, felt, rng, first["type"][back].to_numpy(str))
    table = pd.concat([first, again], ignore_index=True)
    table = table[table["minute"] < days * 1440].sort_values("minute", kind="stable", ignore_index=True)
    table.insert(0, "id", [f"C{number:05d}" for number in range(1, len(table) + 1)])
    table.insert(1, "customer", names[table.pop("user")])
    return _written(table)


def _drawn(
    users: NDArray[np.intp], minute: NDArray[np.int64], felt: Floats, rng: np.random.Generator,
    kinds: NDArray[np.str_] | None = None,
) -> pd.DataFrame:  # fmt: skip
    """What happens in every contact; times in minutes since the first day."""
    n, mood = len(users), felt[users]
    channel = rng.choice(list(CHANNELS), n, p=list(CHANNELS.values()))
    kind = np.where(rng.random(n) < COMPLAINTS, "complaint", "question")
    kind = kind if kinds is None else kinds
    agent = rng.choice(AGENTS, n)
    waiting = _waiting(channel, minute, mood, rng)
    connected = np.where(channel == "phone", (rng.exponential(900, n) > waiting).astype(float), np.nan)
    odds = 2.6 - 0.5 * (kind == "complaint") + FELT_SOLVED * mood + BY * (agent == WORSE)
    solved = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int)
    times = _times(channel, kind, minute, waiting, connected, rng)
    talk = np.where(channel == "phone", rng.gamma(2.5, 90, n).round() + 20, np.nan)
    wrap_up = rng.exponential(45, n).round()
    agitated = (rng.random(n) < 0.03 + 0.10 * (kind == "complaint") + 0.05 * (np.nan_to_num(waiting) > 300)).astype(int)
    praised = (rng.random(n) < 0.03 * solved).astype(int)
    table = pd.DataFrame(
        {"user": users, "agent": agent, "channel": channel, "type": kind, "minute": minute, **times,
         "waiting": waiting, "talk": talk, "wrap_up": wrap_up, "transfers": rng.poisson(0.25, n),
         "connected": connected, "solved": solved, "agitated": agitated, "praised": praised}
    )  # fmt: skip
    return pd.concat([table, _ratings(table, mood, rng), _grades(table, rng)], axis=1)


def _waiting(channel: NDArray[np.str_], minute: NDArray[np.int64], mood: Floats, rng: np.random.Generator) -> Floats:
    """Seconds in the queue, which letters do not have."""
    mean = np.array([WAIT.get(name, np.nan) for name in channel])
    late = (channel == "phone") & (minute >= (CHANGE - FIRST).days * 1440)
    mean = mean * np.where(late, LONGER, 1.0) * np.exp(FELT_WAIT * mood)
    return np.round(mean * rng.gamma(1.5, 1 / 1.5, len(mean)))


def _times(
    channel: NDArray[np.str_], kind: NDArray[np.str_], minute: NDArray[np.int64], waiting: Floats, connected: Floats,
    rng: np.random.Generator,
) -> dict[str, NDArray[np.int64]]:  # fmt: skip
    """Minutes at which work begins, the first reply is given and the case ends; complaints take longer."""
    n = len(minute)
    # Who hung up is called back.
    hours = np.where(connected == 0, 4.0, 0.0) + np.where(channel == "email", 2.0, 0.0)
    started = minute + np.ceil(np.nan_to_num(waiting) / 60 + 60 * hours * rng.exponential(1, n)).astype(int)
    slow = np.where(kind == "complaint", 6.0, 1.0)
    reply = np.array([REPLY[name] for name in channel]) * np.where(channel == "email", 1.0, slow)
    reply = np.where(kind == "complaint", np.maximum(reply, 5.0), reply)
    responded = started + np.ceil(60 * reply * rng.exponential(1, n)).astype(int)
    rest = np.where(kind == "complaint", 40.0, 5.0)
    return {"started": started, "responded": responded,
            "closed": responded + np.ceil(60 * rest * rng.exponential(1, n)).astype(int)}  # fmt: skip


def _ratings(table: pd.DataFrame, mood: Floats, rng: np.random.Generator) -> pd.DataFrame:
    """Rating (1-5) and recommendation (0-10) after the contact, of those who gave one."""
    n = len(table)
    pleased = 1.0 + 1.6 * table["solved"] - 0.9 * (table["waiting"].fillna(0) > 180) - 0.4 * table["agitated"]
    happy = rng.random(n) < 1 / (1 + np.exp(-(pleased + 0.35 * mood - 0.4)))
    rating = np.where(happy, rng.choice([4, 5], n, p=[0.4, 0.6]), rng.choice([1, 2, 3], n, p=[0.2, 0.3, 0.5]))
    recommend = np.clip(np.round(2 * rating + rng.normal(0.2, 0.9, n)), 0, 10)
    silent = rng.random(n) >= RATED
    return pd.DataFrame({"rating": np.where(silent, np.nan, rating), "recommend": np.where(silent, np.nan, recommend)})


def _grades(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Grades 1-5 of the recordings and letters that were drawn for quality control."""
    n = len(table)
    level = 3.6 + 0.5 * table["solved"].to_numpy() + 0.35 * rng.standard_normal(n)
    marks = np.clip(np.round(level[:, None] + 0.6 * rng.standard_normal((n, len(CRITERIA)))), 1, 5)
    marks[rng.random(n) >= GRADED] = np.nan
    return pd.DataFrame(marks, columns=list(CRITERIA))


def _written(table: pd.DataFrame) -> pd.DataFrame:
    """Times as they are written, blanks where a case had not come so far on the last day; whole numbers as such."""
    end = (LAST - FIRST).days * 1440
    limit = np.where(table["type"] == "complaint", 24 * 60, np.where(table["channel"] == "email", 24 * 60, 4 * 60))
    over = (np.minimum(table["responded"], end) - table["minute"]) > limit
    table = table.rename(columns={"minute": "opened"})
    for name in MOMENTS:
        moments = FIRST + pd.to_timedelta(table[name].to_numpy(), unit="min")
        table[name] = pd.Series(moments).dt.strftime("%Y-%m-%d %H:%M").where(table[name] < end)
    table["resolved"] = table["solved"].astype(float).where(table["closed"].notna())
    table["timed_out"] = over.astype(int)
    whole = ["waiting", "talk", "wrap_up", "connected", "resolved", "rating", "recommend", *CRITERIA]
    table[whole] = table[whole].astype("Int64")
    return table[list(COLUMNS)]


def _exams(rng: np.random.Generator) -> pd.DataFrame:
    """Two questions of every topic, for every agent, on the last day of every month."""
    months = pd.date_range(FIRST, LAST, freq="ME").strftime("%Y-%m-%d")
    rows = [(agent, day, topic) for day in months for agent in AGENTS for topic in TOPICS for _ in range(2)]
    table = pd.DataFrame(rows, columns=["agent", "opened", "topic"])
    table["wrong"] = (rng.random(len(table)) < table["topic"].map(TOPICS).to_numpy()).astype(int)
    return table


# -- acceptance --------------------------------------------------------------------------------------------------


def check(contacts: pd.DataFrame, customers: pd.DataFrame, exams: pd.DataFrame, answers: pd.DataFrame) -> list[str]:
    """Say what is not as it is meant to be; nothing when all is."""
    moments = {name: pd.to_datetime(contacts[name]) for name in MOMENTS}
    opened, respondents = moments["opened"], set(answers.loc[answers["company"] == "X", "id"])
    asked = contacts.merge(answers, left_on="customer", right_on="id", suffixes=("", "_answers"))
    people = asked.groupby("customer")[["waiting", "grade_efficiency"]].mean().dropna()
    together = np.corrcoef(people.to_numpy(float).T)[0, 1]
    solved = contacts.groupby("agent")["resolved"].mean()
    waits = contacts["waiting"].where(contacts["channel"] == "phone").to_numpy(float)
    long = (opened >= CHANGE).to_numpy()
    before, after = np.nanmean(waits[~long]), np.nanmean(waits[long])
    papers = exams.groupby(["agent", "topic"]).size()
    must = {
        "three quarters": set(opened.dt.quarter) == {2, 3, 4} and opened.between(FIRST, LAST).all(),
        "every contact is of a user who is followed": set(contacts["customer"]) <= set(customers["id"]),
        "respondents of company X are among the users": respondents <= set(customers["id"]),
        "1,000 respondents and more had contacts": len(respondents & set(contacts["customer"])) >= 1000,
        "no respondent had left": not customers.loc[customers["id"].isin(respondents), "lost"].any(),
        "users either left or stayed": (customers["lost"] + customers["retained"] == 1).all(),
        "a case begins, is answered and ends in this order": not any(
            (moments[later] < moments[first]).any() for first, later in pairwise(MOMENTS)
        ),
        "efficiency is graded lower by those who waited longer": together < -0.05,
        "the agent who is worse solves least": solved.idxmin() == WORSE,
        "the queue is longer after the change": 1.3 * before < after < 1.7 * before,
        "every agent sat every exam": papers.min() == papers.max(),
    }  # fmt: skip
    return [f"not so: {what}" for what, holds in must.items() if not holds]


def write(folder: Path) -> None:
    """Write the files, as the library ships them."""
    for name, table in tables().items():
        table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
