"""Consistent PLS equals cSEM and seminr, also draw by draw, and says when its solution is impossible."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from assess_oracles import FOLDER, MODELS, SOLUTIONS, assert_equal, fitted, joined

import csi

PLSC = [name for name, entry in SOLUTIONS.items() if entry["method"] == "PLSc"]


@pytest.mark.parametrize("name", PLSC)
def test_paths_and_loadings_equal_other_programs(name):
    entry, fit = SOLUTIONS[name], fitted(name)
    assert_equal(joined(fit.paths()), entry["paths"])
    assert_equal({item: value for (_, item), value in fit.loadings()["estimate"].items()}, entry["loadings"])


@pytest.mark.parametrize("name", [name for name in PLSC if name.startswith("cSEM")])
def test_correlations_r2_and_reliabilities_equal_csem(name):
    entry, fit = SOLUTIONS[name], fitted(name)
    assert_equal(joined(fit.correlations(), by=" -- "), entry["correlations"])
    assert_equal(fit.r2()["r2"].to_dict(), entry["r2"])
    used = fit.study.method.reliability(fit.study.blueprint, fit.core.stack, fit.core.solution.values)[:, 0]
    assert_equal(dict(zip(fit.study.blueprint.constructs, used, strict=True)), entry["reliabilities"])


@pytest.mark.parametrize("name", [name for name in PLSC if name.startswith("cSEM")])
def test_doubts_are_those_that_csem_verifies(name):
    codes = set(fitted(name).check()["code"])
    verify = SOLUTIONS[name]["verify"]
    told = {"2": "loading_above_one", "3": "correlations_not_psd", "4": "reliability_outside_0_1"}
    for number, code in told.items():
        assert (code in codes) == verify[number]


def test_given_resamples_equal_seminr_draw_by_draw(mobi, oracle):
    theirs = oracle("assess/plsc_boot_draws.csv")
    rows = np.loadtxt(FOLDER.parent / "pls" / "boot_indices.csv", delimiter=",", dtype=int, encoding="utf-8")
    cases = np.stack([np.bincount(row, minlength=250) for row in rows])
    fit = csi.Study(MODELS["ecsi"], method=csi.PLSc(tolerance=1e-12)).fit(mobi).bootstrap(cases=cases)
    for noun in ("paths", "loadings", "r2"):
        draws = fit.replicates(noun)
        for column in [name for name in theirs if name.startswith(f"{noun}:")]:
            key = column.split(":")[1]
            ours = {"paths": lambda key: tuple(key.split(" -> ")), "r2": lambda key: (key, "r2")}.get(noun)
            label = ours(key) if ours else next(name for name in draws if name[1] == key)
            np.testing.assert_allclose(draws[label], theirs[column], rtol=0, atol=1e-8, err_msg=column)


def test_mobi_is_inadmissible_and_most_replicates_are(mobi):
    """cSEM's verify() says so; seminr says nothing."""
    fit = csi.Study(MODELS["ecsi"], method=csi.PLSc()).fit(mobi).bootstrap(500, rng=1)
    doubts = fit.check().set_index("code")
    assert set(doubts.index) == {"correlations_not_psd", "inadmissible_replicates"}
    assert doubts.loc["inadmissible_replicates", "value"] > 0.8
    assert doubts.loc["correlations_not_psd", "value"] == pytest.approx(-0.003027, abs=1e-6)
    assert "quality and satisfaction" in doubts.loc["correlations_not_psd", "message"]


