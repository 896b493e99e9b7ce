"""Several groups at once: whether a model measures the same in each, and how the means of the constructs differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from csi.blueprint import Blueprint, compile_model
from csi.errors import NotAvailable, SettingsError, check_choice
from csi.methods.cbsem import CBSEM
from csi.methods.sem_joint import Joint
from csi.numerics import intervals
from csi.numerics.sem.invariance import difference
from csi.numerics.sem.standardize import standardized_cells
from csi.numerics.sem.structure import MEAN
from csi.results.core import Core, check_level
from csi.results.sem_parameters import method_of
from csi.results.tables import COLUMNS, grouped

Of = Literal["measurement", "model"]
#: What is held equal at every step.
STEPS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
    "regressions": ("loadings", "intercepts", "paths"),
}
LADDER = ("configural", "metric", "scalar", "strict")
#: Columns of the ladder.
SHOWN = ("chi2", "df", "p_value", "cfi", "tli", "rmsea", "srmr", "aic", "bic")


def fit_together(core: Core, equal: Sequence[str], of: Of) -> Joint:
    """Estimate all groups at once."""
    method, blueprint = _checked(core, of)
    return method.together(blueprint, core.stack, core.sample, core.groups, equal, means=True)


def _checked(core: Core, of: Of) -> tuple[CBSEM, Blueprint]:
    """The method and the model, if they can be fitted to several groups at once."""
    check_choice(of, "of", ("measurement", "model"))
    method = method_of(core, "the ladder of invariance")
    if len(core.groups) < 2:
        raise NotAvailable("invariance is between groups; study.fit(data, by='wave') divides the cases")
    if method.criterion != "ML" or not method.wants_moments or method.reliabilities or method.std_lv:
        raise NotAvailable(
            "groups are fitted together by maximum likelihood (ML, MLR, MLM, FIML) with first loadings fixed and single"
            f" items as they are; not by {method!r}"
        )
    if core.blueprint.model.extra:
        raise NotAvailable("groups are fitted together without constraints and defined parameters; leave extra out")
    if core.designed:
        raise NotAvailable("the ladder of invariance has no tests under a design with weights, strata or clusters")
    if np.isnan(core.stack.mean).any():
        raise NotAvailable("invariance compares means, and these moments have none")
    model = core.blueprint.model
    return method, compile_model(model.replace(paths=())) if of == "measurement" else core.blueprint


def ladder(core: Core, levels: Sequence[str] = LADDER, of: Of = "measurement") -> pd.DataFrame:
    """Rows: the steps. Fit of each, and the test of what it adds against the step before."""
    wanted = [levels] if isinstance(levels, str) else list(levels)
    for level in wanted:
        check_choice(level, "levels", STEPS)
    if not wanted:
        raise SettingsError("levels must name at least one step, such as ('configural', 'metric')")
    if "regressions" in wanted and of != "model":
        raise SettingsError("equal paths are part of the model, not of the measurement: invariance(of='model', ...)")
    steps = [fit_together(core, STEPS[level], of) for level in wanted]
    rows = []
    for at, step in enumerate(steps):
        scaled = step.measures
        own = [scaled.get(f"{name}_scaled", scaled[name]) for name in SHOWN]
        rows.append(own + ([np.nan] * 5 if at == 0 else _compared(step, steps[at - 1])))
    names = [*SHOWN, "chi2_difference", "df_difference", "p_difference", "rmsea_difference", "cfi_change"]
    table = pd.DataFrame(rows, index=pd.Index(wanted, name="level", dtype=object), columns=names, dtype=float)
    table.attrs["test"] = (
        "scaled difference (Satorra & Bentler 2001)"
        if steps[0].robust
        else "difference of chi2, each step against the last"
    )
    return table


def _compared(step: Joint, before: Joint) -> list[float]:
    """Test of a step against the one before."""
    factors = (step.factor, before.factor) if step.robust else None
    found = difference(step.plain, before.plain, float(step.n.sum()), len(step.n), factors)
    cfi = [each.measures.get("cfi_scaled", each.measures["cfi"]) for each in (step, before)]
    return [found.chi2, found.df, found.p_value, found.rmsea, cfi[0] - cfi[1]]


def latent_means(core: Core, confidence_level: float = 0.95, of: Of = "measurement") -> pd.DataFrame:
    """Rows (group, construct): means less those of the first group, with equal loadings and intercepts."""
    check_level(confidence_level)
    joint = fit_together(core, STEPS["scalar"], of)
    s, names = joint.structure, core.blueprint.constructs
    at = {int(variable): j for j, variable in enumerate(joint.layout.constructs)}
    cells = np.flatnonzero((s.kind == MEAN) & (s.row >= s.n_items))
    order = sorted(cells, key=lambda cell: (s.group[cell], at[int(s.row[cell])]))
    free = s.free[order]
    value = np.where(free >= 0, joint.solution.theta[0, free], s.value[order])
    error = np.where(free >= 0, np.sqrt(np.diag(joint.spread))[free], 0.0)
    low, high = intervals.student(value, error, confidence_level, np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = value / np.where(error > 0, error, np.nan)
    parts = (value, error, low, high, statistic, intervals.p_student(statistic, np.inf))
    table = dict(zip(COLUMNS, parts, strict=True))
    table["standardized"] = standardized_cells(s, joint.solution.theta)[0][order]
    rows = grouped(pd.Index(list(names), name="construct", dtype=object), core.by, core.labels)
    return pd.DataFrame({name: np.asarray(part, float) for name, part in table.items()}, index=rows)
