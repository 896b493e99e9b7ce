"""A study file as one frozen word: the study, its data, and everything that is done with them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, cast

from csi.blocks import Said, chinese
from csi.design import Design
from csi.display.words import Language
from csi.errors import CsiError, SettingsError, listing
from csi.methods.cbsem import CBSEM
from csi.methods.estimates import Method
from csi.methods.pls import PLS
from csi.methods.plsc import PLSc
from csi.results.core import Interval
from csi.spec.frozen import FrozenDict
from csi.study import Study
from csi.studyfile import modelling, schema, text
from csi.studyfile.problems import Problem, hint

METHODS: Mapping[str, Any] = {"pls": PLS, "plsc": PLSc, "cbsem": CBSEM}
Frozen = FrozenDict[str, Any]


@dataclass(frozen=True)
class Source:
    """Where the answers come from: files of the folder, or a data set that travels with the library."""

    files: tuple[str, ...]
    options: Frozen
    codes: Frozen


@dataclass(frozen=True)
class Output:
    """What is written: forms, chapter, sections before the model (None: what the study gives rise to)."""

    formats: tuple[str, ...] = schema.FORMATS
    chapter: int | None = None
    before: tuple[str, ...] | None = None


@dataclass(frozen=True)
class StudyFile:
    """A study with its data and with what is asked of it, as `study.toml` says.

    Attributes
    ----------
    study : Study
    folder : Path
        That files are named from.
    data : Source or None
    resamples : int or None
        None where the file leaves it to the caller.
    """

    study: Study
    folder: Path
    name: str
    title: Frozen
    language: Language | None
    synthetic: bool
    data: Source | None
    by: tuple[str, ...]
    order: Frozen
    resamples: int | None
    rng: int
    interval: Interval
    compare: tuple[tuple[Any, Any], ...] | str
    criteria: str | None
    measures: Frozen
    screen: Frozen
    profile: Frozen
    plan: Frozen
    fieldwork: Frozen
    output: Output

    @property
    def columns(self) -> dict[str, str]:
        """Every column that the study names, and what for."""
        design = self.study.design.columns if self.study.design else ()
        aside = [name for listed in self.measures.values() for name in _texts(listed)]
        # The study has turned them into columns by construct.
        held = cast(Mapping[str, tuple[str, ...]], self.study.controls or {})
        roles = {
            "item": [item.name for item in self.study.model.items],
            "by": [*self.by, *self.order],
            "design": [*design],
            "profile": [*self.profile],
            "controls": [column for listed in held.values() for column in listed],
            "measures": aside,
            "screen": [*([self.screen["time"]] if "time" in self.screen else []), *self.screen.get("attention", {})],
        }
        return {name: role for role, names in reversed(roles.items()) for name in names}


class Broken(SettingsError):
    """A study file with mistakes; `problems` holds them one by one."""

    def __init__(self, problems: Iterable[Problem], name: str) -> None:
        self.problems = tuple(problems)
        heading = f"{name} is not understood" if name else "what was asked cannot be done"
        super().__init__(listing([problem.text() for problem in self.problems], heading))


def load(path: str | PathLike[str], **said: Any) -> StudyFile:
    """Read a study file.

    Parameters
    ----------
    path : str or Path
        The file, or the folder with `study.toml` in it. A file of constructs and their columns alone is read as the
        `[items]` of a study.
    **said
        Keys that stand in place of those of the file.

    Raises
    ------
    SettingsError
        Naming at once everything that is not understood, with its line.
    """
    place = text.place_of(path)
    written = text.read(place)
    page, broken = text.parse(written)
    if broken:
        raise Broken(broken, place.name)
    # A map of items: nothing in it is a key of a study.
    bare = bool(page) and not any(key in schema.KEYS for key in page)
    lines = text.lines_of(written)
    if bare:
        page, lines = {"items": page}, {("items", *at): line for at, line in lines.items()}
    return made({**page, **said}, place.parent, place.name, lines)


def made(page: Mapping[str, Any], folder: Path, name: str = "", lines: text.Lines | None = None) -> StudyFile:
    """Make a study of the keys of its file.

    Raises
    ------
    SettingsError
        Naming at once everything that is not understood.
    """
    found = list(schema.problems(page))
    # A key of the wrong kind is said once; what hangs on it is not said again.
    wrong = {problem.key for problem in found}
    reader = _Reader(_without(page, wrong), {key.partition(".")[0] for key in wrong}, folder, found)
    file = reader.file(name)
    if file is None or found:
        placed = [
            dataclasses.replace(p, line=text.line_of(lines, tuple(p.key.split(".")))) if lines else p for p in found
        ]
        raise Broken(sorted(placed, key=lambda p: p.line), name)
    return file


def _without(page: Mapping[str, Any], wrong: set[str], above: str = "") -> dict[str, Any]:
    """Leave out keys by their dotted names."""
    kept = {key: value for key, value in page.items() if f"{above}{key}" not in wrong}
    return {
        key: _without(value, wrong, f"{above}{key}.") if isinstance(value, Mapping) else value
        for key, value in kept.items()
    }


class _Reader:
    """Makes the parts of a study; gathers what is wrong."""

    def __init__(self, page: Mapping[str, Any], skipped: set[str], folder: Path, found: list[Problem]) -> None:
        self.page, self.skipped, self.folder, self.found = page, skipped, folder, found

    def complain(self, key: str, said: Said) -> None:
        # An error that is already a list keeps one line a point.
        points = [line.removeprefix("  - ") for line in str(said).split("\n")]
        for point in points[1:] if len(points) > 1 and points[0].endswith("problems):") else [said]:
            self.found.append(Problem(key, point if isinstance(point, Said) else Said(point)))

    def try_(self, key: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except CsiError as error:
            self.complain(key, Said(str(error)))
            return None

    def file(self, name: str) -> StudyFile | None:
        """Make everything; None where the study itself cannot be."""
        page = self.page
        boot = page.get("bootstrap", {})
        boot = boot if isinstance(boot, Mapping) else {"n": boot}
        self._check_bootstrap(boot)
        parts = {
            "folder": self.folder, "name": name, "title": self._title(), "language": page.get("language"),
            "synthetic": page.get("synthetic", False), "data": self._data(), "by": _texts(page.get("by", ())),
            "order": self._order(), "resamples": boot.get("n"), "rng": boot.get("rng", 7),
            "interval": boot.get("interval", "percentile"), "compare": self._compare(),
            "criteria": page.get("criteria"), "measures": FrozenDict(page.get("measures", {})),
            "screen": FrozenDict(page.get("screen", {})), "profile": FrozenDict(page.get("profile", {})),
            "plan": self._plan(),
            "fieldwork": FrozenDict(page.get("fieldwork", {})), "output": self._output(),
        }  # fmt: skip
        study = self._study()
        return None if study is None else StudyFile(study, **parts)

    # -- the study ------------------------------------------------------------------------------------------------

    def _study(self) -> Study | None:
        page = self.page
        strange = self.skipped - set(schema.KEYS)
        hang = {"model", "items"} & self.skipped or (strange and "model" not in page)
        model = None if hang else modelling.build(page, self.folder, self.complain)
        method = self._method()
        words = dict(page.get("design", {}))
        lists = {key: _texts(words[key]) for key in ("replicates",) if key in words}
        design = self.try_("design", lambda: Design(**{**words, **lists})) if words else None
        if model is None or method is None or (words and design is None):
            return None
        said = {"missing": page.get("missing"), "correlations": page.get("correlations", "pearson")}
        asked = page.get("controls")
        if isinstance(asked, Mapping):
            asked = {construct: _texts(columns) for construct, columns in asked.items()}
        said["controls"] = (asked,) if isinstance(asked, str) else asked
        study: Study | None = self.try_("method", lambda: Study(model, method, design=design, **said))
        return study

    def _method(self) -> Method | None:
        said = self.page.get("method", "pls")
        settings = dict(said) if isinstance(said, Mapping) else {"name": said}
        name = str(settings.pop("name", "pls"))
        kind = METHODS.get(name.casefold().replace("-", ""))
        if kind is None:
            near = hint(name, ("PLS", "PLSc", "CBSEM"))
            self.complain("method", Said(
                f"{name!r} is none of the methods PLS, PLSc, CBSEM{near}",
                f"{name!r} 不是可用的方法（PLS、PLSc、CBSEM）{chinese(near)}",
            ))  # fmt: skip
            return None
        known = [field.name for field in dataclasses.fields(kind)]
        method: Method | None = self.try_("method", lambda: modelling.settings_of(kind, settings, known))
        return method

    # -- around it ------------------------------------------------------------------------------------------------

    def _title(self) -> Frozen:
        said = self.page.get("title", {})
        return FrozenDict({"en": said, "zh": said} if isinstance(said, str) else said)

    def _data(self) -> Source | None:
        said = self.page.get("data")
        options = dict(said) if isinstance(said, Mapping) else {"file": said}
        files = options.pop("file", None)
        lists = {key: _texts(options[key]) for key in ("keep", "text") if key in options}
        codes = FrozenDict(self.page.get("codes", {}))
        if said is None:
            return None
        if files is None:
            self.complain(
                "data",
                Said('names no file: data = { file = "answers.csv" }', '没有写文件：data = { file = "answers.csv" }'),
            )
            return None
        return Source(_texts(files), FrozenDict({**options, **lists}), codes)

    def _order(self) -> Frozen:
        order = self.page.get("order", {})
        for column, listed in order.items():
            if not isinstance(listed, list):
                self.complain(f"order.{column}", Said('must be a list of groups, such as ["spring", "autumn"]',
                                                      '应为组的列表，如 ["spring", "autumn"]'))  # fmt: skip
            if column not in _texts(self.page.get("by", ())):
                self.complain(
                    f"order.{column}", Said(f"{column!r} is no column of by = ...", f"{column!r} 不在 by 所列的列中")
                )
        return FrozenDict({column: tuple(listed) for column, listed in order.items() if isinstance(listed, list)})

    def _compare(self) -> tuple[tuple[Any, Any], ...] | str:
        said = self.page.get("compare", ())
        if said and "by" not in self.page:
            self.complain(
                "compare",
                Said('compares groups, and no key divides them: by = "wave"', '比较的是组，但没有分组：by = "wave"'),
            )
        if isinstance(said, str):
            if said not in ("all", "consecutive"):
                self.complain("compare", schema.wrong_choice(said, ("all", "consecutive")))
            return said
        return tuple((first, second) for first, second in said)

    def _check_bootstrap(self, boot: Mapping[str, Any]) -> None:
        n, rng = boot.get("n", 0), boot.get("rng", 0)
        if n < 0 or n == 1:
            self.complain(
                "bootstrap",
                Said(f"n must be 0 or at least 2 resamples; not {n}", f"重抽样次数应为 0 或不小于 2；而不是 {n}"),
            )
        if rng < 0:
            self.complain(
                "bootstrap",
                Said(f"rng must be a whole number from 0; not {rng}", f"rng 应为不小于 0 的整数；而不是 {rng}"),
            )

    def _plan(self) -> Frozen:
        said = self.page.get("plan", {})
        if said:
            from csi.sampling import Plan
            from csi.sampling.terms import TermWords

            known = ("margin", "n", "sd", *TermWords.__annotations__)
            self.try_("plan", lambda: modelling.settings_of(Plan, said, known))
        return FrozenDict(said)

    def _output(self) -> Output:
        said = self.page.get("report", {})
        formats = tuple(each.casefold().removeprefix(".") for each in _texts(said.get("formats", schema.FORMATS)))
        before = said.get("before")
        for each in formats:
            if each not in schema.FORMATS:
                self.complain("report.formats", schema.wrong_choice(each, schema.FORMATS))
        for each in () if before is None else _texts(before):
            if each not in schema.SECTIONS:
                self.complain("report.before", schema.wrong_choice(each, schema.SECTIONS))
        return Output(formats, said.get("chapter"), None if before is None else _texts(before))


def _texts(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)
