"""What is built carries what it needs: wheel, zip, sdist and editable install each find code and data."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import csi

BUILD = "import sys; from hatchling import build; print(getattr(build, sys.argv[1])(sys.argv[2]))"
LOAD = """
import sys, site
elsewhere, entry = sys.argv[1:]
sys.path[:] = [path for path in sys.path if path != elsewhere]
if entry.endswith(".site"):
    site.addsitedir(entry)
else:
    sys.path.insert(0, entry)
import csi, csi.datasets
print(csi.__file__)
for name in csi.datasets.names():
    book = csi.datasets.describe(name)
    assert csi.datasets.load(name).shape[0] == book.n
    print(name, book.n, len(book.items))
"""


def run(code: str, *arguments: object, cwd: Path) -> str:
    """Run code in a fresh interpreter where a file opened without an encoding is an error."""
    command = [sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning", "-c", code]
    done = subprocess.run(
        [*command, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def build(hook: str, source: Path, target: Path) -> Path:
    """Build with the backend itself: no network, no isolated environment."""
    target.mkdir(parents=True, exist_ok=True)
    # Other distributions have a folder named `build`; only hatchling's last line is the file name.
    return target / run(BUILD, hook, target, cwd=source).splitlines()[-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("with a blank 与中文")


@pytest.fixture(scope="module")
def sdist(repository, folder) -> Path:
    return build("build_sdist", repository, folder)


@pytest.fixture(scope="module")
def unpacked(sdist, folder) -> Path:
    """The source tree as the sdist carries it."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "sdist", filter="data")
    return folder / "sdist" / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(unpacked, folder) -> Path:
    """The wheel as the registries build it: from the sdist."""
    return build("build_wheel", unpacked, folder)


def data_files(repository: Path) -> dict[str, bytes]:
    """Name to content of everything in data/."""
    return {path.name: path.read_bytes() for path in (repository / "data").iterdir() if path.is_file()}


def finds_everything(entry: Path, repository: Path, cwd: Path) -> str:
    """Where `csi` was imported from, after loading every data set."""
    where, *sets = run(LOAD, repository, entry, cwd=cwd).splitlines()
    assert {"mobi 250 24", "corp_rep 344 39"} <= set(sets)
    return where


def test_data_live_once(repository):
    assert not (repository / "csi" / "data").exists()


def test_wheel_carries_package_marker_and_data_byte_for_byte(wheel, repository):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        carried = {name.removeprefix("csi/data/"): archive.read(name) for name in names if name.startswith("csi/data/")}
    assert carried == data_files(repository)
    assert {"csi/__init__.py", "csi/py.typed"} <= names
    modules = {path.relative_to(repository).as_posix() for path in (repository / "csi").rglob("*.py")}
    assert modules <= names
    assert {name.split("/")[0] for name in names} == {"csi", f"csi-{csi.__version__}.dist-info"}


def test_wheel_states_command_licence_and_python(wheel):
    with zipfile.ZipFile(wheel) as archive:
        info = f"csi-{csi.__version__}.dist-info"
        metadata = archive.read(f"{info}/METADATA").decode()
        assert "csi = csi.cli:main" in archive.read(f"{info}/entry_points.txt").decode()
        licence_files = {name for name in archive.namelist() if name.startswith(f"{info}/licenses/")}
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: BSD-3-Clause AND GPL-3.0-only AND OFL-1.1" in metadata
    expected = {"LICENSE", "data/LICENSE.GPL-3.0.txt", "csi/plots/fonts/OFL.txt"}
    assert licence_files == {f"{info}/licenses/{name}" for name in expected}


def test_installed_wheel_finds_its_data(wheel, repository, folder):
    site = folder / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert Path(finds_everything(site, repository, folder)).is_relative_to(site)


def test_wheel_on_the_path_as_a_zip_finds_its_data(wheel, repository, folder):
    assert finds_everything(wheel, repository, folder).startswith(str(wheel))


def test_zipped_source_tree_finds_its_data(unpacked, repository, folder):
    bundle = folder / "source.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for part in ("csi", "data"):
            for path in (unpacked / part).rglob("*"):
                archive.write(path, path.relative_to(unpacked).as_posix())
    assert finds_everything(bundle, repository, folder).startswith(str(bundle))


def test_sdist_carries_sources_data_and_tests(unpacked, repository):
    assert {path.name: path.read_bytes() for path in (unpacked / "data").iterdir()} == data_files(repository)
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff", "tests/conftest.py"):
        assert (unpacked / name).is_file(), name


def test_unpacked_sdist_finds_its_data(unpacked, repository, folder):
    assert Path(finds_everything(unpacked, repository, folder)).is_relative_to(unpacked)


def test_editable_install_finds_the_data_of_the_source_tree(repository, folder, tmp_path):
    source = tmp_path / "source tree"
    for part in ("csi", "data"):
        shutil.copytree(repository / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(repository / name, source)
    editable = build("build_editable", source, tmp_path)
    site = tmp_path / "editable.site"
    with zipfile.ZipFile(editable) as archive:
        assert not [name for name in archive.namelist() if name.startswith("csi/")]
        archive.extractall(site)
    assert Path(finds_everything(site, repository, folder)).is_relative_to(source)


def test_version_is_the_same_everywhere(repository):
    citation = (repository / "CITATION.cff").read_text(encoding="utf-8")
    changes = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^version: (\S+)$", citation, re.M)[1] == csi.__version__
    assert f"## [{csi.__version__}]" in changes


def test_extra_all_holds_every_extra_of_users(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {"io", "report", "big", "parallel", "test", "docs", "notebooks", "bench", "lint", "all"}
    assert extras["all"] == ["csi[io,report,big,parallel]"]


def test_readme_opens_with_the_two_commands_and_runs_every_python_block(repository):
    text = (repository / "README.md").read_text(encoding="utf-8")
    first, second = re.findall(r"^python3 -m venv .*$", text, re.M)
    assert first == "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/csi study mobi"
    assert second == 'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/pytest'
    # doctest runs what starts with >>>, and needs a blank line before the fence that closes the block
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S):
        assert block.startswith(">>> ")
        assert block.endswith("\n\n")
