"""Second orders in two stages equal seminr and cSEM, and behave as any other estimate."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from assess_oracles import FOLDER, MODELS, assert_equal, joined

import csi

ORACLE = json.loads((FOLDER / "second_order.json").read_text(encoding="utf-8"))
ENTRIES, CONSISTENT = ORACLE["entries"], ORACLE["consistent"]
PATHS = [("expectations", "satisfaction"), ("quality", "satisfaction"), ("equity", "satisfaction"),
         ("satisfaction", "complaints"), ("equity", "loyalty"), ("satisfaction", "loyalty"), ("complaints", "loyalty"),
         ("expectations", "quality"), ("expectations", "equity"), ("quality", "equity")]  # fmt: skip
EQUITY = csi.Model("equity", MODELS["ecsi"].constructs, PATHS, higher={"equity": ["image", "value"]}, scale=(1, 10),
                   index="satisfaction")  # fmt: skip
KINDS = ["two-stage", "embedded"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry['kind']}-{entry['mode']}")
def test_paths_and_r2_equal_other_programs(mobi, entry):
    method = csi.PLS(higher_order=entry["kind"], modes={"equity": entry["mode"]}, tolerance=1e-12)
    fit = csi.Study(EQUITY, method=method).fit(mobi)
    assert_equal(joined(fit.paths()), entry["paths"])
    assert_equal(fit.r2()["r2"].to_dict(), entry["r2"])
    assert not len(fit.check())


def test_repeated_indicators_doubt_what_two_stages_mend(mobi):
    assert set(csi.Study(EQUITY).fit(mobi).check()["code"]) == {"path_into_composite"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_is_the_sum_of_its_parts(mobi, kind):
    """Without causes of its own it is explained by its parts, wholly; its item weights are products."""
    paths = [pair for pair in PATHS if pair[1] != "equity"]
    fit = csi.Study(EQUITY.replace(paths=paths), method=csi.PLS(higher_order=kind)).fit(mobi)
    assert fit.r2().loc["equity", "r2"] == pytest.approx(1, abs=1e-9)
    weights, own = fit.weights()["estimate"], fit.paths()["estimate"]
    for part in ("image", "value"):
        items = weights[part].index
        np.testing.assert_allclose(weights["equity"][items], weights[part] * own[part, "equity"], rtol=1e-8)
    assert fit.impacts().loc["image", "total"] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_draws_of_ones_are_the_estimate_and_errors_agree(mobi, kind):
    fit = csi.Study(EQUITY, method=csi.PLS(higher_order=kind, tolerance=1e-10)).fit(mobi)
    same = fit.bootstrap(cases=np.ones((2, 250)))
    for noun in ("paths", "weights", "loadings", "index", "r2"):
        np.testing.assert_allclose(same.replicates(noun).iloc[0], fit.core.values(fit._noun(noun))[0], atol=1e-7)
    drawn = fit.bootstrap(500, rng=1)
    ratio = drawn.paths()["std_error"] / fit.paths()["std_error"]
    assert ratio.between(0.75, 1.4).all()
    assert not drawn.core.draws.failed.any()


@pytest.mark.parametrize("kind", KINDS)
def test_replicates_together_are_replicates_alone(mobi, kind):
    cases = np.random.default_rng(0).multinomial(250, np.full(250, 1 / 250), size=3)
    fit = csi.Study(EQUITY, method=csi.PLS(higher_order=kind, tolerance=1e-12)).fit(mobi)
    together = fit.bootstrap(cases=cases).replicates("paths")
    for row, counts in enumerate(cases):
        again = mobi.loc[mobi.index.repeat(counts)]
        alone = csi.Study(EQUITY, method=fit.study.method).fit(again).paths()["estimate"]
        np.testing.assert_allclose(together.iloc[row], alone, atol=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reflective_whole_loads_on_its_parts(mobi, kind):
    whole = csi.Construct(of=["image", "value"], kind="reflective")
    model = csi.Model("m", {name: MODELS["ecsi"].constructs[name] for name in ("image", "value", "satisfaction")},
                      {"equity": ["satisfaction"]}, higher={"equity": whole}, scale=(1, 10))  # fmt: skip
    fit = csi.Study(model, method=csi.PLS(higher_order=kind)).fit(mobi)
    paths = fit.paths()["estimate"]
    assert set(paths.index) == {("equity", "satisfaction"), ("equity", "image"), ("equity", "value")}
    assert paths.between(0.5, 1).all()
    correlations = fit.correlations()["estimate"]
    assert paths["equity", "image"] == pytest.approx(correlations["image", "equity"])


def test_a_saved_fit_keeps_its_stages(mobi, tmp_path):
    fit = csi.Study(EQUITY, method=csi.PLS(higher_order="two-stage")).fit(mobi)
    again = csi.open(fit.save(tmp_path / "equity.csi"))
    pd.testing.assert_frame_equal(again.paths(), fit.paths())
    pd.testing.assert_frame_equal(again.impacts(), fit.impacts())


def test_given_weights_of_a_whole_are_those_of_its_parts(mobi):
    method = csi.PLS(higher_order="two-stage", modes={"equity": {"image": 2, "value": 1}})
    weights = csi.Study(EQUITY, method=method).fit(mobi).weights()["estimate"]
    image = weights["equity"]["IMAG1"] / weights["image"]["IMAG1"]
    value = weights["equity"]["PERV1"] / weights["value"]["PERV1"]
    assert image / value == pytest.approx(2)
    with pytest.raises(csi.errors.SettingsError, match="'value' has no weight"):
        csi.Study(EQUITY, method=csi.PLS(higher_order="two-stage", modes={"equity": {"image": 2}}))


def test_what_stages_cannot_do_is_refused(mobi):
    third = csi.Model("third", {name: MODELS["ecsi"].constructs[name] for name in ("image", "value", "satisfaction")},
                      {"brand": ["satisfaction"]}, higher={"equity": ["image", "value"], "brand": ["equity", "value"]},
                      scale=(1, 10))  # fmt: skip
    with pytest.raises(csi.errors.ModelError, match="third order"):
        csi.Study(third, method=csi.PLS(higher_order="two-stage"))
    with pytest.raises(csi.errors.SettingsError, match="did you mean 'two-stage'"):
        csi.PLS(higher_order="two-stages")
    with pytest.raises(csi.errors.ModelError, match="two-stage"):
        csi.Study(EQUITY, method=csi.PLSc())


def test_models_of_first_order_do_not_change(mobi):
    plain, staged = (csi.Study(MODELS["ecsi"], method=csi.PLS(higher_order=kind)).fit(mobi)
                     for kind in ("repeated", "two-stage"))  # fmt: skip
    pd.testing.assert_frame_equal(plain.paths(), staged.paths())


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("smartpls4", csi.PLS()),
        ("seminr", csi.PLS(higher_order="two-stage")),
        ("csem", csi.PLS(tolerance=1e-5, max_iter=100, interactions="sequential")),
        ("plspm", csi.PLS(scheme="centroid", tolerance=1e-3, max_iter=100)),
    ],
)
def test_settings_of_other_programs(program, wanted):
    assert csi.PLS.like(program) == wanted
    assert csi.PLSc.like(program).scheme == wanted.scheme
    assert csi.PLS.like(program, scheme="factorial").scheme == "factorial"


def test_an_unknown_program_is_refused():
    with pytest.raises(csi.errors.SettingsError, match="did you mean 'smartpls4'"):
        csi.PLS.like("smartpls")


# -- without measurement error ---------------------------------------------------------------------------------


def reliability(fit: csi.Fit) -> pd.Series:
    """Reliabilities that PLSc divides by."""
    found = fit.core.method.reliability(fit.core.blueprint, fit.core.stack, fit.core.solution.values)
    return pd.Series(found[:, 0], index=list(fit.core.blueprint.constructs))


@pytest.mark.parametrize("entry", CONSISTENT, ids=lambda entry: entry["mode"])
def test_a_composite_of_corrected_parts_equals_csem(mobi, entry):
    method = csi.PLSc(higher_order="embedded", modes={"equity": entry["mode"]}, tolerance=1e-12)
    fit = csi.Study(EQUITY, method=method).fit(mobi)
    assert_equal(joined(fit.paths()), entry["paths"])
    assert_equal(fit.r2()["r2"].to_dict(), entry["r2"])
    assert reliability(fit)["equity"] == pytest.approx(entry["reliability"], abs=1e-9)
    assert set(fit.check()["code"]) == {"correlations_not_psd"}


@pytest.mark.parametrize("kind", KINDS)
def test_parts_without_error_leave_the_whole_as_it_is(mobi, kind):
    known = dict.fromkeys(MODELS["ecsi"].constructs, 1.0)
    plain, same = (
        csi.Study(EQUITY, method=method).fit(mobi)
        for method in (csi.PLS(higher_order=kind), csi.PLSc(higher_order=kind, reliabilities=known))
    )
    np.testing.assert_allclose(same.paths()["estimate"], plain.paths()["estimate"], atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_is_the_sum_of_its_parts_without_their_errors(mobi, kind):
    paths = [pair for pair in PATHS if pair[1] != "equity"]
    fit = csi.Study(EQUITY.replace(paths=paths), method=csi.PLSc(higher_order=kind)).fit(mobi)
    assert fit.r2().loc["equity", "r2"] == pytest.approx(1, abs=1e-9)
    drawn = fit.bootstrap(20, rng=1, progress=False).replicates("paths")
    assert np.isfinite(drawn).all().all()
    assert np.isfinite(fit.paths()["std_error"]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_reflective_second_order_is_found_again(kind):
    """Correlations of answers that a factor of factors makes: PLSc gives its loadings and path back, PLS too low."""
    second, first, slope = np.array([0.9, 0.8, 0.7]), 0.75, 0.6
    loadings = np.kron(np.eye(4), np.full((3, 1), first))
    factors = np.outer([*second, slope], [*second, slope])
    np.fill_diagonal(factors, 1)
    factors[:3, 3] = factors[3, :3] = second * slope
    cov = loadings @ factors @ loadings.T
    np.fill_diagonal(cov, 1)
    names = [f"{construct}{i}" for construct in "abcy" for i in (1, 2, 3)]
    blocks = {construct: [f"{construct}{i}" for i in (1, 2, 3)] for construct in "abcy"}
    model = csi.Model("m", blocks, {"g": ["y"]}, higher={"g": csi.Construct(of=["a", "b", "c"], kind="reflective")})
    table = pd.DataFrame(cov, index=names, columns=names)
    moments = csi.Moments.from_table(table, n=1000)
    found = csi.Study(model, csi.PLSc(higher_order=kind, tolerance=1e-12)).fit(moments).paths()["estimate"]
    plain = csi.Study(model, csi.PLS(higher_order=kind)).fit(moments).paths()["estimate"]
    assert found["g", "y"] == pytest.approx(slope, abs=0.01)
    np.testing.assert_allclose([found["g", part] for part in "abc"], second, atol=0.03)
    assert plain["g", "y"] < 0.9 * slope


def test_repeated_items_share_their_errors():
    with pytest.raises(csi.errors.ModelError, match="higher_order='two-stage'"):
        csi.Study(EQUITY, method=csi.PLSc())
