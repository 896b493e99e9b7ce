"""csi.CBSEM through Study and Fit against lavaan 0.6-14: parameters, nouns, fit measures, doubts, errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from cbsem_oracles import ACSI, ECSI, NAMES, compared, mobi, oracle, row
from test_sem_ml import NAMES as MEASURES

import csi
from csi.errors import DataError, EstimationError, ModelError, NotAvailable, SettingsError
from csi.numerics import linearize

CASES = [
    ("ACSI_ML_polished", ACSI, csi.CBSEM(), 1e-9),
    ("ECSI_ML_polished", ECSI, csi.CBSEM(), 1e-6),
    ("ACSI_ML_stdlv_polished", ACSI, csi.CBSEM(std_lv=True), 1e-9),
    ("ACSI_MLR_polished", ACSI, csi.CBSEM("MLR"), 1e-8),
    ("ECSI_MLR_polished", ECSI, csi.CBSEM("MLR"), 1e-5),
    ("ACSI_MLM_polished", ACSI, csi.CBSEM("MLM"), 1e-8),
    ("ACSI_ULS_polished", ACSI, csi.CBSEM("ULS"), 1e-9),
    ("ACSI_GLS", ACSI, csi.CBSEM("GLS"), 5e-5),
    ("ACSI_ML_wishart", ACSI, csi.CBSEM(likelihood="wishart"), 5e-5),
    ("ACSI_CFA_ML", ACSI.replace(paths=()), csi.CBSEM(), 5e-5),
]
IDS = [case[0] for case in CASES]


@pytest.fixture(scope="module")
def fits():
    data = mobi()
    return {name: csi.Study(model, method=method).fit(data) for name, model, method, _ in CASES}


@pytest.fixture(scope="module")
def fit(fits):
    return fits["ACSI_ML_polished"]


@pytest.mark.parametrize(("name", "model", "method", "tolerance"), CASES, ids=IDS)
def test_parameters_and_errors_are_lavaans(fits, name, model, method, tolerance):
    table, reference = fits[name].parameters(), oracle(name)
    assert fits[name].core.solution.converged.all()
    raw = compared(table, reference["parameters"], ("estimate", "std_error"))
    assert len(raw) > 50
    assert raw.max() < tolerance
    ready = compared(table, reference["standardized"], ("standardized", "standardized_error"))
    assert ready.max() < max(tolerance, 1e-6)


@pytest.mark.parametrize(("name", "model", "method", "tolerance"), CASES, ids=IDS)
def test_fit_measures_are_lavaans(fits, name, model, method, tolerance):
    ours, theirs = fits[name].goodness()["estimate"], oracle(name)["fit"]
    both = {measure: label for measure, label in MEASURES.items() if label in theirs and measure in ours}
    # lavaan's Wishart run has means, which count among its moments; its own definitions are tested in test_sem_ml.
    both = {m: x for m, x in both.items() if name != "ACSI_ML_wishart" or m in ("chi2", "df", "cfi", "tli", "rmsea")}
    assert len(both) >= 5
    for measure, label in both.items():
        np.testing.assert_allclose(ours[measure], theirs[label], rtol=1e-6, atol=2e-6, err_msg=measure)
    for measure in ("chi2", "cfi", "tli", "rmsea"):
        label = f"{MEASURES[measure]}.scaled"
        if label in theirs and "MLM" not in name and theirs[label] is not None:
            np.testing.assert_allclose(ours[f"{measure}_scaled"], theirs[label], rtol=1e-5)


def test_nouns_are_the_standardized_solution(fit):
    reference = {tuple(r[:3]): r[4:6] for r in oracle("ACSI_ML_polished")["standardized"]}
    paths, loadings = fit.paths(), fit.loadings()
    for cause, effect in paths.index:
        theirs = reference[_back(effect), "~", _back(cause)]
        np.testing.assert_allclose(paths.loc[(cause, effect), ["estimate", "std_error"]], theirs, rtol=1e-6)
    for construct, item in loadings.index:
        theirs = reference[_back(construct), "=~", item]
        np.testing.assert_allclose(loadings.loc[(construct, item), ["estimate", "std_error"]], theirs, rtol=1e-6)
    for name, value in oracle("ACSI_ML_polished")["r2"].items():
        if name in NAMES:
            np.testing.assert_allclose(fit.r2().loc[NAMES[name], "r2"], value, atol=1e-9)
    effects = fit.effects()
    assert effects.loc[("expectations", "satisfaction"), "total"] == pytest.approx(
        fit.indirect()["estimate"].filter(regex="^expectations .*-> satisfaction$").sum()
        + paths.loc[("expectations", "satisfaction"), "estimate"]
    )
    assert "delta method" in paths.attrs["interval"]


def _back(name):
    return {ours: theirs for theirs, ours in NAMES.items()}[name]


def test_index_weights_are_bartletts(fit):
    table = fit.parameters()["estimate"]
    data = mobi()
    for construct in ("satisfaction", "quality"):
        items = [i for c, i in fit.loadings().index if c == construct]
        v = np.array([table["loadings", construct, i] / table["variances", i, i] for i in items])
        points = (data[items] - 1) / 9 * 100
        expected = (points.mean() * v).sum() / v.sum()
        np.testing.assert_allclose(fit.index().loc[construct, "estimate"], expected, rtol=1e-10)
        weights = fit.weights().xs(construct)["estimate"]
        np.testing.assert_allclose((data[items] / data[items].std() @ weights).std(), 1, rtol=1e-12)
    assert "carry the errors" in fit.impacts().attrs["note"]
    scores = fit.scores().mean()
    np.testing.assert_allclose(scores, fit.index()["estimate"].loc[scores.index], rtol=1e-10)


def test_errors_of_the_index_are_those_of_resamples(fit):
    drawn = fit.bootstrap(400, rng=1)
    table = drawn.index()
    np.testing.assert_allclose(fit.index()["std_error"], table["std_error"], rtol=0.15)
    failed = drawn.core.draws.failed
    assert failed.mean() < 0.02
    doubt = drawn.check().set_index("code").loc["improper_replicates"]
    assert 0.1 < doubt["value"] < 0.3
    same = fit.bootstrap(60, rng=1).replicates("paths")
    np.testing.assert_allclose(same, drawn.replicates("paths").iloc[:60], atol=1e-6)


@pytest.mark.parametrize("weight", [None, "w"])
def test_influences_are_the_derivatives_of_the_estimate(weight):
    """By the scores of the cases, and by solving again for every moved moment: the same."""
    data = mobi().assign(w=np.linspace(0.5, 2, 250))
    design = None if weight is None else csi.Design(weight=weight)
    found = csi.Study(ACSI, method=csi.CBSEM(), design=design).fit(data)
    core = found.core
    for name in ("index", "impacts", "loadings"):
        noun, at = found._noun(name), core.stack.columns(slice(0, 1))
        slow = linearize.influences(core.jacobian(noun, 0), core.sample.points, at)
        fast = core.influences(noun, 0)
        # Those by moments are about unbiased covariances: a difference of one case in 250.
        np.testing.assert_allclose(fast, slow, atol=np.abs(slow).max() / 240)
    assert found.index()["std_error"].gt(0).all()


def test_units_and_codes_do_not_matter(fit):
    data = mobi()
    other = data[[item for _, item in fit.loadings().index]] * 100.0
    other["CUEX1"] *= 1000
    bare = csi.Study(ACSI.replace(scale=None), method=csi.CBSEM()).fit(other)
    assert bare.goodness().loc["chi2", "estimate"] == pytest.approx(298.88722076, abs=1e-7)
    np.testing.assert_allclose(bare.paths()["estimate"], fit.paths()["estimate"], atol=1e-8)
    turned = csi.Model.parse(str(ACSI) + "\n#: CUSA2 reversed", name="turned")
    data["CUSA2"] = 11 - data["CUSA2"]
    again = csi.Study(turned, method=csi.CBSEM()).fit(data)
    np.testing.assert_allclose(again.parameters()["estimate"], fit.parameters()["estimate"], atol=1e-7)
    np.testing.assert_allclose(again.index()["estimate"], fit.index()["estimate"], atol=1e-8)


def test_groups_are_fits_of_their_own(fit):
    data = mobi()
    data["g"] = np.where(np.arange(250) < 125, "a", "b")
    by = csi.Study(ACSI, method=csi.CBSEM()).fit(data, by="g")
    alone = csi.Study(ACSI, method=csi.CBSEM()).fit(data[data["g"] == "b"])
    np.testing.assert_allclose(by.goodness().loc["b", "estimate"], alone.goodness()["estimate"], rtol=1e-7)
    np.testing.assert_allclose(by["b"].parameters(), alone.parameters(), rtol=1e-5, atol=1e-7)
    assert by.measurement().index.names == ["g", "construct", "item"]
    assert by.modification_indices(limit=3).index.names == ["g", "kind", "left", "right"]


def test_moments_give_the_same_fit(fit):
    data = mobi()[[item for _, item in fit.loadings().index]]
    moments = csi.Moments(n=250, mean=data.mean(), cov=data.cov())
    again = csi.Study(ACSI, method=csi.CBSEM()).fit(moments)
    np.testing.assert_allclose(again.parameters(), fit.parameters(), atol=1e-8)
    np.testing.assert_allclose(again.index()["estimate"], fit.index()["estimate"], atol=1e-10)
    assert "standard errors of CB-SEM (ML)" in str(again)
    printed = csi.Moments.from_table(data.corr(), n=250)
    marked = csi.Study(ACSI, method=csi.CBSEM()).fit(printed)
    assert marked.goodness().loc["chi2", "estimate"] == pytest.approx(298.88722076, abs=1e-7)
    assert "correlation_matrix" in set(marked.check()["code"])
    assert "correlation matrix" in marked.paths().attrs["interval"]
    with pytest.raises(NotAvailable, match="are only moments"):
        csi.Study(ACSI, method=csi.CBSEM("MLR")).fit(moments).paths()


def test_doubts_name_what_the_data_do_not_identify(fits, fit):
    assert set(fit.check()["code"]) == {"single_item"}
    assert "complaints" in fit.check().loc[0, "message"]
    found = fits["ECSI_ML_polished"].check().set_index("code")
    for code in ("ill_conditioned", "collinear_constructs", "path_above_one"):
        assert code in found.index
    said = found.loc["collinear_constructs"]
    assert "expectations and quality" in said["message"]
    assert "csi.PLS()" in said["remedy"]
    assert str(fits["ECSI_ML_polished"]).index("ill_conditioned") < str(fits["ECSI_ML_polished"]).index("std_error")


def test_a_heywood_case_has_no_score(fit):
    found = csi.Study(ACSI, method=csi.CBSEM()).fit(mobi().sample(70, random_state=9))
    assert found.parameters().loc[("variances", "PERV2", "PERV2"), "estimate"] < 0
    assert "negative_variance" in set(found.check()["code"])
    with pytest.raises(NotAvailable, match="residual variance"):
        found.index()
    assert found.index(weights="equal")["estimate"].notna().all()
    assert found.paths()["estimate"].notna().all()


def test_amos_numbers_of_the_default_model(fit):
    table = fit.goodness(style="amos")
    # N - 1 = 249 instead of 250; the rest by AMOS's definitions.
    assert table.loc["CMIN", "default"] == pytest.approx(298.88722076 * 249 / 250)
    assert table.loc["NPAR"].tolist() == [46, 190, 19]
    wishart = csi.Study(ACSI, method=csi.CBSEM.like("amos")).fit(mobi())
    plain = wishart.goodness()["estimate"]
    for ours, measure in (("CFI", "cfi"), ("TLI", "tli"), ("RMSEA", "rmsea"), ("RMSEA LO 90", "rmsea_low"),
                          ("GFI", "gfi"), ("PNFI", "pnfi"), ("PCLOSE", "rmsea_close"), ("HOELTER .05", "cn_05"),
                          ("ECVI", "ecvi"), ("AGFI", "agfi"), ("PCFI", "pcfi"), ("IFI", "ifi")):  # fmt: skip
        assert table.loc[ours, "default"] == pytest.approx(plain[measure], rel=1e-7), ours
    assert table.loc["AIC", "saturated"] == 380
    np.testing.assert_allclose(table.loc["ECVI", "default"], table.loc["AIC", "default"] / 249)
    # Browne & Cudeck (1989): C + 2 q n / (N - p - 2).
    assert table.loc["BCC", "default"] == pytest.approx(table.loc["CMIN", "default"] + 2 * 46 * 249 / (250 - 21))


def test_verdicts_follow_criteria_that_can_be_changed(fit):
    table = fit.goodness(criteria="thesis")
    assert table.columns.tolist() == ["value", "criterion", "source", "verdict"]
    assert table.loc["cfi", "verdict"] == "符合"
    assert table.loc["gfi", "verdict"] == "接近"
    assert table.loc["cn_05", "verdict"] == "不符合"
    own = fit.goodness(criteria=[csi.Criterion("cfi", "above", 0.95, "Hu & Bentler (1999)")])
    assert own.loc["cfi", "verdict"] == "不符合"
    assert csi.criteria("thesis").loc["rmsea", "limit"] == 0.08


def test_the_saturated_model_is_the_cfa(fit, fits):
    np.testing.assert_allclose(
        fit.goodness("saturated")["estimate"], fits["ACSI_CFA_ML"].goodness()["estimate"], rtol=1e-9
    )
    assert fits["ACSI_CFA_ML"].paths().empty


def test_measurement_table(fit):
    table = fit.measurement()
    assert table.columns.tolist() == [
        "estimate", "std_error", "statistic", "p_value", "standardized", "smc", "alpha", "cr", "ave",
    ]  # fmt: skip
    r2 = oracle("ACSI_ML_polished")["r2"]
    np.testing.assert_allclose(table["smc"], [r2[item] for _, item in table.index], atol=1e-9)
    lam = table.xs("satisfaction")["standardized"]
    assert table.loc[("satisfaction", "CUSA1"), "cr"] == pytest.approx(
        lam.sum() ** 2 / (lam.sum() ** 2 + (1 - lam**2).sum())
    )
    assert np.isnan(table.loc[("complaints", "CUSCO"), "ave"])


def test_residuals_modification_indices_and_scores(fit):
    np.testing.assert_allclose(fit.residuals().loc["CUEX1", "CUEX2"], 0.0736051, atol=5e-6)
    assert fit.residuals("covariances").abs().max().max() > 0.1
    assert fit.residuals("standardized").abs().max().max() < 8
    found = fit.modification_indices(smallest=0)
    for one, op, two, index, change, *rest in oracle("ACSI_ML_polished")["modification"]["rows"]:
        kind, left, right = row(one, op, two)
        label = (kind, left, right)
        ours = found.loc[label if label in found.index else (kind, right, left)]
        np.testing.assert_allclose(
            ours[["index", "change", "change_standardized"]], [index, change, rest[1]], rtol=1e-6
        )
    assert len(fit.modification_indices(limit=5)) == 5
    reference = oracle("ACSI_ML")
    for method in ("regression", "bartlett"):
        theirs = reference[f"scores_{method}"]["values"]
        np.testing.assert_allclose(fit.factor_scores(method).iloc[:5], theirs, atol=5e-5)


def test_semopy_as_an_engine_ends_where_we_do(fit):
    pytest.importorskip("semopy")
    other = csi.Study(ACSI, method=csi.CBSEM(engine="semopy")).fit(mobi())
    np.testing.assert_allclose(other.parameters(), fit.parameters(), atol=1e-7)
    assert "semopy" in repr(other.study.method)


def test_settings_say_what_they_are():
    assert repr(csi.CBSEM()) == "CBSEM(estimator='ML', likelihood='normal')"
    assert "wishart" in repr(csi.CBSEM("GLS"))
    assert csi.CBSEM.like("lavaan") == csi.CBSEM()
    assert csi.CBSEM.like("amos").wishart


BAD_SETTINGS = [
    ({"estimator": "MLE"}, "did you mean"),
    ({"likelihood": "wisher"}, "likelihood"),
    ({"estimator": "MLR", "likelihood": "wishart"}, "Wishart"),
    ({"engine": "semopy", "estimator": "ULS"}, "semopy"),
    ({"tolerance": 1}, "tolerance"),
    ({"max_iter": 0}, "max_iter"),
    ({"reliabilities": {"complaints": 1.2}}, "reliabilities"),
]


@pytest.mark.parametrize(("settings", "says"), BAD_SETTINGS)
def test_settings_are_checked(settings, says):
    with pytest.raises(SettingsError, match=says):
        csi.CBSEM(**settings)


def one(items, extra="", covariances=()):
    return csi.Model("m", {"a": items}, extra=extra, covariances=covariances, index="")


BAD_MODELS = [
    (one(["CUSA1", "CUSA2"]), "-1 degrees of freedom"),
    (one(["CUSA1", "CUSA2", "CUSA3", "CUEX1"], extra="x == y"), "no parameter is called 'x'"),
    (one(["CUSA1", csi.Item("CUSA2", loading="l"), "CUSA3", "CUEX1"], extra="ind := l*k"), "parameter is called 'k'"),
    (one(["CUSA1", csi.Item("CUSA2", loading="l"), "CUSA3", "CUEX1"], extra="l*l == 2"), "not linear"),
    (ACSI.replace(constructs={**ACSI.constructs, "value": csi.Construct(["PERV1", "PERV2"], kind="composite")}),
     "composite"),
    (ACSI.replace(paths=[*ACSI.paths, csi.Path("value:quality", "loyalty")]), "product"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "says"), BAD_MODELS)
def test_models_are_checked_before_any_data(model, says):
    with pytest.raises(ModelError, match=says):
        csi.Study(model, method=csi.CBSEM())


def test_data_that_cannot_be_fitted_say_why():
    data, study = mobi(), csi.Study(ACSI, method=csi.CBSEM())
    with pytest.raises(EstimationError, match=r"46 free parameters and the data 40 cases"):
        study.fit(data.head(40))
    with pytest.raises(EstimationError, match="not positive definite"):
        study.fit(data.assign(CUEX1=data["CUEX2"]))
    with pytest.raises(EstimationError, match="does not vary"):
        study.fit(data.assign(CUEX1=5))
    blank = data.astype(float)
    blank.loc[3, "CUSA1"] = np.nan
    with pytest.raises(DataError, match="missing='fiml'"):
        study.fit(blank)
    with pytest.raises(SettingsError, match="listwise"):
        csi.Study(ACSI, method=csi.CBSEM(), missing="pairwise")
    with pytest.raises(SettingsError, match="reliabilities"):
        csi.Study(ACSI, method=csi.CBSEM(reliabilities={"quality": 0.8}))
    assert isinstance(csi.Study(ACSI).fit(blank).paths(), pd.DataFrame)
