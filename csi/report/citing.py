"""What a fit must cite: the software, the model, the method, and the measures with their limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from csi.bibliography import Style, Work, listed, named_in, works
from csi.display.words import check_language
from csi.methods.cbsem import CBSEM
from csi.methods.pls import PLS
from csi.methods.plsc import PLSc
from csi.results.criteria import SETS
from csi.versions import show_versions

#: Works behind estimators of covariance structure models, beyond the method itself.
ESTIMATORS = {
    "MLR": ["yuan2000"], "MLM": ["satorra1994"], "ULS": ["browne1974"], "GLS": ["browne1974"], "FIML": ["enders2001"],
    "DWLS": ["muthen1997"], "WLSMV": ["muthen1997"], "ULSMV": ["muthen1997"],
}  # fmt: skip
#: Criteria of theses that a fit by components is held against; a covariance structure model against all.
_OF_COMPONENTS = {"srmr", "nfi"}
DRAWS = {
    "bootstrap": ["davison1997"], "cases": ["davison1997"], "normal": ["davison1997"], "rao-wu": ["rao1992"],
    "jackknife": ["shao1995"], "replicate": [],
}  # fmt: skip


def cited(fit: Any) -> list[Work]:
    """Works of a fit: software, model, method, measures, in the order in which a report names them."""
    keys = dict.fromkeys([*_of_model(fit), *_of_method(fit), *_of_errors(fit), *_of_measures(fit)])
    return [_software(), *(works()[key] for key in keys)]


def references(fit: Any, style: Style = "apa", language: str = "en") -> list[str]:
    """The list of references of a fit."""
    check_language(language)
    return listed(cited(fit), style)


def _software() -> Work:
    return replace(works()["csi"], version=show_versions()["csi"])


def _of_model(fit: Any) -> Sequence[str]:
    """By what the paths say of their source."""
    return named_in(dict.fromkeys(path.source for path in fit.model.paths if path.source))


def _of_method(fit: Any) -> Iterator[str]:
    how = fit.study.method
    if isinstance(how, PLS):
        yield from ("lohmoller1989", "tenenhaus2005")
        if isinstance(how, PLSc):
            yield "dijkstra2015"
    elif isinstance(how, CBSEM):
        yield "joreskog1970"
        yield from ESTIMATORS.get(how.estimator, [])
        if how.engine == "semopy":
            yield "igolkina2020"
    if fit.core.sample is not None and fit.core.sample.facts["blanks"].any():
        yield from {"em": ["dempster1977"], "fiml": ["enders2001"]}.get(fit.core.sample.missing, [])


def _of_errors(fit: Any) -> Sequence[str]:
    core = fit.core
    if core.draws is not None:
        return DRAWS.get(core.draws.kind, [])
    return ["binder1983"] if core.sample is not None else []


def _of_measures(fit: Any) -> Iterator[str]:
    """Index, reliability, validity, fit, and who set their limits."""
    if fit.model.index is not None:
        yield "fornell1996"
        if fit.core.method.family == "covariance":
            yield "bartlett1937"
    several = any(len(block.items) > 1 and block.kind == "reflective" for block in fit.model.constructs.values())
    if several:
        yield from ("cronbach1951", "joreskog1971", "dijkstra2015", "fornell1981", "henseler2015")
    yield from named_in(one.source for one in SETS["usual"])
    components = fit.core.method.family == "components"
    yield from named_in(one.source for one in SETS["thesis"] if not components or one.measure in _OF_COMPONENTS)
    if not fit.groups and _drivers(fit):
        yield "martilla1977"
    if len(fit.groups) > 1 and fit.core.method.family == "components":
        yield "henseler2016"


def _drivers(fit: Any) -> bool:
    return any(path.effect == fit.model.index for path in fit.model.paths)
