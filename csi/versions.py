"""With what the numbers were made: versions of this library, of Python and of the packages that compute."""

from __future__ import annotations

import platform
from importlib import metadata

#: The packages whose version can change a number or a page.
PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "statsmodels",
    "semopy",
    "matplotlib",
    "narwhals",
    "jinja2",
    "openpyxl",
    "pyarrow",
    "polars",
)


class Versions(dict[str, str]):
    """Name to version, which shows itself as a small table."""

    def __repr__(self) -> str:
        wide = max(map(len, self), default=0)
        return "\n".join(f"{name:<{wide}}  {version}" for name, version in self.items())


def show_versions() -> Versions:
    """Versions of this library, of Python, of the system and of every package that is installed here and used.

    Returns
    -------
    Versions
        A mapping of name to version; `print` it, or let a prompt show it.

    Examples
    --------
    >>> import csi
    >>> csi.show_versions()["csi"] == csi.__version__
    True
    """
    from csi import __version__

    found = {"csi": __version__, "python": platform.python_version(), "system": platform.platform(terse=True)}
    return Versions({**found, **{name: version for name in PACKAGES if (version := installed(name))}})


def installed(package: str) -> str:
    """Version of a package; empty where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
