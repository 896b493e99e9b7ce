"""The keys of a study file, read from `keys.toml`: what each may hold, an example, what it means."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, get_args

from csi.blocks import Said, chinese
from csi.results.core import INTERVALS
from csi.sample import Correlations, Missing
from csi.spec.words import is_number
from csi.studyfile.problems import Problem, hint

#: Sections before the model, in the order in which they are printed unless told otherwise.
SECTIONS = ("plan", "profile", "screen", "describe", "reliability", "adequacy", "factors", "measures", "differences")
FORMATS = ("html", "docx", "xlsx")
KINDS = {
    "text": Said("a text in quotes", "加引号的文字"),
    "texts": Said("a text or a list of texts", "文字或文字列表"),
    "words": Said("a text, or { en = '...', zh = '...' }", "文字，或分语言 { en = '...', zh = '...' }"),
    "yes": Said("true or false, without quotes", "true 或 false，不加引号"),
    "whole": Said("a whole number, without quotes", "整数，不加引号"),
    "number": Said("a number, without quotes", "数字，不加引号"),
    "numbers": Said("a number or a list of numbers", "数字或数字列表"),
    "pair": Said("two numbers in brackets, the lower first", "方括号中的两个数，小的在前"),
    "table": Said("a table of its own", "一个小节（表）"),
    "pairs": Said("a list of pairs", "成对的列表"),
    "any": Said("anything", "任意值"),
}  # fmt: skip


@dataclass(frozen=True)
class Key:
    """What stands under a key.

    Parameters
    ----------
    kinds : tuple of str
        What it may be.
    example : str
        A line of TOML.
    means : Said
    keys : mapping, optional
        Keys of the table it may be; where there are none, the table has names of the user's own.
    choices : tuple
        Its only values.
    """

    kinds: tuple[str, ...]
    example: str
    means: Said
    keys: Mapping[str, Key] = field(default_factory=dict)
    choices: tuple[str, ...] = ()


#: Choices that are those of a setting.
_CHOICES = {"@missing": get_args(Missing), "@correlations": get_args(Correlations), "@intervals": INTERVALS}


def _read(page: Mapping[str, Any]) -> dict[str, Key]:
    found = {}
    for name, said in page.items():
        choices = said.get("choices", ())
        found[name] = Key(
            tuple(said["kinds"]), said["example"], Said(said["en"], said["zh"]), _read(said.get("keys", {})),
            _CHOICES[choices] if isinstance(choices, str) else tuple(choices),
        )  # fmt: skip
    return found


KEYS: Mapping[str, Key] = _read(tomllib.loads(files("csi.studyfile").joinpath("keys.toml").read_text(encoding="utf-8")))


def problems(page: Mapping[str, Any], keys: Mapping[str, Key] = KEYS, above: tuple[str, ...] = ()) -> Iterator[Problem]:
    """Say which keys are unknown and which values are of the wrong kind."""
    for name, value in page.items():
        path = ".".join((*above, name))
        key = keys.get(name)
        if key is None:
            known, near = ", ".join(keys), hint(name, keys)
            where = Said(f" in [{'.'.join(above)}]", f"（[{'.'.join(above)}] 中）") if above else Said("")
            yield Problem(
                path,
                Said(f"{name!r} is no key{where}{near}" + ("" if near else f"; the keys are {known}"),
                     f"没有 {name!r} 这个键{chinese(where)}{chinese(near)}" + ("" if near else f"；可用的键：{known}")),
            )  # fmt: skip
        elif not any(is_kind(value, kind) for kind in key.kinds):
            yield Problem(path, _wrong_kind(key, value))
        elif key.choices and not any(each in key.choices for each in ([value] if isinstance(value, str) else value)):
            yield Problem(path, wrong_choice(value, key.choices))
        elif key.keys and isinstance(value, dict):
            yield from problems(value, key.keys, (*above, name))


def wrong_choice(value: object, choices: tuple[str, ...]) -> Said:
    """Say what the choices are."""
    listed, near = ", ".join(map(repr, choices)), hint(value, choices)
    return Said(f"{value!r} is none of {listed}{near}", f"{value!r} 不在可选值之中：{listed}{chinese(near)}")


def _wrong_kind(key: Key, value: object) -> Said:
    english = " or ".join(KINDS[kind] for kind in key.kinds)
    zh = "或".join(KINDS[kind].words["zh"] for kind in key.kinds)
    example = key.example.replace("\n", " ")
    return Said(
        f"must be {english}, such as {example}; not {_shown(value)}", f"应为{zh}，如 {example}；而不是 {_shown(value)}"
    )


def _shown(value: object) -> str:
    """A value as TOML writes it, short."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 50 else text[:47] + "..."


def is_kind(value: Any, kind: str) -> bool:
    """Whether a value is of a kind.

    Examples
    --------
    >>> is_kind([1, 5], "pair"), is_kind("1-5", "pair"), is_kind(True, "number"), is_kind([["a", "b"]], "pairs")
    (True, False, False, True)
    """
    listed = value if isinstance(value, list) else [value]
    number = [is_number(each) and not isinstance(each, bool) for each in listed]
    return {
        "text": isinstance(value, str) and bool(value.strip()),
        "texts": all(isinstance(each, str) and each.strip() for each in listed) and bool(listed),
        "words": isinstance(value, str)
        or (isinstance(value, dict) and all(isinstance(w, str) for w in value.values())),
        "yes": isinstance(value, bool),
        "whole": isinstance(value, int) and not isinstance(value, bool),
        "number": not isinstance(value, list) and number[0],
        "numbers": all(number),
        "pair": isinstance(value, list) and len(value) == 2 and all(number) and value[0] < value[1],
        "table": isinstance(value, dict),
        "pairs": isinstance(value, list) and all(isinstance(each, list) and len(each) == 2 for each in value),
        "any": True,
    }[kind]
