"""The site knows everything that the library knows: public names with examples, doubts with entries."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import tomllib
from pathlib import Path

import pytest
from test_public_names import METHODS, NAMES

import csi

#: Properties and methods of the classes that the tested list names.
LISTED = [*(f"csi.{name}" for name in NAMES), *(f"csi.Fit.{name}" for name in METHODS[csi.Fit].split())]
CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")


@pytest.fixture(scope="module")
def reference(repository):
    """The part of the site that gives every public name a page."""
    sys.path.insert(0, str(repository / "docs"))
    try:
        from making import reference
    finally:
        sys.path.pop(0)
    return reference


@pytest.mark.parametrize("name", LISTED)
def test_public_names_have_a_page(reference, name):
    pages = reference.page_names()
    room = inspect.ismodule(getattr(csi, name.removeprefix("csi."), None))
    assert name in pages or (room and any(page.startswith(f"{name}.") for page in pages))


def test_every_page_has_an_example_that_runs(reference):
    """They are run by `pytest --doctest-modules csi`."""
    first = {page: name for name, page in reference.page_names().items() if name == page}
    names = reference.names()
    without = [name for name in first if ">>>" not in (inspect.getdoc(plain(names[name])) or "")]
    assert not without, f"write an Examples section: {', '.join(sorted(without))}"


def plain(thing):
    """The function below a property, a class method or a static method."""
    for inside in ("fget", "func", "__func__"):
        thing = getattr(thing, inside, None) or thing
    return thing


@pytest.mark.parametrize(
    "owner", [owner for owner in METHODS if owner is not csi.Fit], ids=lambda owner: owner.__name__
)
def test_methods_of_public_classes_have_examples(owner):
    without = [name for name in METHODS[owner].split() if ">>>" not in (inspect.getdoc(getattr(owner, name)) or "")]
    assert not without


def raised(folder: Path) -> set[str]:
    """Codes of the doubts that the modules of a folder raise: the first word of a finding."""
    found = set()
    for path in folder.glob("*doubts.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Tuple) and len(node.elts) == 6 and isinstance(node.elts[0], ast.Constant):
                found.add(node.elts[0].value)
    return {code for code in found if isinstance(code, str) and CODE.fullmatch(code)}


def test_every_doubt_has_its_entry_and_its_chinese(repository):
    codes = raised(repository / "csi" / "results")
    assert len(codes) > 30
    page = (repository / "docs" / "doubts.md").read_text(encoding="utf-8")
    entries = re.findall(r"^### `(\w+)`$", page, flags=re.M)
    assert codes <= set(entries), f"write an entry in docs/doubts.md: {sorted(codes - set(entries))}"
    source = "\n".join(path.read_text(encoding="utf-8") for path in (repository / "csi").rglob("*.py"))
    assert not [code for code in entries if f'"{code}' not in source], "an entry of docs/doubts.md is of no doubt"
    chinese = tomllib.loads((repository / "csi" / "report" / "texts.toml").read_text(encoding="utf-8"))["doubt"]
    assert codes <= set(chinese), f"say it in Chinese in csi/report/texts.toml: {sorted(codes - set(chinese))}"


@pytest.mark.parametrize("entry", ["Do:", "May be reported:"])
def test_entries_say_what_to_do(repository, entry):
    page = (repository / "docs" / "doubts.md").read_text(encoding="utf-8").split("## Service indicators")[0]
    parts = re.split(r"^### ", page, flags=re.M)[1:]
    without = [part.split("\n")[0] for part in parts if entry not in " ".join(part.split())]
    assert not without