def test_composites_mode_b_and_single_items_are_left_alone(mobi):
    """Only loyalty is reflective: cSEM has .505 for the first path and .562 for satisfaction -> loyalty."""
    blocks = {
        name: csi.Construct(block.items, kind="reflective" if name == "loyalty" else "composite")
        for name, block in MODELS["ecsi"].constructs.items()
    }
    model = MODELS["ecsi"].replace(constructs=blocks)
    plain = csi.Study(model, method=csi.PLS(tolerance=1e-12)).fit(mobi)
    fit = csi.Study(model, method=csi.PLSc(tolerance=1e-12)).fit(mobi)
    paths = fit.paths()["estimate"]
    assert paths["image", "expectations"] == pytest.approx(plain.paths()["estimate"]["image", "expectations"])
    assert paths["satisfaction", "loyalty"] == pytest.approx(0.562, abs=5e-4)
    own = fit.loadings()["estimate"].drop("loyalty", level="construct")
    pd.testing.assert_series_equal(own, plain.loadings()["estimate"].drop("loyalty", level="construct"))
    every = csi.Study(MODELS["ecsi"], method=csi.PLSc(modes=dict.fromkeys(blocks, "B"))).fit(mobi)
    usual = csi.Study(MODELS["ecsi"], method=csi.PLS(modes=dict.fromkeys(blocks, "B"))).fit(mobi)
    pd.testing.assert_frame_equal(every.paths(), usual.paths())


def test_index_weights_and_scores_are_those_of_pls(mobi):
    plain, fit = (csi.Study(MODELS["ecsi"], method=method).fit(mobi) for method in (csi.PLS(), csi.PLSc()))
    pd.testing.assert_frame_equal(fit.index(), plain.index())
    pd.testing.assert_frame_equal(fit.weights(), plain.weights())
    pd.testing.assert_frame_equal(fit.scores(), plain.scores())


def test_unit_weights_are_corrected_by_the_standardized_alpha(mobi):
    model = csi.Model("two", {"quality": csi.items("PERQ", 7), "satisfaction": csi.items("CUSA", 3)},
                      {"quality": ["satisfaction"]}, scale=(1, 10))  # fmt: skip
    fit = csi.Study(model, method=csi.PLSc(modes={"quality": "unit", "satisfaction": "unit"})).fit(mobi)
    alphas = []
    for block in (model.constructs["quality"], model.constructs["satisfaction"]):
        corr = mobi[[item.name for item in block.items]].corr().to_numpy()
        alphas.append(len(corr) / (len(corr) - 1) * (1 - len(corr) / corr.sum()))
    z = (mobi - mobi.mean()) / mobi.std()
    r = np.corrcoef(z.filter(like="PERQ").sum(axis=1), z.filter(like="CUSA").sum(axis=1))[0, 1]
    assert fit.paths()["estimate"].iloc[0] == pytest.approx(r / np.sqrt(np.prod(alphas)), rel=1e-10)


def test_given_reliabilities_correct_single_items_too(mobi):
    asked = csi.PLSc(reliabilities={"complaints": 0.81, "satisfaction": 0.64})
    fit = csi.Study(MODELS["ecsi"], method=asked).fit(mobi)
    plain = csi.Study(MODELS["ecsi"]).fit(mobi)
    pair = ("satisfaction", "complaints")
    raw = plain.correlations()["estimate"][pair]
    assert fit.correlations()["estimate"][pair] == pytest.approx(raw / 0.9 / 0.8, rel=1e-12)
    assert fit.loadings()["estimate"]["complaints", "CUSCO"] == pytest.approx(0.9)
    w = fit.weights()["estimate"]["satisfaction"]
    assert (fit.loadings()["estimate"]["satisfaction"] * w).sum() == pytest.approx(0.8, rel=1e-12)


def test_raw_items_on_one_scale_give_close_loadings(mobi):
    """The formulas hold for covariances as for correlations; loadings then follow the items' spread."""
    raw = csi.Study(MODELS["ecsi"], method=csi.PLSc(standardized=False)).fit(mobi)
    usual = csi.Study(MODELS["ecsi"], method=csi.PLSc()).fit(mobi)
    gap = (raw.loadings()["estimate"] - usual.loadings()["estimate"]).abs()
    assert 0.001 < gap.mean() < 0.05
    assert raw.paths()["estimate"]["image", "expectations"] == pytest.approx(0.86, abs=0.03)


def noise(n: int, columns: pd.Index, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).integers(1, 11, (n, len(columns))), columns=columns)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("n", [15, 60, 250])
def test_pure_noise_is_doubted(mobi, n, seed):
    codes = set(csi.Study(MODELS["ecsi"], method=csi.PLSc()).fit(noise(n, mobi.columns, seed)).check()["code"])
    assert "unrelated_items" in codes
    assert codes & {"reliability_outside_0_1", "correlations_not_psd", "r2_above_one", "loading_above_one"}


