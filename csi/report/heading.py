"""What stands above and below the tables of a fit on the screen or in a cell; the English is that of `repr(fit)`."""

from __future__ import annotations

import numpy as np

from csi.display import fit as english
from csi.display.words import Language
from csi.fit import Fit
from csi.methods.cbsem import CBSEM
from csi.report.method_words import METHODS
from csi.report.texts import doubt_texts, say
from csi.results.core import RESAMPLES, Core


def head(fit: Fit, language: Language) -> list[str]:
    """What was fitted, and the doubts."""
    if language == "en":
        return [english.heading(fit), "", *english.doubt_lines(fit.doubts)]
    said = [first_line(fit, language), ""]
    if not fit.doubts:
        return [*said, say("terminal.no_doubts", language)]
    said.append(say("terminal.doubts", language, count=len(fit.doubts)))
    labels = fit.model.labels(language)
    for alike in english.gathered(fit.doubts):
        message, remedy = doubt_texts(alike[0], language, labels)
        group = say("terminal.settings", language, settings=alike[0].group) if alike[0].group != "" else ""
        said += [f"! {alike[0].code}{group}：{message}", f"  {remedy}"]
    return said


def first_line(fit: Fit, language: Language) -> str:
    """Model, method, cases, groups, and what was done about blanks."""
    n = fit.core.stack.n
    method = _method(fit, language)
    said = say("terminal.head", language, model=fit.model.name, method=method, n=f"{n.sum():,.0f}")
    if fit.groups:
        low, high = (f"{size:,.0f}" for size in (n.min(), n.max()))
        said += say("terminal.head_groups", language, count=len(fit.groups), by="、".join(fit.core.by))
        said += say("terminal.head_each_alike" if low == high else "terminal.head_each", language, low=low, high=high)
    return said + _blanks(fit, language)


def _method(fit: Fit, language: Language) -> str:
    """The method's name, with its settings as Python says them."""
    how = fit.study.method
    if type(how) not in METHODS:
        return repr(how)
    settings = how.estimator if isinstance(how, CBSEM) else repr(how).removesuffix("()")
    name = say(f"page.{type(how).__name__}", language)
    return name + say("terminal.settings", language, settings=settings)


def _blanks(fit: Fit, language: Language) -> str:
    """How many answers were missing, and what was done about them."""
    sample, record = fit.core.sample, fit.core.record
    said = say("terminal.head_moments", language) if sample is None else ""
    blanks, left, treated = 0, 0, ""
    if sample is not None:
        blanks, left, treated = int(sample.facts["blanks"].sum()), int((~sample.used).sum()), sample.missing
    elif record is not None and record.facts is not None:
        blanks, left, treated = int(record.facts.table["blanks"].sum()), record.dropped, record.missing
    if not blanks:
        return said
    said += say("terminal.head_blanks", language, count=f"{blanks:,}", treated=say(f"terminal.{treated}", language))
    return said + (say("terminal.head_left", language, count=f"{left:,}") if treated == "listwise" and left else "")


def how(fit: Fit, language: Language) -> str:
    """How the intervals were made."""
    if language == "en":
        return english.how(fit)
    core = fit.core
    if core.draws is None:
        interval = say("terminal.interval_t" if np.isfinite(core.df) else "terminal.interval_normal", language)
        return say(_undrawn(core), language, method=core.method.name, interval=interval)
    interval = say(f"terminal.interval_{core.usual if core.draws.kind in RESAMPLES else 't'}", language)
    kind, lost = say(f"terminal.draws_{core.draws.kind}", language), f"{int(core.draws.failed.sum()):,}"
    return say("terminal.how_draws", language, interval=interval, kind=kind, size=f"{core.draws.size:,}", lost=lost)


def _undrawn(core: Core) -> str:
    """Key of the sentence on intervals without replicates."""
    if core.sample is None and core.method.family == "covariance":
        return "terminal.how_model_only"
    if core.sample is None:
        return "terminal.how_none" if core.record is None else "terminal.how_none_passed"
    if core.sample.replicates is not None:
        return "terminal.how_not_yet"
    if core.by_parameters(None):
        return "terminal.how_model"
    return "terminal.how_linear" if core.linearizes() else "terminal.how_unknown"
