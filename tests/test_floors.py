"""The house stands: a module imports from its own floor or lower ones, and heavy packages have one door each."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "csi"

# Rooms (a folder or a file of csi/) by floor. A new room gets its floor here and in docs/architecture.md.
FLOORS = {
    "errors": 0, "versions": 0, "spec": 0, "numerics": 0, "bibliography": 1,
    "blueprint": 1, "frames": 1, "design": 1, "chance": 1, "models": 1, "datasets": 1, "waist": 1, "blocks": 1,
    "codebook": 1, "record": 1, "crossing": 1, "passes": 1, "controls": 1,
    "methods": 2, "sample": 2, "draws": 2, "redrawn": 2, "simulation": 2, "synthetic": 3, "synthetic_contacts": 3,
    "results": 3, "display": 3,
    "study": 4, "fit": 4, "nouns": 4,
    "montecarlo": 4, "nation": 4, "tracking": 4,
    "plots": 5, "report": 5, "keep": 5,
    "studyfile": 6, "cli": 6, "__init__": 6, "__main__": 6,
}  # fmt: skip

# Side rooms stand beside the tower: they use these rooms, and the tower uses none of them.
SIDE_ROOMS = {"analysis", "measures", "questionnaire", "reading", "sampling", "service", "auditing"}
OPEN_TO_SIDE_ROOMS = {"errors", "numerics", "spec", "frames", "design", "waist", "blocks", "datasets"} | {
    "codebook",
    "models",
    "reading",
}
TABLE_WRITER = re.compile(r"csi\.(results\.tables?|display)(\.|$)")

# Rooms on the ground floor know only these.
GROUND = {"errors": set(), "spec": {"errors"}, "numerics": set()}
PACKAGES_OF_GROUND = {"errors": set(), "spec": set(), "numerics": {"numpy", "scipy"}}

# The stairs that go up, inside a function: Fit.plot(), Fit.report(), Fit.save() and Study.from_toml().
STAIRS = {("fit", "plots"), ("fit", "report"), ("fit", "keep"), ("study", "studyfile")}

# Import name of a distribution, where they differ.
DISTRIBUTIONS = {"docx": "python-docx", "python_calamine": "python-calamine"}


class Import(NamedTuple):
    """One imported module: where, what, and whether it waits inside a function."""

    path: Path
    line: int
    target: str
    inside: bool

    @property
    def where(self) -> str:
        return f"{self.path.relative_to(PACKAGE.parent).as_posix()}:{self.line}"

    @property
    def room(self) -> str:
        return room(self.path)

    @property
    def top(self) -> str:
        return self.target.split(".")[0]

    @property
    def target_room(self) -> str:
        """Room that is imported; names from `csi` itself count as the front door."""
        parts = self.target.split(".")
        return parts[1] if len(parts) > 1 and parts[1] in FLOORS.keys() | SIDE_ROOMS else "__init__"


def room(path: Path) -> str:
    """`csi/results/paths.py` -> `results`, `csi/fit.py` -> `fit`."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_of(path: Path) -> list[str]:
    """Package of a file, which relative imports start from."""
    return list(path.relative_to(PACKAGE.parent).with_suffix("").parts[:-1])


def targets(node: ast.AST, path: Path) -> list[str]:
    """Modules that one statement or call imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        package = module_of(path)
        base = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*base, *([node.module] if node.module else [])])
        # `from csi import errors` imports a module, `from csi import __version__` only a word.
        return [f"csi.{a.name}" for a in node.names if a.name != "__version__"] if module == "csi" else [module]
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}:
        first = node.args[0]
        return [first.value] if isinstance(first, ast.Constant) else []
    return []


def imports_of(path: Path) -> list[Import]:
    """Every import of a file, those inside functions marked."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    nested = {id(inner) for function in functions for inner in ast.walk(function)}
    return [
        Import(path, node.lineno, target, id(node) in nested)
        for node in ast.walk(tree)
        for target in targets(node, path)
    ]


IMPORTS = [found for path in sorted(PACKAGE.rglob("*.py")) for found in imports_of(path)]
OWN = [found for found in IMPORTS if found.top == "csi"]
FOREIGN = [found for found in IMPORTS if found.top != "csi" and found.top not in sys.stdlib_module_names]


