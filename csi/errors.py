"""What can go wrong, by name: errors for what cannot be computed, warnings for what can but should be heard."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CsiError(Exception):
    """Base of every error that this library raises on purpose.

    Examples
    --------
    >>> import csi
    >>> try:
    ...     csi.models.get("acsl")
    ... except csi.errors.CsiError as why:
    ...     print(type(why).__name__)
    ModelError
    """


class ModelError(CsiError, ValueError):
    """A model that contradicts itself: a circle of paths, an unknown construct, text that does not parse.

    Examples
    --------
    >>> import csi
    >>> try:
    ...     csi.Model("Mine", {"quality": ["Q1"]}, {"qualty": ["quality"]})
    ... except csi.errors.ModelError as why:
    ...     print(why)
    the model 'Mine' contradicts itself: path qualty -> quality: 'qualty' is not a construct; did you mean 'quality'?
    """


class DataError(CsiError, ValueError):
    """Answers that cannot be read as the model asks: a missing column, text among codes, a constant item.

    Examples
    --------
    >>> import csi
    >>> try:
    ...     csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi").drop(columns="CUSA1"))
    ... except csi.errors.DataError as why:
    ...     print(why)
    the data do not hold what the model names: item 'CUSA1' is not a column; did you mean 'CUSL1'?
    """


class SettingsError(CsiError, ValueError):
    """A setting with a value it cannot have.

    Examples
    --------
    >>> import csi
    >>> try:
    ...     csi.PLS(scheme="paht")
    ... except csi.errors.SettingsError as why:
    ...     print(why)
    scheme must be one of 'path', 'factorial', 'centroid'; not 'paht'; did you mean 'path'?
    """


class EstimationError(CsiError, ArithmeticError):
    """An estimate that does not exist: a singular block, a matrix that is not positive definite.

    Examples
    --------
    >>> import csi
    >>> try:
    ...     csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi").assign(CUSA1=7))
    ... except csi.errors.EstimationError as why:
    ...     print(str(why).split(":")[0])
    'CUSA1' does not vary
    """


class NotAvailable(CsiError):
    """A result that needs what was not given: cases, means, standard deviations, a scale, a draw.

    Examples
    --------
    >>> import csi
    >>> moments = csi.Moments.from_table(csi.datasets.load("mobi").corr(), n=250)
    >>> fit = csi.Study(csi.models.ecsi()).fit(moments)
    >>> try:
    ...     fit.scores()
    ... except csi.NotAvailable as why:
    ...     print(str(why).split(";")[0])
    only moments were given
    """


class MissingExtra(CsiError, ImportError):
    """An optional package is not installed; the message is the line that installs it.

    Examples
    --------
    >>> import csi
    >>> issubclass(csi.errors.MissingExtra, ImportError), issubclass(csi.errors.MissingExtra, csi.errors.CsiError)
    (True, True)
    """


class CsiWarning(UserWarning):
    """Base of every warning of this library, so that one filter catches all.

    Examples
    --------
    >>> import csi
    >>> issubclass(csi.errors.CostWarning, csi.errors.CsiWarning)
    True
    """


class CostWarning(CsiWarning):
    """What was asked will take long; the message says how long, and what is quicker.

    Examples
    --------
    >>> import warnings
    >>> import csi
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", csi.errors.CostWarning)    # runs that take minutes start without a word
    ...     fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    """


def suggest(name: str, known: Iterable[str]) -> str:
    """Return `"; did you mean 'x'?"` for the closest known name, or nothing.

    Examples
    --------
    >>> suggest("qualty", ["quality", "value"])
    "; did you mean 'quality'?"
    >>> suggest("zebra", ["quality", "value"])
    ''
    """
    names = [str(k) for k in known]
    folded = {k.casefold(): k for k in names}
    close = difflib.get_close_matches(str(name).casefold(), folded, n=1, cutoff=0.6)
    # Chinese names are short: one shared character out of two or three is already a good guess.
    if not close and any(ord(letter) > 0x2E80 for letter in str(name)):
        close = difflib.get_close_matches(str(name), folded, n=1, cutoff=0.4)
    return f"; did you mean '{folded[close[0]]}'?" if close else ""


def suggest_label(label: object, known: Iterable[object]) -> str:
    """Return a hint at a label of the data, which may be a number where text was given, or text for a number.

    Examples
    --------
    >>> suggest_label("2024", [2023, 2024])
    '; did you mean 2024 (int, not str)?'
    """
    labels = list(known)
    twin = next((each for each in labels if str(each) == str(label)), None)
    if twin is not None:
        return f"; did you mean {twin!r} ({type(twin).__name__}, not {type(label).__name__})?"
    return suggest(str(label), map(str, labels))


def listing(problems: Iterable[str], heading: str) -> str:
    """Put several problems under one heading, so that a user mends them in one go.

    Examples
    --------
    >>> print(listing(["column 'Q1' is missing"], "The data do not fit the model"))
    The data do not fit the model: column 'Q1' is missing
    """
    found = list(problems)
    if len(found) == 1:
        return f"{heading}: {found[0]}"
    return "\n".join([f"{heading} ({len(found)} problems):", *(f"  - {problem}" for problem in found)])


def check_choice(value: object, name: str, choices: Iterable[object]) -> None:
    """Refuse a setting outside its choices, saying what the choices are.

    Raises
    ------
    SettingsError
        Naming the setting, its value and what it may be.

    Examples
    --------
    >>> check_choice("paht", "scheme", ("path", "factorial", "centroid"))
    Traceback (most recent call last):
    ...
    csi.errors.SettingsError: scheme must be one of 'path', 'factorial', 'centroid'; not 'paht'; did you mean 'path'?
    """
    allowed = list(choices)
    if value in allowed:
        return
    hint = suggest(value, [a for a in allowed if isinstance(a, str)]) if isinstance(value, str) else ""
    raise SettingsError(f"{name} must be one of {', '.join(map(repr, allowed))}; not {value!r}{hint}")
