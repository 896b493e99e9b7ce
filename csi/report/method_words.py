"""The methods section in words: every number in it is computed from the fit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from csi.display.numbers import number, percent
from csi.methods.cbsem import CBSEM
from csi.methods.pls import PLS
from csi.methods.plsc import PLSc
from csi.numerics.items import shape
from csi.report.context import Context
from csi.versions import show_versions

#: Methods with sentences of their own.
METHODS = (PLS, PLSc, CBSEM)


def paragraphs(about: Context) -> list[str]:
    """The section: the model, why this method, the answers, the index, errors, criteria, software."""
    told = (
        _model(about),
        _method(about),
        _why(about),
        _answers(about),
        _index(about),
        _errors(about),
        _software(about),
    )
    return [about.joint.join(found) for part in told if (found := [sentence for sentence in part if sentence])]


# -- the model and the method -------------------------------------------------------------------------------------


def _model(about: Context) -> Iterator[str]:
    said = about.fit.model
    counts = {"constructs": len(said.constructs), "items": len(said.items), "paths": len(said.paths)}
    yield about.say("methods.model", model=said.name, **counts)
    sources = {path.source.removesuffix("; arrow not confirmed"): None for path in said.paths if path.source}
    if sources:
        joint = "；" if about.language == "zh" else "; "
        yield about.say("methods.source", source=joint.join(sources))
    assumed = sum(path.status == "assumed" for path in said.paths)
    if assumed:
        yield about.say("methods.assumed", count=assumed)


def _method(about: Context) -> Iterator[str]:
    how = about.fit.study.method
    if isinstance(how, PLS) and type(how) in METHODS:
        yield about.say(f"method.{type(how).__name__}", settings=_pls_settings(about, how))
    elif isinstance(how, CBSEM):
        yield about.say("method.CBSEM", estimator=how.estimator, likelihood=about.say(_likelihood(how)))
    else:
        yield about.say("method.other", method=repr(how))
    if about.fit.study.correlations != "pearson":
        yield about.say("methods.correlations", kind=about.fit.study.correlations)
    yield from _beside(about)
    yield from _convergence(about)


def _beside(about: Context) -> Iterator[str]:
    """Products of constructs, and columns that were held constant."""
    how = about.fit.study.method
    products = [about.labels[name] for name in about.fit.model.products]
    if products and isinstance(how, PLS):
        made = about.say(f"products.{how.interactions.replace('-', '_')}")
        yield about.say("methods.interactions", products=about.comma.join(products), made=made)
    columns = dict.fromkeys(control.column for control in about.fit.core.blueprint.controls)
    if columns:
        yield about.say("methods.controls", columns=about.comma.join(columns))


def _likelihood(how: CBSEM) -> str:
    return "methods.wishart" if how.wishart else "methods.normal_likelihood"


def _pls_settings(about: Context, how: PLS) -> str:
    modes = ", ".join(f"{about.labels[name]} {mode}" for name, mode in (how.modes or {}).items())
    said = [
        about.say("method.scheme", scheme=about.say(f"method.{how.scheme}")),
        about.say("method.modes", modes=modes) if modes else about.say("method.mode_a"),
        about.say("method.standardized" if how.standardized else "method.raw"),
        about.say("method.tolerance", tolerance=f"{how.tolerance:g}".replace("e-0", "e-")),
    ]
    return ("，" if about.language == "zh" else ", ").join(said)


def _convergence(about: Context) -> Iterator[str]:
    """After how many rounds the search stopped, or that it did not."""
    solution = about.fit.core.solution
    rounds, reached = np.atleast_1d(solution.iterations), np.atleast_1d(solution.converged)
    if not reached.all():
        yield about.say("methods.not_converged", count=int((~reached).sum()), total=len(reached))
    elif len(rounds) == 1:
        yield about.say("methods.converged", rounds=int(rounds[0]))
    elif rounds.min() == rounds.max():
        yield about.say("methods.converged_alike", rounds=int(rounds[0]), groups=len(rounds))
    else:
        yield about.say("methods.converged_groups", low=int(rounds.min()), high=int(rounds.max()), groups=len(rounds))


def _why(about: Context) -> Iterator[str]:
    """Why this method, and what it cannot do."""
    how = about.fit.study.method
    n, items = number(float(about.fit.core.stack.n.min()), 0), len(about.fit.model.items)
    skewness = _skewness(about)
    bent = about.say("methods.skewness", value=number(skewness, 2)) if np.isfinite(skewness) else ""
    if isinstance(how, CBSEM):
        yield about.say("methods.why_CBSEM")
        yield about.say(_KINDS.get(how.estimator, "methods.estimator_other"), skewness=bent)
    elif isinstance(how, PLSc):
        yield about.say("methods.why_PLSc", n=n, items=items)
    elif isinstance(how, PLS):
        yield about.say("methods.why_PLS", n=n, items=items, skewness=bent)


#: What is said of each estimator of covariance structure models.
_KINDS = {
    **dict.fromkeys(("ML", "GLS"), "methods.estimator_normal"), "FIML": "methods.estimator_fiml",
    **dict.fromkeys(("MLR", "MLM"), "methods.estimator_robust"),
    **dict.fromkeys(("DWLS", "WLSMV", "ULSMV"), "methods.estimator_categories"),
}  # fmt: skip


def _skewness(about: Context) -> float:
    """The largest absolute skewness of an item; NaN where only moments are known."""
    data = about.fit.core.sample
    if data is None:
        return float("nan")
    found = []
    for row in data.codes:
        x = row[np.isfinite(row)]
        centred = x - x.mean() if len(x) else x
        second, third, fourth = (np.array([(centred**power).mean() if len(x) else np.nan]) for power in (2, 3, 4))
        found.append(abs(float(shape(second, third, fourth, float(len(x))).skewness[0])))
    return float(np.nanmax(found)) if np.isfinite(found).any() else float("nan")


# -- answers, index, errors ---------------------------------------------------------------------------------------


def _answers(about: Context) -> Iterator[str]:
    data, n = about.fit.core.sample, about.n
    if data is None:
        yield about.say("methods.moments", n=n)
        return
    left = number(int((~data.used).sum()), 0)
    yield about.say("methods.cases" if left == "0" else "methods.cases_left", n=n, left=left)
    if about.fit.groups:
        each = about.fit.core.stack.n
        ends = {"low": number(float(each.min()), 0), "high": number(float(each.max()), 0)}
        yield about.say("methods.groups", count=len(each), by=about.by, **ends)
    yield from _blanks(about)
    yield from _weights(about)


def _blanks(about: Context) -> Iterator[str]:
    data = about.fit.core.sample
    blanks = data.facts["blanks"] if data is not None else None
    if data is None or blanks is None or not blanks.sum():
        yield about.say("methods.no_blanks")
        return
    total = len(blanks) * len(data.index)
    share = percent(float(blanks.sum()) / total)
    left = number(int((~data.used).sum()), 0)
    how = about.say(f"sample.{data.missing}", left=left)
    yield about.say("methods.blanks", count=number(int(blanks.sum()), 0), share=share, treatment=how)


def _weights(about: Context) -> Iterator[str]:
    """Weights, strata and clusters, with the range of the weights and what they cost."""
    data = about.fit.core.sample
    if data is None:
        return
    design = data.design
    if design.weight:
        w = data.weight[data.weight > 0]
        effective = number(float(w.sum() ** 2 / (w @ w)), 0)
        ratio = number(float(w.max() / w.min()), 2)
        yield about.say("methods.weights", column=design.weight, ratio=ratio, effective=effective)
    roles = [(role, getattr(design, role)) for role in ("stratum", "cluster", "fpc", "count")]
    said = [about.say(f"sample.{role}", column=column) for role, column in roles if column]
    if said:
        yield about.say("methods.design", design=about.comma.join(said))


def _index(about: Context) -> Iterator[str]:
    if about.index is not None and about.fit.model.index is not None:
        key = "method.index" if about.family == "components" else "methods.index_bartlett"
        yield about.say(key)
    if about.has_drivers:
        yield about.say("methods.impacts")


def _errors(about: Context) -> Iterator[str]:
    yield _intervals(about)
    if about.fit.groups and about.family == "components":
        yield about.say("methods.micom")


def _intervals(about: Context) -> str:
    core = about.fit.core
    drawn, level = core.draws, about.level_text
    if drawn is None:
        if core.sample is None:
            return about.say("method.none")
        if about.family == "covariance":
            return about.say("methods.model_errors", level=level)
        kind = about.say("method.t" if np.isfinite(core.df) else "method.normal")
        return about.say("method.linearized", level=level, kind=kind)
    seed = about.say("method.seed", seed=drawn.entropy) if drawn.entropy is not None else ""
    key = "normal_draws" if drawn.kind == "normal" else drawn.kind
    failed = number(int(drawn.failed.sum()), 0)
    return about.say(f"method.{key}", level=level, size=number(drawn.size, 0), seed=seed, failed=failed)


def _software(about: Context) -> Iterator[str]:
    versions = show_versions()
    shown = ("numpy", "scipy", "pandas")
    packages = about.comma.join(f"{name} {versions[name]}" for name in shown if name in versions)
    yield about.say("methods.software", csi=versions["csi"], python=versions["python"], packages=packages)
    yield about.say("methods.criteria")