def listed(wrong: list[Import]) -> list[str]:
    """Failures as a reader wants them."""
    return [f"{found.where} imports {found.target}" for found in wrong]


def test_every_room_has_a_floor():
    rooms = {room(path) for path in PACKAGE.rglob("*.py")}
    assert rooms <= FLOORS.keys() | SIDE_ROOMS, "a new room: give it a floor here and in docs/architecture.md"


def test_a_module_imports_from_its_own_floor_or_lower_ones():
    tower = [found for found in OWN if found.room in FLOORS]
    wrong = [
        found
        for found in tower
        if found.target_room not in FLOORS or FLOORS[found.target_room] > FLOORS[found.room]
        if not (found.inside and (found.room, found.target_room) in STAIRS)
        if FLOORS[found.room] < FLOORS["__init__"]
    ]
    assert not listed(wrong)


def test_rooms_of_the_ground_floor_do_not_know_each_other():
    wrong = [
        found for found in OWN if found.room in GROUND and found.target_room not in GROUND[found.room] | {found.room}
    ]
    assert not listed(wrong)


def test_rooms_import_each_other_in_one_direction():
    graph: dict[str, set[str]] = {}
    for found in OWN:
        if found.room != found.target_room and (found.room, found.target_room) not in STAIRS:
            graph.setdefault(found.room, set()).add(found.target_room)
    graphlib.TopologicalSorter(graph).prepare()


def test_side_rooms_use_what_is_open_to_them():
    wrong = [
        found
        for found in OWN
        if found.room in SIDE_ROOMS
        and found.target_room not in OPEN_TO_SIDE_ROOMS | {found.room}
        and not TABLE_WRITER.match(found.target)
    ]
    assert not listed(wrong)


@pytest.mark.parametrize("ground", PACKAGES_OF_GROUND)
def test_ground_floor_leans_on_little(ground):
    wrong = [found for found in FOREIGN if found.room == ground and found.top not in PACKAGES_OF_GROUND[ground]]
    assert not listed(wrong)


def test_matplotlib_is_imported_in_plots_only():
    assert not listed([found for found in FOREIGN if found.top == "matplotlib" and found.room != "plots"])


def test_semopy_has_one_adapter_and_is_imported_when_used():
    doors = [found for found in FOREIGN if found.top == "semopy"]
    assert len({found.path for found in doors}) <= 1
    assert not listed([found for found in doors if not found.inside])


def test_everything_imported_is_declared_and_extras_wait_inside_functions():
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    def declared(requirements: list[str]) -> set[str]:
        return {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in requirements}

    core = declared(project["dependencies"])
    optional = project["optional-dependencies"]
    extras = declared([each for name in ("io", "report", "big", "parallel") for each in optional[name]])
    for found in FOREIGN:
        name = DISTRIBUTIONS.get(found.top, found.top).lower()
        assert name in core | extras, f"{found.where} imports {found.target}, which pyproject.toml does not name"
        assert name in core or found.inside, f"{found.where} imports {found.target} of an extra outside a function"


def test_import_csi_is_light():
    heavy = {"matplotlib", "semopy", "statsmodels", "sympy", "sklearn", "polars", "pyarrow.parquet", "jinja2"}
    code = f"import sys; import csi; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "[]"


def test_the_checks_see_what_they_should(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path / "csi")
    path = tmp_path / "csi" / "results" / "paths.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "import numpy as np\n"
        "from ..fit import Fit\n"
        "from . import tables\n"
        "from csi import Study, errors, __version__\n"
        "def late():\n"
        "    from importlib import import_module\n"
        "    return import_module('semopy')\n",
        encoding="utf-8",
    )
    found = imports_of(path)
    assert [each.target for each in found] == [
        "numpy", "csi.fit", "csi.results", "csi.Study", "csi.errors", "importlib", "semopy",
    ]  # fmt: skip
    assert [each.inside for each in found] == [False] * 5 + [True] * 2
    assert [each.target_room for each in found if each.top == "csi"] == ["fit", "results", "__init__", "errors"]
