"""`csi plan`: what so many interviews buy, or how many interviews a margin asks for."""

from __future__ import annotations

import argparse
from typing import Any

from csi.cli import console
from csi.display.plain import grid
from csi.errors import SettingsError

HEADS = {
    "en": ("interviews", "index +/-", "share +/- %", "NPS +/-", "index difference", "path"),
    "zh": ("访问量", "指数误差限", "比例误差限%", "NPS误差限", "可检出指数差异", "可检出最小路径"),
}
NOTES = {
    "en": (
        "Half-widths of the interval, in points; the difference of two samples of that size and the smallest path that"
        " is found with the power asked for."
    ),
    "zh": "误差限为置信区间半宽（分）；最后两列为在所要求的检验功效下，两个同样大小样本可检出的指数差异和最小路径。",
}
#: The terms of a survey, as `csi.Plan` names them.
TERMS = {
    "population": "size of the population, where it is small",
    "deff": "design effect",
    "response": "share of the invited who answer",
    "eligibility": "share of the invited who belong to the population",
    "confidence_level": "of the intervals (0.95)",
}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "plan", help="sample sizes and what they buy", description=__doc__, allow_abbrev=False
    )
    asked = command.add_mutually_exclusive_group(required=True)
    asked.add_argument("--n", type=float, nargs="+", help="completed interviews: csi plan --n 100 250")
    asked.add_argument("--margin", type=float, help="half-width of the interval of the index, in points")
    command.add_argument("--sd", type=float, default=20.0, help="standard deviation of the score (20 points)")
    command.add_argument("--p", type=float, default=0.5, help="expected share (0.5)")
    command.add_argument("--power", type=float, default=0.8, help="of the comparison and of the path (0.8)")
    for term in TERMS:
        command.add_argument(f"--{term.replace('_', '-')}", type=float, help=TERMS[term])
    command.add_argument("--language", choices=("en", "zh"), default="en")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print the table of several sizes, or the plan of one margin."""
    from csi import sampling

    language = console.readable(arguments.language)
    terms = {term: value for term in TERMS if (value := getattr(arguments, term)) is not None}
    if arguments.margin is not None:
        plan = sampling.Plan(margin=arguments.margin, sd=arguments.sd, **terms)
        console.say(str(plan) if language == "en" else plan.table(language=language).to_string())
        return
    if any(size < 2 for size in arguments.n):
        raise SettingsError("--n takes numbers of interviews of at least 2")
    table = sampling.precision(arguments.n, sd=arguments.sd, p=arguments.p, power=arguments.power, **terms)
    rows = [
        [f"{size:,.0f}", *(f"{value:.2f}" for value in row)]
        for size, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    console.say(f"{grid(HEADS[language], rows, left=0)}\n\n{NOTES[language]}")