def test_a_negative_reliability_is_nan_with_a_doubt_not_an_error(mobi):
    for seed in range(40):
        fit = csi.Study(MODELS["ecsi"], method=csi.PLSc()).fit(noise(60, mobi.columns, seed))
        doubts = fit.check().query("code == 'reliability_outside_0_1' and value <= 0")
        for name in doubts["subject"]:
            near = [pair for pair in fit.paths().index if pair[1] == name]
            assert fit.paths()["estimate"][near].isna().all()
            assert fit.loadings()["estimate"][name].isna().all()
        if len(doubts):
            return
    pytest.fail("no noise gave a reliability below zero")


@pytest.mark.parametrize("method", [csi.PLS(), csi.PLSc()])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.iloc[:15], "few_cases"),
        (lambda d: d.assign(IMAG2=d["IMAG1"]), "duplicate_item"),
        (lambda d: d.assign(**{name: 11 - d[name] for name in d.filter(like="PERV")}), "reversed_block"),
        (lambda d: d.assign(**{name: 11 - d[name] for name in d.filter(like="CUSA")}), "reversed_block"),
        (lambda d: d.assign(CUSCO=11 - d["CUSCO"]), "reversed_block"),
    ],
)
def test_poor_data_are_doubted(mobi, method, change, code):
    fit = csi.Study(MODELS["ecsi"], method=method).fit(change(mobi))
    assert code in set(fit.check()["code"])


def test_good_data_are_not_doubted(mobi):
    assert not len(csi.Study(MODELS["ecsi"]).fit(mobi).check())
    assert not len(csi.Study(MODELS["acsi"], method=csi.PLSc()).fit(mobi).check())


def test_a_block_that_theory_expects_to_run_against_is_not_doubted(mobi):
    """Complaints are expected to fall as satisfaction rises where the model says so."""
    paths = [csi.Path(p.cause, p.effect, sign="-" if "complaints" in (p.cause, p.effect) else p.sign)
             for p in MODELS["ecsi"].paths]  # fmt: skip
    model = MODELS["ecsi"].replace(paths=paths)
    assert "reversed_block" not in set(csi.Study(model).fit(mobi.assign(CUSCO=11 - mobi["CUSCO"])).check()["code"])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"reliabilities": {"image": 0}}, "above 0 and at most 1"),
        ({"reliabilities": {"image": 1.2}}, "above 0 and at most 1"),
        ({"reliabilities": {"image": "high"}}, "above 0 and at most 1"),
        ({"reliabilities": {"imago": 0.8}}, "did you mean 'image'"),
        ({"scheme": "paht"}, "did you mean 'path'"),
    ],
)
def test_wrong_settings_are_refused(settings, words):
    with pytest.raises(csi.errors.SettingsError, match=words):
        csi.Study(MODELS["ecsi"], method=csi.PLSc(**settings))


def test_reliability_of_a_composite_and_repeated_items_are_refused(mobi):
    image = csi.Construct(MODELS["ecsi"].constructs["image"].items, kind="composite")
    model = MODELS["ecsi"].replace(constructs={**MODELS["ecsi"].constructs, "image": image})
    with pytest.raises(csi.errors.SettingsError, match="composite"):
        csi.Study(model, method=csi.PLSc(reliabilities={"image": 0.8}))
    kept = {name: MODELS["ecsi"].constructs[name] for name in ("image", "value", "satisfaction")}
    twice = csi.Model("m", kept, {"equity": ["satisfaction"]}, higher={"equity": ["image", "value"]}, scale=(1, 10))
    with pytest.raises(csi.errors.ModelError, match="repeats the items"):
        csi.Study(twice, method=csi.PLSc())


def test_settings_are_values():
    method = csi.PLSc(scheme="centroid", reliabilities={"complaints": 0.8})
    assert repr(method) == "PLSc(scheme='centroid', reliabilities={'complaints': 0.8})"
    assert repr(csi.PLSc()) == "PLSc()"
    assert hash(method) == hash(csi.PLSc(scheme="centroid", reliabilities={"complaints": 0.8}))
    assert method != csi.PLSc(scheme="centroid")
