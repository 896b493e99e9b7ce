"""A study written as a file: its model in the text form, its settings, in TOML that reads back to the same study."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from csi.errors import NotAvailable
from csi.spec.words import Scale
from csi.study import Study
from csi.studyfile.file import METHODS


def toml(study: Study) -> str:
    """Write a study as TOML.

    Raises
    ------
    NotAvailable
        If its method is none of those that a file can name.
    """
    return "\n".join(_lines(study)) + "\n"


def _lines(study: Study) -> Iterator[str]:
    plain: dict[str, Any] = {"missing": study.missing} if study.missing else {}
    plain |= {"correlations": study.correlations} if study.correlations != "pearson" else {}
    if study.controls:
        plain["controls"] = {
            name: list(columns) for name, columns in cast(Mapping[str, tuple[str, ...]], study.controls).items()
        }
    yield from (f"{key} = {value(each)}" for key, each in plain.items())
    method = _method(study)
    if method:
        yield f"method = {value(method)}"
    if study.design is not None:
        default = type(study.design)()
        said = {f.name: getattr(study.design, f.name) for f in dataclasses.fields(study.design)}
        yield f"design = {value({k: v for k, v in said.items() if v != getattr(default, k)})}"
    yield from ["", "[model]", f"text = {long_text(str(study.model))}"]


def _method(study: Study) -> dict[str, Any]:
    """Name and settings of the method that are not the usual ones; nothing for plain PLS."""
    method: Any = study.method
    kind = type(method)
    if METHODS.get(kind.__name__.casefold()) is not kind:
        raise NotAvailable(
            f"a study file names the methods {', '.join(k.__name__ for k in METHODS.values())}; not {kind.__name__}"
        )
    default = kind()
    said = {f.name: getattr(method, f.name) for f in dataclasses.fields(kind)}
    changed = {name: each for name, each in said.items() if each != getattr(default, name)}
    return {"name": kind.__name__, **changed} if changed or kind.__name__ != "PLS" else {}


def value(said: Any) -> str:
    """Write a value on one line.

    Examples
    --------
    >>> value({"name": "PLS", "modes": {"预期 1": "B"}, "max_iter": 50, "standardized": False})
    '{ name = "PLS", modes = { "预期 1" = "B" }, max_iter = 50, standardized = false }'
    """
    if isinstance(said, bool):
        return "true" if said else "false"
    if isinstance(said, str):
        return text(said)
    if isinstance(said, Scale):
        return value([said.low, said.high])
    if isinstance(said, Mapping):
        inside = ", ".join(f"{key(name)} = {value(each)}" for name, each in said.items() if each is not None)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(said, list | tuple):
        return f"[{', '.join(value(each) for each in said)}]"
    # TOML has no word for nothing: an end that is not bounded is infinite, and reads back as nothing.
    return "inf" if said is None else repr(said)


def key(name: object) -> str:
    """Write a key, in quotes where it is no bare one."""
    plain = str(name)
    return plain if re.fullmatch(r"[A-Za-z0-9_-]+", plain) else text(plain)


def text(said: str) -> str:
    """Write a text in quotes."""
    return f'"{_escaped(said)}"'


def long_text(said: str) -> str:
    """Write a text of several lines."""
    lines = "\n".join(_escaped(line) for line in said.split("\n"))
    return f'"""\n{lines}\n"""'


def _escaped(said: str) -> str:
    escaped = said.replace("\\", "\\\\").replace('"', '\\"')
    return re.sub(r"[\x00-\x1f\x7f]", lambda hit: f"\\u{ord(hit.group(0)):04x}", escaped)
