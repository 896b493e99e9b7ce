"""What a model's words become in csi.CBSEM: equal, fixed and defined parameters, single items, higher orders."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from cbsem_oracles import ACSI, mobi

import csi
from csi.errors import ModelError, SettingsError
from csi.methods import formulas


def fit(model, data=None, **settings):
    return csi.Study(model, method=csi.CBSEM(**settings)).fit(mobi() if data is None else data)


def labelled(model, **labels):
    """The model with coefficients at paths written `cause_effect`."""
    paths = [
        dataclasses.replace(p, coefficient=labels.get(f"{p.cause}_{p.effect}", p.coefficient)) for p in model.paths
    ]
    return model.replace(paths=paths)


def loaded(model, construct, **labels):
    items = [dataclasses.replace(i, loading=labels.get(i.name)) for i in model.constructs[construct].items]
    return model.replace(constructs={**model.constructs, construct: csi.Construct(items)})


def estimate(found, *label):
    return found.parameters().loc[label, "estimate"]


def chi2(found):
    return found.goodness().loc["chi2", "estimate"]


def test_equal_labels_are_equal_parameters():
    model = loaded(ACSI, "satisfaction", CUSA2="l", CUSA3="l")
    same = fit(model)
    assert estimate(same, "loadings", "satisfaction", "CUSA2") == estimate(same, "loadings", "satisfaction", "CUSA3")
    assert same.goodness().loc["df", "estimate"] == 145
    told = fit(loaded(ACSI, "satisfaction", CUSA2="l", CUSA3="k").replace(extra="l == k"))
    np.testing.assert_allclose(told.parameters(), same.parameters(), atol=1e-6)
    np.testing.assert_allclose(told.goodness(), same.goodness(), rtol=1e-8)
    # The score test of the equality foretells the rise of chi2.
    assert 0 < chi2(same) - 298.88722 < 5


def test_fixed_values_and_linear_constraints_hold():
    found = fit(labelled(ACSI, complaints_loyalty=0, value_satisfaction=0.1))
    assert estimate(found, "paths", "complaints", "loyalty") == 0
    assert estimate(found, "paths", "value", "satisfaction") == 0.1
    assert found.parameters().loc[("paths", "value", "satisfaction"), "std_error"] == 0
    assert found.goodness().loc["df", "estimate"] == 146
    twice = labelled(ACSI, quality_satisfaction="a", value_satisfaction="b").replace(extra="a == 5*b + 0.1")
    bound = fit(twice)
    a, b = (estimate(bound, "paths", cause, "satisfaction") for cause in ("quality", "value"))
    assert a == pytest.approx(5 * b + 0.1, abs=1e-9)
    assert bound.goodness().loc["df", "estimate"] == 145
    # A bound path's error follows: both have one.
    errors = bound.parameters()["std_error"]
    assert errors["paths", "quality", "satisfaction"] == pytest.approx(5 * errors["paths", "value", "satisfaction"])


def test_a_fixed_marker_sets_the_unit():
    plain, double = fit(ACSI), fit(loaded(ACSI, "satisfaction", CUSA1=2))
    assert chi2(double) == pytest.approx(chi2(plain), abs=1e-8)
    one, two = (estimate(f, "paths", "satisfaction", "complaints") for f in (plain, double))
    assert two == pytest.approx(2 * one)
    np.testing.assert_allclose(plain.paths(), double.paths(), rtol=1e-6, atol=1e-9)
    # A label on the marker fixes its namesakes too: tau-equivalent items.
    tau = fit(loaded(ACSI, "satisfaction", CUSA1="l", CUSA2="l"))
    assert estimate(tau, "loadings", "satisfaction", "CUSA2") == 1


def test_defined_parameters_and_their_errors():
    model = labelled(ACSI, quality_value="a", value_satisfaction="b").replace(
        extra="ind := a*b; twice := 2*ind - (a + b)^2/4; root := sqrt(abs(a))"
    )
    found = fit(model)
    table = found.parameters()
    a, b = (table.loc[("paths", *path)] for path in (("quality", "value"), ("value", "satisfaction")))
    ind = table.loc[("defined", "ind", "a*b")]
    assert ind["estimate"] == pytest.approx(a["estimate"] * b["estimate"])
    assert ind["standardized"] == pytest.approx(a["standardized"] * b["standardized"])
    spread = found.core.solved(0).spread
    free = found.core.solved(0).layout.structure.free
    rows = [list(table.index).index(("paths", *p)) for p in (("quality", "value"), ("value", "satisfaction"))]
    slope = np.zeros(len(spread))
    slope[free[rows]] = b["estimate"], a["estimate"]
    assert ind["std_error"] == pytest.approx(float(np.sqrt(slope @ spread @ slope)), rel=1e-6)
    twice = table.xs("twice", level="left")["estimate"].iloc[0]
    assert twice == pytest.approx(2 * ind["estimate"] - (a["estimate"] + b["estimate"]) ** 2 / 4)
    assert chi2(found) == pytest.approx(298.88722076, abs=1e-7)
    drawn = found.bootstrap(50, rng=1).parameters().loc[("defined", "ind", "a*b")]
    assert drawn["conf_low"] < ind["estimate"] < drawn["conf_high"]


def test_residual_covariances():
    found = fit(ACSI.replace(covariances=[("PERQ4", "PERQ6")]))
    index = fit(ACSI).modification_indices().loc[("covariances", "PERQ4", "PERQ6"), "index"]
    assert found.goodness().loc["df", "estimate"] == 143
    assert 298.887 - chi2(found) == pytest.approx(index, rel=0.1)
    assert estimate(found, "covariances", "PERQ4", "PERQ6") == pytest.approx(0.404, rel=0.1)


def test_a_single_item_with_a_reliability():
    data = mobi()
    n, variance = len(data), data["CUSCO"].var(ddof=0)
    known = fit(ACSI, reliabilities={"complaints": 0.8})
    said = fit(ACSI.replace(covariances=[csi.spec.Covariance("CUSCO", "CUSCO", 0.2 * variance)]))
    np.testing.assert_allclose(known.parameters(), said.parameters(), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(known.goodness(), said.goodness(), rtol=1e-7)
    assert known.loadings().loc[("complaints", "CUSCO"), "estimate"] == pytest.approx(np.sqrt(0.8), abs=1e-6)
    doubts = known.check()
    assert "fixed to 0.2 of its variance" in doubts.loc[doubts["code"] == "single_item", "message"].iloc[0]
    # Right in every replicate: as on the resampled answers themselves.
    counts = np.random.default_rng(5).multinomial(n, np.full(n, 1 / n), size=3)
    drawn = known.bootstrap(cases=counts).replicates("paths")
    alone = fit(ACSI, data.loc[np.repeat(np.arange(n), counts[1])], reliabilities={"complaints": 0.8}).paths()
    np.testing.assert_allclose(drawn.iloc[1], alone["estimate"], atol=1e-6)
    with pytest.raises(SettingsError, match="fixed or labelled"):
        fit(labelled(ACSI, satisfaction_complaints="a"), reliabilities={"complaints": 0.8})
    index = known.modification_indices(smallest=0)
    there = said.modification_indices(smallest=0)
    np.testing.assert_allclose(index.loc[there.index, "change"], there["change"], rtol=1e-5, atol=1e-8)


QUALITIES = {"overall": ["PERQ1", "PERQ2", "PERQ3"], "service": ["PERQ4", "PERQ5"], "reach": ["PERQ6", "PERQ7"]}


def second_order(kind):
    blocks = {name: ACSI.constructs[name] for name in ("expectations", "satisfaction", "loyalty")}
    paths = [("expectations", "quality"), ("quality", "satisfaction"), ("satisfaction", "loyalty")]
    if kind == "composite":
        paths = paths[1:]
    higher = {"quality": csi.Construct(of=list(QUALITIES), kind=kind)}
    return csi.Model("second", {**blocks, **QUALITIES}, paths, index="satisfaction", scale=(1, 10), higher=higher)


def test_a_reflective_second_order_causes_its_parts():
    found = fit(second_order("reflective"))
    table = found.parameters()
    assert table.loc[("loadings", "quality", "overall"), "estimate"] == 1
    assert table.loc[("loadings", "quality", "service"), "standardized"] > 0.8
    # 16 items: 136 moments; 10 loadings and 2 of the whole, 3 paths, 16 residuals, 7 variances of constructs.
    assert found.goodness().loc["df", "estimate"] == 136 - (10 + 2 + 3 + 16 + 7)
    same = found.parameters().xs("loadings")["standardized"]
    # An item correlates with the whole by its loading times that of its part.
    assert found.loadings().loc[("quality", "PERQ4"), "estimate"] == pytest.approx(
        same["service", "PERQ4"] * same["quality", "service"]
    )
    assert found.index()["estimate"].notna().all()


def test_a_composite_second_order_is_caused_by_its_parts():
    found = fit(second_order("composite"))
    assert found.core.solution.converged.all()
    assert found.r2().loc["quality", "r2"] == pytest.approx(1)
    assert found.parameters().loc[("variances", "quality", "quality"), "estimate"] == 0
    # With one outcome only, three weights and a path say what three paths would: the same fit.
    blocks = {**{n: ACSI.constructs[n] for n in ("expectations", "satisfaction", "loyalty")}, **QUALITIES}
    paths = [(part, "satisfaction") for part in QUALITIES] + [("satisfaction", "loyalty")]
    direct = fit(csi.Model("direct", blocks, paths, scale=(1, 10)))
    assert chi2(found) == pytest.approx(chi2(direct), abs=1e-6)
    with pytest.raises(ModelError, match="causes nothing"):
        csi.Study(second_order("composite").replace(paths=[("satisfaction", "loyalty")]), method=csi.CBSEM())


def test_last_effects_covary_as_in_lavaan():
    fork = ACSI.replace(paths=[p for p in ACSI.paths if (p.cause, p.effect) != ("complaints", "loyalty")])
    free = fit(fork).parameters()
    assert ("covariances", "complaints", "loyalty") in free.index
    closed = fit(fork, covary="exogenous")
    assert ("covariances", "complaints", "loyalty") not in closed.parameters().index
    assert closed.goodness().loc["df", "estimate"] == 145


def test_formulas_run_no_code():
    for text in ("x := __import__('os')", "x := a.b.c()", "x := [1]", "x := a if a else b", "x := a*"):
        with pytest.raises(ModelError):
            formulas.read(text).check(["a", "b"])
    assert formulas.read("x := -a^2 + exp(0)")({"a": 3.0}) == pytest.approx(-8)
    assert formulas.read("x := 满意*2")({"满意": 3.0}) == 6


def heywood():
    """Seventy respondents for whom the residual variance of PERV2 comes out negative."""
    return mobi().sample(70, random_state=9)


def test_bounds_keep_variances_at_zero():
    data = heywood()
    free, kept = fit(ACSI, data), fit(ACSI, data, bounds="variances")
    assert free.parameters().xs("variances")["estimate"].min() < -0.01
    assert kept.parameters().xs("variances")["estimate"].min() == pytest.approx(0, abs=1e-9)
    assert chi2(kept) > chi2(free)
    resting = kept.check().set_index("code").loc[["at_bound"]]
    assert len(resting) >= 1
    for item in resting["subject"]:
        assert kept.parameters().loc[("variances", item, item), "std_error"] == pytest.approx(0, abs=1e-9)
    # Where no bound holds, nothing changes.
    np.testing.assert_allclose(fit(ACSI, bounds="variances").parameters(), fit(ACSI).parameters(), atol=1e-7)
    drawn = fit(ACSI, bounds="variances").bootstrap(50, rng=1)
    assert drawn.core.draws.solution.values.shape == (46, 50)


def test_bounds_of_labelled_parameters():
    model = labelled(ACSI, expectations_value="a", complaints_loyalty="b")
    kept = fit(model, bounds={"a": (0, None), "b": (None, 0.01)})
    assert estimate(kept, "paths", "expectations", "value") == pytest.approx(0, abs=1e-9)
    assert estimate(kept, "paths", "complaints", "loyalty") == pytest.approx(0.01)
    fixed = fit(labelled(ACSI, expectations_value=0, complaints_loyalty=0.01))
    np.testing.assert_allclose(kept.paths()["estimate"], fixed.paths()["estimate"], atol=1e-7)
    np.testing.assert_allclose(kept.paths()["std_error"], fixed.paths()["std_error"], atol=1e-7)
    with pytest.raises(ModelError, match="no free parameter is called 'c'"):
        fit(model, bounds={"c": (0, None)})
    with pytest.raises(SettingsError, match="needs"):
        csi.CBSEM(bounds={"a": (1, 0)})
    with pytest.raises(SettingsError, match="native"):
        csi.CBSEM("FIML", bounds="variances")
